/* test-perf.c - the switches that perf sees are those that the kernel counts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-probe.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-probe-private.h"
#include "tree.h"

static void
collect_cb (const IlSchedRecord *record, gpointer data)
{
  g_array_append_vals (data, record, 1);
}

static gint
compare_by_time (gconstpointer a, gconstpointer b)
{
  const IlSchedRecord *x = a, *y = b;

  return (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

/* What the kernel had counted of the root when the probe began. */
typedef struct
{
  guint64 cpu_ns, n_switches;
} Baseline;

static Baseline
get_baseline (pid_t pid)
{
  g_autofree char *schedstat_path = g_strdup_printf ("/proc/%d/schedstat", (int)pid);
  g_autofree char *status_path = g_strdup_printf ("/proc/%d/status", (int)pid);
  g_autofree char *schedstat_text = NULL, *status_text = NULL;
  IlProcSchedstat schedstat;
  IlProcStatus status;

  g_assert_true (g_file_get_contents (schedstat_path, &schedstat_text, NULL, NULL));
  g_assert_true (il_proc_parse_schedstat (schedstat_text, &schedstat));
  g_assert_true (g_file_get_contents (status_path, &status_text, NULL, NULL));
  g_assert_true (il_proc_parse_status (status_text, &status));
  return (Baseline){ .cpu_ns = schedstat.run_ns,
                     .n_switches = status.voluntary_switches + status.involuntary_switches };
}

typedef struct
{
  guint64 run_ns;
  guint64 n_outs;
  guint n_forks, n_exits;
} Seen;

/* Of a thread up to its report: the time between in and out, and how often it went out. */
static Seen
sum_up (const GArray *records, const TreeReport *report)
{
  Seen seen = { 0 };
  gint64 in_ns = -1;

  for (guint i = 0; i < records->len; i++)
    {
      const IlSchedRecord *record = &g_array_index (records, IlSchedRecord, i);

      if (record->tid != report->tid)
        continue;
      seen.n_forks += record->kind == IL_SCHED_FORK;
      seen.n_exits += record->kind == IL_SCHED_EXIT;
      if (record->time_ns > report->time_ns)
        continue;
      if (record->kind == IL_SCHED_IN)
        {
          g_assert_cmpint (in_ns, ==, -1);
          in_ns = record->time_ns;
        }
      else if (record->kind == IL_SCHED_OUT || record->kind == IL_SCHED_OUT_PREEMPTED)
        {
          g_assert_cmpint (in_ns, >=, 0);
          seen.run_ns += (guint64)(record->time_ns - in_ns);
          seen.n_outs++;
          in_ns = -1;
        }
    }
  /* It reported itself, so it was on a core. */
  g_assert_cmpint (in_ns, >=, 0);
  seen.run_ns += (guint64)(report->time_ns - in_ns);
  return seen;
}

/* The kernel counts a switch itself as running, perf stamps it before and after: some microseconds
 * each time, but more where caches are not its own.  And in a virtual machine the host may take the
 * core away, which perf cannot see but the kernel subtracts, or in the middle of a switch.
 *
 * Returns: whether the thread ran as long as the kernel says, and nothing was taken away */
static gboolean
check_run_time (guint64 seen_ns, guint64 kernel_ns, guint64 n_switches)
{
  guint64 slack_ns = kernel_ns / 100 + 20000 + 5000 * n_switches;

  g_test_message ("run %" G_GUINT64_FORMAT " ns, by the kernel %" G_GUINT64_FORMAT
                  " ns, %" G_GUINT64_FORMAT " switches",
                  seen_ns, kernel_ns, n_switches);
  return kernel_ns <= seen_ns + slack_ns && seen_ns <= kernel_ns + slack_ns;
}

static void
check_names (const GArray *records, pid_t root)
{
  gboolean is_renamed = FALSE, is_executed = FALSE;

  for (guint i = 0; i < records->len; i++)
    {
      const IlSchedRecord *record = &g_array_index (records, IlSchedRecord, i);

      if (record->kind != IL_SCHED_COMM)
        continue;
      is_renamed
          |= record->pid == root && strcmp (record->name, "il) tree (x") == 0 && !record->is_exec;
      is_executed |= record->pid != root && strcmp (record->name, "true") == 0 && record->is_exec;
    }
  g_assert_true (is_renamed);
  g_assert_true (is_executed);
}

static void
check_records (const GArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      const IlSchedRecord *record = &g_array_index (records, IlSchedRecord, i);

      g_assert_cmpint (record->kind, !=, IL_SCHED_LOST);
      g_assert_cmpuint (record->core, <, (guint)sysconf (_SC_NPROCESSORS_CONF));
      g_assert_cmpint (record->tid, >, 0);
      if (record->kind == IL_SCHED_FORK)
        g_assert_cmpint (record->other_tid, >, 0);
    }
}

/* Returns: whether all threads ran as long as the kernel says */
static gboolean
check_tree (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) records = g_array_new (FALSE, FALSE, sizeof (IlSchedRecord));
  Tree *tree = tree_new ();
  pid_t root = tree_get_root (tree);
  IlPerfProbe *probe = il_perf_probe_new (root, &error);
  gboolean is_exact = TRUE;
  Baseline baseline;

  g_assert_no_error (error);
  baseline = get_baseline (root);
  tree_start (tree);
  tree_wait_for_reports (tree);
  il_perf_probe_drain (probe, collect_cb, records);
  tree_release (tree);
  il_perf_probe_drain (probe, collect_cb, records);
  il_perf_probe_free (probe);

  g_array_sort (records, compare_by_time);
  check_records (records);
  check_names (records, root);
  for (guint i = 0; i < TREE_THREADS; i++)
    {
      const TreeReport *report = tree_get_report (tree, i);
      Seen seen = sum_up (records, report);
      Baseline before = report->tid == root ? baseline : (Baseline){ 0 };

      /* Exactly: a thread's first switch in has no switch out before it, and at its report it is
       * on a core again. */
      g_assert_cmpuint (seen.n_outs, ==, report->n_switches - before.n_switches);
      is_exact &= check_run_time (seen.run_ns, report->cpu_ns - before.cpu_ns, seen.n_outs);
      g_assert_cmpuint (seen.n_forks, ==, report->tid == root ? 0 : 1);
      g_assert_cmpuint (seen.n_exits, ==, 1);
    }
  tree_free (tree);
  return is_exact;
}

/* One run in which nobody disturbs the switches has to be among many. */
static void
test_tree (void)
{
  guint n_runs = 50;

  while (n_runs > 0 && !check_tree ())
    n_runs--;
  g_assert_cmpuint (n_runs, >, 0);
}

/* A thread that was there before the probe is seen, too. */
static void
test_existing_threads (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) records = g_array_new (FALSE, FALSE, sizeof (IlSchedRecord));
  Tree *tree = tree_new ();
  pid_t root = tree_get_root (tree);
  IlPerfProbe *probe;

  tree_start (tree);
  tree_wait_for_reports (tree);
  probe = il_perf_probe_new (root, &error);
  g_assert_no_error (error);
  tree_release (tree);
  il_perf_probe_drain (probe, collect_cb, records);
  il_perf_probe_free (probe);
  for (guint i = 0; i < TREE_THREADS; i++)
    {
      const TreeReport *report = tree_get_report (tree, i);
      guint n_exits = 0;

      for (guint j = 0; j < records->len; j++)
        {
          const IlSchedRecord *record = &g_array_index (records, IlSchedRecord, j);

          n_exits += record->kind == IL_SCHED_EXIT && record->tid == report->tid;
        }
      /* But not processes that were there. */
      g_assert_cmpuint (n_exits, ==, report->pid == root ? 1 : 0);
    }
  tree_free (tree);
}

/* --- refused
 * -------------------------------------------------------------------------------------- */

static int open_errno;

static int
failing_open (const void *attributes, pid_t tid, int core)
{
  errno = open_errno;
  return -1;
}

static void
expect_error (int error_number, const char *paranoid, IlProbeError code, const char *text)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  IlPerfSystem system = { .open = failing_open, .paranoid_path = "/nonexistent" };
  int fd;

  if (paranoid != NULL)
    {
      fd = g_file_open_tmp (NULL, &path, NULL);
      g_assert_cmpint (write (fd, paranoid, strlen (paranoid)), ==, (gssize)strlen (paranoid));
      close (fd);
      system.paranoid_path = path;
    }
  open_errno = error_number;
  g_assert_null (il_perf_probe_new_on (&system, getpid (), &error));
  g_assert_error (error, IL_PROBE_ERROR, (gint)code);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_null (strchr (error->message, '\n'));
  if (path != NULL)
    g_unlink (path);
}

static void
test_refused (void)
{
  expect_error (EACCES, "3\n", IL_PROBE_ERROR_REFUSED, "sudo sysctl kernel.perf_event_paranoid=2");
  expect_error (EACCES, "3\n", IL_PROBE_ERROR_REFUSED, "kernel.perf_event_paranoid is 3");
  expect_error (EPERM, "4\n", IL_PROBE_ERROR_REFUSED, "sudo sysctl");
  expect_error (EPERM, "2\n", IL_PROBE_ERROR_REFUSED, "container");
  expect_error (EPERM, "-1\n", IL_PROBE_ERROR_REFUSED, "is -1");
  expect_error (ENOSYS, NULL, IL_PROBE_ERROR_REFUSED, "no perf events");
  expect_error (ESRCH, "2\n", IL_PROBE_ERROR_FAILED, "no process");
  expect_error (EMFILE, "2\n", IL_PROBE_ERROR_FAILED, g_strerror (EMFILE));
  expect_error (ENODEV, "2\n", IL_PROBE_ERROR_FAILED, g_strerror (ENODEV));
}

static void
test_no_such_process (void)
{
  g_autoptr (GError) error = NULL;
  pid_t child = fork ();

  if (child == 0)
    _exit (0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_assert_null (il_perf_probe_new (child, &error));
  g_assert_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_FAILED);
}

static int
probe_without_privileges (void)
{
  const struct rlimit none = { 0, 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  IlPerfProbe *probe;

  if (getuid () == 0 && (setgroups (0, NULL) != 0 || setgid (65534) != 0 || setuid (65534) != 0))
    return 1;
  prctl (PR_SET_DUMPABLE, 1);
  setrlimit (RLIMIT_MEMLOCK, &none);
  probe = il_perf_probe_new (getpid (), &error);
  if (!g_file_get_contents ("/proc/sys/kernel/perf_event_paranoid", &text, NULL, NULL)
      || g_ascii_strtoll (text, NULL, 10) > 2)
    return g_error_matches (error, IL_PROBE_ERROR, IL_PROBE_ERROR_REFUSED) ? 0 : 2;
  if (probe == NULL)
    return 3;
  il_perf_probe_free (probe);
  return 0;
}

/* No privileges, no memory that may be locked beyond what perf itself is allowed: the rings are
 * smaller, that is all. */
static void
test_unprivileged (void)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    _exit (probe_without_privileges ());
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* --- parsing
 * -------------------------------------------------------------------------------------- */

static void
test_core_list (void)
{
  static const struct
  {
    const char *text;
    guint n, first, last;
  } lists[] = {
    { "0\n", 1, 0, 0 }, { "0-3\n", 4, 0, 3 }, { "0-1,4,6-7\n", 5, 0, 7 },
    { "", 0, 0, 0 },    { "x", 0, 0, 0 },     { "3-1", 0, 0, 0 },
    { "5,", 1, 5, 5 },  { "0-", 1, 0, 0 },    { "0-99999999999999999999", 65536, 0, 65535 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GArray) cores = il_perf_parse_core_list (lists[i].text);

      g_assert_cmpuint (cores->len, ==, lists[i].n);
      if (cores->len == 0)
        continue;
      g_assert_cmpuint (g_array_index (cores, guint, 0), ==, lists[i].first);
      g_assert_cmpuint (g_array_index (cores, guint, cores->len - 1), ==, lists[i].last);
    }
}

#define RING_SIZE 256u

static gsize
put_record (guint8 *target, guint type, guint misc, const void *body, gsize body_size, guint tid)
{
  const struct perf_event_header header
      = { .type = type, .misc = (guint16)misc, .size = (guint16)(8 + body_size + 24) };
  const guint32 id[6] = { 10, tid, 1000 + tid, 0, 1, 0 };

  memcpy (target, &header, sizeof header);
  memcpy (target + 8, body, body_size);
  memcpy (target + 8 + body_size, id, sizeof id);
  return header.size;
}

/* The same records at every position of the ring, so that each is cut at every place. */
static void
test_ring (void)
{
  static const guint32 task[6] = { 11, 10, 12, 10, 5000, 0 };
  static const guint64 lost[2] = { 1, 77 };
  static const guint8 comm[16] = { 11, 0, 0, 0, 12, 0, 0, 0, 'a', 0x80, 'b', '\n' };
  guint8 bytes[RING_SIZE], ring[RING_SIZE];
  gsize n = 0;

  n += put_record (bytes + n, PERF_RECORD_SWITCH, 0, "", 0, 1);
  n += put_record (bytes + n, PERF_RECORD_SWITCH, PERF_RECORD_MISC_SWITCH_OUT, "", 0, 2);
  n += put_record (bytes + n, PERF_RECORD_FORK, 0, task, sizeof task, 3);
  n += put_record (bytes + n, PERF_RECORD_LOST, 0, lost, sizeof lost, 0);
  n += put_record (bytes + n, PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, comm, sizeof comm, 5);
  for (guint64 tail = G_MAXUINT64 - RING_SIZE; tail != 0; tail++)
    {
      g_autoptr (GArray) records = g_array_new (FALSE, FALSE, sizeof (IlSchedRecord));
      const IlSchedRecord *record;

      for (gsize i = 0; i < n; i++)
        ring[(tail + i) % RING_SIZE] = bytes[i];
      g_assert_cmpuint (
          il_perf_ring_parse (ring, RING_SIZE, tail, tail + n, 7, collect_cb, records), ==,
          tail + n);
      g_assert_cmpuint (records->len, ==, 5);
      record = &g_array_index (records, IlSchedRecord, 0);
      g_assert_cmpint (record[0].kind, ==, IL_SCHED_IN);
      g_assert_cmpint (record[0].time_ns, ==, 1001);
      g_assert_cmpint (record[0].tid, ==, 1);
      g_assert_cmpuint (record[0].core, ==, 7);
      g_assert_cmpint (record[1].kind, ==, IL_SCHED_OUT);
      g_assert_cmpint (record[2].kind, ==, IL_SCHED_FORK);
      g_assert_cmpint (record[2].tid, ==, 12);
      g_assert_cmpint (record[2].other_tid, ==, 10);
      g_assert_cmpint (record[3].kind, ==, IL_SCHED_LOST);
      g_assert_cmpuint (record[3].n_lost, ==, 77);
      g_assert_cmpint (record[4].kind, ==, IL_SCHED_COMM);
      g_assert_cmpstr (record[4].name, ==, "a?b?");
      g_assert_true (record[4].is_exec);
    }
}

static void
expect_damage (guint size, guint64 tail, guint64 head)
{
  g_autoptr (GArray) records = g_array_new (FALSE, FALSE, sizeof (IlSchedRecord));
  guint8 ring[RING_SIZE] = { 0 };
  const struct perf_event_header header = { .type = PERF_RECORD_SWITCH, .size = (guint16)size };

  memcpy (ring, &header, sizeof header);
  g_assert_cmpuint (il_perf_ring_parse (ring, RING_SIZE, tail, head, 0, collect_cb, records), ==,
                    head);
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpint (g_array_index (records, IlSchedRecord, 0).kind, ==, IL_SCHED_LOST);
}

static void
test_damaged_ring (void)
{
  expect_damage (0, 0, 32);
  expect_damage (4, 0, 32);
  expect_damage (64, 0, 32);
  expect_damage (32, 0, RING_SIZE + 8);
  expect_damage (32, 8, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe/perf/core-list", test_core_list);
  g_test_add_func ("/probe/perf/ring", test_ring);
  g_test_add_func ("/probe/perf/damaged-ring", test_damaged_ring);
  g_test_add_func ("/probe/perf/refused", test_refused);
  g_test_add_func ("/probe/perf/no-such-process", test_no_such_process);
  g_test_add_func ("/probe/perf/unprivileged", test_unprivileged);
  g_test_add_func ("/probe/perf/tree", test_tree);
  g_test_add_func ("/probe/perf/existing-threads", test_existing_threads);
  return g_test_run ();
}
