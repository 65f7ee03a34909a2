/* il-symbol.h - what a place in a file that programs load is called
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Places are addresses as the file itself counts them: of a program that is loaded where it wants
 * to be, those of the process; else less by where it was loaded.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is known of a lock; of what is not known the text is empty, and the line 0. */
typedef struct
{
  char *symbol;   /* the variable that it lies in: "queue_lock", "pool + 40" */
  char *function; /* that used it */
  char *file;     /* of the source, without its directory */
  guint line;
  gboolean is_library; /* the function is one of a standard library: who calls it says more */
} IlSymbolAnswer;

/* A place in a file; path NULL or empty: it is not known. */
typedef struct
{
  const char *path;
  guint64 offset;
} IlSymbolPlace;

/* So many calls, one within the other, lead to where a lock is used. */
#define IL_SYMBOL_CALLS_MAX 6

void il_symbol_answer_clear (IlSymbolAnswer *answer);

/* Files that were asked for before are kept open.  All calls on one thread. */
typedef struct _IlSymbols IlSymbols;

IlSymbols *il_symbols_new (const char *debug_directory) G_GNUC_WARN_UNUSED_RESULT;
void il_symbols_free (IlSymbols *self);
/* Of the variable that this lies in, "" where it lies in none; (transfer full). */
char *il_symbols_find_data (IlSymbols *self, const char *path, guint64 offset);
/* Of the call that returns there. */
void il_symbols_find_call (IlSymbols *self, const char *path, guint64 offset,
                           IlSymbolAnswer *answer);

/* Of the innermost of several calls, one within the other, that is not a standard library's own. */
guint il_symbols_find_use (IlSymbols *self, const IlSymbolPlace calls[], guint n_calls,
                           IlSymbolAnswer *answer);

/* il-demangle.c: (transfer full): a name as its author wrote it, of functions without parameters */
char *il_demangle (const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlSymbols, il_symbols_free)

G_END_DECLS
