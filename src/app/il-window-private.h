/* il-window-private.h - what the window's parts share: the widgets, running, files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-window.h"

#include "il-banner.h"
#include "il-figures-bar.h"
#include "il-findings-pane.h"
#include "il-output-pane.h"
#include "il-program-choice.h"
#include "il-recorder.h"
#include "il-scenario-panel.h"
#include "il-timeline-widget.h"
#include "il-view-state.h"

G_BEGIN_DECLS

struct _IlWindow
{
  AdwApplicationWindow parent_instance;

  GSettings *settings;
  GCancellable *cancellable; /* of all that is under way when the window closes */
  IlViewState *view_state;

  /* What is shown, and where its file is. */
  IlSession *session;
  char *session_path; /* NULL: not recorded into a file */
  gboolean opened;    /* from a file, and not recorded here */
  /* What was shown before, for the case that a program cannot be started. */
  IlSession *former;
  char *former_path;
  char *former_output;
  gboolean former_opened;

  /* The run.  Preparing lasts from the button to the recorder's start. */
  IlRecorder *recorder;
  gboolean preparing;
  gboolean run_again;       /* with what is chosen then */
  gboolean closing;         /* as soon as the run has ended, and copies are made */
  gboolean asking_to_close; /* whether it may */
  gboolean may_close;       /* whatever is lost */
  guint n_copies;           /* of recordings, that are being written */
  gboolean killing;         /* the last command killed a worker, or crashed it */
  gboolean setting_workers; /* the last command was for more or fewer of them */
  guint status_id, close_id, workers_id;
  guint wanted_workers; /* when the slider rests */
  GFile *save_to;       /* asked for while it was recording */
  gboolean stopped;     /* by the user */
  /* What it printed since then, in bytes, and whether it was said that this is a lot. */
  gint64 printed_since_us;
  guint64 printed;
  gboolean told_printing;

  /* What is run instead of the scenario; NULL: nothing. */
  IlProgramChoice *program;
  gboolean program_recorded; /* it comes from a file: who made that is not the user */
  /* What the panel named when another program was chosen, in case that cannot be started. */
  IlProgramChoice *former_program; /* NULL: the scenario */
  gboolean former_recorded;
  gboolean chosen;          /* another was: there is a former one */
  IlProgramChoice *refused; /* it could not; NULL: none, or it is the program */

  /* Findings of the session. */
  gboolean looking;       /* they are being put into words */
  guint findings_version; /* of the finder, when they last were */
  gint64 looked_us;
  char *told_deadlock; /* the text of the banner, dismissed or not; NULL: there is none */

  /* What the command line asked for before the catalog was there. */
  gboolean catalog_known;
  char *wanted_scenario;
  gboolean wants_run;

  GtkFileChooserNative *chooser;
  GHashTable *shown_banners; /* id → IlBanner, which may have been dismissed meanwhile */

  AdwToastOverlay *toasts;
  AdwToast *toast; /* the last one, as long as it is seen */
  AdwWindowTitle *title;
  AdwFlap *flap;
  GtkBox *banners;
  GtkBox *pages; /* one of them visible */
  GtkSpinner *spinner;
  GtkLabel *loading_label;
  AdwStatusPage *failed_page;
  GtkButton *run_button;
  GtkImage *run_icon;
  GtkLabel *run_label;
  GtkButton *pause_button;
  GtkWidget *step_button;
  GtkWidget *record_box;
  GtkWidget *record_dot;
  GtkLabel *time_label;
  IlScenarioPanel *panel;
  IlTimelineWidget *timeline;
  IlFindingsPane *findings;
  IlOutputPane *output;
  IlFiguresBar *figures;
};

/* il-window.c */
void il_window_show_page (IlWindow *self, const char *name);
void il_window_fail_page (IlWindow *self, const char *title, const char *text);
void il_window_update (IlWindow *self);
void il_window_set_session (IlWindow *self, IlSession *session, const char *path, gboolean opened);
IlBanner *il_window_add_banner (IlWindow *self, const char *id, IlBannerKind kind,
                                const char *text);
void il_window_remove_banner (IlWindow *self, const char *id);
void il_window_clear_banners (IlWindow *self);
void il_window_toast (IlWindow *self, const char *text);
void il_window_toast_briefly (IlWindow *self, const char *text);
void il_window_offer (IlWindow *self, const char *text, const char *label, const char *action,
                      const char *target);

/* il-window-actions.c */
void il_window_class_init_actions (GtkWidgetClass *widget_class);

/* il-window-catalog.c */
void il_window_load_catalog (IlWindow *self);

/* il-window-run.c */
gboolean il_window_is_running (IlWindow *self);
void il_window_start_run (IlWindow *self);
void il_window_stop_run (IlWindow *self);
void il_window_toggle_pause (IlWindow *self);
void il_window_step (IlWindow *self);
void il_window_kill_worker (IlWindow *self, guint number, gboolean crash);
void il_window_set_workers (IlWindow *self, guint workers);
void il_window_restart_run (IlWindow *self);
void il_window_tell_lost (IlWindow *self, guint64 n_lost);
void il_window_tell_problem (IlWindow *self, const GError *error);

void il_window_start_recorder (IlWindow *self, const IlRecorderOptions *options);

/* il-window-program.c */
void il_window_choose_program (IlWindow *self);
void il_window_ask_for_program (IlWindow *self);
void il_window_leave_program (IlWindow *self);
gboolean il_window_adopt_program (IlWindow *self);
void il_window_run_refused (IlWindow *self);
void il_window_run_without_locks (IlWindow *self);
void il_window_start_program (IlWindow *self, const char *path);
void il_window_forget_former (IlWindow *self);
void il_window_forget_programs (IlWindow *self);
void il_window_show_stopping (IlWindow *self);
void il_window_tell_end_of_program (IlWindow *self, const GError *error,
                                    const IlRecorderStatus *status);

/* il-window-output.c */
void il_window_show_output (IlWindow *self);
void il_window_forget_output (IlWindow *self);

/* il-window-findings.c */
void il_window_look_for_findings (IlWindow *self, gboolean anyway);
void il_window_forget_findings (IlWindow *self);
void il_window_finding_activated_cb (IlWindow *self);
void il_window_class_init_findings (GtkWidgetClass *widget_class);

/* il-window-close.c */
gboolean il_window_defer_close (IlWindow *self);
void il_window_go_on_closing (IlWindow *self);
void il_window_stay (IlWindow *self);

/* il-window-files.c */
void il_window_choose_file (IlWindow *self);
void il_window_choose_copy (IlWindow *self);
void il_window_choose_picture (IlWindow *self);
void il_window_save_copy (IlWindow *self, GFile *file);
void il_window_save_pending (IlWindow *self);
void il_window_init_drop (IlWindow *self);
void il_window_adopt_settings (IlWindow *self);
void il_window_adopt_workers (IlWindow *self);

G_END_DECLS
