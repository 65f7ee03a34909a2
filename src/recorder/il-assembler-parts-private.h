/* il-assembler-parts-private.h - what the parts of the assembler share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-assembler-private.h"

G_BEGIN_DECLS

#define IL_ASSEMBLER_NEVER G_MAXINT64
#define IL_ASSEMBLER_NAME_SIZE 16 /* to the kernel */

typedef struct _IlAssemblerLane IlAssemblerLane;
typedef struct _IlAssemblerCalled IlAssemblerCalled;

/* A thread as scheduler or /proc see it. */
typedef struct
{
  pid_t pid;
  pid_t tid;
  GArray *namings; /* when it was called what, see il-assembler-names.c; NULL: not known */
  char birth_name[IL_ASSEMBLER_NAME_SIZE]; /* "": not known so far */
  char own_name[IL_TRACE_NAME_MAX]; /* by which its program calls it; "": as the kernel does */
  gint64 birth_ns;                  /* 0: not known */
  gboolean is_named_for_work;       /* its maker took that name to make it */
  IlAssemblerCalled *called;        /* (not owned) in a program that is not ours; NULL: not yet */
  gint64 heard_ns;                  /* … since when; 0: not known */
  pid_t maker; /* a thread, while the name that it was born with is to be found; 0: none */
  IlAssemblerLane *lane;  /* the last of lanes; NULL while it is not known */
  GPtrArray *lanes;       /* (not owned) in the order of their begins: the one at the cut, and all
                             that follow it on this thread */
  GArray *pending;        /* of IlRecord; in order for each core only */
  gint64 held_from_ns;    /* the oldest record pending while the lane is not known */
  gint64 gone_ns;         /* IL_ASSEMBLER_NEVER while it lives */
  gint64 switched_ns;     /* when it was last switched */
  gint64 rests_from_ns;   /* when it gave up its core, until it is known why; or NEVER */
  gint64 stopped_from_ns; /* rests_from_ns when it was seen to be stopped; or NEVER */
  gint64 placed_ns;       /* when it was last switched before the cut, … */
  guint placed_on_plus_1; /* … to this core; 0: to none, or not known */
  guint core;             /* the last one that it was seen on */
  gboolean on_core;
  gboolean core_known;
  gboolean seen; /* by the scheduler's side */
} IlAssemblerThread;

/* A lane of the timeline that records can still come for. */
struct _IlAssemblerLane
{
  guint32 number;               /* in the timeline */
  IlAssemblerThread *thread;    /* NULL for a core's, and once it was handed to another lane */
  IlAssemblerThread *listed_by; /* that has it among its lanes; or NULL */
  GArray *pending; /* of IlRecord, in order; lanes in their values still as in the shared file */
  gint64 newest_ns;
  gint64 begin_ns;
  gboolean has_begun;    /* begin_ns is known */
  gboolean is_open;      /* more can come from the shared file */
  gboolean is_unclaimed; /* nothing came from there yet: only the scheduler told of it */
  gint64 close_ns;       /* its writer was found to be dead then; IL_ASSEMBLER_NEVER */
  gboolean ended;        /* LANE_END is among the records, … */
  gint64 end_ns;         /* … at this time; IL_ASSEMBLER_NEVER */

  /* Of a carrier of coroutines, see il-assembler-coroutine.c. */
  GArray *carried;     /* of IlRecord: what the scheduler did with it within this cut; else NULL */
  guint32 running;     /* number of the coroutine that is on it; 0: none */
  gboolean is_stopped; /* from outside, as a sample said */
  pid_t pid;           /* any thread's; 0 for a core's */
  gboolean has_died;   /* without a word of its own */
  gboolean is_noted;   /* that its thread is of no program of ours was said, … */
  gint64 runs_from_ns; /* … or its thread said so itself then; IL_ASSEMBLER_NEVER */

  /* Of a program that is not ours: as it was told last. */
  char *name, *process_name;
  gint64 born_ns; /* its thread, see il_assembler_get_birth() */
};

/* Who had a lane of the shared file when: the file's lanes are used again. */
typedef struct
{
  guint32 generation;
  guint32 number;
  gint64 begin_ns;
} IlAssemblerTenancy;

/* More than those who can follow one another before what is said of the first is cut: where workers
 * die one after the other it takes milliseconds for each. */
#define IL_ASSEMBLER_N_TENANTS 16

typedef struct
{
  IlAssemblerLane *lane; /* of the last tenant; NULL once nothing more can come */
  IlAssemblerTenancy tenants[IL_ASSEMBLER_N_TENANTS]; /* the last ones, in order */
  guint n_tenants;
} IlAssemblerSlot;

/* Workers that had one name, one after the other. */
typedef struct
{
  guint number; /* of the worker; 0: not known so far */
  guint n;      /* how many so far */
} IlAssemblerBearers;

/* What coroutines are called, each with a number of its own behind it. */
typedef struct
{
  char *word;
  guint32 n_before; /* the number in the name of the first is 1 */
} IlAssemblerTitle;

/* Of a program that is not ours. */
typedef struct
{
  pid_t pid;
  char name[IL_ASSEMBLER_NAME_SIZE]; /* "": not known */
  char *full_name, *title;           /* NULL: not known */
  gboolean is_asked;                 /* for these two */
  gint64 exec_ns;                    /* a file was executed there; -1: that was not seen */
  gint64 joined_ns; /* the last word of a thread that goes on in the shared file; -1: none */
  gboolean is_told; /* that it does not join */
} IlAssemblerProcess;

struct _IlAssembler
{
  gint64 origin_ns;
  IlSchedulerSource scheduler;
  IlAssemblerSink sink;
  gpointer data;

  gint64 cut_ns; /* since the origin, as all times below */
  IlAssemblerStats stats;
  IlAssemblerCrash crash; /* value 0: there was none */

  GPtrArray *lanes;        /* of IlAssemblerLane, those that live */
  GPtrArray *cores;        /* of Lane (not owned), by core */
  GHashTable *slots;       /* index in the shared file to IlAssemblerSlot */
  GPtrArray *threads;      /* of IlAssemblerThread, with those gone whose records are not cut yet */
  GHashTable *by_tid;      /* tid to Thread (not owned), the newest of that number */
  GHashTable *first_lanes; /* pid to the number of its first thread's lane, plus one */
  GHashTable *coroutines;  /* number to IlAssemblerLane, owned */
  GHashTable *titles;      /* object to IlAssemblerTitle */
  GHashTable *bearers;     /* name of a worker to IlAssemblerBearers */
  GArray *scratch;         /* of IlRecord */
  gboolean is_foreign;     /* a program that is not ours: its threads know of no tasks */
  gboolean is_unheard;     /* … and none of them can claim a lane */
  GHashTable *processes;   /* of that program: pid to IlAssemblerProcess; else NULL */
  GHashTable *called;      /* likewise: name to who has it; else NULL */
  GHashTable *misnumbered; /* likewise: set of those values whose numbers may be wrong */
  pid_t launcher;          /* that started it, and is not part of it; 0: none */
  pid_t program;           /* whose death the caller tells of; 0: nobody's */
  char program_name[IL_ASSEMBLER_NAME_SIZE]; /* while it makes no worker */
  guint program_signal;                      /* that it died of; 0: none, or not known */
  gint64 program_gone_ns; /* when the last of its threads that the scheduler told of was gone; -1 */
  GHashTable *going;      /* pids of those found not to be stopped, while they are looked for */
};

IlAssemblerLane *il_assembler_add_lane (IlAssembler *self, const IlLaneInfo *info);
IlAssemblerThread *il_assembler_add_thread (IlAssembler *self, pid_t pid, pid_t tid);
IlAssemblerThread *il_assembler_get_thread (IlAssembler *self, pid_t pid, pid_t tid,
                                            gint64 time_ns);
void il_assembler_rename (IlAssemblerThread *thread, gint64 time_ns, const char *name);
const char *il_assembler_get_name (const IlAssemblerThread *thread);
const char *il_assembler_get_shown_name (const IlAssemblerThread *thread);
void il_assembler_settle_names (IlAssembler *self, gint64 watermark_ns);
void il_assembler_forget_names (IlAssembler *self, gint64 watermark_ns);
char *il_assembler_bear (IlAssembler *self, const char *name, guint number);
char *il_assembler_make_lost_name (IlAssembler *self, const IlAssemblerThread *thread,
                                   guint *number);
const char *il_assembler_process_name (IlAssembler *self, pid_t pid);
gint64 il_assembler_to_session_time (const IlAssembler *self, gint64 monotonic_ns);
void il_assembler_note_newest (IlAssembler *self, gint64 time_ns);
void il_assembler_push (IlAssembler *self, IlAssemblerLane *lane, IlRecord record);
void il_assembler_hold (IlAssembler *self, IlAssemblerThread *thread, IlRecord record);
IlLaneInfo il_assembler_describe (IlAssembler *self, const IlAssemblerThread *thread,
                                  const char *name);
void il_assembler_list_lane (IlAssemblerThread *thread, IlAssemblerLane *lane);
void il_assembler_note_lane_end (IlAssemblerLane *lane);
void il_assembler_push_lane_end (IlAssembler *self, IlAssemblerLane *lane, gint64 time_ns);
guint il_assembler_get_signal (const IlAssembler *self, const IlAssemblerLane *lane);
void il_assembler_begin_coroutine (IlAssembler *self, const IlAssemblerLane *by, IlBatch *batch,
                                   const IlRecord *record);
void il_assembler_end_coroutines (IlAssembler *self, IlBatch *batch);
void il_assembler_cut_carrier (IlAssembler *self, IlAssemblerLane *carrier, IlBatch *batch);

/* il-assembler-called.c */
void il_assembler_clear_process (IlAssemblerProcess *process);
void il_assembler_call_process (IlAssemblerProcess *process, const char *name);
void il_assembler_inherit_name (IlAssembler *self, IlAssemblerProcess *process,
                                IlAssemblerProcess *parent);
const char *il_assembler_title_process (IlAssembler *self, IlAssemblerProcess *process);
void il_assembler_init_called (IlAssembler *self);
void il_assembler_clear_called (IlAssembler *self);
char *il_assembler_call (IlAssembler *self, IlAssemblerThread *thread, const char *name);
void il_assembler_note_birth (IlAssembler *self, IlAssemblerThread *thread);
void il_assembler_number_called (IlAssembler *self, gboolean at_end);
void il_assembler_leave_called (IlAssemblerThread *thread);
gint64 il_assembler_get_birth (const IlAssembler *self, const IlAssemblerThread *thread);

/* il-assembler-program.c */
void il_assembler_note_told (IlAssemblerLane *lane, const IlLaneInfo *info);
void il_assembler_note_fork (IlAssembler *self, const IlSchedRecord *record);
void il_assembler_note_name (IlAssembler *self, IlAssemblerThread *thread, gint64 time_ns,
                             gboolean is_exec);
const char *il_assembler_foreign_process_name (IlAssembler *self, pid_t pid);
void il_assembler_note_program (IlAssembler *self, IlAssemblerLane *lane, gint64 time_ns);
gboolean il_assembler_has_executed (IlAssembler *self, const IlAssemblerLane *lane, gint64 time_ns);
gboolean il_assembler_is_taken_over (IlAssembler *self, const IlAssemblerThread *thread,
                                     gint64 time_ns);
void il_assembler_note_joined (IlAssembler *self, pid_t pid, gint64 time_ns);
void il_assembler_tell_absent (IlAssembler *self, gint64 watermark_ns);
void il_assembler_forget_process (IlAssembler *self, pid_t pid);

G_END_DECLS
