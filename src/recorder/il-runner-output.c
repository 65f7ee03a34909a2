/* il-runner-output.c - what a runner on its own, and all that it starts, prints
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program is given a pseudo-terminal to print to, as it would have in a shell: else most keep
 * what they print until they have a lot of it, nothing could be seen while they run, and it would
 * be lost if they are killed.  The terminal changes no byte, and is nobody's controlling terminal:
 * it sends no signals.  It can be written to alone, so that who asks for a key is told that there
 * is none.
 *
 * It is not looked at whenever something comes, but now and then: to wake us up with each line
 * would take time from the program, and show it in a picture of its own that it does not have when
 * it prints elsewhere.  What is not read yet makes the program wait, at last.
 */

#include "config.h"

#include "il-runner-output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define LAST_WORDS_MAX 4096
/* One that prints without end must not keep us from all else. */
#define COLLECT_MAX (1 << 18)
#define READ_SIZE (1 << 14)
/* So long it is left alone; much shorter once it was half full, and then longer and longer. */
#define REST_MAX_NS (20 * NS_PER_MS)
#define REST_MIN_NS (1 * NS_PER_MS)
/* Half of what is written before somebody has to wait. */
#define TERMINAL_HALF 6144
#define PIPE_HALF (1 << 15)
#define NS_PER_MS G_GINT64_CONSTANT (1000000)

struct _IlRunnerOutput
{
  int fd;
  gboolean is_closed;  /* for good: nobody is left to write */
  gsize half;          /* of what it takes before somebody looks */
  gint64 rest_ns;      /* until then nobody does */
  gint64 length_ns;    /* of such a rest */
  GString *last;       /* the last of it */
  GString *fresh;      /* likewise, what nobody has taken yet */
  guint64 n_forgotten; /* bytes before that, which nobody will take */
};

/* --- where it is printed to */

/* What is written is read as it is, and nothing comes back. */
static bool
make_plain (int fd)
{
  const struct winsize size = { .ws_row = 24, .ws_col = 80 };
  struct termios settings;

  if (tcgetattr (fd, &settings) != 0)
    return false;
  cfmakeraw (&settings);
  return tcsetattr (fd, TCSANOW, &settings) == 0 && ioctl (fd, TIOCSWINSZ, &size) == 0;
}

static bool
open_terminal (int *fd, int *child_fd)
{
  *fd = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*fd < 0)
    return false;
  *child_fd = grantpt (*fd) == 0 && unlockpt (*fd) == 0
                  ? ioctl (*fd, TIOCGPTPEER, O_WRONLY | O_NOCTTY | O_CLOEXEC)
                  : -1;
  if (*child_fd >= 0 && make_plain (*child_fd))
    return true;
  if (*child_fd >= 0)
    close (*child_fd);
  close (*fd);
  return false;
}

/* Where there are no terminals to be had a pipe must do. */
static bool
open_pipe (int *fd, int *child_fd)
{
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) != 0)
    return false;
  *fd = fds[0];
  *child_fd = fds[1];
  return true;
}

/**
 * il_runner_output_open:
 * @is_terminal: whether it is to be one, if there is one
 * @child_fd: (out): what is to be written to, closed on exec
 *
 * Returns: (transfer full): or NULL and errno
 */
IlRunnerOutput *
il_runner_output_open (bool is_terminal, int *child_fd)
{
  IlRunnerOutput *output;
  int fd;

  is_terminal = is_terminal && open_terminal (&fd, child_fd);
  if (!is_terminal && !open_pipe (&fd, child_fd))
    return NULL;
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  output = g_new0 (IlRunnerOutput, 1);
  output->fd = fd;
  output->half = is_terminal ? TERMINAL_HALF : PIPE_HALF;
  output->length_ns = REST_MAX_NS;
  output->last = g_string_new (NULL);
  output->fresh = g_string_new (NULL);
  return output;
}

void
il_runner_output_free (IlRunnerOutput *output)
{
  if (output == NULL)
    return;

  close (output->fd);
  g_string_free (output->last, TRUE);
  g_string_free (output->fresh, TRUE);
  g_free (output);
}

/* --- when it is read */

/**
 * il_runner_output_get_fd:
 *
 * Returns: what to poll; -1 while it is left alone
 */
int
il_runner_output_get_fd (const IlRunnerOutput *output, gint64 now_ns)
{
  return output->is_closed || now_ns < output->rest_ns ? -1 : output->fd;
}

/**
 * il_runner_output_limit_wait:
 * @timeout_ms: how long somebody wants to wait
 *
 * Returns: the same, or less: until it is to be looked at again
 */
int
il_runner_output_limit_wait (const IlRunnerOutput *output, gint64 now_ns, int timeout_ms)
{
  if (output->is_closed || now_ns >= output->rest_ns)
    return timeout_ms;
  return (int)MIN (timeout_ms, (output->rest_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS);
}

static void
rest (IlRunnerOutput *output, gint64 now_ns, gsize n_read)
{
  if (n_read == 0)
    return;
  output->length_ns = n_read >= output->half
                          ? REST_MIN_NS
                          : MIN (output->length_ns + output->length_ns / 4, REST_MAX_NS);
  output->rest_ns = now_ns + output->length_ns;
}

/* Returns how many bytes are forgotten. */
static gsize
forget_oldest (GString *kept, gsize max)
{
  gsize n_forgotten = kept->len > max ? kept->len - max : 0;

  g_string_erase (kept, 0, (gssize)n_forgotten);
  return n_forgotten;
}

static void
keep (IlRunnerOutput *output, const char *bytes, gsize n_bytes)
{
  gsize n_last = MIN (n_bytes, LAST_WORDS_MAX);

  g_string_append_len (output->last, bytes + n_bytes - n_last, (gssize)n_last);
  forget_oldest (output->last, LAST_WORDS_MAX);
  g_string_append_len (output->fresh, bytes, (gssize)n_bytes);
  if (output->fresh->len > 2 * IL_RUNNER_OUTPUT_MAX)
    output->n_forgotten += forget_oldest (output->fresh, IL_RUNNER_OUTPUT_MAX);
}

/* How many bytes there were.  A terminal that all have closed says EIO, once all is read. */
static gsize
read_some (IlRunnerOutput *output)
{
  char bytes[READ_SIZE];
  gsize n_read = 0;

  while (n_read < COLLECT_MAX && !output->is_closed)
    {
      ssize_t n_bytes = read (output->fd, bytes, sizeof bytes);

      if (n_bytes < 0 && errno == EINTR)
        continue;
      if (n_bytes < 0 && errno == EAGAIN)
        break;
      output->is_closed = n_bytes <= 0;
      if (n_bytes <= 0)
        break;
      keep (output, bytes, (gsize)n_bytes);
      n_read += (gsize)n_bytes;
    }
  return n_read;
}

/**
 * il_runner_output_collect:
 *
 * Reads what there is, unless it is to be left alone, but not more than is sensible at once, and
 * keeps the end of that, for error messages and for who wants to see it.
 */
void
il_runner_output_collect (IlRunnerOutput *output, gint64 now_ns)
{
  if (now_ns >= output->rest_ns)
    rest (output, now_ns, read_some (output));
}

/**
 * il_runner_output_collect_rest:
 *
 * Reads what is left when all have ended.
 */
void
il_runner_output_collect_rest (IlRunnerOutput *output)
{
  read_some (output);
}

/* --- what there was */

/**
 * il_runner_output_get_last_words:
 *
 * Returns: the last line of what was collected that is not empty, as valid UTF-8; "" where there is
 *     none
 */
const char *
il_runner_output_get_last_words (IlRunnerOutput *output)
{
  g_autofree char *valid = g_utf8_make_valid (output->last->str, (gssize)output->last->len);
  const char *line;

  g_string_assign (output->last, g_strchomp (valid));
  line = strrchr (output->last->str, '\n');
  return line == NULL ? output->last->str : line + 1;
}

/**
 * il_runner_output_move:
 * @kept: gets what was collected since the last time, behind what it has; its oldest goes
 *
 * Returns: how many bytes went since the last time
 */
guint64
il_runner_output_move (IlRunnerOutput *output, GString *kept)
{
  guint64 n_forgotten = output->n_forgotten;

  g_string_append_len (kept, output->fresh->str, (gssize)output->fresh->len);
  n_forgotten += forget_oldest (kept, IL_RUNNER_OUTPUT_MAX);
  g_string_truncate (output->fresh, 0);
  output->n_forgotten = 0;
  return n_forgotten;
}
