/* il-switch-x86-64.S - from one stack to another, System V calling convention
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a stack looks like that was left by il_switch(), and one never entered, is said beside
 * il_switch() in il-switch.h.
 *
 * One that was left by il_switch_with_fp() holds, from its stack pointer up: the control words of
 * SSE and x87 in 8 bytes, 8 of nothing, r15 r14 r13 r12 rbx rbp, where to go on.  One never entered
 * has the function in r14, its data in r15, and goes on at il_switch_begin_with_fp.
 */

#if defined(__x86_64__)

        .text
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
        popq    %rax
        popq    %rdi
        xorl    %ebp, %ebp
        callq   *%rax
        ud2
        .cfi_endproc
        .size   il_switch_begin, . - il_switch_begin

        .globl  il_switch_begin_with_fp
        .hidden il_switch_begin_with_fp
        .type   il_switch_begin_with_fp, @function
        .p2align 4
il_switch_begin_with_fp:
        .cfi_startproc
        .cfi_undefined rip
        movq    %r15, %rdi
        xorl    %ebp, %ebp
        callq   *%r14
        ud2
        .cfi_endproc
        .size   il_switch_begin_with_fp, . - il_switch_begin_with_fp

#endif

        .section .note.GNU-stack, "", %progbits
