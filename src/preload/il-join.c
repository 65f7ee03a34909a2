/* il-join.c - waits for threads and processes that are to end, for a barrier, and for time to pass
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>

#include "il-lock.h"
#include "il-real.h"

/* --- threads */

static uint32_t
get_lane (pthread_t thread)
{
  const IlSelf *self = il_self_find (thread);

  return self != NULL ? il_self_lane_plus_1 (self) : 0;
}

/* Also of a thread that is cancelled while it waits. */
static void
end_wait (void *data)
{
  if (data != NULL)
    il_self_say (data, IL_EVENT_JOIN_END, 0, 0);
}

static IlSelf *
begin_wait (IlCall call, uint32_t awaited_plus_1)
{
  IlSelf *self = il_self_get ();

  if (self != NULL)
    il_self_say (self, IL_EVENT_JOIN_WAIT, call, awaited_plus_1);
  return self;
}

IL_EXPORT int
pthread_join (pthread_t thread, void **value)
{
  IlSelf *self;
  int result;

  il_real_need ();
  self = begin_wait (IL_CALL_JOIN, get_lane (thread));
  pthread_cleanup_push (end_wait, self);
  result = il_real.pthread_join (thread, value);
  pthread_cleanup_pop (1);
  return result;
}

IL_EXPORT int
pthread_timedjoin_np (pthread_t thread, void **value, const struct timespec *until)
{
  IlSelf *self;
  int result;

  il_real_need ();
  self = begin_wait (IL_CALL_JOIN, get_lane (thread));
  pthread_cleanup_push (end_wait, self);
  result = il_real.pthread_timedjoin_np (thread, value, until);
  pthread_cleanup_pop (1);
  return result;
}

/* --- processes */

/* One that has ended already is not waited for. */
#define WAIT_FOR_PROCESS(type, none, at_once, later)                                               \
  IlSelf *self;                                                                                    \
  type result;                                                                                     \
                                                                                                   \
  il_real_need ();                                                                                 \
  if ((options & WNOHANG) != 0 || il_self_get () == NULL)                                          \
    return later;                                                                                  \
  result = at_once;                                                                                \
  if (!(none))                                                                                     \
    return result;                                                                                 \
  self = begin_wait (IL_CALL_PROCESS, 0);                                                          \
  pthread_cleanup_push (end_wait, self);                                                           \
  result = later;                                                                                  \
  pthread_cleanup_pop (1);                                                                         \
  return result

IL_EXPORT pid_t
waitpid (pid_t pid, int *status, int options)
{
  WAIT_FOR_PROCESS (pid_t, result == 0, il_real.waitpid (pid, status, options | WNOHANG),
                    il_real.waitpid (pid, status, options));
}

IL_EXPORT pid_t
wait4 (pid_t pid, int *status, int options, struct rusage *usage)
{
  WAIT_FOR_PROCESS (pid_t, result == 0, il_real.wait4 (pid, status, options | WNOHANG, usage),
                    il_real.wait4 (pid, status, options, usage));
}

IL_EXPORT pid_t
wait3 (int *status, int options, struct rusage *usage)
{
  return wait4 (-1, status, options, usage);
}

IL_EXPORT pid_t
wait (int *status)
{
  return waitpid (-1, status, 0);
}

/* --- barriers */

IL_EXPORT int
pthread_barrier_init (pthread_barrier_t *barrier, const pthread_barrierattr_t *attributes,
                      unsigned n)
{
  il_real_need ();
  if (il_self_get () != NULL)
    il_entry_renew (barrier, IL_AT_BARRIER, 0, n);
  return il_real.pthread_barrier_init (barrier, attributes, n);
}

IL_EXPORT int
pthread_barrier_destroy (pthread_barrier_t *barrier)
{
  il_real_need ();
  il_entry_forget (barrier);
  return il_real.pthread_barrier_destroy (barrier);
}

IL_EXPORT int
pthread_barrier_wait (pthread_barrier_t *barrier)
{
  const void *caller = __builtin_return_address (0);
  IlSelf *self;
  IlEntry *entry;
  uint32_t n, object;
  int result;

  il_real_need ();
  self = il_self_get ();
  entry = self != NULL ? il_entry_find (barrier, IL_AT_BARRIER) : NULL;
  object = entry != NULL && entry->value != 0 ? il_entry_get_object (entry, caller) : 0;
  if (object == 0)
    return il_real.pthread_barrier_wait (barrier);
  n = atomic_fetch_add_explicit (&entry->extra, 1, memory_order_relaxed) + 1;
  /* The last of a phase: whoever comes from here on is of the next. */
  if (n % entry->value == 0)
    il_self_say (self, IL_EVENT_BARRIER_PASS, object, (n / entry->value) | IL_EVENT_WOKE);
  else
    il_self_say (self, IL_EVENT_BARRIER_WAIT, object, n % entry->value);
  result = il_real.pthread_barrier_wait (barrier);
  if (n % entry->value != 0)
    il_self_say (self, IL_EVENT_BARRIER_PASS, object, n / entry->value + 1);
  return result;
}

/* --- time */

static void
end_sleep (void *data)
{
  if (data != NULL)
    il_self_say (data, IL_EVENT_SLEEP_END, 0, 0);
}

static IlSelf *
begin_sleep (int64_t length_ns)
{
  IlSelf *self = il_self_get ();

  if (self != NULL)
    il_self_say (self, IL_EVENT_SLEEP_BEGIN, 0, il_event_sleep_us (length_ns));
  return self;
}

#define S_NS INT64_C (1000000000)

static int64_t
to_ns (const struct timespec *length)
{
  return length != NULL && length->tv_sec < 4000000 ? length->tv_sec * S_NS + length->tv_nsec : 0;
}

IL_EXPORT int
nanosleep (const struct timespec *length, struct timespec *left)
{
  IlSelf *self;
  int result;

  il_real_need ();
  self = begin_sleep (to_ns (length));
  pthread_cleanup_push (end_sleep, self);
  result = il_real.nanosleep (length, left);
  pthread_cleanup_pop (1);
  return result;
}

IL_EXPORT int
clock_nanosleep (clockid_t clock, int flags, const struct timespec *length, struct timespec *left)
{
  struct timespec now;
  int64_t length_ns = to_ns (length);
  IlSelf *self;
  int result;

  il_real_need ();
  if ((flags & TIMER_ABSTIME) != 0)
    length_ns = clock_gettime (clock, &now) == 0 && length != NULL
                    ? (length->tv_sec - now.tv_sec) * S_NS + length->tv_nsec - now.tv_nsec
                    : 0;
  self = begin_sleep (length_ns);
  pthread_cleanup_push (end_sleep, self);
  result = il_real.clock_nanosleep (clock, flags, length, left);
  pthread_cleanup_pop (1);
  return result;
}

IL_EXPORT int
usleep (useconds_t length_us)
{
  IlSelf *self;
  int result;

  il_real_need ();
  self = begin_sleep ((int64_t)length_us * 1000);
  pthread_cleanup_push (end_sleep, self);
  result = il_real.usleep (length_us);
  pthread_cleanup_pop (1);
  return result;
}

IL_EXPORT unsigned
sleep (unsigned seconds)
{
  IlSelf *self;
  unsigned left;

  il_real_need ();
  self = begin_sleep ((int64_t)seconds * S_NS);
  pthread_cleanup_push (end_sleep, self);
  left = il_real.sleep (seconds);
  pthread_cleanup_pop (1);
  return left;
}
