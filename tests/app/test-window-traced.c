/* test-window-traced.c - the window shows what programs do with their locks, and says what is wrong
 *
 * Needs a display, the runner, the library that sees locks, and Python as Debian has it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "program-window.h"
#include "shown.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define PYTHON "/usr/bin/python3 -c \"import threading, time\n"

static IlTimeline *
get_timeline (ProgramWindow *fixture)
{
  return il_session_get_timeline (fixture->window->session);
}

/* The first lane of that kind whose name begins so; NULL: there is none. */
static const IlLane *
find_lane (ProgramWindow *fixture, IlLaneKind kind, const char *prefix)
{
  IlTimeline *timeline = get_timeline (fixture);

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);
      const IlLaneInfo *info = il_lane_get_info (lane);

      if (info->kind == kind && g_str_has_prefix (info->name, prefix))
        return lane;
    }

  return NULL;
}

/* As set of all names of threads, of which none may be there twice. */
static GHashTable *
list_threads (ProgramWindow *fixture)
{
  IlTimeline *timeline = get_timeline (fixture);
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (timeline, i));

      if (info->kind == IL_LANE_THREAD)
        g_assert_true (g_hash_table_add (names, g_strdup (info->name)));
    }

  return names;
}

/* The first, and so many and no more that the program calls workers. */
static void
assert_python_threads (GHashTable *threads, guint n)
{
  g_assert_true (g_hash_table_contains (threads, "python3"));
  for (guint i = 1; i <= n + 1; i++)
    {
      g_autofree char *name = g_strdup_printf ("worker-%u", i);

      g_assert_cmpint (g_hash_table_contains (threads, name), ==, i <= n);
    }
}

/* --- what is seen --- */

static void
test_interpreter_lock_is_shown (ProgramWindow *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) threads = NULL;
  g_autofree char *name = NULL;
  const IlLane *lock;

  program_window_trace (fixture,
                        PYTHON "def work():\n"
                               " while time.thread_time() < 0.1: pass\n"
                               "threads = [threading.Thread(target=work, name='worker-' + i)"
                               " for i in '12']\n"
                               "for thread in threads: thread.start()\n\"");
  program_window_wait_until_ended (fixture);

  lock = find_lane (fixture, IL_LANE_LOCK, "Python GIL (");
  g_assert_nonnull (lock);
  name = g_strdup_printf ("Python GIL (%d)",
                          il_lane_get_info (find_lane (fixture, IL_LANE_THREAD, "python3"))->pid);
  g_assert_cmpstr (il_lane_get_info (lock)->name, ==, name);
  threads = list_threads (fixture);
  assert_python_threads (threads, 2);
}

/* While it is still stuck; and who is in it can be told apart. */
static void
test_deadlock_is_told (ProgramWindow *fixture, gconstpointer data)
{
  GtkWidget *banner;

  program_window_trace (fixture, PYTHON
                        "a, b, both = threading.Lock(), threading.Lock(), threading.Barrier(2)\n"
                        "def use(first, second):\n"
                        " with first:\n"
                        "  both.wait()\n"
                        "  second.acquire()\n"
                        "threading.Thread(target=use, args=(a, b), name='other').start()\n"
                        "use(b, a)\n\"");
  while (!(banner = program_window_find_banner (fixture, "Deadlock")))
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (strstr (gtk_label_get_label (GTK_LABEL (banner)), "other"));
  g_assert_nonnull (strstr (gtk_label_get_label (GTK_LABEL (banner)), " wait for each other"));
  g_assert_true (il_window_is_running (fixture->window));

  il_window_stop_run (fixture->window);
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find_toast (fixture, "The program was stopped"));
  while (!program_window_find (fixture->window, GTK_TYPE_LABEL, "in the same order"))
    g_main_context_iteration (NULL, TRUE);
}

/* A circle that a third thread opens is never taken for one that nobody will. */
static void
test_circle_is_opened (ProgramWindow *fixture, gconstpointer data)
{
  program_window_trace (fixture, PYTHON
                        "a, b, all = threading.Lock(), threading.Lock(), threading.Barrier(3)\n"
                        "def use(first, second):\n"
                        " first.acquire()\n"
                        " all.wait()\n"
                        " second.acquire()\n"
                        " b.release()\n"
                        "for locks in ((a, b), (b, a)):\n"
                        " threading.Thread(target=use, args=locks).start()\n"
                        "all.wait()\n"
                        "time.sleep(1)\n"
                        "a.release()\n\"");
  while (il_window_is_running (fixture->window))
    {
      g_assert_null (program_window_find_banner (fixture, "Deadlock"));
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_nonnull (program_window_find_toast (fixture, "The program ended with status 0"));
}

/* What keeps the program from going on is called by its own name. */
static void
test_abandoned_lock_is_told (ProgramWindow *fixture, gconstpointer data)
{
  program_window_trace (fixture, PYTHON
                        "import ctypes\n"
                        "c, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64)\n"
                        "thread = threading.Thread(target=c.pthread_mutex_lock, args=(mutex,))\n"
                        "thread.start(); thread.join()\n"
                        "c.pthread_mutex_lock(mutex)\n\"");
  while (!program_window_find_banner (fixture, "Abandoned lock: who has it has ended"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (program_window_find_banner (fixture, "Deadlock"));
  il_window_stop_run (fixture->window);
  program_window_wait_until_ended (fixture);
}

/* Of many at once, each is somebody. */
static void
test_many_threads (ProgramWindow *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) threads = NULL;

  program_window_trace (
      fixture, PYTHON
      "go = threading.Barrier(200)\n"
      "for i in range(199): threading.Thread(target=go.wait, name=f'worker-{i + 1}').start()\n"
      "go.wait()\n\"");
  program_window_wait_until_ended (fixture);
  threads = list_threads (fixture);
  assert_python_threads (threads, 199);
}

static void
test_many_processes (ProgramWindow *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) threads = NULL;

  program_window_trace (
      fixture, "sh -c 'i=0; while [ $i -lt 100 ]; do sleep 0.01 & i=$((i+1)); done; wait'");
  program_window_wait_until_ended (fixture);
  threads = list_threads (fixture);
  g_assert_cmpuint (g_hash_table_size (threads), >=, 101);
}

/* --- how it ends --- */

/* What was short is seen as a whole; who looks at something else is left there. */
static void
test_own_end_is_seen_whole (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  gint64 begin_ns;

  program_window_trace (fixture, "sleep 0.8");
  program_window_wait_until_ended (fixture);
  g_assert_cmpint (il_view_state_get_range_begin (window->view_state), <=, 0);
  g_assert_cmpint (il_view_state_get_range_end (window->view_state), >=,
                   il_timeline_get_end (get_timeline (fixture)));

  program_window_trace (fixture, "sleep 0.8");
  while (il_timeline_get_end (get_timeline (fixture)) < 100 * MS)
    g_main_context_iteration (NULL, TRUE);
  il_view_state_show (window->view_state, 10 * MS, 20 * MS);
  begin_ns = il_view_state_get_range_begin (window->view_state);
  program_window_wait_until_ended (fixture);
  g_assert_cmpint (il_view_state_get_mode (window->view_state), ==, IL_VIEW_FREE);
  g_assert_cmpint (il_view_state_get_range_begin (window->view_state), ==, begin_ns);
}

/* A deadlock ends in no other way: what led to it is seen then. */
static void
test_stopped_is_seen_whole (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;

  program_window_trace (fixture, "sleep 60");
  while (il_view_state_get_range_begin (window->view_state) <= 0)
    g_main_context_iteration (NULL, TRUE);
  il_window_stop_run (window);
  program_window_wait_until_ended (fixture);
  g_assert_cmpint (il_view_state_get_range_begin (window->view_state), <=, 0);
  g_assert_cmpint (il_view_state_get_range_end (window->view_state), >=,
                   il_timeline_get_end (get_timeline (fixture)));
}

/* Who does not end when asked to is killed. */
static void
test_stop_takes_all (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  const char *line;
  int child;

  program_window_trace (
      fixture, "sh -c 'trap \"\" TERM; (while :; do sleep 1; done) & echo $!; wait; wait'");
  while (!*(line = il_output_pane_get_last_line (window->output)))
    g_main_context_iteration (NULL, TRUE);
  child = atoi (line);
  g_assert_cmpint (child, >, 0);
  il_window_stop_run (window);
  /* However many seconds are left when we look. */
  while (!program_window_find_banner (fixture, " s left, then it is killed."))
    g_main_context_iteration (NULL, TRUE);
  program_window_wait_until_ended (fixture);
  g_assert_null (program_window_find_banner (fixture, "left, then it is killed"));
  g_assert_nonnull (program_window_find_banner (fixture, "had to be killed (SIGKILL)."));
  g_assert_cmpint (kill (child, 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
}

/* Of several threads the one that did not wait for the other, once that does. */
static void
test_crash_says_which_thread (ProgramWindow *fixture, gconstpointer data)
{
  program_window_trace (fixture,
                        PYTHON "import ctypes\n"
                               "def crash():\n"
                               " while open('/proc/self/stat').read().rpartition(')')[2][1]"
                               " != 'S':\n"
                               "  time.sleep(0.01)\n"
                               " time.sleep(0.3)\n"
                               " ctypes.string_at(8)\n"
                               "thread = threading.Thread(target=crash, name='crasher')\n"
                               "thread.start()\n"
                               "thread.join()\n\"");
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find_banner (fixture, "SIGSEGV (11)"));
  g_assert_nonnull (program_window_find_banner (fixture, "It crashed in thread crasher."));
}

/* --- a recording of anybody --- */

static void
assert_harmless (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_visible (widget))
    {
      const char *text = gtk_label_get_label (GTK_LABEL (widget));

      g_assert_null (strstr (text, "\342\200\256"));
      g_assert_null (strstr (text, "\033"));
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    assert_harmless (child);
}

/* It is shown as what it is, whole, and nothing runs without a word of the user's. */
static void
test_hostile_command (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  GtkWidget *dialog;

  program_window_trace (fixture, "sh -c 'true \n\033[2J <b>\342\200\256&amp;</b>     '");
  program_window_wait_until_ended (fixture);
  program_window_reopen (fixture);
  g_assert_false (il_window_is_running (window));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run", NULL);
  g_assert_false (il_window_is_running (window));
  dialog = program_window_find_window (ADW_TYPE_MESSAGE_DIALOG);
  g_assert_nonnull (program_window_find (dialog, GTK_TYPE_LABEL,
                                         "sh -c 'true \\n\\x1b[2J <b>\\u202e&amp;</b>␣␣␣␣␣'"));
  assert_harmless (dialog);
  assert_harmless (GTK_WIDGET (window));
  program_window_answer ("cancel");
  g_assert_false (il_window_is_running (window));
}

/* What cannot be shown as a whole cannot be agreed to. */
static void
test_endless_command (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  g_autofree char *word = g_strnfill (40000, 'x');
  g_autofree char *command = g_strconcat ("true ", word, NULL);

  program_window_trace (fixture, command);
  program_window_wait_until_ended (fixture);
  program_window_reopen (fixture);
  g_assert_cmpuint (strlen (adw_window_title_get_subtitle (window->title)), <, 1000);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run", NULL);
  g_assert_null (program_window_find_window (ADW_TYPE_MESSAGE_DIALOG));
  g_assert_nonnull (program_window_find_banner (fixture, "too long to be shown"));
  g_assert_false (il_window_is_running (window));
}

#define ADD(path, function)                                                                        \
  g_test_add ("/window-traced/" path, ProgramWindow, NULL, program_window_set_up, function,        \
              program_window_tear_down)

int
main (int argc, char **argv)
{
  shown_init (&argc, &argv);
  ADD ("interpreter-lock-is-shown", test_interpreter_lock_is_shown);
  ADD ("deadlock-is-told", test_deadlock_is_told);
  ADD ("abandoned-lock-is-told", test_abandoned_lock_is_told);
  ADD ("circle-is-opened", test_circle_is_opened);
  ADD ("many-threads", test_many_threads);
  ADD ("many-processes", test_many_processes);
  ADD ("own-end-is-seen-whole", test_own_end_is_seen_whole);
  ADD ("stopped-is-seen-whole", test_stopped_is_seen_whole);
  ADD ("stop-takes-all", test_stop_takes_all);
  ADD ("crash-says-which-thread", test_crash_says_which_thread);
  ADD ("hostile-command", test_hostile_command);
  ADD ("endless-command", test_endless_command);
  return g_test_run ();
}
