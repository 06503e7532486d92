/** Where step functions run: in this process, in worker processes, or wherever an executor of the user's runs them. */
export { childGuard } from "./child_guard.ts";
export { denoCommand } from "./deno_command.ts";
export type { Executor, ExecutorTask, TaskProgress } from "./executor.ts";
export { inProcess } from "./in_process.ts";
export { type Mark, markLine, type Order, orders } from "./marks.ts";
export { WorkerPool, type WorkerPoolOptions } from "./worker_pool.ts";
