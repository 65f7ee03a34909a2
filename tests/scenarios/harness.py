# harness.py - runs rows of the curriculum: what a row is, how it is judged, how it is told
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A row is a set of runs of bundled scenarios and a list of checks of their reports.  A check is
# exact, and must hold each time, or it depends on timing.  A row of which such a check does not
# hold is run again, up to RUNS times in all, and must hold in HELD of them.  Exact is what follows
# from the scenario alone: on a busy machine a worker may not have had its turn once when the time of
# a run is over, and of what never happened a report has no figure.

import dataclasses
import json
import operator
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
# pylint: disable-next=wrong-import-position
from findings import PATTERNS  # noqa: E402
from permission import is_refused  # noqa: E402

RUNS = 10
HELD = 9
RUN_TIMEOUT = 120

# A row that needs both cores waits until they are free, but not for ever.
FREE_SHARE = 0.3
FREE_WITHIN_S = 5

# If others then have more than this of the cores, the run did not have two cores, and what it missed
# says nothing: it does not count.  Neither does it, of any row, if there was more beside it than one
# other test; if the host of a virtual machine took so much of the time that cores were wanted, "steal"
# in proc(5); or if a core was not there for so long even to one who but sleeps, as when all of the
# machine stands still, which no figure of the kernel tells.  So many runs of a row may not count, and
# so much time may go to them in all: then nothing can be said of the row here.  Likewise where there
# is but one core.
OTHERS_SHARE = 0.2
BESIDE_SHARE = 0.6
STOLEN_SHARE = 0.1
LATE_S = 0.1
DISTURBED = 10
DISTURBED_S = 120

OPERATORS = {'>': operator.gt, '<': operator.lt, '≥': operator.ge, '≤': operator.le, '=': operator.eq,
             '∋': lambda all, some: set(some) <= set(all)}


@dataclasses.dataclass
class Run:
    """A run of a scenario: options of the command line, and knobs."""
    scenario: str
    options: dict = dataclasses.field(default_factory=dict)
    knobs: dict = dataclasses.field(default_factory=dict)

    def arguments(self):
        found = ['run', self.scenario, '--json']
        for key, value in self.options.items():
            found += [f'--{key}', str(value)]
        for key, value in self.knobs.items():
            found += ['--set', f'{key}={value}']
        return found


def run(scenario, model=None, workers=None, tasks=None, duration=None, **knobs):
    options = {'model': model, 'workers': workers, 'tasks': tasks, 'duration': duration}
    return Run(scenario, {key: value for key, value in options.items() if value is not None}, knobs)


@dataclasses.dataclass
class Check:
    """figure OPERATOR bound; both an expression as evaluate() knows it, or a function of all reports."""
    name: str
    figure: object
    operator: str
    bound: object
    is_exact: bool


def exact(name, figure, sign, bound):
    return Check(name, figure, sign, bound, True)


def timing(name, figure, sign, bound):
    return Check(name, figure, sign, bound, False)


@dataclasses.dataclass
class Row:
    """A row of the curriculum, or a part of it."""
    number: str
    why: str
    runs: dict
    checks: list
    is_alone: bool = False  # needs both cores for itself
    needs_scheduler: bool = False  # every switch must be seen
    left_out: str = ''  # what the row also asks for, and why it is not checked here


PATH = r'[a-z_]+(?:\[[^\]]+\])?(?:\.[a-z_0-9]+(?:\[[^\]]+\])?)*'
WORDS = {'min': min, 'max': max, 'abs': abs, 'sum': sum, 'len': len, 'sorted': sorted, 'set': set}
FIGURE = re.compile(rf'([a-z0-9-]+):({PATH})')


class Refused(Exception):
    """The kernel does not permit what the row needs."""


class Report(dict):
    """A report, whose members have paths as the manual page writes them."""

    def get_figure(self, path):
        """locks[A].wait_ns.p99 is of the only lock whose name or kind is A; workers[*].tasks of each,
        holders[0] is the first."""
        return get_member(self, [part for part in re.findall(r'([a-z_0-9]+)|\[([^\]]+)\]', path)])


def get_member(value, path):
    if not path:
        return value
    key, name = path[0]
    if key:
        return get_member(value[key], path[1:])
    if name == '*':
        return [get_member(entry, path[1:]) for entry in value]
    if name.isdigit():
        return get_member(value[int(name)], path[1:])
    found = [entry for entry in value if name in (entry.get('name'), entry.get('kind'))]
    if len(found) != 1:
        raise LookupError(f'{len(found)} of {name}')
    return get_member(found[0], path[1:])


def evaluate(figure, reports):
    """A function of all reports; or an expression of RUN:PATH, as in 'long:tasks.done / short:tasks.done'."""
    if callable(figure):
        return figure(reports)
    if not isinstance(figure, str) or not FIGURE.search(figure):
        return figure
    values = {}

    def take(match):
        name = f'figure_{len(values)}'
        values[name] = reports[match[1]].get_figure(match[2])
        return name

    return eval(FIGURE.sub(take, figure), {'__builtins__': WORDS}, values)


def report_of(wanted):
    with tempfile.TemporaryDirectory(prefix='rows-') as directory:
        environment = dict(os.environ, XDG_RUNTIME_DIR=directory, LC_ALL='C.UTF-8')
        arguments = [os.environ['INTERLEAVE_CLI'], *wanted.arguments()]
        result = subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment,
                                stdin=subprocess.DEVNULL, timeout=RUN_TIMEOUT)
        left = os.listdir(directory)
    if result.returncode != 0:
        raise AssertionError(f'{" ".join(arguments[1:])}: status {result.returncode}: {result.stderr}')
    if left:
        raise AssertionError(f'{" ".join(arguments[1:])}: left behind {left}')
    report = Report(json.loads(result.stdout))
    report.is_refused = is_refused(result.stderr)
    return report


class Sleeper(threading.Thread):
    """Does nothing but sleep, on one core: how late it is awake says how long the core was not there."""

    INTERVAL_S = 0.02

    def __init__(self, core):
        super().__init__(daemon=True)
        self.core = core
        self.worst_s = 0.0
        self.woke_s = time.monotonic()
        self.start()

    def run(self):
        os.sched_setaffinity(0, {self.core})
        while True:
            time.sleep(self.INTERVAL_S)
            now_s = time.monotonic()
            self.worst_s = max(self.worst_s, now_s - self.woke_s - self.INTERVAL_S)
            self.woke_s = now_s

    def take_worst_s(self):
        """How late it was at most since it was asked last."""
        worst_s = max(self.worst_s, time.monotonic() - self.woke_s - self.INTERVAL_S)
        self.worst_s = 0.0
        return worst_s


class Ticks:
    """Of all cores, since it was made; one at a time."""

    sleepers = []

    def __init__(self):
        if not self.sleepers:
            self.sleepers += [Sleeper(core) for core in sorted(os.sched_getaffinity(0))]
        self.get_late_s()
        self.begin = self.look()

    def get_late_s(self):
        """How long some core was not there in one piece, at most."""
        return max(sleeper.take_worst_s() for sleeper in self.sleepers)

    @staticmethod
    def look():
        with open('/proc/stat', encoding='ascii') as file:
            return [int(word) for word in file.readline().split()[1:9]]

    def get_shares(self):
        """(of all time, that cores were busy; of the time that they were wanted, what the host took)"""
        ticks = [now - then for now, then in zip(self.look(), self.begin)]
        wanted = sum(ticks) - ticks[3] - ticks[4]
        return wanted / max(1, sum(ticks)), ticks[7] / max(1, wanted)


def has_cores():
    return len(os.sched_getaffinity(0)) > 1


def busy_share(interval_s):
    ticks = Ticks()
    time.sleep(interval_s)
    return ticks.get_shares()[0]


def wait_for_cores():
    end = time.monotonic() + FREE_WITHIN_S
    while busy_share(0.2) > FREE_SHARE and time.monotonic() < end:
        pass


def share_of_others(report):
    shares = [core['busy_share'] - (core['target_share'] or 0)
              for core in report['cores'] if core['busy_share'] is not None]
    return sum(shares) / max(1, len(shares))


def false_alarms(name, wanted, report, allowed):
    """Patterns must be absent as often as other rows must hold; what else is found is wrong even once."""
    return [(finding['kind'], f'{name}: {wanted.scenario} is right, but this was found: {finding["text"]}')
            for finding in report['findings'] if finding['kind'] not in allowed]


def sound(name, report):
    """What must hold of each run of each scenario: all counts add up."""
    tasks = report['tasks']
    ended = tasks['done'] + tasks['failed'] + tasks['cancelled'] + tasks['lost'] + tasks['pending']
    problems = []
    if tasks['submitted'] != ended:
        problems.append(f'{name}: {tasks["submitted"]} tasks submitted, {ended} ended')
    if tasks['failed'] != 0:
        problems.append(f'{name}: {tasks["failed"]} tasks failed')
    for queue in report['queues']:
        if queue['final_depth'] != queue['puts'] - queue['gets']:
            problems.append(f'{name}: queue {queue["name"]} ends at {queue["final_depth"]}')
    return problems


def text_of(value):
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f'{value:.3g}'


class Outcome:
    """One run of a row: what held, what not, and the figures."""

    def __init__(self):
        self.broken = []  # exact ones
        self.missed = []  # those of timing
        self.figures = []
        self.others = 0.0  # their share of the cores, in the run where it was largest
        self.stolen = 0.0  # likewise what the host took
        self.late_s = 0.0  # how long some core was not there, at most

    @property
    def circumstances(self):
        return f'others {self.others:.2f}, host {self.stolen:.2f}, a core was late by {self.late_s * 1000:.0f} ms'

    @property
    def held(self):
        return not self.broken and not self.missed

    def is_disturbed(self, is_alone):
        had_cores = (has_cores() and self.stolen <= STOLEN_SHARE and self.late_s <= LATE_S
                     and self.others <= (OTHERS_SHARE if is_alone else BESIDE_SHARE))
        return not had_cores and not self.broken and self.missed != []

    def take(self, check, reports):
        is_there = True
        try:
            value = evaluate(check.figure, reports)
            bound = evaluate(check.bound, reports)
            holds = OPERATORS[check.operator](value, bound)
        except (LookupError, TypeError, ValueError, ZeroDivisionError) as error:
            # The run's time may be over before that has happened once.
            value, bound, holds, is_there = f'{type(error).__name__}: {error}', '?', False, False
        words = f'{check.name}: {text_of(value)} {check.operator} {text_of(bound)}'
        self.figures.append(words)
        if not holds:
            (self.broken if check.is_exact and is_there else self.missed).append(words)


def run_once(row, allowed):
    outcome = Outcome()
    reports = {}
    if row.is_alone:
        wait_for_cores()
    for name, wanted in row.runs.items():
        ticks = Ticks()
        try:
            reports[name] = report_of(wanted)
        except AssertionError as error:
            outcome.broken.append(str(error))
            return outcome
        outcome.others = max(outcome.others, share_of_others(reports[name]))
        outcome.stolen = max(outcome.stolen, ticks.get_shares()[1])
        outcome.late_s = max(outcome.late_s, ticks.get_late_s())
        # As they are if nobody has a core to read them: no count holds then.
        if reports[name]['session']['lost_events'] != 0:
            outcome.missed.append(f'{name}: lost {reports[name]["session"]["lost_events"]} events')
            return outcome
        outcome.broken += sound(name, reports[name])
        for kind, words in false_alarms(name, wanted, reports[name], allowed.get(wanted.scenario, set())):
            (outcome.missed if kind in PATTERNS else outcome.broken).append(words)
        if row.needs_scheduler and reports[name].is_refused:
            raise Refused
        if row.needs_scheduler and reports[name]['session']['scheduler'] != 'perf':
            outcome.broken.append(f'{name}: the scheduler is sampled, so the row’s figures are not known')
    for check in row.checks:
        outcome.take(check, reports)
    return outcome


class Patience:
    """How much time may still go to runs that do not count, of all rows."""

    def __init__(self):
        self.left_s = DISTURBED_S


def judge(row, allowed, n_runs, patience):
    """Runs a row as often as needed, at least n_runs times; returns (is right, outcomes that count, those that do not).

    It is None, not whether it is right, if that cannot be said."""
    outcomes, disturbed = [], []
    while len(outcomes) < RUNS:
        begin = time.monotonic()
        outcome = run_once(row, allowed)
        if outcome.is_disturbed(row.is_alone):
            patience.left_s -= time.monotonic() - begin
            disturbed.append(outcome)
            if len(disturbed) > DISTURBED or patience.left_s <= 0:
                return None, outcomes, disturbed
            continue
        outcomes.append(outcome)
        n_missed = sum(1 for outcome in outcomes if outcome.missed)
        is_decided = n_missed == 0 or n_missed > RUNS - HELD or any(outcome.broken for outcome in outcomes)
        if is_decided and len(outcomes) >= n_runs:
            break
    n_missed = sum(1 for outcome in outcomes if outcome.missed)
    is_right = n_missed <= RUNS - HELD and not any(outcome.broken for outcome in outcomes)
    return is_right, outcomes, disturbed
