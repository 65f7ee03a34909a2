/* subject-hostile.c - programs that do to the recording what they should not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t hostile_mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic bool is_over;

/* Two threads, of which one waits for the other. */
static void *
run_beside (void *data)
{
  pthread_mutex_lock (&hostile_mutex);
  pthread_mutex_unlock (&hostile_mutex);
  return NULL;
}

static void *
run_busy (void *data)
{
  while (!is_over)
    {
      pthread_mutex_lock (&hostile_mutex);
      spin_us (5);
      pthread_mutex_unlock (&hostile_mutex);
    }
  return NULL;
}

static void
run_self (const char *program, const char *what)
{
  char *const arguments[] = { (char *)program, (char *)what, NULL };

  execv (program, arguments);
  _exit (127);
}

/* --- writes where it should not */

static uint64_t state;

static uint64_t
draw (void)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/* Words that mean something there. */
static uint64_t
draw_word (void)
{
  static const uint64_t words[]
      = { 0, 1, 2, 3, 0xff, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_MAX, 4096, 65536 };
  uint64_t kind = draw ();

  if (kind % 4 == 0)
    return draw ();
  if (kind % 4 == 1)
    return words[draw () % (sizeof words / sizeof *words)]
           | words[draw () % (sizeof words / sizeof *words)] << 32;
  return draw () % 64 | (uint64_t)(uint32_t)getpid () << 32;
}

/* Where what lies, by the header: see il-trace-format.h.  Of lanes, objects and rings the first are
 * those in use. */
static Mapping
choose_part (Mapping shared, const char *part)
{
  const uint64_t *header = (const uint64_t *)(void *)shared.begin;
  const uint64_t lanes = header[3], objects = header[4], rings = header[6];

  if (strcmp (part, "lanes") == 0)
    return (Mapping){ shared.begin + lanes, (size_t)4 * 256 };
  if (strcmp (part, "objects") == 0)
    return (Mapping){ shared.begin + objects, 4096 };
  if (strcmp (part, "rings") == 0)
    return (Mapping){ shared.begin + rings, (size_t)1 << 20 };
  if (strcmp (part, "header") == 0)
    return (Mapping){ shared.begin, 4096 };
  return (Mapping){ shared.begin, objects + 65536 };
}

/* Until it was written for a while, and the reader has looked meanwhile; where that cannot be told,
 * since it was written there, too, not for ever. */
static bool
is_enough (const Mapping *shared, int64_t begin_ns, uint32_t n_looks, int n_written)
{
  int64_t length_ns = get_ns () - begin_ns;

  return length_ns > 150000000 && n_written > 5000
         && (count_looks (shared) - n_looks >= 10 || length_ns > 20000000000);
}

/* Arguments: a seed; the part, and "words" that mean something or "bytes" that mean nothing. */
static int
run_garbage (int argc, char **argv)
{
  Mapping shared = find_shared_file (), part;
  uint32_t n_looks = count_looks (&shared);
  int64_t begin_ns = get_ns ();
  pthread_t threads[2];

  state = strtoull (argv[0], NULL, 10) * UINT64_C (0x9e3779b97f4a7c15) + 1;
  for (int i = 0; i < 2; i++)
    pthread_create (&threads[i], NULL, run_busy, NULL);
  sleep_ms (20);
  /* Alone there is none. */
  part = shared.begin != NULL ? choose_part (shared, argv[1]) : shared;
  for (int n = 0; part.begin != NULL && !is_enough (&shared, begin_ns, n_looks, n); n++)
    {
      size_t place = draw () % (part.size - 64) / 8 * 8;
      bool are_words = strcmp (argv[2], "words") == 0;

      for (int i = 0; i < (are_words ? 1 : 8); i++)
        {
          uint64_t word = are_words ? draw_word () : draw ();

          memcpy (part.begin + place + 8 * i, &word, sizeof word);
        }
      spin_us (5);
    }
  is_over = true;
  for (int i = 0; i < 2; i++)
    pthread_join (threads[i], NULL);
  meet_once (&hostile_mutex, run_beside);
  if (argc > 3)
    run_self (argv[3], "meet");
  return 0;
}

/* --- is killed */

static _Atomic int waiter_tids[4];

static void *
run_waiter (void *data)
{
  *(_Atomic int *)data = get_tid ();
  return run_beside (NULL);
}

static int
run_killed (int argc, char **argv)
{
  pthread_t threads[4];

  pthread_mutex_lock (&hostile_mutex);
  for (int i = 0; i < 4; i++)
    {
      pthread_create (&threads[i], NULL, run_waiter, &waiter_tids[i]);
      while (waiter_tids[i] == 0)
        sleep_ms (1);
      await_sleep (waiter_tids[i]);
    }
  kill (getpid (), SIGKILL);
  return 1;
}

/* --- closes what is not its own, and becomes another program */

static int
run_closed (int argc, char **argv)
{
  for (int fd = 3; fd < 1024; fd++)
    syscall (SYS_close, fd);
  meet_once (&hostile_mutex, run_beside);
  if (argc > 0)
    run_self (argv[0], "meet");
  return 0;
}

static int
run_meet (int argc, char **argv)
{
  meet_once (&hostile_mutex, run_beside);
  return 0;
}

/* --- is not where or who it was */

static void
await_child (pid_t pid, int expected)
{
  int status = 0;

  REQUIRE (waitpid (pid, &status, 0) == pid);
  REQUIRE (WIFEXITED (status) && WEXITSTATUS (status) == expected);
}

static int
run_elsewhere (int argc, char **argv)
{
  pid_t pid;

  REQUIRE (chroot (argv[0]) == 0);
  REQUIRE (chdir ("/") == 0);
  meet_once (&hostile_mutex, run_beside);
  pid = fork ();
  if (pid == 0)
    {
      meet_once (&hostile_mutex, run_beside);
      _exit (3);
    }
  await_child (pid, 3);
  return 0;
}

static int
run_as_other (int argc, char **argv)
{
  pid_t pid;

  REQUIRE (setgid (65534) == 0);
  REQUIRE (setuid (65534) == 0);
  meet_once (&hostile_mutex, run_beside);
  pid = fork ();
  if (pid == 0)
    {
      meet_once (&hostile_mutex, run_beside);
      _exit (3);
    }
  await_child (pid, 3);
  /* The program executed by the other user cannot open what this one has. */
  pid = fork ();
  if (pid == 0)
    run_self ("/bin/true", "true");
  await_child (pid, 0);
  return 0;
}

/* --- is faster than its reader */

/* Who records is the parent of who started this, and that one is named by what this was started
 * with. */
static pid_t
get_recorder (void)
{
  const char *trace = getenv ("INTERLEAVE_TRACE"), *found;
  int runner = 0, recorder = 0;
  char path[64], text[512] = "";
  FILE *file;

  if (trace == NULL || sscanf (trace, "/proc/%d/", &runner) != 1)
    return 0;
  snprintf (path, sizeof path, "/proc/%d/stat", runner);
  file = fopen (path, "r");
  if (file == NULL)
    return 0;
  found = fgets (text, sizeof text, file) != NULL ? strrchr (text, ')') : NULL;
  fclose (file);
  return found != NULL && sscanf (found, ") %*c %d", &recorder) == 1 && recorder > 1 ? recorder : 0;
}

static int
run_storm (int argc, char **argv)
{
  pid_t recorder = get_recorder ();
  int n = atoi (argv[0]);
  pthread_barrier_t nobody;

  pthread_barrier_init (&nobody, NULL, 1);
  if (recorder != 0)
    kill (recorder, SIGSTOP);
  /* Each is an event. */
  for (int i = 0; i < n; i++)
    pthread_barrier_wait (&nobody);
  if (recorder != 0)
    kill (recorder, SIGCONT);
  sleep_ms (100);
  meet_once (&hostile_mutex, run_beside);
  return 0;
}

const Subject subjects_of_hostility[] = {
  { "garbage", run_garbage },     { "killed", run_killed },
  { "closed", run_closed },       { "meet", run_meet },
  { "elsewhere", run_elsewhere }, { "as-other", run_as_other },
  { "storm", run_storm },         { NULL, NULL },
};
