/* il-needs.h - which libraries an ELF file asks for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <elf.h>
#include <glib.h>
#include <link.h>

G_BEGIN_DECLS

gboolean il_needs_library (int fd, const ElfW (Ehdr) * header, const char *prefix);

G_END_DECLS
