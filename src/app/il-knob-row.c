/* il-knob-row.c - one setting of a scenario: its name, value with unit, and a slider
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-knob-row.h"

#include "il-units.h"

#include <glib/gi18n.h>
#include <math.h>

/* From this ratio of maximum to minimum on, equal ways of the slider are equal ratios. */
#define LOGARITHMIC_RATIO 40
#define STEPS 60 /* of a slider that is not short of whole numbers */

struct _IlKnobRow
{
  GtkWidget parent_instance;
  IlKnob knob; /* owns key and name */
  gboolean setting;

  GtkLabel *name_label;
  GtkWidget *live_badge;
  GtkLabel *value_label;
  GtkScale *scale;
  GtkAdjustment *adjustment;
};

enum
{
  TURNED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (IlKnobRow, il_knob_row, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

static gboolean
is_logarithmic (const IlKnob *knob)
{
  return knob->min > 0 && knob->max / knob->min >= LOGARITHMIC_RATIO;
}

/* To two digits, in whole units: nobody wants 1.237 ms, or half a worker. */
static double
round_value (const IlKnob *knob, double value)
{
  double step = 1;

  if (value > 100)
    step = pow (10, floor (log10 (value)) - 1);
  else if (knob->unit == IL_KNOB_RATE && knob->max < 10)
    step = 0.1;

  return CLAMP (round (value / step) * step, knob->min, knob->max);
}

/**
 * il_knob_from_position:
 * @position: of the slider, 0 to 1
 *
 * Returns: the value there, rounded to what a person would choose
 */
double
il_knob_from_position (const IlKnob *knob, double position)
{
  position = CLAMP (position, 0, 1);
  if (is_logarithmic (knob))
    return round_value (knob, knob->min * pow (knob->max / knob->min, position));

  return round_value (knob, knob->min + (knob->max - knob->min) * position);
}

/**
 * il_knob_to_position:
 * @value: within the knob's range
 *
 * Returns: where the slider stands for it, 0 to 1
 */
double
il_knob_to_position (const IlKnob *knob, double value)
{
  value = CLAMP (value, knob->min, knob->max);
  if (knob->max <= knob->min)
    return 0;
  if (is_logarithmic (knob))
    return log (value / knob->min) / log (knob->max / knob->min);

  return (value - knob->min) / (knob->max - knob->min);
}

static void
show_value (IlKnobRow *self)
{
  g_autofree char *text = il_format_knob (self->knob.unit, self->knob.value);

  gtk_label_set_label (self->value_label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  text, -1);
}

/* So much room that no value makes the name beside it break anew, and move the slider away from
 * below the pointer that turns it. */
static void
reserve_width (IlKnobRow *self)
{
  glong n_chars = 0;

  for (guint i = 0; i <= STEPS; i++)
    {
      double value = il_knob_from_position (&self->knob, (double)i / STEPS);
      g_autofree char *text = il_format_knob (self->knob.unit, value);

      n_chars = MAX (n_chars, g_utf8_strlen (text, -1));
    }
  gtk_label_set_width_chars (self->value_label, (int)n_chars);
}

static void
adjusted_cb (IlKnobRow *self)
{
  double value = il_knob_from_position (&self->knob, gtk_adjustment_get_value (self->adjustment));

  if (self->setting || fabs (value - self->knob.value) < 1e-9)
    return;

  self->knob.value = value;
  show_value (self);
  g_signal_emit (self, signals[TURNED], 0);
}

static void
il_knob_row_dispose (GObject *object)
{
  GtkWidget *child;

  gtk_widget_dispose_template (GTK_WIDGET (object), IL_TYPE_KNOB_ROW);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (il_knob_row_parent_class)->dispose (object);
}

static void
il_knob_row_finalize (GObject *object)
{
  IlKnobRow *self = IL_KNOB_ROW (object);

  g_free (self->knob.key);
  g_free (self->knob.name);
  g_free (self->knob.model);

  G_OBJECT_CLASS (il_knob_row_parent_class)->finalize (object);
}

static void
il_knob_row_class_init (IlKnobRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = il_knob_row_dispose;
  object_class->finalize = il_knob_row_finalize;

  signals[TURNED] = g_signal_new ("turned", IL_TYPE_KNOB_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/interleave/Interleave/il-knob-row.ui");
  gtk_widget_class_bind_template_child (widget_class, IlKnobRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, IlKnobRow, live_badge);
  gtk_widget_class_bind_template_child (widget_class, IlKnobRow, value_label);
  gtk_widget_class_bind_template_child (widget_class, IlKnobRow, scale);
  gtk_widget_class_bind_template_child (widget_class, IlKnobRow, adjustment);
  gtk_widget_class_bind_template_callback (widget_class, adjusted_cb);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
il_knob_row_init (IlKnobRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * il_knob_row_new:
 * @knob: copied
 *
 * Returns: (transfer floating): a row that stands at the knob's value
 */
GtkWidget *
il_knob_row_new (const IlKnob *knob)
{
  IlKnobRow *self = g_object_new (IL_TYPE_KNOB_ROW, NULL);
  double step = 1.0 / STEPS;

  self->knob = *knob;
  self->knob.key = g_strdup (knob->key);
  self->knob.name = g_strdup (knob->name);
  self->knob.model = g_strdup (knob->model);

  if (!is_logarithmic (knob) && knob->unit == IL_KNOB_COUNT && knob->max > knob->min)
    step = MAX (step, 1 / (knob->max - knob->min));
  gtk_adjustment_configure (self->adjustment, 0, 0, 1, step, MAX (step, 0.1), 0);
  gtk_label_set_label (self->name_label, knob->name);
  reserve_width (self);
  gtk_widget_set_visible (self->live_badge, knob->live);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  knob->name, -1);
  il_knob_row_set_value (self, knob->value);

  return GTK_WIDGET (self);
}

const char *
il_knob_row_get_key (IlKnobRow *self)
{
  g_return_val_if_fail (IL_IS_KNOB_ROW (self), NULL);

  return self->knob.key;
}

/**
 * il_knob_row_get_model:
 *
 * Returns: (nullable): the one model under which it means something; NULL: it always does
 */
const char *
il_knob_row_get_model (IlKnobRow *self)
{
  g_return_val_if_fail (IL_IS_KNOB_ROW (self), NULL);

  return self->knob.model;
}

gboolean
il_knob_row_get_live (IlKnobRow *self)
{
  g_return_val_if_fail (IL_IS_KNOB_ROW (self), FALSE);

  return self->knob.live;
}

/**
 * il_knob_row_get_value:
 *
 * Returns: in the unit's base: nanoseconds, per second, bytes
 */
double
il_knob_row_get_value (IlKnobRow *self)
{
  g_return_val_if_fail (IL_IS_KNOB_ROW (self), 0);

  return self->knob.value;
}

/**
 * il_knob_row_set_wanted:
 * @value: not below the knob's range; where it is above, the range is made longer
 *
 * Moves the slider, of a knob whose end is no limit, without saying that it was turned.
 */
void
il_knob_row_set_wanted (IlKnobRow *self, double value)
{
  g_return_if_fail (IL_IS_KNOB_ROW (self));

  self->knob.max = MAX (self->knob.max, value);
  reserve_width (self);
  il_knob_row_set_value (self, value);
}

/**
 * il_knob_row_set_value:
 * @value: brought into the knob's range, but not rounded
 *
 * Moves the slider without saying that it was turned.
 */
void
il_knob_row_set_value (IlKnobRow *self, double value)
{
  g_return_if_fail (IL_IS_KNOB_ROW (self));

  self->knob.value = CLAMP (value, self->knob.min, self->knob.max);
  self->setting = TRUE;
  gtk_adjustment_set_value (self->adjustment, il_knob_to_position (&self->knob, value));
  self->setting = FALSE;
  show_value (self);
}

/**
 * il_knob_row_dup_setting:
 *
 * Returns: (transfer full): the value as the runner takes it
 */
char *
il_knob_row_dup_setting (IlKnobRow *self)
{
  g_return_val_if_fail (IL_IS_KNOB_ROW (self), NULL);

  return il_format_knob_setting (self->knob.unit, self->knob.value);
}

/**
 * il_knob_row_set_setting:
 * @setting: the value as the runner takes it
 *
 * Returns: whether it can be understood; the slider is then moved without saying so
 */
gboolean
il_knob_row_set_setting (IlKnobRow *self, const char *setting)
{
  double value;

  g_return_val_if_fail (IL_IS_KNOB_ROW (self), FALSE);

  if (!il_parse_knob_setting (self->knob.unit, setting, &value))
    return FALSE;
  il_knob_row_set_value (self, value);

  return TRUE;
}

/**
 * il_knob_row_set_running:
 * @running: whether the scenario runs, when only a live knob can be turned
 */
void
il_knob_row_set_running (IlKnobRow *self, gboolean running)
{
  gboolean blocked;

  g_return_if_fail (IL_IS_KNOB_ROW (self));

  blocked = running && !self->knob.live;
  gtk_widget_set_sensitive (GTK_WIDGET (self->scale), !blocked);
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self),
      blocked ? _ ("Takes effect at the start only: stop the run to turn it") : NULL);
}
