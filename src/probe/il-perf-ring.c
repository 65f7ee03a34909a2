/* il-perf-ring.c - the records in a ring buffer of perf_event_open(2)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A record is a struct perf_event_header (type, flags, size in bytes, a multiple of 8), a body by
 * its type, and, since we ask for sample_id_all with TID, TIME and CPU, 24 bytes at its end:
 *
 *   u32 pid, tid; u64 time; u32 core, reserved
 *
 * A record may go over the end of the ring.
 */

#include "config.h"

#include <linux/perf_event.h>
#include <string.h>

#include "il-probe-private.h"

typedef struct
{
  guint32 pid, tid;
  guint64 time;
  guint32 core, reserved;
} SampleId;

G_STATIC_ASSERT (sizeof (SampleId) == 24);

typedef struct
{
  guint32 pid, parent_pid;
  guint32 tid, parent_tid;
  guint64 time;
} TaskBody;

typedef struct
{
  guint64 id, n_lost;
} LostBody;

typedef struct
{
  guint32 pid, tid;
} CommBody;

/* Copies a body out; FALSE where the record is too short for it. */
#define READ_BODY(body, record, size)                                                              \
  ((size) < sizeof (*(body)) ? FALSE : (memcpy ((body), (record), sizeof (*(body))), TRUE))

static gboolean
parse_task (const guint8 *body, gsize size, IlSchedKind kind, IlSchedRecord *record)
{
  TaskBody task;

  if (!READ_BODY (&task, body, size))
    return FALSE;
  record->kind = kind;
  record->pid = (pid_t)task.pid;
  record->tid = (pid_t)task.tid;
  record->other_pid = (pid_t)task.parent_pid;
  record->other_tid = (pid_t)task.parent_tid;
  return TRUE;
}

static gboolean
parse_comm (const guint8 *body, gsize size, guint misc, IlSchedRecord *record)
{
  CommBody comm;

  if (!READ_BODY (&comm, body, size))
    return FALSE;
  record->kind = IL_SCHED_COMM;
  record->pid = (pid_t)comm.pid;
  record->tid = (pid_t)comm.tid;
  record->is_exec = (misc & PERF_RECORD_MISC_COMM_EXEC) != 0;
  il_probe_copy_name (record->name, (const char *)body + sizeof comm, size - sizeof comm);
  return TRUE;
}

static gboolean
parse_lost (const guint8 *body, gsize size, IlSchedRecord *record)
{
  LostBody lost;

  if (!READ_BODY (&lost, body, size))
    return FALSE;
  record->kind = IL_SCHED_LOST;
  record->n_lost = lost.n_lost;
  return TRUE;
}

static void
parse_switch (guint misc, IlSchedRecord *record)
{
  if ((misc & PERF_RECORD_MISC_SWITCH_OUT) == 0)
    record->kind = IL_SCHED_IN;
  else if ((misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT) == 0)
    record->kind = IL_SCHED_OUT;
  else
    record->kind = IL_SCHED_OUT_PREEMPTED;
}

/* FALSE for a record that says nothing to us, or makes no sense. */
static gboolean
parse_record (const guint8 *bytes, const struct perf_event_header *header, guint core,
              IlSchedRecord *record)
{
  const guint8 *body = bytes + sizeof *header;
  gsize size = header->size - sizeof *header;
  SampleId id;

  if (size < sizeof id)
    return FALSE;
  size -= sizeof id;
  memcpy (&id, body + size, sizeof id);
  if ((gint64)id.time < 0)
    return FALSE;
  *record = (IlSchedRecord){
    .time_ns = (gint64)id.time, .pid = (pid_t)id.pid, .tid = (pid_t)id.tid, .core = core
  };
  switch (header->type)
    {
    case PERF_RECORD_SWITCH:
      parse_switch (header->misc, record);
      break;
    case PERF_RECORD_FORK:
      if (!parse_task (body, size, IL_SCHED_FORK, record))
        return FALSE;
      break;
    case PERF_RECORD_EXIT:
      if (!parse_task (body, size, IL_SCHED_EXIT, record))
        return FALSE;
      break;
    case PERF_RECORD_COMM:
      if (!parse_comm (body, size, header->misc, record))
        return FALSE;
      break;
    case PERF_RECORD_LOST:
      return parse_lost (body, size, record);
    default:
      return FALSE;
    }
  /* A thread that is already gone has no number any more. */
  return record->pid > 0 && record->tid > 0;
}

static void
copy_out (const guint8 *ring, gsize size, guint64 position, void *target, gsize n)
{
  gsize begin = position & (size - 1);
  gsize n_first = MIN (n, size - begin);

  memcpy (target, ring + begin, n_first);
  memcpy ((guint8 *)target + n_first, ring, n - n_first);
}

/**
 * il_perf_ring_parse:
 * @size: of the ring in bytes, a power of two
 * @tail: position of the first record not yet read
 * @head: position after the last one
 * @core: whose ring it is
 *
 * Calls back for each record of a ring that concerns us.  Positions only grow.
 *
 * Where the ring makes no sense, all up to @head is passed over and one lost record reported.
 *
 * Returns: the new tail
 */
guint64
il_perf_ring_parse (const guint8 *ring, gsize size, guint64 tail, guint64 head, guint core,
                    IlSchedFunc func, gpointer data)
{
  IlSchedRecord record = { .kind = IL_SCHED_LOST, .core = core, .n_lost = 1 };
  guint8 bounce[G_MAXUINT16 + 1];

  if (head - tail > size)
    {
      func (&record, data);
      return head;
    }
  while (head - tail >= sizeof (struct perf_event_header))
    {
      struct perf_event_header header;
      const guint8 *bytes = ring + (tail & (size - 1));
      gint64 last_ns = record.time_ns;

      copy_out (ring, size, tail, &header, sizeof header);
      if (header.size < sizeof header || header.size > head - tail)
        {
          record = (IlSchedRecord){
            .kind = IL_SCHED_LOST, .core = core, .n_lost = 1, .time_ns = last_ns
          };
          func (&record, data);
          return head;
        }
      if ((tail & (size - 1)) + header.size > size)
        {
          copy_out (ring, size, tail, bounce, header.size);
          bytes = bounce;
        }
      if (parse_record (bytes, &header, core, &record))
        func (&record, data);
      tail += header.size;
    }
  return tail;
}
