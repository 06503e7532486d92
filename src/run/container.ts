/** A containerised program as a step. */
import { basename, extname, join } from "@std/path";
import { hashValue, safeName } from "../artifacts/mod.ts";
import { ContainerError, listNames, nearestName, OptionError } from "../errors.ts";
import {
  type ContainerCall,
  type Engine,
  type EngineName,
  ENGINES,
  findEngine,
  type ImageState,
  imageState,
  type Mount,
  type ProgramEnd,
  pullImage,
  removeLeft,
  removeLine,
  runLine,
  withRoles,
} from "../programs/mod.ts";
import { type ActiveRun, activeRun } from "./active_run.ts";
import { describe } from "./check_options.ts";
import { copiedVolumes, type GivenInput, mountParts, type MountPlan, planMounts, prepareVolumes, RUN_FOLDER } from "./mounts.ts";
import { isDead, markOfProcess, type ProcessMark } from "./presence.ts";
import { asProgram, type ProgramIdentity, type ProgramInputs, type ProgramMoment, type ProgramStep, writtenBy } from "./program.ts";
import { endWords, lastLines, reasonOf, runInStep } from "./program_output.ts";
import type { Step } from "./step_types.ts";

/** A container as a step: what runs, and what it sees. */
export interface ContainerSpec {
  /** The image's name; for apptainer also the path of a file. */
  readonly image: string;
  /**
   * The arguments of the image's entry point, as a list; or a text for the image's own `/bin/sh`; or a function that gives one of these from the
   * inputs' paths in the container and the step, called before a run begins as well.
   */
  readonly command: string | readonly string[] | ((inputs: ProgramInputs, step: Step) => string | readonly string[]);
  /** Host path → path in the container. Read-only unless an output lies there, or the path ends in `:rw`. */
  readonly volumes?: { readonly [hostPath: string]: string } | undefined;
  /** Its variables. They count; their values are kept as hashes only. */
  readonly environment?: { readonly [name: string]: string } | undefined;
  /** The folder that it runs in. @default the image's */
  readonly workingDir?: string | undefined;
  /** The engine. @default the first one found of podman, docker and apptainer */
  readonly backend?: EngineName | undefined;
  /** Fetch the image anew before it is looked at; where that fails the one on this machine is used. @default false */
  readonly pullLatest?: boolean | undefined;
}

const OPTIONS = ["image", "command", "volumes", "environment", "workingDir", "backend", "pullLatest"];
/** By this label a container that its process left behind is found. */
const LABEL = "consist.process";

/**
 * A containerised program as the `fn` of a step: podman, docker or apptainer.
 *
 * Inputs are mounted read-only: where a volume holds them, else below `/consist/inputs`; `command` as a function gets their paths in the
 * container. The run's own folder is `/consist/outputs`: what the program writes to `step.outputPath(key, extension)`, or as
 * `/consist/outputs/<key>.<extension>`, is that output. An output with a path in `outputPaths` is taken from the volume that holds it.
 *
 * What counts: the image by its content (its id, which podman and docker agree on), the command, the environment, the working folder, and what is mounted where. Read-only
 * volumes count by their content. What lies in a volume that the container writes to does not count, and stands on the card. Which engine
 * runs it does not count. An image that is not on this machine is an error, unless `pullLatest` fetches it.
 *
 * What it prints is kept with the run and shown while it runs. An exit code other than 0 fails the step. When `step.signal` is aborted or this
 * process dies, the container is removed; one that outlived a crash of the machine carries the label `consist.process` and is removed before
 * the next container of a step runs.
 *
 * @param spec the image, the command, and what the container sees
 * @returns a function for `fn`
 * @throws {OptionError} `option_invalid` or `unknown_option`, for what is no container.
 *
 * @example A model in an image
 * ```ts ignore
 * import { container, run } from "consist";
 *
 * const result = await run({
 *   name: "assign",
 *   fn: container({
 *     image: "travel-model:v2.1",
 *     command: ({ network = "" }, step) => ["assign", "--year", "2030", network, step.outputPath("flows", ".parquet")],
 *   }),
 *   inputs: { network: "network.csv" },
 *   outputs: ["flows"],
 *   executionOptions: { inputBinding: "paths" },
 * });
 * ```
 */
export function container(spec: ContainerSpec): ProgramStep {
  checkSpec(spec);
  let pulled: Promise<string | undefined> | undefined;
  const fetch = (engine: Engine) => pulled ??= pullImage(engine, spec.image);
  return asProgram(
    (inputs, step) => execute(spec, inputs, step, fetch),
    nameOfImage(spec.image),
    (at) => identify(spec, at, fetch),
    spec.command,
  );
}

/** `registry/group/model:v2` is `model`. */
export function nameOfImage(image: string): string {
  const last = image.split(/[/\\]/).at(-1)!;
  return last.replace(/@sha256:.*$/, "").replace(/:[^:]*$/, "").replace(/\.(?:sif|img|sqsh)$/, "");
}

type Fetch = (engine: Engine) => Promise<string | undefined>;

function checkSpec(spec: ContainerSpec): void {
  if (typeof spec !== "object" || spec === null) throw invalid(spec, "It takes one object of options.");
  const unknown = Object.keys(spec).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw unknownOption(unknown);
  const { image, volumes, environment, workingDir, backend } = spec;
  if (typeof image !== "string" || image === "" || image.startsWith("-") || image.includes("\0")) {
    throw invalid(image, "Its image is the name of one.");
  }
  if (typeof spec.command !== "function") checkCommand(spec.command);
  for (const [name, value] of Object.entries({ volumes, environment })) {
    const isRecord = value === undefined ||
      (typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string"));
    if (!isRecord) throw invalid(value, `Its ${name} are an object of strings.`);
  }
  for (const target of Object.values(volumes ?? {})) {
    if (!target.startsWith("/")) throw invalid(target, "A volume's path in the container is absolute.");
  }
  const bad = Object.keys(environment ?? {}).find((name) => !/^[A-Za-z_][\w.-]*$/.test(name));
  if (bad !== undefined) throw invalid(bad, "A variable's name has letters, digits and underscores.");
  if (workingDir !== undefined && typeof workingDir !== "string") throw invalid(workingDir, "Its workingDir is the path of a folder.");
  if (backend !== undefined && !ENGINES.includes(backend)) throw invalid(backend, `Its backend is one of ${listNames(ENGINES)}.`);
}

function unknownOption(name: string): OptionError {
  const near = nearestName(name, OPTIONS);
  const elsewhere = ["inputs", "outputs", "config", "name"].includes(name);
  return new OptionError("unknown_option", {
    problem: `container has no option "${name}".`,
    why: `Its options are ${listNames(OPTIONS)}.`,
    fix: elsewhere
      ? `Give ${name} to run: run({ fn: container({ ... }), ${name} }).`
      : near === undefined
      ? "Remove it, or check its spelling."
      : `Did you mean ${near}?`,
    path: name,
  });
}

function invalid(found: unknown, why: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `container() was called with ${describe(found)}.`,
    why,
    fix: 'Call container({ image: "model:v2", command: ["run", "--year", "2030"] }).',
    path: "fn",
  });
}

function checkCommand(command: unknown): asserts command is string | readonly string[] {
  const words = typeof command === "string" ? [command] : command;
  if (!Array.isArray(words)) throw invalid(command, "Its command is a text or a list of strings.");
  const bad = words.findIndex((word) => typeof word !== "string" || word.includes("\0"));
  if (bad >= 0) throw invalid(words[bad], `The word ${bad + 1} of its command has to be a string without NUL.`);
}

// ── the command ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

function commandOf({ command }: ContainerSpec, inputs: ProgramInputs, step: Step): string | readonly string[] {
  if (typeof command !== "function") return command;
  const given = command(inputs, insideStep(step));
  checkCommand(given);
  return given;
}

/** The step as the container's command sees it: its folder is elsewhere there. */
function insideStep(step: Step): Step {
  const outputPath = (key: string, ext?: string) => `${RUN_FOLDER}/${basename(step.outputPath(key, ext ?? ""))}`;
  const outputDir = (namespace?: string) => namespace === undefined ? RUN_FOLDER : `${RUN_FOLDER}/${basename(step.outputDir(namespace))}`;
  return { ...step, runDir: RUN_FOLDER, outputPath, outputDir } as Step;
}

/** The inputs by their paths on this machine. What is no path of an input is a value. */
function givenInputs(inputs: ProgramInputs, run: ActiveRun | undefined): GivenInput[] {
  const values = new Set(run?.request.inputs.filter(({ kind }) => kind === "value").map(({ key }) => key));
  return Object.entries(inputs).map(([key, given]) => values.has(key) ? { key, value: given } : { key, path: given });
}

// ── identity ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function identify(spec: ContainerSpec, at: ProgramMoment, fetch: Fetch): Promise<ProgramIdentity> {
  const engine = await findEngine(spec.backend);
  if (engine === undefined) return unknownProgram(spec.image, noEngine(spec).problem);
  if (spec.pullLatest) await fetch(engine);
  const state = await imageState(engine, spec.image, at.digests);
  if (!("digest" in state)) return unknownProgram(spec.image, `its image cannot be told: ${state.why}`);
  const values = new Set(at.request.inputs.filter(({ kind }) => kind === "value").map(({ key }) => key));
  const given = Object.entries(at.inputs).map(([key, input]) => values.has(key) ? { key, value: input } : { key, path: input });
  const plan = planMounts(spec.volumes ?? {}, given, at.written);
  let command: string | readonly string[];
  try {
    command = commandOf(spec, plan.paths, at.step);
  } catch (error) {
    return unknownProgram("command", `what it gives cannot be told before the run: ${reasonOf(error)}`);
  }
  const mounts = await mountParts(plan, at.digests, at.busy);
  return {
    parts: {
      image: state.digest,
      ...commandParts(command, at),
      ...mounts.parts,
      ...Object.fromEntries(
        Object.entries(spec.environment ?? {}).map(([name, value]) => [`environment ${name}`, `sha256:${hashValue(value)}`]),
      ),
      ...(spec.workingDir === undefined ? {} : { "working directory": spec.workingDir }),
    },
    opaque: mounts.opaque,
    outside: [{ name: spec.image, why: "the network, and the hardware and kernel of this machine" }, ...mounts.outside],
  };
}

const unknownProgram = (name: string, why: string): ProgramIdentity => ({ parts: {}, opaque: [{ name, why }], outside: [] });

function commandParts(command: string | readonly string[], { roles }: ProgramMoment): Record<string, string> {
  if (typeof command === "string") return { "shell command": withRoles(command, roles) };
  return Object.fromEntries(command.map((word, index) => [`argument ${index + 1}`, withRoles(word, roles)]));
}

// ── execution ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function execute(spec: ContainerSpec, inputs: ProgramInputs, step: Step, fetch: Fetch): Promise<void> {
  const run = activeRun();
  const engine = await findEngine(spec.backend);
  if (engine === undefined) throw noEngine(spec);
  const why = spec.pullLatest ? await fetch(engine) : undefined;
  if (why !== undefined) run?.warn(`the image ${spec.image} could not be fetched (${why}); the one on this machine is used`);
  await requireImage(spec, engine, run);
  const written = run === undefined ? [] : writtenBy(run.request, run.services);
  const plan = planMounts(spec.volumes ?? {}, givenInputs(inputs, run), written);
  const command = commandOf(spec, plan.paths, step);
  await Deno.mkdir(step.runDir, { recursive: true });
  await prepareVolumes(plan.volumes);
  await sweep(engine);
  const { mounts, moved } = await mountsOf(plan, run);
  const end = await runContainerised(spec, engine, step, {
    command,
    mounts: [...mounts, { source: step.runDir, target: RUN_FOLDER, writable: true }],
  });
  if (end.cancelled) throw cancelled(spec, end);
  if (end.code !== 0) throw failed(spec, engine, end);
  if (run !== undefined) await takeOutputs(run, moved);
}

/** What is mounted: of a repeated execution a copy of what would be written to. */
async function mountsOf(
  { volumes, inputs }: MountPlan,
  run: ActiveRun | undefined,
): Promise<{ mounts: Mount[]; moved: Map<string, string> }> {
  const isCopied = run?.request.isRepeated && volumes.some(({ writable }) => writable);
  const { mounts, moved } = isCopied ? await copiedVolumes(volumes, run.dir) : { mounts: [...volumes], moved: new Map<string, string>() };
  return { mounts: [...mounts, ...inputs], moved };
}

async function runContainerised(
  spec: ContainerSpec,
  engine: Engine,
  step: Step,
  { command, mounts }: { command: string | readonly string[]; mounts: readonly Mount[] },
): Promise<ProgramEnd> {
  const name = `consist-${safeName(step.runId).replace(/[^A-Za-z0-9_.-]/g, "_")}-${crypto.randomUUID().slice(0, 8)}`;
  const { image, environment = {}, workingDir } = spec;
  const labels = { [LABEL]: labelOfProcess(), "consist.run": step.runId };
  const call: ContainerCall = { image, command, mounts, environment, name, labels, workingDir };
  const { args, env } = runLine(engine.name, call);
  const remove = removeLine(engine.name, [name]);
  try {
    return await runInStep(step, image, {
      argv: [engine.program, ...args],
      env,
      cwd: Deno.cwd(),
      ...(remove === undefined ? {} : { cleanup: [engine.program, ...remove] }),
    });
  } catch (cause) {
    throw new ContainerError("container_failed", {
      problem: `The container of ${JSON.stringify(image)} could not be run.`,
      why: `${engine.name}: ${reasonOf(cause)}`,
      fix: "Check that the engine runs in a terminal, and that the run folder can be written.",
      path: engine.program,
      cause,
    });
  }
}

/** Outputs that the program wrote into the run's folder under their keys, and those of a repeated execution. */
async function takeOutputs(run: ActiveRun, moved: ReadonlyMap<string, string>): Promise<void> {
  const { outputs, outputPaths } = run.request;
  const named = new Map(writtenBy(run.request, run.services).map((path, index) => [Object.keys(outputPaths)[index], path]));
  const files = [...Deno.readDirSync(run.dir)].filter((entry) => entry.isFile).map((entry) => entry.name);
  for (const { key, driver } of outputs) {
    const copy = moved.get(named.get(key) ?? "");
    const found = files.filter((file) => basename(file, extname(file)) === safeName(key));
    if (copy !== undefined) {
      if (await isThere(copy)) await run.logFile(copy, { key, direction: "output", ...(driver === undefined ? {} : { driver }) });
    } else if (!run.outputs.has(key) && (await run.writtenAt(key)).length === 0) {
      for (const file of found) if (named.get(key) !== join(run.dir, file)) run.outputPath(key, extname(file));
    }
  }
}

const isThere = (path: string): Promise<boolean> => Deno.stat(path).then((state) => state.isFile, () => false);

// ── containers that were left behind ────────────────────────────────────────────────────────────────────────────────────────

function labelOfProcess(): string {
  return encodeURIComponent(JSON.stringify(markOfProcess()));
}

const swept = new Map<string, Promise<unknown>>();

/** Once in each process: removes the containers of processes of this machine that are dead. */
async function sweep(engine: Engine): Promise<void> {
  const known = swept.get(engine.program) ?? removeLeft(engine, LABEL, isLeft);
  swept.set(engine.program, known);
  // What cannot be removed now hinders nobody: its name is its own, and the next process tries again.
  await known.catch(() => {});
}

function isLeft(label: string): boolean {
  try {
    return isDead([], JSON.parse(decodeURIComponent(label)) as ProcessMark, new Date(), Date.now());
  } catch {
    // Not written by us: then it is not ours to remove.
    return false;
  }
}

// ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function noEngine({ backend }: ContainerSpec): ContainerError {
  return new ContainerError("container_failed", {
    problem: backend === undefined ? "There is no container engine on this machine." : `There is no ${backend} on this machine.`,
    why: `${backend ?? listNames(ENGINES)} was looked for in the folders of the search path.`,
    fix: backend === undefined ? "Install podman or docker." : `Install ${backend}, or leave backend out to take another engine.`,
  });
}

async function requireImage(spec: ContainerSpec, engine: Engine, run: ActiveRun | undefined): Promise<void> {
  if (run === undefined) return; // the engine itself says what is missing
  const state: ImageState = await imageState(engine, spec.image, run.services.digests);
  if ("digest" in state || state.problem === "unknown") return;
  throw new ContainerError("container_failed", {
    problem: state.problem === "missing"
      ? `The image ${JSON.stringify(spec.image)} is not on this machine.`
      : `${engine.name} could not be asked for the image ${JSON.stringify(spec.image)}.`,
    why: state.why,
    fix: state.problem !== "missing"
      ? `Check that ${engine.name} works: ${engine.name} info.`
      : engine.name === "apptainer"
      ? "Give the path of an image's file."
      : `Fetch it with ${engine.name} pull ${spec.image}, build it, or set pullLatest: true.`,
    path: spec.image,
  });
}

function cancelled({ image }: ContainerSpec, end: ProgramEnd): ContainerError {
  return new ContainerError("container_failed", {
    problem: `The container of ${JSON.stringify(image)} was cancelled.`,
    why: `The step's signal was aborted, and the container was removed (${endWords(end)}).`,
    fix: "Run the step again.",
  });
}

function failed({ image }: ContainerSpec, engine: Engine, end: ProgramEnd): ContainerError {
  const isEngines = engine.name !== "apptainer" && end.code >= 125 && end.code <= 127;
  const what = end.code === 125
    ? `${engine.name} could not start it`
    : end.code === 126
    ? "what it is to run cannot be executed"
    : "what it is to run is not in the image";
  return new ContainerError("container_failed", {
    problem: `The container of ${JSON.stringify(image)} ended with ${endWords(end)}${isEngines ? `: ${what}` : ""}.`,
    why: lastLines(end),
    fix: `The whole output is in program.stdout.log and program.stderr.log in the run's folder${
      activeRun() === undefined ? "" : `, ${activeRun()!.dir}`
    }.`,
  });
}
