#!/usr/bin/python3
# while-not-empty.py - empty does not mean finished
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   while-not-empty.py [wrong|right]
#
# The wrong consumer goes on while the queue is not empty. The producer pauses once, the queue is empty for a moment, and
# the consumer leaves: what comes afterwards stays in the queue. The right one waits for a last item.
import queue
import sys
import time

import named

ITEMS = 20


def produce(items):
    for number in range(ITEMS):
        items.put(number)
        if number == ITEMS // 2:
            time.sleep(0.1)
    items.put(None)


def consume_wrong(items):
    while not items.empty():
        items.get()
        time.sleep(0.002)


def consume_right(items):
    while items.get() is not None:
        time.sleep(0.002)


def run(consume):
    items = queue.Queue()
    items.put('first')
    producer = named.Thread(target=produce, args=(items,), name='producer')
    consumer = named.Thread(target=consume, args=(items,), name='consumer')
    producer.start()
    consumer.start()
    consumer.join()
    producer.join()
    return items.qsize()


WAYS = {'wrong': consume_wrong, 'right': consume_right}

for name in sys.argv[1:] or WAYS:
    print(f'{name}: {run(WAYS[name])} left in the queue')
