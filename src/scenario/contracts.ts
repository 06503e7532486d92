/** Which outputs a scenario has to make, and which keys it may set. */
import { listNames, nearestName, OutputError } from "../errors.ts";

/** How required outputs are checked. */
export interface RequireOptions {
  /** Warn when a key is set that nobody declared. @default false */
  readonly warnUndefined?: boolean;
  /** What each output is, for messages. */
  readonly description?: { readonly [key: string]: string };
}
/** How declared outputs are checked. */
export interface DeclareOptions extends RequireOptions {
  /** Which of them have to be made. @default none */
  readonly required?: { readonly [key: string]: boolean };
}
/** Something a scenario wants its user to know. */
export interface Warning {
  /** A stable word for the kind of warning. */
  readonly code: string;
  /** The warning as a sentence. */
  readonly message: string;
}

/** The declared keys of one scenario. */
export class OutputContract {
  readonly #required = new Map<string, boolean>();
  readonly #description = new Map<string, string>();
  readonly #warned = new Set<string>();
  #warnUndefined = false;

  /** Declares keys; `required` says of each whether it has to be made. */
  declare(keys: readonly string[], required: (key: string) => boolean, options: RequireOptions): void {
    for (const key of keys) this.#required.set(key, required(key) || this.#required.get(key) === true);
    for (const [key, text] of Object.entries(options.description ?? {})) this.#description.set(key, text);
    this.#warnUndefined ||= options.warnUndefined === true;
  }

  /** A warning for a key that nobody declared, once for each key. */
  noticed(key: string): Warning | undefined {
    if (!this.#warnUndefined || this.#required.has(key) || this.#warned.has(key)) return undefined;
    this.#warned.add(key);
    const near = nearestName(key, this.#required.keys());
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    return { code: "undeclared_output", message: `The key "${key}" was set, and the scenario does not declare it.${hint}` };
  }

  /** The error for required keys that were not made, or none. */
  missing(scenario: string, made: Iterable<string>): OutputError | undefined {
    const there = new Set(made);
    const missing = [...this.#required].filter(([key, required]) => required && !there.has(key)).map(([key]) => key);
    if (missing.length === 0) return undefined;
    const described = missing.map((key) => this.#description.has(key) ? `${key} (${this.#description.get(key)})` : key);
    return new OutputError("missing_outputs", {
      problem: `The scenario "${scenario}" ended without ${listNames(described)}.`,
      why: `It requires ${missing.length === 1 ? "this output" : "these outputs"}, and its steps made ${listNames([...there], "nothing")}.`,
      fix: "Run the step that makes it, or do not require it.",
    });
  }
}
