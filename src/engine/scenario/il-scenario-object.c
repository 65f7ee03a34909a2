/* il-scenario-object.c - the groups of what tasks share: [Lock NAME], [Queue NAME] and so on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DEFAULT_CHANNEL_CAPACITY 16
#define MUST_BE_THERE (-1.)

static const IlQuantityRule units_rule = { IL_UNIT_COUNT, 0, 1000000, FALSE, FALSE };
static const IlQuantityRule parties_rule
    = { IL_UNIT_COUNT, 1, IL_SCENARIO_MAX_COROUTINES, FALSE, FALSE };
static const IlQuantityRule value_rule = { IL_UNIT_COUNT, 0, 1e9, FALSE, FALSE };

/* What can stand in a group: a number that becomes the object's parameter, and one of some words,
 * in the order of the values of its variant. */
typedef struct
{
  IlObjectKind kind;
  const char *number_key;
  const IlQuantityRule *rule;
  double default_number;
  const char *choice_key;
  const char *words[IL_N_CHANNEL_KINDS + 1];
} ObjectForm;

static const ObjectForm forms[IL_N_GROUP_KINDS] = {
  [IL_GROUP_LOCK] = { .kind = IL_OBJECT_LOCK,
                      .choice_key = "Kind",
                      .words = { "plain", "recursive", "spin", "ticket" } },
  [IL_GROUP_RWLOCK]
  = { .kind = IL_OBJECT_RWLOCK, .choice_key = "Prefer", .words = { "readers", "writers" } },
  [IL_GROUP_SEMAPHORE] = { IL_OBJECT_SEMAPHORE, "Units", &units_rule, MUST_BE_THERE, NULL, { 0 } },
  [IL_GROUP_EVENT] = { .kind = IL_OBJECT_EVENT, .choice_key = "Set", .words = { "no", "yes" } },
  [IL_GROUP_CONDITION] = { .kind = IL_OBJECT_CONDITION },
  [IL_GROUP_BARRIER] = { IL_OBJECT_BARRIER, "Parties", &parties_rule, MUST_BE_THERE, NULL, { 0 } },
  [IL_GROUP_QUEUE] = { IL_OBJECT_QUEUE,
                       "Capacity",
                       &il_capacity_rule,
                       MUST_BE_THERE,
                       "Order",
                       { "fifo", "priority" } },
  [IL_GROUP_CHANNEL] = { IL_OBJECT_CHANNEL,
                         "Capacity",
                         &il_capacity_rule,
                         DEFAULT_CHANNEL_CAPACITY,
                         "Kind",
                         { "queue", "memory", "pipe", "socket" } },
  [IL_GROUP_FILE] = { .kind = IL_OBJECT_FILE },
  [IL_GROUP_COUNTER]
  = { IL_OBJECT_COUNTER, "Value", &value_rule, 0, "Place", { "shared", "heap" } },
};

/**
 * il_scenario_get_object_word:
 *
 * Returns: the word of its group, such as “Lock”
 */
const char *
il_scenario_get_object_word (IlObjectKind kind)
{
  for (guint i = IL_GROUP_FIRST_OBJECT; i <= IL_GROUP_LAST_OBJECT; i++)
    if (forms[i].kind == kind)
      return il_scenario_get_group_word ((IlGroupKind)i);
  return NULL;
}

/**
 * il_scenario_parser_object:
 * @group: index of a group in the text
 *
 * Parses an object and appends it to the scenario's, all but the names of others in it.
 */
gboolean
il_scenario_parser_object (IlScenarioParser *self, guint group)
{
  const IlScenarioGroup *header = il_scenario_text_get_group (self->text, group);
  const ObjectForm *form = &forms[header->kind];
  IlScenarioObject *object = &self->scenario->objects[self->scenario->n_objects];
  guint choice = 0;
  int line = 0;

  self->object_lines[self->scenario->n_objects++] = header->line;
  object->kind = form->kind;
  object->name = g_strdup (header->name);
  object->parameter.knob = -1;
  object->lock = -1;
  if (form->choice_key != NULL
      && !il_scenario_parser_choice (self, group, form->choice_key, form->words, &choice))
    return FALSE;
  if (object->kind == IL_OBJECT_EVENT)
    object->parameter.literal = choice;
  else
    object->variant = (int)choice;
  if (form->number_key == NULL)
    return TRUE;
  if (form->default_number == MUST_BE_THERE)
    {
      g_autofree char *text = il_scenario_text_get (self->text, group, form->number_key, &line);

      if (text == NULL)
        return il_scenario_parser_fail_missing (self, group, form->number_key);
    }
  return il_scenario_parser_quantity_key (self, group, form->number_key, form->rule,
                                          form->default_number, &object->parameter);
}

/**
 * il_scenario_parser_condition:
 * @group: index of a group [Condition NAME] in the text
 *
 * Finds the lock of a condition; all objects are parsed already.
 */
gboolean
il_scenario_parser_condition (IlScenarioParser *self, guint group)
{
  IlScenario *scenario = self->scenario;
  const char *name = il_scenario_text_get_group (self->text, group)->name;
  static const IlObjectKind kinds[] = { IL_OBJECT_LOCK };
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, "Lock", &line);
  int lock;

  if (text == NULL)
    return il_scenario_parser_fail_missing (self, group, "Lock");
  if (!il_scenario_parser_find_object (self, line, text, text, kinds, G_N_ELEMENTS (kinds), &lock))
    return FALSE;
  for (guint i = 0; i < scenario->n_objects; i++)
    if (scenario->objects[i].kind == IL_OBJECT_CONDITION
        && strcmp (scenario->objects[i].name, name) == 0)
      scenario->objects[i].lock = lock;
  return TRUE;
}

/* “[Lock NAME]”, “[Event NAME] or [Condition NAME]” */
static char *
describe_kinds (const IlObjectKind *kinds, guint n_kinds)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < n_kinds; i++)
    g_string_append_printf (list, "%s[%s %s]", i > 0 ? _ (" or ") : "",
                            il_scenario_get_object_word (kinds[i]), _ ("NAME"));
  return g_strdup (list->str);
}

static gboolean
is_among (IlObjectKind kind, const IlObjectKind *kinds, guint n_kinds)
{
  for (guint i = 0; i < n_kinds; i++)
    if (kinds[i] == kind)
      return TRUE;
  return FALSE;
}

/**
 * il_scenario_parser_find_object:
 * @found: the text to be shown if there is none
 * @kinds: (array length=n_kinds): what it may be
 * @object: (out): index
 *
 * Finds the object of a name.
 */
gboolean
il_scenario_parser_find_object (IlScenarioParser *self, int line, const char *found,
                                const char *name, const IlObjectKind *kinds, guint n_kinds,
                                int *object)
{
  g_autofree char *expected = describe_kinds (kinds, n_kinds);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *one_of = NULL;

  for (guint i = 0; i < self->scenario->n_objects; i++)
    {
      const IlScenarioObject *candidate = &self->scenario->objects[i];
      gboolean suits = is_among (candidate->kind, kinds, n_kinds);

      if (suits)
        g_ptr_array_add (names, candidate->name);
      if (strcmp (candidate->name, name) != 0)
        continue;
      *object = (int)i;
      return suits
             || il_scenario_fail_at (self->error, self->text->path, line, found,
                                     _ ("the name of a group %s, which [%s %s] is not"), expected,
                                     il_scenario_get_object_word (candidate->kind), name);
    }
  if (names->len == 0)
    return il_scenario_fail_at (self->error, self->text->path, line, found,
                                _ ("[%s %s] in this file"), il_scenario_get_object_word (kinds[0]),
                                name);
  g_ptr_array_add (names, NULL);
  one_of = il_scenario_one_of ((const char *const *)names->pdata, name);
  return il_scenario_fail_at (self->error, self->text->path, line, found,
                              _ ("the name of a group %s, %s"), expected, one_of);
}
