/** What a call of a step comes to, as its result. */
import { PACKAGE_STATE, type StepIdentity } from "../identity/mod.ts";
import { acceptanceOf } from "../query/mod.ts";
import type { Artifact, Miss, RunResult } from "../types.ts";
import { type ActiveRun, readsOfActiveRun } from "./active_run.ts";
import type { Hit } from "./look_up.ts";
import type { Recorded } from "./record.ts";
import type { StepRequest } from "./request.ts";
import { inputsRestOn, noteResting, restingNotes } from "./rests_on.ts";
import { StepResult } from "./result.ts";
import { verdictNote } from "./verification.ts";

/** What a call of a step came to. */
export interface Outcome {
  /** The hit, where it was one. */
  readonly hit?: Hit;
  /** Its outputs by key. */
  readonly outputs: ReadonlyMap<string, Artifact>;
  /** What the ledger has of it. */
  readonly recorded: Recorded;
  /** The run, where a body executed. */
  readonly active?: ActiveRun;
  /** Why it was no hit. */
  readonly miss?: Miss;
  /** The same as text. */
  readonly words?: string;
  /** What the card says besides. */
  readonly notes?: readonly string[];
  /** What the body of a trace gave. */
  readonly value?: unknown;
}

/** The result of a call. What a step inside another one read and made is noted for that one. */
export function resultOf(request: StepRequest, identity: StepIdentity, outcome: Outcome): RunResult {
  const { hit, outputs, recorded, active, miss } = outcome;
  const made = active === undefined ? [] : [...active.outputs.values()];
  const reads = hit?.reads ?? active?.implicit.all ?? [];
  const accepted = hit?.standing?.chain.map(acceptanceOf);
  const resting = inputsRestOn(request, reads);
  noteResting(outputs.values(), [...accepted ?? [], ...resting]);
  readsOfActiveRun()?.innerReads(outputs.values(), reads, active?.implicit.doubts);
  const result = new StepResult({
    request,
    run: recorded.run,
    outputs: Object.fromEntries(outputs),
    seconds: (performance.now() - request.clockedAt) / 1000,
    words: outcome.words ?? "",
    notes: [...restingNotes(resting), ...outsideNotes(identity), ...verdictOf(hit), ...hit?.notes ?? [], ...outcome.notes ?? []],
    warnings: active?.warnings ?? [],
    bytes: new Map([...(hit?.bytes ?? []), ...made.map((output) => [output.key, output.bytes] as const)]),
    logged: active === undefined ? [] : [...active.logged.values()],
    reads,
    ...(hit?.copied === undefined ? {} : { copied: hit.copied }),
    ...(miss === undefined ? {} : { miss }),
    ...(accepted === undefined ? {} : { accepted }),
    ...(hit === undefined ? {} : {
      source: {
        id: hit.source.id,
        at: hit.source.startedAt,
        ...(hit.source.seconds === undefined ? {} : { seconds: hit.source.seconds }),
      },
    }),
  });
  return (request.mode === "trace" ? Object.assign(result, { value: outcome.value }) : result) as RunResult;
}

/** What lies outside, in words. That packages have states of their own is true of every package, and would be said on nearly every card. */
function outsideNotes({ code }: StepIdentity): string[] {
  return code.outside.filter(({ why }) => why !== PACKAGE_STATE).map(({ name, why }) => `${name}: ${why}`);
}

/** What came of executing again the step that a hit comes from. */
function verdictOf(hit: Hit | undefined): string[] {
  return hit?.source.verified === undefined ? [] : [verdictNote(hit.source.verified)];
}
