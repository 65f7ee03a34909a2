/* il-caption.h - what stands below the picture of a session
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-session.h"

G_BEGIN_DECLS

char *il_session_dup_caption (IlSession *session, const char *range) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
