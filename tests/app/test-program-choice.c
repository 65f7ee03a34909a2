/* test-program-choice.c - what the user types of a program is read as it was meant, or told why not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-program-choice.h"

#include <glib/gstdio.h>

static void
assert_words (const char *text, const char *const *expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = il_program_choice_read_command (text, &error);

  g_assert_no_error (error);
  g_assert_cmpstrv (words, expected);
}

static void
test_command_is_cut_as_by_a_shell (void)
{
  g_autofree char *in_home = g_build_filename (g_get_home_dir (), "x.py", NULL);
  g_autofree char *home = g_strconcat (g_get_home_dir (), "/", NULL);

  assert_words ("xz -T2 -k a", (const char *const[]){ "xz", "-T2", "-k", "a", NULL });
  assert_words ("  sh -c 'a | b'  \"c d\"",
                (const char *const[]){ "sh", "-c", "a | b", "c d", NULL });
  assert_words ("python3 ~/x.py", (const char *const[]){ "python3", in_home, NULL });
  assert_words ("echo '~/x.py' a~/b ~x \\~/c \"~/d\"",
                (const char *const[]){ "echo", "~/x.py", "a~/b", "~x", "~/c", "~/d", NULL });
  assert_words ("ls ~ ~/", (const char *const[]){ "ls", g_get_home_dir (), home, NULL });
}

static void
assert_no_words (const char *text, const char *said)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = il_program_choice_read_command (text, &error);

  g_assert_null (words);
  g_assert_error (error, IL_PROGRAM_CHOICE_ERROR, IL_PROGRAM_CHOICE_ERROR_COMMAND);
  g_assert_cmpstr (error->message, ==, said);
}

static void
test_wrong_commands_are_told (void)
{
  assert_no_words ("", "Type the program and its arguments");
  assert_no_words ("   ", "Type the program and its arguments");
  assert_no_words ("echo 'a", "A quotation mark is not closed");
  assert_no_words ("echo \"a", "A quotation mark is not closed");
  assert_no_words ("echo a\\", "A backslash at the end quotes nothing");
  assert_no_words ("'' a", "The program has an empty name");
}

static void
assert_name (const char *command_line, const char *expected)
{
  g_autofree char *name = il_program_choice_dup_name (command_line);

  g_assert_cmpstr (name, ==, expected);
}

/* For files that are handed on: short, and no directories in it. */
static void
test_names_tell_no_directories (void)
{
  assert_name ("/usr/bin/python3 /home/me/secret/deadlock.py 1 2", "python3-deadlock.py");
  assert_name ("/opt/my\\ tool/run", "run");
  assert_name ("'/opt/my tool'", "my-tool");
  assert_name ("xz -T2 -k big.tar", "xz");
  assert_name ("bash -c 'ls /tmp | wc'", "bash");
  assert_name ("env A=/home/me/b x", "env");
  assert_name ("sh ''", "sh");
  assert_name ("ls /", "ls");
  assert_name ("'not closed", "program");
}

static void
test_words_of_a_shell_are_found (void)
{
  g_assert_cmpstr (
      il_program_choice_find_shell_word ((const char *const[]){ "a", "b", "|", "c", NULL }), ==,
      "|");
  g_assert_cmpstr (il_program_choice_find_shell_word ((const char *const[]){ "a", "2>&1", NULL }),
                   ==, "2>&1");
  g_assert_null (
      il_program_choice_find_shell_word ((const char *const[]){ "sh", "-c", "a | b", NULL }));
}

static void
test_directory (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *none = il_program_choice_read_directory ("  ", NULL);
  g_autofree char *plain = il_program_choice_read_directory (" /tmp/a b ", NULL);
  g_autofree char *in_home = il_program_choice_read_directory ("~/x", NULL);
  g_autofree char *expected = g_build_filename (g_get_home_dir (), "x", NULL);

  g_assert_cmpstr (none, ==, g_get_home_dir ());
  g_assert_cmpstr (plain, ==, "/tmp/a b");
  g_assert_cmpstr (in_home, ==, expected);
  g_assert_null (il_program_choice_read_directory ("x/y", &error));
  g_assert_error (error, IL_PROGRAM_CHOICE_ERROR, IL_PROGRAM_CHOICE_ERROR_DIRECTORY);
}

static char **
read_environment (const char *text, GError **error)
{
  char **base = g_environ_setenv (NULL, "KEPT", "1", TRUE);

  return il_program_choice_read_environment (text, g_environ_setenv (base, "OLD", "1", TRUE),
                                             error);
}

static void
test_environment (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) read
      = read_environment ("OLD=2\n\n# a note\n  SPACES = no\nEMPTY=\nURL=a=b c\nOLD=3\n", &error);

  /* A name has no blanks, but a line may be indented. */
  g_assert_null (read);
  g_assert_error (error, IL_PROGRAM_CHOICE_ERROR, IL_PROGRAM_CHOICE_ERROR_ENVIRONMENT);
  g_assert_cmpstr (error->message, ==, "Line 4 is not of the form NAME=VALUE");
  g_clear_error (&error);

  read = read_environment ("OLD=2\n\n# a note\n  SPACES= no\nEMPTY=\nURL=a=b c\nOLD=3\n", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_environ_getenv (read, "KEPT"), ==, "1");
  g_assert_cmpstr (g_environ_getenv (read, "OLD"), ==, "3");
  g_assert_cmpstr (g_environ_getenv (read, "SPACES"), ==, " no");
  g_assert_cmpstr (g_environ_getenv (read, "EMPTY"), ==, "");
  g_assert_cmpstr (g_environ_getenv (read, "URL"), ==, "a=b c");
  g_assert_cmpuint (g_strv_length (read), ==, 5);
}

static void
test_environment_that_is_wrong (void)
{
  static const char *const wrong[] = { "A", "=a", "1A=b", "A-B=c", "Ä=d" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_environment (wrong[i], &error));
      g_assert_cmpstr (error->message, ==, "Line 1 is not of the form NAME=VALUE");
    }
}

static void
test_plan_says_which_field_is_wrong (void)
{
  static const struct
  {
    const char *command_line, *directory, *environment;
    int code;
  } wrong[] = {
    { "'", "/", "", IL_PROGRAM_CHOICE_ERROR_COMMAND },
    { "ls", "x", "", IL_PROGRAM_CHOICE_ERROR_DIRECTORY },
    { "ls", "/", "x", IL_PROGRAM_CHOICE_ERROR_ENVIRONMENT },
  };
  g_autoptr (IlProgramChoice) right = il_program_choice_new ("ls -l", "/tmp", "A=b", FALSE);
  g_autoptr (IlProgramPlan) plan = il_program_choice_plan (right, NULL);

  g_assert_cmpstrv (plan->command, ((const char *const[]){ "ls", "-l", NULL }));
  g_assert_cmpstr (plan->directory, ==, "/tmp");
  g_assert_cmpstr (g_environ_getenv (plan->environment, "A"), ==, "b");
  g_assert_cmpstr (g_environ_getenv (plan->environment, "PATH"), ==, g_getenv ("PATH"));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (IlProgramChoice) choice = il_program_choice_new (
          wrong[i].command_line, wrong[i].directory, wrong[i].environment, FALSE);
      g_autoptr (GError) error = NULL;

      g_assert_null (il_program_choice_plan (choice, &error));
      g_assert_error (error, IL_PROGRAM_CHOICE_ERROR, wrong[i].code);
    }
}

static const IlProgramChoice *
get (GPtrArray *choices, guint index)
{
  return g_ptr_array_index (choices, index);
}

static void
add (GPtrArray *choices, const char *command_line, const char *directory, gboolean no_locks)
{
  g_autoptr (IlProgramChoice) choice
      = il_program_choice_new (command_line, directory, "A=b", no_locks);

  il_program_choices_add (choices, choice);
}

static void
test_recent_ones (void)
{
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new ("a(sssb)", NULL));
  g_autoptr (GPtrArray) choices = il_program_choices_load (nothing);
  g_autoptr (GPtrArray) loaded = NULL;
  g_autoptr (GVariant) saved = NULL;

  g_assert_cmpuint (choices->len, ==, 0);
  add (choices, "a", "/", FALSE);
  add (choices, "b", "/", FALSE);
  add (choices, "a", "/tmp", FALSE);
  add (choices, "a", "/", TRUE); /* takes the place of the first */
  g_assert_cmpuint (choices->len, ==, 3);
  g_assert_cmpstr (get (choices, 0)->directory, ==, "/");
  g_assert_true (get (choices, 0)->no_locks);

  il_program_choices_remove (choices, 1);
  saved = g_variant_ref_sink (il_program_choices_save (choices));
  loaded = il_program_choices_load (saved);
  g_assert_cmpuint (loaded->len, ==, 2);
  g_assert_cmpstr (get (loaded, 0)->command_line, ==, "a");
  g_assert_cmpstr (get (loaded, 0)->environment, ==, "A=b");
  g_assert_true (get (loaded, 0)->no_locks);
  g_assert_cmpstr (get (loaded, 1)->command_line, ==, "b");
}

static void
test_not_too_many_are_kept (void)
{
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new ("a(sssb)", NULL));
  g_autoptr (GPtrArray) choices = il_program_choices_load (nothing);

  for (guint i = 0; i < IL_PROGRAM_CHOICES_KEPT + 3; i++)
    {
      g_autofree char *command_line = g_strdup_printf ("c%u", i);

      add (choices, command_line, "", FALSE);
    }
  g_assert_cmpuint (choices->len, ==, IL_PROGRAM_CHOICES_KEPT);
  g_assert_cmpstr (get (choices, 0)->command_line, ==, "c14");
  g_assert_cmpstr (get (choices, IL_PROGRAM_CHOICES_KEPT - 1)->command_line, ==, "c3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/program-choice/command-is-cut-as-by-a-shell",
                   test_command_is_cut_as_by_a_shell);
  g_test_add_func ("/program-choice/wrong-commands-are-told", test_wrong_commands_are_told);
  g_test_add_func ("/program-choice/names-tell-no-directories", test_names_tell_no_directories);
  g_test_add_func ("/program-choice/words-of-a-shell-are-found", test_words_of_a_shell_are_found);
  g_test_add_func ("/program-choice/directory", test_directory);
  g_test_add_func ("/program-choice/environment", test_environment);
  g_test_add_func ("/program-choice/environment-that-is-wrong", test_environment_that_is_wrong);
  g_test_add_func ("/program-choice/plan-says-which-field-is-wrong",
                   test_plan_says_which_field_is_wrong);
  g_test_add_func ("/program-choice/recent-ones", test_recent_ones);
  g_test_add_func ("/program-choice/not-too-many-are-kept", test_not_too_many_are_kept);
  return g_test_run ();
}
