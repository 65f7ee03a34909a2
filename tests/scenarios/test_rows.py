#!/usr/bin/python3
# test_rows.py - every row of the curriculum: its bundled scenarios run, and have the row's figures
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   test_rows.py alone        rows that need both cores for themselves
#   test_rows.py beside       all others, and whether any row or scenario is left out
#   test_rows.py [--runs N] ROW...    these rows, each N times at least, with a table at the end
#
# Environment: INTERLEAVE_CLI, INTERLEAVE_RUNNER, INTERLEAVE_SCENARIOS.  Prints TAP.

import argparse
import os
import subprocess
import sys
import time

from harness import HELD, RUNS, Patience, Refused, judge
from permission import WHY
from rows import FINDINGS, ROWS

NUMBERS = [f'C{number}' for number in range(1, 36)]


class Tap:
    def __init__(self, n_tests):
        self.n_told = 0
        self.is_right = True
        print(f'1..{n_tests}', flush=True)

    def tell(self, is_right, name, lines=(), reason='others or the host had the cores'):
        """is_right: None if that cannot be said, for a reason."""
        self.n_told += 1
        self.is_right = self.is_right and is_right is not False
        print(f'{"not ok" if is_right is False else "ok"} {self.n_told} {name}'
              f'{f" # SKIP {reason}" if is_right is None else ""}')
        for line in lines:
            print(f'# {line}')
        sys.stdout.flush()


def bundled():
    """Of each bundled scenario, its row."""
    listing = subprocess.run([os.environ['INTERLEAVE_CLI'], 'scenarios'], capture_output=True, text=True, check=True).stdout
    return dict(line.split('\t')[:2] for line in listing.splitlines())


def check_complete(tap):
    """No scenario and no row is left out, and each scenario is run for its own row."""
    scenarios = bundled()
    run_for = {(wanted.scenario, row.number) for row in ROWS for wanted in row.runs.values()}
    missing = sorted(set(scenarios.items()) - run_for)
    strange = sorted(run_for - set(scenarios.items()))
    tap.tell(not missing, 'every bundled scenario is run for its row', map(str, missing))
    tap.tell(not strange, 'no scenario is run for a row that is not its own', map(str, strange))
    rows = {row.number for row in ROWS}
    tap.tell(rows == set(NUMBERS), 'every row from C1 to C35 is there', sorted(rows ^ set(NUMBERS)))
    strange = sorted(set(FINDINGS) - set(scenarios))
    tap.tell(not strange, 'findings are expected of bundled scenarios', strange)
    unchecked = [row.number for row in ROWS if not row.checks or not row.why]
    tap.tell(not unchecked, 'every row has figures and says why', unchecked)


def lines_of(outcomes, disturbed, took_s):
    yield f'{took_s:.1f} s, {len(outcomes)} runs, load {os.getloadavg()[0]:.1f}'
    yield from (outcomes or disturbed)[-1].figures
    for number, outcome in enumerate(outcomes, 1):
        for words in outcome.broken:
            yield f'run {number}: WRONG {words}'
        for words in outcome.missed:
            yield f'run {number}: missed {words} ({outcome.circumstances})'
    for outcome in disturbed:
        yield f'one more run did not count ({outcome.circumstances}): {"; ".join(outcome.missed)}'


def name_of(row):
    return f'{row.number}: {row.why}'


def test_rows(tap, rows, n_runs):
    table = []
    patience = Patience()
    for row in rows:
        begin = time.monotonic()
        try:
            is_right, outcomes, disturbed = judge(row, FINDINGS, n_runs, patience)
        except Refused:
            tap.tell(None, name_of(row), reason=WHY)
            continue
        lines = list(lines_of(outcomes, disturbed, time.monotonic() - begin))
        if row.left_out:
            lines.append(f'left out: {row.left_out}')
        tap.tell(is_right, name_of(row), lines)
        table.append((row, outcomes, len(disturbed)))
    return table


def print_table(table):
    print('# row: runs that held; what did not hold, and how often')
    for row, outcomes, n_disturbed in table:
        n_held = sum(1 for outcome in outcomes if outcome.held)
        names = [words.partition(':')[0] for outcome in outcomes for words in outcome.broken + outcome.missed]
        missed = ', '.join(f'{name} {names.count(name)}×' for name in dict.fromkeys(names))
        print(f'# {row.number} {"/".join(dict.fromkeys(wanted.scenario for wanted in row.runs.values()))}: '
              f'{n_held} of {len(outcomes)}{"; " + missed if missed else ""}'
              f'{f"; {n_disturbed} did not count" if n_disturbed else ""}')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--runs', type=int, default=1, choices=range(1, RUNS + 1))
    parser.add_argument('which', nargs='+', help='alone, beside, all or numbers of rows')
    options = parser.parse_args()
    which = options.which
    rows = [row for row in ROWS
            if row.number in which or ('alone' if row.is_alone else 'beside') in which or 'all' in which]
    n_checks = 5 if 'beside' in which or 'all' in which else 0
    tap = Tap(len(rows) + n_checks)
    if n_checks:
        check_complete(tap)
    table = test_rows(tap, rows, options.runs)
    if options.runs > 1:
        print_table(table)
    print(f'# a row whose figures depend on timing must hold in {HELD} of {RUNS} runs')
    return 0 if tap.is_right else 1


if __name__ == '__main__':
    sys.exit(main())
