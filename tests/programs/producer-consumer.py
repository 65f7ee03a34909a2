#!/usr/bin/python3
# producer-consumer.py - a bounded queue between one who makes and two who take
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The producer is quicker than the consumers. Were the queue not bounded it would grow and grow; with room for four items
# the producer has to wait. At the end there is an item for each consumer that says: that was all.
import queue
import time

import named

ITEMS = 60
ROOM = 4
CONSUMERS = 2

items = queue.Queue(maxsize=ROOM)
depths = []
blocked = 0


def produce():
    global blocked
    for number in range(ITEMS):
        blocked += items.full()
        items.put(number)           # waits while the queue is full
        depths.append(items.qsize())
        time.sleep(0.002)
    for _ in range(CONSUMERS):
        items.put(None)


def consume():
    while items.get() is not None:  # waits while the queue is empty
        time.sleep(0.010)


threads = [named.Thread(target=produce, name='producer')]
threads += [named.Thread(target=consume, name=f'consumer {i + 1}') for i in range(CONSUMERS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f'depth at most {max(depths)}, {sum(depths) / len(depths):.1f} on average; the producer found it full {blocked} times')
