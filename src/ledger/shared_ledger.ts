/** What a process has of one ledger's file, whoever opened it: the lease, what is queued, the journal, one transaction at a time. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Db, DuckDBConnection, LedgerConnection } from "./connection.ts";
import { writeFailure } from "./failures.ts";
import { refuseFullDisk } from "./free_space.ts";
import { gathering } from "./insert.ts";
import type { OpenFile } from "./instance.ts";
import { Journal } from "./journal.ts";
import { Later, type Transactions, type Write, type WriteOptions } from "./later.ts";
import { Lease, type LeaseParts } from "./lease.ts";
import type { EndedRun, Ledger } from "./ledger.ts";
import { restoreFiles, restoreRun } from "./restore.ts";
import type { RunRow } from "./runs.ts";

/** Who opens a ledger without a word of his own waits so long for its file, in milliseconds. */
export const WAIT_MS = 30_000;

/**
 * A step asks several times, one right after the other, what others wrote: each look costs 8 µs, and 7 more for each process that shares the
 * ledger, which has a folder in the journal. `foreignWrites` itself always looks.
 */
const FOREIGN_GOOD_FOR_MS = 1;

/** Makes the ledger as one opener sees it. */
type Handles = (shared: SharedLedger, waitMs: number, onlyReads: boolean) => Ledger;

/** How a transaction begins: before its work, or with the first statement of it. */
type Begin = (writer: LedgerConnection) => Promise<void> | void;
const BEGUN: Begin = (writer) => writer.run("BEGIN");
const IN_FRONT: Begin = (writer) => writer.begin();

/** The work that is going on, so that work inside it uses what is at hand instead of waiting for itself. */
interface Scope {
  /** The connection of a transaction, where this is one. */
  readonly writer?: LedgerConnection;
  isOver: boolean;
}

/** All that the process has of one file, shared by everybody who opened it. */
export class SharedLedger {
  readonly path: string;
  readonly lease: Lease;
  readonly later: Later;
  readonly #journal: Journal;
  readonly #handles: Handles;
  readonly #scopes = new AsyncLocalStorage<Scope>();
  #lastWrite: Promise<unknown> = Promise.resolve();
  #transactions = 0;
  #others = 0;
  /** Writings of rows of this process's runs: they change nothing of those that can be served already. */
  #added = 0;
  #takingOver: Promise<void> | undefined;
  #isLeft = false;
  #foreign = 0;
  #foreignAt = -Infinity;

  constructor(path: string, parts: LeaseParts, handles: Handles) {
    this.path = path;
    this.#handles = handles;
    this.#journal = new Journal(path);
    this.lease = new Lease(path, {
      ...parts,
      onOpen: (file) => {
        this.#journal.tryAgain();
        return this.#takeOver(file);
      },
      hasLeft: () => this.#journal.ofOthers().length > 0,
      beforeClose: (file) => this.#isToBeWritten() ? this.later.flushBy(this.#transactionsWith(file)) : undefined,
    });
    this.later = new Later(path, {
      each: (work, waitMs = WAIT_MS) => this.#alone(waitMs, work),
      together: (work, waitMs = WAIT_MS) => this.#rows(waitMs, work),
      afterwards: () => this.lease.trim(),
    }, parts.clock);
  }

  /** The ledger for one opener, with that one's patience. */
  handle(waitMs: number, onlyReads = false): Ledger {
    return this.#handles(this, waitMs, onlyReads);
  }

  /** Writes what is queued. Whoever finds the ledger in the registry, and may have another copy of the library, calls it by this name. */
  flush(): Promise<void> {
    return this.later.flush(WAIT_MS);
  }

  /** See `Ledger.leave`. */
  async leave(): Promise<void> {
    if (!this.lease.isHeld && this.#isQueuedForLong()) await this.later.tryOnce();
    this.#isLeft = true;
    try {
      await this.release();
    } finally {
      this.#isLeft = false;
    }
    this.later.stop();
  }

  /** See `Ledger.release`. Work inside of other work cannot wait for its end. */
  async release(): Promise<void> {
    await this.lease.giveBack();
    if (this.#scope() === undefined) await this.lease.givenBack();
  }

  #isToBeWritten(): boolean {
    return this.#isLeft ? this.#isQueuedForLong() : this.later.isQueued;
  }

  /** Where other programs were seen, which cannot read the journal, all that is queued is. */
  #isQueuedForLong(): boolean {
    return this.lease.isMixed ? this.later.isQueued : this.later.isDue;
  }

  /** See `Ledger.prepare`. */
  async prepare(waitMs: number): Promise<void> {
    if (this.lease.isHeld) return;
    const isNew = this.#journal.ofOthers().length === 0 && await this.lease.make();
    if (!isNew) await this.lookUp(waitMs, () => Promise.resolve(), null);
  }

  async lookUp<T>(waitMs: number, work: (db: Db) => Promise<T>, about?: string | null, isLarge = false): Promise<T> {
    const scope = this.#scope();
    if (scope?.writer) return await work(scope.writer);
    if (about !== null) await this.#recordedFirst(waitMs, about);
    return await this.lease.use(waitMs, scope !== undefined, async (file) => {
      if (about !== null && scope === undefined) await this.#othersFirst(file, isLarge || about === undefined);
      if (isLarge) await file.useAllThreads();
      return await this.#withReader(file, work);
    });
  }

  /** Reads with a file to which nothing can be written, whatever the work tries. */
  async lookUpOnly<T>(waitMs: number, work: (db: Db) => Promise<T>): Promise<T> {
    return await this.lease.use(waitMs, this.#scope() !== undefined, (file) => this.#withReader(file, work), true);
  }

  async #withReader<T>(file: OpenFile, work: (db: Db) => Promise<T>): Promise<T> {
    const reader = await file.takeReader();
    try {
      return await this.#inside({ isOver: false }, () => work(reader));
    } finally {
      await reader.settled();
      file.returnReader(reader);
    }
  }

  /** Writes the runs that were recorded, before anybody asks who has to find them; work inside of other work does not wait for that. */
  async #recordedFirst(waitMs: number, about?: string): Promise<void> {
    if (this.#scope() === undefined && this.later.concerns(about)) await this.later.flush(waitMs);
  }

  /** Writes what others put into the journal since the file was opened: who looks for one to serve needs those that ended. */
  async #othersFirst(file: OpenFile, isAny: boolean): Promise<void> {
    const left = isAny ? this.#journal.ofOthers() : this.#journal.endedOfOthers();
    if (left.length > 0) await this.#takeOver(file);
  }

  async read<T>(waitMs: number, work: (db: Db) => Promise<T>): Promise<T> {
    if (this.#scope() === undefined) await this.later.flush(waitMs);
    return await this.lookUp(waitMs, work, undefined, true);
  }

  /** Runs that were recorded are written before: what changes them has to find them. */
  async write<T>(waitMs: number, work: (db: Db) => Promise<T>): Promise<T> {
    const scope = this.#scope();
    if (scope?.writer) return await work(scope.writer);
    await this.#recordedFirst(waitMs);
    return await this.#alone(waitMs, work);
  }

  async writeRows(waitMs: number, work: Write): Promise<void> {
    const scope = this.#scope();
    if (scope?.writer) return await gathering(scope.writer, work);
    await this.later.together(work, (all) => this.#rows(waitMs, all));
  }

  /** After what others left. The lease comes before the turn: a transaction that has its turn never waits for a lease. */
  #alone<T>(waitMs: number, work: (db: Db) => Promise<T>): Promise<T> {
    const isInside = this.#scope() !== undefined;
    return this.lease.use(waitMs, isInside, async (file) => {
      if (!isInside) await this.#othersFirst(file, true);
      return await this.#inTurn(() => this.#large(file, work));
    });
  }

  #rows(waitMs: number, work: Write): Promise<void> {
    return this.lease.use(waitMs, this.#scope() !== undefined, (file) => this.#inTurn(() => this.#rowsInto(file, work)));
  }

  #rowsInto({ writer }: OpenFile, work: Write): Promise<void> {
    this.#adds();
    return this.#transaction(writer, IN_FRONT, () => gathering(writer, work, (sql) => writer.front(sql)));
  }

  /** For a file that is about to be given back, and for nobody else. */
  #transactionsWith(file: OpenFile): Transactions {
    return {
      each: (work) => this.#inTurn(() => this.#large(file, work)),
      together: (work) => this.#inTurn(() => this.#rowsInto(file, work)),
    };
  }

  /**
   * Puts a run that begins into the journal, where others find it: the file can be given back without a transaction before. Where the journal
   * cannot be written the ledger itself has to take it.
   */
  async begin(waitMs: number, run: RunRow): Promise<void> {
    const write = (db: Db) => restoreRun(db, run);
    const scope = this.#scope();
    if (scope?.writer) return await gathering(scope.writer, write);
    const entry = await this.#journal.keepBeginning(run);
    if (entry === undefined) return await this.writeRows(waitMs, write);
    this.later.add(write, { ...this.#asIn(entry), mayStay: true });
  }

  /** It is written unless another process does it before. */
  #asIn(entry: string): Pick<WriteOptions, "isWanted" | "onWritten"> {
    return { isWanted: () => this.#journal.has(entry), onWritten: () => this.#journal.forget([entry]) };
  }

  /**
   * Nobody waits for the file: who has it looks into the journal before looking for a run. Where the journal cannot be written the ledger itself
   * has to take the run.
   */
  async record(waitMs: number, { id, snapshot, about, serves, write }: EndedRun): Promise<void> {
    const scope = this.#scope();
    if (scope?.writer) return await gathering(scope.writer, write);
    const entry = await this.#journal.keep(snapshot);
    if (entry === undefined) await this.writeRows(waitMs, write);
    else {
      this.#adds();
      this.later.add(write, { about, serves, ...this.#asIn(entry) });
    }
    this.#journal.forgetBeginning(id);
  }

  /** Writes what others put into the journal. Whoever wanted the file goes on in any case. */
  #takeOver(file: OpenFile): Promise<void> {
    return this.#takingOver ??= this.#takeOverOnce(file).finally(() => this.#takingOver = undefined);
  }

  async #takeOverOnce(file: OpenFile): Promise<void> {
    const left = this.#journal.ofOthers();
    if (left.length === 0) return;
    this.#journal.changes(); // seen before they go: who asks next would find all as it was
    try {
      const { done, unreadable } = await this.#inTurn(() => this.#large(file, (db) => restoreFiles(db, left)));
      for (const [entry, { id, meta }] of done) this.#journal.publish(entry, id, meta._physical_run_dir);
      this.#journal.forget([...done.keys()]);
      if (unreadable.length > 0) this.#warn(`its journal has files that cannot be read: ${this.#journal.putAside(unreadable).join(", ")}`);
      this.#journal.refuse(unreadable);
    } catch (error) {
      this.#journal.refuse(left);
      this.#warn(
        `${left.length} runs stay in its journal until it can be written: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #warn(what: string): void {
    console.error(`consist: ledger "${this.path}": ${what}`);
  }

  /** See `Ledger.isOwn`. */
  isOwn(): boolean {
    return !this.lease.isLent && this.#others === 0 && this.lease.isOwn() && this.#journal.changes() === 0;
  }

  /** See `Ledger.otherWrites`. */
  otherWrites(): number | undefined {
    if (this.lease.isLent) return undefined;
    const isFresh = performance.now() - this.#foreignAt < FOREIGN_GOOD_FOR_MS;
    return (isFresh ? this.#foreign : this.foreignWrites()) + this.#others;
  }

  /** See `Ledger.foreignWrites`. */
  foreignWrites(): number {
    this.#foreignAt = performance.now();
    return this.#foreign = this.lease.foreignWrites() + this.#journal.changes();
  }

  /** See `Ledger.state`. */
  state(): number | undefined {
    return this.#transactions > 0 || this.#journal.endedOfOthers().length > 0 ? undefined : this.lease.state;
  }

  /** See `Ledger.stateOfEarlier`. */
  stateOfEarlier(): number | undefined {
    if (this.#journal.endedOfOthers().length > 0) return undefined;
    const state = this.lease.state;
    return state === undefined ? undefined : state - this.#added + this.#others;
  }

  #adds(): void {
    this.lease.changed();
    this.#added++;
  }

  /** Gives the lease back when what is in flight has ended; from inside of it nobody can wait for that. */
  async close(): Promise<void> {
    await (this.#scope() === undefined ? this.lease.close() : this.release());
    if (this.later.isEmpty) this.#journal.end();
  }

  async connection(waitMs: number, onlyReads = false): Promise<DuckDBConnection> {
    await this.#recordedFirst(waitMs);
    const { file, free } = await this.lease.hold(waitMs, this.#scope() !== undefined, onlyReads);
    this.#others++;
    try {
      await file.useAllThreads();
      return lend(await file.connect(), free);
    } catch (error) {
      free();
      throw error;
    }
  }

  #scope(): Scope | undefined {
    const scope = this.#scopes.getStore();
    return scope?.isOver ? undefined : scope;
  }

  async #inside<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#scopes.run(scope, work);
    } finally {
      scope.isOver = true;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastWrite.then(work, work);
    this.#lastWrite = turn.catch(() => {}); // the caller gets the error from `turn`; the next in line only waits
    return turn;
  }

  async #large<T>(file: OpenFile, work: (db: Db) => Promise<T>): Promise<T> {
    await file.useAllThreads();
    this.#others++;
    this.lease.changed();
    try {
      return await this.#transaction(file.writer, BEGUN, work);
    } finally {
      this.#others++; // what was asked meanwhile may be as it was before
    }
  }

  async #transaction<T>(writer: LedgerConnection, begin: Begin, work: (db: Db) => Promise<T>): Promise<T> {
    this.#transactions++;
    try {
      refuseFullDisk(this.path);
      await begin(writer);
      const result = await this.#inside({ writer, isOver: false }, () => work(writer));
      await writer.run("COMMIT", []);
      return result;
    } catch (error) {
      writer.forgetFront();
      await writer.run("ROLLBACK", []).catch(() => {}); // DuckDB may have ended the transaction itself
      throw writeFailure(this.path, error);
    } finally {
      this.#transactions--;
    }
  }
}

/** Connections that were lost without being closed: the lease must not be kept for them. */
const lost = new FinalizationRegistry<() => void>((free) => free());

/** A connection that frees the lease when it is disconnected, or forgotten. */
function lend(connection: DuckDBConnection, free: () => void): DuckDBConnection {
  const disconnect = connection.disconnectSync.bind(connection);
  connection.disconnectSync = () => {
    disconnect();
    free();
  };
  lost.register(connection, free);
  return connection;
}
