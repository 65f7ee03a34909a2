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
IlStepOutcome il_step_put (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_get (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_cpu (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_sleep (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_fail (IlTask *task, const IlArenaStep *step);
IlStepOutcome il_step_crash (IlTask *task, const IlArenaStep *step);
