#!/usr/bin/python3
# coroutines.py - thousands of tasks on one thread, and one that stalls them all
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   coroutines.py [TASKS]
#
# Each coroutine sleeps most of its time, so that one thread carries thousands. They take turns where they await. One that
# computes without awaiting keeps all the others from going on.
import asyncio
import sys
import time

TASKS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
ROUNDS = 10


async def nap():
    for _ in range(ROUNDS):
        await asyncio.sleep(0.05)


async def beat(gaps):
    """Notes how much later than it should it gets its turn."""
    while True:
        begin = time.monotonic()
        await asyncio.sleep(0.01)
        gaps.append(time.monotonic() - begin - 0.01)


async def pass_on(turns):
    for _ in range(turns):
        await asyncio.sleep(0)      # the next one's turn


async def main():
    begin = time.monotonic()
    await asyncio.gather(pass_on(5000), pass_on(5000))
    print(f'a switch costs {(time.monotonic() - begin) / 10000 * 1e6:.1f} µs')
    gaps = []
    heart = asyncio.create_task(beat(gaps))
    begin = time.monotonic()
    await asyncio.gather(*(nap() for _ in range(TASKS)))
    print(f'{TASKS} tasks of {ROUNDS * 0.05:.1f} s took {time.monotonic() - begin:.2f} s')
    gaps.clear()
    busy = time.monotonic()
    while time.monotonic() - busy < 0.3:
        pass                        # computes, and awaits nothing
    await asyncio.sleep(0.02)
    print(f'stalled for {max(gaps):.2f} s')
    heart.cancel()


asyncio.run(main())
