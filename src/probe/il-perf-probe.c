/* il-perf-probe.c - every scheduler switch of a tree of processes, by perf_event_open
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A software event that counts nothing (PERF_COUNT_SW_DUMMY) carries the records that we want:
 * context switches, births, deaths and names.  It is opened on the process for each core and
 * inherited by all that it starts.  That needs no privilege where kernel.perf_event_paranoid is at
 * most 2.  See perf_event_open(2).
 */

#include "config.h"

#include "il-perf-probe-private.h"

#include "il-perf-ring.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <linux/perf_event.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Pages of records for a core, a power of two.  128 fit kernel.perf_event_mlock_kb as it is
 * delivered; 1024 are 4 MiB, 128k records.  Less is tried where memory may not be locked. */
#define MOST_PAGES 1024u
#define FEWEST_PAGES 8u

typedef struct
{
  guint core;
  int fd;
  guint8 *mapping; /* struct perf_event_mmap_page, then the ring */
  gsize page_size;
  gsize ring_size; /* a power of two */
} CoreRing;

struct _IlPerfProbe
{
  GArray *rings; /* of CoreRing */
};

static void
core_ring_clear (gpointer data)
{
  CoreRing *ring = data;

  if (ring->mapping != NULL)
    munmap (ring->mapping, ring->page_size + ring->ring_size);
  if (ring->fd >= 0)
    close (ring->fd);
}

static long
perf_event_open (struct perf_event_attr *attr, pid_t pid, int core)
{
  return syscall (SYS_perf_event_open, attr, pid, core, -1, PERF_FLAG_FD_CLOEXEC);
}

static void
describe_event (struct perf_event_attr *attr)
{
  memset (attr, 0, sizeof *attr);
  attr->size = sizeof *attr;
  attr->type = PERF_TYPE_SOFTWARE;
  attr->config = PERF_COUNT_SW_DUMMY;
  attr->sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU;
  attr->sample_id_all = 1;
  attr->context_switch = 1;
  attr->task = 1;
  attr->comm = 1;
  attr->comm_exec = 1;
  attr->inherit = 1;
  attr->exclude_kernel = 1;
  attr->exclude_hv = 1;
  attr->use_clockid = 1;
  attr->clockid = CLOCK_MONOTONIC;
}

static int
read_paranoid (void)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/perf_event_paranoid", &text, NULL, NULL))
    return -2;
  return (int)g_ascii_strtoll (text, NULL, 10);
}

/**
 * il_perf_probe_set_error:
 * @error_number: what perf_event_open() or mmap() left in errno
 *
 * Says why the kernel refused, and what would change its mind.
 */
void
il_perf_probe_set_error (GError **error, int error_number)
{
  switch (error_number)
    {
    case EACCES:
    case EPERM:
      g_set_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_REFUSED,
                   _ ("The kernel does not let you see every switch (kernel.perf_event_paranoid is "
                      "%d); to permit it: "
                      "sudo sysctl kernel.perf_event_paranoid=2"),
                   read_paranoid ());
      break;
    case ENOSYS:
    case ENOENT:
    case EOPNOTSUPP:
      g_set_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_REFUSED,
                   _ ("This kernel has no perf events, so switches cannot be seen one by one"));
      break;
    default:
      g_set_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_FAILED,
                   _ ("Scheduler records cannot be had from the kernel: %s"),
                   g_strerror (error_number));
      break;
    }
}

/* FALSE and errno. */
static gboolean
map_ring (CoreRing *ring)
{
  ring->page_size = (gsize)sysconf (_SC_PAGESIZE);
  for (guint n_pages = MOST_PAGES; n_pages >= FEWEST_PAGES; n_pages /= 2)
    {
      gsize ring_size = n_pages * ring->page_size;
      void *mapping = mmap (NULL, ring->page_size + ring_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                            ring->fd, 0);

      if (mapping != MAP_FAILED)
        {
          ring->mapping = mapping;
          ring->ring_size = ring_size;
          return TRUE;
        }
      if (errno != EPERM && errno != ENOMEM)
        return FALSE;
    }
  return FALSE;
}

/* A core that is offline is left out: nobody runs there. */
static gboolean
open_core (IlPerfProbe *self, pid_t pid, guint core, IlPerfOpenFunc open_func)
{
  struct perf_event_attr attr;
  CoreRing ring = { .core = core, .fd = -1 };

  describe_event (&attr);
  ring.fd = (int)open_func (&attr, pid, (int)core);
  if (ring.fd < 0)
    return errno == ENODEV;
  if (!map_ring (&ring))
    {
      int error_number = errno;

      core_ring_clear (&ring);
      errno = error_number;
      return FALSE;
    }
  g_array_append_val (self->rings, ring);
  return TRUE;
}

/**
 * il_perf_probe_new_with:
 * @open_func: in the place of the system call, for tests
 *
 * As il_perf_probe_new().
 */
IlPerfProbe *
il_perf_probe_new_with (pid_t pid, IlPerfOpenFunc open_func, GError **error)
{
  g_autoptr (IlPerfProbe) self = g_new0 (IlPerfProbe, 1);
  long n_cores = sysconf (_SC_NPROCESSORS_CONF);

  self->rings = g_array_new (FALSE, FALSE, sizeof (CoreRing));
  g_array_set_clear_func (self->rings, core_ring_clear);
  for (long core = 0; core < MAX (n_cores, 1); core++)
    if (!open_core (self, pid, (guint)core, open_func))
      {
        il_perf_probe_set_error (error, errno);
        return NULL;
      }
  if (self->rings->len == 0)
    {
      il_perf_probe_set_error (error, ENODEV);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * il_perf_probe_new:
 * @pid: a process with one thread; threads that it already has besides are not seen
 *
 * Begins to watch a process and all that it starts from now on.
 *
 * Returns: (transfer full): a probe, or %NULL with %IL_PROBE_ERROR_REFUSED and the command that
 * would permit it
 */
IlPerfProbe *
il_perf_probe_new (pid_t pid, GError **error)
{
  return il_perf_probe_new_with (pid, perf_event_open, error);
}

/**
 * il_perf_probe_free:
 */
void
il_perf_probe_free (IlPerfProbe *probe)
{
  if (probe == NULL)
    return;
  g_array_unref (probe->rings);
  g_free (probe);
}

/* Copies out of a ring, around its end. */
static void
copy_out (const CoreRing *ring, guint64 position, guint8 *to, gsize size)
{
  const guint8 *data = ring->mapping + ring->page_size;
  gsize at = position & (ring->ring_size - 1);
  gsize first = MIN (size, ring->ring_size - at);

  memcpy (to, data + at, first);
  memcpy (to + first, data, size - first);
}

/*
 * [K] the kernel: release data_head  ->  drain: acquire data_head
 *       Records are whole before we are told of them.
 * [D] drain: release data_tail  ->  the kernel: reads it before it writes
 *       Records are copied out before they may be overwritten.
 * As linux/perf_event.h asks for beside struct perf_event_mmap_page.
 */
static void
drain_ring (const CoreRing *ring, IlSchedFunc func, gpointer data)
{
  struct perf_event_mmap_page *page = (struct perf_event_mmap_page *)(void *)ring->mapping;
  guint64 head = __atomic_load_n (&page->data_head, __ATOMIC_ACQUIRE); /* [K] */
  guint64 tail = page->data_tail;

  while (head - tail >= sizeof (struct perf_event_header))
    {
      struct perf_event_header header;
      guint8 bytes[IL_PERF_RECORD_MAX];
      IlSchedRecord record;

      copy_out (ring, tail, (guint8 *)&header, sizeof header);
      if (header.size < sizeof header || header.size > head - tail)
        {
          tail = head;
          break;
        }
      if (header.size <= sizeof bytes)
        {
          copy_out (ring, tail, bytes, header.size);
          if (il_perf_record_parse (bytes, header.size, ring->core, &record))
            func (&record, data);
        }
      tail += header.size;
    }
  __atomic_store_n (&page->data_tail, tail, __ATOMIC_RELEASE); /* [D] */
}

/**
 * il_perf_probe_drain:
 *
 * Hands over what the kernel wrote since the last call, core by core, each core's records in order
 * of time.
 */
void
il_perf_probe_drain (IlPerfProbe *probe, IlSchedFunc func, gpointer data)
{
  g_return_if_fail (probe != NULL);

  for (guint i = 0; i < probe->rings->len; i++)
    drain_ring (&g_array_index (probe->rings, CoreRing, i), func, data);
}
