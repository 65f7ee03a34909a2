/* il-process-tree.h - the processes that descend from one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct
{
  pid_t pid;
  pid_t parent;
  guint64 start_ticks; /* tells it from others of the same number */
  gboolean is_dead;    /* and waits to be reaped */
  char name[16];       /* as the kernel has it, as UTF-8 */
} IlProcess;

GArray *il_process_tree_list (pid_t root) G_GNUC_WARN_UNUSED_RESULT;
guint il_process_tree_signal (pid_t root, int signal_number);
gboolean il_process_is_alive (pid_t pid);
gboolean il_process_tree_has (pid_t root, pid_t pid);

G_END_DECLS
