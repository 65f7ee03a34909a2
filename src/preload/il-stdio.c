/* il-stdio.c - input by the C library's streams that may wait
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The library reads by functions of its own, where nobody can stand in front of them.  Whether it
 * will read is told from what is left of what it read before.  Those that read one character are
 * left alone: they cost hardly more than to look.
 */

/* The functions are meant here, not what a compiler may put in their place. */
#define __NO_INLINE__ 1

#include "config.h"

#include <stdio.h>

#include "il-pause.h"
#include "il-real.h"
#include "il-stdio.h"

#undef fread_unlocked

static inline IlPause
begin (const FILE *file, size_t n_wanted)
{
  if (IL_LIKELY ((size_t)(file->_IO_read_end - file->_IO_read_ptr) >= n_wanted)
      || !il_stdio_has_descriptor (file))
    return (IlPause){ 0 };
  return il_pause_io_of (IL_CALL_READ, file->_fileno, POLLIN);
}

#define INPUT(type, name, parameters, arguments, file, n_wanted)                                   \
  IL_EXPORT type name parameters                                                                   \
  {                                                                                                \
    type result;                                                                                   \
                                                                                                   \
    il_real_need ();                                                                               \
    IL_PAUSE_AROUND (begin (file, n_wanted), result = il_real.name arguments);                     \
    return result;                                                                                 \
  }

/* Those of programs that are built to be checked, or by macros, are not declared for us. */
size_t __fread_chk (void *data, size_t room, size_t size, size_t n, FILE *file);
size_t __fread_unlocked_chk (void *data, size_t room, size_t size, size_t n, FILE *file);
char *__fgets_chk (char *line, size_t room, int n, FILE *file);
char *__fgets_unlocked_chk (char *line, size_t room, int n, FILE *file);

INPUT (size_t, fread, (void *data, size_t size, size_t n, FILE *file), (data, size, n, file), file,
       size *n)
INPUT (size_t, fread_unlocked, (void *data, size_t size, size_t n, FILE *file),
       (data, size, n, file), file, size *n)
INPUT (size_t, __fread_chk, (void *data, size_t room, size_t size, size_t n, FILE *file),
       (data, room, size, n, file), file, size *n)
INPUT (size_t, __fread_unlocked_chk, (void *data, size_t room, size_t size, size_t n, FILE *file),
       (data, room, size, n, file), file, size *n)
INPUT (char *, fgets, (char *line, int n, FILE *file), (line, n, file), file, 1)
INPUT (char *, fgets_unlocked, (char *line, int n, FILE *file), (line, n, file), file, 1)
INPUT (char *, __fgets_chk, (char *line, size_t room, int n, FILE *file), (line, room, n, file),
       file, 1)
INPUT (char *, __fgets_unlocked_chk, (char *line, size_t room, int n, FILE *file),
       (line, room, n, file), file, 1)
INPUT (ssize_t, getline, (char **line, size_t *room, FILE *file), (line, room, file), file, 1)
INPUT (ssize_t, getdelim, (char **line, size_t *room, int end, FILE *file), (line, room, end, file),
       file, 1)
INPUT (ssize_t, __getdelim, (char **line, size_t *room, int end, FILE *file),
       (line, room, end, file), file, 1)
/* What the macros come to when there is nothing left. */
INPUT (int, __uflow, (FILE * file), (file), file, 1)
