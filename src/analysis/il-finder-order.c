/* il-finder-order.c - locks that are taken in one order here and in the opposite order there
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whoever takes B while it holds A orders A before B.  A cycle in this graph is a deadlock that has
 * not happened yet, unless one thread alone made all of it, or all of it was made under one more
 * lock that keeps the others out (a gate).  The graph of lock orders is that of the Linux kernel's
 * lockdep (Documentation/locking/lockdep-design.rst); gates are from Havelund, "Using runtime
 * analysis to guide model checking of Java programs", SPIN 2000.
 *
 * Nobody waits for ever for a readers-writer lock that nobody ever writes under, nor for a
 * semaphore that always had units left: they are part of no cycle until they are seen to keep
 * somebody out.
 */

#include "config.h"

#include "il-finder-private.h"

#define MAX_ORDERS 65536
#define MAX_GATES 8
#define MAX_DEPTH 16 /* locks in a cycle */

/* That `second` was taken under `first`. */
typedef struct
{
  guint32 first, second;
  guint32 lane;       /* that did so first */
  gboolean is_common; /* others did so, too */
  gboolean is_told;
  gint64 first_ns; /* when: first taken, then second */
  gint64 second_ns;
  guint32 gates[MAX_GATES]; /* held each time beside the two */
  guint n_gates;
} Order;

typedef struct
{
  Order *orders[MAX_DEPTH];
  guint n;
} Path;

static guint
hash_order (gconstpointer key)
{
  const Order *order = key;

  return order->first * 2654435761u ^ order->second;
}

static gboolean
equal_orders (gconstpointer a, gconstpointer b)
{
  const Order *left = a, *right = b;

  return left->first == right->first && left->second == right->second;
}

static void
unref_array (gpointer array)
{
  g_ptr_array_unref (array);
}

void
il_finder_order_init (IlFinder *self)
{
  self->orders = g_hash_table_new_full (hash_order, equal_orders, NULL, g_free);
  self->successors = g_hash_table_new_full (NULL, NULL, NULL, unref_array);
}

void
il_finder_order_clear (IlFinder *self)
{
  g_hash_table_unref (self->successors);
  g_hash_table_unref (self->orders);
}

static GPtrArray *
get_successors (IlFinder *self, guint32 lock)
{
  GPtrArray *successors = g_hash_table_lookup (self->successors, GUINT_TO_POINTER (lock));

  if (successors == NULL)
    {
      successors = g_ptr_array_new ();
      g_hash_table_insert (self->successors, GUINT_TO_POINTER (lock), successors);
    }
  return successors;
}

/* Keeps only those gates that are held this time, too.  TRUE if one was lost. */
static gboolean
narrow_gates (Order *order, const IlFinderThread *thread)
{
  guint n_before = order->n_gates, n_kept = 0;

  for (guint i = 0; i < n_before; i++)
    if (il_finder_find_hold (thread, order->gates[i]) != NULL)
      order->gates[n_kept++] = order->gates[i];
  order->n_gates = n_kept;
  return n_kept < n_before;
}

static void
set_gates (Order *order, const IlFinderThread *thread)
{
  for (guint i = 0; i < thread->holds->len && order->n_gates < MAX_GATES; i++)
    {
      guint32 held = g_array_index (thread->holds, IlFinderHold, i).object;

      if (held != order->first && held != order->second)
        order->gates[order->n_gates++] = held;
    }
}

static gboolean
has_gate (const Order *order, guint32 gate)
{
  for (guint i = 0; i < order->n_gates; i++)
    if (order->gates[i] == gate)
      return TRUE;
  return FALSE;
}

/* Whether a lock was held over all of the cycle's orders. */
static gboolean
is_gated (const Path *path)
{
  for (guint g = 0; g < path->orders[0]->n_gates; g++)
    {
      gboolean everywhere = TRUE;

      for (guint i = 1; i < path->n && everywhere; i++)
        everywhere = has_gate (path->orders[i], path->orders[0]->gates[g]);
      if (everywhere)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_of_one_thread (const Path *path)
{
  for (guint i = 0; i < path->n; i++)
    if (path->orders[i]->is_common || path->orders[i]->lane != path->orders[0]->lane)
      return FALSE;
  return TRUE;
}

/* Goes on from the last order of the path to one that leads back to the path's first lock. */
static gboolean
find_way_back (IlFinder *self, Path *path)
{
  guint32 target = path->orders[0]->first;
  const GPtrArray *successors = get_successors (self, path->orders[path->n - 1]->second);

  for (guint i = 0; i < successors->len; i++)
    {
      Order *next = g_ptr_array_index (successors, i);
      gboolean is_on_path = FALSE;

      for (guint j = 0; j < path->n; j++)
        is_on_path = is_on_path || path->orders[j]->first == next->first;
      if (is_on_path || path->n == MAX_DEPTH || !il_finder_get_object (self, next->first)->blocks)
        continue;
      path->orders[path->n++] = next;
      if (next->second == target || find_way_back (self, path))
        return TRUE;
      path->n--;
    }
  return FALSE;
}

static void
tell (IlFinder *self, Path *path)
{
  IlFound found = { .kind = IL_FINDING_LOCK_ORDER, .count = 1, .to_ns = self->now_ns };

  found.from_ns = self->now_ns;
  for (guint i = 0; i < path->n; i++)
    {
      Order *order = path->orders[i];

      order->is_told = TRUE;
      found.key += (guint64)order->first * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      found.from_ns = MIN (found.from_ns, order->first_ns);
      found.parts[found.n_parts++] = (IlFinderPart){ .lane = order->lane,
                                                     .held = order->first,
                                                     .held_ns = order->first_ns,
                                                     .wanted = order->second,
                                                     .wanted_ns = order->second_ns };
    }
  il_finder_report (self, &found);
}

static void
look_for_cycle (IlFinder *self, Order *order)
{
  Path path = { { order }, 1 };

  if (order->is_told || !il_finder_get_object (self, order->first)->blocks
      || !find_way_back (self, &path) || is_gated (&path) || is_of_one_thread (&path))
    return;
  tell (self, &path);
}

static void
note (IlFinder *self, const IlFinderThread *thread, const IlFinderHold *hold, guint32 object)
{
  const Order key = { .first = hold->object, .second = object };
  Order *order = g_hash_table_lookup (self->orders, &key);
  gboolean is_news = order == NULL;

  if (order == NULL && g_hash_table_size (self->orders) >= MAX_ORDERS)
    return;
  if (order == NULL)
    {
      order = g_memdup2 (&key, sizeof key);
      order->lane = thread->lane;
      order->first_ns = hold->since_ns;
      order->second_ns = self->now_ns;
      set_gates (order, thread);
      g_hash_table_add (self->orders, order);
      g_ptr_array_add (get_successors (self, order->first), order);
    }
  else
    {
      is_news = narrow_gates (order, thread);
      is_news = is_news || (!order->is_common && order->lane != thread->lane);
      order->is_common = order->is_common || order->lane != thread->lane;
    }
  if (is_news)
    look_for_cycle (self, order);
}

/* Whether nobody waits for ever who takes it under another: who waits for anything lets go of the
 * interpreter's lock; and a signal is not held at all. */
static gboolean
has_no_order (IlFinder *self, guint32 object)
{
  const IlLane *lane = il_timeline_get_object_lane (self->timeline, object);

  return il_finder_get_object (self, object)->is_signal
         || (lane != NULL && il_lane_get_info (lane)->kind == IL_LANE_LOCK
             && il_lane_get_info (lane)->parameter == IL_LANE_PARAMETER_INTERPRETER);
}

/* The thread wants, or takes, another lock under those that it holds. */
void
il_finder_note_order (IlFinder *self, const IlFinderThread *thread, guint32 object)
{
  if (thread->holds->len == 0 || has_no_order (self, object)
      || il_finder_find_hold (thread, object) != NULL)
    return;
  for (guint i = 0; i < thread->holds->len; i++)
    {
      const IlFinderHold *hold = &g_array_index (thread->holds, IlFinderHold, i);

      if (!has_no_order (self, hold->object))
        note (self, thread, hold, object);
    }
}

static gboolean
keeps_others_out (const IlRecord *record)
{
  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_RW_ACQUIRE:
      return (record->value & 1) != 0;
    case IL_RECORD_SEM_ACQUIRE:
      return record->value == 0;
    default:
      return TRUE;
    }
}

/* What is taken, or waited for, may be seen now to keep others out; then orders of it count that
 * did not before. */
void
il_finder_note_state (IlFinder *self, const IlRecord *record)
{
  IlFinderObject *object = il_finder_get_object (self, record->object);
  GHashTableIter iter;
  gpointer order;

  if (object->blocks || !keeps_others_out (record))
    return;
  object->blocks = TRUE;
  g_hash_table_iter_init (&iter, self->orders);
  while (g_hash_table_iter_next (&iter, &order, NULL))
    if (((Order *)order)->first == record->object)
      look_for_cycle (self, order);
}
