/* il-picture.c - writes what is seen as a picture, off the main thread
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-picture.h"

typedef struct
{
  IlTimeline *timeline;
  IlTimelineView view;
  gboolean dark;
  char *font_family, *caption; /* what the view refers to */
  char *path;
} Order;

static void
order_free (gpointer data)
{
  Order *order = data;

  il_timeline_unref (order->timeline);
  g_free (order->font_family);
  g_free (order->caption);
  il_marks_unref (order->view.marks);
  g_free (order->path);
  g_free (order);
}

static void
export_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Order *order = data;
  GError *error = NULL;

  order->view.height = il_timeline_natural_height (order->timeline, &order->view);
  if (il_timeline_export_png (order->timeline, &order->view, il_theme_get (order->dark),
                              order->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * il_picture_export_async:
 * @view: copied; its height becomes what all lanes take
 * @dark: which theme
 * @path: of the PNG
 *
 * Writes the visible range of a timeline, which may go on growing meanwhile.
 */
void
il_picture_export_async (IlTimeline *timeline, const IlTimelineView *view, gboolean dark,
                         const char *path, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  Order *order = g_new0 (Order, 1);

  order->timeline = il_timeline_ref (timeline);
  order->view = *view;
  order->dark = dark;
  order->view.font_family = order->font_family = g_strdup (view->font_family);
  order->view.caption = order->caption = g_strdup (view->caption);
  if (view->marks)
    il_marks_ref (view->marks);
  order->path = g_strdup (path);
  g_task_set_source_tag (task, il_picture_export_async);
  g_task_set_task_data (task, order, order_free);
  g_task_run_in_thread (task, export_thread);
}

gboolean
il_picture_export_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
