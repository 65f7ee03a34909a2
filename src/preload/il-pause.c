/* il-pause.c - waits that are not for a lock: for input, for time, for others to end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Most input and output does not wait, and some programs do a million of such calls a second.  Of
 * each thread the first ones in a tick of the reader are said as they are; from there on only those
 * that a look at the descriptor says will wait.
 */

#include "config.h"

#include "il-pause.h"

#include <errno.h>

#include "il-lock.h"
#include "il-real.h"

static IlPause
begin (IlSelf *self, IlEventKind kind, uint32_t object, uint32_t value, IlEventKind end)
{
  self->pause_end = (uint8_t)end;
  il_self_say (self, kind, object, value);
  return (IlPause){ .self = self, .end = end };
}

/**
 * il_pause_join:
 * @awaited: lane of the thread that is waited for, plus one, or number of the process; 0: not known
 * @is_timed: whether the wait ends by itself
 */
IlPause
il_pause_join (IlCall call, uint32_t awaited, bool is_timed)
{
  IlSelf *self = il_self_get ();
  IlPause pause;

  if (self == NULL)
    return (IlPause){ 0 };
  il_self_say_timed (self, is_timed);
  pause = begin (self, IL_EVENT_JOIN_WAIT, call, awaited, IL_EVENT_JOIN_END);
  pause.object = call;
  return pause;
}

/**
 * il_pause_sleep:
 * @length_ns: 0: not known
 */
IlPause
il_pause_sleep (int64_t length_ns)
{
  IlSelf *self = il_self_get ();

  if (self == NULL)
    return (IlPause){ 0 };
  return begin (self, IL_EVENT_SLEEP_BEGIN, 0, il_event_sleep_us (length_ns), IL_EVENT_SLEEP_END);
}

/**
 * il_pause_has_io_left:
 *
 * Returns: whether a call is said without a look whether it waits
 */
bool
il_pause_has_io_left (IlSelf *self)
{
  uint32_t tick = atomic_load_explicit (il_process.tick, memory_order_relaxed);

  if (self->io_tick != tick)
    {
      self->io_tick = tick;
      self->n_io = 0;
    }
  return self->n_io < IL_IO_OF_THREAD;
}

/**
 * il_pause_io:
 *
 * Of a call that is known to wait.
 */
IlPause
il_pause_io (IlCall call)
{
  IlSelf *self = il_process.has_no_io ? NULL : il_self_get ();

  if (self == NULL)
    return (IlPause){ 0 };
  il_pause_has_io_left (self);
  if (self->n_io >= IL_IO_AT_MOST)
    return (IlPause){ 0 };
  self->n_io++;
  return begin (self, IL_EVENT_IO_BEGIN, 0, call, IL_EVENT_IO_END);
}

static bool
will_wait (int fd, short events)
{
  struct pollfd look = { .fd = fd, .events = events };
  int saved_errno = errno;
  int n = il_real.poll (&look, 1, 0);

  errno = saved_errno;
  return n == 0;
}

/**
 * il_pause_io_of:
 * @events: as of poll(), that the call waits for
 *
 * Of a call that may wait for a descriptor.
 */
IlPause
il_pause_io_of (IlCall call, int fd, short events)
{
  IlSelf *self = il_process.has_no_io ? NULL : il_self_get ();

  if (self == NULL || (!il_pause_has_io_left (self) && !will_wait (fd, events)))
    return (IlPause){ 0 };
  return il_pause_io (call);
}

/**
 * il_pause_end:
 *
 * Also of a thread that is cancelled while it waits.
 */
void
il_pause_end (IlPause *pause)
{
  if (pause->self == NULL)
    return;
  pause->self->pause_end = 0;
  il_self_say (pause->self, pause->end, pause->object, pause->value);
}

/**
 * il_pause_leave:
 *
 * The thread leaves what it waits in for good, as by siglongjmp() out of a signal handler.
 */
void
il_pause_leave (IlSelf *self)
{
  IlEventKind end = (IlEventKind)self->pause_end;
  IlEntry *entry = self->paused_for;

  self->pause_end = 0;
  self->paused_for = NULL;
  if (self->awaited != NULL)
    il_lock_waited (self, self->awaited, false);
  if (entry != NULL)
    {
      uint32_t object = atomic_load_explicit (&entry->object, memory_order_relaxed);

      atomic_fetch_sub_explicit (&entry->busy.n_waiters, 1, memory_order_relaxed);
      il_self_say (self, object != 0 ? IL_EVENT_WAIT_CANCELLED : IL_EVENT_JOIN_END, object, 0);
    }
  else if (end != 0)
    il_self_say (self, end, 0, 0);
}
