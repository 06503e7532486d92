/** Some of a result's outputs, by key. */
import { KeyError, listNames, nearestName } from "../errors.ts";
import type { Artifact } from "../types.ts";

/**
 * The outputs of these keys, under `prefix + key`.
 *
 * @throws {KeyError} `unknown_key`, before anything is collected
 */
export function collected(outputs: object, keys: readonly string[], prefix = ""): { readonly [key: string]: Artifact } {
  return Object.fromEntries(keys.map((key) => {
    const artifact = Object.hasOwn(outputs, key) ? (outputs as { readonly [key: string]: Artifact | undefined })[key] : undefined;
    if (artifact === undefined) throw noSuchOutput(key, Object.keys(outputs));
    return [`${prefix}${key}`, artifact];
  }));
}

function noSuchOutput(key: string, keys: readonly string[]): KeyError {
  const near = nearestName(key, keys);
  return new KeyError("unknown_key", {
    problem: `collectByKeys wants "${key}", and there is no such output.`,
    why: `The outputs are ${listNames(keys)}.`,
    fix: near === undefined ? "Check its spelling." : `Did you mean "${near}"?`,
    path: key,
  });
}
