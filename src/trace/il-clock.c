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
#define MIN_INTERVAL_NS 2000000 /* anchors closer than this would measure their own jitter */
#define BASELINE_NS 500000000   /* the rate is measured over at least so much, once there is */
#define CORRECTION_NS 20000000  /* within which the map comes back to the anchors */
#define STEP_NS 1000000         /* what is further off is not corrected: the map starts afresh */
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

/* The i-th piece of those kept, the oldest first. */
static inline IlClockPiece *
get_piece (IlClockMap *map, uint32_t i)
{
  return &map->pieces[(map->first_piece + i) % IL_CLOCK_N_PIECES];
}

static void
push_piece (IlClockMap *map, uint64_t stamp, int64_t time_ns, double ns_per_tick)
{
  if (map->n_pieces == IL_CLOCK_N_PIECES)
    map->first_piece = (map->first_piece + 1) % IL_CLOCK_N_PIECES;
  else
    map->n_pieces++;
  *get_piece (map, map->n_pieces - 1) = (IlClockPiece){ stamp, time_ns, ns_per_tick };
}

static int64_t
evaluate (IlClockMap *map, uint64_t stamp)
{
  uint32_t i = map->n_pieces - 1;
  const IlClockPiece *piece = get_piece (map, i);

  while (stamp < piece->stamp && i > 0)
    piece = get_piece (map, --i);
  return piece->time_ns + (int64_t)((double)(int64_t)(stamp - piece->stamp) * piece->ns_per_tick);
}

/* Forgets all that was said. */
static void
start_afresh (IlClockMap *map, IlClockAnchor anchor, double ns_per_tick)
{
  map->base = map->next_base = map->last = anchor;
  map->asked = anchor.stamp;
  map->n_pieces = 0;
  push_piece (map, anchor.stamp, anchor.time_ns, ns_per_tick);
}

/**
 * il_clock_map_init:
 *
 * Starts a map.  With the TSC this takes 2 ms, for a first measure of its rate.
 */
void
il_clock_map_init (IlClockMap *map, IlClockSource source)
{
  IlClockAnchor first;

  memset (map, 0, sizeof *map);
  map->source = source;
  map->nominal_ns_per_tick = 1.0;
  first = il_clock_take_anchor (source);
  start_afresh (map, first, 1.0);
  if (source == IL_CLOCK_MONOTONIC)
    return;

  do
    {
      struct timespec nap = { 0, CALIBRATION_NS };

      nanosleep (&nap, NULL);
      map->last = il_clock_take_anchor (source);
      map->nominal_ns_per_tick = slope (first, map->last);
    }
  while (map->nominal_ns_per_tick <= 0.0);
  get_piece (map, 0)->ns_per_tick = map->nominal_ns_per_tick;
}

static void
note_deviation (IlClockMap *map, double ns_per_tick)
{
  double deviation = ns_per_tick / map->nominal_ns_per_tick - 1.0;

  if (deviation < 0.0)
    deviation = -deviation;
  if (deviation > map->worst_deviation)
    map->worst_deviation = deviation;
}

/* Bends the map at the first stamp that nobody has asked for yet: it comes back to the anchors on
 * its next stretch, and goes on at the measured rate from there. */
static void
bend (IlClockMap *map, double ns_per_tick)
{
  uint64_t stamp = map->last.stamp > map->asked ? map->last.stamp : map->asked + 1;
  uint64_t n_ticks = (uint64_t)(CORRECTION_NS / ns_per_tick);
  int64_t begin_ns = evaluate (map, stamp);
  int64_t end_ns
      = map->last.time_ns + (int64_t)((double)(stamp + n_ticks - map->last.stamp) * ns_per_tick);
  double correcting = (double)(end_ns - begin_ns) / (double)n_ticks;

  if (end_ns - begin_ns > CORRECTION_NS + STEP_NS || end_ns - begin_ns < CORRECTION_NS - STEP_NS)
    {
      start_afresh (map, map->last, ns_per_tick);
      return;
    }
  while (map->n_pieces > 1 && get_piece (map, map->n_pieces - 1)->stamp >= stamp)
    map->n_pieces--;
  push_piece (map, stamp, begin_ns, correcting);
  push_piece (map, stamp + n_ticks, begin_ns + (int64_t)((double)n_ticks * correcting),
              ns_per_tick);
}

/**
 * il_clock_map_add_anchor:
 *
 * Takes an anchor that was read elsewhere.  Does nothing when the last one is not 2 ms older.
 */
void
il_clock_map_add_anchor (IlClockMap *map, IlClockAnchor anchor)
{
  double ns_per_tick;

  if (map->source == IL_CLOCK_MONOTONIC || anchor.time_ns - map->last.time_ns < MIN_INTERVAL_NS)
    return;
  ns_per_tick = slope (map->last, anchor);
  if (ns_per_tick <= 0.0)
    {
      /* The TSC went back, as after a suspend that reset it. */
      start_afresh (map, anchor, map->nominal_ns_per_tick);
      map->worst_deviation = 1.0;
      return;
    }
  note_deviation (map, ns_per_tick);
  map->last = anchor;
  if (anchor.time_ns - map->next_base.time_ns >= BASELINE_NS)
    {
      map->base = map->next_base;
      map->next_base = anchor;
    }
  bend (map, slope (map->base, anchor));
}

/**
 * il_clock_map_advance:
 *
 * Takes a new anchor; call it before the stamps of a drain are turned into times.  Does nothing
 * when the last anchor is less than 2 ms old.
 */
void
il_clock_map_advance (IlClockMap *map)
{
  if (map->source != IL_CLOCK_MONOTONIC)
    il_clock_map_add_anchor (map, il_clock_take_anchor (map->source));
}

/**
 * il_clock_map_to_ns:
 *
 * Turns a stamp into CLOCK_MONOTONIC nanoseconds.
 *
 * Exact to the anchors' own error, some tens of nanoseconds, while anchors come regularly; without
 * any for a second, to some hundreds.  Monotone in @stamp, also between calls with anchors in
 * between, and the same for the same stamp at any time, as long as the pieces reach back: a second
 * at least.
 */
int64_t
il_clock_map_to_ns (IlClockMap *map, uint64_t stamp)
{
  if (map->source == IL_CLOCK_MONOTONIC)
    return (int64_t)stamp;
  if (stamp > map->asked)
    map->asked = stamp;
  return evaluate (map, stamp);
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
