/** A view over a thousand parquet files beside DuckDB's own reading of them. */
import { DuckDBInstance } from "@duckdb/node-api";
import { join } from "@std/path";
import { scenario, sql, Tracker, useTracker, view } from "consist";
import pl from "polars";
import { z } from "zod";
import { interleave, type Measure, measure } from "./measure.ts";

const FILES = 1000;
const ROWS = 1000;
/** Until then all files are taken for what they are by their times. */
const SETTLED_MS = 3_000;
/**
 * Rounds for all rows. Each leaves a frame of tens of megabytes for the collector, and the next one takes new memory or used memory, which
 * differs by more than the two sides do: 15 rounds gave anything from 1.12 to 1.58 times.
 */
const ALL_ROWS_ROUNDS = 45;

const Trip = z.object({ id: z.int(), person: z.int(), km: z.number(), mode: z.string(), late: z.boolean() });

/** A run for each file. */
async function makeFiles(): Promise<string[]> {
  const ids = Array.from({ length: ROWS }, (_, index) => index);
  return await scenario("trips", async (sc) => {
    const paths: string[] = [];
    for (let year = 0; year < FILES; year++) {
      const { outputs } = await sc.run({
        name: "simulate",
        fn: (_: unknown, { config }) =>
          pl.DataFrame({
            id: ids,
            person: ids.map((id) => (id * 7919 + config.year) % ROWS),
            km: ids.map((id) => (id * config.year) % 97 / 3),
            mode: ids.map((id) => (id % 3 === 0 ? "car" : "bus")),
            late: ids.map((id) => id % 5 === 0),
          }),
        config: { year },
        year,
        outputs: ["Trip"],
      });
      paths.push(outputs.Trip.path);
    }
    return paths;
  });
}

/** Measures an aggregation and the loading of all rows. */
export async function views(): Promise<Measure[]> {
  const dir = await Deno.makeTempDir({ prefix: "consist-bench-" });
  const tracker = new Tracker({ dbPath: join(dir, "provenance.duckdb") });
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    return await useTracker(tracker, async () => {
      const paths = await makeFiles();
      const { Trip: trips } = view({ Trip });
      const raw = `read_parquet([${paths.map((path) => `'${path}'`).join(", ")}])`;
      const measures: Measure[] = [];
      const compare = async (name: string, ours: () => unknown, byHand: () => unknown, rounds = 15) => {
        const [mine, hand] = await interleave([name, `${name}: read_parquet`], rounds, [ours, byHand]);
        measures.push(hand, { ...mine, ratio: { to: "read_parquet", value: mine.median / hand.median, budget: 1.3 } });
      };
      const grouped = "select mode, count(*) as n, sum(km) as km, sum(person) as p from";
      const ours = () => sql`select mode, count(*) as n, sum(km) as km, sum(person) as p from ${trips} group by mode`.rows();
      // A file as fresh as this could be changed again without showing it, and is read for its digest each time.
      measures.push(
        await measure(`view over ${FILES.toLocaleString("en")} files, grouped, while the last of them are younger than 2 s`, 5, ours),
      );
      await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
      await compare(
        `view over ${FILES.toLocaleString("en")} files, grouped`,
        ours,
        async () => (await connection.runAndReadAll(`${grouped} ${raw} group by mode`)).getRows(),
      );
      const first = await measure(
        `view over ${FILES.toLocaleString("en")} files, grouped, a new view that opens the ledger`,
        7,
        async () => {
          await tracker.close();
          await sql`select mode, count(*) as n, sum(km) as km, sum(person) as p from ${view({ Trip }).Trip} group by mode`.rows();
        },
      );
      measures.push(first);
      const copy = join(dir, "rows.parquet");
      await compare(
        `view over ${FILES.toLocaleString("en")} files, all rows`,
        () => trips.df(),
        async () => {
          await connection.run(`copy (select * from ${raw}) to '${copy}' (format parquet)`);
          return pl.readParquet(copy);
        },
        ALL_ROWS_ROUNDS,
      );
      return measures;
    });
  } finally {
    connection.disconnectSync();
    instance.closeSync();
    await tracker.close();
    await Deno.remove(dir, { recursive: true });
  }
}
