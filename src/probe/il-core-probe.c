/* il-core-probe.c - what each core did, by libgtop
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kernel counts in ticks of 10 ms: a share over a window shorter than some ticks says little.
 * Ticks of all kinds do not add up to the time that passed either (an idle core may tick late), so
 * shares are of the ticks seen.
 */

#include "config.h"

#include "il-probe.h"

#include <glibtop.h>
#include <glibtop/cpu.h>
#include <time.h>

/* Below this many ticks on every core a window is too short to say anything. */
#define FEWEST_TICKS 4u

typedef struct
{
  guint64 user, system, iowait, idle;
} CoreTicks;

struct _IlCoreProbe
{
  guint n_cores;
  glibtop_cpu cpu; /* 64 KiB: not for a small stack */
  CoreTicks *last;
  IlCoreSample *samples;
};

static void
read_ticks (IlCoreProbe *self, CoreTicks *ticks)
{
  glibtop_get_cpu (&self->cpu);
  for (guint i = 0; i < self->n_cores; i++)
    {
      ticks[i].user = self->cpu.xcpu_user[i] + self->cpu.xcpu_nice[i];
      ticks[i].system = self->cpu.xcpu_sys[i] + self->cpu.xcpu_irq[i] + self->cpu.xcpu_softirq[i];
      ticks[i].iowait = self->cpu.xcpu_iowait[i];
      ticks[i].idle = self->cpu.xcpu_idle[i];
    }
}

/**
 * il_core_probe_new:
 *
 * Returns: (transfer full): a probe whose first window begins now
 */
IlCoreProbe *
il_core_probe_new (void)
{
  IlCoreProbe *self = g_new0 (IlCoreProbe, 1);
  glibtop *server = glibtop_init ();

  /* "ncpu" is the highest number of a core, not how many there are. */
  self->n_cores = CLAMP ((guint)server->ncpu + 1, 1u, (guint)GLIBTOP_NCPU);
  self->last = g_new0 (CoreTicks, self->n_cores);
  self->samples = g_new0 (IlCoreSample, self->n_cores);
  read_ticks (self, self->last);
  return self;
}

/**
 * il_core_probe_free:
 */
void
il_core_probe_free (IlCoreProbe *probe)
{
  if (probe == NULL)
    return;
  g_free (probe->last);
  g_free (probe->samples);
  g_free (probe);
}

/**
 * il_core_probe_get_n_cores:
 */
guint
il_core_probe_get_n_cores (const IlCoreProbe *probe)
{
  return probe->n_cores;
}

/* A counter may step back: the kernel corrects iowait and idle now and then. */
static guint64
get_passed (guint64 before, guint64 now)
{
  return now > before ? now - before : 0;
}

static guint64
count_ticks (const CoreTicks *ticks)
{
  return ticks->user + ticks->system + ticks->iowait + ticks->idle;
}

static void
share_out (const CoreTicks *passed, guint core, IlCoreSample *sample)
{
  guint64 all = count_ticks (passed);

  sample->core = core;
  sample->user_permille = sample->system_permille = sample->iowait_permille = 0;
  if (all > 0)
    {
      sample->user_permille = (guint)(passed->user * 1000 / all);
      sample->system_permille = (guint)(passed->system * 1000 / all);
      sample->iowait_permille = (guint)(passed->iowait * 1000 / all);
    }
  sample->idle_permille
      = 1000 - sample->user_permille - sample->system_permille - sample->iowait_permille;
}

/**
 * il_core_probe_sample:
 * @time_ns: (out): when the window ended that the samples are of; it began where the one before
 * ended
 * @samples: (out) (transfer none) (array length=n_samples): by core, valid until the next call
 *
 * Reads the kernel's counters.
 *
 * Returns: %FALSE while too few ticks have passed; the window goes on
 */
gboolean
il_core_probe_sample (IlCoreProbe *probe, gint64 *time_ns, const IlCoreSample **samples,
                      guint *n_samples)
{
  g_autofree CoreTicks *now = g_new (CoreTicks, probe->n_cores);
  g_autofree CoreTicks *passed = g_new (CoreTicks, probe->n_cores);
  struct timespec time;
  guint64 most = 0;

  read_ticks (probe, now);
  clock_gettime (CLOCK_MONOTONIC, &time);
  for (guint i = 0; i < probe->n_cores; i++)
    {
      passed[i].user = get_passed (probe->last[i].user, now[i].user);
      passed[i].system = get_passed (probe->last[i].system, now[i].system);
      passed[i].iowait = get_passed (probe->last[i].iowait, now[i].iowait);
      passed[i].idle = get_passed (probe->last[i].idle, now[i].idle);
      most = MAX (most, count_ticks (&passed[i]));
    }
  if (most < FEWEST_TICKS)
    return FALSE;

  for (guint i = 0; i < probe->n_cores; i++)
    {
      share_out (&passed[i], i, &probe->samples[i]);
      probe->last[i] = now[i];
    }
  *time_ns = (gint64)time.tv_sec * 1000000000 + time.tv_nsec;
  *samples = probe->samples;
  *n_samples = probe->n_cores;
  return TRUE;
}
