/* test-ring.c - what is written is read, once and in order, or counted as lost
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writer and reader use one mapping, so that the thread sanitizer sees both ends of each edge.
 */

#include "config.h"

#include "il-trace-write.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "collect.h"
#include "il-trace-private.h"

typedef struct
{
  IlTraceReader *reader;
  IlTrace *trace;
  Collection collection;
} Fixture;

/* No ring is shorter. */
#define RING IL_TRACE_RING_MIN

static void
set_up (Fixture *fixture, gconstpointer data)
{
  guint ring_events = GPOINTER_TO_UINT (data);
  size_t size;
  void *mapping;
  int error;

  fixture->reader = il_trace_reader_new (g_get_tmp_dir (), 8, ring_events);
  g_assert_nonnull (fixture->reader);
  mapping = il_trace_reader_get_mapping (fixture->reader, &size);
  fixture->trace
      = il_trace_attach_mapping (mapping, size, il_trace_reader_get_path (fixture->reader), &error);
  g_assert_nonnull (fixture->trace);
  collection_init (&fixture->collection);
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

static IlTraceReaderStats
get_stats (Fixture *fixture)
{
  IlTraceReaderStats stats;

  il_trace_reader_get_stats (fixture->reader, &stats);
  return stats;
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane;
  CollectedLane *seen;
  guint32 n = 0;

  g_assert_true (il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 3, "Worker 3", 2));
  /* Rounds of all lengths, over the wrap of the counters and many of the ring. */
  for (guint round = 0; round < 300; round++)
    {
      for (guint i = 0; i < round % 180; i++)
        il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, n++);
      drain (fixture);
    }
  g_assert_cmpuint (lane.reserved, <, n); /* it did wrap at 2^32 */
  il_trace_lane_release (&lane, 7);
  drain (fixture);

  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_cmpuint (seen->info.role, ==, IL_ROLE_WORKER);
  g_assert_cmpuint (seen->info.number, ==, 3);
  g_assert_cmpuint (seen->info.creator_plus_1, ==, 2);
  g_assert_cmpstr (seen->info.name, ==, "Worker 3");
  g_assert_cmpuint (seen->events->len, ==, n + 2);
  g_assert_cmphex (collected_event (seen, 0)->what, ==, IL_EVENT_LANE_BEGIN);
  g_assert_cmpuint (collected_event (seen, 0)->value, ==, 2);
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmphex (collected_event (seen, i + 1)->what, ==, IL_EVENT_IDLE);
      g_assert_cmpuint (collected_event (seen, i + 1)->value, ==, i);
    }
  g_assert_cmphex (collected_event (seen, n + 1)->what, ==, IL_EVENT_LANE_END);
  g_assert_cmpuint (collected_event (seen, n + 1)->value, ==, 7);
  g_assert_true (seen->is_ended);
  g_assert_true (seen->usage.valid);
  g_assert_cmpuint (seen->usage.cpu_ns, >, 0);
  g_assert_cmpuint (seen->usage.peak_rss_bytes, >, 1 << 20);
  g_assert_cmpuint (get_stats (fixture).n_events, ==, n + 2);
  g_assert_cmpuint (get_stats (fixture).n_lost, ==, 0);
  g_assert_cmpuint (get_stats (fixture).n_damaged, ==, 0);
}

static void
test_fields (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane;
  const IlEvent *event;
  guint32 lock = il_trace_object_add (fixture->trace, IL_OBJECT_LOCK, "A", 0);
  guint64 stamp;

  il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_THREAD, 0, NULL, 0);
  stamp = il_trace_lane_stamp (&lane);
  il_trace_lane_write_at (&lane, stamp, IL_EVENT_LOCK_RELEASE, lock, IL_EVENT_WOKE);
  drain (fixture);
  event = collected_event (collection_get_lane (&fixture->collection, 0), 1);
  g_assert_cmphex (event->stamp, ==, stamp);
  g_assert_cmpuint (IL_EVENT_KIND (event->what), ==, IL_EVENT_LOCK_RELEASE);
  g_assert_cmpuint (IL_EVENT_OBJECT (event->what), ==, lock);
  g_assert_cmphex (event->value, ==, IL_EVENT_WOKE);
}

/* A stamp for an event to come is known to the reader from when it is taken until the event is
 * there; a submission leaves it standing for what follows at the same stamp. */
static void
test_announced (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane, other;
  guint32 kind = il_trace_object_add (fixture->trace, IL_OBJECT_TASK_KIND, "T", 0);
  guint64 stamp;

  il_trace_lane_claim (fixture->trace, &other, IL_ROLE_WORKER, 1, "W", 0);
  il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 2, "W", 0);
  drain (fixture);
  g_assert_cmphex (get_stats (fixture).announced, ==, 0);
  stamp = il_trace_lane_stamp (&lane);
  il_trace_lane_stamp (&other);
  drain (fixture);
  g_assert_cmphex (get_stats (fixture).announced, ==, stamp);
  il_trace_lane_write_at (&other, il_trace_lane_stamp (&other), IL_EVENT_IDLE, 0, 0);
  il_trace_lane_write_at (&lane, stamp, IL_EVENT_TASK_SUBMIT, kind, 0);
  drain (fixture);
  g_assert_cmphex (get_stats (fixture).announced, ==, stamp);
  il_trace_lane_write_at (&lane, stamp, IL_EVENT_TASK_BEGIN, kind, 0);
  drain (fixture);
  g_assert_cmphex (get_stats (fixture).announced, ==, 0);

  /* What cannot be a stamp is not believed, and a dead writer says nothing more. */
  atomic_store (&lane.shared->announced, 1);
  drain (fixture);
  g_assert_cmphex (get_stats (fixture).announced, ==, 0);
  atomic_store (&lane.shared->announced, G_MAXUINT64);
  drain (fixture);
  g_assert_cmphex (get_stats (fixture).announced, ==, 0);
  il_trace_lane_stamp (&lane);
  il_trace_reader_process_died (fixture->reader, getpid ());
  drain (fixture);
  g_assert_cmphex (get_stats (fixture).announced, ==, 0);
}

/* Each value is delivered in order or falls into the gap that the LOST event before the next one
 * states. */
static guint32
check_gaps (const CollectedLane *seen)
{
  guint32 next = 0;

  for (guint i = 0; i < seen->events->len; i++)
    {
      const IlEvent *event = collected_event (seen, i);

      if (IL_EVENT_KIND (event->what) == IL_EVENT_LOST)
        next += event->value;
      else if (IL_EVENT_KIND (event->what) == IL_EVENT_IDLE)
        g_assert_cmpuint (event->value, ==, next++);
    }
  return next;
}

static void
test_loss (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane;
  CollectedLane *seen;
  guint32 n = 0;

  il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "W", 0);
  for (guint round = 0; round < 50; round++)
    {
      for (guint i = 0; i < 100 + 7 * round; i++)
        il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, n++);
      drain (fixture);
    }
  il_trace_lane_release (&lane, 0);
  drain (fixture);

  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_cmpuint (check_gaps (seen), ==, n);
  g_assert_cmpuint (collected_n_lost (seen), >, 0);
  g_assert_cmpuint (get_stats (fixture).n_lost, ==, collected_n_lost (seen));
}

/* Room for the event alone, not for what says that others were lost, is no room. */
static void
test_room_for_one (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane;
  CollectedLane *seen;
  guint32 n = 0, head;

  il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "W", 0);
  head = atomic_load (&lane.shared->head);
  while (atomic_load (&lane.shared->n_lost) == 0)
    il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, n++);
  for (guint round = 0; round < 3; round++)
    {
      /* As if the reader had taken one. */
      atomic_store (&lane.shared->head, head + 1);
      il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, n++);
      il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, n++);
      atomic_store (&lane.shared->head, head);
    }
  drain (fixture);
  il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, n++);
  il_trace_lane_release (&lane, 0);
  drain (fixture);

  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_cmpuint (check_gaps (seen), ==, n);
  g_assert_cmpuint (get_stats (fixture).n_lost, ==, collected_n_lost (seen));
}

/* Even a full ring takes what ends the lane. */
static void
test_release_when_full (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane;
  CollectedLane *seen;
  guint32 n = 10 * RING;

  il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "W", 0);
  for (guint32 i = 0; i < n; i++)
    il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, i);
  il_trace_lane_release (&lane, 0);
  drain (fixture);

  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_cmpuint (check_gaps (seen), ==, n);
  g_assert_cmpuint (seen->events->len, <=, RING);
  g_assert_cmphex (collected_event (seen, seen->events->len - 1)->what, ==, IL_EVENT_LANE_END);
  g_assert_true (seen->is_ended);
  g_assert_cmpuint (get_stats (fixture).fullest_permille, >, 700);
}

/* A writer that is gone cannot report what it lost: the reader does. */
static void
test_loss_of_the_dead (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane;
  CollectedLane *seen;
  guint32 n = 10 * RING;

  il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "W", 0);
  for (guint32 i = 0; i < n; i++)
    il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, i);
  il_trace_reader_process_died (fixture->reader, 0);
  drain (fixture);

  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_cmpuint (check_gaps (seen), ==, n);
  g_assert_true (seen->is_ended);
  g_assert_false (seen->usage.valid);
}

static void
test_swallow (void)
{
  IlTraceLane lane;

  g_assert_false (il_trace_lane_claim (NULL, &lane, IL_ROLE_WORKER, 1, "W", 0));
  il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, 0);
  il_trace_lane_write_at (&lane, il_trace_lane_stamp (&lane), IL_EVENT_IDLE, 0, 0);
  il_trace_lane_set_name (&lane, "V", false);
  il_trace_lane_release (&lane, 0);
  il_trace_detach (NULL);
  g_assert_cmpuint (il_trace_object_add (NULL, IL_OBJECT_LOCK, "A", 0), ==, 0);
  g_assert_cmpuint (lane.reserved, ==, 0);
}

static void
test_errno (Fixture *fixture, gconstpointer data)
{
  IlTraceLane lane;
  int error;

  errno = E2BIG;
  g_assert_null (il_trace_attach ("/nonexistent", &error));
  g_assert_cmpint (error, ==, ENOENT);
  il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_WORKER, 1, "W", 0);
  for (guint i = 0; i < 2 * RING; i++)
    il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, i);
  il_trace_lane_release (&lane, 0);
  g_assert_cmpint (errno, ==, E2BIG);
}

/* --- two threads ---------------------------------------------------------------------------- */

#ifdef HAVE_TSAN
#define N_STREAMED 50000u
#else
#define N_STREAMED 400000u
#endif

typedef struct
{
  Fixture *fixture;
  pthread_t thread;
  _Atomic guint n_seen; /* relaxed: must not order what the ring has to order */
  _Atomic gboolean is_done;
} Stream;

static void *
stream_thread (void *data)
{
  Stream *stream = data;
  IlTraceLane lane;

  g_assert_true (
      il_trace_lane_claim (stream->fixture->trace, &lane, IL_ROLE_WORKER, 1, "Streamer", 0));
  for (guint32 i = 0; i < N_STREAMED; i++)
    {
      il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, i);
      /* However busy the machine is, the two shall overlap. */
      while (i == 100 && atomic_load_explicit (&stream->n_seen, memory_order_relaxed) < 50)
        sched_yield ();
    }
  il_trace_lane_release (&lane, 0);
  atomic_store (&stream->is_done, TRUE);
  return NULL;
}

static void
test_two_threads (Fixture *fixture, gconstpointer data)
{
  Stream stream = { .fixture = fixture };
  CollectedLane *seen;

  g_assert_cmpint (pthread_create (&stream.thread, NULL, stream_thread, &stream), ==, 0);
  while (!atomic_load (&stream.is_done))
    {
      drain (fixture);
      seen = collection_get_lane (&fixture->collection, 0);
      if (seen != NULL)
        atomic_store_explicit (&stream.n_seen, seen->events->len, memory_order_relaxed);
      sched_yield ();
    }
  drain (fixture);
  pthread_join (stream.thread, NULL);

  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_cmpuint (check_gaps (seen), ==, N_STREAMED);
  g_assert_true (seen->is_ended);
  g_assert_cmpuint (get_stats (fixture).n_lost, ==, collected_n_lost (seen));
}

#define ADD(path, ring, function)                                                                  \
  g_test_add (path, Fixture, GUINT_TO_POINTER (ring), set_up, function, tear_down)

static guint
count_ready (const IlTraceLane *lane)
{
  return atomic_load_explicit (&lane->shared->n_ready, memory_order_relaxed);
}

/* Who says little needs little; who has much to say gets all, and loses nothing meanwhile. */
static void
test_thrift (Fixture *fixture, gconstpointer data)
{
  guint n_events = GPOINTER_TO_UINT (data), n = 0;
  CollectedLane *seen;
  IlTraceLane lane;

  il_trace_be_thrifty (fixture->trace);
  g_assert_true (il_trace_lane_claim (fixture->trace, &lane, IL_ROLE_THREAD, 0, NULL, 0));
  g_assert_cmpuint (count_ready (&lane), <=, n_events / 16);
  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < n_events - 100; i++)
        il_trace_lane_write (&lane, IL_EVENT_IDLE, 0, n++);
      drain (fixture);
    }
  g_assert_cmpuint (count_ready (&lane), ==, n_events);
  il_trace_lane_release (&lane, 0);
  drain (fixture);
  seen = collection_get_lane (&fixture->collection, 0);
  g_assert_cmpuint (get_stats (fixture).n_lost, ==, 0);
  g_assert_cmpuint (seen->events->len, ==, n + 2);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (collected_event (seen, i + 1)->value, ==, i);
}

/* A ring is not read, and so gets no memory, where nobody has written. */
static void
test_memory (void)
{
  const char *directory = g_access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();
  IlTraceReader *reader = il_trace_reader_new (directory, 32, 1 << 16);
  IlTraceLane lanes[32];
  Collection collection;
  struct stat before, after;
  IlTrace *trace;
  int error;

  g_assert_nonnull (reader);
  trace = il_trace_attach (il_trace_reader_get_path (reader), &error);
  g_assert_nonnull (trace);
  collection_init (&collection);
  il_trace_be_thrifty (trace);
  g_assert_no_errno (stat (il_trace_reader_get_path (reader), &before));
  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    {
      g_assert_true (il_trace_lane_claim (trace, &lanes[i], IL_ROLE_THREAD, 0, NULL, 0));
      il_trace_reader_drain (reader, &collect_handler, &collection);
      il_trace_lane_release (&lanes[i], 0);
    }
  il_trace_reader_drain (reader, &collect_handler, &collection);
  g_assert_cmpuint (collection.lanes->len, ==, G_N_ELEMENTS (lanes));
  g_assert_no_errno (stat (il_trace_reader_get_path (reader), &after));
  /* Two pages each: a file system may give more than is asked for. */
  g_assert_cmpint ((after.st_blocks - before.st_blocks) * 512, <=,
                   G_N_ELEMENTS (lanes) * 2 * IL_TRACE_PAGE);
  collection_finish (&collection);
  il_trace_detach (trace);
  il_trace_reader_free (reader);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/trace/ring/order", RING, test_order);
  ADD ("/trace/ring/fields", RING, test_fields);
  ADD ("/trace/ring/announced", RING, test_announced);
  ADD ("/trace/ring/loss", RING, test_loss);
  ADD ("/trace/ring/room-for-one", RING, test_room_for_one);
  ADD ("/trace/ring/release-when-full", RING, test_release_when_full);
  ADD ("/trace/ring/loss-of-the-dead", RING, test_loss_of_the_dead);
  ADD ("/trace/ring/thrift", 1 << 16, test_thrift);
  g_test_add_func ("/trace/ring/memory", test_memory);
  g_test_add_func ("/trace/ring/swallow", test_swallow);
  ADD ("/trace/ring/errno", RING, test_errno);
  ADD ("/trace/ring/two-threads", 0, test_two_threads);
  ADD ("/trace/ring/two-threads-and-a-small-ring", RING, test_two_threads);
  return g_test_run ();
}
