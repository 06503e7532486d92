/** Files that a step reads by polars, whose native code nobody sees: they are noted at its one door. */
import nodeModule from "node:module";
import { basename, extname, resolve } from "@std/path";
import type { CodeIdentity } from "../identity/mod.ts";
import { queriesAreListenedTo } from "../relations/mod.ts";
import { type ActiveRun, activeRun } from "./active_run.ts";
import { isBelow } from "./copy_options.ts";
import { keyOfName } from "./keys.ts";
import { noteNamed } from "./relation.ts";

// deno-lint-ignore no-explicit-any -- any function whatever: it is called as it was called
type Method = (...args: any[]) => any;

/** What stands at the door for us. It stays there, since several bodies may execute at once. */
const listeners = new WeakSet<object>();

/**
 * Listens from now on to what bodies of steps read by polars, and says whether it is loaded. A step whose code has it would load it a moment
 * later: then it is loaded here.
 */
export async function hearPolars({ parts }: Pick<CodeIdentity, "parts"> = { parts: [] }): Promise<boolean> {
  if (parts.some(({ kind, name }) => kind === "package" && name.startsWith("nodejs-polars"))) await import("polars");
  if (queriesAreListenedTo()) return true; // a step cell listens at the same door, and leaves it as it found it
  const cache = (nodeModule as unknown as { _cache?: Readonly<Record<string, { readonly exports?: unknown } | undefined>> })._cache ?? {};
  let isLoaded = false;
  for (const path of Object.keys(cache)) {
    const native = /[/\\]native-polars\.js$/.test(path) ? cache[path]?.exports : undefined;
    if (typeof native !== "object" || native === null) continue;
    isLoaded = true;
    listen(native as Record<string, unknown>);
  }
  return isLoaded;
}

function listen(native: Record<string, unknown>): void {
  for (const name of Object.keys(native)) {
    const original = native[name];
    if (!/^(?:read|scan)[A-Z]/.test(name) || typeof original !== "function" || listeners.has(original)) continue;
    const listener: Method = (...args) => {
      if (typeof args[0] === "string") noteRead(args[0]);
      return (original as Method).apply(native, args);
    };
    listeners.add(listener);
    native[name] = listener;
  }
}

/** What a body reads by a path, besides what runs made: that counts by whatever it has the path from. Where Deno itself tells what is opened, as to step cells, it is known already. */
function noteRead(path: string): void {
  const run = activeRun();
  if (run?.isInBody !== true || queriesAreListenedTo() || /^[a-z]\w+:\/\//i.test(path)) return;
  if (!isBelow(run.services.runDir, resolve(path)) && !isTemporaryOf(run, path)) {
    noteNamed(run, path, keyOfName(basename(path, extname(path))));
  }
}

/**
 * A temporary file that was made while the step executes is no input of it. Both times are those of the disk: this process's clock may be set
 * back. A file elsewhere is an input, whoever wrote it: somebody else may have done that meanwhile.
 */
function isTemporaryOf({ dir }: ActiveRun, path: string): boolean {
  try {
    if (!isBelow(Deno.realPathSync(temporaryFolder()), Deno.realPathSync(resolve(path)))) return false;
    const [made, began] = [path, dir].map((each) => Deno.statSync(each).birthtime?.getTime());
    return made !== undefined && began !== undefined && made >= began;
  } catch (error) {
    if (error instanceof Error) return false; // a pattern, or nothing that can be read: reading it says so
    throw error;
  }
}

/** Where this process makes temporary files, as far as it may know that. */
function temporaryFolder(): string {
  const isWindows = Deno.build.os === "windows";
  const names = (isWindows ? ["TMP", "TEMP"] : ["TMPDIR"]).filter((variable) =>
    Deno.permissions.querySync({ name: "env", variable }).state === "granted"
  );
  return names.map((name) => Deno.env.get(name)).find((folder) => folder !== undefined && folder !== "") ??
    (isWindows ? "C:\\Temp" : "/tmp");
}
