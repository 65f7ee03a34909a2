/* il-message.h - what goes through channels
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The content of a message follows from its head, so that whoever receives it can tell whether
 * every byte came as it was sent.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct
{
  uint64_t number;   /* of the task that sends it */
  uint32_t producer; /* id */
  uint32_t size;     /* of its content, in bytes */
} IlMessage;

void il_message_fill (const IlMessage *message, uint8_t *content);
bool il_message_check (const IlMessage *message, const uint8_t *content);
