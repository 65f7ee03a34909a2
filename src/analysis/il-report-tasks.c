/* il-report-tasks.c - counts and times of tasks, and how many there are at a time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A task is in the system from its submission until it is settled: done, failed, cancelled or lost.
 * That is while it waits, while it is run, while it is suspended, since it waits for what it
 * spawned or its worker runs some of that within it, and, if its worker dies, until it is run again
 * or given up.  One that a worker draws for itself is submitted when it begins.
 *
 * J. D. C. Little, "A proof for the queuing formula L = λW", Operations Research 9 (3), 1961, is
 * about what runs for ever.  Of a stretch of time it holds exactly in the operational form of
 * P. J. Denning and J. P. Buzen, "The operational analysis of queueing network models", Computing
 * Surveys 10 (3), 1978, section 4: with the time J that all tasks together were in the system
 * within the stretch, its length T, and the number n of those that were submitted in it,
 * L = J / T, λ = n / T and W = J / n.  Where the system is empty at both ends, as it is at those of
 * a run that nobody stopped, W is the mean time from submission to settlement; else it counts of
 * each task what lies within.
 */

#include "config.h"

#include <math.h>

#include "il-report-private.h"

/* When it was first heard of; one of which all that told when is lost is there from the beginning.
 */
static gint64
get_submission (const IlTask *task)
{
  gint64 known_ns = task->submit_ns >= 0  ? task->submit_ns
                    : task->begin_ns >= 0 ? task->begin_ns
                                          : task->end_ns;

  return MAX (0, known_ns);
}

/* How long it was in the system within the range. */
static gint64
get_stay (const IlReportRange *range, const IlTask *task)
{
  gint64 end_ns = task->outcome < IL_TASK_OUTCOME_PENDING ? task->end_ns : range->end_ns;

  return MAX (0, MIN (end_ns, range->end_ns) - MAX (get_submission (task), range->begin_ns));
}

static void
count_task (IlReport *report, const IlReportRange *range, const IlTask *task)
{
  gint64 submit_ns = get_submission (task);
  gboolean has_ended = task->outcome < IL_TASK_OUTCOME_PENDING && task->end_ns < range->end_ns;

  report->submitted += il_report_range_has (range, submit_ns);
  report->pending += submit_ns < range->end_ns && !has_ended;
  if (!has_ended || !il_report_range_has (range, task->end_ns))
    return;
  report->outcomes[task->outcome]++;
  if (task->worker_plus_1 > 0 && task->worker_plus_1 <= range->n_lanes
      && (task->outcome == IL_TASK_OUTCOME_DONE || task->outcome == IL_TASK_OUTCOME_FAILED))
    range->n_tasks_of[task->worker_plus_1 - 1]++;
}

static void
take_queueing (IlReport *report, const IlReportRange *range, double stays_ns)
{
  IlQueueingFigures *queueing = &report->queueing;
  double length_ns = (double)(range->end_ns - range->begin_ns);
  double n = (double)report->submitted;

  queueing->l = queueing->lambda_per_second = queueing->w_ns = queueing->ratio = NAN;
  if (length_ns <= 0)
    return;
  queueing->l = stays_ns / length_ns;
  queueing->lambda_per_second = n * 1e9 / length_ns;
  if (n <= 0 || stays_ns <= 0)
    return;
  queueing->w_ns = stays_ns / n;
  queueing->ratio = queueing->l / (queueing->lambda_per_second * queueing->w_ns / 1e9);
}

/* Lengths of time of the tasks of a kind, or of all. */
typedef struct
{
  guint32 object;
  guint64 done;
  GArray *waits, *services; /* of gint64 */
} Lengths;

static void
lengths_init (Lengths *lengths, guint32 object)
{
  *lengths = (Lengths){ object, 0, g_array_new (FALSE, FALSE, sizeof (gint64)),
                        g_array_new (FALSE, FALSE, sizeof (gint64)) };
}

static void
lengths_clear (gpointer data)
{
  Lengths *lengths = data;

  g_array_unref (lengths->waits);
  g_array_unref (lengths->services);
}

static void
add_lengths (Lengths *lengths, const IlReportRange *range, const IlTask *task)
{
  gint64 wait_ns = task->begin_ns - task->submit_ns;
  gint64 service_ns = MAX (0, task->end_ns - task->begin_ns);

  /* A task that begins at the very moment of its submission went through no queue. */
  if (task->submit_ns >= 0 && task->begin_ns > task->submit_ns
      && il_report_range_has (range, task->begin_ns))
    g_array_append_val (lengths->waits, wait_ns);
  if (task->end_ns < 0 || !il_report_range_has (range, task->end_ns) || task->begin_ns < 0
      || (task->outcome != IL_TASK_OUTCOME_DONE && task->outcome != IL_TASK_OUTCOME_FAILED))
    return;
  g_array_append_val (lengths->services, service_ns);
  lengths->done += task->outcome == IL_TASK_OUTCOME_DONE;
}

/* There are few kinds, and those of neighbouring tasks are mostly the same. */
static Lengths *
ensure_kind (GArray *kinds, guint32 object, guint *last)
{
  Lengths fresh;

  if (*last < kinds->len && g_array_index (kinds, Lengths, *last).object == object)
    return &g_array_index (kinds, Lengths, *last);
  for (*last = 0; *last < kinds->len; (*last)++)
    if (g_array_index (kinds, Lengths, *last).object == object)
      return &g_array_index (kinds, Lengths, *last);
  lengths_init (&fresh, object);
  g_array_append_val (kinds, fresh);
  return &g_array_index (kinds, Lengths, *last);
}

static void
take_kinds (IlReport *report, GArray *kinds)
{
  gint64 quickest_ns = G_MAXINT64;

  for (guint i = 0; i < kinds->len; i++)
    {
      Lengths *lengths = &g_array_index (kinds, Lengths, i);
      IlTaskKindFigures kind = { .object = lengths->object, .done = lengths->done };

      il_distribution_take (&kind.queue_wait, lengths->waits);
      il_distribution_take (&kind.service, lengths->services);
      if (kind.service.n > 0)
        quickest_ns = MIN (quickest_ns, kind.service.p50_ns);
      g_array_append_val (report->kinds, kind);
    }
  for (guint i = 0; i < report->kinds->len; i++)
    {
      IlTaskKindFigures *kind = &g_array_index (report->kinds, IlTaskKindFigures, i);

      kind->relative = kind->service.n > 0 && quickest_ns > 0
                           ? (double)kind->service.p50_ns / (double)quickest_ns
                           : NAN;
    }
}

/**
 * il_report_add_tasks:
 *
 * Counts tasks and takes their times, of all and of each kind.
 */
void
il_report_add_tasks (IlReport *report, const IlReportRange *range)
{
  g_autoptr (GArray) kinds = g_array_new (FALSE, FALSE, sizeof (Lengths));
  IlTaskIter iter = { 0 };
  double stays_ns = 0;
  guint last = 0;
  Lengths all;
  IlTask task;

  g_array_set_clear_func (kinds, lengths_clear);
  lengths_init (&all, 0);
  while (il_timeline_next_task (range->timeline, &iter, &task))
    {
      count_task (report, range, &task);
      stays_ns += (double)get_stay (range, &task);
      add_lengths (&all, range, &task);
      add_lengths (ensure_kind (kinds, task.kind_object, &last), range, &task);
    }
  il_distribution_take (&report->queue_wait, all.waits);
  il_distribution_take (&report->service, all.services);
  lengths_clear (&all);
  take_kinds (report, kinds);
  take_queueing (report, range, stays_ns);
  report->run_again = il_timeline_get_tasks_run_again (range->timeline, range->end_ns - 1)
                      - il_timeline_get_tasks_run_again (range->timeline, range->begin_ns - 1);
  if (range->end_ns > range->begin_ns)
    report->tasks_per_second
        = (double)report->outcomes[IL_TASK_OUTCOME_DONE] / il_report_range_seconds (range);
}
