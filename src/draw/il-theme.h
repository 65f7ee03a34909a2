/* il-theme.h - colours and patterns: one of each per state, one identity colour per worker
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-series.h"
#include "il-timeline.h"

#include <glib.h>

G_BEGIN_DECLS

/* Identity colours before they repeat; one more, grey, is for the lane without a number. */
#define IL_N_IDENTITIES 16

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
  guint32 usage_fill, usage_line;     /* how busy a core was, with whatever */
  guint32 waiters_fill, waiters_line; /* how many wait */
  guint32 copying;                    /* between heaps */
  guint32 warning, error;             /* what is pointed out */
  IlStateLook states[IL_N_STATES];
  guint32 identities[IL_N_IDENTITIES + 1];
} IlTheme;

const IlTheme *il_theme_get (gboolean dark);
guint32 il_theme_identity_colour (const IlTheme *theme,
                                  guint32 lane_number); /* of a worker, by its number */
guint32 il_theme_lane_colour (const IlTheme *theme, const IlLane *lane);
guint il_theme_identity_slot (guint32 lane_number);
guint32 il_theme_lane_number (const IlLane *lane);
/* The share of @top over @bottom, 0 to 255. */
guint32 il_colour_mix (guint32 bottom, guint32 top, guint share);
/* WCAG's contrast ratio, 1 to 21. */
double il_colour_contrast (guint32 a, guint32 b);
/* Translated: "waiting for a lock or signal" … */
const char *il_state_get_label (IlState state);
const char *il_state_get_label_of (IlState state, gboolean is_of_program);
const char *il_state_get_label_in (const IlTimeline *timeline, IlState state);

G_END_DECLS
