/* il-life.h - which thread made which, and saw its end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-self.h"

uint32_t il_life_make (IlSelf *self);
void il_life_made (pthread_t thread, uint32_t number);
uint32_t il_life_find (pthread_t thread);
void il_life_ended (uint32_t number);
