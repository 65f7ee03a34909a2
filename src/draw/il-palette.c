/* il-palette.c - everything that a theme may fill a rectangle with, ready for pixels of one scale
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-palette.h"

#include <math.h>

/* Logical pixels from stroke to stroke. */
#define PERIOD 5.0
#define SAMPLES 4

/* Whether a point of the unit square, which repeats, lies on a stroke. */
static gboolean
on_stroke (IlPattern pattern, double u, double v)
{
  double rising = fmod (u + v, 1.0);
  double falling = fmod (u - v + 1.0, 1.0);

  switch (pattern)
    {
    case IL_PATTERN_HATCH:
      return rising < 0.36;
    case IL_PATTERN_HATCH_BACK:
      return falling < 0.36;
    case IL_PATTERN_CROSS:
      return rising < 0.24 || falling < 0.24;
    case IL_PATTERN_DOTS:
      return hypot (u - 0.5, v - 0.5) < 0.29;
    case IL_PATTERN_SOLID:
    default:
      return FALSE;
    }
}

static guint32
pattern_pixel (const IlStateLook *look, int period, int x, int y)
{
  guint n_hits = 0;

  for (int i = 0; i < SAMPLES * SAMPLES; i++)
    {
      double u = (x + (i % SAMPLES + 0.5) / SAMPLES) / period;
      double v = (y + (i / SAMPLES + 0.5) / SAMPLES) / period;

      n_hits += on_stroke (look->pattern, u, v);
    }
  return il_colour_mix (look->colour, look->second, n_hits * 255 / (SAMPLES * SAMPLES));
}

static guint32 *
make_rows (const IlStateLook *look, int period)
{
  int length = period + IL_PALETTE_CHUNK;
  guint32 *rows = g_new (guint32, (gsize)period * (gsize)length);

  for (int y = 0; y < period; y++)
    for (int x = 0; x < length; x++)
      rows[y * length + x]
          = x < period ? pattern_pixel (look, period, x, y) : rows[y * length + x - period];
  return rows;
}

static void
set_solid (IlPalette *palette, guint look, guint32 colour)
{
  palette->looks[look] = (IlStateLook){ colour, colour, IL_PATTERN_SOLID };
}

static void
set_level (IlPalette *palette, guint first, guint32 fill, guint32 line)
{
  set_solid (palette, first, fill);
  set_solid (palette, first + 1, il_colour_mix (fill, line, 90));
  set_solid (palette, first + 2, line);
}

#define STATE(state) state,
const IlState il_stack_order[IL_STACK_SIZE] = { IL_STACK_STATES (STATE) };

static guint32 *
make_tiles (const IlPalette *palette)
{
  int period = palette->period;
  gsize length = il_palette_length (palette);
  guint32 *tiles = g_new (guint32, (gsize)period * 2 * IL_STACK_SIZE * length);
  guint32 *to = tiles;

  for (int y = 0; y < period; y++)
    for (guint i = 0; i < 2 * IL_STACK_SIZE; i++)
      {
        guint look = il_stack_order[i % IL_STACK_SIZE] + (i < IL_STACK_SIZE ? 0 : IL_LOOK_PLAIN);

        for (gsize x = 0; x < length; x++)
          *to++ = pattern_pixel (&palette->looks[look], period, (int)x % period, y);
      }
  return tiles;
}

/**
 * il_stacks_to_rects:
 *
 * Gives @sink a rectangle for each state that is in one of @stacks.
 */
void
il_stacks_to_rects (const IlStacks *stacks, IlRectSink *sink)
{
  for (int x = 0; x < stacks->n; x++)
    {
      guint sum = 32768; /* half a pixel in 1/65536 */
      int below = 0;

      for (guint i = 0; i < IL_STACK_SIZE; i++)
        {
          int top;

          sum += stacks->shares[x].share[il_stack_order[i]] * (guint)stacks->height;
          top = (int)(sum >> 16);
          if (top > below)
            sink->rect (sink, stacks->x0 + x, stacks->bottom - top, stacks->x0 + x + 1,
                        stacks->bottom - below, il_stack_order[i] + stacks->first_look);
          below = top;
        }
    }
}

/**
 * il_palette_new:
 * @theme: copied
 * @scale: device pixels per logical pixel
 *
 * Returns: (transfer full):
 */
IlPalette *
il_palette_new (const IlTheme *theme, double scale)
{
  IlPalette *palette = g_new0 (IlPalette, 1);

  palette->scale = scale;
  palette->period = CLAMP ((int)floor (PERIOD * scale + 0.5), 3, IL_PALETTE_CHUNK);
  for (guint s = 0; s < IL_N_STATES; s++)
    {
      palette->looks[s] = theme->states[s];
      set_solid (palette, IL_LOOK_PLAIN + s, theme->states[s].colour);
    }
  for (guint i = 0; i <= IL_N_IDENTITIES; i++)
    set_solid (palette, IL_LOOK_IDENTITY + i, theme->identities[i]);
  set_level (palette, IL_LOOK_LEVEL_FILL, theme->level_fill, theme->level_line);
  set_level (palette, IL_LOOK_USAGE_FILL, theme->usage_fill, theme->usage_line);
  set_level (palette, IL_LOOK_WAITERS_FILL, theme->waiters_fill, theme->waiters_line);
  set_level (palette, IL_LOOK_COPYING_FILL, theme->copying, theme->copying);
  set_level (palette, IL_LOOK_LOSSES_FILL, theme->error, theme->error);
  for (guint i = 0; i < IL_LOOK_EDGES; i++)
    {
      const IlStateLook *look = &palette->looks[i];

      set_solid (palette, IL_LOOK_EDGES + i,
                 il_colour_mix (look->colour, theme->lane_background, 190));
      if (look->pattern != IL_PATTERN_SOLID)
        palette->rows[i] = make_rows (look, palette->period);
    }
  palette->tiles = make_tiles (palette);
  return palette;
}

/**
 * il_palette_free:
 *
 * Takes NULL.
 */
void
il_palette_free (IlPalette *palette)
{
  if (palette == NULL)
    return;
  for (guint i = 0; i < IL_N_LOOKS; i++)
    g_free (palette->rows[i]);
  g_free (palette->tiles);
  g_free (palette);
}
