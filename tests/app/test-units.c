/* test-units.c - numbers in the window, and the same numbers as the runner takes them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-knob-row.h"
#include "il-units.h"
#include "il-visible-text.h"

#include <math.h>

#define SECOND G_GINT64_CONSTANT (1000000000)
#define NBSP "\302\240"

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_clock (void)
{
  assert_text (il_format_clock (0), "00:00.0");
  assert_text (il_format_clock (-5), "00:00.0");
  assert_text (il_format_clock (12 * SECOND + 449999999), "00:12.4");
  assert_text (il_format_clock (59 * SECOND + 999999999), "00:59.9");
  assert_text (il_format_clock (3600 * SECOND), "1:00:00.0");
  assert_text (il_format_clock (100 * 3600 * SECOND + 61 * SECOND), "100:01:01.0");
}

static void
test_range (void)
{
  assert_text (il_format_range (11740000000, 11920000000), "11.740 – 11.920" NBSP "s");
  assert_text (il_format_range (0, SECOND), "0.00 – 1.00" NBSP "s");
  assert_text (il_format_range (0, 30 * SECOND), "0.0 – 30.0" NBSP "s");
  assert_text (il_format_range (1000, 2000), "0.00000100 – 0.00000200" NBSP "s");
  assert_text (il_format_range (-SECOND / 2, SECOND / 2), "-0.50 – 0.50" NBSP "s");
}

static void
test_knobs_for_people (void)
{
  assert_text (il_format_knob (IL_KNOB_COUNT, 12), "12");
  assert_text (il_format_knob (IL_KNOB_RATE, 900), "900" NBSP "/s");
  assert_text (il_format_knob (IL_KNOB_RATE, 0.5), "0.5" NBSP "/s");
  assert_text (il_format_knob (IL_KNOB_SIZE, 64), "64" NBSP "B");
  assert_text (il_format_knob (IL_KNOB_SIZE, 1536), "1.5" NBSP "KiB");
  assert_text (il_format_knob (IL_KNOB_SIZE, 1048576), "1" NBSP "MiB");
}

static void
test_knobs_for_the_runner (void)
{
  assert_text (il_format_knob_setting (IL_KNOB_COUNT, 12), "12");
  assert_text (il_format_knob_setting (IL_KNOB_DURATION, 0), "0ns");
  assert_text (il_format_knob_setting (IL_KNOB_DURATION, 999), "999ns");
  assert_text (il_format_knob_setting (IL_KNOB_DURATION, 1200000), "1.2ms");
  assert_text (il_format_knob_setting (IL_KNOB_DURATION, 1000001), "1.000001ms");
  assert_text (il_format_knob_setting (IL_KNOB_DURATION, 5e9), "5s");
  assert_text (il_format_knob_setting (IL_KNOB_RATE, 900), "900/s");
  assert_text (il_format_knob_setting (IL_KNOB_RATE, 0.5), "0.500/s");
  assert_text (il_format_knob_setting (IL_KNOB_SIZE, 0), "0B");
  assert_text (il_format_knob_setting (IL_KNOB_SIZE, 100), "100B");
  assert_text (il_format_knob_setting (IL_KNOB_SIZE, 65536), "64KiB");
  assert_text (il_format_knob_setting (IL_KNOB_SIZE, 1 << 20), "1MiB");
}

static void
test_slider_positions (void)
{
  const IlKnob wide
      = { .unit = IL_KNOB_DURATION, .value = 1e6, .min = 1e5, .max = 2e7 }; /* logarithmic */
  const IlKnob narrow = { .unit = IL_KNOB_COUNT, .value = 4, .min = 1, .max = 16 };
  const IlKnob fixed = { .unit = IL_KNOB_COUNT, .value = 3, .min = 3, .max = 3 };

  g_assert_cmpfloat (il_knob_from_position (&wide, 0), ==, 1e5);
  g_assert_cmpfloat (il_knob_from_position (&wide, 1), ==, 2e7);
  g_assert_cmpfloat_with_epsilon (il_knob_to_position (&wide, 1e5), 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (il_knob_to_position (&wide, 2e7), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (il_knob_to_position (&wide, sqrt (1e5 * 2e7)), 0.5, 1e-9);
  for (guint workers = 1; workers <= 16; workers++)
    g_assert_cmpfloat (il_knob_from_position (&narrow, il_knob_to_position (&narrow, workers)), ==,
                       workers);
  g_assert_cmpfloat (il_knob_from_position (&fixed, 0.7), ==, 3);
  g_assert_cmpfloat (il_knob_to_position (&fixed, 3), ==, 0);
}

/* Never outside, never back: or a slider could be pushed past its end, or stick. */
static void
test_slider_is_monotonic (void)
{
  const IlKnob knobs[] = {
    { .unit = IL_KNOB_DURATION, .min = 1e3, .max = 1e9 },
    { .unit = IL_KNOB_RATE, .min = 1, .max = 5000 },
    { .unit = IL_KNOB_SIZE, .min = 0, .max = 65536 },
    { .unit = IL_KNOB_COUNT, .min = 1, .max = 100 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (knobs); i++)
    {
      double last = knobs[i].min;

      for (int step = 0; step <= 1000; step++)
        {
          double value = il_knob_from_position (&knobs[i], step / 1000.0);

          g_assert_cmpfloat (value, >=, last);
          g_assert_cmpfloat (value, <=, knobs[i].max);
          last = value;
        }
      g_assert_cmpfloat (last, ==, knobs[i].max);
    }
}

/* What a recording says is shown so that it cannot look like something else. */
static void
test_visible (void)
{
  assert_text (il_make_visible ("sh -c 'echo  \303\244 \345\256\211 <b>&amp;'"),
               "sh -c 'echo  \303\244 \345\256\211 <b>&amp;'");
  assert_text (il_make_visible ("a\nb\r\tc\033[2J\177"), "a\\nb\\r\\tc\\x1b[2J\\x7f");
  assert_text (il_make_visible ("a\342\200\256b\342\201\246c\342\200\213d\357\273\277"),
               "a\\u202eb\\u2066c\\u200bd\\ufeff");
  assert_text (il_make_visible ("a\342\200\250b\302\240c\302\255d\363\240\200\201"),
               "a\\u2028b\\u00a0c\\u00add\\U000e0001");
  assert_text (il_make_visible ("a   b    rm"), "a   b␣␣␣␣rm");
}

static void
test_file_name (void)
{
  g_autofree char *long_text = g_strnfill (5000, 'x');
  g_autofree char *name = il_make_file_name (long_text, ".png");

  assert_text (il_make_file_name ("sh -c 'a/b\n\342\200\256'", ".png"), "sh -c 'a-b--'.png");
  g_assert_cmpuint (strlen (name), <, 200);
  g_assert_true (g_str_has_suffix (name, "xx.png"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/units/clock", test_clock);
  g_test_add_func ("/units/range", test_range);
  g_test_add_func ("/units/knobs-for-people", test_knobs_for_people);
  g_test_add_func ("/units/knobs-for-the-runner", test_knobs_for_the_runner);
  g_test_add_func ("/units/slider-positions", test_slider_positions);
  g_test_add_func ("/units/slider-is-monotonic", test_slider_is_monotonic);
  g_test_add_func ("/units/visible", test_visible);
  g_test_add_func ("/units/file-name", test_file_name);
  return g_test_run ();
}
