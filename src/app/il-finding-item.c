/* il-finding-item.c - a finding as a list shows it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-finding-item.h"

#include <glib/gi18n.h>

struct _IlFindingItem
{
  GObject parent_instance;
  IlFinding finding; /* owns lanes, objects and text */
  char *time;
};

enum
{
  PROP_KIND = 1,
  PROP_TEXT,
  PROP_ADVICE,
  PROP_HAS_ADVICE,
  PROP_TIME,
  PROP_ICON,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (IlFindingItem, il_finding_item, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
il_finding_item_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  IlFindingItem *self = IL_FINDING_ITEM (object);

  switch (prop_id)
    {
    case PROP_KIND:
      g_value_set_string (value, il_finding_kind_get_name (self->finding.kind));
      break;
    case PROP_TEXT:
      g_value_set_string (value, self->finding.text);
      break;
    case PROP_ADVICE:
      g_value_set_string (value, il_finding_kind_get_advice (self->finding.kind));
      break;
    case PROP_HAS_ADVICE:
      g_value_set_boolean (value, il_finding_kind_get_advice (self->finding.kind) != NULL);
      break;
    case PROP_TIME:
      g_value_set_string (value, self->time);
      break;
    case PROP_ICON:
      g_value_set_static_string (value, il_finding_kind_is_grave (self->finding.kind)
                                            ? "dialog-error-symbolic"
                                            : "dialog-warning-symbolic");
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
il_finding_item_finalize (GObject *object)
{
  IlFindingItem *self = IL_FINDING_ITEM (object);

  g_free ((gpointer)self->finding.lanes);
  g_free ((gpointer)self->finding.objects);
  g_free ((gpointer)self->finding.text);
  g_free (self->time);

  G_OBJECT_CLASS (il_finding_item_parent_class)->finalize (object);
}

static void
il_finding_item_class_init (IlFindingItemClass *klass)
{
  static const char *const names[N_PROPS] = { [PROP_KIND] = "kind",
                                              [PROP_TEXT] = "text",
                                              [PROP_ADVICE] = "advice",
                                              [PROP_TIME] = "time",
                                              [PROP_ICON] = "icon" };
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = il_finding_item_get_property;
  object_class->finalize = il_finding_item_finalize;
  for (guint i = 1; i < N_PROPS; i++)
    if (names[i])
      properties[i] = g_param_spec_string (names[i], NULL, NULL, NULL, flags);
  properties[PROP_HAS_ADVICE] = g_param_spec_boolean ("has-advice", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
il_finding_item_init (IlFindingItem *self)
{
}

/**
 * il_finding_item_new:
 * @finding: copied
 */
IlFindingItem *
il_finding_item_new (const IlFinding *finding)
{
  IlFindingItem *self = g_object_new (IL_TYPE_FINDING_ITEM, NULL);

  il_finding_item_set (self, finding);

  return self;
}

/**
 * il_finding_item_set:
 * @finding: copied
 *
 * Becomes that finding, in place, so that a list neither jumps nor loses the focus; notifies of
 * what is shown in another way now.
 */
void
il_finding_item_set (IlFindingItem *self, const IlFinding *finding)
{
  g_autofree char *old_text = NULL;
  g_autofree char *old_time = NULL;
  IlFindingKind old_kind;
  gboolean was_set;

  g_return_if_fail (IL_IS_FINDING_ITEM (self));

  old_text = (char *)self->finding.text;
  old_time = self->time;
  old_kind = self->finding.kind;
  was_set = old_text != NULL;
  g_free ((gpointer)self->finding.lanes);
  g_free ((gpointer)self->finding.objects);
  self->finding = *finding;
  self->finding.lanes = g_memdup2 (finding->lanes, finding->n_lanes * sizeof *finding->lanes);
  self->finding.objects
      = g_memdup2 (finding->objects, finding->n_objects * sizeof *finding->objects);
  self->finding.text = g_strdup (finding->text);
  /* Translators: a moment, in seconds since the recording began */
  self->time = g_strdup_printf (_ ("%.3f s"), (double)finding->from_ns / 1e9);

  if (!was_set)
    return;
  if (old_kind != finding->kind)
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KIND]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ICON]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ADVICE]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_ADVICE]);
    }
  if (g_strcmp0 (old_text, finding->text) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
  if (g_strcmp0 (old_time, self->time) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIME]);
}

/**
 * il_finding_item_get:
 *
 * Returns: (transfer none): as long as the item does not become another
 */
const IlFinding *
il_finding_item_get (IlFindingItem *self)
{
  g_return_val_if_fail (IL_IS_FINDING_ITEM (self), NULL);

  return &self->finding;
}
