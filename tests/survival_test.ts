/** What happens to a ledger and its runs when a process is killed, a disk is full, a file is damaged, or somebody else is in the way. */
import assert from "node:assert/strict";
import { fromFileUrl, toFileUrl } from "@std/path";
import { type ConsistError, input, Tracker } from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { servicesOf } from "../src/tracker/mod.ts";
import { Child, tempDir } from "./child.ts";
import type { Done } from "./programs/loop.ts";
import { numbered, versionIn } from "./programs/numbered_step.ts";

/** A folder with an input, and a tracker of it. */
async function place() {
  const dir = await tempDir();
  await Deno.writeTextFile(`${dir.path}/source.txt`, "v1\n");
  const open = () => new Tracker({ dbPath: `${dir.path}/provenance.duckdb` });
  const step = (tracker: Tracker, n: number) => numbered(tracker, n, `${dir.path}/source.txt`);
  return { dir: dir.path, open, step, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

/** Copies a file, or a folder with all that is in it. */
async function copy(from: URL, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(new URL(`${from.href}/${name}`), `${to}/${name}`);
}

/** What a loop wrote down. */
const written = async (path: string): Promise<Done[]> =>
  (await Deno.readTextFile(path).catch(() => "")).trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));

// ── killed ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("a process that is killed at any moment loses no completed run, and nothing half-made is served", async () => {
  await using here = await place();
  const log = `${here.dir}/log.txt`;
  for (let round = 0; round < 8; round++) {
    const child = new Child("loop.ts", { dir: here.dir, log, from: round * 1_000, among: 1_000, tells: true });
    await child.until("going");
    // Every other one is killed at whatever moment, its first opening of the ledger included; the others after something was completed.
    if (round % 2 === 1) await child.until("did");
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 500));
    await child.kill();
  }
  const done = await written(log);
  await using tracker = here.open();
  for (const { n, id, hit, version } of done) {
    assert.equal(version, "v1", `the result of ${n} was whole`);
    if (hit) continue;
    assert.equal((await tracker.getRun(id))?.status, "completed");
    const again = await here.step(tracker, n);
    assertHit(again);
    assert.equal(versionIn(await again.load("text"), n), "v1");
  }
  assertMiss(await here.step(tracker, 99_999)); // the first write of this process: what died is put in order
  const runs = await tracker.findRuns({ history: true });
  assert.deepEqual(new Set(runs.map(({ status }) => status).filter((status) => status === "running")), new Set());
  assert.ok(done.filter(({ hit }) => !hit).length > 0, "some runs were completed");
});

Deno.test("a run that was interrupted is marked at the next start of a process that writes; one that lives is left alone", async () => {
  await using here = await place();
  const slow = (seed: number) => new Child("slow_step.ts", { dir: here.dir, ms: 60_000, seed });
  const [dead, alive] = [slow(1), slow(2)];
  await Promise.all([dead.until("executing"), alive.until("executing")]);
  await dead.kill();
  await using tracker = here.open();
  await here.step(tracker, 1);
  const status = async () => (await tracker.findRuns({ step: "slow", history: true })).map(({ status }) => status).sort();
  assert.deepEqual(await status(), ["interrupted", "running"]);
  await alive.kill();
  assert.deepEqual(await status(), ["interrupted", "running"]);
  assert.equal((await new Child("slow_step.ts", { dir: here.dir, ms: 1, seed: 3 }).answer()).cacheHit, false);
  assert.deepEqual(await status(), ["completed", "interrupted", "interrupted"]);
});

// ── disks and handles ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Only root may mount; where nobody may, the test is left out. */
const mayMount = Deno.build.os === "linux" && (Deno.uid() === 0) &&
  new Deno.Command("unshare", { args: ["-m", "true"] }).outputSync().success;

/** A program on a small disk of its own, which goes away with it. */
const onDisk = (dir: string, size: string) => ["unshare", "-m", "sh", "-c", `mount -t tmpfs -o size=${size} none "$0" && exec "$@"`, dir];

Deno.test({
  name: "a full disk is a storage_failed error, for an output as for the ledger; afterwards all that was recorded is there",
  ignore: !mayMount,
  fn: async () => {
    await using dir = await tempDir();
    const answer = await new Child("full_disk.ts", { dir: dir.path }, { wrap: onDisk(dir.path, "6m") }).answer<Record<string, unknown>>();
    assert.deepEqual(answer, {
      output: "storage_failed: The disk is full.",
      leftBehind: [],
      ledger: "storage_failed",
      hitsMeanwhile: true,
      afterwards: ["miss", "miss"],
      kept: ["hit", "hit", "hit"],
      statuses: ["completed", "failed"],
    });
  },
});

Deno.test({
  name: "a read-only disk is a storage_failed error that says so, also for a ledger with results",
  ignore: !mayMount,
  fn: async () => {
    await using dir = await tempDir();
    const answer = await new Child("read_only.ts", { dir: dir.path }, { wrap: onDisk(dir.path, "20m") }).answer<Record<string, string>>();
    assert.match(answer.known!, /^storage_failed: The file or its folder cannot be written/);
    assert.match(answer.fresh!, /^storage_failed: The file or its folder cannot be written/);
    assert.match(answer.outputs!, /^storage_failed: /);
    assert.equal(answer.afterwards, "hit");
  },
});

Deno.test({
  name: "a process without a free handle is told so, and goes on when it has some again",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using dir = await tempDir();
    const wrap = ["sh", "-c", 'ulimit -n 256; exec "$@"', "sh"];
    const answer = await new Child("no_handles.ts", { dir: dir.path }, { wrap }).answer<Record<string, string>>();
    assert.match(answer.refused!, /^storage_failed: .*[Tt]oo many (?:open )?files/);
    assert.deepEqual([answer.afterwards, answer.kept], ["miss", "hit"]);
  },
});

// ── the ledger's file ───────────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("a ledger that was deleted says so at the first write; rebuild() brings its runs back, and they hit", async () => {
  await using here = await place();
  const first = here.open();
  const made = await here.step(first, 1);
  await first.scenario("study", async (sc) => void await sc.run({ name: "inside", fn: () => 1, outputs: ["n"] }));
  await first.close();
  for (const name of ["provenance.duckdb", "provenance.duckdb.wal"]) await Deno.remove(`${here.dir}/${name}`).catch(() => {}); // the log may be gone
  const child = new Child("loop.ts", { dir: here.dir, log: `${here.dir}/log.txt`, from: 50, among: 1, steps: 1 });
  assert.match((await child.ended()).err, /lacks 3 runs that have a snapshot in .*tracker\.rebuild\(\)/);
  await using tracker = here.open();
  assert.equal((await tracker.rebuild()).runs.length, 3);
  const again = await here.step(tracker, 1);
  assertHit(again);
  assert.equal(await again.load("text"), await made.load("text"));
  assert.deepEqual((await tracker.findRuns({ scenario: "study" })).map(({ model }) => model), ["inside"]);
});

Deno.test("a log that was damaged, of which DuckDB drops the rest without a word, is noticed", async () => {
  await using here = await place();
  const tracker = here.open();
  for (const n of [1, 2, 3]) await here.step(tracker, n);
  await servicesOf(tracker).ledger.flush();
  await servicesOf(tracker).ledger.release(); // what was written last is in the log
  const log = `${here.dir}/provenance.duckdb.wal`;
  await Deno.writeFile(log, crypto.getRandomValues(new Uint8Array(3_000)));
  const child = new Child("loop.ts", { dir: here.dir, log: `${here.dir}/log.txt`, from: 50, among: 1, steps: 1 });
  assert.match((await child.ended()).err, /lacks 3 runs that have a snapshot/);
  await using whole = here.open();
  assert.equal((await whole.rebuild()).runs.length, 3);
  assertHit(await here.step(whole, 2));
});

Deno.test("a damaged ledger is an error that names rebuild(), which moves it aside and brings the runs back", async () => {
  await using here = await place();
  const tracker = here.open();
  await here.step(tracker, 1);
  await tracker.close();
  const path = `${here.dir}/provenance.duckdb`;
  await Deno.writeFile(path, (await Deno.readFile(path)).map((byte, index) => index < 12_288 ? byte : byte ^ 0x5a));
  const error = await here.step(tracker, 1).then(() => assert.fail("it was opened"), (error: ConsistError) => error);
  assert.equal(error.code, "ledger_unreadable");
  assert.match(error.fix, /tracker\.rebuild\(\).*consist db rebuild/);
  const rebuilt = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", fromFileUrl(new URL("../cli.ts", import.meta.url)), "db", "rebuild", "--db", path],
  }).output();
  assert.match(new TextDecoder().decode(rebuilt.stdout), /moved aside: .*\.damaged-.*\n1 runs came back/s);
  assertHit(await here.step(tracker, 1));
  await tracker.close();
});

// ── clocks ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Does something while the clock is this much off. */
async function clockOff<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const now = Date.now;
  Date.now = () => now() + ms;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}

Deno.test("a clock that is set back changes no answer: what was recorded last is served, and a changed input is seen", async () => {
  await using here = await place();
  await using tracker = here.open();
  const calls = { n: 0 };
  const count = (cacheMode: "reuse" | "overwrite") =>
    tracker.run({
      name: "count",
      fn: (_: unknown, { runtime }: { runtime: { calls: typeof calls } }) => ++runtime.calls.n,
      outputs: ["n"],
      executionOptions: { runtimeArgs: { calls } },
      cacheOptions: { cacheMode },
    }).load();
  assert.equal(await count("reuse"), 1);
  await here.step(tracker, 1);
  await clockOff(-3_600_000, async () => {
    assert.equal(await count("overwrite"), 2);
    assert.equal(await count("reuse"), 2);
    const source = `${here.dir}/source.txt`;
    const { mtime } = await Deno.stat(source);
    await Deno.writeTextFile(source, "v2\n");
    await Deno.utime(source, mtime!, mtime!);
    assert.equal(versionIn(await (await here.step(tracker, 1)).load("text"), 1), "v2");
  });
  assert.equal(await count("reuse"), 2);
  assertHit(await here.step(tracker, 1));
});

// ── others in the way ───────────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("two trackers on one ledger in one process lose nothing, also of two copies of the library", async () => {
  await using here = await place();
  await Deno.mkdir(`${here.dir}/copy`);
  for (const name of ["mod.ts", "src"]) await copy(new URL(`../${name}`, import.meta.url), `${here.dir}/copy/${name}`);
  const copied = await import(toFileUrl(`${here.dir}/copy/mod.ts`).href) as { Tracker: typeof Tracker };
  assert.notEqual(copied.Tracker, Tracker);
  const trackers = [here.open(), here.open(), new copied.Tracker({ dbPath: `${here.dir}/provenance.duckdb` })];
  await Promise.all(Array.from({ length: 30 }, (_, n) => here.step(trackers[n % 3]!, n)));
  await Promise.all(trackers.map((tracker) => tracker.close()));
  await using tracker = here.open();
  for (let n = 0; n < 30; n++) assertHit(await here.step(tracker, n));
});

Deno.test({
  name: "an instance of the user's own on the ledger's file is refused, and connection() gives what it was wanted for",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using here = await place();
    const answer = await new Child("own_instance.ts", { dir: here.dir }).answer<Record<string, string>>();
    assert.match(answer.refused!, /^ledger_locked: It is held by another DuckDB instance of this process/);
    assert.match(answer.fix!, /tracker\.connection\(\)/);
    assert.deepEqual([answer.afterwards, answer.lent], ["hit", "1"]);
  },
});

Deno.test("a Worker that makes a tracker is told that it cannot", async () => {
  await using dir = await tempDir();
  const answer = await new Child("in_worker.ts", { dir: dir.path }).answer<{ error: string }>();
  assert.match(answer.error, /^LedgerError ledger_locked: Cannot open the ledger .* in a Worker/);
});

Deno.test("another process that holds the ledger for three seconds is waited for", async () => {
  await using here = await place();
  await using tracker = here.open();
  await here.step(tracker, 1);
  await tracker.close();
  const child = new Child("hold.ts", { path: `${here.dir}/provenance.duckdb`, ms: 3_000 });
  await child.until("held");
  assertHit(await here.step(tracker, 1));
  assertMiss(await here.step(tracker, 2));
  await child.ended();
});

Deno.test("a process that tries as Python's library does gets in while we work steadily, and while a long step computes without a pause", async () => {
  await using here = await place();
  await using busy = new Child("loop.ts", { dir: here.dir, log: `${here.dir}/log.txt`, from: 0, among: 100_000 });
  await busy.until("going");
  const path = `${here.dir}/provenance.duckdb`;
  for (let turn = 0; turn < 2; turn++) {
    assert.deepEqual(await new Child("like_python.ts", { path }).answer<{ in: boolean }>(), { in: true });
  }
  await busy.kill();
  await using long = new Child("slow_step.ts", { dir: here.dir, ms: 8_000, synchronous: true });
  await long.until("executing");
  assert.deepEqual(await new Child("like_python.ts", { path }).answer<{ in: boolean }>(), { in: true });
  await long.kill();
});

// ── copies ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("a process that is killed while it copies a hit's outputs leaves a whole copy or none at their paths", async () => {
  await using dir = await tempDir();
  const bytes = 80_000_000;
  for (let round = 0; round < 6; round++) {
    const to = `${dir.path}/to${round}`;
    await Deno.mkdir(to);
    const child = new Child("hydrate.ts", { dir: dir.path, to, bytes });
    await child.until("copying");
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
    await child.kill();
    const size = await Deno.stat(`${to}/large.bin`).then(({ size }) => size, () => undefined);
    assert.ok(size === undefined || size === bytes, `found ${size} of ${bytes} bytes`);
  }
});

Deno.test("what a killed process was writing in its run's folder is removed when another process first writes", async () => {
  await using dir = await tempDir();
  await using child = new Child("hydrate.ts", { dir: dir.path, to: dir.path, bytes: 1, half: true });
  await child.until("writing");
  await child.kill();
  const halfWritten = () =>
    [...Deno.readDirSync(folder)].flatMap(({ name }) => [...Deno.readDirSync(`${folder}/${name}`)].map(({ name }) => name));
  const folder = `${dir.path}/runs/outputs/half_written`;
  assert.match(halfWritten().join(), /^text\.half\.[0-9a-f]{8}\.tmp$/);
  await using tracker = new Tracker({ dbPath: `${dir.path}/provenance.duckdb` });
  await tracker.run({ name: "first", fn: () => 1, outputs: ["n"] });
  await tracker.findRuns();
  assert.deepEqual(halfWritten(), []);
});

Deno.test({
  name: "copies that do not fit on their disk are a storage_failed error that says which are done, and leave no part of a file",
  ignore: !mayMount,
  fn: async () => {
    await using dir = await tempDir();
    await Deno.mkdir(`${dir.path}/to`);
    const args = { dir: dir.path, to: `${dir.path}/to`, bytes: 20_000_000 };
    const answer = await new Child("hydrate.ts", args, { wrap: onDisk(args.to, "6m") }).answer<Record<string, unknown>>();
    assert.deepEqual({ ...answer, why: undefined }, { code: "storage_failed", why: undefined, left: ["small.txt"] });
    assert.match(String(answer.why), /The disk is full.*Done: "small"; not done: "large"/);
  },
});

// ── the journal ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** All rows of all tables but those that say how the file was made; ids that a ledger makes itself are left out. */
async function allRows(tracker: Tracker): Promise<Record<string, string[]>> {
  return await servicesOf(tracker).ledger.read(async (db) => {
    const tables = await db.all<{ name: string }>("SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY 1");
    const found: Record<string, string[]> = {};
    const textsOf = async (sql: string, left: readonly string[] = []): Promise<string[]> => {
      const rows = await db.all<Record<string, unknown>>(sql);
      const plain = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !left.includes(column))));
      return plain.map((row) => JSON.stringify(row, (_, value) => typeof value === "bigint" ? String(value) : value)).sort();
    };
    for (const { name } of tables.filter(({ name }) => name !== "deno_file")) {
      found[name] = await textsOf(`SELECT * FROM "${name}"`, name === "artifact_content" ? ["id"] : ["content_id"]);
    }
    found.contents = await textsOf("SELECT a.id, c.content_hash FROM artifact a LEFT JOIN artifact_content c ON c.id = a.content_id");
    return found;
  });
}

/** Steps that leave rows of every kind. */
const KINDS: { readonly [kind: string]: (tracker: Tracker, source: string) => Promise<unknown> } = {
  "a value, with a config and a facet": (tracker) =>
    tracker.run({
      name: "value",
      fn: (_, { config }) => config.a * 2,
      config: { a: 2, b: { c: "x" } },
      facet: { a: 2, deep: { b: "y" } },
      outputs: ["out"],
    }),
  "a facet whose values are not indexed": (tracker) =>
    tracker.run({
      name: "quiet",
      fn: () => 1,
      config: { a: 1 },
      facet: { a: 1 },
      facetSchemaVersion: "2",
      facetIndex: false,
      outputs: ["out"],
    }),
  "an input that is declared and one that is not": (tracker, source) =>
    tracker.run({
      name: "reader",
      fn: async ({ source }) => [await Deno.readTextFile(source), await input(`${source}.json`)],
      inputs: { source },
      executionOptions: { inputBinding: "paths" },
      outputs: ["out"],
    }),
  "several outputs, one with a facet and a description": (tracker) =>
    tracker.run({
      name: "several",
      fn: () => ({ one: [{ a: 1 }, { a: 2 }], two: "text", three: 3.5 }),
      outputs: { one: { driver: "json", facet: { rows: 2, place: "here" }, description: "rows" }, two: {}, three: {} },
      tags: ["x", "y"],
      description: "of several",
    } as never),
  "what a step prints": (tracker) => tracker.run({ name: "talker", fn: () => (console.log("hello"), 1), outputs: ["out"] }),
  "a step whose row was there while it executed": (tracker) =>
    tracker.run({ name: "labelled", runId: "my_label", fn: () => 1, outputs: ["out"] } as never),
};

for (const [kind, step] of Object.entries(KINDS)) {
  Deno.test(`what a process that is killed leaves in the journal is all that the ledger would have: ${kind}`, async () => {
    await using here = await place();
    await using copied = await tempDir();
    await Deno.writeTextFile(`${here.dir}/source.txt.json`, "[1]");
    const tracker = here.open();
    await here.step(tracker, 1);
    await servicesOf(tracker).ledger.flush();
    await step(tracker, `${here.dir}/source.txt`);
    // At once, so that nothing is written meanwhile: as a kill would leave it.
    assert.ok(new Deno.Command("cp", { args: ["-r", `${here.dir}/.`, copied.path] }).outputSync().success);
    const [journal] = [...Deno.readDirSync(`${copied.path}/provenance.duckdb.journal`)];
    assert.equal([...Deno.readDirSync(`${copied.path}/provenance.duckdb.journal/${journal!.name}`)].length, 1);
    const expected = await allRows(tracker);
    await tracker.close();
    await using after = new Tracker({ dbPath: `${copied.path}/provenance.duckdb` });
    assert.deepEqual(await allRows(after), expected);
  });
}
