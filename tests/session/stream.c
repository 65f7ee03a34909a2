/* stream.c - records as a pool under a scheduler makes them, simulated
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "stream.h"

#include <math.h>

typedef enum
{
  FETCH,
  FETCHED,
  WORK,
  ENTER,
  LEAVE,
  FINISH,
  SUBMIT,
  ASLEEP, /* until somebody wakes it */
} Step;

typedef struct
{
  gint64 time_ns;
  Step step;
  gboolean waited;
  guint32 task;
  guint32 core;
} Actor;

struct _IlStream
{
  GRand *random;
  gint64 now_ns;
  gint64 task_ns;
  guint n_workers;
  guint depth;
  guint32 n_submitted, n_taken;
  guint32 holder_plus_1;
  guint n_lock_waiters;
  gboolean started;
  IlBatch *batch;
  Actor actors[]; /* the submitter, then workers; lane is 2 + index */
};

static const char *const worker_names[]
    = { "Worker 1", "Worker 2", "Worker 3", "Worker 4",  "Worker 5",  "Worker 6",
        "Worker 7", "Worker 8", "Worker 9", "Worker 10", "Worker 11", "Worker 12" };

IlStream *
il_stream_new (guint32 seed, guint n_workers, gint64 task_ns)
{
  IlStream *stream = g_malloc0 (sizeof *stream + (n_workers + 1) * sizeof (Actor));

  g_assert_cmpuint (n_workers, <=, G_N_ELEMENTS (worker_names));
  stream->random = g_rand_new_with_seed (seed);
  stream->n_workers = n_workers;
  stream->task_ns = task_ns;
  stream->actors[0].step = SUBMIT;
  for (guint i = 0; i <= n_workers; i++)
    {
      stream->actors[i].core = i % IL_STREAM_N_CORES;
      stream->actors[i].time_ns = 1000 * (i + 1);
    }
  return stream;
}

void
il_stream_free (IlStream *stream)
{
  if (stream == NULL)
    return;
  g_rand_free (stream->random);
  g_free (stream);
}

static gint64
around (IlStream *stream, gint64 mean_ns)
{
  /* Work is mostly what it should be, and sometimes disturbed. */
  if (g_rand_int_range (stream->random, 0, 16) > 0)
    return mean_ns + g_rand_int_range (stream->random, 0, 1 + (gint32)(mean_ns / 16));
  return mean_ns + (gint64)(-log (g_rand_double_range (stream->random, 1e-9, 1)) * (double)mean_ns);
}

static void
say (IlStream *stream, guint actor, IlRecordKind kind, guint32 object, guint32 value)
{
  const IlRecord record = {
    .time_ns = stream->actors[actor].time_ns, .kind = kind, .object = object, .value = value
  };

  il_batch_append (stream->batch, IL_STREAM_SUBMITTER + actor, &record, 1);
}

static void
pass (IlStream *stream, guint actor, gint64 ns)
{
  stream->actors[actor].time_ns += around (stream, ns);
}

static void
fall_asleep (IlStream *stream, guint actor)
{
  pass (stream, actor, 900);
  say (stream, actor, IL_RECORD_SCHED_OUT, 0, stream->actors[actor].core);
  stream->actors[actor].waited = TRUE;
  stream->actors[actor].step = ASLEEP;
}

static void
wake (IlStream *stream, guint waker, guint actor, Step step)
{
  Actor *woken = &stream->actors[actor];

  woken->time_ns = stream->actors[waker].time_ns + around (stream, 9000);
  if (g_rand_int_range (stream->random, 0, 8) == 0)
    woken->core ^= 1;
  say (stream, actor, IL_RECORD_SCHED_IN, 0, woken->core);
  pass (stream, actor, 1500);
  woken->step = step;
}

/* The first that sleeps and stands at the given step's object; sleepers in front of a queue are
 * told from those in front of the lock by their task. */
static guint
find_sleeper (IlStream *stream, gboolean in_task)
{
  for (guint i = 1; i <= stream->n_workers; i++)
    if (stream->actors[i].step == ASLEEP && (stream->actors[i].task != 0) == in_task)
      return i;
  return 0;
}

static void
submit (IlStream *stream)
{
  Actor *submitter = &stream->actors[0];
  guint sleeper = find_sleeper (stream, FALSE);

  if (stream->depth == IL_STREAM_QUEUE_CAPACITY)
    {
      say (stream, 0, IL_RECORD_PUT_WAIT, IL_STREAM_QUEUE, 0);
      fall_asleep (stream, 0);
      return;
    }
  stream->depth++;
  if (submitter->waited)
    submitter->waited = FALSE;
  say (stream, 0, IL_RECORD_TASK_SUBMIT, IL_STREAM_TASK, stream->n_submitted++);
  say (stream, 0, IL_RECORD_PUT, IL_STREAM_QUEUE,
       stream->depth | (sleeper != 0 ? IL_RECORD_WOKE : 0));
  if (sleeper != 0)
    wake (stream, 0, sleeper, FETCH);
  pass (stream, 0, stream->task_ns / MAX (1, stream->n_workers));
}

static void
fetch (IlStream *stream, guint actor)
{
  Actor *worker = &stream->actors[actor];
  gboolean full = stream->depth == IL_STREAM_QUEUE_CAPACITY;

  worker->task = 0;
  if (stream->depth == 0)
    {
      say (stream, actor, IL_RECORD_GET_WAIT, IL_STREAM_QUEUE, 0);
      fall_asleep (stream, actor);
      return;
    }
  stream->depth--;
  worker->task = ++stream->n_taken;
  full = full && stream->actors[0].step == ASLEEP;
  say (stream, actor, IL_RECORD_GET, IL_STREAM_QUEUE, stream->depth | (full ? IL_RECORD_WOKE : 0));
  if (full)
    wake (stream, actor, 0, SUBMIT);
  pass (stream, actor, 40);
  worker->step = FETCHED;
}

static void
enter (IlStream *stream, guint actor)
{
  if (stream->holder_plus_1 != 0)
    {
      say (stream, actor, IL_RECORD_LOCK_WAIT, IL_STREAM_LOCK, stream->holder_plus_1);
      stream->n_lock_waiters++;
      fall_asleep (stream, actor);
      return;
    }
  say (stream, actor, IL_RECORD_LOCK_ACQUIRE, IL_STREAM_LOCK, 0);
  stream->holder_plus_1 = IL_STREAM_SUBMITTER + actor + 1;
  pass (stream, actor, stream->task_ns / 20);
  stream->actors[actor].step = LEAVE;
}

static void
leave (IlStream *stream, guint actor)
{
  guint sleeper = find_sleeper (stream, TRUE);

  say (stream, actor, IL_RECORD_LOCK_RELEASE, IL_STREAM_LOCK, sleeper != 0 ? IL_RECORD_WOKE : 0);
  stream->holder_plus_1 = 0;
  if (sleeper != 0)
    {
      wake (stream, actor, sleeper, LEAVE);
      say (stream, sleeper, IL_RECORD_LOCK_ACQUIRE, IL_STREAM_LOCK,
           IL_STREAM_SUBMITTER + actor + 1);
      stream->n_lock_waiters--;
      stream->holder_plus_1 = IL_STREAM_SUBMITTER + sleeper + 1;
      pass (stream, sleeper, stream->task_ns / 20);
    }
  pass (stream, actor, 60);
  stream->actors[actor].step = FINISH;
}

static void
work (IlStream *stream, guint actor)
{
  Actor *worker = &stream->actors[actor];

  if (g_rand_int_range (stream->random, 0, 50) == 0)
    {
      pass (stream, actor, stream->task_ns / 2);
      say (stream, actor, IL_RECORD_SCHED_OUT, 1, worker->core);
      pass (stream, actor, 300000);
      say (stream, actor, IL_RECORD_SCHED_IN, 0, worker->core);
    }
  pass (stream, actor, stream->task_ns);
  worker->step = ENTER;
}

static void
step (IlStream *stream, guint actor)
{
  Actor *worker = &stream->actors[actor];

  switch (worker->step)
    {
    case SUBMIT:
      submit (stream);
      break;
    case FETCH:
      fetch (stream, actor);
      break;
    case FETCHED:
      say (stream, actor, IL_RECORD_TASK_BEGIN, IL_STREAM_TASK, worker->task - 1);
      worker->step = WORK;
      break;
    case WORK:
      work (stream, actor);
      break;
    case ENTER:
      enter (stream, actor);
      break;
    case LEAVE:
      leave (stream, actor);
      break;
    case FINISH:
      say (stream, actor, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, worker->task - 1);
      worker->task = 0;
      worker->step = FETCH;
      break;
    case ASLEEP:
    default:
      g_assert_not_reached ();
    }
}

static void
start (IlStream *stream)
{
  stream->started = TRUE;
  for (guint i = 0; i <= stream->n_workers; i++)
    {
      say (stream, i, IL_RECORD_LANE_BEGIN, 0, i == 0 ? 0 : IL_STREAM_SUBMITTER + 1);
      say (stream, i, IL_RECORD_SCHED_IN, 0, stream->actors[i].core);
      pass (stream, i, 3000);
    }
}

static void
use_cores (IlStream *stream, gint64 end_ns)
{
  for (guint32 core = 0; core < IL_STREAM_N_CORES; core++)
    {
      guint user = (guint)g_rand_int_range (stream->random, 300, 900);
      const IlRecord record = { .time_ns = end_ns - 1,
                                .kind = IL_RECORD_CORE_USAGE,
                                .object = user | 50u << 10,
                                .value = (950 - user) << 10 };

      il_batch_append (stream->batch, core, &record, 1);
    }
}

/* The next window of the stream.  What an actor does is said in advance by up to a few steps, so
 * that some records fall behind the window's end: the next batch would have them; here the batch
 * ends where the last of them is. */
IlBatch *
il_stream_next (IlStream *stream, gint64 length_ns)
{
  gint64 end_ns = stream->now_ns + length_ns;
  IlBatch *batch = stream->batch = il_batch_new (stream->now_ns);

  if (!stream->started)
    start (stream);
  for (;;)
    {
      guint first = G_MAXUINT;

      for (guint i = 0; i <= stream->n_workers; i++)
        if (stream->actors[i].step != ASLEEP
            && (first == G_MAXUINT || stream->actors[i].time_ns < stream->actors[first].time_ns))
          first = i;
      if (first == G_MAXUINT || stream->actors[first].time_ns >= end_ns)
        break;
      step (stream, first);
    }
  use_cores (stream, end_ns);
  for (guint i = 0; i <= stream->n_workers; i++)
    end_ns = MAX (end_ns, stream->actors[i].time_ns + 1);
  il_batch_seal (batch, end_ns);
  stream->now_ns = end_ns;
  return batch;
}

guint
il_stream_get_n_lanes (const IlStream *stream)
{
  return IL_STREAM_FIRST_WORKER + stream->n_workers;
}

void
il_stream_get_lane (const IlStream *stream, guint index, IlLaneInfo *info)
{
  static const char *const cores[] = { "Core 0", "Core 1" };

  *info = (IlLaneInfo){ .kind = IL_LANE_THREAD,
                        .scheduler = IL_SCHEDULER_EXACT,
                        .pid = 100,
                        .tid = 100 + (gint32)index,
                        .process_name = "stream" };
  if (index < IL_STREAM_N_CORES)
    *info = (IlLaneInfo){ .kind = IL_LANE_CORE, .number = index, .name = cores[index] };
  else if (index == IL_STREAM_SUBMITTER)
    {
      info->role = IL_LANE_ROLE_SUBMITTER;
      info->name = "Submitter";
    }
  else
    {
      info->role = IL_LANE_ROLE_WORKER;
      info->number = index - IL_STREAM_SUBMITTER;
      info->name = worker_names[info->number - 1];
    }
}

void
il_stream_foreach_object (IlStreamObjectFunc func, gpointer data)
{
  func (IL_STREAM_LOCK, IL_OBJECT_KIND_LOCK, "A", 0, data);
  func (IL_STREAM_QUEUE, IL_OBJECT_KIND_QUEUE, "tasks", IL_STREAM_QUEUE_CAPACITY, data);
  func (IL_STREAM_TASK, IL_OBJECT_KIND_TASK, "work", 0, data);
}
