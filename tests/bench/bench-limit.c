/* bench-limit.c - the least that handing tasks to two workers takes, and GThreadPool
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The limit: for each worker a ring of 16-byte descriptors that one thread fills and one empties,
 * published by 32.  Recorded, it writes a submission with one stamp for those 32, a begin that
 * shares the stamp of the end before it, and an end.
 */

#include "config.h"

#include "bench-peers.h"

#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>

#include "il-futex.h"
#include "il-trace-write.h"

#define N_SLOTS 512
#define BATCH 32
#define N_POLLS 100

typedef struct
{
  void (*func) (uint64_t argument);
  uint64_t argument;
} Descriptor;

typedef struct
{
  alignas (64) _Atomic uint32_t head;
  alignas (64) _Atomic uint32_t tail;
  _Atomic bool is_closed;
  Descriptor slots[N_SLOTS];
  const BenchLoad *load;
} Ring;

void
bench_work (uint64_t n_iterations)
{
  uint64_t x = n_iterations;

  for (uint64_t i = 0; i < n_iterations; i++)
    __asm__ volatile("imul %0, %0" : "+r"(x));
}

/* Polls, and lets others have the core now and then. */
static void
poll_again (unsigned *n_polls)
{
  if (++*n_polls % N_POLLS == 0)
    sched_yield ();
  else
    il_spin_pause ();
}

static void *
limit_thread (void *data)
{
  Ring *ring = data;
  IlTraceLane lane = { 0 };
  uint32_t head = 0, tail = 0;
  uint64_t stamp = 0;
  unsigned n_polls = 0;

  il_trace_lane_claim (ring->load->trace, &lane, IL_ROLE_WORKER, 1, "limit", 0);
  for (;; head++)
    {
      Descriptor task;

      while (head == tail)
        {
          bool is_closed = atomic_load_explicit (&ring->is_closed, memory_order_acquire);

          stamp = 0;
          tail = atomic_load_explicit (&ring->tail, memory_order_acquire);
          if (head == tail && is_closed)
            {
              il_trace_lane_release (&lane, 0);
              return NULL;
            }
          if (head == tail)
            poll_again (&n_polls);
        }
      task = ring->slots[head % N_SLOTS];
      atomic_store_explicit (&ring->head, head + 1, memory_order_release);
      if (stamp == 0)
        stamp = il_trace_lane_stamp (&lane);
      il_trace_lane_write_at (&lane, stamp, IL_EVENT_TASK_BEGIN, 1, (uint32_t)head);
      task.func (task.argument);
      stamp = il_trace_lane_stamp (&lane);
      il_trace_lane_write_at (&lane, stamp, IL_EVENT_TASK_END, 0, (uint32_t)head);
    }
}

static void
put_batch (Ring *ring, IlTraceLane *lane, uint32_t n_tasks)
{
  uint32_t tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);
  uint64_t stamp;
  unsigned n_polls = 0;

  while (tail + n_tasks - atomic_load_explicit (&ring->head, memory_order_acquire) > N_SLOTS)
    poll_again (&n_polls);
  for (uint32_t i = 0; i < n_tasks; i++)
    ring->slots[(tail + i) % N_SLOTS] = (Descriptor){ bench_work, ring->load->n_iterations };
  stamp = il_trace_lane_stamp (lane);
  atomic_store_explicit (&ring->tail, tail + n_tasks, memory_order_release);
  for (uint32_t i = 0; i < n_tasks; i++)
    il_trace_lane_write_at (lane, stamp, IL_EVENT_TASK_SUBMIT, 1, tail + i);
}

void
bench_limit_run (const BenchLoad *load)
{
  static Ring rings[BENCH_N_WORKERS];
  pthread_t threads[BENCH_N_WORKERS];
  IlTraceLane lane = { 0 };
  uint64_t left = load->n_tasks;

  il_trace_lane_claim (load->trace, &lane, IL_ROLE_SUBMITTER, 0, "limit", 0);
  for (int i = 0; i < BENCH_N_WORKERS; i++)
    {
      atomic_store (&rings[i].head, 0);
      atomic_store (&rings[i].tail, 0);
      atomic_store (&rings[i].is_closed, false);
      rings[i].load = load;
      pthread_create (&threads[i], NULL, limit_thread, &rings[i]);
    }
  for (int i = 0; left > 0; i = (i + 1) % BENCH_N_WORKERS)
    {
      uint32_t n_tasks = (uint32_t)MIN (left, BATCH);

      put_batch (&rings[i], &lane, n_tasks);
      left -= n_tasks;
    }
  for (int i = 0; i < BENCH_N_WORKERS; i++)
    atomic_store_explicit (&rings[i].is_closed, true, memory_order_release);
  for (int i = 0; i < BENCH_N_WORKERS; i++)
    pthread_join (threads[i], NULL);
  il_trace_lane_release (&lane, 0);
}

static void
work_cb (void *data, void *user_data)
{
  const BenchLoad *load = user_data;

  bench_work (load->n_iterations);
}

void
bench_glib_run (const BenchLoad *load)
{
  BenchLoad copy = *load;
  GThreadPool *pool = g_thread_pool_new (work_cb, &copy, BENCH_N_WORKERS, TRUE, NULL);

  for (uint64_t i = 0; i < load->n_tasks; i++)
    g_thread_pool_push (pool, GUINT_TO_POINTER (1), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
}
