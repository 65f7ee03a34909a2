/* test-kill.c - workers are killed at any moment: no task is lost or done twice, no lock stays
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-queue.h"
#include "il-random.h"
#include "il-hand.h"
#include "il-deque.h"
#include "il-task-queue.h"
#include "il-task.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define N_KILLS 150
#define SEED 20

#define HEAD "[Scenario]\nName=Test\nModel=processes\nSeed=3\n"

static guint n_lost_workers;

static void
worker_lost_cb (uint32_t number, int signal_number, void *data)
{
  g_assert_cmpint (signal_number, ==, *(int *)data);
  n_lost_workers++;
}

/* Looks after the pool for some random microseconds. */
static void
supervise_a_while (IlPool *pool, IlRandom *random)
{
  int64_t until_ns = il_clock_monotonic_ns () + (int64_t)(il_random_uniform (random) * 1.5e6);

  do
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (il_pool_supervise (pool, &error));
      g_assert_no_error (error);
    }
  while (il_clock_monotonic_ns () < until_ns);
}

/* Kills random workers at random moments. */
static void
kill_many (IlPool *pool)
{
  static int signal_number = SIGKILL;
  IlRandom random = il_random_stream (SEED, 0, 0);

  n_lost_workers = 0;
  il_pool_set_lost_func (pool, worker_lost_cb, &signal_number);
  while (n_lost_workers < N_KILLS)
    {
      guint number = 1 + (guint)(il_random_next (&random) % il_pool_get_n_workers (pool));

      supervise_a_while (pool, &random);
      il_pool_kill_worker (pool, number, NULL);
    }
}

static void
check_task_queue (const IlTaskQueue *queue)
{
  g_assert_cmphex (atomic_load (&queue->guard.word), ==, 0);
  g_assert_cmpuint (il_task_queue_get_depth (queue), ==, 0);
  for (guint i = 0; queue->boxes != NULL && i < queue->n_agents; i++)
    {
      g_assert_cmphex (atomic_load (&queue->boxes[i].inbox.guard.word), ==, 0);
      g_assert_cmphex (atomic_load (&queue->boxes[i].spawned.guard.word), ==, 0);
    }
}

/* What no death may leave behind. */
static void
check_arena (IlArena *arena, const guint32 *units)
{
  for (guint i = 0; i < fixture_count_objects (arena, IL_OBJECT_QUEUE); i++)
    g_assert_cmphex (atomic_load (&fixture_get_queue (arena, i)->guard.word), ==, 0);
  for (guint i = 0; i < arena->n_groups; i++)
    check_task_queue (&arena->task_queues[i]);
  for (guint i = 0; i < arena->n_kinds; i++)
    g_assert_cmphex (atomic_load (&arena->kinds[i].guard.word), ==, 0);
  for (guint i = 0; i < fixture_count_objects (arena, IL_OBJECT_LOCK); i++)
    g_assert_cmphex (atomic_load (&fixture_get_lock (arena, i)->guard.word), ==, 0);
  for (guint i = 0; i < fixture_count_objects (arena, IL_OBJECT_SEMAPHORE); i++)
    {
      g_assert_cmphex (atomic_load (&fixture_get_semaphore (arena, i)->robust.guard.word), ==, 0);
      g_assert_cmpuint (il_semaphore_get_units (fixture_get_semaphore (arena, i)), ==, units[i]);
    }
  for (guint i = 0; i < arena->n_agents; i++)
    g_assert_cmpint (atomic_load (&arena->agents[i].hand.phase), ==, IL_HAND_EMPTY);
}

/* Tasks of no length: most kills hit a worker inside the queue. */
static void
kill_dispatch (const char *text, IlScheduling scheduling)
{
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  IlPool *pool;
  IlPoolCounts counts;

  scenario->scheduling = scheduling;
  pool = fixture_start_pool (scenario, NULL);
  kill_many (pool);
  il_pool_finish (pool);
  counts = fixture_join_pool (pool);
  check_arena (il_pool_get_arena (pool), NULL);
  g_assert_cmpuint (counts.done, >, 0);
  g_assert_cmpuint (counts.failed + counts.cancelled, ==, 0);
  g_assert_cmpuint (counts.lost, <=, scenario->on_death == IL_ON_DEATH_LOST ? n_lost_workers : 0);
  il_pool_free (pool);
}

static void
test_dispatch (gconstpointer text)
{
  kill_dispatch (text, IL_SCHEDULING_FIFO);
}

static void
test_dispatch_stealing (gconstpointer text)
{
  kill_dispatch (text, IL_SCHEDULING_STEALING);
}

static void
test_dispatch_priority (gconstpointer text)
{
  kill_dispatch (text, IL_SCHEDULING_PRIORITY);
}

static void
test_objects (void)
{
  static const guint32 units[] = { 2 };
  g_autoptr (IlScenario) scenario = fixture_parse (
      HEAD
      "[Lock A]\n[Lock B]\n[Semaphore S]\nUnits=2\n[Queue Q]\nCapacity=5\n"
      "[Task make]\nWorkers=2\nArrival=loop\n"
      "Steps=lock A; lock B; unlock B; unlock A; put Q 1KiB; acquire S; post S\n"
      "[Task use]\nWorkers=2\nArrival=loop\nSteps=get Q; lock A; acquire S; post S; unlock A\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlArena *arena = il_pool_get_arena (pool);
  IlPoolCounts counts;

  kill_many (pool);
  il_pool_finish (pool);
  counts = fixture_join_pool (pool);
  check_arena (arena, units);
  g_assert_cmpuint (counts.done, >, 0);
  g_assert_cmpuint (counts.failed, ==, 0);
  g_assert_cmpuint (counts.lost, <=, n_lost_workers);
  g_assert_cmpuint (il_queue_get_depth (fixture_get_queue (arena, 0)), ==, 0);
  il_pool_free (pool);
}

static const struct
{
  const char *name, *text;
} dispatches[] = {
  { "lost", HEAD "Workers=4\n[Task a]\nSteps=cpu 0us\n" },
  { "retry", HEAD "Workers=4\nOnDeath=retry\n[Task a]\nSteps=cpu 0us\n" },
  { "chunks", HEAD "Workers=4\n[Task a]\nSubmit=map\nBatch=100\nChunk=7\nSteps=cpu 0us\n" },
  { "loop", HEAD "Workers=4\n[Task a]\nArrival=loop\nSteps=cpu 0us\n" },
};

#define N_HANDLES 1000

typedef struct
{
  IlPool *pool;
  IlPoolHandle handles[N_HANDLES];
  _Atomic guint n_submitted;
} Submission;

static void *
submit_thread (void *data)
{
  Submission *self = data;

  il_pool_begin_submitting (self->pool);
  for (guint i = 0; i < N_HANDLES; i++)
    {
      g_assert_cmpint (il_pool_apply_async (self->pool, 0, &self->handles[i]), ==, IL_WAIT_DONE);
      atomic_store (&self->n_submitted, i + 1);
    }
  for (guint i = 0; i < N_HANDLES; i++)
    {
      IlPoolResult result;

      g_assert_cmpint (il_pool_wait (self->pool, &self->handles[i], &result), ==, IL_WAIT_DONE);
      g_assert_cmpint (result.result, ==, IL_TASK_DONE);
    }
  il_pool_close (self->pool);
  il_pool_end_submitting (self->pool);
  return NULL;
}

/* Each task of a pool that retries comes back done, whatever happens to workers. */
static void
test_results (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=4\nOnDeath=retry\n[Task a]\nCount=1\nSteps=cpu 50us\n");
  g_autoptr (GError) error = NULL;
  g_autofree Submission *submission = g_new0 (Submission, 1);
  IlPool *pool = il_pool_new (scenario, NULL, &error);
  IlRandom random = il_random_stream (SEED, 1, 0);
  pthread_t thread;

  submission->pool = pool;
  g_assert_true (il_pool_start (pool, &error));
  il_pool_expect_submitter (pool);
  g_assert_cmpint (pthread_create (&thread, NULL, submit_thread, submission), ==, 0);
  while (atomic_load (&submission->n_submitted) < N_HANDLES - 50)
    {
      supervise_a_while (pool, &random);
      il_pool_kill_worker (pool, 1 + il_random_next (&random) % 4, NULL);
    }
  g_assert_cmpuint (fixture_join_pool (pool).done, ==, N_HANDLES);
  pthread_join (thread, NULL);
  il_pool_free (pool);
}

/* Every task crashes: a pool that retries gives up at some point, one that does not at once. */
static void
test_crash (gconstpointer on_death)
{
  static int signal_number = SIGSEGV;
  g_autoptr (IlScenario) scenario = fixture_parse (
      HEAD "Workers=2\n[Lock A]\n[Task a]\nCount=5\nSteps=lock A; crash 100%; unlock A\n");
  IlPool *pool;
  IlPoolCounts counts;

  n_lost_workers = 0;
  scenario->on_death = (IlOnDeath)GPOINTER_TO_INT (on_death);
  pool = fixture_start_pool (scenario, NULL);
  il_pool_set_lost_func (pool, worker_lost_cb, &signal_number);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.lost, ==, 5);
  g_assert_cmpuint (n_lost_workers, ==, scenario->on_death == IL_ON_DEATH_LOST ? 5 : 50);
  il_pool_free (pool);
}

/* Of tasks that crash now and then, retrying loses none. */
static void
test_crash_sometimes (void)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      HEAD "Workers=2\nOnDeath=retry\n[Task a]\nCount=100\nSteps=cpu ~10us; crash 20%\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);

  g_assert_cmpuint (fixture_join_pool (pool).done, ==, 100);
  il_pool_free (pool);
}

/* A task is given up after ten workers died of it, whoever else was killed with it in hand. */
static void
test_killed_before_it_began (void)
{
  static int signal_number = SIGKILL;
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=1\nOnDeath=retry\n[Task a]\nCount=1\nSteps=sleep 1000s\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  const IlHand *hand = &il_pool_get_arena (pool)->agents[IL_FIRST_WORKER].hand;
  guint n_begun = 0;

  n_lost_workers = 0;
  il_pool_set_lost_func (pool, worker_lost_cb, &signal_number);
  while (atomic_load (&hand->phase) != IL_HAND_HELD)
    g_usleep (100);
  /* A successor is killed as soon as it is there, so few get to begin the task; n_begun is that of
   * the last, who may have begun after the look. */
  while (n_lost_workers < 4 * IL_HAND_MAX_ATTEMPTS && atomic_load (&hand->phase) == IL_HAND_HELD)
    {
      n_begun = hand->n_begun;
      il_pool_kill_worker (pool, 1, NULL);
      g_assert_true (il_pool_supervise (pool, NULL));
    }
  if (atomic_load (&hand->phase) == IL_HAND_HELD)
    g_assert_cmpuint (hand->n_begun, <, IL_HAND_MAX_ATTEMPTS);
  else
    g_assert_cmpuint (n_begun, >=, IL_HAND_MAX_ATTEMPTS - 1);
  il_pool_terminate (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

/* A worker that does not obey, since it is stopped from outside, is killed at last, and what it had
 * is cancelled. */
static void
test_stopped_worker_does_not_hold_up_the_end (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=2\n[Task a]\nCount=2\nSteps=sleep 1000s\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlArena *arena = il_pool_get_arena (pool);
  IlPoolCounts counts;
  siginfo_t info;

  while (atomic_load (&arena->agents[IL_FIRST_WORKER].hand.phase) != IL_HAND_HELD
         || atomic_load (&arena->agents[IL_FIRST_WORKER + 1].hand.phase) != IL_HAND_HELD)
    g_usleep (100);
  kill (il_pool_get_worker_pid (pool, 1), SIGSTOP);
  g_assert_cmpint (waitid (P_PID, (id_t)il_pool_get_worker_pid (pool, 1), &info, WSTOPPED), ==, 0);
  il_pool_terminate (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.cancelled, ==, 2);
  il_pool_free (pool);
}

static IlPool *
make_idle_pool (IlScenario **scenario)
{
  g_autoptr (GError) error = NULL;
  IlPool *pool;

  *scenario = fixture_parse (HEAD "Workers=1\n[Task a]\nCount=1\nSteps=cpu 1us\n"
                                  "[Task b]\nArrival=loop\nWorkers=1\nSteps=cpu 1us\n");
  pool = il_pool_new (*scenario, NULL, &error);
  g_assert_no_error (error);
  return pool;
}

/* Killed between any two stores of taking an entry from the queue: it is either in the queue or in
 * hand. */
static void
test_hand_taking (void)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = make_idle_pool (&scenario);
  IlArena *arena = il_pool_get_arena (pool);
  IlAgent *dead = &arena->agents[IL_FIRST_WORKER];
  IlTaskLevel *level = &arena->groups[0].queue->levels[0];
  uint64_t head = atomic_load (&level->head);

  atomic_store (&dead->hand.phase, IL_HAND_TAKING);
  atomic_store (&dead->hand.position, IL_POSITION_NONE);
  il_hand_recover (arena, dead);
  g_assert_cmpint (atomic_load (&dead->hand.phase), ==, IL_HAND_EMPTY);

  atomic_store (&dead->hand.phase, IL_HAND_TAKING);
  dead->hand.entry = (IlTaskEntry){ .count = 1 };
  dead->hand.taken_from = &level->head;
  atomic_store (&dead->hand.position, head);
  il_hand_recover (arena, dead);
  g_assert_cmpint (atomic_load (&dead->hand.phase), ==, IL_HAND_EMPTY);

  atomic_store (&dead->hand.phase, IL_HAND_TAKING);
  atomic_store (&level->tail, head + 1);
  atomic_store (&level->head, head + 1);
  il_hand_recover (arena, dead);
  g_assert_cmpint (atomic_load (&dead->hand.phase), ==, IL_HAND_HELD);
  il_pool_free (pool);
}

/* The same from the end where a worker takes what it spawned. */
static void
test_hand_popping (void)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = make_idle_pool (&scenario);
  IlArena *arena = il_pool_get_arena (pool);
  IlAgent *dead = &arena->agents[IL_FIRST_WORKER];
  static _Atomic uint64_t bottom = 8;

  atomic_store (&dead->hand.phase, IL_HAND_POPPING);
  il_hand_recover (arena, dead);
  g_assert_cmpint (atomic_load (&dead->hand.phase), ==, IL_HAND_EMPTY);

  atomic_store (&dead->hand.phase, IL_HAND_POPPING);
  dead->hand.entry = (IlTaskEntry){ .count = 1 };
  dead->hand.taken_from = &bottom;
  atomic_store (&dead->hand.position, 7);
  il_hand_recover (arena, dead);
  g_assert_cmpint (atomic_load (&dead->hand.phase), ==, IL_HAND_EMPTY);

  atomic_store (&dead->hand.phase, IL_HAND_POPPING);
  atomic_store (&bottom, 7);
  il_hand_recover (arena, dead);
  g_assert_cmpint (atomic_load (&dead->hand.phase), ==, IL_HAND_HELD);
  il_pool_free (pool);
}

/* A depth that the dead did not get to change is put right. */
static void
test_depth_is_repaired (void)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = make_idle_pool (&scenario);
  IlArena *arena = il_pool_get_arena (pool);
  IlTaskQueue *queue = arena->groups[0].queue;
  IlAgent *dead = &arena->agents[IL_FIRST_WORKER];

  atomic_store (&queue->levels[0].tail, 3);
  atomic_store (&queue->guard.word, dead->index + 1);
  il_task_queue_release_for_dead (queue, dead);
  g_assert_cmpuint (il_task_queue_get_depth (queue), ==, 3);
  g_assert_cmphex (atomic_load (&queue->guard.word), ==, 0);
  il_pool_free (pool);
}

static void
test_hand_drawing (void)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = make_idle_pool (&scenario);
  IlArena *arena = il_pool_get_arena (pool);
  IlAgent *dead = &arena->agents[IL_FIRST_WORKER + 1];

  atomic_store (&dead->hand.phase, IL_HAND_TAKING);
  il_hand_recover (arena, dead);
  g_assert_cmpint (atomic_load (&dead->hand.phase), ==, IL_HAND_EMPTY);

  atomic_store (&dead->hand.phase, IL_HAND_TAKING);
  dead->hand.entry = (IlTaskEntry){ .kind = 1, .count = 1 };
  dead->hand.taken_from = &arena->kinds[1].next_ticket;
  atomic_store (&dead->hand.position, 0);
  il_hand_recover (arena, dead);
  g_assert_cmpint (atomic_load (&dead->hand.phase), ==, IL_HAND_EMPTY);

  atomic_store (&dead->hand.phase, IL_HAND_TAKING);
  atomic_store (&arena->kinds[1].next_ticket, 1);
  il_hand_recover (arena, dead);
  g_assert_cmpint (atomic_load (&dead->hand.phase), ==, IL_HAND_HELD);
  il_pool_free (pool);
}

/* Killed anywhere in a settlement, the task is counted once and its result comes back once. */
static void
test_hand_settled (void)
{
  for (guint n_effects = 0; n_effects <= 3; n_effects++)
    {
      g_autoptr (IlScenario) scenario = NULL;
      IlPool *pool = make_idle_pool (&scenario);
      IlArena *arena = il_pool_get_arena (pool);
      IlAgent *dead = &arena->agents[IL_FIRST_WORKER];
      IlHand *hand = &dead->hand;

      atomic_store (&arena->results[5].status, IL_RESULT_STATUS (9, IL_RESULT_PENDING));
      hand->entry = (IlTaskEntry){ .count = 2, .slot = 5, .ticket = 9 };
      hand->n_settled = 1;
      hand->settlement = (IlSettlement){
        .result = IL_TASK_DONE, .n_settled = 2, .count = 1, .sum = 77, .value = 77
      };
      atomic_store (&hand->phase, IL_HAND_SETTLED);
      if (n_effects > 0)
        atomic_store (&dead->tallies[0].sum, 77);
      if (n_effects > 1)
        atomic_store (&arena->results[5].status, IL_RESULT_STATUS (9, IL_RESULT_READY));
      if (n_effects > 1)
        arena->results[5].value = 77;
      if (n_effects > 2)
        atomic_store (&dead->tallies[0].settled[IL_TASK_DONE], 1);

      il_hand_recover (arena, dead);
      g_assert_cmpint (atomic_load (&hand->phase), ==, IL_HAND_EMPTY);
      g_assert_cmpuint (atomic_load (&dead->tallies[0].settled[IL_TASK_DONE]), ==, 1);
      g_assert_cmpuint (atomic_load (&dead->tallies[0].sum), ==, 77);
      g_assert_cmpuint (atomic_load (&arena->results[5].status), ==,
                        IL_RESULT_STATUS (9, IL_RESULT_READY));
      g_assert_cmpuint (arena->results[5].value, ==, 77);
      il_pool_free (pool);
    }
}

/* A result slot that was given to another task meanwhile is left alone. */
static void
test_late_result_is_not_delivered (void)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = make_idle_pool (&scenario);
  IlArena *arena = il_pool_get_arena (pool);
  IlAgent *dead = &arena->agents[IL_FIRST_WORKER];

  atomic_store (&arena->results[0].status, IL_RESULT_STATUS (10, IL_RESULT_PENDING));
  dead->hand.entry = (IlTaskEntry){ .count = 1, .slot = 1, .ticket = 9 };
  dead->hand.settlement = (IlSettlement){ .n_settled = 1, .count = 1, .value = 5 };
  atomic_store (&dead->hand.phase, IL_HAND_SETTLED);
  il_hand_recover (arena, dead);
  g_assert_cmpuint (atomic_load (&arena->results[0].status), ==,
                    IL_RESULT_STATUS (10, IL_RESULT_PENDING));
  il_pool_free (pool);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (dispatches); i++)
    {
      g_autofree char *fifo = g_strconcat ("/kill/dispatch/", dispatches[i].name, NULL);
      g_autofree char *stealing = g_strconcat (fifo, "/stealing", NULL);
      g_autofree char *priority = g_strconcat (fifo, "/priority", NULL);

      g_test_add_data_func (fifo, dispatches[i].text, test_dispatch);
      g_test_add_data_func (stealing, dispatches[i].text, test_dispatch_stealing);
      g_test_add_data_func (priority, dispatches[i].text, test_dispatch_priority);
    }
  g_test_add_func ("/kill/objects", test_objects);
  g_test_add_func ("/kill/results", test_results);
  g_test_add_data_func ("/kill/crash/lost", GINT_TO_POINTER (IL_ON_DEATH_LOST), test_crash);
  g_test_add_data_func ("/kill/crash/retry", GINT_TO_POINTER (IL_ON_DEATH_RETRY), test_crash);
  g_test_add_func ("/kill/crash/sometimes", test_crash_sometimes);
  g_test_add_func ("/kill/not-begun", test_killed_before_it_began);
  g_test_add_func ("/kill/stopped-worker", test_stopped_worker_does_not_hold_up_the_end);
  g_test_add_func ("/kill/hand/taking", test_hand_taking);
  g_test_add_func ("/kill/hand/popping", test_hand_popping);
  g_test_add_func ("/kill/depth", test_depth_is_repaired);
  g_test_add_func ("/kill/hand/drawing", test_hand_drawing);
  g_test_add_func ("/kill/hand/settled", test_hand_settled);
  g_test_add_func ("/kill/hand/late-result", test_late_result_is_not_delivered);
  return g_test_run ();
}
