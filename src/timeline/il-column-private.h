/* il-column-private.h - append-only column whose elements never move
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A column is a directory of chunks, each twice as large as the one before, so that an element is
 * found by its index without a search, a short column is small, and neither elements nor directory
 * ever move.  A column has no length of its own: whoever owns it publishes how much of it is there.
 *
 * Elements 16 i … 16 i + 15 always stand side by side in memory, and begin a cache line where their
 * size allows.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define IL_COLUMN_GROUP_BITS 4 /* log2 of the first chunk's length */
#define IL_COLUMN_GROUP (1 << IL_COLUMN_GROUP_BITS)
#define IL_COLUMN_N_CHUNKS 36 /* more than memory can hold */

typedef struct
{
  gpointer chunks[IL_COLUMN_N_CHUNKS];
} IlColumn;

static inline guint
il_column_chunk_of (gsize index)
{
  return 63 - IL_COLUMN_GROUP_BITS - (guint)__builtin_clzll ((guint64)index + IL_COLUMN_GROUP);
}

static inline gsize
il_column_chunk_begin (guint chunk)
{
  return ((gsize)IL_COLUMN_GROUP << chunk) - IL_COLUMN_GROUP;
}

/* The element, which must be there. */
static inline gpointer
il_column_at (const IlColumn *column, gsize index, gsize element_size)
{
  guint chunk = il_column_chunk_of (index);

  return (guint8 *)column->chunks[chunk] + (index - il_column_chunk_begin (chunk)) * element_size;
}

/* The writer's: room for the element after the last, not initialized. */
static inline gpointer
il_column_extend (IlColumn *column, gsize index, gsize element_size)
{
  guint chunk = il_column_chunk_of (index);
  gsize offset = index - il_column_chunk_begin (chunk);

  if (G_UNLIKELY (offset == 0))
    column->chunks[chunk] = g_aligned_alloc ((gsize)IL_COLUMN_GROUP << chunk, element_size, 64);
  return (guint8 *)column->chunks[chunk] + offset * element_size;
}

static inline void
il_column_clear (IlColumn *column)
{
  for (guint i = 0; i < IL_COLUMN_N_CHUNKS; i++)
    g_clear_pointer (&column->chunks[i], g_aligned_free);
}

#define IL_COLUMN_GET(column, type, index)                                                         \
  (*(type const *)il_column_at ((column), (index), sizeof (type)))
#define IL_COLUMN_PUT(column, type, index)                                                         \
  (*(type *)il_column_extend ((column), (index), sizeof (type)))

G_END_DECLS
