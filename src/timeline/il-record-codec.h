/* il-record-codec.h - a batch as few bytes, and back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-record.h"

G_BEGIN_DECLS

/* More records than one chunk may have; a batch may have more, which then is for the caller to
 * split. */
#define IL_RECORD_CODEC_MAX_RECORDS (1u << 22)

GBytes *il_record_encode (const IlBatch *batch, int level) G_GNUC_WARN_UNUSED_RESULT;
IlBatch *il_record_decode (gconstpointer data, gsize size,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
