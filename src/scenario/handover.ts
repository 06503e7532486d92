/** From a row of a sweep to the next one: that one begins first, and then this one is recorded, since both need the same thread. */

/** Who records waits so long for the next row to begin, in milliseconds. */
const LONGEST_MS = 100;

/** What a row and the ones beside it have to know of each other. */
export class Handover {
  #before: Handover | undefined;
  readonly #executed = Promise.withResolvers<void>();
  readonly #stored = Promise.withResolvers<void>();
  readonly #followed = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isFollowed = false;

  /** `before` is the row that executed before. */
  constructor(before: Handover | undefined) {
    this.#before = before;
  }

  /** Resolves when the row's function has ended, and nothing that others do changes what it came to. */
  get executed(): Promise<void> {
    return this.#executed.promise;
  }

  /** Resolves when what the row made is on the disk, and its values are not needed any more. */
  get stored(): Promise<void> {
    return this.#stored.promise;
  }

  /** Resolves when the next row has begun, when none comes, or when it takes too long. */
  get followed(): Promise<void> {
    return this.#followed.promise;
  }

  /** The row's function is about to be called, or is not called at all. */
  begins(): void {
    this.#before?.follow();
    this.#before = undefined; // else each row would keep all before it
  }

  /** The row's function has ended. */
  ends(): void {
    if (!this.#isFollowed) this.#timer ??= setTimeout(() => this.follow(), LONGEST_MS);
    this.#executed.resolve();
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
