/* il-entry.h - what is known of each lock, semaphore, condition … of the process, by its address
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-self.h"

/* What lies at an address. */
typedef enum
{
  IL_AT_NOTHING = 0,
  IL_AT_MUTEX,
  IL_AT_SPIN,
  IL_AT_RWLOCK,
  IL_AT_SEMAPHORE,
  IL_AT_CONDITION,
  IL_AT_BARRIER,
  IL_AT_FUTEX,
  IL_AT_INTERPRETER, /* the mutex that guards CPython's interpreter lock, and stands for it */
  IL_AT_PART,        /* a mutex that is but a part of something else */
} IlAt;

/* What a thread finds at its way out, asked as one word: 0 where there is nothing to do. */
typedef union
{
  struct
  {
    _Atomic uint32_t n_waiters;
    uint16_t credit; /* so many more acquisitions are recorded in full */
    uint16_t depth;  /* how many times its holder has it beyond the first */
  };
  _Atomic uint64_t is_any;
} IlBusy;

/* Whether it is being registered in the shared file. */
typedef enum
{
  IL_MAKING_NOBODY,
  IL_MAKING_SOMEBODY, /* some thread, which takes some microseconds for it */
  IL_MAKING_NEVER,    /* there was no room, or that thread did not come to its end */
} IlMaking;

/*
 * Who has the lock writes what is said of it, but for what says that any may: it keeps the others
 * out as well as anything of ours would, and costs nothing.
 */
struct _IlEntry
{
  alignas (128) _Atomic uintptr_t address; /* 0: free */
  _Atomic uint32_t holder;                 /* number of a thread; 0: nobody known */
  _Atomic uint32_t tick; /* in which it need not be looked at more closely; 0: it has to be */
  IlBusy busy;
  _Atomic uint64_t *n_untold;    /* acquisitions without an event; its own, or in the shared file */
  IlEntry *outer;                /* taken before it by its holder, and still held */
  _Atomic uintptr_t known_outer; /* under which, in which turn of whom, it was seen to be taken */
  _Atomic uint64_t since;        /* stamp of the acquisition that made … */
  uint64_t since_n; /* … so many untold ones; while it lasts, since is when it began */

  /* Of less haste. */
  uint32_t nested_tick; /* in which it was looked under what it is taken, and that was said */
  _Atomic uint64_t n_own;
  uint64_t n_told;              /* of them are in the shared file already */
  _Atomic uint32_t object;      /* in the shared file; 0: none */
  _Atomic uint32_t last_tick;   /* in which it was looked at more closely … */
  _Atomic uint32_t stamps_left; /* … and may be so often yet */
  _Atomic uint32_t last;        /* lane + 1 that gave it back last, and said so */
  _Atomic uint8_t at;           /* IlAt */
  uint8_t kind;                 /* IlLockKind */
  _Atomic uint8_t is_told;      /* who has it has said so, or nobody has it */
  _Atomic uint8_t making_state; /* IlMaking */
  _Atomic uint8_t is_awaited;   /* somebody has waited for it */
  _Atomic uint8_t is_crossed;   /* what its holder had taken before it was given back under it */
  _Atomic uint8_t is_private;   /* processes could share it, but it lies where they do not */
  _Atomic uint8_t is_signal;    /* another gave it back than who had it */
  _Atomic uint8_t is_returned;  /* who had it gave it back: it is used as a lock */
  _Atomic uint8_t is_ordered;   /* it was said in which order it was taken with others */
  const void *taken_at;         /* where in the program, when it was looked at more closely … */
  const void *taken_by[IL_TRACE_CALLERS]; /* … and what had called that */
  uint32_t value;              /* of a semaphore: units at the start; of a barrier: parties */
  IlTraceCommon *common;       /* NULL: not shared by processes, as far as is known */
  _Atomic uint8_t is_woken;    /* its holder got it after a broadcast, with others, woke it */
  _Atomic uint32_t n_notified; /* of a condition: how many the last notification woke */
  _Atomic uint8_t is_thin;   /* its holder, for whom others wait, has not said that it has it … */
  uint8_t is_tried;          /* … and would have gone on without it */
  uint32_t thin_by;          /* number of the thread that was said last to take it so often; or 0 */
  uint64_t thin_said;        /* stamp of when something was said of that last */
  _Atomic uint32_t extra;    /* of a barrier: how many have come; of a condition: who notified last;
                             of a readers-writer lock: how many read it who found no place, see
                             il-readers.h */
  _Atomic uint32_t n_quiets; /* of a readers-writer lock: how often it fell quiet */
  _Atomic uint8_t is_nameless; /* it was told of, but not yet where it is used */
  _Atomic uint32_t making;     /* another number whenever something new lies at the address */
};

#define IL_TABLE_BITS 16
#define IL_TABLE_SIZE (1u << IL_TABLE_BITS)
#define IL_TABLE_WINDOW 8u   /* entries in which one may lie, from its own place on */
#define IL_CREDIT 64u        /* acquisitions that are recorded in full after a wait */
#define IL_FULL_A_TICK 2048u /* of one thread in one tick, of locks that others wait for … */
#define IL_CHANGES_A_TICK                                                                          \
  1024u /* … and that it is now this thread which takes one of them so often */
#define IL_STAMPS_A_TICK 16u     /* of one lock that nobody waits for */
#define IL_STAMPS_OF_THREAD 512u /* in one tick, of such locks */

extern IlEntry *il_table;

bool il_entries_make (void);
IlEntry *il_entry_look_up (const void *address, IlAt at, bool adds);
void il_entry_renew (const void *address, IlAt at, uint8_t kind, uint32_t value);
void il_entry_forget (const void *address);
bool il_entry_remade (IlEntry *entry, IlAt at);
bool il_entry_begin_making (IlEntry *entry);
void il_entry_end_making (IlEntry *entry, IlMaking making);
uint32_t il_entry_get_object (IlEntry *entry, const void *caller);
uint32_t il_entry_need_object (IlEntry *entry, const void *caller);
uint32_t il_entry_add_object (IlEntry *entry, IlObjectKind kind, uint64_t parameter,
                              const void *caller);
void il_entry_note_caller (IlEntry *entry, const void *caller);

static inline IlEntry *
il_entry_place (const void *address)
{
  return &il_table[((uintptr_t)address * UINT64_C (0x9e3779b97f4a7c15)) >> (64 - IL_TABLE_BITS)];
}

/* Finds what lies at an address, where it is to be expected. */
static inline IlEntry *
il_entry_find (const void *address, IlAt at)
{
  IlEntry *entry = il_entry_place (address);

  if (IL_LIKELY (atomic_load_explicit (&entry->address, memory_order_relaxed)
                 == (uintptr_t)address))
    return entry;
  return il_entry_look_up (address, at, false);
}

/* The same, and makes it if it is not there.  NULL: there is no room. */
static inline IlEntry *
il_entry_get (const void *address, IlAt at)
{
  IlEntry *entry = il_entry_place (address);

  if (IL_LIKELY (atomic_load_explicit (&entry->address, memory_order_relaxed)
                 == (uintptr_t)address))
    return entry;
  return il_entry_look_up (address, at, true);
}
