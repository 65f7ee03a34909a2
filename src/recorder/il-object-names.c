/* il-object-names.c - what locks of programs are called that know of no names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In the order of what tells most: the variable that it is, or lies in; the place in the program
 * that used it when it was met first; its address.  An interpreter's lock is that of its process.
 * What Python makes for its programs is called by the line of the program that used it first.  If
 * that is not known, it is only numbered, in the order of first use: what nobody had or waited for,
 * so that it is mostly not shown, keeps its address and takes no number away.
 */

#include "config.h"

#include "il-object-names-private.h"

#include "il-clock.h"

#include <string.h>

/* So long a recording that is over waits for names. */
#define FINISH_NS (G_GINT64_CONSTANT (10) * 1000000000)
#define LOOK_MS 100

/* What the kernel says behind the path of a file that is not there any more. */
#define DELETED " (deleted)"

/* One whose name is looked for. */
typedef struct
{
  IlTraceObjectInfo info;
  char *calls[IL_OBJECT_CALLS]; /* the files that used it: the innermost call first */
  gboolean is_shared;           /* it is no more one process's than another's */
} Wanted;

/* Who has a name already. */
typedef struct
{
  pid_t first;        /* the process that it was found in first */
  GHashTable *counts; /* process → how many there have it */
} Bearers;

/* One that has no number as long as nobody uses it. */
typedef struct
{
  Wanted wanted; /* its calls are not kept */
  const char *word;
} Unused;

/* What is known of one that a program in Python uses. */
typedef struct
{
  char *name;
  Wanted wanted;       /* its calls are not kept */
  gboolean is_pythons; /* it is one of those that have no other name */
  gboolean is_told;
} Script;

struct _IlObjectNames
{
  IlObjectNameFunc func;
  gpointer data;
  IlSymbolProcess *process;
  GHashTable *wanted;  /* object → Wanted */
  GHashTable *bearers; /* name → Bearers */
  GByteArray *used;    /* by object: somebody had it or waited for it */
  GHashTable *unused;  /* object → Unused: those that are to be numbered once that is so */
  GHashTable *scripts; /* object → Script: where a program in Python uses it, if that is known */
  GHashTable *files;   /* process and path that it says → path to be looked into, "" for none */
};

/* A word for what it is. */
static const char *
get_kind_word (const IlTraceObjectInfo *object)
{
  switch (object->kind)
    {
    case IL_OBJECT_LOCK:
      return object->parameter == IL_LOCK_SPIN     ? "spin lock"
             : object->parameter == IL_LOCK_BINARY ? "semaphore"
                                                   : "mutex";
    case IL_OBJECT_RWLOCK:
      return "readers–writer lock";
    case IL_OBJECT_SEMAPHORE:
      return "semaphore";
    case IL_OBJECT_CONDITION:
      return object->parameter == 1 ? "futex" : "condition";
    case IL_OBJECT_BARRIER:
      return "barrier";
    default:
      return "object";
    }
}

/**
 * il_object_names_make_first:
 *
 * Returns: (transfer full): what it is called as long as nothing better is known
 */
char *
il_object_names_make_first (const IlTraceObjectInfo *object)
{
  if (object->name[0] != '\0' || object->pid == 0)
    return g_utf8_make_valid (object->name, -1);
  if (object->kind == IL_OBJECT_LOCK && object->parameter == IL_LOCK_INTERPRETER)
    return g_strdup_printf ("Python GIL (%d)", (int)object->pid);
  return g_strdup_printf ("%s 0x%" G_GINT64_MODIFIER "x", get_kind_word (object), object->address);
}

/* --- words */

/* What Python's own locks are all used from says nothing of them, but that they are Python's. */
static const char *
get_python_word (const Wanted *wanted, const char *module, const char *function)
{
  const IlTraceObjectInfo *object = &wanted->info;
  gboolean is_python
      = g_str_has_prefix (module, "python3") || g_str_has_prefix (module, "libpython3");
  /* A lock that is taken to be woken, by a Condition or Event, is seen as no lock. */
  const char *python_lock = object->kind == IL_OBJECT_SEMAPHORE ? "Python signal" : "Python lock";

  if (g_str_has_prefix (function, "PyThread_acquire_lock")
      || g_str_has_prefix (function, "PyThread_release_lock"))
    return python_lock;
  if (g_str_has_prefix (module, "_multiprocessing.")
      || (is_python && function[0] == '\0'
          && (object->kind == IL_OBJECT_SEMAPHORE || object->parameter == IL_LOCK_BINARY)))
    return wanted->is_shared ? "multiprocessing lock" : python_lock;
  return NULL;
}

/* python: (out): the word, if it is one of Python's. */
static char *
word_reply (const Wanted *wanted, const IlSymbolReply *reply, const char **python)
{
  const char *used
      = wanted->calls[reply != NULL && reply->call < IL_OBJECT_CALLS ? reply->call : 0];
  g_autofree char *bytes = used[0] != '\0' ? g_path_get_basename (used) : NULL;
  g_autofree char *module = bytes != NULL ? g_utf8_make_valid (bytes, -1) : NULL;

  if (reply != NULL && reply->symbol[0] != '\0')
    return g_utf8_make_valid (reply->symbol, -1);
  if (module == NULL)
    return NULL;
  *python = get_python_word (wanted, module, reply != NULL ? reply->function : "");
  if (*python != NULL)
    return g_strdup (*python);
  if (reply != NULL && reply->function[0] != '\0' && reply->file[0] != '\0')
    return g_strdup_printf ("%s (%s:%u)", reply->function, reply->file, reply->line);
  if (reply != NULL && reply->function[0] != '\0')
    return g_strdup_printf ("%s in %s", reply->function, module);
  return g_strdup_printf ("%s+0x%" G_GINT64_MODIFIER "x", module, wanted->info.used.offset);
}

/* --- several of the same name */

static void
free_bearers (gpointer data)
{
  Bearers *bearers = data;

  g_hash_table_unref (bearers->counts);
  g_free (bearers);
}

/* The second "mutex" of a process is "mutex (2)", the first of another process "mutex (4711)". */
static char *
number_name (IlObjectNames *self, const Wanted *wanted, const char *name)
{
  Bearers *bearers = g_hash_table_lookup (self->bearers, name);
  pid_t pid = wanted->info.pid;
  guint n;

  if (wanted->is_shared)
    pid = bearers != NULL ? bearers->first : 0;
  if (bearers == NULL)
    {
      bearers = g_new (Bearers, 1);
      *bearers = (Bearers){ pid, g_hash_table_new (NULL, NULL) };
      g_hash_table_insert (self->bearers, g_strdup (name), bearers);
    }
  n = GPOINTER_TO_UINT (g_hash_table_lookup (bearers->counts, GINT_TO_POINTER (pid))) + 1;
  g_hash_table_insert (bearers->counts, GINT_TO_POINTER (pid), GUINT_TO_POINTER (n));
  if (pid == bearers->first)
    return n == 1 ? g_strdup (name) : g_strdup_printf ("%s (%u)", name, n);
  return n == 1 ? g_strdup_printf ("%s (%d)", name, (int)pid)
                : g_strdup_printf ("%s (%d, %u)", name, (int)pid, n);
}

static void
tell_numbered (IlObjectNames *self, const Wanted *wanted, const char *name)
{
  g_autofree char *numbered = number_name (self, wanted, name);

  self->func (wanted->info.id, numbered, self->data);
}

static gboolean
is_used (const IlObjectNames *self, guint32 object)
{
  return object < self->used->len && self->used->data[object] != 0;
}

static void
tell_unused (IlObjectNames *self, const Wanted *wanted, const char *word)
{
  Unused *unused = g_new0 (Unused, 1);
  g_autofree char *name
      = g_strdup_printf ("%s 0x%" G_GINT64_MODIFIER "x", word, wanted->info.address);

  unused->wanted.info = wanted->info;
  unused->wanted.is_shared = wanted->is_shared;
  unused->word = word;
  g_hash_table_replace (self->unused, GUINT_TO_POINTER (wanted->info.id), unused);
  self->func (wanted->info.id, name, self->data);
}

/* A name by a script, once it is known that there is one, and that none is better. */
static gboolean
tell_script (IlObjectNames *self, guint32 id)
{
  Script *script = g_hash_table_lookup (self->scripts, GUINT_TO_POINTER (id));

  if (script == NULL || script->name == NULL || !script->is_pythons)
    return FALSE;
  if (!script->is_told)
    tell_numbered (self, &script->wanted, script->name);
  script->is_told = TRUE;
  return TRUE;
}

static Script *
get_script (IlObjectNames *self, guint32 id)
{
  Script *script = g_hash_table_lookup (self->scripts, GUINT_TO_POINTER (id));

  if (script == NULL)
    {
      script = g_new0 (Script, 1);
      g_hash_table_insert (self->scripts, GUINT_TO_POINTER (id), script);
    }
  return script;
}

/* It is one of Python's own. */
static void
note_python (IlObjectNames *self, const Wanted *wanted)
{
  Script *script = get_script (self, wanted->info.id);

  script->wanted.info = wanted->info;
  script->wanted.is_shared = wanted->is_shared;
  script->is_pythons = TRUE;
}

/* "work (script.py:23)"; what stands outside of all functions "script.py:23". */
static char *
make_script_name (const char *script, guint line)
{
  g_auto (GStrv) parts = NULL;
  g_autofree char *valid = NULL;

  if (!g_str_has_prefix (script, IL_TRACE_SCRIPT))
    return NULL;
  valid = g_utf8_make_valid (script + strlen (IL_TRACE_SCRIPT), -1);
  parts = g_strsplit (valid, "\n", 2);
  if (g_strv_length (parts) != 2 || parts[1][0] == '\0')
    return NULL;
  for (guint i = 0; i < 2; i++)
    for (char *c = parts[i]; *c != '\0'; c++)
      *c = g_ascii_iscntrl (*c) ? '?' : *c;
  return parts[0][0] == '\0' || strcmp (parts[0], "<module>") == 0
             ? g_strdup_printf ("%s:%u", parts[1], line)
             : g_strdup_printf ("%s (%s:%u)", parts[0], parts[1], line);
}

/**
 * il_object_names_note_script:
 * @script: an IL_TRACE_SCRIPT, or anything
 *
 * Where the program uses it, as its interpreter says.  The first time counts.
 */
void
il_object_names_note_script (IlObjectNames *self, guint32 object, const char *script, guint line)
{
  g_autofree char *name = make_script_name (script, line);
  Script *known;

  if (name == NULL)
    return;
  known = get_script (self, object);
  if (known->name != NULL)
    return;
  known->name = g_steal_pointer (&name);
  if (tell_script (self, object))
    g_hash_table_remove (self->unused, GUINT_TO_POINTER (object));
}

static void
note_reply (guint32 id, const IlSymbolReply *reply, gpointer data)
{
  IlObjectNames *self = data;
  const Wanted *wanted = g_hash_table_lookup (self->wanted, GUINT_TO_POINTER (id));
  const char *word = NULL;
  g_autofree char *name = word_reply (wanted, reply, &word);

  if (word != NULL)
    note_python (self, wanted);
  if (tell_script (self, id))
    ;
  else if (word != NULL && !is_used (self, id))
    tell_unused (self, wanted, word);
  else if (name != NULL)
    tell_numbered (self, wanted, name);
  g_hash_table_remove (self->wanted, GUINT_TO_POINTER (id));
}

/**
 * il_object_names_note_used:
 *
 * Somebody has an object, or waits for it.
 */
void
il_object_names_note_used (IlObjectNames *self, guint32 object)
{
  const Unused *unused;
  guint n_known = self->used->len;

  if (is_used (self, object))
    return;
  if (object >= n_known)
    {
      g_byte_array_set_size (self->used, MAX (object + 1, 2 * n_known));
      memset (self->used->data + n_known, 0, self->used->len - n_known);
    }
  self->used->data[object] = 1;
  unused = g_hash_table_lookup (self->unused, GUINT_TO_POINTER (object));
  if (unused == NULL)
    return;
  tell_numbered (self, &unused->wanted, unused->word);
  g_hash_table_remove (self->unused, GUINT_TO_POINTER (object));
}

/* --- files that are gone, or are others now */

/* The kernel has a program as long as it runs, and tells of a library that another has taken the
 * place of: what is called so now says nothing of what the process has loaded. */
static char *
look_for_file (pid_t pid, const char *path)
{
  g_autofree char *maps_path = g_strdup_printf ("/proc/%d/maps", (int)pid);
  g_autofree char *gone = g_strconcat (path, DELETED "\n", NULL);
  g_autofree char *maps = NULL;

  if (g_str_has_suffix (path, DELETED))
    return g_strdup_printf ("/proc/%d/exe", (int)pid);
  if (g_file_get_contents (maps_path, &maps, NULL, NULL) && strstr (maps, gone) != NULL)
    return g_strdup ("");
  return g_strdup (path);
}

static const char *
get_file (IlObjectNames *self, pid_t pid, const char *path)
{
  g_autofree char *key = g_strdup_printf ("%d %s", (int)pid, path);
  const char *file = g_hash_table_lookup (self->files, key);

  if (file == NULL && path[0] != '\0')
    {
      char *found = look_for_file (pid, path);

      g_hash_table_insert (self->files, g_steal_pointer (&key), found);
      file = found;
    }
  return file != NULL ? file : "";
}

/* By which it is called. */
static char *
cut_deleted (const char *path)
{
  return g_strndup (path,
                    strlen (path) - (g_str_has_suffix (path, DELETED) ? strlen (DELETED) : 0));
}

/* --- made, asked */

static void
free_wanted (gpointer data)
{
  Wanted *wanted = data;

  for (guint i = 0; i < IL_OBJECT_CALLS; i++)
    g_free (wanted->calls[i]);
  g_free (wanted);
}

static void
free_script (gpointer data)
{
  Script *script = data;

  g_free (script->name);
  g_free (script);
}

/**
 * il_object_names_new:
 * @func: told of names that were found, from the calls of this
 */
IlObjectNames *
il_object_names_new (IlObjectNameFunc func, gpointer data)
{
  IlObjectNames *self = g_new0 (IlObjectNames, 1);

  self->func = func;
  self->data = data;
  self->process = il_symbol_process_new (note_reply, self);
  self->wanted = g_hash_table_new_full (NULL, NULL, NULL, free_wanted);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->bearers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_bearers);
  self->used = g_byte_array_new ();
  self->unused = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->scripts = g_hash_table_new_full (NULL, NULL, NULL, free_script);
  return self;
}

/**
 * il_object_names_free:
 */
void
il_object_names_free (IlObjectNames *self)
{
  if (self == NULL)
    return;

  il_symbol_process_free (self->process);
  g_hash_table_unref (self->scripts);
  g_hash_table_unref (self->unused);
  g_byte_array_unref (self->used);
  g_hash_table_unref (self->files);
  g_hash_table_unref (self->bearers);
  g_hash_table_unref (self->wanted);
  g_free (self);
}

/**
 * il_object_names_add:
 *
 * Looks for a name, unless it has one that says all.
 */
void
il_object_names_add (IlObjectNames *self, const IlTraceObjectInfo *object,
                     const IlObjectPaths *paths)
{
  IlSymbolPlace lies = { "", 0 };
  IlSymbolPlace calls[IL_OBJECT_CALLS];
  Wanted *wanted;

  if (object->name[0] != '\0' || object->pid == 0
      || (object->kind == IL_OBJECT_LOCK && object->parameter == IL_LOCK_INTERPRETER)
      || (paths->lies[0] == '\0' && paths->used[0] == '\0')
      || g_hash_table_contains (self->wanted, GUINT_TO_POINTER (object->id)))
    return;
  wanted = g_new (Wanted, 1);
  *wanted
      = (Wanted){ .info = *object, .is_shared = strcmp (paths->lies, IL_TRACE_SHARED_MEMORY) == 0 };
  for (guint i = 0; i < IL_OBJECT_CALLS; i++)
    {
      const char *path = i == 0 ? paths->used : paths->callers[i - 1];

      wanted->calls[i] = cut_deleted (path);
      calls[i] = (IlSymbolPlace){ get_file (self, object->pid, path),
                                  i == 0 ? object->used.offset : object->callers[i - 1].offset };
    }
  if (!wanted->is_shared)
    lies = (IlSymbolPlace){ get_file (self, object->pid, paths->lies), object->lies.offset };
  g_hash_table_insert (self->wanted, GUINT_TO_POINTER (object->id), wanted);
  il_symbol_process_ask (self->process, object->id, &lies, calls);
}

/**
 * il_object_names_look:
 *
 * Tells of what was found meanwhile; waits for nothing.
 */
void
il_object_names_look (IlObjectNames *self, gint64 now_ns)
{
  il_symbol_process_converse (self->process, now_ns);
}

/**
 * il_object_names_is_looking:
 *
 * Returns: whether some name may yet be found
 */
gboolean
il_object_names_is_looking (const IlObjectNames *self)
{
  return g_hash_table_size (self->wanted) > 0;
}

/**
 * il_object_names_finish:
 *
 * Waits for all that is looked for, but not too long.
 */
void
il_object_names_finish (IlObjectNames *self)
{
  gint64 now_ns = il_clock_monotonic_ns ();
  gint64 give_up_ns = now_ns + FINISH_NS;

  il_symbol_process_converse (self->process, now_ns);
  while (now_ns < give_up_ns && il_symbol_process_wait (self->process, LOOK_MS))
    {
      now_ns = il_clock_monotonic_ns ();
      il_symbol_process_converse (self->process, now_ns);
    }
}
