/* il-echo.c - sending bytes through the kernel to oneself
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Each agent has a pipe, or a pair of sockets, of its own, made when it first needs them, since
 * thousands of workers would have more descriptors than a process may.
 */

#include "config.h"

#include "il-echo.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "il-message.h"
#include "il-workspace.h"

#define CHUNK (32u * 1024) /* between two scheduling points; fits into any pipe */

/* Where to write and where to read. */
static bool
get_fds (IlActor *actor, IlEchoVariant variant, int *write_fd, int *read_fd)
{
  IlWorkspace *workspace = il_workspace_get (actor);
  int *kept = workspace->echo_fds[variant];
  int fds[2];

  if (kept[0] == 0)
    {
      if (variant == IL_ECHO_PIPE
              ? pipe2 (fds, O_CLOEXEC | O_NONBLOCK) != 0
              : socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
        return false;
      kept[0] = fds[0] + 1;
      kept[1] = fds[1] + 1;
    }
  *read_fd = kept[0] - 1;
  *write_fd = kept[1] - 1;
  return true;
}

/* What does not fit in at once is written when some was read; @size > 0. */
static bool
go_round (int write_fd, int read_fd, const uint8_t *outgoing, uint8_t *incoming, size_t size)
{
  size_t n_written = 0, n_read = 0;

  while (n_read < size)
    {
      ssize_t n = 0;

      if (n_written < size)
        n = write (write_fd, outgoing + n_written, size - n_written);
      if (n < 0 && errno != EAGAIN && errno != EINTR)
        return false;
      n_written += n > 0 ? (size_t)n : 0;
      n = read (read_fd, incoming + n_read, size - n_read);
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return false;
      n_read += n > 0 ? (size_t)n : 0;
    }
  return true;
}

/* A piece of the way, during which others may run that need to be let. */
static bool
go_round_recorded (IlActor *actor, IlEchoVariant variant, const uint8_t *outgoing,
                   uint8_t *incoming, size_t size)
{
  int write_fd, read_fd;
  bool is_done;

  il_trace_lane_write (&actor->lane, IL_EVENT_IO_BEGIN, 0, 0);
  il_actor_begin_wait (actor, IL_ACTIVITY_BUSY);
  is_done = get_fds (actor, variant, &write_fd, &read_fd)
            && go_round (write_fd, read_fd, outgoing, incoming, size);
  il_trace_lane_write (&actor->lane, IL_EVENT_IO_END, 0, 0);
  il_actor_end_wait (actor);
  return is_done;
}

/**
 * il_echo:
 * @size: at most what the agent's workspace has
 *
 * Sends bytes to itself and compares what comes back.
 *
 * Returns: %IL_WAIT_DONE, %IL_WAIT_CANCELLED or %IL_WAIT_FAILED
 */
IlWaitResult
il_echo (IlActor *actor, uint32_t size, IlEchoVariant variant)
{
  uint8_t *outgoing = il_workspace_get_outgoing (actor);
  uint8_t *incoming = il_workspace_get_incoming (actor);
  const IlMessage message = { .number = size, .producer = actor->id, .size = size };

  il_message_fill (&message, outgoing);
  for (uint32_t done = 0; done < size;)
    {
      uint32_t n = size - done < CHUNK ? size - done : CHUNK;

      if (!go_round_recorded (actor, variant, outgoing + done, incoming + done, n))
        return IL_WAIT_FAILED;
      done += n;
      if (!il_actor_may_go_on (actor))
        return IL_WAIT_CANCELLED;
    }
  return il_message_check (&message, incoming) ? IL_WAIT_DONE : IL_WAIT_FAILED;
}
