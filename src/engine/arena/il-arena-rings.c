/* il-arena-rings.c - kinds of tasks that feed each other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tasks that arrive as loops and take from queues go on when a run is closing, until these are
 * closed and empty.  That would never be of kinds in a ring, which keep filling each other's: those
 * of them that begin by giving are over at once, and those that begin by taking serve them, and all
 * others, until no task is left but those of such as go on themselves.
 */

#include "config.h"

#include "il-arena-layout.h"

#include "il-object.h"

static bool
has_taker (const IlKind *kind, const IlArenaObject *object)
{
  for (uint32_t i = 0; i < kind->n_steps; i++)
    if (il_step_kind_takes (kind->steps[i].kind) && kind->steps[i].object == object)
      return true;
  return false;
}

static bool
has_giver (const IlKind *kind, const IlArenaObject *object)
{
  for (uint32_t i = 0; i < kind->n_steps; i++)
    if (il_step_kind_gives (kind->steps[i].kind) && kind->steps[i].object == object)
      return true;
  return false;
}

static bool
has_other_side (const IlArena *arena, const IlArenaStep *step)
{
  bool takes = il_step_kind_takes (step->kind);

  for (uint32_t i = 0; i < arena->n_kinds; i++)
    if (takes ? has_giver (&arena->kinds[i], step->object)
              : has_taker (&arena->kinds[i], step->object))
      return true;
  return false;
}

static bool
is_alone (const IlArena *arena, const IlKind *kind)
{
  for (uint32_t i = 0; i < kind->n_steps; i++)
    if ((il_step_kind_takes (kind->steps[i].kind) || il_step_kind_gives (kind->steps[i].kind))
        && !has_other_side (arena, &kind->steps[i]))
      return true;
  return false;
}

/**
 * il_kind_is_over:
 * @has_begun: whether a task of the kind has
 *
 * Returns: whether another task of a loop would only find a queue closed.  Where nobody ever brings
 *     what the kind takes its queue is closed from the start: one task is to find that, and say so
 */
bool
il_kind_is_over (const IlKind *kind, bool has_begun)
{
  if (kind->is_alone && !has_begun)
    return false;
  for (uint32_t i = 0; i < kind->n_steps; i++)
    {
      const IlArenaStep *step = &kind->steps[i];
      bool takes = il_step_kind_takes (step->kind);

      if ((takes || il_step_kind_gives (step->kind))
          && step->object->class->is_over (step->object, takes))
        return true;
    }
  return false;
}

/* The kinds that take what this one gives, or that it spawns. */
static uint64_t
get_next (const IlArena *arena, const IlKind *kind)
{
  uint64_t next = 0;

  for (uint32_t i = 0; i < kind->n_steps; i++)
    {
      const IlArenaStep *step = &kind->steps[i];

      if (step->kind == IL_STEP_SPAWN)
        next |= UINT64_C (1) << step->task_kind;
      for (uint32_t j = 0; il_step_kind_gives (step->kind) && j < arena->n_kinds; j++)
        if (has_taker (&arena->kinds[j], step->object))
          next |= UINT64_C (1) << j;
    }
  return next;
}

static bool
is_in_ring (const IlArena *arena, uint32_t index)
{
  uint64_t reached = get_next (arena, &arena->kinds[index]), before;

  do
    {
      before = reached;
      for (uint32_t i = 0; i < arena->n_kinds; i++)
        if ((before >> i & 1) != 0)
          reached |= get_next (arena, &arena->kinds[i]);
    }
  while (reached != before);
  return (reached >> index & 1) != 0;
}

static IlClosing
get_closing (const IlArena *arena, const IlKind *kind)
{
  const IlArenaStep *first = NULL;
  bool takes_any = false;

  for (uint32_t i = 0; i < kind->n_steps; i++)
    {
      const IlArenaStep *step = &kind->steps[i];
      bool takes = il_step_kind_takes (step->kind);

      if (first == NULL && (takes || il_step_kind_gives (step->kind)))
        first = step;
      takes_any = takes_any || takes;
    }
  if (!takes_any)
    return IL_CLOSING_AT_ONCE;
  if (!is_in_ring (arena, kind->index))
    return IL_CLOSING_WHEN_EMPTY;
  return il_step_kind_takes (first->kind) ? IL_CLOSING_AFTER_OTHERS : IL_CLOSING_AT_ONCE;
}

/* Who was spawned by those that are awaited is, too: its parent may not have waited for it. */
static void
await_children (IlArena *arena)
{
  bool is_more;

  do
    {
      is_more = false;
      for (uint32_t i = 0; i < arena->n_kinds; i++)
        for (uint32_t j = 0; arena->kinds[i].is_awaited && j < arena->kinds[i].n_steps; j++)
          {
            const IlArenaStep *step = &arena->kinds[i].steps[j];
            IlKind *child = step->kind == IL_STEP_SPAWN ? &arena->kinds[step->task_kind] : NULL;

            is_more = is_more || (child != NULL && !child->is_awaited);
            if (child != NULL)
              child->is_awaited = true;
          }
    }
  while (is_more);
}

/**
 * il_arena_find_rings:
 *
 * Finds out how tasks of each kind come to an end when the run is closing.
 */
void
il_arena_find_rings (IlArena *arena)
{
  for (uint32_t i = 0; i < arena->n_kinds; i++)
    {
      IlKind *kind = &arena->kinds[i];

      kind->closing
          = kind->arrival == IL_ARRIVAL_LOOP ? get_closing (arena, kind) : IL_CLOSING_AT_ONCE;
      kind->is_alone = is_alone (arena, kind);
      kind->is_awaited = kind->closing == IL_CLOSING_AT_ONCE && kind->arrival != IL_ARRIVAL_SPAWNED;
    }
  await_children (arena);
}
