/* test-nesting.c - a signal handler may write between any two instructions of a write
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Not by chance, but each of them in turn: the processor's trap flag raises SIGTRAP after every
 * instruction, and the handler writes at the chosen one, itself interrupted at every instruction in
 * turn by a third writer; or a second handler runs after the first, on top of the same write.
 */

#include "config.h"

#include "il-trace-write.h"

#include <signal.h>
#include <x86intrin.h>

#include "collect.h"

#define TRAP_FLAG 0x100u
#define N_LEVELS 2
#define RING IL_TRACE_RING_MIN

typedef enum
{
  ON_TOP,     /* the second handler interrupts the first */
  ONE_BY_ONE, /* it interrupts what the first has returned to */
} Order;

typedef enum
{
  ROOM,  /* the usual way */
  FULL,  /* all three are lost */
  AGAIN, /* space after a loss, which has to be reported first */
} RingState;

static IlTraceReader *reader;
static IlTrace *trace;
static IlTraceLane lane;
static Order order;
static guint level;
static guint n_steps[N_LEVELS], step_of_writing[N_LEVELS];
static guint32 tail_seen;
static Collection collection;

__attribute__ ((noinline)) static void
write_one (guint32 value)
{
  il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, value);
}

static void
write_stepped (guint32 value)
{
  __writeeflags (__readeflags () | TRAP_FLAG);
  write_one (value);
  __writeeflags (__readeflags () & ~(guint64)TRAP_FLAG);
}

static void
check_tail (void)
{
  guint32 tail = atomic_load_explicit (&lane.shared->tail, memory_order_relaxed);

  /* The reader would call the lane damaged. */
  g_assert_cmpint ((gint32)(tail - tail_seen), >=, 0);
  tail_seen = tail;
}

static void
trap_handler (int signal_number)
{
  check_tail ();
  if (order == ONE_BY_ONE)
    {
      n_steps[0]++;
      n_steps[1]++;
      if (n_steps[0] == step_of_writing[0])
        write_one (1);
      if (n_steps[1] == step_of_writing[1])
        write_one (2);
      return;
    }
  if (++n_steps[level] != step_of_writing[level])
    return;
  level++;
  if (level < N_LEVELS)
    write_stepped (level);
  else
    write_one (level);
  level--;
}

static guint
drain_count (guint n_present[N_LEVELS + 1])
{
  CollectedLane *seen;
  guint n_written = 0;

  il_trace_lane_release (&lane, 0);
  il_trace_reader_drain (reader, &collect_handler, &collection);
  seen = collection_get_lane (&collection, 0);
  g_assert_nonnull (seen);
  g_assert_true (seen->is_ended);
  for (guint i = 0; i < seen->events->len; i++)
    {
      const IlEvent *event = collected_event (seen, i);

      if (IL_EVENT_KIND (event->what) == IL_EVENT_LOST)
        n_written += event->value;
      if (IL_EVENT_KIND (event->what) != IL_EVENT_IDLE)
        continue;
      n_written++;
      if (event->value <= N_LEVELS)
        n_present[event->value]++;
    }
  return n_written;
}

static guint
fill_ring (RingState state)
{
  guint n = 0;

  if (state == ROOM)
    return 0;
  while (lane.lost_unreported == 0)
    {
      write_one (1000);
      n++;
    }
  if (state == AGAIN)
    il_trace_reader_drain (reader, &collect_handler, &collection);
  return n;
}

/* Whether both handlers wrote. */
static gboolean
interrupt_at (RingState state, guint outer_step, guint inner_step)
{
  guint n_present[N_LEVELS + 1] = { 0 };
  guint n_before, n_written, n_nested;

  collection_init (&collection);
  g_assert_true (il_trace_lane_claim (trace, &lane, IL_ROLE_WORKER, 1, "W", 0));
  n_before = fill_ring (state);
  tail_seen = atomic_load (&lane.shared->tail);
  level = 0;
  n_steps[0] = n_steps[1] = 0;
  step_of_writing[0] = outer_step;
  step_of_writing[1] = inner_step;
  write_stepped (0);
  check_tail ();

  n_nested = (n_steps[0] >= outer_step) + (n_steps[1] >= inner_step);
  g_assert_cmpuint (lane.published, ==, lane.reserved);
  g_assert_cmpuint (lane.published, ==, tail_seen);
  n_written = drain_count (n_present);
  g_assert_cmpuint (n_written, ==, n_before + 1 + n_nested);
  if (state != FULL)
    for (guint i = 0; i <= N_LEVELS; i++)
      g_assert_cmpuint (n_present[i], ==, i <= n_nested);
  collection_finish (&collection);
  return n_nested == N_LEVELS;
}

static void
test_every_pair (RingState state)
{
  guint stride = state == ROOM ? 1 : 7;
  gboolean wrote = TRUE;
  guint n = 0;

  for (guint outer = 1; wrote; outer++)
    {
      wrote = FALSE;
      for (guint inner = (order == ON_TOP ? 1 : outer) + outer % stride;
           interrupt_at (state, outer, inner); inner += stride)
        {
          wrote = TRUE;
          n++;
        }
    }
  g_test_message ("%u pairs of instructions", n);
  g_assert_cmpuint (n, >, 100);
}

static void
test_on_top (gconstpointer state)
{
  order = ON_TOP;
  test_every_pair ((RingState)GPOINTER_TO_UINT (state));
}

static void
test_one_by_one (gconstpointer state)
{
  order = ONE_BY_ONE;
  test_every_pair ((RingState)GPOINTER_TO_UINT (state));
}

int
main (int argc, char **argv)
{
  struct sigaction action = { .sa_handler = trap_handler, .sa_flags = SA_NODEFER };
  static const char *const states[] = { [ROOM] = "room", [FULL] = "full", [AGAIN] = "again" };
  int error, result;

  g_test_init (&argc, &argv, NULL);
  reader = il_trace_reader_new (g_get_tmp_dir (), 1, RING);
  g_assert_nonnull (reader);
  trace = il_trace_attach (il_trace_reader_get_path (reader), &error);
  g_assert_nonnull (trace);
  sigaction (SIGTRAP, &action, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autofree char *on_top = g_strdup_printf ("/trace/nesting/on-top/%s", states[i]);
      g_autofree char *one_by_one = g_strdup_printf ("/trace/nesting/one-by-one/%s", states[i]);

      g_test_add_data_func (on_top, GUINT_TO_POINTER (i), test_on_top);
      g_test_add_data_func (one_by_one, GUINT_TO_POINTER (i), test_one_by_one);
    }
  result = g_test_run ();
  il_trace_detach (trace);
  il_trace_reader_free (reader);
  return result;
}
