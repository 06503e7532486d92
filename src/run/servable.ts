/** What a completed run can serve: kept as one text with the run, so that a hit is one question to the ledger. */
import { JSON } from "../intrinsics.ts";
import { type ArtifactOptions, StoredArtifact } from "../artifacts/mod.ts";
import {
  type ArtifactRow,
  artifactsOfRuns,
  completedBySignature,
  type Db,
  otherwiseKnown,
  ownRunsById,
  prunedAmong,
  runsThatLack,
  type ServableRow,
  servableRuns,
} from "../ledger/mod.ts";
import type { Meta } from "../types.ts";
import { noteLoaded } from "./active_run.ts";
import { type CopyServices, findCopy, placeOf } from "./copies.ts";
import { loadKept } from "./ingested.ts";
import type { ImplicitInput } from "./implicit_inputs.ts";
import type { MadeOutput } from "./request.ts";
import type { Verdict } from "./verification.ts";

/** The scalar outputs of a run by key. */
export type Scalars = { readonly [key: string]: NonNullable<MadeOutput["scalar"]> };

/** What a completed run can serve. */
export interface Servable {
  /** The run. */
  readonly id: string;
  /** When it began. */
  readonly startedAt: Date;
  /** How long it took. */
  readonly seconds: number | undefined;
  /** Its scalar outputs. */
  readonly scalars: Scalars;
  /** Its outputs. */
  readonly outputs: readonly ServedArtifact[];
  /** Ids of the artifacts that it read from outside. */
  readonly external: readonly string[];
  /** What it read without having declared it. */
  readonly implicit: readonly ImplicitInput[];
  /** The keys of `outputPaths`, where there were any. */
  readonly paths?: readonly string[];
  /** What is kept of its program, where it ran one. */
  readonly program?: unknown;
  /** Did it print or display something that is kept? Only then a hit asks for it. */
  readonly shown?: true;
  /** What came of executing its step again. */
  readonly verified?: Verdict;
}

/** The facts of an artifact that serving needs. */
export interface ServedArtifact {
  readonly id: string;
  readonly key: string;
  readonly uri: string;
  readonly driver: string;
  readonly hash: string;
  readonly runId: string | null;
  readonly meta: Meta;
}

/** The text that is kept with a run. */
export function servableText({ startedAt, ...rest }: Omit<Servable, "id" | "seconds">): string {
  return JSON.stringify({ startedAt: startedAt.getTime(), ...rest });
}

/** An artifact's row, shortened. */
export function servedOf(row: ArtifactRow): ServedArtifact {
  return { id: row.id, key: row.key, uri: row.container_uri, driver: row.driver, hash: row.hash ?? "", runId: row.run_id, meta: row.meta };
}

/** How an artifact reads its content: by what is known of files; where its file is gone from a copy, or from the ledger's rows. */
export function artifactOptions(services: CopyServices): ArtifactOptions {
  return {
    memo: services.digests,
    onLoad: noteLoaded,
    elsewhere: (artifact) => findCopy(services, artifact),
    fallback: (artifact) => loadKept(services.ledger, artifact),
  };
}

/** An artifact with its place on this machine. */
export function storedArtifact(services: CopyServices, { runId, ...served }: ServedArtifact): StoredArtifact {
  const fields = { ...served, path: placeOf(services, served), ...(runId === null ? {} : { runId }) };
  return new StoredArtifact(fields, artifactOptions(services));
}

/** An artifact of the ledger with its place on this machine. */
export function artifactOf(services: CopyServices, row: ArtifactRow): StoredArtifact {
  return storedArtifact(services, servedOf(row));
}

/** No run at all has a signature: `unaccepted` where no run of another one can stand for it either, since nothing was ever accepted. */
export type NoRuns = "unknown" | "unaccepted";

/** The completed runs with a signature, newest first: at most `limit`, and all where they differ by what they read without declaring it. */
export async function servables(
  db: Db,
  signature: string,
  limit: number,
  ask: () => Promise<readonly ServableRow[]> = () => servableRuns(db, signature),
): Promise<Servable[] | NoRuns> {
  const rows = await ask();
  if (rows.length > 0) return servablesOf(rows, limit);
  const { isKnown, mayStand } = await otherwiseKnown(db, signature);
  if (!isKnown) return mayStand ? "unknown" : "unaccepted";
  return await fromRows(db, signature, limit);
}

/** The same from the rows that the ledger has of them. */
export function servablesOf(rows: readonly ServableRow[], limit: number): Servable[] {
  const runs = rows.map(servableOf);
  return runs.some(({ implicit }) => implicit.length > 0) ? runs : runs.slice(0, limit);
}

/** What a run can serve, from the text that is kept with it. */
export function servableOf({ run_id, seconds, result }: ServableRow): Servable {
  return { id: run_id, seconds: seconds ?? undefined, ...readText(result) };
}

/** The text with more notes of one of its artifacts. */
export function withNotes(text: string, artifactId: string, notes: Meta): string {
  const served = JSON.parse(text) as { readonly outputs: readonly ServedArtifact[] };
  const outputs = served.outputs.map((output) => output.id === artifactId ? { ...output, meta: { ...output.meta, ...notes } } : output);
  return JSON.stringify({ ...served, outputs });
}

/** The text with what came of executing the step again. */
export function withVerdict(text: string, verified: Verdict): string {
  return JSON.stringify({ ...JSON.parse(text), verified });
}

function readText(text: string): Omit<Servable, "id" | "seconds"> {
  const { startedAt, ...rest } = JSON.parse(text) as Omit<Servable, "id" | "seconds" | "startedAt"> & { startedAt: number };
  return { ...rest, implicit: rest.implicit ?? [], startedAt: new Date(startedAt) };
}

/**
 * Runs that reached this ledger without the text, as after another program merged two ledgers. Of one with implicit inputs nothing says how
 * it read them, and one of which artifacts are gone was a hit on what is gone with them: neither is served.
 */
async function fromRows(db: Db, signature: string, limit: number): Promise<Servable[]> {
  const completed = await completedBySignature(db, signature, limit);
  const pruned = new Set((await prunedAmong(db, completed.map((run) => run.id))).map(({ run_id }) => run_id));
  const runs = completed.filter(({ id }) => !pruned.has(id));
  if (runs.length === 0) return [];
  const ids = runs.map((run) => run.id);
  const [links, own] = [await artifactsOfRuns(db, ids), await ownRunsById(db, ids)];
  const lacking = await runsThatLack(db, ids, links);
  return runs.flatMap((run) => {
    const linked = links.filter((link) => link.run_id === run.id);
    const declared = run.meta.declared_outputs;
    const isBare = Array.isArray(declared) && declared.length > 0 && !linked.some(({ direction }) => direction === "output");
    if (lacking.has(run.id) || isBare || linked.some((link) => link.is_implicit)) return [];
    return [{
      id: run.id,
      startedAt: run.started_at,
      seconds: own.find(({ run_id }) => run_id === run.id)?.seconds ?? undefined,
      scalars: (run.meta.output_values ?? {}) as Scalars,
      outputs: linked.filter(({ direction }) => direction === "output").map(({ artifact }) => servedOf(artifact)),
      external: linked.filter(({ direction, artifact }) => direction === "input" && artifact.run_id === null).map(({ artifact_id }) =>
        artifact_id
      ),
      implicit: [],
      ...(run.meta.program === undefined ? {} : { program: run.meta.program }),
    }];
  });
}
