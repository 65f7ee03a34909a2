/* subject-readers.c - who reads under readers-writer locks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <sys/wait.h>
#include <unistd.h>

#define N_PLACES 8 /* of a thread */
#define N_TIMES 10 /* more than that */

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int writer_tid, is_read, may_end;

static void *
want_to_write (void *data)
{
  pthread_setname_np (pthread_self (), "writer");
  writer_tid = get_tid ();
  pthread_rwlock_wrlock (&rwlock);
  mark ("writer has it");
  pthread_rwlock_unlock (&rwlock);
  return NULL;
}

static void
begin_writer (pthread_t *writer)
{
  writer_tid = 0;
  pthread_create (writer, NULL, want_to_write, NULL);
  while (writer_tid == 0)
    sleep_ms (1);
  await_sleep (writer_tid);
}

static void
give_up_writing (void)
{
  struct timespec until = get_soon ();

  REQUIRE (pthread_rwlock_timedwrlock (&rwlock, &until) != 0);
}

/* --- one reads, several times, and another wants to write */

static int
run_read (int argc, char **argv)
{
  int n_times = argc > 0 ? N_TIMES : 1;
  pthread_t writer;

  pthread_setname_np (pthread_self (), "reader");
  mark ("reader before lock");
  for (int i = 0; i < n_times; i++)
    pthread_rwlock_rdlock (&rwlock);
  mark ("reader after lock");
  begin_writer (&writer);
  mark ("reader before unlock");
  for (int i = 0; i < n_times; i++)
    {
      if (i == n_times - N_PLACES)
        mark ("reader before last unlocks");
      pthread_rwlock_unlock (&rwlock);
    }
  mark ("reader after unlock");
  pthread_join (writer, NULL);
  return 0;
}

/* --- one reads, and another gives that back; then the first has it again */

static void *
read_and_stay (void *data)
{
  pthread_setname_np (pthread_self (), "reader");
  pthread_rwlock_rdlock (&rwlock);
  is_read = 1;
  while (may_end == 0)
    sleep_ms (1);
  if (data != NULL)
    pthread_rwlock_unlock (&rwlock);
  return NULL;
}

static void
begin_reader (pthread_t *reader, void *data)
{
  is_read = may_end = 0;
  pthread_create (reader, NULL, read_and_stay, data);
  while (is_read == 0)
    sleep_ms (1);
}

static int
run_handed (int argc, char **argv)
{
  pthread_t reader;

  pthread_setname_np (pthread_self (), "writer");
  begin_reader (&reader, NULL);
  give_up_writing ();
  pthread_rwlock_unlock (&rwlock);
  REQUIRE (pthread_rwlock_trywrlock (&rwlock) == 0);
  pthread_rwlock_unlock (&rwlock);
  may_end = 1;
  pthread_join (reader, NULL);
  mark ("handed over");
  begin_reader (&reader, &rwlock);
  for (int i = 0; i < 100; i++)
    REQUIRE (pthread_rwlock_tryrdlock (&rwlock) == 0 && pthread_rwlock_unlock (&rwlock) == 0);
  give_up_writing ();
  may_end = 1;
  pthread_join (reader, NULL);
  return 0;
}

/* --- one ends while it reads, and another is made in its place */

static void *
stand_by (void *data)
{
  is_read = 1;
  while (may_end == 0)
    sleep_ms (1);
  return NULL;
}

static int
run_left (int argc, char **argv)
{
  pthread_t reader, innocent;

  pthread_setname_np (pthread_self (), "writer");
  begin_reader (&reader, NULL);
  may_end = 1;
  pthread_join (reader, NULL);
  is_read = may_end = 0;
  pthread_create (&innocent, NULL, stand_by, NULL);
  while (is_read == 0)
    sleep_ms (1);
  give_up_writing ();
  may_end = 1;
  pthread_join (innocent, NULL);
  return 0;
}

static void *
write_and_end (void *data)
{
  pthread_setname_np (pthread_self (), "owner");
  pthread_rwlock_wrlock (&rwlock);
  return NULL;
}

static int
run_write_left (int argc, char **argv)
{
  pthread_t owner;

  pthread_create (&owner, NULL, write_and_end, NULL);
  pthread_join (owner, NULL);
  give_up_writing ();
  return 0;
}

/* --- a child finds it read, by a thread that it does not have and by its own; or shared */

static int
run_copied (int argc, char **argv)
{
  pthread_rwlockattr_t attributes;
  pthread_t reader;
  int status;
  pid_t pid;

  pthread_rwlockattr_init (&attributes);
  if (argc > 0)
    pthread_rwlockattr_setpshared (&attributes, PTHREAD_PROCESS_SHARED);
  pthread_rwlock_init (&rwlock, &attributes);
  begin_reader (&reader, &rwlock);
  pthread_rwlock_rdlock (&rwlock);
  pid = fork ();
  if (pid == 0)
    {
      pthread_setname_np (pthread_self (), "child");
      give_up_writing ();
      pthread_rwlock_unlock (&rwlock);
      give_up_writing ();
      _exit (0);
    }
  waitpid (pid, &status, 0);
  pthread_rwlock_unlock (&rwlock);
  may_end = 1;
  pthread_join (reader, NULL);
  return status;
}

/* --- many read and write, and take a mutex within, always in the same order */

#define N_CROWD 40

static int n_rounds;
static _Atomic int crowd_tid; /* of one of them */
static uint64_t n_written;
static _Atomic uint64_t n_read;

static void *
be_one_of_many (void *data)
{
  unsigned state = (unsigned)(uintptr_t)data;

  crowd_tid = get_tid ();
  for (int i = 0; i < n_rounds; i++)
    {
      state = state * 1103515245 + 12345;
      if (state >> 16 & 15)
        {
          pthread_rwlock_rdlock (&rwlock);
          if (state >> 20 & 1)
            pthread_rwlock_rdlock (&rwlock);
          pthread_mutex_lock (&mutex);
          n_read += 1 + (state >> 20 & 1);
          pthread_mutex_unlock (&mutex);
          if (state >> 20 & 1)
            pthread_rwlock_unlock (&rwlock);
        }
      else
        {
          pthread_rwlock_wrlock (&rwlock);
          n_written++;
          pthread_mutex_lock (&mutex);
          if (state >> 20 & 1)
            spin_us (20);
          pthread_mutex_unlock (&mutex);
        }
      pthread_rwlock_unlock (&rwlock);
    }
  return NULL;
}

static int
run_crowd (int argc, char **argv)
{
  pthread_t threads[N_CROWD];

  n_rounds = atoi (argv[0]);
  /* Somebody has to wait, or the lock would not be known at all. */
  pthread_rwlock_wrlock (&rwlock);
  n_written++;
  for (int i = 0; i < N_CROWD; i++)
    pthread_create (&threads[i], NULL, be_one_of_many, (void *)(uintptr_t)(i + 1));
  while (crowd_tid == 0)
    sleep_ms (1);
  await_sleep (crowd_tid);
  pthread_rwlock_unlock (&rwlock);
  for (int i = 0; i < N_CROWD; i++)
    pthread_join (threads[i], NULL);
  printf ("%d rwlock %llu\n", (int)getpid (), (unsigned long long)(n_read + n_written));
  return 0;
}

/* --- whoever reads wants what the writer has, or to write itself */

static _Atomic int reader_tid;

static void *
write_under_mutex (void *data)
{
  pthread_setname_np (pthread_self (), "writer");
  pthread_mutex_lock (&mutex);
  while (is_read == 0)
    sleep_ms (1);
  writer_tid = get_tid ();
  pthread_rwlock_wrlock (&rwlock);
  return NULL;
}

static void *
read_and_want (void *data)
{
  pthread_setname_np (pthread_self (), "reader");
  pthread_rwlock_rdlock (&rwlock);
  if (data != NULL)
    pthread_rwlock_rdlock (&rwlock);
  is_read = 1;
  while (writer_tid == 0)
    sleep_ms (1);
  await_sleep (writer_tid);
  /* It has been told that it reads, and it still does. */
  if (data != NULL)
    pthread_rwlock_unlock (&rwlock);
  reader_tid = get_tid ();
  pthread_mutex_lock (&mutex);
  return NULL;
}

static void *
read_and_write (void *data)
{
  pthread_setname_np (pthread_self (), "reader");
  pthread_rwlock_rdlock (&rwlock);
  reader_tid = get_tid ();
  pthread_rwlock_wrlock (&rwlock);
  return NULL;
}

static int
run_cycle (int argc, char **argv)
{
  bool is_alone = argc > 0 && strcmp (argv[0], "alone") == 0;
  pthread_t reader, writer;

  if (!is_alone)
    pthread_create (&writer, NULL, write_under_mutex, NULL);
  pthread_create (&reader, NULL, is_alone ? read_and_write : read_and_want,
                  argc > 0 ? &rwlock : NULL);
  while (reader_tid == 0)
    sleep_ms (1);
  await_sleep (reader_tid);
  /* In the recording, too, it is to have lasted for a while. */
  sleep_ms (50);
  return 0;
}

const Subject subjects_of_reading[] = {
  { "read", run_read },          { "read-handed", run_handed },
  { "read-left", run_left },     { "write-left", run_write_left },
  { "read-copied", run_copied }, { "read-crowd", run_crowd },
  { "read-cycle", run_cycle },   { NULL, NULL },
};
