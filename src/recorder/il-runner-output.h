/* il-runner-output.h - what a runner on its own, and all that it starts, prints
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Bytes that wait for somebody to look at them. */
#define IL_RUNNER_OUTPUT_MAX (1 << 16)

typedef struct _IlRunnerOutput IlRunnerOutput;

IlRunnerOutput *il_runner_output_open (bool is_terminal, int *child_fd) G_GNUC_WARN_UNUSED_RESULT;
void il_runner_output_free (IlRunnerOutput *output);

int il_runner_output_get_fd (const IlRunnerOutput *output, gint64 now_ns);
int il_runner_output_limit_wait (const IlRunnerOutput *output, gint64 now_ns, int timeout_ms);
void il_runner_output_collect (IlRunnerOutput *output, gint64 now_ns);
void il_runner_output_collect_rest (IlRunnerOutput *output);
const char *il_runner_output_get_last_words (IlRunnerOutput *output);
guint64 il_runner_output_move (IlRunnerOutput *output, GString *kept);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlRunnerOutput, il_runner_output_free)

G_END_DECLS
