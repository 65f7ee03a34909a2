/* bench-trace.c - what an event costs its writer, and its reader
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Beside each figure stands what a hand-written loop without any bookkeeping needs on the same
 * machine in the same second: store 16 bytes with the clock's stamp, one release store of the tail;
 * or, for the reader, copy them.  The two alternate in rounds of a quarter of a millisecond, so
 * that what else goes on hits both alike and few rounds at all; shown are the medians, and the
 * median of the rounds' ratios.
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

#define N_RUNS 301
#define N_EVENTS 10000u
#define N_CLAIMS 5
#define LIMIT_EVENTS (1u << 18) /* as a large ring */
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
median (double *values, size_t n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return values[n / 2];
}

static void
print_row (const char *what, double ours[N_RUNS], double limit[N_RUNS])
{
  double ratios[N_RUNS];

  for (int i = 0; i < N_RUNS; i++)
    ratios[i] = ours[i] / limit[i];
  printf ("%-44s %8.2f ns   limit %8.2f   ratio %5.2f\n", what, median (ours, N_RUNS),
          median (limit, N_RUNS), median (ratios, N_RUNS));
  fflush (stdout);
}

/* --- one event -------------------------------------------------------------------------------- */

static IlEvent limit_ring[LIMIT_EVENTS];
static _Atomic uint32_t limit_tail;
static IlEvent limit_batch[4096];

__attribute__ ((noinline)) static void
write_limit (IlClockSource source)
{
  uint32_t tail = atomic_load_explicit (&limit_tail, memory_order_relaxed);

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
  uint32_t tail = atomic_load_explicit (&limit_tail, memory_order_relaxed);

  for (uint32_t i = 0; i < N_EVENTS; i++)
    {
      limit_ring[tail & (LIMIT_EVENTS - 1)] = (IlEvent){ i, IL_EVENT_IDLE, i };
      atomic_store_explicit (&limit_tail, ++tail, memory_order_release);
    }
}

/* What was written last, in pieces as a reader takes them. */
__attribute__ ((noinline)) static void
copy_limit (void)
{
  uint32_t tail = atomic_load_explicit (&limit_tail, memory_order_acquire) - N_EVENTS;
  uint32_t n;

  for (uint32_t i = 0; i < N_EVENTS; i += n)
    {
      uint32_t begin = (tail + i) & (LIMIT_EVENTS - 1);

      n = N_EVENTS - i < 256 ? N_EVENTS - i : 256;
      n = LIMIT_EVENTS - begin < n ? LIMIT_EVENTS - begin : n;
      memcpy (limit_batch + i % 3840, limit_ring + begin, n * sizeof *limit_ring);
      __asm__ __volatile__("" : : "r"(limit_batch) : "memory");
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

typedef struct
{
  double ours[N_RUNS], limit[N_RUNS], at[N_RUNS], at_limit[N_RUNS], drain[N_RUNS], copy[N_RUNS];
} Rounds;

static void
run_round (Bench *bench, Rounds *rounds, int i)
{
  IlClockSource source = il_trace_reader_get_source (bench->reader);
  int64_t begin = il_clock_monotonic_ns ();

  write_events (&bench->lane);
  rounds->ours[i] = since (begin);
  begin = il_clock_monotonic_ns ();
  write_limit (source);
  rounds->limit[i] = since (begin);
  begin = il_clock_monotonic_ns ();
  il_trace_reader_drain (bench->reader, &nobody, NULL);
  rounds->drain[i] = since (begin);
  begin = il_clock_monotonic_ns ();
  copy_limit ();
  rounds->copy[i] = since (begin);
  begin = il_clock_monotonic_ns ();
  write_events_at (&bench->lane, il_clock_stamp (source));
  rounds->at[i] = since (begin);
  il_trace_reader_drain (bench->reader, &nobody, NULL);
  begin = il_clock_monotonic_ns ();
  write_unstamped_limit ();
  rounds->at_limit[i] = since (begin);
}

/* The rings are in the cache as far as they go, as in a lane that is drained lazily. */
static void
bench_event (const char *clock)
{
  static Rounds rounds;
  Bench bench;
  char row[64];

  bench_open (&bench, clock);
  for (int i = -N_RUNS; i < N_RUNS; i++)
    run_round (&bench, &rounds, i < 0 ? 0 : i);
  snprintf (row, sizeof row, "event, stamped (%s)",
            il_clock_source_name (il_trace_reader_get_source (bench.reader)));
  bench_close (&bench);

  print_row (row, rounds.ours, rounds.limit);
  if (clock != NULL)
    return;
  print_row ("event, at a stamp taken before", rounds.at, rounds.at_limit);
  print_row ("drain, an event", rounds.drain, rounds.copy);
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
  printf ("%-44s %8.2f ns\n", "event, nobody listens", median (ours, N_RUNS));
}

static void
bench_claim (void)
{
  double first[N_CLAIMS], again[N_CLAIMS];
  Bench bench;

  for (int i = 0; i < N_CLAIMS; i++)
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
  printf ("%-44s %8.0f ns\n", "lane, claimed for the first time", median (first, N_CLAIMS));
  printf ("%-44s %8.0f ns\n", "lane, claimed again", median (again, N_CLAIMS));
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
