/* il-far-fence.h - a full fence that one thread makes for those of another process as well
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where two sides each write something and then look for what the other wrote, both need a full
 * fence in between (Dekker).  If one side does so for every task and the other only before it
 * sleeps, the first can leave its fence to the second: membarrier(2) makes every thread that runs
 * in a registered process pass one, and returns when they have.  What the frequent side has written
 * before is visible then; what it looks for later shows what was written before the call.  It costs
 * the one who sleeps some microseconds, and the other nothing but that its compiler must not change
 * the order.
 */

#pragma once

#include <linux/membarrier.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Lets il_far_fence() reach the threads of this process; false where the kernel cannot do it. */
static inline bool
il_far_fence_register (void)
{
  return syscall (SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) == 0;
}

/* The rare side's. */
static inline void
il_far_fence (void)
{
  syscall (SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0);
}

/* The frequent side's. */
static inline void
il_near_fence (void)
{
  atomic_signal_fence (memory_order_seq_cst);
}
