/** Files as tables: which DuckDB function reads them, by extension or by driver. */
import { basename } from "@std/path";
import { JSON } from "../intrinsics.ts";
import { refuse } from "./failure.ts";
import { quoteText } from "./quote.ts";

/** How a file becomes a table. `ipc` is read by polars; the others by DuckDB. */
export type TableFormat = "parquet" | "csv" | "tsv" | "ndjson" | "json" | "ipc";

const BY_EXTENSION: { readonly [extension: string]: TableFormat } = {
  parquet: "parquet",
  pq: "parquet",
  csv: "csv",
  tsv: "tsv",
  tab: "tsv",
  ndjson: "ndjson",
  jsonl: "ndjson",
  json: "json",
  geojson: "json",
  arrow: "ipc",
  ipc: "ipc",
  feather: "ipc",
};

/** The format of a file by its name, also of `x.csv.gz`. */
export function formatOfPath(path: string): TableFormat | undefined {
  const name = basename(path).toLowerCase().replace(/\.(?:gz|zst)$/, "");
  return BY_EXTENSION[name.slice(name.lastIndexOf(".") + 1)];
}

/** The format that a driver writes, by the driver's name. */
export function formatOfDriver(driver: string): TableFormat | undefined {
  return Object.hasOwn(BY_EXTENSION, driver.toLowerCase()) ? BY_EXTENSION[driver.toLowerCase()] : undefined;
}

/** How files are read together. */
export interface ScanOptions {
  /** Unite columns by name: a column that a file lacks is null. DuckDB looks into every file for that. @default true */
  readonly unite?: boolean;
}

/** A table function over files of one format; `settings` are further arguments of DuckDB's function. */
export function scanText(
  format: Exclude<TableFormat, "ipc">,
  paths: readonly string[],
  settings: readonly string[] = [],
  { unite = true }: ScanOptions = {},
): string {
  const all = [listed(paths), ...(unite ? ["union_by_name = true"] : []), ...settings];
  switch (format) {
    case "parquet":
      return `read_parquet(${all.join(", ")})`;
    case "csv":
      return `read_csv(${all.join(", ")})`;
    case "tsv":
      return `read_csv(${[...all, "delim = '\\t'"].join(", ")})`;
    case "ndjson":
      return `read_json(${[...all, "format = 'newline_delimited'"].join(", ")})`;
    case "json":
      return `read_json(${all.join(", ")})`;
  }
}

/** A list of many is one JSON text: DuckDB plans longer over a thousand literals. */
const MANY = 50;

function listed(paths: readonly string[]): string {
  if (paths.length === 1) return quoteText(paths[0]!);
  if (paths.length < MANY) return `[${paths.map(quoteText).join(", ")}]`;
  return `from_json(${quoteText(JSON.stringify(paths))}, '["VARCHAR"]')`;
}

/** A path whose `*`, `?` and `[` mean themselves. */
export function literalPath(path: string): string {
  return path.replace(/[*?[]/g, "[$&]");
}

/** The error for a file that is not a table. */
export function notATable(what: string): Error {
  return refuse(
    `Cannot read ${what} as a table.`,
    "Tables are read from parquet, csv, tsv, ndjson, json and arrow files.",
    "Load it with its driver, and interpolate a DataFrame.",
  );
}
