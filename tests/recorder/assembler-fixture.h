/* assembler-fixture.h - an assembler, what sources say to it, and what it tells as text
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-assembler-private.h"

#define ORIGIN 1000000000
#define MS 1000000
#define FIXTURE_N_BIRTHS 8

/* What the assembler told, as text: lanes as "lane 2 worker Worker 1", batches as
 * "[0,5) 2@1 LANE_BEGIN 0 0, …". */
typedef struct
{
  IlAssembler *assembler;
  IlAssemblerSink sink;
  GString *told;
  guint n_lanes;
  guint n_begun, n_ended;
  guint64 births[FIXTURE_N_BIRTHS]; /* of the first lanes' threads, as told last */
} Fixture;

void fixture_set_up (Fixture *self, gconstpointer scheduler);
void fixture_tear_down (Fixture *self, gconstpointer scheduler);
void fixture_assert_told (Fixture *self, const char *expected);

/* What sources say; times since the origin. */
IlTraceLaneInfo fixture_lane (guint index, guint generation, int tid);
void fixture_say (Fixture *self, const IlTraceLaneInfo *info, gint64 time_ns, IlEventKind kind,
                  guint object, guint32 value);
void fixture_sched (Fixture *self, IlSchedKind kind, gint64 time_ns, int tid, guint core);
void fixture_fork (Fixture *self, gint64 time_ns, int tid, int maker);
void fixture_rename (Fixture *self, gint64 time_ns, int tid, const char *name);
void fixture_cut (Fixture *self, gint64 time_ns);
void fixture_end (Fixture *self, const IlTraceLaneInfo *info, gint64 now_ns);

#define ADD(path, function, scheduler)                                                             \
  g_test_add ("/assembler/" path, Fixture, GINT_TO_POINTER (scheduler), fixture_set_up, function,  \
              fixture_tear_down)
