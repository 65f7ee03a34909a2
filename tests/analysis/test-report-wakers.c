/* test-report-wakers.c - who let whom go on that waited, and who came last at a barrier
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define MS G_GINT64_CONSTANT (1000000)

/* Threads. */
enum
{
  ANN = 0,
  BEN,
  CAT,
};

/* Objects. */
enum
{
  SLOTS = 1, /* a semaphore */
  HANDED,    /* a semaphore of one unit, taken by one and given by another */
  READY,     /* a condition */
  MEET,      /* a barrier of three */
};

static const struct
{
  guint32 lane;
  IlRecord record;
} said[] = {
  /* Cat waits for Ann twice, 1 ms and 2 ms, and in vain for 1 ms; Ben for Cat 4 ms. */
  { CAT, { 1 * MS, IL_RECORD_SEM_WAIT, SLOTS, 0 } },
  { ANN, { 2 * MS, IL_RECORD_SEM_POST, SLOTS, 1 | IL_RECORD_WOKE } },
  { CAT, { 2 * MS, IL_RECORD_SEM_ACQUIRE, SLOTS, 0 } },
  { CAT, { 2 * MS, IL_RECORD_WOKEN_BY, 0, ANN + 1 } },
  { CAT, { 3 * MS, IL_RECORD_SEM_WAIT, SLOTS, 0 } },
  { BEN, { 3 * MS, IL_RECORD_SEM_WAIT, SLOTS, 0 } },
  { CAT, { 5 * MS, IL_RECORD_SEM_ACQUIRE, SLOTS, 0 } },
  { CAT, { 5 * MS, IL_RECORD_WOKEN_BY, 0, ANN + 1 } },
  { CAT, { 6 * MS, IL_RECORD_SEM_WAIT, SLOTS, 0 } },
  { CAT, { 7 * MS, IL_RECORD_WAIT_CANCELLED, SLOTS, 0 } },
  { BEN, { 7 * MS, IL_RECORD_SEM_ACQUIRE, SLOTS, 0 } },
  { BEN, { 7 * MS, IL_RECORD_WOKEN_BY, 0, CAT + 1 } },
  /* Ann waits for what Ben gives, who never took it. */
  { ANN, { 8 * MS, IL_RECORD_LOCK_ACQUIRE, HANDED, 0 } },
  { ANN, { 8 * MS, IL_RECORD_LOCK_WAIT, HANDED, ANN + 1 } },
  { BEN, { 11 * MS, IL_RECORD_LOCK_RELEASE, HANDED, IL_RECORD_WOKE } },
  { ANN, { 11 * MS, IL_RECORD_LOCK_ACQUIRE, HANDED, BEN + 1 } },
  /* Both wait for Cat's word, Ben for 1 ms and Ann for 2 ms. */
  { ANN, { 12 * MS, IL_RECORD_COND_WAIT, READY, 0 } },
  { BEN, { 13 * MS, IL_RECORD_COND_WAIT, READY, 0 } },
  { CAT, { 14 * MS, IL_RECORD_COND_NOTIFY, READY, 2 | IL_RECORD_WOKE } },
  { ANN, { 14 * MS, IL_RECORD_COND_WOKEN, READY, CAT + 1 } },
  { BEN, { 14 * MS, IL_RECORD_COND_WOKEN, READY, CAT + 1 } },
  /* Ben comes last, then Ben again, then Cat. */
  { ANN, { 20 * MS, IL_RECORD_BARRIER_WAIT, MEET, 1 } },
  { CAT, { 21 * MS, IL_RECORD_BARRIER_WAIT, MEET, 2 } },
  { BEN, { 23 * MS, IL_RECORD_BARRIER_PASS, MEET, 1 | IL_RECORD_WOKE } },
  { ANN, { 23 * MS, IL_RECORD_BARRIER_PASS, MEET, 1 } },
  { ANN, { 23 * MS, IL_RECORD_WOKEN_BY, 0, BEN + 1 } },
  { CAT, { 23 * MS, IL_RECORD_BARRIER_PASS, MEET, 1 } },
  { CAT, { 23 * MS, IL_RECORD_WOKEN_BY, 0, BEN + 1 } },
  { ANN, { 24 * MS, IL_RECORD_BARRIER_WAIT, MEET, 1 } },
  { CAT, { 24 * MS, IL_RECORD_BARRIER_WAIT, MEET, 2 } },
  { BEN, { 26 * MS, IL_RECORD_BARRIER_PASS, MEET, 2 | IL_RECORD_WOKE } },
  { ANN, { 26 * MS, IL_RECORD_BARRIER_PASS, MEET, 2 } },
  { ANN, { 26 * MS, IL_RECORD_WOKEN_BY, 0, BEN + 1 } },
  { CAT, { 26 * MS, IL_RECORD_BARRIER_PASS, MEET, 2 } },
  { CAT, { 26 * MS, IL_RECORD_WOKEN_BY, 0, BEN + 1 } },
  { ANN, { 27 * MS, IL_RECORD_BARRIER_WAIT, MEET, 1 } },
  { BEN, { 27 * MS, IL_RECORD_BARRIER_WAIT, MEET, 2 } },
  { CAT, { 28 * MS, IL_RECORD_BARRIER_PASS, MEET, 3 | IL_RECORD_WOKE } },
  { ANN, { 28 * MS, IL_RECORD_BARRIER_PASS, MEET, 3 } },
  { ANN, { 28 * MS, IL_RECORD_WOKEN_BY, 0, CAT + 1 } },
  { BEN, { 28 * MS, IL_RECORD_BARRIER_PASS, MEET, 3 } },
  { BEN, { 28 * MS, IL_RECORD_WOKEN_BY, 0, CAT + 1 } },
};

static IlSession *
make_session (void)
{
  static const char *const names[] = { "Ann", "Ben", "Cat" };
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const IlLaneInfo info
          = { .role = IL_LANE_ROLE_THREAD, .pid = 10, .tid = 11 + (gint32)i, .name = names[i] };

      il_timeline_builder_add_lane (builder, &info);
    }
  il_timeline_builder_add_object (builder, SLOTS, IL_OBJECT_KIND_SEMAPHORE, "slots", 2);
  il_timeline_builder_add_object (builder, HANDED, IL_OBJECT_KIND_LOCK, "handed",
                                  IL_LANE_PARAMETER_BINARY);
  il_timeline_builder_add_object (builder, READY, IL_OBJECT_KIND_CONDITION, "ready", 0);
  il_timeline_builder_add_object (builder, MEET, IL_OBJECT_KIND_BARRIER, "meet", 3);
  for (gsize i = 0; i < G_N_ELEMENTS (said); i++)
    il_batch_append (batch, said[i].lane, &said[i].record, 1);
  il_batch_seal (batch, 30 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return il_session_new (timeline);
}

static void
assert_pair (const GArray *pairs, guint index, guint waker, guint waiter, guint64 waits,
             gint64 wait_ns)
{
  const IlWaitPair *pair = &g_array_index (pairs, IlWaitPair, index);

  g_assert_cmpuint (index, <, pairs->len);
  g_assert_cmpuint (pair->holder_plus_1, ==, waker + 1);
  g_assert_cmpuint (pair->waiter, ==, waiter);
  g_assert_cmpuint (pair->waits, ==, waits);
  g_assert_cmpint (pair->wait_ns, ==, wait_ns);
}

static void
assert_last (const GArray *all, guint index, guint lane, guint64 phases, gint64 waited_ns)
{
  const IlHolder *last = &g_array_index (all, IlHolder, index);

  g_assert_cmpuint (index, <, all->len);
  g_assert_cmpuint (last->lane, ==, lane);
  g_assert_cmpuint (last->acquisitions, ==, phases);
  g_assert_cmpint (last->held_ns, ==, waited_ns);
}

/* Who waited in vain was woken by nobody. */
static void
test_given (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  const IlLockFigures *slots = &g_array_index (report->locks, IlLockFigures, 0);
  const IlLockFigures *handed = &g_array_index (report->locks, IlLockFigures, 1);
  const IlSignalFigures *ready = &g_array_index (report->signals, IlSignalFigures, 0);

  g_assert_cmpuint (slots->wakers->len, ==, 2);
  assert_pair (slots->wakers, 0, CAT, BEN, 1, 4 * MS);
  assert_pair (slots->wakers, 1, ANN, CAT, 2, 3 * MS);
  g_assert_cmpuint (handed->pairs->len, ==, 0);
  g_assert_cmpuint (handed->wakers->len, ==, 1);
  assert_pair (handed->wakers, 0, BEN, ANN, 1, 3 * MS);
  g_assert_cmpuint (ready->wakers->len, ==, 2);
  assert_pair (ready->wakers, 0, CAT, ANN, 1, 2 * MS);
  assert_pair (ready->wakers, 1, CAT, BEN, 1, 1 * MS);
  g_assert_cmpuint (ready->last->len, ==, 0);
}

/* In the two phases for which all waited for Ben, Ann waited 3 ms and 2 ms, and Cat 2 ms each. */
static void
test_last (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (IlReport) part = il_report_new (session, 22 * MS, 25 * MS);
  const IlSignalFigures *meet = &g_array_index (report->signals, IlSignalFigures, 1);
  const IlSignalFigures *meet_in_part = &g_array_index (part->signals, IlSignalFigures, 1);

  g_assert_cmpuint (meet->last->len, ==, 2);
  assert_last (meet->last, 0, BEN, 2, 9 * MS);
  assert_last (meet->last, 1, CAT, 1, 2 * MS);
  assert_pair (meet->wakers, 0, BEN, ANN, 2, 5 * MS);
  g_assert_cmpuint (meet_in_part->last->len, ==, 1);
  assert_last (meet_in_part->last, 0, BEN, 1, 2 * MS);
}

static void
test_told (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autofree char *text = il_report_to_text (report, session);
  g_autofree char *json = il_report_to_json (report, session);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *root, *waker, *last;

  g_assert_nonnull (strstr (text, "\nWho woke whom  woken by  who waited  waits  total wait\n"
                                  "slots               Cat         Ben      1     4.00 ms\n"
                                  "slots               Ann         Cat      2     3.00 ms\n"
                                  "handed              Ben         Ann      1     3.00 ms\n"
                                  "ready               Cat         Ann      1     2.00 ms\n"
                                  "ready               Cat         Ben      1     1.00 ms\n"));
  g_assert_nonnull (strstr (text, "\nLast to come  thread  phases  others waited\n"
                                  "meet             Ben       2        9.00 ms\n"
                                  "meet             Cat       1        2.00 ms\n"));
  json_parser_load_from_data (parser, json, -1, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  waker = json_array_get_object_element (
      json_object_get_array_member (
          json_array_get_object_element (json_object_get_array_member (root, "locks"), 0),
          "wakers"),
      1);
  g_assert_cmpstr (json_object_get_string_member (waker, "waker"), ==, "Ann");
  g_assert_cmpstr (json_object_get_string_member (waker, "waiter"), ==, "Cat");
  g_assert_cmpint (json_object_get_int_member (waker, "waits"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (waker, "wait_ns"), ==, 3 * MS);
  last = json_array_get_object_element (
      json_object_get_array_member (
          json_array_get_object_element (json_object_get_array_member (root, "signals"), 1),
          "last"),
      0);
  g_assert_cmpstr (json_object_get_string_member (last, "name"), ==, "Ben");
  g_assert_cmpint (json_object_get_int_member (last, "phases"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (last, "kept_waiting_ns"), ==, 9 * MS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-wakers/given", test_given);
  g_test_add_func ("/report-wakers/last", test_last);
  g_test_add_func ("/report-wakers/told", test_told);
  return g_test_run ();
}
