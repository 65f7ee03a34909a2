/* test-timeline-program.c - a program without a pool is shown in words that fit it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-theme.h"
#include "il-timeline-builder.h"
#include "il-timeline-layout-private.h"
#include "picture.h"

#include <string.h>

#define MS 1000000
#define MUTEX 1
#define NAMED 2

static const IlTimelineView whole
    = { .begin_ns = 0, .end_ns = 10 * MS, .width = 1132, .height = 700, .scale = 1 };

typedef struct
{
  IlTimeline *timeline;
  IlTimelineBuilder *builder;
} Fixture;

static void
add_thread (Fixture *self, gint32 pid, gint32 tid, const char *name)
{
  const IlLaneInfo info = { .kind = IL_LANE_THREAD,
                            .scheduler = IL_SCHEDULER_EXACT,
                            .pid = pid,
                            .tid = tid,
                            .name = name,
                            .process_name = "python3" };
  guint32 lane = il_timeline_builder_add_lane (self->builder, &info);
  const IlRecord records[] = { { .time_ns = 0, .kind = IL_RECORD_LANE_BEGIN },
                               { .time_ns = 0, .kind = IL_RECORD_RUNS },
                               { .time_ns = 0, .kind = IL_RECORD_SCHED_IN } };
  g_autoptr (IlBatch) batch = il_batch_new (0);

  il_batch_append (batch, lane, records, G_N_ELEMENTS (records));
  il_batch_seal (batch, 0);
  il_timeline_builder_add_batch (self->builder, batch);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->timeline = il_timeline_new ();
  self->builder = il_timeline_builder_new (self->timeline);
  add_thread (self, 10, 10, "python3");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  il_timeline_builder_free (self->builder);
  il_timeline_unref (self->timeline);
}

static IlTimelineLayout *
lay_out (Fixture *self)
{
  g_autoptr (IlBatch) batch = il_batch_new (il_timeline_get_end (self->timeline));

  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (self->builder, batch);
  return il_timeline_layout_new (self->timeline, &whole);
}

/* What the pointer says in the middle of the first thread's row. */
static char *
point_at_thread (const Fixture *self, const IlTimelineLayout *layout)
{
  const IlRow *row = &g_array_index (layout->rows, IlRow, 1);

  return il_timeline_describe (self->timeline, layout,
                               il_timeline_layout_time_to_x (layout, 5 * MS),
                               (row->y0 + row->y1) / 2);
}

/* What stands in all rows. */
static char *
list_titles (const IlTimelineLayout *layout)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < layout->rows->len; i++)
    {
      const IlRow *row = &g_array_index (layout->rows, IlRow, i);
      g_autofree char *title = NULL;

      if (row->kind == IL_BOX_GROUP)
        title = g_strdup (il_group_get_title (layout->plan, row->group));
      else if (row->kind == IL_BOX_SUBGROUP)
        title = il_subgroup_dup_title (layout, row);
      else if (row->group == IL_GROUP_WORKERS)
        title = g_strdup_printf (
            "%s%s", row->indent > 0 ? "  " : "",
            il_lane_get_info (il_timeline_get_lane (layout->timeline, row->lane))->name);
      if (title != NULL)
        g_string_append_printf (text, "%s\n", title);
    }
  return g_string_free (text, FALSE);
}

static void
test_threads (Fixture *self, gconstpointer data)
{
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autofree char *titles = NULL;

  add_thread (self, 10, 11, "reader");
  layout = lay_out (self);
  titles = list_titles (layout);
  g_assert_cmpstr (titles, ==, "Threads\npython3\nreader\n");
  g_assert_cmpstr (g_array_index (layout->rows, IlRow, 0).fact, ==,
                   "2 threads of process 10 · scheduler: exact (perf)");
}

/* Who gave up its core waits, though nobody saw what for, and it is said that nobody looked. */
static void
test_unseen_locks (Fixture *self, gconstpointer data)
{
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autoptr (IlBatch) batch = il_batch_new (il_timeline_get_end (self->timeline));
  const IlRecord out = { .time_ns = 1 * MS, .kind = IL_RECORD_SCHED_OUT };
  g_autofree char *tip = NULL;

  il_timeline_show_locks (self->timeline, FALSE);
  il_batch_append (batch, 0, &out, 1);
  il_batch_seal (batch, 2 * MS);
  il_timeline_builder_add_batch (self->builder, batch);
  layout = lay_out (self);
  g_assert_cmpstr (g_array_index (layout->rows, IlRow, 0).fact, ==,
                   "1 thread of process 10 · scheduler: exact (perf) · locks: not seen");
  tip = point_at_thread (self, layout);
  g_assert_nonnull (strstr (tip, "python3 waited 9 ms; what for was not seen\n"
                                 "locks were not looked at\n"));
}

static void
say (Fixture *self, guint32 lane, const IlRecord *records, gsize n_records, gint64 until_ns)
{
  g_autoptr (IlBatch) batch = il_batch_new (il_timeline_get_end (self->timeline));

  il_batch_append (batch, lane, records, n_records);
  il_batch_seal (batch, until_ns);
  il_timeline_builder_add_batch (self->builder, batch);
}

/* Who waits for another to end says for whom, and is not held up by a lock. */
static void
test_join (Fixture *self, gconstpointer data)
{
  const IlRecord records[] = {
    { .time_ns = 1 * MS, .kind = IL_RECORD_JOIN_WAIT, .object = IL_RECORD_CALL_JOIN, .value = 2 },
    { .time_ns = 1 * MS, .kind = IL_RECORD_SCHED_OUT },
  };
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autofree char *tip = NULL;

  add_thread (self, 10, 11, "reader");
  say (self, 0, records, G_N_ELEMENTS (records), 9 * MS);
  layout = lay_out (self);
  tip = point_at_thread (self, layout);
  g_assert_true (g_str_has_prefix (tip, "python3 waited 9 ms for reader to end\nsince "));
}

/* Of any of several it is known whose end it was when the wait is over. */
static void
test_join_any (Fixture *self, gconstpointer data)
{
  const IlRecord records[] = {
    { .time_ns = 1 * MS, .kind = IL_RECORD_JOIN_WAIT, .object = IL_RECORD_CALL_PROCESS },
    { .time_ns = 1 * MS, .kind = IL_RECORD_SCHED_OUT },
    { .time_ns = 8 * MS, .kind = IL_RECORD_SCHED_IN },
    { .time_ns = 8 * MS, .kind = IL_RECORD_JOIN_END, .object = IL_RECORD_CALL_PROCESS, .value = 2 },
  };
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autofree char *tip = NULL;

  add_thread (self, 10, 11, "reader");
  say (self, 0, records, G_N_ELEMENTS (records), 9 * MS);
  layout = lay_out (self);
  tip = point_at_thread (self, layout);
  g_assert_true (g_str_has_prefix (tip, "python3 waited 7 ms for reader to end\n"));
}

/* That the cores are busy is not taken for this program's doing. */
static void
test_cores (Fixture *self, gconstpointer data)
{
  const IlLaneInfo core = { .kind = IL_LANE_CORE, .name = "" };
  const IlRecord usage = { .time_ns = 9 * MS, .kind = IL_RECORD_CORE_USAGE, .object = 1000 };
  const IlRecord records[] = { { .time_ns = 1 * MS, .kind = IL_RECORD_SCHED_OUT, .object = 1 },
                               { .time_ns = 2 * MS, .kind = IL_RECORD_SCHED_IN },
                               { .time_ns = 4 * MS, .kind = IL_RECORD_SCHED_OUT, .object = 1 } };
  guint32 lane = il_timeline_builder_add_lane (self->builder, &core);
  g_autoptr (IlTimelineLayout) layout = NULL;

  say (self, 0, records, G_N_ELEMENTS (records), 8 * MS);
  say (self, lane, &usage, 1, 9 * MS);
  layout = lay_out (self);
  g_assert_cmpstr (g_array_index (layout->rows, IlRow, 0).fact, ==,
                   "1 core · 100 % busy, 20 % with this program");
}

/* Tells of a thread that runs from then on. */
static void
add_born (Fixture *self, const IlLaneInfo *info, gint64 begin_ns)
{
  const IlRecord runs = { .time_ns = begin_ns, .kind = IL_RECORD_RUNS };

  say (self, il_timeline_builder_add_lane (self->builder, info), &runs, 1, begin_ns + 1);
}

/* In the order in which they were made, those of a process together: who made others stands before
 * them, whoever was heard of, or ran, first, and whatever the kernel's numbers, which start from
 * low ones again when they are used up. */
static void
test_order (Fixture *self, gconstpointer data)
{
  const IlLaneInfo sort
      = { .kind = IL_LANE_THREAD, .pid = 5, .tid = 5, .parameter = 300, .name = "sort" };
  const IlLaneInfo seq
      = { .kind = IL_LANE_THREAD, .pid = 11, .tid = 11, .parameter = 200, .name = "seq" };
  const IlLaneInfo reader
      = { .kind = IL_LANE_THREAD, .pid = 11, .tid = 4, .parameter = 400, .name = "reader" };
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autofree char *titles = NULL;

  add_born (self, &sort, 1 * MS);
  add_born (self, &reader, 2 * MS);
  add_born (self, &seq, 3 * MS);
  layout = lay_out (self);
  titles = list_titles (layout);
  g_assert_cmpstr (titles, ==,
                   "Processes and threads\npython3\nseq (11) · 2 threads\n  seq\n  reader\nsort\n");
}

/* Of threads that were there before nobody tells when they were made. */
static void
test_order_of_present (Fixture *self, gconstpointer data)
{
  const IlLaneInfo threads[] = { { .kind = IL_LANE_THREAD, .pid = 10, .tid = 7, .name = "late" },
                                 { .kind = IL_LANE_THREAD, .pid = 10, .tid = 12, .name = "b" },
                                 { .kind = IL_LANE_THREAD, .pid = 10, .tid = 11, .name = "a" } };
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autofree char *titles = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    add_born (self, &threads[i], i + 1);
  layout = lay_out (self);
  titles = list_titles (layout);
  g_assert_cmpstr (titles, ==, "Threads\npython3\nlate\na\nb\n");
}

/* What one thread waits for until another lets it go on is no lock, and looks like none. */
static void
test_signals (Fixture *self, gconstpointer data)
{
  const IlRecord records[] = {
    { .time_ns = 1 * MS, .kind = IL_RECORD_SEM_WAIT, .object = NAMED },
    { .time_ns = 1 * MS, .kind = IL_RECORD_SCHED_OUT },
  };
  g_autoptr (IlTimelineLayout) layout = NULL;
  const IlRow *row = NULL;
  IlTimelineView view = whole;

  il_timeline_builder_add_object (self->builder, NAMED, IL_OBJECT_KIND_SEMAPHORE, "Python signal",
                                  1);
  say (self, 0, records, G_N_ELEMENTS (records), 9 * MS);
  view.show_legend = TRUE;
  layout = il_timeline_layout_new (self->timeline, &view);
  for (guint i = 0; i < layout->rows->len; i++)
    {
      row = &g_array_index (layout->rows, IlRow, i);
      g_assert_cmpint (row->group, !=, IL_GROUP_LOCKS);
    }
  g_assert_cmpint (row->group, ==, IL_GROUP_SIGNALS);
  g_assert_cmpuint (row->n_strips, ==, 1);
  g_assert_cmpint (g_array_index (layout->strips, IlStrip, row->first_strip).kind, ==,
                   IL_STRIP_WAITERS);
  g_assert_null (row->fact); /* there is no room for it */
  g_assert_true (picture_has_legend (layout, IL_LEGEND_WAITERS));
  g_assert_false (picture_has_legend (layout, IL_LEGEND_LIMIT));
}

/* Who had a lock before anybody waited for it is hatched, and that is explained. */
static void
test_legend (Fixture *self, gconstpointer data)
{
  const IlRecord records[] = {
    { .time_ns = 5 * MS, .kind = IL_RECORD_LOCK_WAIT, .object = NAMED, .value = 1 },
    { .time_ns = 5 * MS, .kind = IL_RECORD_LOCK_HELD, .object = NAMED, .value = 0 },
    { .time_ns = 5 * MS, .kind = IL_RECORD_SCHED_OUT },
  };
  g_autoptr (IlTimelineLayout) layout = NULL;
  IlTimelineView view = whole;

  add_thread (self, 10, 11, "reader");
  il_timeline_builder_add_object (self->builder, NAMED, IL_OBJECT_KIND_LOCK, "queue_lock", 0);
  say (self, 1, records, G_N_ELEMENTS (records), 9 * MS);
  view.show_legend = TRUE;
  layout = il_timeline_layout_new (self->timeline, &view);
  g_assert_true (picture_has_legend (layout, IL_STATE_UNKNOWN));
  g_assert_true (picture_has_legend (layout, IL_LEGEND_IDENTITY));
  g_assert_true (picture_has_legend (layout, IL_LEGEND_WAITERS));
}

/* What the pointer says in a lane's strip of a kind; "": there is no such strip. */
static char *
point_at_strip (const Fixture *self, const IlTimelineLayout *layout, IlStripKind kind,
                gint64 time_ns)
{
  for (guint i = 0; i < layout->strips->len; i++)
    {
      const IlStrip *strip = &g_array_index (layout->strips, IlStrip, i);

      if (strip->kind == kind
          && il_lane_get_object (il_timeline_get_lane (self->timeline, strip->lane)) == NAMED)
        return il_timeline_describe (self->timeline, layout,
                                     il_timeline_layout_time_to_x (layout, time_ns),
                                     (strip->y0 + strip->y1) / 2.0);
    }
  return g_strdup ("");
}

static void
assert_pointer (const Fixture *self, const IlTimelineLayout *layout, IlStripKind kind,
                gint64 time_ns, const char *expected)
{
  g_autofree char *text = point_at_strip (self, layout, kind, time_ns);

  if (strstr (text, expected) == NULL)
    g_error ("“%s” is not in “%s”", expected, text);
}

/* How many are inside before anybody waited is hatched, and neither drawn nor called none. */
static void
test_unknown_inside (Fixture *self, gconstpointer data)
{
  const IlRecord records[] = {
    { .time_ns = 5 * MS, .kind = IL_RECORD_SEM_WAIT, .object = NAMED },
    { .time_ns = 5 * MS, .kind = IL_RECORD_SCHED_OUT },
  };
  g_autoptr (IlTimelineLayout) layout = NULL;
  IlTimelineView view = whole;

  il_timeline_builder_add_object (self->builder, NAMED, IL_OBJECT_KIND_SEMAPHORE, "permits", 4);
  say (self, 0, records, G_N_ELEMENTS (records), 9 * MS);
  view.show_legend = TRUE;
  view.begin_ns = -1 * MS;
  layout = il_timeline_layout_new (self->timeline, &view);
  assert_pointer (self, layout, IL_STRIP_LEVEL, 2 * MS,
                  "Semaphore permits: how many were inside at ");
  assert_pointer (self, layout, IL_STRIP_LEVEL, 2 * MS, "is not known");
  assert_pointer (self, layout, IL_STRIP_LEVEL, 7 * MS, "Semaphore permits: 4 of 4 inside at ");
  assert_pointer (self, layout, IL_STRIP_LEVEL, -MS / 2, "Nothing is known of Semaphore permits");
  g_assert_true (picture_has_legend (layout, IL_STATE_UNKNOWN));
}

/* Nor are readers counted while who holds it is not known. */
static void
test_unknown_readers (Fixture *self, gconstpointer data)
{
  const IlRecord records[] = {
    { .time_ns = 5 * MS, .kind = IL_RECORD_RW_WAIT, .object = NAMED, .value = 1 },
    { .time_ns = 5 * MS, .kind = IL_RECORD_RW_INSIDE, .object = NAMED, .value = 3 },
    { .time_ns = 5 * MS, .kind = IL_RECORD_SCHED_OUT },
  };
  g_autoptr (IlTimelineLayout) layout = NULL;

  il_timeline_builder_add_object (self->builder, NAMED, IL_OBJECT_KIND_RWLOCK, "table", 0);
  say (self, 0, records, G_N_ELEMENTS (records), 9 * MS);
  layout = il_timeline_layout_new (self->timeline, &whole);
  assert_pointer (self, layout, IL_STRIP_LEVEL, 2 * MS, "RW lock table: how many were inside at ");
  assert_pointer (self, layout, IL_STRIP_LEVEL, 7 * MS, "3 readers inside RW lock table");
}

/* Of those who read some are named, at the lock and to whom they keep waiting. */
static void
test_named_readers (Fixture *self, gconstpointer data)
{
  const IlRecord records[] = {
    { .time_ns = 3 * MS, .kind = IL_RECORD_RW_WAIT, .object = NAMED, .value = 1 },
    { .time_ns = 3 * MS, .kind = IL_RECORD_RW_INSIDE, .object = NAMED, .value = 3 },
    { .time_ns = 3 * MS, .kind = IL_RECORD_RW_READER, .object = NAMED, .value = 2 },
    { .time_ns = 3 * MS, .kind = IL_RECORD_LOCK_HELD, .object = NAMED, .value = 9 },
    { .time_ns = 3 * MS, .kind = IL_RECORD_SCHED_OUT },
  };
  const IlRecord released[]
      = { { .time_ns = 9 * MS, .kind = IL_RECORD_RW_RELEASE, .object = NAMED, .value = 0 } };
  const IlRecord came[]
      = { { .time_ns = 4 * MS, .kind = IL_RECORD_RW_ACQUIRE, .object = NAMED, .value = 0 } };
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autofree char *thread = NULL;

  add_thread (self, 10, 11, "reader");
  add_thread (self, 10, 12, "other");
  il_timeline_builder_add_object (self->builder, NAMED, IL_OBJECT_KIND_RWLOCK, "table", 0);
  say (self, 0, records, G_N_ELEMENTS (records), 4 * MS);
  say (self, 2, came, G_N_ELEMENTS (came), 9 * MS);
  say (self, 1, released, G_N_ELEMENTS (released), 10 * MS);
  layout = il_timeline_layout_new (self->timeline, &whole);
  assert_pointer (self, layout, IL_STRIP_RIBBON, 7 * MS, "read by reader, other and 2 more");
  assert_pointer (self, layout, IL_STRIP_RIBBON, 7 * MS, "RW lock table held by readers for ");
  thread = point_at_thread (self, layout);
  g_assert_nonnull (strstr (thread, "read by reader, other and 2 more"));
}

/* Who was there when somebody came to wait is told since when it was; how many others read by then
 * is not known. */
static void
test_readers_before (Fixture *self, gconstpointer data)
{
  const IlRecord records[] = {
    { .time_ns = 5 * MS, .kind = IL_RECORD_RW_WAIT, .object = NAMED, .value = 1 },
    { .time_ns = 5 * MS, .kind = IL_RECORD_RW_INSIDE, .object = NAMED, .value = 2 },
    { .time_ns = 5 * MS, .kind = IL_RECORD_RW_READER, .object = NAMED, .value = 2 },
    { .time_ns = 5 * MS,
      .kind = IL_RECORD_LOCK_HELD,
      .object = NAMED,
      .value = 3 * MS / IL_RECORD_COPY_NS },
    { .time_ns = 5 * MS, .kind = IL_RECORD_SCHED_OUT },
  };
  g_autoptr (IlTimelineLayout) layout = NULL;

  add_thread (self, 10, 11, "reader");
  il_timeline_builder_add_object (self->builder, NAMED, IL_OBJECT_KIND_RWLOCK, "table", 0);
  say (self, 0, records, G_N_ELEMENTS (records), 9 * MS);
  layout = il_timeline_layout_new (self->timeline, &whole);
  assert_pointer (self, layout, IL_STRIP_RIBBON, 1 * MS, "RW lock table: who held it for ");
  assert_pointer (self, layout, IL_STRIP_RIBBON, 3 * MS, "RW lock table held by readers for ");
  assert_pointer (self, layout, IL_STRIP_RIBBON, 3 * MS, "\nread by reader\n");
  assert_pointer (self, layout, IL_STRIP_LEVEL, 3 * MS, "RW lock table: how many were inside at ");
  assert_pointer (self, layout, IL_STRIP_RIBBON, 7 * MS, "\nread by reader and 1 more\n");
  assert_pointer (self, layout, IL_STRIP_LEVEL, 7 * MS, "2 readers inside RW lock table");
}

/* Threads of one process stand together, whenever they came.  Where there is one alone, its row
 * stands for the process. */
static void
test_processes (Fixture *self, gconstpointer data)
{
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autofree char *titles = NULL;
  const char *fact = NULL;

  add_thread (self, 20, 20, "sort 2");
  add_thread (self, 10, 11, "reader");
  layout = lay_out (self);
  titles = list_titles (layout);
  g_assert_cmpstr (titles, ==,
                   "Processes and threads\npython3 (10) · 2 threads\n  python3\n  reader\n"
                   "sort 2\n");
  for (guint i = 0; i < layout->rows->len; i++)
    if (g_array_index (layout->rows, IlRow, i).kind == IL_BOX_GROUP)
      fact = g_array_index (layout->rows, IlRow, i).fact;
  g_assert_cmpstr (fact, ==, "3 threads in 2 processes · scheduler: exact (perf)");
}

/* Threads that came one after the other differ, whatever else came in between. */
static void
test_colours (Fixture *self, gconstpointer data)
{
  guint seen = 0;

  for (gint32 i = 1; i < IL_N_IDENTITIES; i++)
    {
      il_timeline_builder_add_object (self->builder, (guint32)i, IL_OBJECT_KIND_LOCK, "m", 0);
      add_thread (self, 10, 10 + i, "reader");
    }
  for (guint i = 0; i < il_timeline_get_n_lanes (self->timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (self->timeline, i);

      if (il_lane_get_info (lane)->kind == IL_LANE_THREAD)
        seen |= 1u << il_theme_identity_slot (il_theme_lane_number (lane));
    }
  g_assert_cmphex (seen, ==, (2u << IL_N_IDENTITIES) - 2);
}

/* It has no tasks. */
static void
test_running (Fixture *self, gconstpointer data)
{
  g_autoptr (IlTimelineLayout) layout = lay_out (self);
  const IlRow *row = &g_array_index (layout->rows, IlRow, 1);
  g_autofree char *text
      = il_timeline_describe (self->timeline, layout, il_timeline_layout_time_to_x (layout, 5 * MS),
                              (row->y0 + row->y1) / 2);
  const IlLaneInfo worker = { .kind = IL_LANE_THREAD, .role = IL_LANE_ROLE_WORKER, .name = "W" };

  g_assert_true (g_str_has_prefix (text, "python3 ran for 10 ms\n"));
  g_assert_cmpstr (il_state_get_label_in (self->timeline, IL_STATE_RUNNING), ==, "running");
  il_timeline_builder_add_lane (self->builder, &worker);
  g_assert_cmpstr (il_state_get_label_in (self->timeline, IL_STATE_RUNNING), ==, "running a task");
}

/* A name that says what it is of is not said twice. */
static void
test_locks (Fixture *self, gconstpointer data)
{
  g_autofree char *made_up = NULL;
  g_autofree char *named = NULL;
  g_autofree char *narrow = NULL;

  il_timeline_builder_add_object (self->builder, MUTEX, IL_OBJECT_KIND_LOCK, "mutex 0x7f12", 0);
  il_timeline_builder_add_object (self->builder, NAMED, IL_OBJECT_KIND_LOCK, "queue_lock", 0);
  made_up = il_lane_dup_label (il_timeline_get_object_lane (self->timeline, MUTEX));
  named = il_lane_dup_label (il_timeline_get_object_lane (self->timeline, NAMED));
  g_assert_cmpstr (made_up, ==, "mutex 0x7f12");
  g_assert_cmpstr (named, ==, "Lock queue_lock");
  /* Where there is little room, what tells it from others. */
  narrow = il_lane_dup_short_label (il_timeline_get_object_lane (self->timeline, NAMED));
  g_assert_cmpstr (narrow, ==, "queue_lock");
}

typedef struct
{
  gint64 time_ns;
  const char *begin;
} Told;

/* What the pointer is told at the row of a lock, after what a second thread says. */
static void
assert_told (Fixture *self, const IlRecord *records, guint n_records, const Told *cases, guint n)
{
  g_autoptr (IlBatch) batch = NULL;
  g_autoptr (IlTimelineLayout) layout = NULL;
  const IlRow *row;
  guint32 lane;

  add_thread (self, 10, 11, "reader");
  il_timeline_builder_add_object (self->builder, NAMED, IL_OBJECT_KIND_LOCK, "queue_lock", 0);
  batch = il_batch_new (0);
  il_batch_append (batch, 1, records, n_records);
  il_batch_seal (batch, 9 * MS);
  il_timeline_builder_add_batch (self->builder, batch);
  layout = lay_out (self);
  lane = il_lane_get_index (il_timeline_get_object_lane (self->timeline, NAMED));
  row = &g_array_index (layout->rows, IlRow, 0);
  while (row->kind != IL_BOX_LANE || row->lane != lane)
    row++;
  for (guint i = 0; i < n; i++)
    {
      const IlStrip *strip = &g_array_index (layout->strips, IlStrip, row->first_strip);
      g_autofree char *text = il_timeline_describe (
          self->timeline, layout, il_timeline_layout_time_to_x (layout, cases[i].time_ns),
          (strip->y0 + strip->y1) / 2.0);

      text[MIN (strlen (text), strlen (cases[i].begin))] = '\0';
      g_assert_cmpstr (text, ==, cases[i].begin);
    }
}

/* Who has a lock tells so only while somebody waits for it: until then anybody may have it. */
static void
test_quiet_lock (Fixture *self, gconstpointer data)
{
  const IlRecord records[]
      = { { .time_ns = 4 * MS, .kind = IL_RECORD_LOCK_WAIT, .object = NAMED, .value = 1 },
          { .time_ns = 4 * MS, .kind = IL_RECORD_LOCK_HELD, .object = NAMED, .value = 0 },
          { .time_ns = 4 * MS, .kind = IL_RECORD_SCHED_OUT },
          { .time_ns = 6 * MS, .kind = IL_RECORD_SCHED_IN },
          { .time_ns = 6 * MS, .kind = IL_RECORD_LOCK_ACQUIRE, .object = NAMED, .value = 1 } };
  const Told cases[]
      = { { 2 * MS, "Lock queue_lock: who held it for 4 ms is not known\n"
                    "nobody waited for it\n" },
          { 5 * MS, "Lock queue_lock held by python3 for 2 ms\nreader waited for it\n" },
          { 8 * MS, "Lock queue_lock held by reader for 4 ms\n" } };

  assert_told (self, records, G_N_ELEMENTS (records), cases, G_N_ELEMENTS (cases));
}

/* One takes it too often for each time to be told. */
static void
test_hot_lock (Fixture *self, gconstpointer data)
{
  const IlRecord records[]
      = { { .time_ns = 4 * MS, .kind = IL_RECORD_LOCK_WAIT, .object = NAMED, .value = 1 },
          { .time_ns = 4 * MS, .kind = IL_RECORD_SCHED_OUT },
          { .time_ns = 5 * MS, .kind = IL_RECORD_LOCK_QUIET, .object = NAMED, .value = 1 } };
  const Told cases[]
      = { { 6 * MS, "Lock queue_lock: python3 took it again and again for 5 ms; most of that is "
                    "only counted\nreader waited for it\n" } };

  assert_told (self, records, G_N_ELEMENTS (records), cases, G_N_ELEMENTS (cases));
}

/* Nobody there has it, and yet nobody can have it. */
static void
test_copied_lock (Fixture *self, gconstpointer data)
{
  const IlRecord records[]
      = { { .time_ns = 4 * MS, .kind = IL_RECORD_LOCK_WAIT, .object = NAMED, .value = 0 },
          { .time_ns = 4 * MS, .kind = IL_RECORD_LOCK_COPIED, .object = NAMED, .value = 1 },
          { .time_ns = 4 * MS, .kind = IL_RECORD_SCHED_OUT } };
  const Told cases[]
      = { { 6 * MS, "Lock queue_lock was held when fork copied it; nobody here could "
                    "have it for 6 ms\nreader waited for it\n" } };

  assert_told (self, records, G_N_ELEMENTS (records), cases, G_N_ELEMENTS (cases));
}

static guint
count_lock_rows (const IlTimelineLayout *layout)
{
  guint n = 0;

  for (guint i = 0; i < layout->rows->len; i++)
    {
      const IlRow *row = &g_array_index (layout->rows, IlRow, i);

      n += row->kind == IL_BOX_LANE && row->group == IL_GROUP_LOCKS;
    }
  return n;
}

/* Locks that nobody waited for have no rows, except those that a mark speaks of. */
static void
test_named_locks (Fixture *self, gconstpointer data)
{
  g_autoptr (IlTimelineLayout) before = NULL;
  g_autoptr (IlTimelineLayout) named = NULL;
  g_autoptr (IlTimelineLayout) after = NULL;
  IlTimelinePainter *painter = il_timeline_painter_new ();
  g_autoptr (IlMarks) marks = il_marks_new ();
  g_autoptr (IlMarks) none = il_marks_new ();
  IlTimelineView view = whole;
  IlMark mark = { .begin_ns = 2 * MS, .end_ns = 3 * MS, .n_lanes = 1, .title = "T", .text = "T" };
  guint lane;

  il_timeline_builder_add_object (self->builder, MUTEX, IL_OBJECT_KIND_LOCK, "mutex 0x7f12", 0);
  il_timeline_builder_add_object (self->builder, NAMED, IL_OBJECT_KIND_LOCK, "queue_lock", 0);
  il_timeline_layout_free (lay_out (self));
  before = il_timeline_painter_layout (painter, self->timeline, &view);
  g_assert_cmpuint (count_lock_rows (before), ==, 0);

  lane = il_lane_get_index (il_timeline_get_object_lane (self->timeline, NAMED));
  mark.lanes = &lane;
  il_marks_add (marks, &mark);
  view.marks = marks;
  named = il_timeline_painter_layout (painter, self->timeline, &view);
  g_assert_cmpuint (count_lock_rows (named), ==, 1);
  g_assert_cmpuint (g_array_index (named->rows, IlRow, named->rows->len - 1).lane, ==, lane);

  /* As many marks as before, so that nothing else has changed. */
  mark.n_lanes = 0;
  il_marks_add (none, &mark);
  view.marks = none;
  after = il_timeline_painter_layout (painter, self->timeline, &view);
  g_assert_cmpuint (count_lock_rows (after), ==, 0);
  il_timeline_painter_free (painter);
}

/* A lock that nobody waits for, and that is only known to be held within another, is not free where
 * it is shown at all. */
static void
test_nested (Fixture *self, gconstpointer data)
{
  const IlRecord records[]
      = { { .time_ns = 5 * MS, .kind = IL_RECORD_LOCK_NESTED, .object = NAMED } };
  g_autoptr (IlTimelineLayout) unnamed = NULL;
  g_autoptr (IlTimelineLayout) named = NULL;
  g_autoptr (IlMarks) marks = il_marks_new ();
  IlTimelineView view = whole;
  IlMark mark = { .begin_ns = 2 * MS, .end_ns = 3 * MS, .n_lanes = 1, .title = "T", .text = "T" };
  guint lane;

  il_timeline_builder_add_object (self->builder, NAMED, IL_OBJECT_KIND_LOCK, "small", 0);
  say (self, 0, records, G_N_ELEMENTS (records), 9 * MS);
  unnamed = il_timeline_layout_new (self->timeline, &view);
  g_assert_cmpuint (count_lock_rows (unnamed), ==, 0);

  lane = il_lane_get_index (il_timeline_get_object_lane (self->timeline, NAMED));
  mark.lanes = &lane;
  il_marks_add (marks, &mark);
  view.marks = marks;
  named = il_timeline_layout_new (self->timeline, &view);
  assert_pointer (self, named, IL_STRIP_RIBBON, 2 * MS, "Lock small: who held it for");
  assert_pointer (self, named, IL_STRIP_RIBBON, 7 * MS, "is not known");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
  g_test_add ("/timeline-program/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("threads", test_threads);
  ADD ("unseen-locks", test_unseen_locks);
  ADD ("join", test_join);
  ADD ("join-any", test_join_any);
  ADD ("cores", test_cores);
  ADD ("order", test_order);
  ADD ("order-of-present", test_order_of_present);
  ADD ("signals", test_signals);
  ADD ("legend", test_legend);
  ADD ("unknown-inside", test_unknown_inside);
  ADD ("unknown-readers", test_unknown_readers);
  ADD ("named-readers", test_named_readers);
  ADD ("readers-before", test_readers_before);
  ADD ("nested", test_nested);
  ADD ("processes", test_processes);
  ADD ("colours", test_colours);
  ADD ("running", test_running);
  ADD ("locks", test_locks);
  ADD ("quiet-lock", test_quiet_lock);
  ADD ("hot-lock", test_hot_lock);
  ADD ("copied-lock", test_copied_lock);
  ADD ("named-locks", test_named_locks);
  return g_test_run ();
}
