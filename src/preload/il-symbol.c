/* il-symbol.c - finds the next definition of a symbol behind this library
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As dlsym (RTLD_NEXT) and dlvsym() do, but usable at any moment: those take the loader's lock, and
 * may call the program's calloc(), which may take a lock, which we stand in front of.  This walks
 * the loaded files and reads their tables; nothing is taken, nothing is allocated.  All that is
 * looked for is found once, while the program starts.
 */

#include "config.h"

#include "il-real.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

#define VERSION_HIDDEN 0x8000u
#define VERSION_INDEX 0x7fffu

/* What is needed of a loaded file to look a symbol up. */
typedef struct
{
  ElfW (Addr) base;
  const ElfW (Sym) * symbols;
  const char *strings;
  const uint32_t *gnu_hash;
  const uint32_t *hash;
  const ElfW (Half) * versions; /* by symbol; NULL: it has none */
  const ElfW (Verdef) * definitions;
  uint64_t n_definitions;
} Tables;

/* Of most files the loader has put addresses where offsets were. */
static const void *
locate (const struct link_map *map, ElfW (Addr) pointer)
{
  ElfW (Addr) address = pointer < map->l_addr ? pointer + map->l_addr : pointer;

  return (const void *)address;
}

static bool
read_tables (const struct link_map *map, Tables *tables)
{
  *tables = (Tables){ .base = map->l_addr };
  if (map->l_ld == NULL)
    return false;
  for (const ElfW (Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
    switch (entry->d_tag)
      {
      case DT_SYMTAB:
        tables->symbols = locate (map, entry->d_un.d_ptr);
        break;
      case DT_STRTAB:
        tables->strings = locate (map, entry->d_un.d_ptr);
        break;
      case DT_GNU_HASH:
        tables->gnu_hash = locate (map, entry->d_un.d_ptr);
        break;
      case DT_HASH:
        tables->hash = locate (map, entry->d_un.d_ptr);
        break;
      case DT_VERSYM:
        tables->versions = locate (map, entry->d_un.d_ptr);
        break;
      case DT_VERDEF:
        tables->definitions = locate (map, entry->d_un.d_ptr);
        break;
      case DT_VERDEFNUM:
        tables->n_definitions = entry->d_un.d_val;
        break;
      default:
        break;
      }
  return tables->symbols != NULL && tables->strings != NULL;
}

/* Whether the symbol is of the version; without one, of the version that programs are linked to.  A
 * file without versions has but one of each. */
static bool
is_of_version (const Tables *tables, uint32_t symbol, const char *version)
{
  const ElfW (Verdef) *definition = tables->definitions;
  unsigned index;

  if (tables->versions == NULL)
    return true;
  index = tables->versions[symbol];
  if (version == NULL)
    return (index & VERSION_HIDDEN) == 0;
  for (uint64_t i = 0; definition != NULL && i < tables->n_definitions; i++)
    {
      const ElfW (Verdaux) *words = (const void *)((const char *)definition + definition->vd_aux);

      if (definition->vd_ndx == (index & VERSION_INDEX))
        return strcmp (tables->strings + words->vda_name, version) == 0;
      definition = (const void *)((const char *)definition + definition->vd_next);
    }
  return false;
}

static bool
is_wanted (const Tables *tables, uint32_t symbol, const char *name, const char *version)
{
  const ElfW (Sym) *entry = &tables->symbols[symbol];
  unsigned type = ELF64_ST_TYPE (entry->st_info);

  return entry->st_shndx != SHN_UNDEF
         && (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_OBJECT)
         && strcmp (tables->strings + entry->st_name, name) == 0
         && is_of_version (tables, symbol, version);
}

static uint32_t
hash_gnu (const char *name)
{
  uint32_t hash = 5381;

  for (; *name != '\0'; name++)
    hash = hash * 33 + (unsigned char)*name;
  return hash;
}

/* Returns its index, 0 if it is not there. */
static uint32_t
look_up_gnu (const Tables *tables, const char *name, const char *version)
{
  uint32_t n_buckets = tables->gnu_hash[0], first = tables->gnu_hash[1];
  uint32_t n_words = tables->gnu_hash[2];
  const uint32_t *buckets = tables->gnu_hash + 4 + n_words * (sizeof (ElfW (Addr)) / 4);
  const uint32_t *chains = buckets + n_buckets;
  uint32_t hash = hash_gnu (name), symbol;

  if (n_buckets == 0)
    return 0;
  symbol = buckets[hash % n_buckets];
  if (symbol < first)
    return 0;
  for (;; symbol++)
    {
      uint32_t link = chains[symbol - first];

      if ((link | 1) == (hash | 1) && is_wanted (tables, symbol, name, version))
        return symbol;
      if ((link & 1) != 0)
        return 0;
    }
}

/* Old files have a table of another kind alone; those are few, and it is read from end to end. */
static uint32_t
look_up_old (const Tables *tables, const char *name, const char *version)
{
  uint32_t n_symbols = tables->hash[1];

  for (uint32_t i = 1; i < n_symbols; i++)
    if (is_wanted (tables, i, name, version))
      return i;
  return 0;
}

static void *
look_up (const struct link_map *map, const char *name, const char *version)
{
  Tables tables;
  uint32_t symbol = 0;
  ElfW (Addr) address;

  if (!read_tables (map, &tables))
    return NULL;
  if (tables.gnu_hash != NULL)
    symbol = look_up_gnu (&tables, name, version);
  else if (tables.hash != NULL)
    symbol = look_up_old (&tables, name, version);
  if (symbol == 0)
    return NULL;
  address = tables.base + tables.symbols[symbol].st_value;
  if (ELF64_ST_TYPE (tables.symbols[symbol].st_info) == STT_GNU_IFUNC)
    return ((void *(*)(void))address) ();
  return (void *)address;
}

/**
 * il_symbol_find_next:
 * @version: (nullable): NULL: that which programs are linked to today
 *
 * Returns: (nullable): the function of that name in the first file behind this one that has it
 */
void *
il_symbol_find_next (const char *name, const char *version)
{
  bool is_behind = false;

  for (const struct link_map *map = _r_debug.r_map; map != NULL; map = map->l_next)
    {
      void *found;

      if (map->l_ld == _DYNAMIC)
        is_behind = true;
      else if (is_behind)
        {
          found = look_up (map, name, version);
          if (found != NULL)
            return found;
        }
    }
  return NULL;
}

/**
 * il_symbol_find:
 *
 * Returns: (nullable): the function or variable of that name in the first file that has it, the
 *   program itself before all others
 */
void *
il_symbol_find (const char *name)
{
  for (const struct link_map *map = _r_debug.r_map; map != NULL; map = map->l_next)
    {
      void *found = look_up (map, name, NULL);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/**
 * il_symbol_is_of_libc:
 *
 * Returns: whether the function of that name is the C library's
 */
bool
il_symbol_is_of_libc (const char *name, const void *function)
{
  static const char libc[] = "libc.so.6";

  for (const struct link_map *map = _r_debug.r_map; map != NULL; map = map->l_next)
    {
      const char *file = map->l_name != NULL ? strrchr (map->l_name, '/') : NULL;

      if (file != NULL && strcmp (file + 1, libc) == 0)
        return look_up (map, name, NULL) == function;
    }
  return false;
}
