/* il-thread.c - threads that begin, end and have names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <threads.h>

#include "il-callers.h"
#include "il-life.h"
#include "il-real.h"
#include "il-self.h"

#define MAX_STARTS 1024

/* What a new thread is to do, up to its begin. */
typedef struct
{
  _Atomic uint32_t state;
  uint32_t creator_plus_1;
  uint32_t life;
  void *(*function) (void *);
  thrd_start_t function_of_c11; /* instead of that */
  void *argument;
  size_t stack_size;
} Start;

enum
{
  START_FREE = 0,
  START_USED,
  START_AWAITED, /* by a thread that is to be woken at its begin */
};

static Start starts[MAX_STARTS];
static _Atomic int n_starts;

static Start *
take_start (void)
{
  for (int i = 0; i < MAX_STARTS; i++)
    {
      uint32_t unused = START_FREE;

      if (atomic_compare_exchange_strong_explicit (&starts[i].state, &unused, START_USED,
                                                   memory_order_acquire, memory_order_relaxed))
        {
          atomic_fetch_add_explicit (&n_starts, 1, memory_order_relaxed);
          return &starts[i];
        }
    }
  return NULL;
}

static void
give_start_back (Start *start)
{
  atomic_fetch_sub_explicit (&n_starts, 1, memory_order_relaxed);
  if (atomic_exchange_explicit (&start->state, START_FREE, memory_order_release) == START_AWAITED)
    il_real.syscall (SYS_futex, &start->state, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/**
 * il_thread_forget_starts:
 *
 * In a child that was forked: those that had not begun never will there.
 */
void
il_thread_forget_starts (void)
{
  if (atomic_load_explicit (&n_starts, memory_order_relaxed) == 0)
    return;
  for (int i = 0; i < MAX_STARTS; i++)
    atomic_store_explicit (&starts[i].state, START_FREE, memory_order_relaxed);
  atomic_store_explicit (&n_starts, 0, memory_order_relaxed);
}

static Start
begin (Start *shared, const void *frame)
{
  Start start = *shared;
  IlSelf *self = il_self_begin (start.creator_plus_1, start.life);

  if (self != NULL && (uintptr_t)frame > start.stack_size)
    {
      self->stack_begin = (uintptr_t)frame - start.stack_size;
      self->stack_end = (uintptr_t)frame;
    }
  give_start_back (shared);
  return start;
}

/* Until it has begun, or for a while. */
static void
await_start (Start *start)
{
  static const struct timespec a_while = { .tv_sec = 1 };
  uint32_t state = START_USED;

  if (atomic_compare_exchange_strong_explicit (&start->state, &state, START_AWAITED,
                                               memory_order_relaxed, memory_order_relaxed)
      || state == START_AWAITED)
    il_real.syscall (SYS_futex, &start->state, FUTEX_WAIT_PRIVATE, START_AWAITED, &a_while, NULL,
                     0);
}

/**
 * il_thread_is_to_begin:
 *
 * Returns: whether the thread may be one of those that were made and have not begun
 */
bool
il_thread_is_to_begin (pthread_t thread)
{
  const IlSelf *self;

  if (il_self == NULL || atomic_load_explicit (&n_starts, memory_order_relaxed) == 0)
    return false;
  self = il_self_find (thread);
  return self == NULL || il_self_lane_plus_1 (self) == 0;
}

/**
 * il_thread_find:
 *
 * For a thread that is about to wait for the end of another one, which may not have begun yet: who
 * that is is known only then.
 *
 * Returns: (nullable): the thread, if it is followed; it may end at any moment
 */
IlSelf *
il_thread_find (pthread_t thread)
{
  IlSelf *self = il_self_find (thread);
  int saved_errno = errno;

  /* It is known before it has its lane. */
  if (self != NULL && il_self_lane_plus_1 (self) != 0)
    return self;
  for (int i = 0; i < MAX_STARTS && atomic_load_explicit (&n_starts, memory_order_relaxed) > 0; i++)
    if (atomic_load_explicit (&starts[i].state, memory_order_relaxed) != START_FREE)
      await_start (&starts[i]);
  errno = saved_errno;
  return il_self_find (thread);
}

/* Where the end of its data does not tell of a thread's end. */
static void
end (const bool *is_to_tell)
{
  if (*is_to_tell)
    il_self_end (0);
}

static void *
run_thread (void *data)
{
  bool is_to_tell __attribute__ ((cleanup (end))) = !il_process.has_key;
  Start start = begin (data, __builtin_frame_address (0));

  (void)is_to_tell;
  return start.function (start.argument);
}

static int
run_thread_of_c11 (void *data)
{
  bool is_to_tell __attribute__ ((cleanup (end))) = !il_process.has_key;
  Start start = begin (data, __builtin_frame_address (0));

  (void)is_to_tell;
  return start.function_of_c11 (start.argument);
}

static size_t
get_stack_size (const pthread_attr_t *attributes)
{
  struct rlimit limit;
  size_t size = 0;

  if (attributes != NULL && pthread_attr_getstacksize (attributes, &size) == 0 && size != 0)
    return size;
  return getrlimit (RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < IL_STACK_SURE
             ? (size_t)limit.rlim_cur
             : IL_STACK_SURE;
}

/* NULL where the thread is not followed, or there is no room: then it begins to be followed when it
 * comes to something of ours. */
static Start *
prepare (const pthread_attr_t *attributes, void *argument)
{
  IlSelf *self;
  Start *start;

  il_real_need ();
  self = il_self_get ();
  start = self != NULL ? take_start () : NULL;
  if (start == NULL)
    return NULL;
  start->creator_plus_1 = il_self_lane_plus_1 (self);
  start->argument = argument;
  start->stack_size = get_stack_size (attributes);
  start->life = il_life_make (self);
  return start;
}

IL_EXPORT int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*function) (void *),
                void *argument)
{
  Start *start = prepare (attributes, argument);
  uint32_t life;
  int result;

  if (start == NULL)
    return il_real.pthread_create (thread, attributes, function, argument);
  start->function = function;
  life = start->life;
  result = il_real.pthread_create (thread, attributes, run_thread, start);
  if (result == 0)
    il_life_made (*thread, life);
  else
    give_start_back (start);
  return result;
}

IL_EXPORT int
thrd_create (thrd_t *thread, thrd_start_t function, void *argument)
{
  Start *start = prepare (NULL, argument);
  uint32_t life;
  int result;

  if (start == NULL)
    return il_real.thrd_create (thread, function, argument);
  start->function_of_c11 = function;
  life = start->life;
  result = il_real.thrd_create (thread, run_thread_of_c11, start);
  if (result == thrd_success)
    il_life_made (*thread, life);
  else
    give_start_back (start);
  return result;
}

/* Some name themselves by the kernel's own call. */
IL_EXPORT int
prctl (int option, ...)
{
  unsigned long arguments[4];
  va_list more;
  int result;

  il_real_need ();
  va_start (more, option);
  for (int i = 0; i < 4; i++)
    arguments[i] = va_arg (more, unsigned long);
  va_end (more);
  result = il_real.prctl (option, arguments[0], arguments[1], arguments[2], arguments[3]);
  if (option == PR_SET_NAME && result == 0 && il_self_get () != NULL)
    il_self_set_name (il_self, (const char *)arguments[0]);
  return result;
}

IL_EXPORT int
pthread_setname_np (pthread_t thread, const char *name)
{
  IlSelf *self;
  int result;

  il_real_need ();
  result = il_real.pthread_setname_np (thread, name);
  self = result == 0 ? il_self_find (thread) : NULL;
  if (self != NULL)
    il_self_set_name (self, name);
  return result;
}
