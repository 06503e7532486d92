"""Runs steps of the Python library until it is told to stop, and writes down each that it says is completed. Argument: JSON of `MixedArgs`."""

import json
import logging
import random
import sys
import time
from pathlib import Path

import consist.core.db_runtime as db_runtime
import pandas
from consist import CacheOptions, ExecutionOptions, Tracker

args = json.loads(sys.argv[1])
home = Path(args["dir"])
told = {"retries": 0, "slept": 0.0, "unrecorded": 0, "unopened": 0, "warnings": []}


# Each opening tries once to add what older ledgers lack; where another process has the file, the next one tries again. The runs for the
# explanation of a miss are asked for once, too: without them it executes, and is recorded, without an explanation.
AT_OPENING = ("Failed to add ", "Failed to create consist_schema_links", "Failed to relax ", "Failed to find recent completed runs")


class Counting:
    """The library's clock, with a count of how often and how long it waits for the ledger."""

    def __getattr__(self, name):
        return getattr(time, name)

    @staticmethod
    def sleep(seconds):
        told["retries"] += 1
        told["slept"] += seconds
        time.sleep(seconds)


db_runtime.time = Counting()


class Listening(logging.Handler):
    """What the library warns of."""

    def emit(self, record):
        text = record.getMessage()
        if record.module == "schema_compat" or text.startswith(AT_OPENING):
            told["unopened"] += 1
        else:
            told["unrecorded"] += 1
            told["warnings"].append(text[:300])


logging.getLogger().addHandler(Listening(level=logging.WARNING))


def numbered_py(raw, n):
    return pandas.DataFrame({"n": [n] * 50, "text": [f"{n} {line}" for line in range(50)]})


def open_tracker():
    return Tracker(run_dir=home / "runs", db_path=str(home / "provenance.duckdb"), project_root=str(home))


tracker = open_tracker()
log = open(args["log"], "a", encoding="utf-8")
n = args["first"]
while not Path(args["stop"]).exists():
    began = time.perf_counter()
    result = tracker.run(
        fn=numbered_py, name="numbered", inputs={"raw": home / "source.txt"}, config={"n": n}, facet={"n": n, "by": "python"}, outputs=["table"],
        cache_options=CacheOptions(code_identity="callable_module"),
        execution_options=ExecutionOptions(load_inputs=False, runtime_kwargs={"raw": "source.txt"}),
    )
    took = time.perf_counter() - began
    done = {"id": result.run.id, "hit": result.cache_hit, "n": n, "seconds": took, "source": result.run.meta.get("cache_source")}
    log.write(json.dumps(done) + "\n")
    log.flush()
    n = random.randrange(args["among"])
    time.sleep(args["pause"] * random.random())
log.close()
print(json.dumps(told))
