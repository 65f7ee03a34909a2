/* test-calls.c - waits for input, output and processes are told as they were
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "preload-fixture.h"

#include <sys/wait.h>

/* The calls of the lane that are told, each of which has an end right behind it. */
static void
get_calls (const CollectedLane *lane, GArray *calls)
{
  for (guint i = 0; i < lane->events->len; i++)
    {
      guint32 call = get_value (lane, i);

      if (IL_EVENT_KIND (collected_event (lane, i)->what) != IL_EVENT_IO_BEGIN)
        continue;
      g_array_append_val (calls, call);
      g_assert_cmpuint (IL_EVENT_KIND (collected_event (lane, i + 1)->what), ==, IL_EVENT_IO_END);
    }
}

static void
test_io (void)
{
  static const guint32 expected[] = {
    IL_CALL_READ,    IL_CALL_READ,    IL_CALL_RECEIVE, IL_CALL_RECEIVE, IL_CALL_RECEIVE,
    IL_CALL_POLL,    IL_CALL_RECEIVE, /* of the byte that was sent */
    IL_CALL_POLL,    IL_CALL_RECEIVE, IL_CALL_SELECT,  IL_CALL_RECEIVE, IL_CALL_SELECT,
    IL_CALL_RECEIVE, IL_CALL_EPOLL,   IL_CALL_RECEIVE, IL_CALL_EPOLL,   IL_CALL_RECEIVE,
    IL_CALL_READ,    IL_CALL_READ,    IL_CALL_READ, /* by streams */
    IL_CALL_READ,                                   /* that is refused */
  };
  g_autoptr (GArray) calls = g_array_new (FALSE, FALSE, sizeof (guint32));
  CollectedLane *lane;
  Run run;

  run_subject (&run, NULL, "io", NULL);
  assert_ended_well (&run);
  lane = get_lane (&run, "waiter", 0);
  get_calls (lane, calls);
  g_assert_cmpmem (calls->data, calls->len * sizeof (guint32), expected, sizeof expected);
  /* Those that wait for no descriptor. */
  g_assert_cmpuint (count_events (lane, IL_EVENT_SLEEP_BEGIN), ==, 4);
  g_assert_cmpuint (count_events (lane, IL_EVENT_SLEEP_END), ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint (get_value (lane, find_event (lane, 0, IL_EVENT_SLEEP_BEGIN, i)), ==, 1000);
  run_clear (&run);
}

/* What the C library writes by itself; not what it only keeps. */
static void
test_output (void)
{
  g_autoptr (GArray) calls = g_array_new (FALSE, FALSE, sizeof (guint32));
  Run run;

  run_subject (&run, NULL, "output", NULL);
  assert_ended_well (&run);
  get_calls (get_lane (&run, "writer", 0), calls);
  g_assert_cmpuint (calls->len, ==, 11);
  for (guint i = 0; i < calls->len; i++)
    g_assert_cmpuint (g_array_index (calls, guint32, i), ==, IL_CALL_WRITE);
  run_clear (&run);
}

static void
test_storm (void)
{
  CollectedLane *lane;
  gboolean has_found = FALSE;
  guint n_calls;
  Run run;

  run_subject (&run, NULL, "io-storm", NULL);
  assert_ended_well (&run);
  lane = get_lane (&run, "waiter", 0);
  n_calls = count_events (lane, IL_EVENT_IO_BEGIN);
  g_assert_cmpuint (n_calls, >, 0);
  /* Those that do not wait are told but so often between two looks of the reader. */
  g_assert_cmpuint (n_calls, <=, 64 * run.n_looks);
  for (guint i = 0; i < n_calls && !has_found; i++)
    {
      guint place = find_event (lane, 0, IL_EVENT_IO_BEGIN, i);

      has_found = get_time (&run, lane, place) >= get_mark (&run, "before read") - SLACK_NS
                  && get_time (&run, lane, place + 1) <= get_mark (&run, "after read") + SLACK_NS
                  && get_time (&run, lane, place + 1) - get_time (&run, lane, place) > 1000000;
    }
  g_assert_true (has_found);
  run_clear (&run);
}

static void
test_switched_off (void)
{
  const char *const environment[] = { "INTERLEAVE_IO=0", NULL };
  const RunOptions options = { .environment = environment };
  Run run;

  run_subject (&run, &options, "io", NULL);
  assert_ended_well (&run);
  g_assert_cmpuint (count_events (get_lane (&run, "waiter", 0), IL_EVENT_IO_BEGIN), ==, 0);
  g_assert_cmpuint (count_events (get_lane (&run, "waker", 0), IL_EVENT_IO_BEGIN), ==, 0);
  g_assert_cmpuint (count_events (get_lane (&run, "waker", 0), IL_EVENT_SLEEP_BEGIN), >, 0);
  run_clear (&run);
}

static void
test_server (void)
{
  const guint32 expected[] = { IL_CALL_ACCEPT, IL_CALL_READ }, connects[] = { IL_CALL_CONNECT };
  g_autoptr (GArray) calls = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) of_client = g_array_new (FALSE, FALSE, sizeof (guint32));
  Run run;

  run_subject (&run, NULL, "server", NULL);
  assert_ended_well (&run);
  get_calls (get_lane (&run, "server", 0), calls);
  g_assert_cmpmem (calls->data, calls->len * sizeof (guint32), expected, sizeof expected);
  get_calls (get_lane (&run, "client", 0), of_client);
  g_assert_cmpmem (of_client->data, of_client->len * sizeof (guint32), connects, sizeof connects);
  run_clear (&run);
}

/* posix_spawn() and the wait for that; vfork(), and at most one wait for its child, which may have
 * ended already; again, with waitid(); again, with wait() for any; system(); posix_spawn() of
 * nothing. */
static void
test_processes (void)
{
  guint n, in_child, n_told = 0, n_of_any = 0;
  CollectedLane *lane;
  Run run;

  run_subject (&run, NULL, "processes", NULL);
  assert_ended_well (&run);
  lane = get_lane (&run, "parent", 0);
  g_assert_cmpuint (count_lanes (&run, "parent"), ==, 1);
  n = count_events (lane, IL_EVENT_JOIN_WAIT);
  g_assert_cmpuint (n, >=, 8);
  g_assert_cmpuint (n, <=, 10);
  g_assert_cmpuint (count_events (lane, IL_EVENT_JOIN_END), ==, n);
  for (guint i = 0; i < n; i++)
    {
      guint begin = find_event (lane, 0, IL_EVENT_JOIN_WAIT, i);
      guint end = find_event (lane, 0, IL_EVENT_JOIN_END, i);

      g_assert_cmpuint (get_object (lane, begin), ==, IL_CALL_PROCESS);
      if (get_value (lane, begin) != 0)
        g_assert_cmpuint (get_value (lane, end), ==, get_value (lane, begin));
      n_told += get_value (lane, begin) != 0;
      n_of_any += get_value (lane, begin) == 0 && get_value (lane, end) != 0;
    }
  g_assert_cmpuint (n_told, >=, 2);
  g_assert_cmpuint (n_told, <=, 3);
  g_assert_cmpuint (n_of_any, ==, 1);
  /* The child wrote, and ended; this one lives, and writes at its end. */
  g_assert_cmpuint (count_events (lane, IL_EVENT_IO_BEGIN), ==, 1);
  g_assert_cmpuint (find_event (lane, 0, IL_EVENT_IO_BEGIN, 0), >,
                    find_event (lane, 0, IL_EVENT_SLEEP_BEGIN, 0));
  in_child = find_event (lane, 0, IL_EVENT_LANE_END, 0);
  g_assert_cmpuint (in_child, ==, lane->events->len - 1);
  g_assert_cmpuint (count_events (lane, IL_EVENT_SLEEP_BEGIN), ==, 1);
  run_clear (&run);
}

static void
test_end (gconstpointer how)
{
  const CollectedLane *lane;
  Run run;

  run_subject (&run, NULL, "end", how, NULL);
  g_assert_cmpint (WEXITSTATUS (run.status), ==, 5);
  g_assert_cmpuint (run.collection.lanes->len, ==, 1);
  lane = get_lane (&run, "renamed", 0);
  g_assert_cmpuint (get_value (lane, find_event (lane, 0, IL_EVENT_LANE_END, 0)), ==, 5);
  run_clear (&run);
}

/* The thread of that name of the process that forks. */
static guint32
get_forker_plus_1 (Run *run, const char *name)
{
  gint32 pid = get_lane (run, "subject", 0)->info.pid;

  for (guint i = 0; i < run->collection.lanes->len; i++)
    {
      const CollectedLane *lane = g_ptr_array_index (run->collection.lanes, i);

      if (lane->info.pid == pid && g_str_equal (lane->info.name, name))
        return lane->info.index + 1;
    }
  g_error ("There is no such thread: %s", name);
}

/* Each child begins in a lane of its own, and knows the thread that made it, whatever others did
 * meanwhile. */
static void
test_forks (void)
{
  guint n_children[2] = { 0 };
  Run run;

  run_subject (&run, NULL, "forks", NULL);
  assert_ended_well (&run);
  for (guint i = 0; i < run.collection.lanes->len; i++)
    {
      const CollectedLane *lane = g_ptr_array_index (run.collection.lanes, i);
      guint32 creator = lane->info.creator_plus_1;

      if (lane->info.pid == get_lane (&run, "subject", 0)->info.pid)
        continue;
      g_assert_cmpuint (creator, !=, 0);
      n_children[0]
          += g_str_equal (lane->info.name, "first") && creator == get_forker_plus_1 (&run, "first");
      n_children[1] += g_str_equal (lane->info.name, "second")
                       && creator == get_forker_plus_1 (&run, "second");
      g_assert_cmpuint (count_events (lane, IL_EVENT_LANE_END), ==, 1);
      g_assert_cmpuint (count_events (lane, IL_EVENT_JOIN_WAIT), ==, 0);
    }
  g_assert_cmpuint (n_children[0], ==, 20);
  g_assert_cmpuint (n_children[1], ==, 20);
  run_clear (&run);
}

/* How many signals the process has handlers for: as it begins, with each that is new, and in a
 * child that has its parent's. */
static void
test_handlers (void)
{
  const CollectedLane *lane, *child;
  Run run;

  run_subject (&run, NULL, "set-handlers", NULL);
  assert_ended_well (&run);
  lane = get_lane (&run, "subject", 0);
  child = get_lane (&run, "child", 0);
  g_assert_cmpuint (count_events (lane, IL_EVENT_SIGNALS), ==, 3);
  g_assert_cmpuint (count_events (child, IL_EVENT_SIGNALS), ==, 1);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (get_value (lane, find_event (lane, 0, IL_EVENT_SIGNALS, i)), ==, i);
  assert_between (&run, get_time (&run, lane, find_event (lane, 0, IL_EVENT_SIGNALS, 1)),
                  "none yet", "one");
  g_assert_cmpuint (get_value (child, find_event (child, 0, IL_EVENT_SIGNALS, 0)), ==, 2);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preload/calls/io", test_io);
  g_test_add_func ("/preload/calls/output", test_output);
  g_test_add_func ("/preload/calls/storm", test_storm);
  g_test_add_func ("/preload/calls/switched-off", test_switched_off);
  g_test_add_func ("/preload/calls/server", test_server);
  g_test_add_func ("/preload/calls/processes", test_processes);
  g_test_add_func ("/preload/calls/forks", test_forks);
  g_test_add_data_func ("/preload/calls/exit", "exit", test_end);
  g_test_add_data_func ("/preload/calls/quick-exit", "quick_exit", test_end);
  g_test_add_data_func ("/preload/calls/_exit", "_exit", test_end);
  g_test_add_data_func ("/preload/calls/_Exit", "_Exit", test_end);
  g_test_add_func ("/preload/calls/handlers", test_handlers);
  return g_test_run ();
}
