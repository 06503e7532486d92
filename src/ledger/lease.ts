/** The right to use a ledger's file, which one process at a time can have: taken when needed, given back soon. */
import { Company } from "./company.ts";
import { endsInstance, failureOf, isOtherProgram, openFailure, otherUseFailure } from "./failures.ts";
import { sizeOf } from "./file_size.ts";
import { OpenFile } from "./instance.ts";
import { forgetInstance } from "./kept_instance.ts";
import type { Migrations } from "./migrations.ts";
import { type Stamp, stampOf } from "./stamp.ts";
import { Turns } from "./turns.ts";

/** How long a lease is kept, waited for and left alone. */
export interface LeaseTimes {
  /** A lease that nobody uses is given back after this many milliseconds. */
  readonly idleMs: number;
  /** A lease for which another process says that it waits is given back after this many milliseconds of use, or when nobody uses it. */
  readonly turnMs: number;
  /** A lease is given back after this many milliseconds of use, for those who cannot say that they wait. */
  readonly stretchMs: number;
  /** After such a stretch the file is left alone for this many milliseconds. */
  readonly gapMs: number;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What a test may replace. */
export interface LeaseParts extends LeaseTimes {
  /** Other migrations than the library's. */
  readonly migrations?: Migrations | undefined;
  /** Does what has to be done with a file that was opened, before anybody uses it. */
  readonly onOpen?: (file: OpenFile) => Promise<void>;
  /** Is there something to be done with a file, for which it has to be open to be written? */
  readonly hasLeft?: () => boolean;
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
/** A log larger than this is moved also at the end of a busy stretch. */
const LOG_WHEN_BUSY = 1024 * 1024;
/** Tries while another process has the file: soon at first, then often enough to meet a gap of 200 ms. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 120;
/** And where that process knows that it is waited for: a try costs some milliseconds, opening the file about 40. */
const LONGEST_ANNOUNCED_MS = 60;
/** A turn takes so many times as long as opening the file took: on a busy machine the next one's opening takes long, too. */
const OPENINGS_IN_TURN = 10;
/** An idle lease is looked after so often whether somebody waits. */
const GLANCE_MS = 100;
/** So long is waited until DuckDB is at work on an opening: making an instance takes half of that. */
const LONGEST_UNDER_WAY_MS = 30;
/** Who says that he waits, and does not take his turn (he is stopped, or computes without a pause), is not given way to for so long. */
const IGNORED_MS = 5_000;
/** Closing waits so long for others in this process who are at work with the file. */
const LONGEST_CLOSE_MS = 5_000;
/** And giving the file back so long. */
const LONGEST_GIVING_BACK_MS = 1_000;
/** A file that cannot be opened may have been caught while another process ends or puts it in order: so often it is tried again at once. */
const TRIED_AGAIN = 2;

/**
 * Whoever tries at a steady pace may meet our stretches and never our gaps: on a busy machine Python's tries come every 2.3 s, as our
 * stretches do, and one session in four was kept out. Each so many stretches the gap is longer than the time between two tries. Where
 * all others say that they wait it is the only one, and comes by the clock, also where steps are slow: Python goes on trying for 27 s.
 */
const STRETCHES_TO_LONG_GAP = 8;
/** Such a gap, in stretches: 2.6 s. */
const LONG_GAP = 1.3;

/** The lease on one file. Work in flight keeps it; what waits for it waits alone. */
export class Lease {
  readonly path: string;
  readonly #parts: LeaseParts;
  readonly #turns: Turns;
  readonly #company: Company;
  #file: OpenFile | undefined;
  #opening: Promise<void> | undefined;
  /** Resolves when DuckDB has been asked for the next thing that takes it longer. */
  #asked = Promise.withResolvers<void>();
  #inFlight = 0;
  #held = 0;
  #since = -Infinity;
  #givenBackAt = -Infinity;
  #closedAt = -Infinity;
  #usedSince = -Infinity;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #giveBackSoon = false;
  #whenFree: (() => void)[] = [];
  #whenLeft: (() => void)[] = [];
  #stamp: Stamp | undefined;
  #foreign = 0;
  #emptyAsOf: number | undefined;
  #trimming: Promise<void> | undefined;
  #stretches = 0;
  #isGap = false;
  #state = 0;
  #turn = 0;
  #isKeptWaiting = false;
  #ignoresUntil = -Infinity;

  constructor(path: string, parts: LeaseParts) {
    this.path = path;
    this.#parts = parts;
    this.#turns = new Turns(path, parts.clock);
    this.#company = new Company({ path, ...parts, seenAt: () => this.#turns.lastSeen() }, parts.clock);
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
    if (this.#file === undefined) return false;
    const used = this.#parts.clock() - this.#since + ms;
    return used > this.#turn && this.#isAwaited() || used > this.#parts.stretchMs && this.#gap(this.#stretches + 1) > 0;
  }

  /**
   * Gives the lease back where nothing is in flight, else as soon as nothing is (`givenBack` waits for that). With `isGap` it is the end of a
   * stretch: the gap, which counts like any other, is over in part or wholly when the file is wanted again.
   */
  async giveBack(isGap = false): Promise<void> {
    this.#isGap ||= isGap;
    if (this.#trimming !== undefined) await this.#trimming; // it ends by itself, and who gives the file back may be about to block this thread
    if (this.#inFlight > 0) this.#giveBackSoon = true;
    else await this.#tidy(LOG_AT_IDLE, LOG_AT_IDLE); // somebody waits: a step begins
  }

  /** Waits a while until the file that is to be given back is: a step that keeps this thread busy would else keep it. */
  async givenBack(): Promise<void> {
    const end = this.#parts.clock() + LONGEST_GIVING_BACK_MS;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, LONGEST_GIVING_BACK_MS);
    while (this.#file !== undefined && this.#giveBackSoon && this.#held === 0 && this.#parts.clock() < end) {
      await Promise.race([new Promise<void>((resolve) => this.#whenFree.push(resolve)), late.promise]);
    }
    clearTimeout(timer);
  }

  /**
   * Waits a while until nothing is in flight but what was lent, and gives the lease back. A question that nobody waits for any more, because
   * another one failed, would else end in a runtime that is gone, which ends the process.
   */
  async close(): Promise<void> {
    const late = Promise.withResolvers<true>();
    const timer = setTimeout(() => late.resolve(true), LONGEST_CLOSE_MS);
    if (this.#opening !== undefined) { // for a step that failed before the file was needed
      await Promise.race([this.#opening.catch(() => {}), late.promise]);
      await pause(0); // who opened it begins
    }
    for (let isLate = false; this.#inFlight > this.#held && !isLate;) {
      isLate = await Promise.race([new Promise<false>((resolve) => this.#whenLeft.push(() => resolve(false))), late.promise]);
    }
    clearTimeout(timer);
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

  /** See `Ledger.underWay`. */
  underWay(): Promise<void> | undefined {
    if (this.#opening === undefined) return undefined;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, LONGEST_UNDER_WAY_MS);
    return Promise.race([this.#asked.promise, this.#opening.catch(() => {}), late.promise]).finally(() => clearTimeout(timer));
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
    return this.#company.isMixed;
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
      if (this.#file !== undefined && fits && (nested || this.#held > 0 || !this.#isDue())) return this.#begin(this.#file);
      if (this.#file === undefined) await this.#open(waitMs, deadline, onlyReads);
      else if (this.#inFlight === 0) await this.#giveUp();
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
    this.#left();
    if (this.#inFlight === 0) {
      if (this.#giveBackSoon) this.#giveUp();
      else if (this.#isDue()) this.#tidy(LOG_WHEN_BUSY, LOG_WHEN_BUSY);
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

  /** Is the file to be given back as soon as nothing is in flight? Where nobody could need it meanwhile, another stretch begins. */
  #isDue(): boolean {
    if (this.#company.quietLeft() > 0) return true;
    if (this.#parts.clock() - this.#since <= this.#turn) return false;
    if (this.#isAwaited()) {
      this.#company.met();
      return true;
    }
    return this.#isOverstretched() && !this.#goOn();
  }

  #isOverstretched(): boolean {
    return this.#company.quietLeft() > 0 || this.#parts.clock() - this.#since > this.#parts.stretchMs;
  }

  /** Begins another stretch at once, where no gap is due, and no log that would have to be moved. */
  #goOn(): boolean {
    if (this.#gap(this.#stretches + 1) > 0 || sizeOf(`${this.path}.wal`) > LOG_WHEN_BUSY) return false;
    this.#stretches++;
    this.#since = this.#parts.clock();
    return true;
  }

  /** The gap after so many stretches, in milliseconds: none where all who may want the file say so. */
  #gap(stretches: number): number {
    const { clock, stretchMs, gapMs } = this.#parts;
    const allSaySo = clock() >= this.#ignoresUntil && this.#turns.arePossible(this.#file?.isReadOnly === false) && !this.#company.isMixed;
    const isLong = allSaySo ? clock() - this.#usedSince > stretchMs * STRETCHES_TO_LONG_GAP : stretches % STRETCHES_TO_LONG_GAP === 0;
    return isLong ? stretchMs * LONG_GAP : allSaySo ? 0 : gapMs;
  }

  #isAwaited(): boolean {
    return this.#turns.isAwaited() && this.#parts.clock() >= this.#ignoresUntil;
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
    let withdraw: (() => void) | undefined;
    await this.#rest(waitMs);
    try {
      for (let wait = FIRST_WAIT_MS;; wait = Math.min(wait * 1.5, withdraw ? LONGEST_ANNOUNCED_MS : LONGEST_WAIT_MS)) {
        try {
          const tried = this.#parts.clock();
          if (onlyReads) await this.#bringForward();
          const open = onlyReads ? OpenFile.openToRead : OpenFile.open;
          const file = await open(this.path, { migrations: this.#parts.migrations, onAsked: () => this.#isAsked() });
          if (!onlyReads) await this.#parts.onOpen?.(file);
          this.#opened(file, tried);
          return;
        } catch (error) {
          const waited = this.#parts.clock() - began;
          const isLocked = failureOf(error) === "locked";
          const mayPass = isLocked ? waited < waitMs : ++failed <= TRIED_AGAIN;
          if (!mayPass) throw openFailure(this.path, error, waited);
          if (isLocked) withdraw ??= this.#turns.announce(!onlyReads);
          if (isOtherProgram(error)) this.#turns.sawAnother();
        }
        this.#isKeptWaiting = false;
        const waited = this.#parts.clock() - began;
        if (waited > this.#parts.gapMs) this.#company.met();
        await pause(Math.max(wait * (0.5 + Math.random()), Math.min(this.#company.quietLeft(), waitMs - waited)));
      }
    } finally {
      withdraw?.();
    }
  }

  #isAsked(): void {
    this.#asked.resolve();
    this.#asked = Promise.withResolvers();
  }

  /** What others left is written before a file is opened to be read. Where it may not be written it is read as it is. */
  async #bringForward(): Promise<void> {
    if (this.#parts.hasLeft?.() !== true) return;
    try {
      const file = await OpenFile.open(this.path, { migrations: this.#parts.migrations });
      await this.#parts.onOpen?.(file);
      file.close();
    } catch (error) {
      if (failureOf(error) === "locked") throw error;
    }
  }

  /** Before the file is opened: all that is due to others. */
  async #rest(waitMs: number): Promise<void> {
    if (await this.#company.keptQuiet(waitMs)) this.#givenBackAt = -Infinity;
    else await this.#keepGap();
    await this.#letOthersFirst(waitMs);
  }

  /** After a full stretch the file is left alone for a while. */
  async #keepGap(): Promise<void> {
    const rested = this.#parts.clock() - this.#givenBackAt;
    const isGap = this.#isGap;
    this.#isGap = false;
    if (!isGap && (rested >= this.#parts.gapMs || !this.#isOverstretched())) return;
    const left = this.#gap(++this.#stretches) - rested;
    if (left > 0) await pause(left);
    this.#givenBackAt = -Infinity;
  }

  /** Who comes lets those go first who wait already, and are there to take their turn. */
  async #letOthersFirst(waitMs: number): Promise<void> {
    this.#isKeptWaiting = this.#parts.clock() >= this.#ignoresUntil && !await this.#turns.taken(waitMs);
  }

  /** A stretch that was interrupted for less than the gap goes on: else brief pauses would keep others out for good. */
  #opened(file: OpenFile, tried: number): void {
    if (!this.#isAsStamped()) this.changed();
    this.foreignWrites();
    if (file.isEmpty) this.#emptyAsOf = this.#foreign;
    this.#file = file;
    if (file.isShared) this.#turns.sawAnother();
    const { clock, turnMs, stretchMs } = this.#parts;
    const now = clock();
    this.#turn = Math.min(stretchMs, Math.max(turnMs, OPENINGS_IN_TURN * (now - tried)));
    if (now - this.#closedAt > stretchMs * (LONG_GAP - 0.1)) this.#usedSince = now;
    if (this.#isKeptWaiting) this.#ignoresUntil = now + IGNORED_MS;
    if (now - this.#givenBackAt >= this.#parts.gapMs) this.#since = now;
    this.#giveBackSoon = false;
    this.#startIdling();
  }

  /** Waits for the next use, for so long; where another process waits, only for a moment. */
  #startIdling(left = this.#parts.idleMs): void {
    this.#stopIdling();
    const ms = Math.min(left, GLANCE_MS);
    const isOver = () => left <= ms || this.#isAwaited();
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
    if (file !== undefined) this.#stamp = stampOf(this.path); // while nobody else can write: closing changes nothing
    file?.close();
    this.#givenBackAt = this.#closedAt = this.#parts.clock();
    this.#wake();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
