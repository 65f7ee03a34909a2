/* il-program-choice.h - a program that the user wants to run: read, checked, remembered
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define IL_PROGRAM_CHOICES_KEPT 12

#define IL_PROGRAM_CHOICE_ERROR (il_program_choice_error_quark ())
GQuark il_program_choice_error_quark (void);

typedef enum
{
  IL_PROGRAM_CHOICE_ERROR_COMMAND,
  IL_PROGRAM_CHOICE_ERROR_DIRECTORY,
  IL_PROGRAM_CHOICE_ERROR_ENVIRONMENT,
} IlProgramChoiceError;

/* As it was typed.  All texts are there, and may be empty. */
typedef struct
{
  char *command_line; /* quoted as for a shell */
  char *directory;    /* empty: the home directory */
  char *environment;  /* NAME=VALUE, one a line */
  gboolean no_locks;  /* what the scheduler does with it, no more */
} IlProgramChoice;

/* As it is handed to whoever starts it. */
typedef struct
{
  char **command;
  char **environment; /* all of it */
  char *directory;
} IlProgramPlan;

IlProgramChoice *il_program_choice_new (const char *command_line, const char *directory,
                                        const char *environment,
                                        gboolean no_locks) G_GNUC_WARN_UNUSED_RESULT;
IlProgramChoice *il_program_choice_copy (const IlProgramChoice *choice) G_GNUC_WARN_UNUSED_RESULT;
void il_program_choice_free (IlProgramChoice *choice);

char **il_program_choice_read_command (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
const char *il_program_choice_find_shell_word (const char *const *command);
char *il_program_choice_dup_name (const char *command_line) G_GNUC_WARN_UNUSED_RESULT;
char *il_program_choice_read_directory (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char **il_program_choice_read_environment (const char *text, char **base,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
IlProgramPlan *il_program_choice_plan (const IlProgramChoice *choice,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean il_program_plan_check (const IlProgramPlan *plan, GError **error);
void il_program_plan_free (IlProgramPlan *plan);

GPtrArray *il_program_choices_load (GVariant *value) G_GNUC_WARN_UNUSED_RESULT;
GVariant *il_program_choices_save (GPtrArray *choices) G_GNUC_WARN_UNUSED_RESULT;
void il_program_choices_add (GPtrArray *choices, const IlProgramChoice *choice);
void il_program_choices_forget (GPtrArray *choices, const IlProgramChoice *choice);
void il_program_choices_remove (GPtrArray *choices, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlProgramChoice, il_program_choice_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlProgramPlan, il_program_plan_free)

G_END_DECLS
