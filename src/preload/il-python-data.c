/* il-python-data.c - what the interpreter has in its memory: strings, and tables of lines
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As CPython keeps them; see il-python.c.
 */

#include "config.h"

#include "il-python-data.h"

#include "il-memory.h"

#define MAX_TABLE 65536 /* bytes of a table of lines, or of a string, that are looked at */

/* Bytes that are read one after the other. */
typedef struct
{
  uintptr_t next;
  size_t n_left; /* not read yet */
  size_t i, n;   /* of the buffer */
  unsigned char buffer[64];
} Stream;

/* -1: there is no more. */
static int
read_byte (Stream *stream)
{
  if (stream->i == stream->n)
    {
      stream->i = 0;
      stream->n = stream->n_left < sizeof stream->buffer ? stream->n_left : sizeof stream->buffer;
      if (stream->n == 0 || !il_memory_read (stream->next, stream->buffer, stream->n))
        {
          stream->n = stream->n_left = 0;
          return -1;
        }
      stream->next += stream->n;
      stream->n_left -= stream->n;
    }
  return stream->buffer[stream->i++];
}

/* --- strings */

/* A character that would not fit, or is none to be shown, becomes a question mark. */
static size_t
put_character (char *text, uint32_t c)
{
  if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
    c = '?';
  if (c < 0x80)
    {
      text[0] = (char)c;
      return 1;
    }
  if (c < 0x800)
    {
      text[0] = (char)(0xc0 | c >> 6);
      text[1] = (char)(0x80 | (c & 0x3f));
      return 2;
    }
  if (c < 0x10000)
    {
      text[0] = (char)(0xe0 | c >> 12);
      text[1] = (char)(0x80 | (c >> 6 & 0x3f));
      text[2] = (char)(0x80 | (c & 0x3f));
      return 3;
    }
  text[0] = (char)(0xf0 | c >> 18);
  text[1] = (char)(0x80 | (c >> 12 & 0x3f));
  text[2] = (char)(0x80 | (c >> 6 & 0x3f));
  text[3] = (char)(0x80 | (c & 0x3f));
  return 4;
}

static uint32_t
read_character (Stream *stream, unsigned width)
{
  uint32_t c = 0;

  for (unsigned i = 0; i < width; i++)
    c |= (uint32_t)(read_byte (stream) & 0xff) << 8 * i;
  return c;
}

/* Begins to read a string.  Returns its length in characters; 0: it is none. */
static size_t
open_string (const IlPythonLayout *layout, uintptr_t string, Stream *stream, unsigned *width)
{
  char head[IL_PYTHON_STRING_HEAD];
  uint32_t state;
  size_t n;

  if (!il_memory_read (string, head, sizeof head)
      || il_python_get_word (head, IL_PYTHON_TYPE) != il_python.string_type)
    return 0;
  n = il_python_get_word (head, IL_PYTHON_SIZE);
  state = il_python_get_half (head, IL_PYTHON_STRING_STATE);
  *width = IL_PYTHON_STRING_WIDTH (state);
  if (n > MAX_TABLE || !IL_PYTHON_STRING_IS_COMPACT (state)
      || (*width != 1 && *width != 2 && *width != 4))
    return 0;
  *stream = (Stream){
    .next = string + (IL_PYTHON_STRING_IS_ASCII (state) ? layout->ascii : layout->wide),
    .n_left = n * *width,
  };
  return n;
}

/**
 * il_python_read_string:
 * @string: where one may be
 * @text: (out): UTF-8 without control characters, as much of it as there is room for
 */
void
il_python_read_string (const IlPythonLayout *layout, uintptr_t string,
                       char text[IL_PYTHON_NAME_SIZE])
{
  Stream stream;
  unsigned width;
  size_t n = open_string (layout, string, &stream, &width), length = 0;

  while (n-- > 0 && length + 4 < IL_PYTHON_NAME_SIZE)
    length += put_character (text + length, read_character (&stream, width));
  text[length] = '\0';
}

/* Follows a path, character by character, up to where "lib/python3" stands in it. */
typedef struct
{
  char name[IL_PYTHON_NAME_SIZE]; /* behind the last slash, so far */
  size_t length;
  bool is_in_lib, is_library;
} Path;

static void
end_directory (Path *path)
{
  path->name[path->length] = '\0';
  if (path->is_in_lib && strncmp (path->name, "python3", 7) == 0
      && (path->name[7] == '.' || path->name[7] == '\0'))
    path->is_library = true;
  else if (strstr (path->name, "-packages") != NULL)
    path->is_library = false;
  path->is_in_lib = strcmp (path->name, "lib") == 0 || strcmp (path->name, "lib64") == 0;
  path->length = 0;
}

/**
 * il_python_read_path:
 * @string: where a path may be
 * @name: (out): the file's, without its directory
 *
 * Returns: whose file it is
 */
IlPythonOrigin
il_python_read_path (const IlPythonLayout *layout, uintptr_t string, char name[IL_PYTHON_NAME_SIZE])
{
  Path path = { .length = 0 };
  Stream stream;
  unsigned width;
  size_t n = open_string (layout, string, &stream, &width);

  while (n-- > 0)
    {
      uint32_t c = read_character (&stream, width);

      if (c == '/')
        end_directory (&path);
      else if (path.length + 4 < IL_PYTHON_NAME_SIZE)
        path.length += put_character (path.name + path.length, c);
    }
  path.name[path.length] = '\0';
  memcpy (name, path.name, path.length + 1);
  if (strncmp (name, "<frozen ", 8) == 0)
    return IL_PYTHON_OF_MACHINERY;
  if (!path.is_library)
    return IL_PYTHON_OF_PROGRAM;
  return strcmp (name, "threading.py") == 0 || strcmp (name, "queue.py") == 0
             ? IL_PYTHON_OF_MACHINERY
             : IL_PYTHON_OF_LIBRARY;
}

/* --- lines */

static uint32_t
read_number (Stream *stream)
{
  uint32_t number = 0;
  int byte;

  for (unsigned shift = 0; shift < 32; shift += 6)
    {
      byte = read_byte (stream);
      if (byte < 0)
        break;
      number |= (uint32_t)(byte & 0x3f) << shift;
      if ((byte & 0x40) == 0)
        break;
    }
  return number;
}

static int32_t
read_signed (Stream *stream)
{
  uint32_t number = read_number (stream);

  return (number & 1) != 0 ? -(int32_t)(number >> 1) : (int32_t)(number >> 1);
}

/**
 * il_python_find_line:
 * @table: where one may be, of a function's code
 * @first_line: of the function
 * @unit: of the code, of two bytes each
 *
 * The table's form is that of Objects/locations.md in CPython's sources: entries of so many units,
 * each of which begins with a byte that has the highest bit set.
 *
 * Returns: the line that the unit is of
 */
uint32_t
il_python_find_line (uintptr_t table, uint32_t first_line, size_t unit)
{
  char head[IL_PYTHON_BYTES];
  Stream stream = { .next = table + IL_PYTHON_BYTES };
  int64_t line = first_line;
  size_t end = 0;
  int byte;

  if (!il_memory_read (table, head, sizeof head)
      || il_python_get_word (head, IL_PYTHON_TYPE) != il_python.bytes_type)
    return first_line;
  stream.n_left = il_python_get_word (head, IL_PYTHON_SIZE);
  if (stream.n_left > MAX_TABLE)
    stream.n_left = MAX_TABLE;
  byte = read_byte (&stream);
  while (byte >= 0x80)
    {
      unsigned kind = (unsigned)byte >> 3 & 15;

      end += ((unsigned)byte & 7) + 1;
      if (kind == 13 || kind == 14)
        line += read_signed (&stream);
      else if (kind >= 10 && kind <= 12)
        line += kind - 10;
      if (unit < end)
        break;
      do
        byte = read_byte (&stream);
      while (byte >= 0 && byte < 0x80);
    }
  return unit < end && line > 0 ? (uint32_t)(line < UINT32_MAX ? line : 0) : first_line;
}
