/* il-carrier.h - threads that carry coroutines
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A coroutine stays with its carrier for life, so that what the kernel and the C library keep for
 * each thread (CPU clock, errno, affinity) is the same before and after it waits.  It runs until it
 * waits, yields or ends; nothing takes the carrier from it.
 */

#pragma once

#include "il-actor.h"

typedef struct _IlCarrier IlCarrier;

typedef void (*IlCoroutineFunc) (IlCoroutine *self, void *data);
typedef void (*IlCarrierFunc) (void *data);

/* Of whoever starts the run. */
IlCarriers *il_carriers_new (IlArena *arena, uint32_t n_carriers, uint32_t n_coroutines);
void il_carriers_free (IlCarriers *carriers);
void il_carriers_set_begin_func (IlCarriers *carriers, IlCarrierFunc func, void *data);
int il_carriers_start (IlCarriers *carriers, IlTrace *trace, uint32_t creator_plus_1);
bool il_carriers_spawn (IlCarriers *carriers, uint32_t number, uint32_t title, IlCoroutineFunc func,
                        void *data);
void il_carriers_stop (IlCarriers *carriers);

/* Of any thread.  @by: the coroutine that calls; NULL: none. */
uint32_t il_carriers_wake (IlCarriers *carriers, IlCoroutine *by, _Atomic uint32_t *word,
                           uint32_t n_sleepers);
void il_carriers_sleep_in_thread (IlCarriers *carriers, _Atomic uint32_t *word, uint32_t expected,
                                  int64_t deadline_ns);
bool il_carriers_have_thread_sleepers (IlCarriers *carriers);

/* Of a coroutine itself. */
void il_coroutine_enter (IlCoroutine *self, IlActor *actor);
void il_coroutine_leave (IlCoroutine *self);
void il_coroutine_sleep_on (IlCoroutine *self, _Atomic uint32_t *word, uint32_t expected,
                            int64_t deadline_ns);
void il_coroutine_yield (IlCoroutine *self);
short il_coroutine_wait_fd (IlCoroutine *self, int fd, short events, int64_t deadline_ns);
