/* il-timers.c - a carrier's coroutines that wait for a moment, the next due on top of a heap
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap in the other sense.
 */

#include "config.h"

#include "il-carrier-private.h"

/* Places are counted from 1. */
static void
put (IlCarrier *carrier, uint32_t place, IlCoroutine *coroutine)
{
  carrier->timers[place - 1] = coroutine;
  coroutine->timer = place;
}

static IlCoroutine *
at (const IlCarrier *carrier, uint32_t place)
{
  return carrier->timers[place - 1];
}

/* Finds the place for a coroutine from a free one upwards, and puts it there. */
static void
rise (IlCarrier *carrier, uint32_t place, IlCoroutine *coroutine)
{
  while (place > 1 && at (carrier, place / 2)->deadline_ns > coroutine->deadline_ns)
    {
      put (carrier, place, at (carrier, place / 2));
      place /= 2;
    }
  put (carrier, place, coroutine);
}

/* The same downwards. */
static void
sink (IlCarrier *carrier, uint32_t place, IlCoroutine *coroutine)
{
  for (;;)
    {
      uint32_t child = 2 * place;

      if (child < carrier->n_timers
          && at (carrier, child + 1)->deadline_ns < at (carrier, child)->deadline_ns)
        child++;
      if (child > carrier->n_timers || at (carrier, child)->deadline_ns >= coroutine->deadline_ns)
        break;
      put (carrier, place, at (carrier, child));
      place = child;
    }
  put (carrier, place, coroutine);
}

/**
 * il_timers_add:
 * @coroutine: its deadline is set
 */
void
il_timers_add (IlCarrier *carrier, IlCoroutine *coroutine)
{
  rise (carrier, ++carrier->n_timers, coroutine);
}

/**
 * il_timers_remove:
 *
 * Does nothing if it is not there.
 */
void
il_timers_remove (IlCarrier *carrier, IlCoroutine *coroutine)
{
  uint32_t place = coroutine->timer;
  IlCoroutine *last;

  if (place == 0)
    return;
  coroutine->timer = 0;
  last = at (carrier, carrier->n_timers--);
  if (last == coroutine)
    return;
  if (place > 1 && at (carrier, place / 2)->deadline_ns > last->deadline_ns)
    rise (carrier, place, last);
  else
    sink (carrier, place, last);
}
