/* il-scenario-private.h - what the files that read scenarios share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-scenario.h"

G_BEGIN_DECLS

#define IL_SCENARIO_MAX_TEXT (1024 * 1024) /* bytes of a file */
/* Bytes of a name or title: with a number or “ tasks” behind it still a name in the trace. */
#define IL_SCENARIO_MAX_WORD 24
#define IL_SCENARIO_MAX_SENTENCE 400    /* bytes of a text that people read */
#define IL_SCENARIO_MAX_TASKS 1e9       /* of one kind */
#define IL_SCENARIO_MAX_TREE 1000000000 /* that are spawned by one, and by those, and so on */
#define IL_SCENARIO_MAX_CAPACITY 65536  /* items of a queue */
#define IL_SCENARIO_MAX_QUEUE_BYTES (64 << 20) /* payload that one queue may hold */
#define IL_SCENARIO_MAX_DURATION_NS 1e15       /* eleven days */
#define IL_SCENARIO_DEFAULT_PAYLOAD 64

/* The text: groups and keys with their lines (il-scenario-text.c). */

typedef enum
{
  IL_GROUP_SCENARIO,
  IL_GROUP_KNOB,
  IL_GROUP_LOCK,
  IL_GROUP_RWLOCK,
  IL_GROUP_SEMAPHORE,
  IL_GROUP_EVENT,
  IL_GROUP_CONDITION,
  IL_GROUP_BARRIER,
  IL_GROUP_QUEUE,
  IL_GROUP_CHANNEL,
  IL_GROUP_FILE,
  IL_GROUP_COUNTER,
  IL_GROUP_TASK,
  IL_N_GROUP_KINDS,
  IL_GROUP_FIRST_OBJECT = IL_GROUP_LOCK, /* what tasks share */
  IL_GROUP_LAST_OBJECT = IL_GROUP_COUNTER,
} IlGroupKind;

typedef struct
{
  IlGroupKind kind;
  char *header; /* what stands between the brackets */
  char *name;   /* "" for IL_GROUP_SCENARIO */
  int line;
} IlScenarioGroup;

typedef struct
{
  guint group; /* index */
  char *key;   /* with its language in brackets, if any */
  int line;
} IlScenarioEntry;

typedef struct
{
  char *path; /* as shown in messages */
  GKeyFile *key_file;
  GArray *groups;    /* of IlScenarioGroup, in the order of the file */
  GArray *entries;   /* of IlScenarioEntry, in the order of the file */
  GHashTable *lines; /* of keys, see get_line() */
  int n_lines;
} IlScenarioText;

IlScenarioText *il_scenario_text_new (const char *text, gsize length, const char *path,
                                      GError **error);
void il_scenario_text_free (IlScenarioText *self);
const IlScenarioGroup *il_scenario_text_get_group (const IlScenarioText *self, guint group);
const char *il_scenario_get_group_word (IlGroupKind kind);
const char *const *il_scenario_get_group_keys (IlGroupKind kind);
char *il_scenario_text_get (const IlScenarioText *self, guint group, const char *key, int *line);
char *il_scenario_text_get_localized (const IlScenarioText *self, guint group, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlScenarioText, il_scenario_text_free)

/* Messages (il-scenario-error.c). */

gboolean il_scenario_fail (GError **error, IlScenarioError code, const char *found,
                           const char *expected_format, ...) G_GNUC_PRINTF (4, 5);
gboolean il_scenario_fail_at (GError **error, const char *path, int line, const char *found,
                              const char *expected_format, ...) G_GNUC_PRINTF (5, 6);
char *il_scenario_suggest (const char *const *words, const char *found);
char *il_scenario_one_of (const char *const *words, const char *found);

/* Numbers (il-scenario-quantity.c). */

typedef struct
{
  IlUnit unit;
  double min, max;
  gboolean may_be_random;
  gboolean is_live; /* read anew at each use, so that a knob there can be turned while it runs */
} IlQuantityRule;

const char *il_quantity_get_unit_name (IlUnit unit);
char *il_quantity_to_string (double value, IlUnit unit);
char *il_quantity_describe_range (IlUnit unit, double min, double max);
gboolean il_quantity_parse_number (const char *text, double *value, const char **end);
gboolean il_quantity_guess (const char *text, IlUnit *unit, double *value);
gboolean il_quantity_is_too_short (IlUnit unit, double value);
gboolean il_quantity_parse_in (const char *text, const IlQuantityRule *rule, double *value,
                               GError **error);

extern const IlQuantityRule il_workers_rule;
extern const IlQuantityRule il_processes_rule;
extern const IlQuantityRule il_carriers_rule;
extern const IlQuantityRule il_count_rule;
extern const IlQuantityRule il_capacity_rule;

/* Parsing.  What is common to all groups is in il-scenario-parser.c. */

typedef struct
{
  IlScenarioText *text;
  IlScenario *scenario;
  int *knob_lines;      /* of their groups */
  gboolean *knob_used;  /* anywhere */
  gboolean *knob_fixed; /* somewhere where it is read once */
  int *object_lines;    /* of their groups */
  guint *task_groups;   /* their groups in the text */
  GError **error;       /* never NULL */
} IlScenarioParser;

gboolean il_scenario_parser_fail_group (IlScenarioParser *self, guint group, const char *expected);
gboolean il_scenario_parser_fail_missing (IlScenarioParser *self, guint group, const char *key);
gboolean il_scenario_parser_fail_key (IlScenarioParser *self, int line, const char *key,
                                      const char *value, const char *expected);
gboolean il_scenario_parser_place_error (IlScenarioParser *self, int line);
gboolean il_scenario_parser_number (IlScenarioParser *self, int line, const char *text,
                                    const IlQuantityRule *rule, double *value);
gboolean il_scenario_parser_quantity (IlScenarioParser *self, int line, const char *text,
                                      const IlQuantityRule *rule, IlQuantity *quantity);
gboolean il_scenario_parser_quantity_key (IlScenarioParser *self, guint group, const char *key,
                                          const IlQuantityRule *rule, double default_value,
                                          IlQuantity *quantity);
gboolean il_scenario_parser_choice (IlScenarioParser *self, guint group, const char *key,
                                    const char *const *words, guint *choice);
gboolean il_scenario_parser_number_key (IlScenarioParser *self, guint group, const char *key,
                                        const IlQuantityRule *rule, double default_value,
                                        double *value);
gboolean il_scenario_parser_refuse_key (IlScenarioParser *self, guint group, const char *key,
                                        const char *expected);
char **il_scenario_split_words (const char *text);
gboolean il_scenario_parser_affinity (IlScenarioParser *self, guint group, char **cores, int *nice);

/* The groups, each in a file of its own, and what must be so in all of them together. */

gboolean il_scenario_parser_scenario (IlScenarioParser *self, guint group);
gboolean il_scenario_parser_pool (IlScenarioParser *self, guint group);
gboolean il_scenario_parser_object (IlScenarioParser *self, guint group);
gboolean il_scenario_parser_condition (IlScenarioParser *self, guint group);
gboolean il_scenario_parser_find_object (IlScenarioParser *self, int line, const char *found,
                                         const char *name, const IlObjectKind *kinds, guint n_kinds,
                                         int *object);
gboolean il_scenario_parser_task (IlScenarioParser *self, guint index);
gboolean il_scenario_parser_steps (IlScenarioParser *self, int line, const char *text,
                                   IlTaskKind *task);
gboolean il_scenario_parser_check_tasks (IlScenarioParser *self);
gboolean il_scenario_parser_check_spawns (IlScenarioParser *self);
gboolean il_scenario_parser_check_sizes (IlScenarioParser *self);

/* Questions (il-scenario.c). */

int il_scenario_find_knob (const IlScenario *self, const char *key);
gboolean il_task_kind_is_on_common_pool (const IlTaskKind *task);
gboolean il_scenario_has_common_pool (const IlScenario *self);
guint il_scenario_get_total_workers (const IlScenario *self);
gboolean il_scenario_check_total_workers (const IlScenario *self, IlModel model, GError **error);
void il_scenario_fit_processes (IlScenario *self);
gboolean il_scenario_check_processes (IlScenario *self, GError **error);
gboolean il_scenario_check_trees (const IlScenario *self, guint *task, GError **error);
const char *il_scenario_get_object_word (IlObjectKind kind);
const char *const *il_scheduling_get_names (void);
const char *const *il_model_get_names (void);

G_END_DECLS
