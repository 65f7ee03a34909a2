/* il-timeline-builder-readers.c - who reads under readers-writer locks, from when to when
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A series has one holder at a time; readers are several, so that each stay stands in a log of the
 * lock's lane, from its begin on.
 */

#include "config.h"

#include "il-timeline-builder-private.h"

/* One who is inside, or was when the lock fell quiet, and may say yet that it leaves. */
typedef struct
{
  guint32 lane_plus_1;
  guint32 n; /* times that it has it */
  gsize read;
  gboolean is_quiet;
} Reader;

static Reader *
find_reader (const IlObjectState *state, guint32 lane_plus_1)
{
  for (guint i = 0; state->readers != NULL && i < state->readers->len; i++)
    if (g_array_index (state->readers, Reader, i).lane_plus_1 == lane_plus_1)
      return &g_array_index (state->readers, Reader, i);
  return NULL;
}

static void
remove_reader (IlObjectState *state, const Reader *reader)
{
  g_array_remove_index_fast (state->readers,
                             (guint)(reader - (const Reader *)(gpointer)state->readers->data));
}

/* It has the lock from now on, once more if it had it already. */
void
il_object_add_reader (IlTimelineBuilder *builder, IlObjectState *state, guint32 lane_plus_1,
                      gint64 now_ns)
{
  Reader *reader = find_reader (state, lane_plus_1);
  Reader fresh = { .lane_plus_1 = lane_plus_1, .n = 1 };

  if (state->readers == NULL)
    {
      state->readers = g_array_new (FALSE, FALSE, sizeof (Reader));
      g_ptr_array_add (builder->read, state);
    }
  if (reader != NULL && !reader->is_quiet)
    {
      reader->n++;
      il_lane_repeat_read (state->object->lane, reader->read);
      return;
    }
  /* When it left what it had before it did not say. */
  if (reader != NULL)
    remove_reader (state, reader);
  fresh.read = il_lane_add_read (state->object->lane, lane_plus_1 - 1, now_ns);
  g_array_append_val (state->readers, fresh);
}

/* That one had it since then, if not for longer. */
void
il_object_date_reader (const IlObjectState *state, guint32 lane_plus_1, gint64 since_ns)
{
  const Reader *reader = find_reader (state, lane_plus_1);
  IlRead read;

  if (reader != NULL && il_lane_get_read (state->object->lane, reader->read, &read)
      && since_ns < read.begin_ns)
    il_lane_begin_read (state->object->lane, reader->read, MAX (since_ns, 0));
}

/* It gives the lock back, once. */
void
il_object_remove_reader (IlObjectState *state, guint32 lane_plus_1, gint64 now_ns)
{
  Reader *reader = find_reader (state, lane_plus_1);

  if (reader == NULL || --reader->n > 0)
    return;
  il_lane_end_read (state->object->lane, reader->read, now_ns);
  remove_reader (state, reader);
}

/* Who is inside from here on is not said, but when one leaves who was said to be inside. */
void
il_object_hush_readers (const IlObjectState *state, gint64 now_ns)
{
  for (guint i = 0; state->readers != NULL && i < state->readers->len; i++)
    {
      Reader *reader = &g_array_index (state->readers, Reader, i);

      if (!reader->is_quiet)
        il_lane_end_read (state->object->lane, reader->read, now_ns);
      reader->is_quiet = TRUE;
    }
}

/* Nobody reads: another writes. */
void
il_object_clear_readers (const IlObjectState *state, gint64 now_ns)
{
  il_object_hush_readers (state, now_ns);
  if (state->readers != NULL)
    g_array_set_size (state->readers, 0);
}

/* Who has it alone, lane + 1; 0: several have, or one who is not known. */
static guint32
get_only_reader (const IlObjectState *state)
{
  const Reader *only = NULL;

  for (guint i = 0; state->readers != NULL && i < state->readers->len; i++)
    {
      const Reader *reader = &g_array_index (state->readers, Reader, i);

      if (reader->is_quiet)
        continue;
      if (only != NULL)
        return 0;
      only = reader;
    }
  return only != NULL && only->n >= state->n_readers ? only->lane_plus_1 : 0;
}

/* Shows who has the lock from now on: its writer, its only reader, several, or nobody. */
void
il_object_show_hold (const IlObjectState *state, gint64 now_ns)
{
  guint32 code = IL_CODE (IL_STATE_NONE, 0);

  if (state->holder_plus_1 != 0)
    code = IL_CODE (IL_STATE_RUNNING, state->holder_plus_1);
  else if (state->n_readers > 0)
    code = IL_CODE (IL_STATE_BUSY, get_only_reader (state));
  il_series_append (state->object->lane->states, now_ns, code, 0);
}

/* Shows what was told, since the first of those who read is known to do so. */
void
il_object_end_telling (IlTimelineBuilder *builder)
{
  const IlObjectState *state = builder->told;
  gint64 since_ns = builder->told_ns;

  if (state == NULL)
    return;
  builder->told = NULL;
  for (guint i = 0; state->readers != NULL && i < state->readers->len; i++)
    {
      const Reader *reader = &g_array_index (state->readers, Reader, i);
      IlRead read;

      if (!reader->is_quiet && il_lane_get_read (state->object->lane, reader->read, &read))
        since_ns = MIN (since_ns, read.begin_ns);
    }
  il_object_show_hold (state, since_ns);
}

/* Who reads is told by the thread's next records, and since when; until it says something else what
 * is shown of a lock that was quiet waits, so that it can begin there. */
void
il_object_tell_readers (const IlStep *step, IlObjectState *state)
{
  il_object_end_telling (step->builder);
  step->builder->told = state;
  step->builder->told_ns = step->now_ns;
  step->builder->told_by = step->thread;
}

/* A record came while it was told who reads. */
void
il_object_go_on_telling (const IlStep *step)
{
  if (step->thread == step->builder->told_by && step->record->kind != IL_RECORD_RW_READER
      && step->record->kind != IL_RECORD_LOCK_HELD)
    il_object_end_telling (step->builder);
}

/* The thread has ended, or it is not known any more what it has. */
void
il_object_forget_reader (IlTimelineBuilder *builder, const IlThread *thread, gint64 now_ns)
{
  il_object_end_telling (builder);
  for (guint i = 0; i < builder->read->len; i++)
    {
      IlObjectState *state = g_ptr_array_index (builder->read, i);
      const Reader *reader = find_reader (state, il_thread_plus_1 (thread));

      if (reader == NULL)
        continue;
      if (!reader->is_quiet)
        il_lane_end_read (state->object->lane, reader->read, now_ns);
      remove_reader (state, reader);
      if (state->holder_plus_1 == 0 && state->n_readers > 0)
        il_object_show_hold (state, now_ns);
    }
}

/* Of those inside, but one, who has been there longest: lane + 1; 0: nobody is known. */
guint32
il_object_get_first_reader (const IlObjectState *state, guint32 but_plus_1)
{
  guint32 first_plus_1 = 0;
  gint64 first_ns = 0;

  for (guint i = 0; state->readers != NULL && i < state->readers->len; i++)
    {
      const Reader *reader = &g_array_index (state->readers, Reader, i);
      IlRead read;

      if (reader->is_quiet || reader->lane_plus_1 == but_plus_1
          || !il_lane_get_read (state->object->lane, reader->read, &read)
          || (first_plus_1 != 0 && read.begin_ns >= first_ns))
        continue;
      first_plus_1 = reader->lane_plus_1;
      first_ns = read.begin_ns;
    }
  return first_plus_1;
}

void
il_object_state_free (gpointer data)
{
  IlObjectState *state = data;

  g_clear_pointer (&state->readers, g_array_unref);
  g_free (state);
}
