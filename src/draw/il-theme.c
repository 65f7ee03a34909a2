/* il-theme.c - colours and patterns: one of each per state, one identity colour per worker
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What carries meaning stands out from a lane's background by 3:1 at least, and states that may be
 * mistaken for each other by colour differ in pattern.  A thread that waits for work or sleeps
 * wants nothing: these two are pale on purpose, so that the eye goes to those that are held up.  So
 * is a wait of which nobody knows what for, which most often is one of these.
 *
 * The second half of the identity colours are those of the first once more, darker on light ground
 * and lighter on dark.
 */

#include "config.h"

#include "il-theme.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const IlTheme light_theme = {
  .dark = FALSE,
  .background = 0xffffff,
  .text = 0x2e3436,
  .dim_text = 0x77767b,
  .grid = 0xe3e2e0,
  .group_background = 0xf6f5f4,
  .lane_background = 0xf6f5f4,
  .level_fill = 0xb3cef1,
  .level_line = 0x3584e4,
  .limit_line = 0xd1495b,
  .accent = 0x3584e4,
  .usage_fill = 0xc9c7c3,
  .usage_line = 0x84827e,
  .waiters_fill = 0xe08a96,
  .waiters_line = 0xc43c50,
  .copying = 0x7b3fb5,
  .warning = 0x9c6400,
  .error = 0xc01c28,
  .states = {
    [IL_STATE_NONE] = { 0xf6f5f4, 0xf6f5f4, IL_PATTERN_SOLID },
    [IL_STATE_RUNNING] = { 0x1a9e77, 0x1a9e77, IL_PATTERN_SOLID },
    [IL_STATE_BUSY] = { 0x5d8f2f, 0xa9cb86, IL_PATTERN_DOTS },
    [IL_STATE_SPINNING] = { 0xb5367a, 0xe89cc4, IL_PATTERN_CROSS },
    [IL_STATE_RUNNABLE] = { 0xc07a00, 0xf7d070, IL_PATTERN_HATCH },
    [IL_STATE_LOCK_WAIT] = { 0xd1495b, 0xf0b3bb, IL_PATTERN_HATCH_BACK },
    [IL_STATE_QUEUE_WAIT] = { 0xdedcd9, 0xdedcd9, IL_PATTERN_SOLID },
    [IL_STATE_IO_WAIT] = { 0x2f8fd0, 0x2f8fd0, IL_PATTERN_SOLID },
    [IL_STATE_SLEEPING] = { 0xdbd7e6, 0xa299c2, IL_PATTERN_DOTS },
    [IL_STATE_JOIN_WAIT] = { 0xdbe5e5, 0x9db3b4, IL_PATTERN_HATCH },
    [IL_STATE_WAITING] = { 0xebdcd6, 0xb8958a, IL_PATTERN_HATCH_BACK },
    [IL_STATE_STOPPED] = { 0x5e5c64, 0xa8a6ad, IL_PATTERN_CROSS },
    [IL_STATE_UNKNOWN] = { 0x8c8a86, 0xdddbd7, IL_PATTERN_HATCH_BACK },
  },
  .identities = { 0x77767b, 0x2d62cf, 0xab52c7, 0xe0671b, 0x147d8c, 0x8f6a45, 0xc44d86, 0x6f7d12,
                  0x5a54c4, 0x1b2f5b, 0x5b1f70, 0x8a3300, 0x0a464f, 0x4d3722, 0x7a1f4d, 0x3c450a,
                  0x3f2a9e },
};

static const IlTheme dark_theme = {
  .dark = TRUE,
  .background = 0x1e1e1e,
  .text = 0xf0f0f0,
  .dim_text = 0x9a9996,
  .grid = 0x383838,
  .group_background = 0x282828,
  .lane_background = 0x282828,
  .level_fill = 0x45617f,
  .level_line = 0x78aeed,
  .limit_line = 0xe8697a,
  .accent = 0x78aeed,
  .usage_fill = 0x4c4c4f,
  .usage_line = 0x9a9996,
  .waiters_fill = 0xa85260,
  .waiters_line = 0xe8697a,
  .copying = 0xc79af5,
  .warning = 0xf8c14a,
  .error = 0xff7b63,
  .states = {
    [IL_STATE_NONE] = { 0x282828, 0x282828, IL_PATTERN_SOLID },
    [IL_STATE_RUNNING] = { 0x2fbf94, 0x2fbf94, IL_PATTERN_SOLID },
    [IL_STATE_BUSY] = { 0x8fbf4d, 0x587a2b, IL_PATTERN_DOTS },
    [IL_STATE_SPINNING] = { 0xe06aa8, 0x8a2f60, IL_PATTERN_CROSS },
    [IL_STATE_RUNNABLE] = { 0xf0b23c, 0x96690f, IL_PATTERN_HATCH },
    [IL_STATE_LOCK_WAIT] = { 0xe8697a, 0x93323f, IL_PATTERN_HATCH_BACK },
    [IL_STATE_QUEUE_WAIT] = { 0x424245, 0x424245, IL_PATTERN_SOLID },
    [IL_STATE_IO_WAIT] = { 0x6bbcf0, 0x6bbcf0, IL_PATTERN_SOLID },
    [IL_STATE_SLEEPING] = { 0x403e4a, 0x746d96, IL_PATTERN_DOTS },
    [IL_STATE_JOIN_WAIT] = { 0x384344, 0x667c7d, IL_PATTERN_HATCH },
    [IL_STATE_WAITING] = { 0x483d3a, 0x8f7167, IL_PATTERN_HATCH_BACK },
    [IL_STATE_STOPPED] = { 0x9a9996, 0x5c5c5f, IL_PATTERN_CROSS },
    [IL_STATE_UNKNOWN] = { 0x85838a, 0x4a494e, IL_PATTERN_HATCH_BACK },
  },
  .identities = { 0x85838a, 0x4a7fe0, 0xb065cb, 0xd9691f, 0x2592a3, 0xa07a4e, 0xcf5a92, 0x84921f,
                  0x7b74dd, 0x9ccbff, 0xe3b5f2, 0xffb27a, 0x86dbe8, 0xd9bd95, 0xffaed2, 0xcbd96b,
                  0xc9b3ff },
};

/**
 * il_theme_get:
 * @dark: which of the two
 *
 * Returns: (transfer none): the theme; constant
 */
const IlTheme *
il_theme_get (gboolean dark)
{
  return dark ? &dark_theme : &light_theme;
}

/**
 * il_theme_identity_slot:
 * @lane_number: of a worker from 1; 0 for one without a number
 *
 * Returns: index into a theme's identities
 */
guint
il_theme_identity_slot (guint32 lane_number)
{
  return lane_number == 0 ? 0 : 1 + (lane_number - 1) % IL_N_IDENTITIES;
}

/**
 * il_theme_identity_colour:
 * @lane_number: of a worker from 1; 0 for one without a number
 *
 * Returns: the colour of this worker wherever it appears: at its own lane, on cores and at locks
 */
guint32
il_theme_identity_colour (const IlTheme *theme, guint32 lane_number)
{
  return theme->identities[il_theme_identity_slot (lane_number)];
}

/**
 * il_theme_lane_number:
 * @lane: of a thread
 *
 * Tells what number a thread's colour goes by: a worker's its own; the submitter and the
 * supervisor have none, so that they never share a worker's colour; any other thread has its
 * lane's among threads, so that those that came one after the other differ.
 */
guint32
il_theme_lane_number (const IlLane *lane)
{
  const IlLaneInfo *info = il_lane_get_info (lane);

  switch (info->role)
    {
    case IL_LANE_ROLE_WORKER:
      return info->number;
    case IL_LANE_ROLE_SUBMITTER:
    case IL_LANE_ROLE_SUPERVISOR:
      return 0;
    case IL_LANE_ROLE_THREAD:
    default:
      return info->number != 0 ? info->number : il_lane_get_ordinal (lane);
    }
}

/**
 * il_theme_lane_colour:
 * @lane: of a thread
 *
 * Returns: its identity colour
 */
guint32
il_theme_lane_colour (const IlTheme *theme, const IlLane *lane)
{
  return il_theme_identity_colour (theme, il_theme_lane_number (lane));
}

/**
 * il_colour_mix:
 * @share: of @top, 0 to 255
 *
 * Returns: @top laid over @bottom
 */
guint32
il_colour_mix (guint32 bottom, guint32 top, guint share)
{
  guint32 mixed = 0;

  for (int shift = 0; shift <= 16; shift += 8)
    {
      guint b = bottom >> shift & 0xff;
      guint t = top >> shift & 0xff;

      mixed |= ((b * (255 - share) + t * share + 127) / 255) << shift;
    }
  return mixed;
}

static double
luminance (guint32 colour)
{
  static const double weights[3] = { 0.0722, 0.7152, 0.2126 };
  double sum = 0;

  for (int i = 0; i < 3; i++)
    {
      double c = (colour >> (8 * i) & 0xff) / 255.0;

      sum += weights[i] * (c <= 0.03928 ? c / 12.92 : pow ((c + 0.055) / 1.055, 2.4));
    }
  return sum;
}

/**
 * il_colour_contrast:
 *
 * Returns: the contrast ratio of two colours as WCAG 2 defines it, 1 to 21
 */
double
il_colour_contrast (guint32 a, guint32 b)
{
  double la = luminance (a);
  double lb = luminance (b);

  return (MAX (la, lb) + 0.05) / (MIN (la, lb) + 0.05);
}

/**
 * il_state_get_label:
 *
 * Returns: (transfer none): what the state of a thread is called in a legend; translated, never
 *   NULL
 */
const char *
il_state_get_label (IlState state)
{
  switch (state)
    {
    case IL_STATE_NONE:
      return _ ("not living");
    case IL_STATE_RUNNING:
      return _ ("running a task");
    case IL_STATE_BUSY:
      return _ ("running otherwise");
    case IL_STATE_SPINNING:
      return _ ("spinning while it waits");
    case IL_STATE_RUNNABLE:
      return _ ("ready, but no core is free");
    case IL_STATE_LOCK_WAIT:
      return _ ("waiting for a lock or signal");
    case IL_STATE_QUEUE_WAIT:
      return _ ("waiting at a queue");
    case IL_STATE_IO_WAIT:
      return _ ("waiting for I/O");
    case IL_STATE_SLEEPING:
      return _ ("sleeping");
    case IL_STATE_JOIN_WAIT:
      return _ ("waiting for others to end");
    case IL_STATE_WAITING:
      /* Translators: a thread gave up its core by itself, so that it waited; it is not known for
       * what */
      return _ ("waiting, not seen for what");
    case IL_STATE_STOPPED:
      return _ ("stopped");
    case IL_STATE_UNKNOWN:
    case IL_N_STATES:
    default:
      return _ ("not known");
    }
}

/**
 * il_state_get_label_of:
 * @is_of_program: whether it is of one that knows of no tasks, and runs none
 *
 * Returns: (transfer none): the same
 */
const char *
il_state_get_label_of (IlState state, gboolean is_of_program)
{
  return state == IL_STATE_RUNNING && is_of_program ? _ ("running") : il_state_get_label (state);
}

/**
 * il_state_get_label_in:
 *
 * Returns: (transfer none): the same of who is in that timeline
 */
const char *
il_state_get_label_in (const IlTimeline *timeline, IlState state)
{
  return il_state_get_label_of (state,
                                state == IL_STATE_RUNNING && il_timeline_is_of_program (timeline));
}
