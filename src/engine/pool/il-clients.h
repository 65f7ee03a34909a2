/* il-clients.h - those of whom each waits for the result of its task before it comes again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-pool.h"
#include "il-random.h"

/* Waits for a result if it has a handle, else thinks until it is due. */
typedef struct
{
  IlPoolHandle handle;
  int64_t due_ns;
  IlRandom random; /* of its thinking */
} IlClient;

/* All of one kind of task.  The submitter's. */
typedef struct
{
  IlPool *pool;
  const IlKind *kind;
  uint32_t n_clients;
  IlClient *clients;
} IlClients;

IlClients *il_clients_new (IlPool *pool, const IlKind *kind, uint64_t seed, int64_t now_ns);
void il_clients_free (IlClients *self);
int64_t il_clients_get_due (const IlClients *self);
void il_clients_collect (IlClients *self);
bool il_clients_come (IlClients *self, int64_t deadline_ns);
void il_clients_delay (IlClients *self, int64_t duration_ns);
