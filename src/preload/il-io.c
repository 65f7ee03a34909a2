/* il-io.c - input and output that may wait
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the C library does for stdio does not come here, but to il-stdio.c and il-stdio-out.c: it
 * calls itself by other names.
 */

/* Both kinds of names are wanted here, and each by itself. */
#undef _FILE_OFFSET_BITS

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <unistd.h>

#include "il-pause.h"
#include "il-real.h"

/* A function of the same name that says that it may wait for a descriptor. */
#define WAIT_FOR(type, name, parameters, arguments, call, events)                                  \
  IL_EXPORT type name parameters                                                                   \
  {                                                                                                \
    type result;                                                                                   \
                                                                                                   \
    il_real_need ();                                                                               \
    IL_PAUSE_AROUND (il_pause_io_of (call, fd, events), result = il_real.name arguments);          \
    return result;                                                                                 \
  }

#define READ(type, name, parameters, arguments)                                                    \
  WAIT_FOR (type, name, parameters, arguments, IL_CALL_READ, POLLIN)
#define WRITE(type, name, parameters, arguments)                                                   \
  WAIT_FOR (type, name, parameters, arguments, IL_CALL_WRITE, POLLOUT)
#define RECEIVE(name, parameters, arguments)                                                       \
  WAIT_FOR (ssize_t, name, parameters, arguments, IL_CALL_RECEIVE, POLLIN)
#define SEND(name, parameters, arguments)                                                          \
  WAIT_FOR (ssize_t, name, parameters, arguments, IL_CALL_SEND, POLLOUT)

/* Those of programs that are built to be checked are declared for them alone. */
ssize_t __read_chk (int fd, void *data, size_t size, size_t room);

READ (ssize_t, read, (int fd, void *data, size_t size), (fd, data, size))
READ (ssize_t, __read_chk, (int fd, void *data, size_t size, size_t room), (fd, data, size, room))
READ (ssize_t, pread, (int fd, void *data, size_t size, off_t place), (fd, data, size, place))
READ (ssize_t, pread64, (int fd, void *data, size_t size, off64_t place), (fd, data, size, place))
READ (ssize_t, readv, (int fd, const struct iovec *pieces, int n), (fd, pieces, n))
READ (ssize_t, preadv, (int fd, const struct iovec *pieces, int n, off_t place),
      (fd, pieces, n, place))
READ (ssize_t, preadv64, (int fd, const struct iovec *pieces, int n, off64_t place),
      (fd, pieces, n, place))
WRITE (ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
WRITE (ssize_t, pwrite, (int fd, const void *data, size_t size, off_t place),
       (fd, data, size, place))
WRITE (ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t place),
       (fd, data, size, place))
WRITE (ssize_t, writev, (int fd, const struct iovec *pieces, int n), (fd, pieces, n))
WRITE (ssize_t, pwritev, (int fd, const struct iovec *pieces, int n, off_t place),
       (fd, pieces, n, place))
WRITE (ssize_t, pwritev64, (int fd, const struct iovec *pieces, int n, off64_t place),
       (fd, pieces, n, place))
RECEIVE (recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags))
RECEIVE (recvfrom,
         (int fd, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length),
         (fd, data, size, flags, from, length))
RECEIVE (recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
WAIT_FOR (int, recvmmsg,
          (int fd, struct mmsghdr *messages, unsigned n, int flags, struct timespec *length),
          (fd, messages, n, flags, length), IL_CALL_RECEIVE, POLLIN)
SEND (send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags))
SEND (sendto,
      (int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
       socklen_t length),
      (fd, data, size, flags, to, length))
SEND (sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
WAIT_FOR (int, sendmmsg, (int fd, struct mmsghdr *messages, unsigned n, int flags),
          (fd, messages, n, flags), IL_CALL_SEND, POLLOUT)
WAIT_FOR (int, accept, (int fd, struct sockaddr *from, socklen_t *length), (fd, from, length),
          IL_CALL_ACCEPT, POLLIN)
WAIT_FOR (int, accept4, (int fd, struct sockaddr *from, socklen_t *length, int flags),
          (fd, from, length, flags), IL_CALL_ACCEPT, POLLIN)

/* Those that nobody can tell of beforehand whether they wait. */
#define WAIT(type, name, parameters, arguments, call)                                              \
  IL_EXPORT type name parameters                                                                   \
  {                                                                                                \
    type result;                                                                                   \
                                                                                                   \
    il_real_need ();                                                                               \
    IL_PAUSE_AROUND (il_pause_io (call), result = il_real.name arguments);                         \
    return result;                                                                                 \
  }

WAIT (int, connect, (int fd, const struct sockaddr *to, socklen_t length), (fd, to, length),
      IL_CALL_CONNECT)
WAIT (int, fsync, (int fd), (fd), IL_CALL_FSYNC)
WAIT (int, fdatasync, (int fd), (fd), IL_CALL_FSYNC)
WAIT (int, sigwait, (const sigset_t *signals, int *number), (signals, number), IL_CALL_SIGNAL)
WAIT (int, sigwaitinfo, (const sigset_t *signals, siginfo_t *info), (signals, info), IL_CALL_SIGNAL)
WAIT (int, sigtimedwait, (const sigset_t *signals, siginfo_t *info, const struct timespec *length),
      (signals, info, length), IL_CALL_SIGNAL)
WAIT (int, sigsuspend, (const sigset_t *signals), (signals), IL_CALL_SIGNAL)
WAIT (int, pause, (void), (), IL_CALL_SIGNAL)

IL_EXPORT int
flock (int fd, int operation)
{
  int result;

  il_real_need ();
  IL_PAUSE_AROUND ((operation & LOCK_NB) == 0 && (operation & LOCK_UN) == 0
                       ? il_pause_io (IL_CALL_FLOCK)
                       : (IlPause){ 0 },
                   result = il_real.flock (fd, operation));
  return result;
}

static bool
waits (int command)
{
  return command == F_SETLKW || command == F_OFD_SETLKW;
}

/* Each argument that there may be fits into a pointer. */
#define FCNTL(name)                                                                                \
  IL_EXPORT int name (int fd, int command, ...)                                                    \
  {                                                                                                \
    va_list more;                                                                                  \
    void *argument;                                                                                \
    int result;                                                                                    \
                                                                                                   \
    va_start (more, command);                                                                      \
    argument = va_arg (more, void *);                                                              \
    va_end (more);                                                                                 \
    il_real_need ();                                                                               \
    if (!waits (command))                                                                          \
      return il_real.name (fd, command, argument);                                                 \
    IL_PAUSE_AROUND (il_pause_io (IL_CALL_FLOCK), result = il_real.name (fd, command, argument));  \
    return result;                                                                                 \
  }

FCNTL (fcntl)
FCNTL (fcntl64)

WAIT (int, lockf, (int fd, int command, off_t length), (fd, command, length), IL_CALL_FLOCK)
WAIT (int, lockf64, (int fd, int command, off64_t length), (fd, command, length), IL_CALL_FLOCK)
