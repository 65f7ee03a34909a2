/* il-scenario-task.c - the group [Task NAME]: a kind of task, how many come and when
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_ARRIVAL_NUMBERS 2

static const char *const submit_words[] = { "apply", "apply-async", "map", NULL };

static const IlQuantityRule batch_rule = { IL_UNIT_COUNT, 1, 1000000, FALSE, FALSE };
static const IlQuantityRule rate_rule = { IL_UNIT_RATE, 0.001, 1e7, FALSE, TRUE };
static const IlQuantityRule burst_rule = { IL_UNIT_COUNT, 1, 65536, FALSE, TRUE };
static const IlQuantityRule every_rule
    = { IL_UNIT_DURATION, 1e3, IL_SCENARIO_MAX_DURATION_NS, FALSE, TRUE };
static const IlQuantityRule clients_rule = { IL_UNIT_COUNT, 1, 4096, FALSE, FALSE };
static const IlQuantityRule think_rule
    = { IL_UNIT_DURATION, 0, IL_SCENARIO_MAX_DURATION_NS, TRUE, TRUE };
static const IlQuantityRule priority_rule = { IL_UNIT_COUNT, 0, 99, FALSE, FALSE };
static const IlQuantityRule depth_rule = { IL_UNIT_COUNT, 0, IL_SCENARIO_MAX_DEPTH, FALSE, FALSE };
static const IlQuantityRule copied_rule
    = { IL_UNIT_SIZE, 0, IL_SCENARIO_MAX_MESSAGE, FALSE, FALSE };

/* How an arrival is written: its word, then a number for each rule, with a word of its own before
 * the last if there is one. */
typedef struct
{
  IlArrivalKind kind;
  const char *word;
  const char *form;
  const IlQuantityRule *rules[MAX_ARRIVAL_NUMBERS];
  const char *before_last;
} ArrivalForm;

static const ArrivalForm arrival_forms[] = {
  { IL_ARRIVAL_AT_ONCE, "at-once", "at-once", { NULL }, NULL },
  { IL_ARRIVAL_RATE, "rate", "rate RATE", { &rate_rule }, NULL },
  { IL_ARRIVAL_POISSON, "poisson", "poisson RATE", { &rate_rule }, NULL },
  { IL_ARRIVAL_BURSTS,
    "bursts",
    "bursts NUMBER every DURATION",
    { &burst_rule, &every_rule },
    "every" },
  { IL_ARRIVAL_CLOSED, "closed", "closed NUMBER DURATION", { &clients_rule, &think_rule }, NULL },
  { IL_ARRIVAL_LOOP, "loop", "loop", { NULL }, NULL },
};

static const ArrivalForm *
find_arrival (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (arrival_forms); i++)
    if (strcmp (arrival_forms[i].word, word) == 0)
      return &arrival_forms[i];
  return NULL;
}

static gboolean
fail_arrival (IlScenarioParser *self, int line, const char *text, const char *word)
{
  const char *words[G_N_ELEMENTS (arrival_forms) + 1] = { NULL };
  g_autofree char *one_of = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (arrival_forms); i++)
    words[i] = arrival_forms[i].word;
  one_of = il_scenario_one_of (words, word);
  return il_scenario_fail_at (self->error, self->text->path, line, text, "%s", one_of);
}

/* words: those behind the first, NULL-terminated */
static gboolean
parse_arrival_numbers (IlScenarioParser *self, int line, const char *text, char **words,
                       const ArrivalForm *form, IlTaskKind *task)
{
  IlQuantity *const of_one[] = { &task->rate };
  IlQuantity *const of_two[] = { &task->burst, &task->gap };
  guint n_rules = 0;
  guint next = 0;
  gboolean is_well_formed;

  while (n_rules < MAX_ARRIVAL_NUMBERS && form->rules[n_rules] != NULL)
    n_rules++;
  is_well_formed = form->before_last == NULL
                       ? g_strv_length (words) == n_rules
                       : g_strv_length (words) == n_rules + 1
                             && strcmp (words[n_rules - 1], form->before_last) == 0;
  if (!is_well_formed)
    return il_scenario_fail_at (self->error, self->text->path, line, text, "“%s”", form->form);
  for (guint i = 0; i < n_rules; i++)
    {
      IlQuantity *quantity = n_rules == 1 ? of_one[i] : of_two[i];

      if (form->before_last != NULL && i == n_rules - 1)
        next++;
      if (!il_scenario_parser_quantity (self, line, words[next++], form->rules[i], quantity))
        return FALSE;
    }
  return TRUE;
}

/* “at-once”, “rate 900/s”, “poisson ${rate}”, “bursts 20 every 100ms”, “closed 8 ~20ms”, “loop” */
static gboolean
parse_arrival (IlScenarioParser *self, guint group, IlTaskKind *task)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, "Arrival", &line);
  g_auto (GStrv) words = NULL;
  const ArrivalForm *form;

  task->arrival = IL_ARRIVAL_AT_ONCE;
  task->rate.knob = task->burst.knob = task->gap.knob = -1;
  if (text == NULL)
    return TRUE;

  words = il_scenario_split_words (text);
  form = find_arrival (words[0]);
  if (form == NULL)
    return fail_arrival (self, line, text, words[0]);
  task->arrival = form->kind;
  return parse_arrival_numbers (self, line, text, words + 1, form, task);
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
      && !il_scenario_parser_refuse_key (self, group, "Submit",
                                         _ ("no Submit beside Arrival=loop")))
    return FALSE;
  if (task->arrival != IL_ARRIVAL_AT_ONCE && submit != IL_SUBMIT_APPLY_ASYNC)
    return il_scenario_parser_refuse_key (
        self, group, "Submit", _ ("apply-async, since Arrival says when each task comes"));
  if (submit == IL_SUBMIT_MAP)
    return batch != NULL || il_scenario_parser_fail_missing (self, group, "Batch");
  return il_scenario_parser_refuse_key (self, group, "Batch", _ ("Submit=map beside it"))
         && il_scenario_parser_refuse_key (self, group, "Chunk", _ ("Submit=map beside it"));
}

/* What only workers of its own have. */
static gboolean
parse_own_workers (IlScenarioParser *self, guint group, IlTaskKind *task)
{
  static const char *const keys[] = { "Title", "Cores", "Nice" };

  task->title = il_scenario_text_get_localized (self->text, group, "Title");
  if (!il_scenario_parser_quantity_key (self, group, "Workers", &il_workers_rule, 0, &task->workers)
      || !il_scenario_parser_affinity (self, group, &task->cores, &task->nice))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (keys) && il_task_kind_is_on_common_pool (task); i++)
    if (!il_scenario_parser_refuse_key (self, group, keys[i],
                                        _ ("Workers beside it, for whom it is")))
      return FALSE;
  return TRUE;
}

/**
 * il_scenario_parser_task:
 * @index: of the task in the scenario, which has its name already
 *
 * Parses a kind of task.
 */
gboolean
il_scenario_parser_task (IlScenarioParser *self, guint index)
{
  IlTaskKind *task = &self->scenario->tasks[index];
  guint group = self->task_groups[index];
  double priority;
  int line = 0;
  g_autofree char *steps = il_scenario_text_get (self->text, group, "Steps", &line);

  if (!parse_own_workers (self, group, task)
      || !il_scenario_parser_quantity_key (self, group, "Count", &il_count_rule, 0, &task->count)
      || !parse_arrival (self, group, task) || !parse_submit (self, group, task)
      || !il_scenario_parser_number_key (self, group, "Priority", &priority_rule, 0, &priority)
      || !il_scenario_parser_quantity_key (self, group, "Depth", &depth_rule,
                                           IL_SCENARIO_MAX_DEPTH + 1, &task->depth)
      || !il_scenario_parser_quantity_key (self, group, "Argument", &copied_rule, 0,
                                           &task->argument)
      || !il_scenario_parser_quantity_key (self, group, "Result", &copied_rule, 0, &task->result))
    return FALSE;
  task->priority = (int)priority;
  if (steps == NULL)
    return il_scenario_parser_fail_missing (self, group, "Steps");
  return il_scenario_parser_steps (self, line, steps, task);
}
