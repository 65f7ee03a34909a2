/* test-clock.c - a stamp maps to the time at which it was taken
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stamp taken between two looks at CLOCK_MONOTONIC has to map to a time between them.  The
 * allowance is for the anchors: each is off by up to half of the time that reading both clocks
 * takes, and the rate known so far is used beyond the last one.
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
check_bracket (IlClockMap *map, Bracket bracket)
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

/* A clock of 2 ticks a nanosecond, read with an error of up to 100 ns either way, now and then only
 * after a long time. */
typedef struct
{
  IlClockMap map;
  GRand *random;
  gint64 now_ns;
} Simulation;

#define ERROR_NS 100

static void
simulation_init (Simulation *self)
{
  *self = (Simulation){ .random = g_rand_new_with_seed (1), .now_ns = MS };
  self->map = (IlClockMap){ .source = IL_CLOCK_TSC,
                            .nominal_ns_per_tick = 0.5,
                            .n_pieces = 1,
                            .pieces = { { 2 * MS, MS, 0.5 } } };
  self->map.base = self->map.next_base = self->map.last
      = (IlClockAnchor){ .stamp = 2 * MS, .time_ns = MS };
}

static void
simulation_advance (Simulation *self)
{
  gboolean is_late = g_rand_int_range (self->random, 0, 20) == 0;
  IlClockAnchor anchor;

  self->now_ns += is_late ? 300 * MS : g_rand_int_range (self->random, 1 * MS, 15 * MS);
  anchor.stamp = (guint64)self->now_ns * 2;
  anchor.time_ns = self->now_ns + g_rand_int_range (self->random, -ERROR_NS, ERROR_NS + 1);
  il_clock_map_add_anchor (&self->map, anchor);
}

/* What was once said of a stamp holds, whatever anchors come later; and the order of stamps is the
 * order of times, also of one that shows up late and of one that a slow reader got only long after
 * its anchor. */
static void
test_one_function (void)
{
  guint64 stamps[4000];
  gint64 times[G_N_ELEMENTS (stamps)];
  guint n = 0;
  Simulation self;

  simulation_init (&self);
  while (n < G_N_ELEMENTS (stamps))
    {
      simulation_advance (&self);
      for (guint i = 0; i < 10; i++)
        {
          gint64 ago_ns = g_rand_int_range (self.random, -100 * MS, 100 * MS);

          stamps[n] = (guint64)MAX (self.now_ns + ago_ns, MS) * 2;
          times[n] = il_clock_map_to_ns (&self.map, stamps[n]);
          g_assert_cmpint (ABS (times[n] - (gint64)(stamps[n] / 2)), <=, 20 * ERROR_NS);
          n++;
        }
      for (guint i = n - MIN (n, 200); i < n; i++)
        {
          g_assert_cmpint (il_clock_map_to_ns (&self.map, stamps[i]), ==, times[i]);
          if (stamps[i] >= stamps[n - 1])
            g_assert_cmpint (times[i], >=, times[n - 1]);
          else
            g_assert_cmpint (times[i], <=, times[n - 1]);
        }
    }
  g_assert_true (il_clock_map_is_steady (&self.map));
  g_rand_free (self.random);
}

/* CLOCK_MONOTONIC is slewed: the map follows, without a step. */
static void
test_slewed (void)
{
  gint64 time_ns = 0, last_ns = 0;
  Simulation self;

  simulation_init (&self);
  for (guint i = 1; i <= 400; i++)
    {
      guint64 stamp = 2 * MS + (guint64)i * 20 * MS;

      time_ns = MS + (gint64)((double)i * 10 * MS * (i < 200 ? 1.0 : 1.0 + 500e-6 * (i - 200) / i));
      il_clock_map_add_anchor (&self.map, (IlClockAnchor){ stamp, time_ns });
      time_ns = il_clock_map_to_ns (&self.map, stamp) - time_ns;
      g_assert_cmpint (ABS (time_ns), <=, 10000);
      time_ns = il_clock_map_to_ns (&self.map, stamp);
      g_assert_cmpint (time_ns, >, last_ns);
      last_ns = time_ns;
    }
  g_assert_true (il_clock_map_is_steady (&self.map));
  g_rand_free (self.random);
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
  map.last.time_ns -= MS / 2;
  il_clock_map_advance (&map);
  g_assert_false (il_clock_map_is_steady (&map));

  /* Stamps that go back leave the map usable. */
  il_clock_map_init (&map, source);
  map.last.stamp += G_GUINT64_CONSTANT (1) << 40;
  wait_ns (3 * MS);
  il_clock_map_advance (&map);
  g_assert_false (il_clock_map_is_steady (&map));
  check_bracket (&map, take_bracket (source));
}

/* Anchors too close to each other would say more about themselves than about the rate.  Whoever
 * loses its core in between is not hasty. */
static void
test_hasty_advance (void)
{
  IlClockMap map, before;
  gint64 begin_ns;

  do
    {
      il_clock_map_init (&map, il_clock_best_source ());
      wait_ns (3 * MS);
      begin_ns = il_clock_monotonic_ns ();
      il_clock_map_advance (&map);
      before = map;
      il_clock_map_advance (&map);
    }
  while (il_clock_monotonic_ns () - begin_ns >= 2 * MS);
  g_assert_cmpmem (&map, sizeof map, &before, sizeof before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace/clock/best", test_best);
  g_test_add_func ("/trace/clock/monotonic", test_monotonic);
  g_test_add_func ("/trace/clock/names", test_names);
  g_test_add_func ("/trace/clock/one-function", test_one_function);
  g_test_add_func ("/trace/clock/slewed", test_slewed);
  g_test_add_func ("/trace/clock/unsteady", test_unsteady);
  g_test_add_func ("/trace/clock/hasty-advance", test_hasty_advance);
  return g_test_run ();
}
