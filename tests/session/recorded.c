/* recorded.c - sessions to test with: recorded into a file and built live at the same time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "recorded.h"

#include <glib/gstdio.h>

#define N_WORKERS 4
#define TASK_NS 40000
#define BATCH_NS 2000000

static void
add_object_cb (guint32 object, IlTimelineObjectKind kind, const char *name, guint64 parameter,
               gpointer data)
{
  IlRecorded *recorded = data;

  if (recorded->builder != NULL)
    g_assert_true (
        il_timeline_builder_add_object (recorded->builder, object, kind, name, parameter));
  if (recorded->writer != NULL)
    il_session_writer_add_object (recorded->writer, object, kind, name, parameter);
}

/* Objects come between the lanes, as they do when threads are born later. */
void
il_recorded_init (IlRecorded *recorded, IlSessionWriter *writer, guint32 seed)
{
  *recorded = (IlRecorded){ .writer = writer };
  recorded->stream = il_stream_new (seed, N_WORKERS, TASK_NS);
  recorded->timeline = il_timeline_new ();
  recorded->builder = il_timeline_builder_new (recorded->timeline);
  for (guint i = 0; i < il_stream_get_n_lanes (recorded->stream); i++)
    {
      IlLaneInfo info;

      il_stream_get_lane (recorded->stream, i, &info);
      g_assert_cmpuint (il_timeline_builder_add_lane (recorded->builder, &info), ==, i);
      if (writer != NULL)
        il_session_writer_add_lane (writer, i, &info);
    }
  il_stream_foreach_object (add_object_cb, recorded);
}

void
il_recorded_add (IlRecorded *recorded, guint n_batches)
{
  for (guint i = 0; i < n_batches; i++)
    {
      g_autoptr (IlBatch) batch = il_stream_next (recorded->stream, BATCH_NS);

      il_timeline_builder_add_batch (recorded->builder, batch);
      if (recorded->writer != NULL)
        il_session_writer_add_batch (recorded->writer, batch);
    }
}

void
il_recorded_finish (IlRecorded *recorded)
{
  g_clear_pointer (&recorded->builder, il_timeline_builder_free);
  g_clear_pointer (&recorded->timeline, il_timeline_unref);
  g_clear_pointer (&recorded->stream, il_stream_free);
}

IlTimeline *
il_recorded_write (const char *path, guint32 seed, guint n_batches)
{
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (path, &error);
  IlTimeline *timeline;
  IlRecorded recorded;

  g_assert_no_error (error);
  il_session_writer_set_meta (writer, IL_META_TITLE, "A title");
  il_session_writer_set_meta (writer, IL_META_SCHEDULER, "perf");
  il_recorded_init (&recorded, writer, seed);
  il_recorded_add (&recorded, n_batches);
  il_session_writer_close (writer, &error);
  g_assert_no_error (error);
  timeline = il_timeline_ref (recorded.timeline);
  il_recorded_finish (&recorded);
  return timeline;
}

IlTimeline *
il_recorded_rebuild (guint32 seed, gint64 end_ns)
{
  IlTimeline *timeline;
  IlRecorded recorded;

  il_recorded_init (&recorded, NULL, seed);
  while (il_timeline_get_end (recorded.timeline) < end_ns)
    il_recorded_add (&recorded, 1);
  g_assert_cmpint (il_timeline_get_end (recorded.timeline), ==, end_ns);
  timeline = il_timeline_ref (recorded.timeline);
  il_recorded_finish (&recorded);
  return timeline;
}

static void
assert_series_equal (const IlSeries *a, const IlSeries *b, gint64 end_ns)
{
  g_assert_true ((a == NULL) == (b == NULL));
  if (a == NULL)
    return;
  g_assert_cmpuint (il_series_get_length (a), ==, il_series_get_length (b));
  for (gsize i = 0; i < il_series_get_length (a); i++)
    {
      IlSpan left, right;

      g_assert_true (il_series_get_span (a, i, end_ns, &left));
      g_assert_true (il_series_get_span (b, i, end_ns, &right));
      g_assert_cmpint (left.begin_ns, ==, right.begin_ns);
      g_assert_cmpint (left.end_ns, ==, right.end_ns);
      g_assert_cmphex (left.code, ==, right.code);
      g_assert_cmphex (left.detail, ==, right.detail);
    }
}

static void
assert_infos_equal (const IlLaneInfo *a, const IlLaneInfo *b)
{
  g_assert_cmpint (a->kind, ==, b->kind);
  g_assert_cmpint (a->role, ==, b->role);
  g_assert_cmpint (a->scheduler, ==, b->scheduler);
  g_assert_cmpuint (a->number, ==, b->number);
  g_assert_cmpint (a->pid, ==, b->pid);
  g_assert_cmpint (a->tid, ==, b->tid);
  g_assert_cmpuint (a->parameter, ==, b->parameter);
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpstr (a->process_name, ==, b->process_name);
}

static void
assert_lanes_equal (const IlLane *a, const IlLane *b, gint64 end_ns)
{
  assert_infos_equal (il_lane_get_info (a), il_lane_get_info (b));
  g_assert_cmpint (il_lane_get_begin (a), ==, il_lane_get_begin (b));
  g_assert_cmpint (il_lane_get_end (a), ==, il_lane_get_end (b));
  g_assert_cmpuint (il_lane_get_object (a), ==, il_lane_get_object (b));
  assert_series_equal (il_lane_get_states (a), il_lane_get_states (b), end_ns);
  assert_series_equal (il_lane_get_level (a), il_lane_get_level (b), end_ns);
  assert_series_equal (il_lane_get_waiters (a), il_lane_get_waiters (b), end_ns);
  g_assert_cmpuint (il_lane_get_n_waits (a), ==, il_lane_get_n_waits (b));
  for (gsize i = 0; i < il_lane_get_n_waits (a); i++)
    {
      IlWait left, right;

      g_assert_true (il_lane_get_wait (a, i, &left) && il_lane_get_wait (b, i, &right));
      g_assert_cmpint (left.end_ns, ==, right.end_ns);
      g_assert_cmpint (left.wait_ns, ==, right.wait_ns);
      g_assert_cmpuint (left.lane, ==, right.lane);
      g_assert_cmpuint (left.blamed_plus_1, ==, right.blamed_plus_1);
      g_assert_cmpint (left.cancelled, ==, right.cancelled);
      g_assert_cmpint (left.putting, ==, right.putting);
    }
}

static void
assert_tasks_equal (const IlTimeline *a, const IlTimeline *b)
{
  g_assert_cmpuint (il_timeline_get_n_tasks (a), ==, il_timeline_get_n_tasks (b));
  for (gsize i = 0; i < il_timeline_get_n_tasks (a); i++)
    {
      IlTask left, right;

      g_assert_true (il_timeline_get_task (a, i, &left) == il_timeline_get_task (b, i, &right));
      g_assert_cmpint (left.submit_ns, ==, right.submit_ns);
      g_assert_cmpint (left.begin_ns, ==, right.begin_ns);
      g_assert_cmpint (left.end_ns, ==, right.end_ns);
      g_assert_cmpint (left.outcome, ==, right.outcome);
      g_assert_cmpuint (left.worker_plus_1, ==, right.worker_plus_1);
      g_assert_cmpuint (left.kind_object, ==, right.kind_object);
    }
}

void
il_assert_timelines_equal (const IlTimeline *a, const IlTimeline *b)
{
  IlTimelineTotals left, right;

  g_assert_cmpint (il_timeline_get_end (a), ==, il_timeline_get_end (b));
  g_assert_cmpuint (il_timeline_get_n_lanes (a), ==, il_timeline_get_n_lanes (b));
  for (guint i = 0; i < il_timeline_get_n_lanes (a); i++)
    assert_lanes_equal (il_timeline_get_lane (a, i), il_timeline_get_lane (b, i),
                        il_timeline_get_end (a));
  assert_tasks_equal (a, b);
  il_timeline_get_totals (a, &left);
  il_timeline_get_totals (b, &right);
  g_assert_cmpuint (left.n_records, ==, right.n_records);
  g_assert_cmpuint (left.n_lost, ==, right.n_lost);
  g_assert_cmpuint (left.n_inconsistent, ==, right.n_inconsistent);
  g_assert_cmpuint (left.n_submitted, ==, right.n_submitted);
  for (guint i = 0; i < IL_TASK_OUTCOME_PENDING; i++)
    g_assert_cmpuint (left.n_outcomes[i], ==, right.n_outcomes[i]);
}

char *
il_make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("interleave-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
il_remove_folder (char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_dir_close (dir);
  g_rmdir (folder);
  g_free (folder);
}
