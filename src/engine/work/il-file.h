/* il-file.h - files that tasks append lines to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"
#include "il-object.h"

typedef struct
{
  _Atomic uint32_t min_size; /* of the lines so far, + 1 in bytes; 0: there is none */
  _Atomic int error_number;  /* the first that the kernel gave; 0: none */
  _Atomic uint32_t is_told;  /* of that */
  uint32_t object;           /* constant once it is open, and so is what follows */
  int fd;                    /* every write goes to the end */
} IlFile;

extern const IlObjectClass il_file_class;

IlWaitResult il_file_append (IlFile *file, IlActor *actor, uint32_t size, uint64_t number,
                             IlAppendVariant variant) G_GNUC_WARN_UNUSED_RESULT;
IlWaitResult il_file_sync (IlFile *file, IlActor *actor) G_GNUC_WARN_UNUSED_RESULT;
uint64_t il_file_count_torn_lines (const IlFile *file);
