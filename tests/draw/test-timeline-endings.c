/* test-timeline-endings.c - who died is told from who left, in signs and in words; a task that is
 * begun again says so
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-builder.h"
#include "il-timeline-layout-private.h"
#include "il-timeline-paint-private.h"
#include "picture.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000000)
#define TASK 1
#define LOCK 2

enum
{
  SUPERVISOR,
  KILLED,
  CRASHED,
  LEFT,
  LIVING,
  CULPRIT,
  MATE,
  LATE,
  N_LANES
};

/* In 10 ms: one killed at 4 in task 0, with a lock, which is free again at 5 and which another
 * begins again at 6; one crashed at 5; one that left at 7 after a task; one that crashed as a step
 * says, and its mate; a thread, no worker, that is there from 3 to 8. */
static const struct
{
  guint32 lane;
  IlRecord record;
} said[] = {
  { SUPERVISOR, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { KILLED, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { CRASHED, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { LEFT, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { LIVING, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { LIVING, { 0, IL_RECORD_IDLE, 0, 0 } },
  { CULPRIT, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { MATE, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { KILLED, { 1 * MS, IL_RECORD_TASK_BEGIN, TASK, 0 } },
  { LEFT, { 1 * MS, IL_RECORD_TASK_BEGIN, TASK, 1 } },
  { KILLED, { 2 * MS, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 } },
  { SUPERVISOR, { 4 * MS, IL_RECORD_WORKER_LOST, 9, KILLED + 1 } },
  { SUPERVISOR, { 5 * MS, IL_RECORD_OWNER_DIED, LOCK, KILLED + 1 } },
  { SUPERVISOR, { 5 * MS, IL_RECORD_WORKER_LOST, 11, CRASHED + 1 } },
  { LATE, { 3 * MS, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { LATE, { 8 * MS, IL_RECORD_LANE_END, 0, 0 } },
  { LIVING, { 6 * MS, IL_RECORD_TASK_BEGIN, TASK, 0 } },
  { LEFT, { 6 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 } },
  { LEFT, { 7 * MS, IL_RECORD_LANE_END, 0, 0 } },
  { CULPRIT, { 7 * MS, IL_RECORD_CRASH, TASK, 6 | CULPRIT << 16 } },
  { SUPERVISOR, { 8 * MS, IL_RECORD_WORKER_LOST, 11, CULPRIT + 1 } },
  { SUPERVISOR, { 8 * MS, IL_RECORD_WORKER_LOST, 11, MATE + 1 } },
};

static IlTimeline *
make_timeline (void)
{
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (guint i = 0; i < N_LANES; i++)
    {
      g_autofree char *name = g_strdup_printf (i == SUPERVISOR ? "Supervisor" : "Worker %u", i);
      const IlLaneInfo info = { .role = i == SUPERVISOR ? IL_LANE_ROLE_SUPERVISOR
                                        : i == LATE     ? IL_LANE_ROLE_THREAD
                                                        : IL_LANE_ROLE_WORKER,
                                .number = i,
                                .pid = 10 + (gint32)MIN (i, CULPRIT),
                                .tid = 10 + (gint32)i,
                                .name = name };

      il_timeline_builder_add_lane (builder, &info);
    }
  il_timeline_builder_add_object (builder, TASK, IL_OBJECT_KIND_TASK, "work", 0);
  il_timeline_builder_add_object (builder, LOCK, IL_OBJECT_KIND_LOCK, "A", 0);
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    il_batch_append (batch, said[i].lane, &said[i].record, 1);
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return timeline;
}

static const IlTimelineView whole
    = { .end_ns = 10 * MS, .width = 1132, .height = 500, .scale = 1, .show_legend = TRUE };

static char *
describe (IlTimeline *timeline, const IlTimelineLayout *layout, guint32 lane, gint64 time_ns)
{
  const IlRow *row = picture_find_row (layout, lane);

  return il_timeline_describe (timeline, layout, il_timeline_layout_time_to_x (layout, time_ns),
                               (row->y0 + row->y1) / 2.0);
}

static void
test_words (void)
{
  static const struct
  {
    guint32 lane;
    gint64 time_ns;
    const char *words;
  } cases[] = {
    { KILLED, 5 * MS, "Worker 1 was killed at 0.004" },
    { KILLED, 5 * MS, "by signal 9" },
    { CRASHED, 6 * MS, "Worker 2 crashed at 0.005" },
    { CRASHED, 6 * MS, "(signal 11)" },
    { LEFT, 8 * MS, "Worker 3 left at 0.007" },
    { LEFT, 8 * MS, "after 1 task" },
    { LIVING, 8 * MS, "try 2: Worker 1 died in it" },
    { CULPRIT, 9 * MS, "Worker 5 crashed at 0.007" },
    { LATE, 2 * MS, "Worker 7 did not exist yet: it began at 0.003" },
    { LATE, 9 * MS, "Worker 7 ended at 0.008" },
    { MATE, 9 * MS, "Worker 6 went down with its process at 0.008" },
  };
  g_autoptr (IlTimeline) timeline = make_timeline ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);
  g_autofree char *first_try = describe (timeline, layout, KILLED, 3 * MS);
  g_autofree char *only_try = describe (timeline, layout, LEFT, 3 * MS);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = describe (timeline, layout, cases[i].lane, cases[i].time_ns);

      if (strstr (text, cases[i].words) == NULL)
        g_error ("“%s” is not in “%s”", cases[i].words, text);
    }
  g_assert_null (strstr (first_try, "try"));
  g_assert_null (strstr (only_try, "try"));
}

static guint
get_lock (IlTimeline *timeline)
{
  return il_lane_get_index (il_timeline_get_object_lane (timeline, LOCK));
}

/* What became of the lock is told at the one who held it last, and of the lock as a whole. */
static void
test_recovery_in_words (void)
{
  g_autoptr (IlTimeline) timeline = make_timeline ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);
  guint lock = get_lock (timeline);
  const IlRow *row = picture_find_row (layout, lock);
  const IlStrip *strip = &g_array_index (layout->strips, IlStrip, row->first_strip);
  g_autofree char *held
      = il_timeline_describe (timeline, layout, il_timeline_layout_time_to_x (layout, 3 * MS),
                              (strip->y0 + strip->y1) / 2.0);
  g_autofree char *label
      = il_timeline_describe (timeline, layout, 50, (strip->y0 + strip->y1) / 2.0);

  g_autofree char *orphaned
      = il_timeline_describe (timeline, layout, il_timeline_layout_time_to_x (layout, 9 * MS / 2),
                              (strip->y0 + strip->y1) / 2.0);

  g_assert_nonnull (strstr (held, "Lock A held by Worker 1 for 2 ms"));
  g_assert_nonnull (strstr (held, "Worker 1 died while it held it"));
  g_assert_nonnull (
      strstr (orphaned, "Lock A: Worker 1, who held it, is dead; nobody could have it for 1 ms"));
  g_assert_nonnull (strstr (orphaned, "then it was given back for the dead one"));
  g_assert_nonnull (strstr (label, "Given back for owners that had died: 1"));
}

static void
test_legend (void)
{
  g_autoptr (IlTimeline) timeline = make_timeline ();
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) all = il_timeline_layout_new (timeline, &view);
  g_autoptr (IlTimelineLayout) before = NULL;

  view.end_ns = 3 * MS;
  before = il_timeline_layout_new (timeline, &view);
  g_assert_true (picture_has_legend (all, IL_LEGEND_DIED));
  g_assert_true (picture_has_legend (all, IL_LEGEND_LEFT));
  g_assert_true (picture_has_legend (all, IL_LEGEND_WITH_PROCESS));
  g_assert_true (picture_has_legend (all, IL_LEGEND_RECOVERED));
  g_assert_true (picture_has_legend (all, IL_LEGEND_ORPHANED));
  g_assert_false (picture_has_legend (before, IL_LEGEND_ORPHANED));
  g_assert_false (picture_has_legend (before, IL_LEGEND_WITH_PROCESS));
  g_assert_false (picture_has_legend (before, IL_LEGEND_RECOVERED));
  g_assert_false (picture_has_legend (before, IL_LEGEND_DIED));
  g_assert_false (picture_has_legend (before, IL_LEGEND_LEFT));
}

/* How many pixels right of the lane's end are of that colour. */
static guint
count_at_end (cairo_surface_t *image, const IlTimelineLayout *layout, guint32 lane, guint32 colour)
{
  const IlRow *row = picture_find_row (layout, lane);
  const IlStrip *strip = &g_array_index (layout->strips, IlStrip, row->first_strip);
  guint n = 0;

  for (int y = strip->y0; y < strip->y1; y++)
    for (int x = strip->x1; x < MIN (strip->x1 + 14, layout->width); x++)
      n += picture_get_pixel (image, x, y) == colour ? 1 : 0;
  return n;
}

/* Thin strokes are mixed with what they stand on. */
static gboolean
is_near (guint32 a, guint32 b)
{
  for (guint shift = 0; shift < 24; shift += 8)
    if (ABS ((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff)) > 64)
      return FALSE;
  return TRUE;
}

/* How many pixels of a lock's lane are about of that colour, around a moment. */
static guint
count_at (cairo_surface_t *image, const IlTimelineLayout *layout, guint32 lane, gint64 time_ns,
          guint32 colour)
{
  const IlRow *row = picture_find_row (layout, lane);
  const IlStrip *strip = &g_array_index (layout->strips, IlStrip, row->first_strip);
  int middle = (int)il_timeline_layout_time_to_x (layout, time_ns);
  guint n = 0;

  for (int y = strip->y0; y < strip->y1; y++)
    for (int x = middle - 7; x < middle + 7; x++)
      n += is_near (picture_get_pixel (image, x, y), colour) ? 1 : 0;
  return n;
}

/* Who is dead has no colour of its own in the lane of the lock any more. */
static void
assert_orphaned (cairo_surface_t *image, const IlTimelineLayout *layout, guint32 lock,
                 const IlTheme *theme)
{
  guint32 own = il_theme_identity_colour (theme, il_layout_lane_number (layout, KILLED));
  const IlStateLook *look = &theme->states[IL_STATE_STOPPED];

  g_assert_cmpuint (count_at (image, layout, lock, 3 * MS, own), >=, 40);
  g_assert_cmpuint (count_at (image, layout, lock, 9 * MS / 2, own), ==, 0);
  g_assert_cmpuint (count_at (image, layout, lock, 9 * MS / 2, look->second), >=, 40);
}

static void
test_signs (void)
{
  for (int dark = 0; dark < 2; dark++)
    {
      const IlTheme *theme = il_theme_get (dark != 0);
      g_autoptr (IlTimeline) timeline = make_timeline ();
      g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);
      g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
      cairo_surface_t *image = il_timeline_painter_render (painter, layout, theme);

      g_assert_cmpuint (count_at_end (image, layout, KILLED, theme->error), >=, 4);
      g_assert_cmpuint (count_at_end (image, layout, CRASHED, theme->error), >=, 4);
      g_assert_cmpuint (count_at_end (image, layout, LEFT, theme->error), ==, 0);
      g_assert_cmpuint (count_at_end (image, layout, LEFT, theme->dim_text), >=, 4);
      g_assert_cmpuint (count_at_end (image, layout, LIVING, theme->error), ==, 0);
      g_assert_cmpuint (count_at_end (image, layout, LIVING, theme->dim_text), ==, 0);
      g_assert_cmpuint (count_at_end (image, layout, CULPRIT, theme->error), >=, 4);
      g_assert_cmpuint (count_at_end (image, layout, MATE, theme->error), ==, 0);
      g_assert_cmpuint (count_at_end (image, layout, MATE, theme->dim_text), >=, 4);
      g_assert_cmpuint (count_at (image, layout, get_lock (timeline), 5 * MS, theme->error), >=, 4);
      g_assert_cmpuint (count_at (image, layout, get_lock (timeline), 3 * MS, theme->error), ==, 0);
      assert_orphaned (image, layout, get_lock (timeline), theme);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timeline-endings/words", test_words);
  g_test_add_func ("/timeline-endings/recovery-in-words", test_recovery_in_words);
  g_test_add_func ("/timeline-endings/legend", test_legend);
  g_test_add_func ("/timeline-endings/signs", test_signs);
  return g_test_run ();
}
