/* il-box-run.c - a strip's boxes, made column by column
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-box-run.h"

#include <string.h>

/**
 * il_box_run_close:
 *
 * Appends the box that is open, if one is, to the layout.
 */
void
il_box_run_close (IlBoxRun *run)
{
  const IlTimelineLayout *layout = run->layout;

  if (!run->open)
    return;
  run->box.x = (float)il_layout_logical (layout, run->x0);
  run->box.y = (float)il_layout_logical (layout, run->strip->y1 - run->height);
  run->box.width = (float)il_layout_logical (layout, run->x1 - run->x0);
  run->box.height = (float)il_layout_logical (layout, run->height);
  run->box.bin = (guint32)(run->x0 - layout->plot_x);
  run->box.n_bins = (guint32)(run->x1 - run->x0);
  g_array_append_val (layout->boxes, run->box);
  run->strip->n_boxes++;
  run->open = FALSE;
}

/**
 * il_box_run_open:
 * @bin: its first column
 * @height: in device pixels from the strip's bottom
 *
 * Opens a box, after the one before was closed.
 */
void
il_box_run_open (IlBoxRun *run, IlBoxKind kind, guint bin, int height, guint32 code)
{
  il_box_run_close (run);
  run->open = TRUE;
  run->x0 = il_layout_bin_to_px (run->layout, bin);
  run->x1 = il_layout_bin_to_px (run->layout, bin + 1);
  run->height = height;
  run->box.kind = kind;
  run->box.code = code;
  run->box.value = 0;
}

/**
 * il_box_run_widen:
 * @bin: the next column
 *
 * Takes a column into the box that is open.
 */
void
il_box_run_widen (IlBoxRun *run, guint bin)
{
  run->x1 = il_layout_bin_to_px (run->layout, bin + 1);
}

/**
 * il_box_run_add_unknown:
 * @bin: the next column
 *
 * Takes a column of which nothing is known into such a box, or opens one.
 */
void
il_box_run_add_unknown (IlBoxRun *run, guint bin)
{
  if (run->open && run->box.kind == IL_BOX_LOST)
    il_box_run_widen (run, bin);
  else
    il_box_run_open (run, IL_BOX_LOST, bin, run->strip->y1 - run->strip->y0,
                     IL_CODE (IL_STATE_UNKNOWN, 0));
}

/**
 * il_box_run_init:
 * @run: (out): the run
 *
 * Begins a strip's boxes.
 */
void
il_box_run_init (IlBoxRun *run, IlTimelineLayout *layout, IlStrip *strip, const IlRow *row)
{
  memset (run, 0, sizeof *run);
  run->layout = layout;
  run->strip = strip;
  run->box.group = row->group;
  run->box.lane = row->lane;
  strip->first_box = layout->boxes->len;
}
