/* il-proc-files.h - the files of /proc about threads, taken apart
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct
{
  char name[16];
  char state;
  pid_t parent;
  guint core;          /* where it last ran */
  guint64 start_ticks; /* when it began; with the number this tells a thread from a later one */
} IlProcStat;

gboolean il_proc_stat_parse (const char *text, IlProcStat *stat);
gboolean il_proc_schedstat_parse (const char *text, guint64 *run_ns, guint64 *wait_ns);
gboolean il_proc_status_get (const char *text, const char *key, guint64 *value);

G_END_DECLS
