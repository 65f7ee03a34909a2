/* il-program-dialog.c - asks which program to run, and how
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-program-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

struct _IlProgramDialog
{
  AdwWindow parent_instance;

  GSettings *settings;
  GPtrArray *recent; /* of IlProgramChoice, the newest first */
  GCancellable *cancellable;
  GtkFileChooserNative *chooser;
  gboolean tried; /* to run what is in the fields: from now on they say what they lack, too */
  IlProgramChoice *begun; /* (nullable): what the fields were filled with */
  gboolean locks;         /* whether they are to be recorded, unless the user switches that */

  AdwEntryRow *command_row, *directory_row;
  GtkWidget *environment_row;
  GtkTextBuffer *environment;
  GtkWidget *environment_view;
  GtkSwitch *locks_switch;
  GtkLabel *command_message, *directory_message, *environment_message;
  GtkWidget *recent_group;
  GtkListBox *recent_list;
};

enum
{
  CHOSEN,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (IlProgramDialog, il_program_dialog, ADW_TYPE_WINDOW)

static guint signals[N_SIGNALS];

/* --- what the fields say of themselves --- */

static void
say (GtkLabel *message, GtkWidget *field, const char *text, gboolean is_error)
{
  gtk_label_set_label (message, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (message), text != NULL);
  if (text && is_error)
    {
      gtk_widget_add_css_class (field, "error");
      gtk_widget_add_css_class (GTK_WIDGET (message), "error");
    }
  else
    {
      gtk_widget_remove_css_class (field, "error");
      gtk_widget_remove_css_class (GTK_WIDGET (message), "error");
    }
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (field), GTK_ACCESSIBLE_STATE_INVALID,
      text && is_error ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

static void
say_no_shell (IlProgramDialog *self, const char *word)
{
  g_autofree char *text = NULL;

  if (word)
    /* Translators: %s is something like | or >; sh -c '…' is to be typed */
    text = g_strdup_printf (_ ("No shell reads this: the program gets “%s” as it is. For what a "
                               "shell does with it, run sh -c '…'"),
                            word);
  say (self->command_message, GTK_WIDGET (self->command_row), text, FALSE);
}

/* While something is being typed, what is not there yet is no mistake. */
static void
check_command (IlProgramDialog *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = il_program_choice_read_command (text, &error);

  if (words)
    say_no_shell (self, il_program_choice_find_shell_word ((const char *const *)words));
  else
    say (self->command_message, GTK_WIDGET (self->command_row), self->tried ? error->message : NULL,
         TRUE);
}

static void
check_others (IlProgramDialog *self, const IlProgramChoice *choice)
{
  g_autoptr (GError) in_directory = NULL;
  g_autoptr (GError) in_environment = NULL;
  g_autofree char *directory G_GNUC_UNUSED
      = il_program_choice_read_directory (choice->directory, &in_directory);
  g_auto (GStrv) environment G_GNUC_UNUSED
      = il_program_choice_read_environment (choice->environment, NULL, &in_environment);

  say (self->directory_message, GTK_WIDGET (self->directory_row),
       in_directory && self->tried ? in_directory->message : NULL, TRUE);
  say (self->environment_message, self->environment_view,
       in_environment && self->tried ? in_environment->message : NULL, TRUE);
}

static void
check (IlProgramDialog *self)
{
  g_autoptr (IlProgramChoice) choice = il_program_dialog_dup_choice (self);

  g_cancellable_cancel (self->cancellable);
  check_command (self, choice->command_line);
  check_others (self, choice);
}

static gboolean
is_same_program (const IlProgramChoice *choice, const IlProgramChoice *other)
{
  return g_str_equal (choice->command_line, other->command_line)
         && g_str_equal (choice->directory, other->directory);
}

/* As that program ran before; of one that is new they are recorded. */
static gboolean
wants_locks (IlProgramDialog *self)
{
  g_autoptr (IlProgramChoice) choice = il_program_dialog_dup_choice (self);

  if (self->begun && is_same_program (choice, self->begun))
    return !self->begun->no_locks;
  for (guint i = 0; i < self->recent->len; i++)
    {
      const IlProgramChoice *other = g_ptr_array_index (self->recent, i);

      if (is_same_program (choice, other))
        return !other->no_locks;
    }

  return TRUE;
}

static void
set_locks (IlProgramDialog *self, gboolean locks)
{
  self->locks = locks;
  gtk_switch_set_active (self->locks_switch, locks);
}

/* That one program runs without locks says nothing of another.  What the user switches stays. */
static void
follow_program (IlProgramDialog *self)
{
  if (gtk_switch_get_active (self->locks_switch) == self->locks)
    set_locks (self, wants_locks (self));
}

static void
changed_cb (IlProgramDialog *self)
{
  follow_program (self);
  check (self);
}

/* --- running it --- */

static void
remember (IlProgramDialog *self)
{
  g_autoptr (IlProgramChoice) choice = il_program_dialog_dup_choice (self);

  il_program_choices_add (self->recent, choice);
  g_settings_set_value (self->settings, "recent-programs", il_program_choices_save (self->recent));
}

/* To go on typing where the mistake is, and not over all of it. */
static void
go_to_row (AdwEntryRow *row)
{
  gtk_widget_grab_focus (GTK_WIDGET (row));
  gtk_editable_set_position (GTK_EDITABLE (row), -1);
}

static void
show_mistake (IlProgramDialog *self, int code)
{
  if (code == IL_PROGRAM_CHOICE_ERROR_COMMAND)
    go_to_row (self->command_row);
  else if (code == IL_PROGRAM_CHOICE_ERROR_DIRECTORY)
    go_to_row (self->directory_row);
  else
    {
      adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->environment_row), TRUE);
      gtk_widget_grab_focus (self->environment_view);
    }
}

/* Where it is wrong, it is said there. */
static void
say_where (IlProgramDialog *self, const GError *error)
{
  if (error->code == IL_PROGRAM_CHOICE_ERROR_COMMAND)
    say (self->command_message, GTK_WIDGET (self->command_row), error->message, TRUE);
  else
    say (self->directory_message, GTK_WIDGET (self->directory_row), error->message, TRUE);
  show_mistake (self, error->code);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (IlProgramDialog) self = IL_PROGRAM_DIALOG (data);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      remember (self);
      g_signal_emit (self, signals[CHOSEN], 0);
      gtk_window_close (GTK_WINDOW (self));
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    say_where (self, error);
}

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (il_program_plan_check (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
run (IlProgramDialog *self)
{
  g_autoptr (IlProgramChoice) choice = il_program_dialog_dup_choice (self);
  g_autoptr (IlProgramPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;

  self->tried = TRUE;
  check (self);
  plan = il_program_choice_plan (choice, &error);
  if (!plan)
    {
      show_mistake (self, error->code);
      return;
    }

  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  /* The task may be freed by its thread, which must not be the last to know the dialog. */
  task = g_task_new (NULL, self->cancellable, looked_cb, g_object_ref (self));
  g_task_set_source_tag (task, run);
  g_task_set_task_data (task, g_steal_pointer (&plan), (GDestroyNotify)il_program_plan_free);
  g_task_run_in_thread (task, look_thread);
}

static void
run_cb (IlProgramDialog *self)
{
  run (self);
}

static void
run_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  run (IL_PROGRAM_DIALOG (widget));
}

/* --- choosing a directory --- */

static void
directory_chosen_cb (GtkNativeDialog *dialog, int response, IlProgramDialog *self)
{
  g_autoptr (GtkFileChooserNative) chooser = g_steal_pointer (&self->chooser);
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response != GTK_RESPONSE_ACCEPT)
    return;

  file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  path = file ? g_file_get_path (file) : NULL;
  if (path)
    gtk_editable_set_text (GTK_EDITABLE (self->directory_row), path);
}

static void
choose_directory_cb (IlProgramDialog *self)
{
  g_autofree char *path = il_program_choice_read_directory (
      gtk_editable_get_text (GTK_EDITABLE (self->directory_row)), NULL);
  g_autoptr (GFile) folder = path ? g_file_new_for_path (path) : NULL;

  if (self->chooser)
    return;

  self->chooser = gtk_file_chooser_native_new (_ ("Directory of the Program"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  if (folder)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (directory_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* --- recent ones --- */

static void fill_recent (IlProgramDialog *self);

static void
remove_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  IlProgramDialog *self = IL_PROGRAM_DIALOG (widget);
  guint index = g_variant_get_uint32 (parameter);
  GtkListBoxRow *next;

  if (index >= self->recent->len)
    return;

  il_program_choices_remove (self->recent, index);
  g_settings_set_value (self->settings, "recent-programs", il_program_choices_save (self->recent));
  fill_recent (self);
  /* Who removes several by the keyboard goes on where the list goes on. */
  next = gtk_list_box_get_row_at_index (self->recent_list,
                                        (int)MIN (index, MAX (self->recent->len, 1) - 1));
  gtk_widget_grab_focus (next ? GTK_WIDGET (next) : GTK_WIDGET (self->command_row));
}

static GtkWidget *
create_remove_button (guint index)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("window-close-symbolic");

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_set_tooltip_text (button, _ ("Remove from the list"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Remove from the list"), -1);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "u", index);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "program.remove");

  return button;
}

static void
add_recent (IlProgramDialog *self, guint index)
{
  const IlProgramChoice *choice = g_ptr_array_index (self->recent, index);
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), choice->command_line);
  /* GTK 4.8 warns of labels that may be cut and are narrower than what says so. */
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), strlen (choice->command_line) > 20 ? 2 : 0);
  gtk_widget_set_tooltip_text (row, choice->command_line);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), choice->directory);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), strlen (choice->directory) > 20 ? 1 : 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), create_remove_button (index));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_list_box_append (self->recent_list, row);
}

static void
fill_recent (IlProgramDialog *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->recent_list))))
    gtk_list_box_remove (self->recent_list, child);
  for (guint i = 0; i < self->recent->len; i++)
    add_recent (self, i);
  gtk_widget_set_visible (self->recent_group, self->recent->len > 0);
}

/* It fills the fields; what was chosen by mistake has not run yet. */
static void
recent_activated_cb (IlProgramDialog *self, GtkListBoxRow *row)
{
  int index = gtk_list_box_row_get_index (row);

  il_program_dialog_set_choice (self, g_ptr_array_index (self->recent, index));
}

/* --- the object --- */

static void
il_program_dialog_dispose (GObject *object)
{
  IlProgramDialog *self = IL_PROGRAM_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->chooser);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->recent, g_ptr_array_unref);
  g_clear_pointer (&self->begun, il_program_choice_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), IL_TYPE_PROGRAM_DIALOG);

  G_OBJECT_CLASS (il_program_dialog_parent_class)->dispose (object);
}

static void
il_program_dialog_class_init (IlProgramDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_program_dialog_dispose;
  signals[CHOSEN] = g_signal_new ("chosen", IL_TYPE_PROGRAM_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_install_action (widget_class, "program.run", NULL, run_action_cb);
  gtk_widget_class_install_action (widget_class, "program.remove", "u", remove_action_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, GDK_CONTROL_MASK,
                                       "program.run", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Enter, GDK_CONTROL_MASK,
                                       "program.run", NULL);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/interleave/Interleave/il-program-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, command_row);
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, directory_row);
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, environment_row);
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, environment);
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, environment_view);
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, locks_switch);
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, command_message);
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, directory_message);
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, environment_message);
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, recent_group);
  gtk_widget_class_bind_template_child (widget_class, IlProgramDialog, recent_list);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, run_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_directory_cb);
  gtk_widget_class_bind_template_callback (widget_class, recent_activated_cb);
}

static void
il_program_dialog_init (IlProgramDialog *self)
{
  g_autoptr (GVariant) recent = NULL;

  self->settings = g_settings_new (IL_APPLICATION_ID);
  recent = g_settings_get_value (self->settings, "recent-programs");
  self->recent = il_program_choices_load (recent);
  self->locks = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  fill_recent (self);
  if (self->recent->len > 0)
    il_program_dialog_set_choice (self, g_ptr_array_index (self->recent, 0));
  else
    gtk_editable_set_text (GTK_EDITABLE (self->directory_row), "~");
  gtk_widget_grab_focus (GTK_WIDGET (self->command_row));
}

/**
 * il_program_dialog_new:
 * @parent: (nullable): that it stands above
 *
 * Returns: (transfer none): a dialog with what was run last in its fields
 */
GtkWidget *
il_program_dialog_new (GtkWindow *parent)
{
  return g_object_new (IL_TYPE_PROGRAM_DIALOG, "transient-for", parent, NULL);
}

/**
 * il_program_dialog_set_choice:
 *
 * Fills the fields, and goes to the first of them.
 */
void
il_program_dialog_set_choice (IlProgramDialog *self, const IlProgramChoice *choice)
{
  g_return_if_fail (IL_IS_PROGRAM_DIALOG (self));

  g_clear_pointer (&self->begun, il_program_choice_free);
  self->begun = il_program_choice_copy (choice);
  self->tried = FALSE;
  gtk_editable_set_text (GTK_EDITABLE (self->command_row), choice->command_line);
  gtk_editable_set_text (GTK_EDITABLE (self->directory_row), choice->directory);
  gtk_text_buffer_set_text (self->environment, choice->environment, -1);
  set_locks (self, !choice->no_locks);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->environment_row),
                                 *choice->environment != '\0');
  gtk_widget_grab_focus (GTK_WIDGET (self->command_row));
  gtk_editable_select_region (GTK_EDITABLE (self->command_row), 0, -1);
}

/**
 * il_program_dialog_dup_choice:
 *
 * Returns: (transfer full): what is in the fields, right or wrong
 */
IlProgramChoice *
il_program_dialog_dup_choice (IlProgramDialog *self)
{
  g_autofree char *environment = NULL;
  GtkTextIter begin, end;

  g_return_val_if_fail (IL_IS_PROGRAM_DIALOG (self), NULL);

  gtk_text_buffer_get_bounds (self->environment, &begin, &end);
  environment = gtk_text_buffer_get_text (self->environment, &begin, &end, FALSE);

  return il_program_choice_new (gtk_editable_get_text (GTK_EDITABLE (self->command_row)),
                                gtk_editable_get_text (GTK_EDITABLE (self->directory_row)),
                                environment, !gtk_switch_get_active (self->locks_switch));
}
