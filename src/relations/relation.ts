/** A query as a value: it composes, shows itself, loads, charts, and is written to a file, and runs only then. */
import type { DuckDBResult } from "@duckdb/node-api";
import { join } from "@std/path";
import { JSON } from "../intrinsics.ts";
import { DISPLAY, INSPECT } from "../notebook/mod.ts";
import { listNames, nearestName } from "../errors.ts";
import type { DataFrame, MimeBundle, PlotOptions, Relation, UnknownRow } from "../types.ts";
import { plotOf, type RowsChart } from "./chart.ts";
import { engineVersion } from "./engine_version.ts";
import { type Prepared, withQuery } from "./execute.ts";
import { refuse, shorten } from "./failure.ts";
import { polarsForRuns } from "./hits.ts";
import { noteHitsInFrame, noteHitsInRows } from "./note_hits.ts";
import { parquetColumns } from "./parquet_types.ts";
import { quoteName, quoteText } from "./quote.ts";
import { type FramePiece, type Piece, type SqlSource, Statement } from "./statement.ts";
import { rowsOf, uniqueNames } from "./value.ts";

/** The key under which a relation keeps its query; shared by copies of the library. */
const SOURCE: unique symbol = Symbol.for("consist.relation") as typeof SOURCE;
const SHOWN_ROWS = 20;
const PLOTTED_ROWS = 1_000_000;

/** A relation over SQL. */
export class SqlRelation<Row = UnknownRow> implements Relation<Row> {
  /**
   * The query that it stands for.
   * @internal
   */
  readonly [SOURCE]: SqlSource;

  /** Wraps a query. */
  constructor(source: SqlSource) {
    this[SOURCE] = source;
  }

  /**
   * What it is to a step that captures it: its words, and what stands in them. What it reads is noted while the step runs.
   * @internal
   */
  [Symbol.for("consist.identity")](): unknown {
    const words = this[SOURCE].words?.();
    return words && ["query", engineVersion(), words];
  }

  /** Runs the query and loads the rows as a polars DataFrame. */
  async df(): Promise<DataFrame> {
    const pl = await polarsForRuns();
    const source = this[SOURCE];
    let finish: FramePiece["finish"] = (frame) => frame;
    const write = async (statement: Statement): Promise<Piece> => {
      const piece = await source.writeFrame!(statement);
      finish = piece.finish;
      return piece;
    };
    return await withQuery(source.writeFrame === undefined ? source : { write, parts: [source] }, async (query) => {
      const path = join(await query.folder(), "rows.parquet");
      await this.#copy(query, path);
      const frame = await finish(pl.readParquet(path));
      if (query.ledger !== undefined) await noteHitsInFrame(query.ledger, frame);
      return frame;
    });
  }

  /** Runs the query and gives its rows: whole numbers that fit as numbers, larger ones as bigint, dates as `Date`. */
  async rows(): Promise<Row[]> {
    return await this.#run(async (query) => {
      const text = this[SOURCE].order === undefined ? query.text : `select * from (${query.text}\n)${this.#order()}`;
      const rows = await rowsOf<UnknownRow>(await query.run(text));
      if (query.ledger !== undefined) await noteHitsInRows(query.ledger, rows);
      return withValues(rows, this[SOURCE].json ?? []) as Row[];
    });
  }

  /** How many rows the query has. */
  async count(): Promise<number> {
    return await this.#run(countOf);
  }

  /** Its columns with DuckDB's types. No row is read. */
  async columns(): Promise<ColumnType[]> {
    return await this.#run(async (query) => columnTypes(await query.run(`select * from (${query.text}\n) limit 0`)));
  }

  /** A Vega-Lite chart of the rows. */
  plot(options: PlotOptions<keyof Row & string>): RowsChart {
    return plotOf(() => this.#columns([options.x, options.y, ...(options.color === undefined ? [] : [options.color])]), options);
  }

  /** Writes the rows as a parquet file, whatever their size, without passing them through memory. */
  async copyTo(path: string): Promise<void> {
    await this.#run((query) => this.#copy(query, path));
  }

  /** The text that DuckDB gets, with the values of its parameters. Nothing runs. */
  async explainSql(): Promise<string> {
    return await this.#text("text");
  }

  /** The first rows as a table, with the number of all rows and the query. */
  async [DISPLAY](): Promise<MimeBundle> {
    const { rows, columns, total } = await this.head();
    const { caption } = this[SOURCE];
    const named = caption === undefined ? { query: shorten(await this.#text("words")) } : { caption };
    const { renderTable } = await import("../notebook/render/mod.ts");
    return renderTable({ columns, rows: rows.map((row) => columns.map(({ name }) => row[name])), total, ...named });
  }

  /** The query as DuckDB gets it or in its author's words, with the values of its parameters. */
  async #text(form: "text" | "words"): Promise<string> {
    await using statement = new Statement({ dry: true });
    const piece = await this[SOURCE].write(statement);
    const values = statement.values.map(({ value }, index) => `-- $${index + 1} = ${shorten(String(value))}`);
    return [piece[form].trim(), ...values].join("\n");
  }

  /** What it is, for terminals: its rows come later than a terminal can wait. */
  [INSPECT](): string {
    const { caption } = this[SOURCE];
    return `Relation${caption === undefined ? "" : ` ${shorten(caption)}`}: a query that has not run; await its rows(), df() or count()`;
  }

  #run<T>(work: (query: Prepared) => Promise<T>): Promise<T> {
    return withQuery(this[SOURCE], work);
  }

  #order(): string {
    const { order } = this[SOURCE];
    return order === undefined ? "" : ` order by ${order}`;
  }

  async #copy(query: Prepared, path: string): Promise<void> {
    const columns = this[SOURCE].plain ? "*" : await parquetColumns(query);
    await query.run(`copy (select ${columns} from (${query.text}\n)${this.#order()}) to ${quoteText(path)} (format parquet)`);
  }

  /**
   * The first rows, the columns, and how many rows there are in all.
   * @internal
   */
  head(limit: number = SHOWN_ROWS): Promise<Head> {
    return this.#run(async (query) => {
      const result = await query.run(`select * from (${query.text}\n)${this.#order()} limit ${limit}`);
      const columns = columnTypes(result);
      const rows = await rowsOf<UnknownRow>(result);
      return { rows, columns, total: rows.length < limit ? rows.length : await countOf(query) };
    });
  }

  /** The rows of a few columns, for a chart. */
  #columns(names: readonly string[]): Promise<UnknownRow[]> {
    const list = [...new Set(names)].map((name) => `${quoteName(name)} as ${quoteName(name)}`).join(", ");
    return this.#run(async (query) => {
      checkColumns(names, (await query.run(`select * from (${query.text}\n) limit 0`)).columnNames());
      const rows = await rowsOf(await query.run(`select ${list} from (${query.text}\n)${this.#order()} limit ${PLOTTED_ROWS + 1}`));
      if (rows.length > PLOTTED_ROWS) throw tooManyToPlot();
      return rows;
    });
  }
}

/** Rows with the values of their JSON columns. */
function withValues(rows: UnknownRow[], columns: readonly string[]): UnknownRow[] {
  for (const row of columns.length === 0 ? [] : rows) {
    for (const column of columns) if (typeof row[column] === "string") row[column] = JSON.parse(row[column]);
  }
  return rows;
}

/** A column of a relation. */
export interface ColumnType {
  /** Its name. */
  readonly name: string;
  /** DuckDB's type. */
  readonly type: string;
}

function columnTypes(result: DuckDBResult): ColumnType[] {
  const types = result.columnTypes();
  return uniqueNames(result.columnNames()).map((name, index) => ({ name, type: String(types[index]) }));
}

/** The first rows of a relation. */
/** The first rows of a query. */
export interface Head {
  /** The rows. */
  readonly rows: readonly UnknownRow[];
  /** The columns, with DuckDB's types. */
  readonly columns: readonly ColumnType[];
  /** How many rows there are in all. */
  readonly total: number;
}

function checkColumns(wanted: readonly string[], found: readonly string[]): void {
  const missing = wanted.find((name) => !found.some((column) => column.toLowerCase() === name.toLowerCase()));
  if (missing === undefined) return;
  const near = nearestName(missing, found);
  throw refuse(
    `Cannot plot the column "${missing}".`,
    `The relation has ${listNames(found, "no columns")}.`,
    near === undefined ? "Name one of these columns." : `Did you mean "${near}"?`,
  );
}

function tooManyToPlot(): Error {
  return refuse(
    "Cannot plot the relation.",
    `It has more than ${PLOTTED_ROWS.toLocaleString("en")} rows.`,
    "Group the rows first, or take a sample: sql`select * from ${relation} using sample 10000`.",
  );
}

async function countOf(query: Prepared): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(await query.run(`select count(*) as n from (${query.text}\n)`));
  return row!.n;
}

/** A query as a relation. */
export function relationOf<Row = UnknownRow>(source: SqlSource): SqlRelation<Row> {
  return new SqlRelation<Row>(source);
}

/** The query behind a value, if the value is a relation. */
export function sourceOf(value: unknown): SqlSource | undefined {
  if (value === null || typeof value !== "object" || !(SOURCE in value)) return undefined;
  return (value as { readonly [SOURCE]: SqlSource })[SOURCE];
}

/** Reads the rows of a relation for a chart, if the value is one: not more than a chart can be asked to hold. */
export function plottedRows(value: unknown): (() => Promise<UnknownRow[]>) | undefined {
  const source = sourceOf(value);
  if (source === undefined) return undefined;
  const order = source.order === undefined ? "" : ` order by ${source.order}`;
  return () =>
    withQuery(source, async (query) => {
      const rows = await rowsOf<UnknownRow>(await query.run(`select * from (${query.text}\n)${order} limit ${PLOTTED_ROWS + 1}`));
      if (rows.length > PLOTTED_ROWS) throw tooManyToPlot();
      return rows;
    });
}

/** Is this value a relation? */
export function isRelation(value: unknown): value is SqlRelation {
  return sourceOf(value) !== undefined;
}
