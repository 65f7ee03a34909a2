/* test-quiet.c - locks that are taken without a word, and what is known of them when somebody waits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "timeline-fixture.h"

/* One unit of a length. */
#define UNIT IL_RECORD_COPY_NS

/* Whoever waits says since when the one has it that it met; before that nothing is known. */
static void
test_hold_by_hearsay (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100 * UNIT, { 50 * UNIT, OTHER, IL_RECORD_LOCK_WAIT, LOCK, EXACT + 1 },
        { 50 * UNIT, OTHER, IL_RECORD_LOCK_HELD, LOCK, 40 },
        { 60 * UNIT, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 61 * UNIT, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, EXACT + 1 },
        { 70 * UNIT, OTHER, IL_RECORD_LOCK_RELEASE, LOCK, 0 },
        { 80 * UNIT, OTHER, IL_RECORD_LOCK_QUIET, LOCK, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK,
                 "0 unknown, 640 running @7, 3840 none, 3904 running @8, 4480 none, "
                 "5120 unknown");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);

  /* The one that it met had given it back already, without a word; and one says that it gives it
   * back which was not known to have it. */
  FEED (&fixture, 200 * UNIT, { 120 * UNIT, OTHER, IL_RECORD_LOCK_WAIT, LOCK, EXACT + 1 },
        { 120 * UNIT, OTHER, IL_RECORD_LOCK_HELD, LOCK, 90 },
        { 121 * UNIT, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, EXACT + 1 },
        { 130 * UNIT, OTHER, IL_RECORD_LOCK_RELEASE, LOCK, 0 },
        { 130 * UNIT, OTHER, IL_RECORD_LOCK_QUIET, LOCK, 0 },
        { 140 * UNIT, OTHER, IL_RECORD_LOCK_WAIT, LOCK, 0 },
        { 140 * UNIT, OTHER, IL_RECORD_LOCK_HELD, LOCK, 0 },
        { 150 * UNIT, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 151 * UNIT, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, EXACT + 1 });
  ASSERT_STATES (&fixture, LANE_LOCK,
                 "0 unknown, 640 running @7, 3840 none, 3904 running @8, 4480 none, "
                 "5120 running @7, 7744 running @8, 8320 unknown, 9600 none, 9664 running @8");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);

  /* It is about what the thread waits for, or a lock at all. */
  FEED (&fixture, 300 * UNIT, { 210 * UNIT, SAMPLED, IL_RECORD_LOCK_HELD, LOCK, 1 },
        { 220 * UNIT, SAMPLED, IL_RECORD_LOCK_QUIET, QUEUE, 0 },
        { 230 * UNIT, SAMPLED, IL_RECORD_RW_INSIDE, LOCK, 1 });
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 3);
  fixture_finish (&fixture);
}

/* One takes it again and again while others wait: that it does is said, and which of its holds are
 * long. */
static void
test_again_and_again (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 200 * UNIT, { 50 * UNIT, OTHER, IL_RECORD_LOCK_WAIT, LOCK, EXACT + 1 },
        { 50 * UNIT, OTHER, IL_RECORD_LOCK_HELD, LOCK, 0 },
        { 60 * UNIT, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 61 * UNIT, EXACT, IL_RECORD_LOCK_QUIET, LOCK, EXACT + 1 },
        { 90 * UNIT, EXACT, IL_RECORD_LOCK_HAD, LOCK, 10 },
        { 90 * UNIT, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 91 * UNIT, EXACT, IL_RECORD_LOCK_QUIET, LOCK, EXACT + 1 },
        { 99 * UNIT, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, EXACT + 1 },
        { 100 * UNIT, OTHER, IL_RECORD_LOCK_RELEASE, LOCK, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK,
                 "0 unknown, 3200 running @7, 3840 none, 3904 unknown @7, 5120 running @7, "
                 "5760 none, 5824 unknown @7, 6336 running @8, 6400 none");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);

  /* Another one has it, and it has a word for that. */
  FEED (&fixture, 300 * UNIT, { 210 * UNIT, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 220 * UNIT, EXACT, IL_RECORD_LOCK_HAD, LOCK, 5 },
        { 230 * UNIT, EXACT, IL_RECORD_LOCK_HAD, QUEUE, 5 });
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 2);
  fixture_finish (&fixture);
}

/* Nobody has it who could give it back, and yet it is not free. */
static void
test_copied (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 50, OTHER, IL_RECORD_LOCK_WAIT, LOCK, 0 },
        { 50, OTHER, IL_RECORD_LOCK_COPIED, LOCK, EXACT + 1 },
        { 70, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 80, OTHER, IL_RECORD_LOCK_RELEASE, LOCK, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 unknown, 50 stopped, 70 running @8, 80 none");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  FEED (&fixture, 200, { 110, OTHER, IL_RECORD_LOCK_COPIED, LOCK, 0 });
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 1);
  fixture_finish (&fixture);
}

/* Nor is there anything to be known before there was its process. */
static void
test_born_later (void)
{
  static const IlLaneInfo born
      = { .name = "Born", .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_EXACT, .pid = 77 };
  guint32 lock = COUNTER + 1, own = N_LANES, lane = N_LANES + 1;
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 20, { 10, EXACT, IL_RECORD_SCHED_IN, 0, 0 });
  g_assert_cmpuint (il_timeline_builder_add_lane (fixture.builder, &born), ==, own);
  il_timeline_builder_add_object (fixture.builder, lock, IL_OBJECT_KIND_LOCK, "L", 0);
  FEED (&fixture, 100, { 30, own, IL_RECORD_SCHED_IN, 0, 0 },
        { 50, own, IL_RECORD_LOCK_WAIT, lock, 0 }, { 50, own, IL_RECORD_LOCK_COPIED, lock, 0 });
  ASSERT_STATES (&fixture, lane, "0 none, 30 unknown, 50 stopped");

  il_timeline_builder_add_object (fixture.builder, lock + 1, IL_OBJECT_KIND_SEMAPHORE, "S", 2);
  FEED (&fixture, 200, { 110, own, IL_RECORD_RUNS, 0, 0 },
        { 120, own, IL_RECORD_SEM_WAIT, lock + 1, 0 });
  g_assert_cmpint (il_lane_get_begin (fixture_lane (&fixture, lane + 1)), ==, 30);
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, lane + 1)), "120 2");
  fixture_finish (&fixture);
}

/* Of locks that are taken within one another, and that nobody waits for, no more is said; what is
 * known stays. */
static void
test_nested (void)
{
  guint32 rwlock = COUNTER + 1, lane = N_LANES;
  Fixture fixture;

  fixture_init (&fixture);
  il_timeline_builder_add_object (fixture.builder, rwlock, IL_OBJECT_KIND_RWLOCK, "R", 0);
  FEED (&fixture, 100, { 50, OTHER, IL_RECORD_LOCK_NESTED, LOCK, 1 },
        { 50, OTHER, IL_RECORD_LOCK_NESTED, rwlock, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 unknown");
  ASSERT_STATES (&fixture, lane, "0 unknown");
  /* That is not worth a row, or a line of a report. */
  g_assert_true (il_lane_is_untouched (fixture_lane (&fixture, LANE_LOCK)));
  g_assert_true (il_lane_is_untouched (fixture_lane (&fixture, lane)));
  FEED (&fixture, 200, { 150, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 160, OTHER, IL_RECORD_LOCK_NESTED, LOCK, 1 },
        { 160, OTHER, IL_RECORD_LOCK_NESTED, rwlock, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 unknown, 150 running @8");
  g_assert_false (il_lane_is_untouched (fixture_lane (&fixture, LANE_LOCK)));
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  FEED (&fixture, 300, { 210, OTHER, IL_RECORD_LOCK_NESTED, QUEUE, 0 });
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 1);
  fixture_finish (&fixture);
}

/* Who takes a semaphore without a wait does not say so, in a program that is not ours: how many are
 * inside is known when somebody has to wait. */
static void
test_semaphore (void)
{
  const IlSeries *level;
  guint32 semaphore = COUNTER + 1, lane = N_LANES;
  Fixture fixture;

  fixture_init (&fixture);
  il_timeline_builder_add_object (fixture.builder, semaphore, IL_OBJECT_KIND_SEMAPHORE, "S", 4);
  level = il_lane_get_level (fixture_lane (&fixture, lane));
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_RUNS, 0, 0 }, { 10, OTHER, IL_RECORD_RUNS, 0, 0 },
        { 50, EXACT, IL_RECORD_SEM_WAIT, semaphore, 0 },
        { 55, OTHER, IL_RECORD_SEM_WAIT, semaphore, 0 }, { 60, SAMPLED, IL_RECORD_RUNS, 0, 0 },
        { 60, SAMPLED, IL_RECORD_SEM_POST, semaphore, 1 | IL_RECORD_WOKE },
        { 61, EXACT, IL_RECORD_SEM_ACQUIRE, semaphore, 0 },
        { 70, SAMPLED, IL_RECORD_SEM_POST, semaphore, 1 | IL_RECORD_WOKE },
        { 71, OTHER, IL_RECORD_SEM_ACQUIRE, semaphore, 0 },
        { 80, SAMPLED, IL_RECORD_SEM_POST, semaphore, 1 },
        { 81, SAMPLED, IL_RECORD_SEM_POST, semaphore, 2 });
  ASSERT_COUNTER (level, "50 4, 60 3, 61 4, 70 3, 71 4, 80 3, 81 2");

  /* Since then two took it without a word. */
  FEED (&fixture, 200, { 150, EXACT, IL_RECORD_SEM_WAIT, semaphore, 0 });
  ASSERT_COUNTER (level, "50 4, 60 3, 61 4, 70 3, 71 4, 80 3, 81 2, 150 4");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* Threads that run tasks say all that they take. */
static void
test_semaphore_of_tasks (void)
{
  guint32 later = COUNTER + 1, unused = COUNTER + 2, lane = N_LANES;
  Fixture fixture;

  fixture_init (&fixture);
  il_timeline_builder_add_object (fixture.builder, later, IL_OBJECT_KIND_SEMAPHORE, "S", 4);
  il_timeline_builder_add_object (fixture.builder, unused, IL_OBJECT_KIND_SEMAPHORE, "T", 4);
  FEED (&fixture, 100, { 50, EXACT, IL_RECORD_SEM_ACQUIRE, later, 3 });
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, lane)), "0 0, 50 1");
  FEED (&fixture, 200, { 110, EXACT, IL_RECORD_IDLE, 0, 0 });
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, lane + 1)), "0 0");
  fixture_finish (&fixture);
}

static void
test_readers_inside (void)
{
  Fixture fixture;
  guint32 rwlock = COUNTER + 1, lane = N_LANES;

  fixture_init (&fixture);
  il_timeline_builder_add_object (fixture.builder, rwlock, IL_OBJECT_KIND_RWLOCK, "R", 0);
  FEED (&fixture, 100, { 10, OTHER, IL_RECORD_RW_WAIT, rwlock, 1 },
        { 10, OTHER, IL_RECORD_RW_INSIDE, rwlock, 2 },
        { 20, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 },
        { 30, SAMPLED, IL_RECORD_RW_RELEASE, rwlock, IL_RECORD_WOKE },
        { 31, OTHER, IL_RECORD_RW_ACQUIRE, rwlock, 1 },
        { 40, OTHER, IL_RECORD_RW_RELEASE, rwlock, 1 },
        { 50, OTHER, IL_RECORD_LOCK_QUIET, rwlock, 0 });
  ASSERT_STATES (&fixture, lane, "0 unknown, 10 busy, 30 none, 31 running @8, 40 none, 50 unknown");
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, lane)), "0 0, 10 2, 20 1, 30 0");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);

  /* Readers left without a word while a writer waited, and one that was not counted says so. */
  FEED (&fixture, 200, { 110, OTHER, IL_RECORD_RW_WAIT, rwlock, 1 },
        { 110, OTHER, IL_RECORD_RW_INSIDE, rwlock, 3 },
        { 120, OTHER, IL_RECORD_RW_ACQUIRE, rwlock, 1 },
        { 130, OTHER, IL_RECORD_RW_RELEASE, rwlock, 1 },
        { 130, OTHER, IL_RECORD_LOCK_QUIET, rwlock, 0 },
        { 140, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 });
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

static void
assert_read (Fixture *fixture, guint lane, gsize i, guint32 reader, gint64 begin_ns, gint64 end_ns)
{
  IlRead read;

  g_assert_true (il_lane_get_read (fixture_lane (fixture, lane), i, &read));
  g_assert_cmpuint (read.lane, ==, reader);
  g_assert_cmpint (read.begin_ns, ==, begin_ns);
  g_assert_cmpint (read.end_ns, ==, end_ns);
}

/* Those whom somebody names who waits: since when they read may be known, and they say when they
 * leave, also once the lock is quiet. */
static void
test_readers_named (void)
{
  Fixture fixture;
  guint32 rwlock = COUNTER + 1, lane = N_LANES;
  IlWait wait;

  fixture_init (&fixture);
  il_timeline_builder_add_object (fixture.builder, rwlock, IL_OBJECT_KIND_RWLOCK, "R", 0);
  FEED (&fixture, 200 * UNIT, { 50 * UNIT, OTHER, IL_RECORD_RW_WAIT, rwlock, 1 },
        { 50 * UNIT, OTHER, IL_RECORD_RW_INSIDE, rwlock, 3 },
        { 50 * UNIT, OTHER, IL_RECORD_RW_READER, rwlock, EXACT + 1 },
        { 50 * UNIT, OTHER, IL_RECORD_RW_READER, rwlock, SAMPLED + 1 },
        { 50 * UNIT, OTHER, IL_RECORD_LOCK_HELD, rwlock, 20 },
        { 60 * UNIT, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 },
        { 70 * UNIT, SAMPLED, IL_RECORD_RW_RELEASE, rwlock, IL_RECORD_WOKE },
        { 80 * UNIT, OTHER, IL_RECORD_RW_ACQUIRE, rwlock, 1 },
        { 90 * UNIT, OTHER, IL_RECORD_RW_RELEASE, rwlock, 1 },
        { 100 * UNIT, EXACT, IL_RECORD_RW_ACQUIRE, rwlock, 0 },
        { 101 * UNIT, EXACT, IL_RECORD_RW_ACQUIRE, rwlock, 0 },
        { 110 * UNIT, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 },
        { 120 * UNIT, SAMPLED, IL_RECORD_RW_ACQUIRE, rwlock, 0 },
        { 125 * UNIT, OTHER, IL_RECORD_LOCK_QUIET, rwlock, 0 },
        { 130 * UNIT, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 });
  g_assert_cmpuint (il_lane_get_n_reads (fixture_lane (&fixture, lane)), ==, 4);
  assert_read (&fixture, lane, 0, EXACT, 50 * UNIT, 60 * UNIT);
  assert_read (&fixture, lane, 1, SAMPLED, 30 * UNIT, 70 * UNIT);
  assert_read (&fixture, lane, 2, EXACT, 100 * UNIT, 130 * UNIT);
  assert_read (&fixture, lane, 3, SAMPLED, 120 * UNIT, 125 * UNIT);
  /* The one that read longest. */
  g_assert_true (il_lane_get_wait (fixture_lane (&fixture, lane), 0, &wait));
  g_assert_cmpuint (wait.blamed_plus_1, ==, SAMPLED + 1);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);

  /* One goes on reading; of another no more is known. */
  FEED (&fixture, 300 * UNIT, { 210 * UNIT, SAMPLED, IL_RECORD_RW_ACQUIRE, rwlock, 0 },
        { 220 * UNIT, EXACT, IL_RECORD_RW_ACQUIRE, rwlock, 0 },
        { 230 * UNIT, EXACT, IL_RECORD_LOST, 0, 3 },
        { 240 * UNIT, OTHER, IL_RECORD_RW_WAIT, rwlock, 1 });
  assert_read (&fixture, lane, 4, SAMPLED, 210 * UNIT, G_MAXINT64);
  assert_read (&fixture, lane, 5, EXACT, 220 * UNIT, 230 * UNIT);
  FEED (&fixture, 400 * UNIT, { 310 * UNIT, OTHER, IL_RECORD_WAIT_CANCELLED, rwlock, 0 });
  g_assert_true (il_lane_get_wait (fixture_lane (&fixture, lane), 1, &wait));
  g_assert_cmpuint (wait.blamed_plus_1, ==, SAMPLED + 1);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);

  /* Nobody can be that, and nothing else is read. */
  FEED (&fixture, 500 * UNIT, { 410 * UNIT, OTHER, IL_RECORD_RW_READER, rwlock, 4000 },
        { 411 * UNIT, OTHER, IL_RECORD_RW_READER, LOCK, EXACT + 1 });
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 2);
  g_assert_cmpuint (il_lane_get_n_reads (fixture_lane (&fixture, lane)), ==, 6);
  fixture_finish (&fixture);
}

/* Who is named several times, or takes it again once it was named, reads until it has given it back
 * as often, since the first time; but not if the lock fell quiet in between. */
static void
test_readers_again (void)
{
  Fixture fixture;
  guint32 rwlock = COUNTER + 1, lane = N_LANES;

  fixture_init (&fixture);
  il_timeline_builder_add_object (fixture.builder, rwlock, IL_OBJECT_KIND_RWLOCK, "R", 0);
  FEED (&fixture, 200 * UNIT, { 50 * UNIT, OTHER, IL_RECORD_RW_WAIT, rwlock, 1 },
        { 50 * UNIT, OTHER, IL_RECORD_RW_INSIDE, rwlock, 2 },
        { 50 * UNIT, OTHER, IL_RECORD_RW_READER, rwlock, EXACT + 1 },
        { 50 * UNIT, OTHER, IL_RECORD_LOCK_HELD, rwlock, 20 },
        { 50 * UNIT, OTHER, IL_RECORD_RW_READER, rwlock, EXACT + 1 },
        { 50 * UNIT, OTHER, IL_RECORD_LOCK_HELD, rwlock, 10 },
        { 55 * UNIT, EXACT, IL_RECORD_RW_ACQUIRE, rwlock, 0 },
        { 60 * UNIT, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 },
        { 65 * UNIT, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 },
        { 70 * UNIT, EXACT, IL_RECORD_RW_RELEASE, rwlock, IL_RECORD_WOKE },
        { 71 * UNIT, OTHER, IL_RECORD_RW_ACQUIRE, rwlock, 1 },
        { 80 * UNIT, OTHER, IL_RECORD_RW_RELEASE, rwlock, 1 });
  g_assert_cmpuint (il_lane_get_n_reads (fixture_lane (&fixture, lane)), ==, 1);
  assert_read (&fixture, lane, 0, EXACT, 30 * UNIT, 70 * UNIT);
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, lane)),
                  "0 0, 3200 2, 3520 3, 3840 2, 4160 1, 4480 0");

  FEED (&fixture, 300 * UNIT, { 210 * UNIT, OTHER, IL_RECORD_RW_WAIT, rwlock, 1 },
        { 210 * UNIT, OTHER, IL_RECORD_RW_INSIDE, rwlock, 1 },
        { 210 * UNIT, OTHER, IL_RECORD_RW_READER, rwlock, EXACT + 1 },
        { 220 * UNIT, SAMPLED, IL_RECORD_LOCK_QUIET, rwlock, 0 },
        { 220 * UNIT, SAMPLED, IL_RECORD_RW_INSIDE, rwlock, 1 },
        { 220 * UNIT, SAMPLED, IL_RECORD_RW_READER, rwlock, EXACT + 1 },
        { 230 * UNIT, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 });
  g_assert_cmpuint (il_lane_get_n_reads (fixture_lane (&fixture, lane)), ==, 3);
  assert_read (&fixture, lane, 1, EXACT, 210 * UNIT, 220 * UNIT);
  assert_read (&fixture, lane, 2, EXACT, 220 * UNIT, 230 * UNIT);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* One who is known and reads alone has the lock as a writer has it; where there are others, or one
 * of whom nothing is known, nobody in particular does. */
static void
test_only_reader (void)
{
  Fixture fixture;
  guint32 rwlock = COUNTER + 1, lane = N_LANES;

  fixture_init (&fixture);
  il_timeline_builder_add_object (fixture.builder, rwlock, IL_OBJECT_KIND_RWLOCK, "R", 0);
  FEED (&fixture, 100, { 10, OTHER, IL_RECORD_RW_ACQUIRE, rwlock, 1 },
        { 15, OTHER, IL_RECORD_RW_RELEASE, rwlock, 1 }, { 20, OTHER, IL_RECORD_RW_WAIT, rwlock, 1 },
        { 20, OTHER, IL_RECORD_RW_INSIDE, rwlock, 2 },
        { 20, OTHER, IL_RECORD_RW_READER, rwlock, EXACT + 1 },
        { 30, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 },
        { 40, SAMPLED, IL_RECORD_RW_RELEASE, rwlock, IL_RECORD_WOKE },
        { 41, OTHER, IL_RECORD_RW_ACQUIRE, rwlock, 1 },
        { 50, OTHER, IL_RECORD_RW_RELEASE, rwlock, 1 },
        { 60, EXACT, IL_RECORD_RW_ACQUIRE, rwlock, 0 },
        { 61, EXACT, IL_RECORD_RW_ACQUIRE, rwlock, 0 },
        { 70, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 },
        { 80, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 });
  ASSERT_STATES (&fixture, lane,
                 "0 none, 10 running @8, 15 none, 20 busy, 40 none, 41 running @8, 50 none, "
                 "60 busy @7, 80 none");

  /* Of one no more is known than that it has not left. */
  FEED (&fixture, 200, { 110, EXACT, IL_RECORD_RW_ACQUIRE, rwlock, 0 },
        { 120, SAMPLED, IL_RECORD_RW_ACQUIRE, rwlock, 0 }, { 130, EXACT, IL_RECORD_LOST, 0, 3 },
        { 140, SAMPLED, IL_RECORD_RW_RELEASE, rwlock, 0 },
        { 150, SAMPLED, IL_RECORD_RW_ACQUIRE, rwlock, 0 });
  ASSERT_STATES (&fixture, lane,
                 "0 none, 10 running @8, 15 none, 20 busy, 40 none, 41 running @8, 50 none, "
                 "60 busy @7, 80 none, 110 busy @7, 120 busy");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* A lock that was quiet is held since the first of those who are told to read is known to, up to
 * where it was told the last time; so it is in whichever batch that comes. */
static void
test_readers_since (void)
{
  Fixture fixture;
  guint32 rwlock = COUNTER + 1, lane = N_LANES;

  fixture_init (&fixture);
  il_timeline_builder_add_object (fixture.builder, rwlock, IL_OBJECT_KIND_RWLOCK, "R", 0);
  FEED (&fixture, 100 * UNIT, { 50 * UNIT, OTHER, IL_RECORD_RW_WAIT, rwlock, 1 },
        { 50 * UNIT, OTHER, IL_RECORD_RW_INSIDE, rwlock, 2 },
        { 50 * UNIT, OTHER, IL_RECORD_RW_READER, rwlock, EXACT + 1 },
        { 50 * UNIT, OTHER, IL_RECORD_LOCK_HELD, rwlock, 20 },
        { 50 * UNIT, OTHER, IL_RECORD_RW_READER, rwlock, SAMPLED + 1 },
        { 50 * UNIT, OTHER, IL_RECORD_LOCK_HELD, rwlock, 30 },
        { 60 * UNIT, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 },
        { 70 * UNIT, SAMPLED, IL_RECORD_LOCK_QUIET, rwlock, 0 });
  ASSERT_STATES (&fixture, lane, "0 unknown, 1280 busy, 3840 busy @9, 4480 unknown");
  FEED (&fixture, 200 * UNIT, { 110 * UNIT, OTHER, IL_RECORD_RW_INSIDE, rwlock, 1 },
        { 110 * UNIT, OTHER, IL_RECORD_RW_READER, rwlock, EXACT + 1 },
        { 110 * UNIT, OTHER, IL_RECORD_LOCK_HELD, rwlock, 90 });
  ASSERT_STATES (&fixture, lane, "0 unknown, 1280 busy, 3840 busy @9, 4480 busy @7");
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, lane)),
                  "0 0, 3200 2, 3840 1, 4480 0, 7040 1");

  /* A batch may end in the midst of the telling; the kernel tells when the thread has come to its
   * end. */
  FEED (&fixture, 300 * UNIT, { 210 * UNIT, EXACT, IL_RECORD_RW_RELEASE, rwlock, 0 },
        { 220 * UNIT, EXACT, IL_RECORD_LOCK_QUIET, rwlock, 0 },
        { 260 * UNIT, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 290 * UNIT, EXACT, IL_RECORD_RW_INSIDE, rwlock, 1 },
        { 290 * UNIT, EXACT, IL_RECORD_RW_READER, rwlock, SAMPLED + 1 });
  FEED (&fixture, 400 * UNIT, { 300 * UNIT, EXACT, IL_RECORD_LOCK_HELD, rwlock, 50 },
        { 301 * UNIT, EXACT, IL_RECORD_SCHED_OUT, 0, 0 });
  ASSERT_STATES (&fixture, lane,
                 "0 unknown, 1280 busy, 3840 busy @9, 4480 busy @7, 13440 none, 14080 unknown, "
                 "16000 busy @9");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* Counts of acquisitions without a record add up, also when their thread is gone. */
static void
test_counts (void)
{
  Fixture fixture;
  IlAttempts attempts;
  guint64 n;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_LOCK_COUNT, LOCK, 1000 },
        { 20, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 30, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, 0 }, { 40, EXACT, IL_RECORD_LANE_END, 0, 0 },
        { 50, EXACT, IL_RECORD_LOCK_COUNT, LOCK, 4000000000 },
        { 50, CORE_0, IL_RECORD_LOCK_COUNT, SEMAPHORE, 7 },
        { 60, OTHER, IL_RECORD_LOCK_COUNT, QUEUE, 1 }); /* is not taken */
  il_lane_get_uses (fixture_lane (&fixture, LANE_LOCK), 9, &n, NULL);
  g_assert_cmpuint (n, ==, 0);
  il_lane_get_uses (fixture_lane (&fixture, LANE_LOCK), 45, &n, NULL);
  g_assert_cmpuint (n, ==, 1001);
  il_lane_get_uses (fixture_lane (&fixture, LANE_LOCK), 50, &n, NULL);
  g_assert_cmpuint (n, ==, 4000001001);
  il_lane_get_uses (fixture_lane (&fixture, LANE_SEMAPHORE), 99, &n, NULL);
  g_assert_cmpuint (n, ==, 7);
  il_lane_count_attempts (fixture_lane (&fixture, LANE_LOCK), 15, 100, &attempts);
  g_assert_cmpuint (attempts.total, ==, 4000000001);
  g_assert_cmpuint (attempts.waited, ==, 0);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 1);
  fixture_finish (&fixture);
}

/* A program's thread that says nothing is on a core to run it, and off it for what nobody knows;
 * one that waits for another to end waits. */
static void
test_program (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 200, { 10, EXACT, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 10, EXACT, IL_RECORD_RUNS, 0, 0 }, { 20, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 30, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 40, EXACT, IL_RECORD_JOIN_WAIT, 0, OTHER + 1 },
        { 42, EXACT, IL_RECORD_SCHED_OUT, 0, 0 }, { 50, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 51, EXACT, IL_RECORD_JOIN_END, 0, 0 }, { 60, EXACT, IL_RECORD_LOST, 0, 7 },
        { 70, EXACT, IL_RECORD_LANE_END, 0, 0 }, { 72, EXACT, IL_RECORD_SCHED_OUT, 0, 0 });
  ASSERT_STATES (&fixture, EXACT,
                 "10 running, 20 waiting, 30 running, 42 join @8, "
                 "50 running, 70 busy, 72 none");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  FEED (&fixture, 300, { 210, OTHER, IL_RECORD_JOIN_END, 0, 0 });
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 1);
  fixture_finish (&fixture);
}

/* Who waits for the end of any finds out at last whose that was; what has no object is no join. */
static void
test_joins (void)
{
  Fixture fixture;
  IlWait wait;

  fixture_init (&fixture);
  FEED (&fixture, 200, { 10, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 10, EXACT, IL_RECORD_RUNS, 0, 0 },
        { 20, EXACT, IL_RECORD_JOIN_WAIT, IL_RECORD_CALL_PROCESS, 0 },
        { 20, EXACT, IL_RECORD_SCHED_OUT, 0, 0 }, { 50, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 50, EXACT, IL_RECORD_JOIN_END, IL_RECORD_CALL_PROCESS, OTHER + 1 },
        { 60, EXACT, IL_RECORD_JOIN_WAIT, IL_RECORD_CALL_OBJECT, OTHER + 1 },
        { 60, EXACT, IL_RECORD_SCHED_OUT, 0, 0 }, { 90, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 90, EXACT, IL_RECORD_JOIN_END, 0, 0 });
  ASSERT_STATES (&fixture, EXACT, "10 running, 20 join, 50 running, 60 lock, 90 running");
  g_assert_cmpuint (il_lane_get_n_waits (fixture_lane (&fixture, EXACT)), ==, 1);
  g_assert_true (il_lane_get_wait (fixture_lane (&fixture, EXACT), 0, &wait));
  g_assert_cmpint (wait.end_ns, ==, 50);
  g_assert_cmpint (wait.wait_ns, ==, 30);
  g_assert_cmpuint (wait.lane, ==, EXACT);
  g_assert_cmpuint (wait.blamed_plus_1, ==, OTHER + 1);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* It works while it is in a call that may wait, and spins for a spin lock alone. */
static void
test_program_on_core (void)
{
  Fixture fixture;
  guint32 spin = COUNTER + 1;

  fixture_init (&fixture);
  il_timeline_builder_add_object (fixture.builder, spin, IL_OBJECT_KIND_LOCK, "spin",
                                  IL_LANE_PARAMETER_SPIN);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_RUNS, 0, 0 }, { 10, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 20, EXACT, IL_RECORD_IO_BEGIN, 0, 0 }, { 21, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 25, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 28, EXACT, IL_RECORD_IO_END, 0, 0 },
        { 30, EXACT, IL_RECORD_LOCK_WAIT, LOCK, 0 }, { 31, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 35, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 36, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 40, EXACT, IL_RECORD_LOCK_WAIT, spin, 0 }, { 45, EXACT, IL_RECORD_SCHED_OUT, 1, 0 },
        { 47, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 50, EXACT, IL_RECORD_LOCK_ACQUIRE, spin, 0 });
  ASSERT_STATES (&fixture, EXACT,
                 "10 running, 21 io, 25 running, 31 lock @1, 35 running, 40 spinning @6, "
                 "45 runnable @6, 47 spinning @6, 50 running");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quiet/hold-by-hearsay", test_hold_by_hearsay);
  g_test_add_func ("/quiet/again-and-again", test_again_and_again);
  g_test_add_func ("/quiet/copied", test_copied);
  g_test_add_func ("/quiet/born-later", test_born_later);
  g_test_add_func ("/quiet/nested", test_nested);
  g_test_add_func ("/quiet/semaphore", test_semaphore);
  g_test_add_func ("/quiet/semaphore-of-tasks", test_semaphore_of_tasks);
  g_test_add_func ("/quiet/readers-inside", test_readers_inside);
  g_test_add_func ("/quiet/readers-named", test_readers_named);
  g_test_add_func ("/quiet/readers-again", test_readers_again);
  g_test_add_func ("/quiet/only-reader", test_only_reader);
  g_test_add_func ("/quiet/readers-since", test_readers_since);
  g_test_add_func ("/quiet/counts", test_counts);
  g_test_add_func ("/quiet/program", test_program);
  g_test_add_func ("/quiet/joins", test_joins);
  g_test_add_func ("/quiet/program-on-core", test_program_on_core);
  return g_test_run ();
}
