/**
 * Executes step cells inside the kernel: the half of them that needs the library. The other half stands before the kernel and never loads it;
 * it finds this one under `globalThis[Symbol.for("consist.cells")]`. Of several copies of the library the last that was loaded is used, since a
 * notebook sets its tracker in the one that it imports.
 */
import { isFrame, withDisplay } from "../artifacts/mod.ts";
import { changedMeanwhile, codeIdentity, showAs, STEP } from "../identity/mod.ts";
import { listNames } from "../errors.ts";
import { activeRun, logValue, noteOpened, untilAborted } from "../run/mod.ts";
import { currentTracker } from "../tracker/mod.ts";
import type { Artifact, DataFrame, RunResult } from "../types.ts";
import { filesByKey, mentionedFiles, readsOf, untoldReads } from "./cell_files.ts";
import { CellScenarios } from "./cell_scenarios.ts";
import { EXACT, waysToKeep } from "./exactly.ts";
import { type Evaluate, type Held, printOf, printOfName, readName, recordedValue, valueOf } from "./held_outputs.ts";
import { listenToOpened, type OpenedSince } from "./opened_files.ts";
import { sharingNames } from "./shared_objects.ts";
import { CELLS, STEP_MESSAGE, type StepOutcome, type StepSpec } from "./step_message.ts";

/** The function that a cell became. */
type Body = (inputs: { readonly [name: string]: unknown }) => Promise<Made>;
/** What it returns. */
interface Made {
  readonly outputs: { readonly [name: string]: unknown };
  readonly value: unknown;
}
/** What is known of a body that was executed. */
interface Execution {
  made?: Made;
  /** Inputs whose values it changed. */
  readonly changed: string[];
  /** Outputs that no file can keep. */
  readonly unkept: Set<string>;
}

/** How a step is executed once more, and where its variables are. */
interface Again {
  readonly call: () => Promise<RunResult>;
  readonly evaluate: Evaluate;
}

/** What is kept of a session; shared by copies of the library. */
interface Kept {
  readonly held: Map<string, Held>;
  readonly scenarios: CellScenarios;
}

/** Step cells, as the kernel sees them. */
export class CellRuntime {
  /** Outputs and scenarios of the session. */
  readonly kept: Kept;
  /** What became of the last step. */
  outcome: StepOutcome | undefined;

  /** Takes over from another copy of the library. */
  constructor(before: { readonly kept?: Kept } | undefined) {
    this.kept = { held: before?.kept?.held ?? new Map(), scenarios: new CellScenarios() };
  }

  /** Runs a step cell, or takes its outputs from the cache; gives its card. */
  async step(spec: StepSpec, evaluate: Evaluate): Promise<RunResult> {
    const artifacts = await this.#artifactInputs(spec, evaluate);
    const names = [...artifacts.keys()];
    const head = names.length === 0 ? "async () => {" : `async ({ ${names.join(", ")} }) => {`;
    const body = evaluate(`"use strict"; (${head}${spec.body}})\n//# sourceURL=${spec.place}`) as Body;
    showAs(body, spec); // what is told of a change is told in the cell's own words
    const execution: Execution = { changed: [], unkept: new Set() };
    const call = async (): Promise<RunResult> => {
      const fn = Object.defineProperty(() => this.#execute(spec, { body, evaluate }, artifacts, execution), STEP, { value: body });
      const files = [...spec.files, ...await readsOf(spec, artifacts, evaluate)];
      const options = { ...optionsOf(spec, files, artifacts), fn } as never;
      const tracker = currentTracker();
      if (spec.scenario === undefined) return await tracker.run(options);
      return await (await this.kept.scenarios.of(tracker, spec.scenario, spec.cell)).run(options);
    };
    try {
      const result = await call();
      const outcome = this.#hold(spec, result, execution, { call, evaluate });
      delete execution.made; // what is not bound any more can go
      await this.#tell(outcome);
      return result;
    } catch (error) {
      throw withPlaces(error, spec.place);
    }
  }

  /** A name's value, for the cells. */
  async take(name: string): Promise<unknown> {
    const held = this.kept.held.get(name)!;
    const value = await valueOf(name, held);
    if (held.artifact !== undefined) delete held.atHand; // the cells have it from now on
    return value;
  }

  /** Notes what names have before a cell that may change it. */
  async watch(names: readonly string[], evaluate: Evaluate): Promise<void> {
    for (const name of names) {
      const held = this.kept.held.get(name);
      if (held !== undefined && held.print === undefined) held.print = await printOfName(name, evaluate);
    }
  }

  /** Ends what is open. */
  async end(): Promise<void> {
    await this.kept.scenarios.end();
  }

  /** The inputs that count by what is recorded: those that no cell has changed since. The others count as any variable does. */
  async #artifactInputs({ inputs }: StepSpec, evaluate: Evaluate): Promise<Map<string, Held>> {
    const found = new Map<string, Held>();
    for (const name of inputs) {
      const held = this.kept.held.get(name);
      if (held?.artifact === undefined) continue;
      const isSame = held.print === undefined || (held.print !== null && held.print === await printOfName(name, evaluate));
      if (isSame) found.set(name, held);
    }
    return found;
  }

  async #execute(
    spec: StepSpec,
    { body, evaluate }: { readonly body: Body; readonly evaluate: Evaluate },
    artifacts: ReadonlyMap<string, Held>,
    execution: Execution,
  ): Promise<object | undefined> {
    const run = activeRun()!;
    const before = await codeIdentity(body, { notesWritten: true });
    for (const doubt of untoldReads(spec, before)) run.implicit.doubts.add(doubt);
    const given = await loaded(artifacts);
    const prints = await printsOf(given);
    const { made, seen } = await watched(run.signal, () => body(given));
    execution.made = made;
    await this.#noteOpened(seen, spec, mentionedFiles(spec, before));
    if (made.value !== undefined) await Deno.jupyter.display(shownAs(made.value) as object);
    for (const [name, print] of await printsOf(given)) {
      if (print === null || print !== prints.get(name)) this.#changed(name, given[name], prints.get(name) ?? null, execution);
    }
    const after = await codeIdentity(body, { notesWritten: true });
    const changed = [...execution.changed, ...changedMeanwhile(before, after).own];
    if (changed.length > 0) run.implicit.doubts.add(`it changes ${listNames(changed)} of another cell, which a hit would not do`);
    else if (before.hash !== after.hash) run.implicit.doubts.add("it changes what it uses of other cells, which a hit would not do");
    const others = { ...given, ...Object.fromEntries(spec.captured.map((name) => [name, readName(name, evaluate)])) };
    for (const [name, other] of aliases(made.outputs, others)) {
      run.warn(
        `its output "${name}" is the object "${other}" of another cell: kept, it is a value of its own, and a change of one does not reach the other.`,
      );
    }
    return await this.#keep(spec, made.outputs, execution);
  }

  /** What the body opened counts, or raises a doubt. */
  async #noteOpened(seen: OpenedSince | undefined, { tellsFiles }: StepSpec, mentioned: readonly string[]): Promise<void> {
    const run = activeRun();
    if (seen === undefined || run === undefined) return;
    if (seen.opened !== undefined) {
      const opened = [...seen.opened, ...mentioned.map((path) => ({ path, isMoved: false }))];
      return await noteOpened(run, opened, { since: seen.since, tellsFiles });
    }
    run.implicit.doubts.add("what it read cannot be told: the list of the files that it opened is gone");
  }

  /** An input that was changed: the cells get the changed value, as without the cache. */
  #changed(name: string, value: unknown, print: string | null, { changed }: Execution): void {
    changed.push(name);
    Object.assign(this.kept.held.get(name)!, { atHand: { value }, print });
  }

  /** The outputs that files can keep; the others stay values of this session. */
  async #keep(spec: StepSpec, outputs: Made["outputs"], { unkept }: Execution): Promise<object | undefined> {
    const run = activeRun()!;
    const kept: [string, unknown][] = [];
    for (const name of spec.outputs) {
      const value = outputs[name], key = spec.keys[name]!;
      const { why, driver } = value === undefined ? { driver: "structured_clone" } : waysToKeep(value, name);
      if (why !== undefined) {
        unkept.add(name);
        run.implicit.doubts.add(`its output "${name}" is no data that a file can keep: ${why}`);
      } else if (driver === undefined) kept.push([key, value]);
      else await logValue(run, key, value, driver);
    }
    return kept.length === 0 ? undefined : Object.fromEntries(kept); // an empty object would be the one output that is declared
  }

  #hold(spec: StepSpec, result: RunResult, execution: Execution, { call, evaluate }: Again): StepOutcome {
    const { made, changed, unkept } = execution;
    const again = (name: string) => async () => (await call()).outputs[spec.keys[name]!] as Artifact | undefined;
    const copied = made === undefined ? new Set(spec.outputs) : copiedNames(spec, result, execution, evaluate);
    const outputs: { [name: string]: { isKept: boolean; isAtHand: boolean } } = {};
    for (const name of spec.outputs) {
      const artifact = result.outputs[spec.keys[name]!] as Artifact | undefined;
      const atHand = copied.has(name) ? {} : { atHand: { value: made!.outputs[name] } };
      this.kept.held.set(name, { artifact, step: spec.name, again: again(name), ...atHand });
      outputs[name] = { isKept: artifact !== undefined && !unkept.has(name), isAtHand: made !== undefined };
    }
    return { outputs, changed };
  }

  async #tell(outcome: StepOutcome): Promise<void> {
    this.outcome = outcome;
    await Deno.jupyter.broadcast(STEP_MESSAGE, outcome as unknown as Record<string, unknown>);
  }
}

/** Outputs that are loaded although they were just made, since a hit would give something else; so are those that share an object. */
function copiedNames({ captured, keys }: StepSpec, result: RunResult, execution: Execution, evaluate: Evaluate): Set<string> {
  const { made, changed, unkept } = execution;
  if (changed.length + unkept.size > 0) return new Set(); // it executes each time, so that nothing is ever a copy
  const values = new Map(Object.entries(made!.outputs));
  const others = [...values.keys()].filter((name) => !EXACT.has((result.outputs[keys[name]!] as Artifact | undefined)?.driver ?? ""));
  return new Set([...others, ...sharingNames(values, captured.map((name) => readName(name, evaluate)))]);
}

/** Executes a body, and tells what it opened. */
async function watched(
  signal: AbortSignal,
  body: () => Promise<Made>,
): Promise<{ readonly made: Made; readonly seen: OpenedSince | undefined }> {
  const opened = await listenToOpened();
  let made: Made;
  try {
    made = await untilAborted(signal, body);
  } catch (error) {
    await opened(); // ends it
    throw error;
  }
  return { made, seen: await opened() };
}

/** Outputs that are nothing but an object that another name has. */
function aliases(outputs: Made["outputs"], others: { readonly [name: string]: unknown }): [output: string, other: string][] {
  return Object.entries(outputs).filter(([, value]) => typeof value === "object" && value !== null).flatMap(([name, value]) =>
    Object.keys(others).filter((other) => others[other] === value).slice(0, 1).map((other): [string, string] => [name, other])
  );
}

function optionsOf(
  { name, outputs, keys, cache, settings }: StepSpec,
  files: StepSpec["files"],
  artifacts: ReadonlyMap<string, Held>,
): object {
  return {
    name,
    inputs: {
      ...Object.fromEntries([...artifacts].map(([input, { artifact }]) => [keys[input]!, artifact])),
      ...filesByKey(files, new Set([...artifacts.keys()].map((input) => keys[input]!))),
    },
    outputs: outputs.map((output) => keys[output]!),
    executionOptions: { inputBinding: "none" },
    outputPolicy: { outputMissing: "ignore", outputMismatch: "ignore" },
    ...(cache ? {} : { cacheOptions: { cacheMode: "off" } }),
    ...settings,
  };
}

async function loaded(artifacts: ReadonlyMap<string, Held>): Promise<{ [name: string]: unknown }> {
  const values = await Promise.all([...artifacts].map(async ([name, held]) => [name, await recordedValue(name, held)] as const));
  return Object.fromEntries(values);
}

async function printsOf(given: { readonly [name: string]: unknown }): Promise<Map<string, string | null>> {
  const prints = new Map<string, string | null>();
  for (const [name, value] of Object.entries(given)) prints.set(name, await printOf(value));
  return prints;
}

/** An error whose stack names the cell and its lines, and ends there: what is below is ours. */
function withPlaces(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error.stack === undefined) return error;
  const lines = error.stack.split("\n").map((line) => line.replaceAll(`(${place}, <anonymous>:`, `(${place}:`));
  const last = lines.findLastIndex((line) => line.includes(`(${place}:`));
  if (last < 0) return error;
  lines[last] = lines[last]!.replace(/\beval \((.*)\)$/, "$1");
  error.stack = lines.slice(0, last + 1).join("\n");
  return error;
}

/** Makes the library known to the kernel that it is loaded in. */
export function offerCells(): void {
  const shared = globalThis as unknown as Record<symbol, { readonly kept?: Kept } | undefined>;
  shared[Symbol.for(CELLS)] = new CellRuntime(shared[Symbol.for(CELLS)]);
}

/** A frame is shown as those that come out of the cache: polars' own display has all rows in it, and shows nothing in VS Code. */
function shownAs(value: unknown): unknown {
  return isFrame(value) && !(Symbol.for("Jupyter.display") in Object(value)) ? withDisplay((value as DataFrame).clone()) : value;
}
