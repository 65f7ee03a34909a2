/* il-channel.c - channels of a scenario, whatever carries the messages
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap, but for open, close and take_trouble.
 */

#include "config.h"

#include "il-channel.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

/* What differs between kinds. */
typedef struct
{
  IlWaitResult (*send) (IlChannel *channel, IlActor *actor, const IlMessage *message, bool waits);
  IlWaitResult (*receive) (IlChannel *channel, IlActor *actor, IlMessage *message, bool waits);
  bool is_kernels;
} Carrier;

static const Carrier carriers[IL_N_CHANNEL_KINDS] = {
  [IL_CHANNEL_QUEUE] = { il_channel_queue_send, il_channel_queue_receive, false },
  [IL_CHANNEL_MEMORY] = { il_channel_memory_send, il_channel_memory_receive, false },
  [IL_CHANNEL_PIPE] = { il_channel_packet_send, il_channel_packet_receive, true },
  [IL_CHANNEL_SOCKET] = { il_channel_packet_send, il_channel_packet_receive, true },
};

/**
 * il_channel_send:
 * @message: of at most @channel->max_message bytes
 * @waits: %FALSE to do nothing if there is no room at the moment
 *
 * Makes the content of a message and sends it.
 *
 * Returns: %IL_WAIT_DONE, %IL_WAIT_CANCELLED, %IL_WAIT_CLOSED, %IL_WAIT_TIMEOUT if there was no
 *     room, %IL_WAIT_FAILED
 */
IlWaitResult
il_channel_send (IlChannel *channel, IlActor *actor, const IlMessage *message, bool waits)
{
  return carriers[channel->kind].send (channel, actor, message, waits);
}

/**
 * il_channel_receive:
 * @message: (out caller-allocates): its head
 *
 * Receives a message and checks its content.
 *
 * Returns: as il_channel_send(); %IL_WAIT_FAILED also if the content is not what was sent
 */
IlWaitResult
il_channel_receive (IlChannel *channel, IlActor *actor, IlMessage *message, bool waits)
{
  return carriers[channel->kind].receive (channel, actor, message, waits);
}

/**
 * il_channel_write_wait:
 *
 * Begins a wait.
 */
void
il_channel_write_wait (const IlChannel *channel, IlActor *actor, IlChannelEnd end)
{
  il_trace_lane_write (&actor->lane,
                       end == IL_END_SEND ? IL_EVENT_SEND_WAIT : IL_EVENT_RECEIVE_WAIT,
                       channel->object, 0);
  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING_ITEM);
}

/**
 * il_channel_write_cancelled:
 *
 * Ends a wait without success, if there was one.
 */
void
il_channel_write_cancelled (const IlChannel *channel, IlActor *actor)
{
  if (!actor->is_waiting)
    return;
  il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, channel->object, 0);
  il_actor_end_wait (actor);
}

/**
 * il_channel_write_transfer:
 *
 * Says what was sent or received, before anybody is woken for it and the wait is ended.
 */
void
il_channel_write_transfer (const IlChannel *channel, IlActor *actor, IlChannelEnd end,
                           const IlTransfer *transfer)
{
  il_trace_lane_write_at (&actor->lane, transfer->stamp,
                          end == IL_END_SEND ? IL_EVENT_SEND : IL_EVENT_RECEIVE, channel->object,
                          transfer->n_bytes | (transfer->n_woken > 0 ? IL_EVENT_WOKE : 0));
  if (transfer->woken_by != 0)
    il_trace_lane_write_at (&actor->lane, transfer->stamp, IL_EVENT_WOKEN_BY, channel->object,
                            transfer->woken_by);
}

static uint32_t
get_capacity (const IlObjectPlan *plan)
{
  return (uint32_t)il_quantity_get (&plan->object->parameter, plan->scenario);
}

static size_t
get_size (const IlObjectPlan *plan)
{
  return sizeof (IlChannel)
         + il_channel_arena_get_memory ((IlChannelKind)plan->object->variant, get_capacity (plan),
                                        (uint32_t)plan->object->max_payload);
}

static void
init (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan)
{
  IlChannel *channel = object->data;

  (void)arena;
  channel->kind = (IlChannelKind)plan->object->variant;
  channel->capacity = get_capacity (plan);
  channel->max_message = (uint32_t)plan->object->max_payload;
  channel->link.fds[IL_END_SEND] = channel->link.fds[IL_END_RECEIVE] = -1;
  il_channel_arena_init (channel, plan, (uint8_t *)(channel + 1));
}

static uint64_t
get_parameter (const IlArenaObject *object)
{
  return ((const IlChannel *)object->data)->kind;
}

static bool
open_object (IlArena *arena, IlArenaObject *object, GError **error)
{
  IlChannel *channel = object->data;

  (void)arena;
  channel->queue.object = channel->object;
  if (!carriers[channel->kind].is_kernels || il_channel_packet_open (channel))
    return true;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               channel->kind == IL_CHANNEL_PIPE ? _ ("Cannot make a pipe for channel %s: %s")
                                                : _ ("Cannot make sockets for channel %s: %s"),
               object->name, g_strerror (errno));
  return false;
}

static void
close_object (IlArenaObject *object, IlActor *supervisor)
{
  IlChannel *channel = object->data;

  (void)supervisor;
  if (carriers[channel->kind].is_kernels)
    il_channel_packet_close (channel);
}

static void
release_object_for_dead (IlArenaObject *object, IlActor *supervisor, IlAgent *dead)
{
  IlChannel *channel = object->data;

  if (carriers[channel->kind].is_kernels)
    il_channel_packet_release_for_dead (channel, supervisor, dead);
  else
    il_channel_arena_release_for_dead (channel, dead);
}

/* Again and again, since somebody may be between a look and a sleep. */
static bool
try_close (IlArenaObject *object, IlActor *supervisor)
{
  IlChannel *channel = object->data;

  atomic_store (&channel->is_closed, 1);
  if (!carriers[channel->kind].is_kernels)
    return il_channel_arena_try_close (channel, supervisor);
  il_channel_packet_disturb (channel, supervisor);
  return true;
}

static bool
is_over (const IlArenaObject *object, bool takes)
{
  const IlChannel *channel = object->data;

  if (atomic_load_explicit (&channel->is_closed, memory_order_relaxed) == 0)
    return false;
  if (!takes)
    return true;
  if (channel->kind == IL_CHANNEL_QUEUE)
    return il_queue_get_depth (&channel->queue) == 0;
  /* What is in a pipe only who takes it out can know. */
  if (channel->kind != IL_CHANNEL_MEMORY)
    return atomic_load (&channel->link.is_drained) != 0;
  return atomic_load (&channel->ends[IL_END_SEND].position)
         == atomic_load (&channel->ends[IL_END_RECEIVE].position);
}

static char *
take_trouble (IlArenaObject *object)
{
  IlChannel *channel = object->data;
  int error_number = atomic_load (&channel->error_number);
  uint32_t n_damaged = atomic_load (&channel->n_damaged);

  if ((error_number == 0 && n_damaged == 0) || atomic_exchange (&channel->is_told, 1) != 0)
    return NULL;
  if (error_number != 0)
    return g_strdup_printf (_ ("Channel %s: %s"), object->name, g_strerror (error_number));
  return g_strdup_printf (_ ("Channel %s: a message came that is not what was sent"), object->name);
}

const IlObjectClass il_channel_class = {
  .kind = IL_OBJECT_CHANNEL,
  .id_offset = offsetof (IlChannel, object),
  .get_size = get_size,
  .init = init,
  .get_parameter = get_parameter,
  .open = open_object,
  .close = close_object,
  .release_for_dead = release_object_for_dead,
  .try_close = try_close,
  .is_over = is_over,
  .take_trouble = take_trouble,
};
