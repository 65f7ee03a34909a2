/* il-placement.c - on which cores threads may run, and how nice they are to others
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-placement.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* "0,2-3" */
static char *
describe_cores (const cpu_set_t *cores)
{
  GString *text = g_string_new (NULL);

  for (int first = 0; first < CPU_SETSIZE; first++)
    {
      int last = first;

      if (!CPU_ISSET (first, cores))
        continue;
      while (last + 1 < CPU_SETSIZE && CPU_ISSET (last + 1, cores))
        last++;
      g_string_append_printf (text, "%s%d", text->len > 0 ? "," : "", first);
      if (last > first)
        g_string_append_printf (text, "-%d", last);
      first = last;
    }
  return g_string_free (text, FALSE);
}

static gboolean
check_core (guint64 core, const cpu_set_t *permitted, GError **error)
{
  long n_cores = sysconf (_SC_NPROCESSORS_CONF);
  g_autofree char *list = NULL;

  if (core >= (guint64)MAX (n_cores, 1) || core >= CPU_SETSIZE)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("There is no core %llu, only 0 to %ld"), (unsigned long long)core,
                   MAX (n_cores, 1) - 1);
      return FALSE;
    }
  if (CPU_ISSET ((int)core, permitted))
    return TRUE;
  list = describe_cores (permitted);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               _ ("Core %llu is not one of those that this process may use: %s"),
               (unsigned long long)core, list);
  return FALSE;
}

/* A number or a range of them. */
static gboolean
add_cores (IlPlacement *placement, const char *text, const cpu_set_t *permitted, GError **error)
{
  g_auto (GStrv) ends = g_strsplit (text, "-", 2);
  guint64 first, last;

  if (ends[0] == NULL || !g_ascii_string_to_unsigned (ends[0], 10, 0, G_MAXINT, &first, NULL)
      || !g_ascii_string_to_unsigned (ends[1] != NULL ? ends[1] : ends[0], 10, first, G_MAXINT,
                                      &last, NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("Cores: found “%s”, expected numbers such as “0,2-3”"), text);
      return FALSE;
    }
  for (guint64 core = first; core <= last; core++)
    {
      if (!check_core (core, permitted, error))
        return FALSE;
      CPU_SET ((int)core, &placement->cores);
    }
  return TRUE;
}

/**
 * il_placement_init:
 * @cores: (nullable): "0,2-3"
 * @nice: 0 to 19
 *
 * Fails if there is no such core, or this process may not use it.
 */
gboolean
il_placement_init (IlPlacement *placement, const char *cores, int nice, GError **error)
{
  g_auto (GStrv) parts = NULL;
  cpu_set_t permitted;

  *placement = (IlPlacement){ .has_cores = cores != NULL, .nice = nice };
  if (cores == NULL)
    return TRUE;
  if (sched_getaffinity (getpid (), sizeof permitted, &permitted) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _ ("Cannot tell which cores this process may use: %s"), g_strerror (errno));
      return FALSE;
    }
  parts = g_strsplit (cores, ",", -1);
  for (char **part = parts; *part != NULL; part++)
    if (!add_cores (placement, g_strstrip (*part), &permitted, error))
      return FALSE;
  return TRUE;
}

/**
 * il_placement_apply:
 *
 * Places the calling thread.  Runs in workers: no GLib, no heap.  What was permitted at
 * il_placement_init() may be refused now, when somebody takes cores from the whole process; then
 * the thread runs where the others do.
 */
void
il_placement_apply (const IlPlacement *placement)
{
  pid_t tid = (pid_t)syscall (SYS_gettid);

  if (placement->has_cores)
    sched_setaffinity (tid, sizeof placement->cores, &placement->cores);
  /* The niceness of a thread, on Linux.  Who is nicer already stays so. */
  if (placement->nice > getpriority (PRIO_PROCESS, (id_t)tid))
    setpriority (PRIO_PROCESS, (id_t)tid, placement->nice);
}
