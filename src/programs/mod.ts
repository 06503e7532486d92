/** Other programs: where they are, what their arguments stand for, running them to their end. */
export { findProgram, interpretersOf, type ProgramPlace } from "./find_program.ts";
export { hasRole, type Role, withRoles } from "./roles.ts";
export { lineToStandardError, Live, type LiveReader } from "./live.ts";
export { type ProgramCall, type ProgramEnd, runProgram } from "./process.ts";
export { type ContainerCall, type EngineName, ENGINES, type Mount, removeLine, runLine } from "./engines.ts";
export { type Engine, findEngine, type ImageState, imageState, pullImage, removeLeft } from "./images.ts";
