/** What the ledger keeps of what a run read: rows for files from outside, links to artifacts that it has already. */
import { toUri } from "../artifacts/mod.ts";
import type { ArtifactRow, LinkRow } from "../ledger/mod.ts";
import type { Artifact } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { newId } from "./ids.ts";
import type { ImplicitInput, ImplicitRead } from "./implicit_inputs.ts";
import { keptReads } from "./read_again.ts";
import type { ResolvedInput, RunServices, StepRequest } from "./request.ts";

/** The inputs of a run as they are recorded. */
export interface InputRows {
  /** Rows for files that no run of ours made. */
  readonly rows: ArtifactRow[];
  /** Rows for artifacts that the ledger has already: for the snapshot alone, from which links come back. */
  readonly known: ArtifactRow[];
  /** A link for each input that has an artifact. */
  readonly links: LinkRow[];
  /** The artifacts of declared inputs from outside: a hit is linked to them too. */
  readonly external: string[];
  /** What was read without being declared. */
  readonly implicit: ImplicitInput[];
}

/** Rows and links of everything that a run read. */
export async function inputRows(run: ActiveRun, now: Date): Promise<InputRows> {
  const { services, request } = run;
  const reads = run.implicit.all;
  const undeclared = new Set(reads.map((read) => read.artifact?.id));
  const external = [
    ...request.inputs.filter((input) => input.artifact === undefined && input.path !== undefined)
      .map((input) => externalRow(services, input, now)),
    ...[...run.logged.values()].filter(({ id }) => !undeclared.has(id)).map((artifact) => artifactRow(artifact, artifact.id, now)),
  ];
  const declared = inputArtifactIds(request);
  const made = new Map(reads.flatMap((read) => {
    const row = rowOfRead(run, read, now);
    return row === undefined ? [] : [[read, row] as const];
  }));
  const ids = new Map(reads.flatMap((read) => {
    const id = made.get(read)?.id ?? read.artifact?.id;
    return id === undefined ? [] : [[read, id] as const];
  }));
  const held = [...request.inputs, ...request.dependencies, ...reads].flatMap(({ artifact }) => artifact ?? []);
  const fresh = new Set([...external, ...made.values()].map(({ id }) => id));
  const known = new Map(held.filter(({ id }) => !fresh.has(id)).map((artifact) => [artifact.id, knownRow(artifact, now)]));
  const implicitIds = [...new Set(ids.values())].filter((id) => !declared.includes(id));
  return {
    rows: [...external, ...made.values()],
    known: [...known.values()].filter(({ id }) => declared.includes(id) || implicitIds.includes(id)),
    links: [
      ...[...declared, ...external.map(({ id }) => id)].map((id) => inputLink(run.id, id, false)),
      ...implicitIds.map((id) => inputLink(run.id, id, true)),
    ],
    external: external.map(({ id }) => id),
    implicit: await keptReads(reads, ids),
  };
}

/** A link from a run to what it read. */
export function inputLink(runId: string, artifactId: string, isImplicit: boolean): LinkRow {
  return { run_id: runId, artifact_id: artifactId, direction: "input", is_implicit: isImplicit };
}

/** The ids of the artifacts that were given as inputs. */
export function inputArtifactIds(request: StepRequest): string[] {
  return [
    ...new Set([...request.inputs, ...request.dependencies].flatMap((input) => input.artifact === undefined ? [] : [input.artifact.id])),
  ];
}

/** What a run of ours made has its row already. */
function rowOfRead({ services, logged }: ActiveRun, { input, artifact, key }: ImplicitRead, now: Date): ArtifactRow | undefined {
  if (input?.path !== undefined) return externalRow(services, { ...input, key }, now);
  if (artifact === undefined || artifact.runId !== undefined) return undefined;
  return artifactRow(artifact, [...logged.values()].some(({ id }) => id === artifact.id) ? artifact.id : newId(), now);
}

/** A row for a file that no run of ours made. */
function externalRow(services: RunServices, input: ResolvedInput, now: Date): ArtifactRow {
  return {
    id: newId(),
    key: input.key,
    container_uri: toUri(input.path!, services.roots),
    table_path: null,
    array_path: null,
    driver: input.kind === "folder" || input.kind === "glob" ? input.kind : input.driver,
    hash: input.hash,
    content_id: null,
    parent_artifact_id: null,
    run_id: null,
    meta: {
      hash_semantics: hashSemantics(input.files === undefined ? "file" : "directory"),
      ...(input.url === undefined ? {} : { source_url: input.url }),
    },
    created_at: now,
  };
}

/** The row of an artifact that is on record, as far as it is at hand. */
function knownRow(artifact: Artifact, now: Date): ArtifactRow {
  return { ...artifactRow(artifact, artifact.id, now), run_id: artifact.runId ?? null };
}

/** A row for an artifact of a file from outside. */
export function artifactRow(artifact: Artifact, id: string, now: Date): ArtifactRow {
  return {
    id,
    key: artifact.key,
    container_uri: artifact.uri,
    table_path: null,
    array_path: null,
    driver: artifact.driver,
    hash: artifact.hash,
    content_id: null,
    parent_artifact_id: null,
    run_id: null,
    meta: { hash_semantics: hashSemantics("file"), ...artifact.meta },
    created_at: now,
  };
}

/** What a hash means, in the words of Python's library. */
export function hashSemantics(kind: "file" | "directory"): object {
  return {
    version: 1,
    algorithm: "sha256",
    kind,
    digest_contract: kind === "file" ? "raw_file_bytes" : "consist_deno_tree",
    source: "computed_full",
  };
}
