/** The right to use a ledger's file, which one process at a time can have: taken when needed, given back soon. */
import { endsInstance, failureOf, otherUseFailure } from "./failures.ts";
import { sizeOf, statOf } from "./file_size.ts";
import { isThere, OpenFile } from "./instance.ts";
import { forgetInstance } from "./kept_instance.ts";
import { type OpeningParts, openInTurn } from "./opening.ts";
import { type Stamp, stampOf } from "./stamp.ts";
import { LOG_WHEN_BUSY, Stretch, type StretchTimes } from "./stretch.ts";
import { pause, waitWhile } from "./waiting.ts";

/** How long a lease is kept and left alone. */
export interface LeaseTimes extends StretchTimes {
  /** A lease that nobody uses is given back after this many milliseconds. */
  readonly idleMs: number;
}

/** What a test may replace. */
export interface LeaseParts extends LeaseTimes, OpeningParts {
  /** Does what has to be done with a file before it is given back; nothing where nothing has. */
  readonly beforeClose?: (file: OpenFile) => Promise<void> | undefined;
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
/** An idle lease is looked after so often whether somebody waits. */
const GLANCE_MS = 100;
/** So long is waited until DuckDB is at work on an opening: making an instance takes half of that. */
const LONGEST_UNDER_WAY_MS = 30;
/** Closing waits so long for others in this process who are at work with the file. */
const LONGEST_CLOSE_MS = 5_000;
/** And giving the file back so long. */
const LONGEST_GIVING_BACK_MS = 1_000;

/** The lease on one file. Work in flight keeps it; what waits for it waits alone. */
export class Lease {
  readonly path: string;
  readonly #parts: LeaseParts;
  readonly #stretch: Stretch;
  #file: OpenFile | undefined;
  #opening: Promise<void> | undefined;
  /** The same, where a new file is made. */
  #making: Promise<void> | undefined;
  /** Resolves when DuckDB has been asked for the next thing that takes it longer. */
  #asked = Promise.withResolvers<void>();
  #inFlight = 0;
  #held = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #giveBackSoon = false;
  #whenFree: (() => void)[] = [];
  #whenLeft: (() => void)[] = [];
  #stamp: Stamp | undefined;
  /** Which file is open, whatever lies at its path by now. */
  #inode: number | null | undefined;
  #foreign = 0;
  #emptyAsOf: number | undefined;
  /** The state in which this process made the file. */
  #made: string | undefined;
  #trimming: Promise<void> | undefined;
  #state = 0;

  constructor(path: string, parts: LeaseParts) {
    this.path = path;
    this.#parts = parts;
    this.#stretch = new Stretch(path, parts);
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
      file.doubt();
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

  /** Would the lease have to be given back within so many milliseconds, and others need it before it is wanted again? */
  isDueWithin(ms: number): boolean {
    return this.#file !== undefined && this.#stretch.isDueWithin(ms);
  }

  /**
   * Gives the lease back where nothing is in flight, else as soon as nothing is (`givenBack` waits for that). With `isGap` it is the end of a
   * stretch: the gap, which counts like any other, is over in part or wholly when the file is wanted again.
   */
  async giveBack(isGap = false): Promise<void> {
    if (isGap) this.#stretch.endsEarly();
    if (this.#trimming !== undefined) await this.#trimming; // it ends by itself, and who gives the file back may be about to block this thread
    if (this.#inFlight > 0) this.#giveBackSoon = true;
    else await this.#tidy(LOG_AT_IDLE, LOG_AT_IDLE); // somebody waits: a step begins
  }

  /** Waits a while until the file that is to be given back is: a step that keeps this thread busy would else keep it. */
  async givenBack(): Promise<void> {
    const isKept = () => this.#file !== undefined && this.#giveBackSoon && this.#held === 0;
    await waitWhile(isKept, () => this.#mayBeFree(), LONGEST_GIVING_BACK_MS);
  }

  /**
   * Waits a while until nothing is in flight but what was lent, and gives the lease back. A question that nobody waits for any more, because
   * another one failed, would else end in a runtime that is gone, which ends the process.
   */
  async close(): Promise<void> {
    const isInUse = () => this.#opening !== undefined || this.#inFlight > this.#held;
    await waitWhile(isInUse, () => this.#opening === undefined ? this.#nextLeft() : this.#openedFor(this.#opening), LONGEST_CLOSE_MS);
    if (this.#inFlight > 0) this.#giveBackSoon = true;
    else await this.#tidy(LOG_AT_CLOSE, LOG_AT_CLOSE);
    forgetInstance(this.path);
  }

  /**
   * A number that stays the same while nothing can have been written, also while the file is left to others: none of them can write without
   * changing its stamp. None where that cannot be told: with a lent file, and with a stamp too fresh to tell the next writing.
   */
  get state(): number | undefined {
    if (this.#held > 0) return undefined;
    return this.#file !== undefined || this.#isAsStamped() ? this.#state : undefined;
  }

  /**
   * Makes the file where there is none, and leaves it closed. Its runs are this process's own from the beginning, and it need not be asked for
   * them, nor waited for. Says whether it was made; where it cannot be, whoever wants it open is told why.
   */
  async make(): Promise<boolean> {
    if (this.#file !== undefined || this.#opening !== undefined) return false;
    this.#opening = this.#making = this.#make().finally(() => this.#opening = this.#making = undefined);
    await this.#opening;
    return this.#made !== undefined;
  }

  async #make(): Promise<void> {
    const nothing = this.foreignWrites();
    if (isThere(this.path)) return;
    this.#emptyAsOf = nothing;
    const onMade = (stamp: Stamp): void => {
      if (this.#foreign === nothing) this.#stamp = stamp; // that was ourselves
    };
    try {
      this.#made = await OpenFile.make(this.path, { ...this.#parts, onAsked: () => this.#isAsked(), onMade });
    } catch {
      this.#emptyAsOf = undefined;
    }
  }

  /** See `Ledger.underWay`. */
  underWay(): Promise<void> | undefined {
    if (this.#opening === undefined) return undefined;
    const asked = this.#asked;
    const isBefore = () => this.#opening !== undefined && this.#asked === asked;
    return waitWhile(isBefore, () => Promise.race([asked.promise, this.#opening?.catch(() => {})]), LONGEST_UNDER_WAY_MS);
  }

  /** See `Ledger.whenMade`. */
  get making(): Promise<void> | undefined {
    return this.#making;
  }

  /** Had the file no run when this process first had it, and has no other one written to it since? */
  isOwn(): boolean {
    return this.#emptyAsOf !== undefined && this.#emptyAsOf === this.foreignWrites();
  }

  /** Moves a log that has grown into the file while nobody waits for it: a step that gives the file back soon has it back the sooner. */
  trim(): void {
    const file = this.#file;
    const log = sizeOf(`${this.path}.wal`);
    if (file === undefined || file.isReadOnly || this.#inFlight > 0 || log <= Math.max(LOG_AT_IDLE_SMALL, sizeOf(this.path) / 8)) return;
    this.#trimming = this.#moveLog(file).finally(() => this.#trimming = undefined);
  }

  /** Was another program at the ledger lately, which cannot say that it waits? */
  get isMixed(): boolean {
    return this.#stretch.isMixed;
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
      if (this.#file !== undefined && fits && (nested || this.#held > 0 || !this.#stretch.isDue())) return this.#begin(this.#file);
      if (this.#file === undefined) await this.#open(waitMs, deadline, onlyReads);
      else if (this.#inFlight === 0) await this.#giveUp();
      else await this.#freed(fits, nested);
    }
  }

  /** Waits for the end of what is in flight. What would never end, since it waits for the caller itself, is an error. */
  #freed(fits: boolean, nested: boolean): Promise<void> {
    if (!fits && (nested || this.#held > 0)) throw otherUseFailure(this.path);
    if (!fits) this.#giveBackSoon = true;
    return this.#mayBeFree();
  }

  #mayBeFree(): Promise<void> {
    return new Promise<void>((resolve) => this.#whenFree.push(resolve));
  }

  #nextLeft(): Promise<void> {
    return new Promise<void>((resolve) => this.#whenLeft.push(resolve));
  }

  /** Resolves when an opening has ended, and who wanted it has begun. */
  async #openedFor(opening: Promise<void>): Promise<void> {
    await opening.catch(() => {}); // who wanted it gets the error
    await pause(0);
  }

  #begin(file: OpenFile): OpenFile {
    this.#inFlight++;
    this.#stopIdling();
    return file;
  }

  #leave(): void {
    this.#left();
    if (this.#inFlight === 0) {
      if (this.#giveBackSoon) this.#giveUp();
      else if (this.#stretch.isDue()) this.#tidy(LOG_WHEN_BUSY, LOG_WHEN_BUSY);
      else this.#startIdling();
    }
    this.#wake(); // it may be due no more, as where nobody waits any longer
  }

  #left(): void {
    this.#inFlight--;
    for (const resolve of this.#whenLeft.splice(0)) resolve();
  }

  /** Those who wait for the end of what is in flight look again. */
  #wake(): void {
    for (const resolve of this.#whenFree.splice(0)) resolve();
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
    const { file, tried } = await openInTurn(this.path, {
      ...this.#parts,
      stretch: this.#stretch,
      waitMs,
      onlyReads,
      made: this.#made,
      onAsked: () => this.#isAsked(),
    });
    this.#made = undefined;
    this.#opened(file, tried);
  }

  #isAsked(): void {
    this.#asked.resolve();
    this.#asked = Promise.withResolvers();
  }

  #opened(file: OpenFile, tried: number): void {
    if (file.noted?.[0].text === this.#stamp?.text) this.#stamp = file.noted?.[1] ?? this.#stamp; // that was ourselves
    if (!this.#isAsStamped()) this.changed();
    this.foreignWrites();
    if (file.isEmpty) this.#emptyAsOf = this.#foreign;
    this.#file = file;
    this.#inode = statOf(this.path)?.ino;
    if (file.isShared) this.#stretch.sawAnother();
    this.#stretch.opened(tried, !file.isReadOnly);
    this.#giveBackSoon = false;
    this.#startIdling();
  }

  /** Waits for the next use, for so long; where another process waits, only for a moment. */
  #startIdling(left = this.#parts.idleMs): void {
    this.#stopIdling();
    const ms = Math.min(left, GLANCE_MS);
    const isOver = () => left <= ms || this.#stretch.isAwaited();
    this.#idle = setTimeout(() => isOver() ? this.#tidy(LOG_AT_IDLE_SMALL, LOG_AT_IDLE) : this.#startIdling(left - ms), ms);
    Deno.unrefTimer(this.#idle);
  }

  #stopIdling(): void {
    if (this.#idle !== undefined) clearTimeout(this.#idle);
    this.#idle = undefined;
  }

  /** Gives the lease back; a log that has grown is moved into the file before, as work in flight that others need not wait for. */
  async #tidy(limitSmall: number, limit: number): Promise<void> {
    const last = this.#lastWork();
    if (last !== undefined) await last;
    const file = this.#file;
    if (file === undefined || this.#inFlight > 0) return;
    if (file.isReadOnly || sizeOf(`${this.path}.wal`) <= (sizeOf(this.path) < SMALL_FILE ? limitSmall : limit)) return this.#close();
    this.#giveBackSoon = true;
    await this.#moveLog(file);
  }

  /**
   * Moves the log into the file, as work in flight. It simply stays for the next time where it cannot be moved: a transaction of the user's own
   * is open, or the disk is full.
   */
  #moveLog(file: OpenFile): Promise<void> {
    this.#begin(file);
    return file.checkpoint().catch(() => {}).finally(() => this.#leave());
  }

  /** Closes the file: at once, or when what has to be done before is done, where nobody uses it then. */
  async #giveUp(): Promise<void> {
    const last = this.#lastWork();
    if (last !== undefined) await last;
    if (this.#inFlight === 0) this.#close();
  }

  /** What has to be done before the file is given back, as work in flight. What fails stays to be done, and is told by whoever does it then. */
  #lastWork(): Promise<void> | undefined {
    const file = this.#file;
    if (file === undefined || file.isReadOnly || this.#inFlight > 0) return undefined;
    const work = this.#parts.beforeClose?.(file);
    if (work === undefined) return undefined;
    this.#begin(file);
    return work.catch(() => file.doubt()).finally(() => this.#left());
  }

  #close(): void {
    this.#stopIdling();
    this.#giveBackSoon = false;
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) this.#stampAtEnd();
    file?.close();
    this.#stretch.ended();
    this.#wake();
  }

  /** While nobody else can write: closing changes nothing. What lies there by now may be another file, of which nothing is known. */
  #stampAtEnd(): void {
    if (statOf(this.path)?.ino === this.#inode) this.#stamp = stampOf(this.path);
    else this.changed();
  }
}
