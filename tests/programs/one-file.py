#!/usr/bin/python3
# one-file.py - several processes append lines to one file
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   one-file.py [none|lock|writer]
#
# Each writes its lines in two pieces, as a program does whose buffer is smaller than the line. Without a lock pieces of
# others get in between. With a lock around each line all are whole; and also if one alone writes what the others send it.
import multiprocessing
import os
import sys
import tempfile
import time

PROCESSES = 3
LINES = 100


def append(path, lines, lock):
    file = os.open(path, os.O_WRONLY | os.O_APPEND)
    for line in lines:
        if lock is not None:
            lock.acquire()
        os.write(file, line[:10])
        time.sleep(0)               # another one may get the core here
        os.write(file, line[10:])
        if lock is not None:
            lock.release()
    os.close(file)


def make_lines(number):
    return [b'%d' % number * 20 + b'\n' for _ in range(LINES)]


def work(path, number, lock, pipe):
    if pipe is None:
        append(path, make_lines(number), lock)
    else:
        for line in make_lines(number):
            pipe.put(line)


def write_all(path, pipe):
    append(path, (pipe.get() for _ in range(PROCESSES * LINES)), None)


def run(way):
    with tempfile.NamedTemporaryFile() as file:
        lock = multiprocessing.Lock() if way == 'lock' else None
        pipe = multiprocessing.Queue() if way == 'writer' else None
        processes = [multiprocessing.Process(target=work, args=(file.name, i + 1, lock, pipe))
                     for i in range(PROCESSES)]
        if pipe is not None:
            processes.append(multiprocessing.Process(target=write_all, args=(file.name, pipe)))
        begin = time.monotonic()
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        seconds = time.monotonic() - begin
        with open(file.name, 'rb') as result:
            lines = result.read().splitlines()
        whole = {line.rstrip(b'\n') for i in range(PROCESSES) for line in make_lines(i + 1)[:1]}
        torn = sum(line not in whole for line in lines)
        print(f'{way}: {torn} torn lines, {PROCESSES * LINES / seconds:.0f} lines/s')


if __name__ == '__main__':
    for name in sys.argv[1:] or ['none', 'lock', 'writer']:
        run(name)
