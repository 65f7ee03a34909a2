/* il-ruler.h - the ticks of a time axis
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 step_ns;  /* between labelled ticks */
  guint n_parts;   /* small ticks divide a step into so many; 1: none */
  gint64 first_ns; /* the first labelled tick within the range … */
  guint n_ticks;   /* … and how many there are */
} IlRuler;

void il_ruler_init (IlRuler *ruler, gint64 begin_ns, gint64 end_ns, double width);
char *il_ruler_format (const IlRuler *ruler, gint64 time_ns) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
