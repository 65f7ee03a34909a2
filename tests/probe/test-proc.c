/* test-proc.c - sampled sums are what the kernel has counted
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-probe.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-probe-private.h"
#include "tree.h"

/* Sums over the samples of a thread. */
typedef struct
{
  pid_t pid;
  guint64 run_ns, wait_ns;
  guint64 n_switches; /* by the last sample */
  guint n_first, n_gone;
  char state;
  char name[16];
} Sum;

static void
sample_cb (const IlProcSample *sample, gpointer data)
{
  GHashTable *sums = data;
  Sum *sum = g_hash_table_lookup (sums, GINT_TO_POINTER (sample->tid));

  if (sum == NULL)
    {
      g_assert_true (sample->is_first);
      sum = g_new0 (Sum, 1);
      g_hash_table_insert (sums, GINT_TO_POINTER (sample->tid), sum);
    }
  g_assert_cmpint (sample->time_ns, >, 0);
  sum->n_gone += sample->is_gone;
  if (sample->is_gone)
    return;
  sum->pid = sample->pid;
  sum->run_ns += sample->run_ns;
  sum->wait_ns += sample->wait_ns;
  sum->n_first += sample->is_first;
  sum->n_switches = sample->voluntary_switches + sample->involuntary_switches;
  sum->state = sample->state;
  memcpy (sum->name, sample->name, sizeof sum->name);
  g_assert_cmpuint (sample->core, <, (guint)sysconf (_SC_NPROCESSORS_CONF));
}

static char *
read_task_file (const TreeReport *report, const char *file)
{
  g_autofree char *path
      = g_strdup_printf ("/proc/%d/task/%d/%s", (int)report->pid, (int)report->tid, file);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
wait_until_asleep (const TreeReport *report)
{
  for (;;)
    {
      g_autofree char *text = read_task_file (report, "stat");
      IlProcStat stat;

      g_assert_true (il_proc_parse_stat (text, &stat));
      if (stat.state == 'S')
        return;
      g_usleep (1000);
    }
}

/* The thread sleeps, so that its numbers stand still: they are the same, not about the same. */
static void
check_sum (const Sum *sum, const TreeReport *report)
{
  g_autofree char *schedstat_text = read_task_file (report, "schedstat");
  g_autofree char *status_text = read_task_file (report, "status");
  IlProcSchedstat schedstat;
  IlProcStatus status;

  g_assert_nonnull (sum);
  g_assert_true (il_proc_parse_schedstat (schedstat_text, &schedstat));
  g_assert_true (il_proc_parse_status (status_text, &status));
  g_assert_cmpint (sum->pid, ==, report->pid);
  g_assert_cmpuint (sum->run_ns, ==, schedstat.run_ns);
  g_assert_cmpuint (sum->wait_ns, ==, schedstat.wait_ns);
  g_assert_cmpuint (sum->n_switches, ==, status.voluntary_switches + status.involuntary_switches);
  g_assert_cmpuint (sum->run_ns, >=, report->cpu_ns);
  g_assert_cmpuint (sum->n_switches, >=, report->n_switches);
  g_assert_cmpuint (sum->n_first, ==, 1);
  g_assert_cmpuint (sum->n_gone, ==, 0);
  g_assert_cmpint (sum->state, ==, 'S');
  g_assert_cmpstr (sum->name, ==, "il) tree (x");
}

typedef struct
{
  guint max_files;
  gboolean use_children;
} Way;

static void
test_tree (gconstpointer data)
{
  const Way *way = data;
  g_autoptr (GHashTable) sums = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  Tree *tree = tree_new ();
  IlProcProbe *probe
      = il_proc_probe_new_with_max_files (tree_get_root (tree), way->max_files, way->use_children);

  tree_start (tree);
  for (guint i = 0; i < 20; i++)
    {
      il_proc_probe_sample (probe, sample_cb, sums);
      g_usleep (3000);
    }
  tree_wait_for_reports (tree);
  for (guint i = 0; i < TREE_THREADS; i++)
    wait_until_asleep (tree_get_report (tree, i));
  il_proc_probe_sample (probe, sample_cb, sums);
  for (guint i = 0; i < TREE_THREADS; i++)
    {
      const TreeReport *report = tree_get_report (tree, i);

      check_sum (g_hash_table_lookup (sums, GINT_TO_POINTER (report->tid)), report);
      g_assert_cmpuint (il_proc_probe_get_peak_rss (probe, report->pid), >, 100000);
    }

  tree_release (tree);
  il_proc_probe_sample (probe, sample_cb, sums);
  il_proc_probe_sample (probe, sample_cb, sums);
  for (guint i = 0; i < TREE_THREADS; i++)
    {
      const TreeReport *report = tree_get_report (tree, i);
      const Sum *sum = g_hash_table_lookup (sums, GINT_TO_POINTER (report->tid));

      g_assert_cmpuint (sum->n_gone, ==, 1);
      g_assert_cmpuint (il_proc_probe_get_peak_rss (probe, report->pid), >, 100000);
    }
  il_proc_probe_free (probe);
  tree_free (tree);
}

/* --- one process
 * ---------------------------------------------------------------------------------- */

static void
wait_for_byte (int fd)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
}

/* A process stays watched when its parent ends. */
static void
test_orphan (void)
{
  g_autoptr (GHashTable) sums = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  IlProcProbe *probe;
  pid_t root, orphan = 0;
  int ready[2], go[2];

  g_assert_cmpint (pipe (ready), ==, 0);
  g_assert_cmpint (pipe (go), ==, 0);
  root = fork ();
  if (root == 0)
    {
      orphan = fork ();
      if (orphan == 0)
        {
          char byte;

          close (go[1]);
          _exit (read (go[0], &byte, 1) == 1 && read (go[0], &byte, 1) == 0 ? 0 : 1);
        }
      if (write (ready[1], &orphan, sizeof orphan) != sizeof orphan)
        _exit (1);
      pause ();
    }
  g_assert_cmpint (read (ready[0], &orphan, sizeof orphan), ==, sizeof orphan);
  probe = il_proc_probe_new (root);
  il_proc_probe_sample (probe, sample_cb, sums);
  g_assert_nonnull (g_hash_table_lookup (sums, GINT_TO_POINTER (orphan)));
  kill (root, SIGKILL);
  g_assert_cmpint (waitpid (root, NULL, 0), ==, root);

  for (guint i = 0; i < 3; i++)
    il_proc_probe_sample (probe, sample_cb, sums);
  g_assert_cmpuint (((Sum *)g_hash_table_lookup (sums, GINT_TO_POINTER (root)))->n_gone, ==, 1);
  g_assert_cmpuint (((Sum *)g_hash_table_lookup (sums, GINT_TO_POINTER (orphan)))->n_gone, ==, 0);
  g_assert_cmpint (write (go[1], "x", 1), ==, 1);
  close (go[1]);
  close (go[0]);
  close (ready[0]);
  close (ready[1]);
  while (((Sum *)g_hash_table_lookup (sums, GINT_TO_POINTER (orphan)))->n_gone == 0)
    {
      il_proc_probe_sample (probe, sample_cb, sums);
      /* Where init does not reap, the test does as its subreaper. */
      waitpid (orphan, NULL, WNOHANG);
    }
  il_proc_probe_free (probe);
}

#define LARGE (64u << 20)

static void
test_peak (void)
{
  g_autoptr (GHashTable) sums = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  IlProcProbe *probe;
  int ready[2];
  pid_t child;

  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  if (child == 0)
    {
      void *large = mmap (NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

      memset (large, 1, LARGE);
      munmap (large, LARGE);
      if (write (ready[1], "r", 1) != 1)
        _exit (1);
      pause ();
    }
  wait_for_byte (ready[0]);
  probe = il_proc_probe_new (child);
  il_proc_probe_sample (probe, sample_cb, sums);
  g_assert_cmpuint (il_proc_probe_get_peak_rss (probe, child), >=, LARGE);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  il_proc_probe_sample (probe, sample_cb, sums);
  g_assert_cmpuint (il_proc_probe_get_peak_rss (probe, child), >=, LARGE);
  g_assert_cmpuint (il_proc_probe_get_peak_rss (probe, 1), ==, 0);
  il_proc_probe_free (probe);
  close (ready[0]);
  close (ready[1]);
}

/* The kernel tells of a child of ours when it has stopped, and when it is dead. */
static void
test_state (void)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      raise (SIGSTOP);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, WUNTRACED), ==, child);
  g_assert_true (WIFSTOPPED (status));
  g_assert_cmpint (il_probe_read_state (child, child), ==, 'T');
  g_assert_true (IL_PROBE_STATE_IS_STOPPED ('T'));
  g_assert_true (IL_PROBE_STATE_IS_STOPPED ('t'));
  g_assert_false (IL_PROBE_STATE_IS_STOPPED ('S'));
  g_assert_no_errno (kill (child, SIGCONT));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (il_probe_read_state (child, child), ==, '\0');
  g_assert_cmpint (il_probe_read_state (getpid (), getpid ()), ==, 'R');
}

static void *
stay_thread (void *data)
{
  for (;;)
    pause ();
  return NULL;
}

static void G_GNUC_NORETURN
leave_first (int ready_fd, int go_fd)
{
  pthread_t thread;
  char byte;

  if (pthread_create (&thread, NULL, stay_thread, NULL) != 0 || write (ready_fd, "r", 1) != 1
      || read (go_fd, &byte, 1) != 1)
    _exit (1);
  pthread_exit (NULL);
}

static GHashTable *
sample_sums (IlProcProbe *probe)
{
  GHashTable *sums = g_hash_table_new_full (NULL, NULL, NULL, g_free);

  il_proc_probe_sample (probe, sample_cb, sums);
  return sums;
}

/* A first thread that has left is looked at as others that have: it is there no more, whatever the
 * kernel lists. */
static void
test_first_thread_leaves (void)
{
  g_autoptr (GHashTable) sums = NULL;
  g_autoptr (GHashTable) late_sums = NULL;
  IlProcProbe *probe, *late_probe;
  int ready[2], go[2];
  pid_t child;

  g_assert_no_errno (pipe (ready));
  g_assert_no_errno (pipe (go));
  child = fork ();
  if (child == 0)
    leave_first (ready[1], go[0]);
  wait_for_byte (ready[0]);
  probe = il_proc_probe_new (child);
  sums = sample_sums (probe);
  g_assert_cmpuint (g_hash_table_size (sums), ==, 2);
  g_assert_cmpint (write (go[1], "g", 1), ==, 1);
  while (il_probe_read_state (child, child) != 'Z')
    g_usleep (1000);
  il_proc_probe_sample (probe, sample_cb, sums);
  il_proc_probe_sample (probe, sample_cb, sums);
  g_assert_cmpuint (((Sum *)g_hash_table_lookup (sums, GINT_TO_POINTER (child)))->n_gone, ==, 1);
  late_probe = il_proc_probe_new (child);
  late_sums = sample_sums (late_probe);
  g_assert_cmpuint (g_hash_table_size (late_sums), ==, 1);
  g_assert_null (g_hash_table_lookup (late_sums, GINT_TO_POINTER (child)));
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  il_proc_probe_free (late_probe);
  il_proc_probe_free (probe);
  for (int i = 0; i < 2; i++)
    {
      close (ready[i]);
      close (go[i]);
    }
}

static void
test_no_such_process (void)
{
  g_autoptr (GHashTable) sums = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  pid_t child = fork ();
  IlProcProbe *probe;

  if (child == 0)
    _exit (0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  probe = il_proc_probe_new (child);
  il_proc_probe_sample (probe, sample_cb, sums);
  g_assert_cmpuint (g_hash_table_size (sums), ==, 0);
  il_proc_probe_free (probe);
  il_proc_probe_free (NULL);
}

/* --- parsing
 * -------------------------------------------------------------------------------------- */

#define STAT_REST                                                                                  \
  "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 "  \
  "35 36 37"

static void
test_stat (void)
{
  IlProcStat stat;

  g_assert_true (il_proc_parse_stat ("17 (a) b (c) R " STAT_REST "\n", &stat));
  g_assert_cmpstr (stat.name, ==, "a) b (c");
  g_assert_cmpint (stat.state, ==, 'R');
  g_assert_cmpint (stat.parent, ==, 1);
  g_assert_cmpuint (stat.cpu_ticks, ==, 11 + 12);
  g_assert_cmpuint (stat.start_ticks, ==, 19);
  g_assert_cmpuint (stat.core, ==, 36);
  g_assert_true (il_proc_parse_stat ("17 (\xff\nx) S " STAT_REST, &stat));
  g_assert_cmpstr (stat.name, ==, "??x");
  g_assert_true (il_proc_parse_stat ("17 () S " STAT_REST, &stat));
  g_assert_cmpstr (stat.name, ==, "");

  g_assert_false (il_proc_parse_stat ("", &stat));
  g_assert_false (il_proc_parse_stat ("17 (a", &stat));
  g_assert_false (il_proc_parse_stat (")(", &stat));
  g_assert_false (il_proc_parse_stat ("17 (a)", &stat));
  g_assert_false (il_proc_parse_stat ("17 (a) ", &stat));
  g_assert_false (il_proc_parse_stat ("17 (a) R 1 2 3", &stat));
  g_assert_false (il_proc_parse_stat ("17 (a) R x " STAT_REST, &stat));
}

static void
test_schedstat (void)
{
  IlProcSchedstat schedstat;

  g_assert_true (il_proc_parse_schedstat ("123456789012 34 56\n", &schedstat));
  g_assert_cmpuint (schedstat.run_ns, ==, G_GUINT64_CONSTANT (123456789012));
  g_assert_cmpuint (schedstat.wait_ns, ==, 34);
  g_assert_cmpuint (schedstat.n_slices, ==, 56);
  g_assert_false (il_proc_parse_schedstat ("", &schedstat));
  g_assert_false (il_proc_parse_schedstat ("1 2\n", &schedstat));
  g_assert_false (il_proc_parse_schedstat ("1 -2 3\n", &schedstat));
}

static void
test_status (void)
{
  IlProcStatus status;

  g_assert_true (il_proc_parse_status ("Name:\tVmHWM:\t9\nVmHWM:\t    1234 kB\n"
                                       "voluntary_ctxt_switches:\t150\n"
                                       "nonvoluntary_ctxt_switches:\t545\n",
                                       &status));
  g_assert_cmpuint (status.peak_rss_bytes, ==, 1234 * 1024);
  g_assert_cmpuint (status.voluntary_switches, ==, 150);
  g_assert_cmpuint (status.involuntary_switches, ==, 545);
  /* A zombie has no memory. */
  g_assert_true (il_proc_parse_status (
      "Name:\tx\nvoluntary_ctxt_switches:\t1\nnonvoluntary_ctxt_switches:\t2\n", &status));
  g_assert_cmpuint (status.peak_rss_bytes, ==, 0);
  g_assert_false (il_proc_parse_status ("", &status));
  g_assert_false (il_proc_parse_status ("Name:\tx\nvoluntary_ctxt_switches:\t1\n", &status));
}

static void
test_pss_parsed (void)
{
  const char *two
      = "55d0-55d1 r-xp 00000000 08:01 99 /usr/bin/Pss:\nRss:    2048 kB\nPss:   884 kB\n"
        "Pss_Dirty:  100 kB\nVmFlags: rd ex\n"
        "7f00-7f01 rw-s 00000000 00:19 3 /dev/shm/trace-1\nRss: 9 kB\nPss: 5 kB\n";

  g_assert_cmpuint (il_proc_parse_pss (two, NULL), ==, 889 * 1024);
  g_assert_cmpuint (il_proc_parse_pss (two, "/dev/shm/trace-1"), ==, 884 * 1024);
  g_assert_cmpuint (il_proc_parse_pss (two, "none"), ==, 889 * 1024);
  g_assert_cmpuint (il_proc_parse_pss ("", NULL), ==, 0);
  g_assert_cmpuint (il_proc_parse_pss ("Pss_Dirty: 100 kB\nPss:", NULL), ==, 0);
  g_assert_cmpuint (il_proc_parse_pss ("Pss: many kB\n", NULL), ==, 0);
  g_assert_cmpuint (il_proc_parse_pss ("Pss: 99999999999999999999 kB\n", NULL), ==, 0);
}

/* What is mapped by two counts half for each. */
static void
test_pss (void)
{
  const gsize size = 64 << 20;
  guint64 before = il_probe_read_pss (getpid (), NULL), alone, shared;
  char *memory = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int report[2], hold[2];
  char byte;
  pid_t child;

  g_assert_true (memory != MAP_FAILED);
  g_assert_cmpint (pipe (report) | pipe (hold), ==, 0);
  memset (memory, 1, size);
  alone = il_probe_read_pss (getpid (), NULL);
  child = fork ();
  if (child == 0)
    {
      for (gsize i = 0; i < size; i += 4096)
        memory[i] = 2;
      _exit (write (report[1], "r", 1) != 1 || read (hold[0], &byte, 1) != 1);
    }
  g_assert_cmpint (read (report[0], &byte, 1), ==, 1);
  shared = il_probe_read_pss (getpid (), NULL);
  g_assert_cmpint (write (hold[1], "h", 1), ==, 1);
  waitpid (child, NULL, 0);

  g_assert_cmpuint (before, >, 0);
  g_assert_cmpuint (alone, >=, before + size * 9 / 10);
  g_assert_cmpuint (shared, <=, alone - size * 4 / 10);
  g_assert_cmpuint (il_probe_read_pss (child, NULL), ==, 0);
  munmap (memory, size);
}

int
main (int argc, char **argv)
{
  static const Way kept_open = { 512, TRUE }, few_files = { 3, TRUE }, no_files = { 0, TRUE },
                   by_parent = { 512, FALSE };

  g_test_init (&argc, &argv, NULL);
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  g_test_add_func ("/probe/proc/stat", test_stat);
  g_test_add_func ("/probe/proc/schedstat", test_schedstat);
  g_test_add_func ("/probe/proc/status", test_status);
  g_test_add_data_func ("/probe/proc/tree/files-kept-open", &kept_open, test_tree);
  g_test_add_data_func ("/probe/proc/tree/few-files", &few_files, test_tree);
  g_test_add_data_func ("/probe/proc/tree/no-files", &no_files, test_tree);
  g_test_add_data_func ("/probe/proc/tree/by-parent", &by_parent, test_tree);
  g_test_add_func ("/probe/proc/orphan", test_orphan);
  g_test_add_func ("/probe/proc/peak", test_peak);
  g_test_add_func ("/probe/proc/state", test_state);
  g_test_add_func ("/probe/proc/first-thread-leaves", test_first_thread_leaves);
  g_test_add_func ("/probe/proc/no-such-process", test_no_such_process);
  g_test_add_func ("/probe/proc/pss-parsed", test_pss_parsed);
  g_test_add_func ("/probe/proc/pss", test_pss);
  return g_test_run ();
}
