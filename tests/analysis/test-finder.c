/* test-finder.c - what is wrong is found when it happens, and nothing is found that is right
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-finder.h"
#include "il-timeline-builder.h"

#include <pthread.h>
#include <string.h>

#define MS G_GINT64_CONSTANT (1000000)
#define N_WORKERS 40

/* Objects. */
enum
{
  A = 1,
  B,
  C,
  SIGNAL,
  CONDITION,
  COUNTER,
  LOG,
  READERS,
  BARRIER,
  QUEUE,
  TASK,
  CHILD,
  JOIN,
  GIL,
};

typedef struct
{
  gint64 time_ns;
  guint32 worker; /* from 1 */
  IlRecordKind kind;
  guint32 object;
  guint32 value;
} Event;

typedef struct
{
  IlTimeline *timeline;
  IlTimelineBuilder *builder;
  IlFinder *finder;
  guint32 lanes[N_WORKERS + 1];
} World;

static void
world_init (World *world)
{
  static const struct
  {
    guint32 object;
    IlTimelineObjectKind kind;
    const char *name;
    guint64 parameter;
  } objects[] = {
    { A, IL_OBJECT_KIND_LOCK, "A" },
    { B, IL_OBJECT_KIND_LOCK, "B" },
    { C, IL_OBJECT_KIND_LOCK, "C" },
    { SIGNAL, IL_OBJECT_KIND_SEMAPHORE, "signal" },
    { CONDITION, IL_OBJECT_KIND_CONDITION, "ready" },
    { COUNTER, IL_OBJECT_KIND_COUNTER, "total" },
    { LOG, IL_OBJECT_KIND_FILE, "log" },
    { READERS, IL_OBJECT_KIND_RWLOCK, "R" },
    { BARRIER, IL_OBJECT_KIND_BARRIER, "b", 3 },
    { QUEUE, IL_OBJECT_KIND_QUEUE, "q", 8 },
    { TASK, IL_OBJECT_KIND_TASK, "t" },
    { CHILD, IL_OBJECT_KIND_TASK, "u" },
    { JOIN, IL_OBJECT_KIND_EVENT, "spawned tasks", IL_LANE_PARAMETER_JOIN },
    { GIL, IL_OBJECT_KIND_LOCK, "GIL", IL_LANE_PARAMETER_INTERPRETER },
  };

  world->timeline = il_timeline_new ();
  world->finder = il_finder_attach (world->timeline);
  world->builder = il_timeline_builder_new (world->timeline);
  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    g_assert_true (il_timeline_builder_add_object (
        world->builder, objects[i].object, objects[i].kind, objects[i].name, objects[i].parameter));
  for (guint i = 1; i <= N_WORKERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("Worker %u", i);
      const IlLaneInfo info = {
        .name = name, .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_EXACT, .number = i
      };

      world->lanes[i] = il_timeline_builder_add_lane (world->builder, &info);
    }
}

static void
world_clear (World *world)
{
  il_timeline_builder_free (world->builder);
  il_timeline_unref (world->timeline);
}

static void
feed (World *world, const Event *events, gsize n_events, gint64 end_ns)
{
  g_autoptr (IlBatch) batch = il_batch_new (il_timeline_get_end (world->timeline));

  for (gsize i = 0; i < n_events; i++)
    {
      const IlRecord record = { .time_ns = events[i].time_ns,
                                .kind = events[i].kind,
                                .object = events[i].object,
                                .value = events[i].value };

      il_batch_append (batch, world->lanes[events[i].worker], &record, 1);
    }
  il_batch_seal (batch, end_ns);
  il_timeline_builder_add_batch (world->builder, batch);
}

#define FEED(world, end_ns, ...)                                                                   \
  feed ((world), (const Event[]){ __VA_ARGS__ },                                                   \
        sizeof ((const Event[]){ __VA_ARGS__ }) / sizeof (Event), (end_ns))

static void
assert_nothing (World *world)
{
  g_autoptr (IlFindings) findings = il_finder_get_findings (world->finder);

  if (findings->n_findings > 0)
    g_error ("%s", findings->findings[0].text);
  g_assert_cmpuint (findings->n_findings, ==, 0);
}

/* Exactly one, of this kind, that says this. */
static void
assert_finding (World *world, IlFindingKind kind, gboolean goes_on, const char *text)
{
  g_autoptr (IlFindings) findings = il_finder_get_findings (world->finder);

  g_assert_cmpuint (findings->n_findings, ==, 1);
  g_assert_cmpint (findings->findings[0].kind, ==, kind);
  g_assert_cmpint (findings->findings[0].goes_on, ==, goes_on);
  g_assert_cmpstr (findings->findings[0].text, ==, text);
}

static void
test_deadlock (void)
{
  World world;
  guint version;

  world_init (&world);
  version = il_finder_get_version (world.finder);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 30, 1, IL_RECORD_LOCK_WAIT, B, 0 });
  assert_nothing (&world);
  g_assert_cmpuint (il_finder_get_version (world.finder), ==, version);
  FEED (&world, 200, { 1000000110, 2, IL_RECORD_LOCK_WAIT, A, 0 });
  g_assert_cmpuint (il_finder_get_version (world.finder), !=, version);
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);
    const IlFinding *finding = &findings->findings[0];

    /* The orders are opposite, too. */
    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpint (finding->kind, ==, IL_FINDING_DEADLOCK);
    g_assert_true (finding->goes_on);
    g_assert_cmpuint (finding->n_lanes, ==, 2);
    g_assert_nonnull (strstr (finding->text, "Worker 1 holds A since 0.000 s and waits for B"));
    g_assert_nonnull (strstr (finding->text, "Worker 2 holds B since 0.000 s and waits for A"));
    g_assert_cmpint (findings->findings[1].kind, ==, IL_FINDING_LOCK_ORDER);
  }
  /* Somebody breaks it. */
  FEED (&world, 1000000300, { 1000000210, 2, IL_RECORD_WAIT_CANCELLED, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_false (findings->findings[0].goes_on);
  }
  world_clear (&world);
}

/* Batches of a file are long: it is found all the same. */
static void
test_broken_in_batch (void)
{
  World world;

  world_init (&world);
  FEED (&world, 3000 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 30 * MS, 1, IL_RECORD_LOCK_WAIT, B, 0 },
        { 40 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { 2000 * MS, 1, IL_RECORD_WAIT_CANCELLED, B, 0 },
        { 2000 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 2001 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);
    const IlFinding *finding = &findings->findings[0];

    g_assert_cmpint (finding->kind, ==, IL_FINDING_DEADLOCK);
    g_assert_false (finding->goes_on);
    g_assert_cmpint (finding->from_ns, ==, 40 * MS);
    g_assert_cmpint (finding->to_ns, ==, 2000 * MS);
  }
  g_assert_true (il_finder_get (world.timeline) == world.finder);
  world_clear (&world);
}

static void
test_self_deadlock (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 50 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 }, { 60 * MS, 4, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Worker 3 waits since 0.050 s for A, which it holds itself since 0.010 s");
  world_clear (&world);
}

/* It runs a task that it spawned within the one that waits for that. */
static void
test_nested_self_deadlock (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 3, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 10 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 3, IL_RECORD_TASK_BEGIN, CHILD, 1 }, { 50 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Worker 3 waits since 0.050 s for A, which it holds itself since 0.010 s: task "
                  "u, which it runs while task t waits at its join, wants what t holds");
  world_clear (&world);
}

/* The same with the spawned task on another worker: no cycle of holders, but nobody can go on. */
static void
test_stuck_behind_a_join (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 2, IL_RECORD_TASK_BEGIN, CHILD, 1 }, { 21 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 30 * MS, 1, IL_RECORD_FLAG_WAIT, JOIN, 0 });
  assert_nothing (&world);
  FEED (&world, 2000 * MS, { 1100 * MS, 9, IL_RECORD_STUCK, 0, 2 });
  assert_finding (&world, IL_FINDING_STUCK, TRUE,
                  "Nobody is left who could let go of A: Worker 2 since 0.021 s (step “lock A” of "
                  "u); Worker 1, which holds A since 0.010 s, waits itself since 0.030 s (step "
                  "“join” of t)");
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 2);
    g_assert_cmpuint (findings->findings[0].lanes[1], ==, world.lanes[1]);
  }
  world_clear (&world);
}

/* Two of three readers want to write: each waits for the other, and both are named. */
static void
test_upgrade (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_RW_ACQUIRE, READERS, 0 },
        { 11 * MS, 2, IL_RECORD_RW_ACQUIRE, READERS, 0 },
        { 12 * MS, 3, IL_RECORD_RW_ACQUIRE, READERS, 0 },
        { 20 * MS, 1, IL_RECORD_RW_WAIT, READERS, 1 },
        { 21 * MS, 2, IL_RECORD_RW_WAIT, READERS, 1 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Worker 1 holds R since 0.010 s and waits since 0.020 s for the others who hold "
                  "it; Worker 2 holds R since 0.011 s and waits since 0.021 s for the others who "
                  "hold it");
  world_clear (&world);
}

/* Without a cycle nobody is taken for stuck before the engine says so; then what is missing is told
 * for each thing. */
static void
test_stuck (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 1 * MS, 2, IL_RECORD_TASK_BEGIN, TASK, 1 },
        { 13 * MS, 1, IL_RECORD_BARRIER_WAIT, BARRIER, 1 },
        { 14 * MS, 2, IL_RECORD_BARRIER_WAIT, BARRIER, 2 },
        { 15 * MS, 3, IL_RECORD_GET_WAIT, QUEUE, 0 });
  assert_nothing (&world);
  FEED (&world, 2000 * MS, { 1100 * MS, 9, IL_RECORD_STUCK, 0, 2 });
  assert_finding (
      &world, IL_FINDING_STUCK, TRUE,
      "2 of 3 parties wait at b, and nobody is left who could come: Worker 1 since "
      "0.013 s (step “barrier b” of t), Worker 2 since 0.014 s (step “barrier b” of t)");
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].from_ns, ==, 14 * MS);
    g_assert_cmpint (findings->findings[0].to_ns, ==, 2000 * MS);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 2);
    g_assert_cmpuint (findings->findings[0].lanes[0], ==, world.lanes[1]);
    g_assert_cmpstr (il_finding_kind_get_id (findings->findings[0].kind), ==, "stuck");
  }
  FEED (&world, 3000 * MS, { 2100 * MS, 1, IL_RECORD_WAIT_CANCELLED, BARRIER, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_false (findings->findings[0].goes_on);
    g_assert_cmpint (findings->findings[0].to_ns, ==, 2100 * MS);
  }
  world_clear (&world);
}

/* What nobody brings, by the kind of thing. */
static void
test_what_is_missing (void)
{
  static const struct
  {
    IlRecordKind wait;
    guint32 object, value;
    const char *text;
  } cases[] = {
    { IL_RECORD_SEM_WAIT, SIGNAL, 0,
      "Nobody is left who could post signal: Worker 1 since 0.010 s (step “acquire signal” of t)" },
    { IL_RECORD_COND_WAIT, CONDITION, 0,
      "Nobody is left who could notify ready: Worker 1 since 0.010 s (step “wait ready” of t)" },
    { IL_RECORD_GET_WAIT, QUEUE, 0,
      "Nobody is left who could put into q: Worker 1 since 0.010 s (step “get q” of t)" },
    { IL_RECORD_PUT_WAIT, QUEUE, 0,
      "Nobody is left who could get from q: Worker 1 since 0.010 s (step “put q” of t)" },
    { IL_RECORD_RW_WAIT, READERS, 1,
      "Nobody is left who could let go of R: Worker 1 since 0.010 s (step “write-lock R” of t)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      World world;

      world_init (&world);
      FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
            { 10 * MS, 1, cases[i].wait, cases[i].object, cases[i].value },
            { 50 * MS, 9, IL_RECORD_STUCK, 0, 1 });
      assert_finding (&world, IL_FINDING_STUCK, TRUE, cases[i].text);
      world_clear (&world);
    }
}

/* Of those who wait in a deadlock nothing more is told. */
static void
test_stuck_in_a_deadlock (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 }, { 30 * MS, 4, IL_RECORD_LOCK_WAIT, A, 0 },
        { 50 * MS, 9, IL_RECORD_STUCK, 0, 2 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Worker 3 waits since 0.020 s for A, which it holds itself since 0.010 s");
  world_clear (&world);
}

/* Only one that takes the whole program with it is a finding: others are replaced. */
static void
test_crash (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 2, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 20 * MS, 2, IL_RECORD_CRASH, TASK, 7 | 2 << 16 });
  assert_nothing (&world);
  FEED (&world, 200 * MS, { 101 * MS, 3, IL_RECORD_TASK_BEGIN, TASK, 1 },
        { 120 * MS, 3, IL_RECORD_CRASH, TASK, 7 | 3 << 16 | IL_RECORD_ENDS_ALL });
  assert_finding (&world, IL_FINDING_CRASH, FALSE,
                  "Task t crashed on Worker 3, as its step “crash” (line 7) says, and the whole "
                  "program died with it; under processes only the worker dies");
  g_assert_cmpint (il_lane_get_end (il_timeline_get_lane (world.timeline, world.lanes[3])), ==,
                   120 * MS);
  world_clear (&world);
}

/* Tasks that were cancelled are told together by kind and step, with all who ran them; one that
 * wanted to put is another matter. */
static void
test_forsaken (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 2 * MS, 1, IL_RECORD_GET_WAIT, QUEUE, 0 },
        { 30 * MS, 1, IL_RECORD_WAIT_CANCELLED, QUEUE, 0 },
        { 30 * MS, 1, IL_RECORD_FORSAKEN, QUEUE, 8 },
        { 30 * MS, 1, IL_RECORD_TASK_END, IL_TASK_OUTCOME_CANCELLED, 0 },
        { 31 * MS, 2, IL_RECORD_TASK_BEGIN, TASK, 1 }, { 32 * MS, 2, IL_RECORD_FORSAKEN, QUEUE, 8 },
        { 32 * MS, 2, IL_RECORD_TASK_END, IL_TASK_OUTCOME_CANCELLED, 1 });
  assert_finding (&world, IL_FINDING_FORSAKEN, FALSE,
                  "2 tasks of t were cancelled at “get q” (line 8): nobody was left who would put "
                  "into q");
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].from_ns, ==, 2 * MS);
    g_assert_cmpint (findings->findings[0].to_ns, ==, 32 * MS);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 2);
    g_assert_cmpuint (findings->findings[0].object, ==, QUEUE);
  }
  FEED (&world, 200 * MS, { 101 * MS, 3, IL_RECORD_TASK_BEGIN, TASK, 2 },
        { 102 * MS, 3, IL_RECORD_FORSAKEN, QUEUE, 9 | IL_RECORD_GIVES });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpstr (findings->findings[1].text, ==,
                     "1 task of t was cancelled at “put q” (line 9): nobody was left who would "
                     "take out of q");
  }
  world_clear (&world);
}

/* Told by the supervisor, and shown at who died in the task for the last time. */
static void
test_given_up (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 1 * MS, 2, IL_RECORD_TASK_BEGIN, TASK, 1 },
        { 5 * MS, 9, IL_RECORD_WORKER_LOST, 11, world.lanes[1] + 1 },
        { 5 * MS, 9, IL_RECORD_GIVEN_UP, TASK, 10 },
        { 5 * MS, 9, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_LOST, 0 },
        { 6 * MS, 9, IL_RECORD_WORKER_LOST, 11, world.lanes[2] + 1 },
        { 6 * MS, 9, IL_RECORD_GIVEN_UP, TASK, 10 });
  assert_finding (&world, IL_FINDING_GIVEN_UP, FALSE,
                  "2 tasks of t are lost: whoever ran them died, each of 10 times");
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 2);
    g_assert_cmpuint (findings->findings[0].lanes[0], ==, world.lanes[1]);
    g_assert_cmpuint (findings->findings[0].lanes[1], ==, world.lanes[2]);
    g_assert_false (il_finding_kind_is_grave (findings->findings[0].kind));
  }
  world_clear (&world);
}

/* Five of them, each with a fork in the left hand. */
static void
test_long_cycle (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 11, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 12, 3, IL_RECORD_RW_ACQUIRE, READERS, 1 },
        { 20, 1, IL_RECORD_LOCK_WAIT, B, 0 }, { 21, 2, IL_RECORD_RW_WAIT, READERS, 0 },
        { 22, 4, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_nothing (&world);
  FEED (&world, 200, { 110, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_DEADLOCK);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 3);
  }
  world_clear (&world);
}

/* A unit that another one can give back is no deadlock; nor is a signal. */
static void
test_semaphores (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_SEM_ACQUIRE, SIGNAL, 1 },
        { 11, 2, IL_RECORD_SEM_ACQUIRE, SIGNAL, 0 }, { 12, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20, 1, IL_RECORD_LOCK_WAIT, A, 0 }, { 30, 3, IL_RECORD_SEM_WAIT, SIGNAL, 0 });
  assert_nothing (&world);
  FEED (&world, 200, { 110, 2, IL_RECORD_LOCK_WAIT, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_DEADLOCK);
  }
  world_clear (&world);

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_SEM_POST, SIGNAL, 1 },
        { 20, 2, IL_RECORD_SEM_ACQUIRE, SIGNAL, 0 }, { 30, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 40, 2, IL_RECORD_SEM_WAIT, SIGNAL, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

static void
assert_kind (const World *world, IlFindingKind kind)
{
  g_autoptr (IlFindings) findings = il_finder_get_findings (world->finder);

  g_assert_cmpuint (findings->n_findings, ==, 1);
  g_assert_cmpint (findings->findings[0].kind, ==, kind);
}

/* Opposite orders are told before they meet; not if one thread alone has both, nor under a gate. */
static void
test_lock_order (void)
{
#define TAKE_BOTH(at, worker, first, second)                                                       \
  { (at), (worker), IL_RECORD_LOCK_ACQUIRE, (first), 0 },                                          \
      { (at) + 1, (worker), IL_RECORD_LOCK_ACQUIRE, (second), 0 },                                 \
      { (at) + 2, (worker), IL_RECORD_LOCK_RELEASE, (second), 0 },                                 \
      { (at) + 3, (worker), IL_RECORD_LOCK_RELEASE, (first), 0 }
  World world;

  world_init (&world);
  FEED (&world, 100, TAKE_BOTH (10, 1, A, B), TAKE_BOTH (20, 1, B, A), TAKE_BOTH (30, 2, A, C));
  assert_nothing (&world);
  FEED (&world, 200, TAKE_BOTH (110, 2, B, A));
  assert_finding (
      &world, IL_FINDING_LOCK_ORDER, FALSE,
      "Worker 1 asked for A under B at 0.000 s; Worker 1 asked for B under A at 0.000 s. If that "
      "happens at the same time, all of them wait for ever");
  world_clear (&world);

  world_init (&world);
  FEED (&world, 100, { 5, 1, IL_RECORD_LOCK_ACQUIRE, C, 0 }, TAKE_BOTH (10, 1, A, B),
        { 15, 1, IL_RECORD_LOCK_RELEASE, C, 0 }, { 16, 2, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        TAKE_BOTH (20, 2, B, A), { 25, 2, IL_RECORD_LOCK_RELEASE, C, 0 });
  assert_nothing (&world);
  FEED (&world, 200, TAKE_BOTH (110, 2, B, A), TAKE_BOTH (120, 1, A, B));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* Who waits lets go of the interpreter's lock. */
  world_init (&world);
  FEED (&world, 100, TAKE_BOTH (10, 1, A, GIL), TAKE_BOTH (20, 1, GIL, A),
        TAKE_BOTH (30, 2, A, GIL), TAKE_BOTH (40, 2, GIL, A));
  assert_nothing (&world);
  world_clear (&world);
}

/* Something that two take in opposite orders with a lock: in a way that leaves some for others,
 * which is no danger, until somebody is seen to take all. */
static void
check_order_of_shared (IlRecordKind acquire, IlRecordKind release, guint32 object, guint32 some,
                       guint32 all)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, acquire, object, some }, { 11, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 12, 1, IL_RECORD_LOCK_RELEASE, A, 0 }, { 13, 1, release, object, some },
        { 20, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 21, 2, acquire, object, some },
        { 22, 2, release, object, some }, { 23, 2, IL_RECORD_LOCK_RELEASE, A, 0 });
  assert_nothing (&world);
  FEED (&world, 200, { 110, 3, acquire, object, all }, { 111, 3, release, object, all });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* What never keeps anybody out is part of no cycle. */
static void
test_lock_order_of_shared (void)
{
  /* For reading and for writing; with nine units left, and with none. */
  check_order_of_shared (IL_RECORD_RW_ACQUIRE, IL_RECORD_RW_RELEASE, READERS, 0, 1);
  check_order_of_shared (IL_RECORD_SEM_ACQUIRE, IL_RECORD_SEM_POST, SIGNAL, 9, 0);
}

static void
test_starvation (void)
{
  World world;

  world_init (&world);
  FEED (&world, 10 * MS, { 1 * MS, 1, IL_RECORD_RW_WAIT, READERS, 1 });
  for (guint i = 0; i < 250; i++)
    FEED (&world, 11 * MS + i * MS, { 10 * MS + i * MS, 2, IL_RECORD_RW_ACQUIRE, READERS, 0 },
          { 10 * MS + i * MS + 500, 2, IL_RECORD_RW_RELEASE, READERS, 0 });
  assert_nothing (&world);
  FEED (&world, 310 * MS, { 301 * MS, 1, IL_RECORD_RW_ACQUIRE, READERS, 1 });
  assert_finding (&world, IL_FINDING_STARVATION, FALSE,
                  "Worker 1 waited 300 ms for R, which others got 250 times meanwhile");
  world_clear (&world);
}

/* Where many wait, one's turn is long in coming, and fair all the same. */
static void
test_long_turn (void)
{
  World world;

  world_init (&world);
  for (guint i = 1; i < N_WORKERS; i++)
    FEED (&world, i * MS, { i * MS - 500, i, IL_RECORD_LOCK_WAIT, A, 0 });
  for (guint i = 0; i < 250; i++)
    FEED (&world, (51 + i) * MS, { (50 + i) * MS, N_WORKERS, IL_RECORD_LOCK_ACQUIRE, A, 0 },
          { (50 + i) * MS + 500, N_WORKERS, IL_RECORD_LOCK_RELEASE, A, 0 });
  FEED (&world, 350 * MS, { 341 * MS, N_WORKERS - 1, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  assert_nothing (&world);
  FEED (&world, 360 * MS, { 351 * MS, N_WORKERS - 1, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 352 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  assert_finding (&world, IL_FINDING_STARVATION, FALSE,
                  "Worker 1 waited 351 ms for A, which others got 251 times meanwhile");
  world_clear (&world);
}

static void
test_convoy (void)
{
  World world;
  gint64 now_ns = 0;

  world_init (&world);
  for (guint i = 0; i < 30; i++, now_ns += MS)
    FEED (&world, now_ns + MS, { now_ns, 1 + i % 4, IL_RECORD_LOCK_ACQUIRE, A, 0 },
          { now_ns + 100000, 1 + i % 4, IL_RECORD_LOCK_RELEASE, A, 0 });
  FEED (&world, now_ns + 30 * MS, { now_ns, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { now_ns + 1, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { now_ns + 2, 3, IL_RECORD_LOCK_WAIT, A, 0 },
        { now_ns + 20 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
        { now_ns + 20 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { now_ns + 21 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 },
        { now_ns + 22 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { now_ns + 23 * MS, 3, IL_RECORD_LOCK_RELEASE, A, 0 });
  assert_nothing (&world);
  /* Twice is chance. */
  for (guint i = 0; i < 3; i++)
    {
      assert_nothing (&world);
      now_ns += 30 * MS;
      FEED (&world, now_ns + 30 * MS, { now_ns, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { now_ns + 1, 2, IL_RECORD_LOCK_WAIT, A, 0 },
            { now_ns + 2, 3, IL_RECORD_LOCK_WAIT, A, 0 },
            { now_ns + 3, 4, IL_RECORD_LOCK_WAIT, A, 0 },
            { now_ns + 20 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
            { now_ns + 21 * MS, 2, IL_RECORD_WAIT_CANCELLED, A, 0 },
            { now_ns + 21 * MS, 3, IL_RECORD_WAIT_CANCELLED, A, 0 },
            { now_ns + 21 * MS, 4, IL_RECORD_WAIT_CANCELLED, A, 0 });
    }
  assert_finding (&world, IL_FINDING_CONVOY, FALSE,
                  "Worker 1 held A for 20.0 ms while 3 others waited, who hold it for less than "
                  "131 µs as a rule");
  world_clear (&world);
}

/* Its holder had lost its core for most of the time: that is nothing that the program does. */
static void
test_no_convoy (void)
{
  World world;
  gint64 now_ns = 0;

  world_init (&world);
  for (guint i = 0; i < 30; i++, now_ns += MS)
    FEED (&world, now_ns + MS, { now_ns, 1 + i % 4, IL_RECORD_LOCK_ACQUIRE, A, 0 },
          { now_ns + 100000, 1 + i % 4, IL_RECORD_LOCK_RELEASE, A, 0 });
  FEED (&world, now_ns + 30 * MS, { now_ns, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { now_ns + 1, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { now_ns + 2, 3, IL_RECORD_LOCK_WAIT, A, 0 },
        { now_ns + 3, 4, IL_RECORD_LOCK_WAIT, A, 0 },
        { now_ns + 50000, 1, IL_RECORD_SCHED_OUT, 1, 0 },
        { now_ns + 20 * MS - 50000, 1, IL_RECORD_SCHED_IN, 0, 0 },
        { now_ns + 20 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

static void
test_herd (void)
{
  World world;

  world_init (&world);
  for (guint i = 2; i <= 6; i++)
    FEED (&world, 100, { 10 + i, i, IL_RECORD_COND_WAIT, CONDITION, 0 });
  FEED (&world, 200, { 110, 1, IL_RECORD_COND_NOTIFY, CONDITION, 5 | IL_RECORD_WOKE });
  for (guint i = 2; i <= 6; i++)
    FEED (&world, 300, { 200 + i, i, IL_RECORD_COND_WOKEN, CONDITION, 0 });
  for (guint i = 3; i <= 6; i++)
    FEED (&world, 400, { 300 + i, i, IL_RECORD_COND_WASTED, CONDITION, 0 });
  assert_nothing (&world);
  FEED (&world, 500, { 410, 1, IL_RECORD_COND_NOTIFY, CONDITION, 1 | IL_RECORD_WOKE });
  assert_finding (&world, IL_FINDING_THUNDERING_HERD, FALSE,
                  "ready woke 5 at once, and most of them had to wait again: 4 wake-ups for "
                  "nothing");
  world_clear (&world);
}

static void
test_inversion (void)
{
  World world;

  world_init (&world);
  FEED (&world, 30 * MS + 5, { 1, 1, IL_RECORD_PRIORITY, 0, 20 },
        { 1, 2, IL_RECORD_PRIORITY, 0, 39 }, { 1, 3, IL_RECORD_PRIORITY, 0, 25 },
        { 2, 2, IL_RECORD_SCHED_IN, 0, 0 }, { 3, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 4, 2, IL_RECORD_SCHED_OUT, 1, 0 }, { 4, 1, IL_RECORD_SCHED_IN, 0, 0 },
        { 5, 1, IL_RECORD_LOCK_WAIT, A, 0 }, { 6, 1, IL_RECORD_SCHED_OUT, 0, 0 },
        { 7, 2, IL_RECORD_SCHED_IN, 0, 0 }, { 8, 2, IL_RECORD_SCHED_OUT, 1, 0 },
        { 8, 3, IL_RECORD_SCHED_IN, 0, 0 }, { 30 * MS, 3, IL_RECORD_SCHED_OUT, 0, 0 });
  assert_nothing (&world);
  FEED (&world, 200 * MS, { 30 * MS + 8, 2, IL_RECORD_SCHED_IN, 0, 0 });
  assert_finding (&world, IL_FINDING_PRIORITY_INVERSION, FALSE,
                  "Worker 1 waits for A, held by Worker 2, which Worker 3 kept off its core for "
                  "30.0 ms");
  world_clear (&world);
}

static void
test_losses (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOST_UPDATE, COUNTER, 2 },
        { 20, 2, IL_RECORD_LOST_UPDATE, COUNTER, 3 }, { 30, 2, IL_RECORD_TORN_LINES, LOG, 0 });
  assert_finding (&world, IL_FINDING_LOST_UPDATE, FALSE,
                  "2 writes to total overwrote what others had changed since it was read: 5 in "
                  "all");
  FEED (&world, 200, { 110, 1, IL_RECORD_LOST_UPDATE, COUNTER, (guint32)-4 });
  assert_finding (&world, IL_FINDING_LOST_UPDATE, FALSE,
                  "3 writes to total overwrote what others had changed since it was read: 1 in "
                  "all");
  FEED (&world, 300, { 210, 1, IL_RECORD_LOST_UPDATE, COUNTER, (guint32)-1 });
  /* They cancel out, and were overwritten all the same. */
  assert_finding (&world, IL_FINDING_LOST_UPDATE, FALSE,
                  "4 writes to total overwrote what others had changed since it was read: 0 in "
                  "all");
  world_clear (&world);
  world_init (&world);
  FEED (&world, 100, { 30, 2, IL_RECORD_TORN_LINES, LOG, 7 });
  assert_finding (&world, IL_FINDING_TORN_LINES, FALSE,
                  "7 lines of log are not whole: several wrote at the same time");
  world_clear (&world);
}

/* The dead hold nothing. */
static void
test_death (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 20, 1, IL_RECORD_LANE_END, 0, 0 },
        { 25, 3, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 30, 2, IL_RECORD_OWNER_DIED, A, 77 },
        { 31, 2, IL_RECORD_OWNER_DIED, B, 0 }, { 32, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 33, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

static _Atomic gboolean stops;

static void *
ask (void *data)
{
  IlFinder *finder = data;

  while (!stops)
    {
      g_autoptr (IlFindings) findings = il_finder_get_findings (finder);

      for (guint i = 0; i < findings->n_findings; i++)
        g_assert_cmpint (findings->findings[i].from_ns, <=, findings->findings[i].to_ns);
    }
  return NULL;
}

static void
test_threads (void)
{
  World world;
  pthread_t thread;

  world_init (&world);
  stops = FALSE;
  g_assert_cmpint (pthread_create (&thread, NULL, ask, world.finder), ==, 0);
  for (guint i = 0; i < 2000; i++)
    {
      gint64 at = i * 100;

      FEED (&world, at + 100, { at + 1, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { at + 2, 1, IL_RECORD_LOCK_WAIT, A, 0 },
            { at + 3, 2, IL_RECORD_LOST_UPDATE, COUNTER, 1 });
      FEED (&world, at + 100, { at + 50, 1, IL_RECORD_WAIT_CANCELLED, A, 0 },
            { at + 51, 1, IL_RECORD_LOCK_RELEASE, A, 0 });
    }
  stops = TRUE;
  pthread_join (thread, NULL);
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpuint (findings->findings[1].count, ==, 2000);
  }
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/deadlock", test_deadlock);
  g_test_add_func ("/finder/broken-in-batch", test_broken_in_batch);
  g_test_add_func ("/finder/self-deadlock", test_self_deadlock);
  g_test_add_func ("/finder/nested-self-deadlock", test_nested_self_deadlock);
  g_test_add_func ("/finder/stuck-behind-a-join", test_stuck_behind_a_join);
  g_test_add_func ("/finder/upgrade", test_upgrade);
  g_test_add_func ("/finder/stuck", test_stuck);
  g_test_add_func ("/finder/what-is-missing", test_what_is_missing);
  g_test_add_func ("/finder/stuck-in-a-deadlock", test_stuck_in_a_deadlock);
  g_test_add_func ("/finder/crash", test_crash);
  g_test_add_func ("/finder/forsaken", test_forsaken);
  g_test_add_func ("/finder/given-up", test_given_up);
  g_test_add_func ("/finder/long-cycle", test_long_cycle);
  g_test_add_func ("/finder/semaphores", test_semaphores);
  g_test_add_func ("/finder/lock-order", test_lock_order);
  g_test_add_func ("/finder/lock-order/shared", test_lock_order_of_shared);
  g_test_add_func ("/finder/starvation", test_starvation);
  g_test_add_func ("/finder/long-turn", test_long_turn);
  g_test_add_func ("/finder/convoy", test_convoy);
  g_test_add_func ("/finder/no-convoy", test_no_convoy);
  g_test_add_func ("/finder/herd", test_herd);
  g_test_add_func ("/finder/inversion", test_inversion);
  g_test_add_func ("/finder/losses", test_losses);
  g_test_add_func ("/finder/death", test_death);
  g_test_add_func ("/finder/threads", test_threads);
  return g_test_run ();
}
