/* il-clients.c - those of whom each waits for the result of its task before it comes again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The submitter acts for all of them.  Each has its own stream of random numbers, so that how long
 * it thinks after its n-th task is the same in each run.
 */

#include "config.h"

#include "il-clients.h"

#include "il-pool-private.h"

static int64_t
draw_thinking (const IlClients *self, IlClient *client)
{
  const IlQuantity *gap = &self->kind->gap;
  double mean_ns = il_arena_get_quantity (self->pool->arena, gap);

  return (int64_t)(gap->is_random ? il_random_exponential (&client->random, mean_ns) : mean_ns);
}

/**
 * il_clients_new:
 *
 * All come at once for the first time where they think for a fixed time, else after their first
 * thinking, so that they do not march in step.
 */
IlClients *
il_clients_new (IlPool *pool, const IlKind *kind, uint64_t seed, int64_t now_ns)
{
  double n_clients = il_arena_get_quantity (pool->arena, &kind->burst);
  IlClients *self = g_new0 (IlClients, 1);

  self->pool = pool;
  self->kind = kind;
  self->n_clients = n_clients < 1 ? 1 : (uint32_t)n_clients;
  self->clients = g_new0 (IlClient, self->n_clients);
  for (uint32_t i = 0; i < self->n_clients; i++)
    {
      IlClient *client = &self->clients[i];

      client->random = il_random_stream (seed, kind->index, i);
      client->due_ns = now_ns + (kind->gap.is_random ? draw_thinking (self, client) : 0);
    }
  return self;
}

/**
 * il_clients_free:
 * @self: (nullable) (transfer full)
 *
 * What is still under way is not waited for.
 */
void
il_clients_free (IlClients *self)
{
  if (self == NULL)
    return;
  g_free (self->clients);
  g_free (self);
}

static IlClient *
find_first (const IlClients *self)
{
  IlClient *first = NULL;

  for (uint32_t i = 0; i < self->n_clients; i++)
    {
      IlClient *client = &self->clients[i];

      if (client->handle.slot == 0 && (first == NULL || client->due_ns < first->due_ns))
        first = client;
    }
  return first;
}

/**
 * il_clients_get_due:
 *
 * Returns: when the next one comes; %IL_NO_DEADLINE while all wait for results
 */
int64_t
il_clients_get_due (const IlClients *self)
{
  const IlClient *first = find_first (self);

  return first != NULL ? first->due_ns : IL_NO_DEADLINE;
}

/**
 * il_clients_collect:
 *
 * Lets those think whose results are there.
 */
void
il_clients_collect (IlClients *self)
{
  int64_t now_ns = il_clock_monotonic_ns ();

  for (uint32_t i = 0; i < self->n_clients; i++)
    {
      IlClient *client = &self->clients[i];

      if (client->handle.slot == 0 || !il_pool_has_result (self->pool, &client->handle))
        continue;
      il_pool_release_results (self->pool, &client->handle);
      client->due_ns = now_ns + draw_thinking (self, client);
    }
}

/**
 * il_clients_come:
 * @deadline_ns: as for il_pool_submit()
 *
 * Lets the one who is due first hand its task in.
 *
 * Returns: %FALSE if there was no room for it
 */
bool
il_clients_come (IlClients *self, int64_t deadline_ns)
{
  IlPoolOrder order
      = { .kind = &self->pool->arena->kinds[self->kind->index], .n_tasks = 1, .chunk = 1 };
  IlClient *client = find_first (self);
  IlPoolHandle handle;

  if (client == NULL || !il_pool_reserve_results (self->pool, 1, &handle))
    return false;
  order.handle = handle;
  if (il_pool_execute (self->pool, &order, deadline_ns) == IL_WAIT_DONE)
    {
      client->handle = handle;
      return true;
    }
  il_pool_release_results (self->pool, &handle);
  return false;
}

/**
 * il_clients_delay:
 *
 * Who thinks does so for that much longer.
 */
void
il_clients_delay (IlClients *self, int64_t duration_ns)
{
  for (uint32_t i = 0; i < self->n_clients; i++)
    self->clients[i].due_ns += duration_ns;
}
