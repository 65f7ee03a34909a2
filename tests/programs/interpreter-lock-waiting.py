#!/usr/bin/python3
# interpreter-lock-waiting.py - who waits does not hold the interpreter's lock
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Eight threads sleep instead of computing, as if each waited for an answer from a network. Before Python waits it lets
# go of the interpreter's lock, so that all eight wait at the same time: eight times as quick as one after the other.
import time

import named

THREADS = 8
ROUNDS = 5
SECONDS = 0.05


def ask():
    for _ in range(ROUNDS):
        time.sleep(SECONDS)


begin = time.monotonic()
threads = [named.Thread(target=ask, name=f'client {i + 1}') for i in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f'speed-up {THREADS * ROUNDS * SECONDS / (time.monotonic() - begin):.1f}')
