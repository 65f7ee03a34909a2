#!/usr/bin/python3
# two-jobs.py - two independent jobs: one after the other, as threads, as processes
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   two-jobs.py [serial|threads|processes]
#
# A job that computes keeps one core busy. Two of them can only be quicker together if each has a core of its own.
# Threads of Python do not get that: they take turns under the interpreter's lock. Processes do.
import multiprocessing
import sys
import time

import named


def job():
    """Computes until it has had half a second of a core's time."""
    begin = time.thread_time()
    while time.thread_time() - begin < 0.5:
        pass


def serial():
    job()
    job()


def side_by_side(kind):
    both = [kind(target=job) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()


WAYS = {
    'serial': serial,
    'threads': lambda: side_by_side(named.Thread),
    'processes': lambda: side_by_side(multiprocessing.Process),
}

if __name__ == '__main__':
    for name in sys.argv[1:] or WAYS:
        begin = time.monotonic()
        WAYS[name]()
        print(f'{name}: {time.monotonic() - begin:.2f} s')
