/* il-control.h - the lines between the runner and whoever controls it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each line is at most IL_CONTROL_MAX_LINE bytes of UTF-8, the final newline included.  Words are
 * separated by one space; the last of a line may contain spaces.
 *
 * to the runner     start, pause, resume, stop, close, kill NUMBER, set KEY VALUE
 * from the runner   info KEY VALUE, ready, running, paused, stopping,
 *                   counts SUBMITTED DONE FAILED CANCELLED LOST, worker-lost NUMBER SIGNAL,
 *                   refused TEXT, error TEXT, ended completed, ended stopped
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
  IL_COMMAND_KILL,
  IL_COMMAND_SET,
} IlCommandKind;

typedef struct
{
  IlCommandKind kind;
  guint64 number; /* KILL */
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
