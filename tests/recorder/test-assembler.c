/* test-assembler.c - every record comes out once, in the right lane, in the order of time, whatever
 * the order in which sources speak
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "assembler-fixture.h"

#include <string.h>

static void
test_cores_and_objects (Fixture *self, gconstpointer data)
{
  const IlTraceObjectInfo queue
      = { .id = 3, .kind = IL_OBJECT_QUEUE, .parameter = 10, .name = "Q" };
  const IlTraceObjectInfo broken = { .id = 4, .kind = IL_N_OBJECT_KINDS, .name = "X" };
  const IlCoreSample samples[]
      = { { 0, 100, 50, 25, 825 }, { 1, 1000, 0, 0, 0 }, { 9, 1, 1, 1, 1 } };

  il_assembler_add_cores (self->assembler, 2);
  il_assembler_add_object (self->assembler, &queue);
  il_assembler_add_object (self->assembler, &broken);
  il_assembler_add_cores_sample (self->assembler, ORIGIN + 5, samples, 3);
  fixture_cut (self, 10);
  fixture_assert_told (self, "lane 0 core 0\n"
                             "lane 1 core 1\n"
                             "object 3 kind 3 Q 10\n"
                             "[0,10) 0@5 USAGE 51300 844825 1@5 USAGE 1000 0\n");
}

/* Two sources of one thread, three batches; what is not old enough waits. */
static void
test_merges_by_time (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);

  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &worker, 4, IL_EVENT_IDLE, 0, 0);
  fixture_say (self, &worker, 20, IL_EVENT_IDLE, 0, 0);
  /* Rings of two cores are read one after the other. */
  fixture_sched (self, IL_SCHED_OUT, 3, 7, 1);
  fixture_sched (self, IL_SCHED_IN, 21, 7, 1);
  fixture_sched (self, IL_SCHED_IN, 1, 7, 0);
  fixture_sched (self, IL_SCHED_OUT_PREEMPTED, 2, 7, 0);
  fixture_cut (self, 10);
  fixture_cut (self, 10);
  fixture_cut (self, 15);
  fixture_cut (self, 30);
  fixture_assert_told (self,
                       "lane 0 worker Worker 1\n"
                       "[0,10) 0@1 IN 0 0 0@2 OUT 1 0 0@2 BEGIN 0 0 0@3 OUT 0 1 0@4 IDLE 0 0\n"
                       "[10,15)\n"
                       "[15,30) 0@20 IDLE 0 0 0@21 IN 0 1\n");
}

static guint n_looks;

/* Thread 7 of the process is stopped, 8 cannot be, and 9 sleeps. */
static char
look (pid_t pid, pid_t tid)
{
  g_assert_cmpint (pid, ==, 100);
  n_looks++;
  return tid == 7 ? 'T' : tid == 8 ? 'D' : 'S';
}

/* Since when is what the last switch tells: who rests only for a short time is not looked at, nor
 * looked at again. */
static void
test_marks_stopped (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);

  n_looks = 0;
  il_assembler_begin_lane (self->assembler, &worker);
  fixture_sched (self, IL_SCHED_IN, 1, 7, 0);
  fixture_sched (self, IL_SCHED_OUT, 2, 7, 0);
  fixture_sched (self, IL_SCHED_IN, 3, 7, 0);
  fixture_sched (self, IL_SCHED_OUT, 4, 7, 0);
  g_assert_false (il_assembler_look_for_stopped (self->assembler, ORIGIN + 19 * MS, look));
  g_assert_cmpuint (n_looks, ==, 0);
  g_assert_true (il_assembler_look_for_stopped (self->assembler, ORIGIN + 21 * MS, look));
  il_assembler_mark_stopped (self->assembler);
  g_assert_cmpuint (n_looks, ==, 1);
  g_assert_false (il_assembler_look_for_stopped (self->assembler, ORIGIN + 50 * MS, look));
  g_assert_cmpuint (n_looks, ==, 1);
  fixture_cut (self, 10);
  fixture_assert_told (self, "lane 0 worker Worker 1\n"
                             "[0,10) 0@1 IN 0 0 0@2 OUT 0 0 0@3 IN 0 0 0@4 OUT 2 0\n");
}

/* It was seen to be stopped after it had gone on, as the scheduler tells later: when it left its
 * core first it was not.  Rings of two cores are read one after the other. */
static void
test_marks_no_earlier_rest (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);

  il_assembler_begin_lane (self->assembler, &worker);
  fixture_sched (self, IL_SCHED_OUT, 2, 7, 0);
  g_assert_true (il_assembler_look_for_stopped (self->assembler, ORIGIN + 30 * MS, look));
  fixture_sched (self, IL_SCHED_OUT, 29 * MS, 7, 1);
  fixture_sched (self, IL_SCHED_IN, 28 * MS, 7, 0);
  il_assembler_mark_stopped (self->assembler);
  g_assert_true (il_assembler_look_for_stopped (self->assembler, ORIGIN + 60 * MS, look));
  il_assembler_mark_stopped (self->assembler);
  fixture_cut (self, 30 * MS);
  fixture_assert_told (self, "lane 0 worker Worker 1\n"
                             "[0,30000000) 0@2 OUT 0 0 0@28000000 IN 0 0 0@29000000 OUT 2 1\n");
}

/* A signal stops all threads of a process: where one is not stopped, the others are not looked at;
 * unless that one could not be. */
static void
test_looks_at_one_of_a_process (Fixture *self, gconstpointer data)
{
  n_looks = 0;
  fixture_sched (self, IL_SCHED_OUT, 1, 8, 0);
  fixture_sched (self, IL_SCHED_OUT, 2, 9, 0);
  fixture_sched (self, IL_SCHED_OUT, 3, 10, 0);
  fixture_sched (self, IL_SCHED_OUT, 4, 11, 0);
  g_assert_false (il_assembler_look_for_stopped (self->assembler, ORIGIN + 30 * MS, look));
  g_assert_cmpuint (n_looks, ==, 2);
}

/* In /proc it stands beside the times. */
static void
test_samples_stopped (Fixture *self, gconstpointer data)
{
  static const char states[] = { 'R', 'T', 't', 'S' };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      const IlProcSample sample = { .time_ns = ORIGIN + 1 + i,
                                    .pid = 100,
                                    .tid = 7,
                                    .state = states[i],
                                    .run_ns = 5000,
                                    .wait_ns = 3000 };

      il_assembler_add_sample (self->assembler, &sample);
    }
  il_assembler_finish (self->assembler, ORIGIN + 10);
  g_assert_nonnull (strstr (self->told->str,
                            " 0@1 SAMPLE 5 3 0@2 SAMPLE 5 2147483651 0@3 SAMPLE 5 2147483651 "
                            "0@4 SAMPLE 5 3"));
}

/* The scheduler knows a thread before its lane shows up in the shared file. */
static void
test_holds_unknown_back (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);

  fixture_sched (self, IL_SCHED_FORK, 1 * MS, 7, 0);
  fixture_sched (self, IL_SCHED_IN, 2 * MS, 7, 0);
  fixture_cut (self, 10 * MS);
  fixture_cut (self, 200 * MS);
  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, 150 * MS, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_cut (self, 201 * MS);
  fixture_assert_told (self, "[0,2000000)\n"
                             "lane 0 worker Worker 1\n"
                             "[2000000,201000000) 0@2000000 IN 0 0 0@150000000 BEGIN 0 0\n");
}

/* A thread goes on as another worker, which is read first: what the one before said last counts. */
static void
test_handed_over (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo before = fixture_lane (1, 1, 7), after = fixture_lane (0, 1, 7);

  il_assembler_begin_lane (self->assembler, &before);
  fixture_say (self, &before, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  il_assembler_begin_lane (self->assembler, &after);
  fixture_say (self, &after, 20, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &before, 12, IL_EVENT_IDLE, 0, 0);
  fixture_say (self, &before, 15, IL_EVENT_LANE_END, 0, 0);
  fixture_end (self, &before, 25);
  fixture_cut (self, 30);
  fixture_assert_told (self, "lane 0 worker Worker 2\nlane 1 worker Worker 1\nusage 0 5 at 15\n"
                             "[0,30) 0@2 BEGIN 0 0 0@12 IDLE 0 0 0@15 END 0 0 1@20 BEGIN 0 0\n");
}

/* Three workers follow one another on a thread within one cut, and the last is read first: each has
 * what the scheduler did in its time, and begins on the core that the thread was on. */
static void
test_several_follow (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo lanes[]
      = { fixture_lane (2, 1, 7), fixture_lane (0, 1, 7), fixture_lane (1, 1, 7) };

  for (guint i = 0; i < 3; i++)
    {
      il_assembler_begin_lane (self->assembler, &lanes[i]);
      fixture_say (self, &lanes[i], i == 0 ? 30 : i * 10, IL_EVENT_LANE_BEGIN, 0, 0);
    }
  fixture_say (self, &lanes[1], 18, IL_EVENT_LANE_END, 0, 0);
  fixture_say (self, &lanes[2], 28, IL_EVENT_LANE_END, 0, 0);
  fixture_end (self, &lanes[1], 35);
  fixture_end (self, &lanes[2], 35);
  /* Rings of two cores are read one after the other. */
  fixture_sched (self, IL_SCHED_IN, 24, 7, 1);
  fixture_sched (self, IL_SCHED_OUT, 33, 7, 1);
  fixture_sched (self, IL_SCHED_IN, 5, 7, 0);
  fixture_sched (self, IL_SCHED_OUT, 12, 7, 0);
  fixture_sched (self, IL_SCHED_IN, 14, 7, 0);
  fixture_sched (self, IL_SCHED_OUT, 22, 7, 0);
  fixture_cut (self, 40);
  fixture_assert_told (self,
                       "lane 0 worker Worker 3\nlane 1 worker Worker 1\nlane 2 worker Worker 2\n"
                       "usage 1 5 at 18\nusage 2 5 at 28\n"
                       "[0,40) 1@5 IN 0 0 1@10 BEGIN 0 0 1@12 OUT 0 0 1@14 IN 0 0 1@18 END 0 0"
                       " 2@20 IN 0 0 2@20 BEGIN 0 0 2@22 OUT 0 0 2@24 IN 0 1 2@28 END 0 0"
                       " 0@30 IN 0 1 0@30 BEGIN 0 0 0@33 OUT 0 1\n");
}

/* The same over several cuts: where a thread is is remembered, and what it did between two of its
 * workers is the former's.  One that has not said when it began has nothing yet. */
static void
test_several_follow_later (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo lanes[]
      = { fixture_lane (0, 1, 7), fixture_lane (1, 1, 7), fixture_lane (2, 1, 7) };

  il_assembler_begin_lane (self->assembler, &lanes[0]);
  fixture_say (self, &lanes[0], 2, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_sched (self, IL_SCHED_IN, 1, 7, 1);
  fixture_cut (self, 10);
  fixture_say (self, &lanes[0], 12, IL_EVENT_LANE_END, 0, 0);
  fixture_end (self, &lanes[0], 15);
  il_assembler_begin_lane (self->assembler, &lanes[1]);
  il_assembler_begin_lane (self->assembler, &lanes[2]);
  fixture_say (self, &lanes[1], 14, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &lanes[1], 21, IL_EVENT_LANE_END, 0, 0);
  fixture_end (self, &lanes[1], 25);
  fixture_cut (self, 20);
  fixture_sched (self, IL_SCHED_OUT, 22, 7, 1);
  fixture_sched (self, IL_SCHED_IN, 23, 7, 0);
  fixture_say (self, &lanes[2], 26, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_cut (self, 30);
  fixture_assert_told (
      self, "lane 0 worker Worker 1\n[0,10) 0@1 IN 0 1 0@2 BEGIN 0 0\n"
            "usage 0 5 at 12\nlane 1 worker Worker 2\nlane 2 worker Worker 3\n"
            "usage 1 5 at 21\n"
            "[10,20) 0@12 END 0 0 1@14 IN 0 1 1@14 BEGIN 0 0\n"
            "[20,30) 1@21 END 0 0 1@22 OUT 0 1 1@23 IN 0 0 2@26 IN 0 0 2@26 BEGIN 0 0\n");
}

/* A thread that is over before any drain: everything comes at once, the scheduler's word first. */
static void
test_short_life (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);

  fixture_sched (self, IL_SCHED_IN, 1, 7, 0);
  fixture_sched (self, IL_SCHED_EXIT, 9, 7, 0);
  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &worker, 8, IL_EVENT_LANE_END, 0, 3);
  fixture_end (self, &worker, 15);
  fixture_cut (self, 20);
  fixture_cut (self, 30);
  fixture_assert_told (self, "lane 0 worker Worker 1\n"
                             "usage 0 5 at 8\n"
                             "[0,20) 0@1 IN 0 0 0@2 BEGIN 0 0 0@8 END 0 3 0@9 OUT 0 0\n"
                             "[20,30)\n");
}

/* One that is killed says nothing: its lane ends where the scheduler saw it end, not where the
 * reader noticed. */
static void
test_killed_exact (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);

  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_sched (self, IL_SCHED_IN, 1, 7, 0);
  g_assert_false (il_assembler_process_is_gone (self->assembler, 100));
  fixture_sched (self, IL_SCHED_EXIT, 9, 7, 0);
  g_assert_true (il_assembler_process_is_gone (self->assembler, 100));
  il_assembler_end_lane (self->assembler, &worker, NULL, ORIGIN + 15);
  fixture_cut (self, 20);
  fixture_assert_told (self, "lane 0 worker Worker 1\n"
                             "[0,20) 0@1 IN 0 0 0@2 BEGIN 0 0 0@9 OUT 0 0 0@9 END 0 255\n");
}

/* Who dies with the program dies of what that died of, which is told a little later; a process that
 * it started does not. */
static void
test_killed_program (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7), other = fixture_lane (1, 1, 8);
  gint64 death_ns;

  other.pid = 200;
  il_assembler_set_program (self->assembler, 100, "runner");
  g_assert_false (il_assembler_find_death (self->assembler, &death_ns));
  il_assembler_begin_lane (self->assembler, &worker);
  il_assembler_begin_lane (self->assembler, &other);
  fixture_say (self, &worker, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &other, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_sched (self, IL_SCHED_IN, 1, 7, 0);
  fixture_sched (self, IL_SCHED_EXIT, 9, 7, 0);
  fixture_cut (self, 20);
  fixture_assert_told (self, "lane 0 worker Worker 1\nlane 1 worker Worker 2\n"
                             "[0,9) 0@1 IN 0 0 0@2 BEGIN 0 0 1@2 BEGIN 0 0\n");
  il_assembler_set_death (self->assembler, 9);
  g_assert_true (il_assembler_find_death (self->assembler, &death_ns));
  g_assert_cmpint (death_ns, ==, 9);
  il_assembler_end_lane (self->assembler, &worker, NULL, ORIGIN + 15);
  il_assembler_end_lane (self->assembler, &other, NULL, ORIGIN + 15);
  il_assembler_finish (self->assembler, ORIGIN + 20);
  fixture_assert_told (self, "[9,20) 0@9 OUT 0 0 0@9 END 9 255 1@10 END 0 255\n");
}

/* It says so itself, if a step of its task is why. */
static void
test_crashed_program (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);
  gint64 death_ns;

  il_assembler_set_program (self->assembler, 100, "runner");
  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &worker, 6, IL_EVENT_CRASH, 3, 4 | 1 << 16);
  g_assert_null (il_assembler_get_crash (self->assembler));
  fixture_say (self, &worker, 7, IL_EVENT_CRASH, 3, 5 | 1 << 16 | IL_EVENT_ENDS_ALL);
  fixture_sched (self, IL_SCHED_EXIT, 9, 7, 0);
  g_assert_true (il_assembler_find_death (self->assembler, &death_ns));
  g_assert_cmpint (death_ns, ==, 7);
  g_assert_cmpuint (il_assembler_get_crash (self->assembler)->kind, ==, 3);
  g_assert_cmpuint (IL_RECORD_CRASH_LINE (il_assembler_get_crash (self->assembler)->value), ==, 5);
}

/* A thread of a program that lives on is not waited for without end. */
static void
test_killed_alone (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);

  il_assembler_set_program (self->assembler, 100, "runner");
  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_sched (self, IL_SCHED_EXIT, 9, 7, 0);
  fixture_cut (self, 2100 * (gint64)MS);
  fixture_assert_told (self, "lane 0 worker Worker 1\n"
                             "[0,2100000000) 0@2 BEGIN 0 0 0@9 OUT 0 0 0@9 END 0 255\n");
}

/* Without the scheduler's word it ends where somebody noticed. */
static void
test_killed_sampled (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo workers[]
      = { fixture_lane (0, 1, 7), fixture_lane (1, 1, 8), fixture_lane (2, 1, 9) };
  const IlProcSample gone = { .time_ns = ORIGIN + 12, .pid = 100, .tid = 7, .is_gone = TRUE };

  for (guint i = 0; i < 3; i++)
    {
      il_assembler_begin_lane (self->assembler, &workers[i]);
      fixture_say (self, &workers[i], 2, IL_EVENT_LANE_BEGIN, 0, 0);
    }
  il_assembler_add_sample (self->assembler, &gone);
  /* Worker 2 tells of worker 3: the builder ends its lane there. */
  fixture_say (self, &workers[1], 14, IL_EVENT_WORKER_LOST, 9, 3);
  il_assembler_end_lane (self->assembler, &workers[1], NULL, ORIGIN + 15);
  il_assembler_end_lane (self->assembler, &workers[2], NULL, ORIGIN + 16);
  fixture_cut (self, 30);
  fixture_assert_told (self,
                       "lane 0 worker Worker 1\nlane 1 worker Worker 2\nlane 2 worker Worker 3\n"
                       "[0,30) 0@2 BEGIN 0 0 1@2 BEGIN 0 0 2@2 BEGIN 0 0 0@12 END 0 255"
                       " 1@14 WORKER_LOST 9 3 1@15 END 0 255\n");
}

/* A number of a lane in the shared file means who had that lane at that time. */
static void
test_translates_lanes (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo other = fixture_lane (5, 1, 1), first = fixture_lane (2, 1, 2),
                  second = fixture_lane (2, 2, 3);

  il_assembler_add_cores (self->assembler, 1);
  il_assembler_begin_lane (self->assembler, &other);
  fixture_say (self, &other, 1, IL_EVENT_LANE_BEGIN, 0, 0);
  /* The reader may come to the holder's lane later. */
  fixture_say (self, &other, 6, IL_EVENT_LOCK_WAIT, 1, 2 + 1);
  fixture_say (self, &other, 7, IL_EVENT_LOCK_ACQUIRE, 1, 2 + 1);
  fixture_say (self, &other, 26, IL_EVENT_LOCK_WAIT, 1, 2 + 1);
  fixture_say (self, &other, 27, IL_EVENT_OWNER_DIED, 1, 99);
  il_assembler_begin_lane (self->assembler, &first);
  fixture_say (self, &first, 5, IL_EVENT_LANE_BEGIN, 0, 5 + 1);
  fixture_say (self, &first, 8, IL_EVENT_LANE_END, 0, 0);
  fixture_end (self, &first, 10);
  il_assembler_begin_lane (self->assembler, &second);
  fixture_say (self, &second, 20, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_cut (self, 30);
  fixture_assert_told (self,
                       "lane 0 core 0\nlane 1 worker Worker 6\nlane 2 worker Worker 3\n"
                       "usage 2 5 at 8\n"
                       "lane 3 worker Worker 3 (2)\n"
                       "[0,30) 1@1 BEGIN 0 0 2@5 BEGIN 0 2 1@6 LOCK_WAIT 1 3 1@7 LOCK_ACQUIRE 1 3"
                       " 2@8 END 0 0 3@20 BEGIN 0 0 1@26 LOCK_WAIT 1 4 1@27 OWNER_DIED 1 0\n");
}

/* The number of a process means its first thread, also when it is over. */
static void
test_translates_processes (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo parent = fixture_lane (5, 1, 1), child = fixture_lane (2, 1, 2),
                  second = fixture_lane (3, 1, 3);
  guint32 pid = (guint32)child.tid;

  child.pid = second.pid = child.tid;
  il_assembler_begin_lane (self->assembler, &parent);
  fixture_say (self, &parent, 1, IL_EVENT_LANE_BEGIN, 0, 0);
  il_assembler_begin_lane (self->assembler, &child);
  fixture_say (self, &child, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  il_assembler_begin_lane (self->assembler, &second);
  fixture_say (self, &second, 3, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &parent, 4, IL_EVENT_JOIN_WAIT, IL_CALL_JOIN, 3 + 1);
  fixture_say (self, &parent, 5, IL_EVENT_JOIN_END, IL_CALL_JOIN, 0);
  fixture_say (self, &parent, 6, IL_EVENT_JOIN_WAIT, IL_CALL_PROCESS, pid);
  fixture_say (self, &child, 7, IL_EVENT_LANE_END, 0, 0);
  fixture_end (self, &child, 10);
  fixture_cut (self, 30);
  fixture_say (self, &parent, 40, IL_EVENT_JOIN_END, IL_CALL_PROCESS, pid);
  fixture_say (self, &parent, 41, IL_EVENT_JOIN_WAIT, IL_CALL_PROCESS, 1);
  fixture_cut (self, 50);
  fixture_assert_told (self, "lane 0 worker Worker 6\nlane 1 worker Worker 3\n"
                             "lane 2 worker Worker 4\nusage 1 5 at 7\n"
                             "[0,30) 0@1 BEGIN 0 0 1@2 BEGIN 0 0 2@3 BEGIN 0 0 0@4 JOIN_WAIT 13 3"
                             " 0@5 JOIN_END 13 0 0@6 JOIN_WAIT 14 2 1@7 END 0 0\n"
                             "[30,50) 0@40 JOIN_END 14 2 0@41 JOIN_WAIT 14 0\n");
}

/* Also where many had it, one after the other, before the first was told of. */
static void
test_translates_many (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo other = fixture_lane (5, 1, 1);

  il_assembler_begin_lane (self->assembler, &other);
  fixture_say (self, &other, 1, IL_EVENT_LANE_BEGIN, 0, 0);
  for (guint i = 0; i < 4; i++)
    {
      IlTraceLaneInfo dead = fixture_lane (2, i + 1, 7 + i);

      il_assembler_begin_lane (self->assembler, &dead);
      fixture_say (self, &dead, 10 * (i + 1), IL_EVENT_LANE_BEGIN, 0, 0);
      il_assembler_end_lane (self->assembler, &dead, NULL, ORIGIN + 10 * (i + 1) + 2);
      fixture_say (self, &other, 10 * (i + 1) + 4, IL_EVENT_WORKER_LOST, 9, 2 + 1);
    }
  fixture_cut (self, 50);
  fixture_assert_told (self,
                       "lane 0 worker Worker 6\nlane 1 worker Worker 3\n"
                       "lane 2 worker Worker 3 (2)\nlane 3 worker Worker 3 (3)\n"
                       "lane 4 worker Worker 3 (4)\n"
                       "[0,50) 0@1 BEGIN 0 0 1@10 BEGIN 0 0 1@12 END 0 255 0@14 WORKER_LOST 9 2"
                       " 2@20 BEGIN 0 0 2@22 END 0 255 0@24 WORKER_LOST 9 3"
                       " 3@30 BEGIN 0 0 3@32 END 0 255 0@34 WORKER_LOST 9 4"
                       " 4@40 BEGIN 0 0 4@42 END 0 255 0@44 WORKER_LOST 9 5\n");
}

/* The number of a thread that is gone comes again. */
static void
test_tid_again (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo first = fixture_lane (0, 1, 7), second = fixture_lane (1, 1, 7);

  il_assembler_begin_lane (self->assembler, &first);
  fixture_say (self, &first, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_sched (self, IL_SCHED_IN, 1, 7, 0);
  fixture_say (self, &first, 8, IL_EVENT_LANE_END, 0, 0);
  fixture_end (self, &first, 15);
  fixture_sched (self, IL_SCHED_EXIT, 9, 7, 0);
  fixture_sched (self, IL_SCHED_IN, 31, 7, 1);
  il_assembler_begin_lane (self->assembler, &second);
  fixture_say (self, &second, 32, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_sched (self, IL_SCHED_OUT, 35, 7, 1);
  fixture_cut (self, 40);
  fixture_assert_told (self, "lane 0 worker Worker 1\n"
                             "usage 0 5 at 8\n"
                             "lane 1 worker Worker 2\n"
                             "[0,40) 0@1 IN 0 0 0@2 BEGIN 0 0 0@8 END 0 0 0@9 OUT 0 0"
                             " 1@31 IN 0 1 1@32 BEGIN 0 0 1@35 OUT 0 1\n");
}

/* The kernel does not say whose records it dropped. */
static void
test_scheduler_loss (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo here = fixture_lane (0, 1, 1), elsewhere = fixture_lane (1, 1, 2),
                  asleep = fixture_lane (2, 1, 3);
  IlAssemblerStats stats;

  il_assembler_begin_lane (self->assembler, &here);
  il_assembler_begin_lane (self->assembler, &elsewhere);
  il_assembler_begin_lane (self->assembler, &asleep);
  fixture_sched (self, IL_SCHED_IN, 1, 1, 0);
  fixture_sched (self, IL_SCHED_IN, 2, 2, 1);
  fixture_sched (self, IL_SCHED_LOST, 5, 0, 0);
  fixture_cut (self, 10);
  il_assembler_get_stats (self->assembler, &stats);
  g_assert_cmpuint (stats.n_sched_lost, ==, 7);
  fixture_assert_told (self,
                       "lane 0 worker Worker 1\nlane 1 worker Worker 2\nlane 2 worker Worker 3\n"
                       "[0,10) 0@1 IN 0 0 1@2 IN 0 1 0@5 SCHED_LOST 0 7 2@5 SCHED_LOST 0 7\n");
}

/* What comes after its time was cut is moved up and counted; what is older than the origin is
 * moved up and is not late; a stamp from the future is damage. */
static void
test_late_and_absurd (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);
  IlAssemblerStats stats;
  IlClockMap clock;
  IlEvent event = { .stamp = ORIGIN + 3600 * G_GUINT64_CONSTANT (1000000000),
                    .what = IL_EVENT_WHAT (IL_EVENT_IDLE, 0) };

  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, -50, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_cut (self, 20);
  fixture_say (self, &worker, 10, IL_EVENT_IDLE, 0, 0);
  fixture_say (self, &worker, 25, IL_EVENT_LOST, 0, 4);
  /* A writer's clock that steps back does not change the order of what it said. */
  fixture_say (self, &worker, 22, IL_EVENT_IDLE, 0, 0);
  il_clock_map_init (&clock, IL_CLOCK_MONOTONIC);
  clock.last.time_ns = ORIGIN + 29;
  il_assembler_add_events (self->assembler, &worker, &event, 1, &clock);
  event.what = IL_EVENT_WHAT (IL_N_EVENT_KINDS, 0);
  il_assembler_add_events (self->assembler, &worker, &event, 1, &clock);
  fixture_cut (self, 30);
  il_assembler_get_stats (self->assembler, &stats);
  g_assert_cmpuint (stats.n_late, ==, 1);
  g_assert_cmpint (stats.latest_ns, ==, 10);
  fixture_assert_told (self, "lane 0 worker Worker 1\n"
                             "[0,20) 0@0 BEGIN 0 0\n"
                             "[20,30) 0@20 IDLE 0 0 0@25 LOST 0 4 0@25 IDLE 0 0 0@29 IDLE 0 0\n");
}

static void
test_samples (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);
  IlProcSample sample = {
    .time_ns = ORIGIN + 10,
    .pid = 100,
    .tid = 7,
    .core = 1,
    .run_ns = 3499,
    .wait_ns = 3500,
    .name = "worker",
  };

  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  il_assembler_add_sample (self->assembler, &sample);
  sample.time_ns = ORIGIN + 20;
  sample.run_ns = G_MAXUINT64 / 2;
  il_assembler_add_sample (self->assembler, &sample);
  fixture_say (self, &worker, 25, IL_EVENT_LANE_END, 0, 0);
  sample.time_ns = ORIGIN + 26; /* it is still there, but it has said its last word */
  il_assembler_add_sample (self->assembler, &sample);
  fixture_cut (self, 30);
  fixture_assert_told (
      self, "lane 0 worker Worker 1\n"
            "[0,30) 0@2 BEGIN 0 0 0@10 SAMPLE 3 4 0@20 SAMPLE 16777215 4 0@25 END 0 0\n");
}

/* The end takes everything along, also who is still unknown. */
static void
test_finish (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo worker = fixture_lane (0, 1, 7);

  il_assembler_begin_lane (self->assembler, &worker);
  fixture_say (self, &worker, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_sched (self, IL_SCHED_IN, 6, 8, 0);
  fixture_cut (self, 5);
  il_assembler_finish (self->assembler, ORIGIN);
  fixture_assert_told (self, "lane 0 worker Worker 1\n"
                             "[0,5) 0@2 BEGIN 0 0\n"
                             "lane 1 thread 8\n"
                             "[5,7) 1@6 IN 0 0\n");
}

/* Who is found to be dead only after the last record has an end, and not before that record. */
static void
test_finish_dead (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo first = fixture_lane (0, 1, 7), second = fixture_lane (1, 2, 8),
                  alive = fixture_lane (2, 3, 9);

  il_assembler_begin_lane (self->assembler, &first);
  fixture_say (self, &first, 2, IL_EVENT_LANE_BEGIN, 0, 0);
  il_assembler_begin_lane (self->assembler, &second);
  fixture_say (self, &second, 3, IL_EVENT_LANE_BEGIN, 0, 0);
  il_assembler_begin_lane (self->assembler, &alive);
  fixture_say (self, &alive, 4, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &second, 8, IL_EVENT_IDLE, 0, 0);
  fixture_end (self, &first, 50);
  fixture_end (self, &second, 60);
  il_assembler_finish (self->assembler, ORIGIN);
  fixture_assert_told (
      self, "lane 0 worker Worker 1\nlane 1 worker Worker 2\nlane 2 worker Worker 3\n"
            "usage 0 5 at 2\nusage 1 5 at 8\n"
            "[0,10) 0@2 BEGIN 0 0 1@3 BEGIN 0 0 2@4 BEGIN 0 0 1@8 IDLE 0 0 0@9 END 0 255 "
            "1@9 END 0 255\n");
}

/* Thousands of short lives, with few lanes and numbers: nothing piles up, nothing is mixed up. */
/* Coroutines 3 and 4 are the first two of their title.  The second never gets its carrier: it is
 * ready from when it was made.  5 could not be made. */
static void
test_coroutines (Fixture *self, gconstpointer data)
{
  const IlTraceObjectInfo title
      = { .id = 3, .kind = IL_OBJECT_TITLE, .parameter = 2, .name = "Eater" };
  IlTraceLaneInfo carrier = fixture_lane (0, 1, 7), supervisor = fixture_lane (1, 1, 8);

  carrier.role = IL_ROLE_CARRIER;
  supervisor.role = IL_ROLE_SUPERVISOR;
  il_assembler_add_object (self->assembler, &title);
  il_assembler_begin_lane (self->assembler, &carrier);
  il_assembler_begin_lane (self->assembler, &supervisor);
  fixture_say (self, &carrier, 4, IL_EVENT_COROUTINE, 3, 3);
  fixture_say (self, &supervisor, 4, IL_EVENT_COROUTINE, 3, 3);
  fixture_say (self, &supervisor, 5, IL_EVENT_COROUTINE, 3, 4);
  fixture_say (self, &supervisor, 6, IL_EVENT_COROUTINE, 3, 5);
  fixture_say (self, &supervisor, 7, IL_EVENT_COROUTINE, 3, 5 | IL_EVENT_COROUTINE_ENDED);
  fixture_say (self, &supervisor, 8, IL_EVENT_IDLE, 0, 0);
  fixture_cut (self, 10);
  fixture_assert_told (self, "object 3 kind 12 Eater 2\n"
                             "lane 0 carrier Worker 1\n"
                             "lane 1 supervisor Worker 2\n"
                             "lane 2 worker Eater 1\n"
                             "lane 3 worker Eater 2\n"
                             "lane 4 worker Eater 3\n"
                             "[0,10) 0@4 COROUTINE 0 3 2@4 OUT 1 4294967295 2@4 IN 0 4294967295"
                             " 3@5 OUT 1 4294967295 4@6 OUT 1 4294967295 4@7 END 0 0"
                             " 4@7 OUT 0 4294967295 1@8 IDLE 0 0\n");
}

static void
test_many_lives (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 5000; i++)
    {
      IlTraceLaneInfo worker = fixture_lane (i % 3, i / 3 + 1, 1000 + (int)(i % 50));
      gint64 from_ns = i * 100;

      fixture_sched (self, IL_SCHED_IN, from_ns, worker.tid, i % 2);
      il_assembler_begin_lane (self->assembler, &worker);
      fixture_say (self, &worker, from_ns + 1, IL_EVENT_LANE_BEGIN, 0, 0);
      fixture_say (self, &worker, from_ns + 98, IL_EVENT_LANE_END, 0, i);
      fixture_end (self, &worker, from_ns + 99);
      fixture_sched (self, IL_SCHED_EXIT, from_ns + 99, worker.tid, i % 2);
      if (i % 7 == 0)
        fixture_cut (self, from_ns + 1);
    }
  il_assembler_finish (self->assembler, ORIGIN);
  g_assert_cmpuint (self->n_lanes, ==, 5000);
  g_assert_cmpuint (self->n_begun, ==, 5000);
  g_assert_cmpuint (self->n_ended, ==, 5000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("cores-and-objects", test_cores_and_objects, IL_SCHEDULER_EXACT);
  ADD ("merges-by-time", test_merges_by_time, IL_SCHEDULER_EXACT);
  ADD ("marks-stopped", test_marks_stopped, IL_SCHEDULER_EXACT);
  ADD ("marks-no-earlier-rest", test_marks_no_earlier_rest, IL_SCHEDULER_EXACT);
  ADD ("looks-at-one-of-a-process", test_looks_at_one_of_a_process, IL_SCHEDULER_EXACT);
  ADD ("samples-stopped", test_samples_stopped, IL_SCHEDULER_SAMPLED);
  ADD ("holds-unknown-back", test_holds_unknown_back, IL_SCHEDULER_EXACT);
  ADD ("handed-over", test_handed_over, IL_SCHEDULER_EXACT);
  ADD ("several-follow", test_several_follow, IL_SCHEDULER_EXACT);
  ADD ("several-follow/later", test_several_follow_later, IL_SCHEDULER_EXACT);
  ADD ("short-life", test_short_life, IL_SCHEDULER_EXACT);
  ADD ("killed/exact", test_killed_exact, IL_SCHEDULER_EXACT);
  ADD ("killed/program", test_killed_program, IL_SCHEDULER_EXACT);
  ADD ("killed/crashed-program", test_crashed_program, IL_SCHEDULER_EXACT);
  ADD ("killed/alone", test_killed_alone, IL_SCHEDULER_EXACT);
  ADD ("killed/sampled", test_killed_sampled, IL_SCHEDULER_SAMPLED);
  ADD ("translates-lanes", test_translates_lanes, IL_SCHEDULER_EXACT);
  ADD ("translates-many-lanes", test_translates_many, IL_SCHEDULER_EXACT);
  ADD ("translates-processes", test_translates_processes, IL_SCHEDULER_EXACT);
  ADD ("tid-again", test_tid_again, IL_SCHEDULER_EXACT);
  ADD ("scheduler-loss", test_scheduler_loss, IL_SCHEDULER_EXACT);
  ADD ("late-and-absurd", test_late_and_absurd, IL_SCHEDULER_EXACT);
  ADD ("samples", test_samples, IL_SCHEDULER_SAMPLED);
  ADD ("finish", test_finish, IL_SCHEDULER_EXACT);
  ADD ("finish/dead", test_finish_dead, IL_SCHEDULER_EXACT);
  ADD ("coroutines", test_coroutines, IL_SCHEDULER_EXACT);
  ADD ("many-lives", test_many_lives, IL_SCHEDULER_EXACT);
  return g_test_run ();
}
