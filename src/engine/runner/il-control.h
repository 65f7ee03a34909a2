/* il-control.h - the lines between the runner and whoever controls it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each line is at most IL_CONTROL_MAX_LINE bytes of UTF-8, the final newline included.  Words are
 * separated by one space; the last of a line may contain spaces.
 *
 * to the runner     start, pause, resume, stop, close, step, step NUMBER, kill NUMBER,
 *                   crash NUMBER, set KEY VALUE
 * from the runner   info KEY VALUE, ready, running, paused, paused NUMBER, stopping,
 *                   counts SUBMITTED DONE FAILED CANCELLED LOST, worker-lost NUMBER SIGNAL,
 *                   hit NUMBER COUNT, turned TIME KEY VALUE, refused TEXT, error TEXT,
 *                   ended completed, ended stopped; of a program that is not ours also
 *                   exited STATUS, signalled NUMBER, signalled NUMBER core,
 *                   suspended PID, left COUNT NAMES, stopping NANOSECONDS, killing COUNT NAMES
 *
 * NUMBER is that of a worker, from 1, and in `step` and `paused` 0 for the submitter.
 *
 *   step    while it is paused: one goes on to its next scheduling point (the one that is named, or
 *           whose turn it is); `paused NUMBER` says who did, once all have stopped again, or half a
 *           second later, if the step takes longer
 *   kill    kills the process of a worker as `kill -9` does; `hit NUMBER COUNT` says how many
 *           workers were in it.  Refused where workers share the runner's own process
 *   crash   the same by SIGSEGV, as if it had used a wrong pointer
 *   resume  of a program that is not ours: lets it go on after `suspended`, which says that it was
 *           stopped, as by Ctrl+Z; unless it does by itself
 *   set     turns a knob; the key `workers` is the number of workers of the common pool.  `turned`
 *           says when it took effect, in nanoseconds of CLOCK_MONOTONIC
 */

#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define IL_CONTROL_MAX_LINE 1024

typedef struct _IlControl IlControl;

typedef enum
{
  IL_COMMAND_START,
  IL_COMMAND_PAUSE,
  IL_COMMAND_RESUME,
  IL_COMMAND_STOP,
  IL_COMMAND_CLOSE,
  IL_COMMAND_STEP,
  IL_COMMAND_KILL,
  IL_COMMAND_CRASH,
  IL_COMMAND_SET,
} IlCommandKind;

typedef struct
{
  IlCommandKind kind;
  guint64 number; /* KILL, CRASH, STEP; there G_MAXUINT64 if none is named */
  char *key;      /* SET */
  char *value;    /* SET */
} IlCommand;

IlControl *il_control_new (int fd) G_GNUC_WARN_UNUSED_RESULT;
void il_control_free (IlControl *control);
int il_control_get_fd (const IlControl *control);
bool il_control_is_connected (const IlControl *control);
bool il_control_has_output (const IlControl *control);
void il_control_send (IlControl *control, const char *format, ...) G_GNUC_PRINTF (2, 3);
void il_control_flush (IlControl *control);
bool il_control_receive (IlControl *control);
bool il_control_next_command (IlControl *control, IlCommand *command, GError **error);

gboolean il_command_parse (const char *line, gsize length, IlCommand *command, GError **error);
void il_command_clear (IlCommand *command);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlControl, il_control_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IlCommand, il_command_clear)

G_END_DECLS
