/* il-submitter.c - hands tasks to the pool as the scenario says they arrive
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thread serves all kinds of tasks, whichever is due first.  When the queue of one is full it
 * serves the others meanwhile, and the time of the one stands still: what could not be handed in
 * does not come in a heap later.  When nobody else is due it sleeps until there is room in the
 * queue of any of those who found theirs full: it asks each such queue to ring for it, tries them
 * once more, since room may have come before it asked, and sleeps if none has.
 */

#include "config.h"

#include "il-submitter.h"

#include "il-clients.h"
#include "il-queue.h"
#include "il-random.h"
#include "il-task-queue.h"

#define MAX_AT_ONCE 32      /* tasks, before others have their turn */
#define MAX_NAP_NS 50000000 /* within this a turned knob of a slow arrival takes effect */
#define ARRIVALS 0x61727269 /* keeps the stream of arrivals apart from those of tasks */

/* Where tasks of one kind come from. */
typedef struct
{
  IlKind *kind;
  uint64_t n_served;  /* tasks, or batches of map */
  int64_t base_ns;    /* when the last one came */
  double gap;         /* until the next, in mean distances */
  bool is_late;       /* found its queue full when it was due */
  bool is_blocked;    /* is late, and not to be tried again before there may be room */
  bool has_asked;     /* to be rung for by its queue */
  uint32_t n_burst;   /* that are still to come of the burst that has begun */
  IlClients *clients; /* of a closed arrival, else NULL */
  IlRandom random;
} Source;

typedef struct
{
  IlPool *pool;
  IlActor *actor;
  Source sources[IL_SCENARIO_MAX_TASK_KINDS];
  uint32_t n_sources;
  uint32_t last;          /* served */
  uint32_t n_rings_asked; /* its doorbell before it asked to be rung for last */
  int64_t stopped_ns;
} Submitter;

static bool
is_timed (const IlKind *kind)
{
  return kind->arrival == IL_ARRIVAL_RATE || kind->arrival == IL_ARRIVAL_POISSON
         || kind->arrival == IL_ARRIVAL_BURSTS;
}

/* Workers draw the tasks of loops themselves, if there are workers. */
static bool
is_source (const IlArena *arena, const IlKind *kind)
{
  if (kind->arrival == IL_ARRIVAL_SPAWNED)
    return false;
  return kind->arrival != IL_ARRIVAL_LOOP || arena->model == IL_MODEL_SERIAL;
}

static void
draw_gap (Source *source)
{
  source->gap = source->kind->arrival == IL_ARRIVAL_POISSON
                    ? il_random_exponential (&source->random, 1)
                    : 1;
}

static int64_t
get_due (const Submitter *self, const Source *source)
{
  double rate;

  if (source->clients != NULL)
    return il_clients_get_due (source->clients);
  if (!is_timed (source->kind))
    return source->base_ns;
  if (source->kind->arrival == IL_ARRIVAL_BURSTS)
    return source->n_burst > 0
               ? source->base_ns
               : source->base_ns
                     + (int64_t)il_arena_get_quantity (self->actor->arena, &source->kind->gap);
  rate = il_arena_get_quantity (self->actor->arena, &source->kind->rate);
  return source->base_ns + (int64_t)(source->gap * 1e9 / rate);
}

/* Under serial a loop ends as with workers: once its tasks would only find a queue closed. */
static bool
is_finished (const Source *source)
{
  return source->n_served >= source->kind->limit
         || (source->kind->arrival == IL_ARRIVAL_LOOP
             && il_kind_is_over (source->kind, source->n_served > 0));
}

/* The source that is due first among those blocked, or among the others; in turns among equals.
 * NULL: there is none, or it is finished. */
static Source *
find_first (Submitter *self, bool is_blocked, int64_t *due_ns)
{
  Source *first = NULL;

  for (uint32_t i = 1; i <= self->n_sources; i++)
    {
      Source *source = &self->sources[(self->last + i) % self->n_sources];
      int64_t source_due_ns = get_due (self, source);

      if (!is_finished (source) && source->is_blocked == is_blocked
          && (first == NULL || source_due_ns < *due_ns))
        {
          first = source;
          *due_ns = source_due_ns;
        }
    }
  return first;
}

static void
unblock_all (Submitter *self)
{
  for (uint32_t i = 0; i < self->n_sources; i++)
    self->sources[i].is_blocked = false;
}

static void
note_success (Source *source, bool is_success)
{
  source->is_late = source->is_blocked = !is_success;
  if (is_success)
    source->has_asked = false;
}

static uint32_t
get_n_due (const Submitter *self, const Source *source)
{
  const IlKind *kind = source->kind;
  uint64_t left = MIN (kind->limit - source->n_served, MAX_AT_ONCE);

  if (self->actor->arena->model == IL_MODEL_SERIAL)
    return 1;
  if (kind->arrival == IL_ARRIVAL_BURSTS)
    return (uint32_t)MIN (left, source->n_burst);
  return is_timed (kind) ? 1 : (uint32_t)left;
}

static void
begin_burst (const Submitter *self, Source *source, int64_t due_ns)
{
  double size = il_arena_get_quantity (self->actor->arena, &source->kind->burst);

  source->n_burst = size < 1 ? 1 : (uint32_t)size;
  source->base_ns = due_ns;
}

/* @deadline_ns: how long to wait for room */
static void
serve_async (Submitter *self, Source *source, int64_t due_ns, int64_t deadline_ns)
{
  const IlKind *kind = source->kind;
  bool was_late = source->is_late;
  uint32_t n_tasks, n_submitted;

  if (kind->arrival == IL_ARRIVAL_BURSTS && source->n_burst == 0)
    begin_burst (self, source, due_ns);
  n_tasks = get_n_due (self, source);
  il_pool_submit (self->pool, kind->index, n_tasks, deadline_ns, &n_submitted);
  source->n_served += n_submitted;
  note_success (source, n_submitted > 0);
  if (n_submitted == 0)
    return;
  source->base_ns = is_timed (kind) && !was_late ? due_ns : il_clock_monotonic_ns ();
  source->n_burst -= MIN (source->n_burst, n_submitted);
  draw_gap (source);
}

static void
serve_clients (Source *source, int64_t deadline_ns)
{
  bool has_come = il_clients_come (source->clients, deadline_ns);

  note_success (source, has_come);
  if (has_come)
    source->n_served++;
}

static uint32_t
get_at_least_1 (const Submitter *self, const IlQuantity *quantity)
{
  double value = il_arena_get_quantity (self->actor->arena, quantity);

  return value < 1 ? 1 : (uint32_t)MIN (value, self->actor->arena->n_results);
}

static void
serve (Submitter *self, Source *source, int64_t due_ns, int64_t deadline_ns)
{
  const IlKind *kind = source->kind;
  IlWaitResult result = IL_WAIT_DONE;

  self->last = (uint32_t)(source - self->sources);
  if (source->clients != NULL)
    {
      serve_clients (source, deadline_ns);
      return;
    }
  /* The tasks of a loop are as much its own business as those of apply-async. */
  if (kind->arrival == IL_ARRIVAL_LOOP || kind->submit == IL_SUBMIT_APPLY_ASYNC)
    {
      serve_async (self, source, due_ns, deadline_ns);
      return;
    }
  if (kind->submit == IL_SUBMIT_APPLY)
    result = il_pool_apply (self->pool, kind->index, NULL);
  else
    result = il_pool_map (self->pool, kind->index, get_at_least_1 (self, &kind->batch),
                          get_at_least_1 (self, &kind->chunk), NULL);
  if (result == IL_WAIT_DONE)
    source->n_served++;
  source->base_ns = il_clock_monotonic_ns ();
}

/* Whoever has a result for a client, and whoever changes the run, rings. */
static void
nap_until (Submitter *self, uint32_t n_rings, int64_t due_ns)
{
  int64_t latest_ns = il_clock_monotonic_ns () + MAX_NAP_NS;

  il_trace_lane_write (&self->actor->lane, IL_EVENT_SLEEP_BEGIN, 0, 0);
  il_actor_sleep_on (self->actor, &self->actor->agent->doorbell, n_rings, MIN (due_ns, latest_ns));
  il_trace_lane_write (&self->actor->lane, IL_EVENT_SLEEP_END, 0, 0);
}

static void
collect_results (Submitter *self)
{
  for (uint32_t i = 0; i < self->n_sources; i++)
    if (self->sources[i].clients != NULL)
      il_clients_collect (self->sources[i].clients);
}

static IlTaskQueue *
get_queue (const Submitter *self, const Source *source)
{
  return self->actor->arena->groups[source->kind->group].queue;
}

static bool
has_all_asked (const Submitter *self)
{
  for (uint32_t i = 0; i < self->n_sources; i++)
    if (self->sources[i].is_blocked && !self->sources[i].has_asked)
      return false;
  return true;
}

/* Tries all once more that found their queue full. */
static void
ask_for_room (Submitter *self, uint32_t n_rings)
{
  self->n_rings_asked = n_rings;
  for (uint32_t i = 0; i < self->n_sources; i++)
    if (self->sources[i].is_blocked)
      {
        self->sources[i].has_asked = true;
        il_task_queue_ring_for_room (get_queue (self, &self->sources[i]));
      }
  unblock_all (self);
}

/* Until any of them may have room, or the next of the others is due. */
static void
wait_for_room (Submitter *self, const Source *blocked, int64_t due_ns)
{
  int64_t latest_ns = il_clock_monotonic_ns () + MAX_NAP_NS;
  uint32_t object = get_queue (self, blocked)->object;

  il_trace_lane_write (&self->actor->lane, IL_EVENT_PUT_WAIT, object, 0);
  il_actor_begin_wait (self->actor, IL_ACTIVITY_WAITING_TASK);
  il_actor_sleep_on (self->actor, &self->actor->agent->doorbell, self->n_rings_asked,
                     MIN (due_ns, latest_ns));
  il_trace_lane_write (&self->actor->lane, IL_EVENT_WAIT_CANCELLED, object, 0);
  il_actor_end_wait (self->actor);
  for (uint32_t i = 0; i < self->n_sources; i++)
    self->sources[i].has_asked = false;
  unblock_all (self);
}

/* Serves whoever is due; if nobody is, waits for room for one who was before, or for time or a
 * result.  False: all are finished. */
static bool
serve_next (Submitter *self, uint32_t n_rings)
{
  int64_t now_ns = il_clock_monotonic_ns (), due_ns = IL_NO_DEADLINE, blocked_due_ns = 0;
  Source *next = find_first (self, false, &due_ns);
  Source *blocked = find_first (self, true, &blocked_due_ns);

  if (next != NULL && due_ns <= now_ns)
    serve (self, next, due_ns, IL_QUEUE_DO_NOT_WAIT);
  else if (blocked != NULL && self->n_sources == 1)
    serve (self, blocked, blocked_due_ns, IL_NO_DEADLINE);
  else if (blocked != NULL && !has_all_asked (self))
    ask_for_room (self, n_rings);
  else if (blocked != NULL)
    wait_for_room (self, blocked, due_ns);
  else if (next != NULL)
    nap_until (self, n_rings, due_ns);
  return next != NULL || blocked != NULL;
}

/* What stood still while it was paused comes that much later. */
static void
make_up_for_pause (Submitter *self)
{
  int64_t stopped_ns = self->actor->stopped_ns - self->stopped_ns;

  self->stopped_ns += stopped_ns;
  for (uint32_t i = 0; i < self->n_sources && stopped_ns > 0; i++)
    {
      self->sources[i].base_ns += stopped_ns;
      if (self->sources[i].clients != NULL)
        il_clients_delay (self->sources[i].clients, stopped_ns);
    }
}

static void
begin_sources (Submitter *self)
{
  IlArena *arena = self->actor->arena;
  int64_t now_ns = il_clock_monotonic_ns ();

  for (uint32_t i = 0; i < arena->n_kinds; i++)
    if (is_source (arena, &arena->kinds[i]))
      {
        Source *source = &self->sources[self->n_sources++];

        source->kind = &arena->kinds[i];
        source->random = il_random_stream (arena->seed ^ ARRIVALS, i, 0);
        source->base_ns = now_ns;
        if (source->kind->arrival == IL_ARRIVAL_BURSTS)
          begin_burst (self, source, now_ns);
        if (source->kind->arrival == IL_ARRIVAL_CLOSED)
          source->clients
              = il_clients_new (self->pool, source->kind, arena->seed ^ ARRIVALS, now_ns);
        draw_gap (source);
      }
  self->last = self->n_sources - 1;
  self->stopped_ns = self->actor->stopped_ns;
}

/**
 * il_submitter_is_needed:
 *
 * Returns: whether any of the scenario's tasks have to be handed in
 */
bool
il_submitter_is_needed (IlPool *pool)
{
  const IlArena *arena = il_pool_get_arena (pool);

  for (uint32_t i = 0; i < arena->n_kinds; i++)
    if (is_source (arena, &arena->kinds[i]))
      return true;
  return false;
}

/**
 * il_submitter_run:
 *
 * Hands in all tasks of the scenario, on the calling thread, until all are submitted or the run is
 * closing or given up.  Then closes the pool.
 */
void
il_submitter_run (IlPool *pool)
{
  Submitter self = { .pool = pool, .actor = il_pool_begin_submitting (pool) };

  if (il_actor_may_go_on (self.actor))
    begin_sources (&self);
  for (;;)
    {
      /* Before anything that somebody may ring for is looked at. */
      uint32_t n_rings = atomic_load (&self.actor->agent->doorbell);

      if (!il_actor_may_go_on (self.actor)
          || (atomic_load (&self.actor->arena->run) & IL_RUN_CLOSING) != 0)
        break;
      make_up_for_pause (&self);
      collect_results (&self);
      if (!serve_next (&self, n_rings))
        break;
    }
  for (uint32_t i = 0; i < self.n_sources; i++)
    il_clients_free (self.sources[i].clients);
  il_pool_close (pool);
  il_pool_end_submitting (pool);
}
