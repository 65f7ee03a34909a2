/* il-order-graph.h - which locks can be part of a circle of orders at all
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _IlOrderGraph IlOrderGraph;
typedef struct _IlOrderNode IlOrderNode;

/* From one lock to another; the first member of what the caller knows of it, who owns it. */
typedef struct
{
  IlOrderNode *from, *to;
} IlOrderEdge;

IlOrderGraph *il_order_graph_new (void);
void il_order_graph_free (IlOrderGraph *graph);

void il_order_graph_add (IlOrderGraph *graph, IlOrderEdge *edge, guint32 first, guint32 second);
void il_order_graph_remove (IlOrderEdge *edge);

GPtrArray *il_order_graph_get_from (IlOrderGraph *graph, guint32 lock);
GPtrArray *il_order_graph_get_to (IlOrderGraph *graph, guint32 lock);
const GPtrArray *il_order_edge_get_next (const IlOrderEdge *edge);
gboolean il_order_edge_may_close (const IlOrderEdge *edge);
void il_order_edge_add_maker (const IlOrderEdge *edge, guint32 lane);
gboolean il_order_edge_has_makers (const IlOrderEdge *edge);

guint64 il_order_graph_get_n_steps (const IlOrderGraph *graph);

G_END_DECLS
