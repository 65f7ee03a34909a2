/* il-timeline-endings.c - how threads ended: by themselves, or without a last word; and what became
 * of the locks that they held
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sign stands right of the lane, where nothing was recorded, or at the picture's right edge
 * within the margin.  That of a lock stands in its lane, at the moment when it was free again.
 */

#include "config.h"

#include "il-timeline-chrome.h"
#include "il-timeline-describe-private.h"

#include "il-time-format.h"

#include <glib/gi18n-lib.h>

#define CROSS 4.0 /* half its width */
#define GAP 3.0   /* from the lane's end */
/* Rows as low as these have no room for a sign. */
#define MIN_HEIGHT 8.0
#define MAX_AFTER_TASK 4 /* spans */

/**
 * il_lane_find_ending:
 * @end_ns: up to where the picture is known
 *
 * Returns: how a worker ended before that, or that the submitter died, who may be in their place;
 *   of another thread, and of one that lives, nothing
 */
IlEnding
il_lane_find_ending (const IlLane *lane, gint64 end_ns, guint *signal_number)
{
  const IlLaneInfo *info = il_lane_get_info (lane);
  IlEnding ending;

  *signal_number = 0;
  if (info->kind != IL_LANE_THREAD || il_lane_get_end (lane) > end_ns
      || (info->role != IL_LANE_ROLE_WORKER && info->role != IL_LANE_ROLE_SUBMITTER))
    return IL_ENDING_NONE;
  ending = il_lane_get_ending (lane, signal_number);
  return info->role == IL_LANE_ROLE_SUBMITTER && ending == IL_ENDING_LEFT ? IL_ENDING_NONE : ending;
}

/* ---- Signs ---- */

static void
paint_cross (const IlCanvas *canvas, double x, double y, double half, guint32 colour)
{
  cairo_t *cr = canvas->cr;

  cairo_new_path (cr);
  cairo_move_to (cr, x - half, y - half);
  cairo_line_to (cr, x + half, y + half);
  cairo_move_to (cr, x - half, y + half);
  cairo_line_to (cr, x + half, y - half);
  cairo_set_line_width (cr, 2);
  il_canvas_set_colour (canvas, colour);
  cairo_stroke (cr);
}

static void
paint_stop (const IlCanvas *canvas, double x, double y, double half)
{
  cairo_rectangle (canvas->cr, x - 1, y - half, 2, 2 * half);
  il_canvas_set_colour (canvas, canvas->theme->dim_text);
  cairo_fill (canvas->cr);
}

/**
 * il_canvas_paint_ending:
 * @x: of the sign's middle
 * @y: likewise
 *
 * Paints a cross for a death, a pale one for who went down with others, and a small bar for who
 * left.
 */
void
il_canvas_paint_ending (const IlCanvas *canvas, IlEnding ending, double x, double y)
{
  if (ending == IL_ENDING_DIED)
    paint_cross (canvas, x, y, CROSS, canvas->theme->error);
  else if (ending == IL_ENDING_WITH_PROCESS)
    paint_cross (canvas, x, y, CROSS, canvas->theme->dim_text);
  else if (ending == IL_ENDING_LEFT)
    paint_stop (canvas, x, y, CROSS);
}

/**
 * il_canvas_paint_row_ending:
 * @row: of a lane
 *
 * Paints how a worker ended, where its lane does.
 */
void
il_canvas_paint_row_ending (const IlCanvas *canvas, const IlRow *row)
{
  const IlTimelineLayout *layout = canvas->layout;
  const IlLane *lane = il_timeline_get_lane (layout->timeline, row->lane);
  const IlStrip *strip;
  IlEnding ending;
  guint signal_number;
  double end_x, height;

  ending = il_lane_find_ending (lane, layout->end_ns, &signal_number);
  if (ending == IL_ENDING_NONE || row->n_strips == 0
      || il_lane_get_end (lane) < layout->view.begin_ns
      || il_lane_get_end (lane) > layout->view.end_ns)
    return;
  strip = &g_array_index (layout->strips, IlStrip, row->first_strip);
  height = il_layout_logical (layout, strip->y1 - strip->y0);
  if (height < MIN_HEIGHT)
    return;
  end_x = il_layout_logical (layout, strip->x1);
  il_canvas_paint_ending (canvas, ending, end_x + GAP + (ending == IL_ENDING_LEFT ? 0 : CROSS),
                          il_layout_logical (layout, strip->y0 + strip->y1) / 2);
}

/**
 * il_lane_has_owners:
 *
 * Returns: whether it is of something that a dead one may have held
 */
gboolean
il_lane_has_owners (const IlLane *lane)
{
  IlLaneKind kind = il_lane_get_info (lane)->kind;

  return kind == IL_LANE_LOCK || kind == IL_LANE_RWLOCK || kind == IL_LANE_SEMAPHORE;
}

/**
 * il_canvas_paint_recovery:
 * @x: of the sign's middle
 * @y: likewise
 *
 * Paints that a lock was free again, whose owner had died: seen on any colour of a holder.
 */
void
il_canvas_paint_recovery (const IlCanvas *canvas, double x, double y)
{
  il_canvas_set_colour (canvas, canvas->theme->background);
  cairo_arc (canvas->cr, x, y, CROSS + 2, 0, 2 * G_PI);
  cairo_fill (canvas->cr);
  paint_cross (canvas, x, y, CROSS - 1, canvas->theme->error);
}

/**
 * il_canvas_paint_row_recoveries:
 * @row: of a lane
 *
 * Paints where a lock was free again whose owner had died; of those that stand too close, the
 * first.
 */
void
il_canvas_paint_row_recoveries (const IlCanvas *canvas, const IlRow *row)
{
  const IlTimelineLayout *layout = canvas->layout;
  const IlLane *lane = il_timeline_get_lane (layout->timeline, row->lane);
  const IlStrip *strip;
  gint64 time_ns = layout->view.begin_ns;

  if (row->n_strips == 0 || !il_lane_has_owners (lane))
    return;
  strip = &g_array_index (layout->strips, IlStrip, row->first_strip);
  if (il_layout_logical (layout, strip->y1 - strip->y0) < MIN_HEIGHT)
    return;
  while (il_lane_find_amount (lane, time_ns, &time_ns) && time_ns < layout->view.end_ns
         && time_ns < layout->end_ns)
    {
      double x = il_timeline_layout_time_to_x (layout, time_ns);

      il_canvas_paint_recovery (canvas, x, il_layout_logical (layout, strip->y0 + strip->y1) / 2);
      time_ns = MAX (il_timeline_layout_x_to_time (layout, x + 2 * CROSS), time_ns + 1);
    }
}

/* ---- Words ---- */

static char *
describe_death (const IlWords *words, guint signal_number, const char *when)
{
  if (signal_number == 0)
    /* Translators: a worker's name, when */
    return g_strdup_printf (_ ("%s ended at %s without a last word"), words->info->name, when);
  if (il_signal_is_fault (signal_number))
    /* Translators: a worker's name, when, the number of a signal */
    return g_strdup_printf (_ ("%s crashed at %s (signal %u)"), words->info->name, when,
                            signal_number);
  /* Translators: a worker's name, when, the number of a signal */
  return g_strdup_printf (_ ("%s was killed at %s by signal %u"), words->info->name, when,
                          signal_number);
}

/**
 * il_words_dup_ending:
 *
 * Returns: (transfer full) (nullable): "Worker 1 was killed at 1.2 s by signal 9"; NULL: it lives,
 *   or is no worker
 */
char *
il_words_dup_ending (const IlWords *words)
{
  guint signal_number;
  IlEnding ending = il_lane_find_ending (words->lane, words->known_ns, &signal_number);
  gint64 end_ns = il_lane_get_end (words->lane);
  g_autofree char *when = NULL;
  IlLaneCounts counts;

  if (ending == IL_ENDING_NONE)
    return NULL;
  when = il_format_time (end_ns, 1000000);
  if (ending == IL_ENDING_DIED)
    return describe_death (words, signal_number, when);
  if (ending == IL_ENDING_WITH_PROCESS)
    /* Translators: a worker's name, when, the number of a signal */
    return g_strdup_printf (_ ("%s went down with its process at %s (signal %u)"),
                            words->info->name, when, signal_number);
  il_lane_get_counts (words->lane, end_ns, &counts);
  /* Translators: a worker's name, when, how many tasks it had run */
  return g_strdup_printf (ngettext ("%s left at %s after %llu task",
                                    "%s left at %s after %llu tasks", (gulong)counts.tasks),
                          words->info->name, when, (unsigned long long)counts.tasks);
}

/* ---- Second tries ---- */

/* The last task that a thread was in before it died, as a span's detail; 0: none.  What it did
 * after that, until the scheduler took it off, is bookkeeping. */
static guint32
task_at_death (const IlWords *words, const IlLane *lane)
{
  const IlSeries *states = il_lane_get_states (lane);
  gint64 end_ns = il_lane_get_end (lane);
  IlSpan span = { 0 };
  gsize index = 0;

  if (states == NULL || !il_series_find (states, end_ns - 1, words->known_ns, &index, &span))
    return 0;
  for (guint i = 0; i < MAX_AFTER_TASK && span.detail == 0 && index > 0; i++)
    il_series_get_span (states, --index, words->known_ns, &span);
  return span.detail;
}

static gboolean
died_before (const IlLane *lane, gint64 time_ns)
{
  return il_lane_get_info (lane)->kind == IL_LANE_THREAD && il_lane_get_end (lane) <= time_ns
         && il_lane_get_ending (lane, NULL) > IL_ENDING_LEFT;
}

/**
 * il_words_add_try:
 * @span: of a task
 *
 * Adds that somebody died in this task before, so that this is another try.
 */
void
il_words_add_try (IlWords *words, const IlSpan *span)
{
  guint n_lanes = il_timeline_get_n_lanes (words->timeline);
  guint n_before = 0;
  const char *name = NULL;

  for (guint i = 0; span->detail != 0 && i < n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (words->timeline, i);

      if (lane != words->lane && died_before (lane, span->begin_ns)
          && task_at_death (words, lane) == span->detail)
        {
          n_before++;
          name = il_lane_get_info (lane)->name;
        }
    }
  if (n_before > 0)
    /* Translators: of a task: the how many-th time it is begun, and in whose hands it was before */
    il_words_add (words, g_strdup_printf (_ ("try %u: %s died in it"), n_before + 1, name));
}
