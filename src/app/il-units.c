/* il-units.c - numbers as a person reads them in the window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-units.h"

#include <glib/gi18n.h>
#include <math.h>

#include "il-time-format.h"

#define NS_PER_S 1e9
#define NBSP "\302\240" /* no-break space, between number and unit */

/* What a value is divided by, and what it is then said to be in; the smallest first. */
typedef struct
{
  double factor;
  const char *unit;
} Scale;

static const Scale size_scales[] = {
  { 1, "B" },
  { 1024, "KiB" },
  { 1024 * 1024, "MiB" },
  { 1024.0 * 1024 * 1024, "GiB" },
};

/* As many digits as make three significant ones, and no zeros at the end. */
static char *
format_significant (double value)
{
  int decimals = 0;
  char *text, *point;

  if (value != 0 && fabs (value) < 100)
    decimals = CLAMP (2 - (int)floor (log10 (fabs (value))), 0, 2);
  text = g_strdup_printf ("%.*f", decimals, value);

  point = text + strcspn (text, ".,");
  if (*point)
    {
      char *last = text + strlen (text) - 1;

      while (last > point && *last == '0')
        *last-- = '\0';
      if (last == point)
        *last = '\0';
    }

  return text;
}

static char *
format_size (double bytes)
{
  gsize scale = 0;
  g_autofree char *number = NULL;

  while (scale + 1 < G_N_ELEMENTS (size_scales) && bytes >= size_scales[scale + 1].factor)
    scale++;
  number = format_significant (bytes / size_scales[scale].factor);

  return g_strconcat (number, NBSP, size_scales[scale].unit, NULL);
}

/**
 * il_format_clock:
 * @time_ns: since the recording began
 *
 * Returns: (transfer full): as on a stop watch, "00:12.4", with hours where there are any
 */
char *
il_format_clock (gint64 time_ns)
{
  gint64 tenths = MAX (time_ns, 0) / 100000000;
  guint64 hours = (guint64)(tenths / 36000);
  guint minutes = (guint)(tenths / 600 % 60);
  guint seconds = (guint)(tenths / 10 % 60);
  guint rest = (guint)(tenths % 10);

  if (hours > 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u.%u", hours, minutes, seconds, rest);

  return g_strdup_printf ("%02u:%02u.%u", minutes, seconds, rest);
}

/**
 * il_format_range:
 * @begin_ns: since the recording began
 * @end_ns: after @begin_ns
 *
 * Returns: (transfer full): with as many decimals as its length asks for: "11.740 – 11.920 s"
 */
char *
il_format_range (gint64 begin_ns, gint64 end_ns)
{
  gint64 resolution_ns = MAX ((end_ns - begin_ns) / 200, 1);
  g_autofree char *begin = NULL;
  g_autofree char *end = NULL;

  if (MAX (ABS (begin_ns), ABS (end_ns)) < 60 * NS_PER_S)
    {
      double span_s = (double)MAX (end_ns - begin_ns, 1) / NS_PER_S;
      int decimals = CLAMP (2 - (int)floor (log10 (span_s)), 1, 9);

      /* Translators: a range of time, in seconds: "11.740 – 11.920 s" */
      return g_strdup_printf (_ ("%.*f – %.*f\302\240s"), decimals, (double)begin_ns / NS_PER_S,
                              decimals, (double)end_ns / NS_PER_S);
    }

  begin = il_format_time (begin_ns, resolution_ns);
  end = il_format_time (end_ns, resolution_ns);
  /* Translators: a range of time, each with its unit: "1:05.2 min – 1:07.3 min" */
  return g_strdup_printf (_ ("%s – %s"), begin, end);
}

/**
 * il_format_knob:
 * @unit: what @value counts
 * @value: in the unit's base: nanoseconds, per second, bytes
 *
 * Returns: (transfer full): for a person: "1.2 ms", "900 /s"
 */
char *
il_format_knob (IlKnobUnit unit, double value)
{
  g_autofree char *number = NULL;

  switch (unit)
    {
    case IL_KNOB_DURATION:
      return il_format_duration (llround (value));
    case IL_KNOB_SIZE:
      return format_size (value);
    case IL_KNOB_RATE:
      number = format_significant (value);
      return g_strconcat (number, NBSP, "/s", NULL);
    case IL_KNOB_COUNT:
    default:
      return il_format_count ((guint64)MAX (value, 0));
    }
}

/* In the largest unit that it is not less than one of, and exact: "1.2ms". */
static char *
format_duration_setting (gint64 value_ns)
{
  static const struct
  {
    gint64 factor;
    int n_decimals;
    const char *suffix;
  } units[] = { { 1000000000, 9, "s" }, { 1000000, 6, "ms" }, { 1000, 3, "us" }, { 1, 0, "ns" } };
  guint unit = 0;
  g_autofree char *number = NULL;

  while (unit < G_N_ELEMENTS (units) - 1 && value_ns < units[unit].factor)
    unit++;
  if (value_ns % units[unit].factor == 0)
    return g_strdup_printf ("%lld%s", (long long)(value_ns / units[unit].factor),
                            units[unit].suffix);
  number = g_strdup_printf ("%lld.%0*lld", (long long)(value_ns / units[unit].factor),
                            units[unit].n_decimals, (long long)(value_ns % units[unit].factor));
  for (gsize length = strlen (number); number[length - 1] == '0'; length--)
    number[length - 1] = '\0';
  return g_strconcat (number, units[unit].suffix, NULL);
}

/**
 * il_format_knob_setting:
 * @unit: what @value counts
 * @value: in the unit's base; not negative
 *
 * Returns: (transfer full): for the runner, the same in every language: "1.2ms", "900/s"
 */
char *
il_format_knob_setting (IlKnobUnit unit, double value)
{
  gint64 whole = llround (value);

  switch (unit)
    {
    case IL_KNOB_DURATION:
      return format_duration_setting (whole);
    case IL_KNOB_RATE:
      {
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        gboolean is_whole = fabs (value - (double)whole) < 0.0005;

        g_ascii_formatd (number, sizeof number, is_whole ? "%.0f" : "%.3f", value);
        return g_strconcat (number, "/s", NULL);
      }
    case IL_KNOB_SIZE:
      if (whole > 0 && whole % (1 << 20) == 0)
        return g_strdup_printf ("%lldMiB", (long long)(whole >> 20));
      if (whole > 0 && whole % (1 << 10) == 0)
        return g_strdup_printf ("%lldKiB", (long long)(whole >> 10));
      return g_strdup_printf ("%lldB", (long long)whole);
    case IL_KNOB_COUNT:
    default:
      return g_strdup_printf ("%lld", (long long)whole);
    }
}

/**
 * il_parse_knob_setting:
 * @unit: what it counts
 * @text: as for the runner: "2ms", "900/s"; a plain number is in the unit's base
 * @value: (out): in the unit's base
 *
 * Returns: whether @text is such a one
 */
gboolean
il_parse_knob_setting (IlKnobUnit unit, const char *text, double *value)
{
  static const struct
  {
    const char *suffix;
    IlKnobUnit unit;
    double factor;
  } suffixes[] = {
    { "", IL_KNOB_COUNT, 1 },          { "min", IL_KNOB_DURATION, 60e9 },
    { "s", IL_KNOB_DURATION, 1e9 },    { "ms", IL_KNOB_DURATION, 1e6 },
    { "us", IL_KNOB_DURATION, 1e3 },   { "\302\265s", IL_KNOB_DURATION, 1e3 },
    { "ns", IL_KNOB_DURATION, 1 },     { "\316\274s", IL_KNOB_DURATION, 1e3 },
    { "/ms", IL_KNOB_RATE, 1000 },     { "/s", IL_KNOB_RATE, 1 },
    { "/min", IL_KNOB_RATE, 1 / 60. }, { "MiB", IL_KNOB_SIZE, 1024 * 1024 },
    { "KiB", IL_KNOB_SIZE, 1024 },     { "kB", IL_KNOB_SIZE, 1000 },
    { "B", IL_KNOB_SIZE, 1 },
  };
  char *end;
  double number = g_ascii_strtod (text, &end);

  if (!g_ascii_isdigit (*text) || !isfinite (number))
    return FALSE;
  while (*end == ' ')
    end++;
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (suffixes[i].unit == unit && g_str_equal (end, suffixes[i].suffix))
      {
        *value = number * suffixes[i].factor;
        return TRUE;
      }

  return FALSE;
}
