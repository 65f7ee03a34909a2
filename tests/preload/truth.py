#!/usr/bin/python3
# truth.py - what is said of a program's locks is what the program itself, the kernel and strace say of them
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   truth.py [NAME]...
#
# A check of counts and orders must hold each time; one of times in one of TRIES runs: between the program's reading of the
# clock and ours, others may have had the core.
#
# Environment: INTERLEAVE_CLI, INTERLEAVE_RUNNER, INTERLEAVE_PRELOAD, INTERLEAVE_SYMBOLS, IL_SUBJECT.  Prints TAP.
import os
import re
import shutil
import subprocess
import sys

from traced import Skip, Traced, in_one_of_tries, report_tests

SLACK_NS = 20000
N_ROUNDS = 8


def agrees(said, own, n):
    return abs(said - own) <= max(own * 0.01, n * SLACK_NS)


def is_of(one, thread):
    """Threads of one name are numbered."""
    return re.fullmatch(re.escape(thread) + r'( \d+)?', one['name'])


def lengths():
    """Each wait and each hold of a known length, by the program's own clock."""
    def attempt():
        run = Traced('truth')
        own = {tuple(line.split()[:3]): int(line.split()[3]) for line in run.lines}
        wrong = []
        for (name, figure, thread), value in own.items():
            n_waits = N_ROUNDS
            if name in ('truth_condition', 'truth_barrier'):
                # Of all who waited.
                said = run.signal(name)['wait_ns']['total']
                of_all = [others for (one, _, _), others in own.items() if one == name]
                value, n_waits = sum(of_all), N_ROUNDS * len(of_all)
            elif figure == 'wait':
                said = sum(one['wait_ns'] for one in run.lock(name)['waiters'] if is_of(one, thread))
            elif figure == 'hold':
                lock = run.lock(name)
                holders = lock['holders'] + lock.get('readers', {}).get('holders', [])
                said = sum(one['held_ns'] for one in holders if is_of(one, thread))
            else:
                # By whom it was taken is said of those acquisitions alone that are recorded in full.
                said = run.lock(name)['acquisitions']
                assert said == 2 * value, f'{name}: taken {2 * value} times, said {said}'
                continue
            if not agrees(said, value, n_waits):
                wrong.append(f'{name} {figure} of {thread}: {value} ns, said {said}')
        # Whoever loses its core while it has a lock lets the other one stand in line for longer.
        assert not run.facts, f'found {run.facts} where there is nothing'
        return wrong
    in_one_of_tries(attempt)


def check_counts(run):
    """Sums over the locks of one name, of each process that told its own."""
    pids = {line.split()[0] for line in run.lines}
    for line in run.lines:
        pid, name, value = line.split()
        said = 0
        for lock in run.report['locks']:
            parts = re.fullmatch(r'(\w+)(?: \+ \d+)?(?: \((\d+)\))?', lock['name'])
            if parts and parts[1] == name and (parts[2] or run.pid_of_first) == pid:
                said += lock['acquisitions']
        assert said == int(value), f'{name} of {pid}: taken {value} times, said {said}'
    return len(pids)


def counts():
    assert check_counts(Traced('counts', '20000')) == 1


def counts_after_fork():
    assert check_counts(Traced('counts', '5000', 'fork')) == 2


def counts_of_killed():
    run = Traced('counts', '5000', 'kill', status=128 + 9)
    assert check_counts(run) == 1


def no_false_alarms():
    for i in range(3):
        run = Traced('counts', '5000')
        # Its main thread takes one under another, always in the same order.
        assert not run.facts, f'{run.facts}'


def readers():
    """Many read, and wait for one another: all are counted, and nobody is taken for stuck."""
    for i in range(3):
        run = Traced('read-crowd', '500')
        check_counts(run)
        assert not run.findings & {'deadlock', 'lock_order', 'stuck', 'abandoned_lock'}, f'{run.findings}'


def given_up_in_vain():
    """Who had a lock has ended, also where others wait for it for a limited time only."""
    for words in (['abandon'], ['write-left']):
        run = Traced(*words)
        assert run.findings == {'abandoned_lock'}, f'found {run.findings}'
        assert ' gave up waiting for it after ' in run.report['findings'][0]['text'], run.report['findings']


def kept():
    """Who sleeps with a lock that others wait for is told of, also while it goes on; nobody minds one that nobody wants."""
    run = Traced('forgetful')
    assert run.findings == {'held_long'}, f'found {run.findings}'
    finding = run.report['findings'][0]
    assert re.fullmatch(r'forgetful has kept since \d\.\d+ s and has not given it back; for most of that time it slept; '
                        r'for it waits victim.* since \d\.\d+ s, victim.* since \d\.\d+ s', finding['text']), finding
    assert finding['evidence']['lanes'][0] == 'forgetful', finding
    assert 'Held for long: forgetful has ' in run.errors, run.errors
    assert 'Given back' not in run.errors, run.errors
    run = Traced('forgetful', 'alone')
    assert not run.findings, f'found {run.findings}'


def readers_in_a_circle():
    """Who reads is known to whom it keeps waiting."""
    for words in ([], ['again'], ['alone']):
        run = Traced('read-cycle', *words)
        assert 'deadlock' in run.findings, f'found {run.findings}'


def opposite_writers():
    """Opposite orders are seen where nobody waits, and a lock that nobody waits for is in no table."""
    run = Traced('nested-writers')
    assert 'lock_order' in run.findings, f'found {run.findings}'
    assert not run.report['locks'], run.report['locks']


def switches():
    run = Traced('switches')
    if run.report['session']['scheduler'] != 'perf':
        raise Skip('perf is not permitted')
    told = {line.split()[0]: [int(word) for word in line.split()[1:]] for line in run.lines}
    threads = [thread for thread in run.threads if thread['pid'] == told['child'][0]]
    assert len(threads) == 4, run.threads
    # A busy machine preempts it also before its first thread is followed, and while the kernel clears it away.
    for i, kind in enumerate(('voluntary_switches', 'involuntary_switches')):
        said = sum(thread[kind] for thread in threads)
        least, most = told['done'][i] - told['begun'][i], told['gone'][i]
        assert least <= said <= most + len(threads), f'{kind}: from {least} to {most}, said {said}'


def ready():
    """Who is woken and comes too late sleeps again: it was not ready all the while, without a core."""
    if not os.path.exists('/proc/self/schedstat'):
        raise Skip('the kernel does not count it')

    def attempt():
        run = Traced('crowd')
        if run.report['session']['scheduler'] != 'perf':
            raise Skip('perf is not permitted')
        own = int(run.lines[0].split()[1])
        said = sum(thread['states']['runnable_ns'] for thread in run.threads)
        lives = sum(thread['lifetime_ns'] for thread in run.threads)
        if abs(said - own) <= 0.25 * own + 0.01 * lives:
            return []
        return [f'the kernel counted {own / 1e6:.0f} ms of {lives / 1e6:.0f} ms, said {said / 1e6:.0f} ms']
    in_one_of_tries(attempt)


def others_have_cores(report):
    shares = [core['busy_share'] - (core['target_share'] or 0) for core in report['cores'] if core['busy_share'] is not None]
    return sum(shares) > 0.35 * len(shares)  # the recorder has a part of that


def hot():
    """Of a lock that is taken as often as can be most is but counted, and what matters is told whole."""
    def attempt():
        wrong = []
        for n in (2, 4):
            run = Traced('hot', str(n))
            taken, waits, waited_ns = map(int, run.lines[0].split())
            lock, session = run.lock('hot_mutex'), run.report['session']
            assert lock['acquisitions'] == taken, f'taken {taken} times, said {lock["acquisitions"]}'
            if session['lost_events'] > 0.01 * session['events']:
                wrong.append(f'{n} threads: {session["lost_events"]} lost beside {session["events"]}')
            if abs(lock['contended'] - waits) > 0.1 * waits:
                wrong.append(f'{n} threads: {waits} waits, said {lock["contended"]}')
            if abs(lock['total_wait_ns'] - waited_ns) > 0.1 * waited_ns:
                wrong.append(f'{n} threads: waits of {waited_ns} ns, said {lock["total_wait_ns"]}')
            blamed = sum(pair['wait_ns'] for pair in lock['pairs'] if is_of({'name': pair['holder']}, 'subject'))
            if blamed < 0.7 * waited_ns:
                wrong.append(f'{n} threads: waits of {waited_ns} ns, {blamed} of them for somebody')
        # Where others have the cores, it is these that lack.
        if others_have_cores(run.report):
            print('# others have the cores: what is found of the lock is not looked at')
        elif not run.findings & {'serialised', 'starvation'}:
            wrong.append(f'found {run.findings} alone')
        return wrong
    in_one_of_tries(attempt)


def hot_nested():
    """Locks that are mostly counted, one under the other, are in the order in which they were taken."""
    run = Traced('hot-nested')
    assert sum(run.lock(name)['acquisitions'] for name in ('hot_mutex', 'inner_mutex')) == int(run.lines[0]) + 4 * 1000000
    assert not run.facts, run.facts


PYTHON_THAT_BACKS_OFF = '''
import threading, time
locks = [threading.Lock(), threading.Lock()]
def take_both(index):
    own, other = locks[index], locks[1 - index]
    n = 0
    while n < 40:
        with own:
            time.sleep(0.001)
            if other.acquire(timeout=0.001) if n % 2 else other.acquire(blocking=False):
                n += 1
                other.release()
        time.sleep(0.001 + 0.002 * index)
threads = [threading.Thread(target=take_both, args=(index,)) for index in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
'''


def back_off():
    """Who would go on without the second lock can have both in any order; who waits for ever cannot."""
    wrong = ('lock_order', 'deadlock')
    run = Traced('back-off')
    assert not any(run.facts.get(kind) for kind in wrong), run.facts
    run = Traced(command=['/usr/bin/python3', '-c', PYTHON_THAT_BACKS_OFF])
    assert not any(run.facts.get(kind) for kind in wrong), run.facts


def quiet_gate():
    """What is always had under one more lock keeps nobody waiting for ever, also where that one is never waited for."""
    run = Traced('quiet-gate')
    assert not run.facts, run.facts
    assert run.lock('a')['contended'] + run.lock('b')['contended'] > 0


def remade_often():
    """Locks that lie where others lay have no order with those that lay beside these."""
    run = Traced('remade-often')
    assert not run.facts, run.facts


def reused():
    """Nor have those that no call makes, in memory that is freed and had again; others keep theirs."""
    run = Traced('reused-often')
    assert not run.facts, run.facts
    run = Traced('reused-opposite')
    assert set(run.facts) == {'lock_order'}, run.facts
    assert 'kept_first' in run.facts['lock_order'] and 'kept_second' in run.facts['lock_order'], run.facts


def apart():
    """Opposite orders that threads which are made and waited for keep apart are no danger; others are."""
    for way in ('before', 'c11', 'in-turn', 'chain', 'writing'):
        run = Traced('apart', way)
        assert not run.facts, f'{way}: {run.facts}'
    for way in ('again', 'detached', 'made-early', 'next'):
        run = Traced('apart', way)
        assert list(run.facts) == ['lock_order'], f'{way}: {run.facts}'


def hot_deadlock():
    """Who was last seen to take a lock too often to tell is known to have it when it comes to wait."""
    for i in range(3):
        run = Traced('hot-deadlock')
        assert 'deadlock' in run.findings, f'found {run.findings}: {run.lines}'


def strace():
    """strace follows the same run: what it sees of futexes is what is said of waits."""
    if shutil.which('strace') is None:
        raise Skip('there is no strace')

    def attempt():
        run = Traced('futexes', under_strace=True)
        waits, resumed = 0.0, {}
        for line in run.strace:
            parts = re.match(r'(\d+) +(?:<\.\.\. )?futex.*', line)
            if not parts or 'FUTEX_WAKE' in line:
                continue
            pid = parts[1]
            if 'unfinished' in line:
                resumed[pid] = 'FUTEX_WAIT' in line and 'BITSET' not in line
                continue
            length = re.search(r'<([0-9.]+)>$', line)
            is_wait = resumed.pop(pid, False) if 'resumed' in line else 'FUTEX_WAIT' in line and 'BITSET' not in line
            if length and is_wait:
                waits += float(length[1])
        said = run.lock('traced')['wait_ns']['total'] / 1e9
        if abs(said - waits) <= 0.05 * waits and waits > 0.1:
            return []
        return [f'strace saw waits of {waits:.4f} s, said {said:.4f} s']
    in_one_of_tries(attempt)


def strace_works():
    done = subprocess.run(['strace', '-o', '/dev/null', 'true'], capture_output=True)
    return done.returncode == 0


TESTS = [lengths, counts, counts_after_fork, counts_of_killed, no_false_alarms, readers, given_up_in_vain, kept, readers_in_a_circle, opposite_writers, switches, ready, hot, hot_nested, back_off, quiet_gate, remade_often, reused, apart, hot_deadlock, strace]

if __name__ == '__main__':
    sys.exit(report_tests(TESTS, sys.argv[1:]))
