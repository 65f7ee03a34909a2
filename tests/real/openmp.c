/* openmp.c - OpenMP: a parallel loop with a critical section and a barrier, for so many seconds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

static long
run (void)
{
  long sum = 0;

#pragma omp parallel for schedule(dynamic)
  for (int i = 0; i < 100; i++)
    {
      volatile long own = 0;

      for (int j = 0; j < 100000; j++)
        own = own + i;
#pragma omp critical
      sum += own;
    }
  return sum;
}

int
main (int argc, char **argv)
{
  double end = omp_get_wtime () + (argc > 1 ? atoi (argv[1]) : 1);
  long sum = run ();

  while (omp_get_wtime () < end)
    if (run () != sum)
      return 1;
  printf ("%ld\n", sum);
  return 0;
}
