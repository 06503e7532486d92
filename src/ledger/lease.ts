/** The right to use a ledger's file, which one process at a time can have: taken when needed, given back soon. */
import { endsInstance, failureOf, openFailure, otherUseFailure } from "./failures.ts";
import { sizeOf } from "./file_size.ts";
import { OpenFile } from "./instance.ts";
import type { Migrations } from "./migrations.ts";
import { type Stamp, stampOf } from "./stamp.ts";

/** How long a lease is kept, waited for and left alone. */
export interface LeaseTimes {
  /** A lease that nobody uses is given back after this many milliseconds. */
  readonly idleMs: number;
  /** A lease is given back after this many milliseconds of use, so that other processes get their turn. */
  readonly stretchMs: number;
  /** After such a stretch the file is left alone for this many milliseconds. */
  readonly gapMs: number;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
}

/** What a test may replace. */
export interface LeaseParts extends LeaseTimes {
  /** Other migrations than the library's. */
  readonly migrations?: Migrations | undefined;
}

/** A log larger than this is moved into the file when nobody uses the lease (each KiB costs the next opening 0.25 ms). */
const LOG_AT_IDLE = 256 * 1024;
/** The same for a file so small that it takes no time. */
const LOG_AT_IDLE_SMALL = 64 * 1024;
const SMALL_FILE = 8 * 1024 * 1024;
/**
 * And one larger than this at the end, which is what an executed run writes: another program that only looks is to find no log, since it would
 * damage indexes, and then miss what they no longer find (`sound_indexes.ts`).
 */
const LOG_AT_CLOSE = 4 * 1024;
/** A log larger than this is moved also at the end of a busy stretch. */
const LOG_WHEN_BUSY = 1024 * 1024;
/** Tries while another process has the file: soon at first, then often enough to meet a gap of 200 ms. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 120;
/** Closing waits so long for others in this process who are at work with the file. */
const LONGEST_CLOSE_MS = 5_000;
/** A file that cannot be opened may have been caught while another process ends or puts it in order: so often it is tried again at once. */
const TRIED_AGAIN = 2;

/**
 * Whoever tries at a steady pace may meet our stretches and never our gaps: on a busy machine Python's tries come every 2.3 s, as our
 * stretches do, and one session in four was kept out. Each so many stretches the gap is longer than the time between two tries.
 */
const STRETCHES_TO_LONG_GAP = 8;
/** Such a gap, in stretches: 2.6 s. */
const LONG_GAP = 1.3;

/**
 * Two of our processes in steady use fill each other's gaps, so that somebody who tries every two seconds never meets one. Where a process had
 * to wait for another one, all leave the file alone at the same moments of the clock: once in so many stretches, for longer than the time
 * between two tries.
 */
const STRETCHES_TO_QUIET = 8;
/** Such a moment, in stretches: 2.8 s, and 6 s where another program has written: each run of Python's library opens the file about ten times. */
const QUIET = 1.4;
const QUIET_SHARED = 3;
/** For so many stretches after it had to wait, a process takes it that it is not alone. */
const STRETCHES_OF_COMPANY = 16;

/** The lease on one file. Work in flight keeps it; what waits for it waits alone. */
export class Lease {
  readonly path: string;
  readonly #parts: LeaseParts;
  #file: OpenFile | undefined;
  #opening: Promise<void> | undefined;
  #inFlight = 0;
  #held = 0;
  #since = -Infinity;
  #givenBackAt = -Infinity;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #giveBackSoon = false;
  #whenFree: (() => void)[] = [];
  #whenLeft: (() => void)[] = [];
  #stamp: Stamp | undefined;
  #foreign = 0;
  #stretches = 0;
  #isGap = false;
  #state = 0;
  #companyUntil = -Infinity;
  #isShared = false;

  constructor(path: string, parts: LeaseParts) {
    this.path = path;
    this.#parts = parts;
  }

  /** Does this process have the file now? */
  get isHeld(): boolean {
    return this.#file !== undefined;
  }

  /**
   * Does one piece of work with the open file. `nested` work belongs to work in flight and never waits for its end. With `onlyReads` the file is
   * open in such a way that nothing can be written; those who write and those who may not have their turns one after the other.
   */
  async use<T>(waitMs: number, nested: boolean, work: (file: OpenFile) => Promise<T>, onlyReads = false): Promise<T> {
    const file = await this.#enter(waitMs, nested, onlyReads);
    try {
      return await work(file);
    } catch (error) {
      if (endsInstance(error)) this.#giveBackSoon = true;
      throw error;
    } finally {
      this.#leave();
    }
  }

  /** Keeps the lease until the returned function is called. */
  async hold(waitMs: number, nested: boolean, onlyReads = false): Promise<{ file: OpenFile; free: () => void }> {
    const file = await this.#enter(waitMs, nested, onlyReads);
    this.#held++;
    this.changed();
    let isFree = false;
    const free = () => {
      if (isFree) return;
      isFree = true;
      this.#held--;
      this.#leave();
    };
    return { file, free };
  }

  /** Will the stretch be over within so many milliseconds? */
  isDueWithin(ms: number): boolean {
    return this.#file !== undefined && this.#parts.clock() - this.#since + ms > this.#parts.stretchMs;
  }

  /**
   * Gives the lease back where nothing is in flight, else as soon as nothing is; then nobody waits for that. With `isGap` it is the end of a
   * stretch: the gap, which counts like any other, is over in part or wholly when the file is wanted again.
   */
  async giveBack(isGap = false): Promise<void> {
    this.#isGap ||= isGap;
    if (this.#inFlight > 0) this.#giveBackSoon = true;
    else await this.#tidy(LOG_AT_IDLE_SMALL, LOG_AT_IDLE);
  }

  /**
   * Waits a while until nothing is in flight but what was lent, and gives the lease back. A question that nobody waits for any more, because
   * another one failed, would else end in a runtime that is gone, which ends the process.
   */
  async close(): Promise<void> {
    const late = Promise.withResolvers<true>();
    const timer = setTimeout(() => late.resolve(true), LONGEST_CLOSE_MS);
    for (let isLate = false; this.#inFlight > this.#held && !isLate;) {
      isLate = await Promise.race([new Promise<false>((resolve) => this.#whenLeft.push(() => resolve(false))), late.promise]);
    }
    clearTimeout(timer);
    if (this.#inFlight > 0) this.#giveBackSoon = true;
    else await this.#tidy(LOG_AT_CLOSE, LOG_AT_CLOSE);
  }

  /**
   * A number that stays the same while nothing can have been written, also while the file is left to others: none of them can write without
   * changing its stamp. None where that cannot be told: with a lent file, and with a stamp too fresh to tell the next writing.
   */
  get state(): number | undefined {
    if (this.#held > 0) return undefined;
    return this.#file !== undefined || this.#isAsStamped() ? this.#state : undefined;
  }

  /** Does somebody keep the lease for a connection of his own? */
  get isLent(): boolean {
    return this.#held > 0;
  }

  /** Something is about to be written. */
  changed(): void {
    this.#state++;
  }

  /** A number that grows whenever another process may have written since it was last asked for. */
  foreignWrites(): number {
    const now = this.#file === undefined ? stampOf(this.path) : this.#stamp;
    if (now?.text !== this.#stamp?.text) {
      this.#stamp = now;
      this.changed();
      this.#foreign++;
    }
    return this.#foreign;
  }

  #isAsStamped(): boolean {
    return this.#stamp?.isSettled === true && stampOf(this.path).text === this.#stamp.text;
  }

  async #enter(waitMs: number, nested: boolean, onlyReads: boolean): Promise<OpenFile> {
    const deadline = this.#parts.clock() + waitMs;
    for (;;) {
      const fits = this.#file?.isReadOnly === onlyReads;
      if (this.#file !== undefined && fits && (nested || this.#held > 0 || !this.#isOverstretched())) return this.#begin(this.#file);
      if (this.#file === undefined) await this.#open(waitMs, deadline, onlyReads);
      else if (this.#inFlight === 0) this.#close();
      else await this.#freed(fits, nested);
    }
  }

  /** Waits for the end of what is in flight. What would never end, since it waits for the caller itself, is an error. */
  #freed(fits: boolean, nested: boolean): Promise<void> {
    if (!fits && (nested || this.#held > 0)) throw otherUseFailure(this.path);
    if (!fits) this.#giveBackSoon = true;
    return new Promise<void>((resolve) => this.#whenFree.push(resolve));
  }

  #begin(file: OpenFile): OpenFile {
    this.#inFlight++;
    this.#stopIdling();
    return file;
  }

  #leave(): void {
    this.#inFlight--;
    for (const resolve of this.#whenLeft.splice(0)) resolve();
    if (this.#inFlight > 0) return;
    if (this.#giveBackSoon) this.#close();
    else if (this.#isOverstretched()) this.#tidy(LOG_WHEN_BUSY, LOG_WHEN_BUSY);
    else this.#startIdling();
  }

  #isOverstretched(): boolean {
    return this.#quietLeft() > 0 || this.#parts.clock() - this.#since > this.#parts.stretchMs;
  }

  /** How long, in milliseconds, all processes in steady use leave the file alone from now on. */
  #quietLeft(): number {
    const { clock, stretchMs } = this.#parts;
    if (clock() > this.#companyUntil) return 0;
    return Math.max(0, stretchMs * (this.#isShared ? QUIET_SHARED : QUIET) - Date.now() % (stretchMs * STRETCHES_TO_QUIET));
  }

  /** Notes that another process has the file, where it has it for longer than a moment. */
  #meetOthers(waited: number): void {
    const { clock, stretchMs, gapMs } = this.#parts;
    if (waited > gapMs) this.#companyUntil = clock() + stretchMs * STRETCHES_OF_COMPANY;
  }

  /** One opening for all who wait. Who joined late and saw it fail tries again until its own time is over. */
  async #open(waitMs: number, deadline: number, onlyReads: boolean): Promise<void> {
    this.#opening ??= this.#openUp(waitMs, onlyReads).finally(() => this.#opening = undefined);
    try {
      await this.#opening;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (failureOf(cause) !== "locked" || this.#parts.clock() >= deadline) throw error;
    }
  }

  async #openUp(waitMs: number, onlyReads: boolean): Promise<void> {
    const began = this.#parts.clock();
    let failed = 0;
    await this.#rest(waitMs);
    for (let wait = FIRST_WAIT_MS;; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
      try {
        const open = onlyReads ? OpenFile.openToRead : OpenFile.open;
        return this.#opened(await open(this.path, this.#parts.migrations));
      } catch (error) {
        const waited = this.#parts.clock() - began;
        const mayPass = failureOf(error) === "locked" ? waited < waitMs : ++failed <= TRIED_AGAIN;
        if (!mayPass) throw openFailure(this.path, error, waited);
      }
      const waited = this.#parts.clock() - began;
      this.#meetOthers(waited);
      await pause(Math.max(wait * (0.5 + Math.random()), Math.min(this.#quietLeft(), waitMs - waited)));
    }
  }

  /** After a full stretch the file is left alone for a while. */
  async #rest(waitMs: number): Promise<void> {
    const quiet = Math.min(this.#quietLeft(), waitMs);
    if (quiet > 0) {
      await pause(quiet);
      this.#givenBackAt = -Infinity;
      return;
    }
    const rested = this.#parts.clock() - this.#givenBackAt;
    const { gapMs, stretchMs } = this.#parts;
    const isGap = this.#isGap;
    this.#isGap = false;
    if (!isGap && (rested >= gapMs || !this.#isOverstretched())) return;
    this.#stretches = (this.#stretches + 1) % STRETCHES_TO_LONG_GAP;
    const left = (this.#stretches === 0 ? stretchMs * LONG_GAP : gapMs) - rested;
    if (left > 0) await pause(left);
    this.#givenBackAt = -Infinity;
  }

  /** A stretch that was interrupted for less than the gap goes on: else brief pauses would keep others out for good. */
  #opened(file: OpenFile): void {
    if (!this.#isAsStamped()) this.changed();
    this.foreignWrites();
    this.#file = file;
    this.#isShared ||= file.isShared;
    const now = this.#parts.clock();
    if (now - this.#givenBackAt >= this.#parts.gapMs) this.#since = now;
    this.#giveBackSoon = false;
    this.#startIdling();
  }

  #startIdling(): void {
    this.#stopIdling();
    this.#idle = setTimeout(() => this.#tidy(LOG_AT_IDLE_SMALL, LOG_AT_IDLE), this.#parts.idleMs);
    Deno.unrefTimer(this.#idle);
  }

  #stopIdling(): void {
    if (this.#idle !== undefined) clearTimeout(this.#idle);
    this.#idle = undefined;
  }

  /** Gives the lease back; a log that has grown is moved into the file before, as work in flight that others need not wait for. */
  async #tidy(limitSmall: number, limit: number): Promise<void> {
    const file = this.#file;
    if (file === undefined || this.#inFlight > 0) return;
    if (file.isReadOnly || sizeOf(`${this.path}.wal`) <= (sizeOf(this.path) < SMALL_FILE ? limitSmall : limit)) return this.#close();
    this.#begin(file);
    this.#giveBackSoon = true;
    // The log simply stays for the next time where it cannot be moved: a transaction of the user's own is open, or the disk is full.
    await file.checkpoint().catch(() => {}).finally(() => this.#leave());
  }

  #close(): void {
    this.#stopIdling();
    this.#giveBackSoon = false;
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) this.#stamp = stampOf(this.path); // while nobody else can write: closing changes nothing
    file?.close();
    this.#givenBackAt = this.#parts.clock();
    for (const resolve of this.#whenFree.splice(0)) resolve();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
