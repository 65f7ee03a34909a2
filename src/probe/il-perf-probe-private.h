/* il-perf-probe-private.h - lets a test stand in for the kernel
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-probe.h"

#include <linux/perf_event.h>

G_BEGIN_DECLS

/* As perf_event_open(2): a descriptor, or -1 and errno. */
typedef long (*IlPerfOpenFunc) (struct perf_event_attr *attr, pid_t pid, int core);

IlPerfProbe *il_perf_probe_new_with (pid_t pid, IlPerfOpenFunc open_func,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void il_perf_probe_set_error (GError **error, int error_number);

G_END_DECLS
