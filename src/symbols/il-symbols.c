/* il-symbols.c - what places in files are called; files that were asked for are kept
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-symbol-private.h"

#include <string.h>

/* So many bytes of a name are shown at most; templates have no limit. */
#define NAME_MAX_BYTES 120

struct _IlSymbols
{
  char *debug_directory;
  GHashTable *modules; /* path → IlModule */
};

/**
 * il_symbol_answer_clear:
 */
void
il_symbol_answer_clear (IlSymbolAnswer *answer)
{
  g_clear_pointer (&answer->symbol, g_free);
  g_clear_pointer (&answer->function, g_free);
  g_clear_pointer (&answer->file, g_free);
  answer->line = 0;
  answer->is_library = FALSE;
}

/**
 * il_symbols_new:
 * @debug_directory: where debug files are, by build id: "/usr/lib/debug"
 */
IlSymbols *
il_symbols_new (const char *debug_directory)
{
  IlSymbols *self = g_new (IlSymbols, 1);

  elf_version (EV_CURRENT);
  self->debug_directory = g_strdup (debug_directory);
  self->modules
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)il_module_free);
  return self;
}

/**
 * il_symbols_free:
 */
void
il_symbols_free (IlSymbols *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->modules);
  g_free (self->debug_directory);
  g_free (self);
}

static IlModule *
get_module (IlSymbols *self, const char *path)
{
  IlModule *module = g_hash_table_lookup (self->modules, path);

  if (module == NULL)
    {
      module = il_module_new (path, self->debug_directory);
      g_hash_table_insert (self->modules, g_strdup (path), module);
    }
  return module;
}

/* Any bytes become a text that can be shown in a line. */
static char *
make_presentable (const char *bytes)
{
  g_autofree char *text = g_utf8_make_valid (bytes, -1);
  gsize length = strlen (text);
  char *end;

  for (char *at = text; *at != '\0'; at++)
    if ((guchar)*at < ' ' || *at == 0x7f)
      *at = ' ';
  if (length <= NAME_MAX_BYTES)
    return g_steal_pointer (&text);
  end = g_utf8_find_prev_char (text, text + NAME_MAX_BYTES - 2);
  *end = '\0';
  return g_strconcat (text, "…", NULL);
}

/**
 * il_symbols_find_data:
 *
 * Returns: (transfer full): the variable, and how far behind its begin: "pool + 40"
 */
char *
il_symbols_find_data (IlSymbols *self, const char *path, guint64 offset)
{
  const IlSymbolRow *row = il_module_find (get_module (self, path)->data, offset);
  g_autofree char *name = NULL;
  g_autofree char *shown = NULL;

  if (row == NULL)
    return g_strdup ("");
  name = il_demangle (row->name);
  shown = make_presentable (name);
  if (offset == row->begin)
    return g_steal_pointer (&shown);
  return g_strdup_printf ("%s + %" G_GUINT64_FORMAT, shown, offset - row->begin);
}

/* By its names, where no line says from which header it is. */
static gboolean
is_of_library (const char *path, const char *function)
{
  static const char *const spaces[] = { "std::", "__gnu_cxx::", "__gthread_" };
  static const char *const files[] = { "libstdc++.so", "libc++.so", "libc++abi.so" };
  g_autofree char *file = g_path_get_basename (path);

  for (guint i = 0; i < G_N_ELEMENTS (spaces); i++)
    if (g_str_has_prefix (function, spaces[i]))
      return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (g_str_has_prefix (file, files[i]))
      return TRUE;
  return FALSE;
}

/**
 * il_symbols_find_call:
 * @offset: of the instruction behind the call
 * @answer: (out): its symbol is empty
 */
void
il_symbols_find_call (IlSymbols *self, const char *path, guint64 offset, IlSymbolAnswer *answer)
{
  IlModule *module = get_module (self, path);
  guint64 call = offset > 0 ? offset - 1 : 0;
  const IlSymbolRow *row = il_module_find (module->functions, call);
  char *function, *file;

  *answer = (IlSymbolAnswer){
    .symbol = g_strdup (""),
    .function = row != NULL ? il_demangle (row->name) : g_strdup (""),
    .file = g_strdup (""),
  };
  il_module_find_line (module, call, answer);
  function = make_presentable (answer->function);
  file = make_presentable (answer->file);
  g_free (answer->function);
  g_free (answer->file);
  answer->function = function;
  answer->file = file;
  if (file[0] == '\0')
    answer->is_library = is_of_library (path, function);
}

/**
 * il_symbols_find_use:
 * @calls: (array length=n_calls): the innermost first; at least one
 * @answer: (out): as il_symbols_find_call() gives it
 *
 * std::mutex::lock() says nothing, who calls it does.
 *
 * Returns: which of the calls that is: the innermost, where all are of libraries
 */
guint
il_symbols_find_use (IlSymbols *self, const IlSymbolPlace calls[], guint n_calls,
                     IlSymbolAnswer *answer)
{
  il_symbols_find_call (self, calls[0].path, calls[0].offset, answer);
  for (guint i = 1; i < n_calls && answer->is_library; i++)
    {
      IlSymbolAnswer outer;

      if (calls[i].path == NULL || calls[i].path[0] == '\0')
        break;
      il_symbols_find_call (self, calls[i].path, calls[i].offset, &outer);
      if (!outer.is_library && outer.function[0] != '\0')
        {
          il_symbol_answer_clear (answer);
          *answer = outer;
          return i;
        }
      il_symbol_answer_clear (&outer);
    }
  return 0;
}
