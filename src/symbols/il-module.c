/* il-module.c - one file that programs load: its symbols, and those of its debug file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The path is what a program said, and the file may be anything: only regular files are opened, and
 * what is no file of ELF, or a damaged one, has no symbols.
 */

#include "config.h"

#include "il-symbol-private.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than any debug file has. */
#define SIZE_MAX_BYTES ((off_t)4 << 30)
#define SYMBOLS_MAX 4000000

/* Where many symbols lie in each other, as in a damaged file, not all are looked at. */
#define LOOK_BACK_MAX 256

/* --- the file */

static void
close_file (IlElfFile *file)
{
  g_clear_pointer (&file->elf, elf_end);
  if (file->fd >= 0)
    close (file->fd);
  file->fd = -1;
}

static gboolean
open_file (IlElfFile *file, const char *path)
{
  struct stat status;

  file->elf = NULL;
  file->fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file->fd < 0)
    return FALSE;
  if (fstat (file->fd, &status) == 0 && S_ISREG (status.st_mode)
      && status.st_size <= SIZE_MAX_BYTES)
    file->elf = elf_begin (file->fd, ELF_C_READ_MMAP, NULL);
  if (file->elf != NULL && elf_kind (file->elf) == ELF_K_ELF)
    return TRUE;
  close_file (file);
  return FALSE;
}

/* Debian's packages of debug information put it under the build id of what it is for. */
static char *
make_debug_path (Elf *elf, const char *directory)
{
  const void *id;
  gssize length = dwelf_elf_gnu_build_id (elf, &id);
  const guint8 *bytes = id;
  GString *path;

  if (length < 3 || length > 64)
    return NULL;
  path = g_string_new (directory);
  g_string_append_printf (path, "/.build-id/%02x/", bytes[0]);
  for (gssize i = 1; i < length; i++)
    g_string_append_printf (path, "%02x", bytes[i]);
  g_string_append (path, ".debug");
  return g_string_free (path, FALSE);
}

/* --- its symbols */

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const IlSymbolRow *left = a, *right = b;

  if (left->begin != right->begin)
    return left->begin < right->begin ? -1 : 1;
  return left->rank < right->rank ? -1 : left->rank > right->rank;
}

/* What everybody calls it comes before what only its file does, and a name before one that its
 * author meant for nobody. */
static guint
rank_symbol (const GElf_Sym *symbol, const char *name)
{
  guint rank = 0;

  if (GELF_ST_BIND (symbol->st_info) == STB_GLOBAL)
    rank += 4;
  else if (GELF_ST_BIND (symbol->st_info) == STB_WEAK)
    rank += 2;
  return name[0] != '_' ? rank + 1 : rank;
}

static void
add_symbol (IlModule *module, const GElf_Sym *symbol, const char *name)
{
  guint type = GELF_ST_TYPE (symbol->st_info);
  IlSymbolRow row = { symbol->st_value, symbol->st_size, 0, name };

  if (name == NULL || name[0] == '\0' || symbol->st_shndx == SHN_UNDEF
      || module->data->len + module->functions->len >= SYMBOLS_MAX)
    return;
  row.rank = rank_symbol (symbol, name);
  if (type == STT_FUNC || type == STT_GNU_IFUNC)
    g_array_append_val (module->functions, row);
  else if (type == STT_OBJECT && row.size > 0)
    g_array_append_val (module->data, row);
}

static void
add_table (IlModule *module, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
  Elf_Data *data = elf_getdata (section, NULL);
  gsize n_symbols = header->sh_entsize > 0 ? header->sh_size / header->sh_entsize : 0;

  if (data == NULL)
    return;
  n_symbols = MIN (n_symbols, SYMBOLS_MAX);
  for (gsize i = 0; i < n_symbols; i++)
    {
      GElf_Sym symbol;

      if (gelf_getsym (data, (int)i, &symbol) == NULL)
        return;
      add_symbol (module, &symbol, elf_strptr (elf, header->sh_link, symbol.st_name));
    }
}

static void
add_tables (IlModule *module, Elf *elf)
{
  Elf_Scn *section = NULL;

  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      GElf_Shdr header;

      if (gelf_getshdr (section, &header) != NULL
          && (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
        add_table (module, elf, section, &header);
    }
}

/**
 * il_module_new:
 * @path: any bytes
 * @debug_directory: where debug files are, by build id
 *
 * Returns: (transfer full): what is known of the file: nothing, if it cannot be read
 */
IlModule *
il_module_new (const char *path, const char *debug_directory)
{
  IlModule *module = g_new0 (IlModule, 1);
  g_autofree char *debug_path = NULL;

  module->own.fd = module->debug.fd = -1;
  module->data = g_array_new (FALSE, FALSE, sizeof (IlSymbolRow));
  module->functions = g_array_new (FALSE, FALSE, sizeof (IlSymbolRow));
  if (!open_file (&module->own, path))
    return module;
  add_tables (module, module->own.elf);
  debug_path = make_debug_path (module->own.elf, debug_directory);
  if (debug_path != NULL && open_file (&module->debug, debug_path))
    add_tables (module, module->debug.elf);
  g_array_sort (module->data, compare_rows);
  g_array_sort (module->functions, compare_rows);
  return module;
}

/**
 * il_module_free:
 */
void
il_module_free (IlModule *module)
{
  g_clear_pointer (&module->dwarf, dwarf_end);
  close_file (&module->debug);
  close_file (&module->own);
  g_array_unref (module->functions);
  g_array_unref (module->data);
  g_free (module);
}

static guint
count_begun (const GArray *rows, guint64 offset)
{
  guint low = 0, high = rows->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (rows, IlSymbolRow, middle).begin <= offset)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/**
 * il_module_find:
 *
 * Returns: (nullable): the innermost that has this place in it
 */
const IlSymbolRow *
il_module_find (const GArray *rows, guint64 offset)
{
  guint n = count_begun (rows, offset);

  for (guint i = n; i-- > 0 && n - i <= LOOK_BACK_MAX;)
    {
      const IlSymbolRow *row = &g_array_index (rows, IlSymbolRow, i);

      if (offset - row->begin < row->size)
        return row;
      /* A function in assembler may have no size: it ends where the next begins. */
      if (row->size == 0 && i == n - 1)
        return row;
    }
  return NULL;
}
