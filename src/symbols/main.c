/* main.c - interleave-symbols: tells the recorder what places in files are called
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process of its own, so that no file, however damaged, can take the recorder with it, and so
 * that the lowest of all priorities can be had.  On standard input come questions, texts that are
 * each ended by a NUL:
 *
 *   where the lock lies: an address in the file, in hexadecimal
 *   that file; empty: in none
 *   and IL_SYMBOL_CALLS_MAX times, for the call of its first use, the one around that, and so on:
 *   where it returns to
 *   that file; empty: it is not known
 *
 * The answer to each is five texts on standard output: what IlSymbolAnswer has, and which of the
 * calls that is, from 0.
 */

#include "config.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "il-symbol.h"
#include "il-trace-format.h"

#define DEBUG_DIRECTORY "/usr/lib/debug"
#define MEMORY_MAX ((rlim_t)4 << 30)

#define N_FIELDS (2 + 2 * IL_SYMBOL_CALLS_MAX)

/* Who asks sends the use, and the calls around it. */
G_STATIC_ASSERT (IL_SYMBOL_CALLS_MAX == 1 + IL_TRACE_CALLERS);

typedef struct
{
  char *text;
  size_t size;
} Field;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED
#endif

static void
be_modest (void)
{
  const struct sched_param none = { 0 };

  sched_setscheduler (0, SCHED_IDLE, &none);
#ifndef IS_SANITIZED
  {
    const struct rlimit limit = { MEMORY_MAX, MEMORY_MAX };

    setrlimit (RLIMIT_AS, &limit);
  }
#endif
}

static gboolean
read_field (Field *field)
{
  return getdelim (&field->text, &field->size, '\0', stdin) > 0;
}

static gboolean
read_question (Field fields[N_FIELDS])
{
  for (guint i = 0; i < N_FIELDS; i++)
    if (!read_field (&fields[i]))
      return FALSE;
  return TRUE;
}

static void
write_text (const char *text)
{
  fputs (text, stdout);
  fputc ('\0', stdout);
}

static void
write_answer (const IlSymbolAnswer *answer, guint call)
{
  write_text (answer->symbol != NULL ? answer->symbol : "");
  write_text (answer->function != NULL ? answer->function : "");
  write_text (answer->file != NULL ? answer->file : "");
  printf ("%u", answer->line);
  fputc ('\0', stdout);
  printf ("%u", call);
  fputc ('\0', stdout);
  fflush (stdout);
}

static void
answer_question (IlSymbols *symbols, const Field fields[N_FIELDS])
{
  IlSymbolAnswer answer = { 0 };
  IlSymbolPlace calls[IL_SYMBOL_CALLS_MAX];
  guint call = 0;

  for (guint i = 0; i < IL_SYMBOL_CALLS_MAX; i++)
    calls[i] = (IlSymbolPlace){ fields[3 + 2 * i].text,
                                g_ascii_strtoull (fields[2 + 2 * i].text, NULL, 16) };
  if (fields[1].text[0] != '\0')
    answer.symbol = il_symbols_find_data (symbols, fields[1].text,
                                          g_ascii_strtoull (fields[0].text, NULL, 16));
  if (fields[3].text[0] != '\0' && (answer.symbol == NULL || answer.symbol[0] == '\0'))
    {
      il_symbol_answer_clear (&answer);
      call = il_symbols_find_use (symbols, calls, IL_SYMBOL_CALLS_MAX, &answer);
    }
  write_answer (&answer, call);
  il_symbol_answer_clear (&answer);
}

int
main (void)
{
  const char *debug_directory = g_getenv ("INTERLEAVE_DEBUG_FILES");
  Field fields[N_FIELDS] = { 0 };
  IlSymbols *symbols;

  be_modest ();
  /* Whatever a library may come to think of: nothing is asked of a network. */
  g_unsetenv ("DEBUGINFOD_URLS");
  symbols = il_symbols_new (debug_directory != NULL ? debug_directory : DEBUG_DIRECTORY);
  while (read_question (fields))
    answer_question (symbols, fields);
  il_symbols_free (symbols);
  for (guint i = 0; i < N_FIELDS; i++)
    free (fields[i].text);
  return 0;
}
