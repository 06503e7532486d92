/** `outputPaths` and identity: where a value is returned the path is only where its copy goes; where the step wrote a file there it is what is taken. */
import { driverForPath, driverNamed } from "../artifacts/mod.ts";
import type { StepRequest } from "./request.ts";
import type { Servable } from "./servable.ts";

/** The note on an output that was taken from a path of `outputPaths`. */
export const FROM_PATH = "from_path";

/**
 * The first output of an earlier run that this call might not take, or might take besides, because their `outputPaths` differ. What is returned
 * is the same wherever its copy goes, so that the paths are no part of the signature and are looked at here.
 */
export function otherPaths({ outputPaths, outputs }: StepRequest, { outputs: made, paths = [] }: Servable): string | undefined {
  const known = new Set([...paths, ...made.map(({ key }) => key)]);
  const besides = Object.keys(outputPaths).find((key) => !known.has(key));
  if (besides !== undefined) return besides;
  return made.find(({ key, driver, meta }) => {
    if (meta[FROM_PATH] !== true) return false;
    const path = Object.hasOwn(outputPaths, key) ? outputPaths[key] : undefined;
    return path === undefined || driverOfPath(outputs.find((output) => output.key === key)?.driver, path) !== driver;
  })?.key;
}

/** How a file at a path of `outputPaths` is read. */
export function driverOfPath(declared: string | undefined, path: string): string {
  return declared === undefined ? driverForPath(path).name : driverNamed(declared).name;
}
