/** Every change of a ledger that tells its steps. As a program it makes one and kills itself at a step: changes.ts NAME STEP FOLDER. */
import { join } from "@std/path";
import { compactLedger, mergeLedger, rebuildLedger, reconcileLedger } from "../../src/ledger/maintenance/mod.ts";
import { purge } from "../../src/run/care/mod.ts";
import { servicesOf, Tracker } from "../../src/tracker/mod.ts";

/** Hears of each step before it is made. */
export type OnStep = (done: number, total: number, what: string) => void;

/** Makes a change on the ledger of a folder. */
export type Change = (tracker: Tracker, onStep: OnStep, dir: string) => Promise<unknown>;

/** The changes, by name. */
export const CHANGES: { readonly [name: string]: Change } = {
  compact: (tracker, onStep) => compactLedger(servicesOf(tracker).ledger, onStep),
  purge: (tracker, onStep) => purge(servicesOf(tracker), { scenario: "baseline" }, { onProgress: onStep }),
  merge: (tracker, onStep, dir) => mergeLedger(servicesOf(tracker).ledger, join(dir, "other.duckdb"), { onProgress: onStep }),
  rebuild: (tracker, onStep) => rebuildLedger(servicesOf(tracker).ledger, tracker.runDir, new Date(0), onStep),
  reconcile: (tracker, onStep) => reconcileLedger(servicesOf(tracker).ledger, tracker.runDir, new Date(0), { onProgress: onStep }),
};

if (import.meta.main) {
  const [name, step, dir] = Deno.args as [string, string, string];
  const tracker = new Tracker({ dbPath: join(dir, "provenance.duckdb") });
  let at = 0;
  await CHANGES[name]!(tracker, () => {
    if (at++ === Number(step)) Deno.kill(Deno.pid, "SIGKILL");
  }, dir);
  Deno.exit(0);
}
