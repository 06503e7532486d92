/** Files where artifacts are wanted: a path, a URL, and what says its path. */
import { basename, extname, fromFileUrl } from "@std/path";
import { driverForPath } from "../artifacts/mod.ts";
import { OptionError } from "../errors.ts";
import type { Artifact } from "../types.ts";
import { describe } from "./check_options.ts";
import { input } from "./input.ts";
import { keyOfName } from "./keys.ts";
import { isArtifact, isPathLike } from "./resolve_inputs.ts";

/** What loading needs of an artifact. */
export type Loadable = Pick<Artifact, "key" | "path" | "driver" | "load" | "runId">;

/** An artifact as it is; a file as something that loads like one. Inside a run it is read by that run, like any `input(path)`. */
export function loadable(what: unknown): Loadable {
  const path = isPathLike(what) ? what.path : what;
  if (isArtifact(path)) return path;
  if (typeof path !== "string" && !(path instanceof URL)) throw notLoadable(path);
  const shown = path instanceof URL && path.protocol === "file:" ? fromFileUrl(path) : String(path);
  return {
    key: keyOfName(basename(shown, extname(shown))),
    path: shown,
    driver: driverForPath(shown).name,
    load: () => input(path),
  };
}

function notLoadable(value: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: `load() was called with ${describe(value)}.`,
    why: "It takes an artifact, or the path of a file.",
    fix: "Give result.outputs.key, or a path.",
  });
}
