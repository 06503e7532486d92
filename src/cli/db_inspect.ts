/** `consist db inspect` and `consist db doctor`: what a ledger is, and what is wrong with it. */
import { basename } from "@std/path";
import { LedgerError } from "../errors.ts";
import { runningRuns } from "../ledger/mod.ts";
import {
  type Fault,
  faultOf,
  faultsOfLedger,
  inspectLedger,
  type LedgerFacts,
  reconcileLedger,
  runsWithoutSnapshot,
} from "../ledger/maintenance/mod.ts";
import { byteSize, count, countOf } from "../notebook/mod.ts";
import { renderTable } from "../notebook/render/mod.ts";
import { isDeadRun } from "../run/mod.ts";
import { openPurges } from "../run/care/mod.ts";
import { servicesOf, type Tracker } from "../tracker/mod.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor } from "./tracker.ts";

/** Says what a ledger's file is. */
export async function dbInspect(output: Output, flags: LedgerFlags): Promise<boolean> {
  await using tracker = readerFor(flags);
  const facts = await inspectLedger(servicesOf(tracker).ledger);
  output.answer({ json: () => ({ ...facts, runDir: tracker.runDir }), text: () => factsText(facts, tracker.runDir) });
  return true;
}

function factsText({ path, bytes, logBytes, madeBy, version, duckdb, tables, statuses, languages }: LedgerFacts, runDir: string): string {
  const made = madeBy === "deno" ? "made by this library" : "made by the Python library";
  const runs = Object.entries(statuses).map(([status, n]) => `${count(n)} ${status}`).join(", ") || "none";
  const table = renderTable({ columns: [{ name: "table" }, { name: "rows" }], rows: Object.entries(tables), textWidth: 60 });
  return [
    path,
    `${byteSize(bytes)}${
      logBytes > 0 ? ` and a log of ${byteSize(logBytes)}` : ""
    }; ${made}; version ${version.found} of ${version.known}; DuckDB ${duckdb}`,
    `run folders in ${runDir}`,
    `runs: ${runs}; ${count(languages.deno)} of this library, ${count(languages.python)} of Python's`,
    "",
    String(table["text/plain"]),
  ].join("\n");
}

/** Looks for what is wrong; `false` where something is. Nothing is changed. */
export async function dbDoctor(output: Output, flags: LedgerFlags): Promise<boolean> {
  await using tracker = readerFor(flags);
  const faults = await faultsOf(tracker);
  output.answer({ json: () => faults, text: () => faults.length === 0 ? "All is well." : faults.map(faultText).join("\n") });
  return faults.length === 0;
}

async function faultsOf(tracker: Tracker): Promise<Fault[]> {
  const { ledger, runDir, now } = servicesOf(tracker);
  try {
    const dead = (await ledger.read(runningRuns)).filter((run) => isDeadRun({ runDir, now }, run)).map(({ id }) => id);
    const bare = await runsWithoutSnapshot(ledger, runDir);
    const { runs, unreadable } = await reconcileLedger(ledger, runDir, new Date(now()), { dryRun: true });
    const purges = await openPurges(runDir);
    return [...await faultsOfLedger(ledger), ...BESIDE.flatMap(([of, ids]) => of(ids({ dead, bare, lacking: runs, unreadable, purges })))];
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== "ledger_unreadable") throw error;
    return [
      faultOf({ code: "ledger_unreadable", problem: error.why, fix: "consist db rebuild makes it anew from the snapshots." }, [
        basename(ledger.path),
      ]),
    ];
  }
}

interface Beside {
  readonly dead: readonly string[];
  readonly bare: readonly string[];
  readonly lacking: readonly string[];
  readonly unreadable: readonly string[];
  readonly purges: readonly string[];
}

const fault = (code: string, problem: string, fix: string) => (ids: readonly string[]): Fault[] =>
  ids.length === 0 ? [] : [faultOf({ code, problem, fix }, ids)];

/** What lies beside the ledger's rows. */
const BESIDE: readonly (readonly [of: (ids: readonly string[]) => Fault[], ids: (beside: Beside) => readonly string[]])[] = [
  [
    fault("process_died", "Runs are marked as running, and their process is dead.", "consist db fix-status marks them."),
    ({ dead }) => dead,
  ],
  [
    fault("snapshot_missing", "Runs have no snapshot: a rebuilt ledger would lack them.", "consist db snapshot writes them."),
    ({ bare }) => bare,
  ],
  [fault("run_lacking", "Snapshots know runs that the ledger lacks.", "consist db reconcile brings them in."), ({ lacking }) => lacking],
  [
    fault("snapshot_unreadable", "Snapshots cannot be read.", "Move them away, then write them anew: consist db snapshot."),
    ({ unreadable }) => unreadable,
  ],
  [
    fault("purge_unfinished", "A purge was killed before its files were gone.", "The next consist db purge removes them."),
    ({ purges }) => purges,
  ],
];

function faultText({ code, problem, fix, count: times, examples }: Fault): string {
  const more = times > examples.length ? ", …" : "";
  return [`wrong  ${code}: ${problem}`, `       ${countOf(times, "time")}: ${examples.join(", ")}${more}`, `       ${fix}`].join("\n");
}
