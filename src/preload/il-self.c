/* il-self.c - threads of the program, and the process that they are in
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process joins the recording by itself: what it was started with names the shared file.  It does
 * so the first time that it comes to anything that we stand in front of, which may be in a
 * constructor that runs before ours.  Threads get a lane where pthread_create() starts them, or the
 * first time that they come here.
 *
 * What is known of threads lies in memory that the kernel empties in a forked child, so that a
 * child whose making we did not see, as one made by clone(2), writes nothing into lanes that are
 * not its own.
 */

#include "config.h"

#include "il-self.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "il-lock.h"
#include "il-readers.h"
#include "il-real.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

/* The data of so few keys lies in the thread itself; that of others is allocated. */
#define KEYS_IN_THREAD 32

#define MAX_LEFT 64 /* locks that a thread may leave behind */

_Thread_local IlSelf *il_self;
_Thread_local bool il_is_over;

static const _Atomic uint32_t no_tick = 1;

/* In glibc since 2.32; NULL: not there. */
extern char __libc_single_threaded __attribute__ ((weak));

const char il_process_is_not_alone = 0;

IlProcess il_process = { .tick = &no_tick, .is_alone = &il_process_is_not_alone };

typedef enum
{
  FRESH = 0,
  ENTERING,
  JOINED,
  ALONE, /* nobody listens, or the shared file cannot be had */
} Phase;

static _Atomic int phase;

/* Set just before a fork for the child, which finds the rest empty; the thread's own, since others
 * may fork at the same time. */
static _Thread_local uint32_t forker_plus_1 __attribute__ ((tls_model ("initial-exec")));

/* --- threads */

static IlSelf *
take_slot (void)
{
  uint32_t start = atomic_load_explicit (&il_process.next_self, memory_order_relaxed);

  for (uint32_t i = 0; i < IL_SELVES_MAX; i++)
    {
      IlSelf *self = &il_process.selves[(start + i) % IL_SELVES_MAX];
      uint32_t unused = 0;

      if (atomic_compare_exchange_strong_explicit (&self->is_used, &unused, 1, memory_order_acquire,
                                                   memory_order_relaxed))
        {
          uint32_t index = (start + i) % IL_SELVES_MAX;

          __atomic_store_n (&self->number,
                            self->number == 0 ? index + 1 : self->number + IL_SELF_STEP,
                            __ATOMIC_RELAXED);
          atomic_store_explicit (&il_process.next_self, (index + 1) % IL_SELVES_MAX,
                                 memory_order_relaxed);
          return self;
        }
    }
  return NULL;
}

static void
give_slot_back (IlSelf *self)
{
  uint32_t index = IL_SELF_INDEX (self->number);
  uint32_t next = atomic_load_explicit (&il_process.next_self, memory_order_relaxed);

  memset (&self->lane, 0, sizeof self->lane);
  self->top = NULL;
  self->stack_begin = self->stack_end = 0;
  self->writer = self->wait_frame = NULL;
  self->awaited = self->paused_for = self->interpreter = NULL;
  self->pause_end = 0;
  self->n_thin = 0;
  self->n_rounds = 0;
  il_readers_clear (self);
  for (uint32_t i = 0; i < IL_NESTED_UNTOLD; i++)
    self->untold[i].n = 0;
  self->is_nesting = self->has_untold = false;
  for (uint32_t i = 0; i < IL_SELF_SCRIPTS; i++)
    self->scripts[i].code = 0;
  self->is_named = false;
  atomic_store_explicit (&self->is_used, 0, memory_order_release);
  /* The lowest are used again and again, so that few pages are. */
  if (index < next)
    atomic_store_explicit (&il_process.next_self, index, memory_order_relaxed);
}

static void
say_begin (IlSelf *self)
{
  il_self_say (self, IL_EVENT_RUNS, 0, 0);
  if (self->life != 0)
    il_self_say (self, IL_EVENT_LIFE, IL_LIFE_IS, self->life);
}

/**
 * il_self_begin:
 * @creator_plus_1: lane of the thread that made this one, plus one, or 0
 * @life: its number, see il-life.c, or 0
 *
 * Follows the calling thread from here on, in a lane of its own.
 *
 * Returns: (nullable): NULL if it cannot be
 */
IlSelf *
il_self_begin (uint32_t creator_plus_1, uint32_t life)
{
  char name[IL_TRACE_NAME_MAX] = "";
  IlSelf *self = take_slot ();

  if (self == NULL)
    {
      il_is_over = true;
      return NULL;
    }
  prctl (PR_GET_NAME, name, 0, 0, 0);
  self->creator_plus_1 = creator_plus_1;
  self->life = life;
  il_self_turn (self);
  self->self = pthread_self ();
  self->tid = (pid_t)syscall (SYS_gettid);
  if (il_trace_lane_claim (il_process.trace, &self->lane, IL_ROLE_THREAD, 0, name, creator_plus_1))
    say_begin (self);
  il_self = self;
  if (il_process.has_key)
    pthread_setspecific (il_process.key, self);
  return self;
}

/**
 * il_self_look_for_lane:
 *
 * For a thread that found all lanes in use when it began: others have ended since, and the reader
 * has taken what they said.  One such thread of the process looks in each tick of the reader.
 */
void
il_self_look_for_lane (IlSelf *self)
{
  uint32_t tick = atomic_load_explicit (il_process.tick, memory_order_relaxed);
  char name[IL_TRACE_NAME_MAX] = "";

  if (il_process.trace == NULL || self->number == 0 || self->n_thin != 0
      || atomic_exchange_explicit (&il_process.late_tick, tick, memory_order_relaxed) == tick)
    return;
  prctl (PR_GET_NAME, name, 0, 0, 0);
  /* Who made it may have ended, and its lane be another's. */
  if (il_trace_lane_claim (il_process.trace, &self->lane, IL_ROLE_THREAD, 0, name, 0))
    say_begin (self);
}

/* Of what processes share it is known by its lane who has it, which will be another's. */
static void
leave_shared (const IlSelf *self)
{
  uint32_t lane_plus_1 = il_self_lane_plus_1 (self);
  const IlEntry *entry = self->top;

  for (uint32_t i = 0; i < MAX_LEFT && entry != NULL; i++, entry = entry->outer)
    {
      uint32_t mine = lane_plus_1;

      if (atomic_load_explicit (&entry->holder, memory_order_relaxed) != self->number)
        return;
      if (entry->common != NULL && mine != 0)
        atomic_compare_exchange_strong_explicit (&entry->common->holder, &mine, 0,
                                                 memory_order_relaxed, memory_order_relaxed);
    }
}

/* What the thread has nobody gives back once it has ended.  Of what is known already it was said
 * that it took it. */
static void
tell_left (IlSelf *self)
{
  IlEntry *entry = self->top;

  for (uint32_t i = 0; i < MAX_LEFT && entry != NULL; i++, entry = entry->outer)
    {
      if (atomic_load_explicit (&entry->holder, memory_order_relaxed) != self->number)
        return;
      il_lock_tell_left (self, entry);
    }
}

/**
 * il_self_end:
 *
 * The calling thread is not followed any more.
 */
void
il_self_end (uint32_t exit_status)
{
  IlSelf *self = il_self;

  il_is_over = true;
  il_self = NULL;
  if (self == NULL)
    return;
  leave_shared (self);
  il_trace_lane_release (&self->lane, exit_status);
  if (self->number != 0)
    give_slot_back (self);
}

/* Destructors of other data may still use locks: ours is the last of all. */
static void
end_thread (void *data)
{
  IlSelf *self = data;

  if (self != il_self)
    return;
  if (++self->n_rounds < PTHREAD_DESTRUCTOR_ITERATIONS)
    pthread_setspecific (il_process.key, self);
  else
    {
      tell_left (self);
      il_self_end (0);
    }
}

/**
 * il_self_find:
 *
 * Returns: (nullable): the thread, if it is followed; it may end at any moment
 */
IlSelf *
il_self_find (pthread_t thread)
{
  for (uint32_t i = 0; il_process.selves != NULL && i < IL_SELVES_MAX; i++)
    {
      IlSelf *self = &il_process.selves[i];

      if (self->number == 0)
        return NULL;
      if (atomic_load_explicit (&self->is_used, memory_order_acquire) != 0
          && pthread_equal (self->self, thread))
        return self;
    }
  return NULL;
}

static void
set_name (IlSelf *self, const char *name, bool is_own)
{
  if (atomic_exchange_explicit (&self->is_naming, 1, memory_order_acquire) != 0)
    return;
  if (self->lane.trace != NULL)
    il_trace_lane_set_name (&self->lane, name, is_own);
  atomic_store_explicit (&self->is_naming, 0, memory_order_release);
}

/**
 * il_self_set_name:
 * @self: any thread of this process
 * @name: as the kernel was told
 */
void
il_self_set_name (IlSelf *self, const char *name)
{
  set_name (self, name, false);
}

/**
 * il_self_set_own_name:
 * @self: any thread of this process
 * @name: that the program gave it, without telling the kernel; of a longer one the begin is told
 */
void
il_self_set_own_name (IlSelf *self, const char *name)
{
  static const char cut_off[] = "…";
  char text[IL_TRACE_NAME_MAX];
  size_t length = strlen (name);

  if (length >= sizeof text)
    {
      length = sizeof text - sizeof cut_off;
      while (length > 0 && (name[length] & 0xc0) == 0x80)
        length--;
      memcpy (text + length, cut_off, sizeof cut_off);
    }
  else
    text[length] = '\0';
  memcpy (text, name, length);
  set_name (self, text, true);
}

/**
 * il_self_get_lane:
 * @number: of a thread of this process, or 0
 *
 * Returns: its lane plus one; 0 if it has none, or has ended
 */
uint32_t
il_self_get_lane (uint32_t number)
{
  uint32_t index = IL_SELF_INDEX (number);
  const IlSelf *self;

  if (number == 0 || index >= IL_SELVES_MAX)
    return 0;
  self = &il_process.selves[index];
  return __atomic_load_n (&self->number, __ATOMIC_RELAXED) == number ? il_self_lane_plus_1 (self)
                                                                     : 0;
}

/**
 * il_self_is_elsewhere:
 * @tid: whom a lock names as its owner, or 0
 *
 * Returns: whether that thread had it in the process that this one was copied from, and is not here
 */
bool
il_self_is_elsewhere (pid_t tid)
{
  int saved_errno = errno;
  bool is_here = tid <= 0 || !il_process.is_copy
                 || il_real.syscall (SYS_tgkill, getpid (), tid, 0) == 0 || errno != ESRCH;

  errno = saved_errno;
  return !is_here;
}

/* Whether what was being written when this thread came here is still to be finished: then we are in
 * a signal handler, whose frames lie below.  A handler with a stack of its own may lie anywhere. */
static bool
is_on_top (const char *writer, const char *frame)
{
  stack_t stack;

  if (frame < writer)
    return true;
  if (sigaltstack (NULL, &stack) != 0 || (stack.ss_flags & SS_ONSTACK) == 0)
    return false;
  return writer < (const char *)stack.ss_sp || writer >= (const char *)stack.ss_sp + stack.ss_size;
}

/**
 * il_self_say_slowly:
 * @frame: of the caller
 *
 * Writes an event when another write is under way, or was left for good.
 */
bool
il_self_say_slowly (IlSelf *self, void *frame, uint64_t stamp, IlEventKind kind, uint32_t object,
                    uint32_t value)
{
  if (is_on_top (self->writer, frame))
    return il_trace_lane_write_at (&self->lane, stamp, kind, object, value);
  il_trace_lane_repair (&self->lane);
  self->writer = NULL;
  return il_self_say_at (self, stamp, kind, object, value);
}

/* --- the process */

/**
 * il_self_forking:
 *
 * The calling thread is about to make a child with a copy of its memory.
 */
void
il_self_forking (void)
{
  const IlSelf *self = il_self;

  forker_plus_1 = self != NULL ? il_self_lane_plus_1 (self) : 0;
  il_readers_note_fork (self);
}

/**
 * il_self_forked:
 *
 * The calling thread has made the child, or could not.  One that it makes in another way is not to
 * take what was noted for its own.
 */
void
il_self_forked (void)
{
  forker_plus_1 = 0;
  il_readers_note_fork (NULL);
}

/**
 * il_process_say_signals:
 *
 * Says how many signals the program has a handler of its own for.
 */
void
il_process_say_signals (void)
{
  uint64_t handled = atomic_load_explicit (&il_process.handled, memory_order_seq_cst);

  if (il_self != NULL)
    il_self_say (il_self, IL_EVENT_SIGNALS, 0, (uint32_t)__builtin_popcountll (handled));
}

/* All but this thread are gone, and all that was known with them. */
static void
after_fork (void)
{
  if (atomic_load_explicit (&phase, memory_order_relaxed) != JOINED)
    return;
  il_self = NULL;
  il_is_over = false;
  il_process.is_copy = true;
  il_thread_forget_starts ();
  atomic_store_explicit (&il_process.next_self, 0, memory_order_relaxed);
  if (il_self_begin (forker_plus_1, 0) != NULL)
    il_readers_copy (il_self);
  il_self_forked ();
  il_process_say_signals ();
}

static void
on_program_exit (int status, void *data)
{
  il_self_end ((uint32_t)status & 0xffu);
}

static void
on_quick_exit (void)
{
  il_self_end ((uint32_t)il_process.exit_status & 0xffu);
}

static bool
make_selves (void)
{
  size_t size = IL_SELVES_MAX * sizeof (IlSelf);
  void *memory = mmap (NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (memory == MAP_FAILED)
    return false;
  madvise (memory, size, MADV_NOHUGEPAGE);
  madvise (memory, size, MADV_DONTDUMP);
  if (madvise (memory, size, MADV_WIPEONFORK) != 0 || !il_entries_make ())
    {
      munmap (memory, size);
      return false;
    }
  il_process.selves = memory;
  return true;
}

/* The calling thread goes on in the lane that it had before it executed this program. */
static bool
adopt (void)
{
  char name[IL_TRACE_NAME_MAX] = "";
  IlTraceLane lane;
  IlSelf *self;

  if (!il_trace_lane_adopt (il_process.trace, &lane))
    return false;
  self = take_slot ();
  if (self == NULL)
    return false;
  self->lane = lane;
  self->life = 0;
  il_self_turn (self);
  self->self = pthread_self ();
  self->tid = (pid_t)syscall (SYS_gettid);
  il_self = self;
  prctl (PR_GET_NAME, name, 0, 0, 0);
  il_self_set_name (self, name);
  il_self_say (self, IL_EVENT_RUNS, 0, 0);
  if (il_process.has_key)
    pthread_setspecific (il_process.key, self);
  return true;
}

/* How the C library takes a plain mutex, and gives it back, is seen in one: all of it must be as
 * we would leave it.  Not so where it tries transactions first, or where another library stands in
 * front of it, too, which is to see each. */
static bool
knows_alone (void)
{
  pthread_mutex_t free = PTHREAD_MUTEX_INITIALIZER, taken = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

  taken.__data.__lock = 1;
  taken.__data.__owner = (int)syscall (SYS_gettid);
  taken.__data.__nusers = 1;
  return il_symbol_is_of_libc ("pthread_mutex_lock", (void *)il_real.pthread_mutex_lock)
         && il_symbol_is_of_libc ("pthread_mutex_unlock", (void *)il_real.pthread_mutex_unlock)
         && il_real.pthread_mutex_lock (&mutex) == 0 && memcmp (&mutex, &taken, sizeof mutex) == 0
         && il_real.pthread_mutex_unlock (&mutex) == 0 && memcmp (&mutex, &free, sizeof mutex) == 0;
}

static bool
join (void)
{
  const char *io;
  int error;

  il_process.trace = il_trace_attach_from_environment (&error);
  if (il_process.trace == NULL)
    return false;
  if (!make_selves ())
    {
      il_trace_detach (il_process.trace);
      il_process.trace = NULL;
      return false;
    }
  il_trace_be_thrifty (il_process.trace);
  il_process.tick = il_trace_get_tick (il_process.trace);
  if (&__libc_single_threaded != NULL && knows_alone ())
    il_process.is_alone = &__libc_single_threaded;
  io = getenv ("INTERLEAVE_IO");
  il_process.has_no_io = io != NULL && strcmp (io, "0") == 0;
  if (pthread_key_create (&il_process.key, end_thread) == 0)
    {
      il_process.has_key = il_process.key < KEYS_IN_THREAD;
      if (!il_process.has_key)
        pthread_key_delete (il_process.key);
    }
  pthread_atfork (il_self_forking, il_self_forked, after_fork);
  on_exit (on_program_exit, NULL);
  at_quick_exit (on_quick_exit);
  return true;
}

/**
 * il_process_enter:
 *
 * Lets process and thread join the recording, if that is not done yet and there is one.
 */
void
il_process_enter (void)
{
  int saved_errno = errno;
  int fresh = FRESH;

  il_real_need ();
  if (environ != NULL
      && atomic_compare_exchange_strong_explicit (&phase, &fresh, ENTERING, memory_order_acquire,
                                                  memory_order_relaxed))
    {
      bool has_joined = join ();

      if (has_joined && !adopt ())
        il_self_begin (0, 0);
      il_process_say_signals ();
      atomic_store_explicit (&phase, has_joined ? JOINED : ALONE, memory_order_release);
    }
  else if (il_self != NULL)
    /* Emptied by a fork that passed our handlers by. */
    after_fork ();
  else if (atomic_load_explicit (&phase, memory_order_acquire) == JOINED)
    il_self_begin (0, 0);
  else if (atomic_load_explicit (&phase, memory_order_relaxed) == ALONE)
    il_is_over = true;
  errno = saved_errno;
}

__attribute__ ((constructor)) static void
begin (void)
{
  il_self_get ();
}
