/* il-thread.c - threads that begin, end and have names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "il-real.h"
#include "il-self.h"

#define MAX_STARTS 1024

/* What a new thread is to do, up to its begin. */
typedef struct
{
  _Atomic uint32_t is_used;
  uint32_t creator_plus_1;
  void *(*function) (void *);
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

static void *
run_thread (void *data)
{
  Start start = *(Start *)data;

  atomic_store_explicit (&((Start *)data)->is_used, 0, memory_order_release);
  il_self_begin (start.creator_plus_1);
  return start.function (start.argument);
}

IL_EXPORT int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*function) (void *),
                void *argument)
{
  IlSelf *self;
  Start *start;
  int result;

  il_real_need ();
  self = il_self_get ();
  start = self != NULL ? take_start () : NULL;
  /* One that finds no room begins to be followed when it comes to something of ours. */
  if (start == NULL)
    return il_real.pthread_create (thread, attributes, function, argument);
  start->creator_plus_1 = il_self_lane_plus_1 (self);
  start->function = function;
  start->argument = argument;
  result = il_real.pthread_create (thread, attributes, run_thread, start);
  if (result != 0)
    atomic_store_explicit (&start->is_used, 0, memory_order_release);
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

IL_EXPORT __attribute__ ((noreturn)) void
_exit (int status)
{
  il_real_need ();
  il_self_end ((uint32_t)status & 0xffu);
  il_real._exit (status);
  __builtin_unreachable ();
}

IL_EXPORT __attribute__ ((noreturn)) void
_Exit (int status)
{
  _exit (status);
}
