# traced.py - runs the subject under interleave-cli trace, for tests of the library
#
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# pylint: disable-next=wrong-import-position
from findings import facts  # noqa: E402

SUBJECT = os.environ.get('IL_SUBJECT', '')
TIMEOUT = 120


class Skip(Exception):
    """Cannot be tested here; says why."""


def read_line(*path):
    try:
        with open(os.path.join('/proc', *path), errors='replace') as file:
            return file.read().replace('\0', ' ').strip()
    except OSError as error:
        return error.strerror


def tell_processes(pid, depth=0):
    """What the process and its descendants do: of the first threads of each, state, system call and time on cores."""
    try:
        threads = sorted(os.listdir(f'/proc/{pid}/task'), key=int)
    except OSError:
        return
    yield '  ' * depth + f'{pid} {read_line(str(pid), "cmdline")[:100]}: {len(threads)} threads'
    for tid in threads[:12]:
        state = read_line(str(pid), 'task', tid, 'stat').rpartition(') ')[2].split()
        yield '  ' * depth + f'  {tid} {read_line(str(pid), "task", tid, "comm")}: {state[:1]} {state[11:13]} ' \
            f'in {read_line(str(pid), "task", tid, "wchan")}, {read_line(str(pid), "task", tid, "syscall")}'
    for tid in threads:
        children = read_line(str(pid), 'task', tid, 'children')
        for child in children.split() if children.replace(' ', '').isdigit() else []:
            yield from tell_processes(int(child), depth + 1)


def run_watched(command):
    """As subprocess.run(); where it does not come to its end, what it and its descendants do is in the error."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors='replace') as process:
        try:
            output, errors = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired as error:
            doing = '\n'.join(tell_processes(process.pid))
            process.kill()
            raise AssertionError(f'{error}\n{doing}') from error
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def run_alone(*arguments, preload=None, command=None, wrapper=()):
    """Status, output and errors of the subject without anything of ours; signals are told as a shell tells them."""
    environment = dict(os.environ)
    if preload:
        environment['LD_PRELOAD'] = preload
    done = subprocess.run([*wrapper, *(command or [SUBJECT, *arguments])], env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors='replace', timeout=TIMEOUT,
                          check=False)
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return status, done.stdout, done.stderr


class Traced:
    """A run of the subject under trace: what it said, its report, and what strace said of it."""

    last = None

    def __init__(self, *arguments, status=0, preload=None, under_strace=False, command=None, strace_filter='futex'):
        with tempfile.TemporaryDirectory(prefix='preload-') as directory:
            session = os.path.join(directory, 'trace.interleave')
            output = os.path.join(directory, 'strace')
            subject = command or [SUBJECT, *arguments]
            # Into the program alone: what runs it may be built with a sanitizer.
            if preload:
                subject = ['env', f'LD_PRELOAD={os.environ["INTERLEAVE_PRELOAD"]}:{preload}', *subject]
            if under_strace:
                subject = ['strace', '-f', '-T', '-e', f'trace={strace_filter}', '-o', output, *subject]
            done = run_watched([os.environ['INTERLEAVE_CLI'], 'trace', '-o', session, '--', *subject])
            self.output, self.errors = done.stdout, done.stderr
            assert done.returncode == status, \
                f'{" ".join(map(str, subject))}: status {done.returncode}, not {status}: {self.output[-2000:]} {self.errors[-2000:]}'
            report = subprocess.run([os.environ['INTERLEAVE_CLI'], 'report', '--json', session], capture_output=True, text=True,
                                    timeout=TIMEOUT, check=False)
            assert report.returncode == 0, f'the session cannot be read: {report.stderr}'
            self.report = json.loads(report.stdout)
            if under_strace:
                with open(output) as file:
                    self.strace = file.read().splitlines()
        Traced.last = self
        self.findings = {finding['kind'] for finding in self.report['findings']}
        self.facts = facts(self.report)
        self.notes = self.report['session']['notes']
        self.threads = self.report['workers']

    @property
    def lines(self):
        """What the subject said, up to our own figures."""
        lines = self.output.splitlines()
        ends = [i for i, line in enumerate(lines) if line.startswith('Recorded: ')]
        # The title stands before that.
        return lines[:ends[-1] - 1] if ends else lines

    @property
    def pid_of_first(self):
        return str(self.threads[0]['pid']) if self.threads else '0'

    @staticmethod
    def pick(of, name):
        found = [one for one in of if one['name'] == name]
        assert found, f'{name} is not among {[one["name"] for one in of]}'
        return found[0]

    def tell(self):
        """What may explain why a test did not hold, line by line."""
        yield f'session: {self.report["session"]}'
        yield from (f'found: {finding["text"]}' for finding in self.report['findings'])
        for lock in self.report['locks'][:20]:
            yield f'lock {lock["name"]}: ' + ', '.join(f'{key} {lock[key]}' for key in (
                'kind', 'acquisitions', 'contended', 'given_up', 'waiting', 'wait_ns'))
        yield from (f'error: {line}' for line in self.errors.splitlines()[-20:])

    def lock(self, name):
        return self.pick(self.report['locks'], name)

    def signal(self, name):
        return self.pick(self.report['signals'], name)


TRIES = 5


def in_one_of_tries(attempt):
    """What depends on who had a core when: attempt() returns what was wrong."""
    for i in range(TRIES):
        wrong = attempt()
        if not wrong:
            return
        print(f'# try {i + 1}: ' + '; '.join(wrong))
    raise AssertionError('; '.join(wrong))


def report_tests(tests, names):
    """Runs those of these names, or all; prints TAP.  Returns the exit status."""
    chosen = [test for test in tests if not names or test.__name__ in names]
    failed = 0
    print(f'1..{len(chosen)}')
    for i, test in enumerate(chosen, 1):
        label = f'{i} - {test.__name__.replace("_", "-")}'
        Traced.last = None
        try:
            test()
            print(f'ok {label}', flush=True)
        except Skip as reason:
            print(f'ok {label} # SKIP {reason}', flush=True)
        except (AssertionError, subprocess.TimeoutExpired, KeyError, IndexError, ValueError) as error:
            failed += 1
            print(''.join(f'# {line}\n' for line in traceback.format_exc().splitlines()), end='')
            print(f'not ok {label}\n# {error}'.replace('\n', '\n# ').replace('\n# # ', '\n# '), flush=True)
            if Traced.last is not None:
                print(''.join(f'# {line}\n' for line in Traced.last.tell()), end='', flush=True)
    return 1 if failed else 0
