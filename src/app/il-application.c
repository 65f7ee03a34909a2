/* il-application.c - the application: command line, windows, what belongs to all of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-application.h"

#include "il-window.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

struct _IlApplication
{
  AdwApplication parent_instance;
  GSettings *settings;
  guint signal_ids[3];
};

G_DEFINE_FINAL_TYPE (IlApplication, il_application, ADW_TYPE_APPLICATION)

static const struct
{
  const char *action;
  const char *accelerators[4];
} accelerators[] = {
  { "win.run", { "<Control>r", "F5" } },
  { "win.pause", { "<Control>space" } },
  { "win.step", { "<Control>period" } },
  { "win.choose-scenario", { "<Control>l" } },
  { "win.choose-program", { "<Control><Shift>r" } },
  { "win.next-finding", { "F4" } },
  { "win.previous-finding", { "<Shift>F4" } },
  { "win.export", { "<Control>e" } },
  { "win.open", { "<Control>o" } },
  { "win.save-as", { "<Control>s", "<Control><Shift>s" } },
  { "win.sidebar", { "F9" } },
  { "win.zoom-in", { "<Control>plus", "<Control>equal", "<Control>KP_Add" } },
  { "win.zoom-out", { "<Control>minus", "<Control>KP_Subtract" } },
  { "win.reset-zoom", { "<Control>0", "<Control>KP_0" } },
  { "win.fit", { "<Control>Home" } },
  { "win.follow", { "<Control>End" } },
  { "win.show-help-overlay", { "<Control>question", "F1" } },
  { "window.close", { "<Control>w" } },
  { "app.new-window", { "<Control>n" } },
  { "app.quit", { "<Control>q" } },
};

/* --- actions --- */

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (data));

  adw_show_about_window (
      window, "application-name", "Interleave", "application-icon", IL_APPLICATION_ID, "version",
      IL_VERSION, "developer-name", _ ("The Interleave authors"), "license-type",
      GTK_LICENSE_GPL_3_0, "comments",
      _ ("See concurrency happen: run a workload and watch what every core, worker, lock and queue "
         "does."),
      /* Translators: your names, one on each line */
      "translator-credits", _ ("translator-credits"), NULL);
}

static void
new_window_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  IlWindow *window = il_window_new (GTK_APPLICATION (data));

  gtk_window_present (GTK_WINDOW (window));
}

/* Each window ends its own run first; the last one ends the application. */
static void
close_windows (IlApplication *self, gboolean at_once)
{
  GList *windows = g_list_copy_deep (gtk_application_get_windows (GTK_APPLICATION (self)),
                                     (GCopyFunc)(GCallback)g_object_ref, NULL);

  if (!windows)
    g_application_quit (G_APPLICATION (self));
  for (GList *i = windows; i; i = i->next)
    if (at_once && IL_IS_WINDOW (i->data))
      il_window_close_at_once (IL_WINDOW (i->data));
    else
      gtk_window_close (GTK_WINDOW (i->data));
  g_list_free_full (windows, g_object_unref);
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  close_windows (IL_APPLICATION (data), FALSE);
}

/* What ends a session or a terminal is no reason to leave half a recording behind, and does not
 * wait for answers. */
static gboolean
signal_cb (gpointer data)
{
  close_windows (IL_APPLICATION (data), TRUE);

  return G_SOURCE_CONTINUE;
}

/* --- the command line --- */

static int
il_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("interleave %s\n", IL_VERSION);
      return 0;
    }

  return G_APPLICATION_CLASS (il_application_parent_class)
      ->handle_local_options (application, options);
}

/* A window that shows nothing yet takes it; where all have something to show, a new one does. */
static IlWindow *
vacant_window (IlApplication *self)
{
  for (GList *i = gtk_application_get_windows (GTK_APPLICATION (self)); i; i = i->next)
    if (IL_IS_WINDOW (i->data) && il_window_is_vacant (IL_WINDOW (i->data)))
      return IL_WINDOW (i->data);

  return il_window_new (GTK_APPLICATION (self));
}

/* What is neither a recording nor a scenario by its name nor an existing file is a bundled id. */
static void
open_argument (IlWindow *window, GApplicationCommandLine *command_line, const char *argument,
               gboolean run)
{
  g_autoptr (GFile) file = g_application_command_line_create_file_for_arg (command_line, argument);
  g_autofree char *path = g_file_get_path (file);

  if (path && g_str_has_suffix (argument, ".scenario"))
    il_window_choose_scenario (window, path, run);
  else if (strchr (argument, '/') || strchr (argument, '.'))
    il_window_open_file (window, file);
  else
    il_window_choose_scenario (window, argument, run);
}

static int
il_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  IlApplication *self = IL_APPLICATION (application);
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  gboolean run = !g_variant_dict_contains (options, "no-run");
  const char *scenario = NULL;
  g_autofree const char **arguments = NULL;
  IlWindow *window;
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));

  g_variant_dict_lookup (options, "scenario", "&s", &scenario);
  g_variant_dict_lookup (options, G_OPTION_REMAINING, "^a&ay", &arguments);

  if (!scenario && !arguments && active)
    {
      gtk_window_present (active);
      return 0;
    }

  window = vacant_window (self);
  if (scenario)
    open_argument (window, command_line, scenario, run);
  else if (!arguments)
    il_window_choose_scenario (window, NULL, run);
  gtk_window_present (GTK_WINDOW (window));

  for (guint i = 0; arguments && arguments[i]; i++)
    {
      if (i > 0 || scenario)
        window = il_window_new (GTK_APPLICATION (self));
      open_argument (window, command_line, arguments[i], run);
      gtk_window_present (GTK_WINDOW (window));
    }

  return 0;
}

/* --- the object --- */

static gboolean
scheme_from_setting_cb (GValue *value, GVariant *setting, gpointer data)
{
  const char *name = g_variant_get_string (setting, NULL);

  if (g_str_equal (name, "light"))
    g_value_set_enum (value, ADW_COLOR_SCHEME_FORCE_LIGHT);
  else if (g_str_equal (name, "dark"))
    g_value_set_enum (value, ADW_COLOR_SCHEME_FORCE_DARK);
  else
    g_value_set_enum (value, ADW_COLOR_SCHEME_DEFAULT);

  return TRUE;
}

static void
il_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { .name = "about", .activate = about_cb },
    { .name = "new-window", .activate = new_window_cb },
    { .name = "quit", .activate = quit_cb },
  };
  static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
  IlApplication *self = IL_APPLICATION (application);
  g_autoptr (GAction) color_scheme = NULL;

  G_APPLICATION_CLASS (il_application_parent_class)->startup (application);

  self->settings = g_settings_new (IL_APPLICATION_ID);
  g_settings_bind_with_mapping (
      self->settings, "color-scheme", adw_application_get_style_manager (ADW_APPLICATION (self)),
      "color-scheme", G_SETTINGS_BIND_GET, scheme_from_setting_cb, NULL, NULL, NULL);
  color_scheme = g_settings_create_action (self->settings, "color-scheme");
  g_action_map_add_action (G_ACTION_MAP (self), color_scheme);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    self->signal_ids[i] = g_unix_signal_add (signals[i], signal_cb, self);
  for (guint i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accelerators[i].action,
                                           accelerators[i].accelerators);
  gtk_window_set_default_icon_name (IL_APPLICATION_ID);
}

static void
il_application_dispose (GObject *object)
{
  IlApplication *self = IL_APPLICATION (object);

  for (guint i = 0; i < G_N_ELEMENTS (self->signal_ids); i++)
    g_clear_handle_id (&self->signal_ids[i], g_source_remove);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (il_application_parent_class)->dispose (object);
}

static void
il_application_class_init (IlApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_application_dispose;
  application_class->startup = il_application_startup;
  application_class->handle_local_options = il_application_handle_local_options;
  application_class->command_line = il_application_command_line;
}

static void
il_application_init (IlApplication *self)
{
  static const GOptionEntry entries[] = {
    { "scenario", 0, 0, G_OPTION_ARG_STRING, NULL,
      N_ ("Run this scenario: the id of a bundled one, or a file"), N_ ("ID") },
    { "no-run", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Do not start the workload yet"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_ ("[FILE]") },
    { 0 },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), entries);
}

/**
 * il_application_new:
 *
 * Returns: (transfer full): the application, not running yet
 */
IlApplication *
il_application_new (void)
{
  return g_object_new (IL_TYPE_APPLICATION, "application-id", IL_APPLICATION_ID, "flags",
                       G_APPLICATION_HANDLES_COMMAND_LINE, "resource-base-path",
                       "/io/github/interleave/Interleave", NULL);
}
