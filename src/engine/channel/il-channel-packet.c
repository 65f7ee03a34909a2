/* il-channel-packet.c - channels that the kernel carries: pipes and Unix sockets
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap, but for open and close.
 *
 * A message goes in packets, each by one system call: a pipe in packet mode (O_DIRECT), or sockets
 * that keep packets apart (SOCK_SEQPACKET).  A packet is there as a whole or not at all, and a read
 * takes one, so whoever is killed at any moment leaves nothing but whole packets behind.
 *
 * Turns     Who sends has the turn to send until its message is out, and who receives the turn to
 *           receive until its message is in, so packets of messages do not mix.
 * Killed    Of a message whose sender died the rest never comes: who receives it sees that the next
 *           packet begins another one, and takes that instead.  Of a message whose receiver died
 *           the rest belongs to nothing: who receives next skips it.  Both are known by the serial
 *           number of the message and by where in it the packet belongs.
 * Trying    Who does not wait begins only with what can be ended at once.  Whether all packets of
 *           a message find room: in a pipe each takes one place, and they are counted, in a socket
 *           the kernel says how much is in it.  Packets carry their number, so that counts are
 *           right again with the next packet where somebody was killed before it could count;
 *           until then there seems to be less room than there is.  Whether all packets of a
 *           message are in: its serial number is stored after the last, by its sender or, where
 *           that died, by the supervisor.  One whose sender waits for room is taken as it comes.
 * Waiting   for the kernel, by poll().  That somebody was woken is said for events alone.
 * Closing   Who polls finds nothing and would go on for ever: the supervisor sends a packet that
 *           belongs to no message, and takes packets out where somebody waits for room.
 */

#include "config.h"

#include "il-channel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "il-workspace.h"

#define MAX_PIPE_SIZE (1024 * 1024) /* that the kernel gives to anybody */

typedef struct
{
  uint64_t serial; /* of the message, from 1; 0: belongs to none */
  uint64_t number;
  uint32_t producer;
  uint32_t size;   /* of the whole message */
  uint32_t offset; /* of this piece */
  uint32_t packet; /* its number, modulo 2^32 */
} Head;

/* The kernel rounds up, and gives less than asked for to those who already have much. */
static void
ask_for_pipe_size (const IlChannel *channel)
{
  const IlPacketLink *link = &channel->link;
  size_t n_packets = (channel->max_message + link->room - 1) / link->room;
  size_t size = channel->capacity * MAX (n_packets, 1) * PIPE_BUF;

  for (size = MIN (size, MAX_PIPE_SIZE); size >= PIPE_BUF; size /= 2)
    if (fcntl (link->fds[IL_END_SEND], F_SETPIPE_SZ, (int)size) >= 0)
      return;
}

static void
ask_for_buffer_size (const IlChannel *channel)
{
  size_t size = (size_t)channel->capacity * (channel->max_message + sizeof (Head));
  int wanted = (int)CLAMP (size, 4096, INT_MAX / 2);

  setsockopt (channel->link.fds[IL_END_SEND], SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
}

/* Each a packet, whole; -1 with errno EAGAIN if there is no room, or none. */
static ssize_t
write_packet (const IlChannel *channel, const Head *head, const uint8_t *piece, size_t size)
{
  struct iovec parts[] = { { (void *)head, sizeof *head }, { (void *)piece, size } };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
  int fd = channel->link.fds[IL_END_SEND];
  ssize_t n;

  do
    n = channel->kind == IL_CHANNEL_PIPE ? writev (fd, parts, 2)
                                         : sendmsg (fd, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n;
}

static ssize_t
read_packet (const IlChannel *channel, Head *head, uint8_t *piece)
{
  struct iovec parts[] = { { head, sizeof *head }, { piece, channel->link.room } };
  ssize_t n;

  do
    n = readv (channel->link.fds[IL_END_RECEIVE], parts, 2);
  while (n < 0 && errno == EINTR);
  return n;
}

/* How much of its buffer a full packet takes the kernel alone knows: one is put in, and taken
 * out. */
static void
measure_socket (IlChannel *channel)
{
  IlPacketLink *link = &channel->link;
  int fd = link->fds[IL_END_SEND], capacity = 0, used = 0;
  socklen_t size = sizeof capacity;
  Head head = { 0 };
  uint8_t *piece;

  if (getsockopt (fd, SOL_SOCKET, SO_SNDBUF, &capacity, &size) == 0 && capacity > 0)
    link->capacity = (uint32_t)capacity;
  piece = channel->max_message > link->room ? calloc (1, link->room) : NULL;
  if (piece != NULL && write_packet (channel, &head, piece, link->room) >= 0)
    {
      if (ioctl (fd, SIOCOUTQ, &used) == 0 && used > 0)
        link->cost = (uint32_t)used;
      read_packet (channel, &head, piece);
    }
  free (piece);
}

/**
 * il_channel_packet_open:
 *
 * Returns: %FALSE with errno
 */
bool
il_channel_packet_open (IlChannel *channel)
{
  IlPacketLink *link = &channel->link;
  int fds[2];

  if (channel->kind == IL_CHANNEL_PIPE)
    {
      if (pipe2 (fds, O_CLOEXEC | O_NONBLOCK | O_DIRECT) != 0)
        return false;
      link->fds[IL_END_SEND] = fds[1];
      link->fds[IL_END_RECEIVE] = fds[0];
      link->room = PIPE_BUF - sizeof (Head);
      ask_for_pipe_size (channel);
      link->capacity = (uint32_t)(MAX (fcntl (fds[1], F_GETPIPE_SZ), 0) / getpagesize ());
      return true;
    }
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
    return false;
  link->fds[IL_END_SEND] = fds[0];
  link->fds[IL_END_RECEIVE] = fds[1];
  link->room = IL_PACKET_ROOM_MAX;
  ask_for_buffer_size (channel);
  measure_socket (channel);
  return true;
}

/**
 * il_channel_packet_close:
 */
void
il_channel_packet_close (IlChannel *channel)
{
  for (int end = 0; end < IL_N_ENDS; end++)
    {
      close (channel->link.fds[end]);
      channel->link.fds[end] = -1;
    }
}

/* Where a transfer has come to. */
typedef struct
{
  IlChannel *channel;
  IlActor *actor;
  IlChannelEnd end;
  bool waits;
  bool has_begun;  /* something went through already */
  bool saw_end;    /* that the channel is closed */
  uint64_t serial; /* of the message that is being received; 0: none */
  IlTransfer transfer;
} Progress;

static void
begin_wait (const Progress *self)
{
  if (!self->actor->is_waiting)
    il_channel_write_wait (self->channel, self->actor, self->end);
}

static IlWaitResult
take_turn (Progress *self)
{
  IlTurn *turn = &self->channel->link.turns[self->end];
  IlWaitResult result;

  if (il_turn_try_take (turn, self->actor, 0))
    return IL_WAIT_DONE;
  if (!self->waits)
    return IL_WAIT_TIMEOUT;
  begin_wait (self);
  result = il_turn_wait (turn, self->actor);
  self->transfer.woken_by = atomic_load_explicit (&turn->given_by, memory_order_relaxed);
  return result;
}

/* By one who does not wait, and found nothing: at the end it looks once more, since what was sent
 * before that may have come in between. */
static bool
look_again (Progress *self)
{
  if (self->end == IL_END_SEND)
    return false;
  if (self->saw_end)
    atomic_store (&self->channel->link.is_drained, 1);
  else
    self->saw_end = atomic_load (&self->channel->is_closed) != 0;
  return self->saw_end && atomic_load (&self->channel->link.is_drained) == 0;
}

/* By who has the turn and was told EAGAIN. */
static IlWaitResult
wait_until_ready (Progress *self)
{
  IlChannel *channel = self->channel;
  IlPacketLink *link = &channel->link;
  IlChannelEnd other = self->end == IL_END_SEND ? IL_END_RECEIVE : IL_END_SEND;

  il_trace_lane_take_back (&self->actor->lane);
  /* The rest of a message that was to be whole will never come. */
  if (!self->waits
      && (!self->has_begun
          || (self->end == IL_END_RECEIVE && self->serial <= atomic_load (&link->n_whole))))
    return look_again (self) ? IL_WAIT_DONE : IL_WAIT_TIMEOUT;
  begin_wait (self);
  if (self->saw_end)
    {
      atomic_store (&link->is_drained, 1);
      return IL_WAIT_CLOSED;
    }
  /* What was sent before the end may have come after we were told that nothing is there. */
  self->saw_end = atomic_load (&channel->is_closed) != 0;
  if (self->saw_end)
    return IL_WAIT_DONE;
  atomic_store (&link->polls[self->end], IL_POLL_ASLEEP);
  il_actor_wait_fd (self->actor, link->fds[self->end], self->end == IL_END_SEND ? POLLOUT : POLLIN,
                    IL_NO_DEADLINE);
  atomic_store (&link->polls[self->end], IL_POLL_NONE);
  self->transfer.woken_by = atomic_load_explicit (&link->last_by[other], memory_order_relaxed);
  return il_arena_is_cancelled (self->actor->arena) ? IL_WAIT_CANCELLED : IL_WAIT_DONE;
}

static IlWaitResult
handle_error (Progress *self)
{
  int error_number = errno, none = 0;

  if (error_number == EAGAIN)
    return wait_until_ready (self);
  atomic_compare_exchange_strong (&self->channel->error_number, &none, error_number);
  il_arena_notify (self->actor->arena);
  return IL_WAIT_FAILED;
}

/* To be called before a packet goes through: afterwards the one who slept may be up already. */
static void
note_sleeper (Progress *self)
{
  IlPacketLink *link = &self->channel->link;
  IlChannelEnd other = self->end == IL_END_SEND ? IL_END_RECEIVE : IL_END_SEND;
  uint32_t asleep = IL_POLL_ASLEEP;

  if (atomic_load_explicit (&link->polls[other], memory_order_relaxed) == IL_POLL_ASLEEP
      && atomic_compare_exchange_strong (&link->polls[other], &asleep, IL_POLL_WOKEN))
    self->transfer.n_woken = 1;
}

/* Before each packet but the first: a large message takes its time. */
static bool
may_go_on (const Progress *self)
{
  if (!self->has_begun)
    return true;
  return self->actor->is_waiting ? !il_arena_is_cancelled (self->actor->arena)
                                 : il_actor_may_go_on (self->actor);
}

static IlWaitResult
finish (Progress *self, IlWaitResult result)
{
  IlTurn *turn = &self->channel->link.turns[self->end];

  if ((atomic_load_explicit (&turn->word, memory_order_relaxed) & ~IL_GUARD_WAITERS)
      == self->actor->id)
    il_turn_give (turn, self->actor);
  if (result != IL_WAIT_DONE)
    {
      il_trace_lane_take_back (&self->actor->lane);
      il_channel_write_cancelled (self->channel, self->actor);
      return result;
    }
  il_channel_write_transfer (self->channel, self->actor, self->end, &self->transfer);
  il_actor_end_wait (self->actor);
  return IL_WAIT_DONE;
}

/* Whether all packets of a message find room at once.  By who has the turn to send: meanwhile room
 * can only become more. */
static bool
has_room (const IlChannel *channel, size_t size)
{
  const IlPacketLink *link = &channel->link;
  size_t n_packets = (size + link->room - 1) / link->room;
  uint32_t n_inside
      = atomic_load_explicit (&link->n_packets[IL_END_SEND], memory_order_relaxed)
        - atomic_load_explicit (&link->n_packets[IL_END_RECEIVE], memory_order_relaxed);
  int n_used;

  if (n_packets <= 1)
    return true;
  if (channel->kind == IL_CHANNEL_PIPE)
    return n_inside <= link->capacity && n_packets <= link->capacity - n_inside;
  /* The kernel takes a packet as long as those before it do not fill the buffer. */
  return link->cost > 0 && ioctl (link->fds[IL_END_SEND], SIOCOUTQ, &n_used) == 0 && n_used >= 0
         && (size_t)n_used + (n_packets - 1) * link->cost < link->capacity;
}

/* Counts the packet first: who is killed in between has counted one too many. */
static ssize_t
put_packet (IlChannel *channel, Head *head, const uint8_t *piece, size_t size)
{
  _Atomic uint32_t *n_packets = &channel->link.n_packets[IL_END_SEND];
  ssize_t n;

  head->packet = atomic_load_explicit (n_packets, memory_order_relaxed);
  atomic_store_explicit (n_packets, head->packet + 1, memory_order_relaxed);
  n = write_packet (channel, head, piece, size);
  if (n < 0)
    atomic_store_explicit (n_packets, head->packet, memory_order_relaxed);
  return n;
}

static IlWaitResult
send_pieces (Progress *self, const IlMessage *message, const uint8_t *content)
{
  IlChannel *channel = self->channel;
  IlPacketLink *link = &channel->link;
  Head head = { ++link->serial, message->number, message->producer, message->size, 0, 0 };
  IlWaitResult result = IL_WAIT_DONE;

  atomic_store_explicit (&link->last_by[IL_END_SEND], il_actor_get_who (self->actor),
                         memory_order_relaxed);
  do
    {
      size_t left = message->size - head.offset;
      size_t size = MIN (left, link->room);

      if (atomic_load_explicit (&channel->is_closed, memory_order_relaxed) != 0)
        return IL_WAIT_CLOSED;
      if (!may_go_on (self))
        return IL_WAIT_CANCELLED;
      /* Before anybody can receive it. */
      self->transfer.stamp = il_trace_lane_stamp (&self->actor->lane);
      note_sleeper (self);
      if (put_packet (channel, &head, content + head.offset, size) < 0)
        {
          result = handle_error (self);
          continue;
        }
      head.offset += (uint32_t)size;
      self->has_begun = true;
    }
  while (result == IL_WAIT_DONE && (head.offset < message->size || !self->has_begun));
  return result;
}

/**
 * il_channel_packet_send:
 *
 * See il_channel_send().
 */
IlWaitResult
il_channel_packet_send (IlChannel *channel, IlActor *actor, const IlMessage *message, bool waits)
{
  uint8_t *content = il_workspace_get_outgoing (actor);
  Progress progress = { .channel = channel,
                        .actor = actor,
                        .end = IL_END_SEND,
                        .waits = waits,
                        .transfer = { .n_bytes = message->size } };
  IlWaitResult result;

  il_message_fill (message, content);
  result = take_turn (&progress);
  if (result == IL_WAIT_DONE && !waits && !has_room (channel, message->size))
    result = IL_WAIT_TIMEOUT;
  if (result == IL_WAIT_DONE)
    result = send_pieces (&progress, message, content);
  /* Still in turn.  No more of it will come, be it whole or not. */
  if (progress.has_begun)
    atomic_store (&channel->link.n_whole, channel->link.serial);
  return finish (&progress, result);
}

/* Whether a packet belongs to what was received so far, or begins anew; then it is put in place. */
static bool
accept_piece (Head *message, uint32_t n_received, const Head *head, ssize_t n_read,
              const IlChannel *channel, uint8_t *content)
{
  if (n_read < (ssize_t)sizeof *head || head->serial == 0 || head->size > channel->max_message)
    return false;
  if (head->serial == message->serial)
    return head->offset == n_received;
  if (head->offset != 0)
    return false;
  memmove (content, content + n_received, (size_t)n_read - sizeof *head);
  *message = *head;
  return true;
}

/* Whether one who does not wait can receive a message: all of it is in, or as much as can be. */
static bool
may_begin (const Progress *self)
{
  const IlPacketLink *link = &self->channel->link;

  return self->waits || self->serial != 0
         || atomic_load (&link->n_whole) > atomic_load (&link->n_taken)
         || atomic_load (&link->polls[IL_END_SEND]) != IL_POLL_NONE
         || atomic_load (&self->channel->is_closed) != 0;
}

/* Counts a packet that was taken out, and a message with its last. */
static void
note_packet (IlPacketLink *link, const Head *head, ssize_t n_read)
{
  if (n_read < (ssize_t)sizeof *head || head->serial == 0)
    return;
  atomic_store_explicit (&link->n_packets[IL_END_RECEIVE], head->packet + 1, memory_order_relaxed);
  if (head->offset + ((size_t)n_read - sizeof *head) >= head->size)
    atomic_store (&link->n_taken, head->serial);
}

static IlWaitResult
receive_pieces (Progress *self, Head *message, uint8_t *content)
{
  uint32_t n_received = 0;
  IlWaitResult result = IL_WAIT_DONE;

  atomic_store_explicit (&self->channel->link.last_by[IL_END_RECEIVE],
                         il_actor_get_who (self->actor), memory_order_relaxed);
  do
    {
      Head head;
      ssize_t n_read;

      if (!may_go_on (self))
        return IL_WAIT_CANCELLED;
      if (!may_begin (self))
        return IL_WAIT_TIMEOUT;
      note_sleeper (self);
      n_read = read_packet (self->channel, &head, content + n_received);
      if (n_read < 0)
        {
          result = handle_error (self);
          continue;
        }
      if (accept_piece (message, n_received, &head, n_read, self->channel, content))
        n_received = head.offset + (uint32_t)((size_t)n_read - sizeof head);
      note_packet (&self->channel->link, &head, n_read);
      self->serial = message->serial;
      self->has_begun = self->waits || self->serial != 0;
    }
  while (result == IL_WAIT_DONE && (message->serial == 0 || n_received < message->size));
  return result;
}

/**
 * il_channel_packet_receive:
 *
 * See il_channel_receive().
 */
IlWaitResult
il_channel_packet_receive (IlChannel *channel, IlActor *actor, IlMessage *message, bool waits)
{
  uint8_t *content = il_workspace_get_incoming (actor);
  Progress progress = { .channel = channel, .actor = actor, .end = IL_END_RECEIVE, .waits = waits };
  Head head = { 0 };
  IlWaitResult result = take_turn (&progress);

  if (result == IL_WAIT_DONE)
    result = receive_pieces (&progress, &head, content);
  progress.transfer.stamp = il_trace_lane_stamp (&actor->lane);
  progress.transfer.n_bytes = head.size;
  *message = (IlMessage){ head.number, head.producer, head.size };
  result = finish (&progress, result);
  if (result != IL_WAIT_DONE || il_message_check (message, content))
    return result;
  atomic_fetch_add (&channel->n_damaged, 1);
  il_arena_notify (actor->arena);
  return IL_WAIT_FAILED;
}

/**
 * il_channel_packet_disturb:
 * @channel: marked as closed
 *
 * Makes all who wait look at that.  Who is between that look and its sleep misses it: repeat.
 */
void
il_channel_packet_disturb (IlChannel *channel, IlActor *supervisor)
{
  IlPacketLink *link = &channel->link;
  const Head none = { 0 };
  Head head;
  uint8_t byte;
  struct iovec parts[] = { { &head, sizeof head }, { &byte, 1 } };

  (void)supervisor;
  /* What does not fit into the parts is dropped with the packet. */
  while (atomic_load (&link->polls[IL_END_SEND]) != IL_POLL_NONE
         && readv (link->fds[IL_END_RECEIVE], parts, 2) > 0)
    continue;
  if (atomic_load (&link->polls[IL_END_RECEIVE]) != IL_POLL_NONE)
    write_packet (channel, &none, &byte, 0);
}

/**
 * il_channel_packet_release_for_dead:
 * @dead: an agent that no longer runs
 */
void
il_channel_packet_release_for_dead (IlChannel *channel, IlActor *supervisor, const IlAgent *dead)
{
  IlPacketLink *link = &channel->link;
  const Head none = { 0 };
  uint8_t byte;

  /* More of what the dead one was sending will not come: who waits for that looks again. */
  if (il_turn_is_of (&link->turns[IL_END_SEND], dead))
    {
      atomic_store (&link->n_whole, link->serial);
      if (atomic_load (&link->polls[IL_END_SEND]) != IL_POLL_NONE)
        atomic_store (&link->polls[IL_END_SEND], IL_POLL_NONE);
      if (atomic_load (&link->polls[IL_END_RECEIVE]) != IL_POLL_NONE)
        write_packet (channel, &none, &byte, 0);
    }
  for (int end = 0; end < IL_N_ENDS; end++)
    il_turn_release_for_dead (&channel->link.turns[end], supervisor, dead);
}
