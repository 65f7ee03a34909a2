/* test-truth.c - what a recording of the real runner says agrees with itself, with the runner and
 * with the kernel
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is compared with the kernel's own accounting, which a thread leaves behind at its release
 * (the last thing it does before its lane ends):
 *
 *   Switches     The kernel counts a thread's switches out from its birth.  The scheduler's records
 *                are complete from birth, too, and go on after the release: at least the last
 *                switch out of all, at the thread's exit.  So the records up to the release are
 *                compared.  The accounting is read some hundred nanoseconds before the stamp of the
 *                release is taken, and the stamp's clock may be off by as much: a switch within
 *                RELEASE_BLUR_NS of the release may or may not be counted, and neither need be one
 *                that came between the two, from which the thread was back for RELEASE_BLUR_NS at
 *                most.  Nothing else may differ.
 *   Time         What the lanes of the cores say of the thread, up to its release, is compared: the
 *                thread's own lane calls the time on a core before it had said anything unknown. It
 *                is to be within 1 % of the kernel's figure.  Besides, a thread's CPU clock stands
 *                still while an interrupt or the hypervisor has the core, but the thread was not
 *                switched out; and what of this falls into a switch goes to whom the kernel will.
 *                That time is allowed for, and so is what /proc/stat does not say of it yet,
 *                UNTOLD_NS: less than one of its ticks of 10 ms, and what a core adds at its next
 *                interrupt of the timer.  A run of which something was taken says little: up to
 *                MAX_TRIES are made until nothing was taken of one, or else the last counts.  A
 *                switch itself, and writing the record of it, is partly the thread's own time to
 *                the kernel: some microseconds each (4 where measured), which only matter to a
 *                thread that does nothing but wake and sleep.
 */

#include "config.h"

#include "recording.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RELEASE_BLUR_NS 20000
#define SWITCH_BLUR_NS 10000
#define UNTOLD_NS 20000000
#define MAX_TRIES 8

typedef struct
{
  guint64 cpu_ns, voluntary, involuntary, peak_rss;
  gint64 released_ns;
} Usage;

/* --- what is to agree */

static IlTimeline *
timeline_of (Recording *recording)
{
  return il_session_get_timeline (recording_session (recording));
}

static gboolean
find_usage (Recording *recording, const IlLane *lane, Usage *usage)
{
  g_autofree char *key = g_strdup_printf (IL_META_USAGE_PREFIX "%u", il_lane_get_index (lane));
  g_autofree char *released_key
      = g_strdup_printf (IL_META_RELEASED_PREFIX "%u", il_lane_get_index (lane));
  g_autofree char *text = il_session_dup_meta (recording_session (recording), key);
  g_autofree char *released = il_session_dup_meta (recording_session (recording), released_key);

  if (text == NULL)
    return FALSE;
  g_assert_nonnull (released);
  usage->released_ns = g_ascii_strtoll (released, NULL, 10);
  g_assert_cmpint (sscanf (text,
                           "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                           " %" G_GUINT64_FORMAT,
                           &usage->cpu_ns, &usage->voluntary, &usage->involuntary,
                           &usage->peak_rss),
                   ==, 4);
  return TRUE;
}

static void
sum_states (const IlLane *lane, gint64 begin_ns, gint64 end_ns, gint64 states_ns[IL_N_STATES])
{
  memset (states_ns, 0, IL_N_STATES * sizeof *states_ns);
  il_series_sum_states (il_lane_get_states (lane), begin_ns, end_ns, states_ns);
}

/* From birth to death there is a state at each moment, and none outside. */
static void
assert_gapless (Recording *recording, const IlLane *lane)
{
  gint64 recording_end_ns = il_timeline_get_end (timeline_of (recording));
  gint64 begin_ns = il_lane_get_begin (lane);
  gint64 end_ns = MIN (il_lane_get_end (lane), recording_end_ns);
  gint64 states_ns[IL_N_STATES], sum_ns = 0;

  g_assert_cmpint (begin_ns, <=, end_ns);
  sum_states (lane, begin_ns, end_ns, states_ns);
  g_assert_cmpint (states_ns[IL_STATE_NONE], ==, 0);
  for (guint i = 0; i < IL_N_STATES; i++)
    sum_ns += states_ns[i];
  g_assert_cmpint (sum_ns, ==, end_ns - begin_ns);
}

/* How long a core says that the lane ran there, in a range. */
static gint64
time_on_core (const IlLane *core, const IlLane *lane, gint64 begin_ns, gint64 end_ns)
{
  const IlSeries *states = il_lane_get_states (core);
  gint64 result_ns = 0;
  IlSpan span;

  for (gsize i = 0; i < il_series_get_length (states); i++)
    {
      g_assert_true (il_series_get_span (states, i, end_ns, &span));
      if (span.code == IL_CODE (IL_STATE_RUNNING, il_lane_get_index (lane) + 1))
        result_ns += MAX (MIN (span.end_ns, end_ns) - MAX (span.begin_ns, begin_ns), 0);
    }
  return result_ns;
}

static void
assert_running_time (Recording *recording, const IlLane *lane, const Usage *usage, gint64 stolen_ns)
{
  IlTimeline *timeline = timeline_of (recording);
  gint64 states_ns[IL_N_STATES], running_ns, on_core_ns = 0;
  gint64 slack_ns
      = (gint64)(usage->cpu_ns / 100 + (usage->voluntary + usage->involuntary) * SWITCH_BLUR_NS);

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *core = il_timeline_get_lane (timeline, i);

      if (il_lane_get_info (core)->kind == IL_LANE_CORE)
        on_core_ns += time_on_core (core, lane, il_lane_get_begin (lane), usage->released_ns);
    }
  sum_states (lane, il_lane_get_begin (lane), usage->released_ns, states_ns);
  running_ns
      = states_ns[IL_STATE_RUNNING] + states_ns[IL_STATE_BUSY] + states_ns[IL_STATE_SPINNING];
  g_test_message ("%s: runs %.3f ms, on cores %.3f ms, kernel says %.3f ms",
                  il_lane_get_info (lane)->name, (double)running_ns / 1e6, (double)on_core_ns / 1e6,
                  (double)usage->cpu_ns / 1e6);
  g_assert_cmpint (ABS (on_core_ns - (gint64)usage->cpu_ns), <=, slack_ns + stolen_ns + UNTOLD_NS);
  g_assert_cmpint (running_ns, <=, on_core_ns);
  g_assert_cmpint (running_ns, >=, on_core_ns - states_ns[IL_STATE_UNKNOWN]);
}

/* When the accounting was read at the earliest: if the thread was just back from having been
 * preempted when it wrote its last word, it may have been read before that. */
static gint64
earliest_accounting (const IlLane *lane, gint64 released_ns)
{
  const IlSeries *states = il_lane_get_states (lane);
  gint64 earliest_ns = released_ns - RELEASE_BLUR_NS;
  IlSpan span;

  for (gsize i = il_series_get_length (states); i-- > 0;)
    {
      g_assert_true (il_series_get_span (states, i, G_MAXINT64, &span));
      if (span.end_ns < released_ns - RELEASE_BLUR_NS)
        break;
      if (span.begin_ns < released_ns && IL_CODE_STATE (span.code) == IL_STATE_RUNNABLE)
        earliest_ns = MIN (earliest_ns, span.begin_ns - RELEASE_BLUR_NS);
    }
  return earliest_ns;
}

static void
assert_switches (const IlLane *lane, const Usage *usage)
{
  IlLaneCounts least, most;

  il_lane_get_counts (lane, earliest_accounting (lane, usage->released_ns), &least);
  il_lane_get_counts (lane, usage->released_ns + RELEASE_BLUR_NS, &most);
  g_test_message ("%s: switches %d and %d, kernel says %d and %d", il_lane_get_info (lane)->name,
                  (int)most.voluntary_switches, (int)most.involuntary_switches,
                  (int)usage->voluntary, (int)usage->involuntary);
  g_assert_cmpuint (usage->voluntary, >=, least.voluntary_switches);
  g_assert_cmpuint (usage->voluntary, <=, most.voluntary_switches);
  g_assert_cmpuint (usage->involuntary, >=, least.involuntary_switches);
  g_assert_cmpuint (usage->involuntary, <=, most.involuntary_switches);
}

/* Time of all cores that interrupts and the hypervisor had so far. */
static gint64
stolen_so_far_ns (void)
{
  enum
  {
    FIELD_IRQ = 6,
    FIELD_SOFTIRQ,
    FIELD_STEAL,
    N_FIELDS
  };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_auto (GStrv) fields = NULL;
  guint64 n_ticks = 0;

  g_assert_true (g_file_get_contents ("/proc/stat", &text, NULL, NULL));
  lines = g_strsplit (text, "\n", 2);
  g_strdelimit (lines[0] + strlen ("cpu "), " ", '\t');
  fields = g_strsplit (lines[0] + strlen ("cpu "), "\t", -1);
  g_assert_cmpuint (g_strv_length (fields), >=, N_FIELDS);
  for (guint i = FIELD_IRQ; i < N_FIELDS; i++)
    n_ticks += g_ascii_strtoull (fields[i], NULL, 10);
  return (gint64)(n_ticks * G_GUINT64_CONSTANT (1000000000) / (guint64)sysconf (_SC_CLK_TCK));
}

static void
assert_threads (Recording *recording, gint64 stolen_ns)
{
  IlTimeline *timeline = timeline_of (recording);
  guint n_workers = 0;

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);
      const IlLaneInfo *info = il_lane_get_info (lane);
      Usage usage;

      if (info->kind != IL_LANE_THREAD)
        continue;
      assert_gapless (recording, lane);
      if (info->role != IL_LANE_ROLE_WORKER && info->role != IL_LANE_ROLE_SUBMITTER)
        continue;
      n_workers++;
      if (!find_usage (recording, lane, &usage) || info->scheduler != IL_SCHEDULER_EXACT)
        continue;
      assert_running_time (recording, lane, &usage, stolen_ns);
      assert_switches (lane, &usage);
    }
  g_assert_cmpuint (n_workers, >, 0);
}

static void
assert_queue (const IlLane *lane, gint64 end_ns)
{
  const IlSeries *level = il_lane_get_level (lane);
  guint64 n_puts, n_gets;
  IlSpan last;

  il_lane_get_uses (lane, end_ns, &n_puts, &n_gets);
  g_assert_true (il_series_get_span (level, il_series_get_length (level) - 1, end_ns, &last));
  g_assert_cmpuint (last.code, ==, n_puts - n_gets);
}

static void
assert_objects (Recording *recording)
{
  IlTimeline *timeline = timeline_of (recording);

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);

      if (il_lane_get_info (lane)->kind == IL_LANE_QUEUE)
        assert_queue (lane, il_timeline_get_end (timeline));
    }
}

/* Each task is in one of four ends, and the runner counted the same. */
static void
assert_tasks (Recording *recording)
{
  IlTimelineTotals totals;
  IlRecorderStatus status;

  il_timeline_get_totals (timeline_of (recording), &totals);
  il_recorder_get_status (recording->recorder, &status);
  g_assert_cmpuint (totals.n_lost, ==, 0);
  g_assert_cmpuint (status.n_lost, ==, 0);
  g_assert_cmpuint (totals.n_sched_lost, ==, 0);
  g_assert_cmpuint (totals.n_inconsistent, ==, 0);
  g_assert_cmpuint (
      totals.n_submitted, ==,
      totals.n_outcomes[IL_TASK_OUTCOME_DONE] + totals.n_outcomes[IL_TASK_OUTCOME_FAILED]
          + totals.n_outcomes[IL_TASK_OUTCOME_CANCELLED] + totals.n_outcomes[IL_TASK_OUTCOME_LOST]);
  g_assert_cmpuint (totals.n_submitted, ==, status.submitted);
  g_assert_cmpuint (totals.n_outcomes[IL_TASK_OUTCOME_DONE], ==, status.done);
  g_assert_cmpuint (totals.n_outcomes[IL_TASK_OUTCOME_FAILED], ==, status.failed);
  g_assert_cmpuint (totals.n_outcomes[IL_TASK_OUTCOME_CANCELLED], ==, status.cancelled);
  g_assert_cmpuint (totals.n_outcomes[IL_TASK_OUTCOME_LOST], ==, status.lost);
  g_assert_cmpuint (totals.n_submitted, >, 0);
}

static void
assert_truth (Recording *recording, gint64 stolen_ns)
{
  assert_tasks (recording);
  assert_objects (recording);
  assert_threads (recording, stolen_ns);
}

/* --- bundled scenarios under each model */

static void
test_bundled (gconstpointer data)
{
  IlRecorderOptions options;
  g_auto (GStrv) parts = g_strsplit (data, " ", 2);
  gboolean counts = FALSE;

  options = recording_options (parts[0]);
  options.model = parts[1];
  options.duration_ns = 500000000;
  for (guint n_tries = 1; !counts; n_tries++)
    {
      gint64 stolen_ns = -stolen_so_far_ns ();
      Recording recording;

      recording_start (&recording, &options);
      recording_wait_end (&recording);
      g_assert_no_error (recording.error);
      stolen_ns += stolen_so_far_ns ();
      counts = stolen_ns == 0 || n_tries == MAX_TRIES;
      assert_truth (&recording, counts ? stolen_ns : G_MAXINT32);
      recording_clear (&recording);
    }
}

/* With a number of tasks instead of a time. */
static void
test_completes (void)
{
  IlRecorderOptions options;
  Recording recording;
  IlRecorderStatus status;

  options = recording_options ("neither-threads-processes");
  options.model = "processes";
  options.tasks = 5;
  options.workers = 3;
  options.settings = (const char *[]){ "length=10ms", NULL };
  recording_start (&recording, &options);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  recording_assert_meta (&recording, IL_META_END, "completed");
  recording_assert_meta (&recording, IL_META_WORKERS, "3");
  recording_assert_meta (&recording, IL_META_SETTINGS, "length=10ms");
  il_recorder_get_status (recording.recorder, &status);
  g_assert_cmpuint (status.done, ==, 5);
  assert_truth (&recording, G_MAXINT32);
  recording_clear (&recording);
}

/* What was turned while it ran, and accepted, is kept with its time in the session. */
static void
test_knob_changes (void)
{
  IlRecorderOptions options = recording_options ("lock-contention");
  g_autofree char *changes = NULL;
  g_auto (GStrv) lines = NULL;
  Recording recording;
  gint64 before_ns = 0;

  options.duration_ns = 3600 * G_GINT64_CONSTANT (1000000000);
  recording_start (&recording, &options);
  il_recorder_set_knob (recording.recorder, "section", "1ms");
  il_recorder_set_knob (recording.recorder, "capacity", "5"); /* takes effect at the start alone */
  il_recorder_set_knob (recording.recorder, "rate", "100/s");
  while (changes == NULL || strstr (changes, " rate ") == NULL)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
      g_free (changes);
      changes = il_session_dup_meta (recording_session (&recording), IL_META_KNOB_CHANGES);
    }
  il_recorder_stop (recording.recorder);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  lines = g_strsplit (changes, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  g_assert_true (g_str_has_suffix (lines[0], " section 1ms"));
  g_assert_true (g_str_has_suffix (lines[1], " rate 100/s"));
  for (guint i = 0; i < 2; i++)
    {
      gint64 time_ns = g_ascii_strtoll (lines[i], NULL, 10);

      g_assert_cmpint (time_ns, >=, before_ns);
      before_ns = time_ns;
    }
  g_assert_cmpint (before_ns, <=, il_timeline_get_end (timeline_of (&recording)));
  recording_clear (&recording);
}

/* --- the scheduler sampled, because it was asked for or since the kernel refuses more */

static void
assert_sampled (Recording *recording)
{
  IlTimeline *timeline = timeline_of (recording);

  recording_assert_meta (recording, IL_META_SCHEDULER, "sampled");
  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (timeline, i));

      if (info->kind == IL_LANE_THREAD)
        g_assert_cmpint (info->scheduler, ==, IL_SCHEDULER_SAMPLED);
    }
}

static void
test_sampled (gconstpointer model)
{
  IlRecorderOptions options;
  Recording recording;

  options = recording_options ("producer-consumer");
  options.model = model;
  options.duration_ns = 500000000;
  options.force_sampling = TRUE;
  recording_start (&recording, &options);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  g_assert_cmpuint (recording.problems->len, ==, 0);
  assert_sampled (&recording);
  assert_truth (&recording, 0);
  recording_clear (&recording);
}

/* From here on perf_event_open() fails as the kernel fails it where it is not permitted. */
static void
forbid_perf (void)
{
  struct sock_filter program[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = { G_N_ELEMENTS (program), program };

  g_assert_no_errno (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  g_assert_no_errno (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
}

static void
record_without_perf (void)
{
  IlRecorderOptions options;
  g_autofree char *note = NULL;
  const GError *problem;
  Recording recording;

  recording_isolate ();
  forbid_perf ();
  options = recording_options ("lock-contention");
  options.duration_ns = 300000000;
  recording_start (&recording, &options);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  assert_sampled (&recording);
  assert_truth (&recording, 0);

  /* It is said, with the command that would change it, and kept. */
  g_assert_cmpuint (recording.problems->len, ==, 1);
  problem = g_ptr_array_index (recording.problems, 0);
  g_assert_nonnull (strstr (problem->message, "perf_event_paranoid"));
  note = il_session_dup_meta (recording_session (&recording), IL_META_SCHEDULER_NOTE);
  g_assert_cmpstr (note, ==, problem->message);
  recording_clear (&recording);
  recording_end_isolation ();
}

static void
test_perf_refused (void)
{
  if (g_test_subprocess ())
    {
      record_without_perf ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

/* --- control */

static void
start_endless (Recording *recording, const char *model)
{
  IlRecorderOptions options;
  options = recording_options ("producer-consumer");
  options.model = model;
  options.duration_ns = 0;
  recording_start (recording, &options);
  recording_wait_state (recording, IL_RECORDER_RUNNING);
}

static guint64
n_events (Recording *recording)
{
  IlRecorderStatus status;

  il_recorder_get_status (recording->recorder, &status);
  return status.n_events;
}

static void
wait_events (Recording *recording, guint64 n_more)
{
  guint64 n_wanted = n_events (recording) + n_more;

  while (n_events (recording) < n_wanted)
    {
      g_assert_false (recording->ended);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

static void
test_stop (gconstpointer model)
{
  Recording recording;

  start_endless (&recording, model);
  wait_events (&recording, 100);
  il_recorder_stop (recording.recorder);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  recording_assert_meta (&recording, IL_META_END, "stopped");
  assert_truth (&recording, G_MAXINT32);
  recording_clear (&recording);
}

static gint64
stopped_ns (Recording *recording)
{
  IlTimeline *timeline = timeline_of (recording);
  gint64 states_ns[IL_N_STATES], result_ns = 0;

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);

      if (il_lane_get_info (lane)->kind != IL_LANE_THREAD)
        continue;
      sum_states (lane, 0, il_timeline_get_end (timeline), states_ns);
      result_ns += states_ns[IL_STATE_STOPPED];
    }
  return result_ns;
}

static void
test_pause (void)
{
  Recording recording;

  start_endless (&recording, "threads");
  wait_events (&recording, 50);
  il_recorder_pause (recording.recorder);
  recording_wait_state (&recording, IL_RECORDER_PAUSED);
  il_recorder_resume (recording.recorder);
  recording_wait_state (&recording, IL_RECORDER_RUNNING);
  wait_events (&recording, 50);
  il_recorder_stop (recording.recorder);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  g_assert_cmpint (stopped_ns (&recording), >, 0);
  assert_truth (&recording, G_MAXINT32);
  recording_clear (&recording);
}

/* Whether the newest that is known of a worker of that process, or of any for 0, is that it is
 * stopped; *pid becomes that of one that is known. */
static gboolean
is_stopped (Recording *recording, pid_t *pid)
{
  IlTimeline *timeline = timeline_of (recording);

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);
      const IlLaneInfo *info = il_lane_get_info (lane);
      gint64 states_ns[IL_N_STATES];

      if (info->role != IL_LANE_ROLE_WORKER || il_lane_get_end (lane) != G_MAXINT64
          || (*pid != 0 && info->pid != *pid))
        continue;
      *pid = info->pid;
      sum_states (lane, 0, il_timeline_get_end (timeline), states_ns);
      if (states_ns[IL_STATE_STOPPED] > 0)
        return TRUE;
    }
  return FALSE;
}

/* "processes", "threads/sampled": a stop that nobody of us asked for is seen, whichever way the
 * kernel tells, and is in no other state's account. */
static void
test_stopped_from_outside (gconstpointer data)
{
  g_auto (GStrv) words = g_strsplit (data, "/", 2);
  IlRecorderOptions options = recording_options ("producer-consumer");
  Recording recording;
  pid_t pid = 0;

  options.model = words[0];
  options.duration_ns = 0;
  options.force_sampling = words[1] != NULL;
  recording_start (&recording, &options);
  recording_wait_state (&recording, IL_RECORDER_RUNNING);
  while (pid == 0)
    {
      wait_events (&recording, 1);
      g_assert_false (is_stopped (&recording, &pid));
    }
  g_assert_no_errno (kill (pid, SIGSTOP));
  while (!is_stopped (&recording, &pid))
    {
      g_assert_false (recording.ended);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_no_errno (kill (pid, SIGCONT));
  wait_events (&recording, 50);
  il_recorder_stop (recording.recorder);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  g_assert_cmpint (stopped_ns (&recording), >, 0);
  assert_truth (&recording, options.force_sampling ? 0 : G_MAXINT32);
  recording_clear (&recording);
}

/* How many lanes of the worker with this number, or of any for 0, were born, and how many have
 * died. */
static void
count_workers (IlTimeline *timeline, guint32 number, guint *n_born, guint *n_dead)
{
  *n_born = *n_dead = 0;
  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);
      const IlLaneInfo *info = il_lane_get_info (lane);
      gint64 end_ns = il_lane_get_end (lane);

      if (info->role != IL_LANE_ROLE_WORKER || (number != 0 && info->number != number))
        continue;
      /* A lane that has no record yet ends where it begins, at 0. */
      *n_born += end_ns != 0;
      *n_dead += end_ns != 0 && end_ns != G_MAXINT64;
    }
}

/* A killed worker is replaced, its task accounted for, and the recording goes on. */
static void
test_kill_worker (void)
{
  Recording recording;
  IlTimeline *timeline;
  guint n_born, n_dead;

  start_endless (&recording, "processes");
  timeline = timeline_of (&recording);
  do
    {
      wait_events (&recording, 1);
      count_workers (timeline, 2, &n_born, &n_dead);
    }
  while (n_born < 1);
  il_recorder_kill_worker (recording.recorder, 2);
  do
    {
      wait_events (&recording, 1);
      count_workers (timeline, 2, &n_born, &n_dead);
    }
  while (n_born < 2);
  g_assert_cmpuint (n_dead, ==, 1);
  count_workers (timeline, 0, &n_born, &n_dead);
  g_assert_cmpuint (n_dead, ==, 1);
  il_recorder_stop (recording.recorder);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  assert_truth (&recording, G_MAXINT32);
  recording_clear (&recording);
}

static void
test_kill_thread (void)
{
  Recording recording;

  start_endless (&recording, "threads");
  il_recorder_kill_worker (recording.recorder, 1);
  recording_wait_problem (&recording, IL_RECORDER_ERROR_REFUSED);
  il_recorder_stop (recording.recorder);
  recording_wait_end (&recording);
  g_assert_no_error (recording.error);
  recording_clear (&recording);
}

/* --- the runner dies */

/* The one child of ours that bears the mark. */
static pid_t
find_runner (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *tid;
  pid_t found = 0;

  while ((tid = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *children = g_build_filename ("/proc/self/task", tid, "children", NULL);
      g_autofree char *text = NULL;

      if (g_file_get_contents (children, &text, NULL, NULL) && text[0] != '\0')
        found = (pid_t)g_ascii_strtoll (text, NULL, 10);
    }
  g_assert_cmpint (found, >, 0);
  return found;
}

/* Who was in the runner's process died of its signal; a process of their own was ended with the
 * run. */
static void
assert_killed_workers (const IlTimeline *timeline, gboolean in_runner)
{
  guint n_workers = 0;

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);
      guint signal_number = 99;

      if (il_lane_get_info (lane)->role != IL_LANE_ROLE_WORKER)
        continue;
      n_workers++;
      g_assert_cmpint (il_lane_get_ending (lane, &signal_number), ==, IL_ENDING_DIED);
      g_assert_cmpuint (signal_number, ==, in_runner ? SIGKILL : 0);
    }
  g_assert_cmpuint (n_workers, >, 0);
}

static void
test_runner_killed (gconstpointer model)
{
  IlRecorderOptions options;
  g_autofree char *directory = g_dir_make_tmp ("session-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "killed.interleave", NULL);
  g_autoptr (IlSession) session = NULL;
  g_autoptr (GError) error = NULL;
  Recording recording;

  options = recording_options ("producer-consumer");
  options.model = model;
  options.duration_ns = 0;
  options.output_path = path;
  recording_start (&recording, &options);
  recording_wait_state (&recording, IL_RECORDER_RUNNING);
  wait_events (&recording, 300);
  g_assert_no_errno (kill (find_runner (), SIGKILL));
  recording_wait_end (&recording);
  g_assert_error (recording.error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_TARGET);
  g_assert_nonnull (strstr (recording.error->message, "signal 9 (SIGKILL)"));
  recording_assert_meta (&recording, IL_META_END, "runner killed by signal 9");
  assert_threads (&recording, G_MAXINT32);

  /* Everything up to then is kept, in memory and in the file. */
  g_assert_cmpuint (n_events (&recording), >=, 300);
  session = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (il_timeline_get_end (il_session_get_timeline (session)), ==,
                   il_timeline_get_end (timeline_of (&recording)));
  assert_killed_workers (timeline_of (&recording), g_strcmp0 (model, "threads") == 0);
  assert_killed_workers (il_session_get_timeline (session), g_strcmp0 (model, "threads") == 0);
  recording_clear (&recording);
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_rmdir (directory));
}

static void
add_bundled (void)
{
  static const char *const runs[] = {
    "neither-threads-processes serial",
    "neither-threads-processes threads",
    "neither-threads-processes processes",
    "pool-batches serial",
    "pool-batches threads",
    "pool-batches processes",
    "producer-consumer serial",
    "producer-consumer threads",
    "producer-consumer processes",
    "lock-contention serial",
    "lock-contention threads",
    "lock-contention processes",
  };

  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *path = g_strconcat ("/truth/bundled/", runs[i], NULL);

      g_strdelimit (path, " ", '/');
      g_test_add_data_func (path, runs[i], test_bundled);
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  if (!g_test_subprocess ())
    recording_isolate ();
  add_bundled ();
  g_test_add_func ("/truth/completes", test_completes);
  g_test_add_func ("/truth/knob-changes", test_knob_changes);
  g_test_add_data_func ("/truth/sampled/threads", "threads", test_sampled);
  g_test_add_data_func ("/truth/sampled/processes", "processes", test_sampled);
  g_test_add_func ("/truth/perf-refused", test_perf_refused);
  g_test_add_data_func ("/truth/stop/threads", "threads", test_stop);
  g_test_add_data_func ("/truth/stop/processes", "processes", test_stop);
  g_test_add_func ("/truth/pause", test_pause);
  g_test_add_data_func ("/truth/stopped-from-outside/threads", "threads",
                        test_stopped_from_outside);
  g_test_add_data_func ("/truth/stopped-from-outside/processes", "processes",
                        test_stopped_from_outside);
  g_test_add_data_func ("/truth/stopped-from-outside/sampled", "processes/sampled",
                        test_stopped_from_outside);
  g_test_add_func ("/truth/kill-worker", test_kill_worker);
  g_test_add_func ("/truth/kill-thread", test_kill_thread);
  g_test_add_data_func ("/truth/runner-killed/threads", "threads", test_runner_killed);
  g_test_add_data_func ("/truth/runner-killed/processes", "processes", test_runner_killed);
  result = g_test_run ();
  if (!g_test_subprocess ())
    recording_end_isolation ();
  return result;
}
