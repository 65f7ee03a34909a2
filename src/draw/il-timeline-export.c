/* il-timeline-export.c - a picture of a timeline as a file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The picture is written under another name beside its place and then renamed, so that there never
 * is half a picture, and an old one stays if a new one fails.
 */

#include "config.h"

#include "il-timeline-paint-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

/* Cairo's own limit, and as many pixels as 1 GiB holds. */
#define MAX_SIDE 32767
#define MAX_AREA (G_GINT64_CONSTANT (1) << 28)

typedef struct
{
  int fd;
  int error_number;
} Sink;

static cairo_status_t
write_cb (gpointer data, const unsigned char *bytes, unsigned int length)
{
  Sink *sink = data;

  while (length > 0)
    {
      gssize n_written = write (sink->fd, bytes, length);

      if (n_written < 0 && errno == EINTR)
        continue;
      if (n_written <= 0)
        {
          sink->error_number = n_written < 0 ? errno : EIO;
          return CAIRO_STATUS_WRITE_ERROR;
        }
      bytes += n_written;
      length -= (unsigned int)n_written;
    }
  return CAIRO_STATUS_SUCCESS;
}

static void
set_file_error (GError **error, const char *path, int error_number)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (error_number), _ ("Cannot write “%s”: %s"),
               name, g_strerror (error_number));
}

static gboolean
write_image (cairo_surface_t *image, int fd, const char *path, GError **error)
{
  Sink sink = { fd, 0 };
  cairo_status_t status = cairo_surface_write_to_png_stream (image, write_cb, &sink);

  if (status == CAIRO_STATUS_SUCCESS && fsync (fd) != 0 && errno != EINVAL && errno != EROFS)
    {
      sink.error_number = errno;
      status = CAIRO_STATUS_WRITE_ERROR;
    }
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  if (sink.error_number != 0)
    set_file_error (error, path, sink.error_number);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("Cannot write “%s”: %s"), path,
                 cairo_status_to_string (status));
  return FALSE;
}

/* A new file beside @path, with the mode of any other new file, which g_mkstemp() does not give. */
static int
open_temporary (const char *path, char **temporary)
{
  g_autofree char *directory = g_path_get_dirname (path);

  for (int attempt = 0; attempt < 100; attempt++)
    {
      g_autofree char *name = g_strdup_printf (".interleave-%08x.png", g_random_int ());
      int fd;

      g_free (*temporary);
      *temporary = g_build_filename (directory, name, NULL);
      fd = g_open (*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd >= 0 || errno != EEXIST)
        return fd;
    }
  return -1;
}

static gboolean
save_image (cairo_surface_t *image, const char *path, GError **error)
{
  g_autofree char *temporary = NULL;
  int fd;
  gboolean ok;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      set_file_error (error, path, EISDIR);
      return FALSE;
    }
  fd = open_temporary (path, &temporary);
  if (fd < 0)
    {
      set_file_error (error, path, errno);
      return FALSE;
    }
  ok = write_image (image, fd, path, error);
  if (close (fd) != 0 && ok)
    {
      set_file_error (error, path, errno);
      ok = FALSE;
    }
  if (ok && g_rename (temporary, path) != 0)
    {
      set_file_error (error, path, errno);
      ok = FALSE;
    }
  if (!ok)
    g_unlink (temporary);
  return ok;
}

static gboolean
check_size (const IlTimelineView *view, GError **error)
{
  double width = ceil (view->width * view->scale);
  double height = ceil (view->height * view->scale);

  if (width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE
      && width * height <= (double)MAX_AREA)
    return TRUE;
  if (!(width >= 1 && height >= 1))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _ ("A picture of %.0f × %.0f pixels is empty"), width, height);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _ ("A picture of %.0f × %.0f pixels is too large: at most %d a side and %d million"
                    " in all are possible"),
                 width, height, MAX_SIDE, (int)(MAX_AREA / 1000000));
  return FALSE;
}

/**
 * il_timeline_export_png:
 * @view: what, how large and at which scale; all of width and height is used
 * @path: of the file, which is replaced if there is one
 * @error: G_IO_ERROR: what could not be done, with the path
 *
 * Writes a picture.  Needs no display.
 *
 * Returns: whether the file is there, whole
 */
gboolean
il_timeline_export_png (IlTimeline *timeline, const IlTimelineView *view, const IlTheme *theme,
                        const char *path, GError **error)
{
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autoptr (IlTimelinePainter) painter = NULL;
  cairo_surface_t *image;
  IlTimelineView still;

  g_return_val_if_fail (timeline != NULL && view != NULL && theme != NULL && path != NULL, FALSE);

  if (!check_size (view, error))
    return FALSE;
  still = *view;
  still.is_still = TRUE;
  layout = il_timeline_layout_new (timeline, &still);
  painter = il_timeline_painter_new ();
  image = il_timeline_painter_render (painter, layout, theme);
  if (image == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   _ ("Not enough memory for a picture of %.0f × %.0f pixels"),
                   view->width * view->scale, view->height * view->scale);
      return FALSE;
    }
  return save_image (image, path, error);
}
