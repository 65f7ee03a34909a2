/* model-fixture.c - runs a scenario to its end and keeps what it recorded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "model-fixture.h"

#include <poll.h>

static void
object_added_cb (const IlTraceObjectInfo *object, void *data)
{
  Recording *self = data;

  g_array_append_val (self->objects, *object);
}

static void
lane_begun_cb (const IlTraceLaneInfo *info, void *data)
{
  Recording *self = data;
  RecordedLane lane = { .info = *info };

  g_array_append_val (self->lanes, lane);
  g_hash_table_insert (self->current, GUINT_TO_POINTER (info->index),
                       GUINT_TO_POINTER (self->lanes->len));
}

static guint
get_current (Recording *self, const IlTraceLaneInfo *info)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->current, GUINT_TO_POINTER (info->index))) - 1;
}

static void
lane_ended_cb (const IlTraceLaneInfo *info, const IlTraceLaneUsage *usage, void *data)
{
  Recording *self = data;

  g_array_index (self->lanes, RecordedLane, get_current (self, info)).usage = *usage;
}

static void
events_cb (const IlTraceLaneInfo *info, const IlEvent *events, size_t n_events, void *data)
{
  Recording *self = data;

  for (size_t i = 0; i < n_events; i++)
    {
      Entry entry = { .lane = get_current (self, info),
                      .index = self->entries->len,
                      .kind = IL_EVENT_KIND (events[i].what),
                      .object = IL_EVENT_OBJECT (events[i].what),
                      .value = events[i].value,
                      .stamp = events[i].stamp };

      g_array_append_val (self->entries, entry);
    }
}

static void
damaged_cb (const IlTraceLaneInfo *info, const char *what, void *data)
{
  g_error ("lane %s: %s", info->name, what);
}

static const IlTraceHandler handler = {
  .object_added = object_added_cb,
  .lane_begun = lane_begun_cb,
  .lane_ended = lane_ended_cb,
  .events = events_cb,
  .damaged = damaged_cb,
};

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  if (x->stamp != y->stamp)
    return x->stamp < y->stamp ? -1 : 1;
  return x->index < y->index ? -1 : 1;
}

static void
supervise_to_end (Recording *self, IlPool *pool, ActFunc act, void *data)
{
  g_autoptr (GError) error = NULL;

  while (il_pool_supervise (pool, &error))
    {
      struct pollfd notification = { .fd = il_pool_get_notify_fd (pool), .events = POLLIN };

      g_assert_no_error (error);
      il_trace_reader_drain (self->reader, &handler, self);
      if (act != NULL)
        act (pool, data);
      poll (&notification, 1, 1);
    }
  g_assert_no_error (error);
}

/* Makes times of stamps, by two looks at both clocks. */
static void
set_times (Recording *self, IlClockAnchor begin, IlClockAnchor end)
{
  double ns_per_tick
      = (double)(end.time_ns - begin.time_ns) / (double)MAX (end.stamp - begin.stamp, 1);

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = &g_array_index (self->entries, Entry, i);

      entry->time_ns = (gint64)((double)(gint64)(entry->stamp - begin.stamp) * ns_per_tick);
    }
}

/* Checks that nothing is lost, and that all tasks are accounted for. */
Recording *
recording_run (const IlScenario *scenario, ActFunc act, void *data)
{
  Recording *self = g_new0 (Recording, 1);
  IlTraceReaderStats stats;
  IlClockAnchor begin;
  int error_number;
  IlTrace *trace;
  IlPool *pool;

  self->current = g_hash_table_new (NULL, NULL);
  self->lanes = g_array_new (FALSE, TRUE, sizeof (RecordedLane));
  self->objects = g_array_new (FALSE, TRUE, sizeof (IlTraceObjectInfo));
  self->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  self->reader = il_trace_reader_new (g_get_tmp_dir (), 0, 0);
  g_assert_nonnull (self->reader);
  begin = il_clock_take_anchor (il_trace_reader_get_source (self->reader));
  trace = il_trace_attach (il_trace_reader_get_path (self->reader), &error_number);
  g_assert_nonnull (trace);

  pool = fixture_start_pool (scenario, trace);
  supervise_to_end (self, pool, act, data);
  self->counts = fixture_join_pool (pool);
  il_pool_free (pool);
  il_trace_reader_drain (self->reader, &handler, self);
  il_trace_reader_get_stats (self->reader, &stats);
  g_assert_cmpuint (stats.n_lost, ==, 0);
  g_assert_cmpuint (stats.n_damaged, ==, 0);
  g_array_sort (self->entries, compare_entries);
  set_times (self, begin, il_clock_take_anchor (il_trace_reader_get_source (self->reader)));
  il_trace_detach (trace);
  return self;
}

void
recording_free (Recording *self)
{
  il_trace_reader_free (self->reader);
  g_hash_table_unref (self->current);
  g_array_unref (self->lanes);
  g_array_unref (self->objects);
  g_array_unref (self->entries);
  g_free (self);
}

const Entry *
recording_get (const Recording *self, guint entry)
{
  return &g_array_index (self->entries, Entry, entry);
}

const RecordedLane *
recording_get_lane (const Recording *self, guint lane)
{
  return &g_array_index (self->lanes, RecordedLane, lane);
}

/* Its number in events; there must be one. */
guint
recording_find_object (const Recording *self, IlObjectKind kind, const char *name)
{
  for (guint i = 0; i < self->objects->len; i++)
    {
      const IlTraceObjectInfo *object = &g_array_index (self->objects, IlTraceObjectInfo, i);

      if (object->kind == kind && g_strcmp0 (object->name, name) == 0)
        return object->id;
    }
  g_error ("no object %s", name);
}

guint
recording_count (const Recording *self, IlEventKind kind)
{
  guint n = 0;

  for (guint i = 0; i < self->entries->len; i++)
    n += recording_get (self, i)->kind == kind;
  return n;
}
