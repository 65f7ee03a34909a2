#!/usr/bin/python3
# event.py - many wait for one thing to happen, and all go on when it has
# SPDX-License-Identifier: GPL-3.0-or-later
import threading
import time

import named

WAITERS = 6

start = threading.Event()
late = []
set_at = 0.0


def run():
    start.wait()
    late.append(time.monotonic() - set_at)


threads = [named.Thread(target=run, name=f'runner {i + 1}') for i in range(WAITERS)]
for thread in threads:
    thread.start()
time.sleep(0.2)                     # all of them wait now
set_at = time.monotonic()
start.set()
for thread in threads:
    thread.join()
late.sort()
print(f'{len(late)} woken, half of them within {late[WAITERS // 2] * 1000:.2f} ms, the last after {late[-1] * 1000:.2f} ms')
