/** Which executor an option means. */
import { OptionError } from "../errors.ts";
import type { Executor } from "../executors/mod.ts";
import { describe } from "./check_options.ts";

/** What the option `executor` may be. */
export type ExecutorChoice = "in_process" | "worker" | Executor;

/** The executors that a tracker's runs share. */
export interface Executors {
  /** The executor of this name; none is this process. */
  named(name: "in_process" | "worker"): Executor | undefined;
  /** Ends what is running. */
  close(): Promise<void>;
}

/** Worker processes: as many as there are cores, unless a number is given. Nothing of them is loaded before the first task. */
export function workerPool(workers: number = navigator.hardwareConcurrency): Executor {
  let pool: Promise<Executor> | undefined;
  const started = (): Promise<Executor> => pool ??= import("./elsewhere/mod.ts").then(({ startWorkers }) => startWorkers(workers));
  return {
    name: "worker",
    slots: workers,
    execute: async (task) => await (await started()).execute(task),
    close: async () => await (await pool)?.close(),
  };
}

/** The executors of a tracker: nothing is started before the first run that asks for it. */
export function makeExecutors(): Executors {
  let pool: Executor | undefined;
  return {
    named: (name) => name === "worker" ? pool ??= workerPool() : undefined,
    close: async () => await pool?.close(),
  };
}

/** The executor that an option means; none is this process. */
export function executorOf(executors: Executors, choice: unknown): Executor | undefined {
  checkExecutor(choice);
  if (choice === undefined || choice === "in_process") return undefined;
  return choice === "worker" ? executors.named("worker") : choice as Executor;
}

/** Throws an `OptionError` where an option means no executor. */
export function checkExecutor(choice: unknown): void {
  if (choice === undefined || choice === "in_process" || choice === "worker" || isExecutor(choice)) return;
  throw new OptionError("option_invalid", {
    problem: `The option executionOptions.executor is ${describe(choice)}.`,
    why: 'It has to be "in_process", "worker" or an executor: an object with name, execute(task) and close().',
    fix: 'Give "worker", or leave the option out.',
    path: "executionOptions.executor",
  });
}

function isExecutor(value: unknown): value is Executor {
  const { name, execute, close } = (typeof value === "object" && value !== null ? value : {}) as Partial<Executor>;
  return typeof name === "string" && typeof execute === "function" && typeof close === "function";
}
