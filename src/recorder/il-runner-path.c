/* il-runner-path.c - where the runner is, and how a scenario is named to it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-runner-path.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "il-recorder.h"

/**
 * il_runner_find:
 *
 * Looks for the runner where the environment variable INTERLEAVE_RUNNER says, else where it was
 * installed.
 *
 * Returns: (transfer full): its path; or NULL and #IL_RECORDER_ERROR_RUNNER, whose message says
 *     what to do
 */
char *
il_runner_find (GError **error)
{
  const char *named = g_getenv (IL_RUNNER_ENVIRONMENT);
  g_autofree char *path = named != NULL && named[0] != '\0'
                              ? g_strdup (named)
                              : g_build_filename (IL_LIBEXECDIR, "interleave-runner", NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER,
                 _ ("The runner %s is missing: install Interleave completely, or set %s to the "
                    "path of interleave-runner"),
                 path, IL_RUNNER_ENVIRONMENT);
  else if (!g_file_test (path, G_FILE_TEST_IS_REGULAR) || access (path, X_OK) != 0)
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER,
                 _ ("The runner %s is no program that may be executed: install Interleave again, "
                    "or set %s to the path of interleave-runner"),
                 path, IL_RUNNER_ENVIRONMENT);
  else
    return g_steal_pointer (&path);

  return NULL;
}

/**
 * il_preload_find:
 *
 * Looks for the library that is loaded into programs, where the environment variable
 * INTERLEAVE_PRELOAD says, else where it was installed.
 *
 * Returns: (transfer full): its absolute path; or NULL and #IL_RECORDER_ERROR_PRELOAD, whose
 *     message says what to do
 */
char *
il_preload_find (GError **error)
{
  const char *named = g_getenv (IL_PRELOAD_ENVIRONMENT);
  g_autofree char *path = named != NULL && named[0] != '\0'
                              ? g_canonicalize_filename (named, NULL)
                              : g_build_filename (IL_PRELOADDIR, "libinterleave-preload.so", NULL);

  if (access (path, R_OK) != 0)
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_PRELOAD,
                 _ ("The library %s, which sees locks, is missing: install Interleave completely, "
                    "or set %s to the path of libinterleave-preload.so"),
                 path, IL_PRELOAD_ENVIRONMENT);
  else if (strpbrk (path, " :") != NULL)
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_PRELOAD,
                 _ ("The library %s cannot be loaded into programs, since there is a blank or a "
                    "colon in its path: set %s to another one"),
                 path, IL_PRELOAD_ENVIRONMENT);
  else
    return g_steal_pointer (&path);

  return NULL;
}

/**
 * il_runner_quote_scenario:
 * @scenario: a bundled name, or a path
 *
 * Returns: (transfer full): the same as an argument: a file whose name begins with "-" must not be
 *     taken for an option
 */
char *
il_runner_quote_scenario (const char *scenario)
{
  return scenario[0] == '-' ? g_strconcat ("./", scenario, NULL) : g_strdup (scenario);
}
