#!/usr/bin/python3
# test_figures.py - figures of real runs that follow from each other, however fast the machine is
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Environment: as of test_cli.py.  Prints TAP.

import json
import sys
import unittest

import test_cli

RELIEVED = '''[Scenario]
Name=Relieved
Models=threads;processes
Model=threads
Workers=3
MaxTasksPerWorker=5
[Task a]
Count=40
Steps=sleep 1ms
'''


class Figures(test_cli.Case):
    def run_scenario(self, scenario, *arguments):
        result = self.cli('run', scenario, *arguments, '--json', '-o', 'a.interleave')
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report['session']['lost_events'], 0)
        return report

    def text(self):
        result = self.cli('report', 'a.interleave')
        self.assert_done(result)
        return result.stdout

    def check_little(self, report):
        """L, λ and W follow from what each task took, from submission to begin and from begin to end."""
        tasks, queueing, length_ns = report['tasks'], report['queueing'], report['session']['duration_ns']
        stays_ns = tasks['queue_wait_ns']['total'] + tasks['service_ns']['total']
        self.assertEqual(tasks['done'], tasks['submitted'])
        self.assertAlmostEqual(queueing['l'] * length_ns / stays_ns, 1, delta=1e-6)
        self.assertAlmostEqual(queueing['w_ns'] * tasks['submitted'] / stays_ns, 1, delta=1e-3)
        self.assertAlmostEqual(queueing['l'] / (queueing['lambda_per_second'] * queueing['w_ns'] / 1e9), 1, delta=1e-3)
        self.assertAlmostEqual(queueing['l_by_lambda_w'], 1, delta=1e-9)

    def check_parts(self, report, n_parts=8):
        """What tasks were there for in all is what they were there for in each part of it."""
        length_ns = report['session']['duration_ns']
        sum_ns, n_submitted = 0, 0
        for i in range(n_parts):
            begin_ns, end_ns = length_ns * i // n_parts, length_ns * (i + 1) // n_parts
            result = self.cli('report', 'a.interleave', '--json', '--from', f'{begin_ns}ns', '--to', f'{end_ns}ns')
            self.assert_done(result)
            part = json.loads(result.stdout)
            n_submitted += part['tasks']['submitted']
            sum_ns += (part['queueing']['l'] or 0) * (end_ns - begin_ns)
            if part['tasks']['submitted'] > 0:
                self.assertAlmostEqual(part['queueing']['l_by_lambda_w'], 1, delta=1e-9)
            else:
                self.assertIsNone(part['queueing']['w_ns'])
        self.assertEqual(n_submitted, report['tasks']['submitted'])
        self.assertAlmostEqual(sum_ns / (report['queueing']['l'] * length_ns), 1, delta=1e-6)

    def test_little_plain(self):
        report = self.run_scenario('queueing', '--tasks', '60')
        self.check_little(report)
        self.check_parts(report)

    def test_little_tree(self):
        for model in ('threads', 'serial'):
            with self.subTest(model=model):
                report = self.run_scenario('tree', '--model', model, '--set', 'depth=6', '--set', 'work=100us')
                self.assertEqual(report['tasks']['submitted'], 2 ** 7 - 1)
                self.check_little(report)
                self.check_parts(report)

    def test_little_with_deaths(self):
        report = self.run_scenario('dying-workers-retried', '--tasks', '60', '--set', 'odds=10')
        self.check_little(report)
        self.check_parts(report)

    def test_deaths(self):
        # Who dies is drawn from the seed.
        report = self.run_scenario('dying-workers-retried', '--tasks', '60', '--set', 'odds=10')
        self.assertGreater(report['endings']['crashed'], 0)
        self.assertEqual(report['tasks']['run_again'], report['endings']['crashed'])
        self.assertEqual((report['endings']['killed'], report['endings']['relieved']), (0, 0))
        self.assertEqual([worker['ending'] for worker in report['workers']].count('crashed'), report['endings']['crashed'])
        text = self.text()
        self.assertIn('\nWorkers that crashed ', text)
        self.assertIn('\nTasks begun again after a death ', text)
        report = self.run_scenario('dying-workers', '--tasks', '60', '--set', 'odds=10')
        self.assertEqual((report['endings']['crashed'], report['tasks']['run_again']), (report['tasks']['lost'], 0))

    def test_relieved(self):
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write(RELIEVED)
        for model in ('threads', 'processes'):
            with self.subTest(model=model):
                report = self.run_scenario('./own.scenario', '--model', model)
                n_tasks = [worker['tasks'] for worker in report['workers']]
                self.assertEqual((report['tasks']['done'], sum(n_tasks), max(n_tasks)), (40, 40, 5))
                # Eight lives at least, in three places.
                self.assertGreaterEqual(report['endings']['relieved'], 5)
                self.assertEqual(report['endings']['crashed'] + report['endings']['killed'], 0)
                self.assertEqual(report['replacements']['n'], 0)
                self.assertIn('had done their share', self.text())

    def test_waits_in_vain(self):
        report = {'tasks': {'submitted': 0}}
        while report['tasks']['submitted'] == 0:  # its time may be over before it began, on a busy machine
            report = self.run_scenario('self-deadlock', '--duration', '0.2')
        lock = report['locks'][0]
        self.assertGreater(lock['given_up'], 0)
        self.assertEqual(lock['contended'], lock['wait_ns']['n'])
        self.assertAlmostEqual(lock['contended_share'], lock['contended'] / (lock['acquisitions'] + lock['given_up']))
        self.assertIn(' ended without success\n', self.text())

    def test_counters_on_heaps(self):
        for model, is_told in (('processes', True), ('threads', False)):
            with self.subTest(model=model):
                report = self.run_scenario('separate-heaps', '--model', model, '--tasks', '8')
                self.assertEqual({counter['name']: counter['place'] for counter in report['counters']},
                                 {'own': 'heap', 'shared': 'shared'})
                self.assertEqual('\nown: on the heap' in self.text(), is_told)


if __name__ == '__main__':
    suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:] or ['Figures'], sys.modules['__main__'])
    print(f'1..{suite.countTestCases()}', flush=True)
    suite.run(test_cli.TapResult())
