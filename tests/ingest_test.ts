import assert from "node:assert/strict";
import pl from "polars";
import fc from "fast-check";
import { z } from "zod";
import {
  type Artifact,
  ConsistError,
  ContentError,
  ingest,
  lazy,
  load,
  loadDf,
  logOutput,
  OutputError,
  outputPath,
  relation,
  run,
  scenario,
  sql,
  Tracker,
  view,
  wouldHit,
} from "consist";
import { validate } from "../src/query/answers/mod.ts";
import { servicesOf } from "../src/tracker/mod.ts";
import { callIn } from "./cli/call.ts";
import { inTracker } from "./in_tracker.ts";

const frame = () => pl.DataFrame({ id: [1, 2, 3], name: ["a", "b", null] });
const query = async (tracker: Tracker, text: string) => {
  const connection = await tracker.connection();
  try {
    return (await connection.runAndReadAll(text)).getRowObjectsJS();
  } finally {
    connection.disconnectSync();
  }
};

Deno.test("an ingested output loads from the ledger where its file is gone, and its step is still a hit", () =>
  inTracker(async () => {
    let executions = 0;
    const step = () => run({ name: "make", fn: () => (executions++, frame()), outputs: { table: { ingest: true } } });
    const first = await step();
    assert.equal(first.outputs.table.meta.is_ingested, true);
    await Deno.remove(first.outputs.table.path);
    assert.deepEqual((await loadDf(first.outputs.table)).toRecords(), frame().toRecords());
    assert.equal((await wouldHit({ name: "make", fn: () => (executions++, frame()), outputs: { table: { ingest: true } } })).hit, true);
    const again = await step();
    assert.equal(again.cacheHit, true);
    assert.deepEqual((await again.load("table")).toRecords(), frame().toRecords());
    assert.match(again.explain(), /hit/i);
    const reader = await run({ name: "read", fn: ({ table }) => table.height, inputs: { table: again.outputs.table }, outputs: ["n"] });
    assert.equal(await reader.load("n"), 3);
    assert.equal(executions, 1);
  }));

Deno.test("a damaged file of an ingested output is never served: it loads from the ledger, and the step executes again", () =>
  inTracker(async () => {
    const step = () => run({ name: "make", fn: frame, outputs: { table: { ingest: true } } });
    const first = await step();
    pl.DataFrame({ id: [9, 9, 9], name: ["x", "x", "x"] }).writeParquet(first.outputs.table.path);
    assert.deepEqual((await loadDf(first.outputs.table)).toRecords(), frame().toRecords());
    assert.equal((await step()).cacheHit, false);
  }));

Deno.test("what was not ingested does not load where its file is gone, and its step executes again", () =>
  inTracker(async () => {
    const step = () => run({ name: "make", fn: frame, outputs: ["table"] });
    const first = await step();
    await Deno.remove(first.outputs.table.path);
    await assert.rejects(loadDf(first.outputs.table), (error) => error instanceof ContentError && error.code === "artifact_missing");
    assert.equal((await step()).cacheHit, false);
  }));

Deno.test("rows that were removed from the ledger are no hit and no value", () =>
  inTracker(async (tracker) => {
    const step = () => run({ name: "make", fn: frame, outputs: { table: { ingest: true } } });
    const first = await step();
    await Deno.remove(first.outputs.table.path);
    await query(tracker, `delete from global_tables."table" where id = 2`);
    await assert.rejects(loadDf(first.outputs.table), (error) => error instanceof ContentError && error.code === "artifact_missing");
    const again = await step();
    assert.equal(again.cacheHit, false);
    await Deno.remove(again.outputs.table.path);
    assert.equal((await loadDf(again.outputs.table)).height, 3, "the second execution put the rows in again");
  }));

Deno.test("every type of column comes back, in its order, with its nulls", () =>
  inTracker(async () => {
    const at = [new Date("2030-01-02T03:04:05.678Z"), null, new Date(0)];
    const moments = pl.Series("m", at);
    const columns = [
      pl.Series("zz_float", [1.5, null, -0]),
      pl.Series("big", ["9007199254740993", null, "-9223372036854775808"]).cast(pl.Int64).alias("big"),
      pl.Series("unsigned", [18446744073709551615n, 0n, 1n], pl.UInt64),
      pl.Series("small", [1, 2, 3], pl.Int8),
      pl.Series("f32", [1.5, 2, 3], pl.Float32),
      pl.Series("flag", [true, null, false]),
      pl.Series("text", ["", null, "ü 🚀 'q' \"d\" \n"]),
      moments.alias("millis"),
      moments.cast(pl.Date).alias("day"),
      moments.cast(pl.Datetime("us")).alias("micros"),
      moments.cast(pl.Datetime("ns")).alias("nanos"),
      moments.cast(pl.Datetime("ms", "Europe/Vienna")).alias("zoned"),
      pl.Series("kind", ["a", "b", null]).cast(pl.Categorical).alias("kind"),
      pl.Series("list", [[1, 2], [], null]),
      pl.Series("texts", [["a"], ["b", null], []]),
      pl.Series("nested", [{ a: 1, b: "x" }, { a: 2, b: null }, { a: null, b: "z" }]),
      moments.alias("dates").toFrame().select(pl.col("dates").reshape([3, 1]).cast(pl.List(pl.Datetime("ms")))).getColumn("dates"),
      pl.Series("nothing", [null, null, null]),
      pl.Series("duration", [1, 2, null]).cast(pl.Int64).cast((pl as unknown as { Duration(unit: string): pl.DataType }).Duration("ms"))
        .alias(
          "duration",
        ),
    ];
    const made = pl.DataFrame(columns);
    for (const driver of ["parquet", "arrow"] as const) {
      const { outputs } = await run({ name: driver, fn: () => made, outputs: { typed: { ingest: true, driver } } });
      const before = await load(outputs.typed) as pl.DataFrame;
      assert.equal(before.getColumn("big").nullCount(), 1);
      await Deno.remove(outputs.typed.path);
      const after = await load(outputs.typed) as pl.DataFrame;
      assert.deepEqual(after.columns, before.columns);
      assert.deepEqual(after.dtypes.map(String), before.dtypes.map(String));
      for (const name of before.columns) {
        assert.deepEqual(after.getColumn(name).toArray(), before.getColumn(name).toArray(), name);
      }
    }
  }));

Deno.test("rows come from the ledger as the driver gives them, not as another reader would", () =>
  inTracker(async () => {
    const texts = {
      csv: "code,day\n007,2020-01-01\n010,\n",
      tsv: "code\tn\n007\t1\n",
      ndjson: '{"code":"007","more":{"a":[1,2]}}\n{"code":null,"more":null}\n',
    };
    const fn = async () => {
      for (const [ext, text] of Object.entries(texts)) {
        await Deno.writeTextFile(outputPath(ext, ext), text);
        await ingest(await logOutput(outputPath(ext, ext), { key: ext }));
      }
    };
    const { outputs } = await run({ name: "texts", fn, outputs: ["csv", "tsv", "ndjson"] });
    for (const artifact of Object.values(outputs) as Artifact[]) {
      const before = await loadDf(artifact);
      await Deno.remove(artifact.path);
      const after = await loadDf(artifact);
      assert.deepEqual(after.dtypes.map(String), before.dtypes.map(String));
      assert.deepEqual(after.toRecords(), before.toRecords());
    }
  }));

Deno.test("the same content is kept once, whoever made it", () =>
  inTracker(async (tracker) => {
    const make = (config: { seed: number }) => run({ name: "make", fn: () => frame(), config, outputs: { table: { ingest: true } } });
    const [one, two] = [await make({ seed: 1 }), await make({ seed: 2 })];
    assert.notEqual(one.outputs.table.id, two.outputs.table.id);
    assert.deepEqual(await query(tracker, `select count(*)::int as n from global_tables."table"`), [{ n: 3 }]);
    for (const { outputs } of [one, two]) {
      await Deno.remove(outputs.table.path);
      assert.equal((await loadDf(outputs.table)).height, 3);
    }
    assert.equal((await make({ seed: 2 })).cacheHit, true);
  }));

Deno.test("tables of one key with other columns lie beside each other", () =>
  inTracker(async (tracker) => {
    const make = (config: { wide: boolean }) => {
      const fn = (_: unknown, step: { config: { wide: boolean } }) =>
        step.config.wide ? pl.DataFrame({ id: ["x"], more: [true] }) : pl.DataFrame({ id: [1] });
      return run({ name: "make", fn, config, outputs: { "My Table": { ingest: true } } });
    };
    const made = [await make({ wide: false }), await make({ wide: true })];
    for (const { outputs } of made) await Deno.remove(outputs["My Table"].path);
    assert.deepEqual((await loadDf(made[0]!.outputs["My Table"])).toRecords(), [{ id: 1 }]);
    assert.deepEqual((await loadDf(made[1]!.outputs["My Table"])).toRecords(), [{ id: "x", more: true }]);
    const tables = await query(tracker, "select table_name as name from duckdb_tables() where schema_name = 'global_tables' order by all");
    assert.match(tables.map(({ name }) => name).join(" "), /^my_table my_table__[0-9a-f]{8}$/);
  }));

Deno.test("rows lie in the table of the key, whatever their schema is called; those that lie elsewhere are not said to be where Python looks", () =>
  inTracker(async (tracker) => {
    const Zone = z.object({ id: z.int() });
    view({ Zone });
    const fn = (_: unknown, { config }: { config: { key: string } }) => ({ [config.key]: pl.DataFrame({ id: [config.key.length] }) });
    const notes = async (key: string) => {
      const { outputs } = await run({ name: "make", fn, config: { key }, outputs: { [key]: { ingest: true, schema: Zone } } });
      const { is_ingested, dlt_table_name, rows_in_ledger } = (await tracker.getArtifact(outputs[key]!.id))!.meta;
      return [is_ingested, dlt_table_name, rows_in_ledger === outputs[key]!.id];
    };
    assert.deepEqual(await notes("zones"), [true, "zones", false]);
    assert.deepEqual(await notes("byZone"), [undefined, undefined, true], "the table is by_zone");
    const tables = await query(tracker, "select table_name as name from duckdb_tables() where schema_name = 'global_tables' order by all");
    assert.deepEqual(tables, [{ name: "by_zone" }, { name: "zones" }]);
    assert.equal((await validate(servicesOf(tracker))).faults.length, 0);
  }));

Deno.test("any name of a column comes back", () =>
  inTracker(async (tracker) => {
    const names = [
      "a",
      "A",
      "select",
      "q\"uo'te",
      "ü 🚀",
      "new\nline",
      "\u0001",
      "x\0y",
      "consist_run_id",
      "_dlt_id",
      "column_2",
      "__proto__",
      "l".repeat(10_000),
      "file_index",
    ];
    const made = pl.DataFrame(names.map((name, index) => pl.Series(name, [index, null])));
    const { outputs } = await run({ name: "hostile", fn: () => made, outputs: { "a:b/Select": { ingest: true } } });
    const artifact = Object.values(outputs)[0] as Artifact<string, pl.DataFrame>;
    await Deno.remove(artifact.path);
    const after = await loadDf(artifact);
    assert.deepEqual(after.columns, names);
    assert.deepEqual(after.row(0), names.map((_, index) => index));
    assert.equal((await query(tracker, "select count(*)::int as n from run"))[0]!.n, 1);
  }));

Deno.test("an option that is new puts in what earlier runs made, once", () =>
  inTracker(async (tracker) => {
    const step = (ingest: boolean) => run({ name: "make", fn: frame, outputs: { table: { ingest } } });
    assert.equal((await step(false)).cacheHit, false);
    const hit = await step(true);
    assert.deepEqual([hit.cacheHit, hit.outputs.table.meta.is_ingested], [true, true]);
    await Deno.remove(hit.outputs.table.path);
    const again = await step(true);
    assert.deepEqual([again.cacheHit, again.outputs.table.meta.is_ingested], [true, true]);
    assert.equal((await loadDf(again.outputs.table)).height, 3);
    const rows = await query(tracker, `select distinct consist_run_id as id from global_tables."table"`);
    assert.deepEqual(rows, [{ id: hit.outputs.table.runId }]);
  }));

Deno.test("ingest() takes what is on record, inside a run", () =>
  inTracker(async () => {
    const { outputs } = await run({ name: "make", fn: frame, outputs: ["table"] });
    await assert.rejects(ingest(outputs.table), (error) => error instanceof ConsistError && error.code === "no_active_run");
    await scenario("later", (sc) => sc.trace({ name: "keep" }, () => ingest(outputs.table)));
    await Deno.remove(outputs.table.path);
    assert.equal((await loadDf(outputs.table)).height, 3);
    await scenario("again", (sc) => sc.trace({ name: "keep" }, () => ingest(outputs.table)));
  }));

Deno.test("ingest() refuses what is no table, what has no columns, and what does not fit, and names it", () =>
  inTracker(async (tracker) => {
    const refused = (words: RegExp) => (error: unknown) => {
      const cause = error instanceof Error && error.name === "StepFailedError" ? error.cause : error;
      assert.ok(cause instanceof OutputError, String(error));
      assert.match(cause.message, words);
      return true;
    };
    await assert.rejects(
      run({ name: "text", fn: () => "x", outputs: { note: { ingest: true } } }),
      refused(/"note"[\s\S]*driver "txt" gives no table/),
    );
    const empty = async () => {
      await Deno.writeTextFile(outputPath("none", "ndjson"), "\n");
      await ingest(await logOutput(outputPath("none", "ndjson"), { key: "none" }));
    };
    await assert.rejects(run({ name: "empty", fn: empty }), refused(/It has no columns/));
    const wrong = async () => {
      await Deno.writeTextFile(outputPath("people", "csv"), "id,age\n1,30\n2,x\n");
      await ingest(await logOutput(outputPath("people", "csv"), { key: "people" }), { schema: z.object({ id: z.int(), age: z.int() }) });
    };
    await assert.rejects(run({ name: "wrong", fn: wrong }), refused(/column "age"/));
    assert.deepEqual(await query(tracker, "select table_name from duckdb_tables() where schema_name = 'global_tables'"), []);
  }));

Deno.test("a table larger than one block, and one without rows, come back in the order of the file", () =>
  inTracker(async () => {
    const big = () =>
      run({
        name: "big",
        fn: () => sql`select (i * 7919) % 1000003 as n, 'x' || i as t from range(1000000) r(i)`,
        outputs: { big: { ingest: true } },
      });
    const { outputs } = await big();
    const before = await loadDf(outputs.big);
    await Deno.remove(outputs.big.path);
    const after = await loadDf(outputs.big);
    assert.equal(after.frameEqual(before), true);
    const none = await run({ name: "none", fn: () => frame().head(0), outputs: { none: { ingest: true } } });
    await Deno.remove(none.outputs.none.path);
    assert.deepEqual([(await loadDf(none.outputs.none)).height, (await loadDf(none.outputs.none)).columns], [0, ["id", "name"]]);
  }));

Deno.test("a ledger that was lost has no rows any more: they are put in again by the next hit", () =>
  inTracker(async (tracker) => {
    const step = () => run({ name: "make", fn: frame, outputs: { table: { ingest: true } } });
    await step();
    await tracker.close();
    for (const end of ["", ".wal"]) await Deno.remove(tracker.dbPath + end).catch(() => {}); // there may be no log
    assert.equal((await tracker.rebuild()).runs.length, 1);
    const hit = await step();
    assert.deepEqual([hit.cacheHit, hit.outputs.table.meta.is_ingested], [true, true]);
    await Deno.remove(hit.outputs.table.path);
    assert.equal((await loadDf(hit.outputs.table)).height, 3);
  }));

Deno.test("a run that fails leaves no rows", () =>
  inTracker(async (tracker) => {
    const fn = async () => {
      await Deno.writeTextFile(outputPath("t", "csv"), "id\n1\n");
      await ingest(await logOutput(outputPath("t", "csv"), { key: "t" }));
      throw new Error("late");
    };
    await assert.rejects(run({ name: "fails", fn, outputs: ["t"] }), /late/);
    assert.deepEqual(await query(tracker, "select table_name from duckdb_tables() where schema_name = 'global_tables'"), []);
  }));

Deno.test("rows in the ledger stand for their file in SQL and for every way in which a step takes them, but for a path", () =>
  inTracker(async () => {
    const { outputs: { table } } = await run({ name: "make", fn: frame, outputs: { table: { ingest: true } } });
    await Deno.remove(table.path);
    assert.deepEqual(await sql`select sum(id) as n from ${table}`.rows(), [{ n: 6 }]);
    const lazily = await run({
      name: "lazily",
      fn: async ({ t }) => (await t.collect()).height,
      inputs: { t: lazy(table) },
      outputs: ["n"],
    });
    assert.equal(await lazily.load("n"), 3);
    const related = await run({ name: "related", fn: ({ t }) => t.count(), inputs: { t: relation(table) }, outputs: ["n"] });
    assert.equal(await related.load("n"), 3);
    const path = run({
      name: "path",
      fn: ({ t }) => t,
      inputs: { t: table },
      outputs: ["p"],
      executionOptions: { inputBinding: "paths" },
    });
    await assert.rejects(path, /is gone/);
  }));

Deno.test("whatever a table holds, the ledger gives the same table back", () =>
  inTracker(async () => {
    const cells: { readonly [kind: string]: fc.Arbitrary<unknown> } = {
      text: fc.string({ unit: "grapheme" }),
      number: fc.double({ noNaN: true }),
      flag: fc.boolean(),
      moment: fc.date({ min: new Date(-1e12), max: new Date(4e12), noInvalidDate: true }),
    };
    const column = fc.constantFrom(...Object.keys(cells)).chain((kind) =>
      fc.tuple(fc.string({ minLength: 1, unit: "grapheme" }), fc.array(fc.option(cells[kind]!), { minLength: 3, maxLength: 3 }))
    );
    const table = fc.uniqueArray(column, { minLength: 1, maxLength: 5, selector: ([name]) => name.toLowerCase() });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom("parquet", "csv", "arrow"), async (columns, driver) => {
        const made = pl.DataFrame(Object.fromEntries(columns));
        const { outputs } = await run({
          name: "make",
          fn: () => made,
          config: { at: crypto.randomUUID() },
          outputs: { t: { ingest: true, driver } },
        });
        const before = await loadDf(outputs.t);
        await Deno.remove(outputs.t.path);
        const after = await loadDf(outputs.t);
        assert.deepEqual(after.dtypes.map(String), before.dtypes.map(String));
        assert.deepEqual(after.columns, before.columns);
        assert.deepEqual(after.rows(), before.rows());
      }),
      { numRuns: 15 },
    );
  }));

Deno.test("db merge brings ingested rows: once for each content, beside a table of other columns, and files that are gone load from them", () =>
  inTracker(async (tracker, dir) => {
    const make = (on: Tracker, seed: number, wide = false) =>
      on.run({
        name: "make",
        fn: (_: unknown, { config }: { config: { seed: number; wide: boolean } }) =>
          config.wide ? pl.DataFrame({ id: ["x"], seed: [config.seed] }) : pl.DataFrame({ id: [config.seed] }),
        config: { seed, wide },
        outputs: { "table": { ingest: true } },
      });
    const other = new Tracker({ dbPath: `${dir}/there/other.duckdb`, runDir: `${dir}/runs` });
    const [one, two, wide] = [await make(other, 1), await make(other, 2), await make(other, 3, true)];
    const again = await make(other, 1, false);
    assert.equal(again.cacheHit, true);
    await other.close();
    await make(tracker, 1);
    await tracker.close();
    const merge = async (...words: string[]) =>
      JSON.parse((await callIn(dir, "db", "merge", `${dir}/there/other.duckdb`, "--json", ...words)).out);
    const planned = await merge("--dry-run");
    const counts = Object.entries(planned.rows).filter(([name]) => name.startsWith("global_tables."));
    assert.deepEqual(counts.map(([, n]) => n), [1, 1], "the content that is here already is not brought again");
    assert.deepEqual(await merge().then(({ rows, leftBehind }) => [rows, leftBehind]), [planned.rows, []]);
    assert.deepEqual((await merge()).rows, {});
    for (const { outputs } of [one, two, wide]) await Deno.remove(outputs.table.path);
    const rows = async (artifact: Artifact) => (await loadDf((await tracker.getArtifact(artifact.id))!)).toRecords();
    assert.deepEqual(await rows(one.outputs.table), [{ id: 1 }]);
    assert.deepEqual(await rows(two.outputs.table), [{ id: 2 }]);
    assert.deepEqual(await rows(wide.outputs.table), [{ id: "x", seed: 3 }]);
    assert.equal((await make(tracker, 2)).cacheHit, true);
  }));
