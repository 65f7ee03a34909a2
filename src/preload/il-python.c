/* il-python.c - where a program in Python uses something
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All locks of Python's are used from the same place in the interpreter, which says nothing of
 * them.  So the thread's own frames are looked at, which nobody else changes, whether it has the
 * interpreter lock or not: which function in which file it is in, and at which line.  Functions of
 * the standard library say as little as the interpreter; what is told is the innermost around them.
 *
 * Nothing of the interpreter is called but what returns the state of the calling thread, which
 * takes nothing and allocates nothing.  How the rest is kept in memory is known for some versions;
 * as a program may have one that was changed, each type is looked at, and all is read by
 * process_vm_readv(), which fails where a plain read would be a fault: while the interpreter ends
 * it frees also what threads have that wait.  As Python's Condition makes a lock for each wait, a
 * thread remembers what it was in before.
 */

#include "config.h"

#include "il-python.h"

#include <errno.h>
#include <string.h>

#include "il-memory.h"
#include "il-place.h"
#include "il-python-data.h"
#include "il-real.h"
#include "il-self.h"

IlPython il_python;

static _Atomic bool was_looked_for;

/* --- the interpreter */

/* Several threads may come here at once, and find the same. */
static void
look_for_python (void)
{
  const unsigned long *version = il_symbol_find ("Py_Version");
  union
  {
    void *data;
    void *(*call) (void);
  } get_state = { il_symbol_find ("PyGILState_GetThisThreadState") };

  atomic_store_explicit (&il_python.layout, NULL, memory_order_relaxed);
  il_python.file = il_place_find_file (get_state.data);
  il_python.get_state = get_state.call;
  il_python.code_type = (uintptr_t)il_symbol_find ("PyCode_Type");
  il_python.string_type = (uintptr_t)il_symbol_find ("PyUnicode_Type");
  il_python.bytes_type = (uintptr_t)il_symbol_find ("PyBytes_Type");
  if (version != NULL && get_state.data != NULL && sizeof (void *) == 8)
    for (size_t i = 0; i < sizeof il_python_layouts / sizeof il_python_layouts[0]; i++)
      if (*version >> 24 == 3 && (*version >> 16 & 0xff) == il_python_layouts[i].minor)
        atomic_store_explicit (&il_python.layout, &il_python_layouts[i], memory_order_release);
  atomic_store_explicit (&was_looked_for, true, memory_order_release);
}

/* A program that has loaded it as a library may have unloaded that meanwhile. */
static const IlPythonLayout *
get_layout (void)
{
  union
  {
    void *(*call) (void);
    void *data;
  } get_state = { il_python.get_state };

  if (!atomic_load_explicit (&was_looked_for, memory_order_acquire)
      || il_place_find_file (get_state.data) != il_python.file)
    look_for_python ();
  return atomic_load_explicit (&il_python.layout, memory_order_acquire);
}

/* --- frames */

/* One that may be told of. */
typedef struct
{
  uintptr_t code, path, name, table;
  uintptr_t instruction;
  uint32_t first_line;
  IlPythonOrigin origin;
  char file[IL_PYTHON_NAME_SIZE];
} Frame;

static uintptr_t
get_innermost (const IlPythonLayout *layout)
{
  uintptr_t state = (uintptr_t)il_python.get_state (), address;

  if (state == 0 || !il_memory_read (state + layout->frames, &address, sizeof address))
    return 0;
  if (layout->innermost >= 0
      && !il_memory_read (address + (size_t)layout->innermost, &address, sizeof address))
    return 0;
  return address;
}

/* FALSE: it is none of a function in Python. */
static bool
read_frame (const IlPythonLayout *layout, const char *head, Frame *frame)
{
  char code[IL_PYTHON_CODE_HEAD];

  frame->code = il_python_get_word (head, layout->frame_code);
  frame->instruction = il_python_get_word (head, IL_PYTHON_FRAME_INSTRUCTION);
  if (head[layout->frame_owner] == IL_PYTHON_OF_C
      || !il_memory_read (frame->code, code, sizeof code)
      || il_python_get_word (code, IL_PYTHON_TYPE) != il_python.code_type
      || frame->instruction < frame->code + layout->code_begin)
    return false;
  frame->path = il_python_get_word (code, IL_PYTHON_CODE_FILE);
  frame->name = il_python_get_word (code, IL_PYTHON_CODE_NAME);
  frame->table = il_python_get_word (code, IL_PYTHON_CODE_TABLE);
  frame->first_line = il_python_get_half (code, layout->code_line);
  frame->origin = il_python_read_path (layout, frame->path, frame->file);
  return frame->file[0] != '\0';
}

static void
remember (IlSelf *self, const Frame *frame, uintptr_t instruction, uint32_t use)
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
find_frame (IlSelf *self, const IlPythonLayout *layout, uint32_t n_frames, Frame *found)
{
  uintptr_t address = get_innermost (layout);
  char head[IL_PYTHON_FRAME_HEAD];
  bool has_any = false;

  for (uint32_t i = 0; i < n_frames && il_memory_read (address, head, sizeof head); i++)
    {
      Frame frame;

      address = il_python_get_word (head, layout->frame_outer);
      if (!read_frame (layout, head, &frame))
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
tell_frame (IlSelf *self, const IlPythonLayout *layout, const Frame *frame)
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
  uintptr_t frame = get_innermost (layout);
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

/* There are but a few such calls in an interpreter, and one that came last mostly comes again. */
static bool
is_python (const void *caller)
{
  static _Atomic (const void *) last[2]; /* by the answer */

  for (int i = 0; i < 2; i++)
    if (atomic_load_explicit (&last[i], memory_order_relaxed) == caller)
      return i == 1;
  if (!il_place_is_python (caller))
    {
      atomic_store_explicit (&last[0], caller, memory_order_relaxed);
      return false;
    }
  atomic_store_explicit (&last[1], caller, memory_order_relaxed);
  return true;
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
  const IlPythonLayout *layout = is_python (caller) ? get_layout () : NULL;
  IlSelf *self = il_self;
  uint32_t use = 0;
  Frame frame;

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
  uintptr_t frame = get_innermost (layout);
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

  if (!is_python (caller))
    return true;
  layout = get_layout ();
  may = layout != NULL && il_self != NULL && get_argument (layout) != 0;
  errno = saved_errno;
  return may;
}

/**
 * il_python_is_joining:
 * @caller: where this library was called
 *
 * Up to 3.12 each thread has a lock as long as it lives, and Thread.join() waits for that, as does
 * the interpreter before it ends; 3.13 waits otherwise.
 *
 * Returns: whether the calling thread is about to wait for the end of another one
 */
bool
il_python_is_joining (const void *caller)
{
  int saved_errno = errno;
  const IlPythonLayout *layout = is_python (caller) ? get_layout () : NULL;
  char head[IL_PYTHON_FRAME_HEAD], name[IL_PYTHON_NAME_SIZE];
  bool is_joining = false;
  uintptr_t address;
  Frame frame;

  if (layout == NULL)
    return false;
  address = get_innermost (layout);
  if (address != 0 && il_memory_read (address, head, sizeof head)
      && read_frame (layout, head, &frame) && frame.origin == IL_PYTHON_OF_MACHINERY)
    {
      il_python_read_string (layout, frame.name, name);
      is_joining = strcmp (name, "_wait_for_tstate_lock") == 0 || strcmp (name, "_shutdown") == 0;
    }
  errno = saved_errno;
  return is_joining;
}
