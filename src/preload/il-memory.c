/* il-memory.c - memory of the program that may be gone
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-memory.h"

#include <sys/uio.h>
#include <unistd.h>

/**
 * il_memory_read:
 *
 * Copies memory of this process, wherever that may be, by process_vm_readv(), which fails where a
 * plain read would be a fault.  Any thread, also in a handler of a signal; sets errno.
 *
 * Returns: FALSE if it cannot be read
 */
bool
il_memory_read (uintptr_t address, void *data, size_t size)
{
  struct iovec here = { data, size }, there = { (void *)address, size };

  return address != 0 && process_vm_readv (getpid (), &here, 1, &there, 1, 0) == (ssize_t)size;
}
