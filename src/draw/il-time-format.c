/* il-time-format.c - moments, durations, counts and shares as text for people
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Integers throughout: a session may last days, and its last nanosecond still counts.
 */

#include "config.h"

#include "il-time-format.h"

#include <glib/gi18n-lib.h>
#include <langinfo.h>
#include <math.h>

#define NNBSP "\342\200\257" /* between groups of digits */
#define MINUS "\342\210\222"

#define US G_GUINT64_CONSTANT (1000)
#define MS (1000 * US)
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

static guint64
magnitude (gint64 value)
{
  return value < 0 ? (guint64) - (value + 1) + 1 : (guint64)value;
}

static const char *
radix (void)
{
  const char *text = nl_langinfo (RADIXCHAR);

  return text != NULL && *text != '\0' ? text : ".";
}

/* The first @n_digits of @value's nine decimals, in groups of three. */
static void
append_decimals (GString *text, guint64 value, guint n_digits)
{
  char digits[10];

  if (n_digits == 0)
    return;
  g_snprintf (digits, sizeof digits, "%09" G_GUINT64_FORMAT, value % 1000000000u);
  g_string_append (text, radix ());
  for (guint i = 0; i < MIN (n_digits, 9); i++)
    {
      if (i > 0 && i % 3 == 0)
        g_string_append (text, NNBSP);
      g_string_append_c (text, digits[i]);
    }
}

/* @value in @unit with at most two decimals, three digits in all, and no needless zeros. */
static char *
three_digits (guint64 value, guint64 unit)
{
  GString *text = g_string_new (NULL);
  guint n_digits = unit == 1 || value >= 100 * unit ? 0 : value >= 10 * unit ? 1 : 2;
  guint64 decimals = value % unit * (1000000000u / unit);

  if (n_digits > 0 && decimals / 10000000u % 10 == 0)
    n_digits = decimals / 100000000u == 0 ? 0 : 1;
  g_string_append_printf (text, "%" G_GUINT64_FORMAT, value / unit);
  append_decimals (text, decimals, n_digits);
  return g_string_free (text, FALSE);
}

/* To three digits, so that what is "1000 us" after rounding is "1 ms". */
static guint64
round_to_three_digits (guint64 value)
{
  guint64 step = 1;

  while (value / step >= 1000)
    step *= 10;
  return (value + step / 2) / step * step;
}

static char *
format_long (guint64 value)
{
  guint64 seconds = (value + SECOND / 2) / SECOND;

  if (seconds < 3600)
    return g_strdup_printf (seconds % 60 == 0 ? _ ("%u min") : _ ("%u min %u s"),
                            (guint)(seconds / 60), (guint)(seconds % 60));
  if (seconds < 24 * 3600)
    return g_strdup_printf (seconds / 60 % 60 == 0 ? _ ("%u h") : _ ("%u h %u min"),
                            (guint)(seconds / 3600), (guint)(seconds / 60 % 60));
  return g_strdup_printf (seconds / 3600 % 24 == 0 ? _ ("%u d") : _ ("%u d %u h"),
                          (guint)(seconds / 86400), (guint)(seconds / 3600 % 24));
}

/**
 * il_format_duration:
 * @duration_ns: may be negative
 *
 * Writes a length of time with the three digits that matter: "850 ns", "2.13 ms", "12.4 s",
 * "2 min 5 s", "3 h 10 min", "10 d 4 h".
 *
 * Returns: (transfer full): translated
 */
char *
il_format_duration (gint64 duration_ns)
{
  guint64 value = magnitude (duration_ns);
  guint64 rounded = round_to_three_digits (value);
  const char *sign = duration_ns < 0 ? MINUS : "";
  g_autofree char *number = NULL;
  g_autofree char *text = NULL;

  if (rounded < US)
    {
      number = three_digits (rounded, 1);
      text = g_strdup_printf (_ ("%s ns"), number);
    }
  else if (rounded < MS)
    {
      number = three_digits (rounded, US);
      text = g_strdup_printf (_ ("%s µs"), number);
    }
  else if (rounded < SECOND)
    {
      number = three_digits (rounded, MS);
      text = g_strdup_printf (_ ("%s ms"), number);
    }
  else if (rounded < MINUTE)
    {
      number = three_digits (rounded, SECOND);
      text = g_strdup_printf (_ ("%s s"), number);
    }
  else
    text = format_long (value);
  return g_strconcat (sign, text, NULL);
}

static guint
digits_for (guint64 resolution_ns)
{
  guint n_digits = 9;

  while (n_digits > 0 && resolution_ns >= 10)
    {
      resolution_ns /= 10;
      n_digits--;
    }
  return n_digits;
}

/**
 * il_format_time:
 * @time_ns: since the session began; may be negative
 * @resolution_ns: what it is read to, e.g. the step of a ruler: 10 ms gives "11.40 s"
 *
 * Writes a moment: "11.981 602 s", "2:05 min", "1:02:05.5 h".  What lies beyond the resolution is
 * cut off, not rounded.
 *
 * Returns: (transfer full): translated
 */
char *
il_format_time (gint64 time_ns, gint64 resolution_ns)
{
  guint64 value = magnitude (time_ns);
  guint64 seconds = value / SECOND;
  g_autoptr (GString) text = g_string_new (time_ns < 0 ? MINUS : "");

  if (seconds < 60)
    g_string_append_printf (text, "%u", (guint)seconds);
  else if (seconds < 3600)
    g_string_append_printf (text, "%u:%02u", (guint)(seconds / 60), (guint)(seconds % 60));
  else
    g_string_append_printf (text, "%" G_GUINT64_FORMAT ":%02u:%02u", seconds / 3600,
                            (guint)(seconds / 60 % 60), (guint)(seconds % 60));
  append_decimals (text, value % SECOND, digits_for (MAX (resolution_ns, 1)));
  if (seconds < 60)
    return g_strdup_printf (_ ("%s s"), text->str);
  if (seconds < 3600)
    return g_strdup_printf (_ ("%s min"), text->str);
  return g_strdup_printf (_ ("%s h"), text->str);
}

/**
 * il_format_count:
 *
 * Writes a number with its digits in groups: "1 204 311"; "7 of 12" has none to group.
 *
 * Returns: (transfer full):
 */
char *
il_format_count (guint64 count)
{
  char digits[24];
  int length = g_snprintf (digits, sizeof digits, "%" G_GUINT64_FORMAT, count);
  GString *text = g_string_new (NULL);

  for (int i = 0; i < length; i++)
    {
      if (i > 0 && length > 4 && (length - i) % 3 == 0)
        g_string_append (text, NNBSP);
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

/**
 * il_format_percent:
 * @share: 0 to 1
 *
 * Writes a share such that something is never called nothing, nor less than all called all:
 * "0 %", "< 1 %", "52 %", "> 99 %", "100 %".
 *
 * Returns: (transfer full): translated
 */
char *
il_format_percent (double share)
{
  double percent = 100 * share;

  if (percent > 0 && percent < 0.5)
    return g_strdup (_ ("< 1 %"));
  if (percent < 100 && percent >= 99.5)
    return g_strdup (_ ("> 99 %"));
  return g_strdup_printf (_ ("%.0f %%"), CLAMP (round (percent), 0, 1e6));
}
