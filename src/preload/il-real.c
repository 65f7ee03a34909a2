/* il-real.c - finds the functions that ours stand in front of, before the first is needed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-real.h"

IlReal il_real;
_Atomic int il_real_is_known;

/**
 * il_real_find:
 *
 * Finds them all.  Threads that come here at once find the same.
 */
void
il_real_find (void)
{
  /* A union, since a pointer to data is none to a function. */
#define IL_REAL_FIND(type, name, version, arguments)                                               \
  {                                                                                                \
    union                                                                                          \
    {                                                                                              \
      void *data;                                                                                  \
      type (*function) arguments;                                                                  \
    } found = { il_symbol_find_next (#name, version) };                                            \
                                                                                                   \
    il_real.name = found.function;                                                                 \
  }
  IL_REAL_FUNCTIONS (IL_REAL_FIND)
#undef IL_REAL_FIND
  atomic_store_explicit (&il_real_is_known, 1, memory_order_release);
}
