/* fuzz-main.c - runs a fuzz target without a fuzzer: over given files, or over seeded random input
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With arguments each is a file to feed (a corpus, or the input that a fuzzer found).  Without,
 * inputs are made by mutating the seeds of the target, the same ones at each run. Linked with clang
 * -fsanitize=fuzzer in the place of this file, a target runs under libFuzzer.
 */

#include "fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_ROUNDS 20000u
#define MAX_INPUT 65536

static uint64_t random_state = 0x9e3779b97f4a7c15u;

/* xorshift64*, Vigna 2016: good enough to stir bytes, and the same everywhere. */
static uint64_t
next_random (void)
{
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * 0x2545f4914f6cdd1du;
}

static bool
feed_file (const char *path)
{
  static uint8_t data[1 << 20];
  FILE *file = fopen (path, "rb");
  size_t size;

  if (file == NULL)
    {
      perror (path);
      return false;
    }
  size = fread (data, 1, sizeof data, file);
  fclose (file);
  LLVMFuzzerTestOneInput (data, size);
  return true;
}

/* One to eight edits: a byte changed, a piece removed, doubled or overwritten by a number that sits
 * on an edge. */
static size_t
mutate (uint8_t *data, size_t size)
{
  static const uint32_t edges[]
      = { 0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff };
  unsigned n_edits = 1 + next_random () % 8;

  while (n_edits-- > 0 && size > 0)
    {
      size_t at = next_random () % size;
      size_t length = 1 + next_random () % (size - at);

      switch (next_random () % 4)
        {
        case 0:
          data[at] = (uint8_t)next_random ();
          break;
        case 1:
          memmove (data + at, data + at + length, size - at - length);
          size -= length;
          break;
        case 2:
          if (size + length <= MAX_INPUT)
            {
              memmove (data + at + length, data + at, size - at);
              size += length;
            }
          break;
        default:
          if (size - at >= 4)
            memcpy (data + at, &edges[next_random () % (sizeof edges / sizeof *edges)], 4);
          break;
        }
    }
  return size;
}

int
main (int argc, char **argv)
{
  static uint8_t data[MAX_INPUT];
  size_t n_seeds = 0;

  for (int i = 1; i < argc; i++)
    if (!feed_file (argv[i]))
      return 1;
  if (argc > 1)
    return 0;

  while (fuzz_seed (n_seeds, data, sizeof data) > 0)
    n_seeds++;
  for (unsigned round = 0; round < N_ROUNDS; round++)
    {
      size_t size = n_seeds > 0 ? fuzz_seed (round % n_seeds, data, sizeof data) : 0;

      if (size == 0 || round % 16 == 15)
        for (size = 0; size < 512; size++)
          data[size] = (uint8_t)next_random ();
      else if (round >= n_seeds)
        size = mutate (data, size);
      LLVMFuzzerTestOneInput (data, size);
    }
  printf ("%u inputs from %zu seeds\n", N_ROUNDS, n_seeds);
  return 0;
}
