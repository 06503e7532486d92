/** Files that decide what runs and programs inside a step give: the step around them reads them too. */
import { basename, extname, resolve } from "@std/path";
import { ConsistError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { type ActiveRun, activeRun } from "./active_run.ts";
import { keyOfName } from "./keys.ts";
import { resolveInputs } from "./resolve_inputs.ts";

/** Notes files and folders as read by the step inside which this is called, where there is one. */
export function noteInnerFiles(paths: Iterable<string>): void {
  const run = activeRun();
  if (run === undefined) return;
  for (const path of new Set(paths)) run.implicit.pending(note(run, path, resolve(path)));
}

async function note({ implicit, request, services }: ActiveRun, path: string, at: string): Promise<void> {
  const key = keyOfName(basename(path, extname(path)));
  try {
    const [found] = await resolveInputs({ [key]: path }, "path", request.name, {}, services);
    implicit.path(path, found!);
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    if (error.code === "input_missing") implicit.nothingAt(path, key, at);
    else implicit.doubts.add(`what runs inside it reads ${JSON.stringify(path)}, whose content cannot be told (${error.problem})`);
  }
}
