/* il-python-thread.c - what Python calls its threads, and when one waits for another's end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Up to 3.13 the kernel is not told what a thread is called.  A thread that is made by Thread runs
 * its method _bootstrap(), whose only variable is the object that has the name, as an attribute.
 */

#include "config.h"

#include "il-python.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "il-memory.h"
#include "il-python-frame.h"
#include "il-self.h"

/* So many attributes of an object are looked at. */
#define MAX_ATTRIBUTES 64

/* Where the attributes of an object are: their names in one table, of which a class mostly has one
 * for all its objects, and their values in that, or in one of the object's own. */
typedef struct
{
  uintptr_t keys;
  uintptr_t values; /* 0: in the table */
} Attributes;

static bool
is_of_threading (const IlPythonFrame *frame)
{
  return frame->origin == IL_PYTHON_OF_MACHINERY && strcmp (frame->file, "threading.py") == 0;
}

/* --- attributes */

static bool
read_word (uintptr_t address, uintptr_t *word)
{
  return il_memory_read (address, word, sizeof *word);
}

/* Of an object that has got a dictionary. */
static bool
find_in_dictionary (const IlPythonLayout *layout, uintptr_t dictionary, Attributes *found)
{
  if (dictionary == 0 || !read_word (dictionary + IL_PYTHON_DICTIONARY_KEYS, &found->keys)
      || !read_word (dictionary + IL_PYTHON_DICTIONARY_VALUES, &found->values))
    return false;
  if (found->values != 0)
    found->values += layout->values_begin;
  return true;
}

static bool
find_attributes (const IlPythonLayout *layout, uintptr_t object, Attributes *found)
{
  uintptr_t type, flags, size, word;

  if (!read_word (object + IL_PYTHON_TYPE, &type)
      || !read_word (type + IL_PYTHON_TYPE_FLAGS, &flags)
      || !read_word (type + IL_PYTHON_TYPE_SIZE, &size)
      || !read_word (type + layout->type_keys, &found->keys)
      || (flags & IL_PYTHON_HAS_DICTIONARY) == 0
      || !read_word (object - IL_PYTHON_DICTIONARY, &word))
    return false;
  switch (layout->values)
    {
    case IL_PYTHON_VALUES_BEFORE:
      if (word != 0)
        return find_in_dictionary (layout, word, found);
      return read_word (object - IL_PYTHON_VALUES, &found->values) && found->values != 0;
    case IL_PYTHON_VALUES_MARKED:
      found->values = word + 1;
      return (word & 1) != 0 || find_in_dictionary (layout, word, found);
    case IL_PYTHON_VALUES_INSIDE:
    default:
      found->values = object + size + layout->values_begin;
      return (word == 0 && (flags & IL_PYTHON_HAS_VALUES) != 0)
             || find_in_dictionary (layout, word, found);
    }
}

/* 0: it has none of that name. */
static uintptr_t
get_attribute (const IlPythonLayout *layout, uintptr_t object, const char *wanted)
{
  char head[IL_PYTHON_KEYS_HEAD], name[IL_PYTHON_NAME_SIZE];
  Attributes attributes;
  uintptr_t entries, n, value = 0;
  bool is_general;
  size_t size;

  if (!find_attributes (layout, object, &attributes)
      || !il_memory_read (attributes.keys, head, sizeof head) || head[IL_PYTHON_KEYS_INDEX_SIZE] < 0
      || head[IL_PYTHON_KEYS_INDEX_SIZE] > 16)
    return 0;
  is_general = head[IL_PYTHON_KEYS_KIND] == IL_PYTHON_KEYS_OF_ANY;
  size = (is_general ? 3 : 2) * sizeof (uintptr_t);
  n = il_python_get_word (head, IL_PYTHON_KEYS_N);
  entries = attributes.keys + sizeof head + ((size_t)1 << head[IL_PYTHON_KEYS_INDEX_SIZE]);
  for (size_t i = 0; i < n && i < MAX_ATTRIBUTES; i++)
    {
      uintptr_t entry[2], key = entries + i * size + (is_general ? sizeof (uintptr_t) : 0);

      if (!il_memory_read (key, entry, sizeof entry))
        return 0;
      il_python_read_string (layout, entry[0], name);
      if (strcmp (name, wanted) != 0)
        continue;
      if (attributes.values == 0)
        return entry[1];
      return read_word (attributes.values + i * sizeof value, &value) ? value : 0;
    }
  return 0;
}

/* --- names */

/* The object of the calling thread; 0: it was not made by Thread. */
static uintptr_t
find_thread (const IlPythonLayout *layout)
{
  uintptr_t address = il_python_get_innermost (layout), thread;
  char head[IL_PYTHON_FRAME_HEAD], name[IL_PYTHON_NAME_SIZE];
  IlPythonFrame frame;

  for (uint32_t i = 0; i < IL_PYTHON_ALL_FRAMES && il_memory_read (address, head, sizeof head); i++)
    {
      uintptr_t variables = address + IL_PYTHON_FRAME_HEAD;

      address = il_python_get_word (head, layout->frame_outer);
      if (!il_python_read_frame (layout, head, &frame) || !is_of_threading (&frame))
        continue;
      il_python_read_string (layout, frame.name, name);
      if (strcmp (name, "_bootstrap") == 0)
        return read_word (variables, &thread) ? thread : 0;
    }
  return 0;
}

/**
 * il_python_name_thread:
 * @self: the calling thread, which has a lane and was not named before
 * @caller: where this library was called
 *
 * Says what Python calls the thread, if it calls it something.  The first one of a process has the
 * name of that.
 */
void
il_python_name_thread (IlSelf *self, const void *caller)
{
  int saved_errno = errno;
  const IlPythonLayout *layout;
  char name[IL_PYTHON_NAME_SIZE];
  uintptr_t thread;

  if (!il_python_is (caller))
    return;
  self->is_named = true;
  layout = self->tid != getpid () ? il_python_get_layout () : NULL;
  thread = layout != NULL ? find_thread (layout) : 0;
  if (thread != 0)
    {
      il_python_read_string (layout, get_attribute (layout, thread, "_name"), name);
      if (name[0] != '\0')
        il_self_set_own_name (self, name);
    }
  errno = saved_errno;
}

/* --- ends */

/**
 * il_python_is_joining:
 * @caller: where this library was called
 *
 * Up to 3.12 each thread has a lock as long as it lives, and Thread.join() waits for that, as does
 * the interpreter before it ends; from 3.13 on both call it, to wait for an event of the thread's.
 *
 * Returns: whether the calling thread is about to wait for the end of another one
 */
bool
il_python_is_joining (const void *caller)
{
  int saved_errno = errno;
  const IlPythonLayout *layout = il_python_is (caller) ? il_python_get_layout () : NULL;
  char head[IL_PYTHON_FRAME_HEAD], name[IL_PYTHON_NAME_SIZE];
  bool is_joining = false;
  uintptr_t address;
  IlPythonFrame frame;

  if (layout == NULL)
    return false;
  address = il_python_get_innermost (layout);
  if (address != 0 && il_memory_read (address, head, sizeof head)
      && il_python_read_frame (layout, head, &frame) && is_of_threading (&frame))
    {
      il_python_read_string (layout, frame.name, name);
      is_joining = strcmp (name, layout->minor < 13 ? "_wait_for_tstate_lock" : "join") == 0
                   || strcmp (name, "_shutdown") == 0;
    }
  errno = saved_errno;
  return is_joining;
}
