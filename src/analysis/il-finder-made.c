/* il-finder-made.c - when, and by whom, an order of locks was made
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two orders are no danger to each other if each time that one of them was made is apart from each
 * time that the other was.  So they keep who made them, and in which turn.  One that is before
 * another one of the same order need not be kept for what is yet to come: whatever comes after the
 * later one comes after both.  Where more threads make an order at a time than are kept, and where
 * it is not known when it was made, it may be made at any time: then it is told rather than not.
 */

#include "config.h"

#include "il-finder-private.h"

#define MAX_KEPT 256                  /* of one order, that are not before one another */
#define MAX_KEPT_OF_ALL (1024 * 1024) /* orders together */
#define MIN_LIMIT 16
#define N_LATEST 4    /* that others are looked at whether they are before them */
#define MAX_PAIRS 256 /* that are looked at for one answer */

/**
 * il_finder_made_clear:
 *
 * Forgets all that is kept of an order.
 */
void
il_finder_made_clear (IlFinder *self, IlFinderMade *made)
{
  if (made->makings != NULL)
    self->n_makings -= made->makings->len;
  g_clear_pointer (&made->makings, g_array_unref);
}

static const IlFinderMaking *
get (const IlFinderMade *made, guint i)
{
  return &g_array_index (made->makings, IlFinderMaking, i);
}

static gboolean
is_outlived (IlFinder *self, const IlFinderMaking *one, const IlFinderMaking *later)
{
  if (one->moment.lane == later->moment.lane)
    return one->moment.turn < later->moment.turn;
  return il_finder_is_before (self, &one->moment, &later->moment);
}

/* Forgets those that are before one of the latest. */
static void
thin (IlFinder *self, IlFinderMade *made)
{
  guint n = made->makings->len, n_kept = 0, first = n - MIN (n, N_LATEST);

  for (guint i = 0; i < n; i++)
    {
      const IlFinderMaking making = *get (made, i);
      gboolean is_kept = TRUE;

      for (guint j = MAX (first, i + 1); j < n && is_kept; j++)
        is_kept = !is_outlived (self, &making, get (made, j));
      if (is_kept)
        g_array_index (made->makings, IlFinderMaking, n_kept++) = making;
    }
  made->is_thinned = made->is_thinned || n_kept < n;
  self->n_makings -= n - n_kept;
  g_array_set_size (made->makings, n_kept);
  made->limit = MAX (MIN_LIMIT, 2 * n_kept);
}

/**
 * il_finder_made_add:
 *
 * Keeps that an order was made, if it is not known that it was then.
 *
 * Returns: whether it was not
 */
gboolean
il_finder_made_add (IlFinder *self, IlFinderMade *made, const IlFinderMaking *making)
{
  if (made->is_any_time)
    return FALSE;
  if (made->is_crowded)
    return TRUE;
  if (made->makings == NULL)
    made->makings = g_array_new (FALSE, FALSE, sizeof (IlFinderMaking));
  for (guint i = made->makings->len; i-- > 0;)
    if (get (made, i)->moment.lane == making->moment.lane
        && get (made, i)->moment.turn == making->moment.turn)
      return FALSE;
  if (made->makings->len >= MAX (made->limit, MIN_LIMIT))
    thin (self, made);
  if (made->makings->len >= MAX_KEPT || self->n_makings >= MAX_KEPT_OF_ALL)
    {
      il_finder_made_clear (self, made);
      made->is_crowded = TRUE;
      return TRUE;
    }
  g_array_append_val (made->makings, *making);
  self->n_makings++;
  return TRUE;
}

/* Whether it is known when it was made, all in all. */
static gboolean
is_known (const IlFinder *self, const IlFinderMade *made)
{
  return !made->is_any_time && !made->is_crowded && made->makings != NULL
         && (!made->is_seen || self->hears_nested);
}

/* Whether the one is apart from all of the others.  It comes after some of them, but before none,
 * unless it is told of late. */
static gboolean
meet_one (IlFinder *self, IlFinderPair *pair, const IlFinderMade *other)
{
  const IlFinderMoment *one = &pair->one->moment;

  if (pair->is_late && other->is_thinned)
    return TRUE;
  for (guint i = 0; i < other->makings->len; i++)
    {
      pair->other = get (other, i);
      if (pair->other->moment.lane != one->lane
          && !il_finder_is_before (self, &pair->other->moment, one)
          && !(pair->is_late && il_finder_is_before (self, one, &pair->other->moment)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
are_apart (IlFinder *self, const IlFinderMoment *one, const IlFinderMoment *other)
{
  return one->lane == other->lane || il_finder_is_before (self, one, other)
         || il_finder_is_before (self, other, one);
}

/**
 * il_finder_made_find_other:
 * @others: (array length=n_others): (nullable) elements
 *
 * Returns: (nullable): a time that it was made which may be the time of all of the others, by a
 *   thread that is none of theirs; NULL: none is known
 */
const IlFinderMaking *
il_finder_made_find_other (IlFinder *self, const IlFinderMade *made,
                           const IlFinderMaking *const *others, guint n_others)
{
  guint n = made->makings != NULL ? made->makings->len : 0;

  if (n * n_others > MAX_PAIRS)
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      guint n_met = 0;

      while (n_met < n_others
             && (others[n_met] == NULL
                 || !are_apart (self, &get (made, i)->moment, &others[n_met]->moment)))
        n_met++;
      if (n_met == n_others)
        return get (made, i);
    }
  return NULL;
}

/**
 * il_finder_made_meet:
 * @pair: (inout): of the one order that which was made just now, or %NULL if all that is known of
 *   it is asked for; then which of both may be made at the same time, as far as that is known
 *
 * Returns: whether both orders may be made at the same time; FALSE: that cannot be
 */
gboolean
il_finder_made_meet (IlFinder *self, const IlFinderMade *one, const IlFinderMade *other,
                     IlFinderPair *pair)
{
  pair->other = NULL;
  if (self->is_apart_over || !is_known (self, other))
    return TRUE;
  if (pair->one != NULL)
    return meet_one (self, pair, other);
  if (!is_known (self, one) || one->is_thinned || other->is_thinned
      || one->makings->len * other->makings->len > MAX_PAIRS)
    return TRUE;
  for (guint i = 0; i < one->makings->len; i++)
    for (guint j = 0; j < other->makings->len; j++)
      if (!are_apart (self, &get (one, i)->moment, &get (other, j)->moment))
        {
          *pair = (IlFinderPair){ get (one, i), get (other, j), FALSE };
          return TRUE;
        }
  return FALSE;
}
