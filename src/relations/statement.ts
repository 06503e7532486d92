/** One statement while it is composed: its parameters, its temporary files, and the ledger it needs. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { join } from "@std/path";
import type { DataFrame } from "../types.ts";
import { refuse } from "./failure.ts";
import { type Bound, bound } from "./parameter.ts";
import { quoteText } from "./quote.ts";

/** The ledger as far as a query needs it. */
export interface LedgerReader {
  /** Path of the ledger's file. */
  readonly path: string;
  /** Runs `work` with a connection to the ledger, after what is queued has been written. */
  read<T>(
    work: (db: {
      /** The connection. */
      readonly raw: DuckDBConnection;
    }) => Promise<T>,
  ): Promise<T>;
}

/** Gives the ledger for queries that name its tables. */
export type AmbientLedger = () => LedgerReader | Promise<LedgerReader>;

/** Looks for the reason of a failure: the error that names it, or nothing. */
export type Explainer = (cause: unknown) => Promise<Error | undefined>;

/** A composed part of a statement. */
export interface Piece {
  /** SQL for DuckDB. */
  readonly text: string;
  /** The same with everything that the library wrote itself left out: what the author's own words refer to is read from this. */
  readonly outline: string;
  /** What an error says: the author's words. */
  readonly words: string;
}

/** A query with what is done to its rows once they are a DataFrame. */
export interface FramePiece extends Piece {
  /** Makes the frame that is wanted of the one that was read. */
  finish(frame: DataFrame): DataFrame | Promise<DataFrame>;
}

/** What can stand in a statement as a query. */
export interface SqlSource {
  /** Writes itself into the statement: a query without parentheses. */
  write(statement: Statement): Piece | Promise<Piece>;
  /** Writes itself for a DataFrame of all its rows, where there is a faster way to them. */
  writeFrame?(statement: Statement): Promise<FramePiece>;
  /** What a table in a notebook says about it. */
  readonly caption?: string;
  /** Its columns are of types that every reader of parquet knows, so that nobody has to look. */
  readonly plain?: boolean;
  /** Columns that hold JSON text: `rows()` gives their values. */
  readonly json?: readonly string[];
  /** The queries that it is made from. */
  readonly parts?: readonly SqlSource[];
  /** Its words and what stands in them, to a step that captures it; nothing where they do not decide its rows. */
  readonly words?: () => readonly unknown[] | undefined;
  /** The files that it reads and that no words name, as they can be found now. */
  readonly files?: () => string | readonly string[];
  /** How its rows are ordered when they are read by themselves: a list for `order by`. */
  readonly order?: string;
}

/** What stands in an outline for what the library wrote. */
export const NO_PIECE = "select 1";

/** Collects what a statement needs while its parts write themselves into it. */
export class Statement implements AsyncDisposable {
  /** Parameters in the order of their numbers. */
  readonly values: Bound[] = [];
  /** `true` where nothing is to be run: frames are named, not written. */
  readonly dry: boolean;
  #ledger: LedgerReader | undefined;
  #ambient: AmbientLedger | undefined;
  #folder: Promise<string> | undefined;
  readonly #explainers: Explainer[] = [];
  readonly #frames = new Map<DataFrame, string>();

  /** Starts an empty statement. */
  constructor(options: {
    /** Compose the text only. */
    readonly dry?: boolean;
  } = {}) {
    this.dry = options.dry ?? false;
  }

  /** Adds a parameter and gives its place: `$3`. */
  bind(value: unknown): string {
    this.values.push(bound(value));
    return `$${this.values.length}`;
  }

  /** The ledger this statement has to run in, as far as it is known. */
  get ledger(): LedgerReader | undefined {
    return this.#ledger;
  }

  /** Says that the statement reads tables of this ledger. */
  needs(ledger: LedgerReader): void {
    if (this.#ledger !== undefined && this.#ledger.path !== ledger.path) {
      throw refuse(
        "Cannot run a query over two ledgers.",
        `Its relations come from "${this.#ledger.path}" and from "${ledger.path}".`,
        "Load one of them first (`await relation.df()`), and interpolate the DataFrame.",
      );
    }
    this.#ledger ??= ledger;
  }

  /** Adds somebody who may know why the statement failed. */
  onFailure(explainer: Explainer): void {
    this.#explainers.push(explainer);
  }

  /** The error of the first one who knows why; none where nobody does. */
  async explain(cause: unknown): Promise<Error | undefined> {
    for (const explainer of this.#explainers) {
      const error = await explainer(cause);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  /** Where to find the ledger in case the author's words name one of its tables. The outermost author is asked. */
  offers(ambient: AmbientLedger): void {
    this.#ambient ??= ambient;
  }

  /** Takes the ledger that was offered. */
  async needsAmbient(): Promise<void> {
    if (this.#ambient !== undefined) this.needs(await this.#ambient());
  }

  /** A DataFrame as a parquet file for as long as the statement lives; gives its scan. */
  async frame(frame: DataFrame): Promise<Piece> {
    return ownPiece(`select * from read_parquet(${quoteText(await this.frameFile(frame))})`, "DataFrame");
  }

  /** The path of the parquet file that a DataFrame is in for as long as the statement lives. */
  async frameFile(frame: DataFrame): Promise<string> {
    const known = this.#frames.get(frame);
    const path = known ?? (this.dry ? `DataFrame ${this.#frames.size + 1}` : await this.#write(frame));
    this.#frames.set(frame, path);
    return path;
  }

  async #write(frame: DataFrame): Promise<string> {
    if (frame.width === 0) throw refuse("Cannot use a DataFrame in a query.", "It has no columns.", "Give it at least one column.");
    const path = join(await this.folder(), `frame_${this.#frames.size}.parquet`);
    try {
      frame.writeParquet(path);
    } catch (cause) {
      throw refuse(
        "Cannot use a DataFrame in a query.",
        `Polars cannot write it as parquet: ${cause instanceof Error ? cause.message : cause}.`,
        "Cast or drop the columns whose type parquet does not have.",
        cause,
      );
    }
    return path;
  }

  /** A folder for files that are needed while the statement runs. */
  folder(): Promise<string> {
    return this.#folder ??= Deno.makeTempDir({ prefix: "consist-query-" });
  }

  /** Removes the temporary files. */
  async [Symbol.asyncDispose](): Promise<void> {
    const folder = this.#folder;
    this.#folder = undefined;
    this.#frames.clear();
    if (folder !== undefined) await Deno.remove(await folder, { recursive: true });
  }
}

/** A piece that the library wrote: its outline says nothing, and errors call it by a name. */
export function ownPiece(text: string, name: string): Piece {
  return { text, outline: NO_PIECE, words: `⟨${name}⟩` };
}
