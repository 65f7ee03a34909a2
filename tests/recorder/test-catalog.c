/* test-catalog.c - scenarios or an error, whatever the runner answers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-catalog.h"

#include <glib/gstdio.h>
#include <string.h>

#include "il-recorder.h"

#define GOOD                                                                                       \
  "{\"id\":\"a\",\"row\":\"C1\",\"name\":\"A\",\"description\":\"d\",\"look_at\":\"l\","           \
  "\"path\":\"/a\",\"model\":\"threads\",\"models\":[\"serial\",\"threads\"],\"workers\":2,"       \
  "\"workers_settable\":true,\"duration_ns\":0,\"knobs\":[{\"key\":\"k\",\"name\":\"K\","          \
  "\"unit\":\"duration\",\"value\":1.5e6,\"min\":0,\"max\":2000000,\"live\":true}]}"

static GPtrArray *
load_answer (const char *answer, GError **error)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "answer-XXXXXX", NULL);
  GPtrArray *scenarios;

  g_close (g_mkstemp (path), NULL);
  g_assert_true (g_file_set_contents (path, answer, -1, NULL));
  g_setenv ("FAKE_DESCRIPTION", path, TRUE);
  scenarios = il_scenario_catalog_load (NULL, error);
  g_assert_no_errno (g_unlink (path));
  return scenarios;
}

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) scenarios = load_answer ("[" GOOD "," GOOD "]", &error);
  IlScenario *scenario;
  const IlKnob *knobs;
  guint n_knobs;

  g_assert_no_error (error);
  g_assert_cmpuint (scenarios->len, ==, 2);
  scenario = g_ptr_array_index (scenarios, 0);
  g_assert_cmpstr (il_scenario_get_id (scenario), ==, "a");
  g_assert_cmpstr (il_scenario_get_row (scenario), ==, "C1");
  g_assert_cmpstr (il_scenario_get_name (scenario), ==, "A");
  g_assert_cmpstr (il_scenario_get_description (scenario), ==, "d");
  g_assert_cmpstr (il_scenario_get_look_at (scenario), ==, "l");
  g_assert_cmpstr (il_scenario_get_model (scenario), ==, "threads");
  g_assert_cmpstr (il_scenario_get_models (scenario)[1], ==, "threads");
  g_assert_null (il_scenario_get_models (scenario)[2]);
  g_assert_cmpuint (il_scenario_get_workers (scenario), ==, 2);
  g_assert_true (il_scenario_get_workers_settable (scenario));
  knobs = il_scenario_get_knobs (scenario, &n_knobs);
  g_assert_cmpuint (n_knobs, ==, 1);
  g_assert_cmpstr (knobs[0].key, ==, "k");
  g_assert_cmpint (knobs[0].unit, ==, IL_KNOB_DURATION);
  g_assert_cmpfloat (knobs[0].value, ==, 1.5e6);
  g_assert_true (knobs[0].live);
}

static void
test_empty (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) scenarios = load_answer ("[]", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (scenarios->len, ==, 0);
}

/* Each of these replaces a part of the good answer by something wrong. */
static void
test_wrong_fields (void)
{
  static const struct
  {
    const char *from, *to;
  } edits[] = {
    { "\"id\":\"a\",", "" },
    { "\"id\":\"a\"", "\"id\":1" },
    { "\"id\":\"a\"", "\"id\":null" },
    { "\"row\":\"C1\"", "\"row\":[]" },
    { "\"models\":[\"serial\",\"threads\"]", "\"models\":[]" },
    { "\"models\":[\"serial\",\"threads\"]", "\"models\":[1]" },
    { "\"models\":[\"serial\",\"threads\"]", "\"models\":\"threads\"" },
    { "\"workers\":2", "\"workers\":-1" },
    { "\"workers\":2", "\"workers\":2.5" },
    { "\"workers\":2", "\"workers\":1e300" },
    { "\"workers\":2", "\"workers\":\"2\"" },
    { "\"workers_settable\":true", "\"workers_settable\":1" },
    { "\"knobs\":[{", "\"knobs\":[3,{" },
    { "\"unit\":\"duration\"", "\"unit\":\"furlong\"" },
    { "\"unit\":\"duration\"", "\"unit\":3" },
    { "\"max\":2000000", "\"max\":1" },
    { "\"key\":\"k\",", "" },
    { "\"live\":true", "\"live\":\"yes\"" },
    { "{\"id\"", "3,{\"id\"" },
    { "{\"id\"", "{\"id\":{},\"id\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (GString) answer = g_string_new ("[" GOOD "]");
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) scenarios = NULL;

      g_assert_cmpuint (g_string_replace (answer, edits[i].from, edits[i].to, 1), ==, 1);
      scenarios = load_answer (answer->str, &error);
      if (i + 1 == G_N_ELEMENTS (edits)) /* a key twice: JSON lets the last one win */
        continue;
      g_assert_null (scenarios);
      g_assert_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER);
    }
}

static void
test_no_json (void)
{
  static const char *const answers[] = { "", "{}", "3", "[", "hello", "[]]", "\"" };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (load_answer (answers[i], &error));
      g_assert_nonnull (error);
    }
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;

  g_unsetenv ("FAKE_DESCRIPTION");
  g_assert_null (il_scenario_catalog_load ("no.scenario", &error));
  g_assert_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_SCENARIO);
  g_assert_cmpstr (error->message, ==, "no.scenario: No such file");
}

static void
test_no_runner (void)
{
  g_autofree char *real = g_strdup (g_getenv ("INTERLEAVE_RUNNER"));
  g_autoptr (GError) error = NULL;

  g_setenv ("INTERLEAVE_RUNNER", "/nowhere/interleave-runner", TRUE);
  g_assert_null (il_scenario_catalog_load (NULL, &error));
  g_assert_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER);
  g_assert_nonnull (strstr (error->message, "/nowhere/interleave-runner"));
  g_setenv ("INTERLEAVE_RUNNER", real, TRUE);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static void
test_async (void)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_unsetenv ("FAKE_DESCRIPTION");
  il_scenario_catalog_load_async ("no.scenario", NULL, loaded_cb, &result);
  g_assert_null (result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (il_scenario_catalog_load_finish (result, &error));
  g_assert_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_SCENARIO);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalog/good", test_good);
  g_test_add_func ("/catalog/empty", test_empty);
  g_test_add_func ("/catalog/wrong-fields", test_wrong_fields);
  g_test_add_func ("/catalog/no-json", test_no_json);
  g_test_add_func ("/catalog/refused", test_refused);
  g_test_add_func ("/catalog/no-runner", test_no_runner);
  g_test_add_func ("/catalog/async", test_async);
  return g_test_run ();
}
