/** A table file as the ledger takes and gives its rows: parquet that DuckDB reads, with the types that polars had. */
import { Buffer } from "node:buffer";
import type pl from "polars";
import { join } from "@std/path";
import { OutputError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { DataFrame } from "../types.ts";
import { driverNamed } from "./driver.ts";
import { loadPolars, type Polars, withDisplay } from "./frames.ts";

/** A column of a table file. */
export interface TableColumn {
  /** Its name. */
  readonly name: string;
  /** Its polars type, in a form that JSON can hold. */
  readonly dtype: DtypeSpec;
}

/** A polars type: its name and what is inside. */
export type DtypeSpec =
  | string
  | readonly [kind: "Datetime" | "Duration", unit: string, zone?: string]
  | readonly [kind: "List", member: DtypeSpec]
  | readonly [
    kind: "Struct",
    members: readonly (readonly [name: string, type: DtypeSpec])[],
  ];

/** A table as a parquet file. */
export interface TableFile extends AsyncDisposable {
  /** Path of the parquet file: the table's own, or a temporary one. */
  readonly path: string;
  /** Its columns, in order. */
  readonly columns: readonly TableColumn[];
}

/** Above this size a file that is no parquet is converted as a stream; below it exactly as it is loaded. */
const STREAMED_BYTES = 256 * 1024 * 1024;

/**
 * The rows of a table file as parquet. What is parquet stays where it is; another format is read by its driver, so that its rows are those
 * that loading the file gives.
 *
 * @throws {OutputError} `output_not_storable` where files of this driver are no tables
 */
export async function tableFile(path: string, driver: string, key: string): Promise<TableFile> {
  const { isTable, scan, read } = driverNamed(driver);
  if (!isTable) throw noTable(key, `Its driver "${driver}" gives no table.`, "Keep it as parquet, csv, tsv, ndjson or arrow.");
  if (driverNamed(driver).name === "parquet") {
    const columns = columnsOfFrame(await (await scan(path)).limit(0).collect());
    if (columns.length === 0) throw noColumns(key);
    return { path, columns, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const folder = await Deno.makeTempDir({ prefix: "consist-table-" });
  const remove = () => Deno.remove(folder, { recursive: true });
  try {
    const target = join(folder, "rows.parquet");
    const isLarge = (await Deno.stat(path)).size > STREAMED_BYTES;
    const columns = isLarge ? await stream(await scan(path), target) : write(await read(path) as DataFrame, target);
    if (columns.length === 0) throw noColumns(key);
    return { path: target, columns, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The first rows of a table file as parquet; of parquet the file itself. */
export async function sampleFile(path: string, driver: string, rows: number): Promise<AsyncDisposable & { readonly path: string }> {
  if (driverNamed(driver).name === "parquet") return { path, [Symbol.asyncDispose]: () => Promise.resolve() };
  const frame = await (await driverNamed(driver).scan(path)).limit(rows).collect();
  const folder = await Deno.makeTempDir({ prefix: "consist-table-" });
  const target = join(folder, "rows.parquet");
  frame.writeParquet(target);
  return { path: target, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function stream(frame: pl.LazyDataFrame, target: string): Promise<TableColumn[]> {
  const columns = columnsOfFrame(await frame.limit(0).collect());
  await frame.sinkParquet(target).collect();
  return columns;
}

function write(frame: DataFrame, target: string): TableColumn[] {
  const columns = columnsOfFrame(frame);
  if (columns.length > 0) frame.writeParquet(target);
  return columns;
}

/** A frame from a parquet file that the ledger wrote: with the names and types that the table had. */
export async function frameOfRows(
  path: string,
  columns: readonly { readonly name: string; readonly dtype?: unknown }[],
): Promise<DataFrame> {
  const polars = await loadPolars();
  const content = await Deno.readFile(path);
  const frame = polars.readParquet(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
  const casts = frame.columns.flatMap((name, index) => {
    const wanted = columns[index]!.dtype as DtypeSpec | undefined;
    if (wanted === undefined || sameType(specOf(frame.getColumn(name).dtype), wanted)) return [];
    const type = typeOf(polars, wanted);
    return type === undefined ? [] : [polars.col(name).cast(type)];
  });
  const typed = casts.length === 0 ? frame : frame.withColumns(...casts);
  typed.columns = columns.map(({ name }) => name);
  return withDisplay(typed);
}

function columnsOfFrame(frame: DataFrame): TableColumn[] {
  return frame.columns.map((name, index) => ({ name, dtype: specOf(frame.dtypes[index]!) }));
}

const sameType = (one: DtypeSpec, other: DtypeSpec): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The part of a polars type that its declarations leave out. */
interface Dtype {
  readonly variant: string;
  readonly inner?: readonly unknown[] | null;
}

function specOf(type: unknown): DtypeSpec {
  const { variant, inner } = type as Dtype;
  const parts = inner ?? [];
  if (variant === "Datetime" || variant === "Duration") return [variant, ...(parts.filter((part) => part != null) as [string])];
  if (variant === "List") return ["List", specOf(parts[0])];
  if (variant === "Struct") {
    return ["Struct", (parts as { name: string; dtype: unknown }[]).map(({ name, dtype }) => [name, specOf(dtype)])];
  }
  return variant;
}

/** Types that come back from the ledger as they were; of others nobody knows. */
const EXACT = /^(?:Bool|U?Int(?:8|16|32|64)|Float(?:32|64)|String|Utf8|Date|Time|Categorical)$/;

/** Are all columns of types that are known to come back as they were? What another program ingested says nothing of types. */
export function isExactTable(columns: readonly { readonly dtype?: unknown }[]): boolean {
  return columns.every(({ dtype }) => dtype !== undefined && isExact(dtype as DtypeSpec));
}

function isExact(spec: DtypeSpec): boolean {
  if (typeof spec === "string") return EXACT.test(spec);
  if (spec[0] === "List") return isExact(spec[1]);
  return spec[0] !== "Struct" || spec[1].every(([, type]) => isExact(type));
}

/** The polars type; none for one that no cast leads to. */
function typeOf(polars: Polars, spec: DtypeSpec): pl.DataType | undefined {
  if (typeof spec === "string") return EXACT.test(spec) ? (polars as unknown as Record<string, pl.DataType | undefined>)[spec] : undefined;
  const [kind, first, zone] = spec;
  if (kind === "Datetime") return polars.Datetime(first as "ms", zone as string);
  if (kind === "Duration") return (polars as unknown as { Duration(unit: string): pl.DataType }).Duration(first as string);
  if (kind === "List") {
    const member = typeOf(polars, first as DtypeSpec);
    return member === undefined ? undefined : polars.List(member);
  }
  const members = (first as readonly (readonly [string, DtypeSpec])[]).map(([name, type]) => ({ name, dtype: typeOf(polars, type) }));
  if (members.some(({ dtype }) => dtype === undefined)) return undefined;
  return polars.Struct(members.map(({ name, dtype }) => new polars.Field(name, dtype!)));
}

function noColumns(key: string): OutputError {
  return noTable(key, "It has no columns.", "Give the table at least one column.");
}

function noTable(key: string, why: string, fix: string): OutputError {
  return new OutputError("output_not_storable", { problem: `Cannot keep the rows of "${key}" in the ledger.`, why, fix });
}
