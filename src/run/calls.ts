/** Which calls made which runs, as long as this process remembers: a function is in no ledger, and to execute a step again takes it. */
import type { RunResult } from "../types.ts";
import type { RunServices, StepRequest } from "./request.ts";

/** How many calls are remembered by the ids of their runs; results remember theirs as long as they live. */
const REMEMBERED = 64;

interface Held {
  readonly signature: string | null;
  /** Values in memory are not kept alive for this: they may be large. */
  readonly request: { deref(): StepRequest | undefined };
}

const ofResults = new WeakMap<object, StepRequest>();
const codeAfter = new WeakMap<StepRequest, string | null>();
const ofRuns = new WeakMap<RunServices, Map<string, Held>>();

/** Remembers the call that a result came from. */
export function rememberCall(services: RunServices, request: StepRequest, signature: string | null, result: RunResult): void {
  ofResults.set(result, request);
  const held = ofRuns.get(services) ?? new Map<string, Held>();
  ofRuns.set(services, held);
  const isLight = request.inputs.every((input) => input.kind !== "value");
  held.set(result.run.id, { signature, request: isLight ? { deref: () => request } : new WeakRef(request) });
  if (held.size > REMEMBERED) held.delete(held.keys().next().value!);
}

/** The call that made this run or one with its signature. `asked` is the result, where the user has it. */
export function rememberedCall(services: RunServices, asked: unknown, id: string, signature: string): StepRequest | undefined {
  const own = typeof asked === "object" && asked !== null ? ofResults.get(asked) : undefined;
  if (own !== undefined) return own;
  const held = ofRuns.get(services) ?? new Map<string, Held>();
  const exact = held.get(id)?.request.deref();
  if (exact !== undefined || signature === "") return exact;
  return [...held.values()].findLast((call) => call.signature === signature)?.request.deref();
}

/** Remembers what a step's code was when it had executed: another one than before, where the step changes what it captured. */
export function rememberCodeAfter(request: StepRequest, hash: string | null): void {
  codeAfter.set(request, hash);
}

/** Is the code what the step itself left behind? */
export function isCodeAfter(request: StepRequest, hash: string | null): boolean {
  return hash !== null && codeAfter.get(request) === hash;
}
