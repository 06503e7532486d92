/** A private DuckDB in memory for queries that need no ledger: one in a process, opened at first use, closed when idle. */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { join } from "@std/path";
import { quoteText } from "./quote.ts";

const IDLE_MS = 30_000;

interface Scratch {
  opening: Promise<DuckDBInstance> | undefined;
  users: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** How many want to know which files it opens. */
  listeners?: number;
  /** The patterns that queries named meanwhile: DuckDB tells the files that it found, and not what it looked for. */
  patterns?: Set<string>;
}

/** Two copies of the library in one process share it. */
const REGISTRY = Symbol.for("consist.scratch");

function scratch(): Scratch {
  const holder = globalThis as { [REGISTRY]?: Scratch };
  return holder[REGISTRY] ??= { opening: undefined, users: 0, timer: undefined };
}

/** Runs `work` with a connection of its own to the private instance. */
export async function inScratch<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const state = scratch();
  clearTimeout(state.timer);
  state.users++;
  try {
    const instance = await (state.opening ??= open(state));
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    state.users--;
    if (state.users === 0) closeWhenIdle(state);
  }
}

/**
 * The time zone is fixed, so that a query over files answers the same on every machine. DuckDB's cache of file contents is off: it trusts a
 * file's time and size, and a file that was edited behind them would be read as it was.
 */
async function open(state: Scratch): Promise<DuckDBInstance> {
  try {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    try {
      await connection.run("set global TimeZone = 'UTC'");
      await connection.run("set global enable_external_file_cache = false");
      await connection.run(`set global temp_directory = ${quoteText(spillFolder())}`);
      if ((state.listeners ?? 0) > 0) await connection.run(LISTEN);
    } finally {
      connection.closeSync();
    }
    return instance;
  } catch (error) {
    state.opening = undefined;
    throw error;
  }
}

const LISTEN = "CALL enable_logging('FileSystem')";
const HEARD = "SELECT DISTINCT path FROM duckdb_logs_parsed('FileSystem') WHERE op = 'OPEN'";

/** Begins to note which files queries open. What it gives ends that, and tells them: their addresses as DuckDB has them. */
export async function listenToQueries(): Promise<() => Promise<string[]>> {
  const state = scratch();
  state.users++; // it is not closed meanwhile
  state.listeners = (state.listeners ?? 0) + 1;
  await onOpen(state, [LISTEN]);
  return async () => {
    state.listeners!--;
    try {
      const paths = [...await onOpen(state, [HEARD]), ...state.patterns ?? []];
      if (state.listeners === 0) delete state.patterns;
      if (state.listeners === 0) await onOpen(state, ["CALL disable_logging()", "CALL truncate_duckdb_logs()"]);
      return paths;
    } finally {
      state.users--;
      if (state.users === 0) closeWhenIdle(state);
    }
  };
}

/** Notes patterns of a query for who listens. */
export function notePatterns(paths: readonly string[]): void {
  const state = scratch();
  if ((state.listeners ?? 0) === 0) return;
  for (const path of paths) if (/[*?[]/.test(path)) (state.patterns ??= new Set()).add(path);
}

/** Is it noted at this moment which files queries open? */
export const queriesAreListenedTo = (): boolean => (scratch().listeners ?? 0) > 0;

/** Runs statements where the instance is open; gives the first column of the last one. */
async function onOpen({ opening }: Scratch, statements: readonly string[]): Promise<string[]> {
  const instance = await opening?.catch(() => undefined); // one that failed to open has opened no file
  if (instance === undefined) return [];
  const connection = await instance.connect();
  try {
    let rows: unknown[][] = [];
    for (const statement of statements) rows = await (await connection.run(statement)).getRows();
    return rows.map(([first]) => String(first));
  } finally {
    connection.closeSync();
  }
}

/** DuckDB makes this folder when a query outgrows the memory, and removes it at closing; its default would be `.tmp` beside the notebook. */
function spillFolder(): string {
  const root = Deno.env.get("TMPDIR") ?? Deno.env.get("TEMP") ?? (Deno.build.os === "windows" ? "C:\\Windows\\Temp" : "/tmp");
  return join(root, `consist-duckdb-${Deno.pid}`);
}

/** The timer holds neither the process nor a test open. */
function closeWhenIdle(state: Scratch): void {
  clearTimeout(state.timer);
  const timer = setTimeout(() => {
    const opening = state.opening;
    if (state.users > 0 || opening === undefined) return;
    state.opening = undefined;
    // An instance that failed to open has nothing to close; its error went to the query that asked for it.
    opening.then((instance) => instance.closeSync(), () => {});
  }, IDLE_MS);
  Deno.unrefTimer(timer);
  state.timer = timer;
}
