/* il-model-chooser.c - under which concurrency model a scenario runs, and what that means
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-model-chooser.h"

#include "il-units.h"

#include <glib/gi18n.h>

#define N_COLUMNS 3

/* As the runner calls them. */
static const struct
{
  const char *model, *label, *explanation;
} models[] = {
  { "serial", N_ ("Serial"), N_ ("One task after the other, without workers") },
  { "threads", N_ ("Threads"),
    N_ ("Workers are threads of one process: they share its memory, and none can be killed "
        "alone") },
  { "processes", N_ ("Processes"),
    N_ ("Each worker is a process with memory of its own: it can be killed alone, and what it is "
        "given must be copied") },
  { "hybrid", N_ ("Hybrid"),
    N_ ("Several processes with several threads each: memory is shared within a process only") },
  /* Translators: short for "global interpreter lock"; on a narrow button */
  { "gil", N_ ("GIL"),
    N_ ("Threads that must hold one lock to compute, as in Python: they take turns, and overlap "
        "only where they wait") },
  /* Translators: on a narrow button */
  { "coroutines", N_ ("Coroutines"),
    N_ ("Tasks that switch only where they wait: thousands on one thread, and one that computes "
        "for long stalls all") },
};

struct _IlModelChooser
{
  GtkWidget parent_instance;
  gboolean setting; /* the program is choosing, not the user */

  IlScenario *scenario;
  GtkGrid *grid;
  GtkLabel *explanation_label;
  GtkToggleButton *buttons[G_N_ELEMENTS (models)];
};

enum
{
  CHOSEN,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (IlModelChooser, il_model_chooser, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

/* The number that belongs to a model, where no knob shows it. */
static char *
describe_number (IlScenario *scenario, const char *model)
{
  if (!scenario || il_scenario_has_knob_for (scenario, model))
    return NULL;

  if (g_str_equal (model, "gil") && il_scenario_get_switch_interval (scenario) > 0)
    {
      g_autofree char *interval
          = il_format_knob (IL_KNOB_DURATION, (double)il_scenario_get_switch_interval (scenario));

      /* Translators: the interpreter lock; %s is a length of time */
      return g_strdup_printf (_ ("Here: handed on every %s"), interval);
    }

  return NULL;
}

static void
explain (IlModelChooser *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    if (gtk_toggle_button_get_active (self->buttons[i]))
      {
        g_autofree char *number = describe_number (self->scenario, models[i].model);
        g_autofree char *text
            = g_strconcat (_ (models[i].explanation), number ? "\n" : "", number, NULL);

        gtk_label_set_label (self->explanation_label, text);
      }
}

static void
toggled_cb (IlModelChooser *self, GtkToggleButton *button)
{
  if (!gtk_toggle_button_get_active (button))
    return;

  explain (self);
  if (!self->setting)
    g_signal_emit (self, signals[CHOSEN], 0);
}

static void
add_button (IlModelChooser *self, guint i)
{
  GtkWidget *button = gtk_toggle_button_new_with_label (_ (models[i].label));

  self->buttons[i] = GTK_TOGGLE_BUTTON (button);
  if (i > 0)
    gtk_toggle_button_set_group (self->buttons[i], self->buttons[0]);
  g_signal_connect_object (button, "toggled", G_CALLBACK (toggled_cb), self, G_CONNECT_SWAPPED);
  gtk_grid_attach (self->grid, button, (int)i % N_COLUMNS, (int)i / N_COLUMNS, 1, 1);
}

static void
il_model_chooser_dispose (GObject *object)
{
  IlModelChooser *self = IL_MODEL_CHOOSER (object);
  GtkWidget *child;

  g_clear_object (&self->scenario);
  gtk_widget_dispose_template (GTK_WIDGET (object), IL_TYPE_MODEL_CHOOSER);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (il_model_chooser_parent_class)->dispose (object);
}

static void
il_model_chooser_class_init (IlModelChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_model_chooser_dispose;

  signals[CHOSEN] = g_signal_new ("chosen", IL_TYPE_MODEL_CHOOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/interleave/Interleave/il-model-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, IlModelChooser, grid);
  gtk_widget_class_bind_template_child (widget_class, IlModelChooser, explanation_label);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
il_model_chooser_init (IlModelChooser *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    add_button (self, i);
}

/**
 * il_model_chooser_new:
 *
 * Returns: (transfer floating): one in which nothing is chosen
 */
GtkWidget *
il_model_chooser_new (void)
{
  return g_object_new (IL_TYPE_MODEL_CHOOSER, NULL);
}

/**
 * il_model_chooser_set_scenario:
 *
 * Offers what the scenario runs under, and chooses what it asks for.
 */
void
il_model_chooser_set_scenario (IlModelChooser *self, IlScenario *scenario)
{
  const char *const *permitted;

  g_return_if_fail (IL_IS_MODEL_CHOOSER (self));
  g_return_if_fail (IL_IS_SCENARIO (scenario));

  g_set_object (&self->scenario, scenario);
  permitted = il_scenario_get_models (scenario);
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      gboolean is_permitted = permitted && g_strv_contains (permitted, models[i].model);
      g_autofree char *refusal = NULL;

      if (!is_permitted)
        refusal = g_strdup_printf ("%s\n%s", _ (models[i].explanation),
                                   _ ("This scenario would show nothing that way"));
      gtk_widget_set_sensitive (GTK_WIDGET (self->buttons[i]), is_permitted);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->buttons[i]),
                                   refusal ? refusal : _ (models[i].explanation));
    }
  il_model_chooser_select (self, il_scenario_get_model (scenario));
  explain (self);
}

/**
 * il_model_chooser_select:
 * @model: (nullable): its name
 *
 * Returns: whether the scenario runs under it; it is then chosen
 */
gboolean
il_model_chooser_select (IlModelChooser *self, const char *model)
{
  g_return_val_if_fail (IL_IS_MODEL_CHOOSER (self), FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    if (g_strcmp0 (models[i].model, model) == 0
        && gtk_widget_get_sensitive (GTK_WIDGET (self->buttons[i])))
      {
        self->setting = TRUE;
        gtk_toggle_button_set_active (self->buttons[i], TRUE);
        self->setting = FALSE;
        return TRUE;
      }

  return FALSE;
}

/**
 * il_model_chooser_get_selected:
 *
 * Returns: (transfer none) (nullable): name of the chosen one
 */
const char *
il_model_chooser_get_selected (IlModelChooser *self)
{
  g_return_val_if_fail (IL_IS_MODEL_CHOOSER (self), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    if (gtk_toggle_button_get_active (self->buttons[i]))
      return models[i].model;

  return NULL;
}

/**
 * il_model_get_label:
 * @model: its name
 *
 * Returns: (transfer none): what it is called on the screen
 */
const char *
il_model_get_label (const char *model)
{
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    if (g_str_equal (models[i].model, model))
      return _ (models[i].label);

  return model;
}
