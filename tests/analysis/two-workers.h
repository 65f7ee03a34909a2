/* two-workers.h - a session of two workers and a submitter, of 1000 ns, to be reckoned by hand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-session.h"

/* Lanes by number; those of objects are where the objects were declared. */
enum
{
  CORE_0,
  LOCK_A,
  SEMAPHORE_S,
  QUEUE_Q,
  WORKER_1,
  WORKER_2,
  SUBMITTER,
};

enum
{
  A = 1,
  S,
  Q,
  WORK,
};

#define WOKE IL_RECORD_WOKE

#define N_RECORDS 40

IlSession *make_session_without (guint32 n_lost);
IlSession *make_session (void);
