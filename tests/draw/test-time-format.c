/* test-time-format.c - moments and durations as people read them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-time-format.h"

#define N "\342\200\257" /* narrow no-break space */
#define S " "
#define MINUS "\342\210\222"

static void
test_durations (void)
{
  static const struct
  {
    gint64 ns;
    const char *text;
  } cases[] = {
    { 0, "0" S "ns" },
    { 1, "1" S "ns" },
    { 999, "999" S "ns" },
    { 1000, "1" S "µs" },
    { 1004, "1" S "µs" },
    { 1005, "1.01" S "µs" },
    { 2130, "2.13" S "µs" },
    { 2100, "2.1" S "µs" },
    { 12345, "12.3" S "µs" },
    { 99950, "100" S "µs" },
    { 999499, "999" S "µs" },
    { 999500, "1" S "ms" },
    { 2100000, "2.1" S "ms" },
    { 180000000, "180" S "ms" },
    { 999499999, "999" S "ms" },
    { 999500000, "1" S "s" },
    { 12400000000, "12.4" S "s" },
    { 59940000000, "59.9" S "s" },
    { 59950000000, "1" S "min" },
    { 125000000000, "2" S "min 5" S "s" },
    { 3599000000000, "59" S "min 59" S "s" },
    { 3599600000000, "1" S "h" },
    { 11400000000000, "3" S "h 10" S "min" },
    { 86400000000000, "1" S "d" },
    { 878400000000000, "10" S "d 4" S "h" },
    { -2100000, MINUS "2.1" S "ms" },
    { G_MAXINT64, "106751" S "d 23" S "h" },
    { G_MININT64, MINUS "106751" S "d 23" S "h" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = il_format_duration (cases[i].ns);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_moments (void)
{
  static const struct
  {
    gint64 ns, resolution_ns;
    const char *text;
  } cases[] = {
    { 0, 1000000000, "0" S "s" },
    { 11400000000, 10000000, "11.40" S "s" },
    { 11400000000, 100000000, "11.4" S "s" },
    { 11981602114, 1000, "11.981" N "602" S "s" },
    { 11981602114, 1, "11.981" N "602" N "114" S "s" },
    { 11981602114, 2100, "11.981" N "602" S "s" },
    { 59999999999, 1000000000, "59" S "s" },
    { 60000000000, 1000000000, "1:00" S "min" },
    { 125500000000, 100000000, "2:05.5" S "min" },
    { 3599999999999, 60000000000, "59:59" S "min" },
    { 3600000000000, 1000000000, "1:00:00" S "h" },
    { 864000000000000, 1000000000, "240:00:00" S "h" },
    { -500000000, 100000000, MINUS "0.5" S "s" },
    { -1, 1, MINUS "0.000" N "000" N "001" S "s" },
    { 1500000000, 0, "1.500" N "000" N "000" S "s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = il_format_time (cases[i].ns, cases[i].resolution_ns);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_counts (void)
{
  g_autofree char *zero = il_format_count (0);
  g_autofree char *four = il_format_count (4711);
  g_autofree char *million = il_format_count (1204311);
  g_autofree char *most = il_format_count (G_MAXUINT64);

  g_assert_cmpstr (zero, ==, "0");
  g_assert_cmpstr (four, ==, "4711");
  g_assert_cmpstr (million, ==, "1" N "204" N "311");
  g_assert_cmpstr (most, ==, "18" N "446" N "744" N "073" N "709" N "551" N "615");
}

static void
test_shares (void)
{
  static const struct
  {
    double share;
    const char *text;
  } cases[] = {
    { 0, "0" S "%" },      { 0.0001, "<" S "1" S "%" }, { 0.005, "1" S "%" },
    { 0.524, "52" S "%" }, { 0.994, "99" S "%" },       { 0.9951, ">" S "99" S "%" },
    { 1, "100" S "%" },    { 1.5, "150" S "%" },        { -1, "0" S "%" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = il_format_percent (cases[i].share);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/time-format/durations", test_durations);
  g_test_add_func ("/time-format/moments", test_moments);
  g_test_add_func ("/time-format/counts", test_counts);
  g_test_add_func ("/time-format/shares", test_shares);
  return g_test_run ();
}
