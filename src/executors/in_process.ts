/** Steps in this process: the function itself is called. */
import type { Executor } from "./executor.ts";

/** Calls the function here. It needs no import, and one function computes at a time. */
export const inProcess: Executor = {
  name: "in_process",
  execute: (task) => task.here(),
  close: () => Promise.resolve(),
};
