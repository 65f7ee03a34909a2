/* fuzz.h - what a fuzz target provides
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

/* Feeds one input; must return 0.  Asserts a result or an error, never both. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Writes the index-th good input into data and returns its size, at most max_size; 0 past the last
 * one. */
size_t fuzz_seed (size_t index, uint8_t *data, size_t max_size);
