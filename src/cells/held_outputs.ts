/** The outputs of step cells inside the kernel: their artifacts, and the values that nobody has asked for so far. */
import { codeIdentity } from "../identity/mod.ts";
import { hashValue } from "../artifacts/mod.ts";
import { ConsistError, ContentError, InputError } from "../errors.ts";
import type { Artifact } from "../types.ts";

/** An output of a step cell. */
export interface Held {
  /** Where it is kept; none where it is no data. */
  readonly artifact: Artifact | undefined;
  /** Its step. */
  readonly step: string;
  /** The very value, until it is bound. */
  atHand?: { readonly value: unknown };
  /** What its value was before other cells could change it; null where that cannot be told, undefined while none could. */
  print?: string | null;
  /** Executes its step once more, where its file is gone. */
  readonly again: () => Promise<Artifact | undefined>;
}

/** An evaluation in the scope of the cells. */
export type Evaluate = (code: string) => unknown;

/** The value of an output: at hand, or loaded. */
export async function valueOf(name: string, held: Held): Promise<unknown> {
  return held.atHand === undefined ? await recordedValue(name, held) : held.atHand.value;
}

/** The value that is recorded, as a copy of its own. */
export async function recordedValue(name: string, held: Held): Promise<unknown> {
  try {
    return await held.artifact!.load();
  } catch (error) {
    if (!(error instanceof ConsistError) || (error.code !== "artifact_missing" && error.code !== "content_mismatch")) throw error;
    const artifact = await held.again();
    if (artifact?.hash === held.artifact!.hash) return await artifact.load();
    throw gone(name, held, error);
  }
}

function gone(name: string, { step, artifact }: Held, cause: ConsistError): ContentError {
  return new ContentError("artifact_missing", {
    problem: `The output "${name}" of the step cell "${step}" is gone: ${artifact!.path}.`,
    why: "Its file was removed or changed, and executing the step again does not give it: what it depends on has changed since.",
    fix: "Run its cell again.",
    step,
    path: artifact!.path,
    cause,
  });
}

const closureOver = new Function("value", "return () => value") as (value: unknown) => () => unknown;

/** What a value is, as a text: equal texts mean equal content. Null where that cannot be told. */
export async function printOf(value: unknown): Promise<string | null> {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") {
    return `${typeof value} ${Object.is(value, -0) ? "-0" : String(value)}`;
  }
  try {
    return `content ${hashValue(value)}`;
  } catch (error) {
    if (!(error instanceof InputError)) throw error; // a function or an instance inside: it counts by its code as well
  }
  const { hash, opaque } = await codeIdentity(closureOver(value));
  return opaque.length > 0 ? null : hash;
}

/** What a name has now; what it had where it is not set. */
export async function printOfName(name: string, evaluate: Evaluate): Promise<string | null> {
  let value: unknown;
  try {
    value = evaluate(name);
  } catch (error) {
    if (error instanceof ReferenceError) return null; // never set: whoever reads it hears of it
    throw error;
  }
  return await printOf(value);
}

/** The value of a name; nothing where it was never set. */
export function readName(name: string, evaluate: Evaluate): unknown {
  try {
    return evaluate(name);
  } catch (error) {
    if (error instanceof ReferenceError) return undefined; // never set, or never read
    throw error;
  }
}
