/* il-report.c - the figures of a session, or of a range of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report.h"

void
il_report_free (IlReport *report)
{
  g_free (report);
}
