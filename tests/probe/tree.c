/* tree.c - a small tree of processes and threads that says what it did
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tree.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BURN_NS 60000000
#define N_SLICES 20
#define ROOT_THREADS 4

typedef struct
{
  TreeReport reports[TREE_THREADS];
  _Atomic guint n_reported;
} Shared;

struct _Tree
{
  Shared *shared;
  pid_t root;
  int start[2], release[2]; /* pipes: a byte to start, end of file to release */
};

static gint64
get_clock_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
work (void)
{
  struct timespec nap = { 0, 300000 };

  for (guint i = 0; i < N_SLICES; i++)
    {
      gint64 end = get_clock_ns (CLOCK_THREAD_CPUTIME_ID) + BURN_NS / N_SLICES;

      while (get_clock_ns (CLOCK_THREAD_CPUTIME_ID) < end)
        ;
      nanosleep (&nap, NULL);
    }
}

static guint64
count_switches (guint64 *n_voluntary)
{
  struct rusage usage;

  getrusage (RUSAGE_THREAD, &usage);
  *n_voluntary = (guint64)usage.ru_nvcsw;
  return (guint64)(usage.ru_nvcsw + usage.ru_nivcsw);
}

static void
report (Tree *tree)
{
  TreeReport own = { .pid = getpid (), .tid = gettid () };
  guint64 n_voluntary;

  do
    {
      own.n_switches = count_switches (&own.n_voluntary);
      own.time_ns = get_clock_ns (CLOCK_MONOTONIC);
      own.cpu_ns = (guint64)get_clock_ns (CLOCK_THREAD_CPUTIME_ID);
    }
  while (count_switches (&n_voluntary) != own.n_switches);
  tree->shared->reports[atomic_fetch_add (&tree->shared->n_reported, 1)] = own;
}

static void *
tree_thread (void *data)
{
  Tree *tree = data;
  char end;

  work ();
  report (tree);
  /* Blocks until all copies of the writing end are closed. */
  if (read (tree->release[0], &end, 1) != 0)
    _exit (3);
  return NULL;
}

static void
run_threads (Tree *tree, guint n_threads)
{
  pthread_t threads[TREE_THREADS];

  for (guint i = 1; i < n_threads; i++)
    if (pthread_create (&threads[i], NULL, tree_thread, tree) != 0)
      _exit (2);
  tree_thread (tree);
  for (guint i = 1; i < n_threads; i++)
    pthread_join (threads[i], NULL);
}

static void
root_main (Tree *tree)
{
  char start;
  pid_t child;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  close (tree->release[1]);
  if (read (tree->start[0], &start, 1) != 1)
    _exit (1);
  prctl (PR_SET_NAME, "il) tree (x");
  child = fork ();
  if (child == 0)
    {
      run_threads (tree, TREE_THREADS - ROOT_THREADS);
      _exit (0);
    }
  run_threads (tree, ROOT_THREADS);
  waitpid (child, NULL, 0);
  if (fork () == 0)
    {
      execlp ("true", "true", NULL);
      _exit (1);
    }
  wait (NULL);
  _exit (0);
}

Tree *
tree_new (void)
{
  Tree *tree = g_new0 (Tree, 1);
  char state = 0;

  tree->shared
      = mmap (NULL, sizeof (Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (tree->shared != MAP_FAILED);
  g_assert_cmpint (pipe (tree->start), ==, 0);
  g_assert_cmpint (pipe (tree->release), ==, 0);
  tree->root = fork ();
  g_assert_cmpint (tree->root, >=, 0);
  if (tree->root == 0)
    root_main (tree);

  /* Asleep in read(): what it did until now is not part of the test. */
  while (state != 'S')
    {
      g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int)tree->root);
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      state = strrchr (text, ')')[2];
    }
  return tree;
}

void
tree_free (Tree *tree)
{
  tree_release (tree);
  close (tree->start[0]);
  close (tree->start[1]);
  close (tree->release[0]);
  munmap (tree->shared, sizeof (Shared));
  g_free (tree);
}

pid_t
tree_get_root (const Tree *tree)
{
  return tree->root;
}

void
tree_start (Tree *tree)
{
  g_assert_cmpint (write (tree->start[1], "s", 1), ==, 1);
}

void
tree_wait_for_reports (Tree *tree)
{
  while (atomic_load (&tree->shared->n_reported) < TREE_THREADS)
    g_usleep (1000);
}

const TreeReport *
tree_get_report (const Tree *tree, guint i)
{
  return &tree->shared->reports[i];
}

void
tree_release (Tree *tree)
{
  if (tree->release[1] < 0)
    return;
  close (tree->release[1]);
  tree->release[1] = -1;
  g_assert_cmpint (waitpid (tree->root, NULL, 0), ==, tree->root);
}
