/* il-finder-order.c - locks that are taken in one order here and in the opposite order there
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whoever takes B while it holds A orders A before B.  A cycle in this graph is a deadlock that has
 * not happened yet, unless one thread alone made all of it, or two of its orders are always made
 * under one more lock that lets only one of them be made at a time (a gate).  The graph of lock
 * orders is that of the Linux kernel's lockdep (Documentation/locking/lockdep-design.rst); gates
 * are from Havelund, "Using runtime analysis to guide model checking of Java programs", SPIN 2000,
 * and that two under a gate are enough from Bensalem and Havelund, "Dynamic deadlock analysis of
 * multi-threaded programs", HVC 2005.
 *
 * Ways are tried only among locks that some circle leads through, see il-order-graph.c: a program
 * in order has none, however many locks and orders of them.
 *
 * A gate keeps others out: a lock, a readers-writer lock that one of the two has for writing, or
 * the only unit of a semaphore whose units are given back by those who took them.  The
 * interpreter's lock is none: who waits lets go of it.  A task is also under what the task holds
 * that spawned it, since before it did so, but not under what some other task holds that happens to
 * be around it on the same thread: another thread might have run it.
 *
 * Nobody waits for ever for a readers-writer lock that nobody ever writes under, nor for a
 * semaphore that always had units left: they are part of no cycle until they are seen to keep
 * somebody out.  Nor does one who reads wait for another one who does, at least not in a program:
 * there one of the two must write whose orders meet at such a lock.
 *
 * Orders that are apart are no circle: as those that were made before a thread was with those that
 * it makes, see il-finder-apart.c and il-finder-made.c.
 */

#include "config.h"

#include "il-finder-private.h"

#define MAX_ORDERS 65536
#define MAX_GATES 8
#define MAX_DEPTH 16    /* locks in a cycle */
#define MAX_STEPS 20000 /* of one search: the ways through many locks are too many to try all */
#define MAX_ANCESTORS 64

/* So many steps of searches are taken, all in all, while it is asked whether orders are apart: each
 * thread that makes one is a reason to search. */
#define MAX_ALL_STEPS (20 * 1000 * 1000)

/* Held while two others are taken one under the other. */
typedef struct
{
  guint32 object;
  gboolean excludes; /* not only for reading */
} Gate;

typedef struct
{
  Gate gates[MAX_GATES];
  guint n;
} Gates;

/* That `second` was taken under `first`. */
typedef struct
{
  IlOrderEdge edge; /* the first, for the graph */
  guint32 first, second;
  guint32 lane;       /* that did so first */
  gboolean is_common; /* others did so, too */
  gboolean is_told;
  gboolean is_exact;      /* a program said all that it had, however quietly */
  gboolean writes_first;  /* the first was not only had for reading, each time … */
  gboolean writes_second; /* … nor the second */
  gint64 first_ns;        /* when, the first time: first taken, then second */
  gint64 second_ns;
  IlFinderMade made;
  Gates gates; /* held each time beside the two */
} Order;

typedef struct
{
  Order *orders[MAX_DEPTH];
  const IlFinderMaking *makings[MAX_DEPTH]; /* of each that which may be at the same time as those
                                               of the others; NULL: not known */
  gboolean is_now;  /* the first of them was made just now, and only that is asked for … */
  gboolean is_late; /* … but it was some time ago */
  guint n;
  guint n_steps;
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

void
il_finder_order_init (IlFinder *self)
{
  self->orders = g_hash_table_new_full (hash_order, equal_orders, NULL, g_free);
  self->order_graph = il_order_graph_new ();
}

void
il_finder_order_clear (IlFinder *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->orders);
  while (g_hash_table_iter_next (&iter, &value, NULL))
    il_finder_made_clear (self, &((Order *)value)->made);
  il_order_graph_free (self->order_graph);
  g_hash_table_unref (self->orders);
}

static Gate *
find_gate (Gates *gates, guint32 object)
{
  for (guint i = 0; i < gates->n; i++)
    if (gates->gates[i].object == object)
      return &gates->gates[i];
  return NULL;
}

static gboolean
is_kind_of_lock (IlFinder *self, guint32 object, IlLaneKind kind)
{
  const IlLane *lane = il_timeline_get_object_lane (self->timeline, object);

  return lane != NULL && il_lane_get_info (lane)->kind == kind;
}

static void
add_gate (IlFinder *self, Gates *gates, const IlFinderHold *hold)
{
  Gate *gate = find_gate (gates, hold->object);

  if (gate != NULL)
    gate->excludes = gate->excludes || hold->excludes;
  else if (gates->n < MAX_GATES
           && (hold->excludes || is_kind_of_lock (self, hold->object, IL_LANE_RWLOCK)))
    gates->gates[gates->n++] = (Gate){ hold->object, hold->excludes };
}

/* What the thread's innermost task and those that it was spawned by hold, but the two locks. */
static Gates
get_gates (IlFinder *self, const IlFinderThread *thread, const Order *order)
{
  guint depth = thread->task_kinds->len;
  gint64 before_ns = self->now_ns;
  Gates gates = { .n = 0 };

  for (guint n = 0; thread != NULL && n < MAX_ANCESTORS; n++)
    {
      for (guint i = 0; i < thread->holds->len; i++)
        {
          const IlFinderHold *hold = &g_array_index (thread->holds, IlFinderHold, i);

          if (hold->depth == depth && hold->since_ns <= before_ns && hold->object != order->first
              && hold->object != order->second)
            add_gate (self, &gates, hold);
        }
      thread = il_finder_find_parent (self, thread, &depth, &before_ns);
    }
  return gates;
}

/* Whether it may be held without that this is said, and would have been said once it was not. */
static gboolean
is_quiet_gate (IlFinder *self, const Order *order, const Gate *gate)
{
  return order->is_exact && gate->excludes
         && !is_kind_of_lock (self, gate->object, IL_LANE_SEMAPHORE);
}

/* Keeps only those gates that are held this time, too.  TRUE if one was lost. */
static gboolean
narrow_gates (IlFinder *self, const IlFinderThread *thread, Order *order, gboolean is_exact)
{
  Gates *gates = &order->gates, now;
  guint n_kept = 0;
  gboolean is_less = FALSE;

  if (gates->n == 0)
    return FALSE;
  now = get_gates (self, thread, order);
  for (guint i = 0; i < gates->n; i++)
    {
      Gate gate = gates->gates[i];
      const Gate *again = find_gate (&now, gate.object);

      if (again == NULL && !is_exact && is_quiet_gate (self, order, &gate))
        again = &gate;
      is_less = is_less || again == NULL || (gate.excludes && !again->excludes);
      gate.excludes = gate.excludes && again != NULL && again->excludes;
      if (again != NULL)
        gates->gates[n_kept++] = gate;
    }
  gates->n = n_kept;
  return is_less;
}

/* Whether some gate lets only one of the two orders be made at a time. */
static gboolean
exclude_each_other (Order *one, Order *other)
{
  for (guint i = 0; i < one->gates.n; i++)
    {
      const Gate *gate = &one->gates.gates[i], *same = find_gate (&other->gates, gate->object);

      if (same != NULL && (gate->excludes || same->excludes))
        return TRUE;
    }
  return FALSE;
}

/* Whether a program has not said yet what else it had, as it does of locks. */
static gboolean
is_unsure (IlFinder *self, const Order *order)
{
  return self->hears_nested && !order->is_exact
         && il_lane_get_info (il_timeline_get_lane (self->timeline, order->lane))->role
                == IL_LANE_ROLE_THREAD
         && is_kind_of_lock (self, order->first, IL_LANE_LOCK)
         && is_kind_of_lock (self, order->second, IL_LANE_LOCK);
}

/* Whether somebody may wait for ever for what comes first in it. */
static gboolean
keeps_waiting (IlFinder *self, const Order *order)
{
  const IlFinderObject *first = il_finder_get_object (self, order->first);

  return first->blocks && !first->is_signal && !is_unsure (self, order);
}

/* Whether one who makes the first order may have to wait for one who makes the other, where they
 * meet. */
static gboolean
meet (IlFinder *self, const Order *one, const Order *other)
{
  return one->writes_second || other->writes_first
         || il_lane_get_info (il_timeline_get_lane (self->timeline, one->lane))->role
                != IL_LANE_ROLE_THREAD;
}

/* Whether none of the path so far is sure to be made at another time. */
static gboolean
is_apart_from_none (IlFinder *self, Path *path, const Order *next)
{
  path->makings[path->n] = NULL;
  for (guint i = 0; i < path->n; i++)
    {
      IlFinderPair pair = { i == 0 && path->is_now ? path->makings[0] : NULL, NULL, path->is_late };

      if (!il_finder_made_meet (self, &path->orders[i]->made, &next->made, &pair))
        return FALSE;
      if (i == 0 && !path->is_now && path->n == 1)
        path->makings[0] = pair.one;
      if (path->makings[path->n] == NULL)
        path->makings[path->n] = pair.other;
    }
  return TRUE;
}

/* Whether the order can be made at the same time as all of the path so far. */
static gboolean
fits (IlFinder *self, Path *path, Order *next)
{
  if (path->n == MAX_DEPTH || !keeps_waiting (self, next)
      || !meet (self, path->orders[path->n - 1], next)
      || (next->second == path->orders[0]->first && !meet (self, next, path->orders[0])))
    return FALSE;
  for (guint i = 0; i < path->n; i++)
    if (path->orders[i]->first == next->first || exclude_each_other (path->orders[i], next))
      return FALSE;
  return is_apart_from_none (self, path, next);
}

static gboolean
is_of_one_thread (const Path *path)
{
  for (guint i = 0; i < path->n; i++)
    if (path->orders[i]->is_common || path->orders[i]->lane != path->orders[0]->lane)
      return FALSE;
  return TRUE;
}

/* Goes on from the last order of the path to one that leads back to the path's first lock, by a way
 * that several threads made. */
static gboolean
find_way_back (IlFinder *self, Path *path)
{
  guint32 target = path->orders[0]->first;
  const GPtrArray *successors = il_order_edge_get_next (&path->orders[path->n - 1]->edge);

  for (guint i = 0; i < successors->len && path->n_steps < MAX_STEPS; i++)
    {
      Order *next = g_ptr_array_index (successors, i);

      path->n_steps++;
      if (!il_order_edge_may_close (&next->edge) || !fits (self, path, next))
        continue;
      path->orders[path->n++] = next;
      if (next->second == target ? !is_of_one_thread (path) : find_way_back (self, path))
        return TRUE;
      path->n--;
    }
  return FALSE;
}

/* No thread makes two of them at once: each is told by a thread of its own, where one is known. */
static void
name_each_by_another (IlFinder *self, Path *path)
{
  for (guint i = 1; i < path->n; i++)
    {
      const IlFinderMaking *other;
      gboolean is_again = FALSE;

      for (guint j = 0; j < i && path->makings[i] != NULL; j++)
        is_again = is_again
                   || (path->makings[j] != NULL
                       && path->makings[j]->moment.lane == path->makings[i]->moment.lane);
      if (!is_again)
        continue;
      other = il_finder_made_find_other (self, &path->orders[i]->made, path->makings, i);
      if (other != NULL)
        path->makings[i] = other;
    }
}

static void
tell (IlFinder *self, Path *path)
{
  IlFound found = { .kind = IL_FINDING_LOCK_ORDER, .count = 1, .to_ns = self->now_ns };

  name_each_by_another (self, path);
  found.from_ns = self->now_ns;
  for (guint i = 0; i < path->n; i++)
    {
      Order *order = path->orders[i];
      const IlFinderMaking known = { { order->lane, 0 }, order->first_ns, order->second_ns };
      const IlFinderMaking *making = path->makings[i] != NULL ? path->makings[i] : &known;

      order->is_told = TRUE;
      found.key += (guint64)order->first * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      found.from_ns = MIN (found.from_ns, making->first_ns);
      found.parts[found.n_parts++] = (IlFinderPart){ .lane = making->moment.lane,
                                                     .held = order->first,
                                                     .held_ns = making->first_ns,
                                                     .wanted = order->second,
                                                     .wanted_ns = making->second_ns };
    }
  il_finder_report (self, &found);
}

/* now: how it was made just now; NULL: all that it was made so far is asked for. */
static void
look_for_cycle (IlFinder *self, Order *order, const IlFinderMaking *now)
{
  Path path = { .orders = { order }, .makings = { now }, .is_now = now != NULL, .n = 1 };

  path.is_late
      = now != NULL && now->moment.turn < il_finder_get_thread (self, now->moment.lane)->turn;

  if (order->is_told || !il_order_edge_may_close (&order->edge)
      || !il_order_edge_has_makers (&order->edge) || !keeps_waiting (self, order))
    return;
  if (find_way_back (self, &path))
    tell (self, &path);
  self->n_order_steps += path.n_steps;
  if (self->n_order_steps > MAX_ALL_STEPS)
    il_finder_end_apart (self);
}

/* From here on any two orders may be made at the same time, as far as is known. */
void
il_finder_end_apart (IlFinder *self)
{
  GHashTableIter iter;
  gpointer value;

  if (self->is_apart_over)
    return;
  self->is_apart_over = TRUE;
  g_hash_table_iter_init (&iter, self->orders);
  while (g_hash_table_iter_next (&iter, &value, NULL))
    look_for_cycle (self, value, NULL);
}

gboolean
il_finder_is_interpreter (IlFinder *self, guint32 object)
{
  const IlLane *lane = il_timeline_get_object_lane (self->timeline, object);

  return lane != NULL && il_lane_get_info (lane)->kind == IL_LANE_LOCK
         && il_lane_get_info (lane)->parameter == IL_LANE_PARAMETER_INTERPRETER;
}

static gboolean
is_lock_of_program (IlFinder *self, guint32 object)
{
  return is_kind_of_lock (self, object, IL_LANE_LOCK)
         || is_kind_of_lock (self, object, IL_LANE_RWLOCK);
}

/* Keeps when the order was made.  A program says itself when it makes one of locks that keep others
 * out, see is_unsure(): what is seen of them besides is but a part of that.  TRUE: this is news. */
static gboolean
keep_making (IlFinder *self, const IlFinderThread *thread, Order *order,
             const IlFinderMaking *making, gboolean excludes, const IlFinderTold *told)
{
  gboolean is_of_program
      = il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane))->role
        == IL_LANE_ROLE_THREAD;
  gboolean was_any_time = order->made.is_any_time;

  if (is_of_program && told->is_exact && !told->is_any_time && told->ago <= thread->turn)
    return il_finder_made_add (self, &order->made, making);
  if (is_of_program && !told->is_exact && excludes && is_lock_of_program (self, order->first)
      && is_lock_of_program (self, order->second))
    {
      order->made.is_seen = TRUE;
      return FALSE;
    }
  order->made.is_any_time = TRUE;
  il_finder_made_clear (self, &order->made);
  return !was_any_time;
}

static Order *
add_order (IlFinder *self, const IlFinderThread *thread, const IlFinderMaking *making,
           const Order *key, gboolean is_exact)
{
  Order *order = g_memdup2 (key, sizeof *key);

  order->lane = thread->lane;
  order->first_ns = making->first_ns;
  order->second_ns = making->second_ns;
  order->gates = get_gates (self, thread, order);
  order->is_exact = is_exact;
  il_finder_get_object (self, order->first)->is_ordered = TRUE;
  il_finder_get_object (self, order->second)->is_ordered = TRUE;
  g_hash_table_add (self->orders, order);
  il_order_graph_add (self->order_graph, &order->edge, order->first, order->second);
  return order;
}

/* How somebody takes one lock under another. */
typedef struct
{
  const IlFinderHold *hold;
  guint32 object;
  gboolean excludes;
  const IlFinderTold *told;
} Taking;

static void
note (IlFinder *self, const IlFinderThread *thread, const Taking *taking)
{
  const IlFinderHold *hold = taking->hold;
  const Order key = { .first = hold->object, .second = taking->object };
  const IlFinderMaking making
      = { { thread->lane, thread->turn - MIN (thread->turn, taking->told->ago) },
          hold->since_ns,
          thread->object == taking->object ? thread->wait_ns : self->now_ns };
  gboolean is_exact = taking->told->is_exact;
  Order *order = g_hash_table_lookup (self->orders, &key);
  gboolean is_new, is_wider = FALSE, is_news, is_now;

  if (order == NULL && g_hash_table_size (self->orders) >= MAX_ORDERS)
    return;
  is_new = order == NULL || (is_exact && !order->is_exact);
  if (order == NULL)
    order = add_order (self, thread, &making, &key, is_exact);
  else if (is_new)
    {
      order->gates = get_gates (self, thread, order);
      order->is_exact = TRUE;
    }
  else
    is_wider = narrow_gates (self, thread, order, is_exact);
  if (!is_new)
    is_wider = is_wider || hold->excludes > order->writes_first
               || taking->excludes > order->writes_second;
  is_new = is_new || (!order->is_common && order->lane != thread->lane);
  order->is_common = order->is_common || order->lane != thread->lane;
  order->writes_first = order->writes_first || hold->excludes;
  order->writes_second = order->writes_second || taking->excludes;
  is_news
      = keep_making (self, thread, order, &making, hold->excludes && taking->excludes, taking->told)
        && !self->is_apart_over;
  il_order_edge_add_maker (&order->edge, thread->lane);
  is_now = is_exact && !order->made.is_any_time && !is_wider;
  if (is_new || is_wider || is_news)
    look_for_cycle (self, order, is_now ? &making : NULL);
}

/* Whether nobody waits for ever who takes it under another: who waits for anything lets go of the
 * interpreter's lock; and a signal is not held at all. */
static gboolean
has_no_order (IlFinder *self, guint32 object)
{
  return il_finder_get_object (self, object)->is_signal || il_finder_is_interpreter (self, object);
}

/* The thread wants, or takes, another lock under those that it holds.  Those that it is only
 * thought to hold do not count: between the moment that somebody met it there and this one it may
 * have given them back.  Under which locks such a thread takes others it says itself, see
 * note_nested(). */
void
il_finder_note_order (IlFinder *self, const IlFinderThread *thread, guint32 object,
                      gboolean excludes, const IlFinderTold *told)
{
  if (thread->holds->len == 0 || has_no_order (self, object)
      || il_finder_find_hold (thread, object) != NULL)
    return;
  for (guint i = 0; i < thread->holds->len; i++)
    {
      const IlFinderHold *hold = &g_array_index (thread->holds, IlFinderHold, i);

      if (!hold->is_learned && !has_no_order (self, hold->object))
        note (self, thread, &(const Taking){ hold, object, excludes, told });
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
  const GPtrArray *orders;

  if (object->blocks || !keeps_others_out (record))
    return;
  object->blocks = TRUE;
  orders = il_order_graph_get_from (self->order_graph, record->object);
  for (guint i = 0; orders != NULL && i < orders->len; i++)
    look_for_cycle (self, g_ptr_array_index (orders, i), NULL);
}

static gboolean
is_single_unit (IlFinder *self, guint32 semaphore)
{
  const IlLane *lane = il_timeline_get_object_lane (self->timeline, semaphore);

  return lane != NULL && il_lane_get_info (lane)->parameter == 1
         && !il_finder_get_object (self, semaphore)->is_signal;
}

/* Whether nobody else has what is taken here, for as long as it is held. */
gboolean
il_finder_excludes (IlFinder *self, const IlRecord *record)
{
  if (record->kind == IL_RECORD_LOCK_ACQUIRE || record->kind == IL_RECORD_LOCK_HAD)
    return !il_finder_is_interpreter (self, record->object);
  return keeps_others_out (record)
         && (record->kind != IL_RECORD_SEM_ACQUIRE || is_single_unit (self, record->object));
}

/* Units of the semaphore are given by others than those who took them: it is a gate no longer. */
void
il_finder_note_signal (IlFinder *self, IlFinderObject *object)
{
  g_autoptr (GPtrArray) opened = NULL;
  GHashTableIter iter;
  gpointer value;

  if (object->is_signal)
    return;
  object->is_signal = TRUE;
  il_finder_withdraw_deadlocks (self, object->object);
  if (!is_kind_of_lock (self, object->object, IL_LANE_SEMAPHORE))
    return;
  opened = g_ptr_array_new ();
  g_hash_table_iter_init (&iter, self->orders);
  while (g_hash_table_iter_next (&iter, &value, NULL))
    {
      Gates *gates = &((Order *)value)->gates;
      Gate *gate = find_gate (gates, object->object);

      if (gate == NULL)
        continue;
      *gate = gates->gates[--gates->n];
      g_ptr_array_add (opened, value);
    }
  for (guint i = 0; i < opened->len; i++)
    look_for_cycle (self, g_ptr_array_index (opened, i), NULL);
}

static void
forget_all (IlFinder *self, const GPtrArray *orders)
{
  while (orders != NULL && orders->len > 0)
    {
      Order *order = g_ptr_array_index (orders, orders->len - 1);

      il_order_graph_remove (&order->edge);
      il_finder_made_clear (self, &order->made);
      g_hash_table_remove (self->orders, order);
    }
}

/* The object is another lock now, in the place of the one that it was. */
void
il_finder_forget_orders (IlFinder *self, guint32 object)
{
  IlFinderObject *known = il_finder_get_object (self, object);

  if (!known->is_ordered)
    return;
  known->is_ordered = FALSE;
  forget_all (self, il_order_graph_get_from (self->order_graph, object));
  forget_all (self, il_order_graph_get_to (self->order_graph, object));
}
