"""What every Python contestant does: reads requests, one JSON object a line, and answers each.

    {"do": "prepare", "kind": "mlp", "sizes": {...}, "lane": "jax"} -> {"check": [...]} or {"absent": "why"}
    {"do": "measure", "lane": "jax", "warm": 5, "reps": 50}         -> {"seconds": 0.0123}
    {"do": "release"}                                               -> {}

With the arguments `once <kind> <sizes> <lane> <steps>` it takes that many steps instead, tells that
it is done and how much memory it held at most, and ends.
"""

import gc
import json
import os
import sys
import time


class Absent(Exception):
    """A work that this system cannot do, with the reason."""


class Work:
    """`check()` gives numbers to compare, once; `run(reps)` returns when all is computed."""

    def __init__(self, run, check, setting=None):
        self.run, self.check, self.setting = run, check, setting


def threads():
    return int(os.environ["BENCH_THREADS"])


def peak_bytes():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


# Libraries print to stdout what they please: the protocol keeps it to itself.
_answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def _say(message):
    _answers.write(json.dumps(message) + "\n")
    _answers.flush()


def serve(versions, prepare):
    """`prepare(kind, sizes, lane)` makes a Work or raises."""
    if sys.argv[1:2] == ["once"]:
        kind, sizes, lane, steps = sys.argv[2:6]
        prepare(kind, json.loads(sizes), lane).run(int(steps))
        _say({"done": True, "peak": peak_bytes()})
        return
    _say({"versions": versions})
    works = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "prepare":
                work = prepare(request["kind"], request["sizes"], request["lane"])
                check = work.check()
                works[request["lane"]] = work
                _say({"check": check, "setting": work.setting})
            elif request["do"] == "measure":
                work = works[request["lane"]]
                if request["warm"] > 0:
                    work.run(request["warm"])
                start = time.perf_counter()
                work.run(request["reps"])
                _say({"seconds": time.perf_counter() - start})
            else:
                work = None
                works.clear()
                gc.collect()
                _say({})
        except Exception as error:  # whatever it is, the runner reports it in this row
            reason = str(error) if isinstance(error, Absent) else f"{type(error).__name__}: {error}"
            _say({"absent": reason[:400]})
