/* test-storm.c - signal handlers write on top of a busy writer while a reader drains
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-nesting.c reaches each instruction, one write at a time; this is the whole at full speed.
 * The thread sanitizer puts signals off until the next system call, so it has no part in this.
 */

#include "config.h"

#include "il-trace-write.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "collect.h"

#define N_STORM 10000u

static IlTraceLane storm_lane;
static volatile guint32 n_usr1, n_usr2;

static void
usr1_handler (int signal_number)
{
  il_trace_lane_write (&storm_lane, IL_EVENT_SLEEP_BEGIN, 0, n_usr1++);
}

static void
usr2_handler (int signal_number)
{
  il_trace_lane_write (&storm_lane, IL_EVENT_SLEEP_END, 0, n_usr2++);
  il_trace_lane_write (&storm_lane, IL_EVENT_SLEEP_END, 0, n_usr2++);
}

typedef struct
{
  IlTraceReader *reader;
  Collection collection;
  _Atomic gboolean is_done;
} Storm;

/* Sends the signal to this thread again and again. */
static timer_t
start_timer (int signal_number, long interval_ns)
{
  const struct itimerspec times = { { 0, interval_ns }, { 0, interval_ns } };
  struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = signal_number };
  timer_t timer;

  event._sigev_un._tid = gettid ();
  g_assert_cmpint (timer_create (CLOCK_MONOTONIC, &event, &timer), ==, 0);
  g_assert_cmpint (timer_settime (timer, 0, &times, NULL), ==, 0);
  return timer;
}

static void *
drain_thread (void *data)
{
  Storm *storm = data;

  while (!atomic_load (&storm->is_done))
    {
      il_trace_reader_drain (storm->reader, &collect_handler, &storm->collection);
      g_usleep (100);
    }
  return NULL;
}

/* Counts what was delivered of one kind, which must be in order and at most once. */
static guint64
count_in_order (const CollectedLane *seen, IlEventKind kind)
{
  guint64 n = 0;
  gint64 last = -1;

  for (guint i = 0; i < seen->events->len; i++)
    if (IL_EVENT_KIND (collected_event (seen, i)->what) == kind)
      {
        g_assert_cmpint (collected_event (seen, i)->value, >, last);
        last = collected_event (seen, i)->value;
        n++;
      }
  return n;
}

/* Writes until enough signals have come; returns how often. */
static guint32
write_through_storm (void)
{
  const struct sigaction usr1 = { .sa_handler = usr1_handler, .sa_flags = SA_RESTART };
  const struct sigaction usr2 = { .sa_handler = usr2_handler, .sa_flags = SA_RESTART };
  timer_t timers[2];
  guint32 n = 0;

  n_usr1 = n_usr2 = 0;
  sigaction (SIGUSR1, &usr1, NULL);
  sigaction (SIGUSR2, &usr2, NULL);
  timers[0] = start_timer (SIGUSR1, 11000);
  timers[1] = start_timer (SIGUSR2, 17000);
  while (n_usr1 + n_usr2 < N_STORM)
    il_trace_lane_write (&storm_lane, IL_EVENT_IDLE, 0, n++);
  /* A signal that is on its way arrives before this returns. */
  timer_delete (timers[0]);
  timer_delete (timers[1]);
  signal (SIGUSR1, SIG_IGN);
  signal (SIGUSR2, SIG_IGN);
  return n;
}

static void
test_storm (gconstpointer ring_events)
{
  Storm storm = { .is_done = FALSE };
  IlTraceReaderStats stats;
  CollectedLane *seen;
  pthread_t drainer;
  IlTrace *trace;
  guint32 n;
  int error;

  collection_init (&storm.collection);
  storm.reader = il_trace_reader_new (g_get_tmp_dir (), 1, GPOINTER_TO_UINT (ring_events));
  g_assert_nonnull (storm.reader);
  trace = il_trace_attach (il_trace_reader_get_path (storm.reader), &error);
  g_assert_true (il_trace_lane_claim (trace, &storm_lane, IL_ROLE_WORKER, 1, "S", 0));
  pthread_create (&drainer, NULL, drain_thread, &storm);
  n = write_through_storm ();
  il_trace_lane_release (&storm_lane, 0);
  atomic_store (&storm.is_done, TRUE);
  pthread_join (drainer, NULL);
  il_trace_reader_drain (storm.reader, &collect_handler, &storm.collection);

  seen = collection_get_lane (&storm.collection, 0);
  g_assert_true (seen->is_ended);
  g_assert_cmpuint (count_in_order (seen, IL_EVENT_IDLE)
                        + count_in_order (seen, IL_EVENT_SLEEP_BEGIN)
                        + count_in_order (seen, IL_EVENT_SLEEP_END) + collected_n_lost (seen),
                    ==, (guint64)n + n_usr1 + n_usr2);
  il_trace_reader_get_stats (storm.reader, &stats);
  g_assert_cmpuint (stats.n_lost, ==, collected_n_lost (seen));
  collection_finish (&storm.collection);
  il_trace_detach (trace);
  il_trace_reader_free (storm.reader);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/trace/storm/large-ring", GUINT_TO_POINTER (1 << 18), test_storm);
  g_test_add_data_func ("/trace/storm/small-ring", GUINT_TO_POINTER (IL_TRACE_RING_MIN),
                        test_storm);
  return g_test_run ();
}
