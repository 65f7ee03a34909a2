/* il-batch-private.h - batches from the inside, for the codec
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-record.h"

G_BEGIN_DECLS

IlBatch *il_batch_new_from_runs (gint64 begin_ns, gint64 end_ns, const IlBatchRun *runs,
                                 guint n_runs,
                                 IlRecord *records) G_GNUC_INTERNAL G_GNUC_WARN_UNUSED_RESULT;
gboolean il_batch_iter_next_in_run (IlBatchIter *iter, guint *run,
                                    const IlRecord **record) G_GNUC_INTERNAL;

G_END_DECLS
