/** Kernels as Jupyter speaks to them: a client of Deno's own, and one that stands between Jupyter and it. */
export { type ExecuteOptions, type Execution, type KernelOptions, KernelProcess } from "./kernel.ts";
export type { StepNotes } from "./kernel_prelude.ts";
export { KernelProxy } from "./kernel_proxy.ts";
export {
  type DisplayOutput,
  type ErrorOutput,
  type Metadata,
  type MimeData,
  type Output,
  type ResultOutput,
  type StreamOutput,
  withoutColours,
} from "./outputs.ts";
export { type Connection, readConnection } from "./wire.ts";
