/* il-finder-straggler.c - threads that all others wait for at a barrier, time after time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Somebody always comes last.  It is told where it is the same one in three of four phases or more,
 * and where the others, who have all come by then, wait for it alone for a good part of their time.
 * Of two threads one comes last at least every second time, and often one gives the other its work
 * so: of these nothing is told.
 *
 * What does not count: time in which whoever is late lacked a core, or waited for input, as one
 * does that has nothing to hand out yet.
 */

#include "config.h"

#include "il-finder-private.h"

#define WINDOW_NS (250 * G_GINT64_CONSTANT (1000000))
#define WINDOW_PHASES 4 /* it has so many at least, however long they are */
#define LAST 0.75       /* of the phases of a window */
#define LOST 0.25       /* of its time */
#define LEAST_NS (500 * G_GINT64_CONSTANT (1000000))
#define LEAST_PHASES 8
#define LEAST_OTHERS 2
/* Less than that is not worth a look at who had a core. */
#define NOTABLE_NS (100 * G_GINT64_CONSTANT (1000))

typedef struct
{
  guint64 n_last, n_phases;
  gint64 alone_ns, lost_ns, ns;
} Sums;

typedef struct
{
  guint32 lane;
  gint64 input_before_ns; /* how long it had waited for input when it passed last */

  /* Of the window. */
  guint n_last;
  gint64 alone_ns; /* while nobody but it was missing */
  gint64 lost_ns;  /* … by all others together */

  /* Of the windows from the first that tells of it to the last, and of those behind that. */
  gint64 from_ns; /* -1: none tells */
  Sums told, behind;
} Party;

struct _IlFinderPhases
{
  GHashTable *parties; /* lane to Party */
  gint64 window_ns;    /* when it began */
  guint n_phases;      /* in it */
  guint n_come;        /* who wait, in the phase in hand … */
  gint64 come_ns;      /* … and when the last of them came */
};

void
il_finder_phases_free (IlFinderPhases *phases)
{
  if (phases == NULL)
    return;
  g_hash_table_unref (phases->parties);
  g_free (phases);
}

static Party *
ensure_party (IlFinderPhases *phases, guint32 lane)
{
  Party *party = g_hash_table_lookup (phases->parties, GUINT_TO_POINTER (lane));

  if (party != NULL)
    return party;
  party = g_new0 (Party, 1);
  party->lane = lane;
  party->from_ns = -1;
  g_hash_table_insert (phases->parties, GUINT_TO_POINTER (lane), party);
  return party;
}

static gint64
get_input_ns (const IlFinder *self, const IlFinderThread *thread)
{
  return thread->input_ns
         + (thread->awaits_input_ns >= 0 ? self->now_ns - thread->awaits_input_ns : 0);
}

/* How long it alone was missing, by its own doing. */
static gint64
get_alone_ns (IlFinder *self, const IlFinderThread *thread, const IlFinderPhases *phases,
              const Party *party)
{
  gint64 length_ns = self->now_ns - phases->come_ns;
  gint64 states_ns[IL_N_STATES] = { 0 };

  if (length_ns < NOTABLE_NS)
    return length_ns;
  il_series_sum_states (il_lane_get_states (il_timeline_get_lane (self->timeline, thread->lane)),
                        phases->come_ns, self->now_ns, states_ns);
  length_ns -= states_ns[IL_STATE_RUNNABLE] + get_input_ns (self, thread) - party->input_before_ns;
  return MAX (length_ns, 0);
}

static void
report (IlFinder *self, guint32 object, const IlFinderPhases *phases, const Party *party)
{
  IlFound found = {
    .kind = IL_FINDING_STRAGGLER,
    .key = (guint64)object << 32 | party->lane,
    .from_ns = party->from_ns,
    .to_ns = self->now_ns,
    .count = party->told.n_last,
    .n_phases = party->told.n_phases,
    .object = object,
    .length_ns = party->told.lost_ns,
    .n_others = phases->n_come,
    .share_lost = (double)party->told.alone_ns / (double)party->told.ns,
    .n_parts = 1,
    .parts = { { .lane = party->lane } },
  };
  GHashTableIter iter;
  gpointer lane;

  g_hash_table_iter_init (&iter, phases->parties);
  while (found.n_parts < IL_FINDER_MAX_PARTS && g_hash_table_iter_next (&iter, &lane, NULL))
    if (GPOINTER_TO_UINT (lane) != party->lane)
      found.parts[found.n_parts++]
          = (IlFinderPart){ .lane = GPOINTER_TO_UINT (lane), .wanted = object };
  il_finder_report (self, &found);
}

/* Who came last so often that it is told of; NULL: nobody. */
static Party *
find_straggler (IlFinder *self, const IlFinderPhases *phases)
{
  gint64 length_ns = self->now_ns - phases->window_ns;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, phases->parties);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Party *party = value;

      if (party->n_last >= LAST * phases->n_phases
          && (double)party->alone_ns >= LOST * (double)length_ns)
        return party;
    }
  return NULL;
}

/* What is told is true of all the time from the first window to the last, as whoever looks at that
 * sees it. */
static void
tell (IlFinder *self, guint32 object, const IlFinderPhases *phases, Party *straggler)
{
  Sums *told = &straggler->told;
  const Sums *behind = &straggler->behind;

  told->n_last += behind->n_last;
  told->n_phases += behind->n_phases;
  told->alone_ns += behind->alone_ns;
  told->lost_ns += behind->lost_ns;
  told->ns += behind->ns;
  straggler->behind = (Sums){ 0 };
  if (told->ns >= LEAST_NS && told->n_phases >= LEAST_PHASES)
    report (self, object, phases, straggler);
}

static void
add_window (const IlFinder *self, const IlFinderPhases *phases, Party *party)
{
  if (party->from_ns >= 0)
    {
      party->behind.n_last += party->n_last;
      party->behind.n_phases += phases->n_phases;
      party->behind.alone_ns += party->alone_ns;
      party->behind.lost_ns += party->lost_ns;
      party->behind.ns += self->now_ns - phases->window_ns;
    }
  party->n_last = 0;
  party->alone_ns = party->lost_ns = 0;
}

static void
end_window (IlFinder *self, guint32 object, IlFinderPhases *phases)
{
  Party *straggler = find_straggler (self, phases);
  GHashTableIter iter;
  gpointer value;

  if (straggler != NULL && straggler->from_ns < 0)
    straggler->from_ns = phases->window_ns;
  g_hash_table_iter_init (&iter, phases->parties);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    add_window (self, phases, value);
  if (straggler != NULL)
    tell (self, object, phases, straggler);
  phases->window_ns = self->now_ns;
  phases->n_phases = 0;
}

static void
come_last (IlFinder *self, const IlFinderThread *thread, guint32 object, IlFinderPhases *phases)
{
  Party *party = ensure_party (phases, thread->lane);
  gint64 alone_ns = get_alone_ns (self, thread, phases, party);

  phases->n_phases++;
  if (phases->n_come >= LEAST_OTHERS)
    {
      party->n_last++;
      party->alone_ns += alone_ns;
      party->lost_ns += alone_ns * phases->n_come;
    }
  if (self->now_ns - phases->window_ns >= WINDOW_NS && phases->n_phases >= WINDOW_PHASES)
    end_window (self, object, phases);
  phases->n_come = 0;
}

static void
come (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object)
{
  if (object->phases == NULL
      && il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane))->role
             == IL_LANE_ROLE_THREAD)
    {
      object->phases = g_new0 (IlFinderPhases, 1);
      object->phases->parties = g_hash_table_new_full (NULL, NULL, NULL, g_free);
      object->phases->window_ns = self->now_ns;
    }
  if (object->phases == NULL)
    return;
  object->phases->n_come++;
  object->phases->come_ns = self->now_ns;
}

/**
 * il_finder_straggler_note:
 *
 * The record is about to change who waits at a barrier.
 */
void
il_finder_straggler_note (IlFinder *self, const IlFinderThread *thread, const IlRecord *record)
{
  IlFinderObject *object;

  if (record->kind != IL_RECORD_BARRIER_WAIT && record->kind != IL_RECORD_BARRIER_PASS)
    return;
  object = il_finder_get_object (self, record->object);
  if (record->kind == IL_RECORD_BARRIER_WAIT)
    come (self, thread, object);
  if (record->kind == IL_RECORD_BARRIER_WAIT || object->phases == NULL)
    return;
  if ((record->value & IL_RECORD_WOKE) != 0)
    come_last (self, thread, record->object, object->phases);
  ensure_party (object->phases, thread->lane)->input_before_ns = get_input_ns (self, thread);
}
