/* il-join.c - waits for threads that are to end, for a barrier, and for time to pass
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <threads.h>

#include "il-life.h"
#include "il-pause.h"
#include "il-real.h"

#define S_NS INT64_C (1000000000)
#define EARLY_NS 2000000

/* --- threads */

static IlPause
begin_join (pthread_t thread, const struct timespec *until)
{
  const IlSelf *self = il_thread_find (thread);

  return il_pause_join (IL_CALL_JOIN, self != NULL ? il_self_lane_plus_1 (self) : 0, until != NULL);
}

/* Who was made just now has no lane yet, and most that are waited for so soon end soon: only where
 * the wait lasts is it said whom it is for.  To wait until the other has begun would cost each of
 * them two switches. */
static int
join_early (pthread_t thread, void **value)
{
  struct timespec until;
  const IlSelf *self;
  uint32_t lane_plus_1;
  int result;

  clock_gettime (CLOCK_MONOTONIC, &until);
  until.tv_nsec += EARLY_NS;
  until.tv_sec += until.tv_nsec / S_NS;
  until.tv_nsec %= S_NS;
  result = il_real.pthread_clockjoin_np (thread, value, CLOCK_MONOTONIC, &until);
  if (result != ETIMEDOUT)
    return result;
  self = il_thread_find (thread);
  lane_plus_1 = self != NULL ? il_self_lane_plus_1 (self) : 0;
  if (lane_plus_1 != 0 && il_self != NULL)
    il_self_say (il_self, IL_EVENT_JOIN_WAIT, IL_CALL_JOIN, lane_plus_1);
  return il_real.pthread_join (thread, value);
}

IL_EXPORT int
pthread_join (pthread_t thread, void **value)
{
  uint32_t life = il_life_find (thread);
  int result;

  il_real_need ();
  if (il_real.pthread_clockjoin_np != NULL && il_thread_is_to_begin (thread))
    IL_PAUSE_AROUND (il_pause_join (IL_CALL_JOIN, 0, false), result = join_early (thread, value));
  else
    IL_PAUSE_AROUND (begin_join (thread, NULL), result = il_real.pthread_join (thread, value));
  if (result == 0)
    il_life_ended (life);
  return result;
}

IL_EXPORT int
pthread_tryjoin_np (pthread_t thread, void **value)
{
  uint32_t life = il_life_find (thread);
  int result;

  il_real_need ();
  result = il_real.pthread_tryjoin_np (thread, value);
  if (result == 0)
    il_life_ended (life);
  return result;
}

IL_EXPORT int
pthread_timedjoin_np (pthread_t thread, void **value, const struct timespec *until)
{
  uint32_t life = il_life_find (thread);
  int result;

  il_real_need ();
  IL_PAUSE_AROUND (begin_join (thread, until),
                   result = il_real.pthread_timedjoin_np (thread, value, until));
  if (result == 0)
    il_life_ended (life);
  return result;
}

IL_EXPORT int
pthread_clockjoin_np (pthread_t thread, void **value, clockid_t clock, const struct timespec *until)
{
  uint32_t life = il_life_find (thread);
  int result;

  il_real_need ();
  if (il_real.pthread_clockjoin_np == NULL)
    return ENOSYS;
  IL_PAUSE_AROUND (begin_join (thread, until),
                   result = il_real.pthread_clockjoin_np (thread, value, clock, until));
  if (result == 0)
    il_life_ended (life);
  return result;
}

IL_EXPORT int
thrd_join (thrd_t thread, int *value)
{
  uint32_t life = il_life_find (thread);
  int result;

  il_real_need ();
  IL_PAUSE_AROUND (begin_join (thread, NULL), result = il_real.thrd_join (thread, value));
  if (result == thrd_success)
    il_life_ended (life);
  return result;
}

/* --- time */

static int64_t
to_ns (const struct timespec *length)
{
  return length != NULL && length->tv_sec < 4000000 ? length->tv_sec * S_NS + length->tv_nsec : 0;
}

IL_EXPORT int
nanosleep (const struct timespec *length, struct timespec *left)
{
  int result;

  il_real_need ();
  IL_PAUSE_AROUND (il_pause_sleep (to_ns (length)), result = il_real.nanosleep (length, left));
  return result;
}

IL_EXPORT int
clock_nanosleep (clockid_t clock, int flags, const struct timespec *length, struct timespec *left)
{
  struct timespec now;
  int64_t length_ns = to_ns (length);
  int saved_errno = errno;
  int result;

  il_real_need ();
  if ((flags & TIMER_ABSTIME) != 0)
    length_ns = clock_gettime (clock, &now) == 0 && length != NULL
                    ? (length->tv_sec - now.tv_sec) * S_NS + length->tv_nsec - now.tv_nsec
                    : 0;
  errno = saved_errno;
  IL_PAUSE_AROUND (il_pause_sleep (length_ns),
                   result = il_real.clock_nanosleep (clock, flags, length, left));
  return result;
}

IL_EXPORT int
thrd_sleep (const struct timespec *length, struct timespec *left)
{
  int result;

  il_real_need ();
  IL_PAUSE_AROUND (il_pause_sleep (to_ns (length)), result = il_real.thrd_sleep (length, left));
  return result;
}

IL_EXPORT int
usleep (useconds_t length_us)
{
  int result;

  il_real_need ();
  IL_PAUSE_AROUND (il_pause_sleep ((int64_t)length_us * 1000), result = il_real.usleep (length_us));
  return result;
}

IL_EXPORT unsigned
sleep (unsigned seconds)
{
  unsigned left;

  il_real_need ();
  IL_PAUSE_AROUND (il_pause_sleep ((int64_t)seconds * S_NS), left = il_real.sleep (seconds));
  return left;
}
