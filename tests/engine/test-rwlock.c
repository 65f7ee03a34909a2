/* test-rwlock.c - readers read together, writers write alone, and who goes first is as asked
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-rwlock.h"
#include "sync-fixture.h"

#include <signal.h>
#include <sched.h>
#include <sys/mman.h>

#define N_AGENTS 4
#define N_ROUNDS 5000

#define READERS_FIRST                                                                              \
  "[RWLock R]\n[Task t]\nSteps=read-lock R; read-unlock R; write-lock R; write-unlock R\n"
#define WRITERS_FIRST                                                                              \
  "[RWLock R]\nPrefer=writers\n"                                                                   \
  "[Task t]\nSteps=read-lock R; read-unlock R; write-lock R; write-unlock R\n"

typedef struct
{
  guint64 n; /* changed by writers alone */
  guint64 copy;
  _Atomic guint32 n_readers, max_readers, n_writers, max_writers, n_mixed;
  _Atomic guint32 n_done;
  _Atomic guint32 order[N_AGENTS]; /* index among agents, + 1 */
} Shared;

static IlRWLock *
get_lock (const IlArena *arena)
{
  return fixture_get_object (arena, IL_OBJECT_RWLOCK, 0);
}

static void
read_once (IlActor *actor, Shared *shared)
{
  g_assert_cmpint (il_rwlock_acquire (get_lock (actor->arena), actor, IL_ACCESS_READ), ==,
                   IL_WAIT_DONE);
  sync_note_max (&shared->max_readers, atomic_fetch_add (&shared->n_readers, 1) + 1);
  if (atomic_load (&shared->n_writers) != 0 || shared->n != shared->copy)
    atomic_fetch_add (&shared->n_mixed, 1);
  atomic_fetch_sub (&shared->n_readers, 1);
  g_assert_true (il_rwlock_release (get_lock (actor->arena), actor, IL_ACCESS_READ));
}

static void
write_once (IlActor *actor, Shared *shared, guint round)
{
  g_assert_cmpint (il_rwlock_acquire (get_lock (actor->arena), actor, IL_ACCESS_WRITE), ==,
                   IL_WAIT_DONE);
  sync_note_max (&shared->max_writers, atomic_fetch_add (&shared->n_writers, 1) + 1);
  shared->n++;
  if (round % 64 == 0)
    sched_yield ();
  if (atomic_load (&shared->n_readers) != 0)
    atomic_fetch_add (&shared->n_mixed, 1);
  shared->copy++;
  atomic_fetch_sub (&shared->n_writers, 1);
  g_assert_true (il_rwlock_release (get_lock (actor->arena), actor, IL_ACCESS_WRITE));
}

static void
read_and_write (IlActor *actor, void *data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      write_once (actor, data, i);
      read_once (actor, data);
      read_once (actor, data);
    }
}

static void
check_free (const IlArena *arena)
{
  const IlRWLock *lock = get_lock (arena);

  g_assert_cmphex (atomic_load (&lock->robust.guard.word), ==, 0);
  g_assert_cmphex (atomic_load (&lock->quick), ==, arena->can_lose_workers ? IL_RWLOCK_SLOW : 0);
  g_assert_cmpuint (lock->n_reads, ==, 0);
  g_assert_cmpuint (lock->writer, ==, 0);
  g_assert_cmpuint (lock->waiters[IL_ACCESS_READ].first, ==, 0);
  g_assert_cmpuint (lock->waiters[IL_ACCESS_WRITE].first, ==, 0);
  for (guint i = 0; i < arena->n_agents; i++)
    g_assert_cmpuint (il_rwlock_get_hold (lock, &arena->agents[i]), ==, 0);
}

static void
exclude (const char *text, IlModel model)
{
  g_autoptr (IlArena) arena = sync_make_arena (text, model);
  Shared *shared = fixture_share (sizeof *shared);

  fixture_join_agents (fixture_start_agents (arena, N_AGENTS, read_and_write, shared));
  g_assert_cmpuint (shared->n, ==, N_AGENTS * N_ROUNDS);
  g_assert_cmpuint (atomic_load (&shared->max_writers), ==, 1);
  g_assert_cmpuint (atomic_load (&shared->n_mixed), ==, 0);
  check_free (arena);
  munmap (shared, sizeof *shared);
}

static void
test_readers_first_excludes (gconstpointer model)
{
  exclude (READERS_FIRST, (IlModel)GPOINTER_TO_INT (model));
}

static void
test_writers_first_excludes (gconstpointer model)
{
  exclude (WRITERS_FIRST, (IlModel)GPOINTER_TO_INT (model));
}

/* None leaves before all are in. */
static void
read_together (IlActor *actor, void *data)
{
  Shared *shared = data;

  g_assert_cmpint (il_rwlock_acquire (get_lock (actor->arena), actor, IL_ACCESS_READ), ==,
                   IL_WAIT_DONE);
  atomic_fetch_add (&shared->n_readers, 1);
  while (atomic_load (&shared->n_readers) < N_AGENTS)
    sched_yield ();
  g_assert_true (il_rwlock_release (get_lock (actor->arena), actor, IL_ACCESS_READ));
}

static void
test_readers_are_together (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (READERS_FIRST, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);

  fixture_join_agents (fixture_start_agents (arena, N_AGENTS, read_together, shared));
  g_assert_cmpuint (atomic_load (&shared->n_readers), ==, N_AGENTS);
  check_free (arena);
  munmap (shared, sizeof *shared);
}

/* The first agent writes, the second reads, and so on, each after the one before waits or is done;
 * the order in which they get in is noted. */
static void
come_in_turn (IlActor *actor, void *data)
{
  Shared *shared = data;
  guint index = actor->agent->index - IL_FIRST_WORKER;
  IlAccess access = index % 2 == 0 ? IL_ACCESS_WRITE : IL_ACCESS_READ;
  const IlAgent *before = actor->agent - 1;

  while (index > 0 && atomic_load (&before->activity) != IL_ACTIVITY_WAITING
         && atomic_load (&before->activity) != IL_ACTIVITY_LEFT)
    g_usleep (100);
  if (il_rwlock_acquire (get_lock (actor->arena), actor, access) != IL_WAIT_DONE)
    return;
  atomic_store (&shared->order[atomic_fetch_add (&shared->n_done, 1)], index + 1);
  il_rwlock_release (get_lock (actor->arena), actor, access);
}

static void
test_readers_first (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (READERS_FIRST, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);
  IlActor supervisor;
  Agents *agents;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  g_assert_cmpint (il_rwlock_acquire (get_lock (arena), &supervisor, IL_ACCESS_READ), ==,
                   IL_WAIT_DONE);
  agents = fixture_start_agents (arena, N_AGENTS, come_in_turn, shared);
  /* Both readers pass the writers that wait. */
  while (atomic_load (&shared->order[0]) == 0 || atomic_load (&shared->order[1]) == 0)
    g_usleep (100);
  g_assert_cmpuint (shared->order[0] + shared->order[1], ==, 2 + 4);
  g_assert_true (il_rwlock_release (get_lock (arena), &supervisor, IL_ACCESS_READ));
  fixture_join_agents (agents);
  g_assert_cmpuint (shared->order[2], ==, 1);
  g_assert_cmpuint (shared->order[3], ==, 3);
  check_free (arena);
  munmap (shared, sizeof *shared);
}

static void
test_writers_first (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (WRITERS_FIRST, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);
  IlActor supervisor;
  Agents *agents;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  g_assert_cmpint (il_rwlock_acquire (get_lock (arena), &supervisor, IL_ACCESS_READ), ==,
                   IL_WAIT_DONE);
  agents = fixture_start_agents (arena, N_AGENTS, come_in_turn, shared);
  sync_wait_until_waiting (arena, N_AGENTS);
  g_assert_true (il_rwlock_release (get_lock (arena), &supervisor, IL_ACCESS_READ));
  fixture_join_agents (agents);
  g_assert_cmpuint (shared->order[0], ==, 1);
  g_assert_cmpuint (shared->order[1], ==, 3);
  check_free (arena);
  munmap (shared, sizeof *shared);
}

static void
wait_in_vain (IlActor *actor, void *data)
{
  Shared *shared = data;
  IlAccess access = actor->agent->index % 2 == 0 ? IL_ACCESS_READ : IL_ACCESS_WRITE;

  if (il_rwlock_acquire (get_lock (actor->arena), actor, access) == IL_WAIT_CANCELLED)
    atomic_fetch_add (&shared->n_done, 1);
}

static void
test_waits_are_cancelled (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (READERS_FIRST, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);
  IlActor supervisor;
  Agents *agents;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  g_assert_cmpint (il_rwlock_acquire (get_lock (arena), &supervisor, IL_ACCESS_WRITE), ==,
                   IL_WAIT_DONE);
  agents = fixture_start_agents (arena, N_AGENTS, wait_in_vain, shared);
  sync_wait_until_waiting (arena, N_AGENTS);
  sync_cancel (arena, N_AGENTS);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_done), ==, N_AGENTS);
  g_assert_true (il_rwlock_release (get_lock (arena), &supervisor, IL_ACCESS_WRITE));
  check_free (arena);
  munmap (shared, sizeof *shared);
}

static void
test_only_who_has_it_releases (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (READERS_FIRST, IL_MODEL_THREADS);
  IlRWLock *lock = get_lock (arena);
  IlActor one, other;

  il_actor_init (&one, arena, IL_FIRST_WORKER);
  il_actor_init (&other, arena, IL_FIRST_WORKER + 1);
  g_assert_false (il_rwlock_release (lock, &one, IL_ACCESS_READ));
  g_assert_cmpint (il_rwlock_acquire (lock, &one, IL_ACCESS_READ), ==, IL_WAIT_DONE);
  g_assert_cmpint (il_rwlock_acquire (lock, &one, IL_ACCESS_READ), ==, IL_WAIT_DONE);
  g_assert_false (il_rwlock_release (lock, &one, IL_ACCESS_WRITE));
  g_assert_false (il_rwlock_release (lock, &other, IL_ACCESS_READ));
  g_assert_true (il_rwlock_release (lock, &one, IL_ACCESS_READ));
  g_assert_true (il_rwlock_release (lock, &one, IL_ACCESS_READ));
  g_assert_cmpint (il_rwlock_acquire (lock, &one, IL_ACCESS_WRITE), ==, IL_WAIT_DONE);
  g_assert_false (il_rwlock_release (lock, &one, IL_ACCESS_READ));
  g_assert_true (il_rwlock_release (lock, &one, IL_ACCESS_WRITE));
  check_free (arena);
}

static void *
release_later_thread (void *data)
{
  IlActor *reader = data;

  while (atomic_load (&reader->arena->agents[IL_FIRST_WORKER].activity) != IL_ACTIVITY_WAITING)
    g_usleep (100);
  g_assert_true (il_rwlock_release (get_lock (reader->arena), reader, IL_ACCESS_READ));
  return NULL;
}

static void
test_events (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (READERS_FIRST, IL_MODEL_THREADS);
  SyncTrace trace;
  IlActor reader, writer;
  pthread_t thread;

  sync_trace_init (&trace);
  sync_trace_enter (&trace, &reader, arena, IL_FIRST_WORKER + 1);
  sync_trace_enter (&trace, &writer, arena, IL_FIRST_WORKER);
  g_assert_cmpint (il_rwlock_acquire (get_lock (arena), &reader, IL_ACCESS_READ), ==, IL_WAIT_DONE);
  g_assert_cmpint (pthread_create (&thread, NULL, release_later_thread, &reader), ==, 0);
  g_assert_cmpint (il_rwlock_acquire (get_lock (arena), &writer, IL_ACCESS_WRITE), ==,
                   IL_WAIT_DONE);
  pthread_join (thread, NULL);
  {
    const guint32 who = reader.lane.index + 1;
    const SyncEvent by_writer[] = { { IL_EVENT_RW_WAIT, IL_ACCESS_WRITE | who << 1 },
                                    { IL_EVENT_RW_ACQUIRE, IL_ACCESS_WRITE },
                                    { IL_EVENT_WOKEN_BY, who } };
    const SyncEvent by_reader[] = { { IL_EVENT_RW_ACQUIRE, IL_ACCESS_READ },
                                    { IL_EVENT_RW_RELEASE, IL_ACCESS_READ | IL_EVENT_WOKE } };

    sync_trace_assert (&trace, &writer, G_N_ELEMENTS (by_writer), by_writer);
    sync_trace_assert (&trace, &reader, G_N_ELEMENTS (by_reader), by_reader);
  }
  sync_trace_clear (&trace);
}

/* The first reads for ever, the second writes for ever: each must die before the next gets in. */
static void
hold_for_ever (IlActor *actor, void *data)
{
  Shared *shared = data;
  IlAccess access = actor->agent->index == IL_FIRST_WORKER ? IL_ACCESS_READ : IL_ACCESS_WRITE;

  if (actor->agent->index != IL_FIRST_WORKER)
    while (atomic_load (&shared->n_done) == 0)
      g_usleep (100);
  if (il_rwlock_acquire (get_lock (actor->arena), actor, access) != IL_WAIT_DONE)
    return;
  atomic_fetch_add (&shared->n_done, 1);
  for (;;)
    pause ();
}

static void
wait_for_n_done (Shared *shared, guint32 n)
{
  while (atomic_load (&shared->n_done) < n)
    g_usleep (100);
}

static void
test_owners_die (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (WRITERS_FIRST, IL_MODEL_PROCESSES);
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents = fixture_start_agents (arena, 3, hold_for_ever, shared);
  guint writer;

  wait_for_n_done (shared, 1);
  while (atomic_load (&arena->agents[IL_FIRST_WORKER + 1].activity) != IL_ACTIVITY_WAITING
         || atomic_load (&arena->agents[IL_FIRST_WORKER + 2].activity) != IL_ACTIVITY_WAITING)
    g_usleep (100);
  sync_kill (arena, agents, 0);
  wait_for_n_done (shared, 2);
  writer = get_lock (arena)->writer - 1 - IL_FIRST_WORKER;
  sync_kill (arena, agents, writer);
  wait_for_n_done (shared, 3);
  sync_kill (arena, agents, 3 - writer);
  fixture_join_agents (agents);
  check_free (arena);
  munmap (shared, sizeof *shared);
}

/* Killed between any two stores of letting somebody in, that one is in. */
static void
test_half_let_in (void)
{
  for (guint n_stores = 0; n_stores <= 2; n_stores++)
    {
      g_autoptr (IlArena) arena = sync_make_arena (READERS_FIRST, IL_MODEL_PROCESSES);
      IlRWLock *lock = get_lock (arena);
      IlAgent *dead = &arena->agents[IL_FIRST_WORKER];
      IlAgent *waiting = &arena->agents[IL_FIRST_WORKER + 1];
      IlRWLockPart *dead_part = il_robust_get_part (&lock->robust, dead);
      IlRWLockPart *part = il_robust_get_part (&lock->robust, waiting);
      IlActor supervisor, writer, reader;

      il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
      il_actor_init (&writer, arena, IL_FIRST_WORKER);
      il_actor_init (&reader, arena, IL_FIRST_WORKER + 1);
      g_assert_cmpint (il_rwlock_acquire (lock, &writer, IL_ACCESS_WRITE), ==, IL_WAIT_DONE);
      part->waiter.what = IL_ACCESS_READ;
      part->hold_after = 1;
      il_waiters_join (&lock->waiters[IL_ACCESS_READ], &reader);
      g_assert_true (il_guard_try_lock (&lock->robust.guard, writer.id));
      if (n_stores > 0)
        atomic_store (&dead_part->hold, 0);
      if (n_stores > 1)
        atomic_store (&part->hold, 1);

      il_rwlock_release_for_dead (lock, &supervisor, dead);
      g_assert_cmpuint (atomic_load (&part->waiter.state), ==, IL_WAITER_GRANTED);
      g_assert_cmpuint (il_rwlock_get_hold (lock, waiting), ==, 1);
      g_assert_cmpuint (lock->n_reads, ==, 1);
      g_assert_cmpuint (lock->writer, ==, 0);
      g_assert_true (il_rwlock_release (lock, &reader, IL_ACCESS_READ));
      check_free (arena);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add_models ("/rwlock/readers-first/excludes", test_readers_first_excludes);
  fixture_add_models ("/rwlock/writers-first/excludes", test_writers_first_excludes);
  fixture_add_models ("/rwlock/readers-are-together", test_readers_are_together);
  fixture_add_models ("/rwlock/readers-first/order", test_readers_first);
  fixture_add_models ("/rwlock/writers-first/order", test_writers_first);
  fixture_add_models ("/rwlock/waits-are-cancelled", test_waits_are_cancelled);
  g_test_add_func ("/rwlock/only-who-has-it-releases", test_only_who_has_it_releases);
  g_test_add_func ("/rwlock/events", test_events);
  if (WITH_PROCESSES)
    g_test_add_func ("/rwlock/owners-die", test_owners_die);
  g_test_add_func ("/rwlock/half-let-in", test_half_let_in);
  return g_test_run ();
}
