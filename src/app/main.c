/* main.c - starts the window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-application.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>

int
main (int argc, char *argv[])
{
  g_autoptr (IlApplication) application = NULL;

  /* GTK and cairo allocate a buffer of the window's size for each frame.  As mappings of their own,
   * which glibc makes of such sizes, each of their pages would fault anew, frame after frame. */
  mallopt (M_MMAP_THRESHOLD, 64 << 20);
  mallopt (M_TRIM_THRESHOLD, 512 << 20);

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, IL_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name ("Interleave");

  application = il_application_new ();

  return g_application_run (G_APPLICATION (application), argc, argv);
}
