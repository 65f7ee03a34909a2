/* test-symbols.c - places in programs and libraries have the names that their authors gave them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Environment: PLACES: programs as places.c makes, each with what it is: "pie:/path", separated by
 * spaces; SYMBOLS: the program interleave-symbols.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "il-symbol.h"

typedef struct
{
  char *file; /* that has the places: the program, or the library that it uses */
  GHashTable *offsets;
} Places;

static void
places_init (Places *places, const char *what)
{
  g_auto (GStrv) words = g_strsplit (g_getenv ("PLACES"), " ", -1);
  g_autofree char *output = NULL;
  g_auto (GStrv) lines = NULL;
  char *program = NULL;
  int status;

  for (guint i = 0; words[i] != NULL; i++)
    if (g_str_has_prefix (words[i], what) && words[i][strlen (what)] == ':')
      program = words[i] + strlen (what) + 1;
  g_assert_nonnull (program);
  g_assert_true (g_spawn_sync (NULL, (char *[]){ program, NULL }, NULL, 0, NULL, NULL, &output,
                               NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  places->offsets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  lines = g_strsplit (g_strchomp (output), "\n", -1);
  places->file = g_strdup (lines[0]);
  for (guint i = 1; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], " ", 2);

      g_hash_table_insert (places->offsets, g_strdup (parts[0]), g_strdup (parts[1]));
    }
}

static void
places_finish (Places *places)
{
  g_free (places->file);
  g_hash_table_unref (places->offsets);
}

static guint64
get_offset (const Places *places, const char *name)
{
  const char *text = g_hash_table_lookup (places->offsets, name);

  g_assert_nonnull (text);
  return g_ascii_strtoull (text, NULL, 16);
}

static void
assert_data (IlSymbols *symbols, const Places *places, const char *place, const char *expected)
{
  g_autofree char *name = il_symbols_find_data (symbols, places->file, get_offset (places, place));

  g_assert_cmpstr (name, ==, expected);
}

static void
assert_call (IlSymbols *symbols, const Places *places, const char *place, const char *function,
             const char *file, guint line)
{
  IlSymbolAnswer answer;

  il_symbols_find_call (symbols, places->file, get_offset (places, place), &answer);
  g_assert_cmpstr (answer.function, ==, function);
  g_assert_cmpstr (answer.file, ==, file);
  g_assert_cmpuint (answer.line, ==, line);
  il_symbol_answer_clear (&answer);
}

/* What a header of the system has says nothing, as long as it is known who called it. */
static void
assert_use (IlSymbols *symbols, const Places *places, const char *inner, const char *outer,
            guint call, const char *function, guint line)
{
  const IlSymbolPlace calls[] = { { places->file, get_offset (places, inner) },
                                  { places->file, get_offset (places, outer) },
                                  { "", 0 } };
  IlSymbolAnswer answer;

  g_assert_cmpuint (il_symbols_find_use (symbols, calls, G_N_ELEMENTS (calls), &answer), ==, call);
  g_assert_cmpstr (answer.function, ==, function);
  g_assert_cmpuint (answer.line, ==, line);
  il_symbol_answer_clear (&answer);
}

/* With all that a compiler can say: as a program that is loaded anywhere or where it wants to be,
 * as a library, and with debug information in a file of its own. */
static void
test_known (gconstpointer what)
{
  g_autoptr (IlSymbols) symbols = il_symbols_new (g_getenv ("DEBUG_FILES"));
  Places places;

  places_init (&places, what);
  assert_data (symbols, &places, "shared_lock", "shared_lock");
  assert_data (symbols, &places, "static_lock", "static_lock");
  assert_data (symbols, &places, "hidden_lock", "hidden_lock");
  assert_data (symbols, &places, "pool.lock", "pool + 24");
  assert_data (symbols, &places, "locks[2]", "locks + 80");
  assert_data (symbols, &places, "static", "");
  assert_call (symbols, &places, "static", "find_static_function", "places.c", 35);
  assert_call (symbols, &places, "inlined", "enter", "places.c", 45);
  assert_call (symbols, &places, "renamed", "find_renamed_function", "places.c", 63);
  assert_call (symbols, &places, "library", "lock_of_library", "places.h", 752);
  assert_use (symbols, &places, "library", "around", 1, "use_library", 87);
  assert_use (symbols, &places, "library", "library", 0, "lock_of_library", 752);
  assert_use (symbols, &places, "static", "around", 0, "find_static_function", 35);
  places_finish (&places);
}

/* Without debug information the function that has the other one in it is all that is known. */
static void
test_plain (void)
{
  g_autoptr (IlSymbols) symbols = il_symbols_new ("/nowhere");
  Places places;

  places_init (&places, "plain");
  assert_data (symbols, &places, "static_lock", "static_lock");
  assert_call (symbols, &places, "static", "find_static_function", "", 0);
  assert_call (symbols, &places, "inlined", "find_inlined_function", "", 0);
  places_finish (&places);
}

/* What a library lets others use is known in any case. */
static void
test_stripped (void)
{
  g_autoptr (IlSymbols) symbols = il_symbols_new ("/nowhere");
  Places places;

  places_init (&places, "stripped");
  assert_data (symbols, &places, "shared_lock", "shared_lock");
  assert_data (symbols, &places, "static_lock", "");
  assert_call (symbols, &places, "static", "", "", 0);
  assert_call (symbols, &places, "inlined", "find_inlined_function", "", 0);
  places_finish (&places);
}

static void
assert_demangled (const char *name, const char *expected)
{
  g_autofree char *text = il_demangle (name);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_demangle (void)
{
  assert_demangled ("main", "main");
  assert_demangled ("", "");
  assert_demangled ("worker.part.0", "worker");
  assert_demangled ("lock.1", "lock");
  assert_demangled ("pthread_create@@GLIBC_2.34", "pthread_create");
  assert_demangled ("_ZN4pool3runEi", "pool::run");
  assert_demangled ("_ZN4pool3runIiEEvT_", "pool::run<int>");
  assert_demangled ("_ZN12_GLOBAL__N_15guardE", "(anonymous namespace)::guard");
  assert_demangled ("_ZN12_GLOBAL__N_14workEv", "(anonymous namespace)::work");
  assert_demangled ("_ZN4poolclEi", "pool::operator()");
  assert_demangled ("_ZN4poollsERKS_", "pool::operator<<");
  assert_demangled ("_ZNK4pool4sizeEv", "pool::size");
  assert_demangled ("_ZN4core5queue4push17h0123456789abcdefE", "core::queue::push");
  assert_demangled ("_Znwm", "operator new");
  assert_demangled ("_Z", "_Z");
}

/* Any path may be told: nothing is waited for, and what is no file of ELF has no names. */
static void
test_no_modules (void)
{
  g_autoptr (IlSymbols) symbols = il_symbols_new ("/nowhere");
  g_autofree char *directory = g_dir_make_tmp ("il-symbols-XXXXXX", NULL);
  g_autofree char *fifo = g_build_filename (directory, "fifo", NULL);
  g_autofree char *text = g_build_filename (directory, "text", NULL);
  const char *paths[] = { fifo, text, directory, "/nowhere/x", "/dev/zero", "" };

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_true (g_file_set_contents (text, "\177ELF but not really", -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      const Places places = { (char *)paths[i], g_hash_table_new (g_str_hash, g_str_equal) };

      g_hash_table_insert (places.offsets, (gpointer) "x", (gpointer) "1000");
      assert_data (symbols, &places, "x", "");
      assert_call (symbols, &places, "x", "", "", 0);
      g_hash_table_unref (places.offsets);
    }
  g_unlink (fifo);
  g_unlink (text);
  g_rmdir (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/symbols/pie", "pie", test_known);
  g_test_add_data_func ("/symbols/fixed", "fixed", test_known);
  g_test_add_data_func ("/symbols/library", "library", test_known);
  g_test_add_data_func ("/symbols/apart", "apart", test_known);
  g_test_add_func ("/symbols/plain", test_plain);
  g_test_add_func ("/symbols/stripped", test_stripped);
  g_test_add_func ("/symbols/demangle", test_demangle);
  g_test_add_func ("/symbols/no-modules", test_no_modules);
  return g_test_run ();
}
