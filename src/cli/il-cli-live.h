/* il-cli-live.h - a recording while it goes on, as the command line sees it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-cli.h"
#include "il-finder.h"
#include "il-recorder.h"

G_BEGIN_DECLS

typedef struct
{
  const IlCliCommand *command;
  IlRecorder *recorder;
  GMainLoop *loop;
  GPtrArray *sources; /* of GSource */
  IlFinder *finder;   /* of the recorder's timeline */
  guint findings_version;
  gboolean has_doubts;  /* of what was found, since it has not lasted long enough to be told */
  GHashTable *told;     /* texts of findings that were printed */
  GArray *grave;        /* of Told: what of that has not been taken back */
  GPtrArray *held_back; /* of char *: notes for when the program has ended */
  gboolean has_tasks;
  gboolean told_left;   /* that others go on although the program has ended */
  gboolean is_in_place; /* a program runs as if it was started instead of us */
  gboolean shows_progress;
  int signal_fd; /* where it is in our place; else -1 */
  guint n_interrupts;
  gboolean reader_gone;
  gboolean output_failed;
  gboolean ended;
  GError *error; /* why the run did not end as it should */
} IlCliLive;

void il_cli_live_run (IlCliLive *self, const IlCliCommand *command,
                      const IlRecorderOptions *options);
IlCliStatus il_cli_live_report (IlCliLive *self, const char *output, gboolean json);
void il_cli_live_finish (IlCliLive *self);

G_END_DECLS
