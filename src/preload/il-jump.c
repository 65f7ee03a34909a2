/* il-jump.c - jumps out of what is under way
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A signal handler may leave by siglongjmp() what it interrupted, a wait too: that is over then.  A
 * handler that jumps within itself is taken for one of these: its thread seems to go on too early.
 */

#include "config.h"

#include <setjmp.h>

#include "il-pause.h"
#include "il-real.h"

static void
leave (void)
{
  IlSelf *self = il_self;

  il_real_need ();
  if (self != NULL && self->number != 0
      && (self->pause_end != 0 || self->awaited != NULL || self->paused_for != NULL))
    il_pause_leave (self);
}

/* Declared for programs alone that are built to be checked. */
void __longjmp_chk (struct __jmp_buf_tag place[1], int value) __attribute__ ((noreturn));

#define JUMP(name)                                                                                 \
  IL_EXPORT void name (struct __jmp_buf_tag place[1], int value)                                   \
  {                                                                                                \
    leave ();                                                                                      \
    il_real.name (place, value);                                                                   \
    __builtin_unreachable ();                                                                      \
  }

JUMP (longjmp)
JUMP (_longjmp)
JUMP (siglongjmp)
JUMP (__longjmp_chk)
