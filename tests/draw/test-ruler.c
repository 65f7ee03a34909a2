/* test-ruler.c - ticks are round, neither crowded nor sparse, and within the range
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-ruler.h"

#define SECOND G_GINT64_CONSTANT (1000000000)
#define DAY (86400 * SECOND)

static void
test_steps (void)
{
  static const struct
  {
    gint64 begin_ns, end_ns;
    double width;
    gint64 step_ns;
    gint64 first_ns;
    guint n_ticks;
  } cases[] = {
    { 11400000000, 12400000000, 884, 100000000, 11400000000, 11 },
    { 0, 10000000, 1000, 1000000, 0, 11 },
    { 0, 60 * SECOND, 1000, 5 * SECOND, 0, 13 },
    { 0, 3600 * SECOND, 1000, 300 * SECOND, 0, 13 },
    { 0, 10 * DAY, 1000, DAY, 0, 11 },
    { 5, 6, 1000, 1, 5, 2 },
    { -SECOND, SECOND, 1000, 200000000, 0, 6 },
    { -950000000, -850000000, 500, 20000000, 0, 0 },
    { 1, SECOND, 100, SECOND, SECOND, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      IlRuler ruler;

      il_ruler_init (&ruler, cases[i].begin_ns, cases[i].end_ns, cases[i].width);
      g_assert_cmpint (ruler.step_ns, ==, cases[i].step_ns);
      g_assert_cmpint (ruler.first_ns, ==, cases[i].first_ns);
      g_assert_cmpuint (ruler.n_ticks, ==, cases[i].n_ticks);
    }
}

/* For all lengths from a nanosecond to years. */
static void
test_never_crowded (void)
{
  for (gint64 range_ns = 1; range_ns < G_MAXINT64 / 8; range_ns = range_ns * 5 / 4 + 1)
    for (double width = 150; width < 4000; width *= 1.7)
      {
        gint64 begin_ns = range_ns / 3;
        IlRuler ruler;

        il_ruler_init (&ruler, begin_ns, begin_ns + range_ns, width);
        g_assert_cmpint (ruler.first_ns % ruler.step_ns, ==, 0);
        g_assert_cmpint (ruler.first_ns, >=, begin_ns);
        if (ruler.n_ticks == 0)
          continue;
        g_assert_cmpint (ruler.first_ns - ruler.step_ns, <, begin_ns);
        g_assert_cmpint (ruler.first_ns + (ruler.n_ticks - 1) * ruler.step_ns, <=,
                         begin_ns + range_ns);
        g_assert_cmpfloat ((ruler.n_ticks - 1) * 50.0, <=, width);
        g_assert_cmpint (ruler.step_ns % ruler.n_parts, ==, 0);
      }
}

static void
test_degenerate (void)
{
  IlRuler ruler;

  il_ruler_init (&ruler, 5, 5, 100);
  g_assert_cmpuint (ruler.n_ticks, ==, 0);
  il_ruler_init (&ruler, 5, 4, 100);
  g_assert_cmpuint (ruler.n_ticks, ==, 0);
  il_ruler_init (&ruler, 0, 100, 0);
  g_assert_cmpuint (ruler.n_ticks, ==, 0);
  il_ruler_init (&ruler, G_MININT64 / 2, G_MAXINT64 / 2, 1000);
  g_assert_cmpuint (ruler.n_ticks, <=, 20);
}

static void
test_labels_tell_apart (void)
{
  IlRuler ruler;
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;

  il_ruler_init (&ruler, 11 * SECOND, 11 * SECOND + 20, 1000);
  g_assert_cmpuint (ruler.n_ticks, >=, 2);
  one = il_ruler_format (&ruler, ruler.first_ns);
  two = il_ruler_format (&ruler, ruler.first_ns + ruler.step_ns);
  g_assert_cmpstr (one, !=, two);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ruler/steps", test_steps);
  g_test_add_func ("/ruler/never-crowded", test_never_crowded);
  g_test_add_func ("/ruler/degenerate", test_degenerate);
  g_test_add_func ("/ruler/labels-tell-apart", test_labels_tell_apart);
  return g_test_run ();
}
