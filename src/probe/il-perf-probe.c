/* il-perf-probe.c - each switch of each thread of a process tree, from perf_event_open(2)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A software dummy event on the process for each core, inherited by all that it starts, costs
 * nothing itself but carries the records of switches, births, deaths and names.  Each core has a
 * ring of its own, written by the kernel in order of time.
 *
 * Threads that exist already when the probe starts do not inherit: each gets events of its own that
 * write to the same rings.  One that is born while these are being opened may be seen twice or not
 * at all; the recorder therefore starts the probe while its runner is still single-threaded.
 */

#include "config.h"

#include "il-probe.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <linux/perf_event.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "il-probe-private.h"

/* 4 MiB a core is 130,000 records, 200 ms of the fastest switching there is.  Without privileges
 * kernel.perf_event_mlock_kb and RLIMIT_MEMLOCK allow less. */
#define MAX_RING_PAGES 1024
#define MIN_RING_PAGES 8

typedef struct
{
  guint core;
  int fd;
  struct perf_event_mmap_page *control; /* followed by the records */
} Ring;

struct _IlPerfProbe
{
  const IlPerfSystem *system;
  GArray *rings; /* of Ring, one for each core that is online */
  GArray *fds;   /* of int: the events of other threads, which write into these rings */
  gsize ring_size;
};

static int
system_open (const void *attributes, pid_t tid, int core)
{
  return (int)syscall (SYS_perf_event_open, attributes, tid, core, -1, PERF_FLAG_FD_CLOEXEC);
}

static const IlPerfSystem real_system = {
  .open = system_open,
  .paranoid_path = "/proc/sys/kernel/perf_event_paranoid",
};

static struct perf_event_attr
make_attributes (void)
{
  return (struct perf_event_attr){
    .type = PERF_TYPE_SOFTWARE,
    .size = sizeof (struct perf_event_attr),
    .config = PERF_COUNT_SW_DUMMY,
    .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
    .inherit = 1,
    .exclude_kernel = 1,
    .exclude_hv = 1,
    .comm = 1,
    .comm_exec = 1,
    .task = 1,
    .sample_id_all = 1,
    .context_switch = 1,
    .use_clockid = 1,
    .clockid = CLOCK_MONOTONIC,
    /* Nobody sleeps on these: do not wake anybody. */
    .watermark = 1,
    .wakeup_watermark = G_MAXUINT32,
  };
}

static void
set_refused_error (const IlPerfSystem *system, int error_number, GError **error)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (system->paranoid_path, &text, NULL, NULL))
    g_set_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_REFUSED,
                 _ ("The kernel has no perf events, scheduling is sampled instead"));
  else if (g_ascii_strtoll (text, NULL, 10) > 2)
    /* Translators: the command stays as it is. */
    g_set_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_REFUSED,
                 _ ("The kernel gives scheduler records to root only "
                    "(kernel.perf_event_paranoid is %s); this permits them: %s"),
                 g_strstrip (text), "sudo sysctl kernel.perf_event_paranoid=2");
  else
    g_set_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_REFUSED,
                 _ ("Scheduler records are refused (%s) although kernel.perf_event_paranoid is %s: "
                    "the filter of a container, or another user’s process"),
                 g_strerror (error_number), g_strstrip (text));
}

static void
set_open_error (const IlPerfSystem *system, pid_t pid, int error_number, GError **error)
{
  switch (error_number)
    {
    case EACCES:
    case EPERM:
    case ENOSYS:
    case ENOENT:
      set_refused_error (system, error_number, error);
      break;
    case ESRCH:
      g_set_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_FAILED,
                   _ ("There is no process %d to watch"), (int)pid);
      break;
    default:
      g_set_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_FAILED,
                   _ ("Cannot watch the scheduling of process %d: %s"), (int)pid,
                   g_strerror (error_number));
      break;
    }
}

/**
 * il_perf_parse_core_list:
 * @text: as in /sys/devices/system/cpu/online, e.g. "0-3,8"
 *
 * Returns: (transfer full) (element-type guint): the cores, empty if @text is not such a list
 */
GArray *
il_perf_parse_core_list (const char *text)
{
  GArray *cores = g_array_new (FALSE, FALSE, sizeof (guint));
  char *end;

  while (g_ascii_isdigit (*text))
    {
      guint64 first = g_ascii_strtoull (text, &end, 10);
      guint64 last = first;

      if (*end == '-')
        last = g_ascii_strtoull (end + 1, &end, 10);
      for (guint64 i = first; i <= last && i < 65536; i++)
        {
          guint core = (guint)i;

          g_array_append_val (cores, core);
        }
      text = *end == ',' ? end + 1 : end;
    }
  return cores;
}

static GArray *
list_cores (void)
{
  g_autofree char *text = NULL;
  GArray *cores;

  if (!g_file_get_contents ("/sys/devices/system/cpu/online", &text, NULL, NULL))
    text = g_strdup_printf ("0-%u", g_get_num_processors () - 1);
  cores = il_perf_parse_core_list (text);
  return cores;
}

/* One event for each core; a core that has just gone offline is left out.
 *
 * Returns: 0, or an errno */
static int
open_rings_of (IlPerfProbe *probe, pid_t tid)
{
  g_autoptr (GArray) cores = list_cores ();
  const struct perf_event_attr attributes = make_attributes ();
  int error_number = ENODEV;

  for (guint i = 0; i < cores->len; i++)
    {
      Ring ring = { .core = g_array_index (cores, guint, i), .control = MAP_FAILED };

      ring.fd = probe->system->open (&attributes, tid, (int)ring.core);
      if (ring.fd < 0)
        {
          error_number = errno;
          if (error_number == ENODEV)
            continue;
          break;
        }
      error_number = 0;
      g_array_append_val (probe->rings, ring);
    }
  return error_number == ENODEV && probe->rings->len > 0 ? 0 : error_number;
}

static void
close_rings (IlPerfProbe *probe)
{
  for (guint i = 0; i < probe->rings->len; i++)
    close (g_array_index (probe->rings, Ring, i).fd);
  g_array_set_size (probe->rings, 0);
}

/* Of the first thread, which is the process to its starter; where that has left, of the first that
 * has not.  Tells which. */
static gboolean
open_rings (IlPerfProbe *probe, pid_t pid, pid_t *watched, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", (int)pid);
  g_autoptr (GDir) dir = NULL;
  int error_number = open_rings_of (probe, pid);
  const char *name;

  *watched = pid;
  if (error_number == ESRCH)
    dir = g_dir_open (path, 0, NULL);
  while (error_number == ESRCH && dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      close_rings (probe);
      *watched = (pid_t)g_ascii_strtoll (name, NULL, 10);
      error_number = open_rings_of (probe, *watched);
    }
  if (error_number == 0)
    return TRUE;
  set_open_error (probe->system, pid, error_number, error);
  return FALSE;
}

static void
unmap_rings (IlPerfProbe *probe)
{
  for (guint i = 0; i < probe->rings->len; i++)
    {
      Ring *ring = &g_array_index (probe->rings, Ring, i);

      if (ring->control != MAP_FAILED)
        munmap (ring->control, (gsize)getpagesize () + probe->ring_size);
      ring->control = MAP_FAILED;
    }
}

/* All of one size: were the first ones as large as they can be, nothing might be left for the
 * others. */
static gboolean
map_rings_of (IlPerfProbe *probe, gsize n_pages)
{
  probe->ring_size = n_pages * (gsize)getpagesize ();
  for (guint i = 0; i < probe->rings->len; i++)
    {
      Ring *ring = &g_array_index (probe->rings, Ring, i);
      int error_number;

      ring->control = mmap (NULL, (gsize)getpagesize () + probe->ring_size, PROT_READ | PROT_WRITE,
                            MAP_SHARED, ring->fd, 0);
      if (ring->control == MAP_FAILED)
        {
          error_number = errno;
          unmap_rings (probe);
          errno = error_number;
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
map_rings (IlPerfProbe *probe, GError **error)
{
  for (gsize n_pages = MAX_RING_PAGES; n_pages >= MIN_RING_PAGES; n_pages /= 2)
    {
      if (map_rings_of (probe, n_pages))
        return TRUE;
      if (errno != EPERM && errno != ENOMEM)
        break;
    }
  g_set_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_FAILED,
               _ ("No memory for scheduler records: %s"), g_strerror (errno));
  return FALSE;
}

/* A thread may end meanwhile; that is no error. */
static gboolean
open_thread (IlPerfProbe *probe, pid_t tid, GError **error)
{
  const struct perf_event_attr attributes = make_attributes ();

  for (guint i = 0; i < probe->rings->len; i++)
    {
      const Ring *ring = &g_array_index (probe->rings, Ring, i);
      int fd = probe->system->open (&attributes, tid, (int)ring->core);

      if (fd < 0 && (errno == ESRCH || errno == ENODEV))
        continue;
      if (fd < 0 || ioctl (fd, PERF_EVENT_IOC_SET_OUTPUT, ring->fd) != 0)
        {
          set_open_error (probe->system, tid, errno, error);
          if (fd >= 0)
            close (fd);
          return FALSE;
        }
      g_array_append_val (probe->fds, fd);
    }
  return TRUE;
}

/* All but the one that is watched already; 0: none is. */
static gboolean
open_threads (IlPerfProbe *probe, pid_t pid, pid_t watched, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", (int)pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      pid_t tid = (pid_t)g_ascii_strtoll (name, NULL, 10);

      if (tid > 0 && tid != watched && !open_thread (probe, tid, error))
        return FALSE;
    }
  return TRUE;
}

/* See il-probe-private.h. */
IlPerfProbe *
il_perf_probe_new_on (const IlPerfSystem *system, pid_t pid, GError **error)
{
  g_autoptr (IlPerfProbe) probe = g_new0 (IlPerfProbe, 1);
  pid_t watched;

  probe->system = system;
  probe->rings = g_array_new (FALSE, FALSE, sizeof (Ring));
  probe->fds = g_array_new (FALSE, FALSE, sizeof (int));
  if (!open_rings (probe, pid, &watched, error) || !map_rings (probe, error)
      || !open_threads (probe, pid, watched, error))
    return NULL;
  return g_steal_pointer (&probe);
}

/**
 * il_perf_probe_new:
 *
 * Watches the process @pid and all that it starts from now on.
 *
 * Needs no privileges for processes of the same user where kernel.perf_event_paranoid is at most 2.
 * IL_PROBE_ERROR_REFUSED is for what the administrator can change; its message has the command.
 *
 * Returns: (transfer full): a probe, or NULL with @error set
 */
IlPerfProbe *
il_perf_probe_new (pid_t pid, GError **error)
{
  g_return_val_if_fail (pid > 0, NULL);

  return il_perf_probe_new_on (&real_system, pid, error);
}

/**
 * il_perf_probe_add_process:
 *
 * Watches another process, too, and all that it starts from now on.  One that ends meanwhile is no
 * error.
 */
gboolean
il_perf_probe_add_process (IlPerfProbe *probe, pid_t pid, GError **error)
{
  return open_threads (probe, pid, 0, error);
}

/**
 * il_perf_probe_free:
 * @probe: (nullable) (transfer full):
 */
void
il_perf_probe_free (IlPerfProbe *probe)
{
  if (probe == NULL)
    return;
  unmap_rings (probe);
  for (guint i = 0; i < probe->fds->len; i++)
    close (g_array_index (probe->fds, int, i));
  close_rings (probe);
  g_array_unref (probe->fds);
  g_array_unref (probe->rings);
  g_free (probe);
}

/**
 * il_perf_probe_drain:
 * @func: (scope call):
 *
 * Calls back for all that the kernel recorded since the last call: core by core, each in order of
 * time.
 *
 * A thread's first record is its IL_SCHED_IN or the IL_SCHED_FORK that its parent left on another
 * core.  Its last one is IL_SCHED_EXIT: it leaves its core for good without another record.
 */
void
il_perf_probe_drain (IlPerfProbe *probe, IlSchedFunc func, gpointer data)
{
  for (guint i = 0; i < probe->rings->len; i++)
    {
      const Ring *ring = &g_array_index (probe->rings, Ring, i);
      _Atomic __u64 *shared_head = (_Atomic __u64 *)&ring->control->data_head;
      _Atomic __u64 *shared_tail = (_Atomic __u64 *)&ring->control->data_tail;
      /* Pairs with the kernel's barrier between filling records and storing head. */
      guint64 head = atomic_load_explicit (shared_head, memory_order_acquire);
      guint64 tail = atomic_load_explicit (shared_tail, memory_order_relaxed);

      if (head == tail)
        continue;
      tail = il_perf_ring_parse ((const guint8 *)ring->control + getpagesize (), probe->ring_size,
                                 tail, head, ring->core, func, data);
      /* What was read may be overwritten from here on. */
      atomic_store_explicit (shared_tail, tail, memory_order_release);
    }
}
