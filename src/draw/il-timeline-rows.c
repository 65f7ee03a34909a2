/* il-timeline-rows.c - which rows a picture has, and how high they are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of what a row's height depends on only one thing changes with the visible range: whether threads
 * live in it at all.  Nothing else jumps while one pans and zooms.
 */

#include "config.h"

#include "il-timeline-layout-private.h"

#include <string.h>

#define RULER_HEIGHT 26.0
#define GROUP_HEIGHT 24.0
#define GROUP_PADDING 6.0
#define SUBGROUP_HEIGHT 22.0
#define SUBGROUP_FONT 11.0
#define PROCESS_INDENT 9.0
/* So few coroutines stand below their carriers without a header. */
#define FEW_COROUTINES 16
/* Of thread_densities: the second line's number, and one that it holds for. */
#define MANY_THREADS 32
#define FEW_THREADS 17

/* The more lanes, the lower: the first line whose number is not exceeded is taken. */
typedef struct
{
  guint n_lanes;
  double strips[IL_MAX_STRIPS];
  double gap, margin, font_size;
} Density;

static const Density core_densities[] = { { 8, { 18, 12 }, 2, 8, 13 },
                                          { 24, { 12, 7 }, 1, 4, 11 },
                                          { G_MAXUINT, { 7, 4 }, 1, 2, 9 } };
static const Density thread_densities[] = { { 16, { 22 }, 0, 8, 13 },
                                            { 32, { 14 }, 0, 4, 11 },
                                            { 1200, { 10 }, 0, 2, 9 },
                                            { 12000, { 2 }, 0, 0, 0 },
                                            { G_MAXUINT, { 1 }, 0, 0, 0 } };
static const Density lock_densities[] = { { 8, { 17, 14 }, 3, 8, 13 },
                                          { 24, { 11, 8 }, 2, 4, 11 },
                                          { G_MAXUINT, { 7, 5 }, 1, 2, 9 } };
static const Density rwlock_densities[] = { { 8, { 17, 22, 14 }, 3, 8, 13 },
                                            { 24, { 11, 14, 8 }, 2, 4, 11 },
                                            { G_MAXUINT, { 7, 7, 5 }, 1, 2, 9 } };
static const Density queue_densities[]
    = { { 4, { 50 }, 0, 10, 13 }, { 12, { 30 }, 0, 6, 11 }, { G_MAXUINT, { 14 }, 0, 3, 9 } };
static const Density channel_densities[] = { { 4, { 36, 14 }, 3, 10, 13 },
                                             { 12, { 22, 8 }, 2, 6, 11 },
                                             { G_MAXUINT, { 9, 5 }, 1, 3, 9 } };
static const Density semaphore_densities[] = { { 4, { 30, 14 }, 3, 8, 13 },
                                               { 12, { 18, 8 }, 2, 5, 11 },
                                               { G_MAXUINT, { 9, 5 }, 1, 2, 9 } };
static const Density event_densities[] = { { 8, { 12, 16 }, 3, 8, 13 },
                                           { 24, { 8, 10 }, 2, 4, 11 },
                                           { G_MAXUINT, { 5, 5 }, 1, 2, 9 } };
static const Density signal_densities[]
    = { { 8, { 34 }, 0, 10, 13 }, { 24, { 18 }, 0, 5, 11 }, { G_MAXUINT, { 11 }, 0, 2, 9 } };

/* Of what one thread waits for at a time there is nothing to see but that. */
static const Density single_densities[]
    = { { 8, { 14 }, 0, 8, 13 }, { 24, { 11 }, 0, 4, 11 }, { G_MAXUINT, { 9 }, 0, 2, 9 } };

static const Density *
find_density (const IlLaneInfo *info, IlLaneKind look, guint n_lanes)
{
  static const Density *const tables[IL_N_LANE_KINDS] = {
    [IL_LANE_THREAD] = thread_densities,    [IL_LANE_CORE] = core_densities,
    [IL_LANE_LOCK] = lock_densities,        [IL_LANE_SEMAPHORE] = semaphore_densities,
    [IL_LANE_QUEUE] = queue_densities,      [IL_LANE_COUNTER] = queue_densities,
    [IL_LANE_RWLOCK] = rwlock_densities,    [IL_LANE_EVENT] = event_densities,
    [IL_LANE_CONDITION] = signal_densities, [IL_LANE_BARRIER] = signal_densities,
    [IL_LANE_CHANNEL] = channel_densities,  [IL_LANE_FILE] = queue_densities,
  };
  const Density *density = look == info->kind ? tables[look] : single_densities;

  while (n_lanes > density->n_lanes)
    density++;
  return density;
}

/* ---- Rows ---- */

static double
plan_header (IlPlan *plan, IlGroup group, double y)
{
  IlRowPlan header = { .kind = IL_BOX_GROUP,
                       .group = group,
                       .lane = G_MAXUINT32,
                       .y = y,
                       .height = GROUP_HEIGHT,
                       .font_size = 13 };

  g_array_append_val (plan->rows, header);
  return y + GROUP_HEIGHT + GROUP_PADDING;
}

/* Where there are so many workers that theirs are low, the rows of who carries and feeds them are
 * not. */
static guint
count_for_density (const IlPlan *plan, IlGroup group, const IlLaneInfo *info)
{
  guint n_lanes = plan->groups[group]->len;

  /* There may be many queues of the pool's beside few channels. */
  if (group == IL_GROUP_QUEUES)
    return plan->n_of_kind[info->kind];
  if (info->kind != IL_LANE_THREAD || info->role == IL_LANE_ROLE_WORKER || n_lanes <= MANY_THREADS)
    return n_lanes;
  return MIN (MAX (n_lanes - MIN (plan->workers.n_workers, n_lanes), FEW_THREADS), n_lanes);
}

static double
plan_lane (IlPlan *plan, IlGroup group, const IlLane *lane, double indent, double y)
{
  const IlLaneInfo *info = il_lane_get_info (lane);
  guint n_lanes = count_for_density (plan, group, info);
  const Density *density
      = find_density (info, il_lane_get_look (lane, plan->is_of_program), n_lanes * plan->crowding);
  IlRowPlan row = { .kind = IL_BOX_LANE,
                    .group = group,
                    .lane = il_lane_get_index (lane),
                    .indent = indent,
                    .y = y,
                    .height = density->margin,
                    .margin = density->margin / 2,
                    .gap = density->gap,
                    .font_size = density->font_size };

  for (guint i = 0; i < IL_MAX_STRIPS; i++)
    {
      row.strips[i] = density->strips[i];
      row.height += density->strips[i] + (i > 0 && density->strips[i] > 0 ? density->gap : 0);
    }
  il_row_plan_amounts (&row, lane, plan->groups[group]->len);
  g_array_append_val (plan->rows, row);
  return y + row.height;
}

/* Of threads: how many from @first on belong under one header; 0: they have none. */
static guint
count_subgroup (const IlPlan *plan, const GPtrArray *lanes, guint first)
{
  const IlLaneInfo *info = il_lane_get_info (g_ptr_array_index (lanes, first));
  const IlLaneInfo *before
      = first > 0 ? il_lane_get_info (g_ptr_array_index (lanes, first - 1)) : NULL;
  gboolean by_process = il_plan_has_processes (plan);
  guint n = 0;

  if (info->kind != IL_LANE_THREAD)
    return 0;
  if (by_process ? before != NULL && before->pid == info->pid
                 : info->scheduler != IL_SCHEDULER_CARRIER
                       || (before != NULL && before->scheduler == IL_SCHEDULER_CARRIER))
    return 0;
  for (guint i = first; i < lanes->len; i++, n++)
    {
      const IlLaneInfo *other = il_lane_get_info (g_ptr_array_index (lanes, i));

      if (by_process ? other->pid != info->pid : other->scheduler != IL_SCHEDULER_CARRIER)
        break;
    }
  return by_process || n > FEW_COROUTINES ? n : 0;
}

static double
plan_group (IlPlan *plan, IlGroup group, gboolean collapsed, double y)
{
  const GPtrArray *lanes = plan->groups[group];
  double indent = 0;

  y = plan_header (plan, group, y);
  if (collapsed)
    return y - GROUP_PADDING + 2;
  for (guint i = 0; i < lanes->len; i++)
    {
      const IlLane *lane = g_ptr_array_index (lanes, i);
      IlRowPlan header = { .kind = IL_BOX_SUBGROUP,
                           .group = group,
                           .lane = il_lane_get_index (lane),
                           .n_lanes = count_subgroup (plan, lanes, i),
                           .y = y,
                           .height = SUBGROUP_HEIGHT,
                           .font_size = SUBGROUP_FONT };
      /* A process of one thread is called as that, and needs no header. */
      gboolean is_process = plan->is_of_program && header.n_lanes == 1;

      if (header.n_lanes > 0 && !is_process)
        {
          g_array_append_val (plan->rows, header);
          y += SUBGROUP_HEIGHT;
        }
      if (header.n_lanes > 0)
        indent = plan->is_of_program && !is_process ? PROCESS_INDENT : 0;
      y = plan_lane (plan, group, lane, indent, y);
    }
  return y + 2;
}

/* Estimates without a font what the widest label takes, so that layout needs none. */
static double
estimate_label_width (const IlPlan *plan)
{
  double widest = 0;

  for (guint i = 0; i < plan->rows->len; i++)
    {
      const IlRowPlan *row = &g_array_index (plan->rows, IlRowPlan, i);

      if (row->kind == IL_BOX_LANE && row->font_size > 0)
        {
          double indent = (row->group == IL_GROUP_WORKERS ? 46 : 30) + row->indent;
          g_autofree char *label
              = il_lane_dup_label (il_timeline_get_lane (plan->timeline, row->lane));

          widest = MAX (widest, indent + il_estimate_text_width (label, row->font_size));
        }
    }
  return CLAMP (widest + 10, 118, 240);
}

static guint
get_collapsed (const IlTimelineView *view)
{
  guint collapsed = 0;

  for (guint g = 0; g < IL_N_GROUPS; g++)
    collapsed |= view->collapsed[g] ? 1u << g : 0;
  return collapsed;
}

/**
 * il_plan_new:
 * @view: of it only which groups are collapsed, the crowding, which lanes are to have rows, how
 *   many marks there are and what they name, and whose lives are in the range
 *
 * Returns: (transfer full): all rows from the top, visible or not
 */
IlPlan *
il_plan_new (IlTimeline *timeline, const IlTimelineView *view)
{
  IlPlan *plan = g_new0 (IlPlan, 1);

  plan->n_references = 1;
  plan->timeline = il_timeline_ref (timeline);
  plan->n_lanes = il_timeline_get_n_lanes (timeline);
  plan->n_claims = il_timeline_get_n_claims (timeline);
  plan->collapsed = get_collapsed (view);
  plan->crowding = MAX (view->crowding, 1);
  plan->only = g_array_new (FALSE, FALSE, sizeof (guint));
  if (view->n_only > 0)
    g_array_append_vals (plan->only, view->only, view->n_only);
  plan->lane_numbers = g_new0 (guint32, MAX (plan->n_lanes, 1));
  plan->rows = g_array_sized_new (FALSE, FALSE, sizeof (IlRowPlan), plan->n_lanes + IL_N_GROUPS);
  il_plan_collect_lanes (plan, view);
  plan->top = RULER_HEIGHT + il_timeline_marks_height (view);
  plan->height = plan->top;
  plan->n_amounts = il_plan_count_amounts (plan);
  for (guint g = plan->only->len > 0 ? IL_GROUP_CORES + 1 : 0; g < IL_N_GROUPS; g++)
    if (plan->groups[g]->len > 0 || (g == IL_GROUP_WORKERS && plan->threads->len > 0))
      plan->height = plan_group (plan, (IlGroup)g, view->collapsed[g], plan->height);
  plan->label_width = estimate_label_width (plan);
  return plan;
}

/**
 * il_plan_ref:
 *
 * Returns: (transfer full): @plan; of one thread
 */
IlPlan *
il_plan_ref (IlPlan *plan)
{
  plan->n_references++;
  return plan;
}

/**
 * il_plan_unref:
 * @plan: (nullable): or NULL
 */
void
il_plan_unref (IlPlan *plan)
{
  if (plan == NULL || --plan->n_references > 0)
    return;
  for (guint g = 0; g < IL_N_GROUPS; g++)
    g_ptr_array_unref (plan->groups[g]);
  g_ptr_array_unref (plan->unused);
  g_ptr_array_unref (plan->named);
  if (plan->marks != NULL)
    il_marks_unref (plan->marks);
  g_ptr_array_unref (plan->threads);
  g_free (plan->absent);
  g_array_unref (plan->rows);
  g_array_unref (plan->only);
  g_free (plan->lane_numbers);
  il_timeline_unref (plan->timeline);
  g_free (plan);
}

static gboolean
has_same_lanes (const IlPlan *plan, const IlTimelineView *view)
{
  return plan->only->len == view->n_only
         && (view->n_only == 0
             || memcmp (plan->only->data, view->only, view->n_only * sizeof *view->only) == 0);
}

/**
 * il_plan_fits:
 * @plan: (nullable): made before
 *
 * Returns: whether it is what il_plan_new() would make now
 */
gboolean
il_plan_fits (const IlPlan *plan, IlTimeline *timeline, const IlTimelineView *view)
{
  if (plan == NULL || plan->timeline != timeline
      || plan->n_lanes != il_timeline_get_n_lanes (timeline)
      || plan->n_claims != il_timeline_get_n_claims (timeline)
      || plan->collapsed != get_collapsed (view)
      || plan->top != RULER_HEIGHT + il_timeline_marks_height (view) || // NOLINT: unchanged
      plan->crowding != MAX (view->crowding, 1) || !has_same_lanes (plan, view))
    return FALSE;
  return il_plan_lanes_fit (plan, view) && plan->n_amounts == il_plan_count_amounts (plan);
}

/**
 * il_plan_find_row:
 * @y: unscrolled
 *
 * Returns: the first row that ends below @y; their number where none does
 */
guint
il_plan_find_row (const IlPlan *plan, double y)
{
  guint low = 0;
  guint high = plan->rows->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const IlRowPlan *row = &g_array_index (plan->rows, IlRowPlan, middle);

      if (row->y + row->height <= y)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}
