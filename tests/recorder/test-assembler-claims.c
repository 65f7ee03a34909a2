/* test-assembler-claims.c - which lane claims which thread, and what others are called
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "assembler-fixture.h"

/* Nobody claims it: a lane of role thread, named by the kernel, which ends with the thread. */
static void
test_unclaimed_thread (Fixture *self, gconstpointer data)
{
  fixture_sched (self, IL_SCHED_COMM, 1 * MS, 8, 0);
  fixture_sched (self, IL_SCHED_IN, 2 * MS, 8, 0);
  fixture_cut (self, 100 * MS);
  fixture_cut (self, 300 * MS);
  fixture_sched (self, IL_SCHED_EXIT, 301 * MS, 8, 0);
  fixture_cut (self, 400 * MS);
  fixture_assert_told (self, "[0,2000000)\n"
                             "lane 0 thread helper\n"
                             "[2000000,300000000) 0@2000000 IN 0 0\n"
                             "[300000000,400000000) 0@301000000 OUT 0 0 0@301000000 END 0 255\n");
}

/* Two that die before they come to say who they are, one of them late: each is the worker that the
 * kernel knew it by when it was made, whatever its own name was when it died. */
static void
test_lost_workers (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 8);

  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, 1 * MS, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_rename (self, 2 * MS, 8, "Worker 1");
  fixture_fork (self, 3 * MS, 9, 8);
  fixture_rename (self, 4 * MS, 9, "Worker 2");
  fixture_sched (self, IL_SCHED_IN, 5 * MS, 9, 0);
  fixture_sched (self, IL_SCHED_EXIT, 6 * MS, 9, 0);
  fixture_cut (self, 100 * MS);
  fixture_assert_told (self, "lane 0 worker Worker 1\n"
                             "lane 1 worker Worker 1 (2)\n"
                             "[0,100000000) 0@1000000 BEGIN 0 0 1@5000000 IN 0 0 1@6000000 OUT 0 0"
                             " 1@6000000 END 0 255\n");
  fixture_fork (self, 101 * MS, 10, 8);
  fixture_sched (self, IL_SCHED_IN, 102 * MS, 10, 0);
  fixture_cut (self, 400 * MS);
  fixture_sched (self, IL_SCHED_EXIT, 401 * MS, 10, 0);
  fixture_cut (self, 500 * MS);
  fixture_assert_told (self, "lane 2 thread Worker 1\n"
                             "[100000000,400000000) 2@102000000 IN 0 0\n"
                             "lane 2 is worker Worker 1 (3)\n"
                             "[400000000,500000000) 2@401000000 OUT 0 0 2@401000000 END 0 255\n");
}

/* What the program or a worker makes for itself is born with the own name of that: no worker. Which
 * name that was is known late, since rings of several cores are read one after the other. */
static void
test_no_lost_worker (Fixture *self, gconstpointer data)
{
  il_assembler_set_program (self->assembler, 7, "runner");
  fixture_fork (self, 2 * MS, 8, 7);
  fixture_fork (self, 4 * MS, 9, 7);
  fixture_fork (self, 5 * MS, 10, 9);
  fixture_fork (self, 6 * MS, 11, 8);
  fixture_fork (self, 9 * MS, 12, 8);
  fixture_rename (self, 8 * MS, 8, "Worker 2");
  fixture_rename (self, 3 * MS, 7, "runner");
  fixture_rename (self, 1 * MS, 7, "Worker 1");
  fixture_rename (self, 7 * MS, 7, "Worker 2");
  for (int tid = 8; tid <= 12; tid++)
    fixture_sched (self, IL_SCHED_EXIT, 2 * tid * MS, tid, 0);
  fixture_cut (self, 100 * MS);
  fixture_assert_told (self, "lane 0 worker Worker 1\n"
                             "lane 1 thread runner\n"
                             "lane 2 thread runner\n"
                             "lane 3 thread Worker 1\n"
                             "lane 4 worker Worker 2\n"
                             "[0,100000000) 0@16000000 OUT 0 0 0@16000000 END 0 255"
                             " 1@18000000 OUT 0 0 1@18000000 END 0 255"
                             " 2@20000000 OUT 0 0 2@20000000 END 0 255"
                             " 3@22000000 OUT 0 0 3@22000000 END 0 255"
                             " 4@24000000 OUT 0 0 4@24000000 END 0 255\n");
}

/* That it has its own name again is told before that it had another. */
static void
test_named_back_early (Fixture *self, gconstpointer data)
{
  il_assembler_set_program (self->assembler, 7, "runner");
  fixture_rename (self, 1 * MS, 7, "runner");
  fixture_rename (self, 3 * MS, 7, "runner");
  fixture_rename (self, 2 * MS, 7, "Worker 1");
  fixture_fork (self, 4 * MS, 8, 7);
  fixture_sched (self, IL_SCHED_EXIT, 5 * MS, 8, 0);
  fixture_cut (self, 100 * MS);
  fixture_assert_told (self, "lane 0 thread runner\n"
                             "[0,100000000) 0@5000000 OUT 0 0 0@5000000 END 0 255\n");
}

/* It is claimed late: the lane that it had in the meantime is the one that claims it. */
static void
test_late_claim (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 8);

  fixture_sched (self, IL_SCHED_IN, 1 * MS, 8, 0);
  fixture_cut (self, 300 * MS);
  il_assembler_begin_lane (self->assembler, &worker);
  fixture_sched (self, IL_SCHED_OUT, 310 * MS, 8, 0);
  fixture_sched (self, IL_SCHED_IN, 330 * MS, 8, 1);
  fixture_say (self, &worker, 320 * MS, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_cut (self, 400 * MS);
  fixture_sched (self, IL_SCHED_OUT, 410 * MS, 8, 1);
  fixture_cut (self, 500 * MS);
  fixture_assert_told (self, "lane 0 thread 8\n"
                             "[0,300000000) 0@1000000 IN 0 0\n"
                             "lane 0 is worker Worker 1\n"
                             "[300000000,400000000) 0@310000000 OUT 0 0 0@320000000 BEGIN 0 0"
                             " 0@330000000 IN 0 1\n"
                             "[400000000,500000000) 0@410000000 OUT 0 1\n");
  /* Who names its lane of the shared file means the one of the timeline. */
  fixture_say (self, &worker, 510 * MS, IL_EVENT_OWNER_DIED, 1, worker.index + 1);
  fixture_say (self, &worker, 520 * MS, IL_EVENT_LANE_END, 0, 0);
  fixture_end (self, &worker, 530 * MS);
  fixture_cut (self, 600 * MS);
  fixture_assert_told (self,
                       "usage 0 5 at 520000000\n"
                       "[500000000,600000000) 0@510000000 OWNER_DIED 1 1 0@520000000 END 0 0\n");
}

/* A thread says so twice, as one does that serves first one run and then another: a lane each. */
static void
test_claim_again (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo first = fixture_lane (0, 1, 8), second = fixture_lane (1, 1, 8);

  fixture_sched (self, IL_SCHED_IN, 1 * MS, 8, 0);
  fixture_cut (self, 300 * MS);
  il_assembler_begin_lane (self->assembler, &first);
  fixture_say (self, &first, 310 * MS, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &first, 320 * MS, IL_EVENT_LANE_END, 0, 0);
  fixture_end (self, &first, 325 * MS);
  il_assembler_begin_lane (self->assembler, &second);
  fixture_say (self, &second, 330 * MS, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_sched (self, IL_SCHED_OUT, 340 * MS, 8, 0);
  fixture_cut (self, 400 * MS);
  fixture_assert_told (self, "lane 0 thread 8\n"
                             "[0,300000000) 0@1000000 IN 0 0\n"
                             "lane 0 is worker Worker 1\n"
                             "usage 0 5 at 320000000\n"
                             "lane 1 worker Worker 2\n"
                             "[300000000,400000000) 0@310000000 BEGIN 0 0 0@320000000 END 0 0"
                             " 1@330000000 IN 0 0 1@330000000 BEGIN 0 0 1@340000000 OUT 0 0\n");
}

/* One that died without a word is not claimed by another that has its number. */
static void
test_claim_of_dead (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 8);

  fixture_sched (self, IL_SCHED_IN, 1 * MS, 8, 0);
  fixture_sched (self, IL_SCHED_EXIT, 2 * MS, 8, 0);
  fixture_cut (self, 300 * MS);
  fixture_sched (self, IL_SCHED_IN, 310 * MS, 8, 1);
  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, 320 * MS, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_cut (self, 400 * MS);
  fixture_assert_told (self,
                       "lane 0 thread 8\n"
                       "[0,300000000) 0@1000000 IN 0 0 0@2000000 OUT 0 0 0@2000000 END 0 255\n"
                       "lane 1 worker Worker 1\n"
                       "[300000000,400000000) 1@310000000 IN 0 1 1@320000000 BEGIN 0 0\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("unclaimed-thread", test_unclaimed_thread, IL_SCHEDULER_EXACT);
  ADD ("lost-workers", test_lost_workers, IL_SCHEDULER_EXACT);
  ADD ("no-lost-worker", test_no_lost_worker, IL_SCHEDULER_EXACT);
  ADD ("named-back-early", test_named_back_early, IL_SCHEDULER_EXACT);
  ADD ("late-claim", test_late_claim, IL_SCHEDULER_EXACT);
  ADD ("claim-again", test_claim_again, IL_SCHEDULER_EXACT);
  ADD ("claim-of-dead", test_claim_of_dead, IL_SCHEDULER_EXACT);
  return g_test_run ();
}
