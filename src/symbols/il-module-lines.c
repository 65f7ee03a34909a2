/* il-module-lines.c - the line of the source that a call stands in
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A call that a compiler put into another function is named by the innermost function that is not
 * of the system's headers: std::mutex::lock() says nothing, who calls it does.
 */

#include "config.h"

#include "il-symbol-private.h"

#include <dwarf.h>
#include <string.h>

/* What a damaged file could make us follow for ever. */
#define DIES_MAX 2000000
#define DEPTH_MAX 64

/* The innermost first. */
typedef struct
{
  Dwarf_Die dies[DEPTH_MAX];
  guint n;
} Scopes;

static void
look_for_lines (IlModule *module)
{
  module->has_looked_for_lines = TRUE;
  if (module->own.elf != NULL)
    module->dwarf = dwarf_begin_elf (module->own.elf, DWARF_C_READ, NULL);
  if (module->dwarf == NULL && module->debug.elf != NULL)
    module->dwarf = dwarf_begin_elf (module->debug.elf, DWARF_C_READ, NULL);
}

/* Not every compiler makes a table that says which unit has which addresses. */
static gboolean
find_unit (Dwarf *dwarf, Dwarf_Addr address, Dwarf_Die *found)
{
  Dwarf_CU *unit = NULL;
  Dwarf_Die die;
  guint n = 0;

  if (dwarf_addrdie (dwarf, address, found) != NULL)
    return TRUE;
  while (n++ < DIES_MAX && dwarf_get_units (dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0)
    if (dwarf_haspc (&die, address) == 1)
      {
        *found = die;
        return TRUE;
      }
  return FALSE;
}

static gboolean
can_have_scopes (Dwarf_Die *die)
{
  switch (dwarf_tag (die))
    {
    case DW_TAG_namespace:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_subprogram:
    case DW_TAG_inlined_subroutine:
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Namespaces and types say nothing of addresses: what they hold does.  Nor does a function that is
 * but the model of its copies; a lambda in it stands there all the same. */
static gboolean
has_no_place (Dwarf_Die *die)
{
  switch (dwarf_tag (die))
    {
    case DW_TAG_namespace:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
      return TRUE;
    case DW_TAG_subprogram:
    case DW_TAG_lexical_block:
      return !dwarf_hasattr (die, DW_AT_low_pc) && !dwarf_hasattr (die, DW_AT_ranges);
    default:
      return FALSE;
    }
}

static gboolean
is_around (Dwarf_Die *die, Dwarf_Addr address)
{
  return has_no_place (die) || dwarf_haspc (die, address) == 1;
}

/* Goes down to the innermost, from one level to the next. */
static void
find_scopes (Dwarf_Die *unit, Dwarf_Addr address, Scopes *scopes)
{
  Dwarf_Die path[DEPTH_MAX];
  guint depth = 0, n_looked = 0;
  gboolean has_more;

  scopes->n = 0;
  has_more = dwarf_child (unit, &path[0]) == 0;
  while (n_looked++ < DIES_MAX)
    {
      Dwarf_Die *die = &path[depth];

      if (!has_more)
        {
          /* Only what has no place of its own can turn out not to have it. */
          if (depth == 0 || !has_no_place (&path[depth - 1]))
            break;
          die = &path[--depth];
          has_more = dwarf_siblingof (die, die) == 0;
        }
      else if (can_have_scopes (die) && is_around (die, address) && depth + 1 < DEPTH_MAX
               && dwarf_child (die, &path[depth + 1]) == 0)
        depth++;
      else if (can_have_scopes (die) && !has_no_place (die) && is_around (die, address))
        {
          depth++;
          break;
        }
      else
        has_more = dwarf_siblingof (die, die) == 0;
    }
  for (guint i = depth; i-- > 0;)
    if (!has_no_place (&path[i])
        && (dwarf_tag (&path[i]) == DW_TAG_subprogram
            || dwarf_tag (&path[i]) == DW_TAG_inlined_subroutine))
      scopes->dies[scopes->n++] = path[i];
}

static gboolean
is_system_header (const char *path)
{
  return g_str_has_prefix (path, "/usr/include/") || strstr (path, "/include/c++/") != NULL
         || (g_str_has_prefix (path, "/usr/lib/") && strstr (path, "/include/") != NULL);
}

/* As Rust writes names since 2021, which nothing here can read. */
static gboolean
is_unreadable (const char *name)
{
  return g_str_has_prefix (name, "_R");
}

/* The one with all namespaces, where it has one. */
static const char *
get_name (Dwarf_Die *die)
{
  Dwarf_Attribute attribute;
  const char *name = dwarf_formstring (dwarf_attr_integrate (die, DW_AT_linkage_name, &attribute));

  return name != NULL && !is_unreadable (name)
             ? name
             : dwarf_formstring (dwarf_attr_integrate (die, DW_AT_name, &attribute));
}

/* Where a function that was put into another one is called there. */
static const char *
find_caller (Dwarf_Die *unit, Dwarf_Die *scope, int *line)
{
  Dwarf_Attribute attribute;
  Dwarf_Word file, number;
  Dwarf_Files *files;
  size_t n_files;

  if (dwarf_formudata (dwarf_attr (scope, DW_AT_call_file, &attribute), &file) != 0
      || dwarf_formudata (dwarf_attr (scope, DW_AT_call_line, &attribute), &number) != 0
      || dwarf_getsrcfiles (unit, &files, &n_files) != 0 || file >= n_files)
    return NULL;
  *line = (int)MIN (number, G_MAXINT);
  return dwarf_filesrc (files, file, NULL, NULL);
}

/**
 * il_module_find_line:
 * @offset: of an instruction
 * @answer: gets file and line, and the function where that is known better than by symbols
 */
void
il_module_find_line (IlModule *module, guint64 offset, IlSymbolAnswer *answer)
{
  Dwarf_Die unit;
  Dwarf_Line *row;
  const char *file, *name = NULL;
  int line;
  g_autofree Scopes *scopes = NULL;

  if (!module->has_looked_for_lines)
    look_for_lines (module);
  if (module->dwarf == NULL || !find_unit (module->dwarf, offset, &unit))
    return;
  row = dwarf_getsrc_die (&unit, offset);
  file = row != NULL ? dwarf_linesrc (row, NULL, NULL) : NULL;
  if (file == NULL || dwarf_lineno (row, &line) != 0)
    return;

  scopes = g_new (Scopes, 1);
  find_scopes (&unit, offset, scopes);
  for (guint i = 0; i < scopes->n; i++)
    {
      Dwarf_Die *scope = &scopes->dies[i];
      int caller_line;
      const char *caller;

      name = get_name (scope);
      if (!is_system_header (file) || dwarf_tag (scope) != DW_TAG_inlined_subroutine)
        break;
      caller = find_caller (&unit, scope, &caller_line);
      if (caller == NULL)
        break;
      file = caller;
      line = caller_line;
    }
  g_free (answer->file);
  answer->file = g_path_get_basename (file);
  answer->line = (guint)MAX (line, 0);
  answer->is_library = is_system_header (file);
  if (name != NULL && name[0] != '\0'
      && (scopes->n > 1 || answer->function[0] == '\0' || is_unreadable (answer->function)))
    {
      g_free (answer->function);
      answer->function = il_demangle (name);
    }
}
