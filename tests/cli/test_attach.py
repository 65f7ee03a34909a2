#!/usr/bin/python3
# test_attach.py - interleave-cli attach: what the scheduler does with a process that runs already
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Environment: as of test_cli.py.
# Prints TAP.  Nothing here depends on how fast the machine is: what has to happen is waited for.

import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

import test_cli
from test_cli import CLI

PYTHON = '/usr/bin/python3'
THREADS = """
import sys, threading
go = threading.Event()
threads = [threading.Thread(target=go.wait) for i in range(3)]
for thread in threads: thread.start()
print("ready", flush=True)
sys.stdin.readline()
go.set()
for thread in threads: thread.join()
late = threading.Thread(target=lambda: sum(range(1000000)))
late.start(); late.join()
"""

# As redis-server and others do.
TITLED = """
import ctypes, sys
begin, end = (int(word) for word in open('/proc/self/stat').read().rpartition(')')[2].split()[45:47])
ctypes.memset(begin, 0, end - begin)
ctypes.memmove(begin, b'keeper *:7799', 13)
print("ready", flush=True)
sys.stdin.readline()
"""


class Attach(test_cli.Case):
    def target(self, *command):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.readline(), 'ready\n')
        return process

    def begin(self, target):
        """Attached for sure: the session has threads already."""
        process = self.start('attach', str(target.pid), '--json', '-o', 'a.interleave', text=True)
        test_cli.wait(self.has_threads, 'the session')
        return process

    def has_threads(self):
        result = self.cli('report', '--json', 'a.interleave')
        return result.returncode == 0 and json.loads(result.stdout)['workers']

    def test_until_it_ends(self):
        target = self.target(PYTHON, '-c', THREADS)
        process = self.begin(target)
        target.stdin.write('\n')
        target.stdin.flush()
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 0, errors)
        report = json.loads(output)
        self.assertEqual(len(report['workers']), 5, report['workers'])
        self.assertEqual({worker['pid'] for worker in report['workers']}, {target.pid})
        self.assertEqual(report['session']['end'], 'completed')
        self.assertIn('python3 -c', report['session']['title'])

    def test_own_title(self):
        """What is left of the words that a process wrote its title over is no words."""
        target = self.target(PYTHON, '-c', TITLED, 'one', 'two', 'three')
        process = self.begin(target)
        target.stdin.write('\n')
        target.stdin.flush()
        session = json.loads(process.communicate()[0])['session']
        self.assertEqual(session['title'], f"process {target.pid}: 'keeper *:7799'")
        self.assertEqual(session['command'], "'keeper *:7799'")

    def test_interrupt(self):
        """Who does nothing has a lane, too; and goes on when we have ended."""
        target = self.target(PYTHON, '-c', THREADS)
        process = self.begin(target)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 0, errors)
        self.assertEqual(len(json.loads(output)['workers']), 4)
        self.assertEqual(json.loads(output)['session']['end'], 'stopped')
        self.assertIsNone(target.poll())

    def test_names(self):
        """The main thread has the bare name, and others are numbered as they were made."""
        process = self.begin(self.target(PYTHON, '-c', THREADS))
        process.send_signal(signal.SIGINT)
        workers = json.loads(process.communicate()[0])['workers']
        names = [worker['name'] for worker in sorted(workers, key=lambda worker: worker['tid'])]
        self.assertEqual(names, [names[0], *(f'{names[0]} {i}' for i in (2, 3, 4))])

    def test_waits(self):
        """Who is off a core of its own accord waits, though it is not seen what for; and that is said."""
        process = self.begin(self.target(PYTHON, '-c', THREADS))
        process.send_signal(signal.SIGINT)
        report = json.loads(process.communicate()[0])
        self.assertFalse(report['session']['locks_seen'])
        if report['session']['scheduler'] != 'perf':
            return  # samples do not tell
        for worker in report['workers']:
            self.assertEqual(worker['states']['unknown_ns'], 0, worker)
            self.assertGreater(worker['states']['other_wait_ns'], 0, worker)
        text = self.cli('report', 'a.interleave').stdout
        self.assertIn('Locks: not seen', text)
        self.assertIn('No core: seen of who lost one', text)
        self.assertIn('other waits', text)
        self.assertNotIn('unknown', text)

    def test_duration(self):
        target = self.target('sh', '-c', 'echo ready; read x')
        result = self.cli('attach', str(target.pid), '--duration', '0.1')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('sh -c', result.stdout)

    def test_children(self):
        """Those that are there, and those that come."""
        target = self.target('sh', '-c', 'sleep 1000 & child=$!; echo ready; read x; sleep 0.01; kill $child; wait')
        process = self.begin(target)
        target.stdin.write('\n')
        target.stdin.flush()
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 0, errors)
        names = sorted(worker['name'] for worker in json.loads(output)['workers'])
        self.assertEqual(names, ['sh', 'sleep', 'sleep 2'])
        report = json.loads(output)
        if report['session']['scheduler'] == 'perf':
            # Also of the child that was there the end was seen.
            self.assertTrue(all(worker['states']['running_ns'] > 0 for worker in report['workers']), report['workers'])

    LEADERLESS = """
import ctypes, sys, threading
first = threading.main_thread().native_id
def go_on():
    while True:
        with open(f'/proc/self/task/{first}/stat') as file:
            if file.read().rpartition(') ')[2][0] == 'Z':
                break
    print("ready", flush=True)
    sys.stdin.readline()
    threading.Thread(target=sum, args=(range(1000000),)).start()
threading.Thread(target=go_on).start()
ctypes.CDLL(None).pthread_exit(None)
"""

    def test_first_thread_has_left(self):
        """What is left of the process is there to be watched; and its command is known."""
        target = self.target(PYTHON, '-c', self.LEADERLESS)
        process = self.begin(target)
        target.stdin.write('\n')
        target.stdin.flush()
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 0, errors)
        self.assertNotIn('no process', errors)
        report = json.loads(output)
        self.assertEqual(len(report['workers']), 2, report['workers'])
        self.assertNotIn(target.pid, [worker['tid'] for worker in report['workers']])
        self.assertEqual({worker['pid'] for worker in report['workers']}, {target.pid})
        self.assertIn('python3 -c', report['session']['title'])

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which('setpriv'), 'only root can be another user')
    def test_other_user(self):
        """What can be seen is; and how more can be is said."""
        target = self.target('sh', '-c', 'echo ready; read x')
        other = ['setpriv', '--reuid=65534', '--clear-groups', CLI]
        try:
            subprocess.run([*other, '--version'], stdout=subprocess.DEVNULL, check=True)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest('another user may not execute interleave-cli here')
        result = subprocess.run([*other, 'attach', str(target.pid), '--duration', '0.1', '--json'], capture_output=True, text=True,
                                env=self.environment, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report['session']['scheduler'], 'sampled')
        self.assertEqual([worker['pid'] for worker in report['workers']], [target.pid])
        with open('/proc/sys/kernel/perf_event_paranoid', encoding='utf-8') as file:
            if int(file.read()) <= 2:
                self.assertIn(f'sudo interleave-cli attach {target.pid}', result.stderr)

    def test_executes(self):
        """What a process executes is recorded, too."""
        target = self.target('sh', '-c', 'echo ready; read x; exec sleep 0.05')
        process = self.begin(target)
        target.stdin.write('\n')
        target.stdin.flush()
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 0, errors)
        report = json.loads(output)
        self.assertEqual([(worker['name'], worker['pid']) for worker in report['workers']], [('sleep', target.pid)])

    def test_output(self):
        self.assert_fails(self.cli('attach', str(os.getpid()), '-o', '-'), 2, './-')
        self.assert_fails(self.cli('attach', str(os.getpid()), '-o', '/nowhere/a', '--duration', '1'), 1, '/nowhere/a')

    def test_refused(self):
        gone = subprocess.Popen(['true'])
        gone.wait()
        self.assert_fails(self.cli('attach', str(gone.pid)), 1, f'no process {gone.pid}')
        self.assert_fails(self.cli('attach', '2147483647'), 1, '2147483647')
        ended = subprocess.Popen(['true'])
        self.addCleanup(ended.wait)
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        self.assert_fails(self.cli('attach', str(ended.pid)), 1, f'Process {ended.pid} has ended already')
        for pid in ('0', '-1', 'x', '2147483648', ''):
            self.assert_fails(self.cli('attach', '--', pid), 2, f'“{pid}”', 'interleave-cli attach --help')
        self.assert_fails(self.cli('attach'), 2, 'PID')


if __name__ == '__main__':
    test_cli.main(sys.modules['__main__'])
