/* count-heap.c - counts what a program takes from its heap, and tells at the end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EXPORT __attribute__ ((visibility ("default")))

void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *memory, size_t size);
void __libc_free (void *memory);

static _Atomic long n_taken, n_freed;

EXPORT void *
malloc (size_t size)
{
  n_taken++;
  return __libc_malloc (size);
}

EXPORT void *
calloc (size_t n, size_t size)
{
  n_taken++;
  return __libc_calloc (n, size);
}

EXPORT void *
realloc (void *memory, size_t size)
{
  n_taken++;
  return __libc_realloc (memory, size);
}

EXPORT void
free (void *memory)
{
  n_freed += memory != NULL;
  __libc_free (memory);
}

__attribute__ ((destructor)) static void
tell (void)
{
  char text[64];
  int n = snprintf (text, sizeof text, "heap %ld %ld\n", n_taken, n_freed);

  if (write (STDERR_FILENO, text, (size_t)n) != n)
    abort ();
}
