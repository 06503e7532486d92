/** A step for each row: what each row is run with, its progress, and what came of it. Loaded with the first sweep. */
export { mapRuns } from "./map_runs.ts";
