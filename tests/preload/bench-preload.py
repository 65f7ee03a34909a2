#!/usr/bin/python3
# bench-preload.py - what it costs to be watched: ratios to the same program alone, in one run
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   bench-preload.py [--rounds N] [CASE]...
#
# In each round each way of running comes once, in turn; figures are medians over the rounds, and how they compare to those
# of the program alone, followed by how its processor time compares. Beside ours: a library that stamps each lock and unlock,
# strace -f of futexes, valgrind's DRD, and perf record, where they are installed.
#
# Environment: INTERLEAVE_CLI, INTERLEAVE_RUNNER, INTERLEAVE_PRELOAD, INTERLEAVE_SYMBOLS, IL_BENCH_SUBJECT, IL_STAMPING.
import argparse
import os
import shutil
import statistics
import subprocess
import sys

PYTHON = '''
import threading, time
def compute():
    value = 1
    for _ in range(1500000):
        value = (value * 1103515245 + 12345) % 2147483648
threads = [threading.Thread(target=compute) for _ in range(2)]
start = time.monotonic()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print((time.monotonic() - start) * 1e3, time.process_time() * 1e3)
'''

# What is run, in which unit, how often for the slow ways, and the targets by way.
CASES = {
    'pair': ('ns', ['pair', '20000000'], ['pair', '100000'], {'locks': 1.35}),
    'pair-beside': ('ns', ['pair-beside', '20000000'], ['pair-beside', '100000'], {'locks': 1.35}),
    'contend': ('ms', ['contend', '60000'], ['contend', '3000'], {'trace': 1.05}),
    'python': ('ms', None, None, {'trace': 1.03}),
    'compute': ('ms', ['compute', '400000'], None, {'perf': 1.02}),
    'threads': ('us', ['threads', '2000'], None, {}),
    'ping-pong': ('ms', ['ping-pong', '60000'], None, {'perf': 1.4}),
}


def figure(command, environment=None):
    done = subprocess.run(command, env=dict(os.environ, **(environment or {})), capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)
    try:
        return [float(word) for word in done.stdout.split()[:2]]
    except ValueError:
        return []


def ways_of(case):
    """By name: how to run it, with what in the environment, and whether with smaller numbers."""
    subject, cli = os.environ['IL_BENCH_SUBJECT'], os.environ['INTERLEAVE_CLI']
    _, full, small, _ = CASES[case]
    command = [sys.executable, '-c', PYTHON] if full is None else [subject, *full]
    ways = {'alone': (command, None), 'trace': ([cli, 'trace', '--', *command], None)}
    if case.startswith('pair'):
        # The library and its reader, without perf.
        ways['locks'] = ways.pop('trace')
    if case in ('compute', 'ping-pong', 'threads'):
        ways['perf'] = ([cli, 'trace', '--no-locks', '--', *command], None)
        if case != 'threads':
            del ways['trace']
    if case == 'ping-pong' and shutil.which('perf'):
        # The kernel's own share: it writes the same two records for each switch, which nobody reads.
        ways['perf record'] = (['perf', 'record', '-q', '-e', 'dummy:u', '--switch-events', '-k', 'CLOCK_MONOTONIC', '-m', '128',
                                '-o', '/dev/null', *command], None)
    if case in ('pair', 'pair-beside', 'contend'):
        ways['stamping'] = (command, {'LD_PRELOAD': os.environ['IL_STAMPING']})
        slow = [subject, *small]
        ways['alone, few'] = (slow, None)
        if shutil.which('strace'):
            ways['strace -f'] = (['strace', '-f', '-o', '/dev/null', '-e', 'trace=futex', *slow], None)
        if shutil.which('valgrind'):
            ways['drd'] = (['valgrind', '-q', '--tool=drd', *slow], None)
    return ways


def measure(case, rounds):
    unit, _, _, targets = CASES[case]
    ways = ways_of(case)
    figures = {name: [] for name in ways}
    for i in range(rounds):
        for name, (command, environment) in ways.items():
            if name == 'drd' and i > 2:
                continue
            value = figure(command, environment)
            if value:
                figures[name].append(value)
    missed = 0
    for name, values in figures.items():
        if not values:
            print(f'{case:12} {name:12} cannot be run here')
            continue
        alone = figures['alone, few' if name in ('strace -f', 'drd') else 'alone']
        base, value = (statistics.median(one[0] for one in of) for of in (alone, values))
        # The program's own processor time, which others on the machine spoil less.
        own = statistics.median(one[-1] for one in values) / statistics.median(one[-1] for one in alone)
        target = targets.get(name)
        word = '' if target is None else f'  (at most {target}: {"yes" if value / base <= target else "NO"})'
        missed += target is not None and value / base > target
        print(f'{case:12} {name:12} {value:10.2f} {unit}  {value - base:+9.2f}  {value / base:8.3f}×  '
              f'{own:8.3f}×{word}', flush=True)
    return missed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--rounds', type=int, default=9)
    parser.add_argument('cases', nargs='*', choices=[*CASES, []])
    options = parser.parse_args()
    missed = sum(measure(case, options.rounds) for case in options.cases or CASES)
    print(f'{missed} targets missed')


if __name__ == '__main__':
    main()
