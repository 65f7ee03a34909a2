// tbb.cpp - oneTBB: a parallel loop whose body takes a lock now and then
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <mutex>
#include <tbb/parallel_for.h>

int main ()
{
  static std::mutex guard;
  long sum = 0;

  tbb::parallel_for (0, 400, [&] (int i) {
    volatile long own = 0;
    for (int j = 0; j < 1000000; j++)
      own = own + i;
    std::lock_guard<std::mutex> hold (guard);
    sum += own;
  });
  std::printf ("%ld\n", sum);
}
