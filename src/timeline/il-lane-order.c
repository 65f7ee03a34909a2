/* il-lane-order.c - in which order threads of a program that is not ours are shown
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who was made first comes first, so that parents stand before their children and the first thread
 * of a process before those that it made, whoever ran or was heard of first.
 */

#include "config.h"

#include "il-timeline-private.h"

static int
compare_int (gint64 a, gint64 b)
{
  return (a > b) - (a < b);
}

/**
 * il_lane_compare_births:
 * @one: of a thread of a program
 * @other: likewise
 *
 * Compares two threads by when they were made; of those that were there before they were watched,
 * or whose making was not seen, by the numbers that the kernel gave them, which mostly grow.
 *
 * Returns: less than, equal to or more than 0
 */
int
il_lane_compare_births (const IlLane *one, const IlLane *other)
{
  const IlLaneInfo *a = il_lane_get_info (one), *b = il_lane_get_info (other);

  if (a->parameter != b->parameter)
    return a->parameter < b->parameter ? -1 : 1;
  if (a->pid != b->pid)
    return compare_int (a->pid, b->pid);
  if ((a->tid == a->pid) != (b->tid == b->pid))
    return a->tid == a->pid ? -1 : 1;
  if (a->tid != b->tid)
    return compare_int (a->tid, b->tid);
  return compare_int (il_lane_get_index (one), il_lane_get_index (other));
}

/**
 * il_lanes_group_by_process:
 * @threads: (element-type IlLane): in any order
 *
 * Brings threads of a process together, keeping the order within each, and of their first ones.
 */
void
il_lanes_group_by_process (GPtrArray *threads)
{
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) processes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  guint n = 0;

  for (guint i = 0; i < threads->len; i++)
    {
      gpointer lane = g_ptr_array_index (threads, i);
      gpointer pid = GINT_TO_POINTER (il_lane_get_info (lane)->pid);
      GPtrArray *process = g_hash_table_lookup (places, pid);

      if (process == NULL)
        {
          process = g_ptr_array_new ();
          g_ptr_array_add (processes, process);
          g_hash_table_insert (places, pid, process);
        }
      g_ptr_array_add (process, lane);
    }
  for (guint i = 0; i < processes->len; i++)
    {
      const GPtrArray *process = g_ptr_array_index (processes, i);

      for (guint j = 0; j < process->len; j++)
        threads->pdata[n++] = process->pdata[j];
    }
}
