/** Do the files still agree with the ledger? */
import { artifactOf, type Db } from "../../ledger/mod.ts";
import type { Artifact } from "../../types.ts";
import { ask } from "./ask.ts";
import type { Reading } from "../reading.ts";

/** What is wrong with a file. */
export interface FileFault {
  /** `missing`: it is gone; `changed`: it has other content than was recorded; `unreadable`: it cannot be looked at. */
  readonly fault: "missing" | "changed" | "unreadable";
  /** The run that made it. */
  readonly run: string;
  /** The run's step. */
  readonly step: string;
  /** The output's key. */
  readonly key: string;
  /** The artifact's id. */
  readonly artifact: string;
  /** Where it should be. */
  readonly path: string;
  /** Where its content is all the same: in an archive, or as rows of the ledger. */
  readonly elsewhere?: string;
}

/** How files and ledger agree. */
export interface Validation {
  /** How many outputs were looked at. */
  readonly checked: number;
  /** What is wrong. */
  readonly faults: readonly FileFault[];
  /** Runs of which some outputs are there and some are not. */
  readonly partial: readonly string[];
}

/** How to look. */
export interface ValidateOptions {
  /** Is it enough that something is there? Then no content is read. @default false */
  readonly quick?: boolean;
  /** Only outputs of this run. */
  readonly run?: string;
  /** Hears how far it is. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** An artifact that can look at its file. */
interface Checked extends Artifact {
  check?(): Promise<{ readonly code: string } | undefined>;
  copy?(): Promise<string | undefined>;
}

interface Made {
  readonly step: string;
  readonly artifact: Checked;
}

/** Files are looked at a few at a time. */
const AT_ONCE = 8;

/** Looks at the outputs of all completed runs: are they there, with the content that was recorded? Nothing is changed. */
export async function validate(reading: Pick<Reading, "ledger" | "artifactOf">, options: ValidateOptions = {}): Promise<Validation> {
  const made = await outputsOf(reading, options.run);
  const faults: FileFault[] = [];
  for (let at = 0; at < made.length; at += AT_ONCE) {
    const found = await Promise.all(made.slice(at, at + AT_ONCE).map((each) => faultOf(each, options.quick ?? false)));
    faults.push(...found.filter((fault) => fault !== undefined));
    options.onProgress?.(Math.min(at + AT_ONCE, made.length), made.length);
  }
  const outputs = Map.groupBy(made, ({ artifact }) => artifact.runId!);
  const broken = Map.groupBy(faults.filter(({ elsewhere }) => elsewhere === undefined), ({ run }) => run);
  const partial = [...broken].filter(([run, of]) => of.length < outputs.get(run)!.length).map(([run]) => run);
  return { checked: made.length, faults, partial };
}

async function outputsOf({ ledger, artifactOf: hold }: Pick<Reading, "ledger" | "artifactOf">, run: string | undefined): Promise<Made[]> {
  const rows = await ledger.read((db: Db) =>
    ask<Record<string, unknown>>(
      db,
      `select a.*, r.model_name as step_name from artifact a join run r on r.id = a.run_id
      where r.status = 'completed' and a.hash is not null and r.id not in (select run_id from deno_pruned) and ($1::varchar is null or r.id = $1::varchar) order by epoch_us(a.created_at), a.id`,
      [run ?? null],
    )
  );
  return rows.map(({ step_name, ...row }) => ({ step: String(step_name), artifact: hold(artifactOf(row)) }));
}

async function faultOf({ step, artifact }: Made, quick: boolean): Promise<FileFault | undefined> {
  const fault = quick ? await absence(artifact) : await contentFault(artifact);
  if (fault === undefined) return undefined;
  const elsewhere = await elsewhereOf(artifact);
  const { id, key, path, runId } = artifact;
  return { fault, run: runId!, step, key, artifact: id, path, ...(elsewhere === undefined ? {} : { elsewhere }) };
}

async function absence({ path }: Checked): Promise<FileFault["fault"] | undefined> {
  try {
    await Deno.stat(path);
    return undefined;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "missing" : "unreadable";
  }
}

async function contentFault(artifact: Checked): Promise<FileFault["fault"] | undefined> {
  try {
    const problem = await artifact.check?.();
    return problem === undefined ? undefined : problem.code === "artifact_missing" ? "missing" : "changed";
  } catch {
    return "unreadable"; // what cannot be looked at is told as such; the others are looked at all the same
  }
}

async function elsewhereOf(artifact: Checked): Promise<string | undefined> {
  if (artifact.meta.is_ingested === true || typeof artifact.meta.rows_in_ledger === "string") return "the ledger";
  try {
    return await artifact.copy?.();
  } catch {
    return undefined; // a copy that cannot be looked at is none
  }
}
