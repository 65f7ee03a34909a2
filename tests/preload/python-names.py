#!/usr/bin/python3
# python-names.py - locks of programs in Python are called by the line that uses them first, threads as the program calls them
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Each wait is for a lock that the same thread has, and gives up after a moment: so it is sure that there is one.
#
# Environment: INTERLEAVE_CLI, INTERLEAVE_RUNNER, INTERLEAVE_PRELOAD, INTERLEAVE_SYMBOLS.  Prints TAP.
import functools
import os
import subprocess
import sys
import tempfile

from traced import Skip, Traced, in_one_of_tries, report_tests

PYTHON = '/usr/bin/python3'
KNOWN = ('3.11', '3.12', '3.13')  # as src/preload/il-python-layout.h has them

HEAD = '''import queue, threading
def taken():
    lock = threading.Lock()
    lock.acquire()
    return lock
kept = []
def keep(thing):
    kept.append(thing)
    return thing
'''

# What is called by "HERE" is to be that line.
SCRIPTS = {
    'at the outside': ('keep(taken()).acquire(timeout=0.001)  # HERE', '{file}:{line}'),
    'function': ('def plain():\n    keep(taken()).acquire(timeout=0.001)  # HERE\nplain()', 'plain ({file}:{line})'),
    'method': ('class A:\n    def do(self):\n        keep(taken()).acquire(timeout=0.001)  # HERE\nA().do()',
               'do ({file}:{line})'),
    'lambda': ('(lambda:\n    keep(taken()).acquire(timeout=0.001)  # HERE\n)()', '<lambda> ({file}:{line})'),
    'generator': ('def steps():\n    yield keep(taken()).acquire(timeout=0.001)  # HERE\nlist(steps())', 'steps ({file}:{line})'),
    'far down': ('def far():\n' + '    keep(0)\n' * 500 + '    if keep(0) == 0:' + '\n' * 700
                 + '        keep(taken()).acquire(timeout=0.001)  # HERE\nfar()', 'far ({file}:{line})'),
    'upwards': ('def up():\n    for i in range(2):\n        if i == 1: keep(taken()).acquire(timeout=0.001)  # HERE\n'
                '        keep(0)\nup()', 'up ({file}:{line})'),
    'thread': ('def body():\n    keep(taken()).acquire(timeout=0.001)  # HERE\n'
               'thread = threading.Thread(target=body)\nthread.start()\nthread.join()', 'body ({file}:{line})'),
    'condition': ('def wait():\n    one = keep(threading.Condition())\n    with one:\n        one.wait(0.001)  # HERE\nwait()',
                  'wait ({file}:{line})'),
    'event': ('def wait():\n    threading.Event().wait(0.001)  # HERE\nwait()', 'wait ({file}:{line})'),
    'queue': ('def get():\n    try:\n        queue.Queue().get(timeout=0.001)  # HERE\n    except queue.Empty:\n        pass\nget()',
              'get ({file}:{line})'),
    'letters of one byte': ('def größe():\n    keep(taken()).acquire(timeout=0.001)  # HERE\ngröße()', 'größe ({file}:{line})'),
    'letters of two': ('def 例():\n    keep(taken()).acquire(timeout=0.001)  # HERE\n例()', '例 ({file}:{line})'),
    'letters of four': ('exec(compile("\\nkeep(taken()).acquire(timeout=0.001)", "/a/𝔵𝔶.py", "exec"))  # HERE', '𝔵𝔶.py:2'),
    'no text': ('exec(compile("keep(taken()).acquire(timeout=0.001)", "a\\x1b[1m\\n.py", "exec"))  # HERE', 'a?[1m?.py:1'),
    'long': (f'def {"f" * 300}():\n    keep(taken()).acquire(timeout=0.001)  # HERE\n{"f" * 300}()', 'f' * 96 + ' ({file}:{line})'),
    'library of the program': ('exec(compile("keep(taken()).acquire(timeout=0.001)", '
                               '"/usr/lib/python3/dist-packages/own.py", "exec"))  # HERE', 'own.py:1'),
    'program of that name': ('exec(compile("keep(taken()).acquire(timeout=0.001)", "/home/me/threading.py", "exec"))  # HERE',
                             'threading.py:1'),
}


def need_known():
    said = subprocess.run([PYTHON, '-c', 'import sys, sysconfig; print("%d.%d" % sys.version_info[:2], '
                           'sysconfig.get_config_var("Py_TRACE_REFS"))'], capture_output=True, text=True, check=True).stdout
    if said.split()[0] not in KNOWN or said.split()[1] == '1':
        raise Skip(f'it is not known where Python {said.strip()} keeps what it executes')


def in_directory(test):
    @functools.wraps(test)
    def run():
        with tempfile.TemporaryDirectory(prefix='names-') as directory:
            test(directory)
    return run


def get_names(*command):
    need_known()
    traced = Traced(command=[PYTHON, *command])
    return [one['name'] for kind in ('locks', 'signals') for one in traced.report[kind]], traced


def check_names(names, wanted):
    """Several of a line have numbers, of which others may have the first."""
    for what, name in wanted.items():
        assert any(one == name or one.startswith(name + ' (') for one in names), f'{what}: {name!r} is not among {names}'


def find_line(script, word='# HERE'):
    return script[:script.index(word)].count('\n') + 1


@in_directory
def places(directory):
    """Each in a program of its own: of what lies where others lay only some have names."""
    for i, (what, (text, name)) in enumerate(SCRIPTS.items()):
        path = os.path.join(directory, f'place{i}.py')
        script = HEAD + text
        with open(path, 'w', encoding='utf-8') as file:
            file.write(script)
        wanted = {what: name.format(file=os.path.basename(path), line=find_line(script))}
        for options in ([], ['-O']) if what == 'function' else ([],):
            check_names(get_names(*options, path)[0], wanted)


@in_directory
def given(directory):
    """Not in a file."""
    script = HEAD + 'keep(taken()).acquire(timeout=0.001)  # HERE\n'
    check_names(get_names('-c', script)[0], {'-c': f'<string>:{find_line(script)}'})
    path = os.path.join(directory, 'given.py')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(script)
    traced = Traced(command=['sh', '-c', f'exec {PYTHON} <{path}'])
    check_names([lock['name'] for lock in traced.report['locks']], {'stdin': f'<stdin>:{find_line(script)}'})


@in_directory
def processes(directory):
    """Each child finds out anew; what they share is one."""
    script = ('import multiprocessing, threading\n'
              'def work(shared):\n    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire(timeout=0.001)  # HERE\n'
              '    shared.acquire(timeout=0.001)  # SHARED\n'
              'def main(way):\n    multiprocessing.set_start_method(way, force=True)\n    shared = multiprocessing.Lock()\n'
              '    shared.acquire()\n    child = multiprocessing.Process(target=work, args=(shared,))\n    child.start()\n'
              '    child.join()\nif __name__ == "__main__":\n    for way in ("fork", "spawn"): main(way)\n')
    path = os.path.join(directory, 'processes.py')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(script)
    names = get_names(path)[0]
    for word in ('# HERE', '# SHARED'):
        name = f'work (processes.py:{find_line(script, word)})'
        assert sum(one.startswith(name) for one in names) == 2, f'{name!r} is not there twice: {names}'


def places_again():
    """What comes to lie where another lay is not called as that."""
    script = (HEAD + 'def one(): taken().acquire(timeout=0.001)  # ONE\ndef two(): taken().acquire(timeout=0.001)  # TWO\n'
              'for i in range(20):\n    one()\n    two()\n')
    names, traced = get_names('-c', script)
    wanted = {word: f'{word.lower()} (<string>:{find_line(script, "# " + word)})' for word in ('ONE', 'TWO')}
    check_names(names, wanted)
    for name in wanted.values():
        waited = [lock['contended'] for lock in traced.report['locks'] if lock['name'].startswith(name)]
        assert sum(waited) == 20, f'{name}: {waited}, not 20'


def order():
    """Orders are told from the first time of each on, by the lines that took them, without a wait."""
    script = (HEAD + 'a, b = threading.Lock(), threading.Lock()\n'
              'import time\nended = []\n'
              'def one():\n    with a:  # A\n        with b: pass  # B\n    ended.append(1)\n'
              'def two():\n    with b:\n        with a: pass\n    ended.append(2)\n'
              # Who is waited for is apart from what comes later.
              'threads = [threading.Thread(target=body) for body in (one, two)]\n'
              'for n, thread in enumerate(threads):\n    thread.start()\n'
              '    while len(ended) <= n: time.sleep(0.001)\n'
              'for thread in threads: thread.join()\n')
    text = [finding['text'] for finding in get_names('-c', script)[1].report['findings'] if finding['kind'] == 'lock_order']
    names = [f'one (<string>:{find_line(script, "# " + word)})' for word in 'AB']
    assert len(text) == 1, text
    assert f'{names[0]} under {names[1]}' in text[0] and f'{names[1]} under {names[0]}' in text[0], text


def order_apart():
    """What is done before there are threads cannot meet what they do, unless it is done again when they are there."""
    script = (HEAD + 'import sys, time\n'
              'a, b = threading.Lock(), threading.Lock()\nended = []\n'
              'def take(one, two):\n    with one:\n        with two: pass\n    ended.append(1)\n'
              'for i in range(2): take(a, b)\n'
              'threads = [threading.Thread(target=take, args=(b, a)) for i in range(3)]\n'
              'for thread in threads: thread.start()\n'
              # Not at the same time, or it would wait for ever.
              'while len(ended) < 5: time.sleep(0.001)\n'
              'if sys.argv[1] == "again": take(a, b)\n'
              'for thread in threads: thread.join()\n')
    for way in ('before', 'again'):
        found = [finding['kind'] for finding in get_names('-c', script, way)[1].report['findings']]
        assert ('lock_order' in found) == (way == 'again'), f'{way}: {found}'


def no_order():
    """What only wakes is in no order, nor what another lock keeps apart."""
    script = (HEAD + 'import concurrent.futures, multiprocessing, multiprocessing.pool\n'
              'gate, a, b = threading.Lock(), threading.Lock(), threading.Lock()\n'
              'def guarded(one, two):\n    with gate:\n        with one:\n            with two: pass\n'
              'for pair in ((a, b), (b, a)):\n'
              '    thread = threading.Thread(target=guarded, args=pair)\n    thread.start()\n    thread.join()\n'
              'items, ready, done = queue.Queue(1), threading.Semaphore(0), threading.Lock()\ndone.acquire()\n'
              'condition, event, barrier = threading.Condition(), threading.Event(), threading.Barrier(2)\n'
              'bounded = threading.BoundedSemaphore(1)\n'
              'def produce():\n    with bounded:\n        for i in range(50):\n            items.put(i)\n            ready.release()\n'
              '    barrier.wait()\n    with condition:\n        condition.notify_all()\n    event.set()\n'
              '    with a: done.release()\n'
              'thread = threading.Thread(target=produce)\nthread.start()\n'
              'for i in range(50):\n    ready.acquire()\n    items.get()\n'
              'barrier.wait()\nwith condition:\n    condition.wait(0.001)\nevent.wait()\ndone.acquire()\n'
              'with a:\n    with bounded: pass\nthread.join()\n'
              'with concurrent.futures.ThreadPoolExecutor(2) as pool: list(pool.map(abs, range(50)))\n'
              'with multiprocessing.pool.ThreadPool(2) as pool: pool.map(abs, range(50))\n'
              'with multiprocessing.Pool(2) as pool: pool.map(abs, range(50))\n')
    findings = Traced(command=[PYTHON, '-c', script]).findings
    assert not findings & {'lock_order', 'deadlock'}, findings


def join():
    """Who joins a thread waits for its end, also for a limited time, and at the end of the program; nothing is held for it."""
    need_known()
    script = (HEAD + 'import time\n'
              'def start(function):\n'
              '    thread = threading.Thread(target=function)\n    thread.start()\n    return thread\n'
              'def sleep():\n    time.sleep(0.1)\n'
              'for limit in (None, 5): start(sleep).join(limit)  # JOIN\n'
              'lock = threading.Lock()\n'
              'def want():\n    lock.acquire(timeout=0.1)\n'
              'with lock: start(want).join()\n'
              'start(sleep)\n')

    def attempt():
        report = Traced(command=[PYTHON, '-c', script]).report
        joins, kinds = report['joins'], [finding['kind'] for finding in report['findings']]
        joined = {one['awaited'] for one in joins}
        name = f'<string>:{find_line(script, "# JOIN")}'
        locks = [lock['name'] for lock in report['locks'] if lock['kind'] == 'binary' and lock['name'].startswith(name)]
        wrong = [f'waited for {lock}' for lock in locks]
        if sys.version_info >= (3, 13):  # it is not known for whom
            waited_ns = sum(one['wait_ns'] for one in joins if one['awaited'] is None)
            return wrong + ([f'joined {joins}'] if not 300000000 < waited_ns < 600000000 else [])
        return wrong + ([f'joined {joins}'] if len(joined) != 4 else []) \
            + ([f'found {kinds}'] if kinds.count('held_up') != 1 else [])
    in_one_of_tries(attempt)


def threads():
    """Threads are called as the program calls them, however their objects keep that, also in processes that it forks."""
    need_known()
    script = ('import os, threading, _thread\n'
              'from concurrent.futures import ThreadPoolExecutor\n'
              'class Worker(threading.Thread):\n'
              '    def __init__(self, name):\n'
              '        for i in range(20): setattr(self, f"early_{i}", name)\n'
              '        super().__init__(target=visit, name=name)\n'
              'def visit():\n    threading.Event().set()\n'
              'threads = [Worker("Vladimir"), Worker("Эстрагон 2"), threading.Thread(target=visit, name="Lucky"),\n'
              '           threading.Thread(target=visit, name="Po" + "z" * 40), threading.Thread(target=visit, name="a\\x1bb"),\n'
              '           threading.Thread(target=visit)]\n'
              'vars(threads[0])[1] = "with a dictionary that has not names alone"\n'
              'for thread in threads: thread.start(); thread.join()\n'
              'with ThreadPoolExecutor(1, "boy") as pool: pool.submit(visit).result()\n'
              'other = threading.Lock(); other.acquire()\n'
              '_thread.start_new_thread(lambda: (visit(), other.release()), ()); other.acquire()\n'
              'def fork():\n'
              '    if os.fork() == 0:\n'
              '        visit()\n'
              '        thread = threading.Thread(target=visit, name="grandchild"); thread.start(); thread.join(); os._exit(0)\n'
              '    os.wait()\n'
              'thread = threading.Thread(target=fork, name="parent"); thread.start(); thread.join()\n')
    names = [thread['name'] for thread in Traced(command=[PYTHON, '-c', script]).threads]
    program = names[0]
    assert sorted(names) == sorted([
        program, 'Vladimir', 'Эстрагон 2', 'Lucky', 'Po' + 'z' * 26 + '…', 'a?b', 'Thread-1 (visit)', 'boy_0', f'{program} 2', 'parent',
        f'{program} 3', 'grandchild']), names


if __name__ == '__main__':
    sys.exit(report_tests([places, given, processes, places_again, order, order_apart, no_order, join, threads], sys.argv[1:]))
