# named.py - threads that the kernel knows by name
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whoever looks at a program from outside sees the names that the kernel has of its threads. Python tells it those only
# from version 3.14 on. Here each thread tells its own.
import ctypes
import threading

PR_SET_NAME = 15  # of linux/prctl.h; 15 bytes of the name are kept

prctl = ctypes.PyDLL(None).prctl


class Thread(threading.Thread):
    def run(self):
        prctl(PR_SET_NAME, self.name.encode())
        super().run()
