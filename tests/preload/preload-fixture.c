/* preload-fixture.c - runs a small program under the library, and keeps what it wrote
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "preload-fixture.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAP_US 3000

static void
counted_cb (uint32_t object, uint32_t n_untold, void *data)
{
  Run *run = data;

  if (object >= run->untold->len)
    g_array_set_size (run->untold, object + 1);
  g_array_index (run->untold, guint64, object) += n_untold;
}

/* The collection's own callbacks want the collection alone: it is a run's first member. */
G_STATIC_ASSERT (G_STRUCT_OFFSET (Run, collection) == 0);

static void
drain (Run *run, IlTraceReader *reader)
{
  IlTraceHandler handler = collect_handler;

  handler.object_counted = counted_cb;
  il_clock_map_advance (&run->clock);
  il_trace_reader_drain (reader, &handler, run);
  run->n_looks++;
}

static char *
read_all (int fd)
{
  GString *text = g_string_new (NULL);
  char buffer[4096];
  ssize_t n;

  lseek (fd, 0, SEEK_SET);
  while ((n = read (fd, buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, n);
  close (fd);
  return g_string_free (text, FALSE);
}

static int
make_output (void)
{
  char path[] = "/tmp/il-preload-XXXXXX";
  int fd = g_mkstemp (path);

  g_assert_cmpint (fd, >=, 0);
  g_unlink (path);
  return fd;
}

/* Lines "name = nanoseconds" say when something was done. */
static void
read_marks (Run *run)
{
  g_auto (GStrv) lines = g_strsplit (run->output, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], " = ", 2);
      gint64 *time_ns;

      if (g_strv_length (parts) != 2)
        continue;
      time_ns = g_new (gint64, 1);
      *time_ns = g_ascii_strtoll (parts[1], NULL, 10);
      g_hash_table_replace (run->marks, g_strdup (parts[0]), time_ns);
    }
}

static char **
make_environment (const RunOptions *options, const char *trace)
{
  char **environment = g_get_environ ();
  g_autofree char *preload
      = options->preload != NULL
            ? g_strconcat (g_getenv ("INTERLEAVE_PRELOAD"), ":", options->preload, NULL)
            : g_strdup (g_getenv ("INTERLEAVE_PRELOAD"));

  environment = g_environ_setenv (environment, "LD_PRELOAD", preload, TRUE);
  if (trace != NULL)
    environment = g_environ_setenv (environment, "INTERLEAVE_TRACE", trace, TRUE);
  for (guint i = 0; options->environment != NULL && options->environment[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (options->environment[i], "=", 2);

      environment = g_environ_setenv (environment, parts[0], parts[1], TRUE);
    }
  return environment;
}

typedef struct
{
  const char *directory;
  char **arguments;
  char **environment;
  int output, errors;
} Child;

static pid_t
start (const Child *child)
{
  pid_t pid = fork ();

  if (pid != 0)
    return pid;
  dup2 (child->output, 1);
  dup2 (child->errors, 2);
  if (child->directory == NULL || chdir (child->directory) == 0)
    execve (child->arguments[0], child->arguments, child->environment);
  _exit (127);
}

static void
run_arguments (Run *run, const RunOptions *options, char **arguments)
{
  static const RunOptions none;
  g_autofree char *directory = g_dir_make_tmp ("il-preload-XXXXXX", NULL);
  IlTraceReader *reader;
  g_auto (GStrv) environment = NULL;
  Child child = { .output = make_output (), .errors = make_output () };
  pid_t pid;

  if (options == NULL)
    options = &none;
  g_assert_nonnull (g_getenv ("INTERLEAVE_PRELOAD"));
  memset (run, 0, sizeof *run);
  collection_init (&run->collection);
  run->untold = g_array_new (FALSE, TRUE, sizeof (guint64));
  run->marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  reader = il_trace_reader_new (directory, options->n_lanes, options->ring_events);
  g_assert_nonnull (reader);
  il_clock_map_init (&run->clock, il_trace_reader_get_source (reader));
  environment = make_environment (
      options, options->has_no_reader ? NULL : il_trace_reader_get_path (reader));

  child.directory = options->directory;
  child.arguments = arguments;
  child.environment = environment;
  pid = start (&child);
  while (waitpid (pid, &run->status, WNOHANG) == 0)
    {
      if (!options->is_lazy)
        drain (run, reader);
      g_usleep (NAP_US);
    }
  drain (run, reader);
  il_trace_reader_process_died (reader, 0);
  drain (run, reader);
  il_trace_reader_get_stats (reader, &run->stats);
  run->output = read_all (child.output);
  run->errors = read_all (child.errors);
  read_marks (run);
  il_trace_reader_free (reader);
  g_rmdir (directory);
}

void
run_program (Run *run, const RunOptions *options, const char *path, ...)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  va_list more;
  const char *argument;

  g_ptr_array_add (arguments, (char *)path);
  va_start (more, path);
  while ((argument = va_arg (more, const char *)) != NULL)
    g_ptr_array_add (arguments, (char *)argument);
  va_end (more);
  g_ptr_array_add (arguments, NULL);
  run_arguments (run, options, (char **)arguments->pdata);
}

void
run_subject (Run *run, const RunOptions *options, ...)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  va_list more;
  const char *argument;

  g_ptr_array_add (arguments, (char *)g_getenv ("IL_SUBJECT"));
  va_start (more, options);
  while ((argument = va_arg (more, const char *)) != NULL)
    g_ptr_array_add (arguments, (char *)argument);
  va_end (more);
  g_ptr_array_add (arguments, NULL);
  run_arguments (run, options, (char **)arguments->pdata);
}

void
run_clear (Run *run)
{
  collection_finish (&run->collection);
  g_array_unref (run->untold);
  g_hash_table_unref (run->marks);
  g_free (run->output);
  g_free (run->errors);
}

void
assert_ended_well (const Run *run)
{
  g_assert_cmpstr (run->errors, ==, "");
  g_assert_true (WIFEXITED (run->status));
  g_assert_cmpint (WEXITSTATUS (run->status), ==, 0);
  g_assert_cmpuint (run->stats.n_damaged, ==, 0);
}

CollectedLane *
get_lane (Run *run, const char *name, guint n)
{
  for (guint i = 0; i < run->collection.lanes->len; i++)
    {
      CollectedLane *lane = g_ptr_array_index (run->collection.lanes, i);

      if (g_str_equal (lane->info.name, name) && n-- == 0)
        return lane;
    }
  g_error ("There is no such lane: %s", name);
}

guint
count_lanes (const Run *run, const char *name)
{
  guint n = 0;

  for (guint i = 0; i < run->collection.lanes->len; i++)
    {
      const CollectedLane *lane = g_ptr_array_index (run->collection.lanes, i);

      n += g_str_equal (lane->info.name, name);
    }
  return n;
}

guint
find_event (const CollectedLane *lane, guint from, IlEventKind kind, guint n)
{
  for (guint i = from; i < lane->events->len; i++)
    if (IL_EVENT_KIND (collected_event (lane, i)->what) == kind && n-- == 0)
      return i;
  for (guint i = 0; i < lane->events->len; i++)
    g_printerr ("%u: kind %u object %u value %u\n", i,
                (guint)IL_EVENT_KIND (collected_event (lane, i)->what), get_object (lane, i),
                get_value (lane, i));
  g_error ("%s: there is no such event of kind %u from %u on", lane->info.name, (guint)kind, from);
}

guint
count_events (const CollectedLane *lane, IlEventKind kind)
{
  guint n = 0;

  for (guint i = 0; i < lane->events->len; i++)
    n += IL_EVENT_KIND (collected_event (lane, i)->what) == kind;
  return n;
}

guint32
get_object (const CollectedLane *lane, guint place)
{
  return IL_EVENT_OBJECT (collected_event (lane, place)->what);
}

guint32
get_value (const CollectedLane *lane, guint place)
{
  return collected_event (lane, place)->value;
}

gint64
get_time (Run *run, const CollectedLane *lane, guint place)
{
  return il_clock_map_to_ns (&run->clock, collected_event (lane, place)->stamp);
}

gint64
get_length (Run *run, const CollectedLane *lane, guint place)
{
  const IlEvent *event = collected_event (lane, place);

  return il_clock_map_to_ns (&run->clock, event->stamp)
         - il_clock_map_to_ns (&run->clock,
                               event->stamp - (guint64)event->value * IL_EVENT_COPY_TICKS);
}

const IlTraceObjectInfo *
get_info (const Run *run, guint32 object)
{
  for (guint i = 0; i < run->collection.objects->len; i++)
    {
      const IlTraceObjectInfo *info
          = &g_array_index (run->collection.objects, IlTraceObjectInfo, i);

      if (info->id == object)
        return info;
    }
  g_error ("There is no such object: %u", object);
}

guint64
count_acquisitions (const Run *run, guint32 object)
{
  guint64 n = object < run->untold->len ? g_array_index (run->untold, guint64, object) : 0;

  for (guint i = 0; i < run->collection.lanes->len; i++)
    {
      const CollectedLane *lane = g_ptr_array_index (run->collection.lanes, i);

      for (guint j = 0; j < lane->events->len; j++)
        {
          IlEventKind kind = IL_EVENT_KIND (collected_event (lane, j)->what);

          n += get_object (lane, j) == object
               && (kind == IL_EVENT_LOCK_ACQUIRE || kind == IL_EVENT_RW_ACQUIRE
                   || kind == IL_EVENT_SEM_ACQUIRE);
        }
    }
  return n;
}

gint64
get_mark (const Run *run, const char *name)
{
  const gint64 *time_ns = g_hash_table_lookup (run->marks, name);

  if (time_ns == NULL)
    g_error ("The program did not say when it did this: %s\n%s", name, run->output);
  return *time_ns;
}
