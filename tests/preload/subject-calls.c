/* subject-calls.c - calls that wait for input, output and processes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio_ext.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- one waits, another one ends that once it sleeps */

static int ends[2]; /* the waiter's, the waker's */
static _Atomic int waiter_tid, n_asked;
static int n_woken;

/* The helper wakes this thread by a byte as soon as it sleeps. */
static void
ask (void)
{
  waiter_tid = get_tid ();
  n_asked++;
}

static void *
wake (void *data)
{
  int n = *(const int *)data;

  pthread_setname_np (pthread_self (), "waker");
  for (n_woken = 0; n_woken < n; n_woken++)
    {
      while (n_asked == n_woken)
        sleep_ms (1);
      await_sleep (waiter_tid);
      if (write (ends[1], "x", 1) != 1)
        abort ();
    }
  return NULL;
}

static void
take_byte (void)
{
  char byte;

  REQUIRE (recv (ends[0], &byte, 1, MSG_DONTWAIT) == 1);
}

static void
do_reads (void)
{
  char byte;
  struct iovec piece = { &byte, 1 };
  struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

  ask ();
  REQUIRE (read (ends[0], &byte, 1) == 1);
  ask ();
  REQUIRE (readv (ends[0], &piece, 1) == 1);
  ask ();
  REQUIRE (recv (ends[0], &byte, 1, 0) == 1);
  ask ();
  REQUIRE (recvfrom (ends[0], &byte, 1, 0, NULL, NULL) == 1);
  ask ();
  REQUIRE (recvmsg (ends[0], &message, 0) == 1);
}

static void
do_polls (void)
{
  struct pollfd look = { .fd = ends[0], .events = POLLIN };
  struct timespec length = { 100, 0 };
  struct epoll_event event = { .events = EPOLLIN }, found;
  struct timeval timeout = { 100, 0 };
  int epoll = epoll_create1 (0);
  fd_set readable;

  FD_ZERO (&readable);
  FD_SET (ends[0], &readable);
  REQUIRE (epoll_ctl (epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
  ask ();
  REQUIRE (poll (&look, 1, 100000) == 1);
  take_byte ();
  ask ();
  REQUIRE (ppoll (&look, 1, &length, NULL) == 1);
  take_byte ();
  ask ();
  REQUIRE (select (ends[0] + 1, &readable, NULL, NULL, &timeout) == 1);
  take_byte ();
  ask ();
  REQUIRE (pselect (ends[0] + 1, &readable, NULL, NULL, &length, NULL) == 1);
  take_byte ();
  ask ();
  REQUIRE (epoll_wait (epoll, &found, 1, -1) == 1);
  take_byte ();
  ask ();
  REQUIRE (epoll_pwait (epoll, &found, 1, 100000, NULL) == 1);
  take_byte ();
  /* For nothing but time. */
  REQUIRE (poll (NULL, 0, 1) == 0);
  length = (struct timespec){ 0, 1000000 };
  REQUIRE (ppoll (&look, 0, &length, NULL) == 0);
  timeout = (struct timeval){ 0, 1000 };
  REQUIRE (select (0, NULL, NULL, NULL, &timeout) == 0);
  REQUIRE (pselect (5, NULL, NULL, NULL, &length, NULL) == 0);
  /* These are not to wait. */
  REQUIRE (poll (&look, 1, 0) == 0);
  REQUIRE (epoll_wait (epoll, &found, 1, 0) == 0);
  close (epoll);
}

/* All of a line is read at once: what asks for the rest of it does not read. */
static void
do_streams (void)
{
  FILE *file = fdopen (dup (ends[0]), "r");
  char text[8];

  ask ();
  REQUIRE (getc_unlocked (file) == 'x');
  ask ();
  REQUIRE (fread (text, 1, 1, file) == 1);
  ask ();
  REQUIRE (fgets (text, 2, file) == text && text[0] == 'x');
  ungetc ('y', file);
  REQUIRE (getc (file) == 'y');
  fclose (file);
}

/* --- output into a pipe that is full, until another empties it */

static long page;

static void *
empty (void *data)
{
  char text[65536];
  int n = *(const int *)data;

  pthread_setname_np (pthread_self (), "emptier");
  for (n_woken = 0; n_woken < n; n_woken++)
    {
      while (n_asked == n_woken)
        sleep_ms (1);
      await_sleep (waiter_tid);
      if (read (ends[0], text, sizeof text) <= 0)
        abort ();
    }
  return NULL;
}

/* Not by write(), which would be told. */
static void
fill (void)
{
  static const char text[65536];
  int n = 0;

  REQUIRE (ioctl (ends[1], FIONREAD, &n) == 0);
  if (n < page)
    REQUIRE (syscall (SYS_write, ends[1], text, page - n) == page - n);
  ask ();
}

/* Who writes by lines does so at their ends. */
static void
do_lines (void)
{
  FILE *file = fdopen (dup (ends[1]), "w");

  REQUIRE (setvbuf (file, NULL, _IOLBF, 4096) == 0);
  for (int i = 0; i < 100; i++)
    REQUIRE (fputs ("few", file) >= 0 && putc_unlocked ('x', file) == 'x'
             && fwrite ("few", 1, 3, file) == 3 && fprintf (file, "%d", i) > 0);
  fill ();
  REQUIRE (fputs ("line\n", file) >= 0);
  fill ();
  REQUIRE (putc_unlocked ('\n', file) == '\n');
  fill ();
  REQUIRE (fprintf (file, "%d\n", 1) > 0);
  REQUIRE (fclose (file) == 0);
}

/* What never leaves the process is no output, whatever descriptor its stream seems to have. */
static void
do_memory (void)
{
  char *text = NULL;
  size_t length;
  FILE *file = open_memstream (&text, &length);

  REQUIRE (file != NULL);
  file->_fileno = ends[1];
  for (int i = 0; i < 1000; i++)
    REQUIRE (fprintf (file, "%d\n", i) > 0 && fputs ("more\n", file) >= 0);
  REQUIRE (fclose (file) == 0);
  free (text);
}

static int
run_output (int argc, char **argv)
{
  static const char text[] = "more than there is room for in the stream";
  static char room[16];
  int n = 11;
  pthread_t emptier;
  FILE *file;

  pthread_setname_np (pthread_self (), "writer");
  REQUIRE (pipe (ends) == 0);
  page = fcntl (ends[1], F_SETPIPE_SZ, 1);
  REQUIRE (page > 0 && page <= 65536);
  file = fdopen (dup (ends[1]), "w");
  REQUIRE (setvbuf (file, room, _IOFBF, sizeof room) == 0);
  pthread_create (&emptier, NULL, empty, &n);
  /* It has room for these. */
  REQUIRE (fputs ("few", file) >= 0 && fwrite ("few", 1, 3, file) == 3);
  fill ();
  REQUIRE (fwrite (text, 1, sizeof text, file) == sizeof text);
  fill ();
  REQUIRE (fwrite_unlocked (text, 1, sizeof text, file) == sizeof text);
  fill ();
  REQUIRE (fputs (text, file) >= 0);
  fill ();
  REQUIRE (fputs_unlocked (text, file) >= 0);
  fill ();
  REQUIRE (fprintf (file, "%s", text) > 0);
  while (__fpending (file) < sizeof room)
    REQUIRE (fputc ('x', file) == 'x');
  fill ();
  REQUIRE (putc_unlocked ('x', file) == 'x');
  fill ();
  REQUIRE (fflush (file) == 0);
  REQUIRE (fputc ('x', file) == 'x');
  fill ();
  REQUIRE (fclose (file) == 0);
  do_lines ();
  pthread_join (emptier, NULL);
  do_memory ();
  /* All streams, of which this one is there no more. */
  stdout = NULL;
  REQUIRE (fflush (NULL) == 0);
  return 0;
}

static int
run_io (int argc, char **argv)
{
  int n = 14;
  pthread_t waker;
  char byte;

  pthread_setname_np (pthread_self (), "waiter");
  REQUIRE (socketpair (AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  pthread_create (&waker, NULL, wake, &n);
  do_reads ();
  do_polls ();
  do_streams ();
  pthread_join (waker, NULL);
  fcntl (ends[0], F_SETFL, O_NONBLOCK);
  errno = 0;
  REQUIRE (read (ends[0], &byte, 1) == -1 && errno == EAGAIN);
  return 0;
}

/* --- many that do not wait, and one that does */

static int
run_io_storm (int argc, char **argv)
{
  int n = 1, zero = open ("/dev/zero", O_RDONLY);
  pthread_t waker;
  char byte;

  pthread_setname_np (pthread_self (), "waiter");
  REQUIRE (socketpair (AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  pthread_create (&waker, NULL, wake, &n);
  for (int i = 0; i < 300000; i++)
    REQUIRE (read (zero, &byte, 1) == 1);
  ask ();
  mark ("before read");
  REQUIRE (read (ends[0], &byte, 1) == 1);
  mark ("after read");
  pthread_join (waker, NULL);
  return 0;
}

/* --- connections and locks of files */

static void *
let_in (void *data)
{
  int listener = *(const int *)data, one;
  char byte;

  pthread_setname_np (pthread_self (), "server");
  one = accept (listener, NULL, NULL);
  REQUIRE (one >= 0);
  REQUIRE (read (one, &byte, 1) == 0);
  close (one);
  return NULL;
}

static int
run_server (int argc, char **argv)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int listener = socket (AF_UNIX, SOCK_STREAM, 0), client = socket (AF_UNIX, SOCK_STREAM, 0);
  pthread_t server;

  snprintf (address.sun_path + 1, sizeof address.sun_path - 1, "interleave-%d", getpid ());
  REQUIRE (bind (listener, (const struct sockaddr *)&address, sizeof address) == 0);
  REQUIRE (listen (listener, 1) == 0);
  pthread_setname_np (pthread_self (), "client");
  pthread_create (&server, NULL, let_in, &listener);
  sleep_ms (20);
  REQUIRE (connect (client, (const struct sockaddr *)&address, sizeof address) == 0);
  sleep_ms (20);
  close (client);
  pthread_join (server, NULL);
  return 0;
}

/* --- processes */

/* Its child says nothing in its name, and ends nothing but itself. */
static void
fork_within (void)
{
  int status = 0;
  pid_t pid = vfork ();

  if (pid == 0)
    {
      static char name[] = "nothing", *arguments[] = { name, NULL };
      char byte = 'x';

      if (write (-1, &byte, 1) == -1)
        execv ("/nonexistent", arguments);
      _exit (7);
    }
  REQUIRE (waitpid (pid, &status, 0) == pid);
  REQUIRE (WIFEXITED (status) && WEXITSTATUS (status) == 7);
}

static int
run_processes (int argc, char **argv)
{
  char shell[] = "sh", option[] = "-c", script[] = "sleep 0.03";
  char *const arguments[] = { shell, option, script, NULL };
  siginfo_t info;
  int status;
  pid_t pid;

  pthread_setname_np (pthread_self (), "parent");
  REQUIRE (posix_spawn (&pid, "/bin/sh", NULL, NULL, arguments, environ) == 0);
  REQUIRE (waitpid (pid, &status, 0) == pid && status == 0);
  mark ("vfork");
  fork_within ();
  mark ("after vfork");
  REQUIRE (posix_spawnp (&pid, "sh", NULL, NULL, arguments, environ) == 0);
  memset (&info, 0, sizeof info);
  REQUIRE (waitid (P_PID, (id_t)pid, &info, WEXITED) == 0 && info.si_pid == pid);
  REQUIRE (posix_spawn (&pid, "/bin/sh", NULL, NULL, arguments, environ) == 0);
  REQUIRE (wait (&status) == pid && status == 0);
  REQUIRE (system ("exit 3") == 3 << 8);
  errno = 0;
  REQUIRE (posix_spawn (&pid, "/nonexistent", NULL, NULL, arguments, environ) == ENOENT);
  sleep_ms (1);
  return 0;
}

/* --- ends, and children that are made without the handlers of pthread_atfork() */

static void
nothing (void)
{
}

/* Argument: by which function. */
static int
run_end (int argc, char **argv)
{
  prctl (PR_SET_NAME, "renamed", 0, 0, 0);
  at_quick_exit (nothing);
  if (strcmp (argv[0], "exit") == 0)
    exit (5);
  if (strcmp (argv[0], "quick_exit") == 0)
    quick_exit (5);
  if (strcmp (argv[0], "_exit") == 0)
    _exit (5);
  _Exit (5);
}

static void *
fork_children (void *name)
{
  pthread_setname_np (pthread_self (), name);
  for (int i = 0; i < 20; i++)
    {
      pid_t pid = i % 2 == 0 ? fork () : _Fork ();
      int status = 0;

      if (pid == 0)
        {
          pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

          pthread_mutex_lock (&mutex);
          _exit (0);
        }
      REQUIRE (waitpid (pid, &status, 0) == pid && status == 0);
    }
  return NULL;
}

static int
run_forks (int argc, char **argv)
{
  char first_name[] = "first", second_name[] = "second";
  pthread_t first, second;

  pthread_create (&first, NULL, fork_children, first_name);
  pthread_create (&second, NULL, fork_children, second_name);
  pthread_join (first, NULL);
  pthread_join (second, NULL);
  return 0;
}

const Subject subjects_of_calls[] = {
  { "io", run_io },         { "output", run_output }, { "io-storm", run_io_storm },
  { "server", run_server }, { "end", run_end },       { "processes", run_processes },
  { "forks", run_forks },   { NULL, NULL },
};
