/* il-self.h - what this library knows of the calling thread, and of its process
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-trace-write.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct _IlEntry IlEntry;

#define IL_EXPORT __attribute__ ((visibility ("default")))
#define IL_LIKELY(condition) __builtin_expect (!!(condition), 1)
#define IL_UNLIKELY(condition) __builtin_expect (!!(condition), 0)

/* So many threads of a process are followed at a time. */
#define IL_SELVES_MAX 16384u

/* The number of a thread says where it stands among them, and which one it is of those that stood
 * there one after the other: what one leaves behind, as a lock, is not taken for another's. */
#define IL_SELF_STEP (2 * IL_SELVES_MAX)
#define IL_SELF_INDEX(number) ((number) % IL_SELF_STEP - 1)

/* A readers-writer lock that a thread has for reading, see il-readers.c. */
typedef struct
{
  _Atomic uintptr_t what; /* its entry, and in the bits below a mark; 0: none */
  _Atomic uint64_t since; /* stamp; 0: not known */
  _Atomic uint32_t more;  /* times within it for which there was no place; its own thread's */
} IlRead;

#define IL_READS 8 /* of one thread at a time */

/* Locks that a thread had, one within the other, of which some may be none: see il-nested.c. */
#define IL_NESTED_MAX 8 /* of more than so many the innermost are told */
#define IL_NESTED_UNTOLD 8

typedef struct
{
  uint32_t n; /* 0: this is free */
  uint32_t
      making[IL_NESTED_MAX]; /* of each, by which it is known whether it still is what it was */
  uint32_t turn;             /* in which they were had … */
  bool is_scattered;         /* … and in others */
  bool is_said;              /* up to what may be none */
  IlEntry *nested[IL_NESTED_MAX]; /* the innermost first */
} IlNested;

/* What is known of code of a script, see il-python.c. */
#define IL_SELF_SCRIPTS 16

typedef struct
{
  uintptr_t code, file;  /* as the interpreter has them; 0: this is free */
  uintptr_t instruction; /* 0: whichever, of a library */
  uint32_t use;          /* value of an IL_EVENT_USED_AT, of that instruction */
  uint8_t origin;
} IlSelfScript;

/*
 * Lies in memory that the kernel empties in a forked child: all zero swallows every event, so that
 * a child never writes into a lane of its parent, whatever way it was made.
 */
typedef struct
{
  alignas (64) uint32_t number; /* its own, see IL_SELF_INDEX; 0: emptied by a fork */
  uint32_t stamps_tick;         /* in which … */
  uint32_t stamps_left;         /* … it may take so many stamps of locks that nobody waits for */
  uint32_t creator_plus_1;
  uintptr_t turn_mark; /* of the thread, and of the turn that it is in, see il_self_turn() */
  IlEntry *top;        /* the lock that it took last, of those that it has */
  void *writer;        /* frame of a write under way, below any handler on top of it; NULL: none */
  pthread_t self;      /* of those that pthread_create() made, or the first */
  _Atomic uint32_t is_used;
  _Atomic uint32_t is_naming; /* somebody gives it a name */
  uint32_t n_rounds;          /* of destructors of its data, while it ends */
  uint32_t io_tick;           /* in which … */
  uint32_t n_io;              /* … it has said so many calls of input and output */
  pid_t tid;
  uintptr_t stack_begin; /* of its stack, as far as is known … */
  uintptr_t stack_end;   /* … up to where it was when it began; 0: see il-callers.c */
  alignas (64) IlTraceLane lane;
  alignas (64) IlRead reads[IL_READS];

  /* A wait under way, for who leaves it without an end, as by siglongjmp(). */
  IlEntry *awaited;
  IlEntry *interpreter;    /* whose lock it waits for */
  const IlEntry *woken_by; /* the condition by which it was woken last, with others */
  IlEntry *paused_for;     /* semaphore or condition that it waits for */
  void *wait_frame;
  const void *wait_caller; /* where the program wants it */
  uint8_t pause_end;       /* IlEventKind that ends a wait for no object; 0: there is none */

  uint32_t full_tick; /* in which … */
  uint32_t full_left; /* … it may say so many more events of locks that others wait for */
  uint32_t n_thin;    /* locks that it has without having said so, while others wait for them */

  IlNested untold[IL_NESTED_UNTOLD];
  uint32_t next_untold; /* which of them makes room for another */
  bool is_nesting;      /* they are being changed */
  bool has_untold;      /* an order was not told when it was made */
  uint32_t turn;        /* of all threads that had its place, see il_self_turn() */
  uint32_t life;        /* its number, see il-life.c; 0: none */

  IlSelfScript scripts[IL_SELF_SCRIPTS];
  uint32_t next_script; /* which of them makes room for another */
  bool is_named;        /* it was seen what the interpreter calls it */
} IlSelf;

/* The calling thread; NULL: not followed.  The one word that the library takes of each thread's
 * static storage beside the trace's own. */
extern _Thread_local IlSelf *il_self __attribute__ ((tls_model ("initial-exec")));
extern _Thread_local bool il_is_over __attribute__ ((tls_model ("initial-exec")));

typedef struct
{
  IlTrace *trace; /* NULL: nobody listens */
  const _Atomic uint32_t *tick;
  /* Not 0: the process has but one thread, it has no lock that was taken out of its chain, and it
   * is known how such a process takes a lock. */
  const char *is_alone;
  IlSelf *selves; /* IL_SELVES_MAX of them */
  _Atomic uint32_t next_self;
  _Atomic uint32_t late_tick; /* in which a thread without a lane looked for one again */
  pthread_key_t key;
  bool has_key;
  int exit_status;          /* of quick_exit() */
  bool has_no_io;           /* calls of input and output are not to be told */
  _Atomic uint64_t handled; /* signals that the program has, or had, a handler of its own for */
  bool is_copy;             /* made by fork(), with whatever locks others had there */
} IlProcess;

extern IlProcess il_process;
extern const char il_process_is_not_alone;

IlSelf *il_self_begin (uint32_t creator_plus_1, uint32_t life);
void il_self_end (uint32_t exit_status);
IlSelf *il_self_find (pthread_t thread);
IlSelf *il_thread_find (pthread_t thread);
bool il_thread_is_to_begin (pthread_t thread);
void il_thread_forget_starts (void);
void il_self_set_name (IlSelf *self, const char *name);
void il_self_set_own_name (IlSelf *self, const char *name);
uint32_t il_self_get_lane (uint32_t number);
bool il_self_is_elsewhere (pid_t tid);
void il_process_enter (void);
void il_process_say_signals (void);
void il_self_forking (void);
void il_self_forked (void);
void il_self_look_for_lane (IlSelf *self);
void il_thin_say (IlSelf *self, uint64_t stamp);
bool il_self_say_slowly (IlSelf *self, void *frame, uint64_t stamp, IlEventKind kind,
                         uint32_t object, uint32_t value);

/* The calling thread, if it is followed; begins to, if it can be. */
static inline IlSelf *
il_self_get (void)
{
  IlSelf *self = il_self;

  if (IL_UNLIKELY (self == NULL ? !il_is_over : self->number == 0))
    {
      il_process_enter ();
      self = il_self;
    }
  return self;
}

static inline uint64_t
il_self_stamp (const IlSelf *self)
{
  return il_clock_stamp (self->lane.source);
}

/* The thread is about to wait: now it is worth to be recorded, if it was refused that before. */
static inline void
il_self_need_lane (IlSelf *self)
{
  if (IL_UNLIKELY (self->lane.trace == NULL))
    il_self_look_for_lane (self);
}

/* Writes an event at a stamp taken before.  A signal handler that never returns may leave a write
 * in the middle: the next one outside of it mends that.  FALSE: it was lost. */
static inline bool
il_self_say_at (IlSelf *self, uint64_t stamp, IlEventKind kind, uint32_t object, uint32_t value)
{
  void *frame = __builtin_frame_address (0);
  bool is_written;

  if (IL_UNLIKELY (self->n_thin != 0))
    il_thin_say (self, stamp);
  if (IL_UNLIKELY (self->writer != NULL))
    return il_self_say_slowly (self, frame, stamp, kind, object, value);
  self->writer = frame;
  atomic_signal_fence (memory_order_seq_cst);
  is_written = il_trace_lane_write_at (&self->lane, stamp, kind, object, value);
  atomic_signal_fence (memory_order_seq_cst);
  self->writer = NULL;
  return is_written;
}

static inline bool
il_self_say (IlSelf *self, IlEventKind kind, uint32_t object, uint32_t value)
{
  return il_self_say_at (self, il_self_stamp (self), kind, object, value);
}

/* What the thread does from here on may be at another time than what it did before, since it made a
 * thread, or waited for the end of one: orders of locks are told anew. */
static inline void
il_self_turn (IlSelf *self)
{
  self->turn++;
  self->turn_mark = (uintptr_t)((self->number * UINT64_C (0x9e3779b97f4a7c15)
                                 ^ self->turn * UINT64_C (0xd6e8feb86659fd93))
                                * UINT64_C (0xff51afd7ed558ccd));
}

/* Whether the wait that is about to be said ends by itself. */
static inline void
il_self_say_timed (IlSelf *self, bool is_timed)
{
  if (is_timed)
    il_self_say (self, IL_EVENT_WAIT_TIMED, 0, 0);
}

/* … and whether it is for what other processes may have, too, which need not be recorded. */
static inline void
il_self_say_shared (IlSelf *self, bool is_shared)
{
  if (is_shared)
    il_self_say (self, IL_EVENT_WAIT_SHARED, 0, 0);
}

static inline uint32_t
il_self_lane_plus_1 (const IlSelf *self)
{
  return self->lane.trace != NULL ? self->lane.index + 1 : 0;
}
