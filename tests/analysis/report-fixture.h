/* report-fixture.h - reports of timelines that are small enough to be reckoned by hand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-report.h"

#include <json-glib/json-glib.h>

#define MS G_GINT64_CONSTANT (1000000)
#define US G_GINT64_CONSTANT (1000)

/* Objects. */
enum
{
  QUEUE = 1,
  WORK,
  OTHER,
  GIL,
};

/* Lanes of make_workers(). */
enum
{
  FIRST,
  SECOND,
  THIRD
};

typedef struct
{
  guint32 lane;
  IlRecord record;
} Said;

typedef struct
{
  const char *path;
  double value;
} Expected;

JsonObject *parse (const IlReport *report, IlSession *session, JsonParser *parser);
void assert_numbers (JsonObject *object, const Expected *expected, gsize n);
double get_number (JsonObject *object, const char *path);
void add_thread (IlTimelineBuilder *builder, IlLaneRole role, guint number,
                 IlSchedulerSource scheduler);
IlSession *make_workers (const Said *said, gsize n);

#define ASSERT_NUMBERS(object, ...)                                                                \
  assert_numbers ((object), (const Expected[]){ __VA_ARGS__ },                                     \
                  sizeof ((const Expected[]){ __VA_ARGS__ }) / sizeof (Expected))
