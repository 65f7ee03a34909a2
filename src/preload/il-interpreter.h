/* il-interpreter.h - CPython's interpreter lock
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-entry.h"

IlEntry *il_interpreter_recognize (pthread_cond_t *condition, pthread_mutex_t *mutex,
                                   const void *caller);
bool il_interpreter_is_taken (const IlEntry *outer, const IlEntry *inner, const void *caller);
bool il_interpreter_is_switch (pthread_cond_t *condition, pthread_mutex_t *mutex);
void il_interpreter_wait (IlSelf *self, IlEntry *entry, clockid_t clock,
                          const struct timespec *until, const void *caller);
void il_interpreter_unlocking (IlSelf *self, IlEntry *entry);
