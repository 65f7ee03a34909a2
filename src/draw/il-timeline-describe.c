/* il-timeline-describe.c - what stands at a point, in sentences
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For a tooltip and for who hears the picture instead of seeing it.  The first line is a heading
 * that stands for itself.
 */

#include "config.h"

#include "il-timeline-describe-private.h"

#include "il-time-format.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/**
 * il_words_add:
 *
 * Adds a line, of which it takes ownership; nothing where it is NULL.
 */
void
il_words_add (IlWords *words, char *line)
{
  if (line == NULL)
    return;
  if (words->text->len > 0)
    g_string_append_c (words->text, '\n');
  g_string_append (words->text, line);
  g_free (line);
}

/* Fine enough to tell the two ends of a length apart to three digits. */
static gint64
resolution_for (gint64 length_ns)
{
  return MAX (length_ns / 1000, 1);
}

/**
 * il_words_range:
 *
 * Returns: (transfer full): "11.981 602 s – 11.983 714 s"
 */
char *
il_words_range (gint64 begin_ns, gint64 end_ns)
{
  gint64 resolution_ns = resolution_for (end_ns - begin_ns);
  g_autofree char *from = il_format_time (begin_ns, resolution_ns);
  g_autofree char *to = il_format_time (end_ns, resolution_ns);

  /* Translators: from one moment to another */
  return g_strdup_printf (_ ("%s – %s"), from, to);
}

/**
 * il_words_moment:
 *
 * Returns: (transfer full): the moment at the point, as exactly as its column
 */
char *
il_words_moment (const IlWords *words)
{
  return il_format_time ((words->begin_ns + words->end_ns) / 2,
                         MAX (words->end_ns - words->begin_ns, 1));
}

/**
 * il_words_name:
 *
 * Returns: (transfer none): what a lane is called; never NULL
 */
const char *
il_words_name (const IlWords *words, guint32 lane)
{
  if (lane >= il_timeline_get_n_lanes (words->timeline))
    return _ ("another thread");
  return il_lane_get_info (il_timeline_get_lane (words->timeline, lane))->name;
}

/**
 * il_words_object:
 *
 * Returns: (transfer full): "lock A", "semaphore disk", "queue items", for within a sentence, also
 *   of an object that has no lane
 */
char *
il_words_object (const IlWords *words, guint32 object)
{
  const IlLane *lane = il_timeline_get_object_lane (words->timeline, object);
  const char *name = il_timeline_get_object_name (words->timeline, object);

  if (il_name_says_kind (name))
    return g_strdup (il_name_get_shown (name));
  switch (lane != NULL ? il_lane_get_info (lane)->kind : IL_N_LANE_KINDS)
    {
    case IL_LANE_LOCK:
      return g_strdup_printf (_ ("lock %s"), name);
    case IL_LANE_SEMAPHORE:
      return g_strdup_printf (_ ("semaphore %s"), name);
    case IL_LANE_QUEUE:
      return g_strdup_printf (_ ("queue %s"), name);
    case IL_LANE_RWLOCK:
      return g_strdup_printf (_ ("readers-writer lock %s"), name);
    case IL_LANE_EVENT:
      if (il_lane_get_info (lane)->parameter == IL_LANE_PARAMETER_JOIN)
        /* Translators: as in "Worker 1 waited 2.1 ms for spawned tasks" */
        return g_strdup (_ ("spawned tasks"));
      return g_strdup_printf (_ ("event %s"), name);
    case IL_LANE_CONDITION:
      return g_strdup_printf (_ ("condition %s"), name);
    case IL_LANE_BARRIER:
      return g_strdup_printf (_ ("barrier %s"), name);
    case IL_LANE_CHANNEL:
      return g_strdup_printf (_ ("channel %s"), name);
    case IL_LANE_FILE:
      return g_strdup_printf (_ ("file %s"), name);
    case IL_LANE_THREAD:
    case IL_LANE_CORE:
    case IL_LANE_COUNTER:
    case IL_N_LANE_KINDS:
    default:
      return g_strdup (name);
    }
}

/**
 * il_words_value_at:
 *
 * Returns: FALSE where no value is known at that moment
 */
gboolean
il_words_value_at (const IlWords *words, const IlSeries *series, gint64 time_ns, guint32 *value)
{
  IlSpan span;

  if (series == NULL || !il_series_find (series, time_ns, words->known_ns, NULL, &span))
    return FALSE;
  *value = span.code;
  return TRUE;
}

/**
 * il_words_holder_at:
 *
 * Returns: the lane that holds a lock, but not to read, or that runs on a core, at a moment;
 *   G_MAXUINT32: none
 */
guint32
il_words_holder_at (const IlWords *words, const IlLane *lane, gint64 time_ns)
{
  guint32 code = 0;

  if (lane == NULL || !il_words_value_at (words, il_lane_get_states (lane), time_ns, &code)
      || IL_CODE_STATE (code) == IL_STATE_NONE || IL_CODE_STATE (code) == IL_STATE_BUSY
      || IL_CODE_SUBJECT (code) == 0)
    return G_MAXUINT32;
  return IL_CODE_SUBJECT (code) - 1;
}

/* ---- What has no box of its own ---- */

static void
describe_thread (IlWords *words)
{
  const IlLaneInfo *info = words->info;

  il_words_add (words, g_strdup (info->name));
  if (info->process_name != NULL && *info->process_name != '\0' && info->tid != 0)
    il_words_add (words, g_strdup_printf (_ ("Process %s (%d), thread %d"), info->process_name,
                                          info->pid, info->tid));
  else if (info->tid != 0)
    il_words_add (words, g_strdup_printf (_ ("Process %d, thread %d"), info->pid, info->tid));
  else
    il_words_add (words, g_strdup_printf (_ ("Process %d"), info->pid));
  if (info->scheduler == IL_SCHEDULER_EXACT)
    il_words_add (words, g_strdup (_ ("When it was on a core is exact (perf)")));
  else if (info->scheduler == IL_SCHEDULER_SAMPLED)
    il_words_add (words, g_strdup (_ ("When it was on a core is sampled (/proc)")));
  else if (info->scheduler == IL_SCHEDULER_CARRIER)
    il_words_add (words, g_strdup (_ ("A coroutine: when it ran is exact")));
  else
    il_words_add (words, g_strdup (_ ("When it was on a core is not known")));
  il_words_add (words, il_words_dup_ending (words));
}

/**
 * il_words_capitalized:
 *
 * Returns: (transfer full): with its first letter in upper case
 */
char *
il_words_capitalized (const char *text)
{
  g_autofree char *first = NULL;
  const char *rest = g_utf8_next_char (text);

  if (*text == '\0')
    return g_strdup (text);
  first = g_utf8_strup (text, rest - text);
  return g_strconcat (first, rest, NULL);
}

/* At a lane's name, or where nothing is known of it. */
static void
describe_lane (IlWords *words)
{
  g_autofree char *object = NULL;
  g_autofree char *heading = NULL;

  if (words->info->kind == IL_LANE_THREAD)
    {
      describe_thread (words);
      return;
    }
  if (words->info->kind == IL_LANE_CORE || words->info->kind == IL_LANE_COUNTER)
    {
      il_words_add (words, g_strdup (words->label));
      il_words_add_totals (words);
      return;
    }
  object = il_words_object (words, il_lane_get_object (words->lane));
  heading = il_words_capitalized (object);
  il_words_add (words, g_steal_pointer (&heading));
  il_words_add_totals (words);
}

/* Before a thread's begin, or after its end; NULL at all other times, and of one of which nothing
 * is known so far. */
static char *
dup_absence (const IlWords *words, gint64 time_ns)
{
  gint64 begin_ns = il_lane_get_begin (words->lane);
  gint64 end_ns = il_lane_get_end (words->lane);
  g_autofree char *when = NULL;

  if (words->info->kind != IL_LANE_THREAD || begin_ns >= end_ns)
    return NULL;
  if (time_ns < begin_ns && time_ns >= 0)
    {
      when = il_format_time (begin_ns, 1000000);
      /* Translators: a thread's name, when */
      return g_strdup_printf (_ ("%s did not exist yet: it began at %s"), words->info->name, when);
    }
  if (time_ns < end_ns)
    return NULL;
  when = il_words_dup_ending (words);
  if (when != NULL)
    return g_steal_pointer (&when);
  when = il_format_time (end_ns, 1000000);
  /* Translators: a thread's name, when */
  return g_strdup_printf (_ ("%s ended at %s"), words->info->name, when);
}

/* In the plot, but on no box: nobody was there. */
static void
describe_nothing (IlWords *words)
{
  g_autofree char *moment = il_words_moment (words);
  g_autofree char *object = NULL;
  g_autofree char *heading = NULL;
  gint64 middle_ns = (words->begin_ns + words->end_ns) / 2;

  object = dup_absence (words, middle_ns);
  if (object != NULL)
    {
      il_words_add (words, g_steal_pointer (&object));
      return;
    }
  if (middle_ns < MAX (il_lane_get_begin (words->lane), 0) || middle_ns >= words->known_ns
      || middle_ns >= il_lane_get_end (words->lane))
    {
      il_words_add (words,
                    g_strdup_printf (_ ("Nothing is known of %s at %s"), words->label, moment));
      return;
    }
  switch (words->info->kind)
    {
    case IL_LANE_CORE:
      il_words_add (words, g_strdup_printf (_ ("%s: no thread of the session ran at %s"),
                                            words->label, moment));
      break;
    case IL_LANE_LOCK:
    case IL_LANE_RWLOCK:
      object = il_words_object (words, il_lane_get_object (words->lane));
      heading = il_words_capitalized (object);
      il_words_add (words, g_strdup_printf (_ ("%s was free at %s"), heading, moment));
      break;
    case IL_LANE_THREAD:
    case IL_LANE_SEMAPHORE:
    case IL_LANE_QUEUE:
    case IL_LANE_COUNTER:
    case IL_N_LANE_KINDS:
    default:
      describe_lane (words);
    }
}

/* ---- Which of these ---- */

static void
init_words (IlWords *words, IlTimeline *timeline, const IlTimelineLayout *layout, int x,
            guint32 lane)
{
  double bin = 0;

  words->timeline = timeline;
  words->layout = layout;
  words->known_ns = layout->end_ns;
  words->text = g_string_new (NULL);
  words->lane = il_timeline_get_lane (timeline, lane);
  words->info = il_lane_get_info (words->lane);
  words->label = il_lane_dup_label (words->lane);
  if (layout->n_columns > 0)
    bin = floor ((double)(x - layout->plot_x) * layout->columns.n / layout->n_columns);
  words->bin = (guint)CLAMP (bin, 0, MAX (layout->columns.n, 1) - 1);
  if (layout->columns.n > 0)
    {
      words->begin_ns = il_layout_bin_to_time (layout, words->bin);
      words->end_ns = MAX (il_layout_bin_to_time (layout, words->bin + 1), words->begin_ns + 1);
    }
}

static char *
describe_in_lane (IlTimeline *timeline, const IlTimelineLayout *layout, const IlBox *box,
                  const IlStrip *strip, const IlRow *row, int x)
{
  IlWords words = { 0 };
  const IlBox *beside = NULL;

  /* Between the strips stands what the ribbon says, not that nothing was there. */
  if (strip == NULL && box->kind == IL_BOX_LANE && x >= layout->plot_x
      && x < layout->plot_x + layout->n_columns)
    strip = il_layout_find_ribbon (layout, row, x, &beside);
  if (beside != NULL)
    box = beside;
  init_words (&words, timeline, layout, x, box->lane);
  if (strip != NULL
      && (box->kind == IL_BOX_LEVEL || (box->kind == IL_BOX_LOST && strip->kind == IL_STRIP_LEVEL)))
    il_words_describe_level (&words, strip, box);
  else if (box->kind != IL_BOX_LANE && strip != NULL)
    il_words_describe_span (&words, strip, box);
  else if (x >= layout->plot_x && x < layout->plot_x + layout->n_columns)
    describe_nothing (&words);
  else
    describe_lane (&words);
  if (x >= layout->plot_x && x < layout->plot_x + layout->n_columns)
    il_words_add_marks (&words);
  g_free (words.label);
  return g_string_free (words.text, FALSE);
}

static char *
describe_group (const IlTimelineLayout *layout, const IlRow *row)
{
  const char *title = il_group_get_title (layout->plan, row->group);

  return row->fact != NULL ? g_strdup_printf ("%s\n%s", title, row->fact) : g_strdup (title);
}

/**
 * il_timeline_describe:
 * @timeline: that @layout was made of
 * @x: in logical pixels from the picture's left edge
 * @y: in logical pixels from its top
 *
 * Says in full sentences what stands at a point.
 *
 * Returns: (transfer full) (nullable): lines separated by \n, the first one a heading; translated.
 *   NULL where nothing is
 */
char *
il_timeline_describe (IlTimeline *timeline, const IlTimelineLayout *layout, double x, double y)
{
  const IlBox *box;
  const IlStrip *strip;
  const IlRow *row;
  int px, py;

  g_return_val_if_fail (timeline != NULL && layout != NULL, NULL);

  box = il_timeline_pick (layout, x, y);
  if (box == NULL)
    return NULL;
  px = (int)floor (CLAMP (x * layout->view.scale, -1e8, 1e8));
  py = (int)floor (CLAMP (y * layout->view.scale, -1e8, 1e8));
  strip = il_layout_find_strip (layout, px, py, &row);
  switch (box->kind)
    {
    case IL_BOX_RULER:
      if (px < layout->plot_x || px >= layout->plot_x + layout->n_columns)
        return NULL;
      return il_format_time (il_timeline_layout_x_to_time (layout, x),
                             MAX ((gint64)layout->columns.duration_ns, 1));
    case IL_BOX_GROUP:
      return describe_group (layout, row);
    case IL_BOX_SUBGROUP:
      return il_subgroup_dup_title (layout, row);
    case IL_BOX_LANE:
    case IL_BOX_SPAN:
    case IL_BOX_MIXED:
    case IL_BOX_LOST:
    case IL_BOX_LEVEL:
      return describe_in_lane (timeline, layout, box, strip, row, px);
    case IL_BOX_MARK:
      return il_timeline_describe_mark (layout, box);
    case IL_BOX_LEGEND:
      return g_strdup (il_legend_get_label (layout->timeline, box->code));
    case IL_BOX_CAPTION:
      return g_strdup (layout->caption);
    default:
      return NULL;
    }
}
