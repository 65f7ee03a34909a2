/* il-marks.h - what is pointed out in a picture: a title over a range of time, and lanes as
 * evidence
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whoever has something to say about a timeline says it in marks; what it is about is unknown here.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  IL_MARK_WARNING,
  IL_MARK_ERROR,
  IL_N_MARK_SEVERITIES
} IlMarkSeverity;

typedef struct
{
  IlMarkSeverity severity;
  gint64 begin_ns, end_ns; /* G_MAXINT64: it goes on */
  guint n_lanes;
  const guint *lanes; /* the evidence, the one to look at first */
  const char *title;  /* a few words: "Deadlock: Worker 1, Worker 2" */
  const char *text;   /* in full; lines separated by \n */
} IlMark;

/* An array that grows until it is shown, and is shared from then on. */
typedef struct _IlMarks IlMarks;

IlMarks *il_marks_new (void) G_GNUC_WARN_UNUSED_RESULT;
IlMarks *il_marks_ref (IlMarks *marks);
void il_marks_unref (IlMarks *marks);
void il_marks_add (IlMarks *marks, const IlMark *mark);
guint il_marks_get_n (const IlMarks *marks);
const IlMark *il_marks_get (const IlMarks *marks, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlMarks, il_marks_unref)

G_END_DECLS
