/* il-switch.h - from one stack to another
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is kept across a switch is what the machine's calling convention tells a function to keep:
 * the callee-saved registers and the stack pointer.  The control words of the floating-point units
 * (rounding, masked exceptions) and the signal mask are not: all coroutines of a thread share them,
 * nothing here changes them, and to keep them would double the cost of a switch (the words) or
 * multiply it by a hundred (the mask, a system call).  il_switch_with_fp() keeps the words as well,
 * for comparison.
 *
 * Where a machine has no code of its own, ucontext does it, slowly.
 */

#pragma once

#include <stddef.h>

#if defined(__x86_64__) || defined(__aarch64__)
#define IL_SWITCH_IS_NATIVE 1
#else
#define IL_SWITCH_IS_NATIVE 0
#endif

typedef void (*IlSwitchFunc) (void *data);

/* Leaves what it needs to come back in *@save, and goes on from what was left at @load. */
void il_switch (void **save, void *load);
void il_switch_with_fp (void **save, void *load);

/* il-switch.c: what to @load to begin @func on a stack that ends at @top.  @func never returns. */
void *il_switch_prepare (void *bottom, void *top, IlSwitchFunc func, void *data);
void *il_switch_prepare_with_fp (void *bottom, void *top, IlSwitchFunc func, void *data);
