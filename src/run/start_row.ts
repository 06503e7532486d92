/**
 * When it is recorded that a run begins: before the step executes, so that a process that is killed leaves a trace of it. That is a small file
 * in the ledger's journal (`Ledger.begin`), and a transaction only where the run has an id of the user's. A step that was short the last time
 * needs neither while it is quick: its row comes with its end, and a kill in between loses milliseconds.
 */

/** So long after it should have ended its beginning is recorded all the same, while the step executes. */
const SOON_MS = 100;

/** The beginning of one run. */
export class StartRow {
  readonly #write: () => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #written: Promise<void> | undefined;

  /** `write` records it. */
  constructor(write: () => Promise<void>) {
    this.#write = write;
  }

  /** Records it now. */
  now(): Promise<void> {
    clearTimeout(this.#timer);
    return this.#written ??= this.#write();
  }

  /** Records it behind the step's back, unless the step ends before, as it should after `expectedMs`. */
  soon(expectedMs: number): void {
    this.#timer = setTimeout(() => void this.now().catch(() => {}), expectedMs + SOON_MS); // `settle` tells
  }

  /** Waits where that has begun; after this it does not begin. Throws where it failed. */
  async settle(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#written;
  }
}
