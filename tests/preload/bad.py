#!/usr/bin/python3
# bad.py - programs that behave badly run under trace as they do alone; the session can be read, and says what is missing
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   bad.py [NAME]...
#
# Environment: INTERLEAVE_CLI, INTERLEAVE_RUNNER, INTERLEAVE_PRELOAD, INTERLEAVE_SYMBOLS, IL_SUBJECT, IL_LIBRARY_….
# Prints TAP.
import glob
import os
import shutil
import sys
import tempfile

from traced import SUBJECT, Skip, Traced, in_one_of_tries, report_tests, run_alone


def library(name):
    return os.environ['IL_LIBRARY_' + name]


def as_alone(*arguments, preload=None, command=None):
    """Runs it both ways: same status, same output, and no errors that it does not have alone."""
    status, output, errors = run_alone(*arguments, preload=preload, command=command)
    assert status not in (98, 99), f'alone: {errors}'
    run = Traced(*arguments, status=status, preload=preload, command=command)
    assert run.lines == output.splitlines(), f'alone: {output[-1500:]}\ntraced: {run.output[-1500:]}'
    return run, errors


def lost(run):
    return run.report['session']['lost_events']


def waits(run, name):
    return run.lock(name)['contended']


def says_damage(run):
    return 'make no sense' in run.errors


def says_loss(run):
    return lost(run) > 0 or 'found no room' in run.errors


# --- what is written where it should not be

def garbage():
    """Whatever stands in the shared file, the program and the recorder go on, and what is wrong is said."""
    told = {}
    for part in ('lanes', 'objects', 'rings', 'header', 'all'):
        for kind in ('words', 'bytes'):
            for seed in range(1, 4):
                run = Traced('garbage', str(seed), part, kind, SUBJECT)
                assert run.output == '', run.output
                assert lost(run) < 1e9, f'{part} {kind} {seed}: {lost(run)} lost events, says garbage'
                told[part] = told.get(part, 0) + (says_damage(run) or lost(run) > 0)
    # What is overwritten again before it is read, or is not read any more, harms nobody.
    assert told['lanes'] == 6, f'of 6 runs were told of: {told}'


def killed():
    for _ in range(5):
        run = Traced('killed', status=137)
        assert run.report['session']['end'] == 'completed, killed 9', run.report['session']['end']
        # Four had come to wait, and wait for ever.
        lock = run.lock('hostile_mutex')
        assert lock['waiting'] + lock['given_up'] == 4 and lock['acquisitions'] == 1, lock


def closed_descriptors():
    run = Traced('closed')
    assert waits(run, 'hostile_mutex') == 1


def closed_and_executed():
    run = Traced('closed', SUBJECT)
    # Both before and after: the process is the same.
    assert sum(lock['contended'] for lock in run.report['locks']) == 2, run.report['locks']


def other_root():
    if os.geteuid() != 0:
        raise Skip('only root may')
    with tempfile.TemporaryDirectory(prefix='root-') as directory:
        run = Traced('elsewhere', directory)
    assert sum(lock['contended'] for lock in run.report['locks']) == 2, run.report['locks']


def other_user():
    if os.geteuid() != 0:
        raise Skip('only root may')
    run = Traced('as-other')
    assert sum(lock['contended'] for lock in run.report['locks']) == 2, run.report['locks']


def storm():
    """More than fits while nobody reads: what is lost is counted."""
    n = 3000000
    run = Traced('storm', str(n))
    said = run.report['session']
    assert said['lost_events'] > 0, 'nothing is said to be lost'
    assert 'lost' in run.errors, run.errors[-500:]
    # What is there and what is lost is what there was: an event for each call, those of the scheduler, of which there are
    # a few for each switch, and few others.
    switches = sum(thread[kind] for thread in run.threads for kind in ('voluntary_switches', 'involuntary_switches'))
    assert n <= said['events'] + said['lost_events'] <= n + 1000 + 4 * switches, said
    assert waits(run, 'hostile_mutex') == 1


# --- threads

def threads_in_sequence():
    """Each has a lane to itself; who ends them faster than they are read, as with a sanitizer, hears that some found none."""
    run, _ = as_alone('sequence', '20000')
    assert len(run.threads) == 20002 or says_loss(run), len(run.threads)
    if not says_loss(run):
        assert waits(run, 'many_mutex') == 1
        assert run.lock('many_mutex')['acquisitions'] == 20002, run.lock('many_mutex')


def detached_threads():
    as_alone('detached', '3000')


def tiny_stacks():
    run, _ = as_alone('tiny', '2000')
    lock = run.lock('many_mutex')
    assert lock['acquisitions'] == 2001, lock['acquisitions']


def forgotten_mutexes():
    """Many were never destroyed: what is waited for is seen all the same."""
    run, _ = as_alone('forgotten', '600000')
    assert sum(lock['contended'] for lock in run.report['locks']) == 9, run.report['locks']
    assert waits(run, 'many_mutex') == 1


# --- processes

def pids_of_subject(run):
    """A runner that is built with a sanitizer makes a process of its own at its end."""
    return {thread['pid'] for thread in run.threads if thread['name'].startswith('subject')}


def many_children():
    run, _ = as_alone('children', '5000')
    assert waits(run, 'own_mutex') == 1
    pids = pids_of_subject(run)
    assert len(pids) == 5001 or says_loss(run), f'{len(pids)} processes, and no word of any loss'


def fork_while_held():
    run, _ = as_alone('fork-held', '100')
    pids = pids_of_subject(run)
    assert len(pids) == 101, f'{len(pids)} processes'
    own = sum(lock['contended'] for lock in run.report['locks'] if lock['name'].startswith('own_mutex'))
    assert own == 100, f'{own} of 100 children are seen to wait'
    assert not run.facts, run.facts


def vfork():
    run, _ = as_alone('vfork')
    # What comes after it is seen: the child has taken nothing from its parent.
    lock = run.lock('own_mutex')
    assert lock['contended'] == 1 and len(lock['holders']) == 2, lock


def clone():
    run, _ = as_alone('clone')
    assert waits(run, 'own_mutex') == 2
    assert not run.facts, run.facts


def dead_owner():
    as_alone('dead-owner')


def exit_statuses():
    for arguments in (('return', '0'), ('return', '255'), ('exit', '3'), ('_exit', '4'), ('_Exit', '5'), ('quick_exit', '6'),
                      ('thread', '7'), ('abort',), ('signal', '11'), ('signal', '15'), ('signal', '2'), ('pthread_exit',)):
        run, _ = as_alone('ends', *arguments)
        assert waits(run, 'own_mutex') == 1, arguments


# --- signals

def handlers():
    run, _ = (Traced('handlers', '10000'), None)
    for line in run.lines:
        name, n = line.split()
        assert run.lock(name)['acquisitions'] == int(n), f'{name}: {n} times, said {run.lock(name)["acquisitions"]}'
    # A handler may come where a lock is just given back: then who has it is not known for a moment.
    assert 'deadlock' not in run.findings, run.findings


def jumps_once():
    run = Traced('jumps', '2000')
    n = int(run.lines[0].split()[1])
    assert run.lock('outside')['acquisitions'] == n, f'{n}, said {run.lock("outside")["acquisitions"]}'
    for lock in run.report['locks']:
        assert lock['waiting'] == 0, lock
    # All 400 waits of each kind that were left, each ended; but where it was left before it came to wait.
    n_left = run.lock('awaited')['given_up']
    return [f'{n_left} waits that were left'] * (n_left < 300) + [f'{lost(run)} lost'] * (lost(run) >= 2000)


def jumps():
    in_one_of_tries(jumps_once)


def storm_of_jumps_once():
    run = Traced('storm-of-jumps', '10000')
    jumper = Traced.pick(run.threads, 'jumper')
    assert waits(run, 'awaited') == 1
    wrong = []
    # Nobody may have read what it says for a while.
    if lost(run) >= max(1, run.report['session']['events'] / 10):
        wrong.append(f'lost {lost(run)} beside {run.report["session"]["events"]}')
    if jumper['states']['sleep_ns'] <= 10e6:
        wrong.append('what it did after that is not told')
    return wrong


def storm_of_jumps():
    in_one_of_tries(storm_of_jumps_once)


def cancel():
    run, _ = as_alone('cancel')
    for lock in run.report['locks']:
        assert lock['waiting'] == 0, lock
    assert waits(run, 'guard') == 1


# --- libraries

def constructors():
    """A library beside ours, and one that the program is linked to, wait before main() is reached, and after it is left."""
    for preload in (library('EARLY'), library('EARLY') + ':' + library('PLUGIN')):
        run, _ = as_alone('meet', preload=preload)
        assert waits(run, 'hostile_mutex') == 1
        assert waits(run, 'early_mutex') >= 1


def loaded_again():
    run, _ = as_alone('plugins', library('PLUGIN'), '300')
    contended = sum(lock['contended'] for lock in run.report['locks'])
    assert contended > 200, f'{contended} of 300'


def other_heaps():
    missing = []
    for name in ('jemalloc.so.2', 'tcmalloc_minimal.so.4'):
        found = glob.glob(f'/usr/lib/*/lib{name}') + glob.glob(f'/usr/lib/lib{name}')
        if not found:
            missing.append(name)
            continue
        for arguments in (('counts', '2000'), ('sequence', '500'), ('fork-held', '20'), ('handlers', '500'), ('cancel',)):
            run = Traced(*arguments, preload=found[0])
            assert run.threads, arguments
    if len(missing) == 2:
        raise Skip('neither is installed')


def little_storage():
    """What must lie beside the program's own data of each thread finds room with ours, too."""
    with tempfile.TemporaryDirectory(prefix='storage-') as directory:
        copies = []
        for i in range(10):
            copies.append(os.path.join(directory, f'storage-{i}.so'))
            shutil.copy(library('STORAGE'), copies[-1])
        run, _ = as_alone('storage', *copies)
        assert run.lines == ['10 of 10 loaded'], run.lines


def locks_of_one_thread():
    """What is written in place of the C library's functions is what these write; and another library that stands in front
    of them sees as many as without us."""
    run, _ = as_alone('alone', '20000')
    lock = run.lock('alone_mutex')
    assert lock['acquisitions'] == 20002 and lock['contended'] == 1, lock
    alone = run_alone('alone', '20000', preload=library('COUNT_LOCKS'))[2]
    traced = Traced('alone', '20000', preload=library('COUNT_LOCKS')).errors
    counts = [sorted(line for line in text.splitlines() if line.startswith('locks ')) for text in (alone, traced)]
    assert len(counts[0]) == 2 and counts[0] == counts[1], counts


def old_conditions():
    if os.uname().machine != 'x86_64':
        raise Skip('there are none here')
    run, _ = as_alone('old')
    assert run.lines == ['100 turns, 1'], run.lines


# --- what nobody should notice

def returns_and_errno():
    def known(lines):
        return [line for line in lines if 'waitpid (pid' not in line]
    status, output, _ = run_alone('errno')
    run = Traced('errno', status=status)
    wrong = [f'{a} / {b}' for a, b in zip(known(output.splitlines()), known(run.lines)) if a != b]
    assert not wrong and len(run.lines) == len(output.splitlines()), 'alone / traced: ' + '; '.join(wrong)


def heap():
    """Nothing is taken from the program's heap."""
    for arguments in (('meet',), ('counts', '500'), ('sequence', '50'), ('errno',)):
        alone = run_alone(*arguments, preload=library('COUNT_HEAP'))[2]
        traced = Traced(*arguments, preload=library('COUNT_HEAP')).errors
        counts = [[line for line in text.splitlines() if line.startswith('heap ')] for text in (alone, traced)]
        assert int(counts[0][0].split()[1]) > 0, f'the heap is not counted: {counts}'
        assert counts[0] == counts[1], f'{arguments}: alone {counts[0]}, traced {counts[1]}'


TESTS = [garbage, killed, closed_descriptors, closed_and_executed, other_root, other_user, storm, threads_in_sequence,
         detached_threads, tiny_stacks, forgotten_mutexes, many_children, fork_while_held, vfork, clone, dead_owner,
         exit_statuses, handlers, jumps, storm_of_jumps, cancel, constructors, loaded_again, other_heaps, little_storage,
         locks_of_one_thread, old_conditions, returns_and_errno, heap]

if __name__ == '__main__':
    sys.exit(report_tests(TESTS, sys.argv[1:]))
