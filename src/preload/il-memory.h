/* il-memory.h - memory of the program that may be gone
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool il_memory_read (uintptr_t address, void *data, size_t size);
