/* il-recorder.c - starts a target, drains it live into a session, controls it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-recorder.h"

#include <string.h>

#include "il-recording-private.h"

struct _IlRecorder
{
  GObject parent_instance;

  GMainContext *context;
  IlSession *session;
  IlRecording *recording; /* NULL until it is started */
  GThread *thread;
};

enum
{
  SIGNAL_STATE_CHANGED,
  SIGNAL_PROBLEM,
  SIGNAL_STEPPED,
  SIGNAL_HIT,
  SIGNAL_SUSPENDED,
  SIGNAL_ENDED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (IlRecorder, il_recorder, G_TYPE_OBJECT)

static guint signals[N_SIGNALS];

/**
 * il_recorder_error_quark:
 *
 * Returns: the domain of #IlRecorderError
 */
GQuark
il_recorder_error_quark (void)
{
  return g_quark_from_static_string ("il-recorder-error-quark");
}

/* --- news on their way into the main context */

static gboolean
deliver_cb (gpointer data)
{
  IlRecording *recording = data;
  g_autoptr (IlRecorder) self = g_weak_ref_get (&recording->owner);
  IlNews *news = il_recording_take_news (recording);

  if (self != NULL && news != NULL)
    switch (news->kind)
      {
      case IL_NEWS_STATE_CHANGED:
        g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
        break;
      case IL_NEWS_PROBLEM:
        g_signal_emit (self, signals[SIGNAL_PROBLEM], 0, news->error);
        break;
      case IL_NEWS_STEPPED:
        g_signal_emit (self, signals[SIGNAL_STEPPED], 0, news->number);
        break;
      case IL_NEWS_HIT:
        g_signal_emit (self, signals[SIGNAL_HIT], 0, news->number, news->count);
        break;
      case IL_NEWS_SUSPENDED:
        g_signal_emit (self, signals[SIGNAL_SUSPENDED], 0, news->number);
        break;
      case IL_NEWS_ENDED:
        g_signal_emit (self, signals[SIGNAL_ENDED], 0, news->error);
        break;
      default:
        break;
      }
  il_news_free (news);
  return G_SOURCE_REMOVE;
}

static void
tell (IlRecording *self, IlNews *news)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  pthread_mutex_lock (&self->lock);
  g_queue_push_tail (&self->news, news);
  pthread_mutex_unlock (&self->lock);

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver_cb, il_recording_ref (self),
                         (GDestroyNotify)il_recording_unref);
  g_source_attach (source, self->context);
}

/**
 * il_recording_tell:
 * @error: (transfer full) (nullable): what the news are about
 *
 * Has a signal emitted in the recorder's main context.  Not as an idle source of low priority: a
 * window that draws all the time would never come to it.  A source of its own and not
 * g_main_context_invoke(), which would run it right here while nobody runs the context.
 */
void
il_recording_tell (IlRecording *self, IlNewsKind kind, GError *error)
{
  IlNews *news = g_new0 (IlNews, 1);

  news->kind = kind;
  news->error = error;
  tell (self, news);
}

/**
 * il_recording_tell_worker:
 * @number: of the worker that the news are about
 * @count: how many it concerns
 *
 * The same for news of a worker.
 */
void
il_recording_tell_worker (IlRecording *self, IlNewsKind kind, guint number, guint count)
{
  IlNews *news = g_new0 (IlNews, 1);

  news->kind = kind;
  news->number = number;
  news->count = count;
  tell (self, news);
}

/* --- the object */

static void
il_recorder_dispose (GObject *object)
{
  IlRecorder *self = IL_RECORDER (object);

  if (self->thread != NULL)
    {
      il_recording_stop (self->recording, TRUE);
      g_thread_join (g_steal_pointer (&self->thread));
    }

  G_OBJECT_CLASS (il_recorder_parent_class)->dispose (object);
}

static void
il_recorder_finalize (GObject *object)
{
  IlRecorder *self = IL_RECORDER (object);

  il_recording_unref (self->recording);
  il_session_unref (self->session);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (il_recorder_parent_class)->finalize (object);
}

static void
il_recorder_class_init (IlRecorderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = il_recorder_dispose;
  object_class->finalize = il_recorder_finalize;

  signals[SIGNAL_STATE_CHANGED]
      = g_signal_new ("state-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_PROBLEM] = g_signal_new ("problem", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_STEPPED] = g_signal_new ("stepped", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_HIT] = g_signal_new ("hit", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
  signals[SIGNAL_SUSPENDED]
      = g_signal_new ("suspended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_ENDED] = g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
il_recorder_init (IlRecorder *self)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();

  self->context = g_main_context_ref_thread_default ();
  self->session = il_session_new (timeline);
}

/**
 * il_recorder_new:
 *
 * Makes a recorder, which can record once.
 *
 * Dropping its last reference while it records kills the target, closes the session file and waits
 * for both, some milliseconds; who has time stops it and drops it when it has ended.
 */
IlRecorder *
il_recorder_new (void)
{
  return g_object_new (IL_TYPE_RECORDER, NULL);
}

/**
 * il_recorder_start:
 * @options: copied
 *
 * Starts the target and the recording.  Never blocks: a thread does the work, and whatever goes
 * wrong there ends in #IlRecorder::ended.
 */
void
il_recorder_start (IlRecorder *self, const IlRecorderOptions *options)
{
  g_return_if_fail (IL_IS_RECORDER (self));
  g_return_if_fail (options != NULL);
  g_return_if_fail (
      (options->scenario != NULL) + (options->command != NULL) + (options->process != 0) == 1);
  g_return_if_fail (self->recording == NULL);

  self->recording = il_recording_new (self, options, self->session);
  self->recording->context = g_main_context_ref (self->context);
  il_recording_set_state (self->recording, IL_RECORDER_STARTING);
  self->thread = g_thread_new ("recorder", il_recording_thread, il_recording_ref (self->recording));
}

static void
send_command (IlRecorder *self, const char *line)
{
  if (self->recording != NULL)
    il_recording_command (self->recording, line);
}

/**
 * il_recorder_pause:
 *
 * Lets the workers stand still; the recording goes on.
 */
void
il_recorder_pause (IlRecorder *self)
{
  g_return_if_fail (IL_IS_RECORDER (self));
  send_command (self, "pause");
}

/**
 * il_recorder_resume:
 */
void
il_recorder_resume (IlRecorder *self)
{
  g_return_if_fail (IL_IS_RECORDER (self));
  send_command (self, "resume");
}

/**
 * il_recorder_step:
 *
 * While all stand still, lets the one whose turn it is go on to its next scheduling point;
 * #IlRecorder::stepped says who did.
 */
void
il_recorder_step (IlRecorder *self)
{
  g_return_if_fail (IL_IS_RECORDER (self));
  send_command (self, "step");
}

/**
 * il_recorder_step_worker:
 * @number: from 1
 *
 * The same for one that is named.
 */
void
il_recorder_step_worker (IlRecorder *self, guint number)
{
  g_autofree char *line = g_strdup_printf ("step %u", number);

  g_return_if_fail (IL_IS_RECORDER (self));
  send_command (self, line);
}

/**
 * il_recorder_stop:
 *
 * Has the target cancel what waits and cut off what runs.  One that does not obey is killed.
 */
void
il_recorder_stop (IlRecorder *self)
{
  g_return_if_fail (IL_IS_RECORDER (self));

  if (self->recording != NULL)
    il_recording_stop (self->recording, FALSE);
}

/**
 * il_recorder_kill_worker:
 * @number: from 1
 *
 * Kills the process of a worker, from outside; #IlRecorder::hit says how many workers were in it.
 * Where it is the runner's own #IlRecorder::problem says so.
 */
void
il_recorder_kill_worker (IlRecorder *self, guint number)
{
  g_autofree char *line = g_strdup_printf ("kill %u", number);

  g_return_if_fail (IL_IS_RECORDER (self));
  send_command (self, line);
}

/**
 * il_recorder_crash_worker:
 * @number: from 1
 *
 * The same as if the worker had used a wrong pointer.
 */
void
il_recorder_crash_worker (IlRecorder *self, guint number)
{
  g_autofree char *line = g_strdup_printf ("crash %u", number);

  g_return_if_fail (IL_IS_RECORDER (self));
  send_command (self, line);
}

/**
 * il_recorder_set_workers:
 * @workers: how many the common pool is to have from now on
 */
void
il_recorder_set_workers (IlRecorder *self, guint workers)
{
  g_autofree char *line = g_strdup_printf ("set workers %u", workers);

  g_return_if_fail (IL_IS_RECORDER (self));
  send_command (self, line);
}

/**
 * il_recorder_set_knob:
 * @key: of a knob that is live
 * @value: as in a scenario, e.g. "200us"
 */
void
il_recorder_set_knob (IlRecorder *self, const char *key, const char *value)
{
  g_autofree char *line = NULL;

  g_return_if_fail (IL_IS_RECORDER (self));
  g_return_if_fail (key != NULL && value != NULL);
  g_return_if_fail (strchr (key, '\n') == NULL && strchr (value, '\n') == NULL);

  line = g_strdup_printf ("set %s %s", key, value);
  send_command (self, line);
}

/**
 * il_recorder_get_session:
 *
 * Returns: (transfer none): there from il_recorder_new() on; any thread
 */
IlSession *
il_recorder_get_session (IlRecorder *self)
{
  g_return_val_if_fail (IL_IS_RECORDER (self), NULL);
  return self->session;
}

/**
 * il_recorder_take_output:
 * @n_forgotten: (out): how many bytes before that are forgotten
 *
 * What the program printed, to standard output and error, since the last time; of a lot the last
 * 64 KiB.  What is no UTF-8 is replaced.  Of a program in our place there is none.
 *
 * Returns: (transfer full): may be empty
 */
char *
il_recorder_take_output (IlRecorder *self, guint64 *n_forgotten)
{
  g_return_val_if_fail (IL_IS_RECORDER (self), NULL);

  *n_forgotten = 0;
  return self->recording != NULL ? il_recording_take_output (self->recording, n_forgotten)
                                 : g_strdup ("");
}

/**
 * il_recorder_get_status:
 * @status: (out): a moment's view; any thread
 */
void
il_recorder_get_status (IlRecorder *self, IlRecorderStatus *status)
{
  g_return_if_fail (IL_IS_RECORDER (self));

  if (self->recording != NULL)
    il_recording_get_status (self->recording, status);
  else
    memset (status, 0, sizeof *status);
}
