/* il-scenario-error.c - messages of the form: FILE:LINE: found “x”, expected y
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_FOUND_CHARACTERS 60

G_DEFINE_QUARK (il - scenario - error - quark, il_scenario_error)

/* One line, whatever was in the file: control characters are written out and long texts cut. */
static char *
make_presentable (const char *text, glong max_characters)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *result = g_string_new (NULL);
  glong n_characters = 0;

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (n_characters++ == max_characters)
        {
          g_string_append (result, "…");
          break;
        }
      if (c == '\t')
        g_string_append (result, "\\t");
      else if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
        g_string_append_printf (result, "\\x%02x", c);
      else
        g_string_append_unichar (result, c);
    }
  return g_string_free (result, FALSE);
}

/* The message alone; the caller puts in front where it was. */
static char *
make_message (const char *found, const char *expected)
{
  g_autofree char *presentable = NULL;

  if (found == NULL)
    /* Translators: %s is a phrase that says what should be there, such as “a whole number”. */
    return g_strdup_printf (_ ("found the end of the file, expected %s"), expected);
  presentable = make_presentable (found, MAX_FOUND_CHARACTERS);
  /* Translators: %s is what stands there, and a phrase such as “a whole number”. */
  return g_strdup_printf (_ ("found “%s”, expected %s"), presentable, expected);
}

/**
 * il_scenario_fail:
 * @found: (nullable): %NULL for the end of the file
 * @expected_format: what should have stood there, as a phrase
 *
 * Sets the error “found “x”, expected y”.
 *
 * Returns: %FALSE, so that a caller can return it
 */
gboolean
il_scenario_fail (GError **error, IlScenarioError code, const char *found,
                  const char *expected_format, ...)
{
  g_autofree char *expected = NULL;
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, expected_format);
  expected = g_strdup_vprintf (expected_format, arguments);
  va_end (arguments);
  message = make_message (found, expected);
  g_set_error_literal (error, IL_SCENARIO_ERROR, (int)code, message);
  return FALSE;
}

/**
 * il_scenario_fail_at:
 * @line: from 1
 * @found: (nullable): %NULL for the end of the file
 * @expected_format: what should have stood there, as a phrase
 *
 * Sets the error “PATH:LINE: found “x”, expected y”.
 *
 * Returns: %FALSE, so that a caller can return it
 */
gboolean
il_scenario_fail_at (GError **error, const char *path, int line, const char *found,
                     const char *expected_format, ...)
{
  g_autofree char *expected = NULL;
  g_autofree char *message = NULL;
  g_autofree char *where = make_presentable (path, G_MAXLONG);
  va_list arguments;

  va_start (arguments, expected_format);
  expected = g_strdup_vprintf (expected_format, arguments);
  va_end (arguments);
  message = make_message (found, expected);
  g_set_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SYNTAX, "%s:%d: %s", where, line,
               message);
  return FALSE;
}

static gboolean
is_same_letter (char a, char b)
{
  return g_ascii_tolower (a) == g_ascii_tolower (b);
}

/* Edit distance, letters' case aside; two letters in the wrong order are one mistake. */
static guint
get_distance (const char *a, const char *b)
{
  gsize length = strlen (b);
  g_autofree guint *before = g_new0 (guint, length + 1);
  g_autofree guint *last = g_new (guint, length + 1);
  g_autofree guint *row = g_new (guint, length + 1);

  for (gsize j = 0; j <= length; j++)
    row[j] = (guint)j;
  for (gsize i = 1; a[i - 1] != '\0'; i++)
    {
      guint *oldest = before;

      before = last;
      last = row;
      row = oldest;
      row[0] = (guint)i;
      for (gsize j = 1; j <= length; j++)
        {
          guint change = is_same_letter (a[i - 1], b[j - 1]) ? 0 : 1;

          row[j] = MIN (last[j - 1] + change, MIN (last[j], row[j - 1]) + 1);
          if (i > 1 && j > 1 && is_same_letter (a[i - 1], b[j - 2])
              && is_same_letter (a[i - 2], b[j - 1]))
            row[j] = MIN (row[j], before[j - 2] + 1);
        }
    }
  return row[length];
}

static const char *
find_nearest (const char *const *words, const char *found)
{
  const char *nearest = NULL;
  guint nearest_distance = G_MAXUINT;

  if (strlen (found) > MAX_FOUND_CHARACTERS)
    return NULL;
  for (; *words != NULL; words++)
    {
      guint distance = get_distance (found, *words);

      if (distance <= MAX (1, strlen (*words) / 3) && distance < nearest_distance)
        {
          nearest = *words;
          nearest_distance = distance;
        }
    }
  return nearest;
}

/**
 * il_scenario_suggest:
 * @words: (array zero-terminated=1): what is allowed
 * @found: what stands there instead
 *
 * Returns: (transfer full): what to add to a message: “; did you mean “x”?”, or nothing
 */
char *
il_scenario_suggest (const char *const *words, const char *found)
{
  const char *nearest = find_nearest (words, found);

  return nearest == NULL ? g_strdup ("") : g_strdup_printf (_ ("; did you mean “%s”?"), nearest);
}

/**
 * il_scenario_one_of:
 * @words: (array zero-terminated=1): what is allowed, one at least
 * @found: what stands there instead
 *
 * Returns: (transfer full): “one of a, b or c”, with the one that was probably meant
 */
char *
il_scenario_one_of (const char *const *words, const char *found)
{
  g_autofree char *suggestion = il_scenario_suggest (words, found);
  guint n_words = g_strv_length ((char **)words);
  /* Translators: stands before a list, as in “one of a, b or c”; the space is part of it. */
  g_autoptr (GString) list = g_string_new (n_words > 1 ? _ ("one of ") : NULL);
  /* Translators: stands before the last of a list, as in “one of a, b or c”, with its spaces. */
  const char *before_last = _ (" or ");

  for (guint i = 0; i < n_words; i++)
    {
      if (i > 0)
        g_string_append (list, i + 1 < n_words ? ", " : before_last);
      g_string_append (list, words[i]);
    }
  g_string_append (list, suggestion);
  return g_strdup (list->str);
}
