/** Decisions taken one after the other from a list of numbers; a shorter or smaller list gives a simpler outcome, which is how counter-examples shrink. */
export class Choices {
  readonly #numbers: readonly number[];
  #next = 0;

  /** Makes decisions from these numbers; after the last one each decision is the first alternative. */
  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  /** A number below `limit`. */
  below(limit: number): number {
    return (this.#numbers[this.#next++] ?? 0) % limit;
  }

  /** One of several. */
  of<T>(alternatives: readonly T[]): T {
    return alternatives[this.below(alternatives.length)]!;
  }

  /** Yes in one of `times` cases. */
  oneIn(times: number): boolean {
    return this.below(times) === times - 1;
  }

  /** The same things in another order. */
  shuffled<T>(things: readonly T[]): T[] {
    const left = [...things];
    return things.map(() => left.splice(this.below(left.length), 1)[0]!);
  }
}
