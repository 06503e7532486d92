/** The DuckDB file itself while it is open: one writer, and readers that see only what is committed. */
import { ensureDir } from "@std/fs";
import { dirname } from "@std/path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type Born, LedgerConnection } from "./connection.ts";
import { bornOf, migrate, type Migrations } from "./migrations.ts";

/** Blocks of 16 KiB: an index takes whole blocks, so that a small ledger has 1 MB and not 7. It holds for new files only. */
const OPTIONS: Record<string, string> = {
  default_block_size: "16384",
  threads: String(Math.min(8, Math.max(1, navigator.hardwareConcurrency))),
};

/** Idle readers that are kept: their statements stay prepared. */
const READERS_KEPT = 4;

/** An open ledger file. */
export class OpenFile {
  /** The connection of all transactions. */
  readonly writer: LedgerConnection;
  readonly #instance: DuckDBInstance;
  readonly #idleReaders: LedgerConnection[] = [];
  readonly #born: Born;

  private constructor(instance: DuckDBInstance, writer: LedgerConnection, born: Born) {
    this.#instance = instance;
    this.writer = writer;
    this.#born = born;
  }

  /** Opens the file, makes it where there is none, and brings its tables forward. */
  static async open(path: string, migrations?: Migrations): Promise<OpenFile> {
    await ensureDir(dirname(path));
    const instance = await DuckDBInstance.create(path, OPTIONS);
    try {
      const raw = await instance.connect();
      // Closing would write every index anew (half a second at 100,000 runs): `checkpoint` does it when it pays.
      await raw.run("PRAGMA disable_checkpoint_on_shutdown");
      await migrate(raw, path, migrations);
      const born = await bornOf(raw);
      return new OpenFile(instance, new LedgerConnection(raw, born), born);
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  }

  /** A reader for one piece of work; the one used last first, since its statements are warm. */
  async takeReader(): Promise<LedgerConnection> {
    return this.#idleReaders.pop() ?? new LedgerConnection(await this.#instance.connect(), this.#born);
  }

  /** Gives a reader back. */
  returnReader(reader: LedgerConnection): void {
    if (!reader.wasLent && this.#idleReaders.length < READERS_KEPT) this.#idleReaders.push(reader);
    else reader.close();
  }

  /** A connection of its own. */
  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  /** Moves what the log holds into the file. Readers go on meanwhile. */
  async checkpoint(): Promise<void> {
    const connection = await this.#instance.connect();
    try {
      await connection.run("CHECKPOINT");
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
