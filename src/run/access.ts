/** What a tracker may do with its ledger and its run folder: one strategy for each mode, asked where a call begins. */
import { LedgerError } from "../errors.ts";
import { ledgerFiles, realPathOf } from "../ledger/mod.ts";
import { isBelow } from "./copy_options.ts";

/**
 * What a tracker may do: `standard` everything; `analysis` all but new runs; `read_only` nothing that writes to its ledger or its run folder.
 */
export type AccessMode = "standard" | "analysis" | "read_only";

/** The modes, the usual one first. */
export const ACCESS_MODES: readonly AccessMode[] = ["standard", "analysis", "read_only"];

/** What a tracker may do. Each refusal names the mode. */
export interface Access {
  /** Which of them it is. */
  readonly mode: AccessMode;
  /** A step, a scenario or a sweep is about to begin: `what` names it. */
  toRecord(what: string): void;
  /** Something is about to change the ledger or the run folder: `what` names it. */
  toWrite(what: string): void;
  /** A file is about to be put at a path: `what` names it. */
  toPut(what: string, path: string, own: OwnPlaces): void;
}

/** The places that are the tracker's own. */
export interface OwnPlaces {
  /** Root of all run folders. */
  readonly runDir: string;
  /** The ledger. */
  readonly ledger: { readonly path: string };
}

const allowed = (): void => {};

/** New runs are refused in `analysis` and in `read_only`, also those that would be hits: a hit is a run too. */
function refusesRuns(mode: AccessMode): Access["toRecord"] {
  return (what) => {
    throw new LedgerError("access_refused", {
      problem: `Cannot ${what}.`,
      why: `The tracker has accessMode "${mode}", which takes no new runs; a hit would be one too.`,
      fix: 'Use a tracker with accessMode "standard", or ask with wouldHit, findRuns and load, which record nothing.',
    });
  };
}

function refuseWrite(what: string): never {
  throw new LedgerError("access_refused", {
    problem: `Cannot ${what}.`,
    why: 'The tracker has accessMode "read_only": nothing is written to its ledger or its run folder.',
    fix: 'Use a tracker with accessMode "analysis" or "standard".',
  });
}

/** Copies for the user may be made elsewhere: only the tracker's own places stay as they are. */
function refusePlace(what: string, path: string, { runDir, ledger }: OwnPlaces): void {
  const target = realPathOf(path);
  if (!isBelow(realPathOf(runDir), target) && !ledgerFiles(ledger.path).includes(target)) return;
  throw new LedgerError("access_refused", {
    problem: `Cannot ${what} at ${path}.`,
    why: 'The tracker has accessMode "read_only", and that path is its ledger or in its run folder.',
    fix: "Choose a path outside of the run folder.",
    path,
  });
}

/** The strategy of a mode. */
export const ACCESS: { readonly [mode in AccessMode]: Access } = {
  standard: { mode: "standard", toRecord: allowed, toWrite: allowed, toPut: allowed },
  analysis: { mode: "analysis", toRecord: refusesRuns("analysis"), toWrite: allowed, toPut: allowed },
  read_only: { mode: "read_only", toRecord: refusesRuns("read_only"), toWrite: refuseWrite, toPut: refusePlace },
};
