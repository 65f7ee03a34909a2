/* il-timeline-describe.c - what stands at a point, in sentences
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"

char *
il_timeline_describe (IlTimeline *timeline, const IlTimelineLayout *layout, double x, double y)
{
  return NULL;
}
