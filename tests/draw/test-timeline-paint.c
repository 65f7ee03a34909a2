/* test-timeline-paint.c - what is painted is what is picked, as pixels and as vectors
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-palette.h"
#include "il-timeline-layout-private.h"
#include "il-timeline-paint-private.h"
#include "picture.h"
#include "scene.h"
#include "simulation.h"

#include <cairo-svg.h>
#include <string.h>

/* Without patterns, and with a colour of its own for everything. */
static IlTheme
plain_theme (void)
{
  IlTheme theme = *il_theme_get (FALSE);

  theme.background = 0x010101;
  theme.grid = 0x020202;
  theme.group_background = 0x030303;
  theme.lane_background = 0x040404;
  theme.level_fill = 0x100000;
  theme.level_line = 0x200000;
  theme.usage_fill = 0x001000;
  theme.usage_line = 0x002000;
  theme.waiters_fill = 0x000010;
  theme.waiters_line = 0x000020;
  for (guint s = 0; s < IL_N_STATES; s++)
    theme.states[s] = (IlStateLook){ 0x800000 + s * 16, 0x800000 + s * 16, IL_PATTERN_SOLID };
  for (guint i = 0; i <= IL_N_IDENTITIES; i++)
    theme.identities[i] = 0x00c000 + i * 16;
  return theme;
}

static gboolean
is_look (const IlPalette *palette, guint32 pixel, guint look)
{
  return pixel == palette->looks[look].colour;
}

static gboolean
is_level (const IlPalette *palette, guint32 pixel, guint first)
{
  return is_look (palette, pixel, first) || is_look (palette, pixel, first + 1)
         || is_look (palette, pixel, first + 2);
}

static guint
expected_look (const IlTimelineLayout *layout, const IlStrip *strip, const IlBox *box)
{
  if (strip->kind == IL_STRIP_STATES)
    return IL_CODE_STATE (box->code);
  return IL_LOOK_IDENTITY
         + il_theme_identity_slot (il_layout_lane_number (layout, IL_CODE_SUBJECT (box->code) - 1));
}

static void
check_pixel (const IlTimelineLayout *layout, const IlTheme *theme, const IlPalette *palette,
             guint32 pixel, int x, int y)
{
  const IlBox *box
      = il_timeline_pick (layout, (x + 0.5) / layout->view.scale, (y + 0.5) / layout->view.scale);
  gboolean is_lane = pixel == theme->lane_background || pixel == theme->grid;
  const IlRow *row;
  const IlStrip *strip = il_layout_find_strip (layout, x, y, &row);
  guint look;

  switch (box != NULL ? box->kind : IL_BOX_RULER)
    {
    case IL_BOX_SPAN:
      look = expected_look (layout, strip, box);
      g_assert_true (is_look (palette, pixel, look)
                     || is_look (palette, pixel, look + IL_LOOK_EDGES));
      break;
    case IL_BOX_MIXED:
      g_assert_true ((pixel >= 0x800000 && pixel < 0x800000 + IL_N_STATES * 16) || is_lane);
      break;
    case IL_BOX_LEVEL:
      g_assert_true (is_lane
                     || is_level (palette, pixel,
                                  strip->kind == IL_STRIP_USAGE     ? IL_LOOK_USAGE_FILL
                                  : strip->kind == IL_STRIP_WAITERS ? IL_LOOK_WAITERS_FILL
                                                                    : IL_LOOK_LEVEL_FILL));
      break;
    case IL_BOX_GROUP:
      g_assert_cmphex (pixel, ==, theme->group_background);
      break;
    case IL_BOX_LANE:
      g_assert_true (is_lane || pixel == theme->background);
      break;
    case IL_BOX_RULER:
    case IL_BOX_LEGEND:
    case IL_BOX_CAPTION:
    default:
      g_assert_true (pixel == theme->background || pixel == theme->grid);
    }
}

static void
check_picture (IlTimeline *timeline, const IlTimelineView *view)
{
  IlTheme theme = plain_theme ();
  g_autoptr (IlPalette) palette = il_palette_new (&theme, view->scale);
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, view);
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  cairo_surface_t *image = il_timeline_painter_render_strips (painter, layout, &theme);

  if (image == NULL)
    return;
  for (int y = 0; y < layout->height; y++)
    for (int x = 0; x < layout->width; x++)
      check_pixel (layout, &theme, palette, picture_get_pixel (image, x, y), x, y);
}

static void
test_paint_matches_pick (void)
{
  static const double scales[] = { 1, 1.5, 2 };
  Simulation plan = simulation_default;
  g_autoptr (IlTimeline) timeline = NULL;

  plan.duration_ns = 300 * MS;
  timeline = simulate (&plan);
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    for (gint64 length_ns = 900 * MS; length_ns > 1000; length_ns /= 6)
      {
        IlTimelineView view = { .begin_ns = 150 * MS - length_ns / 2,
                                .end_ns = 150 * MS + length_ns / 2,
                                .width = 371,
                                .height = 333,
                                .scroll_y = (double)(length_ns % 317),
                                .scale = scales[i],
                                .show_legend = i == 1 };

        check_picture (timeline, &view);
      }
}

static void
test_paint_matches_pick_small (void)
{
  static const double sizes[][2]
      = { { 0, 0 }, { 1, 1 }, { 10, 10 }, { 10, 400 }, { 400, 30 }, { 61.5, 99.5 } };
  g_autoptr (IlTimeline) timeline = scene_new ();

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (double scale = 1; scale < 2.1; scale += 0.25)
      {
        IlTimelineView view = { .begin_ns = -MS,
                                .end_ns = 11 * MS,
                                .width = sizes[i][0],
                                .height = sizes[i][1],
                                .scale = scale };

        check_picture (timeline, &view);
      }
}

static void
check_stack (cairo_surface_t *image, const IlBox *box, int column, const IlShares *shares)
{
  guint n_pixels[IL_N_STATES] = { 0 };
  guint lowest = 0;

  for (int y = 0; y < (int)box->height; y++)
    {
      guint32 pixel = picture_get_pixel (image, (int)box->x + column, (int)box->y + y);

      if (pixel >= 0x800000)
        lowest = (pixel - 0x800000) / 16;
      if (pixel >= 0x800000)
        n_pixels[lowest]++;
    }
  for (guint s = 1; s < IL_N_STATES; s++)
    g_assert_cmpfloat_with_epsilon (n_pixels[s], shares->share[s] / 65535.0 * 22, 1.01);
  if (shares->share[IL_STATE_RUNNING] > 65535 / 22)
    g_assert_cmpuint (lowest, ==, IL_STATE_RUNNING);
}

/* Heights of a mixed column are the shares, running lowest. */
static void
test_mixed_shares (void)
{
  Simulation plan = simulation_default;
  g_autoptr (IlTimeline) timeline = simulate (&plan);
  IlTheme theme = plain_theme ();
  IlTimelineView view = { .end_ns = plan.duration_ns, .width = 300, .height = 700, .scale = 1 };
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &view);
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  cairo_surface_t *image = il_timeline_painter_render_strips (painter, layout, &theme);
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
  guint n_checked = 0;

  for (gsize i = 0; i < n_boxes; i++)
    {
      if (boxes[i].kind != IL_BOX_MIXED)
        continue;
      for (guint column = 0; column < boxes[i].n_bins; column++)
        {
          check_stack (image, &boxes[i], (int)column,
                       &g_array_index (layout->shares, IlShares, boxes[i].value + column));
          n_checked++;
        }
    }
  g_assert_cmpuint (n_checked, >, 100);
}

/* A lane's pixels add up to the time that the lane spent in each state. */
static void
test_picture_tells_the_truth (void)
{
  Simulation plan = simulation_default;
  g_autoptr (IlTimeline) timeline = simulate (&plan);
  IlTheme theme = plain_theme ();
  IlTimelineView view = { .end_ns = plan.duration_ns, .width = 1132, .height = 700, .scale = 1 };
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &view);
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  cairo_surface_t *image = il_timeline_painter_render_strips (painter, layout, &theme);

  for (guint i = 0; i < layout->strips->len; i++)
    {
      const IlStrip *strip = &g_array_index (layout->strips, IlStrip, i);
      const IlSeries *series = il_lane_get_states (il_timeline_get_lane (timeline, strip->lane));
      gint64 states_ns[IL_N_STATES] = { 0 };
      double n_pixels[IL_N_STATES] = { 0 };
      double area = (double)layout->n_columns * (strip->y1 - strip->y0);

      if (strip->kind != IL_STRIP_STATES)
        continue;
      for (int y = strip->y0; y < strip->y1; y++)
        for (int x = layout->plot_x; x < layout->plot_x + layout->n_columns; x++)
          {
            const IlBox *box = il_timeline_pick (layout, x + 0.5, y + 0.5);
            guint32 pixel = picture_get_pixel (image, x, y);

            if (box->kind == IL_BOX_SPAN)
              n_pixels[IL_CODE_STATE (box->code)]++;
            else if (pixel >= 0x800000)
              n_pixels[(pixel - 0x800000) / 16]++;
          }
      il_series_sum_states (series, 0, plan.duration_ns, states_ns);
      for (guint s = 1; s < IL_N_STATES; s++)
        g_assert_cmpfloat_with_epsilon (n_pixels[s] / area,
                                        (double)states_ns[s] / (double)plan.duration_ns, 0.02);
    }
}

/* Every look of a theme, patterns included, at any scale, stays within its own two colours. */
static void
test_patterns (void)
{
  for (double scale = 1; scale <= 3; scale += 0.5)
    {
      const IlTheme *theme = il_theme_get (TRUE);
      g_autoptr (IlPalette) palette = il_palette_new (theme, scale);

      for (guint s = 0; s < IL_N_STATES; s++)
        {
          const IlStateLook *look = &theme->states[s];
          gboolean has_first = FALSE;
          gboolean has_second = FALSE;

          g_assert_true ((palette->rows[s] == NULL) == (look->pattern == IL_PATTERN_SOLID));
          for (int i = 0; palette->rows[s] != NULL && i < palette->period * palette->period; i++)
            {
              int length = palette->period + IL_PALETTE_CHUNK;
              guint32 pixel = palette->rows[s][i / palette->period * length + i % palette->period];

              has_first |= il_colour_contrast (pixel, look->colour) < 1.3;
              has_second |= il_colour_contrast (pixel, look->second) < 1.3;
            }
          g_assert_true (palette->rows[s] == NULL || (has_first && has_second));
        }
    }
}

static cairo_surface_t *
paint_on (cairo_surface_t *surface, IlTimelinePainter *painter, const IlTimelineLayout *layout)
{
  cairo_t *cr = cairo_create (surface);
  cairo_matrix_t before, after;
  double x, y;

  cairo_translate (cr, 3, 4);
  cairo_move_to (cr, 7, 8);
  cairo_set_source_rgb (cr, 1, 0, 0);
  cairo_get_matrix (cr, &before);
  il_timeline_painter_paint (painter, cr, layout, il_theme_get (FALSE));
  cairo_get_matrix (cr, &after);
  g_assert_cmpmem (&before, sizeof before, &after, sizeof after);
  g_assert_true (cairo_pattern_get_rgba (cairo_get_source (cr), &x, &y, &x, &y)
                 == CAIRO_STATUS_SUCCESS);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  return surface;
}

/* The same painter for one picture after the other: pixels, vectors, other sizes and scales. */
static void
test_painter_is_used_again (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  g_autofree guint32 *first = NULL;

  for (int i = 0; i < 5; i++)
    {
      IlTimelineView view = { .end_ns = 10 * MS,
                              .width = i == 2 ? 300 : 500,
                              .height = 400,
                              .scale = i == 3 ? 2 : 1,
                              .caption = "x" };
      g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &view);
      cairo_surface_t *surface = i == 1 ? cairo_svg_surface_create (NULL, 500, 400)
                                        : cairo_image_surface_create (CAIRO_FORMAT_RGB24, 500, 400);

      paint_on (surface, painter, layout);
      if (i == 0)
        first = g_memdup2 (cairo_image_surface_get_data (surface), 500 * 400 * 4);
      if (i == 4)
        g_assert_cmpint (memcmp (first, cairo_image_surface_get_data (surface), 500 * 400 * 4), ==,
                         0);
      cairo_surface_destroy (surface);
    }
}

static cairo_status_t
append_cb (void *closure, const unsigned char *data, unsigned int length)
{
  g_string_append_len (closure, (const char *)data, length);
  return CAIRO_STATUS_SUCCESS;
}

/* A vector surface gets paths: no image in it, and not one fill for each box. */
static void
test_vectors (void)
{
  Simulation plan = simulation_default;
  g_autoptr (IlTimeline) timeline = simulate (&plan);
  IlTimelineView view
      = { .end_ns = plan.duration_ns, .width = 800, .height = 600, .scale = 1, .caption = "x" };
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &view);
  g_autoptr (GString) svg = g_string_new (NULL);
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream (append_cb, svg, 800, 600);
  cairo_t *cr = cairo_create (surface);
  guint n_paths = 0;

  il_timeline_paint (cr, layout, il_theme_get (FALSE));
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);

  g_assert_null (strstr (svg->str, "<image"));
  for (const char *p = svg->str; (p = strstr (p, "<path")) != NULL; p++)
    n_paths++;
  g_assert_cmpuint (n_paths, >, 20);
  g_assert_cmpuint (n_paths, <, 2000);
}

/* Vectors put onto pixels are the pixels, but for patterns and what lies between two pixels. */
static void
test_vectors_match_pixels (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlTheme theme = plain_theme ();
  IlTimelineView view = { .end_ns = 10 * MS, .width = 600, .height = 450, .scale = 1 };
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &view);
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  cairo_surface_t *copy = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 600, 450);
  cairo_surface_t *image;
  guint n_differ = 0;
  cairo_t *cr = cairo_create (copy);

  il_timeline_painter_paint_vectors (painter, cr, layout, &theme);
  cairo_destroy (cr);
  cairo_surface_flush (copy);
  image = il_timeline_painter_render (painter, layout, &theme);
  cairo_surface_flush (image);
  for (int y = 0; y < 450; y++)
    for (int x = 0; x < 600; x++)
      n_differ += picture_get_pixel (copy, x, y) != picture_get_pixel (image, x, y);
  g_assert_cmpuint (n_differ, <, 600 * 450 / 500);
  cairo_surface_destroy (copy);
}

/* Odd texts: other scripts, no text, wrong bytes never come so far. */
static void
test_texts (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  static const char *const names[]
      = { "",           "工作线程",
          "عامل",       "a very long name that does not fit into the column of labels at all",
          "two\nlines", "<b>not bold</b>" };
  IlTimelineView view = { .end_ns = MS, .width = 600, .height = 400, .scale = 1.5 };
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      IlLaneInfo info = { .role = IL_LANE_ROLE_WORKER, .number = i, .name = names[i] };

      il_timeline_builder_add_lane (builder, &info);
    }
  view.caption = "测试 — <i>caption</i>";
  layout = il_timeline_layout_new (timeline, &view);
  g_assert_nonnull (il_timeline_painter_render (painter, layout, il_theme_get (TRUE)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/paint/matches-pick", test_paint_matches_pick);
  g_test_add_func ("/paint/matches-pick-small", test_paint_matches_pick_small);
  g_test_add_func ("/paint/mixed-shares", test_mixed_shares);
  g_test_add_func ("/paint/tells-the-truth", test_picture_tells_the_truth);
  g_test_add_func ("/paint/patterns", test_patterns);
  g_test_add_func ("/paint/painter-is-used-again", test_painter_is_used_again);
  g_test_add_func ("/paint/vectors", test_vectors);
  g_test_add_func ("/paint/vectors-match-pixels", test_vectors_match_pixels);
  g_test_add_func ("/paint/texts", test_texts);
  return g_test_run ();
}
