/* fake-runner.c - a runner that breaks the rules on demand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scenario's name says how it behaves.  As the real one it speaks the protocol of lines on the
 * control socket and writes events into the file named by INTERLEAVE_TRACE.
 */

#include "config.h"

#include "il-trace-write.h"
#include "il-trace.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_TASKS 10

static int control_fd = -1;

static void
say (const char *text)
{
  size_t length = strlen (text);

  while (length > 0)
    {
      ssize_t sent = send (control_fd, text, length, MSG_NOSIGNAL);

      if (sent < 0 && errno == EINTR)
        continue;
      if (sent < 0)
        exit (0);
      text += sent;
      length -= (size_t)sent;
    }
}

/* Waits for a line; ends the program when nobody is there any more. */
static void
hear (char line[64])
{
  size_t length = 0;

  for (;;)
    {
      char byte;
      ssize_t n_bytes = recv (control_fd, &byte, 1, 0);

      if (n_bytes < 0 && errno == EINTR)
        continue;
      if (n_bytes <= 0)
        exit (0);
      if (byte == '\n')
        break;
      if (length < 63)
        line[length++] = byte;
    }
  line[length] = '\0';
}

static void
wait_for (const char *command)
{
  char line[64];

  do
    hear (line);
  while (strcmp (line, command) != 0);
}

static void
write_events (IlTraceLane *lane, unsigned kind, unsigned from)
{
  for (unsigned i = from; i < from + N_TASKS; i++)
    {
      il_trace_lane_write (lane, IL_EVENT_TASK_SUBMIT, kind, i);
      il_trace_lane_write (lane, IL_EVENT_TASK_BEGIN, kind, i);
      il_trace_lane_write (lane, IL_EVENT_TASK_END, IL_TASK_DONE, i);
    }
}

static void
say_garbage (void)
{
  char longest[4000];

  memset (longest, 'x', sizeof longest - 2);
  longest[sizeof longest - 2] = '\n';
  longest[sizeof longest - 1] = '\0';
  say (longest);
  say ("\n");
  say ("hello there\n");
  say ("\xff\xfe\x80 no text\n");
  say ("counts\ncounts 1 2\ncounts 1 2 3 4 5 6\ncounts -1 2 3 4 5\ncounts a b c d e\n");
  say ("counts 99999999999999999999999 1 1 1 1\ninfo\ninfo title\ninfo unknown thing\nreadyish\n");
}

static void
never_return (void)
{
  signal (SIGTERM, SIG_IGN);
  for (;;)
    pause ();
}

static void
leave_child_behind (void)
{
  if (fork () == 0)
    {
      close (control_fd);
      never_return ();
    }
}

/* Faster than any reader, until there is no room for an event. */
static void
flood (IlTraceLane *lane, unsigned kind)
{
  while (atomic_load_explicit (&lane->shared->n_lost, memory_order_relaxed) == 0)
    write_events (lane, kind, 0);
}

static void
misbehave_before_ready (const char *how)
{
  if (strcmp (how, "refuses") == 0)
    {
      fputs ("first line\nrefuses.scenario:3: found “x”, expected y\n", stderr);
      exit (1);
    }
  if (strcmp (how, "says-error") == 0)
    {
      say ("error no such thing\n");
      exit (1);
    }
  if (strcmp (how, "silent") == 0)
    exit (3);
  if (strcmp (how, "crashes-early") == 0)
    raise (SIGKILL);
  if (strcmp (how, "never-ready") == 0)
    never_return ();
  if (strcmp (how, "garbage") == 0)
    say_garbage ();
}

typedef struct
{
  IlTrace *trace;
  unsigned lock;
} Next;

static void *
next_owner_thread (void *data)
{
  const Next *next = data;
  IlTraceLane lane;

  il_trace_lane_claim (next->trace, &lane, IL_ROLE_WORKER, 1, "Next", 0);
  il_trace_lane_write (&lane, IL_EVENT_LOCK_ACQUIRE, next->lock, 0);
  il_trace_lane_write (&lane, IL_EVENT_LOCK_RELEASE, next->lock, 0);
  il_trace_lane_release (&lane, 0);
  return NULL;
}

/* As one that loses its core for long right after it let go of the lock, and before it says so; or
 * for ever. */
static void
release_late (IlTraceLane *lane, bool never)
{
  Next next = { lane->trace, il_trace_object_add (lane->trace, IL_OBJECT_LOCK, "A", 0) };
  pthread_t thread;
  uint64_t stamp;

  il_trace_lane_write (lane, IL_EVENT_LOCK_ACQUIRE, next.lock, 0);
  stamp = il_trace_lane_stamp (lane);
  pthread_create (&thread, NULL, next_owner_thread, &next);
  pthread_join (thread, NULL);
  if (never)
    {
      wait_for ("stop");
      return;
    }
  poll (NULL, 0, 300);
  il_trace_lane_write_at (lane, stamp, IL_EVENT_LOCK_RELEASE, next.lock, 0);
}

typedef struct
{
  IlTrace *trace;
  pthread_barrier_t barrier; /* of both, and of who releases them */
  unsigned locks[2];
} Deadlock;

typedef struct
{
  Deadlock *deadlock;
  unsigned index;
} Stuck;

static void *
stuck_thread (void *data)
{
  const Stuck *stuck = data;
  Deadlock *deadlock = stuck->deadlock;
  IlTraceLane lane;

  il_trace_lane_claim (deadlock->trace, &lane, IL_ROLE_WORKER, stuck->index + 1,
                       stuck->index == 0 ? "Forth" : "Back", 0);
  il_trace_lane_write (&lane, IL_EVENT_LOCK_ACQUIRE, deadlock->locks[stuck->index], 0);
  pthread_barrier_wait (&deadlock->barrier);
  il_trace_lane_write (&lane, IL_EVENT_LOCK_WAIT, deadlock->locks[1 - stuck->index], 0);
  pthread_barrier_wait (&deadlock->barrier);
  il_trace_lane_write (&lane, IL_EVENT_WAIT_CANCELLED, deadlock->locks[1 - stuck->index], 0);
  il_trace_lane_release (&lane, 0);
  return NULL;
}

/* Two that wait for each other until the run is paused or stopped. */
static void
deadlock_two (IlTrace *trace)
{
  Deadlock deadlock = { .trace = trace };
  Stuck stuck[2] = { { &deadlock, 0 }, { &deadlock, 1 } };
  pthread_t threads[2];
  char line[64];

  pthread_barrier_init (&deadlock.barrier, NULL, 3);
  for (unsigned i = 0; i < 2; i++)
    deadlock.locks[i] = il_trace_object_add (trace, IL_OBJECT_LOCK, i == 0 ? "A" : "B", 0);
  for (unsigned i = 0; i < 2; i++)
    pthread_create (&threads[i], NULL, stuck_thread, &stuck[i]);
  pthread_barrier_wait (&deadlock.barrier);
  do
    hear (line);
  while (strcmp (line, "pause") != 0 && strcmp (line, "stop") != 0);
  pthread_barrier_wait (&deadlock.barrier);
  for (unsigned i = 0; i < 2; i++)
    pthread_join (threads[i], NULL);
  say ("paused\n");
  if (strcmp (line, "stop") != 0)
    wait_for ("stop");
}

/* Whatever can be done to workers, in this order. */
static void
obey_about_workers (void)
{
  wait_for ("set workers 5");
  say ("info workers 5\n");
  wait_for ("kill 1");
  say ("hit 1 2\n");
  wait_for ("crash 2");
  say ("hit 2 1\n");
  wait_for ("pause");
  say ("paused\n");
  wait_for ("step");
  say ("paused 4\n");
  wait_for ("step 3");
  say ("paused 3\nhit\nhit 0 1\nhit x y\n");
}

static void
misbehave_while_running (const char *how, IlTraceLane *lane, unsigned kind)
{
  if (strcmp (how, "crashes") == 0)
    raise (SIGKILL);
  if (strcmp (how, "fails") == 0)
    {
      fputs ("out of luck\n", stderr);
      exit (7);
    }
  if (strcmp (how, "hangs") == 0)
    never_return ();
  if (strcmp (how, "garbage") == 0)
    say_garbage ();
  if (strcmp (how, "damages") == 0)
    il_trace_lane_write (lane, IL_EVENT_LOCK_WAIT, 4711, 0);
  if (strcmp (how, "releases-late") == 0 || strcmp (how, "never-says") == 0)
    release_late (lane, strcmp (how, "never-says") == 0);
  if (strcmp (how, "leaves-child") == 0)
    leave_child_behind ();
  if (strcmp (how, "floods") == 0)
    flood (lane, kind);
  if (strcmp (how, "ends-and-hangs") == 0)
    {
      say ("ended completed\n");
      never_return ();
    }
  if (strcmp (how, "refuses-command") == 0)
    {
      wait_for ("kill 3");
      say ("refused worker 3 is a thread\n");
    }
  if (strcmp (how, "turns") == 0)
    {
      wait_for ("set length 5ms");
      wait_for ("pause");
      say ("paused\n");
      wait_for ("resume");
      say ("running\n");
    }
  if (strcmp (how, "deadlocks") == 0)
    deadlock_two (lane->trace);
  if (strcmp (how, "obeys-about-workers") == 0)
    obey_about_workers ();
  if (strcmp (how, "obedient") == 0)
    {
      wait_for ("stop");
      say ("stopping\n");
      write_events (lane, kind, N_TASKS);
    }
}

static int
run (const char *how)
{
  IlTraceLane lane = { 0 };
  int error;
  IlTrace *trace = il_trace_attach_from_environment (&error);
  unsigned kind;

  if (trace == NULL)
    return 9;
  il_trace_lane_claim (trace, &lane, IL_ROLE_SUPERVISOR, 0, "Supervisor", 0);
  kind = il_trace_object_add (trace, IL_OBJECT_TASK_KIND, "work", 0);
  say ("info title Fake\ninfo scenario_id fake\ninfo model serial\ninfo workers 1\ninfo seed 42\n");
  misbehave_before_ready (how);
  say ("ready\n");
  wait_for ("start");
  say ("running\n");
  write_events (&lane, kind, 0);
  say ("counts 10 10 0 0 0\n");
  misbehave_while_running (how, &lane, kind);
  il_trace_lane_release (&lane, 0);
  say (strcmp (how, "obedient") == 0 ? "counts 20 20 0 0 0\nended stopped\n" : "ended completed\n");
  return 0;
}

/* Says what the file named by FAKE_DESCRIPTION holds. */
static int
describe (void)
{
  const char *path = getenv ("FAKE_DESCRIPTION");
  FILE *file = path != NULL ? fopen (path, "r") : NULL;
  int byte;

  if (file == NULL)
    {
      fputs ("no.scenario: No such file\n", stderr);
      return 1;
    }
  while ((byte = getc (file)) != EOF)
    putchar (byte);
  fclose (file);
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc >= 2 && strcmp (argv[1], "describe") == 0)
    return describe ();
  if (argc < 5 || strcmp (argv[1], "run") != 0 || strcmp (argv[2], "--control-fd") != 0)
    return 2;
  control_fd = atoi (argv[3]);
  return run (argv[argc - 1]);
}
