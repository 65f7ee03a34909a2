/* il-cli-signals.h - signals while a program runs in our place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-recorder.h"

G_BEGIN_DECLS

/* What signals that have come ask of us. */
typedef enum
{
  IL_CLI_SIGNALS_STOP = 1 << 0,    /* to stop all */
  IL_CLI_SIGNALS_SUSPEND = 1 << 1, /* to stand still, as after Ctrl+Z */
} IlCliSignals;

void il_cli_signals_note (void);
const IlRecorderSignals *il_cli_signals_get_noted (void);
int il_cli_signals_take (void);
IlCliSignals il_cli_signals_read (int fd, gboolean is_over);
gboolean il_cli_signals_suspend (void);

G_END_DECLS
