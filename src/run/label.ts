/** Labels that users give to executions. */
import { FindError } from "../errors.ts";

/** A label that is taken cannot name another execution. */
export function labelTaken(label: string): FindError {
  return new FindError("run_exists", {
    problem: `There is a run with the id "${label}" already.`,
    why: "runId names one execution.",
    fix: "Choose another runId, or leave it out.",
    path: "runId",
  });
}
