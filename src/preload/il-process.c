/* il-process.c - processes that begin, end and are waited for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What fork() makes is told by handlers of pthread_atfork(), see il-self.c, and what exec() makes
 * joins by itself.  The child of vfork() has our memory, and the thread's own: it is not followed,
 * so that it says nothing in its parent's name.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "il-pause.h"
#include "il-real.h"

/* --- the end */

IL_EXPORT __attribute__ ((noreturn)) void
_exit (int status)
{
  il_real_need ();
  il_self_end ((uint32_t)status & 0xffu);
  il_real._exit (status);
  __builtin_unreachable ();
}

IL_EXPORT __attribute__ ((noreturn)) void
_Exit (int status)
{
  _exit (status);
}

/* What it does at the end of the process cannot be told of from outside, and is the last. */
IL_EXPORT __attribute__ ((noreturn)) void
quick_exit (int status)
{
  il_real_need ();
  il_process.exit_status = status;
  il_real.quick_exit (status);
  __builtin_unreachable ();
}

/* --- waits for a process to end; one that has ended already is not waited for */

#define WAIT_FOR_PROCESS(pid, at_once, later)                                                      \
  pid_t result;                                                                                    \
                                                                                                   \
  il_real_need ();                                                                                 \
  if ((options & WNOHANG) != 0 || il_self_get () == NULL)                                          \
    return later;                                                                                  \
  result = at_once;                                                                                \
  if (result != 0)                                                                                 \
    return result;                                                                                 \
  IL_PAUSE_AROUND (il_pause_join (IL_CALL_PROCESS, (pid) > 0 ? (uint32_t)(pid) : 0, false), {      \
    result = later;                                                                                \
    pause_.value = result > 0 ? (uint32_t)result : 0;                                              \
  });                                                                                              \
  return result

IL_EXPORT pid_t
waitpid (pid_t pid, int *status, int options)
{
  WAIT_FOR_PROCESS (pid, il_real.waitpid (pid, status, options | WNOHANG),
                    il_real.waitpid (pid, status, options));
}

IL_EXPORT pid_t
wait4 (pid_t pid, int *status, int options, struct rusage *usage)
{
  WAIT_FOR_PROCESS (pid, il_real.wait4 (pid, status, options | WNOHANG, usage),
                    il_real.wait4 (pid, status, options, usage));
}

IL_EXPORT pid_t
wait3 (int *status, int options, struct rusage *usage)
{
  return wait4 (-1, status, options, usage);
}

IL_EXPORT pid_t
wait (int *status)
{
  return waitpid (-1, status, 0);
}

/* That there was none to be found is said in what it writes, if it is to write. */
IL_EXPORT int
waitid (idtype_t type, id_t id, siginfo_t *info, int options)
{
  int result;

  il_real_need ();
  if ((options & WNOHANG) != 0)
    return il_real.waitid (type, id, info, options);
  IL_PAUSE_AROUND (il_pause_join (IL_CALL_PROCESS, type == P_PID ? (uint32_t)id : 0, false), {
    result = il_real.waitid (type, id, info, options);
    pause_.value = result == 0 && info != NULL ? (uint32_t)info->si_pid : 0;
  });
  return result;
}

IL_EXPORT int
pclose (FILE *file)
{
  int result;

  il_real_need ();
  IL_PAUSE_AROUND (il_pause_join (IL_CALL_PROCESS, 0, false), result = il_real.pclose (file));
  return result;
}

IL_EXPORT int
system (const char *command)
{
  int result;

  il_real_need ();
  if (command == NULL)
    return il_real.system (command);
  IL_PAUSE_AROUND (il_pause_join (IL_CALL_PROCESS, 0, false), result = il_real.system (command));
  return result;
}

/* --- the begin */

IL_EXPORT pid_t
_Fork (void)
{
  pid_t pid;

  il_real_need ();
  if (il_real._Fork == NULL)
    {
      errno = ENOSYS;
      return -1;
    }
  il_self_forking ();
  pid = il_real._Fork ();
  if (pid == 0 && il_self != NULL)
    il_process_enter ();
  else
    il_self_forked ();
  return pid;
}

/* They return when the child has become another program, or could not. */
IL_EXPORT int
posix_spawn (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attributes, char *const arguments[],
             char *const environment[])
{
  int result;

  il_real_need ();
  IL_PAUSE_AROUND (il_pause_join (IL_CALL_PROCESS, 0, false),
                   result
                   = il_real.posix_spawn (pid, path, actions, attributes, arguments, environment));
  return result;
}

IL_EXPORT int
posix_spawnp (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
              const posix_spawnattr_t *attributes, char *const arguments[],
              char *const environment[])
{
  int result;

  il_real_need ();
  IL_PAUSE_AROUND (il_pause_join (IL_CALL_PROCESS, 0, false),
                   result
                   = il_real.posix_spawnp (pid, path, actions, attributes, arguments, environment));
  return result;
}

/* --- vfork() */

static _Thread_local IlSelf *vforker __attribute__ ((tls_model ("initial-exec")));
static _Thread_local uint32_t vfork_depth __attribute__ ((tls_model ("initial-exec")));
static _Thread_local bool vfork_was_over __attribute__ ((tls_model ("initial-exec")));

/* Both are called by the code below alone. */
void il_vfork_begin (void);
long il_vfork_end (long result);

__attribute__ ((used)) void
il_vfork_begin (void)
{
  IlSelf *self = il_self_get ();

  if (vfork_depth++ > 0)
    return;
  vforker = self;
  if (self != NULL)
    il_self_say (self, IL_EVENT_JOIN_WAIT, IL_CALL_PROCESS, 0);
  il_self = NULL;
  vfork_was_over = il_is_over;
  il_is_over = true;
}

/* In the parent, once the child has gone its own way. */
__attribute__ ((used)) long
il_vfork_end (long result)
{
  if (--vfork_depth == 0)
    {
      il_self = vforker;
      il_is_over = vfork_was_over;
      if (il_self != NULL)
        il_self_say (il_self, IL_EVENT_JOIN_END, 0, 0);
    }
  if (result >= 0)
    return result;
  errno = (int)-result;
  return -1;
}

/* It returns twice on one stack, so that it cannot be a function of C: where it returns to is kept
 * in a register while the child has the stack, and so do those of C's that it may not change. */
#if defined(__x86_64__)
__asm__(".text\n"
        ".globl vfork\n"
        ".type vfork, @function\n"
        "vfork:\n"
        "  .cfi_startproc\n"
        "  subq $8, %rsp\n"
        "  .cfi_adjust_cfa_offset 8\n"
        "  call il_vfork_begin\n"
        "  addq $8, %rsp\n"
        "  .cfi_adjust_cfa_offset -8\n"
        "  popq %rdi\n"
        "  .cfi_adjust_cfa_offset -8\n"
        "  .cfi_register %rip, %rdi\n"
        "  movl $58, %eax\n"
        "  syscall\n"
        "  pushq %rdi\n"
        "  .cfi_adjust_cfa_offset 8\n"
        "  .cfi_rel_offset %rip, 0\n"
        "  testq %rax, %rax\n"
        "  jnz 1f\n"
        "  ret\n"
        "1:\n"
        "  subq $8, %rsp\n"
        "  .cfi_adjust_cfa_offset 8\n"
        "  movq %rax, %rdi\n"
        "  call il_vfork_end\n"
        "  addq $8, %rsp\n"
        "  .cfi_adjust_cfa_offset -8\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size vfork, . - vfork\n"
        ".previous\n");
#else
/* A child of its own memory is what POSIX allows it to be, and a little slower. */
IL_EXPORT pid_t
vfork (void)
{
  return fork ();
}
#endif
