/* il-ruler.c - the ticks of a time axis
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-ruler.h"

#include "il-time-format.h"

#include <string.h>

/* What a digit takes of a label, roughly, and what has to stay free between two labels. */
#define DIGIT_WIDTH 6.6
#define LABEL_GAP 22.0

#define SECOND G_GINT64_CONSTANT (1000000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct
{
  gint64 step_ns;
  guint n_parts;
} steps[] = {
  { 1, 1 },
  { 2, 2 },
  { 5, 5 },
  { 10, 5 },
  { 20, 4 },
  { 50, 5 },
  { 100, 5 },
  { 200, 4 },
  { 500, 5 },
  { 1000, 5 },
  { 2000, 4 },
  { 5000, 5 },
  { 10000, 5 },
  { 20000, 4 },
  { 50000, 5 },
  { 100000, 5 },
  { 200000, 4 },
  { 500000, 5 },
  { 1000000, 5 },
  { 2000000, 4 },
  { 5000000, 5 },
  { 10000000, 5 },
  { 20000000, 4 },
  { 50000000, 5 },
  { 100000000, 5 },
  { 200000000, 4 },
  { 500000000, 5 },
  { SECOND, 5 },
  { 2 * SECOND, 4 },
  { 5 * SECOND, 5 },
  { 10 * SECOND, 5 },
  { 15 * SECOND, 3 },
  { 30 * SECOND, 3 },
  { MINUTE, 6 },
  { 2 * MINUTE, 4 },
  { 5 * MINUTE, 5 },
  { 10 * MINUTE, 5 },
  { 15 * MINUTE, 3 },
  { 30 * MINUTE, 3 },
  { HOUR, 6 },
  { 2 * HOUR, 4 },
  { 6 * HOUR, 6 },
  { 12 * HOUR, 6 },
  { DAY, 4 },
  { 2 * DAY, 4 },
  { 5 * DAY, 5 },
  { 10 * DAY, 5 },
  { 20 * DAY, 4 },
  { 50 * DAY, 5 },
  { 100 * DAY, 5 },
  { 1000 * DAY, 5 },
  { 10000 * DAY, 5 },
  { 100000 * DAY, 5 },
};

static gint64
round_up_to (gint64 time_ns, gint64 step_ns)
{
  gint64 rest = time_ns % step_ns;

  return rest == 0 ? time_ns : rest > 0 ? time_ns - rest + step_ns : time_ns - rest;
}

static double
label_width (gint64 time_ns, gint64 step_ns)
{
  g_autofree char *label = il_format_time (time_ns, step_ns);

  return DIGIT_WIDTH * (double)g_utf8_strlen (label, -1) + LABEL_GAP;
}

/**
 * il_ruler_init:
 * @ruler: (out): the ticks
 * @begin_ns: left end of the axis; what is before 0 gets no ticks
 * @end_ns: right end of the axis, after @begin_ns
 * @width: of the axis, in logical pixels
 *
 * Chooses the smallest step from the table whose labels do not run into each other.  No ticks where
 * even one label is wider than the axis.
 */
void
il_ruler_init (IlRuler *ruler, gint64 begin_ns, gint64 end_ns, double width)
{
  double range = (double)end_ns - (double)begin_ns;

  memset (ruler, 0, sizeof *ruler);
  ruler->step_ns = 1;
  ruler->n_parts = 1;
  if (!(range > 0) || !(width > 0))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      double distance = width * (double)steps[i].step_ns / range;

      ruler->step_ns = steps[i].step_ns;
      ruler->n_parts = steps[i].n_parts;
      if (distance >= 30
          && distance >= MAX (label_width (begin_ns, steps[i].step_ns),
                              label_width (end_ns, steps[i].step_ns)))
        break;
    }
  ruler->first_ns = round_up_to (MAX (begin_ns, 0), ruler->step_ns);
  if (ruler->first_ns <= end_ns)
    ruler->n_ticks = 1 + (guint)((end_ns - ruler->first_ns) / ruler->step_ns);
}

/**
 * il_ruler_format:
 * @time_ns: of a labelled tick
 *
 * Returns: (transfer full): its label, with as many digits as the step needs
 */
char *
il_ruler_format (const IlRuler *ruler, gint64 time_ns)
{
  return il_format_time (time_ns, ruler->step_ns);
}
