/* test-recorder.c - whatever the runner does, the recorder says what happened, keeps what it got
 * and leaves nothing behind
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With a runner that breaks the rules on demand; test-truth.c has the real one.
 */

#include "config.h"

#include "recording.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

static void
start (Recording *self, const char *scenario)
{
  IlRecorderOptions options = recording_options (scenario);

  recording_start (self, &options);
}

static void
run (Recording *self, const char *scenario)
{
  start (self, scenario);
  recording_wait_end (self);
}

static void
assert_error (const GError *error, IlRecorderError code, const char *part)
{
  g_assert_error (error, IL_RECORDER_ERROR, (int)code);
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” does not say “%s”", error->message, part);
}

static void
assert_counts (Recording *self, guint64 n_tasks)
{
  IlTimelineTotals totals;
  IlRecorderStatus status;

  il_timeline_get_totals (il_session_get_timeline (recording_session (self)), &totals);
  g_assert_cmpuint (totals.n_submitted, ==, n_tasks);
  g_assert_cmpuint (totals.n_outcomes[IL_TASK_OUTCOME_DONE], ==, n_tasks);
  g_assert_cmpuint (totals.n_lost, ==, 0);
  g_assert_cmpuint (totals.n_inconsistent, ==, 0);
  il_recorder_get_status (self->recorder, &status);
  g_assert_cmpuint (status.n_lost, ==, 0);
  g_assert_cmpint (status.state, ==, IL_RECORDER_ENDED);
}

static void
test_idle (void)
{
  IlRecorder *recorder = il_recorder_new ();
  IlRecorderStatus status;

  /* Nothing runs: commands go nowhere. */
  il_recorder_stop (recorder);
  il_recorder_pause (recorder);
  il_recorder_get_status (recorder, &status);
  g_assert_cmpint (status.state, ==, IL_RECORDER_IDLE);
  g_assert_nonnull (il_recorder_get_session (recorder));
  g_assert_finalize_object (recorder);
}

static void
test_completes (void)
{
  Recording recording;
  IlRecorderStatus status;

  run (&recording, "good");
  g_assert_no_error (recording.error);
  assert_counts (&recording, 10);
  recording_assert_meta (&recording, IL_META_TITLE, "Fake");
  recording_assert_meta (&recording, IL_META_SCENARIO_ID, "fake");
  recording_assert_meta (&recording, IL_META_MODEL, "serial");
  recording_assert_meta (&recording, IL_META_SEED, "42");
  recording_assert_meta (&recording, IL_META_END, "completed");
  recording_assert_meta (&recording, IL_META_VERSION, IL_VERSION);
  recording_assert_meta (&recording, IL_META_RUNNER_COUNTS, "10 10 0 0 0");
  recording_assert_meta (&recording, IL_META_LOST_EVENTS, "0");
  il_recorder_get_status (recording.recorder, &status);
  g_assert_cmpuint (status.done, ==, 10);
  g_assert_cmpuint (status.n_events, ==, 2 + 30);
  g_assert_cmpint (status.duration_ns, >, 0);
  g_assert_cmpfloat (status.overhead_share, >, 0);
  recording_clear (&recording);
}

static void
test_states (void)
{
  static const IlRecorderState expected[]
      = { IL_RECORDER_STARTING, IL_RECORDER_RUNNING, IL_RECORDER_STOPPING, IL_RECORDER_ENDED };
  Recording recording;
  guint at = 0;

  start (&recording, "obedient");
  recording_wait_state (&recording, IL_RECORDER_RUNNING);
  il_recorder_stop (recording.recorder);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  assert_counts (&recording, 20);
  recording_assert_meta (&recording, IL_META_END, "stopped");

  /* A state may be gone already when its signal comes; none comes out of turn. */
  for (guint i = 0; i < recording.states->len; i++)
    {
      IlRecorderState state = g_array_index (recording.states, IlRecorderState, i);

      while (at < G_N_ELEMENTS (expected) && expected[at] != state)
        at++;
      g_assert_cmpuint (at, <, G_N_ELEMENTS (expected));
    }
  g_assert_cmpint (g_array_index (recording.states, IlRecorderState, recording.states->len - 1), ==,
                   IL_RECORDER_ENDED);
  recording_clear (&recording);
}

static void
test_commands (void)
{
  Recording recording;

  start (&recording, "turns");
  /* Before it has started they wait. */
  il_recorder_set_knob (recording.recorder, "length", "5ms");
  il_recorder_pause (recording.recorder);
  recording_wait_state (&recording, IL_RECORDER_PAUSED);
  il_recorder_resume (recording.recorder);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  recording_clear (&recording);
}

static void
note_stepped_cb (GString *log, guint number)
{
  g_string_append_printf (log, "stepped %u; ", number);
}

static void
note_hit_cb (GString *log, guint number, guint count)
{
  g_string_append_printf (log, "hit %u %u; ", number, count);
}

/* What the runner says of them comes as signals; what it says wrongly does not. */
static void
test_commands_about_workers (void)
{
  Recording recording;
  g_autoptr (GString) log = g_string_new (NULL);

  start (&recording, "obeys-about-workers");
  g_signal_connect_swapped (recording.recorder, "stepped", G_CALLBACK (note_stepped_cb), log);
  g_signal_connect_swapped (recording.recorder, "hit", G_CALLBACK (note_hit_cb), log);
  il_recorder_set_workers (recording.recorder, 5);
  il_recorder_kill_worker (recording.recorder, 1);
  il_recorder_crash_worker (recording.recorder, 2);
  il_recorder_pause (recording.recorder);
  il_recorder_step (recording.recorder);
  il_recorder_step_worker (recording.recorder, 3);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  g_assert_cmpstr (log->str, ==, "hit 1 2; hit 2 1; stepped 4; stepped 3; ");
  g_assert_cmpuint (recording_count_problems (&recording, IL_RECORDER_ERROR_RUNNER), ==, 1);
  recording_assert_meta (&recording, IL_META_WORKERS, "5");
  recording_clear (&recording);
}

static void
test_refused_command (void)
{
  Recording recording;

  start (&recording, "refuses-command");
  il_recorder_kill_worker (recording.recorder, 3);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  g_assert_cmpuint (recording_count_problems (&recording, IL_RECORDER_ERROR_REFUSED), ==, 1);
  recording_clear (&recording);
}

static void
test_garbage (void)
{
  Recording recording;
  IlRecorderStatus status;

  run (&recording, "garbage");
  g_assert_no_error (recording.error);
  assert_counts (&recording, 10);
  g_assert_cmpuint (recording_count_problems (&recording, IL_RECORDER_ERROR_RUNNER), ==, 1);
  il_recorder_get_status (recording.recorder, &status);
  g_assert_cmpuint (status.submitted, ==, 10);
  recording_assert_meta (&recording, IL_META_TITLE, "Fake");
  recording_clear (&recording);
}

/* Events on objects that do not exist are left out, and that is said. */
static void
test_damage (void)
{
  Recording recording;

  run (&recording, "damages");
  g_assert_no_error (recording.error);
  assert_counts (&recording, 10);
  g_assert_cmpuint (recording_count_problems (&recording, IL_RECORDER_ERROR_TRACE), ==, 1);
  recording_clear (&recording);
}

static void
test_refusals (void)
{
  static const struct
  {
    const char *scenario;
    IlRecorderError code;
    const char *part;
  } cases[] = {
    { "refuses", IL_RECORDER_ERROR_SCENARIO, "refuses.scenario:3: found “x”, expected y" },
    { "says-error", IL_RECORDER_ERROR_SCENARIO, "no such thing" },
    { "silent", IL_RECORDER_ERROR_RUNNER, "status 3" },
    { "crashes-early", IL_RECORDER_ERROR_RUNNER, "signal 9 (SIGKILL)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Recording recording;

      run (&recording, cases[i].scenario);
      assert_error (recording.error, cases[i].code, cases[i].part);
      g_assert_cmpint (
          il_timeline_get_end (il_session_get_timeline (recording_session (&recording))), ==, 0);
      recording_clear (&recording);
    }
}

static void
test_no_runner (void)
{
  g_autofree char *real = g_strdup (g_getenv ("INTERLEAVE_RUNNER"));
  static const char *const paths[] = { "/nowhere/interleave-runner", "/", "/dev/null" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      Recording recording;

      g_setenv ("INTERLEAVE_RUNNER", paths[i], TRUE);
      run (&recording, "good");
      assert_error (recording.error, IL_RECORDER_ERROR_RUNNER, paths[i]);
      assert_error (recording.error, IL_RECORDER_ERROR_RUNNER, "INTERLEAVE_RUNNER");
      recording_clear (&recording);
    }
  g_setenv ("INTERLEAVE_RUNNER", real, TRUE);
}

/* A program that cannot be executed although it may be. */
static void
test_broken_runner (void)
{
  g_autofree char *real = g_strdup (g_getenv ("INTERLEAVE_RUNNER"));
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "broken-runner-XXXXXX", NULL);
  Recording recording;

  g_close (g_mkstemp (path), NULL);
  g_assert_true (g_file_set_contents (path, "\x7f\x45LF?", -1, NULL));
  g_assert_no_errno (g_chmod (path, 0700));
  g_setenv ("INTERLEAVE_RUNNER", path, TRUE);
  run (&recording, "good");
  assert_error (recording.error, IL_RECORDER_ERROR_RUNNER, path);
  recording_clear (&recording);
  g_assert_no_errno (g_unlink (path));
  g_setenv ("INTERLEAVE_RUNNER", real, TRUE);
}

static void
test_deaths (void)
{
  static const struct
  {
    const char *scenario, *part, *end;
  } cases[] = {
    { "crashes", "killed by signal 9 (SIGKILL) after", "runner killed by signal 9" },
    { "fails", "status 7", "runner failed with status 7" },
    { "ends-and-hangs", "did not end when it should", "stopped, runner killed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Recording recording;

      run (&recording, cases[i].scenario);
      assert_error (recording.error, IL_RECORDER_ERROR_TARGET, cases[i].part);
      /* In a unit in which that is something. */
      g_assert_null (strstr (recording.error->message, "after 0.0 s"));
      assert_counts (&recording, 10);
      recording_assert_meta (&recording, IL_META_END, cases[i].end);
      recording_clear (&recording);
    }
}

static void
test_death_quotes_last_words (void)
{
  Recording recording;

  run (&recording, "fails");
  assert_error (recording.error, IL_RECORDER_ERROR_TARGET, "out of luck");
  recording_clear (&recording);
}

static void
test_hangs_on_stop (void)
{
  Recording recording;

  start (&recording, "hangs");
  recording_wait_state (&recording, IL_RECORDER_RUNNING);
  il_recorder_stop (recording.recorder);
  recording_wait_end (&recording);
  assert_error (recording.error, IL_RECORDER_ERROR_TARGET, "did not end when it should");
  assert_counts (&recording, 10);
  recording_clear (&recording);
}

static void
test_stop_while_starting (void)
{
  Recording recording;

  start (&recording, "never-ready");
  il_recorder_stop (recording.recorder);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  recording_clear (&recording);
}

static void
test_leaves_child_behind (void)
{
  Recording recording;

  run (&recording, "leaves-child");
  g_assert_no_error (recording.error);
  recording_clear (&recording); /* asserts that nothing is left */
}

/* Nobody wants it any more: everything stops, and nothing is told. */
static void
test_dropped (void)
{
  static const char *const scenarios[] = { "never-ready", "hangs", "obedient", "good" };

  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    {
      Recording recording;

      start (&recording, scenarios[i]);
      if (i > 0)
        recording_wait_state (&recording, i == 3 ? IL_RECORDER_ENDED : IL_RECORDER_RUNNING);
      recording_clear (&recording);
    }
}

static void
test_session_outlives_recorder (void)
{
  g_autoptr (IlSession) session = NULL;
  IlTimelineTotals totals;
  Recording recording;

  run (&recording, "good");
  session = il_session_ref (recording_session (&recording));
  recording_clear (&recording);
  il_timeline_get_totals (il_session_get_timeline (session), &totals);
  g_assert_cmpuint (totals.n_submitted, ==, 10);
}

static void
test_writes_session (void)
{
  IlRecorderOptions options;
  g_autofree char *directory = g_dir_make_tmp ("session-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "a.interleave", NULL);
  g_autoptr (IlSession) session = NULL;
  g_autoptr (GError) error = NULL;
  IlTimelineTotals totals;
  Recording recording;

  options = recording_options ("good");
  options.output_path = path;
  recording_start (&recording, &options);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  session = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_WHOLE);
  il_timeline_get_totals (il_session_get_timeline (session), &totals);
  g_assert_cmpuint (totals.n_submitted, ==, 10);
  g_assert_cmpint (il_timeline_get_end (il_session_get_timeline (session)), ==,
                   il_timeline_get_end (il_session_get_timeline (recording_session (&recording))));
  for (guint i = 0; i < 3; i++)
    {
      static const char *const keys[] = { IL_META_TITLE, IL_META_END, IL_META_RUNNER_COUNTS };
      g_autofree char *value = il_session_dup_meta (session, keys[i]);

      recording_assert_meta (&recording, keys[i], value);
      g_assert_nonnull (value);
    }
  recording_clear (&recording);
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_rmdir (directory));
}

/* A file that cannot be made ends the matter before anything runs; a scenario that is refused
 * leaves an earlier session of that name alone. */
static void
test_output (void)
{
  IlRecorderOptions options;
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "kept-XXXXXX", NULL);
  g_autofree char *content = NULL;
  Recording recording;

  options = recording_options ("good");
  options.output_path = "/nowhere/a.interleave";
  recording_start (&recording, &options);
  recording_wait_end (&recording);
  assert_error (recording.error, IL_RECORDER_ERROR_OUTPUT, "/nowhere/a.interleave");
  recording_clear (&recording);

  g_close (g_mkstemp (path), NULL);
  g_assert_true (g_file_set_contents (path, "precious", -1, NULL));
  options = recording_options ("refuses");
  options.output_path = path;
  recording_start (&recording, &options);
  recording_wait_end (&recording);
  assert_error (recording.error, IL_RECORDER_ERROR_SCENARIO, "expected y");
  recording_clear (&recording);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "precious");
  g_assert_no_errno (g_unlink (path));
}

/* What a recorder that was killed left behind is removed by the next one. */
static void
test_removes_left_behind (void)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("XDG_RUNTIME_DIR"), "interleave-trace-123456", NULL);
  Recording recording;

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  run (&recording, "good");
  g_assert_no_error (recording.error);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  recording_clear (&recording);
}

/* A runtime directory that nothing can be made in is not the end. */
static void
test_other_directory (void)
{
  g_autofree char *real = g_strdup (g_getenv ("XDG_RUNTIME_DIR"));
  Recording recording;

  g_setenv ("XDG_RUNTIME_DIR", "/proc", TRUE);
  run (&recording, "good");
  g_setenv ("XDG_RUNTIME_DIR", real, TRUE);
  g_assert_no_error (recording.error);
  assert_counts (&recording, 10);
  recording_clear (&recording);
}

static void
test_sampling_says_so (void)
{
  IlRecorderOptions options;
  Recording recording;
  IlRecorderStatus status;

  options = recording_options ("good");
  options.force_sampling = TRUE;
  recording_start (&recording, &options);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  recording_assert_meta (&recording, IL_META_SCHEDULER, "sampled");
  il_recorder_get_status (recording.recorder, &status);
  g_assert_false (status.scheduler_exact);
  g_assert_cmpuint (recording.problems->len, ==, 0);
  recording_clear (&recording);
}

/* Signals come in the context that was the default one of the thread that made the recorder. */
static gpointer
run_in_own_context (gpointer data)
{
  IlRecorderOptions options;
  g_autoptr (GMainContext) context = g_main_context_new ();
  IlRecorder *recorder;
  gboolean ended = FALSE;

  g_main_context_push_thread_default (context);
  recorder = il_recorder_new ();
  g_signal_connect_swapped (recorder, "ended", G_CALLBACK (g_atomic_int_inc), &ended);
  options = recording_options ("good");
  il_recorder_start (recorder, &options);
  while (!ended)
    g_main_context_iteration (context, TRUE);
  g_assert_finalize_object (recorder);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_own_context (void)
{
  g_thread_join (g_thread_new ("other", run_in_own_context, NULL));
  recording_assert_nothing_left ();
}

/* A thread lets go of a lock, loses its core for 300 ms, and only then says so.  The next owner has
 * long said that it took it: it is not told first. */
static void
test_releases_late (gconstpointer force_sampling)
{
  IlRecorderOptions options = recording_options ("releases-late");
  Recording recording;

  options.force_sampling = GPOINTER_TO_INT (force_sampling);
  recording_start (&recording, &options);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  assert_counts (&recording, 10);
  recording_assert_meta (&recording, IL_META_LATE_RECORDS, "0");
  recording_assert_meta (&recording, IL_META_LATE_NS, "0");
  recording_clear (&recording);
}

/* One that never says so is not waited for for ever. */
static void
test_never_says (void)
{
  IlTimeline *timeline;
  Recording recording;

  start (&recording, "never-says");
  timeline = il_session_get_timeline (recording_session (&recording));
  while (il_timeline_get_end (timeline) < G_GINT64_CONSTANT (1000000000))
    {
      g_assert_false (recording.ended);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  il_recorder_stop (recording.recorder);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  recording_clear (&recording);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  recording_isolate ();
  g_test_add_func ("/recorder/idle", test_idle);
  g_test_add_func ("/recorder/completes", test_completes);
  g_test_add_func ("/recorder/states", test_states);
  g_test_add_func ("/recorder/commands", test_commands);
  g_test_add_func ("/recorder/commands-about-workers", test_commands_about_workers);
  g_test_add_func ("/recorder/refused-command", test_refused_command);
  g_test_add_func ("/recorder/garbage", test_garbage);
  g_test_add_func ("/recorder/damage", test_damage);
  g_test_add_func ("/recorder/refusals", test_refusals);
  g_test_add_func ("/recorder/no-runner", test_no_runner);
  g_test_add_func ("/recorder/broken-runner", test_broken_runner);
  g_test_add_func ("/recorder/deaths", test_deaths);
  g_test_add_func ("/recorder/death-quotes-last-words", test_death_quotes_last_words);
  g_test_add_func ("/recorder/hangs-on-stop", test_hangs_on_stop);
  g_test_add_func ("/recorder/stop-while-starting", test_stop_while_starting);
  g_test_add_func ("/recorder/leaves-child-behind", test_leaves_child_behind);
  g_test_add_func ("/recorder/dropped", test_dropped);
  g_test_add_func ("/recorder/session-outlives-recorder", test_session_outlives_recorder);
  g_test_add_func ("/recorder/writes-session", test_writes_session);
  g_test_add_func ("/recorder/output", test_output);
  g_test_add_func ("/recorder/removes-left-behind", test_removes_left_behind);
  g_test_add_func ("/recorder/other-directory", test_other_directory);
  g_test_add_func ("/recorder/sampling-says-so", test_sampling_says_so);
  g_test_add_func ("/recorder/own-context", test_own_context);
  g_test_add_data_func ("/recorder/releases-late/exact", GINT_TO_POINTER (FALSE),
                        test_releases_late);
  g_test_add_data_func ("/recorder/releases-late/sampled", GINT_TO_POINTER (TRUE),
                        test_releases_late);
  g_test_add_func ("/recorder/never-says", test_never_says);
  result = g_test_run ();
  recording_end_isolation ();
  return result;
}
