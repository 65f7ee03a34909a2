/* il-text-cache.h - text laid out once and shown often
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <cairo.h>
#include <glib.h>
#include <pango/pangocairo.h>

G_BEGIN_DECLS

typedef enum
{
  IL_ALIGN_LEFT,
  IL_ALIGN_CENTRE,
  IL_ALIGN_RIGHT,
} IlAlign;

typedef struct
{
  const char *text;
  double size; /* of the font, in logical pixels */
  gboolean bold;
  double max_width; /* cut with an ellipsis beyond; 0: no limit */
} IlText;

typedef struct _IlTextCache IlTextCache;

IlTextCache *il_text_cache_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_text_cache_free (IlTextCache *cache);
void il_text_cache_prepare (IlTextCache *cache, cairo_t *cr, const char *font_family, double scale);
double il_text_cache_get_width (IlTextCache *cache, const IlText *text);
void il_text_cache_show (IlTextCache *cache, cairo_t *cr, const IlText *text, double x,
                         double middle_y, IlAlign align);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlTextCache, il_text_cache_free)

G_END_DECLS
