/* il-scenario-text.c - the text of a scenario: its groups and keys, and in which lines they stand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GKeyFile reads the values, but it tells no line numbers and merges groups and keys that stand
 * there twice.  So the lines are looked through here first, as strictly as GKeyFile or stricter:
 * what passes here is accepted there.
 *
 * A line is blank, a comment (its first character that is not a space is #), a group in brackets,
 * or KEY=VALUE.  A line ends with LF or CR LF; there are no continuation lines.
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const scenario_keys[]
    = { "Name",     "Description",    "LookAt",     "Row",
        "Model",    "Models",         "Workers",    "Processes",
        "Carriers", "SwitchInterval", "Scheduling", "Capacity",
        "Duration", "AtEnd",          "OnDeath",    "MaxTasksPerWorker",
        "Daemon",   "Cores",          "Nice",       "Seed",
        NULL };
static const char *const knob_keys[] = { "Name", "Value", "Min", "Max", NULL };
static const char *const lock_keys[] = { "Kind", NULL };
static const char *const rwlock_keys[] = { "Prefer", NULL };
static const char *const semaphore_keys[] = { "Units", NULL };
static const char *const event_keys[] = { "Set", NULL };
static const char *const condition_keys[] = { "Lock", NULL };
static const char *const barrier_keys[] = { "Parties", NULL };
static const char *const queue_keys[] = { "Capacity", "Order", NULL };
static const char *const channel_keys[] = { "Kind", "Capacity", NULL };
static const char *const file_keys[] = { NULL };
static const char *const counter_keys[] = { "Value", "Place", NULL };
static const char *const task_keys[]
    = { "Title", "Workers", "Cores", "Nice",     "Priority", "Count", "Arrival", "Submit",
        "Batch", "Chunk",   "Depth", "Argument", "Result",   "Steps", NULL };

static const struct
{
  const char *word;
  const char *const *keys;
} groups[IL_N_GROUP_KINDS] = {
  [IL_GROUP_SCENARIO] = { "Scenario", scenario_keys },
  [IL_GROUP_KNOB] = { "Knob", knob_keys },
  [IL_GROUP_LOCK] = { "Lock", lock_keys },
  [IL_GROUP_RWLOCK] = { "RWLock", rwlock_keys },
  [IL_GROUP_SEMAPHORE] = { "Semaphore", semaphore_keys },
  [IL_GROUP_EVENT] = { "Event", event_keys },
  [IL_GROUP_CONDITION] = { "Condition", condition_keys },
  [IL_GROUP_BARRIER] = { "Barrier", barrier_keys },
  [IL_GROUP_QUEUE] = { "Queue", queue_keys },
  [IL_GROUP_CHANNEL] = { "Channel", channel_keys },
  [IL_GROUP_FILE] = { "File", file_keys },
  [IL_GROUP_COUNTER] = { "Counter", counter_keys },
  [IL_GROUP_TASK] = { "Task", task_keys },
};

static const char *const localized_keys[] = { "Name", "Description", "LookAt", "Title", NULL };

static void
clear_group (gpointer data)
{
  IlScenarioGroup *group = data;

  g_free (group->header);
  g_free (group->name);
}

static void
clear_entry (gpointer data)
{
  IlScenarioEntry *entry = data;

  g_free (entry->key);
}

void
il_scenario_text_free (IlScenarioText *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_clear_pointer (&self->key_file, g_key_file_unref);
  g_array_unref (self->groups);
  g_array_unref (self->entries);
  g_hash_table_unref (self->lines);
  g_free (self);
}

static char *
make_line_key (guint group, const char *key)
{
  return g_strdup_printf ("%u %s", group, key);
}

/* 0 if it is not there */
static int
get_line (const IlScenarioText *self, guint group, const char *key)
{
  g_autofree char *line_key = make_line_key (group, key);

  return GPOINTER_TO_INT (g_hash_table_lookup (self->lines, line_key));
}

const IlScenarioGroup *
il_scenario_text_get_group (const IlScenarioText *self, guint group)
{
  return &g_array_index (self->groups, IlScenarioGroup, group);
}

/* A name of a thing: a word that can stand in a step, in ${} and on the command line. */
static gboolean
is_word (const char *text)
{
  if (!g_unichar_isalpha (g_utf8_get_char (text)) || strlen (text) > IL_SCENARIO_MAX_WORD)
    return FALSE;
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (!g_unichar_isalnum (g_utf8_get_char (text)) && strchr ("_-", *text) == NULL)
      return FALSE;
  return TRUE;
}

/* The key without its language in brackets. */
static char *
get_plain_key (const char *key)
{
  return g_strndup (key, strcspn (key, "["));
}

/* Locks, queues and whatever else tasks share are named in one table, and have one limit. */
static gboolean
is_object (IlGroupKind kind)
{
  return kind >= IL_GROUP_FIRST_OBJECT && kind <= IL_GROUP_LAST_OBJECT;
}

/* “Lock” for IL_GROUP_LOCK */
const char *
il_scenario_get_group_word (IlGroupKind kind)
{
  return groups[kind].word;
}

/* NULL-terminated; without languages */
const char *const *
il_scenario_get_group_keys (IlGroupKind kind)
{
  return groups[kind].keys;
}

static gboolean
fail_unknown_group (IlScenarioText *self, const char *line, int number, const char *word,
                    GError **error)
{
  const char *words[IL_N_GROUP_KINDS + 1] = { NULL };
  g_autofree char *one_of = NULL;

  for (guint i = 0; i < IL_N_GROUP_KINDS; i++)
    words[i] = groups[i].word;
  one_of = il_scenario_one_of (words, word);
  return il_scenario_fail_at (error, self->path, number, line, _ ("a group: %s"), one_of);
}

static guint
get_max_groups (IlGroupKind kind)
{
  return is_object (kind)        ? IL_SCENARIO_MAX_OBJECTS
         : kind == IL_GROUP_KNOB ? IL_SCENARIO_MAX_KNOBS
         : kind == IL_GROUP_TASK ? IL_SCENARIO_MAX_TASK_KINDS
                                 : 1;
}

static gboolean
check_group_is_new (IlScenarioText *self, const IlScenarioGroup *group, const char *shown,
                    GError **error)
{
  guint n_alike = 0;

  for (guint i = 0; i < self->groups->len; i++)
    {
      const IlScenarioGroup *other = il_scenario_text_get_group (self, i);

      if (other->kind != group->kind && !(is_object (other->kind) && is_object (group->kind)))
        continue;
      n_alike++;
      if (strcmp (other->name, group->name) != 0)
        continue;
      if (other->kind == group->kind)
        return il_scenario_fail_at (error, self->path, group->line, shown,
                                    _ ("each group once; the first is in line %d"), other->line);
      return il_scenario_fail_at (error, self->path, group->line, shown,
                                  _ ("another name than that of [%s] in line %d"), other->header,
                                  other->line);
    }
  if (n_alike == get_max_groups (group->kind))
    return il_scenario_fail_at (
        error, self->path, group->line, shown,
        is_object (group->kind) ? _ ("at most %u locks, queues and other things that tasks share")
                                : _ ("at most %u groups of this kind"),
        n_alike);
  return TRUE;
}

static gboolean
check_group (IlScenarioText *self, const IlScenarioGroup *group, GError **error)
{
  g_autofree char *shown = g_strdup_printf ("[%s]", group->header);

  if (group->kind == IL_GROUP_SCENARIO && *group->name != '\0')
    return il_scenario_fail_at (error, self->path, group->line, shown, "[Scenario]");
  if (group->kind != IL_GROUP_SCENARIO && !is_word (group->name))
    return il_scenario_fail_at (error, self->path, group->line, shown,
                                _ ("[%s NAME] with a name of letters, digits, “-” and “_” that "
                                   "begins with a letter and has "
                                   "at most %d bytes"),
                                groups[group->kind].word, IL_SCENARIO_MAX_WORD);
  return check_group_is_new (self, group, shown, error);
}

/* Spaces alone: a tab in a group's header is not for GKeyFile. */
static void
strip_spaces (char *text)
{
  gsize n_leading = strspn (text, " ");
  gsize length = strlen (text);

  while (length > n_leading && text[length - 1] == ' ')
    length--;
  memmove (text, text + n_leading, length - n_leading);
  text[length - n_leading] = '\0';
}

/* line: “[Kind NAME]”, stripped */
static gboolean
add_group (IlScenarioText *self, const char *line, int number, GError **error)
{
  gsize length = strlen (line);
  IlScenarioGroup group = { .line = number };
  g_autofree char *word = NULL;

  if (line[length - 1] != ']' || memchr (line + 1, ']', length - 2) != NULL
      || memchr (line + 1, '[', length - 2) != NULL)
    return il_scenario_fail_at (error, self->path, number, line,
                                _ ("a group such as [Scenario] or [Task work]"));

  group.header = g_strndup (line + 1, length - 2);
  word = g_strndup (group.header, strcspn (group.header, " "));
  group.name = g_strdup (group.header + strlen (word));
  strip_spaces (group.name);
  while (group.kind < IL_N_GROUP_KINDS && strcmp (groups[group.kind].word, word) != 0)
    group.kind++;
  if (group.kind == IL_N_GROUP_KINDS)
    fail_unknown_group (self, line, number, word, error);
  else if (check_group (self, &group, error))
    {
      g_array_append_val (self->groups, group);
      return TRUE;
    }
  clear_group (&group);
  return FALSE;
}

/* “[de]”, “[zh_CN]”, “[sr@latin]”: what GKeyFile takes */
static gboolean
is_language (const char *text)
{
  const char *at = text + 1;

  while (g_unichar_isalnum (g_utf8_get_char (at)) || (*at != '\0' && strchr ("-_.@", *at) != NULL))
    at = g_utf8_next_char (at);
  return at > text + 1 && strcmp (at, "]") == 0;
}

static gboolean
check_key (IlScenarioText *self, const char *key, int line, GError **error)
{
  guint group = self->groups->len - 1;
  const IlScenarioGroup *header = il_scenario_text_get_group (self, group);
  const char *const *keys = groups[header->kind].keys;
  g_autofree char *plain = get_plain_key (key);
  const char *language = key + strlen (plain);
  g_autofree char *one_of = NULL;

  if (*keys == NULL)
    return il_scenario_fail_at (error, self->path, line, key, _ ("no key in [%s]"), header->header);
  if (!g_strv_contains (keys, plain))
    {
      one_of = il_scenario_one_of (keys, plain);
      return il_scenario_fail_at (error, self->path, line, key, _ ("a key of [%s], %s"),
                                  header->header, one_of);
    }
  if (*language != '\0' && (!g_strv_contains (localized_keys, plain) || !is_language (language)))
    return il_scenario_fail_at (error, self->path, line, key,
                                _ ("a language in brackets, as in Name[de], only after Name, "
                                   "Description, LookAt and Title"));
  return TRUE;
}

/* line: “KEY=VALUE” or something wrong, stripped */
static gboolean
add_entry (IlScenarioText *self, const char *line, int number, GError **error)
{
  gsize key_length = strcspn (line, "=");
  IlScenarioEntry entry = { .line = number };
  int first_line;

  if (line[key_length] != '=' || key_length == 0)
    return il_scenario_fail_at (error, self->path, number, line,
                                _ ("[GROUP], KEY=VALUE or a comment that begins with “#”"));
  if (self->groups->len == 0)
    return il_scenario_fail_at (error, self->path, number, line, _ ("[Scenario] before it"));
  entry.group = self->groups->len - 1;
  entry.key = g_strchomp (g_strndup (line, key_length));
  first_line = get_line (self, entry.group, entry.key);
  if (first_line != 0)
    il_scenario_fail_at (error, self->path, number, entry.key,
                         _ ("each key once in its group; the first is in line %d"), first_line);
  if (first_line != 0 || !check_key (self, entry.key, number, error))
    {
      clear_entry (&entry);
      return FALSE;
    }
  g_array_append_val (self->entries, entry);
  g_hash_table_insert (self->lines, make_line_key (entry.group, entry.key),
                       GINT_TO_POINTER (number));
  return TRUE;
}

static gboolean
scan_line (IlScenarioText *self, char *line, GError **error)
{
  g_strstrip (line);
  if (*line == '\0' || *line == '#')
    return TRUE;
  if (*line == '[')
    return add_group (self, line, self->n_lines, error);
  return add_entry (self, line, self->n_lines, error);
}

static gboolean
is_wanted_byte (const char *at, const char *end)
{
  if (*at == '\r')
    return at + 1 < end && at[1] == '\n';
  return *at == '\t' || *at == '\n' || !g_ascii_iscntrl (*at);
}

static gboolean
check_bytes (IlScenarioText *self, const char *text, gsize length, GError **error)
{
  const char *valid_end;
  int line = 1;
  char found[8];

  g_utf8_validate_len (text, length, &valid_end);
  for (const char *at = text; at < text + length; at++)
    {
      if (at == valid_end || !is_wanted_byte (at, text + length))
        {
          g_snprintf (found, sizeof found, "\\x%02x", (guchar)*at);
          if (at == valid_end && *at != '\0')
            return il_scenario_fail_at (error, self->path, line, found, _ ("text in UTF-8"));
          return il_scenario_fail_at (error, self->path, line, found,
                                      _ ("text without control characters"));
        }
      line += *at == '\n';
    }
  return TRUE;
}

static gboolean
scan (IlScenarioText *self, const char *text, gsize length, GError **error)
{
  const char *end = text + length;

  while (text < end)
    {
      const char *line_end = memchr (text, '\n', end - text);
      g_autofree char *line = NULL;

      if (line_end == NULL)
        line_end = end;
      self->n_lines++;
      line = g_strndup (text, line_end - text);
      if (!scan_line (self, line, error))
        return FALSE;
      text = line_end + 1;
    }
  self->n_lines = MAX (self->n_lines, 1);
  return TRUE;
}

/* Every value can be read, those in other languages too; after this, reading cannot fail. */
static gboolean
check_values (IlScenarioText *self, GError **error)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const IlScenarioEntry *entry = &g_array_index (self->entries, IlScenarioEntry, i);
      const char *header = il_scenario_text_get_group (self, entry->group)->header;
      g_autofree char *plain = get_plain_key (entry->key);
      g_autoptr (GError) bad_escape = NULL; /* set beside a value */
      g_autofree char *value
          = g_key_file_get_string (self->key_file, header, entry->key, &bad_escape);
      g_autofree char *raw = g_key_file_get_value (self->key_file, header, entry->key, NULL);
      int max_length
          = strcmp (plain, "Title") == 0 ? IL_SCENARIO_MAX_WORD : IL_SCENARIO_MAX_SENTENCE;

      if (bad_escape != NULL)
        return il_scenario_fail_at (error, self->path, entry->line, raw,
                                    _ ("“\\” only in \\s, \\t, \\n, \\r and \\\\"));
      if (*g_strstrip (value) == '\0')
        return il_scenario_fail_at (error, self->path, entry->line, entry->key,
                                    _ ("a value after “=”"));
      if (!g_strv_contains (localized_keys, plain))
        continue;
      for (const char *at = value; *at != '\0'; at = g_utf8_next_char (at))
        if (g_unichar_iscntrl (g_utf8_get_char (at)))
          return il_scenario_fail_at (error, self->path, entry->line, value,
                                      _ ("one line of text"));
      if (strlen (value) > (gsize)max_length)
        return il_scenario_fail_at (error, self->path, entry->line, value, _ ("at most %d bytes"),
                                    max_length);
    }
  return TRUE;
}

/**
 * il_scenario_text_new:
 * @path: as it is to be shown in messages
 *
 * Reads the groups and keys of a scenario.  All groups and keys are known ones, none is there
 * twice, and all values can be read.
 */
IlScenarioText *
il_scenario_text_new (const char *text, gsize length, const char *path, GError **error)
{
  g_autoptr (IlScenarioText) self = g_new0 (IlScenarioText, 1);
  g_autoptr (GError) local_error = NULL;

  self->path = g_strdup (path);
  self->key_file = g_key_file_new ();
  self->groups = g_array_new (FALSE, FALSE, sizeof (IlScenarioGroup));
  g_array_set_clear_func (self->groups, clear_group);
  self->entries = g_array_new (FALSE, FALSE, sizeof (IlScenarioEntry));
  g_array_set_clear_func (self->entries, clear_entry);
  self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0) /* a byte-order mark */
    {
      text += 3;
      length -= 3;
    }
  if (!check_bytes (self, text, length, error) || !scan (self, text, length, error))
    return NULL;
  if (self->groups->len == 0)
    {
      il_scenario_fail_at (error, path, self->n_lines, NULL, "[Scenario]");
      return NULL;
    }
  if (!g_key_file_load_from_data (self->key_file, text, length, G_KEY_FILE_KEEP_TRANSLATIONS,
                                  &local_error))
    {
      il_scenario_fail_at (error, path, 1, local_error->message, _ ("a key file"));
      return NULL;
    }
  if (!check_values (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * il_scenario_text_get:
 * @line: (out): where it stands; left alone if it is not there
 *
 * Returns: (transfer full) (nullable): the value without spaces around it, not empty
 */
char *
il_scenario_text_get (const IlScenarioText *self, guint group, const char *key, int *line)
{
  const char *header = il_scenario_text_get_group (self, group)->header;

  if (get_line (self, group, key) == 0)
    return NULL;
  *line = get_line (self, group, key);
  return g_strstrip (g_key_file_get_string (self->key_file, header, key, NULL));
}

/**
 * il_scenario_text_get_localized:
 *
 * Returns: (transfer full) (nullable): the value in the user's language, or else the plain one
 */
char *
il_scenario_text_get_localized (const IlScenarioText *self, guint group, const char *key)
{
  const char *header = il_scenario_text_get_group (self, group)->header;
  char *value = g_key_file_get_locale_string (self->key_file, header, key, NULL, NULL);

  return value == NULL ? NULL : g_strstrip (value);
}
