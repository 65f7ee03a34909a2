/* il-actor.h - a thread or process that acts on the arena: its agent, its lane, its private memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-arena.h"
#include "il-futex.h"
#include "il-trace-write.h"

typedef enum
{
  IL_WAIT_DONE,
  IL_WAIT_CANCELLED, /* the run is given up */
  IL_WAIT_CLOSED,    /* the queue is closed (and empty, for a get) */
  IL_WAIT_TIMEOUT,
  IL_WAIT_FAILED, /* for a reason outside of the run, or since what came is damaged */
} IlWaitResult;

typedef struct _IlActor IlActor;
typedef struct _IlCoroutine IlCoroutine;

struct _IlActor
{
  IlArena *arena;
  IlAgent *agent;
  uint32_t id;        /* as owner of locks */
  uint8_t *payload;   /* max_payload bytes of its own; NULL where none is copied */
  int64_t stopped_ns; /* how long it was paused so far */
  uint32_t n_stops;   /* how often it was held up in il_actor_may_go_on() */
  uint32_t next_loop; /* of its group's kinds, to take turns */
  bool is_leaving;    /* does nothing more after this task */
  bool is_in_task;
  uint32_t woken_by; /* who ended the wait that is about to be said to be over; 0: nobody */
  bool is_waiting;   /* between il_actor_begin_wait() and il_actor_end_wait() */
  IlActivity waits_as;
  bool needs_gil; /* to run; see il-gil.c */
  bool has_gil;
  bool is_stepping;       /* was let pass while all others are paused, up to its next stop */
  IlCoroutine *coroutine; /* that it is; NULL: a thread */
  /* Called now and then while it sleeps, for what its thread has to see to besides; or NULL. */
  void (*see_to) (void *data);
  void *see_to_data;
  uint64_t shared_stamp; /* of the moment at which one thing ended and the next begins; 0: now */
  IlTraceLane lane;
};

void il_actor_init (IlActor *actor, IlArena *arena, uint32_t agent);
void il_actor_enter (IlActor *actor, IlTrace *trace, IlRole role, uint32_t creator_plus_1);
void il_actor_leave (IlActor *actor, uint32_t exit_status);
bool il_actor_stop_here (IlActor *actor);
void il_actor_stop_while_told (IlActor *actor);
void il_actor_yield (IlActor *actor);
bool il_actor_sleep_until (IlActor *actor, uint32_t run, int64_t deadline_ns);

/* Waiting, see il-wait.c. */
void il_actor_begin_wait (IlActor *actor, IlActivity activity);
void il_actor_end_wait (IlActor *actor);
void il_actor_sleep_on (IlActor *actor, _Atomic uint32_t *word, uint32_t expected,
                        int64_t deadline_ns);
IlWaitResult il_actor_wait_for_change (IlActor *actor, _Atomic uint32_t *word,
                                       uint32_t before) G_GNUC_WARN_UNUSED_RESULT;
short il_actor_wait_fd (IlActor *actor, int fd, short events, int64_t deadline_ns);
void il_actor_wake (IlActor *actor, _Atomic uint32_t *word, uint32_t n_sleepers);
void il_actor_wake_all (IlActor *actor, _Atomic uint32_t *word);

/* How events name the actor to others, see "who" in il-event.h. */
static inline uint32_t
il_actor_get_who (const IlActor *actor)
{
  return atomic_load_explicit (&actor->agent->who, memory_order_relaxed);
}

static inline void
il_actor_set_activity (IlActor *actor, IlActivity activity)
{
  atomic_store (&actor->agent->activity, activity);
}

/* The stamp at which a copy between heaps begins; 0 where nothing is recorded. */
static inline uint64_t
il_actor_begin_copy (const IlActor *actor)
{
  return actor->lane.trace != NULL ? il_clock_stamp (actor->lane.source) : 0;
}

/* How long a copy took that ends at a stamp, as IL_EVENT_COPY tells it. */
static inline uint32_t
il_actor_get_copy_ticks (uint64_t begin, uint64_t end)
{
  uint64_t took = end > begin ? (end - begin) / IL_EVENT_COPY_TICKS : 0;

  return took < IL_EVENT_OBJECT_MAX ? (uint32_t)took : IL_EVENT_OBJECT_MAX;
}

/* Says of what was copied since then how much it was and how long it took. */
static inline void
il_actor_end_copy (IlActor *actor, uint64_t begin, uint32_t n_bytes)
{
  uint64_t end = il_actor_begin_copy (actor);

  il_trace_lane_write_at (&actor->lane, end, IL_EVENT_COPY, il_actor_get_copy_ticks (begin, end),
                          n_bytes);
}

/* Whether a worker is one too many, since fewer are wanted now. */
static inline bool
il_actor_is_surplus (const IlActor *actor)
{
  const IlGroup *group = &actor->arena->groups[actor->agent->group];

  return actor->agent->index - group->first_agent
         >= atomic_load_explicit (&group->n_wanted, memory_order_relaxed);
}

/* Whether the actor has to stop while others are paused: not if it was let pass. */
static inline bool
il_actor_must_stop (const IlActor *actor, uint32_t run)
{
  return (run & IL_RUN_CANCELLED) == 0
         && ((run & IL_RUN_HELD) != 0 || ((run & IL_RUN_PAUSED) != 0 && !actor->is_stepping));
}

/* A point where a worker can be stopped: waits here while the run is paused, lets go of the
 * interpreter lock when asked to; false when the run is given up. */
static inline bool
il_actor_may_go_on (IlActor *actor)
{
  uint32_t run = atomic_load_explicit (&actor->arena->run, memory_order_acquire);

  uint32_t drop_request = atomic_load_explicit (&actor->arena->drop_request, memory_order_relaxed);

  if (__builtin_expect (
          ((run & (IL_RUN_HELD | IL_RUN_PAUSED | IL_RUN_CANCELLED)) | drop_request) == 0, 1))
    return true;
  return il_actor_stop_here (actor);
}
