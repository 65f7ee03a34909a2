/* il-visible-text.c - text of any origin so that nothing in it is hidden
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A command in a recording may be made to look like another one: by characters that turn the
 * direction of what follows, that have no width, or that begin a new line far below.
 */

#include "config.h"

#include "il-visible-text.h"

#include <string.h>

/* More blanks in a row than anybody types push what follows out of sight. */
#define MAX_BLANKS 3
#define MAX_FILE_NAME 120 /* bytes, without its suffix */
/* More than any label shows; a whole megabyte would take seconds to lay out. */
#define MAX_GLIMPSE 400 /* characters */

static gboolean
is_visible (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return FALSE;
    case G_UNICODE_SPACE_SEPARATOR:
      return c == ' ';
    default:
      return !g_unichar_iszerowidth (c) || g_unichar_ismark (c);
    }
}

/* As far as a shell knows it, as it would be typed there. */
static void
append_escaped (GString *visible, gunichar c)
{
  static const char letters[] = "abtnvfr"; /* from 7 on */

  if (c >= '\a' && c <= '\r')
    g_string_append_printf (visible, "\\%c", letters[c - '\a']);
  else if (c < 0x80)
    g_string_append_printf (visible, "\\x%02x", c);
  else
    g_string_append_printf (visible, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
}

static void
append_blanks (GString *visible, guint n)
{
  for (guint i = 0; i < n; i++)
    g_string_append (visible, n > MAX_BLANKS ? "␣" : " ");
}

/**
 * il_make_visible:
 * @text: UTF-8
 *
 * Returns: (transfer full): the same with what cannot be seen, or moves what can, as escape
 *   sequences, on one line
 */
char *
il_make_visible (const char *text)
{
  GString *visible = g_string_new (NULL);

  while (*text)
    {
      gsize n_blanks = strspn (text, " ");
      gunichar c = g_utf8_get_char (text);

      append_blanks (visible, (guint)n_blanks);
      if (n_blanks > 0)
        {
          text += n_blanks;
          continue;
        }
      if (is_visible (c))
        g_string_append_unichar (visible, c);
      else
        append_escaped (visible, c);
      text = g_utf8_next_char (text);
    }

  return g_string_free (visible, FALSE);
}

/**
 * il_make_glimpse:
 * @text: UTF-8, of any length
 *
 * Returns: (transfer full): the same of its begin, where not all of it is of interest
 */
char *
il_make_glimpse (const char *text)
{
  g_autofree char *begin = NULL;
  g_autofree char *visible = NULL;
  const char *end = text;

  for (guint i = 0; i < MAX_GLIMPSE && *end; i++)
    end = g_utf8_next_char (end);
  if (!*end)
    return il_make_visible (text);
  begin = g_strndup (text, (gsize)(end - text));
  visible = il_make_visible (begin);

  return g_strconcat (visible, "…", NULL);
}

/**
 * il_make_file_name:
 * @text: UTF-8
 *
 * Returns: (transfer full): a name for a file of that title, not too long for one
 */
char *
il_make_file_name (const char *text, const char *suffix)
{
  g_autoptr (GString) name = g_string_new (NULL);

  for (; *text && name->len < MAX_FILE_NAME; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      g_string_append_unichar (name, c == '/' || !is_visible (c) ? '-' : c);
    }

  return g_strconcat (name->str, suffix, NULL);
}
