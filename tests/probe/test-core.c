/* test-core.c - the shares of each core are those of /proc/stat
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-probe.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_CORES 256

typedef struct
{
  guint64 user, system, iowait, idle;
} Ticks;

/* As they stand in /proc/stat now. */
static void
read_ticks (Ticks ticks[MAX_CORES])
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  memset (ticks, 0, MAX_CORES * sizeof *ticks);
  g_assert_true (g_file_get_contents ("/proc/stat", &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      guint core;
      guint64 n[7];

      if (sscanf (lines[i],
                  "cpu%u %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                  " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                  " %" G_GUINT64_FORMAT,
                  &core, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6])
              == 8
          && core < MAX_CORES)
        ticks[core] = (Ticks){ n[0] + n[1], n[2] + n[5] + n[6], n[4], n[3] };
    }
}

static guint64
get_total (const Ticks *before, const Ticks *after)
{
  return after->user + after->system + after->iowait + after->idle - before->user - before->system
         - before->iowait - before->idle;
}

/* A share lies between that of the shortest and of the longest time it can be about. */
static void
check_share (guint permille, guint64 inner, guint64 inner_total, guint64 outer, guint64 outer_total)
{
  g_assert_cmpuint (permille + 2, >=, inner * 1000 / MAX (outer_total, 1));
  g_assert_cmpuint (permille, <=, outer * 1000 / MAX (inner_total, 1) + 2);
}

static void
burn (gint64 microseconds)
{
  gint64 end = g_get_monotonic_time () + microseconds;

  while (g_get_monotonic_time () < end)
    ;
}

static void
test_shares (void)
{
  static Ticks before[2][MAX_CORES], after[2][MAX_CORES];
  const IlCoreSample *samples;
  IlCoreProbe *probe;
  gint64 time_ns = 0;
  guint n = 0;

  read_ticks (before[0]);
  probe = il_core_probe_new ();
  read_ticks (before[1]);
  burn (400000);
  read_ticks (after[0]);
  g_assert_true (il_core_probe_sample (probe, &time_ns, &samples, &n));
  read_ticks (after[1]);

  g_assert_cmpuint (n, ==, (guint)sysconf (_SC_NPROCESSORS_CONF));
  g_assert_cmpuint (n, ==, il_core_probe_get_n_cores (probe));
  g_assert_cmpint (time_ns / 1000, <=, g_get_monotonic_time ());
  for (guint i = 0; i < MIN (n, MAX_CORES); i++)
    {
      const IlCoreSample *sample = &samples[i];
      guint64 inner = get_total (&before[1][i], &after[0][i]);
      guint64 outer = get_total (&before[0][i], &after[1][i]);

      g_assert_cmpuint (sample->core, ==, i);
      g_assert_cmpuint (sample->user_permille + sample->system_permille + sample->iowait_permille
                            + sample->idle_permille,
                        ==, 1000);
      check_share (sample->user_permille, after[0][i].user - before[1][i].user, inner,
                   after[1][i].user - before[0][i].user, outer);
      check_share (sample->system_permille, after[0][i].system - before[1][i].system, inner,
                   after[1][i].system - before[0][i].system, outer);
    }
  il_core_probe_free (probe);
  il_core_probe_free (NULL);
}

/* Asked too soon it says so, and loses nothing of the time. */
static void
test_too_soon (void)
{
  IlCoreProbe *probe = il_core_probe_new ();
  const IlCoreSample *samples;
  guint n_false = 0, n;
  gint64 time_ns;

  while (!il_core_probe_sample (probe, &time_ns, &samples, &n))
    n_false++;
  g_assert_cmpuint (n_false, >, 0);
  il_core_probe_free (probe);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe/core/shares", test_shares);
  g_test_add_func ("/probe/core/too-soon", test_too_soon);
  return g_test_run ();
}
