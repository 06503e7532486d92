/** Trackers that only analyse, and trackers that only read. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp } from "node:fs/promises";
import { join } from "@std/path";
import { type AccessMode, ConsistError, LedgerError, Tracker } from "consist";
import pl from "polars";
import { z } from "zod";

const Row = z.object({ x: z.int() });
let executed = 0;
const step = {
  name: "make",
  fn: () => (executed++, { t: pl.DataFrame({ x: [1, 2, 3] }), n: 3 }),
  outputs: { t: { schema: Row }, n: {} },
} as const;

/** Every file below a folder, with its content. */
async function digestOf(dir: string): Promise<string> {
  const hash = createHash("sha256");
  const walk = async (folder: string): Promise<void> => {
    for (const { name, isDirectory } of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
      const path = join(folder, name);
      hash.update(`${path}\n`);
      if (isDirectory) await walk(path);
      else hash.update(await Deno.readFile(path));
    }
  };
  await walk(dir);
  return hash.digest("hex");
}

/** Is refused, with the mode in the message. */
async function refused(mode: AccessMode, work: () => unknown): Promise<void> {
  const error = await Promise.resolve().then(work).then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof LedgerError && error.code === "access_refused", `wanted access_refused, found ${error}`);
  assert.match(error.message, new RegExp(`accessMode "${mode}"`));
}

/** A project with one run, and a tracker of a mode on it. */
async function project(accessMode: AccessMode): Promise<{ dir: string; reader: Tracker; run: string } & AsyncDisposable> {
  const dir = await Deno.makeTempDir();
  const writer = new Tracker({ dbPath: `${dir}/p/provenance.duckdb` });
  const { run } = await writer.run(step);
  await writer.close();
  const reader = new Tracker({ dbPath: `${dir}/p/provenance.duckdb`, accessMode });
  return { dir, reader, run: run.id, [Symbol.asyncDispose]: () => reader.close() };
}

/** A test of both modes. */
function both(name: string, body: (mode: AccessMode) => Promise<void>): void {
  Deno.test(name, async (t) => {
    for (const mode of ["analysis", "read_only"] as const) await t.step(mode, () => body(mode));
  });
}

both("analysis and read_only refuse steps, hits, sweeps and scenarios, and nothing executes", async (mode) => {
  await using at = await project(mode);
  const { reader } = at;
  assert.equal(reader.accessMode, mode);
  const before = executed;
  await refused(mode, () => reader.run(step));
  await refused(mode, () => reader.run({ name: "other", fn: () => 1, outputs: ["n"] }));
  await refused(mode, () => reader.mapRuns({ name: "each", rows: [{ a: 1 }], fn: () => 1, outputs: ["n"] }));
  await refused(mode, () => reader.scenario("s", async (sc) => void await sc.run(step)));
  await refused(mode, () => reader.scenario("s", { enabled: false }));
  await refused(mode, () => reader.runContainer({ name: "c", image: "i", command: ["true"], outputs: {} }));
  assert.equal(executed, before);
  assert.equal((await reader.findRuns()).length, 1);
});

both("analysis and read_only refuse a run inside of another tracker's run as well", async (mode) => {
  await using at = await project(mode);
  await using other = new Tracker({ dbPath: `${at.dir}/other/provenance.duckdb` });
  await other.run({ name: "around", fn: () => refused(mode, () => at.reader.run(step)), cacheOptions: { cacheMode: "off" } });
  assert.equal((await at.reader.findRuns()).length, 1);
});

both("analysis and read_only: finding, queries, views, loading, lineage and copies to other places work", async (mode) => {
  await using at = await project(mode);
  const { reader, run } = at;
  assert.equal((await reader.findRun({ model: "make" })).id, run);
  assert.deepEqual(await reader.runQuery("select count(*)::integer as n from run"), [{ n: 1 }]);
  const { t, n } = (await reader.getArtifactsForRun(run)).outputs;
  assert.equal(await reader.load(n!), 3);
  assert.equal((await reader.loadDf(t!)).height, 3);
  assert.equal((await reader.view({ Row }).Row.rows()).length, 3);
  assert.ok(await reader.lineage(t!));
  assert.equal((await reader.wouldHit(step)).hit, true);
  assert.equal((await reader.wouldHit({ ...step, cacheOptions: { cacheVersion: 2 } })).hit, false);
  await reader.materializeArtifact(t!, `${at.dir}/out/t.parquet`);
  assert.equal((await reader.hydrateRunOutputs(run, { targetDir: `${at.dir}/restored` })).t!.status, "copied");
  const connection = await reader.connection();
  assert.equal((await connection.runAndReadAll("select 1 from run")).currentRowCount, 1);
  connection.disconnectSync();
});

Deno.test("analysis: archiving, rebuilding and executing again note what they find with what is on record", async () => {
  await using at = await project("analysis");
  assert.equal((await at.reader.archiveRunOutputs(at.run, `${at.dir}/archive`)).t!.status, "copied");
  assert.deepEqual((await at.reader.rebuild()).runs, []);
  assert.equal((await at.reader.verifyRun(at.run, step)).verdict, "equal");
});

Deno.test("read_only: everything that writes is refused, and neither the ledger nor the run folder changes", async () => {
  await using at = await project("read_only");
  const { reader, dir, run } = at;
  const before = await digestOf(`${dir}/p`);
  const { t } = (await reader.getArtifactsForRun(run)).outputs;
  await reader.loadDf(t!);
  await reader.wouldHit(step);
  await refused("read_only", () => reader.archiveRunOutputs(run, `${dir}/archive`));
  await refused("read_only", () => reader.verifyRun(run, step));
  await refused("read_only", () => reader.rebuild());
  await refused("read_only", () => reader.materializeArtifact(t!, `${dir}/p/runs/copy.parquet`));
  await refused("read_only", () => reader.materializeArtifact(t!, `${dir}/p/provenance.duckdb`, { overwrite: true }));
  await refused("read_only", () => reader.hydrateRunOutputs(run, { targetDir: `${dir}/p/runs/x` }));
  await refused("read_only", () => reader.wouldHit({ ...step, inputs: { far: "http://127.0.0.1:9/x.csv" } }));
  const connection = await reader.connection();
  await assert.rejects(connection.run("delete from run"), /read-only/);
  connection.disconnectSync();
  await assert.rejects(reader.runQuery("delete from run"), ConsistError);
  await reader.close();
  assert.equal(await digestOf(`${dir}/p`), before);
});

Deno.test("read_only: a ledger that is not there reads as empty, and nothing is made", async () => {
  const dir = await Deno.makeTempDir();
  await using reader = new Tracker({ dbPath: `${dir}/sub/provenance.duckdb`, accessMode: "read_only" });
  assert.deepEqual(await reader.findRuns(), []);
  assert.equal((await reader.wouldHit(step)).hit, false);
  await reader.close();
  assert.deepEqual([...Deno.readDirSync(dir)], []);
});

Deno.test("read_only: Python's ledger, which has none of our tables, reads and stays as it is", async () => {
  const dir = await Deno.makeTempDir();
  await cp(new URL("fixtures/python-project", import.meta.url), `${dir}/p`, { recursive: true });
  const before = await digestOf(`${dir}/p`);
  await using reader = new Tracker({
    dbPath: `${dir}/p/ledger.duckdb`,
    runDir: `${dir}/p/runs`,
    mounts: { inputs: `${dir}/p/inputs` },
    accessMode: "read_only",
  });
  const runs = await reader.findRuns({ history: true });
  assert.ok(runs.length > 3);
  for (const run of runs) await reader.getArtifactsForRun(run);
  await reader.runSet({});
  await reader.close();
  assert.equal(await digestOf(`${dir}/p`), before);
});

Deno.test("read_only: an older ledger of ours reads and is not brought forward", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.copyFile(new URL("fixtures/ledger-v1.duckdb", import.meta.url), `${dir}/provenance.duckdb`);
  const before = await digestOf(dir);
  await using reader = new Tracker({ dbPath: `${dir}/provenance.duckdb`, accessMode: "read_only" });
  assert.ok((await reader.findRuns({ history: true })).length > 0);
  await reader.close();
  assert.equal(await digestOf(dir), before);
});

Deno.test("read_only: a tracker that writes to the same ledger goes on beside it, and is seen", async () => {
  await using at = await project("read_only");
  await using writer = new Tracker({ dbPath: at.reader.dbPath });
  for (let n = 2; n <= 4; n++) {
    const [seen] = await Promise.all([at.reader.findRuns({ history: true }), writer.run({ ...step, config: { n } })]);
    assert.ok(seen.length >= n - 1);
    assert.equal((await at.reader.findRuns({ history: true })).length, n);
  }
  const kept = await at.reader.connection();
  await assert.rejects(
    writer.run({ ...step, config: { n: 9 } }),
    (error) => error instanceof LedgerError && error.code === "ledger_locked" && /read_only/.test(error.message),
  );
  kept.disconnectSync();
  assert.equal((await writer.run({ ...step, config: { n: 9 } })).cacheHit, false);
});

Deno.test("accessMode takes its three words and nothing else", () => {
  for (
    const [accessMode, near] of [["readonly", /Did you mean "read_only"/], ["", /accessMode/], [null, /accessMode/], [
      1,
      /accessMode/,
    ]] as const
  ) {
    assert.throws(
      () => new Tracker({ accessMode: accessMode as unknown as AccessMode }),
      (error) => error instanceof ConsistError && error.code === "option_invalid" && near.test(error.message),
    );
  }
  assert.equal(new Tracker({ dbPath: "/none/p.duckdb" }).accessMode, "standard");
});
