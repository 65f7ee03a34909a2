/* il-finder-private.h - what the parts of the finder share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-finder.h"

#include <pthread.h>
#include <stdatomic.h>

G_BEGIN_DECLS

#define IL_FINDER_MAX_PARTS 64 /* of one finding; a longer cycle is told in part */

/* Something that a thread holds. */
typedef struct
{
  guint32 object;
  guint32 units; /* of a semaphore, else 1 */
  gint64 since_ns;
  gint64 lost_before_ns; /* of the thread, see there, when it took it */
  guint depth;           /* how many tasks it was in, one inside the other, when it took it */
} IlFinderHold;

typedef struct
{
  guint32 lane;
  guint32 object;         /* waited for; 0: it does not wait */
  IlRecordKind wait_kind; /* which wait it is */
  gint64 wait_ns;         /* since when */
  guint64 n_uses_before;  /* of the object, by others, when the wait began */
  guint n_ahead;          /* who waited for it then */
  GArray *holds;          /* of IlFinderHold, in the order in which they were taken */
  gboolean writes;        /* it waits to write, of a readers-writer lock */
  gboolean is_stuck;      /* during a search for deadlocks */
  GArray *task_kinds; /* of guint32: of the task that it is in, and before that of those around */
  gint32 nice;
  gboolean has_nice;
  gint64 lost_ns;      /* how long it was off its core against its will, all in all */
  gint64 preempted_ns; /* since when it is off its core against its will; -1 */
  guint32 core;        /* that it was last on */
  guint32 cancelled;   /* object that its task last waited for in vain; 0: none */
  guint32 lost_plus_1; /* of a supervisor: whose death it told last */
} IlFinderThread;

#define IL_FINDER_N_LENGTHS 48 /* powers of two of nanoseconds */

typedef struct
{
  guint32 object;
  GArray *holders; /* of guint32, lanes; one that holds several units is there once */
  guint n_waiters;
  gboolean is_signal; /* a semaphore that is given by others than those who took it */
  gboolean blocks;    /* it was in a state in which others have to wait, see il-finder-order.c */
  guint64 n_uses;     /* acquisitions */
  guint64 lengths[IL_FINDER_N_LENGTHS]; /* of holds, how many of each power of two */
  guint64 n_lengths;
  guint64 n_long;     /* holds that many waited behind, much longer than usual */
  guint32 n_notified; /* of a condition, by the last notification */
  guint32 n_wasted;   /* since then */
  gint64 notified_ns;
} IlFinderObject;

/* One who takes part in what was found. */
typedef struct
{
  guint lane;
  guint32 held, wanted; /* objects; 0: none */
  gint64 held_ns, wanted_ns;
  IlRecordKind wait_kind; /* of STUCK: which wait it is, and in which kind of task */
  gboolean writes;
  guint32 task_kind; /* or of FORSAKEN and GIVEN_UP */
  guint32
      holder_kind; /* of a DEADLOCK with oneself: the kind of task that took it, where that is one
                          around the one that waits; else 0 */
} IlFinderPart;

/* A finding without words.  Those of the same key are one. */
typedef struct
{
  IlFindingKind kind;
  guint64 key;
  gint64 from_ns, to_ns;
  gboolean goes_on;
  guint64 count;
  gint64 worth;     /* of lost updates: what they add up to */
  guint32 object;   /* that it is about, 0: see parts */
  gint64 length_ns; /* the longest hold or wait of its kind */
  gint64 usual_ns;  /* what such a hold takes otherwise */
  guint n_others;   /* who waited, or were woken; of a crash, and of who was forsaken: the line that
                       says so; of who was given up: how many times it was tried */
  gboolean has_holder;
  IlFinderPart holder; /* of STUCK: who holds what all of the parts want, and waits, too */
  guint n_parts;
  IlFinderPart parts[IL_FINDER_MAX_PARTS];
} IlFound;

/*
 * Roles     The thread that writes the timeline feeds; any thread asks for findings.
 * Lock      mutex guards found and what it refers to.  All else is the feeding thread's alone.
 * Edges     [V] version, release, after a change  ->  acquire: whoever sees it finds the change.
 * Checked   tests/analysis/test-finder.c, also built with -Db_sanitize=thread.
 */
struct _IlFinder
{
  IlTimeline *timeline; /* not owned: it owns us */
  gint64 now_ns;
  GHashTable *threads; /* lane to IlFinderThread */
  GHashTable *objects; /* object to IlFinderObject */
  gboolean goes_on;    /* what is found may be something that goes on */
  GPtrArray *fresh;    /* IlFinderThread whose waits began in this batch */
  GHashTable *running; /* core to lane + 1 */

  GHashTable *orders;     /* IlFinderOrder by itself, see il-finder-order.c */
  GHashTable *successors; /* lock to GArray of IlFinderOrder * */

  pthread_mutex_t mutex;
  GPtrArray *found;      /* of IlFound */
  _Atomic guint version; /* [V] */
};

IlFinderThread *il_finder_get_thread (IlFinder *self, guint32 lane);
IlFinderObject *il_finder_get_object (IlFinder *self, guint32 object);
IlFinderHold *il_finder_find_hold (const IlFinderThread *thread, guint32 object);

/* il-finder-findings.c */
/* Notes a finding; one of the same kind and key is extended instead: counts add up, and what is
 * longest is kept. */
void il_finder_report (IlFinder *self, const IlFound *found);

/* il-finder-deadlock.c */
void il_finder_mark_stuck (IlFinder *self);
void il_finder_find_deadlocks (IlFinder *self);
void il_finder_end_deadlocks (IlFinder *self, const IlFinderThread *thread);

/* il-finder-stuck.c */
guint32 il_finder_get_task_kind (const IlFinderThread *thread);
void il_finder_found_stuck (IlFinder *self);
void il_finder_found_forsaken (IlFinder *self, const IlFinderThread *thread,
                               const IlRecord *record);
void il_finder_found_given_up (IlFinder *self, const IlFinderThread *thread,
                               const IlRecord *record);
void il_finder_found_crash (IlFinder *self, const IlFinderThread *thread, const IlRecord *record);

/* il-finder-order.c */
void il_finder_order_init (IlFinder *self);
void il_finder_order_clear (IlFinder *self);
void il_finder_note_order (IlFinder *self, const IlFinderThread *thread, guint32 object);
void il_finder_note_state (IlFinder *self, const IlRecord *record);

/* il-finder-patterns.c */
void il_finder_waited (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object);
void il_finder_held (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object,
                     const IlFinderHold *hold);
void il_finder_notified (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object,
                         guint32 n_woken);
void il_finder_wasted (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object);
void il_finder_back_on_core (IlFinder *self, IlFinderThread *thread);

/* il-finder-text.c */
char *il_finder_describe (IlTimeline *timeline, const IlFound *found);

G_END_DECLS
