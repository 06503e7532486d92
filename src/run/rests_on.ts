/** What rests on accepted differences of code: outputs of hits that they gave, and whatever was made from these. */
import { type Acceptance, restingWords } from "../query/mod.ts";
import type { Artifact } from "../types.ts";
import type { StepRequest } from "./request.ts";

/** By the artifacts that this process holds; other processes find it by the ledger. */
const resting = new WeakMap<Artifact, readonly Acceptance[]>();
/** Was there any? Mostly not, and a hit looks no further. */
let isAny = false;

/** What the inputs of a step rest on, each once. */
export function inputsRestOn(
  { inputs, dependencies }: Pick<StepRequest, "inputs" | "dependencies">,
  reads: readonly { readonly artifact?: Artifact | undefined }[] = [],
): readonly Acceptance[] {
  if (!isAny) return [];
  const found = [...inputs, ...dependencies, ...reads].flatMap(({ artifact }) => artifact === undefined ? [] : resting.get(artifact) ?? []);
  return [...new Map(found.map((each) => [each.id, each])).values()];
}

/** Notes that these outputs rest on them. */
export function noteResting(outputs: Iterable<Artifact>, acceptances: readonly Acceptance[]): void {
  if (acceptances.length === 0) return;
  isAny = true;
  for (const artifact of outputs) {
    resting.set(artifact, [...new Map([...resting.get(artifact) ?? [], ...acceptances].map((each) => [each.id, each])).values()]);
  }
}

/** The same for the notes of a run. */
export function restingNote(acceptances: readonly Acceptance[]): { readonly rests_on?: readonly string[] } {
  return acceptances.length === 0 ? {} : { rests_on: acceptances.map(({ id }) => id) };
}

/** The same for its card. */
export const restingNotes = (acceptances: readonly Acceptance[]): string[] => acceptances.map(restingWords);
