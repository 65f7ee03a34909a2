/* il-python.c - where a program in Python uses something
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All locks of Python's are used from the same place in the interpreter, which says nothing of
 * them.  So the thread's own frames are looked at, which nobody else changes, whether it has the
 * interpreter lock or not: which function in which file it is in, and at which line.  Functions of
 * the standard library say as little as the interpreter; what is told is the innermost around them.
 *
 * As Python's Condition makes a lock for each wait, a thread remembers what it was in before.
 */

#include "config.h"

#include "il-python.h"

#include <errno.h>
#include <string.h>

#include "il-memory.h"
#include "il-python-frame.h"
#include "il-self.h"

static void
remember (IlSelf *self, const IlPythonFrame *frame, uintptr_t instruction, uint32_t use)
{
  self->scripts[self->next_script++ % IL_SELF_SCRIPTS]
      = (IlSelfScript){ frame->code, frame->path, instruction, use, (uint8_t)frame->origin };
}

/* instruction: 0: whichever, of a library. */
static const IlSelfScript *
recall (const IlSelf *self, uintptr_t code, uintptr_t path, uintptr_t instruction)
{
  for (uint32_t i = 0; i < IL_SELF_SCRIPTS; i++)
    if (self->scripts[i].code == code && self->scripts[i].file == path
        && self->scripts[i].instruction == instruction)
      return &self->scripts[i];
  return NULL;
}

/* The innermost of the program; without one, the innermost of the library.  FALSE: there is none.
 */
static bool
find_frame (IlSelf *self, const IlPythonLayout *layout, uint32_t n_frames, IlPythonFrame *found)
{
  uintptr_t address = il_python_get_innermost (layout);
  char head[IL_PYTHON_FRAME_HEAD];
  bool has_any = false;

  for (uint32_t i = 0; i < n_frames && il_memory_read (address, head, sizeof head); i++)
    {
      IlPythonFrame frame;

      address = il_python_get_word (head, layout->frame_outer);
      if (!il_python_read_frame (layout, head, &frame))
        continue;
      if (frame.origin != IL_PYTHON_OF_PROGRAM && recall (self, frame.code, frame.path, 0) == NULL)
        remember (self, &frame, 0, 0);
      if (has_any && frame.origin >= found->origin)
        continue;
      *found = frame;
      has_any = true;
      if (frame.origin == IL_PYTHON_OF_PROGRAM)
        break;
    }
  return has_any;
}

/* A number for it in the shared file. */
static uint32_t
tell_frame (IlSelf *self, const IlPythonLayout *layout, const IlPythonFrame *frame)
{
  char name[IL_PYTHON_NAME_SIZE], text[IL_TRACE_PATH_MAX];
  size_t unit = (frame->instruction - frame->code - layout->code_begin) / 2;
  uint32_t line = il_python_find_line (frame->table, frame->first_line, unit), number;
  size_t length = sizeof IL_TRACE_SCRIPT - 1;

  static_assert (sizeof IL_TRACE_SCRIPT + 2 * IL_PYTHON_NAME_SIZE <= IL_TRACE_PATH_MAX, "all fits");
  il_python_read_string (layout, frame->name, name);
  memcpy (text, IL_TRACE_SCRIPT, length);
  memcpy (text + length, name, strlen (name));
  length += strlen (name);
  text[length++] = '\n';
  memcpy (text + length, frame->file, strlen (frame->file) + 1);
  number = il_trace_module_add (il_process.trace, text);
  if (number == 0)
    return 0;
  remember (self, frame, frame->instruction, IL_EVENT_USE (number, line));
  return IL_EVENT_USE (number, line);
}

/* --- what the thread was in before */

/* The same frame as find_frame() finds, if all that are in its way are known.  0: they are not. */
static uint32_t
recall_use (const IlSelf *self, const IlPythonLayout *layout)
{
  uintptr_t frame = il_python_get_innermost (layout);
  const IlSelfScript *best = NULL;
  char head[IL_PYTHON_FRAME_HEAD];

  for (uint32_t i = 0;
       i < IL_PYTHON_ALL_FRAMES && frame != 0 && il_memory_read (frame, head, sizeof head); i++)
    {
      uintptr_t code = il_python_get_word (head, layout->frame_code), path;
      uintptr_t instruction = il_python_get_word (head, IL_PYTHON_FRAME_INSTRUCTION);
      const IlSelfScript *known, *skipped;

      frame = il_python_get_word (head, layout->frame_outer);
      if (head[layout->frame_owner] == IL_PYTHON_OF_C)
        continue;
      if (!il_memory_read (code + IL_PYTHON_CODE_FILE, &path, sizeof path))
        return 0;
      known = recall (self, code, path, instruction);
      if (known != NULL && known->origin == IL_PYTHON_OF_PROGRAM)
        return known->use;
      skipped = recall (self, code, path, 0);
      if (skipped == NULL)
        return 0;
      if (best == NULL || skipped->origin < best->origin)
        best = known != NULL ? known : skipped;
    }
  return best != NULL ? best->use : 0;
}

/**
 * il_python_find_use:
 * @caller: where this library was called
 * @n_frames: so many functions in Python are looked at, from the inside out
 *
 * Returns: the value of an IL_EVENT_USED_AT, of the line that the calling thread executes; 0: it is
 *   not in Python, or not known
 */
uint32_t
il_python_find_use (const void *caller, uint32_t n_frames)
{
  int saved_errno = errno;
  const IlPythonLayout *layout = il_python_is (caller) ? il_python_get_layout () : NULL;
  IlSelf *self = il_self;
  uint32_t use = 0;
  IlPythonFrame frame;

  if (layout == NULL || self == NULL)
    return 0;
  if (n_frames == IL_PYTHON_ALL_FRAMES)
    use = recall_use (self, layout);
  if (use == 0 && find_frame (self, layout, n_frames, &frame)
      && (n_frames == IL_PYTHON_ALL_FRAMES || frame.origin == IL_PYTHON_OF_PROGRAM))
    use = tell_frame (self, layout, &frame);
  errno = saved_errno;
  return use;
}

/* The argument of the instruction that the innermost function in Python executes, which of a call
 * is how many it has.  Instructions have two bytes, of which it is the second.  0: not known. */
static unsigned
get_argument (const IlPythonLayout *layout)
{
  uintptr_t frame = il_python_get_innermost (layout);
  char head[IL_PYTHON_FRAME_HEAD];
  unsigned char instruction[2] = { 0 };

  for (int i = 0; i < 4 && frame != 0 && il_memory_read (frame, head, sizeof head); i++)
    {
      frame = il_python_get_word (head, layout->frame_outer);
      if (head[layout->frame_owner] == IL_PYTHON_OF_C)
        continue;
      if (!il_memory_read (il_python_get_word (head, IL_PYTHON_FRAME_INSTRUCTION), instruction,
                           sizeof instruction))
        return 0;
      return instruction[1];
    }
  return 0;
}

/**
 * il_python_may_go_on:
 * @caller: where a try to take something succeeded
 *
 * The interpreter tries to take each lock before it waits for it.  A statement "with", and
 * acquire() without arguments, wait for as long as it takes; whoever gives arguments may be about
 * to say that it does not wait, or not for ever.
 *
 * Returns: whether the program may go on without what it tried to take
 */
bool
il_python_may_go_on (const void *caller)
{
  int saved_errno = errno;
  const IlPythonLayout *layout;
  bool may;

  if (!il_python_is (caller))
    return true;
  layout = il_python_get_layout ();
  may = layout != NULL && il_self != NULL && get_argument (layout) != 0;
  errno = saved_errno;
  return may;
}
