/* subject-old.c - conditions as programs use them that were linked before 2003
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <errno.h>
#include <stdatomic.h>

#if defined(__x86_64__)
/* They keep a pointer alone in the condition. */
__asm__(".symver old_wait, pthread_cond_wait@GLIBC_2.2.5");
__asm__(".symver old_timedwait, pthread_cond_timedwait@GLIBC_2.2.5");
__asm__(".symver old_signal, pthread_cond_signal@GLIBC_2.2.5");
__asm__(".symver old_broadcast, pthread_cond_broadcast@GLIBC_2.2.5");
__asm__(".symver old_destroy, pthread_cond_destroy@GLIBC_2.2.5");
int old_wait (void *condition, pthread_mutex_t *mutex);
int old_timedwait (void *condition, pthread_mutex_t *mutex, const struct timespec *until);
int old_signal (void *condition);
int old_broadcast (void *condition);
int old_destroy (void *condition);

static void *old_condition[1];
static uint64_t behind = UINT64_C (0x1234567812345678);
static pthread_mutex_t old_mutex = PTHREAD_MUTEX_INITIALIZER;
static int turn;

static void *
run_old_player (void *data)
{
  for (int i = 0; i < 50; i++)
    {
      pthread_mutex_lock (&old_mutex);
      while (turn % 2 == 0)
        old_wait (old_condition, &old_mutex);
      turn++;
      old_signal (old_condition);
      pthread_mutex_unlock (&old_mutex);
    }
  return NULL;
}

static int
run_old (int argc, char **argv)
{
  struct timespec soon;
  pthread_t player;

  pthread_create (&player, NULL, run_old_player, NULL);
  for (int i = 0; i < 50; i++)
    {
      pthread_mutex_lock (&old_mutex);
      while (turn % 2 == 1)
        old_wait (old_condition, &old_mutex);
      turn++;
      old_broadcast (old_condition);
      pthread_mutex_unlock (&old_mutex);
    }
  pthread_join (player, NULL);
  clock_gettime (CLOCK_REALTIME, &soon);
  soon.tv_nsec = soon.tv_nsec < 900000000 ? soon.tv_nsec + 5000000 : soon.tv_nsec;
  pthread_mutex_lock (&old_mutex);
  printf ("%d turns, %d\n", turn, old_timedwait (old_condition, &old_mutex, &soon) == ETIMEDOUT);
  pthread_mutex_unlock (&old_mutex);
  REQUIRE (behind == UINT64_C (0x1234567812345678));
  return old_destroy (old_condition);
}
#else
static int
run_old (int argc, char **argv)
{
  return 77;
}
#endif

const Subject subjects_of_old[] = {
  { "old", run_old },
  { NULL, NULL },
};
