/* subject.c - a program that does in one way or another what the library stands in front of
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_MARKS 256

static struct
{
  const char *name;
  int64_t time_ns;
} marks[MAX_MARKS];

static _Atomic int n_marks;

int64_t
get_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void
mark (const char *name)
{
  int n = atomic_fetch_add (&n_marks, 1);

  marks[n].time_ns = get_ns ();
  marks[n].name = name;
}

void
tell_marks (void)
{
  for (int i = 0; i < n_marks; i++)
    printf ("%s = %lld\n", marks[i].name, (long long)marks[i].time_ns);
  fflush (stdout);
}

void
sleep_ms (int ms)
{
  struct timespec length = { ms / 1000, ms % 1000 * 1000000 };

  nanosleep (&length, NULL);
}

/* For a wait that is to be in vain. */
struct timespec
get_soon (void)
{
  struct timespec time;

  clock_gettime (CLOCK_REALTIME, &time);
  time.tv_nsec += 1000000;
  time.tv_sec += time.tv_nsec / 1000000000;
  time.tv_nsec %= 1000000000;
  return time;
}

void
spin_us (int us)
{
  int64_t end_ns = get_ns () + us * 1000;

  while (get_ns () < end_ns)
    ;
}

int
get_tid (void)
{
  return (int)syscall (SYS_gettid);
}

/* As by /proc, or what may be where there is none. */
static char
get_state (int tid)
{
  char path[64], text[512] = "";
  const char *found;
  ssize_t n = 0;
  int fd;

  snprintf (path, sizeof path, "/proc/%d/stat", tid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 && access ("/proc/self", F_OK) != 0)
    {
      sleep_ms (10);
      return 'S';
    }
  n = fd >= 0 ? read (fd, text, sizeof text - 1) : 0;
  if (fd >= 0)
    close (fd);
  text[n > 0 ? n : 0] = '\0';
  found = strrchr (text, ')');
  return found != NULL ? found[2] : '?';
}

void
await_sleep (int tid)
{
  int n_asleep = 0;

  while (n_asleep < 3)
    {
      n_asleep = get_state (tid) == 'S' ? n_asleep + 1 : 0;
      sleep_ms (1);
    }
}

/* The file that is shared for writing has no name any more. */
Mapping
find_shared_file (void)
{
  FILE *file = fopen ("/proc/self/maps", "r");
  Mapping found = { NULL, 0 };
  char line[512];

  while (file != NULL && fgets (line, sizeof line, file) != NULL)
    {
      unsigned long begin, end;
      char rights[8];

      if (sscanf (line, "%lx-%lx %7s", &begin, &end, rights) == 3 && strcmp (rights, "rw-s") == 0
          && end - begin > found.size)
        found = (Mapping){ (unsigned char *)begin, end - begin };
    }
  fclose (file);
  return found;
}

/* See IlTraceHeader in il-trace-format.h. */
#define PLACE_OF_TICK 256

uint32_t
count_looks (const Mapping *shared)
{
  if (shared->begin == NULL)
    return 0;
  return *(_Atomic uint32_t *)(void *)(shared->begin + PLACE_OF_TICK);
}

typedef struct
{
  pthread_mutex_t *mutex;
  void *(*function) (void *);
  _Atomic int tid;
} Meeting;

static void *
come (void *data)
{
  Meeting *meeting = data;

  meeting->tid = get_tid ();
  return meeting->function (meeting->mutex);
}

void
meet_once (pthread_mutex_t *mutex, void *(*function) (void *))
{
  Meeting meeting = { mutex, function, 0 };
  pthread_t other;

  pthread_mutex_lock (mutex);
  REQUIRE (pthread_create (&other, NULL, come, &meeting) == 0);
  while (meeting.tid == 0)
    sleep_ms (1);
  await_sleep (meeting.tid);
  pthread_mutex_unlock (mutex);
  pthread_join (other, NULL);
}

typedef struct
{
  void *(*function) (void *);
  void *data;
  _Atomic int *n_left;
} Errand;

static void *
run_errand (void *data)
{
  Errand errand = *(Errand *)data;

  errand.function (errand.data);
  (*errand.n_left)--;
  return NULL;
}

void
run_unawaited (void *(*function) (void *), void *const data[], int n)
{
  Errand errands[4];
  _Atomic int n_left = n;

  REQUIRE (n <= 4);
  for (int i = 0; i < n; i++)
    {
      pthread_t thread;

      errands[i] = (Errand){ function, data[i], &n_left };
      REQUIRE (pthread_create (&thread, NULL, run_errand, &errands[i]) == 0);
      pthread_detach (thread);
    }
  while (n_left > 0)
    sched_yield ();
}

void
require (bool condition, const char *what)
{
  if (condition)
    return;
  fprintf (stderr, "not so: %s\n", what);
  exit (99);
}

int
main (int argc, char **argv)
{
  static const Subject *const lists[]
      = { subjects_of_locks,     subjects_of_truth,   subjects_of_hostility, subjects_of_threads,
          subjects_of_processes, subjects_of_signals, subjects_of_errno,     subjects_of_old,
          subjects_of_calls,     subjects_of_sharing, subjects_of_wakes,     subjects_of_waste,
          subjects_of_nesting,   subjects_of_callers, subjects_of_heat,      subjects_of_reading,
          subjects_of_reuse,     subjects_of_apart };

  for (size_t i = 0; argc > 1 && i < sizeof lists / sizeof *lists; i++)
    for (const Subject *subject = lists[i]; subject->name != NULL; subject++)
      if (strcmp (subject->name, argv[1]) == 0)
        {
          int status = subject->run (argc - 2, argv + 2);

          tell_marks ();
          return status;
        }
  fprintf (stderr, "no such subject\n");
  return 98;
}
