/* il-report-private.h - what the parts of the report share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-report.h"

G_BEGIN_DECLS

void il_distribution_take (IlDistribution *distribution, GArray *array) G_GNUC_INTERNAL;
gboolean il_report_counts_as_worker (const IlLane *lane) G_GNUC_INTERNAL;

G_END_DECLS
