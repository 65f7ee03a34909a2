// tbb.cpp - oneTBB: a parallel loop whose body takes a lock now and then, for so many seconds
// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <tbb/parallel_for.h>

static long run ()
{
  static std::mutex guard;
  long sum = 0;

  tbb::parallel_for (0, 400, [&] (int i) {
    volatile long own = 0;
    for (int j = 0; j < 100000; j++)
      own = own + i;
    std::lock_guard<std::mutex> hold (guard);
    sum += own;
  });
  return sum;
}

int main (int argc, char **argv)
{
  auto end = std::chrono::steady_clock::now () + std::chrono::seconds (argc > 1 ? std::atoi (argv[1]) : 1);
  long sum = run ();

  while (std::chrono::steady_clock::now () < end)
    if (run () != sum)
      return 1;
  std::printf ("%ld\n", sum);
}
