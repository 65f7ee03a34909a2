#!/usr/bin/python3
# recursive-lock.py - a thread may enter a recursive lock again, a plain one only once
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   recursive-lock.py [recursive|plain]
#
# pay() locks the account and calls withdraw(), which locks it as well. With a plain lock the thread waits for itself, for
# ever. It is a daemon here, so that the program can end.
import sys
import threading

import named


class Account:
    def __init__(self, lock):
        self.lock = lock
        self.balance = 100
        self.depth = 0

    def withdraw(self, amount):
        with self.lock:
            self.depth += 1
            self.balance -= amount

    def pay(self, amount):
        with self.lock:
            self.depth += 1
            if self.balance >= amount:
                self.withdraw(amount)


def run(kind):
    account = Account(kind())
    customer = named.Thread(target=account.pay, args=(30,), name='customer', daemon=True)
    customer.start()
    customer.join(timeout=1 if kind is threading.Lock else None)
    return 'waits for itself' if customer.is_alive() else f'entered {account.depth} deep, balance {account.balance}'


WAYS = {'recursive': threading.RLock, 'plain': threading.Lock}

for name in sys.argv[1:] or WAYS:
    print(f'{name}: {run(WAYS[name])}')
