/* picture.c - what tests look at a layout and its picture with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "picture.h"

#include <string.h>

const IlTimelineView picture_view = { .end_ns = 10 * G_GINT64_CONSTANT (1000000),
                                      .width = 1132,
                                      .height = 700,
                                      .scale = 1,
                                      .show_legend = TRUE };

/* There is one. */
const IlRow *
picture_find_row (const IlTimelineLayout *layout, guint32 lane)
{
  for (guint i = 0; i < layout->rows->len; i++)
    {
      const IlRow *row = &g_array_index (layout->rows, IlRow, i);

      if (row->kind == IL_BOX_LANE && row->lane == lane)
        return row;
    }
  g_assert_not_reached ();
}

gboolean
picture_has_legend (const IlTimelineLayout *layout, guint code)
{
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);

  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_LEGEND && boxes[i].code == code)
      return TRUE;
  return FALSE;
}

guint32
picture_get_pixel (cairo_surface_t *image, int x, int y)
{
  const unsigned char *data = cairo_image_surface_get_data (image);
  guint32 pixel;

  memcpy (&pixel, data + (gssize)y * cairo_image_surface_get_stride (image) + (gssize)x * 4,
          sizeof pixel);
  return pixel & 0xffffff;
}
