/* il-session.h - the session file: written while recording, opened again whole or cut off
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-builder.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define IL_SESSION_ERROR (il_session_error_quark ())
GQuark il_session_error_quark (void);

typedef enum
{
  IL_SESSION_ERROR_FOREIGN, /* not a session file */
  IL_SESSION_ERROR_NEWER,   /* written by a newer version */
  IL_SESSION_ERROR_DAMAGED, /* a session file, but its content contradicts itself */
  IL_SESSION_ERROR_IO,      /* cannot be read or written */
} IlSessionError;

/* Facts of a session, all text, in the table "meta".  Values are UTF-8. */
#define IL_META_TITLE "title"             /* the scenario's name or the command */
#define IL_META_COMMAND "command"         /* of a program that is not ours; else not there */
#define IL_META_DIRECTORY "directory"     /* where the command was started */
#define IL_META_SCENARIO_ID "scenario_id" /* bundled name or path */
#define IL_META_SCENARIO_TEXT "scenario_text"
#define IL_META_MODEL "model"
#define IL_META_WORKERS "workers"
#define IL_META_POOL_WORKERS "pool_workers" /* those of the common pool, which can be chosen */
#define IL_META_SETTINGS "settings"         /* KEY=VALUE, one a line */
#define IL_META_SEED "seed"
#define IL_META_STARTED "started" /* ISO 8601, UTC */
#define IL_META_HOST "host"
#define IL_META_KERNEL "kernel"
#define IL_META_CORES "cores"         /* number */
#define IL_META_CLOCK "clock"         /* "tsc" | "monotonic" */
#define IL_META_SCHEDULER "scheduler" /* "perf" | "sampled" */
#define IL_META_SCHEDULER_NOTE                                                                     \
  "scheduler_note"                /* why sampled, and the command that would permit more */
#define IL_META_VERSION "version" /* of the application */
/* The recorder's processor time / (duration × cores). */
#define IL_META_OVERHEAD_SHARE "overhead_share"
#define IL_META_LOST_EVENTS "lost_events"
#define IL_META_LATE_RECORDS "late_records" /* shown later than they happened … */
#define IL_META_INCOMPLETE "incomplete" /* "1": threads or events are missing that nobody counted */
#define IL_META_LATE_NS "late_ns"       /* … by so much at most */
#define IL_META_RUNNER_COUNTS                                                                      \
  "runner_counts" /* "submitted done failed cancelled lost", the runner's own */
/* "completed" | "stopped" | "stuck" | what killed it; of a command one of the first two and
 * ", exited STATUS" or ", killed SIGNAL". */
#define IL_META_END "end"
#define IL_META_LOCKS "locks" /* "0": not seen; else not there */
#define IL_META_NOTES "notes" /* what the runner said of the run meanwhile, one a line */
/* TIME_NS KEY VALUE, one a line: knobs turned while it ran, in their order. */
#define IL_META_KNOB_CHANGES "knob_changes"
#define IL_META_USAGE_PREFIX                                                                       \
  "usage:" /* "usage:LANE" → "cpu_ns voluntary involuntary peak_rss_bytes", the kernel's own */
/* "pss:PID" → bytes: the proportional set size of a process at its peak, and without PID that of
 * all processes of the target at one time. */
#define IL_META_PSS "pss"
#define IL_META_PSS_PREFIX "pss:"

/* The writer owns a thread: no call waits for the disk. */
typedef struct _IlSessionWriter IlSessionWriter;

IlSessionWriter *il_session_writer_new (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void il_session_writer_set_meta (IlSessionWriter *writer, const char *key, const char *value);
void il_session_writer_add_lane (IlSessionWriter *writer, guint32 number, const IlLaneInfo *info);
void il_session_writer_add_object (IlSessionWriter *writer, guint32 object,
                                   IlTimelineObjectKind kind, const char *name, guint64 parameter);
void il_session_writer_rename_object (IlSessionWriter *writer, guint32 object, const char *name);
void il_session_writer_add_batch (IlSessionWriter *writer, IlBatch *batch); /* takes a reference */
/* NULL while all went well; else what failed (a full disk): what was written so far is a whole
 * file. */
GError *il_session_writer_get_error (IlSessionWriter *writer);
gint64 il_session_writer_get_cpu_ns (IlSessionWriter *writer);
/* Writes what is left, ends the thread, frees the writer.  FALSE if anything could not be written.
 */
gboolean il_session_writer_close (IlSessionWriter *writer, GError **error);

/* What is there is whole in any case. */
typedef enum
{
  IL_SESSION_WHOLE,          /* its writer closed it */
  IL_SESSION_CUT_OFF,        /* it did not: the recording went on for up to a second or so */
  IL_SESSION_BEING_RECORDED, /* it had not when the file was opened, and lived */
} IlSessionEnding;

/* A session in memory: live or from a file. */
typedef struct _IlSession IlSession;

IlSession *il_session_new (IlTimeline *timeline) G_GNUC_WARN_UNUSED_RESULT;
IlSession *il_session_load (const char *path, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* prepare is called with the timeline while that is still empty, e.g. to set its observer. */
typedef void (*IlTimelineFunc) (IlTimeline *timeline, gpointer data);
IlSession *il_session_load_with (const char *path, IlTimelineFunc prepare, gpointer data,
                                 GCancellable *cancellable,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
IlSession *il_session_ref (IlSession *session);
void il_session_unref (IlSession *session);
IlTimeline *il_session_get_timeline (IlSession *session);
/* Thread-safe. */
void il_session_set_meta (IlSession *session, const char *key, const char *value);
char *il_session_dup_meta (IlSession *session, const char *key); /* NULL where not known */
IlSessionEnding il_session_get_ending (IlSession *session);
const char *il_session_get_damage (IlSession *session); /* NULL: none */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlSession, il_session_unref)

G_END_DECLS
