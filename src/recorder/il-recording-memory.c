/* il-recording-memory.c - how much memory the processes of the target take, now and then
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kernel counts the peak of each process itself, but not what processes share.  The
 * proportional size it counts on demand, by a walk through all pages: so it is asked ten times a
 * second at most, and so seldom that it takes less than 2 % of a core.  A peak in between is not
 * seen, nor is a process that lives for a shorter time.  What is mapped to record it all is the
 * recorder's doing, and does not count.
 */

#include "config.h"

#include "il-recording-private.h"

#include <time.h>

#define SAMPLE_EVERY_NS G_GINT64_CONSTANT (100000000)
#define COST_FACTOR 50

typedef struct
{
  guint64 peak;
  gboolean is_gone; /* its number may become another's */
} Memory;

/**
 * il_recording_watch_memory:
 * @pid: of a process of which a lane begins
 *
 * Looks at its memory, too, as long as it is there.
 */
void
il_recording_watch_memory (IlRecording *self, pid_t pid)
{
  if (self->memory == NULL)
    self->memory = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  if (!g_hash_table_contains (self->memory, GINT_TO_POINTER (pid)))
    g_hash_table_insert (self->memory, GINT_TO_POINTER (pid), g_new0 (Memory, 1));
}

/* Of this thread: what it waits for a core while it looks is no cost. */
static gint64
get_cpu_ns (void)
{
  struct timespec now = { 0 };

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What the kernel calls the mapping of the shared file. */
static char *
dup_mapping_name (const IlRecording *self)
{
  const char *path = il_trace_reader_get_path (self->reader);
  char *name = g_file_read_link (path, NULL);

  return name != NULL ? name : g_strdup (path);
}

/**
 * il_recording_sample_memory:
 *
 * Looks at the memory of all processes, unless the last look was too short a time ago.
 */
void
il_recording_sample_memory (IlRecording *self)
{
  gint64 cpu_ns = get_cpu_ns ();
  g_autofree char *excluded = NULL;
  guint64 total = 0;
  GHashTableIter iter;
  gpointer pid, value;

  if (self->memory == NULL || il_clock_monotonic_ns () < self->memory_at_ns)
    return;
  excluded = dup_mapping_name (self);
  g_hash_table_iter_init (&iter, self->memory);
  while (g_hash_table_iter_next (&iter, &pid, &value))
    {
      Memory *memory = value;
      guint64 pss = memory->is_gone ? 0 : il_probe_read_pss (GPOINTER_TO_INT (pid), excluded);

      memory->is_gone = memory->is_gone || (pss == 0 && memory->peak > 0);
      memory->peak = MAX (memory->peak, pss);
      total += pss;
    }
  self->peak_pss = MAX (self->peak_pss, total);
  self->memory_at_ns
      = il_clock_monotonic_ns () + MAX (SAMPLE_EVERY_NS, (get_cpu_ns () - cpu_ns) * COST_FACTOR);
}

static void
set_bytes (IlRecording *self, const char *key, guint64 bytes)
{
  g_autofree char *value = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);

  if (bytes > 0)
    il_recording_set_fact (self, key, value);
}

/**
 * il_recording_set_memory_facts:
 *
 * Keeps the peaks with the session.
 */
void
il_recording_set_memory_facts (IlRecording *self)
{
  GHashTableIter iter;
  gpointer pid, value;

  if (self->memory == NULL)
    return;
  set_bytes (self, IL_META_PSS, self->peak_pss);
  g_hash_table_iter_init (&iter, self->memory);
  while (g_hash_table_iter_next (&iter, &pid, &value))
    {
      g_autofree char *key = g_strdup_printf (IL_META_PSS_PREFIX "%d", GPOINTER_TO_INT (pid));

      set_bytes (self, key, ((const Memory *)value)->peak);
    }
}
