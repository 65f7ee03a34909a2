/* il-timeline-pick.c - finds what is under a point
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"

#include <math.h>

static const IlBox *
get_box (const IlTimelineLayout *layout, guint index)
{
  return &g_array_index (layout->boxes, IlBox, index);
}

static const IlRow *
find_row (const IlTimelineLayout *layout, int y)
{
  guint low = 0;
  guint high = layout->rows->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (layout->rows, IlRow, middle).y1 <= y)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < layout->rows->len && g_array_index (layout->rows, IlRow, low).y0 <= y)
    return &g_array_index (layout->rows, IlRow, low);
  return NULL;
}

/**
 * il_layout_find_strip:
 * @x: in device pixels, as is @y
 * @row: (out): the row there; NULL where there is none
 *
 * Returns: (nullable): the strip there, of that row
 */
const IlStrip *
il_layout_find_strip (const IlTimelineLayout *layout, int x, int y, const IlRow **row)
{
  *row = y >= layout->lanes_top && y < layout->lanes_bottom && x >= 0 && x < layout->width
             ? find_row (layout, y)
             : NULL;
  for (guint i = 0; *row != NULL && i < (*row)->n_strips; i++)
    {
      const IlStrip *strip = &g_array_index (layout->strips, IlStrip, (*row)->first_strip + i);

      if (y >= strip->y0 && y < strip->y1)
        return strip;
    }
  return NULL;
}

static gboolean
contains (const IlTimelineLayout *layout, const IlBox *box, int x, int y)
{
  int x0 = il_layout_px (layout, box->x);
  int y0 = il_layout_px (layout, box->y);

  return x >= x0 && x < il_layout_px (layout, (double)box->x + box->width) && y >= y0
         && y < il_layout_px (layout, (double)box->y + box->height);
}

/* The box of the strip whose columns @x lies in. */
static const IlBox *
find_box (const IlTimelineLayout *layout, const IlStrip *strip, int x)
{
  guint low = strip->first_box;
  guint high = strip->first_box + strip->n_boxes;
  int column = x - layout->plot_x;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if ((int)get_box (layout, middle)->bin <= column)
        low = middle + 1;
      else
        high = middle;
    }
  return low > strip->first_box ? get_box (layout, low - 1) : NULL;
}

/**
 * il_layout_find_ribbon:
 * @row: of a lane
 * @x: in device pixels
 * @box: (out): its box in that column; NULL where it was free, or idle
 *
 * Finds what tells the whole row of a core or a lock, for a point beside all strips.
 *
 * Returns: (nullable): the ribbon; NULL where the row has none
 */
const IlStrip *
il_layout_find_ribbon (const IlTimelineLayout *layout, const IlRow *row, int x, const IlBox **box)
{
  const IlStrip *strip;

  *box = NULL;
  if (row->n_strips == 0)
    return NULL;
  strip = &g_array_index (layout->strips, IlStrip, row->first_strip);
  if (strip->kind != IL_STRIP_RIBBON)
    return NULL;
  *box = find_box (layout, strip, x);
  if (*box != NULL && x >= il_layout_px (layout, (double)(*box)->x + (*box)->width))
    *box = NULL;
  return strip;
}

static const IlBox *
pick_mark (const IlTimelineLayout *layout, int x, int y)
{
  for (guint i = 0; i < layout->mark_items->len; i++)
    {
      const IlBox *box = get_box (layout, g_array_index (layout->mark_items, IlMarkItem, i).box);

      if (contains (layout, box, x, y))
        return box;
    }
  return NULL;
}

static const IlBox *
pick_footer (const IlTimelineLayout *layout, int x, int y)
{
  for (guint i = layout->boxes->len; i > 0; i--)
    {
      const IlBox *box = get_box (layout, i - 1);

      if (box->kind != IL_BOX_LEGEND && box->kind != IL_BOX_CAPTION)
        break;
      if (contains (layout, box, x, y))
        return box;
    }
  return NULL;
}

/**
 * il_timeline_pick:
 * @x: in logical pixels from the picture's left edge
 * @y: in logical pixels from its top
 *
 * Returns: (nullable): the topmost box there: what is painted at that point
 */
const IlBox *
il_timeline_pick (const IlTimelineLayout *layout, double x, double y)
{
  int px = (int)floor (CLAMP (x * layout->view.scale, -1e8, 1e8));
  int py = (int)floor (CLAMP (y * layout->view.scale, -1e8, 1e8));
  const IlRow *row;
  const IlStrip *strip = il_layout_find_strip (layout, px, py, &row);
  const IlBox *box;

  if (px >= 0 && px < layout->width && py >= 0 && py < layout->lanes_top)
    {
      box = pick_mark (layout, px, py);
      return box != NULL ? box : get_box (layout, 0);
    }
  if (row == NULL)
    return pick_footer (layout, px, py);
  box = strip != NULL ? find_box (layout, strip, px) : NULL;
  return box != NULL && contains (layout, box, px, py) ? box : get_box (layout, row->box);
}
