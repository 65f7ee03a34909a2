/* il-core-probe.c - what each core did, from libgtop
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-probe.h"

#include <glibtop.h>
#include <glibtop/cpu.h>
#include <time.h>

/* The kernel counts in ticks of 10 ms.  Shares of less than 5 of them would be steps of a quarter
 * and more. */
#define MIN_TICKS 5

typedef struct
{
  guint64 user, system, iowait, idle;
} Ticks;

struct _IlCoreProbe
{
  guint n_cores;
  Ticks *last;
  IlCoreSample *samples;
  glibtop_cpu *cpu; /* 64 KiB: too much for a small thread's stack */
};

static Ticks
get_ticks (const glibtop_cpu *cpu, guint core)
{
  return (Ticks){
    .user = cpu->xcpu_user[core] + cpu->xcpu_nice[core],
    .system = cpu->xcpu_sys[core] + cpu->xcpu_irq[core] + cpu->xcpu_softirq[core],
    .iowait = cpu->xcpu_iowait[core],
    .idle = cpu->xcpu_idle[core],
  };
}

/* Idle and I/O wait of a core are the kernel's estimates, and may step back a little. */
static guint64
grown (guint64 now, guint64 before)
{
  return now > before ? now - before : 0;
}

static Ticks
get_growth (Ticks now, Ticks before)
{
  return (Ticks){
    .user = grown (now.user, before.user),
    .system = grown (now.system, before.system),
    .iowait = grown (now.iowait, before.iowait),
    .idle = grown (now.idle, before.idle),
  };
}

static guint64
get_total (Ticks ticks)
{
  return ticks.user + ticks.system + ticks.iowait + ticks.idle;
}

/* A core that is offline counts nothing: idle. */
static IlCoreSample
make_sample (guint core, Ticks ticks)
{
  guint64 total = MAX (get_total (ticks), 1);
  IlCoreSample sample = {
    .core = core,
    .user_permille = (guint)(ticks.user * 1000 / total),
    .system_permille = (guint)(ticks.system * 1000 / total),
    .iowait_permille = (guint)(ticks.iowait * 1000 / total),
  };

  sample.idle_permille
      = 1000 - sample.user_permille - sample.system_permille - sample.iowait_permille;
  return sample;
}

/**
 * il_core_probe_new:
 *
 * Returns: (transfer full): a probe whose first sample is counted from now
 */
IlCoreProbe *
il_core_probe_new (void)
{
  IlCoreProbe *probe = g_new0 (IlCoreProbe, 1);

  probe->cpu = g_new0 (glibtop_cpu, 1);
  glibtop_get_cpu (probe->cpu);
  /* Not the number of cores, but the highest index. */
  probe->n_cores = (guint)MIN (glibtop_global_server->ncpu + 1, GLIBTOP_NCPU);
  probe->last = g_new0 (Ticks, probe->n_cores);
  probe->samples = g_new0 (IlCoreSample, probe->n_cores);
  for (guint i = 0; i < probe->n_cores; i++)
    probe->last[i] = get_ticks (probe->cpu, i);
  return probe;
}

/**
 * il_core_probe_free:
 * @probe: (nullable) (transfer full):
 */
void
il_core_probe_free (IlCoreProbe *probe)
{
  if (probe == NULL)
    return;
  g_free (probe->last);
  g_free (probe->samples);
  g_free (probe->cpu);
  g_free (probe);
}

/**
 * il_core_probe_get_n_cores:
 *
 * Returns: the number of cores, those offline included
 */
guint
il_core_probe_get_n_cores (const IlCoreProbe *probe)
{
  return probe->n_cores;
}

/**
 * il_core_probe_sample:
 * @time_ns: (out): when the counters were read
 * @samples: (out) (transfer none) (array length=n_samples): one for each core, in order; valid
 *   until the next call
 *
 * Reads the counters; about 15 µs.  Call it as often as you like: it says so when less than 50 ms
 * have been counted since the last sample, and counts on.
 *
 * Returns: whether there is a sample
 */
gboolean
il_core_probe_sample (IlCoreProbe *probe, gint64 *time_ns, const IlCoreSample **samples,
                      guint *n_samples)
{
  struct timespec now;
  guint64 most = 0;

  glibtop_get_cpu (probe->cpu);
  clock_gettime (CLOCK_MONOTONIC, &now);
  for (guint i = 0; i < probe->n_cores; i++)
    most = MAX (most, get_total (get_growth (get_ticks (probe->cpu, i), probe->last[i])));
  if (most < MIN_TICKS)
    return FALSE;

  for (guint i = 0; i < probe->n_cores; i++)
    {
      Ticks ticks = get_ticks (probe->cpu, i);

      probe->samples[i] = make_sample (i, get_growth (ticks, probe->last[i]));
      probe->last[i] = ticks;
    }
  *time_ns = (gint64)now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
  *samples = probe->samples;
  *n_samples = probe->n_cores;
  return TRUE;
}
