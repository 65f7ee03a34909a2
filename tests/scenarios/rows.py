# rows.py - the rows C1 to C35 of the curriculum: which runs show them, and what their figures must be
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Bounds are ratios, counts and orders, never times of a machine.  Most leave half of what a quiet
# machine shows, so that what they say is about concurrency and not about who else runs.

from harness import Row, exact, run, timing

# What is found in scenarios because it is what they show.  All others are right: nothing may be
# found in any run of them, whatever the row checks.
FINDINGS = {
    'self-deadlock': {'deadlock'},
    'deadlock': {'deadlock', 'lock_order'},
    'dining-philosophers': {'deadlock', 'lock_order'},
    'lost-update': {'lost_update'},
    'torn-lines': {'torn_lines'},
    'readers-first': {'starvation'},
    'condition-notify-all': {'thundering_herd'},
    'thundering-herd': {'thundering_herd'},
    'convoy': {'convoy'},
    'lock-around-batch': {'convoy'},
    'priority-inversion': {'priority_inversion'},
}


def is_paired(pids):
    return all(pids.count(pid) == 2 for pid in pids)


def of_all(runs, figure):
    """The figure in each run, to be compared with a list."""
    return '[' + ', '.join(f'{name}:{figure}' for name in runs) + ']'


def faster(quick, slow):
    return f'{slow}:speed.wall_ns / {quick}:speed.wall_ns'


ROWS = [
    Row('C1', 'two jobs side by side on two cores take about half the time, by threads as by processes',
        runs={model: run('neither-threads-processes', model=model, jobs=8, length='50ms')
              for model in ('serial', 'threads', 'processes')},
        checks=[
            exact('the same work is done', of_all(('serial', 'threads', 'processes'), 'tasks.done'), '=', [8, 8, 8]),
            exact('threads are of one process', 'len(set(threads:workers[*].pid))', '=', 1),
            exact('processes are two', 'len(set(processes:workers[*].pid))', '=', 2),
            timing('serial by threads', faster('threads', 'serial'), '>', 1.4),
            timing('serial by processes', faster('processes', 'serial'), '>', 1.4),
        ], is_alone=True,
        left_out='▶, the same in a Python program, needs tracing'),

    Row('C2', 'with the interpreter lock two threads take turns and gain nothing, processes gain a core',
        runs={'gil': run('interpreter-lock', model='gil', jobs=4, length='100ms'),
              'rare': run('interpreter-lock', model='gil', jobs=4, length='100ms', interval='50ms'),
              'processes': run('interpreter-lock', model='processes', jobs=4, length='100ms'),
              'threads': run('interpreter-lock', model='threads', jobs=4, length='100ms'),
              'serial': run('interpreter-lock', model='serial', jobs=4, length='100ms')},
        checks=[
            exact('the same work is done',
                  of_all(('gil', 'rare', 'processes', 'threads', 'serial'), 'tasks.done'), '=', [4] * 5),
            exact('without the interpreter there is no such lock',
                  'threads:locks', '=', []),
            timing('both threads waited for it', 'gil:locks[gil].waiters[*].name', '∋', ['Worker 1', 'Worker 2']),
            timing('speed-up under the lock', 'gil:speed.speed_up', '<', 1.2),
            timing('speed-up of processes', 'processes:speed.speed_up', '>', 1.5),
            timing('serial by the lock', faster('gil', 'serial'), '<', 1.25),
            timing('the lock by processes', faster('processes', 'gil'), '>', 1.4),
            timing('the lock by threads without it', faster('threads', 'gil'), '>', 1.4),
            timing('least of a thread’s life in wait for it',
                   'min(gil:locks[gil].waiters[Worker 1].share, gil:locks[gil].waiters[Worker 2].share)', '>', 0.25),
            # 200 intervals of 5 ms in a second: a hand-over at the end of each, and hardly any besides.
            timing('hand-overs per second', 'gil:locks[gil].hand_overs_per_second', '>', 60),
            timing('hand-overs per second, again', 'gil:locks[gil].hand_overs_per_second', '<', 260),
            timing('hand-overs with a tenth of the interval, times',
                   'gil:locks[gil].hand_overs / max(1, rare:locks[gil].hand_overs)', '>', 3),
        ], is_alone=True,
        left_out='▶, the same in a Python program, needs tracing'),

    Row('C3', 'sleeps overlap although the lock is there: nearly as many times quicker as there are threads',
        runs={'gil': run('interpreter-lock-waiting', model='gil', tasks=40, wait='20ms'),
              'serial': run('interpreter-lock-waiting', model='serial', tasks=40, wait='20ms')},
        checks=[
            exact('the same work is done', of_all(('gil', 'serial'), 'tasks.done'), '=', [40, 40]),
            timing('speed-up of eight', 'gil:speed.speed_up', '>', 4),
            timing('serial by gil', faster('gil', 'serial'), '>', 4),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C4', 'four that share a core follow each other in slices much shorter than what they have to do',
        runs={'run': run('time-slices', length='150ms')},
        checks=[
            exact('done', 'run:tasks.done', '=', 4),
            timing('part of a job in a slice, median', 'run:scheduler.slice_ns.p50 / 150e6', '<', 0.25),
            timing('turns in a second', 'run:scheduler.switches_per_second', '>', 20),
            timing('ready without a core', 'run:scheduler.runnable_share', '>', 0.6),
            # They begin and end together; one after the other the first would be done in a quarter of the time.
            timing('the quickest job by the slowest', 'run:tasks.service_ns.p50 / run:tasks.service_ns.max', '>', 0.6),
            timing('share of all cores but one',
                   'sum(run:cores[*].target_share) - max(run:cores[*].target_share)', '<', 0.15),
        ], needs_scheduler=True),

    Row('C5', 'of eight that compute on two cores six are ready and wait; with two hardly any, and no less gets done',
        runs={'many': run('more-tasks-than-cores', duration='0.8', workers=8),
              'few': run('more-tasks-than-cores', duration='0.8', workers=2)},
        checks=[
            timing('ready without a core, of eight', 'many:scheduler.runnable_share', '>', 0.6),
            timing('ready without a core, of two', 'few:scheduler.runnable_share', '<', 0.3),
            timing('ready of eight by ready of two',
                   'many:scheduler.runnable_share / max(0.01, few:scheduler.runnable_share)', '>', 2),
            timing('eight get a core, each', 'min(many:workers[*].states.running_ns)', '>', 0),
            timing('computed by two, by what eight did',
                   'sum(few:workers[*].states.running_ns) / sum(many:workers[*].states.running_ns)', '>', 0.7),
        ], is_alone=True, needs_scheduler=True),

    Row('C6', 'large chunks leave workers idle at the end of a batch, small ones balance',
        runs={'small': run('pool-batches', tasks=192, chunk=1),
              'large': run('pool-batches', tasks=192, chunk=24)},
        checks=[
            exact('all batches are done', of_all(('small', 'large'), 'tasks.done'), '=', [192, 192]),
            exact('waits in the queue are known', 'small:tasks.queue_wait_ns.n', '=', 192),
            exact('p99 of the wait is not below p50',
                  'small:tasks.queue_wait_ns.p99', '≥', 'small:tasks.queue_wait_ns.p50'),
            timing('imbalance of small chunks', 'small:tasks.imbalance', '<', 1.35),
            timing('time in tasks, of small chunks', 'small:speed.utilization', '>', 0.75),
            # A batch is two chunks: two of four workers have something to do.
            timing('time in tasks, of large chunks', 'large:speed.utilization', '<', 0.6),
            timing('small by large', 'small:speed.utilization / large:speed.utilization', '>', 1.4),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C6', 'a task that spawns a tree is shared out by stealing: all workers get some of it',
        runs={'tree': run('tree', depth=8, work='300us'),
              'serial': run('tree', depth=8, work='300us', model='serial')},
        checks=[
            exact('each of 2^9 − 1 tasks is done', of_all(('tree', 'serial'), 'tasks.done'), '=', [511, 511]),
            exact('and seen to be a worker’s', 'sum(tree:workers[*].tasks)', '=', 511),
            timing('fewest tasks of a worker', 'min(tree:workers[*].tasks)', '>', 30),
            timing('serial by four workers', faster('tree', 'serial'), '>', 1.3),
        ], is_alone=True),

    Row('C7', 'close lets the rest finish, terminate cuts running tasks off',
        runs={'close': run('pool-close', duration='0.5'), 'terminate': run('pool-terminate', duration='0.5')},
        checks=[
            exact('cancelled by close', 'close:tasks.cancelled', '=', 0),
            exact('done by close', 'close:tasks.done', '=', 'close:tasks.submitted'),
            exact('close completes', 'close:session.end', '=', 'completed'),
            exact('done or cancelled by terminate',
                  'terminate:tasks.done + terminate:tasks.cancelled', '=', 'terminate:tasks.submitted'),
            # 120 come in a second, two workers do some 65.
            timing('cancelled by terminate', 'terminate:tasks.cancelled', '>', 5),
            timing('close takes longer than terminate, times',
                   'close:session.duration_ns / terminate:session.duration_ns', '>', 1.2),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C8', 'apply leaves all but one of four workers idle',
        runs={'apply': run('apply', tasks=32, wait='10ms'), 'async': run('apply-async', tasks=32, wait='10ms')},
        checks=[
            exact('the same work is done', of_all(('apply', 'async'), 'tasks.done'), '=', [32, 32]),
            exact('never more than one waits in the queue', 'apply:queues[tasks].max_depth', '≤', 1),
            timing('time in tasks, in turn', 'apply:speed.utilization', '<', 0.3),
            timing('time in tasks, without waiting', 'async:speed.utilization', '>', 0.6),
            timing('in turn by without waiting', faster('async', 'apply'), '>', 2.5),
        ]),

    Row('C9', 'a bounded queue holds quick producers back when full, and lets quick consumers wait when empty',
        runs={'full': run('producer-consumer', duration='0.7', make='500us', use='15ms', capacity=5),
              'empty': run('producer-consumer', duration='0.7', make='20ms', use='500us', capacity=5)},
        checks=[
            exact('never deeper than it may be',
                  'max(full:queues[items].max_depth, empty:queues[items].max_depth)', '≤', 5),
            exact('mean within the greatest depth',
                  'full:queues[items].mean_depth', '≤', 'full:queues[items].max_depth'),
            timing('depth reached', 'full:queues[items].max_depth', '=', 5),
            timing('mean depth of slow consumers', 'full:queues[items].mean_depth', '>', 2.5),
            timing('puts that had to wait', 'full:queues[items].blocked_puts', '>', 5),
            timing('mean depth of slow producers', 'empty:queues[items].mean_depth', '<', 1),
            timing('gets that had to wait', 'empty:queues[items].blocked_gets', '>', 5),
            timing('puts that had to wait then', 'empty:queues[items].blocked_puts', '=', 0),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C10', 'who leaves when the queue is empty leaves too early: items remain',
        runs={'run': run('while-not-empty', pause='40ms')},
        checks=[
            exact('all were put', 'run:queues[items].puts', '=', 100),
            exact('what nobody took is left', 'run:queues[items].final_depth', '=', '100 - run:queues[items].gets'),
            timing('items left', 'run:queues[items].final_depth', '≥', 50),
            timing('consumers’ lives, of the producer’s',
                   'max(run:workers[Consumer 1].lifetime_ns, run:workers[Consumer 2].lifetime_ns)'
                   ' / run:workers[Producer 1].lifetime_ns', '<', 0.6),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C11', 'a lock around a batch is held through its pauses, and who wants it for a moment waits for them',
        runs={'batch': run('lock-around-batch', duration='0.8'), 'put': run('lock-around-put', duration='0.8')},
        checks=[
            timing('held for four pauses', 'batch:locks[log].hold_ns.max', '≥', 40e6),
            timing('p99 of the holds too', 'batch:locks[log].hold_ns.p99', '≥', 40e6),
            timing('p99 of holds, batch by put', 'batch:locks[log].hold_ns.p99 / put:locks[log].hold_ns.p99', '>', 5),
            timing('mean wait of the inspector, in pauses',
                   'batch:locks[log].waiters[Inspector 1].wait_ns / batch:locks[log].waiters[Inspector 1].waits / 10e6',
                   '>', 1),
            timing('waits for it, batch by put',
                   'batch:locks[log].wait_ns.total / max(1, put:locks[log].wait_ns.total)', '>', 5),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C12', 'a pipe lets the quicker end wait: the sender when full, the receiver when empty; bytes a second',
        runs={'slow-receiver': run('pipe', duration='0.6', make='100us', use='2ms'),
              'slow-sender': run('pipe', duration='0.6', make='2ms', use='100us')},
        checks=[
            exact('bytes sent', 'slow-sender:channels[pipe].bytes', '=', '16384 * slow-sender:channels[pipe].sent'),
            exact('messages under way in the end',
                  'slow-receiver:channels[pipe].sent - slow-receiver:channels[pipe].received', '≥', 0),
            # From the first message to the last: within the session, and as long as all messages one by one.
            exact('bytes per second, by what was sent in the session’s time',
                  'slow-sender:channels[pipe].bytes_per_second * slow-sender:session.duration_ns / 1e9'
                  ' / slow-sender:channels[pipe].bytes', '≥', 1),
            exact('bytes per second, off by',
                  'abs(slow-sender:channels[pipe].bytes_per_second * slow-sender:channels[pipe].message_ns / 1e9'
                  ' * slow-sender:channels[pipe].received / slow-sender:channels[pipe].bytes - 1)', '<', 1e-6),
            timing('bytes per second, by what was sent in the session’s time, again',
                   'slow-sender:channels[pipe].bytes_per_second * slow-sender:session.duration_ns / 1e9'
                   ' / slow-sender:channels[pipe].bytes', '<', 2),
            exact('messages are no copies of arguments, results or items', 'slow-sender:copies.bytes', '=', 0),
            # Shares are of the life of the one who waited.
            *[exact(f'{name}’s wait by its share, as a life',
                    f'{name}:channels[pipe].{wait}_wait_ns.total / {name}:channels[pipe].{wait}_wait_share', sign,
                    f'{most}({name}:workers[*].lifetime_ns) * {slack}')
              for name, wait in (('slow-receiver', 'send'), ('slow-sender', 'receive'))
              for sign, most, slack in (('≥', 'min', 0.999), ('≤', 'max', 1.001))],
            timing('share that the sender waits, slow receiver', 'slow-receiver:channels[pipe].send_wait_share', '>', 0.45),
            timing('share that the receiver waits, slow sender', 'slow-sender:channels[pipe].receive_wait_share', '>', 0.45),
            timing('sender waits by receiver waits, slow receiver',
                   '(slow-receiver:channels[pipe].send_wait_share or 0)'
                   ' / max(0.01, slow-receiver:channels[pipe].receive_wait_share or 0)',
                   '>', 2),
            timing('receiver waits by sender waits, slow sender',
                   '(slow-sender:channels[pipe].receive_wait_share or 0)'
                   ' / max(0.01, slow-sender:channels[pipe].send_wait_share or 0)',
                   '>', 2),
        ]),

    Row('C13', 'the same payload by four carriers: small messages cost calls of the system, large ones copies',
        # So many that each stretch takes tens of milliseconds: a thread that is moved or kept waiting
        # once does not decide who was faster.
        runs={'small': run('four-channels', size='64B', messages=25000, slots=64),
              'large': run('four-channels', size='1MiB', messages=600)},
        checks=[
            exact('small messages sent', 'small:channels[*].sent', '=', [25000] * 4),
            exact('small messages received', 'small:channels[*].received', '=', [25000] * 4),
            exact('bytes of large ones', 'large:channels[*].bytes', '=', [600 * 1048576] * 4),
            exact('all tasks are seen', 'small:tasks.done', '=', 1 + 8 * 25000),
            # Memory and queue are both in shared memory.
            timing('small by socket, of the time in shared memory',
                   'small:channels[socket].message_ns'
                   ' / min(small:channels[memory].message_ns, small:channels[queue].message_ns)', '>', 1.3),
            timing('bytes a second of large ones by memory, of those by queue or pipe',
                   'large:channels[memory].bytes_per_second'
                   ' / max(large:channels[queue].bytes_per_second, large:channels[pipe].bytes_per_second)', '>', 1.1),
            timing('large ones carry more bytes a second, times at least',
                   'min(large:channels[*].bytes_per_second) / max(small:channels[*].bytes_per_second)', '>', 5),
        ], is_alone=True),

    Row('C14', 'processes copy arguments and results, threads do not',
        runs={'processes': run('serialization', model='processes', tasks=400),
              'threads': run('serialization', model='threads', tasks=400)},
        checks=[
            exact('the same work is done', of_all(('processes', 'threads'), 'tasks.done'), '=', [400, 400]),
            # There, out of it, and the result back.
            exact('bytes copied by processes', 'processes:copies.bytes', '=', 400 * (2 * 262144 + 65536)),
            exact('bytes copied by threads', 'threads:copies.bytes', '=', 0),
            exact('time of copies by threads', 'threads:copies.time_ns', '=', 0),
            exact('share is one', 'processes:copies.share', '≤', 1),
            timing('share of workers’ time in tasks', 'processes:copies.share', '>', 0.08),
            timing('processes by threads', faster('threads', 'processes'), '>', 1.15),
        ], is_alone=True),

    Row('C15', 'what a child changes on its heap is unchanged in the parent; threads share it',
        runs={model: run('separate-heaps', model=model, tasks=80) for model in ('processes', 'hybrid', 'threads')},
        checks=[
            exact('own, of processes', 'processes:counters[own].final', '=', 0),
            exact('own, of threads in processes', 'hybrid:counters[own].final', '=', 0),
            exact('own, of threads', 'threads:counters[own].final', '=', 80),
            exact('shared, of all',
                  of_all(('processes', 'hybrid', 'threads'), 'counters[shared].final'), '=', [80, 80, 80]),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C16', 'read, add, write: sections that overlap lose updates; with a lock they queue, which has its price',
        runs={'without': run('lost-update', tasks=400), 'with': run('lost-update-locked', tasks=400)},
        checks=[
            exact('lost without', 'without:counters[hits].lost_updates', '=', '400 - without:counters[hits].final'),
            exact('final with', 'with:counters[hits].final', '=', 400),
            exact('lost with', 'with:counters[hits].lost_updates', '=', 0),
            exact('found', lambda r: sum(finding['count'] for finding in r['without']['findings']
                                         if finding['kind'] == 'lost_update'),
                  '=', 'without:counters[hits].stale_writes'),
            timing('lost of 400', 'without:counters[hits].lost_updates', '>', 80),
            timing('with by without', faster('without', 'with'), '>', 1.4),
            timing('share of lives in wait for the lock',
                   'sum(with:workers[*].states.lock_wait_ns) / sum(with:workers[*].lifetime_ns)', '>', 0.2),
            timing('median of a task, times', 'with:tasks.service_ns.p50 / without:tasks.service_ns.p50', '>', 1.3),
        ]),

    Row('C17', 'waits for a lock grow with the critical section and with the number of workers',
        runs={'long': run('lock-contention', duration='0.8'),
              'short': run('lock-contention', duration='0.8', section='100us'),
              'one': run('lock-contention', duration='0.8', workers=1, rate='300/s')},
        checks=[
            exact('one alone never waits', 'one:locks[A].contended', '=', 0),
            timing('contended, long section', 'long:locks[A].contended_share', '>', 0.35),
            timing('contended, long by short',
                   'long:locks[A].contended_share / max(0.01, short:locks[A].contended_share)', '>', 1.5),
            timing('waits in all, long by short',
                   'long:locks[A].wait_ns.total / max(1, short:locks[A].wait_ns.total)', '>', 5),
            timing('p99 of waits, long by short',
                   'long:locks[A].wait_ns.p99 / max(1, short:locks[A].wait_ns.p99)', '>', 1),
        ], is_alone=True, left_out='▶, the same in a Python program, needs tracing'),

    Row('C18', 'a recursive lock is entered twice by one thread; a plain one makes it wait for itself, which is found',
        runs={'recursive': run('recursive-lock', tasks=20), 'plain': run('self-deadlock', duration='0.4')},
        checks=[
            exact('depth', 'recursive:locks[door].max_depth', '=', 2),
            exact('done', 'recursive:tasks.done', '=', 20),
            exact('one in its cycle', 'len(plain:findings[deadlock].evidence.lanes)', '=', 1),
            exact('who waits is who holds',
                  'plain:findings[deadlock].evidence.lanes[0]', '=', 'plain:locks[door].holders[0].name'),
            exact('done with a plain lock', 'plain:tasks.done', '=', 0),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C19', 'a semaphore lets at most as many in as it has units',
        runs={'three': run('semaphore', tasks=48, stay='12ms'), 'one': run('semaphore', tasks=16, stay='5ms', seats=1)},
        checks=[
            exact('most inside, of three', 'three:locks[semaphore].max_holders', '≤', 3),
            exact('most inside, of one', 'one:locks[semaphore].max_holders', '=', 1),
            exact('each got one', 'three:locks[semaphore].acquisitions', '=', 48),
            timing('all three in use', 'three:locks[semaphore].max_holders', '=', 3),
            timing('had to wait', 'three:locks[semaphore].contended', '>', 5),
        ]),

    Row('C20', 'one sets the event, all who wait are woken by it, one after the other',
        runs={'run': run('event', duration='0.8')},
        checks=[
            timing('latency of each wake-up by the setter is known', 'run:signals[event].wake_latency_ns.n', '>', 0),
            exact('p99 is not below p50',
                  'run:signals[event].wake_latency_ns.p99', '≥', 'run:signals[event].wake_latency_ns.p50'),
            timing('woken by each setting', 'run:signals[event].wake_ups / run:signals[event].sets', '>', 6),
            timing('waited at once', 'run:signals[event].max_waiters', '=', 8),
            timing('the last goes on later than the middle, times',
                   'run:signals[event].wake_latency_ns.p99 / max(1, run:signals[event].wake_latency_ns.p50)', '>', 1.1),
            timing('p99 of the latency, of the time between settings',
                   'run:signals[event].wake_latency_ns.p99 / 100e6', '<', 0.5),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C21', 'notify wakes one who is of use, notify-all wakes many for nothing',
        runs={'one': run('condition', duration='0.6'), 'all': run('condition-notify-all', duration='0.6')},
        checks=[
            exact('useful and wasted are all, one',
                  'one:signals[condition].useful + one:signals[condition].wasted',
                  '=', 'one:signals[condition].wake_ups'),
            exact('useful and wasted are all, all',
                  'all:signals[condition].useful + all:signals[condition].wasted',
                  '=', 'all:signals[condition].wake_ups'),
            timing('wasted of notify', 'one:signals[condition].wasted / one:signals[condition].wake_ups', '<', 0.2),
            timing('wasted of notify-all', 'all:signals[condition].wasted / all:signals[condition].wake_ups', '>', 0.5),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C22', 'all wait for the slowest in each phase, longer the more their parts differ',
        runs={'uneven': run('barrier', duration='0.6'), 'even': run('barrier', duration='0.6', uneven='0ms')},
        checks=[
            exact('parties', 'uneven:signals[barrier].parties', '=', 4),
            timing('phases', 'uneven:signals[barrier].phases', '>', 8),
            timing('waits of all in a phase, uneven by even',
                   'uneven:signals[barrier].phase_wait_ns.p50 / max(1, even:signals[barrier].phase_wait_ns.p50)',
                   '>', 2),
            timing('a phase loses more than one’s uneven part',
                   'uneven:signals[barrier].phase_wait_ns.p50 / 10e6', '>', 1),
        ]),

    Row('C23', 'readers overlap, a writer is alone; it starves where readers go first',
        runs={'readers': run('readers-first', duration='1.2'), 'writers': run('writers-first', duration='1.2')},
        checks=[
            timing('readers at once',
                   'min(readers:locks[rwlock].readers.max, writers:locks[rwlock].readers.max)', '>', 2),
            timing('writer got in, writers first', 'writers:locks[rwlock].writers.acquisitions', '>', 10),
            timing('longest wait of the writer, times',
                   'readers:locks[rwlock].writers.wait_ns.max / writers:locks[rwlock].writers.wait_ns.max', '>', 3),
            timing('starvation is found, of', 'readers:findings[starvation].evidence.lanes', '=', ['Writer 1']),
        ]),

    Row('C24', 'locks taken in opposite orders come to a deadlock, whose cycle is found; in one order they never do',
        runs={'two': run('deadlock', duration='1', gap='5ms'),
              'two-ordered': run('deadlock-ordered', duration='0.6', gap='5ms'),
              'five': run('dining-philosophers', duration='0.6', reach='15ms', think='1ms'),
              'five-ordered': run('dining-philosophers-ordered', duration='0.6', reach='15ms', think='1ms')},
        checks=[
            timing('deadlock of two', 'sorted(two:findings[deadlock].evidence.lanes)', '=', ['Back 1', 'Forth 1']),
            timing('deadlock of five', 'sorted(five:findings[deadlock].evidence.lanes)', '=',
                   ['Aristotle 1', 'Epicurus 1', 'Heraclitus 1', 'Plato 1', 'Socrates 1']),
            timing('it goes on where all is right', 'min(two-ordered:tasks.done, five-ordered:tasks.done)', '>', 0),
            # Each holds one from before the cycle closes to the end.
            timing('shortest of the longest holds, of the deadlock',
                   'min(two:locks[A].hold_ns.max, two:locks[B].hold_ns.max)'
                   ' / (two:findings[deadlock].evidence.to_ns - two:findings[deadlock].evidence.from_ns)', '>', 0.9),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C25', 'lines in pieces are torn by others; whole with a lock, and with one who writes for all',
        runs={'torn': run('torn-lines', tasks=1000),
              'locked': run('torn-lines-locked', tasks=1000),
              'single': run('torn-lines-single-writer', tasks=1000)},
        checks=[
            exact('torn with a lock', 'locked:files[log].torn_lines', '=', 0),
            exact('torn with a single writer', 'single:files[log].torn_lines', '=', 0),
            exact('bytes of all three', of_all(('torn', 'locked', 'single'), 'files[log].bytes'), '=', [200000] * 3),
            exact('throughput of all three is known',
                  'min(torn:files[log].bytes_per_second, locked:files[log].bytes_per_second,'
                  ' single:files[log].bytes_per_second)', '>', 0),
            timing('found as many as there are', 'torn:findings[torn_lines].count', '=', 'torn:files[log].torn_lines'),
            timing('torn without', 'torn:files[log].torn_lines', '>', 0),
        ], is_alone=True, left_out='▶, the same in a Python program, needs tracing'),

    Row('C26', 'a program waits at its end for ordinary workers, and not for daemon ones',
        runs={'ordinary': run('exit', tasks=5, length='400ms'), 'daemon': run('exit-daemon', tasks=5, length='400ms')},
        checks=[
            exact('done by ordinary ones', '(ordinary:tasks.done, ordinary:tasks.cancelled)', '=', (5, 0)),
            exact('done or cut off, daemons', 'daemon:tasks.done + daemon:tasks.cancelled', '=', 5),
            timing('cut off', 'daemon:tasks.cancelled', '≥', 1),
            timing('from exit to end, ordinary by daemon', 'ordinary:session.exit_ns / daemon:session.exit_ns', '>', 2),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C27', 'a process dies alone: its lock is given back, another takes its place, its task is lost or done again',
        runs={'lost': run('dying-workers', tasks=100, odds=6),
              'retried': run('dying-workers-retried', tasks=100, odds=6)},
        checks=[
            # Who dies is drawn from the seed.
            exact('tasks lost', 'lost:tasks.lost', '>', 0),
            exact('done or lost', 'lost:tasks.done + lost:tasks.lost', '=', 100),
            exact('lost of the retried', '(retried:tasks.done, retried:tasks.lost)', '=', (100, 0)),
            # Who dies of the very last task is not replaced.
            exact('replaced at most as often as they died', 'lost:replacements.n', '≤', 'lost:tasks.lost'),
            exact('replaced', 'min(lost:replacements.n, retried:replacements.n)', '>', 0),
            exact('as many crashed as lost their task', 'lost:endings.crashed', '=', 'lost:tasks.lost'),
            exact('as many were begun again as died', 'retried:tasks.run_again', '=', 'retried:endings.crashed'),
            exact('the lock goes on being taken after that', 'lost:locks[A].acquisitions', '=', 100),
            timing('longest recovery, of the run', 'lost:replacements.max / lost:session.duration_ns', '<', 0.5),
        ], left_out='that a thread cannot be killed alone is the scenario’s list of models: processes only'),

    Row('C28', 'threads in processes: lanes of two processes, and as quick as either alone',
        runs={model: run('threads-in-processes', model=model, tasks=40, work='10ms', wait='10ms')
              for model in ('hybrid', 'threads', 'processes', 'serial')},
        checks=[
            exact('the same work is done',
                  of_all(('hybrid', 'threads', 'processes', 'serial'), 'tasks.done'), '=', [40] * 4),
            exact('processes of each',
                  '[len(set(hybrid:workers[*].pid)), len(set(threads:workers[*].pid)), len(set(processes:workers[*].pid))]',
                  '=', [2, 1, 4]),
            exact('two threads in each', lambda r: is_paired(r['hybrid'].get_figure('workers[*].pid')), '=', True),
            timing('serial by threads in processes', faster('hybrid', 'serial'), '>', 1.5),
            timing('threads in processes by the slower alone',
                   'hybrid:speed.wall_ns / max(threads:speed.wall_ns, processes:speed.wall_ns)', '<', 1.4),
        ], is_alone=True),

    Row('C29', 'hundreds of coroutines on one thread; one that computes stalls them all',
        runs={'many': run('coroutines', duration='0.6', workers=500),
              'threads': run('coroutines', duration='0.4', workers=50, model='threads'),
              'stalled': run('coroutines-stalled', duration='0.8', stall='100ms'),
              'free': run('coroutines-stalled', duration='0.8', stall='0ms')},
        checks=[
            timing('coroutines', 'many:coroutines.n', '=', 500),
            exact('of one process', 'len(set(many:workers[*].pid))', '=', 1),
            exact('threads have none', 'threads:coroutines', '=', None),
            exact('switch cost is known', 'many:coroutines.overhead_ns', '≥', 0),
            timing('one kept the thread for as long as it computes', 'stalled:coroutines.stall_ns.max', '≥', 99e6),
            timing('each had a turn', 'min(many:workers[*].states.running_ns)', '>', 0),
            timing('carriers’ own time, of what they ran',
                   'many:coroutines.overhead_ns * many:coroutines.switches'
                   ' / sum(many:workers[*].states.running_ns)', '<', 1),
            timing('longest stall, with by without',
                   'stalled:coroutines.stall_ns.max / free:coroutines.stall_ns.max', '>', 3),
        ], left_out='▶, the same in a Python program, needs tracing'),

    Row('C30', 'words side by side in one cache line are slower to count in than words in lines of their own',
        runs={'run': run('false-sharing', times=4000000)},
        checks=[
            exact('spawned tasks are seen',
                  '(run:tasks.kinds[apart].done, run:tasks.kinds[together].done)', '=', (8, 8)),
            timing('together by apart',
                   'run:tasks.kinds[together].service_ns.p50 / run:tasks.kinds[apart].service_ns.p50', '>', 1.15),
            timing('the report’s own ratio', 'run:tasks.kinds[together].relative', '>', 1.15),
        ], is_alone=True),

    Row('C31', 'threads share one size, each process has its own, and their sum counts again and again what they share',
        runs={'threads': run('memory-footprint', model='threads', tasks=800, size='1MiB'),
              'processes': run('memory-footprint', model='processes', tasks=800, size='1MiB')},
        checks=[
            exact('processes', '[len(set(threads:workers[*].pid)), len(set(processes:workers[*].pid))]', '=', [1, 16]),
            exact('sizes of threads are one', 'len(set(threads:workers[*].peak_rss_bytes))', '=', 1),
            exact('each process has at least its memory', 'min(processes:workers[*].peak_rss_bytes)', '≥', 1 << 20),
            exact('RSS of all', 'processes:session.peak_rss_bytes', '=', 'sum(processes:workers[*].peak_rss_bytes)'),
            timing('PSS of each process', 'min(processes:workers[*].peak_pss_bytes)', '≥', 1 << 20),
            timing('PSS of a process, at most',
                   'max(processes:workers[*].peak_pss_bytes)', '<', 'min(processes:workers[*].peak_rss_bytes)'),
            timing('PSS of threads', 'threads:session.peak_pss_bytes', '≥', 16 << 20),
            timing('PSS of processes', 'processes:session.peak_pss_bytes', '≥', 16 << 20),
            timing('RSS of all processes by PSS',
                   'processes:session.peak_rss_bytes / processes:session.peak_pss_bytes', '>', 1.1),
        ]),

    Row('C32', 'the part that is done one at a time sets an end to the speed-up',
        runs={'one': run('speed-up', tasks=80, workers=1), 'two': run('speed-up', tasks=80, workers=2),
              'four': run('speed-up', tasks=80, workers=4),
              'less-serial': run('speed-up', tasks=80, workers=2, serial='500us', parallel='2.5ms')},
        checks=[
            exact('the same work is done', of_all(('one', 'two', 'four', 'less-serial'), 'tasks.done'), '=', [80] * 4),
            exact('one worker has no serial share', 'one:speed.serial_share', '=', None),
            timing('speed-up of one', 'one:speed.speed_up', '<', 1.01),
            timing('speed-up of two', 'two:speed.speed_up', '<', 1.6),
            # Two thirds are serial: however many workers, at most by a half.
            timing('one by four workers', faster('four', 'one'), '<', 1.6),
            timing('four by two workers', faster('four', 'two'), '<', 1.5),
            timing('time that the lock was held, of four',
                   'four:locks[serial].hold_ns.total / four:speed.wall_ns', '>', 0.8),
            timing('speed-up of two with a sixth serial', 'less-serial:speed.speed_up', '>', 1.6),
            timing('serial share, two thirds less a sixth',
                   'two:speed.serial_share - less-serial:speed.serial_share', '>', 0.1),
        ], is_alone=True,
        left_out='the sweep over workers with its fit needs `compare`'),

    Row('C33', 'near full load the queue explodes; L = λW holds at every load',
        runs={'half': run('queueing', duration='1.5', rate='125/s'),
              'most': run('queueing', duration='2', rate='200/s'),
              'full': run('queueing', duration='3', rate='238/s')},
        checks=[
            exact('L by λW, farthest from 1',
                  'max(abs(half:queueing.l_by_lambda_w - 1), abs(most:queueing.l_by_lambda_w - 1),'
                  ' abs(full:queueing.l_by_lambda_w - 1))', '<', 0.05),
            # By other witnesses: the queue, and the states of the one worker.
            timing('L by those who wait and who is run, from 1',
                   'abs(full:queueing.l / (full:queues[tasks].mean_depth + full:speed.utilization) - 1)', '<', 0.05),
            timing('λ at 50 %, of what was asked for', 'half:queueing.lambda_per_second / 125', '>', 0.8),
            timing('L at 80 % by L at 50 %', 'most:queueing.l / half:queueing.l', '>', 1.5),
            timing('L at 95 % by L at 50 %', 'full:queueing.l / half:queueing.l', '>', 3),
        ], is_alone=True),

    Row('C34', 'short tasks queue behind a slow holder; all are woken and one wins',
        runs={'convoy': run('convoy', duration='1.2'), 'herd': run('thundering-herd', duration='0.8')},
        checks=[
            timing('who is convoyed behind', 'convoy:findings[convoy].evidence.lanes', '=', ['Lorry 1']),
            timing('herds', 'herd:findings[thundering_herd].count', '>', 0),
            timing('woken in vain, of all woken',
                   'herd:signals[condition].wasted / herd:signals[condition].wake_ups', '>', 0.6),
        ]),

    Row('C35', 'the low one holds, the middle ones run, the high one waits',
        runs={'run': run('priority-inversion', duration='2')},
        checks=[
            timing('who has to do with it',
                   'run:findings[priority_inversion].evidence.lanes', '∋', ['High 1', 'Low 1']),
            timing('share of the high one’s life in wait',
                   'run:workers[High 1].states.lock_wait_ns / run:workers[High 1].lifetime_ns', '>', 0.2),
        ], needs_scheduler=True),
]
