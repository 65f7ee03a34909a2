/* il-timeline-layout-private.h - what layout, paint, pick and describe share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A picture is a ruler, rows below it, and where asked for a legend and a caption.  A row is a
 * group's header or a lane; a lane's row holds up to three strips above each other, and a strip
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
  IL_STRIP_LEVEL,   /* depth of a queue, inside a semaphore, value of a counter … */
  IL_STRIP_WAITERS, /* of whatever is waited for */
  IL_STRIP_AMOUNTS, /* copied by a thread, lost of a counter, woken for nothing */
} IlStripKind;

#define IL_MAX_STRIPS 3 /* of a row */

typedef struct
{
  IlStripKind kind;
  IlLaneKind lane_kind;
  guint32 lane;
  int x0, x1; /* where the lane lives: has a background */
  int y0, y1;
  guint first_box, n_boxes;
  guint32 scale; /* of a level: the value that reaches the top */
  guint32 limit; /* of a level: capacity, units or parties; 0: none */
} IlStrip;

typedef struct
{
  IlBoxKind kind; /* IL_BOX_GROUP, IL_BOX_SUBGROUP or IL_BOX_LANE */
  IlGroup group;
  guint32 lane;
  int y0, y1;
  guint box; /* its own */
  guint first_strip, n_strips;
  double font_size;  /* of its label; 0: too low for one */
  guint n_lanes;     /* of a subgroup */
  double indent;     /* of its label: it stands under the header of its process */
  char *fact;        /* at a header's right, or beneath a lane's label; or NULL */
  char *second_fact; /* at a lane's strip of amounts; or NULL */
} IlRow;

typedef struct
{
  guint32 min, max, last;
  float mean;
} IlLevel;

/* Marks that stand at one place, since there is no room for each. */
typedef struct
{
  guint first; /* of them: whose title is shown */
  guint n_marks;
  IlMarkSeverity severity; /* of the gravest */
  guint line;              /* from the top */
  guint box;
} IlMarkItem;

#define IL_MARK_FONT 11.0
#define IL_MARK_TEXT_X 18.0 /* of the title in its box, right of the sign */

/* One row as it is planned. */
typedef struct
{
  IlBoxKind kind;
  IlGroup group;
  guint32 lane;
  guint n_lanes;                /* of a subgroup */
  double indent;                /* of its label: it stands under the header of its process */
  double y, height;             /* from the top of the picture, unscrolled */
  double margin;                /* above the strips */
  double strips[IL_MAX_STRIPS]; /* heights; 0: no more of them */
  double gap;                   /* between them */
  double font_size;
} IlRowPlan;

/* Kinds of threads that there are. */
typedef struct
{
  guint n_workers, n_exact, n_sampled, n_carried, n_processes, n_threads;
  guint n_carriers;
  gint32 pid;     /* of one of them */
  guint n_places; /* of workers in the pool: who takes a dead one's place has none of its own */
  guint n_process_places; /* likewise, of their processes */
} IlWorkerCounts;

/*
 * All rows, visible or not, and whatever else depends on which lanes there are but neither on where
 * in the visible range nor on what happened: made once, and again when lanes were added, groups
 * collapsed, marks named others or threads came into the range or left it.  A picture's cost
 * depends on the rows in it, but for one look at when each thread was born and died.
 */
typedef struct
{
  guint n_references;
  IlTimeline *timeline; /* a reference */
  gboolean is_of_program;
  guint n_lanes;   /* when it was made */
  guint n_claims;  /* likewise */
  guint collapsed; /* a bit for each IlGroup */
  guint crowding;  /* see IlTimelineView; at least 1 */
  GArray *only;    /* guint, see there */
  double top;      /* of the first row */
  guint n_amounts; /* lanes that have such a strip */
  GArray *rows;    /* IlRowPlan, from the top */
  double height;   /* of ruler and rows together */
  double label_width;
  guint32 *lane_numbers;          /* by lane: whose identity colour */
  GPtrArray *groups[IL_N_GROUPS]; /* IlLane, in the order in which they are shown */
  guint n_of_kind[IL_N_LANE_KINDS];
  GPtrArray *unused;      /* IlLane: queues of tasks that none ever waited in, which have no rows */
  GPtrArray *named;       /* IlLane: of that kind, but marks name them: they have rows */
  IlMarks *marks;         /* a reference: those that name them; may be NULL */
  IlWorkerCounts workers; /* of all threads */
  GPtrArray *threads;     /* IlLane: all of them … */
  guint8 *absent; /* … and of each whether it has no row, since it lived at another time */
  guint n_absent; /* of those that are counted in workers */
} IlPlan;

struct _IlTimelineLayout
{
  IlTimeline *timeline; /* a reference: rows name its lanes */
  IlTimelineView view;
  char *font_family;
  char *caption;

  int width, height;           /* of the picture */
  int ruler_bottom;            /* marks lie between it and lanes_top */
  int lanes_top, lanes_bottom; /* of the part that scrolls */
  int plot_x, n_columns;       /* of the time axis */
  double content_height;

  gint64 end_ns; /* of what is known */
  /* What is shown in one piece: n_columns columns of a pixel, or fewer where one were shorter than
   * a nanosecond.  The first begins within half a column of view.begin_ns. */
  IlColumns columns;
  IlColumnCache *cache; /* borrowed while the layout is made, then NULL */
  IlRuler ruler;

  GArray *boxes;      /* IlBox: the ruler, rows from the top each with its boxes, legend, caption */
  GArray *rows;       /* IlRow, the visible ones from the top */
  GArray *strips;     /* IlStrip, from the top */
  GArray *shares;     /* IlShares of mixed boxes, one for each of their columns */
  GArray *levels;     /* IlLevel of level boxes */
  GArray *mark_items; /* IlMarkItem */
  GArray *mark_homes; /* guint32: of each mark its item, or G_MAXUINT32: not seen */
  IlPlan *plan;       /* a reference */
};

static inline double
il_layout_logical (const IlTimelineLayout *layout, int px)
{
  return px / layout->view.scale;
}

/* il-timeline-layout.c */
IlTimelineLayout *il_timeline_layout_new_cached (IlTimeline *timeline, const IlTimelineView *view,
                                                 IlColumnCache *cache,
                                                 IlPlan *plan) G_GNUC_WARN_UNUSED_RESULT;
int il_layout_px (const IlTimelineLayout *layout, double logical);
int il_layout_bin_to_px (const IlTimelineLayout *layout, guint bin);
gint64 il_layout_bin_to_time (const IlTimelineLayout *layout, guint bin);
double il_layout_time_to_bin (const IlTimelineLayout *layout, gint64 time_ns);
guint32 il_layout_lane_number (const IlTimelineLayout *layout, guint32 lane);
int il_layout_level_px (const IlStrip *strip, double value);
const IlStrip *il_layout_find_strip (const IlTimelineLayout *layout, int x, int y,
                                     const IlRow **row);
const IlStrip *il_layout_find_ribbon (const IlTimelineLayout *layout, const IlRow *row, int x,
                                      const IlBox **box);

/* il-timeline-lanes.c: which lanes have rows. */
void il_plan_collect_lanes (IlPlan *plan, const IlTimelineView *view);
gboolean il_plan_lanes_fit (const IlPlan *plan, const IlTimelineView *view);
/* Processes of several threads each are kept together. */
gboolean il_plan_has_processes (const IlPlan *plan);

/* il-timeline-rows.c: which rows there are, and how high. */
IlPlan *il_plan_new (IlTimeline *timeline, const IlTimelineView *view) G_GNUC_WARN_UNUSED_RESULT;
IlPlan *il_plan_ref (IlPlan *plan);
void il_plan_unref (IlPlan *plan);
gboolean il_plan_fits (const IlPlan *plan, IlTimeline *timeline, const IlTimelineView *view);
guint il_plan_find_row (const IlPlan *plan, double y);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlPlan, il_plan_unref)

/* il-timeline-labels.c */
char *il_lane_dup_label (const IlLane *lane) G_GNUC_WARN_UNUSED_RESULT;
char *il_lane_dup_short_label (const IlLane *lane) G_GNUC_WARN_UNUSED_RESULT;
char *il_lane_dup_initial (const IlLane *lane) G_GNUC_WARN_UNUSED_RESULT;
char *il_subgroup_dup_title (const IlTimelineLayout *layout,
                             const IlRow *row) G_GNUC_WARN_UNUSED_RESULT;
double il_estimate_text_width (const char *text, double font_size);
const char *il_group_get_title (const IlPlan *plan, IlGroup group);

/* il-timeline-strips.c, il-timeline-spans.c, il-timeline-levels.c: what is in them. */
void il_timeline_add_strips (IlTimelineLayout *layout, IlRow *row, const IlRowPlan *plan);
void il_strip_add_spans (IlTimelineLayout *layout, IlStrip *strip, const IlRow *row,
                         const IlSeries *series);
void il_strip_add_levels (IlTimelineLayout *layout, IlStrip *strip, IlRow *row,
                          const IlSeries *series);

/* il-timeline-amounts.c: a strip that a lane gets once there is something to show. */
gboolean il_lane_has_amounts (const IlLane *lane);
guint il_plan_count_amounts (const IlPlan *plan);
void il_row_plan_amounts (IlRowPlan *row, const IlLane *lane, guint n_lanes);
void il_strip_add_amounts (IlTimelineLayout *layout, IlStrip *strip, IlRow *row);

/* il-timeline-endings.c */
IlEnding il_lane_find_ending (const IlLane *lane, gint64 end_ns, guint *signal_number);
gboolean il_lane_has_owners (const IlLane *lane);

/* il-timeline-lanes.c: which lanes are shown, and where. */
IlLaneKind il_lane_get_look (const IlLane *lane, gboolean is_of_program);
IlGroup il_lane_get_group (const IlLane *lane, gboolean is_of_program);
gboolean il_lane_is_shown (const IlLane *lane, gboolean is_of_program);

/* il-timeline-strips.c */
guint32 il_lane_get_limit (const IlLane *lane);

/* il-timeline-legend.c: what stands below the lanes. */
/* Codes of boxes that explain what is not a state of a thread. */
enum
{
  IL_LEGEND_USAGE = IL_N_STATES, /* how busy a core was */
  IL_LEGEND_IDENTITY,            /* who ran on a core, or held a lock */
  IL_LEGEND_READERS,             /* a readers-writer lock is held by readers */
  IL_LEGEND_LEVEL,               /* how many, or how much */
  IL_LEGEND_LIMIT,               /* … at most */
  IL_LEGEND_WAITERS,             /* how many wait */
  IL_LEGEND_COPYING,             /* between heaps */
  IL_LEGEND_LOST_UPDATES,        /* of a counter */
  IL_LEGEND_WASTED,              /* woken by a condition for nothing */
  IL_LEGEND_LEFT,                /* endings of workers … */
  IL_LEGEND_DIED,                /* … */
  IL_LEGEND_WITH_PROCESS,        /* … in the same order */
  IL_LEGEND_ORPHANED,            /* a lock, whose holder is dead */
  IL_LEGEND_RECOVERED,           /* a lock, from an owner that had died */
  IL_LEGEND_WARNING,             /* marks, by their severity … */
  IL_LEGEND_ERROR,               /* … in the same order */
  IL_N_LEGENDS
};
double il_timeline_footer_height (IlTimeline *timeline, const IlTimelineView *view);
void il_timeline_add_footer (IlTimelineLayout *layout);
const char *il_legend_get_label (const IlTimeline *timeline, guint32 code);

/* il-timeline-marks.c: what is pointed out. */
double il_timeline_marks_height (const IlTimelineView *view);
void il_timeline_add_marks (IlTimelineLayout *layout);
gboolean il_layout_get_mark_range (const IlTimelineLayout *layout, const IlMark *mark, double *x0,
                                   double *x1);
char *il_mark_item_dup_label (const IlTimelineLayout *layout,
                              const IlMarkItem *item) G_GNUC_WARN_UNUSED_RESULT;
char *il_timeline_describe_mark (const IlTimelineLayout *layout,
                                 const IlBox *box) G_GNUC_WARN_UNUSED_RESULT;

/* il-timeline-facts.c: facts in words at a row. */
char *il_timeline_group_fact (const IlTimelineLayout *layout, IlGroup group);

G_END_DECLS
