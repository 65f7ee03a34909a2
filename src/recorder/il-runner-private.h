/* il-runner-private.h - the runner's process: finding it, starting it, talking with it, ending it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The control socket carries lines of UTF-8 text, at most IL_RUNNER_LINE_MAX bytes each.  The
 * runner is a program of its own, and the user may name another by INTERLEAVE_RUNNER: nothing that
 * it says is believed without a check.
 */

#pragma once

#include "il-recorder.h"
#include "il-runner-output.h"

#include <gio/gio.h>
#include <stdbool.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define IL_RUNNER_LINE_MAX 1024

typedef struct _IlRunner IlRunner;

/* How the process ended. */
typedef struct
{
  gboolean by_signal;
  int status; /* exit status, or the signal's number */
} IlRunnerExit;

/* One line without its end; NULL for one that breaks the protocol: too long, or no UTF-8. */
typedef void (*IlRunnerLineFunc) (const char *line, gpointer data);

/* What to start. */
typedef struct
{
  const char *mode;               /* its first argument: "run", "trace" */
  const char *const *arguments;   /* behind those that name descriptors; NULL-terminated */
  const char *const *environment; /* NULL: ours */
  const char *trace_path;         /* of the shared file; NULL: none */
  int trace_fd;                   /* a descriptor of it, where it has no name; or -1 */
  /* It is as if it was started instead of us; NULL: in a session of its own. */
  const IlRecorderSignals *signals;
} IlRunnerSpawn;

IlRunner *il_runner_spawn (const IlRunnerSpawn *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void il_runner_free (IlRunner *runner);

pid_t il_runner_get_pid (const IlRunner *runner);
const char *il_runner_get_name (const IlRunner *runner);
int il_runner_get_control_fd (const IlRunner *runner);
IlRunnerOutput *il_runner_get_output (IlRunner *runner);
const char *il_runner_get_last_words (IlRunner *runner);

void il_runner_send (IlRunner *runner, const char *line);
bool il_runner_has_unsent (const IlRunner *runner);
void il_runner_flush (IlRunner *runner);
bool il_runner_receive (IlRunner *runner, IlRunnerLineFunc func, gpointer data);

bool il_runner_has_exited (IlRunner *runner);
void il_runner_kill (IlRunner *runner);
IlRunnerExit il_runner_reap (IlRunner *runner);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlRunner, il_runner_free)

G_END_DECLS
