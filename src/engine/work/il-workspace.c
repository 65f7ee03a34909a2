/* il-workspace.c - memory of agents' own: how much, and mapping it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-workspace.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "il-channel.h"

#define PAGE 4096

typedef struct
{
  size_t message; /* the largest that is built or received, in bytes */
  size_t memory;  /* the most that a step memory goes through */
  size_t now;     /* of both together, as knobs stand */
  bool has_words;
} Needs;

static size_t
round_up (size_t size, size_t unit)
{
  return (size + unit - 1) / unit * unit;
}

static Needs
get_needs (const IlArena *arena, const IlScenario *scenario)
{
  Needs needs = { 0 };
  size_t message_now = 0, memory_now = 0;

  for (uint32_t i = 0; i < arena->n_steps; i++)
    {
      const IlArenaStep *step = &arena->steps[i];
      size_t size = (size_t)il_quantity_get_max (&step->quantity, scenario);
      size_t size_now = (size_t)il_quantity_get (&step->quantity, scenario);

      switch (step->kind)
        {
        case IL_STEP_SEND:
        case IL_STEP_TRY_SEND:
        case IL_STEP_RECEIVE:
        case IL_STEP_TRY_RECEIVE:
        case IL_STEP_APPEND:
        case IL_STEP_ECHO:
          needs.message = MAX (needs.message, MAX (size, 1));
          message_now = MAX (message_now, size_now);
          break;
        case IL_STEP_MEMORY:
          needs.memory = MAX (needs.memory, size);
          memory_now = MAX (memory_now, size_now);
          break;
        case IL_STEP_INCREMENT:
          needs.has_words = true;
          break;
        default:
          break;
        }
    }
  needs.now = 2 * message_now + memory_now;
  return needs;
}

static void *
map (size_t size, int flags)
{
  void *memory
      = mmap (NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  return memory == MAP_FAILED ? NULL : memory;
}

static bool
fail (size_t size, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               _ ("Cannot get %llu bytes of memory for workers: %s"), (unsigned long long)size,
               g_strerror (errno));
  return false;
}

/* Tasks would go on until the kernel kills something. */
static bool
check_machine (size_t size, GError **error)
{
  double installed = (double)sysconf (_SC_PHYS_PAGES) * (double)sysconf (_SC_PAGESIZE);

  if (installed <= 0 || (double)size <= installed)
    return true;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
               _ ("The workers' own memory is %llu MiB together, but this machine has %llu MiB"),
               (unsigned long long)(size >> 20), (unsigned long long)(installed / 1048576));
  return false;
}

/* Of each agent a word in a line of its own and one beside the others'. */
static bool
map_words (IlArena *arena, GError **error)
{
  size_t apart = (size_t)arena->n_agents * IL_CACHE_LINE;
  size_t size = apart + arena->n_agents * sizeof (uint64_t);
  uint8_t *memory = map (size, MAP_SHARED);

  if (memory == NULL)
    return fail (size, error);
  arena->words_apart = (_Atomic uint64_t *)(void *)memory;
  arena->words_together = (_Atomic uint64_t *)(void *)(memory + apart);
  return true;
}

/**
 * il_workspaces_map:
 * @arena: with its agents and steps
 *
 * Maps what the steps of the scenario need of each agent's own.
 */
bool
il_workspaces_map (IlArena *arena, const IlScenario *scenario, GError **error)
{
  Needs needs = get_needs (arena, scenario);

  if (needs.has_words && !map_words (arena, error))
    return false;
  /* A packet that is received is not known to be the next of its message before it is there. */
  arena->message_size = round_up (needs.message + IL_PACKET_ROOM_MAX, IL_CACHE_LINE);
  if (needs.message + needs.memory == 0)
    return true;
  arena->workspace_size
      = round_up (IL_WORKSPACE_HEADER + 2 * arena->message_size + needs.memory, PAGE);
  if (!check_machine (needs.now * MAX (arena->n_agents - IL_FIRST_WORKER, 1), error))
    return false;
  arena->workspaces = map (arena->workspace_size * arena->n_agents, MAP_PRIVATE);
  return arena->workspaces != NULL || fail (arena->workspace_size * arena->n_agents, error);
}

/* Those of this process; a forked one takes its own with it. */
static void
close_descriptors (const IlWorkspace *workspace)
{
  for (guint i = 0; i < IL_N_ECHO_VARIANTS; i++)
    for (guint j = 0; j < 2; j++)
      if (workspace->echo_fds[i][j] != 0)
        close (workspace->echo_fds[i][j] - 1);
}

/**
 * il_workspaces_unmap:
 */
void
il_workspaces_unmap (IlArena *arena)
{
  if (arena->words_apart != NULL)
    munmap ((void *)arena->words_apart, arena->n_agents * (IL_CACHE_LINE + sizeof (uint64_t)));
  if (arena->workspaces == NULL)
    return;
  for (uint32_t i = 0; i < arena->n_agents; i++)
    close_descriptors (
        (const IlWorkspace *)(const void *)(arena->workspaces + i * arena->workspace_size));
  munmap (arena->workspaces, arena->workspace_size * arena->n_agents);
}
