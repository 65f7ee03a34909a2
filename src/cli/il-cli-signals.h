/* il-cli-signals.h - signals while a program runs in our place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-recorder.h"

G_BEGIN_DECLS

void il_cli_signals_note (void);
const IlRecorderSignals *il_cli_signals_get_noted (void);
int il_cli_signals_take (void);
gboolean il_cli_signals_mean_stop (int fd, gboolean is_over);

G_END_DECLS
