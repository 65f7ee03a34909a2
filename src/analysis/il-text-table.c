/* il-text-table.c - a table for the terminal: names on the left, figures aligned on the right
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-text-table.h"
#include "il-timeline.h"

#define MIN_NAME 20   /* a name is not shortened further */
#define N_NAMES 3     /* so many columns of names stand beside one another at most, … */
#define NAMES_REST 18 /* … with so much beside them */

struct _IlTextTable
{
  guint n_columns;
  gboolean has_labels;  /* in the first column, which are not shortened as names are */
  guint64 name_columns; /* a bit for each column but the first that has names */
  GPtrArray *cells;     /* of char *, row by row; the headers are the first row */
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

/* Moves over as many characters as take no more than that many columns. */
static const char *
skip (const char *text, guint max_width)
{
  guint width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      width += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
      if (width > max_width)
        break;
    }
  return text;
}

/* The text, or as much of both its ends as fits with an ellipsis: names of a kind differ at the
 * end. */
static char *
shorten (const char *text, guint max_width)
{
  guint width = width_of (text);
  const char *begin_end, *end;

  if (width <= max_width)
    return g_strdup (text);
  begin_end = skip (text, max_width / 2);
  end = skip (text, width - (max_width - 1 - max_width / 2));
  /* A wide character that lies across the place where to go on is left out. */
  if (width_of (end) > max_width - 1 - max_width / 2)
    end = g_utf8_next_char (end);
  return g_strdup_printf ("%.*s…%s", (int)(begin_end - text), text, end);
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

  g_ptr_array_add (table->cells, il_text_make_printable (il_name_get_shown (name)));
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

/**
 * il_text_table_add_name:
 * @name: of any origin
 *
 * Adds the next cell of the row, which is a name as the one that the row begins with.
 */
void
il_text_table_add_name (IlTextTable *table, const char *name)
{
  guint column = table->cells->len % table->n_columns;

  if (column < 64)
    table->name_columns |= G_GUINT64_CONSTANT (1) << column;
  il_text_table_add_cell (table, il_text_make_printable (il_name_get_shown (name)));
}

/**
 * il_text_table_set_labels:
 *
 * Says that rows begin with words of ours, and not with names.
 */
void
il_text_table_set_labels (IlTextTable *table)
{
  table->has_labels = TRUE;
}

/* As long as names are at most: the same in all tables of a width, so that each is shortened the
 * same way wherever it stands. */
static guint
get_name_width (guint max_width)
{
  return MAX (MIN_NAME, (max_width - MIN (max_width, NAMES_REST)) / N_NAMES);
}

/* What stands in a cell; headers are the first row. */
static char *
dup_cell (const IlTextTable *table, guint cell, guint max_width)
{
  const char *text = g_ptr_array_index (table->cells, cell);
  guint column = cell % table->n_columns;
  gboolean is_name
      = column == 0 ? !table->has_labels : column < 64 && (table->name_columns >> column & 1) != 0;

  if (!is_name || cell < table->n_columns)
    return g_strdup (text);
  return shorten (text, get_name_width (max_width));
}

static void
measure (const IlTextTable *table, guint *widths, guint max_width)
{
  for (guint i = 0; i < table->cells->len; i++)
    {
      g_autofree char *text = dup_cell (table, i, max_width);

      widths[i % table->n_columns] = MAX (widths[i % table->n_columns], width_of (text));
    }
}

/* What the columns from first to end take together, without the names, with such gaps. */
static guint
add_up (const guint *widths, guint first, guint end, guint gap)
{
  guint sum = 0;

  for (guint i = first; i < end; i++)
    sum += gap + widths[i];
  return sum;
}

/* Where the columns end that stand beside each other, from the first of them on. */
static guint
find_end (const IlTextTable *table, const guint *widths, guint first, guint max_width)
{
  guint end = table->n_columns;

  while (end > first + 1 && widths[0] + add_up (widths, first, end, 1) > max_width)
    end--;
  return end;
}

static void
print_columns (const IlTextTable *table, GString *out, const guint *widths, guint first, guint end,
               guint max_width)
{
  guint gap = widths[0] + add_up (widths, first, end, 2) <= max_width ? 2 : 1;

  for (guint i = 0; i < table->cells->len; i++)
    {
      guint column = i % table->n_columns;
      g_autofree char *text = dup_cell (table, i, max_width);
      guint padding = widths[column] - width_of (text);

      if (column == 0)
        g_string_append_printf (out, "%s%*s", text, (int)padding, "");
      else if (column >= first && column < end)
        g_string_append_printf (out, "%*s%s", (int)(gap + padding), "", text);
      if (column == table->n_columns - 1)
        g_string_append_c (out, '\n');
    }
}

/**
 * il_text_table_print:
 * @width: columns of the terminal, %G_MAXUINT for no end; long names are shortened, and where a
 *   table does not fit it goes on below, with the names again
 *
 * Appends the table, each row with a newline.
 */
void
il_text_table_print (const IlTextTable *table, GString *out, guint width)
{
  g_autofree guint *widths = g_new0 (guint, table->n_columns);
  guint first = 1;

  measure (table, widths, width);
  do
    {
      guint end = find_end (table, widths, first, width);

      if (first > 1)
        g_string_append_c (out, '\n');
      print_columns (table, out, widths, first, end, width);
      first = end;
    }
  while (first < table->n_columns);
}
