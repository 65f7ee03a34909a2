/* il-condition.h - conditions, also of C11, and words that threads sleep on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-entry.h"

int il_condition_wait (pthread_cond_t *condition, pthread_mutex_t *mutex,
                       const struct timespec *until, const void *caller);
void il_condition_notify (const void *address, IlAt at, uint32_t n_most);
