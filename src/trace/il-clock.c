/* il-clock.c - the time stamp of an event, and its way back to nanoseconds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

/* Overrides the choice: "monotonic" keeps writers off the TSC. */
#define CLOCK_ENVIRONMENT "INTERLEAVE_CLOCK"

#define ANCHOR_TRIES 8
#define CALIBRATION_NS 2000000  /* first measure of the rate */
#define MIN_INTERVAL_NS 1000000 /* anchors closer than this would measure their own jitter */
/* The kernel slews CLOCK_MONOTONIC by up to 500 ppm on the advice of NTP; that is no fault. */
#define STEADY_LIMIT 1e-3

#if defined(__x86_64__)
static bool
file_has_word (const char *path, const char *line_prefix, const char *word)
{
  /* /proc/cpuinfo begins with the first processor, whose lines fit easily. */
  char text[16384];
  size_t length = 0, word_length = strlen (word);
  char *line, *end;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return false;
  while (length < sizeof text - 1)
    {
      ssize_t n = read (fd, text + length, sizeof text - 1 - length);

      if (n <= 0)
        break;
      length += (size_t)n;
    }
  close (fd);
  text[length] = '\0';

  line = strstr (text, line_prefix);
  if (line == NULL)
    return false;
  end = line + strcspn (line, "\n");
  *end = '\0';
  for (char *found = strstr (line, word); found != NULL; found = strstr (found + 1, word))
    if ((found == line || found[-1] == ' ' || found[-1] == '\t')
        && (found[word_length] == ' ' || found[word_length] == '\0'))
      return true;
  return false;
}

static bool
tsc_is_trusted (void)
{
  unsigned a, b, c, d;

  /* Advanced power management, bit 8: the rate is the same in all states of the processor. */
  if (!__get_cpuid (0x80000007, &a, &b, &c, &d) || (d & 1u << 8) == 0)
    return false;
  /* The kernel takes the TSC off the list when it finds it unstable, or different between cores. */
  return file_has_word ("/proc/cpuinfo", "flags", "constant_tsc")
         && file_has_word ("/proc/cpuinfo", "flags", "nonstop_tsc")
         && file_has_word ("/sys/devices/system/clocksource/clocksource0/available_clocksource", "",
                           "tsc");
}
#endif

/**
 * il_clock_best_source:
 *
 * Chooses the cheapest clock that processor and kernel vouch for.
 *
 * The TSC has to be invariant by CPUID and by the kernel's flags, and the kernel must still offer
 * it as a clock source.  INTERLEAVE_CLOCK=monotonic in the environment rules it out.
 */
IlClockSource
il_clock_best_source (void)
{
#if defined(__x86_64__)
  const char *wish = getenv (CLOCK_ENVIRONMENT);

  if ((wish == NULL || strcmp (wish, "monotonic") != 0) && tsc_is_trusted ())
    return IL_CLOCK_TSC;
#endif
  return IL_CLOCK_MONOTONIC;
}

/**
 * il_clock_source_name:
 *
 * Returns: (transfer none): a name for reports and files, "tsc" or "monotonic"
 */
const char *
il_clock_source_name (IlClockSource source)
{
  switch (source)
    {
    case IL_CLOCK_TSC:
      return "tsc";
    case IL_CLOCK_MONOTONIC:
      return "monotonic";
    default:
      return "unknown";
    }
}

/**
 * il_clock_take_anchor:
 *
 * Reads both clocks together: the tightest of several tries, so that an interrupt between the two
 * does not tear them apart.  Off by at most half of the time of one clock read, some 15 ns.
 */
IlClockAnchor
il_clock_take_anchor (IlClockSource source)
{
  IlClockAnchor best = { 0, 0 };
  int64_t best_width = INT64_MAX;

  for (int i = 0; i < ANCHOR_TRIES; i++)
    {
      int64_t before = il_clock_monotonic_ns ();
      uint64_t stamp = il_clock_stamp (source);
      int64_t after = il_clock_monotonic_ns ();

      if (after - before < best_width)
        {
          best_width = after - before;
          best.stamp = stamp;
          best.time_ns = before + best_width / 2;
        }
    }
  if (source == IL_CLOCK_MONOTONIC)
    best.time_ns = (int64_t)best.stamp;
  return best;
}

static double
slope (IlClockAnchor from, IlClockAnchor to)
{
  if (to.stamp <= from.stamp || to.time_ns < from.time_ns)
    return 0.0;
  return (double)(to.time_ns - from.time_ns) / (double)(to.stamp - from.stamp);
}

/**
 * il_clock_map_init:
 *
 * Starts a map.  With the TSC this takes 2 ms, for a first measure of its rate.
 */
void
il_clock_map_init (IlClockMap *map, IlClockSource source)
{
  memset (map, 0, sizeof *map);
  map->source = source;
  map->first = map->before = map->last = il_clock_take_anchor (source);
  map->nominal_ns_per_tick = map->ns_per_tick = map->old_ns_per_tick = 1.0;
  if (source == IL_CLOCK_MONOTONIC)
    return;

  do
    {
      struct timespec nap = { 0, CALIBRATION_NS };

      nanosleep (&nap, NULL);
      map->last = il_clock_take_anchor (source);
      map->nominal_ns_per_tick = slope (map->first, map->last);
    }
  while (map->nominal_ns_per_tick <= 0.0);
  map->ns_per_tick = map->old_ns_per_tick = map->nominal_ns_per_tick;
}

/**
 * il_clock_map_advance:
 *
 * Takes a new anchor; call it before the stamps of a drain are turned into times.  Does nothing
 * when the last anchor is less than a millisecond old.
 */
void
il_clock_map_advance (IlClockMap *map)
{
  IlClockAnchor now;
  double ns_per_tick, deviation;

  if (map->source == IL_CLOCK_MONOTONIC)
    return;
  now = il_clock_take_anchor (map->source);
  if (now.time_ns - map->last.time_ns < MIN_INTERVAL_NS)
    return;

  ns_per_tick = slope (map->last, now);
  if (ns_per_tick <= 0.0)
    {
      /* The TSC went back, as after a suspend that reset it: start afresh with the rate known. */
      map->first = map->before = map->last = now;
      map->worst_deviation = 1.0;
      return;
    }
  deviation = ns_per_tick / map->nominal_ns_per_tick - 1.0;
  if (deviation < 0.0)
    deviation = -deviation;
  if (deviation > map->worst_deviation)
    map->worst_deviation = deviation;

  map->before = map->last;
  map->last = now;
  map->ns_per_tick = ns_per_tick;
  if (map->before.stamp > map->first.stamp)
    map->old_ns_per_tick = slope (map->first, map->before);
}

/**
 * il_clock_map_to_ns:
 *
 * Turns a stamp into CLOCK_MONOTONIC nanoseconds.
 *
 * Exact to some tens of nanoseconds between the two newest anchors and a little after them.  Older
 * stamps are placed by the mean rate since the start.  Monotone in @stamp; a later anchor moves the
 * time of a stamp after the last one by less than the anchors' own error.
 */
int64_t
il_clock_map_to_ns (const IlClockMap *map, uint64_t stamp)
{
  int64_t ticks;

  if (map->source == IL_CLOCK_MONOTONIC)
    return (int64_t)stamp;
  ticks = (int64_t)(stamp - map->before.stamp);
  return map->before.time_ns
         + (int64_t)((double)ticks * (ticks < 0 ? map->old_ns_per_tick : map->ns_per_tick));
}

/**
 * il_clock_map_is_steady:
 *
 * Returns: whether the two clocks kept the same rate to within 1000 ppm since the start; after a
 *   suspend or on a machine whose TSC is not what it claims to be, they did not
 */
bool
il_clock_map_is_steady (const IlClockMap *map)
{
  return map->worst_deviation <= STEADY_LIMIT;
}
