/* il-python-frame.h - the interpreter of a program in Python, and what its threads execute
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-python-data.h"

/* One of a function. */
typedef struct
{
  uintptr_t code, path, name, table;
  uintptr_t instruction;
  uint32_t first_line;
  IlPythonOrigin origin;
  char file[IL_PYTHON_NAME_SIZE];
} IlPythonFrame;

bool il_python_is (const void *caller);
const IlPythonLayout *il_python_get_layout (void);
uintptr_t il_python_get_innermost (const IlPythonLayout *layout);
bool il_python_read_frame (const IlPythonLayout *layout, const char head[IL_PYTHON_FRAME_HEAD],
                           IlPythonFrame *frame);
