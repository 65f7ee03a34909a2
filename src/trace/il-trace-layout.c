/* il-trace-layout.c - sizes and places of the parts of the shared file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-trace-private.h"

#include <string.h>

#define DEFAULT_LANES 4352u /* the most workers of a scenario, and who looks after them */
#define DEFAULT_LARGE_EVENTS (1u << 18) /* 4 MiB: 2.6 ms at the speed of light, 10 ns an event */
#define N_LARGE 64u
#define LARGE_TO_SMALL 16u /* 256 KiB */

#define OBJECTS_A_LANE 16u
#define MIN_OBJECTS 1024u

/* So many rings of each size shall find room in a quarter of the file system.  More lanes than that
 * are there, and get memory as long as there is some. */
#define LARGE_THAT_FIT 16u
#define SMALL_THAT_FIT 256u

static uint64_t
round_to_page (uint64_t size)
{
  return (size + IL_TRACE_PAGE - 1) / IL_TRACE_PAGE * IL_TRACE_PAGE;
}

static bool
is_ring_size (uint32_t n_events)
{
  return n_events >= IL_TRACE_RING_MIN && n_events <= IL_TRACE_RING_MAX
         && (n_events & (n_events - 1)) == 0;
}

static uint32_t
shrink_ring (uint32_t n_events, uint64_t n_rings, uint64_t space)
{
  while (n_events > IL_TRACE_RING_MIN && n_rings * n_events * sizeof (IlEvent) > space / 4)
    n_events /= 2;
  return n_events;
}

static void
place (IlTraceLayout *layout)
{
  layout->lanes_offset = IL_TRACE_PAGE;
  layout->objects_offset = layout->lanes_offset
                           + round_to_page ((uint64_t)layout->n_lanes * sizeof (IlTraceLaneHeader));
  layout->modules_offset = layout->objects_offset
                           + round_to_page ((uint64_t)layout->max_objects * sizeof (IlTraceObject));
  layout->rings_offset
      = layout->modules_offset + round_to_page (IL_TRACE_MODULES * sizeof (IlTraceModule));
  layout->file_size = il_trace_layout_ring_offset (layout, layout->n_lanes);
}

/**
 * il_trace_layout_choose:
 * @max_lanes: 0 for the default
 * @ring_events: of the large rings; 0 for the default
 * @space: bytes that the file system can give
 *
 * Lays a file out.  Rings shrink where space is scarce; the number of lanes does not, since a lane
 * costs nothing until it is claimed.
 */
void
il_trace_layout_choose (IlTraceLayout *layout, uint32_t max_lanes, uint32_t ring_events,
                        uint64_t space)
{
  uint32_t large = IL_TRACE_RING_MIN, small;

  if (max_lanes == 0)
    max_lanes = DEFAULT_LANES;
  if (max_lanes > IL_TRACE_LANES_MAX)
    max_lanes = IL_TRACE_LANES_MAX;
  if (ring_events == 0)
    ring_events = DEFAULT_LARGE_EVENTS;
  while (large < ring_events && large < IL_TRACE_RING_MAX)
    large *= 2;
  small = large / LARGE_TO_SMALL < IL_TRACE_RING_MIN ? IL_TRACE_RING_MIN : large / LARGE_TO_SMALL;

  layout->n_lanes = max_lanes;
  layout->n_large = max_lanes < N_LARGE ? max_lanes : N_LARGE;
  layout->large_events = shrink_ring (
      large, layout->n_large < LARGE_THAT_FIT ? layout->n_large : LARGE_THAT_FIT, space);
  layout->small_events = shrink_ring (small, SMALL_THAT_FIT, space);
  layout->max_objects = max_lanes * OBJECTS_A_LANE;
  if (layout->max_objects < MIN_OBJECTS)
    layout->max_objects = MIN_OBJECTS;
  if (layout->max_objects > IL_TRACE_OBJECTS_MAX)
    layout->max_objects = IL_TRACE_OBJECTS_MAX;
  while (layout->max_objects > 256 && layout->max_objects * sizeof (IlTraceObject) > space / 8)
    layout->max_objects /= 2;
  place (layout);
}

/**
 * il_trace_layout_store:
 *
 * Fills in a header, the magic last.
 */
void
il_trace_layout_store (const IlTraceLayout *layout, IlTraceHeader *header)
{
  header->version = IL_TRACE_VERSION;
  header->clock_source = layout->source;
  header->file_size = layout->file_size;
  header->lanes_offset = layout->lanes_offset;
  header->objects_offset = layout->objects_offset;
  header->modules_offset = layout->modules_offset;
  header->rings_offset = layout->rings_offset;
  header->n_lanes = layout->n_lanes;
  header->n_large = layout->n_large;
  header->large_events = layout->large_events;
  header->small_events = layout->small_events;
  header->max_objects = layout->max_objects;
  atomic_thread_fence (memory_order_release);
  header->magic = IL_TRACE_MAGIC;
}

/**
 * il_trace_layout_load:
 * @file_size: of the file, as the kernel says
 *
 * Copies the layout out of a header and checks it.
 *
 * Returns: whether the header is valid
 */
bool
il_trace_layout_load (IlTraceLayout *layout, const IlTraceHeader *header, uint64_t file_size)
{
  IlTraceLayout expected;

  if (file_size < IL_TRACE_PAGE || header->magic != IL_TRACE_MAGIC
      || header->version != IL_TRACE_VERSION)
    return false;

  layout->source = (IlClockSource)header->clock_source;
  layout->file_size = header->file_size;
  layout->lanes_offset = header->lanes_offset;
  layout->objects_offset = header->objects_offset;
  layout->modules_offset = header->modules_offset;
  layout->rings_offset = header->rings_offset;
  layout->n_lanes = header->n_lanes;
  layout->n_large = header->n_large;
  layout->large_events = header->large_events;
  layout->small_events = header->small_events;
  layout->max_objects = header->max_objects;

#if defined(__x86_64__)
  if (layout->source != IL_CLOCK_MONOTONIC && layout->source != IL_CLOCK_TSC)
    return false;
#else
  if (layout->source != IL_CLOCK_MONOTONIC)
    return false;
#endif
  if (layout->n_lanes == 0 || layout->n_lanes > IL_TRACE_LANES_MAX
      || layout->n_large > layout->n_lanes || layout->max_objects > IL_TRACE_OBJECTS_MAX
      || !is_ring_size (layout->large_events) || !is_ring_size (layout->small_events))
    return false;

  /* The places follow from the sizes; anything else is not ours. */
  expected = *layout;
  place (&expected);
  return expected.lanes_offset == layout->lanes_offset
         && expected.objects_offset == layout->objects_offset
         && expected.modules_offset == layout->modules_offset
         && expected.rings_offset == layout->rings_offset && expected.file_size == layout->file_size
         && file_size == layout->file_size;
}

/* See il-trace-private.h: where slots of a ring are, counted from where lanes start, which is not
 * where the ring begins. */
void
il_trace_ring_locate (const IlTraceLayout *layout, uint32_t index, uint64_t from, uint64_t to,
                      IlTraceRange ranges[2])
{
  uint64_t n_events = il_trace_layout_ring_events (layout, index);
  uint64_t offset = il_trace_layout_ring_offset (layout, index);
  uint64_t begin = (IL_TRACE_RING_START + from) & (n_events - 1);
  uint64_t n = to > from ? to - from : 0;
  uint64_t n_first = n < n_events - begin ? n : n_events - begin;

  ranges[0].offset = offset + begin * sizeof (IlEvent);
  ranges[0].size = n_first * sizeof (IlEvent);
  ranges[1].offset = offset;
  ranges[1].size = (n - n_first) * sizeof (IlEvent);
}

/* Length of the UTF-8 sequence at text, 0 where there is none that is valid and printable. */
static size_t
utf8_length (const unsigned char *text, size_t available)
{
  static const uint32_t lowest[] = { 0, 0x20, 0x80, 0x800, 0x10000 };
  size_t length = text[0] < 0x80    ? 1
                  : text[0] < 0xc0  ? 0
                  : text[0] < 0xe0  ? 2
                  : text[0] < 0xf0  ? 3
                  : text[0] <= 0xf4 ? 4
                                    : 0;
  uint32_t code;

  if (length == 0 || length > available)
    return 0;
  code = length == 1 ? text[0] : text[0] & (0x7fu >> length);
  for (size_t i = 1; i < length; i++)
    {
      if ((text[i] & 0xc0) != 0x80)
        return 0;
      code = code << 6 | (text[i] & 0x3fu);
    }
  if (code < lowest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)
      || (code >= 0x7f && code <= 0x9f))
    return 0;
  return length;
}

/**
 * il_trace_name_clean:
 *
 * Makes a name fit to be shown: ends it, replaces what is no valid UTF-8 or a control character by
 * question marks, drops a sequence that the end cut apart, and clears the rest.
 */
void
il_trace_name_clean (char name[IL_TRACE_NAME_MAX])
{
  unsigned char *text = (unsigned char *)name;
  size_t i = 0;

  while (i < IL_TRACE_NAME_MAX - 1 && text[i] != '\0')
    {
      size_t length = utf8_length (text + i, IL_TRACE_NAME_MAX - 1 - i);

      if (length == 0 && i + 4 > IL_TRACE_NAME_MAX - 1 && text[i] >= 0xc0)
        break;
      if (length == 0)
        text[i++] = '?';
      else
        i += length;
    }
  memset (text + i, 0, IL_TRACE_NAME_MAX - i);
}
