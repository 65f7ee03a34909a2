/* shown.h - what tests of widgets share: a window round a widget, frames, a timeline
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MS G_GINT64_CONSTANT (1000000)

void shown_init (int *argc, char ***argv);
IlTimeline *shown_create_timeline (void);
void shown_assert_property (gpointer widget, GtkAccessibleProperty property, const char *expected);
GtkWidget *shown_new (GtkWidget *child);
void shown_wait_for_frame (GtkWidget *widget);
void shown_destroy (GtkWindow *window);
GtkWidget *shown_find (GtkWidget *root, GType type);
void shown_count_cb (guint *n);

G_END_DECLS
