/** Snapshots of runs beside the ledger: one JSON file for each run, from which a lost ledger is rebuilt. */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "@std/path";
import { ensureDir } from "@std/fs";
import { LedgerError } from "../errors.ts";
import { snapshotFailure } from "./failures.ts";
import type { ArtifactRow } from "./artifacts.ts";
import type { DisplayRow } from "./displays.ts";
import type { IdentityRow } from "./identities.ts";
import { jsonText, parseJson } from "./json.ts";
import type { OwnRunRow } from "./own_runs.ts";
import type { RunRow } from "./runs.ts";

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

/** A snapshot that is on the disk, and does not have its name yet. */
export interface PreparedSnapshot {
  /** Gives it its name; on the disk when it resolves, with its path. */
  publish(): Promise<string>;
  /** Takes it away again. */
  discard(): Promise<void>;
}

/** Writes a run's snapshot: whole or not at all, and on the disk when it resolves. */
export async function writeSnapshot(runDir: string, snapshot: Snapshot): Promise<string> {
  return await (await prepareSnapshot(runDir, snapshot)).publish();
}

/** Writes a run's snapshot aside, which can be done while the ledger commits the run: it is no snapshot before it is published. */
export async function prepareSnapshot(runDir: string, snapshot: Snapshot): Promise<PreparedSnapshot> {
  const path = snapshotPath(runDir, snapshot.run.id);
  const aside = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  const discard = () => Deno.remove(aside).catch(() => {}); // it may never have been made, or have its name already
  const orNothing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await discard();
      throw snapshotFailure(path, error);
    }
  };
  await orNothing(async () => {
    await ensureDir(dirname(path));
    await writeDurably(aside, jsonText(snapshot));
  });
  const publish = () =>
    orNothing(async () => {
      await Deno.rename(aside, path);
      await syncFolder(dirname(path));
      return path;
    });
  return { publish, discard };
}

async function writeDurably(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}

/** A rename is on the disk when its folder is. */
async function syncFolder(path: string): Promise<void> {
  try {
    using folder = await Deno.open(path);
    await folder.sync();
  } catch {
    // Windows opens no folders; there the rename is in the log of the file system already.
  }
}

/** The snapshot of a run; none where there is no file. */
export async function readSnapshot(runDir: string, runId: string): Promise<Snapshot | undefined> {
  return await readSnapshotFile(snapshotPath(runDir, runId)) ?? await readSnapshotFile(pythonPath(runDir, runId));
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
  const { run, inputs, outputs, cached_run, config, facet, ...rest } = (value ?? {}) as Plain;
  if (typeof run !== "object" || run === null) throw new SyntaxError("There is no run in it.");
  return {
    ...rest,
    run: withTimes(run as Plain) as unknown as RunRow,
    inputs: ((inputs ?? []) as Plain[]).map(withTimes) as unknown as ArtifactRow[],
    outputs: ((outputs ?? []) as Plain[]).map(withTimes) as unknown as ArtifactRow[],
    cached_run: cached_run ? withTimes(cached_run as Plain) as unknown as RunRow : null,
    config: config ?? null,
    facet: facet ?? null,
  };
}

function withTimes(row: Plain): Plain {
  const times = TIMES.filter((name) => typeof row[name] === "string").map((name) => [name, new Date(row[name] as string)]);
  return { ...row, ...Object.fromEntries(times) };
}
