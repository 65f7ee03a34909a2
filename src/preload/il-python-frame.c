/* il-python-frame.c - the interpreter of a program in Python, and what its threads execute
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nothing of the interpreter is called but what returns the state of the calling thread, which
 * takes nothing and allocates nothing.  How the rest is kept in memory is known for some versions;
 * as a program may have one that was changed, each type is looked at, and all is read by
 * process_vm_readv(), which fails where a plain read would be a fault: while the interpreter ends
 * it frees also what threads have that wait.
 */

#include "config.h"

#include "il-python-frame.h"

#include "il-memory.h"
#include "il-place.h"
#include "il-real.h"

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

/**
 * il_python_get_layout:
 *
 * A program that has loaded the interpreter as a library may have unloaded that meanwhile.
 *
 * Returns: (nullable): how it keeps what its threads execute, where that is known
 */
const IlPythonLayout *
il_python_get_layout (void)
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

/**
 * il_python_get_innermost:
 *
 * Returns: where the frame of the innermost function of the calling thread lies; 0: there is none
 */
uintptr_t
il_python_get_innermost (const IlPythonLayout *layout)
{
  uintptr_t state = (uintptr_t)il_python.get_state (), address;

  if (state == 0 || !il_memory_read (state + layout->frames, &address, sizeof address))
    return 0;
  if (layout->innermost >= 0
      && !il_memory_read (address + (size_t)layout->innermost, &address, sizeof address))
    return 0;
  return address;
}

/**
 * il_python_read_frame:
 * @head: the begin of the frame
 * @frame: (out): with what may be told of it
 *
 * Returns: whether it is one of a function in Python
 */
bool
il_python_read_frame (const IlPythonLayout *layout, const char head[IL_PYTHON_FRAME_HEAD],
                      IlPythonFrame *frame)
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

/**
 * il_python_is:
 * @caller: where this library was called
 *
 * There are but a few such calls in an interpreter, and one that came last mostly comes again.
 *
 * Returns: whether that is in an interpreter of Python
 */
bool
il_python_is (const void *caller)
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
