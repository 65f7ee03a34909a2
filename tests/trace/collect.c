/* collect.c - keeps all that drains call back with, for a test to look at
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "collect.h"

static void
lane_free (gpointer data)
{
  CollectedLane *lane = data;

  g_array_unref (lane->events);
  g_free (lane->damage);
  g_free (lane);
}

void
collection_init (Collection *collection)
{
  collection->lanes = g_ptr_array_new_with_free_func (lane_free);
  collection->objects = g_array_new (FALSE, FALSE, sizeof (IlTraceObjectInfo));
}

void
collection_finish (Collection *collection)
{
  g_ptr_array_unref (collection->lanes);
  g_array_unref (collection->objects);
}

CollectedLane *
collection_get_lane (Collection *collection, guint32 index)
{
  for (guint i = collection->lanes->len; i-- > 0;)
    {
      CollectedLane *lane = g_ptr_array_index (collection->lanes, i);

      if (lane->info.index == index)
        return lane;
    }
  return NULL;
}

const IlEvent *
collected_event (const CollectedLane *lane, guint i)
{
  g_assert_cmpuint (i, <, lane->events->len);
  return &g_array_index (lane->events, IlEvent, i);
}

guint64
collected_n_lost (const CollectedLane *lane)
{
  guint64 n_lost = 0;

  for (guint i = 0; i < lane->events->len; i++)
    if (IL_EVENT_KIND (collected_event (lane, i)->what) == IL_EVENT_LOST)
      n_lost += collected_event (lane, i)->value;
  return n_lost;
}

static void
object_added_cb (const IlTraceObjectInfo *object, void *data)
{
  Collection *collection = data;

  g_array_append_vals (collection->objects, object, 1);
}

static void
lane_begun_cb (const IlTraceLaneInfo *info, void *data)
{
  Collection *collection = data;
  CollectedLane *before = collection_get_lane (collection, info->index);
  CollectedLane *lane = g_new0 (CollectedLane, 1);

  if (before != NULL)
    {
      g_assert_true (before->is_ended);
      g_assert_cmpuint (info->generation, !=, before->info.generation);
    }
  lane->info = *info;
  lane->events = g_array_new (FALSE, FALSE, sizeof (IlEvent));
  g_ptr_array_add (collection->lanes, lane);
}

static CollectedLane *
get_open_lane (Collection *collection, const IlTraceLaneInfo *info)
{
  CollectedLane *lane = collection_get_lane (collection, info->index);

  g_assert_nonnull (lane);
  g_assert_false (lane->is_ended);
  g_assert_cmpuint (lane->info.generation, ==, info->generation);
  return lane;
}

static void
events_cb (const IlTraceLaneInfo *info, const IlEvent *events, size_t n_events, void *data)
{
  CollectedLane *lane = get_open_lane (data, info);

  g_assert_null (lane->damage);
  g_assert_cmpuint (n_events, >, 0);
  for (size_t i = 0; i < n_events; i++)
    {
      g_assert_cmpuint (IL_EVENT_KIND (events[i].what), >, IL_EVENT_NONE);
      g_assert_cmpuint (IL_EVENT_KIND (events[i].what), <, IL_N_EVENT_KINDS);
      if (lane->events->len > 0)
        g_assert_cmpuint (events[i].stamp, >=,
                          collected_event (lane, lane->events->len - 1)->stamp);
      g_array_append_val (lane->events, events[i]);
    }
}

static void
lane_ended_cb (const IlTraceLaneInfo *info, const IlTraceLaneUsage *usage, void *data)
{
  CollectedLane *lane = get_open_lane (data, info);

  lane->is_ended = TRUE;
  lane->usage = *usage;
}

static void
damaged_cb (const IlTraceLaneInfo *info, const char *what, void *data)
{
  CollectedLane *lane = get_open_lane (data, info);

  g_assert_null (lane->damage);
  lane->damage = g_strdup (what);
}

static void
lane_renamed_cb (const IlTraceLaneInfo *info, void *data)
{
  CollectedLane *lane = get_open_lane (data, info);

  lane->info = *info;
  lane->n_renamed++;
}

const IlTraceHandler collect_handler = {
  .object_added = object_added_cb,
  .lane_begun = lane_begun_cb,
  .events = events_cb,
  .lane_ended = lane_ended_cb,
  .damaged = damaged_cb,
  .lane_renamed = lane_renamed_cb,
};
