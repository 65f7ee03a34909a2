/* bench-channel.c - what a message costs through each channel, beside a raw pipe and memcpy
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One sends, one receives: two threads, then two processes.  All contenders alternate in one run;
 * the fastest and the median of all rounds.  Our channels also make and check every byte of every
 * message, which the raw pipe and memcpy do not.  The ring is a hand-written one for a single
 * sender and receiver, whose items are filled and summed up; "by 32" tells the other side of every
 * 32nd item only.  The clock is started once all memory has been gone through.
 */

#include "config.h"

#include "il-actor.h"
#include "il-channel.h"
#include "il-kernel.h"

#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_ROUNDS 25           /* short ones, so that some are not disturbed on a busy machine */
#define MAX_BYTES (16u << 20) /* through each contender in a round */
#define MAX_MESSAGES 20000u
#define RING_SLOTS 1024u

typedef enum
{
  QUEUE = IL_CHANNEL_QUEUE,
  MEMORY = IL_CHANNEL_MEMORY,
  PIPE = IL_CHANNEL_PIPE,
  SOCKET = IL_CHANNEL_SOCKET,
  RAW_PIPE,
  MEMCPY,
  RING,
  RING_BY_32,
  N_CONTENDERS
} Contender;

static const char *const names[N_CONTENDERS]
    = { "queue", "memory", "pipe", "socket", "raw pipe", "memcpy", "ring", "ring by 32" };
static const guint32 sizes[] = { 64, 1024, 16384, 65536, 262144, 1048576 };

/* An item of the ring fills a line. */
typedef struct
{
  alignas (IL_CACHE_LINE) guint64 words[8];
} Item;

typedef struct
{
  alignas (IL_CACHE_LINE) _Atomic guint32 tail;
  alignas (IL_CACHE_LINE) _Atomic guint32 head;
  alignas (IL_CACHE_LINE) Item items[RING_SLOTS];
} Ring;

typedef struct
{
  Contender contender;
  gboolean in_processes;
  guint32 size, n_messages, n_warm; /* all, and those before the clock is started */
  int64_t begin_ns;
  IlArena *arena;
  int fds[2];
  Ring *ring;
} Run;

static void
receive_from_channel (const Run *run)
{
  IlMessage message;
  IlActor actor;

  il_actor_init (&actor, run->arena, IL_FIRST_WORKER);
  for (guint32 i = 0; i < run->n_messages; i++)
    if (il_channel_receive (run->arena->objects[0].data, &actor, &message, true) != IL_WAIT_DONE)
      abort ();
}

static void
start_clock (Run *run, guint32 i)
{
  if (i == run->n_warm)
    run->begin_ns = il_clock_monotonic_ns ();
}

static void
send_to_channel (Run *run)
{
  IlActor actor;

  il_actor_init (&actor, run->arena, IL_FIRST_WORKER + 1);
  for (guint32 i = 0; i < run->n_messages; i++)
    {
      const IlMessage message = { i, 1, run->size };

      start_clock (run, i);
      if (il_channel_send (run->arena->objects[0].data, &actor, &message, true) != IL_WAIT_DONE)
        abort ();
    }
}

static void
pass_all (int fd, guint8 *data, gsize size, gboolean writes)
{
  gsize done = 0;

  while (done < size)
    {
      ssize_t n
          = writes ? write (fd, data + done, size - done) : read (fd, data + done, size - done);

      if (n <= 0)
        abort ();
      done += (gsize)n;
    }
}

static void
pass_through_pipe (Run *run, gboolean writes)
{
  g_autofree guint8 *data = g_malloc0 (run->size);

  for (guint32 i = 0; i < run->n_messages; i++)
    {
      start_clock (run, i);
      pass_all (run->fds[writes ? 1 : 0], data, run->size, writes);
    }
}

static void
receive_from_ring (const Run *run)
{
  Ring *ring = run->ring;
  guint64 sum = 0;
  guint32 tail = 0, batch = run->contender == RING_BY_32 ? 32 : 1;

  for (guint32 i = 0; i < run->n_messages; i++)
    {
      while (tail == i)
        {
          tail = atomic_load_explicit (&ring->tail, memory_order_acquire);
          if (tail == i)
            il_spin_pause ();
        }
      for (guint j = 0; j < 8; j++)
        sum += ring->items[i % RING_SLOTS].words[j];
      if ((i + 1) % batch == 0)
        atomic_store_explicit (&ring->head, i + 1, memory_order_release);
    }
  __asm__ volatile("" : : "r"(sum));
}

static void
send_to_ring (Run *run)
{
  Ring *ring = run->ring;
  guint32 head = 0, batch = run->contender == RING_BY_32 ? 32 : 1;

  for (guint32 i = 0; i < run->n_messages; i++)
    {
      start_clock (run, i);
      while (i - head >= RING_SLOTS)
        {
          head = atomic_load_explicit (&ring->head, memory_order_acquire);
          if (i - head >= RING_SLOTS)
            il_spin_pause ();
        }
      for (guint j = 0; j < 8; j++)
        ring->items[i % RING_SLOTS].words[j] = i;
      if ((i + 1) % batch == 0 || i + 1 == run->n_messages)
        atomic_store_explicit (&ring->tail, i + 1, memory_order_release);
    }
}

static void
receive (Run *run)
{
  if (run->contender < RAW_PIPE)
    receive_from_channel (run);
  else if (run->contender == RAW_PIPE)
    pass_through_pipe (run, FALSE);
  else
    receive_from_ring (run);
}

static void
send (Run *run)
{
  if (run->contender < RAW_PIPE)
    send_to_channel (run);
  else if (run->contender == RAW_PIPE)
    pass_through_pipe (run, TRUE);
  else
    send_to_ring (run);
}

static void *
receive_thread (void *data)
{
  receive (data);
  return NULL;
}

static double
copy (const Run *run)
{
  g_autofree guint8 *from = g_malloc (run->size), *to = g_malloc (run->size);
  int64_t begin_ns;

  memset (from, 1, run->size);
  memset (to, 1, run->size);
  begin_ns = il_clock_monotonic_ns ();
  for (guint32 i = 0; i < run->n_messages; i++)
    {
      memcpy (to, from, run->size);
      __asm__ volatile("" : : "r"(to) : "memory");
    }
  return (double)(il_clock_monotonic_ns () - begin_ns) / run->n_messages;
}

/* ns per message. */
static double
pass_messages (Run *run)
{
  pthread_t thread;
  pid_t pid = -1;

  if (run->contender == MEMCPY)
    return copy (run);
  if (run->in_processes)
    {
      pid = fork ();
      if (pid == 0)
        {
          receive (run);
          _exit (0);
        }
    }
  else
    pthread_create (&thread, NULL, receive_thread, run);
  send (run);
  if (pid > 0)
    waitpid (pid, NULL, 0);
  else
    pthread_join (thread, NULL);
  return (double)(il_clock_monotonic_ns () - run->begin_ns) / (run->n_messages - run->n_warm);
}

static guint32
get_capacity (guint32 size)
{
  return size <= 1024 ? RING_SLOTS : 16;
}

static IlScenario *
make_scenario (const Run *run)
{
  g_autofree char *text = g_strdup_printf (
      "[Scenario]\nName=Bench\nModel=threads\n[Channel C]\nKind=%s\nCapacity=%u\n"
      "[Task s]\nWorkers=1\nSteps=send C %uB\n[Task r]\nWorkers=1\nSteps=receive C\n",
      names[run->contender], get_capacity (run->size), run->size);

  return il_scenario_parse (text, -1, "bench", NULL);
}

static double
measure (Contender contender, guint32 size, gboolean in_processes)
{
  Run run = { .contender = contender, .size = size, .in_processes = in_processes };
  IlScenario *scenario = NULL;
  double cost_ns;

  run.n_warm = 2 * get_capacity (size);
  run.n_messages = run.n_warm + MIN (MAX_BYTES / size, MAX_MESSAGES);
  if (contender < RAW_PIPE)
    {
      scenario = make_scenario (&run);
      run.arena = il_arena_new (scenario, NULL);
      il_arena_change_run (run.arena, 0, IL_RUN_HELD);
      run.arena->objects[0].class->open (run.arena, &run.arena->objects[0], NULL);
    }
  if (contender == RAW_PIPE && pipe (run.fds) != 0)
    abort ();
  run.ring
      = mmap (NULL, sizeof *run.ring, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  cost_ns = pass_messages (&run);
  munmap (run.ring, sizeof *run.ring);
  if (contender == RAW_PIPE)
    {
      close (run.fds[0]);
      close (run.fds[1]);
    }
  if (contender < RAW_PIPE)
    {
      run.arena->objects[0].class->close (&run.arena->objects[0], NULL);
      il_arena_free (run.arena);
      il_scenario_free (scenario);
    }
  return cost_ns;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static void
compare_contenders (guint32 size, gboolean in_processes)
{
  static double costs[N_CONTENDERS][N_ROUNDS];
  guint n_contenders = size == sizeof (Item) ? N_CONTENDERS : RING;

  for (guint round = 0; round < N_ROUNDS; round++)
    for (guint i = 0; i < n_contenders; i++)
      costs[i][round] = measure ((Contender)i, size, in_processes);
  for (guint i = 0; i < n_contenders; i++)
    {
      qsort (costs[i], N_ROUNDS, sizeof *costs[i], compare_doubles);
      printf ("%-10s %8u B  %-10s best %9.3f us %9.1f MB/s  median %9.3f us %9.1f MB/s\n",
              in_processes ? "processes" : "threads", size, names[i], costs[i][0] / 1e3,
              size * 1e3 / costs[i][0], costs[i][N_ROUNDS / 2] / 1e3,
              size * 1e3 / costs[i][N_ROUNDS / 2]);
    }
  if (size == sizeof (Item))
    printf ("%-10s %8u B  best of memory / ring %.2f, / ring by 32 %.2f\n",
            in_processes ? "processes" : "threads", size, costs[MEMORY][0] / costs[RING][0],
            costs[MEMORY][0] / costs[RING_BY_32][0]);
}

/* The one argument: the largest size. */
int
main (int argc, char **argv)
{
  guint64 max_size = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : G_MAXUINT32;

  for (int in_processes = 0; in_processes < 2; in_processes++)
    for (gsize i = 0; i < G_N_ELEMENTS (sizes) && sizes[i] <= max_size; i++)
      compare_contenders (sizes[i], in_processes != 0);
  return 0;
}
