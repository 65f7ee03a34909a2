/* il-line.h - lines that tell whether they are whole
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

void il_line_make (char *line, uint32_t size, uint32_t worker, uint64_t number);
bool il_line_check (const char *line, size_t length);
