#!/usr/bin/python3
# test_trace.py - interleave-cli trace: a program runs under it as it runs alone, and all of it is recorded
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Environment: as of test_cli.py.
# Prints TAP.  Nothing here depends on how fast the machine is: what has to happen is waited for.

import ast
import contextlib
import errno
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

import test_cli
from test_cli import CLI, wait

PYTHON = '/usr/bin/python3'
SYS_FUTEX = 202 if os.uname().machine == 'x86_64' else 98
with open('/proc/sys/kernel/core_pattern', encoding='utf-8') as pattern:
    CORE_FILES = pattern.read().strip() == 'core' and resource.getrlimit(resource.RLIMIT_CORE)[1] == resource.RLIM_INFINITY


def state_of(pid):
    """As /proc says: R, S, T …"""
    with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
        return file.read().rpartition(') ')[2][0]


class Case(test_cli.Case):
    OPTIONS = ['--no-locks']

    def trace(self, *command, options=(), **others):
        return self.cli('trace', *self.OPTIONS, *options, '--', *command, **others)

    def report(self, name='a.interleave'):
        result = self.cli('report', name, '--json')
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def threads(self, report):
        return [worker['name'] for worker in report['workers']]


class Program(Case):
    """It is as if it was started without us."""

    VARIABLES = set()

    def test_exit_status(self):
        for status in (0, 1, 2, 3, 42, 255):
            self.assertEqual(self.trace('sh', '-c', f'exit {status}').returncode, status)

    def test_memory(self):
        """What is mapped to record a program is not taken for its own: the ring of a thread has megabytes."""
        result = self.cli('trace', '--json', '--', 'sleep', '0.6')
        peak = json.loads(result.stdout)['workers'][0]['peak_pss_bytes']
        self.assertGreater(peak, 0)
        self.assertLess(peak, 3 << 20)

    def test_killed_by_signal(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV):
            self.assertEqual(self.trace('sh', '-c', f'kill -{number} $$').returncode, 128 + number)

    @unittest.skipUnless(CORE_FILES, 'no core files are written to the directory of the program here')
    def test_core(self):
        result = self.trace('sh', '-c', 'ulimit -c 10000; exec sh -c \'kill -SEGV $$\'', options=['-o', 'a.interleave'])
        self.assertEqual(result.returncode, 128 + signal.SIGSEGV)
        self.assertIn('killed by signal 11 (SIGSEGV), core dumped', result.stderr)
        session = json.loads(self.cli('report', 'a.interleave', '--json').stdout)['session']
        self.assertEqual(session['end'], 'completed, killed 11, core dumped')

    CRASH = """
import ctypes, hashlib, sys, threading, time

def state_of(thread):
    with open(f'/proc/self/task/{thread.native_id}/stat') as file:
        return file.read().rpartition(') ')[2][0]

sleeper = threading.Thread(target=time.sleep, args=(60,), daemon=True)
sleeper.start()
while state_of(sleeper) != 'S':
    pass
if sys.argv[1] == 'beside':
    other = threading.Thread(target=hashlib.pbkdf2_hmac, args=('sha256', b'', b'', 10**9), daemon=True)
    other.start()
    while time.clock_gettime(time.pthread_getcpuclockid(other.ident)) < 0.02:
        time.sleep(0.01)
ctypes.string_at(0)
"""

    def test_crashed_thread(self):
        """Who waits did not crash; of several who do not it is not known which did."""
        for what in ('alone', 'beside'):
            result = self.cli('trace', '-o', 'a.interleave', '--', PYTHON, '-c', self.CRASH, what)
            self.assertEqual(result.returncode, 128 + signal.SIGSEGV)
            report = self.report()
            crashed = report['session']['crashed_thread']
            self.assertEqual(crashed is not None, what == 'alone', crashed)
            endings = {worker['name']: worker['ending'] for worker in report['workers']}
            self.assertEqual({name for name, ending in endings.items() if ending == 'crashed'}, {crashed} - {None})
            # None: it took the kernel longer than it mostly does.
            self.assertEqual({ending for name, ending in endings.items() if name != crashed} - {None}, {'with_process'})
            self.assertEqual({worker['signal'] for worker in report['workers'] if worker['ending']}, {signal.SIGSEGV})
            for ending in ('crashed', 'with_process'):
                self.assertEqual(report['endings'][ending], list(endings.values()).count(ending))
            self.assertEqual('alone did not wait when it died' in result.stderr, what == 'alone', result.stderr)

    def test_crashed_alone(self):
        """Of a program of one thread it is known, and goes without saying."""
        result = self.cli('trace', '-o', 'a.interleave', '--', 'sh', '-c', 'kill -SEGV $$')
        self.assertEqual(result.returncode, 128 + signal.SIGSEGV)
        self.assertEqual(self.report()['session']['crashed_thread'], 'sh')
        self.assertNotIn('alone did not wait', result.stderr)
        self.assertEqual([worker['ending'] for worker in self.report()['workers']], ['crashed'])

    def test_output_unchanged(self):
        script = 'printf out; printf err >&2; printf more'
        result = self.trace('sh', '-c', script)
        self.assertEqual(result.stdout, 'outmore')
        self.assertTrue(result.stderr.startswith('err'), result.stderr)
        self.assertIn('sh -c', result.stderr)

    def test_input(self):
        process = self.start('trace', *self.OPTIONS, '--', 'cat', stdin=subprocess.PIPE, text=True)
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
                self.assertEqual(run(CLI, 'trace', *self.OPTIONS, '--', *command), run(*command))
            finally:
                os.close(7)

    def test_closed_descriptors(self):
        """Those that are closed stay so, also for what we open ourselves."""
        script = 'n=0; for i in 0 1 2; do [ -e /proc/self/fd/$i ] && n=$((n + (1 << i))); done; exit $n'
        for closed in range(8):
            redirections = ' '.join(f'{i}>&-' for i in range(3) if closed >> i & 1)
            shell = ['sh', '-c', f'exec "$0" "$@" {redirections}', CLI, 'trace', *self.OPTIONS, '--', 'sh', '-c', script]
            result = subprocess.run(shell, stdin=subprocess.DEVNULL, capture_output=True, env=self.environment, check=False)
            self.assertEqual(result.returncode, 7 - closed, (redirections, result.stderr))

    def test_signals(self):
        """What is ignored and blocked is as whoever started us has it."""
        script = 'import re; print(re.findall("Sig(?:Blk|Ign|Cgt).*", open("/proc/self/status").read()))'
        for prepare in ('', 'trap "" PIPE; ', 'trap "" CHLD; ', 'trap "" INT TERM HUP; '):
            alone = subprocess.run(['sh', '-c', f'{prepare}exec "$@"', 'sh', PYTHON, '-c', script], capture_output=True, text=True,
                                   check=True).stdout
            traced = subprocess.run(['sh', '-c', f'{prepare}exec "$@"', 'sh', CLI, 'trace', *self.OPTIONS, '--', PYTHON, '-c',
                                     script], capture_output=True, text=True, env=self.environment, check=True).stdout
            self.assertEqual(traced, alone, prepare)

    def test_environment(self):
        """It is the program's own, but for what names the library and where it records to."""
        script = 'import os; print(sorted(os.environ.items()))'
        alone = subprocess.run([PYTHON, '-c', script], capture_output=True, text=True, env=self.environment, check=True).stdout
        traced = ast.literal_eval(self.trace(PYTHON, '-c', script).stdout)
        self.assertEqual([item for item in traced if item[0] not in self.VARIABLES], ast.literal_eval(alone))
        self.assertEqual({name for name, value in traced if name in self.VARIABLES}, self.VARIABLES)

    def test_group_and_session(self):
        script = 'import os; print(os.getpgid(0), os.getsid(0))'
        process = self.start('trace', *self.OPTIONS, '--', PYTHON, '-c', script, text=True, start_new_session=True)
        output, errors = process.communicate()
        self.assertEqual(output, f'{process.pid} {process.pid}\n', errors)

    def test_options_of_the_command(self):
        """What looks like ours behind the name of the program is the program's."""
        for separator in ([], ['--']):
            result = self.cli('trace', *self.OPTIONS, *separator, 'echo', '--json', '-o', '--', 'x')
            self.assertEqual((result.returncode, result.stdout), (0, '--json -o -- x\n'))


class ProgramWithLocks(Program):
    OPTIONS = []
    VARIABLES = {'LD_PRELOAD', 'INTERLEAVE_TRACE'}

    def test_killed_threads(self):
        """The kernel ends one after the other; who left before, and what it started, was not killed."""
        # Python's threads are joined before the kernel's have ended.
        script = ('import os, signal, subprocess, threading, time\n'
                  'early = threading.Thread(target=len, args=("",)); early.start(); early.join()\n'
                  'while len(os.listdir("/proc/self/task")) > 1: pass\n'
                  'subprocess.run(["true"]); threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n'
                  'os.kill(os.getpid(), signal.SIGKILL)')
        result = self.trace(PYTHON, '-c', script, options=['-o', 'a.interleave'])
        self.assertEqual(result.returncode, 128 + signal.SIGKILL)
        report = self.report()
        main, early, *_, child = report['workers']
        self.assertEqual([main['pid'], child['pid'] == main['pid']], [early['pid'], False])
        self.assertEqual([early['ending'], child['ending'], child['signal']], [None, None, None])
        killed = [worker for worker in report['workers'] if worker['ending'] == 'killed']
        self.assertIn(len(killed), (1, 2))
        self.assertEqual({(worker['pid'], worker['signal'], worker['ended_ns'] is None) for worker in killed},
                         {(main['pid'], signal.SIGKILL, False)})
        self.assertEqual(report['endings']['killed'], len(killed))
        self.assertNotIn('Workers', result.stderr)


class Recording(Case):
    def test_tree(self):
        result = self.trace('sh', '-c', 'true; sleep 0.05 & (sleep 0.01); wait', options=['-o', 'a.interleave'])
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('Session: a.interleave\n', result.stderr)
        report = self.report()
        self.assertEqual(sorted(name for name in self.threads(report) if name.startswith('sleep')), ['sleep', 'sleep 2'], report['workers'])
        self.assertEqual(report['session']['lost_events'], 0)

    def test_threads(self):
        script = ('import threading\nthreads = [threading.Thread(target=lambda: sum(range(100000))) for i in range(5)]\n'
                  'for thread in threads: thread.start()\nfor thread in threads: thread.join()')
        result = self.trace(PYTHON, '-c', script, options=['--json'])
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(len(report['workers']), 6)
        self.assertEqual(len({worker['pid'] for worker in report['workers']}), 1)

    def test_cores(self):
        """Whoever had the program was busy, also where the kernel's ticks missed it."""
        for _ in range(5):
            self.trace('sh', '-c', 'i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); done', options=['-o', 'a.interleave'])
            cores = self.report()['cores']
            self.assertGreater(sum(core['target_share'] for core in cores), 0)
            for core in cores:
                self.assertGreaterEqual(core['busy_share'] or 1, core['target_share'])

    def test_json_is_the_last(self):
        result = self.trace('printf', 'mine\n', options=['--json'])
        self.assertTrue(result.stdout.startswith('mine\n{'), result.stdout)
        json.loads(result.stdout[len('mine\n'):])


class Joining(Case):
    """Processes that load the library, and those that do not."""

    OPTIONS = []

    def test_absent(self):
        """Told once for each program; also that is in the recording."""
        result = self.trace('sh', '-c', 'for i in 1 2 3; do env -i /bin/sleep 0.01; done', options=['-o', 'a.interleave'])
        self.assertEqual(result.returncode, 0, result.stderr)
        notes = [note for note in self.notes(result.stderr) if 'did not load the library' in note]
        if self.report()['session']['scheduler'] == 'perf':
            self.assertEqual(len(notes), 1, result.stderr)
            self.assertIn('of sleep (process', notes[0])
            self.assertEqual(len(self.report()['session']['notes']), 1)

    def test_all_join(self):
        """Children by fork and by exec, also one that has closed all descriptors."""
        script = ('import os, subprocess, multiprocessing\n'
                  'def close():\n    os.closerange(0, 1000)\n    os.execv("/bin/true", ["true"])\n'
                  'process = multiprocessing.Process(target=close); process.start(); process.join()\n'
                  'subprocess.run(["true"])\n'
                  'if os.fork() == 0: os._exit(0)\nos.wait()\n')
        result = self.trace(PYTHON, '-c', script)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.notes(result.stderr), [])

    def test_one_after_the_other(self):
        """A process that executes one program after the other joins in each of them."""
        script = 'bash -c "exec sh -c \\"exec basename x\\""; ' * 3 + 'exec sh -c "exec true"'
        result = self.trace('bash', '-c', script)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.notes(result.stderr), [])

    def test_order(self):
        """Threads stand in the order in which they were made, and so do the numbers of equal names, also of those that
        name themselves."""
        script = ('import ctypes, threading\nprctl, met = ctypes.PyDLL(None).prctl, threading.Barrier(12)\n'
                  'def run(name):\n    prctl(15, name)\n    met.wait()\n'
                  'for i in range(12): threading.Thread(target=run, args=([b"right", b"left"][i % 2],)).start()\n')
        report = json.loads(self.trace(PYTHON, '-c', script, options=['--json']).stdout)
        numbers = [''] + [f' {number}' for number in range(2, 7)]
        self.assertEqual(self.threads(report)[1:], [side + number for number in numbers for side in ('right', 'left')])


class Telling(Case):
    """What hangs is told while it does, in the words of the report."""
    OPTIONS = []
    PROGRAM = """if True:
        import threading
        one, other, both = threading.Lock(), threading.Lock(), threading.Barrier(2)
        def take(first, second):
            with first:
                both.wait()
                second.acquire()
        threading.Thread(target=take, args=(one, other)).start()
        take(other, one)"""

    def test_queue_of_nobody(self):
        """Python's queues wait for semaphores, which the handler of a signal may post; here is none."""
        process = self.start('trace', '--duration', '60', '--', PYTHON, '-c', 'import queue; queue.Queue().get()')
        line = self.read_until(process, 'Stuck')
        self.assertRegex(line, 'could (post|let go of) <string>:1: .*; only a signal from outside could end that')
        process.send_signal(signal.SIGTERM)
        process.communicate()

    def test_word_of_nobody(self):
        """Locks of other libraries sleep on words, as of C++ (libstdc++) without a word on who has them."""
        script = f'import ctypes; ctypes.CDLL(None).syscall({SYS_FUTEX}, ctypes.pointer(ctypes.c_int()), 0, 0, None)'
        process = self.start('trace', '--duration', '60', '--', PYTHON, '-c', script)
        self.assertRegex(self.read_until(process, 'Stuck'), 'could notify .*; only a signal from outside could end that')
        process.send_signal(signal.SIGTERM)
        process.communicate()

    def test_queue_of_handler(self):
        script = ('import queue, signal; q = queue.SimpleQueue(); signal.signal(signal.SIGALRM, lambda *_: q.put(1)); '
                  'signal.setitimer(signal.ITIMER_REAL, 2.6); q.get()')
        result = self.trace(PYTHON, '-c', script)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn('Stuck', result.stderr)
        self.assertNotIn('Deadlock', result.stderr)

    def test_names_are_found_first(self):
        slow = os.path.join(self.directory, 'slow-symbols')
        with open(slow, 'w', encoding='utf-8') as file:
            file.write(f'#!/bin/sh\nsleep 1\nexec {os.environ["INTERLEAVE_SYMBOLS"]}\n')
        os.chmod(slow, 0o755)
        process = self.start('trace', '--', PYTHON, '-c', self.PROGRAM, env={'INTERLEAVE_SYMBOLS': slow})
        line = self.read_until(process, 'Deadlock')
        self.assertRegex(line, r'holds .*<string>:\d+.* and waits for .*<string>:\d+')
        self.assertNotIn('0x', line)
        process.send_signal(signal.SIGTERM)
        process.communicate()

    def read_until(self, process, word):
        line = ''
        while word not in line:
            line = process.stderr.readline().decode()
            self.assertNotEqual(line, '', f'the run ended without “{word}”')
        return line

    def test_taken_back(self):
        """A lock that a thread wants again may be given back on Ctrl+C: what was told is taken back."""
        script = ('import os, threading\nlock = threading.Lock()\n'
                  'thread = threading.Thread(target=lambda: (lock.acquire(), lock.acquire()))\n'
                  'print(os.getpid(), flush=True)\nthread.start()\n'
                  'try: thread.join()\nexcept KeyboardInterrupt: lock.release()\n')
        process = self.start('trace', '--', PYTHON, '-c', script)
        pid = int(process.stdout.readline())
        line = self.read_until(process, 'Deadlock')
        self.assertIn('which it holds itself', line)
        os.kill(pid, signal.SIGINT)
        line = self.read_until(process, 'No deadlock any more')
        self.assertIn('which it holds itself', line)
        process.communicate()
        self.assertEqual(process.returncode, 0)

    def test_opened_from_outside(self):
        """A circle through Python's locks is none for who gives one of them back from outside, and did not take it."""
        script = ('import threading, time\none, other, both = threading.Lock(), threading.Lock(), threading.Barrier(3)\n'
                  'def take(first, second):\n  first.acquire()\n  both.wait()\n  second.acquire()\n  other.release()\n'
                  'threads = [threading.Thread(target=take, args=pair) for pair in ((one, other), (other, one))]\n'
                  'for thread in threads: thread.start()\n'
                  'both.wait()\ntime.sleep(1)\none.release()\nfor thread in threads: thread.join()\n')
        result = self.trace(PYTHON, '-c', script, options=['--json'])
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn('eadlock', result.stderr)
        self.assertNotIn('deadlock', [finding['kind'] for finding in json.loads(result.stdout)['findings']])

    def test_not_timed(self):
        """Acquisitions before somebody waits are only counted, and that stands beside the holds."""
        script = ('import threading, time\nlock = threading.Lock()\nfor i in range(100):\n  with lock: pass\n'
                  'lock.acquire()\nthread = threading.Thread(target=lock.acquire)\nthread.start()\ntime.sleep(0.1)\n'
                  'lock.release()\nthread.join()')
        self.trace(PYTHON, '-c', script, options=['-o', 'a.interleave'])
        text = self.cli('report', 'a.interleave').stdout
        holds = text.partition('How long locks were held')[2]
        self.assertRegex(holds.splitlines()[0], 'not timed$')
        self.assertRegex(holds, r'(?m)^<string>:\d+ .* 100$')
        self.assertIn('are only counted', text)


class Input(Case):
    OPTIONS = []

    def test_no_io(self):
        """Waits for input are seen, unless they are left out."""
        script = 'import os; r, w = os.pipe()\nif os.fork() == 0: import time; time.sleep(0.2); os._exit(0)\nos.close(w); os.read(r, 1)'
        waited = []
        for options in ([], ['--no-io']):
            result = self.trace(PYTHON, '-c', script, options=['--json', *options])
            self.assertEqual(result.returncode, 0, result.stderr)
            waited.append(sum(worker['states']['io_wait_ns'] for worker in json.loads(result.stdout)['workers']))
        self.assertGreater(waited[0], 100_000_000)
        self.assertEqual(waited[1], 0)


@unittest.skipUnless(os.geteuid() == 0 and shutil.which('setpriv'), 'only root can be another user')
class Unprivileged(Case):
    def test_scheduler(self):
        """Every switch is seen where the kernel permits it to anybody; else it is said what would permit it."""
        other = ['setpriv', '--reuid=65534', '--clear-groups', CLI]
        try:
            subprocess.run([*other, '--version'], stdout=subprocess.DEVNULL, check=True)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest('another user may not execute interleave-cli here')
        result = subprocess.run([*other, 'trace', '--json', '--no-locks', '--', 'sh', '-c', 'sleep 0.05; exit 3'], text=True, cwd='/',
                                capture_output=True, env=self.environment, check=False)
        self.assertEqual(result.returncode, 3, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(len(report['workers']), 2)
        with open('/proc/sys/kernel/perf_event_paranoid', encoding='utf-8') as file:
            is_permitted = int(file.read()) <= 2
        if not is_permitted:
            self.assertIn('sudo sysctl kernel.perf_event_paranoid=2', result.stderr)
        elif report['session']['scheduler'] != 'perf':
            self.assertIn('container', result.stderr)


class Losses(Case):
    OPTIONS = []

    def test_incomplete(self):
        """Where something is missing that nobody counted it is not said that nothing is."""
        self.trace('true', options=['-o', 'a.interleave'])
        self.assertFalse(self.report()['session']['incomplete'])
        self.assertIn('none lost', self.cli('report', 'a.interleave').stdout)
        with contextlib.closing(sqlite3.connect(self.path('a.interleave'))) as session, session:
            session.execute("INSERT INTO meta (key, value) VALUES ('incomplete', '1')")
        self.assertTrue(self.report()['session']['incomplete'])
        text = self.cli('report', 'a.interleave').stdout
        self.assertNotIn('none lost', text)
        self.assertIn('others are missing', text)

    def test_full_disk(self):
        """The program goes on as before; that the session is not whole is said."""
        mount = self.path('disk')
        script = ('import subprocess\nfile = open("disk/other", "wb", 0)\n'
                  'try:\n  while True: file.write(bytes(1 << 12))\nexcept OSError: pass\n'
                  'for i in range(50): subprocess.run(["true"])\nprint("done")')
        os.mkdir(mount)
        if os.geteuid() != 0 or subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=256k', 'none', mount], check=False,
                                               stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest('no small disk can be made')
        try:
            result = self.trace(PYTHON, '-c', script, options=['-o', 'disk/a.interleave'])
        finally:
            subprocess.run(['umount', mount], check=True)
        self.assertEqual(result.stdout, 'done\n')
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn('disk/a.interleave', result.stderr)
        self.assertNotIn('Session: disk', result.stderr)


class Refused(Case):
    """What cannot be run is said in one line, before anything is started."""

    def write(self, name, content, mode=0o755):
        with open(self.path(name), 'wb') as file:
            file.write(content)
        os.chmod(self.path(name), mode)

    def elf(self, machine=None, loader=None):
        """The beginning of a program as the loader sees it, of this machine if no other is named."""
        with open('/proc/self/exe', 'rb') as file:
            header = bytearray(file.read(64))
        header[16:18] = (2).to_bytes(2, 'little')  # ET_EXEC
        if machine is not None:
            header[18:20] = machine.to_bytes(2, 'little')
        name = loader.encode() + b'\0' if loader is not None else b''
        segment = bytearray(56)
        segment[0:4] = (3 if loader is not None else 1).to_bytes(4, 'little')  # PT_INTERP, PT_LOAD
        segment[8:16] = (64 + 56).to_bytes(8, 'little')
        segment[32:40] = len(name).to_bytes(8, 'little')
        header[32:40] = (64).to_bytes(8, 'little')
        header[54:56] = (56).to_bytes(2, 'little')
        header[56:58] = (1).to_bytes(2, 'little')
        return bytes(header) + bytes(segment) + name

    def refused(self, *command, options=()):
        result = self.cli('trace', *options, '-o', 'a.interleave', '--', *command)
        self.assertFalse(os.path.exists(self.path('a.interleave')))
        return result

    def test_missing(self):
        self.assert_fails(self.refused('no-such-program'), 1, 'no-such-program', 'PATH')
        self.assert_fails(self.refused('./no-such'), 1, './no-such: No such file')
        self.assert_fails(self.refused(''), 1, 'empty')
        self.write('script', b'#!/no/such/interpreter -x\n')
        self.assert_fails(self.refused('./script'), 1, './script is to be run by /no/such/interpreter, which is not there')

    def test_no_program(self):
        self.write('plain', b'#!/bin/sh\n', 0o644)
        self.assert_fails(self.refused('./plain'), 1, './plain', 'Permission denied')
        self.assert_fails(self.refused(self.directory), 1, self.directory, 'directory')
        self.assert_fails(self.refused('/dev/null'), 1, '/dev/null')

    def test_static(self):
        self.write('static', self.elf())
        self.write('script', f'#!{self.path("static")} -x\n'.encode())
        self.write('by-env', b'#!/usr/bin/env -S X=1 static -x\n')
        self.assert_fails(self.refused('./static'), 1, './static', 'statically', '--no-locks')
        self.assert_fails(self.refused('./script'), 1, './script: ', 'statically', '--no-locks')
        environment = {'PATH': f'{self.directory}:{os.environ["PATH"]}'}
        self.assert_fails(self.cli('trace', 'by-env', env=environment), 1, '/by-env: ', 'statically', '--no-locks')

    def test_foreign(self):
        self.write('other', self.elf(machine=0x1234, loader='/lib64/ld-linux-x86-64.so.2'))
        self.assert_fails(self.refused('./other'), 1, 'processor', '--no-locks')
        self.write('musl', self.elf(loader='/lib/ld-musl-x86_64.so.1'))
        self.assert_fails(self.refused('./musl'), 1, '/lib/ld-musl-x86_64.so.1', '--no-locks')

    def test_address_sanitizer(self):
        """Its runtime ends a program that has anything preloaded; where it is linked in, it does not."""
        self.write('hello.c', b'int main(void) { return 3; }\n', 0o644)
        subprocess.run(['gcc', '-fsanitize=address', 'hello.c', '-o', 'shared'], cwd=self.directory, check=True)
        subprocess.run(['gcc', '-fsanitize=address', '-static-libasan', 'hello.c', '-o', 'within'], cwd=self.directory, check=True)
        self.assert_fails(self.refused('./shared'), 1, './shared', 'AddressSanitizer', '--no-locks')
        self.assertEqual(self.cli('trace', '--no-locks', './shared').returncode, 3)
        self.assertEqual(self.cli('trace', './within').returncode, 3)

    @unittest.skipUnless(os.geteuid() == 0, 'only root can give a file to another user')
    def test_privileged(self):
        self.write('privileged', self.elf(loader='/lib64/ld-linux-x86-64.so.2'))
        os.chown(self.path('privileged'), 65534, -1)
        os.chmod(self.path('privileged'), 0o4755)
        self.assert_fails(self.refused('./privileged'), 1, 'setuid', '--no-locks')

    def test_recorded_without_locks(self):
        """What is refused for its locks alone is recorded without them, if it can be executed."""
        self.write('script', b'#!/bin/sh\nexit 7\n')
        self.assertEqual(self.trace('./script').returncode, 7)
        self.write('broken', b'#!/dev/null\n')
        result = self.cli('trace', '--no-locks', './broken')
        self.assert_fails(result, 1, './broken', 'Permission denied')

    def test_misuse(self):
        self.assert_fails(self.cli('trace'), 2, 'COMMAND', 'interleave-cli trace --help')
        self.assert_fails(self.cli('trace', '--'), 2, 'COMMAND')
        self.assert_fails(self.cli('trace', '--dance', 'true'), 2, '--dance')
        self.assert_fails(self.cli('trace', '--duration', 'soon', 'true'), 2, 'soon')

    def test_no_library(self):
        gone = {'INTERLEAVE_PRELOAD': '/nowhere/lib.so'}
        self.assert_fails(self.cli('trace', 'true', env=gone), 1, '/nowhere/lib.so', 'INTERLEAVE_PRELOAD')

    def test_no_runner(self):
        gone = {'INTERLEAVE_RUNNER': '/nowhere/interleave-runner'}
        self.assert_fails(self.cli('trace', '--no-locks', 'true', env=gone), 1, 'INTERLEAVE_RUNNER')

    def test_output(self):
        self.assert_fails(self.cli('trace', '-o', '-', 'true'), 2, './-')
        self.assert_fails(self.cli('trace', '-o', '--', 'true'), 2, 'found “--”', './--')
        self.assert_fails(self.cli('trace', '-o', '', 'true'), 2, '--output', 'found “”')
        self.assertEqual(os.listdir(self.directory), ['run'])

    def test_unwritable_output(self):
        result = self.cli('trace', '--no-locks', '-o', '/nowhere/a.interleave', 'touch', 'started')
        self.assert_fails(result, 1, '/nowhere/a.interleave')
        # The directory is there, but nobody may make a file in it.
        result = self.cli('trace', '--no-locks', '-o', '/sys/a.interleave', 'touch', 'started')
        self.assert_fails(result, 1, '/sys/a.interleave')
        self.assertNotIn(os.strerror(errno.ENOENT), result.stderr)
        self.assertFalse(os.path.exists(self.path('started')))


class Stopping(Case):
    def begin(self, script, *options):
        # Without a terminal: in one a program that stands still is let go on by its shell.
        process = self.start('trace', '--no-locks', '-o', 'a.interleave', *options, '--', 'sh', '-c', script, text=True,
                             start_new_session=True)
        self.assertEqual(process.stdout.readline(), 'ready\n')
        return process

    def end(self, process):
        output, errors = process.communicate()
        return process.returncode, output, errors

    def test_terminate(self):
        """SIGTERM to us ends all of the tree, wherever it went, in good order."""
        process = self.begin('setsid sleep 1000 & trap "echo bye; exit 5" TERM; echo ready; sleep 1000 & wait; wait')
        process.send_signal(signal.SIGTERM)
        status, output, errors = self.end(process)
        self.assertEqual((status, output), (5, 'bye\n'), errors)
        self.assertTrue(self.report()['session']['end'].startswith('stopped, exited 5'))

    def test_kill_after_grace(self):
        process = self.begin('trap "" TERM INT; echo ready; while :; do sleep 1; done')
        process.send_signal(signal.SIGINT)
        status, _, errors = self.end(process)
        self.assertEqual(status, 128 + signal.SIGKILL, errors)
        self.assertIn('SIGKILL', errors)

    def test_killed_are_those_that_were_asked(self):
        """Who was started since is none that did not end when it was asked to."""
        process = self.begin('trap ":" TERM; echo ready; sleep 1000; while :; do sleep 1000; done')
        process.send_signal(signal.SIGTERM)
        status, _, errors = self.end(process)
        self.assertEqual(status, 128 + signal.SIGKILL, errors)
        self.assertRegex(errors, r'(?m)1 process did not end when it was asked to \(SIGTERM\) and was killed: sh$')

    def test_first_thread_has_left(self):
        """A process whose first thread has ended looks like a zombie, and is none."""
        script = ('import ctypes, threading, time; threading.Thread(target=time.sleep, args=(1000,)).start(); '
                  'ctypes.CDLL(None).pthread_exit(None)')
        process = self.begin(f'echo ready; echo $$; exec /usr/bin/python3 -c "{script}"')
        pid = int(process.stdout.readline())
        wait(lambda: state_of(pid) == 'Z', 'the first thread to end')
        process.send_signal(signal.SIGTERM)
        status, _, errors = self.end(process)
        self.assertEqual(status, 128 + signal.SIGTERM, errors)
        self.assertTrue(self.report()['session']['end'].startswith('stopped, killed 15'))

    def test_stopped_program(self):
        """One that stands still hears that it is to end."""
        process = self.begin('echo ready; echo $$; kill -STOP $$')
        pid = int(process.stdout.readline())
        wait(lambda: state_of(pid) == 'T', 'the program to stand still')
        # As it does without us, it goes on doing so: nobody is there to let it go on.
        time.sleep(0.3)
        self.assertEqual(state_of(pid), 'T')
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.end(process)[0], 128 + signal.SIGTERM)

    def test_duration(self):
        result = self.trace('sleep', '1000', options=['--duration', '0.1'])
        self.assertEqual(result.returncode, 128 + signal.SIGTERM, result.stderr)

    def test_signal_from_the_program(self):
        """What it sends to its whole group is not meant for us."""
        process = self.start('trace', '--no-locks', '--', PYTHON, '-c',
                             'import os, signal, time\nsignal.signal(signal.SIGTERM, lambda *x: None)\n'
                             'os.kill(0, signal.SIGTERM)\ntime.sleep(0.2)\nos._exit(6)', start_new_session=True)
        process.communicate()
        self.assertEqual(process.returncode, 6)

    def test_killed_recorder(self):
        """Nothing that was started is left, and what was written can be read."""
        process = self.begin('setsid sleep 1000 & sleep 1000 & echo ready; sleep 1000')
        wait(lambda: os.path.exists(self.path('a.interleave')), 'the session')
        process.kill()
        process.communicate()
        wait(lambda: not test_cli.processes_with_mark(self.mark), 'the end of all processes')
        result = self.cli('report', 'a.interleave')
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_killed_runner(self):
        process = self.begin('setsid sleep 1000 & sleep 1000 & echo ready; sleep 1000')
        with open(f'/proc/{process.pid}/task/{process.pid}/children', encoding='utf-8') as file:
            children = file.read().split()
        for task in os.listdir(f'/proc/{process.pid}/task'):
            with open(f'/proc/{process.pid}/task/{task}/children', encoding='utf-8') as file:
                children += file.read().split()
        os.kill(int(children[0]), signal.SIGKILL)
        status, _, errors = self.end(process)
        self.assertEqual(status, 1)
        self.assertIn('the runner was killed by signal 9 (SIGKILL)', errors)
        self.assertEqual(test_cli.processes_with_mark(self.mark), [])

    def test_left_behind(self):
        """What the program leaves behind is recorded, too, and told; its exit status is the program's."""
        process = self.start('trace', '--no-locks', '-o', 'a.interleave', '--', 'sh', '-c', 'setsid sleep 1000 & exit 4', text=True)
        line = process.stderr.readline()
        self.assertIn('1 process that it started goes on', line)
        self.assertIn('sleep', line)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.end(process)[0], 4)


if __name__ == '__main__':
    test_cli.main(sys.modules['__main__'])
