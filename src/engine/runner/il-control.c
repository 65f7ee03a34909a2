/* il-control.c - reading commands, writing answers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-control.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Output that the other side does not read; beyond it that is given up. */
#define MAX_PENDING (256 * 1024)

struct _IlControl
{
  int fd;            /* -1: nobody controls it, answers go to standard output */
  bool is_at_end;    /* the other side has gone, or sends no more */
  bool skips_line;   /* in the middle of one that is too long */
  GByteArray *input; /* not yet complete lines, at most one more than fits */
  GString *output;   /* not yet taken by the other side */
};

static const struct
{
  const char *word;
  IlCommandKind kind;
} plain_commands[] = {
  { "start", IL_COMMAND_START }, { "pause", IL_COMMAND_PAUSE }, { "resume", IL_COMMAND_RESUME },
  { "stop", IL_COMMAND_STOP },   { "close", IL_COMMAND_CLOSE },
};

/**
 * il_control_new:
 * @fd: (transfer full): a stream socket, or -1
 *
 * Takes over one end of a control connection.
 */
IlControl *
il_control_new (int fd)
{
  IlControl *control = g_new0 (IlControl, 1);

  control->fd = fd;
  control->input = g_byte_array_new ();
  control->output = g_string_new (NULL);
  if (fd >= 0)
    {
      fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
      fcntl (fd, F_SETFD, FD_CLOEXEC);
    }
  return control;
}

/**
 * il_control_free:
 * @control: (nullable) (transfer full)
 */
void
il_control_free (IlControl *control)
{
  if (control == NULL)
    return;
  if (control->fd >= 0)
    close (control->fd);
  g_byte_array_unref (control->input);
  g_string_free (control->output, TRUE);
  g_free (control);
}

/**
 * il_control_get_fd:
 *
 * Returns: the descriptor that it was made with, or -1 if nobody controls
 */
int
il_control_get_fd (const IlControl *control)
{
  return control->fd;
}

/**
 * il_control_is_connected:
 *
 * Returns: %FALSE once the other side has gone; %TRUE if there never was one
 */
bool
il_control_is_connected (const IlControl *control)
{
  return !control->is_at_end;
}

/**
 * il_control_has_output:
 *
 * Returns: whether il_control_flush() has something to do when the descriptor is writable
 */
bool
il_control_has_output (const IlControl *control)
{
  return control->output->len > 0;
}

static void
write_to_stdout (const GString *text)
{
  gsize n_written = 0;

  while (n_written < text->len)
    {
      ssize_t n = write (STDOUT_FILENO, text->str + n_written, text->len - n_written);

      if (n < 0 && errno != EINTR)
        return;
      n_written += n > 0 ? (gsize)n : 0;
    }
}

/**
 * il_control_flush:
 *
 * Sends what the other side can take without waiting.
 */
void
il_control_flush (IlControl *control)
{
  while (control->fd >= 0 && control->output->len > 0)
    {
      ssize_t n = send (control->fd, control->output->str, control->output->len, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && control->output->len <= MAX_PENDING)
        return;
      if (n < 0)
        {
          control->is_at_end = true;
          g_string_truncate (control->output, 0);
          return;
        }
      g_string_erase (control->output, 0, n);
    }
}

/* One line, whatever it is made of. */
static void
make_line (GString *line)
{
  g_autofree char *valid = NULL;

  for (char *at = line->str; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  if (line->len > IL_CONTROL_MAX_LINE - 1)
    g_string_truncate (line, IL_CONTROL_MAX_LINE - 1);
  /* Cut between characters: the replacement of a broken one would make it longer again. */
  while (!g_utf8_validate (line->str, (gssize)line->len, NULL) && line->len > 0
         && line->len + 4 > IL_CONTROL_MAX_LINE - 1)
    g_string_truncate (line, line->len - 1);
  valid = g_utf8_make_valid (line->str, (gssize)line->len);
  g_string_assign (line, valid);
  if (line->len > IL_CONTROL_MAX_LINE - 1)
    g_string_truncate (line, 0);
  g_string_append_c (line, '\n');
}

/**
 * il_control_send:
 * @format: a line without its end
 *
 * Sends a line, cut to the greatest length that is allowed.
 */
void
il_control_send (IlControl *control, const char *format, ...)
{
  g_autoptr (GString) line = g_string_new (NULL);
  va_list arguments;

  va_start (arguments, format);
  g_string_vprintf (line, format, arguments);
  va_end (arguments);
  make_line (line);
  if (control->fd < 0)
    {
      write_to_stdout (line);
      return;
    }
  if (control->is_at_end)
    return;
  g_string_append_len (control->output, line->str, (gssize)line->len);
  il_control_flush (control);
}

/**
 * il_control_receive:
 *
 * Reads what has come, to be taken by il_control_next_command().
 *
 * Returns: %FALSE if the other side has gone
 */
bool
il_control_receive (IlControl *control)
{
  guint8 buffer[4096];
  ssize_t n;

  do
    n = recv (control->fd, buffer, sizeof buffer, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n > 0)
    g_byte_array_append (control->input, buffer, (guint)n);
  else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
    control->is_at_end = true;
  return !control->is_at_end;
}

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, message);
  return FALSE;
}

static gboolean
parse_number (IlCommandKind kind, char **words, IlCommand *command, GError **error)
{
  command->kind = kind;
  if (words[1] != NULL && words[2] == NULL
      && g_ascii_string_to_unsigned (words[1], 10, 0, G_MAXUINT64 - 1, &command->number, NULL))
    return TRUE;
  return refuse (error, _ ("%s needs the number of a worker"), words[0]);
}

static gboolean
parse_step (char **words, IlCommand *command, GError **error)
{
  if (words[1] != NULL)
    return parse_number (IL_COMMAND_STEP, words, command, error);
  command->kind = IL_COMMAND_STEP;
  command->number = G_MAXUINT64;
  return TRUE;
}

static gboolean
parse_set (char **words, IlCommand *command, GError **error)
{
  command->kind = IL_COMMAND_SET;
  if (words[1] == NULL || *words[1] == '\0' || words[2] == NULL || *words[2] == '\0')
    return refuse (error, _ ("set needs a key and a value"));
  command->key = g_strdup (words[1]);
  command->value = g_strdup (words[2]);
  return TRUE;
}

/**
 * il_command_parse:
 * @line: without its end; anything may be in it
 * @command: (out): to be cleared with il_command_clear()
 */
gboolean
il_command_parse (const char *line, gsize length, IlCommand *command, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  *command = (IlCommand){ 0 };
  if (length >= IL_CONTROL_MAX_LINE)
    return refuse (error, _ ("a line of more than %d bytes"), IL_CONTROL_MAX_LINE);
  if (!g_utf8_validate (line, (gssize)length, NULL))
    return refuse (error, _ ("a line that is not UTF-8 text"));
  text = g_strndup (line, length);
  words = g_strsplit (text, " ", 3);
  if (words[0] == NULL)
    return refuse (error, _ ("an empty line"));

  if (strcmp (words[0], "kill") == 0)
    return parse_number (IL_COMMAND_KILL, words, command, error);
  if (strcmp (words[0], "crash") == 0)
    return parse_number (IL_COMMAND_CRASH, words, command, error);
  if (strcmp (words[0], "step") == 0)
    return parse_step (words, command, error);
  if (strcmp (words[0], "set") == 0)
    return parse_set (words, command, error);
  for (gsize i = 0; i < G_N_ELEMENTS (plain_commands); i++)
    if (strcmp (text, plain_commands[i].word) == 0)
      {
        command->kind = plain_commands[i].kind;
        return TRUE;
      }
  return refuse (error, _ ("unknown command “%s”"), text);
}

/**
 * il_command_clear:
 */
void
il_command_clear (IlCommand *command)
{
  g_clear_pointer (&command->key, g_free);
  g_clear_pointer (&command->value, g_free);
}

/* The rest of a line that is too long is not kept. */
static bool
skip_long_line (IlControl *control, GError **error)
{
  if (control->input->len < IL_CONTROL_MAX_LINE)
    return false;
  g_byte_array_set_size (control->input, 0);
  if (control->skips_line)
    return false;
  control->skips_line = true;
  refuse (error, _ ("a line of more than %d bytes"), IL_CONTROL_MAX_LINE);
  return true;
}

/**
 * il_control_next_command:
 * @command: (out): to be cleared with il_command_clear()
 * @error: set if a line came that is no command
 *
 * Takes the next line of what was received.
 *
 * Returns: %FALSE if there is no line, and no error
 */
bool
il_control_next_command (IlControl *control, IlCommand *command, GError **error)
{
  *command = (IlCommand){ 0 };
  for (;;)
    {
      const guint8 *end = control->input->len == 0
                              ? NULL
                              : memchr (control->input->data, '\n', control->input->len);
      gsize length;
      bool skipped;

      if (end == NULL)
        return skip_long_line (control, error);
      length = (gsize)(end - control->input->data);
      skipped = control->skips_line;
      control->skips_line = false;
      if (!skipped)
        il_command_parse ((const char *)control->input->data, length, command, error);
      g_byte_array_remove_range (control->input, 0, (guint)length + 1);
      if (!skipped)
        return true;
    }
}
