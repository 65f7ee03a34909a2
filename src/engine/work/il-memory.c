/* il-memory.c - work that goes through memory: in order, at random, or where others do, too
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-memory.h"

#include <string.h>

#include "il-workspace.h"

/* Between two scheduling points.  Each is some 50 µs at most where nothing is in a cache and all
 * that can go wrong does. */
#define STREAM_CHUNK (128u * 1024)
#define RANDOM_CHUNK 256u /* lines */
#define TOUCH_CHUNK (64u * 1024)
#define INCREMENT_CHUNK 1000u

/* Memory that was never written is one page of zeros for all: only what was is the worker's own. */
static bool
touch (IlActor *actor, size_t size)
{
  IlWorkspace *workspace = il_workspace_get (actor);
  uint8_t *memory = il_workspace_get_memory (actor);

  while (workspace->n_touched < size)
    {
      size_t left = size - workspace->n_touched;
      size_t n = left < TOUCH_CHUNK ? left : TOUCH_CHUNK;

      memset (memory + workspace->n_touched, 0, n);
      /* The compiler must not know that all is 0. */
      __asm__ volatile("" : : : "memory");
      workspace->n_touched += n;
      if (!il_actor_may_go_on (actor))
        return false;
    }
  return true;
}

static uint64_t
sum (const uint8_t *memory, size_t size)
{
  uint64_t total = 0;
  size_t i = 0;

  for (; i + sizeof (uint64_t) <= size; i += sizeof (uint64_t))
    {
      uint64_t word;

      memcpy (&word, memory + i, sizeof word);
      total += word;
    }
  for (; i < size; i++)
    total += memory[i];
  return total;
}

static bool
stream (IlActor *actor, const uint8_t *memory, size_t size)
{
  for (size_t done = 0; done < size;)
    {
      size_t n = size - done < STREAM_CHUNK ? size - done : STREAM_CHUNK;
      uint64_t total = sum (memory + done, n);

      __asm__ volatile("" : : "r"(total));
      done += n;
      if (!il_actor_may_go_on (actor))
        return false;
    }
  return true;
}

/*
 * Visits each line once, in an order that no prefetcher guesses: x -> 5x + c modulo a power of two
 * goes through all numbers if c is odd (Hull and Dobell 1962); those beyond the last line are
 * skipped.  What is read, always 0, goes into the next number, so that each read waits for the one
 * before, as along a list.
 */
static bool
chase (IlActor *actor, const uint8_t *memory, size_t size)
{
  uint64_t n_lines = (size + IL_CACHE_LINE - 1) / IL_CACHE_LINE, mask = 1;
  uint64_t line = 0;

  while (mask < n_lines)
    mask *= 2;
  mask--;
  for (uint64_t n_done = 0; n_done < n_lines; n_done++)
    {
      uint64_t found = memory[line * IL_CACHE_LINE];

      do
        line = (line * 5 + 0x9e3779b1u + found) & mask;
      while (line >= n_lines);
      if (n_done % RANDOM_CHUNK == RANDOM_CHUNK - 1 && !il_actor_may_go_on (actor))
        return false;
    }
  __asm__ volatile("" : : "r"(line));
  return true;
}

/**
 * il_memory_read:
 * @size: at most what the agent's workspace has, in bytes
 *
 * Reads all of a piece of the agent's own memory once.
 *
 * Returns: %FALSE when the run was given up meanwhile
 */
bool
il_memory_read (IlActor *actor, size_t size, IlMemoryVariant variant)
{
  const uint8_t *memory = il_workspace_get_memory (actor);

  if (!touch (actor, size))
    return false;
  return variant == IL_MEMORY_RANDOM ? chase (actor, memory, size) : stream (actor, memory, size);
}

/* Those of workers begin where a line does. */
static _Atomic uint64_t *
get_word (const IlActor *actor, IlSharingVariant variant)
{
  const IlArena *arena = actor->arena;
  uint32_t place = (actor->agent->index + arena->n_agents - IL_FIRST_WORKER) % arena->n_agents;

  return variant == IL_SHARING_TOGETHER
             ? &arena->words_together[place]
             : &arena->words_apart[(size_t)place * IL_CACHE_LINE / sizeof *arena->words_apart];
}

/**
 * il_memory_increment:
 *
 * Adds 1 to the agent's own word again and again.  Nobody else touches the word, but others may
 * own words in the same line.
 *
 * Returns: %FALSE when the run was given up meanwhile
 */
bool
il_memory_increment (IlActor *actor, uint64_t n_times, IlSharingVariant variant)
{
  _Atomic uint64_t *word = get_word (actor, variant);

  while (n_times > 0)
    {
      uint64_t n = n_times < INCREMENT_CHUNK ? n_times : INCREMENT_CHUNK;

      /* Each needs the line at that moment.  Plain stores would wait in the core's store buffer
       * and reach the line many at a time, which hides on some what this is to show. */
      for (uint64_t i = 0; i < n; i++)
        atomic_fetch_add_explicit (word, 1, memory_order_relaxed);
      n_times -= n;
      if (!il_actor_may_go_on (actor))
        return false;
    }
  return true;
}
