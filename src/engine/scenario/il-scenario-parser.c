/* il-scenario-parser.c - what parsing the groups of a scenario has in common: values and complaints
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

gboolean
il_scenario_parser_fail_group (IlScenarioParser *self, guint group, const char *expected)
{
  const IlScenarioGroup *header = il_scenario_text_get_group (self->text, group);
  g_autofree char *found = g_strdup_printf ("[%s]", header->header);

  return il_scenario_fail_at (self->error, self->text->path, header->line, found, "%s", expected);
}

gboolean
il_scenario_parser_fail_missing (IlScenarioParser *self, guint group, const char *key)
{
  g_autofree char *expected = g_strdup_printf (_ ("a key “%s” in it"), key);

  return il_scenario_parser_fail_group (self, group, expected);
}

gboolean
il_scenario_parser_fail_key (IlScenarioParser *self, int line, const char *key, const char *value,
                             const char *expected)
{
  g_autofree char *found = g_strdup_printf ("%s=%s", key, value);

  return il_scenario_fail_at (self->error, self->text->path, line, found, "%s", expected);
}

static gboolean
fail_unknown_knob (IlScenarioParser *self, int line, const char *text, const char *key)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  g_autofree char *one_of = NULL;

  if (self->scenario->n_knobs == 0)
    return il_scenario_fail_at (self->error, self->text->path, line, text,
                                _ ("[Knob %s] in this file"), *key != '\0' ? key : _ ("NAME"));
  for (guint i = 0; i < self->scenario->n_knobs; i++)
    g_ptr_array_add (keys, self->scenario->knobs[i].key);
  g_ptr_array_add (keys, NULL);
  one_of = il_scenario_one_of ((const char *const *)keys->pdata, key);
  return il_scenario_fail_at (self->error, self->text->path, line, text,
                              _ ("the name of a [Knob NAME], %s"), one_of);
}

/* text: “${KEY}” */
static gboolean
parse_knob_use (IlScenarioParser *self, int line, const char *text, const IlQuantityRule *rule,
                IlQuantity *quantity)
{
  g_autofree char *key = g_strndup (text + 2, strlen (text) - 3);
  int index = il_scenario_find_knob (self->scenario, key);
  const IlScenarioKnob *knob;
  g_autofree char *range = NULL;

  if (index < 0)
    return fail_unknown_knob (self, line, text, key);
  knob = &self->scenario->knobs[index];
  if (knob->unit != rule->unit)
    return il_scenario_fail_at (self->error, self->text->path, line, text,
                                _ ("a knob whose Value is %s"),
                                il_quantity_get_unit_name (rule->unit));
  if (knob->min < rule->min || knob->max > rule->max)
    {
      range = il_quantity_describe_range (rule->unit, rule->min, rule->max);
      return il_scenario_fail_at (self->error, self->text->path, line, text,
                                  _ ("a knob whose Min and Max are %s"), range);
    }
  quantity->knob = index;
  self->knob_used[index] = TRUE;
  if (!rule->is_live)
    self->knob_fixed[index] = TRUE;
  return TRUE;
}

/* Puts the place in front of an error that was set without it; FALSE. */
gboolean
il_scenario_parser_place_error (IlScenarioParser *self, int line)
{
  g_autofree char *message = g_strdup ((*self->error)->message);

  g_clear_error (self->error);
  g_set_error (self->error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SYNTAX, "%s:%d: %s",
               self->text->path, line, message);
  return FALSE;
}

/* A number that cannot be a knob's. */
gboolean
il_scenario_parser_number (IlScenarioParser *self, int line, const char *text,
                           const IlQuantityRule *rule, double *value)
{
  return il_quantity_parse_in (text, rule, value, self->error)
         || il_scenario_parser_place_error (self, line);
}

/**
 * il_scenario_parser_quantity:
 * @text: a number with its unit or “${KEY}”, either with “~” before it
 *
 * Parses a number that may be a knob's.
 */
gboolean
il_scenario_parser_quantity (IlScenarioParser *self, int line, const char *text,
                             const IlQuantityRule *rule, IlQuantity *quantity)
{
  const char *number = text;

  *quantity = (IlQuantity){ .knob = -1 };
  if (*text == '~')
    {
      if (!rule->may_be_random)
        return il_scenario_fail_at (
            self->error, self->text->path, line, text,
            _ ("a fixed number; only the durations of cpu, sleep and closed may be random"));
      quantity->is_random = TRUE;
      number += text[1] != '\0' ? 1 : 0; /* a lone one is shown as it stands */
    }
  if (g_str_has_prefix (number, "${") && g_str_has_suffix (number, "}"))
    return parse_knob_use (self, line, number, rule, quantity);
  return il_scenario_parser_number (self, line, number, rule, &quantity->literal);
}

/* A key that holds a quantity; the default stands where the key is missing. */
gboolean
il_scenario_parser_quantity_key (IlScenarioParser *self, guint group, const char *key,
                                 const IlQuantityRule *rule, double default_value,
                                 IlQuantity *quantity)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, key, &line);

  *quantity = (IlQuantity){ .knob = -1, .literal = default_value };
  return text == NULL || il_scenario_parser_quantity (self, line, text, rule, quantity);
}

/* A key that holds one of some words; choice is left alone where it is missing. */
gboolean
il_scenario_parser_choice (IlScenarioParser *self, guint group, const char *key,
                           const char *const *words, guint *choice)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, key, &line);
  g_autofree char *one_of = NULL;

  if (text == NULL)
    return TRUE;
  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], text) == 0)
      {
        *choice = i;
        return TRUE;
      }
  one_of = il_scenario_one_of (words, text);
  return il_scenario_fail_at (self->error, self->text->path, line, text, "%s", one_of);
}

/* A whole number that cannot be a knob's. */
gboolean
il_scenario_parser_number_key (IlScenarioParser *self, guint group, const char *key,
                               const IlQuantityRule *rule, double default_value, double *value)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, key, &line);

  *value = default_value;
  return text == NULL || il_scenario_parser_number (self, line, text, rule, value);
}

/* A key that makes no sense beside the others must not be there. */
gboolean
il_scenario_parser_refuse_key (IlScenarioParser *self, guint group, const char *key,
                               const char *expected)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, key, &line);

  return text == NULL || il_scenario_parser_fail_key (self, line, key, text, expected);
}

/**
 * il_scenario_split_words:
 *
 * Returns: (transfer full): the words between spaces and tabs
 */
char **
il_scenario_split_words (const char *text)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit_set (text, " \t", -1);

  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0')
      g_strv_builder_add (builder, *part);
  return g_strv_builder_end (builder);
}

/* “0,2-3” at *text; FALSE if it is not that. */
static gboolean
skip_cores (const char **text)
{
  for (;;)
    {
      guint64 first, last;
      char *end;

      if (!g_ascii_isdigit (**text))
        return FALSE;
      first = last = g_ascii_strtoull (*text, &end, 10);
      if (*end == '-')
        {
          if (!g_ascii_isdigit (end[1]))
            return FALSE;
          last = g_ascii_strtoull (end + 1, &end, 10);
        }
      if (first > last || last >= IL_SCENARIO_MAX_CORES)
        return FALSE;
      *text = end;
      if (*end != ',')
        return TRUE;
      (*text)++;
    }
}

/**
 * il_scenario_parser_affinity:
 * @cores: (out) (nullable): where workers may run; %NULL: anywhere
 * @nice: (out):
 *
 * Parses the keys Cores and Nice of a group.  Whether there are such cores is known only where the
 * scenario runs.
 */
gboolean
il_scenario_parser_affinity (IlScenarioParser *self, guint group, char **cores, int *nice)
{
  static const IlQuantityRule nice_rule = { IL_UNIT_COUNT, 0, 19, FALSE, FALSE };
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, "Cores", &line);
  const char *end = text;
  double value;

  if (text != NULL && (!skip_cores (&end) || *end != '\0'))
    return il_scenario_fail_at (self->error, self->text->path, line, text,
                                _ ("numbers of cores below %d such as “0,2-3”"),
                                IL_SCENARIO_MAX_CORES);
  if (!il_scenario_parser_number_key (self, group, "Nice", &nice_rule, 0, &value))
    return FALSE;
  *cores = g_steal_pointer (&text);
  *nice = (int)value;
  return TRUE;
}
