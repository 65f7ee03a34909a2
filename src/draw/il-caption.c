/* il-caption.c - a session in one line: what ran, how it was set, when and where
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-caption.h"

#include <glib/gi18n-lib.h>

#include "il-time-format.h"

static void
append_part (GString *caption, const char *part)
{
  if (part == NULL || part[0] == '\0')
    return;
  if (caption->len > 0)
    g_string_append (caption, " · ");
  g_string_append (caption, part);
}

/* Whatever the file says: a number of workers, or nothing. */
static void
append_workers (GString *caption, const char *text)
{
  guint64 n_workers;
  g_autofree char *part = NULL;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &n_workers, NULL))
    return;
  part = g_strdup_printf (ngettext ("%d worker", "%d workers", (gulong)n_workers), (int)n_workers);
  append_part (caption, part);
}

static void
append_settings (GString *caption, IlSession *session)
{
  g_autofree char *settings = il_session_dup_meta (session, IL_META_SETTINGS);
  g_autofree char *seed = il_session_dup_meta (session, IL_META_SEED);
  g_autofree char *part = NULL;

  if (settings != NULL)
    append_part (caption, g_strdelimit (settings, "\n", ' '));
  if (seed == NULL || *seed == '\0')
    return;
  /* Translators: the number that the run's random choices were made from */
  part = g_strdup_printf (_ ("seed %s"), seed);
  append_part (caption, part);
}

/**
 * il_session_dup_caption:
 * @range: (nullable): what of it is seen, in words; NULL: how long all of it is
 *
 * Returns: (transfer full): "Lock contention · threads · 4 workers · 5 s · section=2ms · seed 1 ·
 * …"
 */
char *
il_session_dup_caption (IlSession *session, const char *range)
{
  GString *caption = g_string_new (NULL);
  g_autofree char *title = il_session_dup_meta (session, IL_META_TITLE);
  g_autofree char *model = il_session_dup_meta (session, IL_META_MODEL);
  g_autofree char *workers = il_session_dup_meta (session, IL_META_WORKERS);
  g_autofree char *started = il_session_dup_meta (session, IL_META_STARTED);
  g_autofree char *host = il_session_dup_meta (session, IL_META_HOST);
  g_autofree char *duration
      = il_format_duration (il_timeline_get_end (il_session_get_timeline (session)));
  g_autoptr (GDateTime) utc = started != NULL ? g_date_time_new_from_iso8601 (started, NULL) : NULL;
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autofree char *date = local != NULL ? g_date_time_format (local, "%x %R") : NULL;

  append_part (caption, title);
  append_part (caption, model);
  append_workers (caption, workers);
  append_part (caption, range != NULL ? range : duration);
  append_settings (caption, session);
  append_part (caption, date);
  append_part (caption, host);
  return g_string_free (caption, FALSE);
}
