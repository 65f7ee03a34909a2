/* il-view-state.c - what is looked at, and which part of it: the one truth that every view observes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-view-state-private.h"

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
  SELECTED,
  MARKED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (IlViewState, il_view_state, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

void
il_view_state_set_mode (IlViewState *self, IlViewMode mode)
{
  gboolean was_following = il_view_state_get_following (self);

  if (self->mode == mode)
    return;

  self->mode = mode;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODE]);
  if (was_following != il_view_state_get_following (self))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOWING]);
}

void
il_view_state_set_range (IlViewState *self, gint64 begin_ns, gint64 end_ns)
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

void
il_view_state_tell_selected (IlViewState *self)
{
  g_signal_emit (self, signals[SELECTED], 0);
}

void
il_view_state_tell_marked (IlViewState *self)
{
  g_signal_emit (self, signals[MARKED], 0);
}

/* Where the range follows or fits, it is derived from what there is. */
void
il_view_state_derive_range (IlViewState *self)
{
  gint64 begin_ns;

  switch (self->mode)
    {
    case IL_VIEW_FOLLOW:
      begin_ns = MAX (self->data_end_ns - self->follow_span_ns, 0);
      il_view_state_set_range (self, begin_ns, begin_ns + self->follow_span_ns);
      break;
    case IL_VIEW_FIT:
      il_view_state_set_range (self, 0, MAX (self->data_end_ns, IL_VIEW_MIN_SPAN_NS));
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
  g_array_unref (self->selected);
  il_marks_unref (self->marks);

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
  signals[SELECTED] = g_signal_new ("selected", IL_TYPE_VIEW_STATE, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
  signals[MARKED] = g_signal_new ("marked", IL_TYPE_VIEW_STATE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void
il_view_state_init (IlViewState *self)
{
  self->end_ns = self->follow_span_ns = IL_VIEW_DEFAULT_SPAN_NS;
  self->selected = g_array_new (FALSE, FALSE, sizeof (guint));
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
  il_view_state_unselect (self);
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
  il_view_state_derive_range (self);
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
