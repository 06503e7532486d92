/**
 * DuckDB instances that outlive the lease on a ledger's file: making one takes three times as long as attaching the file to it. Only those
 * are kept that were asked and told nothing but what steps ask and tell; every other one ends with its lease.
 */
import { basename } from "@std/path";
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPendingResult,
  type DuckDBPendingResultState,
  type DuckDBPreparedStatement,
} from "@duckdb/node-api";
import { quoteName } from "./schema.ts";

/** What a file is open with. */
export interface Host {
  /** A connection to the file. */
  connect(): Promise<DuckDBConnection>;
  /** Gives the file back, with all connections to it. They are reused where nothing speaks against that. */
  end(connections: readonly DuckDBConnection[], mayKeep: boolean): void;
}

/**
 * Blocks of 16 KiB: an index takes whole blocks, so that a small ledger has 1 MB and not 7. It holds for new files only. A single thread: what
 * a step asks and writes is small, and DuckDB's handing it from thread to thread takes half as long again (`useAllThreads`).
 */
export const OPTIONS: Readonly<Record<string, string>> = { default_block_size: "16384", threads: "1" };

/** Closing would write every index anew (half a second at 100,000 runs): `checkpoint` does it when it pays. */
export const NEVER_AT_CLOSE = "PRAGMA disable_checkpoint_on_shutdown";

/** So many instances without a file are kept, for the ledgers used last. */
const KEPT = 2;
/** Detaching takes a few tasks of DuckDB's own. */
const MOST_TASKS = 1_000;
const READY: DuckDBPendingResultState = 0;
/** Names that a database cannot have; DuckDB makes them others in the same way. */
const RESERVED = ["main", "temp", "system", "memory"];

const kept = new Map<string, KeptInstance>();

/** Ends the instance that was kept for a ledger, if there is one. */
export function forgetInstance(path: string): void {
  const found = kept.get(path);
  kept.delete(path);
  found?.close();
}

/** The name that DuckDB gives a database: the file's up to the first dot. Users' own SQL may have it. */
export function databaseName(path: string): string {
  const name = basename(path).split(".").find((part) => part !== "") ?? "ledger";
  return RESERVED.includes(name.toLowerCase()) ? `${name}_db` : name;
}

/** An instance in memory, to which the file of one ledger is attached while this process has the lease. */
export class KeptInstance implements Host {
  readonly #path: string;
  readonly #instance: DuckDBInstance;
  /** It has no default database, so that it can attach and detach. */
  readonly #home: DuckDBConnection;
  readonly #detach: DuckDBPreparedStatement;
  readonly #idle: DuckDBConnection[] = [];
  #detached: DuckDBPendingResult | undefined;
  #isAttached = false;
  #isClosed = false;

  private constructor(path: string, instance: DuckDBInstance, home: DuckDBConnection, detach: DuckDBPreparedStatement) {
    this.#path = path;
    this.#instance = instance;
    this.#home = home;
    this.#detach = detach;
  }

  /** The instance kept for the ledger at a path, or a new one; nothing is attached to it. */
  static async of(path: string): Promise<KeptInstance> {
    const found = kept.get(path);
    if (found !== undefined) return kept.delete(path), found;
    // The folder for spilled rows is the one that the file itself would have.
    const instance = await DuckDBInstance.create(":memory:", { ...OPTIONS, temp_directory: `${path}.tmp` });
    const home = await instance.connect();
    return new KeptInstance(path, instance, home, await home.prepare(`DETACH ${quoteName(databaseName(path))}`));
  }

  /** Makes a file that will become the ledger's, by these statements: one question, which DuckDB answers without the event loop once `onAsked` is called. */
  async make(file: string, statements: readonly string[], onAsked?: () => void): Promise<void> {
    await this.#settle();
    const name = quoteName(databaseName(this.#path));
    const made = this.#home.run([this.#attaching(file), `USE ${name}`, ...statements, "USE memory", `DETACH ${name}`].join(";\n"));
    onAsked?.();
    await made;
  }

  /** Attaches the ledger's file. `onAsked` is called when DuckDB has the question, as for `make`. */
  async attach(onAsked?: () => void): Promise<void> {
    await this.#settle();
    const attached = this.#home.run(this.#attaching(this.#path));
    onAsked?.();
    await attached;
    this.#isAttached = true;
  }

  #attaching(file: string): string {
    return `${NEVER_AT_CLOSE};\nATTACH '${file.replaceAll("'", "''")}' AS ${quoteName(databaseName(this.#path))}`;
  }

  /** A result that nobody took would keep the instance after its end, and with it the file's lock. */
  async #settle(): Promise<void> {
    await this.#detached?.getResult();
    this.#detached = undefined;
  }

  /** Detaches what was attached, at once: when this returns another process can have the file. */
  detach(): void {
    const detached = this.#detach.start();
    for (let tasks = 0; tasks < MOST_TASKS; tasks++) {
      if (detached.runTask() !== READY) continue;
      this.#detached = detached;
      this.#isAttached = false;
      return;
    }
    throw new Error("DuckDB does not detach the ledger.");
  }

  async connect(): Promise<DuckDBConnection> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const connection = await this.#instance.connect();
    await connection.run(`USE ${quoteName(databaseName(this.#path))}`);
    return connection;
  }

  end(connections: readonly DuckDBConnection[], mayKeep: boolean): void {
    this.#idle.push(...connections);
    if (!mayKeep) return this.close();
    try {
      if (this.#isAttached) this.detach();
      this.#keep();
    } catch {
      this.close(); // gives back whatever is still attached
    }
  }

  /** Ends the instance and all that it has open. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const connection of [...this.#idle.splice(0), this.#home]) connection.disconnectSync();
    this.#instance.closeSync();
  }

  #keep(): void {
    forgetInstance(this.#path);
    kept.set(this.#path, this);
    const [oldest] = kept.keys();
    if (kept.size > KEPT) forgetInstance(oldest!);
  }
}
