/* il-text-table.c - a table for the terminal: names on the left, figures aligned on the right
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-text-table.h"

#define NICE_NAME 20 /* a name that is no longer is not shortened while there is space to save */
#define MIN_NAME 8   /* a name is not shortened further */

struct _IlTextTable
{
  guint n_columns;
  GPtrArray *cells; /* of char *, row by row; the headers are the first row */
};

/* How many columns of the terminal a text takes: two for a Chinese character, none for a combining
 * mark. */
static guint
width_of (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_iszerowidth (c))
        width += g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

/* The text, or as much of its begin as fits with an ellipsis. */
static char *
shorten (const char *text, guint max_width)
{
  const char *p = text;
  guint width = 1;

  if (width_of (text) <= max_width)
    return g_strdup (text);
  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      width += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
      if (width > max_width)
        break;
    }
  return g_strdup_printf ("%.*s…", (int)(p - text), text);
}

/**
 * il_text_make_printable:
 * @text: of any origin
 *
 * Makes a text fit for a terminal: nothing that is not UTF-8 and no control character is left.
 */
char *
il_text_make_printable (const char *text)
{
  char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) printable = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    g_string_append_unichar (
        printable, g_unichar_iscntrl (g_utf8_get_char (p)) ? 0xfffd : g_utf8_get_char (p));
  g_free (valid);
  return g_string_free (g_steal_pointer (&printable), FALSE);
}

/**
 * il_text_table_new:
 * @first_header: above the names
 *
 * Makes a table with one column.
 */
IlTextTable *
il_text_table_new (const char *first_header)
{
  IlTextTable *table = g_new0 (IlTextTable, 1);

  table->cells = g_ptr_array_new_with_free_func (g_free);
  il_text_table_add_column (table, first_header);
  return table;
}

/**
 * il_text_table_free:
 *
 * Frees the table with its cells.
 */
void
il_text_table_free (IlTextTable *table)
{
  if (table == NULL)
    return;
  g_ptr_array_unref (table->cells);
  g_free (table);
}

/**
 * il_text_table_add_column:
 *
 * Adds a column of figures; all columns come before the first row.
 */
void
il_text_table_add_column (IlTextTable *table, const char *header)
{
  g_return_if_fail (table->cells->len == table->n_columns);

  table->n_columns++;
  g_ptr_array_add (table->cells, g_strdup (header));
}

/**
 * il_text_table_begin_row:
 * @name: whose figures follow; of any origin
 *
 * Begins a row, once the one before has all its cells.
 */
void
il_text_table_begin_row (IlTextTable *table, const char *name)
{
  g_return_if_fail (table->cells->len % table->n_columns == 0);

  g_ptr_array_add (table->cells, il_text_make_printable (name));
}

/**
 * il_text_table_add_cell:
 * @text: (transfer full): a figure
 *
 * Adds the next figure of the row.
 */
void
il_text_table_add_cell (IlTextTable *table, char *text)
{
  g_return_if_fail (table->cells->len % table->n_columns != 0);

  g_ptr_array_add (table->cells, text);
}

/* Returns the gap between two columns. */
static guint
measure (const IlTextTable *table, guint *widths, guint max_width)
{
  guint others = 0, gap;

  for (guint i = 0; i < table->cells->len; i++)
    {
      guint width = width_of (g_ptr_array_index (table->cells, i));

      widths[i % table->n_columns] = MAX (widths[i % table->n_columns], width);
    }
  for (guint i = 1; i < table->n_columns; i++)
    others += widths[i];
  gap = MIN (widths[0], NICE_NAME) + others + 2 * (table->n_columns - 1) <= max_width ? 2 : 1;
  others += gap * (table->n_columns - 1);
  if (widths[0] + others > max_width)
    widths[0] = MAX (MIN_NAME, max_width - MIN (max_width, others));
  return gap;
}

/**
 * il_text_table_print:
 * @width: columns of the terminal; names are shortened to make the table fit
 *
 * Appends the table, each row with a newline.
 */
void
il_text_table_print (const IlTextTable *table, GString *out, guint width)
{
  g_autofree guint *widths = g_new0 (guint, table->n_columns);
  guint gap;

  gap = measure (table, widths, width);
  for (guint i = 0; i < table->cells->len; i++)
    {
      guint column = i % table->n_columns;
      const char *text = g_ptr_array_index (table->cells, i);
      g_autofree char *fitting = column == 0 ? shorten (text, widths[0]) : g_strdup (text);
      guint padding = widths[column] - MIN (widths[column], width_of (fitting));

      if (column > 0)
        g_string_append_printf (out, "%*s%s", (int)(gap + padding), "", fitting);
      else
        g_string_append_printf (out, "%s%*s", fitting, (int)padding, "");
      if (column == table->n_columns - 1)
        g_string_append_c (out, '\n');
    }
}
