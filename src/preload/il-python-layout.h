/* il-python-layout.h - how CPython keeps what a thread executes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same in all releases of one minor version; with 64-bit addresses and the interpreter lock.
 * Offsets in bytes.
 */

#pragma once

#include <stdint.h>

/* The same in all of them. */
#define IL_PYTHON_TYPE 8          /* of any object */
#define IL_PYTHON_SIZE 16         /* of bytes, and of a string in characters */
#define IL_PYTHON_BYTES 32        /* where bytes begin */
#define IL_PYTHON_STRING_STATE 32 /* of a string: how it is kept */
#define IL_PYTHON_CODE_FILE 112   /* of code: strings, and bytes */
#define IL_PYTHON_CODE_NAME 120
#define IL_PYTHON_CODE_TABLE 136
#define IL_PYTHON_FRAME_INSTRUCTION 56
#define IL_PYTHON_TYPE_SIZE 32 /* of a type: of its objects … */
#define IL_PYTHON_TYPE_FLAGS 168
#define IL_PYTHON_DICTIONARY 24 /* before an object: its dictionary … */
#define IL_PYTHON_VALUES 32     /* … and, in 3.11, the values of its attributes */
#define IL_PYTHON_DICTIONARY_KEYS 32
#define IL_PYTHON_DICTIONARY_VALUES 40
#define IL_PYTHON_KEYS_INDEX_SIZE 9 /* of a table of keys: of its index, as a power of 2 … */
#define IL_PYTHON_KEYS_KIND 10
#define IL_PYTHON_KEYS_N 24 /* … and how many there are */

#define IL_PYTHON_CODE_HEAD 144  /* of code, with all that is looked at */
#define IL_PYTHON_FRAME_HEAD 72  /* likewise, of a frame; its variables follow */
#define IL_PYTHON_KEYS_HEAD 32   /* of a table of keys; its index and its entries follow */
#define IL_PYTHON_STRING_HEAD 36 /* likewise, of a string */

#define IL_PYTHON_OF_C 3 /* from 3.12 on */

/* Flags of a type. */
#define IL_PYTHON_HAS_DICTIONARY (1 << 4)
#define IL_PYTHON_HAS_VALUES (1 << 2) /* from 3.13 on */

/* A table of keys: each entry has, besides, a hash. */
#define IL_PYTHON_KEYS_OF_ANY 0

/* Where an object that needs no dictionary has the values of its attributes. */
typedef enum
{
  IL_PYTHON_VALUES_BEFORE, /* what is before it points to them, … */
  IL_PYTHON_VALUES_MARKED, /* … in place of its dictionary, less 1 */
  IL_PYTHON_VALUES_INSIDE, /* at its end */
} IlPythonValues;

/* The state of a string. */
#define IL_PYTHON_STRING_WIDTH(state) ((state) >> 2 & 7) /* bytes of a character */
#define IL_PYTHON_STRING_IS_COMPACT(state) (((state) >> 5 & 1) != 0)
#define IL_PYTHON_STRING_IS_ASCII(state) (((state) >> 6 & 1) != 0)

typedef struct
{
  uint8_t minor;        /* 3.… */
  uint8_t frames;       /* of the thread's state: the innermost frame, or what has that … */
  int8_t innermost;     /* … at this offset; -1: it is that itself */
  uint8_t frame_code;   /* of a frame */
  uint8_t frame_outer;  /* likewise: the one around it */
  uint8_t frame_owner;  /* likewise: IL_PYTHON_OF_C where it is none of a function in Python */
  uint8_t code_line;    /* of code: the first line of it in the file */
  uint8_t code_begin;   /* likewise: instructions, behind all else */
  uint8_t ascii;        /* of a string: where its characters begin, if they are ASCII … */
  uint8_t wide;         /* … or any */
  uint8_t values;       /* IlPythonValues */
  uint8_t values_begin; /* of values: the first one */
  uint16_t type_keys;   /* of a type: the table of its objects' attributes */
} IlPythonLayout;

static const IlPythonLayout il_python_layouts[] = {
  { 11, 56, 8, 32, 48, 69, 72, 184, 48, 72, IL_PYTHON_VALUES_BEFORE, 0, 872 },
  { 12, 56, 0, 0, 8, 70, 68, 192, 40, 56, IL_PYTHON_VALUES_MARKED, 0, 880 },
  { 13, 72, -1, 0, 8, 70, 68, 200, 40, 56, IL_PYTHON_VALUES_INSIDE, 8, 880 },
};
