#!/usr/bin/python3
# test_leftovers.py - runner, workers and recorder are killed at random moments: nothing of a run is left
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Environment: INTERLEAVE_CLI, INTERLEAVE_RUNNER; KILLS: how many in all, 200; SEED: of whom, of what and
# when; else it is drawn and printed.
# Prints TAP.  What runs is found by a mark in its environment, and by being our child, since orphans
# become ours.  Files are counted in directories of each run's own, shared memory in all of the
# system's places.  That all is gone is waited for; nothing depends on how long it takes.

import contextlib
import ctypes
import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from processes import processes_with_mark  # noqa: E402

CLI = os.environ['INTERLEAVE_CLI']
N_KILLS = int(os.environ.get('KILLS', '200'))
SEED = int(os.environ.get('SEED', random.SystemRandom().randrange(10 ** 6)))
AT_ONCE = 3
PATIENCE_S = 60  # of nothing but what would otherwise wait for ever
MOMENTS_S = 0.35  # kills come until then: some while it starts, most while it runs
KILLS_OF_WORKERS = 5  # in one run, since it goes on

PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWIPC = 0x08000000
CLONE_NEWNS = 0x00020000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

HEAD = '[Scenario]\nName=Test\nModels=threads;processes;hybrid;coroutines\nProcesses=2\n'
POOL = HEAD + 'Workers=4\n'
SCENARIOS = {
    'files': POOL + '[File log]\n[Lock L]\n[Task t]\nArrival=loop\nSteps=cpu 20us; lock L; append log 200B pieces; unlock L; fsync log\n',
    'channels': HEAD + '[Channel p]\nKind=pipe\n[Channel s]\nKind=socket\n[Channel m]\nKind=memory\nCapacity=4\n[Channel q]\nKind=queue\n'
                'Capacity=4\n[Task give]\nWorkers=2\nArrival=loop\nSteps=cpu 50us; send p 1KiB; send s 1KiB; send m 1KiB; send q 1KiB\n'
                '[Task take]\nWorkers=2\nArrival=loop\nSteps=receive p; receive s; receive m; receive q\n',
    'echoes': POOL + '[Lock A]\n[Semaphore S]\nUnits=2\n[Task t]\nArrival=rate 2000/s\n'
              'Steps=echo 4KiB; acquire S; lock A; cpu ~50us; unlock A; post S; echo 4KiB socket\n',
    'sleepers': POOL + '[Barrier B]\nParties=4\n[Lock A]\n[Task t]\nArrival=loop\nSteps=sleep ~1ms; lock A; cpu 10us; unlock A\n',
}
MODELS = {'runner': ['threads', 'processes', 'hybrid', 'coroutines'], 'worker': ['processes', 'hybrid'],
          'recorder': ['threads', 'processes', 'hybrid', 'coroutines']}


def wait(condition, what):
    end = time.monotonic() + PATIENCE_S
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError('waited in vain for ' + what)
        time.sleep(0.003)


def read(path):
    with contextlib.suppress(OSError):
        with open(path, 'rb') as file:
            return file.read()
    return b''


def children_of(pid):
    """Of all its threads."""
    found = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f'/proc/{pid}/task'):
            found += map(int, read(f'/proc/{pid}/task/{thread}/children').split())
    return found


def take_places_of_our_own(libc):
    """For shared memory and semaphores, as the system's are everybody's; not everybody may."""
    return (libc.unshare(CLONE_NEWIPC | CLONE_NEWNS) == 0
            and libc.mount(b'none', b'/', None, MS_REC | MS_PRIVATE, None) == 0
            and libc.mount(b'tmpfs', b'/dev/shm', b'tmpfs', 0, None) == 0)


def is_locked(path):
    """Whether whoever made it lives."""
    with contextlib.suppress(FileNotFoundError), open(path, 'rb') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return not os.path.exists(path)


def shared_memory(is_ours_alone):
    """What is in the places for it; of those that are everybody's, what is called like ours and nobody has."""
    names = {'/dev/shm/' + name for name in os.listdir('/dev/shm')} if os.path.isdir('/dev/shm') else set()
    if not is_ours_alone:
        return {name for name in names if 'interleave' in name and not is_locked(name)}
    for kind in ('shm', 'sem', 'msg'):
        names |= {kind + ' ' + row.split()[1] for row in read('/proc/sysvipc/' + kind).decode().splitlines()[1:]}
    return names


own_lock = threading.Lock()
own = set()  # numbers of processes that we started, and wait for where we did


def reap_orphans():
    """Those that became ours since their parent had died; they keep its process group alive.  How many still run."""
    n_living = 0
    with own_lock:
        for pid in set(children_of(os.getpid())) - own:
            with contextlib.suppress(ChildProcessError):
                n_living += os.waitpid(pid, os.WNOHANG)[0] == 0
    return n_living


def reap_until(done):
    while not done.wait(0.005):
        reap_orphans()


class Run:
    """A recording in directories of its own, and all that belongs to it."""

    def __init__(self, root, number, scenario, model):
        self.mark = str(uuid.uuid4())
        self.name = f'run {number}: {scenario}, {model}'
        self.directory = os.path.join(root, str(number))
        for name in ('run', 'tmp', 'home', 'work'):
            os.makedirs(os.path.join(self.directory, name), 0o700)
        self.work = os.path.join(self.directory, 'work')
        with open(os.path.join(self.directory, 'a.scenario'), 'w', encoding='utf-8') as file:
            file.write(SCENARIOS[scenario].replace('Models=', f'Model={model}\nModels='))
        self.environment = dict(os.environ, IL_TEST_MARK=self.mark, LC_ALL='C.UTF-8', LANGUAGE='',
                                XDG_RUNTIME_DIR=os.path.join(self.directory, 'run'),
                                TMPDIR=os.path.join(self.directory, 'tmp'), HOME=os.path.join(self.directory, 'home'))
        self.process = self.start('run', '../a.scenario', '--duration', '0', '--json', '-o', 'a.interleave')

    def start(self, *arguments):
        with own_lock:
            process = subprocess.Popen([CLI, *arguments], env=self.environment, cwd=self.work, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            own.add(process.pid)
        return process

    def runner(self):
        return next(iter(children_of(self.process.pid)), None)

    def worker(self, draw):
        workers = children_of(self.runner() or 0)
        return workers[int(draw * len(workers))] if workers else None

    def living(self):
        return processes_with_mark(self.mark)

    def files(self):
        return sorted(os.path.relpath(os.path.join(path, name), self.directory)
                      for path, directories, names in os.walk(self.directory) for name in names
                      if name not in ('a.scenario', 'a.interleave'))

    def report(self):
        process = self.start('report', '--json', 'a.interleave')
        output, errors = process.communicate()
        if process.returncode != 0:
            raise AssertionError(f'the report failed: {errors}')
        return json.loads(output), errors

    def has_session(self):
        return os.path.exists(os.path.join(self.work, 'a.interleave'))

    def assert_nothing_left(self):
        wait(lambda: not self.living(), f'the end of {self.living()}')
        # What a commit that was cut short leaves beside the session is part of it until that is opened.
        left = [name for name in self.files() if name != 'work/a.interleave-journal']
        if left:
            raise AssertionError(f'left behind: {left}')

    def assert_ends(self, *statuses):
        output, errors = self.process.communicate()
        if self.process.returncode not in statuses:
            raise AssertionError(f'status {self.process.returncode}: {errors}')
        return output, errors


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def find(run, what, look):
    """Somebody of the run, or None if it ended before there was one."""
    return wait(lambda: look() or (run.process.poll() is not None and -1), what)


def assert_nothing_to_say(report, errors):
    """On a machine that is too slow events are lost, and are said to be."""
    assert not report['session']['cut_off'], errors
    assert report['session']['lost_events'] > 0 and 'events were lost' in errors and errors.count('\n') == 1 or errors == '', errors


def kill_runner(run, delay):
    time.sleep(delay)
    pid = find(run, 'a runner', run.runner)
    assert pid > 0, run.process.communicate()
    kill(pid)
    _, errors = run.assert_ends(1)
    assert 'killed by signal 9' in errors.splitlines()[-1], errors
    run.assert_nothing_left()
    if run.has_session():
        report, errors = run.report()
        assert_nothing_to_say(report, errors)
    return 1


def kill_workers(run, moments):
    """They are replaced; nothing but their tasks is lost."""
    for delay, draw in moments:
        time.sleep(delay / KILLS_OF_WORKERS)
        pid = find(run, 'a worker', lambda: run.worker(draw))
        assert pid > 0, run.process.communicate()
        kill(pid)
    wait(run.has_session, 'the session')
    run.process.send_signal(signal.SIGINT)
    output, errors = run.assert_ends(0)
    assert json.loads(output)['session']['end'] == 'stopped', errors
    run.assert_nothing_left()
    report, errors = run.report()
    tasks = report['tasks']
    settled = sum(tasks[key] for key in ('done', 'failed', 'cancelled', 'lost'))
    assert report['session']['lost_events'] > 0 or tasks['submitted'] == settled, tasks
    assert_nothing_to_say(report, errors)
    return len(moments)


def kill_recorder(run, delay):
    time.sleep(delay)
    kill(run.process.pid)
    run.assert_ends(-signal.SIGKILL)
    run.assert_nothing_left()
    if run.has_session():
        report, errors = run.report()
        assert report['session']['cut_off'] and 'cut off' in errors, errors
        assert run.files() == [], run.files()
    return 1


class Plan:
    """Who is killed when is drawn beforehand, so that the seed decides it whatever comes first."""

    def __init__(self):
        rng = random.Random(SEED)
        self.cases = []
        n_left = N_KILLS
        while n_left > 0:
            victim = rng.choice(['runner', 'runner', 'recorder', 'recorder', 'worker'])
            moments = [(rng.uniform(0, MOMENTS_S), rng.random()) for _ in range(KILLS_OF_WORKERS)]
            moments = moments[:n_left if victim == 'worker' else 1]
            self.cases.append((victim, rng.choice(MODELS[victim]), rng.choice(sorted(SCENARIOS)), moments))
            n_left -= len(moments)


class Robust:
    def __init__(self, root):
        self.root = root
        self.cases = list(enumerate(Plan().cases))
        self.lock = threading.Lock()
        self.n_killed = {'runner': 0, 'worker': 0, 'recorder': 0}
        self.failures = []

    def kill_in(self, number, victim, model, scenario, moments):
        run = Run(self.root, number, scenario, model)
        try:
            if victim == 'runner':
                n = kill_runner(run, moments[0][0])
            elif victim == 'recorder':
                n = kill_recorder(run, moments[0][0])
            else:
                n = kill_workers(run, moments)
            with self.lock:
                self.n_killed[victim] += n
        except Exception:
            for pid in run.living():
                kill(pid)
            raise AssertionError(f'{run.name}, {victim} after {moments}\n{traceback.format_exc()}')
        finally:
            shutil.rmtree(run.directory, ignore_errors=True)

    def work(self):
        while not self.failures:
            with self.lock:
                if not self.cases:
                    return
                number, case = self.cases.pop(0)
            try:
                self.kill_in(number, *case)
            except AssertionError as error:
                self.failures.append(str(error))

    def run(self):
        threads = [threading.Thread(target=self.work) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def tell(good, number, name, text=''):
    print(f'{"ok" if good else "not ok"} {number} {name}', flush=True)
    for line in text.splitlines():
        print('# ' + line, flush=True)


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    done = threading.Event()
    print('1..3')
    print(f'# random seed: {SEED}', flush=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'orphans cannot be taken')
    is_ours_alone = take_places_of_our_own(libc)
    if not is_ours_alone:
        print('# no namespaces of our own: what System V has is not counted, and in /dev/shm what is called like ours')
    before = shared_memory(is_ours_alone)
    begin = time.monotonic()
    reaper = threading.Thread(target=reap_until, args=[done])
    reaper.start()
    with tempfile.TemporaryDirectory(prefix='leftovers-') as root:
        robust = Robust(root)
        robust.run()
    done.set()
    reaper.join()
    text = '\n'.join(robust.failures)
    print(f'# kills: {robust.n_killed}, {time.monotonic() - begin:.0f} s')
    tell(not text and sum(robust.n_killed.values()) == N_KILLS, 1, 'kills', text)
    try:
        wait(lambda: reap_orphans() == 0, 'the end of orphans')
        tell(True, 2, 'no-orphans')
    except AssertionError as error:
        tell(False, 2, 'no-orphans', f'{error}: {children_of(os.getpid())}')
    left = shared_memory(is_ours_alone) - before
    tell(not left, 3, 'no-shared-memory', str(left) if left else '')


if __name__ == '__main__':
    main()
