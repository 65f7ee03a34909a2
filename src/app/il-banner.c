/* il-banner.c - what went wrong or is worth knowing, in a strip above the timelines
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-banner.h"

struct _IlBanner
{
  GtkWidget parent_instance;
  GtkImage *icon;
  GtkLabel *label;
  GtkBox *buttons;
};

G_DEFINE_FINAL_TYPE (IlBanner, il_banner, GTK_TYPE_WIDGET)

static void
dismiss_cb (IlBanner *self)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));

  if (GTK_IS_BOX (parent))
    gtk_box_remove (GTK_BOX (parent), GTK_WIDGET (self));
}

static void
il_banner_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), IL_TYPE_BANNER);

  G_OBJECT_CLASS (il_banner_parent_class)->dispose (object);
}

static void
il_banner_class_init (IlBannerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_banner_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/interleave/Interleave/il-banner.ui");
  gtk_widget_class_bind_template_child (widget_class, IlBanner, icon);
  gtk_widget_class_bind_template_child (widget_class, IlBanner, label);
  gtk_widget_class_bind_template_child (widget_class, IlBanner, buttons);
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
    [IL_BANNER_INFO] = { "info", "dialog-information-symbolic" },
    [IL_BANNER_WARNING] = { "warning", "dialog-warning-symbolic" },
    [IL_BANNER_ERROR] = { "error", "dialog-error-symbolic" },
  };
  IlBanner *self = g_object_new (IL_TYPE_BANNER, NULL);

  gtk_widget_add_css_class (GTK_WIDGET (self), looks[kind].css_class);
  gtk_image_set_from_icon_name (self->icon, looks[kind].icon);
  gtk_label_set_label (self->label, text);

  return GTK_WIDGET (self);
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
