/** Labels that users give to executions. */
import { FindError } from "../errors.ts";
import { runIdsByLabel, runsById } from "../ledger/mod.ts";
import { newRunId } from "./ids.ts";
import type { RunServices, StepRequest } from "./request.ts";

/** A label that is taken cannot name another execution. */
function labelTaken(label: string): FindError {
  return new FindError("run_exists", {
    problem: `There is a run with the id "${label}" already.`,
    why: "runId names one execution.",
    fix: "Choose another runId, or leave it out.",
    path: "runId",
  });
}

/** The id of a new run, and its label where the user gave one. A label that is taken names no second execution; a hit gets a fresh id. */
export async function takeRunId(
  services: RunServices,
  request: StepRequest,
  how: "execute" | "hit",
): Promise<{ id: string; label: string | null }> {
  const label = request.settings.runId ?? null;
  if (label === null || how === "hit") {
    return { id: (how === "execute" ? request.place.ahead?.takeId() : undefined) ?? newRunId(request.name), label };
  }
  const isTaken = await services.ledger.lookUp(async (db) =>
    (await runsById(db, [label])).length > 0 || (await runIdsByLabel(db, label)).length > 0
  );
  if (isTaken) throw labelTaken(label);
  return { id: label, label };
}
