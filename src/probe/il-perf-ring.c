/* il-perf-ring.c - the records in a ring of perf_event_open, taken apart
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layouts are those of linux/perf_event.h, "enum perf_event_type", with sample_id_all and a sample
 * type of TID | TIME | CPU: each record ends with
 *
 *   u32 pid, tid; u64 time; u32 cpu, reserved;
 */

#include "config.h"

#include "il-perf-ring.h"

#include <linux/perf_event.h>
#include <string.h>

typedef struct
{
  guint32 pid, tid;
  guint64 time;
  guint32 cpu, reserved;
} SampleIdentity;

/* PERF_RECORD_FORK and PERF_RECORD_EXIT */
typedef struct
{
  guint32 pid, ppid;
  guint32 tid, ptid;
  guint64 time;
} TaskBody;

typedef struct
{
  guint32 pid, tid;
  char name[];
} CommBody;

typedef struct
{
  guint64 id;
  guint64 n_lost;
} LostBody;

static void
parse_switch (guint16 misc, const SampleIdentity *identity, IlSchedRecord *record)
{
  record->pid = (pid_t)identity->pid;
  record->tid = (pid_t)identity->tid;
  if ((misc & PERF_RECORD_MISC_SWITCH_OUT) == 0)
    record->kind = IL_SCHED_IN;
  else if ((misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT) != 0)
    record->kind = IL_SCHED_OUT_PREEMPTED;
  else
    record->kind = IL_SCHED_OUT;
}

static gboolean
parse_task (guint32 type, const guint8 *body, gsize size, IlSchedRecord *record)
{
  TaskBody task;

  if (size < sizeof task)
    return FALSE;
  memcpy (&task, body, sizeof task);
  record->kind = type == PERF_RECORD_FORK ? IL_SCHED_FORK : IL_SCHED_EXIT;
  record->pid = (pid_t)task.pid;
  record->tid = (pid_t)task.tid;
  record->other_pid = (pid_t)task.ppid;
  record->other_tid = (pid_t)task.ptid;
  return TRUE;
}

static gboolean
parse_comm (guint16 misc, const guint8 *body, gsize size, IlSchedRecord *record)
{
  CommBody comm;
  gsize length;

  if (size <= sizeof comm)
    return FALSE;
  memcpy (&comm, body, sizeof comm);
  length = MIN (size - sizeof comm, sizeof record->name - 1);
  memcpy (record->name, body + sizeof comm, length);
  record->name[length] = '\0';
  record->kind = IL_SCHED_COMM;
  record->pid = (pid_t)comm.pid;
  record->tid = (pid_t)comm.tid;
  record->is_exec = (misc & PERF_RECORD_MISC_COMM_EXEC) != 0;
  return TRUE;
}

static gboolean
parse_lost (const guint8 *body, gsize size, IlSchedRecord *record)
{
  LostBody lost;

  if (size < sizeof lost)
    return FALSE;
  memcpy (&lost, body, sizeof lost);
  record->kind = IL_SCHED_LOST;
  record->n_lost = lost.n_lost;
  return TRUE;
}

/**
 * il_perf_record_parse:
 * @data: (array length=size): one record with its header, not wrapped
 * @size: what the ring holds from there on; the header must not say more
 * @core: whose ring it is; the record's own word is not asked
 * @record: (out): filled where %TRUE is returned
 *
 * Takes a record apart.
 *
 * Returns: %FALSE for a kind that is of no interest and for one that is too short to be what it
 * says
 */
gboolean
il_perf_record_parse (const guint8 *data, gsize size, guint core, IlSchedRecord *record)
{
  struct perf_event_header header;
  SampleIdentity identity;
  const guint8 *body = data + sizeof header;
  gsize body_size;

  if (size < sizeof header)
    return FALSE;
  memcpy (&header, data, sizeof header);
  if (header.size > size || header.size < sizeof header + sizeof identity)
    return FALSE;
  body_size = header.size - sizeof header - sizeof identity;
  memcpy (&identity, body + body_size, sizeof identity);

  memset (record, 0, sizeof *record);
  record->time_ns = (gint64)identity.time;
  record->core = core;
  if (record->time_ns < 0)
    return FALSE;

  switch (header.type)
    {
    case PERF_RECORD_SWITCH:
      parse_switch (header.misc, &identity, record);
      return TRUE;
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT:
      return parse_task (header.type, body, body_size, record);
    case PERF_RECORD_COMM:
      return parse_comm (header.misc, body, body_size, record);
    case PERF_RECORD_LOST:
      return parse_lost (body, body_size, record);
    default:
      return FALSE;
    }
}
