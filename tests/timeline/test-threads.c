/* test-threads.c - readers see a consistent prefix while the one writer goes on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "timeline-fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define N_READERS 3
#define N_ENTRIES 60000
#define N_BATCHES 1500

typedef struct
{
  IlSeries *spans;
  IlSeries *counter;
  IlTimeline *timeline;
  _Atomic int n_ready; /* readers that have read once: the writer starts when all have */
  atomic_bool done;
} Shared;

/* Span i begins at 10 i, its state follows from i. */
static guint32
code_of (gsize i)
{
  return IL_CODE (i % IL_N_STATES, i % 1000);
}

static void
check_spans (const IlSeries *series)
{
  gsize length = il_series_get_length (series);
  gint64 end_ns = (gint64)length * 10;
  gint64 states_ns[IL_N_STATES], total = 0;
  IlSpanBin bins[50];
  gsize index;
  IlSpan span;

  if (length == 0)
    return;
  g_assert_true (il_series_get_span (series, length - 1, end_ns, &span));
  g_assert_cmpint (span.begin_ns, ==, (gint64)(length - 1) * 10);
  g_assert_cmphex (span.code, ==, code_of (length - 1));
  g_assert_true (il_series_find (series, end_ns / 2, end_ns, &index, &span));
  g_assert_cmpuint (index, ==, (gsize)(end_ns / 2 / 10));
  g_assert_cmpuint (span.detail, ==, index);

  il_series_sum_states (series, 0, end_ns, states_ns);
  for (guint i = 0; i < IL_N_STATES; i++)
    {
      g_assert_cmpint (states_ns[i], >=, (gint64)(length / IL_N_STATES * 10));
      g_assert_cmpint (states_ns[i], <=, (gint64)(length / IL_N_STATES * 10) + 10);
      total += states_ns[i];
    }
  g_assert_cmpint (total, ==, end_ns);
  il_series_bin_spans (series, 0, end_ns, end_ns, G_N_ELEMENTS (bins), bins);
  for (gsize i = 0; i < G_N_ELEMENTS (bins) && length >= 1000; i++)
    g_assert_cmpfloat_with_epsilon (bins[i].share[IL_STATE_BUSY] / 65535., 1. / IL_N_STATES, .07);
}

static void
check_counter (const IlSeries *series)
{
  gsize length = il_series_get_length (series);
  IlCounterBin bins[20];

  if (length == 0)
    return;
  il_series_bin_counter (series, 0, (gint64)length * 10, (gint64)length * 10, G_N_ELEMENTS (bins),
                         bins);
  g_assert_cmpuint (bins[0].min, ==, 0);
  g_assert_cmpuint (bins[G_N_ELEMENTS (bins) - 1].last, ==, length - 1);
}

static void *
series_reader_thread (void *data)
{
  Shared *shared = data;
  gboolean last;

  do
    {
      last = atomic_load_explicit (&shared->done, memory_order_acquire);
      check_spans (shared->spans);
      check_counter (shared->counter);
      if (atomic_load_explicit (&shared->n_ready, memory_order_relaxed) < N_READERS)
        atomic_fetch_add_explicit (&shared->n_ready, 1, memory_order_relaxed);
    }
  while (!last);
  return NULL;
}

static void
await_readers (Shared *shared)
{
  while (atomic_load_explicit (&shared->n_ready, memory_order_relaxed) < N_READERS)
    g_thread_yield ();
}

static void
start_readers (Shared *shared, pthread_t readers[N_READERS], void *(*body) (void *))
{
  for (guint i = 0; i < N_READERS; i++)
    g_assert_cmpint (pthread_create (&readers[i], NULL, body, shared), ==, 0);
  await_readers (shared);
}

static void
join_readers (Shared *shared, pthread_t readers[N_READERS])
{
  atomic_store_explicit (&shared->done, true, memory_order_release);
  for (guint i = 0; i < N_READERS; i++)
    g_assert_cmpint (pthread_join (readers[i], NULL), ==, 0);
}

static void
test_series (void)
{
  Shared shared
      = { il_series_new (IL_SERIES_SPANS), il_series_new (IL_SERIES_COUNTER), NULL, 0, false };
  pthread_t readers[N_READERS];

  start_readers (&shared, readers, series_reader_thread);
  for (gsize i = 0; i < N_ENTRIES; i++)
    {
      il_series_append (shared.spans, (gint64)i * 10, code_of (i), (guint32)i);
      il_series_append (shared.spans, (gint64)i * 10 + 5, code_of (i), (guint32)i);
      il_series_append (shared.counter, (gint64)i * 10, (guint32)i, 0);
    }
  join_readers (&shared, readers);
  g_assert_cmpuint (il_series_get_length (shared.spans), ==, N_ENTRIES);
  il_series_free (shared.spans);
  il_series_free (shared.counter);
}

static void
read_lane (const IlTimeline *timeline, const IlLane *lane, gint64 end_ns)
{
  const IlSeries *states = il_lane_get_states (lane);
  IlLaneCounts counts;
  guint64 puts, gets;
  IlWait wait;

  g_assert_nonnull (il_lane_get_info (lane)->name);
  g_assert_nonnull (il_timeline_get_object_name (timeline, il_lane_get_object (lane)));
  if (states != NULL)
    {
      gint64 states_ns[IL_N_STATES], total = 0;

      il_series_sum_states (states, 0, end_ns, states_ns);
      for (guint i = 0; i < IL_N_STATES; i++)
        total += states_ns[i];
      g_assert_cmpint (total, ==, end_ns);
    }
  il_lane_get_counts (lane, end_ns, &counts);
  il_lane_get_uses (lane, end_ns, &puts, &gets);
  for (gsize i = il_lane_get_n_waits (lane); i-- > 0;)
    g_assert_true (il_lane_get_wait (lane, i, &wait));
}

/* All that is told of a lane belongs together, whoever it is told to be. */
static void
check_claimed (const IlLane *lane)
{
  const IlLaneInfo *info = il_lane_get_info (lane);
  g_autofree char *name = g_strdup_printf ("Exactly %u", info->number);

  if (g_str_equal (info->name, "Exact"))
    return;
  g_assert_cmpstr (info->name, ==, name);
  g_assert_cmpstr (info->process_name, ==, name);
}

static void *
timeline_reader_thread (void *data)
{
  Shared *shared = data;
  IlTimeline *timeline = il_timeline_ref (shared->timeline);
  gboolean last;

  do
    {
      gint64 end_ns = il_timeline_get_end (timeline);
      IlTimelineTotals totals;
      IlTask task;

      last = atomic_load_explicit (&shared->done, memory_order_acquire);
      for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
        read_lane (timeline, il_timeline_get_lane (timeline, i), end_ns);
      check_claimed (il_timeline_get_lane (timeline, EXACT));
      for (gsize i = il_timeline_get_n_tasks (timeline); i-- > 0;)
        if (il_timeline_get_task (timeline, i, &task) && task.outcome == IL_TASK_OUTCOME_DONE)
          {
            g_assert_cmpint (task.submit_ns, >=, 0);
            g_assert_cmpint (task.begin_ns, >=, task.submit_ns);
            g_assert_cmpint (task.end_ns, >=, task.begin_ns);
          }
      il_timeline_get_totals (timeline, &totals);
      g_assert_cmpuint (il_timeline_get_tasks_done (timeline, G_MAXINT64), <=, N_BATCHES);
      if (atomic_load_explicit (&shared->n_ready, memory_order_relaxed) < N_READERS)
        atomic_fetch_add_explicit (&shared->n_ready, 1, memory_order_relaxed);
    }
  while (!last);
  il_timeline_unref (timeline);
  return NULL;
}

static void
claim_exact (Fixture *fixture, guint round)
{
  g_autofree char *name = g_strdup_printf ("Exactly %u", round);
  const IlLaneInfo info
      = { .name = name, .scheduler = IL_SCHEDULER_EXACT, .number = round, .process_name = name };

  il_timeline_builder_claim_lane (fixture->builder, EXACT, &info);
}

/* Everything at once: lanes and objects come, tasks run, locks and queues are waited for. */
static void
test_timeline (void)
{
  Fixture fixture;
  Shared shared = { 0 };
  pthread_t readers[N_READERS];
  IlTimelineTotals totals;

  fixture_init (&fixture);
  shared.timeline = fixture.timeline;
  start_readers (&shared, readers, timeline_reader_thread);
  for (guint i = 0; i < N_BATCHES; i++)
    {
      gint64 at = (gint64)i * 100;

      FEED (&fixture, at + 100, { at, EXACT, IL_RECORD_TASK_SUBMIT, WORK, i },
            { at + 1, EXACT, IL_RECORD_PUT, QUEUE, 1 | IL_RECORD_WOKE },
            { at + 2, OTHER, IL_RECORD_SCHED_IN, 0, i % 2 },
            { at + 3, OTHER, IL_RECORD_GET, QUEUE, 0 },
            { at + 4, OTHER, IL_RECORD_TASK_BEGIN, WORK, i },
            { at + 5, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
            { at + 6, UNSCHEDULED, IL_RECORD_LOCK_WAIT, LOCK, OTHER + 1 },
            { at + 7, OTHER, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
            { at + 8, UNSCHEDULED, IL_RECORD_LOCK_ACQUIRE, LOCK, OTHER + 1 },
            { at + 9, UNSCHEDULED, IL_RECORD_LOCK_RELEASE, LOCK, 0 },
            { at + 10, OTHER, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, i },
            { at + 11, OTHER, IL_RECORD_GET_WAIT, QUEUE, 0 },
            { at + 12, OTHER, IL_RECORD_SCHED_OUT, 0, i % 2 });
      if (i % 50 == 0)
        {
          il_timeline_builder_add_lane (fixture.builder, &(IlLaneInfo){ .name = "Late" });
          claim_exact (&fixture, i);
          il_timeline_builder_add_object (fixture.builder, 100 + i * 7, IL_OBJECT_KIND_QUEUE,
                                          "late", 3);
        }
    }
  join_readers (&shared, readers);
  il_timeline_get_totals (fixture.timeline, &totals);
  g_assert_cmpuint (totals.n_inconsistent, ==, 0);
  g_assert_cmpuint (totals.n_outcomes[IL_TASK_OUTCOME_DONE], ==, N_BATCHES);
  g_assert_cmpuint (il_timeline_get_n_claims (fixture.timeline), ==, N_BATCHES / 50);
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* A program is what has threads alone, whoever they turn out to be. */
static void
test_of_program (void)
{
  IlTimeline *timeline = il_timeline_new ();
  IlTimelineBuilder *builder = il_timeline_builder_new (timeline);
  const IlLaneInfo core = { .name = "Core", .kind = IL_LANE_CORE };
  IlLaneInfo info = { .name = "first" };
  guint32 first;

  il_timeline_builder_add_lane (builder, &core);
  g_assert_false (il_timeline_is_of_program (timeline));
  first = il_timeline_builder_add_lane (builder, &info);
  il_timeline_builder_add_lane (builder, &info);
  g_assert_true (il_timeline_is_of_program (timeline));

  info.role = IL_LANE_ROLE_WORKER;
  il_timeline_builder_claim_lane (builder, first, &info);
  il_timeline_builder_claim_lane (builder, first, &info);
  g_assert_false (il_timeline_is_of_program (timeline));
  info.role = IL_LANE_ROLE_THREAD;
  il_timeline_builder_claim_lane (builder, first, &info);
  g_assert_true (il_timeline_is_of_program (timeline));
  info.role = IL_LANE_ROLE_SUBMITTER;
  il_timeline_builder_add_lane (builder, &info);
  g_assert_false (il_timeline_is_of_program (timeline));
  il_timeline_builder_free (builder);
  il_timeline_unref (timeline);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threads/series", test_series);
  g_test_add_func ("/threads/timeline", test_timeline);
  g_test_add_func ("/threads/of-program", test_of_program);
  return g_test_run ();
}
