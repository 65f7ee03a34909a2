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
char *il_words_dup_waiters (const IlWords *words, gint64 time_ns, guint n_waiters);
char *il_words_dup_readers (const IlWords *words, const IlLane *lane, gint64 time_ns,
                            guint n_readers);
char *il_words_dup_named_waiters (const IlWords *words, gint64 time_ns, guint n_waiters);
char *il_words_object (const IlWords *words, guint32 object);
gboolean il_words_value_at (const IlWords *words, const IlSeries *series, gint64 time_ns,
                            guint32 *value);
guint32 il_words_holder_at (const IlWords *words, const IlLane *lane, gint64 time_ns);

char *il_words_capitalized (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* il-timeline-describe-level.c */
void il_words_describe_level (IlWords *words, const IlStrip *strip, const IlBox *box);
void il_words_add_totals (IlWords *words);

/* il-timeline-endings.c */
char *il_words_dup_ending (const IlWords *words) G_GNUC_WARN_UNUSED_RESULT;
void il_words_add_try (IlWords *words, const IlSpan *span);

/* il-timeline-marks.c */
void il_words_add_marks (IlWords *words);

/* il-timeline-link.c */
gboolean il_find_wait_of_span (IlTimeline *timeline, guint32 lane, const IlSpan *span,
                               IlWait *wait);

/* il-timeline-describe-span.c */
gboolean il_words_find_span (const IlWords *words, const IlBox *box, IlSpan *found);
void il_words_describe_span (IlWords *words, const IlStrip *strip, const IlBox *box);

G_END_DECLS
