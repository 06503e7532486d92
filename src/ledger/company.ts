/** Does this process share its ledger with others in steady use? Then it leaves the file alone when all do. */
import { isShared, quietLeft, type QuietParts } from "./quiet.ts";

/** For so many stretches after it had to wait, or others waited for it. */
const STRETCHES_OF_COMPANY = 16;

/** The company of one ledger. */
export class Company {
  readonly #parts: QuietParts;
  readonly #clock: () => number;
  #until = -Infinity;

  /** A process begins alone. */
  constructor(parts: QuietParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** Another process uses the file as steadily as this one. */
  met(): void {
    this.#until = this.#clock() + this.#parts.stretchMs * STRETCHES_OF_COMPANY;
  }

  /** How long, in milliseconds, all processes in steady use leave the file alone from now on. */
  quietLeft(): number {
    return this.#clock() > this.#until ? 0 : quietLeft(this.#parts);
  }

  /** Waits until that is over, at most so long. Was there something to wait for? */
  async keptQuiet(waitMs: number): Promise<boolean> {
    let waited = 0;
    for (let left = this.quietLeft(); left > 0 && waited < waitMs; left = this.quietLeft()) {
      const ms = Math.min(left, waitMs - waited);
      await new Promise((resolve) => setTimeout(resolve, ms));
      waited += ms;
    }
    return waited > 0;
  }

  /** Was another program at the ledger lately, which cannot say that it waits? */
  get isMixed(): boolean {
    return isShared(this.#parts);
  }
}
