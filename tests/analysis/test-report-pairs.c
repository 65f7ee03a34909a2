/* test-report-pairs.c - waits in vain, and who kept whom waiting
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "report-fixture.h"

#include <string.h>

/* ---- Waits in vain ---- */

/* Nobody ever gets the lock again: the share of those who waited counts them too. */
static void
test_waits_in_vain (void)
{
  static const Said said[] = {
    { FIRST, { 1 * MS, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
    { SECOND, { 2 * MS, IL_RECORD_LOCK_WAIT, GIL, FIRST + 1 } },
    { THIRD, { 3 * MS, IL_RECORD_LOCK_WAIT, GIL, FIRST + 1 } },
    { FIRST, { 3 * MS, IL_RECORD_LOCK_WAIT, GIL, FIRST + 1 } },
    { SECOND, { 8 * MS, IL_RECORD_WAIT_CANCELLED, GIL, 0 } },
    { FIRST, { 8 * MS, IL_RECORD_WAIT_CANCELLED, GIL, 0 } },
    { THIRD, { 9 * MS, IL_RECORD_LANE_END, 0, IL_RECORD_DIED } },
  };
  g_autoptr (IlSession) session = make_workers (said, G_N_ELEMENTS (said));
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (IlReport) middle = il_report_new (session, 4 * MS, 5 * MS);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = il_report_to_text (report, session);
  g_autofree char *middle_text = il_report_to_text (middle, session);
  JsonObject *root = parse (report, session, parser);

  ASSERT_NUMBERS (root, { "locks 0 acquisitions", 1 }, { "locks 0 contended", 3 },
                  { "locks 0 contended_share", 0.75 }, { "locks 0 given_up", 3 },
                  { "locks 0 waiting", 0 }, { "locks 0 wait_ns n", 3 },
                  { "locks 0 wait_ns max", 6 * MS });
  g_assert_nonnull (strstr (text, "75.0 %"));
  g_assert_nonnull (strstr (text, "\nA: 3 of 3 waits ended without success\n"));
  g_assert_null (strstr (text, "at the end\n"));
  /* In the middle of it nothing ends. */
  g_assert_cmpuint (middle->locks->len, ==, 1);
  g_assert_nonnull (strstr (middle_text, "\nA: 3 still wait at the end\n"));
  g_assert_null (strstr (middle_text, "without success"));
}

/* ---- Who waited for whom ---- */

enum
{
  WAITER = 3, /* behind FIRST, SECOND and THIRD */
  N_TURNS = 1200,
};

static IlSession *
make_waiter (const Said *said, gsize n, guint64 lock_kind)
{
  gboolean is_read = said[0].record.kind == IL_RECORD_RW_WAIT;
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (guint i = 0; i <= WAITER; i++)
    add_thread (builder, IL_LANE_ROLE_WORKER, i + 1, IL_SCHEDULER_NONE);
  il_timeline_builder_add_object (
      builder, GIL, is_read ? IL_OBJECT_KIND_RWLOCK : IL_OBJECT_KIND_LOCK, "A", lock_kind);
  for (gsize i = 0; i < n; i++)
    il_batch_append (batch, said[i].lane, &said[i].record, 1);
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return il_session_new (timeline);
}

static void
assert_pair (const IlReport *report, guint index, guint waiter, guint holder, gint64 wait_ns)
{
  const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, 0);
  const IlWaitPair *pair = &g_array_index (lock->pairs, IlWaitPair, index);

  g_assert_cmpuint (index, <, lock->pairs->len);
  g_assert_cmpuint (pair->waiter, ==, waiter);
  g_assert_cmpuint (pair->holder_plus_1, ==, holder + 1);
  g_assert_cmpint (pair->wait_ns, ==, wait_ns);
  g_assert_cmpuint (pair->waits, ==, 1);
}

static guint
count_pairs (const IlReport *report)
{
  return g_array_index (report->locks, IlLockFigures, 0).pairs->len;
}

/* Three have it during one wait, the first of them twice: each is told what it held, and nobody
 * what lies between. */
static void
test_pairs_of_a_wait (void)
{
  static const Said said[] = {
    { FIRST, { 1 * MS, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
    { WAITER, { 2 * MS, IL_RECORD_LOCK_WAIT, GIL, FIRST + 1 } },
    { FIRST, { 3 * MS, IL_RECORD_LOCK_RELEASE, GIL, 0 } },
    { SECOND, { 3100 * US, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
    { SECOND, { 3600 * US, IL_RECORD_LOCK_RELEASE, GIL, 0 } },
    { THIRD, { 4 * MS, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
    { THIRD, { 8 * MS, IL_RECORD_LOCK_RELEASE, GIL, 0 } },
    { FIRST, { 8100 * US, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
    { FIRST, { 8350 * US, IL_RECORD_LOCK_RELEASE, GIL, 0 } },
    { WAITER, { 8500 * US, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
    { WAITER, { 9 * MS, IL_RECORD_LOCK_RELEASE, GIL, 0 } },
  };
  g_autoptr (IlSession) session = make_waiter (said, G_N_ELEMENTS (said), 0);
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (IlReport) part = il_report_new (session, 3200 * US, 5 * MS);
  g_autoptr (IlReport) between = il_report_new (session, 3700 * US, 3900 * US);

  g_assert_cmpuint (count_pairs (report), ==, 3);
  assert_pair (report, 0, WAITER, THIRD, 4 * MS);
  assert_pair (report, 1, WAITER, FIRST, 1250 * US);
  assert_pair (report, 2, WAITER, SECOND, 500 * US);
  g_assert_cmpuint (count_pairs (part), ==, 2);
  assert_pair (part, 0, WAITER, THIRD, 1 * MS);
  assert_pair (part, 1, WAITER, SECOND, 400 * US);
  g_assert_cmpuint (count_pairs (between), ==, 0);
}

/* So many that they are reckoned by holder: two of every three microseconds, in turn. */
static void
test_pairs_of_many_holds (void)
{
  g_autoptr (GArray) said = g_array_new (FALSE, FALSE, sizeof (Said));
  const Said wait = { WAITER, { 1 * MS + US, IL_RECORD_LOCK_WAIT, GIL, FIRST + 1 } };
  const Said got = { WAITER, { 5 * MS, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } };
  g_autoptr (IlSession) session = NULL;
  g_autoptr (IlReport) report = NULL;

  for (guint i = 0; i < N_TURNS; i++)
    {
      gint64 begin_ns = 1 * MS + i * 3 * US;
      const Said turn[]
          = { { FIRST + i % 3, { begin_ns, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
              { FIRST + i % 3, { begin_ns + 2 * US, IL_RECORD_LOCK_RELEASE, GIL, 0 } } };

      g_array_append_val (said, turn[0]);
      if (i == 0)
        g_array_append_val (said, wait);
      g_array_append_val (said, turn[1]);
    }
  g_array_append_val (said, got);
  session = make_waiter ((const Said *)(gconstpointer)said->data, said->len, 0);
  report = il_report_new (session, 0, G_MAXINT64);
  g_assert_cmpuint (count_pairs (report), ==, 3);
  assert_pair (report, 0, WAITER, SECOND, 2 * US * N_TURNS / 3);
  assert_pair (report, 1, WAITER, THIRD, 2 * US * N_TURNS / 3);
  assert_pair (report, 2, WAITER, FIRST, 2 * US * N_TURNS / 3 - US);
}

/* Of what anybody may give back: while its holder does, others wait for that one, and it never for
 * itself; what another gives back is a signal, for which nobody waits because of who has it. */
static void
test_pairs_of_a_signal (void)
{
  static const Said lock[] = {
    { FIRST, { 1 * MS, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
    { FIRST, { 2 * MS, IL_RECORD_LOCK_WAIT, GIL, FIRST + 1 } },
    { WAITER, { 2 * MS, IL_RECORD_LOCK_WAIT, GIL, FIRST + 1 } },
    { FIRST, { 3 * MS, IL_RECORD_WAIT_CANCELLED, GIL, 0 } },
    { FIRST, { 4 * MS, IL_RECORD_LOCK_RELEASE, GIL, 0 } },
    { WAITER, { 5 * MS, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
  };
  static const Said given[] = {
    { FIRST, { 1 * MS, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
    { FIRST, { 2 * MS, IL_RECORD_LOCK_WAIT, GIL, FIRST + 1 } },
    { WAITER, { 2 * MS, IL_RECORD_LOCK_WAIT, GIL, FIRST + 1 } },
    { SECOND, { 4 * MS, IL_RECORD_LOCK_RELEASE, GIL, 0 } },
    { WAITER, { 5 * MS, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
  };
  g_autoptr (IlSession) held = make_waiter (lock, G_N_ELEMENTS (lock), IL_LANE_PARAMETER_BINARY);
  g_autoptr (IlSession) signalled
      = make_waiter (given, G_N_ELEMENTS (given), IL_LANE_PARAMETER_BINARY);
  g_autoptr (IlReport) report = il_report_new (held, 0, G_MAXINT64);
  g_autoptr (IlReport) none = il_report_new (signalled, 0, G_MAXINT64);

  g_assert_cmpuint (count_pairs (report), ==, 1);
  assert_pair (report, 0, WAITER, FIRST, 2 * MS);
  g_assert_cmpuint (count_pairs (none), ==, 0);
}

/* Who waits to write waits for those who read, at the same time alike; how long each of them read
 * is told, as far as it is known. */
static void
test_pairs_of_readers (void)
{
  static const Said said[] = {
    { WAITER, { 2 * MS, IL_RECORD_RW_WAIT, GIL, 1 } },
    { WAITER, { 2 * MS, IL_RECORD_RW_INSIDE, GIL, 3 } },
    { WAITER, { 2 * MS, IL_RECORD_RW_READER, GIL, FIRST + 1 } },
    { WAITER, { 2 * MS, IL_RECORD_LOCK_HELD, GIL, MS / IL_RECORD_COPY_NS } },
    { WAITER, { 2 * MS, IL_RECORD_RW_READER, GIL, SECOND + 1 } },
    { FIRST, { 3 * MS, IL_RECORD_RW_RELEASE, GIL, IL_RECORD_WOKE } },
    { SECOND, { 6 * MS, IL_RECORD_RW_RELEASE, GIL, IL_RECORD_WOKE } },
    { WAITER, { 7 * MS, IL_RECORD_RW_ACQUIRE, GIL, 1 } },
    { WAITER, { 8 * MS, IL_RECORD_RW_RELEASE, GIL, 1 } },
    { THIRD, { 9 * MS, IL_RECORD_RW_ACQUIRE, GIL, 0 } },
  };
  g_autoptr (IlSession) session = make_waiter (said, G_N_ELEMENTS (said), 0);
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = il_report_to_text (report, session);
  JsonObject *root = parse (report, session, parser);

  g_assert_cmpuint (count_pairs (report), ==, 3);
  assert_pair (report, 0, WAITER, SECOND, 3500 * US);
  assert_pair (report, 2, WAITER, FIRST, 500 * US);
  /* From then on until it has it one is inside of whom no more is known. */
  assert_pair (report, 1, WAITER, (guint)-1, 1 * MS);
  ASSERT_NUMBERS (root, { "locks 0 readers held_ns", 7 * MS }, { "locks 0 readers hold_ns n", 2 },
                  { "locks 0 readers hold_ns max", 4 * MS },
                  { "locks 0 readers holders 0 held_ns", 4 * MS },
                  { "locks 0 readers holders 1 held_ns", 2 * MS },
                  { "locks 0 readers holders 1 acquisitions", 1 },
                  { "locks 0 readers holders 2 held_ns", 1 * MS },
                  { "locks 0 holders 0 held_ns", 1 * MS }, { "locks 0 hold_ns n", 1 });
  g_assert_nonnull (strstr (text, "A, writers"));
  g_assert_nonnull (strstr (text, "A, readers"));
  g_assert_null (strstr (text, "only counted"));
}

/* Who took it is not known of those that were only counted, nor whether to read or to write. */
static void
test_only_counted (void)
{
  static const Said said[] = {
    { WAITER, { 2 * MS, IL_RECORD_RW_WAIT, GIL, 1 } },
    { WAITER, { 2 * MS, IL_RECORD_RW_INSIDE, GIL, 1 } },
    { WAITER, { 2 * MS, IL_RECORD_RW_READER, GIL, FIRST + 1 } },
    { FIRST, { 3 * MS, IL_RECORD_RW_RELEASE, GIL, IL_RECORD_WOKE } },
    { WAITER, { 4 * MS, IL_RECORD_RW_ACQUIRE, GIL, 1 } },
    { WAITER, { 5 * MS, IL_RECORD_RW_RELEASE, GIL, 1 } },
    { FIRST, { 6 * MS, IL_RECORD_LOCK_COUNT, GIL, 1001 } },
  };
  g_autoptr (IlSession) session = make_waiter (said, G_N_ELEMENTS (said), 0);
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (IlReport) begin = il_report_new (session, 0, 5 * MS);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (JsonParser) begin_parser = json_parser_new ();
  g_autofree char *text = NULL;

  /* As of a program; of a pool all is recorded. */
  report->is_program = TRUE;
  text = il_report_to_text (report, session);
  ASSERT_NUMBERS (parse (report, session, parser), { "locks 0 acquisitions", 1002 },
                  { "locks 0 readers acquisitions", 1 }, { "locks 0 writers acquisitions", 1 },
                  { "locks 0 only_counted", 1000 });
  /* One who read alone is told once. */
  g_assert_cmpuint (count_pairs (report), ==, 1);
  assert_pair (report, 0, WAITER, FIRST, 1 * MS);
  g_assert_nonnull (strstr (text, "\nA, readers                  1      0 "));
  g_assert_nonnull (strstr (text, "\nA, only counted          1000   "));
  /* How long they had it is not filed under readers either. */
  g_assert_nonnull (strstr (text, "  1.00 ms           \nA, only counted  "));
  g_assert_nonnull (strstr (text, " 1000\nAcquisitions that nobody waits for"));
  /* The one that is known was counted later. */
  ASSERT_NUMBERS (parse (begin, session, begin_parser), { "locks 0 acquisitions", 1 },
                  { "locks 0 only_counted", 0 });
}

/* Who reads within what it reads has it but once for as long as that takes, and took it as often as
 * it said. */
static void
test_nested_reads (void)
{
  static const Said said[] = {
    { WAITER, { 2 * MS, IL_RECORD_RW_WAIT, GIL, 1 } },
    { WAITER, { 2 * MS, IL_RECORD_RW_INSIDE, GIL, 2 } },
    { WAITER, { 2 * MS, IL_RECORD_RW_READER, GIL, FIRST + 1 } },
    { WAITER, { 2 * MS, IL_RECORD_RW_READER, GIL, FIRST + 1 } },
    { FIRST, { 3 * MS, IL_RECORD_RW_ACQUIRE, GIL, 0 } },
    { FIRST, { 3500 * US, IL_RECORD_RW_RELEASE, GIL, 0 } },
    { FIRST, { 4 * MS, IL_RECORD_RW_RELEASE, GIL, 0 } },
    { FIRST, { 5 * MS, IL_RECORD_RW_RELEASE, GIL, IL_RECORD_WOKE } },
    { WAITER, { 6 * MS, IL_RECORD_RW_ACQUIRE, GIL, 1 } },
    { WAITER, { 7 * MS, IL_RECORD_RW_RELEASE, GIL, 1 } },
    { FIRST, { 8 * MS, IL_RECORD_LOCK_COUNT, GIL, 2 } },
  };
  g_autoptr (IlSession) session = make_waiter (said, G_N_ELEMENTS (said), 0);
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = NULL;

  report->is_program = TRUE;
  text = il_report_to_text (report, session);
  ASSERT_NUMBERS (parse (report, session, parser), { "locks 0 acquisitions", 4 },
                  { "locks 0 readers acquisitions", 3 }, { "locks 0 readers hold_ns n", 1 },
                  { "locks 0 readers held_ns", 3 * MS }, { "locks 0 writers acquisitions", 1 },
                  { "locks 0 only_counted", 0 });
  g_assert_null (strstr (text, "only counted"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/waits-in-vain", test_waits_in_vain);
  g_test_add_func ("/report/pairs-of-a-wait", test_pairs_of_a_wait);
  g_test_add_func ("/report/pairs-of-many-holds", test_pairs_of_many_holds);
  g_test_add_func ("/report/pairs-of-a-signal", test_pairs_of_a_signal);
  g_test_add_func ("/report/pairs-of-readers", test_pairs_of_readers);
  g_test_add_func ("/report/only-counted", test_only_counted);
  g_test_add_func ("/report/nested-reads", test_nested_reads);
  return g_test_run ();
}
