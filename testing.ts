/**
 * Tests of steps and notebooks.
 *
 * @module
 */
export { assertHit, assertMiss, withTracker } from "./src/tracker/testing.ts";
