/* bench-trace.c - what an event costs its writer, and its reader
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each figure is the median of five runs.  Beside it stands what a hand-written loop without any
 * bookkeeping needs on the same machine in the same second, the two alternating: store 16 bytes
 * with the clock's stamp, one release store of the tail.
 */

#include "config.h"

#include "il-trace-write.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "il-trace-reader.h"

#define N_RUNS 5
#define N_EVENTS 200000u /* fit a large ring */
#define LIMIT_EVENTS (1u << 18)
#define MAX_WRITERS 64
#define LOSS_SECONDS 1

static const IlTraceHandler nobody = { .events = NULL };

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
median (double values[N_RUNS])
{
  qsort (values, N_RUNS, sizeof *values, compare_doubles);
  return values[N_RUNS / 2];
}

static void
print_row (const char *what, double ours[N_RUNS], double limit[N_RUNS])
{
  double mine = median (ours);

  if (limit == NULL)
    printf ("%-44s %8.2f ns\n", what, mine);
  else
    printf ("%-44s %8.2f ns   limit %8.2f   ratio %5.2f\n", what, mine, median (limit),
            mine / median (limit));
  fflush (stdout);
}

/* --- one event -------------------------------------------------------------------------------- */

static IlEvent limit_ring[LIMIT_EVENTS];
static _Atomic uint32_t limit_tail;

__attribute__ ((noinline)) static void
write_limit (IlClockSource source)
{
  uint32_t tail = 0;

  for (uint32_t i = 0; i < N_EVENTS; i++)
    {
      IlEvent *event = &limit_ring[tail & (LIMIT_EVENTS - 1)];

      event->stamp = il_clock_stamp (source);
      event->what = IL_EVENT_IDLE;
      event->value = i;
      atomic_store_explicit (&limit_tail, ++tail, memory_order_release);
    }
}

__attribute__ ((noinline)) static void
write_unstamped_limit (void)
{
  uint32_t tail = 0;

  for (uint32_t i = 0; i < N_EVENTS; i++)
    {
      limit_ring[tail & (LIMIT_EVENTS - 1)] = (IlEvent){ i, IL_EVENT_IDLE, i };
      atomic_store_explicit (&limit_tail, ++tail, memory_order_release);
    }
}

__attribute__ ((noinline)) static void
write_events (IlTraceLane *lane)
{
  for (uint32_t i = 0; i < N_EVENTS; i++)
    il_trace_lane_write (lane, IL_EVENT_IDLE, 0, i);
}

__attribute__ ((noinline)) static void
write_events_at (IlTraceLane *lane, uint64_t stamp)
{
  for (uint32_t i = 0; i < N_EVENTS; i++)
    il_trace_lane_write_at (lane, stamp, IL_EVENT_IDLE, 0, i);
}

static double
since (int64_t begin_ns)
{
  return (double)(il_clock_monotonic_ns () - begin_ns) / N_EVENTS;
}

typedef struct
{
  IlTraceReader *reader;
  IlTrace *trace;
  IlTraceLane lane;
} Bench;

static void
bench_open (Bench *bench, const char *clock)
{
  const char *directory = access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  int error;

  if (clock != NULL)
    setenv ("INTERLEAVE_CLOCK", clock, 1);
  else
    unsetenv ("INTERLEAVE_CLOCK");
  bench->reader = il_trace_reader_new (directory, 0, 0);
  bench->trace = bench->reader == NULL
                     ? NULL
                     : il_trace_attach (il_trace_reader_get_path (bench->reader), &error);
  if (bench->trace == NULL
      || !il_trace_lane_claim (bench->trace, &bench->lane, IL_ROLE_WORKER, 1, "bench", 0))
    {
      perror ("bench-trace");
      exit (1);
    }
}

static void
bench_close (Bench *bench)
{
  il_trace_lane_release (&bench->lane, 0);
  il_trace_detach (bench->trace);
  il_trace_reader_free (bench->reader);
}

/* The ring is in the writer's cache from the last round, as in a lane that is drained lazily. */
static void
bench_event (const char *clock)
{
  double ours[N_RUNS], limit[N_RUNS], at[N_RUNS], at_limit[N_RUNS], drain[N_RUNS];
  IlClockSource source;
  Bench bench;
  char row[64];

  bench_open (&bench, clock);
  source = il_trace_reader_get_source (bench.reader);
  for (int i = -1; i < N_RUNS; i++)
    {
      int run = i < 0 ? 0 : i;
      int64_t begin = il_clock_monotonic_ns ();

      write_events (&bench.lane);
      ours[run] = since (begin);
      begin = il_clock_monotonic_ns ();
      il_trace_reader_drain (bench.reader, &nobody, NULL);
      drain[run] = since (begin);
      begin = il_clock_monotonic_ns ();
      write_limit (source);
      limit[run] = since (begin);
      begin = il_clock_monotonic_ns ();
      write_events_at (&bench.lane, il_clock_stamp (source));
      at[run] = since (begin);
      il_trace_reader_drain (bench.reader, &nobody, NULL);
      begin = il_clock_monotonic_ns ();
      write_unstamped_limit ();
      at_limit[run] = since (begin);
    }
  bench_close (&bench);

  snprintf (row, sizeof row, "event, stamped (%s)", il_clock_source_name (source));
  print_row (row, ours, limit);
  if (clock != NULL)
    return;
  print_row ("event, at a stamp taken before", at, at_limit);
  print_row ("drain, an event", drain, NULL);
  printf ("%-44s %8.0f M/s\n", "drain, events a second", 1e3 / median (drain));
}

static void
bench_unrecorded (void)
{
  IlTraceLane lane = { .trace = NULL };
  double ours[N_RUNS];

  for (int i = 0; i < N_RUNS; i++)
    {
      int64_t begin = il_clock_monotonic_ns ();

      write_events (&lane);
      ours[i] = since (begin);
    }
  print_row ("event, nobody listens", ours, NULL);
}

static void
bench_claim (void)
{
  double first[N_RUNS], again[N_RUNS];
  Bench bench;

  for (int i = 0; i < N_RUNS; i++)
    {
      IlTraceLane lane;
      int64_t begin;

      bench_open (&bench, NULL);
      begin = il_clock_monotonic_ns ();
      il_trace_lane_claim (bench.trace, &lane, IL_ROLE_WORKER, 1, "first", 0);
      first[i] = (double)(il_clock_monotonic_ns () - begin);
      il_trace_lane_release (&lane, 0);
      il_trace_reader_drain (bench.reader, &nobody, NULL);
      begin = il_clock_monotonic_ns ();
      il_trace_lane_claim (bench.trace, &lane, IL_ROLE_WORKER, 1, "again", 0);
      again[i] = (double)(il_clock_monotonic_ns () - begin);
      il_trace_lane_release (&lane, 0);
      bench_close (&bench);
    }
  print_row ("lane, claimed for the first time", first, NULL);
  print_row ("lane, claimed again", again, NULL);
}

/* --- all cores at full speed --------------------------------------------------------------------
 */

typedef struct
{
  IlTrace *trace;
  pthread_t thread;
  uint64_t n_written;
  double ns_per_event;
} Writer;

static _Atomic bool writers_stop;
static _Atomic unsigned n_writers_done;

static void *
writer_thread (void *data)
{
  Writer *writer = data;
  IlTraceLane lane;
  int64_t begin = il_clock_monotonic_ns ();

  il_trace_lane_claim (writer->trace, &lane, IL_ROLE_WORKER, 1, "writer", 0);
  while (!atomic_load_explicit (&writers_stop, memory_order_relaxed))
    {
      for (uint32_t i = 0; i < 1000; i++)
        il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, i);
      writer->n_written += 1000;
    }
  writer->ns_per_event = (double)(il_clock_monotonic_ns () - begin) / (double)writer->n_written;
  il_trace_lane_release (&lane, 0);
  atomic_fetch_add (&n_writers_done, 1);
  return NULL;
}

static void
bench_loss (unsigned n_writers, long nap_ns)
{
  static Writer writers[MAX_WRITERS];
  IlTraceReaderStats stats;
  uint64_t n_written = 0;
  double ns_per_event = 0.0;
  int64_t begin;
  Bench bench;

  bench_open (&bench, NULL);
  atomic_store (&writers_stop, false);
  atomic_store (&n_writers_done, 0);
  begin = il_clock_monotonic_ns ();
  for (unsigned i = 0; i < n_writers; i++)
    {
      writers[i] = (Writer){ .trace = bench.trace };
      pthread_create (&writers[i].thread, NULL, writer_thread, &writers[i]);
    }
  while (atomic_load (&n_writers_done) < n_writers)
    {
      struct timespec nap = { 0, nap_ns };

      il_trace_reader_drain (bench.reader, &nobody, NULL);
      if (nap_ns > 0)
        nanosleep (&nap, NULL);
      if (il_clock_monotonic_ns () - begin > LOSS_SECONDS * INT64_C (1000000000))
        atomic_store (&writers_stop, true);
    }
  for (unsigned i = 0; i < n_writers; i++)
    {
      pthread_join (writers[i].thread, NULL);
      n_written += writers[i].n_written;
      ns_per_event += writers[i].ns_per_event / n_writers;
    }
  il_trace_reader_drain (bench.reader, &nobody, NULL);
  il_trace_reader_get_stats (bench.reader, &stats);
  bench_close (&bench);
  printf ("%2u writers flat out, drained every %4.1f ms   %8.2f ns   %6.1f M/s   lost %7.3f %%\n",
          n_writers, (double)nap_ns / 1e6, ns_per_event, (double)n_written / 1e6 / LOSS_SECONDS,
          100.0 * (double)stats.n_lost / (double)n_written);
  fflush (stdout);
}

int
main (void)
{
  long n_cores = sysconf (_SC_NPROCESSORS_ONLN);
  unsigned n_writers = n_cores < MAX_WRITERS ? (unsigned)n_cores : MAX_WRITERS;

  bench_event (NULL);
  bench_event ("monotonic");
  bench_unrecorded ();
  bench_claim ();
  bench_loss (1, 0);
  bench_loss (1, 1000000);
  bench_loss (n_writers, 1000000);
  bench_loss (n_writers, 2000000);
  return 0;
}
