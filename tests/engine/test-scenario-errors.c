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

#define STEP_WORDS "lock, unlock, acquire, post, put, get, cpu, sleep, fail or crash"
#define TASK_KEYS "Title, Workers, Count, Arrival, Submit, Batch, Chunk or Steps"
#define SCENARIO_KEYS                                                                              \
  "Name, Description, LookAt, Row, Model, Models, Workers, Capacity, Duration, Seed, OnDeath or "  \
  "AtEnd"
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
  { "empty-group", "[]",
    "1: found “[]”, expected a group: one of Scenario, Knob, Lock, Semaphore, "
    "Queue or Task" },
  { "two-brackets", HEAD "[Lock A][Lock B]\n",
    "3: found “[Lock A][Lock B]”, expected a group such as [Scenario] or [Task work]" },
  { "after-group", HEAD "[Lock A] x\n",
    "3: found “[Lock A] x”, expected a group such as [Scenario] or [Task work]" },
  { "unknown-group", HEAD "\n[Lok A]\n",
    "4: found “[Lok A]”, expected a group: one of Scenario, Knob, Lock, Semaphore, Queue or Task; "
    "did you mean “Lock”?" },
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
  { "unlike-any-key", HEAD "Zebra=2\n" TASK,
    "3: found “Zebra”, expected a key of [Scenario], one of " SCENARIO_KEYS },
  { "key-in-lock", HEAD "[Lock A]\nKind=spin\n", "4: found “Kind”, expected no key in [Lock A]" },
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
    "3: found “thread”, expected one of serial, threads or processes; did you mean “threads”?" },
  { "later-model", HEAD "Models=serial;coroutines\n" TASK,
    "3: found “coroutines”, expected a model, one of serial, threads or processes" },
  { "model-twice", HEAD "Models=serial;serial\n" TASK,
    "3: found “serial”, expected each model once" },
  { "no-models", HEAD "Models=;\n" TASK, "3: found “;”, expected a model" },
  { "model-not-among-models", HEAD "Models=serial;threads\nModel=processes\n" TASK,
    "4: found “processes”, expected one of serial or threads" },
  { "no-workers", HEAD "Workers=0\n" TASK, "3: found “0”, expected a whole number from 1 to 4096" },
  { "many-workers", HEAD "Workers=100000\n" TASK,
    "3: found “100000”, expected a whole number from 1 to 4096" },
  { "negative-workers", HEAD "Workers=-1\n" TASK, "3: found “-1”, expected a whole number" },
  { "half-worker", HEAD "Workers=2.5\n" TASK, "3: found “2.5”, expected a whole number" },
  { "hex-workers", HEAD "Workers=0x2\n" TASK, "3: found “0x2”, expected a whole number" },
  { "random-workers", HEAD "Workers=~2\n" TASK,
    "3: found “~2”, expected a fixed number; only after cpu and sleep a number may be random" },
  { "workers-with-unit", HEAD "Workers=2ms\n" TASK, "3: found “2ms”, expected a whole number" },
  { "workers-without-pool", HEAD "Workers=2\n" TASK "Workers=3\n",
    "3: found “Workers=2”, expected no Workers here, since each task has its own" },
  { "total-workers", HEAD "Workers=4000\n" TASK "[Task b]\nWorkers=97\nSteps=cpu 1ms\n",
    "7: found “4097 workers in all”, expected at most 4096" },
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
    "3: found “${k}”, expected a knob whose Min and Max are a whole number from 1 to 4096" },
};

static const Row object_rows[] = {
  { "queue-without-capacity", HEAD "[Queue Q]\n" TASK,
    "3: found “[Queue Q]”, expected a key “Capacity” in it" },
  { "zero-capacity", HEAD "[Queue Q]\nCapacity=0\n" TASK,
    "4: found “0”, expected a whole number from 1 to 65536" },
  { "semaphore-without-units", HEAD "[Semaphore S]\n" TASK,
    "3: found “[Semaphore S]”, expected a key “Units” in it" },
  { "zero-units", HEAD "[Semaphore S]\nUnits=0\n" TASK,
    "4: found “0”, expected a whole number from 1 to 1000000" },
  { "large-queue",
    HEAD "[Queue P]\nCapacity=1\n[Queue Q]\nCapacity=2000\n[Task t]\nSteps=put P; put Q 64KiB\n",
    "5: found “[Queue Q]”, expected a queue that holds at most 64MiB when full" },
  { "large-queue-by-knob",
    HEAD "[Knob s]\nValue=1B\nMin=1B\nMax=64KiB\n[Queue Q]\nCapacity=2000\n[Task t]\nSteps=put Q "
         "${s}\n",
    "7: found “[Queue Q]”, expected a queue that holds at most 64MiB when full" },
};

static const Row task_rows[] = {
  { "no-steps", HEAD "[Task t]\nCount=1\n", "3: found “[Task t]”, expected a key “Steps” in it" },
  { "negative-count", HEAD TASK "Count=-5\n", "5: found “-5”, expected a whole number" },
  { "large-count", HEAD TASK "Count=1000000001\n",
    "5: found “1000000001”, expected a whole number from 0 to 1000000000" },
  { "thousands", HEAD TASK "Count=1,000\n", "5: found “1,000”, expected a whole number" },
  { "no-own-workers", HEAD TASK "Workers=0\n",
    "5: found “0”, expected a whole number from 1 to 4096" },
  { "title-without-workers", HEAD TASK "Title=Maker\n",
    "5: found “Title=Maker”, expected Workers beside it, for they bear the title" },
  { "arrival", HEAD TASK "Arrival=burst\n",
    "5: found “burst”, expected one of at-once, rate, poisson or loop" },
  { "arrival-near", HEAD TASK "Arrival=poison 3/s\n",
    "5: found “poison 3/s”, expected one of at-once, rate, poisson or loop; did you mean "
    "“poisson”?" },
  { "arrival-without-rate", HEAD TASK "Arrival=rate\n", "5: found “rate”, expected “rate RATE”" },
  { "arrival-with-rate", HEAD TASK "Arrival=loop 3/s\n", "5: found “loop 3/s”, expected “loop”" },
  { "rate-unit", HEAD TASK "Arrival=rate 900\n",
    "5: found “900”, expected a rate such as “900/s”, in /s, /ms or /min" },
  { "rate-with-space", HEAD TASK "Arrival=rate 900 /s\n",
    "5: found “900 /s”, expected a rate such as “900/s”, in /s, /ms or /min" },
  { "rate-zero", HEAD TASK "Arrival=poisson 0/s\n",
    "5: found “0/s”, expected a rate from 0.001/s to 10000000/s" },
  { "rate-random", HEAD TASK "Arrival=rate ~5/s\n",
    "5: found “~5/s”, expected a fixed number; only after cpu and sleep a number may be random" },
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
};

static const Row step_rows[] = {
  { "none", HEAD "[Task t]\nSteps=;\n", "4: found “;”, expected a step, such as “cpu 1ms”" },
  { "unknown", HEAD "[Task t]\nSteps=cpu 1ms; yield\n",
    "4: found “yield”, expected a step, one of " STEP_WORDS },
  { "near", HEAD "[Task t]\nSteps=slepp 1ms\n",
    "4: found “slepp 1ms”, expected a step, one of " STEP_WORDS "; did you mean “sleep”?" },
  { "no-operand", HEAD "[Task t]\nSteps=cpu\n", "4: found “cpu”, expected “cpu DURATION”" },
  { "no-lock", HEAD "[Task t]\nSteps=lock\n", "4: found “lock”, expected “lock LOCK”" },
  { "too-much", HEAD "[Lock A]\n[Task t]\nSteps=lock A now\n",
    "5: found “lock A now”, expected “lock LOCK”" },
  { "comma", HEAD "[Task t]\nSteps=cpu 1ms, sleep 1ms\n",
    "4: found “cpu 1ms, sleep 1ms”, expected “cpu DURATION”" },
  { "split-number", HEAD "[Task t]\nSteps=cpu 5 us\n",
    "4: found “cpu 5 us”, expected “cpu DURATION”" },
  { "too-much-put", HEAD "[Queue Q]\nCapacity=1\n[Task t]\nSteps=put Q 1B 2B\n",
    "6: found “put Q 1B 2B”, expected “put QUEUE [SIZE]”" },
  { "unknown-lock", HEAD "[Task t]\nSteps=lock A; unlock A\n",
    "4: found “lock A”, expected [Lock A] in this file" },
  { "other-lock", HEAD "[Lock A]\n[Lock B]\n[Task t]\nSteps=lock C; unlock C\n",
    "6: found “lock C”, expected the name of a [Lock NAME], one of A or B; did you mean “A”?" },
  { "lock-a-queue", HEAD "[Queue Q]\nCapacity=1\n[Task t]\nSteps=lock Q\n",
    "6: found “lock Q”, expected a [Lock NAME], which [Queue Q] is not" },
  { "get-a-semaphore",
    HEAD "[Semaphore slots]\nUnits=1\n[Queue items]\nCapacity=1\n[Task t]\n"
         "Steps=get slots\n",
    "8: found “get slots”, expected a [Queue NAME], which [Semaphore slots] is not" },
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
    "6: found “~64B”, expected a fixed number; only after cpu and sleep a number may be random" },
  { "percent", HEAD "[Task t]\nSteps=fail 101%\n",
    "4: found “fail 101%”, expected a share from 0% to 100%" },
  { "percent-without-sign", HEAD "[Task t]\nSteps=crash 5\n",
    "4: found “crash 5”, expected a share from 0% to 100%" },
  { "unlock-first", HEAD "[Lock A]\n[Task t]\nSteps=unlock A; lock A\n",
    "5: found “unlock A”, expected “lock A” before it in the same steps" },
  { "unlock-twice", HEAD "[Lock A]\n[Task t]\nSteps=lock A; unlock A; unlock  A\n",
    "5: found “unlock A”, expected “lock A” before it in the same steps" },
  { "post-first", HEAD "[Semaphore S]\nUnits=1\n[Task t]\nSteps=post S\n",
    "6: found “post S”, expected “acquire S” before it in the same steps" },
  { "lock-to-the-end", HEAD "[Lock A]\n[Lock B]\n[Task t]\nSteps=lock A; lock B; unlock A\n",
    "6: found “lock B”, expected “unlock B” after it in the same steps" },
  { "acquire-to-the-end", HEAD "[Semaphore S]\nUnits=1\n[Task t]\nSteps=acquire S; cpu 1ms\n",
    "6: found “acquire S”, expected “post S” after it in the same steps" },
  { "locked-by-another-task",
    HEAD "[Lock A]\n[Task t]\nSteps=lock A; unlock A\n[Task u]\nSteps=unlock A\n",
    "7: found “unlock A”, expected “lock A” before it in the same steps" },
};

static void
check_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = g_strconcat ("file:", row->message, NULL);
  g_autoptr (IlScenario) scenario = il_scenario_parse (row->text, -1, "file", &error);

  g_assert_null (scenario);
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
                  "file:259: found “[Lock a256]”, expected at most 256 locks, semaphores and "
                  "queues");
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
  g_test_add_func ("/scenario-errors/zero-byte", test_zero_byte);
  g_test_add_func ("/scenario-errors/too-many", test_too_many);
  g_test_add_func ("/scenario-errors/too-many-steps", test_too_many_steps);
  g_test_add_func ("/scenario-errors/path-in-message", test_path_in_message);
  return g_test_run ();
}
