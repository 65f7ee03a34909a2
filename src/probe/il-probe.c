/* il-probe.c - what all probes share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-probe.h"

#include <string.h>

#include "il-probe-private.h"

/* clang-format off */
G_DEFINE_QUARK (il-probe-error-quark, il_probe_error)
/* clang-format on */

/* Copies a thread's name, which may be any bytes, as valid UTF-8 without control characters. */
void
il_probe_copy_name (char target[IL_THREAD_NAME_SIZE], const char *name, gsize length)
{
  gsize n = 0;

  while (n < length && n < IL_THREAD_NAME_SIZE - 1 && name[n] != '\0')
    n++;
  for (gsize i = 0; i < n;)
    {
      gunichar character = g_utf8_get_char_validated (name + i, (gssize)(n - i));
      gsize size = character >= (gunichar)-2 ? 1 : (gsize)g_unichar_to_utf8 (character, NULL);

      if (character >= (gunichar)-2 || g_unichar_iscntrl (character))
        memset (target + i, '?', size);
      else
        memcpy (target + i, name + i, size);
      i += size;
    }
  memset (target + n, 0, IL_THREAD_NAME_SIZE - n);
}
