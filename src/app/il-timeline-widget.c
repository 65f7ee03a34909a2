/* il-timeline-widget.c - the timelines: draws what the view state shows, and turns it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-widget-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>

enum
{
  PROP_VIEW_STATE = 1,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (IlTimelineWidget, il_timeline_widget, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];

static void
il_timeline_widget_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (il_timeline_widget_parent_class)->realize (widget);

  il_timeline_widget_watch_frames (IL_TIMELINE_WIDGET (widget));
}

static void
il_timeline_widget_unrealize (GtkWidget *widget)
{
  il_timeline_widget_unwatch_frames (IL_TIMELINE_WIDGET (widget));

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
  il_timeline_widget_stop_frames (IL_TIMELINE_WIDGET (widget));

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
  il_timeline_widget_show_all (self);
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
    [IL_GROUP_SIGNALS] = N_ ("Signals"),
    [IL_GROUP_QUEUES] = N_ ("Queues and channels"),
    [IL_GROUP_COUNTERS] = N_ ("Counters and files"),
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
  g_clear_pointer (&self->menu, gtk_widget_unparent);
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
  g_clear_pointer (&self->only, g_array_unref);

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
  gtk_widget_class_bind_template_child (widget_class, IlTimelineWidget, all_button);
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
  g_signal_group_connect_swapped (self->view_signals, "selected",
                                  G_CALLBACK (il_timeline_widget_selected), self);
  g_signal_group_connect_swapped (self->view_signals, "marked",
                                  G_CALLBACK (il_timeline_widget_marked), self);
  g_signal_group_connect_swapped (self->view_signals, "notify::timeline",
                                  G_CALLBACK (timeline_changed_cb), self);

  self->painter = il_timeline_painter_new ();
  self->only = g_array_new (FALSE, FALSE, sizeof (guint));
  self->layout_stale = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  add_group_buttons (self);
  self->menu = gtk_popover_menu_new_from_model (NULL);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
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
