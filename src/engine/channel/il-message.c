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
#define N_WORDS 4

typedef uint64_t Words __attribute__ ((vector_size (N_WORDS * sizeof (uint64_t))));

static void
get_first_words (const IlMessage *message, Words *words)
{
  uint64_t first = il_random_mix (message->number ^ (uint64_t)message->producer << 40);

  *words = (Words){ first, first + STRIDE, first + 2 * STRIDE, first + 3 * STRIDE };
}

/**
 * il_message_fill:
 * @content: @message->size bytes
 */
void
il_message_fill (const IlMessage *message, uint8_t *content)
{
  Words words;
  uint32_t left = message->size;

  get_first_words (message, &words);
  for (; left >= sizeof words; left -= (uint32_t)sizeof words, content += sizeof words)
    {
      memcpy (content, &words, sizeof words);
      words += N_WORDS * STRIDE;
    }
  memcpy (content, &words, left);
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
  Words words, found, wrong = { 0 };
  uint32_t left = message->size;

  get_first_words (message, &words);
  for (; left >= sizeof words; left -= (uint32_t)sizeof words, content += sizeof words)
    {
      memcpy (&found, content, sizeof found);
      wrong |= found ^ words;
      words += N_WORDS * STRIDE;
    }
  return (wrong[0] | wrong[1] | wrong[2] | wrong[3]) == 0 && memcmp (content, &words, left) == 0;
}
