/* il-object.h - things of a scenario that tasks use: locks, queues, files and so on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each kind is a class, so that the arena, the pool and those who bury the dead need not know
 * what kinds there are.  What an object consists of is in the header of its kind.
 */

#pragma once

#include "il-arena.h"

typedef struct _IlActor IlActor;
typedef struct _IlObjectClass IlObjectClass;

/* An object in the arena.  Constant once the arena is made. */
struct _IlArenaObject
{
  const IlObjectClass *class;
  void *data;            /* of the class */
  uint32_t index;        /* among all of the arena */
  uint32_t agent_offset; /* of what each agent keeps of it, in bytes from agent->parts */
  const char *name;
};

/* What an object is made from. */
typedef struct
{
  const IlScenario *scenario;
  const IlScenarioObject *object;
  uint32_t n_agents;
  bool copies_payload;
} IlObjectPlan;

struct _IlObjectClass
{
  IlObjectKind kind;
  size_t id_offset;     /* in data, of the uint32_t that is its number in events */
  size_t agent_size;    /* bytes that each agent keeps of it, all 0 at first */
  bool is_robust;       /* it has an IlRobust, */
  size_t robust_offset; /* there in data */
  /* Bytes of data; they are all 0 at first. */
  size_t (*get_size) (const IlObjectPlan *plan);
  /* NULL where all 0 will do.  @object->data is to be filled. */
  void (*init) (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan);
  /* What the trace is told of it, see IlObjectKind.  NULL: 0. */
  uint64_t (*get_parameter) (const IlArenaObject *object);
  /* Gets what lies outside the arena, before any worker is started; and lets go of it when all
   * have left.  Either may be NULL. */
  bool (*open) (IlArena *arena, IlArenaObject *object, GError **error);
  void (*close) (IlArenaObject *object, IlActor *supervisor);
  /* Puts in order what one who was killed had of it.  NULL: nobody ever has it. */
  void (*release_for_dead) (IlArenaObject *object, IlActor *supervisor, IlAgent *dead);
  /* Gives back what a task has of it that is cut short.  NULL: nobody ever has it. */
  void (*unwind) (IlArenaObject *object, IlActor *actor);
  /* Of what tasks hand each other things through, else NULL.  Lets those go who wait for what will
   * not come, without waiting itself: whether it is closed now. */
  bool (*try_close) (IlArenaObject *object, IlActor *supervisor);
  /* Whether a step would find it closed that takes something out, or puts something in. */
  bool (*is_over) (const IlArenaObject *object, bool takes);
  /* What went wrong with it for a reason outside of the run: (transfer full) (nullable), each but
   * once.  NULL: nothing can. */
  char *(*take_trouble) (IlArenaObject *object);
};

/* il-object-classes.c */
const IlObjectClass *il_object_class_get (IlObjectKind kind);

static inline void *
il_agent_get_part (const IlAgent *agent, uint32_t agent_offset)
{
  return agent->parts + agent_offset;
}

/* Whether a step puts something into its object, for others to take. */
static inline bool
il_step_kind_gives (IlStepKind kind)
{
  return kind == IL_STEP_PUT || kind == IL_STEP_SEND || kind == IL_STEP_TRY_SEND;
}

static inline bool
il_step_kind_takes (IlStepKind kind)
{
  return kind == IL_STEP_GET || kind == IL_STEP_GET_OR_LEAVE || kind == IL_STEP_RECEIVE
         || kind == IL_STEP_TRY_RECEIVE;
}

static inline void
il_object_set_id (IlArenaObject *object, uint32_t id)
{
  *(uint32_t *)(void *)((uint8_t *)object->data + object->class->id_offset) = id;
}

static inline uint32_t
il_object_get_id (const IlArenaObject *object)
{
  return *(const uint32_t *)(const void *)((const uint8_t *)object->data
                                           + object->class->id_offset);
}
