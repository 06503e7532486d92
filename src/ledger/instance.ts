/** The DuckDB file itself while it is open: one writer, and readers that see only what is committed. */
import { basename, dirname, join } from "@std/path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { crypto } from "../intrinsics.ts";
import { type Born, LedgerConnection } from "./connection.ts";
import { lackingTables } from "./lacking_tables.ts";
import { bornAs, bornOf, isNewest, migrate, type Migrations, newTables, refuseNewer, VERSION_QUERY } from "./migrations.ts";
import { failureOf } from "./failures.ts";
import { type Host, KeptInstance, NEVER_AT_CLOSE, OPTIONS } from "./kept_instance.ts";
import { isAsWeLeftIt, mendIndexes, noteState, STATE_QUERY, stateOf } from "./sound_indexes.ts";
import { type Stamp, stampOf } from "./stamp.ts";
import { linkIfPossible, removeIfPossible } from "./whole_file.ts";

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
 * Gives the state of the file that it made.
 */
async function make(path: string, host: KeptInstance, { migrations, onAsked, onMade }: Opening): Promise<string | undefined> {
  Deno.mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${crypto.randomUUID()}.new`;
  try {
    await host.make(aside, newTables(migrations), onAsked);
    // At once, as all that happens between two questions to DuckDB: it goes on sooner, and the thread may be kept busy right after.
    const stamp = stampOf(aside);
    if (!linkIfPossible(aside, path)) return undefined;
    onMade?.(stamp);
    const state = stateOf(aside);
    removeAsides(path);
    return state;
  } catch (error) {
    host.close(); // where files that are open cannot be removed
    throw error;
  } finally {
    for (const file of [aside, `${aside}.wal`]) removeIfPossible(file);
  }
}

/** Now that there is a ledger nobody needs what was to become one: processes that were killed leave it, and one that is as far will see. */
function removeAsides(path: string): void {
  const folder = dirname(path);
  const isAside = (name: string): boolean => name.startsWith(`${basename(path)}.`) && /\.[0-9a-f-]{36}\.new(?:\.wal)?$/.test(name);
  try {
    for (const { name } of Deno.readDirSync(folder)) if (isAside(name)) removeIfPossible(join(folder, name));
  } catch {
    // who may not list the folder leaves them
  }
}

/** An instance keeps the file until its last connection is gone: whoever has this closes both. */
class OwnInstance implements Host {
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async of(path: string, options: Readonly<Record<string, string>> = {}): Promise<{ host: Host; connection: DuckDBConnection }> {
    const host = new OwnInstance(await DuckDBInstance.create(path, { ...OPTIONS, ...options }));
    const connection = await host.connect();
    await connection.run(NEVER_AT_CLOSE);
    return { host, connection };
  }

  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  end(connections: readonly DuckDBConnection[]): void {
    for (const connection of connections) connection.disconnectSync();
    this.#instance.closeSync();
  }
}

/** How a file is opened. */
export interface Opening {
  /** The state in which this process made it, where it was not open since. */
  readonly made?: string | undefined;
  /** Other migrations than the library's. */
  readonly migrations?: Migrations | undefined;
  /** Called whenever DuckDB has been asked for what takes it longer, and works on it by itself. */
  readonly onAsked?: (() => void) | undefined;
  /** Called when the file was made, before anybody can have written to it that this process knows of. */
  readonly onMade?: ((stamp: Stamp) => void) | undefined;
}

/** All that an opening wants to know of a file on which nothing is to be done, as one question. */
const ALL_AT_ONCE =
  `SELECT (${VERSION_QUERY}), (${STATE_QUERY}), (SELECT started_at FROM run LIMIT 0), (SELECT value_num FROM run_config_kv LIMIT 0)`;

/**
 * How its columns were made, where the file has the newest tables and its last checkpoint was ours; else nothing. One that was made just now
 * has no note of that yet.
 */
async function bornIfSound(connection: DuckDBConnection, path: string, migrations?: Migrations, made?: string): Promise<Born | undefined> {
  try {
    const found = await connection.runAndReadAll(ALL_AT_ONCE);
    const [version, noted] = found.getRowsJS()[0]!;
    const state = stateOf(path);
    if (!isNewest(Number(version), migrations) || (noted ?? made) !== state) return undefined;
    return bornAs(found.columnType(2), found.columnType(3));
  } catch (error) {
    // An older ledger, or one of Python's, lacks tables: what is to be done is found out step by step.
    if (error instanceof Error && /^Catalog Error: Table with name \w+ does not exist/i.test(error.message)) return undefined;
    throw error;
  }
}

async function noteMade(connection: DuckDBConnection, path: string): Promise<readonly [Stamp, Stamp]> {
  const before = stampOf(path);
  await noteState(connection, path);
  return [before, stampOf(path)];
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

/** Is there a file, or what its log holds? Where that cannot be told DuckDB says why. */
export function isThere(path: string): boolean {
  return [path, `${path}.wal`].some((file) => {
    try {
      return Deno.statSync(file) !== undefined;
    } catch (error) {
      return !(error instanceof Deno.errors.NotFound);
    }
  });
}

/** An open ledger file. */
export class OpenFile {
  /** The connection of all transactions. */
  readonly writer: LedgerConnection;
  /** May nothing be written to it? */
  readonly isReadOnly: boolean;
  /** Has another program written it since we last had it? */
  isShared = false;
  /** Was it made just now, and has it no run yet? */
  isEmpty = false;
  /** Its stamps before and after it was noted in it that this process made it, where it was. */
  noted: readonly [before: Stamp, after: Stamp] | undefined;
  readonly #path: string;
  readonly #host: Host;
  readonly #idleReaders: LedgerConnection[] = [];
  readonly #born: Born;
  /** What every connection is given first. */
  readonly #lacking: readonly string[];
  #allThreads: Promise<void> | undefined;
  #isAsNew: boolean;

  private constructor(path: string, host: Host, writer: LedgerConnection, born: Born, lacking?: readonly string[]) {
    this.#path = path;
    this.#host = host;
    this.writer = writer;
    this.#born = born;
    this.isReadOnly = lacking !== undefined;
    this.#lacking = lacking ?? [];
    this.#isAsNew = born.timestamps !== "TIMESTAMP"; // its connections have a zone of their own
  }

  /** Makes the file where there is none, and leaves it closed. Gives its state, where it was made. */
  static async make(path: string, opening: Opening = {}): Promise<string | undefined> {
    if (isThere(path)) return undefined;
    const host = await KeptInstance.of(path);
    const made = await make(path, host, opening);
    host.end([], true);
    return made;
  }

  /** Opens the file, makes it where there is none, and brings its tables forward. */
  static async open(path: string, opening: Opening = {}): Promise<OpenFile> {
    const { migrations, onAsked } = opening;
    refuseSecondInstance(path);
    const isNew = !isThere(path);
    const host = await KeptInstance.of(path); // begun before the event loop may be kept busy: DuckDB goes on beside it
    const connections: DuckDBConnection[] = [];
    try {
      const made = isNew ? await make(path, host, opening) : opening.made;
      await host.attach(onAsked);
      const connection = await host.connect();
      connections.push(connection);
      const sound = await bornIfSound(connection, path, migrations, made);
      const noted = sound === undefined || made === undefined ? undefined : await noteMade(connection, path);
      if (sound === undefined) await migrate(connection, path, migrations);
      const isShared = sound === undefined && await mendIndexes(connection, path);
      const born = sound ?? await bornOf(connection);
      await inLocalTime(connection, born);
      const file = new OpenFile(path, host, new LedgerConnection(connection, born), born);
      file.noted = noted;
      file.isShared = isShared && !isNew;
      file.isEmpty = isNew && (await connection.runAndReadAll("SELECT 1 FROM run LIMIT 1")).currentRowCount === 0;
      return file;
    } catch (error) {
      host.end(connections, failureOf(error) === "locked"); // it is tried again
      throw error;
    }
  }

  /** Opens the file so that nothing can be written to it: neither it nor its log changes. Where there is none it reads as empty. */
  static async openToRead(path: string, { migrations }: Opening = {}): Promise<OpenFile> {
    refuseSecondInstance(path);
    if (!isThere(path)) return await OpenFile.inMemory([]);
    const { host, connection } = await OwnInstance.of(path, READ_ONLY);
    try {
      const sound = await bornIfSound(connection, path, migrations);
      const version = sound === undefined ? await refuseNewer(connection, path, migrations) : undefined;
      if (sound !== undefined || await isAsWeLeftIt(connection, path)) { for (const setting of USE_INDEXES) await connection.run(setting); }
      const hasAll = version === undefined || isNewest(version, migrations);
      const lacking = hasAll ? [] : await lackingTables(connection);
      for (const statement of lacking) await connection.run(statement);
      const born = sound ?? await bornOf(connection);
      await inLocalTime(connection, born);
      return new OpenFile(path, host, new LedgerConnection(connection, born), born, lacking);
    } catch (error) {
      host.end([connection], false);
      throw error;
    }
  }

  /** Tables that nobody keeps; with `lacking` they stand for a file that is only read. */
  static async inMemory(lacking?: readonly string[]): Promise<OpenFile> {
    const { host, connection } = await OwnInstance.of(":memory:");
    await migrate(connection, ":memory:");
    const born = await bornOf(connection);
    return new OpenFile(":memory:", host, new LedgerConnection(connection, born), born, lacking);
  }

  /** From now on DuckDB works with all threads: for what may be large. */
  useAllThreads(): Promise<void> {
    this.doubt();
    if (this.isReadOnly || ALL_THREADS === 1) return Promise.resolve();
    return this.#allThreads ??= this.#setThreads(ALL_THREADS);
  }

  async #setThreads(threads: number): Promise<void> {
    const connection = await this.#host.connect();
    try {
      await connection.run(`SET threads = ${threads}`);
    } finally {
      connection.disconnectSync();
    }
  }

  /** Nothing of what the file is open with is kept any more when it is closed: something failed, or others had it in their hands. */
  doubt(): void {
    this.#isAsNew = false;
  }

  /** A reader for one piece of work; the one used last first, since its statements are warm. */
  async takeReader(): Promise<LedgerConnection> {
    return this.#idleReaders.pop() ?? new LedgerConnection(await this.#connect(), this.#born);
  }

  /** A connection of one's own, with statements that run one after the other. */
  async another(): Promise<LedgerConnection> {
    return new LedgerConnection(await this.connect(), this.#born);
  }

  /** Gives a reader back. */
  returnReader(reader: LedgerConnection): void {
    if (!reader.isAsNew) this.doubt();
    if (!reader.wasLent && this.#idleReaders.length < READERS_KEPT) this.#idleReaders.push(reader);
    else reader.close();
  }

  /** A connection of its own, for others. */
  connect(): Promise<DuckDBConnection> {
    this.doubt();
    return this.#connect();
  }

  async #connect(): Promise<DuckDBConnection> {
    const connection = await inLocalTime(await this.#host.connect(), this.#born);
    for (const statement of this.#lacking) await connection.run(statement);
    return connection;
  }

  /** Moves what the log holds into the file. Readers go on meanwhile. */
  async checkpoint(): Promise<void> {
    const connection = await this.#host.connect();
    try {
      await connection.run("CHECKPOINT");
      await noteState(connection, this.#path);
    } catch (error) {
      this.doubt();
      throw error;
    } finally {
      connection.disconnectSync();
    }
  }

  /** Closes the file, so that other processes can have it. The log stays beside it. */
  close(): void {
    const connections = [this.writer, ...this.#idleReaders];
    const mayKeep = this.#isAsNew && connections.every(({ isAsNew }) => isAsNew);
    this.#host.end(connections.map((connection) => connection.end()), mayKeep);
  }
}
