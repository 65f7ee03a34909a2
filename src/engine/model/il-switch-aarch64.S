/* il-switch-aarch64.S - from one stack to another, AAPCS64 calling convention
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stack that was left holds, from its stack pointer up: x19 to x28, x29 (frame), x30 (where to go
 * on), d8 to d15.  il_switch_with_fp() has fpcr below that, in 8 bytes and 8 of nothing.  A stack
 * never entered has the function in x19, its data in x20, and goes on at il_switch_begin.
 */

#if defined(__aarch64__)

#define FRAME 160

        .macro  save_registers
        sub     sp, sp, #FRAME
        stp     x19, x20, [sp, #0]
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        stp     x29, x30, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        .endm

        .macro  load_registers
        ldp     x19, x20, [sp, #0]
        ldp     x21, x22, [sp, #16]
        ldp     x23, x24, [sp, #32]
        ldp     x25, x26, [sp, #48]
        ldp     x27, x28, [sp, #64]
        ldp     x29, x30, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        add     sp, sp, #FRAME
        .endm

        .text
        .globl  il_switch
        .hidden il_switch
        .type   il_switch, %function
        .p2align 4
il_switch:
        hint    #34                     /* bti c */
        save_registers
        mov     x9, sp
        str     x9, [x0]
        mov     sp, x1
        load_registers
        ret
        .size   il_switch, . - il_switch

        .globl  il_switch_with_fp
        .hidden il_switch_with_fp
        .type   il_switch_with_fp, %function
        .p2align 4
il_switch_with_fp:
        hint    #34
        save_registers
        mrs     x9, fpcr
        str     x9, [sp, #-16]!
        mov     x9, sp
        str     x9, [x0]
        mov     sp, x1
        ldr     x9, [sp], #16
        msr     fpcr, x9
        load_registers
        ret
        .size   il_switch_with_fp, . - il_switch_with_fp

        .globl  il_switch_begin
        .hidden il_switch_begin
        .type   il_switch_begin, %function
        .p2align 4
il_switch_begin:
        .cfi_startproc
        /* Nobody called: here a backtrace ends. */
        .cfi_undefined x30
        hint    #36                     /* bti j */
        mov     x29, xzr
        mov     x0, x20
        blr     x19
        brk     #1
        .cfi_endproc
        .size   il_switch_begin, . - il_switch_begin

#endif

        .section .note.GNU-stack, "", %progbits
