/* il-pixel-rows.c - fills rectangles of a strip by writing pixels
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Most rectangles are as high as their strip: they are written into a few template rows, one for
 * each row of the patterns' period, which are then copied down the strip.  The others, and stacks,
 * wait until that is done and are written over it.
 */

#include "config.h"

#include "il-pixel-rows.h"

#include <string.h>

typedef struct
{
  int x0, y0, x1, y1;
  guint look;
} PixelRect;

/* Stacks of more device pixels are written as rectangles. */
#define MAX_STACK_HEIGHT 127

/* What a processor's instruction compares at once. */
#define VECTOR 16
typedef gint8 Bytes __attribute__ ((vector_size (VECTOR)));

struct _IlPixelRows
{
  IlRectSink sink;
  const IlPalette *palette;
  guint32 *pixels;
  int stride; /* in pixels */
  int width, height;
  int clip_y0, clip_y1;
  int y0, y1;         /* of the strip at hand */
  guint32 *templates; /* period rows of width */
  gboolean patterned; /* the templates differ */
  guint8 *phases;     /* of a position, x or y, within the period */
  PixelRect *later;
  gsize n_later, n_allocated;
  GArray *stacks; /* of IlStacks: for later, too */
};

static void
fill_solid (guint32 *to, int n, guint32 colour)
{
  for (int i = 0; i < n; i++)
    to[i] = colour;
}

/* Pixels of row @y, from @x on. */
static void
fill_pattern (const IlPalette *palette, guint32 *to, int x, int y, int n, guint look)
{
  int period = palette->period;
  const guint32 *row = palette->rows[look] + (y % period) * (period + IL_PALETTE_CHUNK);

  while (n > 0)
    {
      int n_now = MIN (n, IL_PALETTE_CHUNK);

      memcpy (to, row + x % period, (gsize)n_now * sizeof *to);
      to += n_now;
      x += n_now;
      n -= n_now;
    }
}

static void
fill_row (const IlPalette *palette, guint32 *to, int x, int y, int n, guint look)
{
  if (palette->rows[look] == NULL)
    fill_solid (to, n, palette->looks[look].colour);
  else
    fill_pattern (palette, to, x, y, n, look);
}

static void
put_off (IlPixelRows *rows, const PixelRect *rect)
{
  if (rows->n_later == rows->n_allocated)
    {
      rows->n_allocated = MAX (2 * rows->n_allocated, 1024);
      rows->later = g_renew (PixelRect, rows->later, rows->n_allocated);
    }
  rows->later[rows->n_later++] = *rect;
}

static void
add_stacks (IlRectSink *sink, const IlStacks *stacks)
{
  IlPixelRows *rows = (IlPixelRows *)(gpointer)sink;

  if (stacks->height > MAX_STACK_HEIGHT || stacks->x0 < 0 || stacks->x0 + stacks->n > rows->width)
    il_stacks_to_rects (stacks, sink);
  else
    g_array_append_val (rows->stacks, *stacks);
}

/* From here on the template rows differ. */
static void
split_templates (IlPixelRows *rows)
{
  for (int i = 1; i < rows->palette->period; i++)
    memcpy (rows->templates + (gsize)i * (gsize)rows->width, rows->templates,
            (gsize)rows->width * sizeof *rows->templates);
  rows->patterned = TRUE;
}

static void
add_rect (IlRectSink *sink, int x0, int y0, int x1, int y1, guint look)
{
  IlPixelRows *rows = (IlPixelRows *)(gpointer)sink;

  x0 = MAX (x0, 0);
  x1 = MIN (x1, rows->width);
  if (x0 >= x1)
    return;
  if (y0 > rows->y0 || y1 < rows->y1)
    {
      PixelRect rect = { x0, MAX (y0, rows->clip_y0), x1, MIN (y1, rows->clip_y1), look };

      if (rect.y0 < rect.y1)
        put_off (rows, &rect);
      return;
    }
  if (rows->palette->rows[look] != NULL && !rows->patterned)
    split_templates (rows);
  for (int i = 0; i < (rows->patterned ? rows->palette->period : 1); i++)
    fill_row (rows->palette, rows->templates + (gsize)i * (gsize)rows->width + x0, x0, i, x1 - x0,
              look);
}

/**
 * il_pixel_rows_new:
 * @palette: borrowed
 * @pixels: of the image, 0x00rrggbb each; borrowed
 * @stride: from row to row, in pixels
 *
 * Returns: (transfer full):
 */
IlPixelRows *
il_pixel_rows_new (const IlPalette *palette, guint32 *pixels, int stride, int width, int height)
{
  IlPixelRows *rows = g_new0 (IlPixelRows, 1);

  rows->sink.rect = add_rect;
  rows->sink.stacks = add_stacks;
  rows->stacks = g_array_new (FALSE, FALSE, sizeof (IlStacks));
  rows->palette = palette;
  rows->pixels = pixels;
  rows->stride = stride;
  rows->width = width;
  rows->height = height;
  rows->clip_y1 = height;
  rows->templates = g_new (guint32, (gsize)palette->period * (gsize)MAX (width, 1));
  rows->phases = g_new (guint8, (gsize)MAX (MAX (width, height), 1));
  for (int i = 0; i < MAX (width, height); i++)
    rows->phases[i] = (guint8)(i % palette->period);
  return rows;
}

/**
 * il_pixel_rows_free:
 *
 * Takes NULL.
 */
void
il_pixel_rows_free (IlPixelRows *rows)
{
  if (rows == NULL)
    return;
  g_free (rows->later);
  g_array_unref (rows->stacks);
  g_free (rows->templates);
  g_free (rows->phases);
  g_free (rows);
}

/**
 * il_pixel_rows_set_clip:
 * @y0: first row that may be written
 * @y1: the row after the last
 */
void
il_pixel_rows_set_clip (IlPixelRows *rows, int y0, int y1)
{
  rows->clip_y0 = CLAMP (y0, 0, rows->height);
  rows->clip_y1 = CLAMP (y1, rows->clip_y0, rows->height);
}

/**
 * il_pixel_rows_fill:
 * @background: (array): a row of the image's width
 *
 * Writes the same row from @y0 to before @y1.
 */
void
il_pixel_rows_fill (IlPixelRows *rows, int y0, int y1, const guint32 *background)
{
  for (int y = MAX (y0, rows->clip_y0); y < MIN (y1, rows->clip_y1); y++)
    memcpy (rows->pixels + (gssize)y * rows->stride, background,
            (gsize)rows->width * sizeof *background);
}

/**
 * il_pixel_rows_begin:
 * @y0: top of a strip
 * @y1: its end
 * @background: (array): a row of the image's width: what is behind the rectangles
 *
 * Returns: (transfer none): takes the strip's rectangles, which must not overlap except where one
 * is less high than the strip; they are seen after il_pixel_rows_end()
 */
IlRectSink *
il_pixel_rows_begin (IlPixelRows *rows, int y0, int y1, const guint32 *background)
{
  rows->y0 = y0;
  rows->y1 = y1;
  rows->patterned = FALSE;
  rows->n_later = 0;
  g_array_set_size (rows->stacks, 0);
  memcpy (rows->templates, background, (gsize)rows->width * sizeof *background);
  return &rows->sink;
}

/* The way of most pixels when many spans share a column: without a division each. */
static void
write_pattern_column (const IlPixelRows *rows, guint32 *to, const PixelRect *rect,
                      const guint32 *pattern)
{
  int period = rows->palette->period;
  int length = period + IL_PALETTE_CHUNK;
  const guint32 *end = pattern + period * length;
  const guint32 *from;

  pattern += rows->phases[rect->x0];
  end += rows->phases[rect->x0];
  from = pattern + rows->phases[rect->y0] * length;
  for (int y = rect->y0; y < rect->y1; y++, to += rows->stride)
    {
      *to = *from;
      from += length;
      if (from == end)
        from = pattern;
    }
}

static void
write_rect (IlPixelRows *rows, const PixelRect *rect)
{
  const IlPalette *palette = rows->palette;
  guint32 *to = rows->pixels + (gssize)rect->y0 * rows->stride + rect->x0;
  const guint32 *pattern = palette->rows[rect->look];
  guint32 colour = palette->looks[rect->look].colour;

  if (rect->x1 - rect->x0 > 1)
    for (int y = rect->y0; y < rect->y1; y++, to += rows->stride)
      fill_row (palette, to, rect->x0, y, rect->x1 - rect->x0, rect->look);
  else if (pattern == NULL)
    for (int y = rect->y0; y < rect->y1; y++, to += rows->stride)
      *to = colour;
  else
    write_pattern_column (rows, to, rect, pattern);
}

/* Where states end in stacks side by side: pixels from the bottom, by state and stack. */
typedef union
{
  Bytes vectors[IL_STACK_SIZE][IL_PALETTE_CHUNK / VECTOR];
  gint8 of[IL_STACK_SIZE][IL_PALETTE_CHUNK];
} Tops;

/* Written out state by state: a loop over them would be half of the cost. */
static inline void
measure_stack (const IlShares *shares, guint height, gint8 *tops)
{
  guint sum = 32768; /* half a pixel in 1/65536 */

#define MEASURE(state)                                                                             \
  sum += shares->share[state] * height;                                                            \
  *tops = (gint8)(sum >> 16);                                                                      \
  tops += IL_PALETTE_CHUNK;

  IL_STACK_STATES (MEASURE)
#undef MEASURE
}

/* Tells for each of n stacks, at so many pixels above the bottom, how many states end there or
 * below: which of them it is in.  Counts for VECTOR stacks at once and without a branch: where the
 * states end cannot be foretold, and a far zoom has a stack in every column. */
static void
find_states (const Tops *tops, int above, int n, Bytes *states)
{
  for (int i = 0; i * VECTOR < n; i++)
    {
      Bytes count = (Bytes){ 0 } + (gint8)IL_STACK_SIZE;

      for (guint s = 0; s < IL_STACK_SIZE; s++)
        count += tops->vectors[s][i] > (gint8)above;
      states[i] = count;
    }
}

/* Writes up to a chunk of stacks, row by row. */
static void
write_chunk (const IlPixelRows *rows, const IlStacks *stacks, int first, int n)
{
  const IlPalette *palette = rows->palette;
  gsize length = il_palette_length (palette);
  int x = stacks->x0 + first;
  int y0 = MAX (stacks->bottom - stacks->height, rows->clip_y0);
  int y1 = MIN (stacks->bottom, rows->clip_y1);
  Tops tops = { 0 };
  Bytes states[IL_PALETTE_CHUNK / VECTOR];
  const guint8 *state = (const guint8 *)states;

  for (int i = 0; i < n; i++)
    measure_stack (&stacks->shares[first + i], (guint)stacks->height, &tops.of[0][i]);
  for (int y = y0; y < y1; y++)
    {
      guint32 *to = rows->pixels + (gssize)y * rows->stride + x;
      guint line = (guint)rows->phases[y] * 2 + (stacks->first_look != 0 ? 1 : 0);
      const guint32 *tile = palette->tiles + line * IL_STACK_SIZE * length + rows->phases[x];
      const guint32 *from[IL_STACK_SIZE + 1];

      for (guint s = 0; s < IL_STACK_SIZE; s++)
        from[s] = tile + s * length;
      from[IL_STACK_SIZE] = to; /* above all states: what is there stays */
      find_states (&tops, stacks->bottom - 1 - y, n, states);
      for (int i = 0; i < n; i++)
        to[i] = from[state[i]][i];
    }
}

/**
 * il_pixel_rows_end:
 *
 * Writes the strip that was begun.
 */
void
il_pixel_rows_end (IlPixelRows *rows)
{
  int period = rows->palette->period;

  for (int y = MAX (rows->y0, rows->clip_y0); y < MIN (rows->y1, rows->clip_y1); y++)
    memcpy (rows->pixels + (gssize)y * rows->stride,
            rows->templates + (rows->patterned ? (gsize)(y % period) * (gsize)rows->width : 0),
            (gsize)rows->width * sizeof *rows->pixels);
  for (gsize i = 0; i < rows->n_later; i++)
    write_rect (rows, &rows->later[i]);
  for (guint i = 0; i < rows->stacks->len; i++)
    {
      const IlStacks *stacks = &g_array_index (rows->stacks, IlStacks, i);

      for (int first = 0; first < stacks->n; first += IL_PALETTE_CHUNK)
        write_chunk (rows, stacks, first, MIN (stacks->n - first, IL_PALETTE_CHUNK));
    }
}
