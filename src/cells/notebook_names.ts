/** The names of a notebook's session that step cells made: whether they are bound, and what may have become of their values. */
import { type CellCode, takenNames } from "./read_cell.ts";
import { bindCode, type StepOutcome, watchCode } from "./step_message.ts";

interface Name {
  /** With which word its cell declares it. */
  readonly kind: string;
  /** The cell that made it. */
  readonly cell: string;
  /** Does the kernel have it? */
  isBound: boolean;
  /** May another cell have changed its value? */
  isWatched: boolean;
}

/** What a cell reaches: names, or whatever there is. */
export type Reach = ReadonlySet<string> | "all";

/** The outputs of step cells, by name. */
export class NotebookNames {
  readonly #names = new Map<string, Name>();
  /** Names in functions of plain cells, which may be called at any time. */
  #deferred: Set<string> | "all" = new Set();
  /** What the last words change, and how it was before. */
  #last: [Name, Name][] = [];

  /** Is this an output of a step cell? */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** A plain cell will run. Gives what has to be executed before it. */
  beforePlain(cell: CellCode | undefined): string | undefined {
    const reached = this.#reachedBy(cell === undefined || cell.notes.length > 0 ? "all" : new Set(takenNames(cell)));
    this.#last = [];
    const code = this.#bind(reached, true);
    for (const name of cell?.declared.keys() ?? []) this.#names.delete(name);
    if (cell === undefined || cell.notes.length > 0) this.#deferred = "all";
    else if (this.#deferred !== "all") { for (const name of cell.deferred) this.#deferred.add(name); }
    return code;
  }

  /** A step has run. Gives what has to be executed now: what is at hand is bound, and what a function of another cell may ask for. */
  afterStep(cell: string, kinds: ReadonlyMap<string, string>, { outputs, changed }: StepOutcome): string | undefined {
    for (const [name, { cell: maker }] of this.#names) if (maker === cell) this.#names.delete(name);
    this.#last = [];
    const now: string[] = [], unkept: string[] = [];
    for (const [name, { isKept, isAtHand }] of Object.entries(outputs)) {
      const kind = kinds.get(name) ?? "let";
      if (!isKept) {
        this.#names.delete(name);
        unkept.push(bindCode(kind, name));
        continue;
      }
      this.#names.set(name, { kind, cell, isBound: false, isWatched: false });
      if (isAtHand) now.push(name);
    }
    for (const name of changed) {
      const known = this.#names.get(name);
      if (known === undefined) continue;
      Object.assign(known, { isBound: false, isWatched: true });
      now.push(name);
    }
    const asked = this.#reachedBy(this.#deferred);
    const code = [...unkept, this.#bind(now, false), this.#bind(asked, true)].filter((each) => each !== undefined && each !== "");
    return code.length === 0 ? undefined : code.join(" ");
  }

  /** What was just to be bound could not be: it is tried again before the next cell that names it. */
  unbind(): void {
    for (const [name, before] of this.#last) Object.assign(name, before);
    this.#last = [];
  }

  /** A name is none of a step's any more: a cell imports it. */
  forget(name: string): void {
    this.#names.delete(name);
  }

  #reachedBy(reach: Reach): string[] {
    return [...this.#names.keys()].filter((name) => reach === "all" || reach.has(name));
  }

  #bind(names: readonly string[], isReached: boolean): string | undefined {
    const words: string[] = [], watched: string[] = [];
    for (const name of names) {
      const known = this.#names.get(name)!;
      this.#last.push([known, { ...known }]);
      if (!known.isBound) words.push(bindCode(known.kind, name));
      known.isBound = true;
      if (isReached && !known.isWatched) {
        known.isWatched = true;
        watched.push(name);
      }
    }
    if (watched.length > 0) words.push(watchCode(watched));
    return words.length === 0 ? undefined : words.join(" ");
  }
}
