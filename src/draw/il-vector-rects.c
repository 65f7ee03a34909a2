/* il-vector-rects.c - fills rectangles with cairo, for surfaces that have no pixels
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rectangles of one look become one path and one fill; strokes of patterns are clipped to it.
 */

#include "config.h"

#include "il-vector-rects.h"

#include <math.h>

struct _IlVectorRects
{
  IlRectSink sink;
  const IlPalette *palette;
  cairo_t *cr;
  GArray *rects[IL_N_LOOKS]; /* of cairo_rectangle_t in logical pixels; NULL: none */
};

static void
add_rect (IlRectSink *sink, int x0, int y0, int x1, int y1, guint look)
{
  IlVectorRects *rects = (IlVectorRects *)(gpointer)sink;
  double scale = rects->palette->scale;
  cairo_rectangle_t rect = { x0 / scale, y0 / scale, (x1 - x0) / scale, (y1 - y0) / scale };

  if (x0 >= x1 || y0 >= y1)
    return;
  if (rects->rects[look] == NULL)
    rects->rects[look] = g_array_new (FALSE, FALSE, sizeof (cairo_rectangle_t));
  g_array_append_val (rects->rects[look], rect);
}

static void
add_stacks (IlRectSink *sink, const IlStacks *stacks)
{
  il_stacks_to_rects (stacks, sink);
}

/**
 * il_vector_rects_new:
 * @palette: borrowed
 * @cr: referenced
 *
 * Returns: (transfer full):
 */
IlVectorRects *
il_vector_rects_new (const IlPalette *palette, cairo_t *cr)
{
  IlVectorRects *rects = g_new0 (IlVectorRects, 1);

  rects->sink.rect = add_rect;
  rects->sink.stacks = add_stacks;
  rects->palette = palette;
  rects->cr = cairo_reference (cr);
  return rects;
}

/**
 * il_vector_rects_free:
 *
 * Takes NULL; what was not flushed is lost.
 */
void
il_vector_rects_free (IlVectorRects *rects)
{
  if (rects == NULL)
    return;
  for (guint i = 0; i < IL_N_LOOKS; i++)
    g_clear_pointer (&rects->rects[i], g_array_unref);
  cairo_destroy (rects->cr);
  g_free (rects);
}

/**
 * il_vector_rects_get_sink:
 *
 * Returns: (transfer none): collects rectangles until il_vector_rects_flush()
 */
IlRectSink *
il_vector_rects_get_sink (IlVectorRects *rects)
{
  return &rects->sink;
}

static void
set_colour (cairo_t *cr, guint32 colour)
{
  cairo_set_source_rgb (cr, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
                        (colour & 0xff) / 255.0);
}

/* Dots of a pattern's period over the clip. */
static void
add_dots (cairo_t *cr, double period, const double clip[4])
{
  for (double y = floor (clip[1] / period) * period; y < clip[3]; y += period)
    for (double x = floor (clip[0] / period) * period; x < clip[2]; x += period)
      {
        cairo_new_sub_path (cr);
        cairo_arc (cr, x + period / 2, y + period / 2, 0.29 * period, 0, 2 * G_PI);
      }
}

static void
add_diagonals (cairo_t *cr, double period, gboolean rising, const double clip[4])
{
  double height = clip[3] - clip[1];
  double phase = rising ? clip[0] + clip[1] : clip[0] - clip[3];
  double x = clip[0] - height - fmod (fmod (phase - height, period) + period, period);

  for (; x < clip[2] + height; x += period)
    {
      cairo_move_to (cr, x, rising ? clip[3] : clip[1]);
      cairo_line_to (cr, x + height, rising ? clip[1] : clip[3]);
    }
}

/* Strokes over the current path, which becomes the clip. */
static void
stroke_pattern (IlVectorRects *rects, const IlStateLook *look)
{
  cairo_t *cr = rects->cr;
  double period = rects->palette->period / rects->palette->scale;
  double clip[4];

  cairo_save (cr);
  cairo_clip (cr);
  cairo_clip_extents (cr, &clip[0], &clip[1], &clip[2], &clip[3]);
  set_colour (cr, look->second);
  if (look->pattern == IL_PATTERN_DOTS)
    {
      add_dots (cr, period, clip);
      cairo_fill (cr);
    }
  else
    {
      if (look->pattern != IL_PATTERN_HATCH_BACK)
        add_diagonals (cr, period, TRUE, clip);
      if (look->pattern != IL_PATTERN_HATCH)
        add_diagonals (cr, period, FALSE, clip);
      cairo_set_line_width (cr, period * 0.25);
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}

/**
 * il_vector_rects_flush:
 *
 * Fills what was collected, look by look, and forgets it.
 */
void
il_vector_rects_flush (IlVectorRects *rects)
{
  cairo_t *cr = rects->cr;

  for (guint look = 0; look < IL_N_LOOKS; look++)
    {
      const IlStateLook *style = &rects->palette->looks[look];

      if (rects->rects[look] == NULL || rects->rects[look]->len == 0)
        continue;
      cairo_new_path (cr);
      for (guint i = 0; i < rects->rects[look]->len; i++)
        {
          const cairo_rectangle_t *rect = &g_array_index (rects->rects[look], cairo_rectangle_t, i);

          cairo_rectangle (cr, rect->x, rect->y, rect->width, rect->height);
        }
      set_colour (cr, style->colour);
      cairo_fill_preserve (cr);
      if (style->pattern != IL_PATTERN_SOLID)
        stroke_pattern (rects, style);
      cairo_new_path (cr);
      g_array_set_size (rects->rects[look], 0);
    }
}
