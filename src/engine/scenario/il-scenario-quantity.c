/* il-scenario-quantity.c - numbers with units
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

typedef struct
{
  IlUnit unit;
  const char *suffix;
  double scale;
  gboolean is_shown; /* when a number is written; of each unit in descending order */
} Suffix;

static const Suffix suffixes[] = {
  { IL_UNIT_COUNT, "", 1, TRUE },
  { IL_UNIT_DURATION, "min", 60e9, FALSE },
  { IL_UNIT_DURATION, "s", 1e9, TRUE },
  { IL_UNIT_DURATION, "ms", 1e6, TRUE },
  { IL_UNIT_DURATION, "us", 1e3, TRUE },
  { IL_UNIT_DURATION, "µs", 1e3, FALSE }, /* U+00B5, the micro sign */
  { IL_UNIT_DURATION, "μs", 1e3, FALSE }, /* U+03BC, the Greek letter */
  { IL_UNIT_DURATION, "ns", 1, TRUE },
  { IL_UNIT_RATE, "/ms", 1000, FALSE },
  { IL_UNIT_RATE, "/s", 1, TRUE },
  { IL_UNIT_RATE, "/min", 1 / 60., FALSE },
  { IL_UNIT_SIZE, "MiB", 1024 * 1024, TRUE },
  { IL_UNIT_SIZE, "KiB", 1024, TRUE },
  { IL_UNIT_SIZE, "kB", 1000, FALSE },
  { IL_UNIT_SIZE, "B", 1, TRUE },
};

const IlQuantityRule il_workers_rule
    = { IL_UNIT_COUNT, 1, IL_SCENARIO_MAX_COROUTINES, FALSE, FALSE };
const IlQuantityRule il_processes_rule
    = { IL_UNIT_COUNT, 1, IL_SCENARIO_MAX_PROCESSES, FALSE, FALSE };
const IlQuantityRule il_carriers_rule
    = { IL_UNIT_COUNT, 1, IL_SCENARIO_MAX_CARRIERS, FALSE, FALSE };
const IlQuantityRule il_capacity_rule
    = { IL_UNIT_COUNT, 1, IL_SCENARIO_MAX_CAPACITY, FALSE, FALSE };
const IlQuantityRule il_count_rule = { IL_UNIT_COUNT, 0, IL_SCENARIO_MAX_TASKS, FALSE, FALSE };

/* A number as people write it: digits with or without a fraction; no sign, exponent, hexadecimal,
 * infinity or locale.  *end is what follows it. */
gboolean
il_quantity_parse_number (const char *text, double *value, const char **end)
{
  gsize n_digits = strspn (text, "0123456789");
  gsize length = n_digits;
  g_autofree char *number = NULL;

  if (text[length] == '.')
    {
      gsize n_decimals = strspn (text + length + 1, "0123456789");

      length += 1 + n_decimals;
      if (n_decimals == 0)
        return FALSE;
    }
  if (n_digits == 0)
    return FALSE;
  number = g_strndup (text, length);
  *value = g_ascii_strtod (number, NULL);
  *end = text + length;
  return TRUE;
}

static const char *
get_expectation (IlUnit unit)
{
  switch (unit)
    {
    case IL_UNIT_DURATION:
      return _ ("a duration such as “1.5ms”, in ns, us, ms, s or min");
    case IL_UNIT_RATE:
      return _ ("a rate such as “900/s”, in /s, /ms or /min");
    case IL_UNIT_SIZE:
      return _ ("a size such as “64B”, in B, kB, KiB or MiB");
    case IL_UNIT_COUNT:
    default:
      return _ ("a whole number");
    }
}

/**
 * il_quantity_guess:
 * @unit: (out): the one that @text is written in
 *
 * Parses a number whose unit is not known beforehand.  Counts and bytes are whole.
 *
 * Returns: %FALSE if @text is not a number with a unit that we have
 */
gboolean
il_quantity_guess (const char *text, IlUnit *unit, double *value)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  const char *end;

  if (!il_quantity_parse_number (stripped, value, &end))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (strcmp (suffixes[i].suffix, end) == 0)
      {
        *unit = suffixes[i].unit;
        *value *= suffixes[i].scale;
        return isfinite (*value)
               && (*value == floor (*value) || *unit == IL_UNIT_DURATION || *unit == IL_UNIT_RATE);
      }
  return FALSE;
}

/* A part of a nanosecond: we have no clock for it, and it would silently be none. */
gboolean
il_quantity_is_too_short (IlUnit unit, double value)
{
  return unit == IL_UNIT_DURATION && value > 0 && value < 1;
}

/**
 * il_quantity_parse:
 * @value: (out): in the unit's base: ns, per second, bytes, count
 *
 * Parses a number with its unit, such as “1.5ms”.  A count has none.
 *
 * Returns: %FALSE with what was found and expected in @error if it is not one
 */
gboolean
il_quantity_parse (const char *text, IlUnit unit, double *value, GError **error)
{
  IlUnit found_unit;
  double parsed;

  g_return_val_if_fail (text != NULL && value != NULL, FALSE);

  if (!il_quantity_guess (text, &found_unit, &parsed) || found_unit != unit)
    return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, text, "%s", get_expectation (unit));

  if (il_quantity_is_too_short (unit, parsed))
    return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, text, "%s",
                             _ ("a duration of at least 1ns, or of 0s"));

  *value = parsed;
  return TRUE;
}

/* As il_quantity_parse(), and within the rule's range. */
gboolean
il_quantity_parse_in (const char *text, const IlQuantityRule *rule, double *value, GError **error)
{
  g_autofree char *range = NULL;
  double parsed;

  if (!il_quantity_parse (text, rule->unit, &parsed, error))
    return FALSE;
  if (parsed < rule->min || parsed > rule->max)
    {
      range = il_quantity_describe_range (rule->unit, rule->min, rule->max);
      return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, text, "%s", range);
    }
  *value = parsed;
  return TRUE;
}

/* Whether a number reads well in this unit: from 1 upwards, and bytes in whole ones. */
static gboolean
suits (const Suffix *suffix, double value)
{
  return value >= suffix->scale
         && (suffix->unit != IL_UNIT_SIZE || fmod (value, suffix->scale) == 0);
}

/* In the largest unit that suits. */
char *
il_quantity_to_string (double value, IlUnit unit)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  const Suffix *chosen = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (suffixes[i].unit == unit && suffixes[i].is_shown
        && (chosen == NULL || !suits (chosen, value)))
      chosen = &suffixes[i];
  g_ascii_formatd (number, sizeof number, "%.12g", value / chosen->scale);
  return g_strconcat (number, chosen->suffix, NULL);
}

/* “a duration” */
const char *
il_quantity_get_unit_name (IlUnit unit)
{
  switch (unit)
    {
    case IL_UNIT_DURATION:
      return _ ("a duration");
    case IL_UNIT_RATE:
      return _ ("a rate");
    case IL_UNIT_SIZE:
      return _ ("a size");
    case IL_UNIT_COUNT:
    default:
      return _ ("a whole number");
    }
}

/* “a duration from 1us to 10ms” */
char *
il_quantity_describe_range (IlUnit unit, double min, double max)
{
  g_autofree char *from = il_quantity_to_string (min, unit);
  g_autofree char *to = il_quantity_to_string (max, unit);

  switch (unit)
    {
    case IL_UNIT_DURATION:
      return g_strdup_printf (_ ("a duration from %s to %s"), from, to);
    case IL_UNIT_RATE:
      return g_strdup_printf (_ ("a rate from %s to %s"), from, to);
    case IL_UNIT_SIZE:
      return g_strdup_printf (_ ("a size from %s to %s"), from, to);
    case IL_UNIT_COUNT:
    default:
      return g_strdup_printf (_ ("a whole number from %s to %s"), from, to);
    }
}

/**
 * il_quantity_get:
 *
 * Returns: the value with the knobs as they stand in @scenario; of a random one, the mean
 */
double
il_quantity_get (const IlQuantity *quantity, const IlScenario *scenario)
{
  g_return_val_if_fail (quantity->knob < (int)scenario->n_knobs, 0);

  return quantity->knob >= 0 ? scenario->knobs[quantity->knob].value : quantity->literal;
}

/**
 * il_quantity_get_max:
 *
 * Returns: the most that it can be while @scenario is run: of a knob its max; of a random one, the
 *     most that its mean can be
 */
double
il_quantity_get_max (const IlQuantity *quantity, const IlScenario *scenario)
{
  g_return_val_if_fail (quantity->knob < (int)scenario->n_knobs, 0);

  return quantity->knob >= 0 ? scenario->knobs[quantity->knob].max : quantity->literal;
}
