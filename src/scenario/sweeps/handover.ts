/** From a row of a sweep to the next one: that one begins first, and then this one is written and recorded, since both need the same thread. */

/** Who writes waits so long for the next row to begin, in milliseconds. */
const LONGEST_MS = 100;

/** What a row and the ones beside it have to know of each other. `E` is what is known of a row that has executed. */
export class Handover<E = unknown> {
  #before: Handover<E> | undefined;
  readonly #begun = Promise.withResolvers<void>();
  readonly #executed = Promise.withResolvers<E | undefined>();
  readonly #stored = Promise.withResolvers<void>();
  readonly #followed = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isFollowed = false;

  /** `before` is the row that executed before. */
  constructor(before: Handover<E> | undefined) {
    this.#before = before;
  }

  /** Resolves when the row's function is about to be called. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Resolves when the row's function has ended, and nothing that others do changes what it came to; with what is known of it. */
  get executed(): Promise<E | undefined> {
    return this.#executed.promise;
  }

  /** Resolves when what the row made is on the disk, and its values are not needed any more. */
  get stored(): Promise<void> {
    return this.#stored.promise;
  }

  /** What the row made is safe: resolves when the next row has begun, when none comes, or when it takes too long. */
  handedOver(): Promise<void> {
    if (!this.#isFollowed) this.#timer ??= setTimeout(() => this.follow(), LONGEST_MS);
    return this.#followed.promise;
  }

  /** The row's function is about to be called, or is not called at all. */
  begins(): void {
    this.#begun.resolve();
    this.#before?.follow();
    this.#before = undefined; // else each row would keep all before it
  }

  /** The row's function has ended. */
  ends(known?: E): void {
    this.#executed.resolve(known);
  }

  /** What the row made is on the disk. */
  isStored(): void {
    this.#stored.resolve();
  }

  /** Nothing is waited for any more. */
  follow(): void {
    this.#isFollowed = true;
    clearTimeout(this.#timer);
    this.#followed.resolve();
  }
}
