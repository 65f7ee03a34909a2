/* subject-callers.c - locks that are wanted by functions within functions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <dlfcn.h>
#include <link.h>

#define N_FRAMES 6

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t strange[N_FRAMES];
static uintptr_t frames[N_FRAMES];

/* As std::mutex::lock() and what that calls are, and who wants the lock. */
__attribute__ ((noinline)) static void
take_inside (pthread_mutex_t *mutex)
{
  pthread_mutex_lock (mutex);
}

__attribute__ ((noinline)) static void
take (pthread_mutex_t *mutex)
{
  take_inside (mutex);
}

static void *
want (void *mutex)
{
  pthread_setname_np (pthread_self (), "callers");
  take (mutex);
  pthread_mutex_unlock (mutex);
  return NULL;
}

#if defined(__x86_64__)
/* Calls with anything in the register that may have a frame. */
static void
take_with (uintptr_t frame, pthread_mutex_t *mutex)
{
  int (*function) (pthread_mutex_t *) = pthread_mutex_lock;

  __asm__ volatile("movq %%rsp, %%rbx\n\t"
                   "subq $256, %%rsp\n\t"
                   "andq $-16, %%rsp\n\t"
                   "pushq %%rbp\n\t"
                   "pushq %%rbp\n\t"
                   "movq %[frame], %%rbp\n\t"
                   "callq *%[function]\n\t"
                   "popq %%rbp\n\t"
                   "popq %%rbp\n\t"
                   "movq %%rbx, %%rsp"
                   : "+D"(mutex), [frame] "+S"(frame), [function] "+d"(function)
                   :
                   : "rax", "rbx", "rcx", "r8", "r9", "r10", "r11", "cc", "memory", "xmm0", "xmm1",
                     "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7");
}
#else
static void
take_with (uintptr_t frame, pthread_mutex_t *mutex)
{
  take_inside (mutex);
}
#endif

static void *
want_strangely (void *mutex)
{
  uintptr_t here = (uintptr_t)__builtin_frame_address (0);
  uintptr_t loop[4] __attribute__ ((aligned (16)));

  pthread_setname_np (pthread_self (), "strange");
  /* None; in nothing; not aligned; above the stack; of nobody; one that leads to itself. */
  frames[0] = 0;
  frames[1] = 16;
  frames[2] = here + 4;
  frames[3] = (here | 0xffffff) + 1;
  frames[4] = (uintptr_t)strange & ~(uintptr_t)15;
  frames[5] = (uintptr_t)loop;
  loop[0] = (uintptr_t)loop;
  loop[1] = 1;
  take_with (frames[(pthread_mutex_t *)mutex - strange], mutex);
  pthread_mutex_unlock (mutex);
  return NULL;
}

/* Where it begins, as its file counts it. */
static void
tell_place (const char *name, const void *function)
{
  Dl_info info;
  struct link_map *map;

  REQUIRE (dladdr1 (function, &info, (void **)&map, RTLD_DL_LINKMAP) != 0);
  printf ("%s = %lu\n", name, (unsigned long)((const char *)function - (const char *)map->l_addr));
}

static int
run_callers (int argc, char **argv)
{
  meet_once (&lock, want);
  for (int i = 0; i < N_FRAMES; i++)
    {
      pthread_mutex_init (&strange[i], NULL);
      meet_once (&strange[i], want_strangely);
    }
  tell_place ("take_inside", (const void *)take_inside);
  tell_place ("take", (const void *)take);
  tell_place ("want", (const void *)want);
  return 0;
}

const Subject subjects_of_callers[] = {
  { "callers", run_callers },
  { NULL, NULL },
};
