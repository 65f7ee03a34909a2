/* il-message.c - making and checking the content of messages
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * The content is a row of 64-bit words, each greater than the one before by the same amount; the
 * last may be cut.  Four are made at a time, so that memory, not we, is the limit.
 */

#include "config.h"

#include "il-message.h"

#include <string.h>

#include "il-random.h"

#define STRIDE 0x9e3779b97f4a7c15u

typedef uint64_t Pair __attribute__ ((vector_size (2 * sizeof (uint64_t))));

static const Pair step = { 4 * STRIDE, 4 * STRIDE };

static uint64_t
get_first_word (const IlMessage *message)
{
  return il_random_mix (message->number ^ (uint64_t)message->producer << 40);
}

/**
 * il_message_fill:
 * @content: @message->size bytes
 */
void
il_message_fill (const IlMessage *message, uint8_t *content)
{
  uint64_t first = get_first_word (message);
  Pair a = { first, first + STRIDE }, b = { first + 2 * STRIDE, first + 3 * STRIDE };
  const uint8_t *end = content + message->size;

  for (; (size_t)(end - content) >= 2 * sizeof a; content += 2 * sizeof a)
    {
      memcpy (content, &a, sizeof a);
      memcpy (content + sizeof a, &b, sizeof b);
      a += step;
      b += step;
    }
  if (content < end)
    {
      const Pair rest[] = { a, b };

      memcpy (content, rest, (size_t)(end - content));
    }
}

/**
 * il_message_check:
 * @content: @message->size bytes
 *
 * Returns: whether it is what il_message_fill() made
 */
bool
il_message_check (const IlMessage *message, const uint8_t *content)
{
  uint64_t first = get_first_word (message);
  Pair a = { first, first + STRIDE }, b = { first + 2 * STRIDE, first + 3 * STRIDE };
  Pair found_a, found_b, wrong = { 0 };
  const uint8_t *end = content + message->size;

  for (; (size_t)(end - content) >= 2 * sizeof a; content += 2 * sizeof a)
    {
      memcpy (&found_a, content, sizeof a);
      memcpy (&found_b, content + sizeof a, sizeof b);
      wrong |= (found_a ^ a) | (found_b ^ b);
      a += step;
      b += step;
    }
  if ((wrong[0] | wrong[1]) != 0)
    return false;
  if (content < end)
    {
      const Pair rest[] = { a, b };

      return memcmp (content, rest, (size_t)(end - content)) == 0;
    }
  return true;
}
