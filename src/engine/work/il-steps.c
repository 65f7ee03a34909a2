/* il-steps.c - which function does which kind of step
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-steps.h"

const IlStepFunc il_step_funcs[IL_N_STEP_KINDS] = {
  [IL_STEP_LOCK] = il_step_lock,       [IL_STEP_UNLOCK] = il_step_unlock,
  [IL_STEP_ACQUIRE] = il_step_acquire, [IL_STEP_POST] = il_step_post,
  [IL_STEP_PUT] = il_step_put,         [IL_STEP_GET] = il_step_get,
  [IL_STEP_CPU] = il_step_cpu,         [IL_STEP_SLEEP] = il_step_sleep,
  [IL_STEP_FAIL] = il_step_fail,       [IL_STEP_CRASH] = il_step_crash,
};
