/**
 * The first steps of a process are identified at a glance where that is enough: by their scripts' urls. What the scripts' sources would add is
 * which values need not be read anew each time; they are read while a step executes, for that takes longer than all else.
 */
import type { CodeIdentity } from "../code_parts.ts";
import { Answers } from "./answers.ts";
import { forgetGlimpses, glimpseFacts, learnFacts, learnScripts, type ScriptUrls, wereScriptsRead } from "./facts.ts";
import type { AnyFunction } from "./functions.ts";
import { type Inspector, withInspector } from "./inspector.ts";
import { refreshPackageExports } from "./known_objects.ts";
import { Walk } from "./walk.ts";

/** Then the sources are worth their time: each glance asks the engine about all that the step reaches. */
const MOST_GLANCES = 8;
/** The engine goes through the whole heap for the urls, and again for the sources. */
const LARGEST_HEAP = 100_000_000;

let glances = 0;
let urls: Promise<ScriptUrls> | undefined;
/** Functions that were told at a glance, until more is known of them. */
const owed = new Set<AnyFunction>();

/** Is the process so young that a glance is worth it? */
export const isTimeForGlances = (): boolean => !wereScriptsRead() && glances < MOST_GLANCES && Deno.memoryUsage().heapUsed < LARGEST_HEAP;

/**
 * The identity of a function, where the urls of scripts are enough to tell it. They are read once in a process; nothing is told where all was read
 * while this waited for its turn.
 */
export async function atAGlance(fn: AnyFunction, inspector: Inspector, notesWritten: boolean): Promise<CodeIdentity | undefined> {
  if (!isTimeForGlances()) return undefined;
  glances++;
  const read = (): Promise<ScriptUrls> => urls ??= inspector.readUrls().catch(() => new Map()); // then there are no glances
  const { identity, told } = await glance(fn, inspector, read, notesWritten);
  for (const each of told) owed.add(each);
  return identity;
}

/** What came of a glance. */
export interface Glance {
  /** The function's identity, if it was enough. */
  readonly identity?: CodeIdentity;
  /** The functions of which a longer look can tell more. */
  readonly told: readonly AnyFunction[];
}

const NOTHING: Glance = { told: [] };

/** One glance at a function. */
export async function glance(
  fn: AnyFunction,
  inspector: Inspector,
  urls: () => Promise<ScriptUrls>,
  notesWritten = false,
): Promise<Glance> {
  const answers = new Answers();
  refreshPackageExports();
  try {
    for (;;) {
      const walked = new Walk(answers, notesWritten).run(fn);
      if ("hash" in walked) return { identity: walked, told: forgetGlimpses() };
      if (walked.arrows.size + walked.objects.size > 0 || walked.loaded) return NOTHING;
      for (const wanted of walked.functions) {
        const look = await glimpseFacts(wanted, inspector, urls);
        if (look === undefined) return NOTHING;
        answers.looks.set(wanted, look);
      }
    }
  } finally {
    forgetGlimpses();
  }
}

/** Reads, behind the caller's back, the sources that glances went without: for a moment at which this thread may be free. */
export function readOwedSources(): void {
  if (owed.size === 0) return;
  const told = [...owed];
  owed.clear();
  const read = async (inspector: Inspector): Promise<void> => {
    await learnScripts(inspector);
    for (const fn of told) await learnFacts(fn, false, inspector);
  };
  withInspector(read).catch(() => {}); // whoever needs them asks again, and is told why
}
