/** What an active run can do: on the step that a function receives, and as ambient functions. */
import type { Artifact, Artifacts, DataFrame, Facet, KeyOf, LazyFrame, LoadedPath, Meta, ZodObject } from "../types.ts";
import type { Stored } from "./input_types.ts";
import type { OutputOptions } from "./output_types.ts";

/** No values by name. */
export type NoValues = Record<never, never>;

/** How a file is logged. */
export interface LogOptions<K extends string = string> {
  /** Its role. @default the file name's stem */
  readonly key?: K;
  /** How it is read. @default by its extension */
  readonly driver?: OutputOptions["driver"];
  /** A zod object schema that the table has to fit. */
  readonly schema?: ZodObject;
  /** Keep the file's columns and types in the ledger, as its first rows show them. @default false */
  readonly profileFileSchema?: boolean;
  /** How many rows are looked at for that. @default 1000 */
  readonly fileSchemaSampleRows?: number;
  /** What it is. */
  readonly description?: string;
  /** Notes. */
  readonly meta?: Meta;
  /** Its queryable values. */
  readonly facet?: Facet;
  /** SHA-256 of its content in hex, where it is known: taken as given, so that the file need not be read. @default computed */
  readonly contentHash?: string;
  /** Read the file, and fail with `content_mismatch` where `contentHash` is wrong. @default false */
  readonly validateContentHash?: boolean;
  /** Take `contentHash` also where the run has read this file with another hash; else that one stays, with a warning. @default false */
  readonly forceHashOverride?: boolean;
}
/** How several files are logged at once. */
export interface LogManyOptions<K extends string> {
  /** Whether the step read or made them. @default "output" */
  readonly direction?: "input" | "output";
  /** Notes for single files. */
  readonly metadataByKey?: { readonly [X in K]?: Meta };
  /** Queryable values of single files. */
  readonly facetsByKey?: { readonly [X in K]?: Facet };
  /** Simulated year, for every file. */
  readonly year?: number;
  /** Number of the iteration, for every file. */
  readonly iteration?: number;
  /** Words to find them by. */
  readonly tags?: readonly string[];
  /** Notes for every file. */
  readonly meta?: Meta;
}
/** Which files of a folder are captured. */
export interface CaptureOptions {
  /** File names. @default "*" */
  readonly pattern?: string;
  /** Look into the folders below as well. @default false */
  readonly recursive?: boolean;
}
/** How a table's rows are kept. */
export interface IngestOptions {
  /** A zod object schema that the table has to fit; where it is registered, its name is that of the ledger's table. */
  readonly schema?: ZodObject;
}
/** What a path loads as. */
export type PathValue<S> = S extends string ? LoadedPath<S> : unknown;

/** What an active run can do. */
export interface RunContext {
  /** A path inside this run's own folder. The extension stays in the type, so that `file(path)` knows what it loads as. */
  outputPath<const Ext extends string>(key: string, ext: Ext): `${string}.${Ext extends `.${infer Bare}` ? Bare : Ext}`;
  /** A path inside this run's own folder, with no extension. */
  outputPath(key: string): string;
  /** A folder inside this run's own folder, made if it is missing. */
  outputDir(namespace?: string): string;
  /** Logs a file that the step read or made. */
  logArtifact<const S extends string | URL, const K extends string = string>(
    path: S,
    options: LogOptions<K> & { readonly direction: "input" | "output" },
  ): Promise<Artifact<K, PathValue<S>>>;
  /** Logs a file that the step read. */
  logInput<const S extends string | URL, const K extends string = string>(
    path: S,
    options?: LogOptions<K>,
  ): Promise<Artifact<K, PathValue<S>>>;
  /** Logs a file that the step made; a file outside the run's own folder is copied into it. */
  logOutput<const S extends string | URL, const K extends string = string>(
    path: S,
    options?: LogOptions<K>,
  ): Promise<Artifact<K, PathValue<S>>>;
  /** Logs several files at once. */
  logArtifacts<const F extends { readonly [key: string]: string | URL }>(
    files: F,
    options?: LogManyOptions<keyof F & string>,
  ): Promise<{ readonly [K in KeyOf<F>]: Artifact<K, PathValue<F[K]>> }>;
  /** Writes a DataFrame into the run's own folder and logs it. */
  logDataframe<D extends DataFrame | LazyFrame, const K extends string>(
    frame: D,
    options: LogOptions<K> & { readonly key: K },
  ): Promise<Artifact<K, Stored<D>>>;
  /** Adds notes to the run. */
  logMeta(meta: Meta): Promise<void>;
  /** Logs what the body writes into `dir`, by file name stem. */
  captureOutputs(dir: string, options: CaptureOptions, body: (dir: string) => unknown): Promise<Artifacts>;
  /** Keeps the rows of a table in the ledger, so that they load where the file is gone. They are there when the run is recorded. */
  ingest(artifact: Artifact, options?: IngestOptions): Promise<void>;
}

/** The second argument of a step function. `Step<MyConfig>` is what a function's signature needs to say. */
export interface Step<out C = unknown, out L = NoValues, out A = NoValues> extends RunContext {
  /** The step's name. */
  readonly name: string;
  /** The run's id. */
  readonly runId: string;
  /** The config, as it was given. */
  readonly config: C;
  /** The run's own folder. */
  readonly runDir: string;
  /** Simulated year. */
  readonly year?: number;
  /** Number of the iteration. */
  readonly iteration?: number;
  /** In a trace: were its outputs cached? Always `false` in `run`, whose function only executes on a miss. */
  readonly cacheHit: boolean;
  /** `executionOptions.runtimeArgs`: passed, not hashed. */
  readonly runtime: A;
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  /** One of this step's inputs by its key, whatever the binding. */
  load<K extends keyof L & string>(input: K): Promise<L[K]>;
  /** Any artifact. */
  load<V>(artifact: Artifact<string, V>): Promise<V>;
  /** Says how far the step is: `done` of `total`, with a note. */
  progress(done: number, total?: number, note?: string): void;
}
