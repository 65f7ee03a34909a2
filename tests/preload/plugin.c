/* plugin.c - a library that takes locks where it is loaded and unloaded, and waits for them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <pthread.h>
#include <time.h>

__attribute__ ((visibility ("default"))) int use_plugin (void);

static pthread_mutex_t plugin_mutex = PTHREAD_MUTEX_INITIALIZER;
static int n;
static _Atomic int has_come;

static void
take (void)
{
  pthread_mutex_lock (&plugin_mutex);
  n++;
  pthread_mutex_unlock (&plugin_mutex);
}

static void *
take_beside (void *data)
{
  has_come = 1;
  take ();
  return NULL;
}

int
use_plugin (void)
{
  struct timespec moment = { 0, 500000 };
  pthread_t beside;

  pthread_mutex_lock (&plugin_mutex);
  n++;
  if (pthread_create (&beside, NULL, take_beside, NULL) != 0)
    return -1;
  do
    nanosleep (&moment, NULL);
  while (has_come == 0);
  nanosleep (&moment, NULL);
  pthread_mutex_unlock (&plugin_mutex);
  pthread_join (beside, NULL);
  return n;
}

__attribute__ ((constructor)) static void
begin (void)
{
  n = 0;
  has_come = 0;
  take ();
}

__attribute__ ((destructor)) static void
end (void)
{
  take ();
}
