/** The ledger as everybody uses it: looks up, reads and writes through a lease that is taken and given back behind the scenes. */
import { isMainThread } from "node:worker_threads";
import { OptionError } from "../errors.ts";
import type { Db, DuckDBConnection } from "./connection.ts";
import { inWorkerFailure, isReadOnlyRefusal, readOnlyFailure } from "./failures.ts";
import type { Lease } from "./lease.ts";
import type { Serves, WriteOptions } from "./later.ts";
import type { ServableRow } from "./own_runs.ts";
import { realPathOf } from "./real_path.ts";
import type { RunRow } from "./runs.ts";
import { SharedLedger, WAIT_MS } from "./shared_ledger.ts";
import { isStepWorker, refusingLedger } from "./step_worker.ts";
import type { PreparedFile } from "./whole_file.ts";

/** A run that has ended, on its way into the ledger. */
export interface EndedRun {
  /** Its id. */
  readonly id: string;
  /** Its snapshot, which is discarded where the run cannot be recorded. */
  readonly snapshot: Promise<PreparedFile>;
  /** Its signature and its model: who looks for one of them has to find it. */
  readonly about: readonly string[];
  /** What it can serve, where it can. */
  readonly serves?: Serves | undefined;
  /** Inserts its rows. */
  write(db: Db): Promise<void>;
}

/** One DuckDB file of runs, artifacts and what belongs to them. */
export interface Ledger {
  /** The file's real path. */
  readonly path: string;
  /** Does this process have the file at this moment? */
  readonly isHeld: boolean;
  /**
   * Opens the file behind the caller's back, where it is not open: who needs it soon waits less, and is told where that failed. A new one is only
   * made: nobody has put a run there for which it would have to be asked.
   */
  prepare(): void;
  /**
   * While the file is opened: resolves when DuckDB is at work on the next part of it, or has ended, so that who is about to keep the thread busy
   * does not hold that up. None where nothing is to be waited for. A moment at most.
   */
  underWay(): Promise<void> | undefined;
  /** Resolves when a new file that is being made is there, or cannot be. */
  whenMade(): Promise<void>;
  /**
   * Reads what is written, on the hit path: what is queued is not waited for. Runs that were recorded are written before; with a signature or a
   * model only those that have it, where the work asks for nothing else, and with null none.
   */
  lookUp<T>(work: (db: Db) => Promise<T>, about?: string | null): Promise<T>;
  /** Reads, after what is queued was written. */
  read<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** One transaction: durable when it resolves, rolled back where `work` throws. One at a time. */
  write<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** The same, for rows of runs: inserts travel in one text, with the beginning and the end of the transaction. */
  writeRows(work: (db: Db) => Promise<void>): Promise<void>;
  /** Records that a run begins: durable when it resolves, as with `record`. Nobody waits for the file, and giving it back does not, either. */
  begin(run: RunRow): Promise<void>;
  /**
   * Records a run that has ended: durable when it resolves, in the ledger or in its journal, from which it gets into the ledger behind the
   * caller's back, and before anybody looks for it.
   */
  record(run: EndedRun): Promise<void>;
  /** Queues a write; it is done with others when nobody waits for it. */
  later(write: (db: Db) => Promise<void>, options?: Pick<WriteOptions, "mayStay">): void;
  /** Writes all that is queued. */
  flush(): Promise<void>;
  /** Gives the file back now where nothing is in flight, else as soon as nothing is. It is opened again when needed. */
  release(): Promise<void>;
  /**
   * The same while a step executes, which may keep this thread busy for hours: nobody waits for what is safe in the journal, and it is not tried
   * to write it meanwhile.
   */
  leave(): Promise<void>;
  /**
   * What runs with this signature can serve that this process has recorded and not yet written, the newest first: nobody else can have changed
   * or pruned them. Asking does not open the file.
   */
  serving(signature: string): ServableRow[];
  /**
   * Would the file have to be given back within so many milliseconds, so that others have their turn? Who does not need it meanwhile calls
   * `rest()` before: nobody waits then for what is over by the end.
   */
  isDueWithin(ms: number): boolean;
  /** Writes what is queued, and gives the file back to others for the while that is due. */
  rest(): Promise<void>;
  /** Writes what is queued and gives the file back. The ledger can be used again afterwards. */
  close(): Promise<void>;
  /** A DuckDB connection for you alone; the file is kept until you disconnect it. */
  connection(): Promise<DuckDBConnection>;
  /** Are all runs in the file those of this process? So it is where it was empty, and nobody has written to it since in another way. */
  isOwn(): boolean;
  /** A number that grows whenever another process may have written to the file; asking does not open it. */
  foreignWrites(): number;
  /**
   * A number that stays the same while nothing can have been written but by `writeRows` and `later` of this process. None where that cannot be
   * told, since somebody has a connection of his own.
   */
  otherWrites(): number | undefined;
  /**
   * A number that stays the same while nothing can have been written, by us or by others, so that an answer need not be asked for twice; also
   * over a while in which the file was left to others. None where that cannot be told: while something is written, while somebody has a
   * connection of his own, and for two seconds after the last writing where the file was left to others since.
   */
  state(): number | undefined;
  /**
   * The same where runs that this process adds do not count: while it stays the same nothing can have been changed or taken away that was there,
   * and nobody else can have added to it.
   */
  stateOfEarlier(): number | undefined;
}

/** How a ledger waits for its file, and how long it keeps it. */
export interface LedgerOptions {
  /** Is nothing to be written? Then the file and its log stay as they are, and one that is not there is not made. @default false */
  readonly onlyReads?: boolean;
  /** How long to wait for a file that another process holds, in milliseconds. @default 30_000 */
  readonly waitMs?: number;
  /** An unused file is given back after this many milliseconds. @default 250 */
  readonly idleMs?: number;
  /** A file for which another process says that it waits is given back after this many milliseconds of use. @default 1_000 */
  readonly turnMs?: number;
  /** A file in steady use is given back after this many milliseconds, for those who cannot say so. @default 2_000 */
  readonly stretchMs?: number;
  /** And is then left alone for this many milliseconds. @default 300 */
  readonly gapMs?: number;
  /** Milliseconds that only grow. @default performance.now */
  readonly clock?: () => number;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

const KEY: unique symbol = Symbol.for("consist.ledgers") as never;
/** Python's library tries 20 times in half a minute: with a gap of 300 ms it always meets one, with 200 ms in four of five cases. */
const TIMES = { idleMs: 250, turnMs: 1_000, stretchMs: 2_000, gapMs: 300, clock: () => performance.now(), now: () => Date.now() };

/**
 * The ledger at a path. The same file is the same ledger, however it is reached: two instances in one process would lose rows without
 * an error, so that the registry belongs to the process and not to this copy of the library. Nothing is opened before the first use.
 *
 * @param path where the file is, or will be
 * @param options how it is waited for
 * @returns the ledger
 * @throws {LedgerError} in a Worker, which never opens a ledger
 */
export function openLedger(path: string, options: LedgerOptions = {}): Ledger {
  if (path === "" || path === ":memory:") throw notAFile(path);
  if (isWorker()) throw inWorkerFailure(path);
  if (isStepWorker()) return refusingLedger(path);
  const realPath = realPathOf(path);
  const { waitMs = WAIT_MS, onlyReads = false, ...times } = options;
  const shared = registry.get(realPath) ?? new SharedLedger(realPath, { ...TIMES, ...times }, handleOf);
  registry.set(realPath, shared);
  return shared.handle(waitMs, onlyReads);
}

/**
 * The ledger that this process has opened at a path, if there is one.
 *
 * Whoever reads a ledger's file itself must `release()` it before: closing any handle of the file ends this process's lock on it, and
 * another process then writes to it beside us.
 */
export function ledgerAt(path: string): Ledger | undefined {
  return registry.get(realPathOf(path))?.handle(WAIT_MS);
}

const handleOf = (shared: SharedLedger, waitMs: number, onlyReads: boolean): Ledger =>
  onlyReads ? new ReadOnlyHandle(shared, waitMs) : new LedgerHandle(shared, waitMs);

/** A ledger as one opener sees it: the same file, with that opener's patience. */
class LedgerHandle implements Ledger {
  /** What the process has of the file. */
  protected readonly shared: SharedLedger;
  /** How long it is waited for. */
  protected readonly waitMs: number;

  constructor(shared: SharedLedger, waitMs: number) {
    this.shared = shared;
    this.waitMs = waitMs;
  }

  get path(): string {
    return this.shared.path;
  }

  get isHeld(): boolean {
    return this.shared.lease.isHeld;
  }

  prepare(): void {
    if (this.isHeld) return;
    const { prepare } = this.shared as Partial<SharedLedger>; // another copy of the library may have none
    const prepared = prepare === undefined ? this.lookUp(() => Promise.resolve(), null) : prepare.call(this.shared, this.waitMs);
    prepared.catch(() => {}); // whoever needs it says why
  }

  /** See `state` of what another copy of the library does not tell. */
  underWay(): Promise<void> | undefined {
    return (this.shared.lease as Partial<Lease>).underWay?.();
  }

  async whenMade(): Promise<void> {
    await (this.shared.lease as Partial<Lease>).making;
  }

  lookUp<T>(work: (db: Db) => Promise<T>, about?: string | null): Promise<T> {
    return this.shared.lookUp(this.waitMs, work, about);
  }

  read<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.shared.read(this.waitMs, work);
  }

  write<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.shared.write(this.waitMs, work);
  }

  writeRows(work: (db: Db) => Promise<void>): Promise<void> {
    return this.shared.writeRows(this.waitMs, work);
  }

  begin(run: RunRow): Promise<void> {
    return this.shared.begin(this.waitMs, run);
  }

  async record(run: EndedRun): Promise<void> {
    try {
      await this.shared.record(this.waitMs, run);
    } catch (error) {
      await run.snapshot.then(({ discard }) => discard(), () => {}); // nothing is left of one that could not be written
      throw error;
    }
  }

  later(write: (db: Db) => Promise<void>, options: Pick<WriteOptions, "mayStay"> = {}): void {
    this.shared.later.add(write, options);
  }

  flush(): Promise<void> {
    return this.shared.later.flush(this.waitMs);
  }

  release(): Promise<void> {
    return this.shared.release();
  }

  leave(): Promise<void> {
    return this.shared.leave();
  }

  serving(signature: string): ServableRow[] {
    return this.shared.later.serving(signature);
  }

  isDueWithin(ms: number): boolean {
    return this.shared.lease.isDueWithin(ms);
  }

  /** What is queued would else open the file in the middle of the gap. */
  async rest(): Promise<void> {
    await this.flush();
    await this.shared.lease.giveBack(true);
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.shared.later.stop();
      await this.shared.close();
    }
  }

  connection(): Promise<DuckDBConnection> {
    return this.shared.connection(this.waitMs);
  }

  foreignWrites(): number {
    return this.shared.foreignWrites();
  }

  otherWrites(): number | undefined {
    return this.shared.otherWrites();
  }

  /** See `state` of what another copy of the library does not tell. */
  isOwn(): boolean {
    return (this.shared as Partial<SharedLedger>).isOwn?.() === true;
  }

  /** What the process has of the file may be that of another copy of the library, which does not tell. */
  state(): number | undefined {
    return (this.shared as Partial<SharedLedger>).state?.();
  }

  /** The same. */
  stateOfEarlier(): number | undefined {
    return (this.shared as Partial<SharedLedger>).stateOfEarlier?.();
  }
}

/** A ledger of which nothing is written: its file is open in such a way that DuckDB refuses to. */
class ReadOnlyHandle extends LedgerHandle {
  /** What others have recorded in this process is written first, by their own right. */
  override async lookUp<T>(work: (db: Db) => Promise<T>): Promise<T> {
    if (this.shared.later.concerns()) await this.flush();
    try {
      return await this.shared.lookUpOnly(this.waitMs, work);
    } catch (error) {
      throw isReadOnlyRefusal(error) ? readOnlyFailure(this.path, error) : error;
    }
  }

  /** Nothing is made. */
  override prepare(): void {
    if (!this.isHeld) this.lookUp(() => Promise.resolve()).catch(() => {}); // whoever needs it says why
  }

  /** The same with all that they have queued. */
  override async read<T>(work: (db: Db) => Promise<T>): Promise<T> {
    await this.flush();
    return await this.lookUp(work);
  }

  override write<T>(): Promise<T> {
    return Promise.reject(readOnlyFailure(this.path));
  }

  override writeRows(): Promise<void> {
    return Promise.reject(readOnlyFailure(this.path));
  }

  override begin(): Promise<void> {
    return Promise.reject(readOnlyFailure(this.path));
  }

  override record(): Promise<void> {
    return Promise.reject(readOnlyFailure(this.path));
  }

  override later(): void {
    throw readOnlyFailure(this.path);
  }

  override connection(): Promise<DuckDBConnection> {
    return this.shared.connection(this.waitMs, true);
  }
}

/** Workers of the web and of Node. */
const isWorker = (): boolean => "WorkerGlobalScope" in globalThis || !isMainThread;

function notAFile(path: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `Cannot open a ledger at "${path}".`,
    why: "A ledger is a file: it is closed and opened again all the time, and what is only in memory would be lost.",
    fix: 'Give the path of a file, such as "provenance.duckdb".',
    path,
  });
}

const registry = registryOfProcess();

/** One registry for the process: a second copy of this library, a re-run cell and a re-made tracker find the same ledgers. */
function registryOfProcess(): Map<string, SharedLedger> {
  const holder = globalThis as { [KEY]?: Map<string, SharedLedger> };
  return holder[KEY] ??= flushedAtEnd(new Map());
}

const NOT_CLOSED = "Call tracker.close() before Deno.exit(), and at the end of a test, as withTracker() does.";

/**
 * A program that ends by itself writes what it has queued; a kill does not wait, and neither does the runtime of a test file, where DuckDB would
 * be at work when it is gone, which ends the process. So the writing begins in the next turn of the event loop, if there is one before the end.
 * A failure was reported on stderr by the flush's own timer, or is reported here: nobody else is left to be told.
 */
function flushedAtEnd(ledgers: Map<string, SharedLedger>): Map<string, SharedLedger> {
  let isOver = false;
  addEventListener("beforeunload", (event) => {
    const unwritten = [...ledgers.values()].filter((ledger) => !ledger.later.isEmpty);
    if (unwritten.length > 0) event.preventDefault();
    const flush = async ({ later }: SharedLedger) => isOver || await later.flush().catch((error) => later.giveUp(error));
    for (const ledger of unwritten) setTimeout(() => void flush(ledger));
  });
  addEventListener("unload", () => {
    isOver = true;
    for (const { later } of ledgers.values()) later.giveUp(new Error(NOT_CLOSED));
  });
  return ledgers;
}
