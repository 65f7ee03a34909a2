/* test-order-graph.c - orders are known to be part of no circle, and knowing it costs little
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-order-graph.h"

#define N_FEW 24
#define N_MANY 2000
#define N_CHAIN 20000

/* Which few locks ways lead to, as a search of all of them finds it. */
static void
reach_all (gboolean reaches[N_FEW][N_FEW])
{
  for (guint via = 0; via < N_FEW; via++)
    for (guint from = 0; from < N_FEW; from++)
      for (guint to = 0; to < N_FEW; to++)
        reaches[from][to] = reaches[from][to] || (reaches[from][via] && reaches[via][to]);
}

/* Orders by chance, one after the other: each time those in circles are known, and no others. */
static void
test_circles (void)
{
  for (guint round = 0; round < 100; round++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (round);
      IlOrderGraph *graph = il_order_graph_new ();
      gboolean reaches[N_FEW][N_FEW] = { 0 };
      IlOrderEdge edges[60];
      guint firsts[60], seconds[60];

      for (guint n = 0; n < G_N_ELEMENTS (edges); n++)
        {
          guint first = (guint)g_rand_int_range (rand, 0, N_FEW);
          guint second = (first + (guint)g_rand_int_range (rand, 1, N_FEW)) % N_FEW;

          firsts[n] = first;
          seconds[n] = second;
          reaches[first][second] = TRUE;
          reach_all (reaches);
          il_order_graph_add (graph, &edges[n], first, second);
          for (guint i = 0; i <= n; i++)
            g_assert_cmpint (il_order_edge_may_close (&edges[i]), ==,
                             reaches[seconds[i]][firsts[i]]);
        }
      il_order_graph_free (graph);
    }
}

/* What is taken away is in no list any more, and what closes a circle afterwards is seen. */
static void
test_remove (void)
{
  IlOrderGraph *graph = il_order_graph_new ();
  IlOrderEdge edges[3];

  g_assert_null (il_order_graph_get_from (graph, 1));
  il_order_graph_add (graph, &edges[0], 1, 2);
  il_order_graph_add (graph, &edges[1], 2, 3);
  il_order_graph_remove (&edges[0]);
  g_assert_cmpuint (il_order_graph_get_from (graph, 1)->len, ==, 0);
  g_assert_cmpuint (il_order_graph_get_to (graph, 2)->len, ==, 0);
  g_assert_cmpuint (il_order_graph_get_from (graph, 2)->len, ==, 1);
  il_order_graph_add (graph, &edges[2], 3, 1);
  g_assert_false (il_order_edge_may_close (&edges[2]));
  il_order_graph_add (graph, &edges[0], 1, 2);
  for (guint i = 0; i < 3; i++)
    g_assert_true (il_order_edge_may_close (&edges[i]));
  il_order_graph_free (graph);
}

/* Who made the orders of a circle is known, also of those made before it was one. */
static void
test_makers (void)
{
  IlOrderGraph *graph = il_order_graph_new ();
  IlOrderEdge edges[4];

  il_order_graph_add (graph, &edges[0], 1, 2);
  il_order_edge_add_maker (&edges[0], 0);
  il_order_graph_add (graph, &edges[1], 2, 1);
  il_order_edge_add_maker (&edges[1], 0);
  g_assert_false (il_order_edge_has_makers (&edges[0]));
  il_order_graph_add (graph, &edges[2], 2, 3);
  il_order_edge_add_maker (&edges[2], 0);
  il_order_graph_add (graph, &edges[3], 3, 1);
  g_assert_false (il_order_edge_has_makers (&edges[3]));
  il_order_edge_add_maker (&edges[3], 1);
  for (guint i = 0; i < 4; i++)
    g_assert_true (il_order_edge_has_makers (&edges[i]));
  il_order_graph_free (graph);
}

/* Hand over hand through a long list, from either end: nothing is to be searched. */
static void
test_chain (void)
{
  g_autofree IlOrderEdge *edges = g_new0 (IlOrderEdge, N_CHAIN);

  for (guint backward = 0; backward < 2; backward++)
    {
      IlOrderGraph *graph = il_order_graph_new ();

      for (guint n = 0; n < N_CHAIN; n++)
        {
          guint lock = backward ? N_CHAIN - n : n + 1;

          il_order_graph_add (graph, &edges[n], lock, lock + 1);
        }
      g_assert_cmpuint (il_order_graph_get_n_steps (graph), ==, 0);
      il_order_graph_free (graph);
    }
}

/* Many locks with many orders, all along one line that shows itself by and by: to know that there
 * is no circle takes some steps for each order, and not a walk through all of them. */
static void
test_work (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  g_autofree IlOrderEdge *edges = g_new0 (IlOrderEdge, 30 * N_MANY);
  IlOrderGraph *graph = il_order_graph_new ();
  guint n = 0;

  while (n < 30 * N_MANY)
    {
      guint one = (guint)g_rand_int_range (rand, 0, N_MANY);
      guint other = (guint)g_rand_int_range (rand, 0, N_MANY);

      if (one == other
          || !g_hash_table_add (known,
                                GUINT_TO_POINTER (MIN (one, other) * N_MANY + MAX (one, other))))
        continue;
      il_order_graph_add (graph, &edges[n], MIN (one, other), MAX (one, other));
      g_assert_false (il_order_edge_may_close (&edges[n++]));
    }
  g_test_message ("%" G_GUINT64_FORMAT " steps for %u orders", il_order_graph_get_n_steps (graph),
                  n);
  g_assert_cmpuint (il_order_graph_get_n_steps (graph), <, 20 * n);
  il_order_graph_free (graph);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/order-graph/circles", test_circles);
  g_test_add_func ("/order-graph/remove", test_remove);
  g_test_add_func ("/order-graph/makers", test_makers);
  g_test_add_func ("/order-graph/chain", test_chain);
  g_test_add_func ("/order-graph/work", test_work);
  return g_test_run ();
}
