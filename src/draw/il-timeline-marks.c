/* il-timeline-marks.c - where marks stand: between ruler and lanes, in lines that they share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A mark covers its range, or what its title takes where that is more.  One that meets another
 * stands a line lower; where no line has room it is told together with the one that it meets.  How
 * many lines there are depends on how many marks there are, not on which are seen: nothing jumps
 * while one pans.
 */

#include "config.h"

#include "il-timeline-describe-private.h"

#include "il-time-format.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define MAX_LINES 3
#define LINE_HEIGHT 20.0
#define BOX_HEIGHT 18.0
#define FOOT 3.0 /* below the last line */
#define GAP 4.0  /* between two in a line */
#define ENOUGH_OF_TITLE 0.6
/* Of these titles are told, where several stand together. */
#define MAX_TOLD 6

static guint
count_lines (const IlTimelineView *view)
{
  return MIN (il_marks_get_n (view->marks), MAX_LINES);
}

/**
 * il_timeline_marks_height:
 *
 * Returns: what they take above the lanes; 0 where there are none
 */
double
il_timeline_marks_height (const IlTimelineView *view)
{
  guint n_lines = count_lines (view);

  return n_lines > 0 ? n_lines * LINE_HEIGHT + FOOT : 0;
}

/**
 * il_layout_get_mark_range:
 * @x0: (out): in logical pixels, within the axis, as is @x1; at least one pixel apart
 *
 * Returns: FALSE where nothing of the mark's range is seen
 */
gboolean
il_layout_get_mark_range (const IlTimelineLayout *layout, const IlMark *mark, double *x0,
                          double *x1)
{
  double left = il_timeline_layout_get_plot_x (layout);
  double right = left + il_timeline_layout_get_plot_width (layout);
  gint64 end_ns = MAX (MIN (mark->end_ns, layout->end_ns), mark->begin_ns);

  if (mark->begin_ns >= layout->view.end_ns || end_ns < layout->view.begin_ns || right <= left)
    return FALSE;
  *x0 = CLAMP (il_timeline_layout_time_to_x (layout, mark->begin_ns), left, right - 1);
  *x1 = CLAMP (il_timeline_layout_time_to_x (layout, end_ns), *x0 + 1, right);
  return TRUE;
}

static IlBox *
get_box (const IlTimelineLayout *layout, const IlMarkItem *item)
{
  return &g_array_index (layout->boxes, IlBox, item->box);
}

/* The item in that line that a box would come too close to; NULL: it has room. */
static IlMarkItem *
find_in_the_way (const IlTimelineLayout *layout, guint line, const IlBox *box)
{
  for (guint i = 0; i < layout->mark_items->len; i++)
    {
      IlMarkItem *item = &g_array_index (layout->mark_items, IlMarkItem, i);
      const IlBox *other = get_box (layout, item);

      if (item->line == line && (double)box->x < (double)other->x + other->width + GAP
          && (double)other->x < (double)box->x + box->width + GAP)
        return item;
    }
  return NULL;
}

static void
add_item (IlTimelineLayout *layout, guint line, guint index, IlBox *box)
{
  IlMarkItem item = { .first = index,
                      .n_marks = 1,
                      .severity = il_marks_get (layout->view.marks, index)->severity,
                      .line = line,
                      .box = layout->boxes->len };
  guint32 home = layout->mark_items->len;

  box->y = (float)(il_layout_logical (layout, layout->ruler_bottom) + line * LINE_HEIGHT);
  box->value = home;
  g_array_append_val (layout->boxes, *box);
  g_array_append_val (layout->mark_items, item);
  g_array_append_val (layout->mark_homes, home);
}

/* What a title would have.  One that has room for most of it begins where its time does: it is
 * rather cut than said to have begun before that. */
static double
title_width (const IlMark *mark, double x0, double x1, double right)
{
  double width = IL_MARK_TEXT_X + il_estimate_text_width (mark->title, IL_MARK_FONT) + 6;

  return x1 - x0 >= ENOUGH_OF_TITLE * width ? MIN (width, right - x0) : width;
}

static void
place_mark (IlTimelineLayout *layout, guint index)
{
  const IlMark *mark = il_marks_get (layout->view.marks, index);
  double left = il_timeline_layout_get_plot_x (layout);
  double right = left + il_timeline_layout_get_plot_width (layout);
  guint n_lines = count_lines (&layout->view);
  guint32 home = G_MAXUINT32;
  IlMarkItem *met = NULL;
  IlBox box = { .kind = IL_BOX_MARK,
                .group = IL_N_GROUPS,
                .height = BOX_HEIGHT,
                .lane = mark->n_lanes > 0 ? mark->lanes[0] : G_MAXUINT32 };
  double x0, x1, width;

  if (!il_layout_get_mark_range (layout, mark, &x0, &x1))
    {
      g_array_append_val (layout->mark_homes, home);
      return;
    }
  width = title_width (mark, x0, x1, right);
  width = MIN (MAX (width, x1 - x0), right - left);
  box.x = (float)MAX (MIN (x0, right - width), left);
  box.width = (float)width;
  for (guint line = 0; line < n_lines; line++)
    {
      IlMarkItem *other = find_in_the_way (layout, line, &box);

      if (other == NULL)
        {
          add_item (layout, line, index, &box);
          return;
        }
      met = other;
    }
  home = (guint32)(met - (IlMarkItem *)(gpointer)layout->mark_items->data);
  met->n_marks++;
  met->severity = MAX (met->severity, mark->severity);
  g_array_append_val (layout->mark_homes, home);
}

/**
 * il_timeline_add_marks:
 *
 * Appends the boxes of the marks that are seen, the gravest first.
 */
void
il_timeline_add_marks (IlTimelineLayout *layout)
{
  for (guint i = 0; i < il_marks_get_n (layout->view.marks); i++)
    place_mark (layout, i);
}

/**
 * il_mark_item_dup_label:
 *
 * Returns: (transfer full): the title, and how many more there are
 */
char *
il_mark_item_dup_label (const IlTimelineLayout *layout, const IlMarkItem *item)
{
  const char *title = il_marks_get (layout->view.marks, item->first)->title;

  if (item->n_marks == 1)
    return g_strdup (title);
  /* Translators: so many more findings stand at the same place: "(+3) Deadlock: Worker 1" */
  return g_strdup_printf (_ ("(+%u) %s"), item->n_marks - 1, title);
}

/* ---- Words ---- */

static char *
range_of (const IlTimelineLayout *layout, const IlMark *mark)
{
  g_autofree char *since = NULL;

  if (mark->end_ns < layout->end_ns)
    return il_words_range (mark->begin_ns, mark->end_ns);
  since = il_format_time (mark->begin_ns, MAX ((layout->end_ns - mark->begin_ns) / 1000, 1));
  return g_strdup_printf (_ ("since %s"), since);
}

/**
 * il_timeline_describe_mark:
 * @box: of a mark
 *
 * Returns: (transfer full): the mark's title, its full text and its time; of several, their titles
 *   and texts
 */
char *
il_timeline_describe_mark (const IlTimelineLayout *layout, const IlBox *box)
{
  const IlMarkItem *item = &g_array_index (layout->mark_items, IlMarkItem, box->value);
  const IlMark *first = il_marks_get (layout->view.marks, item->first);
  g_autofree char *range = range_of (layout, first);
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_told = 0;

  if (item->n_marks == 1)
    return g_strdup_printf ("%s\n%s\n%s", first->title, first->text, range);
  g_string_append_printf (text, ngettext ("%u finding", "%u findings", item->n_marks),
                          item->n_marks);
  for (guint i = item->first; i < layout->mark_homes->len && n_told < MAX_TOLD; i++)
    if (g_array_index (layout->mark_homes, guint32, i) == box->value)
      {
        const IlMark *mark = il_marks_get (layout->view.marks, i);

        g_string_append_printf (text, "\n%s\n%s", mark->title, mark->text);
        n_told++;
      }
  if (item->n_marks > n_told)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, ngettext ("and %u more", "and %u more", item->n_marks - n_told),
                              item->n_marks - n_told);
    }
  return g_strdup (text->str);
}

static gboolean
is_evidence (const IlMark *mark, guint32 lane)
{
  for (guint i = 0; i < mark->n_lanes; i++)
    if (mark->lanes[i] == lane)
      return TRUE;
  return FALSE;
}

/**
 * il_words_add_marks:
 *
 * Adds the titles of what the lane is evidence of at the point.
 */
void
il_words_add_marks (IlWords *words)
{
  const IlMarks *marks = words->layout->view.marks;
  guint n_told = 0;

  for (guint i = 0; i < il_marks_get_n (marks) && n_told < MAX_TOLD; i++)
    {
      const IlMark *mark = il_marks_get (marks, i);

      if (mark->begin_ns < words->end_ns && mark->end_ns >= words->begin_ns
          && is_evidence (mark, il_lane_get_index (words->lane)))
        {
          il_words_add (words, g_strdup (mark->title));
          n_told++;
        }
    }
}

/**
 * il_timeline_get_mark:
 * @box: of a mark
 *
 * Returns: (transfer none): the mark that stands there, of several the first; as long as @layout
 */
const IlMark *
il_timeline_get_mark (const IlTimelineLayout *layout, const IlBox *box)
{
  const IlMarkItem *item;

  g_return_val_if_fail (layout != NULL && box != NULL && box->kind == IL_BOX_MARK, NULL);

  item = &g_array_index (layout->mark_items, IlMarkItem, box->value);
  return il_marks_get (layout->view.marks, item->first);
}
