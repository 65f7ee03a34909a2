/* il-stdio-out.c - output by the C library's streams that may wait
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The library writes by functions of its own, where nobody can stand in front of them.  Whether it
 * will write is told from the room that is left in the stream, and from ends of lines where it is
 * written by lines.  Those that write one character are left alone, as those that read one are.
 * How long it gets what printf() and its like write is not known before: they are looked at where
 * there is but little room.
 */

/* The functions are meant here, not what a compiler may put in their place. */
#define __NO_INLINE__ 1

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "il-pause.h"
#include "il-real.h"
#include "il-stdio.h"

#undef fwrite_unlocked
#undef fputs_unlocked
#undef fflush_unlocked

/* The library's own; what `stdout` points to may be closed, or nothing. */
extern FILE _IO_2_1_stdout_;

#define LITTLE_ROOM 256 /* less than most of what is formatted needs */

static inline bool
has_lines (const FILE *file)
{
  return (file->_flags & IL_STREAM_HAS_LINES) != 0;
}

static size_t
get_room (const FILE *file)
{
  const char *begin = file->_IO_write_ptr, *end = file->_IO_write_end;

  if ((file->_flags & IL_STREAM_HAS_NO_BUFFER) != 0)
    return 0;
  /* Nothing was written yet. */
  if (file->_IO_buf_base == NULL)
    return BUFSIZ / 2;
  if ((file->_flags & IL_STREAM_WRITES) == 0)
    begin = file->_IO_buf_base;
  /* Of one that is written by lines the end is where it began, so that each character is seen. */
  if ((file->_flags & IL_STREAM_WRITES) == 0 || has_lines (file))
    end = file->_IO_buf_end;
  return end > begin ? (size_t)(end - begin) : 0;
}

static IlPause
begin (const FILE *file, bool will_write)
{
  if (!will_write || !il_stdio_has_descriptor (file))
    return (IlPause){ 0 };
  return il_pause_io_of (IL_CALL_WRITE, file->_fileno, POLLOUT);
}

static bool
has_unwritten (const FILE *file)
{
  return file->_IO_write_ptr > file->_IO_write_base;
}

static bool
is_too_much (const FILE *file, const void *data, size_t n)
{
  return n > get_room (file) || (has_lines (file) && memchr (data, '\n', n) != NULL);
}

static bool
is_too_long (const FILE *file, const char *text)
{
  return is_too_much (file, text, strnlen (text, get_room (file) + 1));
}

static bool
is_last (const FILE *file, int character)
{
  return get_room (file) == 0 || character == EOF || (has_lines (file) && character == '\n');
}

/* What is formatted may itself hold the end of a line; most that have one have it here. */
static bool
may_be_too_long (const FILE *file, const char *format)
{
  return get_room (file) < LITTLE_ROOM
         || (has_lines (file) && format != NULL && strchr (format, '\n') != NULL);
}

#define OUTPUT(type, name, parameters, arguments, file, will_write)                                \
  IL_EXPORT type name parameters                                                                   \
  {                                                                                                \
    type result;                                                                                   \
                                                                                                   \
    il_real_need ();                                                                               \
    IL_PAUSE_AROUND (begin (file, will_write), result = il_real.name arguments);                   \
    return result;                                                                                 \
  }

OUTPUT (size_t, fwrite, (const void *data, size_t size, size_t n, FILE *file),
        (data, size, n, file), file, is_too_much (file, data, size *n))
OUTPUT (size_t, fwrite_unlocked, (const void *data, size_t size, size_t n, FILE *file),
        (data, size, n, file), file, is_too_much (file, data, size *n))
OUTPUT (int, fputs, (const char *text, FILE *file), (text, file), file, is_too_long (file, text))
OUTPUT (int, fputs_unlocked, (const char *text, FILE *file), (text, file), file,
        is_too_long (file, text))
OUTPUT (int, puts, (const char *text), (text), stdout,
        has_lines (stdout) || is_too_long (stdout, text))
/* What the macros come to when there is no room left. */
OUTPUT (int, __overflow, (FILE * file, int character), (file, character), file,
        is_last (file, character))
OUTPUT (int, fclose, (FILE * file), (file), file, has_unwritten (file))

/* All streams, of which standard output is that which may wait. */
#define FLUSH(name)                                                                                \
  IL_EXPORT int name (FILE *file)                                                                  \
  {                                                                                                \
    const FILE *looked_at = file != NULL ? file : &_IO_2_1_stdout_;                                \
    int result;                                                                                    \
                                                                                                   \
    il_real_need ();                                                                               \
    IL_PAUSE_AROUND (begin (looked_at, has_unwritten (looked_at)), result = il_real.name (file));  \
    return result;                                                                                 \
  }

FLUSH (fflush)
FLUSH (fflush_unlocked)

/* --- what is formatted */

/* Those of programs that are built to be checked are not declared for us. */
int __vfprintf_chk (FILE *file, int flag, const char *format, va_list more);
int __vprintf_chk (int flag, const char *format, va_list more);
int __fprintf_chk (FILE *file, int flag, const char *format, ...);
int __printf_chk (int flag, const char *format, ...);

static inline int
print (FILE *file, const char *format, va_list more)
{
  int result;

  il_real_need ();
  IL_PAUSE_AROUND (begin (file, may_be_too_long (file, format)),
                   result = il_real.vfprintf (file, format, more));
  return result;
}

static inline int
print_checked (FILE *file, int flag, const char *format, va_list more)
{
  int result;

  il_real_need ();
  IL_PAUSE_AROUND (begin (file, may_be_too_long (file, format)),
                   result = il_real.__vfprintf_chk (file, flag, format, more));
  return result;
}

IL_EXPORT int
vfprintf (FILE *file, const char *format, va_list more)
{
  return print (file, format, more);
}

IL_EXPORT int
vprintf (const char *format, va_list more)
{
  return print (stdout, format, more);
}

IL_EXPORT int
__vfprintf_chk (FILE *file, int flag, const char *format, va_list more)
{
  return print_checked (file, flag, format, more);
}

IL_EXPORT int
__vprintf_chk (int flag, const char *format, va_list more)
{
  return print_checked (stdout, flag, format, more);
}

#define PRINT(name, parameters, call)                                                              \
  IL_EXPORT int name parameters                                                                    \
  {                                                                                                \
    va_list more;                                                                                  \
    int result;                                                                                    \
                                                                                                   \
    va_start (more, format);                                                                       \
    result = call;                                                                                 \
    va_end (more);                                                                                 \
    return result;                                                                                 \
  }

PRINT (fprintf, (FILE * file, const char *format, ...), print (file, format, more))
PRINT (printf, (const char *format, ...), print (stdout, format, more))
PRINT (__fprintf_chk, (FILE * file, int flag, const char *format, ...),
       print_checked (file, flag, format, more))
PRINT (__printf_chk, (int flag, const char *format, ...),
       print_checked (stdout, flag, format, more))
