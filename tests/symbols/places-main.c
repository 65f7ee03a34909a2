/* places-main.c - the program around places.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "places.h"

int
main (void)
{
  print_places ();
  return 0;
}
