/* il-assembler-called.c - what threads of programs that are not ours are called where it is shown
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many threads have the name of who made them, as the kernel has it: nobody gave them another one.
 * So that what is said of one of them is clear by itself, all but the first are numbered, over all
 * processes of the program: "xz", "xz 2".  A name that fills the kernel's 15 bytes may be cut; it
 * is completed from what was executed.
 */

#include "config.h"

#include "il-assembler-private.h"

#include "il-assembler-parts-private.h"

#include <string.h>

#define COMM_LENGTH (IL_ASSEMBLER_NAME_SIZE - 1)

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

/**
 * il_assembler_inherit_name:
 *
 * A process that was just made is called as who made it.
 */
void
il_assembler_inherit_name (IlAssemblerProcess *process, const IlAssemblerProcess *parent)
{
  il_assembler_call_process (process, parent->name);
  process->full_name = g_strdup (parent->full_name);
  process->title = g_strdup (parent->title);
  process->is_asked = parent->is_asked;
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

/* Who had the last number gives it back: many have another name for a moment only, between fork and
 * exec. */
static void
give_back (IlAssembler *self, const IlAssemblerThread *thread)
{
  gpointer n = g_hash_table_lookup (self->called, thread->called);

  if (thread->called != NULL && GPOINTER_TO_UINT (n) == thread->ordinal)
    g_hash_table_replace (self->called, g_strdup (thread->called),
                          GUINT_TO_POINTER (thread->ordinal - 1));
}

/**
 * il_assembler_call:
 * @name: as the kernel has it
 *
 * Returns: (transfer full): what the thread is called from now on
 */
char *
il_assembler_call (IlAssembler *self, IlAssemblerThread *thread, const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (complete (self, thread->pid, name), -1);

  if (thread->called == NULL || strcmp (thread->called, valid) != 0)
    {
      if (thread->called != NULL)
        give_back (self, thread);
      thread->ordinal = GPOINTER_TO_UINT (g_hash_table_lookup (self->called, valid)) + 1;
      g_hash_table_replace (self->called, g_strdup (valid), GUINT_TO_POINTER (thread->ordinal));
      g_free (thread->called);
      thread->called = g_steal_pointer (&valid);
    }
  return thread->ordinal == 1 ? g_strdup (thread->called)
                              : g_strdup_printf ("%s %u", thread->called, thread->ordinal);
}
