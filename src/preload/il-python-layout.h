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

#define IL_PYTHON_CODE_HEAD 144  /* of code, with all that is looked at */
#define IL_PYTHON_FRAME_HEAD 72  /* likewise, of a frame */
#define IL_PYTHON_STRING_HEAD 36 /* likewise, of a string */

#define IL_PYTHON_OF_C 3 /* from 3.12 on */

/* The state of a string. */
#define IL_PYTHON_STRING_WIDTH(state) ((state) >> 2 & 7) /* bytes of a character */
#define IL_PYTHON_STRING_IS_COMPACT(state) (((state) >> 5 & 1) != 0)
#define IL_PYTHON_STRING_IS_ASCII(state) (((state) >> 6 & 1) != 0)

typedef struct
{
  uint8_t minor;       /* 3.… */
  uint8_t frames;      /* of the thread's state: the innermost frame, or what has that … */
  int8_t innermost;    /* … at this offset; -1: it is that itself */
  uint8_t frame_code;  /* of a frame */
  uint8_t frame_outer; /* likewise: the one around it */
  uint8_t frame_owner; /* likewise: IL_PYTHON_OF_C where it is none of a function in Python */
  uint8_t code_line;   /* of code: the first line of it in the file */
  uint8_t code_begin;  /* likewise: instructions, behind all else */
  uint8_t ascii;       /* of a string: where its characters begin, if they are ASCII … */
  uint8_t wide;        /* … or any */
} IlPythonLayout;

static const IlPythonLayout il_python_layouts[] = {
  { 11, 56, 8, 32, 48, 69, 72, 184, 48, 72 },
  { 12, 56, 0, 0, 8, 70, 68, 192, 40, 56 },
  { 13, 72, -1, 0, 8, 70, 68, 200, 40, 56 },
};
