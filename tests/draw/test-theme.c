/* test-theme.c - colours can be told from their background and from each other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-theme.h"

#include <string.h>

static void
test_contrast_itself (void)
{
  g_assert_cmpfloat_with_epsilon (il_colour_contrast (0xffffff, 0x000000), 21, 0.001);
  g_assert_cmpfloat_with_epsilon (il_colour_contrast (0x777777, 0x777777), 1, 0.001);
  g_assert_cmpfloat_with_epsilon (il_colour_contrast (0x777777, 0xffffff), 4.48, 0.01);
}

static void
assert_contrast (guint32 colour, guint32 background)
{
  if (il_colour_contrast (colour, background) < 3)
    g_error ("%06x on %06x: contrast %.2f", colour, background,
             il_colour_contrast (colour, background));
}

static void
test_contrast (void)
{
  for (int dark = 0; dark < 2; dark++)
    {
      const IlTheme *theme = il_theme_get (dark);

      g_assert_cmpint (theme->dark, ==, dark);
      for (guint s = IL_STATE_RUNNING; s < IL_N_STATES; s++)
        if (s != IL_STATE_QUEUE_WAIT && s != IL_STATE_SLEEPING && s != IL_STATE_WAITING
            && s != IL_STATE_JOIN_WAIT)
          assert_contrast (theme->states[s].colour, theme->lane_background);
      for (guint i = 0; i <= IL_N_IDENTITIES; i++)
        {
          assert_contrast (theme->identities[i], theme->lane_background);
          assert_contrast (theme->identities[i], theme->background);
        }
      assert_contrast (theme->text, theme->background);
      assert_contrast (theme->dim_text, theme->group_background);
      assert_contrast (theme->limit_line, theme->lane_background);
      assert_contrast (theme->usage_line, theme->lane_background);
      assert_contrast (theme->waiters_line, theme->lane_background);
      assert_contrast (theme->level_line, theme->lane_background);
      assert_contrast (theme->accent, theme->background);
    }
}

/* Whoever sees no colours still sees lightness or pattern. */
static void
test_states_differ (void)
{
  for (int dark = 0; dark < 2; dark++)
    for (guint a = IL_STATE_RUNNING; a < IL_N_STATES; a++)
      for (guint b = a + 1; b < IL_N_STATES; b++)
        {
          const IlStateLook *one = &il_theme_get (dark)->states[a];
          const IlStateLook *other = &il_theme_get (dark)->states[b];

          g_assert_cmphex (one->colour, !=, other->colour);
          if (one->pattern == other->pattern && one->pattern == IL_PATTERN_SOLID)
            g_assert_true ((a == IL_STATE_RUNNING && b == IL_STATE_IO_WAIT)
                           || il_colour_contrast (one->colour, other->colour) > 1.5);
        }
}

static void
test_identities (void)
{
  const IlTheme *theme = il_theme_get (FALSE);

  g_assert_cmphex (il_theme_identity_colour (theme, 1), ==,
                   il_theme_identity_colour (theme, 1 + IL_N_IDENTITIES));
  for (guint i = 0; i <= IL_N_IDENTITIES; i++)
    for (guint j = i + 1; j <= IL_N_IDENTITIES; j++)
      g_assert_cmphex (il_theme_identity_colour (theme, i), !=,
                       il_theme_identity_colour (theme, j));
  g_assert_cmphex (il_theme_identity_colour (theme, G_MAXUINT32), !=,
                   il_theme_identity_colour (theme, 0));
}

static void
test_labels (void)
{
  for (guint a = 0; a < IL_N_STATES; a++)
    {
      g_assert_cmpuint (strlen (il_state_get_label (a)), >, 0);
      for (guint b = a + 1; b < IL_N_STATES; b++)
        g_assert_cmpstr (il_state_get_label (a), !=, il_state_get_label (b));
    }
}

static void
test_mix (void)
{
  g_assert_cmphex (il_colour_mix (0x102030, 0xf0e0d0, 0), ==, 0x102030);
  g_assert_cmphex (il_colour_mix (0x102030, 0xf0e0d0, 255), ==, 0xf0e0d0);
  g_assert_cmphex (il_colour_mix (0x000000, 0xffffff, 128), ==, 0x808080);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/theme/contrast-itself", test_contrast_itself);
  g_test_add_func ("/theme/contrast", test_contrast);
  g_test_add_func ("/theme/states-differ", test_states_differ);
  g_test_add_func ("/theme/identities", test_identities);
  g_test_add_func ("/theme/labels", test_labels);
  g_test_add_func ("/theme/mix", test_mix);
  return g_test_run ();
}
