/** What a tracker is made with. */
import { checkMembers, OptionError } from "../errors.ts";
import { type AccessMode, describe } from "../run/mod.ts";
import type { ZodObject } from "../types.ts";

/** zod object schemas by name. */
export type Schemas = { readonly [name: string]: ZodObject };

/** Where runs are recorded, and how. */
export interface TrackerOptions<S extends Schemas = Schemas> {
  /** Root of all run folders. @default "runs" beside the ledger */
  readonly runDir?: string;
  /** The ledger's file. @default "provenance.duckdb" in the notebook's folder, else in the working directory */
  readonly dbPath?: string;
  /** zod object schemas: each has a view over all tables that were logged with it. */
  readonly schemas?: S;
  /** A number of your own; another number makes every step another step. @default 1 */
  readonly cacheEpoch?: number;
  /** Scheme → folder: files below it get portable addresses, `inputs://raw.csv`. */
  readonly mounts?: { readonly [scheme: string]: string };
  /**
   * `false` tracks nothing: the same code runs, its outputs are files as ever, and no ledger is made. So does the environment variable
   * `CONSIST_ENABLED=0`, where this option says nothing. @default true
   */
  readonly enabled?: boolean;
  /**
   * What may be done with the ledger and the run folder:
   *
   * - `"standard"`: everything;
   * - `"analysis"`: everything but new runs. Finding, queries, views, loading, restoring, archiving and `verifyRun` work; steps, traces, sweeps
   *   and scenarios are refused, also where they would be hits, since a hit is a run too. `wouldHit` says what `run` would do;
   * - `"read_only"`: nothing is written to the ledger or to the run folder, and nothing is made there: a ledger that is not there reads as
   *   empty, and one of an older library or of Python's is not brought forward. Digests are not remembered. Copies may be made elsewhere;
   *   `archiveRunOutputs`, `verifyRun`, `rebuild` and addresses of the web, whose content is kept in the run folder, are refused.
   *
   * A refusal is a `LedgerError` with the code `access_refused`, which names the mode. @default "standard"
   *
   * @example Looking at results that must stay as they are
   * ```ts
   * import { ConsistError, Tracker } from "consist";
   * import assert from "node:assert/strict";
   *
   * const dbPath = `${await Deno.makeTempDir()}/provenance.duckdb`;
   * const step = { name: "answer", fn: () => 42, outputs: ["n"] } as const;
   * await using writer = new Tracker({ dbPath });
   * await writer.run(step);
   * await writer.close();
   *
   * await using reader = new Tracker({ dbPath, accessMode: "read_only" });
   * const { n } = (await reader.getArtifactsForRun(await reader.findRun({ model: "answer" }))).outputs;
   * assert.equal(await reader.load(n!), 42);
   * assert.equal((await reader.wouldHit(step)).hit, true);
   * await assert.rejects(reader.run(step), (error) => error instanceof ConsistError && error.code === "access_refused");
   * ```
   */
  readonly accessMode?: AccessMode;
}

const OPTIONS = ["runDir", "dbPath", "schemas", "cacheEpoch", "mounts", "enabled", "accessMode"];

function checkPaths(options: { readonly runDir?: unknown; readonly dbPath?: unknown }): void {
  for (const name of ["runDir", "dbPath"] as const) {
    const value = options[name];
    if (value === undefined || typeof value === "string") continue;
    throw new OptionError("option_invalid", {
      problem: `The option ${name} of the tracker is ${describe(value)}.`,
      why: "It is a path.",
      fix: `Give ${name}: ${name === "runDir" ? '"./runs"' : '"./provenance.duckdb"'}, or leave it out.`,
      path: name,
    });
  }
}

/** Refuses options that a tracker has not. */
export function checkOptions(options: object): void {
  checkMembers(options, OPTIONS, "Tracker");
  checkPaths(options);
}
