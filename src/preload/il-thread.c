/* il-thread.c - threads that begin, end and have names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <threads.h>

#include "il-real.h"
#include "il-self.h"

#define MAX_STARTS 1024

/* What a new thread is to do, up to its begin. */
typedef struct
{
  _Atomic uint32_t is_used;
  uint32_t creator_plus_1;
  void *(*function) (void *);
  thrd_start_t function_of_c11; /* instead of that */
  void *argument;
} Start;

static Start starts[MAX_STARTS];

static Start *
take_start (void)
{
  for (int i = 0; i < MAX_STARTS; i++)
    {
      uint32_t unused = 0;

      if (atomic_compare_exchange_strong_explicit (&starts[i].is_used, &unused, 1,
                                                   memory_order_acquire, memory_order_relaxed))
        return &starts[i];
    }
  return NULL;
}

static Start
begin (Start *shared)
{
  Start start = *shared;

  atomic_store_explicit (&shared->is_used, 0, memory_order_release);
  il_self_begin (start.creator_plus_1);
  return start;
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
  Start start = begin (data);

  (void)is_to_tell;
  return start.function (start.argument);
}

static int
run_thread_of_c11 (void *data)
{
  bool is_to_tell __attribute__ ((cleanup (end))) = !il_process.has_key;
  Start start = begin (data);

  (void)is_to_tell;
  return start.function_of_c11 (start.argument);
}

/* NULL where the thread is not followed, or there is no room: then it begins to be followed when it
 * comes to something of ours. */
static Start *
prepare (void *argument)
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
  return start;
}

IL_EXPORT int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*function) (void *),
                void *argument)
{
  Start *start = prepare (argument);
  int result;

  if (start == NULL)
    return il_real.pthread_create (thread, attributes, function, argument);
  start->function = function;
  result = il_real.pthread_create (thread, attributes, run_thread, start);
  if (result != 0)
    atomic_store_explicit (&start->is_used, 0, memory_order_release);
  return result;
}

IL_EXPORT int
thrd_create (thrd_t *thread, thrd_start_t function, void *argument)
{
  Start *start = prepare (argument);
  int result;

  if (start == NULL)
    return il_real.thrd_create (thread, function, argument);
  start->function_of_c11 = function;
  result = il_real.thrd_create (thread, run_thread_of_c11, start);
  if (result != thrd_success)
    atomic_store_explicit (&start->is_used, 0, memory_order_release);
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
