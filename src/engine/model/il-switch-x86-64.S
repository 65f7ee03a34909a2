/* il-switch-x86-64.S - from one stack to another, System V calling convention
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stack that was left holds, from its stack pointer up: r15 r14 r13 r12 rbx rbp, where to go on.
 * il_switch_with_fp() has the control words of SSE and x87 below that, in 8 bytes and 8 of nothing.
 * A stack never entered has the function in r14, its data in r15, and goes on at il_switch_begin.
 */

#if defined(__x86_64__)

        .text
        .globl  il_switch
        .hidden il_switch
        .type   il_switch, @function
        .p2align 4
il_switch:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        /* Not ret: the processor would expect to go back to where this was called from. */
        popq    %rcx
        jmp     *%rcx
        .size   il_switch, . - il_switch

        .globl  il_switch_with_fp
        .hidden il_switch_with_fp
        .type   il_switch_with_fp, @function
        .p2align 4
il_switch_with_fp:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        subq    $16, %rsp
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
        addq    $16, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        popq    %rcx
        jmp     *%rcx
        .size   il_switch_with_fp, . - il_switch_with_fp

        .globl  il_switch_begin
        .hidden il_switch_begin
        .type   il_switch_begin, @function
        .p2align 4
il_switch_begin:
        .cfi_startproc
        /* Nobody called: here a backtrace ends. */
        .cfi_undefined rip
        movq    %r15, %rdi
        xorl    %ebp, %ebp
        callq   *%r14
        ud2
        .cfi_endproc
        .size   il_switch_begin, . - il_switch_begin

#endif

        .section .note.GNU-stack, "", %progbits
