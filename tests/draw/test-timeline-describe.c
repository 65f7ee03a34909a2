/* test-timeline-describe.c - the sentences for what stands at a point
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"
#include "scene.h"
#include "simulation.h"

#include <string.h>

#define N "\342\200\257"

static const IlTimelineView whole
    = { .begin_ns = 0, .end_ns = 10 * MS, .width = 1132, .height = 700, .scale = 1 };

/* In the middle of the lane's upper strip. */
static char *
describe_at (IlTimeline *timeline, const IlTimelineLayout *layout, guint32 lane, gint64 time_ns,
             double y)
{
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);

  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_LANE && boxes[i].lane == lane)
      return il_timeline_describe (timeline, layout, il_timeline_layout_time_to_x (layout, time_ns),
                                   boxes[i].y + y);
  g_assert_not_reached ();
}

static void
test_sentences (void)
{
  static const struct
  {
    guint32 lane;
    gint64 time_ns;
    double y;
    const char *text;
  } cases[] = {
    { SCENE_WORKER_2, 4 * MS, 10,
      "Worker 2 waited 2 ms for lock A\nheld by Worker 1 · task 1\nwoken by Worker 1\n0.003" N
      "000 s – 0.005" N "000 s" },
    { SCENE_WORKER_2, 2 * MS, 10,
      "Worker 2 ran task 1 for 2 ms\non core 1 · work\n0.001" N "000 s – 0.003" N "000 s" },
    { SCENE_WORKER_2, 6500000, 10,
      "Worker 2 waited 1 ms for I/O\ntask 1\n0.006" N "000 s – 0.007" N "000 s" },
    { SCENE_WORKER_2, 9 * MS, 10,
      "Worker 2 waited 3 ms at queue tasks\nit was empty\nsince 0.007" N "000 s" },
    { SCENE_WORKER_1, MS / 2, 10,
      "Worker 1 ran for 1 ms outside of tasks\non core 0\n0.000" N "000 s – 0.001" N "000 s" },
    { SCENE_CORE_1, 2 * MS, 10,
      "Worker 2 ran on core 1 for 3 ms\nthe core was 60 % busy\n0.000" N "000 s – 0.003" N
      "000 s" },
    { SCENE_CORE_1, 4 * MS + 5000, 10, "Core 1: no thread of the session ran at 0.004" N "00 s" },
    { SCENE_LOCK, 4 * MS, 10,
      "Lock A held by Worker 1 for 3 ms\nWorker 2 waited for it\n0.002" N "000 s – 0.005" N
      "000 s" },
    { SCENE_LOCK, 8 * MS + 5000, 10, "Lock A was free at 0.008" N "00 s" },
    { SCENE_LOCK, 4 * MS, 30, "1 thread waited for lock A\nWorker 2 waited for it\n" },
    { SCENE_LOCK, 8 * MS, 30, "Nobody waited for lock A\n" },
    { SCENE_QUEUE, 755000, 30, "Queue tasks: 2 of 4 at 0.000" N "75 s\n" },
    { SCENE_CORE_0, 3 * MS, 30, "Core 0 was 100 % busy, whoever ran\n" },
  };
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text
          = describe_at (timeline, layout, cases[i].lane, cases[i].time_ns, cases[i].y);
      gsize length = strlen (cases[i].text);

      /* A column's own range ends some of them: only its begin is compared. */
      if (cases[i].text[length - 1] == '\n')
        text[MIN (strlen (text), length)] = '\0';
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* Beside the strips a row tells what its ribbon tells. */
static void
test_between_strips (void)
{
  static const struct
  {
    guint32 lane;
    gint64 time_ns;
  } cases[] = { { SCENE_LOCK, 4 * MS },
                { SCENE_LOCK, 8 * MS + 5000 },
                { SCENE_CORE_1, 2 * MS },
                { SCENE_CORE_1, 4 * MS + 5000 } };
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double x = il_timeline_layout_time_to_x (layout, cases[i].time_ns);
      g_autofree char *ribbon = describe_at (timeline, layout, cases[i].lane, cases[i].time_ns, 10);
      const IlRow *row = &g_array_index (layout->rows, IlRow, 0);
      guint n_beside = 0;

      while (row->kind != IL_BOX_LANE || row->lane != cases[i].lane)
        row++;
      for (int y = row->y0; y < row->y1; y++)
        {
          const IlRow *found;
          g_autofree char *text = NULL;

          if (il_layout_find_strip (layout, (int)x, y, &found) != NULL)
            continue;
          text = il_timeline_describe (timeline, layout, x, y);
          g_assert_cmpstr (text, ==, ribbon);
          n_beside++;
        }
      g_assert_cmpuint (n_beside, >, 0);
    }
}

static void
test_around (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autofree char *ruler = NULL;
  g_autofree char *group = NULL;
  g_autofree char *label = NULL;
  g_autofree char *lock = NULL;
  g_autofree char *below = NULL;
  g_autofree char *outside = NULL;
  g_autofree char *later = NULL;

  view.end_ns = 20 * MS;
  layout = il_timeline_layout_new (timeline, &view);
  ruler = il_timeline_describe (timeline, layout,
                                il_timeline_layout_time_to_x (layout, 5 * MS) + 0.001, 5);
  g_assert_cmpstr (ruler, ==, "0.005" N "00 s");
  group = il_timeline_describe (timeline, layout, 50, 30);
  g_assert_cmpstr (group, ==, "Cores\n2 cores · 65 % busy");
  label = il_timeline_describe (timeline, layout, 50, 180);
  g_assert_cmpstr (label, ==,
                   "Worker 1\nProcess 10, thread 11\nWhen it was on a core is exact (perf)");
  lock = il_timeline_describe (timeline, layout, 50, 300);
  g_assert_cmpstr (lock, ==, "Lock A");
  below = il_timeline_describe (timeline, layout, 50, 690);
  g_assert_null (below);
  outside = il_timeline_describe (timeline, layout, -50, 10);
  g_assert_null (outside);
  later = describe_at (timeline, layout, SCENE_WORKER_1, 15 * MS + 10000, 10);
  g_assert_cmpstr (later, ==, "Nothing is known of Worker 1 at 0.015" N "01 s");
}

static void
test_many (void)
{
  Simulation plan = simulation_default;
  g_autoptr (IlTimeline) timeline = simulate (&plan);
  IlTimelineView view = { .end_ns = plan.duration_ns, .width = 200, .height = 700, .scale = 1 };
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &view);
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
  guint n_mixed = 0;

  for (gsize i = 0; i < n_boxes; i++)
    {
      g_autofree char *text = NULL;

      if (boxes[i].kind != IL_BOX_MIXED)
        continue;
      text = il_timeline_describe (timeline, layout, boxes[i].x + 0.5, boxes[i].y + 5);
      g_assert_nonnull (strstr (text, " in these "));
      g_assert_nonnull (strstr (text, " %"));
      g_assert_nonnull (strstr (text, " changes: zoom in to see them\n"));
      n_mixed++;
    }
  g_assert_cmpuint (n_mixed, >, 20);
}

/* Every point of every picture gives valid text or none, whatever the zoom. */
static void
test_everywhere (void)
{
  Simulation plan = simulation_default;
  g_autoptr (IlTimeline) timeline = NULL;

  plan.duration_ns = 200 * MS;
  timeline = simulate (&plan);
  for (gint64 length_ns = 500 * MS; length_ns > 0; length_ns /= 9)
    {
      IlTimelineView view = { .begin_ns = 100 * MS - length_ns / 2,
                              .end_ns = 101 * MS + length_ns / 2,
                              .width = 400,
                              .height = 650,
                              .scale = 1.5,
                              .show_legend = TRUE,
                              .caption = "caption" };
      g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &view);

      for (double y = 0; y < view.height; y += 5.3)
        for (double x = 0; x < view.width; x += 3.7)
          {
            g_autofree char *text = il_timeline_describe (timeline, layout, x, y);

            if (il_timeline_pick (layout, x, y) == NULL)
              g_assert_null (text);
            else if (text != NULL)
              {
                g_assert_true (g_utf8_validate (text, -1, NULL));
                g_assert_cmpuint (strlen (text), >, 0);
                g_assert_cmpint (text[0], !=, '\n');
              }
          }
    }
}

static void
test_facts (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);
  g_autofree char *workers = il_timeline_describe (timeline, layout, 50, 145);
  g_autofree char *locks = il_timeline_describe (timeline, layout, 50, 270);
  g_autofree char *queues = il_timeline_describe (timeline, layout, 50, 340);

  g_assert_cmpstr (workers, ==, "Workers\n2 worker threads · scheduler: exact (perf)");
  g_assert_cmpstr (locks, ==, "Locks\nA: 50 % of acquisitions waited");
  g_assert_cmpstr (queues, ==, "Queues and channels\ntasks: up to 2 of 4 in it");
}

/* One worker that is stopped from 2 to 8 in the midst of a task, and things that have no name in a
 * scenario. */
static IlTimeline *
new_stopped (void)
{
  static const IlLaneInfo info = {
    .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_EXACT, .number = 1, .name = "Worker 1"
  };
  static const IlRecord records[] = {
    { 0, IL_RECORD_SCHED_IN, 0, 0 },
    { 0, IL_RECORD_TASK_BEGIN, 3, 4 },
    { 2 * MS, IL_RECORD_SCHED_OUT, IL_RECORD_OUT_STOPPED, 0 },
    { 8 * MS, IL_RECORD_SCHED_IN, 0, 0 },
  };
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  il_timeline_builder_add_lane (builder, &info);
  /* As the first object of all, the lock has the number that the code of such a state has. */
  il_timeline_builder_add_object (builder, 1, IL_OBJECT_KIND_LOCK, "GIL",
                                  IL_LANE_PARAMETER_INTERPRETER);
  il_timeline_builder_add_object (builder, 2, IL_OBJECT_KIND_EVENT, "spawned tasks",
                                  IL_LANE_PARAMETER_JOIN);
  il_timeline_builder_add_object (builder, 3, IL_OBJECT_KIND_TASK, "work", 0);
  il_batch_append (batch, 0, records, G_N_ELEMENTS (records));
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return timeline;
}

static void
test_stopped_from_outside (void)
{
  g_autoptr (IlTimeline) timeline = new_stopped ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);
  g_autofree char *text = describe_at (timeline, layout, 0, 5 * MS, 10);

  g_assert_cmpstr (text, ==,
                   "Worker 1 was stopped from outside for 6 ms\nby a signal or a debugger · task "
                   "4\n0.002" N "000 s – 0.008" N "000 s");
}

/* Two take a lock without a wait; then one waits for it, for ever. */
static IlTimeline *
new_hanging (void)
{
  static const IlLaneInfo infos[] = { { .role = IL_LANE_ROLE_WORKER, .number = 1, .name = "One" },
                                      { .role = IL_LANE_ROLE_WORKER, .number = 2, .name = "Two" } };
  static const IlRecord first[]
      = { { 1 * MS, IL_RECORD_LOCK_ACQUIRE, 1, 0 }, { 2 * MS, IL_RECORD_LOCK_RELEASE, 1, 0 } };
  static const IlRecord second[]
      = { { 3 * MS, IL_RECORD_LOCK_ACQUIRE, 1, 0 }, { 9 * MS, IL_RECORD_TASK_BEGIN, 2, 1 } };
  static const IlRecord third[] = { { 4 * MS, IL_RECORD_LOCK_WAIT, 1, 2 } };
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  il_timeline_builder_add_lane (builder, &infos[0]);
  il_timeline_builder_add_lane (builder, &infos[1]);
  il_timeline_builder_add_object (builder, 1, IL_OBJECT_KIND_LOCK, "A", 0);
  il_timeline_builder_add_object (builder, 2, IL_OBJECT_KIND_TASK, "work", 0);
  il_batch_append (batch, 0, first, G_N_ELEMENTS (first));
  il_batch_append (batch, 0, third, G_N_ELEMENTS (third));
  il_batch_append (batch, 1, second, G_N_ELEMENTS (second));
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return timeline;
}

static void
test_who_waits_still (void)
{
  g_autoptr (IlTimeline) timeline = new_hanging ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);
  g_autofree char *fact = il_timeline_group_fact (layout, IL_GROUP_LOCKS);

  g_assert_cmpstr (fact, ==, "A: up to 1 waiter");
}

/* What nobody declared is called what it is, and the same everywhere. */
static void
test_labels (void)
{
  g_autoptr (IlTimeline) timeline = new_stopped ();
  g_autofree char *lock = il_lane_dup_label (il_timeline_get_object_lane (timeline, 1));
  g_autofree char *join = il_lane_dup_label (il_timeline_get_object_lane (timeline, 2));

  g_assert_cmpstr (lock, ==, "GIL");
  g_assert_cmpstr (join, ==, "Spawned tasks");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/describe/sentences", test_sentences);
  g_test_add_func ("/describe/between-strips", test_between_strips);
  g_test_add_func ("/describe/around", test_around);
  g_test_add_func ("/describe/stopped-from-outside", test_stopped_from_outside);
  g_test_add_func ("/describe/labels", test_labels);
  g_test_add_func ("/describe/who-waits-still", test_who_waits_still);
  g_test_add_func ("/describe/many", test_many);
  g_test_add_func ("/describe/everywhere", test_everywhere);
  g_test_add_func ("/describe/facts", test_facts);
  return g_test_run ();
}
