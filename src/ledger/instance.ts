/** The DuckDB file itself while it is open: one writer, and readers that see only what is committed. */
import { ensureDir, exists } from "@std/fs";
import { dirname } from "@std/path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type Born, LedgerConnection } from "./connection.ts";
import { lackingTables } from "./lacking_tables.ts";
import { bornAs, bornOf, isNewest, migrate, type Migrations, refuseNewer, VERSION_QUERY } from "./migrations.ts";
import { isAsWeLeftIt, mendIndexes, noteState, STATE_QUERY, stateOf } from "./sound_indexes.ts";

/**
 * Blocks of 16 KiB: an index takes whole blocks, so that a small ledger has 1 MB and not 7. It holds for new files only. A single thread: what
 * a step asks and writes is small, and DuckDB's handing it from thread to thread takes half as long again (`useAllThreads`).
 */
const OPTIONS: Record<string, string> = { default_block_size: "16384", threads: "1" };

/** As many threads as large questions get. */
const ALL_THREADS = Math.min(8, Math.max(1, navigator.hardwareConcurrency));

/**
 * A file that is only read: no folder for spilled rows is made beside it. Its indexes are not asked, since other programs damage them and
 * nobody may mend them there.
 */
const READ_ONLY: Record<string, string> = {
  access_mode: "READ_ONLY",
  threads: String(ALL_THREADS),
  temp_directory: "",
  index_scan_max_count: "0",
  index_scan_percentage: "0",
};

/** The same with its indexes, where nobody but us has written its last checkpoint. */
const USE_INDEXES = ["SET GLOBAL index_scan_max_count = 2048", "SET GLOBAL index_scan_percentage = 0.001"];

/** Idle readers that are kept: their statements stay prepared. */
const READERS_KEPT = 4;

/**
 * Makes a new ledger aside and gives it its name when it is whole: a process that is killed meanwhile leaves no half of one. Where
 * another process was faster, or the disk knows no second name for a file, nothing happens: DuckDB opens what is there, or makes it.
 */
async function make(path: string, migrations?: Migrations): Promise<void> {
  await ensureDir(dirname(path));
  const aside = `${path}.${crypto.randomUUID()}.new`;
  try {
    await fill(aside, migrations);
    await Deno.link(aside, path).catch(() => {});
  } finally {
    for (const file of [aside, `${aside}.wal`]) await Deno.remove(file).catch(() => {}); // gone already, or never made
  }
}

async function fill(path: string, migrations?: Migrations): Promise<void> {
  const { instance, connection } = await connected(path);
  try {
    await migrate(connection, path, migrations);
    await connection.run("CHECKPOINT");
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}

/** An instance keeps the file until its last connection is gone: whoever has this closes both. */
async function connected(
  path: string,
  options: Record<string, string> = {},
): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const instance = await DuckDBInstance.create(path, { ...OPTIONS, ...options });
  const connection = await instance.connect();
  // Closing would write every index anew (half a second at 100,000 runs): `checkpoint` does it when it pays.
  await connection.run("PRAGMA disable_checkpoint_on_shutdown");
  return { instance, connection };
}

/** All that an opening wants to know of a file on which nothing is to be done, as one question. */
const ALL_AT_ONCE =
  `SELECT (${VERSION_QUERY}), (${STATE_QUERY}), (SELECT started_at FROM run LIMIT 0), (SELECT value_num FROM run_config_kv LIMIT 0)`;

/** How its columns were made, where the file has the newest tables and its last checkpoint was ours; else nothing. */
async function bornIfSound(connection: DuckDBConnection, path: string, migrations?: Migrations): Promise<Born | undefined> {
  try {
    const found = await connection.runAndReadAll(ALL_AT_ONCE);
    const [version, state] = found.getRowsJS()[0]!;
    if (!isNewest(Number(version), migrations) || state !== stateOf(path)) return undefined;
    return bornAs(found.columnType(2), found.columnType(3));
  } catch (error) {
    // An older ledger, or one of Python's, lacks tables: what is to be done is found out step by step.
    if (error instanceof Error && /^Catalog Error: Table with name \w+ does not exist/i.test(error.message)) return undefined;
    throw error;
  }
}

/** Times without a zone are local times: DuckDB is told the zone that this process itself goes by. */
async function inLocalTime(connection: DuckDBConnection, born: Born): Promise<DuckDBConnection> {
  if (born.timestamps === "TIMESTAMP") await connection.run(`SET TimeZone = '${Intl.DateTimeFormat().resolvedOptions().timeZone}'`);
  return connection;
}

/**
 * An instance of the user's own on this file would be a second one in this process. Linux shows the files that a process has open, to
 * programs that may do everything; elsewhere only the documentation warns.
 */
function refuseSecondInstance(path: string): void {
  if (Deno.build.os !== "linux" || !mayDoEverything()) return;
  const files = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => linkTarget(`/proc/self/fd/${name}`));
  if (files.includes(path)) throw new Error(`The file is already open in another DuckDB instance of this process (PID ${Deno.pid})`);
}

const PERMISSIONS = ["read", "write", "net", "env", "run", "ffi", "sys"] as const;
const mayDoEverything = (): boolean => PERMISSIONS.every((name) => Deno.permissions.querySync({ name }).state === "granted");

function linkTarget(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined; // closed since it was listed
  }
}

/** An open ledger file. */
export class OpenFile {
  /** The connection of all transactions. */
  readonly writer: LedgerConnection;
  /** May nothing be written to it? */
  readonly isReadOnly: boolean;
  /** Has another program written it since we last had it? */
  isShared = false;
  readonly #path: string;
  readonly #instance: DuckDBInstance;
  readonly #idleReaders: LedgerConnection[] = [];
  readonly #born: Born;
  /** What every connection is given first. */
  readonly #lacking: readonly string[];
  #allThreads: Promise<void> | undefined;

  private constructor(path: string, instance: DuckDBInstance, writer: LedgerConnection, born: Born, lacking?: readonly string[]) {
    this.#path = path;
    this.#instance = instance;
    this.writer = writer;
    this.#born = born;
    this.isReadOnly = lacking !== undefined;
    this.#lacking = lacking ?? [];
  }

  /** Opens the file, makes it where there is none, and brings its tables forward. */
  static async open(path: string, migrations?: Migrations): Promise<OpenFile> {
    refuseSecondInstance(path);
    const isNew = !await exists(path) && !await exists(`${path}.wal`);
    if (isNew) await make(path, migrations);
    const { instance, connection } = await connected(path);
    try {
      const sound = await bornIfSound(connection, path, migrations);
      if (sound === undefined) await migrate(connection, path, migrations);
      const isShared = sound === undefined && await mendIndexes(connection, path);
      const born = sound ?? await bornOf(connection);
      await inLocalTime(connection, born);
      const file = new OpenFile(path, instance, new LedgerConnection(connection, born), born);
      file.isShared = isShared && !isNew;
      return file;
    } catch (error) {
      connection.disconnectSync();
      instance.closeSync();
      throw error;
    }
  }

  /** Opens the file so that nothing can be written to it: neither it nor its log changes. Where there is none it reads as empty. */
  static async openToRead(path: string, migrations?: Migrations): Promise<OpenFile> {
    refuseSecondInstance(path);
    if (!await exists(path) && !await exists(`${path}.wal`)) return await OpenFile.inMemory([]);
    const { instance, connection } = await connected(path, READ_ONLY);
    try {
      await refuseNewer(connection, path, migrations);
      if (await isAsWeLeftIt(connection, path)) { for (const setting of USE_INDEXES) await connection.run(setting); }
      const lacking = await lackingTables(connection);
      for (const statement of lacking) await connection.run(statement);
      const born = await bornOf(connection);
      await inLocalTime(connection, born);
      return new OpenFile(path, instance, new LedgerConnection(connection, born), born, lacking);
    } catch (error) {
      connection.disconnectSync();
      instance.closeSync();
      throw error;
    }
  }

  /** Tables that nobody keeps; with `lacking` they stand for a file that is only read. */
  static async inMemory(lacking?: readonly string[]): Promise<OpenFile> {
    const { instance, connection } = await connected(":memory:");
    await migrate(connection, ":memory:");
    const born = await bornOf(connection);
    return new OpenFile(":memory:", instance, new LedgerConnection(connection, born), born, lacking);
  }

  /** From now on DuckDB works with all threads: for what may be large. */
  useAllThreads(): Promise<void> {
    if (this.isReadOnly || ALL_THREADS === 1) return Promise.resolve();
    return this.#allThreads ??= this.#setThreads(ALL_THREADS);
  }

  async #setThreads(threads: number): Promise<void> {
    const connection = await this.#instance.connect();
    try {
      await connection.run(`SET threads = ${threads}`);
    } finally {
      connection.disconnectSync();
    }
  }

  /** A reader for one piece of work; the one used last first, since its statements are warm. */
  async takeReader(): Promise<LedgerConnection> {
    return this.#idleReaders.pop() ?? await this.another();
  }

  /** A connection of one's own, with statements that run one after the other. */
  async another(): Promise<LedgerConnection> {
    return new LedgerConnection(await this.connect(), this.#born);
  }

  /** Gives a reader back. */
  returnReader(reader: LedgerConnection): void {
    if (!reader.wasLent && this.#idleReaders.length < READERS_KEPT) this.#idleReaders.push(reader);
    else reader.close();
  }

  /** A connection of its own. */
  async connect(): Promise<DuckDBConnection> {
    const connection = await inLocalTime(await this.#instance.connect(), this.#born);
    for (const statement of this.#lacking) await connection.run(statement);
    return connection;
  }

  /** Moves what the log holds into the file. Readers go on meanwhile. */
  async checkpoint(): Promise<void> {
    const connection = await this.#instance.connect();
    try {
      await connection.run("CHECKPOINT");
      await noteState(connection, this.#path);
    } finally {
      connection.disconnectSync();
    }
  }

  /** Closes the file, so that other processes can have it. The log stays beside it. */
  close(): void {
    for (const reader of this.#idleReaders) reader.close();
    this.writer.close();
    this.#instance.closeSync();
  }
}
