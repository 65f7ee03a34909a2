/* il-box-run.h - a strip's boxes, made column by column
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-layout-private.h"

G_BEGIN_DECLS

/* The box that is being made wider column by column. */
typedef struct
{
  IlTimelineLayout *layout;
  IlStrip *strip;
  IlBox box; /* but for its place, which is in device pixels until it is closed */
  int x0, x1, height;
  gboolean open;
  gsize last_index; /* of the last span in it */
  const IlSeries *series;
  guint seen_share;          /* the least share of a column that takes half a pixel of its height */
  gboolean begins_with_many; /* its first column meets many spans … */
  gboolean many;             /* … and so do all */
} IlBoxRun;

void il_box_run_init (IlBoxRun *run, IlTimelineLayout *layout, IlStrip *strip, const IlRow *row);
void il_box_run_open (IlBoxRun *run, IlBoxKind kind, guint bin, int height, guint32 code);
void il_box_run_widen (IlBoxRun *run, guint bin);
void il_box_run_add_unknown (IlBoxRun *run, guint bin);
void il_box_run_close (IlBoxRun *run);

G_END_DECLS
