/* il-timeline-labels.c - what lanes, groups and subgroups are called
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* By IlLockKind of src/trace/il-event.h. */
static char *
dup_lock_label (const IlLaneInfo *info)
{
  switch (info->parameter)
    {
    case 1:
      return g_strdup_printf (_ ("Recursive lock %s"), info->name);
    case 2:
      return g_strdup_printf (_ ("Spin lock %s"), info->name);
    case 3:
      return g_strdup_printf (_ ("Ticket lock %s"), info->name);
    case 4:
      /* The one lock of an interpreter; by the name that it has in reports and findings. */
      return g_strdup (info->name);
    default:
      return g_strdup_printf (_ ("Lock %s"), info->name);
    }
}

/* By IlChannelKind of src/trace/il-event.h. */
static char *
dup_channel_label (const IlLaneInfo *info)
{
  switch (info->parameter)
    {
    case 1:
      return g_strdup_printf (_ ("Shared memory %s"), info->name);
    case 2:
      return g_strdup_printf (_ ("Pipe %s"), info->name);
    case 3:
      return g_strdup_printf (_ ("Socket %s"), info->name);
    default:
      return g_strdup_printf (_ ("Channel %s"), info->name);
    }
}

/**
 * il_lane_dup_label:
 *
 * Returns: (transfer full): what stands to the left of a lane
 */
char *
il_lane_dup_label (const IlLane *lane)
{
  const IlLaneInfo *info = il_lane_get_info (lane);

  if (info->kind != IL_LANE_CORE && il_name_says_kind (info->name))
    return g_strdup (il_name_get_shown (info->name));
  switch (info->kind)
    {
    case IL_LANE_CORE:
      return g_strdup_printf (_ ("Core %u"), info->number);
    case IL_LANE_LOCK:
      return dup_lock_label (info);
    case IL_LANE_RWLOCK:
      /* Translators: a lock for many readers or one writer, and its name */
      return g_strdup_printf (_ ("RW lock %s"), info->name);
    case IL_LANE_SEMAPHORE:
      return g_strdup_printf (_ ("Semaphore %s"), info->name);
    case IL_LANE_EVENT:
      if (info->parameter == IL_LANE_PARAMETER_JOIN)
        /* Translators: what is waited for by a task that waits for those that it spawned */
        return g_strdup (_ ("Spawned tasks"));
      return g_strdup_printf (_ ("Event %s"), info->name);
    case IL_LANE_CONDITION:
      return g_strdup_printf (_ ("Condition %s"), info->name);
    case IL_LANE_BARRIER:
      return g_strdup_printf (_ ("Barrier %s"), info->name);
    case IL_LANE_CHANNEL:
      return dup_channel_label (info);
    case IL_LANE_FILE:
      return g_strdup_printf (_ ("File %s"), info->name);
    case IL_LANE_THREAD:
    case IL_LANE_QUEUE:
    case IL_LANE_COUNTER:
    case IL_N_LANE_KINDS:
    default:
      return g_strdup (info->name);
    }
}

/**
 * il_lane_dup_short_label:
 *
 * Returns: (transfer full): what stands there where its label has no room: the name alone of a lock
 *   or signal, which tells it from others; what it is the heading of its group says
 */
char *
il_lane_dup_short_label (const IlLane *lane)
{
  const IlLaneInfo *info = il_lane_get_info (lane);

  switch (info->kind)
    {
    case IL_LANE_EVENT:
      if (info->parameter == IL_LANE_PARAMETER_JOIN)
        return il_lane_dup_label (lane);
      return g_strdup (il_name_get_shown (info->name));
    case IL_LANE_LOCK:
    case IL_LANE_RWLOCK:
    case IL_LANE_SEMAPHORE:
    case IL_LANE_CONDITION:
    case IL_LANE_BARRIER:
      return g_strdup (il_name_get_shown (info->name));
    default:
      return il_lane_dup_label (lane);
    }
}

/**
 * il_lane_dup_initial:
 *
 * Returns: (transfer full): what a thread is called where there is little room: "W3" is Worker 3,
 *   "C2" Consumer 2, and so it is in the language of the lane's name
 */
char *
il_lane_dup_initial (const IlLane *lane)
{
  const IlLaneInfo *info = il_lane_get_info (lane);
  char initial[7] = "";
  gsize digits = strlen (info->name);

  if (info->role != IL_LANE_ROLE_WORKER)
    return g_strdup (info->name);
  if (*info->name != '\0')
    g_unichar_to_utf8 (g_unichar_toupper (g_utf8_get_char (info->name)), initial);
  while (digits > 0 && g_ascii_isdigit (info->name[digits - 1]))
    digits--;
  if (info->name[digits] != '\0')
    return g_strconcat (initial, info->name + digits, NULL);
  return g_strdup_printf ("%s%u", initial, info->number);
}

/**
 * il_estimate_text_width:
 * @font_size: in logical pixels
 *
 * Returns: about what the text takes on one line, for layout, which knows no font
 */
double
il_estimate_text_width (const char *text, double font_size)
{
  double width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += g_unichar_iswide (g_utf8_get_char (p)) ? 1.0 : 0.56;
  return width * font_size;
}

/**
 * il_subgroup_dup_title:
 * @row: of a subgroup
 *
 * Returns: (transfer full): "Process 4711 · 4 threads", "2000 coroutines", of a program's processes
 *   "python3 (4711) · 4 threads"
 */
char *
il_subgroup_dup_title (const IlTimelineLayout *layout, const IlRow *row)
{
  const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (layout->timeline, row->lane));
  g_autofree char *count = NULL;

  if (info->scheduler == IL_SCHEDULER_CARRIER)
    count
        = g_strdup_printf (ngettext ("%u coroutine", "%u coroutines", row->n_lanes), row->n_lanes);
  else
    count = g_strdup_printf (ngettext ("%u thread", "%u threads", row->n_lanes), row->n_lanes);
  if (layout->plan->workers.n_processes <= 1)
    return g_steal_pointer (&count);
  if (layout->plan->is_of_program)
    return g_strdup_printf ("%s (%d) · %s",
                            info->process_name != NULL ? info->process_name : info->name, info->pid,
                            count);
  /* Translators: the kernel's number of a process, and how many threads of it are below */
  return g_strdup_printf (_ ("Process %d · %s"), info->pid, count);
}

/**
 * il_group_get_title:
 *
 * Returns: (transfer none): translated
 */
const char *
il_group_get_title (const IlPlan *plan, IlGroup group)
{
  switch (group)
    {
    case IL_GROUP_CORES:
      return _ ("Cores");
    case IL_GROUP_WORKERS:
      if (!plan->is_of_program)
        return _ ("Workers");
      return plan->workers.n_processes > 1 ? _ ("Processes and threads") : _ ("Threads");
    case IL_GROUP_LOCKS:
      return _ ("Locks");
    case IL_GROUP_SIGNALS:
      return _ ("Signals");
    case IL_GROUP_COUNTERS:
      return _ ("Counters and files");
    case IL_GROUP_QUEUES:
    case IL_N_GROUPS:
    default:
      return _ ("Queues and channels");
    }
}
