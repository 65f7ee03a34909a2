/* il-channel.h - messages from those who send to those who receive
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   queue    slots in the arena, copied in and out under a guard    il-channel-arena.c
 *   memory   a ring in the arena, written and read in place         il-channel-arena.c
 *   pipe     the kernel's, in packets                               il-channel-packet.c
 *   socket   the kernel's, in packets                               il-channel-packet.c
 *
 * Each can have any number of senders and receivers.
 */

#pragma once

#include "il-guard.h"
#include "il-message.h"
#include "il-object.h"
#include "il-queue.h"
#include "il-turn.h"

/* The two ends of a channel. */
typedef enum
{
  IL_END_SEND,
  IL_END_RECEIVE,
  IL_N_ENDS
} IlChannelEnd;

/*
 * A ring of slots that are written and read in place.
 *
 * Roles     Who owns the guard of an end is the one there: it alone moves `position`, and knows in
 *           `seen` how far the other end had come when it last looked.  No guard is needed at an
 *           end where but one agent can be.
 * Counters  Both positions only grow; sent - received <= capacity.
 * Edges     [P] send: release position  ->  receive: acquire
 *               The slot is filled before it is read.
 *           [C] receive: release position  ->  send: acquire
 *               The slot is read before it is filled again.
 *           [W] who waits: count itself, look at the other end's position, and once more after 1 ms
 *               who moves a position: store it, look whether anybody waits
 *               No fence between the latter two, which would wait for the other core to give the
 *               line away: three times the cost of a small message.  So the mover may look before
 *               its store is seen, and miss a waiter who looks before, too.  A store is seen within
 *               microseconds, though: by its second look the waiter sees it.  Who moves a position
 *               after that sees the waiter.
 * Killed    A slot is filled before the position counts it and read before it lets go of it, each
 *           by one store: what is left to do is to free the guard.  A sleeper that was killed stays
 *           counted, which costs one wake-up too many.
 * Weaker?   Without [P] or [C] half of a message is read.  Without the second look of [W] a message
 *           waits while its receiver sleeps.
 * Checked   tests/engine/test-channel.c, also built with -Db_sanitize=thread.
 */
typedef struct
{
  alignas (IL_CACHE_LINE) _Atomic uint64_t position; /* messages that went by here */
  alignas (IL_CACHE_LINE) uint64_t seen;             /* the other end's, some time ago */
  IlGuard guard;
  bool is_alone;                                    /* constant: one agent at most is ever here */
  alignas (IL_CACHE_LINE) _Atomic uint64_t waiting; /* how many are to be woken << 32 | how many
                                                       were, so far */
  _Atomic uint32_t last_by;                         /* who moved the position of this end last */
} IlRingEnd;

/* What who has the turn at an end does. */
typedef enum
{
  IL_POLL_NONE,
  IL_POLL_ASLEEP, /* or about to sleep */
  IL_POLL_WOKEN,  /* by the other end, as far as that can tell */
} IlPoll;

/* A pipe or a pair of sockets, see il-channel-packet.c. */
typedef struct
{
  IlTurn turns[IL_N_ENDS];
  alignas (IL_CACHE_LINE) _Atomic uint32_t polls[IL_N_ENDS]; /* IlPoll */
  _Atomic uint32_t last_by[IL_N_ENDS];                       /* who did something last */
  _Atomic uint32_t is_drained;                               /* closed, and empty */
  _Atomic uint64_t n_whole; /* serial of the last message that is all in, or will never be */
  _Atomic uint64_t n_taken; /* … and of the last whose last packet was taken out */
  _Atomic uint32_t n_packets[IL_N_ENDS]; /* that went in, or are about to, and came out */
  uint64_t serial;    /* of the last message that was begun; whose turn it is to send alone */
  int fds[IL_N_ENDS]; /* constant once it is open */
  size_t room;        /* constant: of a packet, for a piece of a message */
  uint32_t capacity;  /* constant: packets that a pipe holds, bytes that a socket does, … */
  uint32_t cost;      /* … of which each full packet takes so many; 0: not known */
} IlPacketLink;

typedef struct
{
  _Atomic uint32_t is_closed;
  _Atomic uint32_t n_damaged; /* messages that were not received as they were sent */
  _Atomic int error_number;   /* the first that the kernel gave; 0: none */
  _Atomic uint32_t is_told;   /* of any of this */
  uint32_t object;            /* constant, and so is what follows */
  IlChannelKind kind;
  uint32_t capacity;
  uint32_t max_message;
  uint32_t mask; /* as many slots as there are to be, less 1 */
  size_t slot_size;
  uint8_t *slots;
  IlQueue queue;             /* of a queue */
  IlRingEnd ends[IL_N_ENDS]; /* of memory */
  IlPacketLink link;         /* of a pipe or socket */
} IlChannel;

extern const IlObjectClass il_channel_class;

IlWaitResult il_channel_send (IlChannel *channel, IlActor *actor, const IlMessage *message,
                              bool waits) G_GNUC_WARN_UNUSED_RESULT;
IlWaitResult il_channel_receive (IlChannel *channel, IlActor *actor, IlMessage *message,
                                 bool waits) G_GNUC_WARN_UNUSED_RESULT;

/* What the kinds of channels tell of what they did. */
typedef struct
{
  uint64_t stamp;
  uint32_t n_bytes;
  uint32_t n_woken;  /* who are to be woken, or were */
  uint32_t woken_by; /* who ended the wait that came before; 0: there was none */
} IlTransfer;

void il_channel_write_wait (const IlChannel *channel, IlActor *actor, IlChannelEnd end);
void il_channel_write_cancelled (const IlChannel *channel, IlActor *actor);
void il_channel_write_transfer (const IlChannel *channel, IlActor *actor, IlChannelEnd end,
                                const IlTransfer *transfer);

/* il-channel-arena.c */
size_t il_channel_arena_get_memory (IlChannelKind kind, uint32_t capacity, uint32_t max_message);
void il_channel_arena_init (IlChannel *channel, const IlObjectPlan *plan, uint8_t *memory);
IlWaitResult il_channel_queue_send (IlChannel *channel, IlActor *actor, const IlMessage *message,
                                    bool waits);
IlWaitResult il_channel_queue_receive (IlChannel *channel, IlActor *actor, IlMessage *message,
                                       bool waits);
IlWaitResult il_channel_memory_send (IlChannel *channel, IlActor *actor, const IlMessage *message,
                                     bool waits);
IlWaitResult il_channel_memory_receive (IlChannel *channel, IlActor *actor, IlMessage *message,
                                        bool waits);
bool il_channel_arena_try_close (IlChannel *channel, IlActor *supervisor);
void il_channel_arena_release_for_dead (IlChannel *channel, const IlAgent *dead);

/* il-channel-packet.c */
#define IL_PACKET_ROOM_MAX (32u * 1024) /* for a piece of a message, in any packet */
bool il_channel_packet_open (IlChannel *channel);
void il_channel_packet_close (IlChannel *channel);
IlWaitResult il_channel_packet_send (IlChannel *channel, IlActor *actor, const IlMessage *message,
                                     bool waits);
IlWaitResult il_channel_packet_receive (IlChannel *channel, IlActor *actor, IlMessage *message,
                                        bool waits);
void il_channel_packet_disturb (IlChannel *channel, IlActor *supervisor);
void il_channel_packet_release_for_dead (IlChannel *channel, IlActor *supervisor,
                                         const IlAgent *dead);
