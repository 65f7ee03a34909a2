/* il-channel-arena.c - channels that lie in the arena: a queue of copies, and a ring in place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.  The argument why the ring is right stands above IlRingEnd in
 * il-channel.h; the queue is an IlQueue.
 */

#include "config.h"

#include "il-channel.h"

#include <string.h>

#include "il-workspace.h"

/* After this a core has long since let others see what it stored, see [W]. */
#define SETTLING_NS 1000000

static size_t
get_slot_size (uint32_t max_message)
{
  return (sizeof (IlMessage) + max_message + 15) / 16 * 16;
}

/* A power of two, since a division would cost more than a small message. */
static size_t
get_n_slots (uint32_t capacity)
{
  size_t n_slots = 1;

  while (n_slots < capacity)
    n_slots *= 2;
  return n_slots;
}

/**
 * il_channel_arena_get_memory:
 *
 * Returns: bytes that the slots of such a channel take
 */
size_t
il_channel_arena_get_memory (IlChannelKind kind, uint32_t capacity, uint32_t max_message)
{
  switch (kind)
    {
    case IL_CHANNEL_QUEUE:
      return il_queue_get_memory (capacity, get_slot_size (max_message));
    case IL_CHANNEL_MEMORY:
      return get_n_slots (capacity) * get_slot_size (max_message);
    default:
      return 0;
    }
}

static bool
is_at_end (IlStepKind kind, IlChannelEnd end)
{
  return end == IL_END_SEND ? kind == IL_STEP_SEND || kind == IL_STEP_TRY_SEND
                            : kind == IL_STEP_RECEIVE || kind == IL_STEP_TRY_RECEIVE;
}

static bool
comes_to (const IlTaskKind *task, const IlObjectPlan *plan, IlChannelEnd end)
{
  for (guint i = 0; i < task->n_steps; i++)
    if (is_at_end (task->steps[i].kind, end) && task->steps[i].object >= 0
        && &plan->scenario->objects[task->steps[i].object] == plan->object)
      return true;
  return false;
}

/* Whether one agent at most ever comes to an end of the channel. */
static bool
is_alone (const IlObjectPlan *plan, IlChannelEnd end)
{
  double n_agents = 0, n_common = 0;

  if (plan->scenario->model == IL_MODEL_SERIAL)
    return true;
  for (guint i = 0; i < plan->scenario->n_tasks; i++)
    {
      const IlTaskKind *task = &plan->scenario->tasks[i];
      bool is_dedicated = task->workers.knob >= 0 || task->workers.literal > 0;

      if (!comes_to (task, plan, end))
        continue;
      if (is_dedicated)
        n_agents += il_quantity_get_max (&task->workers, plan->scenario);
      else
        n_common = il_quantity_get_max (&plan->scenario->workers, plan->scenario);
    }
  return n_agents + n_common <= 1;
}

/**
 * il_channel_arena_init:
 * @memory: il_channel_arena_get_memory() bytes
 */
void
il_channel_arena_init (IlChannel *channel, const IlObjectPlan *plan, uint8_t *memory)
{
  channel->slot_size = get_slot_size (channel->max_message);
  channel->mask = (uint32_t)get_n_slots (channel->capacity) - 1;
  channel->slots = memory;
  if (channel->kind == IL_CHANNEL_QUEUE)
    {
      il_queue_init (&channel->queue, channel->capacity, channel->slot_size, memory);
      channel->queue.is_channel = true;
    }
  for (int end = 0; end < IL_N_ENDS; end++)
    channel->ends[end].is_alone = is_alone (plan, (IlChannelEnd)end);
}

static IlWaitResult
note_damage (IlChannel *channel, const IlActor *actor, bool is_whole)
{
  if (is_whole)
    return IL_WAIT_DONE;
  atomic_fetch_add (&channel->n_damaged, 1);
  il_arena_notify (actor->arena);
  return IL_WAIT_FAILED;
}

static void
write_change (const IlChannel *channel, IlActor *actor, IlChannelEnd end,
              const IlQueueChange *change, uint32_t n_bytes)
{
  const IlTransfer transfer = { change->stamp, n_bytes, change->n_woken, change->woken_by };

  il_channel_write_transfer (channel, actor, end, &transfer);
}

/**
 * il_channel_queue_send:
 *
 * See il_channel_send().
 */
IlWaitResult
il_channel_queue_send (IlChannel *channel, IlActor *actor, const IlMessage *message, bool waits)
{
  uint8_t *content = il_workspace_get_outgoing (actor);
  IlQueueChange change;
  IlMessage *slot;
  uint32_t room;
  IlWaitResult result;

  il_message_fill (message, content);
  result = il_queue_begin_put (&channel->queue, actor,
                               waits ? IL_NO_DEADLINE : IL_QUEUE_DO_NOT_WAIT, &room);
  if (result != IL_WAIT_DONE)
    return result;
  slot = il_queue_get_free_slot (&channel->queue, 0);
  *slot = *message;
  memcpy (slot + 1, content, message->size);
  change = il_queue_commit_put (&channel->queue, actor, 1);
  write_change (channel, actor, IL_END_SEND, &change, message->size);
  il_queue_finish_put (&channel->queue, actor, &change);
  return IL_WAIT_DONE;
}

/**
 * il_channel_queue_receive:
 *
 * See il_channel_receive().
 */
IlWaitResult
il_channel_queue_receive (IlChannel *channel, IlActor *actor, IlMessage *message, bool waits)
{
  uint8_t *content = il_workspace_get_incoming (actor);
  IlQueueChange change;
  const IlMessage *slot;
  IlWaitResult result
      = il_queue_begin_get (&channel->queue, actor, waits ? IL_NO_DEADLINE : IL_QUEUE_DO_NOT_WAIT);

  if (result != IL_WAIT_DONE)
    return result;
  slot = il_queue_get_first_slot (&channel->queue);
  *message = *slot;
  memcpy (content, slot + 1, message->size);
  change = il_queue_commit_get (&channel->queue, actor);
  write_change (channel, actor, IL_END_RECEIVE, &change, message->size);
  il_queue_finish_get (&channel->queue, actor, &change);
  return note_damage (channel, actor, il_message_check (message, content));
}

static IlChannelEnd
get_other (IlChannelEnd end)
{
  return end == IL_END_SEND ? IL_END_RECEIVE : IL_END_SEND;
}

static bool
may_pass (const IlChannel *channel, IlChannelEnd end, uint64_t position, uint64_t other)
{
  return end == IL_END_SEND ? position - other < channel->capacity : position != other;
}

/* A look from outside. */
static bool
looks_ready (const IlChannel *channel, IlChannelEnd end)
{
  return may_pass (
      channel, end, atomic_load_explicit (&channel->ends[end].position, memory_order_relaxed),
      atomic_load_explicit (&channel->ends[get_other (end)].position, memory_order_relaxed));
}

/* By who owns the end.  The other end's line is fetched only if need be. */
static bool
is_ready (IlChannel *channel, IlChannelEnd end)
{
  IlRingEnd *self = &channel->ends[end];
  uint64_t position = atomic_load_explicit (&self->position, memory_order_relaxed);

  if (may_pass (channel, end, position, self->seen))
    return true;
  self->seen = atomic_load_explicit (&channel->ends[get_other (end)].position,
                                     memory_order_acquire); /* [P] [C] [W] */
  return may_pass (channel, end, position, self->seen);
}

/* Owns the end if it returns true. */
static bool
try_begin (IlChannel *channel, IlActor *actor, IlChannelEnd end)
{
  IlRingEnd *self = &channel->ends[end];

  if (!self->is_alone)
    il_guard_lock (&self->guard, actor);
  if (is_ready (channel, end))
    return true;
  if (!self->is_alone)
    il_guard_unlock (&self->guard);
  return false;
}

static uint32_t
get_n_waiting (uint64_t waiting)
{
  return (uint32_t)(waiting >> 32);
}

/* The half of the word that those who wait sleep on. */
static _Atomic uint32_t *
get_wake_count (IlRingEnd *end)
{
  return (_Atomic uint32_t *)(void *)&end->waiting + (G_BYTE_ORDER == G_BIG_ENDIAN ? 1 : 0);
}

/* Who was not woken, but goes on by itself, is no longer to be. */
static void
unregister (IlRingEnd *end, uint32_t wake_count)
{
  uint64_t waiting = atomic_load (&end->waiting);

  while ((uint32_t)waiting == wake_count
         && !atomic_compare_exchange_weak (&end->waiting, &waiting, waiting - (UINT64_C (1) << 32)))
    continue;
}

/* Takes one of those who wait for what became ready. */
static bool
take_waiter (IlRingEnd *end)
{
  uint64_t waiting = atomic_load_explicit (&end->waiting, memory_order_relaxed); /* [W] */

  while (get_n_waiting (waiting) > 0)
    {
      uint64_t rest = (uint64_t)(get_n_waiting (waiting) - 1) << 32 | (uint32_t)(waiting + 1);

      if (atomic_compare_exchange_weak (&end->waiting, &waiting, rest))
        return true;
    }
  return false;
}

static bool
spin_and_begin (IlChannel *channel, IlActor *actor, IlChannelEnd end)
{
  for (uint32_t i = actor->arena->n_spins; i > 0; i--)
    {
      if (looks_ready (channel, end) && try_begin (channel, actor, end))
        return true;
      il_spin_pause ();
    }
  return false;
}

/* TIMEOUT: there is nothing yet. */
static IlWaitResult
look (IlChannel *channel, IlActor *actor, IlChannelEnd end)
{
  /* In this order: what was sent before the end is received. */
  bool is_closed = atomic_load (&channel->is_closed) != 0;

  if (is_closed && end == IL_END_SEND)
    return IL_WAIT_CLOSED;
  if (try_begin (channel, actor, end))
    return IL_WAIT_DONE;
  if (is_closed)
    return IL_WAIT_CLOSED;
  return il_arena_is_cancelled (actor->arena) ? IL_WAIT_CANCELLED : IL_WAIT_TIMEOUT;
}

/* Sleeps until it is woken; TIMEOUT: somebody else was faster, look again. */
static IlWaitResult
sleep_once (IlChannel *channel, IlActor *actor, IlChannelEnd end)
{
  IlRingEnd *self = &channel->ends[end];
  uint32_t wake_count = (uint32_t)atomic_fetch_add (&self->waiting, UINT64_C (1) << 32); /* [W] */
  int64_t settled_ns = il_clock_monotonic_ns () + SETTLING_NS;
  IlWaitResult result = look (channel, actor, end);
  bool is_settled = false;

  while (result == IL_WAIT_TIMEOUT && (uint32_t)atomic_load (&self->waiting) == wake_count)
    {
      il_actor_sleep_on (actor, get_wake_count (self), wake_count,
                         is_settled ? IL_NO_DEADLINE : settled_ns);
      is_settled = is_settled || il_clock_monotonic_ns () >= settled_ns;
      result = look (channel, actor, end);
    }
  unregister (self, wake_count);
  return result;
}

/* Waits until a message can pass, and owns the end then. */
static IlWaitResult
begin (IlChannel *channel, IlActor *actor, IlChannelEnd end, bool waits, IlTransfer *transfer)
{
  IlWaitResult result = IL_WAIT_TIMEOUT;

  if (end == IL_END_SEND && atomic_load_explicit (&channel->is_closed, memory_order_relaxed) != 0)
    return IL_WAIT_CLOSED;
  if (try_begin (channel, actor, end))
    result = IL_WAIT_DONE;
  else if (waits)
    {
      il_channel_write_wait (channel, actor, end);
      if (spin_and_begin (channel, actor, end))
        result = IL_WAIT_DONE;
      while (result == IL_WAIT_TIMEOUT)
        result = sleep_once (channel, actor, end);
      if (result != IL_WAIT_DONE)
        il_channel_write_cancelled (channel, actor);
    }
  if (result != IL_WAIT_DONE)
    return result;
  transfer->stamp = il_trace_lane_stamp (&actor->lane);
  if (actor->is_waiting)
    transfer->woken_by
        = atomic_load_explicit (&channel->ends[get_other (end)].last_by, memory_order_relaxed);
  return IL_WAIT_DONE;
}

/* The message has passed; the end is free again. */
static void
finish (IlChannel *channel, IlActor *actor, IlChannelEnd end, IlTransfer *transfer)
{
  IlRingEnd *self = &channel->ends[end], *other = &channel->ends[get_other (end)];
  uint64_t position = atomic_load_explicit (&self->position, memory_order_relaxed);

  bool is_recorded = actor->lane.trace != NULL;

  if (is_recorded)
    atomic_store_explicit (&self->last_by, il_actor_get_who (actor), memory_order_relaxed);
  atomic_store_explicit (&self->position, position + 1, memory_order_release); /* [P] [C] [W] */
  if (!self->is_alone)
    il_guard_unlock (&self->guard);
  transfer->n_woken = take_waiter (other) ? 1 : 0;
  if (is_recorded)
    il_channel_write_transfer (channel, actor, end, transfer);
  if (transfer->n_woken > 0)
    il_actor_wake (actor, get_wake_count (other), 1);
  if (actor->is_waiting)
    il_actor_end_wait (actor);
}

static IlMessage *
get_slot (const IlChannel *channel, IlChannelEnd end)
{
  uint64_t position = atomic_load_explicit (&channel->ends[end].position, memory_order_relaxed);

  return (IlMessage *)(void *)(channel->slots + (position & channel->mask) * channel->slot_size);
}

/**
 * il_channel_memory_send:
 *
 * See il_channel_send().
 */
IlWaitResult
il_channel_memory_send (IlChannel *channel, IlActor *actor, const IlMessage *message, bool waits)
{
  IlTransfer transfer = { .n_bytes = message->size };
  IlWaitResult result = begin (channel, actor, IL_END_SEND, waits, &transfer);
  IlMessage *slot;

  if (result != IL_WAIT_DONE)
    return result;
  slot = get_slot (channel, IL_END_SEND);
  *slot = *message;
  il_message_fill (message, (uint8_t *)(slot + 1));
  finish (channel, actor, IL_END_SEND, &transfer);
  return IL_WAIT_DONE;
}

/**
 * il_channel_memory_receive:
 *
 * See il_channel_receive().
 */
IlWaitResult
il_channel_memory_receive (IlChannel *channel, IlActor *actor, IlMessage *message, bool waits)
{
  IlTransfer transfer = { 0 };
  IlWaitResult result = begin (channel, actor, IL_END_RECEIVE, waits, &transfer);
  const IlMessage *slot;
  bool is_whole;

  if (result != IL_WAIT_DONE)
    return result;
  slot = get_slot (channel, IL_END_RECEIVE);
  *message = *slot;
  is_whole = il_message_check (message, (const uint8_t *)(slot + 1));
  transfer.n_bytes = message->size;
  finish (channel, actor, IL_END_RECEIVE, &transfer);
  return note_damage (channel, actor, is_whole);
}

/**
 * il_channel_arena_try_close:
 * @channel: marked as closed
 *
 * Lets those go who wait.
 *
 * Returns: whether that could be done without waiting
 */
bool
il_channel_arena_try_close (IlChannel *channel, IlActor *supervisor)
{
  if (channel->kind == IL_CHANNEL_QUEUE)
    return il_queue_is_closed (&channel->queue) || il_queue_try_close (&channel->queue, supervisor);
  for (int end = 0; end < IL_N_ENDS; end++)
    while (take_waiter (&channel->ends[end]))
      il_actor_wake (supervisor, get_wake_count (&channel->ends[end]), 1);
  return true;
}

/**
 * il_channel_arena_release_for_dead:
 * @dead: an agent that no longer runs
 */
void
il_channel_arena_release_for_dead (IlChannel *channel, const IlAgent *dead)
{
  if (channel->kind == IL_CHANNEL_QUEUE)
    {
      il_queue_release_for_dead (&channel->queue, dead);
      return;
    }
  for (int end = 0; end < IL_N_ENDS; end++)
    if (il_guard_is_owned_by (&channel->ends[end].guard, dead->index + 1))
      il_guard_unlock (&channel->ends[end].guard);
}
