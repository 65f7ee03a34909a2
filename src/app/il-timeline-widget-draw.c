/* il-timeline-widget-draw.c - the picture: from boxes to pixels to the node that paints them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-widget-private.h"

#include <adwaita.h>
#include <math.h>

static const IlTheme *
get_theme (void)
{
  return il_theme_get (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static gboolean
fits (cairo_surface_t *surface, int width, int height)
{
  return surface && cairo_image_surface_get_width (surface) == width
         && cairo_image_surface_get_height (surface) == height;
}

/**
 * il_timeline_widget_picture_fits:
 *
 * Returns: whether the newest picture is of that size, in pixels of the screen
 */
gboolean
il_timeline_widget_picture_fits (IlTimelineWidget *self, int width, int height)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  return fits (self->surfaces[self->surface], width * scale, height * scale);
}

/* The other one, so that cairo has not to copy this one, which the renderer still refers to, before
 * it can be written. */
static cairo_surface_t *
next_surface (IlTimelineWidget *self)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  int width = gtk_widget_get_width (GTK_WIDGET (self)) * scale;
  int height = gtk_widget_get_height (GTK_WIDGET (self)) * scale;

  self->surface = 1 - self->surface;
  if (!fits (self->surfaces[self->surface], width, height))
    {
      g_clear_pointer (&self->surfaces[self->surface], cairo_surface_destroy);
      self->surfaces[self->surface]
          = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
      cairo_surface_set_device_scale (self->surfaces[self->surface], scale, scale);
    }

  return self->surfaces[self->surface];
}

static void
set_colour (cairo_t *cr, guint32 colour)
{
  cairo_set_source_rgb (cr, (double)(colour >> 16 & 0xff) / 255, (double)(colour >> 8 & 0xff) / 255,
                        (double)(colour & 0xff) / 255);
}

/* The node refers to the surface and not to a copy.  Each picture gets a node of its own, since the
 * renderer draws what differs from the last frame by node; the old one is only compared with. */
static void
ensure_node (IlTimelineWidget *self)
{
  graphene_rect_t bounds
      = GRAPHENE_RECT_INIT (0, 0, (float)gtk_widget_get_width (GTK_WIDGET (self)),
                            (float)gtk_widget_get_height (GTK_WIDGET (self)));
  cairo_surface_t *surface;
  cairo_t *cr;

  if (!self->image_stale && self->node)
    return;

  surface = next_surface (self);
  cr = cairo_create (surface);
  if (self->bar_width > 0)
    {
      set_colour (cr, get_theme ()->background);
      cairo_paint (cr);
    }
  il_timeline_painter_paint (self->painter, cr, self->layout, get_theme ());
  cairo_destroy (cr);

  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->node = gsk_cairo_node_new (&bounds);
  cr = gsk_cairo_node_get_draw_context (self->node);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_destroy (cr);
  self->image_stale = FALSE;
}

static void
snapshot_cross_hair (IlTimelineWidget *self, GtkSnapshot *snapshot)
{
  GdkRGBA colour;
  guint32 accent = get_theme ()->accent;
  float x = (float)floor (self->pointer_x);

  if (!self->hovering || self->pointer_x < self->plot_x
      || self->pointer_x >= self->plot_x + self->plot_width)
    return;

  colour = (GdkRGBA){ (float)(accent >> 16 & 0xff) / 255, (float)(accent >> 8 & 0xff) / 255,
                      (float)(accent & 0xff) / 255, 0.75f };
  gtk_snapshot_append_color (
      snapshot, &colour,
      &GRAPHENE_RECT_INIT (x, 0, 1, (float)gtk_widget_get_height (GTK_WIDGET (self))));
}

/* Who ended the wait under the pointer. */
static void
snapshot_link (IlTimelineWidget *self, GtkSnapshot *snapshot)
{
  IlTimelineLink link;
  cairo_t *cr;

  if (!self->hovering
      || !il_timeline_find_link (self->layout, self->pointer_x, self->pointer_y, &link)
      || link.x < self->plot_x || link.x >= self->plot_x + self->plot_width)
    return;

  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT ((float)link.x - 8, (float)MIN (link.from_y, link.to_y) - 8, 16,
                                     (float)fabs (link.to_y - link.from_y) + 16));
  il_timeline_paint_link (cr, &link, get_theme ());
  cairo_destroy (cr);
}

/**
 * il_timeline_widget_snapshot:
 *
 * Shows the picture, made anew where it is stale, and what lies on it.
 */
void
il_timeline_widget_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);

  /* A layout that became stale meanwhile has its turn with the next frame, in which also what is
   * said of it is made anew. */
  if (!self->layout)
    il_timeline_widget_ensure_layout (self);
  if (self->layout)
    {
      ensure_node (self);
      gtk_snapshot_append_node (snapshot, self->node);
      il_timeline_widget_snapshot_selection (self, snapshot);
      snapshot_cross_hair (self, snapshot);
      snapshot_link (self, snapshot);
    }

  for (guint group = 0; group < IL_N_GROUPS; group++)
    gtk_widget_snapshot_child (widget, self->group_buttons[group], snapshot);
  gtk_widget_snapshot_child (widget, self->all_button, snapshot);
  gtk_widget_snapshot_child (widget, self->scrollbar, snapshot);
  gtk_widget_snapshot_child (widget, self->tip, snapshot);
}
