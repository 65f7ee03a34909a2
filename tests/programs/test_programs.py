#!/usr/bin/python3
# test_programs.py - the Python programs for teaching, under trace: what they say, and what is seen of it
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   test_programs.py [ROW]...
#
# A check of what follows from the program alone must hold each time, however long the machine keeps any thread waiting; one
# of times, and of who met whom, in one of TRIES runs.  A run does not count in which other programs, or the host of a virtual
# machine, had the cores; where all were such, the row says so and is left out.
#
# Environment: INTERLEAVE_CLI, INTERLEAVE_RUNNER, INTERLEAVE_PRELOAD, INTERLEAVE_SYMBOLS.  Prints TAP.
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'scenarios'))
# pylint: disable=wrong-import-position
from harness import LATE_S, OTHERS_SHARE, STOLEN_SHARE, Patience, Ticks, has_cores, share_of_others, wait_for_cores  # noqa: E402
from findings import facts  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = '/usr/bin/python3'
TRIES = 5
DISTURBED_S = 240  # so much time may go to runs that do not count
TIMEOUT = 120


class Seen:
    """A run: what the program said, and the report of it."""
    disturbed = False  # some run, since this was set to False
    texts = []  # what was found in those

    def __init__(self, program, *arguments):
        ticks = Ticks()
        with tempfile.TemporaryDirectory(prefix='programs-') as directory:
            session = os.path.join(directory, 'trace.interleave')
            command = [PYTHON, os.path.join(HERE, program), *arguments]
            traced = self.run('trace', '-o', session, '--', *command)
            self.text = traced.stdout
            self.report = json.loads(self.run('report', '--json', session).stdout)
            self.findings = {finding['kind'] for finding in self.report['findings']}
            self.facts = facts(self.report)
        others, stolen, late_s = share_of_others(self.report), ticks.get_shares()[1], ticks.get_late_s()
        Seen.disturbed = (Seen.disturbed or others > OTHERS_SHARE or stolen > STOLEN_SHARE or late_s > LATE_S
                          or not has_cores())
        Seen.texts.append(f'{program} {" ".join(arguments)}: {self.text.strip()} (others {others:.2f}, host {stolen:.2f}, '
                          f'a core was late by {late_s * 1000:.0f} ms)')
        Seen.texts += [f'found: {finding["text"]}' for finding in self.report['findings']]

    def cycles(self):
        """How many hold what another one of them waits for, in each deadlock that was found."""
        return {finding['text'].count(' holds ') for finding in self.report['findings'] if finding['kind'] == 'deadlock'}

    def imbalance(self):
        """How much less the least busy of the processes of one thread ran than the most busy one."""
        pids = [thread['pid'] for thread in self.threads]
        running = [thread['states']['running_ns'] for thread in self.threads if pids.count(thread['pid']) == 1]
        return 1 - min(running) / max(running)

    @staticmethod
    def run(*arguments):
        done = subprocess.run([os.environ['INTERLEAVE_CLI'], *arguments], capture_output=True, text=True, timeout=TIMEOUT,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise AssertionError(f'{" ".join(arguments)}: status {done.returncode}: {done.stderr}')
        return done

    def said(self, pattern):
        """The number that the program said there."""
        found = re.search(pattern, self.text)
        if found is None:
            raise AssertionError(f'{pattern!r} is not in {self.text!r}')
        return float(found[1])

    @property
    def threads(self):
        return self.report['workers']

    @property
    def processes(self):
        return {thread['pid'] for thread in self.threads}

    @property
    def wall_ns(self):
        return self.report['session']['duration_ns']

    def running_ns(self):
        return sum(thread['states']['running_ns'] for thread in self.threads)

    def locks(self, *kinds):
        """Those of Python's own that have these kinds, the most waited for first."""
        found = [lock for lock in self.report['locks'] if lock['kind'] in kinds and '+' not in lock['name']]
        return sorted(found, key=lambda lock: -lock['wait_ns']['total'])

    @property
    def interpreter_lock(self):
        found = self.locks('gil')
        return found[0] if found else None

    def lock_of(self, name):
        """The program's own, that more than one such thread is seen to have had; None: it was hardly ever waited for."""
        found = [lock for lock in self.locks('binary')
                 if sum(holder['name'].startswith(name) for holder in lock['holders']) > 1]
        return found[0] if found else None

    def count_waiters(self, least_ns):
        """Threads that waited so long for one lock."""
        return sum(waiter['wait_ns'] > least_ns for lock in self.locks('binary', 'semaphore') for waiter in lock['waiters'])

    def count_wakes(self):
        return sum(lock['contended'] for lock in self.locks('binary', 'semaphore'))


def at_once(seen):
    """How many of its threads' lives overlap what all of them last, on average: 1 is one after the other."""
    return sum(thread['lifetime_ns'] for thread in seen.threads) / seen.wall_ns


def two_jobs():
    serial, threads, processes = (Seen('two-jobs.py', way) for way in ('serial', 'threads', 'processes'))
    exact = [('in series there is one thread', len(serial.threads) == 1),
             ('as threads they are of one process', len(threads.processes) == 1 and len(threads.threads) == 3),
             ('as processes they are two more', len(processes.processes) == 3),
           ('there is one interpreter’s lock', len(threads.locks('gil')) == 1)]
    by_threads, by_processes = serial.wall_ns / threads.wall_ns, serial.wall_ns / processes.wall_ns
    return exact, [(f'processes are quicker: {by_processes:.2f}', by_processes > 1.4),
                   (f'threads are not: {by_threads:.2f}', by_threads < 1.3)]


def interpreter_lock():
    threads, processes = (Seen('interpreter-lock.py', way) for way in ('threads', 'processes'))
    of_threads = threads.running_ns() / threads.wall_ns
    of_processes = processes.running_ns() / processes.wall_ns
    lock = threads.interpreter_lock
    shares = [waiter['share'] for waiter in lock['waiters'] if waiter['waits'] > 10] if lock else []
    hand_overs = lock['hand_overs_per_second'] if lock else 0
    exact = [('they are threads', len(threads.processes) == 1), ('they are processes', len(processes.processes) == 3),
             ('the interpreter’s lock is seen', lock is not None and lock['name'].startswith('Python GIL (')),
             ('processes wait for nobody’s', sum(one['contended'] for one in processes.locks('gil')) < 20)]
    return exact, [(f'threads have one core: {of_threads:.2f}', of_threads < 1.3),
                   (f'processes have two: {of_processes:.2f}', of_processes > 1.4),
                   (f'both wait half of their lives: {shares}', len(shares) == 2 and min(shares) > 0.3),
                   # 200 intervals of 5 ms in a second, and a hand-over at the end of each.
                   (f'hand-overs: {hand_overs:.0f}', 60 < hand_overs < 260),
                   ('no speed-up by threads', threads.said('speed-up ([0-9.]+)') < 1.2),
                   ('speed-up by processes', processes.said('speed-up ([0-9.]+)') > 1.4)]


def interpreter_lock_waiting():
    seen = Seen('interpreter-lock-waiting.py')
    return [('eight clients and who made them', len(seen.threads) == 9)], \
        [('they hardly wait for the interpreter’s lock',
          seen.interpreter_lock is None or seen.interpreter_lock['wait_ns']['total'] < 0.1 * seen.wall_ns),
         ('their sleeps overlap', seen.said('speed-up ([0-9.]+)') > 5), ('so do their lives', at_once(seen) > 5)]


def pool_batches():
    fine, coarse = (Seen('pool-batches.py', size) for size in ('1', '20'))
    pattern, wait = r'idle for ([0-9.]+) s', r'waited ([0-9.]+) s'
    return [('two workers and the program', len(fine.processes) == 3 == len(coarse.processes))], \
        [('the first worker is idle at the end of large chunks', coarse.said(pattern) > 3 * fine.said(pattern) + 0.1),
         ('which shows in how long each of them ran', coarse.imbalance() > fine.imbalance() + 0.3),
         ('half of the tasks waited while others ran', fine.said(wait) > 0.1 and coarse.said(wait) > 0.1)]


def pool_end():
    close, terminate = (Seen('pool-end.py', way) for way in ('close', 'terminate'))
    return [('closed, all is done', close.said(r'close: (\d+) of') == 20),
            ('terminated, it is in the midst of it', terminate.said(r'terminate: (\d+) of') >= 4),
            ('two workers', len(close.processes) == 3 == len(terminate.processes))], \
        [('and the rest is not done', terminate.said(r'terminate: (\d+) of') < 20)]


def producer_consumer():
    seen = Seen('producer-consumer.py')
    return [('never more than there is room for', seen.said('at most ([0-9]+)') <= 4),
            ('a producer and two consumers', len(seen.threads) == 4)], \
        [('as many as there is room for', seen.said('at most ([0-9]+)') == 4),
         ('the producer found it full', seen.said('full ([0-9]+) times') > 5),
         ('it is mostly full', seen.said(r'([0-9.]+) on average') > 2),
         ('the producer waits for room', seen.count_waiters(0.05e9) > 0)]


def while_not_empty():
    wrong, right = (Seen('while-not-empty.py', way) for way in ('wrong', 'right'))
    return [('the right one leaves nothing', right.said('right: ([0-9]+)') == 0)], \
        [('the wrong one leaves items', wrong.said('wrong: ([0-9]+)') > 0)]


def batch_under_lock():
    batch, each = (Seen('batch-under-lock.py', way) for way in ('batch', 'each'))
    pattern = 'waited ([0-9]+) ms'
    return [('a reader, and a writer three times', len(batch.threads) == 5 == len(each.threads))], \
        [('the reader waits for the batch', batch.said(pattern) > 3 * each.said(pattern) + 30),
         ('the lock is held for the batch', any((lock['hold_ns']['p99'] or 0) > 90e6 for lock in batch.locks('binary'))),
         ('and waited for so long', any((lock['wait_ns']['max'] or 0) > 50e6 for lock in batch.locks('binary')))]


def separate_heaps():
    seen = Seen('separate-heaps.py')
    return [('a thread changes the counter', seen.said(r'thread: (\d+)') == 1000),
            ('a process changes its own', seen.said(r'process: (\d+)') == 0),
            ('there were two processes', len(seen.processes) == 2)], []


def lock_contention():
    short, long = (Seen('lock-contention.py', milliseconds) for milliseconds in ('1', '8'))
    visits, long_visits = short.lock_of('visitor'), long.lock_of('visitor')
    exact = [('three visitors', len(short.threads) == 4 == len(long.threads)),
             ('each visit is counted', all(lock is None or lock['acquisitions'] == 60 for lock in (visits, long_visits))),
             ('in line it takes as long as all their visits', long.wall_ns > 3 * 20 * 8e6),
             ('the lock is called by its line', all(lock is None or re.fullmatch(r'visit \(lock-contention.py:\d+\)', lock['name'])
                                                    for lock in (visits, long_visits)))]
    return exact, [('they have to wait', long_visits is not None),
                   ('else hardly longer than one of them', short.wall_ns < 0.5 * long.wall_ns),
                   ('the longer it is held, the more wait', visits is None or long_visits is None
                    or long_visits['contended_share'] > visits['contended_share']),
                   ('and the longer', visits is None or long_visits is None
                    or long_visits['wait_ns']['p99'] > 2 * visits['wait_ns']['p99'])]


def recursive_lock():
    recursive, plain = (Seen('recursive-lock.py', way) for way in ('recursive', 'plain'))
    # It has a second to come there.
    return [('the recursive one is entered again', recursive.said('entered ([0-9]+) deep') == 2),
            ('the plain one is waited for', 'plain: waits for itself' in plain.text),
            ('and nothing else is wrong', not recursive.facts and plain.facts.keys() <= {'deadlock'})], \
        [('that is found', 'deadlock' in plain.findings)]


def event():
    seen = Seen('event.py')
    return [('all are woken', seen.said(r'(\d+) woken') == 6), ('they were six', len(seen.threads) == 7)], \
        [('soon', seen.said('within ([0-9.]+) ms') <= seen.said('after ([0-9.]+) ms') < 100),
         ('all six wait at the same time', seen.count_waiters(0.1e9) >= 6)]


def condition():
    one, everybody = (Seen('condition.py', way) for way in ('one', 'all'))
    pattern = r'(\d+) of them for nothing'
    signals = [lock for seen in (one, everybody) for lock in seen.locks('semaphore')]
    wakes = one.said(r'(\d+) wake-ups') + everybody.said(r'(\d+) wake-ups')
    return [('signals are called by a line', all('.py:' in signal['name'] for signal in signals))], \
        [('each waits for signals of others', sum(signal['contended'] for signal in signals) >= wakes),
         ('who alone is woken has something to eat', one.said(pattern) <= 2),  # unless one who comes back is quicker
         ('of all most wake for nothing', everybody.said(pattern) > 10),
         ('and more waits come to an end', everybody.count_wakes() > one.count_wakes() + 10)]


def deadlock():
    opposite, ordered = (Seen('deadlock.py', way) for way in ('opposite', 'ordered'))
    round_table = Seen('philosophers.py', 'opposite')
    return [('in order they come to an end', 'ordered: done' in ordered.text),
            ('in order nothing is wrong', not ordered.facts)], \
        [('in opposite order they do not', 'opposite: stuck' in opposite.text),
         ('that is found', opposite.cycles() == {2}),
         ('nor do philosophers', 'opposite: stuck' in round_table.text),
         ('who are found', round_table.cycles() == {5})]


def one_file():
    none, lock, writer = (Seen('one-file.py', way) for way in ('none', 'lock', 'writer'))
    pattern = r'(\d+) torn lines'
    taken = [one['acquisitions'] for one in lock.locks('binary')]  # of those that anybody waited for
    return [('whole with a lock', lock.said(pattern) == 0), ('whole by one writer', writer.said(pattern) == 0),
            ('all three take one lock for each of their lines', taken in ([], [300])),
            ('three processes, and with the writer four', [len(none.processes), len(writer.processes)] == [4, 5])], \
        [('torn without', none.said(pattern) > 0), ('they have to wait for the lock', taken != [])]


def daemon():
    ordinary, of_daemon = Seen('daemon.py'), Seen('daemon.py', 'daemon')
    return [('ordinary threads are waited for', ordinary.wall_ns > 0.6e9)], \
        [('daemons are not', of_daemon.wall_ns < 0.5e9)]


def coroutines():
    seen = Seen('coroutines.py', '1000')
    return [('one thread carries them', len(seen.threads) == 1)], \
        [('they overlap', seen.said('took ([0-9.]+) s') < 3), ('one stalls all', seen.said('stalled for ([0-9.]+)') > 0.25),
         ('to switch between them costs little', 0 < seen.said('switch costs ([0-9.]+) µs') < 1000)]


ROWS = {'C1': two_jobs, 'C2': interpreter_lock, 'C3': interpreter_lock_waiting, 'C6': pool_batches, 'C7': pool_end,
        'C9': producer_consumer, 'C10': while_not_empty, 'C11': batch_under_lock, 'C15': separate_heaps,
        'C17': lock_contention, 'C18': recursive_lock, 'C20': event, 'C21': condition, 'C24': deadlock, 'C25': one_file,
        'C26': daemon, 'C29': coroutines}


def judge(look, patience):
    """(what does not hold; whether that says nothing)"""
    told, n_counted = [], 0
    while n_counted < TRIES:
        wait_for_cores()
        Seen.disturbed, Seen.texts = False, []
        begin = time.monotonic()
        try:
            exact, timing = look()
        except (AssertionError, subprocess.TimeoutExpired) as error:
            return [str(error), *Seen.texts], False
        wrong = [name for name, holds in exact if not holds]
        if wrong:
            return wrong + Seen.texts, False
        missed = [name for name, holds in timing if not holds]
        if not missed:
            return [], False
        told += missed + Seen.texts
        n_counted += not Seen.disturbed
        if Seen.disturbed:
            patience.left_s -= time.monotonic() - begin
        if Seen.disturbed and patience.left_s <= 0:
            return told, True
    return told, False


def main():
    wanted = sys.argv[1:] or list(ROWS)
    n_wrong = 0
    patience = Patience()
    patience.left_s = DISTURBED_S
    print(f'1..{len(wanted)}')
    for number, row in enumerate(wanted, 1):
        problems, says_nothing = judge(ROWS[row], patience)
        is_wrong = bool(problems) and not says_nothing
        n_wrong += is_wrong
        print(f'{"not ok" if is_wrong else "ok"} {number} {row} {ROWS[row].__name__}'
              f'{" # SKIP others had the cores" if says_nothing else ""}')
        for line in '\n'.join(problems).splitlines():
            print(f'# {line}')
        sys.stdout.flush()
    return n_wrong > 0


if __name__ == '__main__':
    sys.exit(main())
