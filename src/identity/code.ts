/** The code's part of a signature: what a step's function depends on. */
import type { CodeIdentity, CodeIdentityMode } from "./code_parts.ts";
import { shakenBuiltins } from "./code/builtins.ts";
import { dependencyIdentity } from "./code/dependencies_mode.ts";
import { withExtraDeps } from "./code/extra_deps.ts";
import { type AnyFunction, stepFunction } from "./code/functions.ts";
import { moduleIdentity } from "./code/module_mode.ts";
import { repoIdentity } from "./code/repo_git_mode.ts";
import { sourceIdentity } from "./code/source_mode.ts";

/** Options of {@link codeIdentity}. */
export interface CodeIdentityOptions {
  /** How much counts. @default "dependencies" */
  readonly mode?: CodeIdentityMode | undefined;
  /** Files and folders whose content counts as well, absolute or relative to `baseDir`. */
  readonly extraDeps?: readonly string[] | undefined;
  /** Where relative paths begin. @default Deno.cwd() */
  readonly baseDir?: string | undefined;
  /** Absolute paths that "repo_git" leaves out: the ledger and the folder of runs. */
  readonly exclude?: readonly string[] | undefined;
  /**
   * Awaited before and after the thread is kept busy for long by a look at all scripts of the process, so that what goes on elsewhere is not held
   * up by it. Decides nothing.
   */
  readonly meanwhile?: (() => Promise<unknown> | undefined) | undefined;
  /** May less than all be read of a process's first steps, where it tells the same? Who allows it calls `readOwedSources`. @default false */
  readonly mayGlance?: boolean | undefined;
  /** Also says what names hold that are only written to. They do not count. @default false */
  readonly notesWritten?: boolean | undefined;
}

/** Establishes what a function depends on. What cannot be established is in `opaque`, never guessed. */
export async function codeIdentity(fn: AnyFunction, options: CodeIdentityOptions = {}): Promise<CodeIdentity> {
  const { mode = "dependencies", extraDeps = [] } = options;
  const identity = await identityByMode(stepFunction(fn), mode, options);
  return extraDeps.length === 0 ? identity : await withExtraDeps(identity, extraDeps, options.baseDir ?? Deno.cwd());
}

function identityByMode(
  fn: AnyFunction,
  mode: CodeIdentityMode,
  { exclude = [], notesWritten = false, meanwhile, mayGlance }: CodeIdentityOptions,
): CodeIdentity | Promise<CodeIdentity> {
  const shaken = mode === "dependencies" ? [] : shakenBuiltins(); // a walk sees them itself, at the moment of all else
  if (shaken.length > 0) return { mode, hash: null, parts: [], opaque: shaken, outside: [] };
  switch (mode) {
    case "source":
      return sourceIdentity(fn);
    case "module":
      return moduleIdentity(fn);
    case "repo_git":
      return repoIdentity(fn, exclude);
    case "dependencies":
      return dependencyIdentity(fn, { notesWritten, meanwhile, mayGlance });
  }
}
