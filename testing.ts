/**
 * Tests of steps and notebooks.
 *
 * @module
 */
export { testExecutor } from "./src/tracker/executor_suite.ts";
export { assertHit, assertMiss, assertReproducible, withTracker } from "./src/tracker/testing.ts";
export { type CellReport, type NotebookOptions, type NotebookReport, testNotebook } from "./src/jupyter/mod.ts";
