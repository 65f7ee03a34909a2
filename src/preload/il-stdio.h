/* il-stdio.h - what the C library's streams tell of themselves
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <stdbool.h>
#include <stdio.h>

/* In the stream's flags; the library keeps the names to itself. */
#define IL_STREAM_HAS_NO_BUFFER 0x0002
#define IL_STREAM_HAS_LINES 0x0200
#define IL_STREAM_WRITES 0x0800
#define IL_STREAM_IS_FILE 0x2000

/* Those in memory, and those of functions of the program's own, have none; in the first case what
 * stands in the field for it may be anything. */
static inline bool
il_stdio_has_descriptor (const FILE *file)
{
  return (file->_flags & IL_STREAM_IS_FILE) != 0 && file->_fileno >= 0;
}
