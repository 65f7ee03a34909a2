#!/usr/bin/python3
# lock-contention.py - the longer one holds a lock, the longer the others wait
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   lock-contention.py [MILLISECONDS] [THREADS]
#
# Each thread does 4 ms of its own between two visits to the lock. If it holds the lock for 1 ms, there is hardly a queue;
# with 8 ms all stand in line, and adding threads only makes the line longer. (They sleep, so that it is this lock that is
# waited for and not the interpreter's.)
import sys
import threading
import time

import named

VISITS = 20


def visit(lock, inside):
    for _ in range(VISITS):
        time.sleep(0.004)
        with lock:
            time.sleep(inside)


def main(milliseconds='4', n_threads='3'):
    lock = threading.Lock()
    threads = [named.Thread(target=visit, args=(lock, float(milliseconds) / 1000), name=f'visitor {i + 1}')
               for i in range(int(n_threads))]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f'{n_threads} threads, {milliseconds} ms inside: {time.monotonic() - begin:.2f} s')


main(*sys.argv[1:])
