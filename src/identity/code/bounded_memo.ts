/** A memo that cannot grow without limit: a notebook's kernel lives for weeks. */

/** What was last used is kept; what was not used for longest goes first. */
export class BoundedMemo<V> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;

  /** Makes a memo for at most `limit` entries. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many entries it holds. */
  get size(): number {
    return this.#entries.size;
  }

  /** The remembered value, or a new one. */
  get(key: string, make: () => V): V {
    if (this.#entries.has(key)) {
      const known = this.#entries.get(key) as V;
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const made = make();
    this.#entries.set(key, made);
    if (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value!);
    return made;
  }
}
