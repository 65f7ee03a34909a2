/* il-work-area.c - the timelines, and below them what is said of them: who gets which height
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings and output have no end.  However much there is of them, and however low the window, the
 * timelines keep their half, since the threads and locks in them are what both speak of.
 */

#include "config.h"

#include "il-work-area.h"

#include "il-findings-pane.h"
#include "il-output-pane.h"

#define MAX_CHILDREN 8

struct _IlWorkArea
{
  GtkWidget parent_instance;
  guint settled_id;
  int height; /* of the first child */
};

enum
{
  SETTLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (IlWorkArea, il_work_area, GTK_TYPE_WIDGET)

/* A child, and how much of its height it has. */
typedef struct
{
  GtkWidget *widget;
  int minimum, height;
} Place;

/* The best height for the child up to that. */
static int
fit (GtkWidget *child, int width, int height)
{
  int natural;

  if (IL_IS_FINDINGS_PANE (child))
    return il_findings_pane_fit (IL_FINDINGS_PANE (child), width, height);
  if (IL_IS_OUTPUT_PANE (child))
    return il_output_pane_fit (IL_OUTPUT_PANE (child), width, height);
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);

  return MIN (natural, height);
}

/* What was found is not to hide what it was found in. */
static int
limit (GtkWidget *child, int height)
{
  return IL_IS_FINDINGS_PANE (child) ? height / 3 : G_MAXINT;
}

static guint
list_places (IlWorkArea *self, int width, int height, Place *places)
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child && n < MAX_CHILDREN;
       child = gtk_widget_get_next_sibling (child))
    {
      Place *place = &places[n];

      if (!gtk_widget_should_layout (child))
        continue;
      place->widget = child;
      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &place->minimum, NULL, NULL,
                          NULL);
      place->height = MAX (fit (child, width, limit (child, height)), place->minimum);
      n++;
    }

  return n;
}

/* What can be taken from those below the first one, each of which keeps its minimum. */
static int
sum_spare (const Place *places, guint n)
{
  int spare = 0;

  for (guint i = 1; i < n; i++)
    spare += places[i].height - places[i].minimum;

  return spare;
}

/* Has them give @missing.  What is left they share alike, but none has more than it wants. */
static void
lower (Place *places, guint n, int width, int missing)
{
  int left = MAX (sum_spare (places, n) - missing, 0);

  for (guint i = 1; i < n; i++)
    {
      Place *place = &places[i];
      int own = place->height - place->minimum;
      int after = sum_spare (place, n - i); /* what those after it want */
      int share = MIN (MAX (left - after, left / 2), own);

      if (own == 0)
        continue;
      place->height = MAX (fit (place->widget, width, place->minimum + share), place->minimum);
      left -= MIN (place->height - place->minimum, left);
    }
}

static gboolean
settled_cb (gpointer data)
{
  IlWorkArea *self = IL_WORK_AREA (data);

  self->settled_id = 0;
  g_signal_emit (self, signals[SETTLED], 0);

  return G_SOURCE_REMOVE;
}

/* Not at once: who places something else after it asks for another layout. */
static void
tell_height (IlWorkArea *self, int height)
{
  if (self->height == height)
    return;

  self->height = height;
  if (self->settled_id == 0)
    self->settled_id = g_timeout_add (0, settled_cb, self);
}

static void
il_work_area_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  Place places[MAX_CHILDREN] = { 0 };
  guint n = list_places (IL_WORK_AREA (widget), width, height, places);
  int below = 0, y = 0;
  int wanted;

  if (n == 0)
    return;

  for (guint i = 1; i < n; i++)
    below += places[i].height;
  wanted = MAX (height / 2, places[0].minimum);
  if (height - below < wanted)
    lower (places, n, width, wanted - (height - below));
  places[0].height = height;
  for (guint i = 1; i < n; i++)
    places[0].height -= places[i].height;
  places[0].height = MAX (places[0].height, places[0].minimum);

  for (guint i = 0; i < n; i++)
    {
      gtk_widget_size_allocate (places[i].widget, &(GtkAllocation){ 0, y, width, places[i].height },
                                -1);
      y += places[i].height;
    }
  tell_height (IL_WORK_AREA (widget), places[0].height);
}

static void
il_work_area_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_minimum, child_natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, orientation, for_size, &child_minimum, &child_natural, NULL, NULL);
      if (orientation == GTK_ORIENTATION_HORIZONTAL)
        {
          *minimum = MAX (*minimum, child_minimum);
          *natural = MAX (*natural, child_natural);
        }
      else
        {
          *minimum += child_minimum;
          *natural += child_natural;
        }
    }
}

static GtkSizeRequestMode
il_work_area_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
il_work_area_dispose (GObject *object)
{
  GtkWidget *child;

  g_clear_handle_id (&IL_WORK_AREA (object)->settled_id, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (il_work_area_parent_class)->dispose (object);
}

static void
il_work_area_class_init (IlWorkAreaClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_work_area_dispose;
  signals[SETTLED] = g_signal_new ("settled", IL_TYPE_WORK_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  widget_class->measure = il_work_area_measure;
  widget_class->size_allocate = il_work_area_size_allocate;
  widget_class->get_request_mode = il_work_area_get_request_mode;
}

static void
il_work_area_init (IlWorkArea *self)
{
}

/**
 * il_work_area_new:
 *
 * Returns: (transfer floating): one without children, which gtk_widget_set_parent() adds
 */
GtkWidget *
il_work_area_new (void)
{
  return g_object_new (IL_TYPE_WORK_AREA, NULL);
}
