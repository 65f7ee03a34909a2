/* test-runner-output.c - what is printed arrives whole, as it is, soon, and not too often
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-runner-output.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-clock.h"

#define MS G_GINT64_CONSTANT (1000000)
#define N_LINES 300000

static void
print_all (int fd, const char *bytes, gsize n_bytes)
{
  while (n_bytes > 0)
    {
      ssize_t written = write (fd, bytes, n_bytes);

      g_assert_no_errno (written);
      bytes += written;
      n_bytes -= (gsize)written;
    }
}

/* As somebody who does not care for time. */
static guint64
collect (IlRunnerOutput *output, GString *kept)
{
  il_runner_output_collect_rest (output);
  return il_runner_output_move (output, kept);
}

/* Whoever prints sees a terminal, but not one that could be asked for a key. */
static void
test_terminal (void)
{
  struct winsize size;
  char byte;
  int fd;
  g_autoptr (IlRunnerOutput) output = il_runner_output_open (true, &fd);

  g_assert_nonnull (output);
  g_assert_true (isatty (fd));
  g_assert_no_errno (ioctl (fd, TIOCGWINSZ, &size));
  g_assert_cmpuint (size.ws_col, ==, 80);
  g_assert_cmpint (read (fd, &byte, 1), ==, -1);
  g_assert_cmpint (errno, ==, EBADF);
  close (fd);
}

static void
test_pipe (void)
{
  int fd;
  g_autoptr (IlRunnerOutput) output = il_runner_output_open (false, &fd);

  g_assert_nonnull (output);
  g_assert_false (isatty (fd));
  close (fd);
}

/* Also what steers a terminal, and what was not read when the last one closed it. */
static void
test_bytes_are_as_they_were (gconstpointer data)
{
  g_autoptr (GString) kept = g_string_new (NULL);
  char bytes[512];
  int fd;
  g_autoptr (IlRunnerOutput) output = il_runner_output_open (GPOINTER_TO_INT (data), &fd);

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)i;
  print_all (fd, bytes, sizeof bytes);
  g_assert_cmpuint (collect (output, kept), ==, 0);
  print_all (fd, "\r\nlast\n", 7);
  close (fd);
  g_assert_cmpuint (collect (output, kept), ==, 0);
  g_assert_cmpmem (kept->str, sizeof bytes, bytes, sizeof bytes);
  g_assert_cmpstr (kept->str + sizeof bytes, ==, "\r\nlast\n");
  g_assert_cmpstr (il_runner_output_get_last_words (output), ==, "last");
  g_assert_cmpint (il_runner_output_get_fd (output, G_MAXINT64), ==, -1);
}

static void G_GNUC_NORETURN
print_many_lines (int fd)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < N_LINES; i++)
    g_string_append_printf (lines, "line %u\n", i);
  print_all (fd, lines->str, lines->len);
  _exit (0);
}

static gsize
count_bytes (void)
{
  gsize n = 0;

  for (guint i = 0; i < N_LINES; i++)
    n += strlen ("line \n")
         + (i < 10       ? 1
            : i < 100    ? 2
            : i < 1000   ? 3
            : i < 10000  ? 4
            : i < 100000 ? 5
                         : 6);
  return n;
}

/* None of them is lost, and what waits for somebody has a limit. */
static void
test_many_lines (gconstpointer data)
{
  g_autoptr (GString) kept = g_string_new (NULL);
  guint64 n_forgotten = 0;
  int fd;
  g_autoptr (IlRunnerOutput) output = il_runner_output_open (GPOINTER_TO_INT (data), &fd);
  pid_t printer = fork ();

  if (printer == 0)
    print_many_lines (fd);
  close (fd);
  while (waitpid (printer, NULL, WNOHANG) == 0)
    {
      gint64 now_ns = il_clock_monotonic_ns ();
      struct pollfd wait = { .fd = il_runner_output_get_fd (output, now_ns), .events = POLLIN };

      poll (&wait, 1, il_runner_output_limit_wait (output, now_ns, 50));
      il_runner_output_collect (output, il_clock_monotonic_ns ());
      n_forgotten += il_runner_output_move (output, kept);
      g_assert_cmpuint (kept->len, <=, IL_RUNNER_OUTPUT_MAX);
    }
  n_forgotten += collect (output, kept);
  g_assert_cmpuint (n_forgotten + kept->len, ==, count_bytes ());
  g_assert_true (g_str_has_suffix (kept->str, "line 299998\nline 299999\n"));
}

/* After something came it is left alone; for less where much comes. */
static void
test_it_rests (void)
{
  g_autoptr (GString) kept = g_string_new (NULL);
  g_autofree char *much = g_strnfill (1 << 15, 'x');
  int fd;
  g_autoptr (IlRunnerOutput) output = il_runner_output_open (false, &fd);

  g_assert_cmpint (il_runner_output_get_fd (output, 0), >=, 0);
  g_assert_cmpint (il_runner_output_limit_wait (output, 0, 50), ==, 50);
  print_all (fd, "a", 1);
  il_runner_output_collect (output, 0);
  g_assert_cmpint (il_runner_output_get_fd (output, 20 * MS - 1), ==, -1);
  g_assert_cmpint (il_runner_output_limit_wait (output, 5 * MS, 50), ==, 15);
  g_assert_cmpint (il_runner_output_limit_wait (output, 5 * MS, 10), ==, 10);
  print_all (fd, much, 1 << 15);
  il_runner_output_collect (output, 20 * MS - 1);
  il_runner_output_move (output, kept);
  g_assert_cmpstr (kept->str, ==, "a");

  g_assert_cmpint (il_runner_output_get_fd (output, 20 * MS), >=, 0);
  il_runner_output_collect (output, 20 * MS);
  il_runner_output_move (output, kept);
  g_assert_cmpuint (kept->len, ==, 1 + (1 << 15));
  g_assert_cmpint (il_runner_output_get_fd (output, 21 * MS - 1), ==, -1);
  g_assert_cmpint (il_runner_output_get_fd (output, 21 * MS), >=, 0);
  print_all (fd, "b", 1);
  il_runner_output_collect (output, 30 * MS);
  g_assert_cmpint (il_runner_output_get_fd (output, 31 * MS), ==, -1);
  g_assert_cmpint (il_runner_output_get_fd (output, 32 * MS), >=, 0);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/runner-output/terminal", test_terminal);
  g_test_add_func ("/runner-output/pipe", test_pipe);
  g_test_add_data_func ("/runner-output/bytes/pipe", GINT_TO_POINTER (FALSE),
                        test_bytes_are_as_they_were);
  g_test_add_data_func ("/runner-output/bytes/terminal", GINT_TO_POINTER (TRUE),
                        test_bytes_are_as_they_were);
  g_test_add_data_func ("/runner-output/many-lines/pipe", GINT_TO_POINTER (FALSE), test_many_lines);
  g_test_add_data_func ("/runner-output/many-lines/terminal", GINT_TO_POINTER (TRUE),
                        test_many_lines);
  g_test_add_func ("/runner-output/it-rests", test_it_rests);
  return g_test_run ();
}
