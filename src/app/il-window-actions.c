/* il-window-actions.c - what buttons, menus and keys of the window do
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-window-private.h"

#include <glib/gi18n.h>

static void
run_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  IlWindow *self = IL_WINDOW (widget);

  if (il_window_is_running (self))
    il_window_stop_run (self);
  else
    il_window_start_run (self);
}

static void
simple_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  IlWindow *self = IL_WINDOW (widget);

  if (g_str_equal (name, "win.pause"))
    il_window_toggle_pause (self);
  else if (g_str_equal (name, "win.step"))
    il_window_step (self);
  else if (g_str_equal (name, "win.choose-program"))
    il_window_choose_program (self);
  else if (g_str_equal (name, "win.leave-program"))
    il_window_leave_program (self);
  else if (g_str_equal (name, "win.run-refused"))
    il_window_run_refused (self);
  else if (g_str_equal (name, "win.run-without-locks"))
    il_window_run_without_locks (self);
  else if (g_str_equal (name, "win.choose-scenario"))
    {
      il_window_leave_program (self);
      adw_flap_set_reveal_flap (self->flap, TRUE);
      il_scenario_panel_choose (self->panel);
    }
  else if (g_str_equal (name, "win.open"))
    il_window_choose_file (self);
  else if (g_str_equal (name, "win.save-as"))
    il_window_choose_copy (self);
  else if (g_str_equal (name, "win.export"))
    il_window_choose_picture (self);
  else if (g_str_equal (name, "win.sidebar"))
    adw_flap_set_reveal_flap (self->flap, !adw_flap_get_reveal_flap (self->flap));
}

static void
worker_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  IlWindow *self = IL_WINDOW (widget);
  guint number = g_variant_get_uint32 (parameter);

  if (g_str_equal (name, "win.step-worker") && self->recorder)
    il_recorder_step_worker (self->recorder, number);
  else
    il_window_kill_worker (self, number, g_str_equal (name, "win.crash-worker"));
}

static void
run_as_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  IlWindow *self = IL_WINDOW (widget);

  if (!il_scenario_panel_select_model (self->panel, g_variant_get_string (parameter, NULL)))
    return;

  if (il_window_is_running (self))
    il_window_restart_run (self);
  else
    il_window_start_run (self);
}

/* So that the keys of the timeline work wherever the focus is. */
static void
timeline_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *action = g_strconcat ("timeline", strchr (name, '.'), NULL);

  gtk_widget_activate_action (GTK_WIDGET (IL_WINDOW (widget)->timeline), action, NULL);
}

static void
copy_text_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget),
                          g_variant_get_string (parameter, NULL));
  il_window_toast (IL_WINDOW (widget), _ ("Command copied"));
}

static void
hide_hint_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  IlWindow *self = IL_WINDOW (widget);

  g_settings_set_boolean (self->settings, "show-scheduler-hint", FALSE);
  il_window_remove_banner (self, "scheduler");
}

void
il_window_class_init_actions (GtkWidgetClass *widget_class)
{
  static const char *const simple[]
      = { "win.pause",         "win.step",        "win.choose-scenario",  "win.open",
          "win.save-as",       "win.export",      "win.sidebar",          "win.choose-program",
          "win.leave-program", "win.run-refused", "win.run-without-locks" };
  static const char *const of_timeline[]
      = { "win.zoom-in", "win.zoom-out", "win.reset-zoom", "win.fit", "win.follow" };

  gtk_widget_class_install_action (widget_class, "win.run", NULL, run_action_cb);
  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    gtk_widget_class_install_action (widget_class, simple[i], NULL, simple_action_cb);
  for (guint i = 0; i < G_N_ELEMENTS (of_timeline); i++)
    gtk_widget_class_install_action (widget_class, of_timeline[i], NULL, timeline_action_cb);
  gtk_widget_class_install_action (widget_class, "win.copy-text", "s", copy_text_action_cb);
  gtk_widget_class_install_action (widget_class, "win.step-worker", "u", worker_action_cb);
  gtk_widget_class_install_action (widget_class, "win.kill-worker", "u", worker_action_cb);
  gtk_widget_class_install_action (widget_class, "win.crash-worker", "u", worker_action_cb);
  gtk_widget_class_install_action (widget_class, "win.run-as", "s", run_as_action_cb);
  gtk_widget_class_install_action (widget_class, "win.hide-scheduler-hint", NULL,
                                   hide_hint_action_cb);
}
