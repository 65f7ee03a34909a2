/* il-poll.c - waits for one of several descriptors
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Once a thread has made many such calls it is tried first whether one waits at all.
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

/* `waits`: it is to wait at all; `at_once`: the same call without a wait. */
#define POLL(name, parameters, arguments, call, waits, at_once)                                    \
  IL_EXPORT int name parameters                                                                    \
  {                                                                                                \
    int result;                                                                                    \
                                                                                                   \
    il_real_need ();                                                                               \
    if (!(waits))                                                                                  \
      return il_real.name arguments;                                                               \
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
      length_ms != 0, il_real.poll (fds, n, 0))
POLL (__poll_chk, (struct pollfd * fds, nfds_t n, int length_ms, size_t room),
      (fds, n, length_ms, room), IL_CALL_POLL, length_ms != 0, 0)

static bool
is_zero (const struct timespec *length)
{
  return length != NULL && length->tv_sec == 0 && length->tv_nsec == 0;
}

/* Which signals get through is part of the wait: it is not tried without. */
POLL (ppoll,
      (struct pollfd * fds, nfds_t n, const struct timespec *length, const sigset_t *signals),
      (fds, n, length, signals), IL_CALL_POLL, !is_zero (length), 0)
POLL (__ppoll_chk,
      (struct pollfd * fds, nfds_t n, const struct timespec *length, const sigset_t *signals,
       size_t room),
      (fds, n, length, signals, room), IL_CALL_POLL, !is_zero (length), 0)
POLL (pselect,
      (int n, fd_set *readable, fd_set *writable, fd_set *special, const struct timespec *length,
       const sigset_t *signals),
      (n, readable, writable, special, length, signals), IL_CALL_SELECT, !is_zero (length), 0)
/* What it finds takes the place of what is asked for. */
POLL (select, (int n, fd_set *readable, fd_set *writable, fd_set *special, struct timeval *length),
      (n, readable, writable, special, length), IL_CALL_SELECT,
      length == NULL || length->tv_sec != 0 || length->tv_usec != 0, 0)
POLL (epoll_wait, (int fd, struct epoll_event *events, int n, int length_ms),
      (fd, events, n, length_ms), IL_CALL_EPOLL, length_ms != 0,
      il_real.epoll_wait (fd, events, n, 0))
POLL (epoll_pwait,
      (int fd, struct epoll_event *events, int n, int length_ms, const sigset_t *signals),
      (fd, events, n, length_ms, signals), IL_CALL_EPOLL, length_ms != 0, 0)
POLL (epoll_pwait2,
      (int fd, struct epoll_event *events, int n, const struct timespec *length,
       const sigset_t *signals),
      (fd, events, n, length, signals), IL_CALL_EPOLL, !is_zero (length), 0)
