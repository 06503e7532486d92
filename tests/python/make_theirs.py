"""Makes or goes on with a ledger by the Python library. Argument: JSON of `{dir, steps}`. Prints one line of JSON."""

import json
import logging
import sys
from pathlib import Path

import pandas
from consist import CacheOptions, ExecutionOptions, Tracker, use_tracker
import consist

args = json.loads(sys.argv[1])
home = Path(args["dir"])
logging.disable(logging.CRITICAL)
executed = []


def shared(raw, n):
    executed.append(n)
    return pandas.DataFrame({"n": [n, n + 1], "by": ["python", "python"]})


def hostile(raw):
    return pandas.DataFrame({"x": [1.5, None], "größe": ["a\x1b[31m", "<b>"], "at": pandas.to_datetime(["2030-01-01", "2030-01-02"])})


tracker = Tracker(run_dir=home / "runs", db_path=str(home / "provenance.duckdb"), project_root=str(home))
source = CacheOptions(code_identity="callable_module", cache_mode=args.get("mode", "reuse"))
given = ExecutionOptions(load_inputs=False, runtime_kwargs={"raw": "raw.csv"})
raw = {"raw": home / "raw.csv"}
done = []
with use_tracker(tracker):
    for n in args.get("numbers", []):
        result = consist.run(fn=shared, name="shared", inputs=raw, config={"n": n}, facet={"n": n}, outputs=["table"], cache_options=source, execution_options=given)
        done.append({"id": result.run.id, "hit": result.cache_hit, "table": str(result.outputs["table"].id), "n": n})
    if args.get("hostile"):
        facet = {"nan": float("nan"), "inf": float("-inf"), "big": 2**53 - 1, "deep": {"a.b": {"c": [1, "'; drop table run; --"]}}, "text": "x" * 200}
        result = consist.run(
            fn=hostile, name="host'ile \"<b>\"", inputs=raw, config={"k": 1, "huge": ["v" * 1000] * 2000}, facet=facet, outputs=["frame"], cache_options=source, execution_options=given,
            tags=["../../etc", "a b"],
        )
        done.append({"id": result.run.id, "hit": result.cache_hit, "table": str(result.outputs["frame"].id), "n": -1})
    if args.get("scenario"):
        with consist.scenario("theirs", tags=["both"]) as sc:
            first = sc.run(fn=shared, inputs=raw, config={"n": 7}, outputs=["table"], cache_options=source, execution_options=given, year=2030)
            done.append({"id": first.run.id, "hit": first.cache_hit, "table": str(first.outputs["table"].id), "n": 7})
print(json.dumps({"done": done, "executed": executed, "runs": [run.id for run in tracker.find_runs(limit=10000)]}))
