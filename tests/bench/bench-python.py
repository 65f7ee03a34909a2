# bench-python.py - what it costs to hand tasks to Python's own pools
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Two workers and an empty function, as in bench-pool.c, which runs this.  Each line is a name and
# the nanoseconds of wall time and of processor time per task, all threads and processes together.

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

N_ROUNDS = 3
N_WORKERS = 2


def nothing(argument):
    return argument


def get_cpu_ns():
    times = os.times()
    return (times.user + times.system + times.children_user + times.children_system) * 1e9


def executor(kind, n_tasks):
    with kind(N_WORKERS) as pool:
        for future in [pool.submit(nothing, 1) for _ in range(n_tasks)]:
            future.result()


def apply_async(n_tasks):
    with multiprocessing.Pool(N_WORKERS) as pool:
        for result in [pool.apply_async(nothing, (1,)) for _ in range(n_tasks)]:
            result.get()
        pool.close()
        pool.join()


def map_by(chunk, n_tasks):
    with multiprocessing.Pool(N_WORKERS) as pool:
        pool.map(nothing, range(n_tasks), chunk)
        pool.close()
        pool.join()


CONTENDERS = [
    ("Python ThreadPoolExecutor.submit", lambda n: executor(ThreadPoolExecutor, n), 5000),
    ("Python ProcessPoolExecutor.submit", lambda n: executor(ProcessPoolExecutor, n), 3000),
    ("Python multiprocessing apply_async", apply_async, 5000),
    ("Python multiprocessing map by 64", lambda n: map_by(64, n), 100000),
]


def main():
    for name, run, n_tasks in CONTENDERS:
        costs = []
        for _ in range(N_ROUNDS):
            cpu_ns, wall_ns = get_cpu_ns(), time.monotonic_ns()
            run(n_tasks)
            costs.append(
                ((time.monotonic_ns() - wall_ns) / n_tasks, (get_cpu_ns() - cpu_ns) / n_tasks)
            )
        wall_ns = sorted(cost[0] for cost in costs)[N_ROUNDS // 2]
        cpu_ns = sorted(cost[1] for cost in costs)[N_ROUNDS // 2]
        print(f"{name}\t{wall_ns:.1f}\t{cpu_ns:.1f}")


if __name__ == "__main__":
    main()
