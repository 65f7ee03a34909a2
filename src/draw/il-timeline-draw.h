/* il-timeline-draw.h - lays a view of a timeline out, paints it, and finds what is under a point
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layout makes an array of boxes; paint draws that array and pick searches the same, so that
 * picture and pointer cannot disagree.  Pure functions: no widget, clock, setting or global state.
 * Screen and export use the same.
 */

#pragma once

#include "il-marks.h"
#include "il-theme.h"
#include "il-timeline.h"

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  IL_GROUP_CORES,
  IL_GROUP_WORKERS,
  IL_GROUP_LOCKS,    /* also readers-writer locks and semaphores */
  IL_GROUP_SIGNALS,  /* events, conditions, barriers */
  IL_GROUP_QUEUES,   /* and channels */
  IL_GROUP_COUNTERS, /* and files */
  IL_N_GROUPS
} IlGroup;

/* All that a picture depends on besides the timeline and the theme.  Lengths in logical pixels. */
typedef struct
{
  gint64 begin_ns, end_ns; /* the visible range; not empty; may reach outside the recording */
  double width, height;
  double scroll_y; /* lanes scrolled up by; the ruler stays */
  double scale;    /* device pixels per logical pixel */
  gboolean collapsed[IL_N_GROUPS];
  guint crowding; /* rows are as low as if there were so many times as many lanes; 0: as they are */
  guint n_only;
  const guint *only;       /* of these lanes alone there are rows; where there is none: of all */
  const char *font_family; /* NULL: "Cantarell" */
  gboolean is_still;       /* nothing in it can be clicked: no signs that groups collapse */
  gboolean show_legend;    /* below, for export */
  const char *caption;     /* below, for export; may be NULL */
  IlMarks *marks;          /* above the lanes and around them; may be NULL */
} IlTimelineView;

typedef enum
{
  IL_BOX_RULER, /* the strip of ticks above all lanes */
  IL_BOX_GROUP, /* a group's header */
  IL_BOX_LANE,  /* a lane's row, its label included; comes before the boxes in it */
  IL_BOX_SPAN,  /* one span, or several of one look, in a row */
  IL_BOX_MIXED, /* pixel columns, in each of which several states stand above each other by their
                   shares */
  IL_BOX_LOST,  /* where events of a thread were lost, over its states, which are not known there;
                   and where a level is not known */
  IL_BOX_LEVEL, /* a pixel column, or several of the same value, of a counter */
  IL_BOX_LEGEND,
  IL_BOX_CAPTION,
  IL_BOX_SUBGROUP, /* a header within a group, of the lanes from its own on: a process's threads,
                      or coroutines */
  IL_BOX_MARK,     /* something pointed out, above the lanes; or several of one place */
} IlBoxKind;

typedef struct _IlTimelineLayout
    IlTimelineLayout; /* the array, with text and strings it refers to */

typedef struct
{
  IlBoxKind kind;
  IlGroup group;
  float x, y, width, height; /* logical pixels in the picture */
  guint32 lane;              /* where the box belongs to one */
  guint32 code;              /* as in IlSpan; of a level: its maximum */
  guint32 bin;               /* pixel column from the left of the plot … */
  guint32 n_bins;            /* … and how many columns it takes */
  guint32 value;             /* where the layout keeps what else it knows of this box */
} IlBox;

IlTimelineLayout *il_timeline_layout_new (IlTimeline *timeline,
                                          const IlTimelineView *view) G_GNUC_WARN_UNUSED_RESULT;
void il_timeline_layout_free (IlTimelineLayout *layout);
const IlBox *il_timeline_layout_get_boxes (const IlTimelineLayout *layout, gsize *n_boxes);
double il_timeline_layout_get_content_height (
    const IlTimelineLayout *layout); /* unscrolled, ruler included */
double
il_timeline_layout_get_plot_x (const IlTimelineLayout *layout); /* left edge of the time axis … */
double il_timeline_layout_get_plot_width (const IlTimelineLayout *layout);

gint64 il_timeline_layout_x_to_time (const IlTimelineLayout *layout, double x);
double il_timeline_layout_time_to_x (const IlTimelineLayout *layout, gint64 time_ns);

/* What one who paints again and again keeps between two pictures: an image, laid-out text and
 * columns.  Of one thread. */
typedef struct _IlTimelinePainter IlTimelinePainter;

IlTimelinePainter *il_timeline_painter_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_timeline_painter_free (IlTimelinePainter *painter);
IlTimelineLayout *il_timeline_painter_layout (IlTimelinePainter *painter, IlTimeline *timeline,
                                              const IlTimelineView *view) G_GNUC_WARN_UNUSED_RESULT;
void il_timeline_painter_paint (IlTimelinePainter *painter, cairo_t *cr,
                                const IlTimelineLayout *layout, const IlTheme *theme);

/* Leaves cr as it was. */
void il_timeline_paint (cairo_t *cr, const IlTimelineLayout *layout, const IlTheme *theme);
const IlBox *il_timeline_pick (const IlTimelineLayout *layout, double x,
                               double y); /* the topmost; or NULL */
/* What stands at that point, in full sentences, lines separated by \n, the first one a heading;
 * NULL where nothing. */
char *il_timeline_describe (IlTimeline *timeline, const IlTimelineLayout *layout, double x,
                            double y);

/* What stands in a box of that kind; of several the first. */
const IlMark *il_timeline_get_mark (const IlTimelineLayout *layout, const IlBox *box);

/* Who let whom go: from the lane of the one to that of the other, at one moment. */
typedef struct
{
  guint32 from, to; /* lanes */
  gint64 time_ns;
  double x, from_y, to_y; /* in the picture; a lane that is not seen is where the lanes end */
} IlTimelineLink;

/* FALSE where nothing at that point waited for somebody who is known. */
gboolean il_timeline_find_link (const IlTimelineLayout *layout, double x, double y,
                                IlTimelineLink *link);
void il_timeline_paint_link (cairo_t *cr, const IlTimelineLink *link, const IlTheme *theme);

gboolean il_timeline_is_read_by_several (IlTimeline *timeline, gint64 begin_ns, gint64 end_ns);

typedef struct
{
  guint32 lane;
  IlGroup group;
  double y, height; /* logical pixels from the top, unscrolled */
} IlLanePlace;

/* (element-type IlLanePlace): from the top, also those out of sight */
GArray *il_timeline_list_lanes (IlTimeline *timeline,
                                const IlTimelineView *view) G_GNUC_WARN_UNUSED_RESULT;

/* The smallest view height that shows all lanes. */
double il_timeline_natural_height (IlTimeline *timeline, const IlTimelineView *view);
/* Sets the view's crowding so that all lanes fit into its height, as far as that goes. */
double il_timeline_fit_rows (IlTimeline *timeline, IlTimelineView *view, gboolean keeps_names);
gboolean il_timeline_export_png (IlTimeline *timeline, const IlTimelineView *view,
                                 const IlTheme *theme, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlTimelineLayout, il_timeline_layout_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlTimelinePainter, il_timeline_painter_free)

G_END_DECLS
