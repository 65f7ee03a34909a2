/* il-demangle.c - names of C++ and Rust as their authors wrote them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The C++ library's own function does the work.  Of a function its name alone is wanted: what it
 * takes and returns makes it long and tells nothing of a lock.
 */

#include "config.h"

#include "il-symbol.h"

#include <stdlib.h>
#include <string.h>

#define MANGLED_MAX 4096
#define RUST_HASH "::h0123456789abcdef"

/* Of libstdc++; its header is C++. */
char *__cxa_demangle (const char *name, char *buffer, size_t *length, int *status);

/* "worker.part.0", "lock.1", "pthread_create@@GLIBC_2.34" */
static void
cut_suffix (char *name)
{
  char *at = name[0] != '\0' ? strpbrk (name + 1, ".@") : NULL;

  if (at != NULL)
    *at = '\0';
}

/* Behind what follows the word "operator": "()", "<<", " new". */
static const char *
skip_operator (const char *text)
{
  if (g_str_has_prefix (text, "()"))
    return text + 2;
  return text + strcspn (text, "(");
}

static gboolean
is_operator (const char *begin, const char *at)
{
  return g_str_has_prefix (at, "operator")
         && (at == begin || !(g_ascii_isalnum (at[-1]) || at[-1] == '_'))
         && !(g_ascii_isalnum (at[8]) || at[8] == '_');
}

/* "void pool::run<int>(int) const" is "pool::run<int>". */
static char *
cut_parameters (const char *text)
{
  const char *begin = text, *at = text;
  guint depth = 0;

  while (*at != '\0')
    {
      if (depth == 0 && is_operator (text, at))
        at = skip_operator (at + strlen ("operator"));
      else if (depth == 0 && *at == '(' && !g_str_has_prefix (at, "(anonymous namespace)"))
        break;
      else
        {
          if (*at == '<' || *at == '(' || *at == '[' || *at == '{')
            depth++;
          else if ((*at == '>' || *at == ')' || *at == ']' || *at == '}') && depth > 0)
            depth--;
          else if (*at == ' ' && depth == 0)
            begin = at + 1;
          at++;
        }
    }
  return g_strndup (begin, (gsize)(at - begin));
}

/* Rust says which of several of the same name by a number that nobody chose. */
static void
cut_rust_hash (char *name)
{
  gsize length = strlen (name);
  gsize suffix = strlen (RUST_HASH);

  if (length > suffix && g_str_has_prefix (name + length - suffix, "::h")
      && strspn (name + length - suffix + 3, "0123456789abcdef") == suffix - 3)
    name[length - suffix] = '\0';
}

char *
il_demangle (const char *name)
{
  g_autofree char *plain = g_strdup (name);
  g_autofree char *cut = NULL;
  char *text;
  int status = 0;

  cut_suffix (plain);
  if (!g_str_has_prefix (plain, "_Z") || strlen (plain) > MANGLED_MAX)
    return g_steal_pointer (&plain);
  text = __cxa_demangle (plain, NULL, NULL, &status);
  if (text == NULL)
    return g_steal_pointer (&plain);
  cut = cut_parameters (text);
  free (text);
  cut_rust_hash (cut);
  return cut[0] != '\0' ? g_steal_pointer (&cut) : g_steal_pointer (&plain);
}
