/* il-timeline-paint.c - paints a layout
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * On a surface that has pixels, background and strips are written into an image of the painter's
 * own at the device's resolution, text is put over it, and the image is painted at once: per
 * picture its cost depends on the number of pixels and hardly on the number of boxes.  On a surface
 * that has none (SVG, PDF) the same rectangles become paths, one for each look.
 */

#include "config.h"

#include "il-pixel-rows.h"
#include "il-strip-rects.h"
#include "il-timeline-chrome.h"
#include "il-timeline-paint-private.h"
#include "il-vector-rects.h"

#include <string.h>

#define CACHE_LINE 64

struct _IlTimelinePainter
{
  cairo_surface_t *image;
  IlTextCache *texts;
  IlColumnCache *columns;
  IlPlan *plan; /* of the last layout; NULL before the first */
  IlPalette *palette;
  IlTheme theme; /* that the palette was made of */
};

/**
 * il_timeline_painter_new:
 *
 * Returns: (transfer full): keeps what is costly to make between two pictures
 */
IlTimelinePainter *
il_timeline_painter_new (void)
{
  IlTimelinePainter *painter = g_new0 (IlTimelinePainter, 1);

  painter->texts = il_text_cache_new ();
  painter->columns = il_column_cache_new ();
  return painter;
}

/**
 * il_timeline_painter_free:
 * @painter: (nullable): or NULL
 */
void
il_timeline_painter_free (IlTimelinePainter *painter)
{
  if (painter == NULL)
    return;
  g_clear_pointer (&painter->image, cairo_surface_destroy);
  il_text_cache_free (painter->texts);
  il_column_cache_free (painter->columns);
  il_plan_unref (painter->plan);
  il_palette_free (painter->palette);
  g_free (painter);
}

/**
 * il_timeline_painter_layout:
 *
 * Does what il_timeline_layout_new() does, and looks only at what was not in the picture before:
 * for a view that follows a recording or is dragged.
 *
 * Returns: (transfer full):
 */
IlTimelineLayout *
il_timeline_painter_layout (IlTimelinePainter *painter, IlTimeline *timeline,
                            const IlTimelineView *view)
{
  g_return_val_if_fail (painter != NULL && timeline != NULL && view != NULL, NULL);

  if (!il_plan_fits (painter->plan, timeline, view))
    {
      il_plan_unref (painter->plan);
      painter->plan = il_plan_new (timeline, view);
    }
  return il_timeline_layout_new_cached (timeline, view, painter->columns, painter->plan);
}

static const IlPalette *
ensure_palette (IlTimelinePainter *painter, const IlTheme *theme, double scale)
{
  if (painter->palette == NULL || painter->palette->scale != scale
      || memcmp (&painter->theme, theme, sizeof *theme) != 0)
    {
      il_palette_free (painter->palette);
      painter->palette = il_palette_new (theme, scale);
      painter->theme = *theme;
    }
  return painter->palette;
}

/* ---- Pixels ---- */

typedef struct
{
  const IlTimelineLayout *layout;
  const IlTheme *theme;
  IlPixelRows *rows;
  guint32 *plain;  /* a row of background with the grid */
  guint32 *header; /* … of a group's header */
  guint32 *lane;   /* … behind a strip */
} Pixels;

static void
fill_row (guint32 *row, int x0, int x1, guint32 colour)
{
  for (int x = x0; x < x1; x++)
    row[x] = colour;
}

static void
fill_grid (const IlTimelineLayout *layout, guint32 *row, int x0, int x1, guint32 colour)
{
  for (guint i = 0; i < layout->ruler.n_ticks; i++)
    {
      gint64 time = layout->ruler.first_ns + (gint64)i * layout->ruler.step_ns;
      int x = il_layout_px (layout, il_timeline_layout_time_to_x (layout, time));

      if (x >= x0 && x < x1)
        row[x] = colour;
    }
}

static void
write_strip (const Pixels *pixels, const IlStrip *strip)
{
  const IlTimelineLayout *layout = pixels->layout;
  IlRectSink *sink;

  memcpy (pixels->lane, pixels->plain, (gsize)layout->width * sizeof *pixels->lane);
  fill_row (pixels->lane, strip->x0, MIN (strip->x1, layout->width),
            pixels->theme->lane_background);
  fill_grid (layout, pixels->lane, strip->x0, strip->x1, pixels->theme->grid);
  sink = il_pixel_rows_begin (pixels->rows, strip->y0, strip->y1, pixels->lane);
  il_strip_visit (layout, strip, sink);
  il_pixel_rows_end (pixels->rows);
}

/* Rows and strips from the top, each pixel once. */
static void
write_lanes (const Pixels *pixels)
{
  const IlTimelineLayout *layout = pixels->layout;
  int y = layout->lanes_top;

  for (guint i = 0; i < layout->rows->len; i++)
    {
      const IlRow *row = &g_array_index (layout->rows, IlRow, i);

      if (row->kind == IL_BOX_GROUP)
        {
          il_pixel_rows_fill (pixels->rows, y, row->y0, pixels->plain);
          il_pixel_rows_fill (pixels->rows, row->y0, row->y1, pixels->header);
          y = row->y1;
        }
      for (guint j = 0; j < row->n_strips; j++)
        {
          const IlStrip *strip = &g_array_index (layout->strips, IlStrip, row->first_strip + j);

          il_pixel_rows_fill (pixels->rows, y, strip->y0, pixels->plain);
          write_strip (pixels, strip);
          y = strip->y1;
        }
    }
  il_pixel_rows_fill (pixels->rows, y, layout->lanes_bottom, pixels->plain);
}

static void
write_image (const IlTimelineLayout *layout, const IlTheme *theme, const IlPalette *palette,
             cairo_surface_t *image)
{
  guint32 *data = (guint32 *)(gpointer)cairo_image_surface_get_data (image);
  int stride = cairo_image_surface_get_stride (image) / 4;
  g_autoptr (IlPixelRows) rows
      = il_pixel_rows_new (palette, data, stride, layout->width, layout->height);
  g_autofree guint32 *buffer = g_new (guint32, 3 * (gsize)layout->width);
  Pixels pixels
      = { layout, theme, rows, buffer, buffer + layout->width, buffer + 2 * layout->width };

  fill_row (pixels.plain, 0, layout->width, theme->background);
  il_pixel_rows_fill (rows, layout->lanes_bottom, layout->height, pixels.plain);
  fill_grid (layout, pixels.plain, layout->plot_x, layout->plot_x + layout->n_columns, theme->grid);
  fill_row (pixels.header, 0, layout->width, theme->group_background);
  il_pixel_rows_fill (rows, 0, layout->lanes_top, pixels.plain);
  il_pixel_rows_set_clip (rows, layout->lanes_top, layout->lanes_bottom);
  write_lanes (&pixels);
}

/* ---- Vectors ---- */

static void
draw_backgrounds (const IlCanvas *canvas)
{
  const IlTimelineLayout *layout = canvas->layout;
  cairo_t *cr = canvas->cr;

  for (guint i = 0; i < layout->rows->len; i++)
    {
      const IlRow *row = &g_array_index (layout->rows, IlRow, i);

      if (row->kind == IL_BOX_GROUP)
        cairo_rectangle (cr, 0, il_layout_logical (layout, row->y0), layout->view.width,
                         il_layout_logical (layout, row->y1 - row->y0));
    }
  il_canvas_set_colour (canvas, canvas->theme->group_background);
  cairo_fill (cr);
  for (guint i = 0; i < layout->strips->len; i++)
    {
      const IlStrip *strip = &g_array_index (layout->strips, IlStrip, i);

      cairo_rectangle (cr, il_layout_logical (layout, strip->x0),
                       il_layout_logical (layout, strip->y0),
                       il_layout_logical (layout, MAX (strip->x1 - strip->x0, 0)),
                       il_layout_logical (layout, strip->y1 - strip->y0));
    }
  il_canvas_set_colour (canvas, canvas->theme->lane_background);
  cairo_fill (cr);
}

static void
draw_grid (const IlCanvas *canvas, int top, int bottom)
{
  const IlTimelineLayout *layout = canvas->layout;

  for (guint i = 0; i < layout->ruler.n_ticks; i++)
    {
      gint64 time = layout->ruler.first_ns + (gint64)i * layout->ruler.step_ns;
      int x = il_layout_px (layout, il_timeline_layout_time_to_x (layout, time));

      if (x < layout->plot_x || x >= layout->plot_x + layout->n_columns)
        continue;
      cairo_rectangle (canvas->cr, il_layout_logical (layout, x), il_layout_logical (layout, top),
                       il_layout_logical (layout, 1), il_layout_logical (layout, bottom - top));
    }
  il_canvas_set_colour (canvas, canvas->theme->grid);
  cairo_fill (canvas->cr);
}

static void
clip_to_lanes (const IlCanvas *canvas)
{
  const IlTimelineLayout *layout = canvas->layout;

  cairo_rectangle (canvas->cr, 0, il_layout_logical (layout, layout->lanes_top), layout->view.width,
                   il_layout_logical (layout, layout->lanes_bottom - layout->lanes_top));
  cairo_clip (canvas->cr);
}

static void
draw_vectors (const IlCanvas *canvas)
{
  const IlTimelineLayout *layout = canvas->layout;
  g_autoptr (IlVectorRects) rects = il_vector_rects_new (canvas->palette, canvas->cr);

  cairo_rectangle (canvas->cr, 0, 0, layout->view.width, layout->view.height);
  il_canvas_set_colour (canvas, canvas->theme->background);
  cairo_fill (canvas->cr);
  draw_grid (canvas, 0, layout->lanes_bottom);

  cairo_save (canvas->cr);
  clip_to_lanes (canvas);
  draw_backgrounds (canvas);
  for (guint i = 0; i < layout->strips->len; i++)
    {
      const IlStrip *strip = &g_array_index (layout->strips, IlStrip, i);

      draw_grid (canvas, strip->y0, strip->y1);
      il_strip_visit (layout, strip, il_vector_rects_get_sink (rects));
    }
  il_vector_rects_flush (rects);
  cairo_restore (canvas->cr);
}

/* ---- Both ---- */

static void
draw_chrome (const IlCanvas *canvas)
{
  cairo_save (canvas->cr);
  clip_to_lanes (canvas);
  il_canvas_frame_evidence (canvas);
  il_canvas_paint_lanes (canvas);
  cairo_restore (canvas->cr);
  il_canvas_paint_ruler (canvas);
  il_canvas_paint_marks (canvas);
  il_canvas_paint_footer (canvas);
}

/* Rows lie an odd number of cache lines apart: columns are written from top to bottom, and with an
 * even number their lines would push each other out of the cache. */
static int
choose_stride (int width)
{
  int n_lines = (width * 4 + CACHE_LINE - 1) / CACHE_LINE;

  return (n_lines | 1) * CACHE_LINE;
}

static cairo_surface_t *
create_image (int width, int height)
{
  static const cairo_user_data_key_t key;
  int stride = choose_stride (width);
  guchar *data = g_try_malloc ((gsize)stride * (gsize)height);
  cairo_surface_t *image;

  if (data == NULL)
    return NULL;
  image = cairo_image_surface_create_for_data (data, CAIRO_FORMAT_RGB24, width, height, stride);
  if (cairo_surface_set_user_data (image, &key, data, g_free) == CAIRO_STATUS_SUCCESS)
    return image;
  cairo_surface_destroy (image);
  g_free (data);
  return NULL;
}

static gboolean
ensure_image (IlTimelinePainter *painter, const IlTimelineLayout *layout)
{
  double scale = layout->view.scale;

  if (painter->image == NULL || cairo_image_surface_get_width (painter->image) != layout->width
      || cairo_image_surface_get_height (painter->image) != layout->height)
    {
      g_clear_pointer (&painter->image, cairo_surface_destroy);
      painter->image = create_image (layout->width, layout->height);
    }
  if (painter->image == NULL || cairo_surface_status (painter->image) != CAIRO_STATUS_SUCCESS)
    return FALSE;
  cairo_surface_set_device_scale (painter->image, scale, scale);
  return TRUE;
}

/**
 * il_timeline_painter_render_strips:
 *
 * Writes backgrounds and strips into the painter's own image, without any text or line over them.
 *
 * Returns: (transfer none) (nullable): the image, until the next picture; NULL where the view is
 *   empty or memory is short
 */
cairo_surface_t *
il_timeline_painter_render_strips (IlTimelinePainter *painter, const IlTimelineLayout *layout,
                                   const IlTheme *theme)
{
  if (layout->width <= 0 || layout->height <= 0 || !ensure_image (painter, layout))
    return NULL;
  cairo_surface_flush (painter->image);
  write_image (layout, theme, ensure_palette (painter, theme, layout->view.scale), painter->image);
  cairo_surface_mark_dirty (painter->image);
  return painter->image;
}

/**
 * il_timeline_painter_render:
 *
 * Paints into the painter's own image, at the view's scale.
 *
 * Returns: (transfer none) (nullable): the image, until the next picture; NULL where the view is
 *   empty or memory is short
 */
cairo_surface_t *
il_timeline_painter_render (IlTimelinePainter *painter, const IlTimelineLayout *layout,
                            const IlTheme *theme)
{
  IlCanvas canvas = { .layout = layout, .theme = theme, .texts = painter->texts };

  if (il_timeline_painter_render_strips (painter, layout, theme) == NULL)
    return NULL;
  canvas.palette = painter->palette;
  canvas.cr = cairo_create (painter->image);
  il_text_cache_prepare (painter->texts, canvas.cr, layout->font_family, layout->view.scale);
  draw_chrome (&canvas);
  cairo_destroy (canvas.cr);
  return painter->image;
}

static gboolean
has_pixels (cairo_t *cr)
{
  switch (cairo_surface_get_type (cairo_get_target (cr)))
    {
    case CAIRO_SURFACE_TYPE_PDF:
    case CAIRO_SURFACE_TYPE_PS:
    case CAIRO_SURFACE_TYPE_SVG:
    case CAIRO_SURFACE_TYPE_SCRIPT:
      return FALSE;
    default:
      return TRUE;
    }
}

/**
 * il_timeline_painter_paint_vectors:
 *
 * Paints as on a surface without pixels, onto whichever.
 */
void
il_timeline_painter_paint_vectors (IlTimelinePainter *painter, cairo_t *cr,
                                   const IlTimelineLayout *layout, const IlTheme *theme)
{
  IlCanvas canvas = { .cr = cr, .layout = layout, .theme = theme, .texts = painter->texts };

  canvas.palette = ensure_palette (painter, theme, layout->view.scale);
  /* No scale of a device has this value: texts of a vector surface are never mixed with others. */
  il_text_cache_prepare (painter->texts, cr, layout->font_family, 0);
  draw_vectors (&canvas);
  draw_chrome (&canvas);
}

/**
 * il_timeline_painter_paint:
 * @cr: in logical pixels, the picture's corner at its origin; left as it was
 * @theme: any; need not be one of il_theme_get()
 *
 * Paints @layout; into a surface without pixels as vectors.
 */
void
il_timeline_painter_paint (IlTimelinePainter *painter, cairo_t *cr, const IlTimelineLayout *layout,
                           const IlTheme *theme)
{
  cairo_surface_t *image;

  g_return_if_fail (painter != NULL && cr != NULL && layout != NULL && theme != NULL);

  cairo_save (cr);
  cairo_new_path (cr);
  if (!has_pixels (cr))
    il_timeline_painter_paint_vectors (painter, cr, layout, theme);
  else if ((image = il_timeline_painter_render (painter, layout, theme)) != NULL)
    {
      cairo_set_source_surface (cr, image, 0, 0);
      cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
      cairo_rectangle (cr, 0, 0, layout->view.width, layout->view.height);
      cairo_fill (cr);
    }
  cairo_restore (cr);
}

/**
 * il_timeline_paint:
 * @cr: in logical pixels, the picture's corner at its origin; left as it was, but for its path
 *
 * Paints @layout once.  Who paints again and again keeps an IlTimelinePainter.
 */
void
il_timeline_paint (cairo_t *cr, const IlTimelineLayout *layout, const IlTheme *theme)
{
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();

  il_timeline_painter_paint (painter, cr, layout, theme);
}
