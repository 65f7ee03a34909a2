/* il-switch.c - stacks that were never entered, and switching where there is no code for the
 * machine
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-switch.h"

#include <stdint.h>
#include <string.h>

#if IL_SWITCH_IS_NATIVE

void il_switch_begin (void);

#if defined(__x86_64__)

void il_switch_begin_with_fp (void);

/* As il-switch.h says.  At il_switch_begin, which takes two words off, the stack pointer then is a
 * multiple of 16. */
static void *
prepare (void *top, IlSwitchFunc func, void *data)
{
  uint64_t *at = top;

  *--at = 0;
  *--at = 0;
  *--at = (uint64_t)(uintptr_t)data;
  *--at = (uint64_t)(uintptr_t)func;
  *--at = (uint64_t)(uintptr_t)il_switch_begin;
  return at;
}

/* As il-switch-x86-64.S says. */
static uint64_t *
prepare_for_fp (void *top, IlSwitchFunc func, void *data)
{
  uint64_t *at = top;

  *--at = 0;
  *--at = 0;
  *--at = (uint64_t)(uintptr_t)il_switch_begin_with_fp;
  *--at = 0; /* rbp */
  *--at = 0; /* rbx */
  *--at = 0; /* r12 */
  *--at = 0; /* r13 */
  *--at = (uint64_t)(uintptr_t)func;
  *--at = (uint64_t)(uintptr_t)data;
  return at;
}

static uint64_t
get_fp_words (void)
{
  uint32_t sse;
  uint16_t x87;

  __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(sse), "=m"(x87));
  return sse | (uint64_t)x87 << 32;
}

#else

/* As il-switch-aarch64.S says. */
static void *
prepare (void *top, IlSwitchFunc func, void *data)
{
  uint64_t *at = (uint64_t *)top - 20;

  memset (at, 0, 20 * sizeof *at);
  at[0] = (uint64_t)(uintptr_t)func;
  at[1] = (uint64_t)(uintptr_t)data;
  at[11] = (uint64_t)(uintptr_t)il_switch_begin;
  return at;
}

static uint64_t *
prepare_for_fp (void *top, IlSwitchFunc func, void *data)
{
  return prepare (top, func, data);
}

static uint64_t
get_fp_words (void)
{
  uint64_t words;

  __asm__ volatile("mrs %0, fpcr" : "=r"(words));
  return words;
}

#endif

/**
 * il_switch_prepare:
 * @bottom: the lowest address of the stack
 * @top: the address behind its highest, a multiple of 16
 * @func: must not return
 *
 * Returns: what il_switch() is to load to begin @func there
 */
void *
il_switch_prepare (void *bottom, void *top, IlSwitchFunc func, void *data)
{
  (void)bottom;
  return prepare (top, func, data);
}

/**
 * il_switch_prepare_with_fp:
 *
 * The same for il_switch_with_fp(); begins with the caller's control words.
 */
void *
il_switch_prepare_with_fp (void *bottom, void *top, IlSwitchFunc func, void *data)
{
  uint64_t *at = prepare_for_fp (top, func, data);

  (void)bottom;
  *--at = 0;
  *--at = get_fp_words ();
  return at;
}

#else /* ucontext, which keeps the floating-point words and the signal mask, too */

#include <ucontext.h>

static void
begin (uint32_t func_high, uint32_t func_low, uint32_t data_high, uint32_t data_low)
{
  IlSwitchFunc func = (IlSwitchFunc)(uintptr_t)((uint64_t)func_high << 32 | func_low);

  func ((void *)(uintptr_t)((uint64_t)data_high << 32 | data_low));
  __builtin_trap ();
}

void *
il_switch_prepare (void *bottom, void *top, IlSwitchFunc func, void *data)
{
  ucontext_t *context
      = (ucontext_t *)((uintptr_t)((uint8_t *)top - sizeof *context) & ~(uintptr_t)63);
  uint64_t func_bits = (uintptr_t)func, data_bits = (uintptr_t)data;

  getcontext (context);
  context->uc_stack.ss_sp = bottom;
  context->uc_stack.ss_size = (size_t)((uint8_t *)context - (uint8_t *)bottom);
  context->uc_link = NULL;
  makecontext (context, (void (*) (void))begin, 4, (uint32_t)(func_bits >> 32), (uint32_t)func_bits,
               (uint32_t)(data_bits >> 32), (uint32_t)data_bits);
  return context;
}

void *
il_switch_prepare_with_fp (void *bottom, void *top, IlSwitchFunc func, void *data)
{
  return il_switch_prepare (bottom, top, func, data);
}

void
il_switch (void **save, void *load)
{
  ucontext_t here;

  *save = &here;
  swapcontext (&here, load);
}

void
il_switch_with_fp (void **save, void *load)
{
  il_switch (save, load);
}

#endif
