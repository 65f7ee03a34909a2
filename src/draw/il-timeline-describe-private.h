/* il-timeline-describe-private.h - the words for what stands at a point
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-layout-private.h"

G_BEGIN_DECLS

typedef struct
{
  IlTimeline *timeline;
  const IlTimelineLayout *layout;
  const IlLane *lane;
  const IlLaneInfo *info;
  char *label;             /* what stands to the left of the lane */
  guint bin;               /* the column at the point … */
  gint64 begin_ns, end_ns; /* … and its time */
  gint64 known_ns;         /* up to where the picture is */
  GString *text;
} IlWords;

void il_words_add (IlWords *words, char *line); /* takes it; NULL: nothing */
char *il_words_range (gint64 begin_ns, gint64 end_ns);
char *il_words_moment (const IlWords *words);
const char *il_words_name (const IlWords *words, guint32 lane);
char *il_words_object (const IlWords *words, guint32 object);
gboolean il_words_value_at (const IlWords *words, const IlSeries *series, gint64 time_ns,
                            guint32 *value);
guint32 il_words_holder_at (const IlWords *words, const IlLane *lane, gint64 time_ns);

/* il-timeline-describe-span.c */
void il_words_describe_span (IlWords *words, const IlStrip *strip, const IlBox *box);

G_END_DECLS
