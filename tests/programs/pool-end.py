#!/usr/bin/python3
# pool-end.py - to close a pool lets the rest finish, to terminate it does not
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   pool-end.py [close|terminate]
import multiprocessing
import sys
import time

TASKS = 20


def work(number):
    time.sleep(0.05)
    return number


def run(way):
    done = []
    pool = multiprocessing.Pool(2)
    for number in range(TASKS):
        pool.apply_async(work, (number,), callback=done.append)
    if way == 'close':
        pool.close()                # no new tasks; what was handed in is done
    else:
        while len(done) < 4:        # in the midst of it
            time.sleep(0.001)
        pool.terminate()            # now: workers are killed, tasks are lost
    pool.join()                     # always after one of the two
    print(f'{way}: {len(done)} of {TASKS} done')


if __name__ == '__main__':
    for name in sys.argv[1:] or ['close', 'terminate']:
        run(name)
