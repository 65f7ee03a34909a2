/* places.h - see places.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

void *find_inlined_function (void);
void print_places (void);
