/* il-timeline-legend.c - what stands below the lanes of an exported picture
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"

#include <glib/gi18n-lib.h>

#define MARGIN 16.0
#define LEGEND_PADDING 10.0
#define LEGEND_LINE 22.0
#define LEGEND_FONT 12.0
#define SWATCH_WIDTH 30.0
#define ITEM_GAP 22.0
/* A state that takes less of the picture's width, over all threads, is not explained. */
#define MIN_PERMILLE 2
/* Of a lock that was read no more spans are looked at than this. */
#define MAX_SEARCHED 4096
#define CAPTION_HEIGHT 28.0

/**
 * il_legend_get_label:
 * @code: an IlState or one of IL_LEGEND_…
 *
 * Returns: (transfer none): translated
 */
const char *
il_legend_get_label (const IlTimeline *timeline, guint32 code)
{
  switch (code)
    {
    case IL_LEGEND_USAGE:
      return _ ("core busy, whoever ran");
    case IL_LEGEND_IDENTITY:
      /* Translators: beside three coloured fields */
      return _ ("who runs or holds it, by colour");
    case IL_LEGEND_READERS:
      return _ ("held by readers");
    case IL_LEGEND_LEVEL:
      return _ ("how many or how much there is");
    case IL_LEGEND_LIMIT:
      /* Translators: beside a dashed line above how many or how much there is */
      return _ ("the most there can be");
    case IL_LEGEND_WAITERS:
      return _ ("how many wait");
    case IL_LEGEND_COPYING:
      return _ ("copying between heaps");
    case IL_LEGEND_LOST_UPDATES:
      return _ ("stale writes");
    case IL_LEGEND_WASTED:
      return _ ("woken for nothing");
    case IL_LEGEND_LEFT:
      return _ ("left");
    case IL_LEGEND_DIED:
      return _ ("died");
    case IL_LEGEND_WITH_PROCESS:
      return _ ("went down with its process");
    case IL_LEGEND_ORPHANED:
      return _ ("held by a dead one");
    case IL_LEGEND_RECOVERED:
      return _ ("owner died, free again");
    case IL_LEGEND_WARNING:
      return _ ("finding");
    case IL_LEGEND_ERROR:
      return _ ("grave finding");
    default:
      return il_state_get_label_in (timeline, code);
    }
}

/* What of the timeline is on the picture. */
typedef struct
{
  const IlTimelineView *view;
  gint64 begin_ns, end_ns, known_ns;
  gboolean is_of_program;
} Visible;

static gboolean
has_value (const Visible *visible, const IlSeries *series)
{
  IlCounterBin bin = { 0 };

  if (series == NULL)
    return FALSE;
  il_series_bin_counter (series, visible->begin_ns, visible->end_ns, visible->known_ns, 1, &bin);
  return bin.covered && bin.max > 0;
}

/* Explains the strips of lanes that are not threads. */
static void
find_strips (const IlLane *lane, const Visible *visible, gboolean present[IL_N_LEGENDS])
{
  const IlLaneInfo *info = il_lane_get_info (lane);
  gboolean has_level = has_value (visible, il_lane_get_level (lane));

  if (info->kind == IL_LANE_THREAD
      || visible->view->collapsed[il_lane_get_group (lane, visible->is_of_program)])
    return;
  present[IL_LEGEND_USAGE] |= info->kind == IL_LANE_CORE;
  if (info->kind != IL_LANE_QUEUE && info->kind != IL_LANE_BARRIER)
    present[IL_LEGEND_WAITERS] |= has_value (visible, il_lane_get_waiters (lane))
                                  || (info->kind == IL_LANE_CONDITION && has_level);
  if (info->kind == IL_LANE_CORE
      || il_lane_get_look (lane, visible->is_of_program) == IL_LANE_CONDITION)
    return;
  present[IL_LEGEND_LEVEL] |= has_level;
  present[IL_LEGEND_LIMIT] |= il_lane_get_limit (lane) > 0;
}

static void
find_endings (const IlLane *lane, const IlTimelineView *view, gint64 known_ns,
              gboolean present[IL_N_LEGENDS])
{
  guint unused;
  IlEnding ending = il_lane_find_ending (lane, MIN (view->end_ns, known_ns), &unused);

  if (ending != IL_ENDING_NONE && il_lane_get_end (lane) >= view->begin_ns
      && !view->collapsed[IL_GROUP_WORKERS])
    present[IL_LEGEND_LEFT + ending - IL_ENDING_LEFT] = TRUE;
}

static void
find_recoveries (const IlLane *lane, const IlTimelineView *view, gint64 known_ns,
                 gboolean present[IL_N_LEGENDS])
{
  gint64 time_ns;

  if (il_lane_has_owners (lane) && il_lane_find_amount (lane, view->begin_ns, &time_ns)
      && time_ns <= MIN (view->end_ns, known_ns))
    present[IL_LEGEND_RECOVERED] |= !view->collapsed[IL_GROUP_LOCKS];
}

static void
find_amounts (const IlLane *lane, const IlTimelineView *view, gboolean present[IL_N_LEGENDS])
{
  if (!il_lane_has_amounts (lane))
    return;
  switch (il_lane_get_info (lane)->kind)
    {
    case IL_LANE_THREAD:
      present[IL_LEGEND_COPYING] |= !view->collapsed[IL_GROUP_WORKERS];
      break;
    case IL_LANE_COUNTER:
      present[IL_LEGEND_LOST_UPDATES] |= !view->collapsed[IL_GROUP_COUNTERS];
      break;
    default:
      present[IL_LEGEND_WASTED] |= !view->collapsed[IL_GROUP_SIGNALS];
    }
}

/* One who reads alone has a colour, as who writes has; several have one together. */
static void
find_readers (const IlSeries *states, const Visible *visible, gboolean present[IL_N_LEGENDS])
{
  gsize first = 0;
  IlSpan span;

  il_series_find (states, visible->begin_ns, visible->known_ns, &first, NULL);
  for (gsize i = first;
       i < first + MAX_SEARCHED && !(present[IL_LEGEND_IDENTITY] && present[IL_LEGEND_READERS])
       && il_series_get_span (states, i, visible->known_ns, &span)
       && span.begin_ns < visible->end_ns;
       i++)
    {
      if (IL_CODE_STATE (span.code) != IL_STATE_BUSY || span.begin_ns == span.end_ns)
        continue;
      if (IL_CODE_SUBJECT (span.code) != 0)
        present[IL_LEGEND_IDENTITY] = TRUE;
      else
        present[IL_LEGEND_READERS] = TRUE;
    }
}

/**
 * il_timeline_is_read_by_several:
 *
 * Returns: whether several had a readers-writer lock at once in that range, which has a colour of
 *   its own
 */
gboolean
il_timeline_is_read_by_several (IlTimeline *timeline, gint64 begin_ns, gint64 end_ns)
{
  gint64 known_ns = il_timeline_get_end (timeline);
  const Visible visible = { NULL, MAX (begin_ns, 0), MIN (end_ns, known_ns), known_ns, FALSE };
  gboolean present[IL_N_LEGENDS] = { [IL_LEGEND_IDENTITY] = TRUE };
  guint n_lanes = il_timeline_get_n_lanes (timeline);

  for (guint i = 0; i < n_lanes && !present[IL_LEGEND_READERS]; i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);

      if (il_lane_get_info (lane)->kind == IL_LANE_RWLOCK && visible.begin_ns < visible.end_ns)
        find_readers (il_lane_get_states (lane), &visible, present);
    }
  return present[IL_LEGEND_READERS];
}

/* Who ran on a core or held a lock stands there in a colour, also where it is a dead one, or nobody
 * knows who it was. */
static void
find_ribbon (const IlLane *lane, const Visible *visible, const gint64 states_ns[IL_N_STATES],
             gint64 sums_ns[IL_N_STATES], gboolean present[IL_N_LEGENDS])
{
  const IlLaneInfo *info = il_lane_get_info (lane);

  present[IL_LEGEND_IDENTITY] |= states_ns[IL_STATE_RUNNING] > 0;
  if (info->kind == IL_LANE_RWLOCK && states_ns[IL_STATE_BUSY] > 0)
    find_readers (il_lane_get_states (lane), visible, present);
  present[IL_LEGEND_ORPHANED] |= info->kind != IL_LANE_CORE && states_ns[IL_STATE_STOPPED] > 0;
  sums_ns[IL_STATE_UNKNOWN] += states_ns[IL_STATE_UNKNOWN];
}

/* A level that is not known before somebody waits. */
static void
find_unknown_level (const IlLane *lane, const Visible *visible, gint64 sums_ns[IL_N_STATES])
{
  const IlSeries *level = il_lane_get_level (lane);
  gint64 known_ns = visible->end_ns;
  IlSpan first;

  if (il_lane_get_look (lane, visible->is_of_program) != IL_LANE_SEMAPHORE)
    return;
  if (il_series_get_span (level, 0, visible->end_ns, &first))
    known_ns = MIN (first.begin_ns, visible->end_ns);
  sums_ns[IL_STATE_UNKNOWN] += MAX (known_ns - visible->begin_ns, 0);
}

/* The states that threads were in during the visible range. */
static void
find_items (IlTimeline *timeline, const IlTimelineView *view, gboolean present[IL_N_LEGENDS])
{
  gint64 begin_ns = MAX (view->begin_ns, 0);
  gint64 end_ns = MIN (view->end_ns, il_timeline_get_end (timeline));
  guint n_lanes = il_timeline_get_n_lanes (timeline);
  gint64 sums_ns[IL_N_STATES] = { 0 };
  const Visible visible = { view, begin_ns, end_ns, il_timeline_get_end (timeline),
                            il_timeline_is_of_program (timeline) };

  for (guint i = 0; i < n_lanes && begin_ns < end_ns; i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);
      const IlLaneInfo *info = il_lane_get_info (lane);
      const IlSeries *states = il_lane_get_states (lane);
      gint64 states_ns[IL_N_STATES] = { 0 };

      if (il_lane_is_shown (lane, visible.is_of_program))
        {
          find_strips (lane, &visible, present);
          if (!view->collapsed[il_lane_get_group (lane, visible.is_of_program)])
            find_unknown_level (lane, &visible, sums_ns);
        }
      find_amounts (lane, view, present);
      find_endings (lane, view, il_timeline_get_end (timeline), present);
      find_recoveries (lane, view, il_timeline_get_end (timeline), present);
      if (info->role == IL_LANE_ROLE_SUPERVISOR || states == NULL)
        continue;
      il_series_sum_states (states, begin_ns, end_ns, states_ns);
      if (info->kind != IL_LANE_THREAD)
        {
          if (!view->collapsed[il_lane_get_group (lane, visible.is_of_program)]
              && il_lane_is_shown (lane, visible.is_of_program))
            find_ribbon (lane, &visible, states_ns, sums_ns, present);
          continue;
        }
      for (guint s = 1; s < IL_N_STATES; s++)
        sums_ns[s] += states_ns[s];
    }
  for (guint s = 1; s < IL_N_STATES; s++)
    present[s] = sums_ns[s] > (end_ns - begin_ns) / 1000 * MIN_PERMILLE;
}

/* Those of which something is seen. */
static void
find_marks (const IlTimelineView *view, gboolean present[IL_N_LEGENDS])
{
  for (guint i = 0; i < il_marks_get_n (view->marks); i++)
    {
      const IlMark *mark = il_marks_get (view->marks, i);

      if (mark->begin_ns < view->end_ns && mark->end_ns >= view->begin_ns)
        present[IL_LEGEND_WARNING + mark->severity] = TRUE;
    }
}

/* Places the items on lines; returns the height.  @layout may be NULL: only measured. */
static double
flow_items (IlTimeline *timeline, const IlTimelineView *view, IlTimelineLayout *layout, double top)
{
  gboolean present[IL_N_LEGENDS] = { FALSE };
  double x = MARGIN;
  double y = LEGEND_PADDING;

  find_items (timeline, view, present);
  find_marks (view, present);
  for (guint code = 1; code < IL_N_LEGENDS; code++)
    {
      double width = SWATCH_WIDTH
                     + il_estimate_text_width (il_legend_get_label (timeline, code), LEGEND_FONT);

      if (!present[code])
        continue;
      if (x > MARGIN && x + width > view->width - MARGIN)
        {
          x = MARGIN;
          y += LEGEND_LINE;
        }
      if (layout != NULL)
        {
          IlBox box = { .kind = IL_BOX_LEGEND,
                        .group = IL_N_GROUPS,
                        .x = (float)x,
                        .y = (float)(top + y),
                        .width = (float)width,
                        .height = LEGEND_LINE,
                        .lane = G_MAXUINT32,
                        .code = code };

          g_array_append_val (layout->boxes, box);
        }
      x += width + ITEM_GAP;
    }
  return y + LEGEND_LINE;
}

/**
 * il_timeline_footer_height:
 *
 * Returns: what legend and caption take at the foot of the picture
 */
double
il_timeline_footer_height (IlTimeline *timeline, const IlTimelineView *view)
{
  double height = view->show_legend ? flow_items (timeline, view, NULL, 0) : 0;

  return height + (view->caption != NULL ? CAPTION_HEIGHT : 0);
}

/**
 * il_timeline_add_footer:
 *
 * Appends the boxes of legend and caption, below lanes_bottom.
 */
void
il_timeline_add_footer (IlTimelineLayout *layout)
{
  double top = il_layout_logical (layout, layout->lanes_bottom);

  if (layout->view.show_legend)
    flow_items (layout->timeline, &layout->view, layout, top);
  if (layout->caption != NULL)
    {
      IlBox box = { .kind = IL_BOX_CAPTION,
                    .group = IL_N_GROUPS,
                    .x = MARGIN,
                    .y = (float)(layout->view.height - CAPTION_HEIGHT),
                    .width = (float)MAX (layout->view.width - 2 * MARGIN, 0),
                    .height = CAPTION_HEIGHT,
                    .lane = G_MAXUINT32 };

      g_array_append_val (layout->boxes, box);
    }
}
