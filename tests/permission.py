# permission.py - whether the kernel lets us see what the scheduler does
#
# SPDX-License-Identifier: GPL-3.0-or-later

WHY = 'scheduler records are not permitted here'


# With kernel.perf_event_paranoid=3, by a container's filter, without that part of the kernel.
NOTES = ('The kernel gives scheduler records to root only', 'Scheduler records are refused', 'The kernel has no perf events')


def is_refused(errors):
    """Whether interleave-cli itself says so: that states are sampled for any other reason is a defect."""
    return any(note in errors for note in NOTES)
