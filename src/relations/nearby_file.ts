/** What was meant by a path at which nothing is. */
import { basename, dirname, join } from "@std/path";
import { nearestName } from "../errors.ts";

const CHECK = "Check the path: it is relative to the working directory.";
/** So many names of a folder are looked through. */
const LOOKED_AT = 2_000;

/** Why nothing is there, and what to do: the nearest name of the same folder, or the folder that is missing. */
export function missingFile(path: string): { readonly why: string; readonly fix: string } {
  const folder = dirname(path);
  const names = namesIn(folder);
  if (names === undefined) {
    return { why: `There is no folder ${folder}.`, fix: CHECK };
  }
  const near = nearestName(basename(path), names);
  return {
    why: "There is no such file or folder.",
    fix: near === undefined ? CHECK : `Did you mean ${join(folder, near)}?`,
  };
}

function namesIn(folder: string): string[] | undefined {
  const names: string[] = [];
  try {
    for (const { name } of Deno.readDirSync(folder)) if (names.push(name) === LOOKED_AT) break;
    return names;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    return []; // a folder that may not be looked into has no names for us
  }
}
