/* il-theme.h - colours and patterns: one of each per state, one identity colour per worker
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-series.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  IL_PATTERN_SOLID,
  IL_PATTERN_HATCH,      /* diagonal, rising */
  IL_PATTERN_HATCH_BACK, /* diagonal, falling */
  IL_PATTERN_CROSS,
  IL_PATTERN_DOTS,
} IlPattern;

/* 0xrrggbb */
typedef struct
{
  guint32 colour;
  guint32 second; /* of the pattern's strokes */
  IlPattern pattern;
} IlStateLook;

typedef struct
{
  gboolean dark;
  guint32 background, text, dim_text, grid, group_background, lane_background;
  guint32 level_fill, level_line, limit_line, accent;
  IlStateLook states[IL_N_STATES];
} IlTheme;

const IlTheme *il_theme_get (gboolean dark);
guint32 il_theme_identity_colour (const IlTheme *theme,
                                  guint32 lane_number); /* of a worker, by its number */
/* Translated: "waiting for a lock" … */
const char *il_state_get_label (IlState state);

G_END_DECLS
