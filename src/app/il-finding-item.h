/* il-finding-item.h - a finding as a list shows it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-finder.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define IL_TYPE_FINDING_ITEM (il_finding_item_get_type ())
G_DECLARE_FINAL_TYPE (IlFindingItem, il_finding_item, IL, FINDING_ITEM, GObject)

IlFindingItem *il_finding_item_new (const IlFinding *finding) G_GNUC_WARN_UNUSED_RESULT;
void il_finding_item_set (IlFindingItem *self, const IlFinding *finding);
const IlFinding *il_finding_item_get (IlFindingItem *self);

G_END_DECLS
