/* openmp.c - OpenMP: a parallel loop with a critical section and a barrier
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>

int
main (void)
{
  long sum = 0;

  for (int round = 0; round < 50; round++)
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < 100; i++)
      {
        volatile long own = 0;

        for (int j = 0; j < 100000; j++)
          own = own + i;
#pragma omp critical
        sum += own;
      }
  printf ("%ld\n", sum);
  return 0;
}
