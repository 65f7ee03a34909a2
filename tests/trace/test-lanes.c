/* test-lanes.c - lanes come, go and are used again; processes share them, and may be killed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-trace-write.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect.h"
#include "il-trace-private.h"

typedef struct
{
  IlTraceReader *reader;
  IlTrace *trace;
  Collection collection;
} Fixture;

#define FOLLOWED_CPU_NS 5000000
#define N_NAPS 20

typedef struct
{
  IlTrace *trace;
  guint64 cpu_ns, voluntary_switches, involuntary_switches; /* of the thread, afterwards */
} Followed;

static void
set_up_in (Fixture *fixture, const char *directory, guint n_lanes, guint ring_events)
{
  int error;

  fixture->reader = il_trace_reader_new (directory, n_lanes, ring_events);
  g_assert_nonnull (fixture->reader);
  fixture->trace = il_trace_attach (il_trace_reader_get_path (fixture->reader), &error);
  g_assert_cmpint (error, ==, 0);
  g_assert_nonnull (fixture->trace);
  collection_init (&fixture->collection);
}

static void
set_up (Fixture *fixture, gconstpointer n_lanes)
{
  set_up_in (fixture, g_get_tmp_dir (), GPOINTER_TO_UINT (n_lanes), 1 << 14);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  collection_finish (&fixture->collection);
  il_trace_detach (fixture->trace);
  il_trace_reader_free (fixture->reader);
}

static void
drain (Fixture *fixture)
{
  il_trace_reader_drain (fixture->reader, &collect_handler, &fixture->collection);
}

static IlTraceLaneHeader *
get_shared (Fixture *fixture, guint32 index)
{
  return il_trace_lane_header (fixture->trace->base, &fixture->trace->layout, index);
}

static void
wait_for (pid_t pid, int expected_signal)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  if (expected_signal == 0)
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  else
    g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == expected_signal);
}

/* --- many threads --------------------------------------------------------------------------- */

/* To sleep, not to yield: who yields on a busy machine lets others have all of their slices first,
 * and is itself not taken for one who has waited. */
#define NAP_US 20

/* A sanitizer makes a thread a hundred times dearer. */
#ifdef HAVE_SANITIZER
#define N_SHORT 2000u
#else
#define N_SHORT 20000u
#endif
#define N_AT_ONCE 4u

static void *
short_thread (void *data)
{
  IlTraceLane lane;

  /* Full for a moment: the reader has not come round yet. */
  while (!il_trace_lane_claim (data, &lane, IL_ROLE_THREAD, 0, "short", 0))
    g_usleep (NAP_US);
  il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, (guint32)lane.index);
  il_trace_lane_release (&lane, 0);
  return NULL;
}

static gint64
get_own_cpu_ns (void)
{
  struct timespec cpu;

  g_assert_cmpint (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &cpu), ==, 0);
  return cpu.tv_sec * G_GINT64_CONSTANT (1000000000) + cpu.tv_nsec;
}

/* Two lanes, one after the other, of which the first has the work. */
static void *
following_thread (void *data)
{
  Followed *followed = data;
  IlTraceLane lanes[2];
  struct rusage usage;

  il_trace_lane_claim (followed->trace, &lanes[0], IL_ROLE_WORKER, 1, "Worker 1", 0);
  while (get_own_cpu_ns () < FOLLOWED_CPU_NS)
    ;
  for (guint i = 0; i < N_NAPS; i++)
    g_usleep (1);
  il_trace_lane_release (&lanes[0], 0);
  il_trace_lane_claim (followed->trace, &lanes[1], IL_ROLE_WORKER, 1, "Worker 1", 0);
  il_trace_lane_release (&lanes[1], 0);
  followed->cpu_ns = get_own_cpu_ns ();
  g_assert_cmpint (getrusage (RUSAGE_THREAD, &usage), ==, 0);
  followed->voluntary_switches = (guint64)usage.ru_nvcsw;
  followed->involuntary_switches = (guint64)usage.ru_nivcsw;
  return NULL;
}

/* What a thread did in one lane does not count for the next: all of them together have no more than
 * the thread. */
static void
test_usage_of_followers (Fixture *fixture, gconstpointer data)
{
  Followed followed = { .trace = fixture->trace };
  const IlTraceLaneUsage *first, *second;
  pthread_t thread;

  g_assert_cmpint (pthread_create (&thread, NULL, following_thread, &followed), ==, 0);
  pthread_join (thread, NULL);
  drain (fixture);
  g_assert_cmpuint (fixture->collection.lanes->len, ==, 2);
  first = &((CollectedLane *)g_ptr_array_index (fixture->collection.lanes, 0))->usage;
  second = &((CollectedLane *)g_ptr_array_index (fixture->collection.lanes, 1))->usage;
  g_assert_true (first->valid && second->valid);
  g_assert_cmpuint (first->cpu_ns, >=, FOLLOWED_CPU_NS);
  g_assert_cmpuint (first->voluntary_switches, >, 0);
  g_assert_cmpuint (first->cpu_ns + second->cpu_ns, <=, followed.cpu_ns);
  g_assert_cmpuint (first->voluntary_switches + second->voluntary_switches, <=,
                    followed.voluntary_switches);
  g_assert_cmpuint (first->involuntary_switches + second->involuntary_switches, <=,
                    followed.involuntary_switches);
  g_assert_cmpuint (second->peak_rss_bytes, >=, first->peak_rss_bytes);
}

static void *
starter_thread (void *data)
{
  for (guint i = 0; i < N_SHORT / N_AT_ONCE; i++)
    {
      pthread_t threads[N_AT_ONCE];

      for (guint j = 0; j < N_AT_ONCE; j++)
        g_assert_cmpint (pthread_create (&threads[j], NULL, short_thread, data), ==, 0);
      for (guint j = 0; j < N_AT_ONCE; j++)
        pthread_join (threads[j], NULL);
    }
  return NULL;
}

static void
test_short_threads (Fixture *fixture, gconstpointer data)
{
  guint n_lanes = GPOINTER_TO_UINT (data);
  g_autoptr (GHashTable) tids = g_hash_table_new (NULL, NULL);
  pthread_t starter;

  pthread_create (&starter, NULL, starter_thread, fixture->trace);
  for (guint n_ended = 0; n_ended < N_SHORT;)
    {
      guint n_before = n_ended;

      drain (fixture);
      while (n_ended < fixture->collection.lanes->len
             && ((CollectedLane *)g_ptr_array_index (fixture->collection.lanes, n_ended))->is_ended)
        n_ended++;
      if (n_ended == n_before)
        g_usleep (NAP_US);
    }
  pthread_join (starter, NULL);

  g_assert_cmpuint (fixture->collection.lanes->len, ==, N_SHORT);
  for (guint i = 0; i < N_SHORT; i++)
    {
      CollectedLane *lane = g_ptr_array_index (fixture->collection.lanes, i);

      g_assert_cmpuint (lane->info.index, <, n_lanes);
      g_assert_cmpint (lane->info.pid, ==, getpid ());
      g_assert_cmpuint (lane->events->len, ==, 3);
      g_assert_cmpuint (collected_event (lane, 1)->value, ==, lane->info.index);
      g_assert_true (lane->usage.valid);
      g_hash_table_add (tids, GINT_TO_POINTER (lane->info.tid));
    }
  g_assert_cmpuint (g_hash_table_size (tids), >, N_SHORT / 20);
}

static void
test_no_lane_left (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lanes[3];
  IlTraceReaderStats stats;

  g_assert_true (il_trace_lane_claim (fixture->trace, &lanes[0], IL_ROLE_WORKER, 1, "a", 0));
  g_assert_true (il_trace_lane_claim (fixture->trace, &lanes[1], IL_ROLE_WORKER, 2, "b", 0));
  g_assert_false (il_trace_lane_claim (fixture->trace, &lanes[2], IL_ROLE_WORKER, 3, "c", 0));
  il_trace_lane_write (&lanes[2], IL_EVENT_IDLE, 0, 0);
  il_trace_lane_release (&lanes[2], 0);
  il_trace_lane_release (&lanes[0], 0);
  /* Finished is not free: the reader has not drained it. */
  g_assert_false (il_trace_lane_claim (fixture->trace, &lanes[2], IL_ROLE_WORKER, 3, "c", 0));
  drain (fixture);
  g_assert_true (il_trace_lane_claim (fixture->trace, &lanes[2], IL_ROLE_WORKER, 3, "c", 0));
  drain (fixture);
  il_trace_reader_get_stats (fixture->reader, &stats);
  g_assert_cmpuint (stats.n_lanes_refused, ==, 2);
  g_assert_cmpuint (fixture->collection.lanes->len, ==, 3);
}

/* The lowest that is free is used, and looked for from where it is to be expected. */
static void
test_lowest_lane (Fixture *fixture, gconstpointer data)
{
  _Atomic uint32_t *first_free
      = &((IlTraceHeader *)il_trace_reader_get_mapping (fixture->reader, &(size_t){ 0 }))
             ->first_free;
  IlTraceLane lanes[8], more[3];

  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    g_assert_true (il_trace_lane_claim (fixture->trace, &lanes[i], IL_ROLE_WORKER, 1, "a", 0));
  g_assert_cmpuint (*first_free, ==, 8);
  il_trace_lane_release (&lanes[5], 0);
  il_trace_lane_release (&lanes[2], 0);
  drain (fixture);
  g_assert_cmpuint (*first_free, ==, 2);
  g_assert_true (il_trace_lane_claim (fixture->trace, &more[0], IL_ROLE_WORKER, 1, "b", 0));
  g_assert_true (il_trace_lane_claim (fixture->trace, &more[1], IL_ROLE_WORKER, 1, "c", 0));
  g_assert_cmpuint (more[0].index, ==, 2);
  g_assert_cmpuint (more[1].index, ==, 5);
  /* Somebody wrote anything there. */
  il_trace_lane_release (&lanes[0], 0);
  drain (fixture);
  *first_free = 0xfffffff0;
  g_assert_true (il_trace_lane_claim (fixture->trace, &more[2], IL_ROLE_WORKER, 1, "d", 0));
  g_assert_cmpuint (more[2].index, ==, 0);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane;
  CollectedLane *seen;

  il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "Wörker\n1", 0);
  drain (fixture);
  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_cmpstr (seen->info.name, ==, "Wörker?1");
  drain (fixture);
  g_assert_cmpuint (seen->n_renamed, ==, 0);
  /* 31 bytes end within the sixteenth letter. */
  il_trace_lane_set_name (&lane, "ääääääääääääääääääääääää", false);
  drain (fixture);
  g_assert_cmpuint (seen->n_renamed, ==, 1);
  g_assert_cmpstr (seen->info.name, ==, "äääääääääääääää");
  g_assert_false (seen->info.has_own_name);
  il_trace_lane_set_name (&lane, "own", true);
  drain (fixture);
  g_assert_cmpstr (seen->info.name, ==, "own");
  g_assert_true (seen->info.has_own_name);
  il_trace_lane_set_name (&lane, "\xff\xc3(\xed\xa0\x80\xf4\x90\x80\x80\xc2\x85 \xf0\x9f\x98\x80",
                          false);
  drain (fixture);
  g_assert_true (g_utf8_validate (seen->info.name, -1, NULL));
  g_assert_true (g_str_has_prefix (seen->info.name, "?\?(?"));
  g_assert_true (g_str_has_suffix (seen->info.name, " \xf0\x9f\x98\x80"));
  il_trace_lane_set_name (&lane, NULL, false);
  drain (fixture);
  g_assert_cmpstr (seen->info.name, ==, "");
}

static void
test_objects (Fixture *fixture, gconstpointer data)
{
  const IlTraceObjectInfo *object;
  guint n_max = fixture->trace->layout.max_objects;

  g_assert_cmpuint (il_trace_object_add (fixture->trace, IL_OBJECT_QUEUE, "Q", 10), ==, 1);
  g_assert_cmpuint (il_trace_object_add (fixture->trace, IL_OBJECT_LOCK, NULL, 0), ==, 2);
  drain (fixture);
  g_assert_cmpuint (fixture->collection.objects->len, ==, 2);
  object = &g_array_index (fixture->collection.objects, IlTraceObjectInfo, 0);
  g_assert_cmpuint (object->id, ==, 1);
  g_assert_cmpuint (object->kind, ==, IL_OBJECT_QUEUE);
  g_assert_cmpuint (object->parameter, ==, 10);
  g_assert_cmpstr (object->name, ==, "Q");

  for (guint i = 2; i < n_max; i++)
    g_assert_cmpuint (il_trace_object_add (fixture->trace, IL_OBJECT_LOCK, "L", 0), ==, i + 1);
  g_assert_cmpuint (n_max, ==, 65536);
  g_assert_cmpuint (il_trace_object_add (fixture->trace, IL_OBJECT_LOCK, "L", 0), ==, 0);
  drain (fixture);
  g_assert_cmpuint (fixture->collection.objects->len, ==, n_max);
}

/* What a program that is not ours uses has an address, and places in files that it has loaded. */
static void
test_found_objects (Fixture *fixture, gconstpointer data)
{
  char path[IL_TRACE_PATH_MAX], long_path[IL_TRACE_PATH_MAX + 1];
  guint program = il_trace_module_add (fixture->trace, "/usr/bin/program");
  IlTraceOrigin origin = {
    .address = 0x7fff0010,
    .lies = { .module = program, .offset = 0x4010 },
    .used = { .module = 77, .offset = 1 },
  };
  const IlTraceObjectInfo *object;

  g_assert_cmpuint (program, ==, 1);
  g_assert_cmpuint (il_trace_module_add (fixture->trace, "/lib/libc.so.6"), ==, 2);
  g_assert_cmpuint (il_trace_module_add (fixture->trace, "/usr/bin/program"), ==, 1);
  g_assert_cmpuint (il_trace_module_add (fixture->trace, "linux-vdso.so.1"), ==, 0);
  memset (long_path, '/', sizeof long_path);
  long_path[sizeof long_path - 1] = '\0';
  g_assert_cmpuint (il_trace_module_add (fixture->trace, long_path), ==, 0);
  g_assert_cmpuint (il_trace_module_add (fixture->trace, long_path + 1), ==, 3);
  g_assert_cmpuint (il_trace_module_add (NULL, "/usr/bin/program"), ==, 0);

  g_assert_cmpuint (il_trace_object_add_found (fixture->trace, IL_OBJECT_LOCK, NULL, 0, &origin),
                    ==, 1);
  drain (fixture);
  g_assert_cmpuint (fixture->collection.objects->len, ==, 1);
  object = &g_array_index (fixture->collection.objects, IlTraceObjectInfo, 0);
  g_assert_cmpint (object->pid, ==, getpid ());
  g_assert_cmpuint (object->address, ==, 0x7fff0010);
  g_assert_cmpuint (object->lies.module, ==, program);
  g_assert_cmpuint (object->lies.offset, ==, 0x4010);
  g_assert_cmpuint (object->used.module, ==, 0); /* there is no such module */
  g_assert_cmpuint (object->used.offset, ==, 0);
  g_assert_true (il_trace_reader_copy_module_path (fixture->reader, program, path));
  g_assert_cmpstr (path, ==, "/usr/bin/program");
  g_assert_false (il_trace_reader_copy_module_path (fixture->reader, 0, path));
  g_assert_false (il_trace_reader_copy_module_path (fixture->reader, 4, path));
  g_assert_false (il_trace_reader_copy_module_path (fixture->reader, G_MAXUINT32, path));
}

static void
test_many_modules (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < IL_TRACE_MODULES; i++)
    {
      g_autofree char *path = g_strdup_printf ("/lib/%u", i);

      g_assert_cmpuint (il_trace_module_add (fixture->trace, path), ==, i + 1);
    }
  g_assert_cmpuint (il_trace_module_add (fixture->trace, "/lib/more"), ==, 0);
  g_assert_cmpuint (il_trace_module_add (fixture->trace, "/lib/7"), ==, 8);
}

/* An event that comes with its object in one drain finds it registered. */
static void
object_adding_cb (const IlTraceLaneInfo *info, void *data)
{
  Fixture *fixture = data;

  g_assert_cmpuint (il_trace_object_add (fixture->trace, IL_OBJECT_LOCK, "late", 0), ==, 1);
}

static void
count_cb (const IlTraceObjectInfo *object, void *data)
{
  Fixture *fixture = data;

  g_array_append_vals (fixture->collection.objects, object, 1);
}

static void
test_late_object (Fixture *fixture, gconstpointer data)
{
  const IlTraceHandler handler = { .lane_begun = object_adding_cb, .object_added = count_cb };
  IlTraceReaderStats stats;
  IlTraceLane lane;

  il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "W", 0);
  il_trace_lane_write (&lane, IL_EVENT_LOCK_WAIT, 1, 0);
  il_trace_reader_drain (fixture->reader, &handler, fixture);
  il_trace_reader_drain (fixture->reader, &handler, fixture);
  il_trace_reader_get_stats (fixture->reader, &stats);
  g_assert_cmpuint (stats.n_damaged, ==, 0);
  g_assert_cmpuint (fixture->collection.objects->len, ==, 1);
}

/* --- processes ------------------------------------------------------------------------------ */

#define N_PROCESSES 4u
#define N_THREADS 8u
#define N_EACH 1000u

static void *
worker_thread (void *data)
{
  IlTraceLane lane;

  if (!il_trace_lane_claim (data, &lane, IL_ROLE_WORKER, 1, "W", 0))
    _exit (2);
  for (guint32 i = 0; i < N_EACH; i++)
    il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, i);
  il_trace_lane_release (&lane, 0);
  return NULL;
}

static void
run_threads (IlTrace *trace)
{
  pthread_t threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    if (pthread_create (&threads[i], NULL, worker_thread, trace) != 0)
      _exit (1);
  for (guint i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
}

static void
test_processes (Fixture *fixture, gconstpointer data)
{
  pid_t children[N_PROCESSES];

  g_setenv (IL_TRACE_ENVIRONMENT, il_trace_reader_get_path (fixture->reader), TRUE);
  for (guint i = 0; i < N_PROCESSES; i++)
    {
      children[i] = fork ();
      g_assert_cmpint (children[i], >=, 0);
      if (children[i] == 0)
        {
          int error;

          /* Half of them as after an exec, half with the parent's mapping. */
          run_threads (i % 2 == 0 ? fixture->trace : il_trace_attach_from_environment (&error));
          _exit (0);
        }
    }
  for (guint i = 0; i < N_PROCESSES; i++)
    {
      wait_for (children[i], 0);
      drain (fixture);
    }
  g_unsetenv (IL_TRACE_ENVIRONMENT);

  g_assert_cmpuint (fixture->collection.lanes->len, ==, N_PROCESSES * N_THREADS);
  for (guint i = 0; i < fixture->collection.lanes->len; i++)
    {
      CollectedLane *lane = g_ptr_array_index (fixture->collection.lanes, i);

      g_assert_true (lane->is_ended);
      g_assert_cmpint (lane->info.pid, !=, getpid ());
      g_assert_cmpuint (lane->events->len, ==, N_EACH + 2);
    }
}

/* A forked child that ends its copy of the parent's lane leaves the lane alone. */
static void
test_fork (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane;
  CollectedLane *seen;
  pid_t child;

  il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "W", 0);
  child = fork ();
  if (child == 0)
    {
      il_trace_lane_release (&lane, 0);
      _exit (lane.trace == NULL ? 0 : 1);
    }
  wait_for (child, 0);
  il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, 0);
  drain (fixture);
  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_false (seen->is_ended);
  g_assert_null (seen->damage);
  g_assert_cmpuint (seen->events->len, ==, 2);
}

/* What a writer published is there although it was killed: it tells through a pipe how far it
 * certainly was. */
static void
test_kill (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < 20; round++)
    {
      CollectedLane *seen;
      guint32 written = 0, next = 0;
      int ends[2];
      pid_t child;

      g_assert_cmpint (pipe (ends), ==, 0);
      child = fork ();
      if (child == 0)
        {
          IlTraceLane lane;

          il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "W", 0);
          for (guint32 i = 0;; i++)
            {
              il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, i);
              if (i % 5000 == round && write (ends[1], &i, sizeof i) != sizeof i)
                _exit (1);
            }
        }
      close (ends[1]);
      for (guint i = 0; i < 10; i++)
        {
          g_assert_cmpint (read (ends[0], &written, sizeof written), ==, sizeof written);
          drain (fixture);
        }
      kill (child, SIGKILL);
      wait_for (child, SIGKILL);
      while (read (ends[0], &written, sizeof written) == sizeof written)
        ;
      close (ends[0]);
      il_trace_reader_process_died (fixture->reader, child);
      drain (fixture);

      seen = collection_get_lane (&fixture->collection, 0);
      g_assert_true (seen->is_ended);
      g_assert_false (seen->usage.valid);
      g_assert_cmpint (seen->info.pid, ==, child);
      for (guint i = 0; i < seen->events->len; i++)
        if (IL_EVENT_KIND (collected_event (seen, i)->what) == IL_EVENT_LOST)
          next += collected_event (seen, i)->value;
        else if (IL_EVENT_KIND (collected_event (seen, i)->what) == IL_EVENT_IDLE)
          g_assert_cmpuint (collected_event (seen, i)->value, ==, next++);
      g_assert_cmpuint (next, >, written);
    }
}

/* A claimer killed half-way leaves a claim without an owner. */
static void
test_killed_claimer (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane;
  pid_t child = fork ();

  if (child == 0)
    {
      atomic_store (&get_shared (fixture, 0)->claim,
                    IL_TRACE_CLAIM (IL_TRACE_LANE_CLAIMED, 0, getpid ()));
      raise (SIGKILL);
    }
  wait_for (child, SIGKILL);
  drain (fixture);
  g_assert_true (il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "W", 0));
  g_assert_cmpuint (lane.index, ==, 1);
  il_trace_lane_release (&lane, 0);
  il_trace_reader_process_died (fixture->reader, child);
  drain (fixture);
  g_assert_true (il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "W", 0));
  g_assert_cmpuint (lane.index, ==, 0);
  il_trace_lane_release (&lane, 0);
  drain (fixture);
  g_assert_cmpuint (fixture->collection.lanes->len, ==, 2);
}

/* --- the file ------------------------------------------------------------------------------- */

static guint
count_files (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_file (void)
{
  g_autofree char *directory = g_dir_make_tmp ("il-test-XXXXXX", NULL);
  IlTraceReader *first = il_trace_reader_new (directory, 0, 0);
  IlTraceReader *second;
  g_autofree char *leftover = g_build_filename (directory, "interleave-trace-leftX", NULL);
  GStatBuf status;

  g_assert_nonnull (first);
  g_assert_cmpint (g_stat (il_trace_reader_get_path (first), &status), ==, 0);
  g_assert_cmphex (status.st_mode & 0777, ==, 0600);
  /* Sparse: of a gigabyte only header, lanes and objects are there. */
  g_assert_cmpint (status.st_size, >, 256 << 20);
  g_assert_cmpint (status.st_blocks * 512, <, 12 << 20);

  /* Of two readers each keeps its file; what nobody holds is removed. */
  g_assert_true (g_file_set_contents (leftover, "", 0, NULL));
  second = il_trace_reader_new (directory, 0, 0);
  g_assert_nonnull (second);
  g_assert_cmpuint (count_files (directory), ==, 2);
  il_trace_reader_free (first);
  il_trace_reader_free (second);
  g_assert_cmpint (g_rmdir (directory), ==, 0);

  errno = 0;
  g_assert_null (il_trace_reader_new (directory, 0, 0));
  g_assert_cmpint (errno, ==, ENOENT);
  il_trace_reader_free (NULL);
}

static void
expect_layout (guint64 space, guint max_lanes, guint ring_events, guint large, guint small)
{
  IlTraceLayout layout = { .source = IL_CLOCK_MONOTONIC }, loaded;
  IlTraceHeader header = { 0 };

  il_trace_layout_choose (&layout, max_lanes, ring_events, space);
  g_assert_cmpuint (layout.large_events, ==, large);
  g_assert_cmpuint (layout.small_events, ==, small);
  il_trace_layout_store (&layout, &header);
  g_assert_true (il_trace_layout_load (&loaded, &header, layout.file_size));
  g_assert_cmpmem (&loaded, sizeof loaded, &layout, sizeof layout);
}

static void
test_layout (void)
{
  const guint64 much = G_GUINT64_CONSTANT (1) << 40;

  expect_layout (much, 0, 0, 1 << 18, 1 << 14);
  expect_layout (much, 8, 5000, 8192, 512);
  expect_layout (much, 1, 1, 256, 256);
  expect_layout (much, G_MAXUINT, G_MAXUINT, 1 << 24, 1 << 20);
  expect_layout (64 << 20, 0, 0, 1 << 16, 1 << 12);
  expect_layout (1 << 20, 0, 0, 1 << 10, 256);
  expect_layout (0, 0, 0, 256, 256);
}

#define ADD(path, n_lanes, function)                                                               \
  g_test_add (path, Fixture, GUINT_TO_POINTER (n_lanes), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/trace/lanes/short-threads", 100, test_short_threads);
  ADD ("/trace/lanes/short-threads-and-few-lanes", 6, test_short_threads);
  ADD ("/trace/lanes/usage-of-followers", 4, test_usage_of_followers);
  ADD ("/trace/lanes/no-lane-left", 2, test_no_lane_left);
  ADD ("/trace/lanes/lowest", 8, test_lowest_lane);
  ADD ("/trace/lanes/names", 2, test_names);
  ADD ("/trace/lanes/objects", 4096, test_objects);
  ADD ("/trace/lanes/found-objects", 2, test_found_objects);
  ADD ("/trace/lanes/many-modules", 2, test_many_modules);
  ADD ("/trace/lanes/late-object", 2, test_late_object);
  ADD ("/trace/lanes/processes", 100, test_processes);
  ADD ("/trace/lanes/fork", 2, test_fork);
  ADD ("/trace/lanes/kill", 2, test_kill);
  ADD ("/trace/lanes/killed-claimer", 2, test_killed_claimer);
  g_test_add_func ("/trace/lanes/file", test_file);
  g_test_add_func ("/trace/lanes/layout", test_layout);
  return g_test_run ();
}
