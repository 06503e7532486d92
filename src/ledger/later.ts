/** Rows that are written behind the caller's back: gathered, then written in one transaction. */
import { LedgerError } from "../errors.ts";
import type { Db } from "./connection.ts";
import type { ServableRow } from "./own_runs.ts";

/** One piece of work that may wait. */
export type Write = (db: Db) => Promise<void>;
/** Does work in one transaction, and waits this long for the ledger; without a number as long as the ledger's opener allowed. */
type Transaction = (work: Write, waitMs: number | undefined) => Promise<void>;
/** Transactions of one piece of work, and of many whose inserts travel together. */
export interface Transactions {
  readonly each: Transaction;
  readonly together: Transaction;
  /** Called after a writing that nobody waited for. */
  readonly afterwards?: () => void;
}

/** What is known of a write. */
export interface WriteOptions {
  /** Signatures and models: who asks for one of these has to find what is written. */
  readonly about?: readonly string[];
  /** Is it still to be written, as was found when its turn came? @default always */
  readonly isWanted?: () => boolean;
  /** Does nobody miss it while the file is left to others? @default false */
  readonly mayStay?: boolean;
  /** What a run that has ended can serve. */
  readonly serves?: Serves | undefined;
  /** Called when it is in the file. */
  readonly onWritten?: () => void;
}
interface Entry extends WriteOptions {
  readonly write: Write;
  readonly since: number;
}
/** What a run that has ended can serve, and under which signature. */
export interface Serves extends ServableRow {
  readonly signature: string;
}

/** Writes wait this long for company. */
const COMPANY_MS = 100;
/** Runs that are in the journal can wait longer: ten in one transaction take the log and whoever opens it next a third of ten by themselves. */
const COMPANY_IN_JOURNAL_MS = 500;
/**
 * A step that begins does not wait until younger ones of them are written. Other programs, which know of no journal, see them when it has ended:
 * with long steps, one after the other, always all but the last.
 */
const LONGEST_IN_JOURNAL_MS = 5_000;
/** After a failure that may pass (a lock, a full disk) the writes wait this long. */
const AGAIN_MS = 2_000;

/** What is queued for one ledger. */
export class Later {
  readonly #transactions: Transactions;
  readonly #path: string;
  readonly #clock: () => number;
  #queued: Entry[] = [];
  /** What a transaction is writing at this moment. */
  #underway: readonly Entry[] = [];
  /** What tries to write, and may wait for the ledger. */
  readonly #attempts = new Set<Promise<void>>();
  #flushing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `clock` gives milliseconds that only grow. */
  constructor(path: string, transactions: Transactions, clock: () => number) {
    this.#path = path;
    this.#clock = clock;
    this.#transactions = transactions;
  }

  /** Is nothing unwritten? */
  get isEmpty(): boolean {
    return this.#queued.length === 0 && this.#attempts.size === 0;
  }

  /** Does something wait that has to be done before the file is left to others for long, who can read the journal? */
  get isDue(): boolean {
    const old = this.#clock() - LONGEST_IN_JOURNAL_MS;
    return this.#queued.some(({ mayStay, isWanted, since }) => mayStay !== true && (isWanted === undefined || since < old));
  }

  /** What runs with this signature can serve that are nowhere but here and in the journal, the newest first. */
  serving(signature: string): ServableRow[] {
    const entries = [...this.#underway, ...this.#queued].filter(({ serves, isWanted }) =>
      serves?.signature === signature && isWanted?.() === true
    );
    return entries.map(({ serves }) => serves!).reverse();
  }

  /** Does something wait for its turn? */
  get isQueued(): boolean {
    return this.#queued.length > 0;
  }

  /** Is something unwritten that whoever asks for this has to find? Without a word any that has to be found by some. */
  concerns(about?: string): boolean {
    return [...this.#underway, ...this.#queued].some((entry) =>
      entry.about !== undefined && (about === undefined || entry.about.includes(about))
    );
  }

  /** Queues a write. */
  add(write: Write, options: WriteOptions = {}): void {
    this.#queued.push({ write, since: this.#clock(), ...options });
    this.#wake(options.isWanted === undefined ? COMPANY_MS : COMPANY_IN_JOURNAL_MS);
  }

  /** Writes all that is queued. Fails where the ledger cannot be had; the writes then stay queued. */
  async flush(waitMs?: number): Promise<void> {
    while (!this.isEmpty) {
      if (this.#queued.length === 0) await Promise.allSettled(this.#attempts); // what fails is queued again
      else await (this.#flushing ??= this.#attempt(this.#flushOnce(this.#transactions, waitMs)).finally(() => this.#flushing = undefined));
    }
    this.stop();
  }

  /** Writes what is queued where the ledger can be had at once, and nobody tries already. What cannot be written stays queued. */
  async tryOnce(): Promise<void> {
    if (this.#attempts.size === 0) await this.flush(0).catch(() => {}); // whoever needs it written tells why it cannot be
  }

  /** Writes what is queued by other transactions than its own; who waits for the ledger with a flush meanwhile finds nothing left to do. */
  async flushBy(transactions: Transactions): Promise<void> {
    await this.#attempt(this.#flushOnce(transactions, undefined));
  }

  /**
   * Does a piece of work in one transaction with all that is queued, where that can be written; `transaction` is called again with the work alone
   * where it cannot.
   */
  async together(work: Write, transaction: (work: Write) => Promise<void>): Promise<void> {
    if (!this.isQueued) await transaction(work);
    else await this.#attempt(this.#together(work, transaction));
  }

  async #together(work: Write, transaction: (work: Write) => Promise<void>): Promise<void> {
    const taken: Entry[] = [];
    try {
      await transaction(async (db) => {
        await this.#writeAll(db, taken);
        await work(db);
      });
      this.#written(taken);
    } catch (error) {
      this.#putBack(taken);
      this.#wake(AGAIN_MS);
      if (error instanceof LedgerError) throw error;
      await transaction(work); // whose fault it was: the queue tries its own one by one
    }
  }

  /** Stops the timer; what is queued stays queued. */
  stop(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The process ends and the ledger cannot be had: says what is lost. */
  giveUp(error: unknown): void {
    const lost = this.#queued.filter(({ isWanted, mayStay }) => isWanted === undefined && mayStay !== true); // the others are in the journal
    if (lost.length > 0) {
      report(this.#path, `${lost.length} writes are lost, since the process ends and the ledger cannot be written`, error);
    }
    this.#queued = [];
    this.stop();
  }

  #attempt(writing: Promise<void>): Promise<void> {
    const attempt = writing.finally(() => this.#attempts.delete(attempt));
    this.#attempts.add(attempt);
    return attempt;
  }

  async #flushOnce(transactions: Transactions, waitMs: number | undefined): Promise<void> {
    this.stop();
    const taken: Entry[] = [];
    try {
      await transactions.together((db) => this.#writeAll(db, taken), waitMs);
      this.#written(taken);
    } catch (error) {
      this.#putBack(taken);
      if (!(error instanceof LedgerError)) return await this.#oneByOne(transactions, waitMs);
      this.#wake(AGAIN_MS);
      throw error;
    }
  }

  /** What is queued is taken when its turn has come: until then others may write it. */
  async #writeAll(db: Db, taken: Entry[]): Promise<void> {
    taken.push(...this.#queued);
    this.#queued = [];
    this.#underway = [...this.#underway, ...taken];
    for (const { write, isWanted } of taken) if (isWanted?.() !== false) await write(db);
  }

  #written(taken: readonly Entry[]): void {
    this.#underway = this.#underway.filter((entry) => !taken.includes(entry));
    for (const { onWritten } of taken) onWritten?.();
  }

  #putBack(taken: readonly Entry[]): void {
    this.#underway = this.#underway.filter((entry) => !taken.includes(entry));
    this.#queued = [...taken, ...this.#queued];
  }

  /** One bad write must not take the others with it: each is tried on its own, and what fails again is reported. */
  async #oneByOne(transactions: Transactions, waitMs: number | undefined): Promise<void> {
    const entries = this.#queued;
    this.#queued = [];
    this.#underway = [...this.#underway, ...entries];
    for (const [index, entry] of entries.entries()) {
      try {
        if (entry.isWanted?.() !== false) await transactions.each(entry.write, waitMs);
        this.#written([entry]);
      } catch (error) {
        if (error instanceof LedgerError) {
          this.#putBack(entries.slice(index));
          this.#wake(AGAIN_MS);
          throw error;
        }
        this.#underway = this.#underway.filter((other) => other !== entry);
        report(this.#path, "a row could not be written and is left out", error);
      }
    }
  }

  #wake(ms: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.flush().then(
        () => this.#transactions.afterwards?.(),
        (error) => report(this.#path, `${this.#queued.length} writes wait for the ledger and are tried again`, error),
      );
    }, ms);
    Deno.unrefTimer(this.#timer);
  }
}

function report(path: string, what: string, error: unknown): void {
  console.error(`consist: ledger "${path}": ${what}.\n${error instanceof Error ? error.message : String(error)}`);
}
