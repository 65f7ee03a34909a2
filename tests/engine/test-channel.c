/* test-channel.c - every message comes once and as it was sent, through whatever carries it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "sync-fixture.h"

#include "il-channel.h"
#include "il-random.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#define N_SENDERS 2u
#define N_RECEIVERS 2u
#define N_AGENTS (N_SENDERS + N_RECEIVERS)
#define N_MESSAGES 400u /* of each sender */
#define MAX_SIZE 20000u /* some packets of a pipe */
#define N_KILLS 60

static const char *const kind_names[IL_N_CHANNEL_KINDS] = { "queue", "memory", "pipe", "socket" };

typedef struct
{
  IlChannelKind kind;
  IlModel model;
} Case;

typedef struct
{
  _Atomic guint n_received[N_SENDERS][N_MESSAGES];
  _Atomic guint64 n_bytes_sent, n_bytes_received;
  _Atomic guint n_senders_left, n_wrong, n_closed, n_cancelled;
} Shared;

static void
open_channel (IlArena *arena, IlArenaObject *object)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (object->class->open (arena, object, &error));
  g_assert_no_error (error);
}

/* An arena with one channel and agents that both send and receive. */
static IlArena *
make_arena (const Case *test, guint capacity, guint max_size)
{
  g_autofree char *text = g_strdup_printf (
      "[Channel P]\nKind=%s\nCapacity=%u\n[Task t]\nSteps=send P %uB; receive P\n",
      kind_names[test->kind], capacity, max_size);
  IlArena *arena = sync_make_arena (text, test->model);

  open_channel (arena, &arena->objects[0]);
  return arena;
}

static void
free_arena (IlArena *arena)
{
  arena->objects[0].class->close (&arena->objects[0], NULL);
  il_arena_free (arena);
}

static IlChannel *
get_channel (const IlArena *arena)
{
  return fixture_get_object (arena, IL_OBJECT_CHANNEL, 0);
}

static void
close_channel (IlArena *arena)
{
  IlActor supervisor;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  /* It waits for nobody, and fails while somebody has the channel's guard in hand. */
  while (!arena->objects[0].class->try_close (&arena->objects[0], &supervisor))
    g_thread_yield ();
}

static void
send_all (IlActor *actor, Shared *shared, guint sender)
{
  IlRandom random = il_random_stream (1, sender, 0);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      const IlMessage message
          = { i, sender, (guint32)(il_random_next (&random) % (i % 2 == 0 ? 100 : MAX_SIZE)) };

      if (il_channel_send (get_channel (actor->arena), actor, &message, true) != IL_WAIT_DONE)
        atomic_fetch_add (&shared->n_wrong, 1);
      atomic_fetch_add (&shared->n_bytes_sent, message.size);
    }
  if (atomic_fetch_sub (&shared->n_senders_left, 1) == 1)
    close_channel (actor->arena);
}

static void
receive_all (IlActor *actor, Shared *shared)
{
  IlMessage message;
  IlWaitResult result;

  while ((result = il_channel_receive (get_channel (actor->arena), actor, &message, true))
         == IL_WAIT_DONE)
    {
      atomic_fetch_add (&shared->n_bytes_received, message.size);
      if (message.producer >= N_SENDERS || message.number >= N_MESSAGES)
        atomic_fetch_add (&shared->n_wrong, 1);
      else
        atomic_fetch_add (&shared->n_received[message.producer][message.number], 1);
    }
  if (result != IL_WAIT_CLOSED)
    atomic_fetch_add (&shared->n_wrong, 1);
}

static void
send_or_receive_all (IlActor *actor, void *data)
{
  guint agent = actor->agent->index - IL_FIRST_WORKER;

  if (agent < N_SENDERS)
    send_all (actor, data, agent);
  else
    receive_all (actor, data);
}

/* Nothing is lost, doubled or changed, up to the last that was sent before the end. */
static void
test_content (gconstpointer data)
{
  const Case *test = data;
  IlArena *arena = make_arena (test, 4, MAX_SIZE);
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents;

  atomic_store (&shared->n_senders_left, N_SENDERS);
  agents = fixture_start_agents (arena, N_AGENTS, send_or_receive_all, shared);
  /* What the supervisor does at the end: again and again. */
  for (guint i = 0; i < N_AGENTS; i++)
    while (atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) != IL_ACTIVITY_LEFT)
      {
        if (atomic_load (&get_channel (arena)->is_closed) != 0)
          close_channel (arena);
        g_usleep (200);
      }
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_wrong), ==, 0);
  g_assert_cmpuint (atomic_load (&get_channel (arena)->n_damaged), ==, 0);
  g_assert_cmpuint (atomic_load (&shared->n_bytes_received), ==,
                    atomic_load (&shared->n_bytes_sent));
  for (guint i = 0; i < N_SENDERS; i++)
    for (guint j = 0; j < N_MESSAGES; j++)
      g_assert_cmpuint (atomic_load (&shared->n_received[i][j]), ==, 1);
  munmap (shared, sizeof *shared);
  free_arena (arena);
}

/* All sizes around those where packets end, each filled anew. */
static void
test_sizes (gconstpointer data)
{
  const Case *test = data;
  IlArena *arena = make_arena (test, 1, IL_SCENARIO_MAX_MESSAGE);
  IlChannel *channel = get_channel (arena);
  static const guint32 sizes[]
      = { 0, 1, 7, 8, 31, 32, 33, 64, 4063, 4064, 4065, 32767, 32768, 32769, 50000 };
  IlActor actor;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const IlMessage message = { i, 3, sizes[i] };
      IlMessage received;

      memset (arena->workspaces, 0xaa, arena->message_size);
      g_assert_cmpint (il_channel_send (channel, &actor, &message, true), ==, IL_WAIT_DONE);
      g_assert_cmpint (il_channel_receive (channel, &actor, &received, true), ==, IL_WAIT_DONE);
      g_assert_cmpuint (received.size, ==, sizes[i]);
      g_assert_cmpuint (received.number, ==, i);
      g_assert_cmpuint (received.producer, ==, 3);
    }
  free_arena (arena);
}

/* What is not as it was sent is noticed: every single byte counts. */
static void
test_damage (void)
{
  guint8 content[100];

  for (guint32 size = 1; size < sizeof content; size++)
    {
      const IlMessage message = { 5, 2, size };

      il_message_fill (&message, content);
      g_assert_true (il_message_check (&message, content));
      for (guint32 i = 0; i < size; i++)
        {
          content[i] ^= 1;
          g_assert_false (il_message_check (&message, content));
          content[i] ^= 1;
        }
    }
}

static void
test_damage_is_told (void)
{
  static const Case test = { IL_CHANNEL_MEMORY, IL_MODEL_THREADS };
  IlArena *arena = make_arena (&test, 2, 64);
  IlChannel *channel = get_channel (arena);
  const IlMessage message = { 1, 1, 64 };
  g_autofree char *trouble = NULL;
  IlMessage received;
  IlActor actor;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  g_assert_null (arena->objects[0].class->take_trouble (&arena->objects[0]));
  g_assert_cmpint (il_channel_send (channel, &actor, &message, true), ==, IL_WAIT_DONE);
  channel->slots[sizeof message + 50] ^= 1;
  g_assert_cmpint (il_channel_receive (channel, &actor, &received, true), ==, IL_WAIT_FAILED);
  trouble = arena->objects[0].class->take_trouble (&arena->objects[0]);
  g_assert_nonnull (strstr (trouble, "P"));
  g_assert_null (arena->objects[0].class->take_trouble (&arena->objects[0]));
  free_arena (arena);
}

/* One that does not wait finds out without having changed anything. */
static void
test_try (gconstpointer data)
{
  const Case *test = data;
  IlArena *arena = make_arena (test, 3, 1000);
  IlChannel *channel = get_channel (arena);
  const IlMessage message = { 7, 1, 1000 };
  IlMessage received;
  IlActor actor;
  guint n_sent = 0, n_received = 0;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  g_assert_cmpint (il_channel_receive (channel, &actor, &received, false), ==, IL_WAIT_TIMEOUT);
  while (il_channel_send (channel, &actor, &message, false) == IL_WAIT_DONE)
    n_sent++;
  /* Of what the kernel holds, only the least is known. */
  if (test->kind == IL_CHANNEL_QUEUE || test->kind == IL_CHANNEL_MEMORY)
    g_assert_cmpuint (n_sent, ==, 3);
  else
    g_assert_cmpuint (n_sent, >=, 3);
  g_assert_cmpint (il_channel_send (channel, &actor, &message, false), ==, IL_WAIT_TIMEOUT);
  while (il_channel_receive (channel, &actor, &received, false) == IL_WAIT_DONE)
    n_received++;
  g_assert_cmpuint (n_received, ==, n_sent);
  g_assert_false (actor.is_waiting);
  free_arena (arena);
}

/* The same with messages that go in many packets: all of one, or nothing. */
static void
test_try_large (gconstpointer data)
{
  const Case *test = data;
  IlArena *arena = make_arena (test, 1, 100000);
  IlChannel *channel = get_channel (arena);
  const IlMessage message = { 7, 1, 100000 };
  IlMessage received;
  IlActor actor;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  for (guint round = 0; round < 20; round++)
    {
      guint n_sent = 0, n_received = 0;

      while (il_channel_send (channel, &actor, &message, false) == IL_WAIT_DONE)
        n_sent++;
      g_assert_cmpuint (n_sent, >=, 1);
      while (il_channel_receive (channel, &actor, &received, false) == IL_WAIT_DONE)
        n_received++;
      g_assert_cmpuint (n_received, ==, n_sent);
      g_assert_false (actor.is_waiting);
    }
  close_channel (arena);
  g_assert_false (channel->kind == IL_CHANNEL_PIPE
                  && arena->objects[0].class->is_over (&arena->objects[0], true));
  g_assert_cmpint (il_channel_receive (channel, &actor, &received, false), !=, IL_WAIT_DONE);
  g_assert_true (arena->objects[0].class->is_over (&arena->objects[0], true));
  free_arena (arena);
}

static void
note_end (Shared *shared, IlWaitResult result)
{
  if (result == IL_WAIT_CLOSED)
    atomic_fetch_add (&shared->n_closed, 1);
  else if (result == IL_WAIT_CANCELLED)
    atomic_fetch_add (&shared->n_cancelled, 1);
}

static void
receive_in_vain (IlActor *actor, void *data)
{
  IlMessage message;

  note_end (data, il_channel_receive (get_channel (actor->arena), actor, &message, true));
}

static void
send_for_ever (IlActor *actor, void *data)
{
  const IlMessage message = { 0, 1, MAX_SIZE };
  IlWaitResult result;

  do
    result = il_channel_send (get_channel (actor->arena), actor, &message, true);
  while (result == IL_WAIT_DONE);
  note_end (data, result);
}

static void
wait_until_waiting (const IlArena *arena)
{
  for (guint i = 0; i < N_AGENTS; i++)
    while (atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) != IL_ACTIVITY_WAITING_ITEM)
      g_usleep (100);
}

/* All let go, and soon, whatever they wait for. */
static void
check_ends (const Case *test, ActorFunc func, gboolean closes)
{
  IlArena *arena = make_arena (test, 2, MAX_SIZE);
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents = fixture_start_agents (arena, N_AGENTS, func, shared);

  wait_until_waiting (arena);
  if (closes)
    for (guint i = 0; i < N_AGENTS; i++)
      while (atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) != IL_ACTIVITY_LEFT)
        {
          close_channel (arena);
          g_usleep (200);
        }
  else
    sync_cancel (arena, N_AGENTS);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_closed), ==, closes ? N_AGENTS : 0);
  g_assert_cmpuint (atomic_load (&shared->n_cancelled), ==, closes ? 0 : N_AGENTS);
  munmap (shared, sizeof *shared);
  free_arena (arena);
}

static void
test_ends (gconstpointer data)
{
  check_ends (data, receive_in_vain, FALSE);
  check_ends (data, receive_in_vain, TRUE);
  check_ends (data, send_for_ever, FALSE);
  check_ends (data, send_for_ever, TRUE);
}

/* Bytes are told exactly, and no copies between heaps; waits are told with who ended them. */
static void
test_events (gconstpointer data)
{
  const Case *test = data;
  IlArena *arena = make_arena (test, 2, 500);
  const SyncEvent sent[] = { { IL_EVENT_SEND, 500 } };
  const SyncEvent received[] = { { IL_EVENT_RECEIVE, 500 } };
  const IlMessage message = { 1, 1, 500 };
  IlMessage there;
  IlActor sender, receiver;
  SyncTrace trace;

  sync_trace_init (&trace);
  sync_trace_enter (&trace, &sender, arena, IL_FIRST_WORKER);
  sync_trace_enter (&trace, &receiver, arena, IL_FIRST_WORKER + 1);
  get_channel (arena)->queue.object = get_channel (arena)->object;
  g_assert_cmpint (il_channel_send (get_channel (arena), &sender, &message, true), ==,
                   IL_WAIT_DONE);
  sync_trace_assert (&trace, &sender, 1, sent);
  g_assert_cmpint (il_channel_receive (get_channel (arena), &receiver, &there, true), ==,
                   IL_WAIT_DONE);
  sync_trace_assert (&trace, &receiver, 1, received);
  il_actor_leave (&sender, 0);
  il_actor_leave (&receiver, 0);
  sync_trace_clear (&trace);
  free_arena (arena);
}

typedef struct
{
  SyncTrace *trace;
  _Atomic guint32 receiver_who, sender_who;
  IlActor receiver;
} Meeting;

static void
receive_recorded (IlActor *unrecorded, void *data)
{
  Meeting *meeting = data;
  IlMessage message;

  (void)unrecorded;
  atomic_store (&meeting->receiver_who, il_actor_get_who (&meeting->receiver));
  g_assert_cmpint (il_channel_receive (get_channel (meeting->receiver.arena), &meeting->receiver,
                                       &message, true),
                   ==, IL_WAIT_DONE);
}

static void
test_wait_events (gconstpointer data)
{
  const Case *test = data;
  IlArena *arena = make_arena (test, 2, 500);
  const IlMessage message = { 1, 1, 500 };
  Meeting meeting = { 0 };
  IlActor sender;
  SyncTrace trace;
  Agents *agents;

  sync_trace_init (&trace);
  sync_trace_enter (&trace, &sender, arena, IL_FIRST_WORKER + 1);
  sync_trace_enter (&trace, &meeting.receiver, arena, IL_FIRST_WORKER + 2);
  get_channel (arena)->queue.object = get_channel (arena)->object;
  agents = fixture_start_agents (arena, 1, receive_recorded, &meeting);
  while (atomic_load (&arena->agents[IL_FIRST_WORKER + 2].activity) != IL_ACTIVITY_WAITING_ITEM
         || (atomic_load (&arena->agents[IL_FIRST_WORKER + 2].sleeps_on) == NULL
             && atomic_load (&get_channel (arena)->link.polls[IL_END_RECEIVE]) == 0))
    g_usleep (100);
  g_assert_cmpint (il_channel_send (get_channel (arena), &sender, &message, true), ==,
                   IL_WAIT_DONE);
  fixture_join_agents (agents);
  {
    const SyncEvent sent[] = { { IL_EVENT_SEND, 500 | IL_EVENT_WOKE } };
    const SyncEvent received[] = { { IL_EVENT_RECEIVE_WAIT, 0 },
                                   { IL_EVENT_RECEIVE, 500 },
                                   { IL_EVENT_WOKEN_BY, il_actor_get_who (&sender) } };

    sync_trace_assert (&trace, &sender, 1, sent);
    sync_trace_assert (&trace, &meeting.receiver, 3, received);
  }
  il_actor_leave (&sender, 0);
  il_actor_leave (&meeting.receiver, 0);
  sync_trace_clear (&trace);
  free_arena (arena);
}

/* The steps under a model: the pool ends by itself, since receivers are let go when all is sent. */
static void
test_steps (gconstpointer data)
{
  const Case *test = data;
  g_autofree char *text
      = g_strdup_printf ("[Scenario]\nName=Test\nModel=threads\nProcesses=2\n"
                         "[Channel P]\nKind=%s\nCapacity=3\n"
                         "[Task put]\nWorkers=2\nArrival=loop\nCount=300\nSteps=send P 9000B\n"
                         "[Task take]\nWorkers=2\nArrival=loop\nSteps=receive P\n",
                         kind_names[test->kind]);
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  IlPool *pool;
  IlPoolCounts counts;

  scenario->model = test->model;
  pool = fixture_start_pool (scenario, NULL);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, ==, 600);
  g_assert_cmpuint (counts.failed + counts.lost, ==, 0);
  g_assert_cmpuint (counts.cancelled, <=, 2); /* those who waited for more */
  g_assert_cmpuint (atomic_load (&get_channel (il_pool_get_arena (pool))->n_damaged), ==, 0);
  il_pool_free (pool);
}

static guint n_lost_workers;

static void
worker_lost_cb (uint32_t number, int signal_number, void *data)
{
  n_lost_workers++;
}

/* Killed anywhere in a message, workers leave the rest whole, and nobody waits for them. */
static void
test_kills (gconstpointer data)
{
  const Case *test = data;
  g_autofree char *text
      = g_strdup_printf ("[Scenario]\nName=Test\nModel=processes\n"
                         "[Channel P]\nKind=%s\nCapacity=3\n"
                         "[Task put]\nWorkers=2\nArrival=loop\nSteps=send P 40000B; send P 100B\n"
                         "[Task take]\nWorkers=2\nArrival=loop\nSteps=receive P\n",
                         kind_names[test->kind]);
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlRandom random = il_random_stream (4, test->kind, 0);
  guint n_kills = 0;
  IlPoolCounts counts;

  n_lost_workers = 0;
  il_pool_set_lost_func (pool, worker_lost_cb, NULL);
  while (n_lost_workers < N_KILLS)
    {
      int64_t until_ns = il_clock_monotonic_ns () + (int64_t)(il_random_uniform (&random) * 2e6);

      do
        g_assert_true (il_pool_supervise (pool, NULL));
      while (il_clock_monotonic_ns () < until_ns);
      n_kills += il_pool_kill_worker (pool, 1 + il_random_next (&random) % 4, NULL);
    }
  il_pool_finish (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, >, 0);
  g_assert_cmpuint (counts.failed, ==, 0);
  g_assert_cmpuint (counts.lost, <=, n_kills);
  g_assert_cmpuint (atomic_load (&get_channel (il_pool_get_arena (pool))->n_damaged), ==, 0);
  il_pool_free (pool);
}

/* A message whose sender died in the middle is dropped, one whose receiver did is skipped. */
static void
test_half_messages (gconstpointer data)
{
  const Case *test = data;
  IlArena *arena = make_arena (test, 8, 200000);
  IlChannel *channel = get_channel (arena);
  const IlMessage large = { 1, 1, 200000 }, small = { 2, 2, 10 };
  IlMessage received;
  IlActor actor;
  IlActor dead;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  il_actor_init (&dead, arena, IL_FIRST_WORKER + 1);
  /* The run is over for the one who is cut off: what it sent so far is there, the rest is not. */
  g_assert_true (il_turn_try_take (&channel->link.turns[IL_END_SEND], &actor, 0));
  il_turn_give (&channel->link.turns[IL_END_SEND], &actor);
  il_arena_change_run (arena, IL_RUN_CANCELLED, 0);
  g_assert_cmpint (il_channel_send (channel, &dead, &large, true), ==, IL_WAIT_CANCELLED);
  il_arena_change_run (arena, 0, IL_RUN_CANCELLED);
  g_assert_cmpint (il_channel_send (channel, &actor, &small, true), ==, IL_WAIT_DONE);
  g_assert_cmpint (il_channel_receive (channel, &actor, &received, true), ==, IL_WAIT_DONE);
  g_assert_cmpuint (received.number, ==, 2);

  /* A receiver that died after the first of many packets. */
  {
    const IlMessage medium = { 3, 3, 50000 };

    g_assert_cmpint (il_channel_send (channel, &actor, &medium, true), ==, IL_WAIT_DONE);
    il_arena_change_run (arena, IL_RUN_CANCELLED, 0);
    g_assert_cmpint (il_channel_receive (channel, &dead, &received, true), ==, IL_WAIT_CANCELLED);
    il_arena_change_run (arena, 0, IL_RUN_CANCELLED);
    g_assert_cmpint (il_channel_send (channel, &actor, &small, true), ==, IL_WAIT_DONE);
    g_assert_cmpint (il_channel_receive (channel, &actor, &received, true), ==, IL_WAIT_DONE);
    g_assert_cmpuint (received.number, ==, 2);
  }
  free_arena (arena);
}

static const Case *
make_case (IlChannelKind kind, IlModel model)
{
  Case *test = g_new (Case, 1);

  *test = (Case){ kind, model };
  return test;
}

static void
add (const char *name, IlChannelKind kind, IlModel model, GTestDataFunc func)
{
  g_autofree char *path
      = g_strdup_printf ("/channel/%s/%s/%s", name, kind_names[kind], il_model_get_name (model));

  g_test_add_data_func_full (path, (gpointer)make_case (kind, model), func, g_free);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int kind = 0; kind < IL_N_CHANNEL_KINDS; kind++)
    {
      for (int model = IL_MODEL_THREADS; model <= IL_MODEL_PROCESSES; model++)
        if (model == IL_MODEL_THREADS || WITH_PROCESSES)
          {
            add ("content", (IlChannelKind)kind, (IlModel)model, test_content);
            add ("ends", (IlChannelKind)kind, (IlModel)model, test_ends);
          }
      add ("sizes", (IlChannelKind)kind, IL_MODEL_THREADS, test_sizes);
      add ("try", (IlChannelKind)kind, IL_MODEL_THREADS, test_try);
      add ("try-large", (IlChannelKind)kind, IL_MODEL_THREADS, test_try_large);
      add ("events", (IlChannelKind)kind, IL_MODEL_THREADS, test_events);
      add ("wait-events", (IlChannelKind)kind, IL_MODEL_THREADS, test_wait_events);
      for (int model = IL_MODEL_THREADS; model < IL_N_MODELS; model++)
        if ((model != IL_MODEL_PROCESSES && model != IL_MODEL_HYBRID) || WITH_PROCESSES)
          add ("steps", (IlChannelKind)kind, (IlModel)model, test_steps);
      if (WITH_PROCESSES)
        add ("kills", (IlChannelKind)kind, IL_MODEL_PROCESSES, test_kills);
    }
  add ("half-messages", IL_CHANNEL_PIPE, IL_MODEL_THREADS, test_half_messages);
  add ("half-messages", IL_CHANNEL_SOCKET, IL_MODEL_THREADS, test_half_messages);
  g_test_add_func ("/channel/damage", test_damage);
  g_test_add_func ("/channel/damage-is-told", test_damage_is_told);
  return g_test_run ();
}
