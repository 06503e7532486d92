/**
 * Which signatures a step has in the ledger. Where all of them are known, a new one need not be asked for: that spares a miss two questions. Only
 * that a signature is not there is ever concluded from this, so that the worst that could come of it is an execution too many.
 */
import { signaturesOf } from "../ledger/mod.ts";
import type { RunServices } from "./request.ts";

/** Of so many runs of a step the signatures are remembered. */
const AT_MOST = 1_000;
/** And of so many steps. */
const STEPS = 64;

interface Known {
  /** What `Ledger.otherWrites` said before they were asked for. */
  readonly asOf: number;
  /** None where they are too many, or where runs of another signature may stand for one. */
  signatures: Set<string> | undefined;
  /** Has the ledger answered? Until then it collects what is recorded meanwhile. */
  isWhole: boolean;
}

const KEY: unique symbol = Symbol.for("consist.signatures") as never;

/** The signatures of a ledger's steps by model: the process has them once, whatever tracker or copy of the library records. */
function ofLedger(path: string): Map<string, Known> {
  const holder = globalThis as { [KEY]?: Map<string, Map<string, Known>> };
  const all = holder[KEY] ??= new Map();
  const known = all.get(path) ?? new Map<string, Known>();
  all.set(path, known);
  return known;
}

/** Is it known that no run has this signature? It belongs to one model, which is a part of what it was made of. */
export function isNewSignature({ ledger }: RunServices, model: string, signature: string): boolean {
  const known = ofLedger(ledger.path).get(model);
  return known?.signatures !== undefined && known.isWhole && known.asOf === ledger.otherWrites() && !known.signatures.has(signature);
}

/** Notes that a row with this signature is about to be written. */
export function noteSignature({ ledger }: RunServices, model: string, signature: string | null): void {
  const known = ofLedger(ledger.path).get(model);
  if (known?.signatures === undefined || signature === null) return;
  known.signatures.add(signature);
  if (known.signatures.size > AT_MOST) known.signatures = undefined;
}

/** Learns a step's signatures, where they are not known as the ledger is now. */
export async function learnSignatures({ ledger }: RunServices, model: string): Promise<void> {
  const all = ofLedger(ledger.path);
  const asOf = ledger.otherWrites();
  const before = all.get(model);
  const isHopeless = before?.isWhole === true && before.signatures === undefined; // what is too much does not become less
  if (asOf === undefined || before?.asOf === asOf || isHopeless) return;
  const known: Known = { asOf, signatures: new Set(), isWhole: false };
  all.delete(model);
  all.set(model, known);
  if (all.size > STEPS) all.delete(all.keys().next().value!);
  try {
    const found = await ledger.lookUp((db) => signaturesOf(db, model, AT_MOST));
    if (found === undefined) known.signatures = undefined;
    else for (const signature of found) known.signatures?.add(signature);
    known.isWhole = true;
  } catch (error) {
    if (all.get(model) === known) all.delete(model);
    throw error;
  }
}
