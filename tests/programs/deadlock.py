#!/usr/bin/python3
# deadlock.py - two who each have what the other one wants wait for ever
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   deadlock.py [opposite|ordered]
#
# One thread takes A and then B, the other B and then A. Sooner or later each has one lock and waits for the other one.
# If both take them in the same order that cannot happen, and one can wait for their end. (The threads are daemons, so that
# the program can end when they do not.)
import sys
import threading
import time

import named


def use(first, second):
    for _ in range(20):
        with first:
            time.sleep(0.010)
            with second:
                time.sleep(0.001)


def run(way):
    a, b = threading.Lock(), threading.Lock()
    threads = [named.Thread(target=use, args=(a, b), name='first', daemon=True),
               named.Thread(target=use, args=(b, a) if way == 'opposite' else (a, b), name='second', daemon=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=1.5 if way == 'opposite' else None)
    return 'stuck' if threads[0].is_alive() else 'done'


for name in sys.argv[1:] or ['ordered', 'opposite']:
    print(f'{name}: {run(name)}')
