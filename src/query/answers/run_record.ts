/** A run as the ledger has it: what it read and made, why it was a hit or a miss, and its card. */
import { isAbsolute, relative } from "@std/path";
import type { StoredIdentity } from "../../identity/mod.ts";
import {
  acceptancesById,
  artifactsOfRuns,
  type Db,
  identitiesOf,
  type IdentityRow,
  isAnyAccepted,
  jsonText,
  type LinkedArtifact,
  ownRunsById,
  prunedAmong,
} from "../../ledger/mod.ts";
import { duration, type FileView, localTime, type RunCardView, type RunState } from "../../notebook/mod.ts";
import type { Artifact, Change, IdentityPart, Run } from "../../types.ts";
import { type Acceptance, acceptanceOf, acceptedWords, restingWords, restsOn } from "../acceptance.ts";
import { configsOf } from "./configs.ts";
import { runsBehind } from "./lineage.ts";
import type { Reading } from "../reading.ts";
import { runsOf } from "../run_rows.ts";
import { secondsOf } from "../run_lines.ts";

/** Why a run was a hit, or executed. */
export interface Explanation {
  /** Did its outputs come from an earlier run? */
  readonly hit: boolean;
  /** A stable word for the reason of a miss. */
  readonly code?: string;
  /** The reason as a sentence. */
  readonly reason: string;
  /** The run that it was compared with, or whose outputs it has. */
  readonly nearest?: string;
  /** Which parts of the identity differ. */
  readonly changed: readonly IdentityPart[];
  /** Each difference. */
  readonly changes: readonly Change[];
  /** What lies outside the identity, or could not be followed. */
  readonly notes: readonly string[];
  /** All of it in words, over several lines. */
  readonly text: string;
}

/** A file or value that a run read or made. */
export interface RunFile extends FileView {
  /** Its artifact. */
  readonly artifact: Artifact;
  /** Was it read without being declared? */
  readonly implicit: boolean;
  /** Is something at its path? Its content is not looked at. */
  readonly present: boolean;
}

/** A run with all that is on record of it. */
export interface RunRecord {
  /** The run. */
  readonly run: Run;
  /** How long it took, in seconds. */
  readonly seconds?: number;
  /** The run that a hit's outputs come from. */
  readonly source?: Run;
  /** Its config, flat. */
  readonly config: readonly (readonly [key: string, value: unknown])[];
  /** What it read. */
  readonly inputs: readonly RunFile[];
  /** What it made. */
  readonly outputs: readonly RunFile[];
  /** Why it was a hit, or executed. */
  readonly explanation: Explanation;
}

/** What compares two runs. */
type Identity = typeof import("../../identity/mod.ts");

/** What the ledger has of some runs. */
interface Facts {
  readonly linked: readonly LinkedArtifact[];
  readonly seconds: number | null;
  readonly source: Run | undefined;
  readonly sourceSeconds: number | null;
  readonly nearest: Run | undefined;
  readonly identities: ReadonlyMap<string, IdentityRow>;
  /** When the files of these runs were pruned. */
  readonly pruned: ReadonlyMap<string, Date>;
  /** The acceptances by which it was served. */
  readonly accepted: readonly Acceptance[];
  /** Those on which its inputs rest, or what these were made from. */
  readonly resting: readonly Acceptance[];
}

/** What is on record of a run. */
export async function runRecord(reading: Reading, run: Run): Promise<RunRecord> {
  const identity = await import("../../identity/mod.ts"); // a listing need not load what compares
  const facts = await reading.ledger.read((db) => factsOf(db, run));
  const config = (await configsOf(reading, [run])).get(run.id)!;
  const files = (direction: "input" | "output") =>
    facts.linked.filter((link) => link.direction === direction).map((link) => fileOf(reading, link, facts));
  const seconds = facts.seconds ?? secondsOf(run);
  return {
    run,
    ...(seconds === null ? {} : { seconds }),
    ...(facts.source === undefined ? {} : { source: facts.source }),
    config: [...config],
    inputs: files("input"),
    outputs: files("output"),
    explanation: explanationOf(run, facts, identity),
  };
}

async function factsOf(db: Db, run: Run): Promise<Facts> {
  const [own] = await ownRunsById(db, [run.id]);
  const sourceId = own?.source_run_id ?? textOf(run.meta.cache_source);
  const nearestId = textOf((run.meta.cache_miss_explanation as { candidate_run_id?: unknown } | undefined)?.candidate_run_id);
  const others = await runsOf(db, [sourceId, nearestId].filter((id) => id !== undefined));
  const ids = [run.id, sourceId, nearestId].filter((id) => id !== undefined);
  const source = others.find(({ id }) => id === sourceId);
  const sourceSeconds = source === undefined ? null : (await ownRunsById(db, [source.id]))[0]?.seconds ?? secondsOf(source);
  const linked = await artifactsOfRuns(db, [run.id]);
  const makers = [...new Set([...ids, ...linked.flatMap(({ artifact }) => artifact.run_id ?? [])])];
  return {
    linked,
    accepted: await acceptancesWith(db, restsOn(run).accepted),
    resting: await acceptancesWith(db, await restingIds(db, run, linked, own?.header_id ?? null)),
    pruned: new Map((await prunedAmong(db, makers)).map(({ run_id, pruned_at }) => [run_id, pruned_at])),
    seconds: own?.seconds ?? null,
    source,
    sourceSeconds,
    nearest: others.find(({ id }) => id === nearestId),
    identities: new Map((await identitiesOf(db, ids)).map((row) => [row.run_id, row])),
  };
}

async function acceptancesWith(db: Db, ids: readonly string[]): Promise<Acceptance[]> {
  return ids.length === 0 ? [] : (await acceptancesById(db, ids)).map(acceptanceOf);
}

/** What a run says of its inputs, and what the runs behind these say of themselves. */
async function restingIds(db: Db, run: Run, linked: readonly LinkedArtifact[], header: string | null): Promise<string[]> {
  if (!await isAnyAccepted(db)) return [];
  const read = linked.filter(({ direction }) => direction === "input").map(({ artifact_id }) => artifact_id);
  const behind = (await runsBehind(db, read, header)).map(restsOn);
  return [...new Set([...restsOn(run).inputs, ...behind.flatMap(({ accepted, inputs }) => [...accepted, ...inputs])])];
}

const textOf = (value: unknown): string | undefined => typeof value === "string" ? value : undefined;

// ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function fileOf({ artifactOf }: Reading, { artifact: row, is_implicit }: LinkedArtifact, facts: Facts): RunFile {
  const artifact = artifactOf(row);
  const size = sizeAt(artifact.path);
  const bytes = size?.bytes ?? recordedBytes(row.key, facts);
  const note = is_implicit
    ? "read without being declared"
    : size === undefined
    ? (facts.pruned.has(row.run_id ?? "") ? "pruned" : "missing")
    : undefined;
  return {
    artifact,
    implicit: is_implicit,
    present: size !== undefined,
    ...{ key: artifact.key, label: shownPath(artifact.uri), path: artifact.path, driver: artifact.driver, hash: artifact.hash },
    ...(bytes === undefined ? {} : { bytes }),
    ...(artifact.runId === undefined ? {} : { runId: artifact.runId }),
    ...(note === undefined ? {} : { note }),
  };
}

/** Portable below the folder of runs, else as it is seen from the working directory where it is below that. */
function shownPath(uri: string): string {
  if (!isAbsolute(uri)) return uri;
  const seen = relative(Deno.cwd(), uri);
  return seen === "" || seen.startsWith("..") || isAbsolute(seen) ? uri : seen;
}

/** What is at a path; a folder has no size of its own. */
function sizeAt(path: string): { readonly bytes?: number } | undefined {
  try {
    const { isFile, size } = Deno.statSync(path);
    return isFile ? { bytes: size } : {};
  } catch {
    return undefined; // nothing there, or nothing to be seen: the card says that it is missing
  }
}

function recordedBytes(key: string, { identities }: Facts): number | undefined {
  for (const { outputs } of identities.values()) {
    const made = Array.isArray(outputs)
      ? outputs.find((output: { key?: unknown }) => output?.key === key) as { bytes?: unknown } | undefined
      : undefined;
    if (typeof made?.bytes === "number") return made.bytes;
  }
  return undefined;
}

// ── why ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function explanationOf(run: Run, facts: Facts, identity: Identity): Explanation {
  const notes = [...facts.resting.map(restingWords), ...prunedNotes(run, facts), ...notesOf(run)];
  if (run.cacheHit) return hitOf(run, facts, notes);
  const { reason: code, explanation } = (run.meta.cache_miss_explanation ?? {}) as { reason?: unknown; explanation?: unknown };
  const found = comparedWith(facts, run, identity);
  const reason = textOf(explanation) ?? textOf(code) ?? unrecorded(run);
  const nearest = facts.nearest === undefined ? {} : { nearest: { id: facts.nearest.id, startedAt: facts.nearest.startedAt } };
  const changes = found.map(({ change }) => change);
  return {
    hit: false,
    ...(textOf(code) === undefined ? {} : { code: textOf(code)! }),
    reason,
    ...(facts.nearest === undefined ? {} : { nearest: facts.nearest.id }),
    changed: (["code", "config", "inputs"] as const).filter((part) => changes.some((change) => change.part === part)),
    changes,
    notes,
    text: [...failureWords(run), identity.explain({ reason, ...nearest, changes }), ...notes.map((note) => `Note: ${note}`)].join("\n"),
  };
}

/** What it failed with, before why it executed at all. */
function failureWords({ error }: Run): string[] {
  if (error === undefined) return [];
  const place = error.stack?.split("\n").map((line) => line.trim()).find((line) => line.startsWith("at "));
  return [`It failed: ${error.name}: ${error.message.trim()}`, ...(place === undefined ? [] : [`  ${place}`])];
}

function hitOf(run: Run, { source, sourceSeconds, accepted }: Facts, notes: readonly string[]): Explanation {
  const id = source?.id ?? textOf(run.meta.cache_source);
  const took = sourceSeconds === null ? "" : `, which took ${duration(sourceSeconds)}`;
  const of = source === undefined ? " that the ledger does not have any more" : ` of ${localTime(source.startedAt)}`;
  const same = accepted.length === 0 ? "Code, config and inputs are the same." : acceptedWords(accepted);
  const text = id === undefined ? "Hit." : `Hit: the outputs come from the run ${id}${of}${took}. ${same}`;
  return {
    hit: true,
    reason: same,
    ...(id === undefined ? {} : { nearest: id }),
    changed: accepted.length === 0 ? [] : ["code"],
    changes: accepted.flatMap(({ changes }) => changes),
    notes,
    text: [text, ...notes.map((note) => `Note: ${note}`)].join("\n"),
  };
}

function unrecorded({ status, tags, error }: Run): string {
  if (tags.includes("scenario_header")) return "It is the header of a scenario: its steps are runs of their own.";
  if (error !== undefined) return "It failed; why it executed is not on record.";
  if (status === "running") return "It has not ended, and its reason is recorded with its end.";
  return "The ledger does not say why it executed.";
}

function comparedWith({ identities, nearest }: Facts, run: Run, identity: Identity) {
  const [before, now] = [nearest && identities.get(nearest.id), identities.get(run.id)];
  return before === undefined || now === undefined ? [] : identity.differences(storedOf(before, identity), storedOf(now, identity));
}

/** Identities of the ledger as those that are compared. */
function storedOf({ code, call, config, inputs }: IdentityRow, { storedIdentity, canonicalJson }: Identity): StoredIdentity {
  return storedIdentity({ code: jsonText(code), call: jsonText(call), config: canonicalJson(config ?? {}), inputs: jsonText(inputs) });
}

/** That the files of the run, or of the one whose outputs it has, are pruned. */
function prunedNotes({ id }: Run, { pruned, source }: Facts): string[] {
  const at = pruned.get(source?.id ?? id);
  return at === undefined ? [] : [`its cached files were pruned on ${localTime(at)}`];
}

/** What is outside of the identity, or could not be followed. */
function notesOf({ meta }: Run): string[] {
  const each = (list: unknown, words: string): string[] =>
    Array.isArray(list)
      ? list.slice(0, 20).map(({ name, why }: { name?: unknown; why?: unknown }) => `${words} ${String(name)}: ${String(why)}`)
      : [];
  return [...each(meta.identity_outside, "outside the identity,"), ...each(meta.identity_opaque, "not to be followed,")];
}

// ── the card ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the card of a run shows. */
export function cardOfRecord({ run, seconds, source, config, inputs, outputs, explanation }: RunRecord): RunCardView {
  const took = source === undefined ? undefined : secondsOf(source) ?? undefined;
  const printed = textOf((run.meta.program as { printed?: unknown } | undefined)?.printed);
  return {
    ...{ id: run.id, step: run.model, status: stateOf(run), why: explanation.reason, seconds: seconds ?? 0, startedAt: run.startedAt },
    ...{
      tags: run.tags,
      config,
      inputs,
      outputs,
      changes: explanation.changes,
      warnings: warningsOf(run),
      notes: [`run ${run.id}`, ...explanation.notes],
    },
    ...{ scenario: run.scenarioId, year: run.year, iteration: run.iteration, description: run.description, error: run.error },
    ...{ signature: run.signature === "" ? undefined : run.signature, printed: printed === "" ? undefined : printed },
    ...(source === undefined ? {} : { source: { id: source.id, at: source.startedAt }, savedSeconds: took }),
  };
}

function stateOf({ cacheHit, status }: Run): RunState {
  if (cacheHit) return "hit";
  return status === "running" ? "running" : status === "completed" ? "executed" : "failed";
}

function warningsOf({ status, meta }: Run): string[] {
  const known = Array.isArray(meta.warnings) ? meta.warnings.filter((text) => typeof text === "string") : [];
  return status === "interrupted" ? ["Its process ended before it did.", ...known] : known;
}
