/** Has another process call a step's function, and takes over what it made, as if it had been made here. */
import { isAbsolute, relative } from "@std/path";
import { type ErrorCode, errorOfClass, ExecutorError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import { denoCommand, type Executor, type ExecutorTask } from "../../executors/mod.ts";
import { unheard } from "../../notebook/mod.ts";
import { StoredArtifact } from "../../artifacts/mod.ts";
import type { CodeIdentity } from "../../identity/mod.ts";
import { type ActiveRun, noteLoaded } from "../active_run.ts";
import { takeOverOutput } from "../log_files.ts";
import type { ResolvedInput } from "../request.ts";
import { type ArtifactFacts, fromBytes, type Manifest, type SentError, type SentInput, specOf, toBytes } from "./task_spec.ts";

/** The program that a worker process runs. */
export const WORKER_PROGRAM: string = import.meta.resolve("./worker_program.ts");

/** Executes a run by an executor: `here` where that calls the function in this process, else its manifest. */
export async function executeBy(
  executor: Executor,
  run: ActiveRun,
  code: CodeIdentity,
  here: () => Promise<void>,
): Promise<Manifest | undefined> {
  const bytes = await executor.execute(taskOf(run, code, here));
  if (bytes === undefined) return undefined;
  const manifest = await checked(run, executor, bytes);
  await takeOver(run, manifest);
  return manifest;
}

/** The manifest, where it is this run's, and what it names is there: an executor is not believed blindly. */
async function checked(run: ActiveRun, executor: Executor, bytes: Uint8Array): Promise<Manifest> {
  let manifest: Partial<Manifest>;
  try {
    manifest = fromBytes<Manifest>(bytes);
  } catch (cause) {
    throw badManifest(run, executor, "It cannot be read.", cause);
  }
  if (manifest?.runId !== run.id) throw badManifest(run, executor, `It is that of the run ${JSON.stringify(manifest?.runId ?? null)}.`);
  const whole = manifest as Manifest;
  for (const { key, path, bytes } of whole.outputs) {
    if (!isBelow(run.dir, path)) throw badManifest(run, executor, `The output "${key}" is not in the run's folder: ${path}.`);
    const size = await Deno.stat(path).then((stat) => stat.size, () => undefined);
    if (size !== bytes) {
      throw badManifest(
        run,
        executor,
        `The output "${key}" is ${size === undefined ? "not there" : `${size} bytes, not ${bytes}`}: ${path}.`,
      );
    }
  }
  return whole;
}

function isBelow(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== "" && !inside.startsWith("..") && !isAbsolute(inside);
}

function badManifest({ id, request }: ActiveRun, { name }: Executor, why: string, cause?: unknown): ExecutorError {
  return new ExecutorError("worker_failed", {
    problem: `The executor "${name}" gave a manifest for "${request.name}" that does not fit.`,
    why,
    fix: "Mend the executor: it gives the bytes that the task's own command left, once they are whole.",
    run: id,
    step: request.name,
    ...(cause === undefined ? {} : { cause }),
  });
}

function taskOf(run: ActiveRun, code: CodeIdentity, here: () => Promise<void>): ExecutorTask {
  const { name, place } = run.request;
  return {
    id: run.id,
    name,
    dir: run.dir,
    signal: run.signal,
    here: async () => void (await here()) as undefined,
    spec: async () => toBytes(await specOf(run, code)),
    argv: (spec, manifest) => denoCommand(WORKER_PROGRAM, [spec, manifest]),
    onProgress: ({ done, total, note }) => run.progress(done, total, note),
    onPrint: (stream, line) => {
      run.recording?.line(stream, line);
      (place.onPrint ?? print)(stream, `[${name}] ${line}`);
    },
  };
}

function print(stream: "stdout" | "stderr", line: string): void {
  unheard(() => stream === "stdout" ? console.log(line) : console.error(line));
}

async function takeOver(run: ActiveRun, manifest: Manifest): Promise<void> {
  const artifacts = new Map<string, StoredArtifact>();
  const artifactOf = (facts: ArtifactFacts): StoredArtifact => {
    const known = artifacts.get(facts.id) ?? new StoredArtifact(facts, { memo: run.services.digests, onLoad: noteLoaded });
    artifacts.set(facts.id, known);
    return known;
  };
  for (const warning of manifest.warnings) run.warn(warning);
  Object.assign(run.meta, manifest.meta);
  for (const facts of manifest.logged) run.logged.set(facts.key, artifactOf(facts));
  for (const { artifact, input, ...read } of manifest.reads) {
    run.implicit.takeOver({
      ...read,
      ...(artifact === undefined ? {} : { artifact: artifactOf(artifact) }),
      ...(input === undefined ? {} : { input: inputFrom(input) }),
    });
  }
  for (const doubt of manifest.doubts) run.implicit.doubts.add(doubt);
  if (manifest.failure !== undefined) throw errorFrom(manifest.failure, run);
  for (const { artifactId, ...made } of manifest.outputs) artifacts.set(artifactId, await takeOverOutput(run, made));
  for (const id of manifest.ingested) noteTable(artifacts.get(id), (artifact) => run.ingested.set(artifact.id, { artifact }));
  for (const { id, sampleRows } of manifest.profiled) {
    noteTable(artifacts.get(id), (artifact) => run.profiled.set(artifact.id, { artifact, sampleRows }));
  }
}

/** Artifacts that are on record in the ledger were refused there: what is noted is of this run. */
function noteTable(artifact: StoredArtifact | undefined, note: (artifact: StoredArtifact) => void): void {
  if (artifact !== undefined) note(artifact);
}

function inputFrom({ artifact: _artifact, value: _value, ...input }: SentInput): ResolvedInput {
  return input;
}

const BUILT_IN: { readonly [name: string]: ErrorConstructor } = { RangeError, ReferenceError, SyntaxError, TypeError, URIError, EvalError };

/** The error as it was thrown there: its class where it is a known one, its stack, which points into the step's module. */
function errorFrom(sent: SentError, run: ActiveRun): unknown {
  if (sent.name === "") return sent.message;
  const cause = sent.cause === undefined ? {} : { cause: errorFrom(sent.cause, run) };
  const error = sent.own === undefined
    ? new (BUILT_IN[sent.name] ?? Error)(sent.message, cause)
    : errorOfClass(sent.name, sent.own.code as ErrorCode, { ...sent.own, run: run.id, step: run.request.name, ...cause });
  if (error.name !== sent.name) Object.defineProperty(error, "name", { value: sent.name, configurable: true, writable: true });
  error.stack = sent.stack ?? `${sent.name}: ${sent.message}`; // never the place where it arrived
  return error;
}
