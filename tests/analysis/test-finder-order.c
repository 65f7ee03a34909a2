/* test-finder-order.c - locks taken in opposite orders are found, but where a gate keeps the two
 * apart
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

/* Opposite orders are told before they meet; not if one thread alone has both, nor under a gate. */
static void
test_opposite_orders (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, TAKE_BOTH (10, 1, A, B), TAKE_BOTH (20, 1, B, A), TAKE_BOTH (30, 2, A, C));
  assert_nothing (&world);
  FEED (&world, 200, TAKE_BOTH (110, 2, B, A));
  assert_finding (
      &world, IL_FINDING_LOCK_ORDER, FALSE,
      "Worker 1 asked for A under B at 0.000 s; Worker 1 asked for B under A at 0.000 s. If that "
      "happens at the same time, all of them wait for ever");
  world_clear (&world);

  world_init (&world);
  FEED (&world, 100, { 5, 1, IL_RECORD_LOCK_ACQUIRE, C, 0 }, TAKE_BOTH (10, 1, A, B),
        { 15, 1, IL_RECORD_LOCK_RELEASE, C, 0 }, { 16, 2, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        TAKE_BOTH (20, 2, B, A), { 25, 2, IL_RECORD_LOCK_RELEASE, C, 0 });
  assert_nothing (&world);
  FEED (&world, 200, TAKE_BOTH (110, 2, B, A), TAKE_BOTH (120, 1, A, B));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* Who waits lets go of the interpreter's lock. */
  world_init (&world);
  FEED (&world, 100, TAKE_BOTH (10, 1, A, GIL), TAKE_BOTH (20, 1, GIL, A),
        TAKE_BOTH (30, 2, A, GIL), TAKE_BOTH (40, 2, GIL, A));
  assert_nothing (&world);
  world_clear (&world);
}

#define TRY_UNDER(at, worker, first, second, kind)                                                 \
  { (at), (worker), IL_RECORD_LOCK_ACQUIRE, (first), 0 },                                          \
      { (at) + 1, (worker), IL_RECORD_WAIT_TIMED, 0, 0 },                                          \
      { (at) + 1, (worker), (kind), (second), 0 },                                                 \
      { (at) + 2, (worker), IL_RECORD_LOCK_RELEASE, (second), 0 },                                 \
  {                                                                                                \
    (at) + 3, (worker), IL_RECORD_LOCK_RELEASE, (first), 0                                         \
  }

/* Nobody waits for ever for what they would go on without.  What they have of it others may. */
static void
test_tried (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, TRY_UNDER (10, 1, A, B, IL_RECORD_LOCK_ACQUIRE),
        TRY_UNDER (20, 2, B, A, IL_RECORD_LOCK_ACQUIRE),
        TRY_UNDER (30, 2, B, A, IL_RECORD_LOCK_HAD));
  assert_nothing (&world);
  FEED (&world, 200, TAKE_BOTH (110, 1, A, B));
  assert_nothing (&world);
  FEED (&world, 300, { 210, 2, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 210, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 211, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* Of locks that nobody waits for it is only said that one was taken under others. */
static void
test_nested (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_NESTED, A, 2 }, { 10, 1, IL_RECORD_LOCK_NESTED, B, 1 },
        { 10, 1, IL_RECORD_LOCK_NESTED, C, 0 }, { 20, 1, IL_RECORD_LOCK_NESTED, C, 1 },
        { 20, 1, IL_RECORD_LOCK_NESTED, B, 0 }, { 30, 2, IL_RECORD_LOCK_NESTED, A, 1 },
        { 30, 2, IL_RECORD_LOCK_NESTED, B, 0 });
  assert_nothing (&world);
  FEED (&world, 200, { 110, 2, IL_RECORD_LOCK_NESTED, C, 1 },
        { 110, 2, IL_RECORD_LOCK_NESTED, B, 0 });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* Under a gate that is told of in the same way. */
  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_NESTED, A, 2 }, { 10, 1, IL_RECORD_LOCK_NESTED, B, 1 },
        { 10, 1, IL_RECORD_LOCK_NESTED, C, 0 }, { 20, 2, IL_RECORD_LOCK_NESTED, A, 2 },
        { 20, 2, IL_RECORD_LOCK_NESTED, C, 1 }, { 20, 2, IL_RECORD_LOCK_NESTED, B, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

/* Of what a thread had before, when that is told later, beside what it has then; and of what may be
 * a lock around them. */
static void
test_nested_before (void)
{
  const guint32 outer = IL_RECORD_EARLIER | 1, inner = IL_RECORD_EARLIER;
  const guint32 outmost = IL_RECORD_EARLIER | IL_RECORD_PERHAPS | 2;
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        { 11, 1, IL_RECORD_LOCK_NESTED, A, outer }, { 11, 1, IL_RECORD_LOCK_NESTED, B, inner },
        { 12, 1, IL_RECORD_LOCK_RELEASE, C, 0 }, { 20, 2, IL_RECORD_LOCK_NESTED, B, outer },
        { 20, 2, IL_RECORD_LOCK_NESTED, C, inner }, { 30, 3, IL_RECORD_LOCK_NESTED, A, outer },
        { 30, 3, IL_RECORD_LOCK_NESTED, C, inner });
  assert_nothing (&world);
  FEED (&world, 200, { 110, 2, IL_RECORD_LOCK_NESTED, B, outer },
        { 110, 2, IL_RECORD_LOCK_NESTED, A, inner });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_NESTED, C, outmost },
        { 10, 1, IL_RECORD_LOCK_NESTED, A, outer }, { 10, 1, IL_RECORD_LOCK_NESTED, B, inner },
        { 20, 2, IL_RECORD_LOCK_NESTED, C, outmost }, { 20, 2, IL_RECORD_LOCK_NESTED, B, outer },
        { 20, 2, IL_RECORD_LOCK_NESTED, A, inner }, { 30, 3, IL_RECORD_LOCK_NESTED, A, outer },
        { 30, 3, IL_RECORD_LOCK_NESTED, C, inner });
  assert_nothing (&world);
  world_clear (&world);
}

/* A gate that nobody waits for is had without a word; so it is said of those that are nested. */
static void
test_quiet_gate (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_NESTED, C, 2 }, { 10, 1, IL_RECORD_LOCK_NESTED, A, 1 },
        { 10, 1, IL_RECORD_LOCK_NESTED, B, 0 }, TAKE_BOTH (11, 1, A, B),
        { 20, 2, IL_RECORD_LOCK_NESTED, C, 2 }, { 20, 2, IL_RECORD_LOCK_NESTED, B, 1 },
        { 20, 2, IL_RECORD_LOCK_NESTED, A, 0 }, TAKE_BOTH (21, 2, B, A), TAKE_BOTH (31, 1, A, B));
  assert_nothing (&world);
  FEED (&world, 200, { 110, 2, IL_RECORD_LOCK_NESTED, B, 1 },
        { 110, 2, IL_RECORD_LOCK_NESTED, A, 0 });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* Two locks that lay in the same place one after the other are not in each other's orders. */
static void
test_anew (void)
{
  World world;

  for (guint i = 0; i < 3; i++)
    {
      world_init (&world);
      FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_NESTED, A, 1 },
            { 10, 1, IL_RECORD_LOCK_NESTED, B, 0 });
      if (i > 0)
        FEED (&world, 200, { 110, 2, IL_RECORD_LOCK_NESTED, i == 1 ? A : B, IL_RECORD_ANEW });
      FEED (&world, 300, { 210, 2, IL_RECORD_LOCK_NESTED, B, 1 },
            { 210, 2, IL_RECORD_LOCK_NESTED, A, 0 });
      if (i == 0)
        assert_kind (&world, IL_FINDING_LOCK_ORDER);
      else
        assert_nothing (&world);
      FEED (&world, 400, { 310, 1, IL_RECORD_LOCK_NESTED, A, 1 },
            { 310, 1, IL_RECORD_LOCK_NESTED, B, 0 });
      assert_kind (&world, IL_FINDING_LOCK_ORDER);
      world_clear (&world);
    }
}

/* What others give back than those who took it keeps nobody waiting for ever, whenever it shows. */
static void
test_signal (void)
{
  World world;

  for (gboolean is_early = FALSE; is_early <= TRUE; is_early++)
    {
      world_init (&world);
      if (is_early)
        FEED (&world, 100, { 10, 3, IL_RECORD_LOCK_RELEASE, BINARY, 0 });
      FEED (&world, 200, { 110, 1, IL_RECORD_LOCK_NESTED, A, 1 },
            { 110, 1, IL_RECORD_LOCK_NESTED, BINARY, 0 },
            { 120, 2, IL_RECORD_LOCK_NESTED, BINARY, 1 }, { 120, 2, IL_RECORD_LOCK_NESTED, A, 0 });
      if (!is_early)
        {
          assert_kind (&world, IL_FINDING_LOCK_ORDER);
          FEED (&world, 300, { 210, 3, IL_RECORD_LOCK_RELEASE, BINARY, 0 });
        }
      assert_nothing (&world);
      world_clear (&world);
    }
}

/* It is asked for when the wait for it begins, not when it is told what is held meanwhile. */
static void
test_told_late (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_LOCK_WAIT, B, 0 },
        { 20 * MS, 1, IL_RECORD_LOCK_NESTED, A, 1 }, { 20 * MS, 1, IL_RECORD_LOCK_NESTED, B, 0 },
        { 30 * MS, 2, IL_RECORD_LOCK_NESTED, B, 1 }, { 30 * MS, 2, IL_RECORD_LOCK_NESTED, A, 0 });
  assert_finding (&world, IL_FINDING_LOCK_ORDER, FALSE,
                  "Worker 2 asked for A under B at 0.030 s; Worker 1 asked for B under A at "
                  "0.010 s. If that happens at the same time, all of them wait for ever");
  world_clear (&world);
}

/* Something that two take in opposite orders with a lock: in a way that leaves some for others,
 * which is no danger, until somebody is seen to take all. */
static void
check_order_of_shared (IlRecordKind acquire, IlRecordKind release, guint32 object, guint32 some,
                       guint32 all)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, acquire, object, some }, { 11, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 12, 1, IL_RECORD_LOCK_RELEASE, A, 0 }, { 13, 1, release, object, some },
        { 20, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 21, 2, acquire, object, some },
        { 22, 2, release, object, some }, { 23, 2, IL_RECORD_LOCK_RELEASE, A, 0 });
  assert_nothing (&world);
  FEED (&world, 200, { 110, 3, acquire, object, all }, { 111, 3, release, object, all });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* What never keeps anybody out is part of no cycle. */
static void
test_shared (void)
{
  /* For reading and for writing; with nine units left, and with none. */
  check_order_of_shared (IL_RECORD_RW_ACQUIRE, IL_RECORD_RW_RELEASE, READERS, 0, 1);
  check_order_of_shared (IL_RECORD_SEM_ACQUIRE, IL_RECORD_SEM_POST, SIGNAL, 9, 0);
}

/* What two opposite orders are made under, each time. */
typedef struct
{
  IlRecordKind take;
  guint32 object;
  guint32 value, other_value;
  IlRecordKind give;
} Gate;

static void
make_opposite_orders (World *world, const Gate *gate)
{
  FEED (world, 100, { 5, 1, gate->take, gate->object, gate->value }, TAKE_BOTH (10, 1, A, B),
        { 15, 1, gate->give, gate->object, gate->value },
        { 16, 2, gate->take, gate->object, gate->other_value }, TAKE_BOTH (20, 2, B, A),
        { 25, 2, gate->give, gate->object, gate->other_value });
}

/* Only one of the two orders can be made at a time. */
static void
test_gates (void)
{
  static const Gate gates[] = {
    { IL_RECORD_LOCK_ACQUIRE, C, 0, 0, IL_RECORD_LOCK_RELEASE },
    { IL_RECORD_RW_ACQUIRE, READERS, 1, 1, IL_RECORD_RW_RELEASE },
    { IL_RECORD_RW_ACQUIRE, READERS, 0, 1, IL_RECORD_RW_RELEASE },
    { IL_RECORD_SEM_ACQUIRE, MUTEX, 0, 0, IL_RECORD_SEM_POST },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (gates); i++)
    {
      World world;

      world_init (&world);
      make_opposite_orders (&world, &gates[i]);
      assert_nothing (&world);
      /* Not always. */
      FEED (&world, 200, TAKE_BOTH (110, 2, B, A));
      assert_kind (&world, IL_FINDING_LOCK_ORDER);
      world_clear (&world);
    }
}

/* Both can be under it at once. */
static void
test_open_gates (void)
{
  static const Gate gates[] = {
    { IL_RECORD_LOCK_ACQUIRE, GIL, 0, 0, IL_RECORD_LOCK_RELEASE },
    { IL_RECORD_RW_ACQUIRE, READERS, 0, 0, IL_RECORD_RW_RELEASE },
    { IL_RECORD_SEM_ACQUIRE, SIGNAL, 1, 1, IL_RECORD_SEM_POST },
    { IL_RECORD_SEM_ACQUIRE, SIGNAL, 1, 0, IL_RECORD_SEM_POST },
    { IL_RECORD_SEM_ACQUIRE, MUTEX, 1, 0, IL_RECORD_SEM_POST },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (gates); i++)
    {
      World world;

      world_init (&world);
      make_opposite_orders (&world, &gates[i]);
      assert_kind (&world, IL_FINDING_LOCK_ORDER);
      world_clear (&world);
    }
}

/* What once was written under, and later only read, keeps nobody out. */
static void
test_gate_that_opens (void)
{
  static const Gate writing = { IL_RECORD_RW_ACQUIRE, READERS, 1, 1, IL_RECORD_RW_RELEASE };
  static const Gate one_unit = { IL_RECORD_SEM_ACQUIRE, MUTEX, 0, 0, IL_RECORD_SEM_POST };
  World world;

  world_init (&world);
  make_opposite_orders (&world, &writing);
  for (guint i = 1; i <= 2; i++)
    {
      assert_nothing (&world);
      FEED (&world, 100 + i * 100, { i * 100, i, IL_RECORD_RW_ACQUIRE, READERS, 0 },
            TAKE_BOTH (i * 100 + 1, i, i == 1 ? A : B, i == 1 ? B : A),
            { i * 100 + 10, i, IL_RECORD_RW_RELEASE, READERS, 0 });
    }
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* Somebody gives a unit who took none. */
  world_init (&world);
  make_opposite_orders (&world, &one_unit);
  assert_nothing (&world);
  FEED (&world, 200, { 110, 3, IL_RECORD_SEM_POST, MUTEX, 2 });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* Of three orders in a circle two can never be made at once. */
static void
test_gate_in_a_circle (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 1, 1, IL_RECORD_SEM_ACQUIRE, MUTEX, 0 }, TAKE_BOTH (2, 1, A, B),
        { 9, 1, IL_RECORD_SEM_POST, MUTEX, 1 }, TAKE_BOTH (10, 2, B, C),
        { 20, 3, IL_RECORD_SEM_ACQUIRE, MUTEX, 0 }, TAKE_BOTH (22, 3, C, A),
        { 29, 3, IL_RECORD_SEM_POST, MUTEX, 1 });
  assert_nothing (&world);
  FEED (&world, 200, TAKE_BOTH (110, 3, C, A));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* The shortest way back is under a gate, another is not. */
static void
test_way_around_a_gate (void)
{
  World world;

  world_init (&world);
  FEED (&world, 50, { 1, 2, IL_RECORD_SEM_ACQUIRE, MUTEX, 0 }, TAKE_BOTH (2, 2, B, A),
        { 6, 2, IL_RECORD_SEM_POST, MUTEX, 1 }, TAKE_BOTH (10, 3, B, C), TAKE_BOTH (20, 4, C, A));
  assert_nothing (&world);
  FEED (&world, 60, { 51, 1, IL_RECORD_SEM_ACQUIRE, MUTEX, 0 }, TAKE_BOTH (52, 1, A, B),
        { 56, 1, IL_RECORD_SEM_POST, MUTEX, 1 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 1);
    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_LOCK_ORDER);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 3);
  }
  world_clear (&world);
}

/* Both tasks that spawn hold it until what they spawned is done, whoever runs that. */
static void
test_gate_of_parents (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 1, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 2, 1, IL_RECORD_LOCK_ACQUIRE, C, 0 }, { 3, 1, IL_RECORD_TASK_SUBMIT, CHILD, 100 },
        { 4, 2, IL_RECORD_TASK_BEGIN, CHILD, 100 }, TAKE_BOTH (10, 2, A, B),
        { 20, 2, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 100 },
        { 21, 1, IL_RECORD_LOCK_RELEASE, C, 0 },
        { 22, 1, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 0 },
        { 30, 3, IL_RECORD_TASK_BEGIN, TASK, 1 }, { 31, 3, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        { 32, 3, IL_RECORD_TASK_SUBMIT, CHILD, 101 }, { 33, 3, IL_RECORD_TASK_BEGIN, CHILD, 101 },
        TAKE_BOTH (40, 3, B, A), { 50, 3, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 101 },
        { 51, 3, IL_RECORD_LOCK_RELEASE, C, 0 },
        { 52, 3, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 });
  assert_nothing (&world);
  world_clear (&world);

  /* Taken only after it had spawned: it may be done before. */
  world_init (&world);
  FEED (&world, 100, { 1, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 2, 1, IL_RECORD_TASK_SUBMIT, CHILD, 100 }, { 3, 1, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        { 4, 2, IL_RECORD_TASK_BEGIN, CHILD, 100 }, TAKE_BOTH (10, 2, A, B),
        { 20, 2, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 100 },
        { 21, 1, IL_RECORD_LOCK_RELEASE, C, 0 }, { 31, 3, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        TAKE_BOTH (40, 3, B, A), { 51, 3, IL_RECORD_LOCK_RELEASE, C, 0 });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* Who waits at a join runs what others spawned: that it holds something then is by chance. */
static void
test_gate_by_chance (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 1, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 2, 1, IL_RECORD_TASK_SUBMIT, CHILD, 100 }, { 3, 2, IL_RECORD_TASK_BEGIN, TASK, 1 },
        { 4, 2, IL_RECORD_LOCK_ACQUIRE, C, 0 }, { 5, 2, IL_RECORD_TASK_BEGIN, CHILD, 100 },
        TAKE_BOTH (10, 2, A, B), { 20, 2, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 100 },
        { 21, 2, IL_RECORD_LOCK_RELEASE, C, 0 }, { 31, 3, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        TAKE_BOTH (40, 3, B, A), { 51, 3, IL_RECORD_LOCK_RELEASE, C, 0 });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* One thread takes many locks in all orders: there are more circles than can be tried. */
static void
test_many_locks_of_one (void)
{
  World world;

  world_init (&world);
  for (guint32 first = 1000; first < 1040; first++)
    for (guint32 second = 1000; second < 1040; second++)
      if (first != second)
        FEED (&world, il_timeline_get_end (world.timeline) + 10,
              TAKE_BOTH (il_timeline_get_end (world.timeline), 1, first, second));
  assert_nothing (&world);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/order/tried", test_tried);
  g_test_add_func ("/finder/order/nested", test_nested);
  g_test_add_func ("/finder/order/nested-before", test_nested_before);
  g_test_add_func ("/finder/order/signal", test_signal);
  g_test_add_func ("/finder/order/quiet-gate", test_quiet_gate);
  g_test_add_func ("/finder/order/anew", test_anew);
  g_test_add_func ("/finder/order/told-late", test_told_late);
  g_test_add_func ("/finder/order/opposite", test_opposite_orders);
  g_test_add_func ("/finder/order/shared", test_shared);
  g_test_add_func ("/finder/order/gates", test_gates);
  g_test_add_func ("/finder/order/open-gates", test_open_gates);
  g_test_add_func ("/finder/order/gate-that-opens", test_gate_that_opens);
  g_test_add_func ("/finder/order/gate-in-a-circle", test_gate_in_a_circle);
  g_test_add_func ("/finder/order/way-around-a-gate", test_way_around_a_gate);
  g_test_add_func ("/finder/order/gate-of-parents", test_gate_of_parents);
  g_test_add_func ("/finder/order/gate-by-chance", test_gate_by_chance);
  g_test_add_func ("/finder/order/many-locks-of-one", test_many_locks_of_one);
  return g_test_run ();
}
