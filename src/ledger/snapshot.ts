/** Snapshots of runs beside the ledger: one JSON file for each run, from which a lost ledger is rebuilt. */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { LedgerError } from "../errors.ts";
import type { ArtifactRow } from "./artifacts.ts";
import type { ArtifactFacet, RunFacet } from "./facets.ts";
import type { DisplayRow } from "./displays.ts";
import type { IdentityRow } from "./identities.ts";
import { jsonText, parseJson } from "./json.ts";
import type { OwnRunRow } from "./own_runs.ts";
import type { RunRow } from "./runs.ts";
import { type PreparedFile, prepareFile } from "./whole_file.ts";

/** A run with all that belongs to it. Python's library reads all but `deno`. */
export interface Snapshot {
  /** The run. */
  readonly run: RunRow;
  /** What it read. */
  readonly inputs: readonly ArtifactRow[];
  /** What it made. */
  readonly outputs: readonly ArtifactRow[];
  /** The producer's row on a hit. */
  readonly cached_run: RunRow | null;
  /** The whole config. */
  readonly config: unknown;
  /** Its queryable values. */
  readonly facet: unknown;
  /** What only we know of it. */
  readonly deno?: {
    /** The row of `deno_run`. */
    readonly run?: OwnRunRow;
    /** The row of `deno_identity`. */
    readonly identity?: IdentityRow;
    /** The row of `deno_display`. */
    readonly display?: DisplayRow;
    /** Facets of its outputs. */
    readonly artifact_facets?: readonly ArtifactFacet[];
    /** Ids of outputs that an earlier run made, and that it left as they were. */
    readonly kept?: readonly string[];
    /** How the facet was stored. */
    readonly facet?: Pick<RunFacet, "schema_version" | "index">;
    /** Ids of the inputs that were read without being declared. */
    readonly implicit?: readonly string[];
    /** Name of the ledger's file: two ledgers may have one folder of runs. */
    readonly ledger?: string;
  };
}

/** The folder of snapshots, below that of all runs. */
export const SNAPSHOTS = "consist_runs";

/** Where the snapshot of a run is. An id that is no file name gets a digest, so that `a/b` and `a_b` do not share a file. */
export function snapshotPath(runDir: string, runId: string): string {
  const safe = runId.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, 150);
  const suffix = safe === runId ? "" : `_${createHash("sha256").update(runId).digest("hex").slice(0, 12)}`;
  return join(runDir, SNAPSHOTS, `${safe}${suffix}.json`);
}

/** Writes a run's snapshot: whole or not at all, and on the disk when it resolves. */
export async function writeSnapshot(runDir: string, snapshot: Snapshot): Promise<string> {
  return await (await prepareSnapshot(runDir, snapshot)).publish();
}

/** Writes a run's snapshot aside, which can be done while the ledger commits the run: it is no snapshot before it is published. */
export async function prepareSnapshot(runDir: string, snapshot: Snapshot): Promise<PreparedFile> {
  return await prepareFile(snapshotPath(runDir, snapshot.run.id), jsonText(snapshot));
}

/** The text of a file from which a run comes back that had only begun. */
export function beginningText(run: RunRow): string {
  return jsonText({ run, inputs: [], outputs: [], cached_run: null, config: null, facet: null });
}

/** The snapshot of a run; none where there is no file. */
export async function readSnapshot(runDir: string, runId: string): Promise<Snapshot | undefined> {
  const own = await readSnapshotFile(snapshotPath(runDir, runId));
  if (own !== undefined) return own;
  const theirs = await readSnapshotFile(pythonPath(runDir, runId));
  return theirs?.run.id === runId ? theirs : undefined;
}

/** The files that may hold the snapshot of a run; which of them do is for what is inside to say. */
export async function snapshotFilesOf(runDir: string, runId: string): Promise<string[]> {
  const [own, theirs] = [snapshotPath(runDir, runId), pythonPath(runDir, runId)];
  if (own === theirs) return [own];
  const other = await readSnapshotFile(theirs).catch(() => undefined); // what cannot be read is nobody's
  return other?.run.id === runId ? [own, theirs] : [own];
}

/** Python gives `a/b` and `a_b` the same file: the id inside decides. */
const pythonPath = (runDir: string, runId: string): string =>
  join(runDir, SNAPSHOTS, `${runId.replaceAll(/[^\p{L}\p{N}_.-]/gu, "_")}.json`);

/** A snapshot from its file; none where the file is missing. */
export async function readSnapshotFile(path: string): Promise<Snapshot | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  try {
    return snapshotOf(parseJson(text));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): LedgerError {
  return new LedgerError("ledger_unreadable", {
    problem: `Cannot read the snapshot "${path}".`,
    why: `It is not the JSON of a run: ${cause instanceof Error ? cause.message : String(cause)}`,
    fix: "Move the file away: the run's row in the ledger does not depend on it.",
    path,
    cause,
  });
}

const TIMES = ["started_at", "ended_at", "created_at", "updated_at"];
type Plain = Record<string, unknown>;

function snapshotOf(value: unknown): Snapshot {
  const { run, inputs, outputs, cached_run, config, facet, deno, ...rest } = (value ?? {}) as Plain;
  if (typeof run !== "object" || run === null) throw new SyntaxError("There is no run in it.");
  return {
    ...rest,
    ...(typeof deno === "object" && deno !== null ? { deno: ownPart(deno as Plain) } : {}),
    run: withTimes(run as Plain) as unknown as RunRow,
    inputs: ((inputs ?? []) as Plain[]).map(withTimes) as unknown as ArtifactRow[],
    outputs: ((outputs ?? []) as Plain[]).map(withTimes) as unknown as ArtifactRow[],
    cached_run: cached_run ? withTimes(cached_run as Plain) as unknown as RunRow : null,
    config: config ?? null,
    facet: facet ?? null,
  };
}

function ownPart({ artifact_facets, ...rest }: Plain): NonNullable<Snapshot["deno"]> {
  return { ...rest, ...(Array.isArray(artifact_facets) ? { artifact_facets: artifact_facets.map(withTimes) as never } : {}) };
}

function withTimes(row: Plain): Plain {
  const times = TIMES.filter((name) => typeof row[name] === "string").map((name) => [name, new Date(row[name] as string)]);
  return { ...row, ...Object.fromEntries(times) };
}
