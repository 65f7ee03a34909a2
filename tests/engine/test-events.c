/* test-events.c - what the engine records is what happened, in an order that can be believed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-trace-reader.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define MAX_LANES 256
#define MAX_OBJECTS 64

#define MAX_STOPS 100
#define MAX_ROUNDS 20000 /* of a millisecond at least */

typedef struct
{
  guint lane; /* of the recording, each life of a lane in the file counts anew */
  guint index;
  IlEvent event;
} Entry;

typedef struct
{
  IlTraceReader *reader;
  IlTraceLaneInfo lanes[MAX_LANES];
  guint n_lanes;
  guint current[MAX_LANES]; /* of each index in the file, the life that it is in */
  IlTraceObjectInfo objects[MAX_OBJECTS];
  guint n_objects;
  GArray *entries; /* of Entry, by stamp after finish() */
} Recording;

static void
object_added_cb (const IlTraceObjectInfo *object, void *data)
{
  Recording *self = data;

  g_assert_cmpuint (object->id, ==, self->n_objects + 1);
  self->objects[self->n_objects++] = *object;
}

static void
lane_begun_cb (const IlTraceLaneInfo *lane, void *data)
{
  Recording *self = data;

  g_assert_cmpuint (self->n_lanes, <, MAX_LANES);
  self->current[lane->index] = self->n_lanes;
  self->lanes[self->n_lanes++] = *lane;
}

static void
events_cb (const IlTraceLaneInfo *lane, const IlEvent *events, size_t n_events, void *data)
{
  Recording *self = data;

  for (size_t i = 0; i < n_events; i++)
    {
      Entry entry = { self->current[lane->index], self->entries->len, events[i] };

      g_array_append_val (self->entries, entry);
    }
}

static void
damaged_cb (const IlTraceLaneInfo *lane, const char *what, void *data)
{
  g_error ("lane %s: %s", lane->name, what);
}

static const IlTraceHandler handler = { .object_added = object_added_cb,
                                        .lane_begun = lane_begun_cb,
                                        .events = events_cb,
                                        .damaged = damaged_cb };

static void
recording_init (Recording *self)
{
  memset (self, 0, sizeof *self);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  self->reader = il_trace_reader_new (g_get_tmp_dir (), 0, 0);
  g_assert_nonnull (self->reader);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  if (x->event.stamp != y->event.stamp)
    return x->event.stamp < y->event.stamp ? -1 : 1;
  return x->index < y->index ? -1 : 1;
}

static void
recording_finish (Recording *self)
{
  IlTraceReaderStats stats;

  il_trace_reader_drain (self->reader, &handler, self);
  il_trace_reader_get_stats (self->reader, &stats);
  g_assert_cmpuint (stats.n_lost, ==, 0);
  g_assert_cmpuint (stats.n_damaged, ==, 0);
  g_array_sort (self->entries, compare_entries);
}

static void
recording_clear (Recording *self)
{
  g_array_unref (self->entries);
  il_trace_reader_free (self->reader);
}

/* The tasks that the scenario says how many there are of. */
static uint64_t
count_tasks (const IlScenario *scenario)
{
  uint64_t n_tasks = 0;

  for (guint i = 0; i < scenario->n_tasks; i++)
    n_tasks += (uint64_t)scenario->tasks[i].count.literal;
  return n_tasks;
}

/* Whether those are settled; of others it does not matter how many there were. */
static bool
is_settled (const IlPool *pool, const IlScenario *scenario)
{
  IlPoolCounts counts;

  il_pool_get_counts (pool, &counts);
  return counts.done + counts.failed + counts.cancelled + counts.lost >= count_tasks (scenario);
}

static guint
count (const Recording *self, IlEventKind kind)
{
  guint n = 0;

  for (guint i = 0; i < self->entries->len; i++)
    n += IL_EVENT_KIND (g_array_index (self->entries, Entry, i).event.what) == kind;
  return n;
}

/* Waits until all stand still.  Who is stopped within a wait does not say so, and on a machine with
 * much to do all may be: while there is work without end they are let go and stopped again. */
static void
await_stop (Recording *self, IlPool *pool, bool ends)
{
  guint n_stops = 0;

  for (guint i = 0; i < MAX_ROUNDS && n_stops < MAX_STOPS; i++)
    {
      gboolean is_stopped = il_pool_is_stopped (pool);

      il_pool_supervise (pool, NULL);
      il_trace_reader_drain (self->reader, &handler, self);
      if (is_stopped && (ends || count (self, IL_EVENT_STOPPED_BEGIN) > 0))
        return;
      if (is_stopped)
        il_pool_resume (pool);
      g_usleep (1000);
      if (is_stopped)
        il_pool_pause (pool);
      n_stops += is_stopped;
    }
}

/* Workers are to be killed until one had what others want. */
static bool
wants_death (const Recording *self, guint n_kills)
{
  return n_kills > 0 && count (self, IL_EVENT_OWNER_DIED) == 0;
}

/* Runs a scenario for some milliseconds, or as long as it takes where there is an end, or workers
 * are to be killed, and records it. */
static IlPoolCounts
record (Recording *self, IlScenario *scenario, guint n_kills)
{
  int error_number;
  IlTrace *trace;
  IlPool *pool;
  IlPoolCounts counts;

  recording_init (self);
  trace = il_trace_attach (il_trace_reader_get_path (self->reader), &error_number);
  g_assert_nonnull (trace);
  pool = fixture_start_pool (scenario, trace);
  for (guint i = 0;
       i < 60 || (i < MAX_ROUNDS && (!is_settled (pool, scenario) || wants_death (self, n_kills)));
       i++)
    {
      il_pool_supervise (pool, NULL);
      il_trace_reader_drain (self->reader, &handler, self);
      if (i < n_kills || (i > 60 && i % (i / 10) == 0 && wants_death (self, n_kills)))
        il_pool_kill_worker (pool, 1 + i % il_pool_get_n_workers (pool), NULL);
      if (i == 30)
        il_pool_pause (pool);
      if (i == 40)
        await_stop (self, pool, count_tasks (scenario) > 0);
      if (i == 40)
        il_pool_resume (pool);
      g_usleep (1000);
    }
  il_pool_terminate (pool);
  counts = fixture_join_pool (pool);
  il_pool_free (pool);
  recording_finish (self);
  il_trace_detach (trace);
  return counts;
}

/* A lane says that it waits before it says that the wait is over, and what it was for. */
typedef struct
{
  IlEventKind wait; /* NONE: it does not */
  guint object;
  gboolean is_stopped;
  guint32 task; /* in which it is */
} LaneState;

static IlEventKind
get_wait (IlEventKind kind)
{
  switch (kind)
    {
    case IL_EVENT_LOCK_ACQUIRE:
      return IL_EVENT_LOCK_WAIT;
    case IL_EVENT_SEM_ACQUIRE:
      return IL_EVENT_SEM_WAIT;
    case IL_EVENT_PUT:
      return IL_EVENT_PUT_WAIT;
    case IL_EVENT_GET:
      return IL_EVENT_GET_WAIT;
    case IL_EVENT_SLEEP_END:
      return IL_EVENT_SLEEP_BEGIN;
    default:
      return IL_EVENT_NONE;
    }
}

static void
check_lane_event (LaneState *lane, const IlEvent *event)
{
  IlEventKind kind = IL_EVENT_KIND (event->what);
  guint object = IL_EVENT_OBJECT (event->what);

  switch (kind)
    {
    case IL_EVENT_LOCK_WAIT:
    case IL_EVENT_SEM_WAIT:
    case IL_EVENT_PUT_WAIT:
    case IL_EVENT_GET_WAIT:
    case IL_EVENT_SLEEP_BEGIN:
      g_assert_cmpint (lane->wait, ==, IL_EVENT_NONE);
      lane->wait = kind;
      lane->object = object;
      break;
    case IL_EVENT_LOCK_ACQUIRE:
      /* The last holder is named if and only if there was a wait. */
      g_assert_cmpint (event->value != 0, ==, lane->wait == IL_EVENT_LOCK_WAIT);
      G_GNUC_FALLTHROUGH;
    case IL_EVENT_SEM_ACQUIRE:
    case IL_EVENT_PUT:
    case IL_EVENT_GET:
    case IL_EVENT_SLEEP_END:
      g_assert_true (lane->wait == IL_EVENT_NONE
                     || (lane->wait == get_wait (kind) && lane->object == object));
      lane->wait = IL_EVENT_NONE;
      break;
    case IL_EVENT_WAIT_CANCELLED:
      g_assert_cmpint (lane->wait, !=, IL_EVENT_NONE);
      g_assert_cmpuint (lane->object, ==, object);
      lane->wait = IL_EVENT_NONE;
      break;
    case IL_EVENT_STOPPED_BEGIN:
    case IL_EVENT_STOPPED_END:
      g_assert_cmpint (lane->is_stopped, ==, kind == IL_EVENT_STOPPED_END);
      g_assert_cmpint (lane->wait, ==, IL_EVENT_NONE);
      lane->is_stopped = !lane->is_stopped;
      break;
    case IL_EVENT_TASK_DIRECT:
      g_assert_cmpint (lane->wait, ==, IL_EVENT_NONE);
      break;
    case IL_EVENT_TASK_SUBMIT:
      g_assert_true (lane->wait == IL_EVENT_NONE || lane->wait == IL_EVENT_PUT_WAIT);
      lane->wait = IL_EVENT_NONE;
      break;
    case IL_EVENT_TASK_BEGIN:
      g_assert_true (lane->wait == IL_EVENT_NONE || lane->wait == IL_EVENT_GET_WAIT);
      lane->wait = IL_EVENT_NONE;
      g_assert_cmpuint (lane->task, ==, 0);
      lane->task = event->value;
      break;
    case IL_EVENT_TASK_END:
      g_assert_cmpuint (lane->task, ==, event->value);
      lane->task = 0;
      break;
    default:
      break;
    }
}

static void
check_lanes (const Recording *self)
{
  g_autofree LaneState *lanes = g_new0 (LaneState, self->n_lanes);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);

      check_lane_event (&lanes[entry->lane], &entry->event);
    }
}

static gboolean
holds_tasks (const Recording *self, guint queue)
{
  for (guint i = 0; i < self->n_objects; i++)
    if (self->objects[i].kind == IL_OBJECT_TASK_KIND && self->objects[i].parameter == queue)
      return TRUE;
  return FALSE;
}

/* In the order of stamps nobody acquires a lock that somebody has, and depths change by one. */
static void
check_objects (const Recording *self)
{
  guint holders[MAX_OBJECTS + 1] = { 0 };
  guint32 depths[MAX_OBJECTS + 1] = { 0 };

  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);
      guint object = IL_EVENT_OBJECT (entry->event.what);
      guint32 value = entry->event.value & ~IL_EVENT_WOKE;

      switch (IL_EVENT_KIND (entry->event.what))
        {
        case IL_EVENT_LOCK_ACQUIRE:
          g_assert_cmpuint (holders[object], ==, 0);
          holders[object] = entry->lane + 1;
          break;
        case IL_EVENT_LOCK_RELEASE:
          g_assert_cmpuint (holders[object], ==, entry->lane + 1);
          holders[object] = 0;
          break;
        case IL_EVENT_PUT:
          g_assert_cmpuint (value, ==, depths[object] + 1);
          depths[object] = value;
          break;
        case IL_EVENT_GET:
          g_assert_cmpuint (value + 1, ==, depths[object]);
          depths[object] = value;
          break;
        case IL_EVENT_QUEUE_CLOSE:
          if (!holds_tasks (self, object))
            g_assert_cmpuint (value, ==, depths[object]);
          break;
        default:
          break;
        }
    }
}

/* Of each task one submission and one end: by the worker, or by who dropped it. */
static void
check_tasks (const Recording *self, const IlPoolCounts *counts)
{
  g_autoptr (GHashTable) open = g_hash_table_new (g_direct_hash, g_direct_equal);
  guint n_results[IL_N_TASK_RESULTS] = { 0 };

  for (guint i = 0; i < self->entries->len; i++)
    {
      const IlEvent *event = &g_array_index (self->entries, Entry, i).event;

      switch (IL_EVENT_KIND (event->what))
        {
        case IL_EVENT_TASK_SUBMIT:
        case IL_EVENT_TASK_DIRECT:
          g_assert_true (g_hash_table_add (open, GUINT_TO_POINTER (event->value & ~IL_EVENT_WOKE)));
          break;
        case IL_EVENT_TASK_BEGIN:
          g_assert_true (g_hash_table_contains (open, GUINT_TO_POINTER (event->value)));
          break;
        case IL_EVENT_TASK_END:
        case IL_EVENT_TASK_DROP:
          g_assert_true (g_hash_table_remove (open, GUINT_TO_POINTER (event->value)));
          n_results[IL_EVENT_OBJECT (event->what)]++;
          break;
        default:
          break;
        }
    }
  g_assert_cmpuint (g_hash_table_size (open), ==, 0);
  g_assert_cmpuint (count (self, IL_EVENT_TASK_SUBMIT) + count (self, IL_EVENT_TASK_DIRECT), ==,
                    counts->submitted);
  g_assert_cmpuint (n_results[IL_TASK_DONE], ==, counts->done);
  g_assert_cmpuint (n_results[IL_TASK_FAILED], ==, counts->failed);
  g_assert_cmpuint (n_results[IL_TASK_CANCELLED], ==, counts->cancelled);
  g_assert_cmpuint (n_results[IL_TASK_LOST], ==, counts->lost);
}

static const char busy[]
    = "[Scenario]\nName=Test\nModel=threads\nWorkers=2\nCapacity=8\n"
      "[Lock A]\n[Semaphore S]\nUnits=1\n[Queue Q]\nCapacity=3\n"
      "[Task work]\nArrival=poisson 5000/s\nSteps=cpu ~50us; lock A; cpu 20us; unlock A; fail 5%\n"
      "[Task batch]\nSubmit=map\nBatch=12\nChunk=5\nSteps=acquire S; cpu 10us; post S\n"
      "[Task make]\nWorkers=2\nTitle=Producer\nArrival=loop\n"
      "Steps=lock A; cpu 5us; unlock A; put Q 64B; sleep ~100us\n"
      "[Task use]\nWorkers=1\nTitle=Consumer\nArrival=loop\nSteps=get Q; cpu ~60us\n"
      "[Task plain]\nWorkers=1\nArrival=rate 100/s\nSteps=cpu 1us\n";

static void
check_order (IlModel model, IlScheduling scheduling)
{
  g_autoptr (IlScenario) scenario = fixture_parse (busy);
  Recording recording;
  IlPoolCounts counts;

  scenario->model = model;
  scenario->scheduling = scheduling;
  counts = record (&recording, scenario, 0);
  check_lanes (&recording);
  check_objects (&recording);
  check_tasks (&recording, &counts);
  g_assert_cmpuint (count (&recording, IL_EVENT_STOPPED_BEGIN), >, 0);
  g_assert_cmpuint (count (&recording, IL_EVENT_STOPPED_BEGIN), ==,
                    count (&recording, IL_EVENT_STOPPED_END));
  g_assert_cmpuint (count (&recording, IL_EVENT_WORKER_LOST), ==, 0);
  recording_clear (&recording);
}

static void
test_order (gconstpointer model)
{
  for (int scheduling = 0; scheduling <= IL_SCHEDULING_PRIORITY; scheduling++)
    check_order ((IlModel)GPOINTER_TO_INT (model), (IlScheduling)scheduling);
}

/* With one queue for all, tasks begin in the order of their submission; by priority, each after all
 * of higher ones that were there. */
static void
check_begins (const Recording *self, IlScheduling scheduling)
{
  guint32 last[MAX_OBJECTS + 1] = { 0 };
  guint first_of_low = 0, last_of_high = 0, n = 0;

  for (guint i = 0; i < self->entries->len; i++)
    {
      const IlEvent *event = &g_array_index (self->entries, Entry, i).event;
      guint kind = IL_EVENT_OBJECT (event->what);

      if (IL_EVENT_KIND (event->what) != IL_EVENT_TASK_BEGIN)
        continue;
      n++;
      g_assert_cmpuint (event->value, >, last[kind]);
      last[kind] = event->value;
      if (strcmp (self->objects[kind - 1].name, "high") == 0)
        last_of_high = n;
      else if (strcmp (self->objects[kind - 1].name, "low") == 0 && first_of_low == 0)
        first_of_low = n;
    }
  if (scheduling == IL_SCHEDULING_PRIORITY)
    g_assert_cmpuint (last_of_high, <, first_of_low);
  else
    g_assert_cmpuint (first_of_low, <, last_of_high);
}

/* The worker is busy with the first task until all others are there. */
static void
test_begins (gconstpointer scheduling)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nWorkers=1\nCapacity=100\n"
                       "[Task first]\nCount=1\nSteps=sleep 10ms\n"
                       "[Task low]\nCount=20\nSteps=cpu 1us\n"
                       "[Task high]\nCount=20\nSteps=cpu 1us\n");
  Recording recording;

  scenario->scheduling = (IlScheduling)GPOINTER_TO_INT (scheduling);
  scenario->tasks[0].priority = 9;
  scenario->tasks[1].priority = 1;
  scenario->tasks[2].priority = 3;
  record (&recording, scenario, 0);
  check_begins (&recording, scenario->scheduling);
  recording_clear (&recording);
}

/* Bytes go through the arena where heaps are separate, and nowhere else: an argument twice, there
 * and out of it, a result once, since nobody asks for it. */
static void
test_copies (gconstpointer model)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nWorkers=2\n"
                       "[Task a]\nCount=50\nArgument=256KiB\nResult=100B\nSteps=cpu 1us\n");
  Recording recording;
  guint64 n_bytes = 0;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  g_assert_cmpuint (record (&recording, scenario, 0).done, ==, 50);
  for (guint i = 0; i < recording.entries->len; i++)
    {
      const IlEvent *event = &g_array_index (recording.entries, Entry, i).event;

      if (IL_EVENT_KIND (event->what) != IL_EVENT_COPY)
        continue;
      n_bytes += event->value;
      /* No memory is so quick that this much would take no time. */
      if (event->value == 256 * 1024)
        g_assert_cmpuint (IL_EVENT_OBJECT (event->what), >, 0);
    }
  g_assert_cmpuint (n_bytes, ==,
                    scenario->model == IL_MODEL_PROCESSES ? 50 * (2 * 256 * 1024 + 100) : 0);
  recording_clear (&recording);
}

/* What is told of copies is how much and how long, so that the one can be divided by the other: of
 * items that go between heaps too, and of nothing that goes through the system. */
static void
test_copies_of_items (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      "[Scenario]\nName=Test\nModel=threads\n[Queue q]\nCapacity=4\n[Channel p]\nKind=pipe\n"
      "[Task a]\nWorkers=1\nArrival=loop\nCount=20\nSteps=put q 64KiB; send p 4KiB; echo 1MiB "
      "pipe\n"
      "[Task b]\nWorkers=1\nArrival=loop\nCount=20\nSteps=get q; receive p; echo 1MiB socket\n");
  Recording recording;
  guint64 n_bytes = 0;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  g_assert_cmpuint (record (&recording, scenario, 0).done, ==, 40);
  for (guint i = 0; i < recording.entries->len; i++)
    {
      const IlEvent *event = &g_array_index (recording.entries, Entry, i).event;

      if (IL_EVENT_KIND (event->what) != IL_EVENT_COPY)
        continue;
      n_bytes += event->value;
      g_assert_cmpuint (IL_EVENT_OBJECT (event->what), >, 0);
    }
  g_assert_cmpuint (n_bytes, ==, scenario->model == IL_MODEL_PROCESSES ? 20 * 2 * 65536 : 0);
  recording_clear (&recording);
}

/* Each of many lives has a lane of its own. */
static void
test_fresh_workers (gconstpointer model)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nWorkers=2\nMaxTasksPerWorker=10\n"
                       "[Task a]\nCount=100\nSteps=cpu 1us\n");
  Recording recording;
  guint n_workers = 0;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  g_assert_cmpuint (record (&recording, scenario, 0).done, ==, 100);
  for (guint i = 0; i < recording.n_lanes; i++)
    n_workers += recording.lanes[i].role == IL_ROLE_WORKER;
  g_assert_cmpuint (n_workers, >=, 10);
  g_assert_cmpuint (n_workers, <=, 12);
  g_assert_cmpuint (count (&recording, IL_EVENT_WORKER_LOST), ==, 0);
  recording_clear (&recording);
}

/* What belongs to a wait bears the mark of who ended it. */
static void
test_wakers (gconstpointer model)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nWorkers=3\n[Lock A]\n"
                       "[Task a]\nArrival=loop\nSteps=lock A; cpu 300us; unlock A\n");
  Recording recording;
  guint n_waits = 0, n_woke = 0;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  record (&recording, scenario, 0);
  for (guint i = 0; i < recording.entries->len; i++)
    {
      const IlEvent *event = &g_array_index (recording.entries, Entry, i).event;

      if (IL_EVENT_KIND (event->what) == IL_EVENT_LOCK_WAIT)
        {
          g_assert_cmpuint (event->value, >, 0);
          n_waits++;
        }
      else if (IL_EVENT_KIND (event->what) == IL_EVENT_LOCK_RELEASE)
        n_woke += (event->value & IL_EVENT_WOKE) != 0;
    }
  g_assert_cmpuint (n_waits, >, 0);
  g_assert_cmpuint (n_woke, >, 0);
  recording_clear (&recording);
}

/* Where some are nicer than others, it is told of each worker, and only there. */
static void
test_niceness (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nWorkers=1\n"
                       "[Task a]\nCount=1\nSteps=cpu 1us\n"
                       "[Task b]\nWorkers=1\nNice=7\nCount=1\nSteps=cpu 1us\n");
  g_autoptr (IlScenario) other = fixture_parse (busy);
  guint own = (guint)(getpriority (PRIO_PROCESS, 0) + 20);
  guint values[2] = { 0 };
  guint n_values = 0;
  Recording recording;

  record (&recording, scenario, 0);
  for (guint i = 0; i < recording.entries->len; i++)
    {
      const Entry *entry = &g_array_index (recording.entries, Entry, i);

      if (IL_EVENT_KIND (entry->event.what) != IL_EVENT_PRIORITY)
        continue;
      g_assert_cmpuint (n_values++, <, G_N_ELEMENTS (values));
      values[recording.lanes[entry->lane].number - 1] = entry->event.value;
    }
  g_assert_cmpuint (values[0], ==, own);
  g_assert_cmpuint (values[1], ==, MAX (own, 27));
  recording_clear (&recording);
  record (&recording, other, 0);
  g_assert_cmpuint (count (&recording, IL_EVENT_PRIORITY), ==, 0);
  recording_clear (&recording);
}

/* Lanes and objects are named and ordered as the recorder expects. */
static void
test_names (void)
{
  static const struct
  {
    IlObjectKind kind;
    guint64 parameter;
    const char *name;
  } objects[] = {
    { IL_OBJECT_LOCK, 0, "A" },
    { IL_OBJECT_SEMAPHORE, 1, "S" },
    { IL_OBJECT_QUEUE, 3, "Q" },
    { IL_OBJECT_QUEUE, 8, "tasks" },
    { IL_OBJECT_QUEUE, 8, "plain tasks" },
    { IL_OBJECT_TASK_KIND, 4, "work" },
    { IL_OBJECT_TASK_KIND, 4, "batch" },
    { IL_OBJECT_TASK_KIND, 0, "make" },
    { IL_OBJECT_TASK_KIND, 0, "use" },
    { IL_OBJECT_TASK_KIND, 5, "plain" },
  };
  static const char *const workers[]
      = { "Worker 1", "Worker 2", "Producer 1", "Producer 2", "Consumer 1", "Worker 6" };
  g_autoptr (IlScenario) scenario = fixture_parse (busy);
  Recording recording;
  guint n_found = 0;

  record (&recording, scenario, 0);
  g_assert_cmpuint (recording.n_objects, ==, G_N_ELEMENTS (objects));
  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      g_assert_cmpint (recording.objects[i].kind, ==, objects[i].kind);
      g_assert_cmpstr (recording.objects[i].name, ==, objects[i].name);
      g_assert_cmpuint (recording.objects[i].parameter, ==, objects[i].parameter);
    }
  g_assert_cmpint (recording.lanes[0].role, ==, IL_ROLE_SUPERVISOR);
  g_assert_cmpstr (recording.lanes[0].name, ==, "Supervisor");
  for (guint i = 0; i < recording.n_lanes; i++)
    {
      const IlTraceLaneInfo *lane = &recording.lanes[i];

      if (lane->role == IL_ROLE_SUBMITTER)
        g_assert_cmpstr (lane->name, ==, "Submitter");
      if (lane->role != IL_ROLE_WORKER)
        continue;
      g_assert_cmpstr (lane->name, ==, workers[lane->number - 1]);
      g_assert_cmpuint (lane->creator_plus_1, ==, recording.lanes[0].index + 1);
      n_found++;
    }
  g_assert_cmpuint (n_found, ==, G_N_ELEMENTS (workers));
  g_assert_cmpuint (recording.n_lanes, ==, G_N_ELEMENTS (workers) + 2);
  recording_clear (&recording);
}

/* The submitter runs the tasks in its own lane, and there is no task queue. */
static void
test_serial (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=serial\nWorkers=2\n"
                       "[Task a]\nCount=10\nSteps=cpu 1us\n[Task b]\nCount=10\nSteps=cpu 1us\n");
  Recording recording;
  IlPoolCounts counts = record (&recording, scenario, 0);
  guint last_kind = 0;

  g_assert_cmpuint (counts.done, ==, 20);
  check_tasks (&recording, &counts);
  g_assert_cmpuint (recording.n_objects, ==, 2);
  g_assert_cmpuint (recording.n_lanes, ==, 2);
  for (guint i = 0; i < recording.entries->len; i++)
    {
      const Entry *entry = &g_array_index (recording.entries, Entry, i);

      if (IL_EVENT_KIND (entry->event.what) != IL_EVENT_TASK_BEGIN)
        continue;
      g_assert_cmpint (recording.lanes[entry->lane].role, ==, IL_ROLE_SUBMITTER);
      /* In turns. */
      g_assert_cmpuint (IL_EVENT_OBJECT (entry->event.what), !=, last_kind);
      last_kind = IL_EVENT_OBJECT (entry->event.what);
    }
  recording_clear (&recording);
}

/* The dead are named, and what they had is said to be free before somebody else has it. */
static void
test_deaths (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=processes\nWorkers=3\n[Lock A]\n"
                       "[Task a]\nSteps=lock A; cpu 300us; unlock A\n");
  Recording recording;
  IlPoolCounts counts = record (&recording, scenario, 30);
  guint n_lost = 0, n_owners = 0;

  for (guint i = 0; i < recording.entries->len; i++)
    {
      const Entry *entry = &g_array_index (recording.entries, Entry, i);
      IlEventKind kind = IL_EVENT_KIND (entry->event.what);

      if (kind != IL_EVENT_WORKER_LOST && kind != IL_EVENT_OWNER_DIED)
        continue;
      g_assert_cmpint (recording.lanes[entry->lane].role, ==, IL_ROLE_SUPERVISOR);
      /* Killed so early that it had no lane yet, it has no name. */
      g_assert_true (entry->event.value > 0 || kind == IL_EVENT_WORKER_LOST);
      n_lost += kind == IL_EVENT_WORKER_LOST;
      n_owners += kind == IL_EVENT_OWNER_DIED;
      if (kind == IL_EVENT_WORKER_LOST)
        g_assert_cmpuint (IL_EVENT_OBJECT (entry->event.what), ==, SIGKILL);
    }
  g_assert_cmpuint (n_lost, >, 0);
  g_assert_cmpuint (n_owners, >, 0);
  g_assert_cmpuint (counts.lost, >, 0);
  g_assert_cmpuint (counts.lost, <=, n_lost);
  check_tasks (&recording, &counts);
  recording_clear (&recording);
}

/* Who waits when the run is given up waits in vain: what the others leave behind then goes to
 * nobody. */
static void
test_given_up (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      "[Scenario]\nName=Test\nModel=threads\n[Lock A]\n[Lock T]\nKind=ticket\n[Semaphore S]\n"
      "Units=1\n[Semaphore never]\nUnits=0\n"
      "[Task a]\nWorkers=3\nArrival=loop\nSteps=lock A; acquire never; unlock A\n"
      "[Task t]\nWorkers=3\nArrival=loop\nSteps=lock T; acquire never; unlock T\n"
      "[Task s]\nWorkers=3\nArrival=loop\nSteps=acquire S; acquire never; post S\n");
  guint n_taken[MAX_OBJECTS] = { 0 };
  Recording recording;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  record (&recording, scenario, 0);
  for (guint i = 0; i < recording.entries->len; i++)
    {
      const IlEvent *event = &g_array_index (recording.entries, Entry, i).event;
      IlEventKind kind = IL_EVENT_KIND (event->what);

      if (kind == IL_EVENT_LOCK_ACQUIRE || kind == IL_EVENT_SEM_ACQUIRE)
        n_taken[IL_EVENT_OBJECT (event->what)]++;
    }
  for (guint i = 0; i < recording.n_objects; i++)
    if (recording.objects[i].kind == IL_OBJECT_LOCK
        || recording.objects[i].kind == IL_OBJECT_SEMAPHORE)
      {
        gboolean is_never = g_str_equal (recording.objects[i].name, "never");
        gboolean is_gil = recording.objects[i].parameter == IL_LOCK_INTERPRETER
                          && recording.objects[i].kind == IL_OBJECT_LOCK;

        if (!is_gil)
          g_assert_cmpuint (n_taken[recording.objects[i].id], <=, is_never ? 0 : 1);
      }
  recording_clear (&recording);
}

static const Entry *
find_event (const Recording *recording, IlEventKind kind, const char *object)
{
  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = &g_array_index (recording->entries, Entry, i);
      guint number = IL_EVENT_OBJECT (entry->event.what);

      if (IL_EVENT_KIND (entry->event.what) == kind && number > 0
          && g_str_equal (recording->objects[number - 1].name, object))
        return entry;
    }
  return NULL;
}

/* What finds no room in the queue is run at once, and is said not to have been in it. */
static void
test_direct (gconstpointer model)
{
  IlScenario *scenario = fixture_parse ("[Scenario]\nName=T\nWorkers=1\nCapacity=4\n"
                                        "[Task root]\nCount=1\nSteps=spawn leaf 100; join\n"
                                        "[Task leaf]\nSteps=cpu 1us\n");
  Recording recording;
  IlPoolCounts counts;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  counts = record (&recording, scenario, 0);
  check_tasks (&recording, &counts);
  g_assert_cmpuint (counts.done, ==, 101);
  g_assert_cmpuint (count (&recording, IL_EVENT_TASK_SUBMIT), ==, 5);
  g_assert_cmpuint (count (&recording, IL_EVENT_TASK_DIRECT), ==, 96);
  recording_clear (&recording);
  il_scenario_free (scenario);
}

/* Who has spawned something, and then waits or sleeps, lets nobody wait for more that happened when
 * it did: whoever follows the run would see nothing of it meanwhile. */
static void
test_announced (void)
{
  IlScenario *scenario = fixture_parse ("[Scenario]\nName=T\nWorkers=2\n[Event e]\n"
                                        "[Task t]\nCount=1\nSteps=spawn u; wait e\n"
                                        "[Task u]\nSteps=cpu 1us\n");
  Recording recording;
  IlTraceReaderStats stats;
  IlTrace *trace;
  IlPool *pool;
  int error_number;

  recording_init (&recording);
  trace = il_trace_attach (il_trace_reader_get_path (recording.reader), &error_number);
  g_assert_nonnull (trace);
  pool = fixture_start_pool (scenario, trace);
  for (guint i = 0; i < MAX_ROUNDS && find_event (&recording, IL_EVENT_FLAG_WAIT, "e") == NULL; i++)
    {
      g_usleep (1000);
      il_trace_reader_drain (recording.reader, &handler, &recording);
    }
  g_assert_nonnull (find_event (&recording, IL_EVENT_FLAG_WAIT, "e"));
  g_assert_nonnull (find_event (&recording, IL_EVENT_TASK_SUBMIT, "u"));
  il_trace_reader_drain (recording.reader, &handler, &recording);
  il_trace_reader_get_stats (recording.reader, &stats);
  g_assert_cmpuint (stats.announced, !=,
                    find_event (&recording, IL_EVENT_TASK_SUBMIT, "u")->event.stamp);

  il_pool_terminate (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
  il_trace_detach (trace);
  recording_clear (&recording);
  il_scenario_free (scenario);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add_models ("/events/order", test_order);
  g_test_add_data_func ("/events/begins/fifo", GINT_TO_POINTER (IL_SCHEDULING_FIFO), test_begins);
  g_test_add_data_func ("/events/begins/priority", GINT_TO_POINTER (IL_SCHEDULING_PRIORITY),
                        test_begins);
  fixture_add_models ("/events/copies-of-items", test_copies_of_items);
  fixture_add_models ("/events/copies", test_copies);
  fixture_add_models ("/events/fresh-workers", test_fresh_workers);
  fixture_add_models ("/events/wakers", test_wakers);
  fixture_add_models ("/events/given-up", test_given_up);
  fixture_add_models ("/events/direct", test_direct);
  g_test_add_func ("/events/niceness", test_niceness);
  g_test_add_func ("/events/names", test_names);
  g_test_add_func ("/events/serial", test_serial);
  g_test_add_func ("/events/announced", test_announced);
  if (WITH_PROCESSES)
    g_test_add_func ("/events/deaths", test_deaths);
  return g_test_run ();
}
