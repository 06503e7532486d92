/**
 * What the runs of a signature can serve, where the ledger was asked already and could say nothing else now: a step that is asked for again and
 * again, such as the one that a whole sweep rests on, is no question to DuckDB each time, and no reason to open the file.
 */
import { type Db, type ServableRow, servableRuns } from "../ledger/mod.ts";
import { ofProcess } from "./of_process.ts";
import type { RunServices } from "./request.ts";

/** The runs of so many signatures are remembered. */
const AT_MOST = 256;
/** And those alone that have no more characters than this. */
const LONGEST = 20_000;

type WithLedger = Pick<RunServices, "ledger">;

interface Known {
  /** What `Ledger.stateOfEarlier` said before the ledger was asked. */
  readonly state: number;
  /** None until it has answered. */
  rows?: readonly ServableRow[];
}

const KEY = Symbol.for("consist.servables_of_signatures");

/** The runs by signature: the process has them once, whatever tracker or copy of the library records. */
const ofLedger = ({ ledger }: WithLedger) => ofProcess(KEY, ledger.path, () => new Map<string, Known>());

/** The runs that the ledger has of a signature, where that is certain without asking. */
export function knownServables(services: WithLedger, signature: string): readonly ServableRow[] | undefined {
  const known = ofLedger(services).get(signature);
  return known?.rows !== undefined && known.state === services.ledger.stateOfEarlier() ? known.rows : undefined;
}

/** Asks for the runs of a signature, and remembers those that nothing was written beside meanwhile. */
export async function learnServables(services: WithLedger, db: Db, signature: string): Promise<ServableRow[]> {
  const known = ofLedger(services);
  const state = services.ledger.stateOfEarlier();
  known.delete(signature);
  if (state === undefined) return await servableRuns(db, signature);
  const asked: Known = { state };
  known.set(signature, asked);
  if (known.size > AT_MOST) known.delete(known.keys().next().value!);
  const rows = await servableRuns(db, signature);
  const isShort = rows.reduce((characters, { result }) => characters + result.length, 0) <= LONGEST;
  if (rows.length > 0 && isShort && services.ledger.stateOfEarlier() === state) asked.rows = rows;
  return rows;
}

/** A run with this signature was recorded: the ledger is to be asked again, also where it is being asked at this moment. */
export function forgetServables(services: WithLedger, signature: string): void {
  ofLedger(services).delete(signature);
}
