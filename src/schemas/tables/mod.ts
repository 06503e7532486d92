/** Schemas of tables: whether a DataFrame fits one, and one as a module of zod. Loaded with the first of them. */
export { checkFrame, type CheckFrameOptions } from "./check_frame.ts";
export { type ExportedColumn, zodModule } from "./zod_module.ts";
