/** While modules are imported for their functions, what they run at their top level is served from the cache, or refused: nothing executes or is recorded. */
import { ConsistError } from "../errors.ts";
import type { StepRequest } from "./request.ts";

let rehearsals = 0;

/** Does some work during which steps are only served. */
export async function rehearse<T>(work: () => Promise<T>): Promise<T> {
  rehearsals++;
  try {
    return await work();
  } finally {
    rehearsals--;
  }
}

/** Are steps only served at this moment? */
export const isRehearsal = (): boolean => rehearsals > 0;

/** Refuses a step that would execute. */
export function refuseInRehearsal({ name, isRepeated }: Pick<StepRequest, "name" | "isRepeated">): void {
  if (!isRehearsal() || isRepeated) return;
  throw new ConsistError("step_failed", {
    problem: `Step "${name}" is not in the cache, and is not executed where its module is only imported.`,
    why: "The module runs steps when it is imported, and only those are served that were run before.",
    fix: "Run the program first, or put its top level into if (import.meta.main).",
    step: name,
  });
}
