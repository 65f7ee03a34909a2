/* il-report-text-private.h - what the parts of the report for reading share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-report-private.h"
#include "il-text-table.h"

G_BEGIN_DECLS

#define IL_REPORT_WIDTH 80
#define IL_REPORT_MAX_ROWS 32 /* of a table; the JSON report has all */

/* All return text that the caller owns. */
char *il_report_format_time (gint64 time_ns) G_GNUC_INTERNAL;
char *il_report_format_moment (gint64 time_ns) G_GNUC_INTERNAL;
char *il_report_format_time_of (const IlDistribution *distribution, gint64 time_ns) G_GNUC_INTERNAL;
char *il_report_format_count (guint64 count) G_GNUC_INTERNAL;
char *il_report_format_share (double share) G_GNUC_INTERNAL;
char *il_report_format_bytes (guint64 bytes) G_GNUC_INTERNAL;
char *il_report_format_rate (double per_second) G_GNUC_INTERNAL;
char *il_report_format_number (double value) G_GNUC_INTERNAL;

void il_report_append_wrapped (GString *out, const char *text) G_GNUC_INTERNAL;
void il_report_append_in_vain (GString *out, const char *name, guint64 n_waits,
                               guint64 n_in_vain) G_GNUC_INTERNAL;
void il_report_append_more (GString *out, guint n_rows) G_GNUC_INTERNAL;
const IlLaneInfo *il_report_info_of (IlSession *session, guint lane) G_GNUC_INTERNAL;

/* il-report-text-together.c */
void il_report_append_findings (GString *out, const IlReport *report) G_GNUC_INTERNAL;
void il_report_append_knob_changes (GString *out, IlSession *session) G_GNUC_INTERNAL;
void il_report_append_notes (GString *out, const IlReport *report,
                             IlSession *session) G_GNUC_INTERNAL;
void il_report_append_kinds (GString *out, const IlReport *report,
                             IlSession *session) G_GNUC_INTERNAL;
void il_report_append_together (GString *out, const IlReport *report,
                                IlSession *session) G_GNUC_INTERNAL;
void il_report_append_ends (GString *out, const IlReport *report,
                            IlSession *session) G_GNUC_INTERNAL;

/* il-report-text-objects.c: sections of those objects that there are. */
IlTextTable *il_report_make_table (const char *title, const char *const *headers) G_GNUC_INTERNAL;
void il_report_print_table (const IlReport *report, const IlTextTable *table, GString *out,
                            guint n_rows) G_GNUC_INTERNAL;
guint il_report_get_width (const IlReport *report) G_GNUC_INTERNAL;
void il_report_add_count (IlTextTable *table, guint64 count) G_GNUC_INTERNAL;
void il_report_append_locks (GString *out, const IlReport *report,
                             IlSession *session) G_GNUC_INTERNAL;
void il_report_append_signals (GString *out, const IlReport *report,
                               IlSession *session) G_GNUC_INTERNAL;
void il_report_append_channels (GString *out, const IlReport *report,
                                IlSession *session) G_GNUC_INTERNAL;

/* il-report-text-pairs.c */
void il_report_append_pairs (GString *out, const IlReport *report,
                             IlSession *session) G_GNUC_INTERNAL;
void il_report_append_last (GString *out, const IlReport *report,
                            IlSession *session) G_GNUC_INTERNAL;

G_END_DECLS
