/* thread-pool.c - GLib: a pool of threads that share a lock, for so many seconds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib.h>
#include <stdlib.h>

static GMutex guard;
static long sum;

static void
work (gpointer item, gpointer data)
{
  volatile long own = 0;

  for (int i = 0; i < 2000; i++)
    own = own + GPOINTER_TO_INT (item);
  g_mutex_lock (&guard);
  sum += own;
  g_mutex_unlock (&guard);
}

static long
run (void)
{
  GThreadPool *pool = g_thread_pool_new (work, NULL, 3, TRUE, NULL);

  sum = 0;
  for (int i = 1; i <= 20000; i++)
    g_thread_pool_push (pool, GINT_TO_POINTER (i), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  return sum;
}

int
main (int argc, char **argv)
{
  gint64 end = g_get_monotonic_time () + (argc > 1 ? atoi (argv[1]) : 1) * G_USEC_PER_SEC;
  long expected = run ();

  while (g_get_monotonic_time () < end)
    if (run () != expected)
      return 1;
  g_print ("%ld\n", expected);
  return 0;
}
