/* il-program.h - which file a command means, and whether a library can be preloaded into it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define IL_PROGRAM_ERROR (il_program_error_quark ())
GQuark il_program_error_quark (void);

typedef enum
{
  IL_PROGRAM_ERROR_MISSING,        /* there is no such file */
  IL_PROGRAM_ERROR_NOT_EXECUTABLE, /* it may not be executed, or is no program */
  IL_PROGRAM_ERROR_STATIC,         /* no loader that could preload anything */
  IL_PROGRAM_ERROR_PRIVILEGED,     /* its loader preloads nothing, since it gets other rights */
  IL_PROGRAM_ERROR_FOREIGN,        /* for another kind of machine, or another loader */
} IlProgramError;

char *il_program_find (const char *name, const char *directory, const char *const *environment,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean il_program_check_preload (const char *path, const char *directory,
                                   const char *const *environment, GError **error);
gboolean il_program_check_image (const char *path, GError **error);

G_END_DECLS
