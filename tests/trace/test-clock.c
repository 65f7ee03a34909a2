/* test-clock.c - a stamp maps to the time at which it was taken
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stamp taken between two looks at CLOCK_MONOTONIC has to map to a time between them.  The
 * allowance is for the anchors: each is off by up to half of the time that reading both clocks
 * takes, and the slope before the last anchor is used a little beyond it.
 */

#include "config.h"

#include "il-clock.h"

#include <glib.h>
#include <math.h>

#define ALLOWANCE_NS 20000
#define MS 1000000

static void
wait_ns (gint64 ns)
{
  gint64 end = il_clock_monotonic_ns () + ns;

  while (il_clock_monotonic_ns () < end)
    ;
}

typedef struct
{
  gint64 before_ns, after_ns;
  guint64 stamp;
} Bracket;

static Bracket
take_bracket (IlClockSource source)
{
  Bracket bracket;

  bracket.before_ns = il_clock_monotonic_ns ();
  bracket.stamp = il_clock_stamp (source);
  bracket.after_ns = il_clock_monotonic_ns ();
  return bracket;
}

static void
check_bracket (const IlClockMap *map, Bracket bracket)
{
  gint64 time_ns = il_clock_map_to_ns (map, bracket.stamp);

  g_assert_cmpint (time_ns, >=, bracket.before_ns - ALLOWANCE_NS);
  g_assert_cmpint (time_ns, <=, bracket.after_ns + ALLOWANCE_NS);
}

/* Brackets from before the first anchor of the drain to after the last one. */
static void
check_map (IlClockSource source)
{
  Bracket brackets[200];
  IlClockMap map;
  guint n = 0;

  il_clock_map_init (&map, source);
  while (n < G_N_ELEMENTS (brackets))
    {
      for (guint i = 0; i < 10; i++)
        {
          brackets[n++] = take_bracket (source);
          check_bracket (&map, brackets[n - 1]);
          wait_ns (MS / 5);
        }
      il_clock_map_advance (&map);
      /* Also those of long ago. */
      for (guint i = 0; i < n; i++)
        check_bracket (&map, brackets[i]);
    }
  g_assert_true (il_clock_map_is_steady (&map));
}

static void
test_best (void)
{
  IlClockSource source = il_clock_best_source ();

  g_test_message ("best source: %s", il_clock_source_name (source));
  check_map (source);
}

static void
test_monotonic (void)
{
  g_setenv ("INTERLEAVE_CLOCK", "monotonic", TRUE);
  g_assert_cmpint (il_clock_best_source (), ==, IL_CLOCK_MONOTONIC);
  g_unsetenv ("INTERLEAVE_CLOCK");
  check_map (IL_CLOCK_MONOTONIC);
}

static void
test_names (void)
{
  g_assert_cmpstr (il_clock_source_name (IL_CLOCK_TSC), ==, "tsc");
  g_assert_cmpstr (il_clock_source_name (IL_CLOCK_MONOTONIC), ==, "monotonic");
  g_assert_cmpstr (il_clock_source_name ((IlClockSource)9), ==, "unknown");
}

/* A map by hand: 2 ticks a nanosecond at first, then 3 % slower. */
static IlClockMap
make_bent_map (void)
{
  return (IlClockMap){ .source = IL_CLOCK_TSC,
                       .first = { 1000, 500 },
                       .before = { 2001000, 1000500 },
                       .last = { 4001000, 2030500 },
                       .nominal_ns_per_tick = 0.5,
                       .old_ns_per_tick = 0.5,
                       .ns_per_tick = 0.515 };
}

static void
test_monotone (void)
{
  IlClockMap map = make_bent_map ();
  gint64 last = G_MININT64;

  for (guint64 stamp = 0; stamp < 6000000; stamp += 100)
    {
      gint64 time_ns = il_clock_map_to_ns (&map, stamp);

      g_assert_cmpint (time_ns, >=, last);
      last = time_ns;
    }
  g_assert_cmpint (il_clock_map_to_ns (&map, 0), ==, 0);
  g_assert_cmpint (il_clock_map_to_ns (&map, 1000), ==, 500);
  g_assert_cmpint (il_clock_map_to_ns (&map, 2001000), ==, 1000500);
  g_assert_cmpint (il_clock_map_to_ns (&map, 4001000), ==, 2030500);
  g_assert_cmpint (il_clock_map_to_ns (&map, 5001000), ==, 2545500);
}

/* An anchor taken now is far off the rate of a map whose last anchor is made up. */
static void
test_unsteady (void)
{
  IlClockSource source = il_clock_best_source ();
  IlClockMap map;

  il_clock_map_init (&map, source);
  g_assert_true (il_clock_map_is_steady (&map));
  if (source == IL_CLOCK_MONOTONIC)
    return;
  wait_ns (3 * MS);
  map.last.time_ns -= MS;
  il_clock_map_advance (&map);
  g_assert_false (il_clock_map_is_steady (&map));

  /* Stamps that go back leave the map usable. */
  il_clock_map_init (&map, source);
  map.last.stamp += G_GUINT64_CONSTANT (1) << 40;
  wait_ns (2 * MS);
  il_clock_map_advance (&map);
  g_assert_false (il_clock_map_is_steady (&map));
  check_bracket (&map, take_bracket (source));
}

/* Anchors too close to each other would say more about themselves than about the rate. */
static void
test_hasty_advance (void)
{
  IlClockMap map, before;

  il_clock_map_init (&map, il_clock_best_source ());
  wait_ns (2 * MS);
  il_clock_map_advance (&map);
  before = map;
  il_clock_map_advance (&map);
  g_assert_cmpmem (&map, sizeof map, &before, sizeof before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace/clock/best", test_best);
  g_test_add_func ("/trace/clock/monotonic", test_monotonic);
  g_test_add_func ("/trace/clock/names", test_names);
  g_test_add_func ("/trace/clock/monotone", test_monotone);
  g_test_add_func ("/trace/clock/unsteady", test_unsteady);
  g_test_add_func ("/trace/clock/hasty-advance", test_hasty_advance);
  return g_test_run ();
}
