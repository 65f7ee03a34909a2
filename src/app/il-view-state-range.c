/* il-view-state-range.c - moves the visible range: zoom, pan, fit, follow
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-view-state-private.h"

#include <math.h>

/* Longest range that makes sense: all there is, and some room beside it. */
static gint64
max_span (IlViewState *self)
{
  return MAX (self->data_end_ns + self->data_end_ns / 4, IL_VIEW_DEFAULT_SPAN_NS);
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
  il_view_state_set_range (self, begin_ns, begin_ns + span_ns);
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

  il_view_state_set_mode (self, IL_VIEW_FREE);
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
      il_view_state_derive_range (self);
      return;
    }

  share = (double)(anchor_ns - self->begin_ns) / (double)span_ns;
  il_view_state_set_mode (self, IL_VIEW_FREE);
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

/* Where the range begins once it has moved: no further than where the recording begins or ends.
 * Who sees beyond already, since zooming keeps what is below the pointer, may stay there. */
static gint64
pan_clamped (IlViewState *self, gint64 delta_ns)
{
  gint64 room_ns = self->data_end_ns - (self->end_ns - self->begin_ns);
  gint64 lowest = MIN (self->begin_ns, MIN (room_ns, 0));
  gint64 highest = MAX (self->begin_ns, MAX (room_ns, 0));

  return CLAMP (self->begin_ns + delta_ns, lowest, highest);
}

/**
 * il_view_state_pan:
 * @delta_ns: how far to the right; negative: to the left
 *
 * Moves the range, up to the begin or the end of the recording; moved past the newest moment of a
 * live one it follows again.
 */
void
il_view_state_pan (IlViewState *self, gint64 delta_ns)
{
  gint64 span_ns, begin_ns;

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

  begin_ns = pan_clamped (self, delta_ns);
  if (begin_ns == self->begin_ns)
    return;

  il_view_state_set_mode (self, IL_VIEW_FREE);
  il_view_state_set_range (self, begin_ns, begin_ns + span_ns);
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

  il_view_state_set_mode (self, IL_VIEW_FIT);
  il_view_state_derive_range (self);
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
      il_view_state_set_mode (self, IL_VIEW_FOLLOW);
      il_view_state_derive_range (self);
    }
  else
    {
      gint64 span_ns = self->end_ns - self->begin_ns;

      il_view_state_set_mode (self, IL_VIEW_FREE);
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
