/* il-cli-options.c - parsing of arguments: options, numbers, times
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-cli.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define MAX_TIME_NS 1e18 /* some 31 years */

static gboolean
is_named (const GOptionEntry *entry, const char *word)
{
  const gsize length = strlen (entry->long_name);

  if (word[1] != '-')
    return word[1] != '\0' && word[1] == entry->short_name && word[2] == '\0';
  return strncmp (word + 2, entry->long_name, length) == 0
         && (word[2 + length] == '\0' || word[2 + length] == '=');
}

/* The option that a word names, be it with a value after "="; NULL: none. */
static const GOptionEntry *
find_entry (const GOptionEntry *entries, const char *word)
{
  for (; entries->long_name != NULL; entries++)
    if (is_named (entries, word))
      return entries;
  return NULL;
}

/* Whether the word after this one is the option's value. */
static gboolean
takes_next (const GOptionEntry *entry, const char *word)
{
  return entry != NULL && entry->arg != G_OPTION_ARG_NONE
         && (word[1] != '-' || strchr (word, '=') == NULL);
}

/* A value of an option that takes none is dropped by GLib without a word. */
static gboolean
check_values (const GOptionEntry *entries, int argc, char **argv, GError **error)
{
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    {
      const GOptionEntry *entry = argv[i][0] == '-' ? find_entry (entries, argv[i]) : NULL;

      if (takes_next (entry, argv[i]))
        i++;
      else if (entry != NULL && entry->arg == G_OPTION_ARG_NONE && strchr (argv[i], '=') != NULL)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _ ("--%s: found “%s”, expected no value"), entry->long_name,
                       strchr (argv[i], '=') + 1);
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * il_cli_parse:
 * @entries: ended by an entry of zeros; what they point to owns what it gets
 * @n_positional: how many arguments there are to be besides the options
 * @positional: (out) (transfer full) (array zero-terminated): those
 *
 * Parses a command's arguments.  --help prints and ends the program.
 */
gboolean
il_cli_parse (const IlCliCommand *command, const GOptionEntry *entries, int n_positional, int argc,
              char **argv, char ***positional, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (command->arguments);
  g_auto (GStrv) rest = NULL;
  const GOptionEntry rest_entries[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  int n_rest;

  g_option_context_set_summary (context, _ (command->summary));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, rest_entries, GETTEXT_PACKAGE);
  if (!check_values (entries, argc, argv, error)
      || !g_option_context_parse (context, &argc, &argv, error))
    return FALSE;

  n_rest = rest == NULL ? 0 : (int)g_strv_length (rest);
  if (n_rest < n_positional && n_rest == 0)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("expected %s, found nothing"),
                 command->arguments);
  else if (n_rest < n_positional)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("expected %s, found “%s” alone"), command->arguments, rest[0]);
  else if (n_rest > n_positional)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("“%s” is one argument too many"), rest[n_positional]);
  else
    {
      *positional = rest != NULL ? g_steal_pointer (&rest) : g_new0 (char *, 1);
      return TRUE;
    }
  return FALSE;
}

/* Where the options end: at "--", or at the first word that is none and no value of one. */
static int
find_command (const GOptionEntry *entries, int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      const char *word = argv[i];

      if (strcmp (word, "--") == 0 || word[0] != '-')
        return i;
      if (takes_next (find_entry (entries, word), word))
        i++;
    }
  return argc;
}

/**
 * il_cli_parse_command:
 * @entries: as for il_cli_parse()
 * @words: (out) (transfer full) (array zero-terminated=1): the command that is to be run, with its
 *   own options
 *
 * Parses the arguments of a command that runs another one.
 */
gboolean
il_cli_parse_command (const IlCliCommand *command, const GOptionEntry *entries, int argc,
                      char **argv, char ***words, GError **error)
{
  int begin = find_command (entries, argc, argv);
  int first = begin < argc && strcmp (argv[begin], "--") == 0 ? begin + 1 : begin;
  g_auto (GStrv) none = NULL;

  if (!il_cli_parse (command, entries, 0, begin, argv, &none, error))
    return FALSE;
  if (first >= argc)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("expected %s, found no command"), command->arguments);
      return FALSE;
    }
  *words = g_strdupv (argv + first);
  return TRUE;
}

/**
 * il_cli_parse_number:
 * @option: that it is the value of, for the message
 * @text: (nullable): NULL leaves @value alone
 * @min: the smallest that makes sense, 0 or more
 * @max: the largest that makes sense
 *
 * Parses a whole number from @min to @max.
 */
gboolean
il_cli_parse_number (const char *option, const char *text, gint64 min, gint64 max, gint64 *value,
                     GError **error)
{
  guint64 number;

  if (text == NULL)
    return TRUE;
  if (g_ascii_string_to_unsigned (text, 10, (guint64)min, (guint64)max, &number, NULL))
    {
      *value = (gint64)number;
      return TRUE;
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("%s: found “%s”, expected a whole number from %lld to %lld"), option, text,
               (long long)min, (long long)max);
  return FALSE;
}

/**
 * il_cli_parse_time:
 * @option: that it is the value of, for the message
 * @text: (nullable): NULL leaves @time_ns alone
 *
 * Parses a length of time: "1.5s", "200ms", "40us", "100ns", or plain seconds.
 */
gboolean
il_cli_parse_time (const char *option, const char *text, gint64 *time_ns, GError **error)
{
  static const struct
  {
    const char *suffix;
    double ns;
  } units[]
      = { { "", 1e9 }, { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "µs", 1e3 }, { "ns", 1 } };
  char *end;
  double value;

  if (text == NULL)
    return TRUE;
  value = g_ascii_strtod (text, &end);
  /* Not what strtod() takes besides: spaces, a sign before it, hexadecimal, infinity. */
  if (end > text && strchr ("+- \t\n\v\f\r", text[0]) == NULL
      && strspn (text, "0123456789.eE+-") == (size_t)(end - text))
    for (guint i = 0; i < G_N_ELEMENTS (units); i++)
      if (strcmp (end, units[i].suffix) == 0 && value * units[i].ns < MAX_TIME_NS)
        {
          *time_ns = (gint64)round (value * units[i].ns);
          return TRUE;
        }
  g_set_error (
      error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      _ ("%s: found “%s”, expected a time such as 1.5s, 200ms or 3 (seconds), below %.0fs"), option,
      text, MAX_TIME_NS / 1e9);
  return FALSE;
}

/**
 * il_cli_check_output:
 * @path: (nullable): where the session is to be kept
 *
 * Returns: FALSE and an error where that is no file, but nothing, standard output, or the end of
 *   the options
 */
gboolean
il_cli_check_output (const char *path, GError **error)
{
  if (g_strcmp0 (path, "--") == 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--output: expected a file, found “--”; a file of that name is ./--"));
      return FALSE;
    }
  if (g_strcmp0 (path, "") == 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--output: expected a file, found “”"));
      return FALSE;
    }
  if (g_strcmp0 (path, "-") != 0)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("--output: a session is a database and cannot be written to standard output; a "
                  "file of that name is ./-"));
  return FALSE;
}
