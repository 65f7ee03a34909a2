/* il-python-data.h - what the interpreter has in its memory: strings, and tables of lines
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "il-python-layout.h"

#define IL_PYTHON_NAME_SIZE                                                                        \
  100 /* of a function, or of a file without its directory, with its NUL */

typedef struct
{
  _Atomic (const IlPythonLayout *) layout; /* NULL: not looked for, or not known */
  const void *file;                        /* in which that was found */
  void *(*get_state) (void);
  uintptr_t code_type, string_type, bytes_type;
} IlPython;

extern IlPython il_python;

/* How a file says what it is to us. */
typedef enum
{
  IL_PYTHON_OF_PROGRAM,
  IL_PYTHON_OF_LIBRARY,   /* of Python's */
  IL_PYTHON_OF_MACHINERY, /* likewise, and made of locks alone */
} IlPythonOrigin;

void il_python_read_string (const IlPythonLayout *layout, uintptr_t string,
                            char text[IL_PYTHON_NAME_SIZE]);
IlPythonOrigin il_python_read_path (const IlPythonLayout *layout, uintptr_t string,
                                    char name[IL_PYTHON_NAME_SIZE]);
uint32_t il_python_find_line (uintptr_t table, uint32_t first_line, size_t unit);

static inline uintptr_t
il_python_get_word (const char *memory, size_t offset)
{
  uintptr_t word;

  memcpy (&word, memory + offset, sizeof word);
  return word;
}

static inline uint32_t
il_python_get_half (const char *memory, size_t offset)
{
  uint32_t half;

  memcpy (&half, memory + offset, sizeof half);
  return half;
}
