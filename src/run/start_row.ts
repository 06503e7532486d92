/**
 * When the row that says that a run has begun is written: before the step executes, so that a process that is killed leaves a trace of it.
 * A step that was short the last time needs none while it is quick: its row comes with its end, and a kill in between loses milliseconds.
 */

/** So long after it should have ended the row is written all the same, while the step executes. */
const SOON_MS = 100;

/** The row of one run's beginning. */
export class StartRow {
  readonly #write: () => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #written: Promise<void> | undefined;

  /** `write` writes it. */
  constructor(write: () => Promise<void>) {
    this.#write = write;
  }

  /** Writes it now. */
  now(): Promise<void> {
    clearTimeout(this.#timer);
    return this.#written ??= this.#write();
  }

  /** Writes it behind the step's back, unless the step ends before, as it should after `expectedMs`. */
  soon(expectedMs: number): void {
    this.#timer = setTimeout(() => void this.now().catch(() => {}), expectedMs + SOON_MS); // `settle` tells
  }

  /** Waits for a writing that has begun; after this none begins. Throws where it failed. */
  async settle(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#written;
  }
}
