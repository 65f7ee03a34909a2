/* il-scenario-picker.c - finds a scenario among many: by topic, by typing, by keyboard
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-picker.h"

#include <glib/gi18n.h>
#include <string.h>

struct _IlScenarioPicker
{
  GtkWidget parent_instance;

  IlScenario *selected; /* NULL: there is none */
  GStrv words;          /* what is searched for, folded; all have to be found */

  GtkMenuButton *button;
  GtkLabel *row_label;
  GtkLabel *name_label;
  GtkLabel *description_label;
  GtkPopover *popover;
  GtkSearchEntry *search;
  GtkListBox *list;
};

enum
{
  CHOSEN,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (IlScenarioPicker, il_scenario_picker, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

/* --- topics --- */

/* Rows of the curriculum follow each other by topic; one without a row comes last. */
static const struct
{
  guint last_row;
  const char *title;
} topics[] = {
  { 5, N_ ("Cores, Threads, Processes") }, { 8, N_ ("Pools") },
  { 15, N_ ("Queues, Channels, Memory") }, { 23, N_ ("Synchronization") },
  { 27, N_ ("What Goes Wrong") },          { 29, N_ ("Threads in Processes, Coroutines") },
  { 35, N_ ("Performance and Fairness") }, { 98, N_ ("Further Scenarios") },
  { 99, N_ ("Your Own Files") },
};

/* The number in "C24"; 99 for none. */
static guint
row_number (IlScenario *scenario)
{
  const char *row = il_scenario_get_row (scenario);

  while (*row && !g_ascii_isdigit (*row))
    row++;

  return *row ? CLAMP ((guint)g_ascii_strtoull (row, NULL, 10), 1, 98) : 99;
}

static guint
topic_of (IlScenario *scenario)
{
  guint topic = 0;

  while (topics[topic].last_row < row_number (scenario))
    topic++;

  return topic;
}

/* --- rows of the list --- */

static IlScenario *
scenario_of (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), "scenario");
}

static GtkLabel *
append_label (GtkWidget *box, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css_class);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), label);

  return GTK_LABEL (label);
}

static GtkWidget *
create_row (IlScenario *scenario)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkLabel *name = append_label (line, il_scenario_get_name (scenario), "heading");
  GtkLabel *number = append_label (line, il_scenario_get_row (scenario), "scenario-row");
  GtkLabel *description;
  g_autofree char *text = NULL;

  gtk_widget_set_hexpand (GTK_WIDGET (name), TRUE);
  gtk_label_set_ellipsize (name, PANGO_ELLIPSIZE_END);
  gtk_widget_set_visible (GTK_WIDGET (number), *il_scenario_get_row (scenario));
  gtk_box_append (GTK_BOX (box), line);
  description = append_label (box, il_scenario_get_description (scenario), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (description), "dim-label");
  gtk_widget_set_visible (GTK_WIDGET (description), *gtk_label_get_label (description));
  gtk_label_set_wrap (description, TRUE);
  gtk_label_set_width_chars (description, 44);
  gtk_label_set_max_width_chars (description, 44);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data_full (G_OBJECT (row), "scenario", g_object_ref (scenario), g_object_unref);

  text = g_strdup_printf ("%s, %s", il_scenario_get_name (scenario),
                          il_scenario_get_description (scenario));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);

  return row;
}

static void
header_cb (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  guint topic = topic_of (scenario_of (row));
  GtkWidget *header;

  if (before && topic_of (scenario_of (before)) == topic)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }

  header = gtk_label_new (_ (topics[topic].title));
  gtk_label_set_xalign (GTK_LABEL (header), 0);
  gtk_widget_add_css_class (header, "topic");
  gtk_list_box_row_set_header (row, header);
}

static int
sort_cb (GtkListBoxRow *one, GtkListBoxRow *other, gpointer data)
{
  guint one_number = row_number (scenario_of (one));
  guint other_number = row_number (scenario_of (other));

  if (one_number != other_number)
    return one_number < other_number ? -1 : 1;

  return g_utf8_collate (il_scenario_get_name (scenario_of (one)),
                         il_scenario_get_name (scenario_of (other)));
}

/* --- searching --- */

/* Whoever types "c2" means that row of the curriculum and not all twenties: a word that is a row is
 * compared as a whole. */
static gboolean
matches_word (IlScenario *scenario, const char *text, const char *word)
{
  g_autofree char *row = g_utf8_casefold (il_scenario_get_row (scenario), -1);

  if (word[0] == 'c' && g_ascii_isdigit (word[1]))
    return g_str_equal (row, word);

  return strstr (text, word) != NULL;
}

static gboolean
filter_cb (GtkListBoxRow *row, gpointer data)
{
  IlScenarioPicker *self = IL_SCENARIO_PICKER (data);
  IlScenario *scenario = scenario_of (row);
  g_autofree char *text = NULL;
  g_autofree char *folded = NULL;

  if (!self->words)
    return TRUE;

  text = g_strjoin ("\n", il_scenario_get_name (scenario), il_scenario_get_id (scenario),
                    il_scenario_get_description (scenario), _ (topics[topic_of (scenario)].title),
                    NULL);
  folded = g_utf8_casefold (text, -1);
  for (guint i = 0; self->words[i]; i++)
    if (*self->words[i] && !matches_word (scenario, folded, self->words[i]))
      return FALSE;

  return TRUE;
}

static void
search_changed_cb (IlScenarioPicker *self)
{
  g_autofree char *folded
      = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);

  g_clear_pointer (&self->words, g_strfreev);
  if (*g_strstrip (folded))
    self->words = g_strsplit (folded, " ", -1);
  gtk_list_box_invalidate_filter (self->list);
  gtk_list_box_invalidate_headers (self->list);
}

static GtkListBoxRow *
first_found (IlScenarioPicker *self)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)); i++)
    if (filter_cb (row, self))
      return row;

  return NULL;
}

/* --- choosing --- */

static void
show_selected (IlScenarioPicker *self)
{
  GtkWidget *toggle = gtk_widget_get_first_child (GTK_WIDGET (self->button));
  g_autofree char *text = NULL;

  gtk_label_set_label (self->row_label, il_scenario_get_row (self->selected));
  gtk_widget_set_visible (GTK_WIDGET (self->row_label), *il_scenario_get_row (self->selected));
  gtk_label_set_label (self->name_label, il_scenario_get_name (self->selected));
  gtk_label_set_label (self->description_label, il_scenario_get_description (self->selected));
  gtk_widget_set_visible (GTK_WIDGET (self->description_label),
                          *gtk_label_get_label (self->description_label));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->description_label),
                               il_scenario_get_description (self->selected));

  /* The button within is what gets the focus; GTK leaves it without a name. */
  text = g_strdup_printf (_ ("Scenario: %s"), il_scenario_get_name (self->selected));
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
}

static void
row_activated_cb (IlScenarioPicker *self, GtkListBoxRow *row)
{
  gtk_popover_popdown (self->popover);
  if (!g_set_object (&self->selected, scenario_of (row)))
    return;

  show_selected (self);
  g_signal_emit (self, signals[CHOSEN], 0);
}

static void
search_activated_cb (IlScenarioPicker *self)
{
  GtkListBoxRow *row;

  search_changed_cb (self); /* the entry tells of it a moment later, to those who only look */
  row = first_found (self);
  if (row)
    row_activated_cb (self, row);
}

static gboolean
search_key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
               GdkModifierType state, IlScenarioPicker *self)
{
  GtkListBoxRow *selected = gtk_list_box_get_selected_row (self->list);
  GtkListBoxRow *row = !self->words && selected ? selected : first_found (self);

  if ((keyval != GDK_KEY_Down && keyval != GDK_KEY_KP_Down) || !row)
    return GDK_EVENT_PROPAGATE;

  gtk_list_box_select_row (self->list, row);
  gtk_widget_grab_focus (GTK_WIDGET (row));

  return GDK_EVENT_STOP;
}

static GtkListBoxRow *
find_row (IlScenarioPicker *self, const char *id)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)); i++)
    if (g_str_equal (il_scenario_get_id (scenario_of (row)), id))
      return row;

  return NULL;
}

/* What is known from a recording alone; there is at most one. */
static GtkListBoxRow *
find_recorded (IlScenarioPicker *self)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)); i++)
    if (!il_scenario_get_runnable (scenario_of (row)))
      return row;

  return NULL;
}

/* Only once rows are placed can the list be scrolled to one: by its taking the focus. */
static gboolean
placed_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  IlScenarioPicker *self = IL_SCENARIO_PICKER (data);
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  if (row && !self->words && gtk_widget_get_height (GTK_WIDGET (row)) <= 1)
    return G_SOURCE_CONTINUE;

  if (row && !self->words)
    {
      gtk_widget_grab_focus (GTK_WIDGET (row));
      gtk_widget_grab_focus (GTK_WIDGET (self->search));
    }

  return G_SOURCE_REMOVE;
}

/* Begins with all of them, at the one that is chosen. */
static void
opened_cb (IlScenarioPicker *self)
{
  GtkListBoxRow *row = self->selected ? find_row (self, il_scenario_get_id (self->selected)) : NULL;

  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  search_changed_cb (self);
  gtk_list_box_select_row (self->list, row);
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
  gtk_widget_add_tick_callback (GTK_WIDGET (self->list), placed_cb, self, NULL);
}

static void
stop_search_cb (IlScenarioPicker *self)
{
  gtk_popover_popdown (self->popover);
}

/* --- the object --- */

static void
il_scenario_picker_dispose (GObject *object)
{
  IlScenarioPicker *self = IL_SCENARIO_PICKER (object);
  GtkWidget *child;

  g_clear_object (&self->selected);
  g_clear_pointer (&self->words, g_strfreev);
  gtk_widget_dispose_template (GTK_WIDGET (object), IL_TYPE_SCENARIO_PICKER);
  child = gtk_widget_get_first_child (GTK_WIDGET (object));
  if (child)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (il_scenario_picker_parent_class)->dispose (object);
}

/* A button with a menu does not ask how wide it is, and at the least for one line of each text:
 * where room is short others are to give way. */
static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
         int *minimum_baseline, int *natural_baseline)
{
  gtk_widget_measure (GTK_WIDGET (IL_SCENARIO_PICKER (widget)->button), orientation, for_size,
                      minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural;
}

static void
allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_size_allocate (GTK_WIDGET (IL_SCENARIO_PICKER (widget)->button),
                            &(GtkAllocation){ 0, 0, width, height }, baseline);
}

static void
il_scenario_picker_class_init (IlScenarioPickerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_scenario_picker_dispose;

  signals[CHOSEN] = g_signal_new ("chosen", IL_TYPE_SCENARIO_PICKER, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/interleave/Interleave/il-scenario-picker.ui");
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPicker, button);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPicker, row_label);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPicker, name_label);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPicker, description_label);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPicker, popover);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPicker, search);
  gtk_widget_class_bind_template_child (widget_class, IlScenarioPicker, list);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, opened_cb);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
il_scenario_picker_init (IlScenarioPicker *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (GTK_WIDGET (self),
                                 gtk_custom_layout_new (NULL, measure, allocate));
  gtk_list_box_set_header_func (self->list, header_cb, NULL, NULL);
  gtk_list_box_set_sort_func (self->list, sort_cb, NULL, NULL);
  gtk_list_box_set_filter_func (self->list, filter_cb, self, NULL);
  gtk_search_entry_set_key_capture_widget (self->search, GTK_WIDGET (self->list));
}

/**
 * il_scenario_picker_new:
 *
 * Returns: (transfer floating): one without scenarios
 */
GtkWidget *
il_scenario_picker_new (void)
{
  return g_object_new (IL_TYPE_SCENARIO_PICKER, NULL);
}

/**
 * il_scenario_picker_set_scenarios:
 * @scenarios: (element-type IlScenario): what can be chosen; the first one is
 */
void
il_scenario_picker_set_scenarios (IlScenarioPicker *self, GPtrArray *scenarios)
{
  GtkListBoxRow *row;

  g_return_if_fail (IL_IS_SCENARIO_PICKER (self));

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)))
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < scenarios->len; i++)
    gtk_list_box_append (self->list, create_row (g_ptr_array_index (scenarios, i)));
  g_clear_object (&self->selected);
  if ((row = gtk_list_box_get_row_at_index (self->list, 0)))
    {
      g_set_object (&self->selected, scenario_of (row));
      show_selected (self);
    }
}

/**
 * il_scenario_picker_add:
 * @scenario: takes the place of one of the same id
 */
void
il_scenario_picker_add (IlScenarioPicker *self, IlScenario *scenario)
{
  GtkListBoxRow *older;

  g_return_if_fail (IL_IS_SCENARIO_PICKER (self));
  g_return_if_fail (IL_IS_SCENARIO (scenario));

  older = find_row (self, il_scenario_get_id (scenario));
  if (older)
    gtk_list_box_remove (self->list, GTK_WIDGET (older));
  older = find_recorded (self);
  if (older)
    gtk_list_box_remove (self->list, GTK_WIDGET (older));
  gtk_list_box_append (self->list, create_row (scenario));
}

/**
 * il_scenario_picker_select:
 *
 * Returns: whether there is one of that id; it is then chosen
 */
gboolean
il_scenario_picker_select (IlScenarioPicker *self, const char *id)
{
  GtkListBoxRow *row;

  g_return_val_if_fail (IL_IS_SCENARIO_PICKER (self), FALSE);

  row = find_row (self, id);
  if (!row)
    return FALSE;

  g_set_object (&self->selected, scenario_of (row));
  show_selected (self);

  return TRUE;
}

/**
 * il_scenario_picker_get_selected:
 *
 * Returns: (transfer none) (nullable): the chosen one
 */
IlScenario *
il_scenario_picker_get_selected (IlScenarioPicker *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO_PICKER (self), NULL);

  return self->selected;
}

/**
 * il_scenario_picker_open:
 *
 * Shows the list, ready to be typed into.
 */
void
il_scenario_picker_open (IlScenarioPicker *self)
{
  g_return_if_fail (IL_IS_SCENARIO_PICKER (self));

  gtk_menu_button_popup (self->button);
}
