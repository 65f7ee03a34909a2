#!/usr/bin/python3
# pool-batches.py - a pool of two processes gets tasks one by one, or many at once
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   pool-batches.py [CHUNK]
#
# Forty tasks of different length. In chunks of 1 each worker takes the next task when it has finished one: both end at
# nearly the same time. In one chunk of 20 each the second worker gets all the long ones, and the first is idle at the end.
import multiprocessing
import os
import sys
import time

TASKS = 40


def work(number):
    """The later tasks take three times as long."""
    begun, begin = time.monotonic(), time.process_time()
    while time.process_time() - begin < (0.010 if number < TASKS // 2 else 0.030):
        pass
    return os.getpid(), time.monotonic(), begun


def run(chunk):
    with multiprocessing.Pool(2) as pool:
        submitted = time.monotonic()
        results = pool.map(work, range(TASKS), chunksize=chunk)
    ends = {pid: max(end for who, end, _ in results if who == pid) for pid in {result[0] for result in results}}
    counts = sorted(sum(who == pid for who, _, _ in results) for pid in ends)
    waits = sorted(begun - submitted for _, _, begun in results)
    print(f'chunks of {chunk}: tasks of each {counts}, the first was idle for {max(ends.values()) - min(ends.values()):.2f} s; '
          f'a task waited {waits[TASKS // 2]:.2f} s, the last one {waits[-1]:.2f} s')


if __name__ == '__main__':
    for size in map(int, sys.argv[1:] or ['1', '20']):
        run(size)
