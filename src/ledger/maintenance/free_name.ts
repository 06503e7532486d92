/** The name of a file or folder that is to be written, and at which nothing may be yet. */
import { exists } from "@std/fs";
import { OptionError } from "../../errors.ts";

/**
 * Refuses a name that something has.
 *
 * @throws {OptionError} `option_invalid`, with what cannot be done
 */
export async function checkFree(path: string, problem: string, kind: "file" | "folder"): Promise<void> {
  if (!await exists(path)) return;
  throw new OptionError("option_invalid", {
    problem,
    why: "There is something with this name.",
    fix: `Name a ${kind} that is not there yet.`,
    path,
  });
}
