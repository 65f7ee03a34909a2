/* il-python.h - where a program in Python uses something, and what it calls its threads
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "il-self.h"

#define IL_PYTHON_ALL_FRAMES 64u
#define IL_PYTHON_OWN_FRAMES                                                                       \
  2u /* of what the program does itself, maybe by a method as __enter__() */

bool il_python_may_go_on (const void *caller);
uint32_t il_python_find_use (const void *caller, uint32_t n_frames);
void il_python_name_thread (IlSelf *self, const void *caller);
bool il_python_is_joining (const void *caller);
