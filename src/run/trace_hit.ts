/** A trace that hit: its body runs in any case. */
import { explain, type StepIdentity } from "../identity/mod.ts";
import type { Artifact, Miss, RunResult } from "../types.ts";
import { ActiveRun } from "./active_run.ts";
import { execute, type Executed } from "./execute.ts";
import { recordFailure } from "./execute_and_record.ts";
import { takeRunId } from "./label.ts";
import type { Hit } from "./look_up.ts";
import { resultOf } from "./outcome.ts";
import { markOfProcess } from "./presence.ts";
import { recordExecuted, recordHit, recordStart } from "./record.ts";
import type { RunServices, StepRequest } from "./request.ts";
import { runFolder } from "./run_folders.ts";
import { steadyIdentity } from "./steady_identity.ts";
import { withTables } from "./tables.ts";

/** A trace that hit: its cached outputs are there before the body runs; other content for a key makes it an execution. */
export async function traceHit(services: RunServices, request: StepRequest, identity: StepIdentity, hit: Hit): Promise<RunResult> {
  for (const [key, artifact] of hit.outputs) request.place.onOutput?.(key, artifact);
  const { id, label } = await takeRunId(services, request, "hit");
  const run = new ActiveRun(services, request, id, runFolder(services, request, id), hit.outputs);
  const isRecorded = request.cache.cacheMode !== "readonly";
  let executed: Executed;
  try {
    executed = await execute(run, identity.code, true);
  } catch (error) {
    if (isRecorded) await recordLateFailure(run, identity, error, label);
    throw error;
  }
  if (run.changedKeys.length === 0) {
    await run.removeEmptyFolder();
    return resultOf(request, identity, {
      hit,
      outputs: hit.outputs,
      active: run,
      recorded: recordHit(services, request, identity, hit, run),
      value: executed.value,
    });
  }
  run.warn(
    `the body logged other content than the cache holds for ${
      run.changedKeys.map((key) => `"${key}"`).join(", ")
    }; the new content is recorded. Make the step depend on what changed, as an input or in its config.`,
  );
  const miss = demotion(run, hit);
  const steady = await steadyIdentity(run, identity);
  if (isRecorded) await recordStart(services, run, steady, markOfProcess());
  const completion = { seconds: executed.seconds, miss, write: isRecorded, label };
  const recorded = await withTables(run, isRecorded, () => recordExecuted(services, run, steady, completion));
  const outputs = new Map<string, Artifact>([...hit.outputs, ...[...run.outputs].map(([key, made]) => [key, made.artifact] as const)]);
  return resultOf(request, identity, { outputs, recorded, active: run, miss, words: explain(miss), value: executed.value });
}

/** The failure of a body that ran on a hit: nothing was recorded of its run so far. */
async function recordLateFailure(run: ActiveRun, identity: StepIdentity, error: unknown, label: string | null): Promise<void> {
  await recordStart(run.services, run, identity, markOfProcess());
  await recordFailure(run, identity, { error, label });
}

function demotion(run: ActiveRun, hit: Hit): Miss {
  return {
    code: "trace_changed",
    changed: [],
    reason: `The run ${hit.source.id} has the same signature, but the body made other content for ${
      run.changedKeys.map((key) => `"${key}"`).join(", ")
    }.`,
    changes: [],
  };
}
