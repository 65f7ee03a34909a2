/* il-file.c - files that tasks append lines to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap, but for open, close and take_trouble.
 */

#include "config.h"

#include "il-file.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "il-file-place.h"
#include "il-line.h"
#include "il-workspace.h"

#define N_PIECES 4

static IlWaitResult
fail (IlFile *file, const IlActor *actor)
{
  int error_number = errno, none = 0;

  atomic_compare_exchange_strong (&file->error_number, &none, error_number);
  il_arena_notify (actor->arena);
  return IL_WAIT_FAILED;
}

/* For what may block in the kernel. */
static void
begin_io (IlActor *actor)
{
  il_trace_lane_write (&actor->lane, IL_EVENT_IO_BEGIN, 0, 0);
  il_actor_begin_wait (actor, IL_ACTIVITY_BUSY);
}

static void
end_io (IlActor *actor)
{
  il_trace_lane_write (&actor->lane, IL_EVENT_IO_END, 0, 0);
  il_actor_end_wait (actor);
}

/* Returns how many bytes were written: fewer than asked for if there is no room for more. */
static size_t
write_all (IlFile *file, IlActor *actor, const char *text, size_t size)
{
  size_t n_written = 0;
  int error_number;

  begin_io (actor);
  while (n_written < size)
    {
      ssize_t n = write (file->fd, text + n_written, size - n_written);

      if (n < 0 && errno != EINTR)
        break;
      n_written += n > 0 ? (size_t)n : 0;
    }
  error_number = errno;
  end_io (actor);
  errno = error_number;
  return n_written;
}

static void
note_size (IlFile *file, uint32_t size)
{
  uint32_t before = atomic_load_explicit (&file->min_size, memory_order_relaxed);

  while ((before == 0 || size + 1 < before)
         && !atomic_compare_exchange_weak (&file->min_size, &before, size + 1))
    continue;
}

/**
 * il_file_append:
 * @size: of the line with its newline, in bytes; at most what the agent's workspace has
 * @number: of the task
 *
 * Appends a line.
 *
 * Returns: %IL_WAIT_DONE, %IL_WAIT_CANCELLED, or %IL_WAIT_FAILED if there is no room for it
 */
IlWaitResult
il_file_append (IlFile *file, IlActor *actor, uint32_t size, uint64_t number,
                IlAppendVariant variant)
{
  char *line = (char *)il_workspace_get_outgoing (actor);
  uint32_t piece = variant == IL_APPEND_PIECES ? (size + N_PIECES - 1) / N_PIECES : size;
  uint32_t n_written = 0;
  IlWaitResult result = IL_WAIT_DONE;

  il_line_make (line, size, actor->agent->number, number);
  note_size (file, size);
  while (n_written < size && result == IL_WAIT_DONE)
    {
      uint32_t wanted = MIN (piece, size - n_written);
      size_t n = write_all (file, actor, line + n_written, wanted);

      n_written += (uint32_t)n;
      if (n < wanted)
        result = fail (file, actor);
      else if (n_written < size && !il_actor_may_go_on (actor))
        result = IL_WAIT_CANCELLED;
    }
  il_trace_lane_write (&actor->lane, IL_EVENT_FILE_BYTES, file->object, n_written);
  return result;
}

/**
 * il_file_sync:
 *
 * Waits until the file is on the disk.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_FAILED
 */
IlWaitResult
il_file_sync (IlFile *file, IlActor *actor)
{
  int result, error_number;

  begin_io (actor);
  do
    result = fsync (file->fd);
  while (result != 0 && errno == EINTR);
  error_number = errno;
  end_io (actor);
  errno = error_number;
  return result == 0 ? IL_WAIT_DONE : fail (file, actor);
}

static uint64_t
count_torn (const char *text, size_t size, size_t min_length)
{
  const char *end = text + size;
  uint64_t n_torn = 0;

  while (text < end)
    {
      const char *newline = memchr (text, '\n', (size_t)(end - text));
      size_t length = (size_t)((newline != NULL ? newline : end) - text);

      n_torn += newline == NULL || length < min_length || !il_line_check (text, length);
      text += length + 1;
    }
  return n_torn;
}

/**
 * il_file_count_torn_lines:
 *
 * Returns: how many lines of the file are not as somebody meant to write them
 */
uint64_t
il_file_count_torn_lines (const IlFile *file)
{
  uint32_t min_size = atomic_load (&file->min_size);
  struct stat status;
  uint64_t n_torn;
  char *text;

  if (min_size == 0 || fstat (file->fd, &status) != 0 || status.st_size == 0)
    return 0;
  text = mmap (NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, file->fd, 0);
  if (text == MAP_FAILED)
    return 0;
  n_torn = count_torn (text, (size_t)status.st_size, min_size - 2);
  munmap (text, (size_t)status.st_size);
  return n_torn;
}

static size_t
get_size (const IlObjectPlan *plan)
{
  (void)plan;
  return sizeof (IlFile);
}

static void
init (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan)
{
  IlFile *file = object->data;

  (void)arena;
  (void)plan;
  file->fd = -1;
}

static bool
open_object (IlArena *arena, IlArenaObject *object, GError **error)
{
  IlFile *file = object->data;

  (void)arena;
  file->fd = il_file_place_open (error);
  if (file->fd < 0)
    return false;
  /* A limit to the size of files is met with as a full disk is, not by being killed. */
  signal (SIGXFSZ, SIG_IGN);
  return true;
}

static void
close_object (IlArenaObject *object, IlActor *supervisor)
{
  IlFile *file = object->data;
  uint64_t n_torn = il_file_count_torn_lines (file);

  if (n_torn > 0)
    il_trace_lane_write (&supervisor->lane, IL_EVENT_TORN_LINES, file->object,
                         (uint32_t)MIN (n_torn, UINT32_MAX));
  close (file->fd);
  file->fd = -1;
}

static char *
take_trouble (IlArenaObject *object)
{
  IlFile *file = object->data;
  int error_number = atomic_load (&file->error_number);

  if (error_number == 0 || atomic_exchange (&file->is_told, 1) != 0)
    return NULL;
  return g_strdup_printf (_ ("Cannot write to file %s: %s"), object->name,
                          g_strerror (error_number));
}

const IlObjectClass il_file_class = {
  .kind = IL_OBJECT_FILE,
  .id_offset = offsetof (IlFile, object),
  .get_size = get_size,
  .init = init,
  .open = open_object,
  .close = close_object,
  .take_trouble = take_trouble,
};
