/* test-scenario-files.c - scenarios are found, loaded and described
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

/* Some of them, in the order of their rows. */
static const char *const bundled_ids[] = { "neither-threads-processes",
                                           "interpreter-lock",
                                           "pool-batches",
                                           "producer-consumer",
                                           "while-not-empty",
                                           "lock-contention",
                                           "readers-first",
                                           "priority-inversion",
                                           NULL };

static const char minimal_text[] = "[Scenario]\nName=Full\nRow=C99\n[Task a]\nSteps=cpu 1ms\n";

static void
set_language (const char *language)
{
  g_setenv ("LANGUAGE", language, TRUE);
}

static void
test_bundled_list (void)
{
  g_auto (GStrv) ids = il_scenario_list_bundled ();
  guint n_known = 0;

  for (guint i = 0; ids[i] != NULL; i++)
    if (bundled_ids[n_known] != NULL && g_str_equal (ids[i], bundled_ids[n_known]))
      n_known++;
  g_assert_cmpuint (n_known, ==, G_N_ELEMENTS (bundled_ids) - 1); /* all, in this order */
}

/* Each is whole: words for people in three languages, and something to look at. */
static void
test_bundled_texts (void)
{
  g_auto (GStrv) ids = il_scenario_list_bundled ();

  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IlScenario) english = il_scenario_load (ids[i], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (english->id, ==, ids[i]);
      g_assert_cmpint (*english->row, ==, 'C');
      g_assert_cmpstr (english->description, !=, "");
      g_assert_cmpstr (english->look_at, !=, "");
      for (const char *const *language = (const char *const[]){ "de", "zh_CN", NULL };
           *language != NULL; language++)
        {
          g_autoptr (IlScenario) other = NULL;

          set_language (*language);
          other = il_scenario_load (ids[i], &error);
          set_language ("C");
          g_assert_no_error (error);
          g_assert_cmpstr (other->name, !=, english->name);
          g_assert_cmpstr (other->description, !=, english->description);
          g_assert_cmpstr (other->look_at, !=, english->look_at);
          for (guint j = 0; j < english->n_knobs; j++)
            g_assert_cmpstr (other->knobs[j].name, !=, english->knobs[j].name);
          for (guint j = 0; j < english->n_tasks; j++)
            if (english->tasks[j].title != NULL)
              g_assert_cmpstr (other->tasks[j].title, !=, english->tasks[j].title);
        }
    }
}

static void
test_bundled_default (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlScenario) scenario = il_scenario_load ("producer-consumer", &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (scenario->path, "/producer-consumer.scenario"));
  g_assert_cmpuint (scenario->n_tasks, ==, 2);
  g_assert_cmpstr (scenario->tasks[0].title, ==, "Producer");
  g_assert_cmpfloat (scenario->tasks[0].workers.literal, ==, 2);
  g_assert_cmpfloat (scenario->tasks[1].workers.literal, ==, 3);
  g_assert_cmpint (scenario->tasks[1].arrival, ==, IL_ARRIVAL_LOOP);
  g_assert_cmpint (scenario->duration_ns, ==, 0);
}

static JsonNode *
describe (const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlScenario) scenario = il_scenario_load (id, &error);
  g_autofree char *text = NULL;
  JsonNode *node;

  g_assert_no_error (error);
  text = il_scenario_describe_json (&scenario, 1);
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  return node;
}

static void
test_describe (void)
{
  g_autoptr (JsonNode) node = describe ("lock-contention");
  JsonArray *array = json_node_get_array (node);
  JsonObject *object = json_array_get_object_element (array, 0);
  JsonArray *knobs = json_object_get_array_member (object, "knobs");
  JsonObject *knob = json_array_get_object_element (knobs, 0);
  JsonArray *models = json_object_get_array_member (object, "models");

  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (object, "id"), ==, "lock-contention");
  g_assert_cmpstr (json_object_get_string_member (object, "row"), ==, "C17");
  g_assert_cmpstr (json_object_get_string_member (object, "name"), ==, "Lock contention");
  g_assert_cmpstr (json_object_get_string_member (object, "description"), ==,
                   "Workers queue for one short lock");
  g_assert_true (json_object_has_member (object, "look_at"));
  g_assert_true (json_object_has_member (object, "path"));
  g_assert_cmpstr (json_object_get_string_member (object, "model"), ==, "threads");
  g_assert_cmpuint (json_array_get_length (models), ==, IL_N_MODELS);
  g_assert_cmpstr (json_array_get_string_element (models, 0), ==, "serial");
  g_assert_cmpint (json_object_get_int_member (object, "workers"), ==, 4);
  g_assert_cmpint (json_object_get_int_member (object, "workers_max"), ==, 16);
  g_assert_true (json_object_get_boolean_member (object, "workers_settable"));
  g_assert_cmpint (json_object_get_int_member (object, "processes"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (object, "processes_max"), ==, 8);
  g_assert_cmpint (json_object_get_int_member (object, "carriers"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (object, "carriers_max"), ==, 4);
  g_assert_cmpint (json_object_get_int_member (object, "duration_ns"), ==, 0);
  g_assert_cmpuint (json_array_get_length (knobs), ==, 3);
  g_assert_cmpstr (json_object_get_string_member (knob, "key"), ==, "section");
  g_assert_cmpstr (json_object_get_string_member (knob, "name"), ==, "Critical section");
  g_assert_cmpstr (json_object_get_string_member (knob, "unit"), ==, "duration");
  g_assert_cmpint (json_object_get_int_member (knob, "value"), ==, 1200000);
  g_assert_cmpint (json_object_get_int_member (knob, "min"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (knob, "max"), ==, 5000000);
  g_assert_true (json_object_get_boolean_member (knob, "live"));
}

/* Without a common pool, the workers are counted and cannot be set. */
static void
test_describe_own_workers (void)
{
  g_autoptr (JsonNode) node = describe ("producer-consumer");
  JsonObject *object = json_array_get_object_element (json_node_get_array (node), 0);

  g_assert_cmpint (json_object_get_int_member (object, "workers"), ==, 5);
  g_assert_false (json_object_get_boolean_member (object, "workers_settable"));
}

typedef struct
{
  char *directory;
  char *path;
} Files;

static void
set_up (Files *files, gconstpointer data)
{
  files->directory = g_dir_make_tmp ("test-scenario-XXXXXX", NULL);
  g_assert_nonnull (files->directory);
  files->path = g_build_filename (files->directory, "my.scenario", NULL);
}

static void
tear_down (Files *files, gconstpointer data)
{
  g_remove (files->path);
  g_assert_cmpint (g_rmdir (files->directory), ==, 0);
  g_free (files->directory);
  g_free (files->path);
}

static void
assert_not_loaded (const char *path, const char *place, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = g_strconcat (place, message, NULL);

  g_assert_null (il_scenario_load (path, &error));
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_IO);
}

static void
test_load_path (Files *files, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlScenario) scenario = NULL;

  g_assert_true (g_file_set_contents (files->path, minimal_text, -1, NULL));
  scenario = il_scenario_load (files->path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (scenario->id, ==, files->path);
  g_assert_cmpstr (scenario->path, ==, files->path);
  g_assert_cmpstr (scenario->name, ==, "Full");
}

static void
test_load_broken (Files *files, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = g_strconcat (
      files->path, ":1: found “[Scenari]”, expected a group: one of Scenario, Knob, Lock, ",
      "RWLock, Semaphore, Event, Condition, Barrier, Queue, Channel, File, Counter or Task; did "
      "you "
      "mean “Scenario”?",
      NULL);

  g_assert_true (g_file_set_contents (files->path, "[Scenari]", -1, NULL));
  g_assert_null (il_scenario_load (files->path, &error));
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SYNTAX);
}

static void
test_load_missing (Files *files, gconstpointer data)
{
  assert_not_loaded (files->path, files->path, ": No such file or directory");
  assert_not_loaded ("missing.scenario", "", "missing.scenario: No such file or directory");
  assert_not_loaded ("a\nb/c", "", "a b/c: No such file or directory");
}

static void
test_load_special (Files *files, gconstpointer data)
{
  g_autofree char *directory = g_strconcat (files->directory, "/", NULL);

  assert_not_loaded (directory, directory, ": found a directory, expected a scenario file");
  assert_not_loaded ("/dev/null", "/dev/null", ": found no regular file, expected a scenario file");
  g_assert_cmpint (mkfifo (files->path, 0600), ==, 0);
  assert_not_loaded (files->path, files->path, ": found no regular file, expected a scenario file");
}

/* A regular file whose first byte cannot be read. */
static void
test_load_unreadable (void)
{
  assert_not_loaded ("/proc/self/mem", "/proc/self/mem", ": Input/output error");
}

static void
test_load_large (Files *files, gconstpointer data)
{
  gsize most = 1024 * 1024;
  g_autofree char *spaces = g_strnfill (most + 1, '\n');
  g_autoptr (GError) error = NULL;
  g_autofree char *expected
      = g_strconcat (files->path, ":1048576: found the end of the file, expected [Scenario]", NULL);

  g_assert_true (g_file_set_contents (files->path, spaces, (gssize)most + 1, NULL));
  assert_not_loaded (files->path, files->path, ": found more than 1 MiB, expected a scenario file");
  g_assert_true (g_file_set_contents (files->path, spaces, (gssize)most, NULL));
  g_assert_null (il_scenario_load (files->path, &error));
  g_assert_cmpstr (error->message, ==, expected);
}

static void
test_load_unknown_id (void)
{
  assert_not_loaded ("producer", "",
                     "found “producer”, expected one that “interleave-cli scenarios” lists, or the "
                     "path of a file that ends in .scenario");
  assert_not_loaded ("lock-contenton", "",
                     "found “lock-contenton”, expected one that “interleave-cli scenarios” lists, "
                     "or the path of a file that ends in .scenario; did you mean "
                     "“lock-contention”?");
  assert_not_loaded ("", "",
                     "found “”, expected one that “interleave-cli scenarios” lists, or the path of "
                     "a file that ends in .scenario");
}

/* A directory of one's own; a broken file in it is listed, last, and others are not. */
static void
test_own_directory (Files *files, gconstpointer data)
{
  g_autofree char *former = g_strdup (g_getenv ("INTERLEAVE_SCENARIOS"));
  g_autofree char *expected = g_strdup_printf (
      "found “x”, expected the path of a file, since there are no scenarios in %s",
      files->directory);
  g_autofree char *second = g_build_filename (files->directory, "a.scenario", NULL);
  g_autofree char *other = g_build_filename (files->directory, "README", NULL);
  g_auto (GStrv) ids = NULL;

  g_setenv ("INTERLEAVE_SCENARIOS", files->directory, TRUE);
  assert_not_loaded ("x", "", expected);
  g_assert_true (g_file_set_contents (files->path, minimal_text, -1, NULL));
  g_assert_true (g_file_set_contents (second, "[", -1, NULL));
  g_assert_true (g_file_set_contents (other, "", -1, NULL));
  ids = il_scenario_list_bundled ();
  g_assert_cmpuint (g_strv_length (ids), ==, 2);
  g_assert_cmpstr (ids[0], ==, "my");
  g_assert_cmpstr (ids[1], ==, "a");
  g_setenv ("INTERLEAVE_SCENARIOS", former, TRUE);
  g_remove (second);
  g_remove (other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  set_language ("C");
  g_test_add_func ("/scenario-files/bundled/list", test_bundled_list);
  g_test_add_func ("/scenario-files/bundled/texts", test_bundled_texts);
  g_test_add_func ("/scenario-files/bundled/default", test_bundled_default);
  g_test_add_func ("/scenario-files/describe/knobs", test_describe);
  g_test_add_func ("/scenario-files/describe/own-workers", test_describe_own_workers);
  g_test_add ("/scenario-files/load/path", Files, NULL, set_up, test_load_path, tear_down);
  g_test_add ("/scenario-files/load/broken", Files, NULL, set_up, test_load_broken, tear_down);
  g_test_add ("/scenario-files/load/missing", Files, NULL, set_up, test_load_missing, tear_down);
  g_test_add ("/scenario-files/load/special", Files, NULL, set_up, test_load_special, tear_down);
  g_test_add_func ("/scenario-files/load/unreadable", test_load_unreadable);
  g_test_add ("/scenario-files/load/large", Files, NULL, set_up, test_load_large, tear_down);
  g_test_add_func ("/scenario-files/load/unknown-id", test_load_unknown_id);
  g_test_add ("/scenario-files/load/own-directory", Files, NULL, set_up, test_own_directory,
              tear_down);
  return g_test_run ();
}
