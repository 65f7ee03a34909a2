/* subject-reused.c - locks that no call makes, in memory where others lay
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>

typedef struct
{
  int (*take) (void *lock);
  int (*give) (void *lock);
} Way;

/* What a thread takes one within the other. */
typedef struct
{
  const Way *way;
  void *locks[2];
} Pair;

typedef struct
{
  pthread_mutex_t mutex;
  pthread_rwlock_t rwlock;
  char more[200]; /* not in one block with others */
} Block;

static int
take_mutex (void *lock)
{
  return pthread_mutex_lock (lock);
}

static int
give_mutex (void *lock)
{
  return pthread_mutex_unlock (lock);
}

static int
write_rwlock (void *lock)
{
  return pthread_rwlock_wrlock (lock);
}

static int
read_rwlock (void *lock)
{
  return pthread_rwlock_rdlock (lock);
}

static int
give_rwlock (void *lock)
{
  return pthread_rwlock_unlock (lock);
}

static const Way mutexes = { take_mutex, give_mutex };
static const Way writers = { write_rwlock, give_rwlock };
static const Way readers = { read_rwlock, give_rwlock };

static void *
take_pair (void *data)
{
  const Pair *pair = data;

  REQUIRE (pair->way->take (pair->locks[0]) == 0);
  REQUIRE (pair->way->take (pair->locks[1]) == 0);
  sleep_ms (1);
  REQUIRE (pair->way->give (pair->locks[1]) == 0);
  REQUIRE (pair->way->give (pair->locks[0]) == 0);
  return NULL;
}

static void
take_in_threads (Pair *one, Pair *other)
{
  run_unawaited (take_pair, (void *const[]){ one, other }, 2);
}

/* --- again and again */

#define N_LIVES 60 /* of a pair */

static Block *
make_block (void)
{
  Block *block = malloc (sizeof *block);

  REQUIRE (block != NULL);
  block->mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
  block->rwlock = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
  return block;
}

static void
use_blocks (Block *first, Block *second, int i)
{
  Pair mutex_pair = { &mutexes, { &first->mutex, &second->mutex } };
  Pair writing = { &writers, { &first->rwlock, &second->rwlock } };
  Pair reading = { &readers, { &first->rwlock, &second->rwlock } };

  take_in_threads (&mutex_pair, &mutex_pair);
  take_in_threads (&writing, i % 3 == 0 ? &reading : &writing);
}

/* The memory is freed, and had again so that the first lies where the second lay. */
static int
run_reused_often (int argc, char **argv)
{
  static Block kept[2];
  int n_opposite = 0;

  for (int i = 0; i < N_LIVES; i++)
    {
      static uintptr_t last;
      Block *first = make_block (), *second = make_block ();

      n_opposite += (uintptr_t)first == last;
      use_blocks (first, second, i);
      last = (uintptr_t)second;
      free (first);
      free (second);
      /* The same without an allocator. */
      memset (kept, 0, sizeof kept);
      use_blocks (&kept[i % 2], &kept[1 - i % 2], i);
    }
  REQUIRE (n_opposite > N_LIVES / 2);
  return 0;
}

/* --- among them two that are not made anew, and are taken in opposite orders */

static pthread_mutex_t kept_first = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t kept_second = PTHREAD_MUTEX_INITIALIZER;

static int
run_reused_opposite (int argc, char **argv)
{
  Pair usual = { &mutexes, { &kept_first, &kept_second } };
  Pair opposite = { &mutexes, { &kept_second, &kept_first } };

  for (int i = 0; i < 20; i++)
    {
      Block *first = make_block (), *second = make_block ();

      use_blocks (first, second, i);
      run_unawaited (take_pair, (void *const[]){ i % 2 == 0 ? &usual : &opposite }, 1);
      free (first);
      free (second);
    }
  return 0;
}

/* --- who first meets it that it is another one */

static pthread_mutex_t a, b;
static pthread_rwlock_t c, d;
static _Atomic int waiter;

typedef struct
{
  const char *name;
  Pair pair;
} Named;

static void *
take_named (void *data)
{
  Named *named = data;

  pthread_setname_np (pthread_self (), named->name);
  waiter = get_tid ();
  take_pair (&named->pair);
  return NULL;
}

static void
empty_all (void)
{
  memset (&a, 0, sizeof a);
  memset (&b, 0, sizeof b);
  memset (&c, 0, sizeof c);
  memset (&d, 0, sizeof d);
}

static void
take_in_thread (Named named)
{
  pthread_t thread;

  pthread_create (&thread, NULL, take_named, &named);
  pthread_join (thread, NULL);
}

/* By the C library's own function, which nobody stands in front of. */
static void
take_unseen (const char *name, pthread_mutex_t *mutex)
{
  int (*call) (pthread_mutex_t *);
  void *library = dlopen ("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  void *symbol = library != NULL ? dlsym (library, name) : NULL;

  REQUIRE (symbol != NULL);
  memcpy (&call, &symbol, sizeof call);
  REQUIRE (call (mutex) == 0);
}

/* A thread waits for what it has not met since it was made. */
static void
wait_in_thread (Named named)
{
  pthread_t thread;

  take_unseen ("pthread_mutex_lock", named.pair.locks[1]);
  waiter = 0;
  pthread_create (&thread, NULL, take_named, &named);
  while (waiter == 0)
    sleep_ms (1);
  await_sleep (waiter);
  take_unseen ("pthread_mutex_unlock", named.pair.locks[1]);
  pthread_join (thread, NULL);
}

static int
run_nested_reused (int argc, char **argv)
{
  pthread_setname_np (pthread_self (), "maker");
  take_in_thread ((Named){ "first", { &mutexes, { &a, &b } } });
  take_in_thread ((Named){ "writes", { &writers, { &c, &d } } });
  /* It is what it was. */
  take_in_thread ((Named){ "again", { &mutexes, { &a, &b } } });
  empty_all ();
  take_in_thread ((Named){ "second", { &mutexes, { &b, &a } } });
  take_in_thread ((Named){ "rewrites", { &writers, { &d, &c } } });
  empty_all ();
  wait_in_thread ((Named){ "waits", { &mutexes, { &a, &b } } });
  printf ("a %p b %p c %p d %p\n", (void *)&a, (void *)&b, (void *)&c, (void *)&d);
  return 0;
}

/* --- what is left in the locks themselves */

typedef struct
{
  const char *name;
  pthread_mutexattr_t attributes;
} Kind;

static pthread_mutexattr_t
get_attributes (int type, int shared, int robust, int protocol)
{
  pthread_mutexattr_t attributes;

  REQUIRE (pthread_mutexattr_init (&attributes) == 0);
  REQUIRE (pthread_mutexattr_settype (&attributes, type) == 0);
  REQUIRE (pthread_mutexattr_setpshared (&attributes, shared) == 0);
  REQUIRE (pthread_mutexattr_setrobust (&attributes, robust) == 0);
  REQUIRE (pthread_mutexattr_setprotocol (&attributes, protocol) == 0);
  return attributes;
}

/* Which bytes of it are others. */
static void
tell_changes (const char *name, const void *lock, const void *before, size_t size)
{
  const unsigned char *now = lock, *then = before;

  printf ("%s", name);
  for (size_t i = 0; i < size; i++)
    if (now[i] != then[i])
      printf (" %zu", i);
  printf ("\n");
}

static void
use_kind (const Kind *kind)
{
  pthread_mutex_t pair[2], before;
  Pair both = { &mutexes, { &pair[0], &pair[1] } };
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  struct timespec soon = get_soon ();

  for (int i = 0; i < 2; i++)
    REQUIRE (pthread_mutex_init (&pair[i], &kind->attributes) == 0);
  before = pair[1];
  take_pair (&both);
  pthread_mutex_lock (&pair[1]);
  pthread_cond_timedwait (&condition, &pair[1], &soon);
  pthread_mutex_unlock (&pair[1]);
  /* The C library itself may leave that behind. */
  before.__data.__count = pair[1].__data.__count;
  tell_changes (kind->name, &pair[1], &before, sizeof before);
  for (int i = 0; i < 2; i++)
    REQUIRE (pthread_mutex_destroy (&pair[i]) == 0);
  REQUIRE (pthread_mutex_init (&pair[1], &kind->attributes) == 0);
  before.__data.__count = 0;
  REQUIRE (memcmp (&pair[1], &before, sizeof before) == 0);
}

static void
use_rwlock (const char *name, int shared)
{
  pthread_rwlock_t pair[2], before;
  Pair writing = { &writers, { &pair[0], &pair[1] } };
  Pair reading = { &readers, { &pair[1], &pair[0] } };
  pthread_rwlockattr_t attributes;

  pthread_rwlockattr_init (&attributes);
  REQUIRE (pthread_rwlockattr_setpshared (&attributes, shared) == 0);
  for (int i = 0; i < 2; i++)
    REQUIRE (pthread_rwlock_init (&pair[i], &attributes) == 0);
  /* What the lock itself counts goes on from what it is after it was written once. */
  before = pair[1];
  take_pair (&reading);
  take_pair (&writing);
  before.__data.__readers = pair[1].__data.__readers;
  before.__data.__wrphase_futex = pair[1].__data.__wrphase_futex;
  tell_changes (name, &pair[1], &before, sizeof before);
  REQUIRE (pthread_rwlock_destroy (&pair[0]) == 0 && pthread_rwlock_destroy (&pair[1]) == 0);
}

static void *
use_kinds (void *data)
{
  const int own = PTHREAD_PROCESS_PRIVATE, shared = PTHREAD_PROCESS_SHARED;
  const int stalled = PTHREAD_MUTEX_STALLED, robust = PTHREAD_MUTEX_ROBUST;
  const int none = PTHREAD_PRIO_NONE, inherit = PTHREAD_PRIO_INHERIT;
  const Kind kinds[] = {
    { "plain", get_attributes (PTHREAD_MUTEX_TIMED_NP, own, stalled, none) },
    { "recursive", get_attributes (PTHREAD_MUTEX_RECURSIVE, own, stalled, none) },
    { "checking", get_attributes (PTHREAD_MUTEX_ERRORCHECK, own, stalled, none) },
    { "adaptive", get_attributes (PTHREAD_MUTEX_ADAPTIVE_NP, own, stalled, none) },
    { "shared", get_attributes (PTHREAD_MUTEX_TIMED_NP, shared, stalled, none) },
    { "robust", get_attributes (PTHREAD_MUTEX_TIMED_NP, own, robust, none) },
    { "inherit", get_attributes (PTHREAD_MUTEX_TIMED_NP, own, stalled, inherit) },
  };

  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    use_kind (&kinds[i]);
  use_rwlock ("own", own);
  use_rwlock ("common", shared);
  return NULL;
}

static int
run_marks (int argc, char **argv)
{
  pthread_t thread;

  pthread_create (&thread, NULL, use_kinds, NULL);
  pthread_join (thread, NULL);
  return 0;
}

const Subject subjects_of_reuse[] = {
  { "reused-often", run_reused_often },
  { "reused-opposite", run_reused_opposite },
  { "nested-reused", run_nested_reused },
  { "marks", run_marks },
  { NULL, NULL },
};
