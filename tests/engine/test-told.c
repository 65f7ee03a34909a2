/* test-told.c - what the record says of a task is what becomes of it, whenever its worker is killed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-fork.h"
#include "il-hand.h"
#include "il-task.h"
#include "il-trace-reader.h"

#include <signal.h>

#define N_TASKS 3

/* Does what il_task_run_next() does once a function has returned, and is killed then. */
static uint64_t
die_at_the_end (IlPoolTask *self, uint64_t argument)
{
  IlActor *actor = self->task->actor;
  uint64_t number = self->task->number;
  uint32_t kind = self->task->kind->index;

  il_agent_get_hand (actor->agent)->settlement.value = argument + 1;
  il_trace_lane_write (&actor->lane, IL_EVENT_TASK_END, IL_TASK_DONE,
                       il_arena_get_task_number (actor->arena, kind, number));
  raise (SIGKILL);
  return 0;
}

/* … right before that. */
static uint64_t
die_before (IlPoolTask *self, uint64_t argument)
{
  raise (SIGKILL);
  return 0;
}

/* How often each kind of event was written. */
static void
events_cb (const IlTraceLaneInfo *lane, const IlEvent *events, size_t n_events, void *data)
{
  guint *n_of_kind = data;

  for (size_t i = 0; i < n_events; i++)
    n_of_kind[IL_EVENT_KIND (events[i].what)]++;
}

static const IlTraceHandler handler = { .events = events_cb };

typedef struct
{
  IlPoolCounts counts;
  IlPoolResult results[N_TASKS];
  guint n_of_kind[IL_N_EVENT_KINDS];
} Run;

static void
run (Run *self, IlTaskFunc func, bool retries)
{
  const IlPoolFunction function = { .name = "die", .func = func };
  const IlPoolOptions options = { .model = IL_MODEL_PROCESSES, .n_workers = 1, .retries = retries };
  IlTraceReader *reader = il_trace_reader_new (g_get_tmp_dir (), 0, 0);
  g_autoptr (GError) error = NULL;
  IlTrace *trace;
  IlPool *pool;
  int error_number;

  *self = (Run){ 0 };
  g_assert_nonnull (reader);
  trace = il_trace_attach (il_trace_reader_get_path (reader), &error_number);
  g_assert_nonnull (trace);
  pool = il_pool_new_for_functions (&options, &function, 1, trace, &error);
  g_assert_no_error (error);
  il_pool_start (pool, &error);
  g_assert_no_error (error);
  il_pool_begin_submitting (pool);
  for (guint i = 0; i < N_TASKS; i++)
    g_assert_cmpint (il_pool_call (pool, 0, i, NULL, &self->results[i], NULL), ==, IL_WAIT_DONE);
  il_pool_close (pool);
  il_pool_end_submitting (pool);
  self->counts = fixture_join_pool (pool);
  il_pool_free (pool);
  il_trace_reader_drain (reader, &handler, self->n_of_kind);
  il_trace_detach (trace);
  il_trace_reader_free (reader);
  g_assert_cmpuint (self->n_of_kind[IL_EVENT_WORKER_LOST], >=, N_TASKS);
  g_assert_cmpuint (self->n_of_kind[IL_EVENT_TASK_SUBMIT], ==, N_TASKS);
}

/* Once its end is said a task is done, and neither lost nor run again. */
static void
test_end (gconstpointer retries)
{
  Run self;

  run (&self, die_at_the_end, retries != NULL);
  for (guint i = 0; i < N_TASKS; i++)
    {
      g_assert_cmpint (self.results[i].result, ==, IL_TASK_DONE);
      g_assert_cmpuint (self.results[i].value, ==, i + 1);
    }
  g_assert_cmpuint (self.counts.done, ==, N_TASKS);
  g_assert_cmpuint (self.n_of_kind[IL_EVENT_TASK_BEGIN], ==, N_TASKS);
  g_assert_cmpuint (self.n_of_kind[IL_EVENT_TASK_END], ==, N_TASKS);
  g_assert_cmpuint (self.n_of_kind[IL_EVENT_TASK_DROP], ==, 0);
}

static void
test_before (void)
{
  Run self;

  run (&self, die_before, false);
  for (guint i = 0; i < N_TASKS; i++)
    g_assert_cmpint (self.results[i].result, ==, IL_TASK_LOST);
  g_assert_cmpuint (self.counts.lost, ==, N_TASKS);
  g_assert_cmpuint (self.n_of_kind[IL_EVENT_TASK_END], ==, 0);
  g_assert_cmpuint (self.n_of_kind[IL_EVENT_TASK_DROP], ==, N_TASKS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/told/end/lost", NULL, test_end);
  g_test_add_data_func ("/told/end/retried", GINT_TO_POINTER (1), test_end);
  g_test_add_func ("/told/before", test_before);
  return g_test_run ();
}
