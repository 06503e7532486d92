/** Steps whose work is done by another process: commands, containers, and functions in workers. Loaded with the first of them. */
export { executeCommand, identifyCommand } from "./command_step.ts";
export { executeContainer, identifyContainer } from "./container_step.ts";
export { executeBy } from "./execute_elsewhere.ts";
export { type ContainerOptions, containerStep } from "./run_container.ts";
export type { CodeThere } from "./task_spec.ts";
export { startWorkers } from "./workers.ts";
