/** Why a step executed: one small predicate for each reason, tried in order, each with its words. */
import { listNames } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { localTime } from "../notebook/mod.ts";
import type { Change, IdentityPart } from "../types.ts";
import { parseCanonicalJson } from "./canonical_json.ts";
import { type Aspect, type Comparable, type Difference, differences, halfCharacters } from "./differences.ts";
import type { PlainObject } from "./plain_config.ts";
import type { StepIdentity, StoredIdentity } from "./signature.ts";

/** What an explanation needs of an earlier run. */
export interface EarlierRun {
  /** Its id. */
  readonly id: string;
  /** When it began. */
  readonly startedAt?: Date;
}

/** An earlier completed run of the step, with its identity. */
export interface MissCandidate<R extends EarlierRun = EarlierRun> {
  /** The run. */
  readonly run: R;
  /** Its identity, as the ledger kept it. */
  readonly identity: StoredIdentity;
}

/** An implicit input that is not what a run with this signature read. */
export interface ImplicitChange {
  /** Its key. */
  readonly key: string;
  /** How it is shown: a path, or scenario and key. */
  readonly label: string;
  /** The hash that the earlier run read. */
  readonly before?: string | undefined;
  /** Its present hash. */
  readonly after?: string | undefined;
}

/** Why a hit was refused although the signature might be known. */
export type Refusal =
  | { readonly kind: "cache_off" }
  | { readonly kind: "overwrite" }
  | { readonly kind: "outputs_missing" | "outputs_damaged"; readonly run: EarlierRun; readonly key: string; readonly path: string }
  | {
    readonly kind: "writer_changed";
    readonly run: EarlierRun;
    readonly key: string;
    readonly before: string;
    readonly after: string | undefined;
  }
  | { readonly kind: "outputs_pruned"; readonly run: EarlierRun; readonly at: Date }
  | { readonly kind: "paths_changed"; readonly run: EarlierRun; readonly key: string }
  | { readonly kind: "implicit_inputs_changed"; readonly run: EarlierRun; readonly inputs: readonly ImplicitChange[] }
  | { readonly kind: "failed_before"; readonly run: EarlierRun; readonly error?: string | undefined }
  | { readonly kind: "interrupted"; readonly run: EarlierRun };

/** What is known when a step is about to execute. */
export interface MissQuestion<R extends EarlierRun = EarlierRun> {
  /** The step's name. */
  readonly step: string;
  /** Its present identity. */
  readonly now: StepIdentity;
  /** Earlier completed runs of the step, newest first; a few are enough. */
  readonly candidates: readonly MissCandidate<R>[];
  /** Why a hit was refused, where one was. */
  readonly refusal?: Refusal | undefined;
}

/** A stable word for the reason of a miss. */
export type MissCode =
  | "cache_off"
  | "overwrite"
  | "identity_unknown"
  | "outputs_damaged"
  | "outputs_missing"
  | "outputs_pruned"
  | "failed_before"
  | "interrupted"
  | "first_run"
  | "step_renamed"
  | "cache_version_changed"
  | "call_changed"
  | "code_changed"
  | "config_changed"
  | "inputs_changed"
  | "code_and_config_changed"
  | "code_and_inputs_changed"
  | "config_and_inputs_changed"
  | "everything_changed"
  | "hit_not_available";

/** Why a step executed. */
export interface MissReason<R extends EarlierRun = EarlierRun> {
  /** A stable word. */
  readonly code: MissCode;
  /** The reason as a sentence. */
  readonly reason: string;
  /** Which parts differ from the nearest earlier run. */
  readonly changed: readonly IdentityPart[];
  /** The earlier run that differs least. */
  readonly nearest?: R;
  /** Each difference. */
  readonly changes: readonly Change[];
}

interface Comparison<R extends EarlierRun> {
  readonly candidate: MissCandidate<R>;
  readonly found: readonly Difference[];
  readonly changed: readonly IdentityPart[];
}
interface Situation {
  readonly step: string;
  readonly now: StepIdentity;
  readonly refusal: Refusal | undefined;
  readonly nearest: Comparison<EarlierRun> | undefined;
}
/** A reason: its sentence where it applies. */
type Reason = readonly [code: MissCode, sentence: (situation: Situation) => string | undefined];

/** The first that applies is the reason. */
const REASONS: readonly Reason[] = [
  ["cache_off", ({ refusal }) => refusal?.kind === "cache_off" ? 'The cache is off for this run (cacheMode "off").' : undefined],
  ["overwrite", ({ refusal }) => refusal?.kind === "overwrite" ? 'The result is to be made again (cacheMode "overwrite").' : undefined],
  ["identity_unknown", identityUnknown],
  ["outputs_damaged", ({ refusal }) => outputsRefused(refusal, "outputs_damaged", "has other content than was recorded")],
  ["outputs_missing", ({ refusal }) => outputsRefused(refusal, "outputs_missing", "is missing")],
  [
    "outputs_pruned",
    ({ refusal }) =>
      refusal?.kind === "outputs_pruned"
        ? `Run ${refusal.run.id} has the same signature, but its cached files were pruned on ${localTime(refusal.at)}.`
        : undefined,
  ],
  ["inputs_changed", implicitInputs],
  ["call_changed", writerChanged],
  ["call_changed", pathsChanged],
  ["failed_before", failedBefore],
  [
    "interrupted",
    ({ refusal }) => refusal?.kind === "interrupted" ? `Run ${refusal.run.id} with the same signature was interrupted.` : undefined,
  ],
  ["first_run", ({ step, nearest }) => nearest ? undefined : `No earlier run of step ${JSON.stringify(step)} is known.`],
  ["step_renamed", onlyAspect("model", "The step has another name than the earlier run, and is otherwise the same")],
  ["cache_version_changed", onlyAspect("cache", "The cache version or epoch changed")],
  ["call_changed", onlyAspect("call", "What the step is asked for changed")],
  ["everything_changed", partsChanged(["code", "config", "inputs"])],
  ["code_and_config_changed", partsChanged(["code", "config"])],
  ["code_and_inputs_changed", partsChanged(["code", "inputs"])],
  ["config_and_inputs_changed", partsChanged(["config", "inputs"])],
  ["code_changed", partsChanged(["code"])],
  ["config_changed", partsChanged(["config"])],
  ["inputs_changed", partsChanged(["inputs"])],
  ["hit_not_available", ({ nearest }) => `Nothing changed since run ${nearest?.candidate.run.id}, but its result could not be served.`],
];

/** Why a step executes: the reason, what changed since the nearest earlier run, and each difference. */
export function whyMiss<R extends EarlierRun>(question: MissQuestion<R>): MissReason<R> {
  const { step, now, candidates, refusal } = question;
  const present = { ...now, config: parseCanonicalJson(now.config.canonical) as PlainObject, configHash: now.config.hash };
  const nearest = nearestOf(candidates.map((candidate) => compare(candidate, present)));
  const situation = { step, now, refusal, nearest };
  const [code, reason] = firstReason(situation);
  const implicit = refusal?.kind === "implicit_inputs_changed" ? refusal.inputs.map(implicitChange) : [];
  const changed = nearest?.changed ?? [];
  return {
    code,
    reason,
    changed: implicit.length > 0 && !changed.includes("inputs") ? [...changed, "inputs"] : changed,
    ...(nearest ? { nearest: nearest.candidate.run } : {}),
    changes: [...(nearest?.found ?? []).map(({ change }) => change), ...implicit],
  };
}

function firstReason(situation: Situation): [MissCode, string] {
  for (const [code, sentence] of REASONS) {
    const words = sentence(situation);
    if (words !== undefined) return [code, words];
  }
  throw new TypeError("the last reason always applies");
}

// ── the nearest earlier run ─────────────────────────────────────────────────────────────────────────────────────────────────

function compare<R extends EarlierRun>(candidate: MissCandidate<R>, now: Comparable): Comparison<R> {
  const { code, call, inputs, configHash } = candidate.identity;
  const shown = differences(candidate.identity, now);
  const isConfigShown = configHash === undefined || configHash === now.configHash || shown.some(({ change }) => change.part === "config");
  const found = isConfigShown ? shown : [...shown, ...halfCharacters(now.config)];
  const seen = new Set(found.map(({ change }) => change.part));
  // a hash that differs counts also where no recorded part shows why; a call's parts show all of it, where they were recorded
  if ((now.code.hash !== null && code.hash !== now.code.hash) || (call.parts.length === 0 && call.hash !== now.call.hash)) seen.add("code");
  if (inputs.hash !== now.inputs.hash) seen.add("inputs");
  if (!isConfigShown) seen.add("config");
  return { candidate, found, changed: (["code", "config", "inputs"] as const).filter((part) => seen.has(part)) };
}

/** The fewest parts, then the fewest differences, then the newest: candidates come newest first. */
function nearestOf<R extends EarlierRun>(compared: readonly Comparison<R>[]): Comparison<R> | undefined {
  return compared.toSorted((a, b) => a.changed.length - b.changed.length || a.found.length - b.found.length)[0];
}

// ── the reasons ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

function identityUnknown({ now }: Situation): string | undefined {
  if (now.signature !== null) return undefined;
  const notes = now.code.opaque.map(({ name, why }) => `${name} (${why})`);
  return `What the step depends on cannot be followed: ${notes.slice(0, 8).join("; ")}${
    notes.length > 8 ? ` and ${notes.length - 8} more` : ""
  }.`;
}

function outputsRefused(refusal: Refusal | undefined, kind: "outputs_missing" | "outputs_damaged", what: string): string | undefined {
  if (refusal?.kind !== kind) return undefined;
  const { run, key, path } = refusal as Refusal & { kind: typeof kind };
  return `Run ${run.id} has the same signature, but its output ${JSON.stringify(key)} ${what}: ${path}.`;
}

function writerChanged({ refusal }: Situation): string | undefined {
  if (refusal?.kind !== "writer_changed") return undefined;
  const { run, key, before, after } = refusal;
  const now = after === undefined ? "which is not registered now" : `and would be written by ${after} now`;
  return `Run ${run.id} has the same signature, but its output ${JSON.stringify(key)} was written by ${before}, ${now}.`;
}

function pathsChanged({ refusal }: Situation): string | undefined {
  if (refusal?.kind !== "paths_changed") return undefined;
  const { run, key } = refusal;
  return `Run ${run.id} has the same signature, but its outputPaths decide otherwise whether ${JSON.stringify(key)} is taken from a file.`;
}

function implicitInputs({ refusal }: Situation): string | undefined {
  if (refusal?.kind !== "implicit_inputs_changed") return undefined;
  return `Run ${refusal.run.id} has the same signature, but what it read besides its declared inputs changed: ${
    listNames(refusal.inputs.map(({ label }) => label))
  }.`;
}

function implicitChange({ key, label, before, after }: ImplicitChange): Change {
  return {
    part: "inputs",
    name: `input ${key} (${label})`,
    ...(before === undefined ? {} : { before: before.slice(0, 12) }),
    ...(after === undefined ? {} : { after: after.slice(0, 12) }),
  };
}

function failedBefore({ refusal }: Situation): string | undefined {
  if (refusal?.kind !== "failed_before") return undefined;
  return `Run ${refusal.run.id} with the same signature failed${refusal.error === undefined ? "." : `: ${refusal.error}`}`;
}

/** Applies where every difference is of one aspect. */
function onlyAspect(aspect: Aspect, sentence: string): (situation: Situation) => string | undefined {
  return ({ nearest }) => {
    const found = nearest?.found ?? [];
    return found.length > 0 && found.every((difference) => difference.aspect === aspect) ? `${sentence}: ${namesOf(found)}.` : undefined;
  };
}

const PART_WORDS: Readonly<Record<IdentityPart, string>> = { code: "code", config: "config", inputs: "inputs" };

/** Applies where exactly these parts differ. */
function partsChanged(parts: readonly IdentityPart[]): (situation: Situation) => string | undefined {
  return ({ nearest }) => {
    if (!nearest || nearest.changed.length !== parts.length || !parts.every((part) => nearest.changed.includes(part))) return undefined;
    const words = parts.map((part) => PART_WORDS[part]);
    const subject = words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
    return `The ${subject} changed: ${namesOf(nearest.found) || "the recorded parts do not show where"}.`;
  };
}

function namesOf(found: readonly Difference[]): string {
  const names = found.slice(0, 4).map(({ change }) => change.name);
  return `${names.join(", ")}${found.length > 4 ? ` and ${found.length - 4} more` : ""}`;
}
