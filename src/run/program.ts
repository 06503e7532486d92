/** A step that is another program: what of it decides the result, told before it runs, and told again when it has run. */
import { extname, join } from "@std/path";
import { digestFile, type DigestMemo, safeName } from "../artifacts/mod.ts";
import { type AnyFunction, type CallIdentity, canonicalJson, type CodeIdentity, type CodeNote, IDENTITY, STEP } from "../identity/mod.ts";
import type { Role } from "../programs/mod.ts";
import { ActiveRun } from "./active_run.ts";
import type { ResolvedInput, RunServices, StepRequest } from "./request.ts";
import { stepOf } from "./step_context.ts";
import type { Step } from "./step_types.ts";
import { type TellWritten, tellWritten, writtenBy } from "./written_files.ts";

/** Under this symbol the function of a program keeps what tells its identity. */
const PROGRAM: unique symbol = Symbol.for("consist.program") as never;

/** Paths of inputs by key, and values in memory as they are. */
export type ProgramInputs = { readonly [key: string]: string };

/** A step that runs another program. */
export type ProgramStep = (inputs: ProgramInputs, step: Step) => Promise<void>;

/** What of a program decides the result. */
export interface ProgramIdentity {
  /** Named parts: `executable sort`, `argument 2`. */
  readonly parts: { readonly [name: string]: string };
  /** What could not be told: then the step executes. */
  readonly opaque: readonly CodeNote[];
  /** What the result may depend on and nothing counts. */
  readonly outside: readonly CodeNote[];
}

/** The moment at which a program is looked at: no run has begun, and a stand-in gives the paths that a run would give. */
export interface ProgramMoment {
  readonly request: StepRequest;
  readonly digests: DigestMemo;
  /** Paths of the inputs. */
  readonly inputs: ProgramInputs;
  /** A step that does nothing. */
  readonly step: Step;
  /** The paths that stand for something. */
  readonly roles: readonly Role[];
  /** The files and folders of the user's to which the step writes. */
  readonly written: readonly string[];
  /** Tells of a file whether the step writes it. */
  readonly isWritten: TellWritten;
  /** Where the library itself writes: the runs and the ledger. */
  readonly busy: readonly string[];
}

/** Tells the identity of a program. */
export type TellProgram = (at: ProgramMoment) => Promise<ProgramIdentity>;

/** Makes a function known as a program; `chooser` is the user's function of the arguments, whose code counts as the step's. */
export function asProgram(step: ProgramStep, name: string, tell: TellProgram, chooser: unknown): ProgramStep {
  Object.defineProperty(step, "name", { value: name });
  const own = typeof chooser === "function" ? chooser as AnyFunction : undefined;
  Object.defineProperty(step, PROGRAM, { value: { tell, chooser: own } satisfies Program });
  Object.defineProperty(step, IDENTITY, { value: () => ["program", own ?? null] });
  return step;
}

interface Program {
  readonly tell: TellProgram;
  readonly chooser: AnyFunction | undefined;
}

/** What is known of a step that is a program; also where it was defined with defaults around it. */
export function programOf(body: unknown): Program | undefined {
  for (let fn = body; typeof fn === "function"; fn = Object.getOwnPropertyDescriptor(fn, STEP)?.value) {
    const program = Object.getOwnPropertyDescriptor(fn, PROGRAM)?.value as Program | undefined;
    if (program !== undefined) return program;
  }
  return undefined;
}

/** The identity of the request's program, where it is one. */
export async function programIdentity(services: RunServices, request: StepRequest): Promise<ProgramIdentity | undefined> {
  return await programOf(request.body)?.tell(momentOf(services, request));
}

/** A code's identity with what could not be told of the program, and what nothing counts. */
export function withProgram(code: CodeIdentity, program: ProgramIdentity | undefined): CodeIdentity {
  if (program === undefined) return code;
  return { ...code, opaque: [...code.opaque, ...program.opaque], outside: [...code.outside, ...program.outside] };
}

/** The parts of a program that are not what the call's identity says. */
export function changedParts({ parts }: CallIdentity, after: ProgramIdentity): string[] {
  const before = new Map(parts.map(({ name, text }) => [name, text]));
  return Object.keys(after.parts).filter((name) => before.get(name) !== canonicalJson(after.parts[name]));
}

// ── the moment ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The id of the run that stands in: as long as others, and no run has it. */
const STAND_IN = "run-of-no-name_00000000";

function momentOf(services: RunServices, request: StepRequest): ProgramMoment {
  const dir = join(services.runDir, "outputs", safeName(request.name), STAND_IN);
  return {
    request,
    digests: services.digests,
    inputs: Object.fromEntries(request.inputs.filter(({ binding }) => binding !== "none").map((input) => [input.key, givenAs(input)])),
    step: standIn(new ActiveRun(services, request, STAND_IN, dir)),
    roles: rolesOf(services, request, dir),
    written: writtenBy(request, services),
    isWritten: tellWritten(request, services),
    busy: [services.runDir, services.ledger.path],
  };
}

/** What the function of the arguments gets for an input: its path, its paths, or the value itself. */
function givenAs({ kind, value, files, path }: ResolvedInput): string {
  const given = kind === "value" ? value : kind === "glob" || kind === "list" ? files : path;
  return given as string; // the type says what most inputs are; the others arrive as they do in a step
}

/** Endings count: programs go by them. Names do not. */
function rolesOf(services: RunServices, request: StepRequest, dir: string): Role[] {
  const inputs = request.inputs.flatMap(({ key, path, files, kind }) => [
    ...(path === undefined || kind === "glob" ? [] : [{ path, role: `input ${key}${extname(path)}` }]),
    ...(kind === "glob" || kind === "list"
      ? (files ?? []).map((file, index) => ({ path: file, role: `input ${key} ${index}${extname(file)}` }))
      : []),
  ]);
  const mounts = Object.entries(services.roots.mounts ?? {}).map(([name, path]) => ({ path, role: `mount ${name}` }));
  return [...inputs, { path: dir, role: "run" }, { path: STAND_IN, role: "run id" }, ...mounts, { path: Deno.cwd(), role: "project" }];
}

/** A step that gives paths and says what it is, and that writes and logs nothing. */
function standIn(run: ActiveRun): Step {
  const refuse = (name: string) => (): never => {
    throw new TypeError(`step.${name}() was called while the arguments were made, which is before the run`);
  };
  const names = ["load", "logArtifact", "logInput", "logOutput", "logArtifacts", "logDataframe", "logMeta", "captureOutputs"] as const;
  return {
    ...stepOf(run, false) as unknown as Step,
    outputDir: (namespace?: string) => namespace === undefined ? run.dir : join(run.dir, safeName(namespace)),
    progress: () => {},
    ...Object.fromEntries(names.map((name) => [name, refuse(name)])),
  };
}

/** The digest of a file, as a part. */
export async function digestPart(path: string, digests: DigestMemo): Promise<string> {
  return `sha256:${await digestFile(path, digests)}`;
}
