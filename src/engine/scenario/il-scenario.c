/* il-scenario.c - a scenario in memory, and where its file is found
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".scenario"
#define DEFAULT_PROCESSES 2

static const char *const model_names[IL_N_MODELS + 1]
    = { "serial", "threads", "processes", "hybrid", "gil", "coroutines", NULL };

static const char *const scheduling_names[] = { "fifo", "stealing", "priority", NULL };

/* In the order of IlScheduling. */
const char *const *
il_scheduling_get_names (void)
{
  return scheduling_names;
}

const char *const *
il_model_get_names (void)
{
  return model_names;
}

/**
 * il_model_get_name:
 *
 * Returns: the word for it in scenarios and on the command line
 */
const char *
il_model_get_name (IlModel model)
{
  g_return_val_if_fail (model < IL_N_MODELS, NULL);

  return model_names[model];
}

/**
 * il_model_from_name:
 * @model: (out): left alone if there is none of this name
 */
gboolean
il_model_from_name (const char *name, IlModel *model)
{
  for (guint i = 0; i < IL_N_MODELS; i++)
    if (strcmp (model_names[i], name) == 0)
      {
        *model = (IlModel)i;
        return TRUE;
      }
  return FALSE;
}

void
il_scenario_free (IlScenario *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_knobs; i++)
    {
      g_free (self->knobs[i].key);
      g_free (self->knobs[i].name);
    }
  for (guint i = 0; i < self->n_objects; i++)
    g_free (self->objects[i].name);
  for (guint i = 0; i < self->n_tasks; i++)
    {
      g_free (self->tasks[i].name);
      g_free (self->tasks[i].title);
      g_free (self->tasks[i].cores);
      g_free (self->tasks[i].steps);
    }
  g_free (self->knobs);
  g_free (self->objects);
  g_free (self->tasks);
  g_free (self->cores);
  g_free (self->id);
  g_free (self->path);
  g_free (self->text);
  g_free (self->row);
  g_free (self->name);
  g_free (self->description);
  g_free (self->look_at);
  g_free (self);
}

/* -1 if there is none */
int
il_scenario_find_knob (const IlScenario *self, const char *key)
{
  for (guint i = 0; i < self->n_knobs; i++)
    if (strcmp (self->knobs[i].key, key) == 0)
      return (int)i;
  return -1;
}

gboolean
il_task_kind_is_on_common_pool (const IlTaskKind *task)
{
  return task->workers.knob < 0 && task->workers.literal == 0;
}

gboolean
il_scenario_has_common_pool (const IlScenario *self)
{
  for (guint i = 0; i < self->n_tasks; i++)
    if (il_task_kind_is_on_common_pool (&self->tasks[i]))
      return TRUE;
  return FALSE;
}

/* Those of all pools, as the knobs stand. */
guint
il_scenario_get_total_workers (const IlScenario *self)
{
  double total = il_quantity_get (&self->workers, self);

  for (guint i = 0; i < self->n_tasks; i++)
    total += il_quantity_get (&self->tasks[i].workers, self);
  return (guint)total;
}

gboolean
il_scenario_check_total_workers (const IlScenario *self, IlModel model, GError **error)
{
  guint total = il_scenario_get_total_workers (self);
  int most = model == IL_MODEL_COROUTINES ? IL_SCENARIO_MAX_COROUTINES : IL_SCENARIO_MAX_WORKERS;
  g_autofree char *found = g_strdup_printf (_ ("%u workers in all"), total);

  return total <= (guint)most
         || il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, found, _ ("at most %d under %s"),
                              most, il_model_get_name (model));
}

/* Where the file does not say how many there are. */
void
il_scenario_fit_processes (IlScenario *self)
{
  if (!self->processes_given)
    self->processes.literal = CLAMP (il_scenario_get_total_workers (self), 1, DEFAULT_PROCESSES);
}

/* A process without a worker would have nothing to do. */
gboolean
il_scenario_check_processes (IlScenario *self, GError **error)
{
  guint total = il_scenario_get_total_workers (self);
  guint n_processes = (guint)il_quantity_get (&self->processes, self);
  g_autofree char *found = NULL;

  il_scenario_fit_processes (self);
  if (self->model != IL_MODEL_HYBRID || !self->processes_given || n_processes <= total)
    return TRUE;
  found = g_strdup_printf (_ ("%u processes"), n_processes);
  return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, found,
                           _ ("at most %u, one for each worker"), total);
}

/**
 * il_scenario_check_model:
 *
 * Checks that there are not too many workers for the scenario's model as it stands, nor processes.
 * What the command line changes is checked by il_scenario_override().
 *
 * Returns: %FALSE with one line that says what and where
 */
gboolean
il_scenario_check_model (IlScenario *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *shown = NULL;
  gboolean are_workers_fine;

  g_return_val_if_fail (self != NULL, FALSE);

  are_workers_fine = il_scenario_check_total_workers (self, self->model, &local_error);
  if (are_workers_fine && il_scenario_check_processes (self, &local_error))
    return TRUE;
  shown = g_filename_display_name (self->path);
  g_set_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SYNTAX, "%s:%d: %s",
               g_strdelimit (shown, "\n\r", ' '),
               are_workers_fine ? self->processes_line : self->workers_line, local_error->message);
  return FALSE;
}

static char *
get_bundled_directory (void)
{
  const char *directory = g_getenv ("INTERLEAVE_SCENARIOS");

  return directory != NULL && *directory != '\0'
             ? g_strdup (directory)
             : g_build_filename (IL_PKGDATADIR, "scenarios", NULL);
}

static gboolean
fail_io (GError **error, const char *path, const char *what)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_IO, "%s: %s",
               g_strdelimit (shown, "\n\r", ' '), what);
  return FALSE;
}

/* Not blocking: a FIFO without a writer must not stop us, and is refused. */
static int
open_regular (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;

  if (fd < 0 || fstat (fd, &status) != 0)
    {
      fail_io (error, path, g_strerror (errno));
    }
  else if (!S_ISREG (status.st_mode))
    {
      fail_io (error, path,
               S_ISDIR (status.st_mode) ? _ ("found a directory, expected a scenario file")
                                        : _ ("found no regular file, expected a scenario file"));
    }
  else
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Up to size bytes; -1 and errno on failure. */
static gssize
read_all (int fd, char *data, gsize size)
{
  gsize length = 0;

  while (length < size)
    {
      gssize n_read = read (fd, data + length, size - length);

      if (n_read < 0 && errno == EINTR)
        continue;
      if (n_read < 0)
        return -1;
      if (n_read == 0)
        break;
      length += (gsize)n_read;
    }
  return (gssize)length;
}

static char *
read_text (const char *path, gssize *length, GError **error)
{
  g_autofree char *text = NULL;
  int fd = open_regular (path, error);
  int read_errno;

  if (fd < 0)
    return NULL;
  text = g_malloc (IL_SCENARIO_MAX_TEXT + 1); /* one more, to notice what is too long */
  *length = read_all (fd, text, IL_SCENARIO_MAX_TEXT + 1);
  read_errno = errno;
  close (fd);
  if (*length < 0)
    {
      fail_io (error, path, g_strerror (read_errno));
      return NULL;
    }
  if (*length > IL_SCENARIO_MAX_TEXT)
    {
      fail_io (error, path, _ ("found more than 1 MiB, expected a scenario file"));
      return NULL;
    }
  return g_steal_pointer (&text);
}

static gboolean
is_path (const char *name_or_path)
{
  return strchr (name_or_path, '/') != NULL || g_str_has_suffix (name_or_path, SUFFIX);
}

static char *
get_bundled_path (const char *id)
{
  g_autofree char *directory = get_bundled_directory ();
  g_autofree char *file = g_strconcat (id, SUFFIX, NULL);

  return g_build_filename (directory, file, NULL);
}

static gboolean
fail_no_bundled (GError **error, const char *id)
{
  g_auto (GStrv) ids = il_scenario_list_bundled ();
  g_autofree char *directory = get_bundled_directory ();
  g_autofree char *suggestion = NULL;

  if (ids[0] == NULL)
    return il_scenario_fail (error, IL_SCENARIO_ERROR_IO, id,
                             _ ("the path of a file, since there are no scenarios in %s"),
                             directory);
  suggestion = il_scenario_suggest ((const char *const *)ids, id);
  return il_scenario_fail (error, IL_SCENARIO_ERROR_IO, id,
                           _ ("one that “interleave-cli scenarios” lists, or the path of a file "
                              "that ends in .scenario%s"),
                           suggestion);
}

static IlScenario *
load_file (const char *path, GError **error)
{
  gssize length;
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *text = read_text (path, &length, error);
  IlScenario *scenario;

  if (text == NULL)
    return NULL;
  scenario = il_scenario_parse (text, length, shown, error);
  if (scenario != NULL)
    {
      g_free (scenario->path);
      scenario->path = g_strdup (path);
    }
  return scenario;
}

/**
 * il_scenario_load:
 * @name_or_path: a path if it has a “/” or ends in “.scenario”, else the id of a bundled scenario
 *
 * Loads a scenario.  Bundled ones are in the package's data, or in the directory that the
 * environment variable INTERLEAVE_SCENARIOS names.
 *
 * Returns: (transfer full): the scenario, or %NULL with one line that says what and where
 */
IlScenario *
il_scenario_load (const char *name_or_path, GError **error)
{
  g_autofree char *path = NULL;
  IlScenario *scenario;

  g_return_val_if_fail (name_or_path != NULL, NULL);

  if (is_path (name_or_path))
    return load_file (name_or_path, error);

  path = get_bundled_path (name_or_path);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      fail_no_bundled (error, name_or_path);
      return NULL;
    }
  scenario = load_file (path, error);
  if (scenario != NULL)
    {
      g_free (scenario->id);
      scenario->id = g_strdup (name_or_path);
    }
  return scenario;
}

typedef struct
{
  char *id;
  char *row;
} Bundled;

static void
clear_bundled (gpointer data)
{
  Bundled *bundled = data;

  g_free (bundled->id);
  g_free (bundled->row);
}

/* By row of the curriculum, C9 before C17, those without one last; then by id. */
static int
compare_bundled (gconstpointer a, gconstpointer b)
{
  const Bundled *first = a;
  const Bundled *second = b;
  int order = (*first->row == '\0') - (*second->row == '\0');

  if (order == 0)
    order = strverscmp (first->row, second->row);
  return order != 0 ? order : strcmp (first->id, second->id);
}

/**
 * il_scenario_list_bundled:
 *
 * Lists the bundled scenarios, also those that cannot be parsed, so that loading them tells why.
 *
 * Returns: (transfer full) (array zero-terminated=1): their ids, sorted by row of the curriculum
 */
char **
il_scenario_list_bundled (void)
{
  g_autofree char *directory = get_bundled_directory ();
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Bundled));
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  const char *file;

  g_array_set_clear_func (found, clear_bundled);
  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      Bundled bundled;
      g_autofree char *path = g_build_filename (directory, file, NULL);
      g_autoptr (IlScenario) scenario = NULL;

      if (!g_str_has_suffix (file, SUFFIX) || *file == '.')
        continue;
      scenario = load_file (path, NULL);
      bundled.id = g_strndup (file, strlen (file) - strlen (SUFFIX));
      bundled.row = g_strdup (scenario != NULL ? scenario->row : "");
      g_array_append_val (found, bundled);
    }
  g_array_sort (found, compare_bundled);
  for (guint i = 0; i < found->len; i++)
    g_strv_builder_add (ids, g_array_index (found, Bundled, i).id);
  return g_strv_builder_end (ids);
}
