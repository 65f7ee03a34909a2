// mutex.cpp - threads of C++ with a mutex and a condition, again and again for so many seconds
// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

static std::mutex guard;
static std::condition_variable filled;
static std::deque<int> items;
static bool is_over;

// Something of one's own between two visits to the queue.
static void compute ()
{
  for (volatile int i = 0; i < 2000; i = i + 1)
    ;
}

static void take (long *sum)
{
  for (;;)
    {
      compute ();
      std::unique_lock<std::mutex> hold (guard);
      filled.wait (hold, [] { return is_over || !items.empty (); });
      if (items.empty ())
        return;
      *sum += items.front ();
      items.pop_front ();
    }
}

static long run ()
{
  long sums[3] = {};
  std::vector<std::thread> threads;

  is_over = false;
  for (auto &sum : sums)
    threads.emplace_back (take, &sum);
  for (int i = 1; i <= 100000; i++)
    {
      compute ();
      std::lock_guard<std::mutex> hold (guard);
      items.push_back (i);
      filled.notify_one ();
    }
  {
    std::lock_guard<std::mutex> hold (guard);
    is_over = true;
    filled.notify_all ();
  }
  for (auto &thread : threads)
    thread.join ();
  return sums[0] + sums[1] + sums[2];
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
