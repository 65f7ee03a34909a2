/* il-text-table.h - a table for the terminal: names on the left, figures aligned on the right
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _IlTextTable IlTextTable;

IlTextTable *il_text_table_new (const char *first_header) G_GNUC_INTERNAL G_GNUC_WARN_UNUSED_RESULT;
void il_text_table_free (IlTextTable *table) G_GNUC_INTERNAL;
void il_text_table_add_column (IlTextTable *table, const char *header) G_GNUC_INTERNAL;
void il_text_table_begin_row (IlTextTable *table, const char *name) G_GNUC_INTERNAL;
void il_text_table_add_cell (IlTextTable *table, char *text) G_GNUC_INTERNAL; /* takes the text */
void il_text_table_add_name (IlTextTable *table, const char *name) G_GNUC_INTERNAL;
void il_text_table_set_labels (IlTextTable *table) G_GNUC_INTERNAL;
void il_text_table_print (const IlTextTable *table, GString *out, guint width) G_GNUC_INTERNAL;
char *il_text_make_printable (const char *text) G_GNUC_INTERNAL G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlTextTable, il_text_table_free)

G_END_DECLS
