/* il-context.h - one line of execution among several of a thread
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * il_switch(), and what the address and thread sanitizers must be told of it.
 */

#pragma once

#include "il-stack.h"
#include "il-switch.h"

#if defined(__SANITIZE_ADDRESS__)
#define IL_CONTEXT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IL_CONTEXT_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define IL_CONTEXT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IL_CONTEXT_TSAN 1
#endif
#endif

#ifdef IL_CONTEXT_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef IL_CONTEXT_TSAN
#include <sanitizer/tsan_interface.h>
#endif

typedef struct
{
  void *pointer; /* what il_switch() left, of one that does not run */
#ifdef IL_CONTEXT_ASAN
  const void *bottom;
  size_t size;
  void *fake_stack;
#endif
#ifdef IL_CONTEXT_TSAN
  void *fiber;
#endif
} IlContext;

/* Makes it the thread's own, which runs now. */
static inline void
il_context_init_thread (IlContext *context)
{
  *context = (IlContext){ 0 };
#ifdef IL_CONTEXT_TSAN
  context->fiber = __tsan_get_current_fiber ();
#endif
}

/* Makes it one that is to begin with func (data), which must call il_context_begun() first and
 * leave by il_context_switch_for_ever(). */
static inline void
il_context_init (IlContext *context, const IlStack *stack, IlSwitchFunc func, void *data)
{
  context->pointer = il_switch_prepare (stack->bottom, stack->top, func, data);
#ifdef IL_CONTEXT_ASAN
  context->bottom = stack->bottom;
  context->size = (size_t)((char *)stack->top - (char *)stack->bottom);
  context->fake_stack = NULL;
#endif
#ifdef IL_CONTEXT_TSAN
  context->fiber = __tsan_create_fiber (0);
#endif
}

/* Nobody may be in it any more. */
static inline void
il_context_finish (IlContext *context)
{
  (void)context;
#ifdef IL_CONTEXT_TSAN
  __tsan_destroy_fiber (context->fiber);
#endif
}

/* @from: who was left to come here; its stack becomes known, if it is the thread's own. */
static inline void
il_context_begun (IlContext *from)
{
  (void)from;
#ifdef IL_CONTEXT_ASAN
  __sanitizer_finish_switch_fiber (NULL, &from->bottom, &from->size);
#endif
}

/* Returns when somebody switches back. */
static inline void
il_context_switch (IlContext *from, IlContext *to)
{
#ifdef IL_CONTEXT_ASAN
  __sanitizer_start_switch_fiber (&from->fake_stack, to->bottom, to->size);
#endif
#ifdef IL_CONTEXT_TSAN
  __tsan_switch_to_fiber (to->fiber, 0);
#endif
  il_switch (&from->pointer, to->pointer);
#ifdef IL_CONTEXT_ASAN
  __sanitizer_finish_switch_fiber (from->fake_stack, NULL, NULL);
#endif
}

/* @from is over. */
static inline void
il_context_switch_for_ever (IlContext *from, IlContext *to)
{
#ifdef IL_CONTEXT_ASAN
  __sanitizer_start_switch_fiber (NULL, to->bottom, to->size);
#endif
#ifdef IL_CONTEXT_TSAN
  __tsan_switch_to_fiber (to->fiber, 0);
#endif
  il_switch (&from->pointer, to->pointer);
  __builtin_unreachable ();
}
