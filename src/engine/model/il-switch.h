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

/*
 * Leaves what it needs to come back in *@save, and goes on from what was left at @load.
 *
 * On x86-64 it is no function: the processor foretells where a function returns to by who called,
 * and one that returns to another stack makes this wrong for all returns that follow, at ten times
 * the cost of the switch.  It says that it changes all registers, so that the compiler keeps those
 * alone that are in use.
 *
 * A stack that was left holds, from its stack pointer up: where to go on, rbx, rbp, 128 bytes that
 * may be in use below the stack pointer of its function (the red zone).  One never entered:
 * il_switch_begin, its function, its data.
 */
#if defined(__x86_64__)
static inline __attribute__ ((always_inline)) void
il_switch (void **save, void *load)
{
  __asm__ volatile("leaq -128(%%rsp), %%rsp\n\t"
                   "pushq %%rbp\n\t"
                   "pushq %%rbx\n\t"
                   "leaq 1f(%%rip), %%rax\n\t"
                   "pushq %%rax\n\t"
                   "movq %%rsp, (%%rdi)\n\t"
                   "movq %%rsi, %%rsp\n\t"
                   "popq %%rax\n\t"
                   "jmpq *%%rax\n\t"
                   "1:\n\t"
                   "popq %%rbx\n\t"
                   "popq %%rbp\n\t"
                   "leaq 128(%%rsp), %%rsp"
                   : "+D"(save), "+S"(load)
                   :
                   : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
                     "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                     "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
#ifdef __AVX512F__
                     "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23",
                     "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1",
                     "k2", "k3", "k4", "k5", "k6", "k7",
#endif
                     "cc", "memory");
}
#else
void il_switch (void **save, void *load);
#endif
void il_switch_with_fp (void **save, void *load);

/* il-switch.c: what to @load to begin @func on a stack that ends at @top.  @func never returns. */
void *il_switch_prepare (void *bottom, void *top, IlSwitchFunc func, void *data);
void *il_switch_prepare_with_fp (void *bottom, void *top, IlSwitchFunc func, void *data);
