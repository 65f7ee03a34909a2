/* il-scenario-parse.c - from the text of a scenario to what the engine is to run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Knobs come first, since all other groups may use them, then locks, semaphores and queues, which
 * steps name, then the tasks, then what depends on all of them.
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DEFAULT_WORKERS 4
#define DEFAULT_CAPACITY 64

static const IlQuantityRule capacity_rule
    = { IL_UNIT_COUNT, 1, IL_SCENARIO_MAX_CAPACITY, FALSE, FALSE };
static const IlQuantityRule units_rule = { IL_UNIT_COUNT, 1, 1000000, FALSE, FALSE };
static const IlQuantityRule run_rule
    = { IL_UNIT_DURATION, 0, IL_SCENARIO_MAX_DURATION_NS, FALSE, FALSE };

static gboolean
parse_knob_number (IlScenarioParser *self, guint group, const char *key, IlScenarioKnob *knob,
                   double *value)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, key, &line);
  IlUnit unit = knob->unit;
  gboolean is_value = strcmp (key, "Value") == 0;

  if (text == NULL)
    return il_scenario_parser_fail_missing (self, group, key);
  if (!il_quantity_guess (text, &unit, value))
    return il_scenario_fail_at (self->error, self->text->path, line, text,
                                _ ("a number with its unit, such as 12, 1.5ms, 900/s or 64B"));
  if (is_value)
    knob->unit = unit;
  if (unit != knob->unit)
    return il_scenario_fail_at (self->error, self->text->path, line, text, _ ("%s, as Value is"),
                                il_quantity_get_unit_name (knob->unit));
  return TRUE;
}

static gboolean
parse_knob (IlScenarioParser *self, guint group)
{
  const IlScenarioGroup *header = il_scenario_text_get_group (self->text, group);
  IlScenarioKnob *knob = &self->scenario->knobs[self->scenario->n_knobs];
  int line = 0;
  g_autofree char *range = NULL;
  g_autofree char *text = NULL;

  self->knob_lines[self->scenario->n_knobs++] = header->line;
  knob->key = g_strdup (header->name);
  knob->name = il_scenario_text_get_localized (self->text, group, "Name");
  if (knob->name == NULL)
    knob->name = g_strdup (knob->key);
  if (!parse_knob_number (self, group, "Value", knob, &knob->value)
      || !parse_knob_number (self, group, "Min", knob, &knob->min)
      || !parse_knob_number (self, group, "Max", knob, &knob->max))
    return FALSE;
  if (knob->min >= knob->max)
    {
      g_autofree char *min = il_quantity_to_string (knob->min, knob->unit);

      text = il_scenario_text_get (self->text, group, "Max", &line);
      return il_scenario_fail_at (self->error, self->text->path, line, text,
                                  _ ("more than Min, which is %s"), min);
    }
  if (knob->value < knob->min || knob->value > knob->max)
    {
      text = il_scenario_text_get (self->text, group, "Value", &line);
      range = il_quantity_describe_range (knob->unit, knob->min, knob->max);
      return il_scenario_fail_at (self->error, self->text->path, line, text, "%s", range);
    }
  return TRUE;
}

static gboolean
parse_object (IlScenarioParser *self, guint group)
{
  const IlScenarioGroup *header = il_scenario_text_get_group (self->text, group);
  IlScenarioObject *object = &self->scenario->objects[self->scenario->n_objects];
  const char *key = header->kind == IL_GROUP_SEMAPHORE ? "Units" : "Capacity";
  int line = 0;
  g_autofree char *text = NULL;

  self->object_lines[self->scenario->n_objects++] = header->line;
  object->name = g_strdup (header->name);
  object->parameter.knob = -1;
  object->kind = header->kind == IL_GROUP_LOCK        ? IL_OBJECT_LOCK
                 : header->kind == IL_GROUP_SEMAPHORE ? IL_OBJECT_SEMAPHORE
                                                      : IL_OBJECT_QUEUE;
  if (object->kind == IL_OBJECT_LOCK)
    return TRUE;
  text = il_scenario_text_get (self->text, group, key, &line);
  if (text == NULL)
    return il_scenario_parser_fail_missing (self, group, key);
  return il_scenario_parser_quantity (
      self, line, text, object->kind == IL_OBJECT_QUEUE ? &capacity_rule : &units_rule,
      &object->parameter);
}

static gboolean
parse_models (IlScenarioParser *self, guint group)
{
  IlScenario *scenario = self->scenario;
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, "Models", &line);
  g_auto (GStrv) words = NULL;
  guint n_models = 0;

  if (text == NULL)
    {
      for (guint i = 0; i < IL_N_MODELS; i++)
        scenario->models[i] = TRUE;
      return TRUE;
    }
  words = g_strsplit (text, ";", -1);
  for (char **word = words; *word != NULL; word++)
    {
      IlModel model;

      if (*g_strstrip (*word) == '\0')
        continue;
      if (!il_model_from_name (*word, &model))
        {
          g_autofree char *one_of = il_scenario_one_of (il_model_get_names (), *word);

          return il_scenario_fail_at (self->error, self->text->path, line, *word, _ ("a model, %s"),
                                      one_of);
        }
      if (scenario->models[model])
        return il_scenario_fail_at (self->error, self->text->path, line, *word,
                                    _ ("each model once"));
      scenario->models[model] = TRUE;
      n_models++;
    }
  return n_models > 0
         || il_scenario_fail_at (self->error, self->text->path, line, text, _ ("a model"));
}

static gboolean
parse_model (IlScenarioParser *self, guint group)
{
  IlScenario *scenario = self->scenario;
  const char *names[IL_N_MODELS + 1] = { NULL };
  guint n_names = 0;
  guint choice = 0;

  if (!parse_models (self, group))
    return FALSE;
  for (guint i = 0; i < IL_N_MODELS; i++)
    if (scenario->models[i])
      names[n_names++] = il_model_get_name ((IlModel)i);
  for (guint i = 0; i < n_names; i++)
    if (strcmp (names[i], il_model_get_name (IL_MODEL_THREADS)) == 0)
      choice = i;
  return il_scenario_parser_choice (self, group, "Model", names, &choice)
         && il_model_from_name (names[choice], &scenario->model);
}

static gboolean
parse_duration (IlScenarioParser *self, guint group)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, "Duration", &line);
  double duration_ns = 0;

  if (text != NULL && !il_scenario_parser_number (self, line, text, &run_rule, &duration_ns))
    return FALSE;
  self->scenario->duration_ns = (gint64)duration_ns;
  return TRUE;
}

static gboolean
parse_seed (IlScenarioParser *self, guint group)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, "Seed", &line);

  g_autofree char *most = g_strdup_printf ("%" G_GINT64_FORMAT, G_MAXINT64);

  self->scenario->seed = 1;
  if (text != NULL
      && !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &self->scenario->seed, NULL))
    return il_scenario_fail_at (self->error, self->text->path, line, text,
                                _ ("a whole number from 0 to %s"), most);
  return TRUE;
}

static char *
get_text (IlScenarioParser *self, guint group, const char *key)
{
  char *text = il_scenario_text_get_localized (self->text, group, key);

  return text != NULL ? text : g_strdup ("");
}

/* The group [Scenario] but for what only a common pool has. */
static gboolean
parse_scenario (IlScenarioParser *self, guint group)
{
  static const char *const on_death_words[] = { "lost", "retry", NULL };
  static const char *const at_end_words[] = { "close", "terminate", NULL };
  IlScenario *scenario = self->scenario;
  guint on_death = IL_ON_DEATH_LOST;
  guint at_end = IL_AT_END_CLOSE;
  int line = 0;
  g_autofree char *row = il_scenario_text_get (self->text, group, "Row", &line);

  scenario->name = get_text (self, group, "Name");
  scenario->description = get_text (self, group, "Description");
  scenario->look_at = get_text (self, group, "LookAt");
  scenario->row = row != NULL ? g_steal_pointer (&row) : g_strdup ("");
  if (*scenario->name == '\0')
    return il_scenario_parser_fail_missing (self, group, "Name");
  if (strlen (scenario->row) > IL_SCENARIO_MAX_WORD || strpbrk (scenario->row, "\n\r\t") != NULL)
    return il_scenario_fail_at (self->error, self->text->path, line, scenario->row,
                                _ ("a short word such as C17"));
  if (!parse_model (self, group) || !parse_seed (self, group) || !parse_duration (self, group)
      || !il_scenario_parser_choice (self, group, "OnDeath", on_death_words, &on_death)
      || !il_scenario_parser_choice (self, group, "AtEnd", at_end_words, &at_end))
    return FALSE;
  scenario->on_death = (IlOnDeath)on_death;
  scenario->at_end = (IlAtEnd)at_end;
  return TRUE;
}

/* Keys of [Scenario] that only a common pool or a queue of tasks has. */
static gboolean
parse_pool (IlScenarioParser *self, guint group)
{
  IlScenario *scenario = self->scenario;
  gboolean has_pool = il_scenario_has_common_pool (scenario);
  gboolean has_queue = FALSE;
  int line = 0;
  g_autofree char *workers = il_scenario_text_get (self->text, group, "Workers", &line);
  int capacity_line = 0;
  g_autofree char *capacity = il_scenario_text_get (self->text, group, "Capacity", &capacity_line);

  for (guint i = 0; i < scenario->n_tasks; i++)
    has_queue |= scenario->tasks[i].arrival != IL_ARRIVAL_LOOP;
  if (workers != NULL && !has_pool)
    return il_scenario_parser_fail_key (self, line, "Workers", workers,
                                        _ ("no Workers here, since each task has its own"));
  if (capacity != NULL && !has_queue)
    return il_scenario_parser_fail_key (
        self, capacity_line, "Capacity", capacity,
        _ ("no Capacity here, since each task comes by Arrival=loop, without a queue"));
  return il_scenario_parser_quantity_key (self, group, "Workers", &il_workers_rule,
                                          has_pool ? DEFAULT_WORKERS : 0, &scenario->workers)
         && il_scenario_parser_quantity_key (self, group, "Capacity", &capacity_rule,
                                             DEFAULT_CAPACITY, &scenario->capacity);
}

/* A worker of the common pool that loops over one task has no time for another. */
static gboolean
check_loops (IlScenarioParser *self)
{
  const IlScenario *scenario = self->scenario;
  guint n_on_pool = 0;
  int looping = -1;

  for (guint i = 0; i < scenario->n_tasks; i++)
    if (il_task_kind_is_on_common_pool (&scenario->tasks[i]))
      {
        n_on_pool++;
        if (scenario->tasks[i].arrival == IL_ARRIVAL_LOOP)
          looping = (int)i;
      }
  if (looping < 0 || n_on_pool == 1)
    return TRUE;
  return il_scenario_parser_fail_group (
      self, self->task_groups[looping],
      _ ("a key “Workers” in it, since it loops and is not the only task without"));
}

static gboolean
check_queue_sizes (IlScenarioParser *self)
{
  const IlScenario *scenario = self->scenario;

  for (guint i = 0; i < scenario->n_objects; i++)
    {
      const IlScenarioObject *object = &scenario->objects[i];
      double capacity = object->parameter.knob >= 0 ? scenario->knobs[object->parameter.knob].max
                                                    : object->parameter.literal;
      g_autofree char *limit = il_quantity_to_string (IL_SCENARIO_MAX_QUEUE_BYTES, IL_UNIT_SIZE);
      g_autofree char *found = g_strdup_printf ("[Queue %s]", object->name);

      if (capacity * (double)object->max_payload > IL_SCENARIO_MAX_QUEUE_BYTES)
        return il_scenario_fail_at (self->error, self->text->path, self->object_lines[i], found,
                                    _ ("a queue that holds at most %s when full"), limit);
    }
  return TRUE;
}

static gboolean
check_total_workers (IlScenarioParser *self)
{
  int line = 1;

  for (guint i = 0; i < self->text->entries->len; i++)
    {
      const IlScenarioEntry *entry = &g_array_index (self->text->entries, IlScenarioEntry, i);

      if (strcmp (entry->key, "Workers") == 0)
        line = entry->line;
    }
  if (il_scenario_check_total_workers (self->scenario, self->error))
    return TRUE;
  return il_scenario_parser_place_error (self, line);
}

/* Knobs are known to be live or not only when all that may use them has been parsed. */
static gboolean
finish_knobs (IlScenarioParser *self)
{
  for (guint i = 0; i < self->scenario->n_knobs; i++)
    {
      IlScenarioKnob *knob = &self->scenario->knobs[i];
      g_autofree char *found = g_strdup_printf ("[Knob %s]", knob->key);

      if (!self->knob_used[i])
        return il_scenario_fail_at (self->error, self->text->path, self->knob_lines[i], found,
                                    _ ("“${%s}” in some value"), knob->key);
      knob->live = !self->knob_fixed[i];
    }
  return TRUE;
}

static gboolean
parse_groups (IlScenarioParser *self, IlGroupKind first, IlGroupKind last,
              gboolean (*parse) (IlScenarioParser *self, guint group))
{
  for (guint i = 0; i < self->text->groups->len; i++)
    {
      IlGroupKind kind = il_scenario_text_get_group (self->text, i)->kind;

      if (kind >= first && kind <= last && !parse (self, i))
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_all (IlScenarioParser *self)
{
  guint n_of[IL_N_GROUP_KINDS] = { 0 };
  IlScenario *scenario = self->scenario;

  for (guint i = 0; i < self->text->groups->len; i++)
    n_of[il_scenario_text_get_group (self->text, i)->kind]++;
  if (n_of[IL_GROUP_SCENARIO] == 0)
    return il_scenario_fail_at (self->error, self->text->path, self->text->n_lines, NULL,
                                "[Scenario]");
  if (n_of[IL_GROUP_TASK] == 0)
    return il_scenario_fail_at (self->error, self->text->path, self->text->n_lines, NULL,
                                "[Task %s]", _ ("NAME"));

  scenario->knobs = g_new0 (IlScenarioKnob, n_of[IL_GROUP_KNOB]);
  scenario->objects = g_new0 (IlScenarioObject, n_of[IL_GROUP_LOCK] + n_of[IL_GROUP_SEMAPHORE]
                                                    + n_of[IL_GROUP_QUEUE]);
  scenario->tasks = g_new0 (IlTaskKind, n_of[IL_GROUP_TASK]);
  return parse_groups (self, IL_GROUP_KNOB, IL_GROUP_KNOB, parse_knob)
         && parse_groups (self, IL_GROUP_LOCK, IL_GROUP_QUEUE, parse_object)
         && parse_groups (self, IL_GROUP_SCENARIO, IL_GROUP_SCENARIO, parse_scenario)
         && parse_groups (self, IL_GROUP_TASK, IL_GROUP_TASK, il_scenario_parser_task)
         && parse_groups (self, IL_GROUP_SCENARIO, IL_GROUP_SCENARIO, parse_pool)
         && check_loops (self) && finish_knobs (self) && check_queue_sizes (self)
         && check_total_workers (self);
}

/**
 * il_scenario_parse:
 * @text: need not end with a zero byte
 * @length: in bytes, or -1 if @text ends with a zero byte
 * @path: for messages, and the scenario's path and id
 *
 * Parses the text of a scenario, see interleave-scenario(5).  Names are in the user's language
 * where the text has them.
 *
 * Returns: (transfer full): the scenario, or %NULL with “PATH:LINE: found “x”, expected y”
 */
IlScenario *
il_scenario_parse (const char *text, gssize length, const char *path, GError **error)
{
  g_autoptr (IlScenario) scenario = NULL;
  g_autoptr (IlScenarioText) parsed = NULL;
  g_autofree gboolean *knob_used = g_new0 (gboolean, IL_SCENARIO_MAX_KNOBS);
  g_autofree gboolean *knob_fixed = g_new0 (gboolean, IL_SCENARIO_MAX_KNOBS);
  g_autofree int *knob_lines = g_new0 (int, IL_SCENARIO_MAX_KNOBS);
  g_autofree int *object_lines = g_new0 (int, IL_SCENARIO_MAX_OBJECTS);
  guint task_groups[IL_SCENARIO_MAX_TASK_KINDS] = { 0 };
  IlScenarioParser parser = { .knob_lines = knob_lines,
                              .knob_used = knob_used,
                              .knob_fixed = knob_fixed,
                              .object_lines = object_lines,
                              .task_groups = task_groups };
  GError *local_error = NULL;

  g_return_val_if_fail (text != NULL && path != NULL, NULL);

  if (length < 0)
    length = (gssize)strlen (text);
  parsed = il_scenario_text_new (text, (gsize)length, path, error);
  if (parsed == NULL)
    return NULL;

  scenario = g_new0 (IlScenario, 1);
  scenario->id = g_strdup (path);
  scenario->path = g_strdup (path);
  scenario->text = g_strndup (text, (gsize)length);
  parser.text = parsed;
  parser.scenario = scenario;
  parser.error = &local_error;
  if (!parse_all (&parser))
    {
      g_propagate_error (error, local_error);
      return NULL;
    }
  return g_steal_pointer (&scenario);
}
