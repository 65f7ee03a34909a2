/* il-order-graph.c - which locks can be part of a circle of orders at all
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program that is in order takes its locks along some line, and no way leads back however many
 * orders there are.  So the locks are kept in such a line, and only an order that goes against it
 * is looked into: what of the line lies between its two ends is arranged anew, after Pearce and
 * Kelly, "A dynamic topological sort algorithm for directed acyclic graphs", JEA 2006.  Locks that
 * a circle leads through become one group, which has one place in the line; an order can be part of
 * a circle only if both of its locks are of one group.
 *
 * Groups are never parted: where orders are taken away, one may be larger than need be, which costs
 * a search in vain, and no finding.
 */

#include "config.h"

#include "il-order-graph.h"

#define SEVERAL G_MAXUINT32

struct _IlOrderNode
{
  IlOrderNode *group; /* up to the one that stands for the group; itself if it is that */
  GPtrArray *members; /* of its group, where it stands for it; else NULL */
  GPtrArray *out;     /* of IlOrderEdge */
  GPtrArray *in;      /* likewise */
  guint32 maker;      /* of its group's orders, plus 1; 0: none, SEVERAL: more than one */
  gint64 place;       /* of its group in the line; no two have the same */
  guint64 after;      /* the search that has found it behind the new order … */
  guint64 before;     /* … and before it */
};

struct _IlOrderGraph
{
  GHashTable *nodes; /* lock to IlOrderNode */
  gint64 lowest, highest;
  guint64 search; /* number of the latest, which marks are compared with */
  guint64 n_steps;
};

/* What an order against the line makes necessary. */
typedef struct
{
  GPtrArray *after;  /* groups that come behind it, … */
  GPtrArray *before; /* … and before it, of those whose places lie between its ends; … */
  GPtrArray *circle; /* … those that are in both, which are one from now on */
  GArray *places;    /* that they all had */
} Move;

static void
free_node (gpointer data)
{
  IlOrderNode *node = data;

  g_clear_pointer (&node->members, g_ptr_array_unref);
  g_ptr_array_unref (node->out);
  g_ptr_array_unref (node->in);
  g_free (node);
}

/**
 * il_order_graph_new:
 *
 * Makes a graph without locks.
 *
 * Returns: (transfer full): the graph
 */
IlOrderGraph *
il_order_graph_new (void)
{
  IlOrderGraph *graph = g_new0 (IlOrderGraph, 1);

  graph->nodes = g_hash_table_new_full (NULL, NULL, NULL, free_node);
  return graph;
}

/**
 * il_order_graph_free:
 *
 * Frees the graph, not the edges in it.
 */
void
il_order_graph_free (IlOrderGraph *graph)
{
  g_hash_table_unref (graph->nodes);
  g_free (graph);
}

/* One that is new may have whatever place: that is the one where it does not go against the order
 * that it came with. */
static IlOrderNode *
get_node (IlOrderGraph *graph, guint32 lock, gboolean is_first)
{
  IlOrderNode *node = g_hash_table_lookup (graph->nodes, GUINT_TO_POINTER (lock));

  if (node != NULL)
    return node;
  node = g_new0 (IlOrderNode, 1);
  node->group = node;
  node->members = g_ptr_array_new ();
  g_ptr_array_add (node->members, node);
  node->out = g_ptr_array_new ();
  node->in = g_ptr_array_new ();
  node->place = is_first ? --graph->lowest : ++graph->highest;
  g_hash_table_insert (graph->nodes, GUINT_TO_POINTER (lock), node);
  return node;
}

static IlOrderNode *
find_group (IlOrderNode *node)
{
  while (node->group != node)
    {
      node->group = node->group->group;
      node = node->group;
    }
  return node;
}

/* Adds the groups next to a group, of those between the two places, to who was found. */
static void
go_on (IlOrderGraph *graph, const IlOrderNode *group, gboolean forward, gint64 limit,
       GPtrArray *found)
{
  for (guint i = 0; i < group->members->len; i++)
    {
      const IlOrderNode *member = g_ptr_array_index (group->members, i);
      const GPtrArray *edges = forward ? member->out : member->in;

      for (guint j = 0; j < edges->len; j++)
        {
          const IlOrderEdge *edge = g_ptr_array_index (edges, j);
          IlOrderNode *next = find_group (forward ? edge->to : edge->from);
          guint64 *mark = forward ? &next->after : &next->before;

          graph->n_steps++;
          if (*mark == graph->search || (forward ? next->place > limit : next->place < limit))
            continue;
          *mark = graph->search;
          g_ptr_array_add (found, next);
        }
    }
}

/* All groups that ways lead to, or from, and that lie on this side of the limit. */
static GPtrArray *
reach (IlOrderGraph *graph, IlOrderNode *start, gboolean forward, gint64 limit)
{
  GPtrArray *found = g_ptr_array_new ();

  *(forward ? &start->after : &start->before) = graph->search;
  g_ptr_array_add (found, start);
  for (guint i = 0; i < found->len; i++)
    go_on (graph, g_ptr_array_index (found, i), forward, limit, found);
  return found;
}

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;

  return left < right ? -1 : left > right;
}

static gint
compare_groups (gconstpointer a, gconstpointer b)
{
  const IlOrderNode *left = *(IlOrderNode *const *)a, *right = *(IlOrderNode *const *)b;

  return compare_places (&left->place, &right->place);
}

/* Takes those that lie on a circle out of both sides. */
static void
part (const IlOrderGraph *graph, Move *move)
{
  for (guint i = move->after->len; i-- > 0;)
    {
      IlOrderNode *group = g_ptr_array_index (move->after, i);

      g_array_append_val (move->places, group->place);
      if (group->before != graph->search)
        continue;
      g_ptr_array_add (move->circle, group);
      g_ptr_array_remove_index_fast (move->after, i);
    }
  for (guint i = move->before->len; i-- > 0;)
    {
      IlOrderNode *group = g_ptr_array_index (move->before, i);

      if (group->after == graph->search)
        g_ptr_array_remove_index_fast (move->before, i);
      else
        g_array_append_val (move->places, group->place);
    }
}

static void
note_maker (IlOrderNode *group, guint32 maker)
{
  if (group->maker == 0)
    group->maker = maker;
  else if (maker != 0 && group->maker != maker)
    group->maker = SEVERAL;
}

/* The largest takes in the others, so that no lock is moved often. */
static IlOrderNode *
unite (const GPtrArray *groups)
{
  IlOrderNode *all = g_ptr_array_index (groups, 0);

  for (guint i = 1; i < groups->len; i++)
    {
      IlOrderNode *group = g_ptr_array_index (groups, i);

      if (group->members->len > all->members->len)
        all = group;
    }
  for (guint i = 0; i < groups->len; i++)
    {
      IlOrderNode *group = g_ptr_array_index (groups, i);

      if (group == all)
        continue;
      g_ptr_array_extend (all->members, group->members, NULL, NULL);
      g_clear_pointer (&group->members, g_ptr_array_unref);
      group->group = all;
      note_maker (all, group->maker);
    }
  return all;
}

/* Of the places that they had, those before the order get the first, and those behind it the last;
 * so none of them comes to lie on the other side of one that is not among them. */
static void
arrange (const Move *move)
{
  const gint64 *places = (const gint64 *)(gpointer)move->places->data;
  guint n_before = move->before->len, n_after = move->after->len;

  g_array_sort (move->places, compare_places);
  g_ptr_array_sort (move->before, compare_groups);
  g_ptr_array_sort (move->after, compare_groups);
  for (guint i = 0; i < n_before; i++)
    ((IlOrderNode *)g_ptr_array_index (move->before, i))->place = places[i];
  if (move->circle->len > 0)
    unite (move->circle)->place = places[n_before];
  for (guint i = 0; i < n_after; i++)
    ((IlOrderNode *)g_ptr_array_index (move->after, i))->place
        = places[move->places->len - n_after + i];
}

static void
put_in_line (IlOrderGraph *graph, const IlOrderEdge *edge)
{
  IlOrderNode *from = find_group (edge->from), *to = find_group (edge->to);
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) circle = NULL;
  g_autoptr (GArray) places = NULL;

  if (from == to || from->place < to->place)
    return;
  graph->search++;
  after = reach (graph, to, TRUE, from->place);
  before = reach (graph, from, FALSE, to->place);
  circle = g_ptr_array_new ();
  places = g_array_new (FALSE, FALSE, sizeof (gint64));
  part (graph, &(Move){ after, before, circle, places });
  arrange (&(Move){ after, before, circle, places });
}

/**
 * il_order_graph_add:
 * @edge: (transfer none): to be added; must stay until it is removed, or the graph is freed
 *
 * Adds an order that is not there yet, of two locks that differ.
 */
void
il_order_graph_add (IlOrderGraph *graph, IlOrderEdge *edge, guint32 first, guint32 second)
{
  edge->to = get_node (graph, second, FALSE);
  edge->from = get_node (graph, first, TRUE);
  g_ptr_array_add (edge->from->out, edge);
  g_ptr_array_add (edge->to->in, edge);
  put_in_line (graph, edge);
}

/**
 * il_order_graph_remove:
 *
 * Takes an order away.
 */
void
il_order_graph_remove (IlOrderEdge *edge)
{
  g_ptr_array_remove_fast (edge->from->out, edge);
  g_ptr_array_remove_fast (edge->to->in, edge);
}

/**
 * il_order_graph_get_from:
 *
 * Returns: (transfer none) (nullable) (element-type IlOrderEdge): orders that the lock comes first
 *   in; NULL where nothing is known of it
 */
GPtrArray *
il_order_graph_get_from (IlOrderGraph *graph, guint32 lock)
{
  const IlOrderNode *node = g_hash_table_lookup (graph->nodes, GUINT_TO_POINTER (lock));

  return node != NULL ? node->out : NULL;
}

/**
 * il_order_graph_get_to:
 *
 * Returns: (transfer none) (nullable) (element-type IlOrderEdge): likewise, second
 */
GPtrArray *
il_order_graph_get_to (IlOrderGraph *graph, guint32 lock)
{
  const IlOrderNode *node = g_hash_table_lookup (graph->nodes, GUINT_TO_POINTER (lock));

  return node != NULL ? node->in : NULL;
}

/**
 * il_order_edge_get_next:
 *
 * Returns: (transfer none) (element-type IlOrderEdge): orders that begin with the lock that it ends
 *   with
 */
const GPtrArray *
il_order_edge_get_next (const IlOrderEdge *edge)
{
  return edge->to->out;
}

/**
 * il_order_edge_may_close:
 *
 * Returns: whether a way may lead from its second lock back to its first; FALSE: there is none
 */
gboolean
il_order_edge_may_close (const IlOrderEdge *edge)
{
  return find_group (edge->from) == find_group (edge->to);
}

/**
 * il_order_edge_add_maker:
 * @lane: of a thread that makes the order
 *
 * Notes who makes an order.
 */
void
il_order_edge_add_maker (const IlOrderEdge *edge, guint32 lane)
{
  note_maker (find_group (edge->from), lane + 1);
}

/**
 * il_order_edge_has_makers:
 *
 * Returns: whether more than one thread made orders that begin in its group; FALSE: whatever circle
 *   it is part of, one thread alone made all of that
 */
gboolean
il_order_edge_has_makers (const IlOrderEdge *edge)
{
  return find_group (edge->from)->maker == SEVERAL;
}

/**
 * il_order_graph_get_n_steps:
 *
 * Returns: how many orders were looked at so far to keep the locks in line: the work that this took
 */
guint64
il_order_graph_get_n_steps (const IlOrderGraph *graph)
{
  return graph->n_steps;
}
