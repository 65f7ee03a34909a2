/* il-lock.c - what is said of locks that one thread has at a time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Edges     [W] waiter: n_waiters and credit, sequentially consistent, before it waits
 *               ->  holder: its look at busy before it gives the lock back.  It may just have
 *               looked, and gives the lock back without a word: the waiter gives it the time for
 *               that before it looks who has it.
 *           [Q] holder: is_told and tick, then its look at n_waiters  <->  waiter: n_waiters, then
 *               tick and its look at is_told.  One of them sees the other: either the holder says
 *               that it has it, or the waiter says whom it met.
 */

#include "config.h"

#include "il-interpreter.h"
#include "il-lock.h"
#include "il-nested.h"
#include "il-thin.h"

#include <limits.h>

/**
 * il_lock_get_length:
 *
 * Returns: the time between two stamps in units of IL_EVENT_COPY_TICKS; 0: not known
 */
uint32_t
il_lock_get_length (uint64_t since, uint64_t now)
{
  uint64_t length = (now - since) / IL_EVENT_COPY_TICKS;

  return since == 0 || now <= since || length > UINT32_MAX ? 0 : (uint32_t)length;
}

/* Of a lock that became known the count goes on in the shared file, where those before are already
 * that whoever made it known saw. */
static void
settle (IlEntry *entry, uint32_t object)
{
  uint64_t n_own;

  if (object == 0 || (entry->n_untold != NULL && entry->n_untold != &entry->n_own))
    return;
  n_own = atomic_load_explicit (&entry->n_own, memory_order_relaxed);
  entry->n_untold = il_trace_object_get_count (il_process.trace, object);
  if (n_own != entry->n_told)
    atomic_fetch_add_explicit (entry->n_untold, n_own - entry->n_told, memory_order_relaxed);
}

/**
 * il_lock_count:
 *
 * Counts an acquisition of a lock that the thread has.
 */
void
il_lock_count (IlEntry *entry)
{
  settle (entry, atomic_load_explicit (&entry->object, memory_order_acquire)); /* [O] */
  if (IL_UNLIKELY (entry->n_untold == NULL))
    entry->n_untold = &entry->n_own;
  atomic_store_explicit (entry->n_untold,
                         atomic_load_explicit (entry->n_untold, memory_order_relaxed) + 1,
                         memory_order_relaxed);
}

/* Whether this acquisition may be looked at more closely.  Of something that several may have at a
 * time some more may be. */
static bool
has_stamp_left (IlSelf *self, IlEntry *entry, uint32_t tick)
{
  uint32_t n_left = atomic_load_explicit (&entry->stamps_left, memory_order_relaxed);

  if (self->stamps_tick != tick)
    {
      self->stamps_tick = tick;
      self->stamps_left = IL_STAMPS_OF_THREAD;
    }
  if (atomic_load_explicit (&entry->last_tick, memory_order_relaxed) != tick)
    {
      atomic_store_explicit (&entry->last_tick, tick, memory_order_relaxed);
      n_left = IL_STAMPS_A_TICK;
      atomic_store_explicit (&entry->stamps_left, n_left, memory_order_relaxed);
    }
  if (self->stamps_left == 0 || n_left == 0)
    return false;
  self->stamps_left--;
  atomic_store_explicit (&entry->stamps_left, n_left - 1, memory_order_relaxed);
  return true;
}

/**
 * il_lock_stamp_taken:
 *
 * Returns: a stamp of now, if this acquisition may be looked at more closely; else 0
 */
uint64_t
il_lock_stamp_taken (IlSelf *self, IlEntry *entry)
{
  uint32_t tick = atomic_load_explicit (il_process.tick, memory_order_relaxed);

  return has_stamp_left (self, entry, tick) ? il_self_stamp (self) : 0;
}

/**
 * il_lock_mark_ordered:
 *
 * What is said of them tells in which order the thread took all that it has, too: that is over once
 * one of them is destroyed.
 */
void
il_lock_mark_ordered (IlEntry *entry)
{
  if (entry == NULL || entry->outer == NULL)
    return;
  for (int i = 0; i < IL_LOCK_CHAIN_MAX && entry != NULL; i++, entry = entry->outer)
    atomic_store_explicit (&entry->is_ordered, 1, memory_order_relaxed);
}

/**
 * il_lock_mark_told:
 *
 * The thread has it, and says so: it says, too, when it gives it back.  Without credit, which
 * another may have taken away who thought that nobody waits any more, it would not look.
 */
void
il_lock_mark_told (IlEntry *entry)
{
  il_lock_mark_ordered (entry);
  if (entry->busy.credit == 0)
    entry->busy.credit = 1;
  atomic_store_explicit (&entry->is_told, 1, memory_order_relaxed);
}

/* From here on it is said who has it, up to the first who takes it without a word. */
static void
tell_taken (IlSelf *self, IlEntry *entry, uint32_t object, uint32_t last_plus_1)
{
  if (il_shared_is (entry))
    atomic_store_explicit (&entry->common->holder, il_self_lane_plus_1 (self),
                           memory_order_relaxed);
  settle (entry, object);
  il_lock_mark_told (entry);
  /* Where there is no room for what happens, that it did is counted all the same. */
  if (!il_self_say (self, IL_EVENT_LOCK_ACQUIRE, object, last_plus_1))
    il_lock_count (entry);
}

/**
 * il_lock_tell_waker:
 *
 * Who gave back what the thread has just got after a wait, as far as is known: of something that
 * several may have, who did so last.
 */
void
il_lock_tell_waker (IlSelf *self, IlEntry *entry)
{
  uint32_t last = atomic_load_explicit (&entry->last, memory_order_relaxed);
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_relaxed);

  if (last != 0 && object != 0)
    il_self_say (self, IL_EVENT_WOKEN_BY, object, last);
}

/**
 * il_lock_count_shared:
 *
 * Counts an acquisition of something that several may have at a time.
 */
void
il_lock_count_shared (IlEntry *entry)
{
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_acquire); /* [O] */
  uint64_t n_own;

  if (object == 0)
    {
      atomic_fetch_add_explicit (&entry->n_own, 1, memory_order_relaxed);
      return;
    }
  /* What was told when it became known is not told again. */
  n_own = atomic_load_explicit (&entry->n_own, memory_order_relaxed);
  if (n_own != 0)
    n_own = atomic_exchange_explicit (&entry->n_own, 0, memory_order_relaxed);
  if (n_own != 0)
    {
      n_own -= n_own >= entry->n_told ? entry->n_told : n_own;
      entry->n_told = 0;
    }
  atomic_fetch_add_explicit (il_trace_object_get_count (il_process.trace, object), n_own + 1,
                             memory_order_relaxed);
}

/**
 * il_lock_tell_taken:
 *
 * Says that something registered was taken, which several may have at a time.
 */
void
il_lock_tell_taken (IlSelf *self, IlEntry *entry, IlEventKind kind, uint32_t value)
{
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_acquire);

  atomic_store_explicit (&entry->is_told, 1, memory_order_relaxed);
  if (!il_self_say (self, kind, object, value))
    il_lock_count_shared (entry);
}

/* From here on nothing is said of who takes it.  Whoever began to wait before that was known to all
 * thinks that it is told. */
static void
take_quietly (IlSelf *self, IlEntry *entry, uint32_t object, uint32_t tick, bool is_tried)
{
  if (atomic_load_explicit (&entry->is_told, memory_order_relaxed) != 0)
    il_self_say (self, IL_EVENT_LOCK_QUIET, object, 0);
  atomic_store_explicit (&entry->is_told, 0, memory_order_relaxed);
  il_lock_count (entry);
  atomic_store_explicit (&entry->tick, tick, memory_order_relaxed);
  atomic_thread_fence (memory_order_seq_cst); /* [Q] */
  if (IL_LIKELY (il_lock_count_waiters (entry) == 0))
    return;
  atomic_store_explicit (&entry->tick, 0, memory_order_relaxed);
  if (object == 0 || self->lane.trace == NULL || il_shared_is (entry)
      || atomic_exchange_explicit (&entry->is_told, 1, memory_order_relaxed) != 0)
    return;
  il_lock_mark_told (entry);
  il_self_say_timed (self, is_tried);
  il_self_say (self, IL_EVENT_LOCK_HAD, object, 0);
}

static void
taken_first (IlSelf *self, IlEntry *entry, bool is_tried)
{
  uint32_t tick = atomic_load_explicit (il_process.tick, memory_order_relaxed);
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_acquire);
  bool is_wanted = il_shared_is (entry)
                   || atomic_load_explicit (&entry->is_awaited, memory_order_relaxed) != 0;
  bool is_known = object != 0 && self->lane.trace != NULL && is_wanted;
  bool has_waiters = il_lock_count_waiters (entry) != 0;

  if (is_known && (has_waiters || entry->busy.credit != 0) && il_thin_can_be (entry)
      && !il_thin_has_full_left (self, tick, IL_CHANGES_A_TICK))
    {
      if (has_waiters)
        {
          il_thin_take (self, entry, object, tick, is_tried);
          return;
        }
      entry->busy.credit = 0;
    }
  if (!has_waiters && entry->busy.credit == 0 && !has_stamp_left (self, entry, tick))
    {
      take_quietly (self, entry, object, tick, is_tried);
      return;
    }
  if (is_known)
    {
      il_self_say_timed (self, is_tried);
      tell_taken (self, entry, object, 0);
      return;
    }
  il_lock_count (entry);
  entry->since_n = atomic_load_explicit (entry->n_untold, memory_order_relaxed);
  atomic_store_explicit (&entry->since, il_self_stamp (self), memory_order_relaxed);
}

/* One that died of it may have had it more than once. */
static void
take_over (IlSelf *self, IlEntry *entry)
{
  if (IL_UNLIKELY (atomic_load_explicit (&entry->is_thin, memory_order_relaxed) != 0))
    atomic_store_explicit (&entry->is_thin, 0, memory_order_relaxed);
  if (IL_UNLIKELY (entry->busy.depth != 0))
    entry->busy.depth = 0;
  atomic_store_explicit (&entry->holder, self->number, memory_order_relaxed);
  il_lock_chain (self, entry);
}

/* Who would not have waited for it is in nobody's way. */
static void
note_order (IlSelf *self, IlEntry *entry, const void *caller)
{
  uint32_t tick = atomic_load_explicit (il_process.tick, memory_order_relaxed);

  if (caller == NULL)
    return;
  il_entry_note_caller (entry, caller);
  if (entry->outer == NULL
      || (il_lock_is_usual (self, entry->outer, entry) && entry->busy.credit != 0
          && entry->nested_tick == tick))
    return;
  atomic_store_explicit (&entry->known_outer, il_lock_mark_outer (self, entry->outer),
                         memory_order_relaxed);
  entry->nested_tick = tick;
  il_nested_note (self, entry, caller);
}

/**
 * il_lock_trim:
 *
 * Forgets what the thread had taken, and another gave back: what follows it in the chain may be
 * anything, and were it taken again, it would follow itself.
 */
void
il_lock_trim (IlSelf *self)
{
  IlEntry **place = &self->top;
  int i = 0;

  while (i++ < IL_LOCK_CHAIN_MAX && *place != NULL
         && atomic_load_explicit (&(*place)->holder, memory_order_relaxed) == self->number)
    place = &(*place)->outer;
  if (*place != NULL)
    il_process.is_alone = &il_process_is_not_alone;
  *place = NULL;
}

/**
 * il_lock_taken_slowly:
 *
 * The rest of il_lock_taken().
 */
void
il_lock_taken_slowly (IlSelf *self, IlEntry *entry, IlAt at, const void *caller)
{
  uint32_t holder = atomic_load_explicit (&entry->holder, memory_order_relaxed);

  if (atomic_load_explicit (&entry->at, memory_order_relaxed) >= IL_AT_INTERPRETER)
    return;
  if (IL_UNLIKELY (atomic_load_explicit (&entry->at, memory_order_relaxed) != at))
    il_entry_renew ((const void *)atomic_load_explicit (&entry->address, memory_order_relaxed), at,
                    0, 0);
  else if (holder != 0 && holder == self->number)
    {
      if (entry->busy.depth < USHRT_MAX)
        entry->busy.depth++;
      if (atomic_load_explicit (&entry->is_told, memory_order_relaxed) != 0)
        il_self_say (self, IL_EVENT_COUNTER,
                     atomic_load_explicit (&entry->object, memory_order_relaxed),
                     entry->busy.depth + 1u);
      return;
    }
  il_lock_trim (self);
  take_over (self, entry);
  /* All that it has is said before it is said that it has this, too. */
  note_order (self, entry, caller);
  taken_first (self, entry, caller == NULL);
}

/**
 * il_lock_unchain:
 *
 * Takes it out of the locks that the thread has; they need not be given back in the opposite order.
 */
void
il_lock_unchain (IlSelf *self, IlEntry *entry)
{
  IlEntry **place = &self->top;

  for (int i = 0; i < IL_LOCK_CHAIN_MAX && *place != NULL; i++)
    {
      if (*place == entry)
        {
          *place = entry->outer;
          for (IlEntry *inner = self->top; inner != entry->outer; inner = inner->outer)
            atomic_store_explicit (&inner->is_crossed, 1, memory_order_relaxed);
          return;
        }
      /* Given back by another thread, and taken by one that has put it into its own chain. */
      if (atomic_load_explicit (&(*place)->holder, memory_order_relaxed) != self->number)
        break;
      place = &(*place)->outer;
    }
  /* Of those further out it is not known any more that the thread has them. */
  if (*place != NULL)
    il_process.is_alone = &il_process_is_not_alone;
  *place = NULL;
}

/**
 * il_lock_chain_writer:
 * @caller: where the program has just taken it, or NULL: it would not have waited
 *
 * The thread has a readers-writer lock to write, which keeps others out as any other lock does.
 */
void
il_lock_chain_writer (IlSelf *self, IlEntry *entry, const void *caller)
{
  il_lock_chain (self, entry);
  if (atomic_load_explicit (&entry->is_told, memory_order_relaxed) != 0)
    il_lock_mark_ordered (entry);
  entry->taken_at = caller;
  if (entry->outer != NULL && !il_lock_is_usual (self, entry->outer, entry))
    note_order (self, entry, caller);
}

/**
 * il_lock_giving_slowly:
 *
 * The rest of il_lock_giving().
 */
void
il_lock_giving_slowly (IlSelf *self, IlEntry *entry)
{
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_relaxed);
  bool has_waiters = il_lock_count_waiters (entry) != 0;
  bool is_told = atomic_load_explicit (&entry->is_told, memory_order_relaxed) != 0;

  if (atomic_load_explicit (&entry->at, memory_order_relaxed) == IL_AT_INTERPRETER)
    {
      il_interpreter_unlocking (self, entry);
      return;
    }
  if (atomic_load_explicit (&entry->at, memory_order_relaxed) == IL_AT_PART)
    return;
  /* Not its own, or taken before anything was known of it.  A semaphore anybody may give back; a
   * plain mutex of nobody that we know was taken while there was but this thread. */
  if (atomic_load_explicit (&entry->holder, memory_order_relaxed) != self->number
      && atomic_load_explicit (&entry->at, memory_order_relaxed) != IL_AT_SEMAPHORE
      && !(atomic_load_explicit (&entry->holder, memory_order_relaxed) == 0
           && (has_waiters || is_told) && entry->kind != IL_LOCK_RECURSIVE
           && atomic_load_explicit (&entry->at, memory_order_relaxed) == IL_AT_MUTEX))
    return;
  if (entry->busy.depth > 0)
    {
      entry->busy.depth--;
      if (is_told)
        il_self_say (self, IL_EVENT_COUNTER, object, entry->busy.depth + 1u);
      return;
    }
  if (atomic_load_explicit (&entry->is_woken, memory_order_relaxed) != 0)
    {
      atomic_store_explicit (&entry->is_woken, 0, memory_order_relaxed);
      if (object == 0)
        entry->busy.credit = 0;
    }
  if (object != 0 && (is_told || has_waiters))
    {
      atomic_store_explicit (&entry->last, il_self_lane_plus_1 (self), memory_order_relaxed);
      if (!il_thin_give (self, entry))
        {
          il_self_say (self, IL_EVENT_LOCK_RELEASE, object, has_waiters ? IL_EVENT_WOKE : 0);
          atomic_store_explicit (&entry->is_told, 1, memory_order_relaxed);
        }
      if (!has_waiters && entry->busy.credit > 0)
        entry->busy.credit--;
    }
  else if (atomic_load_explicit (&entry->is_thin, memory_order_relaxed) != 0)
    il_thin_end (self, entry);
  /* Only now: what it took under it, and said nothing of, is said after it. */
  il_lock_unchain (self, entry);
  atomic_store_explicit (&entry->holder, 0, memory_order_relaxed);
}

/* A wait that was left without an end, as by siglongjmp() out of a handler, or by the end of the
 * thread. */
static void
end_stale_wait (IlSelf *self, const void *frame)
{
  IlEntry *entry = self->awaited;

  if (entry == NULL || (const char *)frame < (const char *)self->wait_frame)
    return;
  il_lock_waited (self, entry, false);
}

/**
 * il_lock_let_pass:
 *
 * Whoever looked whether anybody waits before this thread said that it does, and gives the lock
 * back without a word, has done so when this returns, unless it lost its core in between.
 */
void
il_lock_let_pass (const IlEntry *entry)
{
  if (atomic_load_explicit (&entry->is_told, memory_order_relaxed) != 0)
    return;
  for (int i = 0; i < 32; i++)
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause ();
#else
    atomic_thread_fence (memory_order_seq_cst);
#endif
}

/* Since when whoever has it without a word has it; 0: not known. */
static uint64_t
get_since (const IlEntry *entry)
{
  uint64_t n
      = entry->n_untold != NULL ? atomic_load_explicit (entry->n_untold, memory_order_relaxed) : 0;

  return entry->since_n == n && n != 0 ? atomic_load_explicit (&entry->since, memory_order_relaxed)
                                       : 0;
}

/**
 * il_lock_tell_left:
 *
 * The thread is about to end, and has it: says so, unless anybody may give it back.
 */
void
il_lock_tell_left (IlSelf *self, IlEntry *entry)
{
  IlAt at = (IlAt)atomic_load_explicit (&entry->at, memory_order_relaxed);
  uint32_t object;
  uint64_t now;

  if ((at != IL_AT_MUTEX && at != IL_AT_SPIN && at != IL_AT_RWLOCK) || self->lane.trace == NULL)
    return;
  object = il_entry_get_object (entry, entry->taken_at);
  now = il_self_stamp (self);
  if (object != 0)
    il_self_say_at (self, now, IL_EVENT_LOCK_LEFT, object,
                    il_lock_get_length (at == IL_AT_RWLOCK ? atomic_load_explicit (
                                            &entry->since, memory_order_relaxed)
                                                           : get_since (entry),
                                        now));
}

/* Whom a thread that is about to wait finds to have the lock. */
typedef struct
{
  uint32_t lane_plus_1; /* 0: not known */
  uint64_t since;       /* 0: not known */
  bool is_copied;       /* in another process, when this one was made of it */
} Met;

/* owner: whom the lock names. */
static Met
meet (const IlEntry *entry, pid_t owner)
{
  uint32_t holder = atomic_load_explicit (&entry->holder, memory_order_relaxed);
  Met met = { .since = holder != 0 ? get_since (entry) : 0 };

  if (holder != 0)
    met.lane_plus_1 = il_self_get_lane (holder);
  else
    {
      met.is_copied = !il_shared_is (entry) && il_self_is_elsewhere (owner);
      met.lane_plus_1 = il_trace_find_lane (il_process.trace, owner);
    }
  if (il_shared_is (entry))
    met.lane_plus_1 = atomic_load_explicit (&entry->common->holder, memory_order_relaxed);
  return met;
}

static void
say_wait (IlSelf *self, IlEntry *entry, uint32_t object, const Met *met, bool is_timed)
{
  uint32_t met_plus_1 = met->is_copied ? 0 : met->lane_plus_1;
  uint64_t now = il_self_stamp (self);

  if (is_timed)
    il_self_say_at (self, now, IL_EVENT_WAIT_TIMED, 0, 0);
  if (object == 0)
    {
      il_self_say_at (self, now, IL_EVENT_JOIN_WAIT, IL_CALL_OBJECT, met_plus_1);
      return;
    }
  il_self_say_at (self, now, IL_EVENT_LOCK_WAIT, object, met_plus_1);
  if (met->is_copied)
    {
      il_self_say_at (self, now, IL_EVENT_LOCK_COPIED, object, met->lane_plus_1);
      return;
    }
  if (atomic_load_explicit (&entry->is_told, memory_order_relaxed) != 0)
    return;
  il_self_say_at (self, now, IL_EVENT_LOCK_HELD, object, il_lock_get_length (met->since, now));
  /* Now it is said who has it, and that one says when it gives it back, even if nobody waits by
   * then any more. */
  atomic_store_explicit (&entry->is_told, 1, memory_order_relaxed);
}

/**
 * il_lock_wait:
 * @owner: number of the thread that it names as its owner, or 0
 * @is_timed: whether the wait ends by itself
 * @caller: where the program wants it
 * @frame: of the function that waits
 *
 * The thread is about to wait for a lock.
 */
void
il_lock_wait (IlSelf *self, IlEntry *entry, pid_t owner, bool is_timed, const void *caller,
              void *frame)
{
  uint32_t object;
  Met met;

  il_self_need_lane (self);
  end_stale_wait (self, frame);
  object = il_entry_need_object (entry, caller);
  atomic_store_explicit (&entry->tick, 0, memory_order_relaxed);
  entry->busy.credit = IL_CREDIT;
  atomic_store_explicit (&entry->is_awaited, 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&entry->busy.n_waiters, 1, memory_order_seq_cst); /* [W] [Q] */
  atomic_store_explicit (&entry->tick, 0, memory_order_relaxed);
  il_lock_let_pass (entry);
  /* Only now: who had it before may have given it back without a word, and taken it again. */
  met = meet (entry, owner);
  if (il_shared_is (entry))
    atomic_fetch_add_explicit (&entry->common->n_waiters, 1, memory_order_relaxed);
  if (self->awaited == NULL)
    {
      self->awaited = entry;
      self->wait_frame = frame;
    }
  /* Who gives up after a while is in nobody's way. */
  self->wait_caller = is_timed ? NULL : caller;
  if (!is_timed && self->top != NULL)
    il_nested_wanted (self, entry, caller);
  say_wait (self, entry, object, &met, is_timed);
}

/**
 * il_lock_waited:
 * @has_it: whether the thread got it
 *
 * The wait is over.
 */
void
il_lock_waited (IlSelf *self, IlEntry *entry, bool has_it)
{
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_acquire), last;

  self->awaited = NULL;
  if (il_shared_is (entry))
    atomic_fetch_sub_explicit (&entry->common->n_waiters, 1, memory_order_relaxed);
  atomic_fetch_sub_explicit (&entry->busy.n_waiters, 1, memory_order_relaxed);
  if (!has_it)
    {
      il_self_say (self, object != 0 ? IL_EVENT_WAIT_CANCELLED : IL_EVENT_JOIN_END, object, 0);
      return;
    }
  last = atomic_load_explicit (il_shared_is (entry) ? &entry->common->holder : &entry->last,
                               memory_order_relaxed);
  if (atomic_load_explicit (&entry->holder, memory_order_relaxed) == self->number)
    il_lock_unchain (self, entry);
  else
    il_lock_trim (self);
  take_over (self, entry);
  note_order (self, entry, self->wait_caller);
  if (object != 0 && self->lane.trace != NULL)
    tell_taken (self, entry, object, last);
  else
    {
      il_lock_count (entry);
      il_self_say (self, IL_EVENT_JOIN_END, 0, 0);
    }
  if (self->wait_caller != NULL)
    note_order (self, entry, entry->taken_at);
}
