/* il-palette.h - everything that a theme may fill a rectangle with, ready for pixels of one scale
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-theme.h"

G_BEGIN_DECLS

/* What a rectangle is filled with.  The first IL_N_STATES are the states. */
typedef enum
{
  IL_LOOK_PLAIN = IL_N_STATES, /* the states without their patterns */
  IL_LOOK_IDENTITY = IL_LOOK_PLAIN + IL_N_STATES,
  IL_LOOK_LEVEL_FILL = IL_LOOK_IDENTITY + IL_N_IDENTITIES + 1,
  IL_LOOK_LEVEL_BAND,
  IL_LOOK_LEVEL_LINE,
  IL_LOOK_USAGE_FILL,
  IL_LOOK_USAGE_BAND,
  IL_LOOK_USAGE_LINE,
  IL_LOOK_WAITERS_FILL,
  IL_LOOK_WAITERS_BAND,
  IL_LOOK_WAITERS_LINE,
  IL_LOOK_COPYING_FILL,
  IL_LOOK_COPYING_BAND,
  IL_LOOK_COPYING_LINE,
  IL_LOOK_LOSSES_FILL,
  IL_LOOK_LOSSES_BAND,
  IL_LOOK_LOSSES_LINE,
  IL_LOOK_EDGES, /* as many again: the looks' own edges */
  IL_N_LOOKS = 2 * IL_LOOK_EDGES
} IlLook;

#define IL_PALETTE_CHUNK 64

typedef struct
{
  double scale;
  int period; /* of all patterns, in device pixels, in both directions */
  IlStateLook looks[IL_N_LOOKS];
  /* For each row of the period, patterned or not: il_palette_length() pixels of each state's look
   * in the order of il_stack_order, and then of the plain ones. */
  guint32 *tiles;
  /* Of a pattern: for each row of its period, period + IL_PALETTE_CHUNK pixels; else NULL. */
  guint32 *rows[IL_N_LOOKS];
} IlPalette;

/* Of a row of tiles: from wherever in the period a chunk begins, all of it is there. */
static inline gsize
il_palette_length (const IlPalette *palette)
{
  return (gsize)palette->period + IL_PALETTE_CHUNK;
}

IlPalette *il_palette_new (const IlTheme *theme, double scale) G_GNUC_WARN_UNUSED_RESULT;
void il_palette_free (IlPalette *palette);

#define IL_STACK_SIZE (IL_N_STATES - 1)

/* The states from bottom to top. */
#define IL_STACK_STATES(X)                                                                         \
  X (IL_STATE_RUNNING)                                                                             \
  X (IL_STATE_BUSY)                                                                                \
  X (IL_STATE_SPINNING)                                                                            \
  X (IL_STATE_RUNNABLE)                                                                            \
  X (IL_STATE_LOCK_WAIT)                                                                           \
  X (IL_STATE_IO_WAIT)                                                                             \
  X (IL_STATE_WAITING)                                                                             \
  X (IL_STATE_JOIN_WAIT)                                                                           \
  X (IL_STATE_SLEEPING)                                                                            \
  X (IL_STATE_STOPPED)                                                                             \
  X (IL_STATE_UNKNOWN)                                                                             \
  X (IL_STATE_QUEUE_WAIT)

/* Of a pixel column's time, by state, in 1/65535; together no more than one. */
typedef struct
{
  guint16 share[IL_N_STATES];
} IlShares;

/* Pixel columns in which states stand above each other. */
typedef struct
{
  int x0, n;
  int bottom, height;
  const IlShares *shares; /* of each */
  guint first_look;       /* 0, or IL_LOOK_PLAIN: without patterns */
} IlStacks;

extern const IlState il_stack_order[IL_STACK_SIZE];

/* Takes rectangles and stacks in device pixels. */
typedef struct _IlRectSink IlRectSink;
struct _IlRectSink
{
  void (*rect) (IlRectSink *sink, int x0, int y0, int x1, int y1, guint look);
  void (*stacks) (IlRectSink *sink, const IlStacks *stacks);
};

void il_stacks_to_rects (const IlStacks *stacks, IlRectSink *sink);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlPalette, il_palette_free)

G_END_DECLS
