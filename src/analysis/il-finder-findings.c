/* il-finder-findings.c - what was found, each kind of it once, and handed out in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-finder-private.h"

#define MAX_FOUND 1000 /* findings of different keys: more tell nothing more */

static IlFound *
find_same (const IlFinder *self, const IlFound *found)
{
  for (guint i = 0; i < self->found->len; i++)
    {
      IlFound *other = g_ptr_array_index (self->found, i);

      if (other->kind == found->kind && other->key == found->key)
        return other;
    }
  return NULL;
}

/* Where all who take part count alike, each is told once. */
static void
add_parts (IlFound *found, const IlFound *more)
{
  for (guint i = 0; i < more->n_parts && found->n_parts < IL_FINDER_MAX_PARTS; i++)
    {
      guint j = 0;

      while (j < found->n_parts && found->parts[j].lane != more->parts[i].lane)
        j++;
      if (j == found->n_parts)
        found->parts[found->n_parts++] = more->parts[i];
    }
}

static gboolean
is_about_left (const IlFound *found)
{
  return found->kind == IL_FINDING_ABANDONED || found->kind == IL_FINDING_COPIED;
}

static gboolean
has_wait (const IlFound *found, const IlFinderPart *part)
{
  for (guint i = 0; i < found->n_parts; i++)
    if (found->parts[i].lane == part->lane && found->parts[i].wanted == part->wanted
        && found->parts[i].wanted_ns == part->wanted_ns)
      return TRUE;
  return FALSE;
}

/* Whether all waits of the one are also of the other. */
static gboolean
is_part_of (const IlFound *one, const IlFound *other)
{
  for (guint i = 0; i < one->n_parts; i++)
    if (!has_wait (other, &one->parts[i]))
      return FALSE;
  return TRUE;
}

/* A deadlock that goes on and that this one is all or part of, or the other way round. */
static IlFound *
find_deadlock_with (const IlFinder *self, const IlFound *found)
{
  for (guint i = 0; i < self->found->len; i++)
    {
      IlFound *other = g_ptr_array_index (self->found, i);

      if (other->kind == IL_FINDING_DEADLOCK && other->goes_on
          && (is_part_of (found, other) || is_part_of (other, found)))
        return other;
    }
  return NULL;
}

static IlFound *
find_known (const IlFinder *self, const IlFound *found)
{
  IlFound *same = found->kind == IL_FINDING_DEADLOCK ? find_deadlock_with (self, found) : NULL;

  return same != NULL ? same : find_same (self, found);
}

/* More have come to wait in a deadlock that is known: it began when it did, and is looked at where
 * it was. */
static void
extend_deadlock (IlFound *known, const IlFound *found)
{
  const guint first = known->parts[0].lane;
  const gint64 from_ns = known->from_ns;
  guint start = 0;

  while (start + 1 < found->n_parts && found->parts[start].lane != first)
    start++;
  *known = *found;
  known->from_ns = from_ns;
  for (guint i = 0; i < found->n_parts; i++)
    known->parts[i] = found->parts[(start + i) % found->n_parts];
}

/* That of the same lock goes on, and was known to keep as many waiting. */
static gboolean
is_known (const IlFound *same, const IlFound *found)
{
  return same->goes_on && is_about_left (found) && found->n_others <= same->n_others;
}

/* Under the lock. */
static void
note (IlFinder *self, const IlFound *found)
{
  IlFound *same = find_known (self, found);

  self->goes_on = self->goes_on || found->goes_on;
  if (same == NULL && self->found->len < MAX_FOUND)
    g_ptr_array_add (self->found, g_memdup2 (found, sizeof *found));
  else if (same != NULL && found->kind == IL_FINDING_DEADLOCK && same->goes_on)
    {
      if (found->n_parts > same->n_parts)
        extend_deadlock (same, found);
    }
  else if (same != NULL && !is_known (same, found))
    {
      gint64 from_ns = same->from_ns;
      guint64 count = same->count + found->count;
      gint64 worth = same->worth + found->worth;

      /* The worst one so far is told, over all the time that it came back. */
      if (found->kind == IL_FINDING_SERIALISED || found->kind == IL_FINDING_HELD_WAITING
          || found->kind == IL_FINDING_STRAGGLER
          || (found->kind == IL_FINDING_HELD_LONG && found->is_kept)
          || (is_about_left (found) && (found->goes_on || same->length_ns == 0)))
        {
          *same = *found;
          count = found->count;
        }
      else if (found->kind == IL_FINDING_FORSAKEN || found->kind == IL_FINDING_GIVEN_UP)
        add_parts (same, found);
      else if (found->length_ns >= same->length_ns)
        *same = *found;
      same->from_ns = MIN (from_ns, found->from_ns);
      same->to_ns = MAX (same->to_ns, found->to_ns);
      same->count = count;
      same->worth = worth;
    }
}

void
il_finder_report (IlFinder *self, const IlFound *found)
{
  il_finder_report_all (self, found, 1);
}

/* Nobody is told of some of them without the others. */
void
il_finder_report_all (IlFinder *self, const IlFound *found, guint n_found)
{
  if (n_found == 0)
    return;
  pthread_mutex_lock (&self->mutex);
  for (guint i = 0; i < n_found; i++)
    note (self, &found[i]);
  pthread_mutex_unlock (&self->mutex);
  atomic_fetch_add_explicit (&self->version, 1, memory_order_release); /* [V] */
}

static gboolean
is_deadlock_about (const IlFound *found, guint32 object)
{
  if (found->kind != IL_FINDING_DEADLOCK && found->kind != IL_FINDING_LOCK_ORDER)
    return FALSE;
  for (guint i = 0; i < found->n_parts; i++)
    if (found->parts[i].wanted == object)
      return TRUE;
  return FALSE;
}

/* Of one object; 0: whatever it is about. */
static void
withdraw (IlFinder *self, IlFindingKind kind, guint32 object)
{
  pthread_mutex_lock (&self->mutex);
  for (guint i = self->found->len; i-- > 0;)
    {
      const IlFound *found = g_ptr_array_index (self->found, i);

      if (found->kind == kind && (object == 0 || found->object == object))
        g_ptr_array_remove_index (self->found, i);
    }
  pthread_mutex_unlock (&self->mutex);
  atomic_fetch_add_explicit (&self->version, 1, memory_order_release); /* [V] */
}

/* It was taken for a hang, and was none. */
void
il_finder_withdraw_stuck (IlFinder *self)
{
  withdraw (self, IL_FINDING_STUCK, 0);
}

/* It is told what its holder does, which is more. */
void
il_finder_withdraw_serialised (IlFinder *self, guint32 object)
{
  withdraw (self, IL_FINDING_SERIALISED, object);
}

/* Somebody gave it back after all. */
void
il_finder_withdraw_abandoned (IlFinder *self, guint32 object)
{
  withdraw (self, IL_FINDING_ABANDONED, object);
  withdraw (self, IL_FINDING_COPIED, object);
}

/* It is had no longer, or not known to be. */
void
il_finder_withdraw_long_hold (IlFinder *self, guint32 object)
{
  pthread_mutex_lock (&self->mutex);
  for (guint i = self->found->len; i-- > 0;)
    {
      const IlFound *found = g_ptr_array_index (self->found, i);

      if (found->kind == IL_FINDING_HELD_LONG && found->object == object && found->is_kept)
        g_ptr_array_remove_index (self->found, i);
    }
  pthread_mutex_unlock (&self->mutex);
  atomic_fetch_add_explicit (&self->version, 1, memory_order_release); /* [V] */
}

/* What was taken for a lock is given by others than those who took it: none of them was stuck,
 * nor will be. */
void
il_finder_withdraw_deadlocks (IlFinder *self, guint32 object)
{
  gboolean has_changed = FALSE;

  pthread_mutex_lock (&self->mutex);
  for (guint i = self->found->len; i-- > 0;)
    if (is_deadlock_about (g_ptr_array_index (self->found, i), object))
      {
        g_ptr_array_remove_index (self->found, i);
        has_changed = TRUE;
      }
  pthread_mutex_unlock (&self->mutex);
  if (has_changed)
    atomic_fetch_add_explicit (&self->version, 1, memory_order_release); /* [V] */
}

/**
 * il_finder_get_version:
 *
 * Returns: a number that is another once there is something new to be got
 */
guint
il_finder_get_version (IlFinder *self)
{
  return atomic_load_explicit (&self->version, memory_order_acquire); /* [V] */
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const IlFinding *left = a, *right = b;

  if (left->kind != right->kind)
    return left->kind < right->kind ? -1 : 1;
  if (left->from_ns != right->from_ns)
    return left->from_ns < right->from_ns ? -1 : 1;
  return 0;
}

static void
add_once (GArray *numbers, guint32 number)
{
  for (guint i = 0; i < numbers->len; i++)
    if (g_array_index (numbers, guint32, i) == number)
      return;
  g_array_append_val (numbers, number);
}

static void
add_object (GArray *objects, guint32 object)
{
  if (object != 0)
    add_once (objects, object);
}

static void
list_objects (const IlFound *found, GArray *objects)
{
  if (found->kind != IL_FINDING_DEADLOCK && found->kind != IL_FINDING_STUCK
      && found->kind != IL_FINDING_LOCK_ORDER)
    return;
  for (guint i = 0; i < found->n_parts; i++)
    {
      add_object (objects, found->parts[i].held);
      add_object (objects, found->parts[i].wanted);
    }
}

static void
list_lanes (const IlFound *found, GArray *lanes)
{
  for (guint i = 0; i < found->n_parts; i++)
    add_once (lanes, found->parts[i].lane);
  if (found->has_holder)
    add_once (lanes, found->holder.lane);
}

/* @told: one, or several that are one to who reads of them */
static void
put_into_words (IlFinder *self, const GPtrArray *told, IlFinding *finding)
{
  const IlFound *first = g_ptr_array_index (told, 0);
  GArray *lanes = g_array_new (FALSE, FALSE, sizeof (guint32));
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (guint32));

  *finding = (IlFinding){
    .kind = first->kind,
    .is_kept = first->is_kept,
    .count = first->count,
    .object = first->object,
    .text = il_finder_describe (self->timeline, told),
  };
  for (guint i = 0; i < told->len; i++)
    {
      const IlFound *found = g_ptr_array_index (told, i);

      finding->from_ns = MAX (finding->from_ns, found->from_ns);
      finding->to_ns = MAX (finding->to_ns, found->to_ns);
      finding->goes_on = finding->goes_on || found->goes_on;
      list_lanes (found, lanes);
      list_objects (found, objects);
    }
  if (finding->goes_on)
    finding->to_ns = il_timeline_get_end (self->timeline);
  finding->n_lanes = lanes->len;
  finding->lanes = (guint *)(gpointer)g_array_free (lanes, FALSE);
  finding->n_objects = objects->len;
  finding->objects = (guint32 *)(gpointer)g_array_free (objects, FALSE);
}

static gboolean
has_part (const IlFound *found, const IlFinderPart *part)
{
  for (guint i = 0; i < found->n_parts; i++)
    if (found->parts[i].held == part->held && found->parts[i].wanted == part->wanted)
      return TRUE;
  return FALSE;
}

/* Whether some deadlock is made of just these orders: that tells all that they do, and more. */
static gboolean
is_order_told (const IlFinder *self, const IlFound *order)
{
  for (guint i = 0; i < self->found->len; i++)
    {
      const IlFound *found = g_ptr_array_index (self->found, i);
      guint n = 0;

      if (found->kind != IL_FINDING_DEADLOCK || found->n_parts != order->n_parts)
        continue;
      while (n < order->n_parts && has_part (found, &order->parts[n]))
        n++;
      if (n == order->n_parts)
        return TRUE;
    }
  return FALSE;
}

static gint32
get_pid (const IlFinder *self, const IlFound *found)
{
  return il_lane_get_info (il_timeline_get_lane (self->timeline, found->parts[0].lane))->pid;
}

static gboolean
is_told_by_another (const IlFinder *self, const IlFound *found)
{
  switch (found->kind)
    {
    case IL_FINDING_LOCK_ORDER:
      return is_order_told (self, found);
    case IL_FINDING_HELD_LONG:
      return !il_finder_is_long_hold_told (self, found);
    case IL_FINDING_SERIALISED:
      return il_finder_is_line_long_hold (self, found);
    default:
      return FALSE;
    }
}

/* What all threads of a process lack at one time has one cause, of which it is not known which of
 * them it is.  But who has what another one waits for, and waits itself, is not it: those are told
 * last.  FALSE: it is told with one before it. */
static gboolean
list_told (const IlFinder *self, guint index, GPtrArray *told)
{
  IlFound *found = g_ptr_array_index (self->found, index);

  g_ptr_array_set_size (told, 0);
  if (found->kind != IL_FINDING_STUCK || found->hang == 0)
    {
      g_ptr_array_add (told, found);
      return !is_told_by_another (self, found);
    }
  for (guint has_holder = 0; has_holder <= 1; has_holder++)
    for (guint i = 0; i < self->found->len; i++)
      {
        IlFound *other = g_ptr_array_index (self->found, i);

        if (other->kind != IL_FINDING_STUCK || other->hang != found->hang
            || get_pid (self, other) != get_pid (self, found))
          continue;
        if (i < index)
          return FALSE;
        if ((guint)other->has_holder == has_holder)
          g_ptr_array_add (told, other);
      }
  return TRUE;
}

/**
 * il_finder_get_findings:
 *
 * Returns: (transfer full): what was found so far
 */
IlFindings *
il_finder_get_findings (IlFinder *self)
{
  IlFindings *findings = g_new0 (IlFindings, 1);
  g_autoptr (GPtrArray) told = g_ptr_array_new ();

  pthread_mutex_lock (&self->mutex);
  findings->findings = g_new0 (IlFinding, MAX (self->found->len, 1));
  for (guint i = 0; i < self->found->len; i++)
    if (list_told (self, i, told))
      put_into_words (self, told, &findings->findings[findings->n_findings++]);
  pthread_mutex_unlock (&self->mutex);
  qsort (findings->findings, findings->n_findings, sizeof *findings->findings, compare);
  return findings;
}

static void
clear_finding (IlFinding *finding)
{
  g_free ((gpointer)finding->lanes);
  g_free ((gpointer)finding->objects);
  g_free ((gpointer)finding->text);
}

/**
 * il_findings_restrict:
 * @end_ns: exclusive, but for what was found at the very end
 *
 * Drops what does not meet a range.
 */
void
il_findings_restrict (IlFindings *findings, gint64 begin_ns, gint64 end_ns)
{
  guint n_kept = 0;

  for (guint i = 0; i < findings->n_findings; i++)
    {
      IlFinding *finding = &findings->findings[i];

      if (finding->from_ns <= end_ns && finding->to_ns >= begin_ns)
        findings->findings[n_kept++] = *finding;
      else
        clear_finding (finding);
    }
  findings->n_findings = n_kept;
}

/**
 * il_findings_free:
 * @findings: (nullable) (transfer full):
 */
void
il_findings_free (IlFindings *findings)
{
  if (findings == NULL)
    return;
  for (guint i = 0; i < findings->n_findings; i++)
    clear_finding (&findings->findings[i]);
  g_free (findings->findings);
  g_free (findings);
}
