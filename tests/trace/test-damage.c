/* test-damage.c - whatever a target does to the file, the reader stays well and says what it saw
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-trace-write.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect.h"
#include "il-trace-private.h"

typedef struct
{
  IlTraceReader *reader;
  IlTrace *trace;
  IlTraceLane lane;
  IlTraceLaneHeader *shared;
  Collection collection;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  int error;

  fixture->reader = il_trace_reader_new (g_get_tmp_dir (), 4, 1024);
  g_assert_nonnull (fixture->reader);
  fixture->trace = il_trace_attach (il_trace_reader_get_path (fixture->reader), &error);
  g_assert_nonnull (fixture->trace);
  g_assert_true (il_trace_lane_claim (fixture->trace, &fixture->lane, IL_ROLE_WORKER, 1, "W", 0));
  fixture->shared = fixture->lane.shared;
  collection_init (&fixture->collection);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  collection_finish (&fixture->collection);
  il_trace_detach (fixture->trace);
  il_trace_reader_free (fixture->reader);
}

static void
drain (Fixture *fixture)
{
  il_trace_reader_drain (fixture->reader, &collect_handler, &fixture->collection);
}

static guint64
get_n_damaged (Fixture *fixture)
{
  IlTraceReaderStats stats;

  il_trace_reader_get_stats (fixture->reader, &stats);
  return stats.n_damaged;
}

/* --- attaching -------------------------------------------------------------------------------- */

static void
expect_no_attach (const char *path, int expected_error)
{
  int error = 0;

  g_assert_null (il_trace_attach (path, &error));
  g_assert_cmpint (error, ==, expected_error);
}

static void
test_attach_to_other_files (void)
{
  g_autofree char *directory = g_dir_make_tmp ("il-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "file", NULL);
  g_autofree char *link = g_build_filename (directory, "link", NULL);
  g_autofree char *zeros = g_malloc0 (1 << 20);
  int error = 1;

  expect_no_attach (path, ENOENT);
  expect_no_attach (directory, EISDIR);
  expect_no_attach ("/dev/null", EINVAL);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  expect_no_attach (path, EINVAL);
  g_assert_true (g_file_set_contents (path, zeros, 1 << 20, NULL));
  expect_no_attach (path, EINVAL);
  g_assert_cmpint (symlink (path, link), ==, 0);
  expect_no_attach (link, ELOOP);

  g_unsetenv (IL_TRACE_ENVIRONMENT);
  g_assert_null (il_trace_attach_from_environment (&error));
  g_assert_cmpint (error, ==, 0);
  g_setenv (IL_TRACE_ENVIRONMENT, path, TRUE);
  g_assert_null (il_trace_attach_from_environment (&error));
  g_assert_cmpint (error, ==, EINVAL);
  g_unsetenv (IL_TRACE_ENVIRONMENT);

  g_unlink (link);
  g_unlink (path);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

/* Every byte of the constant part of the header counts. */
static void
test_attach_to_wrong_header (Fixture *fixture, gconstpointer data)
{
  const char *path = il_trace_reader_get_path (fixture->reader);
  guint8 *header = fixture->trace->base;
  IlTrace *trace;
  int error;

  for (gsize i = 0; i < offsetof (IlTraceHeader, reserved); i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        /* Either clock will do. */
        if (i == offsetof (IlTraceHeader, clock_source) && bit < 2)
          continue;
        header[i] ^= (guint8)(1u << bit);
        expect_no_attach (path, EINVAL);
        header[i] ^= (guint8)(1u << bit);
      }
  g_assert_cmpint (truncate (path, 8192), ==, 0);
  expect_no_attach (path, EINVAL);
  g_assert_cmpint (truncate (path, (off_t)fixture->trace->layout.file_size), ==, 0);
  trace = il_trace_attach (path, &error);
  g_assert_nonnull (trace);
  il_trace_detach (trace);
}

/* --- events ----------------------------------------------------------------------------------- */

static void
test_wrong_events (Fixture *fixture, gconstpointer data)
{
  guint32 lock = il_trace_object_add (fixture->trace, IL_OBJECT_LOCK, "A", 0);
  guint32 queue = il_trace_object_add (fixture->trace, IL_OBJECT_QUEUE, "Q", 0);
  guint64 now = il_trace_lane_stamp (&fixture->lane);
  const struct
  {
    guint64 stamp;
    guint kind;
    guint32 object;
    gboolean is_good;
  } events[] = {
    { now, IL_EVENT_IDLE, 0, TRUE },
    { now, IL_EVENT_NONE, 0, FALSE },
    { now, IL_N_EVENT_KINDS, 0, FALSE },
    { now, 0xff, 0, FALSE },
    { now, IL_EVENT_LOCK_WAIT, lock, TRUE },
    { now, IL_EVENT_LOCK_WAIT, queue, FALSE },
    { now, IL_EVENT_LOCK_WAIT, 0, FALSE },
    { now, IL_EVENT_LOCK_WAIT, queue + 1, FALSE },
    { now, IL_EVENT_LOCK_WAIT, IL_EVENT_OBJECT_MAX, FALSE },
    { now, IL_EVENT_GET, queue, TRUE },
    { now, IL_EVENT_GET, lock, FALSE },
    { now, IL_EVENT_WAIT_CANCELLED, queue, TRUE },
    { now, IL_EVENT_WAIT_CANCELLED, lock, TRUE },
    { now, IL_EVENT_OWNER_DIED, queue, FALSE },
    { now, IL_EVENT_TASK_END, IL_TASK_LOST, TRUE },
    { now, IL_EVENT_TASK_END, IL_N_TASK_RESULTS, FALSE },
    { now, IL_EVENT_TASK_BEGIN, lock, FALSE },
    { 0, IL_EVENT_IDLE, 0, FALSE },
    { G_MAXUINT64, IL_EVENT_IDLE, 0, FALSE },
    { now * 2, IL_EVENT_IDLE, 0, FALSE },
  };
  CollectedLane *seen;
  guint n_good = 0;

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    il_trace_lane_write_at (&fixture->lane, events[i].stamp, (IlEventKind)events[i].kind,
                            events[i].object, i);
  drain (fixture);

  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_null (seen->damage);
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    if (events[i].is_good)
      g_assert_cmpuint (collected_event (seen, ++n_good)->value, ==, i);
  g_assert_cmpuint (seen->events->len, ==, n_good + 1);
  g_assert_cmpuint (get_n_damaged (fixture), ==, G_N_ELEMENTS (events) - n_good);
}

/* What steps back is set to what was before: collect.c asserts the order. */
static void
test_stamps_step_back (Fixture *fixture, gconstpointer data)
{
  guint64 now = il_trace_lane_stamp (&fixture->lane);

  drain (fixture);
  for (guint i = 0; i < 10; i++)
    il_trace_lane_write_at (&fixture->lane, now - 10 * i, IL_EVENT_IDLE, 0, i);
  drain (fixture);
  g_assert_cmpuint (collection_get_lane (&fixture->collection, 0)->events->len, ==, 11);
  g_assert_cmpuint (get_n_damaged (fixture), ==, 0);
}

/* --- lanes ------------------------------------------------------------------------------------ */

static void
damage_tail (Fixture *fixture)
{
  atomic_fetch_add (&fixture->shared->tail, 1025);
}

static void
damage_tail_back (Fixture *fixture)
{
  atomic_fetch_sub (&fixture->shared->tail, 2);
}

static void
damage_state (Fixture *fixture)
{
  atomic_store (&fixture->shared->claim, IL_TRACE_CLAIM (77, 0, getpid ()));
}

static void
damage_generation (Fixture *fixture)
{
  atomic_store (&fixture->shared->claim, IL_TRACE_CLAIM (IL_TRACE_LANE_ACTIVE, 5, getpid ()));
}

static void
damage_pid (Fixture *fixture)
{
  atomic_store (&fixture->shared->claim, IL_TRACE_CLAIM (IL_TRACE_LANE_FINISHED, 0, -1));
}

static void
damage_tid (Fixture *fixture)
{
  fixture->shared->tid = -1;
}

static void
damage_role (Fixture *fixture)
{
  fixture->shared->role = IL_N_ROLES;
}

static void
damage_to_free (Fixture *fixture)
{
  atomic_store (&fixture->shared->claim, 0);
}

typedef struct
{
  const char *name;
  void (*damage) (Fixture *fixture);
  gboolean before_first_drain; /* does it count then? */
  gboolean after_first_drain;
} Damage;

static const Damage damages[] = {
  { "tail", damage_tail, TRUE, TRUE },   { "tail-back", damage_tail_back, TRUE, TRUE },
  { "state", damage_state, TRUE, TRUE }, { "generation", damage_generation, TRUE, TRUE },
  { "pid", damage_pid, TRUE, TRUE },     { "tid", damage_tid, TRUE, FALSE },
  { "role", damage_role, TRUE, FALSE },  { "to-free", damage_to_free, FALSE, TRUE },
};

/* The lane is given up, its neighbour is not, and it can be used again when its process is gone. */
static void
check_damage (Fixture *fixture, const Damage *damage, gboolean is_damage)
{
  IlTraceLane neighbour, again;
  CollectedLane *seen;

  g_assert_true (
      il_trace_lane_claim (fixture->trace, &neighbour, IL_ROLE_WORKER, 2, "neighbour", 0));
  damage->damage (fixture);
  il_trace_lane_write (&neighbour, IL_EVENT_IDLE, 0, 0);
  drain (fixture);
  drain (fixture);
  seen = collection_get_lane (&fixture->collection, 0);
  if (!is_damage)
    {
      g_assert_true (seen == NULL || seen->damage == NULL);
      return;
    }
  g_assert_nonnull (seen->damage);
  g_assert_false (seen->is_ended);
  g_assert_cmpuint (collection_get_lane (&fixture->collection, neighbour.index)->events->len, ==,
                    2);
  g_assert_null (collection_get_lane (&fixture->collection, neighbour.index)->damage);

  il_trace_reader_process_died (fixture->reader, 0);
  drain (fixture);
  g_assert_true (seen->is_ended);
  g_assert_true (il_trace_lane_claim (fixture->trace, &again, IL_ROLE_WORKER, 3, "again", 0));
  g_assert_cmpuint (again.index, ==, 0);
  il_trace_lane_release (&again, 0);
  drain (fixture);
  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_null (seen->damage);
  g_assert_true (seen->is_ended);
  g_assert_cmpstr (seen->info.name, ==, "again");
}

static void
test_damage_before (Fixture *fixture, gconstpointer data)
{
  const Damage *damage = data;

  check_damage (fixture, damage, damage->before_first_drain);
}

static void
test_damage_after (Fixture *fixture, gconstpointer data)
{
  const Damage *damage = data;

  drain (fixture);
  check_damage (fixture, damage, damage->after_first_drain);
}

static void
test_truncation (Fixture *fixture, gconstpointer data)
{
  CollectedLane *seen;

  drain (fixture);
  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_cmpint (truncate (il_trace_reader_get_path (fixture->reader), 0), ==, 0);
  drain (fixture);
  g_assert_nonnull (seen->damage);
  il_trace_reader_process_died (fixture->reader, 0);
  drain (fixture);
  g_assert_true (seen->is_ended);
}

/* An entry that is not written to its end, or of no known kind, does not hide the ones after it. */
static void
test_unfinished_object (Fixture *fixture, gconstpointer data)
{
  IlTraceObject *object;

  for (guint i = 0; i < 3; i++)
    il_trace_object_add (fixture->trace, IL_OBJECT_LOCK, "A", 0);
  object = il_trace_object (fixture->trace->base, &fixture->trace->layout, 1);
  atomic_store (&object->kind, IL_N_OBJECT_KINDS);
  drain (fixture);
  drain (fixture);
  g_assert_cmpuint (fixture->collection.objects->len, ==, 2);
  atomic_store (&object->kind, IL_OBJECT_QUEUE);
  drain (fixture);
  g_assert_cmpuint (fixture->collection.objects->len, ==, 3);
  atomic_store (&il_trace_header (fixture->trace->base)->n_objects, G_MAXUINT32);
  drain (fixture);
  g_assert_cmpuint (fixture->collection.objects->len, ==, 3);
}

/* A path without an end has one all the same, and what is no path is none. */
static void
test_damaged_module (Fixture *fixture, gconstpointer data)
{
  char path[IL_TRACE_PATH_MAX];
  IlTraceModule *module;

  g_assert_cmpuint (il_trace_module_add (fixture->trace, "/a"), ==, 1);
  module = il_trace_module (fixture->trace->base, &fixture->trace->layout, 0);
  memset (module->path, '/', sizeof module->path);
  g_assert_true (il_trace_reader_copy_module_path (fixture->reader, 1, path));
  g_assert_cmpuint (strlen (path), ==, IL_TRACE_PATH_MAX - 1);
  module->path[0] = 'a';
  g_assert_false (il_trace_reader_copy_module_path (fixture->reader, 1, path));
  atomic_store (&il_trace_header (fixture->trace->base)->n_modules, G_MAXUINT32);
  g_assert_cmpuint (il_trace_module_add (fixture->trace, "/b"), ==, 0);
}

/* --- a hostile process ------------------------------------------------------------------------ */

#define N_HOSTILE_ROUNDS 300u

static void
scribble (IlTrace *trace, guint seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  const gsize lanes_end
      = trace->layout.lanes_offset + trace->layout.n_lanes * sizeof (IlTraceLaneHeader);

  for (;;)
    {
      /* Mostly where it hurts: the header and the lanes. */
      gsize end = g_rand_boolean (random) ? lanes_end : trace->layout.file_size;
      guint32 *cell = (guint32 *)(void *)trace->base
                      + g_rand_int_range (random, 0, (gint32)(end / sizeof (guint32)));

      *(volatile guint32 *)cell = g_rand_boolean (random)
                                      ? g_rand_int (random)
                                      : (guint32)g_rand_int_range (random, 0, 5);
    }
}

static void
test_hostile_process (Fixture *fixture, gconstpointer data)
{
  guint n_damaged = 0, n_ended = 0;
  pid_t child = fork ();

  if (child == 0)
    scribble (fixture->trace, 1);
  for (guint i = 0; i < N_HOSTILE_ROUNDS; i++)
    {
      drain (fixture);
      if (i % 10 == 9)
        il_trace_reader_process_died (fixture->reader, 0);
      g_usleep (100);
    }
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  il_trace_reader_process_died (fixture->reader, 0);
  drain (fixture);

  for (guint i = 0; i < fixture->collection.lanes->len; i++)
    {
      CollectedLane *lane = g_ptr_array_index (fixture->collection.lanes, i);

      n_damaged += lane->damage != NULL;
      n_ended += lane->is_ended;
      g_assert_true (g_utf8_validate (lane->info.name, -1, NULL));
      g_assert_cmpuint (lane->info.role, <, IL_N_ROLES);
      g_assert_cmpuint (lane->info.creator_plus_1, <=, 4);
    }
  g_assert_cmpuint (n_damaged, >, 0);
  g_assert_cmpuint (n_ended, ==, fixture->collection.lanes->len);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace/damage/attach-to-other-files", test_attach_to_other_files);
#define ADD(path, data, function) g_test_add (path, Fixture, data, set_up, function, tear_down)
  ADD ("/trace/damage/attach-to-wrong-header", NULL, test_attach_to_wrong_header);
  ADD ("/trace/damage/wrong-events", NULL, test_wrong_events);
  ADD ("/trace/damage/stamps-step-back", NULL, test_stamps_step_back);
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *before = g_strdup_printf ("/trace/damage/%s/unseen", damages[i].name);
      g_autofree char *after = g_strdup_printf ("/trace/damage/%s/seen", damages[i].name);

      ADD (before, &damages[i], test_damage_before);
      ADD (after, &damages[i], test_damage_after);
    }
  ADD ("/trace/damage/truncation", NULL, test_truncation);
  ADD ("/trace/damage/unfinished-object", NULL, test_unfinished_object);
  ADD ("/trace/damage/damaged-module", NULL, test_damaged_module);
  ADD ("/trace/damage/hostile-process", NULL, test_hostile_process);
  return g_test_run ();
}
