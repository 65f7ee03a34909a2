/* test-ends.c - a recording of the real runner that its own time ends, or that does not begin
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "recording.h"

#include <string.h>

/* --- when its time is over */

/* Of this process, as the kernel counts them. */
static guint64
count_writes (void)
{
  g_autofree char *text = NULL;
  const char *count;

  if (!g_file_get_contents ("/proc/self/io", &text, NULL, NULL))
    return 0;
  count = strstr (text, "syscw: ");
  return count != NULL ? g_ascii_strtoull (count + strlen ("syscw: "), NULL, 10) : 0;
}

/* A program whose time is over, and that takes its time to end, is waited for asleep: who woke
 * itself again and again would write thousands of times meanwhile. */
static void
test_duration_is_over_once (void)
{
  const char *command[]
      = { "/bin/sh", "-c", "trap 'sleep 1; exit 3' TERM; while :; do sleep 0.02; done", NULL };
  IlRecorderOptions options = recording_options (NULL);
  Recording recording;
  guint64 n_writes = count_writes ();

  options.command = command;
  options.no_locks = TRUE;
  options.force_sampling = TRUE;
  options.duration_ns = 300000000;
  recording_start (&recording, &options);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  recording_assert_meta (&recording, IL_META_END, "stopped, exited 3");
  g_test_message ("%" G_GUINT64_FORMAT " writes", count_writes () - n_writes);
  g_assert_cmpuint (count_writes () - n_writes, <, 1000);
  recording_clear (&recording);
}

/* --- what the runner refuses */

static void
assert_refused (const IlRecorderOptions *options, IlRecorderError code, const char *part)
{
  Recording recording;

  recording_start (&recording, options);
  recording_wait_end (&recording);
  g_assert_error (recording.error, IL_RECORDER_ERROR, (int)code);
  if (strstr (recording.error->message, part) == NULL)
    g_error ("“%s” does not say “%s”", recording.error->message, part);
  g_assert_null (strchr (recording.error->message, '\n'));
  recording_clear (&recording);
}

static void
test_refused (void)
{
  static const char *const names[] = { "no-such-scenario", "/nowhere/a.scenario", "-x" };
  static const gint64 workers[] = { 0, 100000 };
  IlRecorderOptions options;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      options = recording_options (names[i]);
      assert_refused (&options, IL_RECORDER_ERROR_SCENARIO, names[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    {
      options = recording_options ("lock-contention");
      options.workers = workers[i];
      assert_refused (&options, IL_RECORDER_ERROR_SETTING, "16384");
    }
  options = recording_options ("lock-contention");
  options.model = "telepathy";
  assert_refused (&options, IL_RECORDER_ERROR_SETTING, "telepathy");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  recording_isolate ();
  g_test_add_func ("/ends/duration-is-over-once", test_duration_is_over_once);
  g_test_add_func ("/ends/refused", test_refused);
  result = g_test_run ();
  recording_end_isolation ();
  return result;
}
