/** A step that nobody tracks: the same function on the same inputs, with its outputs in files; nothing is looked up, and nothing is recorded. */
import type { Artifact, Facet, Miss, Run, RunResult } from "../types.ts";
import { ActiveRun, readsOfActiveRun } from "./active_run.ts";
import { execute, executeHere } from "./execute.ts";
import { facetOf } from "./facets.ts";
import { codeOf, configOf } from "./identify.ts";
import { newRunId } from "./ids.ts";
import { scalarsOf } from "./record.ts";
import { runFolder } from "./run_folders.ts";
import { refuseInRehearsal } from "./rehearsal.ts";
import type { RunServices, StepRequest } from "./request.ts";
import { StepResult } from "./result.ts";
import type { Scalars } from "./servable.ts";

const NOT_TRACKED: Miss = {
  code: "not_tracked",
  changed: [],
  reason: "Tracking is off: nothing was looked up, and nothing is recorded.",
  changes: [],
};

/** Executes a step. What is refused of its options and its config is refused here too. */
export async function untrackedStep(services: RunServices, request: StepRequest): Promise<RunResult> {
  refuseInRehearsal(request);
  const config = configOf(services, request).value as Facet;
  const id = await freeId(services, request);
  const run = new ActiveRun(services, request, id, runFolder(services, request, id));
  // Another process makes sure that its function is the one that was meant: only for that the code is looked at.
  const { value } = await (request.executor === undefined ? executeHere(run) : execute(run, await codeOf(services, request)));
  const made = [...run.outputs.values()];
  const outputs = Object.fromEntries(made.map((output) => [output.key, output.artifact as Artifact]));
  readsOfActiveRun()?.innerReads(Object.values(outputs), run.implicit.all, run.implicit.doubts);
  const result = new StepResult({
    request,
    run: runOf(run, config, scalarsOf(made)),
    outputs,
    seconds: (performance.now() - request.clockedAt) / 1000,
    words: NOT_TRACKED.reason,
    notes: [],
    warnings: run.warnings,
    bytes: new Map(made.map((output) => [output.key, output.bytes])),
    logged: [...run.logged.values()],
    reads: run.implicit.all,
    miss: NOT_TRACKED,
  });
  return request.mode === "trace" ? Object.assign(result, { value }) : result;
}

/** A label names the run where no folder has that name yet: no two runs share one. */
async function freeId(services: RunServices, request: StepRequest): Promise<string> {
  const { runId } = request.settings;
  if (runId === undefined) return newRunId(request.name);
  const there = await Deno.lstat(runFolder(services, request, runId)).then(() => true, (error: unknown) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
  return there ? newRunId(request.name) : runId;
}

/** The run as a tracked one would have it, as far as what makes use of results goes. */
function runOf({ id, request, meta, services }: ActiveRun, config: Facet, scalars: Scalars): Run {
  const { settings, place } = request;
  const parentId = settings.parentRunId ?? place.parentId;
  const { year, iteration, stage, phase, description } = settings;
  const known = { year, iteration, stage, phase, description, parentId, scenarioId: place.scenario?.name };
  return {
    id,
    model: request.model,
    status: "completed",
    signature: "",
    cacheHit: false,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    tags: request.tags,
    facet: facetOf(request, config, scalars) ?? {},
    meta: {
      ...(settings.runId === undefined ? {} : { label: settings.runId }),
      ...(Object.keys(scalars).length === 0 ? {} : { output_values: scalars }),
      ...meta,
    },
    startedAt: new Date(request.calledAt),
    endedAt: new Date(services.now()),
  };
}
