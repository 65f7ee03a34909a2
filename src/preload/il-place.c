/* il-place.c - in which loaded file an address lies
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asked while a program waits for a lock, which may be the loader's own: dladdr() takes that.
 * _dl_find_object(), in glibc since 2.35, takes none; elsewhere the kernel is asked.
 */

#include "config.h"

#include "il-place.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#include "il-real.h"
#include "il-self.h"

typedef struct
{
  char path[IL_TRACE_PATH_MAX]; /* empty: it lies in no file */
  uint64_t offset;
} Spot;

/* --- by the kernel's list of mappings */

typedef struct
{
  int fd;
  size_t next, n;
  char buffer[2048];
} Reader;

static int
read_char (Reader *reader)
{
  if (reader->next == reader->n)
    {
      ssize_t n = il_real.read (reader->fd, reader->buffer, sizeof reader->buffer);

      reader->next = 0;
      reader->n = n > 0 ? (size_t)n : 0;
      if (n <= 0)
        return -1;
    }
  return (unsigned char)reader->buffer[reader->next++];
}

/* Reads a number and the character behind it. */
static uint64_t
read_hex (Reader *reader, int *behind)
{
  uint64_t value = 0;

  for (;;)
    {
      int c = read_char (reader);

      if (c >= '0' && c <= '9')
        value = value * 16 + (uint64_t)(c - '0');
      else if (c >= 'a' && c <= 'f')
        value = value * 16 + (uint64_t)(c - 'a') + 10;
      else
        {
          *behind = c;
          return value;
        }
    }
}

/* The rest of a line, whose path comes after four more words; "" where that is none, or too long.
 */
static void
read_path (Reader *reader, char path[IL_TRACE_PATH_MAX])
{
  size_t length = 0;
  bool has_begun = false;

  path[0] = '\0';
  for (int c = read_char (reader); c >= 0 && c != '\n'; c = read_char (reader))
    {
      has_begun = has_begun || c == '/';
      if (!has_begun)
        continue;
      if (length == IL_TRACE_PATH_MAX - 1)
        path[0] = '\0';
      if (length >= IL_TRACE_PATH_MAX - 1)
        continue;
      path[length++] = (char)c;
      path[length] = '\0';
    }
}

/* A file is mapped piece by piece; its own addresses begin where the first piece does. */
static void
ask_kernel (uintptr_t address, Spot *spot)
{
  Reader reader = { .fd = open ("/proc/self/maps", O_RDONLY | O_CLOEXEC) };
  char current[IL_TRACE_PATH_MAX] = "";
  uint64_t base = 0;
  int c = 0;

  spot->path[0] = '\0';
  if (reader.fd < 0)
    return;
  while (c >= 0)
    {
      uint64_t begin = read_hex (&reader, &c), end;
      char path[IL_TRACE_PATH_MAX];

      if (c != '-')
        break;
      end = read_hex (&reader, &c);
      read_path (&reader, path);
      if (path[0] == '\0' || strcmp (path, current) != 0)
        base = begin;
      memcpy (current, path, sizeof current);
      if (address >= end)
        continue;
      if (address >= begin)
        {
          memcpy (spot->path, path, sizeof path);
          spot->offset = address - base;
        }
      break;
    }
  close (reader.fd);
}

static uint64_t
read_decimal (Reader *reader)
{
  uint64_t value = 0;

  for (int c = read_char (reader); c >= '0' && c <= '9'; c = read_char (reader))
    value = value * 10 + (uint64_t)(c - '0');
  return value;
}

/* The finisher of splitmix64, by Steele, Lea and Flood. */
static uint64_t
mix (uint64_t value)
{
  value = (value ^ value >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  value = (value ^ value >> 27) * UINT64_C (0x94d049bb133111eb);
  return value ^ value >> 31;
}

/* Reads the rest of a line: "rw-s 00001000 00:01 1027 /dev/zero".  0: this process has it alone. */
static uint64_t
read_identity (Reader *reader, uint64_t offset_in_line)
{
  uint64_t offset, device, inode;
  char path[IL_TRACE_PATH_MAX];
  int c = 0, sharing = 0;

  for (int i = 0; i < 4; i++)
    sharing = read_char (reader);
  read_char (reader);
  offset = read_hex (reader, &c);
  device = read_hex (reader, &c) << 32;
  device |= read_hex (reader, &c);
  inode = read_decimal (reader);
  read_path (reader, path);
  if (sharing != 's')
    return 0;
  return mix (mix (mix (device) + inode) + offset + offset_in_line);
}

/* A number of what is mapped there, the same in all processes; 0: nothing that they share.  FALSE:
 * nobody knows what is there. */
static bool
identify (uintptr_t address, uint64_t *identity)
{
  Reader reader = { .fd = open ("/proc/self/maps", O_RDONLY | O_CLOEXEC) };
  bool is_found = false;
  int c = 0;

  *identity = 0;
  if (reader.fd < 0)
    return false;
  for (;;)
    {
      uint64_t begin = read_hex (&reader, &c), end;
      char path[IL_TRACE_PATH_MAX];

      if (c != '-')
        break;
      end = read_hex (&reader, &c);
      if (address < begin)
        break;
      if (address < end)
        {
          *identity = read_identity (&reader, address - begin);
          is_found = true;
          break;
        }
      read_path (&reader, path);
    }
  close (reader.fd);
  return is_found;
}

/* --- by the loader's list of files */

#ifdef DLFO_STRUCT_HAS_EH_DBASE
/* FALSE: it cannot be asked.  link_map NULL: in no file. */
static bool
find_object (uintptr_t address, struct dl_find_object *object)
{
  static _Atomic (void *) function;
  union
  {
    void *data;
    int (*call) (void *, struct dl_find_object *);
  } find = { atomic_load_explicit (&function, memory_order_relaxed) };

  if (find.data == NULL)
    find.data = il_symbol_find_next ("_dl_find_object", NULL);
  if (find.data == NULL)
    return false;
  atomic_store_explicit (&function, find.data, memory_order_relaxed);
  if (find.call ((void *)address, object) != 0)
    object->dlfo_link_map = NULL;
  return true;
}

static bool
ask_loader (uintptr_t address, Spot *spot)
{
  struct dl_find_object object;
  const char *name;
  ssize_t length;

  if (!find_object (address, &object))
    return false;
  spot->path[0] = '\0';
  if (object.dlfo_link_map == NULL)
    return true;
  spot->offset = address - object.dlfo_link_map->l_addr;
  name = object.dlfo_link_map->l_name;
  if (name[0] == '/' && strlen (name) < sizeof spot->path)
    {
      memcpy (spot->path, name, strlen (name) + 1);
      return true;
    }
  if (name[0] != '\0')
    return false;
  length = readlink ("/proc/self/exe", spot->path, sizeof spot->path - 1);
  spot->path[length > 0 ? length : 0] = '\0';
  return true;
}
#else
static bool
ask_loader (uintptr_t address, Spot *spot)
{
  return false;
}
#endif

static void
locate (const void *address, Spot *spot)
{
  int saved_errno = errno;

  if (!ask_loader ((uintptr_t)address, spot))
    ask_kernel ((uintptr_t)address, spot);
  errno = saved_errno;
}

/**
 * il_place_find:
 *
 * Returns: where the address lies in a loaded file; module 0 where it lies on a heap or a stack
 */
IlTracePlace
il_place_find (const void *address)
{
  IlTracePlace place = { 0 };
  Spot spot;

  locate (address, &spot);
  if (spot.path[0] == '\0')
    return place;
  place.module = il_trace_module_add (il_process.trace, spot.path);
  place.offset = place.module != 0 ? spot.offset : 0;
  return place;
}

/**
 * il_place_is_python:
 *
 * Returns: whether the address lies in an interpreter of Python, by the name of its file
 */
bool
il_place_is_python (const void *address)
{
  Spot spot;
  const char *name;

  locate (address, &spot);
  name = strrchr (spot.path, '/');
  return name != NULL && strstr (name, "python") != NULL;
}

/**
 * il_place_find_file:
 *
 * Returns: (nullable): the same for all addresses in a file, as long as it is loaded; NULL: in
 *   none, or that is not known
 */
const void *
il_place_find_file (const void *address)
{
#ifdef DLFO_STRUCT_HAS_EH_DBASE
  struct dl_find_object object;

  if (find_object ((uintptr_t)address, &object))
    return object.dlfo_link_map;
#endif
  return NULL;
}

/**
 * il_place_find_shared:
 *
 * Returns: a place that is the same in all processes that have mapped what is there; module 0 where
 *   it is this process's alone
 */
IlTracePlace
il_place_find_shared (const void *address)
{
  int saved_errno = errno;
  IlTracePlace place = { 0 };

  identify ((uintptr_t)address, &place.offset);
  if (place.offset != 0)
    place.module = il_trace_module_add (il_process.trace, IL_TRACE_SHARED_MEMORY);
  errno = saved_errno;
  return place;
}

/**
 * il_place_is_shared:
 *
 * Returns: whether other processes may have mapped what is there, too, or that cannot be told
 */
bool
il_place_is_shared (const void *address)
{
  int saved_errno = errno;
  uint64_t identity;
  bool is_found = identify ((uintptr_t)address, &identity);

  errno = saved_errno;
  return !is_found || identity != 0;
}
