/**
 * `deno task quickstart`: fetches the data, runs `notebooks/quickstart.ipynb` in a Deno kernel, and leaves the executed notebook and a page
 * to read in `notebooks/out/`. Run it twice: the second time every step is a hit.
 */
import { createRequire } from "node:module";
import { join, relative } from "@std/path";
import { Tracker } from "../mod.ts";
import { publish } from "../src/artifacts/mod.ts";
import { type CellOutcome, type CellStart, type NotebookRun, renderHtmlPage, runNotebook, writeWhole } from "../src/jupyter/mod.ts";

const ROOT = join(import.meta.dirname!, "..");
const FOLDER = join(ROOT, "notebooks");
const OUT = join(FOLDER, "out");

/** Daily weather in Seattle, 2012 to 2015, observed by NOAA; from the npm package `vega-datasets` (BSD-3-Clause). */
const DATA = {
  path: join(FOLDER, "data", "seattle-weather.csv"),
  package: "vega-datasets",
  version: "3.2.1",
  file: "../data/seattle-weather.csv", // beside the folder of the package's main module
  sha256: "0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be",
} as const;

/** Puts the data where the notebook reads it, unless it is there already and intact. */
export async function prepareData(target: string = DATA.path): Promise<"kept" | "fetched"> {
  if (await hashOf(target) === DATA.sha256) return "kept";
  await import("vega-datasets"); // has Deno fetch the package, or find it in its cache
  const main = createRequire(import.meta.url).resolve(DATA.package);
  const { hash } = await publish(target, (temporary) => Deno.copyFile(join(main, "..", DATA.file), temporary));
  if (hash !== DATA.sha256) {
    throw new Error(`${DATA.package} ${DATA.version} holds another seattle-weather.csv than expected: its SHA-256 is ${hash}.`);
  }
  return "fetched";
}

async function hashOf(path: string): Promise<string | undefined> {
  try {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function main(): Promise<boolean> {
  const began = new Date();
  say("data", `${shown(DATA.path)}, ${await prepareData()} (NOAA, from ${DATA.package} ${DATA.version})`);
  say("notebook", shown(join(FOLDER, "quickstart.ipynb")));
  const output = join(OUT, "quickstart.ipynb");
  const report = await runNotebook(join(FOLDER, "quickstart.ipynb"), { output, timeout: 120_000, onStart: showStart, onCell: showOutcome });
  const page = join(OUT, "quickstart.html");
  await writeWhole(page, await renderHtmlPage(report.notebook));
  console.log();
  say("ledger", await ledgerLine(began));
  say("executed", shown(output));
  say("page", shown(page));
  say("time", `${report.seconds.toFixed(1)} s`);
  if (report.failure) console.error(`\n${failureText(report)}`);
  return report.ok;
}

const shown = (path: string) => relative(Deno.cwd(), path);
const say = (label: string, text: string) => console.log(`${label.padEnd(9)} ${text}`);

/** On a terminal the cell that is running is shown, and its line replaced when it is done. */
function showStart(cell: CellStart): void {
  if (Deno.stdout.isTerminal()) Deno.stdout.writeSync(new TextEncoder().encode(`${lineHead(cell)}…\r`));
}

function showOutcome(cell: CellOutcome): void {
  console.log(`${lineHead(cell)}${stateOf(cell).padEnd(24)}${cell.seconds.toFixed(2).padStart(6)} s`);
}

function lineHead({ number, of, source }: CellStart): string {
  const title = source.trim().split("\n")[0]!.replace(/^\/\/\s*/, "");
  return `${`${number}/${of}`.padStart(7)}   ${title.slice(0, 44).padEnd(46)}`;
}

/** What a cell's cards say: `hit`, `executed`, `12 hits`. */
function stateOf({ status, outputs }: CellOutcome): string {
  if (status !== "ok") return status;
  const text = outputs.map((output) => "data" in output ? String(output.data["text/plain"] ?? "") : "").join("\n");
  const count = (state: string) => text.match(new RegExp(`^\\s*(?:[✓●] )?${state}\\s`, "gm"))?.length ?? 0; // a card's head, a table's row
  const [hits, executed] = [count("hit"), count("executed")];
  return [counted(executed, "executed", `${executed} executed`), counted(hits, "hit", `${hits} hits`)].filter(Boolean).join(", ");
}

function counted(count: number, one: string, many: string): string {
  return count === 0 ? "" : count === 1 ? one : many;
}

/** What this run of the notebook added to the ledger. */
async function ledgerLine(since: Date): Promise<string> {
  const dbPath = join(FOLDER, "provenance.duckdb");
  await using tracker = new Tracker({ dbPath });
  const runs = (await tracker.findRuns({ history: true })).filter((run) => !run.tags.includes("scenario_header"));
  const now = runs.filter((run) => run.startedAt >= since);
  const hits = now.filter((run) => run.cacheHit).length;
  return `${shown(dbPath)}: ${now.length - hits} executed and ${hits} hits this time, ${runs.length} runs in all`;
}

function failureText({ failure, cells }: NotebookRun): string {
  const traceback = cells.find((cell) => cell.status === "failed")?.error?.traceback ?? [];
  return [failure!.message, ...traceback].join("\n");
}

if (import.meta.main) Deno.exit(await main() ? 0 : 1);
