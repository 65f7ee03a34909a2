/* il-scenario-panel.c - what to run: scenario, model, workers, knobs; and what the states mean
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-panel.h"

#include "il-knob-row.h"
#include "il-legend.h"
#include "il-model-chooser.h"
#include "il-scenario-picker.h"

#include <glib/gi18n.h>
#include <string.h>

struct _IlScenarioPanel
{
  GtkWidget parent_instance;
  gboolean running;

  GtkWidget *program_box, *scenario_box; /* one of them visible */
  GtkLabel *command_label, *directory_label;
  IlScenarioPicker *picker;
  GtkLabel *look_at_label;
  IlModelChooser *model_chooser;
  GtkBox *knobs;
  IlKnobRow *workers_row; /* one of the knobs; NULL where workers cannot be set */
  /* Likewise; NULL where the scenario does not run under their model, or has a knob for it. */
  IlKnobRow *processes_row, *carriers_row;
  IlLegend *legend;
};

enum
{
  CHANGED,
  KNOB_TURNED,
  WORKERS_TURNED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (IlScenarioPanel, il_scenario_panel, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

/* --- knobs --- */

static void
turned_cb (IlScenarioPanel *self, IlKnobRow *row)
{
  if (!self->running || !il_knob_row_get_live (row))
    return;

  if (row == self->workers_row)
    g_signal_emit (self, signals[WORKERS_TURNED], 0, (guint)il_knob_row_get_value (row));
  else
    {
      g_autofree char *setting = il_knob_row_dup_setting (row);

      g_signal_emit (self, signals[KNOB_TURNED], 0, il_knob_row_get_key (row), setting);
    }
}

static IlKnobRow *
add_knob (IlScenarioPanel *self, const IlKnob *knob)
{
  GtkWidget *row = il_knob_row_new (knob);

  il_knob_row_set_running (IL_KNOB_ROW (row), self->running);
  g_signal_connect_object (row, "turned", G_CALLBACK (turned_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (self->knobs, row);

  return IL_KNOB_ROW (row);
}

/* A number that belongs to the model and not to the scenario, under @model alone; NULL: under each.
 */
static IlKnobRow *
add_number (IlScenarioPanel *self, const char *key, const char *name, const char *model,
            guint value, guint max)
{
  IlKnob knob = {
    .key = (char *)key,
    .name = (char *)name,
    .unit = IL_KNOB_COUNT,
    .value = value,
    .min = 1,
    .max = max,
    .live = model == NULL,
    .model = (char *)model,
  };

  return add_knob (self, &knob);
}

/* Over how many processes a hybrid's workers are spread, on how many threads coroutines run. */
static void
add_numbers_of_models (IlScenarioPanel *self, IlScenario *scenario)
{
  const char *const *models = il_scenario_get_models (scenario);
  guint n_processes = il_scenario_get_processes (scenario);
  guint n_carriers = il_scenario_get_carriers (scenario);

  if (n_processes > 0 && g_strv_contains (models, "hybrid")
      && !il_scenario_has_knob_for (scenario, "hybrid"))
    self->processes_row = add_number (self, "processes", _ ("Processes"), "hybrid", n_processes,
                                      il_scenario_get_processes_max (scenario));
  if (n_carriers > 0 && g_strv_contains (models, "coroutines")
      && !il_scenario_has_knob_for (scenario, "coroutines"))
    /* Translators: how many threads coroutines run on */
    self->carriers_row = add_number (self, "carriers", _ ("Carrier threads"), "coroutines",
                                     n_carriers, il_scenario_get_carriers_max (scenario));
}

static void
fill_knobs (IlScenarioPanel *self, IlScenario *scenario)
{
  const IlKnob *knobs;
  guint n_knobs;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->knobs))))
    gtk_box_remove (self->knobs, child);
  self->workers_row = self->processes_row = self->carriers_row = NULL;

  if (il_scenario_get_workers_settable (scenario))
    self->workers_row
        = add_number (self, "workers", _ ("Workers"), NULL, il_scenario_get_workers (scenario),
                      il_scenario_get_workers_max (scenario));
  add_numbers_of_models (self, scenario);
  knobs = il_scenario_get_knobs (scenario, &n_knobs);
  for (guint i = 0; i < n_knobs; i++)
    add_knob (self, &knobs[i]);
}

/* What means something only under one model is shown only under it. */
static void
show_knobs (IlScenarioPanel *self)
{
  const char *model = il_model_chooser_get_selected (self->model_chooser);

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->knobs)); row;
       row = gtk_widget_get_next_sibling (row))
    {
      const char *only = il_knob_row_get_model (IL_KNOB_ROW (row));

      gtk_widget_set_visible (row, !only || g_strcmp0 (only, model) == 0);
    }
  if (self->workers_row)
    gtk_widget_set_visible (GTK_WIDGET (self->workers_row), g_strcmp0 (model, "serial") != 0);
}

static void
show_scenario (IlScenarioPanel *self)
{
  IlScenario *scenario = il_scenario_panel_get_scenario (self);
  const char *look_at;

  if (!scenario)
    return;

  il_model_chooser_set_scenario (self->model_chooser, scenario);
  fill_knobs (self, scenario);
  show_knobs (self);

  look_at = il_scenario_get_look_at (scenario);
  gtk_label_set_label (self->look_at_label, look_at ? look_at : "");
  gtk_widget_set_visible (GTK_WIDGET (self->look_at_label), look_at && *look_at);
}

static void
scenario_chosen_cb (IlScenarioPanel *self)
{
  show_scenario (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
model_chosen_cb (IlScenarioPanel *self)
{
  show_knobs (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
il_scenario_panel_dispose (GObject *object)
{
  GtkWidget *child;

  gtk_widget_dispose_template (GTK_WIDGET (object), IL_TYPE_SCENARIO_PANEL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (il_scenario_panel_parent_class)->dispose (object);
}

static void
il_scenario_panel_class_init (IlScenarioPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = il_scenario_panel_dispose;

  signals[CHANGED] = g_signal_new ("changed", IL_TYPE_SCENARIO_PANEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[KNOB_TURNED]
      = g_signal_new ("knob-turned", IL_TYPE_SCENARIO_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[WORKERS_TURNED]
      = g_signal_new ("workers-turned", IL_TYPE_SCENARIO_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  g_type_ensure (IL_TYPE_SCENARIO_PICKER);
  g_type_ensure (IL_TYPE_MODEL_CHOOSER);
  g_type_ensure (IL_TYPE_LEGEND);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/interleave/Interleave/il-scenario-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPanel, program_box);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPanel, scenario_box);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPanel, command_label);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPanel, directory_label);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPanel, picker);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPanel, look_at_label);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPanel, model_chooser);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPanel, knobs);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPanel, legend);
  gtk_widget_class_bind_template_callback (widget_class, scenario_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, model_chosen_cb);
  gtk_widget_class_set_css_name (widget_class, "scenariopanel");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
il_scenario_panel_init (IlScenarioPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * il_scenario_panel_new:
 *
 * Returns: (transfer floating): a panel without scenarios
 */
GtkWidget *
il_scenario_panel_new (void)
{
  return g_object_new (IL_TYPE_SCENARIO_PANEL, NULL);
}

/**
 * il_scenario_panel_set_scenarios:
 * @scenarios: (element-type IlScenario): what can be chosen; the first one is
 */
void
il_scenario_panel_set_scenarios (IlScenarioPanel *self, GPtrArray *scenarios)
{
  g_return_if_fail (IL_IS_SCENARIO_PANEL (self));

  il_scenario_picker_set_scenarios (self->picker, scenarios);
  show_scenario (self);
}

/**
 * il_scenario_panel_add_scenario:
 * @scenario: one that is not bundled
 *
 * Takes the place of an older state of the same file, and is chosen.
 */
void
il_scenario_panel_add_scenario (IlScenarioPanel *self, IlScenario *scenario)
{
  g_return_if_fail (IL_IS_SCENARIO_PANEL (self));
  g_return_if_fail (IL_IS_SCENARIO (scenario));

  il_scenario_picker_add (self->picker, scenario);
  il_scenario_panel_select (self, il_scenario_get_id (scenario));
}

/**
 * il_scenario_panel_select:
 * @id: of a bundled scenario, or the path of one that was added
 *
 * Returns: whether there is such a one; it is then chosen, with its own settings
 */
gboolean
il_scenario_panel_select (IlScenarioPanel *self, const char *id)
{
  g_return_val_if_fail (IL_IS_SCENARIO_PANEL (self), FALSE);
  g_return_val_if_fail (id != NULL, FALSE);

  if (!il_scenario_picker_select (self->picker, id))
    return FALSE;
  show_scenario (self);

  return TRUE;
}

/**
 * il_scenario_panel_select_model:
 * @model: (nullable): its name
 *
 * Returns: whether the scenario runs under it; it is then chosen
 */
gboolean
il_scenario_panel_select_model (IlScenarioPanel *self, const char *model)
{
  g_return_val_if_fail (IL_IS_SCENARIO_PANEL (self), FALSE);

  if (!il_model_chooser_select (self->model_chooser, model))
    return FALSE;
  show_knobs (self);

  return TRUE;
}

/**
 * il_scenario_panel_set_workers:
 * @workers: how many the pool has; nothing happens where the scenario says that itself
 */
void
il_scenario_panel_set_workers (IlScenarioPanel *self, guint workers)
{
  g_return_if_fail (IL_IS_SCENARIO_PANEL (self));

  if (self->workers_row)
    il_knob_row_set_wanted (self->workers_row, workers);
}

/* Of a model's number the slider's end is no limit. */
static void
set_setting (IlScenarioPanel *self, IlKnobRow *row, const char *text)
{
  guint64 number;

  if (row != self->processes_row && row != self->carriers_row)
    il_knob_row_set_setting (row, text);
  else if (g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT, &number, NULL))
    il_knob_row_set_wanted (row, (double)number);
}

/**
 * il_scenario_panel_set_settings:
 * @settings: KEY=VALUE, one a line; what the scenario has no knob for is left out
 */
void
il_scenario_panel_set_settings (IlScenarioPanel *self, const char *settings)
{
  g_auto (GStrv) lines = g_strsplit (settings, "\n", -1);

  g_return_if_fail (IL_IS_SCENARIO_PANEL (self));

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->knobs)); row;
       row = gtk_widget_get_next_sibling (row))
    for (guint i = 0; lines[i]; i++)
      {
        const char *value = strchr (lines[i], '=');
        const char *key = il_knob_row_get_key (IL_KNOB_ROW (row));

        if (value && row != (GtkWidget *)self->workers_row
            && strlen (key) == (gsize)(value - lines[i])
            && strncmp (key, lines[i], strlen (key)) == 0)
          set_setting (self, IL_KNOB_ROW (row), value + 1);
      }
}

/**
 * il_scenario_panel_set_running:
 * @running: whether a run is on, when only live knobs can be turned
 */
void
il_scenario_panel_set_running (IlScenarioPanel *self, gboolean running)
{
  g_return_if_fail (IL_IS_SCENARIO_PANEL (self));

  self->running = running;
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->knobs)); row;
       row = gtk_widget_get_next_sibling (row))
    il_knob_row_set_running (IL_KNOB_ROW (row), running);
}

/**
 * il_scenario_panel_set_program:
 * @command: (nullable): of the program that is shown instead of scenario, model and knobs
 * @directory: (nullable): where it was started
 */
void
il_scenario_panel_set_program (IlScenarioPanel *self, const char *command, const char *directory)
{
  g_return_if_fail (IL_IS_SCENARIO_PANEL (self));

  gtk_label_set_label (self->command_label, command ? command : "");
  gtk_label_set_label (self->directory_label, directory ? directory : "");
  gtk_widget_set_visible (GTK_WIDGET (self->directory_label), directory && *directory);
  gtk_widget_set_visible (self->program_box, command != NULL);
  gtk_widget_set_visible (self->scenario_box, command == NULL);
  il_legend_set_program (self->legend, command != NULL);
}

/**
 * il_scenario_panel_add_seen:
 * @states: as for il_legend_add_seen()
 */
void
il_scenario_panel_add_seen (IlScenarioPanel *self, guint states)
{
  g_return_if_fail (IL_IS_SCENARIO_PANEL (self));

  il_legend_add_seen (self->legend, states);
}

void
il_scenario_panel_forget_seen (IlScenarioPanel *self)
{
  g_return_if_fail (IL_IS_SCENARIO_PANEL (self));

  il_legend_forget_seen (self->legend);
}

/**
 * il_scenario_panel_get_scenario:
 *
 * Returns: (transfer none) (nullable): the chosen one
 */
IlScenario *
il_scenario_panel_get_scenario (IlScenarioPanel *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO_PANEL (self), NULL);

  return il_scenario_picker_get_selected (self->picker);
}

/**
 * il_scenario_panel_get_model:
 *
 * Returns: (transfer none) (nullable): name of the chosen model
 */
const char *
il_scenario_panel_get_model (IlScenarioPanel *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO_PANEL (self), NULL);

  return il_model_chooser_get_selected (self->model_chooser);
}

/**
 * il_scenario_panel_get_workers:
 *
 * Returns: how many were chosen, -1 where the scenario says that itself
 */
gint64
il_scenario_panel_get_workers (IlScenarioPanel *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO_PANEL (self), -1);

  return self->workers_row ? (gint64)il_knob_row_get_value (self->workers_row) : -1;
}

/* Workers are asked for by an option of their own; what belongs to another model says nothing here;
 * and a model's number that nobody touched is made to fit the workers. */
static gboolean
is_setting (IlScenarioPanel *self, IlKnobRow *row)
{
  IlScenario *scenario = il_scenario_panel_get_scenario (self);
  const char *only = il_knob_row_get_model (row);

  if (row == self->workers_row
      || (only && g_strcmp0 (only, il_scenario_panel_get_model (self)) != 0))
    return FALSE;
  if (row == self->processes_row)
    return il_knob_row_get_value (row) != il_scenario_get_processes (scenario);
  return row != self->carriers_row
         || il_knob_row_get_value (row) != il_scenario_get_carriers (scenario);
}

/**
 * il_scenario_panel_dup_settings:
 *
 * Returns: (transfer full): KEY=VALUE for each knob that means something under the chosen model
 */
GStrv
il_scenario_panel_dup_settings (IlScenarioPanel *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_return_val_if_fail (IL_IS_SCENARIO_PANEL (self), NULL);

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->knobs)); row;
       row = gtk_widget_get_next_sibling (row))
    {
      g_autofree char *value = NULL;
      g_autofree char *setting = NULL;

      if (!is_setting (self, IL_KNOB_ROW (row)))
        continue;
      value = il_knob_row_dup_setting (IL_KNOB_ROW (row));
      setting = g_strdup_printf ("%s=%s", il_knob_row_get_key (IL_KNOB_ROW (row)), value);
      g_strv_builder_add (builder, setting);
    }

  return g_strv_builder_end (builder);
}

/**
 * il_scenario_panel_choose:
 *
 * Shows the list of scenarios, ready to be typed into.
 */
void
il_scenario_panel_choose (IlScenarioPanel *self)
{
  g_return_if_fail (IL_IS_SCENARIO_PANEL (self));

  il_scenario_picker_open (self->picker);
}
