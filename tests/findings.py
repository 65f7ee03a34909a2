# findings.py - which findings are facts, and which depend on who had a core when
#
# SPDX-License-Identifier: GPL-3.0-or-later

# Patterns of timing, which a machine without a free core can really bring about: whoever loses its
# core in a lock holds all others up, and is late wherever others wait for it.
PATTERNS = {'convoy', 'held_long', 'held_waiting', 'serialised', 'starvation', 'straggler', 'thundering_herd'}


def facts(report):
    """What is found that is wrong even once, however busy the machine was: sentences by their kind."""
    return {finding['kind']: finding['text'] for finding in report['findings'] if finding['kind'] not in PATTERNS}
