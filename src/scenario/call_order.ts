/** In which order calls were made, so that what a coupler holds does not depend on which of them ended last. */
import { AsyncLocalStorage } from "node:async_hooks";

/** The place of a call: its number after those of the calls around it. */
type Place = readonly number[];

/** The calls of one scenario. */
export class CallOrder {
  readonly #around = new AsyncLocalStorage<Place>();
  /** Key → the call that set it. */
  readonly #setters = new Map<string, Place>();
  #calls = 0;

  /** Does the work as the next call. What it sets is older than what a later call has set, also where it ends after that one. */
  next<T>(work: () => T): T {
    return this.#around.run([...this.#around.getStore() ?? [], ++this.#calls], work);
  }

  /** Puts what the call that runs now gives under a key, unless a later call has put something there. */
  give(key: string, put: () => void): void {
    const place = this.#around.getStore() ?? [++this.#calls];
    const before = this.#setters.get(key);
    if (before !== undefined && isLater(before, place)) return;
    put();
    this.#setters.set(key, place);
  }

  /** The key is set by hand: that holds at once, and until the call around it gives the same key, or a later one. */
  set(key: string): void {
    this.#setters.set(key, [...this.#around.getStore() ?? [], ++this.#calls]);
  }
}

/** A call is later than those inside of it: what it gives at its end is what a hit of it gives. */
function isLater(a: Place, b: Place): boolean {
  for (const [index, number] of a.entries()) {
    const other = b[index];
    if (other === undefined) return false;
    if (number !== other) return number > other;
  }
  return a.length < b.length;
}
