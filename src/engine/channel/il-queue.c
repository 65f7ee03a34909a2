/* il-queue.c - bounded queue; the argument stands above IlQueue in il-arena.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-queue.h"

#include "il-lock.h"

/* The two ends of a queue, as one who waits sees them. */
typedef enum
{
  FOR_ROOM,
  FOR_ITEMS,
} Side;

static IlEventKind
get_wait_event (const IlQueue *queue, Side side)
{
  if (queue->is_channel)
    return side == FOR_ROOM ? IL_EVENT_SEND_WAIT : IL_EVENT_RECEIVE_WAIT;
  return side == FOR_ROOM ? IL_EVENT_PUT_WAIT : IL_EVENT_GET_WAIT;
}

static _Atomic uint32_t *
get_wake_count (IlQueue *queue, Side side)
{
  return side == FOR_ROOM ? &queue->put_count : &queue->get_count;
}

static _Atomic uint32_t *
get_n_waiting (IlQueue *queue, Side side)
{
  return side == FOR_ROOM ? &queue->n_putters : &queue->n_getters;
}

/* How many items can be put, or got, at this moment. */
static uint32_t
get_n_ready (const IlQueue *queue, Side side)
{
  uint32_t depth = il_queue_get_depth (queue);

  return side == FOR_ROOM ? queue->capacity - depth : depth;
}

/* Under the guard; a closed queue takes no items and gives those that it has. */
static bool
is_at_end (const IlQueue *queue, Side side)
{
  return il_queue_is_closed (queue) && (side == FOR_ROOM || il_queue_get_depth (queue) == 0);
}

/* Polls without touching the guard until there is something to try for. */
static void
spin (IlQueue *queue, IlActor *actor, Side side)
{
  for (uint32_t i = actor->arena->n_spins; i > 0; i--)
    {
      if (get_n_ready (queue, side) > 0 || il_queue_is_closed (queue))
        return;
      il_spin_pause ();
    }
}

/* That one who waits is counted among those to be woken, and by what it will know that it was. */
typedef struct
{
  bool is_counted;
  uint32_t wake_count;
} Registration;

/* Under the guard: who was not woken, but comes by itself, is no longer to be. */
static void
unregister (IlQueue *queue, Side side, Registration *registration)
{
  _Atomic uint32_t *n_waiting = get_n_waiting (queue, side);

  if (registration->is_counted
      && atomic_load_explicit (get_wake_count (queue, side), memory_order_relaxed)
             == registration->wake_count)
    atomic_fetch_sub_explicit (n_waiting, 1, memory_order_relaxed);
  registration->is_counted = false;
}

static void
register_waiter (IlQueue *queue, Side side, Registration *registration)
{
  registration->is_counted = true;
  registration->wake_count
      = atomic_load_explicit (get_wake_count (queue, side), memory_order_relaxed);
  atomic_fetch_add_explicit (get_n_waiting (queue, side), 1, memory_order_relaxed);
}

/* Owns the queue when it returns DONE.  On TIMEOUT it is registered to be woken, if it is to wait.
 */
static IlWaitResult
try_begin (IlQueue *queue, IlActor *actor, Side side, bool waits, Registration *registration)
{
  IlWaitResult result = IL_WAIT_TIMEOUT;

  il_guard_lock (&queue->guard, actor);
  unregister (queue, side, registration);
  if (is_at_end (queue, side))
    result = IL_WAIT_CLOSED;
  else if (get_n_ready (queue, side) > 0)
    {
      queue->stamp = il_trace_lane_stamp (&actor->lane);
      return IL_WAIT_DONE;
    }
  else if (waits)
    register_waiter (queue, side, registration);
  il_guard_unlock (&queue->guard);
  return result;
}

static IlWaitResult
wait_and_begin (IlQueue *queue, IlActor *actor, Side side, int64_t deadline_ns)
{
  Registration registration = { 0 };

  spin (queue, actor, side);
  for (;;)
    {
      bool is_cancelled = il_arena_is_cancelled (actor->arena);
      bool is_last = is_cancelled
                     || (deadline_ns != IL_NO_DEADLINE && il_clock_monotonic_ns () >= deadline_ns);
      IlWaitResult result = try_begin (queue, actor, side, !is_last, &registration);

      if (result != IL_WAIT_TIMEOUT)
        return result;
      if (is_last)
        return is_cancelled ? IL_WAIT_CANCELLED : IL_WAIT_TIMEOUT;
      il_actor_sleep_on (actor, get_wake_count (queue, side), registration.wake_count, deadline_ns);
    }
}

static IlWaitResult
begin (IlQueue *queue, IlActor *actor, Side side, int64_t deadline_ns)
{
  Registration none = { 0 };
  IlWaitResult result = try_begin (queue, actor, side, false, &none);

  if (result != IL_WAIT_TIMEOUT || deadline_ns == IL_QUEUE_DO_NOT_WAIT)
    return result;

  il_trace_lane_write (&actor->lane, get_wait_event (queue, side), queue->object, 0);
  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING_ITEM);
  result = wait_and_begin (queue, actor, side, deadline_ns);
  if (result != IL_WAIT_DONE)
    {
      il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, queue->object, 0);
      il_actor_end_wait (actor);
    }
  return result;
}

/* Under the guard: takes up to n_items of those who sleep for what became ready. */
static uint32_t
take_sleepers (IlQueue *queue, Side side, uint32_t n_items)
{
  _Atomic uint32_t *n_waiting = get_n_waiting (queue, side);
  uint32_t n_sleepers = atomic_load_explicit (n_waiting, memory_order_relaxed);
  uint32_t n_woken = n_sleepers < n_items ? n_sleepers : n_items;

  if (n_woken == 0)
    return 0;
  atomic_store_explicit (n_waiting, n_sleepers - n_woken, memory_order_relaxed);
  atomic_fetch_add_explicit (get_wake_count (queue, side), 1, memory_order_relaxed);
  return n_woken;
}

/**
 * il_queue_begin_put:
 * @deadline_ns: of CLOCK_MONOTONIC, %IL_NO_DEADLINE or %IL_QUEUE_DO_NOT_WAIT
 * @room: (out): how many items there is room for, at least 1
 *
 * Waits until there is room.  On %IL_WAIT_DONE the caller owns the queue and must commit at once.
 *
 * Returns: any #IlWaitResult
 */
IlWaitResult
il_queue_begin_put (IlQueue *queue, IlActor *actor, int64_t deadline_ns, uint32_t *room)
{
  IlWaitResult result = begin (queue, actor, FOR_ROOM, deadline_ns);

  if (result == IL_WAIT_DONE)
    *room = get_n_ready (queue, FOR_ROOM);
  return result;
}

/**
 * il_queue_commit_put:
 * @n_items: how many free slots were filled, at least 1
 */
IlQueueChange
il_queue_commit_put (IlQueue *queue, IlActor *actor, uint32_t n_items)
{
  uint64_t tail = atomic_load_explicit (&queue->tail, memory_order_relaxed);
  IlQueueChange change = {
    .stamp = queue->stamp,
    .depth = il_queue_get_depth (queue) + 1,
    .woken_by = actor->is_waiting ? queue->got_by : 0,
  };

  queue->put_by = il_actor_get_who (actor);
  if (queue->order == NULL)
    atomic_store_explicit (&queue->tail, tail + n_items, memory_order_release);
  else
    for (uint32_t i = 0; i < n_items; i++)
      il_queue_order_push (queue);
  change.n_woken = take_sleepers (queue, FOR_ITEMS, n_items);
  il_guard_unlock (&queue->guard);
  return change;
}

static void
write_woken_by (const IlQueue *queue, IlActor *actor, const IlQueueChange *change)
{
  if (change->woken_by != 0)
    il_trace_lane_write_at (&actor->lane, change->stamp, IL_EVENT_WOKEN_BY, queue->object,
                            change->woken_by);
}

/**
 * il_queue_write_put:
 * @item: which one of the change, from 0
 *
 * Writes the event of one item that was put.
 */
void
il_queue_write_put (const IlQueue *queue, IlActor *actor, const IlQueueChange *change,
                    uint32_t item)
{
  il_trace_lane_write_at (&actor->lane, change->stamp, IL_EVENT_PUT, queue->object,
                          (change->depth + item) | (item < change->n_woken ? IL_EVENT_WOKE : 0));
  if (item == 0)
    write_woken_by (queue, actor, change);
}

/**
 * il_queue_finish_put:
 */
void
il_queue_finish_put (IlQueue *queue, IlActor *actor, const IlQueueChange *change)
{
  if (change->n_woken > 0)
    il_actor_wake (actor, &queue->get_count, change->n_woken);
  il_actor_end_wait (actor);
}

/**
 * il_queue_begin_get:
 * @deadline_ns: of CLOCK_MONOTONIC, %IL_NO_DEADLINE or %IL_QUEUE_DO_NOT_WAIT
 *
 * Waits until there is an item.  On %IL_WAIT_DONE the caller owns the queue, may read the first
 * slot, and must commit at once.
 *
 * Returns: any #IlWaitResult
 */
IlWaitResult
il_queue_begin_get (IlQueue *queue, IlActor *actor, int64_t deadline_ns)
{
  return begin (queue, actor, FOR_ITEMS, deadline_ns);
}

/**
 * il_queue_commit_get:
 *
 * Lets go of the first slot.
 */
IlQueueChange
il_queue_commit_get (IlQueue *queue, IlActor *actor)
{
  uint64_t head = atomic_load_explicit (&queue->head, memory_order_relaxed);
  IlQueueChange change = {
    .stamp = queue->stamp,
    .depth = il_queue_get_depth (queue) - 1,
    .woken_by = actor->is_waiting ? queue->put_by : 0,
  };

  queue->got_by = il_actor_get_who (actor);
  if (queue->order == NULL)
    atomic_store_explicit (&queue->head, head + 1, memory_order_release);
  else
    il_queue_order_pop (queue);
  change.n_woken = take_sleepers (queue, FOR_ROOM, 1);
  il_guard_unlock (&queue->guard);
  return change;
}

/**
 * il_queue_write_get:
 */
void
il_queue_write_get (const IlQueue *queue, IlActor *actor, const IlQueueChange *change)
{
  il_trace_lane_write_at (&actor->lane, change->stamp, IL_EVENT_GET, queue->object,
                          change->depth | (change->n_woken > 0 ? IL_EVENT_WOKE : 0));
  write_woken_by (queue, actor, change);
}

/**
 * il_queue_finish_get:
 */
void
il_queue_finish_get (IlQueue *queue, IlActor *actor, const IlQueueChange *change)
{
  if (change->n_woken > 0)
    il_actor_wake (actor, &queue->put_count, change->n_woken);
  il_actor_end_wait (actor);
}

static void
close_owned (IlQueue *queue, IlActor *actor)
{
  bool was_closed = il_queue_is_closed (queue);
  uint32_t depth = il_queue_get_depth (queue);
  uint64_t stamp = was_closed || queue->is_channel ? 0 : il_trace_lane_stamp (&actor->lane);
  uint32_t n_woken;

  atomic_store_explicit (&queue->is_closed, 1, memory_order_relaxed);
  n_woken
      = take_sleepers (queue, FOR_ITEMS, UINT32_MAX) + take_sleepers (queue, FOR_ROOM, UINT32_MAX);
  il_guard_unlock (&queue->guard);

  if (!was_closed && !queue->is_channel)
    il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_QUEUE_CLOSE, queue->object,
                            depth | (n_woken > 0 ? IL_EVENT_WOKE : 0));
  if (n_woken > 0)
    {
      il_actor_wake_all (actor, &queue->get_count);
      il_actor_wake_all (actor, &queue->put_count);
    }
}

/**
 * il_queue_close:
 *
 * From now on puts find the queue closed, and so do gets once it is empty.
 */
void
il_queue_close (IlQueue *queue, IlActor *actor)
{
  il_guard_lock (&queue->guard, actor);
  close_owned (queue, actor);
}

/**
 * il_queue_try_close:
 *
 * For one who must not wait, however short.
 *
 * Returns: whether the queue is closed now
 */
bool
il_queue_try_close (IlQueue *queue, IlActor *actor)
{
  if (!il_guard_try_lock (&queue->guard, actor->id))
    return false;
  close_owned (queue, actor);
  return true;
}

/**
 * il_queue_release_for_dead:
 * @dead: an agent that no longer runs
 *
 * Frees the queue if the dead one owned it.  What it holds is whole, see above IlQueue.
 */
void
il_queue_release_for_dead (IlQueue *queue, const IlAgent *dead)
{
  if (!il_guard_is_owned_by (&queue->guard, dead->index + 1))
    return;
  if (queue->order != NULL)
    il_queue_order_repair (queue);
  il_guard_unlock (&queue->guard);
}

static size_t
get_slot_size (const IlObjectPlan *plan)
{
  size_t payload = plan->copies_payload ? (size_t)plan->object->max_payload : 0;

  return (sizeof (IlItem) + payload + 15) / 16 * 16;
}

static uint32_t
get_capacity (const IlObjectPlan *plan)
{
  return (uint32_t)il_quantity_get (&plan->object->parameter, plan->scenario);
}

static uint32_t
get_n_slots (uint32_t capacity)
{
  uint32_t n_slots = 1;

  while (n_slots < capacity)
    n_slots *= 2;
  return n_slots;
}

/**
 * il_queue_get_memory:
 *
 * Returns: bytes that the slots of such a queue take
 */
size_t
il_queue_get_memory (uint32_t capacity, size_t slot_size)
{
  return get_n_slots (capacity) * slot_size;
}

/**
 * il_queue_init:
 * @slots: il_queue_get_memory() bytes
 */
void
il_queue_init (IlQueue *queue, uint32_t capacity, size_t slot_size, uint8_t *slots)
{
  queue->capacity = capacity;
  queue->mask = get_n_slots (capacity) - 1;
  queue->slot_size = (uint32_t)slot_size;
  queue->slots = slots;
}

static bool
is_by_priority (const IlObjectPlan *plan)
{
  return plan->object->variant != 0;
}

static size_t
get_size (const IlObjectPlan *plan)
{
  uint32_t capacity = get_capacity (plan);

  return sizeof (IlQueue) + il_queue_get_memory (capacity, get_slot_size (plan))
         + (is_by_priority (plan) ? il_queue_order_get_memory (capacity) : 0);
}

static void
init (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan)
{
  IlQueue *queue = object->data;

  (void)arena;
  il_queue_init (queue, get_capacity (plan), get_slot_size (plan), (uint8_t *)(queue + 1));
  if (is_by_priority (plan))
    il_queue_order_init (queue,
                         queue->slots + il_queue_get_memory (queue->capacity, queue->slot_size));
}

static uint64_t
get_parameter (const IlArenaObject *object)
{
  return ((const IlQueue *)object->data)->capacity;
}

static void
release_object_for_dead (IlArenaObject *object, IlActor *supervisor, IlAgent *dead)
{
  (void)supervisor;
  il_queue_release_for_dead (object->data, dead);
}

static bool
try_close_object (IlArenaObject *object, IlActor *supervisor)
{
  return il_queue_is_closed (object->data) || il_queue_try_close (object->data, supervisor);
}

static bool
is_over (const IlArenaObject *object, bool takes)
{
  const IlQueue *queue = object->data;

  return il_queue_is_closed (queue) && (!takes || il_queue_get_depth (queue) == 0);
}

const IlObjectClass il_queue_class = {
  .kind = IL_OBJECT_QUEUE,
  .id_offset = offsetof (IlQueue, object),
  .get_size = get_size,
  .init = init,
  .get_parameter = get_parameter,
  .release_for_dead = release_object_for_dead,
  .try_close = try_close_object,
  .is_over = is_over,
};
