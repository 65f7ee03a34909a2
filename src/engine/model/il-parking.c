/* il-parking.c - where coroutines are that sleep on a word
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-carrier-private.h"

static IlBucket *
get_bucket (IlCarriers *carriers, const _Atomic uint32_t *word)
{
  uint64_t hash = ((uintptr_t)word >> 2) * UINT64_C (0x9e3779b97f4a7c15);

  return &carriers->buckets[hash >> 54];
}

static_assert (IL_N_BUCKETS == 1 << (64 - 54), "as many as the hash has values");

/* Relaxed: it changes under the mutex alone; only its own carrier looks without that. */
static _Atomic uint32_t *
get_word (const IlCoroutine *coroutine)
{
  return atomic_load_explicit (&coroutine->word, memory_order_relaxed);
}

static void
set_word (IlCoroutine *coroutine, _Atomic uint32_t *word)
{
  atomic_store_explicit (&coroutine->word, word, memory_order_relaxed);
}

static void
unlink_from (IlBucket *bucket, IlCoroutine *coroutine)
{
  if (coroutine->previous != NULL)
    coroutine->previous->next = coroutine->next;
  else
    bucket->first = coroutine->next;
  if (coroutine->next != NULL)
    coroutine->next->previous = coroutine->previous;
  else
    bucket->last = coroutine->previous;
  set_word (coroutine, NULL);
  coroutine->next = coroutine->previous = NULL;
}

/**
 * il_parking_add:
 *
 * Parks a coroutine on a word if that is as expected.  By its own carrier.
 *
 * Returns: %FALSE if the word is another
 */
bool
il_parking_add (IlCoroutine *coroutine, _Atomic uint32_t *word, uint32_t expected)
{
  IlBucket *bucket = get_bucket (coroutine->carrier->carriers, word);

  atomic_fetch_add (&bucket->n, 1);
  pthread_mutex_lock (&bucket->mutex);
  if (atomic_load (word) != expected)
    {
      pthread_mutex_unlock (&bucket->mutex);
      atomic_fetch_sub (&bucket->n, 1);
      return false;
    }
  set_word (coroutine, word);
  coroutine->next = NULL;
  coroutine->previous = bucket->last;
  if (bucket->last != NULL)
    bucket->last->next = coroutine;
  else
    bucket->first = coroutine;
  bucket->last = coroutine;
  pthread_mutex_unlock (&bucket->mutex);
  return true;
}

/**
 * il_parking_remove:
 *
 * Takes back a coroutine that was parked, by its own carrier.
 *
 * Returns: %FALSE if somebody was faster, who brings it to its carrier's inbox
 */
bool
il_parking_remove (IlCoroutine *coroutine)
{
  /* The word can only become NULL meanwhile, and its own carrier alone sets it. */
  _Atomic uint32_t *word = get_word (coroutine);
  IlBucket *bucket;
  bool is_there;

  if (word == NULL)
    return false;
  bucket = get_bucket (coroutine->carrier->carriers, word);
  pthread_mutex_lock (&bucket->mutex);
  is_there = get_word (coroutine) != NULL;
  if (is_there)
    unlink_from (bucket, coroutine);
  pthread_mutex_unlock (&bucket->mutex);
  if (is_there)
    atomic_fetch_sub (&bucket->n, 1);
  return is_there;
}

/**
 * il_parking_take:
 * @n_sleepers: how many at most
 * @n_taken: (out)
 *
 * Takes those who are parked on a word, the first to come first.  Any thread.
 *
 * Returns: (nullable): the first of them; the others follow by `next`
 */
IlCoroutine *
il_parking_take (IlCarriers *carriers, _Atomic uint32_t *word, uint32_t n_sleepers,
                 uint32_t *n_taken)
{
  IlBucket *bucket = get_bucket (carriers, word);
  IlCoroutine *first = NULL, **end = &first, *next;

  *n_taken = 0;
  if (atomic_fetch_add (&bucket->n, 0) == 0)
    return NULL;
  pthread_mutex_lock (&bucket->mutex);
  for (IlCoroutine *at = bucket->first; at != NULL && *n_taken < n_sleepers; at = next)
    {
      next = at->next;
      if (get_word (at) != word)
        continue;
      unlink_from (bucket, at);
      *end = at;
      end = &at->next;
      ++*n_taken;
    }
  pthread_mutex_unlock (&bucket->mutex);
  if (*n_taken > 0)
    atomic_fetch_sub (&bucket->n, *n_taken);
  return first;
}
