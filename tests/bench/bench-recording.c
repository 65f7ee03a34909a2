/* bench-recording.c - where the benchmarks record, and a reader that drains it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "bench-recording.h"

#include <pthread.h>

#include "il-trace-reader.h"

#define DRAIN_US 1000 /* a ring holds what a worker can write in some milliseconds */

static IlTraceReader *reader;
static IlTrace *trace;
static pthread_t thread;
static _Atomic bool stops;

static void *
drain_thread (void *data)
{
  static const IlTraceHandler nothing = { 0 };

  while (!atomic_load (&stops))
    {
      il_trace_reader_drain (reader, &nothing, NULL);
      g_usleep (DRAIN_US);
    }
  il_trace_reader_drain (reader, &nothing, NULL);
  return NULL;
}

/**
 * bench_recording_start:
 *
 * Returns: (transfer none): to be recorded into, until bench_recording_stop()
 */
IlTrace *
bench_recording_start (void)
{
  const char *directories[] = { g_getenv ("XDG_RUNTIME_DIR"), "/dev/shm", g_get_tmp_dir () };
  int error_number;

  for (gsize i = 0; i < G_N_ELEMENTS (directories) && reader == NULL; i++)
    if (directories[i] != NULL)
      reader = il_trace_reader_new (directories[i], 0, 0);
  if (reader == NULL)
    g_error ("Cannot make a file to record into");
  trace = il_trace_attach (il_trace_reader_get_path (reader), &error_number);
  pthread_create (&thread, NULL, drain_thread, NULL);
  return trace;
}

/**
 * bench_recording_stop:
 *
 * Returns: how many events were lost
 */
guint64
bench_recording_stop (void)
{
  IlTraceReaderStats stats;

  atomic_store (&stops, true);
  pthread_join (thread, NULL);
  il_trace_reader_get_stats (reader, &stats);
  il_trace_detach (trace);
  il_trace_reader_free (reader);
  reader = NULL;
  return stats.n_lost;
}
