/* il-window.c - the main window: one scenario to run, one recording to look at
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-window-private.h"

#include "il-visible-text.h"
#include "il-work-area.h"

#include <glib/gi18n.h>

#define TOAST_GAP 6 /* to the window's edge */
#define BRIEF_S 3   /* of a toast, which otherwise has libadwaita's 5 s */

G_DEFINE_FINAL_TYPE (IlWindow, il_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- what is told --- */

/* Not a stack: assistive technology would find what is on its other pages, too. */
void
il_window_show_page (IlWindow *self, const char *name)
{
  gtk_spinner_set_spinning (self->spinner, g_str_equal (name, "loading"));
  for (GtkWidget *page = gtk_widget_get_first_child (GTK_WIDGET (self->pages)); page;
       page = gtk_widget_get_next_sibling (page))
    gtk_widget_set_visible (page, g_str_equal (gtk_widget_get_name (page), name));
}

void
il_window_fail_page (IlWindow *self, const char *title, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_status_page_set_title (self->failed_page, title);
  adw_status_page_set_description (self->failed_page, markup);
  il_window_show_page (self, "failed");
}

void
il_window_remove_banner (IlWindow *self, const char *id)
{
  GtkWidget *banner = g_hash_table_lookup (self->shown_banners, id);

  if (banner && gtk_widget_get_parent (banner) == GTK_WIDGET (self->banners))
    gtk_box_remove (self->banners, banner);
  g_hash_table_remove (self->shown_banners, id);
}

static void
dismiss_toast (IlWindow *self)
{
  AdwToast *toast = self->toast;

  if (!toast)
    return;

  g_clear_weak_pointer (&self->toast);
  adw_toast_dismiss (toast);
}

void
il_window_clear_banners (IlWindow *self)
{
  GtkWidget *banner;

  while ((banner = gtk_widget_get_first_child (GTK_WIDGET (self->banners))))
    gtk_box_remove (self->banners, banner);
  g_hash_table_remove_all (self->shown_banners);
  dismiss_toast (self);
}

/* One banner for each kind of trouble: the newer text takes the older one's place. */
IlBanner *
il_window_add_banner (IlWindow *self, const char *id, IlBannerKind kind, const char *text)
{
  GtkWidget *banner = il_banner_new (kind, text);

  il_window_remove_banner (self, id);
  gtk_box_append (self->banners, banner);
  g_hash_table_insert (self->shown_banners, g_strdup (id), g_object_ref (banner));

  return IL_BANNER (banner);
}

/* Over several lines where it is long, which the toast's own title would cut. */
static AdwToast *
create_toast (const char *text)
{
  AdwToast *toast = adw_toast_new ("");
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 52);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "toast-text");
  adw_toast_set_custom_title (toast, label);
  g_object_set_data_full (G_OBJECT (toast), "text", g_strdup (text), g_free);

  return toast;
}

/* Whether it can be said, and is not just being said: who drags a slider too far is told so once.
 */
static gboolean
has_something_new (IlWindow *self, const char *text)
{
  return self->toasts
         && !(self->toast
              && g_strcmp0 (g_object_get_data (G_OBJECT (self->toast), "text"), text) == 0);
}

/* libadwaita has them in the middle, whatever they say of themselves: they are pushed out of it. */
static void
push_to_the_right (GtkWidget *toast, int width)
{
  int natural;

  gtk_widget_set_margin_start (toast, 0);
  gtk_widget_measure (toast, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  gtk_widget_set_margin_start (toast, MAX (width - natural - 2 * TOAST_GAP, 0));
}

/* Toasts float above findings and figures, which they would hide at the foot of the window, and at
 * the right, where they hide no name of a lane. */
static void
place_toasts (IlWindow *self)
{
  GtkWidget *overlay = GTK_WIDGET (self->toasts);
  graphene_rect_t pages;
  int margin = 0;

  if (gtk_widget_compute_bounds (GTK_WIDGET (self->pages), overlay, &pages))
    margin = (int)MAX (gtk_widget_get_height (overlay) - pages.origin.y - pages.size.height, 0);
  for (GtkWidget *child = gtk_widget_get_first_child (overlay); child;
       child = gtk_widget_get_next_sibling (child))
    if (child != adw_toast_overlay_get_child (self->toasts))
      {
        push_to_the_right (child, gtk_widget_get_width (overlay));
        gtk_widget_set_margin_bottom (child, margin);
      }
}

/* The newest is what is of interest, and the one before may wait for an answer.  Takes the toast,
 * which must have its time already: libadwaita looks at that but once. */
static void
show_toast (IlWindow *self, AdwToast *toast)
{
  dismiss_toast (self);
  g_set_weak_pointer (&self->toast, toast);
  adw_toast_overlay_add_toast (self->toasts, toast);
  place_toasts (self);
}

/**
 * il_window_toast:
 *
 * Says it for a moment.
 */
void
il_window_toast (IlWindow *self, const char *text)
{
  if (has_something_new (self, text))
    show_toast (self, create_toast (text));
}

/**
 * il_window_toast_briefly:
 *
 * Says what was to be expected, and that for a shorter moment.
 */
void
il_window_toast_briefly (IlWindow *self, const char *text)
{
  AdwToast *toast;

  if (!has_something_new (self, text))
    return;

  toast = create_toast (text);
  adw_toast_set_timeout (toast, BRIEF_S);
  show_toast (self, toast);
}

/**
 * il_window_offer:
 * @label: of a button
 * @action: what the button does
 * @target: for @action
 *
 * Says it, and offers something, until that is taken, the toast closed or something else is to be
 * said: nobody knows how long it takes to decide.
 */
void
il_window_offer (IlWindow *self, const char *text, const char *label, const char *action,
                 const char *target)
{
  AdwToast *toast;

  if (!has_something_new (self, text))
    return;

  toast = create_toast (text);
  adw_toast_set_button_label (toast, label);
  adw_toast_set_action_target_value (toast, g_variant_new_string (target));
  adw_toast_set_action_name (toast, action);
  adw_toast_set_timeout (toast, 0);
  show_toast (self, toast);
}

/* --- what is shown --- */

static void
show_title (IlWindow *self)
{
  g_autofree char *title = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autofree char *visible = NULL;

  if (self->session)
    title = il_session_dup_meta (self->session, IL_META_TITLE);
  if (self->session && !title && self->program)
    title = g_strdup (self->program->command_line);
  if (self->opened && self->session_path)
    name = g_path_get_basename (self->session_path);
  if (title && name)
    text = g_strdup_printf ("%s – %s", title, name);

  visible = il_make_glimpse (text ? text : title ? title : name ? name : "");
  adw_window_title_set_subtitle (self->title, visible);
}

/* What the whole recording says of itself, where no recorder knows it better. */
static void
show_session_figures (IlWindow *self)
{
  IlTimelineTotals totals;
  IlRecordingFigures figures = { .overhead_share = -1 };
  g_autofree char *overhead = il_session_dup_meta (self->session, IL_META_OVERHEAD_SHARE);
  g_autofree char *scheduler = il_session_dup_meta (self->session, IL_META_SCHEDULER);

  il_timeline_get_totals (il_session_get_timeline (self->session), &totals);
  figures.n_events = totals.n_records;
  figures.n_lost = totals.n_lost;
  if (overhead)
    figures.overhead_share = g_ascii_strtod (overhead, NULL);
  if (scheduler)
    figures.scheduler = g_str_equal (scheduler, "perf") ? _ ("every switch recorded (perf)")
                                                        : _ ("switches sampled");
  il_figures_bar_set_recording (self->figures, &figures);
}

/**
 * il_window_set_session:
 * @session: (nullable): what is shown from now on
 * @path: (nullable): its file
 * @opened: whether it comes from that file and was not recorded by this window just now
 */
void
il_window_set_session (IlWindow *self, IlSession *session, const char *path, gboolean opened)
{
  if (session)
    il_session_ref (session);
  g_clear_pointer (&self->session, il_session_unref);
  self->session = session;
  g_free (self->session_path);
  self->session_path = g_strdup (path);
  self->opened = opened;

  il_scenario_panel_forget_seen (self->panel);
  il_window_forget_findings (self);
  il_view_state_set_timeline (self->view_state, session ? il_session_get_timeline (session) : NULL);
  il_window_look_for_findings (self, TRUE);
  if (session)
    show_session_figures (self);
  else
    il_figures_bar_set_recording (self->figures, NULL);
  il_window_update (self);
}

static const char *
explain_run (IlWindow *self, IlScenario *scenario, gboolean running)
{
  if (self->program)
    return running ? _ ("Stop the program (Ctrl+R)") : _ ("Run the program (Ctrl+R)");
  if (running)
    return _ ("Stop the run (Ctrl+R)");
  if (!scenario)
    return NULL;

  return il_scenario_get_runnable (scenario) ? _ ("Run the scenario (Ctrl+R)")
                                             : il_scenario_get_look_at (scenario);
}

static void
show_run_button (IlWindow *self, gboolean running, gboolean stopping)
{
  IlScenario *scenario = il_scenario_panel_get_scenario (self->panel);
  gboolean runnable
      = self->program || (self->catalog_known && scenario && il_scenario_get_runnable (scenario));
  const char *label = running ? _ ("Stop") : _ ("Run");

  gtk_label_set_label (self->run_label, label);
  gtk_image_set_from_icon_name (self->run_icon, running ? "media-playback-stop-symbolic"
                                                        : "media-playback-start-symbolic");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->run_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->run_button),
                               explain_run (self, scenario, running));
  gtk_widget_remove_css_class (GTK_WIDGET (self->run_button),
                               running ? "suggested-action" : "destructive-action");
  gtk_widget_add_css_class (GTK_WIDGET (self->run_button),
                            running ? "destructive-action" : "suggested-action");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.run", !stopping && (running || runnable));
}

static void
show_pause_button (IlWindow *self, gboolean can_pause, gboolean paused)
{
  const char *label = paused ? _ ("Resume") : _ ("Pause");

  gtk_button_set_icon_name (self->pause_button, paused ? "media-playback-start-symbolic"
                                                       : "media-playback-pause-symbolic");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->pause_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_visible (GTK_WIDGET (self->pause_button), !self->program);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.pause",
                                 (can_pause || paused) && !self->program);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.step", paused);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.step-worker", paused);
  gtk_widget_set_visible (self->step_button, paused);
}

/**
 * il_window_update:
 *
 * Brings buttons and title up to what the run and the session are.
 */
void
il_window_update (IlWindow *self)
{
  IlRecorderStatus status = { .state = IL_RECORDER_IDLE };
  gboolean running = il_window_is_running (self);
  gboolean recording;

  if (self->recorder)
    il_recorder_get_status (self->recorder, &status);
  recording = running && status.state == IL_RECORDER_RUNNING;

  show_run_button (self, running, status.state == IL_RECORDER_STOPPING);
  show_pause_button (self, recording, running && status.state == IL_RECORDER_PAUSED);
  il_scenario_panel_set_running (self->panel, running);
  /* Nobody's program is stopped by choosing something else. */
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.leave-program", !running);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.choose-program",
                                 !running || !self->program);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.choose-scenario",
                                 !running || !self->program);
  if (recording)
    gtk_widget_add_css_class (self->record_dot, "recording");
  else
    gtk_widget_remove_css_class (self->record_dot, "recording");
  gtk_widget_set_visible (self->record_box, self->session != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->figures), self->session != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.export", self->session != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.save-as", self->session_path != NULL);
  show_title (self);
  place_toasts (self);
}

/* --- callbacks of the template --- */

/* GTK breaks its own tooltips wherever it may, which in Chinese is after each character. */
static gboolean
query_tooltip_cb (GtkWidget *widget, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip,
                  IlWindow *self)
{
  gtk_tooltip_set_custom (tooltip, gtk_label_new (gtk_widget_get_tooltip_text (widget)));

  return TRUE;
}

static void
panel_changed_cb (IlWindow *self)
{
  il_window_restart_run (self);
  il_window_update (self);
}

static void
knob_turned_cb (IlWindow *self, const char *key, const char *value)
{
  if (self->recorder)
    il_recorder_set_knob (self->recorder, key, value);
}

static void
workers_turned_cb (IlWindow *self, guint workers)
{
  il_window_set_workers (self, workers);
}

static void
states_changed_cb (IlWindow *self)
{
  il_scenario_panel_add_seen (self->panel, il_figures_bar_get_states (self->figures));
}

static gboolean
close_request_cb (IlWindow *self)
{
  return il_window_defer_close (self);
}

/* --- the object --- */

static void
il_window_dispose (GObject *object)
{
  IlWindow *self = IL_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->status_id, g_source_remove);
  g_clear_handle_id (&self->close_id, g_source_remove);
  g_clear_handle_id (&self->workers_id, g_source_remove);
  if (self->recorder)
    g_signal_handlers_disconnect_by_data (self->recorder, self);
  g_clear_object (&self->recorder);
  g_clear_object (&self->chooser);
  g_clear_object (&self->save_to);
  g_clear_weak_pointer (&self->toast);
  g_clear_pointer (&self->shown_banners, g_hash_table_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), IL_TYPE_WINDOW);
  g_clear_pointer (&self->session, il_session_unref);
  il_window_forget_former (self);
  il_window_forget_programs (self);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (il_window_parent_class)->dispose (object);
}

static void
il_window_finalize (GObject *object)
{
  IlWindow *self = IL_WINDOW (object);

  g_clear_object (&self->cancellable);
  g_free (self->session_path);
  g_free (self->wanted_scenario);
  g_free (self->told_deadlock);

  G_OBJECT_CLASS (il_window_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/interleave/Interleave/il-window.ui");
  gtk_widget_class_bind_template_child (widget_class, IlWindow, view_state);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, title);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, banners);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, loading_label);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, failed_page);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, run_button);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, run_icon);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, run_label);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, pause_button);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, step_button);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, record_box);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, record_dot);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, time_label);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, panel);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, timeline);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, findings);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, output);
  gtk_widget_class_bind_template_child (widget_class, IlWindow, figures);
  gtk_widget_class_bind_template_callback (widget_class, place_toasts);
  gtk_widget_class_bind_template_callback (widget_class, query_tooltip_cb);
  gtk_widget_class_bind_template_callback (widget_class, panel_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, knob_turned_cb);
  gtk_widget_class_bind_template_callback (widget_class, workers_turned_cb);
  gtk_widget_class_bind_template_callback (widget_class, states_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, close_request_cb);
}

static void
il_window_class_init (IlWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = il_window_dispose;
  object_class->finalize = il_window_finalize;

  g_type_ensure (IL_TYPE_VIEW_STATE);
  g_type_ensure (IL_TYPE_SCENARIO_PANEL);
  g_type_ensure (IL_TYPE_TIMELINE_WIDGET);
  g_type_ensure (IL_TYPE_FIGURES_BAR);
  g_type_ensure (IL_TYPE_FINDINGS_PANE);
  g_type_ensure (IL_TYPE_OUTPUT_PANE);
  g_type_ensure (IL_TYPE_WORK_AREA);
  il_window_class_init_actions (GTK_WIDGET_CLASS (klass));
  bind_template (GTK_WIDGET_CLASS (klass));
  il_window_class_init_findings (GTK_WIDGET_CLASS (klass));
}

static void
il_window_init (IlWindow *self)
{
  self->settings = g_settings_new (IL_APPLICATION_ID);
  self->cancellable = g_cancellable_new ();
  self->shown_banners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));

  g_settings_bind (self->settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "window-height", self, "default-height",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
  il_window_init_drop (self);
  il_window_update (self);
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->timeline));
}

/**
 * il_window_new:
 * @application: that it belongs to
 *
 * Returns: (transfer none): a window that shows nothing yet and asks the runner what scenarios
 *   there are
 */
IlWindow *
il_window_new (GtkApplication *application)
{
  IlWindow *self = g_object_new (IL_TYPE_WINDOW, "application", application, NULL);

  il_window_load_catalog (self);

  return self;
}

/**
 * il_window_is_vacant:
 *
 * Returns: whether nothing would be lost from sight if something else were shown
 */
gboolean
il_window_is_vacant (IlWindow *self)
{
  g_return_val_if_fail (IL_IS_WINDOW (self), FALSE);

  return self->session == NULL && !il_window_is_running (self)
         && !gtk_spinner_get_spinning (self->spinner);
}
