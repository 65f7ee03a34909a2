/* il-pause.h - waits that are not for a lock: for input, for time, for others to end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-entry.h"

/* What a call that may wait says around it; on the stack of the wait. */
typedef struct
{
  IlSelf *self; /* NULL: nothing is said */
  IlEventKind end;
  uint32_t object, value; /* of the end */
} IlPause;

/* How many calls of input and output a thread says in one tick without a look whether they wait at
 * all, and how many at most. */
#define IL_IO_OF_THREAD 64u
#define IL_IO_AT_MOST 1024u

IlPause il_pause_join (IlCall call, uint32_t awaited, bool is_timed);
IlPause il_pause_sleep (int64_t length_ns);
IlPause il_pause_io (IlCall call);
IlPause il_pause_io_of (IlCall call, int fd, short events);
bool il_pause_has_io_left (IlSelf *self);
void il_pause_end (IlPause *pause);
void il_pause_leave (IlSelf *self);

/*
 * Around what may wait, which may also be left by the end of the thread, when it is cancelled.  The
 * statement may set pause_.value.
 * result = call, and whatever `call` leaves in errno stays there.
 */
#define IL_PAUSE_AROUND(pause, statement)                                                          \
  do                                                                                               \
    {                                                                                              \
      IlPause pause_ __attribute__ ((cleanup (il_pause_end))) = pause;                             \
                                                                                                   \
      (void)pause_;                                                                                \
      statement;                                                                                   \
    }                                                                                              \
  while (0)
