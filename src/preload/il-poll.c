/* il-poll.c - waits for one of several descriptors
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Once a thread has made many such calls it is tried first whether one waits at all.
 *
 * One for none of them is a sleep, as old as these calls are.  One for some, and until a time, is a
 * wait for what they bring: when that time is over nobody could take back what was shown meanwhile.
 */

#include "config.h"

#include <errno.h>

#include "il-pause.h"
#include "il-real.h"

/* Whether the call is to be tried without a wait. */
static bool
is_to_try (void)
{
  IlSelf *self = il_process.has_no_io ? NULL : il_self_get ();

  return self != NULL && !il_pause_has_io_left (self);
}

static int64_t
to_ns (int64_t whole, int64_t unit_ns, int64_t rest_ns)
{
  int64_t length_ns;

  return __builtin_mul_overflow (whole, unit_ns, &length_ns)
                 || __builtin_add_overflow (length_ns, rest_ns, &length_ns)
             ? INT64_MAX
             : length_ns;
}

/* 0: without end. */
static int64_t
span_ns (const struct timespec *length)
{
  return length != NULL ? to_ns (length->tv_sec, 1000000000, length->tv_nsec) : 0;
}

/* `waits`: it is to wait at all; `alone_ns`: for how long, where it waits for nothing but that, or
 * 0; `at_once`: the same call without a wait. */
#define POLL(name, parameters, arguments, call, waits, alone_ns, at_once)                          \
  IL_EXPORT int name parameters                                                                    \
  {                                                                                                \
    int64_t sleep_ns;                                                                              \
    int result;                                                                                    \
                                                                                                   \
    il_real_need ();                                                                               \
    if (!(waits))                                                                                  \
      return il_real.name arguments;                                                               \
    sleep_ns = alone_ns;                                                                           \
    if (sleep_ns > 0)                                                                              \
      {                                                                                            \
        IL_PAUSE_AROUND (il_pause_sleep (sleep_ns), result = il_real.name arguments);              \
        return result;                                                                             \
      }                                                                                            \
    if (is_to_try ())                                                                              \
      {                                                                                            \
        result = at_once;                                                                          \
        if (result != 0)                                                                           \
          return result;                                                                           \
      }                                                                                            \
    IL_PAUSE_AROUND (il_pause_io (call), result = il_real.name arguments);                         \
    return result;                                                                                 \
  }

int __poll_chk (struct pollfd *fds, nfds_t n, int length_ms, size_t room);
int __ppoll_chk (struct pollfd *fds, nfds_t n, const struct timespec *length,
                 const sigset_t *signals, size_t room);

POLL (poll, (struct pollfd * fds, nfds_t n, int length_ms), (fds, n, length_ms), IL_CALL_POLL,
      length_ms != 0, n == 0 ? to_ns (length_ms, 1000000, 0) : 0, il_real.poll (fds, n, 0))
POLL (__poll_chk, (struct pollfd * fds, nfds_t n, int length_ms, size_t room),
      (fds, n, length_ms, room), IL_CALL_POLL, length_ms != 0,
      n == 0 ? to_ns (length_ms, 1000000, 0) : 0, 0)

static bool
is_zero (const struct timespec *length)
{
  return length != NULL && length->tv_sec == 0 && length->tv_nsec == 0;
}

/* Which signals get through is part of the wait: it is not tried without. */
POLL (ppoll,
      (struct pollfd * fds, nfds_t n, const struct timespec *length, const sigset_t *signals),
      (fds, n, length, signals), IL_CALL_POLL, !is_zero (length), n == 0 ? span_ns (length) : 0, 0)
POLL (__ppoll_chk,
      (struct pollfd * fds, nfds_t n, const struct timespec *length, const sigset_t *signals,
       size_t room),
      (fds, n, length, signals, room), IL_CALL_POLL, !is_zero (length),
      n == 0 ? span_ns (length) : 0, 0)

static bool
is_for_none (int n, const fd_set *readable, const fd_set *writable, const fd_set *special)
{
  return n == 0 || (readable == NULL && writable == NULL && special == NULL);
}

POLL (pselect,
      (int n, fd_set *readable, fd_set *writable, fd_set *special, const struct timespec *length,
       const sigset_t *signals),
      (n, readable, writable, special, length, signals), IL_CALL_SELECT, !is_zero (length),
      is_for_none (n, readable, writable, special) ? span_ns (length) : 0, 0)
/* What it finds takes the place of what is asked for. */
POLL (select, (int n, fd_set *readable, fd_set *writable, fd_set *special, struct timeval *length),
      (n, readable, writable, special, length), IL_CALL_SELECT,
      length == NULL || length->tv_sec != 0 || length->tv_usec != 0,
      length != NULL && is_for_none (n, readable, writable, special)
          ? to_ns (length->tv_sec, 1000000000, (int64_t)length->tv_usec * 1000)
          : 0,
      0)
POLL (epoll_wait, (int fd, struct epoll_event *events, int n, int length_ms),
      (fd, events, n, length_ms), IL_CALL_EPOLL, length_ms != 0, 0,
      il_real.epoll_wait (fd, events, n, 0))
POLL (epoll_pwait,
      (int fd, struct epoll_event *events, int n, int length_ms, const sigset_t *signals),
      (fd, events, n, length_ms, signals), IL_CALL_EPOLL, length_ms != 0, 0, 0)
POLL (epoll_pwait2,
      (int fd, struct epoll_event *events, int n, const struct timespec *length,
       const sigset_t *signals),
      (fd, events, n, length, signals), IL_CALL_EPOLL, !is_zero (length), 0, 0)
