/* test-panel.c - the scenario panel and its knobs stand as the scenario says, and tell what is
 * turned
 *
 * Needs a display, and the runner for what scenarios there are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "shown.h"

#include "il-knob-row.h"
#include "il-scenario-panel.h"

#include <adwaita.h>

#define PANEL_WIDTH 272

static void
test_knob_tells_when_it_is_turned (void)
{
  char key[] = "section", name[] = "Critical section";
  const IlKnob knob = {
    .key = key, .name = name, .unit = IL_KNOB_DURATION, .value = 1.2e6, .min = 1e5, .max = 2e7
  };
  GtkWidget *row = g_object_ref_sink (il_knob_row_new (&knob));
  GtkWidget *scale = gtk_widget_get_last_child (row);
  g_autofree char *setting = il_knob_row_dup_setting (IL_KNOB_ROW (row));
  guint n = 0;

  g_signal_connect_swapped (row, "turned", G_CALLBACK (shown_count_cb), &n);
  g_assert_cmpstr (setting, ==, "1200000ns");
  shown_assert_property (scale, GTK_ACCESSIBLE_PROPERTY_LABEL, "Critical section");
  il_knob_row_set_value (IL_KNOB_ROW (row), 5e6);
  g_assert_cmpuint (n, ==, 0);
  gtk_range_set_value (GTK_RANGE (scale), 1);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpfloat (il_knob_row_get_value (IL_KNOB_ROW (row)), ==, 2e7);
  il_knob_row_set_running (IL_KNOB_ROW (row), TRUE);
  g_assert_false (gtk_widget_get_sensitive (scale));
  g_assert_nonnull (gtk_widget_get_tooltip_text (row));
  il_knob_row_set_running (IL_KNOB_ROW (row), FALSE);
  g_assert_true (gtk_widget_get_sensitive (scale));
  g_object_unref (row);
}

static GPtrArray *
load_scenarios (void)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *scenarios = il_scenario_catalog_load (NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (scenarios->len, >=, 4);

  return scenarios;
}

static void
test_panel_takes_what_the_scenario_says (void)
{
  g_autoptr (GPtrArray) scenarios = load_scenarios ();
  GtkWidget *widget = g_object_ref_sink (il_scenario_panel_new ());
  IlScenarioPanel *panel = IL_SCENARIO_PANEL (widget);
  g_auto (GStrv) settings = NULL;
  guint n = 0;

  g_assert_null (il_scenario_panel_get_scenario (panel));
  g_signal_connect_swapped (panel, "changed", G_CALLBACK (shown_count_cb), &n);
  il_scenario_panel_set_scenarios (panel, scenarios);
  g_assert_true (il_scenario_panel_select (panel, "lock-contention"));
  g_assert_false (il_scenario_panel_select (panel, "nonsense"));
  g_assert_cmpstr (il_scenario_get_id (il_scenario_panel_get_scenario (panel)), ==,
                   "lock-contention");
  g_assert_cmpstr (il_scenario_panel_get_model (panel), ==, "threads");
  g_assert_true (il_scenario_panel_select_model (panel, "processes"));
  g_assert_false (il_scenario_panel_select_model (panel, "mpi"));
  g_assert_cmpstr (il_scenario_panel_get_model (panel), ==, "processes");
  g_assert_cmpint (il_scenario_panel_get_workers (panel), ==,
                   il_scenario_get_workers (il_scenario_panel_get_scenario (panel)));
  il_scenario_panel_set_workers (panel, 7);
  g_assert_cmpint (il_scenario_panel_get_workers (panel), ==, 7);
  settings = il_scenario_panel_dup_settings (panel);
  g_assert_cmpuint (g_strv_length (settings), >, 0);
  g_assert_nonnull (strchr (settings[0], '='));
  il_scenario_panel_set_settings (panel, "nonsense=1\nsection=2ms\nsect=9ms");
  g_strfreev (settings);
  settings = il_scenario_panel_dup_settings (panel);
  g_assert_true (g_strv_contains ((const char *const *)settings, "section=2000000ns"));
  g_assert_cmpuint (n, ==, 0);
  il_scenario_panel_set_running (panel, TRUE);
  il_scenario_panel_set_running (panel, FALSE);
  g_object_unref (widget);
}

static void
assert_names_are_whole (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    {
      PangoLayout *layout = gtk_label_get_layout (GTK_LABEL (widget));
      int width;

      pango_layout_get_pixel_size (layout, &width, NULL);
      g_assert_false (pango_layout_is_ellipsized (layout));
      g_assert_cmpint (width, <=, gtk_widget_get_width (widget));
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_visible (child))
      assert_names_are_whole (child);
}

/* Of all bundled scenarios, in each language: what can be turned is called by its whole name, and
 * the panel is no wider for it. */
static void
test_names_of_knobs_are_readable (gconstpointer data)
{
  g_autoptr (GPtrArray) scenarios = NULL;
  GtkWidget *panel = il_scenario_panel_new ();
  GtkWidget *window;

  g_setenv ("LANGUAGE", data, TRUE);
  scenarios = load_scenarios ();
  g_unsetenv ("LANGUAGE");
  il_scenario_panel_set_scenarios (IL_SCENARIO_PANEL (panel), scenarios);
  window = shown_new (g_object_new (ADW_TYPE_CLAMP, "maximum-size", PANEL_WIDTH,
                                    "tightening-threshold", PANEL_WIDTH, "child", panel, NULL));
  for (guint i = 0; i < scenarios->len; i++)
    {
      IlScenario *scenario = g_ptr_array_index (scenarios, i);

      il_scenario_panel_select (IL_SCENARIO_PANEL (panel), il_scenario_get_id (scenario));
      shown_wait_for_frame (window);
      shown_wait_for_frame (window);
      g_assert_cmpint (gtk_widget_get_width (panel), ==, PANEL_WIDTH);
      assert_names_are_whole (gtk_widget_get_parent (shown_find (panel, IL_TYPE_KNOB_ROW)));
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

/* One of a file, opened again after it was changed, takes its own place. */
static void
test_panel_adds_a_file_once (void)
{
  g_autoptr (GPtrArray) scenarios = load_scenarios ();
  g_autoptr (GPtrArray) again = load_scenarios ();
  GtkWidget *widget = g_object_ref_sink (il_scenario_panel_new ());
  IlScenarioPanel *panel = IL_SCENARIO_PANEL (widget);
  IlScenario *newer = g_ptr_array_index (again, 0);

  il_scenario_panel_set_scenarios (panel, scenarios);
  il_scenario_panel_add_scenario (panel, newer);
  g_assert_true (il_scenario_panel_get_scenario (panel) == newer);
  g_object_unref (widget);
}

int
main (int argc, char **argv)
{
  shown_init (&argc, &argv);
  g_test_add_func ("/knob-row/tells-when-it-is-turned", test_knob_tells_when_it_is_turned);
  g_test_add_func ("/scenario-panel/takes-what-the-scenario-says",
                   test_panel_takes_what_the_scenario_says);
  g_test_add_data_func ("/scenario-panel/names-of-knobs-are-readable/en", "en",
                        test_names_of_knobs_are_readable);
  g_test_add_data_func ("/scenario-panel/names-of-knobs-are-readable/de", "de",
                        test_names_of_knobs_are_readable);
  g_test_add_data_func ("/scenario-panel/names-of-knobs-are-readable/zh_CN", "zh_CN",
                        test_names_of_knobs_are_readable);
  g_test_add_func ("/scenario-panel/adds-a-file-once", test_panel_adds_a_file_once);
  return g_test_run ();
}
