/* test-object-names.c - locks of programs get the names that are found for them, or keep what they
 * have
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Environment: PLACES: a program as tests/symbols/places.c makes; INTERLEAVE_SYMBOLS.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "il-clock.h"
#include "il-object-names-private.h"

#define SECOND_NS G_GINT64_CONSTANT (1000000000)

typedef struct
{
  IlObjectNames *names;
  GString *told; /* "1 name\n" */
  GHashTable *offsets;
} Fixture;

static void
note_name (guint32 object, const char *name, gpointer data)
{
  g_string_append_printf (((Fixture *)data)->told, "%u %s\n", object, name);
}

static void
read_places (Fixture *self)
{
  const char *program = g_getenv ("PLACES");
  g_autofree char *output = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_spawn_sync (NULL, (char *[]){ (char *)program, NULL }, NULL, 0, NULL, NULL,
                               &output, NULL, NULL, NULL));
  lines = g_strsplit (g_strchomp (output), "\n", -1);
  for (guint i = 1; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], " ", 2);

      g_hash_table_insert (self->offsets, g_strdup (parts[0]), g_strdup (parts[1]));
    }
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->told = g_string_new (NULL);
  self->offsets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->names = il_object_names_new (note_name, self);
  read_places (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  il_object_names_free (self->names);
  g_hash_table_unref (self->offsets);
  g_string_free (self->told, TRUE);
}

static guint64
find_offset (const Fixture *self, const char *place)
{
  return g_ascii_strtoull (g_hash_table_lookup (self->offsets, place), NULL, 16);
}

/* lies, used: places by name; NULL: none. */
static void
add (Fixture *self, guint32 object, pid_t pid, const char *lies, const char *used)
{
  IlTraceObjectInfo info
      = { .id = object, .kind = IL_OBJECT_LOCK, .pid = pid, .address = 0x7f0000001000 };
  IlObjectPaths paths = { "", "" };

  if (lies != NULL)
    {
      info.lies = (IlTracePlace){ .offset = find_offset (self, lies), .module = 1 };
      g_strlcpy (paths.lies, g_getenv ("PLACES"), sizeof paths.lies);
    }
  if (used != NULL)
    {
      info.used = (IlTracePlace){ .offset = find_offset (self, used), .module = 1 };
      g_strlcpy (paths.used, g_getenv ("PLACES"), sizeof paths.used);
    }
  il_object_names_add (self->names, &info, &paths);
}

/* The variable comes first, then the line that used it. */
static void
test_found (Fixture *self, gconstpointer data)
{
  add (self, 1, 10, "static_lock", "static");
  add (self, 2, 10, NULL, "static");
  add (self, 3, 10, "static", "inlined");
  add (self, 4, 10, NULL, NULL);
  il_object_names_finish (self->names);
  g_assert_cmpstr (self->told->str, ==,
                   "1 static_lock\n"
                   "2 find_static_function (places.c:35)\n"
                   "3 enter (places.c:45)\n");
}

/* Who is called as another one is told apart, by its process if that is another one. */
static void
test_numbers (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    add (self, 1 + i, 10, NULL, "static");
  add (self, 11, 20, NULL, "static");
  add (self, 12, 20, NULL, "static");
  add (self, 13, 20, "shared_lock", NULL);
  il_object_names_finish (self->names);
  g_assert_cmpstr (self->told->str, ==,
                   "1 find_static_function (places.c:35)\n"
                   "2 find_static_function (places.c:35) (2)\n"
                   "3 find_static_function (places.c:35) (3)\n"
                   "11 find_static_function (places.c:35) (20)\n"
                   "12 find_static_function (places.c:35) (20, 2)\n"
                   "13 shared_lock\n");
}

/* As Python's own locks are used. */
static void
add_of_python (Fixture *self, guint32 object, guint64 address)
{
  IlTraceObjectInfo info = {
    .id = object, .kind = IL_OBJECT_LOCK, .parameter = IL_LOCK_BINARY, .pid = 10, .address = address
  };
  IlObjectPaths paths = { "", "/nowhere/libpython3.11.so" };

  info.used = (IlTracePlace){ .offset = 0x1000, .module = 1 };
  il_object_names_add (self->names, &info, &paths);
}

/* They have nothing but numbers: of those that somebody uses, in the order in which that began. */
static void
test_numbers_of_used (Fixture *self, gconstpointer data)
{
  il_object_names_note_used (self->names, 1);
  for (guint i = 1; i <= 4; i++)
    add_of_python (self, i, 0x1000 * i);
  il_object_names_note_used (self->names, 3);
  il_object_names_finish (self->names);
  g_assert_cmpstr (
      self->told->str, ==,
      "1 Python lock\n2 Python lock 0x2000\n3 Python lock (2)\n4 Python lock 0x4000\n");
  g_string_truncate (self->told, 0);
  il_object_names_note_used (self->names, 3);
  il_object_names_note_used (self->names, 4);
  il_object_names_note_used (self->names, 4);
  il_object_names_note_used (self->names, 1000);
  g_assert_cmpstr (self->told->str, ==, "4 Python lock (3)\n");
}

/* They are called by the line that used them first, whether that is known before or after what they
 * are; what has a better name keeps it. */
static void
test_scripts (Fixture *self, gconstpointer data)
{
  il_object_names_note_script (self->names, 1, IL_TRACE_SCRIPT "work\na.py", 23);
  for (guint i = 1; i <= 7; i++)
    add_of_python (self, i, 0x1000 * i);
  add (self, 8, 10, "shared_lock", NULL);
  il_object_names_note_script (self->names, 1, IL_TRACE_SCRIPT "work\na.py", 24);
  il_object_names_note_script (self->names, 2, IL_TRACE_SCRIPT "work\na.py", 23);
  il_object_names_note_script (self->names, 8, IL_TRACE_SCRIPT "work\na.py", 23);
  il_object_names_note_used (self->names, 6);
  il_object_names_finish (self->names);
  g_assert_cmpstr (self->told->str, ==,
                   "1 work (a.py:23)\n2 work (a.py:23) (2)\n3 Python lock 0x3000\n"
                   "4 Python lock 0x4000\n5 Python lock 0x5000\n6 Python lock\n"
                   "7 Python lock 0x7000\n8 shared_lock\n");
  g_string_truncate (self->told, 0);
  il_object_names_note_script (self->names, 3, IL_TRACE_SCRIPT "<module>\n\033a\tb.py", 1);
  il_object_names_note_script (self->names, 4, IL_TRACE_SCRIPT "\nc\xff.py", 2);
  il_object_names_note_script (self->names, 6, IL_TRACE_SCRIPT "work\nb\nc.py", 3);
  il_object_names_note_used (self->names, 3);
  g_assert_cmpstr (self->told->str, ==, "3 ?a?b.py:1\n4 c\357\277\275.py:2\n6 work (b?c.py:3)\n");
  /* What is none, as whoever wrote it may have written anything. */
  g_string_truncate (self->told, 0);
  il_object_names_note_script (self->names, 5, "/usr/lib/libc.so.6", 1);
  il_object_names_note_script (self->names, 5, IL_TRACE_SCRIPT "work", 1);
  il_object_names_note_script (self->names, 5, IL_TRACE_SCRIPT "work\n", 1);
  il_object_names_note_script (self->names, 5, "", 1);
  il_object_names_note_script (self->names, 1000, IL_TRACE_SCRIPT "work\na.py", 1);
  il_object_names_note_used (self->names, 5);
  g_assert_cmpstr (self->told->str, ==, "5 Python lock (2)\n");
}

/* Many at once are more than a socket takes. */
static void
test_many (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 5000; i++)
    add (self, 1 + i, 10, "shared_lock", NULL);
  /* It gives up after a while, which on a machine with much else to do is too short for so many. */
  do
    il_object_names_finish (self->names);
  while (il_object_names_is_looking (self->names));
  g_assert_true (g_str_has_prefix (self->told->str, "1 shared_lock\n2 shared_lock (2)\n"));
  g_assert_true (g_str_has_suffix (self->told->str, "\n5000 shared_lock (5000)\n"));
}

/* What processes share is nobody's in particular. */
static void
test_shared (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      IlTraceObjectInfo info = { .id = 1 + i, .kind = IL_OBJECT_LOCK, .pid = (gint32)(10 + i) };
      IlObjectPaths paths = { IL_TRACE_SHARED_MEMORY, "" };

      info.lies = (IlTracePlace){ .offset = 1000 * i, .module = 1 };
      info.used = (IlTracePlace){ .offset = find_offset (self, "static"), .module = 2 };
      g_strlcpy (paths.used, g_getenv ("PLACES"), sizeof paths.used);
      il_object_names_add (self->names, &info, &paths);
    }
  il_object_names_finish (self->names);
  g_assert_cmpstr (self->told->str, ==,
                   "1 find_static_function (places.c:35)\n"
                   "2 find_static_function (places.c:35) (2)\n"
                   "3 find_static_function (places.c:35) (3)\n");
}

extern char __executable_start; /* of the linker */
static volatile int landmark;

/* A program whose file was deleted can still be looked into while it runs. */
static void
test_deleted (Fixture *self, gconstpointer data)
{
  IlTraceObjectInfo info = { .id = 1, .kind = IL_OBJECT_LOCK, .pid = getpid () };
  IlObjectPaths paths = { "/nowhere/program (deleted)", "" };

  landmark++;
  info.lies
      = (IlTracePlace){ .offset = (guint64)((gintptr)&landmark - (gintptr)&__executable_start),
                        .module = 1 };
  il_object_names_add (self->names, &info, &paths);
  il_object_names_finish (self->names);
  g_assert_cmpstr (self->told->str, ==, "1 landmark\n");
}

/* A library in whose place another one is now is not looked into. */
static void
test_replaced (Fixture *self, gconstpointer data)
{
  g_autofree char *directory = g_dir_make_tmp ("names-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "library", NULL);
  g_autofree char *content = NULL;
  g_autofree char *expected = NULL;
  g_autoptr (GMappedFile) mapped = NULL;
  IlTraceObjectInfo info = { .id = 1, .kind = IL_OBJECT_LOCK, .pid = getpid () };
  IlObjectPaths paths = { "", "" };
  gsize length;

  g_assert_true (g_file_get_contents (g_getenv ("PLACES"), &content, &length, NULL));
  g_assert_true (g_file_set_contents (path, content, (gssize)length, NULL));
  mapped = g_mapped_file_new (path, FALSE, NULL);
  g_assert_nonnull (mapped);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_true (g_file_set_contents (path, content, (gssize)length, NULL));

  info.used = (IlTracePlace){ .offset = find_offset (self, "static"), .module = 1 };
  g_strlcpy (paths.used, path, sizeof paths.used);
  il_object_names_add (self->names, &info, &paths);
  il_object_names_finish (self->names);
  expected = g_strdup_printf ("1 library+0x%" G_GINT64_MODIFIER "x\n", info.used.offset);
  g_assert_cmpstr (self->told->str, ==, expected);
  g_unlink (path);
  g_rmdir (directory);
}

static void
assert_first (const IlTraceObjectInfo *object, const char *expected)
{
  g_autofree char *name = il_object_names_make_first (object);

  g_assert_cmpstr (name, ==, expected);
}

static void
test_first (Fixture *self, gconstpointer data)
{
  IlTraceObjectInfo object = { .kind = IL_OBJECT_LOCK, .name = "A", .pid = 0 };
  const IlObjectPaths paths = { "/x", "/x" };

  assert_first (&object, "A");
  object.pid = 4711;
  assert_first (&object, "A");
  il_object_names_add (self->names, &object, &paths);
  object.name[0] = '\0';
  object.address = 0x7f12;
  assert_first (&object, "mutex 0x7f12");
  object.kind = IL_OBJECT_CONDITION;
  assert_first (&object, "condition 0x7f12");
  object.kind = IL_OBJECT_LOCK;
  object.parameter = IL_LOCK_INTERPRETER;
  assert_first (&object, "Python GIL (4711)");
  il_object_names_add (self->names, &object, &paths);
  il_object_names_finish (self->names);
  g_assert_cmpstr (self->told->str, ==, "");
}

/* Without an answer the place is told as the file counts it. */
static void
assert_unanswered (Fixture *self, const char *program)
{
  g_autofree char *expected = g_strdup_printf (
      "1 %s+0x%" G_GINT64_MODIFIER "x\n2 %s+0x%" G_GINT64_MODIFIER "x\n", "places-pie",
      find_offset (self, "static"), "places-pie", find_offset (self, "inlined"));

  g_setenv (IL_SYMBOLS_ENVIRONMENT, program, TRUE);
  add (self, 1, 10, "static_lock", "static");
  add (self, 2, 10, NULL, "inlined");
  il_object_names_finish (self->names);
  g_assert_cmpstr (self->told->str, ==, expected);
}

static void
test_dies (Fixture *self, gconstpointer data)
{
  g_autofree char *real = g_strdup (g_getenv (IL_SYMBOLS_ENVIRONMENT));

  assert_unanswered (self, "/bin/false");
  g_setenv (IL_SYMBOLS_ENVIRONMENT, real, TRUE);
}

static void
test_missing (Fixture *self, gconstpointer data)
{
  g_autofree char *real = g_strdup (g_getenv (IL_SYMBOLS_ENVIRONMENT));

  assert_unanswered (self, "/nowhere/interleave-symbols");
  g_setenv (IL_SYMBOLS_ENVIRONMENT, real, TRUE);
}

/* One that is silent for long is killed, and the next question gets another one. */
static void
test_silent (Fixture *self, gconstpointer data)
{
  g_autofree char *real = g_strdup (g_getenv (IL_SYMBOLS_ENVIRONMENT));
  g_autofree char *directory = g_dir_make_tmp ("il-names-XXXXXX", NULL);
  g_autofree char *silent = g_build_filename (directory, "silent", NULL);
  gint64 now_ns = il_clock_monotonic_ns ();

  g_assert_true (g_file_set_contents (silent, "#!/bin/sh\nexec sleep 1000\n", -1, NULL));
  g_assert_cmpint (g_chmod (silent, 0700), ==, 0);
  g_setenv (IL_SYMBOLS_ENVIRONMENT, silent, TRUE);
  add (self, 1, 10, NULL, "static");
  add (self, 2, 10, NULL, "inlined");
  il_object_names_look (self->names, now_ns);
  il_object_names_look (self->names, now_ns + 10 * SECOND_NS);
  g_assert_cmpstr (self->told->str, ==, "");
  g_setenv (IL_SYMBOLS_ENVIRONMENT, real, TRUE);
  il_object_names_look (self->names, now_ns + 30 * SECOND_NS);
  g_assert_true (g_str_has_prefix (self->told->str, "1 places-pie+0x"));
  il_object_names_finish (self->names);
  g_assert_true (g_str_has_suffix (self->told->str, "\n2 enter (places.c:45)\n"));
  g_unlink (silent);
  g_rmdir (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
  g_test_add ("/object-names/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("found", test_found);
  ADD ("numbers", test_numbers);
  ADD ("numbers-of-used", test_numbers_of_used);
  ADD ("scripts", test_scripts);
  ADD ("many", test_many);
  ADD ("shared", test_shared);
  ADD ("deleted", test_deleted);
  ADD ("replaced", test_replaced);
  ADD ("first", test_first);
  ADD ("dies", test_dies);
  ADD ("missing", test_missing);
  ADD ("silent", test_silent);
  return g_test_run ();
}
