/* il-steps.h - what each kind of step does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-task.h"

IlStepOutcome il_step_lock (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_unlock (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_acquire (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_post (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_read_lock (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_read_unlock (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_write_lock (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_write_unlock (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_wait_event (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_set (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_clear (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_wait_condition (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_notify (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_notify_all (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_barrier (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_read (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_write (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_add (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_subtract (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_put (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_get (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_get_or_leave (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_send (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_receive (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_try_send (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_try_receive (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_memory (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_increment (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_append (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_fsync (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_echo (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_cpu (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_sleep (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_yield (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_spawn (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_join (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_fail (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_crash (IlTask *task, const IlArenaStep *step);
