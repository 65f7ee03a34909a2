/* il-timeline-marks-paint.c - marks above the lanes, and around the lanes that are their evidence
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nothing that was recorded is covered: marks have lines of their own, and what frames a lane's
 * range lies in the space between two rows.
 */

#include "config.h"

#include "il-timeline-chrome.h"

#include <math.h>

#define BAND 3.0        /* thickness of a range below its title */
#define TINT 44         /* of 255: the severity's colour behind a title */
#define MIN_FRAME 6.0   /* so wide at least, that a moment is seen */
#define FRAME_LINE 2.0  /* thickness, where there is so much space */
#define FRAME_SPACE 1.0 /* between strip and frame */

static guint32
colour_of (const IlCanvas *canvas, IlMarkSeverity severity)
{
  return severity == IL_MARK_ERROR ? canvas->theme->error : canvas->theme->warning;
}

static void
fill_rect (const IlCanvas *canvas, double x, double y, double width, double height)
{
  const IlTimelineLayout *layout = canvas->layout;
  int x0 = il_layout_px (layout, x);
  int y0 = il_layout_px (layout, y);
  int x1 = MAX (il_layout_px (layout, x + width), x0 + 1);
  int y1 = MAX (il_layout_px (layout, y + height), y0 + 1);

  cairo_rectangle (canvas->cr, il_layout_logical (layout, x0), il_layout_logical (layout, y0),
                   il_layout_logical (layout, x1 - x0), il_layout_logical (layout, y1 - y0));
  cairo_fill (canvas->cr);
}

/**
 * il_canvas_paint_severity:
 *
 * Paints the sign of a severity, which colour alone would not tell: a disc or a triangle.
 */
void
il_canvas_paint_severity (const IlCanvas *canvas, IlMarkSeverity severity, double x, double y)
{
  cairo_t *cr = canvas->cr;

  cairo_new_path (cr);
  if (severity == IL_MARK_ERROR)
    cairo_arc (cr, x, y, 4.5, 0, 2 * G_PI);
  else
    {
      cairo_move_to (cr, x - 5, y + 4);
      cairo_line_to (cr, x + 5, y + 4);
      cairo_line_to (cr, x, y - 5);
      cairo_close_path (cr);
    }
  il_canvas_set_colour (canvas, colour_of (canvas, severity));
  cairo_fill (cr);
}

static void
paint_item (const IlCanvas *canvas, const IlMarkItem *item)
{
  const IlTimelineLayout *layout = canvas->layout;
  const IlBox *box = &g_array_index (layout->boxes, IlBox, item->box);
  double middle = (double)box->y + (box->height - BAND) / 2;
  g_autofree char *label = il_mark_item_dup_label (layout, item);
  IlText text = { label, IL_MARK_FONT, FALSE, floor ((double)box->width - IL_MARK_TEXT_X - 2) };

  il_canvas_paint_severity (canvas, item->severity, (double)box->x + 9, middle);
  il_canvas_set_colour (canvas, canvas->theme->text);
  if (text.max_width > 8)
    il_text_cache_show (canvas->texts, canvas->cr, &text, (double)box->x + IL_MARK_TEXT_X, middle,
                        IL_ALIGN_LEFT);
}

/* Where exactly it was, behind the title or below it; of each one that stands there.  A title may
 * go on beyond that: no more is tinted than how long it was. */
static void
paint_range (const IlCanvas *canvas, guint index, gboolean is_behind)
{
  const IlTimelineLayout *layout = canvas->layout;
  const IlMark *mark = il_marks_get (layout->view.marks, index);
  guint32 home = g_array_index (layout->mark_homes, guint32, index);
  const IlMarkItem *item;
  const IlBox *box;
  guint32 colour;
  double x0, x1;

  if (home == G_MAXUINT32 || !il_layout_get_mark_range (layout, mark, &x0, &x1))
    return;
  item = &g_array_index (layout->mark_items, IlMarkItem, home);
  box = &g_array_index (layout->boxes, IlBox, item->box);
  colour = colour_of (canvas, mark->severity);
  il_canvas_set_colour (canvas, is_behind ? il_colour_mix (canvas->theme->background, colour, TINT)
                                          : colour);
  if (is_behind)
    fill_rect (canvas, x0, box->y, x1 - x0, box->height);
  else
    fill_rect (canvas, x0, (double)box->y + box->height - BAND, x1 - x0, BAND);
}

/**
 * il_canvas_paint_marks:
 *
 * Paints the marks' lines above the lanes.
 */
void
il_canvas_paint_marks (const IlCanvas *canvas)
{
  const IlTimelineLayout *layout = canvas->layout;

  for (guint i = layout->mark_homes->len; i > 0; i--)
    paint_range (canvas, i - 1, TRUE);
  for (guint i = 0; i < layout->mark_items->len; i++)
    paint_item (canvas, &g_array_index (layout->mark_items, IlMarkItem, i));
  for (guint i = layout->mark_homes->len; i > 0; i--)
    paint_range (canvas, i - 1, FALSE);
}

/* ---- Around lanes ---- */

/* The space in the row above its first strip, as below its last. */
static void
paint_frame (const IlCanvas *canvas, const IlRow *row, double x0, double x1)
{
  const IlTimelineLayout *layout = canvas->layout;
  const IlStrip *first, *last;
  double above, line, space;

  if (row->n_strips == 0)
    return;
  first = &g_array_index (layout->strips, IlStrip, row->first_strip);
  last = &g_array_index (layout->strips, IlStrip, row->first_strip + row->n_strips - 1);
  above = il_layout_logical (layout, first->y0 - row->y0);
  if (above < 1)
    return;
  line = MIN (FRAME_LINE, above);
  space = above > FRAME_LINE ? FRAME_SPACE : 0;
  fill_rect (canvas, x0, il_layout_logical (layout, first->y0) - space - line, x1 - x0, line);
  fill_rect (canvas, x0, il_layout_logical (layout, last->y1) + space, x1 - x0, line);
}

static void
frame_lane (const IlCanvas *canvas, guint32 lane, double x0, double x1)
{
  const IlTimelineLayout *layout = canvas->layout;

  for (guint i = 0; i < layout->rows->len; i++)
    {
      const IlRow *row = &g_array_index (layout->rows, IlRow, i);

      if (row->kind == IL_BOX_LANE && row->lane == lane)
        paint_frame (canvas, row, x0, x1);
    }
}

/**
 * il_canvas_frame_evidence:
 *
 * Paints lines above and below the range of each lane that a mark has as its evidence; the gravest
 * last, over the others.
 */
void
il_canvas_frame_evidence (const IlCanvas *canvas)
{
  const IlTimelineLayout *layout = canvas->layout;
  double left = il_timeline_layout_get_plot_x (layout);
  double right = left + il_timeline_layout_get_plot_width (layout);

  for (guint i = il_marks_get_n (layout->view.marks); i > 0; i--)
    {
      const IlMark *mark = il_marks_get (layout->view.marks, i - 1);
      double x0, x1;

      if (!il_layout_get_mark_range (layout, mark, &x0, &x1))
        continue;
      if (x1 - x0 < MIN_FRAME)
        {
          x0 = MAX ((x0 + x1 - MIN_FRAME) / 2, left);
          x1 = MIN (x0 + MIN_FRAME, right);
        }
      il_canvas_set_colour (canvas, colour_of (canvas, mark->severity));
      for (guint j = 0; j < mark->n_lanes; j++)
        frame_lane (canvas, mark->lanes[j], x0, x1);
    }
}
