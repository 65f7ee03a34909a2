/* il-text-cache.c - text laid out once and shown often
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Laying a label out costs more than three times as much as showing it again, and a picture has a
 * hundred labels of which most are those of the picture before.
 */

#include "config.h"

#include "il-text-cache.h"

#include <string.h>

/* Labels of times pass by and do not come back: beyond this many the cache starts anew. */
#define MAX_ENTRIES 2000

typedef struct
{
  char *text;
  int size; /* in Pango units */
  int max_width;
  gboolean bold;
} Key;

typedef struct
{
  Key key; /* first: the entry is found by it */
  PangoLayout *layout;
  double width, middle; /* of the ink's line: from the top to the middle of a small letter */
} Entry;

struct _IlTextCache
{
  PangoContext *context;
  char *font_family;
  double scale;
  GHashTable *entries; /* Entry, owned, by its own key */
};

static guint
hash_key (gconstpointer data)
{
  const Key *key = data;

  return g_str_hash (key->text) ^ (guint)key->size * 31u ^ (guint)key->max_width * 131u
         ^ (guint)key->bold;
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  const Key *one = a;
  const Key *other = b;

  return one->size == other->size && one->max_width == other->max_width && one->bold == other->bold
         && strcmp (one->text, other->text) == 0;
}

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  g_object_unref (entry->layout);
  g_free (entry->key.text);
  g_free (entry);
}

/**
 * il_text_cache_new:
 *
 * Returns: (transfer full): an empty cache; of one thread
 */
IlTextCache *
il_text_cache_new (void)
{
  IlTextCache *cache = g_new0 (IlTextCache, 1);

  cache->entries = g_hash_table_new_full (hash_key, equal_keys, NULL, free_entry);
  return cache;
}

/**
 * il_text_cache_free:
 *
 * Takes NULL.
 */
void
il_text_cache_free (IlTextCache *cache)
{
  if (cache == NULL)
    return;
  g_hash_table_unref (cache->entries);
  g_clear_object (&cache->context);
  g_free (cache->font_family);
  g_free (cache);
}

static PangoContext *
make_context (cairo_t *cr)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_font_options_t *options = cairo_font_options_create ();

  /* No subpixel colours: the picture may be moved and scaled.  Metrics as drawn, so that texts are
   * as wide at every scale. */
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_SLIGHT);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (context, options);
  cairo_font_options_destroy (options);
  pango_cairo_update_context (cr, context);
  return context;
}

/**
 * il_text_cache_prepare:
 * @cr: what will be painted on
 * @font_family: (nullable): NULL: the interface's own
 * @scale: of @cr's device
 *
 * Must be called before a picture; drops what was laid out for another font or scale.
 */
void
il_text_cache_prepare (IlTextCache *cache, cairo_t *cr, const char *font_family, double scale)
{
  if (font_family == NULL)
    font_family = "Cantarell";
  if (cache->context != NULL && cache->scale == scale
      && g_strcmp0 (cache->font_family, font_family) == 0)
    return;

  g_hash_table_remove_all (cache->entries);
  g_clear_object (&cache->context);
  cache->context = make_context (cr);
  cache->scale = scale;
  g_free (cache->font_family);
  cache->font_family = g_strdup (font_family);
}

static Entry *
make_entry (IlTextCache *cache, const Key *key)
{
  Entry *entry = g_new0 (Entry, 1);
  PangoFontDescription *font = pango_font_description_new ();
  PangoRectangle extents;

  pango_font_description_set_family (font, cache->font_family);
  pango_font_description_set_absolute_size (font, key->size);
  pango_font_description_set_weight (font, key->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  entry->key = *key;
  entry->key.text = g_strdup (key->text);
  entry->layout = pango_layout_new (cache->context);
  pango_layout_set_font_description (entry->layout, font);
  pango_font_description_free (font);
  pango_layout_set_single_paragraph_mode (entry->layout, TRUE);
  pango_layout_set_text (entry->layout, key->text, -1);
  if (key->max_width > 0)
    {
      pango_layout_set_width (entry->layout, key->max_width);
      pango_layout_set_ellipsize (entry->layout, PANGO_ELLIPSIZE_MIDDLE);
      pango_layout_set_height (entry->layout, -1);
    }
  pango_layout_get_extents (entry->layout, NULL, &extents);
  entry->width = (double)extents.width / PANGO_SCALE;
  /* Above the baseline by a third of the font's size: where digits and capitals have their middle;
   * independent of fallback fonts, so that labels in any script stand on one line. */
  entry->middle
      = ((double)pango_layout_get_baseline (entry->layout) - 0.36 * key->size) / PANGO_SCALE;
  return entry;
}

static Entry *
find_entry (IlTextCache *cache, const IlText *text)
{
  Key key = { (char *)text->text, (int)(text->size * PANGO_SCALE),
              (int)(CLAMP (text->max_width, 0, 1e5) * PANGO_SCALE), text->bold };
  Entry *entry = g_hash_table_lookup (cache->entries, &key);

  if (entry != NULL)
    return entry;
  if (g_hash_table_size (cache->entries) >= MAX_ENTRIES)
    g_hash_table_remove_all (cache->entries);
  entry = make_entry (cache, &key);
  g_hash_table_add (cache->entries, entry);
  return entry;
}

/**
 * il_text_cache_get_width:
 *
 * Returns: in logical pixels
 */
double
il_text_cache_get_width (IlTextCache *cache, const IlText *text)
{
  return find_entry (cache, text)->width;
}

/**
 * il_text_cache_show:
 * @x: of its left end, middle or right end, as @align says
 * @middle_y: of its digits and capitals
 *
 * Shows @text in @cr's colour.
 */
void
il_text_cache_show (IlTextCache *cache, cairo_t *cr, const IlText *text, double x, double middle_y,
                    IlAlign align)
{
  const Entry *entry = find_entry (cache, text);

  if (align == IL_ALIGN_CENTRE)
    x -= entry->width / 2;
  else if (align == IL_ALIGN_RIGHT)
    x -= entry->width;
  cairo_move_to (cr, x, middle_y - entry->middle);
  pango_cairo_show_layout (cr, entry->layout);
}
