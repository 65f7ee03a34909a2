#!/usr/bin/python3
# interpreter-lock.py - threads that compute take turns under Python's one lock
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   interpreter-lock.py [threads|processes] [INTERVAL]
#
# Whoever runs Python code has the interpreter's lock (GIL). Who wants it asks for it after 5 ms; the other one then
# lets go. So two threads together are as quick as one: look at the lock's row, where the holders change 200 times a
# second. INTERVAL, in seconds, is another time than 5 ms. Two processes have a lock each, and wait for nobody.
import multiprocessing
import sys
import time

import named

SECONDS = 0.6


def compute():
    begin = time.thread_time()
    while time.thread_time() - begin < SECONDS:
        pass


def main(way='threads', interval='0.005'):
    sys.setswitchinterval(float(interval))
    kind = named.Thread if way == 'threads' else multiprocessing.Process
    workers = [kind(target=compute, name=f'worker {i + 1}') for i in range(2)]
    begin = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wall = time.monotonic() - begin
    print(f'{way}: speed-up {2 * SECONDS / wall:.2f}')


if __name__ == '__main__':
    main(*sys.argv[1:])
