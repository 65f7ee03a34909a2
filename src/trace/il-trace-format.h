/* il-trace-format.h - the layout of the shared file between targets and a reader
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reader creates the file (mode 0600), fills in the header and only then tells targets its
 * path.  All numbers are in the byte order of the machine; the file never leaves it.  Version 5:
 *
 *   offset             size                   what
 *   0                  4096                   IlTraceHeader
 *   lanes_offset       n_lanes × 256          IlTraceLaneHeader
 *   objects_offset     max_objects × 144      IlTraceObject
 *   modules_offset     1024 × 256             IlTraceModule
 *   rings_offset       n_large × large_events × 16, then
 *                      (n_lanes − n_large) × small_events × 16: a ring of IlEvent for each lane
 *   file_size
 *
 * Every offset is a multiple of 4096, every ring a power of two of at least IL_TRACE_RING_MIN
 * events.  Headers and objects have memory from the start.  A ring is a hole in the file until its
 * lane is claimed for the first time: the claimer gets memory for the ring, or for its first slots
 * and later for more, before it writes there, so that a file system without space refuses a lane,
 * or events, instead of raising SIGBUS.
 *
 * Valid to a writer is a file whose header says exactly what IlTraceHeader demands (magic, version,
 * sizes, offsets in this order without overlap, file_size equal to the size of the file).  A writer
 * keeps a copy of the layout and does not look at the header's constant part again.
 *
 * The reader made the file and uses only its own copy of the layout.  Of what targets write
 *   - a lane is condemned by a claim word whose state or generation cannot follow from the one
 *     before, by ring counters further apart than the ring is long, by a role out of range, by a
 *     process or thread number below 1, and by a ring without memory: it is reported as damaged and
 *     not looked at again until its process is dead;
 *   - an event of an unknown kind, on an object that is not registered or not of the kind that the
 *     event is about, or stamped before the file was made or after now is counted as damaged and
 *     dropped;
 *   - an object of an unknown kind is skipped, as if it were still being written;
 *   - a place in a module that is not registered is no place;
 *   - names are cut to valid UTF-8 without control characters;
 *   - a file that became shorter is not read any more: all its lanes are damaged.
 * No cell is ever used as an offset or a length, and none is believed twice: what was checked is a
 * private copy.
 *
 * A lane's life, in its claim word:
 *   FREE ──claimer──► CLAIMED ──claimer──► ACTIVE ──writer──► FINISHED ──reader, drained──► FREE
 *     ▲                  │                    │                        (generation + 1)
 *     └── its process died before it was active, or died while it was: drained, then free ──┘
 * The word carries the process, so that a claimer killed between any two instructions is known.
 */

#pragma once

#include "il-event.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define IL_TRACE_MAGIC UINT64_C (0x31656361722d6c69) /* "il-race1" */
#define IL_TRACE_VERSION 5u
#define IL_TRACE_PAGE 4096u
#define IL_TRACE_CACHE_LINE 64
#define IL_TRACE_NAME_MAX 32 /* bytes of a name, with its NUL */

#define IL_TRACE_RING_MIN 256u       /* events: one page */
#define IL_TRACE_RING_MAX (1u << 24) /* events: 256 MiB */
#define IL_TRACE_LANES_MAX 65536u
#define IL_TRACE_OBJECTS_MAX 65536u
#define IL_TRACE_MODULES 1024u
#define IL_TRACE_PATH_MAX 248 /* bytes of a path, with its NUL */
#define IL_TRACE_CALLERS 5    /* calls around the one that used an object */

/* Slots at the end of a free ring that ordinary events leave alone.  Between the look for space and
 * the reservation a signal handler may take the last slot: each nested handler overshoots by one.
 * LANE_END and the LOST before it always have room, too. */
#define IL_TRACE_RING_MARGIN 66u

/* Where head and tail of a fresh lane start: soon before they wrap, so that every run wraps. */
#define IL_TRACE_RING_START (0u - 512u)

typedef enum
{
  IL_TRACE_LANE_FREE = 0,
  IL_TRACE_LANE_CLAIMED,
  IL_TRACE_LANE_ACTIVE,
  IL_TRACE_LANE_FINISHED,
} IlTraceLaneState;

/* The claim word: state in bits 0 to 7, generation in 8 to 31, process in 32 to 63. */
#define IL_TRACE_GENERATION_MASK 0xffffffu
#define IL_TRACE_CLAIM(state, generation, pid)                                                     \
  ((uint64_t)(state) | (uint64_t)((generation)&IL_TRACE_GENERATION_MASK) << 8                      \
   | (uint64_t)(uint32_t)(pid) << 32)
#define IL_TRACE_CLAIM_STATE(claim) ((uint32_t)((claim)&0xffu))
#define IL_TRACE_CLAIM_GENERATION(claim) ((uint32_t)((claim) >> 8) & IL_TRACE_GENERATION_MASK)
#define IL_TRACE_CLAIM_PID(claim) ((int32_t)(uint32_t)((claim) >> 32))

typedef struct
{
  uint64_t magic;
  uint32_t version;
  uint32_t clock_source; /* IlClockSource of all stamps */
  uint64_t file_size;
  uint64_t lanes_offset;
  uint64_t objects_offset;
  uint64_t modules_offset;
  uint64_t rings_offset;
  uint32_t n_lanes;
  uint32_t n_large; /* the first lanes have large rings */
  uint32_t large_events;
  uint32_t small_events;
  uint32_t max_objects;
  uint32_t reserved;

  /* From here on written by targets. */
  alignas (IL_TRACE_CACHE_LINE) _Atomic uint32_t n_lanes_used; /* highest index ever claimed + 1 */
  _Atomic uint32_t n_lanes_refused;
  _Atomic uint32_t first_free; /* lanes below it were in use; written by the reader, too */
  alignas (IL_TRACE_CACHE_LINE) _Atomic uint32_t n_objects; /* entries handed out */
  _Atomic uint32_t n_modules;                               /* likewise */

  /* Written by the reader: one more with each drain, from 1.  A clock that costs writers a load. */
  alignas (IL_TRACE_CACHE_LINE) _Atomic uint32_t tick;

  /* Who looks for an object that processes share, and registers it: process, 0 for nobody.  It may
   * have died of it. */
  alignas (IL_TRACE_CACHE_LINE) _Atomic int32_t registrar;
} IlTraceHeader;

static_assert (offsetof (IlTraceHeader, n_lanes_used) == 128, "the header is part of the format");
static_assert (offsetof (IlTraceHeader, n_objects) == 192, "the header is part of the format");
static_assert (offsetof (IlTraceHeader, tick) == 256, "the header is part of the format");
static_assert (sizeof (IlTraceHeader) <= IL_TRACE_PAGE, "the header fits its page");

/* Where something is in a file that programs have loaded. */
typedef struct
{
  uint64_t offset; /* from where the file's own addresses begin */
  uint32_t module; /* number from 1; 0: in none, or not known */
  uint32_t reserved;
} IlTracePlace;

/* The same in one word. */
#define IL_TRACE_PLACE_WORD(place)                                                                 \
  ((uint64_t)(place).module << 48 | ((place).offset & UINT64_C (0xffffffffffff)))
#define IL_TRACE_WORD_PLACE(word)                                                                  \
  ((IlTracePlace){ .offset = (word)&UINT64_C (0xffffffffffff), .module = (uint32_t)((word) >> 48) })

/* What processes that share something must know of one another. */
typedef struct
{
  _Atomic uint32_t holder; /* lane + 1 that has it, or had it last */
  _Atomic uint32_t n_waiters;
} IlTraceCommon;

typedef struct
{
  _Atomic uint32_t kind; /* IlObjectKind; stored last, 0 until the entry is complete */
  int32_t pid;           /* of the process that it lies in; 0: it has no address */
  uint64_t parameter;
  char name[IL_TRACE_NAME_MAX]; /* empty where it is to be found by what follows */

  /* Of what a program that is not ours uses. */
  uint64_t address;
  IlTracePlace lies; /* where it is, if not on a heap or a stack */
  IlTracePlace used; /* from where it was used when it was met first */
  /* What led there, from the inside out, each an IlTracePlace in a word; 0: no more is known. */
  uint64_t callers[IL_TRACE_CALLERS];

  /* How often it was taken without an event, up to now.  Only grows; whoever has the lock adds to
   * it, so that what was counted survives any death. */
  _Atomic uint64_t n_untold;

  IlTraceCommon common;
} IlTraceObject;

static_assert (sizeof (IlTraceObject) == 144, "the object is part of the format");

/* In place of such a file: memory that processes share.  Places in it are but numbers. */
#define IL_TRACE_SHARED_MEMORY "/shared memory"

/* In place of such a file: a function of a script, as an interpreter says.  What follows is its
 * name, a line end, and the name of the script's file without its directory. */
#define IL_TRACE_SCRIPT "/\n"

/* A file that programs have loaded: themselves, and libraries. */
typedef struct
{
  _Atomic uint32_t is_whole;    /* 1; stored last, 0 until the entry is complete */
  uint32_t hash;                /* of the path, for who looks it up */
  char path[IL_TRACE_PATH_MAX]; /* absolute, as the program says; any bytes */
} IlTraceModule;

static_assert (sizeof (IlTraceModule) == 256, "the module is part of the format");

/*
 * Roles     One writer: the thread that claimed the lane, and signal handlers on top of it.  One
 *           reader.  Neither ever waits for the other.
 * Counters  head and tail only ever grow and wrap at 2^32; they are compared through their unsigned
 *           difference.  Invariant: tail − head ≤ length of the ring.
 * Nesting   A handler may interrupt the writer between any two instructions, and writes to the same
 *           ring before it returns.  Slots are therefore reserved by one instruction that no signal
 *           can split (`reserved` in IlTraceLane, private to the thread).  Whoever reserves the
 *           slot that `published` stands at is the publisher, and whoever finds `published` behind
 *           its slot runs on top of a publisher and leaves publishing to it.  The publisher stores
 *           tail = reserved, then published = reserved, and looks again whether more was reserved:
 *           what it sees reserved is filled, since the handlers that took it have returned.
 *           Between its look and its store of `published` no handler can become publisher, so tail
 *           never steps back.
 * Edges     [P] publisher: store-release tail  ->  reader: load-acquire tail
 *               Slots are filled before the reader is told of them; so is the object that an event
 *               in them names.
 *           [C] reader: store-release head  ->  writer: load-acquire head
 *               Slots are copied out before the writer may fill them again.
 *           [A] claimer: store-release claim = ACTIVE  ->  reader: load-acquire claim
 *               Who the lane belongs to is written before the reader looks for it.
 *           [F] writer: release claim = FINISHED  ->  reader: load-acquire claim, before tail
 *               The last event and the usage are there before the reader calls the lane drained.
 *           [R] reader: store-release claim = FREE  ->  claimer: acquire by compare-and-swap
 *               The reader has done with the lane before anybody writes there again.
 *           [N] name_version: odd while the name is being written, as a sequence lock.
 *           [S] writer: announced = stamp, before it lets others see what it did then
 *               ->  reader: load-acquire announced, before tail
 *           [S] writer: tail, then store-release announced = 0  ->  the same load
 *               A release of a lock is stamped before the lock is free and written after, once it
 *               is known whether somebody has to be woken; the writer may lose its core in between,
 *               and the next owner writes what it does.  A reader that finds no announcement either
 *               gets the event with tail, or what the writer did became visible after the reader
 *               looked, so that no event that follows from it is stamped before that look.  One
 *               that finds a stamp must not take for complete what happened since.
 * Weaker?   Without [P] the reader reads a stale slot; without [C] the writer overwrites a slot
 *           that is still being copied; without [F] the last events are lost; without [A] or [R]
 *           events go to the wrong thread.  No store has to precede a later load of another
 *           location, so seq_cst buys nothing; sleeping and waking would, but nobody sleeps here.
 * Loss      A full ring drops the new event and counts it in n_lost; the next event that finds
 *           space is preceded by IL_EVENT_LOST.  It never waits.
 * Checked   tests/trace/test-ring.c, also built with -Db_sanitize=thread, where a copy with [P]
 *           made relaxed has to be reported.
 */
typedef struct
{
  _Atomic uint64_t claim;
  uint32_t role; /* IlRole */
  uint32_t number;
  uint32_t creator_plus_1;
  int32_t tid;
  _Atomic uint32_t n_ready; /* slots of the ring that have memory, from where lanes start */
  _Atomic uint32_t name_version;
  _Atomic uint64_t name[IL_TRACE_NAME_MAX / sizeof (uint64_t)];

  alignas (IL_TRACE_CACHE_LINE) _Atomic uint32_t tail; /* written by the writer */
  _Atomic uint64_t n_lost;                             /* written by the writer */
  /* Written by the writer: a stamp taken for an event that is not in the ring yet; 0: none. */
  _Atomic uint64_t announced;
  _Atomic uint32_t has_own_name; /* a part of the name: the kernel does not know it; 0 or 1 */

  alignas (IL_TRACE_CACHE_LINE) _Atomic uint32_t head; /* written by the reader */

  /* Written by the writer when it releases the lane; before that, what counts for other lanes. */
  alignas (IL_TRACE_CACHE_LINE) uint32_t usage_valid;
  uint32_t exit_status;
  uint64_t cpu_ns;
  uint64_t voluntary_switches;
  uint64_t involuntary_switches;
  uint64_t peak_rss_bytes;
} IlTraceLaneHeader;

static_assert (offsetof (IlTraceLaneHeader, tail) == 64, "the lane is part of the format");
static_assert (offsetof (IlTraceLaneHeader, head) == 128, "the lane is part of the format");
static_assert (offsetof (IlTraceLaneHeader, usage_valid) == 192, "the lane is part of the format");
static_assert (sizeof (IlTraceLaneHeader) == 256, "the lane is part of the format");
