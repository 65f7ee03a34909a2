/* il-program-choice.c - a program that the user wants to run: read, checked, remembered
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * No shell reads the command line.  It is cut into words as a shell does it, and "~/" at the
 * beginning of a word is the home directory; all else that a shell would do has to be asked of one.
 */

#include "config.h"

#include "il-program-choice.h"

#include "il-program.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

G_DEFINE_QUARK (il - program - choice - error - quark, il_program_choice_error)

IlProgramChoice *
il_program_choice_new (const char *command_line, const char *directory, const char *environment,
                       gboolean no_locks)
{
  IlProgramChoice *choice = g_new0 (IlProgramChoice, 1);

  choice->command_line = g_strdup (command_line ? command_line : "");
  choice->directory = g_strdup (directory ? directory : "");
  choice->environment = g_strdup (environment ? environment : "");
  choice->no_locks = no_locks;

  return choice;
}

IlProgramChoice *
il_program_choice_copy (const IlProgramChoice *choice)
{
  return il_program_choice_new (choice->command_line, choice->directory, choice->environment,
                                choice->no_locks);
}

void
il_program_choice_free (IlProgramChoice *choice)
{
  if (!choice)
    return;

  g_free (choice->command_line);
  g_free (choice->directory);
  g_free (choice->environment);
  g_free (choice);
}

void
il_program_plan_free (IlProgramPlan *plan)
{
  if (!plan)
    return;

  g_strfreev (plan->command);
  g_strfreev (plan->environment);
  g_free (plan->directory);
  g_free (plan);
}

/* --- the command line --- */

/* What is quoted means itself, as in a shell: it stays as it is. */
static char *
expand_home (const char *text)
{
  g_autoptr (GString) expanded = g_string_new (NULL);
  g_autofree char *home = g_shell_quote (g_get_home_dir ());
  gboolean at_begin = TRUE;
  char quote = '\0';

  for (const char *c = text; *c; c++)
    {
      if (at_begin && !quote && c[0] == '~' && (c[1] == '/' || c[1] == '\0' || c[1] == ' '))
        g_string_append (expanded, home);
      else
        g_string_append_c (expanded, *c);
      if (*c == '\\' && quote != '\'' && c[1])
        g_string_append_c (expanded, *++c);
      else if (quote)
        quote = *c == quote ? '\0' : quote;
      else if (*c == '\'' || *c == '"')
        quote = *c;
      at_begin = !quote && g_ascii_isspace (*c);
    }

  return g_string_free (g_steal_pointer (&expanded), FALSE);
}

/**
 * il_program_choice_read_command:
 * @text: quoted as for a shell
 *
 * Returns: (transfer full): the words, one at least; or NULL and what is wrong
 */
char **
il_program_choice_read_command (const char *text, GError **error)
{
  g_autofree char *expanded = expand_home (text);
  g_autoptr (GError) reason = NULL;
  g_auto (GStrv) words = NULL;
  int code = IL_PROGRAM_CHOICE_ERROR_COMMAND;

  if (!g_shell_parse_argv (expanded, NULL, &words, &reason))
    {
      if (g_error_matches (reason, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
        g_set_error_literal (error, IL_PROGRAM_CHOICE_ERROR, code,
                             _ ("Type the program and its arguments"));
      else if (g_str_has_suffix (text, "\\"))
        g_set_error_literal (error, IL_PROGRAM_CHOICE_ERROR, code,
                             _ ("A backslash at the end quotes nothing"));
      else
        g_set_error_literal (error, IL_PROGRAM_CHOICE_ERROR, code,
                             _ ("A quotation mark is not closed"));
      return NULL;
    }
  if (*words[0] == '\0')
    {
      g_set_error_literal (error, IL_PROGRAM_CHOICE_ERROR, code,
                           _ ("The program has an empty name"));
      return NULL;
    }

  return g_steal_pointer (&words);
}

/**
 * il_program_choice_find_shell_word:
 * @command: (array zero-terminated=1): words of a command
 *
 * Returns: (nullable): the first word that would mean something to a shell and that the program
 *   gets as it is
 */
const char *
il_program_choice_find_shell_word (const char *const *command)
{
  static const char *const words[]
      = { "|", "||", "|&", "&", "&&", ";", "<", "<<", ">", ">>", "2>", "2>>", "2>&1", "&>", NULL };

  for (; *command; command++)
    if (g_strv_contains (words, *command))
      return *command;

  return NULL;
}

/* A word that may be the name of a file, and no option, no line of code. */
static gboolean
may_be_file (const char *word)
{
  return *word && *word != '-' && !strpbrk (word, " \t\n=;|<>()'\"");
}

/**
 * il_program_choice_dup_name:
 * @command_line: as it was typed, or as a recording has it
 *
 * Returns: (transfer full): the program, and what it was run on if that can be told, as in
 *   "python3-deadlock.py": short, without directories and blanks
 */
char *
il_program_choice_dup_name (const char *command_line)
{
  g_auto (GStrv) words = il_program_choice_read_command (command_line, NULL);
  g_autofree char *program = words ? g_path_get_basename (words[0]) : g_strdup ("program");
  g_autofree char *file = NULL;
  char *name;

  if (words && words[1] && may_be_file (words[1]) && !g_str_has_suffix (words[1], "/"))
    file = g_path_get_basename (words[1]);
  name = file ? g_strdup_printf ("%s-%s", program, file) : g_strdup (program);

  return g_strdelimit (name, " \t\n", '-');
}

/* --- the directory --- */

/**
 * il_program_choice_read_directory:
 * @text: empty for the home directory
 *
 * Does not look at the disk.
 *
 * Returns: (transfer full): an absolute path; or NULL and what is wrong
 */
char *
il_program_choice_read_directory (const char *text, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  if (*trimmed == '\0' || g_str_equal (trimmed, "~"))
    return g_strdup (g_get_home_dir ());
  if (g_str_has_prefix (trimmed, "~/"))
    return g_build_filename (g_get_home_dir (), trimmed + 2, NULL);
  if (!g_path_is_absolute (trimmed))
    {
      g_set_error_literal (error, IL_PROGRAM_CHOICE_ERROR, IL_PROGRAM_CHOICE_ERROR_DIRECTORY,
                           _ ("A directory begins with “/” or “~/”"));
      return NULL;
    }

  return g_steal_pointer (&trimmed);
}

/* --- the environment --- */

static gboolean
is_name (const char *text, gsize length)
{
  if (length == 0 || g_ascii_isdigit (text[0]))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '_')
      return FALSE;

  return TRUE;
}

/**
 * il_program_choice_read_environment:
 * @text: NAME=VALUE, one a line; empty lines and those that begin with # mean nothing
 * @base: (transfer full) (array zero-terminated=1): what is changed by it
 *
 * Returns: (transfer full): @base with what @text says; or NULL and which line is wrong
 */
char **
il_program_choice_read_environment (const char *text, char **base, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_auto (GStrv) environment = base;

  for (guint i = 0; lines[i]; i++)
    {
      const char *line = g_strchug (lines[i]);
      const char *equals = strchr (line, '=');
      g_autofree char *name = NULL;

      if (*line == '\0' || *line == '#')
        continue;
      if (!equals || !is_name (line, (gsize)(equals - line)))
        {
          g_set_error (error, IL_PROGRAM_CHOICE_ERROR, IL_PROGRAM_CHOICE_ERROR_ENVIRONMENT,
                       /* Translators: the number of a line, and NAME=VALUE as it is to be typed */
                       _ ("Line %u is not of the form %s"), i + 1, "NAME=VALUE");
          return NULL;
        }
      name = g_strndup (line, (gsize)(equals - line));
      environment = g_environ_setenv (environment, name, equals + 1, TRUE);
    }

  return g_steal_pointer (&environment);
}

/* What it prints goes to a terminal that does not know how to do anything, and where nobody can
 * turn over a page. */
static char **
get_base_environment (void)
{
  char **environment = g_environ_setenv (g_get_environ (), "TERM", "dumb", TRUE);

  environment = g_environ_unsetenv (environment, "COLORTERM");

  return g_environ_setenv (environment, "PAGER", "cat", TRUE);
}

/**
 * il_program_choice_plan:
 *
 * Returns: (transfer full): what is to be started; or NULL and what is wrong, the code says where
 */
IlProgramPlan *
il_program_choice_plan (const IlProgramChoice *choice, GError **error)
{
  g_autoptr (IlProgramPlan) plan = g_new0 (IlProgramPlan, 1);

  plan->command = il_program_choice_read_command (choice->command_line, error);
  if (!plan->command)
    return NULL;
  plan->directory = il_program_choice_read_directory (choice->directory, error);
  if (!plan->directory)
    return NULL;
  plan->environment
      = il_program_choice_read_environment (choice->environment, get_base_environment (), error);
  if (!plan->environment)
    return NULL;

  return g_steal_pointer (&plan);
}

/* --- looking at the disk --- */

/**
 * il_program_plan_check:
 *
 * Looks whether directory and program are there.  Looks at the disk: not for the main thread.
 *
 * Returns: whether it can be started as far as can be told; or FALSE and what is wrong
 */
gboolean
il_program_plan_check (const IlProgramPlan *plan, GError **error)
{
  const char *text = NULL;
  GStatBuf status;
  g_autoptr (GError) reason = NULL;
  g_autofree char *path = NULL;

  if (g_stat (plan->directory, &status) != 0)
    text = errno == ENOENT ? _ ("There is no such directory") : g_strerror (errno);
  else if (!S_ISDIR (status.st_mode))
    text = _ ("This is not a directory");
  if (text)
    {
      g_set_error_literal (error, IL_PROGRAM_CHOICE_ERROR, IL_PROGRAM_CHOICE_ERROR_DIRECTORY, text);
      return FALSE;
    }

  path = il_program_find (plan->command[0], plan->directory, (const char *const *)plan->environment,
                          &reason);
  if (!path)
    g_set_error_literal (error, IL_PROGRAM_CHOICE_ERROR, IL_PROGRAM_CHOICE_ERROR_COMMAND,
                         reason->message);

  return path != NULL;
}

/* --- recent ones --- */

/**
 * il_program_choices_load:
 * @value: of type a(sssb), the newest first
 *
 * Returns: (transfer full) (element-type IlProgramChoice): the same, but what is empty
 */
GPtrArray *
il_program_choices_load (GVariant *value)
{
  GPtrArray *choices = g_ptr_array_new_with_free_func ((GDestroyNotify)il_program_choice_free);
  const char *command_line, *directory, *environment;
  GVariantIter iter;
  gboolean no_locks;

  g_variant_iter_init (&iter, value);
  while (
      g_variant_iter_next (&iter, "(&s&s&sb)", &command_line, &directory, &environment, &no_locks))
    if (*command_line && choices->len < IL_PROGRAM_CHOICES_KEPT)
      g_ptr_array_add (choices,
                       il_program_choice_new (command_line, directory, environment, no_locks));

  return choices;
}

/**
 * il_program_choices_save:
 *
 * Returns: (transfer floating): what il_program_choices_load() takes
 */
GVariant *
il_program_choices_save (GPtrArray *choices)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sssb)"));

  for (guint i = 0; i < choices->len; i++)
    {
      const IlProgramChoice *choice = g_ptr_array_index (choices, i);

      g_variant_builder_add (&builder, "(sssb)", choice->command_line, choice->directory,
                             choice->environment, choice->no_locks);
    }

  return g_variant_builder_end (&builder);
}

/**
 * il_program_choices_add:
 *
 * Puts it in front.  One with the same command and directory goes: nobody wants to look through a
 * list of what differs in a switch.
 */
void
il_program_choices_add (GPtrArray *choices, const IlProgramChoice *choice)
{
  il_program_choices_forget (choices, choice);
  g_ptr_array_insert (choices, 0, il_program_choice_copy (choice));
  if (choices->len > IL_PROGRAM_CHOICES_KEPT)
    g_ptr_array_set_size (choices, IL_PROGRAM_CHOICES_KEPT);
}

/**
 * il_program_choices_forget:
 *
 * Takes out what il_program_choices_add() put in.
 */
void
il_program_choices_forget (GPtrArray *choices, const IlProgramChoice *choice)
{
  for (guint i = choices->len; i-- > 0;)
    {
      const IlProgramChoice *other = g_ptr_array_index (choices, i);

      if (g_str_equal (other->command_line, choice->command_line)
          && g_str_equal (other->directory, choice->directory))
        g_ptr_array_remove_index (choices, i);
    }
}

void
il_program_choices_remove (GPtrArray *choices, guint index)
{
  g_return_if_fail (index < choices->len);

  g_ptr_array_remove_index (choices, index);
}
