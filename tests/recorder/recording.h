/* recording.h - a recording under test: its recorder, and what it said
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-recorder.h"

G_BEGIN_DECLS

typedef struct
{
  IlRecorder *recorder;
  GPtrArray *problems; /* of GError */
  GArray *states;      /* of IlRecorderState, as seen at each change */
  GError *error;       /* that it ended with, or NULL */
  gboolean ended;
} Recording;

IlRecorderOptions recording_options (const char *scenario);
void recording_start (Recording *self, const IlRecorderOptions *options);
void recording_wait_state (Recording *self, IlRecorderState state);
void recording_wait_problem (Recording *self, IlRecorderError code);
guint recording_count_problems (Recording *self, IlRecorderError code);
void recording_wait_end (Recording *self);
void recording_clear (Recording *self);

IlSession *recording_session (Recording *self);
void recording_assert_meta (Recording *self, const char *key, const char *expected);

void recording_isolate (void);
void recording_end_isolation (void);
guint recording_count_processes (void);
void recording_assert_nothing_left (void);

G_END_DECLS
