/* il-process-name.c - what a process is called, where the kernel's word for it is too short
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kernel keeps 15 bytes of the name of the file that was executed: of a script's, where the
 * kernel started its interpreter, or of the interpreter's, where that was given the script.  No
 * other arguments are of interest; they may be secret.
 */

#include "config.h"

#include "il-process-name.h"

#include <string.h>

#define COMM_LENGTH 15
#define MAX_NAME 48 /* bytes */

/* What is said of a process is one line, in which nothing can steer what shows it. */
static char *
make_readable (const char *bytes)
{
  g_autofree char *text = g_utf8_make_valid (bytes, -1);
  g_autoptr (GString) readable = g_string_new (NULL);

  for (const char *c = text; *c; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (readable->len >= MAX_NAME)
        {
          g_string_append (readable, "…");
          break;
        }
      g_string_append_unichar (readable, g_unichar_isprint (character) ? character : 0xfffd);
    }
  return g_string_free (g_steal_pointer (&readable), FALSE);
}

/* "/usr/bin/python3.11" and "-bash" of a login. */
static const char *
get_base (const char *word)
{
  const char *slash = strrchr (word, '/');
  const char *base = slash != NULL ? slash + 1 : word;

  return *base == '-' ? base + 1 : base;
}

static gboolean
is_interpreter (const char *base)
{
  static const char *const names[]
      = { "python", "perl", "ruby", "node", "lua", "php", "java", "bash", "dash", "zsh" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (base, names[i]))
      return TRUE;
  return g_str_equal (base, "sh");
}

/* NULL: it runs something else than a file, or nobody knows. */
static const char *
find_script (const char *const *words)
{
  for (guint i = 1; words[i] != NULL; i++)
    {
      const char *word = words[i];

      if (word[0] != '-')
        return get_base (word);
      /* What follows such an option is its value, or a program itself. */
      if (strchr ("cemWXO", word[1]) != NULL || g_str_equal (word, "-jar"))
        return NULL;
    }
  return NULL;
}

static gboolean
is_called (const char *base, const char *comm)
{
  return strlen (comm) < COMM_LENGTH ? g_str_equal (base, comm) : g_str_has_prefix (base, comm);
}

/**
 * il_process_name_from_words:
 * @words: (array zero-terminated=1): its command line
 * @comm: what the kernel calls it
 * @title: (out) (transfer full): the same with the script that it runs, if it does: "python3 a.py"
 *
 * Returns: (transfer full) (nullable): its name in full; NULL: these are not the words of that name
 */
char *
il_process_name_from_words (const char *const *words, const char *comm, char **title)
{
  const char *base = words[0] != NULL ? get_base (words[0]) : "";
  const char *script = words[0] != NULL ? find_script (words) : NULL;
  g_autofree char *name = NULL;

  *title = NULL;
  if (*comm == '\0')
    return NULL;
  if (is_called (base, comm))
    {
      g_autofree char *readable_script
          = script != NULL && is_interpreter (base) ? make_readable (script) : NULL;

      name = make_readable (base);
      *title = readable_script != NULL ? g_strdup_printf ("%s %s", name, readable_script)
                                       : g_strdup (name);
    }
  else if (script != NULL && is_called (script, comm))
    {
      name = make_readable (script);
      *title = g_strdup (name);
    }
  return g_steal_pointer (&name);
}

/**
 * il_process_name_read:
 *
 * Asks /proc; see il_process_name_from_words().
 *
 * Returns: (transfer full) (nullable): NULL: the process is gone, or has another name by now
 */
char *
il_process_name_read (pid_t pid, const char *comm, char **title)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", (int)pid);
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  gsize length;

  *title = NULL;
  if (!g_file_get_contents (path, &text, &length, NULL))
    return NULL;
  for (gsize i = 0; i < length; i += strlen (text + i) + 1)
    g_ptr_array_add (words, text + i);
  g_ptr_array_add (words, NULL);
  return il_process_name_from_words ((const char *const *)words->pdata, comm, title);
}
