/* main.c - interleave-runner: describes, checks and runs scenarios, and starts other programs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exit status: 0 done, 1 failed, 2 wrong usage; one line on standard error says what and why.  A
 * wrong value of an option is wrong usage, also one that only the scenario forbids; a wrong
 * scenario is not.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glib.h>
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "il-control.h"
#include "il-launcher.h"
#include "il-placement.h"
#include "il-scenario.h"
#include "il-supervisor.h"
#include "il-trace.h"

#define EXIT_USAGE 2

typedef struct
{
  int control_fd;
  IlScenarioOverrides overrides;
  GPtrArray *settings; /* of char *, NULL-terminated when used */
  const char *scenario;
} RunOptions;

static int
fail (const GError *error)
{
  g_printerr ("%s\n", error->message);
  return EXIT_FAILURE;
}

/* The message names the option. */
static int
fail_option (const GError *error)
{
  g_printerr ("%s\n", error->message);
  return EXIT_USAGE;
}

static int G_GNUC_PRINTF (1, 2) fail_usage (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr (_ ("interleave-runner: %s; see interleave-runner --help\n"), message);
  return EXIT_USAGE;
}

static void
print_help (void)
{
  g_print ("%s",
           _ ("Usage:\n"
              "  interleave-runner describe [SCENARIO...]\n"
              "  interleave-runner check SCENARIO\n"
              "  interleave-runner run [OPTION...] SCENARIO\n"
              "\n"
              "SCENARIO is a path or the name of a bundled scenario.\n"
              "\n"
              "Options of run:\n"
              "  --model MODEL         serial, threads, processes, hybrid, gil or coroutines\n"
              "  --workers N           workers of the common pool\n"
              "  --tasks N             tasks of each kind\n"
              "  --duration SECONDS    how long to run; 0: until all tasks are done\n"
              "  --seed N              of all random numbers\n"
              "  --set KEY=VALUE       set a knob of the scenario\n"
              "  --control-fd N        obey commands from a socket that was inherited\n"));
  g_print ("%s",
           _ ("\n"
              "To start another program, and to look after all that comes of it:\n"
              "  interleave-runner trace --control-fd N [OPTION...] -- COMMAND [ARGUMENT...]\n"
              "\n"
              "Options of trace:\n"
              "  --control-fd N        as above; without it nothing is started\n"
              "  --preload LIBRARY     load this into each of its processes\n"
              "  --trace-fd N          where that library records to; a descriptor that was "
              "inherited\n"
              "  --directory PATH      where to start it\n"
              "  --close N             start it without this standard descriptor, 0 to 2\n"));
}

static int
describe (int n_names, char **names)
{
  g_autoptr (GPtrArray) scenarios
      = g_ptr_array_new_with_free_func ((GDestroyNotify)il_scenario_free);
  g_auto (GStrv) bundled = NULL;
  g_autofree char *json = NULL;

  if (n_names == 0)
    {
      bundled = il_scenario_list_bundled ();
      names = bundled;
      n_names = (int)g_strv_length (bundled);
    }
  for (int i = 0; i < n_names; i++)
    {
      g_autoptr (GError) error = NULL;
      IlScenario *scenario = il_scenario_load (names[i], &error);

      if (scenario == NULL)
        return fail (error);
      g_ptr_array_add (scenarios, scenario);
    }
  json = il_scenario_describe_json ((IlScenario *const *)scenarios->pdata, scenarios->len);
  g_print ("%s\n", json);
  return 0;
}

/* The scenario may be meant for another machine. */
static void
warn_of_cores (const IlScenario *scenario, const char *group, const char *cores)
{
  g_autoptr (GError) error = NULL;
  IlPlacement placement;

  if (il_placement_init (&placement, cores, 0, &error))
    return;
  /* Translators: a file, a group, a list of cores, what is wrong with it */
  g_printerr (_ ("%s: Cores=%s of %s: a run on this machine ends at once: %s\n"), scenario->path,
              cores, group, error->message);
}

static int
check (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlScenario) scenario = il_scenario_load (name, &error);
  g_auto (GStrv) warnings = NULL;

  if (scenario == NULL || !il_scenario_check_model (scenario, &error))
    return fail (error);
  warnings = il_scenario_list_warnings (scenario);
  for (char **warning = warnings; *warning != NULL; warning++)
    g_printerr ("%s\n", *warning);
  warn_of_cores (scenario, "[Scenario]", scenario->cores);
  for (guint i = 0; i < scenario->n_tasks; i++)
    {
      g_autofree char *group = g_strdup_printf ("[Task %s]", scenario->tasks[i].name);

      warn_of_cores (scenario, group, scenario->tasks[i].cores);
    }
  return 0;
}

static bool
parse_count (const char *option, const char *text, gint64 *value)
{
  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, value, NULL))
    return true;
  g_printerr (_ ("--%s: found “%s”, expected a whole number, 0 or more\n"), option, text);
  return false;
}

static bool
parse_duration (const char *text, gint64 *duration_ns)
{
  char *end;
  double seconds = g_ascii_strtod (text, &end);

  if (end != text && *end == '\0' && isfinite (seconds) && seconds >= 0 && seconds < 9e9)
    {
      *duration_ns = (gint64)(seconds * 1e9);
      return true;
    }
  g_printerr (_ ("--duration: found “%s”, expected a number of seconds from 0 to 8999999999\n"),
              text);
  return false;
}

static bool
parse_trace_fd (const char *text, int *fd)
{
  gint64 number;

  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT, &number, NULL)
      && fcntl ((int)number, F_GETFD) >= 0)
    {
      *fd = (int)number;
      return true;
    }
  g_printerr (_ ("--trace-fd: found “%s”, expected the number of an open descriptor\n"), text);
  return false;
}

static bool
parse_closed_fd (const char *text, guint *fds)
{
  gint64 number;

  if (g_ascii_string_to_signed (text, 10, STDIN_FILENO, STDERR_FILENO, &number, NULL))
    {
      *fds |= 1u << number;
      return true;
    }
  g_printerr (_ ("--close: found “%s”, expected a number from 0 to 2\n"), text);
  return false;
}

static bool
parse_control_fd (const char *text, int *fd)
{
  gint64 number;
  int type;
  socklen_t size = sizeof type;

  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT, &number, NULL)
      && getsockopt ((int)number, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM)
    {
      *fd = (int)number;
      return true;
    }
  g_printerr (_ ("--control-fd: found “%s”, expected the number of an open stream socket\n"), text);
  return false;
}

static bool
parse_option (RunOptions *options, const char *name, const char *text)
{
  if (strcmp (name, "control-fd") == 0)
    return parse_control_fd (text, &options->control_fd);
  if (strcmp (name, "model") == 0)
    options->overrides.model = text;
  else if (strcmp (name, "workers") == 0)
    return parse_count (name, text, &options->overrides.workers);
  else if (strcmp (name, "tasks") == 0)
    return parse_count (name, text, &options->overrides.tasks);
  else if (strcmp (name, "seed") == 0)
    return parse_count (name, text, &options->overrides.seed);
  else if (strcmp (name, "duration") == 0)
    return parse_duration (text, &options->overrides.duration_ns);
  else
    g_ptr_array_insert (options->settings, (int)options->settings->len - 1, (char *)text);
  return true;
}

/* Returns the exit status if that is known already, else -1. */
static int
parse_run_options (RunOptions *options, int argc, char **argv)
{
  static const struct option known[] = {
    { "model", required_argument, NULL, 1 },      { "workers", required_argument, NULL, 1 },
    { "tasks", required_argument, NULL, 1 },      { "duration", required_argument, NULL, 1 },
    { "seed", required_argument, NULL, 1 },       { "set", required_argument, NULL, 1 },
    { "control-fd", required_argument, NULL, 1 }, { 0 },
  };
  int index, found;

  opterr = 0;
  optind = 1;
  while ((found = getopt_long (argc, argv, ":", known, &index)) != -1)
    {
      if (found == ':')
        return fail_usage (_ ("%s needs a value"), argv[optind - 1]);
      if (found != 1)
        return fail_usage (_ ("unknown option %s"), argv[optind - 1]);
      if (!parse_option (options, known[index].name, optarg))
        return EXIT_USAGE;
    }
  if (optind != argc - 1)
    return fail_usage (_ ("run needs one scenario"));
  options->scenario = argv[optind];
  return -1;
}

/* A worker that crashes on purpose is to leave no core file.  One byte, since with 0 a program that
 * takes cores through a pipe would still be started. */
static void
forbid_core_files (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_CORE, &limit) != 0)
    return;
  limit.rlim_cur = MIN (limit.rlim_max, 1);
  setrlimit (RLIMIT_CORE, &limit);
}

static int
run_scenario (IlScenario *scenario, int control_fd, const char *const *notes)
{
  g_autoptr (IlControl) control = il_control_new (control_fd);
  int error_number;
  IlTrace *trace = il_trace_attach_from_environment (&error_number);
  int status;

  if (error_number != 0)
    {
      g_printerr (_ ("Cannot record to %s: %s\n"), g_getenv (IL_TRACE_ENVIRONMENT),
                  g_strerror (error_number));
      return 1;
    }
  forbid_core_files ();
  status = il_supervisor_run (scenario, trace, control, notes);
  il_trace_detach (trace);
  return status;
}

/* Whether the command line may be what there are too many workers by. */
static bool
changes_size (const IlScenarioOverrides *overrides)
{
  return overrides->model != NULL || overrides->workers != -1 || overrides->settings[0] != NULL;
}

static int
run (int argc, char **argv)
{
  g_autoptr (GPtrArray) settings = g_ptr_array_new ();
  RunOptions options = {
    .control_fd = -1,
    .overrides = { .workers = -1, .tasks = -1, .duration_ns = -1, .seed = -1 },
    .settings = settings,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (IlScenario) scenario = NULL;
  g_auto (GStrv) notes = NULL;
  int status;

  g_ptr_array_add (settings, NULL);
  status = parse_run_options (&options, argc, argv);
  if (status >= 0)
    return status;
  options.overrides.settings = (const char *const *)settings->pdata;
  scenario = il_scenario_load (options.scenario, &error);
  if (scenario == NULL
      || (!changes_size (&options.overrides) && !il_scenario_check_model (scenario, &error)))
    return fail (error);
  if (!il_scenario_override (scenario, &options.overrides, &error))
    return fail_option (error);
  notes = il_scenario_list_notes (scenario, options.overrides.settings);
  return run_scenario (scenario, options.control_fd, (const char *const *)notes);
}

typedef struct
{
  int control_fd;
  const char *directory;
  IlLaunch launch;
} TraceOptions;

static bool
parse_trace_option (TraceOptions *options, const char *name, const char *text)
{
  if (strcmp (name, "control-fd") == 0)
    return parse_control_fd (text, &options->control_fd);
  if (strcmp (name, "trace-fd") == 0)
    return parse_trace_fd (text, &options->launch.trace_fd);
  if (strcmp (name, "close") == 0)
    return parse_closed_fd (text, &options->launch.closed_fds);
  if (strcmp (name, "directory") == 0)
    options->directory = text;
  else
    options->launch.preload = text;
  return true;
}

/* Returns the exit status if that is known already, else -1. */
static int
parse_trace_options (TraceOptions *options, int argc, char **argv)
{
  static const struct option known[] = {
    { "control-fd", required_argument, NULL, 1 }, { "trace-fd", required_argument, NULL, 1 },
    { "directory", required_argument, NULL, 1 },  { "preload", required_argument, NULL, 1 },
    { "close", required_argument, NULL, 1 },      { 0 },
  };
  int index, found;

  opterr = 0;
  optind = 1;
  while ((found = getopt_long (argc, argv, "+:", known, &index)) != -1)
    {
      if (found == ':')
        return fail_usage (_ ("%s needs a value"), argv[optind - 1]);
      if (found != 1)
        return fail_usage (_ ("unknown option %s"), argv[optind - 1]);
      if (!parse_trace_option (options, known[index].name, optarg))
        return EXIT_USAGE;
    }
  if (optind == argc)
    return fail_usage (_ ("trace needs a command"));
  if (options->control_fd < 0)
    return fail_usage (_ ("trace needs --control-fd"));
  if (options->launch.preload != NULL && options->launch.trace_fd < 0
      && getenv (IL_TRACE_ENVIRONMENT) == NULL)
    return fail_usage (_ ("--preload needs --trace-fd"));
  options->launch.command = argv + optind;
  return -1;
}

static int
trace (int argc, char **argv)
{
  TraceOptions options = { .control_fd = -1, .launch.trace_fd = -1 };
  int status = parse_trace_options (&options, argc, argv);
  g_autoptr (IlControl) control = NULL;

  if (status >= 0)
    return status;
  control = il_control_new (options.control_fd);
  if (options.directory != NULL && chdir (options.directory) != 0)
    {
      il_control_send (control, "error %s: %s", options.directory, g_strerror (errno));
      return EXIT_FAILURE;
    }
  return il_launcher_run (&options.launch, control);
}

int
main (int argc, char **argv)
{
  const char *command = argc > 1 ? argv[1] : "";

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, IL_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");

  if (strcmp (command, "describe") == 0)
    return describe (argc - 2, argv + 2);
  if (strcmp (command, "check") == 0)
    return argc == 3 ? check (argv[2]) : fail_usage (_ ("check needs one scenario"));
  if (strcmp (command, "run") == 0)
    return run (argc - 1, argv + 1);
  if (strcmp (command, "trace") == 0)
    return trace (argc - 1, argv + 1);
  if (strcmp (command, "--help") == 0)
    {
      print_help ();
      return 0;
    }
  if (strcmp (command, "--version") == 0)
    {
      g_print ("interleave-runner %s\n", IL_VERSION);
      return 0;
    }
  return command[0] == '\0' ? fail_usage (_ ("no command"))
                            : fail_usage (_ ("unknown command %s"), command);
}
