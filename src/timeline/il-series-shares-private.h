/* il-series-shares-private.h - what part of a column each state takes, for all states at once
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sums of time are whole nanoseconds and stay exact.  What lies between two of them is for one
 * column, of which a 65535th is shown: it is kept as floats, in a unit in which the column is no
 * longer than what four bytes hold, so that a processor's vectors of 16 bytes take four states
 * each.
 */

#pragma once

#include "il-series-private.h"

#include <string.h>

G_BEGIN_DECLS

#define IL_SHARE_ONE 65535

typedef guint64 IlTimePair __attribute__ ((vector_size (16)));
typedef IlTimePair IlStoredTimePair __attribute__ ((aligned (8), may_alias));
typedef guint16 IlShorts __attribute__ ((vector_size (16)));
typedef gint32 IlIntegers __attribute__ ((vector_size (16)));
typedef IlIntegers IlStoredIntegers __attribute__ ((aligned (4), may_alias));
typedef float IlFloats __attribute__ ((vector_size (16)));

/* By state; the last three are always 0. */
typedef struct
{
  IlFloats first, second, third, fourth;
} IlStateTimes;

G_STATIC_ASSERT (IL_N_STATES == 13);

/* The unit for columns of such a width: so many times twice a nanosecond.  It leaves room for
 * what reaches out of the column. */
static inline guint
il_state_times_shift (guint64 width_ns)
{
  guint n_bits = width_ns > 0 ? 64 - (guint)__builtin_clzll (width_ns) : 0;

  return n_bits > 30 ? n_bits - 30 : 0;
}

static inline IlIntegers
il_time_pairs_pack (IlTimePair low, IlTimePair high, guint shift)
{
  IlIntegers one = (IlIntegers)(low >> shift);
  IlIntegers other = (IlIntegers)(high >> shift);
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  return __builtin_shufflevector (one, other, 0, 2, 4, 6);
#else
  return __builtin_shufflevector (one, other, 1, 3, 5, 7);
#endif
}

/* Time since the series began in the unit, the four lowest bytes of it: enough to tell what lies
 * between two moments that are a column apart. */
typedef struct
{
  IlIntegers first, second, third, fourth;
} IlPackedTimes;

static inline IlPackedTimes
il_packed_times_from (const IlStateSums *sums, guint shift)
{
  const IlStoredTimePair *pairs = (const IlStoredTimePair *)(gconstpointer)sums->ns;
  IlTimePair last = { (guint64)sums->ns[12], 0 };

  return (IlPackedTimes){
    il_time_pairs_pack (pairs[0], pairs[1], shift),
    il_time_pairs_pack (pairs[2], pairs[3], shift),
    il_time_pairs_pack (pairs[4], pairs[5], shift),
    il_time_pairs_pack (last, (IlTimePair){ 0, 0 }, shift),
  };
}

static inline IlFloats
il_integers_between (IlIntegers before, IlIntegers after)
{
  typedef guint32 Unsigned __attribute__ ((vector_size (16)));

  return __builtin_convertvector((IlIntegers)((Unsigned)after - (Unsigned)before), IlFloats);
}

static inline IlStateTimes
il_packed_times_between (const IlPackedTimes *before, const IlPackedTimes *after)
{
  return (IlStateTimes){
    il_integers_between (before->first, after->first),
    il_integers_between (before->second, after->second),
    il_integers_between (before->third, after->third),
    il_integers_between (before->fourth, after->fourth),
  };
}

static inline IlTimePair
il_time_pair (gint64 one, gint64 other)
{
  return (IlTimePair){ (guint64)one, (guint64)other };
}

/* No time is longer than the column or negative by more than what floats lose, which is far less
 * than half a share. */
static inline IlIntegers
il_shares_round (IlFloats times, float scale)
{
  return __builtin_convertvector(times * scale + 0.5f, IlIntegers);
}

static inline void
il_shares_store (const IlIntegers shares[4], guint16 share[IL_N_STATES])
{
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  IlShorts low = __builtin_shufflevector ((IlShorts)shares[0], (IlShorts)shares[1], 0, 2, 4, 6, 8,
                                          10, 12, 14);
#else
  IlShorts low = __builtin_shufflevector ((IlShorts)shares[0], (IlShorts)shares[1], 1, 3, 5, 7, 9,
                                          11, 13, 15);
#endif

  memcpy (share, &low, sizeof low);
  for (guint i = 0; i < 4; i++)
    share[8 + i] = (guint16)shares[2][i];
  share[12] = (guint16)shares[3][0];
}

static inline IlIntegers
il_shares_max (IlIntegers a, IlIntegers b)
{
  IlIntegers is_larger = a > b;

  return (a & is_larger) | (b & ~is_larger);
}

/* Shares that add up to one: what rounding leaves over goes to the largest, where it is seen least.
 */
static inline void
il_state_times_to_shares (const IlStateTimes *times, float scale, guint16 share[IL_N_STATES])
{
  const IlIntegers shares[4]
      = { il_shares_round (times->first, scale), il_shares_round (times->second, scale),
          il_shares_round (times->third, scale), il_shares_round (times->fourth, scale) };
  IlIntegers sum = shares[0] + shares[1] + shares[2] + shares[3];
  IlIntegers first = (shares[0] << 8) | (IlIntegers){ 0, 1, 2, 3 };
  IlIntegers second = (shares[1] << 8) | (IlIntegers){ 4, 5, 6, 7 };
  IlIntegers third = (shares[2] << 8) | (IlIntegers){ 8, 9, 10, 11 };
  IlIntegers fourth = (shares[3] << 8) | (IlIntegers){ 12, 0, 0, 0 };
  IlIntegers top = il_shares_max (il_shares_max (first, second), il_shares_max (third, fourth));
  gint32 one = MAX (top[0], top[1]);
  gint32 other = MAX (top[2], top[3]);
  gint32 largest = MAX (one, other) & 0xff;

  il_shares_store (shares, share);
  share[largest] = (guint16)(share[largest] + IL_SHARE_ONE - (sum[0] + sum[1] + sum[2] + sum[3]));
}

G_END_DECLS
