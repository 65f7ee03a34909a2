/* places.c - a program, or a library, whose places are asked for by name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It prints the file that it is, then a line for each: what it is, and the address as the file
 * counts it.
 */

#include "places.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>

int shared_lock[10];
static int static_lock[10];
static struct
{
  char before[24];
  int lock[10];
} pool;
static int locks[4][10];

/* Where the call that comes here returns to. */
__attribute__ ((noinline)) static void *
take (int *lock)
{
  *(volatile int *)lock = 1;
  return __builtin_return_address (0);
}

__attribute__ ((noinline)) static void *
find_static_function (void)
{
  void *place = take (static_lock); /* line 35 */

  static_lock[1] = 2;
  return place;
}

/* Becomes part of who calls it. */
__attribute__ ((always_inline)) static inline void *
enter (void)
{
  void *place = take (shared_lock); /* line 45 */

  shared_lock[1] = 2;
  return place;
}

__attribute__ ((noinline)) void *
find_inlined_function (void)
{
  return enter ();
}

/* Called in its file as a compiler of Rust would call it. */
__attribute__ ((noinline)) void *find_renamed_function (void) __asm__("_RNvCs1_5places7renamed");

__attribute__ ((noinline)) void *
find_renamed_function (void)
{
  void *place = take (shared_lock); /* line 63 */

  shared_lock[2] = 3;
  return place;
}

static void *outer_place;

/* As a header of the system has it. */
#line 749 "/usr/include/c++/99/bits/places.h"
__attribute__ ((noinline)) static void *
lock_of_library (void)
{
  void *place = take (shared_lock); /* line 752 */

  outer_place = __builtin_return_address (0);
  shared_lock[3] = 4;
  return place;
}
#line 83 "places.c"

__attribute__ ((noinline)) static void *
use_library (void)
{
  void *place = lock_of_library (); /* line 87 */

  shared_lock[4] = 5;
  return place;
}

static void
print (const char *what, const void *place)
{
  Dl_info info;
  struct link_map *map;

  if (dladdr1 (place, &info, (void **)&map, RTLD_DL_LINKMAP) == 0)
    return;
  printf ("%s %lx\n", what, (unsigned long)((const char *)place - (const char *)map->l_addr));
}

void
print_places (void)
{
  static int hidden_lock[10];
  Dl_info info;

  dladdr (shared_lock, &info);
  puts (info.dli_fname);
  take (hidden_lock);
  print ("shared_lock", shared_lock);
  print ("static_lock", static_lock);
  print ("hidden_lock", hidden_lock);
  print ("pool.lock", pool.lock);
  print ("locks[2]", locks[2]);
  print ("static", find_static_function ());
  print ("inlined", find_inlined_function ());
  print ("renamed", find_renamed_function ());
  print ("library", use_library ());
  print ("around", outer_place);
}
