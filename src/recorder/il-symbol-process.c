/* il-symbol-process.c - asks interleave-symbols what places are called
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions wait here until the process takes them, and it answers them in their order.  One that
 * it dies of, or does not answer for long, has no answer, and another process goes on with the
 * rest; after some of these nothing is asked any more.
 */

#include "config.h"

#include "il-object-names-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND_NS G_GINT64_CONSTANT (1000000000)
#define PATIENCE_NS (20 * SECOND_NS) /* the debug information of a large program is read once */
#define FAILURES_MAX 8
#define REPLY_MAX 4096

typedef struct
{
  guint32 id;
  GString *text; /* as the process reads it */
} Question;

struct _IlSymbolProcess
{
  IlSymbolFunc func;
  gpointer data;
  pid_t pid; /* 0: none is running */
  int fd;
  GQueue questions; /* of Question: asked and not answered; the first n_sent are with the process */
  guint n_sent;
  gsize n_sent_of_next; /* bytes */
  GString *received;
  gint64 since_ns; /* from when on the first one waits for its answer */
  guint n_failures;
};

/**
 * il_symbol_process_new:
 * @func: told of each answer, from the calls of this
 */
IlSymbolProcess *
il_symbol_process_new (IlSymbolFunc func, gpointer data)
{
  IlSymbolProcess *self = g_new0 (IlSymbolProcess, 1);

  self->func = func;
  self->data = data;
  self->fd = -1;
  self->received = g_string_new (NULL);
  g_queue_init (&self->questions);
  return self;
}

static void
free_question (gpointer data)
{
  Question *question = data;

  g_string_free (question->text, TRUE);
  g_free (question);
}

/* What it had and did not answer is to be asked again. */
static void
end_process (IlSymbolProcess *self)
{
  if (self->pid == 0)
    return;
  close (self->fd);
  kill (self->pid, SIGKILL);
  while (waitpid (self->pid, NULL, 0) < 0 && errno == EINTR)
    ;
  self->pid = 0;
  self->fd = -1;
  self->n_sent = 0;
  self->n_sent_of_next = 0;
  g_string_truncate (self->received, 0);
}

/**
 * il_symbol_process_free:
 *
 * What was not answered stays so.
 */
void
il_symbol_process_free (IlSymbolProcess *self)
{
  if (self == NULL)
    return;

  end_process (self);
  g_queue_clear_full (&self->questions, free_question);
  g_string_free (self->received, TRUE);
  g_free (self);
}

static void
append_place (GString *text, const IlSymbolPlace *place)
{
  g_string_append_printf (text, "%" G_GINT64_MODIFIER "x", place->offset);
  g_string_append_c (text, '\0');
  g_string_append (text, place->path);
  g_string_append_c (text, '\0');
}

/**
 * il_symbol_process_ask:
 * @lies: where it lies
 * @calls: from where it was used: that call, the one around it, …
 */
void
il_symbol_process_ask (IlSymbolProcess *self, guint32 id, const IlSymbolPlace *lies,
                       const IlSymbolPlace calls[IL_OBJECT_CALLS])
{
  Question *question = g_new (Question, 1);

  question->id = id;
  question->text = g_string_new (NULL);
  append_place (question->text, lies);
  for (guint i = 0; i < IL_OBJECT_CALLS; i++)
    append_place (question->text, &calls[i]);
  g_queue_push_tail (&self->questions, question);
}

/* --- the process */

static int
spawn (pid_t *pid, char *path, int fd)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, defaults;
  char *const argv[] = { path, NULL };
  int result;

  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, fd, STDIN_FILENO);
  posix_spawn_file_actions_adddup2 (&actions, fd, STDOUT_FILENO);
  posix_spawn_file_actions_addopen (&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np (&actions, STDERR_FILENO + 1);

  /* What a terminal sends is not meant for it. */
  posix_spawnattr_init (&attributes);
  sigemptyset (&none);
  sigfillset (&defaults);
  sigdelset (&defaults, SIGKILL);
  sigdelset (&defaults, SIGSTOP);
  posix_spawnattr_setsigmask (&attributes, &none);
  posix_spawnattr_setsigdefault (&attributes, &defaults);
  posix_spawnattr_setflags (&attributes,
                            POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  result = posix_spawn (pid, path, &actions, &attributes, argv, environ);
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  return result;
}

/* The child gets its end under the numbers 0 and 1, so that it must have another one before. */
static gboolean
open_channel (int fds[2])
{
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      int moved = fcntl (fds[i], F_DUPFD_CLOEXEC, 3);

      if (moved >= 0)
        {
          close (fds[i]);
          fds[i] = moved;
        }
    }
  fcntl (fds[0], F_SETFL, fcntl (fds[0], F_GETFL) | O_NONBLOCK);
  return TRUE;
}

static gboolean
start_process (IlSymbolProcess *self)
{
  const char *named = g_getenv (IL_SYMBOLS_ENVIRONMENT);
  g_autofree char *path = named != NULL && named[0] != '\0'
                              ? g_strdup (named)
                              : g_build_filename (IL_LIBEXECDIR, "interleave-symbols", NULL);
  int fds[2];
  int result;

  if (!open_channel (fds))
    return FALSE;
  result = spawn (&self->pid, path, fds[1]);
  close (fds[1]);
  if (result != 0)
    {
      close (fds[0]);
      self->pid = 0;
      return FALSE;
    }
  self->fd = fds[0];
  return TRUE;
}

static void
conclude_first (IlSymbolProcess *self, const IlSymbolReply *reply)
{
  Question *question = g_queue_pop_head (&self->questions);

  self->func (question->id, reply, self->data);
  free_question (question);
}

/* It died, or is killed now, of the question that it was to answer. */
static void
fail (IlSymbolProcess *self)
{
  end_process (self);
  self->n_failures++;
  if (!g_queue_is_empty (&self->questions))
    conclude_first (self, NULL);
}

/* FALSE: it does not read any more. */
static gboolean
send_some (IlSymbolProcess *self)
{
  Question *question;

  while ((question = g_queue_peek_nth (&self->questions, self->n_sent)) != NULL)
    {
      gsize n_left = question->text->len - self->n_sent_of_next;
      gssize n = send (self->fd, question->text->str + self->n_sent_of_next, n_left, MSG_NOSIGNAL);

      if (n < 0)
        return errno == EAGAIN || errno == EINTR;
      self->n_sent_of_next += (gsize)n;
      if ((gsize)n < n_left)
        return TRUE;
      self->n_sent++;
      self->n_sent_of_next = 0;
    }
  return TRUE;
}

/* The first answer among what was received, as so many texts; 0: not all of it is there. */
#define N_TEXTS 5
static gsize
find_reply (const GString *received, const char *texts[N_TEXTS])
{
  gsize at = 0;

  for (guint i = 0; i < N_TEXTS; i++)
    {
      const char *end = memchr (received->str + at, '\0', received->len - at);

      if (end == NULL)
        return 0;
      texts[i] = received->str + at;
      at = (gsize)(end - received->str) + 1;
    }
  return at;
}

/* FALSE: it says nothing any more, or nonsense. */
static gboolean
receive_some (IlSymbolProcess *self, gint64 now_ns)
{
  char buffer[REPLY_MAX];
  gssize n;

  while ((n = read (self->fd, buffer, sizeof buffer)) > 0)
    {
      const char *texts[N_TEXTS];
      gsize size;

      g_string_append_len (self->received, buffer, n);
      while (self->n_sent > 0 && (size = find_reply (self->received, texts)) > 0)
        {
          const IlSymbolReply reply
              = { texts[0], texts[1], texts[2], (guint)g_ascii_strtoull (texts[3], NULL, 10),
                  (guint)g_ascii_strtoull (texts[4], NULL, 10) };

          self->n_sent--;
          self->since_ns = now_ns;
          conclude_first (self, &reply);
          g_string_erase (self->received, 0, (gssize)size);
        }
      if (self->received->len > REPLY_MAX)
        return FALSE;
    }
  return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/**
 * il_symbol_process_converse:
 *
 * Sends what there is room for, and tells of the answers that have come.
 */
void
il_symbol_process_converse (IlSymbolProcess *self, gint64 now_ns)
{
  if (g_queue_is_empty (&self->questions))
    return;
  if (self->n_failures >= FAILURES_MAX)
    {
      while (!g_queue_is_empty (&self->questions))
        conclude_first (self, NULL);
      return;
    }
  if (self->pid == 0)
    {
      self->since_ns = now_ns;
      if (!start_process (self))
        {
          self->n_failures = FAILURES_MAX;
          return;
        }
    }
  if (self->n_sent == 0)
    self->since_ns = now_ns;
  if (!send_some (self) || !receive_some (self, now_ns) || now_ns - self->since_ns > PATIENCE_NS)
    fail (self);
}

/**
 * il_symbol_process_wait:
 *
 * Waits until there may be an answer.
 *
 * Returns: whether there are questions without answers
 */
gboolean
il_symbol_process_wait (IlSymbolProcess *self, int timeout_ms)
{
  struct pollfd wanted = { .fd = self->fd, .events = POLLIN };

  if (g_queue_is_empty (&self->questions))
    return FALSE;
  if (self->pid != 0)
    poll (&wanted, 1, timeout_ms);
  return TRUE;
}
