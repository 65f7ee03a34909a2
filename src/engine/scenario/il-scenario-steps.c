/* il-scenario-steps.c - the steps of a kind of task: “lock A; cpu 5us; unlock A”
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A step is a word, the names that it needs, a number and a word for how, in this order.  What the
 * steps of a task must be as a whole is in il-scenario-rules.c.
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The number of a step. */
typedef struct
{
  IlQuantityRule rule;
  gboolean must_be_there;
  gboolean is_share; /* written with “%” */
  double default_value;
} Operand;

typedef struct
{
  const char *word;
  const char *form;       /* how the step is written */
  IlObjectKind object;    /* NONE: the step has no object */
  const Operand *operand; /* NULL: it has no number */
  const char *variants[4];
} StepForm;

static const Operand duration
    = { { IL_UNIT_DURATION, 0, IL_SCENARIO_MAX_DURATION_NS, TRUE, TRUE }, TRUE, FALSE, 0 };
static const Operand payload = { { IL_UNIT_SIZE, 0, IL_SCENARIO_MAX_PAYLOAD, FALSE, TRUE },
                                 FALSE,
                                 FALSE,
                                 IL_SCENARIO_DEFAULT_PAYLOAD };
static const Operand line_size = { { IL_UNIT_SIZE, 1, IL_SCENARIO_MAX_PAYLOAD, FALSE, TRUE },
                                   FALSE,
                                   FALSE,
                                   IL_SCENARIO_DEFAULT_PAYLOAD };
static const Operand message = { { IL_UNIT_SIZE, 0, IL_SCENARIO_MAX_MESSAGE, FALSE, TRUE },
                                 FALSE,
                                 FALSE,
                                 IL_SCENARIO_DEFAULT_PAYLOAD };
static const Operand echo_size
    = { { IL_UNIT_SIZE, 1, IL_SCENARIO_MAX_MESSAGE, FALSE, TRUE }, TRUE, FALSE, 0 };
static const Operand memory_size
    = { { IL_UNIT_SIZE, 1, IL_SCENARIO_MAX_MEMORY, FALSE, TRUE }, TRUE, FALSE, 0 };
static const Operand times = { { IL_UNIT_COUNT, 1, 1e9, FALSE, TRUE }, TRUE, FALSE, 0 };
static const Operand amount = { { IL_UNIT_COUNT, 0, 1e9, FALSE, TRUE }, FALSE, FALSE, 1 };
static const Operand children = { { IL_UNIT_COUNT, 0, 1e6, FALSE, TRUE }, FALSE, FALSE, 1 };
static const Operand share = { { IL_UNIT_COUNT, 0, 100, FALSE, TRUE }, FALSE, TRUE, 100 };

static const StepForm forms[IL_N_STEP_KINDS] = {
  [IL_STEP_LOCK] = { "lock", "lock LOCK", IL_OBJECT_LOCK, NULL, { 0 } },
  [IL_STEP_UNLOCK] = { "unlock", "unlock LOCK", IL_OBJECT_LOCK, NULL, { 0 } },
  [IL_STEP_READ_LOCK] = { "read-lock", "read-lock RWLOCK", IL_OBJECT_RWLOCK, NULL, { 0 } },
  [IL_STEP_READ_UNLOCK] = { "read-unlock", "read-unlock RWLOCK", IL_OBJECT_RWLOCK, NULL, { 0 } },
  [IL_STEP_WRITE_LOCK] = { "write-lock", "write-lock RWLOCK", IL_OBJECT_RWLOCK, NULL, { 0 } },
  [IL_STEP_WRITE_UNLOCK] = { "write-unlock", "write-unlock RWLOCK", IL_OBJECT_RWLOCK, NULL, { 0 } },
  [IL_STEP_ACQUIRE] = { "acquire", "acquire SEMAPHORE", IL_OBJECT_SEMAPHORE, NULL, { 0 } },
  [IL_STEP_POST] = { "post", "post SEMAPHORE", IL_OBJECT_SEMAPHORE, NULL, { 0 } },
  [IL_STEP_WAIT_EVENT] = { "wait", "wait EVENT|CONDITION [COUNTER]", IL_OBJECT_EVENT, NULL, { 0 } },
  [IL_STEP_SET] = { "set", "set EVENT", IL_OBJECT_EVENT, NULL, { 0 } },
  [IL_STEP_CLEAR] = { "clear", "clear EVENT", IL_OBJECT_EVENT, NULL, { 0 } },
  [IL_STEP_WAIT_CONDITION]
  = { "wait", "wait CONDITION [COUNTER]", IL_OBJECT_CONDITION, NULL, { 0 } },
  [IL_STEP_NOTIFY] = { "notify", "notify CONDITION", IL_OBJECT_CONDITION, NULL, { 0 } },
  [IL_STEP_NOTIFY_ALL] = { "notify-all", "notify-all CONDITION", IL_OBJECT_CONDITION, NULL, { 0 } },
  [IL_STEP_BARRIER] = { "barrier", "barrier BARRIER", IL_OBJECT_BARRIER, NULL, { 0 } },
  [IL_STEP_READ] = { "read", "read COUNTER", IL_OBJECT_COUNTER, NULL, { 0 } },
  [IL_STEP_WRITE] = { "write", "write COUNTER", IL_OBJECT_COUNTER, NULL, { 0 } },
  [IL_STEP_ADD] = { "add", "add COUNTER [NUMBER]", IL_OBJECT_COUNTER, &amount, { 0 } },
  [IL_STEP_SUBTRACT]
  = { "subtract", "subtract COUNTER [NUMBER]", IL_OBJECT_COUNTER, &amount, { 0 } },
  [IL_STEP_PUT] = { "put", "put QUEUE [SIZE]", IL_OBJECT_QUEUE, &payload, { 0 } },
  [IL_STEP_GET] = { "get", "get QUEUE", IL_OBJECT_QUEUE, NULL, { 0 } },
  [IL_STEP_GET_OR_LEAVE] = { "get-or-leave", "get-or-leave QUEUE", IL_OBJECT_QUEUE, NULL, { 0 } },
  [IL_STEP_SEND] = { "send", "send CHANNEL [SIZE]", IL_OBJECT_CHANNEL, &message, { 0 } },
  [IL_STEP_RECEIVE] = { "receive", "receive CHANNEL", IL_OBJECT_CHANNEL, NULL, { 0 } },
  [IL_STEP_TRY_SEND]
  = { "try-send", "try-send CHANNEL [SIZE]", IL_OBJECT_CHANNEL, &message, { 0 } },
  [IL_STEP_TRY_RECEIVE] = { "try-receive", "try-receive CHANNEL", IL_OBJECT_CHANNEL, NULL, { 0 } },
  [IL_STEP_CPU] = { "cpu",
                    "cpu DURATION [int|float|hash]",
                    IL_OBJECT_NONE,
                    &duration,
                    { "int", "float", "hash", NULL } },
  [IL_STEP_MEMORY] = { "memory",
                       "memory SIZE [stream|random]",
                       IL_OBJECT_NONE,
                       &memory_size,
                       { "stream", "random", NULL } },
  [IL_STEP_INCREMENT] = { "increment",
                          "increment NUMBER [apart|together]",
                          IL_OBJECT_NONE,
                          &times,
                          { "apart", "together", NULL } },
  [IL_STEP_SLEEP] = { "sleep", "sleep DURATION", IL_OBJECT_NONE, &duration, { 0 } },
  [IL_STEP_YIELD] = { "yield", "yield", IL_OBJECT_NONE, NULL, { 0 } },
  [IL_STEP_APPEND] = { "append",
                       "append FILE [SIZE] [whole|pieces]",
                       IL_OBJECT_FILE,
                       &line_size,
                       { "whole", "pieces", NULL } },
  [IL_STEP_FSYNC] = { "fsync", "fsync FILE", IL_OBJECT_FILE, NULL, { 0 } },
  [IL_STEP_ECHO]
  = { "echo", "echo SIZE [pipe|socket]", IL_OBJECT_NONE, &echo_size, { "pipe", "socket", NULL } },
  [IL_STEP_SPAWN] = { "spawn", "spawn TASK [NUMBER]", IL_OBJECT_NONE, &children, { 0 } },
  [IL_STEP_JOIN] = { "join", "join", IL_OBJECT_NONE, NULL, { 0 } },
  [IL_STEP_FAIL] = { "fail", "fail [SHARE]", IL_OBJECT_NONE, &share, { 0 } },
  [IL_STEP_CRASH] = { "crash", "crash [SHARE]", IL_OBJECT_NONE, &share, { 0 } },
};

/* The words of a step while they are read. */
typedef struct
{
  const char *item; /* all of it */
  char **words;
  guint n_words;
  guint next;
} Item;

/**
 * il_step_kind_get_word:
 *
 * Returns: the word that the step begins with in a scenario
 */
const char *
il_step_kind_get_word (IlStepKind kind)
{
  g_return_val_if_fail (kind < IL_N_STEP_KINDS, NULL);

  return forms[kind].word;
}

static const char *
take_word (Item *item)
{
  return item->next < item->n_words ? item->words[item->next++] : NULL;
}

static gboolean
fail_form (IlScenarioParser *self, const Item *item, const IlStep *step)
{
  return il_scenario_fail_at (self->error, self->text->path, step->line, item->item, "“%s”",
                              forms[step->kind].form);
}

static gboolean
find_form (IlScenarioParser *self, int line, const char *item, const char *word, IlStepKind *kind)
{
  const char *words[IL_N_STEP_KINDS + 1] = { NULL };
  guint n_words = 0;
  g_autofree char *suggestion = NULL;

  for (guint i = 0; i < IL_N_STEP_KINDS; i++)
    {
      if (i != IL_STEP_WAIT_CONDITION) /* the same word as for an event */
        words[n_words++] = forms[i].word;
      if (strcmp (forms[i].word, word) == 0)
        {
          *kind = (IlStepKind)i;
          return TRUE;
        }
    }
  suggestion = il_scenario_suggest (words, word);
  if (*suggestion == '\0')
    return il_scenario_fail_at (self->error, self->text->path, line, item,
                                _ ("a step; all of them are in interleave-scenario(5)"));
  return il_scenario_fail_at (self->error, self->text->path, line, item, _ ("a step%s"),
                              suggestion);
}

/* What “wait” is depends on what is waited for. */
static gboolean
parse_object (IlScenarioParser *self, Item *item, IlStep *step)
{
  const IlObjectKind kinds[] = { forms[step->kind].object, IL_OBJECT_CONDITION };
  guint n_kinds = step->kind == IL_STEP_WAIT_EVENT ? 2 : 1;
  const char *name;

  if (kinds[0] == IL_OBJECT_NONE)
    return TRUE;
  name = take_word (item);
  if (name == NULL)
    return fail_form (self, item, step);
  if (!il_scenario_parser_find_object (self, step->line, item->item, name, kinds, n_kinds,
                                       &step->object))
    return FALSE;
  if (self->scenario->objects[step->object].kind == IL_OBJECT_CONDITION
      && step->kind == IL_STEP_WAIT_EVENT)
    step->kind = IL_STEP_WAIT_CONDITION;
  return TRUE;
}

static gboolean
find_task (IlScenarioParser *self, const Item *item, const char *name, IlStep *step)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *one_of = NULL;

  for (guint i = 0; i < self->scenario->n_tasks; i++)
    {
      g_ptr_array_add (names, self->scenario->tasks[i].name);
      if (strcmp (self->scenario->tasks[i].name, name) == 0)
        {
          step->other = (int)i;
          return TRUE;
        }
    }
  g_ptr_array_add (names, NULL);
  one_of = il_scenario_one_of ((const char *const *)names->pdata, name);
  return il_scenario_fail_at (self->error, self->text->path, step->line, item->item,
                              _ ("the name of a [Task NAME], %s"), one_of);
}

/* The kind of task of a spawn, the counter of a wait. */
static gboolean
parse_other (IlScenarioParser *self, Item *item, IlStep *step)
{
  static const IlObjectKind kinds[] = { IL_OBJECT_COUNTER };
  const char *name;

  if (step->kind != IL_STEP_SPAWN && step->kind != IL_STEP_WAIT_CONDITION)
    return TRUE;
  name = take_word (item);
  if (name == NULL)
    return step->kind == IL_STEP_WAIT_CONDITION || fail_form (self, item, step);
  if (step->kind == IL_STEP_SPAWN)
    return find_task (self, item, name, step);
  return il_scenario_parser_find_object (self, step->line, item->item, name, kinds,
                                         G_N_ELEMENTS (kinds), &step->other);
}

static gboolean
parse_share (IlScenarioParser *self, const Item *item, const char *text, IlStep *step)
{
  const char *end;
  double percent;

  if (g_str_has_prefix (text, "${"))
    return il_scenario_parser_quantity (self, step->line, text, &share.rule, &step->quantity);
  if (!il_quantity_parse_number (text, &percent, &end) || strcmp (end, "%") != 0 || percent > 100)
    return il_scenario_fail_at (self->error, self->text->path, step->line, item->item,
                                _ ("a share from 0%% to 100%%"));
  step->quantity.literal = percent;
  return TRUE;
}

/* The word that the number is; NULL if it may be and is left out. */
static gboolean
take_number (IlScenarioParser *self, Item *item, const IlStep *step, const char **number)
{
  const StepForm *form = &forms[step->kind];
  gboolean is_next_a_number = item->next < item->n_words
                              && (form->operand->must_be_there
                                  || !g_strv_contains (form->variants, item->words[item->next]));

  *number = is_next_a_number ? take_word (item) : NULL;
  return is_next_a_number || !form->operand->must_be_there || fail_form (self, item, step);
}

static gboolean
parse_number (IlScenarioParser *self, const Item *item, const char *number, IlStep *step)
{
  const Operand *operand = forms[step->kind].operand;

  if (number == NULL)
    {
      step->quantity.literal = operand->default_value;
      return TRUE;
    }
  if (operand->is_share)
    return parse_share (self, item, number, step);
  return il_scenario_parser_quantity (self, step->line, number, &operand->rule, &step->quantity);
}

static gboolean
parse_variant (IlScenarioParser *self, Item *item, IlStep *step)
{
  const char *word = take_word (item);

  if (word == NULL)
    return TRUE;
  for (guint i = 0; forms[step->kind].variants[i] != NULL; i++)
    if (strcmp (forms[step->kind].variants[i], word) == 0)
      {
        step->variant = (int)i;
        return item->next == item->n_words || fail_form (self, item, step);
      }
  return fail_form (self, item, step);
}

/* How much the object must have room for. */
static void
note_payload (IlScenario *scenario, const IlStep *step)
{
  IlScenarioObject *object;

  if (step->kind != IL_STEP_PUT && step->kind != IL_STEP_SEND && step->kind != IL_STEP_TRY_SEND)
    return;
  object = &scenario->objects[step->object];
  object->max_payload
      = MAX (object->max_payload, (gint64)il_quantity_get_max (&step->quantity, scenario));
}

/* What follows the names.  That it has the form of the step is seen before what it says. */
static gboolean
parse_number_and_variant (IlScenarioParser *self, Item *item, IlStep *step)
{
  const char *number = NULL;

  if (forms[step->kind].operand == NULL)
    return parse_variant (self, item, step);
  return take_number (self, item, step, &number) && parse_variant (self, item, step)
         && parse_number (self, item, number, step);
}

/* An item between semicolons, not blank. */
static gboolean
parse_item (IlScenarioParser *self, const char *text, IlStep *step)
{
  g_auto (GStrv) words = il_scenario_split_words (text);
  Item item = { .item = text, .words = words, .n_words = g_strv_length (words) };

  if (!find_form (self, step->line, text, take_word (&item), &step->kind)
      || !parse_object (self, &item, step) || !parse_other (self, &item, step)
      || !parse_number_and_variant (self, &item, step))
    return FALSE;
  note_payload (self->scenario, step);
  return TRUE;
}

/**
 * il_scenario_parser_steps:
 * @text: of the key Steps
 *
 * Parses the steps of @task; knobs and objects are parsed already, and all tasks have their names.
 */
gboolean
il_scenario_parser_steps (IlScenarioParser *self, int line, const char *text, IlTaskKind *task)
{
  g_auto (GStrv) items = g_strsplit (text, ";", -1);

  task->steps = g_new0 (IlStep, MIN (g_strv_length (items), IL_SCENARIO_MAX_STEPS));
  for (char **item = items; *item != NULL; item++)
    {
      IlStep *step = &task->steps[task->n_steps];

      if (*g_strstrip (*item) == '\0' && item[1] == NULL && item != items)
        break;
      if (**item == '\0')
        return il_scenario_fail_at (self->error, self->text->path, line, text,
                                    item[1] == NULL
                                        ? _ ("a step, such as “cpu 1ms”")
                                        : _ ("a step, such as “cpu 1ms”, before semicolon %d"),
                                    (int)(item - items) + 1);
      if (task->n_steps == IL_SCENARIO_MAX_STEPS)
        return il_scenario_fail_at (self->error, self->text->path, line, *item,
                                    _ ("at most %d steps"), IL_SCENARIO_MAX_STEPS);
      *step = (IlStep){ .object = -1, .other = -1, .quantity = { .knob = -1 }, .line = line };
      if (!parse_item (self, *item, step))
        return FALSE;
      task->n_steps++;
    }
  return TRUE;
}
