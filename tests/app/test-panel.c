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
#include "il-model-chooser.h"
#include "il-scenario-picker.h"
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
  g_assert_cmpstr (setting, ==, "1.2ms");
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
  il_scenario_panel_set_workers (panel, 1000);
  g_assert_cmpint (il_scenario_panel_get_workers (panel), ==, 1000);
  il_scenario_panel_set_workers (panel, 7);
  g_assert_cmpint (il_scenario_panel_get_workers (panel), ==, 7);
  settings = il_scenario_panel_dup_settings (panel);
  g_assert_cmpuint (g_strv_length (settings), >, 0);
  g_assert_nonnull (strchr (settings[0], '='));
  il_scenario_panel_set_settings (panel, "nonsense=1\nsection=2ms\nsect=9ms");
  g_strfreev (settings);
  settings = il_scenario_panel_dup_settings (panel);
  g_assert_true (g_strv_contains ((const char *const *)settings, "section=2ms"));
  g_assert_cmpuint (n, ==, 0);
  il_scenario_panel_set_running (panel, TRUE);
  il_scenario_panel_set_running (panel, FALSE);
  g_object_unref (widget);
}

static gboolean
has_setting (IlScenarioPanel *panel, const char *setting)
{
  g_auto (GStrv) settings = il_scenario_panel_dup_settings (panel);

  return g_strv_contains ((const char *const *)settings, setting);
}

/* Each under its own model, and only once it was touched. */
static void
test_panel_has_numbers_of_models (void)
{
  g_autoptr (GPtrArray) scenarios = load_scenarios ();
  GtkWidget *widget = g_object_ref_sink (il_scenario_panel_new ());
  IlScenarioPanel *panel = IL_SCENARIO_PANEL (widget);

  il_scenario_panel_set_scenarios (panel, scenarios);
  g_assert_true (il_scenario_panel_select (panel, "lock-contention"));
  g_assert_true (il_scenario_panel_select_model (panel, "hybrid"));
  g_assert_false (has_setting (panel, "processes=2"));
  il_scenario_panel_set_settings (panel, "processes=30");
  g_assert_true (has_setting (panel, "processes=30"));
  il_scenario_panel_set_settings (panel, "processes=3\ncarriers=4");
  g_assert_true (has_setting (panel, "processes=3"));
  g_assert_false (has_setting (panel, "carriers=4"));
  g_assert_true (il_scenario_panel_select_model (panel, "threads"));
  g_assert_false (has_setting (panel, "processes=3"));
  g_assert_true (il_scenario_panel_select_model (panel, "coroutines"));
  g_assert_true (has_setting (panel, "carriers=4"));
  g_object_unref (widget);
}

/* --- finding one among many --- */

typedef struct
{
  GtkWidget *picker, *window;
  GtkSearchEntry *search;
  GtkListBox *list;
} Picker;

static void
open_picker (Picker *self)
{
  g_autoptr (GPtrArray) scenarios = load_scenarios ();

  self->picker = il_scenario_picker_new ();
  il_scenario_picker_set_scenarios (IL_SCENARIO_PICKER (self->picker), scenarios);
  self->window = shown_new (self->picker);
  self->search = GTK_SEARCH_ENTRY (shown_find (self->picker, GTK_TYPE_SEARCH_ENTRY));
  self->list = GTK_LIST_BOX (shown_find (self->picker, GTK_TYPE_LIST_BOX));
  il_scenario_picker_open (IL_SCENARIO_PICKER (self->picker));
  while (!gtk_widget_get_mapped (GTK_WIDGET (self->search)))
    g_main_context_iteration (NULL, TRUE);
}

static IlScenario *
scenario_at (Picker *self, int index)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, index);

  return row ? g_object_get_data (G_OBJECT (row), "scenario") : NULL;
}

static guint
count_found (Picker *self)
{
  guint n = 0;
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)); i++)
    n += gtk_widget_get_child_visible (GTK_WIDGET (row)) ? 1 : 0;

  return n;
}

static void
type (Picker *self, const char *text, guint n_expected)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), text);
  while (count_found (self) != n_expected)
    g_main_context_iteration (NULL, TRUE);
}

static guint
number_of (IlScenario *scenario)
{
  return (guint)g_ascii_strtoull (il_scenario_get_row (scenario) + 1, NULL, 10);
}

/* In the order of the curriculum, each topic with a heading of its own. */
static void
test_picker_groups_by_topic (void)
{
  Picker picker;
  guint n_headers = 0;

  open_picker (&picker);
  for (int i = 0; scenario_at (&picker, i); i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (picker.list, i);

      if (i > 0)
        g_assert_cmpuint (number_of (scenario_at (&picker, i - 1)), <=,
                          number_of (scenario_at (&picker, i)));
      n_headers += gtk_list_box_row_get_header (row) ? 1 : 0;
    }
  g_assert_cmpuint (n_headers, ==, 7);
  gtk_window_destroy (GTK_WINDOW (picker.window));
}

/* Where the window is low it keeps all lines of what it says. */
static void
test_picker_is_high_enough (void)
{
  g_autoptr (GPtrArray) scenarios = load_scenarios ();
  GtkWidget *picker = il_scenario_picker_new ();
  GtkWidget *toggle = gtk_widget_get_first_child (shown_find (picker, GTK_TYPE_MENU_BUTTON));
  GtkWidget *window;
  int width, height, needed;

  il_scenario_picker_set_scenarios (IL_SCENARIO_PICKER (picker), scenarios);
  window = shown_new (picker);
  shown_wait_for_frame (window);
  gtk_widget_measure (picker, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  gtk_widget_measure (picker, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
  gtk_widget_measure (toggle, GTK_ORIENTATION_VERTICAL, width, &needed, NULL, NULL, NULL);
  g_assert_cmpint (height, >=, needed);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_picker_finds_by_typing (void)
{
  Picker picker;
  guint n = 0, n_all;

  open_picker (&picker);
  g_signal_connect_swapped (picker.picker, "chosen", G_CALLBACK (shown_count_cb), &n);
  n_all = count_found (&picker);
  g_assert_cmpuint (n_all, >=, 52);
  type (&picker, "Dining", 2);
  type (&picker, "ORDERED dining", 1);
  type (&picker, "c24", 4);
  type (&picker, "c2", 1); /* the row, and not the twenties */
  type (&picker, "nonsense", 0);
  g_signal_emit_by_name (picker.search, "activate");
  g_assert_cmpuint (n, ==, 0);

  /* Who types and presses Enter gets the first that is found. */
  type (&picker, "ordered dining", 1);
  g_signal_emit_by_name (picker.search, "activate");
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpstr (
      il_scenario_get_id (il_scenario_picker_get_selected (IL_SCENARIO_PICKER (picker.picker))), ==,
      "dining-philosophers-ordered");
  while (gtk_widget_get_mapped (GTK_WIDGET (picker.search)))
    g_main_context_iteration (NULL, TRUE);

  /* All are there again the next time. */
  il_scenario_picker_open (IL_SCENARIO_PICKER (picker.picker));
  while (count_found (&picker) != n_all)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (picker.window));
}

/* --- models --- */

static guint
count_shown_knobs (GtkWidget *panel)
{
  GtkWidget *knobs = gtk_widget_get_parent (shown_find (panel, IL_TYPE_KNOB_ROW));
  guint n = 0;

  for (GtkWidget *row = gtk_widget_get_first_child (knobs); row;
       row = gtk_widget_get_next_sibling (row))
    n += gtk_widget_get_visible (row) ? 1 : 0;

  return n;
}

/* What a scenario does not run under cannot be chosen; what a knob does only under one model is
 * shown under that. */
static void
test_models_have_their_knobs (void)
{
  g_autoptr (GPtrArray) scenarios = load_scenarios ();
  GtkWidget *widget = g_object_ref_sink (il_scenario_panel_new ());
  IlScenarioPanel *panel = IL_SCENARIO_PANEL (widget);
  guint n_hybrid;

  il_scenario_panel_set_scenarios (panel, scenarios);
  g_assert_true (il_scenario_panel_select (panel, "threads-in-processes"));
  g_assert_cmpstr (il_scenario_panel_get_model (panel), ==, "hybrid");
  g_assert_false (il_scenario_panel_select_model (panel, "gil"));
  n_hybrid = count_shown_knobs (widget);
  g_assert_true (il_scenario_panel_select_model (panel, "threads"));
  g_assert_cmpuint (count_shown_knobs (widget), ==, n_hybrid - 1); /* without processes */
  g_assert_true (il_scenario_panel_select_model (panel, "serial"));
  g_assert_cmpuint (count_shown_knobs (widget), ==, n_hybrid - 2); /* and without workers */
  g_object_unref (widget);
}

static void
note_workers_cb (guint *noted, guint workers)
{
  *noted = workers;
}

/* As knobs, workers can be turned while it runs, and are told only then. */
static void
test_workers_are_live (void)
{
  g_autoptr (GPtrArray) scenarios = load_scenarios ();
  GtkWidget *widget = g_object_ref_sink (il_scenario_panel_new ());
  IlScenarioPanel *panel = IL_SCENARIO_PANEL (widget);
  GtkWidget *scale;
  guint workers = 0;

  il_scenario_panel_set_scenarios (panel, scenarios);
  g_assert_true (il_scenario_panel_select (panel, "lock-contention"));
  g_signal_connect_swapped (panel, "workers-turned", G_CALLBACK (note_workers_cb), &workers);
  scale = gtk_widget_get_last_child (shown_find (widget, IL_TYPE_KNOB_ROW));
  gtk_range_set_value (GTK_RANGE (scale), 0);
  g_assert_cmpuint (workers, ==, 0);
  il_scenario_panel_set_running (panel, TRUE);
  g_assert_true (gtk_widget_get_sensitive (scale));
  gtk_range_set_value (GTK_RANGE (scale), 1);
  g_assert_cmpuint (workers, ==, il_scenario_panel_get_workers (panel));
  g_assert_cmpuint (workers, >, 1);
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
      assert_names_are_whole (shown_find (panel, IL_TYPE_MODEL_CHOOSER));
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
  g_test_add_func ("/scenario-panel/has-numbers-of-models", test_panel_has_numbers_of_models);
  g_test_add_data_func ("/scenario-panel/names-of-knobs-are-readable/en", "en",
                        test_names_of_knobs_are_readable);
  g_test_add_data_func ("/scenario-panel/names-of-knobs-are-readable/de", "de",
                        test_names_of_knobs_are_readable);
  g_test_add_data_func ("/scenario-panel/names-of-knobs-are-readable/zh_CN", "zh_CN",
                        test_names_of_knobs_are_readable);
  g_test_add_func ("/scenario-picker/groups-by-topic", test_picker_groups_by_topic);
  g_test_add_func ("/scenario-picker/is-high-enough", test_picker_is_high_enough);
  g_test_add_func ("/scenario-picker/finds-by-typing", test_picker_finds_by_typing);
  g_test_add_func ("/scenario-panel/models-have-their-knobs", test_models_have_their_knobs);
  g_test_add_func ("/scenario-panel/workers-are-live", test_workers_are_live);
  g_test_add_func ("/scenario-panel/adds-a-file-once", test_panel_adds_a_file_once);
  return g_test_run ();
}
