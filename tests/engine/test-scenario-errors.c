/* test-scenario-errors.c - whatever is wrong in a scenario, the message names line, found, expected
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario.h"

#include <string.h>

/* A good scenario in pieces, so that each row of the table below shows what is wrong and no more.
 */
#define HEAD "[Scenario]\nName=x\n"                    /* lines 1 and 2 */
#define TASK "[Task work]\nSteps=cpu 1ms\n"            /* two lines */
#define KNOB "[Knob k]\nValue=1ms\nMin=0ms\nMax=1s\n"  /* four lines, a duration */
#define COUNT_KNOB "[Knob n]\nValue=5\nMin=1\nMax=9\n" /* four lines, a count */

#define CONDITION "[Lock A]\n[Condition C]\nLock=A\n" /* three lines */

#define TASK_KEYS                                                                                  \
  "Title, Workers, Cores, Nice, Priority, Count, Arrival, Submit, Batch, Chunk, Depth, Argument, " \
  "Result or Steps"
#define SCENARIO_KEYS                                                                              \
  "Name, Description, LookAt, Row, Model, Models, Workers, Processes, Carriers, SwitchInterval, "  \
  "Scheduling, Capacity, Duration, AtEnd, OnDeath, MaxTasksPerWorker, Daemon, Cores, Nice or Seed"
#define GROUPS                                                                                     \
  "Scenario, Knob, Lock, RWLock, Semaphore, Event, Condition, Barrier, Queue, Channel, File, "     \
  "Counter or Task"
#define MODELS "serial, threads, processes, hybrid, gil or coroutines"
#define ARRIVALS "at-once, rate, poisson, bursts, closed or loop"
#define CORES "numbers of cores below 1024 such as “0,2-3”"
#define RANDOM "a fixed number; only the durations of cpu, sleep and closed may be random"
#define OWN_WORKERS "Workers beside it, for whom it is"
#define NAMES                                                                                      \
  "with a name of letters, digits, “-” and “_” that begins with a letter and has at most 24 bytes"
#define DURATION "a duration such as “1.5ms”, in ns, us, ms, s or min"
#define A_24 "aaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct
{
  const char *name;
  const char *text;
  const char *message; /* after “file:” */
} Row;

static const Row file_rows[] = {
  { "empty", "", "1: found the end of the file, expected [Scenario]" },
  { "blank", "\n# nothing\n\n", "3: found the end of the file, expected [Scenario]" },
  { "no-scenario", TASK, "2: found the end of the file, expected [Scenario]" },
  { "no-scenario-unterminated", "[Lock A]", "1: found the end of the file, expected [Scenario]" },
  { "no-task", HEAD "\n", "3: found the end of the file, expected [Task NAME]" },
  { "no-name", "[Scenario]\n" TASK, "1: found “[Scenario]”, expected a key “Name” in it" },
  { "name-in-another-language-only", "[Scenario]\nName[xx]=x\n" TASK,
    "1: found “[Scenario]”, expected a key “Name” in it" },
  { "not-a-line", HEAD "steps\n",
    "3: found “steps”, expected [GROUP], KEY=VALUE or a comment that begins with “#”" },
  { "no-key", HEAD "=3\n",
    "3: found “=3”, expected [GROUP], KEY=VALUE or a comment that begins with “#”" },
  { "key-before-group", "# x\nName=x\n", "2: found “Name=x”, expected [Scenario] before it" },
  { "open-group", "[Scenario\nName=x\n",
    "1: found “[Scenario”, expected a group such as [Scenario] or [Task work]" },
  { "only-bracket", "[", "1: found “[”, expected a group such as [Scenario] or [Task work]" },
  { "empty-group", "[]", "1: found “[]”, expected a group: one of " GROUPS },
  { "two-brackets", HEAD "[Lock A][Lock B]\n",
    "3: found “[Lock A][Lock B]”, expected a group such as [Scenario] or [Task work]" },
  { "after-group", HEAD "[Lock A] x\n",
    "3: found “[Lock A] x”, expected a group such as [Scenario] or [Task work]" },
  { "unknown-group", HEAD "\n[Lok A]\n",
    "4: found “[Lok A]”, expected a group: one of " GROUPS "; did you mean “Lock”?" },
  { "named-scenario", "[Scenario x]\n", "1: found “[Scenario x]”, expected [Scenario]" },
  { "unnamed-task", HEAD "[Task]\n", "3: found “[Task]”, expected [Task NAME] " NAMES },
  { "bad-name", HEAD "[Lock a b]\n", "3: found “[Lock a b]”, expected [Lock NAME] " NAMES },
  { "digit-name", HEAD "[Lock 1]\n", "3: found “[Lock 1]”, expected [Lock NAME] " NAMES },
  { "long-name", HEAD "[Lock " A_24 "a]\n",
    "3: found “[Lock " A_24 "a]”, expected [Lock NAME] " NAMES },
  { "group-twice", HEAD "[Lock A]\n\n[Lock  A ]\n",
    "5: found “[Lock  A ]”, expected each group once; the first is in line 3" },
  { "scenario-twice", HEAD "[Scenario]\n",
    "3: found “[Scenario]”, expected each group once; the first is in line 1" },
  { "name-taken", HEAD "[Lock A]\n[Queue A]\n",
    "4: found “[Queue A]”, expected another name than that of [Lock A] in line 3" },
  { "unknown-key", HEAD "Worker=2\n" TASK,
    "3: found “Worker”, expected a key of [Scenario], one of " SCENARIO_KEYS
    "; did you mean “Workers”?" },
  { "key-case", HEAD TASK "steps=cpu 1ms\n",
    "5: found “steps”, expected a key of [Task work], one of " TASK_KEYS
    "; did you mean “Steps”?" },
  { "key-with-letters-swapped", HEAD "[Task t]\nCuont=1\nSteps=cpu 1ms\n",
    "4: found “Cuont”, expected a key of [Task t], one of " TASK_KEYS "; did you mean “Count”?" },
  { "unlike-any-key", HEAD "Zebra=2\n" TASK,
    "3: found “Zebra”, expected a key of [Scenario], one of " SCENARIO_KEYS },
  { "key-in-file", HEAD "[File A]\nKind=spin\n", "4: found “Kind”, expected no key in [File A]" },
  { "key-twice", HEAD "Row=C1\n# \nRow=C2\n" TASK,
    "5: found “Row”, expected each key once in its group; the first is in line 3" },
  { "translation-twice", HEAD "Name[de]=a\nName[de]=b\n" TASK,
    "4: found “Name[de]”, expected each key once in its group; the first is in line 3" },
  { "language-of-number", HEAD "Seed[de]=1\n" TASK,
    "3: found “Seed[de]”, expected a language in brackets, as in Name[de], only after Name, "
    "Description, LookAt and Title" },
  { "no-language", HEAD "Name[]=1\n" TASK,
    "3: found “Name[]”, expected a language in brackets, as in Name[de], only after Name, "
    "Description, LookAt and Title" },
  { "open-language", HEAD "Name[de=1\n" TASK,
    "3: found “Name[de”, expected a language in brackets, as in Name[de], only after Name, "
    "Description, LookAt and Title" },
  { "bad-language", HEAD "Name[d e]=1\n" TASK,
    "3: found “Name[d e]”, expected a language in brackets, as in Name[de], only after Name, "
    "Description, LookAt and Title" },
  { "empty-value", HEAD "Model=\n" TASK, "3: found “Model”, expected a value after “=”" },
  { "blank-value", HEAD "Model=\\s\n" TASK, "3: found “Model”, expected a value after “=”" },
  { "bad-escape", HEAD "Description=a\\qb\n" TASK,
    "3: found “a\\qb”, expected “\\” only in \\s, \\t, \\n, \\r and \\\\" },
  { "escape-at-end", HEAD "Description=a\\\n" TASK,
    "3: found “a\\”, expected “\\” only in \\s, \\t, \\n, \\r and \\\\" },
  { "two-lines", HEAD "Description[xx]=a\\nb\n" TASK,
    "3: found “a\\x0ab”, expected one line of text" },
  { "long-title", HEAD "[Task t]\nWorkers=1\nTitle=" A_24 "a\n",
    "5: found “" A_24 "a”, expected at most 24 bytes" },
  { "long-found", HEAD "x " A_24 A_24 A_24 "\n",
    "3: found “x " A_24 A_24 "aaaaaaaaaa…”, expected [GROUP], KEY=VALUE or a comment that "
    "begins with “#”" },
  { "windows-line-ends", "[Scenario]\r\nName=x\r\nRows=1\r\n",
    "3: found “Rows”, expected a key of [Scenario], one of " SCENARIO_KEYS
    "; did you mean “Row”?" },
  { "byte-order-mark", "\xef\xbb\xbf[Scenario]\nName=x\n",
    "2: found the end of the file, expected [Task NAME]" },
  { "not-utf-8", HEAD "Row=\xff\n", "3: found “\\xff”, expected text in UTF-8" },
  { "cut-utf-8", HEAD "Row=\xe2\x82", "3: found “\\xe2”, expected text in UTF-8" },
  { "control", HEAD "Row=\033[1m\n", "3: found “\\x1b”, expected text without control characters" },
  { "lone-return", "[Scenario]\rName=x\n",
    "1: found “\\x0d”, expected text without control characters" },
  { "return-at-end", "[Scenario]\r", "1: found “\\x0d”, expected text without control characters" },
};

static const Row scenario_rows[] = {
  { "long-row", HEAD "Row=" A_24 "a\n" TASK,
    "3: found “" A_24 "a”, expected a short word such as C17" },
  { "tab-row", HEAD "Row=C\\t1\n" TASK, "3: found “C\\t1”, expected a short word such as C17" },
  { "unknown-model", HEAD "Model=thread\n" TASK,
    "3: found “thread”, expected one of " MODELS "; did you mean “threads”?" },
  { "unknown-model-among-models", HEAD "Models=serial;mpi\n" TASK,
    "3: found “mpi”, expected a model, one of " MODELS },
  { "model-twice", HEAD "Models=serial;serial\n" TASK,
    "3: found “serial”, expected each model once" },
  { "no-models", HEAD "Models=;\n" TASK, "3: found “;”, expected a model" },
  { "model-not-among-models", HEAD "Models=serial;threads\nModel=processes\n" TASK,
    "4: found “processes”, expected one of serial or threads" },
  { "no-workers", HEAD "Workers=0\n" TASK,
    "3: found “0”, expected a whole number from 1 to 16384" },
  { "many-workers", HEAD "Workers=100000\n" TASK,
    "3: found “100000”, expected a whole number from 1 to 16384" },
  { "negative-workers", HEAD "Workers=-1\n" TASK, "3: found “-1”, expected a whole number" },
  { "half-worker", HEAD "Workers=2.5\n" TASK, "3: found “2.5”, expected a whole number" },
  { "hex-workers", HEAD "Workers=0x2\n" TASK, "3: found “0x2”, expected a whole number" },
  { "random-workers", HEAD "Workers=~2\n" TASK, "3: found “~2”, expected " RANDOM },
  { "workers-with-unit", HEAD "Workers=2ms\n" TASK, "3: found “2ms”, expected a whole number" },
  { "workers-without-pool", HEAD "Workers=2\n" TASK "Workers=3\n",
    "3: found “Workers=2”, expected no Workers here, since each task has its own" },
  { "total-workers", HEAD "Workers=4000\n" TASK "[Task b]\nWorkers=97\nSteps=cpu 1ms\n",
    "7: found “4097 workers in all”, expected at most 4096 under threads" },
  { "no-capacity", HEAD "Capacity=0\n" TASK,
    "3: found “0”, expected a whole number from 1 to 65536" },
  { "capacity-without-queue", HEAD "Capacity=4\n" TASK "Arrival=loop\n",
    "3: found “Capacity=4”, expected no Capacity here, since each task comes by Arrival=loop, "
    "without a queue" },
  { "duration-without-unit", HEAD "Duration=10\n" TASK, "3: found “10”, expected " DURATION },
  { "negative-duration", HEAD "Duration=-1s\n" TASK, "3: found “-1s”, expected " DURATION },
  { "duration-nan", HEAD "Duration=nans\n" TASK, "3: found “nans”, expected " DURATION },
  { "duration-too-long", HEAD "Duration=999999999min\n" TASK,
    "3: found “999999999min”, expected a duration from 0ns to 1000000s" },
  { "duration-by-knob", HEAD "Duration=${k}\n" KNOB TASK, "3: found “${k}”, expected " DURATION },
  { "negative-seed", HEAD "Seed=-1\n" TASK,
    "3: found “-1”, expected a whole number from 0 to 9223372036854775807" },
  { "large-seed", HEAD "Seed=9223372036854775808\n" TASK,
    "3: found “9223372036854775808”, expected a whole number from 0 to 9223372036854775807" },
  { "on-death", HEAD "OnDeath=Retry\n" TASK,
    "3: found “Retry”, expected one of lost or retry; did you mean “retry”?" },
  { "at-end", HEAD "AtEnd=join\n" TASK, "3: found “join”, expected one of close or terminate" },
  { "processes-above-workers", HEAD "Model=hybrid\nWorkers=3\nProcesses=4\n" TASK,
    "5: found “4 processes”, expected at most 3, one for each worker" },
  { "no-processes", HEAD "Processes=0\n" TASK,
    "3: found “0”, expected a whole number from 1 to 1024" },
  { "many-processes", HEAD "Processes=1025\n" TASK,
    "3: found “1025”, expected a whole number from 1 to 1024" },
  { "processes-without-hybrid", HEAD "Models=threads\nProcesses=2\n" TASK,
    "4: found “Processes=2”, expected hybrid among Models beside it" },
  { "many-carriers", HEAD "Carriers=65\n" TASK,
    "3: found “65”, expected a whole number from 1 to 64" },
  { "carriers-without-coroutines", HEAD "Models=gil\nCarriers=2\n" TASK,
    "4: found “Carriers=2”, expected coroutines among Models beside it" },
  { "switch-interval-without-gil", HEAD "Models=threads\nSwitchInterval=5ms\n" TASK,
    "4: found “SwitchInterval=5ms”, expected gil among Models beside it" },
  { "switch-interval-zero", HEAD "SwitchInterval=0ms\n" TASK,
    "3: found “0ms”, expected a duration from 1us to 10s" },
  { "switch-interval-random", HEAD "SwitchInterval=~5ms\n" TASK,
    "3: found “~5ms”, expected " RANDOM },
  { "scheduling", HEAD "Scheduling=steal\n" TASK,
    "3: found “steal”, expected one of fifo, stealing or priority" },
  { "scheduling-without-queue", HEAD "Scheduling=fifo\n" TASK "Arrival=loop\n",
    "3: found “Scheduling=fifo”, expected no Scheduling here, since each task comes by "
    "Arrival=loop, without a queue" },
  { "max-tasks-negative", HEAD "MaxTasksPerWorker=-1\n" TASK,
    "3: found “-1”, expected a whole number" },
  { "max-tasks-by-knob", HEAD "MaxTasksPerWorker=${n}\n" COUNT_KNOB TASK,
    "3: found “${n}”, expected a whole number" },
  { "daemon", HEAD "Daemon=true\n" TASK, "3: found “true”, expected one of no or yes" },
  { "nice-negative", HEAD "Nice=-5\n" TASK, "3: found “-5”, expected a whole number" },
  { "nice-large", HEAD "Nice=20\n" TASK, "3: found “20”, expected a whole number from 0 to 19" },
  { "cores-word", HEAD "Cores=all\n" TASK, "3: found “all”, expected " CORES },
  { "cores-comma", HEAD "Cores=0,\n" TASK, "3: found “0,”, expected " CORES },
  { "cores-range", HEAD "Cores=1-\n" TASK, "3: found “1-”, expected " CORES },
  { "cores-backwards", HEAD "Cores=3-2\n" TASK, "3: found “3-2”, expected " CORES },
  { "cores-large", HEAD "Cores=0-1024\n" TASK, "3: found “0-1024”, expected " CORES },
  { "cores-overflow", HEAD "Cores=99999999999999999999\n" TASK,
    "3: found “99999999999999999999”, expected " CORES },
  { "cores-space", HEAD "Cores=0 1\n" TASK, "3: found “0 1”, expected " CORES },
};

static const Row knob_rows[] = {
  { "no-value", HEAD "[Knob k]\nMin=1\nMax=2\n" TASK,
    "3: found “[Knob k]”, expected a key “Value” in it" },
  { "no-min", HEAD "[Knob k]\nValue=1\nMax=2\n" TASK,
    "3: found “[Knob k]”, expected a key “Min” in it" },
  { "no-max", HEAD "[Knob k]\nValue=1\nMin=1\n" TASK,
    "3: found “[Knob k]”, expected a key “Max” in it" },
  { "value", HEAD "[Knob k]\nValue=fast\n" TASK,
    "4: found “fast”, expected a number with its unit, such as 12, 1.5ms, 900/s or 64B" },
  { "half-count", HEAD "[Knob k]\nValue=1.5\n" TASK,
    "4: found “1.5”, expected a number with its unit, such as 12, 1.5ms, 900/s or 64B" },
  { "max", HEAD "[Knob k]\nValue=1\nMin=1\nMax=many\n" TASK,
    "6: found “many”, expected a number with its unit, such as 12, 1.5ms, 900/s or 64B" },
  { "min-unit", HEAD "[Knob k]\nValue=1ms\nMin=1\nMax=1s\n" TASK,
    "5: found “1”, expected a duration, as Value is" },
  { "max-unit", HEAD "[Knob k]\nValue=1/s\nMin=1/s\nMax=1s\n" TASK,
    "6: found “1s”, expected a rate, as Value is" },
  { "size-unit", HEAD "[Knob k]\nValue=1B\nMin=1\nMax=1KiB\n" TASK,
    "5: found “1”, expected a size, as Value is" },
  { "count-unit", HEAD "[Knob k]\nValue=1\nMin=0B\nMax=1\n" TASK,
    "5: found “0B”, expected a whole number, as Value is" },
  { "min-above-max", HEAD "[Knob k]\nMin=2ms\nMax=1ms\nValue=1ms\n" TASK,
    "5: found “1ms”, expected more than Min, which is 2ms" },
  { "min-is-max", HEAD "[Knob k]\nMin=2\nMax=2\nValue=2\n" TASK,
    "5: found “2”, expected more than Min, which is 2" },
  { "value-below", HEAD "[Knob k]\nMin=1.5KiB\nMax=3kB\nValue=1B\n" TASK,
    "6: found “1B”, expected a size from 1536B to 3000B" },
  { "value-above", HEAD "[Knob k]\nMin=1/s\nMax=2/ms\nValue=3/ms\n" TASK,
    "6: found “3/ms”, expected a rate from 1/s to 2000/s" },
  { "unused", HEAD KNOB TASK, "3: found “[Knob k]”, expected “${k}” in some value" },
  { "none", HEAD TASK "Count=${n}\n", "5: found “${n}”, expected [Knob n] in this file" },
  { "unknown", HEAD KNOB "[Task t]\nSteps=cpu ${key}\n",
    "8: found “${key}”, expected the name of a [Knob NAME], k" },
  { "unknown-but-near",
    HEAD "[Knob length]\nValue=1ms\nMin=0s\nMax=1s\n[Task t]\nSteps=cpu "
         "~${lenght}\n",
    "8: found “${lenght}”, expected the name of a [Knob NAME], length; did you mean “length”?" },
  { "empty", HEAD TASK "Count=${}\n", "5: found “${}”, expected [Knob NAME] in this file" },
  { "unclosed", HEAD COUNT_KNOB TASK "Count=${n\n", "9: found “${n”, expected a whole number" },
  { "duration-for-count", HEAD KNOB TASK "Count=${k}\n",
    "9: found “${k}”, expected a knob whose Value is a whole number" },
  { "count-for-duration", HEAD COUNT_KNOB "[Task t]\nSteps=cpu ~${n}\n",
    "8: found “${n}”, expected a knob whose Value is a duration" },
  { "count-for-size", HEAD COUNT_KNOB "[Queue Q]\nCapacity=${n}\n[Task t]\nSteps=put Q ${n}\n",
    "10: found “${n}”, expected a knob whose Value is a size" },
  { "count-for-rate", HEAD COUNT_KNOB TASK "Arrival=rate ${n}\n",
    "9: found “${n}”, expected a knob whose Value is a rate" },
  { "range-of-use", HEAD "Workers=${k}\n[Knob k]\nValue=1\nMin=0\nMax=4\n" TASK,
    "3: found “${k}”, expected a knob whose Min and Max are a whole number from 1 to 16384" },
};

static const Row object_rows[] = {
  { "queue-without-capacity", HEAD "[Queue Q]\n" TASK,
    "3: found “[Queue Q]”, expected a key “Capacity” in it" },
  { "zero-capacity", HEAD "[Queue Q]\nCapacity=0\n" TASK,
    "4: found “0”, expected a whole number from 1 to 65536" },
  { "semaphore-without-units", HEAD "[Semaphore S]\n" TASK,
    "3: found “[Semaphore S]”, expected a key “Units” in it" },
  { "many-units", HEAD "[Semaphore S]\nUnits=1000001\n" TASK,
    "4: found “1000001”, expected a whole number from 0 to 1000000" },
  { "large-queue",
    HEAD "[Queue P]\nCapacity=1\n[Queue Q]\nCapacity=2000\n[Task t]\nSteps=put P; put Q 64KiB\n",
    "5: found “[Queue Q]”, expected a Capacity with which it holds at most 64MiB" },
  { "large-queue-by-knob",
    HEAD "[Knob s]\nValue=1B\nMin=1B\nMax=64KiB\n[Queue Q]\nCapacity=2000\n[Task t]\nSteps=put Q "
         "${s}\n",
    "7: found “[Queue Q]”, expected a Capacity with which it holds at most 64MiB" },
  { "large-channel",
    HEAD "[Channel P]\nCapacity=65\nKind=pipe\n[Task t]\nSteps=try-send P 1MiB; receive P\n",
    "3: found “[Channel P]”, expected a Capacity with which it holds at most 64MiB" },
  { "lock-kind", HEAD "[Lock A]\nKind=spinning\n" TASK,
    "4: found “spinning”, expected one of plain, recursive, spin or ticket" },
  { "rwlock-prefer", HEAD "[RWLock A]\nPrefer=writer\n" TASK,
    "4: found “writer”, expected one of readers or writers; did you mean “writers”?" },
  { "event-set", HEAD "[Event A]\nSet=1\n" TASK, "4: found “1”, expected one of no or yes" },
  { "queue-order", HEAD "[Queue A]\nCapacity=1\nOrder=lifo\n" TASK,
    "5: found “lifo”, expected one of fifo or priority; did you mean “fifo”?" },
  { "channel-kind", HEAD "[Channel A]\nKind=tube\n" TASK,
    "4: found “tube”, expected one of queue, memory, pipe or socket" },
  { "counter-place", HEAD "[Counter A]\nPlace=stack\n" TASK,
    "4: found “stack”, expected one of shared or heap" },
  { "counter-negative", HEAD "[Counter A]\nValue=-1\n" TASK,
    "4: found “-1”, expected a whole number" },
  { "counter-large", HEAD "[Counter A]\nValue=1000000001\n" TASK,
    "4: found “1000000001”, expected a whole number from 0 to 1000000000" },
  { "barrier-without-parties", HEAD "[Barrier B]\n" TASK,
    "3: found “[Barrier B]”, expected a key “Parties” in it" },
  { "barrier-of-none", HEAD "[Barrier B]\nParties=0\n" TASK,
    "4: found “0”, expected a whole number from 1 to 16384" },
  { "condition-without-lock", HEAD "[Condition C]\n" TASK,
    "3: found “[Condition C]”, expected a key “Lock” in it" },
  { "condition-without-any-lock", HEAD "[Condition C]\nLock=A\n" TASK,
    "4: found “A”, expected [Lock A] in this file" },
  { "condition-of-another-lock", HEAD "[Lock A]\n[Condition C]\nLock=B\n" TASK,
    "5: found “B”, expected the name of a group [Lock NAME], A; did you mean “A”?" },
  { "condition-of-a-condition", HEAD "[Condition C]\nLock=C\n" TASK,
    "4: found “C”, expected the name of a group [Lock NAME], which [Condition C] is not" },
  { "condition-of-a-rwlock", HEAD "[RWLock R]\n[Condition C]\nLock=R\n" TASK,
    "5: found “R”, expected the name of a group [Lock NAME], which [RWLock R] is not" },
};

static const Row task_rows[] = {
  { "no-steps", HEAD "[Task t]\nCount=1\n", "3: found “[Task t]”, expected a key “Steps” in it" },
  { "negative-count", HEAD TASK "Count=-5\n", "5: found “-5”, expected a whole number" },
  { "large-count", HEAD TASK "Count=1000000001\n",
    "5: found “1000000001”, expected a whole number from 0 to 1000000000" },
  { "thousands", HEAD TASK "Count=1,000\n", "5: found “1,000”, expected a whole number" },
  { "no-own-workers", HEAD TASK "Workers=0\n",
    "5: found “0”, expected a whole number from 1 to 16384" },
  { "title-without-workers", HEAD TASK "Title=Maker\n",
    "5: found “Title=Maker”, expected " OWN_WORKERS },
  { "arrival", HEAD TASK "Arrival=often\n", "5: found “often”, expected one of " ARRIVALS },
  { "arrival-near", HEAD TASK "Arrival=poison 3/s\n",
    "5: found “poison 3/s”, expected one of " ARRIVALS "; did you mean "
    "“poisson”?" },
  { "arrival-without-rate", HEAD TASK "Arrival=rate\n", "5: found “rate”, expected “rate RATE”" },
  { "arrival-with-rate", HEAD TASK "Arrival=loop 3/s\n", "5: found “loop 3/s”, expected “loop”" },
  { "rate-unit", HEAD TASK "Arrival=rate 900\n",
    "5: found “900”, expected a rate such as “900/s”, in /s, /ms or /min" },
  { "rate-with-space", HEAD TASK "Arrival=rate 900 /s\n",
    "5: found “rate 900 /s”, expected “rate RATE”" },
  { "rate-zero", HEAD TASK "Arrival=poisson 0/s\n",
    "5: found “0/s”, expected a rate from 0.001/s to 10000000/s" },
  { "rate-random", HEAD TASK "Arrival=rate ~5/s\n", "5: found “~5/s”, expected " RANDOM },
  { "submit", HEAD TASK "Submit=async\n",
    "5: found “async”, expected one of apply, apply-async or map" },
  { "submit-loop", HEAD TASK "Arrival=loop\nSubmit=apply-async\n",
    "6: found “Submit=apply-async”, expected no Submit beside Arrival=loop" },
  { "submit-map-rate", HEAD TASK "Arrival=rate 5/s\nSubmit=map\nBatch=4\n",
    "6: found “Submit=map”, expected apply-async, since Arrival says when each task comes" },
  { "submit-apply-poisson", HEAD TASK "Submit=apply\nArrival=poisson 5/s\n",
    "5: found “Submit=apply”, expected apply-async, since Arrival says when each task comes" },
  { "map-without-batch", HEAD TASK "Submit=map\n",
    "3: found “[Task work]”, expected a key “Batch” in it" },
  { "batch-without-map", HEAD TASK "Batch=3\n",
    "5: found “Batch=3”, expected Submit=map beside it" },
  { "chunk-without-map", HEAD TASK "Submit=apply\nChunk=3\n",
    "6: found “Chunk=3”, expected Submit=map beside it" },
  { "zero-chunk", HEAD TASK "Submit=map\nBatch=8\nChunk=0\n",
    "7: found “0”, expected a whole number from 1 to 1000000" },
  { "two-loops", HEAD TASK "[Task b]\nArrival=loop\nSteps=cpu 1ms\n",
    "5: found “[Task b]”, expected a key “Workers” in it, since it loops and is not the only task "
    "without" },
  { "cores-without-workers", HEAD TASK "Cores=0\n", "5: found “Cores=0”, expected " OWN_WORKERS },
  { "nice-without-workers", HEAD TASK "Nice=3\n", "5: found “Nice=3”, expected " OWN_WORKERS },
  { "cores", HEAD TASK "Workers=1\nCores=-1\n", "6: found “-1”, expected " CORES },
  { "priority", HEAD TASK "Priority=100\n",
    "5: found “100”, expected a whole number from 0 to 99" },
  { "argument", HEAD TASK "Argument=2MiB\n", "5: found “2MiB”, expected a size from 0B to 1MiB" },
  { "result", HEAD TASK "Result=64\n",
    "5: found “64”, expected a size such as “64B”, in B, kB, KiB or MiB" },
  { "bursts-alone", HEAD TASK "Arrival=bursts\n",
    "5: found “bursts”, expected “bursts NUMBER every DURATION”" },
  { "bursts-without-every", HEAD TASK "Arrival=bursts 5 10ms\n",
    "5: found “bursts 5 10ms”, expected “bursts NUMBER every DURATION”" },
  { "bursts-with-other-word", HEAD TASK "Arrival=bursts 5 each 10ms\n",
    "5: found “bursts 5 each 10ms”, expected “bursts NUMBER every DURATION”" },
  { "bursts-of-none", HEAD TASK "Arrival=bursts 0 every 10ms\n",
    "5: found “0”, expected a whole number from 1 to 65536" },
  { "bursts-without-gap", HEAD TASK "Arrival=bursts 5 every 0ms\n",
    "5: found “0ms”, expected a duration from 1us to 1000000s" },
  { "cpu-for-less-than-a-clock-can-tell", HEAD "[Task t]\nCount=1\nSteps=cpu 0.0000000001ms\n",
    "5: found “0.0000000001ms”, expected a duration of at least 1ns, or of 0s" },
  { "knob-for-less-than-a-clock-can-tell", HEAD TASK "[Knob k]\nValue=0.1ns\nMin=1ns\nMax=1ms\n",
    "6: found “0.1ns”, expected a duration of at least 1ns, or of 0s" },
  { "bursts-random", HEAD TASK "Arrival=bursts 5 every ~1ms\n",
    "5: found “~1ms”, expected " RANDOM },
  { "bursts-unit", HEAD TASK "Arrival=bursts 5ms every 1ms\n",
    "5: found “5ms”, expected a whole number" },
  { "closed-without-think-time", HEAD TASK "Arrival=closed 3\n",
    "5: found “closed 3”, expected “closed NUMBER DURATION”" },
  { "closed-without-clients", HEAD TASK "Arrival=closed 0 1ms\n",
    "5: found “0”, expected a whole number from 1 to 4096" },
  { "closed-too-much", HEAD TASK "Arrival=closed 3 1ms 1ms\n",
    "5: found “closed 3 1ms 1ms”, expected “closed NUMBER DURATION”" },
  { "closed-apply", HEAD TASK "Arrival=closed 3 1ms\nSubmit=apply\n",
    "6: found “Submit=apply”, expected apply-async, since Arrival says when each task comes" },
};

static const Row step_rows[] = {
  { "none", HEAD "[Task t]\nSteps=;\n",
    "4: found “;”, expected a step, such as “cpu 1ms”, before semicolon 1" },
  { "unknown", HEAD "[Task t]\nSteps=cpu 1ms; jump\n",
    "4: found “jump”, expected a step; all of them are in interleave-scenario(5)" },
  { "near", HEAD "[Task t]\nSteps=slepp 1ms\n",
    "4: found “slepp 1ms”, expected a step; did you mean “sleep”?" },
  { "gap", HEAD "[Task t]\nSteps=cpu 1us;; cpu 1us;\n",
    "4: found “cpu 1us;; cpu 1us;”, expected a step, such as “cpu 1ms”, before semicolon 2" },
  { "two-at-the-end", HEAD "[Task t]\nSteps=cpu 1us;;\n",
    "4: found “cpu 1us;;”, expected a step, such as “cpu 1ms”, before semicolon 2" },
  { "no-operand", HEAD "[Task t]\nSteps=cpu\n",
    "4: found “cpu”, expected “cpu DURATION [int|float|hash]”" },
  { "no-lock", HEAD "[Task t]\nSteps=lock\n", "4: found “lock”, expected “lock LOCK”" },
  { "too-much", HEAD "[Lock A]\n[Task t]\nSteps=lock A now\n",
    "5: found “lock A now”, expected “lock LOCK”" },
  { "comma", HEAD "[Task t]\nSteps=cpu 1ms, sleep 1ms\n",
    "4: found “cpu 1ms, sleep 1ms”, expected “cpu DURATION [int|float|hash]”" },
  { "split-number", HEAD "[Task t]\nSteps=cpu 5 us\n",
    "4: found “cpu 5 us”, expected “cpu DURATION [int|float|hash]”" },
  { "too-much-put", HEAD "[Queue Q]\nCapacity=1\n[Task t]\nSteps=put Q 1B 2B\n",
    "6: found “put Q 1B 2B”, expected “put QUEUE [SIZE]”" },
  { "unknown-lock", HEAD "[Task t]\nSteps=lock A; unlock A\n",
    "4: found “lock A”, expected [Lock A] in this file" },
  { "other-lock", HEAD "[Lock A]\n[Lock B]\n[Task t]\nSteps=lock C; unlock C\n",
    "6: found “lock C”, expected the name of a group [Lock NAME], one of A or B; did you mean "
    "“A”?" },
  { "lock-a-queue", HEAD "[Queue Q]\nCapacity=1\n[Task t]\nSteps=lock Q\n",
    "6: found “lock Q”, expected the name of a group [Lock NAME], which [Queue Q] is not" },
  { "get-a-semaphore",
    HEAD "[Semaphore slots]\nUnits=1\n[Queue items]\nCapacity=1\n[Task t]\n"
         "Steps=get slots\n",
    "8: found “get slots”, expected the name of a group [Queue NAME], which [Semaphore slots] is "
    "not" },
  { "duration", HEAD "[Task t]\nSteps=cpu 5\n", "4: found “5”, expected " DURATION },
  { "negative", HEAD "[Task t]\nSteps=sleep -5ms\n", "4: found “-5ms”, expected " DURATION },
  { "nan", HEAD "[Task t]\nSteps=sleep nan\n", "4: found “nan”, expected " DURATION },
  { "infinite", HEAD "[Task t]\nSteps=sleep infs\n", "4: found “infs”, expected " DURATION },
  { "exponent", HEAD "[Task t]\nSteps=sleep 1e3ms\n", "4: found “1e3ms”, expected " DURATION },
  { "only-tilde", HEAD "[Task t]\nSteps=sleep ~\n", "4: found “~”, expected " DURATION },
  { "size-as-duration", HEAD "[Task t]\nSteps=sleep 5B\n", "4: found “5B”, expected " DURATION },
  { "size", HEAD "[Queue Q]\nCapacity=1\n[Task t]\nSteps=put Q 64\n",
    "6: found “64”, expected a size such as “64B”, in B, kB, KiB or MiB" },
  { "large-size", HEAD "[Queue Q]\nCapacity=1\n[Task t]\nSteps=put Q 65KiB\n",
    "6: found “65KiB”, expected a size from 0B to 64KiB" },
  { "random-size", HEAD "[Queue Q]\nCapacity=1\n[Task t]\nSteps=put Q ~64B\n",
    "6: found “~64B”, expected " RANDOM },
  { "percent", HEAD "[Task t]\nSteps=fail 101%\n",
    "4: found “fail 101%”, expected a share from 0% to 100%" },
  { "percent-without-sign", HEAD "[Task t]\nSteps=crash 5\n",
    "4: found “crash 5”, expected a share from 0% to 100%" },
  { "unlock-first", HEAD "[Lock A]\n[Task t]\nSteps=unlock A; lock A\n",
    "5: found “unlock A”, expected “lock A” before it in the same steps" },
  { "unlock-twice", HEAD "[Lock A]\n[Task t]\nSteps=lock A; unlock A; unlock  A\n",
    "5: found “unlock A”, expected “lock A” before it in the same steps" },
  { "lock-to-the-end", HEAD "[Lock A]\n[Lock B]\n[Task t]\nSteps=lock A; lock B; unlock A\n",
    "6: found “lock B”, expected “unlock B” after it in the same steps" },
  { "locked-by-another-task",
    HEAD "[Lock A]\n[Task t]\nSteps=lock A; unlock A\n[Task u]\nSteps=unlock A\n",
    "7: found “unlock A”, expected “lock A” before it in the same steps" },
  { "read-unlock-first", HEAD "[RWLock R]\n[Task t]\nSteps=read-unlock R\n",
    "5: found “read-unlock R”, expected “read-lock R” before it in the same steps" },
  { "unlocked-the-other-way", HEAD "[RWLock R]\n[Task t]\nSteps=read-lock R; write-unlock R\n",
    "5: found “write-unlock R”, expected “write-lock R” before it in the same steps" },
  { "write-lock-to-the-end", HEAD "[RWLock R]\n[Task t]\nSteps=write-lock R\n",
    "5: found “write-lock R”, expected “write-unlock R” after it in the same steps" },
  { "lock-a-rwlock", HEAD "[RWLock R]\n[Task t]\nSteps=lock R; unlock R\n",
    "5: found “lock R”, expected the name of a group [Lock NAME], which [RWLock R] is not" },
  { "recursive-to-the-end",
    HEAD "[Lock A]\nKind=recursive\n[Task t]\nSteps=lock A; lock A; unlock A\n",
    "6: found “lock A”, expected “unlock A” after it in the same steps" },
  { "wait-alone", HEAD "[Task t]\nSteps=wait\n",
    "4: found “wait”, expected “wait EVENT|CONDITION [COUNTER]”" },
  { "wait-for-a-lock", HEAD "[Lock A]\n[Task t]\nSteps=wait A\n",
    "5: found “wait A”, expected the name of a group [Event NAME] or [Condition NAME], which "
    "[Lock A] is not" },
  { "wait-for-nothing", HEAD "[Task t]\nSteps=wait A\n",
    "4: found “wait A”, expected [Event A] in this file" },
  { "wait-event-with-counter", HEAD "[Event E]\n[Counter X]\n[Task t]\nSteps=wait E X\n",
    "6: found “wait E X”, expected “wait EVENT|CONDITION [COUNTER]”" },
  { "wait-for-a-queue", HEAD CONDITION "[Queue Q]\nCapacity=1\n[Task t]\nSteps=lock A; wait C Q\n",
    "9: found “wait C Q”, expected the name of a group [Counter NAME], which [Queue Q] is not" },
  { "wait-without-lock", HEAD CONDITION "[Task t]\nSteps=wait C\n",
    "7: found “wait C”, expected “lock A” before it in the same steps" },
  { "wait-after-unlock", HEAD CONDITION "[Task t]\nSteps=lock A; unlock A; wait C\n",
    "7: found “wait C”, expected “lock A” before it in the same steps" },
  { "wait-with-lock-held-twice",
    HEAD CONDITION "[Task t]\nSteps=lock A; lock A; wait C; unlock A; unlock A\n",
    "7: found “wait C”, expected its lock to be held once, or nobody else can get it" },
  { "wait-for-counter-on-heap",
    HEAD CONDITION "[Counter X]\nPlace=heap\n[Task t]\nSteps=lock A; wait C X; unlock A\n",
    "9: found “wait C”, expected a counter with Place=shared, which others can change" },
  { "notify-an-event", HEAD "[Event E]\n[Task t]\nSteps=notify E\n",
    "5: found “notify E”, expected the name of a group [Condition NAME], which [Event E] is not" },
  { "write-without-read", HEAD "[Counter X]\n[Task t]\nSteps=write X\n",
    "5: found “write X”, expected “read X” before it in the same steps" },
  { "write-after-other-read",
    HEAD "[Counter X]\n[Counter Y]\n[Task t]\nSteps=read X; read Y; write X\n",
    "6: found “write X”, expected “read X” before it in the same steps" },
  { "add-negative", HEAD "[Counter X]\n[Task t]\nSteps=add X -1\n",
    "5: found “-1”, expected a whole number" },
  { "subtract-large", HEAD "[Counter X]\n[Task t]\nSteps=subtract X 1000000001\n",
    "5: found “1000000001”, expected a whole number from 0 to 1000000000" },
  { "get-or-leave-without-loop", HEAD "[Queue Q]\nCapacity=1\n[Task t]\nSteps=get-or-leave Q\n",
    "6: found “get-or-leave Q”, expected Arrival=loop in its group, for a worker to leave" },
  { "large-message", HEAD "[Channel P]\n[Task t]\nSteps=send P 2MiB\n",
    "5: found “2MiB”, expected a size from 0B to 1MiB" },
  { "cpu-variant", HEAD "[Task t]\nSteps=cpu 1ms double\n",
    "4: found “cpu 1ms double”, expected “cpu DURATION [int|float|hash]”" },
  { "variant-twice", HEAD "[Task t]\nSteps=cpu 1ms int int\n",
    "4: found “cpu 1ms int int”, expected “cpu DURATION [int|float|hash]”" },
  { "variant-without-number", HEAD "[Task t]\nSteps=memory random\n",
    "4: found “random”, expected a size such as “64B”, in B, kB, KiB or MiB" },
  { "memory-zero", HEAD "[Task t]\nSteps=memory 0B\n",
    "4: found “0B”, expected a size from 1B to 256MiB" },
  { "memory-large", HEAD "[Task t]\nSteps=memory 257MiB\n",
    "4: found “257MiB”, expected a size from 1B to 256MiB" },
  { "increment-alone", HEAD "[Task t]\nSteps=increment\n",
    "4: found “increment”, expected “increment NUMBER [apart|together]”" },
  { "increment-zero", HEAD "[Task t]\nSteps=increment 0\n",
    "4: found “0”, expected a whole number from 1 to 1000000000" },
  { "yield-much", HEAD "[Task t]\nSteps=yield 3\n", "4: found “yield 3”, expected “yield”" },
  { "append-a-queue", HEAD "[Queue Q]\nCapacity=1\n[Task t]\nSteps=append Q\n",
    "6: found “append Q”, expected the name of a group [File NAME], which [Queue Q] is not" },
  { "append-empty-line", HEAD "[File F]\n[Task t]\nSteps=append F 0B\n",
    "5: found “0B”, expected a size from 1B to 64KiB" },
  { "append-variant-first", HEAD "[File F]\n[Task t]\nSteps=append F pieces 9B\n",
    "5: found “append F pieces 9B”, expected “append FILE [SIZE] [whole|pieces]”" },
  { "echo-alone", HEAD "[Task t]\nSteps=echo\n",
    "4: found “echo”, expected “echo SIZE [pipe|socket]”" },
  { "echo-large", HEAD "[Task t]\nSteps=echo 1.5MiB pipe\n",
    "4: found “1.5MiB”, expected a size from 1B to 1MiB" },
};

static const Row spawn_rows[] = {
  { "unknown", HEAD "[Task leaf]\nSteps=cpu 1us\n[Task t]\nSteps=spawn leafs\n",
    "6: found “spawn leafs”, expected the name of a [Task NAME], one of leaf or t; did you mean "
    "“leaf”?" },
  { "nobody", HEAD "[Task t]\nSteps=spawn\n", "4: found “spawn”, expected “spawn TASK [NUMBER]”" },
  { "many", HEAD TASK "[Task t]\nSteps=spawn work 1000001\n",
    "6: found “1000001”, expected a whole number from 0 to 1000000" },
  { "a-loop", HEAD TASK "Arrival=loop\nWorkers=1\n[Task t]\nSteps=spawn work\n",
    "8: found “spawn work”, expected a task without Arrival=loop" },
  { "join-first", HEAD TASK "[Task t]\nSteps=join; spawn work\n",
    "6: found “join”, expected “spawn” before it in the same steps" },
  { "depth-without-spawn", HEAD TASK "Depth=3\n",
    "5: found “Depth=3”, expected a step “spawn” beside it" },
  { "deep", HEAD "[Task t]\nCount=1\nDepth=64\nSteps=spawn t\n",
    "5: found “64”, expected a whole number from 0 to 63" },
  { "itself-without-depth", HEAD "[Task t]\nCount=1\nSteps=spawn t\n",
    "3: found “[Task t]”, expected a key “Depth” in it, since it spawns itself, or others that "
    "spawn it" },
  { "in-a-circle",
    HEAD "[Task root]\nSteps=spawn a\n[Task a]\nSteps=spawn b\n[Task b]\nSteps=spawn a\n",
    "3: found “[Task root]”, expected a key “Depth” in it, since it spawns itself, or others that "
    "spawn it" },
  { "nobody-begins", HEAD "[Task t]\nDepth=2\nSteps=spawn t 2\n",
    "3: found “[Task t]”, expected a key “Count” or “Arrival” in it, since nothing begins what "
    "spawns it" },
  { "too-many", HEAD "[Task t]\nCount=1\nDepth=30\nSteps=spawn t; spawn t\n",
    "3: found “[Task t]”, expected a task from which at most 1000000000 come, none of them deeper "
    "than 63" },
  { "too-deep",
    HEAD TASK "[Task t]\nCount=1\nDepth=63\nSteps=spawn t; spawn u\n[Task u]\nSteps=spawn work\n",
    "5: found “[Task t]”, expected a task from which at most 1000000000 come, none of them deeper "
    "than 63" },
};

static void
check_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = g_strconcat ("file:", row->message, NULL);
  g_autoptr (IlScenario) scenario = il_scenario_parse (row->text, -1, "file", &error);

  g_assert_false (scenario != NULL && il_scenario_check_model (scenario, &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SYNTAX);
}

static void
test_zero_byte (void)
{
  static const char text[] = "[Scenario]\nName=a\0b\n";
  g_autoptr (GError) error = NULL;

  g_assert_null (il_scenario_parse (text, sizeof text - 1, "file", &error));
  g_assert_cmpstr (error->message, ==,
                   "file:2: found “\\x00”, expected text without control characters");
}

/* Everything that can be written often, written once too often. */
static void
check_too_many (const char *format, guint n, const char *message)
{
  g_autoptr (GString) text = g_string_new (HEAD);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i <= n; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);
      g_auto (GStrv) parts = g_strsplit (format, "#", -1);
      g_autofree char *group = g_strjoinv (number, parts);

      g_string_append (text, group);
    }
  g_string_append (text, TASK);
  g_assert_null (il_scenario_parse (text->str, -1, "file", &error));
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_too_many (void)
{
  check_too_many ("[Lock a#]\n", IL_SCENARIO_MAX_OBJECTS,
                  "file:259: found “[Lock a256]”, expected at most 256 locks, queues and other "
                  "things that tasks share");
  check_too_many ("[Knob a#]\n", IL_SCENARIO_MAX_KNOBS,
                  "file:67: found “[Knob a64]”, expected at most 64 groups of this kind");
  check_too_many ("[Task a#]\n", IL_SCENARIO_MAX_TASK_KINDS,
                  "file:67: found “[Task a64]”, expected at most 64 groups of this kind");
}

static void
test_too_many_steps (void)
{
  g_autoptr (GString) text = g_string_new (HEAD "[Task t]\nSteps=");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < IL_SCENARIO_MAX_STEPS; i++)
    g_string_append (text, "cpu 1ms;");
  g_string_append (text, "sleep 1ms");
  g_assert_null (il_scenario_parse (text->str, -1, "file", &error));
  g_assert_cmpstr (error->message, ==, "file:4: found “sleep 1ms”, expected at most 256 steps");
}

/* A name of a file that would break the one line. */
static void
test_path_in_message (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (il_scenario_parse ("", -1, "a\nb", &error));
  g_assert_cmpstr (error->message, ==, "a\\x0ab:1: found the end of the file, expected [Scenario]");
}

static void
add_rows (const char *group, const Row *rows, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autofree char *path = g_strdup_printf ("/scenario-errors/%s/%s", group, rows[i].name);

      g_test_add_data_func (path, &rows[i], check_row);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_rows ("file", file_rows, G_N_ELEMENTS (file_rows));
  add_rows ("scenario", scenario_rows, G_N_ELEMENTS (scenario_rows));
  add_rows ("knob", knob_rows, G_N_ELEMENTS (knob_rows));
  add_rows ("object", object_rows, G_N_ELEMENTS (object_rows));
  add_rows ("task", task_rows, G_N_ELEMENTS (task_rows));
  add_rows ("step", step_rows, G_N_ELEMENTS (step_rows));
  add_rows ("spawn", spawn_rows, G_N_ELEMENTS (spawn_rows));
  g_test_add_func ("/scenario-errors/zero-byte", test_zero_byte);
  g_test_add_func ("/scenario-errors/too-many", test_too_many);
  g_test_add_func ("/scenario-errors/too-many-steps", test_too_many_steps);
  g_test_add_func ("/scenario-errors/path-in-message", test_path_in_message);
  return g_test_run ();
}
