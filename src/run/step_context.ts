/** What a step function receives as its second argument, and the same functions as ambient ones. */
import { capturedSince, pathOf, snapshotFolder } from "../artifacts/mod.ts";
import { givenConfig } from "../identity/mod.ts";
import type { Artifact, Artifacts, Meta } from "../types.ts";
import { checkMembers, KeyError, listNames, nearestName } from "../errors.ts";
import { type ActiveRun, requireActiveRun } from "./active_run.ts";
import { logFile, logValue } from "./log_files.ts";
import { programOf } from "./program.ts";
import { bindOne } from "./bind_inputs.ts";
import { relative } from "@std/path";
import { ingest } from "./tables.ts";
import type { CaptureOptions, IngestOptions, LogManyOptions, LogOptions, RunContext, Step } from "./step_types.ts";

/** The functions of a run context, over whatever run `find` gives. */
function runContext(find: (call: string) => ActiveRun): RunContext {
  const logOne = async (call: string, path: string | URL, options: LogOptions & { direction: "input" | "output" }): Promise<Artifact> =>
    await logFile(find(call), path, options);
  const context = {
    outputPath: (key: string, ext?: string): string => find("outputPath").names.given(key, ext),
    outputDir: (namespace?: string): string => find("outputDir").outputDir(namespace),
    logArtifact: (path: string | URL, options: LogOptions & { direction: "input" | "output" }) => logOne("logArtifact", path, options),
    logInput: (path: string | URL, options: LogOptions = {}) => logOne("logInput", path, { ...options, direction: "input" }),
    logOutput: (path: string | URL, options: LogOptions = {}) => logOne("logOutput", path, { ...options, direction: "output" }),
    logArtifacts: async (files: { readonly [key: string]: string | URL }, options: LogManyOptions<string> = {}): Promise<Artifacts> => {
      const run = find("logArtifacts");
      const logged = await Promise.all(
        Object.entries(files).map(async ([key, path]) => [key, await logFile(run, path, { key, ...ofOne(key, options) })] as const),
      );
      return Object.fromEntries(logged);
    },
    logDataframe: async (frame: unknown, options: LogOptions & { key: string }): Promise<Artifact> => {
      const { key, driver = "parquet", ...rest } = options;
      return await logValue(find("logDataframe"), key, frame, driver, rest);
    },
    logMeta: (meta: Meta): Promise<void> => {
      Object.assign(find("logMeta").meta, meta);
      return Promise.resolve();
    },
    captureOutputs: async (dir: string, options: CaptureOptions, body: (dir: string) => unknown): Promise<Artifacts> =>
      await capture(find("captureOutputs"), dir, options, body),
    ingest: async (artifact: Artifact, options?: IngestOptions): Promise<void> => await ingest(find("ingest"), artifact, options),
  };
  // The typed interface says more than an object literal can: keys and values follow from the arguments.
  return context as unknown as RunContext;
}

/** The ambient functions: of the run inside which they are called. */
export const ambientContext: RunContext = runContext(requireActiveRun);

function ofOne(key: string, options: LogManyOptions<string>): LogOptions & { direction: "input" | "output" } {
  const facet = options.facetsByKey?.[key];
  const { year, iteration, tags } = options;
  const fields = Object.fromEntries(Object.entries({ year, iteration, tags }).filter(([, value]) => value !== undefined));
  return {
    direction: options.direction ?? "output",
    meta: { ...fields, ...options.meta, ...options.metadataByKey?.[key] },
    ...(facet === undefined ? {} : { facet }),
  };
}

/** The note on a captured output: its path from the folder that it was captured in. */
export const CAPTURED_AS = "captured_as";

/** Logs what the body writes into a folder, by file name stem. */
export async function capture(run: ActiveRun, dir: string, options: CaptureOptions, body: (dir: string) => unknown): Promise<Artifacts> {
  checkMembers(options, ["pattern", "recursive"], "captureOutputs");
  const before = await snapshotFolder(pathOf(dir, run.services.roots), options);
  await body(dir);
  const files = await capturedSince(before, options);
  const logged: [string, Artifact][] = [];
  for (const { key, path } of files) {
    const meta = { [CAPTURED_AS]: relative(before.dir, path).replaceAll("\\", "/") };
    logged.push([key, await logFile(run, path, { key, direction: "output", meta })]);
  }
  return Object.fromEntries(logged);
}

/** The second argument of a step function. */
export function stepOf(run: ActiveRun, cacheHit: boolean): Step<unknown, never, never> {
  const { request } = run;
  const { settings } = request;
  const step = {
    ...runContext(() => run),
    get name(): string {
      if (request.name !== request.model && programOf(request.body) === undefined) run.implicit.stepName();
      return request.name;
    },
    runId: run.id,
    config: givenConfig(request.config ?? {}),
    runDir: run.dir,
    cacheHit,
    runtime: request.runtime,
    signal: run.signal,
    ...(settings.year === undefined ? {} : { year: settings.year }),
    ...(settings.iteration === undefined ? {} : { iteration: settings.iteration }),
    load: async (what: string | Artifact): Promise<unknown> => typeof what === "string" ? await loadInput(run, what) : await what.load(),
    progress: (done: number, total?: number, note?: string): void => run.progress(done, total, note),
    [Symbol.for("consist.identity")]: () => "step",
  };
  return step as unknown as Step<unknown, never, never>;
}

async function loadInput(run: ActiveRun, key: string): Promise<unknown> {
  const input = run.request.inputs.find((input) => input.key === key);
  if (input !== undefined) {
    return await bindOne(run, input.binding === "none" || input.binding === "path" ? { ...input, binding: "loaded" } : input);
  }
  const keys = run.request.inputs.map((input) => input.key);
  const near = nearestName(key, keys);
  throw new KeyError("unknown_key", {
    problem: `step.load("${key}") was called, and the step has no such input.`,
    why: `Its inputs are ${listNames(keys)}.`,
    fix: near === undefined ? "Add it to inputs." : `Did you mean "${near}"?`,
    run: run.id,
    step: run.request.name,
  });
}
