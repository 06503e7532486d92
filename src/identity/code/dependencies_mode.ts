/** `codeIdentity: "dependencies"`: a function with all that its text can reach: helpers, captured values, imports, packages. */
import { types } from "node:util";
import { JSON } from "../../intrinsics.ts";
import { inKernel } from "../../notebook/mod.ts";
import type { CodeIdentityOptions } from "../code.ts";
import { type CodeIdentity, partText } from "../code_parts.ts";
import { sha256 } from "../digest.ts";
import { Answers } from "./answers.ts";
import { asksForScripts, learnFacts, learnScripts } from "./facts.ts";
import { functionText } from "./function_text.ts";
import { type AnyFunction, givenName, isNative, sourceOf } from "./functions.ts";
import { atAGlance, isTimeForGlances } from "./glance.ts";
import { type Inspector, InspectorRefused, withInspector } from "./inspector.ts";
import { prepareNatives, refreshPackageExports } from "./known_objects.ts";
import { moduleGraph } from "./module_graph.ts";
import { findMakers } from "./outer_this.ts";
import { sourceIdentity } from "./source_mode.ts";
import { Walk } from "./walk.ts";

/** What a function really depends on. A repeated call is one walk over what is remembered; the engine is asked only for what is new or can have changed. */
export async function dependencyIdentity(
  fn: AnyFunction,
  { notesWritten = false, meanwhile, mayGlance = false }: Pick<CodeIdentityOptions, "notesWritten" | "meanwhile" | "mayGlance"> = {},
): Promise<CodeIdentity> {
  const quick = new Walk(new Answers(), notesWritten).run(fn);
  if ("hash" in quick) return quick;
  try {
    const glanced = mayGlance && isTimeForGlances()
      ? await withInspector((inspector) => atAGlance(fn, inspector, notesWritten))
      : undefined;
    if (glanced !== undefined) return glanced;
    if (meanwhile !== undefined && quick.functions.has(fn)) await readScriptsOf(fn, meanwhile);
    return await withInspector((inspector) => follow(fn, inspector, notesWritten));
  } catch (error) {
    if (error instanceof InspectorRefused) return withoutInspector(fn, error);
    throw error;
  }
}

/**
 * A process's first step: what its scripts are is asked before all else, in a visit of its own, since that takes longest. Scripts never
 * change, and all that can is looked at in the next visit.
 */
async function readScriptsOf(fn: AnyFunction, meanwhile: () => Promise<unknown> | undefined): Promise<void> {
  if (!await withInspector((inspector) => asksForScripts(fn, inspector))) return;
  const busy = meanwhile();
  if (busy !== undefined) { // what needs nobody can be done now as well as later
    prepareNatives();
    functionText(sourceOf(fn));
    await busy;
  }
  await withInspector(learnScripts);
  await meanwhile();
}

async function follow(fn: AnyFunction, inspector: Inspector, notesWritten: boolean): Promise<CodeIdentity> {
  const answers = new Answers();
  refreshPackageExports();
  for (;;) {
    const walked = new Walk(answers, notesWritten).run(fn);
    if ("hash" in walked) return walked;
    for (const wanted of walked.functions) answers.looks.set(wanted, await learnFacts(wanted, wanted === fn && inKernel(), inspector));
    if (walked.arrows.size > 0) findMakers(walked.arrows, await inspector.allObjects());
    if (walked.loaded) answers.loaded = await inspector.loadedModules();
    for (const object of walked.objects) answers.privates.set(object, await inspector.privates(object));
  }
}

/** Without the inspector: the text, and every module of the program. What is captured stays unknown, and that is said. */
function withoutInspector(fn: AnyFunction, { message }: InspectorRefused): CodeIdentity {
  if (types.isProxy(fn) || isNative(fn)) return { ...sourceIdentity(fn), mode: "dependencies" };
  const text = functionText(sourceOf(fn));
  const program = moduleGraph(Deno.mainModule, "", { has: () => true }); // all of it is loaded
  const notSeen = text.usesOuterThis ? ["this"] : [];
  const names = [...text.free].filter(([name, use]) => (use.read || use.append) && name !== text.selfName).map(([name]) => name).concat(
    notSeen,
  );
  const captured = names.length > 0 || text.isClass
    ? [{ name: names.join(", ") || "the class's parent", why: `captured values cannot be read: ${message}` }]
    : [];
  const notes = [...text.notes, ...program.opaque].map((why) => ({ name: givenName(fn) || "step", why }));
  return {
    mode: "dependencies",
    hash: sha256(JSON.stringify([text.hash, program.hash])),
    parts: [
      { kind: text.isClass ? "class" : "function", name: givenName(fn) || "step", hash: text.hash, text: partText(text.source) },
      { kind: "module", name: "all modules of the program", hash: program.hash },
    ],
    opaque: [...notes, ...captured],
    outside: [],
  };
}

/** What of a step's code is another one after it executed. */
export interface CodeChanges {
  /** Names of what the step's own code changes. */
  readonly own: readonly string[];
  /** Names of what its code only reads: others changed it meanwhile, and which value the step saw is not known. */
  readonly foreign: readonly string[];
}

/** What changed between two identities of a step, taken before and after it executed. */
export function changedMeanwhile(before: CodeIdentity, after: CodeIdentity): CodeChanges {
  const hashes = new Set(before.parts.map(({ kind, name, hash }) => `${kind} ${name} ${hash}`));
  const changed = after.parts.filter(({ kind, name, hash }) => !hashes.has(`${kind} ${name} ${hash}`));
  const own = new Set([...changed.filter(({ kind }) => kind === "changing").map(({ name }) => name), ...writtenMeanwhile(before, after)]);
  return { own: [...own], foreign: [...new Set(changed.map(({ name }) => name))].filter((name) => !own.has(name)) };
}

function writtenMeanwhile({ written: before = [] }: CodeIdentity, { written: after = [] }: CodeIdentity): string[] {
  const held = (names: typeof before, wanted: string) => names.filter(({ name }) => name === wanted).map(({ hash }) => hash).join();
  return after.map(({ name }) => name).filter((name) => held(before, name) !== held(after, name));
}
