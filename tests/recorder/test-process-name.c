/* test-process-name.c - names of processes that the kernel cuts are told in full
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-process-name.h"

#include <unistd.h>

static void
assert_called (const char *words, const char *comm, const char *expected_name,
               const char *expected_title)
{
  g_auto (GStrv) split = g_strsplit (words, " ", -1);
  g_autofree char *title = NULL;
  g_autofree char *name = il_process_name_from_words ((const char *const *)split, comm, &title);

  g_assert_cmpstr (name, ==, expected_name);
  g_assert_cmpstr (title, ==, expected_title);
}

static void
test_programs (void)
{
  assert_called ("/usr/bin/xz -T2 secret", "xz", "xz", "xz");
  assert_called ("./a-program-of-a-long-name", "a-program-of-a-", "a-program-of-a-long-name",
                 "a-program-of-a-long-name");
  assert_called ("-bash", "bash", "bash", "bash");
}

static void
test_scripts (void)
{
  assert_called ("/usr/bin/python3 ./producer-consumer.py", "producer-consum",
                 "producer-consumer.py", "producer-consumer.py");
  assert_called ("python3 -u /tmp/a.py secret", "python3", "python3", "python3 a.py");
  assert_called ("sh tests/run --all", "sh", "sh", "sh run");
  assert_called ("python3 -c secret", "python3", "python3", "python3");
  assert_called ("python3 -W ignore a.py", "python3", "python3", "python3");
  assert_called ("java -jar secret", "java", "java", "java");
}

/* Of a thread that somebody gave a name, or of who was there before. */
static void
test_other_words (void)
{
  assert_called ("/usr/bin/python3 a.py", "worker 1", NULL, NULL);
  assert_called ("/usr/bin/pythonic", "python", NULL, NULL);
  assert_called ("", "", NULL, NULL);
  assert_called ("sort", "", NULL, NULL);
}

static void
test_hostile_words (void)
{
  assert_called ("python3 a\033[31m\n\342\200\256b.py", "python3", "python3",
                 "python3 a\357\277\275[31m\357\277\275\357\277\275b.py");
  assert_called ("sh \377", "sh", "sh", "sh \357\277\275");
  assert_called ("0123456789012345678901234567890123456789012345678901234567890123456789",
                 "012345678901234", "012345678901234567890123456789012345678901234567…",
                 "012345678901234567890123456789012345678901234567…");
}

static void
test_living (void)
{
  g_autofree char *title = NULL;
  g_autofree char *no_title = NULL;
  g_autofree char *name = il_process_name_read (getpid (), "test-process-na", &title);
  g_autofree char *nobody = il_process_name_read (0, "test-process-na", &no_title);

  g_assert_cmpstr (name, ==, "test-process-name");
  g_assert_null (nobody);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process-name/programs", test_programs);
  g_test_add_func ("/process-name/scripts", test_scripts);
  g_test_add_func ("/process-name/other-words", test_other_words);
  g_test_add_func ("/process-name/hostile-words", test_hostile_words);
  g_test_add_func ("/process-name/living", test_living);
  return g_test_run ();
}
