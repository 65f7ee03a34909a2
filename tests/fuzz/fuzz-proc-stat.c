/* fuzz-proc-stat.c - reads files of /proc that may say anything
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "il-probe-private.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (GArray) cores = il_perf_parse_core_list (text);
  IlProcSchedstat schedstat;
  IlProcStatus status;
  IlProcStat stat;

  g_assert_cmpuint (cores->len, <=, size * 65536);
  if (il_proc_parse_stat (text, &stat))
    {
      g_assert_nonnull (memchr (stat.name, '\0', sizeof stat.name));
      g_assert_true (g_utf8_validate (stat.name, -1, NULL));
      g_assert_cmpint (stat.state, !=, '\0');
    }
  il_proc_parse_schedstat (text, &schedstat);
  il_proc_parse_status (text, &status);
  return 0;
}

size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  static const char *const seeds[] = {
    "17 (a) b (c) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 "
    "30 31 32 33 34 35 36 37\n",
    "123456789012 34 56\n",
    "Name:\tx\nVmHWM:\t    1234 kB\nvoluntary_ctxt_switches:\t150\n"
    "nonvoluntary_ctxt_switches:\t545\n",
    "0-3,5,7-8\n",
  };
  size_t size;

  if (index >= G_N_ELEMENTS (seeds))
    return 0;
  size = strlen (seeds[index]);
  memcpy (data, seeds[index], size);
  return size;
}
