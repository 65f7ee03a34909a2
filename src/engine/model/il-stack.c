/* il-stack.c - stacks of coroutines, with a guard below each, kept for the next
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stacks are mapped many at a time and never given back to the kernel before the end: a new mapping
 * with its guard costs more than a thousand times what a coroutine does that gets a used stack.  A
 * page of it becomes memory only when it is touched.
 *
 * Each costs two of the mappings that a process may have (vm.max_map_count, usually 65530): itself
 * and its guard.
 */

#include "config.h"

#include "il-stack.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define STACKS_IN_BLOCK 64
/* More than one page, so that a function with a large frame hits it.  An odd number of pages with
 * the stack: at a distance of 20, say, the tops of all stacks would compete for a quarter of the
 * places that a processor has for addresses of pages. */
#define GUARD_SIZE (5 * 4096)

/* Stacks begin at different places of their pages, or all that is in use of them would compete for
 * the same few lines of the caches. */
#define N_COLOURS 16
#define COLOUR_SIZE 256

/* What is below main() and tasks here takes some 2 KiB; sanitizers multiply that. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_SIZE (256 * 1024)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_SIZE (256 * 1024)
#endif
#endif
#ifndef STACK_SIZE
#define STACK_SIZE (64 * 1024)
#endif

struct _IlStackBlock
{
  IlStackBlock *next;
  uint8_t *memory;
};

/**
 * il_stacks_init:
 */
void
il_stacks_init (IlStacks *stacks)
{
  *stacks = (IlStacks){ 0 };
  pthread_mutex_init (&stacks->mutex, NULL);
}

/**
 * il_stacks_finish:
 *
 * Nobody may be on any of them.
 */
void
il_stacks_finish (IlStacks *stacks)
{
  while (stacks->blocks != NULL)
    {
      IlStackBlock *block = stacks->blocks;

      stacks->blocks = block->next;
      munmap (block->memory, STACKS_IN_BLOCK * (size_t)(STACK_SIZE + GUARD_SIZE));
      free (block);
    }
  free (stacks->free_stacks);
  pthread_mutex_destroy (&stacks->mutex);
}

static bool
make_room (IlStacks *stacks)
{
  size_t n_room = stacks->n_stacks + STACKS_IN_BLOCK;
  IlStack *free_stacks;

  if (n_room <= stacks->n_room)
    return true;
  n_room *= 2;
  free_stacks = realloc (stacks->free_stacks, n_room * sizeof *free_stacks);
  if (free_stacks == NULL)
    return false;
  stacks->free_stacks = free_stacks;
  stacks->n_room = n_room;
  return true;
}

static uint8_t *
map_block (void)
{
  const size_t stride = STACK_SIZE + GUARD_SIZE;
  uint8_t *memory = mmap (NULL, STACKS_IN_BLOCK * stride, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

  if (memory == MAP_FAILED)
    return NULL;
  for (size_t i = 0; i < STACKS_IN_BLOCK; i++)
    if (mprotect (memory + i * stride, GUARD_SIZE, PROT_NONE) != 0)
      {
        munmap (memory, STACKS_IN_BLOCK * stride);
        return NULL;
      }
  return memory;
}

static bool
add_block (IlStacks *stacks)
{
  const size_t stride = STACK_SIZE + GUARD_SIZE;
  IlStackBlock *block;

  if (!make_room (stacks))
    return false;
  block = malloc (sizeof *block);
  if (block == NULL)
    return false;
  block->memory = map_block ();
  if (block->memory == NULL)
    {
      free (block);
      return false;
    }
  block->next = stacks->blocks;
  stacks->blocks = block;
  stacks->n_stacks += STACKS_IN_BLOCK;
  /* The lowest first. */
  for (size_t i = STACKS_IN_BLOCK; i > 0; i--)
    stacks->free_stacks[stacks->n_free++]
        = (IlStack){ block->memory + (i - 1) * stride + GUARD_SIZE,
                     block->memory + i * stride - i % N_COLOURS * COLOUR_SIZE };
  return true;
}

/**
 * il_stacks_take:
 * @stack: (out): the one given back last, if there is any
 *
 * Any thread.
 *
 * Returns: %FALSE when there is no memory or the process has too many mappings
 */
bool
il_stacks_take (IlStacks *stacks, IlStack *stack)
{
  bool has_one;

  pthread_mutex_lock (&stacks->mutex);
  has_one = stacks->n_free > 0 || add_block (stacks);
  if (has_one)
    *stack = stacks->free_stacks[--stacks->n_free];
  pthread_mutex_unlock (&stacks->mutex);
  return has_one;
}

/**
 * il_stacks_give_back:
 *
 * Any thread; nobody may be on it.
 */
void
il_stacks_give_back (IlStacks *stacks, const IlStack *stack)
{
  pthread_mutex_lock (&stacks->mutex);
  stacks->free_stacks[stacks->n_free++] = *stack;
  pthread_mutex_unlock (&stacks->mutex);
}

/**
 * il_stack_get_size:
 */
size_t
il_stack_get_size (void)
{
  return STACK_SIZE;
}

/**
 * il_stack_guards:
 */
bool
il_stack_guards (const IlStack *stack, const void *address)
{
  uintptr_t at = (uintptr_t)address, bottom = (uintptr_t)stack->bottom;

  return at < bottom && at >= bottom - GUARD_SIZE;
}
