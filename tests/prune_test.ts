/** What `pruneCache` deletes, what it never touches, and what becomes of a run whose files are gone. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { cacheStatus, OptionError, pruneCache, type PruneOptions, run, scenario, Tracker } from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { pruneCache as pruneWith, type PruneHooks } from "../src/run/care/mod.ts";
import { servicesOf } from "../src/tracker/mod.ts";
import { runRecord, validate } from "../src/query/answers/mod.ts";
import { callIn } from "./cli/call.ts";
import { Child, tempDir } from "./child.ts";
import { inTracker } from "./in_tracker.ts";

const double = (n: number) => run({ name: "double", fn: (_, { config }) => config.n * 2, config: { n }, outputs: ["twice"] });
const isThere = (path: string): Promise<boolean> => Deno.lstat(path).then(() => true, () => false);

/** Prunes without waiting long for others. */
async function prune(tracker: Tracker, options: PruneOptions, hooks: PruneHooks = {}): Promise<string[]> {
  const { runs, failures } = await pruneWith(servicesOf(tracker), options, { graceMs: 1, ...hooks });
  assert.deepEqual(failures, []);
  return runs.map(({ run }) => run);
}

/** Lets the ledger believe that runs ended so many days ago. */
async function age(tracker: Tracker, ids: readonly string[], days: number): Promise<void> {
  const connection = await tracker.connection();
  for (const id of ids) {
    const before = `now() - INTERVAL ${days} DAY`;
    await connection.run(`UPDATE run SET created_at = ${before}, started_at = ${before}, ended_at = ${before} WHERE id = '${id}'`);
  }
  connection.disconnectSync();
}

// ── what takes space ────────────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("cacheStatus() says by step and scenario what takes space, what it saved, and what no run knows", () =>
  inTracker(async (tracker) => {
    await scenario("base", (sc) => sc.run({ name: "text", fn: () => "four", outputs: ["out"] }));
    await double(1);
    await double(1);
    await Deno.mkdir(join(tracker.runDir, "outputs", "double", "stranger"));
    await Deno.writeTextFile(join(tracker.runDir, "outputs", "double", "stranger", "x"), "123");
    await Deno.symlink("/", join(tracker.runDir, "outputs", "link"));
    const status = await cacheStatus();
    const found = status.uses.map(({ step, scenario, runs, bytes, hits }) => ({ step, scenario, runs, bytes, hits }));
    assert.deepEqual(found, [
      { step: "text", scenario: "base", runs: 1, bytes: 4, hits: 0 },
      { step: "double", scenario: undefined, runs: 1, bytes: 1, hits: 1 },
    ]);
    assert.deepEqual(status.unknown.paths.map((path) => path.slice(tracker.runDir.length)), ["/outputs/double/stranger", "/outputs/link"]);
    assert.deepEqual([status.runs, status.hits, status.pruned, status.unknown.bytes >= 3], [2, 1, 0, true]);
  }));

// ── what is pruned ──────────────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("a pruned run hits no more, still explains itself, and its step executes again as a new run that hits", () =>
  inTracker(async (tracker) => {
    const first = await double(1);
    assert.deepEqual(await prune(tracker, { step: "double" }), [first.run.id]);
    assert.equal(await isThere(first.outputs.twice.path), false);
    const again = await double(1);
    assertMiss(again);
    assert.equal(again.miss?.code, "outputs_pruned");
    assert.match(
      again.explain(),
      new RegExp(`^Executed. Run ${first.run.id} has the same signature, but its cached files were pruned on \\d{4}-`),
    );
    assertHit(await double(1));
    const record = await runRecord(servicesOf(tracker), first.run);
    assert.match(record.explanation.text, /Note: its cached files were pruned on \d{4}-/);
    assert.equal(record.outputs[0]!.note, "pruned");
    assert.deepEqual((await validate(servicesOf(tracker))).faults, []);
    assert.equal((await cacheStatus()).pruned, 1);
    assert.equal((await tracker.verifyRun(first.run)).verdict, "not_repeatable");
  }));

Deno.test("dryRun deletes nothing and says what would go; only what was agreed to goes", () =>
  inTracker(async (tracker) => {
    const { run: { id }, outputs } = await double(1);
    const report = await pruneCache({ keepLatest: 0, dryRun: true });
    assert.deepEqual([report.dryRun, report.runs.map(({ run }) => run), report.bytes], [true, [id], 1]);
    assert.match(Deno.inspect(report), /would delete the cached files of 1 run with 1 B of 1 B/);
    assert.ok(await isThere(outputs.twice.path));
    let second = "";
    const agrees = async () => {
      second = (await double(2)).run.id;
      return true;
    };
    assert.deepEqual(await prune(tracker, { keepLatest: 0 }, { agrees }), [id]);
    assert.deepEqual(await prune(tracker, { keepLatest: 0 }, { agrees: () => false }), [second], "what was refused is told");
    assertHit(await double(2));
  }));

Deno.test("each rule keeps what it does not mean, and all given rules have to mean a run", () =>
  inTracker(async (tracker) => {
    const results = [await double(1), await double(2), await double(3), await double(4)];
    const ids = results.map(({ run }) => run.id);
    await age(tracker, ids.slice(0, 3), 40);
    await double(1); // was used today
    const would = async (options: PruneOptions) =>
      (await pruneCache({ ...options, dryRun: true })).runs.map(({ run }) => ids.indexOf(run) + 1).sort();
    assert.deepEqual(await would({ olderThan: "30d" }), [1, 2, 3]);
    assert.deepEqual(await would({ olderThan: "41d" }), []);
    assert.deepEqual(await would({ unusedFor: "30d" }), [2, 3]);
    assert.deepEqual(await would({ unusedFor: "30d", keepLatest: 2 }), [2]);
    assert.deepEqual(await would({ keepLatest: 4 }), []);
    assert.deepEqual(await would({ step: "other" }), []);
    assert.deepEqual(await would({ step: "double", olderThan: "1w" }), [1, 2, 3]);
    assert.deepEqual(await would({ maxSize: 4 }), []);
    assert.deepEqual((await would({ maxSize: 2 })).length, 2, "those that were not used for longest");
    assert.ok(!(await would({ maxSize: 2 })).includes(1));
    assert.deepEqual(await would({ maxSize: "0B" }), [1, 2, 3, 4]);
  }));

Deno.test("a scenario's rule leaves what another scenario, or a call outside of all, was served", () =>
  inTracker(async () => {
    const step = (name: string, n: number) =>
      scenario(name, (sc) => sc.run({ name: "step", fn: (_, { config }) => config.n, config: { n }, outputs: ["out"] }));
    const [shared, own] = [await step("base", 1), await step("base", 2)];
    await step("other", 1);
    const { runs } = await pruneCache({ scenario: "base", dryRun: true });
    assert.deepEqual(runs.map(({ run }) => run), [own.run.id]);
    assert.notEqual(shared.run.id, own.run.id);
  }));

Deno.test("wrong rules are refused, and so is none", () =>
  inTracker(async () => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{}, /Nothing says what may be pruned/],
      [{ dryRun: true }, /Nothing says what may be pruned/],
      [{ olderthan: "3d" }, /Did you mean olderThan\?/],
      [{ olderThan: "3" }, /number with a unit/],
      [{ unusedFor: 3 }, /number with a unit/],
      [{ keepLatest: -1 }, /whole number from 0/],
      [{ maxSize: "10 gigs" }, /number of bytes/],
      [{ maxSize: NaN }, /number of bytes/],
      [{ step: "" }, /has to be a name/],
    ];
    for (const [options, expected] of cases) {
      await assert.rejects(pruneCache(options as PruneOptions), (error: unknown) => {
        assert.ok(error instanceof OptionError);
        assert.match(error.message, expected);
        return true;
      });
    }
  }));

// ── what is never touched ───────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("what a run that stays was made from stays; where all of a lineage is meant it goes together", () =>
  inTracker(async (tracker) => {
    const source = await run({ name: "source", fn: () => "s", outputs: ["out"] });
    const middle = await run({ name: "middle", fn: ({ text }) => `${text}!`, inputs: { text: source.outputs.out }, outputs: ["out"] });
    const last = await run({ name: "last", fn: ({ text }) => `${text}?`, inputs: { text: middle.outputs.out }, outputs: ["out"] });
    await age(tracker, [source.run.id, middle.run.id], 40);
    const report = await pruneCache({ olderThan: "30d", dryRun: true });
    assert.deepEqual([report.runs, report.needed], [[], 2]);
    assert.match(report.summary, /2 more stay because runs that stay were made from them/);
    assert.deepEqual(await prune(tracker, { maxSize: 3 }), [last.run.id], "who reads goes before what it reads");
    assert.deepEqual((await prune(tracker, { olderThan: "30d" })).sort(), [middle.run.id, source.run.id].sort());
  }));

Deno.test("an input that only a hit read stays with the run that the hit was served from", () =>
  inTracker(async (tracker) => {
    const source = (n: number) => run({ name: "source", fn: (_, { config }) => config.n > 0, config: { n }, outputs: ["out"] });
    const reader = (from: Awaited<ReturnType<typeof source>>) =>
      run({ name: "reader", fn: ({ flag }) => String(flag), inputs: { flag: from.outputs.out }, outputs: ["out"] });
    const [first, second] = [await source(1), await source(2)];
    await reader(first);
    assertHit(await reader(second));
    assert.deepEqual(await prune(tracker, { step: "source" }), []);
  }));

Deno.test("what an open scenario holds stays until it has ended", () =>
  inTracker(async (tracker) => {
    const before = await double(1);
    const sc = await scenario("open");
    assertHit(await sc.run({ name: "double", fn: (_, { config }) => config.n * 2, config: { n: 1 }, outputs: ["twice"] }));
    const report = await pruneCache({ step: "double", dryRun: true });
    assert.deepEqual([report.runs, report.inUse], [[], 1]);
    await sc.end();
    assert.deepEqual(await prune(tracker, { step: "double" }), [before.run.id]);
  }));

Deno.test("what a step of another process reads stays while it executes, and the step ends well", async () => {
  await using dir = await tempDir();
  await using tracker = new Tracker({ dbPath: `${dir.path}/provenance.duckdb` });
  const reader = new Child("reading_step.ts", { dir: dir.path, ms: 2_500 });
  await reader.until("reading");
  const report = await tracker.pruneCache({ step: "make", dryRun: true });
  assert.deepEqual([report.runs, report.inUse], [[], 1]);
  assert.deepEqual(await prune(tracker, { step: "make" }), []);
  assert.deepEqual(await reader.answer(), { hit: false, copy: "made" });
  assert.deepEqual(await prune(tracker, { step: "make" }), [], "the run that read it stays");
});

Deno.test("no link is followed, no path that climbs out, and files at paths that the user named stay", () =>
  inTracker(async (tracker, dir) => {
    await Deno.mkdir(join(dir, "precious"));
    await Deno.writeTextFile(join(dir, "precious", "file.txt"), "mine");
    const named = join(dir, "named.txt");
    const made = await run({ name: "text", fn: () => "text", outputs: ["out"], outputPaths: { out: named } });
    const { run: { id } } = await double(1);
    await Deno.symlink(join(dir, "precious"), join(tracker.runDir, "outputs", "text", made.run.id, "link"));
    const connection = await tracker.connection();
    for (
      const uri of [
        "./../precious/file.txt",
        `./outputs/double/${id}/../../../../precious/file.txt`,
        "/etc/hostname",
        join(dir, "precious/file.txt"),
      ]
    ) {
      await connection.run(
        `INSERT INTO artifact BY NAME SELECT uuid()::VARCHAR AS id, 'evil' AS key, '${uri}' AS container_uri, 'text' AS driver,
        '${made.run.id}' AS run_id, now() AS created_at`,
      );
    }
    connection.disconnectSync();
    assert.deepEqual(await prune(tracker, { step: "text" }), [made.run.id]);
    assert.deepEqual([await Deno.readTextFile(named), await Deno.readTextFile(join(dir, "precious", "file.txt"))], ["text", "mine"]);
    // A step's folder that leads elsewhere is nobody's to delete.
    await Deno.rename(join(tracker.runDir, "outputs", "double"), join(dir, "elsewhere"));
    await Deno.symlink(join(dir, "elsewhere"), join(tracker.runDir, "outputs", "double"));
    assert.deepEqual(await prune(tracker, { step: "double" }), []);
    assert.ok(await isThere(join(dir, "elsewhere", id)));
  }));

Deno.test("the folder of a run into which a user's path or another run's artifact leads stays", () =>
  inTracker(async (tracker) => {
    const [one, two] = [await double(1), await double(2)];
    const inside = (id: string, name: string) => join(tracker.runDir, "outputs", "double", id, name);
    await run({ name: "text", fn: () => "text", outputs: ["out"], outputPaths: { out: inside(one.run.id, "copy.txt") } });
    assert.deepEqual(await prune(tracker, { step: "double" }), [two.run.id]);
    assert.ok(await isThere(inside(one.run.id, "copy.txt")));
  }));

Deno.test("runs of other programs stay, and so does what they read of ours", () =>
  inTracker(async (tracker) => {
    const { outputs, run: { id } } = await double(1);
    const connection = await tracker.connection();
    await connection.run(`INSERT INTO run BY NAME SELECT 'python_1' AS id, 'completed' AS status, 'python' AS model_name, 'abc' AS git_hash,
      now() AS started_at, now() AS created_at, now() AS updated_at`);
    await connection.run(`INSERT INTO run_artifact_link VALUES ('python_1', '${outputs.twice.id}', 'input', false)`);
    connection.disconnectSync();
    const report = await pruneCache({ keepLatest: 0, dryRun: true });
    assert.deepEqual([report.runs, report.needed], [[], 1]);
    assert.notEqual(id, "");
  }));

// ── races and death ─────────────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("a run that somebody was served just before it was marked comes back, with what it was made from", () =>
  inTracker(async (tracker) => {
    const source = await run({ name: "source", fn: () => "s", outputs: ["out"] });
    const last = await run({ name: "last", fn: ({ text }) => `${text}?`, inputs: { text: source.outputs.out }, outputs: ["out"] });
    const other = await double(1);
    const services = servicesOf(tracker);
    const pruned = prune(tracker, { keepLatest: 0 }, { graceMs: 700 });
    const isMarked = async () => (await services.ledger.read((db) => db.all("SELECT run_id FROM deno_pruned"))).length === 3;
    while (!await isMarked()) await new Promise((resolve) => setTimeout(resolve, 20));
    // Another process looked it up before, and says so now.
    await services.ledger.write(async (db) => {
      await db.run(`INSERT INTO run BY NAME SELECT * REPLACE ('late_hit' AS id) FROM run WHERE id = '${last.run.id}'`);
      await db.run(`INSERT INTO deno_run BY NAME SELECT 'late_hit' AS run_id, true AS hit, '${last.run.id}' AS source_run_id`);
    });
    assert.deepEqual(await pruned, [other.run.id]);
    assertHit(await run({ name: "source", fn: () => "s", outputs: ["out"] }));
    assertHit(await run({ name: "last", fn: ({ text }) => `${text}?`, inputs: { text: source.outputs.out }, outputs: ["out"] }));
  }));

Deno.test("who asks for a step while it is pruned gets the right value, a hit or not, and never a missing file", async () => {
  await using dir = await tempDir();
  const asker = new Tracker({ dbPath: `${dir.path}/provenance.duckdb` });
  const step = (n: number) => asker.run({ name: "double", fn: (_, { config }) => config.n * 2, config: { n }, outputs: ["twice"] });
  for (let n = 0; n < 12; n++) await step(n);
  const pruning = new Child("pruning.ts", { dir: dir.path, options: { step: "double" }, graceMs: 1_500 });
  let isOver = false;
  const over = pruning.ended().then(() => isOver = true);
  let asked = 0;
  while (!isOver || asked < 12) {
    const n = asked++ % 12;
    assert.equal(await (await step(n)).load("twice"), n * 2);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  await over;
  assert.equal((await pruning.ended()).code, 0, pruning.said.err);
  for (let n = 0; n < 12; n++) assert.equal(await (await step(n)).load("twice"), n * 2);
  await asker.close();
});

Deno.test("a prune that is killed at any moment is ended by the next one, and nothing half-deleted is served", async () => {
  await using dir = await tempDir();
  const open = () => new Tracker({ dbPath: `${dir.path}/provenance.duckdb` });
  const step = (tracker: Tracker, n: number) =>
    tracker.run({ name: "double", fn: (_, { config }) => config.n * 2, config: { n }, outputs: ["twice", "text"].slice(0, 1) });
  await using tracker = open();
  const ids = [];
  for (let n = 0; n < 30; n++) ids.push((await step(tracker, n)).run.id);
  for (let round = 0; round < 4; round++) {
    await tracker.close();
    const child = new Child("pruning.ts", { dir: dir.path, options: { keepLatest: 24 - round * 6 }, graceMs: round % 2 === 0 ? 5_000 : 1 });
    await child.until("pruning");
    const marked = () => tracker.findRuns({ limit: 1 }).then(() => servicesOf(tracker).ledger.read((db) => db.all("FROM deno_pruned")));
    if (round % 2 === 0) { while ((await marked()).length < 6 * (round + 1)) await new Promise((resolve) => setTimeout(resolve, 50)); }
    else await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 500));
    await child.kill();
    for (let n = 0; n < 30; n += 7) {
      assert.equal(
        await (await tracker.wouldHit({ name: "double", fn: (_, { config }) => config.n * 2, config: { n }, outputs: ["twice"] })).hit,
        await isServed(tracker, ids[n]!),
      );
    }
  }
  await prune(tracker, { keepLatest: 6 });
  const rows = await servicesOf(tracker).ledger.read((db) =>
    db.all<{ state: string; n: number }>("SELECT state, count(*) AS n FROM deno_pruned GROUP BY ALL")
  );
  assert.deepEqual(rows, [{ state: "done", n: 24 }]);
  for (const [n, id] of ids.entries()) assert.equal(await isThere(join(tracker.runDir, "outputs", "double", id)), n >= 24, `${n}`);
});

const isServed = async (tracker: Tracker, id: string): Promise<boolean> =>
  (await servicesOf(tracker).ledger.read((db) => db.all(`SELECT 1 FROM deno_run WHERE run_id = '${id}' AND result IS NOT NULL`))).length ===
    1;

Deno.test("two prunes at once both end well, and each run goes once", async () => {
  await using dir = await tempDir();
  await using tracker = new Tracker({ dbPath: `${dir.path}/provenance.duckdb` });
  for (let n = 0; n < 10; n++) {
    await tracker.run({
      name: "double",
      fn: (_, { config }) => config.n * 2,
      config: { n },
      outputs: ["twice"],
    });
  }
  await tracker.close();
  const children = [4, 2].map((keepLatest) => new Child("pruning.ts", { dir: dir.path, options: { keepLatest }, graceMs: 300 }));
  const answers = await Promise.all(children.map((child) => child.answer<{ runs: string[]; failures: string[] }>()));
  assert.deepEqual(answers.flatMap(({ failures }) => failures), []);
  const gone = answers.flatMap(({ runs }) => runs);
  assert.deepEqual([gone.length, new Set(gone).size], [8, 8]);
  assert.equal((await tracker.cacheStatus()).runs, 2);
});

Deno.test("a ledger that is rebuilt knows what was pruned, also where only db snapshot wrote it down; what cannot be read is told", () =>
  inTracker(async (tracker, dir) => {
    const [one, two] = [await double(1), await double(2)];
    assert.deepEqual(await prune(tracker, { keepLatest: 1 }), [one.run.id]);
    const marks = join(tracker.runDir, "consist_runs", "marks");
    const lose = async () => {
      await tracker.close();
      for (const name of ["provenance.duckdb", "provenance.duckdb.wal"]) await Deno.remove(join(dir, name)).catch(() => {}); // there may be no log
    };
    await lose();
    assert.deepEqual((await tracker.rebuild()).unreadable, []);
    assertHit(await double(2));
    const again = await double(1);
    assert.equal(again.miss?.code, "outputs_pruned");
    await Deno.remove(marks, { recursive: true });
    await tracker.close();
    assert.equal((await callIn(dir, "db", "snapshot")).code, 0);
    await Deno.writeTextFile(join(marks, "cut.json"), '{"accepted": [{"id": "x"');
    await Deno.writeTextFile(join(marks, "strange.json"), '{"accepted": [{"id": 7}]}');
    await Deno.writeTextFile(
      join(marks, "of_nobody.json"),
      JSON.stringify({ pruned: [{ run_id: two.run.id + "x", pruned_at: "2030-01-01" }] }),
    );
    await lose();
    assert.deepEqual((await tracker.rebuild()).unreadable, ["cut.json", "strange.json"].map((name) => join(marks, name)));
    const record = await runRecord(servicesOf(tracker), (await tracker.findRuns({ history: true })).find(({ id }) => id === one.run.id)!);
    assert.match(record.explanation.text, /pruned on/);
    assertHit(await double(1));
    assertHit(await double(2));
  }));
