/* il-needs.c - which libraries an ELF file asks for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file may come from anyone: every offset in it is checked by reading there, and what is read
 * is bounded.
 */

#include "config.h"

#include "il-needs.h"

#include <string.h>
#include <unistd.h>

#define MAX_SEGMENTS 1024
#define MAX_ENTRIES 4096
#define NAME_SIZE 64 /* names are told apart by their begin */

static gboolean
read_at (int fd, void *bytes, size_t n_bytes, guint64 offset)
{
  return offset <= G_MAXINT64 && pread (fd, bytes, n_bytes, (off_t)offset) == (ssize_t)n_bytes;
}

static gboolean
read_segment (int fd, const ElfW (Ehdr) * header, guint i, ElfW (Phdr) * segment)
{
  return read_at (fd, segment, sizeof *segment, header->e_phoff + i * sizeof *segment);
}

/* Where in the file lies what will lie at an address. */
static gboolean
find_offset (int fd, const ElfW (Ehdr) * header, guint64 address, guint64 *offset)
{
  for (guint i = 0; i < header->e_phnum; i++)
    {
      ElfW (Phdr) segment;

      if (!read_segment (fd, header, i, &segment))
        return FALSE;
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr
          && address - segment.p_vaddr < segment.p_filesz)
        {
          *offset = segment.p_offset + (address - segment.p_vaddr);
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
find_dynamic (int fd, const ElfW (Ehdr) * header, ElfW (Phdr) * segment)
{
  if (header->e_phentsize != sizeof *segment || header->e_phnum > MAX_SEGMENTS)
    return FALSE;
  for (guint i = 0; i < header->e_phnum; i++)
    {
      if (!read_segment (fd, header, i, segment))
        return FALSE;
      if (segment->p_type == PT_DYNAMIC)
        return TRUE;
    }
  return FALSE;
}

/* Returns: (element-type ElfW(Dyn)) (transfer full): up to its end */
static GArray *
read_entries (int fd, const ElfW (Phdr) * segment)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (ElfW (Dyn)));
  guint64 n = MIN (segment->p_filesz / sizeof (ElfW (Dyn)), MAX_ENTRIES);

  for (guint64 i = 0; i < n; i++)
    {
      ElfW (Dyn) entry;

      if (!read_at (fd, &entry, sizeof entry, segment->p_offset + i * sizeof entry)
          || entry.d_tag == DT_NULL)
        break;
      g_array_append_val (entries, entry);
    }
  return entries;
}

static gboolean
begins_with (int fd, guint64 offset, const char *prefix)
{
  char name[NAME_SIZE];
  size_t length = strlen (prefix);

  g_assert (length <= sizeof name);
  return read_at (fd, name, length, offset) && memcmp (name, prefix, length) == 0;
}

/**
 * il_needs_library:
 * @fd: an open ELF file of this machine's kind
 * @header: its header
 * @prefix: how the library's name begins, less than 64 characters
 *
 * Returns: whether the file itself asks for a library of such a name; FALSE where the file is
 *   damaged.  What its libraries ask for is not looked at.
 */
gboolean
il_needs_library (int fd, const ElfW (Ehdr) * header, const char *prefix)
{
  g_autoptr (GArray) entries = NULL;
  ElfW (Phdr) segment;
  guint64 strings = 0;

  if (!find_dynamic (fd, header, &segment))
    return FALSE;
  entries = read_entries (fd, &segment);
  for (guint i = 0; i < entries->len; i++)
    {
      const ElfW (Dyn) *entry = &g_array_index (entries, ElfW (Dyn), i);

      if (entry->d_tag == DT_STRTAB
          && !find_offset (fd, header, (guint64)entry->d_un.d_ptr, &strings))
        return FALSE;
    }
  for (guint i = 0; strings != 0 && i < entries->len; i++)
    {
      const ElfW (Dyn) *entry = &g_array_index (entries, ElfW (Dyn), i);

      if (entry->d_tag == DT_NEEDED
          && begins_with (fd, strings + (guint64)entry->d_un.d_val, prefix))
        return TRUE;
    }
  return FALSE;
}
