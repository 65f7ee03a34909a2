#!/usr/bin/python3
# daemon.py - a program ends with its last thread, but does not wait for daemons
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   daemon.py [daemon]
import sys
import time

import named


def work():
    time.sleep(0.6)


is_daemon = sys.argv[1:] == ['daemon']
named.Thread(target=work, name='worker', daemon=is_daemon).start()
time.sleep(0.1)
print('the main thread is done', flush=True)
