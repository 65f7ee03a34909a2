/* il-figures-bar.c - the figures of the visible range, and of the recording as a whole
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-figures-bar.h"

#include "il-report.h"
#include "il-share-bar.h"
#include "il-time-format.h"
#include "il-units.h"

#include <glib/gi18n.h>
#include <math.h>

/* A number that changes with each frame cannot be read. */
#define UPDATE_INTERVAL_MS 200
/* A state with less than this part of the workers' time can hardly be seen. */
#define VISIBLE_PART 300

struct _IlFiguresBar
{
  GtkWidget parent_instance;
  IlViewState *view_state;
  GSignalGroup *view_signals;
  guint update_id;
  guint states; /* a bit for each state to be seen in the visible range */

  GtkLabel *range_label;
  GtkLabel *span_label;
  IlShareBar *share_bar;
  GtkLabel *rates_label;
  GtkLabel *events_label;
  GtkLabel *scheduler_label;
};

enum
{
  PROP_VIEW_STATE = 1,
  PROP_STATES,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (IlFiguresBar, il_figures_bar, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];

static void
show_rates (IlFiguresBar *self, const IlRangeFigures *figures)
{
  g_autofree char *tasks = il_format_count ((guint64)llround (MAX (figures->tasks_per_second, 0)));
  g_autofree char *switches
      = il_format_count ((guint64)llround (MAX (figures->switches_per_second, 0)));
  g_autofree char *busy = il_format_percent (CLAMP (figures->cores_busy_share, 0, 1));
  /* Translators: of the visible range: tasks done per second, context switches per second, how busy
   * the cores were */
  g_autofree char *text
      = g_strdup_printf (_ ("%s tasks/s · %s switches/s · cores %s"), tasks, switches, busy);

  gtk_label_set_label (self->rates_label, text);
}

static void
show_range (IlFiguresBar *self)
{
  gint64 begin_ns = il_view_state_get_range_begin (self->view_state);
  gint64 end_ns = il_view_state_get_range_end (self->view_state);
  g_autofree char *range = il_format_range (begin_ns, end_ns);
  g_autofree char *span = il_format_duration (end_ns - begin_ns);

  gtk_label_set_label (self->range_label, range);
  gtk_label_set_label (self->span_label, span);
}

static gboolean
update_cb (gpointer data)
{
  IlFiguresBar *self = IL_FIGURES_BAR (data);
  IlTimeline *timeline = self->view_state ? il_view_state_get_timeline (self->view_state) : NULL;
  IlRangeFigures figures = { 0 };
  guint states = 0;

  self->update_id = 0;
  if (!self->view_state)
    return G_SOURCE_REMOVE;

  show_range (self);
  if (timeline)
    il_range_figures (timeline, il_view_state_get_range_begin (self->view_state),
                      il_view_state_get_range_end (self->view_state), &figures);
  show_rates (self, &figures);
  il_share_bar_set_states (self->share_bar, figures.states_ns);

  for (guint state = IL_STATE_NONE + 1; state < IL_N_STATES; state++)
    if (figures.states_ns[state] > figures.lifetime_ns / VISIBLE_PART)
      states |= 1u << state;
  if (states != self->states)
    {
      self->states = states;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATES]);
    }

  return G_SOURCE_REMOVE;
}

static void
queue_update (IlFiguresBar *self)
{
  if (!self->update_id)
    self->update_id = g_timeout_add (UPDATE_INTERVAL_MS, update_cb, self);
}

static void
il_figures_bar_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  IlFiguresBar *self = IL_FIGURES_BAR (object);

  switch (prop_id)
    {
    case PROP_VIEW_STATE:
      g_value_set_object (value, self->view_state);
      break;
    case PROP_STATES:
      g_value_set_uint (value, self->states);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
il_figures_bar_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_VIEW_STATE:
      il_figures_bar_set_view_state (IL_FIGURES_BAR (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
il_figures_bar_dispose (GObject *object)
{
  IlFiguresBar *self = IL_FIGURES_BAR (object);
  GtkWidget *child;

  g_clear_handle_id (&self->update_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), IL_TYPE_FIGURES_BAR);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  g_clear_object (&self->view_signals);
  g_clear_object (&self->view_state);

  G_OBJECT_CLASS (il_figures_bar_parent_class)->dispose (object);
}

static void
il_figures_bar_class_init (IlFiguresBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = il_figures_bar_get_property;
  object_class->set_property = il_figures_bar_set_property;
  object_class->dispose = il_figures_bar_dispose;

  properties[PROP_VIEW_STATE]
      = g_param_spec_object ("view-state", NULL, NULL, IL_TYPE_VIEW_STATE,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATES]
      = g_param_spec_uint ("states", NULL, NULL, 0, (1u << IL_N_STATES) - 1, 0,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (IL_TYPE_SHARE_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/interleave/Interleave/il-figures-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, range_label);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, span_label);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, share_bar);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, rates_label);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, events_label);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, scheduler_label);
  gtk_widget_class_set_css_name (widget_class, "figuresbar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
il_figures_bar_init (IlFiguresBar *self)
{
  static const char *const signals[]
      = { "notify::range-begin", "notify::range-end", "notify::timeline", "notify::end" };

  self->view_signals = g_signal_group_new (IL_TYPE_VIEW_STATE);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_group_connect_swapped (self->view_signals, signals[i], G_CALLBACK (queue_update),
                                    self);
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * il_figures_bar_new:
 *
 * Returns: (transfer floating): a bar that is empty until it has a view state
 */
GtkWidget *
il_figures_bar_new (void)
{
  return g_object_new (IL_TYPE_FIGURES_BAR, NULL);
}

/**
 * il_figures_bar_set_view_state:
 * @view_state: (nullable): whose range the figures are of
 */
void
il_figures_bar_set_view_state (IlFiguresBar *self, IlViewState *view_state)
{
  g_return_if_fail (IL_IS_FIGURES_BAR (self));
  g_return_if_fail (view_state == NULL || IL_IS_VIEW_STATE (view_state));

  if (!g_set_object (&self->view_state, view_state))
    return;

  g_signal_group_set_target (self->view_signals, view_state);
  queue_update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VIEW_STATE]);
}

/**
 * il_figures_bar_set_recording:
 * @figures: (nullable): of the whole recording; NULL: there is none
 */
void
il_figures_bar_set_recording (IlFiguresBar *self, const IlRecordingFigures *figures)
{
  g_autofree char *events = NULL;
  g_autofree char *lost = NULL;
  g_autofree char *overhead = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (IL_IS_FIGURES_BAR (self));

  if (!figures)
    {
      gtk_label_set_label (self->events_label, "");
      gtk_label_set_label (self->scheduler_label, "");
      return;
    }

  events = il_format_count (figures->n_events);
  lost = il_format_count (figures->n_lost);
  overhead = figures->overhead_share < 0
                 ? g_strdup ("–")
                 : g_strdup_printf (_ ("%.1f\302\240%%"), figures->overhead_share * 100);
  /* Translators: of the whole recording: events, lost events, the recorder's share of the processor
   */
  text = g_strdup_printf (_ ("%s events · %s lost · own overhead %s"), events, lost, overhead);
  gtk_label_set_label (self->events_label, text);
  gtk_label_set_label (self->scheduler_label, figures->scheduler ? figures->scheduler : "");
  if (figures->n_lost > 0)
    gtk_widget_add_css_class (GTK_WIDGET (self->events_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->events_label), "error");
}

/**
 * il_figures_bar_get_states:
 *
 * Returns: a bit for each #IlState that workers can be seen to be in during the visible range
 */
guint
il_figures_bar_get_states (IlFiguresBar *self)
{
  g_return_val_if_fail (IL_IS_FIGURES_BAR (self), 0);

  return self->states;
}
