/* subject.h - what the subjects of tests share; they link libc alone
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Remembers when something was done; told at the end, since to print takes time. */
void mark (const char *name);
void tell_marks (void);

int64_t get_ns (void);
void sleep_ms (int ms);
struct timespec get_soon (void);
void spin_us (int us);
/* Until the thread of that number sleeps, as the kernel sees it: then it waits for what it is to
 * wait for. */
void await_sleep (int tid);
int get_tid (void);

/* What is shared with the reader; nothing where there is none. */
typedef struct
{
  unsigned char *begin;
  size_t size;
} Mapping;

Mapping find_shared_file (void);
/* How often the reader has looked. */
uint32_t count_looks (const Mapping *shared);

/* Another thread runs the function on the mutex, which this one has for a while. */
void meet_once (pthread_mutex_t *mutex, void *(*function) (void *));
/* Threads run the function, each on what is its own; returns when all are done.  They are not
 * waited for by their ends, which would part what they do from what others do later. */
void run_unawaited (void *(*function) (void *), void *const data[], int n);
void require (bool condition, const char *what);
#define REQUIRE(condition) require ((condition), #condition)

typedef struct
{
  const char *name;
  int (*run) (int argc, char **argv);
} Subject;

extern const Subject subjects_of_locks[];
extern const Subject subjects_of_apart[];
extern const Subject subjects_of_callers[];
extern const Subject subjects_of_calls[];
extern const Subject subjects_of_nesting[];
extern const Subject subjects_of_reading[];
extern const Subject subjects_of_reuse[];
extern const Subject subjects_of_wakes[];
extern const Subject subjects_of_waste[];
extern const Subject subjects_of_sharing[];
extern const Subject subjects_of_truth[];
extern const Subject subjects_of_heat[];
extern const Subject subjects_of_hostility[];
extern const Subject subjects_of_threads[];
extern const Subject subjects_of_processes[];
extern const Subject subjects_of_signals[];
extern const Subject subjects_of_errno[];
extern const Subject subjects_of_old[];
