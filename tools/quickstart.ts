/**
 * `deno task quickstart`: fetches the data, runs `notebooks/quickstart.ipynb` in a Deno kernel, and leaves the executed notebook and a page
 * to read in `notebooks/out/`. Run it twice: the second time every step is a hit.
 */
import { join, relative } from "@std/path";
import { Tracker } from "../mod.ts";
import { type CellOutcome, type CellStart, type NotebookRun, renderHtmlPage, runNotebook, writeWhole } from "../src/jupyter/mod.ts";
import { DATA_FOLDER, prepareData, sourceOf } from "./datasets.ts";

const ROOT = join(import.meta.dirname!, "..");
const FOLDER = join(ROOT, "notebooks");
const OUT = join(FOLDER, "out");
const DATA = "seattle-weather.csv";

async function main(): Promise<boolean> {
  const began = new Date();
  say("data", `${shown(join(DATA_FOLDER, DATA))}, ${await prepareData(DATA)} (${sourceOf(DATA)})`);
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
