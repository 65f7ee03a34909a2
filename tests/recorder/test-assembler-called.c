/* test-assembler-called.c - what threads of programs that are not ours are called
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "assembler-fixture.h"

#include <string.h>

static void
tell (Fixture *self, IlSchedRecord record)
{
  record.time_ns += ORIGIN;
  il_assembler_add_sched (self->assembler, &record);
}

static void
name (Fixture *self, gint64 time_ns, int pid, int tid, const char *word, gboolean is_exec)
{
  IlSchedRecord record
      = { .time_ns = time_ns, .kind = IL_SCHED_COMM, .pid = pid, .tid = tid, .is_exec = is_exec };

  g_strlcpy (record.name, word, sizeof record.name);
  tell (self, record);
}

static void
make (Fixture *self, gint64 time_ns, int pid, int tid, int maker_pid)
{
  tell (self, (IlSchedRecord){ .time_ns = time_ns,
                               .kind = IL_SCHED_FORK,
                               .pid = pid,
                               .tid = tid,
                               .other_pid = maker_pid,
                               .other_tid = maker_pid });
}

static void
run (Fixture *self, gint64 time_ns, int pid, int tid)
{
  tell (self, (IlSchedRecord){ .time_ns = time_ns, .kind = IL_SCHED_IN, .pid = pid, .tid = tid });
}

/* Of lanes only what they are called. */
static void
assert_lanes (Fixture *self, const char *expected)
{
  g_auto (GStrv) lines = g_strsplit (self->told->str, "\n", -1);
  g_autoptr (GString) lanes = g_string_new (NULL);

  for (char **line = lines; *line; line++)
    if (g_str_has_prefix (*line, "lane "))
      g_string_append_printf (lanes, "%s\n", *line);
  g_assert_cmpstr (lanes->str, ==, expected);
  g_string_truncate (self->told, 0);
}

static void
set_up (Fixture *self, gconstpointer scheduler)
{
  fixture_set_up (self, scheduler);
  il_assembler_set_foreign (self->assembler, 0, TRUE);
}

/* Threads that nobody gave a name have that of who made them. */
static void
test_numbered (Fixture *self, gconstpointer data)
{
  name (self, 1 * MS, 10, 10, "xz", TRUE);
  run (self, 1 * MS, 10, 10);
  make (self, 2 * MS, 10, 11, 10);
  run (self, 2 * MS, 10, 11);
  make (self, 3 * MS, 10, 12, 10);
  name (self, 3 * MS, 10, 12, "reader", FALSE);
  run (self, 4 * MS, 10, 12);
  make (self, 5 * MS, 20, 20, 10);
  run (self, 5 * MS, 20, 20);
  fixture_cut (self, 100 * MS);
  fixture_cut (self, 400 * MS);
  assert_lanes (self, "lane 0 thread xz\nlane 1 thread xz 2\nlane 2 thread reader\n"
                      "lane 3 thread xz 3\n");
}

/* The number of who was called so for a moment only goes to the next. */
static void
test_number_given_back (Fixture *self, gconstpointer data)
{
  name (self, 1 * MS, 10, 10, "bash", TRUE);
  run (self, 1 * MS, 10, 10);
  make (self, 2 * MS, 20, 20, 10);
  run (self, 2 * MS, 20, 20);
  fixture_cut (self, 100 * MS);
  fixture_cut (self, 400 * MS);
  assert_lanes (self, "lane 0 thread bash\nlane 1 thread bash 2\n");
  name (self, 401 * MS, 20, 20, "sort", TRUE);
  make (self, 402 * MS, 30, 30, 10);
  run (self, 402 * MS, 30, 30);
  fixture_cut (self, 500 * MS);
  fixture_cut (self, 800 * MS);
  assert_lanes (self, "lane 1 is thread sort\nlane 2 thread bash 2\n");
}

/* Its number is the one of its place among all, also where others that were made before it were not
 * heard of before it had a lane, or are forgotten already. */
static void
test_numbered_by_birth (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo lane = fixture_lane (0, 1, 13);

  name (self, 1 * MS, 10, 10, "forty", TRUE);
  run (self, 1 * MS, 10, 10);
  lane.pid = 10;
  lane.role = IL_ROLE_THREAD;
  g_strlcpy (lane.name, "forty", sizeof lane.name);
  il_assembler_begin_lane (self->assembler, &lane);
  assert_lanes (self, "lane 0 thread forty\n");
  make (self, 4 * MS, 10, 13, 10);
  run (self, 4 * MS, 10, 13);
  make (self, 3 * MS, 10, 12, 10);
  run (self, 5 * MS, 10, 12);
  make (self, 2 * MS, 10, 14, 10);
  run (self, 6 * MS, 10, 14);
  tell (self, (IlSchedRecord){ .time_ns = 7 * MS, .kind = IL_SCHED_EXIT, .pid = 10, .tid = 12 });
  fixture_cut (self, 400 * MS);
  assert_lanes (self, "lane 1 thread forty\nlane 2 thread forty 3\nlane 3 thread forty 2\n"
                      "lane 0 is thread forty 4\n");
  make (self, 401 * MS, 10, 16, 10);
  run (self, 401 * MS, 10, 16);
  fixture_cut (self, 700 * MS);
  name (self, 701 * MS, 10, 14, "other", FALSE);
  fixture_cut (self, 800 * MS);
  assert_lanes (self, "lane 4 thread forty 5\nlane 3 is thread other\nlane 2 is thread forty 2\n"
                      "lane 0 is thread forty 3\nlane 4 is thread forty 4\n");
}

static IlTraceLaneInfo
claim (Fixture *self, guint index, int pid, int tid, const char *word)
{
  IlTraceLaneInfo lane = fixture_lane (index, 1, tid);

  lane.pid = pid;
  lane.role = IL_ROLE_THREAD;
  g_strlcpy (lane.name, word, sizeof lane.name);
  il_assembler_begin_lane (self->assembler, &lane);
  return lane;
}

/* When a thread was made is told, also if it claimed its lane under its own name before that was
 * known, and its naming, which changes nothing any more, is heard of right after it. */
static void
test_birth_of_named (Fixture *self, gconstpointer data)
{
  claim (self, 0, 10, 10, "main");
  claim (self, 1, 10, 12, "consumer");
  claim (self, 2, 10, 11, "producer");
  claim (self, 3, 10, 13, "consumer");
  g_assert_cmpuint (self->births[1], ==, 0);
  make (self, 1 * MS, 10, 10, 5);
  name (self, 2 * MS, 10, 10, "main", TRUE);
  make (self, 3 * MS, 10, 11, 10);
  name (self, 4 * MS, 10, 11, "producer", FALSE);
  make (self, 6 * MS, 10, 13, 10);
  name (self, 7 * MS, 10, 13, "consumer", FALSE);
  make (self, 5 * MS, 10, 12, 10);
  name (self, 8 * MS, 10, 12, "consumer", FALSE);
  fixture_cut (self, 400 * MS);
  g_assert_cmpuint (self->births[0], ==, 1 * MS);
  g_assert_cmpuint (self->births[1], ==, 5 * MS);
  g_assert_cmpuint (self->births[2], ==, 3 * MS);
  g_assert_cmpuint (self->births[3], ==, 6 * MS);
}

/* A lane that is heard of late, under the name from before its thread was named. */
static void
test_named_before_lane (Fixture *self, gconstpointer data)
{
  make (self, 1 * MS, 10, 10, 5);
  name (self, 1 * MS, 10, 10, "main", TRUE);
  make (self, 2 * MS, 10, 11, 10);
  name (self, 3 * MS, 10, 11, "reader", FALSE);
  claim (self, 0, 10, 10, "main");
  claim (self, 1, 10, 11, "main");
  fixture_cut (self, 400 * MS);
  assert_lanes (self, "lane 0 thread main\nlane 1 thread reader\n");
}

/* A name that is none to be seen tells nobody apart, be it there before the lane or not. */
static void
test_named_nothing (Fixture *self, gconstpointer data)
{
  make (self, 1 * MS, 10, 10, 5);
  name (self, 1 * MS, 10, 10, "main", TRUE);
  claim (self, 0, 10, 10, "main");
  make (self, 2 * MS, 10, 11, 10);
  name (self, 3 * MS, 10, 11, "", FALSE);
  claim (self, 1, 10, 11, "");
  make (self, 4 * MS, 10, 12, 10);
  claim (self, 2, 10, 12, "main");
  assert_lanes (self, "lane 0 thread main\nlane 1 thread 11\nlane 2 thread main 2\n");
  name (self, 5 * MS, 10, 12, " \t", FALSE);
  assert_lanes (self, "lane 2 is thread 12\n");
  name (self, 6 * MS, 10, 12, "", FALSE);
  name (self, 7 * MS, 10, 11, "reader", FALSE);
  assert_lanes (self, "lane 1 is thread reader\n");
}

/* What a thread was called while it lived is told also where its end was read before that. */
static void
test_named_after_end (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo lane;

  make (self, 1 * MS, 10, 10, 5);
  name (self, 1 * MS, 10, 10, "main", TRUE);
  claim (self, 0, 10, 10, "main");
  make (self, 2 * MS, 10, 11, 10);
  lane = claim (self, 1, 10, 11, "main");
  fixture_say (self, &lane, 3 * MS, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &lane, 9 * MS, IL_EVENT_LANE_END, 0, 0);
  name (self, 4 * MS, 10, 11, "reader", FALSE);
  name (self, 10 * MS, 10, 11, "other", FALSE);
  assert_lanes (self, "lane 0 thread main\nlane 1 thread main 2\nlane 1 is thread reader\n");
}

/* They are numbered as they stand: those of a process together, who was made first before it. */
static void
test_numbered_by_process (Fixture *self, gconstpointer data)
{
  name (self, 1 * MS, 10, 10, "pool", TRUE);
  run (self, 1 * MS, 10, 10);
  make (self, 3 * MS, 20, 21, 20);
  run (self, 3 * MS, 20, 21);
  make (self, 2 * MS, 20, 20, 10);
  run (self, 2 * MS, 20, 20);
  name (self, 3 * MS, 20, 21, "pool", FALSE);
  name (self, 3 * MS, 20, 20, "pool", FALSE);
  fixture_cut (self, 400 * MS);
  fixture_cut (self, 700 * MS);
  assert_lanes (self, "lane 0 thread pool\nlane 1 thread pool 3\nlane 2 thread pool 2\n");
  make (self, 701 * MS, 10, 11, 10);
  run (self, 701 * MS, 10, 11);
  name (self, 701 * MS, 10, 11, "pool", FALSE);
  fixture_cut (self, 900 * MS);
  fixture_cut (self, 1200 * MS);
  assert_lanes (self, "lane 3 thread pool 2\nlane 2 is thread pool 3\nlane 1 is thread pool 4\n");
}

/* Which were there before are in the order of the kernel's numbers, the first of the process
 * first, whichever is heard of first. */
static void
test_present (Fixture *self, gconstpointer data)
{
  static const int tids[] = { 30, 7, 22, 20 };

  for (guint i = 0; i < G_N_ELEMENTS (tids); i++)
    il_assembler_name_present (self->assembler, 20, tids[i], "mlong");
  for (guint i = 0; i < G_N_ELEMENTS (tids); i++)
    {
      const IlProcSample sample
          = { .time_ns = ORIGIN, .pid = 20, .tid = tids[i], .state = 'S', .name = "mlong" };

      il_assembler_add_present (self->assembler, &sample);
    }
  fixture_cut (self, 300 * MS);
  fixture_cut (self, 600 * MS);
  assert_lanes (self, "lane 0 thread mlong 4\nlane 1 thread mlong 2\nlane 2 thread mlong 3\n"
                      "lane 3 thread mlong\n");
}

/* A number right behind another would be read as one. */
static void
test_number_behind_number (Fixture *self, gconstpointer data)
{
  static const char *const names[][2] = { { "philosopher 1", "philosopher 1 (2)" },
                                          { "seller-0", "seller-0 (2)" },
                                          { "7", "7 (2)" },
                                          { "python3", "python3 2" } };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      int pid = 10 * ((int)i + 1);
      gint64 time_ns = (i * 1000 + 1) * MS;
      g_autofree char *expected = g_strdup_printf ("lane %u thread %s\nlane %u thread %s\n", 2 * i,
                                                   names[i][0], 2 * i + 1, names[i][1]);

      name (self, time_ns, pid, pid, names[i][0], TRUE);
      run (self, time_ns, pid, pid);
      make (self, time_ns, pid + 1, pid + 1, pid);
      run (self, time_ns + 1, pid + 1, pid + 1);
      fixture_cut (self, time_ns + 300 * MS);
      fixture_cut (self, time_ns + 600 * MS);
      assert_lanes (self, expected);
    }
}

/* It claims its lane before the scheduler's side tells of it, and says something long after it
 * began to run. */
static void
test_runs_from_its_begin (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo lane = fixture_lane (0, 1, 7);

  lane.role = IL_ROLE_THREAD;
  il_assembler_begin_lane (self->assembler, &lane);
  fixture_say (self, &lane, 9 * MS, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_sched (self, IL_SCHED_IN, 1 * MS, 7, 0);
  fixture_cut (self, 100 * MS);
  fixture_sched (self, IL_SCHED_OUT, 101 * MS, 7, 0);
  fixture_cut (self, 200 * MS);
  fixture_assert_told (self,
                       "lane 0 thread Worker 1\n"
                       "[0,100000000) 0@1000000 RUNS 0 0 0@1000000 IN 0 0 0@9000000 BEGIN 0 0\n"
                       "[100000000,200000000) 0@101000000 OUT 0 0\n");
}

/* It said so itself, and may wait for something when the scheduler's side first tells of it. */
static void
test_runs_by_its_word (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo lane = fixture_lane (0, 1, 7);

  lane.role = IL_ROLE_THREAD;
  il_assembler_begin_lane (self->assembler, &lane);
  fixture_say (self, &lane, 1 * MS, IL_EVENT_LANE_BEGIN, 0, 0);
  fixture_say (self, &lane, 2 * MS, IL_EVENT_RUNS, 0, 0);
  fixture_say (self, &lane, 3 * MS, IL_EVENT_JOIN_WAIT, 0, 0);
  fixture_sched (self, IL_SCHED_OUT, 4 * MS, 7, 0);
  fixture_cut (self, 100 * MS);
  fixture_sched (self, IL_SCHED_IN, 101 * MS, 7, 0);
  fixture_cut (self, 200 * MS);
  fixture_assert_told (self, "lane 0 thread Worker 1\n"
                             "[0,100000000) 0@1000000 BEGIN 0 0 0@2000000 RUNS 0 0"
                             " 0@3000000 JOIN_WAIT 0 0 0@4000000 OUT 0 0\n"
                             "[100000000,200000000) 0@101000000 IN 0 0\n");
}

/* Who was made by process 10 is gone when it is asked. */
static char *
complete (pid_t pid, const char *word, char **title, gpointer data)
{
  if (pid == 11)
    return NULL;
  *title = g_strdup_printf ("title of %d", (int)pid);
  return g_str_equal (word, "interpreter-loc") ? g_strdup ("interpreter-lock.py") : NULL;
}

static void
let_complete (Fixture *self, gconstpointer scheduler)
{
  IlAssemblerSink sink = self->sink;

  sink.full_name = complete;
  il_assembler_free (self->assembler);
  self->assembler
      = il_assembler_new (ORIGIN, (IlSchedulerSource)GPOINTER_TO_INT (scheduler), &sink, self);
  il_assembler_set_foreign (self->assembler, 0, TRUE);
}

/* A child that executed nothing is called as its parent, also where it claimed its lane before
 * anybody told who made it. */
static void
test_completed_of_child (Fixture *self, gconstpointer scheduler)
{
  IlTraceLaneInfo lane = fixture_lane (0, 1, 11);

  let_complete (self, scheduler);
  name (self, 1 * MS, 10, 10, "interpreter-loc", TRUE);
  run (self, 1 * MS, 10, 10);
  lane.pid = 11;
  lane.role = IL_ROLE_THREAD;
  g_strlcpy (lane.name, "interpreter-loc", sizeof lane.name);
  il_assembler_begin_lane (self->assembler, &lane);
  make (self, 2 * MS, 11, 11, 10);
  fixture_cut (self, 100 * MS);
  fixture_cut (self, 400 * MS);
  assert_lanes (self, "lane 0 thread interpreter-loc\nlane 0 is thread interpreter-lock.py\n"
                      "lane 1 thread interpreter-lock.py\n"
                      "lane 0 is thread interpreter-lock.py 2\n");
}

/* Who has the name of the process has it in full; others have their own, however long. */
static void
test_completed (Fixture *self, gconstpointer scheduler)
{
  let_complete (self, scheduler);
  name (self, 1 * MS, 10, 10, "interpreter-loc", TRUE);
  run (self, 1 * MS, 10, 10);
  make (self, 2 * MS, 10, 11, 10);
  run (self, 2 * MS, 10, 11);
  make (self, 3 * MS, 10, 12, 10);
  name (self, 3 * MS, 10, 12, "a-thread-of-its", FALSE);
  run (self, 4 * MS, 10, 12);
  fixture_cut (self, 100 * MS);
  fixture_cut (self, 400 * MS);
  assert_lanes (self, "lane 0 thread interpreter-lock.py\nlane 1 thread interpreter-lock.py 2\n"
                      "lane 2 thread a-thread-of-its\n");
}

/* It is there, and lacks a core, before it runs for the first time. */
static void
test_waits_from_its_birth (Fixture *self, gconstpointer scheduler)
{
  make (self, 2 * MS, 10, 11, 10);
  run (self, 9 * MS, 10, 11);
  fixture_cut (self, 300 * MS);
  fixture_assert_told (self, "lane 0 thread 11\n"
                             "[0,300000000) 0@2000000 OUT 4 4294967295 0@2000000 RUNS 0 0 "
                             "0@9000000 IN 0 0\n");
}

/* Another thread than the first executes a file, and goes on as the first, whose end is read late:
 * what both do is shown, as that of one. */
static void
test_executed_by_another (Fixture *self, gconstpointer scheduler)
{
  name (self, 1 * MS, 10, 10, "xz", TRUE);
  run (self, 1 * MS, 10, 10);
  name (self, 50 * MS, 10, 10, "sh", TRUE);
  run (self, 51 * MS, 10, 10);
  tell (self, (IlSchedRecord){ .time_ns = 49 * MS, .kind = IL_SCHED_EXIT, .pid = 10, .tid = 10 });
  run (self, 60 * MS, 10, 10);
  fixture_cut (self, 100 * MS);
  fixture_cut (self, 400 * MS);
  assert_lanes (self, "lane 0 thread sh\n");
  tell (self, (IlSchedRecord){ .time_ns = 410 * MS, .kind = IL_SCHED_EXIT, .pid = 10, .tid = 10 });
  fixture_cut (self, 700 * MS);
  fixture_assert_told (self, "[400000000,700000000) 0@410000000 OUT 0 0 0@410000000 END 0 254\n");
}

static void
tell_own_name (Fixture *self, IlTraceLaneInfo *lane, const char *own_name)
{
  g_strlcpy (lane->name, own_name, sizeof lane->name);
  lane->has_own_name = TRUE;
  il_assembler_note_own_name (self->assembler, lane);
}

/* The name that the program has for its thread goes before what the kernel says, earlier or later,
 * until the program tells the kernel another one. */
static void
test_own_name (Fixture *self, gconstpointer data)
{
  IlTraceLaneInfo lane = fixture_lane (0, 1, 11), named = fixture_lane (1, 1, 12);

  lane.role = named.role = IL_ROLE_THREAD;
  lane.pid = named.pid = 10;
  g_strlcpy (lane.name, "python3", sizeof lane.name);
  g_strlcpy (named.name, "cook", sizeof named.name);
  named.has_own_name = TRUE;
  name (self, 1 * MS, 10, 10, "python3", TRUE);
  run (self, 1 * MS, 10, 10);
  make (self, 2 * MS, 10, 11, 10);
  il_assembler_begin_lane (self->assembler, &lane);
  run (self, 3 * MS, 10, 11);
  make (self, 4 * MS, 10, 12, 10);
  il_assembler_begin_lane (self->assembler, &named);
  run (self, 5 * MS, 10, 12);
  tell_own_name (self, &lane, "eater");
  fixture_cut (self, 100 * MS);
  fixture_cut (self, 400 * MS);
  assert_lanes (self, "lane 0 thread python3\nlane 1 thread cook\nlane 0 is thread eater\n"
                      "lane 2 thread python3\n");
  name (self, 401 * MS, 10, 11, "of the kernel", FALSE);
  tell_own_name (self, &lane, "eater");
  fixture_cut (self, 500 * MS);
  assert_lanes (self, "");
  tell_own_name (self, &lane, "guest");
  assert_lanes (self, "lane 0 is thread guest\n");
  lane.has_own_name = FALSE;
  il_assembler_note_own_name (self->assembler, &lane);
  assert_lanes (self, "lane 0 is thread of the kernel\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD_FOREIGN(path, function)                                                                \
  g_test_add ("/assembler-called/" path, Fixture, GINT_TO_POINTER (IL_SCHEDULER_EXACT), set_up,    \
              function, fixture_tear_down)
  ADD_FOREIGN ("numbered", test_numbered);
  ADD_FOREIGN ("number-given-back", test_number_given_back);
  ADD_FOREIGN ("numbered-by-birth", test_numbered_by_birth);
  ADD_FOREIGN ("birth-of-named", test_birth_of_named);
  ADD_FOREIGN ("named-before-lane", test_named_before_lane);
  ADD_FOREIGN ("named-nothing", test_named_nothing);
  ADD_FOREIGN ("named-after-end", test_named_after_end);
  ADD_FOREIGN ("numbered-by-process", test_numbered_by_process);
  ADD_FOREIGN ("present", test_present);
  ADD_FOREIGN ("number-behind-number", test_number_behind_number);
  ADD_FOREIGN ("completed", test_completed);
  ADD_FOREIGN ("completed-of-child", test_completed_of_child);
  ADD_FOREIGN ("runs-from-its-begin", test_runs_from_its_begin);
  ADD_FOREIGN ("runs-by-its-word", test_runs_by_its_word);
  ADD_FOREIGN ("waits-from-its-birth", test_waits_from_its_birth);
  ADD_FOREIGN ("executed-by-another", test_executed_by_another);
  ADD_FOREIGN ("own-name", test_own_name);
  return g_test_run ();
}
