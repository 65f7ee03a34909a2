#!/usr/bin/python3
# philosophers.py - five at a round table, with one fork between each two
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   philosophers.py [opposite|ordered]
#
# All take the fork to their left, and then wait for the one to their right, which the neighbour has: a circle. If each
# takes the fork with the lower number first, one of them reaches to the right first, and the circle is broken.
import sys
import threading
import time

import named

SEATS = 5
MEALS = 10


def dine(first, second, together):
    together.wait()
    for _ in range(MEALS):
        with first:
            time.sleep(0.005)
            with second:
                time.sleep(0.002)


def run(way):
    forks = [threading.Lock() for _ in range(SEATS)]
    together = threading.Barrier(SEATS)
    threads = []
    for seat in range(SEATS):
        numbers = [seat, (seat + 1) % SEATS]
        if way == 'ordered':
            numbers.sort()
        threads.append(named.Thread(target=dine, args=(forks[numbers[0]], forks[numbers[1]], together),
                                    name=f'philosopher {seat + 1}', daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=0.4 if way == 'opposite' else None)
    return 'stuck' if any(thread.is_alive() for thread in threads) else 'all have dined'


for name in sys.argv[1:] or ['ordered', 'opposite']:
    print(f'{name}: {run(name)}')
