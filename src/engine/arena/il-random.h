/* il-random.h - random numbers that depend on the seed and the task, not on who runs it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <math.h>
#include <stdint.h>

/* SplitMix64 (Steele, Lea and Flood 2014): one word of state, so that each task has a stream of its
 * own for the price of one multiplication. */
typedef struct
{
  uint64_t state;
} IlRandom;

static inline uint64_t
il_random_mix (uint64_t x)
{
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static inline uint64_t
il_random_next (IlRandom *random)
{
  random->state += 0x9e3779b97f4a7c15u;
  return il_random_mix (random->state);
}

/* What the streams of a family have in common, reckoned once. */
static inline uint64_t
il_random_get_family (uint64_t seed, uint64_t family)
{
  uint64_t state = il_random_mix (seed + 0x9e3779b97f4a7c15u);

  return il_random_mix (state ^ (family * 0xd1342543de82ef95u + 1));
}

static inline IlRandom
il_random_family_stream (uint64_t family, uint64_t number)
{
  return (IlRandom){ il_random_mix (family ^ (number * 0xaf251af3b0f025b5u + 1)) };
}

/* The stream of one thing among many: the arrivals of a kind, or a task of it. */
static inline IlRandom
il_random_stream (uint64_t seed, uint64_t family, uint64_t number)
{
  return il_random_family_stream (il_random_get_family (seed, family), number);
}

/* At least 0, less than 1. */
static inline double
il_random_uniform (IlRandom *random)
{
  return (double)(il_random_next (random) >> 11) * 0x1p-53;
}

static inline double
il_random_exponential (IlRandom *random, double mean)
{
  return -log1p (-il_random_uniform (random)) * mean;
}
