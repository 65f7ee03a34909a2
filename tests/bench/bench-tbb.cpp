// bench-tbb.cpp - oneTBB's task groups and arenas, see bench-peers.h
//
// SPDX-License-Identifier: GPL-3.0-or-later

#include "bench-peers.h"

#include <atomic>
#include <thread>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

void
bench_tbb_run (const BenchLoad *load)
{
  tbb::global_control control (tbb::global_control::max_allowed_parallelism, BENCH_N_WORKERS);
  tbb::task_group group;

  for (uint64_t i = 0; i < load->n_tasks; i++)
    group.run ([load] { bench_work (load->n_iterations); });
  group.wait ();
}

void
bench_tbb_enqueue_run (const BenchLoad *load)
{
  tbb::global_control control (tbb::global_control::max_allowed_parallelism, BENCH_N_WORKERS + 1);
  tbb::task_arena arena (BENCH_N_WORKERS, 0);
  std::atomic<uint64_t> left (load->n_tasks);

  for (uint64_t i = 0; i < load->n_tasks; i++)
    arena.enqueue ([load, &left] {
      bench_work (load->n_iterations);
      left.fetch_sub (1, std::memory_order_release);
    });
  while (left.load (std::memory_order_acquire) > 0)
    std::this_thread::yield ();
}

static uint64_t
fib (unsigned n)
{
  if (n < 2)
    return n;
  uint64_t a, b;
  tbb::task_group group;

  group.run ([&a, n] { a = fib (n - 1); });
  b = fib (n - 2);
  group.wait ();
  return a + b;
}

uint64_t
bench_tbb_fib (unsigned n)
{
  tbb::global_control control (tbb::global_control::max_allowed_parallelism, 1);

  return fib (n);
}

static tbb::global_control *single_control;
static tbb::task_arena *single_arena;
static void (*single_func) (void);

void
bench_tbb_open (void (*func) (void))
{
  single_func = func;
  single_control
      = new tbb::global_control (tbb::global_control::max_allowed_parallelism, 2);
  single_arena = new tbb::task_arena (1, 0);
}

void
bench_tbb_put (void *)
{
  single_arena->enqueue ([] { single_func (); });
}

void
bench_tbb_close (void)
{
  delete single_arena;
  delete single_control;
}
