/** The words that every floor shares. Imports from no floor. */
import type pl from "polars";
import type * as duckdb from "@duckdb/node-api";
import type { z } from "zod";

/** A polars DataFrame. */
export type DataFrame = pl.DataFrame;
/** A polars LazyFrame. */
export type LazyFrame = pl.LazyDataFrame;
/** The LazyFrame of a DataFrame, with its columns. */
export type LazyFrameOf<X extends DataFrame> = ReturnType<X["lazy"]>;
/** The DataFrame that a LazyFrame collects to, with its columns. */
export type CollectedFrame<X extends LazyFrame> = Awaited<ReturnType<X["collect"]>>;
/** A zod schema of an object: the columns of a table. */
export type ZodObject = z.ZodObject;
/** Any zod schema. */
export type ZodSchema = z.ZodType;
/** What a zod schema gives when it has parsed. */
export type ZodOutput<S extends ZodSchema> = S["_zod"]["output"];
/** A connection to a DuckDB file. */
export type DuckDBConnection = duckdb.DuckDBConnection;
/** A value that a query or a facet can hold in one cell. */
export type Scalar = string | number | boolean | null;
/** Small, queryable values of a run or an artifact. */
export type Facet = { readonly [key: string]: unknown };
/** Free notes on a run or an artifact. */
export type Meta = { readonly [key: string]: unknown };
/** A row whose columns nobody declared. */
export type UnknownRow = { [column: string]: unknown };
/** Key → value type of artifacts whose keys are open. */
export type Registry = { readonly [key: string]: unknown };
/** The string keys of a type. */
export type KeyOf<T> = keyof T & string;
/** A compile-time message: the offending value is compared with this, and the text shows up in the editor. */
export interface Misuse<Message extends string> {
  /** The message. */
  readonly misuse: Message;
}
/** A type spelt out, so that an editor shows its members. */
export type Simplify<T> = { [K in keyof T]: T[K] };
/** `true` where two types are the same. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** What a notebook shows: a representation for each MIME type. */
export interface MimeBundle {
  /** MIME type → text or JSON. */
  readonly [mime: string]: string | object;
}

// ── files and what they load as ─────────────────────────────────────────────────────────────────────────────────────────────

/** File extension → type of the loaded value. A driver of your own adds its line by declaration merging. */
export interface LoadedByExtension {
  /** Comma-separated values. */
  csv: DataFrame;
  /** Tab-separated values. */
  tsv: DataFrame;
  /** One JSON object a line. */
  ndjson: DataFrame;
  /** Apache Parquet. */
  parquet: DataFrame;
  /** Apache Arrow IPC. */
  arrow: DataFrame;
  /** Apache Arrow IPC. */
  ipc: DataFrame;
  /** JSON is `unknown`: annotate the step's parameter, or parse it. */
  json: unknown;
  /** GeoJSON is JSON. */
  geojson: unknown;
  /** Text. */
  txt: string;
  /** Text. */
  md: string;
  /** Text. */
  yaml: string;
  /** Text. */
  yml: string;
  /** Text. */
  xml: string;
  /** Text. */
  html: string;
  /** A chart: a Vega-Lite specification with its data. */
  vl: Chart;
}
/** What follows the last dot of the last path segment; `never` where there is none or it is not known. */
export type Extension<S extends string> = S extends `${string}/${infer Rest}` ? Extension<Rest>
  : S extends `${string}.${infer Rest}` ? (Extension<Rest> extends infer E ? ([E] extends [never] ? Lowercase<Rest> : E) : never)
  : never;
/** An address without what follows `?` or `#`. */
export type WithoutQuery<S extends string> = S extends `${infer P}?${string}` ? WithoutQuery<P>
  : S extends `${infer P}#${string}` ? P
  : S;
/** Literal path → loaded type: a glob gives its files' paths, an unknown extension bytes, a plain `string` or a folder `unknown`. */
export type LoadedPath<S extends string> = string extends S ? unknown
  : S extends `${"http" | "https"}://${infer Rest}` ? LoadedPath<WithoutQuery<Rest>>
  : S extends `${string}*${string}` ? readonly string[]
  : [Extension<S>] extends [never] ? unknown
  : string extends Extension<S> ? unknown
  : Extension<S> extends keyof LoadedByExtension ? LoadedByExtension[Extension<S>]
  : Uint8Array;

/** The key under which an input or a file carries the type it loads as. It has no value at run time. */
export declare const loads: unique symbol;
/** An input that arrives as something else than its driver's default. Made by `lazy`, `relation` and `value`. */
export interface InputAs<out V> {
  /** The type that a step receives. */
  readonly [loads]: V;
}
/** A file that the step wrote itself. Made by `file`. */
export interface FileOutput<out V = unknown> {
  /** Where the step wrote it. */
  readonly path: string;
  /** The type that it loads as. */
  readonly [loads]: V;
}

/** Something that says where a file is: what `file(path)` gives, an entry of a folder. */
export interface PathLike {
  /** Its path. */
  readonly path: string;
}
/** A file or folder that a run read or made, with its content's hash. */
export interface Artifact<out K extends string = string, out V = unknown> {
  /** UUID, version 7 for those made here. */
  readonly id: string;
  /** Its role: the key among the inputs or outputs. */
  readonly key: K;
  /** Absolute path of the file on this machine. */
  readonly path: string;
  /** Portable address: `./outputs/…` under the run folder, `<mount>://…`, or an absolute path. */
  readonly uri: string;
  /** How it is read and written: `parquet`, `json`, … */
  readonly driver: string;
  /** SHA-256 of its content, in hex. */
  readonly hash: string;
  /** The run that made it; none for a file from outside. */
  readonly runId?: string;
  /** Notes. */
  readonly meta: Meta;
  /** The value, by its driver. */
  load(): Promise<V>;
}
/** Artifacts by key; the keys are known only at run time. */
export type Artifacts = { readonly [key: string]: Artifact };

// ── relations and charts ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A query that has not run: shows itself as a table, composes into SQL, loads as a DataFrame, charts. */
export interface Relation<Row = UnknownRow> {
  /** Runs the query and loads the rows as a polars DataFrame. */
  df(): Promise<DataFrame>;
  /** Runs the query and gives its rows: whole numbers that fit as numbers, larger ones as bigint, dates as `Date`. */
  rows(): Promise<Row[]>;
  /** How many rows the query has. */
  count(): Promise<number>;
  /** A Vega-Lite chart of the rows. */
  plot(options: PlotOptions<keyof Row & string>): Chart;
}
/** Which columns a chart shows, and how. */
export interface PlotOptions<Column extends string> {
  /** Column of the horizontal axis. */
  readonly x: Column;
  /** Column of the vertical axis. */
  readonly y: Column;
  /** Column that decides the colour. */
  readonly color?: Column;
  /** How rows are drawn. @default "point" */
  readonly mark?: "point" | "line" | "bar" | "area" | "rect";
  /** Heading. */
  readonly title?: string;
}
/** A Vega-Lite chart that shows itself in a notebook. */
export interface Chart {
  /** The Vega-Lite specification, without its data. */
  readonly spec: { readonly [key: string]: unknown };
  /** The chart as an SVG document. */
  svg(): Promise<string>;
  /**
   * Writes the chart to a file: a picture where its name ends in `.svg` or `.png`, the specification with its data where it ends in `.json` or
   * `.vl`. A chart that a run made says so inside of the file, and `which(path)` finds the run.
   */
  save(path: string | URL): Promise<void>;
}

// ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `interrupted` marks a run whose process died. Other words may stand in a ledger that another program wrote. */
export type RunStatus = "running" | "completed" | "failed" | (string & Record<never, never>);
/** What a run failed with. */
export interface RunFailure {
  /** The error's class. */
  readonly name: string;
  /** The error's message. */
  readonly message: string;
  /** The error's stack. */
  readonly stack?: string;
}
/** One execution of a step, or one hit. */
export interface Run {
  /** `<name>_<hex>`. */
  readonly id: string;
  /** The step's name, unless `model` was given. */
  readonly model: string;
  /** Whether it ended, and how. */
  readonly status: RunStatus;
  /** SHA-256 over code, config and inputs; empty where its identity is not known. */
  readonly signature: string;
  /** Did its outputs come from an earlier run? */
  readonly cacheHit: boolean;
  /** The scenario's header, or the run inside which this one ran. */
  readonly parentId?: string;
  /** Name of the scenario. */
  readonly scenarioId?: string;
  /** Simulated year. */
  readonly year?: number;
  /** Number of the iteration. */
  readonly iteration?: number;
  /** Stage of the workflow. */
  readonly stage?: string;
  /** Phase of the workflow. */
  readonly phase?: string;
  /** What the step is for. */
  readonly description?: string;
  /** Words to find it by. */
  readonly tags: readonly string[];
  /** Its queryable values. */
  readonly facet: Facet;
  /** Notes. */
  readonly meta: Meta;
  /** When it began. */
  readonly startedAt: Date;
  /** When it ended. */
  readonly endedAt?: Date;
  /** What it failed with. */
  readonly error?: RunFailure;
}
/** The three parts of a step's identity. */
export type IdentityPart = "code" | "config" | "inputs";
/** One difference between two runs, in words and values. */
export interface Change {
  /** Which part of the identity it belongs to. */
  readonly part: IdentityPart;
  /** What changed: `config.threshold`, `input raw (raw.csv)`, `function clean`. */
  readonly name: string;
  /** The earlier value; absent where it is new. */
  readonly before?: unknown;
  /** The present value; absent where it is gone. */
  readonly after?: unknown;
}
/** Why a run was not a hit. */
export interface Miss {
  /** Against the nearest earlier run of this step; empty where there is none, or where nothing changed and a hit was refused. */
  readonly changed: readonly IdentityPart[];
  /** The nearest earlier run of this step. */
  readonly nearest?: Run;
  /** A stable word for the reason: `first_run`, `config_changed`, `outputs_damaged`, … */
  readonly code: string;
  /** The reason as a sentence. */
  readonly reason: string;
  /** Each difference. */
  readonly changes: readonly Change[];
}
/** `RunResult<{ cleaned: DataFrame }>`: a run with one output. Without argument: a run whose keys are not known. */
export interface RunResult<out V = Registry> {
  /** The run as the ledger has it. */
  readonly run: Run;
  /** Did the outputs come from an earlier run? */
  readonly cacheHit: boolean;
  /** Why it executed; set on a miss. */
  readonly miss?: Miss;
  /** What it made, by key. */
  readonly outputs: { readonly [K in keyof V]: Artifact<K & string, Exclude<V[K], undefined>> };
  /** An output's value; without a key the only output's (an error where there are several). */
  load<K extends keyof V = keyof V>(key?: K): Promise<V[K]>;
  /** Why it was a hit or a miss, in words. */
  explain(): string;
}
/** What `run` returns: await it, or go straight to a value with `await run(...).load()`. */
export interface RunPromise<out V = Registry> extends Promise<RunResult<V>> {
  /** An output's value; without a key the only output's. */
  load<K extends keyof V = keyof V>(key?: K): Promise<V[K]>;
}
/** The result of a trace: its body always runs, so its value is there too. */
export interface TraceResult<out V = Registry, out T = unknown> extends RunResult<V> {
  /** What the body returned. */
  readonly value: T;
}
