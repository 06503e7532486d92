/** What goes wrong with containers, in words. */
import { ContainerError, listNames } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import { type Engine, ENGINES, type ImageState, type ProgramEnd } from "../../programs/mod.ts";
import { activeRun } from "../active_run.ts";
import type { ContainerSpec } from "../container_spec.ts";
import { endWords, lastLines, reasonOf } from "./program_output.ts";

/** No engine is on this machine. */
export function noEngine({ backend }: ContainerSpec): ContainerError {
  return new ContainerError("container_failed", {
    problem: backend === undefined ? "There is no container engine on this machine." : `There is no ${backend} on this machine.`,
    why: `${backend ?? listNames(ENGINES)} was looked for in the folders of the search path.`,
    fix: backend === undefined ? "Install podman or docker." : `Install ${backend}, or leave backend out to take another engine.`,
  });
}

/** An image that cannot be told; one whose name only a registry can tell is left to the engine. */
export function noImage(spec: ContainerSpec, engine: Engine, state: ImageState): ContainerError | undefined {
  if ("digest" in state || state.problem === "unknown") return undefined;
  return new ContainerError("container_failed", {
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

/** A container that was ended because its step was cancelled. */
export function cancelledContainer({ image }: ContainerSpec, end: ProgramEnd): ContainerError {
  return new ContainerError("container_failed", {
    problem: `The container of ${JSON.stringify(image)} was cancelled.`,
    why: `The step's signal was aborted, and the container was removed (${endWords(end)}).`,
    fix: "Run the step again.",
  });
}

/** A container that ended with another exit code than 0, or by a signal. */
export function failedContainer({ image }: ContainerSpec, engine: Engine, end: ProgramEnd): ContainerError {
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

/** The engine itself could not be run. */
export function notRun({ image }: ContainerSpec, engine: Engine, cause: unknown): ContainerError {
  return new ContainerError("container_failed", {
    problem: `The container of ${JSON.stringify(image)} could not be run.`,
    why: `${engine.name}: ${reasonOf(cause)}`,
    fix: "Check that the engine runs in a terminal, and that the run folder can be written.",
    path: engine.program,
    cause,
  });
}
