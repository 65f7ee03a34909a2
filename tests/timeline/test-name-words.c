/* test-name-words.c - names made up for objects that have none are shown in the user's language
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline.h"

/* In the place of GLib's: a language that has two words only. */
const char *
g_dgettext (const char *domain, const char *text)
{
  if (g_str_equal (text, "Python lock"))
    return "Python-Sperre";
  return g_str_equal (text, "mutex") ? "Mutex" : text;
}

static void
test_shown (void)
{
  static const struct
  {
    const char *name, *shown;
    gboolean says_kind;
  } names[] = {
    { "Python lock", "Python-Sperre", TRUE },
    { "Python lock (3)", "Python-Sperre (3)", TRUE },
    { "Python lock 0x7f12", "Python-Sperre 0x7f12", TRUE },
    { "Python signal (4711, 2)", "Python signal (4711, 2)", TRUE },
    { "mutex 0x7f12", "Mutex 0x7f12", TRUE },
    { "object 0x7f12", "object 0x7f12", TRUE },
    { "mutex", "mutex", FALSE },
    { "mutex (2)", "mutex (2)", FALSE },
    { "Python locksmith", "Python locksmith", FALSE },
    { "account_a", "account_a", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_cmpstr (il_name_get_shown (names[i].name), ==, names[i].shown);
      g_assert_cmpint (il_name_says_kind (names[i].name), ==, names[i].says_kind);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/name-words/shown", test_shown);
  return g_test_run ();
}
