#!/usr/bin/python3
# test_programs.py - the Python programs for teaching, under trace: what they say, and what is seen of it
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   test_programs.py [ROW]...
#
# A check of counts and orders must hold each time; one of times in one of TRIES runs, since others may have had the cores.
#
# Environment: INTERLEAVE_CLI, INTERLEAVE_RUNNER, INTERLEAVE_PRELOAD, INTERLEAVE_SYMBOLS.  Prints TAP.
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = '/usr/bin/python3'
TRIES = 5
TIMEOUT = 60


class Seen:
    """A run: what the program said, and the report of it."""

    def __init__(self, program, *arguments):
        with tempfile.TemporaryDirectory(prefix='programs-') as directory:
            session = os.path.join(directory, 'trace.interleave')
            command = [PYTHON, os.path.join(HERE, program), *arguments]
            traced = self.run('trace', '-o', session, '--', *command)
            self.text = traced.stdout
            self.report = json.loads(self.run('report', '--json', session).stdout)
            self.findings = {finding['kind'] for finding in self.report['findings']}

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

    @property
    def busiest(self):
        """The lock that was taken most often, of those that the program made."""
        return max(self.locks('binary', 'semaphore', 'plain'), key=lambda lock: lock['acquisitions'])

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
             ('as processes they are two more', len(processes.processes) == 3)]
    exact.append(('there is one interpreter’s lock', len(threads.locks('gil')) == 1))
    return exact, [('processes are quicker', serial.wall_ns / processes.wall_ns > 1.4),
                   ('threads are not', serial.wall_ns / threads.wall_ns < 1.3)]


def interpreter_lock():
    threads, processes = (Seen('interpreter-lock.py', way) for way in ('threads', 'processes'))
    of_threads = threads.running_ns() / threads.wall_ns
    of_processes = processes.running_ns() / processes.wall_ns
    lock = threads.interpreter_lock
    shares = [waiter['share'] for waiter in lock['waiters'] if waiter['waits'] > 10] if lock else []
    exact = [('they are threads', len(threads.processes) == 1), ('they are processes', len(processes.processes) == 3),
             ('the interpreter’s lock is seen', lock is not None and lock['name'].startswith('Python GIL (')),
             ('both wait for it again and again', len(shares) == 2),
             ('processes wait for nobody’s', sum(one['contended'] for one in processes.locks('gil')) < 20)]
    return exact, [(f'threads have one core: {of_threads:.2f}', of_threads < 1.3),
                   (f'processes have two: {of_processes:.2f}', of_processes > 1.4),
                   (f'both wait half of their lives: {shares}', min(shares) > 0.3),
                   # 200 intervals of 5 ms in a second, and a hand-over at the end of each.
                   (f'hand-overs: {lock["hand_overs_per_second"]:.0f}', 60 < lock['hand_overs_per_second'] < 260),
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
    pattern = r'idle for ([0-9.]+) s'
    return [('two workers and the program', len(fine.processes) == 3 == len(coarse.processes))], \
        [('the first worker is idle at the end of large chunks', coarse.said(pattern) > 3 * fine.said(pattern) + 0.1)]


def pool_end():
    close, terminate = (Seen('pool-end.py', way) for way in ('close', 'terminate'))
    return [('closed, all is done', close.said(r'close: (\d+) of') == 20),
            ('terminated, the rest is not', 4 <= terminate.said(r'terminate: (\d+) of') < 20),
            ('two workers', len(close.processes) == 3 == len(terminate.processes))], []


def producer_consumer():
    seen = Seen('producer-consumer.py')
    return [('never more than there is room for', seen.said('at most ([0-9]+)') == 4),
            ('a producer and two consumers', len(seen.threads) == 4)], \
        [('the producer found it full', seen.said('full ([0-9]+) times') > 5)]


def while_not_empty():
    wrong, right = (Seen('while-not-empty.py', way) for way in ('wrong', 'right'))
    return [('the right one leaves nothing', right.said('right: ([0-9]+)') == 0)], \
        [('the wrong one leaves items', wrong.said('wrong: ([0-9]+)') > 0)]


def batch_under_lock():
    batch, each = (Seen('batch-under-lock.py', way) for way in ('batch', 'each'))
    pattern = 'waited ([0-9]+) ms'
    return [('a reader, and a writer three times', len(batch.threads) == 5 == len(each.threads))], \
        [('the reader waits for the batch', batch.said(pattern) > 3 * each.said(pattern) + 30),
         ('the lock is held for the batch', max(lock['hold_ns']['max'] for lock in batch.locks('binary', 'plain')) > 90e6),
         ('and waited for so long', max(lock['wait_ns']['max'] for lock in batch.locks('binary')) > 50e6)]


def separate_heaps():
    seen = Seen('separate-heaps.py')
    return [('a thread changes the counter', seen.said(r'thread: (\d+)') == 1000),
            ('a process changes its own', seen.said(r'process: (\d+)') == 0),
            ('there were two processes', len(seen.processes) == 2)], []


def lock_contention():
    short, long = (Seen('lock-contention.py', milliseconds) for milliseconds in ('1', '8'))
    return [('three visitors', len(short.threads) == 4 == len(long.threads)),
            ('each visit is counted', short.busiest['acquisitions'] == 60 == long.busiest['acquisitions'])], \
        [('in line it takes as long as all their visits', long.wall_ns > 3 * 20 * 8e6),
         ('the longer it is held, the more wait', long.busiest['contended'] > short.busiest['contended']),
         ('and the longer', long.busiest['wait_ns']['p50'] > 2 * short.busiest['wait_ns']['p50']),
         ('else hardly longer than one of them', short.wall_ns < 0.5 * long.wall_ns)]


def recursive_lock():
    recursive, plain = (Seen('recursive-lock.py', way) for way in ('recursive', 'plain'))
    return [('the recursive one is entered again', 'recursive: balance 70' in recursive.text),
            ('the plain one is waited for', 'plain: waits for itself' in plain.text),
            ('that is found', 'deadlock' in plain.findings), ('and nothing else', not recursive.findings)], []


def event():
    seen = Seen('event.py')
    return [('all are woken', seen.said(r'(\d+) woken') == 6), ('they were six', len(seen.threads) == 7)], \
        [('soon', seen.said('after ([0-9.]+) ms') < 100),
         ('all six wait at the same time', seen.count_waiters(0.1e9) >= 6)]


def condition():
    one, everybody = (Seen('condition.py', way) for way in ('one', 'all'))
    pattern = r'(\d+) of them for nothing'
    return [('who alone is woken has something to eat', one.said(pattern) <= 2)], \
        [('of all most wake for nothing', everybody.said(pattern) > 10),
         ('and more waits come to an end', everybody.count_wakes() > one.count_wakes() + 10)]


def deadlock():
    opposite, ordered = (Seen('deadlock.py', way) for way in ('opposite', 'ordered'))
    round_table = Seen('philosophers.py', 'opposite')
    return [('in order they come to an end', 'ordered: done' in ordered.text),
            ('in order there is no deadlock', 'deadlock' not in ordered.findings)], \
        [('in opposite order they do not', 'opposite: stuck' in opposite.text),
         ('that is found', 'deadlock' in opposite.findings),
         ('nor do philosophers', 'opposite: stuck' in round_table.text),
         ('who are found', 'deadlock' in round_table.findings)]


def one_file():
    none, lock, writer = (Seen('one-file.py', way) for way in ('none', 'lock', 'writer'))
    pattern = r'(\d+) torn lines'
    return [('whole with a lock', lock.said(pattern) == 0), ('whole by one writer', writer.said(pattern) == 0),
            ('the lock is taken for each line', sum(one['acquisitions'] for one in lock.locks('semaphore', 'binary')
                                                    if one['name'].startswith('multiprocessing')) in range(300, 310)),
            ('three processes, and with the writer four', [len(none.processes), len(writer.processes)] == [4, 5])], \
        [('torn without', none.said(pattern) > 0)]


def daemon():
    ordinary, of_daemon = Seen('daemon.py'), Seen('daemon.py', 'daemon')
    return [('ordinary threads are waited for', ordinary.wall_ns > 0.6e9)], \
        [('daemons are not', of_daemon.wall_ns < 0.5e9)]


def coroutines():
    seen = Seen('coroutines.py', '1000')
    return [('one thread carries them', len(seen.threads) == 1)], \
        [('they overlap', seen.said('took ([0-9.]+) s') < 3), ('one stalls all', seen.said('stalled for ([0-9.]+)') > 0.25)]


ROWS = {'C1': two_jobs, 'C2': interpreter_lock, 'C3': interpreter_lock_waiting, 'C6': pool_batches, 'C7': pool_end,
        'C9': producer_consumer, 'C10': while_not_empty, 'C11': batch_under_lock, 'C15': separate_heaps,
        'C17': lock_contention, 'C18': recursive_lock, 'C20': event, 'C21': condition, 'C24': deadlock, 'C25': one_file,
        'C26': daemon, 'C29': coroutines}


def judge(look):
    """What does not hold."""
    missed = []
    for _ in range(TRIES):
        try:
            exact, timing = look()
        except AssertionError as error:
            return [str(error)]
        wrong = [name for name, holds in exact if not holds]
        if wrong:
            return wrong
        missed = [name for name, holds in timing if not holds]
        if not missed:
            return []
    return missed


def main():
    wanted = sys.argv[1:] or list(ROWS)
    n_wrong = 0
    print(f'1..{len(wanted)}')
    for number, row in enumerate(wanted, 1):
        problems = judge(ROWS[row])
        n_wrong += bool(problems)
        print(f'{"not ok" if problems else "ok"} {number} {row} {ROWS[row].__name__}')
        for problem in problems:
            print(f'# {problem}')
        sys.stdout.flush()
    return n_wrong > 0


if __name__ == '__main__':
    sys.exit(main())
