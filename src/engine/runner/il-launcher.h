/* il-launcher.h - starts a program that is not ours, and looks after all that comes of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-control.h"

#include <signal.h>

G_BEGIN_DECLS

typedef struct
{
  char **command;      /* ended by NULL; looked for in PATH as a shell would */
  const char *preload; /* a library; NULL: none */
  guint closed_fds;    /* a bit for each standard one that it is to be started without */
  int trace_fd; /* of the shared file, for those who load that library; -1: it has a name, which is
                   in the environment */
} IlLaunch;

int il_launcher_run (const IlLaunch *launch, IlControl *control);

G_END_DECLS
