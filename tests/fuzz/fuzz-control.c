/* fuzz-control.c - any line is a command or an error, never both
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"
#include "il-control.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_auto (IlCommand) command = { 0 };
  gboolean is_command = il_command_parse ((const char *)data, size, &command, &error);

  g_assert_true (is_command == (error == NULL));
  if (!is_command)
    g_assert_true (error->message[0] != '\0' && g_utf8_validate (error->message, -1, NULL));
  else if (command.kind == IL_COMMAND_SET)
    g_assert_true (command.key[0] != '\0' && command.value[0] != '\0');
  else
    g_assert_true (command.key == NULL && command.value == NULL);
  return 0;
}

size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  static const char *const seeds[]
      = { "start",   "pause", "resume", "stop",           "close",       "kill 3",
          "crash 2", "step",  "step 1", "set rate 900/s", "set name ö x" };

  if (index >= G_N_ELEMENTS (seeds) || strlen (seeds[index]) > max_size)
    return 0;
  memcpy (data, seeds[index], strlen (seeds[index]));
  return strlen (seeds[index]);
}
