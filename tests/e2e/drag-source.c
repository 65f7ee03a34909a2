/* drag-source.c - a small window from which a file can be dragged, as from a file manager
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Takes the path.  Says "accepted" once the window below the pointer would take the file, and ends
 * when the drag has ended.
 */

#include "config.h"

#include <gtk/gtk.h>

static GdkContentProvider *
prepare_cb (GtkDragSource *source, double x, double y, gpointer path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GdkFileList *files = gdk_file_list_new_from_array (&file, 1);
  GdkContentProvider *provider = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, files);

  g_boxed_free (GDK_TYPE_FILE_LIST, files);

  return provider;
}

static void
action_changed_cb (GdkDrag *drag)
{
  if (gdk_drag_get_selected_action (drag) == GDK_ACTION_COPY)
    g_print ("accepted\n");
}

static void
begin_cb (GtkDragSource *source, GdkDrag *drag)
{
  g_signal_connect (drag, "notify::selected-action", G_CALLBACK (action_changed_cb), NULL);
}

static void
end_cb (gboolean *ended)
{
  *ended = TRUE;
}

int
main (int argc, char **argv)
{
  GtkDragSource *source;
  GtkWidget *window;
  gboolean ended = FALSE;

  g_assert (argc == 2);
  gtk_init ();
  window = gtk_window_new ();
  gtk_window_set_title (GTK_WINDOW (window), "Source");
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 100);
  source = gtk_drag_source_new ();
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_cb), argv[1]);
  g_signal_connect (source, "drag-begin", G_CALLBACK (begin_cb), NULL);
  g_signal_connect_swapped (source, "drag-end", G_CALLBACK (end_cb), &ended);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (source));
  gtk_window_present (GTK_WINDOW (window));
  while (!ended)
    g_main_context_iteration (NULL, TRUE);

  return 0;
}
