/** Runs a statement where its tables are: in the ledger, or in a private DuckDB that holds no lease. */
import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import { queryFailure } from "./failure.ts";
import { heardAround, heardReading } from "./heard.ts";
import { readOutline } from "./outline.ts";
import { inScratch, notePatterns } from "./scratch.ts";
import { type SqlSource, Statement } from "./statement.ts";

/** DuckDB's cache of file contents trusts a file's time and size: a file edited behind them would be read as it was. */
const NO_FILE_CACHE = "set global enable_external_file_cache = false";

/** A composed query with the means to run texts around it. */
export interface Prepared {
  /** The query, without parentheses. */
  readonly text: string;
  /** A folder that lives as long as the query. */
  folder(): Promise<string>;
  /** Runs a statement that contains the query's text; its parameters are bound. */
  run(sql: string): Promise<DuckDBResult>;
  /** The ledger, where it runs there. */
  readonly ledger?: DuckDBConnection;
}

/** Composes a query, runs `work` with it, and removes its temporary files. */
export function withQuery<T>(source: SqlSource, work: (query: Prepared) => Promise<T>): Promise<T> {
  return heardAround(source, () => runQuery(source, work));
}

async function runQuery<T>(source: SqlSource, work: (query: Prepared) => Promise<T>): Promise<T> {
  await using statement = new Statement();
  const { text, outline, words } = await source.write(statement);
  const { namesTables, files } = await readOutline(outline);
  heardReading(source, files);
  const given = statement.values.map(({ value }) => value).filter((value) => typeof value === "string");
  notePatterns(files.others ? [...files.paths, ...given] : files.paths);
  if (namesTables) await statement.needsAmbient();
  const [values, types] = [statement.values.map(({ value }) => value), statement.values.map(({ type }) => type)];
  const { ledger } = statement;
  const on = (connection: DuckDBConnection) =>
    work({
      text,
      ...(ledger === undefined ? {} : { ledger: connection }),
      folder: () => statement.folder(),
      run: async (sql) => {
        try {
          // Without parameters DuckDB plans once; with them it plans again when it learns their types.
          return values.length === 0 ? await connection.run(sql) : await connection.run(sql, values, types);
        } catch (cause) {
          throw await statement.explain(cause) ?? queryFailure(cause, words);
        }
      },
    });
  if (ledger === undefined) return await inScratch(on);
  return await ledger.read(async ({ raw }) => {
    await raw.run(NO_FILE_CACHE);
    return await on(raw);
  });
}
