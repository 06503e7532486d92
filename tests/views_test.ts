import assert from "node:assert/strict";
import { join } from "@std/path";
import pl from "polars";
import { z } from "zod";
import { ContentError, InputError, run, scenario, sql, Tracker, useTracker, view } from "consist";
import { Child } from "./child.ts";

/** A tracker of its own in an empty folder. */
async function inTracker(body: (tracker: Tracker) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  await using tracker = new Tracker({ dbPath: join(dir, "provenance.duckdb") });
  try {
    await useTracker(tracker, () => body(tracker));
  } finally {
    await tracker.close();
    await Deno.remove(dir, { recursive: true });
  }
}

const Trip = z.object({ id: z.int(), km: z.number().nullable(), note: z.string().optional() });

Deno.test("a view unites parquet, csv, arrow and ingested rows, with nulls where one lacks a column", () =>
  inTracker(async () => {
    const sc = await scenario("mixed");
    const step = (year: number, frame: pl.DataFrame, options: object) =>
      sc.run({ name: "make", fn: () => frame, config: { year }, year, outputs: { trips: options } });
    await step(2020, pl.DataFrame({ id: [1], km: [1.5], extra: ["x"] }), {});
    await step(2021, pl.DataFrame({ id: [2], km: [2] }), { driver: "csv" });
    await step(2022, pl.DataFrame({ note: ["n"], id: [3] }), { driver: "arrow" });
    const kept = await step(2023, pl.DataFrame({ id: [4], km: [4.5] }), { ingest: true });
    const keptCsv = await step(2024, pl.DataFrame({ id: [5] }), { ingest: true, driver: "csv" });
    for (const { outputs } of [kept, keptCsv]) await Deno.remove(outputs.trips.path);
    const { trips } = view({ trips: Trip });
    assert.deepEqual(await sql`select id, km, note, consist_year as year from ${trips} order by id`.rows(), [
      { id: 1, km: 1.5, note: null, year: 2020 },
      { id: 2, km: 2, note: null, year: 2021 },
      { id: 3, km: null, note: "n", year: 2022 },
      { id: 4, km: 4.5, note: null, year: 2023 },
      { id: 5, km: null, note: null, year: 2024 },
    ]);
    assert.equal((await trips.df()).height, 5);
  }));

Deno.test("content that is kept once counts in a view for each run that made it", () =>
  inTracker(async () => {
    const step = (seed: number) =>
      run({ name: "make", fn: () => pl.DataFrame({ id: [1, 2] }), config: { seed }, outputs: { trips: { ingest: true } } });
    const ids = [(await step(1)).run.id, (await step(2)).run.id];
    const { trips } = view({ trips: Trip });
    const counts = await sql<{ run: string; n: number }>`select consist_run_id as run, count(*) as n from ${trips} group by all`.rows();
    assert.deepEqual(counts.map(({ run, n }) => [run, n]).sort(), ids.map((id) => [id, 2]).sort());
  }));

Deno.test("a file that is gone is an error, unless the ledger has the same content's rows", () =>
  inTracker(async (tracker) => {
    const step = (ingest: boolean, seed: number) =>
      run({ name: "make", fn: () => pl.DataFrame({ id: [1] }), config: { seed }, outputs: { trips: { ingest } } });
    const plain = await step(false, 1);
    await Deno.remove(plain.outputs.trips.path);
    const { trips } = view({ trips: Trip });
    await assert.rejects(trips.rows(), (error) => error instanceof ContentError && error.code === "artifact_missing");
    await step(true, 2);
    assert.equal((await trips.rows()).length, 2);
    const connection = await tracker.connection();
    await connection.run("delete from global_tables.trips");
    connection.disconnectSync();
    await assert.rejects(trips.rows(), (error) => error instanceof ContentError && error.code === "artifact_missing");
  }));

Deno.test("names that differ by case only, as DuckDB reads them, are columns of a view", () =>
  inTracker(async () => {
    await run({ name: "make", fn: () => pl.DataFrame({ a: [1], A: [2] }), outputs: ["both"] });
    const { both } = view({ both: z.object({ a: z.int(), A_1: z.int() }) });
    assert.deepEqual((await both.rows()).map(({ a, A_1 }) => [a, A_1]), [[1, 2]]);
  }));

Deno.test("a file from outside that was logged with the schema is in the view, once for each year, and others are not", () =>
  inTracker(async (tracker) => {
    const { trips } = view({ trips: Trip });
    const observed = join(tracker.runDir, "observed.csv");
    await Deno.mkdir(tracker.runDir, { recursive: true });
    await Deno.writeTextFile(observed, "id,km\n1,1.5\n");
    const unlogged = join(tracker.runDir, "raw.csv");
    await Deno.writeTextFile(unlogged, "id,km\n9,9\n");
    const read = (name: string, year: number) =>
      run({ name, fn: async (_, step) => void await step.logInput(observed, { schema: Trip }), config: { name, year }, year });
    await read("first", 2020);
    await read("second", 2020);
    await read("first", 2021);
    await read("first", 2021);
    const made = await run({ name: "make", fn: () => pl.DataFrame({ id: [2], km: [2.5] }), year: 2020, outputs: ["trips"] });
    await run({ name: "again", fn: async (_, step) => void await step.logInput(made.outputs.trips.path, { schema: Trip }), year: 2022 });
    await run({ name: "other", fn: () => 1, inputs: { trips: unlogged }, year: 2020 });
    const rows = await sql`select id, km, consist_year as year from ${trips} order by id, year`.rows();
    assert.deepEqual(rows, [{ id: 1, km: 1.5, year: 2020 }, { id: 1, km: 1.5, year: 2021 }, { id: 2, km: 2.5, year: 2020 }]);
    await assert.rejects(
      run({ name: "wrong", fn: async (_, step) => void await step.logInput(observed, { schema: z.object({ nothing: z.string() }) }) }),
      (error: unknown) =>
        error instanceof Error && error.cause instanceof InputError &&
        /The input "observed" does not fit its schema/.test(error.cause.message),
    );
  }));

Deno.test("a view that is asked again and again has what was recorded, changed or lost meanwhile", () =>
  inTracker(async (tracker) => {
    const step = (year: number, by = 1) =>
      run({ name: "make", fn: (_, { config }) => pl.DataFrame({ id: [config.by] }), config: { by }, year, outputs: ["trips"] });
    const { trips } = view({ trips: Trip });
    const ids = async (): Promise<number[]> => (await sql<{ id: number }>`select id from ${trips} order by id`.rows()).map(({ id }) => id);
    await step(2020);
    assert.deepEqual([await ids(), await ids()], [[1], [1]]);
    await step(2021, 2);
    assert.deepEqual([await ids(), await ids()], [[1, 2], [1, 2]]);
    const lent = await tracker.connection();
    await lent.run("update run set year = 2030 where year = 2021");
    lent.disconnectSync();
    assert.deepEqual(await sql`select distinct consist_year as year from ${trips} order by all`.rows(), [{ year: 2020 }, { year: 2030 }]);
    const { outputs } = await step(2022, 3);
    assert.deepEqual(await ids(), [1, 2, 3]);
    await Deno.remove(outputs.trips.path);
    await assert.rejects(ids(), (error) => error instanceof ContentError && error.code === "artifact_missing");
    await step(2022, 3);
    assert.deepEqual(await ids(), [1, 2, 3]);
  }));

Deno.test("a view that knows its answer has at once what another process recorded, and sees files that were replaced or unlinked", () =>
  inTracker(async (tracker) => {
    const step = (by: number, year: number) =>
      run({ name: "make", fn: (_, { config }) => pl.DataFrame({ id: [config.by] }), config: { by }, year, outputs: ["trips"] });
    const { path } = (await step(1, 2020)).outputs.trips;
    await step(2, 2021);
    const { trips } = view({ trips: Trip });
    const ids = async () => (await trips.rows()).map(({ id }) => id).sort();
    const frameIds = async () => (await trips.df()).getColumn("id").toArray().sort();
    const { now } = Date;
    try {
      Date.now = () => now() + 3_600_000; // the ledger was last written an hour ago: what it answered is kept while others may have it
      assert.deepEqual([await ids(), await frameIds()], [[1, 2], [1, 2]]);
      await tracker.close();
      assert.deepEqual([await ids(), await frameIds()], [[1, 2], [1, 2]]);
      await using other = new Child("make_trips.ts", { dbPath: tracker.dbPath, by: 3, year: 2022 });
      assert.equal((await other.ended()).code, 0);
      assert.deepEqual([await ids(), await frameIds()], [[1, 2, 3], [1, 2, 3]]);
    } finally {
      Date.now = now;
    }
    const refused = async (code: string) => {
      for (const ask of [ids, frameIds, () => trips.count()]) {
        await assert.rejects(ask(), (error) => error instanceof ContentError && error.code === code && error.message.includes(path));
      }
    };
    const { atime, mtime } = await Deno.stat(path);
    await Deno.rename(path, `${path}.kept`);
    await refused("artifact_missing");
    pl.DataFrame({ id: [7] }).writeParquet(path);
    await Deno.utime(path, atime!, mtime!);
    await refused("content_mismatch");
    await Deno.rename(`${path}.kept`, path);
    assert.deepEqual([await ids(), await frameIds()], [[1, 2, 3], [1, 2, 3]]);
  }));

Deno.test("a view over files whose columns differ in number, order and type has the schema's", () =>
  inTracker(async () => {
    const frames = [
      pl.DataFrame({ id: pl.Series("id", [1, 2], pl.Int64), km: [1.5, 2] }),
      pl.DataFrame({ km: pl.Series("km", [3, 4], pl.Int32), note: ["a", null], id: pl.Series("id", [3, 4], pl.Int16) }),
      pl.DataFrame({ id: [5, 6], more: [true, false] }),
      pl.DataFrame({ note: ["b"], km: pl.Series("km", [0.5], pl.Float32) }),
    ];
    for (const [year, frame] of frames.entries()) await run({ name: "make", fn: () => frame, year, outputs: ["trips"] });
    const { trips } = view({ trips: Trip });
    const wanted = [
      ...[[1, 1.5, null, 0], [2, 2, null, 0], [3, 3, "a", 1], [4, 4, null, 1], [5, null, null, 2], [6, null, null, 2]],
      [null, 0.5, "b", 3],
    ];
    const told = (rows: readonly object[]) =>
      (rows as Record<string, unknown>[]).map(({ id, km, note, consist_year: year }) => [id, km, note, year])
        .sort((a, b) => Number(a[0] ?? 9) - Number(b[0] ?? 9));
    assert.deepEqual(told(await trips.rows()), wanted);
    assert.deepEqual(told((await trips.df()).toRecords()), wanted);
    assert.deepEqual(await sql`select sum(id)::int as n from ${trips} where consist_year >= 1`.rows(), [{ n: 18 }]);
    await run({ name: "make", fn: () => pl.DataFrame({ id: [6.5] }), year: 9, outputs: ["trips"] });
    for (const ask of [() => trips.rows(), () => trips.df(), () => sql`select sum(id) from ${trips}`.rows()]) {
      await assert.rejects(Promise.resolve(ask()), /the column "id" of .* is "6\.5" in row 1 of 1/);
    }
  }));
