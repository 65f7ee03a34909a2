/* bench-peers.h - other pools, and hand-written limits, doing what ours is measured at
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each runs @n_tasks tasks of @work_ns on two workers, handed in by a third thread (libgomp's and
 * oneTBB's helps), and returns once all are done.  A limit is the least that any pool has to do,
 * written out for this purpose alone: no results, no errors, no end but the last task.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

  typedef struct _IlTrace IlTrace;

  typedef struct
  {
    uint64_t n_tasks;
    uint64_t n_iterations; /* of a task's work; 0: none */
    IlTrace *trace;        /* where the limit records; NULL: nowhere */
  } BenchLoad;

  typedef void (*BenchFunc) (const BenchLoad *load);

  typedef struct
  {
    const char *name;
    BenchFunc run; /* NULL: not built */
  } BenchPeer;

#define BENCH_N_WORKERS 2
#define BENCH_CAPACITY 1000

  void bench_work (uint64_t n_iterations);

  void bench_limit_run (const BenchLoad *load);
  void bench_glib_run (const BenchLoad *load);
  void bench_libuv_run (const BenchLoad *load);
  void bench_openmp_run (const BenchLoad *load);
  void bench_tbb_run (const BenchLoad *load);
  void bench_tbb_enqueue_run (const BenchLoad *load);

  /* One worker, handed one task at a time, which calls @func. */
  void bench_libuv_open (void (*func) (void));
  void bench_libuv_put (void *unused);
  void bench_libuv_close (void);
  void bench_tbb_open (void (*func) (void));
  void bench_tbb_put (void *unused);
  void bench_tbb_close (void);

  /* fib (@n) by spawning; 0 where not built. */
  uint64_t bench_openmp_fib (unsigned n);
  uint64_t bench_tbb_fib (unsigned n);

#ifdef __cplusplus
}
#endif
