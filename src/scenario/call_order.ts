/** In which order calls were made, so that what a coupler holds does not depend on which of them ended last. */
import { AsyncLocalStorage } from "node:async_hooks";

/** The place of a call: its number after those of the calls around it. */
type Place = readonly number[];

/** A call while it is made. */
interface Call {
  readonly place: Place;
  isOver: boolean;
}

/** The calls of one scenario. */
export class CallOrder {
  readonly #around = new AsyncLocalStorage<Call>();
  /** Key → the call that set it. */
  readonly #setters = new Map<string, Place>();
  #calls = 0;

  /** Does the work as the next call. What it sets is older than what a later call has set, also where it ends after that one. */
  next<T extends Promise<unknown>>(work: () => T): T {
    const call = { place: this.#inside(), isOver: false };
    const result = this.#around.run(call, work);
    const over = (): void => void (call.isOver = true);
    result.then(over, over); // who made the call hears of its failure
    return result;
  }

  /** The call that runs now; where its context was left to code that came after it, there is none. */
  #call(): Place | undefined {
    const call = this.#around.getStore();
    return call === undefined || call.isOver ? undefined : call.place;
  }

  #inside(): Place {
    return [...this.#call() ?? [], ++this.#calls];
  }

  /** Puts what the call that runs now gives under a key, unless a later call has put something there. */
  give(key: string, put: () => void): void {
    const place = this.#call() ?? this.#inside();
    const before = this.#setters.get(key);
    if (before !== undefined && isLater(before, place)) return;
    put();
    this.#setters.set(key, place);
  }

  /** The key is set by hand: that holds at once, and until the call around it gives the same key, or a later one. */
  set(key: string): void {
    this.#setters.set(key, this.#inside());
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
