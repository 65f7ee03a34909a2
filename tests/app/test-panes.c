/* test-panes.c - findings and output below the timelines: how much room they take, what they say
 *
 * Needs a display.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "shown.h"

#include "il-findings-pane.h"
#include "il-output-pane.h"
#include "il-work-area.h"

/* Three lines and more, at the width of the tests' windows. */
#define LONG_TEXT                                                                                  \
  "philosopher 1 holds fork 1 since 0.134 s and waits for fork 2 since 0.140 s; philosopher 2 "    \
  "holds fork 2 since 0.134 s and waits for fork 3 since 0.140 s; philosopher 3 holds fork 3 "     \
  "since 0.134 s and waits for fork 4 since 0.140 s; philosopher 4 holds fork 4 since 0.134 s "    \
  "and waits for fork 5 since 0.140 s; philosopher 5 holds fork 5 since 0.134 s and waits for "    \
  "fork 1 since 0.140 s"

typedef struct
{
  GtkWidget *window, *area, *first;
  IlFindingsPane *findings;
  IlOutputPane *output;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->area = il_work_area_new ();
  fixture->first = gtk_label_new ("timelines");
  fixture->findings = IL_FINDINGS_PANE (il_findings_pane_new ());
  fixture->output = IL_OUTPUT_PANE (il_output_pane_new ());
  gtk_widget_set_parent (fixture->first, fixture->area);
  gtk_widget_set_parent (GTK_WIDGET (fixture->findings), fixture->area);
  gtk_widget_set_parent (GTK_WIDGET (fixture->output), fixture->area);
  fixture->window = shown_new (fixture->area);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, 660);
  shown_wait_for_frame (fixture->window);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
}

static void
find_some (Fixture *fixture, guint n_findings)
{
  IlFinding found[8] = { 0 };
  IlFindings findings = { n_findings, found };

  for (guint i = 0; i < n_findings; i++)
    found[i] = (IlFinding){ .kind = IL_FINDING_CONVOY, .from_ns = i * MS, .text = LONG_TEXT };
  il_findings_pane_set_findings (fixture->findings, &findings);
}

static void
print_some (Fixture *fixture)
{
  for (guint i = 0; i < 100; i++)
    il_output_pane_append (fixture->output, "a line\n");
}

static void
click_header (gpointer pane)
{
  GtkWidget *header = gtk_widget_get_first_child (GTK_WIDGET (pane));
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (header);
  g_autoptr (GtkEventController) click = g_list_model_get_item (controllers, 0);

  g_assert_true (GTK_IS_GESTURE_CLICK (click));
  g_signal_emit_by_name (click, "released", 1, 5.0, 5.0);
}

static GtkToggleButton *
find_fold (gpointer pane)
{
  return GTK_TOGGLE_BUTTON (shown_find (GTK_WIDGET (pane), GTK_TYPE_TOGGLE_BUTTON));
}

static void
wait_for_layout (Fixture *fixture)
{
  shown_wait_for_frame (fixture->window);
  shown_wait_for_frame (fixture->window);
}

/* Not only the small button at its end. */
static void
test_line_unfolds (Fixture *fixture, gconstpointer data)
{
  gpointer panes[] = { fixture->findings, fixture->output };

  for (guint i = 0; i < G_N_ELEMENTS (panes); i++)
    {
      gboolean was_open = gtk_toggle_button_get_active (find_fold (panes[i]));

      click_header (panes[i]);
      g_assert_cmpint (gtk_toggle_button_get_active (find_fold (panes[i])), ==, !was_open);
      click_header (panes[i]);
      g_assert_cmpint (gtk_toggle_button_get_active (find_fold (panes[i])), ==, was_open);
    }
}

/* However much there is to be said: the timelines keep their half, and nothing stands over. */
static void
test_timelines_keep_their_half (Fixture *fixture, gconstpointer data)
{
  int whole = gtk_widget_get_height (fixture->area);
  int sum;

  g_assert_cmpint (gtk_widget_get_height (fixture->first), ==, whole);
  find_some (fixture, 8);
  print_some (fixture);
  gtk_toggle_button_set_active (find_fold (fixture->output), TRUE);
  wait_for_layout (fixture);

  whole = gtk_widget_get_height (fixture->area);
  sum = gtk_widget_get_height (fixture->first)
        + gtk_widget_get_height (GTK_WIDGET (fixture->findings))
        + gtk_widget_get_height (GTK_WIDGET (fixture->output));
  g_assert_cmpint (gtk_widget_get_height (fixture->first), >=, whole / 2);
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (fixture->findings)), >, 60);
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (fixture->output)), >, 60);
  g_assert_cmpint (ABS (sum - whole), <=, 2); /* lines between them */
}

/* The list has a third at most, and that there is more of it can be seen. */
static void
test_findings_have_a_third (Fixture *fixture, gconstpointer data)
{
  GtkWidget *pane = GTK_WIDGET (fixture->findings);
  GtkWidget *list = shown_find (pane, GTK_TYPE_LIST_VIEW);
  GtkWidget *scrolled = shown_find (pane, GTK_TYPE_SCROLLED_WINDOW);
  GtkWidget *bar = gtk_scrolled_window_get_vscrollbar (GTK_SCROLLED_WINDOW (scrolled));

  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, 480);
  while (gtk_widget_get_height (fixture->area) > 480)
    g_main_context_iteration (NULL, TRUE);
  find_some (fixture, 8);
  gtk_toggle_button_set_active (find_fold (pane), TRUE);
  wait_for_layout (fixture);
  g_assert_cmpint (gtk_widget_get_height (pane), <=, gtk_widget_get_height (fixture->area) / 3);
  while (!gtk_widget_get_mapped (bar))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (gtk_widget_get_width (list) + gtk_widget_get_width (bar), <=,
                   gtk_widget_get_width (pane));
}

/* Who has more than it needs leaves it to the other one. */
static void
test_folded_leaves_room (Fixture *fixture, gconstpointer data)
{
  int folded, alone;

  print_some (fixture);
  wait_for_layout (fixture);
  folded = gtk_widget_get_height (GTK_WIDGET (fixture->output));
  gtk_toggle_button_set_active (find_fold (fixture->output), TRUE);
  wait_for_layout (fixture);
  alone = gtk_widget_get_height (GTK_WIDGET (fixture->output));
  g_assert_cmpint (alone, >, folded + 100);

  find_some (fixture, 8);
  gtk_toggle_button_set_active (find_fold (fixture->findings), FALSE);
  wait_for_layout (fixture);
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (fixture->output)), ==, alone);
}

/* The list ends where a row ends; of one that is too high, where a line does. */
static void
test_no_line_is_cut (Fixture *fixture, gconstpointer data)
{
  GtkWidget *list = shown_find (GTK_WIDGET (fixture->findings), GTK_TYPE_LIST_VIEW);
  int width = gtk_widget_get_width (fixture->area);
  int header, row, line;
  g_autoptr (PangoLayout) layout = NULL;

  find_some (fixture, 2);
  wait_for_layout (fixture);
  gtk_widget_measure (gtk_widget_get_first_child (GTK_WIDGET (fixture->findings)),
                      GTK_ORIENTATION_VERTICAL, width, &header, NULL, NULL, NULL);
  header++; /* the line above it */
  gtk_widget_measure (gtk_widget_get_first_child (list), GTK_ORIENTATION_VERTICAL, width, NULL,
                      &row, NULL, NULL);
  g_assert_cmpint (gtk_widget_get_height (list), ==, row);
  g_assert_cmpint (il_findings_pane_fit (fixture->findings, width, header + row + 20), ==,
                   header + row);

  layout = gtk_widget_create_pango_layout (list, "X");
  pango_layout_get_pixel_size (layout, NULL, &line);
  g_assert_cmpint (row, >, 4 * line);
  g_assert_cmpint (il_findings_pane_fit (fixture->findings, width, header + 4 + 3 * line + 7), ==,
                   header + 4 + 3 * line);
}

static GtkWidget *
find_label (GtkWidget *root, const char *text)
{
  GtkWidget *found = NULL;

  if (GTK_IS_LABEL (root) && strstr (gtk_label_get_label (GTK_LABEL (root)), text))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_label (child, text);

  return found;
}

/* What the banner says need not stand there twice, but in short; it does again when the banner is
 * gone, but for who has decided otherwise. */
static void
test_findings_step_aside (Fixture *fixture, gconstpointer data)
{
  GtkToggleButton *fold = find_fold (fixture->findings);
  GtkWidget *banner = g_object_ref_sink (gtk_label_new ("Deadlock"));

  find_some (fixture, 1);
  g_assert_null (find_label (GTK_WIDGET (fixture->findings), "Convoy: philosopher 1 holds"));
  gtk_widget_set_parent (banner, fixture->area);
  il_findings_pane_step_aside (fixture->findings, banner);
  g_assert_false (gtk_toggle_button_get_active (fold));
  g_assert_nonnull (find_label (GTK_WIDGET (fixture->findings), "Convoy: philosopher 1 holds"));
  gtk_widget_unparent (banner);
  g_assert_true (gtk_toggle_button_get_active (fold));
  g_assert_null (find_label (GTK_WIDGET (fixture->findings), "Convoy: philosopher 1 holds"));

  gtk_widget_set_parent (banner, fixture->area);
  il_findings_pane_step_aside (fixture->findings, banner);
  gtk_toggle_button_set_active (fold, TRUE);
  gtk_toggle_button_set_active (fold, FALSE);
  gtk_widget_unparent (banner);
  g_assert_false (gtk_toggle_button_get_active (fold));
  g_object_unref (banner);
}

static GdkRGBA
get_colour_of_header (Fixture *fixture)
{
  GtkWidget *icon = shown_find (GTK_WIDGET (fixture->findings), GTK_TYPE_IMAGE);
  GdkRGBA colour;

  g_assert_nonnull (icon);
  gtk_style_context_get_color (gtk_widget_get_style_context (icon), &colour);

  return colour;
}

/* The header's sign is that of the gravest, as in its row. */
static void
test_header_is_as_grave_as_the_gravest (Fixture *fixture, gconstpointer data)
{
  IlFinding found[] = { { .kind = IL_FINDING_DEADLOCK, .text = "A waits for B" },
                        { .kind = IL_FINDING_CONVOY, .text = "A is slow" } };
  IlFindings both = { 2, found };
  GtkWidget *icon;
  GdkRGBA grave, other;

  il_findings_pane_set_findings (fixture->findings, &both);
  wait_for_layout (fixture);
  icon = shown_find (GTK_WIDGET (fixture->findings), GTK_TYPE_IMAGE);
  g_assert_cmpstr (gtk_image_get_icon_name (GTK_IMAGE (icon)), ==, "dialog-error-symbolic");
  grave = get_colour_of_header (fixture);

  find_some (fixture, 1);
  wait_for_layout (fixture);
  g_assert_cmpstr (gtk_image_get_icon_name (GTK_IMAGE (icon)), ==, "dialog-warning-symbolic");
  other = get_colour_of_header (fixture);
  g_assert_false (gdk_rgba_equal (&grave, &other));
}

#define ADD(path, function) g_test_add ("/panes/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  shown_init (&argc, &argv);
  ADD ("line-unfolds", test_line_unfolds);
  ADD ("timelines-keep-their-half", test_timelines_keep_their_half);
  ADD ("findings-have-a-third", test_findings_have_a_third);
  ADD ("folded-leaves-room", test_folded_leaves_room);
  ADD ("no-line-is-cut", test_no_line_is_cut);
  ADD ("findings-step-aside", test_findings_step_aside);
  ADD ("header-is-as-grave-as-the-gravest", test_header_is_as_grave_as_the_gravest);
  return g_test_run ();
}
