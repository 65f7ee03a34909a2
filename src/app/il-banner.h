/* il-banner.h - what went wrong or is worth knowing, in a strip above the timelines
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  IL_BANNER_INFO,
  IL_BANNER_WARNING,
  IL_BANNER_ERROR,
} IlBannerKind;

#define IL_TYPE_BANNER (il_banner_get_type ())
G_DECLARE_FINAL_TYPE (IlBanner, il_banner, IL, BANNER, GtkWidget)

/* Taken out of its box when the user dismisses it. */
GtkWidget *il_banner_new (IlBannerKind kind, const char *text) G_GNUC_WARN_UNUSED_RESULT;
void il_banner_set_text (IlBanner *self, const char *text);
void il_banner_add_button (IlBanner *self, const char *label, const char *action,
                           const char *target);

G_END_DECLS
