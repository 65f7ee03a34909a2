/* test-caption.c - below a picture stands what ran, and how it was set
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-caption.h"
#include "scene.h"

static IlSession *
new_session (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlSession *session = il_session_new (timeline);

  il_session_set_meta (session, IL_META_TITLE, "Lock contention");
  il_session_set_meta (session, IL_META_MODEL, "threads");
  return session;
}

static void
test_all_of_it (void)
{
  g_autoptr (IlSession) session = new_session ();
  g_autofree char *caption = NULL;

  il_session_set_meta (session, IL_META_WORKERS, "4");
  il_session_set_meta (session, IL_META_SETTINGS, "section=2ms\nrate=720/s");
  il_session_set_meta (session, IL_META_SEED, "7");
  il_session_set_meta (session, IL_META_HOST, "here");
  caption = il_session_dup_caption (session, "0.0 – 0.1 s");
  g_assert_cmpstr (caption, ==,
                   "Lock contention · threads · 4 workers · 0.0 – 0.1 s · section=2ms rate=720/s"
                   " · seed 7 · here");
}

/* What a file does not say, or says wrongly, is left out. */
static void
test_what_there_is (void)
{
  g_autoptr (IlSession) session = new_session ();
  g_autofree char *caption = NULL;

  il_session_set_meta (session, IL_META_WORKERS, "a few");
  il_session_set_meta (session, IL_META_SETTINGS, "");
  il_session_set_meta (session, IL_META_STARTED, "yesterday");
  caption = il_session_dup_caption (session, NULL);
  g_assert_cmpstr (caption, ==, "Lock contention · threads · 10 ms");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/caption/all-of-it", test_all_of_it);
  g_test_add_func ("/caption/what-there-is", test_what_there_is);
  return g_test_run ();
}
