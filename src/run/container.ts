/** A containerised program as a step. */
import { checkSpec, type ContainerSpec, type Fetched, nameOfImage } from "./container_spec.ts";
import { asProgram, type ProgramStep } from "./program.ts";

/** What runs programs. */
const elsewhere = (): Promise<typeof import("./elsewhere/mod.ts")> => import("./elsewhere/mod.ts");

/**
 * A containerised program as the `fn` of a step: podman, docker or apptainer.
 *
 * Inputs are mounted read-only: where a volume holds them, else below `/consist/inputs`; `command` as a function gets their paths in the
 * container. The run's own folder is `/consist/outputs`: what the program writes to `step.outputPath(key, extension)`, or as
 * `/consist/outputs/<key>.<extension>`, is that output. An output with a path in `outputPaths` is taken from the volume that holds it.
 *
 * What counts: the image by its content (its id, which podman and docker agree on), the command, the environment, the working folder, and what is mounted where. Read-only
 * volumes count by their content. What lies in a volume that the container writes to does not count, and stands on the card. Which engine
 * runs it does not count. An image that is not on this machine is an error, unless `pullLatest` fetches it, once for
 * each call of `container`.
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
  const fetched: Fetched = {};
  return asProgram(
    async (inputs, step) => await (await elsewhere()).executeContainer(spec, inputs, step, fetched),
    nameOfImage(spec.image),
    async (at) => await (await elsewhere()).identifyContainer(spec, at, fetched),
    spec.command,
  );
}
