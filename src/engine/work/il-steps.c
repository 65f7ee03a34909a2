/* il-steps.c - which function does which kind of step
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-steps.h"

const IlStepFunc il_step_funcs[IL_N_STEP_KINDS] = {
  [IL_STEP_LOCK] = il_step_lock,
  [IL_STEP_UNLOCK] = il_step_unlock,
  [IL_STEP_ACQUIRE] = il_step_acquire,
  [IL_STEP_POST] = il_step_post,
  [IL_STEP_READ_LOCK] = il_step_read_lock,
  [IL_STEP_READ_UNLOCK] = il_step_read_unlock,
  [IL_STEP_WRITE_LOCK] = il_step_write_lock,
  [IL_STEP_WRITE_UNLOCK] = il_step_write_unlock,
  [IL_STEP_WAIT_EVENT] = il_step_wait_event,
  [IL_STEP_SET] = il_step_set,
  [IL_STEP_CLEAR] = il_step_clear,
  [IL_STEP_WAIT_CONDITION] = il_step_wait_condition,
  [IL_STEP_NOTIFY] = il_step_notify,
  [IL_STEP_NOTIFY_ALL] = il_step_notify_all,
  [IL_STEP_BARRIER] = il_step_barrier,
  [IL_STEP_READ] = il_step_read,
  [IL_STEP_WRITE] = il_step_write,
  [IL_STEP_ADD] = il_step_add,
  [IL_STEP_SUBTRACT] = il_step_subtract,
  [IL_STEP_PUT] = il_step_put,
  [IL_STEP_GET] = il_step_get,
  [IL_STEP_GET_OR_LEAVE] = il_step_get_or_leave,
  [IL_STEP_SEND] = il_step_send,
  [IL_STEP_RECEIVE] = il_step_receive,
  [IL_STEP_TRY_SEND] = il_step_try_send,
  [IL_STEP_TRY_RECEIVE] = il_step_try_receive,
  [IL_STEP_MEMORY] = il_step_memory,
  [IL_STEP_INCREMENT] = il_step_increment,
  [IL_STEP_APPEND] = il_step_append,
  [IL_STEP_FSYNC] = il_step_fsync,
  [IL_STEP_ECHO] = il_step_echo,
  [IL_STEP_CPU] = il_step_cpu,
  [IL_STEP_SLEEP] = il_step_sleep,
  [IL_STEP_YIELD] = il_step_yield,
  [IL_STEP_FAIL] = il_step_fail,
  [IL_STEP_CRASH] = il_step_crash,
  [IL_STEP_SPAWN] = il_step_spawn,
  [IL_STEP_JOIN] = il_step_join,
};
