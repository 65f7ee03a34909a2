/* il-symbol-private.h - one file that programs load, and where its debug information is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-symbol.h"

#include <elfutils/libdw.h>
#include <libelf.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 begin;
  guint64 size; /* 0: not said */
  guint rank;   /* of several at one place the one with the highest counts */
  const char *name;
} IlSymbolRow;

/* A file that is open; -1 and NULL where there is none. */
typedef struct
{
  int fd;
  Elf *elf;
} IlElfFile;

typedef struct
{
  IlElfFile own, debug;
  GArray *data;      /* of IlSymbolRow, by where they begin */
  GArray *functions; /* likewise */
  Dwarf *dwarf;      /* NULL: there is none */
  gboolean has_looked_for_lines;
} IlModule;

IlModule *il_module_new (const char *path, const char *debug_directory);
void il_module_free (IlModule *module);
const IlSymbolRow *il_module_find (const GArray *rows, guint64 offset);
/* il-module-lines.c */
void il_module_find_line (IlModule *module, guint64 offset, IlSymbolAnswer *answer);

G_END_DECLS
