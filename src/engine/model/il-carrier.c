/* il-carrier.c - starting and stopping threads that carry coroutines
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-carrier-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define SIGNAL_STACK_SIZE (64 * 1024)

static _Thread_local IlCarrier *this_carrier;
static struct sigaction previous_action;
static char overflow_text[160]; /* behind the name of a worker; translated beforehand */

static void
write_text (const char *text, size_t length)
{
  ssize_t n_written = write (STDERR_FILENO, text, length);

  (void)n_written;
}

/* A stack overflow is named, since all that the kernel would say is that the runner crashed.  What
 * happens then, and after any other fault, is what would have happened without us. */
static void
fault_cb (int number, siginfo_t *info, void *context)
{
  const IlCoroutine *current = this_carrier != NULL ? this_carrier->current : NULL;

  (void)context;
  if (current != NULL && il_stack_guards (&current->stack, info->si_addr))
    {
      const char *name = current->actor != NULL ? current->actor->agent->name : "?";

      write_text (name, strnlen (name, IL_AGENT_NAME_MAX));
      write_text (overflow_text, strlen (overflow_text));
      signal (number, SIG_DFL);
      return;
    }
  sigaction (number, &previous_action, NULL);
}

static void
catch_faults (void)
{
  struct sigaction action = { .sa_sigaction = fault_cb, .sa_flags = SA_SIGINFO | SA_ONSTACK };

  snprintf (overflow_text, sizeof overflow_text,
            _ (": stack overflow, a coroutine has no more than %u KiB\n"),
            (unsigned int)(il_stack_get_size () / 1024));
  sigemptyset (&action.sa_mask);
  sigaction (SIGSEGV, &action, &previous_action);
}

/**
 * il_carriers_new:
 * @n_coroutines: how many there can be at once
 *
 * Returns: (nullable) (transfer full): carriers that are not started, or %NULL and errno
 */
IlCarriers *
il_carriers_new (IlArena *arena, uint32_t n_carriers, uint32_t n_coroutines)
{
  IlCarriers *self = aligned_alloc (IL_CACHE_LINE, sizeof *self);

  if (self == NULL)
    return NULL;
  memset (self, 0, sizeof *self);
  self->arena = arena;
  self->n_carriers = n_carriers;
  /* One may have left but still be on its last few instructions while another takes its place. */
  self->n_coroutines = n_coroutines + n_carriers;
  self->carriers = aligned_alloc (IL_CACHE_LINE, n_carriers * sizeof *self->carriers);
  self->coroutines = calloc (self->n_coroutines, sizeof *self->coroutines);
  pthread_mutex_init (&self->mutex, NULL);
  il_stacks_init (&self->stacks);
  for (uint32_t i = 0; i < IL_N_BUCKETS; i++)
    pthread_mutex_init (&self->buckets[i].mutex, NULL);
  if (self->carriers == NULL || self->coroutines == NULL)
    {
      self->n_carriers = 0;
      il_carriers_free (self);
      errno = ENOMEM;
      return NULL;
    }

  for (uint32_t i = 0; i < self->n_coroutines; i++)
    self->coroutines[i].next = i + 1 < self->n_coroutines ? &self->coroutines[i + 1] : NULL;
  self->free_coroutines = self->coroutines;
  memset (self->carriers, 0, n_carriers * sizeof *self->carriers);
  for (uint32_t i = 0; i < n_carriers; i++)
    {
      self->carriers[i].carriers = self;
      self->carriers[i].index = i;
      self->carriers[i].epoll_fd = self->carriers[i].wake_fd = -1;
    }
  return self;
}

/**
 * il_carriers_free:
 * @self: (nullable) (transfer full): not started, or stopped
 */
void
il_carriers_free (IlCarriers *self)
{
  if (self == NULL)
    return;
  for (uint32_t i = 0; i < self->n_carriers; i++)
    {
      free (self->carriers[i].timers);
      if (self->carriers[i].epoll_fd >= 0)
        close (self->carriers[i].epoll_fd);
      if (self->carriers[i].wake_fd >= 0)
        close (self->carriers[i].wake_fd);
    }
  for (uint32_t i = 0; i < IL_N_BUCKETS; i++)
    pthread_mutex_destroy (&self->buckets[i].mutex);
  il_stacks_finish (&self->stacks);
  pthread_mutex_destroy (&self->mutex);
  free (self->coroutines);
  free (self->carriers);
  free (self);
}

/**
 * il_carriers_set_begin_func:
 *
 * Sets what each carrier's thread calls before it runs any coroutine.
 */
void
il_carriers_set_begin_func (IlCarriers *self, IlCarrierFunc func, void *data)
{
  self->begin_func = func;
  self->begin_data = data;
}

static void
enter_carrier (IlCarrier *carrier)
{
  IlCarriers *carriers = carrier->carriers;
  char name[IL_AGENT_NAME_MAX];

  /* The name of a thread that coroutines run on. */
  snprintf (name, sizeof name, _ ("Carrier %u"), carrier->index + 1);
  prctl (PR_SET_NAME, name, 0, 0, 0);
  prctl (PR_SET_TIMERSLACK, 1, 0, 0, 0);
  if (carriers->begin_func != NULL)
    carriers->begin_func (carriers->begin_data);
  if (il_trace_lane_claim (carriers->trace, &carrier->lane, IL_ROLE_CARRIER, carrier->index + 1,
                           name, carriers->creator_plus_1))
    il_trace_lane_write (&carrier->lane, IL_EVENT_IDLE, 0, 0);
}

static void *
carrier_thread (void *data)
{
  IlCarrier *carrier = data;
  stack_t signal_stack = { .ss_size = SIGNAL_STACK_SIZE, .ss_sp = malloc (SIGNAL_STACK_SIZE) };
  stack_t none = { .ss_flags = SS_DISABLE };

  if (signal_stack.ss_sp != NULL)
    sigaltstack (&signal_stack, NULL);
  this_carrier = carrier;
  il_context_init_thread (&carrier->context);
  enter_carrier (carrier);
  il_carrier_run (carrier);
  if (carrier->ended != NULL)
    abort ();
  il_trace_lane_release (&carrier->lane, 0);
  sigaltstack (&none, NULL);
  free (signal_stack.ss_sp);
  return NULL;
}

/**
 * il_carriers_start:
 * @trace: (nullable)
 * @creator_plus_1: lane + 1 of the caller
 *
 * Starts the carriers.  On failure some may run; il_carriers_stop() ends them.
 *
 * Returns: 0, or an errno
 */
int
il_carriers_start (IlCarriers *self, IlTrace *trace, uint32_t creator_plus_1)
{
  self->trace = trace;
  self->creator_plus_1 = creator_plus_1;
  catch_faults ();
  while (self->n_started < self->n_carriers)
    {
      IlCarrier *carrier = &self->carriers[self->n_started];
      int result;

      carrier->timers = calloc (self->n_coroutines, sizeof *carrier->timers);
      if (carrier->timers == NULL)
        return ENOMEM;
      result = pthread_create (&carrier->thread, NULL, carrier_thread, carrier);
      if (result != 0)
        return result;
      self->n_started++;
    }
  return 0;
}

/**
 * il_carriers_stop:
 *
 * Ends the carriers once none of their coroutines can go on.
 */
void
il_carriers_stop (IlCarriers *self)
{
  if (self->n_started == 0)
    return;
  atomic_store (&self->is_stopping, true);
  for (uint32_t i = 0; i < self->n_started; i++)
    il_carrier_awaken (&self->carriers[i]);
  for (uint32_t i = 0; i < self->n_started; i++)
    pthread_join (self->carriers[i].thread, NULL);
  self->n_started = 0;
  sigaction (SIGSEGV, &previous_action, NULL);
}

static IlCoroutine *
take_free_coroutine (IlCarriers *self)
{
  IlCoroutine *coroutine;

  pthread_mutex_lock (&self->mutex);
  coroutine = self->free_coroutines;
  if (coroutine != NULL)
    self->free_coroutines = coroutine->next;
  pthread_mutex_unlock (&self->mutex);
  return coroutine;
}

/**
 * il_carriers_spawn:
 * @number: of the coroutine, in events; says on which carrier it is
 * @title: the object that names what it is, in events
 *
 * Starts a coroutine.  Any thread.
 *
 * Returns: %FALSE when there is no memory for its stack, or there are too many
 */
bool
il_carriers_spawn (IlCarriers *self, uint32_t number, uint32_t title, IlCoroutineFunc func,
                   void *data)
{
  IlCoroutine *coroutine = take_free_coroutine (self);

  if (coroutine == NULL)
    return false;
  memset (coroutine, 0, sizeof *coroutine);
  if (!il_stacks_take (&self->stacks, &coroutine->stack))
    {
      pthread_mutex_lock (&self->mutex);
      coroutine->next = self->free_coroutines;
      self->free_coroutines = coroutine;
      pthread_mutex_unlock (&self->mutex);
      return false;
    }
  coroutine->carrier = &self->carriers[(number - 1) % self->n_carriers];
  coroutine->number = number;
  coroutine->title = title;
  il_coroutine_begin (coroutine, func, data);
  il_coroutine_make_ready (coroutine, NULL);
  return true;
}

/**
 * il_carriers_wake:
 * @by: (nullable): the coroutine that calls
 *
 * Lets coroutines go on that sleep on a word.  Any thread, after it changed the word.
 *
 * Returns: how many there were, at most @n_sleepers
 */
uint32_t
il_carriers_wake (IlCarriers *self, IlCoroutine *by, _Atomic uint32_t *word, uint32_t n_sleepers)
{
  uint32_t n_taken;
  IlCoroutine *next;

  for (IlCoroutine *at = il_parking_take (self, word, n_sleepers, &n_taken); at != NULL; at = next)
    {
      next = at->next;
      il_coroutine_make_ready (at, by);
    }
  return n_taken;
}

/**
 * il_carriers_sleep_in_thread:
 *
 * Sleeps on a word that coroutines may change.  By a thread that carries none.
 */
void
il_carriers_sleep_in_thread (IlCarriers *self, _Atomic uint32_t *word, uint32_t expected,
                             int64_t deadline_ns)
{
  atomic_fetch_add (&self->n_thread_sleepers, 1);
  il_futex_wait (word, expected, deadline_ns);
  atomic_fetch_sub (&self->n_thread_sleepers, 1);
}

/**
 * il_carriers_have_thread_sleepers:
 *
 * To be called after a word was changed: whether a thread may sleep on it.  A read-modify-write, so
 * that it is ordered with the counting of who goes to sleep: either we see it, or it sees the word.
 */
bool
il_carriers_have_thread_sleepers (IlCarriers *self)
{
  return atomic_fetch_add (&self->n_thread_sleepers, 0) > 0;
}
