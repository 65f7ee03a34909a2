#!/usr/bin/python3
# real.py - programs that we did not write run under trace as they do alone
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: real.py [--seconds N] [--no-locks] [--table] [NAME]...
#
# Each program that is installed runs alone and under `interleave-cli trace`. Exit status and standard output must be the
# same, but for what the program itself says differently each time, and the figures must make sense. Prints TAP; with
# --table the rows of the table in README.md as well. --seconds: about how long each runs, where it can be chosen.
#
# Environment: INTERLEAVE_CLI, INTERLEAVE_RUNNER, INTERLEAVE_PRELOAD, INTERLEAVE_SYMBOLS.
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from permission import WHY, is_refused  # noqa: E402

PROGRAMS = os.path.join(os.path.dirname(HERE), 'programs')
TIMEOUT = 300
PYTHON = '/usr/bin/python3'


class Missing(Exception):
    """The program, or something that it needs, is not installed here."""


class Refused(Exception):
    """The kernel does not permit what is needed."""


class Kept(Exception):
    """What must hold does not."""


def need(*names):
    for name in names:
        if shutil.which(name) is None:
            raise Missing(name)


def build(*command):
    need(command[0])
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Missing(f'{command[0]}: {done.stderr.splitlines()[-1] if done.stderr else done.returncode}')


def pkg_config(name):
    need('pkg-config')
    done = subprocess.run(['pkg-config', '--cflags', '--libs', name], capture_output=True, text=True)
    if done.returncode != 0:
        raise Missing(name)
    return done.stdout.split()


class Work:
    """A directory of its own for each program; how to make what it needs, and what to run."""

    def __init__(self, directory, seconds):
        self.directory = directory
        self.seconds = seconds

    def path(self, name):
        return os.path.join(self.directory, name)

    def data(self, megabytes):
        """Text that can be compressed, but not to nothing."""
        path = self.path('data')
        if not os.path.exists(path):
            with open(path, 'w') as file:
                state = 1
                for _ in range(megabytes * 16384):
                    state = (state * 1103515245 + 12345) & 0x7fffffff
                    file.write(f'{state:064x}'[-32:] + 'a line of a file to compress..\n'[:32])
        return path


def python_for_long(name, *arguments):
    """Again and again, each time for a second or so."""
    return lambda work: ['sh', '-c', f'for i in $(seq {work.seconds}); do {PYTHON} {os.path.join(PROGRAMS, name)} '
                                     f'{" ".join(arguments)} || exit; done']


def xz(work):
    need('xz')
    return ['xz', '-T2', '-3', '--block-size=1MiB', '-c', work.data(max(4, 2 * work.seconds))]


def pigz(work):
    need('pigz')
    return ['pigz', '-p2', '-n', '-c', work.data(max(8, 20 * work.seconds))]


def sqlite(work):
    need('sqlite3')
    rows = 100000 * work.seconds
    return ['sqlite3', ':memory:',
            'create table t (a, b); with recursive n (i) as (select 1 union all select i + 1 from n where '
            f'i < {rows}) insert into t select i, i * 7919 % 65537 from n; create index i on t (b); '
            'select count (*), sum (b), max (b) from t;']


def redis(work):
    need('redis-check-rdb', 'redis-benchmark', 'redis-cli')
    # One program, which goes by its name.  Debian's package that has this name, too, starts a service.
    os.symlink(shutil.which('redis-check-rdb'), work.path('redis-server'))
    script = f'''
{work.path('redis-server')} --port 0 --unixsocket {work.path('socket')} --io-threads 2 --io-threads-do-reads yes --save '' \\
  --dir {work.directory} --daemonize no >{work.path('log')} 2>&1 &
server=$!
while [ ! -S {work.path('socket')} ]; do sleep 0.05; done
redis-benchmark -s {work.path('socket')} -q -c 8 -n {15000 * work.seconds} -t set,get >{work.path('figures')} && echo measured
redis-cli -s {work.path('socket')} shutdown nosave
wait $server
echo server $?
'''
    return ['sh', '-c', script]


def sysbench(test, *arguments):
    def make(work):
        need('sysbench')
        return ['sysbench', test, '--threads=4', f'--time={work.seconds}', *arguments, 'run']
    return make


def stress_ng(stressor):
    def make(work):
        need('stress-ng')
        return ['stress-ng', f'--{stressor}', '2', '--timeout', str(work.seconds), '--quiet']
    return make


def bash(work):
    need('bash', 'seq', 'sort', 'tee', 'wc')
    return ['bash', '-c', f'set -o pipefail; seq {100000 * work.seconds} | tee >(wc -l >/dev/null) | sort -r | tail -n 1; '
                          'for i in 1 2 3; do (exit $i) & done; wait; exit 7']


def make_j(work):
    need('make')
    with open(work.path('Makefile'), 'w') as file:
        file.write('all: a b c d\n%:\n\t@sleep 0.2; echo made >$@.out\n')
    return ['make', '-s', '-C', work.directory, '-j2', 'all']


def cxx(work):
    build('g++', '-g', '-O2', '-pthread', os.path.join(HERE, 'mutex.cpp'), '-o', work.path('mutex'))
    return [work.path('mutex'), str(work.seconds)]


def tbb(work):
    build('g++', '-g', '-O2', os.path.join(HERE, 'tbb.cpp'), '-o', work.path('tbb'), *pkg_config('tbb'))
    return [work.path('tbb'), str(work.seconds)]


def openmp(work):
    build('gcc', '-g', '-O2', '-fopenmp', os.path.join(HERE, 'openmp.c'), '-o', work.path('openmp'))
    return [work.path('openmp'), str(work.seconds)]


def glib(work):
    build('gcc', '-g', '-O2', os.path.join(HERE, 'thread-pool.c'), '-o', work.path('thread-pool'), *pkg_config('glib-2.0'))
    return [work.path('thread-pool'), str(work.seconds)]


def rust(work):
    build('rustc', '-O', os.path.join(HERE, 'mutex.rs'), '-o', work.path('mutex'))
    return [work.path('mutex'), str(work.seconds)]


def java(work):
    need('java')
    build('javac', '-d', work.directory, os.path.join(HERE, 'Locks.java'))
    return ['java', '-cp', work.directory, 'Locks', str(work.seconds)]


def nothing(text):
    """Of output that is different each time."""
    return ''


def without_figures(text):
    return re.sub(r'[0-9.]+', 'N', text)


# name, what it is to be called in the table, how it is made, what of its output is compared, what its trace must show:
# at least so many threads, and a kind of lock that somebody waited for ('' where there need not be any)
LIST = [
    ('python-threads', 'Python, threads that compute', python_for_long('interpreter-lock.py'), without_figures, 3),
    ('python-pool', 'Python, multiprocessing', python_for_long('pool-end.py', 'close'), str, 3),
    ('python-asyncio', 'Python, asyncio', python_for_long('coroutines.py', '200'), without_figures, 1),
    ('c++', 'C++, std::mutex and condition_variable', cxx, str, 4),
    ('onetbb', 'oneTBB, parallel_for', tbb, str, 2),
    ('openmp', 'OpenMP (libgomp)', openmp, str, 2),
    ('glib', 'GLib, GThreadPool', glib, str, 4),
    ('xz', 'xz -T2', xz, str, 2),
    ('pigz', 'pigz -p2', pigz, str, 2),
    ('sqlite3', 'sqlite3 shell', sqlite, str, 1),
    ('redis', 'redis-server with io-threads, its benchmark', redis, str, 3),
    ('sysbench-mutex', 'sysbench mutex', sysbench('mutex', '--mutex-num=4', '--mutex-loops=100', '--mutex-locks=20000'),
     nothing, 5),
    ('sysbench-threads', 'sysbench threads', sysbench('threads', '--thread-locks=2'), nothing, 5),
    ('stress-ng-mutex', 'stress-ng --mutex', stress_ng('mutex'), str, 3),
    ('stress-ng-sem', 'stress-ng --sem', stress_ng('sem'), str, 3),
    ('bash', 'bash with pipes', bash, str, 4),
    ('make', 'make -j2', make_j, str, 5),
    ('rust', 'Rust, std::sync::Mutex', rust, str, 4),
    ('java', 'Java, synchronized', java, str, 4),
]


def run(command, directory):
    """(status, standard output, standard error)"""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                               cwd=directory, start_new_session=True)
    try:
        output, errors = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise Kept(f'does not end: {command[0]}') from None
    status = process.returncode
    return 128 - status if status < 0 else status, output, errors.decode(errors='replace')


def compare(alone, traced, choose):
    """What of the two must be the same; bytes that are no text are compared as they are."""
    if alone[0] != traced[0]:
        raise Kept(f'exit status {traced[0]}, alone {alone[0]}: {traced[2].strip()[-500:]}')
    if choose is str:
        if alone[1] != traced[1]:
            raise Kept(f'output {traced[1][-200:]!r}, alone {alone[1][-200:]!r}')
    elif choose(alone[1].decode()) != choose(traced[1].decode()):
        raise Kept(f'output {choose(traced[1].decode())!r}, alone {choose(alone[1].decode())!r}')


def look(report, n_threads, may_miss_some):
    """The figures must make sense."""
    session = report['session']
    if session['duration_ns'] <= 0:
        raise Kept('nothing was recorded')
    if len(report['workers']) < n_threads:
        if may_miss_some:
            raise Refused
        raise Kept(f'{len(report["workers"])} threads, expected at least {n_threads}')
    for worker in report['workers']:
        total = sum(worker['states'].values())
        if abs(total - worker['lifetime_ns']) > 1000:
            raise Kept(f'the states of {worker["name"]} add up to {total} ns of {worker["lifetime_ns"]}')
    # All of them come to their end.  What depends on who had the cores is not looked at.
    for finding in report['findings']:
        if finding['kind'] in ('deadlock', 'lock_order'):
            raise Kept(finding['text'])
    for lock in report['locks']:
        # Each of the threads may have waited to the end, as Java's does that is to handle signals.
        if lock['contended'] > lock['acquisitions'] + len(lock['waiters']):
            raise Kept(f'{lock["name"]}: {lock["contended"]} waits, {lock["acquisitions"]} acquisitions')


def row(title, report):
    session = report['session']
    waits = [(lock['wait_ns']['total'], lock['name'], lock['contended']) for lock in report['locks'] if lock['contended']]
    waits += [(one['wait_ns']['total'], one['name'], one['wake_ups']) for one in report['signals'] if one['wake_ups']]
    names = ', '.join(f'{name} ({n})' for _, name, n in sorted(waits, reverse=True)[:3]) or '–'
    processes = len({worker['pid'] for worker in report['workers']})
    return (f'| {title} | {processes} / {len(report["workers"])} | {names} | '
            f'{session["events"]} | {session["lost_events"]} |')


def check(entry, seconds, how, cli):
    _, title, make, choose, n_threads = entry
    with tempfile.TemporaryDirectory(prefix='interleave-real-') as directory:
        work = Work(directory, seconds)
        command = make(work)
        alone = run(command, directory)
        for name in os.listdir(directory):
            if name.endswith('.out') or name == 'socket':
                os.unlink(work.path(name))
        session = work.path('trace.interleave')
        traced = run([cli, 'trace', *how, '-o', session, '--', *command], directory)
        compare(alone, traced, choose)
        status, output, errors = run([cli, 'report', '--json', session], directory)
        if status != 0:
            raise Kept(f'report: {errors.strip()}')
        report = json.loads(output)
        # Samples miss who lives between two of them.
        look(report, n_threads, not report['session']['locks_seen'] and is_refused(traced[2]))
        return row(title, report)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seconds', type=int, default=2)
    parser.add_argument('--no-locks', action='store_true', help='see what the scheduler does alone')
    parser.add_argument('--table', action='store_true')
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    entries = [entry for entry in LIST if not options.names or entry[0] in options.names]
    how = ['--no-locks'] if options.no_locks else []
    rows, n_failed = [], 0

    print(f'1..{len(entries)}')
    for number, entry in enumerate(entries, 1):
        try:
            rows.append(check(entry, options.seconds, how, os.environ['INTERLEAVE_CLI']))
            print(f'ok {number} {entry[0]}', flush=True)
        except Refused:
            print(f'ok {number} {entry[0]} # SKIP {WHY}', flush=True)
        except Missing as missing:
            print(f'ok {number} {entry[0]} # SKIP not installed: {missing}', flush=True)
        except Kept as broken:
            n_failed += 1
            print(f'not ok {number} {entry[0]}\n# {broken}', flush=True)
    if options.table:
        print('| program | processes / threads | waited for (times) | events | lost |\n| --- | --- | --- | --- | --- |')
        print('\n'.join(rows))
    return n_failed > 0


if __name__ == '__main__':
    sys.exit(main())
