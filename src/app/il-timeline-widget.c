/* il-timeline-widget.c - the timelines: draws what the view state shows, and turns it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-widget-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "il-time-format.h"
#include "il-units.h"

#define MIN_WIDTH 320
#define MIN_HEIGHT 160
#define TIP_DISTANCE 14
#define DESCRIBE_INTERVAL_US (250 * G_TIME_SPAN_MILLISECOND)

enum
{
  PROP_VIEW_STATE = 1,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (IlTimelineWidget, il_timeline_widget, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];

static gboolean tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data);

static const IlTheme *
get_theme (void)
{
  return il_theme_get (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

/* --- layout --- */

/**
 * il_timeline_widget_get_view:
 * @view: (out caller-allocates): what is on the screen; its strings belong to @self
 *
 * Says what the widget shows, for the layout and for an export that is to look the same.
 */
void
il_timeline_widget_get_view (IlTimelineWidget *self, IlTimelineView *view)
{
  g_return_if_fail (IL_IS_TIMELINE_WIDGET (self));
  g_return_if_fail (view != NULL);

  *view = (IlTimelineView){
    .begin_ns = il_view_state_get_range_begin (self->view_state),
    .end_ns = il_view_state_get_range_end (self->view_state),
    .width = MAX (gtk_widget_get_width (GTK_WIDGET (self)) - self->bar_width, 1),
    .height = MAX (gtk_widget_get_height (GTK_WIDGET (self)), 1),
    .scroll_y = self->scroll_y,
    .scale = gtk_widget_get_scale_factor (GTK_WIDGET (self)),
    .font_family = self->font_family,
  };
  for (guint group = 0; group < IL_N_GROUPS; group++)
    view->collapsed[group] = il_view_state_get_collapsed (self->view_state, (IlGroup)group);
}

/* Returns whether a header moved, and with it the button that stands on it, or whether the lanes
 * became higher or lower as a whole. */
static gboolean
find_group_rects (IlTimelineWidget *self)
{
  graphene_rect_t rects[IL_N_GROUPS];
  const IlBox *boxes;
  gsize n_boxes;
  double content_height = il_timeline_layout_get_content_height (self->layout);
  gboolean moved = fabs (content_height - self->content_height) > 0.5;

  self->content_height = content_height;

  for (guint group = 0; group < IL_N_GROUPS; group++)
    rects[group] = GRAPHENE_RECT_INIT (0, 0, 0, 0);

  boxes = il_timeline_layout_get_boxes (self->layout, &n_boxes);
  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_GROUP && boxes[i].group < IL_N_GROUPS)
      rects[boxes[i].group]
          = GRAPHENE_RECT_INIT (boxes[i].x, boxes[i].y, boxes[i].width, boxes[i].height);

  for (guint group = 0; group < IL_N_GROUPS; group++)
    if (!graphene_rect_equal (&rects[group], &self->group_rects[group]))
      {
        self->group_rects[group] = rects[group];
        moved = TRUE;
      }

  return moved;
}

/* Returns whether the children have to be placed anew. */
static gboolean
ensure_layout (IlTimelineWidget *self)
{
  IlTimelineView view;
  IlTimeline *timeline = self->view_state ? il_view_state_get_timeline (self->view_state) : NULL;
  double height = gtk_widget_get_height (GTK_WIDGET (self));

  if (!self->layout_stale && self->layout)
    return FALSE;
  if (!timeline)
    {
      g_clear_pointer (&self->layout, il_timeline_layout_free);
      return FALSE;
    }

  il_timeline_widget_get_view (self, &view);
  g_clear_pointer (&self->layout, il_timeline_layout_free);
  self->layout = il_timeline_painter_layout (self->painter, timeline, &view);
  self->layout_stale = FALSE;
  self->image_stale = TRUE;
  self->told = FALSE;
  self->begin_ns = view.begin_ns;
  self->end_ns = view.end_ns;
  self->plot_x = il_timeline_layout_get_plot_x (self->layout);
  self->plot_width = il_timeline_layout_get_plot_width (self->layout);

  gtk_adjustment_configure (self->vadjustment, self->scroll_y, 0,
                            il_timeline_layout_get_content_height (self->layout), 24,
                            MAX (height * 0.8, 24), height);
  return find_group_rects (self);
}

/* --- the picture --- */

static gboolean
fits (cairo_surface_t *surface, int width, int height)
{
  return surface && cairo_image_surface_get_width (surface) == width
         && cairo_image_surface_get_height (surface) == height;
}

static gboolean
surface_fits (IlTimelineWidget *self, int width, int height)
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

static void
il_timeline_widget_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);

  /* A layout that became stale meanwhile has its turn with the next frame, in which also what is
   * said of it is made anew. */
  if (!self->layout)
    ensure_layout (self);
  if (self->layout)
    {
      ensure_node (self);
      gtk_snapshot_append_node (snapshot, self->node);
      snapshot_cross_hair (self, snapshot);
    }

  for (guint group = 0; group < IL_N_GROUPS; group++)
    gtk_widget_snapshot_child (widget, self->group_buttons[group], snapshot);
  gtk_widget_snapshot_child (widget, self->scrollbar, snapshot);
  gtk_widget_snapshot_child (widget, self->tip, snapshot);
}

/* --- children --- */

static void
allocate_child (GtkWidget *child, int x, int y, int width, int height)
{
  gtk_widget_size_allocate (child, &(GtkAllocation){ x, y, width, height }, -1);
}

/* A header's button covers the header; what is scrolled out of sight cannot be focused. */
static void
allocate_group_buttons (IlTimelineWidget *self, int width, int height)
{
  for (guint group = 0; group < IL_N_GROUPS; group++)
    {
      const graphene_rect_t *rect = &self->group_rects[group];
      GtkWidget *button = self->group_buttons[group];
      gboolean shown = self->layout && rect->size.height > 0 && rect->origin.y < (float)height
                       && rect->origin.y + rect->size.height > 0;

      gtk_widget_set_child_visible (button, shown);
      if (shown)
        {
          int minimum_width, minimum_height;

          gtk_widget_measure (button, GTK_ORIENTATION_HORIZONTAL, -1, &minimum_width, NULL, NULL,
                              NULL);
          gtk_widget_measure (button, GTK_ORIENTATION_VERTICAL, -1, &minimum_height, NULL, NULL,
                              NULL);
          allocate_child (button, (int)rect->origin.x, (int)rect->origin.y,
                          MAX (MIN ((int)rect->size.width, width), minimum_width),
                          MAX ((int)rect->size.height, minimum_height));
        }
    }
}

/* Beside the pointer where there is room, on the other side where there is none. */
static void
allocate_tip (IlTimelineWidget *self, int width, int height)
{
  int tip_width, tip_height, x, y;

  /* What it says is of another picture, until the next tick. */
  gtk_widget_set_child_visible (self->tip, self->told);
  if (!gtk_widget_get_visible (self->tip))
    return;

  gtk_widget_measure (self->tip, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &tip_width, NULL, NULL);
  tip_width = MIN (tip_width, width);
  gtk_widget_measure (self->tip, GTK_ORIENTATION_VERTICAL, tip_width, NULL, &tip_height, NULL,
                      NULL);

  x = (int)self->pointer_x + TIP_DISTANCE;
  y = (int)self->pointer_y + TIP_DISTANCE;
  if (x + tip_width > width)
    x = MAX ((int)self->pointer_x - TIP_DISTANCE - tip_width, 0);
  if (y + tip_height > height)
    y = MAX ((int)self->pointer_y - TIP_DISTANCE - tip_height, 0);
  allocate_child (self->tip, x, y, tip_width, tip_height);
}

/* Where the lanes do not fit there is a bar beside the picture, which makes it narrower. */
static void
fit_lanes (IlTimelineWidget *self, int height)
{
  double overflow = 0;
  int bar_width = 0;

  ensure_layout (self);
  if (self->layout)
    overflow = MAX (il_timeline_layout_get_content_height (self->layout) - (double)height, 0);
  if (overflow > 0)
    gtk_widget_measure (self->scrollbar, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &bar_width, NULL,
                        NULL);

  if (self->scroll_y > overflow || self->bar_width != bar_width)
    {
      self->scroll_y = MIN (self->scroll_y, overflow);
      self->bar_width = bar_width;
      self->layout_stale = TRUE;
      ensure_layout (self);
    }
}

static void
il_timeline_widget_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);

  if (!surface_fits (self, width, height))
    self->layout_stale = TRUE;
  fit_lanes (self, height);

  allocate_group_buttons (self, width - self->bar_width, height);
  gtk_widget_set_child_visible (self->scrollbar, self->bar_width > 0);
  if (self->bar_width > 0)
    allocate_child (self->scrollbar, width - self->bar_width, 0, self->bar_width, height);
  allocate_tip (self, width, height);
}

static void
il_timeline_widget_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                            int *minimum, int *natural, int *minimum_baseline,
                            int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : MIN_HEIGHT;
  *natural = *minimum;
}

/**
 * il_timeline_widget_update_tip:
 *
 * Says beside the pointer what stands under it, or nothing.
 */
void
il_timeline_widget_update_tip (IlTimelineWidget *self)
{
  IlTimeline *timeline = self->view_state ? il_view_state_get_timeline (self->view_state) : NULL;
  g_autofree char *text = NULL;
  char *body;

  if (self->hovering && self->layout && timeline)
    text = il_timeline_describe (timeline, self->layout, self->pointer_x, self->pointer_y);

  gtk_widget_set_visible (self->tip, text != NULL);
  if (!text)
    return;

  body = strchr (text, '\n');
  if (body)
    *body++ = '\0';
  gtk_label_set_label (self->tip_heading, text);
  gtk_label_set_label (self->tip_body, body ? body : "");
  gtk_widget_set_visible (GTK_WIDGET (self->tip_body), body && *body);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

/* --- frames --- */

static void
describe_range (IlTimelineWidget *self)
{
  gint64 begin_ns, end_ns;
  g_autofree char *range = NULL;
  g_autofree char *span = NULL;
  g_autofree char *all = il_format_duration (il_view_state_get_end (self->view_state));
  g_autofree char *text = NULL;

  self->described_us = g_get_monotonic_time ();
  il_view_state_get_drawn (self->view_state, &begin_ns, &end_ns);
  range = il_format_range (begin_ns, end_ns);
  span = il_format_duration (end_ns - begin_ns);
  text = g_strdup_printf (
      /* Translators: for screen readers: the visible range, its length, the recording's length */
      il_view_state_get_following (self->view_state) ? _ ("Visible range %s, %s of %s, following")
                                                     : _ ("Visible range %s, %s of %s"),
      range, span, all);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static void
ensure_tick (IlTimelineWidget *self)
{
  if (!self->tick_id && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
}

/* Has the bar and the tip say what the layout shows.  Not while children are placed: the texts are
 * of another length then. */
static void
tell (IlTimelineWidget *self)
{
  self->told = TRUE;
  if (!self->layout)
    return;

  il_view_state_set_drawn (self->view_state, self->begin_ns, self->end_ns);
  if (self->hovering)
    il_timeline_widget_update_tip (self);
  if (g_get_monotonic_time () - self->described_us > DESCRIBE_INTERVAL_US)
    describe_range (self);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);
  gboolean live = self->view_state && il_view_state_get_live (self->view_state);

  if (!self->told && self->view_state)
    tell (self);
  if (self->frames_to_skip > 0)
    {
      self->frames_to_skip--;
      return G_SOURCE_CONTINUE;
    }
  self->frames_to_skip = (int)CLAMP (self->paint_ms / 10.0, 0, 6);

  if (live)
    il_view_state_update (self->view_state);
  if (self->layout_stale)
    {
      if (ensure_layout (self))
        gtk_widget_queue_allocate (widget);
      gtk_widget_queue_draw (widget);
      if (self->view_state)
        tell (self);
      return G_SOURCE_CONTINUE;
    }
  if (live)
    return G_SOURCE_CONTINUE;

  /* Nothing changed since the last frame and nothing will by itself: rest until something does. */
  if (self->view_state)
    describe_range (self);
  il_timeline_widget_update_tip (self);
  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

/**
 * il_timeline_widget_stale:
 *
 * Has the picture made anew with the next frame.
 */
void
il_timeline_widget_stale (IlTimelineWidget *self)
{
  self->layout_stale = TRUE;
  ensure_tick (self);
}

static void
paint_begin_cb (IlTimelineWidget *self)
{
  self->paint_begin_us = g_get_monotonic_time ();
}

static void
paint_end_cb (IlTimelineWidget *self)
{
  double ms = (double)(g_get_monotonic_time () - self->paint_begin_us) / 1e3;

  self->paint_ms = MAX (ms, self->paint_ms * 0.8);
}

static void
il_timeline_widget_realize (GtkWidget *widget)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);

  GTK_WIDGET_CLASS (il_timeline_widget_parent_class)->realize (widget);

  self->frame_clock = g_object_ref (gtk_widget_get_frame_clock (widget));
  g_signal_connect_swapped (self->frame_clock, "before-paint", G_CALLBACK (paint_begin_cb), self);
  g_signal_connect_swapped (self->frame_clock, "after-paint", G_CALLBACK (paint_end_cb), self);
}

static void
il_timeline_widget_unrealize (GtkWidget *widget)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);

  g_signal_handlers_disconnect_by_data (self->frame_clock, self);
  g_clear_object (&self->frame_clock);

  GTK_WIDGET_CLASS (il_timeline_widget_parent_class)->unrealize (widget);
}

static void
il_timeline_widget_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (il_timeline_widget_parent_class)->map (widget);

  il_timeline_widget_stale (IL_TIMELINE_WIDGET (widget));
}

static void
il_timeline_widget_unmap (GtkWidget *widget)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);

  if (self->tick_id)
    gtk_widget_remove_tick_callback (widget, self->tick_id);
  self->tick_id = 0;

  GTK_WIDGET_CLASS (il_timeline_widget_parent_class)->unmap (widget);
}

static void
il_timeline_widget_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);
  const PangoFontDescription *font;

  GTK_WIDGET_CLASS (il_timeline_widget_parent_class)->css_changed (widget, change);

  font = pango_context_get_font_description (gtk_widget_get_pango_context (widget));
  if (g_strcmp0 (self->font_family, pango_font_description_get_family (font)) != 0)
    {
      g_free (self->font_family);
      self->font_family = g_strdup (pango_font_description_get_family (font));
      il_timeline_widget_stale (self);
    }
}

/* --- the view state --- */

static void
collapsed_changed_cb (IlTimelineWidget *self)
{
  for (guint group = 0; group < IL_N_GROUPS; group++)
    gtk_accessible_update_state (
        GTK_ACCESSIBLE (self->group_buttons[group]), GTK_ACCESSIBLE_STATE_EXPANDED,
        !il_view_state_get_collapsed (self->view_state, (IlGroup)group), -1);
  il_timeline_widget_stale (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
timeline_changed_cb (IlTimelineWidget *self)
{
  self->scroll_y = 0;
  g_clear_pointer (&self->layout, il_timeline_layout_free);
  il_timeline_painter_free (self->painter);
  self->painter = il_timeline_painter_new ();
  il_timeline_widget_stale (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
group_clicked_cb (GtkWidget *button, gpointer data)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (gtk_widget_get_parent (button));
  IlGroup group = (IlGroup)GPOINTER_TO_UINT (data);

  il_view_state_set_collapsed (self->view_state, group,
                               !il_view_state_get_collapsed (self->view_state, group));
}

static void
add_group_buttons (IlTimelineWidget *self)
{
  static const char *const labels[IL_N_GROUPS] = {
    [IL_GROUP_CORES] = N_ ("Cores"),
    [IL_GROUP_WORKERS] = N_ ("Workers"),
    [IL_GROUP_LOCKS] = N_ ("Locks"),
    [IL_GROUP_QUEUES] = N_ ("Queues"),
  };

  for (guint group = 0; group < IL_N_GROUPS; group++)
    {
      GtkWidget *button = gtk_button_new ();

      gtk_widget_add_css_class (button, "flat");
      gtk_widget_add_css_class (button, "group-toggle");
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ (labels[group]), -1);
      gtk_accessible_update_state (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_STATE_EXPANDED, TRUE,
                                   -1);
      g_signal_connect (button, "clicked", G_CALLBACK (group_clicked_cb), GUINT_TO_POINTER (group));
      gtk_widget_insert_before (button, GTK_WIDGET (self), self->scrollbar);
      self->group_buttons[group] = button;
    }
}

static void
il_timeline_widget_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_VIEW_STATE:
      g_value_set_object (value, IL_TIMELINE_WIDGET (object)->view_state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
il_timeline_widget_set_property (GObject *object, guint prop_id, const GValue *value,
                                 GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_VIEW_STATE:
      il_timeline_widget_set_view_state (IL_TIMELINE_WIDGET (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
il_timeline_widget_dispose (GObject *object)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (object);

  for (guint group = 0; group < IL_N_GROUPS; group++)
    g_clear_pointer (&self->group_buttons[group], gtk_widget_unparent);
  gtk_widget_dispose_template (GTK_WIDGET (self), IL_TYPE_TIMELINE_WIDGET);
  g_clear_object (&self->view_signals);
  g_clear_object (&self->view_state);

  G_OBJECT_CLASS (il_timeline_widget_parent_class)->dispose (object);
}

static void
il_timeline_widget_finalize (GObject *object)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (object);

  g_clear_pointer (&self->layout, il_timeline_layout_free);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_clear_pointer (&self->surfaces[0], cairo_surface_destroy);
  g_clear_pointer (&self->surfaces[1], cairo_surface_destroy);
  g_clear_pointer (&self->painter, il_timeline_painter_free);
  g_clear_pointer (&self->font_family, g_free);

  G_OBJECT_CLASS (il_timeline_widget_parent_class)->finalize (object);
}

static void
il_timeline_widget_class_init (IlTimelineWidgetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = il_timeline_widget_get_property;
  object_class->set_property = il_timeline_widget_set_property;
  object_class->dispose = il_timeline_widget_dispose;
  object_class->finalize = il_timeline_widget_finalize;
  widget_class->snapshot = il_timeline_widget_snapshot;
  widget_class->measure = il_timeline_widget_measure;
  widget_class->size_allocate = il_timeline_widget_size_allocate;
  widget_class->realize = il_timeline_widget_realize;
  widget_class->unrealize = il_timeline_widget_unrealize;
  widget_class->map = il_timeline_widget_map;
  widget_class->unmap = il_timeline_widget_unmap;
  widget_class->css_changed = il_timeline_widget_css_changed;

  properties[PROP_VIEW_STATE]
      = g_param_spec_object ("view-state", NULL, NULL, IL_TYPE_VIEW_STATE,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/interleave/Interleave/il-timeline-widget.ui");
  gtk_widget_class_bind_template_child (widget_class, IlTimelineWidget, scrollbar);
  gtk_widget_class_bind_template_child (widget_class, IlTimelineWidget, vadjustment);
  gtk_widget_class_bind_template_child (widget_class, IlTimelineWidget, tip);
  gtk_widget_class_bind_template_child (widget_class, IlTimelineWidget, tip_heading);
  gtk_widget_class_bind_template_child (widget_class, IlTimelineWidget, tip_body);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "timeline");
  il_timeline_widget_class_init_input (widget_class);
}

static void
il_timeline_widget_init (IlTimelineWidget *self)
{
  self->view_signals = g_signal_group_new (IL_TYPE_VIEW_STATE);
  for (guint i = 0; i < 4; i++)
    {
      static const char *const signals[]
          = { "notify::range-begin", "notify::range-end", "notify::live", "notify::end" };

      g_signal_group_connect_swapped (self->view_signals, signals[i],
                                      G_CALLBACK (il_timeline_widget_stale), self);
    }
  g_signal_group_connect_swapped (self->view_signals, "notify::collapsed",
                                  G_CALLBACK (collapsed_changed_cb), self);
  g_signal_group_connect_swapped (self->view_signals, "notify::timeline",
                                  G_CALLBACK (timeline_changed_cb), self);

  self->painter = il_timeline_painter_new ();
  self->layout_stale = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  add_group_buttons (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Timeline"), -1);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (il_timeline_widget_stale), self, G_CONNECT_SWAPPED);
}

/**
 * il_timeline_widget_new:
 *
 * Returns: (transfer floating): a widget that shows nothing until it has a view state
 */
GtkWidget *
il_timeline_widget_new (void)
{
  return g_object_new (IL_TYPE_TIMELINE_WIDGET, NULL);
}

/**
 * il_timeline_widget_set_view_state:
 * @view_state: (nullable): what to show, and what input turns
 */
void
il_timeline_widget_set_view_state (IlTimelineWidget *self, IlViewState *view_state)
{
  g_return_if_fail (IL_IS_TIMELINE_WIDGET (self));
  g_return_if_fail (view_state == NULL || IL_IS_VIEW_STATE (view_state));

  if (!g_set_object (&self->view_state, view_state))
    return;

  g_signal_group_set_target (self->view_signals, view_state);
  il_timeline_widget_stale (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VIEW_STATE]);
}

IlViewState *
il_timeline_widget_get_view_state (IlTimelineWidget *self)
{
  g_return_val_if_fail (IL_IS_TIMELINE_WIDGET (self), NULL);

  return self->view_state;
}
