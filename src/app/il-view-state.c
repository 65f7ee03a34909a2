/* il-view-state.c - what is looked at, and which part of it: the one truth that every view observes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-view-state.h"

#include <math.h>

/*
 * The range is never empty, never shorter than IL_VIEW_MIN_SPAN_NS, and its middle lies within the
 * recording, so that half of the view at most is empty.  In the modes FOLLOW and FIT it is derived
 * anew whenever the recording grows; any zoom or pan by the user leads to FREE, but for a zoom
 * while following, which keeps the right edge.
 */
struct _IlViewState
{
  GObject parent_instance;
  IlTimeline *timeline;
  gint64 begin_ns, end_ns;             /* the visible range */
  gint64 data_end_ns;                  /* up to where the recording is known */
  gint64 drawn_begin_ns, drawn_end_ns; /* of the recording, in the last frame; equal: nothing */
  gint64 follow_span_ns;               /* what follow mode shows, also before there is as much */
  IlViewMode mode;
  gboolean live;   /* the recording grows */
  guint collapsed; /* a bit for each IlGroup */
};

enum
{
  PROP_TIMELINE = 1,
  PROP_LIVE,
  PROP_RANGE_BEGIN,
  PROP_RANGE_END,
  PROP_END,
  PROP_MODE,
  PROP_FOLLOWING,
  PROP_COLLAPSED,
  N_PROPS
};

enum
{
  DRAWN,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (IlViewState, il_view_state, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

/* Longest range that makes sense: all there is, and some room beside it. */
static gint64
max_span (IlViewState *self)
{
  return MAX (self->data_end_ns + self->data_end_ns / 4, IL_VIEW_DEFAULT_SPAN_NS);
}

static void
set_mode (IlViewState *self, IlViewMode mode)
{
  gboolean was_following = il_view_state_get_following (self);

  if (self->mode == mode)
    return;

  self->mode = mode;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODE]);
  if (was_following != il_view_state_get_following (self))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOWING]);
}

static void
set_range (IlViewState *self, gint64 begin_ns, gint64 end_ns)
{
  gboolean begin_moved = self->begin_ns != begin_ns;
  gboolean end_moved = self->end_ns != end_ns;

  g_assert (begin_ns < end_ns);

  self->begin_ns = begin_ns;
  self->end_ns = end_ns;
  if (begin_moved)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RANGE_BEGIN]);
  if (end_moved)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RANGE_END]);
}

/* Puts a range of that length as near as possible to where the caller wants it. */
static void
set_range_clamped (IlViewState *self, gint64 begin_ns, gint64 span_ns)
{
  gint64 lowest, highest;

  span_ns = CLAMP (span_ns, IL_VIEW_MIN_SPAN_NS, max_span (self));
  lowest = -span_ns / 2;
  highest = MAX (self->data_end_ns - span_ns / 2, 0);
  begin_ns = CLAMP (begin_ns, lowest, highest);
  set_range (self, begin_ns, begin_ns + span_ns);
}

static void
derive_range (IlViewState *self)
{
  gint64 begin_ns;

  switch (self->mode)
    {
    case IL_VIEW_FOLLOW:
      begin_ns = MAX (self->data_end_ns - self->follow_span_ns, 0);
      set_range (self, begin_ns, begin_ns + self->follow_span_ns);
      break;
    case IL_VIEW_FIT:
      set_range (self, 0, MAX (self->data_end_ns, IL_VIEW_MIN_SPAN_NS));
      break;
    case IL_VIEW_FREE:
    default:
      break;
    }
}

static void
il_view_state_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  IlViewState *self = IL_VIEW_STATE (object);

  switch (prop_id)
    {
    case PROP_TIMELINE:
      g_value_set_pointer (value, self->timeline);
      break;
    case PROP_LIVE:
      g_value_set_boolean (value, self->live);
      break;
    case PROP_RANGE_BEGIN:
      g_value_set_int64 (value, self->begin_ns);
      break;
    case PROP_RANGE_END:
      g_value_set_int64 (value, self->end_ns);
      break;
    case PROP_END:
      g_value_set_int64 (value, self->data_end_ns);
      break;
    case PROP_MODE:
      g_value_set_int (value, (int)self->mode);
      break;
    case PROP_FOLLOWING:
      g_value_set_boolean (value, il_view_state_get_following (self));
      break;
    case PROP_COLLAPSED:
      g_value_set_uint (value, self->collapsed);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
il_view_state_finalize (GObject *object)
{
  IlViewState *self = IL_VIEW_STATE (object);

  g_clear_pointer (&self->timeline, il_timeline_unref);

  G_OBJECT_CLASS (il_view_state_parent_class)->finalize (object);
}

static void
il_view_state_class_init (IlViewStateClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = il_view_state_get_property;
  object_class->finalize = il_view_state_finalize;

  properties[PROP_TIMELINE] = g_param_spec_pointer ("timeline", NULL, NULL, flags);
  properties[PROP_LIVE] = g_param_spec_boolean ("live", NULL, NULL, FALSE, flags);
  properties[PROP_RANGE_BEGIN]
      = g_param_spec_int64 ("range-begin", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_RANGE_END] = g_param_spec_int64 ("range-end", NULL, NULL, G_MININT64, G_MAXINT64,
                                                   IL_VIEW_DEFAULT_SPAN_NS, flags);
  properties[PROP_END] = g_param_spec_int64 ("end", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_MODE]
      = g_param_spec_int ("mode", NULL, NULL, IL_VIEW_FREE, IL_VIEW_FIT, IL_VIEW_FREE, flags);
  properties[PROP_FOLLOWING] = g_param_spec_boolean ("following", NULL, NULL, FALSE, flags);
  properties[PROP_COLLAPSED]
      = g_param_spec_uint ("collapsed", NULL, NULL, 0, (1u << IL_N_GROUPS) - 1, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[DRAWN] = g_signal_new ("drawn", IL_TYPE_VIEW_STATE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
il_view_state_init (IlViewState *self)
{
  self->end_ns = self->follow_span_ns = IL_VIEW_DEFAULT_SPAN_NS;
}

/**
 * il_view_state_new:
 *
 * Returns: (transfer full): the state of a view onto nothing, free, at its beginning
 */
IlViewState *
il_view_state_new (void)
{
  return g_object_new (IL_TYPE_VIEW_STATE, NULL);
}

/**
 * il_view_state_set_timeline:
 * @timeline: (nullable): what is looked at from now on
 *
 * Shows another timeline: all of it, or, where it is live, its newest part.
 *
 * Collapsed groups and the length that follow mode shows stay as they are.
 */
void
il_view_state_set_timeline (IlViewState *self, IlTimeline *timeline)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));

  if (self->timeline == timeline)
    return;

  g_clear_pointer (&self->timeline, il_timeline_unref);
  self->timeline = timeline ? il_timeline_ref (timeline) : NULL;
  self->data_end_ns = timeline ? il_timeline_get_end (timeline) : 0;
  il_view_state_set_drawn (self, 0, 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMELINE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_END]);

  if (self->live)
    il_view_state_follow (self);
  else
    il_view_state_fit (self);
}

/**
 * il_view_state_get_timeline:
 *
 * Returns: (transfer none) (nullable): what is looked at
 */
IlTimeline *
il_view_state_get_timeline (IlViewState *self)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), NULL);

  return self->timeline;
}

/**
 * il_view_state_set_live:
 * @live: whether the timeline grows
 *
 * Says that a recording began or ended; at its end what is seen stays where it is.
 */
void
il_view_state_set_live (IlViewState *self, gboolean live)
{
  gboolean was_following;

  g_return_if_fail (IL_IS_VIEW_STATE (self));

  live = !!live;
  if (self->live == live)
    return;

  il_view_state_update (self);
  was_following = il_view_state_get_following (self);
  self->live = live;
  if (!live && self->mode == IL_VIEW_FOLLOW)
    self->mode = IL_VIEW_FREE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIVE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODE]);
  if (was_following != il_view_state_get_following (self))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOWING]);
}

gboolean
il_view_state_get_live (IlViewState *self)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), FALSE);

  return self->live;
}

/**
 * il_view_state_set_end:
 * @end_ns: up to where the recording is known
 *
 * Moves the range along where it follows or fits.
 */
void
il_view_state_set_end (IlViewState *self, gint64 end_ns)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));
  g_return_if_fail (end_ns >= 0);

  if (self->data_end_ns == end_ns)
    return;

  self->data_end_ns = end_ns;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_END]);
  derive_range (self);
}

gint64
il_view_state_get_end (IlViewState *self)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), 0);

  return self->data_end_ns;
}

/**
 * il_view_state_update:
 *
 * Asks the timeline up to where it is known by now.
 */
void
il_view_state_update (IlViewState *self)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));

  if (self->timeline)
    il_view_state_set_end (self, MAX (il_timeline_get_end (self->timeline), 0));
}

/**
 * il_view_state_set_drawn:
 * @begin_ns: left edge of the picture
 * @end_ns: its right edge
 *
 * Says what the newest frame shows, which may be behind what is wanted: all that is said beside the
 * picture has to be of the same range.
 */
void
il_view_state_set_drawn (IlViewState *self, gint64 begin_ns, gint64 end_ns)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));
  g_return_if_fail (begin_ns <= end_ns);

  self->drawn_begin_ns = CLAMP (begin_ns, 0, self->data_end_ns);
  self->drawn_end_ns = CLAMP (end_ns, self->drawn_begin_ns, self->data_end_ns);
  g_signal_emit (self, signals[DRAWN], 0);
}

/**
 * il_view_state_get_drawn:
 * @begin_ns: (out): left edge of what the newest frame shows of the recording
 * @end_ns: (out): its right edge
 *
 * Returns: whether it shows any part of the recording
 */
gboolean
il_view_state_get_drawn (IlViewState *self, gint64 *begin_ns, gint64 *end_ns)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), FALSE);

  *begin_ns = self->drawn_begin_ns;
  *end_ns = self->drawn_end_ns;

  return self->drawn_begin_ns < self->drawn_end_ns;
}

gint64
il_view_state_get_range_begin (IlViewState *self)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), 0);

  return self->begin_ns;
}

gint64
il_view_state_get_range_end (IlViewState *self)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), 1);

  return self->end_ns;
}

gint64
il_view_state_get_span (IlViewState *self)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), 1);

  return self->end_ns - self->begin_ns;
}

IlViewMode
il_view_state_get_mode (IlViewState *self)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), IL_VIEW_FREE);

  return self->mode;
}

gboolean
il_view_state_get_following (IlViewState *self)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), FALSE);

  return self->live && self->mode == IL_VIEW_FOLLOW;
}

/**
 * il_view_state_show:
 * @begin_ns: left edge
 * @end_ns: right edge, after @begin_ns
 *
 * Shows a range, or the nearest that may be shown, and stays there.
 */
void
il_view_state_show (IlViewState *self, gint64 begin_ns, gint64 end_ns)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));
  g_return_if_fail (begin_ns < end_ns);

  set_mode (self, IL_VIEW_FREE);
  set_range_clamped (self, begin_ns, end_ns - begin_ns);
}

/**
 * il_view_state_zoom:
 * @factor: above 1 shows less in more detail; above 0
 * @anchor_ns: the moment that stays where it is on the screen
 *
 * Zooms about a moment; while it follows, about the right edge, and goes on following.
 */
void
il_view_state_zoom (IlViewState *self, double factor, gint64 anchor_ns)
{
  gint64 span_ns, new_span_ns;
  double share;

  g_return_if_fail (IL_IS_VIEW_STATE (self));
  g_return_if_fail (factor > 0 && isfinite (factor));

  span_ns = self->end_ns - self->begin_ns;
  new_span_ns = llround (
      CLAMP ((double)span_ns / factor, (double)IL_VIEW_MIN_SPAN_NS, (double)max_span (self)));

  if (il_view_state_get_following (self))
    {
      self->follow_span_ns = new_span_ns;
      derive_range (self);
      return;
    }

  share = (double)(anchor_ns - self->begin_ns) / (double)span_ns;
  set_mode (self, IL_VIEW_FREE);
  set_range_clamped (self, anchor_ns - llround (share * (double)new_span_ns), new_span_ns);
}

/**
 * il_view_state_zoom_centre:
 * @factor: as for il_view_state_zoom()
 *
 * Zooms about the middle of the range.
 */
void
il_view_state_zoom_centre (IlViewState *self, double factor)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));

  il_view_state_zoom (self, factor, self->begin_ns + (self->end_ns - self->begin_ns) / 2);
}

/**
 * il_view_state_pan:
 * @delta_ns: how far to the right; negative: to the left
 *
 * Moves the range; moved past the newest moment of a live recording it follows again.
 */
void
il_view_state_pan (IlViewState *self, gint64 delta_ns)
{
  gint64 span_ns;

  g_return_if_fail (IL_IS_VIEW_STATE (self));

  if (delta_ns == 0 || (delta_ns > 0 && il_view_state_get_following (self)))
    return;

  span_ns = self->end_ns - self->begin_ns;
  if (self->live && delta_ns > 0 && self->end_ns + delta_ns >= self->data_end_ns)
    {
      self->follow_span_ns = span_ns;
      il_view_state_follow (self);
      return;
    }

  set_mode (self, IL_VIEW_FREE);
  set_range_clamped (self, self->begin_ns + delta_ns, span_ns);
}

/**
 * il_view_state_fit:
 *
 * Shows the whole recording, also while it grows.
 */
void
il_view_state_fit (IlViewState *self)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));

  set_mode (self, IL_VIEW_FIT);
  derive_range (self);
}

/**
 * il_view_state_follow:
 *
 * Keeps the newest moment at the right edge; of a recording that has ended, goes to its end.
 */
void
il_view_state_follow (IlViewState *self)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));

  if (self->live)
    {
      set_mode (self, IL_VIEW_FOLLOW);
      derive_range (self);
    }
  else
    {
      gint64 span_ns = self->end_ns - self->begin_ns;

      set_mode (self, IL_VIEW_FREE);
      set_range_clamped (self, MAX (self->data_end_ns - span_ns, 0), span_ns);
    }
}

/**
 * il_view_state_reset_zoom:
 *
 * Shows as much time as at first, about the middle of what is seen.
 */
void
il_view_state_reset_zoom (IlViewState *self)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));

  il_view_state_zoom_centre (self, (double)(self->end_ns - self->begin_ns)
                                       / (double)IL_VIEW_DEFAULT_SPAN_NS);
}

/**
 * il_view_state_set_collapsed:
 * @group: whose lanes
 * @collapsed: whether only their header is shown
 */
void
il_view_state_set_collapsed (IlViewState *self, IlGroup group, gboolean collapsed)
{
  guint bits;

  g_return_if_fail (IL_IS_VIEW_STATE (self));
  g_return_if_fail (group < IL_N_GROUPS);

  bits = collapsed ? self->collapsed | 1u << group : self->collapsed & ~(1u << group);
  if (bits == self->collapsed)
    return;

  self->collapsed = bits;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COLLAPSED]);
}

gboolean
il_view_state_get_collapsed (IlViewState *self, IlGroup group)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), FALSE);
  g_return_val_if_fail (group < IL_N_GROUPS, FALSE);

  return (self->collapsed & 1u << group) != 0;
}
