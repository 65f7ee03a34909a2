/* il-assembler-called.c - what threads of programs that are not ours are called where it is shown
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many threads have the name of who made them, as the kernel has it: nobody gave them another one.
 * So that what is said of one of them is clear by itself, all but the first are numbered, over all
 * processes of the program, in the order in which they stand: those of a process together, and who
 * was made first before others: "xz", "xz 2".  That is mostly not the order in which they are heard
 * of, and many have a name for a moment only, between fork and exec: who was told of under a number
 * that turns out to be another's is told of again.  A name that fills the kernel's 15 bytes may be
 * cut; it is completed from what was executed.
 */

#include "config.h"

#include "il-assembler-private.h"

#include "il-assembler-parts-private.h"

#include <string.h>

#define COMM_LENGTH (IL_ASSEMBLER_NAME_SIZE - 1)

/* So many are told of again at most while it is recorded, each time; the others soon after. */
#define MAX_TOLD_AGAIN 256

/* Who has one name. */
typedef struct
{
  char *name;
  GPtrArray *called; /* of IlAssemblerCalled, the one made first at first */
  guint n_right;     /* of so many at the begin the number is known to be the one of their place */
} Namesakes;

/* One of them; also of a thread that is forgotten. */
struct _IlAssemblerCalled
{
  Namesakes *namesakes;
  IlAssemblerThread *thread;  /* NULL: it is forgotten, … */
  guint32 lane_plus_1;        /* … and had this lane, 0: none, … */
  char *process_name;         /* … of a process that was called so */
  gint64 process_ns, born_ns; /* when its process was made, and it */
  pid_t pid, tid;
  guint number; /* by which it was told of last; 0: none that counts */
};

/* Forgets what was found out of a process that was called something else. */
static void
forget_full (IlAssemblerProcess *process)
{
  g_clear_pointer (&process->full_name, g_free);
  g_clear_pointer (&process->title, g_free);
  process->is_asked = FALSE;
}

/**
 * il_assembler_clear_process:
 *
 * Frees what it holds.
 */
void
il_assembler_clear_process (IlAssemblerProcess *process)
{
  forget_full (process);
}

/**
 * il_assembler_call_process:
 * @name: "": it is not known
 *
 * A process has that name from now on, also if it is the same: of another script, maybe.
 */
void
il_assembler_call_process (IlAssemblerProcess *process, const char *name)
{
  g_strlcpy (process->name, name, sizeof process->name);
  forget_full (process);
}

/* Once for each name: who is asked too late has no answer, and will have none. */
static void
ask (IlAssembler *self, IlAssemblerProcess *process)
{
  if (process->is_asked || process->name[0] == '\0')
    return;
  process->is_asked = TRUE;
  if (self->sink.full_name != NULL)
    process->full_name
        = self->sink.full_name (process->pid, process->name, &process->title, self->data);
}

/**
 * il_assembler_inherit_name:
 *
 * A process that was just made is called as who made it, who is asked in its stead: its words are
 * the same, and it may be gone soon.
 */
void
il_assembler_inherit_name (IlAssembler *self, IlAssemblerProcess *process,
                           IlAssemblerProcess *parent)
{
  ask (self, parent);
  il_assembler_call_process (process, parent->name);
  process->full_name = g_strdup (parent->full_name);
  process->title = g_strdup (parent->title);
  process->is_asked = parent->is_asked;
}

/**
 * il_assembler_title_process:
 *
 * Returns: (transfer none): what the process is called, in full
 */
const char *
il_assembler_title_process (IlAssembler *self, IlAssemblerProcess *process)
{
  ask (self, process);
  return process->title != NULL ? process->title : process->name;
}

/* Threads are called as their process, if nobody gave them another name. */
static const char *
complete (IlAssembler *self, pid_t pid, const char *name)
{
  IlAssemblerProcess *process = g_hash_table_lookup (self->processes, GINT_TO_POINTER (pid));

  if (strlen (name) < COMM_LENGTH || process == NULL || strcmp (process->name, name) != 0)
    return name;
  ask (self, process);
  return process->full_name != NULL ? process->full_name : name;
}

static gboolean
is_visible (const char *name)
{
  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_isgraph (g_utf8_get_char (c)) && !g_unichar_iszerowidth (g_utf8_get_char (c)))
      return TRUE;
  return FALSE;
}

/* What it is called but for others of the same name; by its number, if its name is none to be
 * seen. */
static char *
make_name (IlAssembler *self, const IlAssemblerThread *thread, const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (complete (self, thread->pid, name), -1);

  return is_visible (valid) ? g_steal_pointer (&valid) : g_strdup_printf ("%d", (int)thread->tid);
}

/* --- numbers */

static void
free_called (gpointer data)
{
  IlAssemblerCalled *called = data;

  g_free (called->process_name);
  g_free (called);
}

static void
free_namesakes (gpointer data)
{
  Namesakes *namesakes = data;

  g_ptr_array_unref (namesakes->called);
  g_free (namesakes->name);
  g_free (namesakes);
}

/**
 * il_assembler_init_called:
 */
void
il_assembler_init_called (IlAssembler *self)
{
  self->called = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_namesakes);
  self->misnumbered = g_hash_table_new (NULL, NULL);
}

/**
 * il_assembler_clear_called:
 *
 * Once there are no threads any more.
 */
void
il_assembler_clear_called (IlAssembler *self)
{
  g_clear_pointer (&self->misnumbered, g_hash_table_unref);
  g_clear_pointer (&self->called, g_hash_table_unref);
}

/**
 * il_assembler_get_birth:
 *
 * Returns: when a thread of a program that is not ours was made, as far as is known by now; 0 if
 *   that was before it was watched, or nobody tells
 */
gint64
il_assembler_get_birth (const IlAssembler *self, const IlAssemblerThread *thread)
{
  if (!self->is_foreign || self->scheduler != IL_SCHEDULER_EXACT)
    return 0;
  return thread->birth_ns > 0 ? thread->birth_ns : thread->heard_ns;
}

/* The first of the process stands for it. */
static gint64
get_process_birth (const IlAssembler *self, const IlAssemblerThread *thread)
{
  const IlAssemblerThread *first
      = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (thread->pid));

  return il_assembler_get_birth (self, first != NULL ? first : thread);
}

/* As il_lane_compare_births() and il_lanes_group_by_process(). */
static gboolean
is_before (const IlAssemblerCalled *a, const IlAssemblerCalled *b)
{
  if (a->process_ns != b->process_ns)
    return a->process_ns < b->process_ns;
  if (a->pid != b->pid)
    return a->pid < b->pid;
  if (a->born_ns != b->born_ns)
    return a->born_ns < b->born_ns;
  if ((a->tid == a->pid) != (b->tid == b->pid))
    return a->tid == a->pid;
  return a->tid < b->tid;
}

/* Where it stands, or is to stand: after those that are equal. */
static guint
find_place (const Namesakes *namesakes, const IlAssemblerCalled *called)
{
  guint low = 0, high = namesakes->called->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (is_before (called, g_ptr_array_index (namesakes->called, middle)))
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

static void
enter (IlAssembler *self, IlAssemblerCalled *called)
{
  Namesakes *namesakes = called->namesakes;
  guint place = find_place (namesakes, called);

  g_ptr_array_insert (namesakes->called, (int)place, called);
  namesakes->n_right = MIN (namesakes->n_right, place);
  g_hash_table_add (self->misnumbered, namesakes);
}

static guint
get_place (const IlAssemblerCalled *called)
{
  guint place = find_place (called->namesakes, called);

  while (place > 0 && g_ptr_array_index (called->namesakes->called, place - 1) != called)
    place--;
  return place - 1;
}

/* It is not freed. */
static void
take_out (IlAssembler *self, IlAssemblerCalled *called)
{
  Namesakes *namesakes = called->namesakes;
  guint place = get_place (called);

  g_ptr_array_steal_index (namesakes->called, place);
  namesakes->n_right = MIN (namesakes->n_right, place);
  g_hash_table_add (self->misnumbered, namesakes);
}

static Namesakes *
get_namesakes (IlAssembler *self, const char *name)
{
  Namesakes *namesakes = g_hash_table_lookup (self->called, name);

  if (namesakes == NULL)
    {
      namesakes = g_new0 (Namesakes, 1);
      namesakes->name = g_strdup (name);
      namesakes->called = g_ptr_array_new_with_free_func (free_called);
      g_hash_table_insert (self->called, namesakes->name, namesakes);
    }
  return namesakes;
}

/* "philosopher 1", not "python3". */
static gboolean
ends_in_number (const char *name)
{
  const char *end = name + strlen (name);
  const char *digits = end;

  while (digits > name && g_ascii_isdigit (digits[-1]))
    digits--;
  return digits < end && (digits == name || g_ascii_ispunct (digits[-1]) || digits[-1] == ' ');
}

/* Behind a number another one would be read as a part of it. */
static char *
make_numbered (const char *name, guint number)
{
  if (number == 1)
    return g_strdup (name);
  return g_strdup_printf (ends_in_number (name) ? "%s (%u)" : "%s %u", name, number);
}

/**
 * il_assembler_call:
 * @name: as the kernel has it; may be empty
 *
 * Returns: (transfer full): what the thread is called from now on
 */
char *
il_assembler_call (IlAssembler *self, IlAssemblerThread *thread, const char *name)
{
  g_autofree char *valid = make_name (self, thread, name);
  IlAssemblerCalled *called = thread->called;

  if (called == NULL)
    {
      thread->heard_ns = MAX (thread->heard_ns, self->cut_ns);
      called = thread->called = g_new0 (IlAssemblerCalled, 1);
      *called = (IlAssemblerCalled){ .thread = thread,
                                     .pid = thread->pid,
                                     .tid = thread->tid,
                                     .process_ns = get_process_birth (self, thread),
                                     .born_ns = il_assembler_get_birth (self, thread) };
    }
  else if (!g_str_equal (called->namesakes->name, valid))
    take_out (self, called);
  if (called->namesakes == NULL || !g_str_equal (called->namesakes->name, valid))
    {
      called->namesakes = get_namesakes (self, valid);
      enter (self, called);
      /* The first of a process may be heard of after others. */
      if (thread->tid == thread->pid)
        il_assembler_note_birth (self, thread);
    }
  called->number = get_place (called) + 1;
  return make_numbered (valid, called->number);
}

static void
place_anew (IlAssembler *self, const IlAssemblerThread *thread)
{
  IlAssemblerCalled *called = thread->called;
  gint64 process_ns = get_process_birth (self, thread);
  gint64 born_ns = il_assembler_get_birth (self, thread);

  if (called == NULL || (called->process_ns == process_ns && called->born_ns == born_ns))
    return;
  take_out (self, called);
  called->number = called->born_ns == born_ns ? called->number : 0;
  called->process_ns = process_ns;
  called->born_ns = born_ns;
  enter (self, called);
}

/**
 * il_assembler_note_birth:
 *
 * It is known by now when a thread was made; it, and others of its process, may have been told of
 * before.
 */
void
il_assembler_note_birth (IlAssembler *self, IlAssemblerThread *thread)
{
  if (!self->is_foreign)
    return;
  if (thread->tid != thread->pid)
    {
      place_anew (self, thread);
      return;
    }
  for (guint i = 0; i < self->threads->len; i++)
    {
      const IlAssemblerThread *other = g_ptr_array_index (self->threads, i);

      if (other->pid == thread->pid)
        place_anew (self, other);
    }
}

/**
 * il_assembler_leave_called:
 *
 * A thread is to be forgotten; its lane stays, and has its place among those of its name.
 */
void
il_assembler_leave_called (IlAssemblerThread *thread)
{
  IlAssemblerCalled *called = thread->called;

  if (called == NULL)
    return;
  called->thread = NULL;
  called->lane_plus_1 = thread->lane != NULL ? thread->lane->number + 1 : 0;
  called->process_name = thread->lane != NULL ? g_strdup (thread->lane->process_name) : NULL;
}

/* Returns: whether somebody was told. */
static gboolean
tell (IlAssembler *self, IlAssemblerCalled *called, guint number)
{
  IlAssemblerLane *lane = called->thread != NULL ? called->thread->lane : NULL;
  g_autofree char *name = NULL;
  IlLaneInfo info;

  if (called->number == number || (lane == NULL && called->lane_plus_1 == 0))
    return FALSE;
  called->number = number;
  name = make_numbered (called->namesakes->name, number);
  info = (IlLaneInfo){
    .kind = IL_LANE_THREAD,
    .role = IL_LANE_ROLE_THREAD,
    .scheduler = self->scheduler,
    .pid = called->pid,
    .tid = called->tid,
    .parameter = (guint64)called->born_ns,
    .name = name,
    .process_name = lane != NULL ? lane->process_name : called->process_name,
  };
  self->sink.claim_lane (lane != NULL ? lane->number : called->lane_plus_1 - 1, &info, self->data);
  if (lane != NULL)
    {
      g_free (lane->name);
      lane->name = g_steal_pointer (&name);
      lane->born_ns = called->born_ns;
    }
  return TRUE;
}

/**
 * il_assembler_number_called:
 * @at_end: nothing comes after that
 *
 * Tells of those again whose numbers are others by now.
 */
void
il_assembler_number_called (IlAssembler *self, gboolean at_end)
{
  guint n_left = at_end ? G_MAXUINT : MAX_TOLD_AGAIN;
  GHashTableIter iter;
  gpointer key;

  if (!self->is_foreign)
    return;
  g_hash_table_iter_init (&iter, self->misnumbered);
  while (n_left > 0 && g_hash_table_iter_next (&iter, &key, NULL))
    {
      Namesakes *namesakes = key;
      guint i = namesakes->n_right;

      for (; n_left > 0 && i < namesakes->called->len; i++)
        n_left -= tell (self, g_ptr_array_index (namesakes->called, i), i + 1) ? 1 : 0;
      namesakes->n_right = i;
      if (i == namesakes->called->len)
        g_hash_table_iter_remove (&iter);
    }
}
