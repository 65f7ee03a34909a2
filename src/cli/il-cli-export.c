/* il-cli-export.c - interleave-cli export: a session's timeline as a picture
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-cli.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "il-caption.h"
#include "il-finding-marks.h"
#include "il-timeline-draw.h"

#define WIDTH_DEFAULT 1600
#define WIDTH_MIN 200
#define HEIGHT_MIN 100
#define WIDTH_MAX 16384
#define HEIGHT_MAX 32767 /* cairo's limit: thousands of coroutines take it */

typedef struct
{
  char *width, *height, *theme;
  IlCliRange range;
} Arguments;

typedef struct
{
  gint64 width_px;
  gint64 height_px; /* 0: as all lanes need */
  gboolean dark;
  gint64 begin_ns, end_ns;
} Picture;

static gboolean
parse_arguments (const Arguments *arguments, const char *output, Picture *picture, GError **error)
{
  const char *suffix = strrchr (output, '.');

  if (suffix == NULL || g_ascii_strcasecmp (suffix, ".png") != 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("%s: this kind of file cannot be written, expected a name that ends in .png"),
                   output);
      return FALSE;
    }
  if (arguments->theme != NULL && strcmp (arguments->theme, "light") != 0
      && strcmp (arguments->theme, "dark") != 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--theme: found “%s”, expected light or dark"), arguments->theme);
      return FALSE;
    }
  picture->dark = g_strcmp0 (arguments->theme, "dark") == 0;
  picture->width_px = WIDTH_DEFAULT;
  return il_cli_parse_number ("--width", arguments->width, WIDTH_MIN, WIDTH_MAX, &picture->width_px,
                              error)
         && il_cli_parse_number ("--height", arguments->height, HEIGHT_MIN, HEIGHT_MAX,
                                 &picture->height_px, error)
         && il_cli_parse_range (&arguments->range, &picture->begin_ns, &picture->end_ns, error);
}

/* Chooses how low the rows are, and how high the picture: rows whose names cannot be read tell
 * nothing, so that it rather becomes higher than was asked for, and says so.  Returns: the height
 * that is needed, if that is more than there can be. */
static double
fit_height (IlTimeline *timeline, IlTimelineView *view, gint64 wanted_px)
{
  double needed_px;

  view->height = (double)wanted_px;
  if (wanted_px == 0)
    view->height = CLAMP (il_timeline_natural_height (timeline, view), HEIGHT_MIN, HEIGHT_MAX);
  needed_px = il_timeline_fit_rows (timeline, view, TRUE);
  if (needed_px > HEIGHT_MAX)
    {
      /* Lower rows before no picture. */
      view->height = HEIGHT_MAX;
      needed_px = il_timeline_fit_rows (timeline, view, FALSE);
    }
  view->height = CLAMP (needed_px, view->height, HEIGHT_MAX);
  if (wanted_px > 0 && needed_px <= HEIGHT_MAX && view->height > (double)wanted_px)
    {
      g_autofree char *note = g_strdup_printf (
          _ ("%lld pixels are too low for rows that can be read: the picture is %.0f high"),
          (long long)wanted_px, view->height);

      il_cli_note (&il_cli_export_command, note);
    }
  return needed_px;
}

static gboolean
write_picture (IlSession *session, const Picture *picture, const char *path, GError **error)
{
  IlTimeline *timeline = il_session_get_timeline (session);
  g_autofree char *caption = il_session_dup_caption (session, NULL);
  g_autoptr (IlMarks) marks = il_finding_marks_find (timeline);
  IlTimelineView view = {
    .begin_ns = picture->begin_ns,
    .end_ns = MAX (picture->end_ns, picture->begin_ns + 1),
    .width = (double)picture->width_px,
    .scale = 1,
    .show_legend = TRUE,
    .caption = caption,
    .marks = marks,
  };
  double needed_px = fit_height (timeline, &view, picture->height_px);

  if (view.height < needed_px)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("%s: the lanes need %.0f pixels of height at this width, and there cannot be "
                      "more than %d; give a larger --width, or a range in which fewer live"),
                   path, needed_px, HEIGHT_MAX);
      return FALSE;
    }
  return il_timeline_export_png (timeline, &view, il_theme_get (picture->dark), path, error);
}

static IlCliStatus export(Arguments *arguments, int argc, char **argv)
{
  const IlCliCommand *command = &il_cli_export_command;
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_STRING, &arguments->range.from,
      N_ ("Begin of the range, e.g. 1.5s"), N_ ("T") },
    { "to", 0, 0, G_OPTION_ARG_STRING, &arguments->range.to, N_ ("End of the range"), N_ ("T") },
    { "width", 0, 0, G_OPTION_ARG_STRING, &arguments->width, N_ ("Width of the picture"),
      N_ ("PX") },
    { "height", 0, 0, G_OPTION_ARG_STRING, &arguments->height,
      N_ ("Height of the picture, or more if rows could not be read; else as high as all lanes "
          "need"),
      N_ ("PX") },
    { "theme", 0, 0, G_OPTION_ARG_STRING, &arguments->theme, N_ ("Colours: light or dark"),
      "light|dark" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) positional = NULL;
  g_autoptr (IlSession) session = NULL;
  g_autoptr (GError) error = NULL;
  Picture picture = { 0 };

  if (!il_cli_parse (command, entries, 2, argc, argv, &positional, &error)
      || !parse_arguments (arguments, positional[1], &picture, &error))
    return il_cli_misuse (command, error->message);

  session
      = il_cli_load_session (command, positional[0], &picture.begin_ns, &picture.end_ns, &error);
  if (session == NULL || !write_picture (session, &picture, positional[1], &error))
    return il_cli_fail_by (command, error);
  return IL_CLI_DONE;
}

static int
run (int argc, char **argv)
{
  Arguments arguments = { 0 };
  IlCliStatus status = export(&arguments, argc, argv);

  g_free (arguments.width);
  g_free (arguments.height);
  g_free (arguments.theme);
  g_free (arguments.range.from);
  g_free (arguments.range.to);
  return status;
}

const IlCliCommand il_cli_export_command = {
  "export",
  "FILE OUT.png",
  N_ ("Draws a recorded session's timeline, or a range of it, into a picture."),
  run,
};
