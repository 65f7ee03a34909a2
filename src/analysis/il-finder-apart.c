/* il-finder-apart.c - what cannot happen at the same time since threads are made and waited for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a thread does before it makes another one is before all that that one does, and all of that
 * is before what a third one does that has waited for its end.  What such words lead from one to
 * the other is apart: it cannot be under way at once.  They part a thread into turns; these are the
 * segments of Bensalem and Havelund, "Dynamic deadlock analysis of multi-threaded programs", HVC
 * 2005.
 *
 * Nothing is apart but what is proven to be: of a thread of which it is not known who made it, or
 * whose end nobody waited for, or which has lost events, all may be at any time.  What is known
 * here are the links alone; they are followed only where a circle of orders would be told.
 */

#include "config.h"

#include "il-finder-private.h"

#define MAX_LINKS 1024 /* that are followed for one answer; beyond that nothing is proven */

/* What is known of a thread that one of its process made. */
struct _IlFinderLife
{
  guint32 lane_plus_1;
  guint32 maker_plus_1; /* 0: not known */
  guint32 made_turn;    /* of its maker: what that one did in turns before it is before it all */
  guint32 heir_plus_1;  /* lane + 1 that has waited for its end; 0: none so far */
  guint32 ended_turn;   /* of that one: what that one does from this turn on is after it all */
};

void
il_finder_apart_init (IlFinder *self)
{
  self->lives = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->all_lives = g_ptr_array_new_with_free_func (g_free);
}

void
il_finder_apart_clear (IlFinder *self)
{
  g_hash_table_unref (self->lives);
  g_ptr_array_unref (self->all_lives);
}

/* Numbers are those of a process. */
static gint64
make_key (IlFinder *self, const IlFinderThread *thread, guint32 number)
{
  const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane));

  return (gint64)((guint64)(guint32)info->pid << 32 | number);
}

static void
note_making (IlFinder *self, IlFinderThread *thread, gint64 key)
{
  IlFinderLife *life = g_new0 (IlFinderLife, 1);

  thread->turn++;
  life->maker_plus_1 = thread->lane + 1;
  life->made_turn = thread->turn;
  g_ptr_array_add (self->all_lives, life);
  g_hash_table_replace (self->lives, g_memdup2 (&key, sizeof key), life);
}

static void
note_end (IlFinderThread *thread, IlFinderLife *life)
{
  thread->turn++;
  if (life == NULL || life->heir_plus_1 != 0)
    return;
  life->heir_plus_1 = thread->lane + 1;
  life->ended_turn = thread->turn;
  if (thread->ended == NULL)
    thread->ended = g_ptr_array_new ();
  g_ptr_array_add (thread->ended, life);
}

/**
 * il_finder_note_life:
 *
 * A thread makes another one, says which one it is, or has waited for the end of one.
 */
void
il_finder_note_life (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  gint64 key = make_key (self, thread, record->value);
  IlFinderLife *life = g_hash_table_lookup (self->lives, &key);

  switch (record->object)
    {
    case IL_RECORD_LIFE_MAKES:
      note_making (self, thread, key);
      break;
    case IL_RECORD_LIFE_IS:
      if (life == NULL || life->lane_plus_1 != 0 || thread->life != NULL)
        break;
      life->lane_plus_1 = thread->lane + 1;
      thread->life = life;
      break;
    case IL_RECORD_LIFE_ENDED:
      note_end (thread, life);
      break;
    case IL_RECORD_LIFE_UNTOLD:
      il_finder_end_apart (self);
      break;
    default:
      break;
    }
}

/* Follows who waited for whose end from the one on, and from the other who made whom: most that is
 * before something is so by this. */
static gboolean
meets (IlFinder *self, IlFinderMoment from, const IlFinderMoment *to)
{
  for (guint i = 0; i < MAX_LINKS; i++)
    {
      IlFinderMoment until = *to;
      const IlFinderLife *life;

      for (guint j = 0; j < MAX_LINKS && until.lane != from.lane; j++)
        {
          life = il_finder_get_thread (self, until.lane)->life;
          if (life == NULL)
            break;
          until = (IlFinderMoment){ life->maker_plus_1 - 1, life->made_turn - 1 };
        }
      if (until.lane == from.lane && from.turn <= until.turn)
        return TRUE;
      life = il_finder_get_thread (self, from.lane)->life;
      if (life == NULL || life->heir_plus_1 == 0)
        return FALSE;
      from = (IlFinderMoment){ life->heir_plus_1 - 1, life->ended_turn };
    }
  return FALSE;
}

/* Puts the thread up to a turn, included, among what is before; what is new of that is still to be
 * followed. */
static void
reach (GHashTable *reached, GArray *open, guint32 lane, guint32 turn)
{
  const IlFinderMoment moment = { lane, turn };
  gpointer known;

  if (g_hash_table_lookup_extended (reached, GUINT_TO_POINTER (lane), NULL, &known)
      && GPOINTER_TO_UINT (known) >= turn)
    return;
  g_hash_table_insert (reached, GUINT_TO_POINTER (lane), GUINT_TO_POINTER (turn));
  g_array_append_val (open, moment);
}

/* All ways: whatever leads to the one, from the latest on. */
static gboolean
leads (IlFinder *self, const IlFinderMoment *from, const IlFinderMoment *to)
{
  g_autoptr (GHashTable) reached = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (IlFinderMoment));
  guint n_links = 0;

  reach (reached, open, to->lane, to->turn);
  for (guint i = 0; i < open->len && n_links < MAX_LINKS; i++)
    {
      const IlFinderMoment next = g_array_index (open, IlFinderMoment, i);
      const IlFinderThread *thread = il_finder_get_thread (self, next.lane);
      guint n = thread->ended != NULL ? thread->ended->len : 0;

      if (next.lane == from->lane && from->turn <= next.turn)
        return TRUE;
      if (thread->life != NULL)
        reach (reached, open, thread->life->maker_plus_1 - 1, thread->life->made_turn - 1);
      for (; n > 0 && n_links < MAX_LINKS; n--, n_links++)
        {
          const IlFinderLife *ended = g_ptr_array_index (thread->ended, n - 1);

          if (ended->lane_plus_1 != 0 && ended->ended_turn <= next.turn)
            reach (reached, open, ended->lane_plus_1 - 1, G_MAXUINT32);
        }
    }
  return FALSE;
}

/**
 * il_finder_is_before:
 *
 * Returns: whether all that the one thread did in that turn is before what the other did in that
 *   one, which is of another thread; FALSE: that is not known
 */
gboolean
il_finder_is_before (IlFinder *self, const IlFinderMoment *one, const IlFinderMoment *other)
{
  return !il_finder_get_thread (self, one->lane)->has_lost
         && !il_finder_get_thread (self, other->lane)->has_lost
         && (meets (self, *one, other) || leads (self, one, other));
}
