/* il-figures-bar.c - the figures of the visible range, and of the recording as a whole
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-figures-bar.h"

#include "il-report.h"
#include "il-share-bar.h"
#include "il-swatch.h"
#include "il-time-format.h"
#include "il-timeline-draw.h"
#include "il-units.h"

#include <glib/gi18n.h>
#include <math.h>

/* A number that changes with each frame cannot be read. */
#define UPDATE_INTERVAL_MS 200
/* A state with less than this part of the range, over all threads, can hardly be seen. */
#define VISIBLE_PART 300
#define COLUMN_SPACING 24
#define ROW_SPACING 8
#define LINE_SPACING 2

struct _IlFiguresBar
{
  GtkWidget parent_instance;
  IlViewState *view_state;
  GSignalGroup *view_signals;
  guint update_id;
  gint64 updated_us;     /* when the figures were last brought up to date */
  guint states;          /* a bit for each state to be seen in the visible range, and strip */
  gconstpointer counted; /* timeline that they are of; only compared */

  /* Widths that were needed so far: what is side by side is not to jump with each digit. */
  int range_width, facts_width;

  GtkWidget *range_box;
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
  g_autofree char *busy = figures->cores_busy_share >= 0
                              ? il_format_percent (MIN (figures->cores_busy_share, 1))
                              /* Translators: how busy the cores were */
                              : g_strdup (C_ ("cores", "not known"));
  g_autofree char *text = NULL;

  if (figures->is_of_program && figures->cores_target_share >= 0)
    {
      g_autofree char *own = il_format_percent (MIN (figures->cores_target_share, 1));

      /* Translators: of the visible range: context switches per second, how busy the cores were,
       * and how busy with the program that was recorded */
      text = g_strdup_printf (_ ("%s switches/s · cores %s busy, %s with this program"), switches,
                              busy, own);
    }
  else if (figures->is_of_program)
    /* Translators: of the visible range: context switches per second, how busy the cores were */
    text = g_strdup_printf (_ ("%s switches/s · cores, with all programs: %s"), switches, busy);
  else
    /* Translators: of the visible range: tasks done per second, context switches per second, how
     * busy the cores were */
    text = g_strdup_printf (_ ("%s tasks/s · %s switches/s · cores %s"), tasks, switches, busy);
  gtk_label_set_label (self->rates_label, text);
}

static void
show_range (IlFiguresBar *self)
{
  gint64 begin_ns, end_ns;
  g_autofree char *range = NULL;
  g_autofree char *span = NULL;

  if (il_view_state_get_drawn (self->view_state, &begin_ns, &end_ns))
    {
      range = il_format_range (begin_ns, end_ns);
      span = il_format_duration (end_ns - begin_ns);
    }
  gtk_label_set_label (self->range_label, range ? range : "");
  gtk_label_set_label (self->span_label, span ? span : "");
}

/* Before there is any data nothing is said, since nothing is known. */
static void
show_figures (IlFiguresBar *self)
{
  IlTimeline *timeline = il_view_state_get_timeline (self->view_state);
  IlRangeFigures figures = { 0 };
  gint64 begin_ns = 0, end_ns = 0;
  guint states = 0;

  self->updated_us = g_get_monotonic_time ();
  show_range (self);
  if (timeline && il_view_state_get_drawn (self->view_state, &begin_ns, &end_ns))
    {
      il_range_figures (timeline, begin_ns, end_ns, &figures);
      show_rates (self, &figures);
    }
  else
    gtk_label_set_label (self->rates_label, "");
  il_share_bar_set_states (self->share_bar, figures.states_ns);

  for (guint state = IL_STATE_NONE + 1; state < IL_N_STATES; state++)
    if (figures.states_ns[state] > (end_ns - begin_ns) / VISIBLE_PART)
      states |= 1u << state;
  if (timeline && il_timeline_is_read_by_several (timeline, begin_ns, end_ns))
    states |= IL_SWATCH_SEEN (IL_SWATCH_READERS);
  if (states != self->states || timeline != self->counted)
    {
      self->states = states;
      self->counted = timeline;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATES]);
    }
}

static gboolean
update_cb (gpointer data)
{
  IlFiguresBar *self = IL_FIGURES_BAR (data);

  self->update_id = 0;
  if (self->view_state)
    show_figures (self);

  return G_SOURCE_REMOVE;
}

/* The range and its figures are those of the frame about to be shown, unless frames come faster
 * than figures can be read: then both stay for a moment, since figures are true of their own range
 * alone. */
static void
drawn_cb (IlFiguresBar *self)
{
  gint64 elapsed_ms = (g_get_monotonic_time () - self->updated_us) / G_TIME_SPAN_MILLISECOND;

  if (elapsed_ms >= UPDATE_INTERVAL_MS)
    {
      /* Frames alone may take all of the time, so that it was never its turn. */
      g_clear_handle_id (&self->update_id, g_source_remove);
      show_figures (self);
    }
  else if (self->update_id == 0)
    self->update_id = g_timeout_add_full (G_PRIORITY_LOW, (guint)(UPDATE_INTERVAL_MS - elapsed_ms),
                                          update_cb, self, NULL);
}

/* In the bar and not over the timeline, where it would cover what the lanes say. */
static gboolean
can_follow_cb (gpointer object, gboolean live, gboolean following)
{
  return live && !following;
}

/* --- the facts stand beside the range, or below it where it is narrow --- */

static int
natural_width (gpointer widget)
{
  int natural;

  gtk_widget_measure (GTK_WIDGET (widget), GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL,
                      NULL);

  return natural;
}

static int
needed_height (gpointer widget, int width)
{
  int minimum;

  gtk_widget_measure (GTK_WIDGET (widget), GTK_ORIENTATION_VERTICAL, width, &minimum, NULL, NULL,
                      NULL);

  return minimum;
}

static void
need_widths (IlFiguresBar *self)
{
  int facts = MAX (natural_width (self->events_label), natural_width (self->scheduler_label));

  self->range_width = MAX (self->range_width, natural_width (self->range_box));
  self->facts_width = MAX (MAX (self->facts_width, facts), natural_width (self->rates_label));
}

static gboolean
fits_in_row (IlFiguresBar *self, int width)
{
  need_widths (self);

  return self->range_width + COLUMN_SPACING + self->facts_width <= width;
}

/* What is of the whole session fits into one line: each line is taken from the lanes. */
static gboolean
fits_in_line (IlFiguresBar *self, int width)
{
  return natural_width (self->events_label) + COLUMN_SPACING + natural_width (self->scheduler_label)
         <= width;
}

/* @width: -1 for one below the other, whatever there is */
static int
facts_height (IlFiguresBar *self, int width)
{
  int rates = needed_height (self->rates_label, -1);
  int events = needed_height (self->events_label, -1);
  int scheduler = needed_height (self->scheduler_label, -1);

  if (width >= 0 && fits_in_line (self, width))
    return rates + LINE_SPACING + MAX (events, scheduler);

  return rates + LINE_SPACING + events + LINE_SPACING + scheduler;
}

static void
il_figures_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  IlFiguresBar *self = IL_FIGURES_BAR (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      int facts = MAX (natural_width (self->events_label), natural_width (self->scheduler_label));

      need_widths (self);
      gtk_widget_measure (self->range_box, orientation, -1, minimum, NULL, NULL, NULL);
      *minimum = MAX (MAX (*minimum, facts), natural_width (self->rates_label));
      *natural = MAX (*minimum, self->range_width + COLUMN_SPACING + self->facts_width);
    }
  else if (for_size < 0 || fits_in_row (self, for_size))
    {
      int range_width = for_size < 0 ? -1 : for_size - self->facts_width - COLUMN_SPACING;

      *minimum = *natural
          = MAX (needed_height (self->range_box, range_width), facts_height (self, -1));
    }
  else
    *minimum = *natural
        = needed_height (self->range_box, for_size) + ROW_SPACING + facts_height (self, for_size);
}

static void
place (gpointer widget, int x, int y, int width, int height)
{
  gtk_widget_size_allocate (GTK_WIDGET (widget), &(GtkAllocation){ x, y, width, height }, -1);
}

/* One below the other, up to the right edge. */
static void
place_facts (IlFiguresBar *self, int x, int y, int width)
{
  GtkLabel *labels[] = { self->rates_label, self->events_label, self->scheduler_label };

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      int height = needed_height (labels[i], -1);

      place (labels[i], x, y, width, height);
      y += height + LINE_SPACING;
    }
}

static void
place_facts_in_lines (IlFiguresBar *self, int y, int width)
{
  int scheduler_width = natural_width (self->scheduler_label);
  int rest = width - scheduler_width - COLUMN_SPACING;
  int height = needed_height (self->rates_label, -1);

  place (self->rates_label, 0, y, width, height);
  y += height + LINE_SPACING;
  height = MAX (needed_height (self->events_label, -1), needed_height (self->scheduler_label, -1));
  place (self->events_label, 0, y, rest, height);
  place (self->scheduler_label, width - scheduler_width, y, scheduler_width, height);
}

static void
il_figures_bar_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  IlFiguresBar *self = IL_FIGURES_BAR (widget);
  int range_height;

  if (fits_in_row (self, width))
    {
      place (self->range_box, 0, 0, width - self->facts_width - COLUMN_SPACING, height);
      place_facts (self, width - self->facts_width, (height - facts_height (self, -1)) / 2,
                   self->facts_width);
      return;
    }

  range_height = needed_height (self->range_box, width);
  place (self->range_box, 0, 0, width, range_height);
  if (fits_in_line (self, width))
    place_facts_in_lines (self, range_height + ROW_SPACING, width);
  else
    place_facts (self, 0, range_height + ROW_SPACING, width);
}

static GtkSizeRequestMode
il_figures_bar_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
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
  widget_class->measure = il_figures_bar_measure;
  widget_class->size_allocate = il_figures_bar_size_allocate;
  widget_class->get_request_mode = il_figures_bar_get_request_mode;

  properties[PROP_VIEW_STATE]
      = g_param_spec_object ("view-state", NULL, NULL, IL_TYPE_VIEW_STATE,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATES]
      = g_param_spec_uint ("states", NULL, NULL, 0, IL_SWATCH_SEEN (IL_N_SWATCH_STRIPS) - 1, 0,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (IL_TYPE_SHARE_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/interleave/Interleave/il-figures-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, range_box);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, range_label);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, span_label);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, share_bar);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, rates_label);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, events_label);
  gtk_widget_class_bind_template_child (widget_class, IlFiguresBar, scheduler_label);
  gtk_widget_class_bind_template_callback (widget_class, can_follow_cb);
  gtk_widget_class_set_css_name (widget_class, "figuresbar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
il_figures_bar_init (IlFiguresBar *self)
{
  self->view_signals = g_signal_group_new (IL_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->view_signals, "drawn", G_CALLBACK (drawn_cb), self);
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
 * @view_state: (nullable): whose newest frame the figures are of
 */
void
il_figures_bar_set_view_state (IlFiguresBar *self, IlViewState *view_state)
{
  g_return_if_fail (IL_IS_FIGURES_BAR (self));
  g_return_if_fail (view_state == NULL || IL_IS_VIEW_STATE (view_state));

  if (!g_set_object (&self->view_state, view_state))
    return;

  g_signal_group_set_target (self->view_signals, view_state);
  if (view_state)
    drawn_cb (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VIEW_STATE]);
}

/**
 * il_figures_bar_set_recording:
 * @figures: (nullable): of the whole recording; NULL: there is none.  Before the first event
 *   nothing is said of it.
 */
void
il_figures_bar_set_recording (IlFiguresBar *self, const IlRecordingFigures *figures)
{
  g_autofree char *events = NULL;
  g_autofree char *lost = NULL;
  g_autofree char *overhead = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (IL_IS_FIGURES_BAR (self));

  if (!figures || figures->n_events == 0)
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
  text = g_strdup_printf (_ ("Whole session: %s events · %s lost · own overhead %s"), events, lost,
                          overhead);
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
 * Returns: a bit for each #IlState that workers can be seen to be in during the visible range, and
 *   IL_SWATCH_SEEN() of strips that are not in each recording
 */
guint
il_figures_bar_get_states (IlFiguresBar *self)
{
  g_return_val_if_fail (IL_IS_FIGURES_BAR (self), 0);

  return self->states;
}
