/* il-strip-rects.c - the rectangles that a strip's boxes are made of
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one place that knows what a box looks like; pixels and vectors are made from what it says.
 */

#include "config.h"

#include "il-strip-rects.h"

#include <math.h>

/* Only boxes this wide, in logical pixels, have an edge that sets them off from their neighbour. */
#define MIN_WIDTH_FOR_EDGE 4.0
#define MIN_WIDTH_FOR_PATTERN 3.0

typedef struct
{
  const IlTimelineLayout *layout;
  const IlStrip *strip;
  IlRectSink *sink;
  int line; /* thickness */
} Visit;

static const IlBox *
get_box (const Visit *visit, guint index)
{
  return &g_array_index (visit->layout->boxes, IlBox, visit->strip->first_box + index);
}

static int
left_of (const Visit *visit, const IlBox *box)
{
  return visit->layout->plot_x + (int)box->bin;
}

static int
right_of (const Visit *visit, const IlBox *box)
{
  return left_of (visit, box) + (int)box->n_bins;
}

static void
emit (const Visit *visit, int x0, int y0, int x1, int y1, guint look)
{
  visit->sink->rect (visit->sink, x0, y0, x1, y1, look);
}

static gboolean
adjoins (const Visit *visit, const IlBox *left, const IlBox *right)
{
  return left != NULL && right != NULL && right_of (visit, left) == left_of (visit, right);
}

/* ---- Spans ---- */

static gboolean
goes_on (const IlBox *box, const IlBox *neighbour)
{
  return neighbour->kind == IL_BOX_MIXED
         || (neighbour->kind != IL_BOX_LEVEL
             && IL_CODE_STATE (neighbour->code) == IL_CODE_STATE (box->code));
}

/* Too narrow for a pattern, and no neighbour to make it wide enough: a few dots of a pattern would
 * look like something else. */
static gboolean
stands_alone (const Visit *visit, guint index)
{
  const IlBox *box = get_box (visit, index);
  const IlBox *previous = index > 0 ? get_box (visit, index - 1) : NULL;
  const IlBox *next = index + 1 < visit->strip->n_boxes ? get_box (visit, index + 1) : NULL;

  if (box->width >= MIN_WIDTH_FOR_PATTERN)
    return FALSE;
  return !(adjoins (visit, previous, box) && goes_on (box, previous))
         && !(adjoins (visit, box, next) && goes_on (box, next));
}

static guint
look_of_span (const Visit *visit, guint index)
{
  const IlBox *box = get_box (visit, index);
  guint32 subject = IL_CODE_SUBJECT (box->code);

  if (visit->strip->kind == IL_STRIP_STATES || IL_CODE_STATE (box->code) >= IL_STATE_STOPPED)
    return MIN (IL_CODE_STATE (box->code), IL_STATE_UNKNOWN)
           + (stands_alone (visit, index) ? IL_LOOK_PLAIN : 0);
  if (subject == 0)
    return IL_LOOK_IDENTITY;
  return IL_LOOK_IDENTITY
         + il_theme_identity_slot (il_layout_lane_number (visit->layout, subject - 1));
}

static gboolean
has_edge (const Visit *visit, const IlBox *box, const IlBox *previous)
{
  return previous != NULL && previous->kind == IL_BOX_SPAN && box->width >= MIN_WIDTH_FOR_EDGE
         && previous->width >= MIN_WIDTH_FOR_EDGE
         && right_of (visit, previous) == left_of (visit, box);
}

static void
visit_span (const Visit *visit, guint index)
{
  const IlBox *box = get_box (visit, index);
  int x0 = left_of (visit, box);
  int x1 = right_of (visit, box);
  int y0 = visit->strip->y1 - (int)(box->height * visit->layout->view.scale + 0.5);
  guint look = look_of_span (visit, index);

  if (index > 0 && has_edge (visit, box, get_box (visit, index - 1)))
    {
      emit (visit, x0, y0, x0 + visit->line, visit->strip->y1, IL_LOOK_EDGES + look);
      x0 += visit->line;
    }
  emit (visit, x0, y0, x1, visit->strip->y1, look);
}

static void
visit_mixed (const Visit *visit, guint index)
{
  const IlBox *box = get_box (visit, index);
  /* Columns are wider than a pixel where they last a nanosecond; such are never mixed. */
  IlStacks stacks = { .x0 = left_of (visit, box),
                      .n = (int)box->n_bins,
                      .bottom = visit->strip->y1,
                      .height = visit->strip->y1 - visit->strip->y0,
                      .shares = &g_array_index (visit->layout->shares, IlShares, box->value),
                      .first_look = stands_alone (visit, index) ? IL_LOOK_PLAIN : 0 };

  visit->sink->stacks (visit->sink, &stacks);
}

/* ---- Levels ---- */

typedef struct
{
  guint fill, band, line;
  gboolean line_at_zero;
} LevelLooks;

static LevelLooks
looks_of_level (const IlStrip *strip)
{
  switch (strip->kind)
    {
    case IL_STRIP_USAGE:
      return (LevelLooks){ IL_LOOK_USAGE_FILL, IL_LOOK_USAGE_BAND, IL_LOOK_USAGE_LINE, FALSE };
    case IL_STRIP_WAITERS:
      return (LevelLooks){ IL_LOOK_WAITERS_FILL, IL_LOOK_WAITERS_BAND, IL_LOOK_WAITERS_LINE,
                           FALSE };
    case IL_STRIP_AMOUNTS:
      if (strip->lane_kind == IL_LANE_THREAD)
        return (LevelLooks){ IL_LOOK_COPYING_FILL, IL_LOOK_COPYING_BAND, IL_LOOK_COPYING_LINE,
                             FALSE };
      return (LevelLooks){ IL_LOOK_LOSSES_FILL, IL_LOOK_LOSSES_BAND, IL_LOOK_LOSSES_LINE, FALSE };
    case IL_STRIP_LEVEL:
    case IL_STRIP_STATES:
    case IL_STRIP_RIBBON:
    default:
      return (LevelLooks){ IL_LOOK_LEVEL_FILL, IL_LOOK_LEVEL_BAND, IL_LOOK_LEVEL_LINE, TRUE };
    }
}

static const IlLevel *
level_of (const Visit *visit, const IlBox *box)
{
  return &g_array_index (visit->layout->levels, IlLevel, box->value);
}

/* The box beside, where that has a level, too, and none that is not known. */
static const IlBox *
get_level_box (const Visit *visit, guint index)
{
  const IlBox *box = index < visit->strip->n_boxes ? get_box (visit, index) : NULL;

  return box != NULL && box->kind == IL_BOX_LEVEL ? box : NULL;
}

static gboolean
moves_within (const Visit *visit, const IlBox *box)
{
  const IlLevel *level = level_of (visit, box);

  return level->min != level->max;
}

/* A value that stays: area below, line on top, and a step up or down from the one before. */
static void
visit_steady (const Visit *visit, const IlBox *box, const IlBox *previous, const LevelLooks *looks)
{
  const IlStrip *strip = visit->strip;
  const IlLevel *level = level_of (visit, box);
  int x0 = left_of (visit, box);
  int x1 = right_of (visit, box);
  int height = il_layout_level_px (strip, level->max);

  if (height > 0)
    emit (visit, x0, strip->y1 - height, x1, strip->y1, looks->fill);
  if (height > 0 || looks->line_at_zero)
    emit (visit, x0, strip->y1 - MAX (height, visit->line), x1,
          strip->y1 - MAX (height - visit->line, 0), looks->line);
  if (adjoins (visit, previous, box) && !moves_within (visit, previous))
    {
      int before = il_layout_level_px (strip, level_of (visit, previous)->max);

      emit (visit, x0, strip->y1 - MAX (before, height), x0 + visit->line,
            strip->y1 - MIN (before, height), looks->line);
    }
}

/* One change within the column: a step.  Many changes, one column after the other: the band between
 * least and most, and the mean. */
static void
visit_moving (const Visit *visit, const IlBox *box, gboolean dense, const LevelLooks *looks)
{
  const IlStrip *strip = visit->strip;
  const IlLevel *level = level_of (visit, box);
  int x0 = left_of (visit, box);
  int x1 = right_of (visit, box);
  int min = il_layout_level_px (strip, level->min);
  int max = il_layout_level_px (strip, level->max);
  int mean = CLAMP (il_layout_level_px (strip, level->mean), min, max);

  if (min > 0)
    emit (visit, x0, strip->y1 - min, x1, strip->y1, looks->fill);
  emit (visit, x0, strip->y1 - max, x1, strip->y1 - min, dense ? looks->band : looks->line);
  if (dense)
    emit (visit, x0, strip->y1 - MAX (mean, visit->line), x1,
          strip->y1 - MAX (mean - visit->line, 0), looks->line);
}

static void
visit_level (const Visit *visit, guint index)
{
  const IlBox *box = get_box (visit, index);
  const IlBox *previous = index > 0 ? get_level_box (visit, index - 1) : NULL;
  const IlBox *next = get_level_box (visit, index + 1);
  LevelLooks looks = looks_of_level (visit->strip);
  gboolean dense;

  if (!moves_within (visit, box))
    {
      visit_steady (visit, box, previous, &looks);
      return;
    }
  dense = (adjoins (visit, previous, box) && moves_within (visit, previous))
          || (adjoins (visit, box, next) && moves_within (visit, next));
  visit_moving (visit, box, dense, &looks);
}

/**
 * il_strip_visit:
 * @sink: takes the rectangles
 *
 * Gives the rectangles of all boxes of a strip, from the left.  They do not overlap, but for a
 * line over its area.
 */
void
il_strip_visit (const IlTimelineLayout *layout, const IlStrip *strip, IlRectSink *sink)
{
  Visit visit = { layout, strip, sink, MAX (1, (int)floor (layout->view.scale + 0.25)) };

  for (guint i = 0; i < strip->n_boxes; i++)
    {
      const IlBox *box = get_box (&visit, i);

      if (box->kind == IL_BOX_SPAN || box->kind == IL_BOX_LOST)
        visit_span (&visit, i);
      else if (box->kind == IL_BOX_MIXED)
        visit_mixed (&visit, i);
      else
        visit_level (&visit, i);
    }
}
