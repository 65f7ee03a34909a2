/* il-timeline-widget-input.c - wheel, drag, pinch, keys and actions of the timeline widget
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-widget-private.h"

#include <math.h>

#define WHEEL_ZOOM 1.25 /* a notch of the wheel */
#define KEY_ZOOM 1.5
#define KEY_PAN_SHARE 0.15 /* of the visible range */
#define KEY_SCROLL_PX 48
#define WHEEL_SCROLL_PX 48
#define WHEEL_PAN_SHARE 0.1
#define TOUCHPAD_ZOOM_PER_PX 0.006

/* Positions of W, A, S, D on the keyboard, whatever is printed on the keys: evdev's numbers + 8. */
enum
{
  KEYCODE_W = 25,
  KEYCODE_A = 38,
  KEYCODE_S = 39,
  KEYCODE_D = 40,
};

/* What the lanes together are higher than the widget. */
static double
max_scroll (IlTimelineWidget *self)
{
  if (!self->layout)
    return 0;

  return MAX (il_timeline_layout_get_content_height (self->layout)
                  - gtk_widget_get_height (GTK_WIDGET (self)),
              0);
}

void
il_timeline_widget_scroll_to (IlTimelineWidget *self, double y)
{
  y = CLAMP (round (y), 0, max_scroll (self));
  if (y == self->scroll_y) // NOLINT: both are whole numbers
    return;

  self->scroll_y = y;
  self->revealed_height = 0;
  il_timeline_widget_stale (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
pan_pixels (IlTimelineWidget *self, double pixels)
{
  if (self->plot_width >= 1)
    il_view_state_pan (
        self->view_state,
        llround (pixels * (double)il_view_state_get_span (self->view_state) / self->plot_width));
}

static void
pan_share (IlTimelineWidget *self, double share)
{
  il_view_state_pan (self->view_state,
                     llround (share * (double)il_view_state_get_span (self->view_state)));
}

static void
zoom_at_pointer (IlTimelineWidget *self, double factor)
{
  if (self->layout && self->pointer_x >= self->plot_x)
    il_view_state_zoom (self->view_state, factor,
                        il_timeline_layout_x_to_time (self->layout, self->pointer_x));
  else
    il_view_state_zoom_centre (self->view_state, factor);
}

/* --- pointer --- */

static void
motion_cb (IlTimelineWidget *self, double x, double y)
{
  /* Enter and leave also come when a child appears below a pointer that rests. */
  if (self->hovering && x == self->pointer_x && y == self->pointer_y) // NOLINT: unchanged
    return;

  self->hovering = TRUE;
  self->pointer_x = x;
  self->pointer_y = y;
  il_timeline_widget_update_tip (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave_cb (IlTimelineWidget *self)
{
  self->hovering = FALSE;
  il_timeline_widget_update_tip (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Over the plot the wheel zooms and Shift pans, over the labels it scrolls the lanes. */
static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, IlTimelineWidget *self)
{
  GdkModifierType state
      = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean smooth = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_SURFACE;

  if (!self->view_state || !self->layout)
    return GDK_EVENT_PROPAGATE;

  if (state & GDK_SHIFT_MASK)
    {
      dx += dy;
      dy = 0;
    }

  if (smooth)
    pan_pixels (self, dx);
  else
    pan_share (self, dx * WHEEL_PAN_SHARE);

  if (dy == 0)
    return GDK_EVENT_STOP;
  if (self->pointer_x < self->plot_x && !(state & GDK_CONTROL_MASK))
    il_timeline_widget_scroll_to (self, self->scroll_y + dy * (smooth ? 1 : WHEEL_SCROLL_PX));
  else if (smooth)
    zoom_at_pointer (self, exp (-dy * TOUCHPAD_ZOOM_PER_PX));
  else
    zoom_at_pointer (self, pow (WHEEL_ZOOM, -dy));

  return GDK_EVENT_STOP;
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, IlTimelineWidget *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (!self->view_state || !self->layout)
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }

  self->drag_begin_ns = il_view_state_get_range_begin (self->view_state);
  self->drag_scroll_y = self->scroll_y;
}

/* Relative to where the drag began, so that rounding does not add up. */
static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, IlTimelineWidget *self)
{
  double ns_per_px;

  if (self->plot_width < 1 || (fabs (dx) < 3 && fabs (dy) < 3))
    return;

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
  ns_per_px = (double)il_view_state_get_span (self->view_state) / self->plot_width;
  il_view_state_pan (self->view_state, self->drag_begin_ns - llround (dx * ns_per_px)
                                           - il_view_state_get_range_begin (self->view_state));
  il_timeline_widget_scroll_to (self, self->drag_scroll_y - dy);
}

static void
drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, IlTimelineWidget *self)
{
  double x, y;

  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
  if (self->view_state && fabs (dx) < 3 && fabs (dy) < 3
      && gtk_gesture_drag_get_start_point (gesture, &x, &y))
    il_timeline_widget_click (self, x, y);
}

static void
menu_click_cb (GtkGestureClick *gesture, int n_press, double x, double y, IlTimelineWidget *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  il_timeline_widget_popup_menu_at (self, x, y);
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, IlTimelineWidget *self)
{
  self->pinch_scale = 1;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, IlTimelineWidget *self)
{
  if (!self->view_state || scale <= 0 || self->pinch_scale <= 0)
    return;

  zoom_at_pointer (self, scale / self->pinch_scale);
  self->pinch_scale = scale;
}

static void
vadjusted_cb (IlTimelineWidget *self)
{
  il_timeline_widget_scroll_to (self, gtk_adjustment_get_value (self->vadjustment));
}

/* --- keyboard and actions --- */

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                GdkModifierType state, IlTimelineWidget *self)
{
  const GdkModifierType modifiers = GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK;
  double times = state & GDK_SHIFT_MASK ? 3 : 1;

  if ((state & modifiers) || !self->view_state)
    return GDK_EVENT_PROPAGATE;

  switch (keycode)
    {
    case KEYCODE_W:
      zoom_at_pointer (self, pow (KEY_ZOOM, times));
      return GDK_EVENT_STOP;
    case KEYCODE_S:
      zoom_at_pointer (self, pow (KEY_ZOOM, -times));
      return GDK_EVENT_STOP;
    case KEYCODE_A:
      pan_share (self, -KEY_PAN_SHARE * times);
      return GDK_EVENT_STOP;
    case KEYCODE_D:
      pan_share (self, KEY_PAN_SHARE * times);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

typedef enum
{
  DO_ZOOM,
  DO_PAN,
  DO_SCROLL,
  DO_SCROLL_PAGE,
  DO_FIT,
  DO_FOLLOW,
  DO_RESET_ZOOM,
  DO_SELECT,
  DO_UNSELECT,
  DO_MENU,
  DO_TOGGLE_GROUP,
} Deed;

/* Without a parameter each, since only such actions can be seen by assistive technology. */
static const struct
{
  const char *name;
  Deed deed;
  double amount;
  guint key, other_key;
  GdkModifierType modifiers, other_modifiers;
} actions[] = {
  { "timeline.zoom-in", DO_ZOOM, KEY_ZOOM, GDK_KEY_plus, GDK_KEY_KP_Add },
  { "timeline.zoom-out", DO_ZOOM, 1 / KEY_ZOOM, GDK_KEY_minus, GDK_KEY_KP_Subtract },
  { "timeline.reset-zoom", DO_RESET_ZOOM, 0, GDK_KEY_0, GDK_KEY_KP_0 },
  { "timeline.fit", DO_FIT, 0, GDK_KEY_Home, GDK_KEY_KP_Home },
  { "timeline.follow", DO_FOLLOW, 0, GDK_KEY_End, GDK_KEY_KP_End },
  { "timeline.pan-left", DO_PAN, -KEY_PAN_SHARE, GDK_KEY_Left, GDK_KEY_KP_Left },
  { "timeline.pan-right", DO_PAN, KEY_PAN_SHARE, GDK_KEY_Right, GDK_KEY_KP_Right },
  { "timeline.scroll-up", DO_SCROLL, -KEY_SCROLL_PX, GDK_KEY_Up, GDK_KEY_KP_Up },
  { "timeline.scroll-down", DO_SCROLL, KEY_SCROLL_PX, GDK_KEY_Down, GDK_KEY_KP_Down },
  { "timeline.page-up", DO_SCROLL_PAGE, -0.8, GDK_KEY_Page_Up, GDK_KEY_KP_Page_Up },
  { "timeline.page-down", DO_SCROLL_PAGE, 0.8, GDK_KEY_Page_Down, GDK_KEY_KP_Page_Down },
  { "timeline.lane-above", DO_SELECT, -1, GDK_KEY_Up, GDK_KEY_KP_Up, GDK_CONTROL_MASK,
    GDK_CONTROL_MASK },
  { "timeline.lane-below", DO_SELECT, 1, GDK_KEY_Down, GDK_KEY_KP_Down, GDK_CONTROL_MASK,
    GDK_CONTROL_MASK },
  { "timeline.unselect", DO_UNSELECT, 0, GDK_KEY_Escape, GDK_KEY_Cancel },
  { "timeline.menu", DO_MENU, 0, GDK_KEY_Menu, GDK_KEY_F10, 0, GDK_SHIFT_MASK },
  { "timeline.toggle-cores", DO_TOGGLE_GROUP, IL_GROUP_CORES, GDK_KEY_1, GDK_KEY_KP_1 },
  { "timeline.toggle-workers", DO_TOGGLE_GROUP, IL_GROUP_WORKERS, GDK_KEY_2, GDK_KEY_KP_2 },
  { "timeline.toggle-locks", DO_TOGGLE_GROUP, IL_GROUP_LOCKS, GDK_KEY_3, GDK_KEY_KP_3 },
  { "timeline.toggle-signals", DO_TOGGLE_GROUP, IL_GROUP_SIGNALS, GDK_KEY_4, GDK_KEY_KP_4 },
  { "timeline.toggle-queues", DO_TOGGLE_GROUP, IL_GROUP_QUEUES, GDK_KEY_5, GDK_KEY_KP_5 },
  { "timeline.toggle-counters", DO_TOGGLE_GROUP, IL_GROUP_COUNTERS, GDK_KEY_6, GDK_KEY_KP_6 },
};

static void
do_deed (IlTimelineWidget *self, Deed deed, double amount)
{
  switch (deed)
    {
    case DO_ZOOM:
      il_view_state_zoom_centre (self->view_state, amount);
      break;
    case DO_PAN:
      pan_share (self, amount);
      break;
    case DO_SCROLL:
      il_timeline_widget_scroll_to (self, self->scroll_y + amount);
      break;
    case DO_SCROLL_PAGE:
      il_timeline_widget_scroll_to (self, self->scroll_y
                                              + amount * gtk_widget_get_height (GTK_WIDGET (self)));
      break;
    case DO_FIT:
      il_view_state_fit (self->view_state);
      break;
    case DO_FOLLOW:
      il_view_state_follow (self->view_state);
      break;
    case DO_RESET_ZOOM:
      il_view_state_reset_zoom (self->view_state);
      break;
    case DO_SELECT:
      il_timeline_widget_move_selection (self, (int)amount);
      break;
    case DO_UNSELECT:
      il_view_state_unselect (self->view_state);
      break;
    case DO_MENU:
      il_timeline_widget_popup_menu (self);
      break;
    case DO_TOGGLE_GROUP:
    default:
      il_view_state_set_collapsed (
          self->view_state, (IlGroup)amount,
          !il_view_state_get_collapsed (self->view_state, (IlGroup)amount));
      break;
    }
}

static void
action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);

  if (!self->view_state)
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].name, name))
      do_deed (self, actions[i].deed, actions[i].amount);
}

void
il_timeline_widget_class_init_input (GtkWidgetClass *widget_class)
{
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      gtk_widget_class_install_action (widget_class, actions[i].name, NULL, action_cb);
      /* The last one is what menus show. */
      gtk_widget_class_add_binding_action (widget_class, actions[i].other_key,
                                           actions[i].other_modifiers, actions[i].name, NULL);
      gtk_widget_class_add_binding_action (widget_class, actions[i].key, actions[i].modifiers,
                                           actions[i].name, NULL);
    }
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_space, 0, "win.pause", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_period, 0, "win.step", NULL);

  gtk_widget_class_bind_template_callback (widget_class, motion_cb);
  gtk_widget_class_bind_template_callback (widget_class, leave_cb);
  gtk_widget_class_bind_template_callback (widget_class, scroll_cb);
  gtk_widget_class_bind_template_callback (widget_class, drag_begin_cb);
  gtk_widget_class_bind_template_callback (widget_class, drag_update_cb);
  gtk_widget_class_bind_template_callback (widget_class, drag_end_cb);
  gtk_widget_class_bind_template_callback (widget_class, menu_click_cb);
  gtk_widget_class_bind_template_callback (widget_class, pinch_begin_cb);
  gtk_widget_class_bind_template_callback (widget_class, pinch_cb);
  gtk_widget_class_bind_template_callback (widget_class, vadjusted_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed_cb);
}
