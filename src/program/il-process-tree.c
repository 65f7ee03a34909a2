/* il-process-tree.c - the processes that descend from one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * By /proc alone, at one look after the other: processes are born and die meanwhile.  Whoever wants
 * to end all looks until there are none.
 */

#include "config.h"

#include "il-process-tree.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STAT_SIZE 512 /* what is needed is at its beginning */

static gboolean
read_stat (const char *pid, char text[STAT_SIZE])
{
  char path[64];
  ssize_t n_bytes;
  int fd;

  snprintf (path, sizeof path, "/proc/%.20s/stat", pid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return FALSE;
  n_bytes = read (fd, text, STAT_SIZE - 1);
  close (fd);
  if (n_bytes <= 0)
    return FALSE;
  text[n_bytes] = '\0';
  return TRUE;
}

/* "PID (NAME) STATE PARENT …", where anything may be in the name, and the number of threads and the
 * time of its start further on.  A process whose first thread has left is a zombie to look at, and
 * lives in its others. */
static gboolean
parse_stat (char *text, IlProcess *process)
{
  char *name = strchr (text, '(');
  char *end = strrchr (text, ')');
  g_autofree char *valid = NULL;
  const char *cut;
  char state;
  int parent, n_threads;
  unsigned long long start_ticks;

  if (name == NULL || end == NULL
      || sscanf (end + 1,
                 " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d %*d %llu",
                 &state, &parent, &n_threads, &start_ticks)
             != 4)
    return FALSE;
  *end = '\0';
  valid = g_utf8_make_valid (name + 1, -1);
  process->pid = (pid_t)g_ascii_strtoll (text, NULL, 10);
  process->parent = parent;
  process->start_ticks = start_ticks;
  process->is_dead = (state == 'Z' && n_threads <= 1) || state == 'X';
  g_strlcpy (process->name, valid, sizeof process->name);
  /* Not within a character. */
  if (!g_utf8_validate (process->name, -1, &cut))
    process->name[cut - process->name] = '\0';
  return TRUE;
}

/* All processes that there are. */
static GArray *
list_all (void)
{
  GArray *all = g_array_new (FALSE, TRUE, sizeof (IlProcess));
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      IlProcess process = { 0 };
      char text[STAT_SIZE];

      if (g_ascii_isdigit (*name) && read_stat (name, text) && parse_stat (text, &process))
        g_array_append_val (all, process);
    }
  return all;
}

static void
add_children (GArray *tree, const GArray *all, pid_t parent)
{
  for (guint i = 0; i < all->len; i++)
    if (g_array_index (all, IlProcess, i).parent == parent)
      g_array_append_val (tree, g_array_index (all, IlProcess, i));
}

/**
 * il_process_tree_list:
 * @root: not in the list itself
 *
 * Looks which processes descend from @root at this moment.
 *
 * Returns: (transfer full) (element-type IlProcess): parents before their children
 */
GArray *
il_process_tree_list (pid_t root)
{
  g_autoptr (GArray) all = list_all ();
  GArray *tree = g_array_new (FALSE, FALSE, sizeof (IlProcess));

  add_children (tree, all, root);
  for (guint i = 0; i < tree->len && tree->len <= all->len; i++)
    add_children (tree, all, g_array_index (tree, IlProcess, i).pid);
  return tree;
}

/**
 * il_process_tree_signal:
 * @root: does not get the signal itself
 * @signal_number: 0 to count alone
 *
 * Sends a signal to all that descend from @root.
 *
 * Returns: how many of them were alive
 */
guint
il_process_tree_signal (pid_t root, int signal_number)
{
  g_autoptr (GArray) tree = il_process_tree_list (root);
  guint n_living = 0;

  for (guint i = 0; i < tree->len; i++)
    {
      const IlProcess *process = &g_array_index (tree, IlProcess, i);

      if (process->is_dead)
        continue;
      n_living++;
      if (signal_number != 0)
        kill (process->pid, signal_number);
    }
  return n_living;
}

/**
 * il_process_is_alive:
 *
 * Returns: whether there is a process of that number that has a thread left
 */
gboolean
il_process_is_alive (pid_t pid)
{
  IlProcess process = { 0 };
  char text[STAT_SIZE], name[16];

  snprintf (name, sizeof name, "%d", (int)pid);
  return read_stat (name, text) && parse_stat (text, &process) && !process.is_dead;
}

/**
 * il_process_tree_has:
 *
 * Returns: whether @pid is @root or descends from it
 */
gboolean
il_process_tree_has (pid_t root, pid_t pid)
{
  /* Whatever /proc says meanwhile, this ends. */
  for (guint depth = 0; depth < 1024 && pid > 0; depth++)
    {
      IlProcess process = { 0 };
      char text[STAT_SIZE], number[16];

      if (pid == root)
        return TRUE;
      snprintf (number, sizeof number, "%d", (int)pid);
      if (!read_stat (number, text) || !parse_stat (text, &process))
        return FALSE;
      pid = process.parent;
    }
  return FALSE;
}
