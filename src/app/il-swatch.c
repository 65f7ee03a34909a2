/* il-swatch.c - a small field with a state's colour and pattern, as legend and figures show it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-swatch.h"

#include <adwaita.h>

#define WIDTH 22
#define HEIGHT 12
#define PERIOD 6.0 /* of strokes, in logical pixels */
#define STROKE 2.0

struct _IlSwatch
{
  GtkWidget parent_instance;
  IlState state; /* NONE: it shows the strip */
  IlSwatchStrip strip;
};

G_DEFINE_FINAL_TYPE (IlSwatch, il_swatch, GTK_TYPE_WIDGET)

static void
set_colour (cairo_t *cr, guint32 colour)
{
  cairo_set_source_rgb (cr, (double)(colour >> 16 & 0xff) / 255, (double)(colour >> 8 & 0xff) / 255,
                        (double)(colour & 0xff) / 255);
}

/* direction: 1 rises, -1 falls */
static void
stroke_diagonals (cairo_t *cr, const graphene_rect_t *rect, int direction)
{
  double height = (double)rect->size.height;
  double end = (double)rect->size.width + height;

  cairo_set_line_width (cr, STROKE);
  for (double x = -height; x < end; x += PERIOD)
    {
      cairo_move_to (cr, x, direction > 0 ? height : 0);
      cairo_line_to (cr, x + height, direction > 0 ? 0 : height);
    }
  cairo_stroke (cr);
}

static void
fill_dots (cairo_t *cr, const graphene_rect_t *rect)
{
  const double step = PERIOD / 2;
  guint row = 0;

  for (double y = step / 2; y < (double)rect->size.height; y += step, row++)
    for (double x = row % 2 ? step * 1.5 : step / 2; x < (double)rect->size.width; x += 2 * step)
      cairo_rectangle (cr, x - 0.75, y - 0.75, 1.5, 1.5);
  cairo_fill (cr);
}

/**
 * il_snapshot_state:
 * @state: whose look
 * @rect: the field, in whole pixels
 *
 * Fills a field as the timelines draw the state.
 */
void
il_snapshot_state (GtkSnapshot *snapshot, IlState state, const graphene_rect_t *rect)
{
  const IlTheme *theme
      = il_theme_get (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const IlStateLook *look = &theme->states[state];
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, rect);

  cairo_rectangle (cr, (double)rect->origin.x, (double)rect->origin.y, (double)rect->size.width,
                   (double)rect->size.height);
  cairo_clip (cr);
  cairo_translate (cr, (double)rect->origin.x, (double)rect->origin.y);
  set_colour (cr, look->colour);
  cairo_paint (cr);
  set_colour (cr, look->second);

  switch (look->pattern)
    {
    case IL_PATTERN_HATCH:
      stroke_diagonals (cr, rect, 1);
      break;
    case IL_PATTERN_HATCH_BACK:
      stroke_diagonals (cr, rect, -1);
      break;
    case IL_PATTERN_CROSS:
      stroke_diagonals (cr, rect, 1);
      stroke_diagonals (cr, rect, -1);
      break;
    case IL_PATTERN_DOTS:
      fill_dots (cr, rect);
      break;
    case IL_PATTERN_SOLID:
    default:
      break;
    }
  cairo_destroy (cr);
}

/* The colours of three threads. */
static void
fill_holders (cairo_t *cr, const IlTheme *theme, const graphene_rect_t *rect)
{
  double width = (double)rect->size.width / 3;

  for (int i = 0; i < 3; i++)
    {
      set_colour (cr, theme->identities[i + 1]);
      cairo_rectangle (cr, i * width, 0, width, (double)rect->size.height);
      cairo_fill (cr);
    }
}

/* An amount, with the line above it. */
static void
fill_amount (cairo_t *cr, guint32 fill, guint32 line, const graphene_rect_t *rect)
{
  set_colour (cr, fill);
  cairo_paint (cr);
  set_colour (cr, line);
  cairo_rectangle (cr, 0, 0, (double)rect->size.width, 1);
  cairo_fill (cr);
}

static void
snapshot_strip (GtkSnapshot *snapshot, IlSwatchStrip strip, const graphene_rect_t *rect)
{
  const IlTheme *theme
      = il_theme_get (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, rect);

  switch (strip)
    {
    case IL_SWATCH_HOLDERS:
      fill_holders (cr, theme, rect);
      break;
    case IL_SWATCH_READERS:
      set_colour (cr, theme->identities[0]);
      cairo_paint (cr);
      break;
    case IL_SWATCH_LEVEL:
      fill_amount (cr, theme->level_fill, theme->level_line, rect);
      break;
    case IL_SWATCH_WAITERS:
      fill_amount (cr, theme->waiters_fill, theme->waiters_line, rect);
      break;
    case IL_SWATCH_USAGE:
    case IL_N_SWATCH_STRIPS:
    default:
      fill_amount (cr, theme->usage_fill, theme->usage_line, rect);
      break;
    }
  cairo_destroy (cr);
}

static void
il_swatch_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GskRoundedRect outline;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (0, 0, (float)gtk_widget_get_width (widget),
                                             (float)gtk_widget_get_height (widget));

  gsk_rounded_rect_init_from_rect (&outline, &rect, 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  if (IL_SWATCH (widget)->state == IL_STATE_NONE)
    snapshot_strip (snapshot, IL_SWATCH (widget)->strip, &rect);
  else
    il_snapshot_state (snapshot, IL_SWATCH (widget)->state, &rect);
  gtk_snapshot_pop (snapshot);
}

static void
il_swatch_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                   int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : HEIGHT;
}

static void
il_swatch_class_init (IlSwatchClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = il_swatch_snapshot;
  widget_class->measure = il_swatch_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
il_swatch_init (IlSwatch *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

/**
 * il_swatch_new:
 * @state: whose look it shows
 *
 * Returns: (transfer floating): a field of the size of a word
 */
GtkWidget *
il_swatch_new (IlState state)
{
  IlSwatch *self = g_object_new (IL_TYPE_SWATCH, NULL);

  self->state = state;

  return GTK_WIDGET (self);
}

/**
 * il_swatch_new_strip:
 * @strip: whose look it shows
 *
 * Returns: (transfer floating): likewise
 */
GtkWidget *
il_swatch_new_strip (IlSwatchStrip strip)
{
  IlSwatch *self = g_object_new (IL_TYPE_SWATCH, NULL);

  self->strip = strip;

  return GTK_WIDGET (self);
}
