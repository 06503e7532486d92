/** The names of a notebook's session that step cells made: whether they are bound, and what may have become of their values. */
import { type CellCode, takenNames } from "./read_cell.ts";
import { bindCode, type StepOutcome, watchCode } from "./step_message.ts";

interface Name {
  /** With which word its cell declares it. */
  readonly kind: string;
  /** The cell that made it. */
  readonly cell: string;
  /** Has it a file? Else it is a variable like any other. */
  readonly isKept: boolean;
  /** Does the kernel have it? */
  readonly isBound: boolean;
  /** May another cell have changed its value? */
  readonly isWatched: boolean;
}

/** What a cell reaches: names, or whatever there is. */
type Reach = ReadonlySet<string> | "all";

/** Names of the object that all cells share. It has what is declared with `var`, and nothing else of theirs. */
const GLOBAL = ["globalThis", "window", "self", "global"];

/** The outputs of step cells, by name. */
export class NotebookNames {
  readonly #names = new Map<string, Name>();
  /** Names in functions of other cells, which may be called at any time. */
  #deferred: Reach = new Set<string>();
  /** Brings back what was before the last words, which failed. */
  #undo: () => void = () => {};

  /** Is this an output of a step cell, which has a file? */
  has(name: string): boolean {
    return this.#names.get(name)?.isKept === true;
  }

  /** A plain cell will run. Gives what has to be executed before it. */
  beforePlain(cell: CellCode | undefined): string | undefined {
    const [names, deferred] = [[...this.#names], this.#deferred];
    this.#undo = () => {
      this.#names.clear();
      for (const [name, before] of names) this.#names.set(name, before);
      this.#deferred = deferred;
    };
    const vars = isGlobalUsed(cell) ? [...this.#names].filter(([, { kind }]) => kind === "var").map(([name]) => name) : [];
    const code = wordsOf([this.#bind(this.#reachedBy(reachOf(cell)), true), this.#bind(vars, true), this.beforeStep()]);
    for (const name of cell?.declared.keys() ?? []) this.#names.delete(name);
    this.#defer(cell === undefined || cell.notes.length > 0 ? "all" : cell.deferred);
    return code;
  }

  /** Any cell will run. Gives what a function may ask for and is not bound: it could not be, when it was made. */
  beforeStep(): string | undefined {
    return this.#bind(this.#reachedBy(this.#deferred), true);
  }

  /** A step has run. Gives what has to be executed now: what is at hand is bound, and what a function of another cell may ask for. */
  afterStep(
    { cell, kinds, deferred }: {
      readonly cell: string;
      readonly kinds: ReadonlyMap<string, string>;
      readonly deferred: ReadonlySet<string>;
    },
    { outputs, changed }: StepOutcome,
  ): string | undefined {
    for (const [name, { cell: maker }] of this.#names) if (maker === cell) this.#names.delete(name);
    const now: string[] = [];
    for (const [name, { isKept, isAtHand }] of Object.entries(outputs)) {
      this.#names.set(name, { kind: kinds.get(name) ?? "let", cell, isKept, isBound: false, isWatched: !isKept });
      if (isAtHand) now.push(name);
      if (!isKept) this.#defer(deferred); // it may be a function
    }
    for (const name of changed) {
      const known = this.#names.get(name);
      if (known === undefined) continue;
      this.#names.set(name, { ...known, isBound: false, isWatched: true });
      now.push(name);
    }
    const names = [...this.#names];
    this.#undo = () => names.forEach(([name, before]) => this.#names.set(name, before));
    return wordsOf([this.#bind(now, false), this.beforeStep()]);
  }

  /** What was to be executed has failed: it is tried again before the next cell that asks for it. */
  failed(): void {
    this.#undo();
  }

  /** A name is none of a step's any more: a cell imports it. */
  forget(name: string): void {
    this.#names.delete(name);
  }

  #defer(reach: Reach): void {
    if (this.#deferred !== "all") this.#deferred = reach === "all" ? reach : new Set([...this.#deferred, ...reach]);
  }

  #reachedBy(reach: Reach): string[] {
    return [...this.#names.keys()].filter((name) => reach === "all" || reach.has(name));
  }

  #bind(names: readonly string[], isReached: boolean): string | undefined {
    const words: string[] = [], watched: string[] = [];
    for (const name of names) {
      const known = this.#names.get(name)!;
      if (!known.isBound) words.push(bindCode(known.kind, name));
      if (isReached && !known.isWatched) watched.push(name);
      this.#names.set(name, { ...known, isBound: true, isWatched: known.isWatched || isReached });
    }
    return wordsOf([...words, watched.length === 0 ? undefined : watchCode(watched)]);
  }
}

function reachOf(cell: CellCode | undefined): Reach {
  return cell === undefined || cell.notes.length > 0 ? "all" : new Set(takenNames(cell));
}

const isGlobalUsed = (cell: CellCode | undefined): boolean => GLOBAL.some((name) => cell?.free.has(name));

function wordsOf(words: readonly (string | undefined)[]): string | undefined {
  const given = words.filter((word) => word !== undefined);
  return given.length === 0 ? undefined : given.join(" ");
}
