/* storage.c - a library with data of each thread that must lie beside the program's own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

char *get_storage (void);

static _Thread_local char storage[128] __attribute__ ((tls_model ("initial-exec")));

char *
get_storage (void)
{
  memset (storage, 1, sizeof storage);
  return storage;
}
