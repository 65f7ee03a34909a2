/* il-window-files.c - the window's files: opens and copies recordings, writes pictures
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-window-private.h"

#include "il-caption.h"
#include "il-finder.h"
#include "il-picture.h"
#include "il-recordings.h"
#include "il-units.h"
#include "il-visible-text.h"

#include <glib/gi18n.h>

#define PICTURE_MIN_WIDTH 960
#define PICTURE_SCALE 2 /* sharp on paper and on a projector */

/* --- opening --- */

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  IlSession *session = il_session_load_with (data, il_finder_prepare, NULL, cancellable, &error);

  if (session)
    g_task_return_pointer (task, session, (GDestroyNotify)il_session_unref);
  else
    g_task_return_error (task, error);
}

/**
 * il_window_adopt_workers:
 *
 * Lets the panel show as many workers as the session has in the common pool; of one that says but
 * how many there were in all, so many.
 */
void
il_window_adopt_workers (IlWindow *self)
{
  g_autofree char *of_pool = il_session_dup_meta (self->session, IL_META_POOL_WORKERS);
  g_autofree char *of_all = il_session_dup_meta (self->session, IL_META_WORKERS);
  const char *text = of_pool ? of_pool : of_all;
  guint64 n_workers = text ? g_ascii_strtoull (text, NULL, 10) : 0;

  if (n_workers > 0 && n_workers <= G_MAXINT)
    il_scenario_panel_set_workers (self->panel, (guint)n_workers);
}

/**
 * il_window_adopt_settings:
 *
 * Lets the panel stand as it did when the recording was made, so that it can be run again.
 */
void
il_window_adopt_settings (IlWindow *self)
{
  g_autofree char *id = il_session_dup_meta (self->session, IL_META_SCENARIO_ID);
  g_autofree char *model = il_session_dup_meta (self->session, IL_META_MODEL);
  g_autofree char *settings = il_session_dup_meta (self->session, IL_META_SETTINGS);

  if (il_window_adopt_program (self) || !self->catalog_known)
    return;
  if (!id || !il_scenario_panel_select (self->panel, id))
    {
      g_autoptr (IlScenario) recorded = il_scenario_new_recorded (self->session);

      il_scenario_panel_add_scenario (self->panel, recorded);
    }

  il_scenario_panel_select_model (self->panel, model);
  il_window_adopt_workers (self);
  if (settings)
    il_scenario_panel_set_settings (self->panel, settings);
  il_window_update (self);
}

static void
show_loaded (IlWindow *self, IlSession *session, const char *path)
{
  IlTimelineTotals totals;
  g_autofree char *clock = NULL;

  if (il_window_is_running (self))
    il_window_stop_run (self);
  il_window_clear_banners (self);
  il_output_pane_clear (self->output);
  il_window_set_session (self, session, path, TRUE);
  clock = il_format_clock (il_timeline_get_end (il_session_get_timeline (session)));
  gtk_label_set_label (self->time_label, clock);
  il_window_show_page (self, "timeline");
  il_window_adopt_settings (self);
  il_timeline_get_totals (il_session_get_timeline (session), &totals);
  il_window_tell_lost (self, totals.n_lost);
  if (il_session_get_ending (session) == IL_SESSION_BEING_RECORDED)
    il_window_add_banner (self, "cut-off", IL_BANNER_INFO,
                          _ ("This recording still goes on. What was written of it until now is "
                             "shown; open it again to see more."));
  else if (il_session_get_ending (session) == IL_SESSION_CUT_OFF)
    il_window_add_banner (self, "cut-off", IL_BANNER_WARNING,
                          _ ("This recording was cut off: the recorder ended before it could close "
                             "the file. What was written until then is shown."));
  if (il_session_get_damage (session) != NULL)
    {
      g_autofree char *name = g_filename_display_basename (path);
      g_autofree char *text = g_strdup_printf ("%s: %s", name, il_session_get_damage (session));

      il_window_add_banner (self, "damage", IL_BANNER_WARNING, text);
    }
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (IlWindow) self = IL_WINDOW (data);
  const char *path = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (session)
    show_loaded (self, session, path);
  else if (self->session)
    {
      il_window_show_page (self, "timeline");
      il_window_add_banner (self, "open", IL_BANNER_ERROR, error->message);
    }
  else
    il_window_fail_page (self, _ ("Could Not Open the Recording"), error->message);
}

/* Nobody's program is stopped by looking at something else. */
static void
open_elsewhere (IlWindow *self, GFile *file)
{
  IlWindow *other = il_window_new (gtk_window_get_application (GTK_WINDOW (self)));

  gtk_window_present (GTK_WINDOW (other));
  il_window_open_file (other, file);
}

/**
 * il_window_open_file:
 * @file: a recording, or a scenario, which is then run
 *
 * Shows a file; what cannot be shown is told in the window.  While a program runs in this one, it
 * is another window that does so.
 */
void
il_window_open_file (IlWindow *self, GFile *file)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (IL_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));

  if (self->program && il_window_is_running (self))
    {
      open_elsewhere (self, file);
      return;
    }

  path = g_file_get_path (file);
  if (!path)
    {
      il_window_add_banner (self, "open", IL_BANNER_ERROR,
                            _ ("Only files of this computer can be opened."));
      return;
    }
  if (g_str_has_suffix (path, ".scenario"))
    {
      il_window_choose_scenario (self, path, TRUE);
      return;
    }

  name = g_path_get_basename (path);
  text = g_strdup_printf (_ ("Opening %s …"), name);
  gtk_label_set_label (self->loading_label, text);
  il_window_show_page (self, "loading");
  /* The task may be freed by its thread, which must not be the last to know the window. */
  task = g_task_new (NULL, self->cancellable, loaded_cb, g_object_ref (self));
  g_task_set_source_tag (task, il_window_open_file);
  g_task_set_task_data (task, g_steal_pointer (&path), g_free);
  g_task_run_in_thread (task, load_thread);
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, IlWindow *self)
{
  il_window_open_file (self, g_value_get_object (value));

  return TRUE;
}

void
il_window_init_drop (IlWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

/* --- file choosers --- */

typedef void (*ChosenFunc) (IlWindow *self, GFile *file);

static void
response_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_autoptr (GtkFileChooserNative) chooser = GTK_FILE_CHOOSER_NATIVE (dialog);
  IlWindow *self = IL_WINDOW (gtk_native_dialog_get_transient_for (dialog));
  ChosenFunc chosen = (ChosenFunc)data;
  g_autoptr (GFile) file = NULL;

  self->chooser = NULL;
  if (response != GTK_RESPONSE_ACCEPT)
    return;

  file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  if (file)
    chosen (self, file);
}

static void
add_filter (GtkFileChooserNative *chooser, const char *name, const char *const *patterns)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  for (; *patterns; patterns++)
    gtk_file_filter_add_pattern (filter, *patterns);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
}

/* Returns NULL where one is open already. */
static GtkFileChooserNative *
create_chooser (IlWindow *self, const char *title, GtkFileChooserAction action, ChosenFunc chosen)
{
  if (self->chooser)
    return NULL;

  self->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect (self->chooser, "response", G_CALLBACK (response_cb), (gpointer)chosen);

  return self->chooser;
}

/* Folders are remembered in settings, each kind of file its own. */
static void
restore_folder (IlWindow *self, const char *key)
{
  g_autofree char *uri = g_settings_get_string (self->settings, key);
  g_autoptr (GFile) folder = *uri ? g_file_new_for_uri (uri) : NULL;

  if (folder)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
}

static void
remember_folder (IlWindow *self, const char *key, GFile *file)
{
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autofree char *uri = folder ? g_file_get_uri (folder) : NULL;

  if (uri)
    g_settings_set_string (self->settings, key, uri);
}

static void
open_chosen (IlWindow *self, GFile *file)
{
  remember_folder (self, "recordings-folder", file);
  il_window_open_file (self, file);
}

void
il_window_choose_file (IlWindow *self)
{
  static const char *const all[] = { "*" IL_RECORDING_SUFFIX, "*.scenario", NULL };
  GtkFileChooserNative *chooser = create_chooser (self, _ ("Open Recording or Scenario"),
                                                  GTK_FILE_CHOOSER_ACTION_OPEN, open_chosen);

  if (!chooser)
    return;

  add_filter (chooser, _ ("Recordings and scenarios"), all);
  add_filter (chooser, _ ("Recordings"), (const char *const[]){ all[0], NULL });
  add_filter (chooser, _ ("Scenarios"), (const char *const[]){ all[1], NULL });
  restore_folder (self, "recordings-folder");
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* --- copies --- */

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (IlWindow) self = IL_WINDOW (data);
  g_autoptr (GError) error = NULL;

  self->n_copies--;
  g_file_copy_finish (G_FILE (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (error)
    {
      il_window_add_banner (self, "copy", IL_BANNER_ERROR, error->message);
      il_window_stay (self);
      return;
    }

  il_window_remove_banner (self, "copy");
  il_window_toast (self, _ ("Recording saved"));
  il_window_go_on_closing (self);
}

static void
copy_recording (IlWindow *self, GFile *to)
{
  g_autoptr (GFile) from = g_file_new_for_path (self->session_path);

  self->n_copies++;
  g_file_copy_async (from, to, G_FILE_COPY_OVERWRITE, G_PRIORITY_DEFAULT, self->cancellable, NULL,
                     NULL, copied_cb, g_object_ref (self));
}

/**
 * il_window_save_copy:
 * @file: replaced where it exists
 *
 * Copies the recording, or promises to: while it is being recorded its file is not whole.
 */
void
il_window_save_copy (IlWindow *self, GFile *file)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  remember_folder (self, "recordings-folder", file);
  if (!self->session_path)
    return;
  if (!il_window_is_running (self) || self->opened)
    {
      copy_recording (self, file);
      return;
    }

  g_set_object (&self->save_to, file);
  name = g_file_get_basename (file);
  text = g_strdup_printf (_ ("“%s” will be written when the run ends"), name);
  il_window_toast (self, text);
}

void
il_window_save_pending (IlWindow *self)
{
  g_autoptr (GFile) file = g_steal_pointer (&self->save_to);

  if (file && self->session_path)
    copy_recording (self, file);
}

void
il_window_choose_copy (IlWindow *self)
{
  static const char *const patterns[] = { "*" IL_RECORDING_SUFFIX, NULL };
  GtkFileChooserNative *chooser;
  g_autofree char *name = NULL;

  if (!self->session_path)
    return;
  chooser = create_chooser (self, _ ("Save Recording As"), GTK_FILE_CHOOSER_ACTION_SAVE,
                            il_window_save_copy);
  if (!chooser)
    return;

  name = g_path_get_basename (self->session_path);
  add_filter (chooser, _ ("Recordings"), patterns);
  restore_folder (self, "recordings-folder");
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* --- pictures --- */

typedef struct
{
  IlWindow *window;
  GFile *file;
} Exported;

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Exported *exported = data;
  g_autoptr (IlWindow) self = exported->window;
  g_autoptr (GFile) file = exported->file;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  g_free (exported);
  if (!il_picture_export_finish (result, &error))
    {
      il_window_add_banner (self, "export", IL_BANNER_ERROR, error->message);
      return;
    }

  il_window_remove_banner (self, "export");
  name = g_file_get_basename (file);
  /* Translators: %s is a file's name */
  text = g_strdup_printf (_ ("Exported to %s"), name);
  il_window_toast (self, text);
}

static char *
describe_picture (IlWindow *self, const IlTimelineView *view)
{
  gint64 all_ns = il_timeline_get_end (il_session_get_timeline (self->session));
  g_autofree char *range
      = il_format_range (CLAMP (view->begin_ns, 0, all_ns), CLAMP (view->end_ns, 0, all_ns));

  return il_session_dup_caption (self->session, range);
}

static void
picture_chosen (IlWindow *self, GFile *file)
{
  IlTimelineView view;
  g_autofree char *caption = NULL;
  g_autofree char *path = g_file_get_path (file);
  Exported *exported;

  remember_folder (self, "pictures-folder", file);
  if (!self->session || !path)
    return;

  il_timeline_widget_get_view (self->timeline, &view);
  caption = describe_picture (self, &view);
  view.width = MAX (view.width, PICTURE_MIN_WIDTH);
  view.scroll_y = 0;
  view.scale = PICTURE_SCALE;
  view.show_legend = TRUE;
  view.caption = caption;

  exported = g_new0 (Exported, 1);
  exported->window = g_object_ref (self);
  exported->file = g_object_ref (file);
  il_picture_export_async (il_session_get_timeline (self->session), &view,
                           adw_style_manager_get_dark (adw_style_manager_get_default ()), path,
                           exported_cb, exported);
}

/* A command is no good name: it has directories in it that are nobody else's business. */
static char *
name_picture (IlWindow *self)
{
  g_autofree char *command = il_session_dup_meta (self->session, IL_META_COMMAND);
  g_autofree char *title = command ? il_program_choice_dup_name (command)
                                   : il_session_dup_meta (self->session, IL_META_TITLE);

  return il_make_file_name (title ? title : "Interleave", ".png");
}

void
il_window_choose_picture (IlWindow *self)
{
  static const char *const patterns[] = { "*.png", NULL };
  GtkFileChooserNative *chooser;
  g_autofree char *name = NULL;

  if (!self->session)
    return;
  chooser
      = create_chooser (self, _ ("Export Picture"), GTK_FILE_CHOOSER_ACTION_SAVE, picture_chosen);
  if (!chooser)
    return;

  name = name_picture (self);
  add_filter (chooser, _ ("PNG pictures"), patterns);
  restore_folder (self, "pictures-folder");
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}
