/* il-name-words.c - names that the recorder makes up for objects, in the user's words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A recording has them in English, whoever made it: see src/recorder/il-object-names.c.
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "il-timeline.h"

/* Those that have no number have an address: "mutex 0x7f12". */
static const struct
{
  const char *word;
  gboolean has_number;
} words[] = {
  /* Translators: a lock that a Python program made, whose name is not known; a number follows */
  { N_ ("Python lock"), TRUE },
  /* Translators: what a Python program uses to wake a thread, likewise */
  { N_ ("Python signal"), TRUE },
  /* Translators: a lock of Python's module multiprocessing, likewise */
  { N_ ("multiprocessing lock"), TRUE },
  { N_ ("mutex"), FALSE },
  { N_ ("spin lock"), FALSE },
  { N_ ("semaphore"), FALSE },
  { N_ ("readers–writer lock"), FALSE },
  { N_ ("futex"), FALSE },
  { N_ ("condition"), FALSE },
  { N_ ("barrier"), FALSE },
};

/* What follows the word, if the name is made of it; else NULL. */
static const char *
get_rest (const char *name, guint word)
{
  const char *rest;

  if (!g_str_has_prefix (name, words[word].word))
    return NULL;
  rest = name + strlen (words[word].word);
  if (g_str_has_prefix (rest, " 0x"))
    return rest;
  return words[word].has_number && (*rest == '\0' || *rest == ' ') ? rest : NULL;
}

/**
 * il_name_says_kind:
 * @name: of an object
 *
 * Returns: whether the recorder made it up for what has none, and it says what that is
 */
gboolean
il_name_says_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (get_rest (name, i) != NULL)
      return TRUE;
  return strstr (name, " 0x") != NULL;
}

/**
 * il_name_get_shown:
 * @name: of an object
 *
 * Returns: (transfer none): the same in the user's language, if it was made up; it lives as long as
 *   @name, or for ever
 */
const char *
il_name_get_shown (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      const char *rest = get_rest (name, i);
      const char *word = _ (words[i].word);
      g_autofree char *shown = NULL;

      if (rest == NULL)
        continue;
      if (word == words[i].word)
        return name;
      shown = g_strconcat (word, rest, NULL);
      return g_intern_string (shown);
    }
  return name;
}
