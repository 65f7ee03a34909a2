/* test-shortage.c - where the file system is full, threads are refused a lane, and nobody is killed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small file system of our own is filled where the kernel lets us make one: as root, also in a
 * chroot, and as any user who may have a name space.  Everywhere else, too, a filter lets the
 * kernel answer as a full file system does.
 */

#include "config.h"

#include "il-trace-write.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect.h"

typedef struct
{
  IlTraceReader *reader;
  IlTrace *trace;
  Collection collection;
} Fixture;

static void
set_up (Fixture *fixture, const char *directory, guint n_lanes, guint ring_events)
{
  int error;

  fixture->reader = il_trace_reader_new (directory, n_lanes, ring_events);
  g_assert_nonnull (fixture->reader);
  fixture->trace = il_trace_attach (il_trace_reader_get_path (fixture->reader), &error);
  g_assert_cmpint (error, ==, 0);
  g_assert_nonnull (fixture->trace);
  collection_init (&fixture->collection);
}

static void
tear_down (Fixture *fixture)
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

static guint
count_files (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static gboolean
write_to (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean done = fd >= 0 && write (fd, text, strlen (text)) > 0;

  if (fd >= 0)
    close (fd);
  return done;
}

/* A file system of 12 MiB; -1 where we may not make one.  It is mounted nowhere, so that this works
 * in a chroot, too. */
static int
make_small_file_system (void)
{
  int context = fsopen ("tmpfs", FSOPEN_CLOEXEC);
  int mounted = -1;

  if (context < 0)
    return -1;
  if (fsconfig (context, FSCONFIG_SET_STRING, "size", "12m", 0) == 0
      && fsconfig (context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
    mounted = fsmount (context, FSMOUNT_CLOEXEC, 0);
  close (context);
  return mounted;
}

/* Where we are not root, as the root of a user name space of our own. */
static gboolean
become_root (void)
{
  g_autofree char *uid_map = g_strdup_printf ("0 %u 1", getuid ());
  g_autofree char *gid_map = g_strdup_printf ("0 %u 1", getgid ());

  return unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_to ("/proc/self/uid_map", uid_map)
         && write_to ("/proc/self/setgroups", "deny") && write_to ("/proc/self/gid_map", gid_map);
}

/* From here on the kernel refuses memory as a full file system does. */
static void
refuse_memory (void)
{
  struct sock_filter program[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_fallocate, 3, 0),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 4),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[2])),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, MADV_POPULATE_WRITE, 1, 2),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSPC),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EFAULT),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = { G_N_ELEMENTS (program), program };

  g_assert_no_errno (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  g_assert_no_errno (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
}

/* Leaves so many bytes. */
static void
take_space (const char *directory, gsize n_left)
{
  g_autofree char *path = g_build_filename (directory, "filler", NULL);
  g_autofree char *zeros = NULL;
  struct statvfs status;
  gsize n;

  g_assert_cmpint (statvfs (directory, &status), ==, 0);
  n = status.f_bavail * status.f_frsize - n_left;
  zeros = g_malloc0 (n);
  g_assert_true (g_file_set_contents (path, zeros, n, NULL));
}

#define N_CLAIMS 256

static guint
claim_and_write (Fixture *fixture, IlTraceLane lanes[N_CLAIMS], guint from, guint to)
{
  guint n_refused = 0;

  for (guint i = from; i < to; i++)
    {
      n_refused += !il_trace_lane_claim (fixture->trace, &lanes[i], IL_ROLE_WORKER, i, "W", 0);
      for (guint32 j = 0; j < 20000; j++)
        il_trace_lane_write (&lanes[i], IL_EVENT_IDLE, 0, j);
    }
  return n_refused;
}

static void
check_refused (Fixture *fixture, guint n_refused)
{
  IlTraceReaderStats stats;

  drain (fixture);
  il_trace_reader_get_stats (fixture->reader, &stats);
  g_assert_cmpuint (stats.n_lanes_refused, ==, n_refused);
  g_assert_cmpuint (n_refused, >, 0);
  g_assert_cmpuint (fixture->collection.lanes->len, ==, N_CLAIMS - n_refused);
  g_assert_cmpuint (fixture->collection.lanes->len, >=, 8);
}

static guint
count_lost (Fixture *fixture)
{
  IlTraceReaderStats stats;

  drain (fixture);
  il_trace_reader_get_stats (fixture->reader, &stats);
  return stats.n_lost;
}

/* A ring that cannot grow loses what would go there, and goes on when there is memory again. */
static void
grow_in_shortage (void)
{
  const guint n = 20000;
  guint n_lost, i;
  IlTraceLane lane;
  Fixture fixture;

  set_up (&fixture, ".", 4, 1 << 16);
  il_trace_be_thrifty (fixture.trace);
  g_assert_true (il_trace_lane_claim (fixture.trace, &lane, IL_ROLE_THREAD, 0, NULL, 0));
  take_space (".", 64 << 10);
  for (i = 0; i < n; i++)
    il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, i);
  n_lost = count_lost (&fixture);
  g_assert_cmpuint (n_lost, >, n / 2);
  g_assert_cmpuint (n_lost, <, n);
  g_assert_no_errno (unlink ("filler"));
  for (i = 0; i < n; i++)
    il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, n + i);
  g_assert_cmpuint (count_lost (&fixture), ==, n_lost);
  il_trace_lane_release (&lane, 0);
  drain (&fixture);
  g_assert_cmpuint (collection_get_lane (&fixture.collection, 0)->events->len, ==,
                    2 * n - n_lost + 3);
  g_assert_cmpuint (collected_n_lost (collection_get_lane (&fixture.collection, 0)), ==, n_lost);
  tear_down (&fixture);
}

/* In a child, which may change its name spaces.  FALSE where the kernel does not let us. */
static gboolean
fill_small_file_system (void)
{
  IlTraceLane lanes[N_CLAIMS];
  Fixture fixture;
  int mounted = make_small_file_system ();

  if (mounted < 0 && become_root ())
    mounted = make_small_file_system ();
  if (mounted < 0)
    return FALSE;
  g_assert_no_errno (fchdir (mounted));
  grow_in_shortage ();
  set_up (&fixture, ".", N_CLAIMS, 0);
  take_space (".", 1 << 20);
  check_refused (&fixture, claim_and_write (&fixture, lanes, 0, N_CLAIMS));
  tear_down (&fixture);

  /* Not even room for the lanes: an error at the start. */
  take_space (".", 1 << 20);
  g_assert_null (il_trace_reader_new (".", 65536, 0));
  g_assert_cmpint (errno, ==, ENOSPC);
  g_assert_cmpuint (count_files ("."), ==, 1);
  return TRUE;
}

/* In a child, too: there is no way back. */
static void
run_out_of_memory (const char *directory)
{
  IlTraceLane lanes[N_CLAIMS];
  Fixture fixture;
  guint n_refused;

  set_up (&fixture, directory, N_CLAIMS, 0);
  n_refused = claim_and_write (&fixture, lanes, 0, 8);
  refuse_memory ();
  check_refused (&fixture, n_refused + claim_and_write (&fixture, lanes, 8, N_CLAIMS));
  tear_down (&fixture);
  g_assert_null (il_trace_reader_new (directory, 0, 0));
  g_assert_cmpint (errno, ==, ENOSPC);
  g_assert_cmpuint (count_files (directory), ==, 0);
}

typedef enum
{
  IN_A_FILE_SYSTEM,
  WITHOUT_MEMORY,
} Shortage;

#define STATUS_NOT_PERMITTED 77

/* Returns the child's exit status. */
static int
suffer (Shortage shortage, const char *directory)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      if (shortage == WITHOUT_MEMORY)
        run_out_of_memory (directory);
      else if (!fill_small_file_system ())
        _exit (STATUS_NOT_PERMITTED);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

/* A real one wherever we can make one; what the kernel says then, in any case. */
static void
test_full_file_system (void)
{
  g_autofree char *directory = g_dir_make_tmp ("il-test-XXXXXX", NULL);
  int status = suffer (IN_A_FILE_SYSTEM, directory);

  if (status == STATUS_NOT_PERMITTED)
    g_test_message ("no file system may be made here: only told as if one was full");
  else
    g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (suffer (WITHOUT_MEMORY, directory), ==, 0);
  g_assert_cmpint (rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace/shortage/full-file-system", test_full_file_system);
  return g_test_run ();
}
