/* bench-speed-up.c - how much faster threads and processes do the same work, recorded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs "Neither, threads, processes" under each model, alternating, and prints the median of the
 * time from the first task's submission to the last one's end, as the recording has it.  The limit
 * is a hand-written program in the same second: as many threads as workers that only burn the same
 * processor time.
 */

#include "config.h"

#include "il-recorder.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_RUNS 5
#define N_JOBS 8
#define JOB_NS (100 * G_GINT64_CONSTANT (1000000))
#define N_WORKERS 2
#define SETTINGS "length=100ms"

static const char *const models[] = { "serial", "threads", "processes" };

#define N_MODELS G_N_ELEMENTS (models)

typedef struct
{
  double work_ms[N_RUNS];
  double overhead[N_RUNS];
} Figures;

static void
ended_cb (IlRecorder *recorder, const GError *error, gboolean *ended)
{
  if (error != NULL)
    g_error ("%s", error->message);
  *ended = TRUE;
}

/* From the first submission to the last end. */
static double
work_ms (IlTimeline *timeline)
{
  gint64 begin_ns = G_MAXINT64, end_ns = 0;

  for (gsize i = 0; i < il_timeline_get_n_tasks (timeline); i++)
    {
      IlTask task;

      if (!il_timeline_get_task (timeline, i, &task) || task.submit_ns < 0)
        continue;
      begin_ns = MIN (begin_ns, task.submit_ns);
      end_ns = MAX (end_ns, task.end_ns);
    }
  return (double)(end_ns - begin_ns) / 1e6;
}

static void
run_recorded (const char *model, Figures *figures, guint run)
{
  static const char *const settings[] = { SETTINGS, NULL };
  const IlRecorderOptions options = {
    .scenario = "neither-threads-processes",
    .model = model,
    .workers = N_WORKERS,
    .tasks = N_JOBS,
    .duration_ns = 0,
    .seed = -1,
    .settings = settings,
  };
  g_autoptr (IlRecorder) recorder = il_recorder_new ();
  IlRecorderStatus status;
  gboolean ended = FALSE;

  g_signal_connect (recorder, "ended", G_CALLBACK (ended_cb), &ended);
  il_recorder_start (recorder, &options);
  while (!ended)
    g_main_context_iteration (NULL, TRUE);
  il_recorder_get_status (recorder, &status);
  figures->work_ms[run] = work_ms (il_session_get_timeline (il_recorder_get_session (recorder)));
  figures->overhead[run] = status.overhead_share * 100;
}

static gint64
now_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *
burn_thread (void *data)
{
  while (now_ns (CLOCK_THREAD_CPUTIME_ID) < N_JOBS * JOB_NS / N_WORKERS)
    ;
  return NULL;
}

static double
run_limit (void)
{
  gint64 begin_ns = now_ns (CLOCK_MONOTONIC);
  pthread_t threads[N_WORKERS];

  for (guint i = 0; i < N_WORKERS; i++)
    pthread_create (&threads[i], NULL, burn_thread, NULL);
  for (guint i = 0; i < N_WORKERS; i++)
    pthread_join (threads[i], NULL);
  return (double)(now_ns (CLOCK_MONOTONIC) - begin_ns) / 1e6;
}

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

int
main (int argc, char **argv)
{
  Figures figures[N_MODELS];
  double limit_ms[N_RUNS], serial_ms, best_ms;

  for (guint run = 0; run < N_RUNS; run++)
    {
      limit_ms[run] = run_limit ();
      for (guint i = 0; i < N_MODELS; i++)
        run_recorded (models[i], &figures[i], run);
    }

  serial_ms = median (figures[0].work_ms);
  best_ms = median (limit_ms);
  printf ("%d jobs of %d ms by %d workers on %u cores, median of %d runs\n", N_JOBS,
          (int)(JOB_NS / 1000000), N_WORKERS, g_get_num_processors (), N_RUNS);
  for (guint i = 0; i < N_MODELS; i++)
    {
      double ms = median (figures[i].work_ms);

      printf ("%-10s %8.1f ms   speed-up %5.2f   of the limit %5.3f   watching took %.2f %%\n",
              models[i], ms, serial_ms / ms, best_ms / ms, median (figures[i].overhead));
    }
  printf ("%-10s %8.1f ms   speed-up %5.2f\n", "limit", best_ms, serial_ms / best_ms);
  return 0;
}
