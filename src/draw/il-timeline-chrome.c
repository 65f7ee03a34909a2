/* il-timeline-chrome.c - text, ruler, headers and legend around the strips
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-chrome.h"

#include "il-time-format.h"
#include "il-vector-rects.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define HEADER_TEXT_X 30.0
#define LABEL_X 30.0
#define DOT_X 35.0
#define DOT_LABEL_X 46.0
#define SMALL_FONT 10.0
#define RULER_FONT 11.0
#define MIN_SPAN_LABEL 22.0
#define MAX_SPAN_LABELS 400

/**
 * il_canvas_set_colour:
 *
 * Sets the colour, 0xrrggbb, of what is painted next.
 */
void
il_canvas_set_colour (const IlCanvas *canvas, guint32 colour)
{
  cairo_set_source_rgb (canvas->cr, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
                        (colour & 0xff) / 255.0);
}

static double
logical (const IlCanvas *canvas, int px)
{
  return il_layout_logical (canvas->layout, px);
}

static void
show (const IlCanvas *canvas, const IlText *text, double x, double middle_y, IlAlign align,
      guint32 colour)
{
  il_canvas_set_colour (canvas, colour);
  il_text_cache_show (canvas->texts, canvas->cr, text, x, middle_y, align);
}

/* ---- Group headers ---- */

static void
paint_triangle (const IlCanvas *canvas, double x, double y, gboolean collapsed)
{
  cairo_t *cr = canvas->cr;

  cairo_new_path (cr);
  if (collapsed)
    {
      cairo_move_to (cr, x - 2.5, y - 5);
      cairo_line_to (cr, x - 2.5, y + 5);
      cairo_line_to (cr, x + 3.5, y);
    }
  else
    {
      cairo_move_to (cr, x - 5, y - 2.5);
      cairo_line_to (cr, x + 5, y - 2.5);
      cairo_line_to (cr, x, y + 3.5);
    }
  cairo_close_path (cr);
  il_canvas_set_colour (canvas, canvas->theme->dim_text);
  cairo_fill (cr);
}

static void
paint_header (const IlCanvas *canvas, const IlRow *row)
{
  const IlTimelineLayout *layout = canvas->layout;
  double middle = (logical (canvas, row->y0) + logical (canvas, row->y1)) / 2;
  double right = logical (canvas, layout->plot_x + layout->n_columns);
  IlText title = { il_group_get_title (layout->plan, row->group), row->font_size, TRUE, 0 };
  double title_end = HEADER_TEXT_X + il_text_cache_get_width (canvas->texts, &title);
  IlText fact = { row->fact, 12, FALSE, right - title_end - 16 };

  if (!layout->view.is_still)
    paint_triangle (canvas, 18, middle, layout->view.collapsed[row->group]);
  show (canvas, &title, HEADER_TEXT_X, middle, IL_ALIGN_LEFT, canvas->theme->text);
  if (row->fact != NULL && fact.max_width > 40)
    {
      fact.max_width = floor (fact.max_width / 16) * 16;
      show (canvas, &fact, right, middle, IL_ALIGN_RIGHT, canvas->theme->dim_text);
    }
}

static void
paint_subheader (const IlCanvas *canvas, const IlRow *row)
{
  double middle = (logical (canvas, row->y0) + logical (canvas, row->y1)) / 2;
  g_autofree char *words = il_subgroup_dup_title (canvas->layout, row);
  IlText title = { words, row->font_size, FALSE, 0 };

  show (canvas, &title, HEADER_TEXT_X, middle, IL_ALIGN_LEFT, canvas->theme->dim_text);
}

/* ---- Lanes ---- */

static void
paint_dot (const IlCanvas *canvas, double x, double y, double radius, guint32 colour)
{
  cairo_new_path (canvas->cr);
  cairo_arc (canvas->cr, x, y, radius, 0, 2 * G_PI);
  il_canvas_set_colour (canvas, colour);
  cairo_fill (canvas->cr);
}

static char *
dup_label (const IlCanvas *canvas, const IlLane *lane, const IlText *room)
{
  char *label = il_lane_dup_label (lane);
  IlText whole = { label, room->size, room->bold, 0 };

  if (il_text_cache_get_width (canvas->texts, &whole) <= room->max_width)
    return label;
  g_free (label);
  return il_lane_dup_short_label (lane);
}

static void
paint_label (const IlCanvas *canvas, const IlRow *row)
{
  const IlTimelineLayout *layout = canvas->layout;
  const IlLane *lane = il_timeline_get_lane (layout->timeline, row->lane);
  const IlLaneInfo *info = il_lane_get_info (lane);
  gboolean is_thread = info->kind == IL_LANE_THREAD;
  double x = (is_thread ? DOT_LABEL_X : LABEL_X) + row->indent;
  double plot_x = logical (canvas, layout->plot_x);
  double middle = (logical (canvas, row->y0) + logical (canvas, row->y1)) / 2;
  g_autofree char *name = NULL;
  IlText label = { NULL, row->font_size, FALSE, plot_x - x - 6 };

  /* A row may be too low for words. */
  if (row->font_size <= 0)
    return;
  label.text = name = dup_label (canvas, lane, &label);
  if (row->n_strips > 0 && (row->n_strips > 1 || !is_thread))
    {
      const IlStrip *strip = &g_array_index (layout->strips, IlStrip, row->first_strip);

      middle = logical (canvas, strip->y0)
               + MIN (logical (canvas, strip->y1 - strip->y0) / 2, row->font_size);
    }
  if (is_thread && plot_x > DOT_X + row->indent + 10)
    paint_dot (canvas, DOT_X + row->indent, middle, MIN (5, row->font_size * 0.38),
               il_theme_lane_colour (canvas->theme, lane));
  if (label.max_width > 8)
    show (canvas, &label, x, middle, IL_ALIGN_LEFT, canvas->theme->text);
}

/* What the lower strip says, in small letters beneath the label. */
static void
paint_lane_fact (const IlCanvas *canvas, const IlRow *row)
{
  const IlTimelineLayout *layout = canvas->layout;
  double plot_x = logical (canvas, layout->plot_x);
  IlText fact = { row->fact, SMALL_FONT, FALSE, plot_x - LABEL_X - 6 };
  guint n_strips = row->n_strips;
  const IlStrip *strip;

  if (n_strips == 0 || row->font_size < 13 || fact.max_width < 8)
    return;
  strip = &g_array_index (layout->strips, IlStrip, row->first_strip + n_strips - 1);
  if (row->second_fact != NULL)
    {
      IlText second = fact;

      second.text = row->second_fact;
      show (canvas, &second, LABEL_X, logical (canvas, strip->y0 + strip->y1) / 2, IL_ALIGN_LEFT,
            canvas->theme->dim_text);
      n_strips--;
      strip--;
    }
  if (row->fact == NULL || n_strips == 0)
    return;
  show (canvas, &fact, LABEL_X,
        n_strips > 1 ? logical (canvas, strip->y0 + strip->y1) / 2
                     : logical (canvas, strip->y0) + 29,
        IL_ALIGN_LEFT, canvas->theme->dim_text);
}

/* White where it can be read, as on most identity colours. */
static guint32
ink_for (guint32 colour)
{
  return il_colour_contrast (0xffffff, colour) >= 3 ? 0xffffff : 0x1e1e1e;
}

/* "W3" on a wide span of Worker 3. */
static void
paint_span_label (const IlCanvas *canvas, const IlBox *box, guint32 lane, double middle)
{
  guint32 number = il_layout_lane_number (canvas->layout, lane);
  g_autofree char *name = NULL;
  IlText text = { NULL, 12, TRUE, 0 };

  if (lane >= canvas->layout->plan->n_lanes)
    return;
  name = il_lane_dup_initial (il_timeline_get_lane (canvas->layout->timeline, lane));
  text.text = name;
  if (il_text_cache_get_width (canvas->texts, &text) + 6 > box->width)
    return;
  show (canvas, &text, (double)box->x + box->width / 2.0, middle, IL_ALIGN_CENTRE,
        ink_for (il_theme_identity_colour (canvas->theme, number)));
}

static void
paint_span_labels (const IlCanvas *canvas, const IlStrip *strip, guint *n_left)
{
  double height = logical (canvas, strip->y1 - strip->y0);
  double middle = logical (canvas, strip->y0 + strip->y1) / 2;

  if (strip->kind != IL_STRIP_RIBBON || height < 12)
    return;
  for (guint i = 0; i<strip->n_boxes && * n_left> 0; i++)
    {
      const IlBox *box = &g_array_index (canvas->layout->boxes, IlBox, strip->first_box + i);

      if (box->width < MIN_SPAN_LABEL || IL_CODE_SUBJECT (box->code) == 0
          || IL_CODE_STATE (box->code) >= IL_STATE_STOPPED || box->height < height - 0.5)
        continue;
      paint_span_label (canvas, box, IL_CODE_SUBJECT (box->code) - 1, middle);
      (*n_left)--;
    }
}

/* A text within a strip, on a background of its own so that it can be read over anything. */
static void
paint_tag (const IlCanvas *canvas, const char *words, double right, double middle, guint32 colour)
{
  IlText text = { words, SMALL_FONT, FALSE, 0 };
  double width = il_text_cache_get_width (canvas->texts, &text);
  guint32 back = canvas->theme->lane_background;

  cairo_set_source_rgba (canvas->cr, (back >> 16 & 0xff) / 255.0, (back >> 8 & 0xff) / 255.0,
                         (back & 0xff) / 255.0, 0.8);
  cairo_rectangle (canvas->cr, right - width - 7, middle - 7, width + 7, 14);
  cairo_fill (canvas->cr);
  show (canvas, &text, right - 3, middle, IL_ALIGN_RIGHT, colour);
}

static void
paint_limit_line (const IlCanvas *canvas, double left, double right, double y)
{
  static const double dashes[2] = { 4, 3 };
  cairo_t *cr = canvas->cr;

  il_canvas_set_colour (canvas, canvas->theme->limit_line);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_move_to (cr, left, y + 0.5);
  cairo_line_to (cr, right, y + 0.5);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
paint_limit (const IlCanvas *canvas, const IlStrip *strip)
{
  double y = logical (canvas, strip->y1 - il_layout_level_px (strip, strip->limit));
  double right = logical (canvas, strip->x1);
  g_autofree char *count = il_format_count (strip->limit);
  g_autofree char *words = NULL;

  paint_limit_line (canvas, logical (canvas, strip->x0), right, y);
  if (logical (canvas, strip->y1 - strip->y0) < 24 || logical (canvas, strip->x1 - strip->x0) < 80)
    return;
  words = g_strdup_printf (strip->lane_kind == IL_LANE_QUEUE     ? _ ("capacity %s")
                           : strip->lane_kind == IL_LANE_BARRIER ? _ ("parties %s")
                                                                 : _ ("units %s"),
                           count);
  paint_tag (canvas, words, right, y + 9, canvas->theme->text);
}

static void
paint_scale (const IlCanvas *canvas, const IlStrip *strip)
{
  double right = logical (canvas, strip->x1);
  gboolean is_bytes = strip->lane_kind == IL_LANE_CHANNEL || strip->lane_kind == IL_LANE_FILE;
  g_autofree char *scale = is_bytes ? g_format_size_full (strip->scale, G_FORMAT_SIZE_IEC_UNITS)
                                    : il_format_count (strip->scale);
  g_autofree char *limit = il_format_count (strip->limit);
  g_autofree char *words = NULL;

  if (logical (canvas, strip->y1 - strip->y0) < 20 || logical (canvas, strip->x1 - strip->x0) < 80)
    return;
  if (strip->limit == 0)
    /* Translators: the top of a scale from 0 */
    words = g_strdup_printf (_ ("scale 0 to %s"), scale);
  else
    words = g_strdup_printf (_ ("scale 0 to %s of %s"), scale, limit);
  paint_tag (canvas, words, right, logical (canvas, strip->y0) + 8, canvas->theme->dim_text);
}

static void
paint_row (const IlCanvas *canvas, const IlRow *row, guint *n_labels)
{
  if (row->kind == IL_BOX_GROUP)
    {
      paint_header (canvas, row);
      return;
    }
  if (row->kind == IL_BOX_SUBGROUP)
    {
      paint_subheader (canvas, row);
      return;
    }
  paint_label (canvas, row);
  paint_lane_fact (canvas, row);
  il_canvas_paint_row_ending (canvas, row);
  il_canvas_paint_row_recoveries (canvas, row);
  for (guint i = 0; i < row->n_strips; i++)
    {
      const IlStrip *strip = &g_array_index (canvas->layout->strips, IlStrip, row->first_strip + i);

      paint_span_labels (canvas, strip, n_labels);
      if (strip->kind == IL_STRIP_LEVEL && strip->limit > 0 && strip->limit <= strip->scale)
        paint_limit (canvas, strip);
      else if (strip->kind == IL_STRIP_LEVEL)
        paint_scale (canvas, strip);
    }
}

/**
 * il_canvas_paint_lanes:
 *
 * Paints what stands over the strips: headers, labels, limits.
 */
void
il_canvas_paint_lanes (const IlCanvas *canvas)
{
  const IlTimelineLayout *layout = canvas->layout;
  guint n_labels = MAX_SPAN_LABELS;

  for (guint i = 0; i < layout->rows->len; i++)
    paint_row (canvas, &g_array_index (layout->rows, IlRow, i), &n_labels);
}

/* ---- Ruler ---- */

static void
paint_small_ticks (const IlCanvas *canvas, double bottom)
{
  const IlTimelineLayout *layout = canvas->layout;
  const IlRuler *ruler = &layout->ruler;
  double left = logical (canvas, layout->plot_x);
  double right = logical (canvas, layout->plot_x + layout->n_columns);
  double part = (double)ruler->step_ns / ruler->n_parts;

  for (guint i = 0; i < (ruler->n_ticks + 1) * ruler->n_parts; i++)
    {
      gint64 time = ruler->first_ns - ruler->step_ns + (gint64)(part * i);
      double x = il_timeline_layout_time_to_x (layout, time);
      double px = logical (canvas, il_layout_px (layout, x));

      if (i % ruler->n_parts != 0 && time > 0 && px >= left && px < right)
        cairo_rectangle (canvas->cr, px, bottom - 4, logical (canvas, 1), 4);
    }
  il_canvas_set_colour (canvas, il_colour_mix (canvas->theme->grid, canvas->theme->dim_text, 70));
  cairo_fill (canvas->cr);
}

/**
 * il_canvas_paint_ruler:
 *
 * Paints the strip of ticks above the lanes, its background included.
 */
void
il_canvas_paint_ruler (const IlCanvas *canvas)
{
  const IlTimelineLayout *layout = canvas->layout;
  const IlRuler *ruler = &layout->ruler;
  double bottom = logical (canvas, layout->ruler_bottom);
  double right = logical (canvas, layout->plot_x + layout->n_columns);

  if (layout->n_columns == 0)
    return;
  paint_small_ticks (canvas, bottom);
  for (guint i = 0; i < ruler->n_ticks; i++)
    {
      gint64 time = ruler->first_ns + (gint64)i * ruler->step_ns;
      double x = il_timeline_layout_time_to_x (layout, time);
      g_autofree char *label = il_ruler_format (ruler, time);
      IlText text = { label, RULER_FONT, FALSE, 0 };

      if (x + 4 + il_text_cache_get_width (canvas->texts, &text) <= right + 12)
        show (canvas, &text, x + 4, bottom / 2, IL_ALIGN_LEFT, canvas->theme->dim_text);
    }
}

/* ---- Footer ---- */

typedef struct
{
  int x0, y0, x1, y1;
} IlSwatch;

/* An area with its line on top. */
static void
fill_swatch (IlRectSink *sink, IlSwatch swatch, guint fill, guint line)
{
  int thickness = MAX (1, (swatch.y1 - swatch.y0) / 12);

  sink->rect (sink, swatch.x0, swatch.y0 + thickness, swatch.x1, swatch.y1, fill);
  sink->rect (sink, swatch.x0, swatch.y0, swatch.x1, swatch.y0 + thickness, line);
}

static void
paint_swatch (const IlCanvas *canvas, const IlBox *box)
{
  double x = box->x;
  double y = (double)box->y + box->height / 2.0 - 6;
  g_autoptr (IlVectorRects) rects = il_vector_rects_new (canvas->palette, canvas->cr);
  IlRectSink *sink = il_vector_rects_get_sink (rects);
  int x0 = il_layout_px (canvas->layout, x);
  int x1 = il_layout_px (canvas->layout, x + 22);
  int y0 = il_layout_px (canvas->layout, y);
  int y1 = il_layout_px (canvas->layout, y + 12);

  if (box->code == IL_LEGEND_USAGE)
    fill_swatch (sink, (IlSwatch){ x0, y0, x1, y1 }, IL_LOOK_USAGE_FILL, IL_LOOK_USAGE_LINE);
  else if (box->code == IL_LEGEND_LEVEL)
    fill_swatch (sink, (IlSwatch){ x0, y0, x1, y1 }, IL_LOOK_LEVEL_FILL, IL_LOOK_LEVEL_LINE);
  else if (box->code == IL_LEGEND_WAITERS)
    fill_swatch (sink, (IlSwatch){ x0, y0, x1, y1 }, IL_LOOK_WAITERS_FILL, IL_LOOK_WAITERS_LINE);
  else if (box->code == IL_LEGEND_IDENTITY)
    for (int i = 0; i < 3; i++)
      sink->rect (sink, x0 + (x1 - x0) * i / 3, y0, x0 + (x1 - x0) * (i + 1) / 3, y1,
                  IL_LOOK_IDENTITY + 1 + (guint)i);
  else if (box->code == IL_LEGEND_LIMIT)
    paint_limit_line (canvas, x, x + 22, y + 6);
  else if (box->code == IL_LEGEND_COPYING)
    sink->rect (sink, x0, y0, x1, y1, IL_LOOK_COPYING_FILL);
  else if (box->code == IL_LEGEND_LOST_UPDATES || box->code == IL_LEGEND_WASTED)
    sink->rect (sink, x0, y0, x1, y1, IL_LOOK_LOSSES_FILL);
  else if (box->code >= IL_LEGEND_LEFT && box->code <= IL_LEGEND_WITH_PROCESS)
    il_canvas_paint_ending (canvas, (IlEnding)(IL_ENDING_LEFT + box->code - IL_LEGEND_LEFT), x + 11,
                            y + 6);
  else if (box->code == IL_LEGEND_ORPHANED)
    sink->rect (sink, x0, y0, x1, y1, IL_STATE_STOPPED);
  else if (box->code == IL_LEGEND_RECOVERED)
    il_canvas_paint_recovery (canvas, x + 11, y + 6);
  else if (box->code == IL_LEGEND_WARNING || box->code == IL_LEGEND_ERROR)
    il_canvas_paint_severity (canvas, (IlMarkSeverity)(box->code - IL_LEGEND_WARNING), x + 11,
                              y + 6);
  else if (box->code == IL_LEGEND_READERS)
    sink->rect (sink, x0, y0, x1, y1, IL_LOOK_IDENTITY);
  else
    sink->rect (sink, x0, y0, x1, y1, box->code);
  il_vector_rects_flush (rects);
}

/**
 * il_canvas_paint_footer:
 *
 * Paints legend and caption.
 */
void
il_canvas_paint_footer (const IlCanvas *canvas)
{
  const IlTimelineLayout *layout = canvas->layout;

  if (layout->lanes_bottom < layout->height)
    {
      cairo_rectangle (canvas->cr, 0, logical (canvas, layout->lanes_bottom), layout->view.width,
                       logical (canvas, 1));
      il_canvas_set_colour (canvas, canvas->theme->grid);
      cairo_fill (canvas->cr);
    }
  for (guint i = layout->boxes->len; i > 0; i--)
    {
      const IlBox *box = &g_array_index (layout->boxes, IlBox, i - 1);
      double middle = (double)box->y + box->height / 2.0;

      if (box->kind == IL_BOX_LEGEND)
        {
          IlText text = { il_legend_get_label (canvas->layout->timeline, box->code), 12, FALSE, 0 };

          paint_swatch (canvas, box);
          show (canvas, &text, (double)box->x + 30, middle, IL_ALIGN_LEFT, canvas->theme->text);
        }
      else if (box->kind == IL_BOX_CAPTION)
        {
          IlText text = { layout->caption, 13, TRUE, box->width };

          show (canvas, &text, box->x, middle, IL_ALIGN_LEFT, canvas->theme->text);
        }
      else
        break;
    }
}
