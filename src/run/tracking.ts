/** The two things that can become of steps and scenarios: they are looked up and recorded, or only executed. */
import { recordBeginning, recordEnding } from "./header.ts";
import type { Tracking } from "./request.ts";
import { trackedStep } from "./run.ts";
import { untrackedStep } from "./untracked_step.ts";

/** Steps are looked up, and what executes is recorded. */
export const TRACKED: Tracking = { isOn: true, step: trackedStep, begin: recordBeginning, end: recordEnding };

/** Steps execute, and nothing is recorded. */
export const UNTRACKED: Tracking = {
  isOn: false,
  step: untrackedStep,
  begin: () => Promise.resolve(),
  end: () => Promise.resolve(),
};
