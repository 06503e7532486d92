/** How long a process may keep a ledger's file, and for how long it leaves it alone then, so that all who want it have their turns. */
import { Company } from "./company.ts";
import { sizeOf } from "./file_size.ts";
import { Turns } from "./turns.ts";
import { pause } from "./waiting.ts";

/** How long a file is kept and left alone. */
export interface StretchTimes {
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

/** A log larger than this is moved into the file also at the end of a busy stretch. */
export const LOG_WHEN_BUSY = 1024 * 1024;
/** A turn takes so many times as long as opening the file took: on a busy machine the next one's opening takes long, too. */
const OPENINGS_IN_TURN = 10;
/** Who says that he waits, and does not take his turn (he is stopped, or computes without a pause), is not given way to for so long. */
const IGNORED_MS = 5_000;

/**
 * Whoever tries at a steady pace may meet our stretches and never our gaps: on a busy machine Python's tries come every 2.3 s, as our
 * stretches do, and one session in four was kept out. Each so many stretches the gap is longer than the time between two tries. Where
 * all others say that they wait it is the only one, and comes by the clock, also where steps are slow: Python goes on trying for 27 s.
 */
const STRETCHES_TO_LONG_GAP = 8;
/** Such a gap, in stretches: 2.6 s. */
const LONG_GAP = 1.3;

/** The stretches and gaps of one process at one file. */
export class Stretch {
  readonly #path: string;
  readonly #times: StretchTimes;
  readonly #turns: Turns;
  readonly #company: Company;
  #since = -Infinity;
  #givenBackAt = -Infinity;
  #closedAt = -Infinity;
  #usedSince = -Infinity;
  #stretches = 0;
  #isGap = false;
  #turn = 0;
  #mayWrite = false;
  #isKeptWaiting = false;
  #ignoresUntil = -Infinity;

  constructor(path: string, times: StretchTimes) {
    this.#path = path;
    this.#times = times;
    this.#turns = new Turns(path, times.clock);
    this.#company = new Company({ path, ...times, seenAt: () => this.#turns.lastSeen() }, times.clock);
  }

  /** Was another program at the ledger lately, which cannot say that it waits? */
  get isMixed(): boolean {
    return this.#company.isMixed;
  }

  /** Does another process say that it waits, and take its turns? */
  isAwaited(): boolean {
    return this.#turns.isAwaited() && this.#times.clock() >= this.#ignoresUntil;
  }

  /** Is the file to be given back as soon as nothing is in flight? Where nobody could need it meanwhile, another stretch begins. */
  isDue(): boolean {
    if (this.#company.quietLeft() > 0) return true;
    if (this.#times.clock() - this.#since <= this.#turn) return false;
    if (this.isAwaited()) {
      this.#company.met();
      return true;
    }
    return this.#isOverstretched() && !this.#goOn();
  }

  /** Would the file that is open have to be given back within so many milliseconds, and others need it before it is wanted again? */
  isDueWithin(ms: number): boolean {
    const used = this.#times.clock() - this.#since + ms;
    return used > this.#turn && this.isAwaited() || used > this.#times.stretchMs && this.#gap(this.#stretches + 1) > 0;
  }

  /** The stretch is about to end before its time: the gap is due all the same. */
  endsEarly(): void {
    this.#isGap = true;
  }

  /** The file was given back. */
  ended(): void {
    this.#mayWrite = false;
    this.#givenBackAt = this.#closedAt = this.#times.clock();
  }

  /** Waits for all that is due to others, before the file is opened. */
  async rest(waitMs: number): Promise<void> {
    if (await this.#company.keptQuiet(waitMs)) this.#givenBackAt = -Infinity;
    else await this.#keepGap();
    await this.#letOthersFirst(waitMs);
  }

  /** Says that this process waits, until the returned function is called. */
  announce(mayMake: boolean): (() => void) | undefined {
    return this.#turns.announce(mayMake);
  }

  /** Another program was seen at the ledger, which cannot say that it waits. */
  sawAnother(): void {
    this.#turns.sawAnother();
  }

  /** The file could not be opened after so many milliseconds. How long do all leave it alone from now on? */
  notOpened(waitedMs: number): number {
    this.#isKeptWaiting = false;
    if (waitedMs > this.#times.gapMs) this.#company.met();
    return this.#company.quietLeft();
  }

  /**
   * The file is open; it was tried at this moment of the clock. A stretch that was interrupted for less than the gap goes on: else brief pauses
   * would keep others out for good.
   */
  opened(tried: number, mayWrite: boolean): void {
    const { clock, turnMs, stretchMs, gapMs } = this.#times;
    const now = clock();
    this.#mayWrite = mayWrite;
    this.#turn = Math.min(stretchMs, Math.max(turnMs, OPENINGS_IN_TURN * (now - tried)));
    if (now - this.#closedAt > stretchMs * (LONG_GAP - 0.1)) this.#usedSince = now;
    if (this.#isKeptWaiting) this.#ignoresUntil = now + IGNORED_MS;
    if (now - this.#givenBackAt >= gapMs) this.#since = now;
  }

  #isOverstretched(): boolean {
    return this.#company.quietLeft() > 0 || this.#times.clock() - this.#since > this.#times.stretchMs;
  }

  /** Begins another stretch at once, where no gap is due, and no log that would have to be moved. */
  #goOn(): boolean {
    if (this.#gap(this.#stretches + 1) > 0 || sizeOf(`${this.#path}.wal`) > LOG_WHEN_BUSY) return false;
    this.#stretches++;
    this.#since = this.#times.clock();
    return true;
  }

  /** The gap after so many stretches, in milliseconds: none where all who may want the file say so. */
  #gap(stretches: number): number {
    const { clock, stretchMs, gapMs } = this.#times;
    const allSaySo = clock() >= this.#ignoresUntil && this.#turns.arePossible(this.#mayWrite) && !this.#company.isMixed;
    const isLong = allSaySo ? clock() - this.#usedSince > stretchMs * STRETCHES_TO_LONG_GAP : stretches % STRETCHES_TO_LONG_GAP === 0;
    return isLong ? stretchMs * LONG_GAP : allSaySo ? 0 : gapMs;
  }

  /** After a full stretch the file is left alone for a while. */
  async #keepGap(): Promise<void> {
    const rested = this.#times.clock() - this.#givenBackAt;
    const isGap = this.#isGap;
    this.#isGap = false;
    if (!isGap && (rested >= this.#times.gapMs || !this.#isOverstretched())) return;
    const left = this.#gap(++this.#stretches) - rested;
    if (left > 0) await pause(left);
    this.#givenBackAt = -Infinity;
  }

  /** Who comes lets those go first who wait already, and are there to take their turn. */
  async #letOthersFirst(waitMs: number): Promise<void> {
    this.#isKeptWaiting = this.#times.clock() >= this.#ignoresUntil && !await this.#turns.taken(waitMs);
  }
}
