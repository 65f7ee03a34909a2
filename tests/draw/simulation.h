/* simulation.h - a timeline as a run of the pool would leave it, made up
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-builder.h"

G_BEGIN_DECLS

typedef struct
{
  guint n_cores, n_workers;
  gint64 duration_ns, step_ns;
  gint64 section_ns; /* in the lock */
  double arrivals;   /* per second */
  guint32 capacity;
  guint32 seed;
} Simulation;

extern const Simulation simulation_default;

IlTimeline *simulate (const Simulation *simulation) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
