/* simulation.c - a timeline as a run of the pool would leave it, made up
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Time goes on in small steps.  Workers take tasks from a bounded queue, compute, take a lock,
 * compute, and sometimes wait for a disk; cores run them in turn, and other programs now and then.
 */

#include "config.h"

#include "simulation.h"

#include <math.h>

#define LOCK 1
#define QUEUE 2
#define TASK_KIND 3
#define SEMAPHORE 4
#define QUANTUM_STEPS 300
#define USAGE_STEPS 800

const Simulation simulation_default = { .n_cores = 2,
                                        .n_workers = 4,
                                        .duration_ns = 1400000000,
                                        .step_ns = 20000,
                                        .section_ns = 2600000,
                                        .arrivals = 260,
                                        .capacity = 12,
                                        .seed = 1 };

typedef enum
{
  ASKING,
  COMPUTING,
  WANTING,
  LOCKED,
  DISK,
} Phase;

typedef struct
{
  guint32 lane;
  Phase phase;
  int left;       /* steps */
  int core;       /* -1: none */
  int slice;      /* steps on it */
  gboolean asked; /* the wait has been reported */
  guint32 task;
} Worker;

typedef struct
{
  const Simulation *plan;
  GRand *random;
  IlBatch *batch;
  Worker *workers;
  guint32 *core_lanes;
  int *core_user; /* worker, -1: idle, -2: another program */
  guint *core_busy;
  guint32 submitter;
  guint32 depth;
  guint32 n_submitted, next_task;
  int holder;
  guint n_inside;
  gint64 now_ns;
} World;

static void
say (World *world, guint32 lane, IlRecordKind kind, guint32 object, guint32 value)
{
  IlRecord record = { world->now_ns, kind, object, value };

  il_batch_append (world->batch, lane, &record, 1);
}

static int
steps (World *world, double ns)
{
  double length = -log (1 - g_rand_double (world->random) * 0.95) * ns;

  return MAX (1, (int)(length / (double)world->plan->step_ns));
}

/* Also of one that was only ready for a core: it then had been on one for a moment. */
static void
leave_core (World *world, Worker *worker, gboolean preempted)
{
  say (world, worker->lane, IL_RECORD_SCHED_OUT, preempted, (guint32)MAX (worker->core, 0));
  if (worker->core < 0)
    return;
  world->core_user[worker->core] = -1;
  worker->core = -1;
}

static void
begin_task (World *world, Worker *worker)
{
  world->depth--;
  if (worker->asked)
    say (world, worker->lane, IL_RECORD_SCHED_WAKE, 0, 0);
  worker->task = world->next_task++;
  say (world, worker->lane, IL_RECORD_GET, QUEUE, world->depth);
  say (world, worker->lane, IL_RECORD_TASK_BEGIN, TASK_KIND, worker->task);
  worker->phase = COMPUTING;
  worker->left = steps (world, 5.5e6);
  worker->asked = FALSE;
}

static void
try_to_lock (World *world, Worker *worker)
{
  if (world->holder >= 0)
    {
      if (!worker->asked)
        {
          say (world, worker->lane, IL_RECORD_LOCK_WAIT, LOCK,
               world->workers[world->holder].lane + 1);
          leave_core (world, worker, FALSE);
        }
      worker->asked = TRUE;
      return;
    }
  world->holder = (int)(worker - world->workers);
  if (worker->asked)
    say (world, worker->lane, IL_RECORD_SCHED_WAKE, 0, 0);
  say (world, worker->lane, IL_RECORD_LOCK_ACQUIRE, LOCK, 0);
  worker->asked = FALSE;
  worker->phase = LOCKED;
  worker->left = steps (world, (double)world->plan->section_ns);
}

static void
end_task (World *world, Worker *worker)
{
  say (world, worker->lane, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, worker->task);
  worker->phase = ASKING;
}

static void
after_lock (World *world, Worker *worker)
{
  say (world, worker->lane, IL_RECORD_LOCK_RELEASE, LOCK, 0);
  world->holder = -1;
  if (g_rand_double (world->random) < 0.12 && world->n_inside < 2)
    {
      world->n_inside++;
      say (world, worker->lane, IL_RECORD_SEM_ACQUIRE, SEMAPHORE, 2 - world->n_inside);
      say (world, worker->lane, IL_RECORD_IO_BEGIN, 0, 0);
      leave_core (world, worker, FALSE);
      worker->phase = DISK;
      worker->left = steps (world, 7e6);
      return;
    }
  end_task (world, worker);
}

static void
ask (World *world, Worker *worker)
{
  if (world->depth > 0)
    begin_task (world, worker);
  else if (!worker->asked)
    {
      say (world, worker->lane, IL_RECORD_GET_WAIT, QUEUE, 0);
      leave_core (world, worker, FALSE);
      worker->asked = TRUE;
    }
}

static void
step_worker (World *world, Worker *worker)
{
  gboolean computes = worker->phase == COMPUTING || worker->phase == LOCKED;

  if (worker->phase == ASKING)
    ask (world, worker);
  else if (worker->phase == WANTING)
    try_to_lock (world, worker);
  else if ((!computes || worker->core >= 0) && --worker->left <= 0)
    {
      if (worker->phase == COMPUTING)
        worker->phase = WANTING;
      else if (worker->phase == LOCKED)
        after_lock (world, worker);
      else
        {
          say (world, worker->lane, IL_RECORD_SCHED_WAKE, 0, 0);
          say (world, worker->lane, IL_RECORD_IO_END, 0, 0);
          world->n_inside--;
          say (world, worker->lane, IL_RECORD_SEM_POST, SEMAPHORE, 2 - world->n_inside);
          end_task (world, worker);
        }
    }
}

static gboolean
wants_core (const Worker *worker)
{
  return worker->core < 0 && (worker->phase == COMPUTING || worker->phase == LOCKED);
}

static void
step_core (World *world, guint core)
{
  int user = world->core_user[core];
  guint first = (guint)g_rand_int_range (world->random, 0, (int)world->plan->n_workers);

  if (user == -2 && g_rand_double (world->random) < 0.004)
    world->core_user[core] = user = -1;
  if (user >= 0 && ++world->workers[user].slice > QUANTUM_STEPS)
    {
      leave_core (world, &world->workers[user], TRUE);
      user = -1;
    }
  for (guint i = 0; user == -1 && i < world->plan->n_workers; i++)
    {
      Worker *worker = &world->workers[(first + i) % world->plan->n_workers];

      if (!wants_core (worker))
        continue;
      worker->core = (int)core;
      worker->slice = 0;
      world->core_user[core] = user = (int)(worker - world->workers);
      say (world, worker->lane, IL_RECORD_SCHED_IN, 0, core);
    }
  if (user == -1 && g_rand_double (world->random) < 0.0005)
    world->core_user[core] = -2;
  world->core_busy[core] += world->core_user[core] != -1;
}

static void
report_usage (World *world)
{
  for (guint core = 0; core < world->plan->n_cores; core++)
    {
      guint32 busy = world->core_busy[core] * 1000 / USAGE_STEPS;

      say (world, world->core_lanes[core], IL_RECORD_CORE_USAGE, busy, (1000 - busy) << 10);
      world->core_busy[core] = 0;
    }
}

static void
submit (World *world)
{
  /* Slow waves, so that the queue is full at times and empty at others. */
  double wave = 1 + 0.7 * sin ((double)world->now_ns / 0.11e9);
  double chance = world->plan->arrivals * wave * (double)world->plan->step_ns / 1e9;

  if (world->depth >= world->plan->capacity || g_rand_double (world->random) >= chance)
    return;
  say (world, world->submitter, IL_RECORD_SCHED_IN, 0, 0);
  say (world, world->submitter, IL_RECORD_SLEEP_END, 0, 0);
  say (world, world->submitter, IL_RECORD_TASK_SUBMIT, TASK_KIND, world->n_submitted++);
  say (world, world->submitter, IL_RECORD_PUT, QUEUE, ++world->depth);
  say (world, world->submitter, IL_RECORD_SLEEP_BEGIN, 0, 0);
  say (world, world->submitter, IL_RECORD_SCHED_OUT, 0, 0);
}

static void
add_lanes (World *world, IlTimelineBuilder *builder)
{
  IlLaneInfo info = { .kind = IL_LANE_CORE };

  for (guint i = 0; i < world->plan->n_cores; i++)
    {
      g_autofree char *name = g_strdup_printf ("Core %u", i);

      info.number = i;
      info.name = name;
      world->core_lanes[i] = il_timeline_builder_add_lane (builder, &info);
      world->core_user[i] = -1;
    }
  info.kind = IL_LANE_THREAD;
  info.role = IL_LANE_ROLE_WORKER;
  info.scheduler = IL_SCHEDULER_EXACT;
  info.pid = 100;
  for (guint i = 0; i < world->plan->n_workers; i++)
    {
      g_autofree char *name = g_strdup_printf ("Worker %u", i + 1);

      info.number = i + 1;
      info.name = name;
      info.tid = (gint32)(101 + i);
      world->workers[i].lane = il_timeline_builder_add_lane (builder, &info);
      world->workers[i].core = -1;
    }
  info.role = IL_LANE_ROLE_SUBMITTER;
  info.number = 0;
  info.name = "Submitter";
  info.tid = 99;
  world->submitter = il_timeline_builder_add_lane (builder, &info);
  il_timeline_builder_add_object (builder, LOCK, IL_OBJECT_KIND_LOCK, "A", 0);
  il_timeline_builder_add_object (builder, SEMAPHORE, IL_OBJECT_KIND_SEMAPHORE, "disk", 2);
  il_timeline_builder_add_object (builder, QUEUE, IL_OBJECT_KIND_QUEUE, "tasks",
                                  world->plan->capacity);
  il_timeline_builder_add_object (builder, TASK_KIND, IL_OBJECT_KIND_TASK, "work", 0);
}

static void
begin_lanes (World *world)
{
  for (guint i = 0; i < world->plan->n_workers; i++)
    {
      say (world, world->workers[i].lane, IL_RECORD_LANE_BEGIN, 0, 0);
      say (world, world->workers[i].lane, IL_RECORD_IDLE, 0, 0);
    }
  say (world, world->submitter, IL_RECORD_LANE_BEGIN, 0, 0);
  say (world, world->submitter, IL_RECORD_IDLE, 0, 0);
  say (world, world->submitter, IL_RECORD_SLEEP_BEGIN, 0, 0);
  say (world, world->submitter, IL_RECORD_SCHED_OUT, 0, 0);
}

static void
run (World *world)
{
  gint64 n_steps = world->plan->duration_ns / world->plan->step_ns;

  begin_lanes (world);
  for (gint64 step = 0; step < n_steps; step++)
    {
      world->now_ns = step * world->plan->step_ns + 1;
      submit (world);
      for (guint i = 0; i < world->plan->n_workers; i++)
        step_worker (world, &world->workers[i]);
      for (guint i = 0; i < world->plan->n_cores; i++)
        step_core (world, i);
      if (step % USAGE_STEPS == USAGE_STEPS - 1)
        report_usage (world);
    }
}

IlTimeline *
simulate (const Simulation *simulation)
{
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  World world = { .plan = simulation, .holder = -1 };

  world.random = g_rand_new_with_seed (simulation->seed);
  world.workers = g_new0 (Worker, simulation->n_workers);
  world.core_lanes = g_new0 (guint32, simulation->n_cores);
  world.core_user = g_new0 (int, simulation->n_cores);
  world.core_busy = g_new0 (guint, simulation->n_cores);
  world.batch = il_batch_new (0);
  add_lanes (&world, builder);
  run (&world);
  il_batch_seal (world.batch, simulation->duration_ns);
  il_timeline_builder_add_batch (builder, world.batch);
  il_batch_unref (world.batch);
  g_rand_free (world.random);
  g_free (world.workers);
  g_free (world.core_lanes);
  g_free (world.core_user);
  g_free (world.core_busy);
  return timeline;
}
