/* il-recorder.h - starts a target, drains it live into a session, controls it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-session.h"

#include <gio/gio.h>
#include <signal.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* "released:LANE": nanoseconds since the begin: when the kernel's accounting in "usage:LANE" was
 * taken. What the thread does afterwards to end is not in it. */
#define IL_META_RELEASED_PREFIX "released:"

#define IL_RECORDER_ERROR (il_recorder_error_quark ())
GQuark il_recorder_error_quark (void);

typedef enum
{
  IL_RECORDER_ERROR_RUNNER,   /* the runner is missing or does not start */
  IL_RECORDER_ERROR_SCENARIO, /* the runner refused the scenario; its message */
  IL_RECORDER_ERROR_TRACE,    /* no shared memory for the events */
  IL_RECORDER_ERROR_OUTPUT,   /* the session file cannot be written */
  IL_RECORDER_ERROR_TARGET,   /* the target died */
  IL_RECORDER_ERROR_REFUSED,  /* the runner refused a command, e.g. killing a thread; its message */
  IL_RECORDER_ERROR_SETTING,  /* the runner refused a value of the options; its message */
  IL_RECORDER_ERROR_COMMAND,  /* the program is not there or cannot be started */
  IL_RECORDER_ERROR_NO_LOCKS, /* its locks cannot be seen, but without them it can be recorded */
  IL_RECORDER_ERROR_PRELOAD,  /* the library that sees locks is missing */
  IL_RECORDER_ERROR_LEFT,     /* the program has ended, but not all that it started */
} IlRecorderError;

typedef enum
{
  IL_RECORDER_IDLE,
  IL_RECORDER_STARTING,
  IL_RECORDER_RUNNING,
  IL_RECORDER_PAUSED,
  IL_RECORDER_STOPPING,
  IL_RECORDER_ENDED,
} IlRecorderState;

/* The signals that a program is to ignore and to block, as whoever started us has set them. */
typedef struct
{
  sigset_t ignored, blocked;
} IlRecorderSignals;

/* What to run, or to look at: one of the first three.  Strings may be NULL for what the scenario
 * says; numbers -1. */
typedef struct
{
  const char *scenario;       /* bundled id or path */
  const char *const *command; /* a program and its arguments, NULL-terminated */
  pid_t process;              /* that runs already: what the scheduler does with it, no more */

  /* Of a command. */
  const char *directory;          /* where to start it; NULL: ours */
  const char *const *environment; /* NAME=VALUE, NULL-terminated: all of its; NULL: ours */
  gboolean no_locks;              /* what the scheduler does with it, no more */
  /* It is as if it had been started instead of us, with our terminal and all descriptors that are
   * not closed on exec; NULL: on its own, in a session of its own. */
  const IlRecorderSignals *signals;
  guint closed_fds; /* with these: a bit for each standard one that it is to be started without */

  /* Of a scenario. */
  const char *model;
  gint64 workers;
  gint64 tasks;
  gint64 seed;
  const char *const *settings; /* KEY=VALUE, NULL-terminated; or NULL */

  gint64 duration_ns;      /* 0: until its work is done or it is stopped */
  const char *output_path; /* session file; NULL: none */
  gboolean force_sampling; /* do not even try perf */
} IlRecorderOptions;

typedef enum
{
  IL_PROGRAM_RUNS, /* or did not run at all */
  IL_PROGRAM_EXITED,
  IL_PROGRAM_KILLED,
} IlProgramEnd;

typedef struct
{
  IlRecorderState state;
  gint64 duration_ns; /* of the recording so far */
  gint64 planned_ns;  /* how long the run is to last at most; 0: not limited, or not yet known */
  guint64 n_events;
  guint64 n_lost;
  guint64 n_sched_lost;
  double overhead_share; /* recorder's processor time / (duration × cores) */
  gboolean scheduler_exact;
  gboolean looks_for_names; /* objects of what is in the timeline may get other names soon */
  guint64 submitted, done, failed, cancelled, lost; /* the runner's own word */
  IlProgramEnd program_end;                         /* of a command */
  guint program_status; /* its exit status, or the signal that killed it */
  gint64 kill_in_ns;    /* while it is stopped: until whoever has not ended is killed; else 0 */
  guint n_killed;       /* how many of its processes had to be */
} IlRecorderStatus;

#define IL_TYPE_RECORDER (il_recorder_get_type ())
G_DECLARE_FINAL_TYPE (IlRecorder, il_recorder, IL, RECORDER, GObject)

/*
 * Signals, all in the thread-default main context of the thread that called il_recorder_new():
 *   state-changed ()
 *   problem (GError *error)   something that the user should know but that did not end the
 *                             recording: sampling instead of perf, a refused command, the session
 *                             file failing
 *   stepped (guint number)    of the worker that made a single step, 0 for the submitter; all
 *                             stand still again
 *   hit (guint number, guint count)
 *                             the process of that worker was killed, with count workers in it
 *   suspended (guint pid)     the program that is in our place was stopped, as by Ctrl+Z, which we
 *                             were not; answered by il_recorder_resume(), which lets it go on if it
 *                             does not by itself
 *   ended (GError *error)     or NULL: the recording is complete; error when the target did not end
 *                             as it should (killed, crashed) or could not start.  What was recorded
 *                             is in the session all the same.
 */
IlRecorder *il_recorder_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Never blocks: starts a thread; whatever goes wrong there ends in "ended".  Once per recorder. */
void il_recorder_start (IlRecorder *self, const IlRecorderOptions *options);
void il_recorder_pause (IlRecorder *self);
void il_recorder_resume (IlRecorder *self);
void il_recorder_stop (IlRecorder *self);
void il_recorder_step (IlRecorder *self);
void il_recorder_step_worker (IlRecorder *self, guint number);
void il_recorder_kill_worker (IlRecorder *self, guint number);
void il_recorder_crash_worker (IlRecorder *self, guint number);
void il_recorder_set_workers (IlRecorder *self, guint workers);
void il_recorder_set_knob (IlRecorder *self, const char *key, const char *value);

/* From any thread. */
IlSession *il_recorder_get_session (IlRecorder *self); /* (transfer none); there from new() on */
void il_recorder_get_status (IlRecorder *self, IlRecorderStatus *status);
char *il_recorder_take_output (IlRecorder *self, guint64 *n_forgotten) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
