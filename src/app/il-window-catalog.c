/* il-window-catalog.c - the scenarios that the window offers, and the one that was asked for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-window-private.h"

#include <glib/gi18n.h>

static void
run_wanted (IlWindow *self)
{
  gboolean run = self->wants_run;

  self->wants_run = FALSE;
  il_window_update (self);
  if (run && !il_window_is_running (self))
    il_window_start_run (self);
  else if (run)
    il_window_restart_run (self);
}

static void
scenario_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (IlWindow) self = IL_WINDOW (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) scenarios = il_scenario_catalog_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (!scenarios || scenarios->len == 0)
    {
      self->wants_run = FALSE;
      il_window_add_banner (self, "scenario", IL_BANNER_ERROR,
                            error ? error->message : _ ("There is no scenario in that file."));
      il_window_update (self);
      return;
    }

  il_window_remove_banner (self, "scenario");
  il_scenario_panel_add_scenario (self->panel, g_ptr_array_index (scenarios, 0));
  run_wanted (self);
}

/* A file that is not bundled has to be read first. */
static void
choose_wanted (IlWindow *self)
{
  g_autofree char *wanted = g_steal_pointer (&self->wanted_scenario);

  if (wanted && (strchr (wanted, '/') || g_str_has_suffix (wanted, ".scenario")))
    {
      il_scenario_catalog_load_async (wanted, self->cancellable, scenario_loaded_cb,
                                      g_object_ref (self));
      return;
    }

  if (wanted && !il_scenario_panel_select (self->panel, wanted))
    {
      g_autofree char *text = g_strdup_printf (
          _ ("There is no scenario “%s”. Choose one at the left, or open a file."), wanted);

      il_window_add_banner (self, "scenario", IL_BANNER_ERROR, text);
      self->wants_run = FALSE;
    }
  else if (wanted)
    il_window_remove_banner (self, "scenario");
  run_wanted (self);
}

static void
choose_default (IlWindow *self)
{
  g_autofree char *last = g_settings_get_string (self->settings, "last-scenario");
  gboolean was_file = strchr (last, '/') != NULL;

  if (was_file || !il_scenario_panel_select (self->panel, last))
    il_scenario_panel_select (self->panel, "producer-consumer");
}

static void
catalog_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (IlWindow) self = IL_WINDOW (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) scenarios = il_scenario_catalog_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->catalog_known = TRUE;
  if (!scenarios || scenarios->len == 0)
    {
      il_window_add_banner (self, "catalog", IL_BANNER_ERROR,
                            error ? error->message : _ ("No scenarios are installed."));
      g_clear_pointer (&self->wanted_scenario, g_free);
      self->wants_run = FALSE;
      il_window_update (self);
      return;
    }

  il_scenario_panel_set_scenarios (self->panel, scenarios);
  if (self->opened && !self->program)
    il_window_adopt_settings (self);
  else
    choose_default (self);
  choose_wanted (self);
}

void
il_window_load_catalog (IlWindow *self)
{
  il_scenario_catalog_load_async (NULL, self->cancellable, catalog_loaded_cb, g_object_ref (self));
}

/**
 * il_window_choose_scenario:
 * @scenario: (nullable): bundled id or path; NULL: the one of the last time
 * @run: whether to run it at once
 */
void
il_window_choose_scenario (IlWindow *self, const char *scenario, gboolean run)
{
  g_return_if_fail (IL_IS_WINDOW (self));

  il_window_leave_program (self);
  g_free (self->wanted_scenario);
  self->wanted_scenario = g_strdup (scenario);
  self->wants_run = run;
  if (self->catalog_known)
    choose_wanted (self);
}
