/* il-object-names-private.h - names for locks of programs that know of none
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-trace-reader.h"

#include <glib.h>

G_BEGIN_DECLS

/* --- the process that looks: il-symbol-process.c.  Nothing here waits. */

/* Names another program than the installed one. */
#define IL_SYMBOLS_ENVIRONMENT "INTERLEAVE_SYMBOLS"

/* What it answers to one question; see src/symbols/il-symbol.h. */
typedef struct
{
  const char *symbol, *function, *file;
  guint line;
  guint call; /* which one of those that were asked for */
} IlSymbolReply;

/* So many calls, one within the other, are told for the use of a lock: the use, and around it. */
#define IL_OBJECT_CALLS (1 + IL_TRACE_CALLERS)

/* A place in a file; path "": in none, or not known. */
typedef struct
{
  const char *path;
  guint64 offset;
} IlSymbolPlace;

typedef struct _IlSymbolProcess IlSymbolProcess;

/* Called for each question in the order in which they were asked; reply NULL: it has none. */
typedef void (*IlSymbolFunc) (guint32 id, const IlSymbolReply *reply, gpointer data);

IlSymbolProcess *il_symbol_process_new (IlSymbolFunc func, gpointer data) G_GNUC_WARN_UNUSED_RESULT;
void il_symbol_process_free (IlSymbolProcess *self);
void il_symbol_process_ask (IlSymbolProcess *self, guint32 id, const IlSymbolPlace *lies,
                            const IlSymbolPlace calls[IL_OBJECT_CALLS]);
void il_symbol_process_converse (IlSymbolProcess *self, gint64 now_ns);
gboolean il_symbol_process_wait (IlSymbolProcess *self, int timeout_ms);

/* --- what they are called: il-object-names.c */

typedef struct _IlObjectNames IlObjectNames;

typedef void (*IlObjectNameFunc) (guint32 object, const char *name, gpointer data);

/* Told where the modules of places are; the paths are copied. */
typedef struct
{
  char lies[IL_TRACE_PATH_MAX]; /* empty: in none */
  char used[IL_TRACE_PATH_MAX];
  char callers[IL_TRACE_CALLERS][IL_TRACE_PATH_MAX];
} IlObjectPaths;

char *il_object_names_make_first (const IlTraceObjectInfo *object);
IlObjectNames *il_object_names_new (IlObjectNameFunc func, gpointer data) G_GNUC_WARN_UNUSED_RESULT;
void il_object_names_free (IlObjectNames *self);
void il_object_names_add (IlObjectNames *self, const IlTraceObjectInfo *object,
                          const IlObjectPaths *paths);
void il_object_names_note_script (IlObjectNames *self, guint32 object, const char *script,
                                  guint line);
void il_object_names_note_used (IlObjectNames *self, guint32 object);
void il_object_names_look (IlObjectNames *self, gint64 now_ns);
gboolean il_object_names_is_looking (const IlObjectNames *self);
void il_object_names_finish (IlObjectNames *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlSymbolProcess, il_symbol_process_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlObjectNames, il_object_names_free)

G_END_DECLS
