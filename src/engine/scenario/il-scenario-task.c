/* il-scenario-task.c - the group [Task NAME]: a kind of task, how many come and when
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const arrival_words[] = { "at-once", "rate", "poisson", "loop", NULL };
static const char *const submit_words[] = { "apply", "apply-async", "map", NULL };

static const IlQuantityRule batch_rule = { IL_UNIT_COUNT, 1, 1000000, FALSE, FALSE };
static const IlQuantityRule rate_rule = { IL_UNIT_RATE, 0.001, 1e7, FALSE, TRUE };

/* “at-once”, “rate 900/s”, “poisson ${rate}” or “loop” */
static gboolean
parse_arrival (IlScenarioParser *self, guint group, IlTaskKind *task)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, "Arrival", &line);
  g_autofree char *word = NULL;
  g_autofree char *one_of = NULL;
  const char *operand;
  gboolean has_rate;

  task->arrival = IL_ARRIVAL_AT_ONCE;
  task->rate.knob = -1;
  if (text == NULL)
    return TRUE;

  word = g_strndup (text, strcspn (text, " \t"));
  operand = text + strlen (word) + strspn (text + strlen (word), " \t");
  while (arrival_words[task->arrival] != NULL && strcmp (arrival_words[task->arrival], word) != 0)
    task->arrival++;
  if (arrival_words[task->arrival] == NULL)
    {
      one_of = il_scenario_one_of (arrival_words, word);
      return il_scenario_fail_at (self->error, self->text->path, line, text, "%s", one_of);
    }
  has_rate = task->arrival == IL_ARRIVAL_RATE || task->arrival == IL_ARRIVAL_POISSON;
  if (has_rate && *operand == '\0')
    return il_scenario_fail_at (self->error, self->text->path, line, text, "“%s RATE”", word);
  if (!has_rate && *operand != '\0')
    return il_scenario_fail_at (self->error, self->text->path, line, text, "“%s”", word);
  return !has_rate || il_scenario_parser_quantity (self, line, operand, &rate_rule, &task->rate);
}

/* A key that makes no sense beside the others of its group must not be there. */
static gboolean
refuse_key (IlScenarioParser *self, guint group, const char *key, const char *expected)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, key, &line);

  return text == NULL || il_scenario_parser_fail_key (self, line, key, text, expected);
}

static gboolean
parse_submit (IlScenarioParser *self, guint group, IlTaskKind *task)
{
  guint submit = IL_SUBMIT_APPLY_ASYNC;
  int line = 0;
  g_autofree char *batch = il_scenario_text_get (self->text, group, "Batch", &line);

  if (!il_scenario_parser_choice (self, group, "Submit", submit_words, &submit)
      || !il_scenario_parser_quantity_key (self, group, "Batch", &batch_rule, 1, &task->batch)
      || !il_scenario_parser_quantity_key (self, group, "Chunk", &batch_rule, 1, &task->chunk))
    return FALSE;
  task->submit = (IlSubmit)submit;
  if (task->arrival == IL_ARRIVAL_LOOP
      && !refuse_key (self, group, "Submit", _ ("no Submit beside Arrival=loop")))
    return FALSE;
  if (task->arrival != IL_ARRIVAL_AT_ONCE && submit != IL_SUBMIT_APPLY_ASYNC)
    return refuse_key (self, group, "Submit",
                       _ ("apply-async, since Arrival says when each task comes"));
  if (submit == IL_SUBMIT_MAP)
    return batch != NULL || il_scenario_parser_fail_missing (self, group, "Batch");
  return refuse_key (self, group, "Batch", _ ("Submit=map beside it"))
         && refuse_key (self, group, "Chunk", _ ("Submit=map beside it"));
}

/**
 * il_scenario_parser_task:
 * @group: index of the group in the text
 *
 * Parses a kind of task and appends it to the scenario's.
 */
gboolean
il_scenario_parser_task (IlScenarioParser *self, guint group)
{
  IlTaskKind *task = &self->scenario->tasks[self->scenario->n_tasks];
  int line = 0;
  g_autofree char *steps = il_scenario_text_get (self->text, group, "Steps", &line);

  self->task_groups[self->scenario->n_tasks++] = group;
  task->name = g_strdup (il_scenario_text_get_group (self->text, group)->name);
  task->title = il_scenario_text_get_localized (self->text, group, "Title");
  if (!il_scenario_parser_quantity_key (self, group, "Workers", &il_workers_rule, 0, &task->workers)
      || !il_scenario_parser_quantity_key (self, group, "Count", &il_count_rule, 0, &task->count)
      || !parse_arrival (self, group, task) || !parse_submit (self, group, task))
    return FALSE;
  if (il_task_kind_is_on_common_pool (task)
      && !refuse_key (self, group, "Title", _ ("Workers beside it, for they bear the title")))
    return FALSE;
  if (steps == NULL)
    return il_scenario_parser_fail_missing (self, group, "Steps");
  return il_scenario_parser_steps (self, line, steps, task);
}
