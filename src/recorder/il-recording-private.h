/* il-recording-private.h - one recording: what its thread owns, and what it shares with the
 * recorder
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-assembler-private.h"
#include "il-object-names-private.h"
#include "il-recorder.h"
#include "il-runner-private.h"
#include "il-trace-reader.h"

#include <pthread.h>

G_BEGIN_DECLS

typedef enum
{
  IL_NEWS_STATE_CHANGED,
  IL_NEWS_PROBLEM,
  IL_NEWS_STEPPED,
  IL_NEWS_HIT,
  IL_NEWS_SUSPENDED,
  IL_NEWS_ENDED,
} IlNewsKind;

typedef struct
{
  IlNewsKind kind;
  GError *error;       /* may be NULL */
  guint number, count; /* of a worker, how many died with it; of a process */
} IlNews;

typedef struct _IlRecording IlRecording;

/*
 * Roles     The recording's thread does all the work: it speaks with the runner, reads rings and
 *           probes, writes timeline and session.  The recorder, an object of any other thread,
 *           gives commands and reads the status; the main context that it was made in delivers
 *           the news.
 * Lock      `lock` guards the fields between the two comments below and nothing else.  It is a
 *           leaf: nothing is called under it but GLib's containers.
 * Waking    Who adds a command writes to wake_fd afterwards; the thread empties wake_fd first and
 *           then takes all commands, so that none can be overlooked.
 * Life      Counted references: the recorder, its thread and each news under way hold one.  None
 *           of them keeps the recorder alive, lest one that nobody wants any more could never stop.
 * Checked   tests/recorder/test-recorder.c, also built with -Db_sanitize=thread.
 */
struct _IlRecording
{
  gatomicrefcount n_references;

  /* Constant once the thread runs. */
  GMainContext *context;
  GWeakRef owner; /* the IlRecorder */
  IlSession *session;
  int wake_fd;
  char *scenario;     /* NULL: a program that is not ours, which one of the next two says */
  char **command;     /* that is to be started; or NULL */
  pid_t process;      /* that runs already; 0: none */
  char **environment; /* of the command */
  char *directory;    /* of the command; NULL: ours */
  gboolean has_locks; /* they can be seen: of a scenario, and of a command with the library */
  gboolean is_in_place;
  IlRecorderSignals signals; /* where it is in our place */
  guint closed_fds;          /* likewise: a bit for each that it is to be started without */
  char **arguments;          /* of the runner */
  char *settings;
  gint64 duration_ns; /* of a program, from when on it is stopped; 0: never */
  char *output_path;
  gboolean force_sampling;

  /* Guarded by lock. */
  pthread_mutex_t lock;
  GQueue commands;     /* lines for the runner */
  GQueue news;         /* of IlNews, not delivered yet */
  GString *output;     /* what the runner and all that it started printed, not taken yet */
  guint64 n_forgotten; /* bytes before that, which nobody will take */
  IlRecorderStatus status;
  gboolean stop_wanted;
  gboolean abandoned; /* nobody is interested any more: kill, close, end */
  /* Up to here. */

  /* The thread's own. */
  IlRunner *runner; /* NULL: a process that runs already is looked at */
  int process_fd;   /* of that; -1: none */
  IlTraceReader *reader;
  IlClockMap clock;
  IlPerfProbe *perf;
  IlProcProbe *proc;
  IlCoreProbe *cores;
  IlAssembler *assembler;
  IlObjectNames *names;
  IlTimelineBuilder *builder;
  IlSessionWriter *writer;
  GPtrArray *facts; /* key, value, key, …: until the writer is there */
  GArray *dead;     /* of pid_t: processes of which a thread ended since the last look */

  gboolean ready;           /* the runner has parsed the scenario and waits */
  gboolean begun;           /* it was told to start */
  gboolean has_dumped_core; /* the program, when it was killed */
  gboolean exited;          /* it is dead, but not reaped yet */
  gboolean stop_sent;
  gboolean overdue;          /* it was killed since it did not stop */
  gboolean garbled;          /* it was reported that it breaks the protocol */
  gboolean output_failed;    /* it was reported that the session file cannot be written */
  gboolean told_refused;     /* it was reported that threads found no room … */
  gboolean told_damaged;     /* … and that events made no sense */
  gboolean has_damaged_lane; /* of one nothing is read any more, since it makes no sense */
  char *end_word;            /* of `ended`: completed, stopped; or NULL */
  char *said_error;          /* of `error`; or NULL */
  char *model;               /* that the runner says it runs; or NULL */
  gint64 patience_ns;        /* from when on it is overdue; CLOCK_MONOTONIC; G_MAXINT64 for never */
  gint64 patience_limit_ns;

  gint64 origin_ns; /* CLOCK_MONOTONIC at the start, time 0 */
  gint64 exit_ns;
  gint64 cut_at_ns; /* the last cut was tried then */
  gint64 sampled_at_ns;
  gint64 cores_at_ns;
  gint64 memory_at_ns;     /* from when on memory is looked at again */
  guint64 peak_pss;        /* of all processes at one time */
  GHashTable *memory;      /* pid → its memory, see il-recording-memory.c; NULL: no lane so far */
  double overhead_from_ns; /* processor time of the thread at the begin */
  GHashTable *absent;      /* names of programs that were told not to join; or NULL */
  guint n_switches;        /* scheduler records of the last drain */
  guint nap_ms;
};

/* il-recording.c */
IlRecording *il_recording_new (gpointer owner, const IlRecorderOptions *options,
                               IlSession *session) G_GNUC_WARN_UNUSED_RESULT;
IlRecording *il_recording_ref (IlRecording *self);
void il_recording_unref (IlRecording *self);
gpointer il_recording_thread (gpointer data);

/* il-recording-control.c */
void il_recording_command (IlRecording *self, const char *line);
void il_recording_stop (IlRecording *self, gboolean abandon);
void il_recording_get_status (IlRecording *self, IlRecorderStatus *status);
IlNews *il_recording_take_news (IlRecording *self);
void il_news_free (IlNews *news);
gboolean il_recording_is_abandoned (IlRecording *self);
gboolean il_recording_is_stop_wanted (IlRecording *self);
void il_recording_set_state (IlRecording *self, IlRecorderState state);
void il_recording_tell (IlRecording *self, IlNewsKind kind, GError *error);
void il_recording_tell_worker (IlRecording *self, IlNewsKind kind, guint number, guint count);
void il_recording_tell_problem (IlRecording *self, IlRecorderError code, const char *message);
void il_recording_converse (IlRecording *self, int timeout_ms);

/* il-recording-program.c */
gboolean il_recording_prepare_program (IlRecording *self, GError **error);
void il_recording_watch_process (IlRecording *self, int timeout_ms);
void il_recording_note_end (IlRecording *self, IlProgramEnd end, guint status);
void il_recording_end_processes (IlRecording *self);
void il_recording_keep_output (IlRecording *self);
char *il_recording_take_output (IlRecording *self, guint64 *n_forgotten);
char *il_recording_describe_end (IlRecording *self);
char *il_recording_read_name (pid_t pid, const char *name, char **title, gpointer data);
void il_recording_tell_absent (pid_t pid, const char *name, gpointer data);

/* il-recording-drain.c */
void il_recording_open_probes (IlRecording *self);
void il_recording_open_assembler (IlRecording *self);
void il_recording_drain (IlRecording *self);
void il_recording_drain_rest (IlRecording *self);
void il_recording_look_at_scheduler (IlRecording *self);
void il_recording_add_present (IlRecording *self);

/* il-recording-memory.c */
void il_recording_watch_memory (IlRecording *self, pid_t pid);
void il_recording_sample_memory (IlRecording *self);
void il_recording_set_memory_facts (IlRecording *self);

/* il-recording-facts.c */
void il_recording_set_fact (IlRecording *self, const char *key, const char *value);
void il_recording_set_first_facts (IlRecording *self);
void il_recording_begin_overhead (IlRecording *self);
void il_recording_set_last_facts (IlRecording *self, const char *end);
void il_recording_add_note (IlRecording *self, const char *note);
void il_recording_add_knob_change (IlRecording *self, gint64 time_ns, const char *key,
                                   const char *value);
void il_recording_note_info (IlRecording *self, const char *key, const char *value);
gboolean il_recording_open_output (IlRecording *self, GError **error);
void il_recording_check_output (IlRecording *self);

void il_recording_rename_object (guint32 object, const char *name, gpointer data);

extern const IlAssemblerSink il_recording_sink;

G_END_DECLS
