/** What another process needs to execute a run, and what it leaves when it has: plain data, as bytes. */
import { deserialize, serialize } from "node:v8";
import { cloneFlaw, driverNamed, isFrame, type UriRoots } from "../../artifacts/mod.ts";
import { ExecutorError } from "../../errors.ts";
import { type AnyFunction, type CodeIdentity, type CodePart, givenConfig } from "../../identity/mod.ts";
import { isRelation } from "../../relations/mod.ts";
import type { Artifact, Facet, Meta } from "../../types.ts";
import type { ActiveRun } from "../active_run.ts";
import { presentPath } from "../bind_inputs.ts";
import { codeOptions, writersByType } from "../identify.ts";
import type { ImplicitRead } from "../implicit_inputs.ts";
import { type Importable, importableOf } from "./importable.ts";
import type { MadeOutput, ResolvedInput, StepRequest } from "../request.ts";

/** The facts about an artifact, as plain data. */
export type ArtifactFacts = Pick<Artifact, "id" | "key" | "path" | "uri" | "driver" | "hash" | "meta"> & { readonly runId?: string };

/** An input as it travels: its artifact by its facts, a frame by its file's bytes. */
export interface SentInput extends Omit<ResolvedInput, "artifact" | "value"> {
  readonly artifact?: ArtifactFacts;
  readonly value?: { readonly clone: unknown } | { readonly frame: Uint8Array };
}

/** The parts of a request that travel. */
export type SentRequest =
  & Pick<
    StepRequest,
    "name" | "model" | "outputPaths" | "binding" | "outputMissing" | "outputMismatch" | "tags" | "calledAt" | "isRepeated"
  >
  & {
    readonly settings: Pick<StepRequest["settings"], "year" | "iteration" | "captureDir" | "capturePattern" | "outputDir">;
    readonly config: unknown;
    readonly runtime: unknown;
    readonly inputs: readonly SentInput[];
    readonly dependencies: readonly SentInput[];
    readonly outputs: readonly Omit<StepRequest["outputs"][number], "schema">[];
  };

/** What another process needs. */
export interface TaskSpec {
  readonly fn: Importable;
  readonly cwd: string;
  readonly runId: string;
  readonly dir: string;
  readonly runDir: string;
  readonly roots: UriRoots;
  readonly request: SentRequest;
  /** What was identified; the function that is called has to be the same. */
  readonly code: { readonly hash: string | null; readonly parts: readonly Pick<CodePart, "kind" | "name" | "hash">[] };
  readonly codeOptions: ReturnType<typeof codeOptions>;
  /** The drivers that write values by their type, with versions. */
  readonly writers: string;
}

/** An error, as plain data. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: SentError;
  /** The fields of an error of ours. */
  readonly own?: { readonly code: string; readonly problem: string; readonly why: string; readonly fix: string; readonly path?: string };
}

/** What another process leaves. */
export interface Manifest {
  readonly runId: string;
  readonly seconds: number;
  readonly failure?: SentError;
  readonly outputs: readonly (Omit<MadeOutput, "schema" | "facet"> & { readonly facet?: Facet; readonly artifactId: string })[];
  readonly logged: readonly ArtifactFacts[];
  readonly reads: readonly SentRead[];
  readonly doubts: readonly string[];
  /** Ids of artifacts whose rows are to be kept. */
  readonly ingested: readonly string[];
  /** Artifacts whose first rows are to be looked at. */
  readonly profiled: readonly { readonly id: string; readonly sampleRows: number | undefined }[];
  readonly meta: Meta;
  readonly warnings: readonly string[];
  readonly code: CodeThere;
}

/** What was read without being declared, as it travels. */
export type SentRead = Omit<ImplicitRead, "artifact" | "input" | "from"> & {
  readonly artifact?: ArtifactFacts;
  readonly input?: SentInput;
};

/** The code that was executed, against the one that was identified. */
export interface CodeThere {
  /** The names of what is another one there. */
  readonly differs: readonly string[];
  /** What the step changed itself, and also reads. */
  readonly own: readonly string[];
  /** What changed while it ran. */
  readonly foreign: readonly string[];
}

/** Anything of this floor that travels, as bytes. */
export function toBytes(value: TaskSpec | Manifest): Uint8Array {
  return new Uint8Array(serialize(value));
}

/** The opposite. */
export function fromBytes<T extends TaskSpec | Manifest>(bytes: Uint8Array): T {
  return deserialize(bytes) as T;
}

/**
 * The spec of a run.
 *
 * @throws {ExecutorError} `not_importable`, where the function, or a value that it gets, cannot be had in another process.
 */
export async function specOf(run: ActiveRun, code: CodeIdentity): Promise<TaskSpec> {
  const { request, services } = run;
  const { name, model, outputPaths, binding, outputMissing, outputMismatch, tags, calledAt, isRepeated } = request;
  const { year, iteration, captureDir, capturePattern, outputDir } = request.settings;
  const settings = Object.entries({ year, iteration, captureDir, capturePattern, outputDir }).filter(([, value]) => value !== undefined);
  return {
    fn: await importableOf(request.body as AnyFunction, name),
    cwd: Deno.cwd(),
    runId: run.id,
    dir: run.dir,
    runDir: services.runDir,
    roots: services.roots,
    code: { hash: code.hash, parts: code.parts.map(({ kind, name, hash }) => ({ kind, name, hash })) },
    codeOptions: codeOptions(services, request),
    writers: await writersByType(),
    request: {
      ...{ name, model, outputPaths, binding, outputMissing, outputMismatch, tags: [...tags], calledAt, isRepeated },
      settings: Object.fromEntries(settings),
      config: cloneable(givenConfig(request.config ?? {}), "config", name),
      runtime: cloneable(request.runtime, "runtimeArgs", name),
      inputs: await Promise.all(request.inputs.map((input) => sentInput(run, input))),
      dependencies: request.dependencies.map((input) => sentFacts(input)),
      outputs: request.outputs.map(({ schema: _, ...output }) => cloneable(output, `outputs.${output.key}`, name)),
    },
  };
}

/** An input without its value. */
export function sentFacts({ value: _, artifact, ...input }: ResolvedInput): SentInput {
  return { ...input, ...(artifact === undefined ? {} : { artifact: factsOf(artifact) }) };
}

async function sentInput(run: ActiveRun, input: ResolvedInput): Promise<SentInput> {
  const sent = sentFacts(input);
  if (input.kind === "value") return { ...sent, value: await sentValue(input.value, `inputs.${input.key}`, run.request.name) };
  if (input.artifact === undefined || input.binding === "none") return sent;
  const path = await presentPath(run, input);
  if (path === input.artifact.path) return sent;
  const { artifact: _, ...plain } = sent;
  if (path !== undefined) return { ...plain, kind: "file", path };
  if (input.binding !== "loaded") throw notSent(`inputs.${input.key}`, "is kept in the ledger only, as rows", run.request.name);
  return { ...plain, kind: "value", value: await sentValue(await input.artifact.load(), `inputs.${input.key}`, run.request.name) };
}

async function sentValue(value: unknown, path: string, step: string): Promise<NonNullable<SentInput["value"]>> {
  if (isRelation(value)) throw notSent(path, "is a query", step);
  if (isFrame(value)) return { frame: await frameBytes(value) };
  return { clone: cloneable(value, path, step) };
}

async function frameBytes(value: unknown): Promise<Uint8Array> {
  const file = await Deno.makeTempFile({ prefix: "consist-", suffix: ".arrow" });
  try {
    await driverNamed("arrow").write(value, file);
    return await Deno.readFile(file);
  } finally {
    await Deno.remove(file);
  }
}

function cloneable<T>(value: T, path: string, step: string): T {
  const flaw = cloneFlaw(value);
  if (flaw === undefined) return value;
  throw notSent(flaw.path.replace(/^value/, path), flaw.problem, step);
}

function notSent(path: string, what: string, step: string): ExecutorError {
  return new ExecutorError("not_importable", {
    problem: `Step "${step}" cannot be executed in another process: ${path} ${what}.`,
    why: "What a step gets there is copied, and of this there is no copy that is the same.",
    fix: 'Give plain data, or a file; or use executor: "in_process".',
    step,
    path,
  });
}

/** The facts of an artifact. */
export function factsOf({ id, key, path, uri, driver, hash, meta, runId }: Artifact): ArtifactFacts {
  return { id, key, path, uri, driver, hash, meta, ...(runId === undefined ? {} : { runId }) };
}
