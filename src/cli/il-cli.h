/* il-cli.h - what the commands of interleave-cli share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-session.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  IL_CLI_DONE = 0,
  IL_CLI_FAILED = 1, /* one line on standard error says what and why */
  IL_CLI_MISUSED = 2,
} IlCliStatus;

typedef struct
{
  const char *name;
  const char *arguments; /* as --help shows them, without the options */
  const char *summary;
  /* argv[0] is the command's name.  Returns: the exit status, an IlCliStatus or a program's. */
  int (*run) (int argc, char **argv);
} IlCliCommand;

extern const IlCliCommand il_cli_run_command;
extern const IlCliCommand il_cli_trace_command;
extern const IlCliCommand il_cli_attach_command;
extern const IlCliCommand il_cli_report_command;
extern const IlCliCommand il_cli_export_command;
extern const IlCliCommand il_cli_check_command;
extern const IlCliCommand il_cli_scenarios_command;

/* il-cli.c */
IlCliStatus il_cli_fail (const IlCliCommand *command, const char *message);
IlCliStatus il_cli_misuse (const IlCliCommand *command, const char *message);
IlCliStatus il_cli_fail_by (const IlCliCommand *command, const GError *error);
void il_cli_note (const IlCliCommand *command, const char *message);
gboolean il_cli_print (const char *text, GError **error);
gboolean il_cli_has_standard_output (void);
guint il_cli_get_closed_descriptors (void);
void il_cli_fill_standard_descriptors (void);

/* il-cli-options.c */
gboolean il_cli_parse (const IlCliCommand *command, const GOptionEntry *entries, int n_positional,
                       int argc, char **argv, char ***positional, GError **error);
gboolean il_cli_parse_command (const IlCliCommand *command, const GOptionEntry *entries, int argc,
                               char **argv, char ***words, GError **error);
gboolean il_cli_parse_number (const char *option, const char *text, gint64 min, gint64 max,
                              gint64 *value, GError **error);
gboolean il_cli_parse_time (const char *option, const char *text, gint64 *time_ns, GError **error);
gboolean il_cli_check_output (const char *path, GError **error);

/* il-cli-session.c */
typedef struct
{
  char *from, *to; /* as given; may be NULL */
} IlCliRange;

gboolean il_cli_parse_range (const IlCliRange *range, gint64 *begin_ns, gint64 *end_ns,
                             GError **error);
IlSession *il_cli_load_session (const IlCliCommand *command, const char *path, gint64 *begin_ns,
                                gint64 *end_ns, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *il_cli_make_report (IlSession *session, gint64 begin_ns, gint64 end_ns, gboolean json,
                          int fd) G_GNUC_WARN_UNUSED_RESULT;
gboolean il_cli_print_report (IlSession *session, gint64 begin_ns, gint64 end_ns, gboolean json,
                              GError **error);
void il_cli_note_lost (const IlCliCommand *command, IlSession *session, gboolean no_io);

G_END_DECLS
