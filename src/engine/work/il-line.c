/* il-line.c - lines that tell whether they are whole
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap, no stdio.
 *
 *   3 1207 ........................5b1c09e2
 *
 * A line has the worker, the number of the task and dots, and at its end a checksum of what stands
 * before, in hexadecimal: eight digits, or as many as half of a shorter line.
 */

#include "config.h"

#include "il-line.h"

#include <string.h>

#define MAX_DIGITS 8

static size_t
get_n_digits (size_t length)
{
  return length / 2 < MAX_DIGITS ? length / 2 : MAX_DIGITS;
}

static uint32_t
get_checksum (const char *text, size_t length)
{
  uint64_t sum = length, word;

  for (; length >= sizeof word; length -= sizeof word, text += sizeof word)
    {
      memcpy (&word, text, sizeof word);
      sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
      sum ^= sum >> 32;
    }
  word = 0;
  memcpy (&word, text, length);
  sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
  return (uint32_t)(sum >> 32);
}

static void
write_checksum (char *digits, size_t n_digits, uint32_t checksum)
{
  for (size_t i = 0; i < n_digits; i++)
    digits[i] = "0123456789abcdef"[checksum >> 4 * i & 15];
}

/* As many of a number's digits as there is room for; returns how many. */
static size_t
write_number (char *text, size_t room, uint64_t number)
{
  char digits[20];
  size_t n = 0, n_written = 0;

  do
    {
      digits[n++] = (char)('0' + number % 10);
      number /= 10;
    }
  while (number > 0);
  while (n > 0 && n_written < room)
    text[n_written++] = digits[--n];
  return n_written;
}

/**
 * il_line_make:
 * @size: bytes with the newline, at least 1
 */
void
il_line_make (char *line, uint32_t size, uint32_t worker, uint64_t number)
{
  size_t n_digits = get_n_digits (size - 1);
  size_t room = size - 1 - n_digits;
  size_t n;

  memset (line, '.', room);
  n = write_number (line, room, worker);
  if (n < room)
    line[n++] = ' ';
  n += write_number (line + n, room - n, number);
  if (n < room)
    line[n] = ' ';
  write_checksum (line + room, n_digits, get_checksum (line, room));
  line[size - 1] = '\n';
}

/**
 * il_line_check:
 * @length: bytes without the newline
 *
 * Returns: whether the line is as il_line_make() made it
 */
bool
il_line_check (const char *line, size_t length)
{
  size_t n_digits = get_n_digits (length);
  char digits[MAX_DIGITS];

  write_checksum (digits, n_digits, get_checksum (line, length - n_digits));
  return memcmp (line + length - n_digits, digits, n_digits) == 0;
}
