/* il-scenario-catalog.h - what scenarios there are and what can be set on them, as the runner
 * describes them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "il-session.h"

G_BEGIN_DECLS

typedef enum
{
  IL_KNOB_COUNT,
  IL_KNOB_DURATION, /* nanoseconds */
  IL_KNOB_RATE,     /* per second */
  IL_KNOB_SIZE,     /* bytes */
} IlKnobUnit;

typedef struct
{
  char *key;  /* as for --set */
  char *name; /* shown, translated where the scenario has it in the user's language */
  IlKnobUnit unit;
  double value, min, max;
  gboolean live; /* can be turned while it runs */
  char *model;   /* the one that it means something under; NULL: under each */
} IlKnob;

#define IL_TYPE_SCENARIO (il_scenario_get_type ())
G_DECLARE_FINAL_TYPE (IlScenario, il_scenario, IL, SCENARIO, GObject)

const char *il_scenario_get_id (IlScenario *self);  /* bundled id, or the path */
const char *il_scenario_get_row (IlScenario *self); /* of the curriculum, e.g. "C17"; "" for none */
const char *il_scenario_get_name (IlScenario *self);
const char *il_scenario_get_description (IlScenario *self);   /* one line */
const char *il_scenario_get_look_at (IlScenario *self);       /* what to look at */
const char *il_scenario_get_model (IlScenario *self);         /* the default one */
const char *const *il_scenario_get_models (IlScenario *self); /* it runs under */
guint il_scenario_get_workers (IlScenario *self);
guint il_scenario_get_workers_max (IlScenario *self); /* worth offering, as the next of its name */
gboolean il_scenario_get_workers_settable (IlScenario *self);
guint il_scenario_get_processes (IlScenario *self); /* under hybrid; 0: not known */
guint il_scenario_get_processes_max (IlScenario *self);
guint il_scenario_get_carriers (IlScenario *self); /* under coroutines; 0: not known */
guint il_scenario_get_carriers_max (IlScenario *self);
gint64 il_scenario_get_switch_interval (IlScenario *self); /* under gil, in ns; 0: not known */
const IlKnob *il_scenario_get_knobs (IlScenario *self, guint *n_knobs);
gboolean il_scenario_has_knob_for (IlScenario *self, const char *model);
gboolean il_scenario_get_runnable (IlScenario *self);
IlScenario *il_scenario_new_recorded (IlSession *session) G_GNUC_WARN_UNUSED_RESULT;

/* Run the runner's `describe` off the main thread.  path NULL: all bundled ones, sorted by row;
 * else just that file, whose errors come as GError with the runner's message (file, line, found,
 * expected). */
void il_scenario_catalog_load_async (const char *path, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *il_scenario_catalog_load_finish (GAsyncResult *result,
                                            GError **error); /* of IlScenario */
/* The same, waiting: for the command line. */
GPtrArray *il_scenario_catalog_load (const char *path, GError **error);

G_END_DECLS
