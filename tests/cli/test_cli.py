#!/usr/bin/python3
# test_cli.py - every command of interleave-cli: what it prints, what it keeps, how it ends
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Environment: INTERLEAVE_CLI, INTERLEAVE_RUNNER, INTERLEAVE_SCENARIOS, FAKE_RUNNER, FULL_DISK, LDD_CLI.
# Prints TAP.  Nothing here depends on how fast the machine is: what has to happen is waited for.

import contextlib
import datetime
import io
import json
import os
import pty
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from findings import facts  # noqa: E402
from processes import processes_with_mark  # noqa: E402

CLI = os.environ['INTERLEAVE_CLI']
SCENARIOS = ['neither-threads-processes', 'pool-batches', 'producer-consumer', 'lock-contention']


def wait(condition, what):
    """Polls until it is true; the test's own timeout ends what never becomes true."""
    end = time.monotonic() + 60
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError('waited in vain for ' + what)
        time.sleep(0.01)


def without_losses(text):
    """What is said besides that events were lost, as they are where the machine is too slow."""
    return ''.join(line for line in text.splitlines(True) if ' events were lost, ' not in line)


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='cli-')
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.mark = str(uuid.uuid4())
        self.runtime = self.path('run')
        os.mkdir(self.runtime, 0o700)
        self.environment = dict(os.environ, IL_TEST_MARK=self.mark, XDG_RUNTIME_DIR=self.runtime, LC_ALL='C.UTF-8')
        self.addCleanup(self.check_nothing_left)

    def check_nothing_left(self):
        wait(lambda: not processes_with_mark(self.mark), 'the end of all processes')
        self.assertEqual(os.listdir(self.runtime), [])

    def path(self, name):
        return os.path.join(self.directory, name)

    def cli(self, *arguments, **options):
        environment = dict(self.environment, **options.pop('env', {}))
        return subprocess.run([CLI, *arguments], capture_output=True, text=True, env=environment, cwd=self.directory,
                              stdin=subprocess.DEVNULL, check=False, **options)

    def start(self, *arguments, **options):
        environment = dict(self.environment, **options.pop('env', {}))
        options = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'stdin': subprocess.DEVNULL, **options}
        return subprocess.Popen([CLI, *arguments], env=environment, cwd=self.directory, **options)

    def assert_done(self, result):
        self.assertEqual((result.returncode, without_losses(result.stderr)), (0, ''))

    def assert_fails(self, result, status, *parts):
        """One line on standard error, nothing on standard output."""
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, '')
        self.assert_line(result.stderr, *parts)

    def assert_line(self, text, *parts):
        self.assertTrue(text.endswith('\n') and text.count('\n') == 1, repr(text))
        self.assertTrue(text.startswith('interleave-cli: '), repr(text))
        for part in parts:
            self.assertIn(part, text)

    def notes(self, text):
        """Lines that are there where the kernel does not permit perf, too."""
        return [line for line in without_losses(text).splitlines() if 'note: ' in line]

    def record(self, name='a.interleave', scenario='producer-consumer', duration='0.3', *arguments):
        result = self.cli('run', scenario, '--duration', duration, '-o', name, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result


class Basics(Case):
    def test_version(self):
        result = self.cli('--version')
        self.assert_done(result)
        self.assertRegex(result.stdout, r'^interleave-cli \d+\.\d+\.\d+\n$')

    def test_help(self):
        result = self.cli('--help')
        self.assert_done(result)
        for command in ('run', 'report', 'export', 'check', 'scenarios'):
            self.assertIn(command, result.stdout)
            help_of_command = self.cli(command, '--help')
            self.assert_done(help_of_command)
            self.assertIn('interleave-cli ' + command, help_of_command.stdout)

    def test_no_command(self):
        self.assert_fails(self.cli(), 2, 'command', '--help')

    def test_unknown_commands(self):
        for command in ('dance', 'trace', 'attach', 'compare', '--dance', ''):
            self.assert_fails(self.cli(command), 2, command)

    def test_unknown_options(self):
        for command in ('run', 'report', 'export', 'check', 'scenarios'):
            self.assert_fails(self.cli(command, '--dance'), 2, '--dance', f'interleave-cli {command} --help')

    def test_number_of_arguments(self):
        self.assert_fails(self.cli('run'), 2, 'SCENARIO')
        self.assert_fails(self.cli('run', 'a', 'b'), 2, 'b')
        self.assert_fails(self.cli('report'), 2, 'FILE')
        self.assert_fails(self.cli('export', 'a'), 2, 'OUT')
        self.assert_fails(self.cli('check'), 2, 'SCENARIO')
        self.assert_fails(self.cli('scenarios', 'a'), 2, 'a')

    def test_links_no_gtk(self):
        libraries = subprocess.run(['ldd', os.environ.get('LDD_CLI', CLI)], capture_output=True, text=True, check=True).stdout
        self.assertIn('libglib', libraries)
        self.assertNotIn('libgtk', libraries)
        self.assertNotIn('libadwaita', libraries)

    def test_no_standard_output(self):
        result = subprocess.run(['sh', '-c', 'exec "$0" --version >&-', CLI], capture_output=True, text=True, check=False)
        self.assert_fails(result, 1, 'output')
        result = subprocess.run(['sh', '-c', 'exec "$0" --version >/dev/full', CLI], capture_output=True, text=True, check=False)
        self.assert_fails(result, 1, 'space')


class Scenarios(Case):
    def test_list(self):
        result = self.cli('scenarios')
        self.assert_done(result)
        rows = [line.split('\t') for line in result.stdout.splitlines()]
        self.assertEqual([row[0] for row in rows if row[0] in SCENARIOS], SCENARIOS)
        numbers = [int(row[1].lstrip('C')) for row in rows]
        self.assertEqual(numbers, sorted(numbers))
        self.assertEqual(set(numbers), set(range(1, 36)))
        for row in rows:
            self.assertEqual(len(row), 3)
            self.assertRegex(row[1], r'^C\d+$')
            self.assertNotEqual(row[2], '')

    def test_check(self):
        for scenario in SCENARIOS:
            result = self.cli('check', scenario)
            self.assert_done(result)
            self.assertEqual(result.stdout, '')

    def test_check_finds(self):
        with open(self.path('bad.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Bad\n\n[Task work]\nCount=1\nArrival=at-once\nSteps=cpu 1ms; dance\n')
        self.assert_fails(self.cli('check', 'bad.scenario'), 1, 'bad.scenario:7: ', 'dance')
        self.assert_fails(self.cli('run', './bad.scenario'), 1, 'bad.scenario:7: ', 'dance')

    def test_check_warns(self):
        """What may be meant is said, and is no failure."""
        with open(self.path('odd.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Odd\nCores=0,999\n[Queue q]\nCapacity=1\n[Queue p]\nCapacity=1\n'
                       '[Task t]\nSteps=put p\n[Task u]\nSteps=get q\n')
        result = self.cli('check', 'odd.scenario')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout, '')
        self.assertIn('odd.scenario:9: “put p”, but no step takes anything out of p\n', result.stderr)
        self.assertIn('odd.scenario:11: “get q”, but no step puts anything into q\n', result.stderr)
        self.assertIn('Cores=0,999 of [Scenario]', result.stderr)

    def test_check_missing(self):
        self.assert_fails(self.cli('check', 'no-such'), 1, 'no-such')
        self.assert_fails(self.cli('check', '/nowhere/a.scenario'), 1, '/nowhere/a.scenario')
        self.assert_fails(self.cli('check', '--', '-x.scenario'), 1, '-x.scenario')

    def test_no_runner(self):
        gone = {'INTERLEAVE_RUNNER': '/nowhere/interleave-runner'}
        for arguments in (['scenarios'], ['check', 'x'], ['run', 'x']):
            self.assert_fails(self.cli(*arguments, env=gone), 1, '/nowhere/interleave-runner', 'INTERLEAVE_RUNNER')


class Run(Case):
    def test_text(self):
        result = self.cli('run', 'lock-contention', '--duration', '0.2')
        self.assertEqual(result.returncode, 0, result.stderr)
        for part in ('Worker 1', 'Lock contention'):
            self.assertIn(part, result.stdout)
        self.assertNotIn('Session:', result.stdout)

    def test_says_where(self):
        result = self.record()
        self.assertTrue(result.stdout.endswith('Session: a.interleave\n'))
        self.assertEqual(os.listdir(self.directory), ['a.interleave', 'run'] if os.listdir(self.directory)[0] == 'a.interleave'
                         else ['run', 'a.interleave'])

    def test_json_keys(self):
        result = self.cli('run', 'producer-consumer', '--duration', '0.3', '--json')
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.check_keys(report)
        self.check_sums(report)

    def check_keys(self, report):
        expected = {
            'session': {'duration_ns', 'events', 'lost_events', 'scheduler', 'clock', 'overhead_share'},
            'tasks': {'submitted', 'done', 'failed', 'cancelled', 'lost', 'per_second', 'queue_wait_ns', 'service_ns'},
            'workers': {'name', 'pid', 'tid', 'lifetime_ns', 'states', 'tasks', 'voluntary_switches',
                        'involuntary_switches', 'migrations', 'peak_rss_bytes'},
            'cores': {'core', 'busy_share', 'target_share'},
            'locks': {'name', 'kind', 'acquisitions', 'contended', 'wait_ns', 'hold_ns', 'max_waiters', 'holders'},
            'queues': {'name', 'puts', 'gets', 'max_depth', 'mean_depth', 'final_depth', 'wait_ns'},
        }
        self.assertLessEqual(set(expected) | {'findings'}, set(report))
        for key, names in expected.items():
            rows = report[key] if isinstance(report[key], list) else [report[key]]
            self.assertGreater(len(rows), 0, key)
            for row in rows:
                self.assertLessEqual(names, set(row), key)
        self.assertLessEqual({'running_ns', 'runnable_ns', 'lock_wait_ns', 'queue_wait_ns', 'io_wait_ns', 'sleep_ns', 'unknown_ns'},
                             set(report['workers'][0]['states']))
        self.assertLessEqual({'p50', 'p90', 'p99', 'max'}, set(report['tasks']['service_ns']))
        self.assertIn(report['session']['scheduler'], ('perf', 'sampled'))
        self.assertIn(report['session']['clock'], ('tsc', 'monotonic'))

    def check_sums(self, report):
        tasks = report['tasks']
        self.assertEqual(report['session']['lost_events'], 0)
        self.assertEqual(tasks['submitted'], tasks['done'] + tasks['failed'] + tasks['cancelled'] + tasks['lost'])
        for queue in report['queues']:
            self.assertEqual(queue['final_depth'], queue['puts'] - queue['gets'])
        for worker in report['workers']:
            self.assertTrue(all(isinstance(ns, int) for ns in worker['states'].values()))

    def test_json_is_alone(self):
        result = self.cli('run', 'pool-batches', '--duration', '0.2', '--json', '-o', 'a.interleave')
        self.assertEqual(result.returncode, 0, result.stderr)
        json.loads(result.stdout)
        self.assertIn('Session: a.interleave\n', result.stderr)

    def test_options(self):
        result = self.cli('run', 'neither-threads-processes', '--model', 'processes', '--workers', '3', '--tasks', '4', '--seed', '7',
                          '--set', 'length=10ms', '--json')
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report['tasks']['done'], 4)
        self.assertEqual(len(report['workers']), 3)
        self.assertEqual(report['session']['settings'], {'length': '10ms'})
        self.assertEqual(len({worker['pid'] for worker in report['workers']}), 3)

    def test_all_scenarios_and_models(self):
        for scenario in SCENARIOS:
            for model in ('serial', 'threads', 'processes'):
                result = self.cli('run', scenario, '--model', model, '--duration', '200ms', '--json')
                self.assertEqual(result.returncode, 0, (scenario, model, result.stderr))
                self.check_sums(json.loads(result.stdout))

    def test_scenario_file(self):
        with open(self.path('-own.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Own\n\n[Task work]\nCount=2\nArrival=at-once\nSteps=cpu 1ms\n')
        result = self.cli('run', '--json', '--', '-own.scenario')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(json.loads(result.stdout)['tasks']['done'], 2)

    def test_misuse(self):
        for arguments in (['--workers', 'two'], ['--workers', '-1'], ['--workers', '1.5'], ['--tasks', '1e3'], ['--seed', ''],
                          ['--duration', 'soon'], ['--duration', '-1'], ['--duration', '0x10'], ['--duration', 'inf'],
                          ['--set', 'key'], ['--set', '=1'], ['--model']):
            self.assert_fails(self.cli('run', 'lock-contention', *arguments), 2, arguments[0])

    def test_values_of_flags(self):
        """What takes no value is not given one in vain; what is an option's value, or another's argument, may look like it."""
        for arguments in (['run', 'lock-contention', '--json=x'], ['run', '--json=', 'lock-contention'], ['report', '--json=no', 'a'],
                          ['attach', '--json=x', '1'], ['trace', '--json=x', '--', 'true'], ['trace', '--no-locks=yes', 'true'],
                          ['trace', '-o', 'a', '--no-io=0', 'true']):
            flag = next(word for word in arguments if '=' in word)
            option, value = flag.split('=')
            self.assert_fails(self.cli(*arguments), 2, f'{option}: found “{value}”, expected no value')
        self.assert_fails(self.cli('report', '--', '--json=x'), 1, '--json=x')
        self.assert_fails(self.cli('run', 'lock-contention', '--set', '--json=x'), 2, '--set')
        result = self.cli('trace', '--no-locks', 'echo', '--json=x')
        self.assertEqual((result.returncode, result.stdout), (0, '--json=x\n'))

    def test_times(self):
        """As numbers are written, with or without a unit; nothing that is none."""
        self.record()
        for time in ('.1', '.1s', '0.1', '1e-1', '1E-1s', '100ms', '1e5us', '1.e5us', '100000µs', '100000000ns'):
            result = self.cli('report', 'a.interleave', '--json', '--to', time)
            self.assertEqual(json.loads(result.stdout)['session']['to_ns'], 100000000, time)
        for time in ('', '.', '.s', 'e1', '-.1', '+.1', ' 1', '1e', '.1.1', '1e1e1', '0x1', 'nan', 'infinity', '1 s', '1,5'):
            self.assert_fails(self.cli('report', 'a.interleave', '--to', time), 2, '--to: ', f'“{time}”')

    def test_refused(self):
        self.assert_fails(self.cli('run', 'no-such'), 1, 'no-such')

    def test_misuse_found_by_the_runner(self):
        for option, value in (('--model', 'telepathy'), ('--model', 'fibers'), ('--workers', '100000'), ('--set', 'nothing=1'),
                              ('--set', 'section=1week'), ('--workers', '9223372036854775807')):
            result = self.cli('run', 'lock-contention', option, value)
            self.assert_fails(result, 2, option + ': found “', 'interleave-cli run --help')

    def test_misuse_names_limits(self):
        self.assert_fails(self.cli('run', 'lock-contention', '--workers', '-1'), 2, '--workers: found “-1”', 'from 1 to 16384')
        self.assert_fails(self.cli('run', 'lock-contention', '--workers', '0'), 2, '--workers: found “0”', 'from 1 to 16384')
        self.assert_fails(self.cli('run', 'lock-contention', '--workers', '4097'), 2, '4097', 'at most 4096')
        self.assert_fails(self.cli('run', 'lock-contention', '--tasks', '-1'), 2, '--tasks: found “-1”', 'from 0 to 9223372036854775807')
        self.assert_fails(self.cli('run', 'lock-contention', '--seed', '99999999999999999999'), 2, '--seed: ', 'to 9223372036854775807')
        self.assert_fails(self.cli('run', 'lock-contention', '--duration', '99999999999s'), 2, '--duration: ', 'below 1000000000s')
        for size in ('-1', '199', '16385', 'wide'):
            self.assert_fails(self.cli('export', 'a', 'a.png', '--width', size), 2, f'“{size}”', 'from 200 to 16384')
        for size in ('-1', '99', '32768'):
            self.assert_fails(self.cli('export', 'a', 'a.png', '--height', size), 2, f'“{size}”', 'from 100 to 32767')

    def test_unwritable_output(self):
        for path in ('/nowhere/a.interleave', self.directory, '/proc/a.interleave'):
            self.assert_fails(self.cli('run', 'lock-contention', '-o', path), 1, path)

    def test_refused_scenario_keeps_file(self):
        with open(self.path('a.interleave'), 'w', encoding='utf-8') as file:
            file.write('precious')
        self.assert_fails(self.cli('run', 'no-such', '-o', 'a.interleave'), 1, 'no-such')
        with open(self.path('a.interleave'), encoding='utf-8') as file:
            self.assertEqual(file.read(), 'precious')

    def test_full_disk(self):
        """The run goes on in memory, its report is printed, and what fitted is a whole session."""
        full = {'LD_PRELOAD': os.environ['FULL_DISK'], 'FULL_DISK_BYTES': '70000',
                'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'}
        process = self.start('run', 'lock-contention', '--duration', '0', '--json', '-o', 'a.interleave', env=full, text=True)
        errors = ''
        while 'a.interleave' not in errors:
            line = process.stderr.readline()
            self.assertNotEqual(line, '', 'the run ended without a word of a full disk: ' + errors)
            errors += line
        process.send_signal(signal.SIGINT)
        output, rest = process.communicate()
        errors += rest
        self.assertEqual(process.returncode, 1, errors)
        self.assertGreater(json.loads(output)['tasks']['done'], 0)
        notes = [line for line in self.notes(errors) if 'a.interleave' in line]
        self.assertEqual(len(notes), 2, errors)
        self.assertIn('disk is full', notes[0])
        self.assertNotIn('not in the file', notes[0])
        missing = int(re.search(r'\((\d+) events after that are not in the file', notes[1]).group(1))
        self.assertNotIn('Session:', errors)
        recorded = json.loads(output)['session']['events_in_all']
        result = self.cli('report', 'a.interleave', '--json')
        self.assertEqual(result.returncode, 0, result.stderr)
        kept = json.loads(result.stdout)['session']['events_in_all']
        # Nothing but records is lost, and all that are lost are said to be.
        self.assertEqual(missing, recorded - kept)

    def run_own(self, n_tasks, *arguments):
        """Until all of its tasks were there before its time was over, which need not be so on a busy machine."""
        while True:
            result = self.cli('run', './own.scenario', '--json', *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            if json.loads(result.stdout)['tasks']['submitted'] >= n_tasks:
                return result

    def test_stuck_run_ends(self):
        """A run that is to finish its tasks, and cannot, ends all the same and says why."""
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Own\nModel=threads\nDuration=1s\nAtEnd=close\n[Lock A]\n[Lock B]\n'
                       '[Barrier both]\nParties=2\n'
                       '[Task forth]\nWorkers=1\nArrival=loop\nSteps=lock A; barrier both; lock B; unlock B; unlock A\n'
                       '[Task back]\nWorkers=1\nArrival=loop\nSteps=lock B; barrier both; lock A; unlock A; unlock B\n')
        result = self.run_own(2, '-o', 'a.interleave')
        self.assertIn('2 workers wait for ever', result.stderr)
        self.assertEqual(json.loads(result.stdout)['session']['end'], 'stuck')
        self.assertNotIn('cut off', self.cli('report', 'a.interleave').stderr)
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Own\nModel=threads\nDuration=0.1s\n[Queue q]\nCapacity=1\n[Lock L]\n'
                       '[Task take]\nWorkers=1\nCount=1\nSteps=lock L; get q; unlock L\n'
                       '[Task give]\nWorkers=1\nCount=1\nSteps=sleep 10ms; lock L; put q; unlock L\n')
        self.assertIn('2 workers wait for ever', self.run_own(2).stderr)

    def test_nobody_puts(self):
        """Tasks that are cancelled since nobody puts are told of, with their step."""
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Own\nModels=threads;processes;coroutines;serial\n[Queue q]\nCapacity=1\n'
                       '[Queue p]\nCapacity=9\n[Task t]\nCount=3\nSteps=get q\n'
                       '[Task give]\nCount=2\nWorkers=1\nSteps=put p\n[Task take]\nCount=4\nWorkers=1\nSteps=get p\n')
        for model in 'threads', 'processes', 'coroutines', 'serial':
            with self.subTest(model):
                result = self.cli('run', './own.scenario', '--model', model, '--json')
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn('3 tasks of t were cancelled at “get q” (line 10): nobody was left to put an item into q',
                              result.stderr)
                self.assertIn('2 tasks of take were cancelled at “get p” (line 18): nobody was left to put an item into p',
                              result.stderr)
                report = json.loads(result.stdout)
                self.assertEqual(report['tasks']['cancelled'], 5)
                # All of that is in the recording.
                told = sorted(finding['text'] for finding in report['findings'] if finding['kind'] == 'forsaken')
                self.assertEqual(len(told), 2, report['findings'])
                self.assertEqual(sorted(report['session']['notes']), told)

    def test_nobody_puts_for_loops(self):
        """A loop that takes what nobody ever puts is told of under each model, and begins one task a worker at most."""
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Own\nDuration=60s\n[Queue q]\nCapacity=1\n'
                       '[Task t]\nWorkers=2\nArrival=loop\nSteps=get q\n[Task u]\nWorkers=1\nCount=3\nSteps=sleep 10ms\n')
        for model in 'serial', 'threads', 'processes', 'hybrid', 'gil', 'coroutines':
            with self.subTest(model):
                result = self.cli('run', './own.scenario', '--model', model, '--json')
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertRegex(result.stderr, 'of t (was|were) cancelled at “get q” .*: nobody was left to put an item into q')
                report = json.loads(result.stdout)
                self.assertIn(report['tasks']['cancelled'], (1, 2))
                self.assertEqual(report['tasks']['pending'], 0)
                self.assertEqual([finding['kind'] for finding in report['findings']], ['forsaken'])

    def test_tried_too_often(self):
        """A task that kills whoever runs it is given up, and the run and its recording say so."""
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Own\nModel=processes\nWorkers=2\nOnDeath=retry\n'
                       '[Task bad]\nCount=1\nSteps=crash\n[Task good]\nCount=3\nSteps=yield\n')
        text = '1 task of bad is lost: whoever ran it died, each of 10 times'
        result = self.cli('run', './own.scenario', '-o', 'a.interleave')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(text, result.stderr)
        report = json.loads(self.cli('report', 'a.interleave', '--json').stdout)
        self.assertEqual((report['tasks']['lost'], report['tasks']['done']), (1, 3))
        self.assertEqual([(finding['kind'], finding['text']) for finding in report['findings']], [('given_up', text)])
        self.assertEqual(report['session']['notes'], [text])
        self.assertEqual(report['endings']['crashed'], 10)

    def test_without_effect(self):
        """What only another model has is said to have no effect."""
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Own\n[Task t]\nWorkers=1\nNice=3\nCount=1\nSteps=yield\n')
        for model, setting, notes in (('threads', 'carriers=3', ['--set carriers=3 has no effect under the model threads']),
                                      ('coroutines', 'carriers=1', ['Cores and Nice of [Task t] have no effect']),
                                      ('hybrid', 'processes=1', [])):
            with self.subTest(model):
                result = self.cli('run', './own.scenario', '--model', model, '--set', setting, '--json')
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stderr.count('no effect'), len(notes), result.stderr)
                for note in notes:
                    self.assertIn(note, result.stderr)
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Own\nWorkers=1\nMaxTasksPerWorker=2\n[Task t]\nCount=5\nSteps=yield\n')
        for model, n_notes in (('threads', 0), ('processes', 0), ('coroutines', 1), ('serial', 1)):
            with self.subTest(model):
                result = self.cli('run', './own.scenario', '--model', model, '--json')
                self.assertEqual(result.stderr.count('MaxTasksPerWorker has no effect'), n_notes, result.stderr)

    def test_crash_of_a_step(self):
        """Where the program dies since a step says so, that is said, and what was recorded is kept."""
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Own\nWorkers=1\n[Task t]\nCount=2\nSteps=cpu 1ms; crash\n')
        for model, who in (('threads', 'Worker 1'), ('coroutines', 'Worker 1'), ('serial', 'Submitter')):
            with self.subTest(model):
                result = self.cli('run', './own.scenario', '--model', model, '--json', '-o', 'a.interleave')
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertRegex(result.stderr.splitlines()[-1],
                                 rf'task t crashed on {who} after [0-9.]+ m?s, as its step “crash” \(line 6\) says; under the model {model} ')
                report = json.loads(self.cli('report', 'a.interleave', '--json').stdout)
                self.assertEqual([finding['kind'] for finding in report['findings']], ['crash'])
                self.assertEqual(report['session']['end'], 'crashed, as a step says')
                self.assertEqual([worker['ending'] for worker in report['workers'] if worker['name'] == who], ['crashed'])
        result = self.cli('run', './own.scenario', '--model', 'processes', '--json')
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual((report['tasks']['lost'], report['findings']), (2, []))

    def test_crash_takes_others_along(self):
        """Who ran the step has crashed; who was in the same process went down with it."""
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write('[Scenario]\nName=Own\n[Task t]\nWorkers=3\nCount=3\nSteps=sleep 10s\n'
                       '[Task u]\nWorkers=1\nCount=1\nSteps=sleep 20ms; crash\n')
        for model in 'threads', 'coroutines':
            with self.subTest(model):
                self.cli('run', './own.scenario', '--model', model, '--json', '-o', 'a.interleave')
                report = json.loads(self.cli('report', 'a.interleave', '--json').stdout)
                endings = [worker['ending'] for worker in report['workers']]
                self.assertEqual(endings.count('crashed'), 1, report['workers'])
                self.assertEqual(endings.count(None), 0, report['workers'])
                self.assertEqual(endings.count('with_process'), len(endings) - 1)
                self.assertEqual(report['endings']['crashed'], 1)
                self.assertEqual(report['endings']['with_process'], len(endings) - 1)

    def test_stuck_serial_run_ends(self):
        """One thread alone waits for what nobody else is there to bring."""
        for objects, steps in (('[Lock A]', 'lock A; lock A; unlock A; unlock A'), ('[Barrier b]\nParties=2', 'barrier b'),
                               ('[Event e]', 'wait e')):
            with self.subTest(steps=steps):
                with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
                    file.write(f'[Scenario]\nName=Own\nModel=serial\n{objects}\n[Task t]\nCount=2\nSteps={steps}\n')
                result = self.run_own(1, '--duration', '0.1')
                self.assertIn('1 worker waits for ever', result.stderr)
                self.assertEqual(json.loads(result.stdout)['session']['end'], 'stuck')


class Death(Case):
    """The runner, the user, the terminal or we ourselves end it."""

    def wait_for_file(self, process, name='a.interleave'):
        wait(lambda: os.path.exists(self.path(name)) or process.poll() is not None, 'the session file')
        self.assertIsNone(process.poll())

    def start_endless(self, *arguments, **options):
        process = self.start('run', 'producer-consumer', '--duration', '0', '-o', 'a.interleave', *arguments, **options)
        self.addCleanup(lambda: (process.stdout and process.stdout.close(), process.stderr and process.stderr.close()))
        self.wait_for_file(process)
        return process

    def assert_session_whole(self, cut_off=False):
        result = self.cli('report', 'a.interleave', '--json')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual('cut off' in result.stderr, cut_off)
        return json.loads(result.stdout)

    def test_report_while_it_is_recorded(self):
        """What is there is reported, and that there will be more is said; only afterwards it is whole."""
        process = self.start_endless()
        result = self.cli('report', 'a.interleave')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assert_line(without_losses(result.stderr), 'a.interleave', 'is being recorded')
        os.kill(process.pid, signal.SIGSTOP)  # and also if its writer gives no sign of life
        self.assertIn('is being recorded', self.cli('report', 'a.interleave').stderr)
        os.kill(process.pid, signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        process.communicate()
        self.assert_done(self.cli('report', 'a.interleave'))

    def test_interrupt_stops(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start_endless('--json')
            process.send_signal(number)
            output, errors = process.communicate()
            self.assertEqual(process.returncode, 0, errors)
            self.assertGreater(json.loads(output)['session']['duration_ns'], 0)
            self.assert_session_whole()
            os.unlink(self.path('a.interleave'))

    def test_lost_events_are_told(self):
        """At the end, by whoever prints figures of what is left."""
        fake = {'INTERLEAVE_RUNNER': os.environ['FAKE_RUNNER']}
        ran = self.cli('run', 'floods', '-o', 'a.interleave', env=fake)
        told = self.cli('report', 'a.interleave')
        machine = self.cli('report', 'a.interleave', '--json')
        for result in (ran, told, machine):
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertRegex(result.stderr.splitlines()[-1],
                             r'note: .+ of .+ events were lost, .*counts are too low')
        for result in (ran, told):
            self.assertIn('Figures are of what was recorded', result.stdout)
        self.assertGreater(json.loads(machine.stdout)['session']['lost_events'], 0)

    def test_second_interrupt_gives_up(self):
        fake = {'INTERLEAVE_RUNNER': os.environ['FAKE_RUNNER']}
        process = self.start('run', 'hangs', '-o', 'a.interleave', env=fake)
        self.wait_for_file(process)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)  # another one: two of the same may become one on their way
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 1, errors)
        self.assertEqual(output, b'')

    def test_hangup(self):
        process = self.start_endless()
        process.send_signal(signal.SIGHUP)
        process.communicate()
        self.assertEqual(process.returncode, 1)
        self.assert_session_whole()

    def test_terminal_gone(self):
        main, terminal = pty.openpty()
        process = self.start_endless(stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True)
        os.close(terminal)
        wait(lambda: b'tasks done' in os.read(main, 4096), 'progress')
        os.close(main)
        process.wait()
        self.assertEqual(process.returncode, 1)
        self.assert_session_whole()

    def test_progress_on_terminal_only(self):
        main, terminal = pty.openpty()
        process = self.start_endless(stderr=terminal)
        os.close(terminal)
        wait(lambda: b'tasks done' in os.read(main, 4096), 'progress')
        process.send_signal(signal.SIGINT)
        output = process.stdout.read()
        with contextlib.suppress(OSError):
            while os.read(main, 4096):
                pass
        process.wait()
        os.close(main)
        self.assertEqual(process.returncode, 0)
        self.assertNotIn(b'\r', output)

    def test_reader_gone(self):
        process = self.start_endless()
        process.stdout.close()
        _, errors = process.stderr.read(), process.wait()
        self.assertEqual(process.returncode, 1, errors)
        self.assert_session_whole()

    def test_standard_output_closed(self):
        result = subprocess.run(['sh', '-c', 'exec "$0" run lock-contention --duration 0 -o a.interleave >&-', CLI],
                                capture_output=True, text=True, env=self.environment, cwd=self.directory, check=False)
        self.assert_fails(result, 1, 'output')

    def test_runner_killed(self):
        process = self.start_endless('--json')
        runner = wait(lambda: [pid for pid in processes_with_mark(self.mark) if self.parent(pid) == process.pid], 'the runner')[0]
        os.kill(runner, signal.SIGKILL)
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 1)
        self.assertIn(b'killed by signal 9 (SIGKILL)', errors.splitlines()[-1])
        json.loads(output)
        self.assert_session_whole()

    def parent(self, pid):
        with contextlib.suppress(OSError):
            with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
                return int(file.read().rpartition(')')[2].split()[1])
        return None

    def test_killed(self):
        """Of a recording whose recorder is killed there is at least what was there a second before; nothing else stays."""
        for model in ('threads', 'processes'):
            process = self.start_endless('--model', model)

            def seen():
                result = self.cli('report', 'a.interleave', '--json')
                return result.returncode == 0 and json.loads(result.stdout)['session']['duration_ns']

            wait(lambda: seen() > 500000000, 'half a second on disk')
            before = seen()
            process.kill()
            process.communicate()
            report = self.assert_session_whole(cut_off=True)
            self.assertGreaterEqual(report['session']['duration_ns'], before)
            self.assertGreater(report['tasks']['submitted'], 0)
            wait(lambda: not processes_with_mark(self.mark), 'the end of all processes')
            os.unlink(self.path('a.interleave'))


class Report(Case):
    def test_same_as_run(self):
        ran = self.cli('run', 'lock-contention', '--duration', '0.3', '--json', '-o', 'a.interleave')
        result = self.cli('report', 'a.interleave', '--json')
        self.assert_done(result)
        self.assertEqual(json.loads(result.stdout), json.loads(ran.stdout))

    def test_range(self):
        self.record()
        for begin, end in (('0.1', '0.2'), ('100ms', '200ms'), ('0.1s', '200000us'), ('100000000ns', '.2s')):
            result = self.cli('report', 'a.interleave', '--json', '--from', begin, '--to', end)
            self.assert_done(result)
            for worker in json.loads(result.stdout)['workers']:
                self.assertLessEqual(worker['lifetime_ns'], 100000000)

    def test_range_of_a_moment(self):
        """A begin and an end that look the same say nothing."""
        self.record()
        result = self.cli('report', 'a.interleave', '--from', '100000001ns', '--to', '100000002ns')
        self.assert_done(result)
        lines = [line for line in result.stdout.splitlines() if 'Figures are of' in line]
        self.assertEqual(lines, ['Figures are of 1 ns from 100 ms on'])

    def test_arguments_that_are_missing(self):
        self.assert_fails(self.cli('report'), 2, 'expected FILE, found nothing')
        self.assert_fails(self.cli('export', 'a.interleave'), 2, 'expected FILE OUT.png, found “a.interleave” alone')

    def test_range_errors(self):
        self.record()
        self.assert_fails(self.cli('report', 'a.interleave', '--from', 'noon'), 2, '--from', 'noon')
        self.assert_fails(self.cli('report', 'a.interleave', '--from', '2', '--to', '1'), 2, '--from')
        self.assert_fails(self.cli('report', 'a.interleave', '--from', '1', '--to', '1'), 2, '--from')
        self.assert_fails(self.cli('report', 'a.interleave', '--from', '9999'), 2, 'a.interleave', '--help')
        self.assert_done(self.cli('report', 'a.interleave', '--to', '9999'))

    def test_missing(self):
        self.assert_fails(self.cli('report', 'no.interleave'), 1, 'no.interleave')
        self.assert_fails(self.cli('report', self.directory), 1, self.directory)

    def test_foreign(self):
        with open(self.path('text'), 'w', encoding='utf-8') as file:
            file.write('hello\n' * 1000)
        open(self.path('empty'), 'wb').close()
        with contextlib.closing(sqlite3.connect(self.path('other.db'))) as database:
            database.execute('create table t (x)')
            database.commit()
        for name in ('text', 'empty', 'other.db'):
            for command in (['report', name], ['export', name, 'a.png']):
                self.assert_fails(self.cli(*command), 1, name)

    def test_newer(self):
        self.record()
        with contextlib.closing(sqlite3.connect(self.path('a.interleave'))) as database:
            version = database.execute('pragma user_version').fetchone()[0]
            database.execute(f'pragma user_version = {version + 1}')
            database.commit()
        self.assert_fails(self.cli('report', 'a.interleave'), 1, 'a.interleave', 'newer')

    def test_truncated(self):
        """Cut anywhere: a report or one clear line, never a crash."""
        self.record()
        with open(self.path('a.interleave'), 'rb') as file:
            content = file.read()
        for eighth in range(8):
            with open(self.path('cut.interleave'), 'wb') as file:
                file.write(content[:len(content) * eighth // 8])
            result = self.cli('report', 'cut.interleave', '--json')
            self.assertIn(result.returncode, (0, 1))
            if result.returncode == 1:
                self.assert_fails(result, 1, 'cut.interleave')

    def test_nobody_reads(self):
        self.record()
        result = subprocess.run(['sh', '-c', '"$0" report a.interleave >/dev/full', CLI], capture_output=True, text=True,
                                env=self.environment, cwd=self.directory, check=False)
        self.assert_fails(result, 1, 'space')


class Export(Case):
    def size(self, name):
        with open(self.path(name), 'rb') as file:
            header = file.read(24)
        self.assertEqual(header[:8], b'\x89PNG\r\n\x1a\n')
        return struct.unpack('>II', header[16:24])

    def test_png(self):
        self.record()
        self.assert_done(self.cli('export', 'a.interleave', 'a.png'))
        width, height = self.size('a.png')
        self.assertEqual(width, 1600)
        self.assertGreater(height, 100)

    def test_rows_shrink_to_the_height(self):
        self.record()
        self.assert_done(self.cli('export', 'a.interleave', 'natural.png', '--width', '800'))
        height = self.size('natural.png')[1] - 40
        self.assert_done(self.cli('export', 'a.interleave', 'lower.png', '--width', '800', '--height', str(height)))
        self.assertEqual(self.size('lower.png'), (800, height))
        # Not further than they can be read: the picture becomes higher, and that is said.
        result = self.cli('export', 'a.interleave', 'low.png', '--width', '800', '--height', '120')
        needed = self.size('low.png')[1]
        self.assertEqual(result.returncode, 0)
        self.assert_line(result.stderr, 'export: note: 120 pixels are too low', f'the picture is {needed} high')
        self.assertTrue(120 < needed < height, needed)

    def test_options(self):
        self.record()
        self.assert_done(self.cli('export', 'a.interleave', 'light.PNG', '--width', '800', '--height', '600'))
        self.assertEqual(self.size('light.PNG'), (800, 600))
        self.assert_done(self.cli('export', 'a.interleave', 'dark.png', '--width', '800', '--height', '600', '--theme', 'dark'))
        self.assert_done(self.cli('export', 'a.interleave', 'part.png', '--width', '800', '--height', '600', '--from', '50ms',
                                  '--to', '0.1'))
        pictures = set()
        for name in ('light.PNG', 'dark.png', 'part.png'):
            with open(self.path(name), 'rb') as file:
                pictures.add(file.read())
        self.assertEqual(len(pictures), 3)

    def test_misuse(self):
        self.record()
        for arguments, part in ((['a.svg'], '.png'), (['a'], '.png'), (['a.pdf'], '.png'), (['a.json'], '.png'),
                                (['a.png', '--width', '0'], '--width'), (['a.png', '--width', 'wide'], '--width'),
                                (['a.png', '--height', '1000000'], '--height'), (['a.png', '--theme', 'pink'], 'pink'),
                                (['a.png', '--from', '2', '--to', '1'], '--from')):
            self.assert_fails(self.cli('export', 'a.interleave', *arguments), 2, part)
        self.assertEqual(sorted(os.listdir(self.directory)), ['a.interleave', 'run'])

    def test_unwritable(self):
        self.record()
        self.assert_fails(self.cli('export', 'a.interleave', '/nowhere/a.png'), 1, '/nowhere/a.png')
        self.assert_fails(self.cli('export', 'no.interleave', 'a.png'), 1, 'no.interleave')


class Findings(Case):
    # What is right gives no finding, also where others keep the machine busy.
    RIGHT = ['lock-contention', 'producer-consumer', 'pool-batches', 'deadlock-ordered',
             'dining-philosophers-ordered', 'lost-update-locked']

    def test_none_where_all_is_right(self):
        """Patterns, which a host that takes a core away may bring about, in one of some tries."""
        for scenario in self.RIGHT:
            with self.subTest(scenario):
                for _ in range(5):
                    result = self.cli('run', scenario, '--duration', '1', '--json')
                    self.assertEqual(result.returncode, 0, result.stderr)
                    report = json.loads(result.stdout)
                    self.assertEqual(facts(report), {}, scenario)
                    if not report['findings']:
                        break
                    print('# ' + '; '.join(finding['text'] for finding in report['findings']), flush=True)
                self.assertEqual(report['findings'], [], scenario)

    def test_deadlock_is_told_while_it_lasts(self):
        """And is found again in the session, although the stop has broken it by then."""
        process = self.start('run', 'deadlock', '--duration', '0', '--json', '-o', 'a.interleave')
        line = ''
        while 'Deadlock' not in line:
            line = process.stderr.readline().decode()
            self.assertNotEqual(line, '', 'the run ended without a word of a deadlock')
        told = time.clock_gettime(time.CLOCK_REALTIME)
        self.assertIn('stop with Ctrl+C', line)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 0, errors)
        self.assertEqual(errors.decode().count('Deadlock'), 0)
        self.check_deadlock(json.loads(output), told)

    def test_stuck_is_told_while_it_lasts(self):
        """Who waits without a cycle for what nobody is left to bring."""
        for objects, steps, text in (('[Barrier b]\nParties=3', 'barrier b', '2 of 3 parties wait at b'),
                                     ('[Semaphore s]\nUnits=0', 'acquire s', 'could post s'),
                                     ('[Event e]', 'wait e', 'could set e')):
            with self.subTest(steps):
                with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
                    file.write(f'[Scenario]\nName=Own\nWorkers=2\n{objects}\n[Task t]\nCount=2\nSteps={steps}\n')
                process = self.start('run', './own.scenario', '--duration', '0', '--json')
                line = ''
                while 'Stuck' not in line:
                    line = process.stderr.readline().decode()
                    self.assertNotEqual(line, '', 'the run ended without a word')
                self.assertIn(text, line)
                self.assertIn(f'(step “{steps}” of t)', line)
                process.send_signal(signal.SIGINT)
                output, errors = process.communicate()
                self.assertEqual(process.returncode, 0, errors)
                stuck = [finding for finding in json.loads(output)['findings'] if finding['kind'] == 'stuck']
                self.assertEqual(len(stuck), 1)
                self.assertIn(text, stuck[0]['text'])

    def test_deadlock_of_a_run_that_ends_by_itself(self):
        """Nobody is asked to stop it."""
        process = self.start('run', 'deadlock', '--duration', '1000', '--json')
        line = ''
        while 'Deadlock' not in line:
            line = process.stderr.readline().decode()
            self.assertNotEqual(line, '', 'the run ended without a word of a deadlock')
        self.assertNotIn('Ctrl', line)
        process.send_signal(signal.SIGINT)
        process.communicate()
        self.assertEqual(process.returncode, 0)

    def check_deadlock(self, report, told):
        deadlocks = [finding for finding in report['findings'] if finding['kind'] == 'deadlock']
        self.assertEqual(len(deadlocks), 1)
        self.assertFalse(deadlocks[0]['goes_on'])
        self.assertEqual(len(deadlocks[0]['evidence']['lanes']), 2)
        started = datetime.datetime.fromisoformat(report['session']['started'].replace('Z', '+00:00')).timestamp()
        closed = started + deadlocks[0]['evidence']['from_ns'] / 1e9
        self.assertGreater(told, closed)
        print(f'# deadlock told {(told - closed) * 1000:.0f} ms after its cycle closed', flush=True)

        result = self.cli('report', 'a.interleave', '--json')
        self.assertEqual(json.loads(result.stdout)['findings'], report['findings'])
        result = self.cli('report', 'a.interleave')
        self.assertIn('\n\nFindings\nDeadlock: ', result.stdout)


class Mistakes(Case):
    """What is wrong with a scenario is said in one line, with its place or who suffers from it; nothing stays behind."""

    HEAD = '[Scenario]\nName=Own\nModel=processes\nModels=threads;processes\nWorkers=4\n[Lock A]\n'
    LINES = [
        ('[Task t]\nSteps=cpu 1ms; dance\n', 8, 'dance'),
        ('[Task t]\nSteps=unlock A\n', 8, 'unlock A'),
        ('[Task t]\nSteps=cpu 1ms\nCount=-1\n', 9, '-1'),
        ('[Task t]\nSteps=sleep -5ms\n', 8, '-5ms'),
        ('[Task t]\nSteps=cpu 99999999999999999999s\n', 8, '99999999999999999999s'),
        ('[Task t]\nCount=99999999999999999999\nSteps=cpu 1ms\n', 8, '99999999999999999999'),
    ]

    def write(self, text):
        with open(self.path('own.scenario'), 'w', encoding='utf-8') as file:
            file.write(self.HEAD + text)

    def test_lines(self):
        for text, line, found in self.LINES:
            with self.subTest(found):
                self.write(text)
                for command in ('check', 'run'):
                    self.assert_fails(self.cli(command, './own.scenario'), 1, f'own.scenario:{line}: found “{found}”, expected ')

    def test_wait_for_oneself(self):
        """It is told while it lasts, and in the report."""
        self.write('[Task t]\nArrival=loop\nSteps=lock A; lock A; unlock A; unlock A\n')
        process = self.start('run', './own.scenario', '--duration', '0', '--json', '--workers', '1')
        line = ''
        while 'Deadlock' not in line:
            line = process.stderr.readline().decode()
            self.assertNotEqual(line, '', 'the run ended without a word of a deadlock')
        self.assertRegex(line, r'Worker 1 waits since .* for .*A, which it holds itself since ')
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 0, errors)
        kinds = [finding['kind'] for finding in json.loads(output)['findings']]
        self.assertEqual(kinds.count('deadlock'), 1, kinds)

    def test_more_memory_than_there_is(self):
        with open('/proc/meminfo', encoding='utf-8') as file:
            total = int(re.search(r'MemTotal: *([0-9]+) kB', file.read()).group(1)) // 1024
        if total >= 4096 * 256:
            self.skipTest('this machine has a terabyte')
        self.write('[Task t]\nCount=1\nSteps=memory 256MiB\n')
        result = self.cli('run', './own.scenario', '--model', 'threads', '--workers', '4096', '-o', 'a.interleave')
        self.assert_fails(result, 1, '1048576 MiB')
        self.assertFalse(os.path.exists(self.path('a.interleave')))


class TapResult(unittest.TestResult):
    """One line for each test, however many of its parts and of what cleans up after it failed."""

    n_run = 0

    def startTest(self, test):
        super().startTest(test)
        self.failed = []
        self.directive = ''

    def stopTest(self, test):
        super().stopTest(test)
        self.tell('not ok' if self.failed else 'ok', test, self.directive, self.failed)

    def tell(self, word, test, directive, texts):
        self.n_run += 1
        name = test.id().partition('.')[2]
        print(f'{word} {self.n_run} {name}{directive}', flush=True)
        for line in ''.join(texts).splitlines():
            print('# ' + line, flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        text = self._exc_info_to_string(err, test)
        if isinstance(test, unittest.TestCase):
            self.failed.append(text)
        else:  # what prepares a class of tests: there is no test to blame
            self.tell('not ok', test, '', [text])

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self.failed.append(f'{subtest}\n' + self._exc_info_to_string(err, test))

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.failed.append('it was expected to fail\n')

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.directive = ' # SKIP ' + reason


class Printer(unittest.TestCase):
    """What is printed of tests that fail: else nobody would see them fail."""

    def printed(self, body):
        case = type('Case', (unittest.TestCase,), {'test': body})
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            case('test').run(TapResult())
        return [line for line in output.getvalue().splitlines() if not line.startswith('#')]

    def test_failing_parts(self):
        def body(case):
            for part in range(3):
                with case.subTest(part):
                    case.assertEqual(part, 1)
        self.assertEqual(self.printed(body), ['not ok 1 Case.test'])

    def test_failing_cleanup(self):
        def body(case):
            case.addCleanup(case.fail, 'cleanup')
            case.fail('body')
        self.assertEqual(self.printed(body), ['not ok 1 Case.test'])

    def test_good_and_skipped(self):
        self.assertEqual(self.printed(lambda case: None), ['ok 1 Case.test'])
        self.assertEqual(self.printed(lambda case: case.skipTest('why')), ['ok 1 Case.test # SKIP why'])


def main(module):
    """Prints TAP of the tests of a module, or of those that the arguments name."""
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(sys.argv[1:], module) if len(sys.argv) > 1 else loader.loadTestsFromModule(module)
    print(f'1..{suite.countTestCases()}', flush=True)
    suite.run(TapResult())


if __name__ == '__main__':
    main(sys.modules['__main__'])
