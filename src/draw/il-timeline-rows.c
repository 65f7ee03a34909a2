/* il-timeline-rows.c - which rows a picture has, and how high they are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a row's height depends on does not change with the visible range, so that nothing jumps
 * while one pans and zooms.
 */

#include "config.h"

#include "il-timeline-layout-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define RULER_HEIGHT 26.0
#define GROUP_HEIGHT 24.0
#define GROUP_PADDING 6.0

/* The more lanes, the lower: the first line whose number is not exceeded is taken. */
typedef struct
{
  guint n_lanes;
  double bar, gap, lower, margin, font_size;
} Density;

static const Density core_densities[]
    = { { 8, 18, 2, 12, 8, 13 }, { 24, 12, 1, 7, 4, 11 }, { G_MAXUINT, 7, 1, 4, 2, 9 } };
static const Density thread_densities[]
    = { { 16, 22, 0, 0, 8, 13 }, { 32, 14, 0, 0, 4, 11 }, { G_MAXUINT, 10, 0, 0, 2, 9 } };
static const Density lock_densities[]
    = { { 8, 17, 3, 14, 8, 13 }, { 24, 11, 2, 8, 4, 11 }, { G_MAXUINT, 7, 1, 5, 2, 9 } };
static const Density queue_densities[]
    = { { 4, 50, 0, 0, 10, 13 }, { 12, 30, 0, 0, 6, 11 }, { G_MAXUINT, 14, 0, 0, 3, 9 } };
static const Density semaphore_densities[]
    = { { 4, 30, 3, 14, 8, 13 }, { 12, 18, 2, 8, 5, 11 }, { G_MAXUINT, 9, 1, 5, 2, 9 } };

static const Density *
find_density (IlLaneKind kind, guint n_lanes)
{
  static const Density *const tables[IL_N_LANE_KINDS] = {
    [IL_LANE_THREAD] = thread_densities, [IL_LANE_CORE] = core_densities,
    [IL_LANE_LOCK] = lock_densities,     [IL_LANE_SEMAPHORE] = semaphore_densities,
    [IL_LANE_QUEUE] = queue_densities,   [IL_LANE_COUNTER] = queue_densities,
  };
  const Density *density = tables[kind];

  while (n_lanes > density->n_lanes)
    density++;
  return density;
}

static IlGroup
group_of (const IlLaneInfo *info)
{
  switch (info->kind)
    {
    case IL_LANE_CORE:
      return IL_GROUP_CORES;
    case IL_LANE_THREAD:
      return IL_GROUP_WORKERS;
    case IL_LANE_LOCK:
    case IL_LANE_SEMAPHORE:
      return IL_GROUP_LOCKS;
    case IL_LANE_QUEUE:
    case IL_LANE_COUNTER:
    case IL_N_LANE_KINDS:
    default:
      return IL_GROUP_QUEUES;
    }
}

/* Workers, then who gives them their tasks, then other threads. */
static int
rank_of (const IlLaneInfo *info)
{
  static const int ranks[] = {
    [IL_LANE_ROLE_WORKER] = 0,
    [IL_LANE_ROLE_SUBMITTER] = 1,
    [IL_LANE_ROLE_THREAD] = 2,
    [IL_LANE_ROLE_SUPERVISOR] = 3,
  };

  return info->kind == IL_LANE_THREAD ? ranks[info->role] : (int)info->kind;
}

static int
compare_lanes (gconstpointer a, gconstpointer b)
{
  const IlLane *one = *(const IlLane *const *)a;
  const IlLane *other = *(const IlLane *const *)b;
  const IlLaneInfo *one_info = il_lane_get_info (one);
  const IlLaneInfo *other_info = il_lane_get_info (other);

  if (rank_of (one_info) != rank_of (other_info))
    return rank_of (one_info) - rank_of (other_info);
  if (one_info->number != other_info->number)
    return one_info->number < other_info->number ? -1 : 1;
  return il_lane_get_index (one) < il_lane_get_index (other) ? -1 : 1;
}

/* The supervisor does nothing of interest and is shown only where it is the one thread there is. */
static void
drop_supervisors (GPtrArray *threads)
{
  guint n_kept = 0;

  for (guint i = 0; i < threads->len; i++)
    if (il_lane_get_info (g_ptr_array_index (threads, i))->role != IL_LANE_ROLE_SUPERVISOR)
      n_kept++;
  if (n_kept > 0)
    g_ptr_array_set_size (threads, (int)n_kept); /* they are the last */
}

static void
collect_lanes (IlTimeline *timeline, GPtrArray *groups[IL_N_GROUPS])
{
  guint n_lanes = il_timeline_get_n_lanes (timeline);

  for (guint g = 0; g < IL_N_GROUPS; g++)
    groups[g] = g_ptr_array_new ();
  for (guint i = 0; i < n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);

      g_ptr_array_add (groups[group_of (il_lane_get_info (lane))], (gpointer)lane);
    }
  for (guint g = 0; g < IL_N_GROUPS; g++)
    g_ptr_array_sort (groups[g], compare_lanes);
  drop_supervisors (groups[IL_GROUP_WORKERS]);
}

static double
plan_group (GArray *plan, IlGroup group, const GPtrArray *lanes, gboolean collapsed, double y)
{
  IlRowPlan header = { .kind = IL_BOX_GROUP,
                       .group = group,
                       .lane = G_MAXUINT32,
                       .y = y,
                       .height = GROUP_HEIGHT,
                       .font_size = 13 };

  g_array_append_val (plan, header);
  y += GROUP_HEIGHT + GROUP_PADDING;
  for (guint i = 0; !collapsed && i < lanes->len; i++)
    {
      const IlLane *lane = g_ptr_array_index (lanes, i);
      const Density *density = find_density (il_lane_get_info (lane)->kind, lanes->len);
      IlRowPlan row = { .kind = IL_BOX_LANE,
                        .group = group,
                        .lane = il_lane_get_index (lane),
                        .y = y,
                        .bar = density->bar,
                        .gap = density->gap,
                        .lower = density->lower,
                        .margin = density->margin / 2,
                        .font_size = density->font_size };

      row.height = row.bar + row.gap + row.lower + density->margin;
      g_array_append_val (plan, row);
      y += row.height;
    }
  return collapsed ? y - GROUP_PADDING + 2 : y + 2;
}

/**
 * il_timeline_plan_rows:
 * @height: (out): of ruler and rows together
 *
 * Returns: (transfer full) (element-type IlRowPlan): all rows from the top, visible or not
 */
GArray *
il_timeline_plan_rows (IlTimeline *timeline, const IlTimelineView *view, double *height)
{
  GArray *plan = g_array_new (FALSE, FALSE, sizeof (IlRowPlan));
  GPtrArray *groups[IL_N_GROUPS];
  double y = RULER_HEIGHT;

  collect_lanes (timeline, groups);
  for (guint g = 0; g < IL_N_GROUPS; g++)
    {
      if (groups[g]->len > 0)
        y = plan_group (plan, g, groups[g], view->collapsed[g], y);
      g_ptr_array_unref (groups[g]);
    }
  *height = y;
  return plan;
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

  switch (info->kind)
    {
    case IL_LANE_CORE:
      return g_strdup_printf (_ ("Core %u"), info->number);
    case IL_LANE_LOCK:
      return g_strdup_printf (_ ("Lock %s"), info->name);
    case IL_LANE_SEMAPHORE:
      return g_strdup_printf (_ ("Semaphore %s"), info->name);
    case IL_LANE_THREAD:
    case IL_LANE_QUEUE:
    case IL_LANE_COUNTER:
    case IL_N_LANE_KINDS:
    default:
      return g_strdup (info->name);
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
 * il_timeline_label_width:
 * @plan: (element-type IlRowPlan): the rows
 *
 * Estimates without a font what the widest label takes, so that layout needs none.
 *
 * Returns: the width of the labels' column, in logical pixels
 */
double
il_timeline_label_width (IlTimeline *timeline, const GArray *plan)
{
  double widest = 0;

  for (guint i = 0; i < plan->len; i++)
    {
      const IlRowPlan *row = &g_array_index (plan, IlRowPlan, i);

      if (row->kind == IL_BOX_LANE)
        {
          double indent = row->group == IL_GROUP_WORKERS ? 46 : 30;
          g_autofree char *label = il_lane_dup_label (il_timeline_get_lane (timeline, row->lane));

          widest = MAX (widest, indent + il_estimate_text_width (label, row->font_size));
        }
    }
  return CLAMP (widest + 10, 118, 240);
}

/**
 * il_group_get_title:
 *
 * Returns: (transfer none): translated
 */
const char *
il_group_get_title (IlGroup group)
{
  switch (group)
    {
    case IL_GROUP_CORES:
      return _ ("Cores");
    case IL_GROUP_WORKERS:
      return _ ("Workers");
    case IL_GROUP_LOCKS:
      return _ ("Locks");
    case IL_GROUP_QUEUES:
    case IL_N_GROUPS:
    default:
      return _ ("Queues");
    }
}
