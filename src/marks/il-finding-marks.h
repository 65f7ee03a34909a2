/* il-finding-marks.h - findings as marks of a picture
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was found belongs to analysis and how it is pointed out to draw, neither of which knows of
 * the other.
 */

#pragma once

#include "il-finder.h"
#include "il-marks.h"

G_BEGIN_DECLS

GArray *il_finding_list_evidence (IlTimeline *timeline,
                                  const IlFinding *finding) G_GNUC_WARN_UNUSED_RESULT;
IlMarks *il_finding_marks_new (IlTimeline *timeline,
                               const IlFindings *findings) G_GNUC_WARN_UNUSED_RESULT;
IlMarks *il_finding_marks_find (IlTimeline *timeline) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
