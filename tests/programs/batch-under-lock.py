#!/usr/bin/python3
# batch-under-lock.py - a writer that holds a lock for its whole batch keeps the reader out
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   batch-under-lock.py [batch|each]
#
# The writer adds ten items and pauses after each. If it has the lock around all of that, pauses included, the reader waits
# for the whole batch. If it has it around each item alone, the reader gets in between.
import sys
import threading
import time

import named

ITEMS = 10
ROUNDS = 3
PAUSE = 0.010


def write_batch(lock, items):
    with lock:
        for number in range(ITEMS):
            items.append(number)
            time.sleep(PAUSE)


def write_each(lock, items):
    for number in range(ITEMS):
        with lock:
            items.append(number)
        time.sleep(PAUSE)


def read(lock, items, waits, is_over):
    while not is_over.is_set():
        begin = time.monotonic()
        with lock:
            items.clear()
        waits.append(time.monotonic() - begin)
        time.sleep(0.005)


def run(write):
    lock, items, waits, is_over = threading.Lock(), [], [], threading.Event()
    reader = named.Thread(target=read, args=(lock, items, waits, is_over), name='reader')
    reader.start()
    for _ in range(ROUNDS):
        writer = named.Thread(target=write, args=(lock, items), name='writer')
        writer.start()
        writer.join()
    is_over.set()
    reader.join()
    return max(waits)


WAYS = {'batch': write_batch, 'each': write_each}

for name in sys.argv[1:] or WAYS:
    print(f'{name}: the reader waited {run(WAYS[name]) * 1000:.0f} ms at most')
