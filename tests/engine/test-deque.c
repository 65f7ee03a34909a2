/* test-deque.c - what is put into a deque is taken once, in the right order, whoever takes it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-inbox.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

#define CAPACITY 16
#define N_THIEVES 2
#define N_ENTRIES 200000

static IlDeque deque;
static IlTaskEntry slots[64];
static _Atomic uint32_t n_taken[N_ENTRIES];
static _Atomic bool is_over;

static void
set_up (void)
{
  g_assert_cmpuint (il_deque_get_memory (CAPACITY), <=, sizeof slots);
  deque = (IlDeque){ 0 };
  memset (slots, 0, sizeof slots);
  il_deque_init (&deque, CAPACITY, slots);
  for (gsize i = 0; i < N_ENTRIES; i++)
    atomic_store (&n_taken[i], 0);
  atomic_store (&is_over, false);
}

static IlTaskEntry
make_entry (uint64_t number)
{
  return (IlTaskEntry){ .first = number, .kind = number % 61, .argument = ~number };
}

/* As il_task_put_store() does it. */
static bool
put (uint64_t number)
{
  IlTaskEntry entry = make_entry (number);
  uint64_t bottom = atomic_load_explicit (&deque.bottom, memory_order_relaxed);

  if (il_deque_get_room (&deque, 1) == 0)
    return false;
  il_deque_fill (&deque, 0, &entry);
  atomic_store_explicit (&deque.bottom, bottom + 1, memory_order_release);
  return true;
}

static void
check_taken (const IlTaskEntry *entry)
{
  g_assert_cmpuint (entry->kind, ==, entry->first % 61);
  g_assert_cmpuint (entry->argument, ==, ~(uint64_t)entry->first);
  g_assert_cmpuint (atomic_fetch_add (&n_taken[entry->first], 1), ==, 0);
}

static void
check_each_once (void)
{
  for (gsize i = 0; i < N_ENTRIES; i++)
    g_assert_cmpuint (atomic_load (&n_taken[i]), ==, 1);
}

/* The owner has the newest, a thief the oldest; a full one takes no more. */
static void
test_order (void)
{
  IlTaskEntry entry = { .first = 0 };

  set_up ();
  for (uint64_t i = 0; i < CAPACITY; i++)
    g_assert_true (put (i));
  g_assert_false (put (CAPACITY));
  g_assert_cmpuint (il_deque_get_depth (&deque), ==, CAPACITY);
  for (uint64_t i = 0; i < CAPACITY / 2; i++)
    {
      g_assert_cmpint (il_deque_pop (&deque, &entry), ==, IL_DEQUE_TAKEN);
      g_assert_cmpuint (entry.first, ==, CAPACITY - 1 - i);
      g_assert_cmpint (il_deque_steal (&deque, &entry), ==, IL_DEQUE_TAKEN);
      g_assert_cmpuint (entry.first, ==, i);
    }
  g_assert_cmpint (il_deque_pop (&deque, &entry), ==, IL_DEQUE_EMPTY);
  g_assert_cmpint (il_deque_steal (&deque, &entry), ==, IL_DEQUE_EMPTY);
  g_assert_cmpuint (il_deque_get_depth (&deque), ==, 0);
}

static void *
thief_thread (void *data)
{
  IlDequeResult (*take) (IlDeque *, IlTaskEntry *)
      = *(IlDequeResult (**) (IlDeque *, IlTaskEntry *))data;
  uint64_t last = 0;

  for (;;)
    {
      bool was_over = atomic_load (&is_over);
      IlTaskEntry entry;
      IlDequeResult result = take (&deque, &entry);

      if (result == IL_DEQUE_TAKEN)
        {
          /* Each thief sees them in order. */
          g_assert_cmpuint (entry.first + 1, >, last);
          last = entry.first + 1;
          check_taken (&entry);
        }
      else if (result == IL_DEQUE_EMPTY && was_over)
        return NULL;
    }
}

static void
run_thieves (IlDequeResult (*take) (IlDeque *, IlTaskEntry *), void (*own) (void))
{
  pthread_t threads[N_THIEVES];

  set_up ();
  for (int i = 0; i < N_THIEVES; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, thief_thread, &take), ==, 0);
  own ();
  atomic_store (&is_over, true);
  for (int i = 0; i < N_THIEVES; i++)
    pthread_join (threads[i], NULL);
  check_each_once ();
}

/* As many at a time as there is room for, up to some. */
static void
fill_inbox (void)
{
  uint64_t next = 0;

  while (next < N_ENTRIES)
    {
      uint32_t room = il_deque_get_room (&deque, 3), n = 0;
      IlTaskEntry entries[3];

      for (; n < MIN (room, 1 + next % 3) && next < N_ENTRIES; n++, next++)
        entries[n] = make_entry (next);
      if (n > 0)
        il_inbox_put (&deque, entries, n);
      else
        il_spin_pause ();
    }
}

static void
test_inbox (void)
{
  run_thieves (il_inbox_take, fill_inbox);
}

/* What is in is seen, and what was in a lap before is not, over more laps than are told apart. */
static void
test_laps (void)
{
  IlTaskEntry entry;

  set_up ();
  g_assert_false (il_inbox_seems_filled (&deque));
  for (uint64_t i = 0; i < 200 * CAPACITY; i++)
    {
      entry = make_entry (i);
      g_assert_cmpint (il_inbox_take (&deque, &entry), ==, IL_DEQUE_EMPTY);
      entry = make_entry (i);
      il_inbox_put (&deque, &entry, 1);
      g_assert_true (il_inbox_seems_filled (&deque));
      g_assert_false (il_inbox_has (&deque, i + 2));
      g_assert_cmpint (il_inbox_take (&deque, &entry), ==, IL_DEQUE_TAKEN);
      g_assert_cmpuint (entry.first, ==, i);
      g_assert_cmpuint (entry.argument, ==, ~i);
      g_assert_false (il_inbox_seems_filled (&deque));
    }
}

/* Puts and pops in turns, so that it is often about the last one. */
static void
put_and_pop (void)
{
  IlTaskEntry entry;

  for (uint64_t i = 0; i < N_ENTRIES; i++)
    {
      while (!put (i))
        if (il_deque_pop (&deque, &entry) == IL_DEQUE_TAKEN)
          check_taken (&entry);
      if (i % 3 != 0 && il_deque_pop (&deque, &entry) == IL_DEQUE_TAKEN)
        check_taken (&entry);
    }
  while (il_deque_pop (&deque, &entry) == IL_DEQUE_TAKEN)
    check_taken (&entry);
}

/* There is never more than one, and all reach for it. */
static void
fight_for_last (void)
{
  IlTaskEntry entry;

  for (uint64_t i = 0; i < N_ENTRIES; i++)
    {
      g_assert_true (put (i));
      if (il_deque_pop (&deque, &entry) == IL_DEQUE_TAKEN)
        check_taken (&entry);
    }
}

static void
test_last (void)
{
  for (int round = 0; round < 5; round++)
    run_thieves (il_deque_steal, fight_for_last);
}

static void
test_stealing (void)
{
  for (int round = 0; round < 5; round++)
    run_thieves (il_deque_steal, put_and_pop);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deque/order", test_order);
  g_test_add_func ("/deque/inbox", test_inbox);
  g_test_add_func ("/deque/laps", test_laps);
  g_test_add_func ("/deque/stealing", test_stealing);
  g_test_add_func ("/deque/last", test_last);
  return g_test_run ();
}
