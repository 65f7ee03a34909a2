/* recording.c - a recording under test: its recorder, and what it said
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "recording.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Removes what recording_isolate() made. */
void
recording_end_isolation (void)
{
  g_assert_no_errno (g_rmdir (g_getenv ("XDG_RUNTIME_DIR")));
}

static void
state_changed_cb (IlRecorder *recorder, Recording *self)
{
  IlRecorderStatus status;

  il_recorder_get_status (recorder, &status);
  g_array_append_val (self->states, status.state);
}

static void
problem_cb (IlRecorder *recorder, const GError *error, Recording *self)
{
  g_assert_nonnull (error);
  g_assert_false (self->ended);
  g_ptr_array_add (self->problems, g_error_copy (error));
}

static void
ended_cb (IlRecorder *recorder, const GError *error, Recording *self)
{
  g_assert_false (self->ended);
  self->ended = TRUE;
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

/* A scenario under its own model, with its own numbers. */
IlRecorderOptions
recording_options (const char *scenario)
{
  return (IlRecorderOptions){
    .scenario = scenario, .workers = -1, .tasks = -1, .duration_ns = -1, .seed = -1
  };
}

void
recording_start (Recording *self, const IlRecorderOptions *options)
{
  memset (self, 0, sizeof *self);
  self->problems = g_ptr_array_new_with_free_func ((GDestroyNotify)g_error_free);
  self->states = g_array_new (FALSE, FALSE, sizeof (IlRecorderState));
  self->recorder = il_recorder_new ();
  g_signal_connect (self->recorder, "state-changed", G_CALLBACK (state_changed_cb), self);
  g_signal_connect (self->recorder, "problem", G_CALLBACK (problem_cb), self);
  g_signal_connect (self->recorder, "ended", G_CALLBACK (ended_cb), self);
  il_recorder_start (self->recorder, options);
}

void
recording_wait_state (Recording *self, IlRecorderState state)
{
  IlRecorderStatus status;

  for (;;)
    {
      il_recorder_get_status (self->recorder, &status);
      if (status.state == state)
        return;
      g_assert_false (self->ended);
      g_main_context_iteration (NULL, TRUE);
    }
}

guint
recording_count_problems (Recording *self, IlRecorderError code)
{
  guint n_found = 0;

  for (guint i = 0; i < self->problems->len; i++)
    n_found += g_error_matches (g_ptr_array_index (self->problems, i), IL_RECORDER_ERROR, code);
  return n_found;
}

void
recording_wait_problem (Recording *self, IlRecorderError code)
{
  while (recording_count_problems (self, code) == 0)
    g_main_context_iteration (NULL, TRUE);
}

void
recording_wait_end (Recording *self)
{
  while (!self->ended)
    g_main_context_iteration (NULL, TRUE);
}

void
recording_clear (Recording *self)
{
  g_signal_handlers_disconnect_by_data (self->recorder, self);
  g_assert_finalize_object (self->recorder);
  g_ptr_array_unref (self->problems);
  g_array_unref (self->states);
  g_clear_error (&self->error);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  recording_assert_nothing_left ();
}

IlSession *
recording_session (Recording *self)
{
  return il_recorder_get_session (self->recorder);
}

void
recording_assert_meta (Recording *self, const char *key, const char *expected)
{
  g_autofree char *value = il_session_dup_meta (recording_session (self), key);

  g_assert_cmpstr (value, ==, expected);
}

/* Sets a mark and a runtime directory that all that is started from here on inherits. */
void
recording_isolate (void)
{
  g_autofree char *mark = g_uuid_string_random ();
  g_autofree char *directory = g_dir_make_tmp ("recorder-XXXXXX", NULL);

  g_assert_nonnull (directory);
  g_setenv ("IL_TEST_MARK", mark, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", directory, TRUE);
}

/* Whether the process is one that we started, and no zombie that nobody has reaped yet. */
static gboolean
has_mark (const char *pid, const char *mark)
{
  g_autofree char *environ_path = g_build_filename ("/proc", pid, "environ", NULL);
  g_autofree char *stat_path = g_build_filename ("/proc", pid, "stat", NULL);
  g_autofree char *environment = NULL;
  g_autofree char *stat = NULL;
  const char *end;
  gsize length;

  if (!g_file_get_contents (environ_path, &environment, &length, NULL)
      || !g_file_get_contents (stat_path, &stat, NULL, NULL))
    return FALSE;
  end = strrchr (stat, ')');
  return end != NULL && end[1] != '\0' && end[2] != 'Z'
         && memmem (environment, length, mark, strlen (mark)) != NULL;
}

/* How many processes that were started since recording_isolate() live. */
guint
recording_count_processes (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  g_autofree char *own = g_strdup_printf ("%d", (int)getpid ());
  const char *mark = g_getenv ("IL_TEST_MARK");
  const char *entry;
  guint n_found = 0;

  while ((entry = g_dir_read_name (dir)) != NULL)
    if (g_ascii_isdigit (entry[0]) && strcmp (entry, own) != 0)
      n_found += has_mark (entry, mark);
  return n_found;
}

/* No process and no shared file outlives its recording. */
void
recording_assert_nothing_left (void)
{
  g_autoptr (GDir) dir = g_dir_open (g_getenv ("XDG_RUNTIME_DIR"), 0, NULL);

  g_assert_cmpuint (recording_count_processes (), ==, 0);
  g_assert_null (g_dir_read_name (dir));
}
