/* il-assembler-names.c - what the kernel called threads, and when; and which workers had which name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread is born with the name that its maker has at that moment.  The engine's takes that of the
 * worker that it is about to make for that moment alone, so that one that dies before it comes to
 * say who it is can be known.  Rings of several cores are read one after the other: which name that
 * was is found only when all sources have told what they know of the time.
 */

#include "config.h"

#include "il-assembler-private.h"

#include "il-assembler-parts-private.h"

/* What a thread was called from that time on. */
typedef struct
{
  gint64 time_ns;
  char name[IL_ASSEMBLER_NAME_SIZE];
} Naming;

/**
 * il_assembler_rename:
 * @time_ns: since the origin; in any order.  So each naming is kept, also where it seems to change
 *   nothing: another name from in between may be told later
 */
void
il_assembler_rename (IlAssemblerThread *thread, gint64 time_ns, const char *name)
{
  Naming naming = { .time_ns = time_ns };
  guint place;

  g_strlcpy (naming.name, name, sizeof naming.name);
  if (thread->namings == NULL)
    thread->namings = g_array_new (FALSE, FALSE, sizeof (Naming));
  for (place = thread->namings->len; place > 0; place--)
    if (g_array_index (thread->namings, Naming, place - 1).time_ns <= time_ns)
      break;
  g_array_insert_val (thread->namings, place, naming);
}

/**
 * il_assembler_get_name:
 *
 * Returns: what the thread was called last, as far as is known by now; "": not known
 */
const char *
il_assembler_get_name (const IlAssemblerThread *thread)
{
  if (thread->namings == NULL)
    return thread->birth_name;
  return g_array_index (thread->namings, Naming, thread->namings->len - 1).name;
}

/**
 * il_assembler_get_shown_name:
 *
 * Returns: what the thread is called where it is shown, as far as is known by now; "": not known
 */
const char *
il_assembler_get_shown_name (const IlAssemblerThread *thread)
{
  return thread->own_name[0] != '\0' ? thread->own_name : il_assembler_get_name (thread);
}

/* What it is called but while it makes a worker; "": not known. */
static const char *
get_own_name (const IlAssembler *self, const IlAssemblerThread *thread)
{
  return self->program != 0 && thread->tid == self->program ? self->program_name
                                                            : thread->birth_name;
}

/* "": not known. */
static const char *
get_name_at (const IlAssembler *self, const IlAssemblerThread *thread, gint64 time_ns)
{
  for (guint i = thread->namings != NULL ? thread->namings->len : 0; i-- > 0;)
    if (g_array_index (thread->namings, Naming, i).time_ns <= time_ns)
      return g_array_index (thread->namings, Naming, i).name;
  return get_own_name (self, thread);
}

static void
settle_name (IlAssembler *self, IlAssemblerThread *thread)
{
  IlAssemblerThread *maker = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (thread->maker));
  const char *name;

  thread->maker = 0;
  if (maker == NULL)
    return;
  /* Each was born before those whom it made, so that this comes to an end. */
  if (maker->maker != 0 && maker->birth_ns < thread->birth_ns)
    settle_name (self, maker);
  name = get_name_at (self, maker, thread->birth_ns);
  thread->is_named_for_work = strcmp (name, get_own_name (self, maker)) != 0;
  g_strlcpy (thread->birth_name, name, sizeof thread->birth_name);
}

/**
 * il_assembler_settle_names:
 *
 * Finds the names that threads were born with before the watermark.
 */
void
il_assembler_settle_names (IlAssembler *self, gint64 watermark_ns)
{
  for (guint i = 0; i < self->threads->len; i++)
    {
      IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);

      if (thread->maker != 0 && thread->birth_ns < watermark_ns)
        settle_name (self, thread);
    }
}

/**
 * il_assembler_forget_names:
 *
 * Drops names that no thread can be born with any more, since that is settled.
 */
void
il_assembler_forget_names (IlAssembler *self, gint64 watermark_ns)
{
  for (guint i = 0; i < self->threads->len; i++)
    {
      const IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);
      guint n_over = 0;

      while (thread->namings != NULL && n_over < thread->namings->len
             && g_array_index (thread->namings, Naming, n_over).time_ns < watermark_ns)
        n_over++;
      if (n_over > 1)
        g_array_remove_range (thread->namings, 0, n_over - 1);
    }
}

/* --- workers */

/**
 * il_assembler_bear:
 * @number: of the worker; 0: not known
 *
 * Returns: (transfer full): what the next worker to bear a name is called: the third "Worker 2" is
 *   "Worker 2 (3)"
 */
char *
il_assembler_bear (IlAssembler *self, const char *name, guint number)
{
  IlAssemblerBearers *bearers = g_hash_table_lookup (self->bearers, name);

  if (bearers == NULL)
    {
      bearers = g_new0 (IlAssemblerBearers, 1);
      g_hash_table_insert (self->bearers, g_strdup (name), bearers);
    }
  if (number > 0)
    bearers->number = number;
  bearers->n++;
  return bearers->n == 1 ? g_strdup (name) : g_strdup_printf ("%s (%u)", name, bearers->n);
}

/**
 * il_assembler_make_lost_name:
 * @thread: that died before it said who it was
 * @number: (out): of the worker; 0: not known
 *
 * Returns: (transfer full) (nullable): the name of the worker that it was about to be; %NULL: none
 */
char *
il_assembler_make_lost_name (IlAssembler *self, const IlAssemblerThread *thread, guint *number)
{
  gboolean is_born = thread->birth_name[0] != '\0';
  g_autofree char *name
      = g_utf8_make_valid (is_born ? thread->birth_name : il_assembler_get_name (thread), -1);
  const IlAssemblerBearers *bearers = g_hash_table_lookup (self->bearers, name);

  /* Others than workers are born under the own name of who makes them, such as the helpers of a
   * sanitizer. */
  if (is_born ? !thread->is_named_for_work : bearers == NULL)
    return NULL;
  *number = bearers != NULL ? bearers->number : 0;
  return il_assembler_bear (self, name, 0);
}
