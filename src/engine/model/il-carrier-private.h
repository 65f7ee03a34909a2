/* il-carrier-private.h - what the files of carriers and coroutines share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-carrier.h"

#include "il-context.h"

#define IL_N_BUCKETS 1024

/*
 * Those parked on words that hash to the same.
 *
 * Edges     Who parks adds itself to n, then looks at its word under the mutex.  Who wakes has
 *           changed the word before; then it touches n by a read-modify-write.  These are ordered:
 *           either the waker sees that somebody is there, or who parks sees the changed word.
 */
typedef struct
{
  alignas (IL_CACHE_LINE) pthread_mutex_t mutex; /* guards the list, and `word` of those in it */
  _Atomic uint32_t n;                            /* how many are in it, or about to be */
  IlCoroutine *first, *last;
} IlBucket;

struct _IlCoroutine
{
  IlContext context;
  IlCarrier *carrier;
  IlActor *actor; /* once it acts; else its carrier has the lane */
  IlCoroutine *next, *previous;
  _Atomic (_Atomic uint32_t *) word; /* that it is parked on; NULL: it is not */
  int64_t deadline_ns;
  uint32_t timer;           /* its place among the carrier's timers, from 1; 0: none */
  uint32_t number;          /* in events */
  uint32_t title;           /* object, in events */
  _Atomic uint32_t fd_word; /* 1: the descriptor that it waits for is ready */
  short revents;
  IlStack stack;
  IlCoroutineFunc func;
  void *data;
};

/* How a carrier sleeps that has nothing to do. */
typedef enum
{
  IL_CARRIER_AWAKE,
  IL_CARRIER_ON_FUTEX, /* on this very word */
  IL_CARRIER_ON_POLL,  /* on its descriptors, wake_fd among them */
} IlCarrierSleep;

/*
 * Roles     Everything is its own thread's, but `inbox` and `asleep`.
 * Inbox     Others push those that they woke; the carrier takes all at once.
 * Sleeping  The carrier says that it sleeps, then looks into the inbox once more.  Others push,
 *           then look whether it sleeps.  All sequentially consistent: one sees the other.
 */
struct _IlCarrier
{
  alignas (IL_CACHE_LINE) _Atomic (IlCoroutine *) inbox;
  _Atomic uint32_t asleep;
  alignas (IL_CACHE_LINE) IlCarriers *carriers;
  uint32_t index;
  pthread_t thread;
  IlContext context;
  IlTraceLane lane;          /* while no actor has it */
  IlCoroutine *current;      /* NULL: the carrier itself */
  IlContext *left;           /* who was left to come to the current one */
  IlCoroutine *ended;        /* whose stack is not yet given back */
  IlCoroutine *first, *last; /* that can go on, in the order that they will */
  IlCoroutine **timers;      /* a heap: each is due before those at 2 i and 2 i + 1 */
  uint32_t n_timers;
  uint32_t n_fds; /* descriptors waited for */
  int epoll_fd, wake_fd;
  int64_t polled_ns; /* when descriptors were last looked at */
};

struct _IlCarriers
{
  IlArena *arena;
  IlTrace *trace;
  uint32_t creator_plus_1;
  uint32_t n_carriers, n_started;
  uint32_t n_coroutines; /* that there is room for */
  IlCarrierFunc begin_func;
  void *begin_data;
  IlCarrier *carriers;
  IlCoroutine *coroutines;
  _Atomic bool is_stopping;
  _Atomic uint32_t n_thread_sleepers;
  pthread_mutex_t mutex; /* guards the next */
  IlCoroutine *free_coroutines;
  IlStacks stacks;
  IlBucket buckets[IL_N_BUCKETS];
};

/* il-parking.c */
bool il_parking_add (IlCoroutine *coroutine, _Atomic uint32_t *word, uint32_t expected);
bool il_parking_remove (IlCoroutine *coroutine);
IlCoroutine *il_parking_take (IlCarriers *carriers, _Atomic uint32_t *word, uint32_t n_sleepers,
                              uint32_t *n_taken);

/* il-timers.c */
void il_timers_add (IlCarrier *carrier, IlCoroutine *coroutine);
void il_timers_remove (IlCarrier *carrier, IlCoroutine *coroutine);

/* il-carrier-wait.c: the carrier's looking for what became ready, and its sleep. */
bool il_carrier_open_fds (IlCarrier *carrier);
void il_carrier_look_around (IlCarrier *carrier);
void il_carrier_sleep (IlCarrier *carrier);
void il_carrier_awaken (IlCarrier *carrier);
bool il_carrier_watch_fd (IlCarrier *carrier, IlCoroutine *coroutine, int fd, short events,
                          int *watched_fd);
void il_carrier_unwatch_fd (IlCarrier *carrier, int fd, int watched_fd);

/* il-coroutine.c */
void il_coroutine_begin (IlCoroutine *self, IlCoroutineFunc func, void *data);
void il_coroutine_make_ready (IlCoroutine *self, const IlCoroutine *by);
void il_carrier_run (IlCarrier *carrier);

/* To the end of those that can go on.  By the carrier itself. */
static inline void
il_carrier_append (IlCarrier *carrier, IlCoroutine *coroutine)
{
  coroutine->next = NULL;
  if (carrier->first == NULL)
    carrier->first = coroutine;
  else
    carrier->last->next = coroutine;
  carrier->last = coroutine;
}
