/* il-scenario-steps.c - the steps of a kind of task: “lock A; cpu 5us; unlock A”
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps are flat, so a task's way through its locks is known beforehand: it is followed here, and a
 * task can neither give back what it does not hold nor end while it holds something.  That it may
 * wait for itself or for others for ever is no error: that is what a scenario may be made to show.
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef enum
{
  OPERAND_NONE,
  OPERAND_DURATION,
  OPERAND_SIZE,    /* may be left out */
  OPERAND_PERCENT, /* may be left out */
} Operand;

typedef struct
{
  const char *word;
  IlObjectKind object; /* NONE: the step has no object */
  Operand operand;
  const char *form;
} StepForm;

static const StepForm forms[IL_N_STEP_KINDS] = {
  [IL_STEP_LOCK] = { "lock", IL_OBJECT_LOCK, OPERAND_NONE, "lock LOCK" },
  [IL_STEP_UNLOCK] = { "unlock", IL_OBJECT_LOCK, OPERAND_NONE, "unlock LOCK" },
  [IL_STEP_ACQUIRE] = { "acquire", IL_OBJECT_SEMAPHORE, OPERAND_NONE, "acquire SEMAPHORE" },
  [IL_STEP_POST] = { "post", IL_OBJECT_SEMAPHORE, OPERAND_NONE, "post SEMAPHORE" },
  [IL_STEP_PUT] = { "put", IL_OBJECT_QUEUE, OPERAND_SIZE, "put QUEUE [SIZE]" },
  [IL_STEP_GET] = { "get", IL_OBJECT_QUEUE, OPERAND_NONE, "get QUEUE" },
  [IL_STEP_CPU] = { "cpu", IL_OBJECT_NONE, OPERAND_DURATION, "cpu DURATION" },
  [IL_STEP_SLEEP] = { "sleep", IL_OBJECT_NONE, OPERAND_DURATION, "sleep DURATION" },
  [IL_STEP_FAIL] = { "fail", IL_OBJECT_NONE, OPERAND_PERCENT, "fail [PERCENT]" },
  [IL_STEP_CRASH] = { "crash", IL_OBJECT_NONE, OPERAND_PERCENT, "crash [PERCENT]" },
};

static const IlQuantityRule duration_rule
    = { IL_UNIT_DURATION, 0, IL_SCENARIO_MAX_DURATION_NS, TRUE, TRUE };
static const IlQuantityRule size_rule = { IL_UNIT_SIZE, 0, IL_SCENARIO_MAX_PAYLOAD, FALSE, TRUE };
static const IlQuantityRule percent_rule = { IL_UNIT_COUNT, 0, 100, FALSE, TRUE };

static gboolean
find_form (IlScenarioParser *self, int line, const char *item, const char *word, IlStepKind *kind)
{
  const char *words[IL_N_STEP_KINDS + 1] = { NULL };
  g_autofree char *one_of = NULL;

  guint n_words = 0;

  for (guint i = 0; i < IL_N_STEP_KINDS; i++)
    {
      if (forms[i].word == NULL)
        continue;
      words[n_words++] = forms[i].word;
      if (strcmp (forms[i].word, word) == 0)
        {
          *kind = (IlStepKind)i;
          return TRUE;
        }
    }
  one_of = il_scenario_one_of (words, word);
  return il_scenario_fail_at (self->error, self->text->path, line, item, _ ("a step, %s"), one_of);
}

static const char *
get_object_group (IlObjectKind kind)
{
  return kind == IL_OBJECT_LOCK ? "Lock" : kind == IL_OBJECT_SEMAPHORE ? "Semaphore" : "Queue";
}

static gboolean
find_object (IlScenarioParser *self, const char *item, const char *name, IlStep *step)
{
  IlObjectKind kind = forms[step->kind].object;
  const char *group = get_object_group (kind);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *one_of = NULL;

  for (guint i = 0; i < self->scenario->n_objects; i++)
    {
      const IlScenarioObject *object = &self->scenario->objects[i];

      if (object->kind == kind && strcmp (object->name, name) == 0)
        {
          step->object = (int)i;
          return TRUE;
        }
      if (strcmp (object->name, name) == 0)
        return il_scenario_fail_at (self->error, self->text->path, step->line, item,
                                    _ ("a [%s NAME], which [%s %s] is not"), group,
                                    get_object_group (object->kind), name);
      if (object->kind == kind)
        g_ptr_array_add (names, object->name);
    }
  if (names->len == 0)
    return il_scenario_fail_at (self->error, self->text->path, step->line, item,
                                _ ("[%s %s] in this file"), group, name);
  g_ptr_array_add (names, NULL);
  one_of = il_scenario_one_of ((const char *const *)names->pdata, name);
  return il_scenario_fail_at (self->error, self->text->path, step->line, item,
                              _ ("the name of a [%s NAME], %s"), group, one_of);
}

static gboolean
parse_percent (IlScenarioParser *self, const char *item, const char *text, IlStep *step)
{
  const char *end;
  double percent;

  if (g_str_has_prefix (text, "${"))
    return il_scenario_parser_quantity (self, step->line, text, &percent_rule, &step->quantity);
  if (!il_quantity_parse_number (text, &percent, &end) || strcmp (end, "%") != 0 || percent > 100)
    return il_scenario_fail_at (self->error, self->text->path, step->line, item,
                                _ ("a share from 0%% to 100%%"));
  step->quantity.literal = percent;
  return TRUE;
}

static gboolean
parse_operand (IlScenarioParser *self, const char *item, const char *text, IlStep *step)
{
  Operand operand = forms[step->kind].operand;

  if (text == NULL)
    {
      step->quantity.literal = operand == OPERAND_SIZE      ? IL_SCENARIO_DEFAULT_PAYLOAD
                               : operand == OPERAND_PERCENT ? 100
                                                            : 0;
      return TRUE;
    }
  if (operand == OPERAND_PERCENT)
    return parse_percent (self, item, text, step);
  return il_scenario_parser_quantity (self, step->line, text,
                                      operand == OPERAND_SIZE ? &size_rule : &duration_rule,
                                      &step->quantity);
}

static double
get_maximum (const IlScenarioParser *self, const IlQuantity *quantity)
{
  return quantity->knob >= 0 ? self->scenario->knobs[quantity->knob].max : quantity->literal;
}

/* words: those of the item, one at least */
static gboolean
parse_words (IlScenarioParser *self, const char *item, GPtrArray *words, IlStep *step)
{
  const StepForm *form;
  guint n_objects, n_needed, n_possible;

  if (!find_form (self, step->line, item, g_ptr_array_index (words, 0), &step->kind))
    return FALSE;
  form = &forms[step->kind];
  n_objects = form->object != IL_OBJECT_NONE ? 1 : 0;
  n_needed = 1 + n_objects + (form->operand == OPERAND_DURATION ? 1 : 0);
  n_possible = 1 + n_objects + (form->operand != OPERAND_NONE ? 1 : 0);
  if (words->len < n_needed || words->len > n_possible)
    return il_scenario_fail_at (self->error, self->text->path, step->line, item, "“%s”",
                                form->form);
  if (n_objects > 0 && !find_object (self, item, g_ptr_array_index (words, 1), step))
    return FALSE;
  if (!parse_operand (self, item,
                      words->len > 1 + n_objects ? g_ptr_array_index (words, 1 + n_objects) : NULL,
                      step))
    return FALSE;
  if (step->kind == IL_STEP_PUT)
    {
      IlScenarioObject *queue = &self->scenario->objects[step->object];

      queue->max_payload = MAX (queue->max_payload, (gint64)get_maximum (self, &step->quantity));
    }
  return TRUE;
}

/* An item between semicolons, not blank. */
static gboolean
parse_item (IlScenarioParser *self, const char *item, IlStep *step)
{
  g_auto (GStrv) parts = g_strsplit_set (item, " \t", -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0')
      g_ptr_array_add (words, *part);
  return parse_words (self, item, words, step);
}

/* How many of each object a task holds after its steps; what it gives back it must hold. */
static gboolean
check_holding (IlScenarioParser *self, const IlTaskKind *task)
{
  g_autofree guint *n_held = g_new0 (guint, self->scenario->n_objects);

  for (guint i = 0; i < task->n_steps; i++)
    {
      const IlStep *step = &task->steps[i];
      const StepForm *taking
          = &forms[step->kind == IL_STEP_UNLOCK ? IL_STEP_LOCK : IL_STEP_ACQUIRE];

      if (step->kind == IL_STEP_LOCK || step->kind == IL_STEP_ACQUIRE)
        n_held[step->object]++;
      if (step->kind != IL_STEP_UNLOCK && step->kind != IL_STEP_POST)
        continue;
      if (n_held[step->object]-- == 0)
        {
          const char *name = self->scenario->objects[step->object].name;
          g_autofree char *found = g_strdup_printf ("%s %s", forms[step->kind].word, name);

          return il_scenario_fail_at (self->error, self->text->path, step->line, found,
                                      _ ("“%s %s” before it in the same steps"), taking->word,
                                      name);
        }
    }
  for (guint i = 0; i < self->scenario->n_objects; i++)
    {
      const IlScenarioObject *object = &self->scenario->objects[i];
      gboolean is_lock = object->kind == IL_OBJECT_LOCK;
      g_autofree char *found = g_strdup_printf (
          "%s %s", forms[is_lock ? IL_STEP_LOCK : IL_STEP_ACQUIRE].word, object->name);

      if (n_held[i] > 0)
        return il_scenario_fail_at (self->error, self->text->path, task->steps[0].line, found,
                                    _ ("“%s %s” after it in the same steps"),
                                    forms[is_lock ? IL_STEP_UNLOCK : IL_STEP_POST].word,
                                    object->name);
    }
  return TRUE;
}

/**
 * il_scenario_parser_steps:
 * @text: of the key Steps
 *
 * Parses the steps of @task; knobs and objects are parsed already.
 */
gboolean
il_scenario_parser_steps (IlScenarioParser *self, int line, const char *text, IlTaskKind *task)
{
  g_auto (GStrv) items = g_strsplit (text, ";", -1);

  task->steps = g_new0 (IlStep, MIN (g_strv_length (items), IL_SCENARIO_MAX_STEPS));
  for (char **item = items; *item != NULL; item++)
    {
      IlStep *step = &task->steps[task->n_steps];

      if (*g_strstrip (*item) == '\0')
        continue;
      if (task->n_steps == IL_SCENARIO_MAX_STEPS)
        return il_scenario_fail_at (self->error, self->text->path, line, *item,
                                    _ ("at most %d steps"), IL_SCENARIO_MAX_STEPS);
      *step = (IlStep){ .object = -1, .other = -1, .quantity = { .knob = -1 }, .line = line };
      if (!parse_item (self, *item, step))
        return FALSE;
      task->n_steps++;
    }
  if (task->n_steps == 0)
    return il_scenario_fail_at (self->error, self->text->path, line, text,
                                _ ("a step, such as “cpu 1ms”"));
  return check_holding (self, task);
}
