/**
 * Which signatures a step has in the ledger. Where all of them are known, a new one need not be asked for: that spares a miss two questions. Only
 * that a signature is not there is ever concluded from this, so that the worst that could come of it is an execution too many.
 */
import { type Ledger, signaturesOf } from "../ledger/mod.ts";
import { ofProcess } from "./of_process.ts";
import type { RunServices } from "./request.ts";

/** Of so many runs of a step the signatures are remembered. */
const AT_MOST = 1_000;
/** And of so many steps. */
const STEPS = 64;

type WithLedger = Pick<RunServices, "ledger">;

interface Known {
  /** What `Ledger.otherWrites` said before they were asked for. */
  readonly asOf: number;
  /** None where they are too many, or where runs of another signature may stand for one. */
  signatures: Set<string> | undefined;
  /** Has the ledger answered? Until then it collects what is recorded meanwhile. */
  isWhole: boolean;
  /** Has nothing of the step been recorded, also nothing without a signature? */
  isUnused: boolean;
}

/** What is known of a ledger's steps. */
interface KnownSteps {
  readonly byModel: Map<string, Known>;
  /** Were all steps remembered so far? */
  isComplete: boolean;
}

const KEY = Symbol.for("consist.signatures_of_steps");

/** The signatures of a ledger's steps by model: the process has them once, whatever tracker or copy of the library records. */
const ofLedger = (path: string): KnownSteps => ofProcess(KEY, path, () => ({ byModel: new Map(), isComplete: true }));

/** What is known of a step. Of one that was never recorded in a ledger whose runs are all of this process that is everything. */
function ofStep(ledger: Ledger, model: string): Known | undefined {
  const steps = ofLedger(ledger.path);
  const known = steps.byModel.get(model);
  const asOf = known === undefined && steps.isComplete && ledger.isOwn() ? ledger.otherWrites() : undefined;
  return asOf === undefined ? known : put(steps, model, { asOf, signatures: new Set(), isWhole: true, isUnused: true });
}

function put(steps: KnownSteps, model: string, known: Known): Known {
  const { byModel } = steps;
  byModel.delete(model);
  byModel.set(model, known);
  if (byModel.size > STEPS) {
    byModel.delete(byModel.keys().next().value!);
    steps.isComplete = false;
  }
  return known;
}

/** Is it known that no run has this signature? It belongs to one model, which is a part of what it was made of. */
export function isNewSignature(services: WithLedger, model: string, signature: string): boolean {
  return isKnownStep(services, model) && !ofStep(services.ledger, model)!.signatures!.has(signature);
}

/** Are all signatures of this step known? Then a new one is executed without the ledger. */
export function isKnownStep({ ledger }: WithLedger, model: string): boolean {
  const known = ofStep(ledger, model);
  return known?.signatures !== undefined && known.isWhole && known.asOf === ledger.otherWrites();
}

/** Is it known that the ledger has no run of this step? */
export function isNewStep({ ledger }: WithLedger, model: string): boolean {
  const known = ofStep(ledger, model);
  return known?.isUnused === true && known.asOf === ledger.otherWrites();
}

/** What is about to be written, in whatever ledger: till it is there, asking the ledger does not tell. */
const notedOnly = (signatures = new Set<string>()): Known => ({ asOf: NaN, signatures, isWhole: false, isUnused: false });

/** Notes that a row with this signature, or with none, is about to be written. */
export function noteSignature({ ledger }: WithLedger, model: string, signature: string | null): void {
  const known = ofStep(ledger, model) ?? put(ofLedger(ledger.path), model, notedOnly());
  known.isUnused = false;
  if (known.signatures === undefined || signature === null) return;
  known.signatures.add(signature);
  if (known.signatures.size > AT_MOST) known.signatures = undefined;
}

/** Learns a step's signatures, where they are not known as the ledger is now. */
export async function learnSignatures({ ledger }: WithLedger, model: string): Promise<void> {
  const steps = ofLedger(ledger.path);
  const asOf = ledger.otherWrites();
  const before = ofStep(ledger, model);
  const isHopeless = before?.isWhole === true && before.signatures === undefined; // what is too much does not become less
  if (asOf === undefined || before?.asOf === asOf || isHopeless) return;
  const noted = before?.signatures ?? [];
  const known = put(steps, model, { asOf, signatures: new Set(noted), isWhole: false, isUnused: false });
  try {
    const found = await ledger.lookUp((db) => signaturesOf(db, model, AT_MOST), model);
    if (found === undefined) known.signatures = undefined;
    else for (const signature of found) known.signatures?.add(signature);
    known.isWhole = true;
  } catch (error) {
    if (steps.byModel.get(model) === known) put(steps, model, notedOnly(known.signatures));
    throw error;
  }
}
