/* fuzz-symbols.c - any bytes taken for a file of ELF have names for some places, or none
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The seed is a small program with debug information, which is told by the environment variable
 * PLACES, as built beside this.
 */

#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "il-symbol.h"

static void
check_text (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_null (strpbrk (text, "\n\t\033"));
  g_assert_cmpuint (strlen (text), <, 256);
}

static void
ask (IlSymbols *symbols, const char *path, guint64 offset)
{
  g_autofree char *name = il_symbols_find_data (symbols, path, offset);
  IlSymbolAnswer answer;

  check_text (name);
  il_symbols_find_call (symbols, path, offset, &answer);
  check_text (answer.symbol);
  check_text (answer.function);
  check_text (answer.file);
  il_symbol_answer_clear (&answer);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (IlSymbols) symbols = il_symbols_new ("/nonexistent");
  int fd = memfd_create ("file", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);

  g_assert_cmpint (write (fd, data, size), ==, (gssize)size);
  for (guint64 offset = 0x1000; offset < 0x4400; offset += 0x80)
    ask (symbols, path, offset);
  ask (symbols, path, 0);
  ask (symbols, path, G_MAXUINT64);
  close (fd);
  return 0;
}

size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  const char *path = g_getenv ("PLACES");
  g_autofree char *contents = NULL;
  gsize size = 0;

  if (index > 0 || path == NULL || !g_file_get_contents (path, &contents, &size, NULL))
    return 0;
  g_assert_cmpuint (size, <=, max_size);
  memcpy (data, contents, size);
  return size;
}
