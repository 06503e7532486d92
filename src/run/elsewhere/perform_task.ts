/** In another process: imports a step's function, calls it as it would be called at home, and says what it made. */
import { DigestMemo, driverNamed, hashValue, StoredArtifact } from "../../artifacts/mod.ts";
import { ConsistError, ExecutorError, listNames, stackOf } from "../../errors.ts";
import { type AnyFunction, changedMeanwhile, type CodeIdentity, codeIdentity, type CodePart } from "../../identity/mod.ts";
import { refusingLedger } from "../../ledger/mod.ts";
import { ACCESS } from "../access.ts";
import { ActiveRun } from "../active_run.ts";
import { describe } from "../check_options.ts";
import { executeHere } from "../execute.ts";
import { hearPolars } from "../polars_reads.ts";
import { writersByType } from "../identify.ts";
import type { ProgressState } from "../progress.ts";
import type { ResolvedInput, RunServices, StepBody, StepRequest } from "../request.ts";
import {
  type ArtifactFacts,
  type CodeThere,
  factsOf,
  fromBytes,
  type Manifest,
  type SentError,
  sentFacts,
  type SentInput,
  type SentRead,
  type TaskSpec,
  toBytes,
} from "./task_spec.ts";

/** Who hears of a task while it runs, and who ends it. */
export interface TaskWatch {
  /** Aborted when nobody wants the result any more. */
  readonly signal: AbortSignal;
  /** Takes how far it is. */
  readonly onProgress: (state: ProgressState) => void;
}

/** Digests of files, for as long as the process lives. */
const digests = new DigestMemo();
/** What each function was when it was first seen here. */
const fresh = new WeakMap<object, CodeIdentity>();

/** Executes a spec, and gives its manifest. A step that fails has one too. */
export async function performTask(bytes: Uint8Array, watch: TaskWatch): Promise<Uint8Array> {
  const spec = fromBytes<TaskSpec>(bytes);
  if (Deno.cwd() !== spec.cwd) Deno.chdir(spec.cwd);
  const began = performance.now();
  try {
    const fn = await importFunction(spec);
    const before = await codeIdentity(fn, spec.codeOptions);
    const differs = compare(spec, fn, before);
    if (await writersByType() !== spec.writers) throw otherDrivers(spec);
    const run = await runOf(spec, fn, watch);
    await hearPolars(before);
    const failure = await executeHere(run).then(() => undefined, (error: unknown) => errorOf(error));
    const { own, foreign } = changedMeanwhile(before, await codeIdentity(fn, spec.codeOptions));
    return toBytes(manifestOf(run, { differs, own, foreign }, (performance.now() - began) / 1000, failure));
  } catch (error) {
    return toBytes(failed(spec, error, (performance.now() - began) / 1000));
  }
}

// ── the function ────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function importFunction({ fn, request }: TaskSpec): Promise<AnyFunction> {
  let names: Record<string, unknown>;
  try {
    names = await import(fn.module);
  } catch (cause) {
    throw new ExecutorError("not_importable", {
      problem: `The module of step "${request.name}" cannot be imported in a worker process.`,
      why: cause instanceof Error ? cause.message : describe(cause),
      fix: "Mend the module: a worker imports it by itself, with the permissions and the configuration of the program.",
      path: fn.module,
      cause,
    });
  }
  const found = names[fn.name];
  if (typeof found === "function") return found as AnyFunction;
  throw new ExecutorError("not_importable", {
    problem: `The module of step "${request.name}" exports no function "${fn.name}" in a worker process.`,
    why: `The file has changed since the program loaded it: ${fn.module}.`,
    fix: "Start the program again, or restart the kernel.",
    path: fn.module,
  });
}

/** Names of what is another one than was identified. A value that is so from the start would give another result without a word. */
function compare(spec: TaskSpec, fn: AnyFunction, now: CodeIdentity): string[] {
  const first = fresh.get(fn) ?? now;
  fresh.set(fn, first);
  if (now.hash === spec.code.hash) return [];
  const fromStart = differences(spec.code.parts, first.parts);
  const values = fromStart.filter(({ kind }) => kind === "value" || kind === "changing");
  if (values.length > 0 && values.length === fromStart.length) throw otherValues(spec, values.map(({ name }) => name));
  const names = differences(spec.code.parts, now.parts).map(({ name }) => name);
  return names.length > 0 ? names : ["the code"];
}

/** The parts of one that the other does not have. */
function differences(
  before: TaskSpec["code"]["parts"],
  after: readonly CodePart[],
): Pick<CodePart, "kind" | "name">[] {
  const known = new Set(before.map(({ kind, name, hash }) => `${kind} ${name} ${hash}`));
  const [here, there] = [new Set(after.map(({ kind, name, hash }) => `${kind} ${name} ${hash}`)), before];
  const changed = after.filter(({ kind, name, hash }) => !known.has(`${kind} ${name} ${hash}`));
  const gone = there.filter(({ kind, name, hash }) => !here.has(`${kind} ${name} ${hash}`) && !changed.some((part) => part.name === name));
  return [...changed, ...gone];
}

function otherValues({ request }: TaskSpec, names: readonly string[]): ExecutorError {
  return new ExecutorError("not_importable", {
    problem: `Step "${request.name}" reads ${listNames(names)}, whose value is another one in a worker process.`,
    why: "A worker imports the step's module anew, and what the program did to it since is not known there.",
    fix: "Give it to the step: as config, as an input, or in executionOptions.runtimeArgs.",
  });
}

function otherDrivers({ request, fn }: TaskSpec): ExecutorError {
  return new ExecutorError("not_importable", {
    problem: `Step "${request.name}" would be written by other drivers in a worker process.`,
    why: "The program registered a driver that the step's module does not register.",
    fix: `Call registerDriver in ${fn.module}, or in a module that it imports.`,
  });
}

// ── the run ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function runOf(spec: TaskSpec, fn: AnyFunction, watch: TaskWatch): Promise<ActiveRun> {
  const { request: sent } = spec;
  const request: StepRequest = {
    ...sent,
    mode: "run",
    body: fn as unknown as StepBody,
    facetFrom: undefined,
    facet: undefined,
    runtime: sent.runtime as StepRequest["runtime"],
    inputs: await Promise.all(sent.inputs.map((input) => received(input, sent.name))),
    dependencies: await Promise.all(sent.dependencies.map((input) => received(input, sent.name))),
    cache: {},
    place: { signal: watch.signal, onProgress: (_, state) => watch.onProgress(state) },
    captured: new Set(),
    executor: undefined,
    clockedAt: performance.now(),
  };
  return new ActiveRun(servicesOf(spec), request, spec.runId, spec.dir);
}

function servicesOf({ runDir, roots }: TaskSpec): RunServices {
  const ledger = refusingLedger("of the program");
  const refuse = (): Promise<never> => ledger.read(() => Promise.reject(new Error("a worker runs no steps of its own")));
  const services: RunServices = {
    ledger,
    access: ACCESS.standard,
    tracking: { isOn: true, step: refuse, begin: refuse, end: refuse },
    untracked: () => services,
    runDir,
    roots,
    digests,
    cacheEpoch: 1,
    now: Date.now,
    schemaName: () => undefined,
    warn: () => {}, // the program that gave the task tells its user, with what the manifest says
    earlier: new Map(),
    executors: { named: () => undefined, close: () => Promise.resolve() },
  };
  return services;
}

async function received(input: SentInput, step: string): Promise<ResolvedInput> {
  const { artifact, value, ...plain } = input;
  if (value !== undefined) return { ...plain, value: await receivedValue(input, value, step) };
  if (artifact === undefined) return plain;
  return { ...plain, artifact: artifactFrom(artifact) };
}

/** A value that would arrive as another one is refused: its hash is part of the signature. */
async function receivedValue({ key, hash, kind }: SentInput, value: NonNullable<SentInput["value"]>, step: string): Promise<unknown> {
  const given = "clone" in value ? value.clone : await frameFrom(value.frame);
  if (kind !== "value" || hashValue(given) === hash || "frame" in value) return given;
  throw new ExecutorError("not_importable", {
    problem: `The input "${key}" of step "${step}" arrives as another value in a worker process.`,
    why: "It is copied on the way, and the copy has another hash.",
    fix: 'Give plain data, or a file; or use executor: "in_process".',
  });
}

async function frameFrom(bytes: Uint8Array): Promise<unknown> {
  const file = await Deno.makeTempFile({ prefix: "consist-", suffix: ".arrow" });
  try {
    await Deno.writeFile(file, bytes);
    return await driverNamed("arrow").read(file);
  } finally {
    await Deno.remove(file);
  }
}

function artifactFrom(facts: ArtifactFacts): StoredArtifact {
  return new StoredArtifact(facts, { memo: digests });
}

// ── the manifest ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function manifestOf(run: ActiveRun, code: CodeThere, seconds: number, failure: SentError | undefined): Manifest {
  return {
    runId: run.id,
    seconds,
    ...(failure === undefined ? {} : { failure }),
    outputs: [...run.outputs.values()].map(({ artifact, schema: _, ...made }) => ({ ...made, artifactId: artifact.id })),
    logged: [...run.logged.values()].map(factsOf),
    reads: run.implicit.all.map(({ artifact, input, from: _, ...read }): SentRead => ({
      ...read,
      ...(artifact === undefined ? {} : { artifact: factsOf(artifact) }),
      ...(input === undefined ? {} : { input: sentFacts(input) }),
    })),
    doubts: [...run.implicit.doubts],
    ingested: [...run.ingested.keys()],
    profiled: [...run.profiled].map(([id, { sampleRows }]) => ({ id, sampleRows })),
    meta: run.meta,
    warnings: run.warnings,
    code,
  };
}

function failed({ runId }: TaskSpec, error: unknown, seconds: number): Manifest {
  const nothing = { outputs: [], logged: [], reads: [], doubts: [], ingested: [], profiled: [], meta: {}, warnings: [] };
  return { runId, seconds, failure: errorOf(error), ...nothing, code: { differs: [], own: [], foreign: [] } };
}

/** So many causes are told: an error may be its own cause. */
const DEEPEST = 8;

function errorOf(error: unknown, depth = 0): SentError {
  if (!(error instanceof Error)) return { name: "", message: typeof error === "string" ? error : describe(error) };
  const stack = stackOf(error);
  return {
    name: error.name,
    message: error.message,
    ...(stack === undefined ? {} : { stack }),
    ...(error.cause === undefined || depth >= DEEPEST ? {} : { cause: errorOf(error.cause, depth + 1) }),
    ...(error instanceof ConsistError ? { own: ownFields(error) } : {}),
  };
}

function ownFields({ code, problem, why, fix, path }: ConsistError): NonNullable<SentError["own"]> {
  return { code, problem, why, fix, ...(path === undefined ? {} : { path }) };
}
