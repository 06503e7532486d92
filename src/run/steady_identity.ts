/** After a step executed: is what was identified still what is there? */
import { listNames } from "../errors.ts";
import { changedMeanwhile, type StepIdentity } from "../identity/mod.ts";
import type { ActiveRun } from "./active_run.ts";
import { rememberCodeAfter } from "./calls.ts";
import { codeOf } from "./identify.ts";
import { changedParts, programIdentity } from "./program.ts";
import { changedInputs } from "./steady_inputs.ts";
import type { CodeThere } from "./elsewhere/mod.ts";

/** The identity of a run whose inputs are still what they were when it began; else it has no signature, so that nobody is served its result. */
export async function steadyIdentity(run: ActiveRun, identity: StepIdentity, there?: CodeThere): Promise<StepIdentity> {
  const [{ own, foreign, differs }, inputs, program] = await Promise.all([
    there ?? codeHere(run, identity),
    changedInputs(run.services, run.request, identity.config.hash, run.implicit.all),
    changedProgram(run, identity),
  ]);
  if (differs.length > 0) {
    run.warn(
      `the worker process executed other code than was identified (${
        listNames(differs)
      }): a file changed, or an earlier run there changed ` +
        "what the step reads. The result is kept, and will not be served again.",
    );
  }
  if (own.length > 0 && there === undefined) {
    run.warn(`this step changes ${listNames(own)}, which it also reads: it will execute again in this process.`);
  }
  const changed = [...foreign.map((name) => `the captured "${name}"`), ...inputs, ...program];
  if (changed.length > 0) run.warn(`${changed.join(", ")} changed while the step ran. The result is kept, and will not be served again.`);
  // The body of a trace runs in any case: a doubt about it serves nothing stale.
  const doubts = run.request.mode === "run" ? [...run.implicit.doubts] : [];
  if (doubts.length > 0) run.warn(`${doubts.join("; ")}. The result is kept, and will not be served again.`);
  return changed.length + doubts.length + differs.length === 0 ? identity : { ...identity, signature: null };
}

/** What became of the code of a step that executed in this process. */
async function codeHere(run: ActiveRun, identity: StepIdentity): Promise<CodeThere> {
  const after = await codeOf(run.services, run.request);
  rememberCodeAfter(run.request, after.hash);
  return { ...changedMeanwhile(identity.code, after), differs: [] };
}

/** What of a step's program, its arguments and the files that they name is another one by now. */
async function changedProgram({ services, request }: ActiveRun, { call }: StepIdentity): Promise<string[]> {
  const after = await programIdentity(services, request);
  return after === undefined ? [] : changedParts(call, after);
}
