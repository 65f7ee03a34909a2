/* test-queue.c - a queue keeps order and bounds, closes, can be cancelled, survives its users
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-flag.h"
#include "il-queue.h"
#include "il-random.h"

#include <string.h>
#include <sys/mman.h>

#define N_PRODUCERS 2
#define N_CONSUMERS 2
#define N_AGENTS (N_PRODUCERS + N_CONSUMERS)
#define N_ITEMS 20000 /* of each producer */
#define CAPACITY 10

typedef struct
{
  guint64 last[N_PRODUCERS]; /* number of the last item got, + 1 */
  guint64 n_got;
  guint32 n_wrong;
} Consumer;

typedef struct
{
  Consumer consumers[N_CONSUMERS];
  _Atomic guint32 n_producers_left;
  _Atomic guint32 max_depth;
  _Atomic guint32 n_cancelled;
  _Atomic guint32 n_closed;
} Shared;

static IlArena *
make_arena (IlModel model)
{
  static const char text[] = "[Scenario]\nName=Test\nModel=threads\nWorkers=4\n"
                             "[Queue Q]\nCapacity=10\n"
                             "[Task t]\nSteps=put Q 64B; get Q\n";
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  g_autoptr (GError) error = NULL;
  IlArena *arena;

  scenario->model = model;
  arena = il_arena_new (scenario, &error);
  g_assert_no_error (error);
  fixture_release (arena);
  return arena;
}

static IlWaitResult
put (IlQueue *queue, IlActor *actor, guint64 number)
{
  uint32_t room;
  IlQueueChange change;
  IlItem *item;
  IlWaitResult result = il_queue_begin_put (queue, actor, IL_NO_DEADLINE, &room);

  if (result != IL_WAIT_DONE)
    return result;
  item = il_queue_get_free_slot (queue, 0);
  *item = (IlItem){ .producer = actor->agent->index - IL_FIRST_WORKER, .number = number };
  change = il_queue_commit_put (queue, actor, 1);
  il_queue_finish_put (queue, actor, &change);
  return IL_WAIT_DONE;
}

static IlWaitResult
get (IlQueue *queue, IlActor *actor, IlItem *item)
{
  IlQueueChange change;
  IlWaitResult result = il_queue_begin_get (queue, actor, IL_NO_DEADLINE);

  if (result != IL_WAIT_DONE)
    return result;
  memcpy (item, il_queue_get_first_slot (queue), sizeof *item);
  change = il_queue_commit_get (queue, actor);
  il_queue_finish_get (queue, actor, &change);
  return IL_WAIT_DONE;
}

static void
produce (IlActor *actor, Shared *shared)
{
  IlQueue *queue = fixture_get_queue (actor->arena, 0);

  for (guint64 i = 0; i < N_ITEMS; i++)
    if (put (queue, actor, i) != IL_WAIT_DONE)
      g_assert_not_reached ();
  if (atomic_fetch_sub (&shared->n_producers_left, 1) == 1)
    il_queue_close (queue, actor);
}

static void
consume (IlActor *actor, Shared *shared)
{
  Consumer *self = &shared->consumers[actor->agent->index - IL_FIRST_WORKER - N_PRODUCERS];
  IlQueue *queue = fixture_get_queue (actor->arena, 0);
  IlItem item;

  while (get (queue, actor, &item) == IL_WAIT_DONE)
    {
      if (item.producer >= N_PRODUCERS || item.number + 1 <= self->last[item.producer])
        self->n_wrong++;
      else
        self->last[item.producer] = item.number + 1;
      self->n_got++;
      if (il_queue_get_depth (queue) > CAPACITY)
        atomic_store (&shared->max_depth, il_queue_get_depth (queue));
    }
}

static void
produce_or_consume (IlActor *actor, void *data)
{
  if (actor->agent->index - IL_FIRST_WORKER < N_PRODUCERS)
    produce (actor, data);
  else
    consume (actor, data);
}

/* What each consumer gets of one producer comes in the order in which it was put; nothing is lost,
 * since all the items that were put were got. */
static void
test_order_and_bounds (gconstpointer model)
{
  g_autoptr (IlArena) arena = make_arena ((IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);
  guint64 n_got = 0;

  atomic_store (&shared->n_producers_left, N_PRODUCERS);
  fixture_join_agents (fixture_start_agents (arena, N_AGENTS, produce_or_consume, shared));
  for (guint i = 0; i < N_CONSUMERS; i++)
    {
      g_assert_cmpuint (shared->consumers[i].n_wrong, ==, 0);
      n_got += shared->consumers[i].n_got;
    }
  g_assert_cmpuint (n_got, ==, N_PRODUCERS * N_ITEMS);
  g_assert_cmpuint (il_queue_get_depth (fixture_get_queue (arena, 0)), ==, 0);
  g_assert_cmpuint (atomic_load (&fixture_get_queue (arena, 0)->tail), ==, N_PRODUCERS * N_ITEMS);
  g_assert_cmphex (atomic_load (&fixture_get_queue (arena, 0)->guard.word), ==, 0);
  munmap (shared, sizeof *shared);
}

static void
wait_in_vain (IlActor *actor, void *data)
{
  Shared *shared = data;
  IlItem item;
  IlWaitResult result;

  result = get (fixture_get_queue (actor->arena, 0), actor, &item);
  if (result == IL_WAIT_CANCELLED)
    atomic_fetch_add (&shared->n_cancelled, 1);
  else if (result == IL_WAIT_CLOSED)
    atomic_fetch_add (&shared->n_closed, 1);
}

static void
put_for_ever (IlActor *actor, void *data)
{
  Shared *shared = data;
  IlWaitResult result = IL_WAIT_DONE;

  for (guint64 i = 0; result == IL_WAIT_DONE; i++)
    result = put (fixture_get_queue (actor->arena, 0), actor, i);
  if (result == IL_WAIT_CANCELLED)
    atomic_fetch_add (&shared->n_cancelled, 1);
  else if (result == IL_WAIT_CLOSED)
    atomic_fetch_add (&shared->n_closed, 1);
}

static void
wait_until_waiting (IlArena *arena)
{
  for (guint i = 0; i < N_AGENTS; i++)
    while (atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) != IL_ACTIVITY_WAITING_ITEM)
      g_usleep (100);
}

static void
wait_until_left (IlArena *arena)
{
  for (guint i = 0; i < N_AGENTS; i++)
    while (atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) != IL_ACTIVITY_LEFT)
      {
        il_arena_wake_all (arena);
        g_usleep (500);
      }
}

static void
check_ends (IlModel model, ActorFunc func, gboolean closes)
{
  g_autoptr (IlArena) arena = make_arena (model);
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents = fixture_start_agents (arena, N_AGENTS, func, shared);
  IlActor supervisor;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  wait_until_waiting (arena);
  /* Closing wakes all by itself; cancelling is repeated. */
  if (closes)
    il_queue_close (fixture_get_queue (arena, 0), &supervisor);
  else
    {
      il_arena_change_run (arena, IL_RUN_CANCELLED, 0);
      wait_until_left (arena);
    }
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_closed), ==, closes ? N_AGENTS : 0);
  g_assert_cmpuint (atomic_load (&shared->n_cancelled), ==, closes ? 0 : N_AGENTS);
  munmap (shared, sizeof *shared);
}

static void
test_getters_end (gconstpointer model)
{
  check_ends ((IlModel)GPOINTER_TO_INT (model), wait_in_vain, FALSE);
  check_ends ((IlModel)GPOINTER_TO_INT (model), wait_in_vain, TRUE);
}

static void
test_putters_end (gconstpointer model)
{
  check_ends ((IlModel)GPOINTER_TO_INT (model), put_for_ever, FALSE);
  check_ends ((IlModel)GPOINTER_TO_INT (model), put_for_ever, TRUE);
}

/* A closed queue gives what it has. */
static void
test_close_keeps_items (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_THREADS);
  IlQueue *queue = fixture_get_queue (arena, 0);
  IlActor actor;
  IlItem item;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  g_assert_cmpint (put (queue, &actor, 7), ==, IL_WAIT_DONE);
  il_queue_close (queue, &actor);
  g_assert_cmpint (put (queue, &actor, 8), ==, IL_WAIT_CLOSED);
  g_assert_cmpint (get (queue, &actor, &item), ==, IL_WAIT_DONE);
  g_assert_cmpuint (item.number, ==, 7);
  g_assert_cmpint (get (queue, &actor, &item), ==, IL_WAIT_CLOSED);
}

static void
test_deadlines (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_THREADS);
  IlQueue *queue = fixture_get_queue (arena, 0);
  IlActor actor;
  uint32_t room;
  int64_t soon_ns;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  g_assert_cmpint (il_queue_begin_get (queue, &actor, IL_QUEUE_DO_NOT_WAIT), ==, IL_WAIT_TIMEOUT);
  soon_ns = il_clock_monotonic_ns () + 1000000;
  g_assert_cmpint (il_queue_begin_get (queue, &actor, soon_ns), ==, IL_WAIT_TIMEOUT);
  g_assert_cmpint (il_clock_monotonic_ns (), >=, soon_ns);
  for (guint i = 0; i < CAPACITY; i++)
    g_assert_cmpint (put (queue, &actor, i), ==, IL_WAIT_DONE);
  g_assert_cmpint (il_queue_begin_put (queue, &actor, IL_QUEUE_DO_NOT_WAIT, &room), ==,
                   IL_WAIT_TIMEOUT);
  soon_ns = il_clock_monotonic_ns () + 1000000;
  g_assert_cmpint (il_queue_begin_put (queue, &actor, soon_ns, &room), ==, IL_WAIT_TIMEOUT);
  /* Who gave up is not to be woken. */
  g_assert_cmpuint (atomic_load (&queue->n_getters), ==, 0);
  g_assert_cmpuint (atomic_load (&queue->n_putters), ==, 0);
}

/* Several items at once: as many as there is room for, with as many to be woken as sleep. */
static void
test_batches (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_THREADS);
  IlQueue *queue = fixture_get_queue (arena, 0);
  IlActor actor;
  IlQueueChange change;
  IlItem item;
  uint32_t room;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  for (guint round = 0; round < 5; round++)
    {
      g_assert_cmpint (il_queue_begin_put (queue, &actor, IL_NO_DEADLINE, &room), ==, IL_WAIT_DONE);
      g_assert_cmpuint (room, ==, CAPACITY);
      for (guint i = 0; i < 7; i++)
        ((IlItem *)il_queue_get_free_slot (queue, i))->number = 100 * round + i;
      change = il_queue_commit_put (queue, &actor, 7);
      g_assert_cmpuint (change.depth, ==, 1);
      g_assert_cmpuint (change.n_woken, ==, 0);
      for (guint i = 0; i < 7; i++)
        {
          g_assert_cmpint (get (queue, &actor, &item), ==, IL_WAIT_DONE);
          g_assert_cmpuint (item.number, ==, 100 * round + i);
        }
    }
}

/* An owner that is killed before it committed has changed nothing. */
static void
test_owner_dies (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_PROCESSES);
  IlQueue *queue = fixture_get_queue (arena, 0);
  IlActor dead, actor;
  IlItem item;
  uint32_t room;

  il_actor_init (&dead, arena, IL_FIRST_WORKER);
  il_actor_init (&actor, arena, IL_FIRST_WORKER + 1);
  g_assert_cmpint (put (queue, &actor, 1), ==, IL_WAIT_DONE);
  g_assert_cmpint (il_queue_begin_put (queue, &dead, IL_NO_DEADLINE, &room), ==, IL_WAIT_DONE);
  memset (il_queue_get_free_slot (queue, 0), 0xff, sizeof item);
  il_queue_release_for_dead (queue, dead.agent);

  g_assert_cmpint (il_queue_begin_get (queue, &dead, IL_NO_DEADLINE), ==, IL_WAIT_DONE);
  il_queue_release_for_dead (queue, dead.agent);
  il_queue_release_for_dead (queue, actor.agent);

  g_assert_cmpuint (il_queue_get_depth (queue), ==, 1);
  g_assert_cmpint (get (queue, &actor, &item), ==, IL_WAIT_DONE);
  g_assert_cmpuint (item.number, ==, 1);
  g_assert_cmphex (atomic_load (&queue->guard.word), ==, 0);
}

static IlArena *
make_priority_arena (guint capacity)
{
  static IlScenario *scenario;
  g_autofree char *text
      = g_strdup_printf ("[Scenario]\nName=Test\nModel=processes\nWorkers=4\n[Queue Q]\n"
                         "Capacity=%u\nOrder=priority\n[Task t]\nSteps=put Q 0B; get Q\n",
                         capacity);
  IlArena *arena;

  g_clear_pointer (&scenario, il_scenario_free);
  scenario = fixture_parse (text);
  arena = il_arena_new (scenario, NULL);
  g_assert_nonnull (arena);
  fixture_release (arena);
  return arena;
}

static void
put_with_priority (IlQueue *queue, IlActor *actor, uint64_t number, uint32_t priority)
{
  uint32_t room;
  IlQueueChange change;

  g_assert_cmpint (il_queue_begin_put (queue, actor, IL_QUEUE_DO_NOT_WAIT, &room), ==,
                   IL_WAIT_DONE);
  *(IlItem *)il_queue_get_free_slot (queue, 0) = (IlItem){ .number = number };
  il_queue_set_priority (queue, 0, priority);
  change = il_queue_commit_put (queue, actor, 1);
  il_queue_finish_put (queue, actor, &change);
}

/* The next to come in a sorted list of all that are in. */
static guint
find_first (const guint32 *priorities, const gboolean *is_in, guint n)
{
  guint first = n;

  for (guint i = 0; i < n; i++)
    if (is_in[i] && (first == n || priorities[i] > priorities[first]))
      first = i;
  return first;
}

/* A long row of puts and gets at random, beside a list that is searched from end to end: higher
 * first, equals in the order of their puts. */
static void
test_priority_order (void)
{
  enum
  {
    N = 3000
  };
  g_autoptr (IlArena) arena = make_priority_arena (37);
  IlQueue *queue = fixture_get_queue (arena, 0);
  static guint32 priorities[N];
  static gboolean is_in[N];
  IlRandom random = il_random_stream (1, 2, 3);
  guint n_put = 0, n_got = 0;
  IlActor actor;
  IlItem item;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  while (n_got < N)
    {
      guint depth = n_put - n_got;

      g_assert_cmpuint (il_queue_get_depth (queue), ==, depth);
      if (n_put < N && depth < 37 && (depth == 0 || il_random_uniform (&random) < 0.55))
        {
          priorities[n_put] = (guint32)(il_random_next (&random) % 4);
          is_in[n_put] = TRUE;
          put_with_priority (queue, &actor, n_put, priorities[n_put]);
          n_put++;
          continue;
        }
      g_assert_cmpint (get (queue, &actor, &item), ==, IL_WAIT_DONE);
      g_assert_cmpuint (item.number, ==, find_first (priorities, is_in, n_put));
      is_in[item.number] = FALSE;
      n_got++;
    }
}

/* Killed anywhere in a put or a get, the owner leaves a queue that is whole once it is repaired:
 * the item is in or it is not, and all others are, in their order. */
static void
test_priority_repair (void)
{
  for (guint step = 0; step < 4; step++)
    {
      g_autoptr (IlArena) arena = make_priority_arena (8);
      IlQueue *queue = fixture_get_queue (arena, 0);
      gboolean is_put = step < 2, has_committed = step % 2 == 1;
      guint n_expected = 5 + (has_committed ? (is_put ? 1 : -1) : 0);
      IlActor dead, actor;
      IlItem item;
      guint64 last = G_MAXUINT64;
      uint32_t room;

      il_actor_init (&dead, arena, IL_FIRST_WORKER);
      il_actor_init (&actor, arena, IL_FIRST_WORKER + 1);
      for (guint i = 0; i < 5; i++)
        put_with_priority (queue, &actor, 10 * i, 10 * i);
      if (is_put)
        {
          g_assert_cmpint (il_queue_begin_put (queue, &dead, IL_NO_DEADLINE, &room), ==,
                           IL_WAIT_DONE);
          *(IlItem *)il_queue_get_free_slot (queue, 0) = (IlItem){ .number = 25 };
          il_queue_set_priority (queue, 0, 25);
          if (has_committed)
            atomic_store (&queue->keys[il_queue_get_free_index (queue, 0)].is_filled, 1);
        }
      else
        {
          g_assert_cmpint (il_queue_begin_get (queue, &dead, IL_NO_DEADLINE), ==, IL_WAIT_DONE);
          if (has_committed)
            atomic_store (&queue->keys[queue->order[0]].is_filled, 0);
        }
      /* Whatever was being moved. */
      queue->order[2] = queue->order[0];
      il_queue_release_for_dead (queue, dead.agent);
      g_assert_cmpuint (il_queue_get_depth (queue), ==, n_expected);
      for (guint i = 0; i < n_expected; i++)
        {
          g_assert_cmpint (get (queue, &actor, &item), ==, IL_WAIT_DONE);
          g_assert_cmpuint (item.number, <, last);
          last = item.number;
        }
      for (guint i = 0; i < 8; i++)
        put_with_priority (queue, &actor, i, 0);
      g_assert_cmpint (il_queue_begin_put (queue, &actor, IL_QUEUE_DO_NOT_WAIT, &room), ==,
                       IL_WAIT_TIMEOUT);
    }
}

/* By the priority of the kind of task that puts. */
static void
test_priority_of_tasks (void)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      "[Scenario]\nName=Test\nModel=serial\nSeed=3\n[Queue Q]\nCapacity=10\nOrder=priority\n"
      "[Task low]\nPriority=1\nCount=3\nSteps=put Q\n"
      "[Task high]\nPriority=9\nCount=3\nSteps=put Q\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlArena *arena = il_pool_get_arena (pool);
  IlQueue *queue = fixture_get_queue (arena, 0);
  IlActor actor;

  g_assert_cmpuint (fixture_join_pool (pool).done, ==, 6);
  il_actor_init (&actor, arena, IL_AGENT_SUPERVISOR);
  for (guint i = 0; i < 6; i++)
    {
      IlItem item;

      g_assert_cmpuint (queue->keys[queue->order[0]].priority, ==, i < 3 ? 9 : 1);
      g_assert_cmpint (get (queue, &actor, &item), ==, IL_WAIT_DONE);
      g_assert_cmpuint (item.number, ==, i % 3);
    }
  il_pool_free (pool);
}

/* One who takes empty for finished leaves; what comes later stays. */
static void
test_get_or_leave (gconstpointer model)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\n[Queue Q]\nCapacity=100\n"
                       "[Event gone]\n"
                       "[Task make]\nWorkers=1\nArrival=loop\nCount=20\nSteps=wait gone; put Q\n"
                       "[Task use]\nWorkers=2\nArrival=loop\nSteps=get-or-leave Q\n");
  IlPoolCounts counts;
  IlPool *pool;
  IlArena *arena;
  IlActor actor;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  pool = fixture_start_pool (scenario, NULL);
  arena = il_pool_get_arena (pool);
  for (guint i = 1; i <= 2; i++)
    while (atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) != IL_ACTIVITY_LEFT)
      g_usleep (100);
  il_actor_init (&actor, arena, IL_AGENT_SUPERVISOR);
  il_flag_set (fixture_get_object (arena, IL_OBJECT_EVENT, 0), &actor);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, ==, 22); /* two of which left */
  g_assert_cmpuint (counts.submitted, ==, 22);
  g_assert_cmpuint (il_queue_get_depth (fixture_get_queue (arena, 0)), ==, 20);
  il_pool_free (pool);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add_models ("/queue/order-and-bounds", test_order_and_bounds);
  fixture_add_models ("/queue/getters-end", test_getters_end);
  fixture_add_models ("/queue/putters-end", test_putters_end);
  g_test_add_func ("/queue/close-keeps-items", test_close_keeps_items);
  g_test_add_func ("/queue/deadlines", test_deadlines);
  g_test_add_func ("/queue/batches", test_batches);
  g_test_add_func ("/queue/owner-dies", test_owner_dies);
  g_test_add_func ("/queue/priority-order", test_priority_order);
  g_test_add_func ("/queue/priority-repair", test_priority_repair);
  g_test_add_func ("/queue/priority-of-tasks", test_priority_of_tasks);
  fixture_add_models ("/queue/get-or-leave", test_get_or_leave);
  return g_test_run ();
}
