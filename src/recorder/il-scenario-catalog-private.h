/* il-scenario-catalog-private.h - what the parts of the catalog share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-scenario-catalog.h"

G_BEGIN_DECLS

struct _IlScenario
{
  GObject parent_instance;

  char *id;
  char *row;
  char *name;
  char *description;
  char *look_at;
  char *model;
  char **models;
  guint workers, workers_max;
  gboolean workers_settable;
  guint processes, processes_max;
  guint carriers, carriers_max;
  gint64 switch_interval_ns;
  GArray *knobs;     /* of IlKnob */
  gboolean recorded; /* known from a recording alone */
};

/* il-scenario-catalog-parse.c */
GPtrArray *il_scenario_catalog_parse (const char *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
