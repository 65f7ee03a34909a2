/* test-scenario-quantity.c - numbers with units are read exactly, and nothing else is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <math.h>

static void
test_good (void)
{
  static const struct
  {
    const char *text;
    IlUnit unit;
    double value;
  } rows[] = {
    { "0", IL_UNIT_COUNT, 0 },
    { "12", IL_UNIT_COUNT, 12 },
    { "2.0", IL_UNIT_COUNT, 2 },
    { " 7\t", IL_UNIT_COUNT, 7 },
    { "007", IL_UNIT_COUNT, 7 },
    { "4096", IL_UNIT_COUNT, 4096 },
    { "0s", IL_UNIT_DURATION, 0 },
    { "1ns", IL_UNIT_DURATION, 1 },
    { "1.5ns", IL_UNIT_DURATION, 1.5 },
    { "200us", IL_UNIT_DURATION, 200000 },
    { "200µs", IL_UNIT_DURATION, 200000 },
    { "200μs", IL_UNIT_DURATION, 200000 },
    { "1.2ms", IL_UNIT_DURATION, 1200000 },
    { "1s", IL_UNIT_DURATION, 1e9 },
    { "2min", IL_UNIT_DURATION, 120e9 },
    { "900/s", IL_UNIT_RATE, 900 },
    { "2/ms", IL_UNIT_RATE, 2000 },
    { "30/min", IL_UNIT_RATE, .5 },
    { "64B", IL_UNIT_SIZE, 64 },
    { "2kB", IL_UNIT_SIZE, 2000 },
    { "1KiB", IL_UNIT_SIZE, 1024 },
    { "1.5KiB", IL_UNIT_SIZE, 1536 },
    { "1MiB", IL_UNIT_SIZE, 1048576 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      double value = -1;

      g_assert_true (il_quantity_parse (rows[i].text, rows[i].unit, &value, &error));
      g_assert_no_error (error);
      g_assert_cmpfloat (value, ==, rows[i].value);
    }
}

/* Wrong for every unit. */
static void
test_bad (void)
{
  static const char *const texts[]
      = { "",     " ",    "-1",   "+1",    "-1ms",  "1e3",   "1e3ms", "0x10",  "nan",
          "nans", "inf",  "infs", ".5ms",  "1.ms",  "1,5ms", "1 ms",  "ms",    "/s",
          "1MS",  "1Ms",  "1h",   "1/h",   "1/us",  "5 / s", "1b",    "1kb",   "1KB",
          "1kiB", "1GiB", "~1ms", "${k}",  "1.5",   "1.5B",  "1ms1",  "1msms", "%",
          "5%",   "1_0",  "1'0",  "1.2.3", "1\0ms", "½ms",   "１ms",  "0.1KiB" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (IlUnit unit = IL_UNIT_COUNT; unit <= IL_UNIT_SIZE; unit++)
      {
        g_autoptr (GError) error = NULL;
        double value = -1;

        if (g_str_equal (texts[i], "1") && unit == IL_UNIT_COUNT)
          continue; /* the row with a zero byte in it */
        g_assert_false (il_quantity_parse (texts[i], unit, &value, &error));
        g_assert_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SETTING);
        g_assert_cmpfloat (value, ==, -1);
      }
}

static void
test_wrong_unit (void)
{
  static const char *const texts[] = { "1", "1ms", "1/ms", "1B" }; /* in the order of IlUnit */

  for (IlUnit unit = IL_UNIT_COUNT; unit <= IL_UNIT_SIZE; unit++)
    for (IlUnit other = IL_UNIT_COUNT; other <= IL_UNIT_SIZE; other++)
      {
        g_autoptr (GError) error = NULL;
        double value;

        g_assert_true (il_quantity_parse (texts[unit], other, &value, &error) == (unit == other));
      }
}

static void
test_overflow (void)
{
  g_autofree char *digits = g_strnfill (400, '9');
  g_autofree char *duration = g_strconcat (digits, "s", NULL);
  g_autoptr (GError) error = NULL;
  double value;

  g_assert_false (il_quantity_parse (digits, IL_UNIT_COUNT, &value, NULL));
  g_assert_false (il_quantity_parse (duration, IL_UNIT_DURATION, &value, &error));
  g_assert_cmpstr (error->message, ==,
                   "found “999999999999999999999999999999999999999999999999999999999999…”, "
                   "expected a duration such as “1.5ms”, in ns, us, ms, s or min");
}

/* A part of a nanosecond is neither that nor nothing. */
static void
test_too_short (void)
{
  static const char *const texts[] = { "0.5ns", "0.0000001ms", "0.000000001ms", "0.0009us" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *message
          = g_strdup_printf ("found “%s”, expected a duration of at least 1ns, or of 0s", texts[i]);
      g_autoptr (GError) error = NULL;
      double value = -1;

      g_assert_false (il_quantity_parse (texts[i], IL_UNIT_DURATION, &value, &error));
      g_assert_cmpstr (error->message, ==, message);
      g_assert_cmpfloat (value, ==, -1);
    }
}

static void
test_messages (void)
{
  static const char *const messages[] = {
    "found “x”, expected a whole number",
    "found “x”, expected a duration such as “1.5ms”, in ns, us, ms, s or min",
    "found “x”, expected a rate such as “900/s”, in /s, /ms or /min",
    "found “x”, expected a size such as “64B”, in B, kB, KiB or MiB",
  };

  for (IlUnit unit = IL_UNIT_COUNT; unit <= IL_UNIT_SIZE; unit++)
    {
      g_autoptr (GError) error = NULL;
      double value;

      g_assert_false (il_quantity_parse ("x", unit, &value, &error));
      g_assert_cmpstr (error->message, ==, messages[unit]);
    }
}

/* What is written in messages can be typed in again. */
static void
test_to_string (void)
{
  static const struct
  {
    double value;
    IlUnit unit;
    const char *text;
  } rows[] = {
    { 0, IL_UNIT_DURATION, "0ns" },
    { 1.5, IL_UNIT_DURATION, "1.5ns" },
    { 1000, IL_UNIT_DURATION, "1us" },
    { 1.2e6, IL_UNIT_DURATION, "1.2ms" },
    { 60e9, IL_UNIT_DURATION, "60s" },
    { 1e15, IL_UNIT_DURATION, "1000000s" },
    { .001, IL_UNIT_RATE, "0.001/s" },
    { 2000, IL_UNIT_RATE, "2000/s" },
    { 0, IL_UNIT_SIZE, "0B" },
    { 1000, IL_UNIT_SIZE, "1000B" },
    { 65536, IL_UNIT_SIZE, "64KiB" },
    { 64 << 20, IL_UNIT_SIZE, "64MiB" },
    { 1e9, IL_UNIT_COUNT, "1000000000" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = il_quantity_to_string (rows[i].value, rows[i].unit);
      double value;

      g_assert_cmpstr (text, ==, rows[i].text);
      g_assert_true (il_quantity_parse (text, rows[i].unit, &value, NULL));
      g_assert_cmpfloat (value, ==, rows[i].value);
    }
}

/* A number is read the same whatever the user's language writes for a decimal point. */
static void
test_get (void)
{
  IlScenarioKnob knob = { .value = 7 };
  IlScenario scenario = { .knobs = &knob, .n_knobs = 1 };
  IlQuantity literal = { .knob = -1, .literal = 3, .is_random = TRUE };
  IlQuantity of_knob = { .knob = 0, .literal = 3 };

  g_assert_cmpfloat (il_quantity_get (&literal, &scenario), ==, 3);
  g_assert_cmpfloat (il_quantity_get (&of_knob, &scenario), ==, 7);
  knob.value = 8;
  g_assert_cmpfloat (il_quantity_get (&of_knob, &scenario), ==, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenario-quantity/good", test_good);
  g_test_add_func ("/scenario-quantity/bad", test_bad);
  g_test_add_func ("/scenario-quantity/wrong-unit", test_wrong_unit);
  g_test_add_func ("/scenario-quantity/overflow", test_overflow);
  g_test_add_func ("/scenario-quantity/too-short", test_too_short);
  g_test_add_func ("/scenario-quantity/messages", test_messages);
  g_test_add_func ("/scenario-quantity/to-string", test_to_string);
  g_test_add_func ("/scenario-quantity/get", test_get);
  return g_test_run ();
}
