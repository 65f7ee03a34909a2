/* il-banner.c - what went wrong or is worth knowing, in a strip above the timelines
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-banner.h"

#define SPACING 12
#define MIN_TEXT_WIDTH 320 /* with less than this beside the buttons, they go below the text */

struct _IlBanner
{
  GtkWidget parent_instance;
  GtkImage *icon;
  GtkLabel *label;
  GtkBox *buttons;
  GtkWidget *close_button;
};

G_DEFINE_FINAL_TYPE (IlBanner, il_banner, GTK_TYPE_WIDGET)

static void
dismiss_cb (IlBanner *self)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));

  if (GTK_IS_BOX (parent))
    gtk_box_remove (GTK_BOX (parent), GTK_WIDGET (self));
}

/* --- icon, text, buttons, and the button that closes: in a row where there is room --- */

static int
natural_width (gpointer widget)
{
  int natural;

  gtk_widget_measure (GTK_WIDGET (widget), GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL,
                      NULL);

  return natural;
}

static int
height_for_width (gpointer widget, int width)
{
  int natural;

  gtk_widget_measure (GTK_WIDGET (widget), GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL,
                      NULL);

  return natural;
}

static gboolean
has_buttons (IlBanner *self)
{
  return gtk_widget_get_first_child (GTK_WIDGET (self->buttons)) != NULL;
}

/* What icon and closing button leave. */
static int
text_width (IlBanner *self, int width)
{
  return MAX (width - natural_width (self->icon) - natural_width (self->close_button) - 2 * SPACING,
              1);
}

static gboolean
fits_in_row (IlBanner *self, int width)
{
  return !has_buttons (self)
         || text_width (self, width) - natural_width (self->buttons) - SPACING >= MIN_TEXT_WIDTH;
}

static void
il_banner_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                   int *natural, int *minimum_baseline, int *natural_baseline)
{
  IlBanner *self = IL_BANNER (widget);
  int width, height;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = *natural = MIN_TEXT_WIDTH + natural_width (self->icon)
                            + natural_width (self->close_button) + 2 * SPACING;
      return;
    }

  width = for_size < 0 ? 2 * MIN_TEXT_WIDTH : for_size;
  if (fits_in_row (self, width))
    {
      int beside = has_buttons (self) ? natural_width (self->buttons) + SPACING : 0;

      height = height_for_width (self->label, text_width (self, width) - beside);
      height = MAX (height, has_buttons (self) ? height_for_width (self->buttons, -1) : 0);
    }
  else
    height = height_for_width (self->label, text_width (self, width)) + SPACING / 2
             + height_for_width (self->buttons, -1);
  *minimum = *natural = MAX (height, height_for_width (self->close_button, -1));
}

static void
place (gpointer widget, int x, int y, int width, int height)
{
  gtk_widget_size_allocate (GTK_WIDGET (widget), &(GtkAllocation){ x, y, width, height }, -1);
}

static void
il_banner_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  IlBanner *self = IL_BANNER (widget);
  int icon_width = natural_width (self->icon);
  int close_width = natural_width (self->close_button);
  int buttons_width = has_buttons (self) ? natural_width (self->buttons) : 0;
  int x = icon_width + SPACING;
  int available = text_width (self, width);

  place (self->icon, 0, 0, icon_width, height);
  place (self->close_button, width - close_width, 0, close_width, height);
  if (fits_in_row (self, width))
    {
      int beside = buttons_width ? buttons_width + SPACING : 0;

      place (self->label, x, 0, available - beside, height);
      place (self->buttons, x + available - buttons_width, 0, buttons_width, height);
    }
  else
    {
      int buttons_height = height_for_width (self->buttons, -1);

      place (self->label, x, 0, available, height - buttons_height - SPACING / 2);
      place (self->buttons, x, height - buttons_height, buttons_width, buttons_height);
    }
}

static GtkSizeRequestMode
il_banner_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
il_banner_dispose (GObject *object)
{
  GtkWidget *child;

  gtk_widget_dispose_template (GTK_WIDGET (object), IL_TYPE_BANNER);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (il_banner_parent_class)->dispose (object);
}

static void
il_banner_class_init (IlBannerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_banner_dispose;
  widget_class->measure = il_banner_measure;
  widget_class->size_allocate = il_banner_size_allocate;
  widget_class->get_request_mode = il_banner_get_request_mode;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/interleave/Interleave/il-banner.ui");
  gtk_widget_class_bind_template_child (widget_class, IlBanner, icon);
  gtk_widget_class_bind_template_child (widget_class, IlBanner, label);
  gtk_widget_class_bind_template_child (widget_class, IlBanner, buttons);
  gtk_widget_class_bind_template_child (widget_class, IlBanner, close_button);
  gtk_widget_class_bind_template_callback (widget_class, dismiss_cb);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
}

static void
il_banner_init (IlBanner *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * il_banner_new:
 * @kind: how bad it is
 * @text: in full sentences
 *
 * Returns: (transfer floating): a strip to be put into a box
 */
GtkWidget *
il_banner_new (IlBannerKind kind, const char *text)
{
  static const struct
  {
    const char *css_class, *icon;
  } looks[] = {
    [IL_BANNER_INFO] = { "banner-info", "dialog-information-symbolic" },
    [IL_BANNER_WARNING] = { "banner-warning", "dialog-warning-symbolic" },
    [IL_BANNER_ERROR] = { "banner-error", "dialog-error-symbolic" },
  };
  IlBanner *self = g_object_new (IL_TYPE_BANNER, NULL);

  gtk_widget_add_css_class (GTK_WIDGET (self), looks[kind].css_class);
  gtk_image_set_from_icon_name (self->icon, looks[kind].icon);
  gtk_label_set_label (self->label, text);

  return GTK_WIDGET (self);
}

/**
 * il_banner_set_text:
 * @text: in full sentences
 */
void
il_banner_set_text (IlBanner *self, const char *text)
{
  g_return_if_fail (IL_IS_BANNER (self));

  gtk_label_set_label (self->label, text);
}

/**
 * il_banner_add_button:
 * @label: without mnemonic
 * @action: detailed name without target
 * @target: (nullable): text handed to the action
 */
void
il_banner_add_button (IlBanner *self, const char *label, const char *action, const char *target)
{
  GtkWidget *button;

  g_return_if_fail (IL_IS_BANNER (self));

  button = gtk_button_new_with_label (label);
  if (target)
    gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", target);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_box_append (self->buttons, button);
}
