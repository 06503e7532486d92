"""The same steps under Python Consist, joblib and diskcache: `peer.py <peer> <task>`, in a project's folder. Prints one line of JSON."""

import hashlib
import json
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, os.getcwd())


class PythonConsist:
    """Python Consist; `mode` says what counts as code."""

    def __init__(self, mode):
        import consist
        from consist import CacheOptions, ExecutionOptions, Tracker

        self.consist = consist
        self.tracker = Tracker(run_dir="runs", db_path="provenance.duckdb")
        self.cache = CacheOptions(code_identity=mode)
        self.execution = ExecutionOptions

    def call(self, fn, raw, **config):
        """A step that reads a file by its path."""
        return self.tracker.run(
            fn=fn, name=fn.__name__, inputs={"raw": Path(raw)}, config=config, outputs=["out"], cache_options=self.cache,
            execution_options=self.execution(load_inputs=False, runtime_kwargs={"raw": str(raw)}),
        ).outputs["out"]

    def chain(self, fn, made, **config):
        """A step that reads what another one made."""
        inputs = {} if made is None else {"made": made}
        return self.tracker.run(fn=fn, name=fn.__name__, inputs=inputs, config=config, outputs=["out"], cache_options=self.cache).outputs["out"]

    def value(self, artifact):
        loaded = self.consist.load_df(artifact, tracker=self.tracker)
        return int(loaded["n"].iloc[0])

    @staticmethod
    def files():
        return list(Path("runs").rglob("*.parquet"))

    @staticmethod
    def forge(path):
        import pandas

        pandas.DataFrame({"n": [999] * 20000}).to_parquet(path)


class Joblib:
    """joblib.Memory; a file is given as its bytes, or as its path, which is never looked at."""

    def __init__(self, by_path):
        from joblib import Memory

        self.by_path = by_path
        self.memory = Memory("cache", verbose=0)
        self.cached = {}

    def call(self, fn, raw, **config):
        return self._step(fn)(str(raw) if self.by_path else Path(raw).read_bytes(), **config)

    def chain(self, fn, made, **config):
        return self._step(fn)(**config) if made is None else self._step(fn)(made, **config)

    def _step(self, fn):
        if fn not in self.cached:
            self.cached[fn] = self.memory.cache(fn)
        return self.cached[fn]

    def value(self, result):
        return int(result["n"].iloc[0])

    @staticmethod
    def files():
        return list(Path("cache").rglob("output.pkl"))

    @staticmethod
    def forge(path):
        import joblib
        import pandas

        joblib.dump(pandas.DataFrame({"n": [999] * 20000}), path)


class DiskCache:
    """diskcache; a file counts by its SHA-256, or by its path."""

    def __init__(self, by_path):
        from diskcache import Cache

        self.by_path = by_path
        self.cache = Cache("cache")

    def call(self, fn, raw, **config):
        mark = str(raw) if self.by_path else sha256(raw)
        return self._kept((fn.__qualname__, mark, tuple(sorted(config.items()))), lambda: fn(str(raw), **config))

    def chain(self, fn, made, **config):
        mark = None if made is None else hashlib.sha256(made.to_csv().encode()).hexdigest()
        return self._kept((fn.__qualname__, mark, tuple(sorted(config.items()))), lambda: fn(**config) if made is None else fn(made, **config))

    def _kept(self, key, make):
        found = self.cache.get(key, default=None)
        if found is None:
            found = make()
            self.cache.set(key, found)
        return found

    def value(self, result):
        return int(result["n"].iloc[0])

    @staticmethod
    def files():
        return list(Path("cache").rglob("*.val"))

    @staticmethod
    def forge(path):
        import pandas
        import pickle

        Path(path).write_bytes(pickle.dumps(pandas.DataFrame({"n": [999] * 20000}), protocol=pickle.HIGHEST_PROTOCOL))


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


PEERS = {
    "consist, module": lambda: PythonConsist("callable_module"),
    "consist, git": lambda: PythonConsist("repo_git"),
    "consist, source": lambda: PythonConsist("callable_source"),
    "joblib, content": lambda: Joblib(False),
    "joblib, path": lambda: Joblib(True),
    "diskcache, content": lambda: DiskCache(False),
    "diskcache, path": lambda: DiskCache(True),
}


# ── steps that the measures use ──────────────────────────────────────────────


def frame(n):
    import pandas

    return pandas.DataFrame({"n": [n]})


def tiny(raw, k):
    return frame(k)


def base(minutes):
    time.sleep(minutes / 100)
    return frame(1)


def second(made, minutes):
    time.sleep(minutes / 100)
    return frame(2)


def variant(made, minutes, k):
    time.sleep(minutes / 100)
    return frame(k)


# ── tasks ────────────────────────────────────────────────────────────────────


def run_project(peer):
    """The step of the project, and what it gives."""
    import step

    return {"n": peer.value(peer.call(step.main, "raw.csv", k=3))}


def run_reader(peer):
    """A step that reads another one's output."""
    import step

    made = peer.call(step.upstream, "raw.csv")
    return {"n": peer.value(peer.chain(step.reader, made))}


def harm(peer):
    """Other bytes in every output, or a valid file with something else in it."""
    kind = sys.argv[3]
    files = peer.files()
    for path in files:
        if kind == "deleted":
            path.unlink()
        elif kind == "garbage":
            path.write_bytes(b"garbage " * 100)
        else:
            peer.forge(path)
    return {"harmed": len(files)}


def timed(work, times):
    taken = []
    for index in range(times):
        began = time.perf_counter()
        work(index)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def speed(peer):
    """A tiny step that misses, and that hits; and a warm hit with a file of 100 MB."""
    times = int(sys.argv[3])
    peer.call(tiny, "raw.csv", k=-1)
    miss = timed(lambda index: peer.call(tiny, "raw.csv", k=index), times)
    hit = timed(lambda _: peer.call(tiny, "raw.csv", k=-1), times)
    peer.call(tiny, "big.bin", k=-2)
    time.sleep(2.5)
    peer.call(tiny, "big.bin", k=-2)
    return {"miss": miss, "hit": hit, "big": timed(lambda _: peer.call(tiny, "big.bin", k=-2), 5)}


def one_hit(peer):
    """One hit, for a process of its own."""
    began = time.perf_counter()
    peer.call(tiny, sys.argv[3], k=int(sys.argv[4]))
    return {"ms": (time.perf_counter() - began) * 1000}


def motivation(peer):
    """The three cases of the guide, a minute as 10 ms."""
    walls = []
    for case in (sweep, calibration, ensemble):
        began = time.perf_counter()
        case(peer)
        walls.append((time.perf_counter() - began) * 1000)
    return {"walls": walls}


def sweep(peer):
    for k in range(40):
        made = peer.chain(base, None, minutes=30)
        if k > 0:
            peer.chain(variant, made, minutes=5, k=k)


def calibration(peer):
    for k in range(5):
        first = peer.chain(base, None, minutes=40)
        peer.chain(variant, peer.chain(second, first, minutes=25), minutes=10, k=100 + k)


def ensemble(peer):
    for k in range(9):
        peer.chain(variant, peer.chain(base, None, minutes=180), minutes=20, k=200 + k)


TASKS = {"project": run_project, "reader": run_reader, "harm": harm, "speed": speed, "one_hit": one_hit, "motivation": motivation}

if __name__ == "__main__":
    try:
        print(json.dumps(TASKS[sys.argv[2]](PEERS[sys.argv[1]]())))
    except Exception as error:  # whatever it is: it is what the user would see
        print(json.dumps({"error": f"{type(error).__name__}: {error}"[:300]}))
