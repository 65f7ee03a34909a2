/* test-file.c - lines come whole or are counted as torn, and nothing stays behind
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "sync-fixture.h"

#include "il-echo.h"
#include "il-file.h"
#include "il-line.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *runtime_dir; /* where private directories are made while tests run */

static guint
count_places (void)
{
  g_autoptr (GDir) dir = g_dir_open (runtime_dir, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
open_file (IlArena *arena)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arena->objects[0].class->open (arena, &arena->objects[0], &error));
  g_assert_no_error (error);
}

static void
close_file (IlArena *arena, IlActor *supervisor)
{
  arena->objects[0].class->close (&arena->objects[0], supervisor);
}

static IlArena *
make_arena (IlModel model)
{
  IlArena *arena = sync_make_arena ("[File F]\n[Task t]\nSteps=append F 8KiB\n", model);

  open_file (arena);
  return arena;
}

static IlFile *
get_file (const IlArena *arena)
{
  return fixture_get_object (arena, IL_OBJECT_FILE, 0);
}

static char *
read_file (const IlArena *arena, gsize *length)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", get_file (arena)->fd);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, length, NULL));
  return text;
}

/* Of every length, a line is whole, and no longer if any byte is another. */
static void
test_lines (void)
{
  char line[300];

  for (guint size = 1; size <= sizeof line; size++)
    {
      il_line_make (line, size, 12, 345);
      g_assert_cmpint (line[size - 1], ==, '\n');
      g_assert_null (memchr (line, '\n', size - 1));
      g_assert_true (il_line_check (line, size - 1));
      for (guint i = 0; size > 20 && i < size - 1; i++)
        {
          line[i] ^= 1;
          g_assert_false (il_line_check (line, size - 1));
          line[i] ^= 1;
        }
    }
  il_line_make (line, 40, 12, 345);
  g_assert_true (g_str_has_prefix (line, "12 345 ..."));
}

/* No piece of a line, and no two lines on one, pass for a line. */
static void
test_torn_lines_are_seen (void)
{
  char line[100], torn[200];

  il_line_make (line, sizeof line, 3, 77);
  for (guint i = 20; i < sizeof line - 1; i++)
    g_assert_false (il_line_check (line, i));
  for (guint i = 1; i < sizeof line - 20; i++)
    g_assert_false (il_line_check (line + i, sizeof line - 1 - i));
  memcpy (torn, line, 50);
  memcpy (torn + 50, line, 99);
  g_assert_false (il_line_check (torn, 149));
}

/* What is counted as torn is what was put there, line by line. */
static void
test_count (void)
{
  IlArena *arena = make_arena (IL_MODEL_THREADS);
  IlFile *file = get_file (arena);
  IlActor actor;
  static const char garbage[] = "1 2 half a line";

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  g_assert_cmpuint (il_file_count_torn_lines (file), ==, 0);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpint (il_file_append (file, &actor, 30 + i, i, IL_APPEND_WHOLE), ==, IL_WAIT_DONE);
  g_assert_cmpuint (il_file_count_torn_lines (file), ==, 0);
  g_assert_cmpint (write (file->fd, garbage, strlen (garbage)), ==, strlen (garbage));
  g_assert_cmpuint (il_file_count_torn_lines (file), ==, 1);
  g_assert_cmpint (il_file_append (file, &actor, 50, 1, IL_APPEND_PIECES), ==, IL_WAIT_DONE);
  g_assert_cmpuint (il_file_count_torn_lines (file), ==, 1);
  /* An empty line, where nobody writes such short ones. */
  g_assert_cmpint (write (file->fd, "\n", 1), ==, 1);
  g_assert_cmpuint (il_file_count_torn_lines (file), ==, 2);
  g_assert_cmpint (il_file_sync (file, &actor), ==, IL_WAIT_DONE);
  close_file (arena, &actor);
  il_arena_free (arena);
}

#define N_LINES 500u

typedef struct
{
  IlAppendVariant variant;
} Appending;

static void
append_many (IlActor *actor, void *data)
{
  const Appending *appending = data;

  for (guint i = 0; i < N_LINES; i++)
    g_assert_cmpint (il_file_append (get_file (actor->arena), actor, 20 + i, i, appending->variant),
                     ==, IL_WAIT_DONE);
}

static IlArena *
append_together (IlModel model, IlAppendVariant variant)
{
  IlArena *arena = make_arena (model);
  Appending appending = { variant };

  fixture_join_agents (fixture_start_agents (arena, 4, append_many, &appending));
  return arena;
}

/* In one piece no line is torn, whoever writes at the same time, and every byte is there. */
static void
test_whole (gconstpointer model)
{
  IlArena *arena = append_together ((IlModel)GPOINTER_TO_INT (model), IL_APPEND_WHOLE);
  gsize length, expected = 0;
  g_autofree char *text = read_file (arena, &length);
  guint n_lines = 0;
  IlActor supervisor;

  for (guint i = 0; i < N_LINES; i++)
    expected += 4 * (20 + i);
  g_assert_cmpuint (length, ==, expected);
  for (gsize i = 0; i < length; i++)
    n_lines += text[i] == '\n';
  g_assert_cmpuint (n_lines, ==, 4 * N_LINES);
  g_assert_cmpuint (il_file_count_torn_lines (get_file (arena)), ==, 0);
  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  close_file (arena, &supervisor);
  il_arena_free (arena);
}

/* As many as an independent count finds: lines without a checksum at their end that is that of
 * exactly what one worker wrote.  In pieces some are torn, if not in one run then in another. */
static void
test_pieces (gconstpointer model)
{
  guint64 n_torn = 0;

  for (guint i = 0; i < 200 && n_torn == 0; i++)
    {
      IlArena *arena = append_together ((IlModel)GPOINTER_TO_INT (model), IL_APPEND_PIECES);
      gsize length;
      g_autofree char *text = read_file (arena, &length);
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
      guint n_expected = 0;
      IlActor supervisor;

      for (guint j = 0; lines[j] != NULL && lines[j + 1] != NULL; j++)
        {
          char whole[20 + N_LINES];
          guint worker = (guint)g_ascii_strtoull (lines[j], NULL, 10);
          gsize size = strlen (lines[j]) + 1;
          const char *second = strchr (lines[j], ' ');

          il_line_make (whole, (guint32)CLAMP (size, 1, sizeof whole), worker,
                        second != NULL ? g_ascii_strtoull (second, NULL, 10) : 0);
          n_expected += size < 20 || size > sizeof whole || memcmp (whole, lines[j], size - 1) != 0;
        }
      n_torn = il_file_count_torn_lines (get_file (arena));
      g_assert_cmpuint (n_torn, ==, n_expected);
      il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
      close_file (arena, &supervisor);
      il_arena_free (arena);
    }
  g_assert_cmpuint (n_torn, >, 0);
}

/* Bytes and torn lines are told, and system calls as such. */
static void
test_events (void)
{
  IlArena *arena = make_arena (IL_MODEL_THREADS);
  static const SyncEvent expected[] = {
    { IL_EVENT_IO_BEGIN, 0 }, { IL_EVENT_IO_END, 0 }, { IL_EVENT_FILE_BYTES, 64 },
    { IL_EVENT_IO_BEGIN, 0 }, { IL_EVENT_IO_END, 0 }, { IL_EVENT_TORN_LINES, 1 },
  };
  IlActor actor;
  SyncTrace trace;

  sync_trace_init (&trace);
  sync_trace_enter (&trace, &actor, arena, IL_FIRST_WORKER);
  g_assert_cmpint (il_file_append (get_file (arena), &actor, 64, 1, IL_APPEND_WHOLE), ==,
                   IL_WAIT_DONE);
  g_assert_cmpint (il_file_sync (get_file (arena), &actor), ==, IL_WAIT_DONE);
  g_assert_cmpint (write (get_file (arena)->fd, "x", 1), ==, 1);
  close_file (arena, &actor);
  sync_trace_assert (&trace, &actor, G_N_ELEMENTS (expected), expected);
  il_actor_leave (&actor, 0);
  sync_trace_clear (&trace);
  il_arena_free (arena);
}

/* Nobody else may look, and there is nothing to stay. */
static void
test_place (void)
{
  IlArena *arena = make_arena (IL_MODEL_THREADS);
  struct stat status, directory;
  IlActor supervisor;

  g_assert_cmpint (fstat (get_file (arena)->fd, &status), ==, 0);
  g_assert_cmpint (stat (runtime_dir, &directory), ==, 0);
  g_assert_cmpuint (status.st_dev, ==, directory.st_dev);
  g_assert_cmphex (status.st_mode & 0777, ==, 0600);
  g_assert_cmpuint (status.st_nlink, ==, 0);
  g_assert_cmpuint (count_places (), ==, 0);
  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  close_file (arena, &supervisor);
  il_arena_free (arena);
}

static void
trouble_cb (const char *message, void *data)
{
  char **said = data;

  g_assert_null (*said);
  *said = g_strdup (message);
}

/* Where there is no room the tasks fail, which is said once; the run goes on and nothing stays. */
static void
test_no_room (gconstpointer model)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nWorkers=2\n[File F]\n"
                       "[Task t]\nCount=100\nSteps=append F 1000B\n");
  const struct rlimit full = { 20500, RLIM_INFINITY };
  struct rlimit before;
  g_autofree char *said = NULL;
  IlPoolCounts counts;
  IlPool *pool;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  getrlimit (RLIMIT_FSIZE, &before);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &full), ==, 0);
  pool = fixture_start_pool (scenario, NULL);
  il_pool_set_trouble_func (pool, trouble_cb, &said);
  counts = fixture_join_pool (pool);
  setrlimit (RLIMIT_FSIZE, &before);
  g_assert_cmpuint (counts.done, ==, 20);
  g_assert_cmpuint (counts.failed, ==, 80);
  g_assert_cmpstr (said, ==, "Cannot write to file F: File too large");
  g_assert_cmpuint (count_places (), ==, 0);
  il_pool_free (pool);
}

static void
test_no_place (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nWorkers=2\n[File F]\n"
                       "[Task t]\nCount=1\nSteps=append F\n");
  g_autoptr (GError) error = NULL;

  g_setenv ("XDG_RUNTIME_DIR", "/proc/self", TRUE);
  g_assert_null (il_pool_new (scenario, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "/proc/self"));
  g_setenv ("XDG_RUNTIME_DIR", runtime_dir, TRUE);
}

/* Steps, under a model; a killed worker leaves at most its own line torn. */
static void
test_steps (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      "[Scenario]\nName=Test\nModel=threads\nWorkers=3\nProcesses=2\n[File F]\n[Task t]\nCount=90\n"
      "Steps=append F 200B; append F 300B pieces; fsync F; echo 100KiB; echo 1KiB socket\n");
  IlPool *pool;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  pool = fixture_start_pool (scenario, NULL);
  g_assert_cmpuint (fixture_join_pool (pool).done, ==, 90);
  il_pool_free (pool);
  g_assert_cmpuint (count_places (), ==, 0);
}

static void
add_steps (void)
{
  for (int model = IL_MODEL_SERIAL; model < IL_N_MODELS; model++)
    {
      g_autofree char *path
          = g_strdup_printf ("/file/steps/%s", il_model_get_name ((IlModel)model));

      if ((model != IL_MODEL_PROCESSES && model != IL_MODEL_HYBRID) || WITH_PROCESSES)
        g_test_add_data_func (path, GINT_TO_POINTER (model), test_steps);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_setenv ("LC_ALL", "C", TRUE);
  runtime_dir = g_dir_make_tmp ("test-file-XXXXXX", NULL);
  g_setenv ("XDG_RUNTIME_DIR", runtime_dir, TRUE);
  g_test_add_func ("/file/lines", test_lines);
  g_test_add_func ("/file/torn-lines-are-seen", test_torn_lines_are_seen);
  g_test_add_func ("/file/count", test_count);
  fixture_add_models ("/file/whole", test_whole);
  fixture_add_models ("/file/pieces", test_pieces);
  g_test_add_func ("/file/events", test_events);
  g_test_add_func ("/file/place", test_place);
  g_test_add_func ("/file/no-place", test_no_place);
  fixture_add_models ("/file/no-room", test_no_room);
  add_steps ();
  status = g_test_run ();
  g_assert_cmpint (g_rmdir (runtime_dir), ==, 0);
  g_free (runtime_dir);
  return status;
}
