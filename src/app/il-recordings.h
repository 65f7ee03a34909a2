/* il-recordings.h - where each run is recorded, and how long it is kept
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define IL_RECORDINGS_KEPT 20
#define IL_RECORDING_SUFFIX ".interleave"

char *il_recordings_get_folder (void) G_GNUC_WARN_UNUSED_RESULT;
char *il_recordings_new_name (const char *scenario_id, GDateTime *now) G_GNUC_WARN_UNUSED_RESULT;
void il_recordings_prepare_async (const char *scenario_id, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer data);
char *il_recordings_prepare_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void il_recordings_prune (const char *folder, guint n_kept);

G_END_DECLS
