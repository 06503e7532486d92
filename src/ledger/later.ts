/** Rows that are written behind the caller's back: gathered, then written in one transaction. */
import { LedgerError } from "../errors.ts";
import type { Db } from "./connection.ts";

/** One piece of work that may wait. */
type Write = (db: Db) => Promise<void>;
/** Does work in one transaction, and waits this long for the ledger; without a number as long as the ledger's opener allowed. */
type Transaction = (work: Write, waitMs: number | undefined) => Promise<void>;
/** Transactions of one piece of work, and of many whose inserts travel together. */
interface Transactions {
  readonly each: Transaction;
  readonly together: Transaction;
}
interface Entry {
  readonly write: Write;
  readonly key: string | undefined;
}

/** Writes wait this long for company. */
const COMPANY_MS = 100;
/** After a failure that may pass (a lock, a full disk) the writes wait this long. */
const AGAIN_MS = 2_000;

/** What is queued for one ledger. */
export class Later {
  readonly #transactions: Transactions;
  readonly #path: string;
  #queued: Entry[] = [];
  #flushing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(path: string, transactions: Transactions) {
    this.#path = path;
    this.#transactions = transactions;
  }

  /** Is something unwritten? */
  get isEmpty(): boolean {
    return this.#queued.length === 0 && this.#flushing === undefined;
  }

  /** Queues a write; of several with one key the last one counts. */
  add(write: Write, key?: string): void {
    if (key !== undefined) this.#queued = this.#queued.filter((entry) => entry.key !== key);
    this.#queued.push({ write, key });
    this.#wake(COMPANY_MS);
  }

  /** Writes all that is queued. Fails where the ledger cannot be had; the writes then stay queued. */
  async flush(waitMs?: number): Promise<void> {
    while (!this.isEmpty) {
      this.#flushing ??= this.#flushOnce(waitMs).finally(() => this.#flushing = undefined);
      await this.#flushing;
    }
    this.stop();
  }

  /** Stops the timer; what is queued stays queued. */
  stop(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The process ends and the ledger cannot be had: says what is lost. */
  giveUp(error: unknown): void {
    report(this.#path, `${this.#queued.length} writes are lost, since the process ends and the ledger cannot be written`, error);
    this.#queued = [];
    this.stop();
  }

  async #flushOnce(waitMs: number | undefined): Promise<void> {
    this.stop();
    const entries = this.#queued;
    this.#queued = [];
    try {
      await this.#together(entries, waitMs);
    } catch (error) {
      if (!(error instanceof LedgerError)) return await this.#oneByOne(entries, waitMs);
      this.#queued = [...entries, ...this.#queued];
      this.#wake(AGAIN_MS);
      throw error;
    }
  }

  #together(entries: readonly Entry[], waitMs: number | undefined): Promise<void> {
    const all = async (db: Db): Promise<void> => {
      for (const entry of entries) await entry.write(db);
    };
    return this.#transactions.together(all, waitMs);
  }

  /** One bad write must not take the others with it: each is tried on its own, and what fails again is reported. */
  async #oneByOne(entries: readonly Entry[], waitMs: number | undefined): Promise<void> {
    for (const [index, entry] of entries.entries()) {
      try {
        await this.#transactions.each(entry.write, waitMs);
      } catch (error) {
        if (error instanceof LedgerError) {
          this.#queued = [...entries.slice(index), ...this.#queued];
          this.#wake(AGAIN_MS);
          throw error;
        }
        report(this.#path, "a row could not be written and is left out", error);
      }
    }
  }

  #wake(ms: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.flush().catch((error) => report(this.#path, `${this.#queued.length} writes wait for the ledger and are tried again`, error));
    }, ms);
    Deno.unrefTimer(this.#timer);
  }
}

function report(path: string, what: string, error: unknown): void {
  console.error(`consist: ledger "${path}": ${what}.\n${error instanceof Error ? error.message : String(error)}`);
}
