/** The names of a workflow's artifacts in one place. */
import { KeyError, listNames, nearestName } from "../errors.ts";

/** A registry of keys. */
export type ArtifactKeys<T extends { readonly [name: string]: string }> = Readonly<T> & {
  /** Throws on a key that is not registered, and names the nearest. */
  validate(keys: readonly T[keyof T][]): void;
};

/**
 * The names of a workflow's artifacts in one place, so that a misspelt one is a compile error.
 *
 * @example A registry
 * ```ts
 * import { artifactKeys } from "consist";
 * import assert from "node:assert/strict";
 *
 * const Keys = artifactKeys({ RAW: "raw", CLEANED: "cleaned" });
 * Keys.validate([Keys.RAW, "cleaned"]);
 * assert.equal(Keys.CLEANED, "cleaned");
 * ```
 *
 * @typeParam T The names and their keys.
 * @param keys The names and their keys.
 * @returns The same, with `validate`.
 * @throws {KeyError} From `validate`, `unknown_key`, for a key that is not registered.
 */
export function artifactKeys<const T extends { readonly [name: string]: string }>(keys: T): ArtifactKeys<T> {
  const known = new Set<string>(Object.values(keys));
  const validate = (wanted: readonly string[]): void => {
    const unknown = wanted.filter((key) => !known.has(key));
    if (unknown.length === 0) return;
    const near = nearestName(unknown[0]!, known);
    throw new KeyError("unknown_key", {
      problem: `${listNames(unknown)} ${unknown.length === 1 ? "is no registered key" : "are no registered keys"}.`,
      why: `The registered keys are ${listNames([...known])}.`,
      fix: near === undefined ? "Register it in artifactKeys({ ... })." : `Did you mean "${near}"?`,
    });
  };
  return Object.freeze(Object.defineProperty({ ...keys }, "validate", { value: validate })) as unknown as ArtifactKeys<T>;
}
