/* sync-fixture.c - what the tests of primitives share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "sync-fixture.h"

#include <signal.h>
#include <sys/wait.h>

/* The arena of a scenario whose workers agents stand for, released.  text: without its head */
IlArena *
sync_make_arena (const char *text, IlModel model)
{
  static IlScenario *scenario; /* the arena refers to its texts */
  g_autofree char *whole
      = g_strconcat ("[Scenario]\nName=Test\nModel=threads\nWorkers=4\n", text, NULL);
  g_autoptr (GError) error = NULL;
  IlArena *arena;

  g_clear_pointer (&scenario, il_scenario_free);
  scenario = fixture_parse (whole);
  scenario->model = model;
  arena = il_arena_new (scenario, &error);
  g_assert_no_error (error);
  fixture_release (arena);
  return arena;
}

/* Until the first agents wait for something. */
void
sync_wait_until_waiting (const IlArena *arena, guint n_agents)
{
  for (guint i = 0; i < n_agents; i++)
    while (atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) != IL_ACTIVITY_WAITING)
      g_usleep (100);
}

/* What a supervisor does until all have left. */
void
sync_cancel (IlArena *arena, guint n_agents)
{
  guint n_left;

  il_arena_change_run (arena, IL_RUN_CANCELLED, 0);
  do
    {
      il_arena_wake_all (arena);
      g_usleep (500);
      n_left = 0;
      for (guint i = 0; i < n_agents; i++)
        n_left += atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) == IL_ACTIVITY_LEFT;
    }
  while (n_left < n_agents);
}

/* Kills one and buries it as far as objects go. */
void
sync_kill (IlArena *arena, Agents *agents, guint i)
{
  IlAgent *dead = &arena->agents[IL_FIRST_WORKER + i];
  IlActor supervisor;
  int status;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  kill (agents->pids[i], SIGKILL);
  g_assert_cmpint (waitpid (agents->pids[i], &status, 0), ==, agents->pids[i]);
  g_assert_true (WIFSIGNALED (status));
  agents->pids[i] = 0;
  for (guint j = 0; j < arena->n_objects; j++)
    if (arena->objects[j].class->release_for_dead != NULL)
      arena->objects[j].class->release_for_dead (&arena->objects[j], &supervisor, dead);
  atomic_store (&dead->activity, IL_ACTIVITY_NONE);
  il_arena_wake_all (arena);
}

static void
events_cb (const IlTraceLaneInfo *lane, const IlEvent *events, size_t n_events, void *data)
{
  SyncTrace *self = data;

  for (size_t i = 0; i < n_events; i++)
    if (IL_EVENT_KIND (events[i].what) != IL_EVENT_IDLE)
      {
        IlEvent event = events[i];

        event.stamp = lane->index;
        g_array_append_val (self->events, event);
      }
}

void
sync_trace_init (SyncTrace *self)
{
  int error_number;

  self->reader = il_trace_reader_new (g_get_tmp_dir (), 0, 0);
  g_assert_nonnull (self->reader);
  self->trace = il_trace_attach (il_trace_reader_get_path (self->reader), &error_number);
  g_assert_nonnull (self->trace);
  self->events = g_array_new (FALSE, FALSE, sizeof (IlEvent));
}

/* Lets the calling thread act recorded, with all objects known to the trace. */
void
sync_trace_enter (SyncTrace *self, IlActor *actor, IlArena *arena, uint32_t agent)
{
  for (guint i = 0; i < arena->n_objects; i++)
    {
      const IlObjectClass *class = arena->objects[i].class;
      const guint8 *data = arena->objects[i].data;

      if (*(const guint32 *)(const void *)(data + class->id_offset) == 0)
        il_object_set_id (&arena->objects[i],
                          il_trace_object_add (self->trace, class->kind, "object", 0));
    }
  il_actor_init (actor, arena, agent);
  il_actor_enter (actor, self->trace, IL_ROLE_WORKER, 0);
}

void
sync_trace_drain (SyncTrace *self)
{
  static const IlTraceHandler handler = { .events = events_cb };

  il_trace_reader_drain (self->reader, &handler, self);
}

/* That the actor has written just these so far, besides those of its life. */
void
sync_trace_assert (SyncTrace *self, const IlActor *actor, gsize n_expected,
                   const SyncEvent *expected)
{
  gsize n = 0;

  sync_trace_drain (self);
  for (guint i = 0; i < self->events->len; i++)
    {
      const IlEvent *event = &g_array_index (self->events, IlEvent, i);

      if (event->stamp != actor->lane.index || IL_EVENT_KIND (event->what) == IL_EVENT_LANE_BEGIN)
        continue;
      g_assert_cmpuint (n, <, n_expected);
      g_assert_cmpint (IL_EVENT_KIND (event->what), ==, expected[n].kind);
      g_assert_cmphex (event->value, ==, expected[n].value);
      n++;
    }
  g_assert_cmpuint (n, ==, n_expected);
}

void
sync_trace_clear (SyncTrace *self)
{
  g_array_unref (self->events);
  il_trace_detach (self->trace);
  il_trace_reader_free (self->reader);
}

void
sync_note_max (_Atomic guint32 *max, guint32 value)
{
  guint32 before = atomic_load (max);

  while (value > before && !atomic_compare_exchange_weak (max, &before, value))
    continue;
}
