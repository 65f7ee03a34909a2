#!/usr/bin/python3
# test_terminal.py - interleave-cli trace in a terminal: keys that send signals, jobs of a shell, full-screen programs
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Environment: as of test_cli.py.
# Prints TAP.  Nothing here depends on how fast the machine is: what has to happen is waited for.

import os
import pty
import re
import select
import shutil
import signal
import sys
import time
import unittest

import test_cli
from test_cli import CLI, wait

PYTHON = '/usr/bin/python3'
PROMPT = 'at-your-service> '

# Puts the terminal in order before it stands still, by itself alone, as pagers and editors do.
TIDY = """
import os, signal, sys, time
def stop(*unused):
    print("tidying", flush=True)
    time.sleep(0.3)
    print("tidied", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    print("back", flush=True)
signal.signal(signal.SIGTSTP, stop)
print("ready", flush=True)
print("read " + sys.stdin.readline(), end="")
sys.exit(7)
"""
CAUGHT = """
import signal, sys
signal.signal(signal.%s, lambda *unused: print("caught", flush=True))
print("ready", flush=True)
print("read " + sys.stdin.readline(), end="")
sys.exit(3)
"""

COPY = """
import sys
print("ready", flush=True)
for line in sys.stdin:
    print("read " + line, end="", flush=True)
sys.exit(6)
"""
# In one process: a shell that is about to start another may miss a key.
SLEEP = "sh -c 'ulimit -c 0; echo rea\"\"dy; exec sleep 1000'"


class Terminal:
    """A shell in a terminal of its own, as a user has it."""

    def __init__(self, environment, directory):
        self.text = ''
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            # Python ignores the first two, and who runs tests in the background the others.
            for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
                signal.signal(number, signal.SIG_DFL)
            os.execve('/bin/bash', ['bash', '--norc', '--noprofile', '--noediting', '-i'],
                      dict(environment, PS1=PROMPT, TERM='xterm', CLI=CLI, LESS='', HISTFILE=''))
        self.expect(re.escape(PROMPT))

    def type(self, text):
        os.write(self.fd, text.encode())

    def read_more(self):
        if not select.select([self.fd], [], [], 0.1)[0]:
            return
        try:
            self.text += os.read(self.fd, 65536).decode(errors='replace')
        except OSError:
            self.text += '<closed>'

    def expect(self, pattern, seconds=60):
        """Waits for it, and forgets what came up to it."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.text)
            if found is not None:
                before, self.text = self.text[:found.end()], self.text[found.end():]
                return before
            if time.monotonic() > end:
                raise AssertionError(f'waited in vain for {pattern} in {self.text!r}')
            self.read_more()

    def command(self, line):
        self.type(line + '\n')
        self.expect(re.escape(line) + '\r?\n')

    def expect_status(self, status):
        self.expect(re.escape(PROMPT))
        self.command('echo "status $?."')
        self.expect(rf'status {status}\.')
        self.expect(re.escape(PROMPT))

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class Case(test_cli.Case):
    OPTIONS = '--no-locks'

    def setUp(self):
        super().setUp()
        self.terminal = Terminal(self.environment, self.directory)
        self.addCleanup(self.end_shell)

    def end_shell(self):
        for pid in test_cli.processes_with_mark(self.mark):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.terminal.close()
        os.waitpid(self.terminal.pid, 0)

    def trace(self, command):
        self.terminal.command(f'$CLI trace {self.OPTIONS} -- {command}')

    def write_script(self, script):
        with open(self.path('script.py'), 'w', encoding='utf-8') as file:
            file.write(script)

    def python(self, script):
        """Runs it under trace, and waits until it is ready."""
        self.write_script(script)
        self.trace(f'{PYTHON} script.py')
        self.terminal.expect('ready\r\n')


    def stop(self):
        """Returns what was shown up to the word of the shell."""
        self.terminal.type('\x1a')
        before = self.terminal.expect('Stopped')
        self.terminal.expect(re.escape(PROMPT))
        return before

    def bring_back(self):
        self.terminal.command('fg')
        wait(lambda: os.tcgetpgrp(self.terminal.fd) != self.terminal.pid, 'the program to have the terminal')
        self.wait_for_trace()

    def wait_for_trace(self):
        """Until it looks after the program again: just after it has gone on, Ctrl+Z is its own for a moment."""
        def looks_after():
            for pid in test_cli.processes_with_mark(self.mark):
                try:
                    with open(f'/proc/{pid}/status', encoding='utf-8') as file:
                        lines = dict(line.split(':\t') for line in file if ':\t' in line)
                except OSError:
                    continue
                if int(lines['PPid']) == self.terminal.pid:
                    return lines['State'].startswith('S') and int(lines['SigBlk'], 16) & 1 << signal.SIGTSTP - 1
            return False

        wait(looks_after, 'trace to look after the program')


class Keys(Case):
    """What is typed is the program's to handle."""

    def test_interrupt_handled(self):
        self.python(CAUGHT % 'SIGINT')
        for _ in range(2):
            self.terminal.type('\x03')
            self.terminal.expect('caught')
        self.terminal.type('x\n')
        self.terminal.expect('read x')
        self.terminal.expect('ended with status 3')
        self.terminal.expect_status(3)

    def test_interrupt(self):
        self.trace(SLEEP)
        self.terminal.expect('ready')
        self.terminal.type('\x03')
        self.terminal.expect('killed by signal 2')
        self.terminal.expect_status(130)

    def test_quit(self):
        self.trace(SLEEP)
        self.terminal.expect('ready')
        self.terminal.type('\x1c')
        self.terminal.expect('killed by signal 3')
        self.terminal.expect_status(131)

    def test_stop_and_go_on(self):
        """The shell gets the terminal back when the program stands still, not before; as often as it does."""
        self.python(TIDY)
        for _ in range(2):
            self.assertRegex(self.stop(), r'tidying\r\ntidied\r\n')
            self.bring_back()
            self.terminal.expect('back')
        self.terminal.type('x\n')
        self.terminal.expect('read x')
        self.terminal.expect_status(7)

    def test_stop_ignored(self):
        """Who does not stand still goes on having the terminal."""
        self.python(CAUGHT % 'SIGTSTP')
        self.terminal.type('\x1a')
        self.terminal.expect('caught')
        self.terminal.type('x\n')
        self.assertNotIn('Stopped', self.terminal.expect('read x'))
        self.terminal.expect_status(3)

    def test_stop_plain(self):
        self.python(COPY)
        for _ in range(3):
            self.stop()
            self.bring_back()
            self.terminal.type('again\n')
            self.terminal.expect('read again')
        self.terminal.type('\x04')
        self.terminal.expect_status(6)

    def test_hangup(self):
        """Nothing is left when the terminal goes."""
        self.trace(SLEEP)
        self.terminal.expect('ready')
        self.terminal.close()
        wait(lambda: not test_cli.processes_with_mark(self.mark), 'the end of all processes')


class KeysWithLocks(Keys):
    OPTIONS = ''


class Widths(Case):
    def report(self, columns):
        self.terminal.command(f'stty cols {columns}; $CLI report a.interleave; echo "that w""as it"')
        text = self.terminal.expect('that was it')
        self.terminal.expect(re.escape(PROMPT))
        return text.replace('\r', '').split('\n')[:-1]

    def test_report(self):
        """A table that does not fit goes on below: the narrower the terminal, the longer the report."""
        self.assert_done(self.cli('run', 'lock-contention', '--duration', '0.2', '-o', 'a.interleave'))
        narrow, wide = self.report(60), self.report(150)
        rows = [line for line in narrow if re.search(r'\S  +\S', line)]
        self.assertLessEqual(max(map(len, rows)), 60)
        self.assertGreater(max(map(len, wide)), 60)
        self.assertGreater(len(narrow), len(wide))
        endless = self.cli('report', 'a.interleave').stdout.split('\n')[:-1]
        self.assertEqual(endless, wide)


class Jobs(Case):
    def test_background(self):
        self.terminal.command(f'$CLI trace {self.OPTIONS} -- sleep 0.1 & wait $!; echo "was $?."')
        self.terminal.expect(r'was 0\.')

    def test_read_in_background(self):
        """As without us: it stands still until it is brought to the fore."""
        self.trace("sh -c 'read x; echo rea\"\"dy; read x; echo got $x; exit 8'")
        self.terminal.type('1\n')
        self.terminal.expect('ready')
        self.stop()
        self.terminal.command('bg')
        self.terminal.command('until jobs | grep -q Stopped; do sleep 0.05; done; echo "it stands"; fg')
        self.terminal.expect('it stands')
        self.terminal.expect('sh -c')
        self.terminal.type('2\n')
        self.terminal.expect('got 2')
        self.terminal.expect_status(8)

    def test_killed_job(self):
        """A job that stands still is ended by the shell like any other: first it goes on."""
        self.trace(SLEEP)
        self.terminal.expect('ready')
        self.stop()
        self.terminal.command('kill %1')
        self.terminal.expect('the program was killed by signal 15')

    def test_left_behind(self):
        """Once the program has ended, keys are for what it left behind."""
        self.trace("sh -c 'setsid sleep 1000 & exit 4'")
        self.terminal.expect('Ctrl.C ends them')
        self.stop()
        self.bring_back()
        self.terminal.type('\x03')
        self.terminal.expect_status(4)

    def test_shell(self):
        """A shell with jobs of its own."""
        self.trace('env PS1="inner> " bash --norc --noediting -i')
        self.terminal.expect('inner> ')
        self.write_script(COPY)
        self.terminal.command(f'{PYTHON} script.py')
        self.terminal.expect('ready')
        self.terminal.type('\x1a')
        self.terminal.expect('Stopped')
        self.terminal.command('fg')
        self.terminal.type('again\n')
        self.terminal.expect('read again')
        self.terminal.type('\x03')
        self.terminal.expect('KeyboardInterrupt')
        self.terminal.expect('inner> ')
        self.terminal.command('exit 5')
        self.terminal.expect_status(5)


class Screens(Case):
    """Programs that have the terminal for themselves."""

    OPTIONS = ''

    def stop_pager(self):
        """It misses a signal that comes just before it reads a key, with us or without."""
        for _ in range(30):
            self.terminal.type('\x1a')
            try:
                self.terminal.expect('Stopped', seconds=2)
                break
            except AssertionError:
                continue
        self.terminal.expect(re.escape(PROMPT))

    @unittest.skipUnless(shutil.which('less'), 'less is not installed')
    def test_pager(self):
        with open(self.path('text'), 'w', encoding='utf-8') as file:
            file.write(''.join(f'line {i}\n' for i in range(1000)))
        self.trace('less text')
        self.terminal.expect('line 10\r\n')
        self.stop_pager()
        self.bring_back()
        self.terminal.expect('line 10\r\n')
        self.terminal.type('G')
        self.terminal.expect('line 999')
        self.terminal.type('q')
        self.terminal.expect_status(0)
        self.trace("sh -c 'cat text | less'")
        self.terminal.expect('line 10\r\n')
        self.terminal.type('q')
        self.terminal.expect_status(0)

    @unittest.skipUnless(shutil.which('vi'), 'vi is not installed')
    def test_editor(self):
        self.trace('vi text')
        self.terminal.expect('text')
        self.terminal.type('ihello\x1b')
        self.stop()
        self.bring_back()
        self.terminal.expect('hello')
        self.terminal.type(':wq\r')
        self.terminal.expect_status(0)
        with open(self.path('text'), encoding='utf-8') as file:
            self.assertEqual(file.read(), 'hello\n')

    def test_output_to_pager(self):
        """Where the pager ends first the program dies of SIGPIPE, and nothing waits."""
        self.terminal.command(f'$CLI trace {self.OPTIONS} -- yes | head -n 1; echo "was ${{PIPESTATUS[0]}}."')
        self.terminal.expect(r'was 141\.')


if __name__ == '__main__':
    test_cli.main(sys.modules['__main__'])
