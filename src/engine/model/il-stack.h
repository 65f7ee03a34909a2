/* il-stack.h - stacks of coroutines, with a guard below each, kept for the next
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct
{
  void *bottom; /* lowest address */
  void *top;    /* behind the highest, a multiple of 64 */
} IlStack;

typedef struct _IlStackBlock IlStackBlock;

/* All zero to begin with. */
typedef struct
{
  pthread_mutex_t mutex; /* guards the rest */
  IlStackBlock *blocks;
  IlStack *free_stacks; /* room for all that there are */
  size_t n_free, n_stacks, n_room;
} IlStacks;

void il_stacks_init (IlStacks *stacks);
void il_stacks_finish (IlStacks *stacks);
bool il_stacks_take (IlStacks *stacks, IlStack *stack);
void il_stacks_give_back (IlStacks *stacks, const IlStack *stack);

/* The size of each, without its guard. */
size_t il_stack_get_size (void);
/* Whether a stack overflows when it touches this address.  Safe in a signal handler. */
bool il_stack_guards (const IlStack *stack, const void *address);
