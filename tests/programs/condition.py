#!/usr/bin/python3
# condition.py - to wake one who can go on, or all of whom most cannot
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   condition.py [one|all]
#
# Four threads wait for loaves, which come one by one. If all are woken for each loaf, three of four wake for nothing: they
# look, and wait again.
import sys
import threading
import time

import named

EATERS = 4
LOAVES = 20


def run(way):
    shelf = threading.Condition()
    loaves = wakes = wasted = 0

    def eat():
        nonlocal loaves, wakes, wasted
        for _ in range(LOAVES // EATERS):
            with shelf:
                while loaves == 0:
                    shelf.wait()
                    wakes += 1
                    wasted += loaves == 0
                loaves -= 1

    threads = [named.Thread(target=eat, name=f'eater {i + 1}') for i in range(EATERS)]
    for thread in threads:
        thread.start()
    for _ in range(LOAVES):
        time.sleep(0.005)
        with shelf:
            loaves += 1
            if way == 'one':
                shelf.notify()
            else:
                shelf.notify_all()
    for thread in threads:
        thread.join()
    return wakes, wasted


for name in sys.argv[1:] or ['one', 'all']:
    n_wakes, n_wasted = run(name)
    print(f'{name}: {n_wakes} wake-ups, {n_wasted} of them for nothing')
