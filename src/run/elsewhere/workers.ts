/** Worker processes of this library's own program. */
import { denoCommand, WorkerPool } from "../../executors/mod.ts";
import { WORKER_PROGRAM } from "./execute_elsewhere.ts";

/** A pool of so many; nothing is started before the first task. */
export function startWorkers(workers: number): WorkerPool {
  return new WorkerPool({ workers, command: (secret) => denoCommand(WORKER_PROGRAM, ["--serve", secret]) });
}
