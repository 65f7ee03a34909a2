/* il-window-output.c - what a program printed: it is shown, and what that costs is said
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-window-private.h"

#include <glib/gi18n.h>

/* Who prints so much in so short a time waits for us to read it. */
#define MUCH_BYTES (1 << 18)
#define MUCH_US G_TIME_SPAN_SECOND

/* Once a run: it does not change by being said again. */
static void
tell_much (IlWindow *self)
{
  self->told_printing = TRUE;
  il_window_add_banner (
      self, "printing", IL_BANNER_INFO,
      _ ("The program prints a lot, and part of the waiting that is shown comes of that. To see it "
         "without, run sh -c '… > FILE'"));
}

static void
count_printed (IlWindow *self, guint64 n_bytes)
{
  gint64 now_us = g_get_monotonic_time ();

  if (now_us - self->printed_since_us > MUCH_US)
    {
      self->printed_since_us = now_us;
      self->printed = 0;
    }
  self->printed += n_bytes;
  if (self->printed >= MUCH_BYTES && !self->told_printing)
    tell_much (self);
}

/**
 * il_window_show_output:
 *
 * Shows what the program printed since the last time.
 */
void
il_window_show_output (IlWindow *self)
{
  g_autofree char *text = NULL;
  guint64 n_forgotten = 0;

  if (!self->program || !self->recorder)
    return;

  text = il_recorder_take_output (self->recorder, &n_forgotten);
  if (n_forgotten > 0)
    il_output_pane_leave_out (self->output, n_forgotten);
  if (*text)
    il_output_pane_append (self->output, text);
  count_printed (self, n_forgotten + strlen (text));
}

/**
 * il_window_forget_output:
 *
 * Shows none any more, for another run.
 */
void
il_window_forget_output (IlWindow *self)
{
  self->printed = 0;
  self->printed_since_us = 0;
  self->told_printing = FALSE;
  il_window_remove_banner (self, "printing");
  il_output_pane_clear (self->output);
}
