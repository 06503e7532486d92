/** What a step reads without declaring it: by a path, from a coupler, through an artifact, inside of a run inside of it. */
import assert from "node:assert/strict";
import pl from "polars";
import { z } from "zod";
import {
  type Artifact,
  ConsistError,
  findLatestRun,
  findRuns,
  input,
  lineage,
  load,
  loadDf,
  logInput,
  relation,
  run,
  type RunResult,
  type Scenario,
  scenario,
  sql,
  Tracker,
  view,
  wouldHit,
} from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { test } from "./in_tracker.ts";

/** A query whose text has a path in it, as its author writes it. */
const sqlText = (text: string) => sql(Object.assign([text], { raw: [text] }));
/** A step that is given a query. */
type Given = { readonly query: ReturnType<typeof sql> };

type RelationSource = Parameters<typeof relation>[0];
const textOf = (result: RunResult): string => Deno.inspect(result);
/** Links of a run: key → is it implicit? */
async function linksOf(tracker: Tracker, id: string): Promise<Record<string, boolean>> {
  const rows = await tracker.runQuery<{ key: string; implicit: boolean }>(
    `select a.key, l.is_implicit as implicit from run_artifact_link l join artifact a on a.id = l.artifact_id
     where l.run_id = $1 and l.direction = 'input' order by a.key`,
    [id],
  );
  return Object.fromEntries(rows.map(({ key, implicit }) => [key, implicit]));
}

// ── by a path ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("input() inside a step is an input: an edit executes again, the old content hits again", async ({ dir, tracker }) => {
  const path = `${dir}/k.json`;
  let executed = 0;
  const reads = () => run({ name: "reads", fn: async () => (executed++, ((await input(path)) as { k: number }).k), outputs: ["k"] });
  await Deno.writeTextFile(path, '{"k":2}');
  const first = await reads();
  assert.equal(await first.load(), 2);
  const hit = await reads();
  assertHit(hit);
  await Deno.writeTextFile(path, '{"k":3}');
  const changed = await reads();
  assertMiss(changed, "inputs");
  assert.equal(await changed.load(), 3);
  assert.match(changed.explain(), /what it read besides its declared inputs changed: .*k\.json/);
  const [change] = changed.miss?.changes ?? [];
  assert.match(change?.name ?? "", /^input k \(/);
  assert.match(`${change?.before} ${change?.after}`, /^[0-9a-f]{12} [0-9a-f]{12}$/);
  // several candidates of one signature: the one whose content is there again is served
  await Deno.writeTextFile(path, '{"k":2}');
  const back = await reads();
  assertHit(back);
  assert.equal(await back.load(), 2);
  assert.equal(executed, 2);
  for (const result of [first, hit, changed]) assert.deepEqual(await linksOf(tracker, result.run.id), { k: true });
});

test("input() is shown on the card of an execution and of a hit as read without being declared", async ({ dir }) => {
  await Deno.writeTextFile(`${dir}/k.txt`, "x");
  const reads = () => run({ name: "reads", fn: () => input(`${dir}/k.txt`), outputs: ["k"] });
  for (const result of [await reads(), await reads()]) assert.match(textOf(result), /k\.txt.*read without being declared/);
});

test("input() is kept for another tracker of the same ledger, as in another process", async ({ dir, tracker }) => {
  await Deno.writeTextFile(`${dir}/k.txt`, "x");
  const step = { name: "reads", fn: () => input(`${dir}/k.txt`), outputs: ["k"] } as const;
  await tracker.run(step);
  await tracker.close();
  await using other = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir });
  assertHit(await other.run(step));
  await Deno.writeTextFile(`${dir}/k.txt`, "y");
  assertMiss(await other.run(step), "inputs");
});

test("input() of a folder and of a pattern gives paths, and counts by every file", async ({ dir }) => {
  await Deno.mkdir(`${dir}/data`);
  await Deno.writeTextFile(`${dir}/data/a.csv`, "x\n1\n");
  const folder = () => run({ name: "folder", fn: async () => ((await input(`${dir}/data`)) as string[]).length, outputs: ["n"] });
  const glob = () => run({ name: "glob", fn: async () => (await input(`${dir}/data/*.csv`)).length, outputs: ["n"] });
  for (const step of [folder, glob]) {
    assert.equal(await step().load(), 1);
    assertHit(await step());
  }
  await Deno.writeTextFile(`${dir}/data/b.csv`, "x\n2\n");
  for (const step of [folder, glob]) assert.equal(await step().load(), 2);
});

test("input() of what is not there is an error; a step that goes on without it executes once it is there", async ({ dir }) => {
  const path = `${dir}/maybe.txt`;
  const optional = () => run({ name: "optional", fn: () => input(path).catch(() => "none"), outputs: ["text"] });
  assert.equal(await optional().load(), "none");
  assertHit(await optional());
  await Deno.writeTextFile(path, "some");
  assert.equal(await optional().load(), "some");
  const missing = await run({ name: "missing", fn: () => input(`${dir}/none.txt`), outputs: ["x"] }).then(
    () => undefined,
    (error) => error,
  );
  assert.ok(missing instanceof ConsistError);
  assert.match(missing.message, /none\.txt/);
});

test("input() outside a run only loads", async ({ dir, tracker }) => {
  await Deno.writeTextFile(`${dir}/k.json`, "[1]");
  assert.deepEqual(await input(`${dir}/k.json`), [1]);
  assert.deepEqual(await input(new URL(`file://${dir}/k.json`)), [1]);
  await assert.rejects(input(`${dir}/none.json`), /none\.json/);
  await assert.rejects(input("" as string), /path of a file/);
  await assert.rejects(input(new URL("ftp://example.com/k.json")), /file: URL/);
  assert.deepEqual(await tracker.findRuns({ history: true }), []);
});

test("input() of a file whose name is hostile is recorded under a key", async ({ dir, tracker }) => {
  const path = `${dir}/a'b"; drop table run;--<b>ü.txt`;
  await Deno.writeTextFile(path, "x");
  const result = await run({ name: "hostile", fn: () => input(path), outputs: ["text"] });
  assert.equal(await result.load(), "x");
  assert.equal(Object.values(await linksOf(tracker, result.run.id)).length, 1);
  assertHit(await run({ name: "hostile", fn: () => input(path), outputs: ["text"] }));
});

test("input() of a declared file, or of one that the step made itself, is no implicit input", async ({ dir, tracker }) => {
  await Deno.writeTextFile(`${dir}/raw.txt`, "x");
  const result = await run({
    name: "own",
    fn: async (_, step) => {
      const made = step.outputPath("made", ".txt");
      await Deno.writeTextFile(made, "y");
      return { made: `${await input(made)}${await input(`${dir}/raw.txt`)}` };
    },
    inputs: { raw: `${dir}/raw.txt` },
    outputs: ["made"],
  });
  assert.deepEqual(await linksOf(tracker, result.run.id), { raw: false });
});

test("an implicit input that changes while the step runs makes its result unserved", async ({ dir }) => {
  const path = `${dir}/k.txt`;
  await Deno.writeTextFile(path, "1");
  const step = () =>
    run({
      name: "moving",
      fn: async () => {
        const seen = await input(path);
        await Deno.writeTextFile(path, `${seen}+`);
        return seen;
      },
      outputs: ["text"],
    });
  const first = await step();
  assert.match(textOf(first), /k\.txt\) changed while the step ran/);
  await Deno.writeTextFile(path, "1");
  assertMiss(await step());
});

test("parallel steps keep their own reads apart", async ({ dir, tracker }) => {
  for (const name of ["a", "b", "c"]) await Deno.writeTextFile(`${dir}/${name}.txt`, name);
  const step = (name: string) =>
    run({
      name: `read_${name}`,
      fn: async (_, { config }) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return await input(`${dir}/${config.name}.txt`);
      },
      config: { name },
      outputs: ["text"],
    });
  const results = await Promise.all(["a", "b", "c"].map(step));
  const links = await Promise.all(results.map(({ run }) => linksOf(tracker, run.id)));
  assert.deepEqual(links.map((each) => Object.keys(each)), [["a"], ["b"], ["c"]]);
  await Deno.writeTextFile(`${dir}/b.txt`, "B");
  assert.deepEqual((await Promise.all(["a", "b", "c"].map(step))).map(({ cacheHit }) => cacheHit), [true, false, true]);
});

test("logInput() inside a step counts as well", async ({ dir, tracker }) => {
  await Deno.writeTextFile(`${dir}/k.txt`, "1");
  const step = () =>
    run({ name: "logs", fn: async () => await Deno.readTextFile((await logInput(`${dir}/k.txt`)).path), outputs: ["text"] });
  const first = await step();
  assert.deepEqual(await linksOf(tracker, first.run.id), { k: true });
  assertHit(await step());
  await Deno.writeTextFile(`${dir}/k.txt`, "2");
  assert.equal(await step().load(), "2");
});

test("wouldHit() names the implicit input that changed", async ({ dir }) => {
  await Deno.writeTextFile(`${dir}/k.txt`, "1");
  const step = { name: "reads", fn: () => input(`${dir}/k.txt`), outputs: ["k"] } as const;
  await run(step);
  assert.equal((await wouldHit(step)).hit, true);
  await Deno.writeTextFile(`${dir}/k.txt`, "2");
  const asked = await wouldHit(step);
  assert.deepEqual([asked.hit, asked.miss?.changed], [false, ["inputs"]]);
});

// ── from a coupler ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const draw = (sc: Scenario, n: number) => sc.run({ name: "draw", fn: (_, { config }) => config.n, config: { n }, outputs: ["n"] });
const double = (sc: Scenario) =>
  sc.run({ name: "double", fn: async () => 2 * (await sc.coupler.require("n").load() as number), outputs: ["twice"] });

test("what a step takes from a captured coupler is an input, by scenario and key", async ({ tracker }) => {
  const first = await scenario("study", async (sc) => {
    await draw(sc, 1);
    const made = await double(sc);
    assert.equal(await made.load(), 2);
    assertHit(await double(sc));
    return made;
  });
  assert.deepEqual(await linksOf(tracker, first.run.id), { n: true });
  assert.match(textOf(first), /"n" of scenario "study".*read without being declared/);
  await scenario("study", async (sc) => {
    await draw(sc, 1);
    assertHit(await double(sc));
    await draw(sc, 5);
    const changed = await double(sc);
    assertMiss(changed, "inputs");
    assert.equal(await changed.load(), 10);
  });
  assert.deepEqual((await lineage(first.outputs.twice)).inputs.map(({ run }) => run?.model), ["draw"]);
});

test("another scenario's coupler is another one: the same content hits, other content executes", async () => {
  await scenario("baseline", async (sc) => {
    await draw(sc, 1);
    assert.equal(await double(sc).load(), 2);
  });
  await scenario("high", async (sc) => {
    await draw(sc, 7);
    const made = await double(sc);
    assertMiss(made, "inputs");
    assert.equal(await made.load(), 14);
  });
  await scenario("same", async (sc) => {
    await draw(sc, 1);
    assertHit(await double(sc));
  });
});

test("the coupler that a step captured decides, not the one of the scenario in which it runs", async () => {
  const one = await scenario("one");
  await draw(one, 1);
  await scenario("two", async (two) => {
    await draw(two, 7);
    const step = (from: Scenario) =>
      two.run({ name: "double", fn: async () => 2 * (await from.coupler.require("n").load() as number), outputs: ["twice"] });
    assert.equal(await step(one).load(), 2);
    assert.equal(await step(two).load(), 14);
    assertHit(await step(one));
    assert.equal(await step(one).load(), 2);
  });
  await one.end();
});

test("a scenario opened again does not stand for the one that a step still holds", async () => {
  const old = await scenario("study");
  await draw(old, 1);
  const now = await scenario("study");
  await draw(now, 2);
  const step = (sc: Scenario) =>
    run({ name: "double", fn: async () => 2 * (await sc.coupler.require("n").load() as number), outputs: ["twice"] });
  assert.equal(await step(old).load(), 2);
  assert.equal(await step(now).load(), 4);
  assert.equal(await step(old).load(), 2);
  await now.end();
});

test("a step that captured two couplers is not served, since nothing says which one it reads", async () => {
  const [one, two] = [await scenario("one"), await scenario("two")];
  await draw(one, 1);
  await draw(two, 2);
  const step = (a: Scenario, b: Scenario) =>
    run({
      name: "ratio",
      fn: async () => (await a.coupler.require("n").load() as number) / (await b.coupler.require("n").load() as number),
      outputs: ["r"],
    });
  const first = await step(one, two);
  assert.equal(await first.load(), 0.5);
  assert.match(textOf(first), /will not be served again/);
  assert.equal(await step(two, one).load(), 2);
  assertMiss(await step(one, two));
  await one.end();
  await two.end();
});

test("a key that was not in the coupler, and the list of its keys, count as well", async () => {
  await scenario("study", async (sc) => {
    const step = () => sc.run({ name: "maybe", fn: () => sc.coupler.get("n") === undefined ? "none" : "some", outputs: ["text"] });
    const list = () => sc.run({ name: "list", fn: () => [...sc.coupler.keys()].join(), outputs: ["listed"] });
    assert.equal(await step().load(), "none");
    assertHit(await step());
    assert.equal(await list().load(), "text");
    await draw(sc, 1);
    assert.equal(await step().load(), "some");
    assert.equal(await list().load(), "text,listed,n");
  });
});

test("a declared key is no implicit input, also where the coupler is asked for it", async ({ tracker }) => {
  await scenario("study", async (sc) => {
    await draw(sc, 1);
    const fn = async ({ n }: { n: number }) => n + (await sc.coupler.require("n").load() as number);
    const made = await sc.run({ name: "sum", fn, inputs: ["n"], outputs: ["sum"] });
    assert.deepEqual(await linksOf(tracker, made.run.id), { n: false });
  });
});

test("loading in the body of a trace counts, and what the body puts into the coupler itself does not", async ({ dir, tracker }) => {
  await Deno.writeTextFile(`${dir}/own.txt`, "own");
  const study = (n: number) =>
    scenario("study", async (sc) => {
      await draw(sc, n);
      return await sc.trace({ name: "check", outputs: ["report"] }, async (step) => {
        const seen = await load(sc.coupler.require("n"));
        await sc.coupler.setFromArtifact("own", `${dir}/own.txt`);
        const own = await sc.coupler.require("own").load();
        await Deno.writeTextFile(step.outputPath("report", ".txt"), `${seen} ${own}`);
        await step.logOutput(step.outputPath("report", ".txt"));
      });
    });
  const first = await study(1);
  assert.deepEqual(await linksOf(tracker, first.run.id), { n: true, own: true });
  assertHit(await study(1));
  assertMiss(await study(2), "inputs");
  await Deno.writeTextFile(`${dir}/own.txt`, "other");
  assertMiss(await study(2), "inputs");
});

// ── through artifacts, runs inside and the ledger ───────────────────────────────────────────────────────────────────────────

test("an artifact that a step loads is linked to its run, whichever way it is loaded", async ({ tracker }) => {
  const made = await run({ name: "make", fn: () => [{ id: 1 }], outputs: ["rows"] });
  const { rows } = made.outputs as unknown as { rows: Artifact<"rows", { id: number }[]> };
  const ways = {
    artifact: async () => (await rows.load()).length,
    load: async () => (await load(rows)).length,
    loadDf: async () => (await loadDf(rows)).height,
    step: async (_: unknown, step: { load(artifact: Artifact): Promise<unknown> }) => ((await step.load(rows)) as unknown[]).length,
    result: async () => ((await made.load()) as unknown[]).length,
    ledger: async () => ((await (await tracker.getArtifact(rows.id))!.load()) as unknown[]).length,
  };
  for (const [name, fn] of Object.entries(ways)) {
    const step = () => run({ name, fn, outputs: ["n"] });
    const result = await step();
    assert.equal(await result.load(), 1, name);
    assert.deepEqual(await linksOf(tracker, result.run.id), { rows: true }, name);
    assertHit(await step());
  }
});

test("an artifact that was declared or made by the step itself is no implicit input", async ({ tracker }) => {
  const made = await run({ name: "make", fn: () => 3, outputs: ["n"] });
  const result = await run({
    name: "own",
    fn: async ({ n }, step) => {
      const own = await step.logDataframe((await import("polars")).default.DataFrame({ n: [n] }), { key: "table" });
      return { m: n + (await own.load()).height + (await load(made.outputs.n)) };
    },
    inputs: { n: made.outputs.n },
    outputs: ["m", "table"],
  });
  assert.equal(await result.load("m"), 7);
  assert.deepEqual(await linksOf(tracker, result.run.id), { n: false });
});

test("an implicit artifact whose file was edited is an error, not a hit", async () => {
  const made = await run({ name: "make", fn: () => "text", outputs: ["note"] });
  const step = () => run({ name: "read", fn: async () => `${await made.load("note")}!`, outputs: ["loud"] });
  await step();
  assertHit(await step());
  await Deno.writeTextFile(made.outputs.note.path, "edited");
  await assert.rejects(step(), /changed after it was recorded/);
  await Deno.remove(made.outputs.note.path);
  assertHit(await step()); // gone is not edited: the recorded content is known
});

test("what runs inside of a step read is read by the step", async ({ dir, tracker }) => {
  await Deno.writeTextFile(`${dir}/raw.txt`, "1");
  await Deno.writeTextFile(`${dir}/k.txt`, "k");
  const outer = () =>
    run({
      name: "outer",
      fn: async () => {
        const inner = await run({
          name: "inner",
          fn: async ({ raw }) => `${raw}${await input(`${dir}/k.txt`)}`,
          inputs: { raw: `${dir}/raw.txt` },
          outputs: ["a"],
        });
        return await run({ name: "next", fn: ({ a }) => `${a}!`, inputs: { a: inner.outputs.a }, outputs: ["b"] }).load();
      },
      outputs: ["text"],
    });
  const first = await outer();
  assert.equal(await first.load(), "1k!");
  assert.deepEqual(await linksOf(tracker, first.run.id), { k: true, raw: true });
  assertHit(await outer());
  await Deno.writeTextFile(`${dir}/raw.txt`, "2");
  assert.equal(await outer().load(), "2k!");
  await Deno.writeTextFile(`${dir}/k.txt`, "K");
  assert.equal(await outer().load(), "2K!");
  await Deno.writeTextFile(`${dir}/raw.txt`, "1");
  assert.equal(await outer().load(), "1K!");
});

test("a hit inside of a step brings what it read along", async ({ dir }) => {
  await Deno.writeTextFile(`${dir}/k.txt`, "1");
  const inner = () => run({ name: "inner", fn: () => input(`${dir}/k.txt`), outputs: ["a"] });
  await inner();
  const outer = () => run({ name: "outer", fn: async () => `${await inner().load()}!`, outputs: ["b"] });
  assert.equal(await outer().load(), "1!");
  await Deno.writeTextFile(`${dir}/k.txt`, "2");
  assert.equal(await outer().load(), "2!");
});

test("a step that asks the ledger for runs is not served, and says so", async () => {
  const simulate = (n: number) => run({ name: "simulate", fn: (_, { config }) => config.n, config: { n }, outputs: ["n"] });
  const step = () => run({ name: "ask", fn: async () => (await findLatestRun({ step: "simulate" })).facet.n, outputs: ["n"] });
  await simulate(1);
  const first = await step();
  assert.equal(await first.load(), 1);
  assert.match(textOf(first), /asked the ledger/);
  await simulate(2);
  assert.equal(await step().load(), 2);
});

test("a step that asks a view is not served, also where the view knew its answer before", async () => {
  const Trip = z.object({ id: z.int() });
  const make = (n: number) =>
    run({ name: "make", fn: (_, { config }) => pl.DataFrame({ id: [config.n] }), config: { n }, outputs: ["Trip"] });
  const { Trip: trips } = view({ Trip });
  const step = () => run({ name: "ask", fn: () => trips.count(), outputs: ["n"] });
  await make(1);
  assert.equal(await trips.count(), 1);
  const first = await step();
  assert.equal(await first.load(), 1);
  assert.match(textOf(first), /asked the ledger/);
  await make(2);
  assert.equal(await step().load(), 2);
});

test("a relation that a step makes of a file or an artifact is an input", async ({ dir, tracker }) => {
  const path = `${dir}/t.csv`;
  await Deno.writeTextFile(path, "x\n1\n");
  const sum = (source: () => RelationSource) =>
    run({
      name: "sum",
      fn: async () => (await sql<{ n: number }>`select sum(x) as n from ${relation(source())}`.rows())[0]!.n,
      outputs: ["n"],
    });
  for (const source of [() => path, () => new URL(`file://${path}`), () => [path], () => `${dir}/*.csv`]) {
    await Deno.writeTextFile(path, "x\n1\n");
    assert.equal(await sum(source).load(), 1);
    assertHit(await sum(source));
    await Deno.writeTextFile(path, "x\n2\n");
    assert.equal(await sum(source).load(), 2);
  }
  const made = await run({ name: "make", fn: () => pl.DataFrame({ x: [3] }), outputs: ["t"] });
  const ofArtifact = await sum(() => made.outputs.t);
  assert.deepEqual([await ofArtifact.load(), await linksOf(tracker, ofArtifact.run.id)], [3, { t: true }]);
});

test("a relation over what is not there, or over what the step wrote, is none of its inputs", async ({ dir, tracker }) => {
  const own = await run({
    name: "own",
    fn: async (_, step) => {
      const path = step.outputPath("t", ".csv");
      await Deno.writeTextFile(path, "x\n1\n2\n");
      return { n: await relation(path).count() };
    },
    outputs: ["n"],
  });
  assert.deepEqual([await own.load("n"), await linksOf(tracker, own.run.id)], [2, {}]);
  const path = `${dir}/later.csv`;
  const step = () => run({ name: "later", fn: () => relation(path).count().catch(() => -1), outputs: ["n"] });
  assert.equal(await step().load(), -1);
  assertHit(await step());
  await Deno.writeTextFile(path, "x\n1\n");
  assert.equal(await step().load(), 1);
});

test("a query that is declared as an input counts by its rows and is served", async ({ tracker }) => {
  await run({ name: "simulate", fn: () => 1, outputs: ["n"] });
  const table = tracker.pivotFacets({ namespace: "simulate", keys: ["n"] });
  type Rows = { readonly table: { rows(): Promise<unknown[]> } };
  const inputs = { table: table as unknown as string };
  const step = () => run({ name: "count", fn: async ({ table }: Rows) => (await table.rows()).length, inputs, outputs: ["rows"] });
  assert.equal(await step().load(), 1);
  assertHit(await step());
});

test("a file that a query in a step names is an input, also through a pattern, a function, and a query that is returned", async ({ dir }) => {
  const path = `${dir}/q.csv`;
  const steps: Readonly<Record<string, () => unknown>> = {
    named: () => sqlText(`select x from '${path}'`).rows(),
    function: () => sqlText(`select x from read_csv('${path}')`).rows(),
    pattern: () => sqlText(`select x from '${dir}/g*.csv' order by x`).rows(),
    returned: () => sqlText(`select x from '${path}'`),
  };
  for (const [name, fn] of Object.entries(steps)) {
    await Deno.writeTextFile(path, "x\n1\n");
    await Deno.writeTextFile(`${dir}/g1.csv`, "x\n1\n");
    const step = () => run({ name, fn: fn as () => string, outputs: ["table"] });
    await step();
    assertHit(await step());
    await Deno.writeTextFile(path, "x\n2\n");
    await Deno.writeTextFile(`${dir}/g2.csv`, "x\n2\n");
    assertMiss(await step(), "inputs");
    assertHit(await step());
    await Deno.remove(`${dir}/g2.csv`);
  }
});

test("a query in a step whose files its text does not name is not served again", async ({ dir }) => {
  const path = `${dir}/q.csv`;
  await Deno.writeTextFile(path, "x\n1\n");
  const step = () => run({ name: "by parameter", fn: () => sql`select x from read_csv(${path})`.rows(), outputs: ["rows"] });
  await step();
  assertMiss(await step());
});

test("a run inside a step that is given a query of a file makes the file an input of the step", async ({ dir }) => {
  const path = `${dir}/q.csv`;
  const inner = () => {
    const query = sqlText(`select x from '${path}'`);
    return run({ name: "inner", fn: ({ query }: Given) => query.rows(), inputs: { query: query as unknown as string }, outputs: ["rows"] });
  };
  const step = () => run({ name: "outer", fn: async () => (await inner().load()) as object[], outputs: ["rows"] });
  await Deno.writeTextFile(path, "x\n1\n");
  await step();
  assertHit(await step());
  await Deno.writeTextFile(path, "x\n2\n");
  assert.deepEqual(await step().load(), [{ x: 2 }]);
});

test("a query that is declared as an input counts by its columns and their types too", async () => {
  const step = (query: unknown) =>
    run({
      name: "types",
      fn: async ({ query }: Given) => String((await query.df()).dtypes),
      inputs: { query: query as string },
      outputs: ["types"],
    });
  await step(sql`select 1::integer as a`);
  assertMiss(await step(sql`select 1::smallint as a`), "inputs");
  await step(sql`select 1 as a where false`);
  assertMiss(await step(sql`select 1 as b where false`), "inputs");
  assertHit(await step(sql`select 1::integer as a`));
});

test("a query that is declared as an input excuses no other question to the ledger", async () => {
  const step = () =>
    run({
      name: "asks",
      fn: async ({ query }: Given) => (await query.rows()).length + (await findRuns()).length,
      inputs: { query: sql`select 1 as a` as unknown as string },
      outputs: ["answers"],
    });
  await step();
  assertMiss(await step());
});

test("a ledger without texts of results serves no run that has implicit inputs", async ({ dir, tracker }) => {
  await Deno.writeTextFile(`${dir}/k.txt`, "1");
  const step = () => run({ name: "reads", fn: () => input(`${dir}/k.txt`), outputs: ["k"] });
  await step();
  const connection = await tracker.connection();
  await connection.run("update deno_run set result = null");
  connection.disconnectSync();
  await Deno.writeTextFile(`${dir}/k.txt`, "2");
  assert.equal(await step().load(), "2");
});
