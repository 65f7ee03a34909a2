/* il-findings-pane.c - what was found to be wrong, as a list that can be folded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-findings-pane.h"

#include "il-finding-item.h"

#include <glib/gi18n.h>

/* Until there are rows to be measured. */
#define ROW_HEIGHT 46
#define ROW_PADDING 4    /* above its text, as the style has it */
#define MAX_HEIGHT 178   /* of the list */
#define ROOMY_HEIGHT 900 /* of a window: the list and what a banner has of it may both be there */
#define LOW_HEIGHT 640   /* likewise: the list would leave no room for the timeline */

struct _IlFindingsPane
{
  GtkWidget parent_instance;

  GListStore *items; /* of IlFindingItem */
  GtkImage *gravest_icon;
  GtkLabel *count_label;
  GtkLabel *first_label;
  GtkToggleButton *fold_button;
  GtkSingleSelection *selection;
  GtkScrolledWindow *scrolled;
  GtkListView *list;
  guint activated;   /* position, GTK_INVALID_LIST_POSITION for none */
  GtkWidget *banner; /* the list is folded as long as that is there; NULL: it is not */
};

enum
{
  ACTIVATED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (IlFindingsPane, il_findings_pane, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

static void
activate_cb (IlFindingsPane *self, guint position)
{
  self->activated = position;
  gtk_single_selection_set_selected (self->selection, position);
  g_signal_emit (self, signals[ACTIVATED], 0);
}

/* The whole line is the button. */
static void
header_clicked_cb (IlFindingsPane *self)
{
  GtkToggleButton *button = self->fold_button;

  gtk_toggle_button_set_active (button, !gtk_toggle_button_get_active (button));
}

static char *
fold_icon_cb (gpointer object, gboolean open)
{
  return g_strdup (open ? "pan-down-symbolic" : "pan-up-symbolic");
}

/* Who folds or unfolds it has it so. */
static void
forget_banner (IlFindingsPane *self)
{
  if (!self->banner)
    return;

  g_signal_handlers_disconnect_by_data (self->banner, self);
  g_clear_weak_pointer (&self->banner);
}

/* What is folded is told in short. */
static void
show_first (IlFindingsPane *self)
{
  g_autoptr (IlFindingItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), 0);
  const IlFinding *finding = item ? il_finding_item_get (item) : NULL;
  g_autofree char *text = NULL;

  if (finding && !gtk_toggle_button_get_active (self->fold_button))
    /* Translators: a kind of finding, and what was found: "Deadlock: A holds …" */
    text = g_strdup_printf (_ ("%s: %s"), il_finding_kind_get_name (finding->kind), finding->text);
  gtk_label_set_label (self->first_label, text ? text : "");
}

static void
toggled_cb (IlFindingsPane *self)
{
  forget_banner (self);
  show_first (self);
}

static void
il_findings_pane_dispose (GObject *object)
{
  GtkWidget *child;

  forget_banner (IL_FINDINGS_PANE (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), IL_TYPE_FINDINGS_PANE);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (il_findings_pane_parent_class)->dispose (object);
}

static void
il_findings_pane_class_init (IlFindingsPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_findings_pane_dispose;

  signals[ACTIVATED] = g_signal_new ("activated", IL_TYPE_FINDINGS_PANE, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (IL_TYPE_FINDING_ITEM);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/interleave/Interleave/il-findings-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, IlFindingsPane, items);
  gtk_widget_class_bind_template_child (widget_class, IlFindingsPane, gravest_icon);
  gtk_widget_class_bind_template_child (widget_class, IlFindingsPane, count_label);
  gtk_widget_class_bind_template_child (widget_class, IlFindingsPane, first_label);
  gtk_widget_class_bind_template_child (widget_class, IlFindingsPane, fold_button);
  gtk_widget_class_bind_template_child (widget_class, IlFindingsPane, selection);
  gtk_widget_class_bind_template_child (widget_class, IlFindingsPane, scrolled);
  gtk_widget_class_bind_template_child (widget_class, IlFindingsPane, list);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, fold_icon_cb);
  gtk_widget_class_bind_template_callback (widget_class, header_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, toggled_cb);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_REGION);
}

static void
il_findings_pane_init (IlFindingsPane *self)
{
  self->activated = GTK_INVALID_LIST_POSITION;
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * il_findings_pane_new:
 *
 * Returns: (transfer floating): one that shows nothing
 */
GtkWidget *
il_findings_pane_new (void)
{
  return g_object_new (IL_TYPE_FINDINGS_PANE, NULL);
}

static void
show_count (IlFindingsPane *self, guint n_findings)
{
  g_autofree char *text
      = g_strdup_printf (ngettext ("%u finding", "%u findings", n_findings), n_findings);

  gtk_label_set_label (self->count_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self), n_findings > 0);
}

/* The gravest is the first one. */
static void
show_gravest (IlFindingsPane *self)
{
  g_autoptr (IlFindingItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), 0);
  g_autofree char *icon = NULL;

  if (!item)
    return;

  g_object_get (item, "icon", &icon, NULL);
  gtk_image_set_from_icon_name (self->gravest_icon, icon);
  gtk_widget_set_name (GTK_WIDGET (self->gravest_icon), icon);
}

static gboolean
is_lower_than (IlFindingsPane *self, int limit)
{
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self)));
  int height = window ? gtk_widget_get_height (window) : 0;

  return height > 0 && height < limit;
}

/* What was found is told all the same, and a banner says what is grave. */
static void
fold_where_low (IlFindingsPane *self)
{
  if (is_lower_than (self, LOW_HEIGHT))
    gtk_toggle_button_set_active (self->fold_button, FALSE);
}

static gboolean
is_same (const IlFinding *one, const IlFinding *other)
{
  return one->kind == other->kind && one->from_ns == other->from_ns
         && one->n_lanes == other->n_lanes
         && (one->n_lanes == 0 || one->lanes[0] == other->lanes[0]);
}

/* Who is selected stays so, though others came before it. */
static guint
find_again (const IlFindings *findings, const IlFinding *finding)
{
  for (guint i = 0; i < findings->n_findings; i++)
    if (is_same (&findings->findings[i], finding))
      return i;

  return GTK_INVALID_LIST_POSITION;
}

/**
 * il_findings_pane_set_findings:
 * @findings: (nullable): copied; NULL: none
 *
 * Shows them; of none, nothing at all.
 */
void
il_findings_pane_set_findings (IlFindingsPane *self, const IlFindings *findings)
{
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_shown, n_findings;
  guint selected = GTK_INVALID_LIST_POSITION;

  g_return_if_fail (IL_IS_FINDINGS_PANE (self));

  n_findings = findings ? findings->n_findings : 0;
  n_shown = g_list_model_get_n_items (G_LIST_MODEL (self->items));
  if (self->activated < n_shown && n_findings > 0)
    selected = find_again (findings, il_findings_pane_get_activated (self));

  for (guint i = 0; i < MIN (n_shown, n_findings); i++)
    {
      g_autoptr (IlFindingItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      il_finding_item_set (item, &findings->findings[i]);
    }
  for (guint i = n_shown; i < n_findings; i++)
    g_ptr_array_add (added, il_finding_item_new (&findings->findings[i]));
  if (added->len > 0)
    g_list_store_splice (self->items, n_shown, 0, added->pdata, added->len);
  if (n_shown > n_findings)
    g_list_store_splice (self->items, n_findings, n_shown - n_findings, NULL, 0);

  self->activated = selected;
  gtk_single_selection_set_selected (self->selection, selected);
  if (n_shown == 0 && n_findings > 0)
    fold_where_low (self);
  show_count (self, n_findings);
  show_gravest (self);
  show_first (self);
}

guint
il_findings_pane_get_n_findings (IlFindingsPane *self)
{
  g_return_val_if_fail (IL_IS_FINDINGS_PANE (self), 0);

  return g_list_model_get_n_items (G_LIST_MODEL (self->items));
}

/**
 * il_findings_pane_get_activated:
 *
 * Returns: (transfer none) (nullable): what was activated last, until the findings are others
 */
const IlFinding *
il_findings_pane_get_activated (IlFindingsPane *self)
{
  g_autoptr (IlFindingItem) item = NULL;

  g_return_val_if_fail (IL_IS_FINDINGS_PANE (self), NULL);

  item = g_list_model_get_item (G_LIST_MODEL (self->items), self->activated);

  return item ? il_finding_item_get (item) : NULL; /* the list holds it */
}

static void
activate_position (IlFindingsPane *self, guint position)
{
  gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);
  activate_cb (self, position);
}

/**
 * il_findings_pane_activate:
 *
 * Activates the first one of that kind that goes on, or else the first one at all.  Of what stops a
 * program all kinds are alike.
 */
void
il_findings_pane_activate (IlFindingsPane *self, IlFindingKind kind)
{
  guint n_findings, first = GTK_INVALID_LIST_POSITION;
  gboolean is_grave = il_finding_kind_is_grave (kind);

  g_return_if_fail (IL_IS_FINDINGS_PANE (self));

  n_findings = il_findings_pane_get_n_findings (self);
  for (guint i = 0; i < n_findings; i++)
    {
      g_autoptr (IlFindingItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);
      const IlFinding *finding = il_finding_item_get (item);

      if (finding->kind != kind && !(is_grave && il_finding_kind_is_grave (finding->kind)))
        continue;
      if (finding->goes_on || first == GTK_INVALID_LIST_POSITION)
        first = i;
      if (finding->goes_on)
        break;
    }
  if (first != GTK_INVALID_LIST_POSITION)
    activate_position (self, first);
}

/**
 * il_findings_pane_move:
 * @steps: 1 for the next one, -1 for the one before
 *
 * Activates another finding; after the last one comes the first.
 */
void
il_findings_pane_move (IlFindingsPane *self, int steps)
{
  guint n_findings;
  gint64 position;

  g_return_if_fail (IL_IS_FINDINGS_PANE (self));

  n_findings = il_findings_pane_get_n_findings (self);
  if (n_findings == 0)
    return;

  position = self->activated < n_findings ? (gint64)self->activated + steps : steps > 0 ? 0 : -1;
  position = (position + n_findings) % n_findings;
  activate_position (self, (guint)position);
}

static void
banner_gone_cb (IlFindingsPane *self)
{
  if (gtk_widget_get_parent (self->banner))
    return;

  forget_banner (self);
  gtk_toggle_button_set_active (self->fold_button, !is_lower_than (self, LOW_HEIGHT));
}

/**
 * il_findings_pane_step_aside:
 * @banner: that says the gravest of it
 *
 * Folds the list where there is little room, until the banner is gone or the user unfolds it.
 */
void
il_findings_pane_step_aside (IlFindingsPane *self, GtkWidget *banner)
{
  g_return_if_fail (IL_IS_FINDINGS_PANE (self));

  if (!gtk_toggle_button_get_active (self->fold_button) || !is_lower_than (self, ROOMY_HEIGHT))
    return;

  gtk_toggle_button_set_active (self->fold_button, FALSE);
  forget_banner (self);
  g_set_weak_pointer (&self->banner, banner);
  g_signal_connect_swapped (banner, "notify::parent", G_CALLBACK (banner_gone_cb), self);
}

/* --- its height --- */

static int
minimum_of (gpointer widget, int width)
{
  int minimum;

  gtk_widget_measure (GTK_WIDGET (widget), GTK_ORIENTATION_VERTICAL, width, &minimum, NULL, NULL,
                      NULL);

  return minimum;
}

/* Of a row that is too high, as many lines as are whole. */
static int
fit_lines (IlFindingsPane *self, int height)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self->list), "X");
  int line;

  pango_layout_get_pixel_size (layout, NULL, &line);

  return ROW_PADDING + (height - ROW_PADDING) / MAX (line, 1) * line;
}

/* A list knows the height of its rows only as if none of them broke its line: they are asked. */
static int
fit_rows (IlFindingsPane *self, int width, int height)
{
  int sum = 0;

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list)); row;
       row = gtk_widget_get_next_sibling (row))
    {
      int next = minimum_of (row, width);

      if (sum + next > height)
        return sum > 0 ? sum : fit_lines (self, height);
      sum += next;
    }

  return sum > 0 ? sum : MIN (ROW_HEIGHT, height);
}

/**
 * il_findings_pane_fit:
 * @width: that it has
 * @height: that it may have
 *
 * Returns: the height up to @height at which no line of its list is cut
 */
int
il_findings_pane_fit (IlFindingsPane *self, int width, int height)
{
  int rest;

  g_return_val_if_fail (IL_IS_FINDINGS_PANE (self), height);

  rest = minimum_of (self, width);
  if (!gtk_toggle_button_get_active (self->fold_button))
    return rest;

  rest -= minimum_of (self->scrolled, width);

  return rest + fit_rows (self, width, MAX (MIN (height - rest, MAX_HEIGHT), 0));
}
