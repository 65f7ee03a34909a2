/* il-window-close.c - how the window closes: asks, stops what runs, keeps what is to be kept
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run is recorded into a file of its own, so that nothing is lost when the window closes, and
 * nothing asked: but where it is a program that runs, which is more than a picture of it to its
 * user, and where there is no such file.
 */

#include "config.h"

#include "il-window-private.h"

#include "il-visible-text.h"

#include <glib/gi18n.h>

#define CLOSE_PATIENCE_MS 5000

/* --- whether it may --- */

static gboolean
runs_program (IlWindow *self)
{
  return self->program && il_window_is_running (self);
}

/* What is shown was recorded here, and there is no file of it. */
static gboolean
is_unkept (IlWindow *self)
{
  return self->session && !self->session_path && !self->opened && !self->preparing;
}

static char *
describe_loss (IlWindow *self)
{
  g_autofree char *command = NULL;

  if (!runs_program (self))
    return g_strdup (_ ("It could not be written to a file, and is lost when the window closes."));

  command = il_make_glimpse (self->program->command_line);
  /* Translators: %s is a command line */
  return g_strdup_printf (
      is_unkept (self) ? _ ("“%s” is stopped when the window closes, and its recording is lost: it "
                            "could not be written to a file.")
                       : _ ("“%s” is stopped when the window closes. What was recorded until then "
                            "is kept."),
      command);
}

static gboolean
agreed_cb (gpointer data)
{
  il_window_close_at_once (IL_WINDOW (data));

  return G_SOURCE_REMOVE;
}

/* The dialog goes with the window, but is not to while it is being answered. */
static void
answered_cb (AdwMessageDialog *dialog, const char *response, IlWindow *self)
{
  self->asking_to_close = FALSE;
  if (g_str_equal (response, "close"))
    g_idle_add_full (G_PRIORITY_DEFAULT, agreed_cb, g_object_ref (self), g_object_unref);
}

static void
ask (IlWindow *self)
{
  gboolean is_program = runs_program (self);
  g_autofree char *text = describe_loss (self);
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), is_program ? _ ("Stop the Program?") : _ ("Discard the Recording?"), NULL);

  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), text);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "close",
                                    is_program ? _ ("_Stop and Close") : _ ("_Discard"), NULL);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "close",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (answered_cb), self, 0);
  self->asking_to_close = TRUE;
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- closing --- */

static gboolean
is_busy (IlWindow *self)
{
  return il_window_is_running (self) || self->n_copies > 0;
}

static gboolean
patience_ended_cb (gpointer data)
{
  IlWindow *self = IL_WINDOW (data);

  self->close_id = 0;
  gtk_window_destroy (GTK_WINDOW (self));

  return G_SOURCE_REMOVE;
}

/**
 * il_window_defer_close:
 *
 * Asks where something would be lost.  Stops the run so that its recording is whole, waits for
 * copies of it that were asked for, and closes then.
 *
 * Returns: whether the window has to stay until then; but where it asks it is out of sight already
 */
gboolean
il_window_defer_close (IlWindow *self)
{
  if (self->closing)
    return TRUE;
  if (!self->may_close && (runs_program (self) || is_unkept (self)))
    {
      if (!self->asking_to_close)
        ask (self);
      return TRUE;
    }
  if (!is_busy (self))
    return FALSE;

  self->closing = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  if (il_window_is_running (self))
    {
      self->close_id = g_timeout_add (CLOSE_PATIENCE_MS, patience_ended_cb, self);
      il_window_stop_run (self);
    }

  return TRUE;
}

/**
 * il_window_go_on_closing:
 *
 * To be called when something has ended that a window that closes may wait for.
 */
void
il_window_go_on_closing (IlWindow *self)
{
  if (!self->closing)
    return;

  if (!il_window_is_running (self))
    g_clear_handle_id (&self->close_id, g_source_remove);
  if (!is_busy (self))
    gtk_window_destroy (GTK_WINDOW (self));
}

/**
 * il_window_stay:
 *
 * Is seen again, where it was about to close: there is something to tell.
 */
void
il_window_stay (IlWindow *self)
{
  if (!self->closing)
    return;

  self->closing = self->may_close = FALSE;
  gtk_window_present (GTK_WINDOW (self));
}

/**
 * il_window_close_at_once:
 *
 * Closes the window without asking.
 */
void
il_window_close_at_once (IlWindow *self)
{
  g_return_if_fail (IL_IS_WINDOW (self));

  self->may_close = TRUE;
  gtk_window_close (GTK_WINDOW (self));
}
