/* il-mutex.h - mutexes, also of C11
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <pthread.h>

int il_mutex_lock (pthread_mutex_t *mutex, const void *caller);
int il_mutex_lock_until (pthread_mutex_t *mutex, const struct timespec *until, const void *caller);
