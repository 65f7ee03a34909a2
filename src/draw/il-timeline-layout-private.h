/* il-timeline-layout-private.h - what layout, paint, pick and describe share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A picture is a ruler, rows below it, and where asked for a legend and a caption.  A row is a
 * group's header or a lane; a lane's row holds one or two strips above each other, and a strip
 * holds boxes from left to right that neither overlap nor leave the strip.
 *
 * Every edge lies on a whole device pixel.  Positions are therefore kept in device pixels, and
 * boxes, which others see, in logical ones.
 */

#pragma once

#include "il-column-cache.h"
#include "il-palette.h"
#include "il-ruler.h"
#include "il-timeline-draw.h"

G_BEGIN_DECLS

typedef enum
{
  IL_STRIP_STATES,  /* of a thread */
  IL_STRIP_RIBBON,  /* who ran on a core, who held a lock */
  IL_STRIP_USAGE,   /* permille of a core */
  IL_STRIP_LEVEL,   /* depth of a queue, inside a semaphore, value of a counter */
  IL_STRIP_WAITERS, /* of a lock or semaphore */
} IlStripKind;

typedef struct
{
  IlStripKind kind;
  guint32 lane;
  int x0, x1; /* where the lane lives: has a background */
  int y0, y1;
  guint first_box, n_boxes;
  guint32 scale; /* of a level: the value that reaches the top */
  guint32 limit; /* of a level: capacity or units; 0: none */
} IlStrip;

typedef struct
{
  IlBoxKind kind; /* IL_BOX_GROUP or IL_BOX_LANE */
  IlGroup group;
  guint32 lane;
  int y0, y1;
  guint box; /* its own */
  guint first_strip, n_strips;
  double font_size; /* of its label */
  char *fact;       /* at a header's right, or beneath a lane's label; or NULL */
} IlRow;

typedef struct
{
  guint32 min, max, last;
  float mean;
} IlLevel;

struct _IlTimelineLayout
{
  IlTimeline *timeline; /* a reference: rows name its lanes */
  IlTimelineView view;
  char *font_family;
  char *caption;

  int width, height;           /* of the picture */
  int lanes_top, lanes_bottom; /* of the part that scrolls */
  int plot_x, n_columns;       /* of the time axis */
  double content_height;

  gint64 end_ns; /* of what is known */
  /* What is shown in one piece: n_columns columns of a pixel, or fewer where one were shorter than
   * a nanosecond.  The first begins within half a column of view.begin_ns. */
  IlColumns columns;
  IlColumnCache *cache; /* borrowed while the layout is made, then NULL */
  IlRuler ruler;

  GArray *boxes;  /* IlBox: the ruler, rows from the top each with its boxes, legend, caption */
  GArray *rows;   /* IlRow, the visible ones from the top */
  GArray *strips; /* IlStrip, from the top */
  GArray *shares; /* IlShares of mixed boxes, one for each of their columns */
  GArray *levels; /* IlLevel of level boxes */
  guint n_lanes;
  guint32 *lane_numbers; /* by lane: whose identity colour */
};

static inline double
il_layout_logical (const IlTimelineLayout *layout, int px)
{
  return px / layout->view.scale;
}

/* il-timeline-layout.c */
IlTimelineLayout *il_timeline_layout_new_cached (IlTimeline *timeline, const IlTimelineView *view,
                                                 IlColumnCache *cache) G_GNUC_WARN_UNUSED_RESULT;
int il_layout_px (const IlTimelineLayout *layout, double logical);
int il_layout_bin_to_px (const IlTimelineLayout *layout, guint bin);
gint64 il_layout_bin_to_time (const IlTimelineLayout *layout, guint bin);
double il_layout_time_to_bin (const IlTimelineLayout *layout, gint64 time_ns);
guint32 il_layout_lane_number (const IlTimelineLayout *layout, guint32 lane);
int il_layout_level_px (const IlStrip *strip, double value);
const IlStrip *il_layout_find_strip (const IlTimelineLayout *layout, int x, int y,
                                     const IlRow **row);

/* il-timeline-rows.c: which rows there are, and how high. */
typedef struct
{
  IlBoxKind kind;
  IlGroup group;
  guint32 lane;
  double y, height;       /* from the top of the picture, unscrolled */
  double bar, gap, lower; /* of the strips: upper, between, lower; 0: none */
  double margin, font_size;
} IlRowPlan;

GArray *il_timeline_plan_rows (IlTimeline *timeline, const IlTimelineView *view, double *height);
double il_timeline_label_width (IlTimeline *timeline, const GArray *plan);
char *il_lane_dup_label (const IlLane *lane) G_GNUC_WARN_UNUSED_RESULT;
char *il_lane_dup_initial (const IlLane *lane) G_GNUC_WARN_UNUSED_RESULT;
double il_estimate_text_width (const char *text, double font_size);
const char *il_group_get_title (IlGroup group);

/* il-timeline-strips.c, il-timeline-spans.c, il-timeline-levels.c: what is in them. */
void il_timeline_add_strips (IlTimelineLayout *layout, IlRow *row, const IlRowPlan *plan);
void il_strip_add_spans (IlTimelineLayout *layout, IlStrip *strip, const IlRow *row,
                         const IlSeries *series);
void il_strip_add_levels (IlTimelineLayout *layout, IlStrip *strip, IlRow *row,
                          const IlSeries *series);

/* il-timeline-legend.c: what stands below the lanes. */
#define IL_LEGEND_USAGE IL_N_STATES /* code of the box that explains how busy a core was */
double il_timeline_footer_height (IlTimeline *timeline, const IlTimelineView *view);
void il_timeline_add_footer (IlTimelineLayout *layout);
const char *il_legend_get_label (guint32 code);

/* il-timeline-facts.c: facts in words at a row. */
char *il_timeline_group_fact (const IlTimelineLayout *layout, IlGroup group);

G_END_DECLS
