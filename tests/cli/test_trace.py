#!/usr/bin/python3
# test_trace.py - interleave-cli trace: a program runs under it as it runs alone, and all of it is recorded
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Environment: as of test_cli.py.
# Prints TAP.  Nothing here depends on how fast the machine is: what has to happen is waited for.

import json
import os
import signal
import subprocess
import sys
import unittest

import test_cli
from test_cli import CLI, wait

PYTHON = '/usr/bin/python3'


class Case(test_cli.Case):
    def trace(self, *command, options=(), **others):
        return self.cli('trace', '--no-locks', *options, '--', *command, **others)

    def report(self, name='a.interleave'):
        result = self.cli('report', name, '--json')
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def threads(self, report):
        return [worker['name'] for worker in report['workers']]


class Program(Case):
    """It is as if it was started without us."""

    def test_exit_status(self):
        for status in (0, 1, 2, 3, 42, 255):
            self.assertEqual(self.trace('sh', '-c', f'exit {status}').returncode, status)

    def test_killed_by_signal(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV):
            self.assertEqual(self.trace('sh', '-c', f'kill -{number} $$').returncode, 128 + number)

    def test_output_unchanged(self):
        script = 'printf out; printf err >&2; printf more'
        result = self.trace('sh', '-c', script)
        self.assertEqual(result.stdout, 'outmore')
        self.assertTrue(result.stderr.startswith('err'), result.stderr)
        self.assertIn('sh -c', result.stderr)

    def test_input(self):
        process = self.start('trace', '--no-locks', '--', 'cat', stdin=subprocess.PIPE, text=True)
        output, _ = process.communicate('typed\nin\n')
        self.assertEqual((process.returncode, output), (0, 'typed\nin\n'))

    def test_descriptors(self):
        """All that are open for it stay open under their numbers, and no others are."""
        script = 'import os; print(sorted(int(fd) for fd in os.listdir("/proc/self/fd")))'
        command = [PYTHON, '-c', script]
        with open('/dev/null', encoding='utf-8') as file:
            def run(*argv):
                return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                      pass_fds=[file.fileno(), 7], env=self.environment, text=True, check=True).stdout
            os.dup2(file.fileno(), 7)
            try:
                self.assertEqual(run(CLI, 'trace', '--no-locks', '--', *command), run(*command))
            finally:
                os.close(7)

    def test_signals(self):
        """What is ignored and blocked is as whoever started us has it."""
        script = 'import re; print(re.findall("Sig(?:Blk|Ign|Cgt).*", open("/proc/self/status").read()))'
        for prepare in ('', 'trap "" PIPE; ', 'trap "" CHLD; ', 'trap "" INT TERM HUP; '):
            alone = subprocess.run(['sh', '-c', f'{prepare}exec "$@"', 'sh', PYTHON, '-c', script], capture_output=True, text=True,
                                   check=True).stdout
            traced = subprocess.run(['sh', '-c', f'{prepare}exec "$@"', 'sh', CLI, 'trace', '--no-locks', '--', PYTHON, '-c',
                                     script], capture_output=True, text=True, env=self.environment, check=True).stdout
            self.assertEqual(traced, alone, prepare)

    def test_environment(self):
        """It is the program's own, but for what the shell itself changes."""
        script = 'import os; print(sorted(os.environ.items()))'
        alone = subprocess.run([PYTHON, '-c', script], capture_output=True, text=True, env=self.environment, check=True).stdout
        self.assertEqual(self.trace(PYTHON, '-c', script).stdout, alone)

    def test_group_and_session(self):
        script = 'import os; print(os.getpgid(0), os.getsid(0))'
        process = self.start('trace', '--no-locks', '--', PYTHON, '-c', script, text=True, start_new_session=True)
        output, errors = process.communicate()
        self.assertEqual(output, f'{process.pid} {process.pid}\n', errors)

    def test_options_of_the_command(self):
        """What looks like ours behind the name of the program is the program's."""
        for separator in ([], ['--']):
            result = self.cli('trace', '--no-locks', *separator, 'echo', '--json', '-o', '--', 'x')
            self.assertEqual((result.returncode, result.stdout), (0, '--json -o -- x\n'))


class Recording(Case):
    def test_tree(self):
        result = self.trace('sh', '-c', 'true; sleep 0.05 & (sleep 0.01); wait', options=['-o', 'a.interleave'])
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('Session: a.interleave\n', result.stderr)
        report = self.report()
        self.assertEqual(self.threads(report).count('sleep'), 2, report['workers'])
        self.assertEqual(report['session']['lost_events'], 0)

    def test_threads(self):
        script = ('import threading\nthreads = [threading.Thread(target=lambda: sum(range(100000))) for i in range(5)]\n'
                  'for thread in threads: thread.start()\nfor thread in threads: thread.join()')
        result = self.trace(PYTHON, '-c', script, options=['--json'])
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(len(report['workers']), 6)
        self.assertEqual(len({worker['pid'] for worker in report['workers']}), 1)

    def test_json_is_the_last(self):
        result = self.trace('printf', 'mine\n', options=['--json'])
        self.assertTrue(result.stdout.startswith('mine\n{'), result.stdout)
        json.loads(result.stdout[len('mine\n'):])


if __name__ == '__main__':
    test_cli.main(sys.modules['__main__'])
