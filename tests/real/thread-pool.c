/* thread-pool.c - GLib: a pool of threads that share a lock
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib.h>

static GMutex guard;
static long sum;

static void
work (gpointer item, gpointer data)
{
  volatile long own = 0;

  for (int i = 0; i < 20000; i++)
    own = own + GPOINTER_TO_INT (item);
  g_mutex_lock (&guard);
  sum += own;
  g_mutex_unlock (&guard);
}

int
main (void)
{
  GThreadPool *pool = g_thread_pool_new (work, NULL, 3, TRUE, NULL);

  for (int i = 1; i <= 20000; i++)
    g_thread_pool_push (pool, GINT_TO_POINTER (i), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  g_print ("%ld\n", sum);
  return 0;
}
