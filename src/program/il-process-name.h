/* il-process-name.h - what a process is called, where the kernel's word for it is too short
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

char *il_process_name_from_words (const char *const *words, const char *comm,
                                  char **title) G_GNUC_WARN_UNUSED_RESULT;
char *il_process_name_read (pid_t pid, const char *comm, char **title) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
