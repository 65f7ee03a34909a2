/* il-finder.h - finds what is wrong in a program while it runs: deadlocks, lost updates, convoys …
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A finder sees the records of a timeline as they come, live or from a file, and keeps what follows
 * from them.  It must be attached before the first record.
 */

#pragma once

#include "il-timeline.h"

G_BEGIN_DECLS

typedef struct _IlFinder IlFinder;

typedef enum
{
  IL_FINDING_DEADLOCK,     /* a cycle in the wait-for graph, of one lane: it waits for itself */
  IL_FINDING_STUCK,        /* all wait, without a cycle, and nobody is left to end that */
  IL_FINDING_ABANDONED,    /* a lock is waited for that a thread had when it ended */
  IL_FINDING_COPIED,       /* likewise for one that was locked when it was copied by fork() */
  IL_FINDING_CRASH,        /* a task made the whole program die, as its step says */
  IL_FINDING_FORSAKEN,     /* tasks were cancelled: nobody was left to bring what they awaited */
  IL_FINDING_GIVEN_UP,     /* tasks were lost, since whoever ran them died, too many times */
  IL_FINDING_LOCK_ORDER,   /* locks taken in one order here and in another there */
  IL_FINDING_HELD_UP,      /* a cycle in the wait-for graph that ended since one gave up in time */
  IL_FINDING_HELD_LONG,    /* a lock that is not given back for long, while others wait for it */
  IL_FINDING_SERIALISED,   /* those who use a lock go on but one at a time */
  IL_FINDING_HELD_WAITING, /* who has a lock waits for something else, and others for the lock */
  IL_FINDING_STRAGGLER,    /* all others wait for the same one at a barrier, time after time */
  IL_FINDING_STARVATION,   /* others get it again and again while one waits */
  IL_FINDING_CONVOY,       /* many short holds queue behind a long one */
  IL_FINDING_THUNDERING_HERD,    /* many are woken for what only one can have */
  IL_FINDING_PRIORITY_INVERSION, /* an urgent thread waits for one that a less urgent one displaces
                                  */
  IL_FINDING_LOST_UPDATE,
  IL_FINDING_TORN_LINES,
  IL_N_FINDING_KINDS
} IlFindingKind;

typedef struct
{
  IlFindingKind kind;
  gint64 from_ns, to_ns; /* where to look; to_ns is the end of what is known if it still goes on */
  gboolean goes_on;      /* a deadlock, or a wait of all, that nobody has broken */
  gboolean is_kept;      /* of HELD_LONG: it was not given back, as far as is known */
  guint64 count;         /* how often it was seen, or how many were lost or torn */
  guint n_lanes;
  const guint *lanes; /* who takes part, the one to look at first */
  guint32 object;     /* that it is about; 0: none in particular */
  guint n_objects;
  const guint32 *objects; /* locks that those who take part hold and await, each one once */
  const char *text;       /* one sentence in the user's language, with names and times */
} IlFinding;

/* A snapshot, for any thread. */
typedef struct
{
  guint n_findings;
  IlFinding *findings; /* the gravest kinds first, then by time */
} IlFindings;

IlFinder *il_finder_attach (IlTimeline *timeline); /* (transfer none): lives as long as it */
IlFinder *il_finder_get (IlTimeline *timeline);    /* that was attached to it; or NULL */
void il_finder_prepare (IlTimeline *timeline, gpointer unused); /* for il_session_load_with() */
guint il_finder_get_version (IlFinder *finder); /* grows when there is something new; any thread */
gboolean il_finder_find_crashed (IlFinder *finder, guint *lane,
                                 gboolean *is_alone);                            /* any thread */
GArray *il_finder_list_ended (IlFinder *finder) G_GNUC_WARN_UNUSED_RESULT;       /* any thread */
IlFindings *il_finder_get_findings (IlFinder *finder) G_GNUC_WARN_UNUSED_RESULT; /* any thread */
void il_findings_restrict (IlFindings *findings, gint64 begin_ns, gint64 end_ns);
void il_findings_free (IlFindings *findings);
gboolean il_finding_kind_is_grave (IlFindingKind kind);    /* the program cannot go on */
const char *il_finding_kind_get_id (IlFindingKind kind);   /* "deadlock", as in reports */
const char *il_finding_kind_get_name (IlFindingKind kind); /* "Deadlock", for people */
const char *il_finding_kind_get_advice (IlFindingKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlFindings, il_findings_free)

G_END_DECLS
