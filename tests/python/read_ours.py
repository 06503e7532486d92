"""What the Python library answers about a ledger. Argument: JSON of `{dir, facets, views}`. Prints one line of JSON."""

import json
import sys
from pathlib import Path

import consist
from consist import Tracker, use_tracker
from sqlmodel import Field, SQLModel, select

args = json.loads(sys.argv[1])
home = Path(args["dir"])


class Zone(SQLModel, table=True):
    """The rows that were ingested, as the library looks for them."""

    __tablename__ = "zones"
    __table_args__ = {"schema": "global_tables"}
    zone: str = Field(primary_key=True)
    n: int
    mean: float


tracker = Tracker(run_dir=home / "runs", db_path=str(home / "provenance.duckdb"), project_root=str(home), schemas=[Zone])


def ids(**filters):
    return [run.id for run in tracker.find_runs(limit=10000, **filters)]


def walk(node):
    made = node["producing_run"]
    return [node["artifact"].key, made["run"].id if made else None, [walk(child) for child in made["inputs"]] if made else []]


def table(artifact):
    """A table's rows, or what else is loaded."""
    loaded = consist.load(artifact, tracker=tracker) if artifact.driver not in ("parquet", "csv") else consist.load_df(artifact, tracker=tracker)
    if hasattr(loaded, "to_dict"):
        return json.loads(loaded.to_json(orient="records"))
    return loaded


answer = {"runs": {}, "loaded": {}, "lineage": {}, "failed": {}}
for run in tracker.find_runs(limit=10000):
    artifacts = tracker.get_artifacts_for_run(run.id)
    answer["runs"][run.id] = {
        "model": run.model_name, "status": run.status, "year": run.year, "tags": run.tags, "parent": run.parent_run_id,
        "hit": bool((run.meta or {}).get("cache_hit")),
        "inputs": {key: str(each.id) for key, each in artifacts.inputs.items()},
        "outputs": {key: str(each.id) for key, each in artifacts.outputs.items()},
        "config": tracker.get_run_config(run.id, allow_missing=True),
        "values": tracker.get_config_values(run.id),
    }
    for each in artifacts.outputs.values():
        try:
            answer["loaded"][str(each.id)] = table(each)
        except Exception as error:
            answer["failed"][str(each.id)] = f"{each.driver}: {type(error).__name__}: {error}"[:300]
        got = tracker.get_artifact(str(each.id))
        assert got is not None and got.hash == each.hash
        answer["lineage"][str(each.id)] = walk(tracker.get_artifact_lineage(each.id))
answer["by"] = {name: ids(**filters) for name, filters in args.get("filters", {}).items()}
with use_tracker(tracker):
    if "pivot" in args:
        params = consist.pivot_facets(**args["pivot"])
        names = list(params.c.keys())
        answer["pivot"] = [dict(zip(names, row)) for row in consist.run_query(select(*params.c))]
    if args.get("views"):
        view = tracker.views.Zone
        chosen = [view.zone, view.n, view.mean, view.consist_run_id, view.consist_year, view.consist_scenario_id]
        answer["view"] = [list(row) for row in consist.run_query(select(*chosen).order_by(view.consist_year, view.zone))]
print(json.dumps(answer, default=str))
