/** The command line on large ledgers, from spawn to exit. */
import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { fillLedger } from "./make_ledger.ts";
import { type Measure, summary } from "./measure.ts";

const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url));
const RUNS = 100_000;
const SNAPSHOTS = 10_000;

/** Measures `consist runs` on many runs, and how long it takes to bring back a ledger of which only the snapshots are left. */
export async function commandLine(): Promise<Measure[]> {
  return [await listing(), await rebuild()];
}

async function listing(): Promise<Measure> {
  const dir = await Deno.makeTempDir({ prefix: "consist-bench-" });
  await fillLedger(join(dir, "provenance.duckdb"), RUNS, 3);
  const taken: number[] = [];
  for (let round = -2; round < 15; round++) {
    const { ms, text } = await consist(dir, "runs");
    assert.match(text, /100,00\d/);
    if (round >= 0) taken.push(ms);
  }
  await Deno.remove(dir, { recursive: true });
  return { ...summary(`consist runs at ${RUNS.toLocaleString("en")} runs with three facets, from spawn to exit`, taken), budget: 300 };
}

async function rebuild(): Promise<Measure> {
  const dir = await Deno.makeTempDir({ prefix: "consist-bench-" });
  const path = join(dir, "provenance.duckdb");
  await fillLedger(path, SNAPSHOTS, 5);
  await consist(dir, "db", "snapshot");
  const taken: number[] = [];
  for (let round = 0; round < 3; round++) {
    for (const file of [path, `${path}.wal`]) await Deno.remove(file).catch(() => {}); // a log need not be there
    taken.push((await consist(dir, "db", "rebuild")).ms);
    assert.equal(JSON.parse((await consist(dir, "summary", "--json")).text).runs, SNAPSHOTS);
  }
  await Deno.remove(dir, { recursive: true });
  return summary(`consist db rebuild of ${SNAPSHOTS.toLocaleString("en")} snapshots with five facets each`, taken);
}

async function consist(cwd: string, ...words: readonly string[]): Promise<{ readonly ms: number; readonly text: string }> {
  const began = performance.now();
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", CLI, ...words], cwd }).output();
  const ms = performance.now() - began;
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return { ms, text: new TextDecoder().decode(stdout) };
}
