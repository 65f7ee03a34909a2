#!/usr/bin/python3
# separate-heaps.py - a thread changes what its process has, a child process changes a copy
# SPDX-License-Identifier: GPL-3.0-or-later
import multiprocessing

import named

counter = 0


def add():
    global counter
    for _ in range(1000):
        counter += 1


def run(kind):
    global counter
    counter = 0
    worker = kind(target=add)
    worker.start()
    worker.join()
    return counter


if __name__ == '__main__':
    print(f'thread: {run(named.Thread)}')
    print(f'process: {run(multiprocessing.Process)}')
