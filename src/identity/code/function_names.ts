/** How functions are called, where something asks for that: the text of an arrow function does not say it. */
import { types } from "node:util";
import { JSON } from "../../intrinsics.ts";
import type { AnyFunction } from "./functions.ts";
import type { FunctionText, NameUse } from "./name_use.ts";

/** How a function is called, and how many arguments it takes, where a text asks a name for that (`f.name`). */
export const namesText = (fn: AnyFunction, { members }: NameUse): string =>
  ["name", "length"].filter((key) => members?.has(key)).map((key) => propertyText(fn, key)).join("");

function propertyText(fn: AnyFunction, key: string): string {
  const value: unknown = types.isProxy(fn) ? undefined : Object.getOwnPropertyDescriptor(fn, key)?.value;
  return typeof value === "string" || typeof value === "number" ? `.${key}=${JSON.stringify(value)}` : "";
}

/** The functions that a walk meets. A helper that asks for a name may get a function by a list: `steps.map((step) => step.name)`. */
export class FunctionNames {
  readonly #unnamed = new Set<AnyFunction>();
  #isAsked = false;

  /** Notes a function of the user's. */
  meet(fn: AnyFunction, { selfName, asksNames }: FunctionText): void {
    if (selfName === null) this.#unnamed.add(fn);
    this.#isAsked ||= asksNames;
  }

  /** The names that no text tells, where one of the texts asks for names; that of the step itself does not count. */
  text(root: AnyFunction): string {
    const names = this.#isAsked ? [...this.#unnamed].filter((fn) => fn !== root).map((fn) => propertyText(fn, "name")) : [];
    return names.length === 0 ? "" : ` names(${names.join()})`;
  }
}
