/* tree.h - a small tree of processes and threads that says what it did
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A root process of four threads starts a child process of two.  Each thread burns some CPU time,
 * sleeps now and then and passes a token around, then reports the kernel's own accounting of
 * itself, and waits to be released.
 */

#pragma once

#include <glib.h>
#include <sys/types.h>

#define TREE_THREADS 6

typedef struct
{
  pid_t pid, tid;
  gint64 time_ns; /* when the rest was read; no switch happened in between */
  guint64 cpu_ns;
  guint64 n_switches; /* since the thread began */
  guint64 n_voluntary;
} TreeReport;

typedef struct _Tree Tree;

Tree *tree_new (void); /* its root exists, single-threaded, and sleeps */
void tree_free (Tree *tree);
pid_t tree_get_root (const Tree *tree);
void tree_start (Tree *tree);
void tree_wait_for_reports (Tree *tree);
const TreeReport *tree_get_report (const Tree *tree, guint i);
void tree_release (Tree *tree); /* lets all end, and waits for the root */
