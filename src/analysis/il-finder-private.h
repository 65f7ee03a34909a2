/* il-finder-private.h - what the parts of the finder share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-finder.h"
#include "il-order-graph.h"

#include <pthread.h>
#include <stdatomic.h>

G_BEGIN_DECLS

#define IL_FINDER_MAX_NESTED 16 /* told of at a time; of more the outermost are */
#define IL_FINDER_MAX_PARTS 64  /* of one finding; a longer cycle is told in part */

/* That all threads of a process take to end, one after the other. */
#define IL_FINDER_END_NS G_GINT64_CONSTANT (1000000000)

/* Something that a thread holds. */
typedef struct
{
  guint32 object;
  guint32 units; /* of a semaphore; how often a reader has it; else 1 */
  gint64 since_ns;
  gint64 lost_before_ns;  /* of the thread, see there, when it took it */
  gint64 input_before_ns; /* likewise */
  guint64 got_before;     /* likewise */
  guint depth;            /* how many tasks it was in, one inside the other, when it took it */
  gboolean excludes;      /* nobody else has it meanwhile */
  gboolean is_older;      /* since_ns is when it was seen to have it: since before that */
  gboolean is_learned;    /* from who met it: since then it may have been given back unsaid */
} IlFinderHold;

/* In which of its turns a thread did something, see il-finder-apart.c. */
typedef struct
{
  guint32 lane;
  guint32 turn;
} IlFinderMoment;

typedef struct _IlFinderLife IlFinderLife;

/* That an order of two locks was made. */
typedef struct
{
  IlFinderMoment moment;
  gint64 first_ns, second_ns; /* when: first taken, then second */
} IlFinderMaking;

/* When an order was made, see il-finder-made.c. */
typedef struct
{
  GArray *makings; /* of IlFinderMaking; NULL: none */
  guint limit;     /* once there are so many, it is looked which are needed */
  gboolean is_any_time;
  gboolean is_crowded; /* they are too many to be kept */
  gboolean is_thinned; /* some that were before others are not kept */
  gboolean is_seen;    /* it counts only if the program does not say itself when it makes it */
} IlFinderMade;

/* Of two orders that which may be made at the same time; NULL: not known. */
typedef struct
{
  const IlFinderMaking *one, *other;
  gboolean is_late; /* others were made since the one was */
} IlFinderPair;

/* What says in which order locks were taken. */
typedef struct
{
  gboolean is_exact;    /* the program, with all that it had, however quietly; else their records */
  gboolean is_any_time; /* it does not say when, or not when else; else: … */
  guint32 ago;          /* … so many of the thread's turns ago */
} IlFinderTold;

/* Somebody ran a task since then, and may have died of it. */
typedef struct
{
  guint32 task;
  guint32 lane;
  gint64 begin_ns;
} IlFinderAttempt;

typedef struct
{
  guint32 lane;
  guint32 object;         /* waited for; 0: it does not wait */
  IlRecordKind wait_kind; /* which wait it is */
  gint64 wait_ns;         /* since when */
  gint64 inside_ns; /* since when it waits for what only another thread that is recorded can bring;
                       -1: it does not */
  guint64 n_uses_before;                 /* of the object, by others, when the wait began */
  double n_turns_before;                 /* likewise */
  IlRecord nested[IL_FINDER_MAX_NESTED]; /* LOCK_NESTED, up to the last of them */
  guint n_nested;
  GArray *holds;           /* of IlFinderHold, in the order in which they were taken */
  guint32 met_plus_1;      /* lane + 1 that had it when the wait began, as far as is known */
  guint32 named_plus_1;    /* lane + 1 that it said to read something, just before this record */
  gboolean writes;         /* it waits to write, of a readers-writer lock */
  gboolean is_timed;       /* its wait ends by itself */
  gboolean next_is_timed;  /* the wait that begins next does */
  IlRecordKind pause;      /* IO_BEGIN, SLEEP_BEGIN or JOIN_WAIT: it is in that; NONE */
  gboolean is_shared;      /* its wait is for what other processes may have, too */
  gboolean next_is_shared; /* the wait that begins next is */
  gboolean awaits_post;    /* as far as inside_ns says, a signal handler might end its wait */
  gboolean awaits_notice;  /* likewise, by notifying the condition that it waits for */
  gboolean says_waits;     /* the last that it said is that it waits, for whatever */
  gboolean awaits_process; /* as far as inside_ns says, it waits for the end of a process */
  gboolean is_stuck;       /* during a search for deadlocks */
  gboolean is_doubted;     /* it would have been, if nobody gave back what others have taken */
  gboolean joins;          /* it waits for what its task spawned, or … */
  guint32 joined_plus_1;   /* … for the end of the thread of this lane; 0: not */
  GArray *children;        /* of what its tasks spawned and may not be settled; NULL: none so far */
  GArray *runners;         /* of guint32: lanes that run what it waits for at a join */
  GArray *task_kinds; /* of guint32: of the task that it is in, and before that of those around */
  GArray *attempts;   /* of IlFinderAttempt: likewise */
  gint32 nice;
  gboolean has_nice;
  gint64 lost_ns;         /* how long it was off its core against its will, all in all */
  gint64 input_ns;        /* likewise, how long it waited for somebody else's input */
  guint64 n_got;          /* how many of its waits ended with what it waited for */
  gint64 awaits_input_ns; /* since when it does so; -1 */
  gint64 preempted_ns;    /* since when it is off its core against its will; -1 */
  guint32 core;           /* that it was last on */
  guint32 cancelled;      /* object that its task last waited for in vain; 0: none */
  guint32 lost_plus_1;    /* of a supervisor: whose death it told last */
  guint32 given_up;   /* … and the kind of the task that it gives up, up to its drop; 0: none */
  guint32 n_tries;    /* of that */
  guint32 turn;       /* that it is in */
  gboolean has_lost;  /* some of what it said */
  IlFinderLife *life; /* what is known of how it was made, and who saw its end; NULL: nothing */
  GPtrArray *ended;   /* of IlFinderLife, whose ends it has waited for; NULL: none */
} IlFinderThread;

/* How a thread ended. */
typedef struct
{
  guint32 lane;
  gint32 pid;
  gint64 time_ns;
  gboolean waited;    /* up to then, as it said */
  gboolean is_silent; /* it said nothing of its end */
} IlFinderEnd;

#define IL_FINDER_N_LENGTHS 48 /* powers of two of nanoseconds */

typedef struct _IlFinderSerial IlFinderSerial;
typedef struct _IlFinderWaiting IlFinderWaiting;
typedef struct _IlFinderPhases IlFinderPhases;

typedef struct
{
  guint32 object;
  GArray *holders; /* of guint32, lanes; one that holds several units is there once */
  guint n_waiters;
  gboolean is_signal;       /* a semaphore that is given by others than those who took it */
  gboolean is_ordered;      /* something is known of the order in which it is taken */
  gboolean is_told_in_part; /* of a program that does not say of each that it takes it */
  gboolean blocks;  /* it was in a state in which others have to wait, see il-finder-order.c */
  guint64 n_uses;   /* acquisitions */
  guint64 n_untold; /* … and those that had no record */
  double n_turns;   /* … as parts of a turn of all who wanted it then */
  guint64 lengths[IL_FINDER_N_LENGTHS]; /* of holds, how many of each power of two */
  guint64 n_lengths;
  guint64 n_long;     /* holds that many waited behind, much longer than usual */
  guint32 n_inside;   /* of a readers-writer lock: readers in it of whom no more is known */
  guint32 n_notified; /* of a condition, by the last notification */
  guint32 n_wasted;   /* since then */
  gint64 notified_ns;
  guint32 left_plus_1; /* lane + 1 that had it when it ended; 0: none, or it was got since */
  gboolean is_copied;  /* left_plus_1, if it is known, had it when it was copied by fork() */
  gint64 left_since_ns, left_end_ns; /* since when that one had it, and when it ended */
  guint n_long_told;        /* so many wait for who has it for long, as was told; 0: it was not */
  gint64 long_looked_ns;    /* when that was looked at last */
  IlFinderSerial *serial;   /* of a lock of a program that was waited for; else NULL */
  IlFinderWaiting *waiting; /* likewise, but not of an interpreter's */
  IlFinderPhases *phases;   /* of a barrier of a program; else NULL */
} IlFinderObject;

/* One who takes part in what was found. */
typedef struct
{
  guint lane;
  guint32 held, wanted; /* objects; 0: none */
  gint64 held_ns, wanted_ns;
  gboolean is_older;      /* it had held at held_ns already, since when is not known */
  IlRecordKind wait_kind; /* of STUCK: which wait it is, and in which kind of task */
  gboolean writes;
  gboolean reads;    /* what it holds, of a readers-writer lock, it reads */
  guint32 task_kind; /* or of FORSAKEN and GIVEN_UP */
  guint32 runs;      /* of a DEADLOCK: the kind of the task that it runs since held_ns, and that the
                        one before waits for at its join; 0: that one waits for what it holds */
  gboolean is_joined; /* of a DEADLOCK: the one before waits for its end */
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
  gboolean is_kept; /* of HELD_LONG: it was not given back, also by who ended with it */
  guint64 count;
  gint64 worth;   /* of lost updates: what they add up to; of HELD_LONG: waits, one of each hold */
  guint32 object; /* that it is about, 0: see parts */
  gint64 length_ns; /* the longest hold or wait of its kind; of ABANDONED and COPIED: of those who
                       gave up, 0: they wait for as long as it takes */
  gint64 usual_ns;  /* what such a hold takes otherwise; of HELD_LONG: the longest wait */
  guint n_others;   /* who waited, or were woken; of a crash, and of who was forsaken: the line that
                       says so; of who was given up: how many times it was tried */
  double share_lost;   /* of SERIALISED: of the time of those who use it; of HELD_WAITING
                          and STRAGGLER: of those who waited */
  double share_ready;  /* of SERIALISED: … and of it while they lacked a core, too, */
  double share_waited; /* … of acquisitions, those after a wait, */
  double n_going;      /* … and how many of those who use it did not stand in line on average */
  guint64 n_phases;    /* of STRAGGLER: in so many somebody came last */
  guint n_pending;     /* of STUCK: tasks that no worker is free for */
  guint hang;          /* … of a program: which time that all waited; else 0 */
  /* Of STUCK: a signal might end it yet; and how many have the object for reading, as far as is
   * known. */
  gboolean awaits_post;
  guint n_readers;
  gboolean has_holder;
  IlFinderPart holder; /* of STUCK: who holds what all of the parts want, and waits, too */
  guint n_parts;
  IlFinderPart parts[IL_FINDER_MAX_PARTS];
} IlFound;

/*
 * Roles     The thread that writes the timeline feeds; any thread asks for findings.
 * Lock      mutex guards found and what it refers to, and ends.  All else is the feeding thread's
 *           alone.
 * Edges     [V] version, release, after a change  ->  acquire: whoever sees it finds the change.
 * Checked   tests/analysis/test-finder.c, also built with -Db_sanitize=thread.
 */
struct _IlFinder
{
  IlTimeline *timeline; /* not owned: it owns us */
  gint64 now_ns;
  GHashTable *threads; /* lane to IlFinderThread */
  GHashTable *objects; /* object to IlFinderObject */
  guint n_joining;     /* threads that wait at a join */
  gboolean goes_on;    /* what is found may be something that goes on */
  GPtrArray *fresh;    /* IlFinderThread whose waits began in this batch, or want patience */
  gboolean has_left;   /* some thread ended with a lock that it had */
  gboolean is_patient; /* a search for deadlocks takes waits for such as never end by themselves */
  gboolean is_ending;  /* … and nobody gives back any more what others took */
  gint64 ended_ns;     /* when a thread of a program ended last: others of it may be about to */
  gboolean is_hung;    /* it was told that all wait, and they still do */
  guint n_hangs;       /* how often that was told */
  gint64 long_looked_ns; /* when it was looked at last who has a lock for long */
  GHashTable *running;   /* core to lane + 1 */
  GHashTable *handled; /* process to how many signals it has handlers of its own for, plus 1; those
                          of which that is not known are not there */
  GArray *attempts;    /* of IlFinderAttempt: those that somebody died in, of tasks that are neither
                          done nor dropped since */

  gboolean hears_nested;     /* the program says under which locks it takes others */
  GHashTable *orders;        /* IlFinderOrder by itself, see il-finder-order.c */
  IlOrderGraph *order_graph; /* of them */
  GHashTable *lives;         /* process and number of a thread to its IlFinderLife */
  GPtrArray *all_lives;      /* also of those whose number is another's now */
  guint64 n_makings;         /* that are kept, of all orders */
  guint64 n_order_steps;     /* searches for circles of orders took so many */
  gboolean is_apart_over;    /* that orders are apart is not asked any more */

  pthread_mutex_t mutex;
  GPtrArray *found;      /* of IlFound */
  GArray *ends;          /* of IlFinderEnd, of threads of programs */
  _Atomic guint version; /* [V] */
};

IlFinderThread *il_finder_get_thread (IlFinder *self, guint32 lane);
IlFinderObject *il_finder_get_object (IlFinder *self, guint32 object);

/* il-finder-hold.c */
IlFinderHold *il_finder_find_hold (const IlFinderThread *thread, guint32 object);
void il_finder_take (IlFinder *self, IlFinderThread *thread, const IlRecord *record,
                     gboolean is_timed);
void il_finder_give (IlFinder *self, IlFinderThread *thread, guint32 number);
void il_finder_forget_holders (IlFinder *self, guint32 number);
void il_finder_forget_holds (IlFinder *self, IlFinderThread *thread);
void il_finder_owner_died (IlFinder *self, const IlRecord *record);
void il_finder_had (IlFinder *self, IlFinderThread *thread, const IlRecord *record,
                    gboolean is_timed);
void il_finder_learn_holder (IlFinder *self, IlFinderThread *thread, const IlRecord *record);
void il_finder_note_readers (IlFinder *self, const IlRecord *record);
void il_finder_learn_reader (IlFinder *self, IlFinderThread *thread, const IlRecord *record);

/* il-finder-findings.c */
/* Notes a finding; one of the same kind and key is extended instead: counts add up, and what is
 * longest is kept. */
void il_finder_report (IlFinder *self, const IlFound *found);
void il_finder_report_all (IlFinder *self, const IlFound *found, guint n_found);
void il_finder_withdraw_deadlocks (IlFinder *self, guint32 object);
void il_finder_withdraw_stuck (IlFinder *self);
void il_finder_withdraw_serialised (IlFinder *self, guint32 object);
void il_finder_withdraw_abandoned (IlFinder *self, guint32 object);
void il_finder_withdraw_long_hold (IlFinder *self, guint32 object);

/* il-finder-patience.c */
gboolean il_finder_wants_own (const IlFinderThread *thread);
gboolean il_finder_wants_patience (IlFinder *self, const IlFinderThread *thread);
gboolean il_finder_has_lost_patience (IlFinder *self, const IlFinderThread *thread);
void il_finder_keep_patient (IlFinder *self);

/* il-finder-deadlock.c */
void il_finder_mark_stuck (IlFinder *self);
void il_finder_find_deadlocks (IlFinder *self);
void il_finder_gave_up (IlFinder *self, IlFinderThread *thread);
void il_finder_ends_in_deadlock (IlFinder *self, IlFinderThread *thread);
void il_finder_end_deadlocks (IlFinder *self, const IlFinderThread *thread);

/* il-finder-join.c */
gboolean il_finder_is_join (const IlFinder *self, const IlRecord *record);
void il_finder_note_spawn (IlFinderThread *thread, const IlRecord *record);
const IlFinderThread *il_finder_find_parent (IlFinder *self, const IlFinderThread *thread,
                                             guint *depth, gint64 *spawned_ns);
void il_finder_forget_children (IlFinderThread *thread, guint depth);
void il_finder_find_runners (IlFinder *self, IlFinderThread *thread);
gboolean il_finder_find_awaited (IlFinder *self, const IlFinderThread *thread, guint32 runner,
                                 IlTask *task);

/* il-finder-stuck.c */
guint32 il_finder_get_task_kind (const IlFinderThread *thread);
void il_finder_found_stuck (IlFinder *self, guint hang);

/* il-finder-left.c */
void il_finder_note_left (IlFinder *self, IlFinderThread *thread, const IlRecord *record);
void il_finder_leave (IlFinder *self, const IlFinderThread *thread);
void il_finder_note_copied (IlFinder *self, const IlRecord *record);
gboolean il_finder_is_left (const IlFinderObject *object);
void il_finder_forget_left (IlFinder *self, IlFinderObject *object);
void il_finder_waited_in_vain (IlFinder *self, const IlFinderThread *thread);
void il_finder_look_for_abandoned (IlFinder *self);

/* il-finder-long.c */
void il_finder_look_for_long_holds (IlFinder *self);
void il_finder_long_hold_given (IlFinder *self, IlFinderObject *object);
void il_finder_long_hold_over (IlFinder *self, IlFinderObject *object);
void il_finder_long_hold_dies (IlFinder *self, const IlFinderThread *thread);
gboolean il_finder_is_long_hold_told (const IlFinder *self, const IlFound *found);
gboolean il_finder_is_line_long_hold (const IlFinder *self, const IlFound *line);

/* il-finder-end.c */
void il_finder_note_word (IlFinderThread *thread, const IlRecord *record);
void il_finder_note_end (IlFinder *self, const IlFinderThread *thread, const IlRecord *record);

/* il-finder-serial.c */
void il_finder_serial_count (IlFinder *self, const IlRecord *record);
void il_finder_serial_note (IlFinder *self, const IlFinderThread *thread, const IlRecord *record);
void il_finder_serial_free (IlFinderSerial *serial);

/* il-finder-waiting.c: of locks, fed by the above. */
void il_finder_waiting_note (IlFinderThread *thread, const IlRecord *record);
void il_finder_waiting_pass (IlFinder *self, const IlFinderObject *object, gint64 length_ns);
void il_finder_waiting_begun (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object);
void il_finder_waiting_released (IlFinder *self, const IlFinderThread *thread,
                                 const IlFinderObject *object);
gboolean il_finder_waiting_has_passed (const IlFinderObject *object, guint32 lane);
gboolean il_finder_waiting_has_waited (const IlFinderObject *object, guint32 lane);
gboolean il_finder_waiting_explains (const IlFinderObject *object, gint64 lost_ns);
void il_finder_waiting_free (IlFinderWaiting *waiting);

/* il-finder-straggler.c */
void il_finder_straggler_note (IlFinder *self, const IlFinderThread *thread,
                               const IlRecord *record);
void il_finder_phases_free (IlFinderPhases *phases);

/* il-finder-hang.c */
void il_finder_note_signals (IlFinder *self, const IlFinderThread *thread, const IlRecord *record);
gboolean il_finder_has_handlers (IlFinder *self, const IlFinderThread *thread);
void il_finder_note_inside (IlFinder *self, IlFinderThread *thread, const IlRecord *record);
gboolean il_finder_is_absent (const IlLane *lane, gint64 now_ns);
void il_finder_look_for_hang (IlFinder *self);
void il_finder_end_hang (IlFinder *self, const IlRecord *record);
void il_finder_found_forsaken (IlFinder *self, const IlFinderThread *thread,
                               const IlRecord *record);
void il_finder_note_lost (IlFinder *self, IlFinderThread *dead);
void il_finder_forget_attempts (IlFinder *self, guint32 task);
void il_finder_found_given_up (IlFinderThread *thread, const IlRecord *record);
void il_finder_found_dropped (IlFinder *self, IlFinderThread *thread, const IlRecord *record);
void il_finder_found_crash (IlFinder *self, const IlFinderThread *thread, const IlRecord *record);

/* il-finder-order.c */
void il_finder_order_init (IlFinder *self);
void il_finder_order_clear (IlFinder *self);
void il_finder_note_order (IlFinder *self, const IlFinderThread *thread, guint32 object,
                           gboolean excludes, const IlFinderTold *told);
void il_finder_end_apart (IlFinder *self);
gboolean il_finder_is_interpreter (IlFinder *self, guint32 object);
void il_finder_note_state (IlFinder *self, const IlRecord *record);
gboolean il_finder_excludes (IlFinder *self, const IlRecord *record);
void il_finder_forget_orders (IlFinder *self, guint32 object);
void il_finder_note_signal (IlFinder *self, IlFinderObject *object);

/* il-finder-made.c */
void il_finder_made_clear (IlFinder *self, IlFinderMade *made);
gboolean il_finder_made_add (IlFinder *self, IlFinderMade *made, const IlFinderMaking *making);
gboolean il_finder_made_meet (IlFinder *self, const IlFinderMade *one, const IlFinderMade *other,
                              IlFinderPair *pair);
const IlFinderMaking *il_finder_made_find_other (IlFinder *self, const IlFinderMade *made,
                                                 const IlFinderMaking *const *others,
                                                 guint n_others);

/* il-finder-apart.c */
void il_finder_apart_init (IlFinder *self);
void il_finder_apart_clear (IlFinder *self);
void il_finder_note_life (IlFinder *self, IlFinderThread *thread, const IlRecord *record);
gboolean il_finder_is_before (IlFinder *self, const IlFinderMoment *one,
                              const IlFinderMoment *other);

/* il-finder-patterns.c */
void il_finder_taken (IlFinderObject *object);
void il_finder_waited (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object);
void il_finder_held (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object,
                     const IlFinderHold *hold);
void il_finder_notified (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object,
                         guint32 n_woken);
void il_finder_wasted (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object);
void il_finder_back_on_core (IlFinder *self, IlFinderThread *thread);

/* il-finder-text.c */
const char *il_finder_get_lane_name (IlTimeline *timeline, guint lane);
const char *il_finder_get_object_name (IlTimeline *timeline, guint32 object);
void il_finder_append_times (GString *text, const IlFound *found);
void il_finder_append_waiting (GString *text, IlTimeline *timeline, const IlFound *found,
                               guint first);
char *il_finder_format_moment (gint64 time_ns);
char *il_finder_format_hold (const IlFinderPart *part);
char *il_finder_describe (IlTimeline *timeline, const GPtrArray *told);

/* il-finder-text-cycle.c */
char *il_finder_describe_deadlock (IlTimeline *timeline, const IlFound *found);
char *il_finder_describe_order (IlTimeline *timeline, const IlFound *found);
char *il_finder_describe_held_up (IlTimeline *timeline, const IlFound *found);

/* il-finder-text-long.c */
char *il_finder_describe_long_hold (IlTimeline *timeline, const IlFound *found);

G_END_DECLS
