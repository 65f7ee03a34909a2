/* il-callers.c - what called the code that uses a lock
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Without optimization std::mutex::lock() is a function of its own, as is what that calls: whoever
 * wants the lock is found further out.  Such code has frame pointers, and so has this library.
 * Other code keeps there what it likes: it is followed only outwards, and within that part of the
 * thread's own stack that is in use, all of which can be read.
 */

#include "config.h"

#include "il-callers.h"

#include <string.h>

#include "il-place.h"

#define MAX_OWN 32 /* frames of this library */
#define FRAME_SIZE (2 * sizeof (uintptr_t))
#define FRAME_ALIGNMENT 16

/* Of the loader: where the main thread's stack began. */
extern void *__libc_stack_end __attribute__ ((weak));

typedef struct
{
  uintptr_t begin, end;
} Stack;

static Stack
get_stack (const IlSelf *self)
{
  uintptr_t end;

  if (self->stack_end != 0)
    return (Stack){ self->stack_begin, self->stack_end };
  end = &__libc_stack_end != NULL ? (uintptr_t)__libc_stack_end : 0;
  return (Stack){ end > IL_STACK_SURE ? end - IL_STACK_SURE : 0, end };
}

static bool
can_read (Stack stack, uintptr_t frame)
{
  return frame >= stack.begin && frame % FRAME_ALIGNMENT == 0 && frame < stack.end
         && stack.end - frame >= FRAME_SIZE;
}

/* The frame around it; NULL: none, or it is no frame. */
static const uintptr_t *
get_outer (Stack stack, const uintptr_t *frame)
{
  uintptr_t outer = frame[0];

  return outer > (uintptr_t)frame && can_read (stack, outer) ? (const uintptr_t *)outer : NULL;
}

/**
 * il_callers_find:
 * @caller: where the program called this library, in a call that still lasts
 * @callers: (out): where what did so was called, and so on, as far as is known; then NULL
 */
void
il_callers_find (const void *caller, const void *callers[IL_TRACE_CALLERS])
{
  const uintptr_t *frame = __builtin_frame_address (0);
  Stack stack = il_self != NULL ? get_stack (il_self) : (Stack){ 0 };

  memset (callers, 0, IL_TRACE_CALLERS * sizeof *callers);
  if (!can_read (stack, (uintptr_t)frame))
    return;
  for (uint32_t i = 0; frame != NULL && frame[1] != (uintptr_t)caller; i++)
    frame = i < MAX_OWN ? get_outer (stack, frame) : NULL;
  for (uint32_t i = 0; frame != NULL && i < IL_TRACE_CALLERS; i++)
    {
      frame = get_outer (stack, frame);
      callers[i] = frame != NULL ? (const void *)frame[1] : NULL;
    }
}

/**
 * il_callers_place:
 * @places: (out): where the files have them, up to the first that is in none
 */
void
il_callers_place (const void *const callers[IL_TRACE_CALLERS],
                  IlTracePlace places[IL_TRACE_CALLERS])
{
  bool is_known = true;

  for (uint32_t i = 0; i < IL_TRACE_CALLERS; i++)
    {
      is_known = is_known && callers[i] != NULL;
      places[i] = is_known ? il_place_find (callers[i]) : (IlTracePlace){ 0 };
      is_known = is_known && places[i].module != 0;
    }
}
