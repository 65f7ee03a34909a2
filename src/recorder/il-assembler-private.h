/* il-assembler-private.h - turns what targets wrote and what the scheduler did into batches of
 * records
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-clock.h"
#include "il-probe.h"
#include "il-timeline-builder.h"
#include "il-trace-reader.h"

G_BEGIN_DECLS

typedef struct _IlAssembler IlAssembler;

/* Whom the assembler tells.  add_lane returns the number that the lane has in the timeline;
 * claim_lane tells what one of role "thread" turned out to be. */
typedef struct
{
  guint32 (*add_lane) (const IlLaneInfo *info, gpointer data);
  void (*claim_lane) (guint32 lane, const IlLaneInfo *info, gpointer data);
  void (*add_object) (guint32 object, IlTimelineObjectKind kind, const char *name,
                      guint64 parameter, gpointer data);
  void (*usage) (guint32 lane, const IlTraceLaneUsage *usage, gint64 released_ns, gpointer data);
  void (*batch) (IlBatch *batch, gpointer data); /* sealed; (transfer none) */
  /* A process of a program that is not ours does not claim any lane, though it was expected to. */
  void (*absent) (pid_t pid, const char *name, gpointer data); /* may be NULL */
  /* (transfer full) (nullable): a name that the kernel may have cut; likewise */
  char *(*full_name) (pid_t pid, const char *name, char **title, gpointer data);
} IlAssemblerSink;

typedef struct
{
  guint64 n_late;       /* records that came after their time had been cut; moved up to the cut */
  gint64 latest_ns;     /* … by so much at most */
  guint64 n_sched_lost; /* scheduler records that the kernel dropped */
  gint64 newest_ns;     /* since the origin: the latest record so far */
} IlAssemblerStats;

/* How the program died of the step of a task that is to crash it. */
typedef struct
{
  guint32 kind;   /* object of the kind of task */
  guint32 value;  /* as of IL_RECORD_CRASH */
  gint64 time_ns; /* since the origin: when it said so, its last word */
} IlAssemblerCrash;

/* As il_probe_read_state(). */
typedef char (*IlAssemblerLook) (pid_t pid, pid_t tid);

IlAssembler *il_assembler_new (gint64 origin_ns, IlSchedulerSource scheduler,
                               const IlAssemblerSink *sink,
                               gpointer data) G_GNUC_WARN_UNUSED_RESULT;
void il_assembler_free (IlAssembler *self);

void il_assembler_add_cores (IlAssembler *self, guint n_cores);
void il_assembler_add_object (IlAssembler *self, const IlTraceObjectInfo *object);
void il_assembler_begin_lane (IlAssembler *self, const IlTraceLaneInfo *info);
void il_assembler_add_events (IlAssembler *self, const IlTraceLaneInfo *info, const IlEvent *events,
                              gsize n_events, IlClockMap *clock);
void il_assembler_count_object (IlAssembler *self, guint32 object, guint32 n_untold, gint64 now_ns);
void il_assembler_note_own_name (IlAssembler *self, const IlTraceLaneInfo *info);
void il_assembler_end_lane (IlAssembler *self, const IlTraceLaneInfo *info,
                            const IlTraceLaneUsage *usage, gint64 now_ns);
void il_assembler_add_sched (IlAssembler *self, const IlSchedRecord *record);
void il_assembler_add_sample (IlAssembler *self, const IlProcSample *sample);
gboolean il_assembler_look_for_stopped (IlAssembler *self, gint64 now_ns, IlAssemblerLook look);
void il_assembler_mark_stopped (IlAssembler *self);
void il_assembler_add_cores_sample (IlAssembler *self, gint64 time_ns, const IlCoreSample *samples,
                                    guint n_samples);

void il_assembler_name_present (IlAssembler *self, pid_t pid, pid_t tid, const char *name);
void il_assembler_add_present (IlAssembler *self, const IlProcSample *sample);
gboolean il_assembler_process_is_gone (IlAssembler *self, pid_t pid);
void il_assembler_set_program (IlAssembler *self, pid_t pid, const char *name);
void il_assembler_set_foreign (IlAssembler *self, pid_t launcher, gboolean has_lanes);
GArray *il_assembler_list_processes (IlAssembler *self) G_GNUC_WARN_UNUSED_RESULT;
void il_assembler_set_death (IlAssembler *self, guint signal_number);
gboolean il_assembler_find_death (const IlAssembler *self, gint64 *time_ns);
void il_assembler_cut (IlAssembler *self, gint64 watermark_ns);
void il_assembler_finish (IlAssembler *self, gint64 end_ns);
const IlAssemblerCrash *il_assembler_get_crash (const IlAssembler *self);
void il_assembler_get_stats (const IlAssembler *self, IlAssemblerStats *stats);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlAssembler, il_assembler_free)

G_END_DECLS
