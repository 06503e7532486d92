/** What a container is to the step that runs it, and running it. */
import { basename, extname, join } from "@std/path";
import { crypto } from "../../intrinsics.ts";
import { hashValue, safeName } from "../../artifacts/mod.ts";
import {
  type ContainerCall,
  type Engine,
  findEngine,
  imageState,
  type Mount,
  type ProgramEnd,
  pullImage,
  removeLine,
  runLine,
  withRoles,
} from "../../programs/mod.ts";
import { type ActiveRun, activeRun } from "../active_run.ts";
import { logFile } from "../log_files.ts";
import { cancelledContainer, failedContainer, noEngine, noImage, notRun } from "./container_errors.ts";
import { checkCommand, type ContainerSpec, type Fetched } from "../container_spec.ts";
import { labelsOf, removeLeftContainers } from "./left_containers.ts";
import { copiedVolumes, type GivenInput, mountParts, type MountPlan, planMounts, prepareVolumes, RUN_FOLDER } from "./mounts.ts";
import { type ProgramIdentity, type ProgramInputs, type ProgramMoment, programOf } from "../program.ts";
import { reasonOf, runInStep } from "./program_output.ts";
import type { Step } from "../step_types.ts";
import { writtenBy } from "../written_files.ts";

const fetch = (spec: ContainerSpec, fetched: Fetched, engine: Engine) => fetched.image ??= pullImage(engine, spec.image);

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

/** What of a container decides the result. */
export async function identifyContainer(spec: ContainerSpec, at: ProgramMoment, fetched: Fetched): Promise<ProgramIdentity> {
  const engine = await findEngine(spec.backend);
  if (engine === undefined) return unknownProgram(spec.image, noEngine(spec).problem);
  if (spec.pullLatest) await fetch(spec, fetched, engine);
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

/** Runs a container as the body of a step. */
export async function executeContainer(spec: ContainerSpec, inputs: ProgramInputs, step: Step, fetched: Fetched): Promise<void> {
  const run = activeRun();
  const engine = await findEngine(spec.backend);
  if (engine === undefined) throw noEngine(spec);
  const why = spec.pullLatest ? await fetch(spec, fetched, engine) : undefined;
  if (why !== undefined) run?.warn(`the image ${spec.image} could not be fetched (${why}); the one on this machine is used`);
  // Outside of runs the engine itself says what is missing.
  const missing = run === undefined ? undefined : noImage(spec, engine, await imageState(engine, spec.image, run.services.digests));
  if (missing !== undefined) throw missing;
  noteNested(run, spec);
  const written = run === undefined ? [] : writtenBy(run.request, run.services);
  const plan = planMounts(spec.volumes ?? {}, givenInputs(inputs, run), written);
  const command = commandOf(spec, plan.paths, step);
  await Deno.mkdir(step.runDir, { recursive: true });
  await prepareVolumes(plan.volumes);
  await removeLeftContainers(engine);
  const { mounts, moved } = await mountsOf(plan, run);
  const end = await runContainerised(spec, engine, step, {
    command,
    mounts: [...mounts, { source: step.runDir, target: RUN_FOLDER, writable: true }],
  });
  if (end.cancelled) throw cancelledContainer(spec, end);
  if (end.code !== 0) throw failedContainer(spec, engine, end);
  if (run !== undefined) await takeOutputs(run, moved);
}

/** A container that another step runs on its way: nothing of it is in that step's identity. */
function noteNested(run: ActiveRun | undefined, { image }: ContainerSpec): void {
  if (run === undefined || programOf(run.request.body) !== undefined) return;
  run.implicit.doubts.add(`it runs a container of ${image} on its way, of which nothing counts: make it a step of its own`);
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
  const labels = labelsOf(step.runId);
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
    throw notRun(spec, engine, cause);
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
      if (await isThere(copy)) await logFile(run, copy, { key, direction: "output", ...(driver === undefined ? {} : { driver }) });
    } else if (!run.outputs.has(key) && (await run.names.writtenAt(key)).length === 0) {
      for (const file of found) if (named.get(key) !== join(run.dir, file)) run.names.given(key, extname(file));
    }
  }
}

const isThere = (path: string): Promise<boolean> => Deno.stat(path).then((state) => state.isFile, () => false);
