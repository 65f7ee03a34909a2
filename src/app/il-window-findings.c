/* il-window-findings.c - what was found to be wrong: told by itself, led to when asked
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-window-private.h"

#include <glib/gi18n.h>

#include "il-finding-marks.h"

/* Numbers in the texts of findings grow with each batch; a person reads them slower. */
#define LOOK_INTERVAL_US (500 * G_TIME_SPAN_MILLISECOND)

/* --- the deadlock that goes on --- */

static const IlFinding *
find_live_deadlock (const IlFindings *findings)
{
  for (guint i = 0; findings && i < findings->n_findings; i++)
    if (il_finding_kind_is_grave (findings->findings[i].kind) && findings->findings[i].goes_on)
      return &findings->findings[i];

  return NULL;
}

static const char *
name_thread (IlWindow *self, guint lane)
{
  const IlLane *found = il_timeline_get_lane (il_session_get_timeline (self->session), lane);

  return found ? il_lane_get_info (found)->name : "?";
}

static guint
count_threads (const IlFinding *finding)
{
  g_autoptr (GHashTable) threads = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < finding->n_lanes; i++)
    g_hash_table_add (threads, GUINT_TO_POINTER (finding->lanes[i]));

  return g_hash_table_size (threads);
}

/* One line: the rest stands in the list, and where the banner leads to. */
static char *
dup_headline (IlWindow *self, const IlFinding *finding)
{
  guint n = count_threads (finding);

  if (finding->kind == IL_FINDING_STUCK)
    return g_strdup_printf (
        ngettext ("Stuck: %u thread waits, and nobody is left who could end that",
                  "Stuck: %u threads wait, and nobody is left who could end that", n),
        n);
  if (finding->kind == IL_FINDING_ABANDONED)
    return g_strdup (_ ("Abandoned lock: who has it has ended, and others wait for it"));
  if (finding->kind == IL_FINDING_COPIED)
    return g_strdup (_ ("Lock copied while held: nobody in this process can give it back"));
  if (n == 1)
    /* Translators: a thread */
    return g_strdup_printf (_ ("Deadlock: %s waits for itself"),
                            name_thread (self, finding->lanes[0]));
  if (n == 2)
    /* Translators: two threads */
    return g_strdup_printf (_ ("Deadlock: %s and %s wait for each other"),
                            name_thread (self, finding->lanes[0]),
                            name_thread (self, finding->lanes[1]));
  return g_strdup_printf (ngettext ("Deadlock: %u thread waits for each other",
                                    "Deadlock: %u threads wait for each other", n),
                          n);
}

/* What it is told apart by: names of locks may still be found. */
static char *
dup_key (const IlFinding *finding)
{
  GString *key = g_string_new (NULL);

  g_string_printf (key, "%d %" G_GINT64_FORMAT, (int)finding->kind, finding->from_ns);
  for (guint i = 0; i < finding->n_lanes; i++)
    g_string_append_printf (key, " %u", finding->lanes[i]);

  return g_string_free (key, FALSE);
}

static void
forget_deadlock (IlWindow *self)
{
  il_window_remove_banner (self, "deadlock");
  g_clear_pointer (&self->told_deadlock, g_free);
}

/* Of a deadlock that the user has dismissed nothing is said again; of another one there is. */
static void
tell_deadlock (IlWindow *self, const IlFindings *findings)
{
  const IlFinding *deadlock = self->recorder ? find_live_deadlock (findings) : NULL;
  g_autofree char *key = deadlock ? dup_key (deadlock) : NULL;
  g_autofree char *text = NULL;
  IlBanner *banner;

  if (!deadlock)
    {
      forget_deadlock (self);
      return;
    }
  if (g_strcmp0 (self->told_deadlock, key) == 0)
    return;

  g_free (self->told_deadlock);
  self->told_deadlock = g_steal_pointer (&key);
  text = dup_headline (self, deadlock);
  banner = il_window_add_banner (self, "deadlock", IL_BANNER_ERROR, text);
  il_banner_add_button (banner, _ ("Show"), "win.show-deadlock", NULL);
  il_findings_pane_step_aside (self->findings, GTK_WIDGET (banner));
}

/* --- looking for what is new --- */

static void
free_findings (gpointer findings)
{
  il_findings_free (findings);
}

/* Puts all findings into words, which may be a thousand. */
static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  IlFinder *finder = il_finder_get (il_session_get_timeline (data));

  g_task_return_pointer (task, finder ? il_finder_get_findings (finder) : NULL, free_findings);
}

static void
show_marks (IlWindow *self, const IlFindings *findings)
{
  g_autoptr (IlMarks) marks
      = il_finding_marks_new (il_session_get_timeline (self->session), findings);

  il_view_state_set_marks (self->view_state, marks);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (IlWindow) self = IL_WINDOW (data);
  g_autoptr (IlFindings) findings = g_task_propagate_pointer (G_TASK (result), NULL);

  self->looking = FALSE;
  if (g_task_get_task_data (G_TASK (result)) != self->session || !findings)
    return;

  il_findings_pane_set_findings (self->findings, findings);
  show_marks (self, findings);
  tell_deadlock (self, findings);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.next-finding", findings->n_findings > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.previous-finding",
                                 findings->n_findings > 0);
}

/**
 * il_window_look_for_findings:
 * @anyway: also where the last look was a moment ago
 *
 * Shows what the finder has, if that is more than is shown; cheap where it is not.
 */
void
il_window_look_for_findings (IlWindow *self, gboolean anyway)
{
  IlFinder *finder = self->session ? il_finder_get (il_session_get_timeline (self->session)) : NULL;
  gint64 now_us = g_get_monotonic_time ();
  /* Texts have names of locks in them, which may be found later than what happened to the locks. */
  guint version = finder ? il_finder_get_version (finder)
                               + il_timeline_get_n_claims (il_session_get_timeline (self->session))
                         : 0;
  gboolean is_first = il_findings_pane_get_n_findings (self->findings) == 0;
  g_autoptr (GTask) task = NULL;

  if (!finder || self->looking || version == self->findings_version
      || (!anyway && !is_first && now_us - self->looked_us < LOOK_INTERVAL_US))
    return;

  self->looking = TRUE;
  self->looked_us = now_us;
  self->findings_version = version;
  /* The task may be freed by its thread, which must not be the last to know the window. */
  task = g_task_new (NULL, self->cancellable, looked_cb, g_object_ref (self));
  g_task_set_source_tag (task, il_window_look_for_findings);
  g_task_set_task_data (task, il_session_ref (self->session), (GDestroyNotify)il_session_unref);
  g_task_run_in_thread (task, look_thread);
}

/**
 * il_window_forget_findings:
 *
 * Shows none any more, for another session.
 */
void
il_window_forget_findings (IlWindow *self)
{
  self->findings_version = 0;
  self->looked_us = 0;
  il_findings_pane_set_findings (self->findings, NULL);
  il_view_state_set_marks (self->view_state, NULL);
  forget_deadlock (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.next-finding", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.previous-finding", FALSE);
}

/* --- leading to one --- */

static void
show_finding (IlWindow *self, const IlFinding *finding)
{
  g_autoptr (GArray) lanes
      = il_finding_list_evidence (il_session_get_timeline (self->session), finding);

  il_view_state_show_evidence (self->view_state, finding->from_ns,
                               MAX (finding->to_ns, finding->from_ns));
  il_view_state_select (self->view_state, (const guint *)(gpointer)lanes->data, lanes->len,
                        finding->from_ns,
                        finding->goes_on ? G_MAXINT64 : MAX (finding->to_ns, finding->from_ns));
}

/**
 * il_window_finding_activated_cb:
 *
 * Shows when and where it was.
 */
void
il_window_finding_activated_cb (IlWindow *self)
{
  const IlFinding *finding = il_findings_pane_get_activated (self->findings);

  if (finding)
    show_finding (self, finding);
}

/* The gravest stand first.  The keys are the timelines' from then on: Escape shows all rows again,
 * and the banner's button may go at any moment. */
static void
show_deadlock_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  IlWindow *self = IL_WINDOW (widget);

  il_findings_pane_activate (self->findings, IL_FINDING_DEADLOCK);
  gtk_widget_grab_focus (GTK_WIDGET (self->timeline));
}

static void
move_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  il_findings_pane_move (IL_WINDOW (widget)->findings,
                         g_str_equal (name, "win.next-finding") ? 1 : -1);
}

void
il_window_class_init_findings (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.show-deadlock", NULL, show_deadlock_cb);
  gtk_widget_class_install_action (widget_class, "win.next-finding", NULL, move_cb);
  gtk_widget_class_install_action (widget_class, "win.previous-finding", NULL, move_cb);
  gtk_widget_class_bind_template_callback (widget_class, il_window_finding_activated_cb);
}
