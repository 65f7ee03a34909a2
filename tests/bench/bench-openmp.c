/* bench-openmp.c - tasks of the compiler's OpenMP, see bench-peers.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "bench-peers.h"

void
bench_openmp_run (const BenchLoad *load)
{
#pragma omp parallel num_threads(BENCH_N_WORKERS)
#pragma omp single
  for (uint64_t i = 0; i < load->n_tasks; i++)
    {
#pragma omp task
      bench_work (load->n_iterations);
    }
}

static uint64_t
fib (unsigned n)
{
  uint64_t a, b;

  if (n < 2)
    return n;
#pragma omp task shared(a)
  a = fib (n - 1);
  b = fib (n - 2);
#pragma omp taskwait
  return a + b;
}

uint64_t
bench_openmp_fib (unsigned n)
{
  uint64_t result = 0;

#pragma omp parallel num_threads(1)
#pragma omp single
  result = fib (n);
  return result;
}
