/* test-timeline-export.c - a picture as a file: whole or not at all, and errors that say what and
 * where
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-draw.h"
#include "scene.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const IlTimelineView view = { .end_ns = 10 * MS,
                                     .width = 640,
                                     .height = 480,
                                     .scale = 1,
                                     .show_legend = TRUE,
                                     .caption = "Scene" };

typedef struct
{
  char *directory;
  IlTimeline *timeline;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("interleave-export-XXXXXX", NULL);
  fixture->timeline = scene_new ();
}

static guint
count_files (const Fixture *fixture)
{
  GDir *dir = g_dir_open (fixture->directory, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  g_dir_close (dir);
  return n;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  GDir *dir = g_dir_open (fixture->directory, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

      g_remove (path);
    }
  g_dir_close (dir);
  g_rmdir (fixture->directory);
  g_free (fixture->directory);
  il_timeline_unref (fixture->timeline);
}

static void
assert_png (const char *path, int width, int height)
{
  cairo_surface_t *image = cairo_image_surface_create_from_png (path);

  g_assert_cmpint (cairo_surface_status (image), ==, CAIRO_STATUS_SUCCESS);
  g_assert_cmpint (cairo_image_surface_get_width (image), ==, width);
  g_assert_cmpint (cairo_image_surface_get_height (image), ==, height);
  cairo_surface_destroy (image);
}

static void
test_writes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "picture.png", NULL);
  g_autoptr (GError) error = NULL;
  IlTimelineView fine = view;
  struct stat status;
  mode_t mask = umask (0);

  umask (mask);
  g_assert_true (
      il_timeline_export_png (fixture->timeline, &view, il_theme_get (FALSE), path, &error));
  g_assert_no_error (error);
  assert_png (path, 640, 480);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0666 & ~mask);

  fine.scale = 1.5;
  g_assert_true (
      il_timeline_export_png (fixture->timeline, &fine, il_theme_get (TRUE), path, &error));
  g_assert_no_error (error);
  assert_png (path, 960, 720);
  g_assert_cmpuint (count_files (fixture), ==, 1);
}

static guint32
get_pixel (cairo_surface_t *image, int x, int y)
{
  const unsigned char *row
      = cairo_image_surface_get_data (image) + y * cairo_image_surface_get_stride (image);
  guint32 pixel;

  memcpy (&pixel, row + x * (int)sizeof pixel, sizeof pixel);
  return pixel & 0xffffff;
}

/* Left of the titles of groups, where the window has something to collapse them with, there is
 * nothing. */
static void
test_still (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "still.png", NULL);
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (fixture->timeline, &view);
  g_autoptr (GError) error = NULL;
  cairo_surface_t *image;
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
  guint n_groups = 0;

  g_assert_true (
      il_timeline_export_png (fixture->timeline, &view, il_theme_get (FALSE), path, &error));
  g_assert_no_error (error);
  image = cairo_image_surface_create_from_png (path);
  for (gsize i = 0; i < n_boxes; i++)
    {
      int middle = (int)(boxes[i].y + boxes[i].height / 2);

      if (boxes[i].kind != IL_BOX_GROUP)
        continue;
      n_groups++;
      for (int x = 4; x < 28; x++)
        g_assert_cmphex (get_pixel (image, x, middle), ==, get_pixel (image, 4, middle));
    }
  g_assert_cmpuint (n_groups, >, 1);
  cairo_surface_destroy (image);
}

static void
assert_refused (Fixture *fixture, const IlTimelineView *asked, const char *path, GQuark domain,
                int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      il_timeline_export_png (fixture->timeline, asked, il_theme_get (FALSE), path, &error));
  g_assert_error (error, domain, code);
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” does not say “%s”", error->message, part);
}

static void
test_sizes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "picture.png", NULL);
  IlTimelineView asked = view;

  asked.width = 40000;
  assert_refused (fixture, &asked, path, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                  "40000 × 480 pixels is too large");
  asked.width = 20000;
  asked.scale = 2;
  assert_refused (fixture, &asked, path, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "40000 × 960");
  asked.width = 30000;
  asked.height = 30000;
  asked.scale = 1;
  assert_refused (fixture, &asked, path, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "too large");
  asked.height = 0;
  assert_refused (fixture, &asked, path, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "is empty");
  asked.height = -3;
  assert_refused (fixture, &asked, path, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "is empty");
  g_assert_cmpuint (count_files (fixture), ==, 0);
}

static void
test_places (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (fixture->directory, "no", "picture.png", NULL);
  g_autofree char *file = g_build_filename (fixture->directory, "file", NULL);
  g_autofree char *below_file = g_build_filename (file, "picture.png", NULL);

  assert_refused (fixture, &view, missing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, missing);
  assert_refused (fixture, &view, fixture->directory, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                  fixture->directory);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  assert_refused (fixture, &view, below_file, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY, below_file);
  assert_refused (fixture, &view, "/proc/picture.png", G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                  "/proc/picture.png");
  g_assert_cmpuint (count_files (fixture), ==, 1);
}

/* A disk that is full after the first bytes: the old picture stays, and nothing else. */
static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "picture.png", NULL);
  g_autofree char *content = NULL;

  if (g_test_subprocess ())
    {
      const struct rlimit limit = { 2000, 2000 };

      signal (SIGXFSZ, SIG_IGN);
      g_assert_true (g_file_set_contents (path, "old", 3, NULL));
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
      assert_refused (fixture, &view, path, G_IO_ERROR, G_IO_ERROR_FAILED, path);
      g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
      g_assert_cmpstr (content, ==, "old");
      g_assert_cmpuint (count_files (fixture), ==, 1);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
test_relative_path (Fixture *fixture, gconstpointer data)
{
  g_autofree char *before = g_get_current_dir ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chdir (fixture->directory), ==, 0);
  g_assert_true (il_timeline_export_png (fixture->timeline, &view, il_theme_get (FALSE),
                                         "picture.png", &error));
  g_assert_no_error (error);
  assert_png ("picture.png", 640, 480);
  g_assert_cmpint (g_chdir (before), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/export/writes", test_writes);
  ADD ("/export/still", test_still);
  ADD ("/export/sizes", test_sizes);
  ADD ("/export/places", test_places);
  ADD ("/export/full-disk", test_full_disk);
  ADD ("/export/relative-path", test_relative_path);
  return g_test_run ();
}
