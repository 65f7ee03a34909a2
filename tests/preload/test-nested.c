/* test-nested.c - in which order locks are taken is told, also where nobody waits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "preload-fixture.h"

/* As the program says: each letter is followed by an address. */
static char
get_letter (const Run *run, guint64 address)
{
  g_auto (GStrv) words = g_strsplit_set (run->output, " \n", -1);

  for (guint i = 0; words[i] != NULL && words[i + 1] != NULL; i += 2)
    if (g_ascii_strtoull (words[i + 1], NULL, 16) == address)
      return words[i][0];
  return '?';
}

/* Letters of the locks, outermost first, of each event: "ab abc"; capital ones may be none, and
 * those in brackets the thread had before. */
static char *
get_orders (const Run *run, const CollectedLane *lane)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lane->events->len; i++)
    {
      const IlTraceObjectInfo *info;
      guint32 value = get_value (lane, i);
      char letter;

      if (IL_EVENT_KIND (collected_event (lane, i)->what) != IL_EVENT_LOCK_NESTED)
        continue;
      info = get_info (run, get_object (lane, i));
      g_assert_cmpint (info->kind, ==, IL_OBJECT_LOCK);
      letter = get_letter (run, info->address);
      if ((value & IL_EVENT_PERHAPS) != 0)
        letter = g_ascii_toupper (letter);
      g_string_append_printf (text, (value & IL_EVENT_EARLIER) != 0 ? "(%c)" : "%c", letter);
      if ((value & ~IL_EVENT_NESTED_FLAGS) == 0)
        g_string_append_c (text, ' ');
    }
  return g_strchomp (g_string_free (text, FALSE));
}

static void
test_nested (void)
{
  static const char *const expected[][2] = { { "usual", "ab abc" },
                                             { "opposite", "ba ac" },
                                             { "units", "au" },
                                             { "first", "(o)(i)" },
                                             { "guarded", "(G)(h)(j) (g)(h) (g)(h)(j)" },
                                             { "signalled", "ab" } };
  Run run;

  run_subject (&run, NULL, "nested", NULL);
  assert_ended_well (&run);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const CollectedLane *lane = get_lane (&run, expected[i][0], 0);
      g_autofree char *orders = get_orders (&run, lane);

      g_assert_cmpstr (orders, ==, expected[i][1]);
      /* To nest is all that makes them known. */
      g_assert_cmpuint (count_events (lane, IL_EVENT_LOCK_ACQUIRE), ==, 0);
      g_assert_cmpuint (count_events (lane, IL_EVENT_LOCK_QUIET), ==, 0);
    }
  g_assert_cmpuint (run.collection.objects->len, ==, 9);
  for (guint i = 0; i < run.collection.objects->len; i++)
    {
      const IlTraceObjectInfo *info = &g_array_index (run.collection.objects, IlTraceObjectInfo, i);

      if (info->parameter == IL_LOCK_BINARY)
        g_assert_cmpuint (count_acquisitions (&run, info->id), ==, 2);
      else
        g_assert_cmpuint (count_acquisitions (&run, info->id), >=, 101);
      g_assert_cmpuint (info->used.module, !=, 0);
      g_assert_cmpuint (info->callers[0].module, !=, 0);
    }
  run_clear (&run);
}

/* Who writes keeps others out. */
static void
test_writers (void)
{
  static const struct
  {
    const char *thread;
    guint n_turns; /* in which it made its order: in each that is said */
    IlObjectKind kinds[2];
  } expected[] = { { "around", 2, { IL_OBJECT_RWLOCK, IL_OBJECT_LOCK } },
                   { "within", 1, { IL_OBJECT_LOCK, IL_OBJECT_RWLOCK } } };
  Run run;

  run_subject (&run, NULL, "nested-writers", NULL);
  assert_ended_well (&run);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const CollectedLane *lane = get_lane (&run, expected[i].thread, 0);

      g_assert_cmpuint (count_events (lane, IL_EVENT_LOCK_NESTED), ==, 2 * expected[i].n_turns);
      for (guint j = 0; j < 2 * expected[i].n_turns; j++)
        {
          guint place = find_event (lane, 0, IL_EVENT_LOCK_NESTED, j);

          g_assert_cmpuint (get_value (lane, place), ==, 1 - j % 2);
          g_assert_cmpint (get_info (&run, get_object (lane, place))->kind, ==,
                           expected[i].kinds[j % 2]);
        }
    }
  g_assert_cmpuint (run.collection.objects->len, ==, 2);
  run_clear (&run);
}

static guint
count_ends_of_orders (const CollectedLane *lane, guint32 object)
{
  guint n = 0;

  for (guint i = 0; i < lane->events->len; i++)
    n += IL_EVENT_KIND (collected_event (lane, i)->what) == IL_EVENT_LOCK_NESTED
         && get_value (lane, i) == IL_EVENT_ANEW && get_object (lane, i) == object;
  return n;
}

/* Orders of locks that are destroyed are over before others lie there. */
static void
test_remade (void)
{
  Run run;

  run_subject (&run, NULL, "nested-remade", NULL);
  assert_ended_well (&run);
  g_assert_cmpuint (count_events (get_lane (&run, "first", 0), IL_EVENT_LOCK_NESTED), ==, 2);
  g_assert_cmpuint (count_events (get_lane (&run, "second", 0), IL_EVENT_LOCK_NESTED), ==, 2);
  g_assert_cmpuint (run.collection.objects->len, ==, 2);
  for (guint i = 0; i < run.collection.objects->len; i++)
    {
      const IlTraceObjectInfo *info = &g_array_index (run.collection.objects, IlTraceObjectInfo, i);

      g_assert_cmpuint (count_ends_of_orders (get_lane (&run, "maker", 0), info->id), ==, 2);
    }
  run_clear (&run);
}

/* As letters, of each event that says that a lock is another one than lay there. */
static char *
get_ends_of_orders (const Run *run, const CollectedLane *lane)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lane->events->len; i++)
    if (IL_EVENT_KIND (collected_event (lane, i)->what) == IL_EVENT_LOCK_NESTED
        && get_value (lane, i) == IL_EVENT_ANEW)
      g_string_append_c (text, get_letter (run, get_info (run, get_object (lane, i))->address));
  return g_string_free (text, FALSE);
}

/* … and such as no call makes, before anything is said of those that lie there now. */
static void
test_reused (void)
{
  static const char *const expected[][3]
      = { { "first", "", "ab" },    { "writes", "", "cd" },     { "again", "", "" },
          { "second", "ba", "ba" }, { "rewrites", "dc", "dc" }, { "waits", "ab", "ab" } };
  Run run;

  run_subject (&run, NULL, "nested-reused", NULL);
  assert_ended_well (&run);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const CollectedLane *lane = get_lane (&run, expected[i][0], 0);
      g_autofree char *ends = get_ends_of_orders (&run, lane);

      g_assert_cmpstr (ends, ==, expected[i][1]);
      for (guint j = 0; j < strlen (expected[i][2]); j++)
        {
          guint place = find_event (lane, 0, IL_EVENT_LOCK_NESTED, (guint)strlen (ends) + j);
          guint64 address = get_info (&run, get_object (lane, place))->address;

          g_assert_cmpuint (get_value (lane, place), ==, 1 - j);
          g_assert_cmpint (get_letter (&run, address), ==, expected[i][2][j]);
        }
    }
  g_assert_cmpuint (run.collection.objects->len, ==, 4);
  run_clear (&run);
}

/* In the locks nothing is written but the mark, nor that where somebody else may look. */
static void
test_marks (void)
{
#if defined(__x86_64__) && defined(__LP64__)
  const char *expected = "plain 20 21\nrecursive 20 21\nchecking 20 21\nadaptive\nshared\nrobust\n"
                         "inherit\nown 40 41\ncommon\n";
#else
  const char *expected = "plain\nrecursive\nchecking\nadaptive\nshared\nrobust\ninherit\nown\n"
                         "common\n";
#endif
  Run run;

  run_subject (&run, NULL, "marks", NULL);
  assert_ended_well (&run);
  g_assert_cmpstr (run.output, ==, expected);
  run_clear (&run);
}

/* It is known of a lock that nobody has waited for which kind it is. */
static void
test_kinds (void)
{
  Run run;

  run_subject (&run, NULL, "nested-kinds", NULL);
  assert_ended_well (&run);
  g_assert_cmpuint (run.collection.objects->len, ==, 3);
  for (guint i = 0; i < run.collection.objects->len; i++)
    {
      const IlTraceObjectInfo *info = &g_array_index (run.collection.objects, IlTraceObjectInfo, i);
      char letter = get_letter (&run, info->address);

      g_assert_cmpuint (info->parameter, ==,
                        letter == 'r'   ? IL_LOCK_RECURSIVE
                        : letter == 'c' ? IL_LOCK_CHECKING
                                        : IL_LOCK_PLAIN);
    }
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preload/nested", test_nested);
  g_test_add_func ("/preload/nested/kinds", test_kinds);
  g_test_add_func ("/preload/nested/marks", test_marks);
  g_test_add_func ("/preload/nested/remade", test_remade);
  g_test_add_func ("/preload/nested/reused", test_reused);
  g_test_add_func ("/preload/nested/writers", test_writers);
  return g_test_run ();
}
