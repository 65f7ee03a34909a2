/* test-control.c - commands are parsed strictly, whatever comes over the socket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-control.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
check_command (const char *line, IlCommandKind kind)
{
  g_autoptr (GError) error = NULL;
  g_auto (IlCommand) command = { 0 };

  g_assert_true (il_command_parse (line, strlen (line), &command, &error));
  g_assert_no_error (error);
  g_assert_cmpint (command.kind, ==, kind);
}

static void
test_commands (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (IlCommand) kill = { 0 };
  g_auto (IlCommand) set = { 0 };

  check_command ("start", IL_COMMAND_START);
  check_command ("pause", IL_COMMAND_PAUSE);
  check_command ("resume", IL_COMMAND_RESUME);
  check_command ("stop", IL_COMMAND_STOP);
  check_command ("close", IL_COMMAND_CLOSE);
  check_command ("step", IL_COMMAND_STEP);
  check_command ("step 0", IL_COMMAND_STEP);
  check_command ("crash 3", IL_COMMAND_CRASH);
  g_assert_true (il_command_parse ("kill 12", 7, &kill, &error));
  g_assert_cmpint (kill.kind, ==, IL_COMMAND_KILL);
  g_assert_cmpuint (kill.number, ==, 12);
  g_assert_true (il_command_parse ("set rate 900 / s", 16, &set, &error));
  g_assert_cmpint (set.kind, ==, IL_COMMAND_SET);
  g_assert_cmpstr (set.key, ==, "rate");
  g_assert_cmpstr (set.value, ==, "900 / s");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *line;
    gsize length;
  } lines[] = {
    { "", 0 },
    { " ", 1 },
    { "Start", 5 },
    { "start ", 6 },
    { "start now", 9 },
    { "kill", 4 },
    { "kill ", 5 },
    { "kill x", 6 },
    { "kill -1", 7 },
    { "kill 1 2", 8 },
    { "set", 3 },
    { "set a", 5 },
    { "set a ", 6 },
    { "set  b", 6 },
    { "stop\0", 5 },
    { "st\0op", 5 },
    { "step ", 5 },
    { "step x", 6 },
    { "step 1 2", 8 },
    { "crash", 5 },
    { "crash -2", 8 },
    { "\xff\xfe", 2 },
    { "kill 99999999999999999999", 25 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (IlCommand) command = { 0 };

      g_assert_false (il_command_parse (lines[i].line, lines[i].length, &command, &error));
      g_assert_nonnull (error);
    }
}

typedef struct
{
  IlControl *control;
  int peer;
} Connection;

static Connection
connect_control (void)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  return (Connection){ il_control_new (fds[0]), fds[1] };
}

static void
disconnect_control (Connection *connection)
{
  il_control_free (connection->control);
  close (connection->peer);
}

/* Reads what comes from the peer and says of each line whether it is a command: "+" or "-". */
static char *
receive (Connection *connection, const void *data, gsize size)
{
  GString *result = g_string_new (NULL);

  g_assert_cmpint (write (connection->peer, data, size), ==, size);
  il_control_receive (connection->control);
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_auto (IlCommand) command = { 0 };

      if (!il_control_next_command (connection->control, &command, &error))
        return g_string_free (result, FALSE);
      g_string_append_c (result, error == NULL ? '+' : '-');
    }
}

static void
check_receive (Connection *connection, const void *data, gsize size, const char *expected)
{
  g_autofree char *result = receive (connection, data, size);

  g_assert_cmpstr (result, ==, expected);
}

static void
test_lines (void)
{
  Connection connection = connect_control ();
  char too_long[3000];

  check_receive (&connection, "start\npause\n", 12, "++");
  check_receive (&connection, "res", 3, "");
  check_receive (&connection, "ume\nst", 6, "+");
  check_receive (&connection, "op\n\nstop\n", 9, "+-+");
  check_receive (&connection, "stop\0\nstop\n", 11, "-+");

  /* One answer for each line that is too long, and the next is heard again. */
  memset (too_long, 'x', sizeof too_long);
  check_receive (&connection, too_long, sizeof too_long, "-");
  check_receive (&connection, too_long, sizeof too_long, "");
  check_receive (&connection, "x\nstop\n", 7, "+");
  too_long[2000] = '\n';
  check_receive (&connection, too_long, 2001, "-");
  check_receive (&connection, "stop\n", 5, "+");
  disconnect_control (&connection);
}

static void
test_end (void)
{
  Connection connection = connect_control ();

  g_assert_true (il_control_receive (connection.control));
  g_assert_true (il_control_is_connected (connection.control));
  shutdown (connection.peer, SHUT_WR);
  g_assert_false (il_control_receive (connection.control));
  g_assert_false (il_control_is_connected (connection.control));
  disconnect_control (&connection);
}

/* Every line is whole, valid and not too long, whatever is in it. */
static void
test_send (void)
{
  Connection connection = connect_control ();
  g_autofree char *umlauts = g_strnfill (3000, 'x');
  char buffer[4096];
  gssize n;

  for (gsize i = 0; i + 1 < 3000; i += 2)
    memcpy (umlauts + i, "ö", 2);
  il_control_send (connection.control, "info title %s", umlauts);
  n = read (connection.peer, buffer, sizeof buffer);
  g_assert_cmpint (n, <=, IL_CONTROL_MAX_LINE);
  g_assert_cmpint (n, >, IL_CONTROL_MAX_LINE - 4);
  g_assert_true (g_utf8_validate (buffer, n, NULL));
  g_assert_cmpint (buffer[n - 1], ==, '\n');

  il_control_send (connection.control, "info title %s", "two\nlines\tand \xff");
  n = read (connection.peer, buffer, sizeof buffer);
  g_assert_true (g_utf8_validate (buffer, n, NULL));
  g_assert_true (memchr (buffer, '\n', (gsize)n) == buffer + n - 1);
  g_assert_null (memchr (buffer, '\t', (gsize)n));
  disconnect_control (&connection);
}

/* A peer that does not read does not hold the sender up, and what it can be sent comes in order. */
static void
test_slow_peer (void)
{
  Connection connection = connect_control ();
  guint n_sent = 0, n_received = 0;
  char buffer[256];
  gsize length = 0;

  while (!il_control_has_output (connection.control))
    il_control_send (connection.control, "counts %u", n_sent++);
  while (n_received < n_sent)
    {
      il_control_flush (connection.control);
      g_assert_cmpint (read (connection.peer, buffer + length, 1), ==, 1);
      if (buffer[length++] != '\n')
        continue;
      buffer[length - 1] = '\0';
      g_assert_cmpuint ((guint)strtoul (buffer + strlen ("counts "), NULL, 10), ==, n_received);
      n_received++;
      length = 0;
    }
  g_assert_false (il_control_has_output (connection.control));

  while (il_control_is_connected (connection.control))
    il_control_send (connection.control, "counts %u", n_sent++);
  disconnect_control (&connection);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control/commands", test_commands);
  g_test_add_func ("/control/refused", test_refused);
  g_test_add_func ("/control/lines", test_lines);
  g_test_add_func ("/control/end", test_end);
  g_test_add_func ("/control/send", test_send);
  g_test_add_func ("/control/slow-peer", test_slow_peer);
  return g_test_run ();
}
