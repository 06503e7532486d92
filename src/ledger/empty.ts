/** A ledger that keeps nothing: reading finds what an empty one has, and what is written is taken back. */
import type { Db, DuckDBConnection, LedgerConnection } from "./connection.ts";
import { OpenFile } from "./instance.ts";
import type { EndedRun, Ledger } from "./ledger.ts";
import { insertRuns, type RunRow } from "./runs.ts";

/**
 * A ledger for those who track nothing. Its tables are in memory, made when somebody first reads; no file is made or opened.
 *
 * @param path where the file would be
 */
export function emptyLedger(path: string): Ledger {
  return new EmptyLedger(path);
}

class EmptyLedger implements Ledger {
  readonly isHeld = false;
  #tables: Promise<OpenFile> | undefined;

  constructor(readonly path: string) {}

  async lookUp<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const tables = await (this.#tables ??= OpenFile.inMemory());
    const reader = await tables.takeReader();
    try {
      return await work(reader);
    } finally {
      tables.returnReader(reader);
    }
  }

  read<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.lookUp(work);
  }

  /** Each has a connection of its own, so that one inside of another works as well. */
  writeRows(work: (db: Db) => Promise<void>): Promise<void> {
    return this.write(work);
  }

  async write<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const tables = await (this.#tables ??= OpenFile.inMemory());
    const writer: LedgerConnection = await tables.another();
    try {
      await writer.run("BEGIN");
      return await work(writer);
    } finally {
      await writer.run("ROLLBACK").catch(() => {}); // DuckDB may have ended the transaction itself, where a statement failed
      writer.close();
    }
  }

  begin(run: RunRow): Promise<void> {
    return this.write((db) => insertRuns(db, [run]));
  }

  record({ write }: EndedRun): Promise<void> {
    return this.write(write);
  }

  later(): void {}

  leave(): Promise<void> {
    return Promise.resolve();
  }

  serving(): [] {
    return [];
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  isDueWithin(): boolean {
    return false;
  }

  rest(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    const tables = this.#tables;
    this.#tables = undefined;
    (await tables)?.close();
  }

  async connection(): Promise<DuckDBConnection> {
    return await (await (this.#tables ??= OpenFile.inMemory())).connect();
  }

  prepare(): void {}

  underWay(): undefined {
    return undefined;
  }

  whenMade(): Promise<void> {
    return Promise.resolve();
  }

  isOwn(): boolean {
    return false;
  }

  otherWrites(): undefined {
    return undefined;
  }

  foreignWrites(): number {
    return 0;
  }

  state(): undefined {
    return undefined;
  }

  stateOfEarlier(): undefined {
    return undefined;
  }
}
