/* il-carrier-wait.c - a carrier's looking for what became ready, and its sleep
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-carrier-private.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#define POLL_INTERVAL_NS 50000 /* between two looks at descriptors while there is work to do */
#define MAX_EVENTS 64

static_assert (EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR
                   && EPOLLHUP == POLLHUP,
               "events of poll are given to epoll, and come back");

/**
 * il_carrier_open_fds:
 *
 * Gets what it takes to wait for descriptors, when the first is waited for.
 */
bool
il_carrier_open_fds (IlCarrier *carrier)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

  if (carrier->wake_fd >= 0)
    return true;
  if (carrier->epoll_fd < 0)
    carrier->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (carrier->epoll_fd < 0)
    return false;
  carrier->wake_fd = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (carrier->wake_fd < 0)
    return false;
  if (epoll_ctl (carrier->epoll_fd, EPOLL_CTL_ADD, carrier->wake_fd, &event) == 0)
    return true;
  close (carrier->wake_fd);
  carrier->wake_fd = -1;
  return false;
}

/**
 * il_carrier_watch_fd:
 * @watched_fd: (out): what to give to il_carrier_unwatch_fd()
 *
 * Lets the coroutine be woken once the descriptor is ready.
 *
 * Returns: %FALSE with errno if it cannot; EPERM: it is always ready
 */
bool
il_carrier_watch_fd (IlCarrier *carrier, IlCoroutine *coroutine, int fd, short events,
                     int *watched_fd)
{
  struct epoll_event event
      = { .events = (uint32_t)(unsigned short)events | EPOLLONESHOT, .data.ptr = coroutine };

  *watched_fd = fd;
  if (!il_carrier_open_fds (carrier))
    return false;
  if (epoll_ctl (carrier->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
    {
      carrier->n_fds++;
      return true;
    }
  if (errno != EEXIST)
    return false;
  /* Another waits for it already, perhaps for the other direction; it can be there but once under
   * one number. */
  *watched_fd = dup (fd);
  if (*watched_fd < 0)
    return false;
  if (epoll_ctl (carrier->epoll_fd, EPOLL_CTL_ADD, *watched_fd, &event) == 0)
    {
      carrier->n_fds++;
      return true;
    }
  close (*watched_fd);
  return false;
}

/**
 * il_carrier_unwatch_fd:
 */
void
il_carrier_unwatch_fd (IlCarrier *carrier, int fd, int watched_fd)
{
  epoll_ctl (carrier->epoll_fd, EPOLL_CTL_DEL, watched_fd, NULL);
  carrier->n_fds--;
  if (watched_fd != fd)
    close (watched_fd);
}

static void
clear_wake_fd (const IlCarrier *carrier)
{
  uint64_t n;
  ssize_t n_read = read (carrier->wake_fd, &n, sizeof n);

  (void)n_read;
}

/* Makes those ready whose descriptors are. */
static void
look_at_fds (IlCarrier *carrier)
{
  struct epoll_event events[MAX_EVENTS];
  int n_events = epoll_wait (carrier->epoll_fd, events, MAX_EVENTS, 0);

  for (int i = 0; i < n_events; i++)
    {
      IlCoroutine *coroutine = events[i].data.ptr;

      if (coroutine == NULL)
        {
          clear_wake_fd (carrier);
          continue;
        }
      coroutine->revents = (short)events[i].events;
      atomic_store_explicit (&coroutine->fd_word, 1, memory_order_relaxed);
      if (il_parking_remove (coroutine))
        il_carrier_append (carrier, coroutine);
    }
}

/* Makes those ready whose time has come. */
static void
look_at_timers (IlCarrier *carrier, int64_t now_ns)
{
  while (carrier->n_timers > 0 && carrier->timers[0]->deadline_ns <= now_ns)
    {
      IlCoroutine *coroutine = carrier->timers[0];

      il_timers_remove (carrier, coroutine);
      if (il_parking_remove (coroutine))
        il_carrier_append (carrier, coroutine);
    }
}

/**
 * il_carrier_look_around:
 *
 * Makes those ready who wait for time or descriptors no longer.
 */
void
il_carrier_look_around (IlCarrier *carrier)
{
  int64_t now_ns = il_clock_monotonic_ns ();

  look_at_timers (carrier, now_ns);
  if (carrier->n_fds == 0
      || (carrier->first != NULL && now_ns - carrier->polled_ns < POLL_INTERVAL_NS))
    return;
  carrier->polled_ns = now_ns;
  look_at_fds (carrier);
}

static void
sleep_on_fds (IlCarrier *carrier, int64_t deadline_ns)
{
  struct pollfd poll_fd = { .fd = carrier->epoll_fd, .events = POLLIN };
  int64_t left_ns = deadline_ns - il_clock_monotonic_ns ();
  struct timespec left;

  if (deadline_ns == IL_NO_DEADLINE)
    {
      ppoll (&poll_fd, 1, NULL, NULL);
      return;
    }
  if (left_ns <= 0)
    return;
  left = (struct timespec){ left_ns / 1000000000, left_ns % 1000000000 };
  ppoll (&poll_fd, 1, &left, NULL);
}

/**
 * il_carrier_sleep:
 *
 * Sleeps until one of the coroutines may be ready.
 */
void
il_carrier_sleep (IlCarrier *carrier)
{
  int64_t deadline_ns = carrier->n_timers > 0 ? carrier->timers[0]->deadline_ns : IL_NO_DEADLINE;
  IlCarrierSleep manner = carrier->n_fds > 0 ? IL_CARRIER_ON_POLL : IL_CARRIER_ON_FUTEX;

  atomic_store (&carrier->asleep, manner);
  if (atomic_load (&carrier->inbox) == NULL && !atomic_load (&carrier->carriers->is_stopping))
    {
      if (manner == IL_CARRIER_ON_POLL)
        sleep_on_fds (carrier, deadline_ns);
      else
        il_futex_wait (&carrier->asleep, IL_CARRIER_ON_FUTEX, deadline_ns);
    }
  atomic_store (&carrier->asleep, IL_CARRIER_AWAKE);
}

/**
 * il_carrier_awaken:
 *
 * Ends the carrier's sleep, or its next one, if it is about to.  Any thread.
 */
void
il_carrier_awaken (IlCarrier *carrier)
{
  uint64_t one = 1;
  ssize_t written;

  if (atomic_load (&carrier->asleep) == IL_CARRIER_AWAKE)
    return;
  switch ((IlCarrierSleep)atomic_exchange (&carrier->asleep, IL_CARRIER_AWAKE))
    {
    case IL_CARRIER_AWAKE:
      break;
    case IL_CARRIER_ON_FUTEX:
      il_futex_wake (&carrier->asleep, 1);
      break;
    case IL_CARRIER_ON_POLL:
      written = write (carrier->wake_fd, &one, sizeof one);
      (void)written;
      break;
    }
}
