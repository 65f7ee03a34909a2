/* il-column-cache.h - what series show in pixel columns, kept from one picture to the next
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline.h"

G_BEGIN_DECLS

/* Columns of one duration, counted from the session's begin. */
typedef struct
{
  double duration_ns; /* at least 1 */
  gint64 first;
  guint n;
} IlColumns;

gint64 il_columns_get_begin (const IlColumns *columns, guint column);

typedef struct _IlColumnCache IlColumnCache;

IlColumnCache *il_column_cache_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_column_cache_free (IlColumnCache *cache);
void il_column_cache_begin (IlColumnCache *cache, IlTimeline *timeline);
void il_column_cache_end (IlColumnCache *cache);
const IlSpanBin *il_column_cache_get_spans (IlColumnCache *cache, const IlSeries *series,
                                            const IlColumns *columns, gint64 end_ns);
const IlCounterBin *il_column_cache_get_counter (IlColumnCache *cache, const IlSeries *series,
                                                 const IlColumns *columns, gint64 end_ns);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlColumnCache, il_column_cache_free)

G_END_DECLS
